/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lines for the qtest server. Most start as a command in its proper form, with numbers that are
 * likely to matter (ports and addresses of devices, edges of widths and of 64 bits); some of those
 * are then changed here and there, and a few lines are bytes of chance.
 */
#include <string.h>
#include "fuzz-qtest.h"

/* 'p' port, 'a' address, 'l' length, 'n' number, 't' time, 'x' hex, 'b' base64, 'd' path */
static const char *const forms[] = {
    "inb p", "inw p", "inl p", "outb p n", "outw p n", "outl p n", "readb a", "readw a", "readl a",
    "readq a", "writeb a n", "writew a n", "writel a n", "writeq a n", "read a l", "write a l x",
    "b64read a l", "b64write a l b", "memset a l n", "irq_intercept_in d", "irq_intercept_out d",
    "irq_intercept_out d d", "set_irq_in d d n n", "clock_step", "clock_step t", "clock_set t",
    "endianness", "module_load d d", "rtas d n n n n", "csr d n n n", "inb p n n n n n n n n n n",
};

static const guint16 ports[] = {
    0x00, 0x20, 0x21, 0x40, 0x43, 0x60, 0x61, 0x64, 0x70, 0x71, 0x92, 0xa0, 0xa1, 0xe0, 0xe9, 0xf4,
    0x2e8, 0x2f8, 0x3f8, 0x3fd, 0x441, 0x443, 0x4d0, 0x4d1, 0x501, 0x505, 0x510, 0x511, 0x514,
    0x518, 0x600, 0x604, 0x608, 0xaf00, 0xafe0, 0xcd8, 0xcf9, 0x2000, 0xffff,
};

static const guint64 addresses[] = {
    0, 0x467, 0x9fc00, 0xf0000, 0xfffff, 0x100000, 0xffffff, 0x1000000, 0xfec00000, 0xfec00010,
    0xfee00000, 0xfee00300, 0xff000000, 0xff00ffff, 0xfffed000, 0xfffeffff, 0xffff0000, 0xfffffff0, 0x100000000, G_MAXUINT64 - 7,
    G_MAXUINT64,
};

static const char *const paths[] = {
    "ioapic", "rtc", "isa-pit", "isa-i8259", "/machine", "/", "", "/machine/unattached/ioapic",
    "unnamed-gpio-in", "unnamed-gpio-out", "gpe", "a20", "intr", "nothing", "device[0]", "lapic0",
    "x86-intc", "i8042", "//machine//unattached//", "..",
};

static const guint64 edges[] = {
    0, 1, 7, 8, 15, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff,
    0x80000000, 0xffffffff, 0x100000000, G_MAXINT64, 1ull << 63, G_MAXUINT64,
};

static guint64 any64(GRand *r)
{
    guint64 v = (guint64)g_rand_int(r) << 32 | g_rand_int(r);

    return v >> g_rand_int_range(r, 0, 64);
}

static void put(GRand *r, GString *to, guint64 v)
{
    switch (g_rand_int_range(r, 0, 8)) {
    case 0:
        g_string_append_printf(to, "%" G_GUINT64_FORMAT, v);
        break;
    case 1:
        g_string_append_printf(to, "0%" G_GINT64_MODIFIER "o", v);
        break;
    default:
        g_string_append_printf(to, "0x%" G_GINT64_MODIFIER "x", v);
        break;
    }
}

void fuzz_number(GRand *r, GString *to)
{
    guint64 v = g_rand_boolean(r) ? edges[g_rand_int_range(r, 0, G_N_ELEMENTS(edges))] : any64(r);

    if (g_rand_int_range(r, 0, 8) == 0) {
        g_string_append_c(to, '-');
    }
    put(r, to, v);
}

static void port(GRand *r, GString *to)
{
    if (g_rand_int_range(r, 0, 4) == 0) {
        fuzz_number(r, to);
    } else {
        put(r, to, ports[g_rand_int_range(r, 0, G_N_ELEMENTS(ports))] + g_rand_int_range(r, 0, 4));
    }
}

