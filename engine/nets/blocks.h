// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Pieces that several networks are made of. */
#pragma once

#include "ops/ops.h"

/*
 * Residual block: x [n, h, w, c] → [n, h, w, cout], names as diffusers' ResnetBlock2D.
 * @emb: (nullable): silu (time embedding) [n, 1, 1, d].  Ho et al. 2020, appendix B.
 */
GvTensor *
gv_res_block (GvGraph *g, GvTensor *x, GvTensor *emb, int cout, int norm_groups, float norm_eps);
