// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The pictures of this session in a row. */
#include "strip/film-strip.h"

#include "strip/tile.h"

struct _GvFilmStrip
{
  AdwBin parent_instance;
  GvQueue *queue;                /* (owned) (nullable) */
  GMenuModel *menu;              /* (owned) (nullable) */
  GtkSingleSelection *selection; /* (owned) (nullable) */
  /* template children */
  GtkScrolledWindow *scroll;
  GtkListView *list;
};

G_DEFINE_FINAL_TYPE (GvFilmStrip, gv_film_strip, ADW_TYPE_BIN)

enum { PROP_SELECTED = 1, N_PROPS };
static GParamSpec *props[N_PROPS];

static guint
position_of (GvFilmStrip *self, GvJob *job)
{
  GListModel *jobs = gv_queue_get_jobs (self->queue);

  for (guint i = 0; i < g_list_model_get_n_items (jobs); i++) {
    g_autoptr (GvJob) other = g_list_model_get_item (jobs, i);

    if (other == job)
      return i;
  }
  return GTK_INVALID_LIST_POSITION;
}

/* Dragging */

static GdkContentProvider *
on_drag_prepare (GtkDragSource *source, double x, double y, GvTile *tile)
{
  GvJob *job = gv_tile_get_job (tile);
  GdkContentProvider *providers[2];
  gsize n = 0;

  if (!job)
    return NULL;
  providers[n++] = gdk_content_provider_new_typed (GV_TYPE_JOB, job);
  if (gv_job_get_path (job)) {
    g_autoptr (GFile) file = g_file_new_for_path (gv_job_get_path (job));

    providers[n++] = gdk_content_provider_new_typed (G_TYPE_FILE, file);
  }
  return gdk_content_provider_new_union (providers, n);
}

static void
on_drag_begin (GtkDragSource *source, GdkDrag *drag, GvTile *tile)
{
  GdkTexture *thumbnail = gv_job_get_thumbnail (gv_tile_get_job (tile));

  if (thumbnail)
    gtk_drag_source_set_icon (source, GDK_PAINTABLE (thumbnail), 0, 0);
}

static gboolean
on_drop (GtkDropTarget *target, const GValue *value, double x, double y, GvFilmStrip *self)
{
  GvTile *tile = GV_TILE (gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (target)));
  GvJob *job = g_value_get_object (value);
  guint from = position_of (self, job), to = position_of (self, gv_tile_get_job (tile));

  if (from == GTK_INVALID_LIST_POSITION || to == GTK_INVALID_LIST_POSITION)
    return FALSE;
  return gv_queue_move (self->queue, job, (int) to - (int) from);
}

/* Tiles */

static void
unparent (gpointer popover)
{
  gtk_widget_unparent (popover);
  g_object_unref (popover);
}

/* Commands run when the menu has closed, so it goes only in the next turn. */
static void
on_menu_closed (GtkPopover *popover, gpointer data)
{
  g_idle_add_once (unparent, g_object_ref (popover));
}

static void
popup_menu (GvFilmStrip *self, GvTile *tile, double x, double y)
{
  GtkWidget *popover = gtk_popover_menu_new_from_model (self->menu);

  gtk_widget_set_parent (popover, GTK_WIDGET (self));
  if (tile) {
    graphene_point_t at;

    if (gtk_widget_compute_point (GTK_WIDGET (tile), GTK_WIDGET (self),
                                  &GRAPHENE_POINT_INIT ((float) x, (float) y), &at))
      gtk_popover_set_pointing_to (GTK_POPOVER (popover),
                                   &(GdkRectangle) { (int) at.x, (int) at.y, 1, 1 });
  }
  gtk_popover_set_has_arrow (GTK_POPOVER (popover), FALSE);
  g_signal_connect (popover, "closed", G_CALLBACK (on_menu_closed), NULL);
  gtk_popover_popup (GTK_POPOVER (popover));
}

static void
on_right_click (GtkGestureClick *gesture, int n, double x, double y, GvFilmStrip *self)
{
  GvTile *tile = GV_TILE (gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (gesture)));

  gv_film_strip_select (self, gv_tile_get_job (tile));
  popup_menu (self, tile, x, y);
}

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *item, GvFilmStrip *self)
{
  GtkWidget *tile = GTK_WIDGET (gv_tile_new ());
  GtkDragSource *source = gtk_drag_source_new ();
  GtkDropTarget *target = gtk_drop_target_new (GV_TYPE_JOB, GDK_ACTION_MOVE);
  GtkGesture *click = gtk_gesture_click_new ();

  gtk_drag_source_set_actions (source, GDK_ACTION_COPY | GDK_ACTION_MOVE);
  g_signal_connect (source, "prepare", G_CALLBACK (on_drag_prepare), tile);
  g_signal_connect (source, "drag-begin", G_CALLBACK (on_drag_begin), tile);
  g_signal_connect (target, "drop", G_CALLBACK (on_drop), self);
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  g_signal_connect (click, "pressed", G_CALLBACK (on_right_click), self);
  gtk_widget_add_controller (tile, GTK_EVENT_CONTROLLER (source));
  gtk_widget_add_controller (tile, GTK_EVENT_CONTROLLER (target));
  gtk_widget_add_controller (tile, GTK_EVENT_CONTROLLER (click));
  gtk_list_item_set_child (item, tile);
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *item, GvFilmStrip *self)
{
  GvJob *job = gtk_list_item_get_item (item);
  const char *prompt = gv_recipe_get_prompt (gv_job_get_recipe (job));

  gv_tile_set_job (GV_TILE (gtk_list_item_get_child (item)), job, self->queue);
  gtk_list_item_set_accessible_label (item, *prompt ? prompt : _("Without a prompt"));
}

