/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vcpu N|* ... end: the guest's script. Exits are in scenario-exit.c; here are the steps that are
 * no exit (memory, registers, waiting, errors) and the loops. Loops are resolved to indexes while
 * reading, so that running a script needs only a counter for each step.
 */
#include <stdlib.h>
#include <string.h>
#include "fakekvm.h"
#include "scenario-parse.h"

#define LOOP_DEPTH 8

static struct {
    bool open;
    FakeScript script;
    uint32_t loops[LOOP_DEPTH];
    uint32_t depth;
} now;

bool fake_script_open(void)
{
    return now.open;
}

void fake_script_begin(Line *line)
{
    const char *which = line_bare(line, "vCPU number or *");

    memset(&now, 0, sizeof now);
    now.open = true;
    now.script.line = line->number;
    now.script.vcpu = strcmp(which, "*") ? (int)line_parse(line, which, INT32_MAX) : -1;
    for (uint32_t i = 0; i < fake_config.script_count; i++) {
        if (fake_config.scripts[i].vcpu == now.script.vcpu) {
            fake_bad(line, "vcpu %s has a script already (line %d)", which,
                     fake_config.scripts[i].line);
        }
    }
}

FakeItem *fake_script_item(const Line *line, FakeOp op)
{
    FakeScript *s = &now.script;
    FakeItem *item;

    if (s->count % 16 == 0) {
        s->items = realloc(s->items, (s->count + 16) * sizeof *s->items);
    }
    item = &s->items[s->count++];
    *item = (FakeItem){ .op = op, .line = line->number };
    return item;
}

static void read_loop(Line *line)
{
    const char *count = line_bare(line, "count or forever");
    bool forever = !strcmp(count, "forever");
    FakeItem *item = fake_script_item(line, OP_LOOP);

    item->arg[0] = forever ? UINT64_MAX : line_parse(line, count, UINT64_MAX - 1);
    if (now.depth == LOOP_DEPTH) {
        fake_bad(line, "more than %d loops inside each other", LOOP_DEPTH);
    }
    now.loops[now.depth++] = now.script.count - 1;
}

/* Does the program or the clock get a turn inside the loop? If not, KVM_RUN would never return. */
static bool loop_yields(uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        FakeOp op = now.script.items[i].op;
        if (op != OP_WRITE && op != OP_CHECK && op != OP_REGS && op != OP_LOOP && op != OP_END) {
            return true;
        }
    }
    return false;
}

static void end_loop(Line *line)
{
    FakeItem *item = fake_script_item(line, OP_END);
    uint32_t start = now.loops[--now.depth], end = now.script.count - 1;

    item->partner = start;
    now.script.items[start].partner = end;
    if (now.script.items[start].arg[0] > 1000000 && !loop_yields(start + 1, end)) {
        fake_bad(line, "this loop would never leave KVM_RUN: it holds no exit");
    }
}

static void end_script(void)
{
    FakeConfig *c = &fake_config;

    c->scripts = realloc(c->scripts, (c->script_count + 1) * sizeof *c->scripts);
    c->scripts[c->script_count++] = now.script;
    now.open = false;
}

static void read_end(Line *line)
{
    if (now.depth) {
        end_loop(line);
    } else {
        end_script();
    }
}

/* write GPA HEX and check GPA HEX */
static void read_memory(Line *line, FakeOp op)
{
    FakeItem *item = fake_script_item(line, op);

    item->arg[0] = line_parse(line, line_bare(line, "guest address"), UINT64_MAX);
    item->data_len = line_hex(line, line_bare(line, "bytes"), &item->data);
}

static const char *const reg_names[] = {
    "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rsp", "rbp", "r8",
    "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rip", "rflags",
};

/* One step for each register: which of struct kvm_regs, and its value. */
static void read_regs(Line *line)
{
    for (uint32_t i = 0; i < FAKE_ARRAY(reg_names); i++) {
        const char *text = line_key(line, reg_names[i]);
        if (text) {
            FakeItem *item = fake_script_item(line, OP_REGS);
            item->arg[0] = i;
            item->arg[1] = line_parse(line, text, UINT64_MAX);
        }
    }
}

/* error ERRNO [count=N] and eintr [count=N] */
static void read_error(Line *line, const char *name)
{
    FakeItem *item = fake_script_item(line, OP_ERROR);
    const char *text = strcmp(name, "eintr") ? line_bare(line, "errno") : "EINTR";
    int number;

    if (!fake_errno_value(text, &number) || !number) {
        fake_bad(line, "'%s' is not an errno", text);
    }
    item->arg[0] = (uint64_t)number;
    item->arg[1] = line_number(line, "count", 1, UINT64_MAX);
}

static void read_dirty(Line *line)
{
    FakeItem *item = fake_script_item(line, OP_DIRTY);

    item->arg[0] = line_need(line, "slot", UINT32_MAX);
    item->arg[1] = line_need(line, "page", UINT64_MAX);
    item->arg[2] = line_number(line, "count", 1, UINT32_MAX);
}

static bool read_step(Line *line, const char *name)
{
    if (!strcmp(name, "write") || !strcmp(name, "check")) {
        read_memory(line, *name == 'w' ? OP_WRITE : OP_CHECK);
    } else if (!strcmp(name, "regs")) {
        read_regs(line);
    } else if (!strcmp(name, "error") || !strcmp(name, "eintr")) {
        read_error(line, name);
    } else if (!strcmp(name, "wait")) {
        fake_script_item(line, OP_WAIT);
    } else if (!strcmp(name, "pause")) {
        FakeItem *item = fake_script_item(line, OP_PAUSE);
        item->arg[0] = line_need(line, "ms", 600000);
    } else if (!strcmp(name, "dirty")) {
        read_dirty(line);
    } else {
        return false;
    }
    return true;
}

void fake_script_line(Line *line)
{
    const char *name = line_bare(line, "step");

    if (!strcmp(name, "end")) {
        read_end(line);
    } else if (!strcmp(name, "loop")) {
        read_loop(line);
    } else if (!read_step(line, name) && !fake_read_exit(line, name)) {
        fake_bad(line, "unknown step '%s'", name);
    }
    line_done(line);
}

void fake_script_finish(const Line *line)
{
    if (now.open) {
        fake_bad(line, "the script of line %d has no end", now.script.line);
    }
}
