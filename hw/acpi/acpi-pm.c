/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fixed ACPI hardware: PM1a status, enable and control, the PM timer, and general purpose event
 * block 0. Source: ACPI specification 6.3, 4.8.3 and 4.8.4.
 *
 * The SCI is a level: up while any status bit is set whose enable bit is set too. Status bits are
 * cleared by writing 1. The machine is always in ACPI mode: SCI_EN reads 1 and there is no SMI
 * command port. The timer counts 24 bits at 3.579545 MHz of virtual time and sets TMR_STS whenever
 * bit 23 changes; that is computed when somebody looks, and a real timer runs only while TMR_EN
 * asks for an interrupt.
 */
#include "acpi-internal.h"

#define PM1_STS_BITS (ACPI_PM1_TMR | ACPI_PM1_BM | ACPI_PM1_GBL | ACPI_PM1_PWRBTN | \
                      ACPI_PM1_SLPBTN | ACPI_PM1_RTC | ACPI_PM1_WAK)
#define PM1_EN_BITS  (ACPI_PM1_TMR | ACPI_PM1_GBL | ACPI_PM1_PWRBTN | ACPI_PM1_SLPBTN | \
                      ACPI_PM1_RTC)
#define PM1_CNT_BITS (0x6u | ACPI_PM1_CNT_SLP_TYP_MASK) /* BM_RLD, GBL_RLS, SLP_TYP */
#define PM_TIMER_HALF (1u << (ACPI_PM_TIMER_BITS - 1))  /* pulses between carries */

typedef struct AcpiPmState {
    DeviceState dev;
    uint16_t sts, en, cnt, gpe_sts, gpe_en;
    int64_t carry;  /* number of the next half turn of the timer that sets TMR_STS */
    HwTimer *timer;
    IrqLine *sci;
    IoRegion io, gpe_io;
} AcpiPmState;

static int64_t pm_ticks(const AcpiPmState *s)
{
    int64_t ns = hw_clock_ns(s->dev.machine, HW_CLOCK_VIRTUAL);

    return ns / HW_NS_PER_SEC * ACPI_PM_TIMER_HZ +
           ns % HW_NS_PER_SEC * ACPI_PM_TIMER_HZ / HW_NS_PER_SEC;
}

/* First nanosecond at which the timer has counted @ticks. */
static int64_t pm_ticks_ns(int64_t ticks)
{
    int64_t sec = ticks / ACPI_PM_TIMER_HZ, rest = ticks % ACPI_PM_TIMER_HZ;

    return sec * HW_NS_PER_SEC + (rest * HW_NS_PER_SEC + ACPI_PM_TIMER_HZ - 1) / ACPI_PM_TIMER_HZ;
}

static void pm_update(AcpiPmState *s)
{
    int64_t half = pm_ticks(s) / PM_TIMER_HALF;

    if (half >= s->carry) {
        s->carry = half + 1;
        s->sts |= ACPI_PM1_TMR;
    }
    if ((s->en & ACPI_PM1_TMR) && !(s->sts & ACPI_PM1_TMR)) {
        hw_timer_mod(s->timer, pm_ticks_ns(s->carry * PM_TIMER_HALF));
    } else {
        hw_timer_del(s->timer);
    }
    hw_irq_set(s->sci, (s->sts & s->en) != 0 || (s->gpe_sts & s->gpe_en) != 0);
}

static void pm_timer(void *opaque)
{
    pm_update(opaque);
}

/* SLP_EN: only soft off is offered in the tables; other types do nothing. */
static void pm_write_control(AcpiPmState *s, uint16_t value)
{
    unsigned type = (value & ACPI_PM1_CNT_SLP_TYP_MASK) >> ACPI_PM1_CNT_SLP_TYP_SHIFT;

    s->cnt = (value & PM1_CNT_BITS) | ACPI_PM1_CNT_SCI_EN;
    if ((value & ACPI_PM1_CNT_SLP_EN) && type == ACPI_PM_S5_TYPE) {
        acpi_soft_off(s->dev.machine);
    }
}

/* The block as an array of words. */
static uint16_t pm_read_word(AcpiPmState *s, unsigned word)
{
    switch (word) {
    case 0:
        pm_update(s);
        return s->sts;
    case 1:
        return s->en;
    case 2:
        return s->cnt;
    default:
        return 0;
    }
}

static void pm_write_word(AcpiPmState *s, unsigned word, uint16_t value)
{
    pm_update(s);
    switch (word) {
    case 0:
        s->sts &= ~(value & PM1_STS_BITS);
        break;
    case 1:
        s->en = value & PM1_EN_BITS;
        break;
    case 2:
        pm_write_control(s, value);
        break;
    default: /* the timer is read-only */
        break;
    }
    pm_update(s);
}

