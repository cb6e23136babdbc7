/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SMBIOS entry points and the frame of each structure (DSP0134). A structure is a formatted part
 * whose string fields hold numbers, followed by the strings themselves and an extra NUL; the writer
 * collects strings while fields are appended. The 2.1 entry point counts structures and addresses
 * with 32 and lengths with 16 bits, the 3.0 one has 64-bit addresses and no counts.
 */
#include <inttypes.h>

#include "hw/i386/load-bytes.h"
#include "hw/i386/loader.h"
#include "hw/i386/smbios-internal.h"

#define ENTRY21_SIZE 31
#define ENTRY30_SIZE 24

SmbiosStruct smbios_begin(GByteArray *out, uint8_t type, uint16_t handle)
{
    SmbiosStruct s = { .out = out, .start = out->len, .strings = g_ptr_array_new() };

    bytes_add(out, type, 1);
    bytes_add(out, 0, 1); /* length */
    bytes_add(out, handle, 2);
    return s;
}

void smbios_add_string(SmbiosStruct *s, const char *text)
{
    if (!text || !*text) {
        bytes_add(s->out, 0, 1);
        return;
    }
    g_ptr_array_add(s->strings, (char *)text);
    bytes_add(s->out, s->strings->len, 1);
}

unsigned smbios_end(SmbiosStruct *s)
{
    s->out->data[s->start + 1] = s->out->len - s->start;
    for (unsigned i = 0; i < s->strings->len; i++) {
        const char *text = s->strings->pdata[i];

        bytes_add_data(s->out, text, strlen(text) + 1);
    }
    bytes_add(s->out, 0, s->strings->len ? 1 : 2);
    g_ptr_array_unref(s->strings);
    return s->out->len - s->start;
}

void smbios_count(SmbiosBuild *b, unsigned size)
{
    b->count++;
    b->largest = MAX(b->largest, size);
}

static void add_boot_and_end(SmbiosBuild *b)
{
    SmbiosStruct s;

    if (!smbios_is_there(b, 32)) {
        s = smbios_begin(b->out, 32, 0x2000);
        bytes_add(b->out, 0, 6);
        bytes_add(b->out, 0, 1); /* no errors detected */
        smbios_count(b, smbios_end(&s));
    }
    s = smbios_begin(b->out, 127, 0x7f00);
    smbios_count(b, smbios_end(&s));
}

static void add_extra(SmbiosBuild *b)
{
    bytes_add_data(b->out, b->config->extra->data, b->config->extra->len);
    b->count += b->config->n_extra;
    b->largest = MAX(b->largest, b->config->extra_max);
}

static uint8_t sum_to_zero(const uint8_t *p, unsigned len)
{
    uint8_t sum = 0;

    while (len--) {
        sum += *p++;
    }
    return -sum;
}

static void fix_checksums(uint8_t *e)
{
    if (memcmp(e, "_SM3_", 5) == 0) {
        e[5] = 0;
        e[5] = sum_to_zero(e, ENTRY30_SIZE);
        return;
    }
    e[21] = 0;
    e[21] = sum_to_zero(e + 16, 15);
    e[4] = 0;
    e[4] = sum_to_zero(e, ENTRY21_SIZE);
}

static GByteArray *entry21(const SmbiosBuild *b)
{
    GByteArray *e = bytes_new_zero(ENTRY21_SIZE);

    memcpy(e->data, "_SM_", 4);
    e->data[5] = ENTRY21_SIZE;
    e->data[6] = 2;
    e->data[7] = 8;
    put_le16(e->data + 8, b->largest);
    memcpy(e->data + 16, "_DMI_", 5);
    put_le16(e->data + 22, b->out->len);
    put_le16(e->data + 28, b->count);
    e->data[30] = 0x28;
    fix_checksums(e->data);
    return e;
}

static GByteArray *entry30(const SmbiosBuild *b)
{
    GByteArray *e = bytes_new_zero(ENTRY30_SIZE);

    memcpy(e->data, "_SM3_", 5);
    e->data[6] = ENTRY30_SIZE;
    e->data[7] = 3;
    e->data[10] = 1; /* revision of this structure */
    put_le32(e->data + 12, b->out->len);
    fix_checksums(e->data);
    return e;
}

static bool fits(const SmbiosBuild *b, GError **err)
{
    if (b->machine->entry == SMBIOS_ENTRY_30 || (b->out->len <= UINT16_MAX &&
                                                 b->count <= UINT16_MAX)) {
        return true;
    }
    g_set_error(err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_NO_ROOM,
                "SMBIOS: %u bytes of structures are more than the 65535 of a 2.8 table; use "
                "smbios-entry-point-type=64", b->out->len);
    return false;
}

bool smbios_build(const SmbiosConfig *config, const SmbiosMachine *machine, SmbiosTables *out,
                  GError **err)
{
    SmbiosBuild b = { .config = config, .machine = machine, .out = g_byte_array_new() };

    *out = (SmbiosTables){ 0 };
    add_extra(&b);
    smbios_system(&b);
    smbios_cpus(&b);
    smbios_memory(&b);
    add_boot_and_end(&b);
    if (!fits(&b, err)) {
        g_byte_array_unref(b.out);
        return false;
    }
    out->tables = b.out;
    out->anchor = machine->entry == SMBIOS_ENTRY_30 ? entry30(&b) : entry21(&b);
    return true;
}

void smbios_tables_clear(SmbiosTables *t)
{
    g_clear_pointer(&t->anchor, g_byte_array_unref);
    g_clear_pointer(&t->tables, g_byte_array_unref);
}

bool smbios_set_address(SmbiosTables *t, uint64_t gpa, GError **err)
{
    uint8_t *e = t->anchor->data;

    if (t->anchor->len == ENTRY30_SIZE) {
        put_le64(e + 16, gpa);
    } else if (gpa <= UINT32_MAX - t->tables->len) {
        put_le32(e + 24, gpa);
    } else {
        g_set_error(err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_NO_ROOM,
                    "SMBIOS: tables at 0x%" PRIx64 " are not below 4 GiB, which a 2.8 entry point "
                    "needs", gpa);
        return false;
    }
    fix_checksums(e);
    return true;
}
