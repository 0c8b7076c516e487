#!/usr/bin/env python3
# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Embeds SPIR-V modules in C and reads their push constants back into C structs.

usage: embed.py kernels.c kernels.h NAME:PUSH:FILE.spv ...

PUSH names the struct (GvPushConv for "conv"); kernels that share one must agree in it.
"""

import struct
import sys

OP_NAME, OP_MEMBER_NAME = 5, 6
OP_TYPE_INT, OP_TYPE_FLOAT, OP_TYPE_STRUCT, OP_TYPE_POINTER, OP_FORWARD = 21, 22, 30, 32, 39
OP_VARIABLE, OP_MEMBER_DECORATE = 59, 72
OFFSET, PUSH_CONSTANT = 35, 9


def text(words):
    return struct.pack(f"<{len(words)}I", *words).split(b"\0")[0].decode()


class Module:
    def __init__(self, path):
        with open(path, "rb") as f:
            data = f.read()
        self.words = struct.unpack(f"<{len(data) // 4}I", data)
        self.members, self.offsets, self.structs, self.types, self.pointers = {}, {}, {}, {}, {}
        self.push = None
        at = 5
        while at < len(self.words):
            n, op = self.words[at] >> 16, self.words[at] & 0xFFFF
            self.read(op, self.words[at + 1:at + n])
            at += n

    def read(self, op, w):
        if op == OP_MEMBER_NAME:
            self.members[w[0], w[1]] = text(w[2:])
        elif op == OP_MEMBER_DECORATE and w[2] == OFFSET:
            self.offsets[w[0], w[1]] = w[3]
        elif op == OP_TYPE_STRUCT:
            self.structs[w[0]] = w[1:]
        elif op == OP_TYPE_INT:
            self.types[w[0]] = {(32, 0): ("uint32_t", 4), (32, 1): ("int32_t", 4),
                                (64, 0): ("VkDeviceAddress", 8)}.get((w[1], w[2]))
        elif op == OP_TYPE_FLOAT:
            self.types[w[0]] = ("float", 4)
        elif op in (OP_TYPE_POINTER, OP_FORWARD):
            self.types[w[0]] = ("VkDeviceAddress", 8)
            if op == OP_TYPE_POINTER:
                self.pointers[w[0]] = (w[1], w[2])
        elif op == OP_VARIABLE and w[2] == PUSH_CONSTANT:
            self.push = self.pointers[w[0]][1]

    def push_members(self):
        """(type, name) of each member; the struct must be packed as C packs it."""
        result, at = [], 0
        for i, type_id in enumerate(self.structs.get(self.push, ())):
            kind = self.types[type_id]
            name = self.members[self.push, i]
            if kind is None or self.offsets[self.push, i] != at or at % kind[1]:
                sys.exit(f"push constant {name} is not laid out as C would")
            result.append((kind[0], name))
            at += kind[1]
        if at > 128:
            sys.exit("more than 128 bytes of push constants")
        return result


def main():
    source, header, kernels = sys.argv[1], sys.argv[2], sys.argv[3:]
    spdx = ("// SPDX-FileCopyrightText: Giverny contributors\n"
            "// SPDX-License-Identifier: GPL-3.0-or-later\n/* Written by embed.py. */\n")
    structs, names, arrays, table = {}, [], [], []
    for kernel in kernels:
        name, push, path = kernel.split(":", 2)
        module = Module(path)
        members = module.push_members()
        if structs.setdefault(push, members) != members:
            sys.exit(f"{name}: its push constants differ from the others named {push}")
        names.append(name)
        arrays.append(f"static const uint32_t {name}[] = {{" +
                      ",".join(map(hex, module.words)) + "};")
        table.append(f'  {{ "{name}", {name}, sizeof {name} }},')
    with open(header, "w") as f:
        f.write(spdx + "#pragma once\n\n#include <stddef.h>\n#include <stdint.h>\n\n"
                "#include \"vulkan/table.h\"\n\ntypedef enum {\n")
        f.writelines(f"  GV_KERNEL_{n.upper()},\n" for n in names)
        f.write("  GV_N_KERNELS,\n} GvKernelId;\n\ntypedef struct\n{\n  const char *name;\n"
                "  const uint32_t *words;\n  size_t size_bytes;\n} GvKernelCode;\n\n"
                "extern const GvKernelCode gv_kernel_codes[GV_N_KERNELS];\n")
        for push, members in structs.items():
            f.write("\ntypedef struct\n{\n" + "".join(f"  {t} {n};\n" for t, n in members) +
                    "} GvPush" + push.title().replace("_", "") + ";\n")
    with open(source, "w") as f:
        f.write(spdx + '#include "kernels.h"\n\n' + "\n".join(arrays) +
                "\n\nconst GvKernelCode gv_kernel_codes[GV_N_KERNELS] = {\n" + "\n".join(table) + "\n};\n")


main()
