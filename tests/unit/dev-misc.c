/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The small port devices: debugcon, debug-exit, port 92, pvpanic, ib700, pc-testdev.
 */
#include <string.h>
#include "dev-rig.h"
#include "hw/fw_cfg.h"

/* ---- isa-debugcon ---- */

static void test_debugcon_output(void)
{
    g_autoptr(Rig) rig = rig_new(NULL);
    Chardev *chr = rig_chardev(rig, &chardev_ringbuf_class.type, "c");
    char got[16];

    rig_device(rig, &isa_debugcon_class, PROPS("chardev", "c", "iobase", "0x402"));
    for (const char *p = "SeaBIOS"; *p; p++) {
        rig_out(rig, 0x402, (uint8_t)*p);
    }
    hw_port_write(rig->ms, 0x402, 0x4121, 2); /* the second byte goes to 0x403: nobody */
    g_assert_cmpmem(got, chardev_ringbuf_read(chr, got, sizeof got), "SeaBIOS!", 8);
}

static void test_debugcon_readback(void)
{
    g_autoptr(Rig) rig = rig_new(NULL);

    rig_chardev(rig, &chardev_null_class.type, "c");
    rig_chardev(rig, &chardev_null_class.type, "d");
    rig_device(rig, &isa_debugcon_class, PROPS("chardev", "c"));
    rig_device(rig, &isa_debugcon_class,
               PROPS("chardev", "d", "iobase", "0x402", "readback", "0x42"));
    g_assert_cmphex(rig_in(rig, 0xe9), ==, 0xe9);
    g_assert_cmphex(rig_in(rig, 0x402), ==, 0x42);
}

static void test_debugcon_refused(void)
{
    g_autoptr(Rig) rig = rig_new(NULL);
    Chardev *chr = rig_chardev(rig, &chardev_null_class.type, "c");
    const DeviceClass *k = &isa_debugcon_class;

    rig_refused(rig, k, NULL, "Can't create debugcon device, empty char device");
    rig_refused(rig, k, PROPS("chardev", "nix"), "can't find value 'nix'");
    rig_refused(rig, k, PROPS("chardev", "c", "iobase", "0x10000"), "out of range");
    g_assert_false(chr->busy); /* given back */
    rig_device(rig, k, PROPS("chardev", "c"));
    rig_refused(rig, k, PROPS("chardev", "c", "iobase", "0x402"), "in use");
}

/* ---- isa-debug-exit ---- */

static void test_debug_exit(void)
{
    g_autoptr(Rig) rig = rig_new(NULL);

    rig_device(rig, &isa_debug_exit_class, NULL);
    g_assert_cmphex(hw_port_read(rig->ms, 0x501, 2), ==, 0);
    rig_out(rig, 0x501, 0);
    g_assert_cmpint(rig->request, ==, MACHINE_REQUEST_EXIT);
    g_assert_cmpint(rig->code, ==, 1);
    rig_out(rig, 0x502, 0x31);
    g_assert_cmpint(rig->code, ==, 0x63);
    rig_out(rig, 0x503, 0x31);
    g_assert_cmpuint(rig->requests, ==, 2);
}

static void test_debug_exit_wide(void)
{
    g_autoptr(Rig) rig = rig_new(NULL);

    rig_device(rig, &isa_debug_exit_class, PROPS("iobase", "0xf4", "iosize", "4"));
    hw_port_write(rig->ms, 0xf4, 0x1234, 4);
    g_assert_cmpuint(rig->requests, ==, 1);
    g_assert_cmpint(rig->code, ==, (0x1234 << 1) | 1);
}

static void test_debug_exit_refused(void)
{
    g_autoptr(Rig) rig = rig_new(NULL);
    const DeviceClass *k = &isa_debug_exit_class;

    rig_refused(rig, k, PROPS("iosize", "0"), "0 ports");
    rig_refused(rig, k, PROPS("iosize", "65537"), "65537 ports");
    rig_refused(rig, k, PROPS("iobase", "0xffff"), "out of range: the last possible is 0xfffe");
    rig_refused(rig, k, PROPS("iobase", "four"), "iobase");
    rig_device(rig, k, PROPS("iobase", "0xfffe"));
}

