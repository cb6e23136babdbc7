/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The guest's memory at its first instruction, and again after each reset.
 *
 *   0x0       not mapped: a null pointer faults
 *   0x1000    GDT, TSS                        read
 *   0x2000    struct uk_boot, command line    read
 *   0x10000   page tables                     not mapped
 *   1 MiB …   segments, as their headers say  read; read+execute; read+write
 *   …         gaps and the rest of RAM        read+write: heap, and the stack at its end
 *
 * Virtual addresses are physical ones. In ring 3, the default, the guest cannot reach the tables or
 * load others, so the rights of its pages stay as they are; a guest that asks for ring 0 is told its
 * rights, too, but could make tables of its own. Theory of operation: the page tables are made once, from the
 * checked image; a reset copies them, the image and the boot structure back and clears the rest of
 * what segments cover. Heap and stack keep what was in them, as RAM does.
 */
#include <string.h>
#include "unikernel.h"

static uint64_t page_down(uint64_t v)
{
    return v & ~(UK_PAGE - 1);
}

static uint64_t page_up(uint64_t v)
{
    return page_down(v + UK_PAGE - 1);
}

static gboolean map(Unikernel *uk, uint64_t from, uint64_t to, unsigned prot, GError **errp)
{
    prot |= uk->ring ? X86_MAP_USER : 0;
    return from >= to || hw_x86_paging_map(uk->paging, from, from, to - from, prot, errp);
}

/* Segments, and what is between them as data. Two in one page have the same rights: see elf.c. */
static gboolean map_image(Unikernel *uk, GError **errp)
{
    const unsigned rw = X86_MAP_READ | X86_MAP_WRITE;
    uint64_t done = UK_IMAGE_MIN;

    for (unsigned i = 0; i < uk->image.n; i++) {
        const UkSegment *s = &uk->image.seg[i];
        uint64_t start = MAX(page_down(s->addr), done), end = page_up(s->addr + s->memsz);

        if (!map(uk, done, start, rw, errp) || !map(uk, start, end, s->prot, errp)) {
            return FALSE;
        }
        done = MAX(done, end);
    }
    return map(uk, done, uk->ms.ram_size, rw, errp);
}

/* Pages of which the guest has no more than the right to read. */
static bool touches_constant(const Unikernel *uk, uint64_t gpa, uint64_t len)
{
    for (unsigned i = 0; i < uk->image.n; i++) {
        const UkSegment *s = &uk->image.seg[i];

        if (!(s->prot & X86_MAP_WRITE) && gpa < page_up(s->addr + s->memsz) &&
            gpa + len > page_down(s->addr)) {
            return true;
        }
    }
    return false;
}

uint8_t *uk_slice(Unikernel *uk, uint64_t gpa, uint64_t len, bool write)
{
    uint8_t *p = hw_guest_slice(&uk->ms, gpa, len, write);

    if (p == NULL) {
        return NULL;
    }
    if (G_UNLIKELY(gpa < UK_IMAGE_MIN)) { /* tables, boot structure; no sum wraps: it is RAM */
        return !write && gpa >= UK_GDT_ADDR && gpa + len <= UK_BOOT_ADDR + UK_BOOT_ROOM ? p : NULL;
    }
    return write && touches_constant(uk, gpa, len) ? NULL : p;
}

gboolean uk_place_prepare(Unikernel *uk, GError **errp)
{
    size_t cmdline = uk->ms.append != NULL ? strlen(uk->ms.append) : 0;

    if (cmdline >= UK_BOOT_ROOM - sizeof(struct uk_boot)) {
        return uk_error(errp, ACCEL_ERROR_INVALID, NULL, 0,
                        "-append has %" G_GSIZE_FORMAT " bytes, there is room for %"
                        G_GUINT64_FORMAT, cmdline, (guint64)(UK_BOOT_ROOM - sizeof(struct uk_boot) - 1));
    }
    uk->paging = hw_x86_paging_new(UK_TABLES_ADDR, UK_TABLES_ROOM);
    return map(uk, UK_GDT_ADDR, UK_BOOT_ADDR + UK_BOOT_ROOM, X86_MAP_READ, errp) &&
           map_image(uk, errp);
}

static void place_boot(Unikernel *uk)
{
    const char *text = uk->ms.append != NULL ? uk->ms.append : "";
    const struct uk_boot boot = {
        .magic = UK_BOOT_MAGIC, .version = UK_ABI_VERSION, .size = sizeof(boot),
        .ram_size = uk->ms.ram_size, .heap_start = uk->image.end,
        .stack_top = uk->ms.ram_size - 16,
        .cmdline = UK_BOOT_ADDR + sizeof(boot), .cmdline_len = strlen(text),
    };

    hw_guest_copy_out(&uk->ms, UK_BOOT_ADDR, &boot, sizeof(boot));
    hw_guest_copy_out(&uk->ms, boot.cmdline, text, boot.cmdline_len + 1);
}

static void place_segments(Unikernel *uk)
{
    for (unsigned i = 0; i < uk->image.n; i++) {
        const UkSegment *s = &uk->image.seg[i];
        uint8_t *to = hw_guest_slice(&uk->ms, s->addr, s->memsz, true);

        if (to != NULL) { /* RAM is one block from 0: elf.c has compared with its size */
            memcpy(to, uk->file + s->offset, s->filesz);
            memset(to + s->filesz, 0, s->memsz - s->filesz);
        }
    }
}

/* The entry function is called as C calls one: its return address, 0, is where nothing is. */
void uk_place(Unikernel *uk)
{
    const uint64_t stack = uk->ms.ram_size - 16, nowhere = 0;
    const X86Entry entry = {
        .size = sizeof(entry), .mode = X86_ENTRY_64,
        .features = X86_ENTRY_NX | X86_ENTRY_WP | X86_ENTRY_SSE | (uk->ring ? X86_ENTRY_USER : 0),
        .rip = uk->image.entry, .gdt = UK_GDT_ADDR, .cr3 = hw_x86_paging_cr3(uk->paging),
        .tss = UK_TSS_ADDR, .port_first = UK_PORT_BASE, .port_count = 4 * UK_N_CALLS,
        .gpr = { [X86_RDI] = UK_BOOT_ADDR, [X86_RSP] = stack - 8 },
    };

    hw_guest_copy_out(&uk->ms, stack - 8, &nowhere, sizeof(nowhere));
    hw_x86_paging_write(uk->paging, &uk->ms, NULL);
    place_boot(uk);
    place_segments(uk);
    hw_x86_enter_at_reset(&uk->ms, &entry);
}
