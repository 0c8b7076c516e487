// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The recipe of the next picture. */
#include "compose/recipe-panel.h"

#include "canvas/region-recipe.h"
#include "compose/prompt-editor.h"
#include "compose/regions-panel.h"
#include "compose/sizes.h"

#include <string.h>

struct _GvRecipePanel
{
  AdwBin parent_instance;
  GvRecipe *recipe;     /* (owned) (nullable) */
  GvRegionModel *regions; /* (owned): boxes of the recipe's regions */
  GPtrArray *known;     /* (owned) (nullable): the recipe's list that the boxes agree with */
  int side;             /* pixels that the model was made for */
  double default_cfg;
  bool seed_locked;
  bool seed_used;       /* a picture was made with it */
  bool updating;        /* widgets follow the recipe, not the other way round */
  /* template children */
  GvPromptEditor *prompt, *negative;
  GvRegionsPanel *regions_panel;
  AdwToggleGroup *aspects, *presets;
  AdwExpanderRow *size_row;
  AdwSpinRow *width_row, *height_row, *count_row, *steps_row, *cfg_row, *clip_skip_row;
  AdwEntryRow *seed_row;
  AdwComboRow *sampler_row, *schedule_row;
};

G_DEFINE_FINAL_TYPE (GvRecipePanel, gv_recipe_panel, ADW_TYPE_BIN)

enum { PROP_SEED_LOCKED = 1, N_PROPS };
static GParamSpec *props[N_PROPS];

/* Settings that go well together. */
static const struct
{
  const char *name, *label;
  int steps;
  const char *sampler, *schedule;
} presets[] = {
  { "draft", N_ ("Draft"), 8, "euler", "normal" },
  { "balanced", N_ ("Balanced"), 20, "euler", "normal" },
  { "fine", N_ ("Fine"), 40, "dpmpp_2m", "karras" },
};

/* Choices of samplers and schedules: rows are those of the list that are ready, in its order. */

static void
fill_choices (AdwComboRow *row, const GvRecipeChoice *choices)
{
  g_autoptr (GtkStringList) labels = gtk_string_list_new (NULL);

  for (const GvRecipeChoice *c = choices; c->name; c++)
    if (c->ready)
      gtk_string_list_append (labels, c->label);
  adw_combo_row_set_model (row, G_LIST_MODEL (labels));
}

static const char *
choice_at (const GvRecipeChoice *choices, guint position)
{
  for (const GvRecipeChoice *c = choices; c->name; c++)
    if (c->ready && position-- == 0)
      return c->name;
  return NULL;
}

static guint
position_of (const GvRecipeChoice *choices, const char *name)
{
  guint position = 0;

  for (const GvRecipeChoice *c = choices; c->name; c++) {
    if (c->ready && strcmp (c->name, name) == 0)
      return position;
    position += c->ready;
  }
  return GTK_INVALID_LIST_POSITION;
}

/* From the recipe to the widgets */

static void
get_size (GvRecipePanel *self, int *width, int *height)
{
  *width = gv_recipe_get_width (self->recipe);
  *height = gv_recipe_get_height (self->recipe);
  if (*width == 0)
    *width = self->side;
  if (*height == 0)
    *height = self->side;
}

static void
show_size (GvRecipePanel *self)
{
  g_autofree char *text = NULL;
  const GvAspect *aspect;
  int width, height;

  get_size (self, &width, &height);
  aspect = gv_aspect_find (self->side, width, height);
  text = g_strdup_printf ("%d × %d", width, height);
  adw_expander_row_set_subtitle (self->size_row, text);
  adw_spin_row_set_value (self->width_row, width);
  adw_spin_row_set_value (self->height_row, height);
  if (aspect)
    adw_toggle_group_set_active_name (self->aspects, aspect->name);
  else
    adw_toggle_group_set_active (self->aspects, GTK_INVALID_LIST_POSITION);
}

