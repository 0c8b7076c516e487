// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Timestamps around each dispatch, summed by kernel over the whole process, printed at its end. */
#pragma once

#include "vulkan/recorder.h"

typedef struct _GvProfile GvProfile;

/* Room for @n commands of a device that has timestamps. */
GvProfile *gv_profile_new (GvDevice *device, unsigned n, GError **error);
void gv_profile_free (GvProfile *self);

void gv_profile_begin (GvProfile *self, VkCommandBuffer buffer, const GvDispatch *dispatch);
void gv_profile_end (GvProfile *self, VkCommandBuffer buffer);

/* Adds the timestamps of a finished run to the sums. */
bool gv_profile_collect (GvProfile *self, GError **error);

/* Prints time, share and FLOP/s of each kernel to stderr, and forgets them. */
void gv_profile_print (void);
