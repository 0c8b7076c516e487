// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A driver that fails.  Opening a device, compiling a graph and running it is tried again and
 * again, and each time one call later fails in one of the ways that Vulkan allows.  Always a clean
 * error, nothing left behind, and the next device gives the right bits.
 */
#include "net.h"

#include "base/errors.h"
#include "ops/ops.h"

#include <string.h>

static struct
{
  GvVk real;
  const char *call; /* which function fails, at its @countdown-th call from now */
  VkResult result;
  int countdown;
  bool lost;        /* DEVICE_LOST stays */
  int n_objects;    /* made and not destroyed */
} driver;

/* What @call shall give; VK_SUCCESS: what it gives by itself. */
static VkResult
get_fault (VkDevice device, const char *call)
{
  bool now = g_strcmp0 (call, driver.call) == 0 && --driver.countdown == 0;

  if (now && (driver.result == VK_ERROR_DEVICE_LOST || driver.result == VK_TIMEOUT)) {
      /* A lost device does nothing more, and one that hangs is taken for lost. */
    driver.real.DeviceWaitIdle (device);
    driver.lost = true;
  }
  return now ? driver.result : VK_SUCCESS;
}

#define CREATE(Call, Info, Handle)                                                                 \
  static VKAPI_ATTR VkResult VKAPI_CALL fake_##Call (VkDevice device, const Info *info,            \
                                                     const VkAllocationCallbacks *allocator,       \
                                                     Handle *out)                                  \
  {                                                                                                \
    VkResult result = get_fault (device, #Call);                                                   \
                                                                                                   \
    if (result == VK_SUCCESS)                                                                      \
      result = driver.real.Call (device, info, allocator, out);                                    \
    driver.n_objects += result == VK_SUCCESS;                                                      \
    return result;                                                                                 \
  }

CREATE (AllocateMemory, VkMemoryAllocateInfo, VkDeviceMemory)
CREATE (CreateBuffer, VkBufferCreateInfo, VkBuffer)
CREATE (CreateCommandPool, VkCommandPoolCreateInfo, VkCommandPool)
CREATE (CreatePipelineLayout, VkPipelineLayoutCreateInfo, VkPipelineLayout)
CREATE (CreateSemaphore, VkSemaphoreCreateInfo, VkSemaphore)
CREATE (CreateShaderModule, VkShaderModuleCreateInfo, VkShaderModule)

#define DESTROY(Call, Handle)                                                                      \
  static VKAPI_ATTR void VKAPI_CALL fake_##Call (VkDevice device, Handle handle,                   \
                                                 const VkAllocationCallbacks *allocator)           \
  {                                                                                                \
    driver.n_objects -= handle != VK_NULL_HANDLE;                                                  \
    driver.real.Call (device, handle, allocator);                                                  \
  }

DESTROY (FreeMemory, VkDeviceMemory)
DESTROY (DestroyBuffer, VkBuffer)
DESTROY (DestroyCommandPool, VkCommandPool)
DESTROY (DestroyPipeline, VkPipeline)
DESTROY (DestroyPipelineLayout, VkPipelineLayout)
DESTROY (DestroySemaphore, VkSemaphore)
DESTROY (DestroyShaderModule, VkShaderModule)

static VKAPI_ATTR VkResult VKAPI_CALL
fake_CreateComputePipelines (VkDevice device,
                             VkPipelineCache cache,
                             uint32_t n,
                             const VkComputePipelineCreateInfo *infos,
                             const VkAllocationCallbacks *allocator,
                             VkPipeline *out)
{
  VkResult result = get_fault (device, "CreateComputePipelines");

  if (result == VK_SUCCESS)
    result = driver.real.CreateComputePipelines (device, cache, n, infos, allocator, out);
  else
    out[0] = VK_NULL_HANDLE;
  driver.n_objects += result == VK_SUCCESS;
  return result;
}

static VKAPI_ATTR VkResult VKAPI_CALL
fake_AllocateCommandBuffers (VkDevice device,
                             const VkCommandBufferAllocateInfo *info,
                             VkCommandBuffer *out)
{
  VkResult result = get_fault (device, "AllocateCommandBuffers");

  return result ? result : driver.real.AllocateCommandBuffers (device, info, out);
}

