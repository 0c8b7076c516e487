# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws and captions the scenes that the starter model learns from.

A scene is a small dictionary (place, hour, weather, things, seed); `sample_scene` invents one from a seed,
`draw` paints it with cairo at any size, and `caption` describes it in varied words. The same seed gives the
same scene, picture and caption on every machine.

    python scenes.py --sheet sheet.png --seed 7 --columns 6 --rows 6
"""
import argparse
import math
import random

import cairo
import numpy as np

COLOURS = {
    "red": (0.86, 0.16, 0.14),
    "orange": (0.96, 0.52, 0.12),
    "yellow": (0.98, 0.83, 0.22),
    "green": (0.22, 0.62, 0.28),
    "blue": (0.16, 0.38, 0.82),
    "purple": (0.55, 0.26, 0.70),
    "pink": (0.96, 0.55, 0.70),
    "white": (0.97, 0.96, 0.93),
}
PLACES = ("lake", "river", "pond", "sea", "snow", "desert", "city", "meadow", "mountains")
WATER = ("lake", "river", "pond", "sea")
HOURS = ("dawn", "noon", "sunset", "night")
WEATHERS = ("clear", "cloudy", "snow", "rain", "fog")
SIDES = ("left", "centre", "right")
THINGS = ("boat", "sailboat", "house", "lighthouse", "tree", "pine", "bridge", "umbrella", "lantern",
          "balloon", "person", "swimmer", "rower", "lilies")

# Each hour: sky from top to horizon, colour of the light, its strength, and what lies under everything.
SKIES = {
    "dawn": [((0.44, 0.56, 0.82), (0.93, 0.74, 0.78), (1.00, 0.88, 0.72)),
             ((0.56, 0.62, 0.86), (0.98, 0.80, 0.72), (1.00, 0.92, 0.78)),
             ((0.50, 0.52, 0.78), (0.86, 0.66, 0.80), (1.00, 0.80, 0.74))],
    "noon": [((0.18, 0.48, 0.88), (0.44, 0.71, 0.96), (0.82, 0.93, 0.99)),
             ((0.25, 0.56, 0.92), (0.53, 0.79, 0.97), (0.88, 0.96, 0.97)),
             ((0.16, 0.55, 0.83), (0.42, 0.75, 0.92), (0.80, 0.94, 0.94))],
    "sunset": [((0.24, 0.18, 0.46), (0.85, 0.35, 0.40), (1.00, 0.70, 0.32)),
               ((0.38, 0.20, 0.44), (0.95, 0.42, 0.32), (1.00, 0.78, 0.36)),
               ((0.20, 0.24, 0.52), (0.80, 0.38, 0.52), (1.00, 0.62, 0.38))],
    "night": [((0.02, 0.04, 0.15), (0.06, 0.10, 0.28), (0.17, 0.24, 0.44)),
              ((0.04, 0.03, 0.16), (0.10, 0.09, 0.30), (0.24, 0.22, 0.46)),
              ((0.01, 0.06, 0.15), (0.04, 0.14, 0.27), (0.14, 0.30, 0.42))],
}
LIGHT = {"dawn": (1.00, 0.90, 0.90), "noon": (1.00, 1.00, 0.98), "sunset": (1.00, 0.76, 0.66),
         "night": (0.56, 0.63, 0.90)}
STRENGTH = {"dawn": 0.90, "noon": 1.0, "sunset": 0.82, "night": 0.70}
HORIZON = {"lake": 0.50, "river": 0.48, "pond": 0.34, "sea": 0.50, "snow": 0.55, "desert": 0.56,
           "city": 0.66, "meadow": 0.55, "mountains": 0.62}


def mix(a, b, t):
    return tuple(x + (y - x) * t for x, y in zip(a, b))


def clamp(c):
    return tuple(min(1.0, max(0.0, x)) for x in c)


def times(a, b):
    return tuple(x * y for x, y in zip(a, b))


# --- inventing a scene --------------------------------------------------------------------------------------

def fits(thing, place):
    if thing in ("boat", "sailboat", "rower"):
        return place in ("lake", "river", "sea", "pond")
    if thing == "bridge":
        return place in ("river", "pond", "lake")
    if thing == "lilies":
        return place in ("pond", "lake")
    if thing == "lighthouse":
        return place in ("sea", "lake", "snow", "meadow", "desert")
    if thing == "house":
        return place != "pond"
    return True


def sample_scene(seed):
    """A scene as a dictionary. About one in twelve has no thing, one in nine has two."""
    r = random.Random(seed * 2654435761 % 2**32)
    place = r.choice(PLACES)
    hour = r.choices(HOURS, (1, 1.2, 1.3, 1.2))[0]
    weather = r.choices(WEATHERS, (12, 2, 1, 1, 1))[0]
    if weather == "rain" and place in ("snow", "desert"):
        weather = "clear"
    if weather == "snow" and place == "desert":
        weather = "clear"
    names = [t for t in THINGS if fits(t, place)]
    weights = [{"boat": 2.2, "sailboat": 1.6, "house": 1.3, "person": 1.4, "bridge": 1.5}.get(t, 1.0) for t in names]
    count = r.choices((0, 1, 2), (0.8, 7.4, 1))[0]
    things, sides = [], list(SIDES)
    for k in range(count):
        name = r.choices(names, weights)[0]
        if any(t["name"] == name for t in things):
            continue
        side = r.choice(sides)
        sides.remove(side)
        things.append({"name": name, "colour": thing_colour(r, name), "side": side,
                       "near": k == 0 and r.random() < 0.85, "jitter": r.uniform(-0.045, 0.045),
                       "big": r.uniform(0.9, 1.12)})
    return {"seed": seed, "place": place, "hour": hour, "weather": weather, "things": things,
            "orb": r.choice(("left", "right", "centre")), "birds": r.random() < 0.15,
            "palette": r.randrange(3)}


def thing_colour(r, name):
    if name == "tree":
        return r.choices(("green", "orange", "red", "pink", "yellow"), (4, 1.5, 1, 1.5, 1))[0]
    if name == "pine":
        return "green"
    if name == "lilies":
        return r.choice(("pink", "white", "yellow", "purple"))
    if name == "lantern":
        return r.choice(("red", "orange", "yellow", "pink", "green", "blue"))
    return r.choice(tuple(COLOURS))


# --- brushes ------------------------------------------------------------------------------------------------

class Canvas:
    """A cairo context in units of the picture's height, with the scene's light."""

    def __init__(self, scene, width, height):
        self.surface = cairo.ImageSurface(cairo.FORMAT_RGB24, width, height)
        self.c = cairo.Context(self.surface)
        self.c.scale(height, height)
        self.w = width / height
        self.r = random.Random(scene["seed"] ^ 0x5EED)
        self.scene = scene
        hour, weather = scene["hour"], scene["weather"]
        self.night = hour == "night"
        self.sky = [clamp(tuple(x + self.r.uniform(-0.03, 0.03) for x in s)) for s in SKIES[hour][scene["palette"]]]
        dull = {"clear": 0.0, "cloudy": 0.30, "snow": 0.5, "rain": 0.55, "fog": 0.45}[weather]
        grey = sum(self.sky[2]) / 3 * {"rain": 0.72}.get(weather, 0.92)
        self.sky = [mix(s, (grey, grey, grey * 1.03), dull) for s in self.sky]
        self.haze = self.sky[2]
        self.light = tuple(x * STRENGTH[hour] for x in mix(LIGHT[hour], (0.9, 0.92, 0.96), dull * 0.4))
        self.horizon = HORIZON[scene["place"]] + self.r.uniform(-0.02, 0.02)

    def lit(self, colour, distance=0.0):
        """The colour of a thing in this hour's light, fading into the haze with distance."""
        return clamp(mix(times(colour, self.light), self.haze, distance))

    def fill(self, colour, alpha=1.0):
        self.c.set_source_rgba(*clamp(colour), alpha)
        self.c.fill()

    def stroke(self, colour, width, alpha=1.0):
        self.c.set_source_rgba(*clamp(colour), alpha)
        self.c.set_line_width(width)
        self.c.set_line_cap(cairo.LINE_CAP_ROUND)
        self.c.stroke()

    def gradient(self, y0, y1, stops, x0=0.0, x1=0.0):
        g = cairo.LinearGradient(x0, y0, x1, y1)
        for at, colour, *alpha in stops:
            g.add_color_stop_rgba(at, *clamp(colour), *(alpha or [1.0]))
        self.c.set_source(g)

    def glow(self, x, y, radius, colour, alpha):
        g = cairo.RadialGradient(x, y, 0, x, y, radius)
        for at, fade in ((0, 1.0), (0.25, 0.55), (0.55, 0.18), (1, 0.0)):
            g.add_color_stop_rgba(at, *clamp(colour), alpha * fade)
        self.c.set_source(g)
        self.c.arc(x, y, radius, 0, 2 * math.pi)
        self.c.fill()

    def ellipse(self, x, y, rx, ry):
        self.c.save()
        self.c.translate(x, y)
        self.c.scale(rx, ry)
        self.c.new_sub_path()
        self.c.arc(0, 0, 1, 0, 2 * math.pi)
        self.c.restore()

    def polygon(self, *points):
        self.c.move_to(*points[0])
        for p in points[1:]:
            self.c.line_to(*p)
        self.c.close_path()

    def ridge(self, y, height, waves, base):
        """A closed hilly outline from the left edge to the right, down to base."""
        phases = [(self.r.uniform(0, 6.28), self.r.uniform(0.6, 1.4)) for _ in range(3)]
        self.c.move_to(-0.02, base)
        steps = 40
        for i in range(steps + 1):
            x = -0.02 + (self.w + 0.04) * i / steps
            v = sum(math.sin(x * waves * f * (k + 1) * 1.7 + p) / (k + 1.5) for k, (p, f) in enumerate(phases))
            self.c.line_to(x, y - height * (0.5 + 0.4 * v))
        self.c.line_to(self.w + 0.02, base)
        self.c.close_path()


