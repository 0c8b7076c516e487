// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The whole studio under test: the program with a window, and an empty folder for its pictures. */
#pragma once

#include "stage.h"

#include "application.h"
#include "window.h"

typedef struct
{
  GvApplication *application;
  GvWindow *window;
  GvQueue *queue;
  GSettings *settings;
  char *folder; /* where pictures go */
} GvStudio;

/* Runs the program; @test is called in its main loop once the window is drawn, and may let time pass. */
void gv_studio_run (void (*test) (GvStudio *studio));

/* Activates a command of the window, which must be enabled. */
void gv_studio_do (GvStudio *self, const char *name);

/* Waits until nothing is waiting, being painted or being saved. */
void gv_studio_wait_until_idle (GvStudio *self);

/* (transfer none): the nth job of this session */
GvJob *gv_studio_get_job (GvStudio *self, guint n);

/* A test that is one run of the program. */
void gv_studio_add_test (const char *path, void (*test) (GvStudio *studio));
