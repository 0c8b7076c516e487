# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# The Flatpak manifest asks for exactly these rights: no files of the user's but through portals.
import re
import sys

WANTED = {
    "--device=dri",
    "--share=ipc",
    "--share=network",
    "--socket=wayland",
    "--socket=fallback-x11",
}

text = open(sys.argv[1], encoding="utf-8").read()
block = re.search(r"^finish-args:\n((?:  - .*\n)+)", text, re.MULTILINE)
rights = {line.strip()[2:] for line in block.group(1).splitlines()} if block else set()
print("1..1")
for right in sorted(rights ^ WANTED):
    print("#", "missing:" if right in WANTED else "too much:", right)
print("ok 1 rights" if rights == WANTED else "not ok 1 rights")
