# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains the starter's CLIP scorer: an image tower and a text tower of its own, on drawn scenes and their captions.

Three losses at once: each caption finds its scenes among the batch's (Radford et al. 2021); the cosine of a pair lies
above 0.4 exactly where the caption is true (as a sigmoid over pairs, Zhai et al. 2023), so that the target that Giverny
uses means something; and linear readers tell the scene's facts from either tower, which teaches a small transformer
where to look far sooner than captions alone.
"""
import argparse

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from transformers import CLIPConfig, CLIPModel

import captioned
from common import Log, MixedTrainer, Stopwatch, device, join_workers, load_checkpoint, save_checkpoint, schedule
from train_clip import FACTS, Words

SIZE, TARGET, SHARPNESS, LENGTH = 112, 0.4, 10.0, 40
HELD_OUT = 700_000_000


def build(words):
    torch.manual_seed(3)
    end = words.size - 1
    return CLIPModel(CLIPConfig(
        projection_dim=96,
        text_config={"vocab_size": words.size, "hidden_size": 96, "intermediate_size": 384, "projection_dim": 96,
                     "num_hidden_layers": 3, "num_attention_heads": 3, "max_position_embeddings": 77,
                     "bos_token_id": end - 1, "eos_token_id": end, "pad_token_id": end},
        vision_config={"hidden_size": 128, "intermediate_size": 512, "projection_dim": 96, "num_hidden_layers": 5,
                       "num_attention_heads": 4, "image_size": SIZE, "patch_size": 16})).to(device())


class Scorer(nn.Module):
    def __init__(self, clip):
        super().__init__()
        self.clip = clip
        self.read_picture, self.read_text = nn.Linear(128, FACTS), nn.Linear(96, FACTS)
        self.scale = nn.Parameter(torch.tensor(2.3))

    def forward(self, pictures, ids):
        seen = self.clip.vision_model(pictures).pooler_output
        read = self.clip.text_model(ids).pooler_output
        a = F.normalize(self.clip.visual_projection(seen).float(), dim=-1)
        b = F.normalize(self.clip.text_projection(read).float(), dim=-1)
        return b @ a.T, self.read_picture(seen).float(), self.read_text(read).float()


def pair_loss(cosine, truth):
    """Right and wrong pairs count the same, however many there are of each."""
    logits = SHARPNESS * (cosine - TARGET)
    right = (F.softplus(-logits) * truth).sum() / truth.sum()
    wrong = F.softplus(logits) * (1 - truth)
    near = wrong.sum(1) / (1 - truth).sum(1) + wrong.topk(6, 1).values.mean(1)
    return right + near.mean() / 2


def find_loss(cosine, truth, scale):
    logits = scale.float().clamp(max=3.4).exp() * cosine
    loss = 0
    for x, t in ((logits, truth), (logits.T, truth.T)):
        loss = loss - ((t / t.sum(1, keepdim=True)) * F.log_softmax(x, 1)).sum(1).mean() / 2
    return loss


def losses(net, pictures, ids, known, truth):
    cosine, seen, read = net(pictures, ids)
    facts = F.binary_cross_entropy_with_logits(seen, known) + 0.5 * F.binary_cross_entropy_with_logits(read, known)
    return find_loss(cosine, truth, net.scale) + pair_loss(cosine, truth) + 10 * facts, cosine, facts


def take(words, seed, count, rough=True):
    pictures, texts, known, truth = captioned.batch(seed, count, SIZE, rough)
    return (torch.from_numpy(pictures).to(device(), torch.bfloat16), words(texts, LENGTH).to(device()),
            torch.from_numpy(known).to(device()), torch.from_numpy(truth).to(device()))


def figures(cosine, truth):
    """How often the caption's own scene comes first, and how many pairs lie on their side of the target."""
    n = len(cosine)
    first = float((cosine.argmax(1) == torch.arange(n, device=cosine.device)).float().mean())
    right = cosine[truth > 0]
    wrong = cosine[truth == 0]
    return {"first": first, "right": float((right >= TARGET).float().mean()), "wrong": float((wrong < TARGET).float().mean()),
            "mean_right": float(right.mean()), "mean_wrong": float(wrong.mean())}


@torch.no_grad()
def held_out(net, words, count=400):
    net.eval()
    cosine, truth = [], []
    pictures, ids, _, truth = take(words, HELD_OUT, count, False)
    cosine = net(pictures, ids)[0]
    net.train()
    return figures(cosine, truth)


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--steps", type=int, default=2500)
    p.add_argument("--tail", type=int, default=500)
    p.add_argument("--batch", type=int, default=96)
    p.add_argument("--lr", type=float, default=1.5e-3)
    p.add_argument("--threads", type=int, default=1)
    a = p.parse_args()
    join_workers(a.threads)
    words = Words()
    net = Scorer(build(words)).to(device())
    trainer = MixedTrainer(net, a.lr, average=0.99, muon=1.0)
    saved = load_checkpoint("scorer.pt")
    step = saved["step"] if saved else 0
    watch = Stopwatch(saved["seconds"] if saved else 0.0)
    if saved:
        trainer.load(saved["trainer"])
    log, seen = Log("scorer.log"), []

    def save():
        clip = {k[5:]: v for k, v in trainer.averaged_state_dict().items() if k.startswith("clip.")}
        save_checkpoint("scorer.pt", {"trainer": trainer.state(), "step": step, "seconds": watch.seconds(), "clip": clip})
    while step < a.steps:
        pictures, ids, known, truth = take(words, step, a.batch)
        loss, cosine, facts = losses(net, pictures, ids, known, truth)
        loss.backward()
        trainer.step(schedule(step, a.lr, 60, a.steps, a.tail))
        step += 1
        seen.append({"loss": float(loss.detach()), "facts": float(facts.detach()), **figures(cosine.detach(), truth)})
        if step % 20 == 0:
            log(step=step, seconds=watch.seconds(), **{k: float(np.mean([s[k] for s in seen[-20:]])) for k in seen[-1]})
        if step % 100 == 0:
            save()
    save()
    log(step=step, held_out=held_out(net, words))


if __name__ == "__main__":
    main()
