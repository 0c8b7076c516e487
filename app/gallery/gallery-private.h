// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What the files of the gallery's page share. */
#pragma once

#include "gallery/gallery-page.h"

#include "gallery/gallery-details.h"
#include "gallery/gallery-tile.h"

/* Seconds in which deleting can be undone. */
#define GV_GALLERY_UNDO_S 10

struct _GvGalleryPage
{
  AdwBin parent_instance;
  GvLibrary *library;             /* (owned) (nullable) */
  GvLibraryModel *model;          /* (owned) (nullable) */
  GtkMultiSelection *selection;   /* (owned) (nullable) */
  GSimpleActionGroup *actions;    /* (owned) */
  bool filling;                   /* the filters are being filled: nobody chose anything */
  GtkWidget *menu;                /* (nullable): a popover, a child of the grid */
  /* template children */
  AdwToastOverlay *toasts;
  AdwOverlaySplitView *split;
  GvGalleryDetails *details;
  GtkSearchEntry *search;
  GtkMenuButton *filter_button;
  GtkDropDown *order_button, *model_filter, *lora_filter, *tag_filter, *stars_filter;
  GtkSpinButton *total_filter;
  GtkWidget *lora_label, *tag_label, *total_label, *clear_button, *start_button, *show_all_button;
  GtkToggleButton *ascending, *details_button;
  AdwBanner *banner;
  GtkRevealer *progress_revealer;
  GtkProgressBar *progress;
  GtkStack *stack;
  GtkWidget *scroller;
  GtkGridView *grid;
  GtkActionBar *bar;
  GtkLabel *chosen;
};

/* gallery-page.c */
void gv_gallery_say (GvGalleryPage *self, const char *sentence);
void gv_gallery_show_error (GvGalleryPage *self, const GError *error);

/* gallery-commands.c */

void gv_gallery_add_commands (GvGalleryPage *self);

/* What is chosen has changed. */
void gv_gallery_update_commands (GvGalleryPage *self);

/* Menu and dragging for a cell of the grid. */
void gv_gallery_add_gestures (GvGalleryPage *self, GtkListItem *cell, GvGalleryTile *tile);

void gv_gallery_set_stars (GvGalleryPage *self, int stars);
void gv_gallery_add_tag (GvGalleryPage *self, const char *tag);
void gv_gallery_remove_tag (GvGalleryPage *self, const char *tag);

/* gallery-filters.c */

/* Connects the widgets by which one searches. */
void gv_gallery_add_filters (GvGalleryPage *self);

/* Fills them with what the library has. */
void gv_gallery_fill_filters (GvGalleryPage *self);

/* Everything as before anybody searched. */
void gv_gallery_clear_filters (GvGalleryPage *self);
