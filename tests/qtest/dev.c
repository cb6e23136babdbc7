/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See dev.h. */
#include <string.h>
#include "dev.h"

gboolean dev_on_qemu(void)
{
    return g_strcmp0(g_getenv("DEV_ACCEL"), "tcg") == 0;
}

static void skip(gconstpointer data)
{
    g_test_skip(data);
}

AqVM *dev_start(const char *fmt, ...)
{
    g_autofree char *more = NULL, *args = NULL;
    AqConfig config = { .size = sizeof(config), .accel = g_getenv("DEV_ACCEL") };
    va_list ap;

    va_start(ap, fmt);
    more = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    args = g_strdup_printf("-machine pc -nodefaults %s %s", dev_on_qemu() ? "-S" : "", more);
    config.args = args;
    return aq_start_config(&config);
}

/* A case that starts its machines itself. */
static void run_alone(gconstpointer data)
{
    const DevCase *c = data;

    if (aq_default_binary() == NULL) {
        g_test_skip("neither QTEST_QEMU_BINARY nor ACCELVM_BINARY is set");
        return;
    }
    c->func(NULL, c->data);
}

static void add(const char *group, const DevCase *c)
{
    g_autofree char *path = g_strdup_printf("/%s/%s", group, c->name);
    g_autofree char *args = g_strdup_printf("-machine pc -nodefaults %s %s",
                                            dev_on_qemu() ? "-S" : "", c->args ? c->args : "");
    AqConfig config = {
        .size = sizeof(config), .args = args, .accel = g_getenv("DEV_ACCEL"),
        .expected_status = c->status,
    };

    if (dev_on_qemu() && (c->flags & DEV_OURS)) {
        g_test_add_data_func(path, "about accelvm only", skip);
    } else if (dev_on_qemu() && (c->flags & DEV_CLOCK)) {
        g_test_add_data_func(path, "needs the virtual clock of -accel qtest", skip);
    } else if (c->flags & DEV_ALONE) {
        g_test_add_data_func(path, c, run_alone);
    } else {
        aq_test_add(path, &config, c->func, c->data);
    }
}

int dev_run(int argc, char **argv, const char *group, const DevCase *cases, gsize n)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < n; i++) {
        add(group, &cases[i]);
    }
    return g_test_run();
}

uint8_t dev_cmos(AqVM *vm, uint8_t index)
{
    aq_outb(vm, 0x70, index);
    return aq_inb(vm, 0x71);
}

void dev_set_cmos(AqVM *vm, uint8_t index, uint8_t value)
{
    aq_outb(vm, 0x70, index);
    aq_outb(vm, 0x71, value);
}

void dev_execute(AqVM *vm, const char *command)
{
    json_decref(aq_qmp_ok(vm, "{'execute': %s}", command));
}

void dev_reset(AqVM *vm)
{
    dev_execute(vm, "system_reset");
    json_decref(aq_event(vm, "RESET"));
}

char *dev_status(AqVM *vm)
{
    json_t *answer = aq_qmp_ok(vm, "{'execute': 'query-status'}");
    char *status = g_strdup(json_string_value(json_object_get(answer, "status")));

    json_decref(answer);
    return status;
}

void dev_event_word(AqVM *vm, const char *event, const char *member, const char *want)
{
    json_t *obj = aq_event(vm, event);

    g_assert_cmpstr(json_string_value(json_object_get(json_object_get(obj, "data"), member)), ==,
                    want);
    json_decref(obj);
}

void dev_no_event(AqVM *vm, const char *event)
{
    json_decref(aq_qmp_ok(vm, "{'execute': 'query-status'}")); /* what was due is here after that */
    g_assert_null(aq_try_event(vm, event, 0, NULL));
}
