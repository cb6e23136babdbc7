/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pvpanic, the ib700 watchdog, pc-testdev, isa-debug-exit, port 92. */
#include "dev.h"

#define S 1000000000ll

/* ---- pvpanic ---- */

static void pvpanic_features(AqVM *vm, gconstpointer data)
{
    g_assert_cmphex(aq_inb(vm, 0x505) & 3, ==, 3);
}

static void pvpanic_elsewhere(AqVM *vm, gconstpointer data)
{
    IN8(vm, 0x505, 0xff);
    IN8(vm, 0x600 + 0xa0, 1);
}

static void pvpanic_panic(AqVM *vm, gconstpointer data)
{
    OUT8(vm, 0x505, 1);
    dev_event_word(vm, "GUEST_PANICKED", "action", data);
}

static void pvpanic_pauses(AqVM *vm, gconstpointer data)
{
    OUT8(vm, 0x505, 1);
    dev_event_word(vm, "GUEST_PANICKED", "action", "pause");
    json_decref(aq_event(vm, "STOP"));
    STATUS(vm, "guest-panicked");
}

static void pvpanic_ends(AqVM *vm, gconstpointer data)
{
    g_autoptr(GError) err = NULL;

    OUT8(vm, 0x505, 1);
    dev_event_word(vm, "GUEST_PANICKED", "action", "poweroff");
    json_decref(aq_event(vm, "SHUTDOWN"));
    aq_vm_wait(vm, 30000, &err);
    g_assert_no_error(err);
}

/* The exit becomes a pause; what stands still stays as it is. */
static void pvpanic_does_not_end(AqVM *vm, gconstpointer data)
{
    OUT8(vm, 0x505, 1);
    dev_event_word(vm, "GUEST_PANICKED", "action", "poweroff");
    dev_event_word(vm, "SHUTDOWN", "reason", "guest-panic");
    STATUS(vm, "guest-panicked");
}

/* Newer QEMUs announce this bit by themselves; here it has to be asked for. */
static void pvpanic_shutdown(AqVM *vm, gconstpointer data)
{
    g_autoptr(GError) err = NULL;

    IN8(vm, 0x505, 7);
    OUT8(vm, 0x505, 4);
    json_decref(aq_event(vm, "GUEST_PVSHUTDOWN"));
    dev_event_word(vm, "SHUTDOWN", "reason", "guest-shutdown");
    aq_vm_wait(vm, 30000, &err);
    g_assert_no_error(err);
}

static void pvpanic_crashloaded(AqVM *vm, gconstpointer data)
{
    OUT8(vm, 0x505, 2);
    dev_event_word(vm, "GUEST_CRASHLOADED", "action", "run");
}

static void pvpanic_other_bits(AqVM *vm, gconstpointer data)
{
    OUT8(vm, 0x505, 0x80);
    dev_no_event(vm, "GUEST_PANICKED");
}

/* ---- ib700: @data is the action ---- */

static void ib700_start(AqVM *vm)
{
    OUT8(vm, 0x443, 10); /* 30 - 2 * 10 seconds */
    aq_clock_step(vm, 10 * S - 1);
    dev_no_event(vm, "WATCHDOG");
    aq_clock_step(vm, 1);
}

static void ib700_action(AqVM *vm, gconstpointer data)
{
    ib700_start(vm);
    dev_event_word(vm, "WATCHDOG", "action", data);
}

static void ib700_pause(AqVM *vm, gconstpointer data)
{
    ib700_action(vm, "pause");
    json_decref(aq_event(vm, "STOP"));
    STATUS(vm, "watchdog");
}

static void ib700_reset(AqVM *vm, gconstpointer data)
{
    ib700_action(vm, "reset");
    json_decref(aq_event(vm, "RESET"));
    aq_clock_step(vm, 100 * S);
    dev_no_event(vm, "WATCHDOG"); /* the reset has switched it off */
    STATUS(vm, "running");
}

/* A reset switches it off before it bites. */
static void ib700_reset_in_time(AqVM *vm, gconstpointer data)
{
    OUT8(vm, 0x443, 10);
    dev_reset(vm);
    aq_clock_step(vm, 100 * S);
    dev_no_event(vm, "WATCHDOG");
}

static void ib700_no_reboot(AqVM *vm, gconstpointer data)
{
    g_autoptr(GError) err = NULL;

    ib700_action(vm, "reset");
    aq_vm_wait(vm, 30000, &err);
    g_assert_no_error(err);
}

/* What the power button does is the guest's business: the machine goes on. */
static void ib700_shutdown(AqVM *vm, gconstpointer data)
{
    ib700_action(vm, "shutdown");
    json_decref(aq_event(vm, "POWERDOWN"));
    STATUS(vm, "running");
}

static void ib700_poweroff(AqVM *vm, gconstpointer data)
{
    g_autoptr(GError) err = NULL;

    OUT8(vm, 0x443, 14);
    g_assert_true(aq_try_send_raw(vm, "clock_step 2000000000\n", -1, &err));
    dev_event_word(vm, "WATCHDOG", "action", "poweroff");
    aq_vm_wait(vm, 30000, &err);
    g_assert_no_error(err);
}

