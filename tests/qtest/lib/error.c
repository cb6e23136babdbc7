/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The error domain. Everything that can fail ends in aq_fail(), which returns FALSE so that a
 * caller can leave with "return aq_fail(...)".
 */
#include "aq-private.h"

G_DEFINE_QUARK(aq-error-quark, aq_error)

gboolean aq_fail(GError **error, AqError code, const char *fmt, ...)
{
    va_list ap;

    if (error) {
        va_start(ap, fmt);
        *error = g_error_new_valist(AQ_ERROR, (gint)code, fmt, ap);
        va_end(ap);
    }
    return FALSE;
}
