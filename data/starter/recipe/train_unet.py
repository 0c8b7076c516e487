# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains the U-Net to take the noise out of latents; the text encoder stays as train_clip.py left it.

Velocity prediction (Salimans and Ho 2022) with min-SNR weights (Hang et al. 2023), a tenth of the captions empty
for guidance. Scenes are drawn and encoded as training goes: each step adds a few new ones to a pool of latents and
learns from a batch of the pool. Small pictures first, since they cost a quarter: `--plan` says how the sizes mix.
"""
import argparse
import random

import numpy as np
import torch
from diffusers import UNet2DConditionModel

import scenes
from common import (Log, MixedTrainer, Stopwatch, agree, alphas_cumprod, calm_start, device, fail, is_first,
                    join_workers, load_checkpoint, save_checkpoint, schedule, to_tensor)
from train_clip import Words, build_text
from train_vae import build as build_vae

CONFIG = dict(sample_size=32, in_channels=4, out_channels=4, block_out_channels=(32, 64, 128, 192), layers_per_block=1,
              down_block_types=("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",),
              up_block_types=("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
              cross_attention_dim=128, attention_head_dim=2, norm_num_groups=8, act_fn="silu")
SIZES = ((128, 128), (192, 192), (256, 256), (192, 256), (256, 192))


def build_unet():
    torch.manual_seed(3)
    unet = UNet2DConditionModel(**CONFIG)
    calm_start(unet)
    return unet.to(device(), memory_format=torch.channels_last)


class Pool:
    """Latents of scenes at one size, with the scenes' seeds; new ones replace the oldest when it is full."""

    def __init__(self, vae, scale, first_seed, limit):
        self.vae, self.scale, self.next_seed, self.limit = vae, scale, first_seed, limit
        self.items = {size: [] for size in SIZES}
        self.added = {size: 0 for size in SIZES}

    @torch.no_grad()
    def grow(self, size, count):
        seeds = range(self.next_seed, self.next_seed + count)
        self.next_seed += count
        pixels = np.stack([scenes.draw(scenes.sample_scene(s), size[0], size[1]) for s in seeds])
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
        return {"next_seed": self.next_seed, "added": list(self.added.values()),
                "seeds": [[s for s, _ in v] for v in self.items.values()],
                "latents": [torch.stack([x for _, x in v]) if v else torch.zeros(0) for v in self.items.values()]}

    def load(self, state):
        self.next_seed = state["next_seed"]
        for size, added, seeds, latents in zip(SIZES, state["added"], state["seeds"], state["latents"]):
            self.added[size] = added
            self.items[size] = list(zip(seeds, latents))


def size_at(step, plan, r):
    """The picture size of a step: plan is a list of (until step, weights of SIZES)."""
    for until, weights in plan:
        if step < until:
            return r.choices(SIZES, weights)[0]
    return r.choices(SIZES, plan[-1][1])[0]


def parse_plan(text):
    return [(int(until), [float(w) for w in weights.split(",")]) for until, weights in
            (part.split(":") for part in text.split(";"))]


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


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--steps", type=int, default=20000, help="batches in all, those of earlier runs included")
    p.add_argument("--tail", type=int, default=800, help="the last steps, over which the learning rate goes to zero")
    p.add_argument("--plan", default="3000:6,1,0,0,0;6000:3,1,2,0.5,0.5;99999999:1,0.5,3,0.5,0.5",
                   help="until which step which weights of the sizes %s" % (SIZES,))
    p.add_argument("--batch", type=int, default=24, help="a worker's pictures at 128 x 128; fewer when larger")
    p.add_argument("--fresh", type=int, default=4, help="new scenes a step until the pool is full, then one")
    p.add_argument("--limit", type=int, default=6000, help="latents in a worker's pool, for each size")
    p.add_argument("--lr", type=float, default=8e-4)
    p.add_argument("--muon", type=float, default=2.0, help="Muon's pace, as a multiple of the learning rate; 0 for AdamW alone")
    p.add_argument("--average", type=float, default=0.995, help="how slowly the averaged weights follow")
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--seconds", type=float, default=1e9, help="stop after about this long")
    a = p.parse_args()
    worker, workers = join_workers(a.threads)
    plan, words = parse_plan(a.plan), Words()
    unet, text = build_unet(), load_text(words).bfloat16()
    trainer = MixedTrainer(unet, a.lr, average=a.average, muon=a.muon)
    vae, scale = load_vae()
    vae.bfloat16()
    pool = Pool(vae, scale, 20_000_000 + worker * 100_000_000, a.limit)
    saved, kept = load_checkpoint("unet.pt"), load_checkpoint(f"pool-{worker}.pt")
    step, samples = 0, 0
    watch = Stopwatch(saved["seconds"] if saved else 0.0)
    if saved:
        trainer.load(saved["trainer"])
        step, samples = saved["step"], saved["samples"]
    if kept:
        pool.load(kept)
    alphas = alphas_cumprod().to(device())
    log, losses, run = Log("unet.log"), [], Stopwatch()

    def save():
        save_checkpoint(f"pool-{worker}.pt", pool.state())
        if is_first():
            save_checkpoint("unet.pt", {"trainer": trainer.state(), "step": step, "samples": samples,
                                        "seconds": watch.seconds(), "averaged": trainer.averaged_state_dict()})

    while step < a.steps and agree(run.seconds()) < a.seconds:
        size = size_at(step, plan, random.Random(step))
        r = random.Random(step * workers + worker)
        torch.manual_seed(step * workers + worker)
        count = max(4, round(a.batch * 128 * 128 / (size[0] * size[1])))
        full = len(pool.items[size]) >= a.limit
        fresh = 1 if full else max(1, round(a.fresh * 128 * 128 / (size[0] * size[1])))
        pool.grow(size, max(fresh, count) if not pool.items[size] else fresh)
        items = pool.take(size, count, fresh, r)
        texts = ["" if r.random() < 0.1 else scenes.caption(scenes.sample_scene(s), r.randrange(1 << 30)) for s, _ in items]
        x = torch.stack([z for _, z in items]).float().to(device())
        t = torch.randint(0, 1000, (count,), device=x.device)
        ab = alphas[t].view(-1, 1, 1, 1)
        noise = torch.randn_like(x)
        noisy = (ab.sqrt() * x + (1 - ab).sqrt() * noise).to(torch.bfloat16, memory_format=torch.channels_last)
        with torch.no_grad():
            states = text(words(texts).to(x.device)).last_hidden_state
        v = unet(noisy, t, states).sample.float()
        error = (v - (ab.sqrt() * noise - (1 - ab).sqrt() * x)).square().mean((1, 2, 3))
        snr = (ab / (1 - ab)).flatten()
        loss = (error * snr.clamp(max=5.0) / (snr + 1) * 2).mean()
        loss.backward()
        trainer.step(schedule(step, a.lr, 60, a.steps, a.tail))
        step += 1
        samples += count * workers
        losses.append(float(error.detach().mean()))
        if step % 25 == 0:
            log(step=step, samples=samples, v_error=float(np.mean(losses[-25:])), seconds=watch.seconds(),
                pool=sum(len(v) for v in pool.items.values()))
        if step % 100 == 0:
            save()
    save()


if __name__ == "__main__":
    main()
