// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* From a list of dispatches to recorded command buffers, and running them. */
#include "vulkan/recorder.h"

#include "base/debug.h"
#include "base/errors.h"
#include "vulkan/profile.h"

#include <string.h>

/* One command buffer should take about this long, one submission about four of them. */
#define PIECE_SECONDS 0.02
#define SUBMIT_SECONDS 0.08

/* A byte moved costs as much as so many operations, roughly, on CPUs and GPUs alike. */
#define OPERATIONS_PER_BYTE 8.0

struct _GvRecorder
{
  GvDevice *device;
  GArray *dispatches; /* of GvDispatch */
};

typedef struct
{
  VkCommandBuffer handle;
  double cost;
} Piece;

struct _GvProgram
{
  GvDevice *device;
  GArray *dispatches; /* of GvDispatch */
  GArray *commands;   /* of GvCommand  */
  GArray *pieces;     /* of Piece      */
  VkCommandPool pool;
  GvProfile *profile; /* (nullable)    */
};

void
gv_dispatch_set_push (GvDispatch *self, const void *push, size_t size)
{
  g_assert (size <= GV_PUSH_BYTES);
  memcpy (self->push, push, size);
  self->push_bytes = size;
}

void
gv_dispatch_read (GvDispatch *self, GvRange range)
{
  g_assert (self->n_reads < GV_MAX_RANGES);
  self->reads[self->n_reads++] = range;
}

void
gv_dispatch_write (GvDispatch *self, GvRange range)
{
  g_assert (self->n_writes < GV_MAX_RANGES);
  self->writes[self->n_writes++] = range;
}

GvRecorder *
gv_recorder_new (GvDevice *device)
{
  GvRecorder *self = g_new0 (GvRecorder, 1);

  self->device = device;
  self->dispatches = g_array_new (FALSE, FALSE, sizeof (GvDispatch));
  return self;
}

void
gv_recorder_free (GvRecorder *self)
{
  g_clear_pointer (&self->dispatches, g_array_unref);
  g_free (self);
}

void
gv_recorder_add (GvRecorder *self, const GvDispatch *dispatch)
{
  if (dispatch->groups[0] && dispatch->groups[1] && dispatch->groups[2])
    g_array_append_vals (self->dispatches, dispatch, 1);
}

static double
get_cost (const GvDispatch *d)
{
  return d->flops + OPERATIONS_PER_BYTE * d->bytes;
}

/* Cuts a dispatch along its slowest axis into parts of at most @max cost each. */
static void
append_parts (GArray *commands, const GvDispatch *d, int index, double max)
{
  double parts = get_cost (d) / max;
  int axis = d->groups[2] > 1 ? 2 : d->groups[1] > 1 ? 1 : 0;
  uint32_t n = d->groups[axis];
  uint32_t step = parts <= 1 ? n : (uint32_t) MAX (1, (double) n / parts);

  if (step == 1 && axis > 0 && parts / n > 2) {
      /* One slice alone is too much: cut each slice along the next axis too. */
    for (uint32_t i = 0; i < n; i++) {
      int inner = axis == 2 && d->groups[1] > 1 ? 1 : 0;
      uint32_t m = d->groups[inner];
      uint32_t inner_step = (uint32_t) MAX (1, (double) m / (parts / n));

      for (uint32_t j = 0; j < m; j += inner_step) {
        GvCommand c = { .dispatch = index, .count = { d->groups[0], d->groups[1], d->groups[2] } };

        c.base[axis] = i;
        c.count[axis] = 1;
        c.base[inner] = j;
        c.count[inner] = MIN (inner_step, m - j);
        g_array_append_val (commands, c);
      }
    }
    return;
  }
  for (uint32_t i = 0; i < n; i += step) {
    GvCommand c = { .dispatch = index, .count = { d->groups[0], d->groups[1], d->groups[2] } };

    c.base[axis] = i;
    c.count[axis] = MIN (step, n - i);
    g_array_append_val (commands, c);
  }
}

/* Puts a barrier before each dispatch that depends on one since the last barrier. */
static void
order (GvProgram *self, double max)
{
  static const GvCommand barrier = { .dispatch = -1 };
  const GvDispatch *dispatches = (const GvDispatch *) self->dispatches->data;
  int since = 0;

  for (int i = 0; i < (int) self->dispatches->len; i++) {
    bool waits = gv_debug (GV_DEBUG_SYNC);

    for (int j = since; j < i && !waits; j++) {
      GvCommand pair[2] = { { .dispatch = j }, { .dispatch = i } };

      waits = gv_find_hazard (dispatches, pair, 2) >= 0;
    }
    if (waits) {
      g_array_append_val (self->commands, barrier);
      since = i;
    }
    append_parts (self->commands, dispatches + i, i, max);
  }
}

