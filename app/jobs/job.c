// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* One picture on its way. */
#include "jobs/job.h"

struct _GvJob
{
  GObject parent_instance;
  char *id;
  GvRecipe *recipe; /* (owned) */
  bool live;
  GvJobPhase phase;
  double fraction;
  char *status;
  GCancellable *cancellable;
  GvJournalJob *entry;   /* (owned) (nullable): of the queue on disk */
  GdkTexture *texture;   /* (owned) (nullable) */
  GdkTexture *thumbnail; /* (owned) (nullable) */
  GvImage *image;        /* (owned) (nullable) */
  char *path;            /* (nullable) */
  GError *error;         /* (nullable) */
  gint64 preview_us;     /* when the last preview was shown */
};

G_DEFINE_FINAL_TYPE (GvJob, gv_job, G_TYPE_OBJECT)

G_DEFINE_ENUM_TYPE (GvJobPhase,
                    gv_job_phase,
                    G_DEFINE_ENUM_VALUE (GV_PHASE_WAITING, "waiting"),
                    G_DEFINE_ENUM_VALUE (GV_PHASE_RUNNING, "running"),
                    G_DEFINE_ENUM_VALUE (GV_PHASE_SAVING, "saving"),
                    G_DEFINE_ENUM_VALUE (GV_PHASE_DONE, "done"),
                    G_DEFINE_ENUM_VALUE (GV_PHASE_FAILED, "failed"),
                    G_DEFINE_ENUM_VALUE (GV_PHASE_CANCELLED, "cancelled"))

enum { PROP_PHASE = 1, PROP_FRACTION, PROP_STATUS, PROP_TEXTURE, N_PROPS };

static GParamSpec *props[N_PROPS];

/* Previews come at most this often, so that showing them costs the window nothing. */
#define PREVIEW_INTERVAL_US 80000

/* A step's share of a picture, against loading before and decoding after it. */
#define SHARE_LOADING 0.02
#define SHARE_SAMPLING 0.93

static void
gv_job_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GvJob *self = GV_JOB (object);

  switch (id) {
  case PROP_PHASE:
    g_value_set_enum (value, self->phase);
    break;
  case PROP_FRACTION:
    g_value_set_double (value, self->fraction);
    break;
  case PROP_STATUS:
    g_value_set_string (value, self->status);
    break;
  case PROP_TEXTURE:
    g_value_set_object (value, self->texture);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
gv_job_finalize (GObject *object)
{
  GvJob *self = GV_JOB (object);

  g_free (self->id);
  g_clear_object (&self->recipe);
  g_free (self->status);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->entry);
  g_clear_object (&self->texture);
  g_clear_object (&self->thumbnail);
  g_clear_pointer (&self->image, gv_image_unref);
  g_free (self->path);
  g_clear_error (&self->error);
  G_OBJECT_CLASS (gv_job_parent_class)->finalize (object);
}

static void
gv_job_class_init (GvJobClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = gv_job_get_property;
  object_class->finalize = gv_job_finalize;
  props[PROP_PHASE] =
      g_param_spec_enum ("phase", NULL, NULL, GV_TYPE_JOB_PHASE, GV_PHASE_WAITING, flags);
  props[PROP_FRACTION] = g_param_spec_double ("fraction", NULL, NULL, 0, 1, 0, flags);
  props[PROP_STATUS] = g_param_spec_string ("status", NULL, NULL, "", flags);
  props[PROP_TEXTURE] = g_param_spec_object ("texture", NULL, NULL, GDK_TYPE_TEXTURE, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
gv_job_init (GvJob *self)
{
  self->id = g_uuid_string_random ();
  self->cancellable = g_cancellable_new ();
  self->status = g_strdup (_("Waiting"));
}

GvJob *
gv_job_new (GvRecipe *recipe, bool live)
{
  GvJob *self = g_object_new (GV_TYPE_JOB, NULL);

  self->recipe = gv_recipe_copy (recipe);
  self->live = live;
  return self;
}

GvJob *
gv_job_new_done (GvRecipe *recipe, const char *path, GdkTexture *thumbnail)
{
  GvJob *self = gv_job_new (recipe, false);

  gv_job_set_saved (self, path, thumbnail);
  return self;
}

const char *
gv_job_get_id (GvJob *self)
{
  return self->id;
}

GvRecipe *
gv_job_get_recipe (GvJob *self)
{
  return self->recipe;
}

bool
gv_job_is_live (GvJob *self)
{
  return self->live;
}

GvJobPhase
gv_job_get_phase (GvJob *self)
{
  return self->phase;
}

double
gv_job_get_fraction (GvJob *self)
{
  return self->fraction;
}

const char *
gv_job_get_status (GvJob *self)
{
  return self->status;
}

GdkTexture *
gv_job_get_texture (GvJob *self)
{
  return self->texture;
}

GdkTexture *
gv_job_get_thumbnail (GvJob *self)
{
  return self->thumbnail;
}

GvImage *
gv_job_get_image (GvJob *self)
{
  return self->image;
}

const char *
gv_job_get_path (GvJob *self)
{
  return self->path;
}

const GError *
gv_job_get_error (GvJob *self)
{
  return self->error;
}

void
gv_job_set_entry (GvJob *self, GvJournalJob *entry)
{
  g_set_object (&self->entry, entry);
}

GvJournalJob *
gv_job_get_entry (GvJob *self)
{
  return self->entry;
}

GCancellable *
gv_job_get_cancellable (GvJob *self)
{
  return self->cancellable;
}

bool
gv_job_is_open (GvJob *self)
{
  return self->phase == GV_PHASE_WAITING || self->phase == GV_PHASE_RUNNING ||
         self->phase == GV_PHASE_SAVING;
}

/* What a phase is called where there is no more to tell. */
static const char *
phase_name (GvJobPhase phase)
{
  switch (phase) {
  case GV_PHASE_WAITING:
    return _("Waiting");
  case GV_PHASE_RUNNING:
    return _("Starting");
  case GV_PHASE_SAVING:
    return _("Saving");
  case GV_PHASE_DONE:
    return _("Done");
  case GV_PHASE_FAILED:
    return _("Failed");
  default:
    return _("Cancelled");
  }
}

static void
set_status (GvJob *self, const char *status)
{
  if (g_set_str (&self->status, status))
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATUS]);
}

