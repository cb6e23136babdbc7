/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * -smp: a table of requests and what becomes of them, and the table of possible CPUs. Each
 * row is also given to QEMU, where that is installed, and the outcome compared.
 */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "hw-fake.h"

#define DIES    1 /* machine knows dies (and modules), as a PC does */
#define DIFFERS 2 /* QEMU 7.2 says or does something else: why is in the note */

typedef struct Row {
    const char *smp;
    int flags;
    const char *result; /* "cpus/max sockets.dies.modules.cores.threads", or the error */
    const char *note;
} Row;

#define TOPO "Invalid CPU topology: "
#define ZERO TOPO "CPU topology parameters must be greater than zero"
#define PROD TOPO "product of the hierarchy must match maxcpus: "
#define LESS TOPO "maxcpus must be equal to or greater than smp: "
#define MAX_IS(n) "Invalid SMP CPUs " n ". The max CPUs supported by machine 'fake' is 288"
#define W_ZERO "7.2 warns and takes it as not given; newer QEMU refuses it"
#define W_RANGE "QEMU cuts the number to 32 bits"
#define W_NEG "QEMU calls it a problem of the machine's maximum"
#define W_NEW "7.2 does not know the key"
#define W_TEXT "7.2 leaves '> 1' out of the text"

static const Row rows[] = {
    /* accepted */
    { "", DIES, "1/1 1.1.1.1.1", NULL },
    { "cpus=1", DIES, "1/1 1.1.1.1.1", NULL },
    { "cpus=2", DIES, "2/2 1.1.1.2.1", NULL },
    { "cpus=4", DIES, "4/4 1.1.1.4.1", NULL },
    { "cpus=288", DIES, "288/288 1.1.1.288.1", NULL },
    { "maxcpus=8", DIES, "8/8 1.1.1.8.1", NULL },
    { "cpus=2,maxcpus=8", DIES, "2/8 1.1.1.8.1", NULL },
    { "cpus=1,maxcpus=288", DIES, "1/288 1.1.1.288.1", NULL },
    { "cpus=5,maxcpus=7", DIES, "5/7 1.1.1.7.1", NULL },
    { "sockets=2", DIES, "2/2 2.1.1.1.1", NULL },
    { "cores=3", DIES, "3/3 1.1.1.3.1", NULL },
    { "threads=2", DIES, "2/2 1.1.1.1.2", NULL },
    { "dies=2", DIES, "2/2 1.2.1.1.1", NULL },
    { "dies=1", DIES, "1/1 1.1.1.1.1", NULL },
    { "clusters=1", DIES, "1/1 1.1.1.1.1", NULL },
    { "cores=2,threads=2", DIES, "4/4 1.1.1.2.2", NULL },
    { "sockets=2,cores=3,threads=4", DIES, "24/24 2.1.1.3.4", NULL },
    { "sockets=2,dies=2,cores=2,threads=2", DIES, "16/16 2.2.1.2.2", NULL },
    { "cpus=8,sockets=2", DIES, "8/8 2.1.1.4.1", NULL },
    { "cpus=8,cores=2", DIES, "8/8 4.1.1.2.1", NULL },
    { "cpus=8,threads=2", DIES, "8/8 1.1.1.4.2", NULL },
    { "cpus=8,dies=2", DIES, "8/8 1.2.1.4.1", NULL },
    { "cpus=8,sockets=2,cores=2", DIES, "8/8 2.1.1.2.2", NULL },
    { "cpus=8,sockets=2,threads=2", DIES, "8/8 2.1.1.2.2", NULL },
    { "cpus=8,cores=2,threads=2", DIES, "8/8 2.1.1.2.2", NULL },
    { "cpus=8,dies=2,cores=2", DIES, "8/8 2.2.1.2.1", NULL },
    { "cpus=3,maxcpus=8,sockets=2,cores=4", DIES, "3/8 2.1.1.4.1", NULL },
    { "maxcpus=12,cores=3", DIES, "12/12 4.1.1.3.1", NULL },
    { "cpus=1,maxcpus=4,threads=4", DIES, "1/4 1.1.1.1.4", NULL },
    { "modules=2", DIES | DIFFERS, "2/2 1.1.2.1.1", W_NEW },
    { "cpus=8,modules=2,dies=2", DIES | DIFFERS, "8/8 1.2.2.2.1", W_NEW },
    { "cpus=2,dies=1", 0, "2/2 1.1.1.2.1", NULL },
    /* zero (S07) */
    { "cpus=0", DIES | DIFFERS, ZERO, W_ZERO },
    { "maxcpus=0", DIES | DIFFERS, ZERO, W_ZERO },
    { "sockets=0", DIES | DIFFERS, ZERO, W_ZERO },
    { "dies=0", DIES | DIFFERS, ZERO, W_ZERO },
    { "clusters=0", DIES | DIFFERS, ZERO, W_ZERO },
    { "cores=0", DIES | DIFFERS, ZERO, W_ZERO },
    { "threads=0", DIES | DIFFERS, ZERO, W_ZERO },
    { "modules=0", DIES | DIFFERS, ZERO, W_NEW },
    { "cpus=4,cores=0", DIES | DIFFERS, ZERO, W_ZERO },
    /* levels the machine does not have (S09) */
    { "clusters=2", DIES | DIFFERS, "clusters > 1 not supported by this machine's CPU topology",
      W_TEXT },
    { "dies=2", DIFFERS, "dies > 1 not supported by this machine's CPU topology", W_TEXT },
    { "modules=2", DIFFERS, "modules > 1 not supported by this machine's CPU topology", W_NEW },
    { "dies=2,cores=0", DIFFERS, ZERO, W_ZERO }, /* order: zero first (S17) */
    /* product (S13) */
    { "cpus=2,sockets=2,cores=3,maxcpus=7", DIES,
      PROD "sockets (2) * dies (1) * cores (3) * threads (1) != maxcpus (7)", NULL },
    { "cpus=1,sockets=2", DIES,
      PROD "sockets (2) * dies (1) * cores (0) * threads (1) != maxcpus (1)", NULL },
    { "cpus=6,cores=4", DIES,
      PROD "sockets (1) * dies (1) * cores (4) * threads (1) != maxcpus (6)", NULL },
    { "cpus=2,cores=4", DIES,
      PROD "sockets (0) * dies (1) * cores (4) * threads (1) != maxcpus (2)", NULL },
    { "cpus=2,sockets=1,cores=4", DIES,
      PROD "sockets (1) * dies (1) * cores (4) * threads (0) != maxcpus (2)", NULL },
    { "cpus=7,dies=2", DIES,
      PROD "sockets (1) * dies (2) * cores (3) * threads (1) != maxcpus (7)", NULL },
    { "maxcpus=10,sockets=3,cores=2,threads=2", DIES,
      PROD "sockets (3) * dies (1) * cores (2) * threads (2) != maxcpus (10)", NULL },
    { "cpus=3,threads=2", 0, PROD "sockets (1) * cores (1) * threads (2) != maxcpus (3)", NULL },
    { "cpus=3,modules=2", DIES | DIFFERS,
      PROD "sockets (1) * dies (1) * modules (2) * cores (1) * threads (1) != maxcpus (3)",
      W_NEW },
    { "sockets=2147483647,cores=2147483647,threads=2147483647,cpus=1", DIES | DIFFERS,
      PROD "sockets (2147483647) * dies (1) * cores (2147483647) * threads (2147483647) != "
      "maxcpus (1)", W_RANGE },
    /* maxcpus below cpus (S14) */
    { "cpus=2,maxcpus=1", DIES,
      LESS "sockets (1) * dies (1) * cores (1) * threads (1) == maxcpus (1) < smp_cpus (2)",
      NULL },
    { "cpus=2,maxcpus=1", 0,
      LESS "sockets (1) * cores (1) * threads (1) == maxcpus (1) < smp_cpus (2)", NULL },
    { "cpus=9,maxcpus=8,sockets=2,cores=4,threads=1", DIES,
      LESS "sockets (2) * dies (1) * cores (4) * threads (1) == maxcpus (8) < smp_cpus (9)",
      NULL },
    { "cpus=2,maxcpus=1,cores=2", DIES,
      PROD "sockets (0) * dies (1) * cores (2) * threads (1) != maxcpus (1)", NULL },
    /* machine limit (S16) */
    { "cpus=289", DIES, MAX_IS("289"), NULL },
    { "cpus=288,maxcpus=300", DIES, MAX_IS("300"), NULL },
    { "sockets=300", DIES, MAX_IS("300"), NULL },
    { "sockets=20,cores=20", DIES, MAX_IS("400"), NULL },
    { "cpus=2147483647", DIES, MAX_IS("2147483647"), NULL },
    /* range (W04, W05) */
    { "cpus=4294967297", DIES | DIFFERS,
      TOPO "cpus is out of range: 4294967297 (at most 2147483647)", W_RANGE },
    { "maxcpus=99999999999", DIES | DIFFERS,
      TOPO "maxcpus is out of range: 99999999999 (at most 2147483647)", W_RANGE },
    { "cpus=4,sockets=4294967297", DIES | DIFFERS,
      TOPO "sockets is out of range: 4294967297 (at most 2147483647)", W_RANGE },
    { "cpus=-1", DIES | DIFFERS, TOPO "cpus must not be negative: -1", W_NEG },
    { "threads=-2", DIES | DIFFERS, TOPO "threads must not be negative: -2", W_NEG },
    { "cpus=2,maxcpus=-9223372036854775808", DIES | DIFFERS,
      TOPO "maxcpus must not be negative: -9223372036854775808", W_NEG },
};

