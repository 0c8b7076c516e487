// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Regions as JSON and back. */
#include "gv-region-json.h"

#include "base/i18n.h"
#include "gv-recipe.h"

static void
put_box (yyjson_mut_doc *doc, yyjson_mut_val *to, const GvRegion *region)
{
  const int pixels[4] = { region->x, region->y, region->w, region->h };
  yyjson_mut_val *box = yyjson_mut_obj_add_arr (doc, to, region->relative ? "part" : "box");

  for (int i = 0; i < 4; i++)
    yyjson_mut_arr_append (box, region->relative ? gv_json_new_real (doc, region->part[i])
                                                 : yyjson_mut_int (doc, pixels[i]));
}

yyjson_mut_val *
gv_regions_to_json (GPtrArray *regions, yyjson_mut_doc *doc)
{
  yyjson_mut_val *list = yyjson_mut_arr (doc);

  for (guint i = 0; i < regions->len; i++) {
    const GvRegion *region = regions->pdata[i];
    yyjson_mut_val *to = yyjson_mut_arr_add_obj (doc, list);

    put_box (doc, to, region);
    yyjson_mut_obj_add_val (doc, to, "strength", gv_json_new_real (doc, region->strength));
    if (region->whole)
      yyjson_mut_obj_add_bool (doc, to, "whole", true);
    yyjson_mut_obj_add_str (doc, to, "text", region->text);
    if (region->negative)
      yyjson_mut_obj_add_str (doc, to, "negative", region->negative);
  }
  return list;
}

static bool
read_part (const GvJsonNode *node, GvRegion *region, GError **error)
{
  size_t n = 0;

  region->relative = true;
  if (!gv_json_get_doubles (node, "part", region->part, 4, &n, error))
    return false;
  return n == 4 || gv_json_fail (node, "part", _("must be a list of four numbers"), error);
}

static bool
read_box (const GvJsonNode *node, GvRegion *region, GError **error)
{
  int pixels[4] = { 0 };
  size_t n = 0;

  if (!gv_json_require (node, "box", error) ||
      !gv_json_get_ints (node, "box", G_MININT, G_MAXINT, pixels, 4, &n, error))
    return false;
  if (n != 4)
    return gv_json_fail (node, "box", _("must be a list of four numbers"), error);
  region->x = pixels[0];
  region->y = pixels[1];
  region->w = pixels[2];
  region->h = pixels[3];
  return true;
}

static bool
read_region (const GvJsonNode *node, GvRegion *region, GError **error)
{
  const char *text = "", *negative = NULL;

  if (!yyjson_is_obj (node->value))
    return gv_json_fail (node, NULL, _("must be an object"), error);
  if (!(gv_json_has (node, "part") ? read_part : read_box) (node, region, error) ||
      !gv_json_get_double (node, "strength", &region->strength, error) ||
      !gv_json_get_bool (node, "whole", &region->whole, error) ||
      !gv_json_get_string (node, "text", &text, error) ||
      !gv_json_get_string (node, "negative", &negative, error))
    return false;
  g_set_str (&region->text, text);
  g_set_str (&region->negative, negative);
  return true;
}

GPtrArray *
gv_regions_from_json (const GvJsonNode *node, const char *key, GError **error)
{
  g_autoptr (GPtrArray) regions = gv_recipe_new_region_list ();
  GvJsonNode list;

  if (!gv_json_get_array (node, key, &list, error))
    return NULL;
  if (list.value && gv_json_get_n (&list) > GV_RECIPE_MAX_REGIONS) {
    gv_json_fail (node, key, _("has too many regions, 64 are the most"), error);
    return NULL;
  }
  for (size_t i = 0; list.value && i < gv_json_get_n (&list); i++) {
    GvJsonNode item = gv_json_get_element (&list, i);
    GvRegion *region = gv_region_new ();

    g_ptr_array_add (regions, region);
    if (!read_region (&item, region, error))
      return NULL;
  }
  return g_steal_pointer (&regions);
}
