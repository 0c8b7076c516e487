// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Regions by masked cross-attention.  Convolutions and self-attention see the whole picture once;
 * only the question that each place asks a text is asked of every region's text, and the answers
 * are weighted by the regions' soft-edged masks, whose sum is 1.  The prompt is what the regions
 * leave over: a box of strength 1 listens to its own text alone, one of strength 0.5 to both
 * equally, so a person can mix in the prompt as much as wanted and nothing is mixed in unasked.
 */
#include "pipeline/sd1-private.h"

#include "gv-region-areas.h"
#include "nets/unet.h"

#include <string.h>

struct _GvMasked
{
  GvRun *run;
  const GvRunTexts *texts;
  int h, w, n_levels;
  int n_areas;   /* that count at all                                   */
  int *numbers;  /* (owned): of those, the background first             */
  float **masks; /* (owned) of each level (owned): [h, w, n_areas]      */
  float *scratch;
};

/* Lengths of a side's texts: "77,154,77". */
static char *
dup_layout (GvMasked *self, int side)
{
  GString *s = g_string_new (NULL);

  for (int i = 0; i < self->n_areas; i++)
    g_string_append_printf (s, "%s%d", i ? "," : "",
                            gv_run_texts_get (self->texts, side, self->numbers[i])->tokens);
  return g_string_free_and_steal (s);
}

/* Below 0, where other programs have the length of their only text. */
static int
number_layout (GvSd1 *model, const char *layout)
{
  guint i;

  if (g_ptr_array_find_with_equal_func (model->layouts, layout, g_str_equal, &i))
    return -1 - (int) i;
  g_ptr_array_add (model->layouts, g_strdup (layout));
  return -(int) model->layouts->len;
}

static int
coarse (int cells, int level)
{
  return (cells + (1 << level) - 1) >> level;
}

typedef struct
{
  GvMasked *masked;
  int side; /* whose texts are as long as the program's */
} Description;

/* `more` holds the texts, then the masks of the levels. */
static void
describe (GvStageProgram *program, gpointer data)
{
  const Description *description = data;
  GvMasked *self = description->masked;
  const GvUnetConfig *config = gv_model_files_get_unet_config (self->run->model->files);
  GvGraph *g = program->graph;
  int n = program->key[0];
  GvUnetTexts texts = { .n = self->n_areas };

  program->in[0] = gv_input (g, n, self->h, self->w, config->in_channels);
  program->in[1] = gv_input (g, n, 1, 1, config->channels[0]);
  program->more = g_ptr_array_new ();
  for (int i = 0; i < self->n_areas; i++) {
    const GvTextStates *text = gv_run_texts_get (self->texts, description->side, self->numbers[i]);

    g_ptr_array_add (program->more, gv_input (g, n, 1, text->tokens, config->cross_attention_dim));
  }
  for (int level = 0; level < self->n_levels; level++)
    g_ptr_array_add (program->more, gv_input (g, n, coarse (self->h, level),
                                              coarse (self->w, level), self->n_areas));
  texts.texts = (GvTensor **) program->more->pdata;
  texts.masks = texts.texts + self->n_areas;
  program->out = gv_unet_masked (g, config, program->in[0], program->in[1], &texts);
}

static void
fill_texts_and_masks (GvMasked *self, GvStageProgram *program, int i, int side)
{
  GvTensor **more = (GvTensor **) program->more->pdata;

  for (int k = 0; k < self->n_areas; k++) {
    const GvTextStates *text = gv_run_texts_get (self->texts, side, self->numbers[k]);
    size_t n = (size_t) text->tokens * (size_t) text->width;

    memcpy (gv_tensor_get_floats (more[k]) + (size_t) i * n, text->states, n * sizeof (float));
  }
  for (int level = 0; level < self->n_levels; level++) {
    size_t n = (size_t) coarse (self->h, level) * (size_t) coarse (self->w, level) *
               (size_t) self->n_areas;

    memcpy (gv_tensor_get_floats (more[self->n_areas + level]) + (size_t) i * n, self->masks[level],
            n * sizeof (float));
  }
}

