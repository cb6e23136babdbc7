/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SMBIOS types 4 (one per socket), 16 and 17 (memory array and modules of 16 GiB, or larger ones where
 * their handles would run into the next type's) and 19 (where the array appears in the address
 * space).
 */
#include "hw/i386/load-bytes.h"
#include "hw/i386/smbios-internal.h"

#define HANDLE_CPU 0x0400
#define HANDLE_ARRAY 0x1000
#define HANDLE_DIMM 0x1100
#define HANDLE_MAPPED 0x1300

#define NO_HANDLE 0xffff
#define NOT_KNOWN_HANDLE 0xfffe
#define DIMM_SIZE (16ULL << 30)
#define DIMMS_MAX (HANDLE_MAPPED - HANDLE_DIMM)
#define SIZE_EXTENDED 0x7fff /* MiB: look at the extended field */
#define KIB_EXTENDED 0x80000000u

static const char *pick(const char *given, const char *fallback)
{
    return given ? given : fallback;
}

static unsigned at_least_one(unsigned v)
{
    return v ? v : 1;
}

static uint64_t processor_id(const SmbiosBuild *b)
{
    if (b->config->processor_id) {
        return b->config->processor_id;
    }
    return (uint64_t)b->machine->cpuid_features << 32 | b->machine->cpuid_signature;
}

/* Counts have a byte each (255 = look at the words at the end). */
static void add_counts(GByteArray *o, unsigned cores, unsigned threads)
{
    bytes_add(o, MIN(cores, 255), 1);
    bytes_add(o, MIN(cores, 255), 1);
    bytes_add(o, MIN(threads, 255), 1);
    bytes_add(o, 0x02, 2); /* characteristics: unknown */
    bytes_add(o, 0x01, 2); /* family 2: other */
    bytes_add(o, cores, 2);
    bytes_add(o, cores, 2);
    bytes_add(o, threads, 2);
}

static void add_cpu_strings_and_caches(SmbiosStruct *s, const SmbiosStrings *t)
{
    bytes_add(s->out, NO_HANDLE, 2);
    bytes_add(s->out, NO_HANDLE, 2);
    bytes_add(s->out, NO_HANDLE, 2);
    smbios_add_string(s, t->s[T4_SERIAL]);
    smbios_add_string(s, t->s[T4_ASSET]);
    smbios_add_string(s, t->s[T4_PART]);
}

static void add_cpu(SmbiosBuild *b, unsigned i)
{
    const SmbiosConfig *c = b->config;
    const SmbiosStrings *t = &c->type4;
    unsigned cores = at_least_one(b->machine->cores);
    GByteArray *o = b->out;
    g_autofree char *socket = g_strdup_printf("%s%2x", pick(t->s[T4_SOCK_PFX], "CPU"), i);
    SmbiosStruct s = smbios_begin(o, 4, HANDLE_CPU + i);

    smbios_add_string(&s, socket);
    bytes_add(o, 3, 1); /* central processor */
    bytes_add(o, 1, 1); /* family: other */
    smbios_add_string(&s, pick(t->s[T4_MANUFACTURER], b->machine->manufacturer));
    bytes_add(o, processor_id(b), 8);
    smbios_add_string(&s, pick(t->s[T4_VERSION], b->machine->version));
    bytes_add(o, 0, 1); /* voltage */
    bytes_add(o, 0, 2); /* external clock: unknown */
    bytes_add(o, c->max_speed ? c->max_speed : 2000, 2);
    bytes_add(o, c->current_speed ? c->current_speed : 2000, 2);
    bytes_add(o, 0x41, 1); /* socket populated, CPU enabled */
    bytes_add(o, 1, 1);    /* upgrade: other */
    add_cpu_strings_and_caches(&s, t);
    add_counts(o, cores, cores * at_least_one(b->machine->threads));
    smbios_count(b, smbios_end(&s));
}

void smbios_cpus(SmbiosBuild *b)
{
    for (unsigned i = 0; !smbios_is_there(b, 4) && i < at_least_one(b->machine->sockets); i++) {
        add_cpu(b, i);
    }
}

