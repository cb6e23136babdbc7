/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The qtest server without sockets: every command, every way to get one wrong, bytes in pieces,
 * peers that do not keep up.
 */
#include <string.h>
#include "hw/intc.h"
#include "local.h"

#define MIB (1u << 20)
#define NO_DEADLINE \
    "FAIL cannot advance clock to the next deadline because there is no pending deadline"

/* Each pair: a line and its answer, without their newlines. */
static void talk(LocalVm *vm, const char *const (*pairs)[2], guint n)
{
    for (guint i = 0; i < n; i++) {
        g_autofree char *line = g_strconcat(pairs[i][0], "\n", NULL);
        g_autofree char *want = g_strconcat(pairs[i][1], "\n", NULL);
        g_autofree char *got = local_say(vm, line);

        g_test_message("%s", pairs[i][0]);
        g_assert_cmpstr(got, ==, want);
    }
}

#define TALK(vm, ...)                                             \
    do {                                                          \
        static const char *const pairs_[][2] = { __VA_ARGS__ };   \
        talk(vm, pairs_, G_N_ELEMENTS(pairs_));                   \
    } while (0)

static LocalVm *bare(void)
{
    return local_new("none", 16 * MIB, false);
}

static LocalVm *pc(void)
{
    return local_new("pc", 32 * MIB, false);
}

static void test_words(void)
{
    g_autoptr(LocalVm) vm = bare();

    TALK(vm, { "endianness", "OK little" }, { "endianness ", "OK little" },
         { "endianness a b c d e f g h i j k", "OK little" },
         { "", "FAIL Unknown command ''" }, { " endianness", "FAIL Unknown command ''" },
         { "endianness\r", "FAIL Unknown command 'endianness\r'" },
         { "Endianness", "FAIL Unknown command 'Endianness'" },
         { "rtas a 0 0 0 0", "FAIL Unknown command 'rtas'" },
         { "csr get 0 1 2", "FAIL Unknown command 'csr'" },
         { "module_load a b", "FAIL" }, { "inb", "FAIL Command 'inb' needs 1 arguments" },
         { "outb 1", "FAIL Command 'outb' needs 2 arguments" },
         { "set_irq_in a b 1", "FAIL Command 'set_irq_in' needs 4 arguments" });
}

static void test_numbers(void)
{
    g_autoptr(LocalVm) vm = bare();

    TALK(vm, { "inb 0x70", "OK 0x00ff" }, { "inb 112 junk", "OK 0x00ff" },
         { "inb 0160", "OK 0x00ff" },
         { "inb +5", "OK 0x00ff" }, { "inb 0XFFFF", "OK 0x00ff" },
         { "inb 0x", "FAIL port '0x' is not a valid number" },
         { "inb  5", "FAIL port '' is not a valid number" },
         { "inb 5x", "FAIL port '5x' is not a valid number" },
         { "inb \t5", "FAIL port '\t5' is not a valid number" },
         { "inb 08", "FAIL port '08' is not a valid number" },
         { "inb 0x10000", "FAIL port 0x10000 is above 0xffff" },
         { "inb -1", "FAIL port 0xffffffffffffffff is above 0xffff" },
         { "readb 0xffffffffffffffff", "OK 0x0000000000000000" },
         { "readb 0x10000000000000000",
           "FAIL address '0x10000000000000000' is not a valid number" },
         { "outb 1 z", "FAIL value 'z' is not a valid number" });
}

static void test_ports(void)
{
    g_autoptr(LocalVm) vm = pc();

    TALK(vm, { "inb 0x4", "OK 0x00ff" }, { "inw 0x4", "OK 0xffff" }, { "inl 0x4", "OK 0xffffffff" },
         { "inl 0xffff", "OK 0xffffffff" }, { "outl 0xffff 1", "OK" },
         { "outb 0x70 0x10f", "OK" }, { "outb 0x71 0xfff5a", "OK" }, { "outb 0x70 0xf", "OK" },
         { "inb 0x71", "OK 0x005a" });
}

