// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* A provider for GtkSourceView's completion. */
#include "compose/prompt-words.h"

#include <string.h>

#define MIN_TYPED 2
#define MAX_OFFERED 12

struct _GvPromptWords
{
  GObject parent_instance;
  GStrv words[GV_WORDS_N_SOURCES]; /* (owned) (nullable) */
};

/* One word that is offered. */

#define GV_TYPE_OFFER (gv_offer_get_type ())
G_DECLARE_FINAL_TYPE (GvOffer, gv_offer, GV, OFFER, GObject)

struct _GvOffer
{
  GObject parent_instance;
  char *word; /* (owned) */
};

static char *
gv_offer_get_typed_text (GtkSourceCompletionProposal *proposal)
{
  return g_strdup (GV_OFFER (proposal)->word);
}

static void
gv_offer_proposal_init (GtkSourceCompletionProposalInterface *iface)
{
  iface->get_typed_text = gv_offer_get_typed_text;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (GvOffer,
                               gv_offer,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GTK_SOURCE_TYPE_COMPLETION_PROPOSAL,
                                                      gv_offer_proposal_init))

static void
gv_offer_finalize (GObject *object)
{
  g_free (GV_OFFER (object)->word);
  G_OBJECT_CLASS (gv_offer_parent_class)->finalize (object);
}

static void
gv_offer_class_init (GvOfferClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gv_offer_finalize;
}

static void
gv_offer_init (GvOffer *self)
{
}

/* Completing */

static void
add_matches (const char *const *words, const char *typed, GPtrArray *out)
{
  g_autofree char *folded = g_utf8_casefold (typed, -1);

  for (; words && *words && out->len < MAX_OFFERED; words++) {
    g_autofree char *word = g_utf8_casefold (*words, -1);

    if (g_str_has_prefix (word, folded) && strcmp (word, folded) != 0 &&
        !g_ptr_array_find_with_equal_func (out, *words, g_str_equal, NULL))
      g_ptr_array_add (out, g_strdup (*words));
  }
}

char **
gv_prompt_words_complete (GvPromptWords *self, const char *typed)
{
  GPtrArray *out = g_ptr_array_new ();

  g_return_val_if_fail (GV_IS_PROMPT_WORDS (self), NULL);

  if (g_utf8_strlen (typed, -1) >= MIN_TYPED)
    for (int i = 0; i < GV_WORDS_N_SOURCES; i++)
      add_matches ((const char *const *) self->words[i], typed, out);
  g_ptr_array_add (out, NULL);
  return (char **) g_ptr_array_free (out, FALSE);
}

static GListModel *
offers_for (GvPromptWords *self, GtkSourceCompletionContext *context)
{
  g_autofree char *typed = gtk_source_completion_context_get_word (context);
  g_auto (GStrv) words = gv_prompt_words_complete (self, typed ? typed : "");
  GListStore *offers = g_list_store_new (GV_TYPE_OFFER);

  for (char **word = words; *word; word++) {
    g_autoptr (GvOffer) offer = g_object_new (GV_TYPE_OFFER, NULL);

    offer->word = g_strdup (*word);
    g_list_store_append (offers, offer);
  }
  return G_LIST_MODEL (offers);
}

static void
populate_async (GtkSourceCompletionProvider *provider,
                GtkSourceCompletionContext *context,
                GCancellable *cancellable,
                GAsyncReadyCallback callback,
                gpointer data)
{
  g_autoptr (GTask) task = g_task_new (provider, cancellable, callback, data);

  g_task_return_pointer (task, offers_for (GV_PROMPT_WORDS (provider), context), g_object_unref);
}

static GListModel *
populate_finish (GtkSourceCompletionProvider *provider, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
refilter (GtkSourceCompletionProvider *provider,
          GtkSourceCompletionContext *context,
          GListModel *model)
{
  g_autoptr (GListModel) offers = offers_for (GV_PROMPT_WORDS (provider), context);

  gtk_source_completion_context_set_proposals_for_provider (context, provider, offers);
}

static void
display (GtkSourceCompletionProvider *provider,
         GtkSourceCompletionContext *context,
         GtkSourceCompletionProposal *proposal,
         GtkSourceCompletionCell *cell)
{
  bool typed =
      gtk_source_completion_cell_get_column (cell) == GTK_SOURCE_COMPLETION_COLUMN_TYPED_TEXT;

  gtk_source_completion_cell_set_text (cell, typed ? GV_OFFER (proposal)->word : NULL);
}

/* One step of undoing. */
static void
activate (GtkSourceCompletionProvider *provider,
          GtkSourceCompletionContext *context,
          GtkSourceCompletionProposal *proposal)
{
  GtkSourceBuffer *source = gtk_source_completion_context_get_buffer (context);
  GtkTextBuffer *buffer = GTK_TEXT_BUFFER (source);
  GtkTextIter from, end;

  if (!gtk_source_completion_context_get_bounds (context, &from, &end))
    return;
  gtk_text_buffer_begin_user_action (buffer);
  gtk_text_buffer_delete (buffer, &from, &end);
  gtk_text_buffer_insert (buffer, &from, GV_OFFER (proposal)->word, -1);
  gtk_text_buffer_end_user_action (buffer);
}

static void
gv_prompt_words_provider_init (GtkSourceCompletionProviderInterface *iface)
{
  iface->populate_async = populate_async;
  iface->populate_finish = populate_finish;
  iface->refilter = refilter;
  iface->display = display;
  iface->activate = activate;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (GvPromptWords,
                               gv_prompt_words,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GTK_SOURCE_TYPE_COMPLETION_PROVIDER,
                                                      gv_prompt_words_provider_init))

void
gv_prompt_words_set (GvPromptWords *self, GvWordsSource source, const char *const *words)
{
  g_return_if_fail (GV_IS_PROMPT_WORDS (self));

  g_strfreev (self->words[source]);
  self->words[source] = g_strdupv ((char **) words);
}

static void
gv_prompt_words_finalize (GObject *object)
{
  GvPromptWords *self = GV_PROMPT_WORDS (object);

  for (int i = 0; i < GV_WORDS_N_SOURCES; i++)
    g_strfreev (self->words[i]);
  G_OBJECT_CLASS (gv_prompt_words_parent_class)->finalize (object);
}

static void
gv_prompt_words_class_init (GvPromptWordsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gv_prompt_words_finalize;
}

static void
gv_prompt_words_init (GvPromptWords *self)
{
}

GvPromptWords *
gv_prompt_words_new (void)
{
  return g_object_new (GV_TYPE_PROMPT_WORDS, NULL);
}
