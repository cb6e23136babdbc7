/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The library against a QEMU that is installed on this machine, with -accel tcg: so that what the
 * fake peers say is checked against what a real one says. Debian's QEMU has no qtest accelerator:
 * the guest is kept from running with -S, and there is no clock.
 */
#include "accelvm-qtest.h"

#include <string.h>
#include <unistd.h>

#define PC "-nodefaults -no-user-config -S -m 16 -machine pc"

static void test_memory(AqVM *vm, gconstpointer data)
{
    uint8_t out[300], in[300];
    gsize i;

    for (i = 0; i < sizeof(out); i++) {
        out[i] = (uint8_t)(i * 7 + 1);
    }
    aq_memwrite(vm, 0x1000, out, sizeof(out));
    aq_memread(vm, 0x1000, in, sizeof(in));
    g_assert_cmpmem(in, sizeof(in), out, sizeof(out));
    aq_bufread(vm, 0x1001, in, 10);
    g_assert_cmpmem(in, 10, out + 1, 10);
    aq_bufwrite(vm, 0x3000, out, 7);
    aq_memread(vm, 0x3000, in, 7);
    g_assert_cmpmem(in, 7, out, 7);
    aq_memset(vm, 0x1000, 0xa5, 16);
    g_assert_cmphex(aq_readq(vm, 0x1008), ==, 0xa5a5a5a5a5a5a5a5);
    aq_writel(vm, 0x2000, 0x11223344);
    g_assert_cmphex(aq_readb(vm, 0x2000), ==, 0x44);
    g_assert_cmphex(aq_readw(vm, 0x2002), ==, 0x1122);
    aq_writeq(vm, 0x2000, UINT64_MAX);
    aq_writew(vm, 0x2002, 0);
    aq_writeb(vm, 0x2000, 1);
    g_assert_cmphex(aq_readq(vm, 0x2000), ==, 0xffffffff0000ff01);
}

static void test_ports(AqVM *vm, gconstpointer data)
{
    aq_outb(vm, 0x70, 0x0f);
    aq_outb(vm, 0x71, 0x5a);
    aq_outb(vm, 0x70, 0x0f);
    g_assert_cmphex(aq_inb(vm, 0x71), ==, 0x5a);
    g_assert_cmphex(aq_inb(vm, 0x2ff), ==, 0xff);
    aq_outl(vm, 0xcf8, 0x80000000);
    g_assert_cmphex(aq_inl(vm, 0xcf8), ==, 0x80000000);
    g_assert_cmphex(aq_inw(vm, 0xcfc), ==, 0x8086);
}

static void test_irq(AqVM *vm, gconstpointer data)
{
    aq_irq_intercept_in(vm, "ioapic");
    g_assert_false(aq_get_irq(vm, 5));
    aq_set_irq_in(vm, "ioapic", NULL, 5, 1);
    g_assert_true(aq_get_irq(vm, 5));
    aq_set_irq_in(vm, "ioapic", NULL, 5, 0);
    g_assert_false(aq_get_irq(vm, 5));
    g_assert_cmpuint(aq_irq_edges(vm, 5), ==, 1);
}

static void test_errors(AqVM *vm, gconstpointer data)
{
    g_autofree char *unknown = aq_line(vm, "nonsense 1 2");
    g_autoptr(GError) device = NULL;
    g_autoptr(GError) clock = NULL;

    g_assert_cmpstr(unknown, ==, "FAIL Unknown command 'nonsense'");
    g_assert_false(aq_try_intercept_in(vm, "nobody", NULL, &device));
    g_assert_error(device, AQ_ERROR, AQ_ERROR_FAIL);
    g_assert_false(aq_try_clock_step_next(vm, NULL, &clock));
    g_assert_error(clock, AQ_ERROR, AQ_ERROR_FAIL);
    g_assert_cmphex(aq_inb(vm, 0x2ff), ==, 0xff);   /* still in step */
}

static void test_qmp(AqVM *vm, gconstpointer data)
{
    json_t *status = aq_qmp_ok(vm, "{'execute': 'query-status'}");
    g_autofree char *text = aq_hmp(vm, "info status");
    g_autofree char *unknown = aq_hmp(vm, "no-such-command");

    g_assert_cmpstr(json_string_value(json_object_get(status, "status")), ==, "prelaunch");
    json_decref(status);
    g_assert_nonnull(strstr(text, "paused"));
    g_assert_nonnull(strstr(unknown, "unknown command"));
    aq_qmp_error(vm, "CommandNotFound", "{'execute': 'no-such-command'}");
    aq_qmp_error(vm, "GenericError", "{'execute': 'qom-get', 'arguments': {'path': %s}}", "/x");
}

static void test_events(AqVM *vm, gconstpointer data)
{
    json_t *event;

    json_decref(aq_qmp_ok(vm, "{'execute': 'cont'}"));
    json_decref(aq_event(vm, "RESUME"));
    json_decref(aq_qmp_ok(vm, "{'execute': 'stop'}"));
    json_decref(aq_event(vm, "STOP"));
    json_decref(aq_qmp_ok(vm, "{'execute': 'system_reset'}"));
    event = aq_event(vm, "RESET");
    g_assert_nonnull(json_object_get(event, "data"));
    json_decref(event);
    json_decref(aq_qmp_ok(vm, "{'execute': 'quit'}"));
    json_decref(aq_event(vm, "SHUTDOWN"));
    g_assert_true(aq_vm_wait(vm, 20000, NULL));
}

