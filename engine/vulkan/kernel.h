// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Compute pipelines, made when they are first needed. */
#pragma once

#include "vulkan/device.h"

#include "kernels.h" /* made by the build: GvKernelId, a struct for each kernel's push constants */

/* What every device offers for push constants. */
#define GV_PUSH_BYTES 128
#define GV_MAX_SPEC 12

GHashTable *gv_pipelines_new (void);
void gv_pipelines_free (GvDevice *device);

/*
 * The pipeline of a kernel with specialisation constants 0…@n-1 set to @spec.
 * Returns: (transfer none): VK_NULL_HANDLE with an error
 */
VkPipeline
gv_pipeline_get (GvDevice *device, GvKernelId kernel, const uint32_t *spec, int n, GError **error);
