# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A judge of pictures, trained on drawn scenes only: place, hour, things, their colours and sides, and which caption fits.

It shares nothing with the model that it judges: its own convolutions see 64 x 64 pixels, its own small text tower
reads whole words. `python judge.py` trains it; evaluate.py asks it.
"""
import argparse
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import scenes
from common import Log, MixedTrainer, Stopwatch, device, fail, load_checkpoint, save_checkpoint, schedule, to_tensor

LOOK, WIDTH = 64, 96
THINGS, COLOURS, SIDES = len(scenes.THINGS), len(scenes.COLOURS), len(scenes.SIDES)
SIDELESS = ("bridge", "lilies")
FIRST_SEED = 600_000_000   # neither the U-Net's, nor the text encoder's, nor the held-out scenes


class Block(nn.Module):
    def __init__(self, a, b, stride):
        super().__init__()
        self.first, self.second = nn.Conv2d(a, b, 3, stride, 1, bias=False), nn.Conv2d(b, b, 3, 1, 1, bias=False)
        self.norm1, self.norm2 = nn.BatchNorm2d(b), nn.BatchNorm2d(b)
        self.short = nn.Conv2d(a, b, 1, stride, bias=False)

    def forward(self, x):
        y = F.silu(self.norm1(self.first(x)))
        return F.silu(self.norm2(self.second(y)) + self.short(x))


class Judge(nn.Module):
    def __init__(self, words):
        super().__init__()
        self.words = words
        self.see = nn.Sequential(nn.Conv2d(3, 32, 5, 2, 2, bias=False), nn.BatchNorm2d(32), nn.SiLU(),
                                 Block(32, 64, 1), Block(64, 96, 2), Block(96, 128, 2), nn.Conv2d(128, 64, 1), nn.SiLU(), nn.Flatten())
        self.think = nn.Sequential(nn.Linear(64 * 64, 256), nn.SiLU())
        self.tell = nn.Linear(256, 9 + 4 + THINGS * (1 + COLOURS + SIDES))
        self.picture = nn.Linear(256, WIDTH)
        self.word, self.place = nn.Embedding(len(words) + 2, WIDTH, padding_idx=0), nn.Parameter(torch.randn(40, WIDTH) * 0.1)
        self.read = nn.TransformerEncoderLayer(WIDTH, 4, 2 * WIDTH, 0.0, "gelu", batch_first=True, norm_first=True)
        self.scale = nn.Parameter(torch.tensor(2.6))

    def text(self, captions):
        """Unit vectors of captions; words it never saw share a vector."""
        rows = [[self.words.get(w, len(self.words)) + 1 for w in t.replace(",", " , ").lower().split()][:40] or [0] for t in captions]
        ids = torch.zeros(len(rows), max(map(len, rows)), dtype=torch.long, device=self.place.device)
        for k, row in enumerate(rows):
            ids[k, :len(row)] = torch.tensor(row)
        gone = ids == 0
        x = self.read(self.word(ids) + self.place[:ids.shape[1]], src_key_padding_mask=gone & ~gone.all(1, keepdim=True))
        kept = (~gone).to(x.dtype)[..., None]
        return F.normalize(((x * kept).sum(1) / kept.sum(1).clamp(min=1)).float(), dim=-1)

    def forward(self, x):
        """Votes as a dictionary of logits, and the pictures' unit vectors."""
        h = self.think(self.see(x))
        v = self.tell(h).float()
        place, hour, things, colours, sides = v.split((9, 4, THINGS, THINGS * COLOURS, THINGS * SIDES), 1)
        votes = {"place": place, "hour": hour, "things": things, "colours": colours.view(-1, THINGS, COLOURS),
                 "sides": sides.view(-1, THINGS, SIDES)}
        return votes, F.normalize(self.picture(h).float(), dim=-1)


def look(pixels):
    """Bytes [n, h, w, 3] of any size to what the judge sees."""
    return F.interpolate(to_tensor(pixels).contiguous(), (LOOK, LOOK), mode="area").to(device())