/* Between dispatches, or (@last) before whatever follows the program, on the device or the host. */
static void
record_barrier (GvProgram *self, VkCommandBuffer buffer, bool last)
{
  VkMemoryBarrier2 memory = {
    .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER_2,
    .srcStageMask = VK_PIPELINE_STAGE_2_COMPUTE_SHADER_BIT,
    .srcAccessMask = VK_ACCESS_2_SHADER_STORAGE_WRITE_BIT,
    .dstStageMask =
        VK_PIPELINE_STAGE_2_COMPUTE_SHADER_BIT | (last ? VK_PIPELINE_STAGE_2_HOST_BIT : 0),
    .dstAccessMask = VK_ACCESS_2_SHADER_STORAGE_READ_BIT | VK_ACCESS_2_SHADER_STORAGE_WRITE_BIT |
                     (last ? VK_ACCESS_2_HOST_READ_BIT : 0),
  };
  VkDependencyInfo dependency = {
    .sType = VK_STRUCTURE_TYPE_DEPENDENCY_INFO,
    .memoryBarrierCount = 1,
    .pMemoryBarriers = &memory,
  };

  self->device->vk.CmdPipelineBarrier2 (buffer, &dependency);
}

static bool
record_dispatch (GvProgram *self, VkCommandBuffer buffer, const GvCommand *c, GError **error)
{
  const GvVk *vk = &self->device->vk;
  const GvDispatch *d = &g_array_index (self->dispatches, GvDispatch, c->dispatch);
  VkPipeline pipeline = gv_pipeline_get (self->device, d->kernel, d->spec, d->n_spec, error);

  if (!pipeline)
    return false;
  vk->CmdBindPipeline (buffer, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
  vk->CmdPushConstants (buffer, self->device->layout, VK_SHADER_STAGE_COMPUTE_BIT, 0,
                        (uint32_t) d->push_bytes, d->push);
  if (self->profile)
    gv_profile_begin (self->profile, buffer, d);
  vk->CmdDispatchBase (buffer, c->base[0], c->base[1], c->base[2], c->count[0], c->count[1],
                       c->count[2]);
  if (self->profile)
    gv_profile_end (self->profile, buffer);
  return true;
}

static bool
begin_piece (GvProgram *self, Piece *piece, GError **error)
{
  const GvVk *vk = &self->device->vk;
  VkCommandBufferAllocateInfo info = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
    .commandPool = self->pool,
    .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
    .commandBufferCount = 1,
  };
  VkCommandBufferBeginInfo begin = { .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO };
  VkResult result = vk->AllocateCommandBuffers (self->device->handle, &info, &piece->handle);

  return gv_vk_check (result, "vkAllocateCommandBuffers", error) &&
         gv_vk_check (vk->BeginCommandBuffer (piece->handle, &begin), "vkBeginCommandBuffer",
                      error);
}

/* What one command costs: its share of its dispatch. */
static double
get_command_cost (GvProgram *self, const GvCommand *c)
{
  const GvDispatch *d = &g_array_index (self->dispatches, GvDispatch, c->dispatch);
  double share = 1;

  for (int i = 0; i < 3; i++)
    share *= (double) c->count[i] / d->groups[i];
  return share * get_cost (d);
}

static bool
record_pieces (GvProgram *self, double max, GError **error)
{
  Piece piece = { 0 };

  for (guint i = 0; i < self->commands->len; i++) {
    const GvCommand *c = &g_array_index (self->commands, GvCommand, i);
    double cost = c->dispatch < 0 ? 0 : get_command_cost (self, c);

    if (piece.handle && piece.cost + cost > max && piece.cost > 0) {
      if (!gv_vk_check (self->device->vk.EndCommandBuffer (piece.handle), "vkEndCommandBuffer",
                        error))
        return false;
      g_array_append_val (self->pieces, piece);
      piece = (Piece) { 0 };
    }
    if (!piece.handle && !begin_piece (self, &piece, error))
      return false;
    if (c->dispatch < 0)
      record_barrier (self, piece.handle, false);
    else if (!record_dispatch (self, piece.handle, c, error))
      return false;
    piece.cost += cost;
  }
  if (piece.handle) {
    record_barrier (self, piece.handle, true);
    if (!gv_vk_check (self->device->vk.EndCommandBuffer (piece.handle), "vkEndCommandBuffer",
                      error))
      return false;
    g_array_append_val (self->pieces, piece);
  }
  return true;
}

