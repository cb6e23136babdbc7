/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From an `out` to a call.
 *
 * Theory of operation: all calls are one region of ports, four apart, served without the machine
 * lock: there is one vCPU, and what the calls use is either constant or takes care of itself. The
 * value is a guest pointer; the table says how large its structure is; one check covers all of it.
 * Without a structure there is no place for an answer, so a wrong pointer is the guest's end. Each
 * call copies its arguments before it looks at them, because its buffers may lie on top of them.
 */
#include <stdarg.h>
#include <string.h>
#include "unikernel.h"

void uk_fatal(Unikernel *uk, const char *fmt, ...)
{
    const MachineHooks *hooks = &uk->ms.hooks;
    g_autofree char *text = NULL, *line = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    line = g_strdup_printf("unikernel: %s", text);
    if (hooks->warn != NULL) {
        hooks->warn(hooks->opaque, line);
    }
    hw_machine_request(&uk->ms, MACHINE_REQUEST_EXIT, "guest-abort", UK_STATUS_ABORT);
}

static void call_version(Unikernel *uk, uint8_t *arg)
{
    const struct uk_version a = { .version = UK_ABI_VERSION, .ret = UK_OK };

    memcpy(arg, &a, sizeof(a));
}

static void call_exit(Unikernel *uk, uint8_t *arg)
{
    struct uk_exit a;

    memcpy(&a, arg, sizeof(a));
    if (a.status > 255) {
        uk_fatal(uk, "the guest's exit status %" G_GUINT64_FORMAT " is above 255", a.status);
        return;
    }
    hw_machine_request(&uk->ms, MACHINE_REQUEST_EXIT, "guest-exit", (int)a.status);
}

/* What a guest wants people to read: one line, printable, not too long. */
static char *message(Unikernel *uk, uint64_t gpa, uint64_t len)
{
    uint64_t n = MIN(len, 256);
    const uint8_t *p = uk_slice(uk, gpa, n, false);
    GString *text = g_string_new(NULL);

    for (uint64_t i = 0; p != NULL && i < n; i++) {
        uint8_t c = p[i]; /* once: it is the guest's memory */

        g_string_append_c(text, c >= ' ' && c < 0x7f ? (char)c : '.');
    }
    return g_string_free(text, FALSE);
}

static void call_abort(Unikernel *uk, uint8_t *arg)
{
    g_autofree char *text = NULL;
    struct uk_abort a;

    memcpy(&a, arg, sizeof(a));
    text = message(uk, a.text, a.len);
    uk_fatal(uk, "the guest has given up%s%s", text[0] != '\0' ? ": " : "", text);
}

typedef struct UkCall {
    const char *name;
    UkCallFn fn;
    size_t size;
    bool answers; /* the structure is written to */
} UkCall;

static const UkCall calls[UK_N_CALLS] = {
    [UK_VERSION] = { "version", call_version, sizeof(struct uk_version), true },
    [UK_EXIT] = { "exit", call_exit, sizeof(struct uk_exit), false },
    [UK_ABORT] = { "abort", call_abort, sizeof(struct uk_abort), false },
    [UK_CONSOLE_WRITE] = { "console-write", uk_call_console_write,
                           sizeof(struct uk_console_write), true },
    [UK_CLOCK] = { "clock", uk_call_clock, sizeof(struct uk_clock), true },
    [UK_BLOCK_INFO] = { "block-info", uk_call_block_info, sizeof(struct uk_block_info), true },
    [UK_BLOCK_READ] = { "block-read", uk_call_block_read, sizeof(struct uk_block_io), true },
    [UK_BLOCK_WRITE] = { "block-write", uk_call_block_write, sizeof(struct uk_block_io), true },
    [UK_BLOCK_FLUSH] = { "block-flush", uk_call_block_flush, sizeof(struct uk_block_flush), true },
    [UK_NET_INFO] = { "net-info", uk_call_net_info, sizeof(struct uk_net_info), true },
    [UK_NET_READ] = { "net-read", uk_call_net_read, sizeof(struct uk_net_io), true },
    [UK_NET_WRITE] = { "net-write", uk_call_net_write, sizeof(struct uk_net_io), true },
    [UK_POLL] = { "poll", uk_call_poll, sizeof(struct uk_poll), true },
};

static void bad_access(Unikernel *uk, uint64_t offset, unsigned size)
{
    if (offset / 4 >= UK_N_CALLS) {
        uk_fatal(uk, "there is no hypercall %u", (unsigned)(offset / 4));
    } else {
        uk_fatal(uk, "hypercall %s: %u bytes written to port 0x%x, not 4 to port 0x%x",
                 calls[offset / 4].name, size, (unsigned)(UK_PORT_BASE + offset),
                 (unsigned)UK_PORT(offset / 4));
    }
}

static void port_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    Unikernel *uk = opaque;
    const UkCall *call = &calls[MIN(offset / 4, UK_N_CALLS - 1)];
    uint8_t *arg;

    if (G_UNLIKELY(size != 4 || (offset & 3) != 0 || offset / 4 >= UK_N_CALLS)) {
        bad_access(uk, offset, size);
        return;
    }
    arg = uk_slice(uk, value, call->size, call->answers);
    if (G_UNLIKELY(arg == NULL)) {
        uk_fatal(uk, "hypercall %s: its structure, %u bytes at 0x%" G_GINT64_MODIFIER
                 "x, is not in RAM that the guest may %s", call->name, (unsigned)call->size, value,
                 call->answers ? "write" : "read");
        return;
    }
    call->fn(uk, arg);
}

const IoOps uk_port_ops = { .write = port_write, .min_size = 1, .max_size = 4 };
