// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* CLIP's text encoder: Radford et al. 2021, arXiv:2103.00020; names are transformers'
 * CLIPTextModel. */
#pragma once

#include "ops/ops.h"
#include "weights/model-files.h"

/*
 * ids [n, t] → states [n, 1, t, width] after the final norm.
 * @skip: 1 = all layers, 2 = without the last, and so on
 */
GvTensor *gv_clip_text (GvGraph *g, const GvClipTextConfig *config, GvTensor *ids, int skip);