static void test_no_isa_bus(void)
{
    g_autoptr(Rig) rig = rig_new_none();

    rig_refused(rig, &isa_debug_exit_class, NULL, "No 'ISA' bus found for device 'isa-debug-exit'");
    rig_refused(rig, &ib700_class, NULL, "No 'ISA' bus found for device 'ib700'");
    rig_refused(rig, &pc_testdev_class, NULL, "No 'ISA' bus found for device 'pc-testdev'");
}

/* ---- port 92 ---- */

static void a20_set(void *opaque, int n, int level)
{
    *(int *)opaque = level;
}

static void test_port92(void)
{
    g_autoptr(Rig) rig = rig_new(NULL);
    DeviceState *dev = rig_device(rig, &port92_class, NULL);
    int a20 = -1;
    g_autofree IrqLine *line = hw_irq_array_new(a20_set, &a20, 1);

    hw_device_connect(dev, "a20", 0, line);
    g_assert_cmphex(rig_in(rig, 0x92), ==, 0);
    rig_out(rig, 0x92, 0x02);
    g_assert_cmphex(rig_in(rig, 0x92), ==, 2);
    g_assert_cmpint(a20, ==, 1);
    rig_out(rig, 0x92, 0x00);
    g_assert_cmpint(a20, ==, 0);
    g_assert_cmpuint(rig->requests, ==, 0);
}

static void test_port92_reset(void)
{
    g_autoptr(Rig) rig = rig_new(NULL);

    rig_device(rig, &port92_class, NULL);
    rig_out(rig, 0x92, 0x03);
    g_assert_cmpuint(rig->requests, ==, 1);
    g_assert_cmpint(rig->request, ==, MACHINE_REQUEST_RESET);
    rig_out(rig, 0x92, 0x03); /* no edge */
    g_assert_cmpuint(rig->requests, ==, 1);
    rig_reset(rig);
    g_assert_cmphex(rig_in(rig, 0x92), ==, 2);
    rig_out(rig, 0x92, 0x01);
    g_assert_cmpuint(rig->requests, ==, 2);
}

/* ---- pvpanic ---- */

static void test_pvpanic(void)
{
    g_autoptr(Rig) rig = rig_new(NULL);

    rig_device(rig, &pvpanic_class, NULL);
    g_assert_cmphex(rig_in(rig, 0x505), ==, 3);
    rig_out(rig, 0x505, 4); /* nothing we know */
    g_assert_cmpuint(rig->requests, ==, 0);
    rig_out(rig, 0x505, 2);
    g_assert_cmpint(rig->request, ==, MACHINE_REQUEST_CRASHLOAD);
    rig_out(rig, 0x505, 3);
    g_assert_cmpint(rig->request, ==, MACHINE_REQUEST_PANIC);
    g_assert_cmpuint(rig->requests, ==, 2);
}

static void test_pvpanic_props(void)
{
    g_autoptr(Rig) rig = rig_new(NULL);

    rig_device(rig, &pvpanic_class, PROPS("ioport", "0x600", "events", "1"));
    g_assert_cmphex(rig_in(rig, 0x600), ==, 1);
    g_assert_cmphex(rig_in(rig, 0x505), ==, 0xff);
    rig_refused(rig, &pvpanic_class, PROPS("ioport", "0x600"), "in use by pvpanic");
    rig_refused(rig, &pvpanic_class, PROPS("ioport", "0x10000"), "ioport");
}

/* ---- ib700 ---- */

