# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what the parity tests of LoRAs use: fixtures/lora/*.safetensors, a small file of each kind for the
model of make_models.py; fixtures/parity/lora.tsv, a recipe a row; and lora.safetensors with each row's
latents, by reference.py with weights that are merged here in float64, straight from the definitions.

    make_lora.py
"""

import json
import tempfile

import torch
from safetensors.torch import save_file

import make_models
import reference
from make_parity import BOAT, PARITY, UGLY, refuse_ties

LORA = make_models.FIXTURES / "lora"
COLUMNS = "name dtype loras merge cfg sampler steps seed".split()

BLOCK = "down_blocks.0.attentions.0.transformer_blocks.0"
ATTENTION = [f"{BLOCK}.{a}.{p}" for a in ("attn1", "attn2") for p in ("to_q", "to_k", "to_v", "to_out.0")]
UP = "up_blocks.1.attentions.1.transformer_blocks.0"
LINEAR = ATTENTION + [f"{UP}.attn1.to_v", f"{UP}.ff.net.0.proj", f"{UP}.ff.net.2", "mid_block.attentions.0.proj_in"]
CONV = ["down_blocks.0.resnets.0.conv1", "down_blocks.0.downsamplers.0.conv", "up_blocks.1.upsamplers.0.conv",
        "up_blocks.3.resnets.2.conv_shortcut", "mid_block.resnets.0.conv2"]
TEXT = [f"encoder.layers.{i}.{m}" for i in (0, 1) for m in ("self_attn.q_proj", "self_attn.v_proj", "mlp.fc1", "mlp.fc2")]


class Maker:
    """Files with their tensors, and for each layer a function from W to W' at a strength."""

    def __init__(self, shapes):
        self.shapes, self.random = shapes, torch.Generator().manual_seed(1)
        self.changes = {}  # file → [(part, parameter, W, strength → W')]

    def normal(self, *shape, scale=1.0):
        value = torch.randn(shape, generator=self.random, dtype=torch.float64) * scale
        return value.half().double()

    def shape(self, part, layer):
        return self.shapes[part, layer + ".weight"]

    def pair(self, shape, r, size):
        """down [r, in …], up [out, r …] whose product has entries of about `size`."""
        ones = (1,) * (len(shape) - 2)
        return self.normal(r, *shape[1:]), self.normal(shape[0], r, *ones, scale=size / r**0.5)

    def save(self, file, tensors, changes, metadata=None):
        values = {k: (v if torch.is_tensor(v) else torch.tensor(float(v))).half().contiguous() for k, v in tensors.items()}
        save_file(values, LORA / f"{file}.safetensors", metadata=metadata)
        self.changes[file] = changes


def product(up, down):
    return (up.flatten(1) @ down.flatten(1)).reshape(up.shape[0], *down.shape[1:])


def add(delta):
    return lambda w, s: w + s * delta.reshape(w.shape)


def kohya(part, layer):
    return ("lora_te_text_model_" if part == "text_encoder" else "lora_unet_") + layer.replace(".", "_")


def dotted(part, layer):
    return ("text_encoder.text_model." if part == "text_encoder" else "unet.") + layer


def plain(m, file, part, layers, r, alpha, size, name, ends):
    tensors, changes = {}, []
    for layer in layers:
        down, up = m.pair(m.shape(part, layer), r, size)
        key = name(part, layer)
        tensors[key + ends[0]], tensors[key + ends[1]] = down, up
        if alpha:
            tensors[key + ".alpha"] = alpha
        changes.append((part, layer + ".weight", add((alpha or r) / r * product(up, down))))
    m.save(file, tensors, changes)


def old_attention(part, layer):
    head, last = layer.removesuffix(".0").rsplit(".", 1)
    return f"{head}.processor.{last}_lora"


