// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Paints again shortly after each edit. */
#include "jobs/live.h"

struct _GvLive
{
  GObject parent_instance;
  GvQueue *queue;      /* (owned) */
  GvRecipe *recipe;    /* (owned) */
  GSettings *settings; /* (owned) */
  guint timer;
  bool active;
};

G_DEFINE_FINAL_TYPE (GvLive, gv_live, G_TYPE_OBJECT)

enum { PROP_ACTIVE = 1, N_PROPS };
static GParamSpec *props[N_PROPS];
static guint signal_started;

/* What the recipe says, with few steps; what can't be painted now is waited for. */
static void
on_pause (gpointer data)
{
  GvLive *self = data;
  g_autoptr (GvRecipe) recipe = gv_recipe_copy (self->recipe);
  int steps = g_settings_get_int (self->settings, "live-steps");

  self->timer = 0;
  g_object_set (recipe, "steps", MIN (gv_recipe_get_steps (recipe), steps), "count", 1, NULL);
  if (gv_recipe_validate (recipe, NULL))
    g_signal_emit (self, signal_started, 0, gv_queue_add_live (self->queue, recipe));
}

static void
on_edited (GvLive *self)
{
  if (!self->active)
    return;
  g_clear_handle_id (&self->timer, g_source_remove);
  self->timer = g_timeout_add_once ((guint) g_settings_get_int (self->settings, "live-delay"),
                                    on_pause, self);
}

static void
gv_live_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_boolean (value, GV_LIVE (object)->active);
}

static void
gv_live_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  gv_live_set_active (GV_LIVE (object), g_value_get_boolean (value));
}

static void
gv_live_dispose (GObject *object)
{
  GvLive *self = GV_LIVE (object);

  g_clear_handle_id (&self->timer, g_source_remove);
  if (self->recipe)
    g_signal_handlers_disconnect_by_data (self->recipe, self);
  g_clear_object (&self->queue);
  g_clear_object (&self->recipe);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (gv_live_parent_class)->dispose (object);
}

static void
gv_live_class_init (GvLiveClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = gv_live_get_property;
  object_class->set_property = gv_live_set_property;
  object_class->dispose = gv_live_dispose;
  props[PROP_ACTIVE] =
      g_param_spec_boolean ("active", NULL, NULL, FALSE,
                            G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, props);
  signal_started = g_signal_new ("started", GV_TYPE_LIVE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, GV_TYPE_JOB);
}

static void
gv_live_init (GvLive *self)
{
}

GvLive *
gv_live_new (GvQueue *queue, GvRecipe *recipe, GSettings *settings)
{
  GvLive *self = g_object_new (GV_TYPE_LIVE, NULL);

  self->queue = g_object_ref (queue);
  self->recipe = g_object_ref (recipe);
  self->settings = g_object_ref (settings);
  g_signal_connect_swapped (recipe, "notify", G_CALLBACK (on_edited), self);
  return self;
}

void
gv_live_set_active (GvLive *self, bool active)
{
  if (self->active == active)
    return;
  self->active = active;
  if (active) {
    on_edited (self);
  } else {
    g_clear_handle_id (&self->timer, g_source_remove);
    gv_queue_cancel_live (self->queue);
  }
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ACTIVE]);
}

bool
gv_live_get_active (GvLive *self)
{
  return self->active;
}
