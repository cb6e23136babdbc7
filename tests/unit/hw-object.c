/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Object tree, properties, registry. */
#include <string.h>
#include "hw/machine.h"

typedef struct Thing {
    HwObject obj;
    guint32 size;
    char *label;
} Thing;

static int n_init, n_final;
static GString *order;

static void base_init(HwObject *obj)
{
    n_init++;
    g_assert_cmpuint(((Thing *)obj)->size, ==, 4096);
}

static void base_finalize(HwObject *obj)
{
    n_final++;
    g_string_append(order, "base ");
}

static void derived_finalize(HwObject *obj)
{
    g_string_append(order, "derived ");
}

static const AccelProp base_props[] = {
    { .name = "size", .type = ACCEL_PROP_UINT32, .offset = offsetof(Thing, size),
      .defval = "4K", .help = "size" },
    ACCEL_PROP_END,
};
static const AccelProp derived_props[] = {
    { .name = "label", .type = ACCEL_PROP_STRING, .offset = offsetof(Thing, label),
      .defval = "none", .help = "label" },
    ACCEL_PROP_END,
};
static const HwType base_type = {
    .name = "base", .parent = &hw_type_object, .instance_size = sizeof(Thing),
    .props = base_props, .init = base_init, .finalize = base_finalize,
};
static const HwType derived_type = {
    .name = "derived", .parent = &base_type, .props = derived_props,
    .finalize = derived_finalize,
};

static void test_life(void)
{
    HwObject *obj = hw_object_new(&derived_type);

    n_init = n_final = 0;
    order = g_string_new(NULL);
    g_assert_cmpstr(((Thing *)obj)->label, ==, "none");
    hw_object_ref(obj);
    hw_object_unref(obj);
    g_assert_cmpint(n_final, ==, 0);
    hw_object_unref(obj);
    g_assert_cmpint(n_final, ==, 1);
    g_assert_cmpstr(order->str, ==, "derived base ");
    g_string_free(order, TRUE);
}

static void test_embedded(void)
{
    Thing t = { 0 };

    order = g_string_new(NULL);
    hw_object_init(&t.obj, &derived_type);
    g_assert_cmpuint(t.size, ==, 4096);
    hw_object_unref(&t.obj);
    g_assert_null(t.label);
    g_string_free(order, TRUE);
}

static void test_props(void)
{
    HwObject *obj = hw_object_new(&derived_type);
    g_autoptr(GError) err = NULL;
    g_autofree char *text = NULL;

    order = g_string_new(NULL);
    g_assert_true(hw_object_set(obj, "size", "64K", &err));
    g_assert_cmpuint(((Thing *)obj)->size, ==, 65536);
    g_assert_true(hw_object_set(obj, "label", "x", &err));
    text = hw_object_get(obj, "label", &err);
    g_assert_cmpstr(text, ==, "x");
    g_assert_false(hw_object_set(obj, "colour", "red", &err));
    g_assert_cmpstr(err->message, ==, "Property 'derived.colour' not found");
    g_clear_error(&err);
    g_assert_null(hw_object_get(obj, "colour", &err));
    g_assert_nonnull(err);
    g_assert_nonnull(hw_type_find_prop(&derived_type, "size"));
    g_assert_null(hw_type_find_prop(&base_type, "label"));
    hw_object_unref(obj);
    g_string_free(order, TRUE);
}

static HwObject *add(HwObject *parent, const char *name)
{
    HwObject *obj = hw_object_new(&hw_type_container);

    g_assert_true(hw_object_add_child(parent, name, obj, NULL));
    hw_object_unref(obj);
    return obj;
}

