/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bzImages: the zero page field by field, placement, both protocols, each broken header field. */
#include "load-common.h"

static void test_boot64(void)
{
    g_autoptr(GByteArray) image = img_bzimage(4096);
    LoadRun r = { .params = { .cmdline = "console=ttyS0", .rsdp = 0xe0000 } };
    const ImageSegment *k, *bp;

    run_load(&r, image, 128);
    g_assert_no_error(r.err);
    g_assert_cmpint(r.plan->format, ==, IMAGE_FORMAT_BZIMAGE);
    k = image_plan_find(r.plan, "kernel");
    g_assert_cmphex(k->gpa, ==, 0x1000000);
    g_assert_cmphex(k->filesz, ==, 4096);
    g_assert_cmphex(k->reserve, ==, 0x800000);
    g_assert_cmphex(k->memsz, ==, 4096);
    g_assert_cmpint(r.plan->entry.mode, ==, BOOT_MODE_64);
    g_assert_cmphex(r.plan->entry.rip, ==, 0x1000200);
    bp = image_plan_find(r.plan, "boot_params");
    g_assert_cmphex(r.plan->entry.rsi, ==, bp->gpa);
    g_assert_cmpuint(bp->filesz, ==, 4096);
    g_assert_cmphex(r.plan->entry.cr3, ==, image_plan_find(r.plan, "page tables")->gpa);
    g_assert_cmphex(r.plan->entry.gdt_base, ==, image_plan_find(r.plan, "gdt")->gpa);
    g_assert_cmphex(r.plan->entry.cs, ==, 0x10);
    g_assert_cmphex(r.plan->entry.ds, ==, 0x18);
    run_clear(&r);
}

static void test_zero_page(void)
{
    g_autoptr(GByteArray) image = img_bzimage(4096);
    LoadRun r = { .params = { .cmdline = "quiet x", .rsdp = 0x123456789 } };
    const uint8_t *bp;

    put_le32(image->data + 0x1f8, 0xbeef);
    run_load(&r, image, 128);
    g_assert_no_error(r.err);
    bp = segment_data(&r, "boot_params");
    g_assert_cmphex(get_le64(bp + 0x70), ==, 0x123456789);
    g_assert_cmphex(bp[0x1ef], ==, 0);
    g_assert_cmphex(get_le16(bp + 0x1fa), ==, 0xffff);
    g_assert_cmphex(get_le16(bp + 0x1fe), ==, 0xaa55);
    g_assert_cmpmem(bp + 0x202, 4, "HdrS", 4);
    g_assert_cmphex(get_le16(bp + 0x206), ==, 0x20f);
    g_assert_cmphex(bp[0x210], ==, 0xff);
    g_assert_cmphex(bp[0x211], ==, 1);
    g_assert_cmphex(get_le32(bp + 0x214), ==, 0x1000000);
    g_assert_cmphex(get_le32(bp + 0x228), ==, image_plan_find(r.plan, "cmdline")->gpa);
    g_assert_cmpstr((const char *)segment_data(&r, "cmdline"), ==, "quiet x");
    g_assert_cmphex(get_le64(bp + 0x258), ==, 0x1000000);
    g_assert_cmphex(get_le32(bp + 0x260), ==, 0x800000);
    g_assert_cmphex(get_le64(bp + 0x250), ==, 0);
    g_assert_cmpuint(bp[0x1e8], ==, e820_count(r.e820));
    g_assert_cmphex(get_le64(bp + 0x2d0 + 8), ==, 0x9fc00);
    g_assert_cmphex(get_le32(bp + 0x2d0 + 16), ==, E820_RAM);
    for (unsigned i = 0; i < 0x40; i++) {
        g_assert_cmphex(bp[i], ==, 0);
    }
    run_clear(&r);
}

