# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains the starter's BLIP-2 scorer: an image tower and a querying transformer with the heads for contrast and matching.

The image tower is that of train_scorer.py, its first norm folded into the embeddings as well as a constant can; it stays
as it is, as in the paper (Li et al. 2023). Losses as there, and the matching head's: each caption with its own picture,
with the picture that it is most easily taken for, and the other way round.
"""
import argparse
import collections

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from transformers import BertTokenizerFast, Blip2Config, Blip2ForImageTextRetrieval

import scenes
from common import Log, MixedTrainer, Stopwatch, cache_dir, device, fail, join_workers, load_checkpoint, save_checkpoint, schedule
from train_clip import FACTS
from train_scorer import HELD_OUT, SIZE, TARGET, figures, find_loss, pair_loss
import captioned

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
LENGTH = 40


def write_vocabulary():
    """Whole words of the captions, then single letters, so that no word is unknown."""
    counts = collections.Counter()
    for seed in range(20000):
        counts.update(scenes.caption(scenes.sample_scene(seed), seed).replace(",", " , ").split())
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    pieces = [*SPECIAL, *sorted(counts, key=lambda w: (-counts[w], w)), *letters, *("##" + x for x in letters), *".;:!?'\"()-"]
    (cache_dir() / "blip2-vocab.txt").write_text("".join(p + "\n" for p in dict.fromkeys(pieces)))


def load_tokenizer():
    path = cache_dir() / "blip2-vocab.txt"
    if not path.exists():
        write_vocabulary()
    return BertTokenizerFast(vocab=str(path), do_lower_case=True)


def wake(net):
    """Weights that keep the signal's size, and queries that differ: alike, they would stay alike."""
    torch.nn.init.normal_(net.query_tokens, std=0.5)
    for name, p in net.named_parameters():
        if not name.startswith("vision_model.") and p.ndim == 2:
            torch.nn.init.normal_(p, std=0.5 if "word_embeddings" in name else 0.1 if "embeddings" in name else p.shape[1] ** -0.5)
    return net


