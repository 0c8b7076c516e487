# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small models with made-up weights in official layouts.

Nobody needs to store random numbers: each weight is offset + v·c·2^e, v from -15 to 15 by hashing the
tensor's name and the element's index. Such values are exact in f16 (and, but for the norms' weights,
in bf16), so that f32 and f16 files give the same picture. fixtures/models/sd-tiny.tsv lists the tensors with their c, e and
offset; tests/pipeline/tiny-model.c makes the same files from it.

The sizes of the branches are chosen so that what goes into each normalisation has a variance near to
the normalisation's epsilon, attention is far from uniform, and text and time matter: a wrong epsilon,
head, activation or token is then seen in the result.

    make_models.py fixtures                     rewrite the list, the configs and the tokenizer
    make_models.py build OUT [--single] [--dtype f32|f16|bf16] [--set unet/config.json:norm_eps=1e-2]
"""

import argparse
import json
import math
import pathlib

import numpy as np
import torch
from safetensors.torch import save_file

import names

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "fixtures"
MODELS = FIXTURES / "models"
TINY = MODELS / "sd-tiny"
DTYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}
FILES = {
    "text_encoder": "model.safetensors",
    "unet": "diffusion_pytorch_model.safetensors",
    "vae": "diffusion_pytorch_model.safetensors",
}
CLIP_VOCABULARY = 49408

WORDS = """a the of on in at and with red blue green boat lake sunset house hill tree bird cat dog painting
photo portrait woman man child water sky cloud snow forest mountain river city street night morning light
detailed quality best worst blurry ugly low high oil watercolour style garden pond lily bridge japanese
field poppy cathedral sun moon star sea harbour fog winter summer flower vase table chair window"""


def unet_config():
    return {
        "_class_name": "UNet2DConditionModel",
        "_diffusers_version": "0.6.0",
        "act_fn": "silu",
        "attention_head_dim": 8,
        "block_out_channels": [32, 64, 96, 96],
        "center_input_sample": False,
        "cross_attention_dim": 128,
        "down_block_types": ["CrossAttnDownBlock2D"] * 3 + ["DownBlock2D"],
        "downsample_padding": 1,
        "flip_sin_to_cos": True,
        "freq_shift": 0,
        "in_channels": 4,
        "layers_per_block": 2,
        "mid_block_scale_factor": 1,
        "norm_eps": 1e-05,
        "norm_num_groups": 32,
        "out_channels": 4,
        "sample_size": 8,
        "up_block_types": ["UpBlock2D"] + ["CrossAttnUpBlock2D"] * 3,
    }


def vae_config():
    return {
        "_class_name": "AutoencoderKL",
        "_diffusers_version": "0.6.0",
        "act_fn": "silu",
        "block_out_channels": [32, 32, 64, 96],
        "down_block_types": ["DownEncoderBlock2D"] * 4,
        "in_channels": 3,
        "latent_channels": 4,
        "layers_per_block": 2,
        "norm_num_groups": 32,
        "out_channels": 3,
        "sample_size": 64,
        "scaling_factor": 0.18215,
        "up_block_types": ["UpDecoderBlock2D"] * 4,
    }


def text_config(vocabulary):
    return {
        "architectures": ["CLIPTextModel"],
        "attention_dropout": 0.0,
        "bos_token_id": vocabulary - 2,
        "dropout": 0.0,
        "eos_token_id": vocabulary - 1,
        "hidden_act": "quick_gelu",
        "hidden_size": 128,
        "initializer_factor": 1.0,
        "initializer_range": 0.02,
        "intermediate_size": 512,
        "layer_norm_eps": 1e-05,
        "max_position_embeddings": 77,
        "model_type": "clip_text_model",
        "num_attention_heads": 2,
        "num_hidden_layers": 3,
        "pad_token_id": 1,
        "projection_dim": 128,
        "torch_dtype": "float32",
        "vocab_size": vocabulary,
    }


SCHEDULER = {
    "_class_name": "PNDMScheduler",
    "_diffusers_version": "0.6.0",
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "clip_sample": False,
    "num_train_timesteps": 1000,
    "prediction_type": "epsilon",
    "set_alpha_to_one": False,
    "skip_prk_steps": True,
    "steps_offset": 1,
    "trained_betas": None,
}

MODEL_INDEX = {
    "_class_name": "StableDiffusionPipeline",
    "_diffusers_version": "0.6.0",
    "feature_extractor": [None, None],
    "requires_safety_checker": False,
    "safety_checker": [None, None],
    "scheduler": ["diffusers", "PNDMScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
}


# The tokenizer


def byte_alphabet():
    """CLIP's 256 printable stand-ins for bytes: the printable ones first, in the ids' order."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [b for b in range(256) if b not in plain]
    return [chr(b) for b in plain] + [chr(256 + i) for i in range(len(rest))]


