/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fuzz-qtest [--lines N] [--accesses N] [--seed S]: the qtest server and all devices of a PC under
 * random lines, then each register range under random accesses in all widths. Everything happens in
 * this process; meant for a build with -Db_sanitize=address,undefined.
 *
 * What is promised and checked: each line gets exactly one reply, which starts with OK, FAIL or
 * ERR, whatever came before and however the bytes were cut; what comes in between are IRQ lines.
 * Time moves by random steps, a reset comes now and then. A failure is repeated by the same
 * numbers.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "../qtest/local.h"
#include "fuzz-qtest.h"

static gint64 opt_lines = 20000, opt_accesses = 100000, opt_seed = 1;

static const GOptionEntry options[] = {
    { "lines", 0, 0, G_OPTION_ARG_INT64, &opt_lines, "number of lines", "N" },
    { "accesses", 0, 0, G_OPTION_ARG_INT64, &opt_accesses, "number of accesses", "N" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &opt_seed, "of the random numbers", "S" },
    { NULL },
};

/* For the message when something stops the process. */
static gint64 step;
static GString *current;

static void say_where(void)
{
    char text[400];
    int n = g_snprintf(text, sizeof text, "fuzz-qtest: stopped at step %" G_GINT64_FORMAT
                       " with --seed %" G_GINT64_FORMAT ": %.300s\n", step, opt_seed,
                       current != NULL ? current->str : "");

    if (write(STDERR_FILENO, text, n) < 0) {
        return;
    }
}

void __asan_on_error(void);
void __asan_on_error(void)
{
    say_where();
}

static void on_abort(int sig)
{
    say_where();
    signal(sig, SIG_DFL);
    raise(sig);
}

static void breathe(LocalVm *vm, GRand *r)
{
    if (vm->requests & (1u << MACHINE_REQUEST_RESET) || g_rand_int_range(r, 0, 500) == 0) {
        vm->requests = 0;
        hw_machine_reset(vm->ms, "fuzz", NULL);
    }
}

/* ---- lines ---- */

/* Feed @line and a newline in pieces. */
static void feed(LocalVm *vm, GRand *r, const GString *line)
{
    gsize at = 0, n;

    while (at < line->len) {
        n = g_rand_int_range(r, 0, 8) == 0 ? MIN((gsize)g_rand_int_range(r, 1, 32), line->len - at)
                                           : line->len - at;
        qtest_server_input(vm->server, line->str + at, n);
        at += n;
    }
    qtest_server_input(vm->server, "\n", 1);
}

static bool known(const char *reply)
{
    return strncmp(reply, "OK", 2) == 0 || strncmp(reply, "FAIL", 4) == 0 ||
           strncmp(reply, "ERR", 3) == 0;
}

/* IRQ lines, then one reply, and nothing else. */
static void check_output(LocalVm *vm)
{
    char *at = vm->out->str, *end;

    while (g_str_has_prefix(at, "IRQ raise ") || g_str_has_prefix(at, "IRQ lower ")) {
        at = strchr(at, '\n') + 1;
    }
    end = memchr(at, '\n', vm->out->len - (at - vm->out->str));
    if (!known(at) || end == NULL || end + 1 != vm->out->str + vm->out->len) {
        g_error("not one reply: '%s'", vm->out->str);
    }
    g_string_truncate(vm->out, 0);
    if (vm->out->allocated_len > 1 << 20) {
        g_string_free(vm->out, TRUE);
        vm->out = g_string_new(NULL);
    }
}

static void fuzz_lines(GRand *r, const char *machine, gint64 lines)
{
    g_autoptr(LocalVm) vm = local_new(machine, 16 << 20, strcmp(machine, "pc") == 0);

    vm->patience = 4;
    hw_machine_lock(vm->ms);
    for (step = 0; step < lines; step++) {
        fuzz_line(r, current);
        vm->asked = 0;
        feed(vm, r, current);
        check_output(vm);
        breathe(vm, r);
    }
    hw_machine_unlock(vm->ms);
}

/* ---- accesses ---- */

static void collect(void *opaque, const IoRegion *region, const RamBlock *ram)
{
    if (region != NULL) {
        g_ptr_array_add(opaque, (gpointer)region);
    }
}

static guint64 value(GRand *r)
{
    return ((guint64)g_rand_int(r) << 32 | g_rand_int(r)) >> g_rand_int_range(r, 0, 64);
}