static void test_memory(void)
{
    g_autoptr(LocalVm) vm = pc();

    TALK(vm, { "writeq 0x1000 0x1122334455667788", "OK" },
         { "readq 0x1000", "OK 0x1122334455667788" },
         { "readl 0x1000", "OK 0x0000000055667788" }, { "readw 0x1002", "OK 0x0000000000005566" },
         { "readb 0x1007", "OK 0x0000000000000011" }, { "writeb 0x1000 0x1ff", "OK" },
         { "writew 0x1002 -1", "OK" }, { "read 0x1000 8", "OK 0xff77ffff44332211" },
         { "readq 0x90000000", "OK 0x0000000000000000" }, { "writel 0x90000000 1", "OK" },
         { "readl 0x90000000", "OK 0x0000000000000000" },
         { "readq 0xfffffffffffffffc", "OK 0x0000000000000000" });
}

static void test_hex(void)
{
    g_autoptr(LocalVm) vm = pc();

    TALK(vm, { "write 0x1000 4 0x01ABcdef", "OK" }, { "read 0x1000 4", "OK 0x01abcdef" },
         { "write 0x1000 4 0x12", "OK" }, { "read 0x1000 4", "OK 0x12000000" },
         { "write 0x1000 2 0xaabbccdd", "OK" }, { "read 0x1000 4", "OK 0xaabb0000" },
         { "write 0x1000 1 0x7", "OK" }, { "read 0x1000 1", "OK 0x70" },
         { "write 0x1000 4 12", "ERR invalid argument size" },
         { "write 0x1000 4 ", "ERR invalid argument size" },
         { "write 0x1000 4 0xzz", "FAIL data is not hexadecimal" },
         { "write 0x1000 4 0x1g", "FAIL data is not hexadecimal" },
         { "read 0x1000 1", "OK 0x70" }, { "write 0x1000 0 0x1", "OK" },
         { "read 0x1000 0", "FAIL length is 0" },
         { "read 0x1000 -1", "FAIL length 0xffffffffffffffff is above the limit of 0x2000000" },
         { "write 0 0x2000001 0x1", "FAIL length 0x2000001 is above the limit of 0x2000000" });
}

static void test_base64(void)
{
    g_autoptr(LocalVm) vm = pc();

    TALK(vm, { "b64write 0x1000 3 AAEC", "OK" }, { "b64read 0x1000 3", "OK AAEC" },
         { "b64read 0x1000 4", "OK AAECAA==" }, { "b64write 0x1000 2 /////w==", "OK" },
         { "read 0x1000 4", "OK 0xffff0200" }, { "b64write 0x1000 9 AQID", "OK" },
         { "read 0x1000 4", "OK 0x01020300" },
         { "b64write 0x1000 3 AA", "ERR invalid argument size" },
         { "b64write 0x1000 3 AA!C", "FAIL data is not base64" },
         { "b64write 0x1000 3 A===", "FAIL data is not base64" },
         { "b64read 0x1000 0", "FAIL length is 0" });
}

static void test_memset(void)
{
    g_autoptr(LocalVm) vm = pc();

    TALK(vm, { "memset 0x100000 0x30000 0x1a5", "OK" }, { "read 0xffffe 4", "OK 0x0000a5a5" },
         { "read 0x12fffe 4", "OK 0xa5a50000" }, { "read 0x110000 2", "OK 0xa5a5" },
         { "memset 0x1000 0 1", "OK" }, { "memset 0 0x2000000 0", "OK" },
         { "read 0x110000 2", "OK 0x0000" }, { "memset 0xfffffffffffffff0 0x100 1", "OK" },
         { "memset 0 0x2000001 0", "FAIL length 0x2000001 is above the limit of 0x2000000" });
}

static void test_zero_fill(void)
{
    g_autoptr(LocalVm) vm = pc();

    TALK(vm, { "memset 0x100000 0x50000 0xaa", "OK" }, { "write 0x100000 0x40000 0x1234", "OK" },
         { "read 0x100000 4", "OK 0x12340000" }, { "read 0x110000 2", "OK 0x0000" },
         { "read 0x13fffe 4", "OK 0x0000aaaa" });
}

/* Somebody wants to end the process: a long command does not make him wait. */
static void test_memory_given_up(void)
{
    g_autoptr(LocalVm) vm = pc();

    vm->patience = 0;
    TALK(vm, { "memset 0 0x80000 1", "OK" }, { "memset 0 0x1000000 2", "FAIL interrupted" },
         { "write 0 0x1000000 0x01", "FAIL interrupted" },
         { "readb 0xffffff", "OK 0x0000000000000000" });
}

