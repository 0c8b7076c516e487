# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stable Diffusion 1.5 at its full size beside other programs, in turns in one run.

    peers.py [--size 512] [--rounds 2] [--cli PROGRAM ...] [--sd-cpp PROGRAM]

Times one guided step (both prompts) and the decoder, ours and diffusers' in float32 on PyTorch's CPU back end
(packages of tests/oracle/requirements.txt), and stable-diffusion.cpp's where its command line is given (the
source package stable-diffusion-cpp-python 0.4.7 on PyPI holds it). All run the same made-up weights
(tests/oracle/full_size.py), in turns, so that a busy neighbour meets everybody. Prints medians and ratios.
"""

import argparse
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import load_file, save_file

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "oracle"))
import full_size  # noqa: E402
import names  # noqa: E402

STEPS = 2
PROMPT = "a red boat on a lake at sunset"


def ours(args):
    """(seconds of a step, seconds of decoding), by the program's own clock."""
    with tempfile.TemporaryDirectory() as folder:
        command = args.cli + ["generate", "--model", str(args.model), "--prompt", PROMPT, "--steps", str(STEPS),
                              "--width", str(args.size), "--height", str(args.size), "--out", f"{folder}/x.png"]
        done = subprocess.run(command, env=os.environ | {"GV_DEBUG": "timing"}, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)

    def seconds(what):
        return float(re.search(what + r" in ([0-9.]+) s", done.stderr).group(1))

    return ((seconds("sampled") - seconds("unet: prepared")) / STEPS, seconds("decoded") - seconds("vae: prepared"))


class Diffusers:
    def __init__(self, args):
        torch.set_grad_enabled(False)
        self.unet = UNet2DConditionModel.from_pretrained(args.model, subfolder="unet", torch_dtype=torch.float32)
        self.vae = AutoencoderKL.from_pretrained(args.model, subfolder="vae", torch_dtype=torch.float32)
        self.cells = args.size // 8

    def measure(self):
        x, text = torch.randn(2, 4, self.cells, self.cells), torch.randn(2, 77, 768)
        steps = []
        for _ in range(STEPS):
            start = time.monotonic()
            self.unet(x, 500, text)
            steps.append(time.monotonic() - start)
        start = time.monotonic()
        self.vae.decode(x[:1])
        return statistics.median(steps), time.monotonic() - start


def single_file(args):
    """The same weights in one file, as stable-diffusion.cpp reads them."""
    path = args.model.parent / "sd15-random-f16.safetensors"
    if not path.exists():
        tensors = {}
        for part, file in (("text_encoder", "model"), ("unet", "diffusion_pytorch_model"),
                           ("vae", "diffusion_pytorch_model")):
            for name, value in load_file(args.model / part / f"{file}.safetensors").items():
                name = name.removeprefix("text_model.")
                shape = names.single_shape(part, name, value.shape)
                tensors[names.to_single(part, name)] = value.reshape(shape).contiguous()
        save_file(tensors, path)
    return path


def sd_cpp(args):
    with tempfile.TemporaryDirectory() as folder:
        command = [args.sd_cpp, "-m", str(single_file(args)), "-p", PROMPT, "--steps", str(STEPS), "-W", str(args.size),
                   "-H", str(args.size), "-t", str(os.cpu_count()), "--cfg-scale", "7", "-o", f"{folder}/x.png", "-v"]
        done = subprocess.run(command, capture_output=True, text=True)
    text = done.stdout + done.stderr
    sampling = re.search(r"sampling completed, taking ([0-9.]+)s", text)
    decoding = re.search(r"decode_first_stage completed, taking ([0-9.]+)s", text)
    if done.returncode or not sampling or not decoding:
        sys.exit(text)
    return float(sampling.group(1)) / STEPS, float(decoding.group(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=pathlib.Path, default=full_size.default_folder())
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--cli", nargs="+", default=[str(HERE.parent.parent / "dev"), "exec", "giverny-cli"])
    parser.add_argument("--sd-cpp")
    args = parser.parse_args()
    if not args.model.exists():
        subprocess.run([sys.executable, HERE.parent / "oracle" / "full_size.py", "make", str(args.model)], check=True)
    diffusers = Diffusers(args)
    peers = {"Giverny": lambda: ours(args), "diffusers, float32": diffusers.measure}
    if args.sd_cpp:
        peers["stable-diffusion.cpp, CPU"] = lambda: sd_cpp(args)
    times = {name: [] for name in peers}
    for _ in range(args.rounds):
        for name, run in peers.items():
            times[name].append(run())
            print(f"{name}: step {times[name][-1][0]:.2f} s, decoding {times[name][-1][1]:.2f} s", flush=True)
    step, decode = (statistics.median(t[i] for t in times["Giverny"]) for i in (0, 1))
    print(f"\n| {args.size}², median of {args.rounds} | guided step | Giverny's speed | decoding | Giverny's speed |")
    print("| --- | --- | --- | --- | --- |")
    for name, pairs in times.items():
        s, d = (statistics.median(t[i] for t in pairs) for i in (0, 1))
        print(f"| {name} | {s:.2f} s | {s / step:.2f} × | {d:.2f} s | {d / decode:.2f} × |")


main()
