/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mutations for binary headers: besides random bits, values at the borders of integer types at any
 * offset in all widths (which is where size and offset checks go wrong), sums that nearly wrap,
 * truncation, growth, and blocks moved or taken from another seed.
 */
#include "fuzz-load.h"
#include "hw/i386/load-bytes.h"

static const uint64_t borders[] = {
    0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 255, 256, 511, 512, 0x7fff, 0x8000,
    0xffff, 0x10000, 0xfffff, 0x100000, 0xfffffff0, 0x7fffffff, 0x80000000, 0xffffffff,
    0x100000000, 0x7fffffffffffffff, 0x8000000000000000, 0xfffffffffffff000, 0xffffffffffffffff,
};

uint32_t fuzz_below(GRand *rnd, uint32_t limit)
{
    return limit ? g_rand_int(rnd) % limit : 0;
}

/* Headers are at the front: half of all places are in the first KiB. */
static uint32_t any_place(GRand *rnd, const GByteArray *a)
{
    uint32_t range = fuzz_below(rnd, 2) ? MIN(a->len, 1024) : a->len;

    return fuzz_below(rnd, range);
}

static void set_border(GRand *rnd, GByteArray *a)
{
    uint64_t v = borders[fuzz_below(rnd, G_N_ELEMENTS(borders))];
    unsigned width = 1u << fuzz_below(rnd, 4);
    uint32_t at = any_place(rnd, a) & ~(fuzz_below(rnd, 4) ? width - 1 : 0);

    if (fuzz_below(rnd, 4) == 0) {
        v = a->len + fuzz_below(rnd, 5) - 2;
    }
    for (unsigned i = 0; i < width && at + i < a->len; i++) {
        a->data[at + i] = v >> (8 * i);
    }
}

static void nudge(GRand *rnd, GByteArray *a)
{
    uint32_t at = any_place(rnd, a);

    if (a->len - at >= 4) {
        put_le32(a->data + at, get_le32(a->data + at) + fuzz_below(rnd, 33) - 16);
    }
}

static void truncate_or_grow(GRand *rnd, GByteArray *a)
{
    if (fuzz_below(rnd, 3)) {
        g_byte_array_set_size(a, fuzz_below(rnd, a->len + 1));
    } else {
        uint32_t old = a->len, more = fuzz_below(rnd, 600);

        g_byte_array_set_size(a, old + more);
        memset(a->data + old, fuzz_below(rnd, 256), more);
    }
}

static void copy_block(GRand *rnd, GByteArray *a, const GByteArray *from)
{
    uint32_t len = fuzz_below(rnd, MIN(from->len, 128));
    uint32_t src = fuzz_below(rnd, from->len - len), dst = any_place(rnd, a);

    len = MIN(len, a->len - dst);
    if (len) {
        memmove(a->data + dst, from->data + src, len);
    }
}

static void mutate_once(GRand *rnd, GByteArray *a, const GByteArray *other)
{
    uint32_t at;

    if (a->len == 0) {
        return;
    }
    at = any_place(rnd, a);
    switch (fuzz_below(rnd, 8)) {
    case 0:
        a->data[at] ^= 1u << fuzz_below(rnd, 8);
        break;
    case 1:
        a->data[at] = fuzz_below(rnd, 256);
        break;
    case 2:
        nudge(rnd, a);
        break;
    case 3:
        copy_block(rnd, a, a);
        break;
    case 4:
        copy_block(rnd, a, other->len ? other : a);
        break;
    case 5:
        if (fuzz_below(rnd, 4) == 0) {
            truncate_or_grow(rnd, a);
        }
        break;
    default:
        set_border(rnd, a);
    }
}

GByteArray *fuzz_mutate(GRand *rnd, const GByteArray *seed, const GByteArray *other)
{
    unsigned n = 1u << fuzz_below(rnd, 5);
    GByteArray *a = g_byte_array_sized_new(seed->len);

    bytes_add_data(a, seed->data, seed->len);
    while (n--) {
        mutate_once(rnd, a, other);
    }
    return a;
}