static void test_ib700_expires(void)
{
    g_autoptr(Rig) rig = rig_new(NULL);

    rig->ms->boot->watchdog_action = WATCHDOG_ACTION_PAUSE;
    rig_device(rig, &ib700_class, NULL);
    for (int v = 0; v < 16; v++) {
        unsigned before = rig->requests;

        rig_out(rig, 0x443, (uint8_t)(v | 0xf0)); /* the low four bits count */
        if (v < 15) {
            rig_step(rig, (30 - 2 * v) * HW_NS_PER_SEC - 1);
            g_assert_cmpuint(rig->requests, ==, before);
        }
        rig_step(rig, 1);
        g_assert_cmpuint(rig->requests, ==, before + 1);
        rig_step(rig, 100 * HW_NS_PER_SEC); /* once only */
        g_assert_cmpuint(rig->requests, ==, before + 1);
    }
    g_assert_cmpint(rig->request, ==, MACHINE_REQUEST_WATCHDOG);
    g_assert_cmpint(rig->code, ==, WATCHDOG_ACTION_PAUSE);
}

static void test_ib700_stops(void)
{
    g_autoptr(Rig) rig = rig_new(NULL);

    rig_device(rig, &ib700_class, NULL);
    rig_out(rig, 0x443, 14);
    rig_out(rig, 0x441, 0);
    rig_step(rig, 60 * HW_NS_PER_SEC);
    rig_out(rig, 0x443, 14);
    rig_reset(rig);
    rig_step(rig, 60 * HW_NS_PER_SEC);
    rig_out(rig, 0x442, 14);
    rig_out(rig, 0x444, 14);
    rig_step(rig, 60 * HW_NS_PER_SEC);
    g_assert_cmpuint(rig->requests, ==, 0);
}

static void test_ib700_kicked(void)
{
    g_autoptr(Rig) rig = rig_new(NULL);

    rig_device(rig, &ib700_class, NULL);
    for (int i = 0; i < 20; i++) {
        rig_out(rig, 0x443, 10);
        rig_step(rig, 9 * HW_NS_PER_SEC);
    }
    g_assert_cmpuint(rig->requests, ==, 0);
    rig_step(rig, HW_NS_PER_SEC);
    g_assert_cmpuint(rig->requests, ==, 1);
}

/* ---- pc-testdev ---- */

static void test_testdev_latch(void)
{
    g_autoptr(Rig) rig = rig_new(NULL);

    rig_device(rig, &pc_testdev_class, NULL);
    for (int base = 0xe0; base <= 0xe8; base += 8) {
        uint16_t p = (uint16_t)base;

        hw_port_write(rig->ms, p, 0x87654321, 4);
        g_assert_cmphex(hw_port_read(rig->ms, p, 4), ==, 0x87654321);
        g_assert_cmphex(hw_port_read(rig->ms, p + 2, 2), ==, 0x8765);
        g_assert_cmphex(hw_port_read(rig->ms, p, 2), ==, 0x4321);
        g_assert_cmphex(hw_port_read(rig->ms, p + 3, 1), ==, 0x87);
        hw_port_write(rig->ms, p + 2, 0x8866, 2);
        g_assert_cmphex(hw_port_read(rig->ms, p, 4), ==, 0x88664321);
        hw_port_write(rig->ms, p + 1, 0x99, 1);
        g_assert_cmphex(hw_port_read(rig->ms, p, 4), ==, 0x88669921);
    }
}

static void test_testdev_same_bytes(void)
{
    g_autoptr(Rig) rig = rig_new(NULL);

    rig_device(rig, &pc_testdev_class, NULL);
    hw_port_write(rig->ms, 0xe0, 0x12345678, 4);
    g_assert_cmphex(hw_port_read(rig->ms, 0xe8, 4), ==, 0x12345678);
    g_assert_cmphex(hw_port_read(rig->ms, 0xe9, 2), ==, 0x3456);
    hw_port_write(rig->ms, 0xea, 0xabcd, 2);
    g_assert_cmphex(hw_port_read(rig->ms, 0xe0, 4), ==, 0xabcd5678);
    hw_port_write(rig->ms, 0xe4, 0x5000, 4); /* accepted, nothing to see */
    g_assert_cmphex(hw_port_read(rig->ms, 0xe4, 4), ==, 0);
}

