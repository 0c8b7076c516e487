# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every step of the recipe shares: the cache, checkpoints, mixed precision, averages and the noise schedule."""
import json
import math
import os
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist


def cache_dir():
    """Checkpoints, latents and logs live here, outside the repository."""
    path = Path(os.environ.get("GIVERNY_STARTER_CACHE", Path.home() / ".cache/giverny/starter"))
    path.mkdir(parents=True, exist_ok=True)
    return path


def device():
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def save_checkpoint(name, state):
    """Writes beside the old checkpoint and then replaces it, so that a kill in between loses nothing."""
    path = cache_dir() / name
    torch.save(state, path.with_suffix(".part"))
    os.replace(path.with_suffix(".part"), path)


def load_checkpoint(name):
    path = cache_dir() / name
    return torch.load(path, map_location="cpu", weights_only=True) if path.exists() else None


def join_workers(threads):
    """Number of this worker and how many there are.

    Under `torchrun --nproc_per_node N` each worker takes its share of every batch and the gradients are averaged.
    On a busy machine two workers of one thread are more than twice as fast as one worker of two.
    """
    torch.set_num_threads(threads)
    if "WORLD_SIZE" in os.environ:
        dist.init_process_group("gloo")
        return dist.get_rank(), dist.get_world_size()
    return 0, 1


def is_first():
    return not dist.is_initialized() or dist.get_rank() == 0


def agree(value):
    """The first worker's number, for all."""
    if not dist.is_initialized():
        return value
    box = torch.tensor([float(value)], dtype=torch.float64)
    dist.broadcast(box, 0)
    return float(box)


class Log:
    """One JSON object a line, in the cache and on the terminal; only the first worker writes."""

    def __init__(self, name):
        self.file = open(cache_dir() / name, "a", buffering=1) if is_first() else None

    def __call__(self, **values):
        if not self.file:
            return
        line = json.dumps({k: round(v, 5) if isinstance(v, float) else v for k, v in values.items()})
        self.file.write(line + "\n")
        print(line, flush=True)


def calm_start(net):
    """Layers that keep the signal's size, and residual branches that begin at zero: far fewer steps to sense."""
    for name, p in net.named_parameters():
        if p.ndim == 4:
            torch.nn.init.normal_(p, std=(p[0].numel()) ** -0.5)
        if name.endswith(("conv2.weight", "to_out.0.weight", "proj_out.weight", "ff.net.2.weight")):
            torch.nn.init.zeros_(p)


class Muon(torch.optim.Optimizer):
    """Momentum whose matrices are made orthogonal by five Newton-Schulz steps (Jordan et al. 2024), scaled so that
    learning rates mean what they mean in AdamW (Liu et al. 2025)."""

    def __init__(self, groups, lr):
        super().__init__(groups, {"lr": lr, "momentum": 0.95, "weight_decay": 0.01})

    @torch.no_grad()
    def step(self):
        for g in self.param_groups:
            params = [p for p in g["params"] if p.grad is not None]
            updates = share_out([lambda p=p: self.direction(p, g["momentum"]) for p in params],
                                [(p.numel(), min(p.shape[0], p[0].numel())) for p in params])
            for p, update in zip(params, updates):
                p.mul_(1 - g["lr"] * g["weight_decay"])
                p.add_(update.view_as(p), alpha=-g["lr"] * 0.2 * max(p.shape[0], p[0].numel()) ** 0.5)

    def direction(self, p, momentum):
        state = self.state[p]
        if not state:
            state["momentum"] = torch.zeros_like(p)
        m = state["momentum"].lerp_(p.grad, 1 - momentum)
        return lambda: orthogonal(p.grad.lerp(m, momentum).flatten(1)).float()


def share_out(starts, sizes):
    """Runs the jobs, each worker its share by cost, and gives every worker all results."""
    jobs = [start() for start in starts]
    if not dist.is_initialized():
        return [job() for job in jobs]
    load = [0.0] * dist.get_world_size()
    owner = [0] * len(jobs)
    for k in sorted(range(len(jobs)), key=lambda k: -sizes[k][0] * sizes[k][1]):
        owner[k] = load.index(min(load))
        load[owner[k]] += sizes[k][0] * sizes[k][1]
    parts = [jobs[k]().flatten() if owner[k] == dist.get_rank() else torch.zeros(sizes[k][0]) for k in range(len(jobs))]
    flat = torch.cat(parts)
    dist.all_reduce(flat)
    return flat.split([n for n, _ in sizes])


def orthogonal(x):
    x = x.to(torch.bfloat16)
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    x = x / (x.norm() + 1e-7)
    for _ in range(5):
        a = x @ x.T
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return x.T if tall else x


