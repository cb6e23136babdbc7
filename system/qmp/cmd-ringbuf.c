/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a ring buffer holds, and putting something in: as text, or as base64 where it is none. */
#include <string.h>
#include "system/char.h"
#include "system/qmp.h"

enum { READ_MAX = 1 << 20 };

static Chardev *find_ring(Monitor *mon, const char *id, GError **errp)
{
    Chardev *chr = char_find(mon->vm, id);

    if (chr == NULL) {
        qmp_error(errp, QMP_GENERIC_ERROR, "Device '%s' not found", id);
        return NULL;
    }
    if (chr->obj.type != &chardev_ringbuf_class.type) {
        qmp_error(errp, QMP_GENERIC_ERROR, "%s is not a ringbuf device", id);
        return NULL;
    }
    return chr;
}

static bool is_base64(json_t *args)
{
    return g_strcmp0(qmp_str(args, "format"), "base64") == 0;
}

bool qmp_ringbuf_read(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    Chardev *chr = find_ring(mon, qmp_str(args, "device"), errp);
    int64_t size = qmp_int(args, "size", 0);
    g_autofree char *buf = NULL;
    g_autofree char *base64 = NULL;
    size_t n;

    if (chr == NULL) {
        return false;
    }
    if (size <= 0) {
        qmp_error(errp, QMP_GENERIC_ERROR, "size must be greater than zero");
        return false;
    }
    size = MIN(size, READ_MAX);
    buf = g_malloc((gsize)size);
    n = chardev_ringbuf_read(chr, buf, (size_t)size);
    if (is_base64(args)) {
        base64 = g_base64_encode((const guchar *)buf, n);
        *ret = json_text(base64);
    } else {
        *ret = json_text_n(buf, n);
    }
    return true;
}

/* Returns: (transfer full), NULL with an error. */
static guchar *decode(const char *text, gsize *len, GError **errp)
{
    if (text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\n")]) {
        qmp_error(errp, QMP_GENERIC_ERROR, "Base64 data contains invalid characters");
        return NULL;
    }
    return g_base64_decode(text, len);
}

bool qmp_ringbuf_write(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    Chardev *chr = find_ring(mon, qmp_str(args, "device"), errp);
    json_t *data = json_object_get(args, "data");
    g_autofree guchar *bytes = NULL;
    gsize len;

    if (chr == NULL) {
        return false;
    }
    if (!is_base64(args)) {
        chardev_write(chr, json_string_value(data), json_string_length(data));
        return true;
    }
    bytes = decode(json_string_value(data), &len, errp);
    if (bytes != NULL) {
        chardev_write(chr, bytes, len);
    }
    return bytes != NULL;
}
