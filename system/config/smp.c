/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * -smp, and -machine smp.KEY=N, which is the same: repeated ones merge, the last value of a key counts.
 * What follows from them is the machine layer's to say.
 */
#include <string.h>
#include "system/vm.h"

bool smp_request_set(SmpRequest *req, const char *key, int64_t value)
{
    const struct {
        const char *key;
        bool *has;
        int64_t *out;
    } rows[] = {
        { "cpus", &req->has_cpus, &req->cpus },
        { "maxcpus", &req->has_maxcpus, &req->maxcpus },
        { "sockets", &req->has_sockets, &req->sockets },
        { "dies", &req->has_dies, &req->dies },
        { "modules", &req->has_modules, &req->modules },
        { "clusters", &req->has_clusters, &req->clusters },
        { "cores", &req->has_cores, &req->cores },
        { "threads", &req->has_threads, &req->threads },
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (strcmp(rows[i].key, key) == 0) {
            *rows[i].has = true;
            *rows[i].out = value;
            return true;
        }
    }
    return false;
}

gboolean config_smp_key(SmpKeys *smp, const char *key, const char *value, GError **errp)
{
    int64_t n;

    if (!smp_request_set(&smp->req, key + 4, 0)) {
        opt_error(errp, "Parameter '%s' is unexpected", key);
        return FALSE;
    }
    if (!parse_int_value(key, value, &n, errp)) {
        return FALSE;
    }
    smp->any = true;
    return smp_request_set(&smp->req, key + 4, n);
}

gboolean config_smp(Vm *vm, SmpKeys *smp, GError **errp)
{
    for (const OptItem *it = NULL; (it = options_next(&vm->opts, OPT_smp, it)) != NULL;) {
        for (guint i = 0; i < it->kv->n; i++) {
            g_autofree char *key = g_strdup_printf("smp.%s", it->kv->v[i].key);

            if (!config_smp_key(smp, key, it->kv->v[i].value, errp)) {
                return FALSE;
            }
        }
    }
    /* hw_machine_new() has set the default. */
    return !smp->any || hw_machine_set_smp(vm->ms, &smp->req, errp);
}
