# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes clip-merges.txt.gz from the wheel of open_clip_torch 3.3.0, the same bytes every time.

    pip download --no-deps open_clip_torch==3.3.0
    python make_clip_merges.py open_clip_torch-3.3.0-py3-none-any.whl
"""

import gzip
import pathlib
import sys
import zipfile

MERGES = 49152 - 256 - 2  # as many as CLIP's vocabulary has room for; the file in the wheel goes on

packed = zipfile.ZipFile(sys.argv[1]).read("open_clip/bpe_simple_vocab_16e6.txt.gz")
lines = gzip.decompress(packed).decode().split("\n")[1 : 1 + MERGES]
text = "\n".join(["#version: 0.2", *lines, ""])
out = pathlib.Path(__file__).with_name("clip-merges.txt.gz")
out.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
