/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The asserting layer for test programs: call the GError function, and fail the test at the line of
 * the caller when it failed. Nothing else happens here. Should GLib be told that assertions are not
 * fatal, the functions return zeros.
 */
#include "aq-private.h"

#include <string.h>

void aq_assert_failed(AQ_WHERE, const char *what, GError *error)
{
    g_autofree char *message = g_strdup_printf("%s: %s", what, error->message);

    g_error_free(error);
    g_assertion_message("accelvm-qtest", file, line, func, message);
}

char *aq_at_line(AQ_WHERE, AqVM *vm, const char *line_text)
{
    g_autofree char *full = g_strconcat(line_text, "\n", NULL);
    GError *error = NULL;
    char *reply = NULL;

    if (aq_try_send_raw(vm, full, -1, &error)) {
        reply = aq_try_recv_line(vm, &error);
    }
    AQ_CHECK(line_text);
    return reply;
}

uint32_t aq_at_in(AQ_WHERE, AqVM *vm, unsigned width, uint16_t port)
{
    GError *error = NULL;
    uint32_t value = 0;

    aq_try_in(vm, width, port, &value, &error);
    AQ_CHECK("in");
    return value;
}

void aq_at_out(AQ_WHERE, AqVM *vm, unsigned width, uint16_t port, uint32_t value)
{
    GError *error = NULL;

    aq_try_out(vm, width, port, value, &error);
    AQ_CHECK("out");
}

uint64_t aq_at_read(AQ_WHERE, AqVM *vm, unsigned width, uint64_t addr)
{
    GError *error = NULL;
    uint64_t value = 0;

    aq_try_read(vm, width, addr, &value, &error);
    AQ_CHECK("read");
    return value;
}

void aq_at_write(AQ_WHERE, AqVM *vm, unsigned width, uint64_t addr, uint64_t value)
{
    GError *error = NULL;

    aq_try_write(vm, width, addr, value, &error);
    AQ_CHECK("write");
}

void aq_at_memread(AQ_WHERE, AqVM *vm, uint64_t addr, void *data, size_t size)
{
    GError *error = NULL;

    aq_try_memread(vm, addr, data, size, &error);
    AQ_CHECK("memread");
}

void aq_at_memwrite(AQ_WHERE, AqVM *vm, uint64_t addr, const void *data, size_t size)
{
    GError *error = NULL;

    aq_try_memwrite(vm, addr, data, size, &error);
    AQ_CHECK("memwrite");
}

void aq_at_memset(AQ_WHERE, AqVM *vm, uint64_t addr, uint8_t byte, size_t size)
{
    GError *error = NULL;

    aq_try_memset(vm, addr, byte, size, &error);
    AQ_CHECK("memset");
}

void aq_at_bufread(AQ_WHERE, AqVM *vm, uint64_t addr, void *data, size_t size)
{
    GError *error = NULL;

    aq_try_bufread(vm, addr, data, size, &error);
    AQ_CHECK("bufread");
}

void aq_at_bufwrite(AQ_WHERE, AqVM *vm, uint64_t addr, const void *data, size_t size)
{
    GError *error = NULL;

    aq_try_bufwrite(vm, addr, data, size, &error);
    AQ_CHECK("bufwrite");
}

void aq_at_intercept(AQ_WHERE, AqVM *vm, gboolean out, const char *path, const char *name)
{
    GError *error = NULL;

    if (out) {
        aq_try_intercept_out(vm, path, name, &error);
    } else {
        aq_try_intercept_in(vm, path, name, &error);
    }
    AQ_CHECK("irq_intercept");
}

gboolean aq_at_get_irq(AQ_WHERE, AqVM *vm, unsigned n)
{
    GError *error = NULL;
    gboolean level = FALSE;

    aq_try_get_irq(vm, n, &level, &error);
    AQ_CHECK("get_irq");
    return level;
}

void aq_at_set_irq_in(AQ_WHERE, AqVM *vm, const char *path, const char *name, unsigned n, int level)
{
    GError *error = NULL;

    aq_try_set_irq_in(vm, path, name, n, level, &error);
    AQ_CHECK("set_irq_in");
}

int64_t aq_at_clock_step_next(AQ_WHERE, AqVM *vm)
{
    GError *error = NULL;
    int64_t now = 0;

    aq_try_clock_step_next(vm, &now, &error);
    AQ_CHECK("clock_step");
    return now;
}

int64_t aq_at_clock_step(AQ_WHERE, AqVM *vm, int64_t ns)
{
    GError *error = NULL;
    int64_t now = 0;

    aq_try_clock_step(vm, ns, &now, &error);
    AQ_CHECK("clock_step");
    return now;
}

int64_t aq_at_clock_set(AQ_WHERE, AqVM *vm, int64_t ns)
{
    GError *error = NULL;
    int64_t now = 0;

    aq_try_clock_set(vm, ns, &now, &error);
    AQ_CHECK("clock_set");
    return now;
}