# --- sky ----------------------------------------------------------------------------------------------------

def paint_sky(s):
    c, h = s.c, s.horizon
    s.gradient(0, h + 0.08, ((0, s.sky[0]), (0.55, s.sky[1]), (1, s.sky[2])))
    c.paint()
    weather, hour = s.scene["weather"], s.scene["hour"]
    if s.night and weather in ("clear", "cloudy"):
        for _ in range(int(38 * s.w)):
            x, y = s.r.uniform(0, s.w), s.r.uniform(0, h * 0.85)
            size = s.r.choice((0.0030, 0.0040, 0.0060))
            s.ellipse(x, y, size, size)
            s.fill((1, 0.97, 0.88), s.r.uniform(0.6, 1.0))
    x = {"left": 0.24, "centre": 0.5, "right": 0.76}[s.scene["orb"]] * s.w + s.r.uniform(-0.05, 0.05)
    veil = {"clear": 1.0, "cloudy": 0.8, "fog": 0.35, "snow": 0.25, "rain": 0.0}[weather]
    s.orb = None
    if hour == "night":
        if veil > 0.3:
            y = h * s.r.uniform(0.22, 0.42)
            s.glow(x, y, 0.34, (0.75, 0.82, 1.0), 0.55 * veil)
            s.ellipse(x, y, 0.062, 0.062)
            s.fill((0.98, 0.96, 0.86), veil)
            s.ellipse(x + 0.016, y - 0.012, 0.014, 0.014)
            s.fill((0.88, 0.86, 0.78), 0.5 * veil)
            s.orb = (x, (0.92, 0.93, 0.95))
    elif veil > 0:
        y = {"noon": h * s.r.uniform(0.2, 0.34), "dawn": h - s.r.uniform(0.06, 0.12),
             "sunset": h - s.r.uniform(0.05, 0.11)}[hour]
        core = {"noon": (1.0, 0.98, 0.85), "dawn": (1.0, 0.94, 0.78), "sunset": (1.0, 0.88, 0.52)}[hour]
        halo = {"noon": (1, 1, 0.9), "dawn": (1, 0.88, 0.74), "sunset": (1.0, 0.58, 0.24)}[hour]
        s.glow(x, y, 0.5 if hour != "noon" else 0.34, halo, 0.85 * veil)
        size = 0.085 if hour == "sunset" else 0.066
        s.ellipse(x, y, size, size)
        s.fill(core, veil)
        s.orb = (x, mix(core, halo, 0.35))
    if weather in ("cloudy", "rain", "snow") or s.r.random() < 0.35:
        for _ in range({"cloudy": 5, "rain": 6, "snow": 4}.get(weather, 2)):
            cloud(s, s.r.uniform(0, s.w), s.r.uniform(0.08, h * 0.62), s.r.uniform(0.10, 0.20))
    if s.scene["birds"]:
        x, y = s.r.uniform(0.2, 0.8) * s.w, s.r.uniform(0.14, 0.28)
        for _ in range(4):
            bx, by, b = x + s.r.uniform(-0.13, 0.13), y + s.r.uniform(-0.06, 0.06), 0.026
            c.move_to(bx - b, by - b * 0.5)
            c.curve_to(bx - b * 0.4, by - b * 0.7, bx, by - b * 0.1, bx, by)
            c.curve_to(bx, by - b * 0.1, bx + b * 0.4, by - b * 0.7, bx + b, by - b * 0.5)
            s.stroke(s.lit((0.16, 0.16, 0.22)), 0.007)


def cloud(s, x, y, size):
    hour, weather = s.scene["hour"], s.scene["weather"]
    top = {"dawn": (1.0, 0.90, 0.88), "noon": (1, 1, 1), "sunset": (1.0, 0.66, 0.50), "night": (0.30, 0.35, 0.54)}[hour]
    low = mix(top, s.sky[1], 0.55)
    if weather == "rain":
        top, low = mix(top, (0.45, 0.47, 0.52), 0.6), mix(low, (0.35, 0.37, 0.42), 0.6)
    s.gradient(y - size * 0.4, y + size * 0.2, ((0, top, 0.95), (1, low, 0.75)))
    for k in range(6):
        dx = (k - 2.5) / 2.5
        rx = size * s.r.uniform(0.26, 0.40) * (1.15 - 0.5 * abs(dx))
        s.ellipse(x + dx * size * 0.8, y - size * 0.16 * (1 - dx * dx), rx, rx * 0.62)
    s.ellipse(x, y + size * 0.03, size * 1.15, size * 0.13)
    s.c.fill()


# --- places -------------------------------------------------------------------------------------------------