static void test_rng_seed(void)
{
    g_autoptr(GByteArray) image = img_bzimage(4096);
    static const uint8_t seed[32] = "0123456789abcdef0123456789abcde";
    LoadRun r = { .params = { .rng_seed = seed, .rng_seed_len = sizeof seed } };
    const ImageSegment *s;

    run_load(&r, image, 128);
    g_assert_no_error(r.err);
    s = image_plan_find(r.plan, "setup_data rng seed");
    g_assert_cmphex(get_le64(segment_data(&r, "boot_params") + 0x250), ==, s->gpa);
    g_assert_cmphex(get_le64(s->data), ==, 0);
    g_assert_cmphex(get_le32(s->data + 8), ==, 9);
    g_assert_cmphex(get_le32(s->data + 12), ==, sizeof seed);
    g_assert_cmpmem(s->data + 16, sizeof seed, seed, sizeof seed);
    g_assert_cmphex(r.plan->rng_seed_gpa, ==, s->gpa + 16);
    g_assert_cmpuint(r.plan->rng_seed_len, ==, sizeof seed);
    run_clear(&r);
}

/* 200 entries: 128 in the zero page, the others in a setup_data node that chains to the seed's. */
static void test_e820_ext(void)
{
    g_autoptr(GByteArray) image = img_bzimage(4096);
    LoadRun r = { .params = { .rng_seed = (const uint8_t *)"x", .rng_seed_len = 1 } };
    const ImageSegment *ext;

    r.e820 = img_e820(128);
    for (unsigned i = 0; e820_count(r.e820) < 200; i++) {
        g_assert_true(e820_add(r.e820, 0x200000000 + i * 0x2000, 0x1000, E820_RESERVED, NULL));
    }
    run_load(&r, image, 128);
    g_assert_no_error(r.err);
    g_assert_cmpuint(segment_data(&r, "boot_params")[0x1e8], ==, 128);
    ext = image_plan_find(r.plan, "setup_data e820");
    g_assert_cmphex(get_le64(segment_data(&r, "boot_params") + 0x250), ==, ext->gpa);
    g_assert_cmphex(get_le64(ext->data), ==, r.plan->rng_seed_gpa - 16);
    g_assert_cmphex(get_le32(ext->data + 8), ==, 1);
    g_assert_cmphex(get_le32(ext->data + 12), ==, 72 * 20);
    g_assert_cmphex(get_le64(ext->data + 16), ==, e820_get(r.e820, 128)->addr);
    run_clear(&r);
}

static void load_with_initrd(LoadRun *r, const GByteArray *image, ImageSource *initrd, unsigned mib)
{
    ImageModule m = { .source = initrd };

    r->params.modules = &m;
    r->params.n_modules = 1;
    run_load(r, image, mib);
    r->params.modules = NULL;
}

static void test_initrd(void)
{
    g_autoptr(GByteArray) image = img_bzimage(4096);
    g_autofree uint8_t *bytes = g_malloc0(5000);
    g_autoptr(ImageSource) initrd = image_source_from_bytes("initrd", bytes, 5000);
    LoadRun r = { 0 };
    const uint8_t *bp;

    load_with_initrd(&r, image, initrd, 128);
    g_assert_no_error(r.err);
    bp = segment_data(&r, "boot_params");
    g_assert_cmphex(image_plan_find(r.plan, "initrd")->gpa, ==, (128 << 20) - 8192);
    g_assert_cmphex(get_le32(bp + 0x218), ==, (128 << 20) - 8192);
    g_assert_cmphex(get_le32(bp + 0x21c), ==, 5000);
    run_clear(&r);
    /* initrd_addr_max names the last usable byte */
    r = (LoadRun){ 0 };
    put_le32(image->data + 0x22c, 0x2ffffff);
    load_with_initrd(&r, image, initrd, 128);
    g_assert_cmphex(image_plan_find(r.plan, "initrd")->gpa, ==, 0x3000000 - 8192);
    run_clear(&r);
    /* not where the kernel unpacks itself */
    r = (LoadRun){ 0 };
    put_le32(image->data + 0x22c, 0x17fffff);
    put_le16(image->data + 0x236, 1);
    load_with_initrd(&r, image, initrd, 128);
    g_assert_cmphex(image_plan_find(r.plan, "initrd")->gpa, ==, 0x1000000 - 8192);
    run_clear(&r);
}