/* Runs @n sides from @first on, whose texts are equally long. */
static bool
run_sides (GvMasked *self,
           int first,
           int n,
           const float *x,
           double sigma,
           float *const x0[2],
           GError **error)
{
  g_autofree char *layout = dup_layout (self, first);
  Description description = { self, first };
  int key[4] = { n, self->h, self->w, number_layout (self->run->model, layout) };
  GvStageProgram *program =
      gv_run_get_program (self->run, GV_PART_UNET, key, describe, &description, error);

  if (!program)
    return false;
  for (int i = 0; i < n; i++) {
    gv_unet_fill (self->run, program, i, x, sigma, self->scratch);
    fill_texts_and_masks (self, program, i, first + i);
    gv_run_fill_strengths (self->run, program, i, true);
  }
  if (!gv_graph_run (program->graph, self->run->cancellable, error))
    return false;
  for (int i = 0; i < n; i++)
    gv_unet_take (self->run, program, i, x, sigma, self->scratch, x0[first + i]);
  return true;
}

bool
gv_masked_denoise (GvMasked *self, const float *x, double sigma, float *const x0[2], GError **error)
{
  g_autofree char *positive = dup_layout (self, 0), *negative = NULL;

  if (self->texts->n_sides == 1)
    return run_sides (self, 0, 1, x, sigma, x0, error);
  negative = dup_layout (self, 1);
  if (strcmp (positive, negative) == 0)
    return run_sides (self, 0, 2, x, sigma, x0, error);
  return run_sides (self, 0, 1, x, sigma, x0, error) && run_sides (self, 1, 1, x, sigma, x0, error);
}

/* Masks of the areas that count, without the columns of those that don't. */
static float *
new_masks (GvMasked *self, const GvAreas *areas, int level)
{
  g_autofree float *all = gv_areas_masks (areas, level);
  size_t n = (size_t) coarse (self->h, level) * (size_t) coarse (self->w, level);
  float *masks = g_new (float, n *(size_t) self->n_areas);

  for (size_t i = 0; i < n; i++)
    for (int k = 0; k < self->n_areas; k++)
      masks[i * (size_t) self->n_areas + (size_t) k] =
          all[i * (size_t) areas->n + (size_t) self->numbers[k]];
  return masks;
}

GvMasked *
gv_masked_new (GvRun *run, const GvRunTexts *texts)
{
  GvMasked *self = g_new0 (GvMasked, 1);
  GPtrArray *regions = gv_recipe_get_regions (run->recipe);
  const GvUnetConfig *config = gv_model_files_get_unet_config (run->model->files);
  g_autoptr (GvAreas) areas = gv_recipe_new_areas (run->recipe, gv_recipe_get_width (run->recipe),
                                                   gv_recipe_get_height (run->recipe));

  self->run = run;
  self->texts = texts;
  self->h = areas->height;
  self->w = areas->width;
  self->n_levels = config->n_levels;
  self->numbers = g_new0 (int, areas->n);
  self->n_areas = 1;
  for (guint i = 0; i < regions->len; i++)
    if (((const GvRegion *) regions->pdata[i])->strength > 0)
      self->numbers[self->n_areas++] = (int) i + 1;
  self->masks = g_new0 (float *, self->n_levels);
  for (int level = 0; level < self->n_levels; level++)
    self->masks[level] = new_masks (self, areas, level);
  self->scratch = g_new (float, (size_t) (self->h * self->w) * (size_t) config->in_channels);
  return self;
}

void
gv_masked_free (GvMasked *self)
{
  for (int level = 0; level < self->n_levels; level++)
    g_free (self->masks[level]);
  g_free (self->masks);
  g_free (self->numbers);
  g_free (self->scratch);
  g_free (self);
}
