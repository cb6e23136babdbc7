/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Errors as data. glib's extended errors let a domain keep a private struct beside code and
 * message; copying and freeing a GError then does the right thing for the fields too, so an error
 * can travel through any glib code and keep what it knows.
 */
#include <errno.h>
#include "accel/error.h"

typedef struct AccelErrorPrivate {
    char *accel, *stage, *call, *capability, *missing, *notes;
    int errnum;
    gint64 have, need;
    GPtrArray *causes, *remedies; /* char *, NULL-terminated; NULL when empty */
} AccelErrorPrivate;

static GPtrArray *lines_copy(const GPtrArray *src)
{
    GPtrArray *dst = NULL;

    if (src != NULL) {
        dst = g_ptr_array_new_with_free_func(g_free);
        for (guint i = 0; i < src->len; i++) {
            g_ptr_array_add(dst, g_strdup(g_ptr_array_index(src, i)));
        }
    }
    return dst;
}

static void accel_error_private_init(AccelErrorPrivate *priv)
{
    *priv = (AccelErrorPrivate){ 0 };
}

static void accel_error_private_copy(const AccelErrorPrivate *src, AccelErrorPrivate *dst)
{
    dst->accel = g_strdup(src->accel);
    dst->stage = g_strdup(src->stage);
    dst->call = g_strdup(src->call);
    dst->capability = g_strdup(src->capability);
    dst->missing = g_strdup(src->missing);
    dst->notes = g_strdup(src->notes);
    dst->errnum = src->errnum;
    dst->have = src->have;
    dst->need = src->need;
    dst->causes = lines_copy(src->causes);
    dst->remedies = lines_copy(src->remedies);
}

static void accel_error_private_clear(AccelErrorPrivate *priv)
{
    g_free(priv->accel);
    g_free(priv->stage);
    g_free(priv->call);
    g_free(priv->capability);
    g_free(priv->missing);
    g_free(priv->notes);
    g_clear_pointer(&priv->causes, g_ptr_array_unref);
    g_clear_pointer(&priv->remedies, g_ptr_array_unref);
}

G_DEFINE_EXTENDED_ERROR(AccelError, accel_error)

static AccelErrorPrivate *priv_of(const GError *err)
{
    return err != NULL && err->domain == ACCEL_ERROR ? accel_error_get_private(err) : NULL;
}

void accel_error_set(GError **errp, AccelErrorCode code, const AccelErrorInfo *info,
                     const char *fmt, ...)
{
    va_list ap;

    if (errp == NULL) {
        return;
    }
    va_start(ap, fmt);
    *errp = g_error_new_valist(ACCEL_ERROR, code, fmt, ap);
    va_end(ap);
    if (info != NULL) {
        AccelErrorPrivate *priv = accel_error_get_private(*errp);

        priv->accel = g_strdup(info->accel);
        priv->stage = g_strdup(info->stage);
        priv->call = g_strdup(info->call);
        priv->capability = g_strdup(info->capability);
        priv->missing = g_strdup(info->missing);
        priv->notes = g_strdup(info->notes);
        priv->errnum = info->errnum;
        priv->have = info->have;
        priv->need = info->need;
    }
}

AccelErrorCode accel_error_code_from_errno(int errnum)
{
    switch (errnum) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
    case ENOTTY:
        return ACCEL_ERROR_ABSENT;
    case EACCES:
    case EPERM:
        return ACCEL_ERROR_DENIED;
    case EBUSY:
        return ACCEL_ERROR_BUSY;
    case ENOMEM:
    case EMFILE:
    case ENFILE:
    case ENOSPC:
        return ACCEL_ERROR_RESOURCE;
    case ENOTSUP:
    case ENOSYS:
        return ACCEL_ERROR_UNSUPPORTED;
    default:
        return ACCEL_ERROR_FAILED;
    }
}

#define STRING_ACCESSOR(field)                              \
    const char *accel_error_##field(const GError *err)      \
    {                                                       \
        const AccelErrorPrivate *priv = priv_of(err);       \
                                                            \
        return priv != NULL ? priv->field : NULL;           \
    }

STRING_ACCESSOR(accel)
STRING_ACCESSOR(stage)
STRING_ACCESSOR(call)
STRING_ACCESSOR(capability)
STRING_ACCESSOR(missing)
STRING_ACCESSOR(notes)

int accel_error_errno(const GError *err)
{
    const AccelErrorPrivate *priv = priv_of(err);

    return priv != NULL ? priv->errnum : 0;
}

gint64 accel_error_have(const GError *err)
{
    const AccelErrorPrivate *priv = priv_of(err);

    return priv != NULL ? priv->have : 0;
}

gint64 accel_error_need(const GError *err)
{
    const AccelErrorPrivate *priv = priv_of(err);

    return priv != NULL ? priv->need : 0;
}

/* The array keeps a NULL behind its last line so that it can be handed out as a strv. */
static const char *const *lines_get(const GPtrArray *lines)
{
    return lines != NULL ? (const char *const *)lines->pdata : NULL;
}

static void lines_add(GPtrArray **lines, const char *text)
{
    if (*lines == NULL) {
        *lines = g_ptr_array_new_with_free_func(g_free);
    } else {
        g_ptr_array_set_size(*lines, (gint)(*lines)->len - 1);
    }
    g_ptr_array_add(*lines, g_strdup(text));
    g_ptr_array_add(*lines, NULL);
}

const char *const *accel_error_remedies(const GError *err)
{
    const AccelErrorPrivate *priv = priv_of(err);

    return priv != NULL ? lines_get(priv->remedies) : NULL;
}

const char *const *accel_error_causes(const GError *err)
{
    const AccelErrorPrivate *priv = priv_of(err);

    return priv != NULL ? lines_get(priv->causes) : NULL;
}

void accel_error_add_cause(GError *err, const char *text)
{
    AccelErrorPrivate *priv = priv_of(err);

    if (priv != NULL) {
        lines_add(&priv->causes, text);
    }
}

void accel_error_add_remedy(GError *err, const char *text)
{
    AccelErrorPrivate *priv = priv_of(err);

    if (priv != NULL) {
        lines_add(&priv->remedies, text);
    }
}

void accel_error_set_context(GError *err, const char *accel, const char *stage)
{
    AccelErrorPrivate *priv = priv_of(err);

    if (priv == NULL) {
        return;
    }
    if (priv->accel == NULL) {
        priv->accel = g_strdup(accel);
    }
    if (priv->stage == NULL) {
        priv->stage = g_strdup(stage);
    }
}
