/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Character devices: the plug between a front end (a device) and a back end, and the null back end.
 *
 * Theory of operation: writing goes down from any thread, one at a time (Chardev.lock); input and
 * events come up on the main thread under the machine lock. A chardev has at most one front end.
 */
#include <errno.h>
#include "hw/chardev.h"

static void chardev_init(HwObject *obj)
{
    g_mutex_init(&((Chardev *)obj)->lock);
}

static void chardev_finalize(HwObject *obj)
{
    Chardev *chr = (Chardev *)obj;

    g_clear_pointer(&chr->id, g_free);
    g_clear_pointer(&chr->filename, g_free);
    g_mutex_clear(&chr->lock);
}

const HwType hw_type_chardev = {
    .name = "chardev",
    .parent = &hw_type_object,
    .desc = "character device back end",
    .instance_size = sizeof(Chardev),
    .abstract = true,
    .init = chardev_init,
    .finalize = chardev_finalize,
};

static const ChardevClass *chardev_class(const Chardev *chr)
{
    return (const ChardevClass *)chr->obj.type;
}

gboolean chardev_connect(Chardev *chr, const ChardevHandlers *fe, GError **errp)
{
    if (chr->busy) {
        accel_error_set(errp, ACCEL_ERROR_BUSY, NULL, "Device '%s' is in use",
                        chr->id != NULL ? chr->id : chr->obj.type->name);
        return FALSE;
    }
    chr->busy = true;
    chr->fe = *fe;
    if (chardev_class(chr)->update_handlers != NULL) {
        chardev_class(chr)->update_handlers(chr);
    }
    if (chr->open) {
        chardev_fe_event(chr, CHARDEV_EVENT_OPENED);
    }
    return TRUE;
}

void chardev_disconnect(Chardev *chr)
{
    if (chr == NULL || !chr->busy) {
        return;
    }
    chr->busy = false;
    chr->fe = (ChardevHandlers){ 0 };
    if (chardev_class(chr)->update_handlers != NULL) {
        chardev_class(chr)->update_handlers(chr);
    }
}

ssize_t chardev_write(Chardev *chr, const void *buf, size_t len)
{
    ssize_t n;

    if (chr == NULL || chardev_class(chr)->write == NULL) {
        return len;
    }
    g_mutex_lock(&chr->lock);
    n = chardev_class(chr)->write(chr, buf, len);
    g_mutex_unlock(&chr->lock);
    return n;
}

void chardev_accept_input(Chardev *chr)
{
    if (chr != NULL && chardev_class(chr)->accept_input != NULL) {
        chardev_class(chr)->accept_input(chr);
    }
}

int chardev_fe_can_read(Chardev *chr)
{
    return chr->fe.can_read != NULL ? chr->fe.can_read(chr->fe.opaque) : 0;
}

void chardev_fe_read(Chardev *chr, const uint8_t *buf, size_t len)
{
    if (chr->fe.read != NULL && len > 0) {
        chr->fe.read(chr->fe.opaque, buf, len);
    }
}

void chardev_fe_event(Chardev *chr, ChardevEvent ev)
{
    if (ev == CHARDEV_EVENT_OPENED) {
        chr->open = true;
    } else if (ev == CHARDEV_EVENT_CLOSED) {
        chr->open = false;
    }
    if (chr->fe.event != NULL) {
        chr->fe.event(chr->fe.opaque, ev);
    }
}

/* ---- null: takes everything, gives nothing ---- */

static ssize_t null_write(Chardev *chr, const uint8_t *buf, size_t len)
{
    return len;
}

static void null_init(HwObject *obj)
{
    ((Chardev *)obj)->open = true;
    ((Chardev *)obj)->filename = g_strdup("null");
}

const ChardevClass chardev_null_class = {
    .type = {
        .name = "chardev-null",
        .parent = &hw_type_chardev,
        .desc = "swallows output, has no input",
        .instance_size = sizeof(Chardev),
        .init = null_init,
    },
    .write = null_write,
};
