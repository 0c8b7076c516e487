// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A Hangul composer for tests. */
#include "hangul.h"

#include <gtk/gtkimmodule.h>
#include <string.h>

#define NONE (-1)
#define LATER_MS 20

#define HANGUL_TYPE_CONTEXT (hangul_context_get_type ())
G_DECLARE_FINAL_TYPE (HangulContext, hangul_context, HANGUL, CONTEXT, GtkIMContext)

struct _HangulContext
{
  GtkIMContext parent_instance;
  int first, vowel, last; /* numbers of the jamo as Unicode orders them, or NONE */
};

G_DEFINE_FINAL_TYPE (HangulContext, hangul_context, GTK_TYPE_IM_CONTEXT)

static HangulReset on_reset;

/* Two-set keys; the number of each jamo at each place. */
static const struct
{
  char key;
  int first, last;
} consonants[] = {
  { 'r', 0, 1 },   { 's', 2, 4 },   { 'e', 3, 7 },   { 'f', 5, 8 },   { 'a', 6, 16 },
  { 'q', 7, 17 },  { 't', 9, 19 },  { 'd', 11, 21 }, { 'w', 12, 22 }, { 'c', 14, 23 },
  { 'z', 15, 24 }, { 'x', 16, 25 }, { 'v', 17, 26 }, { 'g', 18, 27 },
};

static const struct
{
  char key;
  int vowel;
} vowels[] = { { 'k', 0 }, { 'o', 1 },  { 'i', 2 },  { 'j', 4 },  { 'p', 5 },  { 'u', 6 },
               { 'h', 8 }, { 'y', 12 }, { 'n', 13 }, { 'b', 17 }, { 'm', 18 }, { 'l', 20 } };

static int
find_consonant (guint key)
{
  for (gsize i = 0; i < G_N_ELEMENTS (consonants); i++)
    if ((guint) consonants[i].key == key)
      return (int) i;
  return NONE;
}

static int
find_vowel (guint key)
{
  for (gsize i = 0; i < G_N_ELEMENTS (vowels); i++)
    if ((guint) vowels[i].key == key)
      return vowels[i].vowel;
  return NONE;
}

/* The syllable, or the consonant alone, that the jamo make; "" for none. */
static char *
compose (HangulContext *self)
{
  static const char *const alone[] = { "ㄱ", "ㄲ", "ㄴ", "ㄷ", "ㄸ", "ㄹ", "ㅁ", "ㅂ", "ㅃ", "ㅅ",
                                       "ㅆ", "ㅇ", "ㅈ", "ㅉ", "ㅊ", "ㅋ", "ㅌ", "ㅍ", "ㅎ" };
  char syllable[8] = "";

  if (self->first == NONE)
    return g_strdup ("");
  if (self->vowel == NONE)
    return g_strdup (alone[self->first]);
  g_unichar_to_utf8 (0xac00 + (gunichar) ((self->first * 21 + self->vowel) * 28 +
                                          (self->last == NONE ? 0 : self->last)),
                     syllable);
  return g_strdup (syllable);
}

static void
clear (HangulContext *self)
{
  self->first = self->vowel = self->last = NONE;
}

static void
show (HangulContext *self)
{
  g_signal_emit_by_name (self, "preedit-changed");
}

/* Gives what there is to the text. */
static void
commit (HangulContext *self)
{
  g_autofree char *text = compose (self);

  clear (self);
  if (*text)
    g_signal_emit_by_name (self, "commit", text);
}

static int
first_for_last (int last)
{
  for (gsize i = 0; i < G_N_ELEMENTS (consonants); i++)
    if (consonants[i].last == last)
      return consonants[i].first;
  g_assert_not_reached ();
}

static void
add_consonant (HangulContext *self, int i)
{
  if (self->first != NONE && self->vowel != NONE && self->last == NONE) {
    self->last = consonants[i].last;
    return;
  }
  commit (self);
  self->first = consonants[i].first;
}

/* A vowel takes the last consonant of the syllable before with it. */
static void
add_vowel (HangulContext *self, int vowel)
{
  int last = self->last;

  if (last != NONE) {
    self->last = NONE;
    commit (self);
    self->first = first_for_last (last);
  } else if (self->vowel != NONE) {
    commit (self);
  }
  if (self->first == NONE)
    self->first = 11;
  self->vowel = vowel;
}

