// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Which device is meant, and requests that no device can meet. */
#include "harness.h"

#include "base/errors.h"

#include <string.h>

static void
test_list (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) list = gv_physical_list (&error);

  g_assert_no_error (error);
  g_assert_cmpuint (list->len, >, 0);
  for (guint i = 0; i < list->len; i++) {
    const GvPhysical *p = &g_array_index (list, GvPhysical, i);

    g_assert_cmpint (p->number, ==, i);
    g_assert_cmpuint (strlen (p->name), >, 0);
    g_assert_cmpuint (p->memory_bytes, >, 0);
    g_assert_cmpuint (p->subgroup_size, >, 0);
  }
}

static void
test_open_by_name (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *loud = g_utf8_strup (harness_get_device ()->physical.name, 6);
  g_autofree char *number = g_strdup_printf ("%d", harness_get_device ()->physical.number);
  g_autoptr (GvDevice) by_name = gv_device_open (loud, &error), by_number = NULL, best = NULL;

  g_assert_no_error (error);
  by_number = gv_device_open (number, &error);
  g_assert_no_error (error);
  best = gv_device_open ("", &error);
  g_assert_no_error (error);
}

static void
test_open_bad (gconstpointer wanted)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (gv_device_open (wanted, &error));
  g_assert_error (error, GV_VULKAN_ERROR, GV_VULKAN_ERROR_NO_DEVICE);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_nonnull (strstr (error->message, "--device"));
}

static const GvPhysical fleet[] = {
  { .number = 0, .name = "Slow CPU", .type = VK_PHYSICAL_DEVICE_TYPE_CPU },
  { .number = 1,
    .name = "Old GPU",
    .type = VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU,
    .missing = "Vulkan 1.3" },
  { .number = 2, .name = "Little GPU", .type = VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU },
  { .number = 3, .name = "Große GPU", .type = VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU },
  { .number = 4, .name = "Große GPU", .type = VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU },
};

static const struct
{
  const char *wanted;
  int n, chosen; /* of the first @n devices */
} choices[] = {
  { NULL, 5, 3 },   { "", 3, 2 },       { NULL, 2, 0 },        { "0", 5, 0 },    { "4", 5, 4 },
  { "gpu", 1, -1 }, { "little", 5, 2 }, { "GROSSE", 5, 3 },    { "old", 5, -1 }, { "1", 5, -1 },
  { "5", 5, -1 },   { "-1", 5, -1 },    { "\xff\xfe", 5, -1 }, { "GPU", 5, -1 },
};

static void
test_choose (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (choices); i++) {
    g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (GvPhysical));
    g_autoptr (GError) error = NULL;

    g_array_append_vals (list, fleet, (guint) choices[i].n);
    g_assert_cmpint (gv_physical_choose (list, choices[i].wanted, &error), ==, choices[i].chosen);
    g_assert_cmpint (error == NULL, ==, choices[i].chosen >= 0);
  }
}

static void
test_none_usable (void)
{
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (GvPhysical));
  g_autoptr (GError) error = NULL;

  g_array_append_vals (list, fleet + 1, 1);
  g_assert_cmpint (gv_physical_choose (list, NULL, &error), ==, -1);
  g_assert_error (error, GV_VULKAN_ERROR, GV_VULKAN_ERROR_NO_DEVICE);
  g_assert_nonnull (strstr (error->message, "Old GPU"));
  g_assert_nonnull (strstr (error->message, "Vulkan 1.3"));
}

static void
test_too_much (void)
{
  GvDevice *device = harness_get_device ();
  size_t before = device->allocated_bytes;
  g_autoptr (GError) error = NULL;

  g_assert_null (gv_buffer_new (device, GV_MEMORY_DEVICE, device->physical.max_allocation + 4096,
                                &error));
  g_assert_error (error, GV_VULKAN_ERROR, GV_VULKAN_ERROR_OUT_OF_MEMORY);
  g_assert_cmpuint (device->allocated_bytes, ==, before);
}

static void
test_empty (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GvBuffer) buffer = gv_buffer_new (harness_get_device (), GV_MEMORY_HOST, 0, &error);
  g_autoptr (GvRecorder) recorder = gv_recorder_new (harness_get_device ());
  g_autoptr (GvProgram) program = gv_recorder_finish (recorder, &error);

  g_assert_no_error (error);
  g_assert_nonnull (buffer->map);
  g_assert_true (gv_program_run (program, NULL, &error));
  g_assert_no_error (error);
}

static void
add_tests (void)
{
  g_test_add_func ("/vulkan/device/list", test_list);
  g_test_add_func ("/vulkan/device/open-by-name", test_open_by_name);
  g_test_add_data_func ("/vulkan/device/open-unknown", "no such device", test_open_bad);
  g_test_add_data_func ("/vulkan/device/open-far-number", "99", test_open_bad);
  g_test_add_data_func ("/vulkan/device/open-huge-number", "99999999999999999999", test_open_bad);
  g_test_add_data_func ("/vulkan/device/open-no-text", "\xc3\x28", test_open_bad);
  g_test_add_func ("/vulkan/device/choose", test_choose);
  g_test_add_func ("/vulkan/device/none-usable", test_none_usable);
  g_test_add_func ("/vulkan/device/too-much", test_too_much);
  g_test_add_func ("/vulkan/device/empty", test_empty);
}

int
main (int argc, char **argv)
{
  return harness_main (argc, argv, add_tests);
}