def paint_water(s, top, base=(0.12, 0.34, 0.52), bottom=1.0):
    """Water from top downwards: the mirrored sky, tinted, with ripples and the path of light."""
    c = s.c
    deep = times(mix(base, s.sky[1], 0.30), mix(s.light, (1, 1, 1), 0.2))
    s.gradient(top, bottom, ((0, mix(s.sky[2], deep, 0.18)), (0.35, mix(s.sky[1], deep, 0.45)), (1, mix(s.sky[0], deep, 0.62))))
    c.rectangle(0, top, s.w, bottom - top)
    c.fill()
    for _ in range(int(26 * s.w)):
        t = s.r.random() ** 1.4
        y = top + 0.012 + (bottom - top) * t
        ln = 0.03 + 0.12 * t * s.r.uniform(0.6, 1.4)
        x = s.r.uniform(0, s.w)
        s.ellipse(x, y, ln, 0.0024 + 0.0045 * t)
        s.fill(mix(s.sky[2], (1, 1, 1), 0.25) if s.r.random() < 0.6 else times(deep, (0.8, 0.8, 0.8)), 0.30)
    if s.orb:
        x, colour = s.orb
        for k in range(16):
            t = (k + 0.5) / 16
            y = top + (bottom - top) * t * 0.92
            ln = (0.035 + 0.09 * t) * s.r.uniform(0.55, 1.25)
            s.ellipse(x + s.r.uniform(-0.02, 0.02) * (1 + t), y, ln, 0.0035 + 0.007 * t)
            s.fill(colour, 0.75 * (1 - 0.55 * t))


def hills(s, y, colour, base):
    for k, distance in enumerate((0.62, 0.36)):
        s.ridge(y - 0.015 + 0.012 * k, 0.13 - 0.05 * k, s.r.uniform(2.0, 3.4), base)
        s.fill(s.lit(colour, distance))


def peaks(s, y, size, count, distance):
    """Snow-capped mountains: a dark and a lit face each."""
    rock, snow = s.lit((0.36, 0.38, 0.48), distance), s.lit((0.96, 0.97, 1.0), distance * 0.7)
    order = [(k + 0.5 + s.r.uniform(-0.25, 0.25)) / count * s.w for k in range(count)]
    s.r.shuffle(order)
    for x in order:
        h = size * s.r.uniform(0.75, 1.1)
        b = h * s.r.uniform(0.85, 1.1)
        top = (x, y - h)
        s.polygon(top, (x + b, y), (x - b, y))
        s.fill(rock)
        s.polygon(top, (x + b, y), (x + b * 0.16, y), (x + b * 0.06, y - h * 0.5))
        s.fill(times(rock, (0.80, 0.80, 0.86)))
        cut = 0.42
        s.polygon(top, (x + b * cut, y - h * (1 - cut)), (x + b * 0.22, y - h * 0.66), (x + b * 0.08, y - h * 0.52),
                  (x - b * 0.08, y - h * 0.68), (x - b * 0.22, y - h * 0.58), (x - b * cut, y - h * (1 - cut)))
        s.fill(snow)


def meadow_ground(s, top, colour=(0.40, 0.66, 0.26), flowers=True):
    s.ridge(top + 0.02, 0.05, 2.2, 1.02)
    s.gradient(top, 1, ((0, s.lit(mix(colour, (0.8, 0.85, 0.4), 0.3), 0.15)), (1, s.lit(times(colour, (0.62, 0.68, 0.6))))))
    s.c.fill()
    if not flowers:
        return
    colour = s.r.choice(((0.95, 0.3, 0.3), (1, 0.9, 0.35), (1, 1, 0.97), (0.85, 0.5, 0.9)))
    for _ in range(int(40 * s.w)):
        t = s.r.random()
        size = 0.005 + 0.011 * t
        s.ellipse(s.r.uniform(0, s.w), top + 0.07 + (0.93 - top) * t, size, size * 0.8)
        s.fill(s.lit(colour), 0.9)


def small_pines(s, y, count, snow):
    for _ in range(count):
        x, h = s.r.uniform(0, s.w), s.r.uniform(0.07, 0.12)
        s.c.save()
        s.c.translate(x, y + s.r.uniform(0, 0.02))
        s.c.scale(h, h)
        pine(s, "green", distance=0.35, snow=snow)
        s.c.restore()


def place_lake(s):
    if s.r.random() < 0.5:
        peaks(s, s.horizon + 0.01, 0.26, 4, 0.42)
    hills(s, s.horizon, (0.30, 0.48, 0.36), s.horizon + 0.02)
    paint_water(s, s.horizon)


def place_sea(s):
    paint_water(s, s.horizon, base=(0.05, 0.38, 0.56), bottom=0.9)
    for k in range(3):
        y = s.horizon + 0.1 + 0.1 * k
        for _ in range(3):
            s.ellipse(s.r.uniform(0, s.w), y + s.r.uniform(-0.02, 0.02), 0.09, 0.004 + 0.002 * k)
            s.fill(s.lit((1, 1, 1)), 0.4)
    s.ridge(0.895, 0.03, 1.6, 1.02)
    s.fill(s.lit((1, 1, 1)), 0.75)
    s.ridge(0.915, 0.03, 1.6, 1.02)
    s.gradient(0.88, 1, ((0, s.lit((0.93, 0.82, 0.60))), (1, s.lit((0.80, 0.66, 0.44)))))
    s.c.fill()


def place_river(s):
    hills(s, s.horizon, (0.36, 0.52, 0.40), s.horizon + 0.03)
    top = s.horizon
    paint_water(s, top)
    green = s.lit((0.36, 0.60, 0.26), 0.1)
    c = s.c
    for side in (0, 1):
        def px(x):
            return x * s.w if side == 0 else s.w - x * s.w
        c.move_to(px(-0.02), top - 0.01)
        c.curve_to(px(0.2), top - 0.03, px(0.38), top - 0.01, px(0.44), top + 0.015)
        c.curve_to(px(0.30), top + 0.10, px(0.20), top + 0.18, px(0.10), top + 0.3)
        c.curve_to(px(0.06), top + 0.4, px(0.03), top + 0.46, px(-0.02), 1.02)
        c.close_path()
        s.gradient(top, 1, ((0, mix(green, s.haze, 0.25)), (1, times(green, (0.6, 0.66, 0.6)))))
        c.fill()


def place_pond(s):
    c, h = s.c, s.horizon
    for k in range(int(11 * s.w)):
        x, size = s.r.uniform(0, s.w), s.r.uniform(0.09, 0.16)
        s.ellipse(x, h - size * 0.55, size, size)
        s.fill(s.lit(mix((0.20, 0.42, 0.22), (0.45, 0.60, 0.28), s.r.random()), 0.22))
    paint_water(s, h, base=(0.12, 0.36, 0.36))
    s.gradient(h, h + 0.22, ((0, s.lit((0.16, 0.34, 0.2)), 0.75), (1, s.lit((0.16, 0.34, 0.2)), 0.0)))
    c.rectangle(0, h, s.w, 0.22)
    c.fill()
    pads(s, int(9 * s.w), None)


def pads(s, count, flower, low=0.16):
    spots = sorted((s.r.random(), s.r.random()) for _ in range(count))
    for t, u in spots:
        y = s.horizon + low + (0.97 - s.horizon - low) * t
        size = 0.035 + 0.065 * t
        x = u * s.w
        s.ellipse(x, y + size * 0.07, size, size * 0.36)
        s.fill((0.02, 0.08, 0.10), 0.3)
        s.ellipse(x, y, size, size * 0.36)
        s.fill(s.lit(mix((0.24, 0.56, 0.30), (0.50, 0.72, 0.34), u)))
        if flower:
            for k in range(5):
                a = math.pi * (1 + k / 4)
                s.ellipse(x + math.cos(a) * size * 0.34, y - size * 0.14 + math.sin(a) * size * 0.30, size * 0.22, size * 0.24)
                s.fill(s.lit(mix(COLOURS[flower], (1, 1, 1), 0.15 + 0.12 * (k % 2))))
            s.ellipse(x, y - size * 0.16, size * 0.15, size * 0.12)
            s.fill(s.lit((1, 0.86, 0.3)))


