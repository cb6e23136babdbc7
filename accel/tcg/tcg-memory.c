/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RAM, ROM and the holes between them.
 *
 * Theory of operation: the slots are kept sorted here; mapping them is put off until an engine is
 * needed. libunicorn 2.0.1 wants every address that the guest touches, even one that will
 * page-fault, to lie in some mapping, so the holes are mapped too, as I/O, up to the last page but
 * one of the 64 bit address space (the end of a mapping must not wrap). ROM is mapped writable and
 * then protected: only that makes the library drop the writes.
 */
#include "tcg-int.h"

static gboolean invalid(GError **errp, const char *call, uint64_t gpa, uint64_t size,
                        const char *why)
{
    const AccelErrorInfo info = { .accel = "tcg", .stage = "memory", .call = call };

    accel_error_set(errp, ACCEL_ERROR_INVALID, &info,
                    "cannot map 0x%" PRIx64 " bytes at 0x%" PRIx64 ": %s", size, gpa, why);
    return FALSE;
}

static const char *why_not(TcgState *st, uint64_t gpa, const void *hva, uint64_t size)
{
    if (size == 0 || ((gpa | size | (uintptr_t)hva) & (TCG_PAGE - 1)) != 0) {
        return "not page-aligned";
    }
    if (gpa + size < gpa) {
        return "past the end of the address space";
    }
    for (guint i = 0; i < st->slots->len; i++) {
        const TcgSlot *s = &g_array_index(st->slots, TcgSlot, i);

        if (gpa < s->gpa + s->size && s->gpa < gpa + size) {
            return "overlaps another mapping";
        }
    }
    return NULL;
}

/*
 * The map changed. Inside a call-back of the engine, closing it has to wait until the guest is
 * left, which is asked for here.
 */
static void map_changed(TcgState *st)
{
    if (g_atomic_pointer_get(&st->running) != NULL) {
        st->remap = true;
        tcg_engine_attend(st, ATTENTION_STOP);
    } else {
        tcg_engine_drop(st);
    }
}

gboolean tcg_map_ram(AccelState *as, uint64_t gpa, void *hva, uint64_t size, unsigned flags,
                     GError **errp)
{
    TcgState *st = TCG_STATE(as);
    const TcgSlot slot = { gpa, size, hva, (flags & ACCEL_RAM_READONLY) != 0 };
    const char *why = why_not(st, gpa, hva, size);
    guint at = 0;

    if (why != NULL) {
        return invalid(errp, "accel_map_ram", gpa, size, why);
    }
    if (flags & ACCEL_RAM_LOG_DIRTY) {
        const AccelErrorInfo info = { .accel = "tcg", .stage = "memory", .call = "accel_map_ram" };

        accel_error_set(errp, ACCEL_ERROR_UNSUPPORTED, &info,
                        "accelerator tcg cannot log dirty pages");
        return FALSE;
    }
    while (at < st->slots->len && g_array_index(st->slots, TcgSlot, at).gpa < gpa) {
        at++;
    }
    g_array_insert_val(st->slots, at, slot);
    map_changed(st);
    return TRUE;
}

gboolean tcg_unmap_ram(AccelState *as, uint64_t gpa, uint64_t size, GError **errp)
{
    TcgState *st = TCG_STATE(as);

    for (guint i = 0; i < st->slots->len; i++) {
        const TcgSlot *s = &g_array_index(st->slots, TcgSlot, i);

        if (s->gpa == gpa && s->size == size) {
            g_array_remove_index(st->slots, i);
            map_changed(st);
            return TRUE;
        }
    }
    return invalid(errp, "accel_unmap_ram", gpa, size, "no such mapping");
}

static gboolean map_failed(uc_err ret, const char *call, uint64_t gpa, GError **errp)
{
    const AccelErrorInfo info = { .accel = "tcg", .stage = "memory", .call = call };

    if (ret != UC_ERR_OK) {
        accel_error_set(errp, ACCEL_ERROR_RESOURCE, &info,
                        "libunicorn: %s at 0x%" PRIx64 " failed: %s", call, gpa, uc_strerror(ret));
    }
    return ret != UC_ERR_OK;
}

static gboolean map_slot(TcgState *st, const TcgSlot *s, GError **errp)
{
    if (map_failed(uc_mem_map_ptr(st->uc, s->gpa, s->size, UC_PROT_ALL, s->hva), "uc_mem_map_ptr",
                   s->gpa, errp)) {
        return FALSE;
    }
    return !s->readonly ||
           !map_failed(uc_mem_protect(st->uc, s->gpa, s->size, UC_PROT_READ | UC_PROT_EXEC),
                       "uc_mem_protect", s->gpa, errp);
}

static gboolean map_hole(TcgState *st, uint64_t from, uint64_t to, GError **errp)
{
    TcgHole *hole;

    if (from >= to) {
        return TRUE;
    }
    hole = g_new(TcgHole, 1);
    *hole = (TcgHole){ st, from };
    g_ptr_array_add(st->holes, hole);
    return !map_failed(uc_mmio_map(st->uc, from, to - from, tcg_mmio_read, hole, tcg_mmio_write,
                                   hole),
                       "uc_mmio_map", from, errp);
}

gboolean tcg_memory_map_all(TcgState *st, GError **errp)
{
    uint64_t at = 0;

    for (guint i = 0; i < st->slots->len; i++) {
        const TcgSlot *s = &g_array_index(st->slots, TcgSlot, i);

        if (!map_hole(st, at, s->gpa, errp) || !map_slot(st, s, errp)) {
            return FALSE;
        }
        at = s->gpa + s->size;
    }
    return map_hole(st, at, (uint64_t)0 - TCG_PAGE, errp);
}

const TcgSlot *tcg_memory_slot(TcgState *st, uint64_t gpa)
{
    for (guint i = 0; i < st->slots->len; i++) {
        const TcgSlot *s = &g_array_index(st->slots, TcgSlot, i);

        if (gpa - s->gpa < s->size) {
            return s;
        }
    }
    return NULL;
}

uint8_t *tcg_memory_ptr(TcgState *st, uint64_t gpa, uint64_t len, bool write)
{
    const TcgSlot *s = tcg_memory_slot(st, gpa);

    if (s == NULL || (write && s->readonly) || len > s->size - (gpa - s->gpa)) {
        return NULL;
    }
    return s->hva + (gpa - s->gpa);
}
