/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The qtest stream against a scripted peer: that each call sends the words the protocol wants and
 * reads the reply; and that every malformed, late, missing or cut-off reply is the right error.
 */
#include "fake-server.h"

#include <string.h>
#include <unistd.h>

#define SCRIPT(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define LONG_MS 20000   /* never reached unless the code hangs */
#define SHORT_MS 30     /* for peers that never answer */

static void done(AqVM *vm, FakeServer *server)
{
    aq_vm_free(vm);
    fake_server_end(server);
}

static void test_ports(void)
{
    FakeServer *server;
    AqVM *vm = fake_qtest(&server, LONG_MS, SCRIPT(
        "<inb 0x70", ">OK 0x00ff\n", "<inw 0x510", ">OK 0xbeef\n", "<inl 0xcf8",
        ">OK 0xffffffff\n", "<outb 0x80 0x34", ">OK\n", "<outw 0x80 0x1234", ">OK\n",
        "<outl 0xffff 0xdeadbeef", ">OK\n"));

    g_assert_cmphex(aq_inb(vm, 0x70), ==, 0xff);
    g_assert_cmphex(aq_inw(vm, 0x510), ==, 0xbeef);
    g_assert_cmphex(aq_inl(vm, 0xcf8), ==, 0xffffffff);
    aq_outb(vm, 0x80, 0x1234);
    aq_outw(vm, 0x80, 0x1234);
    aq_outl(vm, 0xffff, 0xdeadbeef);
    done(vm, server);
}

static void test_values(void)
{
    FakeServer *server;
    AqVM *vm = fake_qtest(&server, LONG_MS, SCRIPT(
        "<readb 0x1", ">OK 0x00000000000000a5\n", "<readw 0x2", ">OK 0x000000000000a5a5\n",
        "<readl 0x4", ">OK 0x00000000ffffffff\n", "<readq 0xfffffffffffffff8",
        ">OK 0xffffffffffffffff\n", "<writeb 0x1 0xff", ">OK\n", "<writeq 0x8 0x123456789abcdef0",
        ">OK\n"));

    g_assert_cmphex(aq_readb(vm, 1), ==, 0xa5);
    g_assert_cmphex(aq_readw(vm, 2), ==, 0xa5a5);
    g_assert_cmphex(aq_readl(vm, 4), ==, 0xffffffff);
    g_assert_cmphex(aq_readq(vm, 0xfffffffffffffff8), ==, UINT64_MAX);
    aq_writeb(vm, 1, 0xfff);
    aq_writeq(vm, 8, 0x123456789abcdef0);
    done(vm, server);
}

static void test_blocks(void)
{
    FakeServer *server;
    AqVM *vm = fake_qtest(&server, LONG_MS, SCRIPT(
        "<read 0x1000 0x3", ">OK 0x00ff7e\n", "<write 0x1000 0x3 0x00ff7e", ">OK\n",
        "<memset 0x0 0x10 0xaa", ">OK\n", "<b64read 0x1000 0x3", ">OK AP9+\n",
        "<b64write 0x1000 0x3 AP9+", ">OK\n"));
    static const uint8_t want[3] = { 0x00, 0xff, 0x7e };
    uint8_t got[3] = { 1, 1, 1 };

    aq_memread(vm, 0x1000, got, 3);
    g_assert_cmpmem(got, 3, want, 3);
    aq_memwrite(vm, 0x1000, want, 3);
    aq_memset(vm, 0, 0xaa, 16);
    memset(got, 0, sizeof(got));
    aq_bufread(vm, 0x1000, got, 3);
    g_assert_cmpmem(got, 3, want, 3);
    aq_bufwrite(vm, 0x1000, want, 3);
    aq_memread(vm, 0, got, 0);   /* the script would complain about a line for these */
    aq_memwrite(vm, 0, got, 0);
    aq_bufread(vm, 0, got, 0);
    aq_bufwrite(vm, 0, got, 0);
    done(vm, server);
}

