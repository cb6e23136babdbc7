/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Positions of the -smbios fields in SmbiosStrings.s, shared by the parser and the writer. */
#ifndef HW_I386_SMBIOS_INTERNAL_H
#define HW_I386_SMBIOS_INTERNAL_H

#include "hw/i386/smbios.h"

enum { T0_VENDOR, T0_VERSION, T0_DATE };
enum { T1_MANUFACTURER, T1_PRODUCT, T1_VERSION, T1_SERIAL, T1_SKU, T1_FAMILY };
enum { T2_MANUFACTURER, T2_PRODUCT, T2_VERSION, T2_SERIAL, T2_ASSET, T2_LOCATION };
enum { T3_MANUFACTURER, T3_VERSION, T3_SERIAL, T3_ASSET, T3_SKU };
enum { T4_SOCK_PFX, T4_MANUFACTURER, T4_VERSION, T4_SERIAL, T4_ASSET, T4_PART };
enum { T17_LOC_PFX, T17_BANK, T17_MANUFACTURER, T17_SERIAL, T17_ASSET, T17_PART };

#define SMBIOS_FILE_MAX 65535

/* The strings of a type that has some, or NULL. */
SmbiosStrings *smbios_strings_of(SmbiosConfig *c, unsigned type);
bool smbios_set_field(SmbiosConfig *c, unsigned type, const char *name, const char *value,
                      GError **err);
/* A number without sign or blanks; what it may be at most is the caller's business. */
bool smbios_parse_number(const char *field, const char *text, uint64_t *value, GError **err);
/* Always false. */
bool smbios_option_error(GError **err, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
/* Has -smbios said anything about fields of @type? */
bool smbios_has_fields(SmbiosConfig *c, unsigned type);

/* One structure being written: formatted part first, then its strings. */
typedef struct SmbiosStruct {
    GByteArray *out;
    unsigned start;
    GPtrArray *strings; /* char *, borrowed */
} SmbiosStruct;

SmbiosStruct smbios_begin(GByteArray *out, uint8_t type, uint16_t handle);
/* Appends the number of a string, 0 for NULL or empty. */
void smbios_add_string(SmbiosStruct *s, const char *text);
/* Sets the length, appends the string area; returns the structure's whole size. */
unsigned smbios_end(SmbiosStruct *s);

typedef struct SmbiosBuild {
    const SmbiosConfig *config;
    const SmbiosMachine *machine;
    GByteArray *out;
    unsigned count, largest;
} SmbiosBuild;

void smbios_count(SmbiosBuild *b, unsigned size);
/* Has the user brought structures of @type? */
static inline bool smbios_is_there(const SmbiosBuild *b, unsigned type)
{
    return b->config->in_file[type];
}
void smbios_system(SmbiosBuild *b);  /* types 0, 1, 2, 3, 11 */
void smbios_cpus(SmbiosBuild *b);    /* type 4 */
void smbios_memory(SmbiosBuild *b);  /* types 16, 17, 19 */

#endif
