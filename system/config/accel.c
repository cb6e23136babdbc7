/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which accelerator: -accel (repeated: fall back in order), -machine accel=A:B, -enable-kvm, or the
 * default kvm, then tcg. The library picks; here its story is told in QEMU's words.
 */
#include <errno.h>
#include <string.h>
#include "accel/accel-class.h"
#include "accel/select.h"
#include "system/fdset.h"
#include "system/vm.h"

typedef struct Choices {
    Vm *vm;
    GArray *list;       /* AccelChoice */
    GPtrArray *items;   /* OptItem of each, or NULL */
    GPtrArray *garbage; /* g_free() at the end */
    gchar **names;      /* of accel=A:B */
    bool automatic;     /* nobody chose */
    guint failures;     /* that have been told; so many choices are behind us */
} Choices;

/* Sugar from -machine that belongs to KVM; ignored with other accelerators, as in QEMU. */
static void machine_sugar(Choices *c, GPtrArray *props)
{
    static const char *const keys[] = { "kernel-irqchip", "kvm-shadow-mem" };

    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        const char *v = options_key(&c->vm->opts, OPT_machine, keys[i]);

        if (v != NULL) {
            g_ptr_array_add(props, (gpointer)keys[i]);
            g_ptr_array_add(props, (gpointer)v);
        }
    }
}

static void option_props(const OptItem *it, GPtrArray *props)
{
    for (guint i = 0; it != NULL && i < it->kv->n; i++) {
        const KeyVal *e = &it->kv->v[i];

        if (strcmp(e->key, "accel") != 0 && strcmp(e->key, "timing") != 0) {
            g_ptr_array_add(props, (gpointer)e->key);
            g_ptr_array_add(props, (gpointer)e->value);
        }
    }
}

static void add_choice(Choices *c, const char *name, const OptItem *it)
{
    GPtrArray *props = g_ptr_array_new();
    AccelChoice choice = { .name = name, .origin = it != NULL ? it->arg : NULL };

    if (strcmp(name, "kvm") == 0) {
        machine_sugar(c, props);
    }
    option_props(it, props);
    if (props->len > 0) {
        g_ptr_array_add(props, NULL);
        choice.props = (const char *const *)g_ptr_array_free(props, FALSE);
        g_ptr_array_add(c->garbage, (gpointer)choice.props);
    } else {
        g_ptr_array_free(props, TRUE);
    }
    g_array_append_val(c->list, choice);
    g_ptr_array_add(c->items, (gpointer)it);
}

/* timing= is the launcher's own, for every accelerator; "early" has read it. */
static gboolean check_timing(const OptItem *it, GError **errp)
{
    const char *value = keyvals_get(it->kv, "timing");
    bool on;

    if (value != NULL && !parse_bool_value("timing", value, &on, errp)) {
        options_at(it);
        return FALSE;
    }
    return TRUE;
}

static gboolean collect(Choices *c, GError **errp)
{
    const Options *o = &c->vm->opts;
    const char *machine = options_key(o, OPT_machine, "accel");
    const char *list = machine != NULL ? machine : options_has(o, OPT_enable_kvm) ? "kvm" : NULL;

    if (list != NULL && options_has(o, OPT_accel)) {
        opt_error(errp, "The -accel and \"-machine accel=\" options are incompatible");
        return FALSE;
    }
    for (const OptItem *it = NULL; (it = options_next(o, OPT_accel, it)) != NULL;) {
        const char *name = keyvals_get(it->kv, "accel");

        if (name == NULL) {
            options_at(it);
            opt_error(errp, "Parameter 'accel' is missing");
            return FALSE;
        }
        if (!check_timing(it, errp)) {
            return FALSE;
        }
        add_choice(c, name, it);
    }
    if (list != NULL) {
        c->names = g_strsplit(list, ":", -1);
        for (char **n = c->names; *n != NULL; n++) {
            if (**n != '\0') {
                add_choice(c, *n, NULL);
            }
        }
    } else if (c->list->len == 0) {
        c->automatic = true;
        add_choice(c, "kvm", NULL);
    }
    if (c->list->len == 0) {
        opt_error(errp, "no accelerator found");
    }
    return c->list->len > 0;
}

/* With -qtest QEMU keeps quiet about accelerators that are simply not there (O11). */
static bool hidden(const Choices *c, AccelSelectEvent ev, const GError *err)
{
    if (c->vm->qtest == NULL) {
        return false;
    }
    return ev == ACCEL_SELECT_INVALID || ev == ACCEL_SELECT_FALLBACK ||
           accel_error_errno(err) == ENOENT;
}

/* Whose turn it is: the prefix of what is said from now on, warnings too. */
static void at_choice(const Choices *c, guint index)
{
    options_at(index < c->items->len ? g_ptr_array_index(c->items, index) : NULL);
}