static void
show_preset (GvRecipePanel *self)
{
  const char *sampler = gv_recipe_get_sampler (self->recipe);
  const char *schedule = gv_recipe_get_schedule (self->recipe);

  for (gsize i = 0; i < G_N_ELEMENTS (presets); i++)
    if (presets[i].steps == gv_recipe_get_steps (self->recipe) &&
        strcmp (presets[i].sampler, sampler) == 0 && strcmp (presets[i].schedule, schedule) == 0) {
      adw_toggle_group_set_active_name (self->presets, presets[i].name);
      return;
    }
  adw_toggle_group_set_active (self->presets, GTK_INVALID_LIST_POSITION);
}

static void
show_seed (GvRecipePanel *self)
{
  const char *shown = gtk_editable_get_text (GTK_EDITABLE (self->seed_row));
  guint64 seed = gv_recipe_get_seed (self->recipe), read;
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, seed);

  /* Typed zeros at the beginning stay while somebody is typing. */
  if (!g_ascii_string_to_unsigned (shown, 10, 0, G_MAXUINT64, &read, NULL) || read != seed)
    gtk_editable_set_text (GTK_EDITABLE (self->seed_row), text);
  gtk_widget_remove_css_class (GTK_WIDGET (self->seed_row), "error");
}

/* Setting a text moves the cursor, so it is done only where something differs. */
static void
show_text (GvPromptEditor *editor, const char *text)
{
  g_autofree char *shown = gv_prompt_editor_dup_text (editor);

  if (strcmp (shown, text) != 0)
    gv_prompt_editor_set_text (editor, text);
}

static bool
same_regions (GPtrArray *a, GPtrArray *b)
{
  if (a->len != b->len)
    return false;
  for (guint i = 0; i < a->len; i++)
    if (!gv_region_equal (a->pdata[i], b->pdata[i]))
      return false;
  return true;
}

static void
write_regions (GvRecipePanel *self)
{
  g_autoptr (GPtrArray) list = gv_region_model_dup_regions (self->regions);

  if (same_regions (list, gv_recipe_get_regions (self->recipe)))
    return;
  g_clear_pointer (&self->known, g_ptr_array_unref);
  self->known = g_ptr_array_ref (list);
  g_object_set (self->recipe, "regions", list, NULL);
}

/* In a picture of another size, boxes keep their share of it. */
static void
resize_regions (GvRecipePanel *self, int width, int height)
{
  if (gv_region_model_get_width (self->regions) == width &&
      gv_region_model_get_height (self->regions) == height)
    return;
  gv_region_model_set_picture (self->regions, width, height, GV_REGION_GRID);
  write_regions (self);
}

/* Boxes follow the recipe where somebody else has changed its list. */
static void
show_regions (GvRecipePanel *self)
{
  GPtrArray *list = gv_recipe_get_regions (self->recipe);
  int width, height;

  get_size (self, &width, &height);
  gv_regions_panel_set_model_path (self->regions_panel, gv_recipe_get_model (self->recipe));
  gv_regions_panel_set_mode (self->regions_panel, gv_recipe_get_region_mode (self->recipe));
  if (list == self->known) {
    resize_regions (self, width, height);
    return;
  }
  gv_region_model_load (self->regions, self->recipe, width, height,
                        self->known ? GV_REGION_LOAD_EDIT : GV_REGION_LOAD_OPEN);
  g_clear_pointer (&self->known, g_ptr_array_unref);
  self->known = g_ptr_array_ref (list);
}

static void
show_recipe (GvRecipePanel *self)
{
  GvRecipe *r = self->recipe;

  if (self->updating)
    return;
  self->updating = true;
  show_text (self->prompt, gv_recipe_get_prompt (r));
  show_text (self->negative, gv_recipe_get_negative (r));
  gv_prompt_editor_set_model (self->prompt, gv_recipe_get_model (r));
  gv_prompt_editor_set_model (self->negative, gv_recipe_get_model (r));
  show_size (self);
  show_regions (self);
  show_seed (self);
  show_preset (self);
  adw_spin_row_set_value (self->count_row, gv_recipe_get_count (r));
  adw_spin_row_set_value (self->steps_row, gv_recipe_get_steps (r));
  adw_spin_row_set_value (self->cfg_row,
                          gv_recipe_has_cfg (r) ? gv_recipe_get_cfg (r) : self->default_cfg);
  adw_spin_row_set_value (self->clip_skip_row, gv_recipe_get_clip_skip (r));
  adw_combo_row_set_selected (self->sampler_row,
                              position_of (gv_recipe_list_samplers (), gv_recipe_get_sampler (r)));
  adw_combo_row_set_selected (self->schedule_row, position_of (gv_recipe_list_schedules (),
                                                               gv_recipe_get_schedule (r)));
  self->updating = false;
}

