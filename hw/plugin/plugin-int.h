/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Internal to hw/plugin. */
#ifndef HW_PLUGIN_INT_H
#define HW_PLUGIN_INT_H

#include "hw/plugin.h"

/**
 * plugin_check_file: may this file be trusted with our process? Owner and mode of it and its folder;
 * for a symbolic link those of the link's folder too.
 * Returns: (transfer full) the file itself, without links; NULL with an error.
 */
char *plugin_check_file(const char *path, GError **errp);
/** plugin_check_elf: is it all there, a plugin, and for this ABI? Runs nothing of it. */
gboolean plugin_check_elf(const char *path, GError **errp);
/** plugin_check_version: the ABI numbers alone; reads no field behind them. */
gboolean plugin_check_version(const AccelvmPlugin *p, const char *path, GError **errp);
/** plugin_check_abi: does the descriptor fit this library? Reads no more than it says it has. */
gboolean plugin_check_abi(const AccelvmPlugin *p, const char *path, GError **errp);

#endif
