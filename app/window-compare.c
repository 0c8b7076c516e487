// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Two pictures beside each other: the first is remembered, the second is the one that is shown. */
#include "window-private.h"

#include "jobs/load.h"

typedef struct
{
  GvWindow *window;
  GvRecipe *recipe; /* (nullable) */
  char *title;
  bool second;
} Side;

static void
side_free (Side *self)
{
  g_object_unref (self->window);
  g_clear_object (&self->recipe);
  g_free (self->title);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Side, side_free)

static void
put_side (Side *side, GvImage *image)
{
  GvWindow *self = side->window;
  g_autoptr (GdkTexture) texture = gv_image_to_texture (image);

  if (side->second)
    gv_compare_set_second (self->compare, texture, side->title, side->recipe);
  else
    gv_compare_set_first (self->compare, texture, side->title, side->recipe);
}

static void
on_side_loaded (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Side) side = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GvImage) image = gv_load_finish (result, &error);

  if (!side->window->queue)
    return; /* the window has closed meanwhile */
  if (image)
    put_side (side, image);
  else
    gv_window_say (side->window, _("The picture can’t be shown"), error->message);
}

static Side *
side_new (GvWindow *self, GvRecipe *recipe, const char *path, bool second)
{
  Side *side = g_new0 (Side, 1);

  side->window = g_object_ref (self);
  g_set_object (&side->recipe, recipe);
  side->title = path ? g_filename_display_basename (path) : g_strdup (_("Live"));
  side->second = second;
  return side;
}

static void
load_side (GvWindow *self, GvRecipe *recipe, const char *path, bool second)
{
  gv_load_async (path, NULL, on_side_loaded, side_new (self, recipe, path, second));
}

static void
set_side (GvWindow *self, GvJob *job, bool second)
{
  GvRecipe *recipe = gv_job_get_recipe (job);

  if (gv_job_get_image (job)) {
    g_autoptr (Side) side = side_new (self, recipe, gv_job_get_path (job), second);

    put_side (side, gv_job_get_image (job));
  } else if (gv_job_get_path (job)) {
    load_side (self, recipe, gv_job_get_path (job), second);
  }
}

/* The next picture of the session that is done, in @direction from @job. */
static GvJob *
find_neighbour (GvWindow *self, GvJob *job, int direction)
{
  GListModel *jobs = gv_queue_get_jobs (self->queue);
  int n = (int) g_list_model_get_n_items (jobs), at = direction > 0 ? -1 : n;

  for (int i = 0; i < n; i++) {
    g_autoptr (GvJob) other = g_list_model_get_item (jobs, (guint) i);

    at = other == job ? i : at;
  }
  for (int i = at + direction; i >= 0 && i < n; i += direction) {
    g_autoptr (GvJob) other = g_list_model_get_item (jobs, (guint) i);

    if (gv_job_get_phase (other) == GV_PHASE_DONE)
      return other; /* the queue holds it */
  }
  return NULL;
}

static void
on_step (GvCompare *compare, gboolean second, int direction, GvWindow *self)
{
  GvJob *from = second ? self->shown : self->compared;
  GvJob *job = find_neighbour (self, from, direction);

  if (!job)
    return;
  if (second) {
    gv_window_show_job (self, job);
  } else {
    g_set_object (&self->compared, job);
    set_side (self, job, false);
  }
}

bool
gv_window_is_comparing (GvWindow *self)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (self->centre), "compare") == 0;
}

void
gv_window_update_comparison (GvWindow *self)
{
  if (gv_window_is_comparing (self) && self->shown &&
      gv_job_get_phase (self->shown) == GV_PHASE_DONE)
    set_side (self, self->shown, true);
}

/* Without a choice, with the picture before it, or after it if it is the first. */
void
gv_window_set_comparing (GvWindow *self, bool comparing)
{
  GvJob *first = self->compared;

  gtk_stack_set_visible_child_name (self->centre, comparing ? "compare" : "canvas");
  if (!comparing)
    return;
  if (!first || first == self->shown)
    first = find_neighbour (self, self->shown, -1);
  if (!first)
    first = find_neighbour (self, self->shown, 1);
  g_set_object (&self->compared, first);
  if (first)
    set_side (self, first, false);
  gv_window_update_comparison (self);
  gtk_widget_grab_focus (GTK_WIDGET (gv_compare_get_view (self->compare)));
}

void
gv_window_compare_from_shown (GvWindow *self)
{
  g_set_object (&self->compared, self->shown);
  gv_window_say (self, _("Other pictures are now compared with this one"), NULL);
}

void
gv_window_compare_files (GvWindow *self,
                         GvRecipe *first_recipe,
                         const char *first,
                         GvRecipe *second_recipe,
                         const char *second)
{
  gtk_stack_set_visible_child_name (self->centre, "compare");
  load_side (self, first_recipe, first, false);
  load_side (self, second_recipe, second, true);
}

void
gv_window_connect_compare (GvWindow *self)
{
  g_signal_connect (self->compare, "step", G_CALLBACK (on_step), self);
}