static void
on_unbind (GtkSignalListItemFactory *factory, GtkListItem *item, GvFilmStrip *self)
{
  gv_tile_set_job (GV_TILE (gtk_list_item_get_child (item)), NULL, NULL);
}

static void
on_selected (GvFilmStrip *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SELECTED]);
}

/* The menu key, and Shift+F10. */
static void
on_menu_key (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GvFilmStrip *self = GV_FILM_STRIP (widget);

  if (gv_film_strip_get_selected (self))
    popup_menu (self, NULL, 0, 0);
}

/* The type */

static void
gv_film_strip_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_object (value, gv_film_strip_get_selected (GV_FILM_STRIP (object)));
}

static void
gv_film_strip_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  gv_film_strip_select (GV_FILM_STRIP (object), g_value_get_object (value));
}

static void
gv_film_strip_dispose (GObject *object)
{
  GvFilmStrip *self = GV_FILM_STRIP (object);

  if (self->selection)
    g_signal_handlers_disconnect_by_data (self->selection, self);
  if (self->list)
    gtk_list_view_set_model (self->list, NULL);
  g_clear_object (&self->selection);
  g_clear_object (&self->menu);
  g_clear_object (&self->queue);
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), GV_TYPE_FILM_STRIP);
  G_OBJECT_CLASS (gv_film_strip_parent_class)->dispose (object);
}

static void
gv_film_strip_class_init (GvFilmStripClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = gv_film_strip_get_property;
  object_class->set_property = gv_film_strip_set_property;
  object_class->dispose = gv_film_strip_dispose;
  props[PROP_SELECTED] =
      g_param_spec_object ("selected", NULL, NULL, GV_TYPE_JOB,
                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, props);
  gtk_widget_class_install_action (widget_class, "menu.popup", NULL, on_menu_key);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F10, GDK_SHIFT_MASK, "menu.popup",
                                       NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Menu, 0, "menu.popup", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, "/app/giverny/Giverny/film-strip.ui");
  gtk_widget_class_bind_template_child (widget_class, GvFilmStrip, scroll);
  gtk_widget_class_bind_template_child (widget_class, GvFilmStrip, list);
}

static void
gv_film_strip_init (GvFilmStrip *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
gv_film_strip_set_queue (GvFilmStrip *self, GvQueue *queue, GMenuModel *menu)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();

  g_return_if_fail (self->queue == NULL);
  self->queue = g_object_ref (queue);
  g_set_object (&self->menu, menu);
  self->selection = gtk_single_selection_new (g_object_ref (gv_queue_get_jobs (queue)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), self);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), self);
  g_signal_connect (factory, "unbind", G_CALLBACK (on_unbind), self);
  g_signal_connect_swapped (self->selection, "notify::selected-item", G_CALLBACK (on_selected),
                            self);
  gtk_list_view_set_factory (self->list, factory);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (self->selection));
}

GvJob *
gv_film_strip_get_selected (GvFilmStrip *self)
{
  return self->selection ? gtk_single_selection_get_selected_item (self->selection) : NULL;
}

void
gv_film_strip_select (GvFilmStrip *self, GvJob *job)
{
  guint position = job ? position_of (self, job) : GTK_INVALID_LIST_POSITION;

  gtk_single_selection_set_selected (self->selection, position);
  if (position != GTK_INVALID_LIST_POSITION)
    gtk_list_view_scroll_to (self->list, position, GTK_LIST_SCROLL_NONE, NULL);
}

bool
gv_film_strip_step (GvFilmStrip *self, int direction)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->selection));
  guint at = gtk_single_selection_get_selected (self->selection);
  gint64 to = at == GTK_INVALID_LIST_POSITION ? (direction > 0 ? 0 : (gint64) n - 1)
                                              : (gint64) at + direction;

  if (to < 0 || to >= n)
    return false;
  gtk_single_selection_set_selected (self->selection, (guint) to);
  gtk_list_view_scroll_to (self->list, (guint) to, GTK_LIST_SCROLL_NONE, NULL);
  return true;
}
