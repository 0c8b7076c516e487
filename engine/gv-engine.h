// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The engine: one thread that owns a device, takes recipes, and gives pictures back as events. */
#pragma once

#include "gv-image.h"
#include "gv-recipe.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define GV_TYPE_ENGINE (gv_engine_get_type ())
G_DECLARE_FINAL_TYPE (GvEngine, gv_engine, GV, ENGINE, GObject)

/* What a job is doing. */
typedef enum { GV_STAGE_LOADING, GV_STAGE_TEXT, GV_STAGE_SAMPLING, GV_STAGE_DECODING } GvStage;

typedef struct
{
  GvStage stage;
  int picture, n_pictures; /* 0-based, of count                                          */
  int step, n_steps;       /* finished model calls' steps of this picture while sampling */
  double fraction;         /* of the stage's own work, 0…1                               */
  GvImage *preview;        /* (nullable): latent-size RGB after each sampling step       */
} GvProgress;

/* Of a recipe with before-after each picture comes twice, first without its LoRAs. */
typedef enum { GV_HALF_NONE, GV_HALF_BEFORE, GV_HALF_AFTER } GvHalf;

/* One finished picture; borrowed during the callback. */
typedef struct
{
  int index;             /* of count                               */
  GvHalf half;           /* of a pair                              */
  guint64 seed;
  GvImage *image;        /* text chunks "parameters", "giverny" set */
  const float *latents;  /* [c, h, w], the sampler's final output  */
  int latent_channels, latent_height, latent_width;
} GvPicture;

/* Called in the thread-default context of the caller of generate_async(). */
typedef struct
{
  void (*progress) (const GvProgress *progress, gpointer data); /* (nullable) */
  void (*picture) (const GvPicture *picture, gpointer data);    /* (nullable) */
  void (*warning) (const char *sentence, gpointer data);        /* (nullable): after the pictures */
} GvJobEvents;

/**
 * gv_engine_new:
 * @device: (nullable): a number or part of a name as listed by gv_engine_list_devices(); NULL for
 *   $GV_DEVICE, else the best device
 *
 * Starts the engine's thread; the device is opened there with the first job.
 */
GvEngine *gv_engine_new (const char *device);

/**
 * gv_engine_generate_async:
 * @recipe: copied, so later edits do not reach the running job
 * @events: copied; @data is passed to both and to @callback
 * @cancellable: looked at between submissions, so about 100 ms is the longest wait
 *
 * Queues @recipe's pictures, one after the other.
 */
void gv_engine_generate_async (GvEngine *self,
                               GvRecipe *recipe,
                               const GvJobEvents *events,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer data);

/* False with a GError of the room that met it; G_IO_ERROR_CANCELLED if it was cancelled. */
bool gv_engine_generate_finish (GvEngine *self, GAsyncResult *result, GError **error);

/* One Vulkan device as the driver tells it. */
typedef struct
{
  int number;
  char *name, *driver, *api_version;
  const char *kind;           /* "discrete", "integrated", "cpu", "virtual", "other"      */
  guint64 memory_bytes;       /* of its largest device-local heap                         */
  bool usable;                /* has everything that the engine needs                     */
  char *missing;              /* (nullable): what it lacks                                */
  const char *kernels;        /* the family that the engine would use: "cpu" or "gpu"     */
  int subgroup_size;
  bool chosen;                /* the one that NULL means                                  */
} GvDeviceInfo;

void gv_device_info_free (GvDeviceInfo *info);

/* Returns: (element-type GvDeviceInfo) (transfer full): never empty lists without an error */
GPtrArray *gv_engine_list_devices (GError **error);

G_END_DECLS