static VKAPI_ATTR VkResult VKAPI_CALL
fake_BindBufferMemory (VkDevice device, VkBuffer buffer, VkDeviceMemory memory, VkDeviceSize offset)
{
  VkResult result = get_fault (device, "BindBufferMemory");

  return result ? result : driver.real.BindBufferMemory (device, buffer, memory, offset);
}

static VKAPI_ATTR VkResult VKAPI_CALL
fake_MapMemory (VkDevice device,
                VkDeviceMemory memory,
                VkDeviceSize offset,
                VkDeviceSize size,
                VkMemoryMapFlags flags,
                void **out)
{
  VkResult result = get_fault (device, "MapMemory");

  return result ? result : driver.real.MapMemory (device, memory, offset, size, flags, out);
}

static VKAPI_ATTR VkResult VKAPI_CALL
fake_BeginCommandBuffer (VkCommandBuffer buffer, const VkCommandBufferBeginInfo *info)
{
  VkResult result = get_fault (VK_NULL_HANDLE, "BeginCommandBuffer");

  return result ? result : driver.real.BeginCommandBuffer (buffer, info);
}

static VKAPI_ATTR VkResult VKAPI_CALL
fake_EndCommandBuffer (VkCommandBuffer buffer)
{
  VkResult result = get_fault (VK_NULL_HANDLE, "EndCommandBuffer");

  driver.real.EndCommandBuffer (buffer);
  return result;
}

static GvDevice *current;

static VKAPI_ATTR VkResult VKAPI_CALL
fake_QueueSubmit2 (VkQueue queue, uint32_t n, const VkSubmitInfo2 *submits, VkFence fence)
{
  VkResult result =
      driver.lost ? VK_ERROR_DEVICE_LOST : get_fault (current->handle, "QueueSubmit2");

  current->cost_per_second = 1; /* a piece a submission */
  return result ? result : driver.real.QueueSubmit2 (queue, n, submits, fence);
}

static VKAPI_ATTR VkResult VKAPI_CALL
fake_WaitSemaphores (VkDevice device, const VkSemaphoreWaitInfo *info, uint64_t timeout)
{
  VkResult result = driver.lost ? VK_ERROR_DEVICE_LOST : get_fault (device, "WaitSemaphores");

  return result ? result : driver.real.WaitSemaphores (device, info, timeout);
}

static void
install (GvVk *vk)
{
  driver.real = *vk;
#define REPLACE(Call) vk->Call = fake_##Call
  REPLACE (AllocateCommandBuffers);
  REPLACE (AllocateMemory);
  REPLACE (BeginCommandBuffer);
  REPLACE (BindBufferMemory);
  REPLACE (CreateBuffer);
  REPLACE (CreateCommandPool);
  REPLACE (CreateComputePipelines);
  REPLACE (CreatePipelineLayout);
  REPLACE (CreateSemaphore);
  REPLACE (CreateShaderModule);
  REPLACE (DestroyBuffer);
  REPLACE (DestroyCommandPool);
  REPLACE (DestroyPipeline);
  REPLACE (DestroyPipelineLayout);
  REPLACE (DestroySemaphore);
  REPLACE (DestroyShaderModule);
  REPLACE (EndCommandBuffer);
  REPLACE (FreeMemory);
  REPLACE (MapMemory);
  REPLACE (QueueSubmit2);
  REPLACE (WaitSemaphores);
#undef REPLACE
}

/* A graph with several kernels and parameters, cheap to compile. */
static bool
build_and_run (GvDevice *device, uint64_t *digest, GError **error)
{
  g_autoptr (Net) net = net_new (device, GV_F32);
  GvTensor *x = net_input (net, 1, 1, 9, 16, (Spread) { 0 }, NULL);
  GvTensor *y = gv_layer_norm (net->g, x, "norm1", 1e-5f);

  y = gv_concat (net->g, gv_geglu (net->g, y), gv_silu (net->g, gv_view_channels (y, 3, 8)));
  y = gv_layer_norm (net->g, gv_add (net->g, x, y), "norm2", 1e-5f);
  gv_graph_output (net->g, y);
  if (!gv_graph_compile (net->g, error))
    return false;
  net_fill (net);
  for (int i = 0; i < 2; i++)
    if (!gv_graph_run (net->g, NULL, error))
      return false;
  *digest = net_digest (y);
  return true;
}

