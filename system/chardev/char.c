/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Making character devices from options. The legacy texts of -serial and friends are turned into
 * the keys of -chardev, so there is one way to make each back end. A chardev lives in the
 * machine's /chardevs container under its id.
 */
#include <string.h>
#include "system/char.h"
#include "system/hooks.h"

const CharBackend char_backends[] = {
    { "null", char_null_create },     { "stdio", char_stdio_create },
    { "file", char_file_create },     { "pipe", char_pipe_create },
    { "pty", char_pty_create },       { "socket", char_socket_create },
    { "ringbuf", char_ringbuf_create }, { "memory", char_ringbuf_create },
    { NULL, NULL },
};

void chardevs_flush(Vm *vm)
{
    fd_chars_flush(200);
}

Chardev *char_find(Vm *vm, const char *id)
{
    HwObject *obj = hw_object_child(vm->ms->chardevs, id);

    return obj != NULL && hw_object_is_a(obj, &hw_type_chardev) ? (Chardev *)obj : NULL;
}

Chardev *char_port(Vm *vm, const char *id, GError **errp)
{
    Chardev *chr = char_find(vm, id);

    if (chr == NULL) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "chardev \"%s\" not found", id);
        return NULL;
    }
    return char_mux_port(vm, chr, errp);
}

static const CharBackend *find_backend(const char *name, GError **errp)
{
    const char *names[G_N_ELEMENTS(char_backends)];

    for (guint i = 0; i < G_N_ELEMENTS(char_backends); i++) {
        names[i] = char_backends[i].name;
        if (names[i] != NULL && strcmp(names[i], name) == 0) {
            return &char_backends[i];
        }
    }
    opt_error_suggest(errp, name, names, "'%s' is not a valid char driver name", name);
    return NULL;
}

/* The id that a chardev is made under; taken and badly written ones are refused. */
static const char *new_id(Vm *vm, const KeyVals *kv, GError **errp)
{
    const char *id = keyvals_get(kv, "id");

    if (id == NULL) {
        opt_error(errp, "chardev: no id specified");
        return NULL;
    }
    if (!check_id(id, errp)) {
        return NULL;
    }
    if (char_find(vm, id) != NULL) {
        opt_error(errp, "Duplicate ID '%s' for chardev", id);
        return NULL;
    }
    return id;
}

static Chardev *create(Vm *vm, const KeyVals *kv, const char *id, GError **errp)
{
    const char *name = keyvals_get(kv, "backend");
    const CharBackend *backend;
    bool mux = false;
    Chardev *chr;

    if (name == NULL) {
        opt_error(errp, "chardev: \"%s\" missing backend", id);
        return NULL;
    }
    backend = find_backend(name, errp);
    chr = backend != NULL ? backend->create(vm, kv, errp) : NULL;
    keyvals_bool(kv, "mux", &mux);
    if (chr != NULL && mux) {
        chr->id = g_strdup_printf("%s-base", id);
        chr = char_mux_create(vm, chr, id, errp);
    }
    return chr;
}

static Chardev *add(Vm *vm, Chardev *chr, const char *id, const KeyVals *kv)
{
    chr->id = g_strdup(id);
    if (chr->filename == NULL) {
        chr->filename = g_strdup(keyvals_get(kv, "backend"));
    }
    hw_object_add_child(vm->ms->chardevs, id, &chr->obj, NULL);
    hw_object_unref(&chr->obj);
    return chr;
}

Chardev *char_new(Vm *vm, const KeyVals *kv, GError **errp)
{
    const char *id = new_id(vm, kv, errp);
    Chardev *chr = id != NULL ? create(vm, kv, id, errp) : NULL;

    return chr != NULL ? add(vm, chr, id, kv) : NULL;
}

/* The new one is made first: what cannot be replaced stays. */
Chardev *char_change(Vm *vm, const char *id, const KeyVals *kv, GError **errp)
{
    Chardev *old = char_find(vm, id), *chr;

    if (old == NULL) {
        opt_error(errp, "Chardev '%s' does not exist", id);
        return NULL;
    }
    if (char_is_mux(old)) {
        opt_error(errp, "Mux device hotswap not supported yet");
        return NULL;
    }
    if (old->busy) {
        opt_error(errp, "Chardev user does not support chardev hotswap");
        return NULL;
    }
    chr = create(vm, kv, id, errp);
    if (chr != NULL) {
        hw_object_unparent(&old->obj);
        add(vm, chr, id, kv);
    }
    return chr;
}