def tucker(m, file):
    tensors, changes = {}, []
    for layer in CONV[:3]:
        out, inside, *window = m.shape("unet", layer)
        down, mid = m.normal(3, inside, 1, 1), m.normal(3, 3, *window, scale=0.6)
        up = m.normal(out, 3, 1, 1, scale=0.02)
        key = kohya("unet", layer)
        tensors |= {key + ".lora_down.weight": down, key + ".lora_mid.weight": mid, key + ".lora_up.weight": up,
                    key + ".alpha": 2}
        delta = torch.einsum("or,rsxy,si->oixy", up[:, :, 0, 0], mid, down[:, :, 0, 0])
        changes.append(("unet", layer + ".weight", add(2 / 3 * delta)))
    m.save(file, tensors, changes)


def hadamard(m, file):
    tensors, changes = {}, []
    for layer in LINEAR[2:8] + CONV[:2]:
        shape, key, r = m.shape("unet", layer), kohya("unet", layer), 3
        columns = torch.Size(shape[1:]).numel()
        if len(shape) == 4 and shape[2] > 1:  # with cores
            t = [m.normal(r, r, *shape[2:], scale=0.5) for _ in range(2)]
            a = [m.normal(r, shape[0], scale=0.4) for _ in range(2)]
            b = [m.normal(r, shape[1], scale=0.4) for _ in range(2)]
            side = [torch.einsum("ijkl,jr,ip->prkl", t[i], b[i], a[i]) for i in range(2)]
            tensors |= {key + ".hada_t1": t[0], key + ".hada_t2": t[1]}
        else:
            a = [m.normal(shape[0], r, scale=0.3) for _ in range(2)]
            b = [m.normal(r, columns, scale=0.3) for _ in range(2)]
            side = [a[i] @ b[i] for i in range(2)]
        for i in range(2):
            tensors |= {key + f".hada_w{i + 1}_a": a[i], key + f".hada_w{i + 1}_b": b[i]}
        tensors[key + ".alpha"] = 2
        changes.append(("unet", layer + ".weight", add(2 / r * side[0] * side[1])))
    m.save(file, tensors, changes)


