/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Entry state for machine types that bring no firmware: the public face of pc-entry.c, which knows
 * the segments and control registers of each mode.
 *
 * Theory of operation: the caller's struct is copied as far as its size says, each field that the
 * CPU would refuse is refused here by name, the GDT goes into guest RAM, then all registers are set.
 */
#include <string.h>
#include "hw/core/core-internal.h"
#include "hw/guest-memory.h"
#include "hw/i386/boot.h"
#include "hw/i386/load-bytes.h"
#include "hw/i386/x86-board.h"
#include "hw/x86-entry.h"

#define CR0_MP (1ull << 1)
#define CR0_WP (1ull << 16)
#define CR4_OSFXSR (1ull << 9)
#define CR4_OSXMMEXCPT (1ull << 10)
#define EFER_NXE (1ull << 11)

#define GDT_CODE32 0x00cf9b000000ffffULL
#define GDT_CODE64 0x00af9b000000ffffULL
#define GDT_DATA 0x00cf93000000ffffULL
#define GDT_USER_DATA 0x00cff3000000ffffULL
#define GDT_USER_CODE64 0x00affb000000ffffULL
#define GDT_TSS 0x00008b0000000000ULL
#define TSS_MIN 104      /* its 64-bit form without I/O permissions */
#define TSS_IOMAP 102    /* field: offset of these */

static gboolean bad(const char *field, uint64_t value, const char *why, GError **errp)
{
    const AccelErrorInfo info = { .stage = "entry" };

    accel_error_set(errp, ACCEL_ERROR_INVALID, &info,
                    "initial vCPU state: %s 0x%" G_GINT64_MODIFIER "x %s", field, value, why);
    return FALSE;
}

static bool canonical(uint64_t va)
{
    return (uint64_t)((int64_t)(va << 16) >> 16) == va;
}

static gboolean check(const X86Entry *e, GError **errp)
{
    switch (e->mode) {
    case X86_ENTRY_16:
        return e->rip <= 0xffff || bad("rip", e->rip, "is more than 16 bits", errp);
    case X86_ENTRY_32:
        return e->rip <= 0xffffffff || bad("rip", e->rip, "is more than 32 bits", errp);
    case X86_ENTRY_64:
        if (!canonical(e->rip)) {
            return bad("rip", e->rip, "is not canonical", errp);
        }
        return (e->cr3 != 0 && (e->cr3 & 0xfff) == 0) ||
               bad("cr3", e->cr3, "is no page-aligned address of page tables", errp);
    default:
        return bad("mode", e->mode, "is none of 16, 32, 64", errp);
    }
}

static uint32_t tss_limit(const X86Entry *e)
{
    return e->tss != 0 ? X86_ENTRY_TSS_SIZE(e->port_first, e->port_count) - 1 : TSS_MIN - 1;
}

/* Intel SDM vol. 3, 3.5, figure 3-8 */
static uint64_t tss_descriptor(const X86Entry *e)
{
    return GDT_TSS | (tss_limit(e) & 0xffff) | (e->tss & 0xffffff) << 16 |
           (e->tss & 0xff000000) << 32;
}

/* A set bit forbids a port; behind the last there has to be a byte of ones (SDM vol. 1, 19.5.2). */
static gboolean write_tss(MachineState *ms, const X86Entry *e, GError **errp)
{
    uint32_t size = tss_limit(e) + 1;
    g_autofree uint8_t *tss = NULL;

    if (e->tss == 0) {
        return TRUE;
    }
    tss = g_malloc0(size);
    memset(tss + TSS_MIN, 0xff, size - TSS_MIN);
    put_le16(tss + TSS_IOMAP, TSS_MIN);
    for (uint32_t port = e->port_first; port < (uint32_t)e->port_first + e->port_count; port++) {
        tss[TSS_MIN + port / 8] &= (uint8_t)~(1u << (port & 7));
    }
    return (e->tss <= UINT32_MAX && hw_guest_copy_out(ms, e->tss, tss, size)) ||
           bad("tss", e->tss, "is not in RAM below 4 GiB", errp);
}

