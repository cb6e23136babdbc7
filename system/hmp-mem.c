/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* x, xp, i, o: memory and ports by hand. */
#include <stdlib.h>
#include <string.h>
#include "accel/x86.h"
#include "system/hmp.h"

enum { MAX_COUNT = 1 << 16 };

typedef struct Format {
    int count;
    char kind;     /* x, d, u, o, c, i */
    unsigned size; /* bytes */
} Format;

/* "/4xw ": count, kind and size in one word. */
static bool parse_format(Monitor *mon, const char **text, Format *f)
{
    const char *p = *text;

    if (*p != '/') {
        return true;
    }
    p++;
    if (g_ascii_isdigit(*p)) {
        char *end;
        unsigned long count = strtoul(p, &end, 10);

        f->count = (int)MIN(count, MAX_COUNT);
        p = end;
    }
    for (; *p != '\0' && *p != ' '; p++) {
        const char *sizes = "bhwg", *at = strchr(sizes, *p);

        if (at != NULL) {
            f->size = 1u << (at - sizes);
        } else if (strchr("oduxcis", *p) != NULL) {
            f->kind = *p;
        } else {
            monitor_printf(mon, "invalid char in format: '%c'\n", *p);
            return false;
        }
    }
    *text = p + strspn(p, " ");
    return true;
}

/* ---- numbers ---- */

static void get_regs(CPUState *cpu, void *data)
{
    AccelX86Regs *regs = data;

    if (cpu->accel_cpu == NULL || !accel_get_regs(cpu->accel_cpu, regs, NULL)) {
        memset(regs, 0, sizeof(*regs));
    }
}

