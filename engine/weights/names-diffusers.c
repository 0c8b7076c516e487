// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Names that diffusers and transformers have changed over time. */
#include "weights/names.h"

#include <string.h>

char *
gv_canonical_text_name (const char *name)
{
  const char *prefix = "text_model.";

  return g_strdup (g_str_has_prefix (name, prefix) ? name + strlen (prefix) : name);
}

/* The middle attention was once a block of its own kind: query, key, value and proj_attn. */
char *
gv_canonical_vae_name (const char *name)
{
  static const char *const renamed[][2] = {
    { ".query.", ".to_q." },
    { ".key.", ".to_k." },
    { ".value.", ".to_v." },
    { ".proj_attn.", ".to_out.0." },
  };
  const char *attention = strstr (name, ".attentions.");

  for (size_t i = 0; attention && i < G_N_ELEMENTS (renamed); i++) {
    const char *old = strstr (attention, renamed[i][0]);

    if (old)
      return g_strdup_printf ("%.*s%s%s", (int) (old - name), name, renamed[i][1],
                              old + strlen (renamed[i][0]));
  }
  return g_strdup (name);
}
