# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains the U-Net to take the noise out of latents; the text encoder stays as train_clip.py left it.

Velocity prediction (Salimans and Ho 2022), a tenth of the captions empty for guidance. Scenes are drawn and encoded
as training goes: each step adds a few new ones to a pool of latents and learns from a batch of the pool. Half of the
steps see whole pictures; the others see pieces of them, mostly around a thing and captioned with what the piece shows.
Pieces are as large as in the whole picture but cost a fraction, and they teach the model to fill small areas.
"""
import argparse
import random

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor

import scenes
from common import (Log, MixedTrainer, Stopwatch, agree, alphas_cumprod, calm_start, device, fail, is_first,
                    join_workers, load_checkpoint, save_checkpoint, schedule, to_tensor)
from train_clip import Words, build_text
from train_vae import build as build_vae

# Attention stays away from the finest level: there it took two thirds of the time and added little.
CONFIG = dict(sample_size=32, in_channels=4, out_channels=4, block_out_channels=(32, 64, 128, 192), layers_per_block=1,
              down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
              up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
              cross_attention_dim=128, attention_head_dim=2, norm_num_groups=8, act_fn="silu")
# Whole pictures, height and width in pixels, and how often; pieces, side in latents, and how often.
WHOLE = {(256, 256): 12.0, (192, 192): 0.3, (320, 320): 0.3, (192, 256): 0.4, (256, 192): 0.4, (256, 320): 0.3}
PIECES = {8: 0.3, 12: 0.5, 16: 2.2, 20: 0.6, 24: 1.2}
THING_WEIGHT = 2.5   # of the error inside a thing's box; sky and ground have one


def build_unet(config=None):
    torch.manual_seed(3)
    unet = UNet2DConditionModel(**(config or CONFIG))
    unet.set_attn_processor(AttnProcessor())   # on CPUs faster than the fused kernels at these sizes
    calm_start(unet)
    return unet.to(device(), memory_format=torch.channels_last)


class Pool:
    """Latents of scenes at each size, with the scenes' seeds; new ones replace the oldest when it is full."""

    def __init__(self, vae, scale, first_seed, limit):
        self.vae, self.scale, self.next_seed, self.limit = vae, scale, first_seed, limit
        self.items = {size: [] for size in WHOLE}
        self.added = {size: 0 for size in WHOLE}

    @torch.no_grad()
    def grow(self, size, count):
        seeds = range(self.next_seed, self.next_seed + count)
        self.next_seed += count
        pixels = np.stack([scenes.draw(scenes.sample_scene(s), size[1], size[0]) for s in seeds])
        x = to_tensor(pixels).to(device(), torch.bfloat16, memory_format=torch.channels_last)
        latents = (self.vae.encode(x).latent_dist.mean.float() * self.scale).half().cpu()
        for seed, latent in zip(seeds, latents):
            if len(self.items[size]) < self.limit:
                self.items[size].append((seed, latent))
            else:
                self.items[size][self.added[size] % self.limit] = (seed, latent)
            self.added[size] += 1

    def take(self, size, count, fresh, r):
        """The newest scenes and some older ones."""
        items = self.items[size]
        fresh = min(fresh, count, len(items))
        newest = [items[(self.added[size] - 1 - k) % self.limit if len(items) == self.limit else len(items) - 1 - k]
                  for k in range(fresh)]
        return newest + [r.choice(items) for _ in range(count - fresh)]

    def state(self):
        return {"next_seed": self.next_seed, "sizes": [list(size) for size in self.items], "added": list(self.added.values()),
                "seeds": [[s for s, _ in v] for v in self.items.values()],
                "latents": [torch.stack([x for _, x in v]) if v else torch.zeros(0) for v in self.items.values()]}

    def load(self, state):
        self.next_seed = state["next_seed"]
        for size, added, seeds, latents in zip(state["sizes"], state["added"], state["seeds"], state["latents"]):
            if tuple(size) in self.items:
                self.added[tuple(size)] = added
                self.items[tuple(size)] = list(zip(seeds, latents))


