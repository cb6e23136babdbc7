/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* info stats: the answers of query-stats, with what the schema says of each value. */
#include <stdlib.h>
#include <string.h>
#include "system/hmp.h"

/* Row @name of the schema; NULL when there is none. */
static json_t *schema_of(json_t *schemas, const char *target, const char *name)
{
    size_t i, k;
    json_t *schema, *row;

    json_array_foreach(schemas, i, schema) {
        if (strcmp(hmp_text(schema, "target"), target) != 0) {
            continue;
        }
        json_array_foreach(json_object_get(schema, "stats"), k, row) {
            if (strcmp(hmp_text(row, "name"), name) == 0) {
                return row;
            }
        }
    }
    return NULL;
}

/* "n" of nanoseconds, "Ki" of kibibytes; NULL where there is no such letter. */
static const char *unit_prefix(int64_t base, int64_t exponent)
{
    static const char *const si[] = { "a", "f", "p", "n", "u", "m", "",
                                      "K", "M", "G", "T", "P", "E" };
    static const char *const iec[] = { "", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei" };

    if (base == 10 && exponent >= -18 && exponent <= 18 && exponent % 3 == 0) {
        return si[exponent / 3 + 6];
    }
    return base == 2 && exponent >= 0 && exponent <= 60 && exponent % 10 == 0 ? iec[exponent / 10]
                                                                               : NULL;
}

/* ", ns", ", * 10^1 cycles", ", boolean": what one of the number means. */
static void print_unit(Monitor *mon, json_t *row)
{
    const char *unit = hmp_text(row, "unit"), *letter = NULL, *prefix;
    int64_t exponent = qmp_int(row, "exponent", 0);

    if (unit[0] == '\0' && exponent == 0) {
        return;
    }
    letter = strcmp(unit, "seconds") == 0 ? "s" : strcmp(unit, "bytes") == 0 ? "B" : NULL;
    prefix = letter != NULL ? unit_prefix(qmp_int(row, "base", 10), exponent) : NULL;
    if (prefix != NULL) {
        monitor_printf(mon, ", %s%s", prefix, letter);
    } else if (exponent != 0) {
        monitor_printf(mon, ", * %d^%d%s%s", (int)qmp_int(row, "base", 10), (int)exponent,
                       unit[0] != '\0' ? " " : "", unit);
    } else {
        monitor_printf(mon, ", %s", letter != NULL ? letter : unit);
    }
}

static void print_value(Monitor *mon, json_t *value)
{
    uint64_t n = 0;
    size_t i;
    json_t *v;

    if (json_is_boolean(value)) {
        monitor_puts(mon, json_is_true(value) ? ": yes\n" : ": no\n");
        return;
    }
    if (!json_is_array(value)) {
        json_get_uint64(value, &n);
        monitor_printf(mon, ": %" G_GUINT64_FORMAT "\n", n);
        return;
    }
    monitor_puts(mon, ": ");
    json_array_foreach(value, i, v) {
        json_get_uint64(v, &n);
        monitor_printf(mon, "[%zu]=%" G_GUINT64_FORMAT " ", i + 1, n);
    }
    monitor_puts(mon, "\n");
}

static void print_stat(Monitor *mon, json_t *stat, json_t *row)
{
    monitor_printf(mon, "    %s (%s", hmp_text(stat, "name"), hmp_text(row, "type"));
    print_unit(mon, row);
    if (json_object_get(row, "bucket-size") != NULL) {
        monitor_printf(mon, ", bucket size=%d", (int)qmp_int(row, "bucket-size", 0));
    }
    monitor_puts(mon, ")");
    print_value(mon, json_object_get(stat, "value"));
}

static void print_results(Monitor *mon, json_t *results, const char *target, bool say_provider)
{
    json_t *schemas = hmp_query(mon, "query-stats-schemas", NULL), *result, *stat;
    size_t i, k;

    json_array_foreach(results, i, result) {
        json_t *stats = json_object_get(result, "stats");

        if (say_provider && json_array_size(stats) > 0) {
            monitor_printf(mon, "provider: %s\n", hmp_text(result, "provider"));
        }
        json_array_foreach(stats, k, stat) {
            print_stat(mon, stat, schema_of(schemas, target, hmp_text(stat, "name")));
        }
    }
    json_decref(schemas);
}

/* The question: one provider, those names ("*": all), of vCPUs the one that "cpu" chose. */
static json_t *question(Monitor *mon, const char *target, const char *names)
{
    json_t *args = json_pack("{s:o}", "target", hmp_word(target)), *request, *list;
    CPUState *cpu = hmp_cpu(mon);

    if (strcmp(names, "*") != 0) {
        g_auto(GStrv) words = g_strsplit(names, ",", -1);

        list = json_array();
        for (char **w = words; *w != NULL; w++) {
            json_array_append_new(list, hmp_word(*w));
        }
        request = json_pack("{s:s, s:o}", "provider", "kvm", "names", list);
        json_object_set_new(args, "providers", json_pack("[o]", request));
    }
    if (strcmp(target, "vcpu") == 0 && cpu != NULL) {
        g_autofree char *path = hw_object_path(&cpu->dev.obj);

        json_object_set_new(args, "vcpus", json_pack("[s]", path));
    }
    return args;
}

void hmp_info_stats(Monitor *mon, char **argv)
{
    const char *target = argv[0], *names = argv[1] != NULL ? argv[1] : "*", *provider = argv[2];
    json_t *results;

    if (strcmp(target, "vm") != 0 && strcmp(target, "vcpu") != 0) {
        monitor_printf(mon, "invalid stats target %s\n", target);
        return;
    }
    if (provider != NULL && strcmp(provider, "kvm") != 0) {
        monitor_printf(mon, "invalid stats provider %s\n", provider);
        return;
    }
    results = hmp_query(mon, "query-stats", question(mon, target, names));
    print_results(mon, results, target, provider == NULL);
    json_decref(results);
}
