// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The header of a safetensors file.  It may be hostile and 100 MB long, so it is parsed in one pass
 * without a tree: strings are decoded where they stand, and all that grows with the header is the
 * table of tensors.
 */
#include <string.h>

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"
#include "formats/safetensors-private.h"
#include "formats/span.h"

#define MAX_NAME_BYTES 1024
#define MAX_TENSORS ((size_t) 1 << 20)
#define MAX_METADATA ((size_t) 1 << 20)
/* "":{"dtype":"U8","shape":[],"data_offsets":[0,0]} */
#define MIN_ENTRY_BYTES 49

/* Types that exist but that we don't compute with, so that only their size is checked. */
static const struct
{
  const char *name;
  int bits;
} passive_types[] = {
  { "F4", 4 },          { "F6_E2M3", 6 },     { "F6_E3M2", 6 }, { "F8_E8M0", 8 },
  { "F8_E4M3FNUZ", 8 }, { "F8_E5M2FNUZ", 8 }, { "C64", 64 },
};

typedef struct
{
  GvSafetensors *self;
  GvSpan rest; /* of the header */
  bool has_metadata;
} Parser;

bool
gv_safetensors_fail_memory (GvSafetensors *self, GError **error)
{
  g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_LIMIT,
               _("%s: there is not enough memory for its header"), self->shown);
  return false;
}

/* @sentence must follow the place where it happened. */
static bool
fail_syntax (Parser *p, const char *sentence, GError **error)
{
  g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_INVALID,
               _("%s: the header is broken at byte %zu: %s"), p->self->shown,
                 8 + (size_t) (p->rest.p - (const uint8_t *) p->self->header), sentence);
  return false;
}

bool
gv_safetensors_fail (GvSafetensors *self,
                     const char *name,
                     int code,
                     const char *sentence,
                     GError **error)
{
  g_autofree char *shown = gv_dup_shown (name);

  g_set_error (error, GV_FORMAT_ERROR, code, _("%s: tensor “%s” %s"), self->shown, shown, sentence);
  return false;
}

/* The next byte, or -1 behind the last. */
static int
peek (const Parser *p)
{
  return p->rest.left > 0 ? *p->rest.p : -1;
}

static void
skip (Parser *p)
{
  p->rest.p++;
  p->rest.left--;
}

static void
skip_space (Parser *p)
{
  int c;

  while ((c = peek (p)) == ' ' || c == '\n' || c == '\t' || c == '\r')
    skip (p);
}

/* Takes one mark and the white space on both sides. */
static bool
parse_mark (Parser *p, char mark, GError **error)
{
  skip_space (p);
  if (peek (p) != mark) {
    g_autofree char *sentence = g_strdup_printf (_("“%c” is expected"), mark);

    return fail_syntax (p, sentence, error);
  }
  skip (p);
  skip_space (p);
  return true;
}

/* Behind an element: takes a comma, or the end of the list or object. */
static bool
parse_comma (Parser *p, char end, bool *more, GError **error)
{
  skip_space (p);
  *more = peek (p) == ',';
  return parse_mark (p, *more ? ',' : end, error);
}

static bool
parse_hex (Parser *p, gunichar *out, GError **error)
{
  *out = 0;
  for (int i = 0; i < 4; i++) {
    int c = peek (p);

    if (c < 0 || !g_ascii_isxdigit (c))
      return fail_syntax (p, _("“\\u” needs four hexadecimal digits"), error);
    *out = *out << 4 | (gunichar) g_ascii_xdigit_value ((char) c);
    skip (p);
  }
  return true;
}

/* What follows "\u", with its second half where the character needs two. */
static bool
parse_code_point (Parser *p, gunichar *out, GError **error)
{
  gunichar low;

  if (!parse_hex (p, out, error))
    return false;
  if (*out == 0)
    return fail_syntax (p, _("a name or text may not contain the character 0"), error);
  if (*out < 0xd800 || *out > 0xdfff)
    return true;
  if (*out < 0xdc00 && peek (p) == '\\') {
    skip (p);
    if (peek (p) == 'u') {
      skip (p);
      if (!parse_hex (p, &low, error))
        return false;
      if (low >= 0xdc00 && low <= 0xdfff) {
        *out = 0x10000 + ((*out - 0xd800) << 10) + (low - 0xdc00);
        return true;
      }
    }
  }
  return fail_syntax (p, _("half of a surrogate pair is missing"), error);
}

