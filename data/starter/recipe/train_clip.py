# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the vocabulary and teaches the text encoder what the captions mean.

The vocabulary is CLIP's byte-pair layout over the captions' words. The encoder learns contrastively (Radford et
al. 2021): a caption's vector must find its own scene among the batch's, where a small network reads the scenes'
descriptions instead of their pixels, which costs next to nothing. The U-Net's training refines it further.
"""
import argparse
import collections
import json
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

import scenes
from common import Log, MixedTrainer, Stopwatch, cache_dir, device, join_workers, load_checkpoint, save_checkpoint, schedule

START, END = "<|startoftext|>", "<|endoftext|>"
LENGTH = 77


# --- vocabulary ---------------------------------------------------------------------------------------------

def byte_letters():
    """The printable letter that stands for each byte in byte-level BPE files."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table, extra = {}, 0
    for b in plain:
        table[b] = chr(b)
    for b in range(256):
        if b not in table:
            table[b] = chr(256 + extra)
            extra += 1
    return table


def learn_merges(counts):
    """Merges the most frequent neighbouring pair until every word is a single token."""
    letters = byte_letters()
    words = {}
    for word, n in counts.items():
        parts = [letters[b] for b in word.encode()]
        parts[-1] += "</w>"
        words[tuple(parts)] = n
    merges = []
    while True:
        pairs = collections.Counter()
        for parts, n in words.items():
            for pair in zip(parts, parts[1:]):
                pairs[pair] += n
        if not pairs:
            return merges
        best = min(pairs, key=lambda p: (-pairs[p], p))
        merges.append(best)
        changed = {}
        for parts, n in words.items():
            out, k = [], 0
            while k < len(parts):
                if parts[k:k + 2] == best:
                    out.append(best[0] + best[1])
                    k += 2
                else:
                    out.append(parts[k])
                    k += 1
            changed[tuple(out)] = changed.get(tuple(out), 0) + n
        words = changed


def write_tokenizer(folder):
    folder.mkdir(parents=True, exist_ok=True)
    counts = collections.Counter()
    for seed in range(40000):
        text = scenes.caption(scenes.sample_scene(seed), seed)
        counts.update(text.replace(",", " , ").split())
    merges = learn_merges(counts)
    letters = [byte_letters()[b] for b in sorted(byte_letters(), key=lambda b: (b not in range(33, 127), b))]
    tokens = letters + [x + "</w>" for x in letters] + ["".join(m) for m in merges]
    tokens = list(dict.fromkeys(tokens)) + [START, END]
    (folder / "vocab.json").write_text(json.dumps({t: k for k, t in enumerate(tokens)}, ensure_ascii=False))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
    special = {"bos_token": START, "eos_token": END, "unk_token": END, "pad_token": END}
    (folder / "special_tokens_map.json").write_text(json.dumps(special, indent=2) + "\n")
    (folder / "tokenizer_config.json").write_text(json.dumps(
        {"tokenizer_class": "CLIPTokenizer", "model_max_length": LENGTH, "do_lower_case": True, "add_prefix_space": False,
         "errors": "replace", **special}, indent=2) + "\n")
    (cache_dir() / "words.txt").write_text("\n".join(sorted(w for w in counts if w.isalpha())) + "\n")


class Words:
    """Captions to token ids, padded to 77 with the end token as Stable Diffusion does."""

    def __init__(self):
        folder = cache_dir() / "tokenizer"
        if not (folder / "vocab.json").exists():
            write_tokenizer(folder)
        self.tokenizer = CLIPTokenizer.from_pretrained(str(folder))
        self.size = len(json.loads((folder / "vocab.json").read_text()))

    def __call__(self, texts, length=LENGTH):
        return self.tokenizer(texts, padding="max_length", max_length=length, truncation=True, return_tensors="pt").input_ids


# --- networks -----------------------------------------------------------------------------------------------