static void ib700_nmi(AqVM *vm, gconstpointer data)
{
    ib700_action(vm, "inject-nmi");
    STATUS(vm, "running");
}

/* The last word counts, also while the machine runs. */
static void ib700_changed(AqVM *vm, gconstpointer data)
{
    json_decref(aq_qmp_ok(vm, "{'execute': 'watchdog-set-action',"
                              " 'arguments': {'action': 'pause'}}"));
    ib700_pause(vm, NULL);
}

static void ib700_set_action(AqVM *vm, gconstpointer data)
{
    json_decref(aq_qmp_ok(vm, "{'execute': 'set-action', 'arguments': {'watchdog': 'pause'}}"));
    ib700_pause(vm, NULL);
}

static void ib700_disable(AqVM *vm, gconstpointer data)
{
    OUT8(vm, 0x443, 14);
    OUT8(vm, 0x441, 0);
    aq_clock_step(vm, 100 * S);
    dev_no_event(vm, "WATCHDOG");
}

static void ib700_feed(AqVM *vm, gconstpointer data)
{
    for (int i = 0; i < 5; i++) {
        OUT8(vm, 0x443, 14);
        aq_clock_step(vm, 2 * S - 1);
    }
    dev_no_event(vm, "WATCHDOG");
    aq_clock_step(vm, 1);
    dev_event_word(vm, "WATCHDOG", "action", "none");
}

static void ib700_longest(AqVM *vm, gconstpointer data)
{
    OUT8(vm, 0x443, 0);
    aq_clock_step(vm, 30 * S - 1);
    dev_no_event(vm, "WATCHDOG");
    aq_clock_step(vm, 1);
    dev_event_word(vm, "WATCHDOG", "action", "none");
}

static void ib700_once(AqVM *vm, gconstpointer data)
{
    ib700_action(vm, "none");
    aq_clock_step(vm, 100 * S);
    dev_no_event(vm, "WATCHDOG");
}

/* ---- pc-testdev ---- */

static void testdev_wide(AqVM *vm, gconstpointer data)
{
    OUT32(vm, 0xe0, 0x87654321);
    IN32(vm, 0xe0, 0x87654321);
    IN16(vm, 0xe2, 0x8765);
    IN8(vm, 0xe3, 0x87);
    OUT16(vm, 0xe0, 0xbeef);
    IN32(vm, 0xe0, 0x8765beef);
}

static void testdev_split(AqVM *vm, gconstpointer data)
{
    OUT32(vm, 0xe8, 0x12345678);
    IN32(vm, 0xe0, 0x12345678);
    IN16(vm, 0xe9, 0x3456);
    OUT8(vm, 0xea, 0xff);
    IN32(vm, 0xe8, 0x12ff5678);
}

static void testdev_combined(AqVM *vm, gconstpointer data)
{
    for (unsigned i = 0; i < 4; i++) {
        OUT8(vm, 0xe0 + i, 0x10 + i);
    }
    IN32(vm, 0xe8, 0x13121110);
    IN32(vm, 0xe0, 0x13121110);
}

static void testdev_memory(AqVM *vm, gconstpointer data)
{
    aq_writeq(vm, 0xff000010, 0x1122334455667788);
    RD32(vm, 0xff000014, 0x11223344);
    g_assert_cmphex(aq_readb(vm, 0xff000013), ==, 0x55);
    aq_writel(vm, 0xff00fffc, 0xdeadbeef);
    RD32(vm, 0xff00fffc, 0xdeadbeef);
}

static void testdev_lines(AqVM *vm, gconstpointer data)
{
    aq_irq_intercept_in(vm, "ioapic");
    for (unsigned n = 3; n < 16; n++) {
        if (n == 8 || n == 9 || n == 12) {
            continue; /* somebody else's */
        }
        OUT8(vm, 0x2000 + n, 1);
        g_assert_true(aq_get_irq(vm, n));
        OUT8(vm, 0x2000 + n, 0);
        g_assert_false(aq_get_irq(vm, n));
        g_assert_cmpuint(aq_irq_edges(vm, n), ==, 1);
    }
}

/* ---- isa-debug-exit: @data is what is written ---- */

static void debug_exit(AqVM *vm, gconstpointer data)
{
    g_autoptr(GError) err = NULL;

    g_assert_true(aq_try_send_raw(vm, data, -1, &err));
    aq_vm_wait(vm, 30000, &err);
    g_assert_no_error(err);
}

static void debug_exit_reads(AqVM *vm, gconstpointer data)
{
    IN8(vm, 0x501, 0);
    IN8(vm, 0x502, 0);
    IN8(vm, 0x503, 0xff);
}

/* ---- port 92 ---- */

