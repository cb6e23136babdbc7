/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * info lapic: a local APIC's registers in words, wherever it lives: in the kernel or here.
 * Source: Intel SDM vol. 3, chapter 11; lines as QEMU prints them.
 */
#include <string.h>
#include "accel/x86.h"
#include "hw/intc.h"
#include "system/hmp.h"

enum { PAGE = 1024 };
enum { TPR = 0x08, APR = 0x09, PPR = 0x0a, LDR = 0x0d, DFR = 0x0e, SVR = 0x0f, ISR = 0x10,
       TMR = 0x18, IRR = 0x20, ESR = 0x28, ICR = 0x30, TIMER = 0x32, LINT0 = 0x35, INITIAL = 0x38,
       CURRENT = 0x39, DIVIDE = 0x3e };

typedef struct Lapic {
    uint8_t page[PAGE];
    uint64_t base; /* IA32_APIC_BASE */
    bool ok;
} Lapic;

static void get_page(CPUState *cpu, void *data)
{
    Lapic *l = data;
    AccelX86Regs regs;

    l->ok = apic_read_page(cpu, l->page) ||
            (cpu->accel_cpu != NULL && accel_get_lapic(cpu->accel_cpu, l->page, NULL));
    if (l->ok && cpu->accel_cpu != NULL && accel_get_regs(cpu->accel_cpu, &regs, NULL)) {
        l->base = regs.apic_base;
    }
}

static uint32_t reg(const Lapic *l, unsigned n)
{
    uint32_t v;

    memcpy(&v, l->page + n * 16, sizeof(v));
    return GUINT32_FROM_LE(v);
}

static const char *mode_name(uint32_t v)
{
    static const char *const names[] = {
        "Fixed", "LowPrio", "SMI", "...", "NMI", "INIT", "SIPI", "ExtINT",
    };

    return names[v >> 8 & 7];
}

static void print_lvt(Monitor *mon, const Lapic *l, const char *name, unsigned n)
{
    static const char *const timer[] = { "one-shot", "periodic", "tsc-deadline", "..." };
    uint32_t v = reg(l, n);
    unsigned mode = v >> 8 & 7;

    monitor_printf(mon, "%s\t 0x%08x %-9s %-5s %-6s %-7s %-12s %-6s", name, v,
                   v & 1u << 13 ? "active-lo" : "active-hi", v & 1u << 15 ? "level" : "edge",
                   v & 1u << 16 ? "masked" : "", v & 1u << 12 ? "pending" : "",
                   n == TIMER ? timer[v >> 17 & 3] : "", mode_name(v));
    if (mode != 4 && mode != 5 && mode != 7) { /* NMI, INIT and ExtINT have no vector of theirs */
        monitor_printf(mon, " (vec %u)", v & 0xff);
    }
    monitor_puts(mon, "\n");
}

static void print_timer(Monitor *mon, const Lapic *l)
{
    uint32_t dcr = reg(l, DIVIDE);
    unsigned code = (dcr & 3) | (dcr >> 1 & 4);

    monitor_printf(mon, "Timer\t DCR=0x%x (divide by %u) initial_count = %u current_count = %u\n",
                   dcr, code == 7 ? 1 : 2u << code, reg(l, INITIAL), reg(l, CURRENT));
}

static void print_icr(Monitor *mon, const Lapic *l)
{
    static const char *const hands[] = { "no-shorthand", "self", "all-self", "all" };
    bool x2 = l->base & 1u << 10;
    uint32_t low = reg(l, ICR), high = reg(l, ICR + 1);

    monitor_printf(mon, "ICR\t 0x%08x %s %s %s %s\n", low, low & 1u << 11 ? "logical" : "physical",
                   low & 1u << 15 ? "level" : "edge", low & 1u << 14 ? "assert" : "de-assert",
                   hands[low >> 18 & 3]);
    if (low >> 18 & 3) {
        monitor_printf(mon, "ICR2\t 0x%08x\n", high);
    } else if (low & 1u << 11) {
        monitor_printf(mon, "ICR2\t 0x%08x mask %08x\n", high, x2 ? high : high >> 24);
    } else {
        monitor_printf(mon, "ICR2\t 0x%08x cpu %u (%s)\n", high, x2 ? high : high >> 24,
                       x2 ? "X2APIC ID" : "APIC ID");
    }
}

/* "ISR     48 49(level)", or "(none)". */
static void print_bits(Monitor *mon, const Lapic *l, const char *name, unsigned first)
{
    bool any = false;

    monitor_printf(mon, "%s\t ", name);
    for (unsigned v = 0; v < 256; v++) {
        if (reg(l, first + v / 32) >> (v % 32) & 1) {
            bool level = reg(l, TMR + v / 32) >> (v % 32) & 1;

            monitor_printf(mon, "%u%s ", v, level ? "(level)" : "");
            any = true;
        }
    }
    monitor_puts(mon, any ? "\n" : "(none)\n");
}

static void print_spiv(Monitor *mon, const Lapic *l)
{
    uint32_t v = reg(l, SVR);

    monitor_printf(mon, "SPIV\t 0x%08x APIC %s, focus=%s, spurious vec %u\n", v,
                   v & 1u << 8 ? "enabled" : "disabled", v & 1u << 9 ? "on" : "off", v & 0xff);
}

static void print_lapic(Monitor *mon, const Lapic *l, unsigned index)
{
    static const struct {
        const char *name;
        unsigned n;
    } rows[] = { { "LVT0", LINT0 }, { "LVT1", LINT0 + 1 }, { "LVTPC", TIMER + 2 },
                 { "LVTERR", LINT0 + 2 }, { "LVTTHMR", TIMER + 1 }, { "LVTT", TIMER } };

    monitor_printf(mon, "dumping local APIC state for CPU %-2u\n\n", index);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        print_lvt(mon, l, rows[i].name, rows[i].n);
    }
    print_timer(mon, l);
    print_spiv(mon, l);
    print_icr(mon, l);
    monitor_printf(mon, "ESR\t 0x%08x\n", reg(l, ESR));
    print_bits(mon, l, "ISR", ISR);
    print_bits(mon, l, "IRR", IRR);
    monitor_printf(mon, "\nAPR 0x%02x TPR 0x%02x DFR 0x%02x LDR 0x%02x PPR 0x%02x\n", reg(l, APR),
                   reg(l, TPR), reg(l, DFR) >> 28, reg(l, LDR) >> 24, reg(l, PPR));
}

/* By APIC id, as in QEMU; without one the CPU that "cpu" chose. */
static CPUState *chosen(Monitor *mon, const char *apic_id)
{
    const MachineState *ms = mon->vm->ms;
    uint64_t id;

    if (apic_id == NULL) {
        return hmp_cpu(mon);
    }
    if (!hmp_value(mon, apic_id, &id)) {
        return NULL;
    }
    for (guint i = 0; i < ms->n_possible; i++) {
        if (ms->possible[i].cpu != NULL && ms->possible[i].apic_id == id) {
            return ms->possible[i].cpu;
        }
    }
    return NULL;
}

void hmp_info_lapic(Monitor *mon, char **argv)
{
    CPUState *cpu = chosen(mon, argv[0]);
    g_autofree Lapic *l = g_new0(Lapic, 1);

    if (cpu == NULL) {
        monitor_puts(mon, "No CPU available\n");
        return;
    }
    hw_cpu_run_on(cpu, get_page, l);
    if (l->ok) {
        print_lapic(mon, l, (unsigned)cpu->index);
    } else {
        monitor_puts(mon, "this machine's CPUs have no local APIC\n");
    }
}
