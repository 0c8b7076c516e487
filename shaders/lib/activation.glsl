// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// Activations, by the number that GvActivation gives them.

// erf by a Chebyshev fit of erfc, good to 1.2e-7 (Press et al., Numerical Recipes, section 6.2).
float
erf_approximate (float x)
{
  float z = abs (x);
  float t = 1.0 / (1.0 + 0.5 * z);
  float p = 1.00002368 + t * (0.37409196 + t * (0.09678418 + t * (-0.18628806 + t * (0.27886807 +
            t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277)))))));
  float complement = t * exp (t * p - z * z - 1.26551223);

  return x >= 0.0 ? 1.0 - complement : complement - 1.0;
}

float silu (float x) { return x / (1.0 + exp (-x)); }
float gelu (float x) { return 0.5 * x * (1.0 + erf_approximate (x * 0.70710678)); }
float quick_gelu (float x) { return x / (1.0 + exp (-1.702 * x)); }

float
activate (float x, int kind)
{
  if (kind == 1)
    return silu (x);
  if (kind == 2)
    return gelu (x);
  if (kind == 3)
    return quick_gelu (x);
  if (kind == 4)
    return max (x, 0.0);
  return x;
}
