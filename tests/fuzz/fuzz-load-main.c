/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The driver: fuzz-load [--runs N] [--seed S] [--start I] [--target T] [--corpus DIR] [--write DIR].
 * Every run draws from a generator seeded with (S, number of the run), so a failure is repeated by
 * --seed S --start I --runs 1 with the numbers that are printed when a sanitizer or a promise stops
 * the process. Meant for a build with -Db_sanitize=address,undefined.
 */
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fuzz-load.h"

static gint64 opt_runs = 2000, opt_seed = 1, opt_start;
static char *opt_target, *opt_corpus, *opt_write;

static const GOptionEntry options[] = {
    { "runs", 0, 0, G_OPTION_ARG_INT64, &opt_runs, "number of mutated inputs", "N" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &opt_seed, "of the random numbers", "S" },
    { "start", 0, 0, G_OPTION_ARG_INT64, &opt_start, "number of the first run", "I" },
    { "target", 0, 0, G_OPTION_ARG_STRING, &opt_target, "only this one", "T" },
    { "corpus", 0, 0, G_OPTION_ARG_FILENAME, &opt_corpus, "directory with more seeds", "DIR" },
    { "write", 0, 0, G_OPTION_ARG_FILENAME, &opt_write, "write the built-in seeds", "DIR" },
    { NULL },
};

typedef struct State {
    GPtrArray *seeds; /* GByteArray */
    gint64 runs, accepted;
} State;

static gint64 current_run;
static const char *current_target = "none";

static void say_where(void)
{
    char text[160];
    int n = g_snprintf(text, sizeof text,
                       "fuzz-load: stopped in target %s; repeat: --seed %" G_GINT64_FORMAT
                       " --start %" G_GINT64_FORMAT " --runs 1\n", current_target, opt_seed,
                       current_run);

    if (write(STDERR_FILENO, text, n) < 0) {
        return;
    }
}

/* Called by the address sanitizer before it ends the process. */
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

static void add_file(GPtrArray *seeds, const char *dir, const char *name)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);
    char *data;
    gsize len;

    if (g_file_get_contents(path, &data, &len, NULL)) {
        g_ptr_array_add(seeds, g_byte_array_new_take((guint8 *)data, len));
    }
}

static gint by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* In order of their names: run numbers must mean the same everywhere. */
static void add_corpus(const FuzzTarget *t, GPtrArray *seeds)
{
    g_autofree char *prefix = g_strconcat(t->name, "-", NULL);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    GDir *dir = opt_corpus ? g_dir_open(opt_corpus, 0, NULL) : NULL;
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        if (g_str_has_prefix(name, prefix)) {
            g_ptr_array_add(names, g_strdup(name));
        }
    }
    if (dir) {
        g_dir_close(dir);
    }
    g_ptr_array_sort(names, by_name);
    for (unsigned i = 0; i < names->len; i++) {
        add_file(seeds, opt_corpus, names->pdata[i]);
    }
}

static bool write_seeds(const FuzzTarget *t, const GPtrArray *seeds)
{
    for (unsigned i = 0; i < seeds->len; i++) {
        const GByteArray *a = seeds->pdata[i];
        g_autofree char *path = g_strdup_printf("%s/%s-%u", opt_write, t->name, i);

        if (!g_file_set_contents(path, (const char *)a->data, a->len, NULL)) {
            return false;
        }
    }
    return true;
}

static void run_one(gint64 number, const FuzzTarget *t, State *s)
{
    guint32 key[4] = { opt_seed, opt_seed >> 32, number, number >> 32 };
    GRand *rnd = g_rand_new_with_seed_array(key, 4);
    const GByteArray *seed = s->seeds->pdata[fuzz_below(rnd, s->seeds->len)];
    const GByteArray *other = s->seeds->pdata[fuzz_below(rnd, s->seeds->len)];
    GByteArray *a = fuzz_mutate(rnd, seed, other);
    uint8_t *exact = g_malloc(a->len + !a->len); /* reading past the end must be seen */

    current_run = number;
    current_target = t->name;
    memcpy(exact, a->data, a->len);
    s->runs++;
    s->accepted += a->len ? t->run(rnd, exact, a->len) : 0;
    g_free(exact);
    g_byte_array_unref(a);
    g_rand_free(rnd);
}

static bool wanted(const FuzzTarget *t)
{
    return !opt_target || strcmp(opt_target, t->name) == 0;
}

static void run_all(State *state)
{
    for (gint64 i = opt_start; i < opt_start + opt_runs;) {
        const FuzzTarget *t = &fuzz_targets[i % fuzz_n_targets];

        if (wanted(t)) {
            run_one(i, t, &state[i % fuzz_n_targets]);
        } else {
            opt_runs++; /* numbers of other targets do not count */
        }
        i++;
    }
}

static void report(const State *state)
{
    gint64 all = 0;

    for (unsigned i = 0; i < fuzz_n_targets; i++) {
        printf("%-10s %8" G_GINT64_FORMAT " runs, %8" G_GINT64_FORMAT " accepted\n",
               fuzz_targets[i].name, state[i].runs, state[i].accepted);
        all += state[i].runs;
    }
    printf("%" G_GINT64_FORMAT " runs, seed %" G_GINT64_FORMAT ": no crash\n", all, opt_seed);
}

static bool parse_options(int argc, char **argv)
{
    GOptionContext *context = g_option_context_new("- mutated guest images for the loaders");
    g_autoptr(GError) err = NULL;
    bool ok, known = false;

    g_option_context_add_main_entries(context, options, NULL);
    ok = g_option_context_parse(context, &argc, &argv, &err);
    g_option_context_free(context);
    for (unsigned i = 0; i < fuzz_n_targets; i++) {
        known |= wanted(&fuzz_targets[i]);
    }
    if (!ok || !known) {
        fprintf(stderr, "fuzz-load: %s\n", ok ? "no such target" : err->message);
        return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    g_autofree State *state = g_new0(State, fuzz_n_targets);
    bool ok = parse_options(argc, argv);

    for (unsigned i = 0; ok && i < fuzz_n_targets; i++) {
        state[i].seeds = g_ptr_array_new_with_free_func((GDestroyNotify)g_byte_array_unref);
        fuzz_targets[i].seeds(state[i].seeds);
        ok = !opt_write || write_seeds(&fuzz_targets[i], state[i].seeds);
        add_corpus(&fuzz_targets[i], state[i].seeds);
    }
    if (!ok) {
        return 2;
    }
    signal(SIGABRT, on_abort);
    signal(SIGTRAP, on_abort);
    fuzz_targets_init();
    run_all(state);
    fuzz_targets_clear();
    for (unsigned i = 0; i < fuzz_n_targets; i++) {
        g_ptr_array_unref(state[i].seeds);
    }
    report(state);
    return 0;
}