static bool
check_hazards (GvProgram *self, GError **error)
{
  int found = gv_find_hazard ((const GvDispatch *) self->dispatches->data,
                              (const GvCommand *) self->commands->data, (int) self->commands->len);

  if (found < 0)
    return true;
  g_set_error (error, GV_VULKAN_ERROR, GV_VULKAN_ERROR_FAILED,
               "internal error: command %d runs before what it needs is written", found);
  return false;
}

GvProgram *
gv_recorder_finish (GvRecorder *self, GError **error)
{
  g_autoptr (GvProgram) program = g_new0 (GvProgram, 1);
  double max = self->device->cost_per_second * PIECE_SECONDS;
  VkCommandPoolCreateInfo pool = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
    .queueFamilyIndex = self->device->physical.queue_family,
  };
  VkResult result;

  program->device = self->device;
  program->dispatches = g_steal_pointer (&self->dispatches);
  program->commands = g_array_new (FALSE, FALSE, sizeof (GvCommand));
  program->pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  order (program, max);
  if (!check_hazards (program, error))
    return NULL;
  if (gv_debug (GV_DEBUG_PROFILE) && self->device->physical.timestamp_ns > 0) {
    program->profile = gv_profile_new (self->device, program->commands->len, error);
    if (!program->profile)
      return NULL;
  }
  result = self->device->vk.CreateCommandPool (self->device->handle, &pool, NULL, &program->pool);
  if (!gv_vk_check (result, "vkCreateCommandPool", error) || !record_pieces (program, max, error))
    return NULL;
  return g_steal_pointer (&program);
}

void
gv_program_free (GvProgram *self)
{
  if (self->pool)
    self->device->vk.DestroyCommandPool (self->device->handle, self->pool, NULL);
  g_clear_pointer (&self->profile, gv_profile_free);
  g_array_unref (self->dispatches);
  g_array_unref (self->commands);
  g_array_unref (self->pieces);
  g_free (self);
}

const GvDispatch *
gv_program_get_dispatches (GvProgram *self, int *n)
{
  *n = (int) self->dispatches->len;
  return (const GvDispatch *) self->dispatches->data;
}

const GvCommand *
gv_program_get_commands (GvProgram *self, int *n)
{
  *n = (int) self->commands->len;
  return (const GvCommand *) self->commands->data;
}

/* A submission under way. */
typedef struct
{
  uint64_t value;
  double cost;
} Flight;

/* Waits for a submission and learns the device's speed from it. */
static bool
land (GvProgram *self, const Flight *flight, gint64 *last_us, GError **error)
{
  gint64 now;

  if (!gv_device_wait (self->device, flight->value, error))
    return false;
  now = g_get_monotonic_time ();
  if (now > *last_us + 1000 && flight->cost > 0) {
    double speed = flight->cost / ((double) (now - *last_us) * 1e-6);

    self->device->cost_per_second += 0.25 * (speed - self->device->cost_per_second);
  }
  *last_us = now;
  return true;
}

/* Submits pieces from @first on, as many as fit into one submission. */
static bool
take_off (GvProgram *self, guint *first, Flight *flight, GError **error)
{
  double max = self->device->cost_per_second * SUBMIT_SECONDS;
  g_autoptr (GArray) handles = g_array_new (FALSE, FALSE, sizeof (VkCommandBuffer));

  flight->cost = 0;
  while (*first < self->pieces->len) {
    const Piece *piece = &g_array_index (self->pieces, Piece, *first);

    if (handles->len && flight->cost + piece->cost > max)
      break;
    g_array_append_val (handles, piece->handle);
    flight->cost += piece->cost;
    (*first)++;
  }
  flight->value = gv_device_submit (self->device, (const VkCommandBuffer *) handles->data,
                                    (int) handles->len, error);
  return flight->value != 0;
}

bool
gv_program_run (GvProgram *self, GCancellable *cancellable, GError **error)
{
  Flight flights[2];
  int n_flights = 0;
  guint next = 0;
  gint64 last_us = g_get_monotonic_time ();
  bool ok = true;

  while (ok && next < self->pieces->len && !g_cancellable_is_cancelled (cancellable)) {
    if (n_flights == 2) {
      ok = land (self, &flights[0], &last_us, error);
      flights[0] = flights[1];
      n_flights = 1;
    }
    ok = ok && take_off (self, &next, &flights[n_flights], error);
    n_flights += ok;
  }
  for (int i = 0; i < n_flights && ok; i++)
    ok = land (self, &flights[i], &last_us, error);
  /* Nothing may still be under way when the caller frees what it uses. */
  if (!ok && !self->device->lost)
    self->device->vk.DeviceWaitIdle (self->device->handle);
  if (ok && self->profile)
    ok = gv_profile_collect (self->profile, error);
  return ok && !g_cancellable_set_error_if_cancelled (cancellable, error);
}
