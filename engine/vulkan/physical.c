// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What devices there are, and which of them suits. */
#include "vulkan/device-private.h"

#include "base/debug.h"
#include "base/errors.h"
#include "base/i18n.h"

#include <string.h>

static bool
layer_present (const GvVk *vk, const char *name)
{
  uint32_t n = 0;
  g_autofree VkLayerProperties *layers = NULL;

  vk->EnumerateInstanceLayerProperties (&n, NULL);
  layers = g_new0 (VkLayerProperties, n + 1);
  vk->EnumerateInstanceLayerProperties (&n, layers);
  for (uint32_t i = 0; i < n; i++)
    if (strcmp (layers[i].layerName, name) == 0)
      return true;
  return false;
}

VkInstance
gv_instance_new (GvVk *vk, GError **error)
{
  static const char *layer = "VK_LAYER_KHRONOS_validation";
  static const char *extension = VK_EXT_DEBUG_UTILS_EXTENSION_NAME;
  VkApplicationInfo app = {
    .sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
    .pApplicationName = "Giverny",
    .apiVersion = VK_API_VERSION_1_3,
  };
  VkInstanceCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
    .pApplicationInfo = &app,
  };
  VkInstance instance = VK_NULL_HANDLE;

  if (!gv_vk_load_global (vk, error))
    return VK_NULL_HANDLE;
  if (gv_debug (GV_DEBUG_VALIDATE)) {
    if (!layer_present (vk, layer)) {
      g_set_error (error, GV_VULKAN_ERROR, GV_VULKAN_ERROR_FAILED,
                   _("GV_DEBUG=validate needs the Vulkan validation layers"));
      return VK_NULL_HANDLE;
    }
    info.enabledLayerCount = 1;
    info.ppEnabledLayerNames = &layer;
    info.enabledExtensionCount = 1;
    info.ppEnabledExtensionNames = &extension;
  }
  if (!gv_vk_check (vk->CreateInstance (&info, NULL, &instance), "vkCreateInstance", error))
    return VK_NULL_HANDLE;
  if (!gv_vk_load_instance (vk, instance, error))
    return VK_NULL_HANDLE;
  return instance;
}

static uint32_t
find_compute_family (const GvVk *vk, VkPhysicalDevice handle)
{
  uint32_t n = 0;
  g_autofree VkQueueFamilyProperties *families = NULL;

  vk->GetPhysicalDeviceQueueFamilyProperties (handle, &n, NULL);
  families = g_new0 (VkQueueFamilyProperties, n + 1);
  vk->GetPhysicalDeviceQueueFamilyProperties (handle, &n, families);
  for (uint32_t i = 0; i < n; i++)
    if (families[i].queueFlags & VK_QUEUE_COMPUTE_BIT)
      return i;
  return UINT32_MAX;
}

static const char *
find_missing (const GvVk *vk, const GvPhysical *p)
{
  VkPhysicalDeviceVulkan13Features v13 = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_FEATURES,
  };
  VkPhysicalDeviceVulkan12Features v12 = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES,
    .pNext = &v13,
  };
  VkPhysicalDeviceVulkan11Features v11 = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES,
    .pNext = &v12,
  };
  VkPhysicalDeviceFeatures2 all = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2,
    .pNext = &v11,
  };

  if (p->api_version < VK_API_VERSION_1_3)
    return "Vulkan 1.3";
  if (p->queue_family == UINT32_MAX)
    return "a compute queue";
  vk->GetPhysicalDeviceFeatures2 (p->handle, &all);
  if (!v12.bufferDeviceAddress)
    return "bufferDeviceAddress";
  if (!v12.timelineSemaphore)
    return "timelineSemaphore";
  if (!v12.scalarBlockLayout)
    return "scalarBlockLayout";
  if (!v13.synchronization2)
    return "synchronization2";
  if (!v13.maintenance4)
    return "maintenance4";
  if (!v11.storageBuffer16BitAccess)
    return "storageBuffer16BitAccess";
  if (!all.features.shaderInt64)
    return "shaderInt64";
  if (!all.features.shaderInt16)
    return "shaderInt16";
  return NULL;
}