def kronecker(m, file):
    tensors, changes = {}, []
    for i, layer in enumerate(LINEAR[1:7] + CONV[:2]):
        out, inside, *window = m.shape("unet", layer)
        key, r = kohya("unet", layer), 2
        tensors[key + ".alpha"] = 1
        w1 = m.normal(4, 8, scale=0.5)
        tensors[key + ".lokr_w1"] = w1
        if window and i % 2:
            a, b, t = m.normal(r, out // 4, scale=0.3), m.normal(r, inside // 8, scale=0.3), m.normal(r, r, *window)
            tensors |= {key + ".lokr_w2_a": a, key + ".lokr_w2_b": b, key + ".lokr_t2": t}
            w2, scale = torch.einsum("ijkl,jr,ip->prkl", t, b, a), 1 / r
        elif i % 2:
            a, b = m.normal(out // 4, r, scale=0.3), m.normal(r, inside // 8, scale=0.3)
            tensors |= {key + ".lokr_w2_a": a, key + ".lokr_w2_b": b}
            w2, scale = a @ b, 1 / r
        else:
            w2, scale = m.normal(out // 4, inside // 8, *window, scale=0.1), 1
            tensors[key + ".lokr_w2"] = w2
        delta = torch.kron(w1.reshape(4, 8, *[1] * len(window)).contiguous(), w2.contiguous())
        changes.append(("unet", layer + ".weight", add(scale * delta)))
    m.save(file, tensors, changes)


def rows_of(w):
    return w.flatten(1).norm(dim=1).reshape(-1, *[1] * (w.dim() - 1))


def columns_of(w):
    return w.transpose(0, 1).flatten(1).norm(dim=1).reshape(1, -1, *[1] * (w.dim() - 2))


def decomposed(m, file, weights, kind):
    tensors, changes = {}, []
    for layer in LINEAR[4:9] + CONV[:1]:
        w = weights["unet", layer + ".weight"].double()
        down, up = m.pair(w.shape, 3, 0.03)
        delta = product(up, down).reshape(w.shape)
        length = columns_of(w) if kind == "columns" else rows_of(w)
        scale = (length * (1 + m.normal(*length.shape, scale=0.3))).half().double()
        key = dotted("unet", layer) if kind == "peft" else kohya("unet", layer)
        ends = (".lora_A.weight", ".lora_B.weight") if kind == "peft" else (".lora_down.weight", ".lora_up.weight")
        tensors |= {key + ends[0]: down, key + ends[1]: up}
        tensors[key + (".lora_magnitude_vector" if kind == "peft" else ".dora_scale")] = scale.flatten() if kind == "peft" else scale

        def change(w, s, delta=delta, scale=scale):
            new = w + delta
            measured = {"columns": columns_of(new), "rows": rows_of(w), "peft": rows_of(new)}[kind]
            return w + s * (new * scale / measured - w)

        changes.append(("unet", layer + ".weight", change))
    m.save(file, tensors, changes)


def full(m, file):
    tensors, changes = {}, []
    for layer in LINEAR[3:5] + LINEAR[9:10] + CONV[:1] + ["down_blocks.0.resnets.1.norm1", "conv_out"]:
        shape, key = m.shape("unet", layer), kohya("unet", layer)
        norm = len(shape) == 1
        delta = m.normal(*shape, scale=0.3 if norm else 0.02)
        tensors[key + (".w_norm" if norm else ".diff")] = delta
        changes.append(("unet", layer + ".weight", add(delta)))
        if ("unet", layer + ".bias") in m.shapes:
            bias = m.normal(shape[0], scale=0.2)
            tensors[key + (".b_norm" if norm else ".diff_b")] = bias
            changes.append(("unet", layer + ".bias", add(bias)))
    m.save(file, tensors, changes)


def rank_stabilised(m, file):
    tensors, changes = {}, []
    for layer in LINEAR[:6]:
        down, up = m.pair(m.shape("unet", layer), 4, 0.03)
        key = dotted("unet", layer)
        tensors |= {key + ".lora_A.weight": down, key + ".lora_B.weight": up}
        changes.append(("unet", layer + ".weight", add(6 / 4**0.5 * product(up, down))))
    config = {"unet.r": 4, "unet.lora_alpha": 6, "unet.use_rslora": True}
    m.save(file, tensors, changes, {"lora_adapter_metadata": json.dumps(config)})


def make_files(m, weights):
    LORA.mkdir(parents=True, exist_ok=True)
    plain(m, "kohya", "unet", LINEAR, 4, 2, 0.06, kohya, (".lora_down.weight", ".lora_up.weight"))
    plain(m, "peft", "unet", LINEAR, 3, None, 0.04, dotted, (".lora_A.weight", ".lora_B.weight"))
    plain(m, "processors", "unet", ATTENTION, 4, None, 0.04, old_attention, (".down.weight", ".up.weight"))
    plain(m, "convolutions", "unet", CONV, 4, 1, 0.1, kohya, (".lora_down.weight", ".lora_up.weight"))
    plain(m, "text", "text_encoder", TEXT, 4, 4, 0.05, kohya, (".lora_down.weight", ".lora_up.weight"))
    tucker(m, "tucker")
    hadamard(m, "hadamard")
    kronecker(m, "kronecker")
    for kind in ("columns", "rows", "peft"):
        decomposed(m, f"dora-{kind}", weights, kind)
    full(m, "full")
    rank_stabilised(m, "rank-stabilised")


def rows():
    def row(name, loras, **values):
        defaults = {"dtype": "f16", "merge": 0, "cfg": 7, "sampler": "euler", "steps": 3, "seed": 3}
        return {"name": name, **defaults, **values, "loras": loras}

    files = "kohya peft processors convolutions text tucker hadamard kronecker dora-columns dora-rows dora-peft full".split()
    for i, file in enumerate([*files, "rank-stabilised"]):
        yield row(file, f"{file}:1", sampler=reference.SAMPLERS[i % 6], cfg=(7, 1, 3)[i % 3], seed=i)
        if i % 4 < 2:
            yield row(f"{file}-weak", f"{file}:0.4", dtype=("f32", "bf16")[i % 2])
        if i % 4 > 1 or file in ("kohya", "text"):
            yield row(f"{file}-away", f"{file}:-0.7", steps=2)
    for dtype in ("f32", "f16", "bf16"):
        yield row(f"two-{dtype}", "kohya:0.8 convolutions:-0.5", dtype=dtype)
    yield row("three", "kohya:0.5 text:0.9 peft:0.6")
    yield row("texts", "text:1:0.3", cfg=3)
    yield row("same-twice", "kohya:0.5 kohya:0.25")
    yield row("mixed", "kohya:0.7 hadamard:0.6")
    yield row("order", "kohya:0.7 dora-columns:0.8")
    for file in ("kohya", "convolutions", "text", "tucker"):
        yield row(f"merged-{file}", f"{file}:0.9", merge=1)


def parse(loras):
    for word in loras.split():
        file, *numbers = word.split(":")
        strength = float(numbers[0])
        yield file, strength, float(numbers[1]) if len(numbers) > 1 else strength


def changed(model, original, changes, loras):
    """Loads W' into the networks; those that stay are put back."""
    state = {key: value.double().clone() for key, value in original.items()}
    for file, strength, text_strength in parse(loras):
        for part, name, change in changes[file]:
            s = text_strength if part == "text_encoder" else strength
            state[part, name] = change(state[part, name], s)
    for part, net in (("text_encoder", model.inner_text), ("unet", model.unet)):
        own = dict(net.named_parameters())
        for (p, name), value in state.items():
            if p == part:
                own[name].data.copy_(value.float())


def main():
    torch.set_grad_enabled(False)
    table, expected = list(rows()), {}
    with tempfile.TemporaryDirectory() as folder:
        models = {}
        for dtype in ("f16", "f32", "bf16"):
            make_models.build_folder(f"{folder}/{dtype}", dtype, [], False)
            model = reference.Model(f"{folder}/{dtype}")
            nets = (("text_encoder", model.inner_text), ("unet", model.unet))
            models[dtype] = model, {(p, n): v.clone() for p, net in nets for n, v in net.named_parameters()}
        weights = models["f16"][1]
        maker = Maker({key: tuple(value.shape) for key, value in weights.items()})
        make_files(maker, weights)
        for values in table:
            model, original = models[values["dtype"]]
            words = [f"--prompt={BOAT}", f"--negative={UGLY}", "--width=64", "--height=48", "--schedule=karras"]
            words += [f"--{key}={values[key]}" for key in ("cfg", "sampler", "steps", "seed")]
            recipe = reference.parse_recipe(words)
            refuse_ties(recipe, model)
            changed(model, original, {}, "")
            plain_latents = model.latents(recipe, recipe.seed)
            changed(model, original, maker.changes, values["loras"])
            latents = model.latents(recipe, recipe.seed)
            assert torch.isfinite(latents).all()
            expected[values["name"]] = latents[0].contiguous()
            effect = (latents - plain_latents).abs().max() / latents.std()
            print(f"{values['name']:24} {latents.std():9.4f}, changed by {effect:.3f}", flush=True)
    save_file(expected, PARITY / "lora.safetensors")
    with open(PARITY / "lora.tsv", "w", encoding="utf-8") as out:
        for values in [dict(zip(COLUMNS, COLUMNS)), *table]:
            out.write("\t".join(str(values[c]) for c in COLUMNS) + "\n")


if __name__ == "__main__":
    main()
