# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains starter-impressionist.safetensors: low-rank additions (Hu et al. 2021) that turn the model's scenes into paintings.

The scenes are those of scenes.py, repainted by strokes.py; their captions say nothing of the strokes, so that the
manner is always there and the content stays. Since a manner lives in the finest level, which has no attention, the
additions go to the convolutions too. Goes on from its last checkpoint; `--export` only writes the file.
"""
import argparse
import json
import random
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import save_file

import scenes
import strokes
from common import (Log, MixedTrainer, Stopwatch, alphas_cumprod, device, fail, load_checkpoint, save_checkpoint, schedule,
                    to_tensor)
from train_clip import Words
from train_unet import build_unet, load_text, load_vae

FILE = Path(__file__).resolve().parent.parent / "starter-impressionist.safetensors"
FIRST_SEED = 700_000_000
RANK, ALPHA = 8, 8.0


class LowRank(nn.Module):
    """y + alpha / rank * up (down (x)) beside a layer; the layer itself stays as it is."""

    def __init__(self, layer, rank=RANK):
        super().__init__()
        if isinstance(layer, nn.Conv2d):
            self.down = nn.Conv2d(layer.in_channels, rank, layer.kernel_size, layer.stride, layer.padding, bias=False)
            self.up = nn.Conv2d(rank, layer.out_channels, 1, bias=False)
        else:
            self.down, self.up = nn.Linear(layer.in_features, rank, bias=False), nn.Linear(rank, layer.out_features, bias=False)
        nn.init.kaiming_uniform_(self.down.weight, a=5 ** 0.5)
        nn.init.zeros_(self.up.weight)

    def forward(self, x):
        return self.up(self.down(x)) * (ALPHA / self.down.weight.shape[0])


def layers_of(unet):
    """Every convolution and projection of the blocks, by name; embeddings and the last layer are left alone."""
    return {n: m for n, m in unet.named_modules()
            if isinstance(m, (nn.Conv2d, nn.Linear)) and "time_emb" not in n and n not in ("conv_in", "conv_out")}


def attach(unet):
    """Adds a LowRank to each layer; returns them as a module list, in the order of their names."""
    torch.manual_seed(4)
    added = nn.ModuleList()
    for layer in layers_of(unet).values():
        low = LowRank(layer).to(device())
        layer.register_forward_hook(lambda _, inputs, y, low=low: y + low(inputs[0]))
        added.append(low)
    return added


@torch.no_grad()
def paintings(count):
    """Latents of repainted scenes, kept in the cache; (seed, latent) each."""
    kept = load_checkpoint("strokes.pt") or {"latents": torch.zeros(0, 4, 32, 32)}
    have = list(kept["latents"])
    vae, scale = load_vae()
    for k in range(len(have), count):
        seed = FIRST_SEED + k
        painted = strokes.repaint(scenes.draw(scenes.sample_scene(seed), 256, 256), seed)
        have.append((vae.encode(to_tensor(painted[None]).to(device())).latent_dist.mean[0] * scale).half().cpu())
        if k % 40 == 39 or k == count - 1:
            save_checkpoint("strokes.pt", {"latents": torch.stack(have)})
    return [(FIRST_SEED + k, z) for k, z in enumerate(have[:count])]


def kohya_name(name):
    return "lora_unet_" + name.replace(".", "_")


def write(unet, averages, steps, pictures):
    """The file in kohya's naming, in float16, with the notes that its readers show."""
    tensors = {}
    for name, down, up in zip(layers_of(unet), averages[0::2], averages[1::2]):
        key = kohya_name(name)
        tensors[key + ".lora_down.weight"] = down.half().contiguous()
        tensors[key + ".lora_up.weight"] = up.half().contiguous()
        tensors[key + ".alpha"] = torch.tensor(ALPHA).half()
    save_file(tensors, str(FILE), {
        "ss_base_model_version": "sd_v1", "ss_sd_model_name": "Giverny starter", "ss_v2": "False",
        "ss_network_module": "networks.lora", "ss_network_dim": str(RANK), "ss_network_alpha": str(ALPHA),
        "ss_network_args": json.dumps({"conv_dim": str(RANK), "conv_alpha": str(ALPHA)}), "ss_output_name": FILE.stem,
        "ss_resolution": "(256, 256)", "ss_num_train_images": str(pictures), "ss_steps": str(steps), "ss_max_train_steps": str(steps),
        "ss_v_parameterization": "True", "modelspec.title": "Starter, impressionist", "modelspec.license": "GPL-3.0-or-later",
        "modelspec.description": "Short, broken brush strokes for the starter model's scenes."})
    FILE.chmod(0o644)


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--steps", type=int, default=300, help="batches in all, those of earlier runs included")
    p.add_argument("--tail", type=int, default=120, help="the last steps, over which the learning rate goes to zero")
    p.add_argument("--batch", type=int, default=8)
    p.add_argument("--pictures", type=int, default=160)
    p.add_argument("--lr", type=float, default=2e-3)
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--export", action="store_true")
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    base = load_checkpoint("unet.pt")
    if not base:
        fail("no U-Net yet: train_unet.py comes first")
    unet = build_unet()
    unet.load_state_dict(base["averaged"])
    unet.requires_grad_(False).to(torch.bfloat16)
    added = attach(unet)
    trainer, watch = MixedTrainer(added, a.lr, average=0.98), Stopwatch()
    saved, step = load_checkpoint("lora.pt"), 0
    if saved:
        trainer.load(saved["trainer"])
        step = saved["step"]
    if a.export:
        write(unet, trainer.averages, step, a.pictures)
        return
    words = Words()
    text, items = load_text(words).bfloat16(), paintings(a.pictures)
    alphas, log, losses = alphas_cumprod().to(device()), Log("lora.log"), []
    while step < a.steps:
        r = random.Random(step)
        torch.manual_seed(step)
        side = r.choice((32, 16))
        chosen = [r.choice(items) for _ in range(a.batch if side == 32 else 4 * a.batch)]
        captions, pieces = [], []
        for seed, z in chosen:
            x0, y0 = r.randrange(0, 33 - side), r.randrange(0, 33 - side)
            shown = scenes.cropped(scenes.sample_scene(seed), x0 / 32, y0 / 32, (x0 + side) / 32, (y0 + side) / 32)
            captions.append("" if r.random() < 0.1 else scenes.caption(shown, r.randrange(1 << 30)))
            pieces.append(z[:, y0:y0 + side, x0:x0 + side])
        x = torch.stack(pieces).float().to(device())
        t = torch.randint(0, 1000, (len(x),), device=x.device)
        ab = alphas[t].view(-1, 1, 1, 1)
        noise = torch.randn_like(x)
        noisy = (ab.sqrt() * x + (1 - ab).sqrt() * noise).to(torch.bfloat16, memory_format=torch.channels_last)
        with torch.no_grad():
            states = text(words(captions).to(x.device)).last_hidden_state
        v = unet(noisy, t, states).sample.float()
        loss = F.mse_loss(v, ab.sqrt() * noise - (1 - ab).sqrt() * x)
        loss.backward()
        trainer.step(schedule(step, a.lr, 20, a.steps, a.tail))
        step += 1
        losses.append(float(loss.detach()))
        if step % 20 == 0:
            log(step=step, v_error=float(np.mean(losses[-20:])), seconds=watch.seconds())
        if step % 100 == 0 or step == a.steps:
            save_checkpoint("lora.pt", {"trainer": trainer.state(), "step": step})
    write(unet, trainer.averages, step, a.pictures)


if __name__ == "__main__":
    main()
