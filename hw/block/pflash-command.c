/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The commands of a flash chip.
 *
 * Theory of operation: a write is either a command (its low byte counts) or what the command
 * before it waits for. A read shows the array, the status register, the identifier or the query
 * table; which, the last command says. Source: the data sheets of Intel's 28F series, and where
 * those leave it open or QEMU's chip is known to differ, QEMU, because firmware is written for
 * that one: clearing the status clears the ready bit too and leads back to the array (this is how
 * EDK II tells this chip from ROM and RAM), a wrong confirmation leads back to the array, and
 * programming also sets bits.
 */
#include <string.h>
#include "hw/block/pflash.h"

enum {
    STATUS_READY = 0x80,
    STATUS_ERASE_ERROR = 0x20,
    STATUS_PROGRAM_ERROR = 0x10,
    STATUS_LOCKED = 0x02,
};

static void next(Pflash *s, PflashMode mode, PflashStep step)
{
    s->mode = mode;
    s->step = step;
}

static void complain(Pflash *s, int errnum)
{
    const MachineHooks *hooks = &s->dev.machine->hooks;
    g_autofree char *text = NULL;

    if (s->write_failed || hooks->warn == NULL) {
        return;
    }
    s->write_failed = true;
    text = g_strdup_printf("flash: writing to '%s' failed: %s", s->image.file, g_strerror(errnum));
    hooks->warn(hooks->opaque, text);
}

static bool any_locked(const Pflash *s, uint64_t offset, size_t len)
{
    return s->locked[offset / PFLASH_BLOCK] || s->locked[(offset + len - 1) / PFLASH_BLOCK];
}

/*
 * Into file and memory, or, when it cannot be, into neither: where a part of it found room in the
 * file, what was there before does, too. @len is 1 to PFLASH_BLOCK, @offset +
 * @len is within the chip.
 */
static void store(Pflash *s, uint64_t offset, const uint8_t *data, size_t len, uint8_t error)
{
    int err = 0;

    s->status |= STATUS_READY;
    if (s->image.readonly) {
        s->status |= error;
        return;
    }
    if (any_locked(s, offset, len)) {
        s->status |= error | STATUS_LOCKED;
        return;
    }
    err = flash_image_write(&s->image, offset, data, len);
    if (err != 0) {
        flash_image_write(&s->image, offset, s->host + offset, len);
        s->status |= error;
        complain(s, err);
        return;
    }
    memcpy(s->host + offset, data, len);
}

static void erase(Pflash *s, uint64_t offset)
{
    uint8_t ones[PFLASH_BLOCK];

    memset(ones, 0xff, sizeof(ones));
    store(s, offset & ~(uint64_t)(PFLASH_BLOCK - 1), ones, sizeof(ones), STATUS_ERASE_ERROR);
}

static void lock_step(Pflash *s, uint64_t offset, uint8_t value)
{
    next(s, PFLASH_STATUS, PFLASH_COMMAND);
    s->status |= STATUS_READY;
    if (value == 0x01 || value == 0x2f) {
        s->locked[offset / PFLASH_BLOCK] = 1;
    } else if (value == 0xd0) {
        s->locked[offset / PFLASH_BLOCK] = 0;
    } else {
        s->mode = PFLASH_ARRAY;
    }
}

/* ---- buffered write: count, that many bytes within one buffer, confirmation ---- */

static void begin_buffer(Pflash *s, uint8_t value)
{
    s->left = value + 1u;
    s->buffer_begun = s->buffer_crossed = false;
    memset(s->filled, 0, sizeof(s->filled));
    next(s, PFLASH_STATUS, PFLASH_DATA);
}

static void buffer_byte(Pflash *s, uint64_t offset, uint8_t value)
{
    uint64_t base = offset & ~(uint64_t)(PFLASH_BUFFER - 1);

    if (!s->buffer_begun) {
        s->buffer_begun = true;
        s->buffer_base = base;
    }
    if (base != s->buffer_base) {
        s->status |= STATUS_PROGRAM_ERROR; /* a buffer does not cross its border */
        s->buffer_crossed = true;
    }
    s->buffer[offset - base] = value;
    s->filled[offset - base] = true;
    s->left--;
    if (s->left == 0) {
        s->step = PFLASH_CONFIRM;
    }
}

