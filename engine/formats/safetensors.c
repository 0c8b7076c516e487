// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Reading safetensors.  The header may be hostile and 100 MB long, so it is parsed in one pass
 * without a tree: strings are decoded where they stand, and all that grows with the header is the
 * table of tensors.
 */
#include "formats/safetensors.h"

#include <string.h>
#include <unistd.h>

#include "base/errors.h"
#include "base/i18n.h"
#include "formats/file.h"
#include "formats/span.h"

#define MAX_HEADER_BYTES ((uint64_t) 100000000)
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
  const char *key, *value;
} Metadata;

/* An open-addressing table over the first member, a name, of each row of an array. */
typedef struct
{
  const char *rows;
  size_t stride;
  uint32_t *slots; /* row + 1; 0 is free */
  size_t mask;
  uint64_t key;
} NameTable;

struct _GvSafetensors
{
  char *path, *shown;
  int fd;              /* -1 where the file is in memory */
  const uint8_t *data; /* then its data section          */
  size_t data_begin, data_bytes;
  char *header;
  GvSafetensor *tensors;
  size_t n_tensors, max_tensors;
  Metadata *metadata;
  size_t n_metadata, max_metadata;
  NameTable tensor_names, metadata_names;
};

typedef struct
{
  GvSafetensors *self;
  GvSpan rest; /* of the header */
  bool has_metadata;
} Parser;

#define MODULUS (((uint64_t) 1 << 61) - 1)

static uint64_t
multiply_mod (uint64_t a, uint64_t b)
{
  unsigned __int128 product = (unsigned __int128) a * b;
  uint64_t sum = (uint64_t) (product & MODULUS) + (uint64_t) (product >> 61);

  return sum >= MODULUS ? sum - MODULUS : sum;
}

/* A polynomial over the name at a random point, so that nobody can choose names that collide.
 * Carter & Wegman 1979. */
static uint64_t
hash_name (const NameTable *self, const char *name)
{
  size_t left = strlen (name);
  uint64_t hash = left;

  while (left > 0) {
    size_t n = MIN (left, 7);
    uint64_t word = 0;

    memcpy (&word, name, n);
    hash = multiply_mod (hash + word, self->key);
    name += n;
    left -= n;
  }
  return hash;
}

static const char *
row_name (const NameTable *self, uint32_t row)
{
  const char *name;

  memcpy (&name, self->rows + row * self->stride, sizeof name);
  return name;
}

/* The slot that holds @name, or the free one where it belongs. */
static uint32_t *
find_slot (const NameTable *self, const char *name)
{
  size_t i = hash_name (self, name) & self->mask;

  while (self->slots[i] && strcmp (row_name (self, self->slots[i] - 1), name) != 0)
    i = (i + 1) & self->mask;
  return self->slots + i;
}

static bool
name_table_find (const NameTable *self, const char *name, size_t *row)
{
  uint32_t slot = self->slots ? *find_slot (self, name) : 0;

  *row = slot - 1;
  return slot > 0;
}

/* Fails with the second of two equal names in @twice, or with NULL there if there is no memory. */
static bool
name_table_build (NameTable *self, const void *rows, size_t stride, size_t n, const char **twice)
{
  size_t n_slots = 4;

  *twice = NULL;
  while (n_slots < n + n / 2)
    n_slots *= 2;
  self->rows = rows;
  self->stride = stride;
  self->mask = n_slots - 1;
  self->key = ((uint64_t) g_random_int () << 28 ^ g_random_int ()) | 1 << 16;
  self->slots = g_try_new0 (uint32_t, n_slots);
  if (!self->slots)
    return false;
  for (uint32_t row = 0; row < n; row++) {
    const char *name = row_name (self, row);
    uint32_t *slot = find_slot (self, name);

    if (*slot) {
      *twice = name;
      return false;
    }
    *slot = row + 1;
  }
  return true;
}

static bool
fail_memory (GvSafetensors *self, GError **error)
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

