# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains the autoencoder: pictures to latents of 1/8 size and four channels, and back.

Three batches in four are crops, mostly around things; the fourth is of whole pictures. L1, squared error and
an edge term, with a slight pull of the latents towards a unit normal. Rerun to go on from the last checkpoint.
`--decoder-only` sharpens the decoder of the frozen autoencoder: the latents stay as the U-Net knows them.
"""
import argparse
import random

import numpy as np
import torch
from diffusers import AutoencoderKL

import scenes
from common import (Log, MixedTrainer, Stopwatch, agree, cache_dir, calm_start, device, from_tensor, is_first, join_workers,
                    load_checkpoint, psnr, save_checkpoint, schedule, to_tensor)

CONFIG = dict(in_channels=3, out_channels=3, latent_channels=4, sample_size=256, block_out_channels=(32, 32, 64, 128),
              down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
              layers_per_block=1, norm_num_groups=8, act_fn="silu", scaling_factor=1.0)
HELD_OUT = 900_000_000   # seeds from here on are never trained on


def build(**changes):
    torch.manual_seed(0)
    vae = AutoencoderKL(**{**CONFIG, **changes})
    calm_start(vae)
    return vae.to(device(), memory_format=torch.channels_last)


def crop(seed, size):
    """A piece of a scene drawn at 192 to 320 pixels, more often than not around a thing."""
    r = random.Random(seed)
    scene = scenes.sample_scene(seed)
    whole = r.choice((192, 256, 256, 320))
    pixels = scenes.draw(scene, whole, whole)
    x, y = r.random(), r.random()
    solid = [t for t in scene["things"] if t["name"] != "lilies"]
    if solid and r.random() < 0.65:
        tx, ty, ts = scenes.thing_box(scene, r.choice(solid))
        x, y = tx + r.uniform(-0.12, 0.12), ty - ts * r.uniform(0.2, 0.8)
    x0 = min(max(0, int(x * whole - size / 2)), whole - size)
    y0 = min(max(0, int(y * whole - size / 2)), whole - size)
    return pixels[y0:y0 + size, x0:x0 + size]


def batch(step, crops, worker):
    seed = step * 64 + worker * 32
    if step % 4 == 3:
        return np.stack([scenes.draw(scenes.sample_scene(seed + k), 256, 256) for k in range(max(1, crops // 4))])
    return np.stack([crop(seed + k, 128) for k in range(crops)])


def edges(x):
    return x[..., 1:] - x[..., :-1], x[..., 1:, :] - x[..., :-1, :]


def loss_of(vae, x, decoder_only, pull):
    if decoder_only:
        with torch.no_grad():
            posterior = vae.encode(x).latent_dist
    else:
        posterior = vae.encode(x).latent_dist
    z = posterior.mean + posterior.std * torch.randn_like(posterior.mean)
    y = vae.decode(z).sample.float()
    x = x.float()
    loss = (y - x).abs().mean() + (y - x).square().mean()
    loss = loss + sum((a - b).abs().mean() for a, b in zip(edges(y), edges(x)))
    if not decoder_only:
        m, v = posterior.mean.float(), posterior.var.float()
        loss = loss + pull * 0.5 * (m * m + v - 1 - v.log()).mean()
    return loss


@torch.no_grad()
def evaluate(trainer, config, count=12):
    """PSNR of the averaged weights on held-out scenes, mean of the pictures' values."""
    vae = build(**config)
    vae.load_state_dict(trainer.averaged_state_dict())
    vae.eval().bfloat16()
    values, rows = [], []
    for k in range(count):
        x = to_tensor(scenes.draw(scenes.sample_scene(HELD_OUT + k), 256, 256)[None]).to(device())
        y = vae.decode(vae.encode(x.bfloat16()).latent_dist.mean).sample
        values.append(psnr(x, y))
        rows.append(np.concatenate([from_tensor(x)[0], from_tensor(y)[0]], 0))
    from PIL import Image
    Image.fromarray(np.concatenate(rows[:8], 1)).save(cache_dir() / "vae.png")
    return float(np.mean(values))


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--steps", type=int, default=40000, help="batches in all, those of earlier runs included")
    p.add_argument("--tail", type=int, default=1000, help="the last steps, over which the learning rate goes to zero")
    p.add_argument("--crops", type=int, default=4, help="crops in a worker's batch; whole pictures are a quarter of that")
    p.add_argument("--lr", type=float, default=8e-4)
    p.add_argument("--muon", type=float, default=2.0, help="Muon's pace, as a multiple of the learning rate; 0 for AdamW alone")
    p.add_argument("--pull", type=float, default=2e-4, help="weight of the latents' KL divergence")
    p.add_argument("--groups", type=int, default=CONFIG["norm_num_groups"])
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--seconds", type=float, default=1e9, help="stop after about this long")
    p.add_argument("--decoder-only", action="store_true", help="sharpen the decoder of the frozen autoencoder")
    a = p.parse_args()
    worker, workers = join_workers(a.threads)
    config = dict(norm_num_groups=a.groups)
    vae = build(**config)
    name = "decoder" if a.decoder_only else "vae"
    if a.decoder_only:
        vae.load_state_dict(load_checkpoint("vae-frozen.pt")["vae"])
        for part in (vae.encoder, vae.quant_conv):
            part.requires_grad_(False)
    trainer = MixedTrainer(vae, a.lr, average=0.995, muon=a.muon)
    saved = load_checkpoint(name + ".pt")
    watch = Stopwatch(saved["seconds"] if saved else 0.0)
    step = 0
    if saved:
        trainer.load(saved["trainer"])
        step = saved["step"]
    log, recent = Log(name + ".log"), []
    run = Stopwatch()

    def save():
        if not is_first():
            return
        save_checkpoint(name + ".pt", {"trainer": trainer.state(), "step": step, "seconds": watch.seconds(), "config": config})
        log(step=step, psnr=evaluate(trainer, config), seconds=watch.seconds())

    while step < a.steps and agree(run.seconds()) < a.seconds:
        torch.manual_seed(step * workers + worker)
        x = to_tensor(batch(step, a.crops, worker)).to(device(), torch.bfloat16, memory_format=torch.channels_last)
        loss = loss_of(vae, x, a.decoder_only, a.pull)
        loss.backward()
        trainer.step(schedule(step, a.lr, 40, a.steps, a.tail))
        recent.append(float(loss.detach()))
        step += 1
        if step % 25 == 0:
            log(step=step, loss=float(np.mean(recent[-25:])), seconds=watch.seconds())
        if step % 300 == 0:
            save()
    save()


if __name__ == "__main__":
    main()