def weights_of(scene, height, width, corner=(0.0, 0.0), across=1.0):
    """THING_WEIGHT where a thing stands, one elsewhere; for a piece, its corner and how much of the height a latent is."""
    w = torch.ones(height, width)
    aspect = 1.0 if across != 1.0 else width / height
    for thing in scene["things"]:
        box = [(v - corner[k % 2]) / across * height for k, v in enumerate(scenes.outline(scene, thing, aspect))]
        x0, y0, x1, y1 = (max(0, round(v)) for v in box)
        w[y0:y1, x0:x1] = THING_WEIGHT
    return w


def whole(item, r, sided):
    """Latent, caption and weights of a whole picture."""
    seed, latent = item
    scene = scenes.sample_scene(seed)
    return latent, scenes.caption(scene, r.randrange(1 << 30), sided=sided), weights_of(scene, *latent.shape[1:])


def piece(item, side, r, sided):
    """Latent, caption and weights of a piece, more often than not around a thing."""
    seed, latent = item
    scene, n = scenes.sample_scene(seed), latent.shape[1]
    x, y = r.random(), r.random()
    if scene["things"] and r.random() < 0.88:
        a, b, c, d = scenes.outline(scene, r.choice(scene["things"]))
        reach = max(0.1, (c - a) / 2 - side / n / 2)
        x, y = (a + c) / 2 + r.uniform(-1, 1) * reach, (b + d) / 2 + r.uniform(-1, 1) * max(0.1, (d - b) / 2 - side / n / 2)
    x0 = min(max(0, round(x * n - side / 2)), n - side)
    y0 = min(max(0, round(y * n - side / 2)), n - side)
    shown = scenes.cropped(scene, x0 / n, y0 / n, (x0 + side) / n, (y0 + side) / n)
    return (latent[:, y0:y0 + side, x0:x0 + side], scenes.caption(shown, r.randrange(1 << 30), 0.5, sided),
            weights_of(shown, side, side, (x0 / n, y0 / n), side / n))


