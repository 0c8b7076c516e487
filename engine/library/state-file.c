// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A program's state on disk.  The lock is held while a text is written, so that texts can't
 * overtake each other between the worker and a flush. */
#include "library/state-file.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/atomic-file.h"
#include "formats/file.h"

#define MAX_ASIDE 100

struct _GvStateFile
{
  GObject parent_instance;
  char *path;
  bool blocked;     /* what stands there could be neither read nor put aside              */
  GBytes *newest;   /* (owned) (nullable): the last text, whether or not it is on disk    */
  guint64 number;   /* of the newest                                                      */
  guint64 durable;  /* of the newest that is known to be on disk                          */
  bool writing;     /* the worker has a text                                              */
  GQueue flushes;   /* (element-type GTask) (owned): those that wait for their number     */
  GMutex lock;      /* guards the file and what follows                                   */
  guint64 on_disk;
};
G_DEFINE_FINAL_TYPE (GvStateFile, gv_state_file, G_TYPE_OBJECT)

enum { WRITTEN, FAILED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* One text on its way to the worker; what a flush waits for. */
typedef struct
{
  GBytes *text;
  guint64 number;
} Text;

static void
text_free (Text *self)
{
  g_clear_pointer (&self->text, g_bytes_unref);
  g_free (self);
}

static Text *
text_new (GvStateFile *self)
{
  Text *text = g_new (Text, 1);

  *text = (Text) { g_bytes_ref (self->newest), self->number };
  return text;
}

static bool
write_file (const char *path, GBytes *text, GError **error)
{
  g_autoptr (GvAtomicFile) file = gv_atomic_file_new (path, error);
  gsize size;
  const void *data = g_bytes_get_data (text, &size);

  return file && gv_atomic_file_write (file, data, size, error) &&
         gv_atomic_file_commit (file, error);
}

/* Any thread. */
static bool
write_text (GvStateFile *self, const Text *text, GError **error)
{
  bool ok = true;

  g_mutex_lock (&self->lock);
  if (self->blocked) {
    g_autofree char *shown = gv_dup_shown (self->path);

    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO,
                 _("%s: can't be written: an unreadable file of this name can't be moved away"),
                   shown);
    ok = false;
  } else if (text->number > self->on_disk) {
    ok = write_file (self->path, text->text, error);
    if (ok)
      self->on_disk = text->number;
  }
  g_mutex_unlock (&self->lock);
  return ok;
}

static void start_worker (GvStateFile *self);

static bool
is_dirty (GvStateFile *self)
{
  return self->durable < self->number;
}

/* Ends those flushes whose text is durable, or all of them with @error. */
static void
end_flushes (GvStateFile *self, const GError *error)
{
  GList *next;

  for (GList *l = self->flushes.head; l; l = next) {
    GTask *task = l->data;
    const guint64 *number = g_task_get_task_data (task);

    next = l->next;
    if (!error && *number > self->durable)
      continue;
    g_queue_delete_link (&self->flushes, l);
    if (error)
      g_task_return_error (task, g_error_copy (error));
    else
      g_task_return_boolean (task, TRUE);
    g_object_unref (task);
  }
}

static void
on_written (GObject *object, GAsyncResult *result, gpointer data)
{
  GvStateFile *self = GV_STATE_FILE (object);
  const Text *text = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  self->writing = false;
  if (!g_task_propagate_boolean (G_TASK (result), &error)) {
    end_flushes (self, error);
    g_signal_emit (self, signals[FAILED], 0, error);
    return;
  }
  self->durable = MAX (self->durable, text->number);
  end_flushes (self, NULL);
  if (is_dirty (self))
    start_worker (self);
  else
    g_signal_emit (self, signals[WRITTEN], 0);
}

static void
run_worker (GTask *task, gpointer object, gpointer text, GCancellable *cancellable)
{
  GError *error = NULL;

  if (write_text (object, text, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
start_worker (GvStateFile *self)
{
  g_autoptr (GTask) task = NULL;

  if (self->writing || !is_dirty (self))
    return;
  self->writing = true;
  task = g_task_new (self, NULL, on_written, NULL);
  g_task_set_task_data (task, text_new (self), (GDestroyNotify) text_free);
  g_task_run_in_thread (task, run_worker);
}

static void
gv_state_file_finalize (GObject *object)
{
  GvStateFile *self = GV_STATE_FILE (object);

  g_free (self->path);
  g_clear_pointer (&self->newest, g_bytes_unref);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (gv_state_file_parent_class)->finalize (object);
}

static void
gv_state_file_class_init (GvStateFileClass *class)
{
  G_OBJECT_CLASS (class)->finalize = gv_state_file_finalize;
  signals[WRITTEN] = g_signal_new ("written", GV_TYPE_STATE_FILE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  signals[FAILED] = g_signal_new ("failed", GV_TYPE_STATE_FILE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
gv_state_file_init (GvStateFile *self)
{
  g_mutex_init (&self->lock);
  g_queue_init (&self->flushes);
}

GvStateFile *
gv_state_file_new (const char *path)
{
  GvStateFile *self = g_object_new (GV_TYPE_STATE_FILE, NULL);

  self->path = g_strdup (path);
  return self;
}

char *
gv_state_file_load (GvStateFile *self, size_t max_bytes, size_t *size, GError **error)
{
  GStatBuf info;

  if (g_stat (self->path, &info) < 0 && errno == ENOENT)
    return NULL;
  return gv_read_small_file (self->path, max_bytes, size, error);
}

char *
gv_state_file_set_aside (GvStateFile *self)
{
  for (int i = 1; i <= MAX_ASIDE; i++) {
    g_autofree char *aside = g_strdup_printf ("%s.bad-%d", self->path, i);
    GStatBuf info;

    if (i < MAX_ASIDE && g_lstat (aside, &info) == 0)
      continue;
    if (g_rename (self->path, aside) == 0)
      return g_steal_pointer (&aside);
    break;
  }
  self->blocked = true;
  return NULL;
}

guint64
gv_state_file_write (GvStateFile *self, const char *text)
{
  gsize size = strlen (text);

  if (!self->newest || g_bytes_get_size (self->newest) != size ||
      memcmp (g_bytes_get_data (self->newest, NULL), text, size) != 0) {
    g_clear_pointer (&self->newest, g_bytes_unref);
    self->newest = g_bytes_new (text, size);
    self->number++;
  }
  start_worker (self);
  return self->number;
}

guint64
gv_state_file_get_durable (GvStateFile *self)
{
  return self->durable;
}

bool
gv_state_file_flush (GvStateFile *self, GError **error)
{
  Text *text;
  bool ok;

  if (!is_dirty (self))
    return true;
  text = text_new (self);
  ok = write_text (self, text, error);
  if (ok)
    self->durable = MAX (self->durable, text->number);
  text_free (text);
  return ok;
}

void
gv_state_file_flush_async (GvStateFile *self,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);

  if (!is_dirty (self)) {
    g_task_return_boolean (task, TRUE);
    return;
  }
  g_task_set_task_data (task, g_memdup2 (&self->number, sizeof self->number), g_free);
  g_queue_push_tail (&self->flushes, g_steal_pointer (&task));
  start_worker (self);
}

bool
gv_state_file_flush_finish (GvStateFile *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), false);

  return g_task_propagate_boolean (G_TASK (result), error);
}
