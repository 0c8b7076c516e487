// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The kernels that bring weights into their forms: panels, and floats from narrower types. */
#include "harness.h"

#include "ops/ops-private.h"
#include "reference.h"

#include <math.h>
#include <string.h>

static const RefPack rows[] = {
  { 16, 4, 1, 4, 1, 0, 4 },
  { 5, 37, 1, 37, 1, 0, 4 },
  { 5, 37, 9, 333, 9, 1, 2 },          /* nothing divides                         */
  { 33, 8, 1, 8, 1, 0, 2 },            /* whole words, a panel that is not full   */
  { 33, 7, 9, 63, 9, 1, 4 },
  { 37, 20, 1, 1, 41, 0, 4 },          /* the transpose of rows 41 apart          */
  { 1, 1, 1, 1, 1, 0, 2 },
};

static GvBuffer *
new_buffer (size_t size)
{
  g_autoptr (GError) error = NULL;
  GvBuffer *buffer = gv_buffer_new (harness_get_device (), GV_MEMORY_HOST, size, &error);

  g_assert_no_error (error);
  memset (buffer->map, 0xff, buffer->size);
  return buffer;
}

static void
run (GvRecorder *recorder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GvProgram) program = gv_recorder_finish (recorder, &error);

  g_assert_no_error (error);
  gv_program_run (program, NULL, &error);
  g_assert_no_error (error);
}

static void
test_pack (gconstpointer data)
{
  const RefPack *p = data;
  GvDtype dtype = p->element_bytes == 4 ? GV_F32 : GV_F16;
  size_t n_src =
      (p->n - 1) * p->stride_n + (p->k - 1) * p->stride_k + (p->taps - 1) * p->stride_tap + 1;
  size_t size = gv_panel_bytes (dtype, p->n, p->k, p->taps);
  g_autoptr (GvBuffer) src = new_buffer (n_src * p->element_bytes + 64),
                       dst = new_buffer (size + 64);
  g_autoptr (GvRecorder) recorder = gv_recorder_new (harness_get_device ());
  g_autofree char *expected = g_malloc (size + 64);
  GvDispatch d = { 0 };
  GvPushPack push = {
    .src = src->address,
    .dst = dst->address,
    .n = (uint32_t) p->n,
    .k = (uint32_t) p->k,
    .taps = (uint32_t) p->taps,
    .stride_n = (uint32_t) p->stride_n,
    .stride_k = (uint32_t) p->stride_k,
    .stride_tap = (uint32_t) p->stride_tap,
  };

  /* Numbers that say where they come from; their bits must not change. */
  for (size_t i = 0; i < n_src; i++)
    if (dtype == GV_F32)
      ((float *) src->map)[i] = (float) i + 0.5f;
    else
      ((uint16_t *) src->map)[i] = (uint16_t) (i + 1);
  gv_dispatch_read (&d, (GvRange) { src, 0, n_src * p->element_bytes });
  gv_dispatch_write (&d, (GvRange) { dst, 0, size });
  gv_record_pack (recorder, &push, dtype, &d);
  run (recorder);
  ref_pack (src->map, expected, p);
  memset (expected + size, 0xff, 64);
  g_assert_cmpmem (dst->map, size + 64, expected, size + 64);
}

/* Every number that 16 bits can mean. */
static void
widen_all (GvKernelId kernel, GvDtype dtype)
{
  const uint32_t n = 65536;
  g_autoptr (GvBuffer) src = new_buffer (n * 2), dst = new_buffer (n * 4);
  g_autoptr (GvRecorder) recorder = gv_recorder_new (harness_get_device ());
  g_autofree float *expected = g_new (float, n);
  GvPushWiden push = { src->address, dst->address, n };
  GvDispatch d = { .kernel = kernel };

  for (uint32_t i = 0; i < n; i++)
    ((uint16_t *) src->map)[i] = (uint16_t) i;
  gv_dispatch_fold (&d, n / 64);
  gv_dispatch_read (&d, (GvRange) { src, 0, src->size });
  gv_dispatch_write (&d, (GvRange) { dst, 0, dst->size });
  gv_dispatch_set_push (&d, &push, sizeof push);
  gv_recorder_add (recorder, &d);
  run (recorder);
  gv_widen (dtype, src->map, expected, n);
  for (uint32_t i = 0; i < n; i++) {
    const float *found = (const float *) dst->map + i;

    if (isnan (expected[i]) ? !isnan (*found) : memcmp (found, expected + i, sizeof *found) != 0) {
      g_test_fail_printf ("%s %04x became %.9g instead of %.9g", gv_dtype_name (dtype), i, *found,
                          expected[i]);
      return;
    }
  }
}

static void
test_widen (void)
{
  widen_all (GV_KERNEL_WIDEN_F16, GV_F16);
  widen_all (GV_KERNEL_WIDEN_BF16, GV_BF16);
}

static void
add_tests (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    const RefPack *p = rows + i;
    g_autofree char *name =
        g_strdup_printf ("/pack/%zux%zux%zu-strides-%zu-%zu-%zu-bytes-%zu", p->n, p->k, p->taps,
                         p->stride_n, p->stride_k, p->stride_tap, p->element_bytes);

    g_test_add_data_func (name, p, test_pack);
  }
  g_test_add_func ("/pack/widen", test_widen);
}

int
main (int argc, char **argv)
{
  return harness_main (argc, argv, add_tests);
}