static bool
fail_tensor (GvSafetensors *self, const char *name, int code, const char *sentence, GError **error)
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
  int c = peek (p);
  bool zero = c == '0';

  *out = 0;
  if (c < '0' || c > '9')
    return fail_syntax (p, _("a whole number is expected"), error);
  for (; (c = peek (p)) >= '0' && c <= '9'; skip (p))
    if (__builtin_mul_overflow (*out, 10, out) || __builtin_add_overflow (*out, c - '0', out) ||
        *out > INT64_MAX)
      return fail_syntax (p, _("a number is too large"), error);
    else if (zero && *out > 0)
      return fail_syntax (p, _("a number starts with 0"), error);
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

    return fail_tensor (self, tensor->name, GV_FORMAT_ERROR_UNSUPPORTED, sentence, error);
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
    return fail_tensor (self, tensor->name, GV_FORMAT_ERROR_INVALID,
                        _("needs a dtype, a shape and two data offsets"), error);
  if (!set_dtype (self, tensor, entry->dtype, &bits, error))
    return false;
  tensor->rank = entry->rank;
  for (int i = 0; i < entry->rank; i++) {
    tensor->shape[i] = (int64_t) entry->shape[i];
    if (__builtin_mul_overflow (n_elements, entry->shape[i], &n_elements))
      return fail_tensor (self, tensor->name, GV_FORMAT_ERROR_LIMIT,
                          _("has a shape too large for any memory"), error);
  }
  if (__builtin_mul_overflow (n_elements, bits, &n_bits))
    return fail_tensor (self, tensor->name, GV_FORMAT_ERROR_LIMIT,
                        _("has a shape too large for any memory"), error);
  if (entry->offsets[0] > entry->offsets[1])
    return fail_tensor (self, tensor->name, GV_FORMAT_ERROR_INVALID,
                        _("ends before it begins"), error);
  tensor->n_elements = n_elements;
  tensor->begin = entry->offsets[0];
  tensor->size_bytes = entry->offsets[1] - entry->offsets[0];
  if (n_bits % 8 != 0 || n_bits / 8 != tensor->size_bytes)
    return fail_tensor (self, tensor->name, GV_FORMAT_ERROR_INVALID,
                        _("has a shape and type that don't fit its number of bytes"), error);
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
  return fail_tensor (p->self, name, GV_FORMAT_ERROR_INVALID,
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
    return fail_tensor (self, name, GV_FORMAT_ERROR_LIMIT,
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
    Metadata *grown = max <= MAX_METADATA ? g_try_renew (Metadata, self->metadata, max) : NULL;

    if (!grown)
      return fail_memory (self, error);
    self->metadata = grown;
    self->max_metadata = max;
  }
  self->metadata[self->n_metadata++] = (Metadata) { key, value };
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
  return self->tensors || fail_memory (self, error);
}

static bool
parse_header (GvSafetensors *self, size_t header_bytes, GError **error)
{
  Parser p = { .self = self, .rest = { (const uint8_t *) self->header, header_bytes } };

  if (!reserve_tensors (self, header_bytes, error) || !parse_entries (&p, error))
    return false;
  skip_space (&p);
  if (p.rest.left > 0)
    return fail_syntax (&p, _("something follows the last brace"), error);
  return true;
}

static int
compare_offsets (const void *a, const void *b, void *data)
{
  const GvSafetensor *tensors = data;
  const GvSafetensor *x = tensors + *(const uint32_t *) a, *y = tensors + *(const uint32_t *) b;

  if (x->begin != y->begin)
    return x->begin < y->begin ? -1 : 1;
  return (x->size_bytes > y->size_bytes) - (x->size_bytes < y->size_bytes);
}

