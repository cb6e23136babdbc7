/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Arguments against the tables, and the tables against themselves: every type that is named exists,
 * and the schema resolves.
 */
#include <string.h>
#include "system/qmp.h"

/* Returns: (transfer full) the error's text, NULL when the arguments are fine. */
static char *check(const char *command, const char *args)
{
    json_t *obj = json_loads(args, 0, NULL);
    GError *err = NULL;
    char *text = NULL;

    g_assert_nonnull(obj);
    g_assert_nonnull(qmp_find_command(command));
    if (!qmp_check_args(qmp_find_command(command), obj, &err)) {
        text = g_strdup(err->message);
        g_error_free(err);
    }
    json_decref(obj);
    return text;
}

static const struct {
    const char *command, *args, *error;
} rows[] = {
    { "query-name", "{}", NULL },
    { "query-name", "{\"x\":1}", "Parameter 'x' is unexpected" },
    { "qom-set", "{\"path\":\"a\",\"property\":\"b\"}", "Parameter 'value' is missing" },
    { "qom-set", "{\"path\":\"a\",\"property\":\"b\",\"value\":null}", NULL },
    { "qom-set", "{\"path\":1,\"property\":\"b\",\"value\":1}",
      "Invalid parameter type for 'path', expected: string" },
    { "memsave", "{\"val\":\"1\",\"size\":1,\"filename\":\"f\"}",
      "Invalid parameter type for 'val', expected: integer" },
    { "memsave", "{\"val\":1.5,\"size\":1,\"filename\":\"f\"}",
      "Invalid parameter type for 'val', expected: integer" },
    { "qom-list-types", "{\"abstract\":\"on\"}",
      "Invalid parameter type for 'abstract', expected: boolean" },
    { "watchdog-set-action", "{\"action\":\"foo\"}",
      "Parameter 'action' does not accept value 'foo'" },
    { "watchdog-set-action", "{\"action\":1}",
      "Invalid parameter type for 'action', expected: string" },
    { "watchdog-set-action", "{\"action\":\"none\"}", NULL },
    { "qmp_capabilities", "{\"enable\":[\"oob\",\"foo\"]}",
      "Parameter 'enable[1]' does not accept value 'foo'" },
    { "qmp_capabilities", "{\"enable\":{}}",
      "Invalid parameter type for 'enable', expected: array" },
    { "migrate-set-capabilities", "{\"capabilities\":[{\"capability\":\"events\"}]}",
      "Parameter 'capabilities[0].state' is missing" },
    { "migrate-set-capabilities", "{\"capabilities\":[1]}",
      "Invalid parameter type for 'capabilities[0]', expected: object" },
    { "query-stats", "{}", "Parameter 'target' is missing" },
    { "query-stats", "{\"target\":\"foo\"}", "Parameter 'target' does not accept value 'foo'" },
    { "query-stats", "{\"target\":\"vm\",\"vcpus\":[]}", "Parameter 'vcpus' is unexpected" },
    { "query-stats", "{\"target\":\"vcpu\",\"vcpus\":[\"a\"]}", NULL },
    { "set-numa-node", "{\"type\":\"dist\",\"src\":0,\"dst\":1}", "Parameter 'val' is missing" },
    { "set-numa-node", "{\"type\":\"dist\",\"src\":0,\"dst\":1,\"val\":10}", NULL },
    { "set-numa-node", "{\"type\":\"node\",\"src\":0}", "Parameter 'src' is unexpected" },
    { "chardev-add", "{\"id\":\"a\",\"backend\":{\"type\":\"null\"}}",
      "Parameter 'backend.data' is missing" },
    { "chardev-add", "{\"id\":\"a\",\"backend\":{\"type\":\"null\",\"data\":{\"x\":1}}}",
      "Parameter 'backend.data.x' is unexpected" },
    { "device_add", "{\"id\":\"a\"}", "Parameter 'driver' is missing" },
    { "device_add", "{\"driver\":\"a\",\"anything\":[1]}", NULL },
};

static void test_rows(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = check(rows[i].command, rows[i].args);

        g_assert_cmpstr(text, ==, rows[i].error);
    }
}

/* ---- the tables ---- */

static void check_type(const char *type)
{
    static const char *const builtins[] = { "str", "int", "bool", "number", "null", "any", NULL };

    if (type[0] == '[') {
        g_autofree char *element = g_strndup(type + 1, strlen(type) - 2);

        g_assert_true(g_str_has_suffix(type, "]"));
        check_type(element);
    } else if (!g_strv_contains(builtins, type) && qmp_find_type(type) == NULL) {
        g_error("type %s does not exist", type);
    }
}

static void check_spec(const char *spec)
{
    QmpMember m;

    if (spec[0] == '@') {
        check_type(spec + 1);
        return;
    }
    while (qmp_next_member(&spec, &m)) {
        g_assert_cmpuint(strlen(m.name) + 1, <, sizeof(m.name));
        check_type(m.type);
    }
}

static void test_tables(void)
{
    for (const QmpType *t = qmp_types; t->name != NULL; t++) {
        if (t->meta == QMP_STRUCT || t->meta == QMP_UNION) {
            check_spec(t->spec);
        }
        if (t->meta == QMP_UNION) {
            check_spec(t->variants);
        }
        g_assert_true(qmp_find_type(t->name) == t); /* no name twice */
    }
    for (const QmpCommand *c = qmp_commands; c->name != NULL; c++) {
        check_spec(c->args);
        if (c->ret[0] != '\0') {
            check_type(c->ret);
        }
        g_assert_true(qmp_find_command(c->name) == c);
    }
    for (const QmpEventDef *e = qmp_events; e->name != NULL; e++) {
        check_spec(e->data);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qmp/check/rows", test_rows);
    g_test_add_func("/qmp/check/tables", test_tables);
    return g_test_run();
}
