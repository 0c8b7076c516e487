# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what the parity tests expect: fixtures/parity/sd-tiny.tsv, a recipe a row, and
sd-tiny.safetensors with each row's latents (f32) and pictures (8 bit), by reference.py.

    make_parity.py [--merges bpe_simple_vocab_16e6.txt.gz] [ROW…]     only these rows are made again
"""

import argparse
import math
import pathlib
import tempfile

import numpy as np
import torch
from safetensors.torch import load_file, save_file

import make_models
import reference

PARITY = make_models.FIXTURES / "parity"
COLUMNS = (
    "name layout dtype settings prompt negative width height steps cfg sampler schedule seed count "
    "clip_skip"
).split()

V_PREDICTION = 'scheduler/scheduler_config.json:prediction_type="v_prediction"'
BOAT = "a red boat on a lake at sunset, oil painting"
LILIES = "water lily pond with a japanese bridge, soft morning light, highly detailed"
LONG = ", ".join([BOAT, LILIES, "(snow:1.2) on the mountain, stars over the harbour, two cats in a window"] * 3)
LONGEST = LONG + ", a cathedral in the fog, poppies in a field, " + LILIES + ", " + LONG
UGLY = "blurry, ugly, low quality"

SIZES = [(64, 64), (72, 40), (104, 56), (40, 72), (16, 24), (64, 64)]
PROMPTS = [(BOAT, ""), (LILIES, UGLY), ("a (cat:1.4) in a garden", "dog"), ("", "")]
STEPS = {
    "normal": (4, 2, 8, 1, 4, 2),
    "karras": (5, 2, 8, 1, 3, 4),
    "exponential": (5, 3, 8, 2, 1, 4),
    "simple": (4, 2, 5, 8, 1, 3),
    "sgm_uniform": (5, 3, 7, 1, 5, 3),
    "beta": (5, 2, 8, 4, 1, 3),
}


def row(name, **values):
    defaults = {
        "layout": "folder",
        "dtype": "f16",
        "settings": "",
        "prompt": BOAT,
        "negative": "",
        "width": 64,
        "height": 64,
        "steps": 4,
        "cfg": 7,
        "sampler": "euler",
        "schedule": "normal",
        "seed": 0,
        "count": 1,
        "clip_skip": 1,
    }
    assert not set(values) - set(defaults), values
    return {"name": name, **defaults, **values}


def rows():
    """Every sampler on every schedule, with the other choices going round; then what has a rule of its own."""
    for i, sampler in enumerate(reference.SAMPLERS):
        for j, schedule in enumerate(reference.SCHEDULES):
            width, height = SIZES[(i + j) % 6]
            prompt, negative = PROMPTS[(i + 3 * j) % 4]
            yield row(
                f"{sampler}-{schedule}",
                sampler=sampler,
                schedule=schedule,
                steps=STEPS[schedule][(i * 5 + j) % 6],
                width=width,
                height=height,
                prompt=prompt,
                negative=negative,
                cfg=(7, 1, 4.5)[(i + j) % 3],
                seed=1000 * i + j,
            )
    for dtype in ("f32", "bf16"):
        yield row(f"folder-{dtype}", dtype=dtype, sampler="dpmpp_2m", schedule="karras", negative=UGLY)
    for dtype in ("f32", "f16", "bf16"):
        yield row(f"single-{dtype}", layout="single", dtype=dtype, prompt=LILIES, negative=UGLY)
    yield row("single-odd", layout="single", width=104, height=56, sampler="euler_a", steps=8)
    yield row("single-words", layout="single", steps=2, prompt="Jardin d'ÉTÉ à Giverny — 睡蓮, 3 cats 🌸 can't")
    yield row("single-long", layout="single", steps=2, prompt=LONG, negative=LONGEST)
    yield row("single-skip", layout="single", steps=2, clip_skip=2)
    yield row("single-old", layout="single-old", steps=2, negative=UGLY)
    yield row("folder-old", layout="folder-old", steps=2, negative=UGLY)
    for sampler, schedule, cfg in (("euler", "normal", 7), ("dpmpp_2m", "karras", 1), ("lcm", "beta", 4)):
        yield row(f"v-{sampler}", settings=V_PREDICTION, sampler=sampler, schedule=schedule, cfg=cfg)
    yield row("heads", settings="unet/config.json:attention_head_dim=[2,4,8,8]", steps=2)
    yield row("text-gelu", settings='text_encoder/config.json:hidden_act="gelu"', steps=2)
    yield row("text-heads", settings="text_encoder/config.json:num_attention_heads=4", steps=2)
    yield row("text-eps", settings="text_encoder/config.json:layer_norm_eps=0.0003", steps=2)
    yield row("unet-eps", settings="unet/config.json:norm_eps=1e-6", steps=2)
    yield row("vae-scale", settings="vae/config.json:scaling_factor=0.13025", steps=2)
    yield row("linear-betas", settings='scheduler/scheduler_config.json:beta_schedule="linear"', schedule="karras")
    yield row("long", prompt=LONG, negative=UGLY, steps=2)
    yield row("longest", prompt=LONGEST, negative=LONG, steps=2)
    yield row("long-negative", prompt="a cat", negative=LONGEST, steps=2, width=72, height=40)
    yield row("skip-2", clip_skip=2, prompt=LILIES, negative=UGLY, steps=2)
    yield row("skip-3", clip_skip=3, prompt=LONG, steps=2)
    yield row("count", count=3, seed=41, sampler="euler_a", steps=3, schedule="karras", width=72, height=40)
    yield row("seed-33-bits", seed=2**32 + 5, steps=2)
    yield row("seed-largest", seed=2**64 - 1, count=2, sampler="euler_a", steps=2)
    yield row("wide", width=256, height=64, steps=2)
    yield row("cfg-low", cfg=0.5, negative=UGLY, steps=2)
    yield row("steps", steps=20, negative=UGLY, sampler="dpmpp_2m", schedule="karras")
    for i, prompt in enumerate(
        (
            "a (red (boat:1.5) on (a lake):0.6) at sunset",
            r"a \(red\) boat (on \(a\) lake:1.3)",
            "a ((red)) boat (on a lake: 1.25 ) (at:sunset)",
            "a (red boat on a lake",
            "a (red:0) boat (on a lake:-0.5)",
            "(a:1.2)(red:0.9)(boat:1.1:1.4)",
        )
    ):
        yield row(f"weights-{i}", prompt=prompt, negative="(blurry:1.3)", steps=2)


def refuse_ties(recipe, model):
    """Half-way between two timesteps the last bit would decide: no test can rest on that."""
    for sigma in reference.schedule_sigmas(recipe.schedule, recipe.steps, model.table)[:-1]:
        near = np.sort(np.abs(model.log_table - math.log(sigma)))
        if near[1] - near[0] < 1e-7:
            raise SystemExit(f"{recipe.schedule}, {recipe.steps} steps: a tie at {sigma}")


def recipe_of(values):
    words = []
    for key in COLUMNS[4:]:
        words.append(f"--{key.replace('_', '-')}={values[key]}")
    return reference.parse_recipe(words)


def build(folder, values):
    settings = [make_models.parse_setting(s) for s in values["settings"].split(";") if s]
    kind = f"{values['layout']}-{values['dtype']}-{values['settings']}".replace("/", "-")
    out = pathlib.Path(folder) / kind
    if values["layout"].startswith("single"):
        out = out.with_name(out.name + ".safetensors")
        if not out.exists():
            make_models.build_single(out, values["dtype"], values["layout"] == "single-old")
    elif not out.exists():
        make_models.build_folder(out, values["dtype"], settings, values["layout"] == "folder-old")
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--merges")
    parser.add_argument("rows", nargs="*")
    args = parser.parse_args()
    PARITY.mkdir(parents=True, exist_ok=True)
    table, expected = list(rows()), {}
    if args.rows:
        expected = load_file(PARITY / "sd-tiny.safetensors")
    with tempfile.TemporaryDirectory() as folder:
        opened, model = None, None
        for values in table:
            if args.rows and values["name"] not in args.rows:
                continue
            path = build(folder, values)
            if path != opened:
                opened, model = path, reference.Model(path, args.merges)
            recipe = recipe_of(values)
            refuse_ties(recipe, model)
            latents, pictures = model.generate(recipe)
            assert torch.isfinite(latents).all()
            expected[f"{values['name']}.latents"] = latents.contiguous()
            expected[f"{values['name']}.pictures"] = pictures
            print(f"{values['name']:24} {tuple(latents.shape)} {latents.std():9.4f}", flush=True)
    wanted = {f"{r['name']}.{kind}" for r in table for kind in ("latents", "pictures")}
    save_file({k: v for k, v in expected.items() if k in wanted}, PARITY / "sd-tiny.safetensors")
    with open(PARITY / "sd-tiny.tsv", "w", encoding="utf-8") as out:
        for values in [dict(zip(COLUMNS, COLUMNS)), *table]:
            out.write("\t".join(str(values[c]) for c in COLUMNS) + "\n")


if __name__ == "__main__":
    main()
