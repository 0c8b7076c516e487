# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Adds up meson's test logs and ends with "N passed, N failed"; the exit status says whether some passed and none failed.

Counts the cases of tests that speak TAP and the programs of others.  A program that crashes, runs out of
time, or lets the Vulkan validation layers say a word counts as one failure more.
"""

import argparse
import json
import re
import sys
from pathlib import Path

FINDING = re.compile(r"^vulkan validation:|Validation (Error|Warning)|VUID-|SYNC-HAZARD|UNASSIGNED-")


def count_cases(test):
    """Passed, failed and skipped cases of one test program."""
    passed = failed = skipped = 0
    for line in test.get("stdout", "").splitlines():
        if re.match(r"not ok\b(?!.*# *(TODO|SKIP))", line, re.IGNORECASE):
            failed += 1
        elif re.match(r"ok\b.*# *SKIP", line, re.IGNORECASE):
            skipped += 1
        elif re.match(r"ok\b", line):
            passed += 1
    bad = test["result"] not in ("OK", "SKIP", "EXPECTEDFAIL")
    if not passed + failed + skipped:
        return int(not bad and test["result"] != "SKIP"), int(bad), int(test["result"] == "SKIP")
    return passed, max(failed, int(bad)), skipped


def findings(test):
    """Lines in which a validation layer complains."""
    lines = (test.get("stderr", "") + "\n" + test.get("stdout", "")).splitlines()
    return [line for line in lines if FINDING.search(line)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--builds-failed", type=int, default=0)
    parser.add_argument("logs", nargs="*", type=Path)
    options = parser.parse_args()

    passed, failed, skipped = 0, options.builds_failed, 0
    broken = []
    for log in options.logs:
        if not log.exists():
            failed += 1
            broken.append(f"{log.stem}: no test was run")
            continue
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
            test = json.loads(line)
            counts = count_cases(test)
            complaints = findings(test) if "validate" in log.stem else []
            passed += counts[0]
            failed += counts[1] + bool(complaints)
            skipped += counts[2]
            if counts[1] or complaints:
                broken.append(f"{test['name']} ({log.stem}): {test['result']}")
                broken.extend(f"    {complaint}" for complaint in complaints[:5])

    if broken:
        print("Failed:", *broken, sep="\n  ")
    if skipped:
        print(f"{skipped} skipped")
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


sys.exit(main())
