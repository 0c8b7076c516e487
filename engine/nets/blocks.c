// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Pieces that several networks are made of. */
#include "nets/blocks.h"

GvTensor *
gv_res_block (GvGraph *g, GvTensor *x, GvTensor *emb, int cout, int norm_groups, float norm_eps)
{
  GvTensor *h =
      gv_silu (g, gv_group_norm (g, x, "norm1", norm_groups, norm_eps)); /* [n, h, w, c] */

  h = gv_conv2d (g, h, "conv1", cout);                                       /* [n, h, w, cout] */
  if (emb)
    h = gv_add_channels (g, h, gv_linear (g, emb, "time_emb_proj", cout));
  h = gv_silu (g, gv_group_norm (g, h, "norm2", norm_groups, norm_eps));
  h = gv_conv2d (g, h, "conv2", cout);
  if (gv_dim (x, GV_C) != cout)
    x = gv_linear (g, x, "conv_shortcut", cout);
  return gv_add (g, h, x);
}
