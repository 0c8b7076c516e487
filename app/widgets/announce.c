// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Announcements, where there is somebody to make them. */
#include "widgets/announce.h"

#include <string.h>

void
gv_announce (GtkWidget *widget, const char *text)
{
  g_autoptr (GtkATContext) context = gtk_accessible_get_at_context (GTK_ACCESSIBLE (widget));

  /* The toolkit's context for tests (GTK 4.18) lacks this method, and would jump to nowhere. */
  if (context && strcmp (G_OBJECT_TYPE_NAME (context), "GtkTestATContext") != 0)
    gtk_accessible_announce (GTK_ACCESSIBLE (widget), text,
                             GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}
