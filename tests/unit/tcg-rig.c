/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The machine of tcg-rig.h. */
#include <stdio.h>
#include <sys/mman.h>
#include "tcg-rig.h"

#define MAX_KICKS 100000

static void on_out(void *opaque, AccelCPU *cpu, uint16_t port, const void *data, unsigned size,
                   unsigned count)
{
    Rig *rig = opaque;
    uint32_t v = 0;

    memcpy(&v, data, size);
    if (port == 0xe9) {
        g_string_append_len(rig->out, data, size * count);
    } else if (port == 0x99) {
        accel_kick(rig->kick);
    } else if (port == 0x98) { /* raise the interrupt line */
        rig->vector = (int)v;
        accel_cpu_set_extint(cpu, 1);
    } else {
        g_string_append_printf(rig->log, "out %x %u %x;", port, size, v);
    }
}

static void on_in(void *opaque, AccelCPU *cpu, uint16_t port, void *data, unsigned size,
                  unsigned count)
{
    memset(data, (int)(port & 0xff), size * count);
}

static void on_read(void *opaque, AccelCPU *cpu, uint64_t gpa, void *data, unsigned len)
{
    Rig *rig = opaque;

    g_string_append_printf(rig->log, "r %" G_GINT64_MODIFIER "x %u;", gpa, len);
    memcpy(data, &rig->mmio_value, len);
}

static void on_write(void *opaque, AccelCPU *cpu, uint64_t gpa, const void *data, unsigned len)
{
    Rig *rig = opaque;
    uint64_t v = 0;

    memcpy(&v, data, len);
    g_string_append_printf(rig->log, "w %" G_GINT64_MODIFIER "x %u %" G_GINT64_MODIFIER "x;", gpa,
                           len, v);
}

static int on_ack(void *opaque, AccelCPU *cpu)
{
    Rig *rig = opaque;

    rig->acks++;
    accel_cpu_set_extint(cpu, 0);
    return rig->vector;
}

