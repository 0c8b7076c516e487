// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Every command of the studio: one table, from which menus, keys and the list of shortcuts are made. */
#pragma once

#include <gtk/gtk.h>
#include <stdbool.h>

/* What must hold for a command to be of use. */
typedef enum {
  GV_WHEN_ALWAYS = 0,
  GV_WHEN_JOBS = 1 << 0,     /* something waits or is being painted          */
  GV_WHEN_SHOWN = 1 << 1,    /* a job is selected or a picture open          */
  GV_WHEN_PICTURE = 1 << 2,  /* … and its picture is finished                */
  GV_WHEN_SAVED = 1 << 3,    /* … and is a file                              */
  GV_WHEN_KEEPABLE = 1 << 4, /* … and was painted live, and is no file yet   */
  GV_WHEN_OPEN = 1 << 5,     /* the selected job waits or is being painted   */
  GV_WHEN_WAITING = 1 << 6,
  GV_WHEN_FAILED = 1 << 7,
} GvWhen;

typedef struct
{
  const char *name;      /* "win.generate"                                                         */
  const char *label;     /* as in menus; translate with _()                                        */
  const char *accels[3]; /* keys as GTK writes them, the first one is shown                        */
  GvWhen when;           /* all of these                                                           */
  const char *group;     /* the heading in the list of shortcuts; translate with _()               */
  bool yields;           /* what has the focus gets these keys first: they mean something in text  */
} GvAction;

/* Ends with a nameless one. */
extern const GvAction gv_actions[];

/* NULL if there is none of that name. */
const GvAction *gv_action_find (const char *name);

/* Gives the commands' keys to @window. */
void gv_actions_add_keys (GtkApplication *application, GtkWindow *window);

/* Enables those of @map whose conditions are among @holds. */
void gv_actions_update (GActionMap *map, const char *prefix, GvWhen holds);

/* Adds a command to a menu, by its name. */
void gv_actions_append (GMenu *menu, const char *name);
