/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The exits of a script by name. Each reader turns one line into one step; run-exit.c plays it.
 */
#include <stdlib.h>
#include <string.h>
#include "fakekvm.h"
#include "scenario-parse.h"

/* data=HEX for any number of bytes; the number of repetitions follows from the size of one. */
static void need_data(Line *line, FakeItem *item, uint32_t max)
{
    const char *text = line_key(line, "data");

    if (!text) {
        fake_bad(line, "data= is missing");
    }
    item->data_len = line_hex(line, text, &item->data);
    if (item->data_len > max) {
        fake_bad(line, "at most %u bytes here", max);
    }
}

static void try_expect(Line *line, FakeItem *item, uint32_t length)
{
    const char *text = line_key(line, "expect");

    if (!text) {
        return;
    }
    item->expect_len = line_hex(line, text, &item->expect);
    if (item->expect_len != length) {
        fake_bad(line, "expect= has %u bytes, the guest reads %u", item->expect_len, length);
    }
}

static uint32_t need_size(Line *line, const char *key, bool any)
{
    uint32_t size = (uint32_t)line_number(line, key, 1, any ? 8 : 4);

    if (!size || (!any && size == 3)) {
        fake_bad(line, "a port is 1, 2 or 4 bytes wide");
    }
    return size;
}

/* text=Hello is what a guest does byte by byte: one exit for each. */
static void read_out_text(Line *line, uint64_t port, const char *text)
{
    uint8_t *bytes;
    uint32_t n = line_text(line, text, &bytes);

    for (uint32_t i = 0; i < n; i++) {
        FakeItem *item = fake_script_item(line, OP_IO_OUT);
        item->arg[0] = port;
        item->arg[1] = item->arg[2] = item->data_len = 1;
        item->data = fake_alloc(1);
        *item->data = bytes[i];
    }
    free(bytes);
}

static void read_out(Line *line)
{
    uint64_t port = line_need(line, "port", 0xffff);
    const char *text = line_key(line, "text");
    FakeItem *item;

    if (text) {
        read_out_text(line, port, text);
        return;
    }
    item = fake_script_item(line, OP_IO_OUT);
    item->arg[0] = port;
    item->arg[1] = need_size(line, "size", false);
    need_data(line, item, FAKE_PAGE);
    if (item->data_len % item->arg[1]) {
        fake_bad(line, "%u bytes of data do not fit a size of %u", item->data_len,
                 (unsigned)item->arg[1]);
    }
    item->arg[2] = item->data_len / item->arg[1];
}

static void read_in(Line *line)
{
    FakeItem *item = fake_script_item(line, OP_IO_IN);

    item->arg[0] = line_need(line, "port", 0xffff);
    item->arg[1] = need_size(line, "size", false);
    item->arg[2] = line_number(line, "count", 1, FAKE_PAGE / item->arg[1]);
    try_expect(line, item, (uint32_t)(item->arg[1] * item->arg[2]));
}

static void read_mmio_write(Line *line)
{
    FakeItem *item = fake_script_item(line, OP_MMIO_WRITE);

    item->arg[0] = line_need(line, "addr", UINT64_MAX);
    need_data(line, item, 8);
}

static void read_mmio_read(Line *line)
{
    FakeItem *item = fake_script_item(line, OP_MMIO_READ);

    item->arg[0] = line_need(line, "addr", UINT64_MAX);
    item->arg[1] = need_size(line, "len", true);
    try_expect(line, item, (uint32_t)item->arg[1]);
}

/* With an in-kernel local APIC a HLT stays in the kernel; `force` leaves it all the same. */
static void read_hlt(Line *line)
{
    FakeItem *item = fake_script_item(line, OP_HLT);

    item->arg[0] = line_flag(line, "force");
}

static void read_shutdown(Line *line)
{
    fake_script_item(line, OP_SHUTDOWN);
}

static void read_fail_entry(Line *line)
{
    FakeItem *item = fake_script_item(line, OP_FAIL_ENTRY);

    item->arg[0] = line_need(line, "reason", UINT64_MAX);
    item->arg[1] = line_number(line, "cpu", 0, UINT32_MAX);
}

/* data= is a list of up to 16 numbers, kept as bytes of 64-bit values. */
static void read_u64_list(Line *line, FakeItem *item)
{
    uint64_t values[16];
    uint32_t n = line_numbers(line, line_key(line, "data"), values, 16);

    item->data_len = n * (uint32_t)sizeof values[0];
    item->data = fake_alloc(item->data_len + 1);
    memcpy(item->data, values, item->data_len);
}

static void read_internal_error(Line *line)
{
    FakeItem *item = fake_script_item(line, OP_INTERNAL_ERROR);

    item->arg[0] = line_need(line, "suberror", UINT32_MAX);
    read_u64_list(line, item);
}

static void read_unknown(Line *line)
{
    FakeItem *item = fake_script_item(line, OP_UNKNOWN);

    item->arg[0] = line_number(line, "hardware", 0, UINT64_MAX);
}