gboolean char_remove(Vm *vm, const char *id, GError **errp)
{
    Chardev *chr = char_find(vm, id);

    if (chr == NULL) {
        opt_error(errp, "Chardev '%s' not found", id);
        return FALSE;
    }
    if (chr->busy) {
        opt_error(errp, "Chardev '%s' is busy", id);
        return FALSE;
    }
    hw_object_unparent(&chr->obj);
    return TRUE;
}

/* ---- legacy texts ---- */

/* "HOST:PORT,options" */
static gboolean legacy_tcp(KeyVals *kv, char *rest, GError **errp)
{
    char *host = rest, *port;

    if (rest[0] == '[' && strchr(rest, ']') != NULL) {
        host = rest + 1;
        port = strchr(rest, ']');
        *port++ = '\0';
    } else {
        port = strchr(rest, ':');
    }
    if (port == NULL || *port != ':') {
        opt_error(errp, "no port given in '%s'", rest);
        return FALSE;
    }
    *port = '\0';
    keyvals_add(kv, "host", host);
    keyvals_add(kv, "port", port + 1);
    return TRUE;
}

/* "unix:PATH" and "tcp:HOST:PORT", followed by keys. */
static KeyVals *legacy_socket(const char *text, GError **errp)
{
    bool is_unix = g_str_has_prefix(text, "unix:");
    const char *rest = strchr(text, ':') + 1;
    g_autoptr(KeyVals) in = keyvals_parse(rest, "first", errp);
    KeyVals *kv;

    if (in == NULL) {
        return NULL;
    }
    kv = keyvals_new();
    keyvals_add(kv, "backend", "socket");
    for (guint i = 0; i < in->n; i++) {
        if (i == 0 && strcmp(in->v[0].key, "first") == 0) {
            g_autofree char *where = g_strdup(in->v[0].value);

            if (is_unix) {
                keyvals_add(kv, "path", where);
            } else if (!legacy_tcp(kv, where, errp)) {
                keyvals_free(kv);
                return NULL;
            }
        } else {
            keyvals_add(kv, in->v[i].key, in->v[i].value);
        }
    }
    return kv;
}

static KeyVals *legacy_path(const char *backend, const char *path)
{
    KeyVals *kv = keyvals_new();

    keyvals_add(kv, "backend", backend);
    if (path != NULL) {
        keyvals_add(kv, "path", path);
    }
    return kv;
}

KeyVals *char_legacy_keys(const char *text, GError **errp)
{
    static const char *const plain[] = { "null", "stdio", "pty", "ringbuf" };
    KeyVals *kv;

    if (g_str_has_prefix(text, "mon:")) {
        kv = char_legacy_keys(text + 4, errp);
        if (kv != NULL) {
            keyvals_add(kv, "mux", "on");
            keyvals_add(kv, "signal", "off");
        }
        return kv;
    }
    for (guint i = 0; i < G_N_ELEMENTS(plain); i++) {
        if (strcmp(text, plain[i]) == 0) {
            return legacy_path(plain[i], NULL);
        }
    }
    if (g_str_has_prefix(text, "unix:") || g_str_has_prefix(text, "tcp:")) {
        return legacy_socket(text, errp);
    }
    if (g_str_has_prefix(text, "file:") || g_str_has_prefix(text, "pipe:")) {
        g_autofree char *backend = g_strndup(text, 4);

        return legacy_path(backend, text + 5);
    }
    if (strcmp(text, "vc") == 0 || g_str_has_prefix(text, "vc:")) {
        return legacy_path("null", NULL); /* there is no display to show it on */
    }
    {
        static const char *const known[] = { "null", "stdio", "pty", "ringbuf", "none", "mon:stdio",
                                             NULL };

        opt_error_suggest(errp, text, known, "'%s' is not a valid char driver", text);
    }
    return NULL;
}

Chardev *char_new_legacy(Vm *vm, const char *id, const char *text, GError **errp)
{
    g_autoptr(KeyVals) kv = char_legacy_keys(text, errp);

    if (kv == NULL) {
        return NULL;
    }
    keyvals_add(kv, "id", id);
    if (!keydesc_check(kv, keys_chardev, NULL, errp)) {
        return NULL;
    }
    return char_new(vm, kv, errp);
}
