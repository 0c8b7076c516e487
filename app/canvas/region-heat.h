// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A picture of who decides where: the regions' real shares, feathers and overlaps included. */
#pragma once

#include "canvas/region-model.h"

#include "giverny.h"

#include <gdk/gdk.h>

G_BEGIN_DECLS

/*
 * (transfer full) (nullable): a texture of one pixel a latent cell, in the colour of box @id (0: of
 * all, mixed by their shares), the more opaque the larger the share; NULL without boxes.  Boxes
 * without words decide nothing.  @recipe: (nullable): says how regions are painted
 */
GdkTexture *gv_region_heat_new (GvRegionModel *model, guint id, GvRecipe *recipe);

G_END_DECLS