class MixedTrainer:
    """AdamW, or Muon for the inner matrices, on float32 master weights, a network in bfloat16, and an average of the masters.

    On CPUs with bfloat16 instructions (and on GPUs) this is about twice as fast as float32.
    """

    def __init__(self, net, lr, betas=(0.9, 0.99), decay=0.01, average=0.999, dtype=torch.bfloat16, muon=0.0):
        self.net = net
        self.masters = [p.detach().float().clone() for p in net.parameters()]
        self.averages = [m.clone() for m in self.masters]
        self.average, self.steps = average, 0
        names = [n for n, _ in net.named_parameters()]
        inner = [muon > 0 and m.ndim > 1 and "conv_in" not in n and "conv_out" not in n and "embed" not in n
                 for n, m in zip(names, self.masters)]
        self.optimisers = []
        if any(inner):
            self.optimisers.append(Muon([{"params": [m for m, i in zip(self.masters, inner) if i], "pace": muon}], lr))
        groups = [{"params": [m for n, m, i in zip(names, self.masters, inner) if not i and (m.ndim > 1) == matrix],
                   "weight_decay": decay if matrix else 0.0, "pace": 1.0}
                  for matrix in (True, False)]
        groups = [g for g in groups if g["params"]]
        self.optimisers.append(torch.optim.AdamW(groups, lr=lr, betas=betas, foreach=True))
        net.to(dtype)

    @torch.no_grad()
    def step(self, lr, clip=1.0):
        for p, m in zip(self.net.parameters(), self.masters):
            m.grad = None if p.grad is None else p.grad.float()
            p.grad = None
        self.average_over_workers()
        norm = torch.nn.utils.clip_grad_norm_([m for m in self.masters if m.grad is not None], clip)
        if not math.isfinite(float(norm)):
            return float("nan")
        for optimiser in self.optimisers:
            for g in optimiser.param_groups:
                g["lr"] = lr * g["pace"]
            optimiser.step()
        self.steps += 1
        keep = min(self.average, (1 + self.steps) / (10 + self.steps))
        torch._foreach_lerp_(self.averages, self.masters, 1 - keep)
        torch._foreach_copy_(list(self.net.parameters()), self.masters)
        return float(norm)

    def average_over_workers(self):
        if not dist.is_initialized():
            return
        grads = [m.grad for m in self.masters if m.grad is not None]
        flat = torch.cat([g.flatten() for g in grads])
        dist.all_reduce(flat)
        flat /= dist.get_world_size()
        for g, part in zip(grads, flat.split([g.numel() for g in grads])):
            g.copy_(part.view_as(g))

    def state(self):
        return {"masters": self.masters, "averages": self.averages, "steps": self.steps,
                "optimisers": [o.state_dict() for o in self.optimisers]}

    @torch.no_grad()
    def load(self, state):
        for mine, theirs in ((self.masters, state["masters"]), (self.averages, state["averages"])):
            for a, b in zip(mine, theirs, strict=True):
                a.copy_(b)
        for optimiser, kept in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(kept)
        self.steps = state["steps"]
        torch._foreach_copy_(list(self.net.parameters()), self.masters)

    def averaged_state_dict(self):
        """The state dict with the averaged weights, in float32."""
        names = [n for n, _ in self.net.named_parameters()]
        out = {k: v.float() for k, v in self.net.state_dict().items()}
        out.update({n: a.clone() for n, a in zip(names, self.averages, strict=True)})
        return out


def schedule(step, peak, warmup, total, tail):
    """Warm-up, a long constant stretch and a linear way down over the last `tail` steps."""
    return peak * min(1.0, (step + 1) / warmup) * min(1.0, max(0.01, (total - step) / max(1, tail)))


def alphas_cumprod():
    """Stable Diffusion's scaled-linear betas, 1000 timesteps."""
    betas = np.linspace(0.00085 ** 0.5, 0.012 ** 0.5, 1000, dtype=np.float64) ** 2
    return torch.from_numpy(np.cumprod(1 - betas)).float()


class Stopwatch:
    """Seconds spent on a step of the recipe, over all its runs."""

    def __init__(self, before=0.0):
        self.before, self.start = before, time.time()

    def seconds(self):
        return self.before + time.time() - self.start


def to_tensor(pixels):
    """Bytes [n, h, w, 3] to floats [n, 3, h, w] in -1..1, channels last in memory."""
    return torch.from_numpy(np.asarray(pixels)).permute(0, 3, 1, 2).float().div(127.5).sub(1)


def from_tensor(x):
    """Floats [n, 3, h, w] in -1..1 to bytes [n, h, w, 3]."""
    return ((x.float().clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).cpu().numpy()


def psnr(a, b):
    mse = float(((a.float() - b.float()) / 2).square().mean())
    return -10 * math.log10(max(mse, 1e-10))


def fail(sentence):
    print(sentence, file=sys.stderr)
    raise SystemExit(1)
