// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Models and other files of weights in words: lines "key: value". */
#pragma once

#include "formats/safetensors.h"
#include "weights/model-files.h"

/* One line; control characters in the value become spaces. */
void gv_describe_line (GString *out, const char *key, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* Both read all values once, and say where NaN or infinity is among them. */
bool gv_describe_model (GvModelFiles *model, GString *out, GError **error);

/* What all files of tensors have: sizes, types, and what is told about them in words. */
bool gv_describe_safetensors (GvSafetensors *file, GString *out, GError **error);