/* From the widgets to the recipe */

static void
on_text_changed (GvPromptEditor *editor, GParamSpec *pspec, GvRecipePanel *self)
{
  g_autofree char *text = gv_prompt_editor_dup_text (editor);

  if (!self->updating && self->recipe)
    g_object_set (self->recipe, editor == self->negative ? "negative" : "prompt", text, NULL);
}

static void
on_size_edited (GvRecipePanel *self)
{
  int width = (int) adw_spin_row_get_value (self->width_row) / 8 * 8;
  int height = (int) adw_spin_row_get_value (self->height_row) / 8 * 8;

  if (!self->updating && self->recipe)
    g_object_set (self->recipe, "width", width, "height", height, NULL);
}

static void
on_aspect_chosen (GvRecipePanel *self)
{
  const char *name = adw_toggle_group_get_active_name (self->aspects);
  int width, height;

  if (self->updating || !self->recipe || !name)
    return;
  for (const GvAspect *a = gv_aspects; a->name; a++)
    if (strcmp (a->name, name) == 0) {
      gv_aspect_get_size (a, self->side, &width, &height);
      g_object_set (self->recipe, "width", width, "height", height, NULL);
    }
}

static void
on_preset_chosen (GvRecipePanel *self)
{
  const char *name = adw_toggle_group_get_active_name (self->presets);

  if (self->updating || !self->recipe || !name)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (presets); i++)
    if (strcmp (presets[i].name, name) == 0)
      g_object_set (self->recipe, "steps", presets[i].steps, "sampler", presets[i].sampler,
                    "schedule", presets[i].schedule, NULL);
}

static void
on_seed_edited (GvRecipePanel *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->seed_row));
  guint64 seed;

  if (self->updating || !self->recipe)
    return;
  if (g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, &seed, NULL)) {
    self->seed_used = false;
    gtk_widget_remove_css_class (GTK_WIDGET (self->seed_row), "error");
    g_object_set (self->recipe, "seed", seed, NULL);
  } else {
    gtk_widget_add_css_class (GTK_WIDGET (self->seed_row), "error");
  }
}

static void
on_number_edited (AdwSpinRow *row, GParamSpec *pspec, GvRecipePanel *self)
{
  const char *property = row == self->count_row   ? "count"
                         : row == self->steps_row ? "steps"
                                                  : "clip-skip";

  if (!self->updating && self->recipe)
    g_object_set (self->recipe, property, (int) adw_spin_row_get_value (row), NULL);
}

static void
on_cfg_edited (GvRecipePanel *self)
{
  if (!self->updating && self->recipe)
    g_object_set (self->recipe, "cfg", adw_spin_row_get_value (self->cfg_row), NULL);
}

static void
on_choice_made (AdwComboRow *row, GParamSpec *pspec, GvRecipePanel *self)
{
  bool sampler = row == self->sampler_row;
  const char *name = choice_at (sampler ? gv_recipe_list_samplers () : gv_recipe_list_schedules (),
                                adw_combo_row_get_selected (row));

  if (!self->updating && self->recipe && name)
    g_object_set (self->recipe, sampler ? "sampler" : "schedule", name, NULL);
}

/* A box under way would have the picture painted at every step of it: its resting place counts. */
static void
on_regions_changed (GvRecipePanel *self)
{
  if (!self->updating && self->recipe && !gv_region_model_is_dragging (self->regions))
    write_regions (self);
}

