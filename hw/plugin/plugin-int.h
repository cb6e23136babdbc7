/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Internal to hw/plugin. */
#ifndef HW_PLUGIN_INT_H
#define HW_PLUGIN_INT_H

#include "hw/plugin.h"

/** plugin_check_file: may this file be trusted with our process? Mode and owner of it and its folder. */
gboolean plugin_check_file(const char *path, GError **errp);
/** plugin_check_abi: does the descriptor fit this library? Reads no more than it says it has. */
gboolean plugin_check_abi(const AccelvmPlugin *p, const char *path, GError **errp);

#endif