def build_text(words):
    torch.manual_seed(1)
    return CLIPTextModel(CLIPTextConfig(
        vocab_size=words.size, hidden_size=128, intermediate_size=512, projection_dim=128, num_hidden_layers=4,
        num_attention_heads=4, max_position_embeddings=LENGTH, hidden_act="quick_gelu", layer_norm_eps=1e-5,
        bos_token_id=words.size - 2, eos_token_id=words.size - 1, pad_token_id=words.size - 1,
        attn_implementation="sdpa")).to(device())


FACTS = 9 + 4 + 5 + 1 + len(scenes.THINGS) * (1 + 8 + 3 + 2)


def facts(scene):
    """A scene's description as ones and zeros: place, hour, weather, birds, and each thing's colour, side and nearness."""
    v = np.zeros(FACTS, np.float32)
    v[scenes.PLACES.index(scene["place"])] = 1
    v[9 + scenes.HOURS.index(scene["hour"])] = 1
    v[13 + scenes.WEATHERS.index(scene["weather"])] = 1
    v[18] = scene["birds"]
    for t in scene["things"]:
        base = 19 + 14 * scenes.THINGS.index(t["name"])
        v[base] = 1
        v[base + 1 + list(scenes.COLOURS).index(t["colour"])] = 1
        v[base + 9 + scenes.SIDES.index(t["side"])] = 1
        v[base + 12 + t["near"]] = 1
    return v


class Matcher(nn.Module):
    """The text encoder and the reader of facts, into one space."""

    def __init__(self, text):
        super().__init__()
        self.text = text
        self.project = nn.Linear(128, 128, bias=False)
        self.read = nn.Sequential(nn.Linear(FACTS, 384), nn.GELU(), nn.Linear(384, 128))
        self.scale = nn.Parameter(torch.tensor(2.6))

    def forward(self, ids, v):
        a = F.normalize(self.project(self.text(ids).pooler_output).float(), dim=-1)
        b = F.normalize(self.read(v).float(), dim=-1)
        return self.scale.float().clamp(max=4.0).exp() * a @ b.T


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--steps", type=int, default=1500)
    p.add_argument("--tail", type=int, default=300)
    p.add_argument("--batch", type=int, default=128)
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--threads", type=int, default=1)
    a = p.parse_args()
    join_workers(a.threads)
    words = Words()
    torch.manual_seed(2)
    net = Matcher(build_text(words)).to(device())
    trainer = MixedTrainer(net, a.lr, average=0.99)
    saved = load_checkpoint("clip.pt")
    step = 0
    watch = Stopwatch(saved["seconds"] if saved else 0.0)
    if saved:
        trainer.load(saved["trainer"])
        step = saved["step"]
    log, hits, losses = Log("clip.log"), [], []

    def save():
        text = {k[5:]: v for k, v in trainer.averaged_state_dict().items() if k.startswith("text.")}
        save_checkpoint("clip.pt", {"trainer": trainer.state(), "step": step, "seconds": watch.seconds(), "text": text})
    while step < a.steps:
        r = random.Random(step)
        drawn = [scenes.sample_scene(10_000_000 + step * a.batch + k) for k in range(a.batch)]
        ids = words([scenes.caption(s, r.randrange(1 << 30)) for s in drawn], 48).to(device())
        v = torch.from_numpy(np.stack([facts(s) for s in drawn])).to(device(), torch.bfloat16)
        logits = net(ids, v)
        target = torch.arange(a.batch, device=logits.device)
        loss = (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2
        loss.backward()
        trainer.step(schedule(step, a.lr, 100, a.steps, a.tail))
        step += 1
        losses.append(float(loss.detach()))
        hits.append(float((logits.argmax(1) == target).float().mean()))
        if step % 50 == 0:
            log(step=step, loss=float(np.mean(losses[-50:])), found=float(np.mean(hits[-50:])), seconds=watch.seconds())
        if step % 500 == 0:
            save()
    save()


if __name__ == "__main__":
    main()
