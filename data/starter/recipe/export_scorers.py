# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the starter's scorers from the checkpoints, in float16 and the official layouts: transformers' folders of
CLIPModel and Blip2ForImageTextRetrieval, and one file for LPIPS."""
import argparse
from pathlib import Path

from transformers import CLIPTokenizer

import train_blip2
import train_lpips
import train_scorer
from common import cache_dir, fail, load_checkpoint
from export import LICENCE, half, write_json, write_shard
from train_clip import END, START, Words

FOLDER = Path(__file__).resolve().parent.parent / "scorers"
MEAN, STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]


def processor(kind, **sizes):
    return {"do_convert_rgb": True, "do_normalize": True, "do_rescale": True, "do_resize": True, "image_mean": MEAN,
            "image_processor_type": kind, "image_std": STD, "resample": 3, "rescale_factor": 1 / 255, **sizes}


def config_of(net, architecture):
    config = net.config.to_dict()
    config.update(architectures=[architecture], torch_dtype="float16")
    for key in ("transformers_version", "dtype", "_name_or_path"):
        config.pop(key, None)
    return config


def write_clip(out):
    saved = load_checkpoint("scorer.pt") or fail("no CLIP scorer yet: train_scorer.py comes first")
    words = Words()
    net = train_scorer.build(words)
    folder = out / "clip"
    write_json(folder / "config.json", config_of(net, "CLIPModel"))
    side = train_scorer.SIZE
    write_json(folder / "preprocessor_config.json", processor(
        "CLIPImageProcessor", size={"shortest_edge": side}, crop_size={"height": side, "width": side}, do_center_crop=True))
    write_shard(folder / "model.safetensors", half(saved["clip"]))
    for file in ("vocab.json", "merges.txt", "special_tokens_map.json", "tokenizer_config.json"):
        (folder / file).write_bytes((cache_dir() / "tokenizer" / file).read_bytes())
    assert CLIPTokenizer.from_pretrained(str(folder)).tokenize(f"{START} a boat {END}")


def write_blip2(out):
    saved = load_checkpoint("blip2.pt") or fail("no BLIP-2 scorer yet: train_blip2.py comes first")
    tokenizer = train_blip2.load_tokenizer()
    net = train_blip2.build(tokenizer)
    folder = out / "blip2"
    config = config_of(net, "Blip2ForImageTextRetrieval")
    config["text_config"] = {"model_type": "opt"}
    write_json(folder / "config.json", config)
    side = train_blip2.SIZE
    write_json(folder / "preprocessor_config.json", processor("BlipImageProcessor", size={"height": side, "width": side}))
    write_shard(folder / "model.safetensors", half(saved["blip2"]))
    (folder / "vocab.txt").write_bytes((cache_dir() / "blip2-vocab.txt").read_bytes())
    write_json(folder / "tokenizer_config.json", {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": 128})


def write_lpips(out):
    saved = load_checkpoint("lpips.pt") or fail("no LPIPS scorer yet: train_lpips.py comes first")
    write_shard(out / "lpips.safetensors", half(saved["exported"]))


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--out", type=Path, default=FOLDER)
    p.add_argument("--only", nargs="*", default=("clip", "blip2", "lpips"))
    a = p.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    for name, write in (("clip", write_clip), ("blip2", write_blip2), ("lpips", write_lpips)):
        if name in a.only:
            write(a.out)
    print(f"{sum(f.stat().st_size for f in a.out.rglob('*') if f.is_file()) / 1e6:.1f} MB, {LICENCE['license']}")


if __name__ == "__main__":
    main()
