/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SMBIOS types 0 (BIOS), 1 (system), 2 (board, only when asked for), 3 (chassis) and 11 (OEM
 * strings). What -smbios does not give comes from the machine.
 */
#include "hw/i386/load-bytes.h"
#include "hw/i386/smbios-internal.h"

#define HANDLE_BIOS 0x0000
#define HANDLE_SYSTEM 0x0100
#define HANDLE_BOARD 0x0200
#define HANDLE_CHASSIS 0x0300
#define HANDLE_OEM 0x0e00

#define CHARACTERISTICS_UNSUPPORTED (1u << 3)
#define EXT2_TARGETED_CONTENT 0x04
#define EXT2_UEFI 0x08
#define EXT2_VIRTUAL_MACHINE 0x10

static const char *pick(const char *given, const char *fallback)
{
    return given ? given : fallback;
}

/* Firmware writes its own type 0: ours comes in when there is none, or by -smbios type=0. */
static void add_bios(SmbiosBuild *b)
{
    const SmbiosConfig *c = b->config;
    GByteArray *o = b->out;
    SmbiosStruct s;

    if (smbios_is_there(b, 0) ||
        (!c->type0.given && !c->release_given && !b->machine->bios_vendor)) {
        return;
    }
    s = smbios_begin(o, 0, HANDLE_BIOS);
    smbios_add_string(&s, pick(c->type0.s[T0_VENDOR], b->machine->bios_vendor));
    smbios_add_string(&s, pick(c->type0.s[T0_VERSION], b->machine->bios_version));
    bytes_add(o, 0xe800, 2); /* start segment */
    smbios_add_string(&s, pick(c->type0.s[T0_DATE], b->machine->bios_date));
    bytes_add(o, 0, 1); /* 64 KiB */
    bytes_add(o, CHARACTERISTICS_UNSUPPORTED, 8);
    bytes_add(o, 0, 1);
    bytes_add(o, EXT2_TARGETED_CONTENT | EXT2_VIRTUAL_MACHINE | (c->uefi ? EXT2_UEFI : 0), 1);
    bytes_add(o, c->release_major, 1);
    bytes_add(o, c->release_minor, 1);
    bytes_add(o, 0xffff, 2); /* no embedded controller */
    smbios_count(b, smbios_end(&s));
}

/* The first three fields of a UUID are little-endian since SMBIOS 2.6. */
static void add_uuid(GByteArray *o, const uint8_t *u)
{
    static const uint8_t order[SMBIOS_UUID_LEN] = { 3, 2, 1, 0, 5, 4, 7, 6,
                                                    8, 9, 10, 11, 12, 13, 14, 15 };

    for (unsigned i = 0; i < SMBIOS_UUID_LEN; i++) {
        bytes_add(o, u[order[i]], 1);
    }
}

static void add_system(SmbiosBuild *b)
{
    const SmbiosStrings *t = &b->config->type1;
    SmbiosStruct s;

    if (smbios_is_there(b, 1)) {
        return;
    }
    s = smbios_begin(b->out, 1, HANDLE_SYSTEM);
    smbios_add_string(&s, pick(t->s[T1_MANUFACTURER], b->machine->manufacturer));
    smbios_add_string(&s, pick(t->s[T1_PRODUCT], b->machine->product));
    smbios_add_string(&s, pick(t->s[T1_VERSION], b->machine->version));
    smbios_add_string(&s, t->s[T1_SERIAL]);
    add_uuid(b->out, b->config->uuid);
    bytes_add(b->out, 6, 1); /* woken by the power switch */
    smbios_add_string(&s, t->s[T1_SKU]);
    smbios_add_string(&s, t->s[T1_FAMILY]);
    smbios_count(b, smbios_end(&s));
}

static void add_board(SmbiosBuild *b)
{
    const SmbiosStrings *t = &b->config->type2;
    GByteArray *o = b->out;
    SmbiosStruct s;

    if (!t->given) {
        return;
    }
    s = smbios_begin(o, 2, HANDLE_BOARD);
    smbios_add_string(&s, pick(t->s[T2_MANUFACTURER], b->machine->manufacturer));
    smbios_add_string(&s, pick(t->s[T2_PRODUCT], b->machine->product));
    smbios_add_string(&s, pick(t->s[T2_VERSION], b->machine->version));
    smbios_add_string(&s, t->s[T2_SERIAL]);
    smbios_add_string(&s, t->s[T2_ASSET]);
    bytes_add(o, 1, 1); /* hosting board */
    smbios_add_string(&s, t->s[T2_LOCATION]);
    bytes_add(o, HANDLE_CHASSIS, 2);
    bytes_add(o, 0x0a, 1); /* motherboard */
    bytes_add(o, 0, 1);
    smbios_count(b, smbios_end(&s));
}

static void add_chassis(SmbiosBuild *b)
{
    const SmbiosStrings *t = &b->config->type3;
    GByteArray *o = b->out;
    SmbiosStruct s;

    if (smbios_is_there(b, 3)) {
        return;
    }
    s = smbios_begin(o, 3, HANDLE_CHASSIS);
    smbios_add_string(&s, pick(t->s[T3_MANUFACTURER], b->machine->manufacturer));
    bytes_add(o, 1, 1); /* type: other */
    smbios_add_string(&s, pick(t->s[T3_VERSION], b->machine->version));
    smbios_add_string(&s, t->s[T3_SERIAL]);
    smbios_add_string(&s, t->s[T3_ASSET]);
    bytes_add(o, 3, 1); /* boot-up state: safe */
    bytes_add(o, 3, 1); /* power supply: safe */
    bytes_add(o, 3, 1); /* thermal: safe */
    bytes_add(o, 2, 1); /* security: unknown */
    bytes_add(o, 0, 4);
    bytes_add(o, 0, 1); /* height */
    bytes_add(o, 0, 1); /* power cords */
    bytes_add(o, 0, 2); /* no contained elements */
    smbios_add_string(&s, t->s[T3_SKU]);
    smbios_count(b, smbios_end(&s));
}

static void add_oem_strings(SmbiosBuild *b)
{
    const GPtrArray *list = b->config->oem_strings;
    SmbiosStruct s;

    if (list->len == 0) {
        return;
    }
    s = smbios_begin(b->out, 11, HANDLE_OEM);
    bytes_add(b->out, list->len, 1);
    for (unsigned i = 0; i < list->len; i++) {
        const char *text = list->pdata[i];

        /* No number is written; an empty string would end the list and so becomes a space. */
        g_ptr_array_add(s.strings, (char *)(*text ? text : " "));
    }
    smbios_count(b, smbios_end(&s));
}

void smbios_system(SmbiosBuild *b)
{
    add_bios(b);
    add_system(b);
    add_board(b);
    add_chassis(b);
    add_oem_strings(b);
}