static uint8_t *pages(size_t size)
{
    return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

gboolean rig_open(Rig *rig)
{
    const AccelSpec spec = { .size = sizeof(spec), .cpus = 1, .max_cpus = 4 };
    const AccelIo io = { .pio_write = on_out, .pio_read = on_in, .mmio_read = on_read,
                         .mmio_write = on_write, .ack_extint = on_ack, .opaque = rig };
    g_autoptr(GError) err = NULL;

    *rig = (Rig){ .vector = -1, .mmio_value = 0x1122334455667788 };
    rig->as = accel_open("tcg", &spec, &err);
    if (g_error_matches(err, ACCEL_ERROR, ACCEL_ERROR_ABSENT)) {
        g_test_skip(err->message);
        return FALSE;
    }
    g_assert_no_error(err);
    rig->out = g_string_new(NULL);
    rig->log = g_string_new(NULL);
    rig->ram = pages(RIG_RAM);
    rig->rom = pages(0x1000);
    accel_set_io(rig->as, &io);
    g_assert_true(accel_map_ram(rig->as, 0, rig->ram, RIG_RAM, 0, &err));
    g_assert_true(accel_map_ram(rig->as, RIG_ROM, rig->rom, 0x1000, ACCEL_RAM_READONLY, &err));
    rig->cpu = rig->kick = accel_create_vcpu(rig->as, 0, &err);
    g_assert_no_error(err);
    return TRUE;
}

void rig_close(Rig *rig)
{
    accel_close(rig->as);
    munmap(rig->ram, RIG_RAM);
    munmap(rig->rom, 0x1000);
    g_string_free(rig->out, TRUE);
    g_string_free(rig->log, TRUE);
}

void rig_code(Rig *rig, uint32_t at, const void *code, size_t len)
{
    memcpy(rig->ram + at, code, len);
}

void rig_regs(Rig *rig, AccelX86Regs *regs)
{
    g_assert_true(accel_get_regs(rig->cpu, regs, NULL));
}

void rig_set(Rig *rig, const AccelX86Regs *regs)
{
    g_autoptr(GError) err = NULL;

    accel_set_regs(rig->cpu, regs, &err);
    g_assert_no_error(err);
}

void rig_real(Rig *rig)
{
    AccelX86Regs r;

    g_assert_true(accel_reset_vcpu(rig->cpu, true, NULL));
    rig_regs(rig, &r);
    r.cs.base = RIG_CODE;
    r.cs.selector = RIG_CODE >> 4;
    r.rip = 0;
    r.gpr[X86_RSP] = 0x1000;
    r.idt.limit = 0x3ff;
    rig_set(rig, &r);
}

static AccelX86Segment flat(uint16_t selector, uint8_t type, bool l, bool db)
{
    return (AccelX86Segment){ .limit = 0xffffffff, .selector = selector, .type = type, .s = 1,
                              .dpl = selector & 3, .present = 1, .g = 1, .l = l, .db = db };
}

static void tables(Rig *rig, AccelX86Regs *r, bool lm)
{
    const uint64_t gdt[] = {
        0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x00af9b000000ffff, 0x00cff3000000ffff,
        lm ? 0x00affb000000ffff : 0x00cffb000000ffff, 0x00008b0050000067, 0,
    };

    memcpy(rig->ram + 0x3000, gdt, sizeof(gdt));
    r->gdt = (AccelX86Table){ 0x3000, sizeof(gdt) - 1 };
    r->idt = (AccelX86Table){ 0x4000, 0xfff };
    r->tr = (AccelX86Segment){ .base = 0x5000, .limit = 0x67, .selector = SEL_TSS, .type = 11,
                               .present = 1 };
    r->ds = r->es = r->ss = flat(SEL_DATA, 3, false, true);
    r->rip = RIG_CODE;
    r->gpr[X86_RSP] = 0x9000;
}

void rig_protected(Rig *rig)
{
    const uint32_t stack[2] = { 0xa000, SEL_DATA };
    AccelX86Regs r;

    rig_real(rig);
    rig_regs(rig, &r);
    tables(rig, &r, false);
    memcpy(rig->ram + 0x5004, stack, sizeof(stack));
    r.cs = flat(SEL_CODE32, 11, false, true);
    r.cr0 |= 1;
    rig_set(rig, &r);
}

/* One gigabyte, one to one, for all privileges. */
static void page_tables(Rig *rig)
{
    uint64_t e = 0x21000 | 7;

    memcpy(rig->ram + 0x20000, &e, 8);
    e = 0x22000 | 7;
    memcpy(rig->ram + 0x21000, &e, 8);
    for (uint64_t i = 0; i < 512; i++) {
        e = i << 21 | 0x87;
        memcpy(rig->ram + 0x22000 + i * 8, &e, 8);
    }
}

void rig_long(Rig *rig)
{
    const uint64_t rsp0 = 0xa000, ist1 = 0xb000;
    AccelX86Regs r;

    rig_real(rig);
    rig_regs(rig, &r);
    tables(rig, &r, true);
    page_tables(rig);
    memcpy(rig->ram + 0x5004, &rsp0, 8);
    memcpy(rig->ram + 0x5024, &ist1, 8);
    r.cs = flat(SEL_CODE64, 11, true, false);
    r.cr0 |= 0x80000001;
    r.cr3 = 0x20000;
    r.cr4 = 0x20;
    r.efer = 0x500;
    rig_set(rig, &r);
}

void rig_gate(Rig *rig, uint8_t vector, uint32_t handler, uint8_t dpl, uint8_t ist)
{
    AccelX86Regs r;
    bool lm;
    uint32_t w[4] = { 0 };

    rig_regs(rig, &r);
    lm = (r.efer & 0x400) != 0;
    w[0] = (handler & 0xffff) | (uint32_t)(lm ? SEL_CODE64 : SEL_CODE32) << 16;
    w[1] = (handler & 0xffff0000) | 0x8e00 | (uint32_t)dpl << 13 | ist;
    memcpy(rig->ram + 0x4000 + vector * (lm ? 16 : 8), w, lm ? 16 : 8);
}

AccelExitReason rig_run(Rig *rig, AccelExit *exit)
{
    g_autoptr(GError) err = NULL;

    for (int i = 0; i < MAX_KICKS; i++) {
        AccelExitReason why = accel_run(rig->cpu, exit, &err);

        g_assert_no_error(err);
        if (why != ACCEL_EXIT_KICK) {
            return why;
        }
    }
    g_assert_not_reached();
}
