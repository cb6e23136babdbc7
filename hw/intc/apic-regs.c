/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The local APIC's registers, as the 4 KiB page at 0xfee00000 shows them and as x2APIC's MSRs do
 * (apic-msr.c). A register is 32 bits wide and 16-byte aligned; register n lies at n * 16. What
 * does not exist sets "illegal register address" in the ESR. The page is the same address on every
 * CPU: the one whose thread makes the access decides which APIC answers. The rest of the megabyte,
 * and the reserved start of the page, is where messages of devices arrive.
 */
#include <string.h>
#include "apic-internal.h"

static const uint32_t apic_lvt_writable[APIC_NLVT] = {
    [LVT_TIMER] = 0x700ff, [LVT_THERMAL] = 0x107ff, [LVT_PERF] = 0x107ff,
    [LVT_LINT0] = 0x1a7ff, [LVT_LINT1] = 0x1a7ff, [LVT_ERROR] = 0x100ff,
};

static uint32_t apic_read_ldr(const ApicState *s)
{
    return apic_x2(s) ? (s->id >> 4) << 16 | 1u << (s->id & 15) : s->ldr;
}

/* ISR, TMR and IRR: eight registers each. */
static bool apic_is_bits(unsigned reg)
{
    return reg >= 0x10 && reg <= 0x27;
}

static uint32_t apic_read_bits(const ApicState *s, unsigned reg)
{
    const uint32_t *bits = reg < 0x18 ? s->isr : reg < 0x20 ? s->tmr : s->irr;

    return bits[reg & 7];
}

static bool apic_is_lvt(unsigned reg)
{
    return reg >= 0x32 && reg < 0x32 + APIC_NLVT;
}

bool apic_read_reg(ApicState *s, unsigned reg, uint32_t *value)
{
    if (apic_is_bits(reg)) {
        *value = apic_read_bits(s, reg);
        return true;
    }
    if (apic_is_lvt(reg)) {
        *value = s->lvt[reg - 0x32];
        return true;
    }
    switch (reg) {
    case 0x02: *value = apic_x2(s) ? s->id : (uint32_t)s->xid << 24; break;
    case 0x03: *value = APIC_VERSION; break;
    case 0x08: *value = s->tpr; break;
    case 0x09: *value = apic_apr(s); break;
    case 0x0a: *value = apic_ppr(s); break;
    case 0x0b: *value = 0; return !apic_x2(s); /* EOI is write-only; the page reads 0 */
    case 0x0d: *value = apic_read_ldr(s); break;
    case 0x0e: *value = s->dfr; return !apic_x2(s);
    case 0x0f: *value = s->svr; break;
    case 0x28: *value = s->esr; break;
    case 0x30:
    case 0x31: *value = s->icr[reg - 0x30]; break;
    case 0x38: *value = s->initial; break;
    case 0x39: *value = apic_timer_count(s); break;
    case 0x3e: *value = s->divide; break;
    default: *value = 0; return false;
    }
    return true;
}

bool apic_read_page(CPUState *cpu, uint8_t *page)
{
    ApicState *s = (ApicState *)apic_of(cpu);

    if (s == NULL) {
        return false;
    }
    memset(page, 0, 1024);
    for (unsigned reg = 0; reg < 64; reg++) {
        uint32_t value = 0;

        if (apic_read_reg(s, reg, &value)) {
            value = GUINT32_TO_LE(value);
            memcpy(page + reg * 16, &value, sizeof(value));
        }
    }
    return true;
}

static void apic_write_svr(ApicState *s, uint32_t value)
{
    s->svr = value & 0x13ff;
    for (int i = 0; i < APIC_NLVT && !(s->svr & APIC_SVR_ENABLE); i++) {
        s->lvt[i] |= APIC_LVT_MASKED;
    }
    apic_update(s);
}

static void apic_write_lvt(ApicState *s, unsigned n, uint32_t value)
{
    uint32_t old = s->lvt[n];

    s->lvt[n] = (value & apic_lvt_writable[n]) | (old & APIC_LVT_RIRR);
    if (!(s->svr & APIC_SVR_ENABLE)) {
        s->lvt[n] |= APIC_LVT_MASKED;
    }
    if (!(s->lvt[n] & APIC_LVT_LEVEL)) {
        s->lvt[n] &= ~APIC_LVT_RIRR;
    }
    if (n == LVT_TIMER) {
        apic_timer_write_lvt(s, old);
    } else if (n == LVT_LINT0) {
        apic_set_lint0(s, s->lint0);
    }
}

static void apic_write_esr(ApicState *s)
{
    s->esr = s->esr_new;
    s->esr_new = 0;
}

/* Registers that only the page has, because x2APIC fixes them. */
static bool apic_write_xapic_only(ApicState *s, unsigned reg, uint32_t value)
{
    if (apic_x2(s)) {
        return false;
    }
    switch (reg) {
    case 0x02: s->xid = value >> 24; break;
    case 0x0d: s->ldr = value & 0xff000000; break;
    case 0x0e: s->dfr = value | 0x0fffffff; break;
    case 0x31: s->icr[1] = value & 0xff000000; break;
    case 0x03:
    case 0x09:
    case 0x0a:
    case 0x39: break; /* read-only */
    default: return apic_is_bits(reg);
    }
    return true;
}

bool apic_write_reg(ApicState *s, unsigned reg, uint32_t value)
{
    if (apic_is_lvt(reg)) {
        apic_write_lvt(s, reg - 0x32, value);
        return true;
    }
    switch (reg) {
    case 0x08: s->tpr = value; apic_update(s); break;
    case 0x0b: apic_eoi(s); break;
    case 0x0f: apic_write_svr(s, value); break;
    case 0x28: apic_write_esr(s); break;
    case 0x30: s->icr[0] = value & 0xccfff & ~(1u << 12); apic_send_icr(s); break;
    case 0x38: apic_timer_write_initial(s, value); break;
    case 0x3e: apic_timer_write_divide(s, value); break;
    default: return apic_write_xapic_only(s, reg, value);
    }
    return true;
}

/* The APIC of the CPU that makes this access; the boot CPU's for a test client. */
static ApicState *apic_here(X86Intc *set)
{
    CPUState *cpu = hw_current_cpu();

    return (ApicState *)apic_of(cpu != NULL ? cpu : set->boot_cpu);
}

static bool apic_on_page(const ApicState *s, uint64_t offset, unsigned size)
{
    return s != NULL && apic_hw_enabled(s) && !apic_x2(s) && offset < 0x1000 &&
           (offset & 15) == 0 && size == 4;
}

static uint64_t apic_mmio_read(void *opaque, uint64_t offset, unsigned size)
{
    ApicState *s = apic_here(opaque);
    uint32_t value = 0;

    if (apic_on_page(s, offset, size) && !apic_read_reg(s, offset >> 4, &value)) {
        apic_error(s, APIC_ESR_REGISTER);
    }
    return value;
}

static void apic_mmio_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    X86Intc *set = opaque;
    ApicState *s = apic_here(set);

    if (offset >= 0x1000 || offset < 0x10) {
        x86_intc_send_msi(set->dev.machine, X86_LAPIC_GPA + offset, value);
    } else if (apic_on_page(s, offset, size) && !apic_write_reg(s, offset >> 4, value)) {
        apic_error(s, APIC_ESR_REGISTER);
    }
}

const IoOps apic_ops = { .read = apic_mmio_read, .write = apic_mmio_write, 1, 4 };