static void test_testdev_irq(void)
{
    g_autoptr(Rig) rig = rig_new(NULL);

    rig_device(rig, &pc_testdev_class, NULL);
    for (unsigned n = 0; n < 24; n++) {
        rig_out(rig, (uint16_t)(0x2000 + n), 0x80);
        if (n < RIG_IRQS) {
            g_assert_cmpint(rig->level[n], ==, 1);
        }
        rig_out(rig, (uint16_t)(0x2000 + n), 0);
        if (n < RIG_IRQS) {
            g_assert_cmpint(rig->level[n], ==, 0);
        }
    }
}

static void test_testdev_mmio(void)
{
    g_autoptr(Rig) rig = rig_new(NULL);
    uint64_t v = 0x1122334455667788;
    uint8_t byte;

    rig_device(rig, &pc_testdev_class, NULL);
    hw_mem_write(rig->ms, 0xff000ff8, &v, 8);
    hw_mem_read(rig->ms, 0xff000ff9, &byte, 1);
    g_assert_cmphex(byte, ==, 0x77);
    hw_mem_write(rig->ms, 0xff00fffe, "\xab\xcd", 2);
    hw_mem_read(rig->ms, 0xff00fffe, &v, 2);
    g_assert_cmphex(v & 0xffff, ==, 0xcdab);
    g_assert_false(hw_mem_read(rig->ms, 0xff010000, &byte, 1));
}

static void test_testdev_refused(void)
{
    g_autoptr(Rig) rig = rig_new(NULL);

    rig_chardev(rig, &chardev_null_class.type, "c");
    rig_device(rig, &isa_debugcon_class, PROPS("chardev", "c"));
    rig_refused(rig, &pc_testdev_class, NULL, "ports 0xe8-0xeb are in use by isa-debugcon");
}

static void test_unrealize(void)
{
    g_autoptr(Rig) rig = rig_new(NULL);
    const DeviceClass *all[] = { &isa_debug_exit_class, &port92_class, &pvpanic_class, &ib700_class,
                                 &pc_testdev_class, &i8042_class, &isa_serial_class };

    for (int round = 0; round < 3; round++) {
        for (unsigned i = 0; i < G_N_ELEMENTS(all); i++) {
            hw_device_unrealize(rig_device(rig, all[i], NULL));
        }
    }
    g_assert_cmpuint(rig_ports(rig), ==, 0);
}

static void test_registered(void)
{
    g_autoptr(Rig) rig = rig_new(NULL);
    static const char *const names[] = { "isa-serial", "isa-debugcon", "isa-debug-exit", "pvpanic",
                                         "ib700", "pc-testdev", "i8042", "port92", "mc146818rtc",
                                         "fw_cfg_io", "pc-cmos" };

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        g_assert_nonnull(hw_registry_find(rig->reg, names[i]));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/debugcon/output", test_debugcon_output);
    g_test_add_func("/debugcon/readback", test_debugcon_readback);
    g_test_add_func("/debugcon/refused", test_debugcon_refused);
    g_test_add_func("/debug-exit/status", test_debug_exit);
    g_test_add_func("/debug-exit/wide", test_debug_exit_wide);
    g_test_add_func("/debug-exit/refused", test_debug_exit_refused);
    g_test_add_func("/isa/no-bus", test_no_isa_bus);
    g_test_add_func("/isa/registered", test_registered);
    g_test_add_func("/isa/unrealize", test_unrealize);
    g_test_add_func("/port92/a20", test_port92);
    g_test_add_func("/port92/reset", test_port92_reset);
    g_test_add_func("/pvpanic/events", test_pvpanic);
    g_test_add_func("/pvpanic/props", test_pvpanic_props);
    g_test_add_func("/ib700/expires", test_ib700_expires);
    g_test_add_func("/ib700/stops", test_ib700_stops);
    g_test_add_func("/ib700/kicked", test_ib700_kicked);
    g_test_add_func("/testdev/latch", test_testdev_latch);
    g_test_add_func("/testdev/same-bytes", test_testdev_same_bytes);
    g_test_add_func("/testdev/irq", test_testdev_irq);
    g_test_add_func("/testdev/mmio", test_testdev_mmio);
    g_test_add_func("/testdev/refused", test_testdev_refused);
    return g_test_run();
}
