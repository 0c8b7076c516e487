# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Repaints scenes in short, broken brush strokes: what starter-impressionist.safetensors learns from.

Three passes with ever smaller brushes over a thin underpainting. Strokes follow the edges of things, and where there
are none they lie the way a painter would lay them: flat on water and ground, drifting in the sky. Neighbouring
strokes differ in hue and brightness, so that colours mix in the eye; the smallest brush only goes where the
larger ones lost something.

    python strokes.py --sheet sheet.png --seed 7
"""
import argparse
import math

import cairo
import numpy as np

import scenes

# Brush width and spacing in units of the picture's height, length in widths, and how different a place must be to be painted.
PASSES = ((0.062, 0.038, 2.5, 0.0), (0.039, 0.026, 2.7, 0.05), (0.020, 0.015, 3.0, 0.09))
VARIETY = 0.23   # how much neighbouring strokes differ


def blurred(pixels, radius):
    """Three box blurs along each axis, near enough to a Gaussian."""
    x = pixels.astype(np.float32)
    for axis in (0, 1):
        for _ in range(3):
            pad = [(0, 0)] * x.ndim
            pad[axis] = (radius + 1, radius)
            sums = np.cumsum(np.pad(x, pad, mode="edge"), axis=axis, dtype=np.float64)
            n = 2 * radius + 1
            x = ((sums.take(range(n, sums.shape[axis]), axis) - sums.take(range(0, sums.shape[axis] - n), axis)) / n).astype(np.float32)
    return x


def directions(soft, r):
    """The angle of a stroke at each pixel: along edges where there are any, else a calm, slightly wandering flow."""
    grey = soft @ np.array([0.30, 0.55, 0.15], np.float32)
    gy, gx = np.gradient(grey)
    jxx, jyy, jxy = (blurred(v, max(1, len(grey) // 64)) for v in (gx * gx, gy * gy, gx * gy))
    along = 0.5 * np.arctan2(2 * jxy, jxx - jyy) + math.pi / 2
    y, x = np.mgrid[0:len(grey), 0:grey.shape[1]] / len(grey)
    p = r.uniform(0, 6.28, 4)
    calm = 0.35 * np.sin(5.1 * x + 2.0 * y + p[0]) * np.sin(3.3 * y + p[1]) + 0.25 * np.sin(9 * x - 4 * y + p[2]) * (1 - y)
    sure = np.clip((jxx + jyy) / 12.0, 0, 1)
    c, s = np.cos(2 * along) * sure + np.cos(2 * calm) * (1.02 - sure), np.sin(2 * along) * sure + np.sin(2 * calm) * (1.02 - sure)
    return 0.5 * np.arctan2(s, c)


def varied(colours, r, amount):
    """Neighbours of the colours [n, 3]: brighter or darker, warmer or cooler, a little more vivid."""
    n = (len(colours), 1)
    grey = colours.mean(1, keepdims=True)
    c = grey + (colours - grey) * (1.16 + 0.25 * r.random(n))
    c = c * (1 + amount * r.normal(0, 0.75, n)) + amount * r.normal(0, 0.30, n)
    return np.clip(c + amount * r.normal(0, 0.65, n) * np.array([0.30, 0.02, -0.34]), 0, 1)


def repaint(pixels, seed):
    """Bytes [height, width, 3] of a scene to bytes of its painting; the seed is the painter's hand."""
    r = np.random.default_rng(seed)
    height, width = pixels.shape[:2]
    surface = cairo.ImageSurface(cairo.FORMAT_RGB24, width, height)
    canvas = np.ndarray((height, surface.get_stride() // 4, 4), np.uint8, surface.get_data())[:, :width]
    under = blurred(pixels, max(1, height // 50))
    canvas[..., 2::-1] = np.clip(under * 0.86 + np.array([30, 24, 16]), 0, 255)
    surface.mark_dirty()
    c = cairo.Context(surface)
    c.set_line_cap(cairo.LINE_CAP_ROUND)
    angles = directions(blurred(pixels, max(1, height // 128)), r)
    for wide, gap, long, threshold in PASSES:
        surface.flush()
        source = blurred(pixels, max(1, round(wide * height / 5))) / 255
        wrong = np.abs(canvas[..., 2::-1] / 255 - source).mean(2)
        ys, xs = np.mgrid[0:1:gap, 0:width / height:gap]
        spots = np.stack([xs.ravel(), ys.ravel()], 1) + r.uniform(-0.6, 0.6, (xs.size, 2)) * gap
        r.shuffle(spots)
        at = np.clip((spots * height).astype(int)[:, ::-1], 0, (height - 1, width - 1))
        chosen = wrong[at[:, 0], at[:, 1]] >= threshold
        spots, at = spots[chosen] * height, at[chosen]
        n = len(spots)
        turned = angles[at[:, 0], at[:, 1]] + r.normal(0, 0.16, n)
        brush = wide * height * r.uniform(0.75, 1.2, n)
        reach = (np.stack([np.cos(turned), np.sin(turned)], 1) * (brush * long * r.uniform(0.7, 1.25, n) / 2)[:, None])
        colours = varied(source[at[:, 0], at[:, 1]], r, VARIETY)
        ridges = np.clip(colours * 1.10 + 0.03, 0, 1)
        for stroke in zip(spots.tolist(), reach.tolist(), brush.tolist(), r.normal(0, 0.18, n).tolist(), colours.tolist(), ridges.tolist()):
            dab(c, *stroke)
        surface.mark_dirty()
    surface.flush()
    return np.ascontiguousarray(canvas[..., 2::-1])


def dab(c, at, reach, brush, bend, colour, ridge):
    """One short stroke, a little bent, with the ridge of paint along one side catching the light."""
    x, y = at
    dx, dy = reach
    mx, my = x - dy * bend, y + dx * bend
    for lift, wide, paint, alpha in ((0.0, brush, colour, 0.93), (0.22 * brush, 0.28 * brush, ridge, 0.55)):
        c.move_to(x - dx, y - dy - lift)
        c.curve_to(mx - dx / 3, my - dy / 3 - lift, mx + dx / 3, my + dy / 3 - lift, x + dx, y + dy - lift)
        c.set_line_width(wide)
        c.set_source_rgba(*paint, alpha)
        c.stroke()


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--sheet", default="strokes.png", help="where the sheet of paintings goes (PNG)")
    p.add_argument("--seed", type=int, default=7)
    p.add_argument("--size", type=int, default=256)
    a = p.parse_args()
    from PIL import Image
    rows = []
    for k in range(3):
        drawn = [scenes.draw(scenes.sample_scene(a.seed * 1000 + 6 * k + n), a.size, a.size) for n in range(6)]
        rows += [np.concatenate(drawn, 1), np.concatenate([repaint(x, n) for n, x in enumerate(drawn)], 1)]
    Image.fromarray(np.concatenate(rows, 0)).save(a.sheet)


if __name__ == "__main__":
    main()
