/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal: SMBIOS structures (DSP0134 2.8 and 3.0) and the -smbios option that fills them.
 */
#ifndef HW_I386_SMBIOS_H
#define HW_I386_SMBIOS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define SMBIOS_UUID_LEN 16
#define SMBIOS_MAX_FIELDS 10
#define SMBIOS_TYPES 128 /* those that the specification has; above are the makers' own */

/* Strings of one structure type in the order of its -smbios fields; NULL = not given. */
typedef struct SmbiosStrings {
    char *s[SMBIOS_MAX_FIELDS];
    bool given;
} SmbiosStrings;

typedef enum SmbiosEntryPoint { SMBIOS_ENTRY_21, SMBIOS_ENTRY_30 } SmbiosEntryPoint;

/* What -smbios said. smbios_config_new() .. smbios_config_free(). */
typedef struct SmbiosConfig {
    SmbiosStrings type0, type1, type2, type3, type4, type17;
    bool release_given, uefi;
    uint8_t release_major, release_minor;
    bool uuid_given;                 /* -uuid or type=1,uuid= */
    uint8_t uuid[SMBIOS_UUID_LEN];   /* as written: big-endian order */
    uint16_t max_speed, current_speed; /* MHz; 0 = default 2000 */
    uint64_t processor_id;
    uint16_t dimm_speed;             /* MT/s; 0 = unknown */
    GPtrArray *oem_strings;          /* type 11 value= */
    GByteArray *extra;               /* file=: ready structures */
    bool in_file[SMBIOS_TYPES];      /* types among them: not made up again */
    unsigned n_extra;
    unsigned extra_max;              /* size of the largest of them */
} SmbiosConfig;

SmbiosConfig *smbios_config_new(void);
void smbios_config_free(SmbiosConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SmbiosConfig, smbios_config_free)

/**
 * smbios_parse_option: takes one -smbios argument ("type=1,product=X", "file=PATH"). Later options
 * override earlier ones field by field; a type comes either from files or from fields. ",," stands
 * for a comma. HW_IMAGE_ERROR_OPTION, and what opening a file gives.
 */
bool smbios_parse_option(SmbiosConfig *config, const char *option, GError **err);

/** smbios_set_uuid: -uuid; 8-4-4-4-12 hexadecimal digits. HW_IMAGE_ERROR_OPTION. */
bool smbios_set_uuid(SmbiosConfig *config, const char *text, GError **err);

/* What the machine knows. Strings NULL = a default. */
typedef struct SmbiosMachine {
    const char *manufacturer, *product, *version; /* used where the option gives nothing */
    /* Type 0; vendor NULL: firmware brings its own. */
    const char *bios_vendor, *bios_version, *bios_date;
    uint64_t ram_below_4g, ram_above_4g;          /* bytes */
    unsigned sockets, cores, threads;             /* per board, per socket, per core */
    uint32_t cpuid_signature, cpuid_features;     /* CPUID.1 EAX and EDX for type 4 */
    SmbiosEntryPoint entry;
} SmbiosMachine;

typedef struct SmbiosTables {
    GByteArray *anchor; /* etc/smbios/smbios-anchor: entry point, its table address is 0 */
    GByteArray *tables; /* etc/smbios/smbios-tables */
} SmbiosTables;

/** smbios_build: both blobs; smbios_tables_clear() when done. HW_IMAGE_ERROR_NO_ROOM if 2.1's
 * 64 KiB do not suffice. */
bool smbios_build(const SmbiosConfig *config, const SmbiosMachine *machine, SmbiosTables *out,
                  GError **err);
void smbios_tables_clear(SmbiosTables *tables);

/**
 * smbios_set_address: for a start without firmware: writes where the tables will lie into the
 * anchor and makes its checksums right. The anchor goes to a 16-byte boundary in 0xf0000..0xfffff.
 */
bool smbios_set_address(SmbiosTables *tables, uint64_t tables_gpa, GError **err);

#endif
