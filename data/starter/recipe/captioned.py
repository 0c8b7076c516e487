# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches of drawn scenes with captions for the scorers, and which caption is true of which scene.

A quarter of a batch is drawn freely; each of these scenes comes with three relatives in which a thing, its colour, its
side, the place, the hour or the weather differs, so that a scorer learns to look at more than the sky.
"""
import copy
import random

import numpy as np
from PIL import Image, ImageFilter

import scenes
from train_clip import FACTS, facts

RELATIVES = 4
MEAN = np.array((0.48145466, 0.4578275, 0.40821073), np.float32)
STD = np.array((0.26862954, 0.26130258, 0.27577711), np.float32)


def relative(scene, r):
    """The scene with one or two of its properties changed."""
    out = copy.deepcopy(scene)
    for _ in range(r.choice((1, 1, 2))):
        kind = r.choice(("place", "hour", "weather", "name", "name", "colour", "colour", "side"))
        thing = r.choice(out["things"]) if out["things"] else None
        if kind == "hour" or (not thing and kind in ("name", "colour", "side")):
            out["hour"] = r.choice([h for h in scenes.HOURS if h != out["hour"]])
        elif kind == "weather":
            out["weather"] = r.choice([w for w in scenes.WEATHERS if w != out["weather"]])
        elif kind == "place":
            places = [p for p in scenes.PLACES if p != out["place"] and all(scenes.fits(t["name"], p) for t in out["things"])]
            out["place"] = r.choice(places) if places else out["place"]
        elif kind == "name":
            taken = [t["name"] for t in out["things"]]
            thing["name"] = r.choice([t for t in scenes.THINGS if scenes.fits(t, out["place"]) and t not in taken] or taken)
            thing["colour"] = scenes.thing_colour(r, thing["name"])
        elif kind == "colour":
            thing["colour"] = scenes.thing_colour(r, thing["name"])
        else:
            taken = [t["side"] for t in out["things"]]
            thing["side"] = r.choice([s for s in scenes.SIDES if s not in taken])
    return out


def said(scene, text):
    """Those of the scene's facts that the caption states, as ones."""
    v = np.zeros(FACTS, np.float32)
    if any(w in text for w in scenes.PLACE_WORDS[scene["place"]] + scenes.PLACE_NAMES[scene["place"]]):
        v[scenes.PLACES.index(scene["place"])] = 1
    bare = [w.split(" ", 1)[1].replace("the ", "").replace("a ", "") for w in scenes.HOUR_WORDS[scene["hour"]]]
    if any(w in text for w in (*scenes.HOUR_WORDS[scene["hour"]], *bare)):
        v[9 + scenes.HOURS.index(scene["hour"])] = 1
    if any(w in text for w in scenes.WEATHER_WORDS.get(scene["weather"], ())):
        v[13 + scenes.WEATHERS.index(scene["weather"])] = 1
    v[18] = "birds" in text
    sided = any(w in text for w in (" left", " right", " middle", " centre"))
    for t in scene["things"]:
        base = 19 + 14 * scenes.THINGS.index(t["name"])
        v[base] = 1
        if t["colour"] in text:
            v[base + 1 + list(scenes.COLOURS).index(t["colour"])] = 1
        if sided and len(scene["things"]) == 1:
            v[base + 9 + scenes.SIDES.index(t["side"])] = 1
    return v


def roughen(picture, r):
    """What a decoder, a camera or a file may do to a picture without changing what it shows."""
    if r.random() < 0.35:
        picture = picture.filter(ImageFilter.GaussianBlur(r.uniform(0.2, 1.4)))
    x = np.asarray(picture, np.float32) / 255
    if r.random() < 0.5:
        x = (x - 0.5) * r.uniform(0.8, 1.15) + 0.5 + r.uniform(-0.06, 0.06)
    if r.random() < 0.3:
        x = x + np.random.default_rng(r.randrange(1 << 30)).normal(0, r.uniform(0.01, 0.05), x.shape).astype(np.float32)
    return np.clip(x, 0, 1)


def batch(seed, count, size, rough=True):
    """Pictures [count, 3, size, size] normalised as CLIP wants them, captions, facts, and truth [captions, pictures]."""
    r = random.Random(seed)
    drawn, pixels, texts = [], [], []
    for k in range(count):
        if k % RELATIVES == 0:
            first = scenes.sample_scene(seed * 4096 + k)
        scene = first if k % RELATIVES == 0 else relative(first, r)
        drawn.append(scene)
        wide = Image.fromarray(scenes.draw(scene, size * 3 // 2, size * 3 // 2)).resize((size, size), Image.BICUBIC)
        pixels.append(roughen(wide, r) if rough else np.asarray(wide, np.float32) / 255)
        texts.append(scenes.caption(scene, r.randrange(1 << 30)))
    known = np.stack([facts(s) for s in drawn])
    stated = np.stack([said(s, t) for s, t in zip(drawn, texts)])
    truth = (stated @ (1 - known).T < 0.5).astype(np.float32)
    pictures = ((np.stack(pixels) - MEAN) / STD).transpose(0, 3, 1, 2).copy()
    return pictures, texts, known, truth