static void test_initrd_limits(void)
{
    g_autoptr(GByteArray) image = img_bzimage(4096);
    g_autofree uint8_t *bytes = g_malloc0(32 << 20);
    g_autoptr(ImageSource) initrd = image_source_from_bytes("initrd", bytes, 32 << 20);
    LoadRun r = { 0 };

    put_le32(image->data + 0x22c, 0x1ffffff);
    put_le16(image->data + 0x236, 1); /* no CAN_BE_LOADED_ABOVE_4G */
    load_with_initrd(&r, image, initrd, 128);
    g_assert_error(r.err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_NO_ROOM);
    run_clear(&r);
    r = (LoadRun){ 0 };
    put_le16(image->data + 0x236, 3);
    load_with_initrd(&r, image, initrd, 128);
    g_assert_no_error(r.err);
    g_assert_cmphex(image_plan_find(r.plan, "initrd")->gpa, ==, 96 << 20);
    run_clear(&r);
    r = (LoadRun){ .params = { .initrd_top = 0x7000000 } };
    load_with_initrd(&r, image, initrd, 128);
    g_assert_no_error(r.err);
    g_assert_cmphex(image_plan_find(r.plan, "initrd")->gpa, ==, 0x5000000);
    run_clear(&r);
}

/* Low RAM is full: above 4 GiB, with both halves of address and size in the zero page. */
static void test_initrd_high(void)
{
    g_autoptr(GByteArray) image = img_bzimage(4096);
    g_autofree uint8_t *bytes = g_malloc0(32 << 20);
    g_autoptr(ImageSource) initrd = image_source_from_bytes("initrd", bytes, 32 << 20);
    LoadRun r = { 0 };
    const uint8_t *bp;

    r.e820 = img_e820(32);
    g_assert_true(e820_add(r.e820, 4ULL << 30, 64 << 20, E820_RAM, NULL));
    load_with_initrd(&r, image, initrd, 0);
    g_assert_no_error(r.err);
    bp = segment_data(&r, "boot_params");
    g_assert_cmphex(get_le32(bp + 0x218), ==, 32 << 20);
    g_assert_cmphex(get_le32(bp + 0xc0), ==, 1);
    g_assert_cmphex(get_le32(bp + 0x21c), ==, 32 << 20);
    g_assert_cmphex(get_le32(bp + 0xc4), ==, 0);
    g_assert_cmphex(image_plan_find(r.plan, "page tables")->filesz, ==, 7 * 4096);
    run_clear(&r);
}

static void test_boot32(void)
{
    g_autoptr(GByteArray) image = img_bzimage(4096);
    LoadRun r = { .params = { .protocol = BZIMAGE_PROTOCOL_32 } };

    run_load(&r, image, 128);
    g_assert_no_error(r.err);
    g_assert_cmpint(r.plan->entry.mode, ==, BOOT_MODE_32);
    g_assert_cmphex(r.plan->entry.rip, ==, 0x1000000);
    g_assert_cmphex(r.plan->entry.cr3, ==, 0);
    run_clear(&r);
    r = (LoadRun){ 0 };
    put_le16(image->data + 0x236, 0);
    run_load(&r, image, 128);
    g_assert_cmpint(r.plan->entry.mode, ==, BOOT_MODE_32);
    run_clear(&r);
}