static void read_system_event(Line *line)
{
    static const KvmName types[] = {
        { KVM_SYSTEM_EVENT_SHUTDOWN, "shutdown" }, { KVM_SYSTEM_EVENT_RESET, "reset" },
        { KVM_SYSTEM_EVENT_CRASH, "crash" }, { 0, NULL },
    };
    FakeItem *item = fake_script_item(line, OP_SYSTEM_EVENT);
    const char *type = line_key(line, "type");

    if (!type) {
        fake_bad(line, "type= is missing");
    }
    item->arg[0] = line_named(line, type, types, "");
    read_u64_list(line, item);
}

static void read_notify(Line *line)
{
    FakeItem *item = fake_script_item(line, OP_NOTIFY);

    item->arg[0] = line_number(line, "flags", 0, UINT32_MAX);
}

static void read_debug(Line *line)
{
    FakeItem *item = fake_script_item(line, OP_DEBUG);

    item->arg[0] = line_number(line, "exception", 1, 255);
    item->arg[1] = line_number(line, "pc", 0, UINT64_MAX);
    item->arg[2] = line_number(line, "dr6", 0, UINT64_MAX);
    item->arg[3] = line_number(line, "dr7", 0, UINT64_MAX);
}

static void read_irq_window(Line *line)
{
    fake_script_item(line, OP_IRQ_WINDOW);
}

static void read_set_tpr(Line *line)
{
    FakeItem *item = fake_script_item(line, OP_SET_TPR);

    item->arg[0] = line_need(line, "cr8", 15);
}

static void read_rdmsr(Line *line)
{
    FakeItem *item = fake_script_item(line, OP_RDMSR);

    item->arg[0] = line_need(line, "index", UINT32_MAX);
    item->arg[1] = line_number(line, "reason", KVM_MSR_EXIT_REASON_FILTER, UINT32_MAX);
    try_expect(line, item, 8);
}

static void read_wrmsr(Line *line)
{
    FakeItem *item = fake_script_item(line, OP_WRMSR);

    item->arg[0] = line_need(line, "index", UINT32_MAX);
    item->arg[1] = line_number(line, "reason", KVM_MSR_EXIT_REASON_FILTER, UINT32_MAX);
    item->arg[2] = line_need(line, "value", UINT64_MAX);
}

static void read_bus_lock(Line *line)
{
    fake_script_item(line, OP_BUS_LOCK);
}

static void read_ring_full(Line *line)
{
    fake_script_item(line, OP_DIRTY_RING_FULL);
}

static void read_memory_fault(Line *line)
{
    FakeItem *item = fake_script_item(line, OP_MEMORY_FAULT);

    item->arg[0] = line_need(line, "gpa", UINT64_MAX);
    item->arg[1] = line_number(line, "size", FAKE_PAGE, UINT64_MAX);
    item->arg[2] = line_number(line, "flags", 0, UINT64_MAX);
}

static void read_hypercall(Line *line)
{
    FakeItem *item = fake_script_item(line, OP_HYPERCALL);

    item->arg[0] = line_need(line, "nr", UINT64_MAX);
    item->arg[1] = line_flag(line, "longmode");
    line_numbers(line, line_key(line, "args"), &item->arg[2], 6);
    try_expect(line, item, 8);
}

/* exit NAME|NUMBER [raw=HEX]: any reason at all, with the exit's union set byte by byte. */
static void read_raw(Line *line)
{
    FakeItem *item = fake_script_item(line, OP_RAW);
    const char *raw;

    item->arg[0] = line_named(line, line_bare(line, "exit reason"), fake_exit_names, "KVM_EXIT_");
    raw = line_key(line, "raw");
    if (raw) {
        item->data_len = line_hex(line, raw, &item->data);
        if (item->data_len > 256) {
            fake_bad(line, "at most 256 bytes here");
        }
    }
}

static const struct {
    const char *name;
    void (*read)(Line *line);
} exits[] = {
    { "out", read_out }, { "in", read_in }, { "mmio-write", read_mmio_write },
    { "mmio-read", read_mmio_read }, { "hlt", read_hlt }, { "shutdown", read_shutdown },
    { "fail-entry", read_fail_entry }, { "internal-error", read_internal_error },
    { "unknown", read_unknown }, { "system-event", read_system_event }, { "notify", read_notify },
    { "debug", read_debug }, { "irq-window-open", read_irq_window }, { "set-tpr", read_set_tpr },
    { "rdmsr", read_rdmsr }, { "wrmsr", read_wrmsr }, { "bus-lock", read_bus_lock },
    { "dirty-ring-full", read_ring_full }, { "memory-fault", read_memory_fault },
    { "hypercall", read_hypercall }, { "exit", read_raw },
};

bool fake_read_exit(Line *line, const char *name)
{
    for (size_t i = 0; i < FAKE_ARRAY(exits); i++) {
        if (!strcmp(exits[i].name, name)) {
            exits[i].read(line);
            return true;
        }
    }
    return false;
}
