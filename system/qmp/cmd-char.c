/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Character devices over QMP. */
#include <string.h>
#include <unistd.h>
#include "system/char.h"
#include "system/qmp.h"

bool qmp_query_chardev(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    GPtrArray *all = mon->vm->ms->chardevs->children;

    *ret = json_array();
    for (guint i = 0; all != NULL && i < all->len; i++) {
        const Chardev *chr = g_ptr_array_index(all, i);

        json_array_append_new(*ret, json_pack("{s:o, s:o, s:b}", "label",
            json_text(chr->id != NULL ? chr->id : chr->obj.name), "filename",
            json_text(chr->filename != NULL ? chr->filename : ""), "frontend-open", chr->busy));
    }
    return true;
}

bool qmp_query_chardev_backends(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    *ret = json_array();
    for (const CharBackend *b = char_backends; b->name != NULL; b++) {
        json_array_append_new(*ret, json_pack("{s:s}", "name", b->name));
    }
    return true;
}

static const char *bool_text(json_t *v)
{
    return json_is_true(v) ? "on" : "off";
}

/* Scalars of @object as option keys. */
static void add_keys(KeyVals *kv, json_t *object)
{
    const char *key;
    json_t *v;

    json_object_foreach(object, key, v) {
        if (json_is_text(v)) {
            keyvals_add(kv, key, json_string_value(v));
        } else if (json_is_boolean(v)) {
            keyvals_add(kv, key, bool_text(v));
        } else if (json_is_integer(v)) {
            g_autofree char *n = g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(v));

            keyvals_add(kv, key, n);
        }
    }
}

/* Where the words of the command line differ. */
static void add_special(KeyVals *kv, const char *type, json_t *data)
{
    json_t *addr = json_object_get(data, "addr");

    if (strcmp(type, "file") == 0) {
        keyvals_add(kv, "path", qmp_str(data, "out"));
    } else if (strcmp(type, "pipe") == 0) {
        keyvals_add(kv, "path", qmp_str(data, "device"));
    } else if (addr != NULL && strcmp(qmp_str(addr, "type"), "fd") == 0) {
        keyvals_add(kv, "fd", qmp_str(json_object_get(addr, "data"), "str"));
    } else if (addr != NULL) {
        add_keys(kv, json_object_get(addr, "data"));
    }
    /* a server over QMP waits unless told otherwise, and that would stop the main loop */
    if (addr != NULL && json_object_get(data, "server") == NULL) {
        keyvals_add(kv, "server", "on");
    }
    if (addr != NULL && json_object_get(data, "wait") == NULL &&
        !json_is_false(json_object_get(data, "server"))) {
        keyvals_add(kv, "wait", "off");
    }
}

/* fd=NAME: a descriptor that came with getfd; @fd is ours then. */
static bool take_named_fd(Vm *vm, KeyVals *kv, int *fd, GError **errp)
{
    const char *name = keyvals_get(kv, "fd");
    g_autofree char *number = NULL;

    if (name == NULL || g_ascii_isdigit(name[0])) {
        return true;
    }
    *fd = qmp_get_fd(vm, name, errp);
    number = g_strdup_printf("%d", *fd);
    keyvals_add(kv, "fd", number);
    return *fd >= 0;
}

/* @backend as the keys of -chardev; *@fd: a descriptor that is ours now, or -1. */
static KeyVals *backend_keys(Vm *vm, const char *id, json_t *backend, int *fd, GError **errp)
{
    json_t *data = json_object_get(backend, "data");
    const char *type = qmp_str(backend, "type");
    KeyVals *kv = keyvals_new();

    keyvals_add(kv, "backend", type);
    keyvals_add(kv, "id", id);
    add_keys(kv, data);
    add_special(kv, type, data);
    if (!take_named_fd(vm, kv, fd, errp)) {
        keyvals_free(kv);
        return NULL;
    }
    return kv;
}

static json_t *chardev_return(const Chardev *chr, const char *type)
{
    json_t *ret = json_object();

    if (strcmp(type, "pty") == 0 && g_str_has_prefix(chr->filename, "pty:")) {
        json_object_set_new(ret, "pty", json_text(chr->filename + strlen("pty:")));
    }
    return ret;
}

/* A new one, or another one behind an id that there is. */
static bool make(Monitor *mon, json_t *args, bool change, json_t **ret, GError **errp)
{
    const char *id = qmp_str(args, "id");
    json_t *backend = json_object_get(args, "backend");
    int fd = -1;
    g_autoptr(KeyVals) kv = backend_keys(mon->vm, id, backend, &fd, errp);
    Chardev *chr;

    if (kv == NULL) {
        return false;
    }
    chr = change ? char_change(mon->vm, id, kv, errp) : char_new(mon->vm, kv, errp);
    if (chr == NULL) {
        if (fd >= 0) {
            close(fd);
        }
        return false;
    }
    *ret = chardev_return(chr, qmp_str(backend, "type"));
    return true;
}

bool qmp_chardev_add(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    return make(mon, args, false, ret, errp);
}

bool qmp_chardev_change(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    return make(mon, args, true, ret, errp);
}

bool qmp_chardev_remove(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    return char_remove(mon->vm, qmp_str(args, "id"), errp);
}

static Chardev *find(Monitor *mon, const char *id, GError **errp)
{
    Chardev *chr = char_find(mon->vm, id);

    if (chr == NULL) {
        qmp_error(errp, QMP_GENERIC_ERROR, "Chardev '%s' not found", id);
    }
    return chr;
}

bool qmp_chardev_send_break(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    Chardev *chr = find(mon, qmp_str(args, "id"), errp);

    if (chr != NULL) {
        chardev_fe_event(chr, CHARDEV_EVENT_BREAK);
    }
    return chr != NULL;
}
