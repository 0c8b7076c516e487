// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A list of dispatches becomes a program: command buffers with the barriers that the declared
 * ranges ask for, cut so finely that a submission never holds the device long.
 */
#pragma once

#include "vulkan/kernel.h"

#include <gio/gio.h>

#define GV_MAX_RANGES 8

/* Bytes of a buffer that a dispatch reads or writes. */
typedef struct
{
  const GvBuffer *buffer;
  size_t offset, size;
} GvRange;

typedef struct
{
  GvKernelId kernel;
  uint32_t spec[GV_MAX_SPEC];
  int n_spec;
  uint8_t push[GV_PUSH_BYTES];
  size_t push_bytes;
  uint32_t groups[3];
  GvRange reads[GV_MAX_RANGES], writes[GV_MAX_RANGES];
  int n_reads, n_writes;
  double flops; /* 2 for each multiply-add                               */
  double bytes; /* read and written, for kernels that memory speed limits */
} GvDispatch;

void gv_dispatch_set_push (GvDispatch *self, const void *push, size_t size);
void gv_dispatch_read (GvDispatch *self, GvRange range);
void gv_dispatch_write (GvDispatch *self, GvRange range);

/* A recorded command: a barrier, or a part of a dispatch. */
typedef struct
{
  int dispatch; /* index, or -1 for a barrier */
  uint32_t base[3], count[3];
} GvCommand;

typedef struct _GvRecorder GvRecorder;
typedef struct _GvProgram GvProgram;

GvRecorder *gv_recorder_new (GvDevice *device);
void gv_recorder_free (GvRecorder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvRecorder, gv_recorder_free)

/* Adds a dispatch; a count of 0 groups is dropped. */
void gv_recorder_add (GvRecorder *self, const GvDispatch *dispatch);

/* Orders, cuts and records.  Returns: (transfer full): which keeps no reference to the recorder */
GvProgram *gv_recorder_finish (GvRecorder *self, GError **error);
void gv_program_free (GvProgram *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvProgram, gv_program_free)

/*
 * Runs the program and waits for its end.  At most two submissions of about 100 ms each are under
 * way, so
 * @cancellable acts soon; then the device is idle and the program's outputs are undefined.
 * Errors: %G_IO_ERROR_CANCELLED, %GV_VULKAN_ERROR
 */
bool gv_program_run (GvProgram *self, GCancellable *cancellable, GError **error);

/* The commands of a program, for the hazard checker and tests. */
const GvDispatch *gv_program_get_dispatches (GvProgram *self, int *n);
const GvCommand *gv_program_get_commands (GvProgram *self, int *n);

/*
 * Looks for commands that touch what an earlier one writes (or write what it reads) without a
 * barrier in between.  Returns: the index of the first such command, or -1
 */
int gv_find_hazard (const GvDispatch *dispatches, const GvCommand *commands, int n_commands);
