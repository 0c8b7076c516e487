// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A list of ids, and the few pages of rows that somebody looked at lately. */
#include "gv-library-model.h"

#include "library/item.h"

/* Reading a page takes a few milliseconds of the main loop. */
#define PAGE_ROWS 40
#define MAX_PAGES 40

typedef struct
{
  guint first;      /* position of its first row */
  GPtrArray *items; /* (element-type GvLibraryItem), NULL for rows that are gone */
} Page;

struct _GvLibraryModel
{
  GObject parent_instance;
  GvLibrary *library;        /* (owned) */
  GvLibraryFilter *filter;   /* (owned) */
  GArray *ids;               /* (owned) (element-type gint64) */
  GQueue pages;              /* (element-type Page) (owned): the one used last comes first */
  GHashTable *live;          /* id to GvLibraryItem, not owned: all that anybody holds */
  GCancellable *cancellable; /* (owned) (nullable): of the query that runs */
  bool again;                /* the library changed since it began */
  bool loading;
};

static void list_model_init (GListModelInterface *interface);
G_DEFINE_FINAL_TYPE_WITH_CODE (GvLibraryModel,
                               gv_library_model,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

enum { PROP_N_ITEMS = 1, PROP_LOADING, N_PROPS };
static GParamSpec *props[N_PROPS];

/* Items */

typedef struct
{
  GHashTable *live; /* (owned) */
  gint64 id;
} Life;

static void
on_item_gone (gpointer data, GObject *item)
{
  Life *life = data;

  g_hash_table_remove (life->live, &life->id);
  g_hash_table_unref (life->live);
  g_free (life);
}

/* The object that stands for this row already, or else @item.  Takes @item. */
static GvLibraryItem *
make_only (GvLibraryModel *self, GvLibraryItem *item)
{
  gint64 id = gv_library_item_get_id (item);
  GvLibraryItem *known = g_hash_table_lookup (self->live, &id);
  Life *life;

  if (known) {
    g_object_ref (known);
    gv_library_item_renew (known, item);
    g_object_unref (item);
    return known;
  }
  life = g_new (Life, 1);
  *life = (Life) { g_hash_table_ref (self->live), id };
  g_hash_table_insert (self->live, g_memdup2 (&id, sizeof id), item);
  g_object_weak_ref (G_OBJECT (item), on_item_gone, life);
  return item;
}

static void
item_free (gpointer item)
{
  if (item)
    g_object_unref (item);
}

/* Pages */

static void
page_free (gpointer data)
{
  Page *page = data;

  g_ptr_array_unref (page->items);
  g_free (page);
}

static Page *
load_page (GvLibraryModel *self, guint first)
{
  guint n = MIN (PAGE_ROWS, self->ids->len - first);
  Page *page = g_new (Page, 1);

  page->first = first;
  page->items = g_ptr_array_new_full (n, item_free);
  gv_library_load (self->library, &g_array_index (self->ids, gint64, first), n, page->items, NULL);
  while (page->items->len < n) /* a broken database: rows that can't be shown */
    g_ptr_array_add (page->items, NULL);
  for (guint i = 0; i < n; i++)
    if (page->items->pdata[i])
      page->items->pdata[i] = make_only (self, page->items->pdata[i]);
  return page;
}

static Page *
get_page (GvLibraryModel *self, guint position)
{
  guint first = position - position % PAGE_ROWS;
  Page *page = NULL;

  for (GList *l = self->pages.head; l && !page; l = l->next)
    if (((Page *) l->data)->first == first) {
      page = l->data;
      g_queue_unlink (&self->pages, l);
      g_queue_push_head_link (&self->pages, l);
    }
  if (page)
    return page;
  page = load_page (self, first);
  g_queue_push_head (&self->pages, page);
  if (self->pages.length > MAX_PAGES)
    page_free (g_queue_pop_tail (&self->pages));
  return page;
}

static void
drop_pages (GvLibraryModel *self)
{
  g_queue_clear_full (&self->pages, page_free);
}

/* The list */

static GType
get_item_type (GListModel *model)
{
  return GV_TYPE_LIBRARY_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  return GV_LIBRARY_MODEL (model)->ids->len;
}

/* A row that is gone since the list was made is shown empty until the next answer comes. */
static gpointer
get_item (GListModel *model, guint position)
{
  GvLibraryModel *self = GV_LIBRARY_MODEL (model);
  Page *page;
  GvLibraryItem *item;

  if (position >= self->ids->len)
    return NULL;
  page = get_page (self, position);
  item = page->items->pdata[position - page->first];
  return item ? g_object_ref (item)
              : gv_library_item_new (g_array_index (self->ids, gint64, position),
                                     gv_library_get_folder (self->library), gv_entry_new ());
}

static void
list_model_init (GListModelInterface *interface)
{
  interface->get_item_type = get_item_type;
  interface->get_n_items = get_n_items;
  interface->get_item = get_item;
}

/* Takes @ids.  Tells only of what lies between the parts that stayed, so that a view keeps its
 * place. */
static void
set_ids (GvLibraryModel *self, GArray *ids)
{
  g_autoptr (GArray) old = self->ids;
  const gint64 *a = (const gint64 *) old->data, *b = (const gint64 *) ids->data;
  guint shorter = MIN (old->len, ids->len), start = 0, end = 0;

  while (start < shorter && a[start] == b[start])
    start++;
  while (end < shorter - start && a[old->len - 1 - end] == b[ids->len - 1 - end])
    end++;
  self->ids = ids;
  if (start == old->len && start == ids->len)
    return;
  drop_pages (self);
  g_list_model_items_changed (G_LIST_MODEL (self), start, old->len - start - end,
                              ids->len - start - end);
  if (old->len != ids->len)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_ITEMS]);
}