static void test_irq(void)
{
    FakeServer *server;
    AqVM *vm = fake_qtest(&server, LONG_MS, SCRIPT(
        "<irq_intercept_in ioapic", ">OK\n",
        "<outb 0x20 0x1", ">IRQ raise 8\nIRQ lower 8\nIRQ raise 255\nIRQ raise 8\nOK\n",
        "<endianness", ">OK little\n", "<endianness", ">IRQ lower 255\nOK little\n",
        "<irq_intercept_out /machine/x out", ">OK\n", "<set_irq_in /x unnamed-gpio-in 3 1",
        ">OK\n", "<set_irq_in /x name 3 0", ">OK\n"));

    aq_irq_intercept_in(vm, "ioapic");
    aq_outb(vm, 0x20, 1);
    g_assert_true(aq_get_irq(vm, 8));
    g_assert_cmpuint(aq_irq_edges(vm, 8), ==, 2);
    g_assert_false(aq_get_irq(vm, 255));
    g_assert_cmpuint(aq_irq_edges(vm, 255), ==, 1);
    aq_irq_intercept_out_named(vm, "/machine/x", "out");
    aq_set_irq_in(vm, "/x", NULL, 3, 1);
    aq_set_irq_in(vm, "/x", "name", 3, 0);
    done(vm, server);
}

static void test_clock(void)
{
    FakeServer *server;
    AqVM *vm = fake_qtest(&server, LONG_MS, SCRIPT(
        "<clock_step", ">OK 500000000\n", "<clock_step 10", ">OK 500000010\n",
        "<clock_set 9223372036854775807", ">OK 9223372036854775807\n",
        "<module_load audio- none", ">OK\n"));

    g_assert_cmpint(aq_clock_step_next(vm), ==, 500000000);
    g_assert_cmpint(aq_clock_step(vm, 10), ==, 500000010);
    g_assert_cmpint(aq_clock_set(vm, INT64_MAX), ==, INT64_MAX);
    g_assert_true(aq_try_module_load(vm, "audio-", "none", NULL));
    done(vm, server);
}

static void test_raw(void)
{
    FakeServer *server;
    AqVM *vm = fake_qtest(&server, LONG_MS, SCRIPT(
        "<", ">FAIL Unknown command ''\n", "<  two  spaces", ">IRQ raise 1\nERR odd\n",
        "<partial line", ">OK\n"));
    g_autofree char *a = aq_line(vm, "");
    g_autofree char *b = aq_line(vm, "  two  spaces");
    g_autofree char *c = NULL;

    g_assert_cmpstr(a, ==, "FAIL Unknown command ''");
    g_assert_cmpstr(b, ==, "ERR odd");
    g_assert_true(aq_try_send_raw(vm, "partial", -1, NULL));
    g_assert_true(aq_try_send_raw(vm, " line\nxxx", 6, NULL));
    c = aq_try_recv_line(vm, NULL);
    g_assert_cmpstr(c, ==, "OK");
    done(vm, server);
}

static void test_dribble(void)
{
    FakeServer *server;
    AqVM *vm = fake_qtest(&server, LONG_MS, SCRIPT(
        "<inb 0x1", ".IRQ raise 3\nOK 0x0012\n", "<inb 0x2", ".OK 0x0034\n"));

    g_assert_cmphex(aq_inb(vm, 1), ==, 0x12);
    g_assert_cmphex(aq_inb(vm, 2), ==, 0x34);
    g_assert_cmpuint(aq_irq_edges(vm, 3), ==, 1);
    done(vm, server);
}

/* A reply of several megabytes, which crosses the read buffer many times. */
static void test_big(void)
{
    size_t size = 3 << 20;
    g_autofree uint8_t *got = g_malloc(size);
    g_autofree char *hex = g_malloc(2 * size + 1);
    g_autofree char *reply = NULL;
    FakeServer *server;
    AqVM *vm;
    size_t i;

    for (i = 0; i < size; i++) {
        hex[2 * i] = "0123456789abcdef"[i % 16];
        hex[2 * i + 1] = '5';
    }
    hex[2 * size] = '\0';
    reply = g_strdup_printf(">IRQ raise 0\nOK 0x%s\n", hex);
    vm = fake_qtest(&server, LONG_MS, SCRIPT("<read 0x0 0x300000", reply));
    aq_memread(vm, 0, got, size);
    for (i = 0; i < size; i++) {
        g_assert_cmphex(got[i], ==, (i % 16) << 4 | 5);
    }
    done(vm, server);
}