def place_snow(s):
    if s.r.random() < 0.4:
        peaks(s, s.horizon + 0.04, 0.24, 4, 0.5)
    white = (0.96, 0.97, 1.0)
    s.ridge(s.horizon + 0.02, 0.10, 2.4, 1.02)
    s.fill(s.lit(times(white, (0.82, 0.88, 0.98)), 0.3))
    small_pines(s, s.horizon + 0.02, int(6 * s.w), True)
    s.ridge(s.horizon + 0.10, 0.08, 1.8, 1.02)
    s.gradient(s.horizon, 1, ((0, s.lit(white, 0.05)), (1, s.lit(times(white, (0.74, 0.82, 0.96))))))
    s.c.fill()
    s.ridge(s.horizon + 0.26, 0.08, 1.5, 1.02)
    s.gradient(s.horizon + 0.2, 1, ((0, s.lit(white)), (1, s.lit(times(white, (0.80, 0.86, 0.98))))))
    s.c.fill()


def place_desert(s):
    sand = (0.93, 0.72, 0.42)
    s.ridge(s.horizon + 0.02, 0.12, 2.2, 1.02)
    s.fill(s.lit(times(sand, (0.86, 0.78, 0.78)), 0.35))
    for k in range(3):
        y = s.horizon + 0.06 + 0.13 * k
        x = s.r.uniform(0.15, 0.85) * s.w
        height = 0.10 + 0.03 * k
        c = s.c
        c.move_to(-0.1, 1.02)
        c.line_to(-0.1, y + height)
        c.curve_to(x - 0.3, y + height, x - 0.14, y, x, y)
        c.curve_to(x + 0.2, y + 0.02, x + 0.4, y + height * 0.9, s.w + 0.1, y + height)
        c.line_to(s.w + 0.1, 1.02)
        c.close_path()
        s.gradient(y, y + 0.4, ((0, s.lit(mix(sand, (1, 0.92, 0.7), 0.3), 0.12 - 0.05 * k)), (1, s.lit(times(sand, (0.8, 0.66, 0.6))))))
        c.fill()
        c.move_to(x, y)
        c.curve_to(x + 0.2, y + 0.02, x + 0.4, y + height * 0.9, s.w + 0.1, y + height)
        c.curve_to(x + 0.3, y + height * 1.5, x + 0.02, y + height * 1.2, x, y)
        s.fill(s.lit((0.62, 0.40, 0.30)), 0.35)


def place_meadow(s):
    hills(s, s.horizon, (0.38, 0.58, 0.38), s.horizon + 0.05)
    meadow_ground(s, s.horizon)


def place_mountains(s):
    peaks(s, s.horizon + 0.03, 0.50, 3, 0.30)
    peaks(s, s.horizon + 0.03, 0.30, 4, 0.12)
    meadow_ground(s, s.horizon, (0.34, 0.56, 0.30), flowers=s.r.random() < 0.5)


def place_city(s):
    c, h = s.c, s.horizon
    walls = ((0.85, 0.72, 0.60), (0.76, 0.50, 0.42), (0.62, 0.66, 0.74), (0.90, 0.84, 0.74), (0.60, 0.54, 0.62))
    for row in (0, 1):
        x = -0.05
        while x < s.w:
            wide = s.r.uniform(0.13, 0.20)
            tall = s.r.uniform(0.22, 0.36) - 0.10 * row + 0.06
            colour = s.lit(s.r.choice(walls), 0.45 - 0.33 * row)
            if row == 0:
                tall += 0.08
            c.rectangle(x, h - tall, wide + 0.002, tall + 0.02)
            s.fill(colour)
            c.rectangle(x + wide * 0.8, h - tall, wide * 0.2, tall + 0.02)
            s.fill(times(colour, (0.85, 0.85, 0.9)))
            if row == 1:
                if s.r.random() < 0.6:
                    s.polygon((x - 0.008, h - tall), (x + wide + 0.008, h - tall), (x + wide / 2, h - tall - 0.06))
                    s.fill(times(colour, (0.62, 0.55, 0.58)))
                for i in range(2):
                    for j in range(max(1, int(tall / 0.085))):
                        c.rectangle(x + wide * (0.18 + 0.38 * i), h - tall + 0.03 + 0.08 * j, wide * 0.22, 0.042)
                        bright = s.scene["hour"] in ("night", "sunset") and s.r.random() < 0.75
                        s.fill((1.0, 0.84, 0.45) if bright else s.lit((0.34, 0.42, 0.54), 0.1))
            x += wide
    s.gradient(h, 1, ((0, s.lit((0.60, 0.58, 0.60), 0.1)), (1, s.lit((0.40, 0.39, 0.43)))))
    c.rectangle(0, h, s.w, 1 - h)
    c.fill()
    c.rectangle(0, h, s.w, 0.018)
    s.fill(s.lit((0.72, 0.70, 0.70)))
    for k in range(4):
        x = (k + 0.5) / 4 * s.w
        s.polygon((x - 0.05, 0.90), (x + 0.05, 0.90), (x + 0.056, 0.915), (x - 0.056, 0.915))
        s.fill(s.lit((0.92, 0.90, 0.82)), 0.8)


GROUNDS = {"lake": place_lake, "river": place_river, "pond": place_pond, "sea": place_sea, "snow": place_snow,
           "desert": place_desert, "city": place_city, "meadow": place_meadow, "mountains": place_mountains}


# --- things: drawn around the origin, standing on y = 0, about one unit tall --------------------------------

def boat(s, colour, distance=0.0, **_):
    hull = COLOURS[colour]
    c = s.c
    c.move_to(-0.72, -0.30)
    c.curve_to(-0.5, 0.10, 0.5, 0.10, 0.74, -0.34)
    c.curve_to(0.4, -0.20, -0.4, -0.18, -0.72, -0.30)
    c.close_path()
    s.gradient(-0.3, 0.08, ((0, s.lit(mix(hull, (1, 1, 1), 0.12), distance)), (1, s.lit(times(hull, (0.62, 0.6, 0.62)), distance))))
    c.fill()
    c.move_to(-0.72, -0.30)
    c.curve_to(-0.4, -0.18, 0.4, -0.20, 0.74, -0.34)
    s.stroke(s.lit((0.98, 0.94, 0.84), distance), 0.04)
    for x in (-0.25, 0.2):
        c.move_to(x, -0.20)
        c.line_to(x, -0.26)
        s.stroke(s.lit((0.45, 0.28, 0.18), distance), 0.05)


def sailboat(s, colour, distance=0.0, **_):
    c, sail = s.c, COLOURS[colour]
    c.move_to(0.02, -0.2)
    c.line_to(0.02, -1.22)
    s.stroke(s.lit((0.36, 0.24, 0.18), distance), 0.035)
    c.move_to(0.05, -1.2)
    c.curve_to(0.42, -0.85, 0.55, -0.5, 0.56, -0.30)
    c.line_to(0.05, -0.30)
    c.close_path()
    s.gradient(0, 0, ((0, s.lit(sail, distance)), (1, s.lit(times(sail, (0.78, 0.76, 0.8)), distance))), 0.05, 0.56)
    c.fill()
    c.move_to(-0.03, -1.08)
    c.curve_to(-0.12, -0.7, -0.34, -0.45, -0.46, -0.30)
    c.line_to(-0.03, -0.30)
    c.close_path()
    s.fill(s.lit(mix(sail, (1, 1, 1), 0.35), distance))
    c.move_to(-0.55, -0.22)
    c.curve_to(-0.4, 0.06, 0.4, 0.06, 0.62, -0.24)
    c.close_path()
    s.gradient(-0.22, 0.05, ((0, s.lit((0.62, 0.40, 0.26), distance)), (1, s.lit((0.34, 0.20, 0.14), distance))))
    c.fill()