/* The longest line that a write of all RAM needs, and one that is longer. */
static void test_long_line(void)
{
    g_autoptr(LocalVm) vm = pc();
    g_autoptr(GString) line = g_string_new("write 0 0x2000000 0x");
    g_autofree char *answer = NULL, *more = NULL;
    gsize head = line->len;

    g_string_set_size(line, head + 64 * MIB);
    memset(line->str + head, 'a', 64 * MIB);
    g_string_append(line, "\nreadb 0x1ffffff\n");
    answer = local_say(vm, line->str);
    g_assert_cmpstr(answer, ==, "OK\nOK 0x00000000000000aa\n");
    g_string_truncate(line, line->len - strlen("\nreadb 0x1ffffff\n"));
    g_string_append(line, "aaaaaaaaaaaaaaaa");
    for (int i = 0; i < 3; i++) {
        g_free(local_say(vm, line->str)); /* no newline in 192 MiB */
    }
    more = local_say(vm, "aa\nendianness\n");
    g_assert_cmpstr(more, ==, "FAIL line too long\nOK little\n");
}

static void test_pieces(void)
{
    g_autoptr(LocalVm) vm = bare();

    TALK(vm, { "endianness\ninb 0\nfoo", "OK little\nOK 0x00ff\nFAIL Unknown command 'foo'" });
    hw_machine_lock(vm->ms);
    qtest_server_input(vm->server, "endi", 4);
    qtest_server_input(vm->server, "anness", 6);
    g_assert_cmpstr(vm->out->str, ==, "");
    hw_machine_unlock(vm->ms);
    TALK(vm, { "\ninb 0", "OK little\nOK 0x00ff" });
    hw_machine_lock(vm->ms);
    qtest_server_input(vm->server, "inb 0\0 1\n", 9);
    qtest_server_input(vm->server, "half a li", 9);
    qtest_server_close(vm->server);
    qtest_server_open(vm->server);
    hw_machine_unlock(vm->ms);
    TALK(vm, { "endianness", "FAIL NUL byte in line\nOK little" });
}

/* A peer that does not read: nothing more is carried out until it does. */
static void test_blocked(void)
{
    g_autoptr(LocalVm) vm = bare();
    g_autofree char *first = NULL;

    vm->slow = true;
    first = local_say(vm, "inb 1\ninw 1\ninl 1\n");
    g_assert_cmpstr(first, ==, "OK 0x00ff\n");
    g_assert_true(qtest_server_blocked(vm->server));
    vm->slow = false;
    hw_machine_lock(vm->ms);
    qtest_server_resume(vm->server);
    hw_machine_unlock(vm->ms);
    g_assert_false(qtest_server_blocked(vm->server));
    g_assert_cmpstr(vm->out->str, ==, "OK 0xffff\nOK 0xffffffff\n");
}

static void test_intercept_in(void)
{
    g_autoptr(LocalVm) vm = local_new("pc", 32 * MIB, true);

    TALK(vm, { "irq_intercept_in nothing", "FAIL Unknown device" },
         { "irq_intercept_in /machine", "FAIL Unknown device" },
         { "irq_intercept_in ioapic pins",
           "FAIL Interception of named in-GPIOs not yet supported" },
         { "irq_intercept_in port92", "FAIL No intercepts installed" },
         { "irq_intercept_in ioapic", "OK" }, { "irq_intercept_in ioapic", "OK" },
         { "irq_intercept_in /machine/unattached/ioapic", "OK" },
         { "irq_intercept_in pit", "FAIL IRQ intercept already enabled" },
         { "outb 0x2005 1", "IRQ raise 5\nOK" }, { "outb 0x2005 1", "OK" },
         { "outb 0x2005 0", "IRQ lower 5\nOK" }, { "outb 0x2017 0", "OK" },
         { "set_irq_in ioapic unnamed-gpio-in 8 1", "IRQ raise 8\nOK" },
         { "set_irq_in ioapic unnamed-gpio-in 8 1", "OK" },
         { "set_irq_in ioapic unnamed-gpio-in 8 0", "IRQ lower 8\nOK" });
}

/* An intercepted line still reaches its device: the IOAPIC remembers an edge that it may send. */
static void test_intercept_delivers(void)
{
    g_autoptr(LocalVm) vm = local_new("pc", 32 * MIB, true);

    TALK(vm, { "irq_intercept_in ioapic", "OK" }, { "writel 0xfec00000 0x1a", "OK" },
         { "writel 0xfec00010 0x8035", "OK" }, { "outb 0x2005 1", "IRQ raise 5\nOK" },
         { "readl 0xfec00010", "OK 0x000000000000c035" }); /* remote IRR */
}

