# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tests/fixtures/sample.json: torch's noise, and schedules and samplers in NumPy and SciPy.

    pip install -r tests/oracle/requirements.txt
    python tests/oracle/make_sample.py

The samplers here work on whole float64 arrays and share nothing with the engine's.
"""

import json
import pathlib

import numpy as np
import scipy.stats
import torch

OUT = pathlib.Path(__file__).resolve().parent.parent / "fixtures" / "sample.json"

# ---------------------------------------------------------------- noise

# Drawn in this order from one generator.  Odd draws below 16 leave a spare value that outlives the
# longer draws.
SIZES = [1, 2, 7, 15, 16, 17, 31, 32, 100, 256, 4096, 1, 3, 24]
SEEDS = [0, 42, 2**32 + 42, 2**64 - 1]
KEPT = 40  # of a longer draw: values spread evenly over it, and its last 32


def kept_places(n):
    if n <= 100:
        return list(range(n))
    return sorted(set(range(0, n, n // KEPT)) | set(range(n - 32, n)))


def generator(seed):
    return torch.Generator().manual_seed(seed if seed < 2**63 else seed - 2**64)


def noise():
    cases = []
    for seed in SEEDS:
        g = generator(seed)
        draws = []
        for n in SIZES:
            values = torch.randn(n, generator=g)
            places = kept_places(n)
            draws.append({"n": n, "places": places, "values": [float(values[i]) for i in places]})
        cases.append({"seed": str(seed), "draws": draws})
    return cases


# ---------------------------------------------------------------- noise levels


def sigmas_of_betas(betas):
    abar = np.cumprod(1 - betas)
    return np.sqrt((1 - abar) / abar)


def scaled_linear(start, end, n):
    return np.linspace(start**0.5, end**0.5, n) ** 2


def squared_cos(n):
    def abar(t):
        return np.cos((t + 0.008) / 1.008 * np.pi / 2) ** 2

    i = np.arange(n)
    return np.minimum(1 - abar((i + 1) / n) / abar(i / n), 0.999)


def zero_snr(betas):
    """Lin et al. 2024, algorithm 1, with ComfyUI's last value."""
    root = np.sqrt(np.cumprod(1 - betas))
    root = (root - root[-1]) * root[0] / (root[0] - root[-1])
    abar = root**2
    abar[-1] = 4.8973451890853435e-08
    return np.sqrt((1 - abar) / abar)


MODEL = sigmas_of_betas(scaled_linear(0.00085, 0.012, 1000))
TRAINED = [0.001 + 0.0009 * i * i for i in range(8)]


def tables():
    kept = list(range(0, 1000, 111)) + [998, 999]
    out = {
        "scaled_linear": MODEL,
        "linear": sigmas_of_betas(np.linspace(0.0001, 0.02, 1000)),
        "squaredcos_cap_v2": sigmas_of_betas(squared_cos(1000)),
        "zero_snr": zero_snr(scaled_linear(0.00085, 0.012, 1000)),
    }
    out = {name: {"places": kept, "sigmas": [float(s[i]) for i in kept]} for name, s in out.items()}
    trained = sigmas_of_betas(np.array(TRAINED))
    out["trained"] = {"betas": TRAINED, "places": list(range(8)), "sigmas": trained.tolist()}
    return out


def at(t):
    return np.exp(np.interp(t, np.arange(1000), np.log(MODEL)))


def normal(n):
    return at(np.linspace(999, 0, n))


def sgm_uniform(n):
    return at(np.linspace(999, 0, n + 1)[:-1])


def karras(n):
    a, b = MODEL[-1] ** (1 / 7), MODEL[0] ** (1 / 7)
    return (a + np.linspace(0, 1, n) * (b - a)) ** 7


def exponential(n):
    return np.exp(np.linspace(np.log(MODEL[-1]), np.log(MODEL[0]), n))