static bool
try (uint64_t *digest, GError **error)
{
  bool ok;

  driver.lost = false;
  gv_vk_table_hook = install;
  current = gv_device_open (NULL, error);
  gv_vk_table_hook = NULL;
  if (current)
    current->cost_per_second = 6e5; /* a dispatch or two a piece */
  ok = current && build_and_run (current, digest, error);
  if (!ok && current)
    g_assert_cmpint (current->lost, ==, driver.lost);
  g_clear_pointer (&current, gv_device_free);
  g_assert_cmpint (driver.n_objects, ==, 0);
  return ok;
}

typedef struct
{
  const char *call;
  VkResult result;
  GvVulkanError code;
  int at_least; /* so many calls are there to fail */
} Fault;

#define HOST VK_ERROR_OUT_OF_HOST_MEMORY, GV_VULKAN_ERROR_OUT_OF_MEMORY
#define DEVICE VK_ERROR_OUT_OF_DEVICE_MEMORY, GV_VULKAN_ERROR_OUT_OF_MEMORY
#define LOST VK_ERROR_DEVICE_LOST, GV_VULKAN_ERROR_DEVICE_LOST

static const Fault faults[] = {
  { "AllocateCommandBuffers", DEVICE, 3 },
  { "AllocateMemory", DEVICE, 5 },
  { "AllocateMemory", HOST, 5 },
  { "AllocateMemory", VK_ERROR_TOO_MANY_OBJECTS, GV_VULKAN_ERROR_FAILED, 5 },
  { "BeginCommandBuffer", HOST, 3 },
  { "BindBufferMemory", DEVICE, 5 },
  { "CreateBuffer", DEVICE, 5 },
  { "CreateCommandPool", HOST, 2 },
  { "CreateComputePipelines", DEVICE, 4 },
  { "CreateComputePipelines", HOST, 4 },
  { "CreatePipelineLayout", HOST, 1 },
  { "CreateSemaphore", HOST, 1 },
  { "CreateShaderModule", HOST, 4 },
  { "EndCommandBuffer", DEVICE, 3 },
  { "EndCommandBuffer", HOST, 3 },
  { "MapMemory", DEVICE, 5 },
  { "MapMemory", VK_ERROR_MEMORY_MAP_FAILED, GV_VULKAN_ERROR_FAILED, 5 },
  { "QueueSubmit2", DEVICE, 3 },
  { "QueueSubmit2", HOST, 3 },
  { "QueueSubmit2", LOST, 3 },
  { "WaitSemaphores", HOST, 3 },
  { "WaitSemaphores", LOST, 3 },
  { "WaitSemaphores", VK_TIMEOUT, GV_VULKAN_ERROR_DEVICE_LOST, 3 },
};

static uint64_t
get_expected (void)
{
  static uint64_t digest;
  g_autoptr (GError) error = NULL;

  driver.call = NULL;
  if (!digest)
    try (&digest, &error);
  g_assert_no_error (error);
  return digest;
}

static void
test_fault (gconstpointer data)
{
  const Fault *fault = data;
  uint64_t expected = get_expected (), digest = 0;

  for (int n = 1;; n++) {
    g_autoptr (GError) error = NULL;

    driver.call = fault->call;
    driver.result = fault->result;
    driver.countdown = n;
    if (try (&digest, &error)) {
      g_assert_cmpint (driver.countdown, >, 0); /* none was swallowed */
      g_assert_cmpint (n, >, fault->at_least);
      g_test_message ("%d calls", n - 1);
      break;
    }
    g_assert_cmpint (driver.countdown, <=, 0);
    g_assert_error (error, GV_VULKAN_ERROR, (int) fault->code);
  }
  g_assert_cmphex (digest, ==, expected);
}

static void
add_tests (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (faults); i++) {
    g_autofree char *name = g_strdup_printf ("/vulkan/faults/%s/%s", faults[i].call,
                                             gv_vk_result_name (faults[i].result));

    g_test_add_data_func (name, faults + i, test_fault);
  }
}

int
main (int argc, char **argv)
{
  return harness_main (argc, argv, add_tests);
}
