/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Page tables for long mode, made on the host and copied into the guest.
 *
 * Theory of operation: the tables are one growing array of pages, the first is the PML4; an entry
 * holds the guest-physical address that the page it means will have. A range is mapped piece by
 * piece, each the largest page that fits; the walk makes the tables on its way. Nothing is ever
 * mapped twice and nothing is writable and executable at once: the rights of a page are those that
 * were given for it, or there is an error (Intel SDM vol. 3, 4.5, tables 4-15 to 4-20).
 */
#include <string.h>
#include "hw/guest-memory.h"
#include "hw/i386/load-bytes.h"
#include "hw/x86-entry.h"

#define PAGE 4096ULL
#define LARGE (2ULL << 20)
#define LOW_END (1ULL << 47)  /* first address that is not canonical */
#define HIGH_START (~0ULL << 47)

#define PTE_P (1ULL << 0)
#define PTE_W (1ULL << 1)
#define PTE_U (1ULL << 2)
#define PTE_A (1ULL << 5)
#define PTE_D (1ULL << 6)
#define PTE_PS (1ULL << 7)
#define PTE_NX (1ULL << 63)
#define PTE_ADDR 0x000ffffffffff000ULL

struct X86Paging {
    uint64_t base, room;
    GByteArray *tables;
};

static uint64_t add_table(X86Paging *p)
{
    uint64_t at = p->tables->len;

    g_byte_array_set_size(p->tables, at + PAGE);
    memset(p->tables->data + at, 0, PAGE);
    return at;
}

X86Paging *hw_x86_paging_new(uint64_t base, uint64_t room)
{
    X86Paging *p;

    g_return_val_if_fail(base % PAGE == 0 && room >= PAGE, NULL);
    p = g_new0(X86Paging, 1);
    *p = (X86Paging){ .base = base, .room = room, .tables = g_byte_array_new() };
    add_table(p);
    return p;
}

void hw_x86_paging_free(X86Paging *p)
{
    if (p != NULL) {
        g_byte_array_unref(p->tables);
        g_free(p);
    }
}

uint64_t hw_x86_paging_cr3(const X86Paging *p)
{
    return p->base;
}

uint64_t hw_x86_paging_size(const X86Paging *p)
{
    return p->tables->len;
}

static gboolean refuse(uint64_t va, uint64_t len, const char *why, GError **errp)
{
    accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                    "cannot map 0x%" G_GINT64_MODIFIER "x bytes at 0x%" G_GINT64_MODIFIER "x: %s",
                    len, va, why);
    return FALSE;
}

static bool canonical(uint64_t va, uint64_t len)
{
    return va < LOW_END ? len <= LOW_END - va : va >= HIGH_START && len - 1 <= UINT64_MAX - va;
}

static gboolean check(uint64_t va, uint64_t gpa, uint64_t len, unsigned prot, GError **errp)
{
    if (((va | gpa | len) & (PAGE - 1)) != 0 || len == 0) {
        return refuse(va, len, "not a whole number of pages", errp);
    }
    if (!canonical(va, len)) {
        return refuse(va, len, "not a canonical address", errp);
    }
    if (gpa > PTE_ADDR || len > PTE_ADDR + PAGE - gpa) {
        return refuse(va, len, "a physical address has at most 52 bits", errp);
    }
    if (!(prot & X86_MAP_READ)) {
        return refuse(va, len, "x86 has no pages that cannot be read", errp);
    }
    if ((prot & (X86_MAP_WRITE | X86_MAP_EXEC)) == (X86_MAP_WRITE | X86_MAP_EXEC)) {
        return refuse(va, len, "writable and executable at once", errp);
    }
    return TRUE;
}

/* Offset of the entry for @va in the table at @table; level 3 is the PML4, 0 the page table. */
static uint64_t entry_at(uint64_t table, uint64_t va, int level)
{
    return table + ((va >> (12 + 9 * level)) & 511) * 8;
}

/* From the table at @table one level down, making that table. 0: there is a page, or no room. */
static uint64_t descend(X86Paging *p, uint64_t entry, const char **why)
{
    uint64_t pte = get_le64(p->tables->data + entry), at;

    if (pte & PTE_PS) {
        *why = "mapped already";
        return 0;
    }
    if (pte & PTE_P) {
        return (pte & PTE_ADDR) - p->base;
    }
    if (p->tables->len + PAGE > p->room) {
        *why = NULL;
        return 0;
    }
    at = add_table(p);
    put_le64(p->tables->data + entry, (p->base + at) | PTE_P | PTE_W | PTE_U | PTE_A);
    return at;
}

static gboolean no_table(X86Paging *p, uint64_t va, uint64_t size, const char *why, GError **errp)
{
    if (why != NULL) {
        return refuse(va, size, why, errp);
    }
    accel_error_set(errp, ACCEL_ERROR_RESOURCE, NULL,
                    "no room for page tables: 0x%" G_GINT64_MODIFIER "x bytes at 0x%"
                    G_GINT64_MODIFIER "x are full", p->room, p->base);
    return FALSE;
}

/* One page; @level 0: 4 KiB, 1: 2 MiB. */
static gboolean map_page(X86Paging *p, uint64_t va, uint64_t gpa, unsigned prot, int level,
                         GError **errp)
{
    uint64_t size = level ? LARGE : PAGE, table = 0, entry, pte;
    const char *why = NULL;

    for (int at = 3; at > level; at--) {
        table = descend(p, entry_at(table, va, at), &why);
        if (table == 0) {
            return no_table(p, va, size, why, errp);
        }
    }
    entry = entry_at(table, va, level);
    if (get_le64(p->tables->data + entry) & PTE_P) {
        return refuse(va, size, "mapped already", errp);
    }
    pte = gpa | PTE_P | PTE_A | (level ? PTE_PS : 0);
    pte |= prot & X86_MAP_WRITE ? PTE_W | PTE_D : 0;
    pte |= prot & X86_MAP_EXEC ? 0 : PTE_NX;
    pte |= prot & X86_MAP_USER ? PTE_U : 0;
    put_le64(p->tables->data + entry, pte);
    return TRUE;
}

gboolean hw_x86_paging_map(X86Paging *p, uint64_t va, uint64_t gpa, uint64_t len, unsigned prot,
                           GError **errp)
{
    if (!check(va, gpa, len, prot, errp)) {
        return FALSE;
    }
    while (len > 0) {
        bool large = ((va | gpa) & (LARGE - 1)) == 0 && len >= LARGE;
        uint64_t step = large ? LARGE : PAGE;

        if (!map_page(p, va, gpa, prot, large, errp)) {
            return FALSE;
        }
        va += step;
        gpa += step;
        len -= step;
    }
    return TRUE;
}

gboolean hw_x86_paging_write(const X86Paging *p, MachineState *ms, GError **errp)
{
    if (!hw_guest_copy_out(ms, p->base, p->tables->data, p->tables->len)) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                        "page tables: no RAM for %u bytes at 0x%" G_GINT64_MODIFIER "x",
                        p->tables->len, p->base);
        return FALSE;
    }
    return TRUE;
}