/* Like iPXE: protocol 2.07, no protected-mode entry, garbage behind the header. */
static void test_boot16(void)
{
    g_autoptr(GByteArray) image = img_bzimage(4000);
    LoadRun r = { .params = { .cmdline = "dhcp" } };
    const uint8_t *setup;

    put_le16(image->data + 0x206, 0x207);
    put_le32(image->data + 0x214, 0);
    put_le32(image->data + 0x230, 3);
    image->data[0x234] = 0;
    run_load(&r, image, 128);
    g_assert_no_error(r.err);
    g_assert_cmpint(r.plan->entry.mode, ==, BOOT_MODE_16);
    g_assert_cmphex(r.plan->entry.cs, ==, 0x1020);
    g_assert_cmphex(r.plan->entry.ds, ==, 0x1000);
    g_assert_cmphex(r.plan->entry.rip, ==, 0);
    g_assert_cmphex(image_plan_find(r.plan, "kernel")->gpa, ==, 0x100000);
    setup = segment_data(&r, "setup");
    g_assert_cmphex(setup[0x210], ==, 0xff);
    g_assert_cmphex(setup[0x211], ==, 0x81);
    g_assert_cmphex(get_le16(setup + 0x224), ==, 0xfe00);
    g_assert_cmphex(get_le32(setup + 0x228), ==, 0x20000);
    g_assert_cmpuint(r.plan->notes->len, ==, 1);
    run_clear(&r);
}

static void test_relocation(void)
{
    g_autoptr(GByteArray) image = img_bzimage(4096);
    LoadRun r = { 0 };

    /* pref_address is a hole: the next aligned place */
    r.e820 = img_e820(128);
    e820_overlay(r.e820, 0x1100000, 0x1000, E820_RESERVED, NULL);
    run_load(&r, image, 0);
    g_assert_no_error(r.err);
    g_assert_cmphex(image_plan_find(r.plan, "kernel")->gpa, ==, 0x1200000);
    g_assert_cmphex(r.plan->entry.rip, ==, 0x1200200);
    g_assert_cmphex(get_le32(segment_data(&r, "boot_params") + 0x214), ==, 0x1200000);
    run_clear(&r);
    image->data[0x234] = 0;
    r = (LoadRun){ 0 };
    r.e820 = img_e820(128);
    e820_overlay(r.e820, 0x1100000, 0x1000, E820_RESERVED, NULL);
    run_load(&r, image, 0);
    g_assert_error(r.err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_NO_ROOM);
    g_assert_nonnull(strstr(r.err->message, "pref_address 0x1000000"));
    run_clear(&r);
}

typedef struct Broken {
    const char *name;
    unsigned offset, width;
    uint64_t value;
    HwImageError code;
    const char *text;
} Broken;

static const Broken broken[] = {
    { "setup_sects", 0x1f1, 1, 0xff, HW_IMAGE_ERROR_MALFORMED,
      "bzImage: setup_sects 0xff reaches past the end of the file (131072 > 5120 bytes)" },
    { "syssize", 0x1f4, 4, 0x101, HW_IMAGE_ERROR_MALFORMED, "syssize 0x101 reaches past" },
    { "boot_flag", 0x1fe, 2, 0x1234, HW_IMAGE_ERROR_MALFORMED, "boot_flag 0x1234" },
    { "jump", 0x201, 1, 0xff, HW_IMAGE_ERROR_MALFORMED, "jump 0xffeb" },
    { "version", 0x206, 2, 0x201, HW_IMAGE_ERROR_UNSUPPORTED, "version 0x0201" },
    { "loadflags", 0x211, 1, 0, HW_IMAGE_ERROR_UNSUPPORTED, "loadflags 0x00" },
    { "kernel_alignment", 0x230, 4, 0x300000, HW_IMAGE_ERROR_MALFORMED,
      "kernel_alignment 0x300000" },
    { "min_alignment", 0x235, 1, 32, HW_IMAGE_ERROR_MALFORMED, "min_alignment 0x20" },
    { "cmdline_size", 0x238, 4, 3, HW_IMAGE_ERROR_UNSUPPORTED, "cmdline_size 0x3" },
    { "payload_offset", 0x248, 4, 0xfffffff0, HW_IMAGE_ERROR_MALFORMED, "payload_offset" },
    { "payload_length", 0x24c, 4, 0x1001, HW_IMAGE_ERROR_MALFORMED, "payload_length 0x1001" },
    { "pref_address", 0x258, 8, 0xffffffffff000000, HW_IMAGE_ERROR_NO_ROOM, "kernel (init_size)" },
    { "init_size", 0x260, 4, 0x8000000, HW_IMAGE_ERROR_NO_ROOM, "0x8000000 bytes" },
};