static void test_intercept_out(void)
{
    g_autoptr(LocalVm) vm = local_new("pc", 32 * MIB, true);

    TALK(vm, { "irq_intercept_out nothing", "FAIL Unknown device" },
         { "irq_intercept_out port92", "FAIL No intercepts installed" },
         { "irq_intercept_out port92 a21", "FAIL No intercepts installed" },
         { "irq_intercept_out port92 a20", "OK" }, { "irq_intercept_out port92", "OK" },
         { "irq_intercept_out pit", "FAIL IRQ intercept already enabled" },
         { "outb 0x92 2", "IRQ raise 0\nOK" }, { "outb 0x92 0", "IRQ lower 0\nOK" });
}

/* Outputs are cut off from their target, and connected again when the server goes. */
static void test_intercept_out_disconnects(void)
{
    g_autoptr(LocalVm) vm = local_new("pc", 32 * MIB, true);
    DeviceState *pit = x86_intc_pit(vm->ms);
    IrqLine **place = hw_device_gpio(pit, NULL, true)->out, *before = *place;

    TALK(vm, { "outb 0x43 0x30", "OK" }, { "irq_intercept_out pit", "OK" },
         { "outb 0x43 0x34", "IRQ raise 0\nOK" }, { "outb 0x20 0x0a", "OK" },
         { "inb 0x20", "OK 0x0000" });
    g_assert_true(*place != before);
    g_clear_pointer(&vm->server, qtest_server_free);
    g_assert_true(*place == before);
}

static void test_set_irq(void)
{
    g_autoptr(LocalVm) vm = local_new("pc", 32 * MIB, true);

    TALK(vm, { "set_irq_in nothing unnamed-gpio-in 0 1", "FAIL Unknown device" },
         { "set_irq_in ioapic nope 0 1", "FAIL No input nope 0" },
         { "set_irq_in ioapic unnamed-gpio-in 24 1", "FAIL No input unnamed-gpio-in 24" },
         { "set_irq_in ioapic unnamed-gpio-in -1 1", "FAIL No input unnamed-gpio-in -1" },
         { "set_irq_in ioapic unnamed-gpio-in x 1", "FAIL line 'x' is not a valid number" },
         { "set_irq_in ioapic unnamed-gpio-in 1 y", "FAIL level 'y' is not a valid number" },
         { "set_irq_in pic unnamed-gpio-in 3 1", "OK" }, { "outb 0x20 0x0a", "OK" },
         { "inb 0x20", "OK 0x0008" });
}

/* A new client finds every level low, and the intercept still there. */
static void test_new_client(void)
{
    g_autoptr(LocalVm) vm = local_new("pc", 32 * MIB, true);

    TALK(vm, { "irq_intercept_in ioapic", "OK" }, { "outb 0x2005 1", "IRQ raise 5\nOK" });
    hw_machine_lock(vm->ms);
    qtest_server_close(vm->server);
    qtest_server_open(vm->server);
    hw_machine_unlock(vm->ms);
    TALK(vm, { "outb 0x2005 1", "IRQ raise 5\nOK" });
}

static void test_clock(void)
{
    g_autoptr(LocalVm) vm = bare();

    TALK(vm,
         { "clock_step", NO_DEADLINE },
         { "clock_step 0", "OK 0" }, { "clock_step 7", "OK 7" }, { "clock_step 0x10", "OK 23" },
         { "clock_set 100", "OK 100" }, { "clock_set 50", "OK 100" }, { "clock_set 100", "OK 100" },
         { "clock_step -1", "FAIL could not advance time" },
         { "clock_set -1", "FAIL time '-1' is not a valid number" },
         { "clock_set x", "FAIL time 'x' is not a valid number" },
         { "clock_step x", "FAIL time 'x' is not a valid number" },
         { "clock_step 0x7fffffffffffffff", "FAIL could not advance time" },
         { "clock_step 0xffffffffffffffff",
           "FAIL time '0xffffffffffffffff' is not a valid number" },
         { "clock_step 0x4000000000000000", "FAIL could not advance time" },
         { "clock_set 0x7fffffffffffffff", "FAIL could not advance time" },
         { "clock_set 0x4000000000000000", "OK 4611686018427387904" },
         { "clock_step 0", "OK 4611686018427387904" },
         { "clock_step 1", "FAIL could not advance time" });
}