static void address(GRand *r, GString *to)
{
    if (g_rand_boolean(r)) {
        put(r, to, any64(r));
    } else {
        put(r, to, addresses[g_rand_int_range(r, 0, G_N_ELEMENTS(addresses))] +
                       g_rand_int_range(r, 0, 32));
    }
}

/* Mostly short: a reply of 32 MiB takes its time under a sanitizer. */
static void length(GRand *r, GString *to)
{
    switch (g_rand_int_range(r, 0, 64)) {
    case 0:
        fuzz_number(r, to);
        break;
    case 1:
        put(r, to, g_rand_int_range(r, 0, 1 << 16));
        break;
    default:
        put(r, to, g_rand_int_range(r, 0, 64));
        break;
    }
}

static void data(GRand *r, GString *to, const char *alphabet, const char *head)
{
    gint n = g_rand_int_range(r, 0, 128), m = strlen(alphabet);

    g_string_append(to, head);
    while (n-- > 0) {
        g_string_append_c(to, alphabet[g_rand_int_range(r, 0, m)]);
    }
}

static void part(GRand *r, GString *to, char kind)
{
    switch (kind) {
    case 'p':
        port(r, to);
        break;
    case 'a':
        address(r, to);
        break;
    case 'l':
        length(r, to);
        break;
    case 't':
        if (g_rand_int_range(r, 0, 16) == 0) {
            fuzz_number(r, to);
        } else {
            put(r, to, any64(r) >> 30);
        }
        break;
    case 'x':
        data(r, to, "0123456789abcdefABCDEF", "0x");
        break;
    case 'b':
        data(r, to, "ABCDwxyz0189+/", "");
        break;
    case 'd':
        g_string_append(to, paths[g_rand_int_range(r, 0, G_N_ELEMENTS(paths))]);
        break;
    default:
        fuzz_number(r, to);
        break;
    }
}

static void well_formed(GRand *r, GString *line)
{
    const char *form = forms[g_rand_int_range(r, 0, G_N_ELEMENTS(forms))];
    const char *space = strchr(form, ' ');

    g_string_append_len(line, form, space != NULL ? space - form : (gssize)strlen(form));
    for (; space != NULL; space = strchr(space + 1, ' ')) {
        g_string_append_c(line, ' ');
        part(r, line, space[1]);
    }
}

static void mutate(GRand *r, GString *line)
{
    gsize at = line->len > 0 ? (gsize)g_rand_int_range(r, 0, line->len) : 0;
    gsize n = line->len > 0 ? (gsize)g_rand_int_range(r, 0, MIN(line->len - at, 16) + 1) : 0;

    switch (g_rand_int_range(r, 0, 5)) {
    case 0:
        g_string_insert_c(line, at, g_rand_int_range(r, 0, 256));
        break;
    case 1:
        g_string_erase(line, at, n);
        break;
    case 2:
        g_string_insert_len(line, at, line->str, MIN(line->len, 40));
        break;
    case 3:
        g_string_insert_c(line, at, ' ');
        break;
    default:
        if (line->len > 0) {
            line->str[at] ^= 1 << g_rand_int_range(r, 0, 8);
        }
        break;
    }
}

static void noise(GRand *r, GString *line)
{
    for (gint n = g_rand_int_range(r, 0, 200); n > 0; n--) {
        g_string_append_c(line, g_rand_int_range(r, 0, 256));
    }
}

/* A newline that chance has put in would make two lines of it. */
static void one_line(GString *line)
{
    for (gsize i = 0; i < line->len; i++) {
        if (line->str[i] == '\n') {
            line->str[i] = ' ';
        }
    }
}

void fuzz_line(GRand *r, GString *line)
{
    g_string_truncate(line, 0);
    if (g_rand_int_range(r, 0, 32) == 0) {
        noise(r, line);
    } else {
        well_formed(r, line);
        for (gint n = g_rand_int_range(r, 0, 4); n > 1; n--) {
            mutate(r, line);
        }
    }
    one_line(line);
}
