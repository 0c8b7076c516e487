// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A picture as the gallery knows it, read from its PNG and from what its owner noted about it.
 *
 * Stars, tags and scores given later stand in a small file beside the pictures,
 * FOLDER/.giverny/marks/NAME.json, and not in the PNG: a picture is never written again after it
 * was painted, a star costs some hundred bytes and not megabytes, and the database can still be
 * rebuilt from nothing but the folder.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#define GV_MARKS_MAX_STARS 5
#define GV_MARKS_MAX_TAGS 64
#define GV_MARKS_MAX_TAG_BYTES 200

enum { GV_MARK_CLIP, GV_MARK_BLIP2, GV_MARK_LPIPS, GV_MARK_TOTAL, GV_MARK_N_SCORES };

typedef struct
{
  int stars;                       /* 0…5                                                    */
  GPtrArray *tags;                 /* (owned) (element-type utf8): sorted, no two the same   */
  double scores[GV_MARK_N_SCORES]; /* NaN: not measured                                      */
} GvMarks;

void gv_marks_init (GvMarks *self);
void gv_marks_clear (GvMarks *self);

/* @tag without spaces around it and in composed form; NULL if nothing is left or it is too long. */
char *gv_marks_clean_tag (const char *tag);
bool gv_marks_add_tag (GvMarks *self, const char *tag);
bool gv_marks_remove_tag (GvMarks *self, const char *tag);

/* JSON both ways.  Reading adds to what is there.  Errors: GV_FORMAT_ERROR */
char *gv_marks_to_json (const GvMarks *self);
bool
gv_marks_from_json (GvMarks *self, const char *name, const char *json, size_t size, GError **error);

/* The same from and to their place in @folder; nothing there is no error. */
bool gv_marks_load (GvMarks *self, const char *folder, const char *file, GError **error);
bool gv_marks_save (const GvMarks *self, const char *folder, const char *file, GError **error);

/* (transfer full): where they stand */
char *gv_marks_path (const char *folder, const char *file);

typedef struct
{
  char *name; /* (owned) */
  double strength;
} GvEntryLora;

/* All strings are owned and never NULL, "" for what is not known. */
typedef struct
{
  char *file; /* its name in the folder                            */
  gint64 time_us; /* when it was last written, since 1970              */
  gint64 size; /* bytes                                             */
  int width, height; /* pixels                                            */
  char *prompt, *negative;
  char *model; /* as a person knows it, without folder and ending   */
  char *sampler, *schedule;
  int steps;
  double cfg; /* NaN: not known                                    */
  guint64 seed;
  GPtrArray *loras; /* (element-type GvEntryLora)                        */
  GvMarks marks;
} GvEntry;

GvEntry *gv_entry_new (void);
GvEntry *gv_entry_copy (const GvEntry *self);
void gv_entry_free (GvEntry *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvEntry, gv_entry_free)
void gv_entry_add_lora (GvEntry *self, const char *name, double strength);

/* True if the gallery takes files of this name: PNGs, not hidden, with names in UTF-8. */
bool gv_entry_is_name (const char *file);

/* Reads a picture of @folder without its pixels.  Errors: GV_FORMAT_ERROR naming the file */
GvEntry *gv_entry_read (const char *folder, const char *file, GError **error);

/* True if both say the same, whatever the order in which LoRAs are listed. */
bool gv_entry_equal (const GvEntry *a, const GvEntry *b);
