// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The gallery: a folder of PNGs, which is the truth, and a database beside the program's data that
 * finds them quickly and can be rebuilt from the folder at any time.
 *
 * Whatever may wait for a disk runs in the library's own thread, one after the other and in the
 * order of asking; callbacks and signals come in the context of the library's maker.
 */
#pragma once

#include "gv-image.h"

#include <gio/gio.h>
#include <stdbool.h>

G_BEGIN_DECLS

#define GV_LIBRARY_MAX_STARS 5

/* What a picture scored; NaN where it was not measured. */
typedef struct
{
  double clip, blip2, lpips, total;
} GvLibraryScores;

/*
 * One picture of the gallery.  Properties, to be read and bound: id (int64), file (string), stars
 * (int), tags (string, one a line), total (double, NaN without).  The others don't change.
 */
#define GV_TYPE_LIBRARY_ITEM (gv_library_item_get_type ())
G_DECLARE_FINAL_TYPE (GvLibraryItem, gv_library_item, GV, LIBRARY_ITEM, GObject)

gint64 gv_library_item_get_id (GvLibraryItem *self);
const char *gv_library_item_get_file (GvLibraryItem *self); /* its name in the folder */
const char *gv_library_item_get_path (GvLibraryItem *self);
const char *gv_library_item_get_prompt (GvLibraryItem *self);
const char *gv_library_item_get_negative (GvLibraryItem *self);
const char *gv_library_item_get_model (GvLibraryItem *self); /* "" = not known */
const char *gv_library_item_get_sampler (GvLibraryItem *self);
const char *gv_library_item_get_schedule (GvLibraryItem *self);
const char *gv_library_item_get_loras (GvLibraryItem *self); /* "name 0.8", one a line */
int gv_library_item_get_width (GvLibraryItem *self);
int gv_library_item_get_height (GvLibraryItem *self);
int gv_library_item_get_steps (GvLibraryItem *self);
double gv_library_item_get_cfg (GvLibraryItem *self); /* NaN = not known */
guint64 gv_library_item_get_seed (GvLibraryItem *self);
gint64 gv_library_item_get_time (GvLibraryItem *self); /* µs since 1970 */
gint64 gv_library_item_get_size (GvLibraryItem *self); /* bytes */
int gv_library_item_get_stars (GvLibraryItem *self);
const char *gv_library_item_get_tags (GvLibraryItem *self); /* one a line */
GvLibraryScores gv_library_item_get_scores (GvLibraryItem *self);

typedef enum {
  GV_LIBRARY_BY_TIME,
  GV_LIBRARY_BY_NAME,
  GV_LIBRARY_BY_STARS,
  GV_LIBRARY_BY_SEED,
  GV_LIBRARY_BY_TOTAL, /* pictures without a score come last, whatever the direction */
  GV_LIBRARY_BY_CLIP,
  GV_LIBRARY_BY_BLIP2,
  GV_LIBRARY_BY_LPIPS,
  GV_LIBRARY_N_ORDERS,
} GvLibraryOrder;

/* What to look for; all strings owned, "" or NULL for anything. */
typedef struct
{
  char *text; /* words that prompt, negative prompt, tags or file name begin with; "-word" without
                 it, "tag:sea" only in tags, quotes around words that follow each other           */
  char *model, *lora, *tag;
  bool has_seeds;
  guint64 min_seed, max_seed;
  int min_stars;
  double min_total; /* NaN: any                                 */
  gint64 from_us, before_us; /* 0: any; µs since 1970                    */
  GvLibraryOrder order;
  bool ascending; /* oldest, lowest, A first                  */
} GvLibraryFilter;

GvLibraryFilter *gv_library_filter_new (void);
GvLibraryFilter *gv_library_filter_copy (const GvLibraryFilter *self);
void gv_library_filter_free (GvLibraryFilter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GvLibraryFilter, gv_library_filter_free)

/* True if @self leaves pictures out. */
bool gv_library_filter_is_narrow (const GvLibraryFilter *self);

/*
 * Signals: "changed" (), when pictures came, went or moved; "item-changed" (int64 id), when what is
 * noted about one did; "failed" (GError), when something nobody waits for went wrong. Property
 * progress (double): of a rebuild or a first look through the folder, 0…1, negative while there is
 * none.
 */
#define GV_TYPE_LIBRARY (gv_library_get_type ())
G_DECLARE_FINAL_TYPE (GvLibrary, gv_library, GV, LIBRARY, GObject)

/**
 * gv_library_open:
 * @folder: of pictures; made if it is missing
 * @notice: (out) (optional) (transfer full) (nullable): a sentence for a person if the database was
 *   broken and is being rebuilt, or can only be read
 *
 * Opens what the database knows at once, and then looks, in the library's thread, for what happened
 * to the folder meanwhile. Errors: GV_LIBRARY_ERROR_IN_USE if another program has the folder open,
 * GV_LIBRARY_ERROR_FAILED
 */
GvLibrary *gv_library_open (const char *folder, char **notice, GError **error);

/*
 * The same in a thread, since the first look at a folder waits for the disk; the library is then
 * the default main context's.
 */
void gv_library_open_async (const char *folder,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer data);
GvLibrary *gv_library_open_finish (GAsyncResult *result, char **notice, GError **error);