static const MachineClass *class_for(int flags)
{
    static MachineClass mc;

    mc = fake_machine_class;
    mc.smp_dies = mc.smp_modules = flags & DIES;
    return &mc;
}

static void parse(const char *text, SmpRequest *q)
{
    const struct {
        const char *key;
        bool *has;
        int64_t *value;
    } keys[] = {
        { "cpus", &q->has_cpus, &q->cpus }, { "maxcpus", &q->has_maxcpus, &q->maxcpus },
        { "sockets", &q->has_sockets, &q->sockets }, { "dies", &q->has_dies, &q->dies },
        { "modules", &q->has_modules, &q->modules },
        { "clusters", &q->has_clusters, &q->clusters }, { "cores", &q->has_cores, &q->cores },
        { "threads", &q->has_threads, &q->threads },
    };
    g_auto(GStrv) pairs = g_strsplit(text, ",", -1);
    guint i, k;

    for (i = 0; pairs[i] != NULL; i++) {
        char *eq = strchr(pairs[i], '=');

        g_assert_nonnull(eq);
        *eq = '\0';
        for (k = 0; k < G_N_ELEMENTS(keys) && strcmp(keys[k].key, pairs[i]) != 0; k++) {
        }
        g_assert_cmpuint(k, <, G_N_ELEMENTS(keys));
        *keys[k].has = true;
        *keys[k].value = g_ascii_strtoll(eq + 1, NULL, 10);
    }
}

