# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tests/fixtures/scorers: tiny scorers with random weights in the official layouts, and what transformers
and lpips measure with them.

    make_scorers.py

Pictures come from make_score.py's formula.  Packages: requirements.txt, and for LPIPS lpips 0.1.4 with
torchvision 0.29.2, which are left out there because transformers takes another resizer where it finds torchvision.
"""

import json
import pathlib
import shutil
import tempfile

import lpips
import numpy as np
import torch
import torch.nn as nn
from PIL import Image
from safetensors.torch import save_file
from transformers import (BertTokenizerFast, Blip2Config, Blip2ForImageTextRetrieval, CLIPConfig, CLIPModel, CLIPTokenizer)
from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from make_score import picture

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "tests/fixtures/scorers"
SIZES = [(1, 1), (57, 91), (91, 57), (30, 200), (333, 20), (640, 427)]
TEXTS = ["a red boat on a lake at sunset", "", "Mountains at DAWN!", "a house, " * 60 + "by the sea",
         "수련 in the river " * 3]
PIECES = """[PAD] [UNK] [CLS] [SEP] [MASK] a red boat on lake at sun ##set mountains dawn ! house , by the sea in river""".split()


def randomise(net, seed):
    """Weights large enough that pictures and texts differ in every layer; rounded to f16, as they are saved."""
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in net.named_parameters():
            r = torch.randn(p.shape, generator=g)
            if p.ndim > 1 and "embedding" not in name and "query_tokens" not in name:
                r *= 1.3 * (p[0].numel()) ** -0.5
            elif name.endswith(("norm.weight", "norm1.weight", "norm2.weight", "layrnorm.weight", "LayerNorm.weight")):
                r = 1 + 0.2 * r
            else:
                r *= 0.3
            p.copy_(r.half().float())
    return net.eval()


def save(net, folder, shards=False):
    net.half().save_pretrained(folder, max_shard_size="40KB" if shards else "1GB")
    net.float()


def write_clip(name, seed, shards, **changes):
    folder = OUT / name
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as t:
        for file in ("vocab.json", "merges.txt"):
            shutil.copy(ROOT / "data/starter/tokenizer" / file, t)
        end = "<|endoftext|>"
        tokenizer = CLIPTokenizer.from_pretrained(t, bos_token="<|startoftext|>", eos_token=end, unk_token=end, pad_token=end)
    vision = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4, "image_size": 32,
              "patch_size": 8, **changes.get("vision", {})}
    text = {"hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 2, "num_attention_heads": 3,
            "max_position_embeddings": 77, "vocab_size": len(tokenizer), "bos_token_id": tokenizer.bos_token_id,
            "eos_token_id": changes.get("eos", tokenizer.eos_token_id), "pad_token_id": tokenizer.pad_token_id, **changes.get("text", {})}
    net = randomise(CLIPModel(CLIPConfig(projection_dim=20, vision_config=vision, text_config=text)), seed)
    side = vision["image_size"]
    processor = CLIPImageProcessorPil(size={"shortest_edge": side}, crop_size={"height": side, "width": side})
    save(net, folder, shards)
    tokenizer.save_pretrained(folder)
    processor.save_pretrained(folder)
    return net, tokenizer, processor


@torch.no_grad()
def clip_rows(net, tokenizer, processor):
    pixels = torch.cat([processor(images=Image.fromarray(picture(w, h, k)), return_tensors="pt").pixel_values
                        for k, (w, h) in enumerate(SIZES)])
    seen = features(net.get_image_features(pixel_values=pixels))
    rows = []
    for text in TEXTS:
        ids = tokenizer(text).input_ids[1:-1]
        chunks = [ids[i:i + 75] for i in range(0, max(len(ids), 1), 75)]
        read = []
        for chunk in chunks:
            whole = [tokenizer.bos_token_id, *chunk, tokenizer.eos_token_id]
            whole += [tokenizer.pad_token_id] * (77 - len(whole))
            read.append(features(net.get_text_features(input_ids=torch.tensor([whole])))[0])
        cosines = nn.functional.cosine_similarity(torch.stack(read)[:, None], seen[None], dim=-1)
        rows.append({"text": text, "clip": cosines[0].tolist(), "mean": cosines.mean(0).tolist(), "best": cosines.max(0).values.tolist()})
    return rows


def features(out):
    return out if torch.is_tensor(out) else out.pooler_output


def write_blip2():
    folder = OUT / "blip2"
    shutil.rmtree(folder, ignore_errors=True)
    config = Blip2Config(
        num_query_tokens=5, image_text_hidden_size=12,
        vision_config={"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4, "image_size": 28,
                       "patch_size": 7},
        qformer_config={"vocab_size": len(PIECES) + 1, "hidden_size": 24, "intermediate_size": 36, "num_hidden_layers": 3,
                        "num_attention_heads": 3, "max_position_embeddings": 128, "use_qformer_text_input": True})
    net = randomise(Blip2ForImageTextRetrieval(config), 5)
    save(net, folder)
    with tempfile.TemporaryDirectory() as t:
        (pathlib.Path(t) / "vocab.txt").write_text("".join(p + "\n" for p in PIECES))
        tokenizer = BertTokenizerFast(vocab=str(pathlib.Path(t) / "vocab.txt"), do_lower_case=True)
    tokenizer.save_pretrained(folder)
    processor = BlipImageProcessorPil(size={"height": 28, "width": 28})
    processor.save_pretrained(folder)
    return net, tokenizer, processor