/* A task state segment has two slots in long mode. */
static gboolean write_gdt(MachineState *ms, const X86Entry *e, GError **errp)
{
    const uint64_t table[X86_ENTRY_GDT_SIZE / 8] = {
        [X86_ENTRY_CODE / 8] = e->mode == X86_ENTRY_64 ? GDT_CODE64 : GDT_CODE32,
        [X86_ENTRY_DATA / 8] = GDT_DATA,
        [X86_ENTRY_USER_DATA / 8] = GDT_USER_DATA,
        [X86_ENTRY_USER_CODE / 8] = GDT_USER_CODE64,
        [X86_ENTRY_TSS / 8] = tss_descriptor(e),
    };
    uint8_t bytes[X86_ENTRY_GDT_SIZE];

    if (e->mode == X86_ENTRY_16 || e->gdt == 0) {
        return TRUE;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
        put_le64(bytes + 8 * i, table[i]);
    }
    return hw_guest_copy_out(ms, e->gdt, bytes, sizeof(bytes)) ||
           bad("gdt", e->gdt, "is not in RAM", errp);
}

static void to_ring3(AccelX86Regs *r)
{
    r->cs.selector = X86_ENTRY_USER_CODE;
    r->ss.selector = X86_ENTRY_USER_DATA;
    r->cs.dpl = r->ss.dpl = 3;
    r->ds = r->es = r->fs = r->gs = r->ss;
}

static void add_features(AccelX86Regs *r, const X86Entry *e)
{
    if (e->mode != X86_ENTRY_64) {
        return;
    }
    r->efer |= e->features & X86_ENTRY_NX ? EFER_NXE : 0;
    r->cr0 |= e->features & X86_ENTRY_WP ? CR0_WP : 0;
    r->cr0 |= e->features & X86_ENTRY_SSE ? CR0_MP : 0;
    r->cr4 |= e->features & X86_ENTRY_SSE ? CR4_OSFXSR | CR4_OSXMMEXCPT : 0;
    if (e->features & X86_ENTRY_USER) {
        to_ring3(r);
    }
}

gboolean hw_x86_enter(CPUState *cpu, const X86Entry *entry, GError **errp)
{
    X86Entry e = { 0 };
    AccelX86Regs regs;

    memcpy(&e, entry, MIN(entry->size, sizeof(e)));
    if (!check(&e, errp) || !write_gdt(cpu->dev.machine, &e, errp) ||
        !write_tss(cpu->dev.machine, &e, errp)) {
        return FALSE;
    }
    if (cpu->accel_cpu == NULL) {
        return TRUE;
    }
    x86_boot_regs(&regs, &(BootEntry){
        .mode = (BootMode)e.mode, .rip = e.rip, .cr3 = e.cr3, .gdt_base = e.gdt,
        .gdt_limit = e.gdt != 0 ? X86_ENTRY_GDT_SIZE - 1 : 0,
        .cs = e.mode == X86_ENTRY_16 ? e.cs : X86_ENTRY_CODE,
        .ds = e.mode == X86_ENTRY_16 ? e.ds : X86_ENTRY_DATA,
    });
    memcpy(regs.gpr, e.gpr, sizeof(regs.gpr));
    if (e.mode != X86_ENTRY_16) {
        regs.tr.selector = X86_ENTRY_TSS;
        regs.tr.base = e.tss;
        regs.tr.limit = tss_limit(&e);
    }
    add_features(&regs, &e);
    return accel_set_regs(cpu->accel_cpu, &regs, errp);
}

void hw_x86_enter_at_reset(MachineState *ms, const X86Entry *entry)
{
    CPUState *cpu = hw_machine_cpu(ms, 0);
    g_autoptr(GError) err = NULL;

    if (cpu != NULL && !hw_x86_enter(cpu, entry, &err)) {
        const MachineRequestInfo info = {
            .kind = MACHINE_REQUEST_ERROR, .cause = "reset", .cpu = cpu, .err = err,
        };

        hw_machine_request_full(ms, &info);
    }
}
