// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What every test program of the gpu suite does: open a device, use it, and look what the layers
 * said. */
#pragma once

#include "graph/graph.h"

/* Runs the tests that @add adds, and fails if the Vulkan validation layers found an error. */
int harness_main (int argc, char **argv, void (*add) (void));

/* The device of all tests that don't want one of their own. */
GvDevice *harness_get_device (void);

/* Floats between -1 and 1, the same each time. */
typedef struct
{
  uint64_t state;
} Random;

float random_next (Random *self);

/* Fills the memory of a compiled graph's intermediates with NaN. */
void harness_poison (GvGraph *g);

/* The parameters that graphs ask for, made up: of the type that is asked for, or floats. */
typedef struct
{
  GvDevice *device;
  GvDtype dtype;
  bool on_host;        /* pack without the device: nothing runs before the graph does */
  GHashTable *entries; /* name → Entry                                                */
  GvRecorder *recorder;
  GPtrArray *staging;
  int rank, first_rank; /* of factors beside every weight, once strengths are set */
} TestParams;

extern const GvParamSource test_param_source;

TestParams *test_params_new (GvDevice *device, GvDtype dtype);
void test_params_free (TestParams *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestParams, test_params_free)

/* The numbers that the device has, in the order of the file's tensor. */
const double *test_params_get (TestParams *self, const char *name);
