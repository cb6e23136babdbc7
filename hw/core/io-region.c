/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From an access as the guest made it to accesses as the device wants them.
 *
 * Theory of operation: an access within [min_size, max_size] goes through as it is. A wider one is cut
 * into pieces of max_size in address order. A narrower read is made as aligned reads of min_size
 * out of which the bytes are taken; a narrower write goes through with its own size, because
 * widening it would write bytes that the guest did not.
 */
#include "hw/core/memory-internal.h"

static uint64_t read_pieces(const IoRegion *r, uint64_t offset, unsigned size, unsigned max)
{
    uint64_t value = 0;
    unsigned at;

    for (at = 0; at < size; at += max) {
        uint64_t piece = r->ops->read(r->opaque, offset + at, max) & io_mask(max);

        value |= piece << (8 * at);
    }
    return value;
}

static uint64_t read_widened(const IoRegion *r, uint64_t offset, unsigned size, unsigned min)
{
    uint64_t unit = offset & ~(uint64_t)(min - 1);
    uint64_t data = r->ops->read(r->opaque, unit, min);
    uint64_t value = 0;
    unsigned i;

    for (i = 0; i < size; i++) {
        if (offset + i >= unit + min) {
            unit += min;
            data = r->ops->read(r->opaque, unit, min);
        }
        value |= ((data >> (8 * (offset + i - unit))) & 0xff) << (8 * i);
    }
    return value;
}

uint64_t io_region_read(const IoRegion *r, uint64_t offset, unsigned size)
{
    unsigned max = r->ops->max_size ? r->ops->max_size : 4;

    if (G_LIKELY(io_direct(r, offset, size))) {
        return r->ops->read(r->opaque, offset, size) & io_mask(size);
    }
    if (size > max) {
        return read_pieces(r, offset, size, max);
    }
    return read_widened(r, offset, size, r->ops->min_size);
}

void io_region_write(const IoRegion *r, uint64_t offset, uint64_t value, unsigned size)
{
    unsigned max = r->ops->max_size ? r->ops->max_size : 4;
    unsigned at;

    if (G_LIKELY(size <= max)) {
        r->ops->write(r->opaque, offset, value, size);
        return;
    }
    for (at = 0; at < size; at += max) {
        r->ops->write(r->opaque, offset + at, (value >> (8 * at)) & io_mask(max), max);
    }
}
