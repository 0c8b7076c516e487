// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* The vocabulary of CLIP that ships inside the library. */
#include "text/bpe-draft.h"

#include "text/gv-vocabularies.h"

#include <gio/gio.h>
#include <stdlib.h>

static int
by_character (const void *a, const void *b)
{
  return *(const gunichar *) a < *(const gunichar *) b ? -1 : 1;
}

/* CLIP's first 512 symbols: the bytes in the order of their characters, then again as the end of a
 * piece. */
static void
number_bytes (GvBpeDraft *draft)
{
  gunichar alphabet[256];

  gv_bpe_byte_alphabet (alphabet);
  qsort (alphabet, 256, sizeof (gunichar), by_character);
  for (int i = 0; i < 512; i++) {
    g_autofree char *symbol = gv_bpe_byte_symbol (alphabet[i % 256], i >= 256);

    gv_bpe_insert (draft->ids, g_string_chunk_insert (draft->strings, symbol), i);
  }
}

GvBpe *
gv_bpe_new_clip (GError **error)
{
  const char *path = "/giverny/vocabularies/clip-merges.txt.gz";
  g_autoptr (GvBpeDraft) draft = gv_bpe_draft_new ();
  g_autoptr (GConverter) unpack =
      G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  g_autoptr (GBytes) packed = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *text = NULL;

  packed = g_resource_lookup_data (gv_vocabularies_get_resource (), path,
                                   G_RESOURCE_LOOKUP_FLAGS_NONE, error);
  bytes = packed ? g_converter_convert_bytes (unpack, packed, error) : NULL;
  if (!bytes)
    return NULL;
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  number_bytes (draft);
  draft->next_id = 512; /* what the merges join to comes next, then start and end */
  if (!gv_bpe_draft_read_merges (draft, text, path, error))
    return NULL;
  gv_bpe_insert (draft->ids, gv_bpe_role_names[GV_BPE_START], draft->next_id);
  gv_bpe_insert (draft->ids, gv_bpe_role_names[GV_BPE_END], draft->next_id + 1);
  draft->max_length = 77;
  return gv_bpe_draft_finish (draft, path, error);
}
