/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The human monitor: lines in, text out. A command is a row of a table: name, what it takes, a line
 * of help, a function that gets the words behind the name. A name may be shortened where the table
 * gives a short form ("q|quit").
 */
#include <string.h>
#include "accel/version.h"
#include "system/hmp.h"

enum { LINE_MAX_BYTES = 4096 };

static const char prompt[] = "(qemu) ";

/* "q|quit" has both names. */
static bool name_matches(const char *names, const char *word, size_t len)
{
    while (*names != '\0') {
        size_t n = strcspn(names, "|");

        if (n == len && strncmp(names, word, len) == 0) {
            return true;
        }
        names += n + (names[n] == '|');
    }
    return false;
}

const HmpCommand *hmp_find(const HmpCommand *table, const char *word, size_t len)
{
    for (; table->names != NULL; table++) {
        if (name_matches(table->names, word, len)) {
            return table;
        }
    }
    return NULL;
}

/* The next word of a line; "/fmt" may stick to the name in front of it ("x/4x"). */
static size_t word_length(const char *p)
{
    return *p == '/' ? strcspn(p, " \t") : strcspn(p, " \t/");
}

static const char *skip_blanks(const char *p)
{
    return p + strspn(p, " \t");
}

static void unknown(Monitor *mon, const char *prefix, const char *word, size_t len)
{
    monitor_printf(mon, "unknown command: '%s%.*s'\n", prefix, (int)len, word);
}

static void run_info(Monitor *mon, const char *line)
{
    const char *rest = skip_blanks(line + 4);
    size_t len = strcspn(rest, " \t");
    const HmpCommand *cmd;

    if (len == 0) {
        hmp_help_info(mon);
        return;
    }
    cmd = hmp_find(hmp_info_commands, rest, len);
    if (cmd == NULL) {
        unknown(mon, "info ", rest, len);
        return;
    }
    hmp_call(mon, cmd, line, (size_t)(rest - line), len);
}

void hmp_run(Monitor *mon, const char *line)
{
    g_autofree char *text = g_strdup(line);
    const char *p = g_strchomp(text);
    const HmpCommand *cmd;
    size_t len;

    p = skip_blanks(p);
    if (*p == '\0') {
        return;
    }
    len = word_length(p);
    if (len == 4 && strncmp(p, "info", 4) == 0) {
        run_info(mon, p);
        return;
    }
    cmd = len > 0 ? hmp_find(hmp_commands, p, len) : NULL;
    if (cmd == NULL) {
        unknown(mon, "", p, MAX(len, 1));
        return;
    }
    hmp_call(mon, cmd, p, 0, len);
}

void hmp_error(Monitor *mon, GError *err)
{
    if (err != NULL) {
        monitor_printf(mon, "Error: %s\n", err->message);
        g_error_free(err);
    }
}

json_t *hmp_query(Monitor *mon, const char *command, json_t *args)
{
    GError *err = NULL;
    json_t *ret = qmp_call(mon, command, args, &err);

    hmp_error(mon, err);
    return ret;
}

void hmp_do(Monitor *mon, const char *command, json_t *args)
{
    json_decref(hmp_query(mon, command, args));
}

CPUState *hmp_cpu(Monitor *mon)
{
    MachineState *ms = mon->vm->ms;
    CPUState *cpu = hw_machine_cpu(ms, (guint)mon->cpu_index);

    for (guint i = 0; cpu == NULL && i < ms->n_possible; i++) {
        cpu = ms->possible[i].cpu;
    }
    return cpu;
}

/* ---- a monitor on a chardev ---- */

static void on_line(void *opaque, const char *line)
{
    Monitor *mon = opaque;

    hmp_run(mon, line);
    if (!vm_is_leaving(mon->vm)) {
        hmp_edit_start(mon->hmp, prompt);
    }
}

static int on_can_read(void *opaque)
{
    return monitor_can_read(opaque) ? LINE_MAX_BYTES : 0;
}

static void on_read(void *opaque, const uint8_t *buf, size_t len)
{
    hmp_edit_feed(((Monitor *)opaque)->hmp, buf, len);
}

/* Nothing while another has the terminal; the first time that it is ours, who we are. */
static void show_prompt(Monitor *mon)
{
    if (mon->behind || mon->chr == NULL || !mon->chr->open) {
        return;
    }
    if (!mon->greeted) {
        monitor_printf(mon, "QEMU 7.2.0 monitor - type 'help' for more information\n"
                       "(this is accelvm %s)\n", accel_version());
        mon->greeted = true;
    }
    hmp_edit_start(mon->hmp, prompt);
}

/* The focus of a terminal that is shared moves while the machine is made: speak when that is over. */
static gboolean settle(gpointer opaque)
{
    Monitor *mon = opaque;

    mon->settling = 0;
    mon->settled = true;
    show_prompt(mon);
    return G_SOURCE_REMOVE;
}

static void on_event(void *opaque, ChardevEvent ev)
{
    Monitor *mon = opaque;

    if (ev == CHARDEV_EVENT_MUX_IN || ev == CHARDEV_EVENT_MUX_OUT) {
        mon->shared = true;
        mon->behind = ev == CHARDEV_EVENT_MUX_OUT;
    } else if (ev == CHARDEV_EVENT_OPENED) {
        mon->greeted = false;
    } else if (ev == CHARDEV_EVENT_CLOSED) {
        monitor_drop_output(mon);
    }
    if (ev != CHARDEV_EVENT_MUX_IN && ev != CHARDEV_EVENT_OPENED) {
        return;
    }
    if (mon->settled || !mon->shared) {
        show_prompt(mon);
    } else if (mon->settling == 0) {
        mon->settling = g_idle_add(settle, mon);
    }
}

void hmp_monitor_init(Monitor *mon, ChardevHandlers *fe)
{
    mon->hmp = hmp_edit_new(mon, on_line);
    fe->can_read = on_can_read;
    fe->read = on_read;
    fe->event = on_event;
}

void hmp_monitor_clear(Monitor *mon)
{
    if (mon->settling != 0) {
        g_source_remove(mon->settling);
    }
    hmp_edit_free(mon->hmp);
}
