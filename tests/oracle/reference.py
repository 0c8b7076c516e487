# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A second, plain way from a prompt to a picture, to compare Giverny's engine with.

The networks are diffusers' and transformers', in float32 on the CPU; everything around them (prompt
weights, chunks, noise, noise levels, samplers) is written here once more, as simply as can be. The
options are giverny-cli's own:

    reference.py --model FOLDER|FILE.safetensors --prompt "a red boat" --width 64 --height 64 \\
        --steps 4 --sampler euler_a --latents-out latents.safetensors --out picture.png
"""

import argparse
import contextlib
import json
import math
import pathlib
import re
import warnings

import numpy as np
import torch
from safetensors.torch import load_file, save_file

import names

warnings.filterwarnings("ignore")

# A group of a single value is no error: it becomes 0, as a crop of one cell needs it.
torch.nn.functional._verify_batch_size = lambda size: None

SAMPLERS = ("euler", "euler_a", "heun", "dpmpp_2m", "ddim", "lcm")
SCHEDULES = ("normal", "karras", "exponential", "simple", "sgm_uniform", "beta")


# Prompts


def parse_weights(text, weight=1.0):
    """[(piece, weight)] of "(a:1.2) b"; backslash-escaped parentheses are already stand-ins."""
    pieces, plain, i = [], "", 0
    while i < len(text):
        end = closing(text, i) if text[i] == "(" else None
        if end is None:
            plain += text[i]
            i += 1
            continue
        if plain:
            pieces.append((plain, weight))
            plain = ""
        inner, inner_weight = text[i + 1 : end], weight * 1.1
        colon = inner.rfind(":")
        if colon > 0:
            with contextlib.suppress(ValueError):
                inner_weight, inner = float(inner[colon + 1 :]), inner[:colon]
        pieces += parse_weights(inner, inner_weight)
        i = end + 1
    return pieces + ([(plain, weight)] if plain else [])


def closing(text, start):
    depth = 0
    for i in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if depth == 0:
            return i
    return None


def prompt_pieces(prompt):
    hidden = prompt.replace("\\(", "\0").replace("\\)", "\1")
    return [
        (piece.replace("\0", "(").replace("\1", ")"), weight) for piece, weight in parse_weights(hidden)
    ]


def fill_chunks(pieces, start, end, pad):
    """Pieces [(ids, weight)] to chunks of 77 [(id, weight)]."""
    chunks, chunk = [], []

    def close():
        row = [(start, 1.0), *chunk, (end, 1.0)]
        chunks.append(row + [(pad, 1.0)] * (77 - len(row)))
        chunk.clear()

    for ids, weight in pieces:
        rest = list(ids)
        may_cut = len(rest) >= 8
        while rest:
            room = 75 - len(chunk)
            take = len(rest) if len(rest) <= room else (room if may_cut else 0)
            chunk += [(i, weight) for i in rest[:take]]
            rest = rest[take:]
            if rest:
                close()
    close()
    return chunks


# Noise levels


def model_sigmas(config):
    n = config.get("num_train_timesteps", 1000)
    start, end = config.get("beta_start", 0.00085), config.get("beta_end", 0.012)
    kind = config.get("beta_schedule", "scaled_linear")
    if config.get("trained_betas") is not None:
        betas = np.array(config["trained_betas"], dtype=np.float64)
    elif kind == "scaled_linear":
        betas = np.linspace(math.sqrt(start), math.sqrt(end), n, dtype=np.float64) ** 2
    elif kind == "linear":
        betas = np.linspace(start, end, n, dtype=np.float64)
    else:
        raise SystemExit(f"beta_schedule {kind} is not known here")
    product = np.cumprod(1 - betas)
    return np.sqrt((1 - product) / product)


def schedule_sigmas(name, n, table):
    last = len(table) - 1
    high, low = table[last], table[0]
    if name in ("normal", "sgm_uniform"):
        t = np.linspace(last, 0, n) if name == "normal" else np.linspace(last, 0, n + 1)[:-1]
        sigmas = np.exp(np.interp(t, np.arange(last + 1), np.log(table)))
    elif name == "karras":
        a, b = high ** (1 / 7), low ** (1 / 7)
        sigmas = np.array([(a + i / max(n - 1, 1) * (b - a)) ** 7 for i in range(n)])
    elif name == "exponential":
        sigmas = np.exp(np.linspace(math.log(high), math.log(low), n))
    elif name == "simple":
        sigmas = np.array([table[last - i * (last + 1) // n] for i in range(n)])
    elif name == "beta":
        from scipy.stats import beta

        t = np.rint(last * beta.ppf(1 - np.arange(n) / n, 0.6, 0.6)).astype(int)
        sigmas = table[list(dict.fromkeys(t))]
    else:
        raise SystemExit(f"--schedule {name} is not known here")
    return [float(s) for s in sigmas] + [0.0]


# Samplers: x at sigmas[0] to x at sigmas[-1]; denoise (x, sigma) gives x0


def sample_euler(x, sigmas, denoise, noise):
    for s, s1 in zip(sigmas, sigmas[1:]):
        x = x + (x - denoise(x, s)) / s * (s1 - s)
    return x


def sample_euler_a(x, sigmas, denoise, noise):
    for s, s1 in zip(sigmas, sigmas[1:]):
        x0 = denoise(x, s)
        if s1 == 0:
            return x0
        up = min(s1, math.sqrt(s1**2 * (s**2 - s1**2) / s**2))
        down = math.sqrt(s1**2 - up**2)
        x = x + (x - x0) / s * (down - s) + up * noise()
    return x


def sample_heun(x, sigmas, denoise, noise):
    for s, s1 in zip(sigmas, sigmas[1:]):
        d = (x - denoise(x, s)) / s
        guess = x + d * (s1 - s)
        if s1 == 0:
            return guess
        d1 = (guess - denoise(guess, s1)) / s1
        x = x + (d + d1) / 2 * (s1 - s)
    return x


def sample_dpmpp_2m(x, sigmas, denoise, noise):
    before, h_before = None, None
    for s, s1 in zip(sigmas, sigmas[1:]):
        x0 = denoise(x, s)
        if s1 == 0:
            return x0
        h = math.log(s) - math.log(s1)
        blend = x0
        if before is not None:
            r = h_before / h
            blend = (1 + 1 / (2 * r)) * x0 - 1 / (2 * r) * before
        x = s1 / s * x - math.expm1(-h) * blend
        before, h_before = x0, h
    return x


def sample_lcm(x, sigmas, denoise, noise):
    for s, s1 in zip(sigmas, sigmas[1:]):
        x = denoise(x, s)
        if s1 > 0:
            x = x + s1 * noise()
    return x


RUN = {
    "euler": sample_euler,
    "ddim": sample_euler,
    "euler_a": sample_euler_a,
    "heun": sample_heun,
    "dpmpp_2m": sample_dpmpp_2m,
    "lcm": sample_lcm,
}


# Regions


def parse_region(words):
    """"X,Y,W,H[,S]:TEXT" as a recipe's JSON has it."""
    box, _, text = words.partition(":")
    sides = box.split(",")
    region = {"strength": float(sides[4]) if len(sides) == 5 else 1.0, "text": text}
    if sides[0].endswith("%"):
        return {**region, "part": [float(s[:-1]) / 100 for s in sides[:4]]}
    return {**region, "box": [int(s) for s in sides[:4]]}