static void
on_region_mode_chosen (GvRecipePanel *self)
{
  if (!self->updating && self->recipe)
    g_object_set (self->recipe, "region-mode", gv_regions_panel_get_mode (self->regions_panel),
                  NULL);
}

/* The type */

static void
gv_recipe_panel_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_boolean (value, GV_RECIPE_PANEL (object)->seed_locked);
}

static void
gv_recipe_panel_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GvRecipePanel *self = GV_RECIPE_PANEL (object);

  if (self->seed_locked == g_value_get_boolean (value))
    return;
  self->seed_locked = g_value_get_boolean (value);
  g_object_notify_by_pspec (object, pspec);
}

static void
gv_recipe_panel_dispose (GObject *object)
{
  GvRecipePanel *self = GV_RECIPE_PANEL (object);

  if (self->recipe)
    g_signal_handlers_disconnect_by_data (self->recipe, self);
  g_clear_object (&self->recipe);
  if (self->regions)
    g_signal_handlers_disconnect_by_data (self->regions, self);
  g_clear_object (&self->regions);
  g_clear_pointer (&self->known, g_ptr_array_unref);
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), GV_TYPE_RECIPE_PANEL);
  G_OBJECT_CLASS (gv_recipe_panel_parent_class)->dispose (object);
}

#define BIND(name) gtk_widget_class_bind_template_child (widget_class, GvRecipePanel, name)

static void
bind_children (GtkWidgetClass *widget_class)
{
  BIND (prompt);
  BIND (negative);
  BIND (regions_panel);
  BIND (aspects);
  BIND (presets);
  BIND (size_row);
  BIND (width_row);
  BIND (height_row);
  BIND (count_row);
  BIND (steps_row);
  BIND (cfg_row);
  BIND (clip_skip_row);
  BIND (seed_row);
  BIND (sampler_row);
  BIND (schedule_row);
}

static void
gv_recipe_panel_class_init (GvRecipePanelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = gv_recipe_panel_get_property;
  object_class->set_property = gv_recipe_panel_set_property;
  object_class->dispose = gv_recipe_panel_dispose;
  props[PROP_SEED_LOCKED] =
      g_param_spec_boolean ("seed-locked", NULL, NULL, FALSE,
                            G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, props);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/giverny/Giverny/recipe-panel.ui");
  bind_children (widget_class);
}

static void
add_toggle (AdwToggleGroup *group, const char *name, const char *label)
{
  AdwToggle *toggle = adw_toggle_new ();

  adw_toggle_set_name (toggle, name);
  adw_toggle_set_label (toggle, label);
  adw_toggle_group_add (group, toggle);
}

static void
fill_widgets (GvRecipePanel *self)
{
  for (const GvAspect *a = gv_aspects; a->name; a++)
    add_toggle (self->aspects, a->name, a->name);
  for (gsize i = 0; i < G_N_ELEMENTS (presets); i++)
    add_toggle (self->presets, presets[i].name, _ (presets[i].label));
  fill_choices (self->sampler_row, gv_recipe_list_samplers ());
  fill_choices (self->schedule_row, gv_recipe_list_schedules ());
}

static void
listen (GvRecipePanel *self)
{
  AdwSpinRow *const numbers[] = { self->count_row, self->steps_row, self->clip_skip_row };
  GvPromptEditor *const texts[] = { self->prompt, self->negative };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    g_signal_connect (numbers[i], "notify::value", G_CALLBACK (on_number_edited), self);
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_signal_connect (texts[i], "notify::text", G_CALLBACK (on_text_changed), self);
  g_signal_connect_swapped (self->width_row, "notify::value", G_CALLBACK (on_size_edited), self);
  g_signal_connect_swapped (self->height_row, "notify::value", G_CALLBACK (on_size_edited), self);
  g_signal_connect_swapped (self->aspects, "notify::active-name", G_CALLBACK (on_aspect_chosen),
                            self);
  g_signal_connect_swapped (self->presets, "notify::active-name", G_CALLBACK (on_preset_chosen),
                            self);
  g_signal_connect_swapped (self->seed_row, "changed", G_CALLBACK (on_seed_edited), self);
  g_signal_connect_swapped (self->cfg_row, "notify::value", G_CALLBACK (on_cfg_edited), self);
  g_signal_connect (self->sampler_row, "notify::selected", G_CALLBACK (on_choice_made), self);
  g_signal_connect (self->schedule_row, "notify::selected", G_CALLBACK (on_choice_made), self);
  g_signal_connect_swapped (self->regions, "changed", G_CALLBACK (on_regions_changed), self);
  g_signal_connect_swapped (self->regions_panel, "notify::mode", G_CALLBACK (on_region_mode_chosen),
                            self);
}