static void one_port(LocalVm *vm, GRand *r, const IoRegion *region)
{
    unsigned size = 1u << g_rand_int_range(r, 0, 3);
    guint64 port = region->base + g_rand_int_range(r, 0, MIN(region->size, G_MAXINT));

    g_string_printf(current, "%s port 0x%x size %u", region->name, (unsigned)port, size);
    if (g_rand_boolean(r)) {
        hw_port_write(vm->ms, port, value(r), size);
    } else {
        hw_port_read(vm->ms, port, size);
    }
}

static void one_mmio(LocalVm *vm, GRand *r, const IoRegion *region)
{
    unsigned size = 1u << g_rand_int_range(r, 0, 4);
    guint64 addr = region->base + g_rand_int_range(r, 0, MIN(region->size, G_MAXINT));
    guint64 v = value(r);

    if (g_rand_boolean(r)) {
        addr = region->base + (addr - region->base) % MIN(region->size, 0x400);
    }
    g_string_printf(current, "%s address 0x%" G_GINT64_MODIFIER "x size %u", region->name, addr,
                    size);
    if (g_rand_boolean(r)) {
        hw_mem_write(vm->ms, addr, &v, size);
    } else {
        hw_mem_read(vm->ms, addr, &v, size);
    }
}

/* Every region gets its share, first each port of it in every width. */
static void every_port(LocalVm *vm, GRand *r, const GPtrArray *ports)
{
    for (guint i = 0; i < ports->len; i++) {
        const IoRegion *region = g_ptr_array_index(ports, i);

        for (guint64 at = 0; at < region->size; at++) {
            for (unsigned size = 1; size <= 4; size *= 2) {
                g_string_printf(current, "%s +%u size %u", region->name, (unsigned)at, size);
                hw_port_read(vm->ms, region->base + at, size);
                hw_port_write(vm->ms, region->base + at, value(r), size);
                hw_port_read(vm->ms, region->base + at, size);
            }
        }
    }
}

static void fuzz_accesses(GRand *r)
{
    g_autoptr(LocalVm) vm = local_new("pc", 16 << 20, true);
    g_autoptr(GPtrArray) ports = g_ptr_array_new(), mmio = g_ptr_array_new();

    hw_machine_lock(vm->ms);
    hw_port_foreach(vm->ms, collect, ports);
    hw_mem_foreach(vm->ms, collect, mmio);
    g_assert_cmpuint(ports->len, >, 20);
    g_assert_cmpuint(mmio->len, >, 1);
    every_port(vm, r, ports);
    for (step = 0; step < opt_accesses; step++) {
        if (g_rand_int_range(r, 0, 4) != 0) {
            one_port(vm, r, g_ptr_array_index(ports, g_rand_int_range(r, 0, ports->len)));
        } else {
            one_mmio(vm, r, g_ptr_array_index(mmio, g_rand_int_range(r, 0, mmio->len)));
        }
        if (g_rand_int_range(r, 0, 16) == 0) {
            hw_clock_warp(vm->ms, hw_clock_ns(vm->ms, HW_CLOCK_VIRTUAL) +
                                      (value(r) & 0xffffff)); /* at most 17 ms */
        }
        breathe(vm, r);
    }
    hw_machine_unlock(vm->ms);
    printf("# %u port ranges, %u memory ranges, %u requests of the guest\n", ports->len, mmio->len,
           vm->n_requests);
}

int main(int argc, char **argv)
{
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) err = NULL;
    GRand *r;

    g_option_context_add_main_entries(context, options, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &err)) {
        fprintf(stderr, "fuzz-qtest: %s\n", err->message);
        return 1;
    }
    current = g_string_new(NULL);
    signal(SIGABRT, on_abort);
    r = g_rand_new_with_seed(opt_seed);
    fuzz_lines(r, "none", opt_lines / 16); /* nothing there at all */
    fuzz_lines(r, "pc", opt_lines);
    printf("# %" G_GINT64_FORMAT " lines, one reply each\n", opt_lines);
    fuzz_accesses(r);
    printf("# %" G_GINT64_FORMAT " accesses\n", opt_accesses);
    g_rand_free(r);
    g_string_free(g_steal_pointer(&current), TRUE);
    return 0;
}
