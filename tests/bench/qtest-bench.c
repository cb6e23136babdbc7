/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qtest-bench [--rounds N] [--starts N] [--turns N] ACCELVM [QEMU]: round trips over the qtest
 * socket and whole starts, side by side.
 *
 * Both are driven by the same client in the same way, in turns, so that a busy moment of the
 * machine hits both; the median of the turns is shown. QEMU runs with -accel tcg -S where it has no
 * qtest accelerator (Debian's has none): no guest code runs in either.
 */
#include <accelvm-qtest.h>
#include <stdio.h>
#include <stdlib.h>

static int opt_rounds = 20000, opt_starts = 20, opt_turns = 5;

static const GOptionEntry options[] = {
    { "rounds", 0, 0, G_OPTION_ARG_INT, &opt_rounds, "round trips per turn", "N" },
    { "starts", 0, 0, G_OPTION_ARG_INT, &opt_starts, "starts per turn", "N" },
    { "turns", 0, 0, G_OPTION_ARG_INT, &opt_turns, "turns", "N" },
    { NULL },
};

typedef struct Row {
    const char *label, *line, *unit;
} Row;

static const Row rows[] = {
    { "nothing at all (endianness)", "endianness", "1/s" },
    { "a device's port (inb 0x71)", "inb 0x71", "1/s" },
    { "memory (readl)", "readl 0x1000", "1/s" },
    { "a page of memory (b64read)", "b64read 0x1000 4096", "1/s" },
    { "start, handshakes, end", NULL, "ms" },
};

enum { N_ROWS = G_N_ELEMENTS(rows), MAX_TURNS = 100 };

typedef struct Program {
    const char *binary, *accel, *args;
    double figures[N_ROWS][MAX_TURNS];
} Program;

static void must(gboolean ok, GError *err)
{
    if (!ok) {
        fprintf(stderr, "qtest-bench: %s\n", err->message);
        exit(1);
    }
}

static AqVM *start(const Program *p)
{
    AqConfig config = { .size = sizeof(config), .binary = p->binary, .args = p->args,
                        .accel = p->accel };
    GError *err = NULL;
    AqVM *vm = aq_vm_start(&config, &err);

    must(vm != NULL, err);
    return vm;
}

static void end(AqVM *vm)
{
    GError *err = NULL;

    must(aq_vm_quit(vm, &err), err);
    aq_vm_free(vm);
}

/* Round trips per second. */
static double rounds(AqVM *vm, const char *line)
{
    gint64 from = g_get_monotonic_time();
    GError *err = NULL;

    for (int i = 0; i < opt_rounds; i++) {
        g_autofree char *reply = NULL;

        must(aq_try_command(vm, &reply, &err, "%s", line), err);
    }
    return opt_rounds * 1e6 / (g_get_monotonic_time() - from);
}

/* Milliseconds of one start. */
static double starts(const Program *p)
{
    gint64 from = g_get_monotonic_time();

    for (int i = 0; i < opt_starts; i++) {
        end(start(p));
    }
    return (g_get_monotonic_time() - from) / 1e3 / opt_starts;
}

static void measure(Program *p, int turn)
{
    AqVM *vm = start(p);

    for (guint i = 0; i < N_ROWS; i++) {
        if (rows[i].line != NULL) {
            p->figures[i][turn] = rounds(vm, rows[i].line);
        }
    }
    end(vm);
    p->figures[N_ROWS - 1][turn] = starts(p);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *v, int n)
{
    qsort(v, n, sizeof(*v), by_value);
    return v[n / 2];
}

static void print(Program *programs, int n)
{
    printf("%-30s %12s %12s %8s\n", "", "accelvm", n > 1 ? "QEMU" : "", n > 1 ? "ratio" : "");
    for (guint i = 0; i < N_ROWS; i++) {
        gboolean time = rows[i].line == NULL;
        double ours = median(programs[0].figures[i], opt_turns), theirs;

        printf("%-30s %12.*f", rows[i].label, time ? 2 : 0, ours);
        if (n > 1) {
            theirs = median(programs[1].figures[i], opt_turns);
            printf(" %12.*f %8.1f", time ? 2 : 0, theirs, time ? theirs / ours : ours / theirs);
        }
        printf("  %s\n", rows[i].unit);
    }
}

int main(int argc, char **argv)
{
    g_autoptr(GOptionContext) context = g_option_context_new("ACCELVM [QEMU]");
    g_autoptr(GError) err = NULL;
    static Program programs[2] = {
        { .args = "-machine pc -nodefaults", .accel = "qtest" },
        { .args = "-machine pc -nodefaults -S", .accel = "tcg" },
    };
    int n;

    g_option_context_add_main_entries(context, options, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &err) || argc < 2 || argc > 3 ||
        opt_turns < 1 || opt_turns > MAX_TURNS || opt_rounds < 1 || opt_starts < 1) {
        fprintf(stderr, "usage: qtest-bench [--rounds N] [--starts N] [--turns N] ACCELVM "
                        "[QEMU]\n");
        return 1;
    }
    n = argc - 1;
    for (int i = 0; i < n; i++) {
        programs[i].binary = argv[i + 1];
    }
    for (int turn = 0; turn < opt_turns; turn++) {
        for (int i = 0; i < n; i++) {
            measure(&programs[i], turn);
        }
    }
    print(programs, n);
    return 0;
}