static void port92_a20(AqVM *vm, gconstpointer data)
{
    OUT8(vm, 0x92, 0x02);
    IN8(vm, 0x92, 0x02);
    OUT8(vm, 0x92, 0x00);
    IN8(vm, 0x92, 0x00);
}

static void port92_line(AqVM *vm, gconstpointer data)
{
    aq_irq_intercept_out_named(vm, "port92", "a20");
    OUT8(vm, 0x92, 0x02);
    g_assert_true(aq_get_irq(vm, 0));
    OUT8(vm, 0x92, 0x00);
    g_assert_false(aq_get_irq(vm, 0));
}

static void port92_reset(AqVM *vm, gconstpointer data)
{
    OUT8(vm, 0x92, 0x01);
    json_decref(aq_event(vm, "RESET"));
    g_assert_cmphex(aq_inb(vm, 0x92) & 1, ==, 0);
}

#define PVPANIC(name, func, args, ...) \
    CASE("pvpanic/" name, func, "-device pvpanic " args, __VA_ARGS__)
#define IB700(name, func, args, ...) \
    CASE("ib700/" name, func, "-device ib700 " args, DEV_CLOCK, 0, __VA_ARGS__)
#define TESTDEV(name, func) CASE("pc-testdev/" name, func, "-device pc-testdev")
#define DEBUG_EXIT(name, args, status, line) \
    CASE("debug-exit/" name, debug_exit, "-device isa-debug-exit" args, 0, status, line)

static const DevCase cases[] = {
    PVPANIC("features", pvpanic_features, ""),
    CASE("pvpanic/elsewhere", pvpanic_elsewhere, "-device pvpanic,ioport=0x6a0,events=1"),
    PVPANIC("pause", pvpanic_panic, "-action panic=pause", 0, 0, "pause"),
    PVPANIC("none", pvpanic_panic, "-action panic=none", 0, 0, "run"),
    PVPANIC("stops", pvpanic_pauses, "-action panic=pause", DEV_CLOCK),
    PVPANIC("shutdown", pvpanic_ends, "-action panic=shutdown"),
    PVPANIC("exit-failure", pvpanic_ends, "-action panic=exit-failure", 0, 1),
    PVPANIC("exit-failure-no-shutdown", pvpanic_does_not_end,
            "-action panic=exit-failure -no-shutdown", DEV_CLOCK, 1),
    PVPANIC("no-shutdown", pvpanic_panic, "-no-shutdown", 0, 0, "pause"),
    CASE("pvpanic/pv-shutdown", pvpanic_shutdown, "-device pvpanic,events=7", DEV_OURS),
    PVPANIC("crashloaded", pvpanic_crashloaded, ""),
    PVPANIC("other-bits", pvpanic_other_bits, ""),
    IB700("pause", ib700_pause, "-watchdog-action pause", NULL),
    IB700("reset", ib700_reset, "-watchdog-action reset", NULL),
    IB700("reset-in-time", ib700_reset_in_time, "-watchdog-action none", NULL),
    IB700("no-reboot", ib700_no_reboot, "-watchdog-action reset -no-reboot", NULL),
    IB700("none", ib700_action, "-watchdog-action none", "none"),
    IB700("debug", ib700_action, "-watchdog-action debug", "debug"),
    IB700("shutdown", ib700_shutdown, "-watchdog-action shutdown", NULL),
    IB700("poweroff", ib700_poweroff, "-watchdog-action poweroff", NULL),
    IB700("inject-nmi", ib700_nmi, "-action watchdog=inject-nmi", NULL),
    IB700("changed", ib700_changed, "-watchdog-action none", NULL),
    IB700("set-action", ib700_set_action, "-watchdog-action none", NULL),
    IB700("last-word", ib700_pause, "-action watchdog=none -watchdog-action pause", NULL),
    IB700("disable", ib700_disable, "-watchdog-action none", NULL),
    IB700("feed", ib700_feed, "-watchdog-action none", NULL),
    IB700("longest", ib700_longest, "-watchdog-action none", NULL),
    IB700("once", ib700_once, "-watchdog-action none", NULL),
    TESTDEV("wide", testdev_wide),
    TESTDEV("split", testdev_split),
    TESTDEV("combined", testdev_combined),
    TESTDEV("memory", testdev_memory),
    TESTDEV("lines", testdev_lines),
    DEBUG_EXIT("zero", "", 1, "outb 0x501 0\n"),
    DEBUG_EXIT("value", "", 0x63, "outb 0x501 0x31\n"),
    DEBUG_EXIT("second-port", "", 7, "outb 0x502 3\n"),
    DEBUG_EXIT("elsewhere", ",iobase=0xf4,iosize=4", 0x21, "outl 0xf4 0x10\n"),
    CASE("debug-exit/reads", debug_exit_reads, "-device isa-debug-exit"),
    CASE("port92/a20", port92_a20),
    CASE("port92/a20-line", port92_line, NULL, DEV_OURS),
    CASE("port92/reset", port92_reset),
};

DEV_MAIN("misc", cases)
