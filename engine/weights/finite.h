// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Looking for NaN and infinity among stored numbers. */
#pragma once

#include "formats/safetensors.h"

/* How many of the @n values at @bytes are neither; 0 for whole-number types. */
size_t gv_count_not_finite (GvDtype dtype, const void *bytes, size_t n);

/* The same for a whole tensor of a file. */
bool gv_tensor_count_not_finite (GvSafetensors *file,
                                 const GvSafetensor *tensor,
                                 size_t *out,
                                 GError **error);
