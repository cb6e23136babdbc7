/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * AML encoding of names, numbers and lengths (ACPI 6.3 section 20.2). A term that carries its
 * own length is written in place: the begin function returns where the length belongs, aml_end()
 * inserts it there once the contents are known. The length field counts itself and grows from
 * one byte to four, so inner terms must be closed before outer ones; the marks nest like the
 * terms do.
 */
#include "hw/i386/acpi-internal.h"

enum {
    OP_NAME = 0x08, OP_BYTE = 0x0a, OP_WORD = 0x0b, OP_DWORD = 0x0c, OP_STRING = 0x0d,
    OP_QWORD = 0x0e, OP_BUFFER = 0x11, OP_DUAL_NAME = 0x2e, OP_MULTI_NAME = 0x2f,
};

void aml_op(GByteArray *a, uint8_t op)
{
    bytes_add(a, op, 1);
}

/* PkgLength for a value that is stored as it is; returns the number of bytes. */
unsigned aml_encode_length(uint32_t value, uint8_t out[4])
{
    unsigned n = value < 0x40 ? 1 : value < 0x1000 ? 2 : value < 0x100000 ? 3 : 4;

    if (n == 1) {
        out[0] = value;
        return 1;
    }
    out[0] = (n - 1) << 6 | (value & 0xf);
    for (unsigned i = 1; i < n; i++) {
        out[i] = value >> (4 + 8 * (i - 1));
    }
    return n;
}

void aml_end(GByteArray *a, AmlMark mark)
{
    uint32_t len = a->len - mark;
    uint8_t code[4];
    unsigned n = 1;

    while (aml_encode_length(len + n, code) != n) {
        n++;
    }
    g_byte_array_set_size(a, a->len + n);
    memmove(a->data + mark + n, a->data + mark, len);
    memcpy(a->data + mark, code, n);
}

void aml_segment(GByteArray *a, const char *seg, size_t len)
{
    for (size_t i = 0; i < 4; i++) {
        bytes_add(a, i < len ? (uint8_t)seg[i] : '_', 1);
    }
}

void aml_name(GByteArray *a, const char *path)
{
    unsigned segments = 1;

    if (*path == '\\') {
        aml_op(a, *path++);
    }
    for (const char *p = path; *p; p++) {
        segments += *p == '.';
    }
    if (segments == 2) {
        aml_op(a, OP_DUAL_NAME);
    } else if (segments > 2) {
        aml_op(a, OP_MULTI_NAME);
        aml_op(a, segments);
    }
    while (segments--) {
        size_t len = strcspn(path, ".");

        aml_segment(a, path, len);
        path += len + (path[len] == '.');
    }
}

void aml_int(GByteArray *a, uint64_t value)
{
    if (value <= 1) {
        aml_op(a, value);
    } else if (value <= UINT8_MAX) {
        aml_op(a, OP_BYTE);
        bytes_add(a, value, 1);
    } else if (value <= UINT16_MAX) {
        aml_op(a, OP_WORD);
        bytes_add(a, value, 2);
    } else if (value <= UINT32_MAX) {
        aml_op(a, OP_DWORD);
        bytes_add(a, value, 4);
    } else {
        aml_op(a, OP_QWORD);
        bytes_add(a, value, 8);
    }
}

void aml_string(GByteArray *a, const char *text)
{
    aml_op(a, OP_STRING);
    bytes_add_data(a, text, strlen(text) + 1);
}

/* Three letters of five bits, then four hex digits; stored big-endian. */
void aml_eisa(GByteArray *a, const char *id)
{
    uint32_t v = (uint32_t)(id[0] - 0x40) << 26 | (uint32_t)(id[1] - 0x40) << 21 |
                 (uint32_t)(id[2] - 0x40) << 16 | (uint32_t)g_ascii_xdigit_value(id[3]) << 12 |
                 (uint32_t)g_ascii_xdigit_value(id[4]) << 8 |
                 (uint32_t)g_ascii_xdigit_value(id[5]) << 4 |
                 (uint32_t)g_ascii_xdigit_value(id[6]);

    aml_op(a, OP_DWORD);
    bytes_add(a, GUINT32_SWAP_LE_BE(v), 4);
}

static void begin_name(GByteArray *a, const char *name)
{
    aml_op(a, OP_NAME);
    aml_name(a, name);
}

void aml_name_int(GByteArray *a, const char *name, uint64_t value)
{
    begin_name(a, name);
    aml_int(a, value);
}

void aml_name_string(GByteArray *a, const char *name, const char *text)
{
    begin_name(a, name);
    aml_string(a, text);
}

void aml_name_eisa(GByteArray *a, const char *name, const char *id)
{
    begin_name(a, name);
    aml_eisa(a, id);
}

void aml_name_buffer(GByteArray *a, const char *name, const GByteArray *content)
{
    AmlMark m;

    begin_name(a, name);
    aml_op(a, OP_BUFFER);
    m = a->len;
    aml_int(a, content->len);
    bytes_add_data(a, content->data, content->len);
    aml_end(a, m);
}
