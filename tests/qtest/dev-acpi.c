/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ACPI fixed hardware, CPU hotplug, the reset port: where they are is accelvm's own. */
#include "dev.h"

enum { PM1_STS = 0x600, PM1_EN = 0x602, PM1_CNT = 0x604, PM_TMR = 0x608, GPE_STS = 0xafe0,
       GPE_EN = 0xafe2, CPUHP = 0xaf00 };
enum { TMR = 1, GBL = 0x20, PWRBTN = 0x100, SLP_EN = 0x2000, SCI = 9 };
enum { SELECTOR = CPUHP, FLAGS = CPUHP + 4, COMMAND = CPUHP + 5, DATA = CPUHP + 8 };
enum { ENABLED = 1, INSERT = 2, REMOVE = 4, EJECT = 8 };

#define S 1000000000ll
#define TIMER_HZ 3579545

static void power_on(AqVM *vm, gconstpointer data)
{
    IN16(vm, PM1_STS, 0);
    IN16(vm, PM1_EN, 0);
    IN16(vm, PM1_CNT, 1); /* ACPI mode from the start */
    IN32(vm, GPE_STS, 0);
}

static void timer_counts(AqVM *vm, gconstpointer data)
{
    unsigned start = aq_inl(vm, PM_TMR);

    aq_clock_step(vm, S);
    g_assert_cmpuint((aq_inl(vm, PM_TMR) - start) & 0xffffff, ==, TIMER_HZ);
    aq_clock_step(vm, S / 2);
    g_assert_cmpuint((aq_inl(vm, PM_TMR) - start) & 0xffffff, ==, TIMER_HZ * 3 / 2);
}

static void timer_wraps(AqVM *vm, gconstpointer data)
{
    aq_clock_set(vm, 5 * S);
    g_assert_cmpuint(aq_inl(vm, PM_TMR), ==, 5u * TIMER_HZ - (1u << 24));
}

static void timer_read_only(AqVM *vm, gconstpointer data)
{
    aq_clock_set(vm, S);
    OUT32(vm, PM_TMR, 0);
    IN32(vm, PM_TMR, TIMER_HZ);
}

static void timer_carry(AqVM *vm, gconstpointer data)
{
    aq_irq_intercept_in(vm, "ioapic");
    OUT16(vm, PM1_EN, TMR);
    aq_clock_set(vm, (1ll << 23) * S / TIMER_HZ - 1000000);
    g_assert_false(aq_get_irq(vm, SCI));
    aq_clock_step(vm, 2000000);
    g_assert_true(aq_get_irq(vm, SCI));
    IN16(vm, PM1_STS, TMR);
    OUT16(vm, PM1_STS, TMR);
    g_assert_false(aq_get_irq(vm, SCI));
    IN16(vm, PM1_STS, 0);
}

static void enable_bits(AqVM *vm, gconstpointer data)
{
    OUT16(vm, PM1_EN, 0xffff);
    IN16(vm, PM1_EN, 0x0721);
    OUT8(vm, PM1_EN, 0);
    IN16(vm, PM1_EN, 0x0700);
}

static void control_keeps_mode(AqVM *vm, gconstpointer data)
{
    OUT16(vm, PM1_CNT, 0x1c06);
    IN16(vm, PM1_CNT, 0x1c07);
    OUT16(vm, PM1_CNT, 0);
    IN16(vm, PM1_CNT, 1);
}

static void power_button(AqVM *vm, gconstpointer data)
{
    aq_irq_intercept_in(vm, "ioapic");
    OUT16(vm, PM1_EN, PWRBTN);
    dev_execute(vm, "system_powerdown");
    json_decref(aq_event(vm, "POWERDOWN"));
    g_assert_true(aq_get_irq(vm, SCI));
    IN16(vm, PM1_STS, PWRBTN);
    OUT16(vm, PM1_STS, PWRBTN);
    g_assert_false(aq_get_irq(vm, SCI));
}

static void power_button_disabled(AqVM *vm, gconstpointer data)
{
    aq_irq_intercept_in(vm, "ioapic");
    dev_execute(vm, "system_powerdown");
    json_decref(aq_event(vm, "POWERDOWN"));
    g_assert_false(aq_get_irq(vm, SCI));
    OUT16(vm, PM1_EN, PWRBTN); /* it has not been forgotten */
    g_assert_true(aq_get_irq(vm, SCI));
}

static void soft_off(AqVM *vm, gconstpointer data)
{
    g_autoptr(GError) err = NULL;

    OUT16(vm, PM1_CNT, SLP_EN);
    json_decref(aq_event(vm, "SHUTDOWN"));
    aq_vm_wait(vm, 30000, &err);
    g_assert_no_error(err);
}

static void soft_off_no_shutdown(AqVM *vm, gconstpointer data)
{
    OUT16(vm, PM1_CNT, SLP_EN);
    json_decref(aq_event(vm, "STOP"));
    STATUS(vm, "shutdown");
}

static void other_sleep_type(AqVM *vm, gconstpointer data)
{
    OUT16(vm, PM1_CNT, SLP_EN | 3 << 10);
    dev_no_event(vm, "SHUTDOWN");
    STATUS(vm, "running");
}

static void acpi_off(AqVM *vm, gconstpointer data)
{
    IN16(vm, PM1_CNT, 0xffff);
    IN32(vm, GPE_STS, 0xffffffff);
}

static void pm_reset(AqVM *vm, gconstpointer data)
{
    OUT16(vm, PM1_EN, PWRBTN);
    OUT16(vm, GPE_EN, 4);
    dev_reset(vm);
    power_on(vm, NULL);
}

/* ---- CPU hotplug ---- */

