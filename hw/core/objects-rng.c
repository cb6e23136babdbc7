/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rng-builtin: random bytes from the host's kernel.
 *
 * Theory of operation: getrandom(), nothing kept.
 */
#include <errno.h>
#include <sys/random.h>
#include "hw/objects.h"

const HwType hw_type_rng_backend = {
    .name = "rng-backend",
    .parent = &hw_type_object,
    .desc = "source of random bytes",
    .instance_size = sizeof(HwObject),
    .abstract = true,
};

const HwType hw_type_rng_builtin = {
    .name = "rng-builtin",
    .parent = &hw_type_rng_backend,
    .desc = "random bytes of the host's kernel",
    .instance_size = sizeof(HwObject),
    .user_creatable = true,
};

gboolean hw_rng_read(HwObject *rng, void *buf, size_t len, GError **errp)
{
    uint8_t *p = buf;

    g_return_val_if_fail(hw_object_is_a(rng, &hw_type_rng_backend), FALSE);
    while (len > 0) {
        ssize_t n = getrandom(p, len, 0);

        if (n > 0) {
            p += n;
            len -= (size_t)n;
        } else if (errno != EINTR) {
            AccelErrorInfo info = { .call = "getrandom", .errnum = errno };

            accel_error_set(errp, ACCEL_ERROR_RESOURCE, &info, "no random bytes: %s",
                            g_strerror(info.errnum));
            return FALSE;
        }
    }
    return TRUE;
}