static bool register_value(Monitor *mon, const char *name, uint64_t *out)
{
    static const char *const gpr[] = { "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                       "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15" };
    AccelX86Regs regs = { 0 };
    CPUState *cpu = hmp_cpu(mon);

    if (cpu == NULL) {
        monitor_puts(mon, "No CPU available\n");
        return false;
    }
    hw_cpu_run_on(cpu, get_regs, &regs);
    for (guint i = 0; i < G_N_ELEMENTS(gpr); i++) {
        if (strcmp(name, gpr[i]) == 0 || (name[0] == 'e' && strcmp(name + 1, gpr[i] + 1) == 0)) {
            *out = regs.gpr[i];
            return true;
        }
    }
    if (strcmp(name, "rip") == 0 || strcmp(name, "eip") == 0 || strcmp(name, "pc") == 0) {
        *out = regs.rip;
    } else if (strcmp(name, "eflags") == 0) {
        *out = regs.rflags;
    } else {
        monitor_puts(mon, "unknown register\n");
        return false;
    }
    return true;
}

static bool term(Monitor *mon, const char **text, uint64_t *out)
{
    const char *p = *text;
    char *end;

    if (*p == '$') {
        size_t len = strspn(p + 1, "abcdefghijklmnopqrstuvwxyz0123456789");
        g_autofree char *name = g_strndup(p + 1, len);

        *text = p + 1 + len;
        return register_value(mon, name, out);
    }
    *out = strtoull(p, &end, 0);
    if (end == p || !g_ascii_isdigit(*p)) {
        monitor_puts(mon, "invalid char in expression\n");
        return false;
    }
    *text = end;
    return true;
}

bool hmp_eval(Monitor *mon, const char **text, uint64_t *out)
{
    uint64_t v;

    if (!term(mon, text, out)) {
        return false;
    }
    for (;;) {
        const char *p = *text + strspn(*text, " ");

        if (*p != '+' && *p != '-') {
            *text = p;
            return true;
        }
        *text = p + 1 + strspn(p + 1, " ");
        if (!term(mon, text, &v)) {
            return false;
        }
        *out = *p == '+' ? *out + v : *out - v;
    }
}

/* ---- memory ---- */

typedef struct Translate {
    uint64_t va, gpa;
    gboolean ok;
} Translate;

static void translate(CPUState *cpu, void *data)
{
    Translate *t = data;

    t->ok = cpu->accel_cpu != NULL && accel_translate(cpu->accel_cpu, t->va, &t->gpa, NULL);
}

/* Byte by byte where it crosses a page; FALSE when it cannot be reached. */
static bool read_unit(Monitor *mon, CPUState *cpu, uint64_t addr, unsigned size, uint64_t *out)
{
    uint8_t buf[8] = { 0 };

    for (unsigned i = 0; i < size; i++) {
        Translate t = { .va = addr + i, .gpa = addr + i, .ok = TRUE };

        if (cpu != NULL) {
            hw_cpu_run_on(cpu, translate, &t);
        }
        if (!t.ok || !hw_mem_read(mon->vm->ms, t.gpa, &buf[i], 1)) {
            return false;
        }
    }
    memcpy(out, buf, sizeof(*out));
    *out = GUINT64_FROM_LE(*out);
    return true;
}

static void print_unit(Monitor *mon, const Format *f, uint64_t v)
{
    static const int digits[] = { [1] = 2, [2] = 4, [4] = 8, [8] = 16 };
    int64_t sv = (int64_t)(v << (64 - 8 * f->size)) >> (64 - 8 * f->size);

    switch (f->kind) {
    case 'd':
        monitor_printf(mon, " %" G_GINT64_FORMAT, sv);
        break;
    case 'u':
        monitor_printf(mon, " %" G_GUINT64_FORMAT, v);
        break;
    case 'o':
        monitor_printf(mon, " %#" G_GINT64_MODIFIER "o", v);
        break;
    case 'c':
        monitor_printf(mon, g_ascii_isprint((char)v) ? " '%c'" : " '\\x%02x'", (int)(v & 0xff));
        break;
    default:
        monitor_printf(mon, " 0x%0*" G_GINT64_MODIFIER "x", digits[f->size], v);
    }
}

static void dump(Monitor *mon, CPUState *cpu, uint64_t addr, const Format *f)
{
    int per_line = f->kind == 'c' ? 8 : (int)(16 / f->size);
    uint64_t v;

    for (int i = 0; i < f->count; i++, addr += f->size) {
        if (i % per_line == 0) {
            monitor_printf(mon, "%s%016" G_GINT64_MODIFIER "x:", i > 0 ? "\n" : "", addr);
        }
        if (!read_unit(mon, cpu, addr, f->size, &v)) {
            monitor_puts(mon, " Cannot access memory\n");
            return;
        }
        print_unit(mon, f, v);
    }
    monitor_puts(mon, "\n");
}

static void examine(Monitor *mon, CPUState *cpu, const char *rest)
{
    Format f = { 1, 'x', 4 };
    uint64_t addr;

    if (!parse_format(mon, &rest, &f) || !hmp_eval(mon, &rest, &addr)) {
        return;
    }
    if (f.kind == 'i') {
        monitor_puts(mon, "Asm output not supported on this arch\n");
        return;
    }
    if (f.kind == 'c' || f.kind == 's') {
        f.kind = 'c';
        f.size = 1;
    }
    dump(mon, cpu, addr, &f);
}

void hmp_x(Monitor *mon, const char *rest)
{
    CPUState *cpu = hmp_cpu(mon);

    if (cpu == NULL) {
        monitor_puts(mon, "Can not dump without CPU\n");
        return;
    }
    examine(mon, cpu, rest);
}

void hmp_xp(Monitor *mon, const char *rest)
{
    examine(mon, NULL, rest);
}

/* ---- ports ---- */

/* Ports know sizes up to four. */
static bool port_args(Monitor *mon, const char **rest, Format *f, uint64_t *port)
{
    if (!parse_format(mon, rest, f) || !hmp_eval(mon, rest, port)) {
        return false;
    }
    *port &= 0xffff;
    f->size = MIN(f->size, 4);
    return true;
}

void hmp_port_in(Monitor *mon, const char *rest)
{
    Format f = { 1, 'x', 1 };
    uint64_t port, index;

    if (!port_args(mon, &rest, &f, &port)) {
        return;
    }
    if (*rest != '\0') { /* "i /b port index": an index register in front of the data port */
        if (!hmp_eval(mon, &rest, &index)) {
            return;
        }
        hw_port_write(mon->vm->ms, (uint16_t)port, (uint8_t)index, 1);
        port = (port + 1) & 0xffff;
    }
    monitor_printf(mon, "port%c[0x%04x] = 0x%0*x\n", f.size == 1 ? 'b' : f.size == 2 ? 'w' : 'l',
                   (unsigned)port, (int)f.size * 2,
                   hw_port_read(mon->vm->ms, (uint16_t)port, f.size));
}

void hmp_port_out(Monitor *mon, const char *rest)
{
    Format f = { 1, 'x', 1 };
    uint64_t port, value;

    if (port_args(mon, &rest, &f, &port) && hmp_eval(mon, &rest, &value)) {
        hw_port_write(mon->vm->ms, (uint16_t)port, (uint32_t)value, f.size);
    }
}
