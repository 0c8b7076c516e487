// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* What goes to a person's terminal. */
#include "terminal.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define MAX_ERROR_BYTES 2000

static bool
is_unfit (gunichar c)
{
  return g_unichar_iscntrl (c) || c == 0x2028 || c == 0x2029 || c == 0x061c || c == 0x200e ||
         c == 0x200f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

char *
gv_one_line (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *out = g_string_new (NULL);

  for (const char *p = valid; *p && out->len < MAX_ERROR_BYTES; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);

    if (!is_unfit (c))
      g_string_append_unichar (out, c);
    else if (c == '\n')
      g_string_append (out, "\\n");
    else
      g_string_append_printf (out, c < 0x100 ? "\\x%02x" : "\\u%04x", c);
  }
  if (out->len >= MAX_ERROR_BYTES)
    g_string_append (out, "…");
  return g_string_free (out, FALSE);
}

void
gv_print_error (const char *message)
{
  g_autofree char *line = gv_one_line (message);

  fprintf (stderr, "giverny-cli: %s\n", line);
}

bool
gv_terminal_is_lively (FILE *file)
{
  const char *term = g_getenv ("TERM");

  return isatty (fileno (file)) && term && *term && strcmp (term, "dumb") != 0;
}

const char *
gv_style (FILE *file, const char *escape)
{
  const char *no_color = g_getenv ("NO_COLOR");

  return gv_terminal_is_lively (file) && !(no_color && *no_color) ? escape : "";
}

int
gv_terminal_width (FILE *file)
{
  struct winsize size;

  if (ioctl (fileno (file), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  return 80;
}

int
gv_columns (const char *text)
{
  int columns = 0;

  for (; *text; text = g_utf8_next_char (text)) {
    gunichar c = g_utf8_get_char (text);

    columns += g_unichar_iszerowidth (c) ? 0 : g_unichar_iswide (c) ? 2 : 1;
  }
  return columns;
}

void
gv_print_padded (const char *text, int columns)
{
  printf ("%s%*s", text, MAX (columns - gv_columns (text), 0), "");
}

void
gv_print_wrapped (const char *text, int indent, int width)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  int column = indent;

  for (char **word = words; *word; word++) {
    int columns = gv_columns (*word);

    if (column > indent && column + 1 + columns > width) {
      printf ("\n%*s", indent, "");
      column = indent;
    } else if (column > indent) {
      putchar (' ');
      column++;
    }
    fputs (*word, stdout);
    column += columns;
  }
  putchar ('\n');
}