static gboolean
take_back (HangulContext *self)
{
  if (self->first == NONE)
    return FALSE;
  if (self->last != NONE)
    self->last = NONE;
  else if (self->vowel != NONE)
    self->vowel = NONE;
  else
    self->first = NONE;
  return TRUE;
}

/* Other characters are an input method's to give, too. */
static gboolean
type (HangulContext *self, gunichar c)
{
  char text[8] = "";

  if (!c || !g_unichar_isprint (c))
    return FALSE;
  g_unichar_to_utf8 (c, text);
  g_signal_emit_by_name (self, "commit", text);
  return TRUE;
}

static gboolean
is_modifier (guint key)
{
  return key >= GDK_KEY_Shift_L && key <= GDK_KEY_Hyper_R;
}

static gboolean
hangul_context_filter_keypress (GtkIMContext *context, GdkEvent *event)
{
  HangulContext *self = HANGUL_CONTEXT (context);
  guint key = gdk_key_event_get_keyval (event);
  gboolean plain = !(gdk_event_get_modifier_state (event) & (GDK_CONTROL_MASK | GDK_ALT_MASK));
  gboolean taken = FALSE;

  if (gdk_event_get_event_type (event) != GDK_KEY_PRESS || is_modifier (key) || !plain)
    return FALSE;
  if (find_consonant (key) != NONE) {
    add_consonant (self, find_consonant (key));
    taken = TRUE;
  } else if (find_vowel (key) != NONE) {
    add_vowel (self, find_vowel (key));
    taken = TRUE;
  } else if (key == GDK_KEY_BackSpace) {
    taken = take_back (self);
  } else {
    commit (self);
    taken = type (self, gdk_keyval_to_unicode (key)); /* else the key goes on to the text view */
  }
  show (self);
  return taken;
}

static void
hangul_context_get_preedit (GtkIMContext *context,
                            char **text,
                            PangoAttrList **attributes,
                            int *cursor)
{
  g_autofree char *composed = compose (HANGUL_CONTEXT (context));

  if (attributes)
    *attributes = pango_attr_list_new ();
  if (cursor)
    *cursor = (int) g_utf8_strlen (composed, -1);
  if (text)
    *text = g_steal_pointer (&composed);
}

typedef struct
{
  GtkIMContext *context; /* (owned) */
  char *text;            /* (owned) */
} Later;

static gboolean
on_later (gpointer data)
{
  Later *later = data;

  g_signal_emit_by_name (later->context, "commit", later->text);
  g_object_unref (later->context);
  g_free (later->text);
  g_free (later);
  return G_SOURCE_REMOVE;
}

static void
hangul_context_reset (GtkIMContext *context)
{
  HangulContext *self = HANGUL_CONTEXT (context);
  g_autofree char *text = compose (self);

  if (!*text)
    return;
  if (on_reset == HANGUL_COMMITS) {
    commit (self);
  } else if (on_reset == HANGUL_COMMITS_LATER) {
    Later *later = g_new (Later, 1);

    *later = (Later) { g_object_ref (context), g_steal_pointer (&text) };
    g_timeout_add (LATER_MS, on_later, later);
  }
  clear (self);
  show (self);
}

/* As most do when the focus goes elsewhere. */
static void
hangul_context_focus_out (GtkIMContext *context)
{
  hangul_context_reset (context);
}

static void
hangul_context_class_init (HangulContextClass *klass)
{
  GtkIMContextClass *context_class = GTK_IM_CONTEXT_CLASS (klass);

  context_class->filter_keypress = hangul_context_filter_keypress;
  context_class->get_preedit_string = hangul_context_get_preedit;
  context_class->reset = hangul_context_reset;
  context_class->focus_out = hangul_context_focus_out;
}

static void
hangul_context_init (HangulContext *self)
{
  clear (self);
}

void
hangul_install (void)
{
  g_io_extension_point_implement (GTK_IM_MODULE_EXTENSION_POINT_NAME, HANGUL_TYPE_CONTEXT,
                                  "hangul-double", 0);
  g_setenv ("GTK_IM_MODULE", "hangul-double", TRUE);
  g_object_set (gtk_settings_get_default (), "gtk-im-module", "hangul-double", NULL);
}

void
hangul_set_reset (HangulReset reset)
{
  on_reset = reset;
}
