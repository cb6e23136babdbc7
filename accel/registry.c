/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which accelerators there are. kvm and qtest are built in; others are modules that are opened when
 * somebody asks for them by name, never for a mere listing. There is no cache to guard: gmodule
 * hands out the same module again.
 */
#include <gmodule.h>
#include <stdlib.h>
#include <string.h>
#include "accel/accel-class.h"
#include "config-host.h"

static const AccelClass *const builtin[] = { &kvm_accel_class, &qtest_accel_class };

/* Accelerators in modules: what to install when the module is not there. */
static const struct {
    const char *name, *package;
} modules[] = {
    { "tcg", "libunicorn (Debian package libunicorn2; libunicorn-dev to build the module)" },
};

const char *const *accel_list(bool hidden)
{
    static const char *const shown[] = { "kvm", "tcg", NULL };
    static const char *const all[] = { "kvm", "tcg", "qtest", NULL };

    return hidden ? all : shown;
}

bool accel_is_module(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(modules); i++) {
        if (strcmp(modules[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/*
 * The module may lie in a build tree (tests) or where it was installed. A program with rights that its
 * caller has not (set-user-id and the like) does not let the caller choose.
 */
static char *module_path(const char *name)
{
    const char *dir = secure_getenv("ACCELVM_MODULE_PATH");
    g_autofree char *file = g_strdup_printf("accel-%s.so", name);

    return g_build_filename(dir != NULL ? dir : ACCELVM_MODULE_DIR, file, NULL);
}

static const AccelClass *open_module(const char *name, const char *package, GError **errp)
{
    const AccelErrorInfo info = { .accel = name, .stage = "module", .call = "dlopen" };
    g_autofree char *path = module_path(name);
    GModule *module = g_module_open(path, G_MODULE_BIND_LOCAL);
    gpointer symbol = NULL;
    const AccelClass *klass;

    if (module == NULL || !g_module_symbol(module, "accel_module_class", &symbol)) {
        g_autofree char *remedy = g_strdup_printf("it needs %s", package);

        accel_error_set(errp, ACCEL_ERROR_ABSENT, &info, "accelerator %s is not available: %s",
                        name, g_module_error());
        if (errp != NULL) {
            accel_error_add_remedy(*errp, remedy);
        }
        return NULL;
    }
    g_module_make_resident(module);
    klass = *(AccelModuleClass *)symbol;
    if (klass->abi != ACCEL_CLASS_ABI) {
        accel_error_set(errp, ACCEL_ERROR_VERSION, &info,
                        "accelerator module %s has ABI %u, this library needs %u", path,
                        klass->abi, ACCEL_CLASS_ABI);
        return NULL;
    }
    return klass;
}

const AccelClass *accel_find_class(const char *name, GError **errp)
{
    const AccelErrorInfo info = { .accel = name, .stage = "select" };

    for (guint i = 0; i < G_N_ELEMENTS(builtin); i++) {
        if (strcmp(builtin[i]->name, name) == 0) {
            return builtin[i];
        }
    }
    for (guint i = 0; i < G_N_ELEMENTS(modules); i++) {
        if (strcmp(modules[i].name, name) == 0) {
            return open_module(name, modules[i].package, errp);
        }
    }
    accel_error_set(errp, ACCEL_ERROR_UNKNOWN, &info, "invalid accelerator %s", name);
    return NULL;
}

char *accel_help(const char *name, GError **errp)
{
    const AccelClass *klass = accel_find_class(name, errp);
    g_autofree char *props = NULL;

    if (klass == NULL) {
        return NULL;
    }
    props = accel_prop_help(klass->props);
    return g_strdup_printf("%s-accel options (%s):\n%s", klass->name, klass->desc, props);
}