static char *outcome(const Row *row)
{
    HwRegistry *reg = hw_registry_new();
    MachineState *ms = hw_machine_new(reg, class_for(row->flags));
    SmpRequest q = { 0 };
    g_autoptr(GError) err = NULL;
    char *text;

    parse(row->smp, &q);
    if (hw_machine_set_smp(ms, &q, &err)) {
        text = g_strdup_printf("%u/%u %u.%u.%u.%u.%u", ms->smp.cpus, ms->smp.max_cpus,
                               ms->smp.sockets, ms->smp.dies, ms->smp.modules, ms->smp.cores,
                               ms->smp.threads);
        g_assert_cmpuint(ms->n_possible, ==, ms->smp.max_cpus);
    } else {
        text = g_strdup(err->message);
        g_assert_cmpuint(ms->smp.cpus, ==, 1); /* the default is still there */
    }
    hw_machine_free(ms);
    hw_registry_free(reg);
    return text;
}

static void test_row(gconstpointer data)
{
    const Row *row = data;
    g_autofree char *text = outcome(row);

    g_assert_cmpstr(text, ==, row->result);
}

static void test_min(void)
{
    MachineClass mc = fake_machine_class;
    HwRegistry *reg = hw_registry_new();
    SmpRequest q = { .has_cpus = true, .cpus = 1, .has_maxcpus = true, .maxcpus = 4 };
    g_autoptr(GError) err = NULL;
    MachineState *ms;

    mc.min_cpus = 2;
    mc.default_cpus = 3;
    ms = hw_machine_new(reg, &mc);
    g_assert_cmpuint(ms->smp.cpus, ==, 3);
    g_assert_false(hw_machine_set_smp(ms, &q, &err));
    g_assert_cmpstr(err->message, ==,
                    "Invalid SMP CPUs 1. The min CPUs supported by machine 'fake' is 2");
    hw_machine_free(ms);
    hw_registry_free(reg);
}