/* Queries */

static void
set_loading (GvLibraryModel *self, bool loading)
{
  if (self->loading == loading)
    return;
  self->loading = loading;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_LOADING]);
}

static void start_query (GvLibraryModel *self);

static void
on_found (GObject *library, GAsyncResult *result, gpointer data)
{
  g_autoptr (GvLibraryModel) self = data;
  g_autoptr (GError) error = NULL;
  GArray *ids = gv_library_query_finish (GV_LIBRARY (library), result, &error);

  if (g_task_get_cancellable (G_TASK (result)) != self->cancellable) { /* asked for something new */
    g_clear_pointer (&ids, g_array_unref);
    return;
  }
  g_clear_object (&self->cancellable);
  if (ids)
    set_ids (self, ids);
  if (self->again)
    start_query (self);
  else
    set_loading (self, false);
}

static void
start_query (GvLibraryModel *self)
{
  self->again = false;
  self->cancellable = g_cancellable_new ();
  gv_library_query_async (self->library, self->filter, self->cancellable, on_found,
                          g_object_ref (self));
}

/* Changes that come fast are answered together. */
static void
on_changed (GvLibraryModel *self)
{
  if (self->cancellable)
    self->again = true;
  else
    start_query (self);
}

/* True if a note decides which pictures are listed, or in which order. */
static bool
depends_on_notes (const GvLibraryFilter *f)
{
  return f->min_stars > 0 || (f->tag && *f->tag) || (f->text && *f->text) ||
         f->min_total == f->min_total || f->order == GV_LIBRARY_BY_STARS ||
         f->order >= GV_LIBRARY_BY_TOTAL;
}

static void
on_item_changed (GvLibraryModel *self, gint64 id)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (item_free);

  if (g_hash_table_contains (self->live, &id) &&
      gv_library_load (self->library, &id, 1, items, NULL) && items->pdata[0])
    items->pdata[0] = make_only (self, items->pdata[0]);
  if (depends_on_notes (self->filter))
    on_changed (self);
}

/* The object */

static void
gv_library_model_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GvLibraryModel *self = GV_LIBRARY_MODEL (object);

  if (id == PROP_N_ITEMS)
    g_value_set_uint (value, self->ids->len);
  else if (id == PROP_LOADING)
    g_value_set_boolean (value, self->loading);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gv_library_model_dispose (GObject *object)
{
  GvLibraryModel *self = GV_LIBRARY_MODEL (object);

  if (self->cancellable)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  drop_pages (self);
  g_clear_object (&self->library);
  G_OBJECT_CLASS (gv_library_model_parent_class)->dispose (object);
}

static void
gv_library_model_finalize (GObject *object)
{
  GvLibraryModel *self = GV_LIBRARY_MODEL (object);

  g_hash_table_unref (self->live);
  g_array_unref (self->ids);
  gv_library_filter_free (self->filter);
  G_OBJECT_CLASS (gv_library_model_parent_class)->finalize (object);
}

static void
gv_library_model_class_init (GvLibraryModelClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = gv_library_model_get_property;
  object_class->dispose = gv_library_model_dispose;
  object_class->finalize = gv_library_model_finalize;
  props[PROP_N_ITEMS] = g_param_spec_uint ("n-items", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_LOADING] = g_param_spec_boolean ("loading", NULL, NULL, TRUE, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
gv_library_model_init (GvLibraryModel *self)
{
  self->filter = gv_library_filter_new ();
  self->ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->live = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->loading = true;
  g_queue_init (&self->pages);
}

GvLibraryModel *
gv_library_model_new (GvLibrary *library)
{
  GvLibraryModel *self = g_object_new (GV_TYPE_LIBRARY_MODEL, NULL);

  self->library = g_object_ref (library);
  g_signal_connect_object (library, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (library, "item-changed", G_CALLBACK (on_item_changed), self,
                           G_CONNECT_SWAPPED);
  start_query (self);
  return self;
}

GvLibrary *
gv_library_model_get_library (GvLibraryModel *self)
{
  return self->library;
}

void
gv_library_model_set_filter (GvLibraryModel *self, const GvLibraryFilter *filter)
{
  GvLibraryFilter *copy = gv_library_filter_copy (filter);

  gv_library_filter_free (self->filter);
  self->filter = copy;
  if (self->cancellable)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  set_loading (self, true);
  start_query (self);
}

const GvLibraryFilter *
gv_library_model_get_filter (GvLibraryModel *self)
{
  return self->filter;
}

bool
gv_library_model_is_loading (GvLibraryModel *self)
{
  return self->loading;
}

gint64
gv_library_model_get_id (GvLibraryModel *self, guint position)
{
  return position < self->ids->len ? g_array_index (self->ids, gint64, position) : 0;
}

guint
gv_library_model_find (GvLibraryModel *self, gint64 id)
{
  for (guint i = 0; i < self->ids->len; i++)
    if (g_array_index (self->ids, gint64, i) == id)
      return i;
  return G_MAXUINT;
}
