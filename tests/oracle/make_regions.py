# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what the parity tests of regions expect: fixtures/parity/regions.tsv, a recipe a row, and
regions.safetensors with each row's latents (f32) and pictures (8 bit), by reference.py.

    make_regions.py [ROW…]     only these rows are made again
"""

import argparse
import json
import tempfile

import torch
from safetensors.torch import load_file, save_file

import make_models
import reference
from make_parity import BOAT, LILIES, LONG, PARITY, UGLY, refuse_ties

COLUMNS = "name prompt negative width height steps cfg sampler schedule seed mode regions".split()

TWO = ("0,0,48,64,1.2:a red boat", "32,16,32,48,0.8:a cat in a window")
THREE = (
    "0,0,64,40,1.2:stars over the harbour",
    "40,16,64,40,0.8:a (cathedral:1.3) in the fog",
    "16,8,48,48:poppies in a field",
)


def row(name, regions, **values):
    defaults = {
        "prompt": LILIES,
        "negative": UGLY,
        "width": 64,
        "height": 64,
        "steps": 3,
        "cfg": 7,
        "sampler": "euler",
        "schedule": "karras",
        "seed": 5,
        "mode": "area",
    }
    assert not set(values) - set(defaults), values
    regions = [reference.parse_region(r) if isinstance(r, str) else r for r in regions]
    return {"name": name, **defaults, **values, "regions": json.dumps(regions)}


def shared_rows(mode):
    for i, sampler in enumerate(reference.SAMPLERS):
        yield row(f"{mode}-{sampler}", TWO, mode=mode, sampler=sampler, cfg=(7, 1)[i % 2], seed=i)
    yield row(f"{mode}-three", THREE, mode=mode, width=104, height=56)
    yield row(f"{mode}-three-cfg-1", THREE, mode=mode, width=104, height=56, cfg=1, sampler="heun", steps=2)
    yield row(f"{mode}-tall", ("0%,50%,100%,50%:a cat", "25%,0%,50%,66.6%,2:snow"), mode=mode, width=40, height=104)
    yield row(f"{mode}-edges", ("0,0,32,32:a cat", "32,32,32,32:a dog", "32,0,32,32,3:fog"), mode=mode)
    yield row(f"{mode}-thin", ("16,0,8,64:a tree", "0,24,64,8:the sea", "40,40,8,8:a star"), mode=mode)
    yield row(f"{mode}-outside", ("-16,-24,56,64:a cat", "40,32,800,8000,0.8:a dog"), mode=mode, cfg=4)
    yield row(f"{mode}-whole-frame", ("0,0,64,64,0.5:a cat", "0%,0%,100%,100%,2:fog"), mode=mode)
    yield row(f"{mode}-nothing", ("0,0,32,64,0:a cat",), mode=mode)
    own = [{**reference.parse_region(r), "negative": n} for r, n in zip(TWO, ("dogs", "(grass:1.4)"))]
    yield row(f"{mode}-negatives", own, mode=mode)
    yield row(f"{mode}-hard", [{**reference.parse_region(TWO[0]), "whole": True}, TWO[1]], mode=mode)
    yield row(f"{mode}-long", ("8,0,48,64:" + LONG, "0,0,64,24:a cat"), mode=mode, negative="", steps=2)
    yield row(f"{mode}-long-prompt", ("8,0,48,64:a cat",), mode=mode, prompt=LONG, steps=2, width=72, height=40)
    yield row(f"{mode}-same-shape", ("0,0,32,32:a", "32,0,32,32:b", "0,32,32,32:c", "32,32,32,32:d",
                                     "16,16,32,32:e"), mode=mode, prompt=BOAT, negative="", steps=2)
    yield row(f"{mode}-large", ("0,0,112,128:a cat", "80,24,96,104,1.5:a dog"), mode=mode, width=176, height=128, steps=2)


def rows():
    yield from shared_rows("area")
    yield from shared_rows("attention")


def recipe_of(values):
    words = [f"--{key}={values[key]}" for key in COLUMNS[1:10]]
    recipe = reference.parse_recipe(words)
    recipe.regions, recipe.region_mode = json.loads(values["regions"]), values["mode"]
    return recipe


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("rows", nargs="*")
    args = parser.parse_args()
    table, expected = list(rows()), {}
    if args.rows:
        expected = load_file(PARITY / "regions.safetensors")
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/model"
        make_models.build_folder(path, "f16", [], False)
        model = reference.Model(path)
        for values in table:
            if args.rows and values["name"] not in args.rows:
                continue
            recipe = recipe_of(values)
            refuse_ties(recipe, model)
            latents, pictures = model.generate(recipe)
            assert torch.isfinite(latents).all()
            expected[f"{values['name']}.latents"] = latents.contiguous()
            expected[f"{values['name']}.pictures"] = pictures
            print(f"{values['name']:24} {tuple(latents.shape)} {latents.std():9.4f}", flush=True)
    wanted = {f"{r['name']}.{kind}" for r in table for kind in ("latents", "pictures")}
    save_file({k: v for k, v in expected.items() if k in wanted}, PARITY / "regions.safetensors")
    with open(PARITY / "regions.tsv", "w", encoding="utf-8") as out:
        for values in [dict(zip(COLUMNS, COLUMNS)), *table]:
            out.write("\t".join(str(values[c]) for c in COLUMNS) + "\n")


if __name__ == "__main__":
    main()
