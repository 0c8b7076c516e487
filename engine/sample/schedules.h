// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Schedules: which noise levels a sampler visits on its way from noise to picture. */
#pragma once

#include <stdbool.h>

#include "sample/sigmas.h"

/*
 * How the levels are spread, with n steps (i = 0 ... n-1) and T trained timesteps.  beta: timestep
 * rint ((T-1) q), q the quantile of that distribution at 1 - i/n (arXiv:2407.12173).
 */
typedef enum {
  GV_SCHEDULE_NORMAL,      /* timesteps evenly from T-1 to 0, both visited             */
  GV_SCHEDULE_KARRAS,      /* sigma^(1/7) evenly, largest to smallest: Karras et al. 2022 */
  GV_SCHEDULE_EXPONENTIAL, /* log sigma evenly, largest to smallest                    */
  GV_SCHEDULE_SIMPLE,      /* timesteps T-1 - floor (i T / n)                          */
  GV_SCHEDULE_SGM_UNIFORM, /* timesteps evenly from T-1 towards 0, which is left out   */
  GV_SCHEDULE_BETA,        /* timesteps by Beta (0.6, 0.6): Lee et al. 2024            */
  GV_N_SCHEDULES,
} GvSchedule;

/* The name that recipes and options use, "karras" for instance. */
const char *gv_schedule_name (GvSchedule schedule);

/* Finds a name; false if it is none of ours. */
bool gv_schedule_from_name (const char *name, GvSchedule *out);

/*
 * The sigmas of @n_steps >= 1 steps: strictly falling from the largest trained sigma, closed by a
 * 0, so that step i goes from element i to element i + 1.  @n_sigmas receives their number, n_steps
 * + 1 as a rule.  It is smaller where rounding to trained timesteps gives one twice (beta with many
 * steps; simple with more steps than timesteps): each is visited once.  Free with g_free().
 */
double *gv_schedule_sigmas (GvSchedule schedule, const GvSigmas *model, int n_steps, int *n_sigmas);

/*
 * The quantile of the Beta (@a, @b) distribution at @p in [0, 1]: the x at which its distribution
 * function reaches @p, to about 1e-14.  @a and @b in 0.1 ... 1: the thin tails of larger ones would
 * need p as a logarithm.
 */
double gv_beta_quantile (double p, double a, double b);
