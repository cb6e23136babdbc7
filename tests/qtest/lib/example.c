/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two cases on a PC of their own each: the RTC's NVRAM, and a reset seen through the monitor. */
#include <accelvm-qtest.h>

static void test_nvram(AqVM *vm, gconstpointer data)
{
    aq_outb(vm, 0x70, 0x0f);
    aq_outb(vm, 0x71, 0x5a);
    aq_outb(vm, 0x70, 0x0f);
    g_assert_cmphex(aq_inb(vm, 0x71), ==, 0x5a);
}

static void test_reset(AqVM *vm, gconstpointer data)
{
    aq_writel(vm, 0x1000, 0xdeadbeef);
    json_decref(aq_qmp_ok(vm, "{'execute': 'system_reset'}"));
    json_decref(aq_event(vm, "RESET"));
    g_assert_cmphex(aq_readl(vm, 0x1000), ==, 0xdeadbeef);   /* RAM survives a reset */
}

int main(int argc, char **argv)
{
    AqConfig config = {
        .size = sizeof(config),
        .args = "-nodefaults -S -m 16 -machine pc",
        .accel = g_getenv("EXAMPLE_ACCEL"),   /* NULL: qtest */
    };

    g_test_init(&argc, &argv, NULL);
    aq_test_add("/example/nvram", &config, test_nvram, NULL);
    aq_test_add("/example/reset", &config, test_reset, NULL);
    return g_test_run();
}
