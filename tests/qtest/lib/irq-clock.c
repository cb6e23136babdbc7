/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Interrupt lines, the virtual clock and module loading: the small commands. Words on a qtest line
 * are separated by single spaces and cannot be quoted, so a path with a blank in it is refused here
 * instead of being sent as two words.
 */
#include "aq-private.h"

#include <string.h>

static gboolean one_word(const char *text, GError **error)
{
    if (!text || !*text || strpbrk(text, " \n")) {
        return aq_fail(error, AQ_ERROR_USAGE, "not a word that qtest can carry: '%s'",
                       text ? text : "(null)");
    }
    return TRUE;
}

static gboolean intercept(AqVM *vm, const char *what, const char *path, const char *name,
                          GError **error)
{
    if (!one_word(path, error) || (name && !one_word(name, error))) {
        return FALSE;
    }
    return aq_try_command(vm, NULL, error, "irq_intercept_%s %s%s%s", what, path, name ? " " : "",
                          name ? name : "");
}

gboolean aq_try_intercept_in(AqVM *vm, const char *path, const char *name, GError **error)
{
    return intercept(vm, "in", path, name, error);
}

gboolean aq_try_intercept_out(AqVM *vm, const char *path, const char *name, GError **error)
{
    return intercept(vm, "out", path, name, error);
}

gboolean aq_try_get_irq(AqVM *vm, unsigned n, gboolean *level, GError **error)
{
    if (n >= AQ_MAX_IRQ) {
        return aq_fail(error, AQ_ERROR_USAGE, "line %u: there are %d", n, AQ_MAX_IRQ);
    }
    if (!aq_try_command(vm, NULL, error, "endianness")) {
        return FALSE;
    }
    *level = vm->irq_level[n];
    return TRUE;
}

unsigned aq_irq_edges(const AqVM *vm, unsigned n)
{
    return n < AQ_MAX_IRQ ? vm->irq_edges[n] : 0;
}

gboolean aq_try_set_irq_in(AqVM *vm, const char *path, const char *name, unsigned n, int level,
                           GError **error)
{
    const char *list = name ? name : "unnamed-gpio-in";

    return one_word(path, error) && one_word(list, error) &&
        aq_try_command(vm, NULL, error, "set_irq_in %s %s %u %d", path, list, n, level);
}

static gboolean take_time(const char *reply, int64_t *now, GError **error)
{
    uint64_t ns;

    if (!aq_parse_u64(reply, 10, INT64_MAX, &ns, error)) {
        return FALSE;
    }
    if (now) {
        *now = (int64_t)ns;
    }
    return TRUE;
}

gboolean aq_try_clock_step_next(AqVM *vm, int64_t *now, GError **error)
{
    g_autofree char *reply = NULL;

    return aq_try_command(vm, &reply, error, "clock_step") && take_time(reply, now, error);
}

gboolean aq_try_clock_step(AqVM *vm, int64_t ns, int64_t *now, GError **error)
{
    g_autofree char *reply = NULL;

    return aq_try_command(vm, &reply, error, "clock_step %" PRId64, ns) &&
        take_time(reply, now, error);
}

gboolean aq_try_clock_set(AqVM *vm, int64_t ns, int64_t *now, GError **error)
{
    g_autofree char *reply = NULL;

    return aq_try_command(vm, &reply, error, "clock_set %" PRId64, ns) &&
        take_time(reply, now, error);
}

gboolean aq_try_module_load(AqVM *vm, const char *prefix, const char *library, GError **error)
{
    return one_word(prefix, error) && one_word(library, error) &&
        aq_try_command(vm, NULL, error, "module_load %s %s", prefix, library);
}
