/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What CPU models consist of, and what the host lacks for them.
 *
 * An accelerator that runs no CPU (qtest) has no host to compare with: there nothing is missing.
 * Where an accelerator cannot say what its host is, the properties of an expansion are those that
 * came with the question.
 */
#include <string.h>
#include "accel/accel-class.h"
#include "hw/i386/x86-cpu.h"
#include "system/qmp-qom.h"

static bool is_hardware(Vm *vm)
{
    return vm->ms->accel != NULL && accel_get_class(vm->ms->accel)->hardware;
}

/* NULL where there is nothing to compare with. */
static const X86CpuHost *host_of(Vm *vm)
{
    const X86CpuHost *host = NULL;

    if (vm->ms->accel != NULL) {
        x86_machine_cpu_host(vm->ms, &host, NULL);
    }
    return host;
}

json_t *qmp_cpu_model_unavailable(Vm *vm, const char *model)
{
    const X86CpuHost *host = host_of(vm);
    json_t *missing = json_array();
    g_auto(GStrv) names = NULL;

    if (strcmp(model, "host") == 0 && !is_hardware(vm)) {
        json_array_append_new(missing, json_string("kvm"));
    } else if (host != NULL) {
        names = x86_cpu_model_unavailable(model, host);
        for (char **n = names; *n != NULL; n++) {
            json_array_append_new(missing, json_text(*n));
        }
    }
    return missing;
}

/* "max" and {"vmx": false} as "max,vmx=off", the form of -cpu, which knows no quoting of commas. */
static bool add_words(GString *text, json_t *props, GError **errp)
{
    const char *key;
    json_t *v;

    json_object_foreach(props, key, v) {
        const char *s = json_big_digits(v) != NULL ? json_big_digits(v) : json_string_value(v);

        if (strpbrk(key, ",=") != NULL || (s != NULL && strchr(s, ',') != NULL) ||
            !(s != NULL || json_is_boolean(v) || json_is_integer(v))) {
            qmp_error(errp, QMP_GENERIC_ERROR, "Invalid value of CPU property '%s'", key);
            return false;
        }
        if (s == NULL && json_is_boolean(v)) {
            s = json_is_true(v) ? "on" : "off";
        }
        if (s != NULL) {
            g_string_append_printf(text, ",%s=%s", key, s);
        } else {
            g_string_append_printf(text, ",%s=%" JSON_INTEGER_FORMAT, key, json_integer_value(v));
        }
    }
    return true;
}

/* The text of -cpu calls its properties globals. Of a wrong truth value JSON knows its type. */
static void reword(GError *err, json_t *props)
{
    const char *plain = g_str_has_prefix(err->message, "can't apply global ")
                            ? strstr(err->message, ": ") : NULL;
    const char *key;
    json_t *v;
    char *text = plain != NULL ? g_strdup(plain + 2) : NULL;

    json_object_foreach(props, key, v) {
        g_autofree char *wrong = g_strdup_printf("Parameter '%s' expects 'on' or 'off'", key);

        if (g_strcmp0(text, wrong) == 0) {
            g_free(text);
            text = g_strdup_printf("Invalid parameter type for '%s', expected: boolean", key);
            break;
        }
    }
    if (text != NULL) {
        g_free(err->message);
        err->message = text;
    }
}

/* @whole: what goes on top of a model without anything, so nothing empty. */
static json_t *expand(const X86CpuHost *host, const char *name, json_t *props, bool whole,
                      GError **errp)
{
    GError *err = NULL;
    g_autoptr(GString) text = g_string_new(name);
    g_autoptr(GPtrArray) all = NULL;
    json_t *out;

    if (!add_words(text, props, errp)) {
        return NULL;
    }
    all = x86_cpu_model_expand(text->str, host, &err);
    if (all == NULL) {
        reword(err, props);
        g_propagate_error(errp, err);
        return NULL;
    }
    out = json_object();
    for (guint i = 0; i < all->len; i++) {
        const X86CpuProp *p = g_ptr_array_index(all, i);

        if (!whole || p->kind != X86_CPU_PROP_STRING || p->string[0] != '\0') {
            json_object_set_new(out, p->name, qom_cpu_prop_json(p));
        }
    }
    return out;
}

/*
 * Both types of expansion list everything; the static one is on top of the model "base", which never
 * changes. Expanding the answer once more gives the same.
 */
bool qmp_query_cpu_model_expansion(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    json_t *model = json_object_get(args, "model"), *props = json_object_get(model, "props");
    const char *name = qmp_str(model, "name");
    g_autofree char *type = g_strconcat(name, X86_CPU_TYPE_SUFFIX, NULL);
    const X86CpuHost *host = host_of(mon->vm);
    bool whole = host != NULL && strcmp(qmp_str(args, "type"), "static") == 0;

    if (hw_registry_find(mon->vm->registry, type) == NULL) {
        qmp_error(errp, QMP_GENERIC_ERROR, "CPU model '%s' not found", name);
        return false;
    }
    if (props != NULL && !json_is_object(props)) {
        qmp_error(errp, QMP_GENERIC_ERROR,
                  "Invalid parameter type for 'model.props', expected: object");
        return false;
    }
    if (strcmp(name, "host") == 0 && !is_hardware(mon->vm)) {
        qmp_error(errp, QMP_GENERIC_ERROR, "CPU model 'host' requires KVM or HVF");
        return false;
    }
    if (host != NULL) {
        props = expand(host, name, props, whole, errp);
    } else {
        props = props != NULL ? json_incref(props) : json_object();
    }
    if (props != NULL) {
        *ret = json_pack("{s:{s:s, s:o}}", "model", "name", whole ? "base" : name,
                         "props", props);
    }
    return props != NULL;
}
