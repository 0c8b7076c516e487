# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""No source but formats/atomic-file.c opens a file for writing.  Usage: writers.py SOURCE_ROOT"""

import pathlib
import re
import sys

OPENS_FOR_WRITING = re.compile(
    r'\b(fopen|freopen|fdopen|g_fopen|g_freopen)\s*\([^;]*,\s*"[^"]*[wa+][^"]*"'
    r'|\bO_(WRONLY|RDWR|CREAT|TMPFILE)\b'
    r'|\b(creat|mkstemp|mkostemp|g_mkstemp\w*|g_file_open_tmp|g_file_set_contents\w*|g_file_replace\w*'
    r'|g_file_create\w*|g_file_append_to\w*|g_key_file_save_to_file|gdk_pixbuf_save\w*|png_image_write_to_file'
    r'|yyjson_(mut_)?write_(file|fp))\s*\(')

root = pathlib.Path(sys.argv[1])
sources = sorted(p for room in ('engine', 'app') for p in (root / room).rglob('*.[ch]'))
faults = 0
for path in sources:
    if path.name == 'atomic-file.c':
        continue
    text = re.sub(r'/\*.*?\*/', lambda m: '\n' * m[0].count('\n'), path.read_text(), flags=re.S)
    text = re.sub(r'\bopen \("/dev/null", O_RDWR\)', '', text)
    for match in OPENS_FOR_WRITING.finditer(text):
        line = text.count('\n', 0, match.start()) + 1
        print(f'{path.relative_to(root)}:{line}: writes a file past formats/atomic-file.h: {match[0]}')
        faults += 1
assert sources and any(p.name == 'atomic-file.c' for p in sources)
sys.exit(faults > 0)
