/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Console and clock. The console is the chardev that console= names, else the first serial line;
 * without either, what the guest prints goes nowhere, as on a PC with no cable in its port.
 */
#include <string.h>
#include "unikernel.h"

static const char *console_id(const Unikernel *uk)
{
    const GPtrArray *serials = uk->ms.boot != NULL ? uk->ms.boot->serials : NULL;

    if (uk->console != NULL) {
        return uk->console;
    }
    return serials != NULL && serials->len > 0 ? g_ptr_array_index(serials, 0) : NULL;
}

gboolean uk_console_open(Unikernel *uk, GError **errp)
{
    const ChardevHandlers none = { 0 };
    const char *id = console_id(uk);
    HwObject *obj = id != NULL ? hw_object_child(uk->ms.chardevs, id) : NULL;

    if (id == NULL) {
        return TRUE;
    }
    if (obj == NULL || !hw_object_is_a(obj, &hw_type_chardev)) {
        return uk_error(errp, ACCEL_ERROR_INVALID, NULL, 0, "there is no chardev '%s'", id);
    }
    if (!chardev_connect((Chardev *)obj, &none, errp)) {
        return FALSE;
    }
    uk->chr = (Chardev *)obj;
    return TRUE;
}

static int64_t console_write(Unikernel *uk, const struct uk_console_write *a)
{
    const uint8_t *p;
    ssize_t n;

    if (a->len == 0) {
        return UK_OK;
    }
    if (a->len > UK_CONSOLE_MAX) {
        return UK_EINVAL;
    }
    p = uk_slice(uk, a->buf, a->len, false);
    if (p == NULL) {
        return UK_EFAULT;
    }
    n = chardev_write(uk->chr, p, a->len);
    return n == (ssize_t)a->len ? UK_OK : UK_EIO;
}

void uk_call_console_write(Unikernel *uk, uint8_t *arg)
{
    struct uk_console_write a;

    memcpy(&a, arg, sizeof(a));
    a.ret = console_write(uk, &a);
    memcpy(arg + offsetof(struct uk_console_write, ret), &a.ret, sizeof(a.ret));
}

void uk_call_clock(Unikernel *uk, uint8_t *arg)
{
    const struct uk_clock a = {
        .wall_ns = (uint64_t)hw_clock_ns(&uk->ms, HW_CLOCK_HOST),
        .monotonic_ns = (uint64_t)hw_clock_ns(&uk->ms, HW_CLOCK_VIRTUAL),
    };

    memcpy(arg, &a, sizeof(a));
}
