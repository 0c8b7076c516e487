// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * An opened Vulkan device with its one compute queue, its memory and its pipelines.  Owned by the
 * engine's thread; nothing here is thread-safe.
 */
#pragma once

#include "vulkan/table.h"

#include <stddef.h>
#include <stdint.h>

/* Which family of kernels suits the device: tiles for drivers that run on a CPU, or for GPUs. */
typedef enum { GV_KERNELS_CPU, GV_KERNELS_GPU, GV_N_KERNEL_FAMILIES } GvKernelFamily;

/* What a driver says of one device. */
typedef struct
{
  VkPhysicalDevice handle;
  int number;
  char name[VK_MAX_PHYSICAL_DEVICE_NAME_SIZE];
  char driver[VK_MAX_DRIVER_NAME_SIZE + VK_MAX_DRIVER_INFO_SIZE + 1];
  uint32_t api_version;
  VkPhysicalDeviceType type;
  uint64_t memory_bytes;       /* the largest device-local heap            */
  uint64_t max_allocation;     /* one VkDeviceMemory                       */
  uint32_t max_groups[3];
  uint32_t subgroup_size;
  uint32_t shared_bytes;
  float timestamp_ns;          /* per tick; 0 where there are none         */
  uint32_t queue_family;
  const char *missing;         /* (nullable): what it lacks for the engine */
  GvKernelFamily family;
  bool uniform_loads; /* a CPU driver that reads an address which all lanes share only once */
} GvPhysical;

typedef struct _GvDevice GvDevice;

/* A range of device memory that one Vulkan buffer covers. */
typedef struct
{
  GvDevice *device;
  VkBuffer handle;
  VkDeviceMemory memory;
  VkDeviceAddress address;
  size_t size;
  void *map; /* (nullable): host view, coherent */
} GvBuffer;

typedef enum {
  GV_MEMORY_DEVICE, /* nearest to the device; mapped only where that costs nothing  */
  GV_MEMORY_HOST, /* always mapped, for what the host writes and reads often      */
} GvMemoryKind;

struct _GvDevice
{
  GvVk vk;
  VkInstance instance;
  VkDebugUtilsMessengerEXT messenger;
  GvPhysical physical;
  VkDevice handle;
  VkQueue queue;
  VkCommandPool pool;
  VkPipelineLayout layout; /* push constants only */
  VkSemaphore timeline;
  uint64_t timeline_value; /* of the newest submission */
  GHashTable *pipelines;
  GvBuffer *zeros; /* floats that stay 0, read beyond a picture's border */
  double cost_per_second; /* measured speed, in the recorder's units            */
  size_t allocated_bytes;
  size_t budget_bytes; /* that may be allocated in all */
  bool lost;
};

/* Floats in GvDevice.zeros, and so the most channels that a convolution reads. */
#define GV_ZEROS 65536

/*
 * Lists devices in the driver's order.  Returns: (element-type GvPhysical) (transfer full), or NULL
 * with %GV_VULKAN_ERROR_NO_DEVICE
 */
GArray *gv_physical_list (GError **error);

/* The device that @wanted (a number, part of a name; NULL or "" = the best) means in such a list,
 * or -1. */
int gv_physical_choose (const GArray *list, const char *wanted, GError **error);

/*
 * Opens a device, see gv_physical_choose().  Returns: (transfer full): free with gv_device_free()
 */
GvDevice *gv_device_open (const char *wanted, GError **error);
void gv_device_free (GvDevice *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvDevice, gv_device_free)

/* How many errors the validation layers have reported since the process began. */
int gv_device_count_validation_errors (void);

/*
 * Allocates @size bytes.  Errors: %GV_VULKAN_ERROR_OUT_OF_MEMORY with the size in the sentence.
 */
GvBuffer *gv_buffer_new (GvDevice *device, GvMemoryKind kind, size_t size, GError **error);
void gv_buffer_free (GvBuffer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvBuffer, gv_buffer_free)

/*
 * Waits for a value of the device's timeline.  Every wait ends: after 60 s without progress the
 * device is taken for lost.
 */
bool gv_device_wait (GvDevice *self, uint64_t value, GError **error);

/* Submits command buffers in order; the timeline reaches the returned value when they are done, 0 =
 * error. */
uint64_t gv_device_submit (GvDevice *self, const VkCommandBuffer *buffers, int n, GError **error);
