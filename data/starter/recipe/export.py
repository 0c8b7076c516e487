# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the starter model's folder from the checkpoints: averaged weights in float16, in Stable Diffusion 1.5's layout.

`--freeze-vae` fixes the autoencoder that the U-Net learns with, and the number that gives its latents unit deviation;
it comes between train_vae.py and train_unet.py. Without it everything is written to the model's folder.
"""
import argparse
import json
import os
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

import scenes
from common import cache_dir, device, fail, load_checkpoint, save_checkpoint, to_tensor
from train_clip import Words
from train_unet import build_unet, load_text
from train_vae import build as build_vae

FOLDER = Path(__file__).resolve().parent.parent
SHARD_BYTES = 14_000_000
LICENCE = {"format": "pt", "license": "GPL-3.0-or-later", "title": "Giverny starter"}


@torch.no_grad()
def latents_of(vae, count, first_seed=30_000_000):
    out, pictures = [], []
    for k in range(count):
        x = to_tensor(scenes.draw(scenes.sample_scene(first_seed + k), 256, 256)[None]).to(device())
        out.append(vae.encode(x).latent_dist.mean)
        pictures.append(F.avg_pool2d(x, 8))
    return torch.cat(out), torch.cat(pictures)


def freeze_vae(count):
    saved = load_checkpoint("vae.pt")
    if not saved:
        fail("no autoencoder yet: train_vae.py comes first")
    vae = build_vae(**saved["config"])
    weights = averaged(vae, saved["trainer"])
    vae.load_state_dict(weights)
    latents, _ = latents_of(vae.eval(), count)
    scale = round(float(1 / latents.square().mean().sqrt()), 5)
    save_checkpoint("vae-frozen.pt", {"vae": weights, "config": saved["config"], "scaling_factor": scale})
    print("scaling factor", scale, "mean of each channel", (latents.mean((0, 2, 3)) * scale).tolist(),
          "deviation", (latents.std((0, 2, 3)) * scale).tolist())


def averaged(net, trainer):
    """Averages of a checkpoint by parameter name."""
    return {n: a for (n, _), a in zip(net.named_parameters(), trainer["averages"], strict=True)}


def half(state):
    return {k: v.detach().cpu().half().contiguous() for k, v in state.items() if v.is_floating_point()}


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2, default=list) + "\n")


def write_shard(path, tensors):
    save_file(tensors, str(path), LICENCE)
    path.chmod(0o644)


def write_weights(folder, stem, tensors):
    """One file, or shards of at most SHARD_BYTES with their index."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(stem + "*.safetensors*"):
        os.remove(old)
    shards, size = [{}], 0
    for name in sorted(tensors):
        n = tensors[name].numel() * tensors[name].element_size()
        if size + n > SHARD_BYTES:
            shards.append({})
            size = 0
        shards[-1][name] = tensors[name]
        size += n
    if len(shards) == 1:
        write_shard(folder / f"{stem}.safetensors", tensors)
        return
    where = {}
    for k, shard in enumerate(shards, 1):
        file = f"{stem}-{k:05d}-of-{len(shards):05d}.safetensors"
        write_shard(folder / file, shard)
        where.update({name: file for name in shard})
    total = sum(t.numel() * t.element_size() for t in tensors.values())
    write_json(folder / f"{stem}.safetensors.index.json", {"metadata": {"total_size": total}, "weight_map": where})


def config_of(net, **changes):
    keep = {k: v for k, v in net.config.items() if not k.startswith("_") and v is not None}
    return {**changes, **keep}


def preview(vae, scale, pictures):
    """Least squares from scaled latents to RGB in -1..1 at 1/8 size."""
    latents, pictures = latents_of(vae, pictures)
    a = (latents * scale).permute(0, 2, 3, 1).reshape(-1, 4).double()
    b = pictures.permute(0, 2, 3, 1).reshape(-1, 3).double()
    a = torch.cat([a, torch.ones(len(a), 1, dtype=a.dtype)], 1)
    fit = torch.linalg.lstsq(a, b).solution
    return {"factors": [[round(float(x), 5) for x in row] for row in fit[:4]], "bias": [round(float(x), 5) for x in fit[4]]}


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--freeze-vae", action="store_true")
    p.add_argument("--pictures", type=int, default=200, help="scenes for the scaling factor and the preview")
    p.add_argument("--out", type=Path, default=FOLDER)
    a = p.parse_args()
    torch.set_num_threads(1)
    if a.freeze_vae:
        freeze_vae(a.pictures)
        return
    words = Words()
    frozen, sharper = load_checkpoint("vae-frozen.pt"), load_checkpoint("decoder.pt")
    vae = build_vae(**frozen["config"])
    weights = dict(frozen["vae"])
    if sharper:
        weights.update({k: v for k, v in averaged(vae, sharper["trainer"]).items() if k.startswith(("decoder.", "post_quant_conv."))})
    vae.load_state_dict(weights)
    vae.eval()
    scale = frozen["scaling_factor"]
    unet, text_encoder = build_unet(), load_text(words)
    trained = load_checkpoint("unet.pt")
    if trained:
        unet.load_state_dict(trained["averaged"])
    out = a.out
    write_json(out / "model_index.json", {
        "_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.30.0", "feature_extractor": [None, None],
        "requires_safety_checker": False, "safety_checker": [None, None], "scheduler": ["diffusers", "EulerDiscreteScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"], "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"]})
    write_json(out / "scheduler/scheduler_config.json", {
        "_class_name": "EulerDiscreteScheduler", "_diffusers_version": "0.30.0", "beta_start": 0.00085, "beta_end": 0.012,
        "beta_schedule": "scaled_linear", "num_train_timesteps": 1000, "prediction_type": "v_prediction", "steps_offset": 1,
        "timestep_spacing": "linspace"})
    write_weights(out / "unet", "diffusion_pytorch_model", half(unet.state_dict()))
    write_json(out / "unet/config.json", config_of(unet, _class_name="UNet2DConditionModel", _diffusers_version="0.30.0"))
    write_weights(out / "vae", "diffusion_pytorch_model", half(vae.state_dict()))
    write_json(out / "vae/config.json", {**config_of(vae, _class_name="AutoencoderKL", _diffusers_version="0.30.0"), "scaling_factor": scale})
    text = {k if k.startswith("text_model.") else "text_model." + k: v for k, v in text_encoder.state_dict().items()}
    write_weights(out / "text_encoder", "model", half(text))
    c = text_encoder.config
    write_json(out / "text_encoder/config.json", {
        "architectures": ["CLIPTextModel"], "model_type": "clip_text_model", "torch_dtype": "float16",
        **{k: getattr(c, k) for k in ("vocab_size", "hidden_size", "intermediate_size", "projection_dim", "num_hidden_layers",
                                      "num_attention_heads", "max_position_embeddings", "hidden_act", "layer_norm_eps",
                                      "bos_token_id", "eos_token_id", "pad_token_id")}})
    (out / "tokenizer").mkdir(exist_ok=True)
    for file in (cache_dir() / "tokenizer").iterdir():
        (out / "tokenizer" / file.name).write_bytes(file.read_bytes())
    write_json(out / "preview.json", preview(vae, scale, a.pictures))
    files = [f for f in out.rglob("*") if f.suffix in (".safetensors", ".json", ".txt") and "recipe" not in f.parts]
    print(f"{sum(f.stat().st_size for f in files) / 1e6:.1f} MB, largest file {max(f.stat().st_size for f in files) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
