/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The -smbios option: "type=N,field=value,..." with ",," for a comma, or "file=PATH" with
 * structures that are ready. Later options win field by field, as they do in QEMU; texts of refusals
 * begin with QEMU's.
 */
#include "hw/i386/load-bytes.h"
#include "hw/i386/loader.h"
#include "hw/i386/smbios-internal.h"

#define TYPE_END 127

SmbiosConfig *smbios_config_new(void)
{
    SmbiosConfig *c = g_new0(SmbiosConfig, 1);

    c->oem_strings = g_ptr_array_new_with_free_func(g_free);
    c->extra = g_byte_array_new();
    return c;
}

void smbios_config_free(SmbiosConfig *c)
{
    static const unsigned types[] = { 0, 1, 2, 3, 4, 17 };

    if (!c) {
        return;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(types); i++) {
        for (unsigned j = 0; j < SMBIOS_MAX_FIELDS; j++) {
            g_free(smbios_strings_of(c, types[i])->s[j]);
        }
    }
    g_ptr_array_unref(c->oem_strings);
    g_byte_array_unref(c->extra);
    g_free(c);
}

/* "a=b,c=d,,e" as alternating names and values; a part without '=' has an empty value. */
static GPtrArray *split(const char *option)
{
    GPtrArray *out = g_ptr_array_new_with_free_func(g_free);
    const char *p = option;

    while (*p) {
        GString *value = g_string_new(NULL);
        size_t len = strcspn(p, "=,");

        g_ptr_array_add(out, g_strndup(p, len));
        p += len;
        if (*p == '=') {
            for (p++; *p && !(p[0] == ',' && p[1] != ','); p++) {
                p += p[0] == ',';
                g_string_append_c(value, *p);
            }
        }
        p += *p == ',';
        g_ptr_array_add(out, g_string_free(value, false));
    }
    return out;
}

static const char *value_of(const GPtrArray *pairs, const char *name)
{
    for (unsigned i = 0; i + 1 < pairs->len; i += 2) {
        if (strcmp(pairs->pdata[i], name) == 0) {
            return pairs->pdata[i + 1];
        }
    }
    return NULL;
}

/* Length of the structure at @p, strings included; 0 if it is cut off. */
static size_t structure_size(const uint8_t *p, size_t left)
{
    size_t at;

    if (left < 6 || p[1] < 4 || p[1] > left - 2) {
        return 0;
    }
    for (at = p[1]; at + 1 < left; at++) {
        if (p[at] == 0 && p[at + 1] == 0) {
            return at + 2;
        }
    }
    return 0;
}

static bool add_structure(SmbiosConfig *c, const uint8_t *p, size_t size, GError **err)
{
    unsigned type = p[0];

    if (smbios_has_fields(c, type)) {
        return smbios_option_error(err, "can't load type %u struct, fields already specified!",
                                   type);
    }
    if (type < SMBIOS_TYPES) {
        c->in_file[type] = true;
    }
    c->n_extra++;
    c->extra_max = MAX(c->extra_max, size);
    bytes_add_data(c->extra, p, size);
    return true;
}

/* Up to the end of the file, or to a structure that says so: ours comes behind everything. */
static bool add_file(SmbiosConfig *c, const char *path, GError **err)
{
    g_autoptr(ImageSource) src = image_source_open(path, SMBIOS_FILE_MAX, err);
    size_t size;

    if (!src) {
        return false;
    }
    for (size_t at = 0; at < src->size; at += size) {
        size = structure_size(src->data + at, src->size - at);
        if (size == 0) {
            return smbios_option_error(err, "the structure at offset %zu is cut off", at);
        }
        if (src->data[at] == TYPE_END) {
            break;
        }
        if (!add_structure(c, src->data + at, size, err)) {
            return false;
        }
    }
    return true;
}

/* Nothing goes with file=. */
static bool parse_file(SmbiosConfig *c, const GPtrArray *pairs, const char *path, GError **err)
{
    for (unsigned i = 0; i + 1 < pairs->len; i += 2) {
        if (strcmp(pairs->pdata[i], "file") != 0) {
            return smbios_option_error(err, "Invalid parameter '%s'", (char *)pairs->pdata[i]);
        }
    }
    return add_file(c, path, err);
}

static bool set_all(SmbiosConfig *c, unsigned type, const GPtrArray *pairs, GError **err)
{
    SmbiosStrings *strings = smbios_strings_of(c, type);

    if (c->in_file[type]) {
        return smbios_option_error(err, "can't add fields, binary file already loaded!");
    }
    if (strings) {
        strings->given = true; /* "type=2" alone asks for the structure */
    }
    for (unsigned i = 0; i + 1 < pairs->len; i += 2) {
        if (strcmp(pairs->pdata[i], "type") != 0 &&
            !smbios_set_field(c, type, pairs->pdata[i], pairs->pdata[i + 1], err)) {
            return false;
        }
    }
    return true;
}

static bool parse_type(SmbiosConfig *c, const GPtrArray *pairs, const char *type, GError **err)
{
    uint64_t number;

    if (!smbios_parse_number("type", type, &number, err)) {
        return false;
    }
    if (number > UINT8_MAX) {
        return smbios_option_error(err, "out of range!");
    }
    if (number != 11 && !smbios_strings_of(c, number)) {
        return smbios_option_error(err, "Don't know how to build fields for SMBIOS type %u: those "
                                   "of 0, 1, 2, 3, 4, 11 and 17 are known", (unsigned)number);
    }
    return set_all(c, number, pairs, err);
}

bool smbios_parse_option(SmbiosConfig *config, const char *option, GError **err)
{
    g_autoptr(GPtrArray) pairs = split(option);
    const char *file = value_of(pairs, "file");
    const char *type = value_of(pairs, "type");
    bool ok = file ? parse_file(config, pairs, file, err)
              : type ? parse_type(config, pairs, type, err)
                     : smbios_option_error(err, "Must specify type= or file=");

    if (!ok) {
        g_prefix_error(err, "-smbios %s: ", option);
    }
    return ok;
}