def learn_merges(words, count):
    """Byte pair encoding (Sennrich et al. 2016) on a list of words, ties by spelling."""
    pieces = [[*w[:-1], w[-1] + "</w>"] for w in words]
    merges = []
    while len(merges) < count:
        pairs = {}
        for p in pieces:
            for pair in zip(p, p[1:]):
                pairs[pair] = pairs.get(pair, 0) + 1
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        for p in pieces:
            i = 0
            while i + 1 < len(p):
                if (p[i], p[i + 1]) == best:
                    p[i : i + 2] = ["".join(best)]
                i += 1
    return merges


def tokenizer_files(merges):
    alphabet = byte_alphabet()
    tokens = alphabet + [c + "</w>" for c in alphabet] + ["".join(m) for m in merges]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    assert len(set(tokens)) == len(tokens)
    special = {"normalized": True, "lstrip": False, "rstrip": False, "single_word": False}
    start = {"content": "<|startoftext|>", **special}
    end = {"content": "<|endoftext|>", **special}
    return {
        "vocab.json": json.dumps({t: i for i, t in enumerate(tokens)}, ensure_ascii=False),
        "merges.txt": "#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges),
        "special_tokens_map.json": dumps(
            {"bos_token": start, "eos_token": end, "pad_token": "<|endoftext|>", "unk_token": end}
        ),
        "tokenizer_config.json": dumps(
            {
                "add_prefix_space": False,
                "bos_token": {"__type": "AddedToken", **start},
                "do_lower_case": True,
                "eos_token": {"__type": "AddedToken", **end},
                "errors": "replace",
                "model_max_length": 77,
                "pad_token": "<|endoftext|>",
                "tokenizer_class": "CLIPTokenizer",
                "unk_token": {"__type": "AddedToken", **end},
            }
        ),
    }, len(tokens)


def dumps(value):
    return json.dumps(value, indent=2) + "\n"


# The weights


# How large the sums are that run along the residual blocks.
STREAM = {"unet": 0.012, "vae": 0.004, "text_encoder": 0.015}


def wanted_std(part, name, shape):
    """Standard deviation and offset of a tensor's elements."""
    stem, leaf = name.rsplit(".", 1)
    last = stem.split(".")[-1]
    fan_in = math.prod(shape[1:])
    if len(shape) == 1 and "norm" in last:
        return (0.2, 1) if leaf == "weight" else (0.15, 0)
    out = output_std(part, name)
    if leaf == "bias":
        carries_on = out == 1 and not name.startswith(("post_quant", "quant"))
        carries_on = carries_on and ".ff." not in name
        return 0.25 * (STREAM[part] if carries_on else out), 0
    if "embedding" in last and part == "text_encoder":
        return (0.02 if last == "token_embedding" else 0.01), 0
    return out / math.sqrt(fan_in), 0


def output_std(part, name):
    """How large a layer's output is for inputs of about 1, before its bias."""
    stream = STREAM[part]
    if part == "text_encoder":
        if ".q_proj" in name or ".k_proj" in name:
            return 1.4
        return 2 * stream if ".out_proj" in name or ".fc2" in name else 1.2
    if name.startswith("time_embedding") or "time_emb_proj" in name:
        return 1.3
    if name.startswith(("quant_conv", "post_quant_conv")):
        return 1
    if name.startswith("decoder.conv_in"):
        return stream / 100
    if "conv_in" in name:
        return stream
    if "conv_out" in name:
        return {"unet": 1.6, "vae": 0.9}[part]
    if "conv1" in name:
        return 1.6
    if "conv2" in name:
        return 1.6 * stream
    if ".to_q" in name or ".to_k" in name:
        return 1.15
    if ".attn2.to_out" in name:
        return stream
    if ".to_out" in name or ".ff.net.2" in name:
        return 2 * stream
    if ".proj_in" in name:
        return stream
    return 1  # shortcuts, samplers, to_v, proj_out, the feed-forward's first layer


def quantise(std):
    """(c, e), c = 8…15, so that v·c·2^e has about this deviation; v's own is sqrt (80)."""
    unit = std / math.sqrt(80)
    e = math.floor(math.log2(unit)) - 3
    c = round(unit / 2.0**e)
    return (8, e + 1) if c == 16 else (c, e)


def hashed(part, name, shape, c, e, offset):
    """The tensor's values, float32."""
    seed = 2166136261
    for byte in f"{part}/{name}".encode():
        seed = (seed ^ byte) * 16777619 & 0xFFFFFFFF
    h = np.arange(math.prod(shape), dtype=np.uint32) * np.uint32(0x9E3779B9) + np.uint32(seed)
    h ^= h >> np.uint32(16)
    h *= np.uint32(0x85EBCA6B)
    h ^= h >> np.uint32(13)
    h *= np.uint32(0xC2B2AE35)
    h ^= h >> np.uint32(16)
    v = ((h >> np.uint32(8)) % np.uint32(31)).astype(np.int32) - 15
    return torch.from_numpy((offset + v * (c * 2.0**e)).astype(np.float32).reshape(shape))


