// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The quarks of the error domains. */
#include "base/errors.h"

G_DEFINE_QUARK (gv-format-error-quark, gv_format_error)
G_DEFINE_QUARK (gv-text-error-quark, gv_text_error)
G_DEFINE_QUARK (gv-weights-error-quark, gv_weights_error)
G_DEFINE_QUARK (gv-vulkan-error-quark, gv_vulkan_error)
G_DEFINE_QUARK (gv-graph-error-quark, gv_graph_error)
G_DEFINE_QUARK (gv-recipe-error-quark, gv_recipe_error)
G_DEFINE_QUARK (gv-library-error-quark, gv_library_error)