def house(s, colour, distance=0.0, **_):
    c, wall = s.c, COLOURS[colour]
    c.rectangle(0.24, -1.02, 0.12, 0.3)
    s.fill(s.lit((0.55, 0.34, 0.28), distance))
    c.rectangle(-0.48, -0.60, 0.96, 0.62)
    s.gradient(0, 0, ((0, s.lit(mix(wall, (1, 1, 1), 0.1), distance)), (1, s.lit(times(wall, (0.8, 0.78, 0.8)), distance))), -0.5, 0.5)
    c.fill()
    s.polygon((-0.62, -0.56), (-0.34, -0.98), (0.34, -0.98), (0.62, -0.56))
    roof = (0.42, 0.26, 0.24) if colour not in ("purple", "blue", "green") else (0.36, 0.28, 0.30)
    s.gradient(-1, -0.55, ((0, s.lit(mix(roof, (1, 0.9, 0.8), 0.15), distance)), (1, s.lit(roof, distance))))
    c.fill()
    if s.scene["place"] == "snow" or s.scene["weather"] == "snow":
        s.polygon((-0.53, -0.70), (-0.34, -1.0), (0.34, -1.0), (0.53, -0.70), (0.3, -0.76), (0, -0.70), (-0.3, -0.76))
        s.fill(s.lit((0.97, 0.98, 1.0), distance))
    glow = s.scene["hour"] in ("night", "sunset")
    pane = (1.0, 0.86, 0.46) if glow else s.lit((0.62, 0.80, 0.92), distance)
    if glow:
        s.glow(-0.27, -0.3, 0.4, (1, 0.8, 0.4), 0.35)
        s.glow(0.27, -0.3, 0.4, (1, 0.8, 0.4), 0.35)
    for x in (-0.27, 0.27):
        c.rectangle(x - 0.11, -0.44, 0.22, 0.24)
        s.fill(s.lit((0.98, 0.96, 0.92), distance))
        c.rectangle(x - 0.085, -0.415, 0.17, 0.19)
        s.fill(pane)
    c.rectangle(-0.09, -0.36, 0.18, 0.38)
    s.fill(s.lit((0.38, 0.22, 0.16), distance))


def lighthouse(s, colour, distance=0.0, **_):
    c = s.c
    s.ellipse(0, 0.0, 0.42, 0.12)
    s.fill(s.lit((0.46, 0.44, 0.44), distance))
    white, band = s.lit((0.97, 0.96, 0.93), distance), s.lit(COLOURS[colour], distance)
    if colour == "white":
        band = s.lit((0.80, 0.82, 0.86), distance)

    def half(t):
        return 0.22 - 0.09 * t
    for k in range(5):
        a, b = k / 5, (k + 1) / 5
        s.polygon((-half(a), -a * 1.15), (half(a), -a * 1.15), (half(b), -b * 1.15), (-half(b), -b * 1.15))
        s.fill(band if k % 2 == 0 else white)
    s.polygon((0.06, 0), (half(0), 0), (half(1), -1.15), (0.04, -1.15))
    s.fill((0, 0, 0.1), 0.16)
    c.rectangle(-0.18, -1.19, 0.36, 0.05)
    s.fill(s.lit((0.25, 0.25, 0.3), distance))
    dark = s.scene["hour"] in ("night", "sunset") or s.scene["weather"] == "fog"
    c.rectangle(-0.10, -1.36, 0.20, 0.17)
    s.fill((1.0, 0.92, 0.6) if dark else s.lit((0.8, 0.9, 0.95), distance))
    s.polygon((-0.15, -1.36), (0.15, -1.36), (0, -1.54))
    s.fill(band)
    if dark:
        way = -1 if s.scene["orb"] == "right" else 1
        s.gradient(0, 0, ((0, (1, 0.95, 0.7), 0.6), (1, (1, 0.95, 0.7), 0.0)), 0, 2.6 * way)
        s.polygon((0, -1.30), (2.6 * way, -1.62), (2.6 * way, -1.06), (0, -1.25))
        c.fill()
        s.glow(0, -1.28, 0.45, (1, 0.94, 0.65), 0.9)


def tree(s, colour, distance=0.0, **_):
    c, leaf = s.c, COLOURS[colour]
    c.move_to(-0.09, 0.01)
    c.curve_to(-0.05, -0.2, -0.05, -0.4, -0.16, -0.62)
    c.line_to(0.16, -0.62)
    c.curve_to(0.05, -0.4, 0.05, -0.2, 0.09, 0.01)
    c.close_path()
    s.fill(s.lit((0.36, 0.24, 0.17), distance))
    for dx, dy, size, shade in ((-0.30, -0.62, 0.28, 0.72), (0.30, -0.62, 0.28, 0.66), (0.0, -0.60, 0.32, 0.75),
                                (-0.20, -0.86, 0.28, 0.9), (0.20, -0.86, 0.27, 0.85), (0.0, -1.0, 0.26, 1.0),
                                (-0.14, -0.78, 0.17, 1.12), (0.12, -0.98, 0.14, 1.18)):
        s.ellipse(dx + s.r.uniform(-0.03, 0.03), dy, size, size * 0.88)
        s.fill(s.lit(clamp(tuple(x * shade for x in leaf)), distance))


def pine(s, colour, distance=0.0, snow=None, **_):
    c = s.c
    if snow is None:
        snow = s.scene["place"] == "snow" or s.scene["weather"] == "snow"
    c.rectangle(-0.06, -0.2, 0.12, 0.21)
    s.fill(s.lit((0.34, 0.22, 0.16), distance))
    for k in range(3):
        y, wide = -0.14 - 0.32 * k, 0.44 - 0.11 * k
        s.polygon((0, y - 0.56), (wide, y), (0, y + 0.05), (-wide, y))
        s.fill(s.lit(times((0.14, 0.42, 0.26), (0.9 + 0.12 * k,) * 3), distance))
        s.polygon((0, y - 0.56), (wide, y), (0, y + 0.05))
        s.fill((0, 0.02, 0.06), 0.16)
        if snow:
            s.polygon((0, y - 0.56), (wide * 0.62, y - 0.20), (wide * 0.2, y - 0.26), (-wide * 0.15, y - 0.18), (-wide * 0.62, y - 0.20))
            s.fill(s.lit((0.95, 0.97, 1.0), distance))


def person(s, colour, distance=0.0, walking=None, **_):
    c, coat = s.c, COLOURS[colour]
    skin, dark = s.lit((0.93, 0.74, 0.60), distance), s.lit((0.20, 0.20, 0.28), distance)
    step = 0.10 if s.r.random() < 0.5 or walking else 0.05
    for x in (-1, 1):
        c.move_to(0.04 * x, -0.36)
        c.line_to(step * x, -0.02)
        s.stroke(dark, 0.085)
    c.move_to(-0.09, -0.80)
    c.curve_to(-0.17, -0.6, -0.19, -0.45, -0.20, -0.30)
    c.line_to(0.20, -0.30)
    c.curve_to(0.19, -0.45, 0.17, -0.6, 0.09, -0.80)
    c.close_path()
    s.gradient(0, 0, ((0, s.lit(mix(coat, (1, 1, 1), 0.1), distance)), (1, s.lit(times(coat, (0.7, 0.68, 0.72)), distance))), -0.2, 0.2)
    c.fill()
    for x in (-1, 1):
        c.move_to(0.10 * x, -0.72)
        c.line_to(0.20 * x, -0.44)
        s.stroke(s.lit(times(coat, (0.85, 0.83, 0.86)), distance), 0.075)
    s.ellipse(0, -0.90, 0.105, 0.115)
    s.fill(skin)
    c.arc(0, -0.92, 0.112, math.pi * 0.98, 2.02 * math.pi)
    s.fill(s.lit((0.28, 0.18, 0.12), distance))


