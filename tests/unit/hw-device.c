/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Device life, places in the tree, interrupt lines. */
#include <string.h>
#include "hw-fake.h"

typedef struct Probe {
    DeviceState dev;
    char *chardev;
    guint32 fail;
    Chardev *chr;
    IrqLine *out[2];
    int level[4];
} Probe;

static GString *order;

static void on_irq(void *opaque, int n, int level)
{
    ((Probe *)opaque)->level[n] = level;
}

static void probe_init(HwObject *obj)
{
    Probe *p = (Probe *)obj;

    hw_device_init_in(&p->dev, NULL, on_irq, 2);
    hw_device_init_in(&p->dev, "extra", on_irq, 1);
    hw_device_init_out(&p->dev, NULL, p->out, 2);
}

static gboolean probe_realize(DeviceState *dev, GError **errp)
{
    Probe *p = (Probe *)dev;

    if (p->fail) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "told to fail");
        return FALSE;
    }
    return hw_device_chardev(dev, p->chardev, &p->chr, errp);
}

static void probe_reset(DeviceState *dev)
{
    g_string_append_printf(order, "reset-%s ", dev->obj.name);
}

static void probe_unrealize(DeviceState *dev)
{
    g_string_append_printf(order, "gone-%s ", dev->obj.name);
}

static const AccelProp probe_props[] = {
    { .name = "chardev", .type = ACCEL_PROP_LINK, .offset = offsetof(Probe, chardev),
      .help = "chardev" },
    { .name = "fail", .type = ACCEL_PROP_UINT32, .offset = offsetof(Probe, fail), .help = "x" },
    ACCEL_PROP_END,
};
static const DeviceClass probe_class = {
    .type = { .name = "probe", .parent = &hw_type_device, .instance_size = sizeof(Probe),
              .props = probe_props, .init = probe_init },
    .realize = probe_realize, .reset = probe_reset, .unrealize = probe_unrealize,
};
static const DeviceClass child_class = {
    .type = { .name = "probe-child", .parent = &probe_class.type },
};

typedef struct Fixture {
    HwRegistry *reg;
    MachineState *ms;
} Fixture;

static void setup(Fixture *f, gconstpointer data)
{
    order = g_string_new(NULL);
    f->reg = hw_registry_new();
    f->ms = fake_machine(f->reg, 1, 1);
}

static void teardown(Fixture *f, gconstpointer data)
{
    hw_machine_free(f->ms);
    hw_registry_free(f->reg);
    g_string_free(order, TRUE);
}

static void test_places(Fixture *f, gconstpointer data)
{
    DeviceState *a = hw_device_create(f->ms, &probe_class, NULL, NULL, NULL);
    DeviceState *b = hw_device_create(f->ms, &child_class, "named", NULL, NULL);
    DeviceState *c = hw_device_new(&probe_class);
    g_autoptr(GError) err = NULL;

    c->id = g_strdup("mine");
    g_assert_true(hw_device_realize(c, f->ms, "ignored", &err));
    g_assert_true(hw_object_resolve(f->ms->root, "/machine/unattached/device[0]", NULL) ==
                  &a->obj);
    g_assert_true(hw_object_resolve(f->ms->root, "named", NULL) == &b->obj);
    g_assert_true(hw_object_resolve(f->ms->root, "/machine/peripheral/mine", NULL) == &c->obj);
    g_assert_cmpint(c->obj.ref, ==, 1);
    hw_device_reset_all(f->ms);
    g_assert_cmpstr(order->str, ==, "reset-device[0] reset-named reset-mine ");
    g_string_truncate(order, 0);
    hw_device_unrealize(b);
    g_assert_cmpstr(order->str, ==, "gone-named ");
    g_assert_null(hw_object_resolve(f->ms->root, "named", NULL));
    g_string_truncate(order, 0);
    hw_machine_free(f->ms);
    g_assert_cmpstr(order->str, ==, "gone-mine gone-device[0] "); /* backwards */
    f->ms = fake_machine(f->reg, 1, 1);
}