static void test_tree(void)
{
    HwObject *root = hw_object_new(&hw_type_container);
    HwObject *machine = add(root, "machine"), *un = add(machine, "unattached");
    HwObject *dev = add(un, "ioapic"), *other = hw_object_new(&hw_type_container);
    g_autoptr(GError) err = NULL;
    g_autofree char *path = hw_object_path(dev);
    g_autofree char *top = hw_object_path(root);
    bool ambiguous;

    g_assert_cmpstr(path, ==, "/machine/unattached/ioapic");
    g_assert_cmpstr(top, ==, "/");
    g_assert_true(hw_object_resolve(root, path, NULL) == dev);
    g_assert_true(hw_object_resolve(root, "/", NULL) == root);
    g_assert_true(hw_object_resolve(root, "//machine//unattached/", NULL) == un);
    g_assert_true(hw_object_resolve(root, "ioapic", &ambiguous) == dev);
    g_assert_false(ambiguous);
    g_assert_true(hw_object_resolve(root, "unattached/ioapic", NULL) == dev);
    g_assert_null(hw_object_resolve(root, "/ioapic", NULL));
    g_assert_null(hw_object_resolve(root, "nobody", &ambiguous));
    g_assert_null(hw_object_resolve(root, "", &ambiguous));
    g_assert_false(ambiguous);
    add(root, "ioapic");
    g_assert_null(hw_object_resolve(root, "ioapic", &ambiguous));
    g_assert_true(ambiguous);
    g_assert_false(hw_object_add_child(un, "ioapic", other, &err));
    g_assert_cmpstr(err->message, ==, "attempt to add duplicate property 'ioapic' to object "
                    "(type 'container')");
    g_clear_error(&err);
    g_assert_false(hw_object_add_child(un, "a/b", other, &err));
    g_assert_null(other->parent);
    hw_object_unref(other);
    hw_object_ref(dev);
    hw_object_unparent(dev);
    g_assert_null(hw_object_child(un, "ioapic"));
    g_assert_cmpint(dev->ref, ==, 1);
    hw_object_unref(dev);
    hw_object_unref(root);
}

static void test_registry(void)
{
    HwRegistry *reg = hw_registry_new();
    g_autoptr(GError) err = NULL;
    g_autoptr(GPtrArray) all = NULL, machines = NULL;
    guint i;

    g_assert_true(hw_registry_find(reg, "device") == &hw_type_device);
    g_assert_null(hw_registry_find(reg, "derived"));
    g_assert_true(hw_registry_add(reg, &derived_type, &err));
    g_assert_true(hw_registry_find(reg, "derived") == &derived_type);
    g_assert_false(hw_registry_add(reg, &derived_type, &err));
    g_assert_cmpstr(err->message, ==, "type 'derived' is already registered");
    all = hw_registry_list(reg, NULL);
    machines = hw_registry_list(reg, &hw_type_machine);
    g_assert_cmpuint(all->len, >, machines->len);
    for (i = 1; i < all->len; i++) {
        const HwType *a = g_ptr_array_index(all, i - 1), *b = g_ptr_array_index(all, i);

        g_assert_cmpstr(a->name, <, b->name);
    }
    for (i = 0; i < machines->len; i++) {
        g_assert_true(hw_type_is_a(g_ptr_array_index(machines, i), &hw_type_machine));
    }
    hw_registry_free(reg);
    hw_registry_free(NULL);
}

/* Every built-in type has a sane chain and every machine a default that works. */
static void test_builtin(void)
{
    HwRegistry *reg = hw_registry_new();
    g_autoptr(GPtrArray) all = hw_registry_list(reg, NULL);
    guint i, defaults = 0;

    for (i = 0; i < all->len; i++) {
        const HwType *t = g_ptr_array_index(all, i);

        g_assert_true(hw_type_is_a(t, &hw_type_object));
        if (!t->abstract && hw_type_is_a(t, &hw_type_machine)) {
            const MachineClass *mc = (const MachineClass *)t;
            g_autofree char *name = g_strdup_printf("%s-machine", mc->name);

            defaults += mc->is_default;
            g_assert_cmpstr(name, ==, t->name);
            g_assert_true(hw_machine_find(reg, mc->name) == mc);
            g_assert_true(mc->alias == NULL || hw_machine_find(reg, mc->alias) == mc);
            g_assert_true(strchr(mc->name, '.') == NULL);
        }
        if (t != &hw_type_object && hw_type_is_a(t, &hw_type_device) && !t->abstract) {
            HwObject *obj = hw_object_new(t); /* making and dropping one has no needs */

            hw_object_unref(obj);
        }
    }
    g_assert_cmpuint(defaults, ==, 1);
    g_assert_nonnull(hw_machine_default(reg));
    g_assert_null(hw_machine_find(reg, "bogus"));
    hw_registry_free(reg);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/object/life", test_life);
    g_test_add_func("/object/embedded", test_embedded);
    g_test_add_func("/object/props", test_props);
    g_test_add_func("/object/tree", test_tree);
    g_test_add_func("/registry/add-find-list", test_registry);
    g_test_add_func("/registry/built-in", test_builtin);
    return g_test_run();
}
