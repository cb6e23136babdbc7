/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is fuzzed, and what must hold. An accepted image must give a plan whose segments all lie in
 * guest RAM and in their sources, do not overlap, contain the entry point, and can be applied. RAM
 * layouts vary from 1 MiB to holes and high memory, so that placement is fuzzed with the files.
 */
#include <glib/gstdio.h>
#include <sys/mman.h>

#include "../unit/load-images.h"
#include "fuzz-load.h"
#include "hw/i386/load-bytes.h"
#include "hw/i386/smbios.h"

#define RAM_SIZE (96u << 20)

#define REQUIRE(x)                                                                                 \
    do {                                                                                           \
        if (!(x)) {                                                                                \
            g_error("promise broken: %s", #x);                                                     \
        }                                                                                          \
    } while (0)

static ImgRam ram;
static char *scratch, *scratch_file;

static E820Map *random_map(GRand *rnd)
{
    static const unsigned sizes[] = { 1, 2, 16, 64, 96, 3000 };
    E820Map *map = img_e820(sizes[fuzz_below(rnd, G_N_ELEMENTS(sizes))]);

    if (fuzz_below(rnd, 4) == 0) {
        e820_add(map, 4ULL << 30, 1ULL << 30, E820_RAM, NULL);
    }
    for (unsigned i = fuzz_below(rnd, 4); i > 0; i--) {
        e820_overlay(map, (uint64_t)fuzz_below(rnd, 64 << 20), 1 + fuzz_below(rnd, 1 << 20),
                     E820_RESERVED, NULL);
    }
    for (unsigned i = fuzz_below(rnd, 40) ? 0 : 150; i > 0; i--) {
        e820_add(map, 0x200000000 + i * 0x2000, 0x1000, E820_NVS, NULL);
    }
    return map;
}

static bool in_segment(const ImagePlan *plan, uint64_t gpa)
{
    for (unsigned i = 0; i < plan->segments->len; i++) {
        const ImageSegment *s = &g_array_index(plan->segments, ImageSegment, i);

        if (gpa >= s->gpa && gpa - s->gpa < s->reserve) {
            return true;
        }
    }
    return false;
}

static void check_segment(const ImagePlan *plan, const E820Map *map, unsigned i)
{
    const ImageSegment *s = &g_array_index(plan->segments, ImageSegment, i);

    REQUIRE(s->filesz <= s->memsz && s->memsz <= s->reserve && s->reserve > 0);
    REQUIRE(e820_covers(map, s->gpa, s->reserve, E820_RAM));
    if (s->source) {
        REQUIRE(range_in_file(s->offset, s->filesz, s->source->size));
    }
    for (unsigned j = 0; j < i; j++) {
        const ImageSegment *o = &g_array_index(plan->segments, ImageSegment, j);

        REQUIRE(!ranges_overlap(s->gpa, s->reserve, o->gpa, o->reserve));
    }
}

static void check_entry(const ImagePlan *plan)
{
    const BootEntry *e = &plan->entry;

    if (e->mode == BOOT_MODE_16) {
        REQUIRE(in_segment(plan, ((uint64_t)e->cs << 4) + e->rip));
        return;
    }
    REQUIRE(e->mode == BOOT_MODE_32 || e->mode == BOOT_MODE_64);
    REQUIRE(in_segment(plan, e->rip));
    REQUIRE(in_segment(plan, e->gdt_base) && in_segment(plan, e->rsp - 1));
    REQUIRE(e->mode == BOOT_MODE_64 ? in_segment(plan, e->cr3) : e->rip < (4ULL << 30));
    REQUIRE(!e->rsi || in_segment(plan, e->rsi));
    REQUIRE(!e->rbx || in_segment(plan, e->rbx));
}

static void check_plan(const ImagePlan *plan, const E820Map *map)
{
    GuestRamOps ops = img_ram_ops(&ram);
    bool small = true;

    for (unsigned i = 0; i < plan->segments->len; i++) {
        const ImageSegment *s = &g_array_index(plan->segments, ImageSegment, i);

        check_segment(plan, map, i);
        small &= s->memsz < (1 << 20);
    }
    check_entry(plan);
    ops.fresh = !small; /* clearing 60 MiB of bss each time would only cost time */
    image_plan_apply(plan, &ops, NULL, NULL);
    madvise(ram.data, ram.size, MADV_DONTNEED);
}

/* Parameters that the command line could give. */
static void random_params(GRand *rnd, ImageParams *p, ImageModule *modules, char *cmdline)
{
    static const uint8_t seed[32];
    unsigned len = fuzz_below(rnd, 8) ? fuzz_below(rnd, 64) : fuzz_below(rnd, 4000);

    memset(cmdline, 'c', len);
    cmdline[len] = 0;
    p->cmdline = fuzz_below(rnd, 4) ? cmdline : NULL;
    p->modules = modules;
    p->n_modules = fuzz_below(rnd, 4);
    p->rsdp = fuzz_below(rnd, 2) ? 0xe0000 : 0;
    p->initrd_top = fuzz_below(rnd, 8) ? 0 : fuzz_below(rnd, 128 << 20);
    p->rng_seed = fuzz_below(rnd, 2) ? seed : NULL;
    p->rng_seed_len = sizeof seed;
    p->protocol = fuzz_below(rnd, 3) ? BZIMAGE_PROTOCOL_AUTO : fuzz_below(rnd, 4);
    p->format = fuzz_below(rnd, 8) ? IMAGE_FORMAT_UNKNOWN : fuzz_below(rnd, 7);
    p->flat_mode = fuzz_below(rnd, 2) ? 0 : 16u << fuzz_below(rnd, 3);
    p->flat_gpa = fuzz_below(rnd, 2) ? 0 : g_rand_int(rnd);
}

static bool run_image(GRand *rnd, const uint8_t *data, size_t len)
{
    g_autoptr(ImageSource) src = image_source_from_bytes("fuzz", data, len);
    g_autoptr(ImageSource) a = image_source_from_bytes("a", data, fuzz_below(rnd, len) + 1);
    g_autoptr(ImagePlan) plan = image_plan_new();
    g_autoptr(E820Map) map = random_map(rnd);
    ImageModule modules[3] = { { a, "a one" }, { a, NULL }, { src, "" } };
    g_autofree char *cmdline = g_malloc(4001);
    g_autoptr(GError) err = NULL;
    ImageParams params = { .e820 = map };
    bool ok;

    random_params(rnd, &params, modules, cmdline);
    ok = image_load(src, &params, plan, &err);
    REQUIRE(ok == (err == NULL));
    if (ok) {
        check_plan(plan, map);
    } else {
        REQUIRE(err->domain == HW_IMAGE_ERROR);
    }
    return ok;
}

static bool run_fw_cfg(GRand *rnd, const uint8_t *data, size_t len)
{
    g_autoptr(ImageSource) src = image_source_from_bytes("fuzz", data, len);
    g_autoptr(E820Map) map = random_map(rnd);
    ImageParams params = { .e820 = map, .cmdline = "x" };
    LinuxFwCfg out;

    if (!image_linux_fw_cfg(src, &params, &out, NULL)) {
        return false;
    }
    REQUIRE(out.kernel_size + out.setup->len == len);
    REQUIRE(out.kernel == data + out.setup->len);
    g_byte_array_unref(out.setup);
    return true;
}

/* Text of an option: no NUL, no directory separator (files stay in the scratch directory). */
static char *as_text(const uint8_t *data, size_t len)
{
    char *text = g_strndup((const char *)data, len);

    g_strdelimit(text, "/", '_');
    return text;
}

static bool run_initrd(GRand *rnd, const uint8_t *data, size_t len)
{
    g_autofree char *spec = as_text(data, len);
    g_autoptr(GError) err = NULL;
    g_autoptr(ImageModuleList) list = image_modules_open(
        spec, fuzz_below(rnd, 4) ? IMAGE_FORMAT_MULTIBOOT : IMAGE_FORMAT_BZIMAGE, &err);

    REQUIRE((list == NULL) == (err != NULL));
    for (unsigned i = 0; list && i < list->modules->len; i++) {
        REQUIRE(g_array_index(list->modules, ImageModule, i).source->size > 0);
    }
    return list != NULL;
}

static bool build_smbios(GRand *rnd, const SmbiosConfig *config)
{
    SmbiosMachine m = {
        .manufacturer = "m", .product = "p", .ram_below_4g = g_rand_int(rnd),
        .ram_above_4g = (uint64_t)g_rand_int(rnd) << fuzz_below(rnd, 12),
        .sockets = fuzz_below(rnd, 300), .cores = fuzz_below(rnd, 300),
        .threads = fuzz_below(rnd, 3), .entry = fuzz_below(rnd, 2),
    };
    SmbiosTables t;

    if (!smbios_build(config, &m, &t, NULL)) {
        return false;
    }
    smbios_set_address(&t, g_rand_int(rnd), NULL);
    smbios_tables_clear(&t);
    return true;
}

static bool run_smbios(GRand *rnd, const uint8_t *data, size_t len)
{
    g_autofree char *text = as_text(data, len);
    g_auto(GStrv) options = g_strsplit(text, "\n", -1);
    g_autoptr(SmbiosConfig) config = smbios_config_new();
    bool ok = true;

    for (unsigned i = 0; options[i]; i++) {
        g_autoptr(GError) err = NULL;
        bool good = smbios_parse_option(config, options[i], &err);

        REQUIRE(good == (err == NULL));
        ok &= good;
    }
    build_smbios(rnd, config);
    return ok;
}

static bool run_smbios_file(GRand *rnd, const uint8_t *data, size_t len)
{
    g_autoptr(SmbiosConfig) config = smbios_config_new();

    g_remove("s"); /* GLib writes over a longer file without cutting it */
    if (len == 0 || !g_file_set_contents_full("s", (const char *)data, len,
                                              G_FILE_SET_CONTENTS_NONE, 0600, NULL) ||
        !smbios_parse_option(config, "file=s", NULL)) {
        return false;
    }
    build_smbios(rnd, config);
    return true;
}

static void add_text(GPtrArray *out, const char *text)
{
    GByteArray *a = g_byte_array_new();

    bytes_add_data(a, text, strlen(text));
    g_ptr_array_add(out, a);
}

static void seeds_linux(GPtrArray *out)
{
    g_ptr_array_add(out, img_bzimage(4096));
}

static void seeds_elf(GPtrArray *out)
{
    g_ptr_array_add(out, img_elf64(false));
    g_ptr_array_add(out, img_elf32(false));
}

static void seeds_pvh(GPtrArray *out)
{
    g_ptr_array_add(out, img_elf64(true));
    g_ptr_array_add(out, img_elf32(true));
}

static void seeds_multiboot(GPtrArray *out)
{
    g_ptr_array_add(out, img_multiboot());
    g_ptr_array_add(out, img_multiboot_elf());
}

static void seeds_flat(GPtrArray *out)
{
    g_ptr_array_add(out, bytes_new_zero(512));
}

static void seeds_initrd(GPtrArray *out)
{
    add_text(out, "f");
    add_text(out, "f one two,f,f x=1,,2");
    add_text(out, "f,,f a,f");
}

static void seeds_smbios(GPtrArray *out)
{
    add_text(out, "type=1,manufacturer=a,product=b,uuid=00112233-4455-6677-8899-aabbccddeeff\n"
                  "type=0,vendor=v,release=1.2,uefi=on\ntype=2,location=x\ntype=3,sku=y");
    add_text(out, "type=4,max-speed=1,processor-id=0x12\ntype=17,speed=4000,bank=,,\n"
                  "type=11,value=x,value=y,path=f\nfile=f");
}

static void seeds_smbios_file(GPtrArray *out)
{
    static const char two[] = "\x80\x05\x00\x80\x01text\0\0" "\x81\x04\x01\x80\0";
    GByteArray *a = g_byte_array_new();

    bytes_add_data(a, two, sizeof two);
    g_ptr_array_add(out, a);
}

const FuzzTarget fuzz_targets[] = {
    { "linux", seeds_linux, run_image },
    { "elf", seeds_elf, run_image },
    { "pvh", seeds_pvh, run_image },
    { "multiboot", seeds_multiboot, run_image },
    { "flat", seeds_flat, run_image },
    { "fwcfg", seeds_linux, run_fw_cfg },
    { "initrd", seeds_initrd, run_initrd },
    { "smbios", seeds_smbios, run_smbios },
    { "smbiosfile", seeds_smbios_file, run_smbios_file },
};

const unsigned fuzz_n_targets = G_N_ELEMENTS(fuzz_targets);

void fuzz_targets_init(void)
{
    img_ram_init(&ram, RAM_SIZE);
    scratch = g_dir_make_tmp("accelvm-fuzz-XXXXXX", NULL);
    REQUIRE(scratch && g_chdir(scratch) == 0);
    scratch_file = g_build_filename(scratch, "f", NULL);
    REQUIRE(g_file_set_contents(scratch_file, "content", -1, NULL));
}

void fuzz_targets_clear(void)
{
    g_autofree char *other = g_build_filename(scratch, "s", NULL);

    g_remove(other);
    g_remove(scratch_file);
    REQUIRE(g_chdir("/") == 0);
    g_rmdir(scratch);
    g_free(scratch_file);
    g_free(scratch);
    img_ram_clear(&ram);
}