static void test_broken(gconstpointer data)
{
    const Broken *b = data;
    g_autoptr(GByteArray) image = img_bzimage(4096);
    LoadRun r = { .params = { .cmdline = "long" } };

    for (unsigned i = 0; i < b->width; i++) {
        image->data[b->offset + i] = b->value >> (8 * i);
    }
    run_load(&r, image, 128);
    g_assert_false(r.ok);
    g_test_message("%s", r.err->message);
    g_assert_error(r.err, HW_IMAGE_ERROR, (int)b->code);
    g_assert_nonnull(strstr(r.err->message, b->text));
    run_clear(&r);
}

static void test_truncated(void)
{
    g_autoptr(GByteArray) image = img_bzimage(4096);

    g_byte_array_set_size(image, 1023);
    assert_refused(image, 128, HW_IMAGE_ERROR_MALFORMED, "needs 1024");
}

static void test_fw_cfg(void)
{
    g_autoptr(GByteArray) image = img_bzimage(4096);
    g_autoptr(ImageSource) src = image_source_from_bytes("k", image->data, image->len);
    g_autoptr(ImageSource) rd = image_source_from_bytes("rd", "abc", 3);
    g_autoptr(E820Map) map = img_e820(128);
    ImageModule m = { .source = rd };
    ImageParams params = { .e820 = map, .cmdline = "a", .modules = &m, .n_modules = 1 };
    g_autoptr(GError) err = NULL;
    LinuxFwCfg out;

    g_assert_true(image_linux_fw_cfg(src, &params, &out, NULL));
    g_assert_cmphex(out.setup_addr, ==, 0x10000);
    g_assert_cmphex(out.kernel_addr, ==, 0x100000);
    g_assert_cmphex(out.cmdline_addr, ==, 0x20000);
    g_assert_cmphex(out.initrd_addr, ==, (128 << 20) - 4096);
    g_assert_cmpuint(out.kernel_size, ==, 4096);
    g_assert_cmpuint(out.setup->len, ==, 1024);
    g_assert_cmphex(get_le32(out.setup->data + 0x218), ==, out.initrd_addr);
    g_assert_cmphex(get_le32(out.setup->data + 0x21c), ==, 3);
    g_byte_array_unref(out.setup);
    image->data[0x1f1] = 200;
    g_assert_false(image_linux_fw_cfg(src, &params, &out, &err));
    g_assert_error(err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_MALFORMED);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/load/linux/boot64", test_boot64);
    g_test_add_func("/load/linux/zero-page", test_zero_page);
    g_test_add_func("/load/linux/rng-seed", test_rng_seed);
    g_test_add_func("/load/linux/e820-ext", test_e820_ext);
    g_test_add_func("/load/linux/initrd", test_initrd);
    g_test_add_func("/load/linux/initrd-limits", test_initrd_limits);
    g_test_add_func("/load/linux/initrd-high", test_initrd_high);
    g_test_add_func("/load/linux/boot32", test_boot32);
    g_test_add_func("/load/linux/boot16", test_boot16);
    g_test_add_func("/load/linux/relocation", test_relocation);
    g_test_add_func("/load/linux/truncated", test_truncated);
    g_test_add_func("/load/linux/fw-cfg", test_fw_cfg);
    for (unsigned i = 0; i < G_N_ELEMENTS(broken); i++) {
        g_autofree char *path = g_strdup_printf("/load/linux/broken/%s", broken[i].name);

        g_test_add_data_func(path, &broken[i], test_broken);
    }
    return g_test_run();
}