/* Each tensor must begin where the one before it ends, and the last end with the file. */
static bool
check_coverage (GvSafetensors *self, GError **error)
{
  g_autofree uint32_t *order = g_try_new (uint32_t, MAX (self->n_tensors, 1));
  size_t end = 0;

  if (!order)
    return fail_memory (self, error);
  for (uint32_t i = 0; i < self->n_tensors; i++)
    order[i] = i;
  qsort_r (order, self->n_tensors, sizeof *order, compare_offsets, self->tensors);
  for (size_t i = 0; i < self->n_tensors; i++) {
    const GvSafetensor *tensor = self->tensors + order[i];

    if (tensor->begin != end)
      return fail_tensor (self, tensor->name, GV_FORMAT_ERROR_INVALID,
                          tensor->begin < end ? _("lies over another one")
                                              : _("leaves a hole before it in the file"), error);
    end += tensor->size_bytes;
    if (end > self->data_bytes) {
      g_autofree char *sentence =
          g_strdup_printf (_("goes %zu bytes past the file's end; it may be an incomplete copy"),
                             end - self->data_bytes);

      return fail_tensor (self, tensor->name, GV_FORMAT_ERROR_TRUNCATED, sentence, error);
    }
  }
  if (end == self->data_bytes)
    return true;
  g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_INVALID,
               _("%s: %zu bytes follow the last tensor, where nothing may be"), self->shown,
                 self->data_bytes - end);
  return false;
}

static bool
index_names (GvSafetensors *self, GError **error)
{
  const char *twice;

  if (!name_table_build (&self->tensor_names, self->tensors, sizeof *self->tensors, self->n_tensors,
                         &twice))
    return twice                ? fail_tensor (self, twice, GV_FORMAT_ERROR_INVALID, _("is there twice"), error)
                                : fail_memory (self, error);
  if (!name_table_build (&self->metadata_names, self->metadata, sizeof *self->metadata,
                         self->n_metadata, &twice)) {
    g_autofree char *shown = NULL;

    if (!twice)
      return fail_memory (self, error);
    shown = gv_dup_shown (twice);
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_INVALID,
                 _("%s: “__metadata__” has “%s” twice"), self->shown, shown);
    return false;
  }
  return true;
}

/* What often lies under the name of a safetensors file. */
static const char *
recognise (const uint8_t *start, size_t size)
{
  static const struct
  {
    const char *magic, *sentence;
  } others[] = {
    { "version ", N_ ("is only a Git LFS pointer; the model itself still has to be fetched") },
    { "<!DOCTYP", N_ ("is a web page, not a model; the download went wrong") },
    { "<!doctyp", N_ ("is a web page, not a model; the download went wrong") },
    { "\x80\x02}q", N_ ("is a pickle file under another name; convert it to safetensors") },
    { "\x80\x02\x8a\n", N_ ("is a pickle file under another name; convert it to safetensors") },
    { "PK\003\004", N_ ("is a zip or pickle file under another name; convert it to safetensors") },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (others); i++)
    if (size >= strlen (others[i].magic) &&
        memcmp (start, others[i].magic, strlen (others[i].magic)) == 0)
      return _(others[i].sentence);
  return NULL;
}

/* Checks the first nine bytes, which is all that is looked at before memory is asked for. */
static bool
check_start (GvSafetensors *self,
             GvSpan start,
             size_t file_bytes,
             size_t *header_bytes,
             GError **error)
{
  const char *other = recognise (start.p, start.left);
  uint64_t length;
  uint8_t brace;

  if (other)
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_UNSUPPORTED, "%s: %s", self->shown, other);
  else if (!gv_span_u64 (&start, &length))
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_TRUNCATED,
                 _("%s: is too short for a safetensors file"), self->shown);
  else if (length > MAX_HEADER_BYTES)
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_LIMIT,
                 _("%s: is no safetensors file: its header would have %" G_GUINT64_FORMAT " bytes"),
                   self->shown, length);
  else if (length > file_bytes - 8)
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_TRUNCATED,
                 _("%s: ends inside its header; it may be an incomplete copy"), self->shown);
  else if (length < 2 || !gv_span_u8 (&start, &brace) || brace != '{')
    g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_INVALID,
                 _("%s: is no safetensors file: its header does not start with “{”"), self->shown);
  else {
    *header_bytes = (size_t) length;
    return true;
  }
  return false;
}

static GvSafetensors *
safetensors_new (const char *path)
{
  GvSafetensors *self = g_new0 (GvSafetensors, 1);

  self->path = g_strdup (path);
  self->shown = gv_dup_shown (path);
  self->fd = -1;
  return self;
}

/* Reads bytes of the whole file. */
static bool
read_file (GvSafetensors *self, size_t offset, size_t size, void *dst, GError **error)
{
  return gv_pread (self->fd, offset, size, dst, self->shown, error);
}

