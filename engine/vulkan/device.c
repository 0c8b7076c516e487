// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Opening a device, its memory, and handing work to its queue. */
#include "vulkan/device-private.h"

#include "base/debug.h"
#include "base/errors.h"
#include "base/i18n.h"
#include "vulkan/kernel.h"

#include <string.h>

#define WAIT_NS (60ull * 1000 * 1000 * 1000)

static int validation_errors;

int
gv_device_count_validation_errors (void)
{
  return g_atomic_int_get (&validation_errors);
}

static VKAPI_ATTR VkBool32 VKAPI_CALL
on_message (VkDebugUtilsMessageSeverityFlagBitsEXT severity,
            VkDebugUtilsMessageTypeFlagsEXT type,
            const VkDebugUtilsMessengerCallbackDataEXT *message,
            void *unused)
{
  g_atomic_int_inc (&validation_errors);
  g_printerr ("vulkan validation: %s\n", message->pMessage);
  return VK_FALSE;
}

static void
watch_messages (GvDevice *self)
{
  VkDebugUtilsMessengerCreateInfoEXT info = {
    .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT,
    .messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT,
    .messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT,
    .pfnUserCallback = on_message,
  };

  if (gv_debug (GV_DEBUG_VALIDATE) && self->vk.CreateDebugUtilsMessengerEXT)
    self->vk.CreateDebugUtilsMessengerEXT (self->instance, &info, NULL, &self->messenger);
}

static bool
create_handle (GvDevice *self, GError **error)
{
  float priority = 1;
  VkDeviceQueueCreateInfo queue = {
    .sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
    .queueFamilyIndex = self->physical.queue_family,
    .queueCount = 1,
    .pQueuePriorities = &priority,
  };
  VkPhysicalDeviceVulkan13Features v13 = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_FEATURES,
    .synchronization2 = VK_TRUE,
    .maintenance4 = VK_TRUE, /* workgroup sizes by specialisation constants */
  };
  VkPhysicalDeviceVulkan12Features v12 = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES,
    .pNext = &v13,
    .bufferDeviceAddress = VK_TRUE,
    .timelineSemaphore = VK_TRUE,
    .scalarBlockLayout = VK_TRUE,
  };
  VkPhysicalDeviceVulkan11Features v11 = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES,
    .pNext = &v12,
    .storageBuffer16BitAccess = VK_TRUE,
  };
  VkPhysicalDeviceFeatures2 features = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2,
    .pNext = &v11,
    .features = { .shaderInt64 = VK_TRUE, .shaderInt16 = VK_TRUE },
  };
  VkDeviceCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
    .pNext = &features,
    .queueCreateInfoCount = 1,
    .pQueueCreateInfos = &queue,
  };
  VkResult result = self->vk.CreateDevice (self->physical.handle, &info, NULL, &self->handle);

  return gv_vk_check (result, "vkCreateDevice", error) &&
         gv_vk_load_device (&self->vk, self->handle, error);
}

static bool
create_objects (GvDevice *self, GError **error)
{
  VkPushConstantRange range = { VK_SHADER_STAGE_COMPUTE_BIT, 0, GV_PUSH_BYTES };
  VkPipelineLayoutCreateInfo layout = {
    .sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
    .pushConstantRangeCount = 1,
    .pPushConstantRanges = &range,
  };
  VkCommandPoolCreateInfo pool = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
    .queueFamilyIndex = self->physical.queue_family,
  };
  VkSemaphoreTypeCreateInfo timeline = {
    .sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO,
    .semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE,
  };
  VkSemaphoreCreateInfo semaphore = {
    .sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO,
    .pNext = &timeline,
  };
  const GvVk *vk = &self->vk;

  vk->GetDeviceQueue (self->handle, self->physical.queue_family, 0, &self->queue);
  return gv_vk_check (vk->CreatePipelineLayout (self->handle, &layout, NULL, &self->layout),
                      "vkCreatePipelineLayout", error) &&
         gv_vk_check (vk->CreateCommandPool (self->handle, &pool, NULL, &self->pool),
                      "vkCreateCommandPool", error) &&
         gv_vk_check (vk->CreateSemaphore (self->handle, &semaphore, NULL, &self->timeline),
                      "vkCreateSemaphore", error);
}

static bool
fill_zeros (GvDevice *self, GError **error)
{
  self->zeros = gv_buffer_new (self, GV_MEMORY_HOST, GV_ZEROS * sizeof (float), error);
  if (!self->zeros)
    return false;
  memset (self->zeros->map, 0, self->zeros->size);
  return true;
}

/* What Linux says could be had without swapping; SIZE_MAX where it does not say. */
static size_t
get_available_memory (void)
{
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/meminfo", &text, NULL, NULL))
    return SIZE_MAX;
  line = strstr (text, "MemAvailable:");
  return line ? (size_t) g_ascii_strtoull (line + strlen ("MemAvailable:"), NULL, 10) << 10
              : SIZE_MAX;
}

