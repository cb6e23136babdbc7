/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The ring buffer: a chardev back end that keeps the last bytes written, for tests and embedders.
 *
 * Theory of operation: producer and consumer are free-running counters; the size is a power of two so
 * that a mask makes an index of them. A writer that laps the reader pushes it along: old bytes are
 * the ones that get lost.
 */
#include "hw/chardev.h"

typedef struct RingChardev {
    Chardev chr;
    uint64_t size;
    uint8_t *buf;      /* made by the first write */
    uint64_t size_now; /* of buf */
    size_t prod, cons;
} RingChardev;

static ssize_t ring_write(Chardev *chr, const uint8_t *buf, size_t len)
{
    RingChardev *r = (RingChardev *)chr;
    size_t i;

    if (r->buf == NULL) {
        r->size_now = r->size;
        r->buf = g_malloc(r->size_now);
    }
    for (i = 0; i < len; i++) {
        r->buf[r->prod++ & (r->size_now - 1)] = buf[i];
    }
    if (r->prod - r->cons > r->size_now) {
        r->cons = r->prod - r->size_now;
    }
    return len;
}

size_t chardev_ringbuf_read(Chardev *chr, void *buf, size_t len)
{
    RingChardev *r = (RingChardev *)chr;
    size_t n;

    g_return_val_if_fail(chr->obj.type == &chardev_ringbuf_class.type, 0);
    g_mutex_lock(&chr->lock);
    for (n = 0; n < len && r->cons != r->prod; n++) {
        ((uint8_t *)buf)[n] = r->buf[r->cons++ & (r->size_now - 1)];
    }
    g_mutex_unlock(&chr->lock);
    return n;
}

static gboolean check_size(void *obj, const AccelProp *prop, GError **errp)
{
    uint64_t size = ((RingChardev *)obj)->size;

    if (size == 0 || (size & (size - 1)) != 0 || size > (1ULL << 30)) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                        "size of ringbuf chardev must be power of two");
        return FALSE;
    }
    return TRUE;
}

static const AccelProp ring_props[] = {
    { .name = "size", .type = ACCEL_PROP_SIZE, .offset = offsetof(RingChardev, size),
      .defval = "64K", .help = "bytes kept, a power of two up to 1G", .check = check_size },
    ACCEL_PROP_END,
};

static void ring_init(HwObject *obj)
{
    ((Chardev *)obj)->open = true;
    ((Chardev *)obj)->filename = g_strdup("ringbuf");
}

static void ring_finalize(HwObject *obj)
{
    g_clear_pointer(&((RingChardev *)obj)->buf, g_free);
}

const ChardevClass chardev_ringbuf_class = {
    .type = {
        .name = "chardev-ringbuf",
        .parent = &hw_type_chardev,
        .desc = "keeps the last bytes written",
        .instance_size = sizeof(RingChardev),
        .props = ring_props,
        .init = ring_init,
        .finalize = ring_finalize,
    },
    .write = ring_write,
};