def umbrella(s, colour, distance=0.0, **_):
    c, cloth = s.c, COLOURS[colour]
    s.c.save()
    s.c.scale(0.86, 0.86)
    person(s, "blue" if colour != "blue" else "yellow", distance, walking=True)
    s.c.restore()
    c.move_to(0.15, -0.45)
    c.line_to(0.06, -1.1)
    s.stroke(s.lit((0.25, 0.2, 0.2), distance), 0.03)
    c.move_to(-0.50, -0.86)
    c.curve_to(-0.44, -1.38, 0.56, -1.38, 0.62, -0.86)
    for k in range(4):
        x = 0.62 - 0.28 * k
        c.curve_to(x - 0.07, -0.93, x - 0.21, -0.93, x - 0.28, -0.86)
    c.close_path()
    s.gradient(0, 0, ((0, s.lit(mix(cloth, (1, 1, 1), 0.15), distance)), (1, s.lit(times(cloth, (0.72, 0.7, 0.74)), distance))), -0.5, 0.6)
    c.fill()
    for end in (-0.22, 0.34):
        c.move_to(0.06, -1.25)
        c.curve_to(end * 0.8 + 0.03, -1.2, end, -1.0, end, -0.90)
        s.stroke(s.lit(times(cloth, (0.6, 0.58, 0.6)), distance), 0.016)


def lantern(s, colour, distance=0.0, **_):
    c, paper = s.c, COLOURS[colour]
    dark = s.night or s.scene["hour"] == "sunset"
    c.move_to(-0.34, 0)
    c.line_to(-0.34, -1.12)
    c.curve_to(-0.34, -1.24, -0.1, -1.24, 0.02, -1.1)
    s.stroke(s.lit((0.30, 0.20, 0.15), distance), 0.06)
    s.glow(0.02, -0.72, 0.85 if dark else 0.5, mix(paper, (1, 0.85, 0.5), 0.5), 0.75 if dark else 0.3)
    body = mix(paper, (1, 0.92, 0.6), 0.12)
    s.ellipse(0.02, -0.72, 0.27, 0.32)
    s.gradient(-1.04, -0.4, ((0, s.lit(paper, distance) if not dark else paper), (0.5, mix(body, (1, 0.95, 0.7), 0.42)), (1, times(paper, (0.85, 0.8, 0.8)))))
    c.fill()
    for k in (-1, 0, 1):
        c.move_to(-0.22, -0.72 + 0.15 * k)
        c.curve_to(-0.1, -0.68 + 0.15 * k, 0.14, -0.68 + 0.15 * k, 0.26, -0.72 + 0.15 * k)
        s.stroke(times(paper, (0.6, 0.5, 0.5)), 0.014, 0.5)
    for y in (-1.07, -0.43):
        c.rectangle(-0.09, y, 0.22, 0.06)
        s.fill(s.lit((0.24, 0.16, 0.12), distance))


def balloon(s, colour, distance=0.0, **_):
    c, cloth = s.c, COLOURS[colour]
    for x in (-0.09, 0.09):
        c.move_to(x * 2.0, -0.42)
        c.line_to(x, -0.14)
        s.stroke(s.lit((0.35, 0.26, 0.2), distance), 0.02)
    c.move_to(0, -0.26)
    c.curve_to(-0.30, -0.45, -0.46, -0.62, -0.46, -0.86)
    c.curve_to(-0.46, -1.44, 0.46, -1.44, 0.46, -0.86)
    c.curve_to(0.46, -0.62, 0.30, -0.45, 0, -0.26)
    c.close_path()
    s.gradient(0, 0, ((0, s.lit(mix(cloth, (1, 1, 1), 0.22), distance)), (1, s.lit(times(cloth, (0.68, 0.66, 0.7)), distance))), -0.4, 0.46)
    c.fill()
    second = (1, 0.97, 0.88) if colour not in ("white", "yellow") else (0.93, 0.62, 0.30)
    for k in (-1, 1):
        c.move_to(0, -0.28)
        c.curve_to(0.20 * k, -0.5, 0.26 * k, -0.65, 0.26 * k, -0.86)
        c.curve_to(0.26 * k, -1.15, 0.12 * k, -1.26, 0, -1.30)
        c.curve_to(0.05 * k, -1.24, 0.13 * k, -1.12, 0.13 * k, -0.86)
        c.curve_to(0.13 * k, -0.65, 0.08 * k, -0.5, 0, -0.28)
        s.fill(s.lit(second, distance), 0.85)
    c.rectangle(-0.10, -0.16, 0.20, 0.16)
    s.fill(s.lit((0.52, 0.34, 0.20), distance))


def swimmer(s, colour, distance=0.0, **_):
    c = s.c
    skin = s.lit((0.93, 0.74, 0.60), distance)
    for k in (3, 2, 1):
        s.ellipse(0, 0, 0.30 + 0.16 * k, 0.07 + 0.035 * k)
        s.stroke(s.lit((1, 1, 1)), 0.022, 0.5)
    c.move_to(0.14, -0.06)
    c.curve_to(0.30, -0.42, 0.44, -0.44, 0.56, -0.22)
    s.stroke(skin, 0.09)
    c.move_to(-0.24, 0.02)
    c.curve_to(-0.2, -0.24, 0.2, -0.24, 0.24, 0.02)
    c.close_path()
    s.fill(skin)
    s.ellipse(0, -0.32, 0.15, 0.165)
    s.fill(skin)
    c.arc(0, -0.35, 0.165, math.pi, 2 * math.pi)
    s.fill(s.lit(COLOURS[colour], distance))


def rower(s, colour, distance=0.0, **_):
    c = s.c
    c.save()
    c.translate(-0.05, 0.06)
    c.scale(0.74, 0.74)
    person(s, "yellow" if colour != "yellow" else "red", distance)
    c.restore()
    boat(s, colour, distance)
    c.move_to(-0.02, -0.42)
    c.line_to(0.62, 0.06)
    s.stroke(s.lit((0.60, 0.42, 0.26), distance), 0.04)


def bridge(s, colour, distance=0.0, **_):
    """A garden bridge with a railing; spans two units."""
    c, paint = s.c, COLOURS[colour]
    main, dark = s.lit(paint, distance), s.lit(times(paint, (0.62, 0.6, 0.64)), distance)
    c.move_to(-1.05, 0.04)
    c.curve_to(-0.55, -0.66, 0.55, -0.66, 1.05, 0.04)
    c.line_to(0.86, 0.04)
    c.curve_to(0.45, -0.48, -0.45, -0.48, -0.86, 0.04)
    c.close_path()
    s.fill(dark)

    def arch(t, lift):
        return (-1.05 + 2.1 * t, 0.04 - 4 * 0.525 * t * (1 - t) - lift)
    for lift, width in ((0.02, 0.07), (0.17, 0.035), (0.32, 0.05)):
        c.move_to(*arch(0, lift))
        for k in range(1, 21):
            c.line_to(*arch(k / 20, lift))
        s.stroke(main, width)
    for k in range(9):
        x, y = arch((k + 0.5) / 9, 0)
        c.move_to(x, y)
        c.line_to(x, y - 0.34)
        s.stroke(main, 0.045)


PAINTERS = {"boat": boat, "sailboat": sailboat, "house": house, "lighthouse": lighthouse, "tree": tree,
            "pine": pine, "bridge": bridge, "umbrella": umbrella, "lantern": lantern, "balloon": balloon,
            "person": person, "swimmer": swimmer, "rower": rower}
