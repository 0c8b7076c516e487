// SPDX-FileCopyrightText: Giverny contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/* Compute pipelines, kept by kernel and specialisation constants. */
#include "vulkan/kernel.h"

#include <string.h>

typedef struct
{
  GvKernelId kernel;
  int n;
  uint32_t spec[GV_MAX_SPEC];
  VkPipeline pipeline;
} Entry;

static guint
entry_hash (gconstpointer key)
{
  const Entry *e = key;
  guint hash = (guint) e->kernel;

  for (int i = 0; i < e->n; i++)
    hash = hash * 31 + e->spec[i];
  return hash;
}

static gboolean
entry_equal (gconstpointer a, gconstpointer b)
{
  const Entry *x = a, *y = b;

  return x->kernel == y->kernel && x->n == y->n &&
         memcmp (x->spec, y->spec, (size_t) x->n * sizeof x->spec[0]) == 0;
}

GHashTable *
gv_pipelines_new (void)
{
  return g_hash_table_new_full (entry_hash, entry_equal, g_free, NULL);
}

void
gv_pipelines_free (GvDevice *device)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, device->pipelines);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    device->vk.DestroyPipeline (device->handle, ((Entry *) key)->pipeline, NULL);
  g_clear_pointer (&device->pipelines, g_hash_table_unref);
}

static bool
create_pipeline (GvDevice *device, Entry *entry, GError **error)
{
  const GvKernelCode *code = &gv_kernel_codes[entry->kernel];
  VkSpecializationMapEntry map[GV_MAX_SPEC];
  VkSpecializationInfo spec = {
    .mapEntryCount = (uint32_t) entry->n,
    .pMapEntries = map,
    .dataSize = (size_t) entry->n * sizeof entry->spec[0],
    .pData = entry->spec,
  };
  VkShaderModuleCreateInfo module = {
    .sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO,
    .codeSize = code->size_bytes,
    .pCode = code->words,
  };
  VkComputePipelineCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
    .flags = VK_PIPELINE_CREATE_DISPATCH_BASE_BIT,
    .stage = {
      .sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
      .stage = VK_SHADER_STAGE_COMPUTE_BIT,
      .pName = "main",
      .pSpecializationInfo = &spec,
    },
    .layout = device->layout,
  };
  const GvVk *vk = &device->vk;
  VkResult result;

  for (int i = 0; i < entry->n; i++)
    map[i] = (VkSpecializationMapEntry) { (uint32_t) i, (uint32_t) i * 4, 4 };
  result = vk->CreateShaderModule (device->handle, &module, NULL, &info.stage.module);
  if (!gv_vk_check (result, "vkCreateShaderModule", error))
    return false;
  result =
      vk->CreateComputePipelines (device->handle, VK_NULL_HANDLE, 1, &info, NULL, &entry->pipeline);
  vk->DestroyShaderModule (device->handle, info.stage.module, NULL);
  if (result == VK_SUCCESS)
    return true;
  return gv_vk_check (result, "vkCreateComputePipelines", error);
}

VkPipeline
gv_pipeline_get (GvDevice *device, GvKernelId kernel, const uint32_t *spec, int n, GError **error)
{
  Entry wanted = { .kernel = kernel, .n = n };
  Entry *entry;

  g_assert (n <= GV_MAX_SPEC);
  memcpy (wanted.spec, spec, (size_t) n * sizeof spec[0]);
  entry = g_hash_table_lookup (device->pipelines, &wanted);
  if (!entry) {
    if (!create_pipeline (device, &wanted, error))
      return VK_NULL_HANDLE;
    entry = g_memdup2 (&wanted, sizeof wanted);
    g_hash_table_add (device->pipelines, entry);
  }
  return entry->pipeline;
}
