/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qtest commands on interrupt lines.
 *
 * Theory of operation: a client may watch the lines of one device. Inputs are watched where they
 * are: whoever drives one is seen here, and the device still gets the level. Outputs are led here
 * instead of to their target, which hears nothing more. Each change of a level is a line "IRQ raise
 * n" or "IRQ lower n", written before the reply of the command that caused it; the level of each
 * number is 0 when a client comes.
 *
 * On a PC the lines of interest are the inputs of "ioapic": input n is ISA interrupt n, and the
 * timer is 0 there although it acts on pin 2 (see hw/intc.h).
 */
#include "system/qtest/internal.h"

/* An output that leads here. */
typedef struct QTestTap {
    IrqLine line;   /* what the device drives now */
    IrqLine **place;
    IrqLine *before;
} QTestTap;

static void tell(QTestServer *s, int n, int level)
{
    if (n < 0 || n >= QTEST_MAX_IRQ || s->level[n] == (level != 0)) {
        return;
    }
    s->level[n] = level != 0;
    qtest_async(s, "IRQ %s %d", level ? "raise" : "lower", n);
}

static void on_input(void *opaque, IrqLine *line, int level)
{
    line->handler(line->opaque, line->n, level);
    tell(opaque, line->n, level);
}

static void on_output(void *opaque, int n, int level)
{
    tell(opaque, n, level);
}

/* Returns: (transfer none) the device, or NULL after a reply. */
static DeviceState *find_device(QTestServer *s, const char *path)
{
    HwObject *obj = hw_object_resolve(s->ms->root, path, NULL);

    if (obj == NULL || !hw_object_is_a(obj, &hw_type_device)) {
        qtest_reply(s, "FAIL Unknown device");
        return NULL;
    }
    return DEVICE(obj);
}

/* The unnamed list is called by no word, by an empty one, and by the name that QEMU gives it. */
static const char *list_name(const char *word)
{
    return word == NULL || word[0] == '\0' || g_str_has_prefix(word, "unnamed-gpio-") ? NULL : word;
}

/* Returns: TRUE when there is nothing left to do, after a reply. */
static bool already(QTestServer *s, const DeviceState *dev)
{
    if (s->intercepted == NULL) {
        return false;
    }
    qtest_reply(s, s->intercepted == dev ? "OK" : "FAIL IRQ intercept already enabled");
    return true;
}

static void intercept(QTestServer *s, DeviceState *dev)
{
    s->intercepted = DEVICE(hw_object_ref(&dev->obj));
    qtest_reply(s, "OK");
}

void qtest_cmd_intercept_in(QTestServer *s, const QTestCommand *cmd, char **words)
{
    DeviceState *dev = find_device(s, words[1]);
    DeviceGpio *g;

    if (dev == NULL) {
        return;
    }
    if (list_name(words[2]) != NULL) {
        qtest_reply(s, "FAIL Interception of named in-GPIOs not yet supported");
        return;
    }
    if (already(s, dev)) {
        return;
    }
    g = hw_device_gpio(dev, NULL, false);
    if (g == NULL || g->n == 0) {
        qtest_reply(s, "FAIL No intercepts installed");
        return;
    }
    if (g->in[0].intercept != NULL) {
        qtest_reply(s, "FAIL IRQ intercept already enabled");
        return;
    }
    for (int i = 0; i < g->n; i++) {
        g->in[i].intercept_opaque = s;
        g->in[i].intercept = on_input;
    }
    intercept(s, dev);
}

void qtest_cmd_intercept_out(QTestServer *s, const QTestCommand *cmd, char **words)
{
    DeviceState *dev = find_device(s, words[1]);
    DeviceGpio *g;

    if (dev == NULL || already(s, dev)) {
        return;
    }
    g = hw_device_gpio(dev, list_name(words[2]), true);
    if (g == NULL || g->n == 0) {
        qtest_reply(s, "FAIL No intercepts installed");
        return;
    }
    s->taps = g_ptr_array_new_with_free_func(g_free);
    for (int i = 0; i < g->n; i++) {
        QTestTap *tap = g_new0(QTestTap, 1);

        tap->line = (IrqLine){ .handler = on_output, .opaque = s, .n = i };
        tap->place = &g->out[i];
        tap->before = g->out[i];
        g->out[i] = &tap->line;
        g_ptr_array_add(s->taps, tap);
    }
    intercept(s, dev);
}

void qtest_irq_release(QTestServer *s)
{
    DeviceState *dev = g_steal_pointer(&s->intercepted);
    DeviceGpio *g;

    if (dev == NULL) {
        return;
    }
    for (guint i = 0; s->taps != NULL && i < s->taps->len; i++) {
        QTestTap *tap = g_ptr_array_index(s->taps, i);

        if (*tap->place == &tap->line) {
            *tap->place = tap->before;
        }
    }
    g_clear_pointer(&s->taps, g_ptr_array_unref);
    g = hw_device_gpio(dev, NULL, false);
    for (int i = 0; g != NULL && i < g->n; i++) {
        if (g->in[i].intercept_opaque == s) {
            g->in[i].intercept = NULL;
            g->in[i].intercept_opaque = NULL;
        }
    }
    hw_object_unref(&dev->obj);
}

void qtest_cmd_set_irq_in(QTestServer *s, const QTestCommand *cmd, char **words)
{
    DeviceState *dev = find_device(s, words[1]);
    int64_t n, level;
    IrqLine *line;

    if (dev == NULL) {
        return;
    }
    if (!qtest_i64(words[3], &n) || !qtest_i64(words[4], &level)) {
        qtest_bad_number(s, qtest_i64(words[3], &n) ? "level" : "line",
                         qtest_i64(words[3], &n) ? words[4] : words[3]);
        return;
    }
    line = n < 0 || n > G_MAXINT ? NULL
               : hw_device_in(dev, list_name(words[2]), n);
    if (line == NULL) {
        qtest_reply(s, "FAIL No input %s %" G_GINT64_FORMAT, words[2], n);
        return;
    }
    hw_irq_set(line, level != 0 ? (int)CLAMP(level, G_MININT, G_MAXINT) : 0);
    qtest_reply(s, "OK");
}