@torch.no_grad()
def blip2_rows(net, tokenizer, processor):
    pixels = torch.cat([processor(images=Image.fromarray(picture(w, h, k)), return_tensors="pt").pixel_values
                        for k, (w, h) in enumerate(SIZES)])
    rows = []
    for text in TEXTS:
        ids = tokenizer(text, return_tensors="pt").input_ids[:, :128]
        if ids.shape[1] == 128:
            ids[0, -1] = tokenizer.sep_token_id
        contrast, match = [], []
        for x in pixels:
            given = {"pixel_values": x[None], "input_ids": ids, "attention_mask": torch.ones_like(ids)}
            contrast.append(float(net(**given, use_image_text_matching_head=False).logits_per_image))
            logits = net(**given, use_image_text_matching_head=True).logits_per_image
            match.append(float(logits.softmax(1)[0, 1]))
        rows.append({"text": text, "blip2": contrast, "itm": match})
    return rows


def narrow(kind):
    """lpips' own network with few channels: its slices hold torchvision's layers, which are replaced one for one."""
    net = lpips.LPIPS(pretrained=False, pnet_rand=True, net=kind, verbose=False)
    state = {}
    last = 3
    taps = []

    def shrink(conv, cin):
        cout = max(4, conv.out_channels // 32) + conv.out_channels // 64 % 3
        return nn.Conv2d(cin, cout, conv.kernel_size, conv.stride, conv.padding), cout

    for k in range(1, net.net.N_slices + 1):
        part = getattr(net.net, f"slice{k}")
        for index, layer in list(part.named_children()):
            if isinstance(layer, nn.Conv2d):
                new, last = shrink(layer, last)
                setattr(part, index, new)
            elif hasattr(layer, "squeeze"):
                layer.squeeze, mid = shrink(layer.squeeze, last)
                layer.expand1x1, a = shrink(layer.expand1x1, mid)
                layer.expand3x3, b = shrink(layer.expand3x3, mid)
                last = a + b
        taps.append(last)
    net.chns = taps
    for k, n in enumerate(taps):
        lin = getattr(net, f"lin{k}")
        lin.model[-1] = nn.Conv2d(n, 1, 1, bias=False)
    g = torch.Generator().manual_seed(len(kind))
    with torch.no_grad():
        for name, p in net.named_parameters():
            r = torch.randn(p.shape, generator=g)
            r = r.abs() * 0.3 if ".model." in name else r * (1.6 * p[0].numel() ** -0.5 if p.ndim > 1 else 0.2)
            p.copy_(r.half().float())
    for k in range(1, net.net.N_slices + 1):
        for index, layer in getattr(net.net, f"slice{k}").named_children():
            for n, p in layer.named_parameters():
                state[f"features.{index}.{n}"] = p.detach().half().contiguous()
    for k in range(len(taps)):
        state[f"lin{k}.model.1.weight"] = getattr(net, f"lin{k}").model[-1].weight.detach().half().contiguous()
    save_file(state, str(OUT / f"lpips-{kind}.safetensors"))
    return net.eval()


@torch.no_grad()
def lpips_rows(net):
    def tensor(image):
        return torch.from_numpy(np.array(image, np.float32)).permute(2, 0, 1)[None] / 127.5 - 1

    rows = []
    for reference, image in (((64, 64), (64, 64)), ((91, 57), (91, 57)), ((47, 131), (300, 40)), ((470, 300), (64, 64)),
                             ((700, 50), (700, 50))):
        a, b = Image.fromarray(picture(*reference, 1)), Image.fromarray(picture(*image, 2))
        b = b.resize(a.size, Image.BICUBIC) if a.size != b.size else b
        rows.append({"reference": list(reference), "image": list(image), "lpips": float(net(tensor(a), tensor(b)))})
    return rows


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    plain = clip_rows(*write_clip("clip", 3, False))
    other = clip_rows(*write_clip("clip-gelu", 4, True, eos=2, vision={"hidden_act": "gelu", "image_size": 28, "patch_size": 7},
                                  text={"hidden_act": "gelu"}))
    out = {"sizes": SIZES, "clip": plain, "clip-gelu": other, "blip2": blip2_rows(*write_blip2()),
           **{f"lpips-{k}": lpips_rows(narrow(k)) for k in ("alex", "vgg", "squeeze")}}
    for path in OUT.rglob("*.safetensors"):
        path.chmod(0o644)
    (OUT / "scores.json").write_text(json.dumps(out, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
