// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What a strength means to a person. */
#include "canvas/region-model.h"

double
gv_region_share (double strength)
{
  return strength / (1 + strength);
}