SIZES = {"boat": 0.44, "sailboat": 0.46, "house": 0.46, "lighthouse": 0.44, "tree": 0.52, "pine": 0.50,
         "bridge": 0.46, "umbrella": 0.50, "lantern": 0.50, "balloon": 0.44, "person": 0.56, "swimmer": 0.46,
         "rower": 0.48}
# How far a thing of size one reaches to either side, and how high.
REACH = {"boat": (0.74, 0.36), "sailboat": (0.58, 1.22), "house": (0.62, 1.02), "lighthouse": (0.36, 1.54), "tree": (0.58, 1.23),
         "pine": (0.46, 1.34), "bridge": (1.05, 0.84), "umbrella": (0.60, 1.26), "lantern": (0.36, 1.24), "balloon": (0.46, 1.30),
         "person": (0.25, 1.03), "swimmer": (0.60, 0.52), "rower": (0.74, 0.72)}
FLOATING = ("boat", "sailboat", "swimmer", "rower")


def thing_box(scene, thing, aspect=1.0):
    """Where the thing stands: x, baseline y and size in units of the picture's height."""
    name = thing["name"]
    size = SIZES[name] * thing["big"] * (1.0 if thing["near"] else 0.68)
    h = HORIZON[scene["place"]]
    y = h + (0.90 - h) * (0.74 if thing["near"] else 0.34)
    if scene["place"] in ("lake", "sea", "pond", "river") and name not in FLOATING + ("bridge",):
        y = 0.94 if thing["near"] else 0.90
    x = {"left": 0.25, "centre": 0.5, "right": 0.75}[thing["side"]] + thing["jitter"]
    if name == "balloon":
        y = 0.62 if thing["near"] else 0.42
    if name == "bridge":
        y = h + (0.30 if thing["near"] else 0.18)
        x = 0.5 + (x - 0.5) * 0.5
    return x * aspect, y, size


def outline(scene, thing, aspect=1.0):
    """The thing's box in units of the picture's height: left, top, right, bottom. Lilies take the water."""
    if thing["name"] == "lilies":
        return 0.0, HORIZON[scene["place"]] + 0.16, aspect, 1.0
    x, y, size = thing_box(scene, thing, aspect)
    half, high = REACH[thing["name"]]
    return x - half * size, y - high * size, x + half * size, y + 0.06 * size


def cropped(scene, x0, y0, x1, y1):
    """The scene that a piece of the square picture shows: things that lie in it, with their sides in the piece."""
    things = []
    for thing in scene["things"]:
        a, b, c, d = outline(scene, thing)
        seen = max(0.0, min(c, x1) - max(a, x0)) * max(0.0, min(d, y1) - max(b, y0))
        if seen > 0.5 * (c - a) * (d - b) or seen > 0.45 * (x1 - x0) * (y1 - y0):
            at = ((max(a, x0) + min(c, x1)) / 2 - x0) / (x1 - x0)
            things.append({**thing, "side": SIDES[0 if at < 0.40 else 1 if at < 0.60 else 2]})
    return {**scene, "things": things, "birds": False}


def islet(s, x, y, size):
    """A piece of bank for things that stand, where the place is water."""
    place = s.scene["place"]
    ground = (0.42, 0.60, 0.30) if place != "sea" else (0.90, 0.78, 0.55)
    snowy = s.scene["weather"] == "snow"
    s.ellipse(x, y + 0.045, size * 0.95 + 0.05, 0.075)
    s.fill((0.03, 0.08, 0.12), 0.25)
    s.ellipse(x, y + 0.03, size * 0.95 + 0.04, 0.07)
    s.fill(s.lit((0.95, 0.96, 1.0) if snowy else ground))


def paint_thing(s, thing):
    scene, name = s.scene, thing["name"]
    if name == "lilies":
        pads(s, int(10 * s.w), thing["colour"], low=0.2)
        return
    x, y, size = thing_box(scene, thing, s.w)
    distance = 0.0 if thing["near"] else 0.14
    wet = scene["place"] in WATER
    c, paint = s.c, PAINTERS[name]
    state = s.r.getstate()
    if wet and name in FLOATING + ("bridge",):
        c.save()
        c.push_group()
        c.translate(x, y)
        c.scale(size, -size * 0.8)
        paint(s, thing["colour"], distance=distance)
        c.pop_group_to_source()
        c.paint_with_alpha(0.38)
        c.restore()
        s.r.setstate(state)
    elif name != "balloon":
        if wet:
            islet(s, x, y, size)
        else:
            s.ellipse(x + size * 0.06, y + size * 0.01, size * 0.55, size * 0.09)
            s.fill((0.04, 0.05, 0.12), 0.28)
    c.save()
    c.translate(x, y)
    c.scale(size, size)
    paint(s, thing["colour"], distance=distance)
    c.restore()


def paint_weather(s):
    weather, c = s.scene["weather"], s.c
    if weather == "fog":
        fog = mix(s.haze, (0.86, 0.88, 0.9) if not s.night else (0.36, 0.40, 0.52), 0.5)
        s.gradient(s.horizon - 0.25, 1, ((0, fog, 0.05), (0.3, fog, 0.72), (0.6, fog, 0.42), (1, fog, 0.15)))
        c.rectangle(0, s.horizon - 0.25, s.w, 1.3)
        c.fill()
    elif weather == "snow":
        for _ in range(int(70 * s.w)):
            size = s.r.choice((0.005, 0.007, 0.011))
            s.ellipse(s.r.uniform(0, s.w), s.r.random(), size, size)
            s.fill((1, 1, 1), 0.85)
    elif weather == "rain":
        for _ in range(int(60 * s.w)):
            x, y, ln = s.r.uniform(-0.05, s.w), s.r.random(), s.r.uniform(0.04, 0.08)
            c.move_to(x, y)
            c.line_to(x - ln * 0.25, y + ln)
            s.stroke((0.88, 0.92, 0.98), 0.0045, 0.55)


