// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What the files of the vulkan room share among themselves. */
#pragma once

#include "vulkan/device.h"

/* Loads the table's global and instance functions and makes an instance; NULL with an error. */
VkInstance gv_instance_new (GvVk *vk, GError **error);

/* (transfer full) (element-type GvPhysical): at least one */
GArray *gv_physical_enumerate (const GvVk *vk, VkInstance instance, GError **error);
