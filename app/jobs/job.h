// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* One picture on its way: what was asked for, how far it is, and what became of it. */
#pragma once

#include "giverny.h"

#include <gdk/gdk.h>

G_BEGIN_DECLS

typedef enum {
  GV_PHASE_WAITING,
  GV_PHASE_RUNNING,
  GV_PHASE_SAVING, /* painted, but not on disk yet */
  GV_PHASE_DONE,
  GV_PHASE_FAILED,
  GV_PHASE_CANCELLED,
} GvJobPhase;

#define GV_TYPE_JOB_PHASE (gv_job_phase_get_type ())
GType gv_job_phase_get_type (void);

#define GV_TYPE_JOB (gv_job_get_type ())
G_DECLARE_FINAL_TYPE (GvJob, gv_job, GV, JOB, GObject)

/*
 * Properties, all read-only for others than the queue: "phase" (GvJobPhase), "fraction" (double, 0…1, of the
 * whole picture), "status" (string, what a person reads: “Step 5 of 20”), "texture" (GdkTexture, nullable: the
 * newest preview, then the picture).
 *
 * @recipe: (transfer none): copied; of one picture
 * @live: a picture to look at only: it is not saved by itself
 */
GvJob *gv_job_new (GvRecipe *recipe, bool live);

/* A job of another session or of a file: done, with its picture still on disk. */
GvJob *gv_job_new_done (GvRecipe *recipe, const char *path, GdkTexture *thumbnail);

const char *gv_job_get_id (GvJob *self);   /* unique among all sessions */
GvRecipe *gv_job_get_recipe (GvJob *self); /* (transfer none): as asked for; with all filled in when painted */
bool gv_job_is_live (GvJob *self);
GvJobPhase gv_job_get_phase (GvJob *self);
double gv_job_get_fraction (GvJob *self);
const char *gv_job_get_status (GvJob *self);

/* (transfer none) (nullable): the newest preview, then the picture while it is kept in memory */
GdkTexture *gv_job_get_texture (GvJob *self);

/* (transfer none) (nullable): small, for tiles */
GdkTexture *gv_job_get_thumbnail (GvJob *self);

/* (transfer none) (nullable): the picture that was painted, while it is kept in memory */
GvImage *gv_job_get_image (GvJob *self);

/* (transfer none) (nullable): where it was saved */
const char *gv_job_get_path (GvJob *self);

/* (transfer none) (nullable): why it failed */
const GError *gv_job_get_error (GvJob *self);

/* True while it is waiting, running or being saved. */
bool gv_job_is_open (GvJob *self);

/* The queue's side: its entry on disk (nullable), and what happens to the job. */
void gv_job_set_entry (GvJob *self, GvJournalJob *entry);
GvJournalJob *gv_job_get_entry (GvJob *self);
GCancellable *gv_job_get_cancellable (GvJob *self);
void gv_job_set_phase (GvJob *self, GvJobPhase phase);
void gv_job_take_error (GvJob *self, GError *error); /* and the phase FAILED */
void gv_job_set_progress (GvJob *self, const GvProgress *progress);
void gv_job_set_picture (GvJob *self, GvImage *image);
void gv_job_set_saved (GvJob *self, const char *path, GdkTexture *thumbnail);
void gv_job_restart (GvJob *self);           /* back to WAITING, as new */
void gv_job_drop_image (GvJob *self);        /* keeps the thumbnail     */

/* @image as a texture that shares its bytes.  Any thread. */
GdkTexture *gv_image_to_texture (GvImage *image);

G_END_DECLS