def next_batch(pool, batch, fresh, shape, r, sided=0.42):
    """Latents, captions and weights of a step: whole pictures if shape is (height, width), pieces if it is a side."""
    if isinstance(shape, tuple):
        area, size, make = shape[0] * shape[1] // 64, shape, whole
    else:
        area, size = shape * shape, (256, 256) if shape > 20 or r.random() < 0.7 else (320, 320)
        make = lambda item, r, sided: piece(item, shape, r, sided)
    count = max(4, min(4 * batch, batch * 1024 // area))
    if not pool.items[size]:
        pool.grow(size, 24)
    pool.grow(size, fresh)
    made = [make(item, r, sided) for item in pool.take(size, count, fresh if make is whole else 0, r)]
    texts = ["" if r.random() < 0.1 else text for _, text, _ in made]
    return torch.stack([z for z, _, _ in made]).float(), texts, torch.stack([w for _, _, w in made])[:, None]


def load_vae():
    saved = load_checkpoint("vae-frozen.pt")
    if not saved:
        fail("no autoencoder yet: train_vae.py comes first, then export.py --freeze-vae")
    vae = build_vae(**saved["config"])
    vae.load_state_dict(saved["vae"])
    return vae.eval().requires_grad_(False), saved["scaling_factor"]


def load_text(words):
    saved = load_checkpoint("clip.pt")
    if not saved:
        fail("no text encoder yet: train_clip.py comes first")
    text = build_text(words)
    text.load_state_dict(saved["text"])
    return text.eval().requires_grad_(False)


def restore(unet, trainer, saved):
    """Goes on from a checkpoint; if the network has changed since, it takes over the averaged weights that fit."""
    if saved.get("config") == {k: list(v) if isinstance(v, tuple) else v for k, v in CONFIG.items()}:
        trainer.load(saved["trainer"])
        return saved["first"]
    own = dict(unet.named_parameters())
    with torch.no_grad():
        for (name, p), master, average in zip(own.items(), trainer.masters, trainer.averages):
            old = saved["averaged"].get(name)
            if old is not None and old.shape == p.shape:
                for x in (p, master, average):
                    x.copy_(old)
    return saved["step"]


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--steps", type=int, default=20000, help="batches in all, those of earlier runs included")
    p.add_argument("--tail", type=int, default=800, help="the last steps, over which the learning rate goes to zero")
    p.add_argument("--batch", type=int, default=12, help="a worker's pictures at 256 x 256; more when smaller")
    p.add_argument("--fresh", type=int, default=2, help="new scenes a step and worker")
    p.add_argument("--first", type=int, default=400, help="new scenes of a worker before its first step")
    p.add_argument("--limit", type=int, default=6000, help="latents in a worker's pool, for each size")
    p.add_argument("--sided", type=float, default=0.42, help="how often captions name the side on which a thing stands")
    p.add_argument("--early", type=float, default=0.0, help="share of samples from the noisier 40 %% of timesteps, which settle where things stand")
    p.add_argument("--lr", type=float, default=8e-4)
    p.add_argument("--muon", type=float, default=2.0, help="Muon's pace, as a multiple of the learning rate; 0 for AdamW alone")
    p.add_argument("--average", type=float, default=0.995, help="how slowly the averaged weights follow")
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--seconds", type=float, default=1e9, help="stop after about this long")
    a = p.parse_args()
    worker, workers = join_workers(a.threads)
    words = Words()
    unet, text = build_unet(), load_text(words).bfloat16()
    trainer = MixedTrainer(unet, a.lr, average=a.average, muon=a.muon)
    vae, scale = load_vae()
    vae.bfloat16()
    pool = Pool(vae, scale, 40_000_000 + worker * 100_000_000, a.limit)
    saved, kept = load_checkpoint("unet.pt"), load_checkpoint(f"pool-{worker}.pt")
    step, samples, first = 0, 0, 0
    watch = Stopwatch(saved["seconds"] if saved else 0.0)
    if saved:
        first = restore(unet, trainer, saved)
        step, samples = saved["step"], saved["samples"]
    if kept:
        pool.load(kept)
    for size, wanted in (((256, 256), a.first), ((320, 320), a.first // 5)):
        while len(pool.items[size]) < wanted:
            pool.grow(size, 8)
    alphas = alphas_cumprod().to(device())
    log, losses, run = Log("unet.log"), [], Stopwatch()

    def save():
        save_checkpoint(f"pool-{worker}.pt", pool.state())
        if is_first():
            config = {k: list(v) if isinstance(v, tuple) else v for k, v in CONFIG.items()}
            save_checkpoint("unet.pt", {"trainer": trainer.state(), "step": step, "samples": samples, "first": first, "config": config,
                                        "seconds": watch.seconds(), "averaged": trainer.averaged_state_dict()})

    shapes = {**WHOLE, **PIECES}
    while step < a.steps and agree(run.seconds()) < a.seconds:
        shape = random.Random(step).choices(list(shapes), list(shapes.values()))[0]
        r = random.Random(step * workers + worker)
        torch.manual_seed(step * workers + worker)
        x, texts, weights = next_batch(pool, a.batch, a.fresh, shape, r, a.sided)
        x, weights = x.to(device()), weights.to(device())
        t = torch.randint(0, 1000, (len(x),), device=x.device)
        t = torch.where(torch.rand(len(x), device=x.device) < a.early, 600 + 2 * t // 5, t)
        ab = alphas[t].view(-1, 1, 1, 1)
        noise = torch.randn_like(x)
        noisy = (ab.sqrt() * x + (1 - ab).sqrt() * noise).to(torch.bfloat16, memory_format=torch.channels_last)
        with torch.no_grad():
            states = text(words(texts).to(x.device)).last_hidden_state
        v = unet(noisy, t, states).sample.float()
        error = (v - (ab.sqrt() * noise - (1 - ab).sqrt() * x)).square()
        # Between min-SNR weights (Hang et al. 2023) and none: much of a thing's shape is settled while noise prevails.
        snr = ab / (1 - ab)
        (error * weights * (snr.clamp(max=5.0) / (snr + 1)).sqrt().clamp(min=a.early)).mean().backward()
        trainer.step(schedule(step - first, a.lr, 60, a.steps - first, a.tail))
        step += 1
        samples += len(x) * workers
        losses.append(float(error.detach().mean()))
        if step % 25 == 0:
            log(step=step, samples=samples, v_error=float(np.mean(losses[-25:])), seconds=watch.seconds(),
                pool=sum(len(v) for v in pool.items.values()))
        if step % 100 == 0:
            save()
    save()


if __name__ == "__main__":
    main()
