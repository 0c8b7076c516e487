// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The schedules, one function each. */
#include "sample/schedules.h"

#include <math.h>
#include <string.h>

#define RHO 7          /* Karras et al. 2022, appendix D.1 */
#define BETA_SHAPE 0.6 /* both parameters: more steps at both ends than in the middle */

/*
 * The distribution function of Beta (a, b) at x <= 1/2: x^a (1-x)^b / (a B (a, b)) times the
 * hypergeometric series with terms (a+b)(a+b+1)... x^k / ((a+1)(a+2)...), all positive and falling
 * at least like x^k.
 */
static double
beta_cdf_lower (double x, double a, double b, double log_beta)
{
  double term = 1, sum = 1;

  if (x <= 0)
    return 0;
  for (int k = 0; k < 1000 && term > sum * 1e-17; k++) {
    term *= x * (a + b + k) / (a + 1 + k);
    sum += term;
  }
  return exp (a * log (x) + b * log1p (-x) - log_beta) * sum / a;
}

/*
 * The quantile at p where it is at most 1/2.  Near 0 the distribution function is x^a / (a B),
 * whose inverse starts Newton's iteration; where a step would leave the bracket, the bracket is
 * halved instead.
 */
static double
beta_quantile_lower (double p, double a, double b, double log_beta)
{
  double low = 0, high = 0.5;
  double x = fmin (exp ((log (p * a) + log_beta) / a), 0.25);

  for (int i = 0; i < 100; i++) {
    double excess = beta_cdf_lower (x, a, b, log_beta) - p;
    double density = exp ((a - 1) * log (x) + (b - 1) * log1p (-x) - log_beta);
    double next = x - excess / density;

    if (excess > 0)
      high = x;
    else
      low = x;
    if (!(next > low && next < high))
      next = (low + high) / 2;
    if (fabs (next - x) <= 1e-16 * x)
      return next;
    x = next;
  }
  return x;
}

double
gv_beta_quantile (double p, double a, double b)
{
  double log_beta = log (tgamma (a) * tgamma (b) / tgamma (a + b));

  if (p <= 0)
    return 0;
  if (p >= 1)
    return 1;
  if (p == 0.5 && a == b) /* to the last bit: 999 times this is halfway between two timesteps */
    return 0.5;
  if (p <= beta_cdf_lower (0.5, a, b, log_beta))
    return beta_quantile_lower (p, a, b, log_beta);
  return 1 - beta_quantile_lower (1 - p, b, a, log_beta);
}

/* How far value i of n is along the way from the first to the last; a single one is the first. */
static double
along (int i, int n)
{
  return n > 1 ? (double) i / (n - 1) : 0;
}

static double
normal_sigma (const GvSigmas *m, int i, int n)
{
  return gv_sigmas_at (m, n > 1 ? (m->n - 1.0) * (n - 1 - i) / (n - 1) : m->n - 1.0);
}

static double
sgm_uniform_sigma (const GvSigmas *m, int i, int n)
{
  return gv_sigmas_at (m, (m->n - 1.0) * (n - i) / n);
}

static double
karras_sigma (const GvSigmas *m, int i, int n)
{
  double a = pow (gv_sigmas_max (m), 1.0 / RHO);
  double b = pow (gv_sigmas_min (m), 1.0 / RHO);

  return pow (a + along (i, n) * (b - a), RHO);
}

static double
exponential_sigma (const GvSigmas *m, int i, int n)
{
  double a = log (gv_sigmas_max (m));
  double b = log (gv_sigmas_min (m));

  return exp (a + along (i, n) * (b - a));
}

static double
simple_sigma (const GvSigmas *m, int i, int n)
{
  return m->sigmas[m->n - 1 - (gint64) i * m->n / n];
}

static double
beta_sigma (const GvSigmas *m, int i, int n)
{
  double q = gv_beta_quantile (1 - (double) i / n, BETA_SHAPE, BETA_SHAPE);

  return m->sigmas[(int) rint ((m->n - 1) * q)];
}

/* The i-th sigma of n steps, a name and a function for each schedule. */
static const struct
{
  const char *name;
  double (*sigma) (const GvSigmas *m, int i, int n);
} schedules[GV_N_SCHEDULES] = {
  [GV_SCHEDULE_NORMAL] = { "normal", normal_sigma },
  [GV_SCHEDULE_KARRAS] = { "karras", karras_sigma },
  [GV_SCHEDULE_EXPONENTIAL] = { "exponential", exponential_sigma },
  [GV_SCHEDULE_SIMPLE] = { "simple", simple_sigma },
  [GV_SCHEDULE_SGM_UNIFORM] = { "sgm_uniform", sgm_uniform_sigma },
  [GV_SCHEDULE_BETA] = { "beta", beta_sigma },
};

const char *
gv_schedule_name (GvSchedule schedule)
{
  return schedules[schedule].name;
}

bool
gv_schedule_from_name (const char *name, GvSchedule *out)
{
  for (int i = 0; i < GV_N_SCHEDULES; i++)
    if (strcmp (schedules[i].name, name) == 0) {
      *out = (GvSchedule) i;
      return true;
    }
  return false;
}

double *
gv_schedule_sigmas (GvSchedule schedule, const GvSigmas *model, int n_steps, int *n_sigmas)
{
  double *sigmas;
  int n = 0;

  g_return_val_if_fail (n_steps >= 1, NULL);

  sigmas = g_new (double, (gsize) n_steps + 1);
  for (int i = 0; i < n_steps; i++) {
    double sigma = schedules[schedule].sigma (model, i, n_steps);

    if (n == 0 || sigma < sigmas[n - 1])
      sigmas[n++] = sigma;
  }
  sigmas[n++] = 0;
  *n_sigmas = n;
  return sigmas;
}
