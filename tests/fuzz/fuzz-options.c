// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The command line of `generate`, a word a line: what is taken is within the limits. */
#include "fuzz.h"

#include "generate-options.h"

#include <math.h>
#include <string.h>

const char gv_fuzz_name[] = "options";

extern const char *const gv_fuzz_tokens[];
const char *const gv_fuzz_tokens[] = {
  "\n--prompt\n",
  "\n--negative=",
  "\n--width\n",
  "\n--height=",
  "\n--steps\n",
  "\n--cfg\n",
  "\n--sampler\n",
  "\n--schedule\n",
  "\n--seed\n",
  "\n--count\n",
  "\n--clip-skip\n",
  "\n--json",
  "\n--out\n",
  "\n--lora\n",
  "\n--region\n",
  "\n--region-mode\n",
  "0,0,64,64:",
  "0%,0%,50%,100%,1.2:",
  "\n--",
  "random",
  "512",
  "-1",
  "1e9",
  "euler",
  "karras",
  "0x10",
  NULL,
};

static void
check_limits (const GvGenerateOptions *o)
{
  g_assert_true (o->width == 0 || (o->width >= 16 && o->width <= 16384 && o->width % 8 == 0));
  g_assert_true (o->height == 0 || (o->height >= 16 && o->height <= 16384 && o->height % 8 == 0));
  g_assert_true (o->steps >= 1 && o->steps <= 1000);
  g_assert_true (o->count >= 1 && o->count <= 1000);
  g_assert_true (isfinite (o->cfg));
  g_assert_true (strlen (o->prompt) <= 65536 && g_utf8_validate (o->prompt, -1, NULL));
  g_assert_true (!o->out || *o->out);
}

int
gv_fuzz_one (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_auto (GStrv) argv = g_strsplit (text, "\n", -1);
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  GvGenerateOptions options;
  bool help, ok;

  gv_generate_options_init (&options);
  ok = gv_options_parse (gv_generate_options, argv, &options, words, &help, &error);
  gv_fuzz_check_error (ok, error);
  if (ok)
    check_limits (&options);
  return 0;
}