static void add_array(SmbiosBuild *b, uint64_t total, unsigned n_dimms)
{
    uint64_t kib = total / 1024;
    GByteArray *o = b->out;
    SmbiosStruct s = smbios_begin(o, 16, HANDLE_ARRAY);

    bytes_add(o, 1, 1); /* location: other */
    bytes_add(o, 3, 1); /* system memory */
    bytes_add(o, 6, 1); /* multi-bit ECC */
    bytes_add(o, kib < KIB_EXTENDED ? kib : KIB_EXTENDED, 4);
    bytes_add(o, NOT_KNOWN_HANDLE, 2);
    bytes_add(o, n_dimms, 2);
    bytes_add(o, kib < KIB_EXTENDED ? 0 : total, 8);
    smbios_count(b, smbios_end(&s));
}

static void add_dimm_strings(SmbiosStruct *s, const SmbiosBuild *b, const char *locator)
{
    const SmbiosStrings *t = &b->config->type17;

    smbios_add_string(s, locator);
    smbios_add_string(s, t->s[T17_BANK]);
    bytes_add(s->out, 7, 1);      /* RAM */
    bytes_add(s->out, 1 << 1, 2); /* detail: other */
    bytes_add(s->out, b->config->dimm_speed, 2);
    smbios_add_string(s, pick(t->s[T17_MANUFACTURER], b->machine->manufacturer));
    smbios_add_string(s, t->s[T17_SERIAL]);
    smbios_add_string(s, t->s[T17_ASSET]);
    smbios_add_string(s, t->s[T17_PART]);
}

static void add_dimm(SmbiosBuild *b, unsigned i, uint64_t bytes)
{
    uint64_t mib = (bytes + (1 << 20) - 1) >> 20;
    GByteArray *o = b->out;
    g_autofree char *locator = g_strdup_printf(
        "%s %u", pick(b->config->type17.s[T17_LOC_PFX], "DIMM"), i);
    SmbiosStruct s = smbios_begin(o, 17, HANDLE_DIMM + i);

    bytes_add(o, HANDLE_ARRAY, 2);
    bytes_add(o, NOT_KNOWN_HANDLE, 2);
    bytes_add(o, 0xffff, 2); /* widths unknown */
    bytes_add(o, 0xffff, 2);
    bytes_add(o, mib < SIZE_EXTENDED ? mib : SIZE_EXTENDED, 2);
    bytes_add(o, 9, 1); /* DIMM */
    bytes_add(o, 0, 1);
    add_dimm_strings(&s, b, locator);
    bytes_add(o, 0, 1); /* rank unknown */
    bytes_add(o, mib < SIZE_EXTENDED ? 0 : mib, 4);
    bytes_add(o, b->config->dimm_speed, 2);
    bytes_add(o, 0, 6); /* voltages unknown */
    smbios_count(b, smbios_end(&s));
}

/* [start, end): in KiB, inclusive, or in bytes where that does not fit. */
static void add_mapped(SmbiosBuild *b, unsigned i, uint64_t start, uint64_t size)
{
    uint64_t last = start + size - 1;
    bool wide = last / 1024 >= UINT32_MAX;
    GByteArray *o = b->out;
    SmbiosStruct s = smbios_begin(o, 19, HANDLE_MAPPED + i);

    bytes_add(o, wide ? UINT32_MAX : start / 1024, 4);
    bytes_add(o, wide ? UINT32_MAX : last / 1024, 4);
    bytes_add(o, HANDLE_ARRAY, 2);
    bytes_add(o, 1, 1); /* partition width */
    bytes_add(o, wide ? start : 0, 8);
    bytes_add(o, wide ? last : 0, 8);
    smbios_count(b, smbios_end(&s));
}

static void add_dimms(SmbiosBuild *b, uint64_t total, uint64_t each, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        add_dimm(b, i, i + 1 < n ? each : total - i * each);
    }
}

static void add_mapping(SmbiosBuild *b)
{
    const SmbiosMachine *m = b->machine;

    if (m->ram_below_4g) {
        add_mapped(b, 0, 0, m->ram_below_4g);
    }
    if (m->ram_above_4g) {
        add_mapped(b, 1, 4ULL << 30, m->ram_above_4g);
    }
}

void smbios_memory(SmbiosBuild *b)
{
    uint64_t total = b->machine->ram_below_4g + b->machine->ram_above_4g;
    uint64_t each = DIMM_SIZE;
    unsigned n;

    while (total / each >= DIMMS_MAX) {
        each *= 2;
    }
    n = MAX((total + each - 1) / each, 1);
    if (!smbios_is_there(b, 16)) {
        add_array(b, total, n);
    }
    if (!smbios_is_there(b, 17)) {
        add_dimms(b, total, each, n);
    }
    if (!smbios_is_there(b, 19)) {
        add_mapping(b);
    }
}
