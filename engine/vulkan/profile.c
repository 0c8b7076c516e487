// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* GV_DEBUG=profile: where the device's time goes. */
#include "vulkan/profile.h"

typedef struct
{
  double seconds, flops, bytes;
  int calls;
} Sum;

struct _GvProfile
{
  GvDevice *device;
  VkQueryPool pool;
  uint32_t n, max;
  const GvDispatch **dispatches; /* borrowed from the program: one for each pair of queries */
};

static Sum sums[GV_N_KERNELS];

GvProfile *
gv_profile_new (GvDevice *device, unsigned n, GError **error)
{
  GvProfile *self;
  VkQueryPoolCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO,
    .queryType = VK_QUERY_TYPE_TIMESTAMP,
    .queryCount = 2 * MAX (n, 1),
  };

  self = g_new0 (GvProfile, 1);
  self->device = device;
  self->max = MAX (n, 1);
  self->dispatches = g_new0 (const GvDispatch *, self->max);
  if (!gv_vk_check (device->vk.CreateQueryPool (device->handle, &info, NULL, &self->pool),
                    "vkCreateQueryPool", error))
    g_clear_pointer (&self, gv_profile_free);
  return self;
}

void
gv_profile_free (GvProfile *self)
{
  if (self->pool)
    self->device->vk.DestroyQueryPool (self->device->handle, self->pool, NULL);
  g_free (self->dispatches);
  g_free (self);
}

static void
stamp (GvProfile *self, VkCommandBuffer buffer, uint32_t query)
{
  self->device->vk.CmdWriteTimestamp2 (buffer, VK_PIPELINE_STAGE_2_COMPUTE_SHADER_BIT, self->pool,
                                       query);
}

void
gv_profile_begin (GvProfile *self, VkCommandBuffer buffer, const GvDispatch *dispatch)
{
  g_assert (self->n < self->max);
  self->dispatches[self->n] = dispatch;
  self->device->vk.CmdResetQueryPool (buffer, self->pool, 2 * self->n, 2);
  stamp (self, buffer, 2 * self->n);
}

void
gv_profile_end (GvProfile *self, VkCommandBuffer buffer)
{
  stamp (self, buffer, 2 * self->n + 1);
  self->n++;
}

bool
gv_profile_collect (GvProfile *self, GError **error)
{
  g_autofree uint64_t *ticks = g_new0 (uint64_t, 2 * self->max);
  VkResult result;

  if (self->n == 0)
    return true;
  result =
      self->device->vk.GetQueryPoolResults (self->device->handle, self->pool, 0, 2 * self->n,
                                            2 * self->n * sizeof ticks[0], ticks, sizeof ticks[0],
                                            VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WAIT_BIT);
  if (!gv_vk_check (result, "vkGetQueryPoolResults", error))
    return false;
  for (uint32_t i = 0; i < self->n; i++) {
    const GvDispatch *d = self->dispatches[i];
    Sum *sum = &sums[d->kernel];
    bool again = i > 0 && self->dispatches[i - 1] == d;

    sum->seconds += (double) (ticks[2 * i + 1] - ticks[2 * i]) * 1e-9 *
                    (double) self->device->physical.timestamp_ns;
    sum->calls += !again;
    sum->flops += again ? 0 : d->flops;
    sum->bytes += again ? 0 : d->bytes;
  }
  return true;
}

void
gv_profile_print (void)
{
  double total = 0;

  for (int i = 0; i < GV_N_KERNELS; i++)
    total += sums[i].seconds;
  if (total == 0)
    return;
  g_printerr ("%-28s %7s %9s %6s %9s %8s\n", "kernel", "calls", "ms", "share", "GFLOP/s", "GB/s");
  for (int i = 0; i < GV_N_KERNELS; i++)
    if (sums[i].calls)
      g_printerr ("%-28s %7d %9.1f %5.1f%% %9.1f %8.2f\n", gv_kernel_codes[i].name, sums[i].calls,
                  sums[i].seconds * 1e3, 100 * sums[i].seconds / total,
                  sums[i].flops / sums[i].seconds * 1e-9, sums[i].bytes / sums[i].seconds * 1e-9);
  for (int i = 0; i < GV_N_KERNELS; i++)
    sums[i] = (Sum) { 0 };
}
