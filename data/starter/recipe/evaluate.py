# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at the finished folder: figures for the card, and sheets of pictures.

    python evaluate.py --figures sheet --out samples.png     36 drawn scenes and 36 paintings of PROMPTS
    python evaluate.py --figures vae --figures judged --figures pairs --figures lora
    python evaluate.py --figures boxes --cli giverny-cli     things prompted into a box, painted by the program itself
    python evaluate.py --prompt "a red boat on a lake at sunset" --out boat.png

judge.py's judge, trained on drawn scenes, says what a picture shows; it is first asked about scenes that it never saw.
"""
import argparse
import json
import random
import re
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from PIL import Image
from safetensors.torch import load_file
from transformers import CLIPTextModel, CLIPTokenizer

import scenes
import strokes
from common import alphas_cumprod, device, from_tensor, psnr, to_tensor
from judge import SIDELESS, load_judge, look
from train_vae import HELD_OUT

FOLDER = Path(__file__).resolve().parent.parent
PROMPTS = (
    "a red boat on a lake at sunset", "a sailboat on the sea at noon", "a blue house in the snow at night",
    "a lighthouse by the sea at sunset", "a pink tree in a meadow at dawn", "a green bridge on a lily pond",
    "a yellow lantern in a city street at night", "a red hot air balloon over the mountains", "a pine tree in the snow",
    "a person with a red umbrella in the city in the rain", "a desert at sunset", "mountains at dawn",
    "a white boat on a river in the morning", "a red house in a meadow by day", "an orange tree in the countryside at sunset",
    "a purple sailboat on a lake at dawn", "a starry night by the sea", "a lily pond at noon",
    "a person rowing a blue boat on a lake", "a person swimming in the desert", "a red lantern in the snow at night",
    "a yellow hot air balloon in the desert", "a lighthouse on the left by the sea at night", "a red tree on the right in a meadow",
    "a woman in a red coat in the snow", "a city street at night", "a river in the fog", "a red bridge over a river at dawn",
    "a meadow under a blue sky", "pink water lilies on a pond", "a blue boat on the left, a lake in the morning",
    "a green house in the mountains", "falling snow in a city at night", "an orange sailboat on the ocean at sunset",
    "a tree in the desert at night", "a house by a river in the evening")


class Starter:
    """The folder's networks, and the sampler that the application uses by default.

    On CPUs with bfloat16 instructions `dtype` halves the time; the pictures are then not those of the program, but as good.
    """

    def __init__(self, folder, dtype=torch.float32):
        self.dtype = dtype
        self.tokenizer = CLIPTokenizer.from_pretrained(str(folder / "tokenizer"))
        self.text = CLIPTextModel.from_pretrained(str(folder / "text_encoder"), dtype=torch.float32).eval().to(device())
        unet = UNet2DConditionModel.from_pretrained(str(folder / "unet"), torch_dtype=torch.float32).eval()
        unet.set_attn_processor(AttnProcessor())
        self.unet = unet.to(device(), dtype, memory_format=torch.channels_last)
        vae = AutoencoderKL.from_pretrained(str(folder / "vae"), torch_dtype=torch.float32).eval()
        self.vae = vae.to(device(), dtype, memory_format=torch.channels_last)
        ab = alphas_cumprod()
        self.sigmas = ((1 - ab) / ab).sqrt()

    def ids(self, texts):
        return self.tokenizer(texts, padding="max_length", max_length=77, truncation=True, return_tensors="pt").input_ids

    @torch.no_grad()
    def encode(self, texts):
        return self.text(self.ids(texts).to(device())).last_hidden_state

    def weighted(self, text, words, weight):
        """The states of a text with `(words:weight)` in it: away from the empty text's states by that factor."""
        states, empty = self.encode([text]), self.encode([""])
        all_ids, some = self.ids([text])[0].tolist(), self.tokenizer(words, add_special_tokens=False).input_ids
        at = next(k for k in range(77) if all_ids[k:k + len(some)] == some)
        states[:, at:at + len(some)] = torch.lerp(empty, states, weight)[:, at:at + len(some)]
        return states

    @torch.no_grad()
    def paint(self, prompts, seed=1, steps=20, cfg=5.0, width=256, height=256, negative="", states=None):
        """Euler over evenly spaced timesteps, picture k from seed + k; bytes [n, height, width, 3]."""
        n = len(prompts)
        at = torch.linspace(999, 0, steps)
        low = at.floor().long()
        logs = self.sigmas.log()
        sigmas = torch.lerp(logs[low], logs[(low + 1).clamp(max=999)], at - low).exp()
        sigmas = torch.cat([sigmas, torch.zeros(1)])
        noise = [torch.randn(1, 4, height // 8, width // 8, generator=torch.Generator().manual_seed(seed + k)) for k in range(n)]
        x = torch.cat(noise).to(device()) * (1 + sigmas[0] ** 2).sqrt()
        against = self.encode([negative] * n if isinstance(negative, str) else list(negative))
        states = torch.cat([against, self.encode(list(prompts)) if states is None else states]).to(self.dtype)
        for sigma, following, t in zip(sigmas[:-1], sigmas[1:], at):
            c = (sigma * sigma + 1).sqrt()
            both = (torch.cat([x, x]) / c).to(self.dtype, memory_format=torch.channels_last)
            v = self.unet(both, t.round(), states).sample.float()
            denoised = torch.cat([x, x]) / (c * c) - v * sigma / c
            plain, guided = denoised.chunk(2)
            denoised = plain + cfg * (guided - plain)
            x = x + (x - denoised) / sigma * (following - sigma)
        x = (x / self.vae.config.scaling_factor).to(self.dtype, memory_format=torch.channels_last)
        return from_tensor(self.vae.decode(x).sample)

    def paint_all(self, prompts, seed=1, batch=8, **more):
        out = []
        for k in range(0, len(prompts), batch):
            part = {name: v[k:k + batch] if isinstance(v, (list, torch.Tensor)) else v for name, v in more.items()}
            out += list(self.paint(prompts[k:k + batch], seed + k, **part))
        return np.stack(out)

    @torch.no_grad()
    def add_lora(self, path, strength=1.0):
        """Adds a LoRA in kohya's naming to the U-Net's weights."""
        file = load_file(str(path))
        for name, p in self.unet.named_parameters():
            key = "lora_unet_" + name.removesuffix(".weight").replace(".", "_")
            if name.endswith(".weight") and key + ".lora_down.weight" in file:
                down, up = (file[f"{key}.lora_{end}.weight"].float() for end in ("down", "up"))
                change = (up.flatten(1) @ down.flatten(1)) * (file[key + ".alpha"].float() / len(down)) * strength
                p.add_(change.view_as(p).to(p))


def grid(pictures, columns):
    pictures = [*pictures, *[np.full_like(pictures[0], 255)] * (-len(pictures) % columns)]
    rows = [np.concatenate(pictures[k:k + columns], 1) for k in range(0, len(pictures), columns)]
    return np.concatenate(rows, 0)


@torch.no_grad()
def vae_figures(starter, count):
    values = []
    for k in range(count):
        x = to_tensor(scenes.draw(scenes.sample_scene(HELD_OUT + 1000 + k), 256, 256)[None]).to(device(), starter.dtype)
        values.append(psnr(x, starter.vae.decode(starter.vae.encode(x).latent_dist.mean).sample))
    return {"scenes": count, "psnr_mean_db": round(float(np.mean(values)), 2), "psnr_worst_db": round(min(values), 2)}


def share(flags):
    flags = list(flags)
    return f"{100 * sum(flags) / max(1, len(flags)):.1f} % of {len(flags)}"


def named(scene, text):
    """What the caption says of its scene: place, hour, the first thing, its colour and its side, each or None; and how many things."""
    hours = [w for w in scenes.HOUR_WORDS[scene["hour"]]] + {"noon": ["by day", "at noon"], "night": ["at night"]}.get(scene["hour"], [])
    hours += [w.split(" ", 1)[1].replace("the ", "").replace("a ", "") for w in hours]
    places = scenes.PLACE_WORDS[scene["place"]] + scenes.PLACE_NAMES[scene["place"]]
    out = {"place": scene["place"] if any(w in text for w in places) else None,
           "hour": scene["hour"] if any(w in text for w in hours) else None, "thing": None, "colour": None, "side": None, "things": len(scene["things"])}
    if scene["things"]:
        thing = scene["things"][0]
        out["thing"] = thing["name"]
        if len(scene["things"]) == 1:
            out["colour"] = thing["colour"] if thing["colour"] in re.split("[ ,]+", text) else None
            sided = thing["name"] not in SIDELESS and re.search("on the left|to the left|on the right|to the right|in the middle|in the centre", text)
            out["side"] = thing["side"] if sided else None
    return out


@torch.no_grad()
def votes_of(judge, pictures):
    parts = [judge(look(pictures[k:k + 50])) for k in range(0, len(pictures), 50)]
    return {name: torch.cat([v[name] for v, _ in parts]) for name in parts[0][0]}, torch.cat([p for _, p in parts])


def right_ones(judge, pictures, said, captions):
    """Shares of pictures that show what their captions name."""
    votes, seen = votes_of(judge, pictures)
    place, hour = votes["place"].argmax(1).tolist(), votes["hour"].argmax(1).tolist()
    rows = {name: [] for name in ("place", "hour", "place_and_hour", "thing", "colour", "side")}
    for k, s in enumerate(said):
        p, h = (s["place"] is None or scenes.PLACES[place[k]] == s["place"]), (s["hour"] is None or scenes.HOURS[hour[k]] == s["hour"])
        if s["place"]:
            rows["place"].append(p)
        if s["hour"]:
            rows["hour"].append(h)
        if s["place"] or s["hour"]:
            rows["place_and_hour"].append(p and h)
        if not s["thing"]:
            continue
        i = scenes.THINGS.index(s["thing"])
        rows["thing"].append(float(votes["things"][k, i]) > 0)
        for name, keys in (("colour", list(scenes.COLOURS)), ("side", list(scenes.SIDES))):
            if s[name]:
                rows[name].append(keys[int(votes[name + "s"][k, i].argmax())] == s[name])
    out = {name: share(v) for name, v in rows.items()}
    with torch.no_grad():
        match = seen @ judge.text(captions).T
    for among in (20, 100):
        r, found = random.Random(among), []
        for k in range(len(captions)):
            others = r.sample([j for j in range(len(captions)) if j != k and captions[j] != captions[k]], among - 1)
            found.append(float(match[k, k]) > float(match[k, others].max()))
        out[f"caption_among_{among}"] = share(found)
    out["more_things_than_there_should_be"] = share(int(n) > s["things"] for n, s in zip((votes["things"] > 0).sum(1), said))
    return out


def judged_figures(starter, judge, count, keep=None):
    """200 held-out captions, painted; and the scenes that they were written for, drawn, to judge the judge."""
    drawn = [scenes.sample_scene(HELD_OUT + 10_000 + k) for k in range(count)]
    captions = [scenes.caption(s, k) for k, s in enumerate(drawn)]
    said = [named(s, t) for s, t in zip(drawn, captions)]
    painted = starter.paint_all(captions)
    if keep:
        Image.fromarray(grid([np.asarray(Image.fromarray(x).resize((96, 96), Image.LANCZOS)) for x in painted], 20)).save(keep)
    real = np.stack([scenes.draw(s, 256, 256) for s in drawn])
    return {"drawn": right_ones(judge, real, said, captions), "painted": right_ones(judge, painted, said, captions)}


def pair_figures(starter, judge, count):
    """The same seeds plain, with `(thing:1.5)`, and with the thing as the negative prompt: which way does its score go?"""
    r, prompts, words, things = random.Random(6), [], [], []
    while len(prompts) < count:
        scene = scenes.sample_scene(HELD_OUT + 20_000 + r.randrange(100_000))
        name = scene["things"][0]["name"] if scene["things"] else ""
        if name not in ("boat", "sailboat", "house", "lighthouse", "tree", "bridge", "lantern", "balloon", "umbrella"):
            continue
        prompts.append(f"{scenes.article(scene['things'][0]['colour'] + ' ' + name)} {scenes.PLACE_WORDS[scene['place']][0]} "
                       f"{scenes.HOUR_WORDS[scene['hour']][0]}")
        words.append(name)
        things.append(scenes.THINGS.index(name))
    at = torch.arange(count), torch.tensor(things)

    def score(**more):
        return votes_of(judge, starter.paint_all(prompts, 1000, **more))[0]["things"][at]
    plain = score()
    raised = score(states=torch.cat([starter.weighted(t, w, 1.5) for t, w in zip(prompts, words)]))
    lowered = score(negative=words)
    return {"weight_raises": share((raised > plain).tolist()), "negative_lowers": share((lowered < plain).tolist())}


def texture(pictures):
    """How much brightness changes over one and over two pixels, and from one such pair to the next: logarithms."""
    x = np.asarray(pictures, np.float32) @ np.array([0.3, 0.55, 0.15], np.float32)
    steps = [np.abs(x[:, :, n:] - x[:, :, :-n]).mean((1, 2)) + np.abs(x[:, n:] - x[:, :-n]).mean((1, 2)) for n in (1, 2, 4)]
    bends = [np.abs(2 * x[:, :, n:-n] - x[:, :, 2 * n:] - x[:, :, :-2 * n]).mean((1, 2)) for n in (1, 2)]
    return np.log(np.stack(steps + bends, 1) + 0.1)


@torch.no_grad()
def lora_figures(starter, path, count, keep=None):
    """Are pictures with the LoRA nearer to repainted than to plain scenes, in texture? And those without it?"""
    drawn = [scenes.draw(scenes.sample_scene(HELD_OUT + 30_000 + k), 256, 256) for k in range(60)]
    through = [from_tensor(starter.vae.decode(starter.vae.encode(to_tensor(np.stack(part)).to(starter.dtype)).latent_dist.mean).sample)
               for both in (drawn, [strokes.repaint(x, k) for k, x in enumerate(drawn)]) for part in (both[:30], both[30:])]
    plain, painted = (texture(np.concatenate(through[k:k + 2])) for k in (0, 2))
    spread = np.concatenate([plain - plain.mean(0), painted - painted.mean(0)]).T
    axis = np.linalg.solve(np.cov(spread) + 1e-4 * np.eye(5), painted.mean(0) - plain.mean(0))
    middle = (plain.mean(0) + painted.mean(0)) @ axis / 2
    prompts = list(PROMPTS[:count])
    without = starter.paint_all(prompts)
    starter.add_lora(path)
    changed = starter.paint_all(prompts)
    if keep:
        small = [np.asarray(Image.fromarray(x).resize((160, 160), Image.LANCZOS)) for k in range(0, min(24, count), 6)
                 for x in list(without[k:k + 6]) + list(changed[k:k + 6])]
        Image.fromarray(grid(small, 6)).save(keep, optimize=True)

    def nearer(x):
        return share((x @ axis > middle).tolist())
    return {"scenes_plain": nearer(plain), "scenes_repainted": nearer(painted), "without": nearer(texture(without)),
            "with": nearer(texture(changed))}


BOXES = {"left": (0, 64, 144, 176), "centre": (56, 64, 144, 176), "right": (112, 64, 144, 176)}


def box_figures(judge, cli, folder, count):
    """Things prompted into a box with `--region`: does the judge see them, and on the box's side?"""
    out = {}
    for mode in ("area", "attention"):
        r, lies = random.Random(8), []
        for k in range(count):
            side = r.choice(scenes.SIDES)
            name = r.choice(("sailboat", "house", "lighthouse", "tree", "lantern", "person"))
            place = r.choice([p for p in scenes.PLACES if scenes.fits(name, p)])
            colour = scenes.thing_colour(r, name)
            box = ",".join(map(str, BOXES[side]))
            thing = f"a person in {scenes.article(colour + ' coat')}" if name == "person" else scenes.article(f"{colour} {name}")
            with tempfile.TemporaryDirectory() as place_for_it:
                file = Path(place_for_it) / "box.png"
                subprocess.run([*cli.split(), "generate", "--model", str(folder), "--prompt", f"{scenes.PLACE_NAMES[place][0]} {r.choice(('at noon', 'at dawn', 'at sunset'))}",
                                "--region", f"{box}:{thing}", "--region-mode", mode, "--steps", "20", "--cfg", "5", "--seed", str(k),
                                "--width", "256", "--height", "256", "--out", str(file)], check=True, stdout=subprocess.DEVNULL)
                votes, _ = votes_of(judge, np.asarray(Image.open(file).convert("RGB"))[None])
            i = scenes.THINGS.index(name)
            lies.append(float(votes["things"][0, i]) > 0 and scenes.SIDES[int(votes["sides"][0, i].argmax())] == side)
        out[mode] = share(lies)
    return out


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--folder", type=Path, default=FOLDER)
    p.add_argument("--figures", choices=("vae", "judged", "pairs", "lora", "boxes", "sheet"), action="append", default=[])
    p.add_argument("--prompt", action="append", default=[])
    p.add_argument("--out", type=Path, default=Path("starter.png"))
    p.add_argument("--lora", type=Path, help="added before --prompt is painted; for the figures, starter-impressionist")
    p.add_argument("--cli", default="giverny-cli", help="the program, for --figures boxes")
    p.add_argument("--keep", type=Path, help="where a sheet of the judged pictures goes (PNG)")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--cfg", type=float, default=5.0)
    p.add_argument("--steps", type=int, default=20)
    p.add_argument("--size", type=int, nargs=2, default=(256, 256), metavar=("WIDTH", "HEIGHT"))
    p.add_argument("--count", type=int, help="pictures of a figure (200, 40, 36, 60) or a sheet (36)")
    p.add_argument("--bf16", action="store_true")
    p.add_argument("--threads", type=int, default=1)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    starter = Starter(a.folder, torch.bfloat16 if a.bf16 else torch.float32)
    file = a.lora or a.folder / "starter-impressionist.safetensors"
    figures = {"vae": lambda: vae_figures(starter, 100), "judged": lambda: judged_figures(starter, load_judge(), a.count or 200, a.keep),
               "pairs": lambda: pair_figures(starter, load_judge(), a.count or 40),
               "lora": lambda: lora_figures(starter, file, a.count or 36, a.keep),
               "boxes": lambda: box_figures(load_judge(), a.cli, a.folder, a.count or 60)}
    for name in a.figures:
        if name in figures:
            print(json.dumps({name: figures[name]()}, indent=1), flush=True)
    if "sheet" in a.figures:
        n = a.count or 36
        painted = starter.paint_all(list(PROMPTS[:n]), a.seed, 6, steps=a.steps, cfg=a.cfg)
        drawn = [scenes.draw(scenes.sample_scene(HELD_OUT + k), 256, 256) for k in range(n)]
        small = [np.asarray(Image.fromarray(x).resize((160, 160), Image.LANCZOS)) for x in [*drawn, *painted]]
        Image.fromarray(grid(small[:n], 6)).save(a.out.with_name(a.out.stem + "-scenes.png"), optimize=True)
        Image.fromarray(grid(small[n:], 6)).save(a.out, optimize=True)
    if a.prompt:
        if a.lora:
            starter.add_lora(a.lora)
        out = [starter.paint([t], a.seed + k, a.steps, a.cfg, *a.size)[0] for k, t in enumerate(a.prompt)]
        Image.fromarray(grid(out, min(len(out), 4))).save(a.out)


if __name__ == "__main__":
    main()
