// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A picture of the gallery as an object. */
#include "library/item.h"

#include <math.h>
#include <string.h>

struct _GvLibraryItem
{
  GObject parent_instance;
  gint64 id;
  GvEntry *entry; /* (owned) */
  char *path;     /* (owned) */
  char *tags;     /* (owned) */
  char *loras;    /* (owned) */
};
G_DEFINE_FINAL_TYPE (GvLibraryItem, gv_library_item, G_TYPE_OBJECT)

enum { PROP_ID = 1, PROP_FILE, PROP_STARS, PROP_TAGS, PROP_TOTAL, N_PROPS };
static GParamSpec *props[N_PROPS];

static void
gv_library_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GvLibraryItem *self = GV_LIBRARY_ITEM (object);

  switch (id) {
  case PROP_ID:
    g_value_set_int64 (value, self->id);
    break;
  case PROP_FILE:
    g_value_set_string (value, self->entry->file);
    break;
  case PROP_STARS:
    g_value_set_int (value, self->entry->marks.stars);
    break;
  case PROP_TAGS:
    g_value_set_string (value, self->tags);
    break;
  case PROP_TOTAL:
    g_value_set_double (value, self->entry->marks.scores[GV_MARK_TOTAL]);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
gv_library_item_finalize (GObject *object)
{
  GvLibraryItem *self = GV_LIBRARY_ITEM (object);

  gv_entry_free (self->entry);
  g_free (self->path);
  g_free (self->tags);
  g_free (self->loras);
  G_OBJECT_CLASS (gv_library_item_parent_class)->finalize (object);
}

static void
gv_library_item_class_init (GvLibraryItemClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = gv_library_item_get_property;
  object_class->finalize = gv_library_item_finalize;
  props[PROP_ID] = g_param_spec_int64 ("id", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  props[PROP_FILE] = g_param_spec_string ("file", NULL, NULL, "", flags);
  props[PROP_STARS] = g_param_spec_int ("stars", NULL, NULL, 0, GV_LIBRARY_MAX_STARS, 0, flags);
  props[PROP_TAGS] = g_param_spec_string ("tags", NULL, NULL, "", flags);
  props[PROP_TOTAL] =
      g_param_spec_double ("total", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
gv_library_item_init (GvLibraryItem *self)
{
}

static char *
join_tags (const GvEntry *entry)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < entry->marks.tags->len; i++)
    g_string_append_printf (out, "%s%s", i > 0 ? "\n" : "", (char *) entry->marks.tags->pdata[i]);
  return g_string_free_and_steal (out);
}

static char *
join_loras (const GvEntry *entry)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < entry->loras->len; i++) {
    const GvEntryLora *lora = entry->loras->pdata[i];

    g_string_append_printf (out, "%s%s %.4g", i > 0 ? "\n" : "", lora->name, lora->strength);
  }
  return g_string_free_and_steal (out);
}

GvLibraryItem *
gv_library_item_new (gint64 id, const char *folder, GvEntry *entry)
{
  GvLibraryItem *self = g_object_new (GV_TYPE_LIBRARY_ITEM, NULL);

  self->id = id;
  self->entry = entry;
  self->path = g_build_filename (folder, entry->file, NULL);
  self->tags = join_tags (entry);
  self->loras = join_loras (entry);
  return self;
}

GvLibraryItem *
gv_library_item_copy (GvLibraryItem *self)
{
  g_autofree char *folder = g_path_get_dirname (self->path);

  return gv_library_item_new (self->id, folder, gv_entry_copy (self->entry));
}

void
gv_library_item_renew (GvLibraryItem *self, GvLibraryItem *other)
{
  GvEntry *entry = self->entry;

  g_return_if_fail (self->id == other->id);

  self->entry = g_steal_pointer (&other->entry);
  other->entry = entry;
  g_object_freeze_notify (G_OBJECT (self));
  if (self->entry->marks.stars != entry->marks.stars)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STARS]);
  if (g_set_str (&self->tags, other->tags))
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TAGS]);
  if (memcmp (self->entry->marks.scores, entry->marks.scores, sizeof entry->marks.scores) != 0)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TOTAL]);
  g_object_thaw_notify (G_OBJECT (self));
}

gint64
gv_library_item_get_id (GvLibraryItem *self)
{
  return self->id;
}

const char *
gv_library_item_get_file (GvLibraryItem *self)
{
  return self->entry->file;
}

const char *
gv_library_item_get_path (GvLibraryItem *self)
{
  return self->path;
}

const char *
gv_library_item_get_prompt (GvLibraryItem *self)
{
  return self->entry->prompt;
}

const char *
gv_library_item_get_negative (GvLibraryItem *self)
{
  return self->entry->negative;
}

const char *
gv_library_item_get_model (GvLibraryItem *self)
{
  return self->entry->model;
}

const char *
gv_library_item_get_sampler (GvLibraryItem *self)
{
  return self->entry->sampler;
}

const char *
gv_library_item_get_schedule (GvLibraryItem *self)
{
  return self->entry->schedule;
}

const char *
gv_library_item_get_loras (GvLibraryItem *self)
{
  return self->loras;
}

int
gv_library_item_get_width (GvLibraryItem *self)
{
  return self->entry->width;
}

int
gv_library_item_get_height (GvLibraryItem *self)
{
  return self->entry->height;
}

int
gv_library_item_get_steps (GvLibraryItem *self)
{
  return self->entry->steps;
}

double
gv_library_item_get_cfg (GvLibraryItem *self)
{
  return self->entry->cfg;
}

guint64
gv_library_item_get_seed (GvLibraryItem *self)
{
  return self->entry->seed;
}

gint64
gv_library_item_get_time (GvLibraryItem *self)
{
  return self->entry->time_us;
}

gint64
gv_library_item_get_size (GvLibraryItem *self)
{
  return self->entry->size;
}

int
gv_library_item_get_stars (GvLibraryItem *self)
{
  return self->entry->marks.stars;
}

const char *
gv_library_item_get_tags (GvLibraryItem *self)
{
  return self->tags;
}

GvLibraryScores
gv_library_item_get_scores (GvLibraryItem *self)
{
  const double *scores = self->entry->marks.scores;

  return (GvLibraryScores) { scores[GV_MARK_CLIP], scores[GV_MARK_BLIP2], scores[GV_MARK_LPIPS],
                             scores[GV_MARK_TOTAL] };
}
