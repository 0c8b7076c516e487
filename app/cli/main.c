// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* giverny-cli: finds the subcommand, runs it, and turns its end into an exit code and at most one
 * line. */
#include "command.h"

#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <string.h>

const GvCommand *const gv_commands[] = {
  &gv_command_generate, &gv_command_grid, &gv_command_score,   &gv_command_evaluate,
  &gv_command_replay,   &gv_command_info, &gv_command_devices, &gv_command_export,
  &gv_command_library,  NULL,
};

const char *const gv_later_commands[] = {
  "plan", "bench", NULL,
};

/* Messages of libraries are for developers, who ask for them; what matters here comes as an error.
 */
static GLogWriterOutput
drop_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  const char *asked = g_getenv ("G_MESSAGES_DEBUG");

  if (asked && *asked)
    return g_log_writer_default (level, fields, n_fields, data);
  return G_LOG_WRITER_HANDLED;
}

/* A descriptor that is closed would be given to the next file, and messages would end in it. */
static void
open_standard_descriptors (void)
{
  for (int fd = 0; fd <= 2; fd++)
    if (fcntl (fd, F_GETFD) < 0 && open ("/dev/null", O_RDWR) < 0)
      exit (GV_EXIT_FAILED);
}

/* Numbers keep their point whatever the language: some end in files. */
static void
set_up_language (void)
{
  g_autofree char *folder = gv_locale_path ();

  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C");
  bindtextdomain (GETTEXT_PACKAGE, folder);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
}

static const GvCommand *
find_command (const char *name, GError **error)
{
  const char *names[16] = { NULL };
  const char *near;

  for (size_t i = 0; gv_commands[i]; i++) {
    if (strcmp (gv_commands[i]->name, name) == 0)
      return gv_commands[i];
    names[i] = gv_commands[i]->name;
  }
  near = gv_nearest_name (name, names);
  if (g_strv_contains (gv_later_commands, name))
    gv_usage_error (error, _("%s: this command is not in this version yet"), name);
  else if (near)
    gv_usage_error (error, _("%s: there is no such command; is “%s” meant?"), name, near);
  else
    gv_usage_error (error, _("%s: there is no such command; “giverny-cli --help” lists them"),
                             name);
  return NULL;
}

static bool
check_words (const GvCommand *command, const GPtrArray *words, GError **error)
{
  if (words->len > (guint) command->max_words) {
    gv_usage_error (error, _("“%s”: %s takes no such word"),
                             (const char *) words->pdata[command->max_words], command->name);
    return false;
  }
  if (words->len < (guint) command->min_words) {
    gv_usage_error (error, _("%s: %s is missing"), command->name, _(command->words));
    return false;
  }
  return true;
}

static bool
run_command (const GvCommand *command, char **argv, GError **error)
{
  g_autofree void *values = g_malloc0 (MAX (command->values_size, 1));
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  bool help = false;

  if (command->init)
    command->init (values);
  if (!gv_options_parse (command->options, argv, values, words, &help, error))
    return false;
  if (help) {
    gv_help_print_command (command);
    return true;
  }
  return check_words (command, words, error) && command->run (values, words, error);
}

static bool
run_help (const char *topic, GError **error)
{
  const GvCommand *command;

  if (!topic) {
    gv_help_print ();
    return true;
  }
  command = find_command (topic, error);
  if (command)
    gv_help_print_command (command);
  return command;
}

static bool
run (char **argv, GError **error)
{
  const GvCommand *command;
  const char *name = argv[1];

  if (!name) {
    gv_usage_error (error, _("what to do? “giverny-cli --help” lists the commands"));
    return false;
  }
  if (strcmp (name, "--version") == 0) {
    puts ("giverny-cli " GV_VERSION);
    return true;
  }
  if (strcmp (name, "--help") == 0 || strcmp (name, "-h") == 0 || strcmp (name, "help") == 0)
    return run_help (argv[2], error);
  command = find_command (name, error);
  return command && run_command (command, argv + 2, error);
}

/* What was printed must have arrived: a full disk shows only now. */
static bool
flush_output (GError **error)
{
  if (fflush (stdout) == 0 && !ferror (stdout))
    return true;
  g_set_error (error, GV_FORMAT_ERROR, GV_FORMAT_ERROR_IO,
               _("standard output: %s"), g_strerror (errno));
  return false;
}

static GvExit
exit_code (const GError *error)
{
  bool usage = error->domain == GV_USAGE_ERROR ||
               g_error_matches (error, GV_RECIPE_ERROR, GV_RECIPE_ERROR_VALUE) ||
               g_error_matches (error, GV_RECIPE_ERROR, GV_RECIPE_ERROR_NOT_YET);

  return usage ? GV_EXIT_USAGE : GV_EXIT_FAILED;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  open_standard_descriptors ();
  signal (SIGPIPE, SIG_IGN);
  g_log_set_writer_func (drop_log, NULL, NULL);
  set_up_language ();
  if (run (argv, &error) && flush_output (&error))
    return GV_EXIT_OK;
  gv_print_error (error->message);
  return (int) exit_code (error);
}
