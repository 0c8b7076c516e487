// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Help, written from the tables that the command line is read by. */
#include "command.h"

#include "terminal.h"

#define MAX_WIDTH 96

static int
help_width (void)
{
  return MIN (gv_terminal_width (stdout), MAX_WIDTH);
}

static void
print_heading (const char *text)
{
  printf ("\n%s%s%s\n", gv_style (stdout, GV_BOLD), text, gv_style (stdout, GV_PLAIN));
}

/* "  name  " in the accent's colour up to @columns, then @text broken between words. */
static void
print_entry (const char *name, const char *text, int columns)
{
  printf ("  %s%s%s", gv_style (stdout, GV_ACCENT), name, gv_style (stdout, GV_PLAIN));
  if (gv_columns (name) + 4 > columns)
    printf ("\n%*s", columns, "");
  else
    printf ("%*s", columns - gv_columns (name) - 2, "");
  gv_print_wrapped (text, columns, MAX (help_width (), columns + 30));
}

static void
print_examples (const char *const *examples)
{
  if (!examples)
    return;
  print_heading (_("Examples"));
  for (; *examples; examples++)
    printf ("  %s\n", *examples);
}

void
gv_help_print (void)
{
  printf (_("%sGiverny%s paints pictures from words, on your own machine.\n"),
            gv_style (stdout, GV_BOLD), gv_style (stdout, GV_PLAIN));
  print_heading (_("Commands"));
  for (const GvCommand *const *command = gv_commands; *command; command++)
    print_entry ((*command)->name, _((*command)->summary), 14);
  print_entry ("help", _("Explain a command: giverny-cli help generate"), 14);
  print_examples ((const char *const[]) {
      "giverny-cli generate --prompt \"a red boat on a lake at sunset\"",
      "giverny-cli devices",
      NULL,
  });
  print_heading (_("Also"));
  print_entry ("--version", _("Say which version this is."), 14);
}

/* The option's sentence, with the names that it takes where there is a list of them, and the
 * default. */
static char *
option_text (const GvOption *option)
{
  GString *text = g_string_new (_ (option->help));
  const char *mark = " ";

  for (const GvRecipeChoice *c = option->list ? option->list () : NULL; c && c->name; c++)
    if (c->ready) {
      g_string_append_printf (text, "%s%s", mark, c->name);
      mark = ", ";
    }
  if (option->normal)
    g_string_append_printf (text, " [%s]", _ (option->normal));
  return g_string_free (text, FALSE);
}

static void
print_option (const GvOption *option)
{
  g_autofree char *name = NULL, *text = option_text (option);

  if (option->value)
    name = g_strdup_printf ("--%s %s", option->name, _(option->value));
  else
    name = g_strdup_printf ("--%s", option->name);
  print_entry (name, text, 24);
}

void
gv_help_print_command (const GvCommand *command)
{
  printf (_("%sgiverny-cli %s%s: %s\n"), gv_style (stdout, GV_BOLD), command->name,
            gv_style (stdout, GV_PLAIN), _(command->summary));
  if (command->description)
    gv_print_wrapped (_(command->description), 0, help_width ());
  print_heading (_("Usage"));
  printf ("  giverny-cli %s", command->name);
  if (command->options->name)
    printf (" %s", _ ("[OPTIONS]"));
  if (command->words)
    printf (" %s", _ (command->words));
  putchar ('\n');
  for (const GvOption *option = command->options; option->name; option++) {
    if (option->group)
      print_heading (_(option->group));
    if (option->help)
      print_option (option);
  }
  print_examples (command->examples);
}