static void test_oob(AqVM *vm, gconstpointer data)
{
    json_t *response = aq_qmp(vm, "{'exec-oob': 'migrate-pause', 'id': 'x'}");

    g_assert_cmpstr(json_string_value(json_object_get(response, "id")), ==, "x");
    json_decref(response);
}

/* The pipe that QEMU gets is the one that we hold: what it writes there, we read. */
static void test_fds(AqVM *vm, gconstpointer data)
{
    int fds[2];
    int64_t set;

    g_assert_cmpint(pipe(fds), ==, 0);
    g_assert_true(aq_try_getfd(vm, "mine", fds[1], NULL));
    json_decref(aq_qmp_ok(vm, "{'execute': 'closefd', 'arguments': {'fdname': 'mine'}}"));
    aq_qmp_error(vm, NULL, "{'execute': 'closefd', 'arguments': {'fdname': 'mine'}}");
    set = aq_try_add_fd(vm, -1, fds[1], NULL);
    g_assert_cmpint(set, >=, 0);
    g_assert_cmpint(aq_try_add_fd(vm, set, fds[1], NULL), ==, set);
    json_decref(aq_qmp_ok(vm, "{'execute': 'remove-fd', 'arguments': {'fdset-id': %lld}}",
                          (long long)set));
    close(fds[0]);
    close(fds[1]);
}

static void test_none(AqVM *vm, gconstpointer data)
{
    json_t *version = json_object_get(json_object_get(aq_vm_greeting(vm), "QMP"), "version");

    g_assert_nonnull(json_object_get(version, "qemu"));
    g_assert_false(aq_vm_is_big_endian(vm));
}

static void test_probe(gconstpointer binary)
{
    GError *error = NULL;
    g_autoptr(AqProbe) probe = aq_probe_new(binary, "tcg", &error);

    g_assert_no_error(error);
    g_assert_true(aq_probe_has_machine(probe, "none"));
    g_assert_true(aq_probe_has_machine(probe, "pc"));   /* an alias */
    g_assert_false(aq_probe_has_machine(probe, "p"));
    g_assert_true(aq_probe_has_device(probe, "isa-serial"));
    g_assert_false(aq_probe_has_device(probe, "pc-testdevice"));
    g_assert_true(aq_probe_has_accel(probe, "tcg"));
    g_assert_false(aq_probe_has_accel(probe, "hvf"));
}

static void test_bad_option(gconstpointer binary)
{
    AqConfig config = { .size = sizeof(config), .binary = binary, .accel = "tcg",
                        .args = "-machine no-such-machine" };
    g_autoptr(GError) error = NULL;

    g_assert_null(aq_vm_start(&config, &error));
    g_assert_error(error, AQ_ERROR, AQ_ERROR_DIED);
    g_assert_nonnull(strstr(error->message, "unsupported machine type"));
}

static void test_several(gconstpointer binary)
{
    AqConfig config = { .size = sizeof(config), .binary = binary, .accel = "tcg", .args = PC };
    AqVM *a = aq_start_config(&config);
    AqVM *b = aq_start_config(&config);

    aq_writel(a, 0x1000, 1);
    aq_writel(b, 0x1000, 2);
    g_assert_cmphex(aq_readl(a, 0x1000), ==, 1);
    g_assert_cmphex(aq_readl(b, 0x1000), ==, 2);
    aq_quit(a);
    aq_quit(b);
}

static void skip(void)
{
    g_test_skip("no qemu-system-x86_64 on this machine");
}

static void add(const char *name, const char *binary, const char *args, unsigned flags,
                AqTestFunc func)
{
    AqConfig config = { .size = sizeof(config), .binary = binary, .accel = "tcg", .args = args,
                        .flags = flags };
    g_autofree char *path = g_strconcat("/aq/qemu/", name, NULL);

    aq_test_add(path, &config, func, NULL);
}

int main(int argc, char **argv)
{
    g_autofree char *binary = g_find_program_in_path("qemu-system-x86_64");

    g_test_init(&argc, &argv, NULL);
    if (!binary) {
        g_test_add_func("/aq/qemu/all", skip);
        return g_test_run();
    }
    add("none", binary, "-nodefaults -machine none", 0, test_none);
    add("memory", binary, PC, 0, test_memory);
    add("ports", binary, PC, 0, test_ports);
    add("irq", binary, PC, 0, test_irq);
    add("errors", binary, PC, 0, test_errors);
    add("qmp", binary, PC, 0, test_qmp);
    add("events", binary, PC, 0, test_events);
    add("oob", binary, "-nodefaults -machine none", AQ_VM_OOB, test_oob);
    add("fds", binary, "-nodefaults -machine none", 0, test_fds);
    g_test_add_data_func("/aq/qemu/probe", binary, test_probe);
    g_test_add_data_func("/aq/qemu/bad-option", binary, test_bad_option);
    g_test_add_data_func("/aq/qemu/several", binary, test_several);
    return g_test_run();
}
