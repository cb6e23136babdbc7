/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The fields of -smbios. A table maps names per structure type to string slots; everything that is
 * not a plain string (uuid, numbers, release) has a small setter. Options are user input: each
 * refusal names the field and the value.
 */
#include <errno.h>

#include "hw/i386/load-bytes.h"
#include "hw/i386/loader.h"
#include "hw/i386/smbios-internal.h"

#define SMBIOS_STRING_MAX 1024

typedef bool (*FieldSetter)(SmbiosConfig *c, const char *value, GError **err);

typedef struct Field {
    unsigned type;
    const char *name;
    int slot;           /* >= 0: string of the type */
    FieldSetter set;
} Field;

bool smbios_option_error(GError **err, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    if (err != NULL) {
        *err = g_error_new_valist(HW_IMAGE_ERROR, HW_IMAGE_ERROR_OPTION, fmt, ap);
    }
    va_end(ap);
    return false;
}

bool smbios_parse_number(const char *field, const char *text, uint64_t *value, GError **err)
{
    char *end;

    errno = 0;
    *value = g_ascii_strtoull(text, &end, 0);
    return (g_ascii_isdigit(*text) && errno == 0 && *end == '\0') ||
           smbios_option_error(err, "Parameter '%s' expects a number", field);
}

static bool parse_word(const char *field, const char *text, const char *too_large, uint16_t *word,
                       GError **err)
{
    uint64_t v;

    if (!smbios_parse_number(field, text, &v, err)) {
        return false;
    }
    *word = (uint16_t)v;
    return v <= UINT16_MAX || smbios_option_error(err, "%s is too large (> 65535)", too_large);
}

static bool set_release(SmbiosConfig *c, const char *value, GError **err)
{
    g_auto(GStrv) part = g_strsplit(value, ".", -1);
    uint64_t major, minor;

    if (g_strv_length(part) != 2 || !smbios_parse_number("release", part[0], &major, NULL) ||
        !smbios_parse_number("release", part[1], &minor, NULL) || major > 255 || minor > 255) {
        return smbios_option_error(err, "Invalid release: '%s' is not MAJOR.MINOR, each up to 255",
                                   value);
    }
    c->release_major = major;
    c->release_minor = minor;
    c->release_given = true;
    return true;
}

static bool set_uefi(SmbiosConfig *c, const char *value, GError **err)
{
    bool on = strcmp(value, "on") == 0;

    if (!on && strcmp(value, "off") != 0) {
        return smbios_option_error(err, "Parameter 'uefi' expects 'on' or 'off'");
    }
    c->uefi = on;
    return true;
}

static bool bad_uuid(const char *text, GError **err)
{
    return smbios_option_error(err, "Invalid UUID: '%s' is not 8-4-4-4-12 hexadecimal digits",
                               text);
}

bool smbios_set_uuid(SmbiosConfig *config, const char *text, GError **err)
{
    uint8_t uuid[SMBIOS_UUID_LEN];
    unsigned n = 0;

    for (unsigned i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (dash ? text[i] != '-' : !g_ascii_isxdigit(text[i])) {
            return bad_uuid(text, err);
        }
        if (!dash && (n++ & 1)) {
            uuid[n / 2 - 1] = g_ascii_xdigit_value(text[i - 1]) << 4 |
                              g_ascii_xdigit_value(text[i]);
        }
    }
    if (text[36]) {
        return bad_uuid(text, err);
    }
    memcpy(config->uuid, uuid, sizeof uuid);
    config->uuid_given = true;
    return true;
}

static bool set_max_speed(SmbiosConfig *c, const char *value, GError **err)
{
    return parse_word("max-speed", value, "SMBIOS CPU speed", &c->max_speed, err);
}

static bool set_current_speed(SmbiosConfig *c, const char *value, GError **err)
{
    return parse_word("current-speed", value, "SMBIOS CPU speed", &c->current_speed, err);
}

static bool set_processor_id(SmbiosConfig *c, const char *value, GError **err)
{
    return smbios_parse_number("processor-id", value, &c->processor_id, err);
}

static bool set_dimm_speed(SmbiosConfig *c, const char *value, GError **err)
{
    return parse_word("speed", value, "SMBIOS memory speed", &c->dimm_speed, err);
}

static bool add_oem_string(SmbiosConfig *c, const char *value, GError **err)
{
    if (c->oem_strings->len >= 255) {
        return smbios_option_error(err, "there are 255 OEM strings already");
    }
    g_ptr_array_add(c->oem_strings, g_strdup(value));
    return true;
}

