/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where a machine's RAM comes from.
 *
 * Theory of operation: without -machine memory-backend= it is plain anonymous memory; with it, the named
 * object brings the memory and has to be as large as the machine wants. One backend serves one user.
 */
#include "hw/machine.h"
#include "hw/memory-backend.h"

const HwType hw_type_memory_backend = {
    .name = "memory-backend",
    .parent = &hw_type_object,
    .desc = "host memory for guest RAM",
    .instance_size = sizeof(MemoryBackend),
    .abstract = true,
};

static uint8_t *take_backend(MachineState *ms, MemoryBackend *b, GError **errp)
{
    if (b->in_use) {
        accel_error_set(errp, ACCEL_ERROR_BUSY, NULL, "memory backend '%s' is already in use",
                        ms->ram_backend);
        return NULL;
    }
    if (b->size != ms->ram_size || b->host == NULL) {
        g_autofree char *notes = g_strdup_printf(
            "-m says %" G_GUINT64_FORMAT " bytes, backend '%s' has %" G_GUINT64_FORMAT,
            ms->ram_size, ms->ram_backend, b->size);

        accel_error_set(errp, ACCEL_ERROR_INVALID, &(AccelErrorInfo){ .notes = notes },
                        "Machine memory size does not match the size of the memory backend");
        return NULL;
    }
    b->in_use = true;
    return b->host;
}

uint8_t *hw_machine_ram(MachineState *ms, GError **errp)
{
    HwObject *obj;

    if (ms->ram_backend == NULL) {
        return hw_ram_alloc(ms, ms->ram_size, errp);
    }
    obj = hw_object_child(ms->objects, ms->ram_backend);
    if (!hw_object_is_a(obj, &hw_type_memory_backend)) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "Memory backend '%s' not found",
                        ms->ram_backend);
        return NULL;
    }
    return take_backend(ms, (MemoryBackend *)obj, errp);
}
