// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Filling the table of Vulkan functions, and the names of their results. */
#include "vulkan/table.h"

#include "base/errors.h"
#include "base/i18n.h"

VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL vkGetInstanceProcAddr (VkInstance instance,
                                                                const char *name);

void (*gv_vk_table_hook) (GvVk *vk);

static bool
loaded (void *function, const char *name, GError **error)
{
  if (!function)
    g_set_error (error, GV_VULKAN_ERROR, GV_VULKAN_ERROR_NO_DEVICE,
                 _("the Vulkan driver has no %s; Vulkan 1.3 is needed"), name);
  return function != NULL;
}

bool
gv_vk_load_global (GvVk *vk, GError **error)
{
#define X(name)                                                                                    \
  vk->name = (PFN_vk##name) (void *) vkGetInstanceProcAddr (NULL, "vk" #name);                     \
  if (!loaded ((void *) vk->name, "vk" #name, error))                                              \
    return false;
  GV_VK_GLOBAL_FUNCTIONS (X)
#undef X
  return true;
}

bool
gv_vk_load_instance (GvVk *vk, VkInstance instance, GError **error)
{
#define X(name)                                                                                    \
  vk->name = (PFN_vk##name) (void *) vkGetInstanceProcAddr (instance, "vk" #name);                 \
  if (!loaded ((void *) vk->name, "vk" #name, error))                                              \
    return false;
  GV_VK_INSTANCE_FUNCTIONS (X)
#undef X
#define X(name) vk->name = (PFN_vk##name) (void *) vkGetInstanceProcAddr (instance, "vk" #name);
  GV_VK_DEBUG_FUNCTIONS (X)
#undef X
  return true;
}

bool
gv_vk_load_device (GvVk *vk, VkDevice device, GError **error)
{
#define X(name)                                                                                    \
  vk->name = (PFN_vk##name) (void *) vk->GetDeviceProcAddr (device, "vk" #name);                   \
  if (!loaded ((void *) vk->name, "vk" #name, error))                                              \
    return false;
  GV_VK_DEVICE_FUNCTIONS (X)
#undef X
  if (gv_vk_table_hook)
    gv_vk_table_hook (vk);
  return true;
}

const char *
gv_vk_result_name (VkResult result)
{
  switch (result) {
#define R(name)                                                                                    \
  case name:                                                                                       \
    return #name;
    R (VK_SUCCESS)
    R (VK_NOT_READY)
    R (VK_TIMEOUT)
    R (VK_INCOMPLETE)
    R (VK_ERROR_OUT_OF_HOST_MEMORY)
    R (VK_ERROR_OUT_OF_DEVICE_MEMORY)
    R (VK_ERROR_INITIALIZATION_FAILED)
    R (VK_ERROR_DEVICE_LOST)
    R (VK_ERROR_MEMORY_MAP_FAILED)
    R (VK_ERROR_LAYER_NOT_PRESENT)
    R (VK_ERROR_EXTENSION_NOT_PRESENT)
    R (VK_ERROR_FEATURE_NOT_PRESENT)
    R (VK_ERROR_INCOMPATIBLE_DRIVER)
    R (VK_ERROR_TOO_MANY_OBJECTS)
    R (VK_ERROR_FORMAT_NOT_SUPPORTED)
    R (VK_ERROR_FRAGMENTED_POOL)
    R (VK_ERROR_INVALID_SHADER_NV)
#undef R
  default:
    return "an unknown result";
  }
}

bool
gv_vk_check (VkResult result, const char *call, GError **error)
{
  GvVulkanError code = GV_VULKAN_ERROR_FAILED;

  if (result == VK_SUCCESS)
    return true;
  if (result == VK_ERROR_OUT_OF_DEVICE_MEMORY || result == VK_ERROR_OUT_OF_HOST_MEMORY)
    code = GV_VULKAN_ERROR_OUT_OF_MEMORY;
  else if (result == VK_ERROR_DEVICE_LOST)
    code = GV_VULKAN_ERROR_DEVICE_LOST;
  g_set_error (error, GV_VULKAN_ERROR, code,
               _("the Vulkan driver failed: %s gave %s"), call, gv_vk_result_name (result));
  return false;
}