/* path=: the file's content is one OEM string (how systemd credentials arrive). */
static bool add_oem_file(SmbiosConfig *c, const char *path, GError **err)
{
    g_autoptr(ImageSource) src = image_source_open(path, SMBIOS_FILE_MAX, err);
    g_autofree char *text = NULL;

    if (!src) {
        return false;
    }
    if (memchr(src->data, 0, src->size)) {
        return smbios_option_error(err, "'%s' holds a NUL byte", path);
    }
    text = g_strndup((const char *)src->data, src->size);
    return add_oem_string(c, text, err);
}

static const Field fields[] = {
    { 0, "vendor", T0_VENDOR, NULL },          { 0, "version", T0_VERSION, NULL },
    { 0, "date", T0_DATE, NULL },              { 0, "release", -1, set_release },
    { 0, "uefi", -1, set_uefi },
    { 1, "manufacturer", T1_MANUFACTURER, NULL }, { 1, "product", T1_PRODUCT, NULL },
    { 1, "version", T1_VERSION, NULL },        { 1, "serial", T1_SERIAL, NULL },
    { 1, "uuid", -1, smbios_set_uuid },        { 1, "sku", T1_SKU, NULL },
    { 1, "family", T1_FAMILY, NULL },
    { 2, "manufacturer", T2_MANUFACTURER, NULL }, { 2, "product", T2_PRODUCT, NULL },
    { 2, "version", T2_VERSION, NULL },        { 2, "serial", T2_SERIAL, NULL },
    { 2, "asset", T2_ASSET, NULL },            { 2, "location", T2_LOCATION, NULL },
    { 3, "manufacturer", T3_MANUFACTURER, NULL }, { 3, "version", T3_VERSION, NULL },
    { 3, "serial", T3_SERIAL, NULL },          { 3, "asset", T3_ASSET, NULL },
    { 3, "sku", T3_SKU, NULL },
    { 4, "sock_pfx", T4_SOCK_PFX, NULL },      { 4, "manufacturer", T4_MANUFACTURER, NULL },
    { 4, "version", T4_VERSION, NULL },        { 4, "serial", T4_SERIAL, NULL },
    { 4, "asset", T4_ASSET, NULL },            { 4, "part", T4_PART, NULL },
    { 4, "max-speed", -1, set_max_speed },     { 4, "current-speed", -1, set_current_speed },
    { 4, "processor-id", -1, set_processor_id },
    { 11, "value", -1, add_oem_string },       { 11, "path", -1, add_oem_file },
    { 17, "loc_pfx", T17_LOC_PFX, NULL },      { 17, "bank", T17_BANK, NULL },
    { 17, "manufacturer", T17_MANUFACTURER, NULL }, { 17, "serial", T17_SERIAL, NULL },
    { 17, "asset", T17_ASSET, NULL },          { 17, "part", T17_PART, NULL },
    { 17, "speed", -1, set_dimm_speed },
};

SmbiosStrings *smbios_strings_of(SmbiosConfig *c, unsigned type)
{
    switch (type) {
    case 0:
        return &c->type0;
    case 1:
        return &c->type1;
    case 2:
        return &c->type2;
    case 3:
        return &c->type3;
    case 4:
        return &c->type4;
    case 17:
        return &c->type17;
    default:
        return NULL;
    }
}

bool smbios_has_fields(SmbiosConfig *c, unsigned type)
{
    const SmbiosStrings *strings = smbios_strings_of(c, type);

    return strings != NULL ? strings->given : type == 11 && c->oem_strings->len > 0;
}

static bool set_string(SmbiosStrings *strings, const Field *f, const char *value, GError **err)
{
    if (strlen(value) > SMBIOS_STRING_MAX) {
        return smbios_option_error(err, "Parameter '%s' expects a string of at most %d bytes",
                                   f->name, SMBIOS_STRING_MAX);
    }
    g_free(strings->s[f->slot]);
    strings->s[f->slot] = g_strdup(value);
    strings->given = true;
    return true;
}

bool smbios_set_field(SmbiosConfig *c, unsigned type, const char *name, const char *value,
                      GError **err)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(fields); i++) {
        const Field *f = &fields[i];

        if (f->type == type && strcmp(f->name, name) == 0) {
            return f->set ? f->set(c, value, err)
                          : set_string(smbios_strings_of(c, type), f, value, err);
        }
    }
    return smbios_option_error(err, "Invalid parameter '%s': not a field of type %u", name, type);
}