/* What was not filled stays as it is. */
static void flush_buffer(Pflash *s)
{
    for (guint i = 0; i < PFLASH_BUFFER; i++) {
        if (!s->filled[i]) {
            s->buffer[i] = s->host[s->buffer_base + i];
        }
    }
    store(s, s->buffer_base, s->buffer, PFLASH_BUFFER, STATUS_PROGRAM_ERROR);
}

static void confirm_buffer(Pflash *s, uint8_t value)
{
    if (value != 0xd0 || s->buffer_crossed) {
        next(s, PFLASH_ARRAY, PFLASH_COMMAND);
        return;
    }
    flush_buffer(s);
    next(s, PFLASH_STATUS, PFLASH_COMMAND);
}

/* ---- what a write means ---- */

static void command(Pflash *s, uint8_t value)
{
    switch (value) {
    case 0x10:
    case 0x40:
        next(s, PFLASH_STATUS, PFLASH_PROGRAM);
        break;
    case 0x20:
        s->status |= STATUS_READY;
        next(s, PFLASH_STATUS, PFLASH_ERASE);
        break;
    case 0x50:
        s->status = 0;
        next(s, PFLASH_ARRAY, PFLASH_COMMAND);
        break;
    case 0x60:
        next(s, PFLASH_STATUS, PFLASH_LOCK);
        break;
    case 0x70:
        next(s, PFLASH_STATUS, PFLASH_COMMAND);
        break;
    case 0x90:
        next(s, PFLASH_ID, PFLASH_COMMAND);
        break;
    case 0x98:
        next(s, PFLASH_QUERY, PFLASH_COMMAND);
        break;
    case 0xe8:
        s->status |= STATUS_READY;
        next(s, PFLASH_STATUS, PFLASH_COUNT);
        break;
    default: /* 0xff, 0x00, 0xf0 ask for the array; nobody knows the others */
        next(s, PFLASH_ARRAY, PFLASH_COMMAND);
        break;
    }
}

static void program(Pflash *s, uint64_t offset, uint64_t value, unsigned size)
{
    uint8_t data[8];

    for (unsigned i = 0; i < size; i++) {
        data[i] = (uint8_t)(value >> (8 * i));
    }
    size = MIN(size, s->image.size - offset);
    store(s, offset, data, size, STATUS_PROGRAM_ERROR);
    next(s, PFLASH_STATUS, PFLASH_COMMAND);
}

static void confirm_erase(Pflash *s, uint64_t offset, uint8_t value)
{
    if (value == 0xd0) {
        erase(s, offset);
        next(s, PFLASH_STATUS, PFLASH_COMMAND);
    } else {
        next(s, PFLASH_ARRAY, PFLASH_COMMAND);
    }
}

void pflash_command(Pflash *s, uint64_t offset, uint64_t value, unsigned size)
{
    uint8_t low = (uint8_t)value;

    switch (s->step) {
    case PFLASH_COMMAND:
        command(s, low);
        break;
    case PFLASH_PROGRAM:
        program(s, offset, value, size);
        break;
    case PFLASH_ERASE:
        confirm_erase(s, offset, low);
        break;
    case PFLASH_LOCK:
        lock_step(s, offset, low);
        break;
    case PFLASH_COUNT:
        begin_buffer(s, low);
        break;
    case PFLASH_DATA:
        for (unsigned i = 0; i < size && s->step == PFLASH_DATA; i++) {
            buffer_byte(s, MIN(offset + i, s->image.size - 1), (uint8_t)(value >> (8 * i)));
        }
        break;
    case PFLASH_CONFIRM:
        confirm_buffer(s, low);
        break;
    }
}

void pflash_idle(Pflash *s)
{
    s->status = STATUS_READY;
    memset(s->locked, 0, s->n_blocks);
    next(s, PFLASH_ARRAY, PFLASH_COMMAND);
}
