/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* -m and -machine memory.*: how much memory, and how far it may grow. */
#include "accel/error.h"
#include "system/vm.h"

enum { RAM_GRAIN = 8192 };

/* One key, from -m or from -machine; the later kind wins as QEMU merges -m into memory.*. */
static gboolean get_size(Vm *vm, const char *key, const char *machine_key, uint64_t unit,
                         bool *given, uint64_t *out, GError **errp)
{
    const char *v = options_key(&vm->opts, OPT_m, key);

    if (v == NULL) {
        v = options_key(&vm->opts, OPT_machine, machine_key);
        unit = 1;
    }
    *given = v != NULL;
    return v == NULL || parse_size_value(key, v, unit, out, errp);
}

static gboolean check_growth(MachineState *ms, bool has_max, GError **errp)
{
    if (ms->ram_slots > 0 && !has_max) {
        opt_error(errp, "slots specified but no max-size");
        return FALSE;
    }
    if (ms->maxram_size < ms->ram_size) {
        opt_error(errp,
                  "invalid value of maxmem: maximum memory size (0x%" G_GINT64_MODIFIER
                  "x) must be at least the initial memory size (0x%" G_GINT64_MODIFIER "x)",
                  ms->maxram_size, ms->ram_size);
        return FALSE;
    }
    if (ms->ram_slots > 0 && ms->maxram_size == ms->ram_size) {
        opt_error(errp,
                  "invalid value of maxmem: memory slots were specified but maximum memory size "
                  "(0x%" G_GINT64_MODIFIER "x) is equal to the initial memory size (0x%"
                  G_GINT64_MODIFIER "x)",
                  ms->maxram_size, ms->ram_size);
        return FALSE;
    }
    return TRUE;
}

gboolean config_memory(Vm *vm, GError **errp)
{
    MachineState *ms = vm->ms;
    bool has_size, has_slots, has_max;
    uint64_t size = 0, slots = 0, max = 0;

    if (!get_size(vm, "size", "memory.size", 1 << 20, &has_size, &size, errp) ||
        !get_size(vm, "slots", "memory.slots", 1, &has_slots, &slots, errp) ||
        !get_size(vm, "maxmem", "memory.max-size", 1, &has_max, &max, errp)) {
        return FALSE;
    }
    if (has_size && size != 0) {
        if (size > G_MAXINT64) {
            opt_error(errp, "ram size too large");
            return FALSE;
        }
        ms->ram_size = (size + RAM_GRAIN - 1) / RAM_GRAIN * RAM_GRAIN;
    }
    ms->maxram_size = has_max ? max : ms->ram_size;
    ms->ram_slots = slots;
    return check_growth(ms, has_max, errp);
}