static void
describe (const GvVk *vk, VkPhysicalDevice handle, int number, GvPhysical *p)
{
  VkPhysicalDeviceVulkan12Properties v12 = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_PROPERTIES,
  };
  VkPhysicalDeviceVulkan11Properties v11 = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES,
    .pNext = &v12,
  };
  VkPhysicalDeviceProperties2 all = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2,
    .pNext = &v11,
  };
  VkPhysicalDeviceMemoryProperties2 memory = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2,
  };

  vk->GetPhysicalDeviceProperties2 (handle, &all);
  vk->GetPhysicalDeviceMemoryProperties2 (handle, &memory);
  *p = (GvPhysical) {
    .handle = handle,
    .number = number,
    .api_version = all.properties.apiVersion,
    .type = all.properties.deviceType,
    .max_allocation = v11.maxMemoryAllocationSize,
    .subgroup_size = v11.subgroupSize,
    .shared_bytes = all.properties.limits.maxComputeSharedMemorySize,
    .timestamp_ns = all.properties.limits.timestampComputeAndGraphics
                        ? all.properties.limits.timestampPeriod
                        : 0,
    .queue_family = find_compute_family (vk, handle),
  };
  g_strlcpy (p->name, all.properties.deviceName, sizeof p->name);
  g_snprintf (p->driver, sizeof p->driver, "%s %s", v12.driverName, v12.driverInfo);
  for (int i = 0; i < 3; i++)
    p->max_groups[i] = all.properties.limits.maxComputeWorkGroupCount[i];
  for (uint32_t i = 0; i < memory.memoryProperties.memoryHeapCount; i++)
    if (memory.memoryProperties.memoryHeaps[i].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT)
      p->memory_bytes = MAX (p->memory_bytes, memory.memoryProperties.memoryHeaps[i].size);
  /* Mesa's llvmpipe does so from 26 on; older ones gather lane by lane whatever the address. */
  p->uniform_loads = !gv_debug (GV_DEBUG_SHARED_LOADS) &&
                     (v12.driverID != VK_DRIVER_ID_MESA_LLVMPIPE ||
                      VK_API_VERSION_MAJOR (all.properties.driverVersion) >= 26);
  p->missing = find_missing (vk, p);
  p->family = p->type == VK_PHYSICAL_DEVICE_TYPE_CPU && !gv_debug (GV_DEBUG_GPU_KERNELS)
                  ? GV_KERNELS_CPU
                  : GV_KERNELS_GPU;
}

GArray *
gv_physical_enumerate (const GvVk *vk, VkInstance instance, GError **error)
{
  uint32_t n = 0;
  g_autofree VkPhysicalDevice *handles = NULL;
  g_autoptr (GArray) list = g_array_new (FALSE, TRUE, sizeof (GvPhysical));
  VkResult result = vk->EnumeratePhysicalDevices (instance, &n, NULL);

  handles = g_new0 (VkPhysicalDevice, n + 1);
  if (result == VK_SUCCESS)
    result = vk->EnumeratePhysicalDevices (instance, &n, handles);
  if (result != VK_INCOMPLETE && !gv_vk_check (result, "vkEnumeratePhysicalDevices", error))
    return NULL;
  for (uint32_t i = 0; i < n; i++) {
    GvPhysical p;

    describe (vk, handles[i], (int) i, &p);
    g_array_append_val (list, p);
  }
  if (n == 0) {
    g_set_error (error, GV_VULKAN_ERROR, GV_VULKAN_ERROR_NO_DEVICE,
                 _("no Vulkan device found; a driver such as mesa-vulkan-drivers is needed"));
    return NULL;
  }
  return g_steal_pointer (&list);
}

GArray *
gv_physical_list (GError **error)
{
  GvVk vk = { 0 };
  VkInstance instance = gv_instance_new (&vk, error);
  GArray *list;

  if (!instance)
    return NULL;
  list = gv_physical_enumerate (&vk, instance, error);
  vk.DestroyInstance (instance, NULL);
  return list;
}

/* Discrete before integrated before virtual before CPU. */
static int
rank_type (VkPhysicalDeviceType type)
{
  switch (type) {
  case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
    return 4;
  case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
    return 3;
  case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
    return 2;
  case VK_PHYSICAL_DEVICE_TYPE_CPU:
    return 1;
  default:
    return 0;
  }
}

static int
choose_best (const GArray *list, GError **error)
{
  int best = -1;

  for (guint i = 0; i < list->len; i++) {
    const GvPhysical *p = &g_array_index (list, GvPhysical, i);

    if (p->missing)
      continue;
    if (best < 0 || rank_type (p->type) > rank_type (g_array_index (list, GvPhysical, best).type))
      best = (int) i;
  }
  if (best < 0) {
    const GvPhysical *first = &g_array_index (list, GvPhysical, 0);

    g_set_error (error, GV_VULKAN_ERROR, GV_VULKAN_ERROR_NO_DEVICE,
                 _("no usable Vulkan device: “%s” lacks %s"), first->name, first->missing);
  }
  return best;
}

static bool
device_matches (const GvPhysical *p, const char *wanted)
{
  guint64 number;
  g_autofree char *name = g_utf8_casefold (p->name, -1);
  g_autofree char *part = g_utf8_casefold (wanted, -1);

  if (g_ascii_string_to_unsigned (wanted, 10, 0, G_MAXINT, &number, NULL))
    return number == (guint64) p->number;
  return strstr (name, part) != NULL;
}

int
gv_physical_choose (const GArray *list, const char *wanted, GError **error)
{
  if (!wanted || !*wanted)
    return choose_best (list, error);
  for (guint i = 0; g_utf8_validate (wanted, -1, NULL) && i < list->len; i++) {
    const GvPhysical *p = &g_array_index (list, GvPhysical, i);

    if (!device_matches (p, wanted))
      continue;
    if (!p->missing)
      return (int) i;
    g_set_error (error, GV_VULKAN_ERROR, GV_VULKAN_ERROR_NO_DEVICE,
                 _("--device: “%s” lacks %s"), p->name, p->missing);
    return -1;
  }
  {
    g_autofree char *shown = g_utf8_make_valid (wanted, -1);

    g_set_error (error, GV_VULKAN_ERROR, GV_VULKAN_ERROR_NO_DEVICE,
                 _("--device: there is no device “%s”; “giverny-cli devices” lists them"), shown);
  }
  return -1;
}
