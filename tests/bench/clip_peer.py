# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""CLIP ViT-B/32 at full size with random weights: this engine and PyTorch on the same processor, in turns.

    clip_peer.py GIVERNY_CLI [ROUNDS]

Needs what tests/oracle/make_scorers.py needs. Writes the model to a temporary folder, scores the same
pictures with both, compares the cosines, and prints seconds a picture. The engine's start and the reading of weights are
taken out by a run with one picture.
"""
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import torch
from PIL import Image
from transformers import CLIPConfig, CLIPModel, CLIPTokenizer
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/oracle"))
from make_score import picture  # noqa: E402
from make_scorers import randomise  # noqa: E402

PICTURES = 9
PROMPT = "a red boat on a lake"


def write_model(folder):
    end = "<|endoftext|>"
    tokenizer = CLIPTokenizer.from_pretrained(str(ROOT / "data/starter/tokenizer"), bos_token="<|startoftext|>", eos_token=end,
                                              unk_token=end, pad_token=end)
    config = CLIPConfig(text_config={"eos_token_id": tokenizer.eos_token_id})
    net = randomise(CLIPModel(config), 9)
    net.half().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    processor = CLIPImageProcessorPil()
    processor.save_pretrained(folder)
    return net.float(), tokenizer, processor


def ours(cli, folder, files):
    start = time.perf_counter()
    out = subprocess.run([*cli, "score", "--prompt", PROMPT, "--clip", str(folder), "--format", "json", *files], check=True,
                         capture_output=True, text=True).stdout
    return time.perf_counter() - start, [row["clip"] for row in json.loads(out)]


@torch.no_grad()
def theirs(net, tokenizer, processor, files):
    start = time.perf_counter()
    pixels = processor(images=[Image.open(f) for f in files], return_tensors="pt").pixel_values
    seen = net.get_image_features(pixel_values=pixels)
    read = net.get_text_features(**tokenizer(PROMPT, return_tensors="pt"))
    seen, read = (x if torch.is_tensor(x) else x.pooler_output for x in (seen, read))
    return time.perf_counter() - start, torch.nn.functional.cosine_similarity(seen, read).tolist()


def main():
    cli, rounds = sys.argv[1].split(), int(sys.argv[2]) if len(sys.argv) > 2 else 3
    with tempfile.TemporaryDirectory() as folder:
        model = pathlib.Path(folder) / "model"
        net, tokenizer, processor = write_model(model)
        files = []
        for k in range(PICTURES):
            files.append(str(pathlib.Path(folder) / f"{k}.png"))
            Image.fromarray(picture(300 + k, 260, k)).save(files[-1])
        a, b, error = [], [], 0.0
        for _ in range(rounds):
            alone, _ = ours(cli, model, files[:1])
            whole, mine = ours(cli, model, files)
            a.append((whole - alone) / (PICTURES - 1))
            seconds, their = theirs(net, tokenizer, processor, files)
            b.append(seconds / PICTURES)
            error = max(error, max(abs(x - y) for x, y in zip(mine, their)))
    print(f"this engine {statistics.median(a):.3f} s a picture, PyTorch {statistics.median(b):.3f} s; largest difference {error:.1e}")


if __name__ == "__main__":
    main()