/* One look at the clock for all bytes: those of two moments make a number that never was. */
static uint64_t pm_read(void *opaque, uint64_t offset, unsigned size)
{
    const unsigned timer = ACPI_PM_TIMER_PORT - ACPI_PM_BASE;
    AcpiPmState *s = opaque;
    uint32_t ticks = offset + size <= timer ? 0 : pm_ticks(s) & ((1u << ACPI_PM_TIMER_BITS) - 1);
    uint64_t value = 0;

    for (unsigned i = 0; i < size; i++) {
        unsigned at = offset + i;
        uint8_t byte = at >= timer ? ticks >> (at - timer) * 8
                                   : (uint32_t)pm_read_word(s, at / 2) >> (at & 1) * 8;

        value |= (uint64_t)byte << i * 8;
    }
    return value;
}

/* A byte leaves the other half of its word alone: as it is, or as zeros where ones clear. */
static void pm_write_byte(AcpiPmState *s, unsigned offset, uint8_t value)
{
    unsigned shift = (offset & 1) * 8;
    uint16_t keep = offset / 2 == 0 ? 0 : pm_read_word(s, offset / 2) & (0xff00 >> shift);

    pm_write_word(s, offset / 2, keep | value << shift);
}

static void pm_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    AcpiPmState *s = opaque;
    unsigned at = offset, end = offset + size;

    while (at < end) {
        if ((at & 1) == 0 && end - at >= 2) {
            pm_write_word(s, at / 2, value);
            value >>= 16;
            at += 2;
        } else {
            pm_write_byte(s, at, value);
            value >>= 8;
            at++;
        }
    }
}

static uint64_t gpe_read(void *opaque, uint64_t offset, unsigned size)
{
    AcpiPmState *s = opaque;
    uint32_t both = s->gpe_sts | (uint32_t)s->gpe_en << 16;

    return both >> offset * 8 & (0xffffffffu >> (32 - size * 8));
}

static void gpe_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    AcpiPmState *s = opaque;

    for (unsigned i = offset; i < offset + size; i++, value >>= 8) {
        unsigned shift = (i & 1) * 8;
        if (i < ACPI_GPE0_LEN / 2) {
            s->gpe_sts &= ~((value & 0xff) << shift);
        } else {
            s->gpe_en = (s->gpe_en & (0xff00 >> shift)) | (value & 0xff) << shift;
        }
    }
    pm_update(s);
}

static const IoOps pm_ops = { .read = pm_read, .write = pm_write, 1, 4 };
static const IoOps gpe_ops = { .read = gpe_read, .write = gpe_write, 1, 4 };

static void pm_set_gpe(void *opaque, int n, int level)
{
    AcpiPmState *s = opaque;

    if (level) {
        s->gpe_sts |= 1u << n;
        pm_update(s);
    }
}

void acpi_pm_power_button(DeviceState *dev)
{
    AcpiPmState *s = (AcpiPmState *)dev;

    s->sts |= ACPI_PM1_PWRBTN;
    pm_update(s);
}

static void pm_reset(DeviceState *dev)
{
    AcpiPmState *s = (AcpiPmState *)dev;

    s->sts = s->en = s->gpe_sts = s->gpe_en = 0;
    s->cnt = ACPI_PM1_CNT_SCI_EN;
    s->carry = pm_ticks(s) / PM_TIMER_HALF + 1;
    pm_update(s);
}

static gboolean pm_realize(DeviceState *dev, GError **errp)
{
    AcpiPmState *s = (AcpiPmState *)dev;

    hw_device_init_in(dev, "gpe", pm_set_gpe, ACPI_GPE0_LEN / 2 * 8);
    hw_device_init_out(dev, NULL, &s->sci, 1);
    s->timer = hw_timer_new(dev->machine, HW_CLOCK_VIRTUAL, pm_timer, s);
    pm_reset(dev);
    s->io = (IoRegion){ .name = "acpi-pm", .base = ACPI_PM_BASE,
                        .size = ACPI_PM_TIMER_PORT + ACPI_PM_TIMER_LEN - ACPI_PM_BASE,
                        .ops = &pm_ops, .opaque = s, .owner = dev };
    s->gpe_io = (IoRegion){ .name = "acpi-gpe0", .base = ACPI_GPE0_PORT, .size = ACPI_GPE0_LEN,
                            .ops = &gpe_ops, .opaque = s, .owner = dev };
    hw_port_add(dev->machine, &s->io);
    hw_port_add(dev->machine, &s->gpe_io);
    return TRUE;
}

static void pm_unrealize(DeviceState *dev)
{
    AcpiPmState *s = (AcpiPmState *)dev;

    hw_port_remove(dev->machine, &s->io);
    hw_port_remove(dev->machine, &s->gpe_io);
    hw_timer_free(s->timer);
    s->timer = NULL;
}

const DeviceClass acpi_pm_class = {
    .type = {
        .name = "acpi-pm",
        .parent = &hw_type_device,
        .desc = "ACPI fixed hardware",
        .instance_size = sizeof(AcpiPmState),
    },
    .bus = "ISA",
    .realize = pm_realize,
    .reset = pm_reset,
    .unrealize = pm_unrealize,
};
