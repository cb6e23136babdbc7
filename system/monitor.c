/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Monitors: the list, their output, their life.
 *
 * Output is handed to the chardev at once. What it does not take (a peer that does not read) stays
 * here and is tried again by a timer. While answers wait the monitor takes no input, so the amount
 * of them is bounded by what was already read. Events come without being asked for, some as often
 * as the guest likes: they are dropped while EVENTS_MAX bytes wait, and do not keep the monitor
 * from listening.
 */
#include <string.h>
#include "system/char.h"
#include "system/monitor.h"

enum { RETRY_MS = 10, EVENTS_MAX = 1 << 20 };

GPtrArray *monitors_of(Vm *vm)
{
    return vm->active_monitors;
}

/* Returns: bytes gone. */
static size_t push(Monitor *mon, const char *text, size_t len)
{
    size_t done = 0;

    while (done < len) {
        ssize_t n = chardev_write(mon->chr, text + done, len - done);

        if (n <= 0) {
            break;
        }
        done += (size_t)n;
    }
    return done;
}

static gsize waiting(const Monitor *mon)
{
    return mon->out->len - mon->out_sent;
}

/* What has been sent goes when it is the larger part, so no byte is moved more than once a turn. */
static void compact(Monitor *mon)
{
    if (mon->out_sent >= waiting(mon)) {
        g_string_erase(mon->out, 0, (gssize)mon->out_sent);
        mon->out_answers -= MIN(mon->out_answers, mon->out_sent);
        mon->out_sent = 0;
    }
}

static gboolean retry(gpointer opaque)
{
    Monitor *mon = opaque;
    bool could_read = monitor_can_read(mon), more;

    mon->out_sent += push(mon, mon->out->str + mon->out_sent, waiting(mon));
    compact(mon);
    more = waiting(mon) > 0;
    if (!more) {
        mon->out_timer = 0; /* before input, which may begin another */
    }
    if (!could_read && monitor_can_read(mon)) {
        chardev_accept_input(mon->chr);
    }
    return more ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* Returns: whether some of it has to wait. */
static bool send_or_keep(Monitor *mon, const char *text, size_t len)
{
    size_t done;

    if (mon->chr == NULL || !mon->chr->open) {
        return false;
    }
    done = waiting(mon) == 0 ? push(mon, text, len) : 0;
    if (done == len) {
        return false;
    }
    g_string_append_len(mon->out, text + done, (gssize)(len - done));
    if (mon->out_timer == 0) {
        mon->out_timer = g_timeout_add(RETRY_MS, retry, mon);
    }
    return true;
}

void monitor_write(Monitor *mon, const char *text, size_t len)
{
    if (mon->capture != NULL) {
        g_string_append_len(mon->capture, text, (gssize)len);
    } else if (send_or_keep(mon, text, len)) {
        mon->out_answers = mon->out->len;
    }
}

void monitor_write_event(Monitor *mon, const char *text, size_t len)
{
    if (waiting(mon) < EVENTS_MAX) {
        send_or_keep(mon, text, len);
    }
}

void monitor_drop_output(Monitor *mon)
{
    g_string_truncate(mon->out, 0);
    mon->out_sent = mon->out_answers = 0;
}

bool monitor_can_read(const Monitor *mon)
{
    return mon->out_answers <= mon->out_sent;
}

void monitor_puts(Monitor *mon, const char *text)
{
    const char *end;

    for (; (end = strchr(text, '\n')) != NULL; text = end + 1) {
        monitor_write(mon, text, (size_t)(end - text));
        monitor_write(mon, "\r\n", 2);
    }
    monitor_write(mon, text, strlen(text));
}

void monitor_printf(Monitor *mon, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    monitor_puts(mon, text);
}

static void monitor_free(gpointer p)
{
    Monitor *mon = p;

    chardev_disconnect(mon->chr);
    if (mon->out_timer != 0) {
        g_source_remove(mon->out_timer);
    }
    if (mon->control) {
        qmp_monitor_clear(mon);
    } else {
        hmp_monitor_clear(mon);
    }
    g_string_free(mon->out, TRUE);
    g_free(mon);
}

void monitors_free(Vm *vm)
{
    g_clear_pointer(&vm->active_monitors, g_ptr_array_unref);
}

gboolean monitor_start(Vm *vm, const MonitorSpec *spec, GError **errp)
{
    Chardev *chr = char_find(vm, spec->chardev);
    ChardevHandlers fe = { 0 };
    Monitor *mon;

    chr = chr != NULL ? char_mux_port(vm, chr, errp) : NULL;
    if (chr == NULL) {
        if (errp != NULL && *errp == NULL) {
            opt_error(errp, "chardev \"%s\" not found", spec->chardev);
        }
        return FALSE;
    }
    if (vm->active_monitors == NULL) {
        vm->active_monitors = g_ptr_array_new_with_free_func(monitor_free);
        qmp_events_start(vm);
    }
    mon = g_new0(Monitor, 1);
    mon->vm = vm;
    mon->control = spec->control;
    mon->pretty = spec->pretty;
    mon->out = g_string_new(NULL);
    mon->fd = -1;
    if (mon->control) {
        qmp_monitor_init(mon, &fe);
    } else {
        hmp_monitor_init(mon, &fe);
    }
    g_ptr_array_add(vm->active_monitors, mon);
    fe.opaque = mon;
    mon->chr = chr;
    if (!chardev_connect(chr, &fe, errp)) {
        mon->chr = NULL;
        g_ptr_array_remove(vm->active_monitors, mon);
        return FALSE;
    }
    return TRUE;
}