/* One command, one reply, one expected error code. */
typedef struct {
    const char *name, *reply;
    AqError code;
} BadReply;

static const BadReply bad_replies[] = {
    { "fail", ">FAIL Unknown command 'inb'\n", AQ_ERROR_FAIL },
    { "err", ">ERR invalid argument size\n", AQ_ERROR_FAIL },
    { "no-value", ">OK\n", AQ_ERROR_PROTOCOL },
    { "too-wide", ">OK 0x100\n", AQ_ERROR_PROTOCOL },
    { "decimal", ">OK 12\n", AQ_ERROR_PROTOCOL },
    { "negative", ">OK 0x-1\n", AQ_ERROR_PROTOCOL },
    { "trailing", ">OK 0x12 junk\n", AQ_ERROR_PROTOCOL },
    { "okay", ">OKAY 0x12\n", AQ_ERROR_PROTOCOL },
    { "lower-case", ">ok 0x12\n", AQ_ERROR_PROTOCOL },
    { "empty-line", ">\n", AQ_ERROR_PROTOCOL },
    { "irq-too-high", ">IRQ raise 256\nOK 0x12\n", AQ_ERROR_PROTOCOL },
    { "irq-negative", ">IRQ raise -1\nOK 0x12\n", AQ_ERROR_PROTOCOL },
    { "irq-no-number", ">IRQ raise \nOK 0x12\n", AQ_ERROR_PROTOCOL },
    { "irq-bad-verb", ">IRQ toggle 1\nOK 0x12\n", AQ_ERROR_PROTOCOL },
    { "irq-alone", ">IRQ\nOK 0x12\n", AQ_ERROR_PROTOCOL },
    { "eof", ">", AQ_ERROR_EOF },
    { "eof-mid-reply", ">OK 0x1", AQ_ERROR_EOF },
    { "eof-after-irq", ">IRQ raise 1\n", AQ_ERROR_EOF },
};

static void test_bad_reply(gconstpointer data)
{
    const BadReply *bad = data;
    g_autoptr(GError) error = NULL;
    FakeServer *server;
    AqVM *vm = fake_qtest(&server, LONG_MS, SCRIPT("<inb 0x1", bad->reply));
    uint32_t value = 0x55;

    g_assert_false(aq_try_in(vm, 1, 1, &value, &error));
    g_assert_error(error, AQ_ERROR, (gint)bad->code);
    g_assert_cmphex(value, ==, 0x55);
    done(vm, server);
}

static void test_bad_blocks(void)
{
    FakeServer *server;
    AqVM *vm = fake_qtest(&server, LONG_MS, SCRIPT(
        "<read 0x0 0x2", ">OK 0x12\n", "<read 0x0 0x2", ">OK 0x12g4\n", "<read 0x0 0x2",
        ">OK 0x123456\n", "<b64read 0x0 0x2", ">OK AP9+\n", "<clock_step", ">OK -1\n",
        "<clock_step", ">OK 9223372036854775808\n"));
    uint8_t got[2];
    int i;

    for (i = 0; i < 6; i++) {
        g_autoptr(GError) error = NULL;

        if (i < 3) {
            g_assert_false(aq_try_memread(vm, 0, got, 2, &error));
        } else if (i == 3) {
            g_assert_false(aq_try_bufread(vm, 0, got, 2, &error));
        } else {
            g_assert_false(aq_try_clock_step_next(vm, NULL, &error));
        }
        g_assert_error(error, AQ_ERROR, AQ_ERROR_PROTOCOL);
    }
    done(vm, server);
}

/* A peer that does not answer: the late reply must never be taken for another command's. */
static void test_out_of_step(void)
{
    g_autoptr(GError) late = NULL;
    g_autoptr(GError) after = NULL;
    FakeServer *server;
    AqVM *vm = fake_qtest(&server, SHORT_MS, SCRIPT("<inb 0x1", "!"));
    uint32_t value;

    g_assert_false(aq_try_in(vm, 1, 1, &value, &late));
    g_assert_error(late, AQ_ERROR, AQ_ERROR_TIMEOUT);
    g_assert_false(aq_try_in(vm, 1, 2, &value, &after));
    g_assert_error(after, AQ_ERROR, AQ_ERROR_PROTOCOL);
    done(vm, server);
}