static void test_fail(Fixture *f, gconstpointer data)
{
    const char *const bad[] = { "fail", "1", NULL }, *const unknown[] = { "nope", "1", NULL };
    g_autoptr(GError) err = NULL;
    DeviceState *dev;

    g_assert_null(hw_device_create(f->ms, &probe_class, "x", bad, &err));
    g_assert_cmpstr(err->message, ==, "told to fail");
    g_clear_error(&err);
    g_assert_null(hw_device_create(f->ms, &probe_class, "x", unknown, &err));
    g_assert_cmpstr(err->message, ==, "Property 'probe.nope' not found");
    g_clear_error(&err);
    g_assert_cmpuint(f->ms->devices->len, ==, 0);
    g_assert_null(hw_object_child(f->ms->unattached, "x"));
    dev = hw_device_new(&probe_class);
    g_assert_nonnull(hw_device_create(f->ms, &probe_class, "x", NULL, NULL));
    g_assert_false(hw_device_realize(dev, f->ms, "x", &err)); /* name taken */
    g_assert_cmpint(dev->obj.ref, ==, 1);                     /* still the caller's */
    hw_object_unref(&dev->obj);
    g_assert_cmpstr(order->str, ==, "");
}

static void test_chardev(Fixture *f, gconstpointer data)
{
    const char *const props[] = { "chardev", "c0", NULL };
    Chardev *chr = (Chardev *)hw_object_new(&chardev_null_class.type);
    g_autoptr(GError) err = NULL;
    DeviceState *dev;

    g_assert_null(hw_device_create(f->ms, &probe_class, NULL, props, &err));
    g_assert_cmpstr(err->message, ==, "Property 'probe.chardev' can't find value 'c0'");
    g_clear_error(&err);
    hw_object_add_child(f->ms->chardevs, "c0", &chr->obj, NULL);
    hw_object_unref(&chr->obj);
    dev = hw_device_create(f->ms, &probe_class, NULL, props, &err);
    g_assert_no_error(err);
    g_assert_true(((Probe *)dev)->chr == chr);
}

static int seen;

static void intercept(void *opaque, IrqLine *line, int level)
{
    seen += level ? 1 : 100;
    if (opaque != NULL) {
        line->handler(line->opaque, line->n, level);
    }
}

static void test_lines(Fixture *f, gconstpointer data)
{
    DeviceState *a = hw_device_create(f->ms, &probe_class, "a", NULL, NULL);
    DeviceState *b = hw_device_create(f->ms, &probe_class, "b", NULL, NULL);
    Probe *pa = (Probe *)a, *pb = (Probe *)b;
    IrqLine *line = hw_device_in(b, NULL, 1);

    hw_irq_raise(pa->out[0]); /* not connected: nothing */
    hw_device_connect(a, NULL, 0, line);
    hw_irq_raise(pa->out[0]);
    g_assert_cmpint(pb->level[1], ==, 1);
    g_assert_cmpint(pb->level[0], ==, 0);
    hw_irq_lower(pa->out[0]);
    g_assert_cmpint(pb->level[1], ==, 0);
    line->intercept = intercept;
    hw_irq_pulse(pa->out[0]);
    g_assert_cmpint(seen, ==, 101);
    line->intercept_opaque = line;
    hw_irq_raise(pa->out[0]);
    g_assert_cmpint(pb->level[1], ==, 1);
    g_assert_null(hw_device_in(b, NULL, 2));
    g_assert_null(hw_device_in(b, NULL, -1));
    g_assert_null(hw_device_in(b, "other", 0));
    g_assert_nonnull(hw_device_in(b, "extra", 0));
    g_assert_nonnull(hw_device_gpio(b, NULL, true));
    g_assert_null(hw_device_gpio(b, "extra", true));
    g_assert_null(hw_machine_isa_irq(f->ms, 4)); /* this machine has none */
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, fn) g_test_add(path, Fixture, NULL, setup, fn, teardown)
    ADD("/device/places", test_places);
    ADD("/device/fail", test_fail);
    ADD("/device/chardev", test_chardev);
    ADD("/device/lines", test_lines);
    return g_test_run();
}