const char *gv_library_get_folder (GvLibrary *self);
bool gv_library_is_read_only (GvLibrary *self);

/* (transfer full): "Giverny" in the user's folder for pictures */
char *gv_library_default_folder (void);

/* Waits until all that was asked for is done; for the program's end.  Callbacks come later. */
void gv_library_finish_pending (GvLibrary *self);

/*
 * Takes in a picture that is safely on disk in the folder; when it finishes, its row is, too.
 * Returns (from finish): its id, or 0.  Errors: GV_FORMAT_ERROR, GV_LIBRARY_ERROR
 */
void gv_library_add_async (GvLibrary *self,
                           const char *path,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer data);
gint64 gv_library_add_finish (GvLibrary *self, GAsyncResult *result, GError **error);

/*
 * Changes of what is noted about @n_ids pictures; @callback may be NULL: then errors come as
 * "failed". Errors: GV_FORMAT_ERROR_IO, GV_LIBRARY_ERROR
 */
void gv_library_set_stars_async (GvLibrary *self,
                                 const gint64 *ids,
                                 gsize n_ids,
                                 int stars,
                                 GAsyncReadyCallback callback,
                                 gpointer data);
void gv_library_add_tag_async (GvLibrary *self,
                               const gint64 *ids,
                               gsize n_ids,
                               const char *tag,
                               GAsyncReadyCallback callback,
                               gpointer data);
void gv_library_remove_tag_async (GvLibrary *self,
                                  const gint64 *ids,
                                  gsize n_ids,
                                  const char *tag,
                                  GAsyncReadyCallback callback,
                                  gpointer data);
void gv_library_set_scores_async (GvLibrary *self,
                                  gint64 id,
                                  const GvLibraryScores *scores,
                                  GAsyncReadyCallback callback,
                                  gpointer data);
bool gv_library_change_finish (GvLibrary *self, GAsyncResult *result, GError **error);

/* Pictures that were deleted together, until they are out of reach. */
typedef struct _GvLibraryDeleted GvLibraryDeleted;

/*
 * Moves pictures out of the folder, to where gv_library_undelete_async() finds them.  What could
 * not be moved stays. Returns (from finish): (nullable): NULL with an error if nothing was deleted
 */
void gv_library_delete_async (GvLibrary *self,
                              const gint64 *ids,
                              gsize n_ids,
                              GAsyncReadyCallback callback,
                              gpointer data);
GvLibraryDeleted *gv_library_delete_finish (GvLibrary *self, GAsyncResult *result, GError **error);
guint gv_library_deleted_get_n (GvLibraryDeleted *self);

/* Brings them back with all that was noted.  Takes @deleted. */
void gv_library_undelete_async (GvLibrary *self,
                                GvLibraryDeleted *deleted,
                                GAsyncReadyCallback callback,
                                gpointer data);

/*
 * Gives them to the desktop's trash; where there is none, they stay in FOLDER/.giverny/trash. Takes
 * @deleted.  A program that ends before does so at its next start.
 */
void gv_library_bury (GvLibrary *self, GvLibraryDeleted *deleted);

/* Looks for files that came, went or changed. */
void gv_library_refresh_async (GvLibrary *self, GAsyncReadyCallback callback, gpointer data);

/* Forgets all rows and reads the folder again; until it is done, the old rows are there. */
void gv_library_rebuild_async (GvLibrary *self,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer data);

/*
 * The ids of all pictures that @filter lets through, in its order.  Runs beside the library's own
 * thread. Returns (from finish): (element-type gint64) (transfer full)
 */
void gv_library_query_async (GvLibrary *self,
                             const GvLibraryFilter *filter,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer data);
GArray *gv_library_query_finish (GvLibrary *self, GAsyncResult *result, GError **error);

/*
 * Rows, right here: @items (element-type GvLibraryItem) gets one for each id, NULL for those that
 * are gone.  Made for pages of some hundred rows.
 */
bool
gv_library_load (GvLibrary *self, const gint64 *ids, gsize n_ids, GPtrArray *items, GError **error);

/* The names that pictures have of one kind, the most frequent first, at most 200.  (transfer full)
 */
typedef enum { GV_LIBRARY_MODELS, GV_LIBRARY_LORAS, GV_LIBRARY_TAGS } GvLibraryNames;
GStrv gv_library_list_names (GvLibrary *self, GvLibraryNames which);

/* True if there is a picture with a total score. */
bool gv_library_has_scores (GvLibrary *self);

/* For programs without a main loop. */

typedef struct
{
  guint n_pictures; /* rows                                                      */
  guint n_added, n_changed, n_removed; /* what differed between rows and folder           */
  guint n_unreadable; /* files called PNGs that are none                           */
} GvLibraryReport;

typedef void (*GvLibraryProgress) (guint done, guint of, gpointer data);

/* Errors as gv_library_open(); @progress is (nullable) */
bool gv_library_rebuild_folder (const char *folder,
                                GvLibraryProgress progress,
                                gpointer data,
                                GvLibraryReport *report,
                                GError **error);

/*
 * Compares database and folder and changes nothing.  False with GV_LIBRARY_ERROR_CORRUPT or
 * GV_LIBRARY_ERROR_DIFFERENT, and @report filled, if the two don't fit each other.
 */
bool gv_library_check_folder (const char *folder, GvLibraryReport *report, GError **error);

G_END_DECLS
