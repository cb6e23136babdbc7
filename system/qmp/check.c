/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Arguments against the table: one walk over the members a type has, in their order, then a look
 * for what nobody asked for. Names in errors are paths ("capabilities[0].state"), texts are QEMU's.
 */
#include <string.h>
#include "system/qmp.h"

static bool check_value(const char *type, json_t *v, const char *path, GError **errp);

static bool wrong_type(const char *path, const char *expected, GError **errp)
{
    qmp_error(errp, QMP_GENERIC_ERROR, "Invalid parameter type for '%s', expected: %s", path,
              expected);
    return false;
}

static char *join(const char *path, const char *name)
{
    return path[0] != '\0' ? g_strdup_printf("%s.%s", path, name) : g_strdup(name);
}

static bool check_member(const QmpMember *m, json_t *object, const char *path, GError **errp)
{
    g_autofree char *full = join(path, m->name);
    json_t *v = json_object_get(object, m->name);

    if (v != NULL) {
        return check_value(m->type, v, full, errp);
    }
    if (!m->optional) {
        qmp_error(errp, QMP_GENERIC_ERROR, "Parameter '%s' is missing", full);
    }
    return m->optional;
}

static bool check_spec(const char *spec, json_t *object, const char *path, GError **errp)
{
    QmpMember m;

    while (qmp_next_member(&spec, &m)) {
        if (!check_member(&m, object, path, errp)) {
            return false;
        }
    }
    return true;
}

static bool spec_has(const char *spec, const char *name)
{
    QmpMember m;

    while (qmp_next_member(&spec, &m)) {
        if (strcmp(m.name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Members of @object that neither @spec nor @more knows. */
static bool check_unexpected(const char *spec, const char *more, json_t *object, const char *path,
                             GError **errp)
{
    const char *key;
    json_t *v;

    json_object_foreach(object, key, v) {
        if (!spec_has(spec, key) && !spec_has(more, key)) {
            g_autofree char *full = join(path, key);

            qmp_error(errp, QMP_GENERIC_ERROR, "Parameter '%s' is unexpected", full);
            return false;
        }
    }
    return true;
}

/* The members that the tag's value brings. */
static const char *variant_spec(const QmpType *t, const char *value)
{
    const char *variants = t->variants;
    QmpMember m;

    while (qmp_next_member(&variants, &m)) {
        if (strcmp(m.name, value) == 0) {
            return qmp_find_type(m.type)->spec;
        }
    }
    return NULL;
}

static bool check_object(const QmpType *t, json_t *object, const char *path, GError **errp)
{
    const char *more = NULL;

    if (!json_is_object(object)) {
        return wrong_type(path, "object", errp);
    }
    if (!check_spec(t->spec, object, path, errp)) {
        return false;
    }
    if (t->meta == QMP_UNION) {
        more = variant_spec(t, qmp_str(object, t->tag));
    }
    return check_spec(more, object, path, errp) &&
           check_unexpected(t->spec, more, object, path, errp);
}

static bool check_enum(const QmpType *t, json_t *v, const char *path, GError **errp)
{
    const char *spec = t->spec, *dot = strrchr(path, '.');
    char word[64];

    if (!json_is_text(v)) {
        return wrong_type(path, "string", errp);
    }
    while (qmp_next_word(&spec, word, sizeof(word))) {
        if (strcmp(word, json_string_value(v)) == 0) {
            return true;
        }
    }
    qmp_error(errp, QMP_GENERIC_ERROR, "Parameter '%s' does not accept value '%s'",
              dot != NULL ? dot + 1 : path, /* QEMU names the member alone here */
              json_string_value(v));
    return false;
}

static bool check_alternate(const QmpType *t, json_t *v, const char *path, GError **errp)
{
    const char *spec = t->spec;
    char word[64];

    while (qmp_next_word(&spec, word, sizeof(word))) {
        if (check_value(word, v, path, NULL)) {
            return true;
        }
    }
    return wrong_type(path, t->name, errp);
}

static bool check_array(const char *type, json_t *v, const char *path, GError **errp)
{
    g_autofree char *element = g_strndup(type + 1, strlen(type) - 2);
    json_t *e;
    size_t i;

    if (!json_is_array(v)) {
        return wrong_type(path, "array", errp);
    }
    json_array_foreach(v, i, e) {
        g_autofree char *full = g_strdup_printf("%s[%zu]", path, i);

        if (!check_value(element, e, full, errp)) {
            return false;
        }
    }
    return true;
}

/* Returns: TRUE when @type is a built-in one; *@ok: whether @v is such a value. */
static bool check_builtin(const char *type, json_t *v, const char **expected, bool *ok)
{
    static const struct {
        const char *name, *expected;
    } builtins[] = {
        { "str", "string" }, { "int", "integer" }, { "bool", "boolean" }, { "number", "number" },
        { "null", "null" }, { "any", "value" },
    };
    const bool is[] = { json_is_text(v), json_is_integer(v), json_is_boolean(v),
                        json_is_number(v) || json_big_digits(v) != NULL, json_is_null(v), true };

    for (guint i = 0; i < G_N_ELEMENTS(builtins); i++) {
        if (strcmp(type, builtins[i].name) == 0) {
            *expected = builtins[i].expected;
            *ok = is[i];
            return true;
        }
    }
    return false;
}

static bool check_value(const char *type, json_t *v, const char *path, GError **errp)
{
    const char *expected;
    const QmpType *t;
    bool ok;

    if (type[0] == '[') {
        return check_array(type, v, path, errp);
    }
    if (check_builtin(type, v, &expected, &ok)) {
        return ok || wrong_type(path, expected, errp);
    }
    t = qmp_find_type(type);
    g_return_val_if_fail(t != NULL, false);
    if (t->meta == QMP_ENUM) {
        return check_enum(t, v, path, errp);
    }
    return t->meta == QMP_ALTERNATE ? check_alternate(t, v, path, errp)
                                    : check_object(t, v, path, errp);
}

bool qmp_check_members(const char *spec, json_t *object, bool open, GError **errp)
{
    return check_spec(spec, object, "", errp) &&
           (open || check_unexpected(spec, NULL, object, "", errp));
}

bool qmp_check_args(const QmpCommand *cmd, json_t *args, GError **errp)
{
    if (cmd->args[0] == '@' && !(cmd->flags & QMP_OPEN)) {
        return check_object(qmp_find_type(cmd->args + 1), args, "", errp);
    }
    return qmp_check_members(cmd->args[0] == '@' ? qmp_find_type(cmd->args + 1)->spec : cmd->args,
                             args, cmd->flags & QMP_OPEN, errp);
}
