/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* info registers: what the accelerator knows of a vCPU, in QEMU's lines. */
#include <string.h>
#include "accel/x86.h"
#include "system/hmp.h"

#define X64 "%016" G_GINT64_MODIFIER "x"

/* Everything at once, on the vCPU's thread. What cannot be had stays zero. */
typedef struct AllRegs {
    AccelX86Regs regs;
    AccelX86Debug debug;
    AccelX86MpState mp;
    uint8_t xsave[8192];
    bool has_xsave, halted;
    GError *err;
} AllRegs;

/* A CPU that nothing runs (-accel qtest) stays as power-on left it. */
void hmp_reset_regs(const CPUState *cpu, AccelX86Regs *regs)
{
    accel_x86_reset_regs(regs, cpu->index == 0);
}

static void get_all(CPUState *cpu, void *data)
{
    AllRegs *a = data;

    if (cpu->accel_cpu == NULL) {
        hmp_reset_regs(cpu, &a->regs);
        a->debug.dr6 = 0xffff0ff0;
        a->debug.dr7 = 0x400;
        a->halted = cpu->index != 0;
        return;
    }
    if (!accel_get_regs(cpu->accel_cpu, &a->regs, &a->err)) {
        return;
    }
    a->halted = cpu->halted;
    accel_get_debug(cpu->accel_cpu, &a->debug, NULL);
    accel_get_mp_state(cpu->accel_cpu, &a->mp, NULL);
    a->has_xsave = accel_get_xsave(cpu->accel_cpu, a->xsave, sizeof(a->xsave), NULL);
}

static bool is_long(const AccelX86Regs *r)
{
    return (r->efer & (1u << 10)) != 0;
}

static void flag_letters(uint64_t flags, char out[8])
{
    static const struct {
        unsigned bit;
        char letter;
    } f[] = {
        { 10, 'D' }, { 11, 'O' }, { 7, 'S' }, { 6, 'Z' }, { 4, 'A' }, { 2, 'P' }, { 0, 'C' },
    };

    for (guint i = 0; i < G_N_ELEMENTS(f); i++) {
        out[i] = flags >> f[i].bit & 1 ? f[i].letter : '-';
    }
    out[7] = '\0';
}

static void print_gpr(Monitor *mon, const AccelX86Regs *r)
{
    static const struct {
        const char *name;
        int index;
    } order[] = {
        { "AX", X86_RAX }, { "BX", X86_RBX }, { "CX", X86_RCX }, { "DX", X86_RDX },
        { "SI", X86_RSI }, { "DI", X86_RDI }, { "BP", X86_RBP }, { "SP", X86_RSP },
    };

    for (guint i = 0; i < G_N_ELEMENTS(order); i++) {
        monitor_printf(mon, is_long(r) ? "R%s=" X64 "%c" : "E%s=%08" G_GINT64_MODIFIER "x%c",
                       order[i].name, r->gpr[order[i].index], i % 4 == 3 ? '\n' : ' ');
    }
    for (int i = X86_R8; is_long(r) && i < X86_NGPR; i++) {
        monitor_printf(mon, "%-3s=" X64 "%c",
                       (const char *[]){ "R8", "R9", "R10", "R11", "R12", "R13", "R14",
                                         "R15" }[i - X86_R8],
                       r->gpr[i], i % 4 == 3 ? '\n' : ' ');
    }
}

static void print_segment(Monitor *mon, const char *name, const AccelX86Segment *s, bool wide)
{
    uint32_t flags = (uint32_t)(s->type | s->s << 4 | s->dpl << 5 | s->present << 7) << 8 |
                     (uint32_t)(s->avl << 4 | s->l << 5 | s->db << 6 | s->g << 7) << 16;

    monitor_printf(mon, wide ? "%-3s=%04x " X64 " %08x %08x\n"
                             : "%-3s=%04x %08" G_GINT64_MODIFIER "x %08x %08x\n",
                   name, s->selector, s->base, s->limit, flags);
}

static void print_segments(Monitor *mon, const AccelX86Regs *r)
{
    bool wide = is_long(r);

    print_segment(mon, "ES", &r->es, wide);
    print_segment(mon, "CS", &r->cs, wide);
    print_segment(mon, "SS", &r->ss, wide);
    print_segment(mon, "DS", &r->ds, wide);
    print_segment(mon, "FS", &r->fs, wide);
    print_segment(mon, "GS", &r->gs, wide);
    print_segment(mon, "LDT", &r->ldt, wide);
    print_segment(mon, "TR", &r->tr, wide);
    monitor_printf(mon, wide ? "GDT=     " X64 " %08x\nIDT=     " X64 " %08x\n"
                             : "GDT=     %08" G_GINT64_MODIFIER "x %08x\n"
                               "IDT=     %08" G_GINT64_MODIFIER "x %08x\n",
                   r->gdt.base, (unsigned)r->gdt.limit, r->idt.base, (unsigned)r->idt.limit);
}

