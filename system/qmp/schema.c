/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * query-qmp-schema: the tables of commands, events and types in QEMU's form of introspection. Only
 * types that a command or event leads to are told, each once; names are the real ones. The types of
 * object-add are made from the property tables of the objects there are.
 */
#include <string.h>
#include "system/qmp.h"

typedef struct Schema {
    Vm *vm;
    json_t *list;
    GHashTable *done; /* names that are in the list */
} Schema;

static void add_type(Schema *s, const char *name);

static const char *json_type_of(const char *builtin)
{
    static const char *const types[][2] = {
        { "str", "string" }, { "int", "int" }, { "bool", "boolean" }, { "number", "number" },
        { "null", "null" }, { "any", "value" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
        if (strcmp(types[i][0], builtin) == 0) {
            return types[i][1];
        }
    }
    return NULL;
}

/* Returns: FALSE when it is there already. */
static bool is_new(Schema *s, const char *name)
{
    return g_hash_table_add(s->done, g_strdup(name));
}

static void append(Schema *s, const char *name, const char *meta, json_t *entry)
{
    json_object_set_new(entry, "name", json_text(name));
    json_object_set_new(entry, "meta-type", json_text(meta));
    json_array_append_new(s->list, entry);
}

static json_t *member_json(Schema *s, const QmpMember *m)
{
    json_t *j = json_pack("{s:s, s:s}", "name", m->name, "type", m->type);

    if (m->optional) {
        json_object_set_new(j, "default", json_null());
    }
    add_type(s, m->type);
    return j;
}

static json_t *members_json(Schema *s, const char *spec)
{
    json_t *members = json_array();
    QmpMember m;

    while (qmp_next_member(&spec, &m)) {
        json_array_append_new(members, member_json(s, &m));
    }
    return members;
}

static void add_object(Schema *s, const char *name, const char *spec)
{
    if (is_new(s, name)) {
        append(s, name, "object", json_pack("{s:o}", "members", members_json(s, spec)));
    }
}

static json_t *variants_json(Schema *s, const char *spec)
{
    json_t *variants = json_array();
    QmpMember m;

    while (qmp_next_member(&spec, &m)) {
        json_array_append_new(variants, json_pack("{s:s, s:s}", "case", m.name, "type", m.type));
        add_type(s, m.type);
    }
    return variants;
}

static json_t *enum_json(const char *spec)
{
    json_t *values = json_array(), *members = json_array();
    char word[64];

    while (qmp_next_word(&spec, word, sizeof(word))) {
        json_array_append_new(values, json_text(word));
        json_array_append_new(members, json_pack("{s:s}", "name", word));
    }
    return json_pack("{s:o, s:o}", "members", members, "values", values);
}

static json_t *alternate_json(Schema *s, const char *spec)
{
    json_t *members = json_array();
    char word[64];

    while (qmp_next_word(&spec, word, sizeof(word))) {
        json_array_append_new(members, json_pack("{s:s}", "type", word));
        add_type(s, word);
    }
    return json_pack("{s:o}", "members", members);
}

static void add_named(Schema *s, const QmpType *t)
{
    switch (t->meta) {
    case QMP_ENUM:
        append(s, t->name, "enum", enum_json(t->spec));
        break;
    case QMP_ALTERNATE:
        append(s, t->name, "alternate", alternate_json(s, t->spec));
        break;
    case QMP_STRUCT:
        append(s, t->name, "object", json_pack("{s:o}", "members", members_json(s, t->spec)));
        break;
    case QMP_UNION:
        append(s, t->name, "object",
               json_pack("{s:o, s:s, s:o}", "members", members_json(s, t->spec), "tag", t->tag,
                         "variants", variants_json(s, t->variants)));
        break;
    }
}

static void add_type(Schema *s, const char *name)
{
    const QmpType *t = qmp_find_type(name);

    if (!is_new(s, name)) {
        return;
    }
    if (name[0] == '[') {
        g_autofree char *element = g_strndup(name + 1, strlen(name) - 2);

        append(s, name, "array", json_pack("{s:s}", "element-type", element));
        add_type(s, element);
    } else if (t != NULL) {
        add_named(s, t);
    } else if (json_type_of(name) != NULL) {
        append(s, name, "builtin", json_pack("{s:s}", "json-type", json_type_of(name)));
    }
}

/* ---- object-add: one variant per type that a user can make ---- */

static const char *qapi_type_of(const AccelProp *p)
{
    if (p->type_name != NULL && p->type_name[0] == '[') {
        return p->type_name;
    }
    switch (p->type) {
    case ACCEL_PROP_BOOL:
        return "bool";
    case ACCEL_PROP_STRING:
    case ACCEL_PROP_LINK:
    case ACCEL_PROP_ENUM:
        return "str";
    default:
        return "int";
    }
}

static void add_props(GString *spec, const HwType *type)
{
    for (; type != NULL; type = type->parent) {
        for (const AccelProp *p = type->props; p != NULL && p->name != NULL; p++) {
            if (!p->read_only) {
                g_string_append_printf(spec, " %s?:%s", p->name, qapi_type_of(p));
            }
        }
    }
}

static void add_object_variant(Schema *s, const HwType *type, GString *names, json_t *variants)
{
    g_autofree char *variant = g_strdup_printf("%s-properties", type->name);
    GString *spec = g_string_new(NULL);

    add_props(spec, type);
    add_object(s, variant, spec->str);
    json_array_append_new(variants, json_pack("{s:s, s:s}", "case", type->name, "type", variant));
    g_string_append_printf(names, " %s", type->name);
    g_string_free(spec, TRUE);
}

static const char *add_object_options(Schema *s)
{
    GPtrArray *types = hw_registry_list(s->vm->registry, NULL);
    GString *names = g_string_new(NULL);
    json_t *variants = json_array();

    for (guint i = 0; i < types->len; i++) {
        const HwType *type = g_ptr_array_index(types, i);

        if (type->user_creatable && !type->abstract && !hw_type_is_a(type, &hw_type_device)) {
            add_object_variant(s, type, names, variants);
        }
    }
    append(s, "ObjectType", "enum", enum_json(names->str));
    is_new(s, "ObjectType");
    append(s, "ObjectOptions", "object",
           json_pack("{s:o, s:s, s:o}", "members",
                     members_json(s, "qom-type:ObjectType id:str"), "tag", "qom-type", "variants",
                     variants));
    g_string_free(names, TRUE);
    g_ptr_array_unref(types);
    return "ObjectOptions";
}

/* ---- commands and events ---- */

/* Returns: (transfer full) the name of the object type. */
static char *arg_type(Schema *s, const char *owner, const char *spec)
{
    char *name;

    if (spec[0] == '@') {
        add_type(s, spec + 1);
        return g_strdup(spec + 1);
    }
    name = spec[0] == '\0' ? g_strdup("q_empty") : g_strdup_printf("q_obj_%s-arg", owner);
    add_object(s, name, spec);
    return name;
}

static void add_command(Schema *s, const QmpCommand *c)
{
    bool is_object_add = c->fn == qmp_object_add;
    g_autofree char *arg = is_object_add ? g_strdup(add_object_options(s))
                                         : arg_type(s, c->name, c->args);
    json_t *entry = json_pack("{s:s, s:s}", "arg-type", arg, "ret-type",
                              c->ret[0] != '\0' ? c->ret : "q_empty");

    if (c->ret[0] != '\0') {
        add_type(s, c->ret);
    } else {
        add_object(s, "q_empty", "");
    }
    if (c->flags & QMP_OOB) {
        json_object_set_new(entry, "allow-oob", json_true());
    }
    if (c->flags & QMP_UNSTABLE) {
        json_object_set_new(entry, "features", json_pack("[s]", "unstable"));
    } else if (c->flags & QMP_JSON_CLI) {
        json_object_set_new(entry, "features", json_pack("[s, s]", "json-cli",
                                                         "json-cli-hotplug"));
    }
    append(s, c->name, "command", entry);
}

json_t *qmp_schema(Vm *vm)
{
    Schema s = { vm, json_array(), g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL) };

    for (const QmpCommand *c = qmp_commands; c->name != NULL; c++) {
        add_command(&s, c);
    }
    for (const QmpEventDef *e = qmp_events; e->name != NULL; e++) {
        g_autofree char *arg = arg_type(&s, e->name, e->data);

        append(&s, e->name, "event", json_pack("{s:s}", "arg-type", arg));
    }
    g_hash_table_destroy(s.done);
    return s.list;
}