static void tell_failure(AccelSelectEvent ev, const AccelChoice *choice, const GError *err)
{
    int errnum = accel_error_errno(err);

    report_error(err);
    if (g_error_matches(err, ACCEL_ERROR, ACCEL_ERROR_UNKNOWN) &&
        report_suggest(choice->name, accel_list(true)) != NULL) {
        report_hint("remedy: did you mean '%s'?", report_suggest(choice->name, accel_list(true)));
    }
    if (ev == ACCEL_SELECT_FAILED) {
        report_errorf("failed to initialize %s: %s", choice->name,
                      g_strerror(errnum != 0 ? errnum : EINVAL));
    }
}

static void told(void *opaque, AccelSelectEvent ev, const AccelChoice *choice,
                 const AccelState *as, const GError *err)
{
    Choices *c = opaque;

    if (ev == ACCEL_SELECT_FALLBACK) {
        if (!hidden(c, ev, err)) {
            options_at(NULL);
            report_noticef("falling back to %s", accel_display_name(as));
        }
        return;
    }
    if (!hidden(c, ev, err)) {
        tell_failure(ev, choice, err);
    }
    c->failures++;
    at_choice(c, c->failures);
}

/* A bad property: find out whose it is, for the prefix of the message. */
static void blame(Choices *c, GError **errp)
{
    for (guint i = 0; i < c->list->len; i++) {
        const AccelChoice *choice = &g_array_index(c->list, AccelChoice, i);
        const OptItem *it = g_ptr_array_index(c->items, i);
        g_autoptr(AccelState) as = accel_new(choice->name, NULL);

        for (guint k = 0; as != NULL && choice->props != NULL && choice->props[k] != NULL; k += 2) {
            const char *const *p = &choice->props[k];

            if (accel_set_property(as, p[0], p[1], NULL)) {
                continue;
            }
            options_at(it);
            if (it == NULL || keyvals_find(it->kv, p[0]) == NULL) {
                g_prefix_error(errp, "can't apply global %s-accel.%s=%s: ", choice->name, p[0],
                               p[1]);
            }
            return;
        }
    }
}

/* Nobody chose and KVM did not work: the software CPU, when it is installed. */
static AccelState *try_tcg(Choices *c, const AccelSpec *spec, GError **errp)
{
    const AccelChoice tcg = { .name = "tcg" };
    AccelState *as;

    if (c->vm->ms->cpu_model != NULL && g_str_has_prefix(c->vm->ms->cpu_model, "host")) {
        opt_error(errp, "CPU model 'host' requires KVM or HVF");
        return NULL;
    }
    as = accel_select(&tcg, 1, spec, NULL, NULL, errp);
    if (as != NULL && c->vm->qtest == NULL) {
        report_noticef("falling back to %s", accel_display_name(as));
    }
    return as;
}

static AccelState *select_one(Choices *c, const AccelSpec *spec, GError **errp)
{
    GError *err = NULL;
    AccelState *as;

    at_choice(c, 0);
    as = accel_select((AccelChoice *)(void *)c->list->data, c->list->len, spec, told, c, &err);
    options_at(NULL);
    if (as == NULL && c->failures < c->list->len) {
        blame(c, &err); /* has not been told: a mistake in an option */
    } else if (as == NULL) {
        g_clear_error(&err); /* has been told */
        if (c->automatic) {
            as = try_tcg(c, spec, &err);
            if (as == NULL) {
                report_hint("tcg: %s", err->message);
                g_clear_error(&err);
            }
        }
    }
    if (as == NULL && err != NULL) {
        g_propagate_error(errp, err);
    } else if (as == NULL) {
        c->vm->quiet_exit = true;
        c->vm->exit_status = 1;
        opt_error(errp, "no accelerator found");
    }
    return as;
}

static gboolean check_icount(Vm *vm, const AccelState *as, GError **errp)
{
    if (options_has(&vm->opts, OPT_icount) && accel_get_class(as)->hardware) {
        opt_error(errp, "-icount is not allowed with hardware virtualization");
        return FALSE;
    }
    return TRUE;
}

static int open_node(const char *path, int flags)
{
    return fdset_open(path, flags, 0);
}

static gboolean attach(Choices *c, GError **errp)
{
    AccelSpec spec;
    AccelState *as;

    if (!hw_machine_spec(c->vm->ms, &spec, errp)) {
        return FALSE;
    }
    spec.cpu_pm = c->vm->cpu_pm;
    spec.open_node = open_node;
    as = select_one(c, &spec, errp);
    if (as == NULL) {
        return FALSE;
    }
    if (!check_icount(c->vm, as, errp)) {
        accel_close(as);
        return FALSE;
    }
    if (accel_get_class(as)->hardware) {
        accel_install_kick_handler(0, NULL);
    }
    hw_machine_attach_accel(c->vm->ms, as);
    return TRUE;
}

gboolean config_accel(Vm *vm, GError **errp)
{
    Choices c = {
        .vm = vm,
        .list = g_array_new(FALSE, FALSE, sizeof(AccelChoice)),
        .items = g_ptr_array_new(),
        .garbage = g_ptr_array_new_with_free_func(g_free),
    };
    gboolean ok = collect(&c, errp) && attach(&c, errp);

    g_array_free(c.list, TRUE);
    g_ptr_array_unref(c.items);
    g_ptr_array_unref(c.garbage);
    g_strfreev(c.names);
    return ok;
}
