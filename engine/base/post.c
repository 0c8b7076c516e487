// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Messages from one thread to another's main context. */
#include "base/post.h"

typedef struct
{
  void (*func) (gpointer);
  gpointer data;
  GDestroyNotify destroy;
} Message;

static gboolean
deliver (gpointer data)
{
  Message *m = data;

  m->func (m->data);
  return G_SOURCE_REMOVE;
}

static void
message_free (gpointer data)
{
  Message *m = data;

  m->destroy (m->data);
  g_free (m);
}

void
gv_post (GMainContext *context, void (*func) (gpointer), gpointer data, GDestroyNotify destroy)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  Message *m = g_new (Message, 1);

  *m = (Message) { func, data, destroy };
  /* As urgent as a task's result, which must not overtake its events. */
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, deliver, m, message_free);
  g_source_attach (source, context);
}
