/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* x, xp, i, o: memory and ports by hand. */
#include <stdlib.h>
#include <string.h>
#include "disas.h"
#include "hw/memory.h"

enum { MAX_COUNT = 1 << 16 };

typedef struct Format {
    int count;
    char kind;     /* x, d, u, o, c, i */
    unsigned size; /* bytes */
} Format;

/*
 * "/4xw": count, kind and size in one word. What it does not say is as it was the last time, in
 * whichever monitor and command; a number that is printed has no size.
 */
static bool parse_format(Monitor *mon, const char *text, Format *f)
{
    HmpFormat *last = &mon->vm->hmp_format;
    const char *p = text != NULL ? text + 1 : "";

    *f = (Format){ 1, last->kind != '\0' ? last->kind : 'x', last->size != 0 ? last->size : 4 };
    if (g_ascii_isdigit(*p)) {
        char *end;
        unsigned long count = strtoul(p, &end, 10);

        f->count = (int)MIN(count, MAX_COUNT);
        p = end;
    }
    for (; *p != '\0'; p++) {
        const char *sizes = "bhwg", *at = strchr(sizes, *p);

        if (at != NULL) {
            f->size = 1u << (at - sizes);
        } else if (strchr("oduxci", *p) != NULL) {
            f->kind = *p;
        } else {
            monitor_printf(mon, "invalid char in format: '%c'\n", *p);
            return false;
        }
    }
    *last = (HmpFormat){ f->kind, f->kind != 'i' ? f->size : last->size };
    return true;
}

/* ---- memory ---- */

static void print_char(Monitor *mon, uint8_t c)
{
    static const char from[] = "'\\\n\r", to[] = "'\\nr";
    const char *at = c != 0 ? strchr(from, c) : NULL;

    if (at != NULL) {
        monitor_printf(mon, "'\\%c'", to[at - from]);
    } else {
        monitor_printf(mon, g_ascii_isprint((char)c) ? "'%c'" : "'\\x%02x'", c);
    }
}

/* In columns as wide as the largest number of that size. */
static void print_unit(Monitor *mon, const Format *f, uint64_t v)
{
    static const int octal[] = { [1] = 3, [2] = 6, [4] = 11, [8] = 22 };
    static const int decimal[] = { [1] = 3, [2] = 5, [4] = 10, [8] = 20 };

    monitor_puts(mon, " ");
    switch (f->kind) {
    case 'd':
        monitor_printf(mon, "%*" G_GINT64_FORMAT, decimal[f->size], (int64_t)v);
        break;
    case 'u':
        monitor_printf(mon, "%*" G_GUINT64_FORMAT, decimal[f->size], v);
        break;
    case 'o':
        monitor_printf(mon, "%#*" G_GINT64_MODIFIER "o", octal[f->size], v);
        break;
    case 'c':
        print_char(mon, (uint8_t)v);
        break;
    default:
        monitor_printf(mon, "0x%0*" G_GINT64_MODIFIER "x", (int)f->size * 2, v);
    }
}

void hmp_print(Monitor *mon, char **argv)
{
    Format f;
    uint64_t v;

    if (!parse_format(mon, argv[0], &f) || !hmp_value(mon, argv[1], &v)) {
        return;
    }
    if (f.kind == 'c') {
        print_char(mon, (uint8_t)v);
    } else {
        monitor_printf(mon, f.kind == 'd' || f.kind == 'i' ? "%" G_GINT64_FORMAT
                            : f.kind == 'u' ? "%" G_GUINT64_FORMAT
                            : f.kind == 'o' ? "%#" G_GINT64_MODIFIER "o"
                                            : "%#" G_GINT64_MODIFIER "x", v);
    }
    monitor_puts(mon, "\n");
}

static void dump(Monitor *mon, VirtualReader *reader, uint64_t addr, const Format *f, int per_line)
{
    for (int i = 0; i < f->count; i++, addr += f->size) {
        uint64_t v = 0;

        if (i % per_line == 0) {
            monitor_printf(mon, "%s%016" G_GINT64_MODIFIER "x:", i > 0 ? "\n" : "", addr);
        }
        if (!virtual_read(reader, addr, &v, f->size)) {
            monitor_puts(mon, " Cannot access memory\n");
            return;
        }
        print_unit(mon, f, GUINT64_FROM_LE(v));
    }
    if (f->count > 0) {
        monitor_puts(mon, "\n");
    }
}

static void examine(Monitor *mon, CPUState *cpu, char **argv)
{
    VirtualReader reader = { .ms = mon->vm->ms, .cpu = cpu };
    Format f;
    uint64_t addr;
    int per_line; /* 8 or 16 bytes */

    if (!parse_format(mon, argv[0], &f) || !hmp_value(mon, argv[1], &addr)) {
        return;
    }
    per_line = f.size == 1 ? 8 : (int)(16 / f.size);
    if (f.kind == 'i') {
        hmp_disas(mon, &reader, addr, f.count);
        return;
    }
    if (f.kind == 'c') { /* as many bytes, in any size */
        f.count = (int)MIN((unsigned)f.count * f.size, MAX_COUNT);
        per_line *= (int)f.size;
        f.size = 1;
    }
    dump(mon, &reader, addr, &f, per_line);
}

void hmp_x(Monitor *mon, char **argv)
{
    CPUState *cpu = hmp_cpu(mon);

    if (cpu == NULL) {
        monitor_puts(mon, "Can not dump without CPU\n");
        return;
    }
    examine(mon, cpu, argv);
}

void hmp_xp(Monitor *mon, char **argv)
{
    examine(mon, NULL, argv);
}

/* ---- ports ---- */

/* Ports know sizes up to four. */
static bool port_args(Monitor *mon, char **argv, Format *f, uint64_t *port)
{
    if (!parse_format(mon, argv[0], f) || !hmp_value(mon, argv[1], port)) {
        return false;
    }
    *port &= 0xffff;
    f->size = MIN(f->size, 4);
    return true;
}

void hmp_port_in(Monitor *mon, char **argv)
{
    Format f;
    uint64_t port, index;

    if (!port_args(mon, argv, &f, &port)) {
        return;
    }
    if (argv[2] != NULL) { /* "i /b port index": an index register in front of the data port */
        if (!hmp_value(mon, argv[2], &index)) {
            return;
        }
        hw_port_write(mon->vm->ms, (uint16_t)port, (uint8_t)index, 1);
        port = (port + 1) & 0xffff;
    }
    monitor_printf(mon, "port%c[0x%04x] = 0x%0*x\n", f.size == 1 ? 'b' : f.size == 2 ? 'w' : 'l',
                   (unsigned)port, (int)f.size * 2,
                   hw_port_read(mon->vm->ms, (uint16_t)port, f.size));
}

void hmp_port_out(Monitor *mon, char **argv)
{
    Format f;
    uint64_t port, value;

    if (port_args(mon, argv, &f, &port) && hmp_value(mon, argv[2], &value)) {
        hw_port_write(mon->vm->ms, (uint16_t)port, (uint32_t)value, f.size);
    }
}
