# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains the starter's LPIPS scorer: a narrow AlexNet and its linear layers, on scenes and graded distortions of them.

The distance (Zhang et al. 2018) learns to say how strong a distortion is: 0 for the same picture, about 0.3 for one that
a person would call the same with a flaw, above 0.6 for another picture, about 1 for one that has nothing in common.
"""
import argparse
import io
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image, ImageFilter

import captioned
import scenes
from common import Log, Stopwatch, device, join_workers, load_checkpoint, save_checkpoint, schedule

WIDTHS = (24, 48, 64, 48, 48)
TAPS = (1, 4, 7, 9, 11)
SHIFT = torch.tensor([-0.030, -0.088, -0.188])[None, :, None, None]
SCALE = torch.tensor([0.458, 0.448, 0.450])[None, :, None, None]
HELD_OUT = 710_000_000


class Distance(nn.Module):
    """torchvision's AlexNet features with fewer channels, and a weight above zero for each channel of each tap."""

    def __init__(self):
        super().__init__()
        a, b, c, d, e = WIDTHS
        self.features = nn.Sequential(
            nn.Conv2d(3, a, 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Conv2d(a, b, 5, 1, 2), nn.ReLU(), nn.MaxPool2d(3, 2),
            nn.Conv2d(b, c, 3, 1, 1), nn.ReLU(), nn.Conv2d(c, d, 3, 1, 1), nn.ReLU(), nn.Conv2d(d, e, 3, 1, 1), nn.ReLU())
        self.raw = nn.ParameterList([torch.full((n,), -1.0) for n in WIDTHS])

    def taps(self, x):
        x, out = (x - SHIFT.to(x)) / SCALE.to(x), []
        for k, layer in enumerate(self.features):
            x = layer(x)
            if k in TAPS:
                out.append(x / (x.square().sum(1, keepdim=True).sqrt() + 1e-10))
        return out

    def forward(self, a, b):
        total = 0
        for x, y, raw in zip(self.taps(a), self.taps(b), self.raw):
            total = total + ((x - y).square() * F.softplus(raw)[None, :, None, None]).sum(1).mean((1, 2))
        return total

    def exported(self):
        out = {f"features.{k}": v for k, v in self.features.state_dict().items()}
        out.update({f"lin{k}.model.1.weight": F.softplus(raw)[None, :, None, None] for k, raw in enumerate(self.raw)})
        return out


def distort(picture, kind, t, r):
    """The picture with a flaw of strength t in 0..1."""
    x = np.asarray(picture, np.float32)
    if kind == "blur":
        return np.asarray(picture.filter(ImageFilter.GaussianBlur(5 * t)), np.float32)
    if kind == "noise":
        return x + np.random.default_rng(r.randrange(1 << 30)).normal(0, 70 * t, x.shape)
    if kind == "tint":
        return x + np.array([r.choice((-1, 1)) for _ in range(3)], np.float32) * 80 * t
    if kind == "fade":
        return (x - 128) * (1 - 0.9 * t) + 128
    if kind == "shift":
        return np.roll(x, (round(16 * t * r.uniform(-1, 1)), round(20 * t)), (0, 1))
    if kind == "blocks":
        size = max(2, round(picture.width * (1 - t) ** 2 / 2))
        return np.asarray(picture.resize((size, size), Image.BILINEAR).resize(picture.size, Image.NEAREST), np.float32)
    box = io.BytesIO()
    picture.save(box, "JPEG", quality=max(2, round(60 * (1 - t) ** 2)))
    return np.asarray(Image.open(box).convert("RGB"), np.float32)


KINDS = ("blur", "noise", "tint", "fade", "shift", "blocks", "jpeg")


def pair(seed, size):
    """Two pictures and how far apart they are."""
    r = random.Random(seed)
    scene = scenes.sample_scene(seed)
    first = Image.fromarray(scenes.draw(scene, size, size))
    what = r.random()
    if what < 0.62:
        t = r.random() ** 1.3
        return first, distort(first, r.choice(KINDS), t, r), 0.55 * t
    if what < 0.74:
        return first, scenes.draw(captioned.relative(scene, r), size, size), 0.5
    other = scenes.sample_scene(seed + 1_000_000_007)
    if what < 0.86:
        other.update(place=scene["place"], hour=scene["hour"], things=[])
        return first, scenes.draw(other, size, size), 0.7
    return first, scenes.draw(other, size, size), 1.0


def batch(seed, count, size):
    a, b, t = zip(*(pair(seed * 1000 + k, size) for k in range(count)))

    def tensor(x):
        x = np.stack([np.clip(np.asarray(p, np.float32), 0, 255) for p in x])
        return torch.from_numpy(x).permute(0, 3, 1, 2).to(device()) / 127.5 - 1
    return tensor(a), tensor(b), torch.tensor(t, device=device())


def figures(d, t):
    """Error, and how often of two pairs the farther one has the larger distance."""
    first, second = torch.triu_indices(len(t), len(t), 1)
    apart = (t[first] - t[second]).abs() > 0.15
    right = ((d[first] > d[second]) == (t[first] > t[second]))[apart]
    return {"error": float((d - t).abs().mean()), "ordered": float(right.float().mean())}


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--steps", type=int, default=900)
    p.add_argument("--tail", type=int, default=300)
    p.add_argument("--batch", type=int, default=24)
    p.add_argument("--size", type=int, default=112)
    p.add_argument("--lr", type=float, default=2e-3)
    p.add_argument("--threads", type=int, default=1)
    a = p.parse_args()
    join_workers(a.threads)
    torch.manual_seed(6)
    net = Distance().to(device())
    optimiser = torch.optim.AdamW(net.parameters(), a.lr, betas=(0.9, 0.98))
    saved = load_checkpoint("lpips.pt")
    step = saved["step"] if saved else 0
    watch = Stopwatch(saved["seconds"] if saved else 0.0)
    if saved:
        net.load_state_dict(saved["net"])
        optimiser.load_state_dict(saved["optimiser"])
    log, seen = Log("lpips.log"), []

    def save():
        save_checkpoint("lpips.pt", {"net": net.state_dict(), "optimiser": optimiser.state_dict(), "step": step, "seconds": watch.seconds(),
                                     "exported": {k: v.detach() for k, v in net.exported().items()}})
    while step < a.steps:
        x, y, t = batch(step, a.batch, a.size)
        d = net(x, y)
        loss = F.smooth_l1_loss(d, t, beta=0.1)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        for g in optimiser.param_groups:
            g["lr"] = schedule(step, a.lr, 30, a.steps, a.tail)
        optimiser.step()
        step += 1
        seen.append(figures(d.detach(), t))
        if step % 50 == 0:
            log(step=step, seconds=watch.seconds(), **{k: float(np.mean([s[k] for s in seen[-50:]])) for k in seen[-1]})
        if step % 150 == 0:
            save()
    save()
    with torch.no_grad():
        x, y, t = batch(HELD_OUT // 1000, 300, a.size)
        log(step=step, held_out=figures(net(x, y), t))


if __name__ == "__main__":
    main()