/* A peer that reads nothing: sending has to end, too. */
static void test_stuck_peer(void)
{
    size_t size = 8 << 20;
    g_autofree uint8_t *data = g_malloc0(size);
    g_autoptr(GError) error = NULL;
    int fd;
    FakeServer *server = fake_server_new(SCRIPT("<endianness", ">OK big\n", "<go"), &fd);
    AqVM *vm = aq_vm_attach(fd, -1, 0, SHORT_MS, NULL);

    g_assert_true(aq_vm_is_big_endian(vm));
    g_assert_true(aq_try_send_raw(vm, "g", 1, NULL));   /* keeps the peer in its third step */
    g_free(g_steal_pointer(&data));
    data = g_malloc(size);
    memset(data, 'o', size);
    (void)aq_try_send_raw(vm, "o\n", 2, NULL);
    g_assert_false(aq_try_memwrite(vm, 0, data, size, &error));
    g_assert_nonnull(error);   /* EOF or timeout, whichever end of the peer is seen */
    done(vm, server);
}

static void test_usage(void)
{
    FakeServer *server;
    AqVM *vm = fake_qtest(&server, LONG_MS, SCRIPT("!"));
    uint64_t value64;
    uint32_t value;
    gboolean level;

    g_assert_false(aq_try_in(vm, 8, 1, &value, NULL));
    g_assert_false(aq_try_out(vm, 3, 1, 0, NULL));
    g_assert_false(aq_try_read(vm, 0, 1, &value64, NULL));
    g_assert_false(aq_try_write(vm, 16, 1, 0, NULL));
    g_assert_false(aq_try_get_irq(vm, AQ_MAX_IRQ, &level, NULL));
    g_assert_false(aq_try_intercept_in(vm, "two words", NULL, NULL));
    g_assert_false(aq_try_intercept_out(vm, "", NULL, NULL));
    g_assert_false(aq_try_set_irq_in(vm, "x", "a\nb", 0, 1, NULL));
    g_assert_null(aq_try_qmp(vm, NULL, "{'execute': 'quit'}"));
    done(vm, server);
}

static void test_bad_handshake(void)
{
    static const char *const replies[] = { ">OK middle\n", ">FAIL\n", ">" };
    gsize i;

    for (i = 0; i < G_N_ELEMENTS(replies); i++) {
        g_autoptr(GError) error = NULL;
        int fd;
        FakeServer *server = fake_server_new(SCRIPT("<endianness", replies[i]), &fd);

        g_assert_null(aq_vm_attach(fd, -1, 0, LONG_MS, &error));
        g_assert_nonnull(error);
        fake_server_end(server);
        close(fd);   /* still ours */
    }
}

int main(int argc, char **argv)
{
    gsize i;

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/aq/qtest/ports", test_ports);
    g_test_add_func("/aq/qtest/values", test_values);
    g_test_add_func("/aq/qtest/blocks", test_blocks);
    g_test_add_func("/aq/qtest/irq", test_irq);
    g_test_add_func("/aq/qtest/clock", test_clock);
    g_test_add_func("/aq/qtest/raw", test_raw);
    g_test_add_func("/aq/qtest/dribble", test_dribble);
    g_test_add_func("/aq/qtest/big", test_big);
    for (i = 0; i < G_N_ELEMENTS(bad_replies); i++) {
        g_autofree char *path = g_strconcat("/aq/qtest/bad/", bad_replies[i].name, NULL);
        g_test_add_data_func(path, &bad_replies[i], test_bad_reply);
    }
    g_test_add_func("/aq/qtest/bad/blocks", test_bad_blocks);
    g_test_add_func("/aq/qtest/bad/handshake", test_bad_handshake);
    g_test_add_func("/aq/qtest/out-of-step", test_out_of_step);
    g_test_add_func("/aq/qtest/stuck-peer", test_stuck_peer);
    g_test_add_func("/aq/qtest/usage", test_usage);
    return g_test_run();
}
