/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * secret: a password or key that the user hands over, in the text itself or in a file.
 *
 * Theory of operation: read and decoded once, when the object is complete. Encrypted ones (keyid)
 * are refused: this program has no cipher. The decoded bytes are wiped when the object goes.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "hw/objects.h"

enum { SECRET_MAX = 1 << 20 };

typedef struct Secret {
    HwObject obj;
    char *data, *file, *keyid, *iv;
    int format; /* 0 raw, 1 base64 */
    guint8 *bytes;
    gsize len;
} Secret;

static gboolean fail(GError **errp, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

static gboolean fail(GError **errp, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "%s", text);
    return FALSE;
}

static gboolean unreadable(const char *path, const char *step, int errnum, GError **errp)
{
    AccelErrorInfo info = { .errnum = errnum };

    accel_error_set(errp, ACCEL_ERROR_INVALID, &info, "Unable to read %s: %s “%s”: %s", path,
                    step, path, g_strerror(errnum));
    return FALSE;
}

/* Also from a pipe, and never more than a secret may be. */
static gboolean read_file(Secret *s, GError **errp)
{
    int fd = open(s->file, O_RDONLY | O_CLOEXEC), errnum = 0;
    ssize_t n = 1;

    if (fd < 0) {
        return unreadable(s->file, "Failed to open file", errno, errp);
    }
    s->bytes = g_malloc(SECRET_MAX + 1);
    while (n > 0 && s->len <= SECRET_MAX) {
        n = read(fd, s->bytes + s->len, SECRET_MAX + 1 - s->len);
        errnum = n < 0 ? errno : 0;
        s->len += n > 0 ? (gsize)n : 0;
        n = errnum == EINTR ? 1 : n;
    }
    close(fd);
    if (errnum != 0) {
        return unreadable(s->file, "Error reading file", errnum, errp);
    }
    return s->len <= SECRET_MAX ||
           fail(errp, "Unable to read %s: a secret has at most %d bytes", s->file, SECRET_MAX);
}

static gboolean get_text(Secret *s, GError **errp)
{
    if (s->data != NULL && s->file != NULL) {
        return fail(errp, "'file' and 'data' are mutually exclusive");
    }
    if (s->data == NULL && s->file == NULL) {
        return fail(errp, "Either 'file' or 'data' must be provided");
    }
    if (s->file != NULL) {
        return read_file(s, errp);
    }
    s->len = strlen(s->data);
    s->bytes = g_memdup2(s->data, s->len + 1);
    return TRUE;
}

static gboolean decode(Secret *s, GError **errp)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\n";
    g_autofree char *text = g_strndup((const char *)s->bytes, s->len);
    gsize len;
    guint8 *plain;

    if (strlen(text) != s->len || strspn(text, alphabet) != s->len) {
        return fail(errp, "Base64 data contains invalid characters");
    }
    plain = g_base64_decode(text, &len);
    explicit_bzero(text, s->len);
    explicit_bzero(s->bytes, s->len);
    g_free(s->bytes);
    s->bytes = plain;
    s->len = len;
    return TRUE;
}

static gboolean secret_complete(HwObject *obj, GError **errp)
{
    Secret *s = (Secret *)obj;
    HwObject *key = s->keyid != NULL ? hw_object_child(obj->parent, s->keyid) : NULL;

    if (!get_text(s, errp)) {
        return FALSE;
    }
    if (s->keyid != NULL && !hw_object_is_a(key, &hw_type_secret)) {
        return fail(errp, "No secret with id '%s'", s->keyid);
    }
    if (s->keyid != NULL) {
        accel_error_set(errp, ACCEL_ERROR_UNSUPPORTED, NULL,
                        "encrypted secrets (keyid=) are not supported");
        return FALSE;
    }
    return s->format == 0 || decode(s, errp);
}

static void secret_finalize(HwObject *obj)
{
    Secret *s = (Secret *)obj;

    if (s->bytes != NULL) {
        explicit_bzero(s->bytes, s->len);
    }
    if (s->data != NULL) {
        explicit_bzero(s->data, strlen(s->data));
    }
    g_clear_pointer(&s->bytes, g_free);
}

GBytes *hw_secret_bytes(HwObject *secret)
{
    const Secret *s = (const Secret *)secret;

    g_return_val_if_fail(hw_object_is_a(secret, &hw_type_secret), NULL);
    return g_bytes_new(s->bytes, s->len);
}

static gboolean check_loaded(void *obj, const AccelProp *prop, GError **errp)
{
    const Secret *s = obj;

    return s->bytes == NULL || fail(errp, "secret '%s' is loaded already", s->obj.name);
}

static const char *const formats[] = { "raw", "base64", NULL };

#define TEXT_PROP(text, field, what)                                                              \
    { .name = text, .type = ACCEL_PROP_STRING, .offset = offsetof(Secret, field), .help = what,    \
      .check = check_loaded }

static const AccelProp secret_props[] = {
    TEXT_PROP("data", data, "The secret"),
    TEXT_PROP("file", file, "File with the secret"),
    { .name = "format", .type = ACCEL_PROP_ENUM, .offset = offsetof(Secret, format),
      .values = formats, .type_name = "QCryptoSecretFormat", .help = "How it is written down",
      .check = check_loaded },
    TEXT_PROP("keyid", keyid, "Secret that it is encrypted with (not supported)"),
    TEXT_PROP("iv", iv, "Initialization vector of an encrypted secret"),
    ACCEL_PROP_END,
};

const HwType hw_type_secret = {
    .name = "secret",
    .parent = &hw_type_object,
    .desc = "password or key",
    .instance_size = sizeof(Secret),
    .user_creatable = true,
    .props = secret_props,
    .complete = secret_complete,
    .finalize = secret_finalize,
};