/* Takes @header_bytes bytes of @header, or of the file where that is NULL, and believes none of
 * them. */
static bool
load_header (GvSafetensors *self,
             const uint8_t *header,
             size_t header_bytes,
             size_t file_bytes,
             GError **error)
{
  self->data_begin = 8 + header_bytes;
  self->data_bytes = file_bytes - self->data_begin;
  self->header = g_try_malloc (header_bytes);
  if (!self->header)
    return fail_memory (self, error);
  if (header)
    memcpy (self->header, header, header_bytes);
  else if (!read_file (self, 8, header_bytes, self->header, error))
    return false;
  return parse_header (self, header_bytes, error) && index_names (self, error) &&
         check_coverage (self, error);
}

GvSafetensors *
gv_safetensors_open (const char *path, GError **error)
{
  g_autoptr (GvSafetensors) self = safetensors_new (path);
  size_t file_bytes, header_bytes;
  uint8_t start[9];
  size_t n_start;

  self->fd = gv_open_regular (path, &file_bytes, error);
  if (self->fd < 0)
    return NULL;
  n_start = MIN (file_bytes, sizeof start);
  if (!read_file (self, 0, n_start, start, error) ||
      !check_start (self, (GvSpan) { start, n_start }, file_bytes, &header_bytes, error) ||
      !load_header (self, NULL, header_bytes, file_bytes, error))
    return NULL;
  return g_steal_pointer (&self);
}

GvSafetensors *
gv_safetensors_new_from_bytes (const char *name, const void *data, size_t size, GError **error)
{
  g_autoptr (GvSafetensors) self = safetensors_new (name);
  const uint8_t *bytes = data;
  size_t header_bytes;

  if (!check_start (self, (GvSpan) { bytes, MIN (size, 9) }, size, &header_bytes, error) ||
      !load_header (self, bytes + 8, header_bytes, size, error))
    return NULL;
  self->data = bytes + self->data_begin;
  return g_steal_pointer (&self);
}

void
gv_safetensors_free (GvSafetensors *self)
{
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->path);
  g_free (self->shown);
  g_free (self->header);
  g_free (self->tensors);
  g_free (self->metadata);
  g_free (self->tensor_names.slots);
  g_free (self->metadata_names.slots);
  g_free (self);
}

const char *
gv_safetensors_get_path (GvSafetensors *self)
{
  return self->path;
}

size_t
gv_safetensors_get_n (GvSafetensors *self)
{
  return self->n_tensors;
}

const GvSafetensor *
gv_safetensors_get (GvSafetensors *self, size_t i)
{
  g_return_val_if_fail (i < self->n_tensors, NULL);
  return self->tensors + i;
}

const GvSafetensor *
gv_safetensors_find (GvSafetensors *self, const char *name)
{
  size_t row;

  return name_table_find (&self->tensor_names, name, &row) ? self->tensors + row : NULL;
}

const char *
gv_safetensors_get_metadata (GvSafetensors *self, const char *key)
{
  size_t row;

  return name_table_find (&self->metadata_names, key, &row) ? self->metadata[row].value : NULL;
}

const char **
gv_safetensors_get_metadata_keys (GvSafetensors *self)
{
  const char **keys = g_new0 (const char *, self->n_metadata + 1);

  for (size_t i = 0; i < self->n_metadata; i++)
    keys[i] = self->metadata[i].key;
  return keys;
}

bool
gv_safetensors_read (GvSafetensors *self,
                     const GvSafetensor *tensor,
                     size_t offset,
                     size_t size,
                     void *dst,
                     GError **error)
{
  g_autofree char *shown = NULL;

  g_return_val_if_fail (offset <= tensor->size_bytes && size <= tensor->size_bytes - offset, false);
  if (self->data) {
    if (size > 0)
      memcpy (dst, self->data + tensor->begin + offset, size);
    return true;
  }
  if (read_file (self, self->data_begin + tensor->begin + offset, size, dst, error))
    return true;
  shown = gv_dup_shown (tensor->name);
  g_prefix_error (error, _("“%s” of "), shown);
  return false;
}
