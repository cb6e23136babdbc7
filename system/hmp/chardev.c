/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Character devices by hand, and descriptors that come along a human monitor's socket.
 *
 * What is wrong with the words themselves is said before "Error: Parsing chardev args failed"; what
 * goes wrong when the back end is made is the error itself. So it is in QEMU.
 */
#include <string.h>
#include "system/char.h"
#include "system/hmp.h"

void hmp_ringbuf_write(Monitor *mon, char **argv)
{
    hmp_do(mon, "ringbuf-write", json_pack("{s:o, s:o}", "device", hmp_word(argv[0]), "data",
                                           hmp_word(argv[1])));
}

/* Control characters but the line's end, and the backslash, as they stand in C. */
static void add_byte(GString *out, guchar c)
{
    if (c == '\\') {
        g_string_append(out, "\\\\");
    } else if ((c < 0x20 && c != '\n') || c == 0x7f) {
        g_string_append_printf(out, "\\u%04X", c);
    } else {
        g_string_append_c(out, (char)c);
    }
}

void hmp_ringbuf_read(Monitor *mon, char **argv)
{
    g_autoptr(GString) out = g_string_new(NULL);
    json_t *v;
    uint64_t size;

    if (!hmp_value(mon, argv[1], &size)) {
        return;
    }
    v = hmp_query(mon, "ringbuf-read", json_pack("{s:o, s:I}", "device", hmp_word(argv[0]), "size",
                                                 (json_int_t)size));
    if (v == NULL) {
        return;
    }
    for (size_t i = 0; i < json_string_length(v); i++) {
        add_byte(out, (guchar)json_string_value(v)[i]);
    }
    g_string_append_c(out, '\n');
    monitor_puts(mon, out->str);
    json_decref(v);
}

/* Takes @err, which may be NULL. */
static void refuse(Monitor *mon, GError *err)
{
    const char *notes = err != NULL ? accel_error_notes(err) : NULL;

    if (err != NULL) {
        monitor_printf(mon, "%s\n%s", err->message, notes != NULL ? notes : "");
        g_error_free(err);
    }
    monitor_puts(mon, "Error: Parsing chardev args failed\n");
}

/* The words of -chardev, checked. NULL: said why. */
static KeyVals *parse(Monitor *mon, const char *text)
{
    GError *err = NULL;
    KeyVals *kv = keyvals_parse(text, "backend", &err);
    const char *id = kv != NULL ? keyvals_get(kv, "id") : NULL;

    if (kv != NULL && id != NULL && check_id(id, &err) && char_find(mon->vm, id) != NULL) {
        opt_error(&err, "Duplicate ID '%s' for chardev", id);
    }
    if (kv != NULL && err == NULL) {
        keydesc_check(kv, keys_chardev, NULL, &err);
    }
    if (err != NULL) {
        refuse(mon, err);
        g_clear_pointer(&kv, keyvals_free);
    }
    return kv;
}

void hmp_chardev_add(Monitor *mon, char **argv)
{
    const char *list = strcmp(argv[0], "help") == 0 || strcmp(argv[0], "?") == 0 ? argv[0] : NULL;
    g_autoptr(KeyVals) kv = NULL;
    GError *err = NULL;

    if (list != NULL) {
        g_autofree char *text = help_chardevs_text();

        monitor_puts(mon, text);
        return;
    }
    kv = parse(mon, argv[0]);
    if (kv != NULL) {
        char_new(mon->vm, kv, &err);
        hmp_error(mon, err);
    }
}

void hmp_chardev_change(Monitor *mon, char **argv)
{
    g_autoptr(KeyVals) kv = parse(mon, argv[1]);
    GError *err = NULL;

    if (kv == NULL) {
        return;
    }
    if (keyvals_get(kv, "id") != NULL) {
        opt_error(&err, "Unexpected 'id' parameter");
    } else {
        char_change(mon->vm, argv[0], kv, &err);
    }
    hmp_error(mon, err);
}

/* The descriptor is the monitor's that the line came from; human-monitor-command has none. */
void hmp_getfd(Monitor *mon, char **argv)
{
    const ChardevClass *klass = mon->chr != NULL ? (const ChardevClass *)mon->chr->obj.type : NULL;

    if (klass == NULL || klass->get_fds == NULL || klass->get_fds(mon->chr, &mon->fd, 1) != 1) {
        mon->fd = -1;
    }
    hmp_do(mon, "getfd", json_pack("{s:o}", "fdname", hmp_word(argv[0])));
}
