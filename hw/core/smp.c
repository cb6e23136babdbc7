/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * -smp: from what was asked to a complete topology.
 *
 * Theory of operation: a request is refused or completed in QEMU's order and words (rows S07, S09, S10
 * to S17 of the behaviour reference; the newer text for zero and for levels that a machine does not
 * have): values in range, levels that the machine knows, missing levels computed (cores before
 * sockets before threads), product against maxcpus, maxcpus against cpus, machine limits. Where QEMU
 * cuts a number to 32 bits, this says that it is out of range.
 */
#include "hw/core/core-internal.h"

/* Levels from the outside in, as the messages list them. */
enum { SOCKETS, DIES, MODULES, CLUSTERS, CORES, THREADS, N_LEVELS };

static const char *const level_names[N_LEVELS] = {
    "sockets", "dies", "modules", "clusters", "cores", "threads",
};

typedef struct Request {
    uint64_t cpus, maxcpus, level[N_LEVELS]; /* 0: not given */
    bool shown[N_LEVELS];                    /* does the machine have the level? */
    const char *machine;
} Request;

static gboolean fail(GError **errp, AccelErrorCode code, const char *fmt, ...) G_GNUC_PRINTF(3, 4);

static gboolean fail(GError **errp, AccelErrorCode code, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    AccelErrorInfo info = { .stage = "smp" };
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    accel_error_set(errp, code, &info, "%s", text);
    return FALSE;
}

/* QEMU cuts these silently (W04) or calls -1 a problem with the machine's maximum (W05). */
static gboolean take(const char *key, bool has, int64_t value, uint64_t *out, GError **errp)
{
    *out = 0;
    if (!has) {
        return TRUE;
    }
    if (value < 0) {
        return fail(errp, ACCEL_ERROR_INVALID, "Invalid CPU topology: %s must not be negative: %"
                    G_GINT64_FORMAT, key, value);
    }
    if (value == 0) {
        return fail(errp, ACCEL_ERROR_INVALID, "Invalid CPU topology: "
                    "CPU topology parameters must be greater than zero");
    }
    if (value > INT32_MAX) {
        return fail(errp, ACCEL_ERROR_INVALID, "Invalid CPU topology: %s is out of range: %"
                    G_GINT64_FORMAT " (at most %d)", key, value, INT32_MAX);
    }
    *out = value;
    return TRUE;
}

static gboolean take_all(const SmpRequest *q, Request *r, GError **errp)
{
    return take("cpus", q->has_cpus, q->cpus, &r->cpus, errp) &&
           take("maxcpus", q->has_maxcpus, q->maxcpus, &r->maxcpus, errp) &&
           take("sockets", q->has_sockets, q->sockets, &r->level[SOCKETS], errp) &&
           take("dies", q->has_dies, q->dies, &r->level[DIES], errp) &&
           take("modules", q->has_modules, q->modules, &r->level[MODULES], errp) &&
           take("clusters", q->has_clusters, q->clusters, &r->level[CLUSTERS], errp) &&
           take("cores", q->has_cores, q->cores, &r->level[CORES], errp) &&
           take("threads", q->has_threads, q->threads, &r->level[THREADS], errp);
}

static gboolean check_levels(Request *r, const MachineClass *mc, GError **errp)
{
    static const int order[] = { MODULES, DIES, CLUSTERS };
    guint i;

    r->machine = mc->name;
    r->shown[SOCKETS] = r->shown[CORES] = r->shown[THREADS] = true;
    r->shown[DIES] = mc->smp_dies;
    r->shown[MODULES] = mc->smp_modules && r->level[MODULES] > 1; /* newer than the others */
    r->shown[CLUSTERS] = mc->smp_clusters;
    for (i = 0; i < G_N_ELEMENTS(order); i++) {
        int l = order[i];
        bool has = l == MODULES ? mc->smp_modules : r->shown[l];

        if (!has && r->level[l] > 1) {
            return fail(errp, ACCEL_ERROR_UNSUPPORTED,
                        "%s > 1 not supported by this machine's CPU topology", level_names[l]);
        }
        r->level[l] = MAX(r->level[l], 1);
    }
    return TRUE;
}

/* Product of all levels but @skip (N_LEVELS: of all); what does not fit is UINT64_MAX. */
static uint64_t product(const Request *r, int skip)
{
    uint64_t p = 1;
    int i;

    for (i = 0; i < N_LEVELS; i++) {
        if (i != skip && __builtin_mul_overflow(p, r->level[i], &p)) {
            return UINT64_MAX;
        }
    }
    return p;
}

