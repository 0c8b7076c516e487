// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Placing tensors: each intermediate lives from the op that writes it to the last that reads it,
 * and memory is handed on between those that never live together.  Inputs and outputs stand apart,
 * where the host sees them.
 */
#include "graph/graph-private.h"

#include "base/errors.h"

#define ALIGNMENT 256
#define BLOCK_BYTES ((size_t) 1 << 30)

/* A stretch of a block that a living tensor holds. */
typedef struct
{
  size_t offset, size;
  int last_use;
} Hold;

typedef struct
{
  GArray *holds; /* of Hold, by offset */
  size_t peak, limit;
} Block;

/* Where a tensor shall go, until the blocks' buffers exist. */
typedef struct
{
  GvRange *range;
  guint block;
} Placement;

static size_t
round_up (size_t size)
{
  return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static size_t
get_bytes (const GvTensor *x)
{
  return round_up ((size_t) gv_tensor_get_rows (x) * (size_t) x->ld * 4);
}

/* Counts readers and finds the last one, through views. */
static void
find_uses (GvGraph *self)
{
  for (guint i = 0; i < self->tensors->len; i++) {
    GvTensor *y = g_ptr_array_index (self->tensors, i);

    if (!y->op || y->dead)
      continue;
      /* What a view's op writes counts as a use of the memory below it. */
    gv_tensor_get_root (y)->last_use = MAX (gv_tensor_get_root (y)->last_use, (int) i);
    for (int s = 0; s < GV_MAX_SOURCES; s++)
      if (y->src[s]) {
        GvTensor *root = gv_tensor_get_root (y->src[s]);

        root->n_uses++;
        root->last_use = MAX (root->last_use, (int) i);
      }
  }
}

static void
release_before (Block *block, int now)
{
  for (guint i = block->holds->len; i-- > 0;)
    if (g_array_index (block->holds, Hold, i).last_use < now)
      g_array_remove_index (block->holds, i);
}

/* The smallest gap that fits, to keep large ones whole. */
static bool
find_gap (const Block *block, size_t size, size_t *offset, guint *at)
{
  size_t end = 0, best = SIZE_MAX;

  for (guint i = 0; i <= block->holds->len; i++) {
    size_t next =
        i < block->holds->len ? g_array_index (block->holds, Hold, i).offset : block->limit;
    size_t gap = next > end ? next - end : 0;

    if (i == block->holds->len && block->peak > end && block->peak - end >= size)
      gap = block->peak - end;
    if (gap >= size && gap < best) {
      best = gap;
      *offset = end;
      *at = i;
    }
    if (i < block->holds->len)
      end = next + g_array_index (block->holds, Hold, i).size;
  }
  return best != SIZE_MAX;
}

static void
take_gap (Block *block, size_t offset, guint at, size_t size, int last_use)
{
  Hold hold = { offset, size, last_use };

  g_array_insert_val (block->holds, at, hold);
  block->peak = MAX (block->peak, offset + size);
}

static void
block_clear (gpointer data)
{
  g_array_unref (((Block *) data)->holds);
}

static void
place (GArray *blocks, GArray *placements, GvRange *range, size_t size, int now, int last_use)
{
  Placement placement = { range, 0 };
  size_t offset;
  guint at;

  range->size = size;
  for (guint b = 0; b < blocks->len; b++) {
    Block *block = &g_array_index (blocks, Block, b);

    release_before (block, now);
    if (!find_gap (block, size, &offset, &at))
      continue;
    take_gap (block, offset, at, size, last_use);
    range->offset = offset;
    placement.block = b;
    g_array_append_val (placements, placement);
    return;
  }
  {
    Block block = { g_array_new (FALSE, FALSE, sizeof (Hold)), 0, MAX (BLOCK_BYTES, size) };

    take_gap (&block, 0, 0, size, last_use);
    range->offset = 0;
    placement.block = blocks->len;
    g_array_append_val (blocks, block);
    g_array_append_val (placements, placement);
  }
}

static void
place_scratch (GvGraph *self, GArray *blocks, GArray *placements, GvTensor *y)
{
  GvRange *range;

  if (!y->op->scratch || y->op->scratch (y) == 0)
    return;
  range = g_new0 (GvRange, 1);
  g_hash_table_insert (self->scratch, y, range);
  place (blocks, placements, range, round_up (y->op->scratch (y)), y->index, y->index);
}

/* Inputs and outputs one after the other in mapped memory. */
static bool
place_io (GvGraph *self, GError **error)
{
  size_t size = 0;

  for (guint i = 0; i < self->tensors->len; i++) {
    GvTensor *x = g_ptr_array_index (self->tensors, i);

    if (!x->keep)
      continue;
    x->range = (GvRange) { .offset = size, .size = get_bytes (x) };
    size += x->range.size;
  }
  self->io = gv_buffer_new (self->device, GV_MEMORY_HOST, size, error);
  if (!self->io)
    return false;
  for (guint i = 0; i < self->tensors->len; i++) {
    GvTensor *x = g_ptr_array_index (self->tensors, i);

    if (x->keep)
      x->range.buffer = self->io;
  }
  return true;
}

static bool
make_buffers (GvGraph *self, const GArray *blocks, const GArray *placements, GError **error)
{
  for (guint b = 0; b < blocks->len; b++) {
    size_t size = g_array_index (blocks, Block, b).peak;
    GvBuffer *buffer = gv_buffer_new (self->device, GV_MEMORY_DEVICE, size, error);

    if (!buffer)
      return false;
    self->arena_bytes += size;
    g_ptr_array_add (self->arena, buffer);
  }
  for (guint i = 0; i < placements->len; i++) {
    const Placement *p = &g_array_index (placements, Placement, i);

    p->range->buffer = g_ptr_array_index (self->arena, p->block);
  }
  return true;
}

bool
gv_graph_plan (GvGraph *self, GError **error)
{
  g_autoptr (GArray) blocks = g_array_new (FALSE, FALSE, sizeof (Block));
  g_autoptr (GArray) placements = g_array_new (FALSE, FALSE, sizeof (Placement));

  g_array_set_clear_func (blocks, block_clear);
  find_uses (self);
  for (guint i = 0; i < self->tensors->len; i++) {
    GvTensor *y = g_ptr_array_index (self->tensors, i);

    if (!y->op || y->dead)
      continue;
    if (!y->keep && !y->alias)
      place (blocks, placements, &y->range, get_bytes (y), y->index, y->last_use);
    place_scratch (self, blocks, placements, y);
  }
  return place_io (self, error) && make_buffers (self, blocks, placements, error);
}
