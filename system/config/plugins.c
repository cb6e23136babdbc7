/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Plugins as the command line knows them: -plugin file=…, a machine that is not built in, and help
 * listings. A start that names none of these looks at no folder and opens nothing.
 */
#include "hw/plugin.h"
#include "system/report.h"
#include "system/vm.h"

static void warn(void *opaque, const char *path, const GError *err)
{
    report_warnf("%s", err->message);
}

/*
 * A plugin that was asked for by name must load; an error ends the start. @errp NULL, for a listing: it
 * is a warning, and the next is tried.
 */
gboolean config_plugins(Vm *vm, GError **errp)
{
    for (guint i = 0; i < vm->opts.n; i++) {
        const OptItem *it = &vm->opts.items[i];
        GError *err = NULL;

        if (it->id != OPT_plugin) {
            continue;
        }
        options_at(it);
        if (hw_plugin_load(vm->registry, keyvals_get(it->kv, "file"), &err) == NULL) {
            if (errp != NULL) {
                g_propagate_error(errp, err);
                return FALSE;
            }
            warn(NULL, NULL, err);
            g_error_free(err);
        }
    }
    options_at(NULL);
    return TRUE;
}

const MachineClass *plugins_find_machine(Vm *vm, const char *name)
{
    return hw_plugin_find_machine(vm->registry, name, warn, NULL);
}

void plugins_load_for_help(Vm *vm)
{
    config_plugins(vm, NULL);
    hw_plugin_load_all(vm->registry, warn, NULL);
}
