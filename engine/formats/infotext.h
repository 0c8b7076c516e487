// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The text that A1111's web interface stores with a picture and many programs read: the prompt, a
 * line with the negative prompt, a line of "key: value" pairs.
 */
#pragma once

#include <glib.h>

typedef struct
{
  const char *prompt, *negative;
  int steps;
  const char *sampler, *schedule; /* as A1111 calls them; NULL leaves them out */
  double cfg;
  guint64 seed;
  int width, height;
  const char *model;
  int clip_skip;       /* left out when 1 */
  const char *version; /* of the program that made the picture, with its name */
} GvInfotext;

/* (transfer full): UTF-8 without a newline at its end */
char *gv_infotext_write (const GvInfotext *info);