static void default_one(Request *r, int level)
{
    r->level[level] = MAX(r->level[level], 1);
}

/* S10 to S12. */
static void complete(Request *r)
{
    if (r->cpus == 0 && r->maxcpus == 0) {
        default_one(r, SOCKETS);
        default_one(r, CORES);
        default_one(r, THREADS);
        r->cpus = r->maxcpus = product(r, N_LEVELS);
        return;
    }
    r->maxcpus = r->maxcpus != 0 ? r->maxcpus : r->cpus;
    r->cpus = r->cpus != 0 ? r->cpus : r->maxcpus;
    if (r->level[CORES] == 0) {
        default_one(r, SOCKETS);
        default_one(r, THREADS);
        r->level[CORES] = r->maxcpus / product(r, CORES);
    } else if (r->level[SOCKETS] == 0) {
        default_one(r, THREADS);
        r->level[SOCKETS] = r->maxcpus / product(r, SOCKETS);
    }
    if (r->level[THREADS] == 0) {
        r->level[THREADS] = r->maxcpus / product(r, THREADS);
    }
}

/* "sockets (2) * cores (3) * threads (1)" */
static char *hierarchy(const Request *r)
{
    GString *s = g_string_new(NULL);
    int i;

    for (i = 0; i < N_LEVELS; i++) {
        if (r->shown[i]) {
            g_string_append_printf(s, "%s%s (%" G_GUINT64_FORMAT ")", s->len > 0 ? " * " : "",
                                   level_names[i], r->level[i]);
        }
    }
    return g_string_free(s, FALSE);
}

/* S13 to S16. */
static gboolean check_counts(const Request *r, const MachineClass *mc, GError **errp)
{
    g_autofree char *levels = hierarchy(r);
    uint32_t min = MAX(mc->min_cpus, 1), max = MAX(mc->max_cpus, 1);

    if (product(r, N_LEVELS) != r->maxcpus) {
        return fail(errp, ACCEL_ERROR_INVALID,
                    "Invalid CPU topology: product of the hierarchy must match maxcpus: %s != "
                    "maxcpus (%" G_GUINT64_FORMAT ")", levels, r->maxcpus);
    }
    if (r->maxcpus < r->cpus) {
        return fail(errp, ACCEL_ERROR_INVALID,
                    "Invalid CPU topology: maxcpus must be equal to or greater than smp: %s == "
                    "maxcpus (%" G_GUINT64_FORMAT ") < smp_cpus (%" G_GUINT64_FORMAT ")",
                    levels, r->maxcpus, r->cpus);
    }
    if (r->cpus < min) {
        return fail(errp, ACCEL_ERROR_LIMIT, "Invalid SMP CPUs %" G_GUINT64_FORMAT
                    ". The min CPUs supported by machine '%s' is %u", r->cpus, mc->name, min);
    }
    if (r->maxcpus > max) {
        return fail(errp, ACCEL_ERROR_LIMIT, "Invalid SMP CPUs %" G_GUINT64_FORMAT
                    ". The max CPUs supported by machine '%s' is %u", r->maxcpus, mc->name, max);
    }
    return TRUE;
}

static void store(const Request *r, SmpConfig *smp)
{
    *smp = (SmpConfig){
        .cpus = r->cpus, .max_cpus = r->maxcpus,
        .sockets = r->level[SOCKETS], .dies = r->level[DIES], .modules = r->level[MODULES],
        .clusters = r->level[CLUSTERS], .cores = r->level[CORES], .threads = r->level[THREADS],
    };
}

gboolean hw_machine_set_smp(MachineState *ms, const SmpRequest *req, GError **errp)
{
    SmpRequest none = { 0 };
    Request r = { 0 };

    if (req == NULL) {
        none.has_cpus = true;
        none.cpus = MAX(ms->klass->default_cpus, 1);
        req = &none;
    }
    if (!take_all(req, &r, errp) || !check_levels(&r, ms->klass, errp)) {
        return FALSE;
    }
    complete(&r);
    if (!check_counts(&r, ms->klass, errp)) {
        return FALSE;
    }
    store(&r, &ms->smp);
    g_free(ms->possible);
    ms->possible = hw_possible_cpus(&ms->smp);
    ms->n_possible = ms->smp.max_cpus;
    return TRUE;
}
