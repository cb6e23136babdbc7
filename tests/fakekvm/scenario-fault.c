/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fault call=NAME|any [nth=N|N-M|N+|all] [fd=KIND] [vcpu=N] [arg=N] ACTION...
 * Which calls are meant, and what becomes of them.
 */
#include <stdlib.h>
#include <string.h>
#include "fakekvm.h"
#include "scenario-parse.h"

static const struct {
    const char *name;
    unsigned long cmd;
} other_calls[] = {
    { "open", CALL_OPEN }, { "mmap", CALL_MMAP }, { "mmap-anon", CALL_MMAP_ANON },
    { "madvise", CALL_MADVISE }, { "memfd_create", CALL_MEMFD }, { "eventfd", CALL_EVENTFD },
};

static const struct {
    const char *name;
    FakeMalformed how;
} ways[] = {
    { "short", MALFORMED_SHORT }, { "nofill", MALFORMED_NOFILL }, { "nent", MALFORMED_NENT },
    { "huge", MALFORMED_HUGE }, { "junk", MALFORMED_JUNK }, { "negative", MALFORMED_NEGATIVE },
    { "zero", MALFORMED_ZERO },
};

static const struct {
    const char *name;
    unsigned kind;
} kinds[] = {
    { "system", FAKE_SYSTEM }, { "vm", FAKE_VM }, { "vcpu", FAKE_VCPU },
    { "device", FAKE_DEVICE }, { "stats", FAKE_STATS },
};

static unsigned long call_number(Line *line, const char *name)
{
    for (size_t i = 0; i < FAKE_ARRAY(other_calls); i++) {
        if (!strcmp(other_calls[i].name, name)) {
            return other_calls[i].cmd;
        }
    }
    return line_named(line, name, fake_ioctl_names, "KVM_");
}

static void read_which(Line *line, FakeFault *fault)
{
    const char *call = line_key(line, "call");

    fault->any = line_flag(line, "any");
    if (call && !strcmp(call, "any")) {
        fault->any = true;
    } else if (call) {
        fault->cmd = call_number(line, call);
    }
    if (!call && !fault->any) {
        fake_bad(line, "which call? (call=NAME or any)");
    }
    if (fault->any && fault->cmd) {
        fake_bad(line, "'any' and a named call exclude each other");
    }
}

static void read_nth(Line *line, FakeFault *fault)
{
    const char *text = line_key(line, "nth");
    char copy[64], *dash;
    size_t len = text ? strlen(text) : 0;

    fault->first = 1;
    fault->last = UINT64_MAX;
    if (!text || !strcmp(text, "all")) {
        return;
    }
    if (len >= sizeof copy) {
        fake_bad(line, "nth=%s is too long", text);
    }
    memcpy(copy, text, len + 1);
    dash = strchr(copy, '-');
    if (copy[len - 1] == '+') {
        copy[len - 1] = '\0';
        fault->first = line_parse(line, copy, UINT64_MAX);
    } else if (dash) {
        *dash = '\0';
        fault->first = line_parse(line, copy, UINT64_MAX);
        fault->last = line_parse(line, dash + 1, UINT64_MAX);
    } else {
        fault->first = fault->last = line_parse(line, copy, UINT64_MAX);
    }
    if (!fault->first || fault->last < fault->first) {
        fake_bad(line, "nth=%s: calls are counted from 1 upwards", text);
    }
}

static void read_filters(Line *line, FakeFault *fault)
{
    const char *fd = line_key(line, "fd"), *arg = line_key(line, "arg");

    fault->vcpu = (int)line_number(line, "vcpu", (uint64_t)-1, INT32_MAX);
    if (arg) {
        fault->has_key = true;
        fault->key = line_named(line, arg, fake_cap_names, "KVM_CAP_");
    }
    for (size_t i = 0; fd && i < FAKE_ARRAY(kinds); i++) {
        fault->kinds |= strcmp(kinds[i].name, fd) ? 0 : kinds[i].kind;
    }
    if (fd && !fault->kinds) {
        fake_bad(line, "fd=%s is none of system, vm, vcpu, device, stats", fd);
    }
}

static void read_result(Line *line, FakeFault *fault)
{
    const char *error = line_key(line, "errno"), *result = line_key(line, "result");

    if (error && !fake_errno_value(error, &fault->error)) {
        fake_bad(line, "'%s' is not an errno", error);
    }
    if (error && result) {
        fake_bad(line, "errno= and result= exclude each other");
    }
    fault->has_errno = error && fault->error;
    fault->has_result = result || (error && !fault->error);
    if (result) {
        bool minus = *result == '-';
        long value = (long)line_parse(line, result + minus, INT64_MAX);
        fault->result = minus ? -value : value;
    }
}

static void read_action(Line *line, FakeFault *fault)
{
    const char *eintr = line_key(line, "eintr"), *malformed = line_key(line, "malformed");

    read_result(line, fault);
    if (eintr) {
        fault->eintr = strcmp(eintr, "forever") ? line_parse(line, eintr, UINT64_MAX) : UINT64_MAX;
    }
    fault->block_ms = line_number(line, "block", 0, 600000);
    fault->interruptible = line_flag(line, "interruptible");
    for (size_t i = 0; malformed && i < FAKE_ARRAY(ways); i++) {
        fault->malformed = strcmp(ways[i].name, malformed) ? fault->malformed : ways[i].how;
    }
    if (malformed && !fault->malformed) {
        fake_bad(line, "malformed=%s is unknown", malformed);
    }
    if (!fault->has_errno && !fault->has_result && !fault->eintr && !fault->block_ms &&
        !fault->malformed) {
        fake_bad(line, "what happens to the call? (errno=, result=, eintr=, block=, malformed=)");
    }
}

void fake_read_fault(Line *line)
{
    FakeConfig *c = &fake_config;
    FakeFault fault = { .line = line->number };
    const char *count = line_key(line, "count");

    read_which(line, &fault);
    read_nth(line, &fault);
    read_filters(line, &fault);
    read_action(line, &fault);
    if (count && strcmp(count, "memory")) {
        fake_bad(line, "count=%s cannot be counted (memory)", count);
    }
    c->count_memory |= count != NULL || (fault.cmd >= CALL_MMAP_ANON && fault.cmd <= CALL_EVENTFD);
    c->faults = realloc(c->faults, (c->fault_count + 1) * sizeof fault);
    c->faults[c->fault_count++] = fault;
}
