/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Little-endian fields at any alignment, and appending them to a GByteArray. Every table and
 * header in this folder is little-endian whatever the host is, and none of them is aligned in a
 * file, so nothing here is ever read through a struct pointer.
 */
#ifndef HW_I386_LOAD_BYTES_H
#define HW_I386_LOAD_BYTES_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t get_le16(const uint8_t *p)
{
    uint16_t v;

    memcpy(&v, p, sizeof v);
    return GUINT16_FROM_LE(v);
}

static inline uint32_t get_le32(const uint8_t *p)
{
    uint32_t v;

    memcpy(&v, p, sizeof v);
    return GUINT32_FROM_LE(v);
}

static inline uint64_t get_le64(const uint8_t *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof v);
    return GUINT64_FROM_LE(v);
}

static inline void put_le16(uint8_t *p, uint16_t v)
{
    v = GUINT16_TO_LE(v);
    memcpy(p, &v, sizeof v);
}

static inline void put_le32(uint8_t *p, uint32_t v)
{
    v = GUINT32_TO_LE(v);
    memcpy(p, &v, sizeof v);
}

static inline void put_le64(uint8_t *p, uint64_t v)
{
    v = GUINT64_TO_LE(v);
    memcpy(p, &v, sizeof v);
}

/* Appends the low @n bytes of @v, least significant first. */
static inline void bytes_add(GByteArray *a, uint64_t v, unsigned n)
{
    uint8_t tmp[8];

    put_le64(tmp, v);
    g_byte_array_append(a, tmp, n);
}

static inline void bytes_add_data(GByteArray *a, const void *data, size_t len)
{
    if (len > 0) {
        g_byte_array_append(a, data, len);
    }
}

/* Appends @text cut or padded with @pad to @width bytes. */
static inline void bytes_add_padded(GByteArray *a, const char *text, unsigned width, char pad)
{
    size_t len = strnlen(text, width);

    bytes_add_data(a, text, len);
    for (; len < width; len++) {
        bytes_add(a, (uint8_t)pad, 1);
    }
}

/* Grows to a multiple of @align (a power of two) with zeroes; returns the new length. */
static inline unsigned bytes_align(GByteArray *a, unsigned align)
{
    while (a->len & (align - 1)) {
        bytes_add(a, 0, 1);
    }
    return a->len;
}

/* A new array of @len zero bytes. */
static inline GByteArray *bytes_new_zero(unsigned len)
{
    GByteArray *a = g_byte_array_sized_new(len);

    g_byte_array_set_size(a, len);
    memset(a->data, 0, len);
    return a;
}

static inline uint64_t align_up64(uint64_t v, uint64_t align)
{
    return (v + align - 1) & ~(align - 1);
}

static inline uint64_t align_down64(uint64_t v, uint64_t align)
{
    return v & ~(align - 1);
}

/* Does [a, a + a_len) share a byte with [b, b + b_len)? Neither may wrap around. */
static inline bool ranges_overlap(uint64_t a, uint64_t a_len, uint64_t b, uint64_t b_len)
{
    return a_len && b_len && a < b + b_len && b < a + a_len;
}

/* Is [off, off + len) inside a file of @size bytes? */
static inline bool range_in_file(uint64_t off, uint64_t len, uint64_t size)
{
    return off <= size && len <= size - off;
}

#endif