static void plug(AqVM *vm, unsigned socket)
{
    json_decref(aq_qmp_ok(vm, "{'execute': 'device_add', 'arguments': {'driver': "
                          "'qemu64-x86_64-cpu', 'id': 'c', 'socket-id': %u, 'core-id': 0, "
                          "'thread-id': 0}}", socket));
}

static uint8_t flags(AqVM *vm, unsigned slot)
{
    OUT32(vm, SELECTOR, slot);
    return aq_inb(vm, FLAGS);
}

static void cpus_at_start(AqVM *vm, gconstpointer data)
{
    g_assert_cmphex(flags(vm, 0), ==, ENABLED);
    g_assert_cmphex(flags(vm, 1), ==, 0);
    g_assert_cmphex(flags(vm, 2), ==, 0);
    g_assert_cmphex(flags(vm, 77), ==, 0);
}

static void cpu_plugged(AqVM *vm, gconstpointer data)
{
    aq_irq_intercept_in(vm, "ioapic");
    OUT16(vm, GPE_EN, 4);
    plug(vm, 2);
    g_assert_true(aq_get_irq(vm, SCI));
    IN16(vm, GPE_STS, 4);
    OUT16(vm, GPE_STS, 4);
    g_assert_false(aq_get_irq(vm, SCI));
    g_assert_cmphex(flags(vm, 2), ==, ENABLED | INSERT);
    OUT8(vm, FLAGS, INSERT);
    g_assert_cmphex(flags(vm, 2), ==, ENABLED);
}

static void cpu_next_event(AqVM *vm, gconstpointer data)
{
    plug(vm, 2);
    OUT32(vm, SELECTOR, 0);
    OUT8(vm, COMMAND, 0);
    IN32(vm, DATA, 2);
    g_assert_cmphex(aq_inb(vm, FLAGS), ==, ENABLED | INSERT);
}

static void cpu_ids(AqVM *vm, gconstpointer data)
{
    for (unsigned i = 0; i < 3; i++) {
        OUT32(vm, SELECTOR, i);
        OUT8(vm, COMMAND, 3);
        IN32(vm, DATA, i);
    }
}

static void cpu_ejected(AqVM *vm, gconstpointer data)
{
    plug(vm, 1);
    g_assert_cmphex(flags(vm, 1), ==, ENABLED | INSERT);
    OUT8(vm, FLAGS, INSERT);
    json_decref(aq_qmp_ok(vm, "{'execute': 'device_del', 'arguments': {'id': 'c'}}"));
    g_assert_cmphex(flags(vm, 1), ==, ENABLED | REMOVE);
    OUT8(vm, FLAGS, REMOVE);
    OUT8(vm, FLAGS, EJECT);
    dev_event_word(vm, "DEVICE_DELETED", "device", "c");
    g_assert_cmphex(flags(vm, 1), ==, 0);
}

static void cpu_ost(AqVM *vm, gconstpointer data)
{
    plug(vm, 1);
    OUT32(vm, SELECTOR, 1);
    OUT8(vm, COMMAND, 1);
    OUT32(vm, DATA, 1);
    OUT8(vm, COMMAND, 2);
    OUT32(vm, DATA, 0);
    g_assert_cmphex(flags(vm, 1), ==, ENABLED | INSERT);
}

/* ---- reset port ---- */

static void reset_port(AqVM *vm, gconstpointer data)
{
    OUT8(vm, 0xcf9, 0x02);
    IN8(vm, 0xcf9, 0x02);
    dev_no_event(vm, "RESET");
    OUT8(vm, 0xcf9, 0x06);
    json_decref(aq_event(vm, "RESET"));
    IN8(vm, 0xcf9, 0x00);
}

static void reset_port_wide(AqVM *vm, gconstpointer data)
{
    OUT32(vm, 0xcf8, 0xffffffff); /* a guest that looks for PCI */
    IN32(vm, 0xcf8, 0xffffffff);
    dev_no_event(vm, "RESET");
}

static void reset_no_reboot(AqVM *vm, gconstpointer data)
{
    g_autoptr(GError) err = NULL;

    OUT8(vm, 0xcf9, 0x06);
    aq_vm_wait(vm, 30000, &err);
    g_assert_no_error(err);
}

#define PM(name, func, ...) CASE("pm/" name, func, "" __VA_ARGS__, DEV_OURS)
#define HP(name, func) CASE("cpuhp/" name, func, "-smp 1,maxcpus=3,sockets=3", DEV_OURS)

static const DevCase cases[] = {
    PM("power-on", power_on),
    PM("timer/counts", timer_counts),
    PM("timer/wraps", timer_wraps),
    PM("timer/read-only", timer_read_only),
    PM("timer/carry", timer_carry),
    PM("enable-bits", enable_bits),
    PM("control-keeps-mode", control_keeps_mode),
    PM("power-button", power_button),
    PM("power-button-disabled", power_button_disabled),
    PM("soft-off", soft_off),
    PM("soft-off-no-shutdown", soft_off_no_shutdown, "-no-shutdown"),
    PM("other-sleep-type", other_sleep_type),
    PM("absent", acpi_off, "-machine acpi=off"),
    PM("reset", pm_reset),
    HP("at-start", cpus_at_start),
    HP("plugged", cpu_plugged),
    HP("next-event", cpu_next_event),
    HP("ids", cpu_ids),
    HP("ejected", cpu_ejected),
    HP("ost", cpu_ost),
    PM("reset-port", reset_port),
    PM("reset-port-wide", reset_port_wide),
    PM("reset-no-reboot", reset_no_reboot, "-no-reboot"),
};

DEV_MAIN("acpi", cases)