def draw(scene, width, height):
    """Paints the scene; returns an array [height, width, 3] of bytes."""
    s = Canvas(scene, width, height)
    paint_sky(s)
    GROUNDS[scene["place"]](s)
    for thing in sorted(scene["things"], key=lambda t: (t["near"], t["name"] != "lilies")):
        paint_thing(s, thing)
    paint_weather(s)
    s.surface.flush()
    pixels = np.ndarray((height, s.surface.get_stride() // 4, 4), np.uint8, s.surface.get_data())
    return np.ascontiguousarray(pixels[:, :width, 2::-1])


# --- captions -----------------------------------------------------------------------------------------------

PLACE_WORDS = {
    "lake": ("on a lake", "by a lake", "at the lake", "on a calm lake", "on a mountain lake"),
    "river": ("on a river", "by a river", "at the river", "by the river in the countryside"),
    "pond": ("on a lily pond", "by a pond", "in a garden pond", "at the lily pond", "on a pond with lily pads"),
    "sea": ("by the sea", "at the seaside", "on the sea", "on the beach", "on the ocean"),
    "snow": ("in the snow", "in a snowfield", "in a snowy landscape", "on a snowy hill", "in winter"),
    "desert": ("in the desert", "among sand dunes", "in a desert", "on the dunes"),
    "city": ("in a city street", "in the city", "on a street", "in a town", "in front of houses in a city"),
    "meadow": ("in a meadow", "in a green field", "on a flower meadow", "in the countryside", "on a hill of grass"),
    "mountains": ("in the mountains", "in front of mountains", "below snowy mountains", "in a mountain valley"),
}
PLACE_NAMES = {
    "lake": ("a lake", "a calm lake", "the lake"), "river": ("a river", "a river in the countryside"),
    "pond": ("a lily pond", "a pond", "a pond with lily pads"), "sea": ("the sea", "the seaside", "a beach", "the ocean"),
    "snow": ("a snowfield", "a snowy landscape", "snowy hills", "a winter landscape"),
    "desert": ("a desert", "sand dunes", "the desert"), "city": ("a city street", "a city", "a town", "a street"),
    "meadow": ("a meadow", "a green field", "a flower meadow"),
    "mountains": ("mountains", "a mountain landscape", "snowy mountains"),
}
HOUR_WORDS = {
    "dawn": ("at dawn", "at sunrise", "in the early morning", "in the morning"),
    "noon": ("at noon", "on a sunny day", "by day", "in daylight", "under a blue sky"),
    "sunset": ("at sunset", "at dusk", "in the evening", "in the evening light", "under a red sky"),
    "night": ("at night", "under the stars", "at midnight", "under the moon", "on a starry night"),
}
WEATHER_WORDS = {
    "cloudy": ("under clouds", "cloudy sky", "with clouds", "on a cloudy day"),
    "snow": ("in falling snow", "snowing", "snowfall", "while it snows"),
    "rain": ("in the rain", "rainy weather", "on a rainy day", "raining"),
    "fog": ("in the fog", "foggy", "in the mist", "misty"),
}
THING_WORDS = {
    "boat": ("boat", "rowing boat", "boat", "boat", "wooden boat"), "sailboat": ("sailboat", "sailing boat", "sailboat"),
    "house": ("house", "house", "cottage", "home"), "lighthouse": ("lighthouse",), "tree": ("tree",),
    "pine": ("pine tree", "fir tree", "pine"), "bridge": ("bridge", "bridge", "wooden bridge", "garden bridge"),
    "lantern": ("lantern", "paper lantern"), "balloon": ("hot air balloon", "balloon"),
}
OPENINGS = ("", "", "", "", "", "a painting of ", "a picture of ", "a view of ", "a drawing of ", "an illustration of ")


def article(words):
    return ("an " if words[0] in "aeiou" else "a ") + words


def thing_phrase(r, thing):
    name, colour = thing["name"], thing["colour"]
    size = "" if r.random() < 0.7 else (r.choice(("big ", "large ")) if thing["near"] else r.choice(("small ", "little ", "distant ")))
    if name == "lilies":
        return r.choice((f"{colour} water lilies", f"water lilies", f"{colour} lilies"))
    if name == "pine":
        return article(size + r.choice(THING_WORDS["pine"]))
    if name == "umbrella":
        who = r.choice(("person", "woman", "man", "person"))
        return r.choice((f"a {who} with {article(colour + ' umbrella')}", article(f"{size}{colour} umbrella"),
                         f"a {who} walking with {article(colour + ' umbrella')}", f"a {who} under {article(colour + ' umbrella')}"))
    if name == "person":
        who = r.choice(("person", "woman", "man", "person"))
        return r.choice((f"a {size}{who} in {colour}", f"a {who} in {article(colour + ' coat')}", f"a {who} standing in {article(colour + ' coat')}",
                         f"a {who} walking", f"a {who} standing", f"somebody in {article(colour + ' coat')}"))
    if name == "swimmer":
        who = r.choice(("person", "woman", "man", "swimmer"))
        verb = "" if who == "swimmer" else " swimming"
        return r.choice((f"a {who}{verb}", f"a {who}{verb} with {article(colour + ' cap')}", f"a {who} with {article(colour + ' cap')}{verb}"))
    if name == "rower":
        who = r.choice(("person", "woman", "man", "person"))
        return r.choice((f"a {who} rowing {article(colour + ' boat')}", f"a {who} in {article(colour + ' boat')}", f"a {who} rowing"))
    if r.random() < 0.16 and name not in ("tree",):
        colour = ""
    if name == "tree" and colour == "green" and r.random() < 0.5:
        colour = ""
    return article((size + colour + " " + r.choice(THING_WORDS[name])).strip().replace("  ", " "))


def side_phrase(r, thing):
    return {"left": r.choice((" on the left", " to the left")), "right": r.choice((" on the right", " to the right")),
            "centre": r.choice((" in the middle", " in the centre"))}[thing["side"]]


def caption(scene, seed, bare=0.03, sided=0.42):
    """One of the many ways to say what the scene shows; the seed chooses. How often only the things are named, and how often
    the side on which they stand."""
    r = random.Random(seed * 40503 + scene["seed"])
    things = []
    for thing in scene["things"]:
        told = thing["name"] not in ("bridge", "lilies") and r.random() < sided
        things.append(thing_phrase(r, thing) + (side_phrase(r, thing) if told else ""))
    r.shuffle(things)
    if len(things) == 2 and r.random() < 0.1:
        things = [thing_phrase(r, scene["things"][0])]
    what = (" and " if r.random() < 0.8 else ", ").join(things)
    hour = r.choice(HOUR_WORDS[scene["hour"]])
    if scene["hour"] == "noon" and scene["weather"] != "clear":
        hour = r.choice(("by day", "at noon", "in daylight"))
    if scene["hour"] == "night" and scene["weather"] in ("rain", "snow"):
        hour = "at night"
    weather = scene["weather"]
    sky = r.choice(WEATHER_WORDS[weather]) if weather != "clear" and r.random() < 0.9 else ""
    if scene["birds"] and r.random() < 0.5:
        sky = (sky + ", " if sky else "") + r.choice(("birds in the sky", "flying birds"))
    if weather == "clear" and scene["hour"] == "night" and r.random() < 0.15:
        sky = r.choice(("full moon", "stars and moon"))
    where, place = r.choice(PLACE_WORDS[scene["place"]]), r.choice(PLACE_NAMES[scene["place"]])
    opening = r.choice(OPENINGS)
    form = r.random()
    if what and r.random() < bare:
        return what
    if not what:
        text = r.choice((f"{opening}{place} {hour}", f"{hour} {where}", f"{opening}{place}, {hour}"))
    elif form < 0.55:
        text = f"{opening}{what} {where} {hour}"
    elif form < 0.65:
        text = f"{opening}{what} {hour} {where}"
    elif form < 0.80:
        text = f"{opening}{place} {hour} with {what}"
    elif form < 0.86:
        text = f"{hour}, {what} {where}"
    elif form < 0.95:
        text = f"{what} {where}"
    else:
        short = hour.split(" ", 1)[1].replace("the ", "").replace("a ", "")
        text = ", ".join(x for x in (what, place, short) if x)
    if sky:
        text += r.choice((", ", " ", ", ")) + sky
    return text


def sheet(scenes, columns, size=256):
    rows = (len(scenes) + columns - 1) // columns
    out = np.zeros((rows * size, columns * size, 3), np.uint8)
    for k, scene in enumerate(scenes):
        y, x = k // columns * size, k % columns * size
        out[y:y + size, x:x + size] = draw(scene, size, size)
    return out


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--sheet", default="scenes.png", help="where the sheet of scenes goes (PNG)")
    p.add_argument("--seed", type=int, default=7)
    p.add_argument("--columns", type=int, default=6)
    p.add_argument("--rows", type=int, default=6)
    p.add_argument("--size", type=int, default=256)
    a = p.parse_args()
    from PIL import Image
    scenes = [sample_scene(a.seed * 1000 + k) for k in range(a.columns * a.rows)]
    Image.fromarray(sheet(scenes, a.columns, a.size)).save(a.sheet)
    for k, scene in enumerate(scenes):
        print(k, caption(scene, k))


if __name__ == "__main__":
    main()
