// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The program: owns the engine, the queue and the settings, and opens the window. */
#pragma once

#include "giverny.h"
#include "jobs/queue.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GV_TYPE_APPLICATION (gv_application_get_type ())
G_DECLARE_FINAL_TYPE (GvApplication, gv_application, GV, APPLICATION, AdwApplication)

GvApplication *gv_application_new (void);

/* True after a run whose engine had not ended: everything is on disk, but the thread still runs. */
bool gv_application_is_stuck (GvApplication *self);

GvEngine *gv_application_get_engine (GvApplication *self);     /* (transfer none) */
GvQueue *gv_application_get_queue (GvApplication *self);       /* (transfer none) */
GSettings *gv_application_get_settings (GvApplication *self);  /* (transfer none) */

G_END_DECLS
