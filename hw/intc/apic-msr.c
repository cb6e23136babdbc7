/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The local APIC as MSRs, for accelerators that hand MSR accesses to the machine layer:
 * IA32_APIC_BASE, IA32_TSC_DEADLINE and x2APIC's 0x800-0x8ff (Intel SDM vol. 3, 11.12). Whatever
 * the manual answers with a general protection fault returns FALSE and changes nothing.
 */
#include "apic-internal.h"

enum { MSR_APIC_BASE = 0x1b, MSR_TSC_DEADLINE = 0x6e0, MSR_X2APIC = 0x800 };
enum { X2_EOI = 0x0b, X2_ESR = 0x28, X2_ICR = 0x30, X2_ICR_HIGH = 0x31, X2_SELF_IPI = 0x3f };

#define APIC_BASE_ADDR 0xffffffffff000ull

static bool apic_write_base(ApicState *s, uint64_t value)
{
    const uint64_t mode = APIC_BASE_ENABLE | APIC_BASE_X2APIC;
    uint64_t old = s->base & mode, new = value & mode;

    if (value & ~(APIC_BASE_ADDR | APIC_BASE_BSP | mode)) {
        return false;
    }
    /* Figure 11-27: no x2APIC without enable, none straight from off, no way back to xAPIC. */
    if (new == APIC_BASE_X2APIC || (old == 0 && new == mode) ||
        (old == mode && new == APIC_BASE_ENABLE)) {
        return false;
    }
    s->base = (value & ~(uint64_t)APIC_BASE_BSP) | (s->base & APIC_BASE_BSP);
    if (old != 0 && new == 0) {
        apic_reset_regs(s);
    } else if (old != mode && new == mode) {
        s->icr[1] = 0;
    }
    apic_update(s);
    return true;
}

static bool apic_write_x2(ApicState *s, unsigned reg, uint64_t value)
{
    if (reg == X2_ICR) {
        s->icr[1] = value >> 32;
        return apic_write_reg(s, X2_ICR, value);
    }
    if (value >> 32 != 0 || ((reg == X2_EOI || reg == X2_ESR) && value != 0)) {
        return false;
    }
    if (reg == X2_SELF_IPI) {
        if (value <= 0xff) {
            apic_deliver(s, &(ApicMsg){ .mode = APIC_DM_FIXED, .vector = value });
        }
        return value <= 0xff;
    }
    return apic_write_reg(s, reg, value);
}

static bool apic_read_x2(ApicState *s, unsigned reg, uint64_t *value)
{
    uint32_t low = 0;

    if (reg == X2_ICR_HIGH || !apic_read_reg(s, reg, &low)) {
        return false;
    }
    *value = reg == X2_ICR ? (uint64_t)s->icr[1] << 32 | low : low;
    return true;
}

bool apic_msr_read(CPUState *cpu, uint32_t msr, uint64_t *value)
{
    ApicState *s = (ApicState *)apic_of(cpu);
    bool ok = false;

    if (s == NULL) {
        return false;
    }
    hw_machine_lock(s->dev.machine);
    if (msr == MSR_APIC_BASE) {
        *value = s->base;
        ok = true;
    } else if (msr == MSR_TSC_DEADLINE) {
        *value = s->deadline;
        ok = true;
    } else if (msr >> 8 == MSR_X2APIC >> 8 && apic_x2(s)) {
        ok = apic_read_x2(s, msr & 0xff, value);
    }
    hw_machine_unlock(s->dev.machine);
    return ok;
}

bool apic_msr_write(CPUState *cpu, uint32_t msr, uint64_t value)
{
    ApicState *s = (ApicState *)apic_of(cpu);
    bool ok = false;

    if (s == NULL) {
        return false;
    }
    hw_machine_lock(s->dev.machine);
    if (msr == MSR_APIC_BASE) {
        ok = apic_write_base(s, value);
    } else if (msr == MSR_TSC_DEADLINE) {
        apic_timer_set_deadline(s, value);
        ok = true;
    } else if (msr >> 8 == MSR_X2APIC >> 8 && apic_x2(s)) {
        ok = apic_write_x2(s, msr & 0xff, value);
    }
    hw_machine_unlock(s->dev.machine);
    return ok;
}
