#!/usr/bin/env python3
# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compiles one kernel to SPIR-V for Vulkan 1.3 and checks it.

usage: compile.py GLSLANG SPIRV_VAL INCLUDE_FOLDER SOURCE OUTPUT DEPFILE [-DNAME=VALUE ...]
"""

import subprocess
import sys


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.exit(done.stdout)


glslang, spirv_val, folder, source, output, depfile = sys.argv[1:7]
run(glslang, "--target-env", "vulkan1.3", "-S", "comp", "-I" + folder, *sys.argv[7:],
    "--depfile", depfile, "-o", output, source)
run(spirv_val, "--target-env", "vulkan1.3", "--scalar-block-layout", output)
