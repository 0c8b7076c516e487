// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What the files of the window share. */
#pragma once

#include "window.h"

#include "actions.h"
#include "canvas/canvas.h"
#include "canvas/compare.h"
#include "compose/recipe-panel.h"
#include "gallery/gallery-page.h"
#include "jobs/live.h"
#include "models/model-button.h"
#include "strip/details-panel.h"
#include "strip/film-strip.h"

struct _GvWindow
{
  AdwApplicationWindow parent_instance;
  GvQueue *queue;        /* (owned) */
  GSettings *settings;   /* (owned) */
  GvModelList *models;   /* (owned) */
  GvRecipe *recipe;      /* (owned): what the sidebar edits */
  GvLive *live;          /* (owned) */
  GvSession *session;    /* (owned) */
  guint session_timer, inhibitor;
  GvJob *compared;       /* (owned) (nullable): with what others are compared */
  GvJob *shown;          /* (owned) (nullable): whose picture the canvas has */
  GCancellable *loading; /* (owned) (nullable): of that picture's file */
  bool following;        /* what is painted next is shown */
  guint n_ready;         /* pictures since somebody looked */
  /* template children */
  AdwToastOverlay *toasts;
  AdwOverlaySplitView *split, *details_split;
  GvModelButton *model_button;
  GvRecipePanel *panel;
  GtkWidget *cancel_button, *keep_button;
  GtkMenuButton *menu_button;
  AdwViewStack *pages;
  GtkWidget *switcher;
  AdwBanner *banner;
  GtkStack *centre;
  GvCanvas *canvas;
  GvCompare *compare;
  GtkRevealer *strip_revealer;
  GvFilmStrip *strip;
  GvDetailsPanel *details;
  GtkWidget *narrow_bar, *narrow_switcher;
  GvGalleryPage *gallery;
  /* of the gallery */
  GvLibrary *library;      /* (owned) (nullable) */
  GCancellable *opening;   /* (owned) (nullable): of the library's being opened */
};

/* window.c */

/* Shows a job's picture, also one that is in no list; (nullable). */
void gv_window_show_job (GvWindow *self, GvJob *job);

/* A sentence that goes away by itself; @details (nullable): more, behind a button. */
void gv_window_say (GvWindow *self, const char *sentence, const char *details);

/* Checks the recipe and queues it. */
void gv_window_generate (GvWindow *self);

/* window-actions.c */
void gv_window_add_actions (GvWindow *self);
void gv_window_remove_switches (GvWindow *self);
void gv_window_make_menus (GvWindow *self);
void gv_window_update_actions (GvWindow *self);

/* (transfer full): commands for a job of the strip */
GMenuModel *gv_window_make_job_menu (void);

/* window-compare.c */

void gv_window_connect_compare (GvWindow *self);

bool gv_window_is_comparing (GvWindow *self);
void gv_window_set_comparing (GvWindow *self, bool comparing);

/* The second picture is the one that is shown. */
void gv_window_update_comparison (GvWindow *self);

/* The first picture from now on. */
void gv_window_compare_from_shown (GvWindow *self);

/* Any two; recipes are (nullable) */
void gv_window_compare_files (GvWindow *self,
                              GvRecipe *first_recipe,
                              const char *first,
                              GvRecipe *second_recipe,
                              const char *second);

/* window-files.c */

/* Takes files and texts that are dropped on the window. */
void gv_window_accept_drops (GvWindow *self);
void gv_window_paste (GvWindow *self);
void gv_window_choose_file (GvWindow *self);
void gv_window_choose_model (GvWindow *self);

/* Shows a picture's file, and leaves the recipe as it is. */
void gv_window_show_file (GvWindow *self, const char *path);

/* window-session.c */

/* Brings back what an earlier window left, and keeps it on disk from now on; the latter ends with the window. */
void gv_window_open_session (GvWindow *self);
void gv_window_close_session (GvWindow *self);

/* To be called when there is more or less to paint, and when the window gets or loses the focus. */
void gv_window_update_desktop (GvWindow *self);
void gv_window_on_active (GvWindow *self);

void gv_window_on_journal_error (GvWindow *self);

/* window-gallery.c */

/* Opens the gallery of the folder for pictures, and follows that; the latter ends with the window. */
void gv_window_open_gallery (GvWindow *self);
void gv_window_close_gallery (GvWindow *self);