static void
gv_recipe_panel_init (GvRecipePanel *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->side = 512;
  self->default_cfg = 7;
  self->regions = gv_region_model_new ();
  fill_widgets (self);
  listen (self);
}

void
gv_recipe_panel_set_recipe (GvRecipePanel *self, GvRecipe *recipe)
{
  g_return_if_fail (self->recipe == NULL);
  self->recipe = g_object_ref (recipe);
  g_object_bind_property (recipe, "prompt-original", self->prompt, "original",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  g_signal_connect_swapped (recipe, "notify", G_CALLBACK (show_recipe), self);
  show_recipe (self);
}

void
gv_recipe_panel_connect_canvas (GvRecipePanel *self, GvCanvas *canvas)
{
  gv_canvas_set_regions (canvas, self->regions);
  gv_regions_panel_connect (self->regions_panel, self->regions, canvas);
}

GvRegionModel *
gv_recipe_panel_get_regions (GvRecipePanel *self)
{
  return self->regions;
}

GvRecipe *
gv_recipe_panel_get_recipe (GvRecipePanel *self)
{
  return self->recipe;
}

void
gv_recipe_panel_set_defaults (GvRecipePanel *self, int side, double cfg)
{
  self->side = side;
  self->default_cfg = cfg;
  if (self->recipe)
    show_recipe (self);
}

void
gv_recipe_panel_commit (GvRecipePanel *self)
{
  g_autofree char *prompt = gv_prompt_editor_take_text (self->prompt);
  g_autofree char *negative = gv_prompt_editor_take_text (self->negative);

  g_object_set (self->recipe, "prompt", prompt, "negative", negative, NULL);
  gv_regions_panel_commit (self->regions_panel);
  gv_region_model_drag_end (self->regions);
}

char *
gv_recipe_panel_dup_prompt (GvRecipePanel *self)
{
  return gv_prompt_editor_dup_text (self->prompt);
}

char *
gv_recipe_panel_dup_negative (GvRecipePanel *self)
{
  return gv_prompt_editor_dup_text (self->negative);
}

void
gv_recipe_panel_new_seed (GvRecipePanel *self)
{
  g_object_set (self->recipe, "seed", gv_random_seed (), NULL);
  self->seed_used = false;
}

void
gv_recipe_panel_next_seed (GvRecipePanel *self)
{
  if (self->seed_used && !self->seed_locked)
    gv_recipe_panel_new_seed (self);
  self->seed_used = true;
}

void
gv_recipe_panel_swap_size (GvRecipePanel *self)
{
  int width, height;

  get_size (self, &width, &height);
  g_object_set (self->recipe, "width", height, "height", width, NULL);
}

void
gv_recipe_panel_focus_prompt (GvRecipePanel *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->prompt));
}

void
gv_recipe_assign (GvRecipe *to, GvRecipe *from)
{
  guint n;
  g_autofree GParamSpec **specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (from), &n);

  g_object_freeze_notify (G_OBJECT (to));
  for (guint i = 0; i < n; i++) {
    g_auto (GValue) value = G_VALUE_INIT;

    g_object_get_property (G_OBJECT (from), specs[i]->name, &value);
    g_object_set_property (G_OBJECT (to), specs[i]->name, &value);
  }
  g_object_thaw_notify (G_OBJECT (to));
}
