# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tests/fixtures/score: pictures as Pillow resizes them, and what processors of transformers make of them.

    make_score.py

Pictures come from a formula (`picture` here, the same in tests/score/formula.h), so only hashes and a few
numbers are kept.  Packages: requirements.txt.
"""

import hashlib
import json
import pathlib
import random

import numpy as np
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "tests/fixtures/score"


def picture(width, height, seed):
    """Bytes from multiplications that wrap, with waves under them so that it is not all noise."""
    y, x = np.mgrid[0:height, 0:width].astype(np.uint32)
    out = np.empty((height, width, 3), np.uint8)
    for c in range(3):
        v = (x * np.uint32(2654435761) + y * np.uint32(2246822519) + np.uint32((seed * 3266489917 + c * 668265263) % 2**32))
        v ^= v >> np.uint32(15)
        v *= np.uint32(2246822519)
        v ^= v >> np.uint32(13)
        wave = ((x * np.uint32(3 + c) + y * np.uint32(5 - c)) >> np.uint32(2)) & np.uint32(127)
        out[..., c] = ((v >> np.uint32(24)) // 2 + wave).astype(np.uint8)
    return out


def digest(pixels):
    return hashlib.sha256(np.ascontiguousarray(pixels).tobytes()).hexdigest()


def resized():
    r = random.Random(8)
    cases = [(1, 1, 224, 224), (7, 5, 224, 224), (224, 224, 224, 224), (300, 224, 224, 224), (224, 300, 224, 224),
             (640, 480, 298, 224), (480, 640, 224, 298), (100, 260, 112, 291), (101, 517, 64, 327), (33, 2000, 16, 969),
             (2000, 33, 700, 12), (64, 64, 65, 63), (8000, 6000, 298, 224), (16384, 1, 64, 64), (1, 16384, 8, 8)]
    cases += [tuple(r.randint(1, n) for n in (400, 700, 300, 300)) for _ in range(40)]
    out = []
    for k, (w, h, new_w, new_h) in enumerate(cases):
        small = Image.fromarray(picture(w, h, k)).resize((new_w, new_h), Image.BICUBIC)
        out.append({"seed": k, "from": [w, h], "to": [new_w, new_h], "sha256": digest(np.asarray(small))})
    return out


def processed():
    """What CLIP's and BLIP-2's own processors, on Pillow, make of odd sizes: sums and samples."""
    from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    kinds = {"clip": CLIPImageProcessorPil(size={"shortest_edge": 56}, crop_size={"height": 48, "width": 48}),
             "blip2": BlipImageProcessorPil(size={"height": 56, "width": 56})}
    out = []
    for name, processor in kinds.items():
        for k, (w, h) in enumerate([(1, 1), (57, 91), (91, 57), (30, 200), (333, 20), (640, 427)]):
            x = processor(images=Image.fromarray(picture(w, h, k)), return_tensors="np").pixel_values[0]
            out.append({"kind": name, "seed": k, "from": [w, h], "size": [x.shape[2], x.shape[1]],
                        "sum": float(x.astype(np.float64).sum()),
                        "at": [[int(i), float(x.flat[i])] for i in range(0, x.size, x.size // 13)]})
    return out


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "pictures.json").write_text(json.dumps({"resized": resized(), "processed": processed()}, indent=1) + "\n")


if __name__ == "__main__":
    main()