def network_shapes(vocabulary):
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel

    with torch.device("meta"):
        nets = {
            "text_encoder": CLIPTextModel(CLIPTextConfig(**text_config(vocabulary))),
            "unet": UNet2DConditionModel.from_config(unet_config()),
            "vae": AutoencoderKL.from_config(vae_config()),
        }
    for part, net in nets.items():
        for name, tensor in net.state_dict().items():
            if not name.endswith("position_ids"):
                yield part, name.removeprefix("text_model."), tuple(tensor.shape)


def write_fixtures():
    tokenizer, vocabulary = tokenizer_files(learn_merges(WORDS.split(), 220))
    files = {
        "model_index.json": dumps(MODEL_INDEX),
        "scheduler/scheduler_config.json": dumps(SCHEDULER),
        "text_encoder/config.json": dumps(text_config(vocabulary)),
        "unet/config.json": dumps(unet_config()),
        "vae/config.json": dumps(vae_config()),
    }
    files |= {f"tokenizer/{name}": text for name, text in tokenizer.items()}
    for name, text in files.items():
        (TINY / name).parent.mkdir(parents=True, exist_ok=True)
        (TINY / name).write_text(text, encoding="utf-8")
    with open(MODELS / "sd-tiny.tsv", "w", encoding="utf-8") as out:
        out.write("part\tname\tshape\tsingle_name\tsingle_shape\tc\te\toffset\n")
        for part, name, shape in network_shapes(vocabulary):
            std, offset = wanted_std(part, name, shape)
            c, e = quantise(std)
            single = names.single_shape(part, name, shape)
            if name == "embeddings.token_embedding.weight":
                single = (CLIP_VOCABULARY, shape[1])
            row = [part, name, times(shape), names.to_single(part, name), times(single), c, e, offset]
            out.write("\t".join(map(str, row)) + "\n")


def times(shape):
    return "x".join(map(str, shape))


def read_list():
    with open(MODELS / "sd-tiny.tsv", encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            part, name, shape, single_name, single_shape, c, e, offset = line.rstrip("\n").split("\t")
            yield (
                part,
                name,
                tuple(map(int, shape.split("x"))),
                single_name,
                tuple(map(int, single_shape.split("x"))),
                int(c),
                int(e),
                int(offset),
            )


OLD_VAE_NAMES = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}


def old_folder_name(part, name):
    """Text encoders without "text_model." (transformers 5.6 on), VAE attention as in diffusers 0.16."""
    if part == "vae" and ".attentions.0." in name:
        for new, old in OLD_VAE_NAMES.items():
            name = name.replace(f".{new}.", f".{old}.")
    return name


def build_folder(out, dtype, settings=(), old=False):
    """`old`: names that some programs wrote, not today's."""
    out = pathlib.Path(out)
    for path in sorted(TINY.rglob("*.*")):
        text = path.read_text(encoding="utf-8")
        relative = path.relative_to(TINY).as_posix()
        for file, key, value in settings:
            if file == relative:
                config = json.loads(text)
                config[key] = value
                text = dumps(config)
        (out / relative).parent.mkdir(parents=True, exist_ok=True)
        (out / relative).write_text(text, encoding="utf-8")
    tensors = {part: {} for part in FILES}
    for part, name, shape, _, _, c, e, offset in read_list():
        value = hashed(part, name, shape, c, e, offset).to(DTYPES[dtype])
        prefix = "text_model." if part == "text_encoder" and not old else ""
        tensors[part][prefix + (old_folder_name(part, name) if old else name)] = value
    for part, file in FILES.items():
        save_file(tensors[part], out / part / file, metadata={"format": "pt"})


def build_single(out, dtype, old=False):
    """`old`: text encoder without "text_model.", as the first files had it."""
    tensors = {}
    for part, name, _, single_name, single_shape, c, e, offset in read_list():
        value = hashed(part, name, single_shape, c, e, offset)
        if old:
            single_name = single_name.replace(".text_model.", ".")
        tensors[single_name] = value.to(DTYPES[dtype])
    save_file(tensors, out)


def parse_setting(text):
    where, value = text.split("=", 1)
    file, key = where.rsplit(":", 1)
    return file, key, json.loads(value)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("fixtures")
    build = verbs.add_parser("build")
    build.add_argument("out")
    build.add_argument("--single", action="store_true")
    build.add_argument("--old", action="store_true", help="names of older programs")
    build.add_argument("--dtype", choices=DTYPES, default="f16")
    build.add_argument("--set", action="append", default=[], type=parse_setting)
    args = parser.parse_args()
    if args.verb == "fixtures":
        write_fixtures()
    elif args.single:
        build_single(args.out, args.dtype, args.old)
    else:
        build_folder(args.out, args.dtype, args.set, args.old)


if __name__ == "__main__":
    main()
