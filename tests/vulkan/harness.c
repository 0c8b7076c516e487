// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The device that tests share, and memory full of NaN. */
#include "harness.h"

#include "graph/graph-private.h"
#include "ops/ops-private.h"

#include <string.h>

static GvDevice *shared;

GvDevice *
harness_get_device (void)
{
  g_autoptr (GError) error = NULL;

  if (!shared)
    shared = gv_device_open (NULL, &error);
  g_assert_no_error (error);
  return shared;
}

int
harness_main (int argc, char **argv, void (*add) (void))
{
  int failed;

  g_test_init (&argc, &argv, NULL);
  add ();
  failed = g_test_run ();
  g_clear_pointer (&shared, gv_device_free);
  if (gv_device_count_validation_errors () > 0) {
    g_printerr ("the validation layers found %d errors\n", gv_device_count_validation_errors ());
    return 1;
  }
  return failed;
}

float
random_next (Random *self)
{
  self->state = self->state * 6364136223846793005u + 1442695040888963407u;
  return (float) (int32_t) (self->state >> 32) * 0x1p-31f;
}

/* @buffer = @nans, by the kernel that copies bits. */
static void
record_copy (GvRecorder *recorder, GvBuffer *nans, GvBuffer *buffer)
{
  uint32_t n = (uint32_t) (buffer->size / 4);
  GvPushWiden push = { nans->address, buffer->address, n };
  GvDispatch d = { .kernel = GV_KERNEL_WIDEN_F32 };

  gv_dispatch_fold (&d, (n + 63) / 64);
  gv_dispatch_read (&d, (GvRange) { nans, 0, buffer->size });
  gv_dispatch_write (&d, (GvRange) { buffer, 0, buffer->size });
  gv_dispatch_set_push (&d, &push, sizeof push);
  gv_recorder_add (recorder, &d);
}

void
harness_poison (GvGraph *g)
{
  for (guint i = 0; i < g->arena->len; i++) {
    GvBuffer *buffer = g_ptr_array_index (g->arena, i);
    g_autoptr (GError) error = NULL;
    g_autoptr (GvBuffer) nans = gv_buffer_new (g->device, GV_MEMORY_HOST, buffer->size, &error);
    g_autoptr (GvRecorder) recorder = gv_recorder_new (g->device);
    g_autoptr (GvProgram) program = NULL;

    g_assert_no_error (error);
    memset (nans->map, 0xff, nans->size);
    record_copy (recorder, nans, buffer);
    program = gv_recorder_finish (recorder, &error);
    g_assert_no_error (error);
    gv_program_run (program, NULL, &error);
    g_assert_no_error (error);
  }
}