/* Takes what follows a backslash and appends what it stands for at *@out, which is never longer. */
static bool
parse_escape (Parser *p, char **out, GError **error)
{
  static const char letters[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
  int c = peek (p);
  const char *letter = c > 0 ? strchr (letters, c) : NULL;
  gunichar code_point;

  if (c == 'u') {
    skip (p);
    if (!parse_code_point (p, &code_point, error))
      return false;
    *out += g_unichar_to_utf8 (code_point, *out);
    return true;
  }
  if (!letter)
    return fail_syntax (p, _("no such escape is known"), error);
  *(*out)++ = values[letter - letters];
  skip (p);
  return true;
}

/* Decodes a string into its own place; the NUL falls on the closing quote or before it. */
static bool
parse_string (Parser *p, const char **string, GError **error)
{
  char *out;
  int c;

  if (peek (p) != '"')
    return fail_syntax (p, _("a text in quotation marks is expected"), error);
  skip (p);
  out = p->self->header + (p->rest.p - (const uint8_t *) p->self->header);
  *string = out;
  while ((c = peek (p)) != '"') {
    if (c < 0x20)
      return fail_syntax (p, _("a text has no end or contains a control character"), error);
    skip (p);
    if (c != '\\')
      *out++ = (char) c;
    else if (!parse_escape (p, &out, error))
      return false;
  }
  skip (p);
  *out = '\0';
  if (!g_utf8_validate_len (*string, (gsize) (out - *string), NULL))
    return fail_syntax (p, _("a text is not valid UTF-8"), error);
  return true;
}

/* A whole number, not negative, written in digits only. */
static bool
parse_number (Parser *p, uint64_t *out, GError **error)
{
  int c = peek (p), first = c;
  const uint8_t *start = p->rest.p;

  *out = 0;
  if (c < '0' || c > '9')
    return fail_syntax (p, _("a whole number is expected"), error);
  for (; (c = peek (p)) >= '0' && c <= '9'; skip (p))
    if (first == '0' && p->rest.p > start)
      return fail_syntax (p, _("a number starts with 0"), error);
    else if (__builtin_mul_overflow (*out, 10, out) ||
             __builtin_add_overflow (*out, c - '0', out) || *out > INT64_MAX)
      return fail_syntax (p, _("a number is too large"), error);
  if (c == '.' || c == 'e' || c == 'E')
    return fail_syntax (p, _("a whole number is expected"), error);
  return true;
}

/* A list of at most @max numbers. */
static bool
parse_numbers (Parser *p, uint64_t *out, int max, int *n, GError **error)
{
  bool more;

  *n = 0;
  if (!parse_mark (p, '[', error))
    return false;
  if (peek (p) == ']') {
    skip (p);
    return true;
  }
  do {
    if (*n == max)
      return fail_syntax (p, _("a list is too long"), error);
    if (!parse_number (p, out + (*n)++, error) || !parse_comma (p, ']', &more, error))
      return false;
  } while (more);
  return true;
}

/* Finds the type and its bits per element. */
static bool
set_dtype (GvSafetensors *self,
           GvSafetensor *tensor,
           const char *name,
           size_t *bits,
           GError **error)
{
  *bits = 0;
  tensor->known = gv_dtype_from_name (name, &tensor->dtype);
  if (tensor->known)
    *bits = 8 * gv_dtype_size (tensor->dtype);
  else
    tensor->dtype = GV_N_DTYPES;
  for (size_t i = 0; i < G_N_ELEMENTS (passive_types) && *bits == 0; i++)
    if (strcmp (name, passive_types[i].name) == 0)
      *bits = (size_t) passive_types[i].bits;
  if (*bits == 0) {
    g_autofree char *shown = gv_dup_shown (name);
    g_autofree char *sentence = g_strdup_printf (_("has the unknown type “%s”"), shown);

    return gv_safetensors_fail (self, tensor->name, GV_FORMAT_ERROR_UNSUPPORTED, sentence, error);
  }
  g_strlcpy (tensor->dtype_name, name, sizeof tensor->dtype_name);
  return true;
}

/* What an entry says, before anything of it is believed. */
typedef struct
{
  const char *dtype;
  uint64_t shape[GV_SAFETENSORS_MAX_RANK], offsets[2];
  int rank, n_offsets; /* -1 until seen */
} Entry;

static bool
check_entry (GvSafetensors *self, const Entry *entry, GvSafetensor *tensor, GError **error)
{
  size_t n_elements = 1, bits, n_bits;

  if (!entry->dtype || entry->rank < 0 || entry->n_offsets != 2)
    return gv_safetensors_fail (self, tensor->name, GV_FORMAT_ERROR_INVALID,
                                _("needs a dtype, a shape and two data offsets"), error);
  if (!set_dtype (self, tensor, entry->dtype, &bits, error))
    return false;
  tensor->rank = entry->rank;
  for (int i = 0; i < entry->rank; i++) {
    tensor->shape[i] = (int64_t) entry->shape[i];
    if (__builtin_mul_overflow (n_elements, entry->shape[i], &n_elements))
      return gv_safetensors_fail (self, tensor->name, GV_FORMAT_ERROR_LIMIT,
                                  _("has a shape too large for any memory"), error);
  }
  if (__builtin_mul_overflow (n_elements, bits, &n_bits))
    return gv_safetensors_fail (self, tensor->name, GV_FORMAT_ERROR_LIMIT,
                                _("has a shape too large for any memory"), error);
  if (entry->offsets[0] > entry->offsets[1])
    return gv_safetensors_fail (self, tensor->name, GV_FORMAT_ERROR_INVALID,
                                _("ends before it begins"), error);
  tensor->n_elements = n_elements;
  tensor->begin = entry->offsets[0];
  tensor->size_bytes = entry->offsets[1] - entry->offsets[0];
  if (n_bits % 8 != 0 || n_bits / 8 != tensor->size_bytes)
    return gv_safetensors_fail (self, tensor->name, GV_FORMAT_ERROR_INVALID,
                                _("has a shape and type that don't fit its number of bytes"),
                                  error);
  return true;
}

static bool
parse_field (Parser *p, const char *name, const char *field, Entry *entry, GError **error)
{
  if (strcmp (field, "dtype") == 0 && !entry->dtype)
    return parse_string (p, &entry->dtype, error);
  if (strcmp (field, "shape") == 0 && entry->rank < 0)
    return parse_numbers (p, entry->shape, GV_SAFETENSORS_MAX_RANK, &entry->rank, error);
  if (strcmp (field, "data_offsets") == 0 && entry->n_offsets < 0)
    return parse_numbers (p, entry->offsets, 2, &entry->n_offsets, error);
  return gv_safetensors_fail (p->self, name, GV_FORMAT_ERROR_INVALID,
                              _("has a field that is unknown or there twice"), error);
}

static bool
parse_tensor (Parser *p, const char *name, GError **error)
{
  GvSafetensors *self = p->self;
  Entry entry = { .rank = -1, .n_offsets = -1 };
  GvSafetensor *tensor;
  const char *field;
  bool more;

  if (strlen (name) > MAX_NAME_BYTES)
    return gv_safetensors_fail (self, name, GV_FORMAT_ERROR_LIMIT,
                                _("has a name longer than 1 KiB"), error);
  if (self->n_tensors == self->max_tensors) {
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_LIMIT,
                 _("%s: has more than %zu tensors"), self->shown, self->max_tensors);
    return false;
  }
  tensor = &self->tensors[self->n_tensors++];
  *tensor = (GvSafetensor) { .name = name };
  if (!parse_mark (p, '{', error))
    return false;
  do
    if (!parse_string (p, &field, error) || !parse_mark (p, ':', error) ||
        !parse_field (p, name, field, &entry, error) || !parse_comma (p, '}', &more, error))
      return false;
  while (more);
  return check_entry (self, &entry, tensor, error);
}

