// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* All that a program over the engine includes. */
#pragma once

#include "gv-engine.h"
#include "gv-export.h"
#include "gv-file-info.h"
#include "gv-glossary.h"
#include "gv-image.h"
#include "gv-import.h"
#include "gv-journal.h"
#include "gv-latents.h"
#include "gv-library-export.h"
#include "gv-library-model.h"
#include "gv-library.h"
#include "gv-lora.h"
#include "gv-model.h"
#include "gv-prompt.h"
#include "gv-prompt-history.h"
#include "gv-recipe-diff.h"
#include "gv-recipe.h"
#include "gv-region.h"
#include "gv-score.h"
#include "gv-session.h"
#include "base/errors.h"
#include "base/i18n.h"
#include "base/names.h"
#include "base/paths.h"