/*
 * A driver on the CPU hands out more memory than there is, and the kernel then ends the process; so
 * the limit is ours to keep, with a tenth left to everybody else.
 */
static size_t
get_budget (const GvPhysical *physical)
{
  size_t budget = physical->memory_bytes;

  if (physical->type == VK_PHYSICAL_DEVICE_TYPE_CPU)
    budget = MIN (budget, get_available_memory ());
  return budget / 10 * 9;
}

GvDevice *
gv_device_open (const char *wanted, GError **error)
{
  g_autoptr (GvDevice) self = g_new0 (GvDevice, 1);
  g_autoptr (GArray) list = NULL;
  int chosen;

  self->pipelines = gv_pipelines_new ();
  self->instance = gv_instance_new (&self->vk, error);
  if (!self->instance)
    return NULL;
  list = gv_physical_enumerate (&self->vk, self->instance, error);
  if (!list)
    return NULL;
  chosen = gv_physical_choose (list, wanted, error);
  if (chosen < 0)
    return NULL;
  self->physical = g_array_index (list, GvPhysical, chosen);
  self->cost_per_second = self->physical.type == VK_PHYSICAL_DEVICE_TYPE_CPU ? 20e9 : 500e9;
  self->budget_bytes = get_budget (&self->physical);
  watch_messages (self);
  if (!create_handle (self, error) || !create_objects (self, error) || !fill_zeros (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
gv_device_free (GvDevice *self)
{
  const GvVk *vk = &self->vk;

  if (self->handle && self->pool && !self->lost)
    vk->DeviceWaitIdle (self->handle);
  g_clear_pointer (&self->zeros, gv_buffer_free);
  gv_pipelines_free (self);
  if (self->timeline)
    vk->DestroySemaphore (self->handle, self->timeline, NULL);
  if (self->pool)
    vk->DestroyCommandPool (self->handle, self->pool, NULL);
  if (self->layout)
    vk->DestroyPipelineLayout (self->handle, self->layout, NULL);
  if (self->handle)
    vk->DestroyDevice (self->handle, NULL);
  if (self->messenger)
    vk->DestroyDebugUtilsMessengerEXT (self->instance, self->messenger, NULL);
  if (self->instance && vk->DestroyInstance)
    vk->DestroyInstance (self->instance, NULL);
  g_free (self);
}

/* Memory types are ordered by speed, so the first that has every wanted property is taken. */
static uint32_t
find_memory_type (GvDevice *self, uint32_t allowed, GvMemoryKind kind)
{
  static const VkMemoryPropertyFlags host =
      VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
  static const VkMemoryPropertyFlags wishes[2][3] = {
    [GV_MEMORY_DEVICE] = { VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, 0, 0 },
    [GV_MEMORY_HOST] = { host | VK_MEMORY_PROPERTY_HOST_CACHED_BIT, host, host },
  };
  VkPhysicalDeviceMemoryProperties2 all = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2,
  };

  self->vk.GetPhysicalDeviceMemoryProperties2 (self->physical.handle, &all);
  for (int w = 0; w < 3; w++)
    for (uint32_t i = 0; i < all.memoryProperties.memoryTypeCount; i++)
      if ((allowed & 1u << i) &&
          (all.memoryProperties.memoryTypes[i].propertyFlags & wishes[kind][w]) == wishes[kind][w])
        return i;
  return UINT32_MAX;
}

static bool
map_if_host (GvBuffer *self, GvMemoryKind kind, GError **error)
{
  VkResult result;

  if (kind != GV_MEMORY_HOST)
    return true;
  result = self->device->vk.MapMemory (self->device->handle, self->memory, 0, VK_WHOLE_SIZE, 0,
                                       &self->map);
  return gv_vk_check (result, "vkMapMemory", error);
}

/* As gv_vk_check(), with a sentence for artists where memory runs out. */
static bool
check_room (GvBuffer *self, VkResult result, const char *call, GError **error)
{
  g_autofree char *size = g_format_size_full (self->size, G_FORMAT_SIZE_IEC_UNITS);

  if (result != VK_ERROR_OUT_OF_DEVICE_MEMORY && result != VK_ERROR_OUT_OF_HOST_MEMORY)
    return gv_vk_check (result, call, error);
  g_set_error (error, GV_VULKAN_ERROR, GV_VULKAN_ERROR_OUT_OF_MEMORY,
               _("“%s” has no room for %s more; a smaller picture needs less"),
                 self->device->physical.name, size);
  return false;
}

static bool
allocate (GvBuffer *self, GvMemoryKind kind, GError **error)
{
  const GvVk *vk = &self->device->vk;
  VkDevice handle = self->device->handle;
  VkMemoryRequirements needs;
  VkMemoryAllocateFlagsInfo flags = {
    .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO,
    .flags = VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT,
  };
  VkMemoryAllocateInfo info = {
    .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
    .pNext = &flags,
  };
  VkBufferDeviceAddressInfo address = {
    .sType = VK_STRUCTURE_TYPE_BUFFER_DEVICE_ADDRESS_INFO,
    .buffer = self->handle,
  };
  VkResult result;

  vk->GetBufferMemoryRequirements (handle, self->handle, &needs);
  info.allocationSize = needs.size;
  info.memoryTypeIndex = find_memory_type (self->device, needs.memoryTypeBits, kind);
  result = info.memoryTypeIndex == UINT32_MAX ||
                   needs.size > self->device->physical.max_allocation ||
                   self->device->allocated_bytes + needs.size > self->device->budget_bytes
               ? VK_ERROR_OUT_OF_DEVICE_MEMORY
               : vk->AllocateMemory (handle, &info, NULL, &self->memory);
  if (!check_room (self, result, "vkAllocateMemory", error) ||
      !gv_vk_check (vk->BindBufferMemory (handle, self->handle, self->memory, 0),
                    "vkBindBufferMemory", error))
    return false;
  self->address = vk->GetBufferDeviceAddress (handle, &address);
  self->device->allocated_bytes += self->size;
  return true;
}

/*
 * Memory behind each buffer's end.  Mesa's CPU driver runs a loop's body once more after its last
 * trip, with all lanes off; what all lanes load from one address is read all the same, up to a trip
 * further on.
 */
#define GUARD_BYTES 16384

GvBuffer *
gv_buffer_new (GvDevice *device, GvMemoryKind kind, size_t size, GError **error)
{
  g_autoptr (GvBuffer) self = g_new0 (GvBuffer, 1);
  VkBufferCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
    .size = MAX (size, 4) + GUARD_BYTES,
    .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT |
             VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT,
  };
  VkResult result = device->vk.CreateBuffer (device->handle, &info, NULL, &self->handle);

  self->device = device;
  self->size = info.size - GUARD_BYTES;
  if (!check_room (self, result, "vkCreateBuffer", error) || !allocate (self, kind, error) ||
      !map_if_host (self, kind, error))
    return NULL;
  if (gv_debug (GV_DEBUG_MEMORY))
    g_printerr ("memory: %zu MiB more, %zu MiB in all\n", self->size >> 20,
                device->allocated_bytes >> 20);
  return g_steal_pointer (&self);
}

void
gv_buffer_free (GvBuffer *self)
{
  const GvVk *vk = &self->device->vk;

  if (self->address)
    self->device->allocated_bytes -= self->size;
  if (self->handle)
    vk->DestroyBuffer (self->device->handle, self->handle, NULL);
  if (self->memory)
    vk->FreeMemory (self->device->handle, self->memory, NULL);
  g_free (self);
}

static bool
note_loss (GvDevice *self, GError *failure, GError **error)
{
  if (g_error_matches (failure, GV_VULKAN_ERROR, GV_VULKAN_ERROR_DEVICE_LOST))
    self->lost = true;
  g_propagate_error (error, failure);
  return false;
}

bool
gv_device_wait (GvDevice *self, uint64_t value, GError **error)
{
  VkSemaphoreWaitInfo info = {
    .sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO,
    .semaphoreCount = 1,
    .pSemaphores = &self->timeline,
    .pValues = &value,
  };
  VkResult result = self->vk.WaitSemaphores (self->handle, &info, WAIT_NS);
  GError *failure = NULL;

  if (result == VK_TIMEOUT)
    result = VK_ERROR_DEVICE_LOST;
  return gv_vk_check (result, "vkWaitSemaphores", &failure) || note_loss (self, failure, error);
}

uint64_t
gv_device_submit (GvDevice *self, const VkCommandBuffer *buffers, int n, GError **error)
{
  g_autofree VkCommandBufferSubmitInfo *infos = g_new0 (VkCommandBufferSubmitInfo, n);
  VkSemaphoreSubmitInfo signal = {
    .sType = VK_STRUCTURE_TYPE_SEMAPHORE_SUBMIT_INFO,
    .semaphore = self->timeline,
    .value = self->timeline_value + 1,
    .stageMask = VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT,
  };
  VkSubmitInfo2 submit = {
    .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO_2,
    .commandBufferInfoCount = (uint32_t) n,
    .pCommandBufferInfos = infos,
    .signalSemaphoreInfoCount = 1,
    .pSignalSemaphoreInfos = &signal,
  };
  GError *failure = NULL;

  for (int i = 0; i < n; i++)
    infos[i] = (VkCommandBufferSubmitInfo) {
      .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_SUBMIT_INFO,
      .commandBuffer = buffers[i],
    };
  if (!gv_vk_check (self->vk.QueueSubmit2 (self->queue, 1, &submit, VK_NULL_HANDLE),
                    "vkQueueSubmit2", &failure)) {
    note_loss (self, failure, error);
    return 0;
  }
  return ++self->timeline_value;
}
