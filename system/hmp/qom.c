/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qom-list, qom-get, qom-set: the object tree by hand.
 *
 * A value to set is a word, read by the property's own rules as on the command line; with -j it is
 * JSON, and goes the way that QMP's qom-set goes.
 */
#include <string.h>
#include "system/hmp.h"
#include "system/qmp-qom.h"

void hmp_qom_list(Monitor *mon, char **argv)
{
    json_t *v, *p;
    size_t i;

    if (argv[0] == NULL) {
        monitor_puts(mon, "/\n");
        return;
    }
    v = hmp_query(mon, "qom-list", json_pack("{s:o}", "path", hmp_word(argv[0])));
    json_array_foreach(v, i, p) {
        monitor_printf(mon, "%s (%s)\n", qmp_str(p, "name"), qmp_str(p, "type"));
    }
    json_decref(v);
}

void hmp_qom_get(Monitor *mon, char **argv)
{
    json_t *v = hmp_query(mon, "qom-get",
                          json_pack("{s:o, s:o}", "path", hmp_word(argv[0]), "property",
                                    hmp_word(argv[1])));

    if (v != NULL) {
        g_autofree char *text = json_pretty(v, "\n");

        monitor_printf(mon, "%s\n", text);
        json_decref(v);
    }
}

static void set_json(Monitor *mon, char **argv)
{
    char *error = NULL;
    json_t *value = json_from_text(argv[3], strlen(argv[3]), &error);

    if (value == NULL) {
        monitor_printf(mon, "Error: %s\n", error);
        g_free(error);
        return;
    }
    hmp_do(mon, "qom-set", json_pack("{s:o, s:o, s:o}", "path", hmp_word(argv[1]), "property",
                                     hmp_word(argv[2]), "value", value));
}

void hmp_qom_set(Monitor *mon, char **argv)
{
    GError *err = NULL;

    if (argv[0] != NULL) {
        set_json(mon, argv);
        return;
    }
    qom_set_text(mon, argv[1], argv[2], argv[3], &err);
    hmp_error(mon, err);
}