/* APIC ids leave gaps where a level is no power of two. */
static void test_possible(void)
{
    HwRegistry *reg = hw_registry_new();
    MachineState *ms = hw_machine_new(reg, class_for(DIES));
    const Row row = { "cpus=1,sockets=2,dies=2,cores=3,threads=2,maxcpus=24", DIES, "", NULL };
    const uint32_t ids[] = { 0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 16 };
    SmpRequest q = { 0 };
    guint i;

    parse(row.smp, &q);
    g_assert_true(hw_machine_set_smp(ms, &q, NULL));
    for (i = 0; i < G_N_ELEMENTS(ids); i++) {
        g_assert_cmpuint(ms->possible[i].apic_id, ==, ids[i]);
    }
    g_assert_cmpint(ms->possible[7].ids.thread_id, ==, 1);
    g_assert_cmpint(ms->possible[7].ids.core_id, ==, 0);
    g_assert_cmpint(ms->possible[7].ids.die_id, ==, 1);
    g_assert_cmpint(ms->possible[7].ids.module_id, ==, -1);
    g_assert_cmpint(ms->possible[7].ids.socket_id, ==, 0);
    g_assert_cmpint(ms->possible[23].ids.socket_id, ==, 1);
    hw_machine_free(ms);
    ms = fake_machine(reg, 1, 288);
    g_assert_cmpuint(ms->possible[287].apic_id, ==, 287);
    g_assert_cmpint(ms->possible[287].ids.die_id, ==, -1);
    hw_machine_free(ms);
    hw_registry_free(reg);
}

/* ---- the same rows on QEMU ---- */

static char *run_qemu(const char *qemu, const Row *row)
{
    const char *argv[] = { qemu, "-nodefaults", "-no-user-config", "-display", "none", "-accel",
                           "tcg", "-S", "-monitor", "stdio", "-machine",
                           row->flags & DIES ? "q35" : "microvm", "-smp", row->smp, NULL };
    g_autoptr(GError) err = NULL;
    char *text = NULL;
    int in, errfd, out;
    GPid pid;
    GString *all = g_string_new(NULL);
    char buf[4096];
    ssize_t n;

    g_spawn_async_with_pipes(NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                             &pid, &in, &out, &errfd, &err);
    g_assert_no_error(err);
    g_assert_cmpint(write(in, "quit\n", 5), ==, 5);
    close(in);
    while ((n = read(errfd, buf, sizeof(buf))) > 0) {
        g_string_append_len(all, buf, n);
    }
    close(errfd);
    close(out);
    waitpid(pid, NULL, 0);
    text = strstr(all->str, "Invalid ");
    text = text != NULL ? g_strndup(text, strcspn(text, "\n")) : g_strdup("accepted");
    g_string_free(all, TRUE);
    return text;
}

static void test_qemu(void)
{
    g_autofree char *qemu = g_find_program_in_path("qemu-system-x86_64");
    guint i, equal = 0, differ = 0;

    if (qemu == NULL) {
        g_test_skip("qemu-system-x86_64 is not installed");
        return;
    }
    for (i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *p = strstr(rows[i].result, "machine '");
        g_autofree char *text = rows[i].flags & DIFFERS ? NULL : run_qemu(qemu, &rows[i]);
        const char *want = g_ascii_isdigit(rows[i].result[0]) ? "accepted" : rows[i].result;

        if (text == NULL) {
            g_test_message("differs: -smp %s: %s", rows[i].smp, rows[i].note);
            differ++;
            continue;
        }
        /* up to the machine's name, which is another one there */
        g_assert_true(strncmp(text, want, p != NULL ? p - rows[i].result : 4096) == 0);
        equal++;
    }
    g_test_message("%u rows equal, %u differ for a reason", equal, differ);
}

int main(int argc, char **argv)
{
    guint i;

    g_test_init(&argc, &argv, NULL);
    for (i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/smp/%02u:%s%s", i, rows[i].smp,
                                                rows[i].flags & DIES ? "" : ":flat");

        g_test_add_data_func(path, &rows[i], test_row);
    }
    g_test_add_func("/smp/machine-minimum", test_min);
    g_test_add_func("/smp/possible-cpus", test_possible);
    g_test_add_func("/smp-qemu/rows", test_qemu);
    return g_test_run();
}