def worn(x, r):
    """Blurred, noisy, brighter or darker copies, so that small flaws of a painting don't mislead the judge."""
    n = len(x)
    soft = F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, 1)
    x = torch.lerp(x, soft, torch.rand(n, 1, 1, 1) * (torch.rand(n, 1, 1, 1) < 0.6))
    x = x * (1 + 0.08 * torch.randn(n, 1, 1, 1)) + 0.04 * torch.randn(n, 3, 1, 1)
    return x + 0.06 * torch.rand(n, 1, 1, 1) * torch.randn_like(x)


def truths(drawn):
    n = len(drawn)
    t = {"place": torch.tensor([scenes.PLACES.index(s["place"]) for s in drawn]),
         "hour": torch.tensor([scenes.HOURS.index(s["hour"]) for s in drawn]),
         "things": torch.zeros(n, THINGS), "colours": torch.full((n, THINGS), -1), "sides": torch.full((n, THINGS), -1)}
    for k, s in enumerate(drawn):
        for thing in s["things"]:
            i = scenes.THINGS.index(thing["name"])
            t["things"][k, i] = 1
            t["colours"][k, i] = list(scenes.COLOURS).index(thing["colour"])
            if thing["name"] not in SIDELESS:
                t["sides"][k, i] = scenes.SIDES.index(thing["side"])
    return t


def loss_of(judge, x, drawn, captions):
    votes, pictures = judge(x)
    t = truths(drawn)
    loss = F.cross_entropy(votes["place"], t["place"]) + F.cross_entropy(votes["hour"], t["hour"])
    loss = loss + 6 * F.binary_cross_entropy_with_logits(votes["things"], t["things"])
    for name in ("colours", "sides"):
        loss = loss + F.cross_entropy(votes[name].flatten(0, 1), t[name].flatten(), ignore_index=-1)
    match = judge.scale.float().clamp(max=4).exp() * pictures @ judge.text(captions).T
    own = torch.arange(len(drawn))
    return loss + (F.cross_entropy(match, own) + F.cross_entropy(match.T, own)) / 4


def vocabulary():
    words = set()
    for seed in range(6000):
        words.update(scenes.caption(scenes.sample_scene(seed), seed).replace(",", " , ").lower().split())
    return {w: k for k, w in enumerate(sorted(words))}


def load_judge():
    saved = load_checkpoint("judge.pt")
    if not saved:
        fail("no judge yet: judge.py comes first")
    judge = Judge(saved["words"])
    judge.load_state_dict(saved["judge"])
    return judge.eval().to(device())


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--steps", type=int, default=500)
    p.add_argument("--batch", type=int, default=64)
    p.add_argument("--lr", type=float, default=2e-3)
    p.add_argument("--threads", type=int, default=1)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(5)
    words = vocabulary()
    judge = Judge(words).to(device(), memory_format=torch.channels_last)
    trainer, log, losses, watch = MixedTrainer(judge, a.lr, average=0.98, muon=1.0), Log("judge.log"), [], Stopwatch()
    for step in range(a.steps):
        r = random.Random(step)
        drawn = [scenes.sample_scene(FIRST_SEED + step * a.batch + k) for k in range(a.batch)]
        x = look(np.stack([scenes.draw(s, 2 * LOOK, 2 * LOOK) for s in drawn]))
        x = worn(x, r).to(torch.bfloat16, memory_format=torch.channels_last)
        loss = loss_of(judge, x, drawn, [scenes.caption(s, r.randrange(1 << 30)) for s in drawn])
        loss.backward()
        trainer.step(schedule(step, a.lr, 30, a.steps, a.steps // 3))
        losses.append(float(loss.detach()))
        if step % 20 == 19:
            log(step=step + 1, loss=float(np.mean(losses[-20:])), seconds=watch.seconds())
    save_checkpoint("judge.pt", {"words": words, "judge": trainer.averaged_state_dict()})


if __name__ == "__main__":
    main()