static bool
add_metadata (GvSafetensors *self, const char *key, const char *value, GError **error)
{
  if (self->n_metadata == self->max_metadata) {
    size_t max = MAX (16, 2 * self->max_metadata);
    GvSafetensorsMetadata *grown =
        max <= MAX_METADATA ? g_try_renew (GvSafetensorsMetadata, self->metadata, max) : NULL;

    if (!grown)
      return gv_safetensors_fail_memory (self, error);
    self->metadata = grown;
    self->max_metadata = max;
  }
  self->metadata[self->n_metadata++] = (GvSafetensorsMetadata) { key, value };
  return true;
}

static bool
parse_metadata (Parser *p, GError **error)
{
  const char *key, *value;
  bool more;

  if (p->has_metadata)
    return fail_syntax (p, _("“__metadata__” is there twice"), error);
  p->has_metadata = true;
  if (!parse_mark (p, '{', error))
    return false;
  if (peek (p) == '}') {
    skip (p);
    return true;
  }
  do
    if (!parse_string (p, &key, error) || !parse_mark (p, ':', error) ||
        !parse_string (p, &value, error) || !add_metadata (p->self, key, value, error) ||
        !parse_comma (p, '}', &more, error))
      return false;
  while (more);
  return true;
}

static bool
parse_entries (Parser *p, GError **error)
{
  const char *name;
  bool more;

  if (!parse_mark (p, '{', error))
    return false;
  if (peek (p) == '}') {
    skip (p);
    return true;
  }
  do {
    if (!parse_string (p, &name, error) || !parse_mark (p, ':', error))
      return false;
    if (strcmp (name, "__metadata__") == 0 ? !parse_metadata (p, error)
                                           : !parse_tensor (p, name, error))
      return false;
    if (!parse_comma (p, '}', &more, error))
      return false;
  } while (more);
  return true;
}

/* Makes room for the most tensors that the header can hold: each has a brace and all of its fields.
 */
static bool
reserve_tensors (GvSafetensors *self, size_t header_bytes, GError **error)
{
  size_t n = 0;

  for (size_t i = 0; i < header_bytes; i++)
    n += self->header[i] == '{';
  self->max_tensors = MIN (MIN (n, header_bytes / MIN_ENTRY_BYTES + 1), MAX_TENSORS);
  self->tensors = g_try_new (GvSafetensor, MAX (self->max_tensors, 1));
  return self->tensors || gv_safetensors_fail_memory (self, error);
}

bool
gv_safetensors_parse_header (GvSafetensors *self, size_t header_bytes, GError **error)
{
  Parser p = { .self = self, .rest = { (const uint8_t *) self->header, header_bytes } };

  if (!reserve_tensors (self, header_bytes, error) || !parse_entries (&p, error))
    return false;
  skip_space (&p);
  if (p.rest.left > 0)
    return fail_syntax (&p, _("something follows the last brace"), error);
  return true;
}