static void print_control(Monitor *mon, const AllRegs *a)
{
    const AccelX86Regs *r = &a->regs;

    monitor_printf(mon, "CR0=%08x CR2=" X64 " CR3=" X64 " CR4=%08x\n", (unsigned)r->cr0, r->cr2,
                   r->cr3, (unsigned)r->cr4);
    monitor_printf(mon, "DR0=" X64 " DR1=" X64 " DR2=" X64 " DR3=" X64 "\nDR6=" X64 " DR7=" X64
                   "\n", a->debug.db[0], a->debug.db[1], a->debug.db[2], a->debug.db[3],
                   a->debug.dr6, a->debug.dr7);
    monitor_printf(mon, "EFER=" X64 "\nAPIC_BASE=" X64 " MP_STATE=%d\n", r->efer, r->apic_base,
                   (int)a->mp);
}

static uint64_t load64(const uint8_t *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof(v));
    return GUINT64_FROM_LE(v);
}

/* The legacy part of the XSAVE area (Intel SDM vol. 1, table 10-2). */
static void print_fpu(Monitor *mon, const uint8_t *x)
{
    uint64_t head = load64(x);

    monitor_printf(mon, "FCW=%04x FSW=%04x FTW=%02x MXCSR=%08x\n", (unsigned)(head & 0xffff),
                   (unsigned)(head >> 16 & 0xffff), (unsigned)(head >> 32 & 0xff),
                   (unsigned)load64(x + 24));
    for (int i = 0; i < 8; i++) {
        const uint8_t *st = x + 32 + i * 16;

        monitor_printf(mon, "FPR%d=" X64 " %04x%c", i, load64(st),
                       (unsigned)(load64(st + 8) & 0xffff), i % 2 ? '\n' : ' ');
    }
    for (int i = 0; i < 16; i++) {
        const uint8_t *xmm = x + 160 + i * 16;

        monitor_printf(mon, "XMM%02d=" X64 X64 "%c", i, load64(xmm + 8), load64(xmm),
                       i % 2 ? '\n' : ' ');
    }
}

static void print_cpu(Monitor *mon, CPUState *cpu)
{
    g_autofree AllRegs *a = g_new0(AllRegs, 1);
    char letters[8];

    hw_cpu_run_on(cpu, get_all, a);
    if (a->err != NULL) {
        hmp_error(mon, a->err);
        return;
    }
    flag_letters(a->regs.rflags, letters);
    print_gpr(mon, &a->regs);
    monitor_printf(mon, is_long(&a->regs) ? "RIP=" X64 " RFL=%08x [%s] CPL=%d HLT=%d\n"
                                          : "EIP=%08" G_GINT64_MODIFIER "x EFL=%08x [%s] CPL=%d "
                                            "HLT=%d\n",
                   a->regs.rip, (unsigned)a->regs.rflags, letters, (int)a->regs.ss.dpl,
                   a->halted || a->mp == ACCEL_X86_HALTED);
    print_segments(mon, &a->regs);
    print_control(mon, a);
    if (a->has_xsave) {
        print_fpu(mon, a->xsave);
    }
}

void hmp_info_registers(Monitor *mon, char **argv)
{
    MachineState *ms = mon->vm->ms;
    bool all = argv[0] != NULL;
    CPUState *cpu = hmp_cpu(mon);
    uint64_t index = 0;

    if (argv[1] != NULL && !all) {
        hmp_value(mon, argv[1], &index); /* checked */
        cpu = index < ms->n_possible ? hw_machine_cpu(ms, (guint)index) : NULL;
    }
    if (cpu == NULL) {
        if (argv[1] == NULL && hmp_cpu(mon) == NULL) {
            monitor_puts(mon, "No CPU available\n");
        } else {
            monitor_printf(mon, "CPU#%d not available\n", (int)index);
        }
        return;
    }
    if (!all) {
        monitor_printf(mon, "\nCPU#%d\n", cpu->index);
        print_cpu(mon, cpu);
        return;
    }
    for (guint i = 0; i < ms->n_possible; i++) {
        if (ms->possible[i].cpu != NULL) {
            monitor_printf(mon, "\nCPU#%u\n", i);
            print_cpu(mon, ms->possible[i].cpu);
        }
    }
}
