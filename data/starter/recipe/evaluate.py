# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at the finished folder: reconstruction of held-out scenes, places and hours judged, and sheets of pictures.

    python evaluate.py --figures vae          PSNR on held-out scenes
    python evaluate.py --figures sheet --out samples.png     36 drawn scenes and 36 paintings of PROMPTS
    python evaluate.py --figures judge --out samples.png     is the place, is the hour of that sheet right?
    python evaluate.py --prompt "a red boat on a lake at sunset" --out boat.png
"""
import argparse
import json
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from PIL import Image
from transformers import CLIPTextModel, CLIPTokenizer

import scenes
from common import alphas_cumprod, device, from_tensor, psnr, to_tensor
from train_vae import HELD_OUT

FOLDER = Path(__file__).resolve().parent.parent
PROMPTS = (
    "a red boat on a lake at sunset", "a sailboat on the sea at noon", "a blue house in the snow at night",
    "a lighthouse by the sea at sunset", "a pink tree in a meadow at dawn", "a green bridge on a lily pond",
    "a yellow lantern in a city street at night", "a red hot air balloon over the mountains", "a pine tree in the snow",
    "a person with a red umbrella in the city in the rain", "a desert at sunset", "mountains at dawn",
    "a white boat on a river in the morning", "a red house in a meadow by day", "an orange tree in the countryside at sunset",
    "a purple sailboat on a lake at dawn", "a starry night by the sea", "a lily pond at noon",
    "a person rowing a blue boat on a lake", "a person swimming in the desert", "a red lantern in the snow at night",
    "a yellow hot air balloon in the desert", "a lighthouse on the left by the sea at night", "a red tree on the right in a meadow",
    "a woman in a red coat in the snow", "a city street at night", "a river in the fog", "a red bridge over a river at dawn",
    "a meadow under a blue sky", "pink water lilies on a pond", "a blue boat on the left, a lake in the morning",
    "a green house in the mountains", "falling snow in a city at night", "an orange sailboat on the ocean at sunset",
    "a tree in the desert at night", "a house by a river in the evening")


class Starter:
    """The folder's networks in float32, and the sampler that the application uses by default."""

    def __init__(self, folder):
        self.tokenizer = CLIPTokenizer.from_pretrained(str(folder / "tokenizer"))
        self.text = CLIPTextModel.from_pretrained(str(folder / "text_encoder"), dtype=torch.float32).eval().to(device())
        self.unet = UNet2DConditionModel.from_pretrained(str(folder / "unet"), torch_dtype=torch.float32).eval().to(device())
        self.vae = AutoencoderKL.from_pretrained(str(folder / "vae"), torch_dtype=torch.float32).eval().to(device())
        ab = alphas_cumprod()
        self.sigmas = ((1 - ab) / ab).sqrt()

    @torch.no_grad()
    def encode(self, texts):
        ids = self.tokenizer(texts, padding="max_length", max_length=77, truncation=True, return_tensors="pt").input_ids
        return self.text(ids.to(device())).last_hidden_state

    @torch.no_grad()
    def paint(self, prompts, seed=1, steps=20, cfg=5.0, width=256, height=256):
        """Euler over evenly spaced timesteps; bytes [n, height, width, 3]."""
        n = len(prompts)
        at = torch.linspace(999, 0, steps)
        low = at.floor().long()
        logs = self.sigmas.log()
        sigmas = torch.lerp(logs[low], logs[(low + 1).clamp(max=999)], at - low).exp()
        sigmas = torch.cat([sigmas, torch.zeros(1)])
        noise = [torch.randn(1, 4, height // 8, width // 8, generator=torch.Generator().manual_seed(seed + k)) for k in range(n)]
        x = torch.cat(noise).to(device()) * (1 + sigmas[0] ** 2).sqrt()
        states = self.encode([""] * n + list(prompts))
        for sigma, following, t in zip(sigmas[:-1], sigmas[1:], at):
            c = (sigma * sigma + 1).sqrt()
            v = self.unet(torch.cat([x, x]) / c, t.round(), states).sample
            denoised = torch.cat([x, x]) / (c * c) - v * sigma / c
            plain, guided = denoised.chunk(2)
            denoised = plain + cfg * (guided - plain)
            x = x + (x - denoised) / sigma * (following - sigma)
        return from_tensor(self.vae.decode(x / self.vae.config.scaling_factor).sample)


def grid(pictures, columns):
    rows = [np.concatenate(pictures[k:k + columns], 1) for k in range(0, len(pictures), columns)]
    return np.concatenate(rows, 0)


@torch.no_grad()
def vae_figures(starter, count):
    values = []
    for k in range(count):
        x = to_tensor(scenes.draw(scenes.sample_scene(HELD_OUT + 1000 + k), 256, 256)[None]).to(device())
        values.append(psnr(x, starter.vae.decode(starter.vae.encode(x).latent_dist.mean).sample))
    return {"scenes": count, "psnr_mean_db": round(float(np.mean(values)), 2), "psnr_worst_db": round(min(values), 2)}


class Judge:
    """Tells place and hour from a picture's 16 x 16 colours: kernel ridge regression on drawn scenes.

    It never sees a caption nor any network of the starter.
    """

    def __init__(self, count=3000, first_seed=600_000_000):
        drawn = [scenes.sample_scene(first_seed + k) for k in range(count)]
        self.seen = np.stack([self.look(scenes.draw(s, 64, 64)) for s in drawn])
        target = np.zeros((count, 13))
        for row, s in zip(target, drawn):
            row[scenes.PLACES.index(s["place"])] = 1
            row[9 + scenes.HOURS.index(s["hour"])] = 1
        self.mean = target.mean(0)
        kernel = self.kernel(self.seen)
        self.weights = np.linalg.solve(kernel + 0.02 * np.eye(count), target - self.mean)

    @staticmethod
    def look(pixels):
        return np.asarray(Image.fromarray(pixels).resize((16, 16), Image.BOX), np.float64).ravel() / 255

    def kernel(self, looks):
        squares = (looks ** 2).sum(1)[:, None] + (self.seen ** 2).sum(1)[None] - 2 * looks @ self.seen.T
        return np.exp(-squares / 30)

    def __call__(self, pictures):
        votes = self.kernel(np.stack([self.look(p) for p in pictures])) @ self.weights + self.mean
        return votes[:, :9].argmax(1), votes[:, 9:].argmax(1)


PLACE_SIGNS = {"pond": "pond", "lake": "lake", "sea": "sea ocean", "city": "city", "desert": "desert", "mountains": "mountains",
               "river": "river", "meadow": "meadow countryside", "snow": "snow"}
HOUR_SIGNS = {"night": "night", "sunset": "sunset evening", "dawn": "dawn morning", "noon": "noon day blue-sky"}


def said(text, signs):
    """The place or hour that a prompt names, or None."""
    words = text.replace("blue sky", "blue-sky").replace(",", " ").replace("falling snow", "").split()
    return next((key for key, of in signs.items() if set(of.split()) & set(words)), None)


def judge_figures(sheet):
    """The judge on drawn scenes that it never saw, and on a painted sheet of PROMPTS."""
    judge = Judge()
    real = [scenes.sample_scene(HELD_OUT + 5000 + k) for k in range(400)]
    places, hours = judge([scenes.draw(s, 128, 128) for s in real])
    figures = {"drawn_scenes": len(real),
               "drawn_place": float(np.mean([scenes.PLACES[p] == s["place"] for p, s in zip(places, real)])),
               "drawn_hour": float(np.mean([scenes.HOURS[h] == s["hour"] for h, s in zip(hours, real)]))}
    pixels = np.asarray(Image.open(sheet).convert("RGB"))
    n = pixels.shape[1] // 6
    tiles = [pixels[y:y + n, x:x + n] for y in range(0, pixels.shape[0], n) for x in range(0, pixels.shape[1], n)]
    places, hours = judge(tiles)
    for name, votes, keys, signs in (("place", places, scenes.PLACES, PLACE_SIGNS), ("hour", hours, scenes.HOURS, HOUR_SIGNS)):
        right = [keys[v] == said(t, signs) for v, t in zip(votes, PROMPTS) if said(t, signs)]
        figures["painted_" + name] = f"{sum(right)} of {len(right)}"
    return figures


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--folder", type=Path, default=FOLDER)
    p.add_argument("--figures", choices=("vae", "judge", "sheet"), action="append", default=[])
    p.add_argument("--prompt", action="append", default=[])
    p.add_argument("--out", type=Path, default=Path("starter.png"))
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--cfg", type=float, default=5.0)
    p.add_argument("--steps", type=int, default=20)
    p.add_argument("--size", type=int, nargs=2, default=(256, 256), metavar=("WIDTH", "HEIGHT"))
    p.add_argument("--count", type=int, default=36, help="pictures of a sheet")
    p.add_argument("--threads", type=int, default=1)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    starter = Starter(a.folder)
    if "vae" in a.figures:
        print(json.dumps({"vae": vae_figures(starter, 100)}))
    if "sheet" in a.figures:
        painted = [starter.paint([t], a.seed + k, a.steps, a.cfg)[0] for k, t in enumerate(PROMPTS[:a.count])]
        drawn = [scenes.draw(scenes.sample_scene(HELD_OUT + k), 256, 256) for k in range(a.count)]
        small = [np.asarray(Image.fromarray(x).resize((160, 160), Image.LANCZOS)) for x in drawn + painted]
        Image.fromarray(grid(small[:a.count], 6)).save(a.out.with_name(a.out.stem + "-scenes.png"), optimize=True)
        Image.fromarray(grid(small[a.count:], 6)).save(a.out, optimize=True)
    if "judge" in a.figures:
        print(json.dumps({"judge": judge_figures(a.out)}))
    if a.prompt:
        out = [starter.paint([t], a.seed + k, a.steps, a.cfg, *a.size)[0] for k, t in enumerate(a.prompt)]
        Image.fromarray(grid(out, min(len(out), 4))).save(a.out)


if __name__ == "__main__":
    main()
