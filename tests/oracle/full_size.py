# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stable Diffusion 1.5 at its full size (860 million U-Net weights), with made-up weights.

    full_size.py make [FOLDER]                      writes a diffusers folder in f16, 2.1 GB
    full_size.py compare [FOLDER] --cli PROGRAM     128 × 128, 2 steps, against diffusers' networks

Without FOLDER the model stands in the user's cache, giverny/bench/sd15-random-f16, and is made on
first use. The comparison needs 8 GB of memory, prints the largest error of the latents in parts of
their standard deviation and the pictures' PSNR, and fails above 2 % or under 40 dB.
"""

import argparse
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import zlib

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

import make_models
import reference

PROMPT = ["--prompt", "a (red:1.3) boat on a lake at sunset", "--negative", "blurry, low quality"]
SIZE = ["--width", "128", "--height", "128", "--steps", "2", "--seed", "7"]


def default_folder():
    cache = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(cache) / "giverny" / "bench" / "sd15-random-f16"


def configs():
    """The published configurations of the three networks."""
    unet = make_models.unet_config()
    unet |= {"block_out_channels": [320, 640, 1280, 1280], "cross_attention_dim": 768, "sample_size": 64}
    vae = make_models.vae_config()
    vae |= {"block_out_channels": [128, 256, 512, 512], "sample_size": 512}
    text = make_models.text_config(make_models.CLIP_VOCABULARY)
    text |= {"hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12}
    text |= {"num_hidden_layers": 12, "projection_dim": 768}
    return text, unet, vae


def random_weight(name, shape):
    """Residual branches end small, as in trained networks, so that nothing leaves f16's range."""
    draw = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    value = torch.randn(shape, generator=draw)
    stem = name.rsplit(".", 1)[0].rsplit(".", 1)[-1]
    if len(shape) == 1:
        value *= 0.1
        return value + 1 if "norm" in stem and name.endswith("weight") else value
    if "embedding" in stem and "linear" not in stem:
        return value * 0.03
    ends = ("conv2", "proj_out", "out_proj", "fc2")
    gain = 0.3 if stem in ends or ".to_out." in name or ".ff.net.2" in name else 1
    return value * (gain / math.sqrt(math.prod(shape[1:])))


def write_part(folder, part, file, net, prefix=""):
    state = {
        prefix + name: random_weight(f"{part}/{name}", tensor.shape).half()
        for name, tensor in net.state_dict().items()
        if not name.endswith("position_ids")
    }
    (folder / part).mkdir(parents=True, exist_ok=True)
    save_file(state, folder / part / file, metadata={"format": "pt"})


def make(folder, merges):
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel

    text, unet, vae = configs()
    with torch.device("meta"):
        text_net = CLIPTextModel(CLIPTextConfig(**text))
        unet_net = UNet2DConditionModel.from_config(unet)
        vae_net = AutoencoderKL.from_config(vae)
    pairs = reference.clip_tokenizer_from_merges(merges or reference.find_merges())[1]
    files = {f"tokenizer/{k}": v for k, v in make_models.tokenizer_files(pairs)[0].items()}
    files |= {
        "model_index.json": make_models.dumps(make_models.MODEL_INDEX),
        "scheduler/scheduler_config.json": make_models.dumps(make_models.SCHEDULER),
        "text_encoder/config.json": make_models.dumps(text),
        "unet/config.json": make_models.dumps(unet),
        "vae/config.json": make_models.dumps(vae),
    }
    inner = getattr(text_net, "text_model", text_net)
    write_part(folder, "text_encoder", "model.safetensors", inner, "text_model.")
    write_part(folder, "unet", "diffusion_pytorch_model.safetensors", unet_net)
    write_part(folder, "vae", "diffusion_pytorch_model.safetensors", vae_net)
    # The configs come last: a folder with a model_index.json is complete.
    for name in sorted(files, key=lambda name: name == "model_index.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(files[name], encoding="utf-8")


def run_giverny(cli, folder, out):
    words = ["generate", "--model", str(folder), *PROMPT, *SIZE]
    words += ["--out", f"{out}/ours.png", "--latents-out", f"{out}/ours.safetensors"]
    subprocess.run([*cli, *words], check=True)
    picture = np.asarray(Image.open(f"{out}/ours.png").convert("RGB"))
    return load_file(f"{out}/ours.safetensors")["latents"], picture


def compare(folder, cli):
    with tempfile.TemporaryDirectory() as out:
        latents, picture = run_giverny(cli, folder, out)
    expected, pictures = reference.Model(folder).generate(reference.parse_recipe(PROMPT + SIZE))
    error = float((latents - expected).abs().max() / expected.std())
    square = np.mean((picture.astype(float) - pictures[0].numpy().astype(float)) ** 2)
    psnr = 10 * math.log10(255**2 / max(square, 1e-9))
    report = {"largest_latent_error": error, "psnr_db": psnr, "latent_std": float(expected.std())}
    print(json.dumps(report))
    return error <= 0.02 and psnr >= 40


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("verb", choices=["make", "compare"])
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=default_folder())
    parser.add_argument("--cli", default="giverny-cli", help="the program, perhaps with words before it")
    parser.add_argument("--merges", help="bpe_simple_vocab_16e6.txt(.gz)")
    args = parser.parse_args()
    if args.verb == "make" or not (args.folder / "model_index.json").exists():
        make(args.folder, args.merges)
    if args.verb == "compare" and not compare(args.folder, args.cli.split()):
        sys.exit("giverny-cli's picture is too far from the reference")


if __name__ == "__main__":
    main()