def simple(n):
    return np.array([MODEL[999 - i * 1000 // n] for i in range(n)])


def beta_timesteps(n):
    return np.rint(999 * scipy.stats.beta.ppf(1 - np.arange(n) / n, 0.6, 0.6)).astype(int)


def beta(n):
    t = beta_timesteps(n)
    return MODEL[[t[i] for i in range(n) if i == 0 or t[i] != t[i - 1]]]


SCHEDULES = {f.__name__: f for f in (normal, karras, exponential, simple, sgm_uniform, beta)}


def with_zero(schedule, n):
    return np.append(SCHEDULES[schedule](n), 0.0)


def timesteps(sigmas):
    return [int(np.argmin(np.abs(np.log(MODEL) - np.log(s)))) for s in sigmas if s > 0]


def schedules():
    cases = []
    for name in SCHEDULES:
        for n in (1, 2, 3, 5, 20, 50, 999, 1000):
            s = with_zero(name, n)
            kept = list(range(len(s))) if n <= 50 else list(range(0, len(s) - 1, 83)) + [len(s) - 2]
            t = timesteps(s[kept])
            cases.append({"schedule": name, "n": n, "count": len(s), "places": kept,
                          "sigmas": s[kept].tolist(), "timesteps": t})
    return cases


def fnv1a(numbers):
    h = 0xCBF29CE484222325
    for v in numbers:
        h = ((h ^ int(v)) * 0x100000001B3) & (2**64 - 1)
    return h


def beta_hash():
    """Over every timestep of every length up to 1000."""
    return f"{fnv1a(t for n in range(1, 1001) for t in beta_timesteps(n)):016x}"


# ---------------------------------------------------------------- samplers

N = 20  # elements of the latent; not a multiple of 16, so that its noise has a tail


def denoised(x, sigma):
    """The expected picture when each element of pictures has a normal distribution, plus a bend."""
    i = np.arange(N)
    mean, spread = 0.3 * np.sin(1.7 * i), (0.5 + 0.05 * i) ** 2
    posterior = (mean * sigma**2 + x * spread) / (sigma**2 + spread)
    return posterior + 0.1 * np.sin(3 * x / np.sqrt(1 + sigma**2))


def step_ratio(s, x):
    """dx / dsigma."""
    return (x - denoised(x, s)) / s


def euler(x, s, draw):
    for here, there in zip(s[:-1], s[1:]):
        x = x + step_ratio(here, x) * (there - here)
    return x


def heun(x, s, draw):
    for here, there in zip(s[:-1], s[1:]):
        d = step_ratio(here, x)
        guess = x + d * (there - here)
        x = guess if there == 0 else x + (d + step_ratio(there, guess)) / 2 * (there - here)
    return x


def euler_a(x, s, draw):
    for here, there in zip(s[:-1], s[1:]):
        x0 = denoised(x, here)
        if there == 0:
            return x0
        up = min(there, (there**2 * (here**2 - there**2) / here**2) ** 0.5)
        down = (there**2 - up**2) ** 0.5
        x = x + (x - x0) / here * (down - here) + up * draw()
    raise AssertionError


def dpmpp_2m(x, s, draw):
    x0s, hs = [], []
    for here, there in zip(s[:-1], s[1:]):
        x0s.append(denoised(x, here))
        if there == 0:
            return x0s[-1]
        hs.append(np.log(here) - np.log(there))
        d = x0s[-1]
        if len(hs) > 1:
            r = hs[-2] / hs[-1]
            d = (1 + 1 / (2 * r)) * x0s[-1] - 1 / (2 * r) * x0s[-2]
        x = there / here * x - np.expm1(-hs[-1]) * d
    raise AssertionError


def lcm(x, s, draw):
    for here, there in zip(s[:-1], s[1:]):
        x = denoised(x, here)
        if there > 0:
            x = x + there * draw()
    return x


SAMPLERS = {f.__name__: f for f in (euler, euler_a, heun, dpmpp_2m, lcm)} | {"ddim": euler}


def sample(name, schedule, n, seed):
    s = with_zero(schedule, n)
    second = generator(seed + 1)

    def draw(g):
        return torch.randn(N, generator=g).numpy().astype(np.float64)

    x = draw(generator(seed)) * np.sqrt(1 + s[0] ** 2)
    return SAMPLERS[name](x, s, lambda: draw(second))


def samples():
    cases = []
    for name in SAMPLERS:
        for schedule in SCHEDULES:
            for n in (1, 2, 3, 8) if schedule == "karras" else (5,):
                x = sample(name, schedule, n, 7)
                cases.append({"sampler": name, "schedule": schedule, "n": n, "seed": 7,
                              "x": [round(float(v), 7) for v in x]})
    return cases


def main():
    parts = {"noise": noise(), "tables": tables(), "schedules": schedules(),
             "beta_hash": beta_hash(), "samples": samples()}
    OUT.parent.mkdir(exist_ok=True)
    texts = {name: json.dumps(part, separators=(",", ":")) for name, part in parts.items()}
    lines = ",\n".join(f'"{name}":{text}' for name, text in texts.items())
    OUT.write_text("{\n" + lines.replace("},{", "},\n{") + "\n}\n")
    print(OUT, OUT.stat().st_size)


if __name__ == "__main__":
    main()
