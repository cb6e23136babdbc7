/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Numbers as people type them into the monitor: + - * / % & | ^ ~, registers, characters.
 *
 * Numbers have 64 bits and, where it matters, a sign. Recursive descent; products bind tighter than
 * & | ^, and those tighter than sums, as in QEMU. The first mistake is told and ends it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "accel/x86.h"
#include "system/hmp.h"

static void get_regs(CPUState *cpu, void *data)
{
    AccelX86Regs *regs = data;

    if (cpu->accel_cpu == NULL) {
        hmp_reset_regs(cpu, regs);
    } else if (!accel_get_regs(cpu->accel_cpu, regs, NULL)) {
        memset(regs, 0, sizeof(*regs));
    }
}

static bool say(Monitor *mon, const char *text)
{
    monitor_puts(mon, text);
    return false;
}

static bool selector_value(const char *name, const AccelX86Regs *regs, uint64_t *out)
{
    const struct {
        const char *name;
        const AccelX86Segment *segment;
    } rows[] = {
        { "cs", &regs->cs }, { "ds", &regs->ds }, { "es", &regs->es },
        { "fs", &regs->fs }, { "gs", &regs->gs }, { "ss", &regs->ss },
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (strcmp(name, rows[i].name) == 0) {
            *out = rows[i].segment->selector;
            return true;
        }
    }
    return false;
}

static bool register_value(Monitor *mon, const char *name, uint64_t *out)
{
    static const char *const gpr[] = { "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                       "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15" };
    AccelX86Regs regs = { 0 };
    CPUState *cpu = hmp_cpu(mon);

    if (cpu == NULL) {
        return say(mon, "No CPU available\n");
    }
    hw_cpu_run_on(cpu, get_regs, &regs);
    for (guint i = 0; i < G_N_ELEMENTS(gpr); i++) {
        if (strcmp(name, gpr[i]) == 0 || (i < 8 && name[0] == 'e' && strcmp(name + 1, gpr[i] + 1) == 0)) {
            *out = regs.gpr[i];
            return true;
        }
    }
    if (strcmp(name, "rip") == 0 || strcmp(name, "eip") == 0) {
        *out = regs.rip;
    } else if (strcmp(name, "pc") == 0) { /* where the instruction is, for "x" */
        *out = regs.cs.base + regs.rip;
    } else if (strcmp(name, "eflags") == 0) {
        *out = regs.rflags;
    } else if (selector_value(name, &regs, out)) {
        return true;
    } else {
        return say(mon, "unknown register\n");
    }
    return true;
}

enum { MAX_NESTING = 64 };

typedef struct Expr {
    Monitor *mon;
    const char *p;
    int depth;
} Expr;

static bool sum(Expr *e, uint64_t *out);

static char peek(Expr *e)
{
    e->p += strspn(e->p, " \t");
    return *e->p;
}

static bool number(Expr *e, uint64_t *out)
{
    char *end;

    if (*e->p == '\0') {
        return say(e->mon, "unexpected end of expression\n");
    }
    errno = 0;
    *out = g_ascii_strtoull(e->p, &end, 0);
    if (errno == ERANGE) {
        return say(e->mon, "number too large\n");
    }
    if (!g_ascii_isdigit(*e->p)) {
        monitor_printf(e->mon, "invalid char '%c' in expression\n", *e->p);
        return false;
    }
    e->p = end;
    return true;
}

static bool named_register(Expr *e, uint64_t *out)
{
    size_t len = strspn(e->p + 1, "abcdefghijklmnopqrstuvwxyz0123456789");
    g_autofree char *name = g_strndup(e->p + 1, len);

    e->p += 1 + len;
    return register_value(e->mon, name, out);
}

static bool character(Expr *e, uint64_t *out)
{
    if (e->p[1] == '\0' || e->p[2] != '\'') {
        return say(e->mon, e->p[1] == '\0' ? "character constant expected\n"
                                           : "missing terminating \' character\n");
    }
    *out = (uint8_t)e->p[1];
    e->p += 3;
    return true;
}

static bool in_brackets(Expr *e, uint64_t *out)
{
    e->p++;
    if (!sum(e, out)) {
        return false;
    }
    if (peek(e) != ')') {
        return say(e->mon, "')' expected\n");
    }
    e->p++;
    return true;
}

static bool unary(Expr *e, uint64_t *out)
{
    char c = peek(e);
    bool ok;

    if (c == '$') {
        return named_register(e, out);
    }
    if (c == '\'') {
        return character(e, out);
    }
    if (c == '\0' || strchr("+-~(", c) == NULL) {
        return number(e, out);
    }
    if (e->depth == MAX_NESTING) {
        return say(e->mon, "expression is too deep\n");
    }
    e->depth++;
    if (c == '(') {
        ok = in_brackets(e, out);
    } else {
        e->p++;
        ok = unary(e, out);
        *out = c == '-' ? -*out : c == '~' ? ~*out : *out;
    }
    e->depth--;
    return ok;
}

/* Of signed numbers, as in QEMU. @v is not 0; the one quotient that does not fit wraps. */
static uint64_t divide(char op, int64_t n, int64_t v)
{
    if (v == -1) {
        return op == '/' ? -(uint64_t)n : 0;
    }
    return (uint64_t)(op == '/' ? n / v : n % v);
}

static bool product(Expr *e, uint64_t *out)
{
    uint64_t v;

    if (!unary(e, out)) {
        return false;
    }
    for (char op = peek(e); op == '*' || op == '/' || op == '%'; op = peek(e)) {
        e->p++;
        if (!unary(e, &v)) {
            return false;
        }
        if (op != '*' && v == 0) {
            return say(e->mon, "division by zero\n");
        }
        *out = op == '*' ? *out * v : divide(op, (int64_t)*out, (int64_t)v);
    }
    return true;
}

static bool bits(Expr *e, uint64_t *out)
{
    uint64_t v;

    if (!product(e, out)) {
        return false;
    }
    for (char op = peek(e); op == '&' || op == '|' || op == '^'; op = peek(e)) {
        e->p++;
        if (!product(e, &v)) {
            return false;
        }
        *out = op == '&' ? *out & v : op == '|' ? *out | v : *out ^ v;
    }
    return true;
}

static bool sum(Expr *e, uint64_t *out)
{
    uint64_t v;

    if (!bits(e, out)) {
        return false;
    }
    for (char op = peek(e); op == '+' || op == '-'; op = peek(e)) {
        e->p++;
        if (!bits(e, &v)) {
            return false;
        }
        *out = op == '+' ? *out + v : *out - v;
    }
    return true;
}

bool hmp_eval(Monitor *mon, const char **text, uint64_t *out)
{
    Expr e = { mon, *text, 0 };
    bool ok = sum(&e, out);

    *text = e.p;
    return ok;
}
