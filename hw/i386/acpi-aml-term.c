/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * AML terms: objects that hold others, fields of operation regions, and the few statements that our
 * methods are made of (ACPI 6.3 section 20.2.5).
 */
#include "hw/i386/acpi-internal.h"

enum {
    OP_SCOPE = 0x10, OP_PACKAGE = 0x12, OP_METHOD = 0x14, OP_NAME = 0x08, OP_EXT = 0x5b,
    OP_STORE = 0x70, OP_NOTIFY = 0x86, OP_EQUAL = 0x93, OP_IF = 0xa0, OP_ELSE = 0xa1,
    OP_WHILE = 0xa2, OP_RETURN = 0xa4, EXT_MUTEX = 0x01, EXT_ACQUIRE = 0x23, EXT_RELEASE = 0x27,
    EXT_REGION = 0x80, EXT_FIELD = 0x81, EXT_DEVICE = 0x82,
};

static void ext_op(GByteArray *a, uint8_t op)
{
    aml_op(a, OP_EXT);
    aml_op(a, op);
}

AmlMark aml_scope(GByteArray *a, const char *name)
{
    AmlMark m;

    aml_op(a, OP_SCOPE);
    m = a->len;
    aml_name(a, name);
    return m;
}

AmlMark aml_device(GByteArray *a, const char *name)
{
    AmlMark m;

    ext_op(a, EXT_DEVICE);
    m = a->len;
    aml_name(a, name);
    return m;
}

AmlMark aml_method(GByteArray *a, const char *name, unsigned args, uint8_t flags)
{
    AmlMark m;

    aml_op(a, OP_METHOD);
    m = a->len;
    aml_name(a, name);
    aml_op(a, args | flags);
    return m;
}

AmlMark aml_package(GByteArray *a, const char *name, uint8_t elements)
{
    AmlMark m;

    aml_op(a, OP_NAME);
    aml_name(a, name);
    aml_op(a, OP_PACKAGE);
    m = a->len;
    aml_op(a, elements);
    return m;
}

AmlMark aml_field(GByteArray *a, const char *region, uint8_t flags)
{
    AmlMark m;

    ext_op(a, EXT_FIELD);
    m = a->len;
    aml_name(a, region);
    aml_op(a, flags);
    return m;
}

AmlMark aml_if(GByteArray *a)
{
    aml_op(a, OP_IF);
    return a->len;
}

AmlMark aml_else(GByteArray *a)
{
    aml_op(a, OP_ELSE);
    return a->len;
}

AmlMark aml_while(GByteArray *a)
{
    aml_op(a, OP_WHILE);
    return a->len;
}

void aml_region(GByteArray *a, const char *name, uint8_t space, uint64_t base, uint32_t len)
{
    ext_op(a, EXT_REGION);
    aml_name(a, name);
    aml_op(a, space);
    aml_int(a, base);
    aml_int(a, len);
}

void aml_field_bits(GByteArray *a, const char *name, unsigned bits)
{
    uint8_t code[4];
    unsigned n = aml_encode_length(bits, code);

    if (name) {
        aml_segment(a, name, strlen(name));
    } else {
        aml_op(a, 0);
    }
    bytes_add_data(a, code, n);
}

void aml_mutex(GByteArray *a, const char *name)
{
    ext_op(a, EXT_MUTEX);
    aml_name(a, name);
    aml_op(a, 0);
}

void aml_acquire(GByteArray *a, const char *name)
{
    ext_op(a, EXT_ACQUIRE);
    aml_name(a, name);
    bytes_add(a, 0xffff, 2); /* wait for ever: the result needs no look */
}

void aml_release(GByteArray *a, const char *name)
{
    ext_op(a, EXT_RELEASE);
    aml_name(a, name);
}

void aml_store_op(GByteArray *a, uint8_t from, const char *to)
{
    aml_op(a, OP_STORE);
    aml_op(a, from);
    aml_name(a, to);
}

void aml_store_int(GByteArray *a, uint64_t value, const char *to)
{
    aml_op(a, OP_STORE);
    aml_int(a, value);
    aml_name(a, to);
}

void aml_load_local(GByteArray *a, const char *from, uint8_t local)
{
    aml_op(a, OP_STORE);
    aml_name(a, from);
    aml_op(a, local);
}

void aml_set_local(GByteArray *a, uint64_t value, uint8_t local)
{
    aml_op(a, OP_STORE);
    aml_int(a, value);
    aml_op(a, local);
}

void aml_equal_op(GByteArray *a, uint8_t op, uint64_t value)
{
    aml_op(a, OP_EQUAL);
    aml_op(a, op);
    aml_int(a, value);
}

void aml_notify(GByteArray *a, const char *object, uint64_t value)
{
    aml_op(a, OP_NOTIFY);
    aml_name(a, object);
    aml_int(a, value);
}

void aml_return_op(GByteArray *a, uint8_t op)
{
    aml_op(a, OP_RETURN);
    aml_op(a, op);
}