static void
set_fraction (GvJob *self, double fraction)
{
  if (self->fraction == fraction)
    return;
  self->fraction = fraction;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_FRACTION]);
}

static void
set_texture (GvJob *self, GdkTexture *texture)
{
  if (g_set_object (&self->texture, texture))
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TEXTURE]);
}

void
gv_job_set_phase (GvJob *self, GvJobPhase phase)
{
  if (self->phase == phase)
    return;
  self->phase = phase;
  set_status (self, phase_name (phase));
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PHASE]);
}

void
gv_job_take_error (GvJob *self, GError *error)
{
  g_clear_error (&self->error);
  self->error = error;
  gv_job_set_phase (self, GV_PHASE_FAILED);
}

static double
overall_fraction (const GvProgress *p)
{
  switch (p->stage) {
  case GV_STAGE_SAMPLING:
    return SHARE_LOADING + SHARE_SAMPLING * p->fraction;
  case GV_STAGE_DECODING:
    return SHARE_LOADING + SHARE_SAMPLING;
  default:
    return SHARE_LOADING * p->fraction;
  }
}

static char *
describe_progress (const GvProgress *p)
{
  switch (p->stage) {
  case GV_STAGE_LOADING:
    return g_strdup_printf (_("Loading the model, %d %%"), (int) (p->fraction * 100));
  case GV_STAGE_TEXT:
    return g_strdup (_("Reading the prompt"));
  case GV_STAGE_SAMPLING:
    return g_strdup_printf (_("Step %d of %d"), p->step, p->n_steps);
  default:
    return g_strdup (_("Finishing"));
  }
}

/* A stage that comes again, as loading before decoding, does not turn the bar back. */
void
gv_job_set_progress (GvJob *self, const GvProgress *progress)
{
  g_autofree char *status = describe_progress (progress);
  gint64 now = g_get_monotonic_time ();

  set_status (self, status);
  set_fraction (self, MAX (self->fraction, overall_fraction (progress)));
  if (progress->preview && now - self->preview_us >= PREVIEW_INTERVAL_US) {
    g_autoptr (GdkTexture) texture = gv_image_to_texture (progress->preview);

    self->preview_us = now;
    set_texture (self, texture);
  }
}

void
gv_job_set_picture (GvJob *self, GvImage *image)
{
  g_autoptr (GdkTexture) texture = gv_image_to_texture (image);
  g_autoptr (GvRecipe) full = gv_image_dup_recipe (image, "", NULL);

  if (full)
    g_set_object (&self->recipe, full);
  g_clear_pointer (&self->image, gv_image_unref);
  self->image = gv_image_ref (image);
  set_fraction (self, 1);
  set_texture (self, texture);
}

void
gv_job_set_saved (GvJob *self, const char *path, GdkTexture *thumbnail)
{
  g_set_str (&self->path, path);
  g_set_object (&self->thumbnail, thumbnail);
  set_fraction (self, 1);
  gv_job_set_phase (self, GV_PHASE_DONE);
}

void
gv_job_restart (GvJob *self)
{
  g_clear_error (&self->error);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  set_fraction (self, 0);
  set_texture (self, NULL);
  gv_job_set_phase (self, GV_PHASE_WAITING);
}

void
gv_job_drop_image (GvJob *self)
{
  g_clear_pointer (&self->image, gv_image_unref);
  set_texture (self, NULL);
}

GdkTexture *
gv_image_to_texture (GvImage *image)
{
  int width = gv_image_get_width (image), height = gv_image_get_height (image);
  gsize stride = (gsize) width * 3;
  g_autoptr (GBytes) bytes =
      g_bytes_new_with_free_func (gv_image_get_rgb (image), stride * (gsize) height,
                                  (GDestroyNotify) gv_image_unref, gv_image_ref (image));

  return gdk_memory_texture_new (width, height, GDK_MEMORY_R8G8B8, bytes, stride);
}
