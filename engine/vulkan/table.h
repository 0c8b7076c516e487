// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The one table of Vulkan functions.  Everything the engine asks of a driver goes through it, so a
 * test can replace an entry and see what a failing driver does to us.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#define VK_NO_PROTOTYPES
#include <vulkan/vulkan.h>

#define GV_VK_GLOBAL_FUNCTIONS(X)                                                                  \
  X (CreateInstance)                                                                               \
  X (EnumerateInstanceExtensionProperties)                                                         \
  X (EnumerateInstanceLayerProperties)                                                             \
  X (EnumerateInstanceVersion)

#define GV_VK_INSTANCE_FUNCTIONS(X)                                                                \
  X (CreateDevice)                                                                                 \
  X (DestroyInstance)                                                                              \
  X (EnumerateDeviceExtensionProperties)                                                           \
  X (EnumeratePhysicalDevices)                                                                     \
  X (GetDeviceProcAddr)                                                                            \
  X (GetPhysicalDeviceFeatures2)                                                                   \
  X (GetPhysicalDeviceMemoryProperties2)                                                           \
  X (GetPhysicalDeviceProperties2)                                                                 \
  X (GetPhysicalDeviceQueueFamilyProperties)

/* Present only where VK_EXT_debug_utils is. */
#define GV_VK_DEBUG_FUNCTIONS(X)                                                                   \
  X (CreateDebugUtilsMessengerEXT)                                                                 \
  X (DestroyDebugUtilsMessengerEXT)

#define GV_VK_DEVICE_FUNCTIONS(X)                                                                  \
  X (AllocateCommandBuffers)                                                                       \
  X (AllocateMemory)                                                                               \
  X (BeginCommandBuffer)                                                                           \
  X (BindBufferMemory)                                                                             \
  X (CmdBindPipeline)                                                                              \
  X (CmdCopyBuffer)                                                                                \
  X (CmdDispatchBase)                                                                              \
  X (CmdFillBuffer)                                                                                \
  X (CmdPipelineBarrier2)                                                                          \
  X (CmdPushConstants)                                                                             \
  X (CmdResetQueryPool)                                                                            \
  X (CmdWriteTimestamp2)                                                                           \
  X (CreateBuffer)                                                                                 \
  X (CreateCommandPool)                                                                            \
  X (CreateComputePipelines)                                                                       \
  X (CreatePipelineLayout)                                                                         \
  X (CreateQueryPool)                                                                              \
  X (CreateSemaphore)                                                                              \
  X (CreateShaderModule)                                                                           \
  X (DestroyBuffer)                                                                                \
  X (DestroyCommandPool)                                                                           \
  X (DestroyDevice)                                                                                \
  X (DestroyPipeline)                                                                              \
  X (DestroyPipelineLayout)                                                                        \
  X (DestroyQueryPool)                                                                             \
  X (DestroySemaphore)                                                                             \
  X (DestroyShaderModule)                                                                          \
  X (DeviceWaitIdle)                                                                               \
  X (EndCommandBuffer)                                                                             \
  X (FreeMemory)                                                                                   \
  X (GetBufferDeviceAddress)                                                                       \
  X (GetBufferMemoryRequirements)                                                                  \
  X (GetDeviceQueue)                                                                               \
  X (GetQueryPoolResults)                                                                          \
  X (MapMemory)                                                                                    \
  X (QueueSubmit2)                                                                                 \
  X (WaitSemaphores)

typedef struct
{
#define X(name) PFN_vk##name name;
  GV_VK_GLOBAL_FUNCTIONS (X)
  GV_VK_INSTANCE_FUNCTIONS (X)
  GV_VK_DEBUG_FUNCTIONS (X)
  GV_VK_DEVICE_FUNCTIONS (X)
#undef X
} GvVk;

/* Fill the table step by step; false with %GV_VULKAN_ERROR_NO_DEVICE naming a function that is
 * missing. */
bool gv_vk_load_global (GvVk *vk, GError **error);
bool gv_vk_load_instance (GvVk *vk, VkInstance instance, GError **error);
bool gv_vk_load_device (GvVk *vk, VkDevice device, GError **error);

/* Tests set this: called after gv_vk_load_device() with the finished table, whose entries it may
 * replace. */
extern void (*gv_vk_table_hook) (GvVk *vk);

/* "VK_ERROR_OUT_OF_DEVICE_MEMORY" for a result. */
const char *gv_vk_result_name (VkResult result);

/*
 * Turns a failed @result of @call into a GError of the matching code.
 * Returns: true if @result is VK_SUCCESS
 */
bool gv_vk_check (VkResult result, const char *call, GError **error);