def region_cells(region, height, width):
    """(top, bottom, left, right) in latent cells, cut at the picture's borders."""
    if "part" in region:
        x, y, w, h = (round(p * n) for p, n in zip(region["part"], (width, height) * 2))
        w, h = max(1, w), max(1, h)
    else:
        x, y, w, h = (side // 8 for side in region["box"])
    return max(y, 0), min(y + h, height), max(x, 0), min(x + w, width)


def feather(start, end, size):
    """One axis of a crop: ramps of at most 8 cells at the edges that are not the picture's own."""
    n = end - start
    r = min(8, n // 4)
    v = np.ones(n)
    for t in range(r):
        if start != 0:
            v[t] *= (t + 1) / r
        if end != size:
            v[n - 1 - t] *= (t + 1) / r
    return v


def region_weights(region, height, width):
    """[height, width], 0 outside the box."""
    top, bottom, left, right = region_cells(region, height, width)
    out = np.zeros((height, width))
    rows, columns = feather(top, bottom, height), feather(left, right, width)
    if region.get("whole"):
        rows, columns = np.ones_like(rows), np.ones_like(columns)
    out[top:bottom, left:right] = region.get("strength", 1.0) * rows[:, None] * columns[None]
    return out


class MaskedAttention:
    """diffusers' attention, where the text of each area is asked for by itself and counts by its mask."""

    def __init__(self):
        self.contexts = None  # [1, tokens, width], the background's first
        self.masks = None  # by number of positions: [positions, areas], sums are 1

    def set_masks(self, regions, height, width, levels):
        weights = np.stack([region_weights(r, height, width) for r in regions])
        weights = np.concatenate([np.maximum(0, 1 - weights.sum(0))[None], weights])
        self.masks = {}
        for level in range(levels):
            n = 2**level
            means = [
                [weights[:, y : y + n, x : x + n].mean((1, 2)) for x in range(0, width, n)]
                for y in range(0, height, n)
            ]
            means = np.array(means).reshape(-1, len(weights))
            shares = torch.tensor(means / means.sum(1, keepdims=True), dtype=torch.float32)
            self.masks[len(means)] = shares

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, attention_mask=None, **kwargs):
        contexts = [hidden_states] if encoder_hidden_states is None else self.contexts
        q = self.heads(attn, attn.to_q(hidden_states))
        out = 0
        for i, context in enumerate(contexts):
            k, v = self.heads(attn, attn.to_k(context)), self.heads(attn, attn.to_v(context))
            part = torch.softmax(q @ k.transpose(-1, -2) * attn.scale, -1) @ v
            part = part.transpose(1, 2).flatten(2)
            if encoder_hidden_states is not None:
                part = part * self.masks[part.shape[1]][None, :, i, None]
            out = out + part
        return attn.to_out[0](out)

    @staticmethod
    def heads(attn, x):
        return x.unflatten(-1, (attn.heads, -1)).transpose(1, 2)


# Models


def clip_tokenizer_from_merges(path):
    """CLIP's own vocabulary from the list of merges that open_clip carries (bpe_simple_vocab_16e6)."""
    import gzip

    from transformers import CLIPTokenizer

    from make_models import byte_alphabet

    data = pathlib.Path(path).read_bytes()
    lines = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode().split("\n")
    merges = [tuple(line.split()) for line in lines[1 : 49152 - 256 - 2 + 1]]
    alphabet = byte_alphabet()
    tokens = alphabet + [c + "</w>" for c in alphabet] + ["".join(m) for m in merges]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(vocab={t: i for i, t in enumerate(tokens)}, merges=merges), merges, tokens


def find_merges():
    root = pathlib.Path(__file__).resolve().parent.parent.parent
    for path in sorted((root / "data" / "vocabularies").glob("clip-merges.txt*")):
        return path
    import importlib.util

    spec = importlib.util.find_spec("open_clip")
    if spec:
        return pathlib.Path(spec.origin).parent / "bpe_simple_vocab_16e6.txt.gz"
    raise SystemExit("CLIP's merges are not found: give --merges bpe_simple_vocab_16e6.txt.gz")


class Model:
    """Text encoder, U-Net, VAE, tokenizer and scheduler settings of a folder or a single file."""

    def __init__(self, path, merges=None, v_prediction=False):
        path = pathlib.Path(path)
        if path.is_dir():
            self._open_folder(path)
        else:
            self._open_single(path, merges)
        if v_prediction:
            self.scheduler = {**self.scheduler, "prediction_type": "v_prediction"}
        for net in (self.text, self.unet, self.vae):
            net.eval().requires_grad_(False).float()
        self.table = model_sigmas(self.scheduler)
        self.log_table = np.log(self.table)

    def _open_folder(self, path):
        from transformers import CLIPTextConfig, CLIPTokenizer

        self.scheduler = read_json(path / "scheduler" / "scheduler_config.json")
        self.tokenizer = CLIPTokenizer.from_pretrained(path / "tokenizer")
        text = read_json(path / "text_encoder" / "config.json")
        unet = read_json(path / "unet" / "config.json")
        vae = read_json(path / "vae" / "config.json")
        states = {part: read_part(path / part) for part in ("text_encoder", "unet", "vae")}
        self._make(CLIPTextConfig(**text), unet, vae, states)

    def _open_single(self, path, merges):
        from transformers import CLIPTextConfig

        tensors = load_file(path)
        self.scheduler = {"prediction_type": "v_prediction" if "v_pred" in tensors else "epsilon"}
        self.tokenizer = clip_tokenizer_from_merges(merges or find_merges())[0]
        configs, states = from_single(tensors)
        self._make(CLIPTextConfig(**configs[0]), configs[1], configs[2], states)

    def _make(self, text_config, unet_config, vae_config, states):
        from diffusers import AutoencoderKL, UNet2DConditionModel
        from transformers import CLIPTextModel

        # Eager attention: plain products, the same sums on every machine.
        text_config._attn_implementation = "eager"
        with torch.device("meta"):
            self.text = CLIPTextModel(text_config)
            self.unet = UNet2DConditionModel.from_config(unet_config)
            self.vae = AutoencoderKL.from_config(vae_config)
        self.text.to_empty(device="cpu")
        own = {k.removeprefix("text_model."): v for k, v in states["text_encoder"].items()}
        inner = getattr(self.text, "text_model", self.text)
        inner.embeddings.position_ids = torch.arange(text_config.max_position_embeddings)[None]
        load(inner, own)
        load(self.unet, states["unet"])
        load(self.vae, modern_vae_names(states["vae"]))
        self.inner_text = inner
        self.scaling = getattr(self.vae.config, "scaling_factor", None) or 0.18215
        self.shift = getattr(self.vae.config, "shift_factor", None) or 0.0

    # The prompt's vectors [1, 77 · chunks, width]

    def encode(self, prompt, clip_skip=1):
        token = self.tokenizer
        pieces = [
            (token(piece, add_special_tokens=False).input_ids, weight)
            for piece, weight in prompt_pieces(prompt)
        ]
        chunks = fill_chunks(pieces, token.bos_token_id, token.eos_token_id, token.pad_token_id)
        empty = None
        if any(w != 1 for chunk in chunks for _, w in chunk):
            blank = fill_chunks([], token.bos_token_id, token.eos_token_id, token.pad_token_id)[0]
            empty = self.text_states([i for i, _ in blank], clip_skip)
        rows = []
        for chunk in chunks:
            states = self.text_states([i for i, _ in chunk], clip_skip)
            if empty is not None:
                w = torch.tensor([w for _, w in chunk], dtype=torch.float32)[:, None]
                states = empty + w * (states - empty)
            rows.append(states)
        return torch.cat(rows)[None]

    def text_states(self, ids, clip_skip=1):
        layers = self.inner_text.encoder.layers
        kept = []
        hook = layers[len(layers) - clip_skip].register_forward_hook(
            lambda module, args, out: kept.append(out[0] if isinstance(out, tuple) else out)
        )
        self.text(input_ids=torch.tensor([ids]))
        hook.remove()
        return self.inner_text.final_layer_norm(kept[0])[0]

    def denoise(self, x, sigma, context):
        t = int(np.argmin(np.abs(self.log_table - math.log(sigma))))
        scaled = x / math.sqrt(sigma**2 + 1)
        out = self.unet(scaled, t, encoder_hidden_states=context).sample
        if self.scheduler.get("prediction_type") == "v_prediction":
            return x / (sigma**2 + 1) - out * sigma / math.sqrt(sigma**2 + 1)
        return x - sigma * out

    def blend(self, x, sigma, contexts, regions):
        """The background everywhere with weight 1, each region on its crop with its weights."""
        h, w = x.shape[2:]
        total = self.denoise(x, sigma, contexts[0])
        weights = torch.ones(h, w)
        for region, context in zip(regions, contexts[1:]):
            own = torch.tensor(region_weights(region, h, w), dtype=torch.float32)
            t, b, l, r = (0, h, 0, w) if region.get("whole") else region_cells(region, h, w)
            x0 = self.denoise(x[:, :, t:b, l:r], sigma, context)
            total[:, :, t:b, l:r] += own[t:b, l:r] * x0
            weights += own
        return total / weights

    @contextlib.contextmanager
    def attention_regions(self, recipe):
        """Puts masks into every attention of the U-Net, and gives the function that asks it."""
        masked = MaskedAttention()
        levels = len(self.unet.config.block_out_channels)
        masked.set_masks(recipe.regions, recipe.height // 8, recipe.width // 8, levels)
        before = self.unet.attn_processors
        self.unet.set_attn_processor(masked)

        def ask(x, sigma, contexts):
            masked.contexts = contexts
            return self.denoise(x, sigma, contexts[0])

        yield ask
        self.unet.set_attn_processor(before)

    def latents(self, recipe, seed):
        if recipe.regions and recipe.region_mode == "attention":
            with self.attention_regions(recipe) as ask:
                return self.latents_by(recipe, seed, ask)
        return self.latents_by(
            recipe, seed, lambda x, sigma, contexts: self.blend(x, sigma, contexts, recipe.regions)
        )

    def latents_by(self, recipe, seed, ask):
        texts = [recipe.prompt] + [r["text"] for r in recipe.regions]
        refused = [recipe.negative] + [r.get("negative") or recipe.negative for r in recipe.regions]
        positive = [self.encode(text, recipe.clip_skip) for text in texts]
        negative = [self.encode(text, recipe.clip_skip) for text in refused] if recipe.cfg != 1 else None

        def denoise(x, sigma):
            p = ask(x, sigma, positive)
            if negative is None:
                return p
            u = ask(x, sigma, negative)
            return u + recipe.cfg * (p - u)

        shape = (1, self.unet.config.in_channels, recipe.height // 8, recipe.width // 8)
        first = torch.Generator().manual_seed(seed)
        later = torch.Generator().manual_seed((seed + 1) % 2**64)
        sigmas = schedule_sigmas(recipe.schedule, recipe.steps, self.table)
        x = torch.randn(shape, generator=first) * math.sqrt(1 + sigmas[0] ** 2)
        return RUN[recipe.sampler](x, sigmas, denoise, lambda: torch.randn(shape, generator=later))

    def picture(self, latents):
        """8-bit [h, w, 3]."""
        x = self.vae.decode(latents / self.scaling + self.shift).sample[0]
        return torch.round(255 * (x / 2 + 0.5).clamp(0, 1)).to(torch.uint8).permute(1, 2, 0).contiguous()

    @torch.inference_mode()
    def generate(self, recipe):
        """Latents [count, c, h, w] and pictures [count, h, w, 3]."""
        latents = [self.latents(recipe, (recipe.seed + i) % 2**64) for i in range(recipe.count)]
        return torch.cat(latents), torch.stack([self.picture(x) for x in latents])


def read_json(path):
    return json.loads(path.read_text(encoding="utf-8"))


def read_part(folder):
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise SystemExit(f"{folder}: no .safetensors file")
    state = {}
    for file in files:
        state |= load_file(file)
    return state


def load(net, state):
    missing, _ = net.load_state_dict({k: v.float() for k, v in state.items()}, strict=False, assign=True)
    missing = [k for k in missing if not k.endswith("position_ids")]
    if missing:
        raise SystemExit(f"{missing[0]} and {len(missing) - 1} more weights are missing")


def modern_vae_names(state):
    old = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}
    out = {}
    for name, value in state.items():
        if ".attentions.0." in name:
            name = re.sub(r"\.(query|key|value|proj_attn)\.", lambda m: f".{old[m[1]]}.", name)
            if value.dim() == 4:
                value = value.flatten(1)
        out[name] = value
    return out


def from_single(tensors):
    """Configs (text, unet, vae) and states of a single file in the original layout."""
    parts = {
        part: {k[len(prefix) :]: v for k, v in tensors.items() if k.startswith(prefix)}
        for part, prefix in names.PREFIX.items()
    }
    text, unet, vae = parts["text_encoder"], parts["unet"], parts["vae"]
    if not text:
        bare = names.PREFIX["text_encoder"].removesuffix("text_model.")
        text = {k[len(bare) :]: v for k, v in tensors.items() if k.startswith(bare)}
    channels = [unet["input_blocks.0.0.weight"].shape[0]]
    attention, i = [], 1
    while f"input_blocks.{i}.0.in_layers.2.weight" in unet:
        channels.append(unet[f"input_blocks.{i}.0.in_layers.2.weight"].shape[0])
        attention.append(f"input_blocks.{i}.1.norm.weight" in unet)
        i += 3
    channels = channels[1:]
    vocabulary, width = text["embeddings.token_embedding.weight"].shape
    layers = len({k.split(".")[2] for k in text if k.startswith("encoder.layers.")})
    text_config = {
        "vocab_size": vocabulary,
        "hidden_size": width,
        "intermediate_size": text["encoder.layers.0.mlp.fc1.weight"].shape[0],
        "num_hidden_layers": layers,
        "num_attention_heads": max(1, width // 64),
        "max_position_embeddings": text["embeddings.position_embedding.weight"].shape[0],
        "hidden_act": "quick_gelu",
        "eos_token_id": 2,
    }
    context = unet["input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight"].shape[1]
    unet_config = {
        "attention_head_dim": 8,
        "block_out_channels": channels,
        "cross_attention_dim": context,
        "down_block_types": ["CrossAttnDownBlock2D" if a else "DownBlock2D" for a in attention],
        "up_block_types": ["CrossAttnUpBlock2D" if a else "UpBlock2D" for a in attention[::-1]],
        "in_channels": unet["input_blocks.0.0.weight"].shape[1],
        "out_channels": unet["out.2.weight"].shape[0],
        "sample_size": 64,
    }
    levels = [vae[f"encoder.down.{i}.block.0.conv1.weight"].shape[0] for i in range(4)]
    vae_config = {
        "block_out_channels": levels,
        "down_block_types": ["DownEncoderBlock2D"] * 4,
        "up_block_types": ["UpDecoderBlock2D"] * 4,
        "latent_channels": vae["post_quant_conv.weight"].shape[0],
        "layers_per_block": 2,
    }
    up_attention = [i for i, a in enumerate(attention[::-1]) if a]
    states = {
        "text_encoder": text,
        "unet": rename("unet", unet_config, unet, up_attention),
        "vae": rename("vae", vae_config, vae, up_attention),
    }
    return (text_config, unet_config, vae_config), states


def rename(part, config, state, up_attention):
    from diffusers import AutoencoderKL, UNet2DConditionModel

    with torch.device("meta"):
        net = (UNet2DConditionModel if part == "unet" else AutoencoderKL).from_config(config)
    out = {}
    for name, wanted in net.state_dict().items():
        single = names.to_single(part, name, 2, up_attention).removeprefix(names.PREFIX[part])
        out[name] = state.pop(single).reshape(wanted.shape)
    if state:
        raise SystemExit(f"{next(iter(state))} and {len(state) - 1} more weights are left over")
    return out


@contextlib.contextmanager
def traced(model, into):
    """Every module's first output, by name; where two networks part is then seen at once."""
    hooks = []

    def keep(name):
        def hook(module, args, out):
            out = out[0] if isinstance(out, tuple) else getattr(out, "sample", out)
            if isinstance(out, torch.Tensor) and name not in into:
                into[name] = out.detach().float().contiguous().clone()

        return hook

    for part, net in (("text_encoder", model.inner_text), ("unet", model.unet), ("vae", model.vae)):
        for name, module in net.named_modules():
            hooks.append(module.register_forward_hook(keep(f"{part}.{name}" if name else part)))
    yield
    for hook in hooks:
        hook.remove()


def add_recipe_options(parser):
    parser.add_argument("--prompt", default="")
    parser.add_argument("--negative", default="")
    parser.add_argument("--width", type=int, default=0)
    parser.add_argument("--height", type=int, default=0)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--cfg", type=float, default=7.0)
    parser.add_argument("--sampler", choices=SAMPLERS, default="euler")
    parser.add_argument("--schedule", choices=SCHEDULES, default="normal")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--clip-skip", type=int, default=1)
    parser.add_argument("--region", dest="regions", type=parse_region, action="append", default=[])
    parser.add_argument("--region-mode", choices=("area", "attention"), default="area")


def parse_recipe(words):
    parser = argparse.ArgumentParser()
    add_recipe_options(parser)
    return parser.parse_args(words)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--merges", help="bpe_simple_vocab_16e6.txt(.gz), for single files")
    parser.add_argument("--v-prediction", action="store_true", help="for single files that are such")
    parser.add_argument("--out")
    parser.add_argument("--latents-out")
    parser.add_argument("--trace", help="safetensors of every layer's output in the first model call")
    add_recipe_options(parser)
    args = parser.parse_args()
    model = Model(args.model, args.merges, args.v_prediction)
    args.width = args.width or 8 * model.unet.config.sample_size
    args.height = args.height or 8 * model.unet.config.sample_size
    layers = {}
    with traced(model, layers) if args.trace else contextlib.nullcontext():
        latents, pictures = model.generate(args)
    print(f"latents: mean {latents.mean():.5f}, standard deviation {latents.std():.5f}")
    if args.latents_out:
        save_file({"latents": latents}, args.latents_out)
    if args.trace:
        save_file(layers, args.trace)
    if args.out:
        from PIL import Image

        out = pathlib.Path(args.out)
        for i, picture in enumerate(pictures):
            name = out if args.count == 1 else out.with_name(f"{out.stem}-{i}{out.suffix}")
            Image.fromarray(picture.numpy()).save(name)


if __name__ == "__main__":
    main()