/* From deadline to deadline: the timer's counter 0 in mode 0 with 1193 pulses of 838 ns. */
static void test_deadlines(void)
{
    g_autoptr(LocalVm) vm = pc();

    TALK(vm, { "irq_intercept_in ioapic", "OK" }, { "outb 0x43 0x30", "OK" },
         { "outb 0x40 0xa9", "OK" }, { "outb 0x40 4", "OK" }, { "clock_step", "OK 839" },
         { "clock_step", "IRQ raise 0\nOK 1000686" },
         { "clock_step", NO_DEADLINE });
}

/* Nobody waits for a step over a year of ticks. */
static void test_long_step(void)
{
    g_autoptr(LocalVm) vm = pc();
    g_autofree char *answer = NULL, *again = NULL;

    answer = local_say(vm, "clock_step 1000000000000000000\n");
    g_assert_true(g_str_has_prefix(answer, "FAIL could not advance time: stopped at 115"));
    vm->patience = 1;
    again = local_say(vm, "clock_step 1000000000000000000\n");
    g_assert_true(g_str_has_prefix(again, "FAIL could not advance time: stopped at 115"));
    g_assert_cmpuint(vm->asked, <, 4200);
}

/* What a command has made due happens before its reply. */
static void test_settle(void)
{
    g_autoptr(LocalVm) vm = pc();

    TALK(vm, { "irq_intercept_in ioapic", "OK" }, { "clock_step 1000", "OK 1000" },
         { "outb 0x43 0x30", "OK" }, { "outb 0x43 0x34", "IRQ raise 0\nOK" });
}

/* Without an accelerator that leaves the clock to us there are no such commands. */
static void test_no_clock(void)
{
    g_autoptr(LocalVm) vm = bare();
    AccelState *as = vm->ms->accel;

    vm->ms->accel = NULL;
    TALK(vm, { "clock_step", "FAIL Unknown command 'clock_step'" },
         { "clock_set 1", "FAIL Unknown command 'clock_set'" }, { "inb 0", "OK 0x00ff" });
    vm->ms->accel = as;
}

static void test_log(void)
{
    g_autoptr(GError) err = NULL;
    int fd = 7;

    g_assert_true(qtest_log_open("none", &fd, &err));
    g_assert_cmpint(fd, ==, -1);
    g_assert_true(qtest_log_open("/dev/null", &fd, &err));
    g_assert_cmpint(fd, ==, -1);
    g_assert_false(qtest_log_open("/nonexistent/log", &fd, &err));
    g_assert_cmpstr(err->message, ==,
                    "could not open qtest log '/nonexistent/log': No such file or directory");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/server/words", test_words);
    g_test_add_func("/server/numbers", test_numbers);
    g_test_add_func("/server/ports", test_ports);
    g_test_add_func("/server/memory", test_memory);
    g_test_add_func("/server/hex", test_hex);
    g_test_add_func("/server/base64", test_base64);
    g_test_add_func("/server/memset", test_memset);
    g_test_add_func("/server/zero-fill", test_zero_fill);
    g_test_add_func("/server/memory-given-up", test_memory_given_up);
    g_test_add_func("/server/long-line", test_long_line);
    g_test_add_func("/server/pieces", test_pieces);
    g_test_add_func("/server/blocked", test_blocked);
    g_test_add_func("/server/irq/in", test_intercept_in);
    g_test_add_func("/server/irq/in-delivers", test_intercept_delivers);
    g_test_add_func("/server/irq/out", test_intercept_out);
    g_test_add_func("/server/irq/out-disconnects", test_intercept_out_disconnects);
    g_test_add_func("/server/irq/set", test_set_irq);
    g_test_add_func("/server/irq/new-client", test_new_client);
    g_test_add_func("/server/clock", test_clock);
    g_test_add_func("/server/clock/deadlines", test_deadlines);
    g_test_add_func("/server/clock/long-step", test_long_step);
    g_test_add_func("/server/clock/settle", test_settle);
    g_test_add_func("/server/clock/absent", test_no_clock);
    g_test_add_func("/server/log", test_log);
    return g_test_run();
}