def build(tokenizer):
    torch.manual_seed(4)
    return wake(Blip2ForImageTextRetrieval(Blip2Config(
        num_query_tokens=8, image_text_hidden_size=96,
        vision_config={"hidden_size": 128, "intermediate_size": 512, "num_hidden_layers": 5, "num_attention_heads": 4, "image_size": SIZE,
                       "patch_size": 16, "hidden_act": "quick_gelu", "initializer_range": 0.02},
        qformer_config={"vocab_size": len(tokenizer), "hidden_size": 96, "intermediate_size": 384, "num_hidden_layers": 3,
                        "num_attention_heads": 3, "max_position_embeddings": 128, "use_qformer_text_input": True,
                        "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}))).to(device())


@torch.no_grad()
def take_tower(net, clip):
    """CLIP's tower in BLIP-2's names. Its first norm is exact for the class token, which is the same in every picture,
    and one factor for the patches, whose deviation hardly changes."""
    old = {k[len("vision_model."):]: v.float() for k, v in clip.items() if k.startswith("vision_model.")}
    e, norm = "embeddings.", (old["pre_layrnorm.weight"], old["pre_layrnorm.bias"])
    table, patches = old[e + "position_embedding.weight"].clone(), old[e + "patch_embedding.weight"]
    seen = F.conv2d(torch.from_numpy(captioned.batch(0, 64, SIZE)[0]), patches, stride=patches.shape[-1]).flatten(2).transpose(1, 2)
    factor = norm[0] / (seen + table[1:]).std(-1).mean()
    first = F.layer_norm(old[e + "class_embedding"] + table[0], norm[0].shape, *norm)
    table = torch.cat([torch.zeros_like(table[:1]), table[1:] * factor])
    new = {e + "class_embedding": first[None, None], e + "position_embedding": table[None],
           e + "patch_embedding.weight": patches * factor[:, None, None, None], e + "patch_embedding.bias": norm[1]}
    for k, v in old.items():
        if k.startswith("encoder.") and ".self_attn." not in k or k.startswith("post_layernorm"):
            new[k] = v
        elif k.endswith(("q_proj.weight", "q_proj.bias")):
            fused = [old[k.replace("q_proj", n)] for n in ("q_proj", "k_proj", "v_proj")]
            new[k.replace("q_proj", "qkv")] = torch.cat(fused)
        elif ".out_proj." in k:
            new[k.replace("out_proj", "projection")] = v
    net.vision_model.load_state_dict(new, strict=True)


class Retriever(nn.Module):
    def __init__(self, blip2):
        super().__init__()
        self.blip2 = blip2
        self.read_picture, self.read_text = nn.Linear(96, FACTS), nn.Linear(96, FACTS)
        self.scale = nn.Parameter(torch.tensor(2.3))

    def see(self, pictures):
        b = self.blip2
        with torch.no_grad():
            tokens = b.vision_model(pictures).last_hidden_state
        queries = b.query_tokens.expand(len(pictures), -1, -1)
        seen = b.qformer(query_embeds=queries, encoder_hidden_states=tokens).last_hidden_state
        return tokens, seen, F.normalize(b.vision_projection(seen).float(), dim=-1)

    def read(self, ids, mask):
        b = self.blip2
        state = b.qformer(query_embeds=b.embeddings(input_ids=ids), query_length=0, attention_mask=mask).last_hidden_state[:, 0]
        return state, F.normalize(b.text_projection(state).float(), dim=-1)

    def match(self, tokens, ids, mask):
        b = self.blip2
        queries = b.query_tokens.expand(len(tokens), -1, -1)
        both = torch.cat([torch.ones(queries.shape[:2], dtype=mask.dtype, device=mask.device), mask], 1)
        x = b.embeddings(input_ids=ids, query_embeds=queries)
        out = b.qformer(query_embeds=x, query_length=queries.shape[1], attention_mask=both, encoder_hidden_states=tokens)
        return b.itm_head(out.last_hidden_state[:, : queries.shape[1]]).mean(1).float()


def contrast(a, b):
    """Cosines [texts, pictures]: the best query's."""
    return torch.einsum("pqd,td->tpq", a, b).max(-1).values


def match_loss(net, tokens, ids, mask, cosine, truth):
    n = len(ids)
    wrong = cosine.detach().masked_fill(truth > 0, -9)
    picture, text = wrong.argmax(1), wrong.argmax(0)
    pictures = torch.cat([torch.arange(n, device=ids.device), picture, torch.arange(n, device=ids.device)])
    texts = torch.cat([torch.arange(n, device=ids.device), torch.arange(n, device=ids.device), text])
    logits = net.match(tokens[pictures], ids[texts], mask[texts])
    weight = torch.tensor([1.0, 2.0], device=ids.device)
    target = torch.cat([torch.ones(n), torch.zeros(2 * n)]).long().to(ids.device)
    return F.cross_entropy(logits, target, weight), float((logits.argmax(1) == target).float().mean())


def take(tokenizer, seed, count, rough=True):
    pictures, texts, known, truth = captioned.batch(seed, count, SIZE, rough)
    words = tokenizer(texts, padding=True, truncation=True, max_length=LENGTH, return_tensors="pt")
    return (torch.from_numpy(pictures).to(device(), torch.bfloat16), words.input_ids.to(device()), words.attention_mask.to(device()),
            torch.from_numpy(known).to(device()), torch.from_numpy(truth).to(device()))


def run(net, batch, match):
    pictures, ids, mask, known, truth = batch
    tokens, seen, a = net.see(pictures)
    state, b = net.read(ids, mask)
    cosine = contrast(a, b)
    facts = F.binary_cross_entropy_with_logits(net.read_picture(seen.mean(1)).float(), known)
    facts = facts + 0.5 * F.binary_cross_entropy_with_logits(net.read_text(state).float(), known)
    loss = find_loss(cosine, truth, net.scale) + pair_loss(cosine, truth) + 10 * facts
    shown = {"facts": float(facts.detach()), **figures(cosine.detach(), truth)}
    if match:
        itm, shown["matched"] = match_loss(net, tokens, ids, mask, cosine, truth)
        loss = loss + itm
    return loss, shown


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--steps", type=int, default=1500)
    p.add_argument("--tail", type=int, default=300)
    p.add_argument("--batch", type=int, default=64)
    p.add_argument("--lr", type=float, default=1.5e-3)
    p.add_argument("--threads", type=int, default=1)
    a = p.parse_args()
    join_workers(a.threads)
    tokenizer = load_tokenizer()
    net = Retriever(build(tokenizer)).to(device())
    saved, clip = load_checkpoint("blip2.pt"), load_checkpoint("scorer.pt")
    if not saved and not clip:
        fail("no image tower yet: train_scorer.py comes first")
    if not saved:
        take_tower(net.blip2, clip["clip"])
    trainer = MixedTrainer(net, a.lr, average=0.985, muon=1.0)
    step = saved["step"] if saved else 0
    watch = Stopwatch(saved["seconds"] if saved else 0.0)
    if saved:
        trainer.load(saved["trainer"])
    log, seen = Log("blip2.log"), []

    def save():
        blip2 = {k[6:]: v for k, v in trainer.averaged_state_dict().items() if k.startswith("blip2.")}
        save_checkpoint("blip2.pt", {"trainer": trainer.state(), "step": step, "seconds": watch.seconds(), "blip2": blip2})
    while step < a.steps:
        loss, shown = run(net, take(tokenizer, 1_000_000 + step, a.batch), step % 3 == 0)
        loss.backward()
        trainer.step(schedule(step, a.lr, 40, a.steps, a.tail))
        step += 1
        seen.append({"loss": float(loss.detach()), **shown})
        if step % 20 == 0:
            keys = dict.fromkeys(k for s in seen[-20:] for k in s)
            log(step=step, seconds=watch.seconds(), **{k: float(np.mean([s[k] for s in seen[-20:] if k in s])) for k in keys})
        if step % 50 == 0:
            save()
    save()
    with torch.no_grad():
        log(step=step, held_out=run(net.eval(), take(tokenizer, HELD_OUT + 1, 200, False), True)[1])


if __name__ == "__main__":
    main()
