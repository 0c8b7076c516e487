// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A graph for a test, its inputs with their twins, and the comparison of what comes out. */
#pragma once

#include "harness.h"
#include "reference.h"

typedef struct
{
  GvGraph *g;
  TestParams *params;
  GPtrArray *inputs; /* of Input */
  Random random;
} Net;

Net *net_new (GvDevice *device, GvDtype weights);
void net_free (Net *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Net, net_free)

/* How the numbers of an input are spread, and in what they lie. */
typedef struct
{
  float scale, mean;
  int before, after; /* channels of NaN around the input's own: it is a part of a wider tensor */
} Spread;

/*
 * An input of random numbers.  @twin: (transfer none): the same in double
 */
GvTensor *net_input (Net *self, int n, int h, int w, int c, Spread spread, const Ref **twin);

/* A U-Net that has a bit of everything, for two samples of odd size.  Returns: its output */
GvTensor *net_unet (Net *self);

/* Compiles; then intermediates are NaN and inputs set. */
bool net_compile (Net *self, GError **error);

/* Sets the inputs of a compiled graph. */
void net_fill (Net *self);

/* Compiles if need be and runs; both must succeed. */
void net_run (Net *self);

/*
 * Fails the test at the first number of @y that is not within @tolerance, in units of what is
 * typical for
 * @expected (at least 1), or if something was written behind @y.
 */
void net_expect (GvTensor *y, const Ref *expected, double tolerance);

/* The bits of an output, as a number. */
uint64_t net_digest (GvTensor *y);
