/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Multiboot 1: both ways to load, the information structure, modules, each broken field. */
#include "load-common.h"

#define MALFORMED HW_IMAGE_ERROR_MALFORMED

static void test_kludge(void)
{
    g_autoptr(GByteArray) image = img_multiboot();
    LoadRun r = { .params = { .cmdline = "a=b" } };
    const ImageSegment *s, *info;
    const uint8_t *p;
    uint32_t map;

    run_load(&r, image, 64);
    g_assert_no_error(r.err);
    g_assert_cmpint(r.plan->format, ==, IMAGE_FORMAT_MULTIBOOT);
    s = image_plan_find(r.plan, "kernel");
    g_assert_cmphex(s->gpa, ==, 0x100000);
    g_assert_cmpuint(s->offset, ==, 0);
    g_assert_cmpuint(s->filesz, ==, 0x200);
    g_assert_cmpuint(s->memsz, ==, 0x400);
    g_assert_cmpint(r.plan->entry.mode, ==, BOOT_MODE_32);
    g_assert_cmphex(r.plan->entry.rip, ==, 0x100030);
    g_assert_cmphex(r.plan->entry.rax, ==, 0x2badb002);
    info = image_plan_find(r.plan, "multiboot info");
    g_assert_cmphex(r.plan->entry.rbx, ==, info->gpa);
    p = info->data;
    g_assert_cmphex(get_le32(p), ==, 0x24d); /* memory, cmdline, mods, mmap, loader name */
    g_assert_cmpuint(get_le32(p + 4), ==, 639);
    g_assert_cmpuint(get_le32(p + 8), ==, 63 * 1024);
    g_assert_cmphex(get_le32(p + 16), ==, image_plan_find(r.plan, "cmdline")->gpa);
    g_assert_cmpstr((const char *)segment_data(&r, "cmdline"), ==, "test.img a=b");
    g_assert_cmpstr((const char *)segment_data(&r, "loader name"), ==, "accelvm");
    g_assert_cmphex(get_le32(p + 64), ==, image_plan_find(r.plan, "loader name")->gpa);
    map = get_le32(p + 48) - info->gpa;
    g_assert_cmpuint(get_le32(p + 44), ==, 24 * e820_count(r.e820));
    g_assert_cmpuint(map + get_le32(p + 44), ==, info->filesz);
    g_assert_cmpuint(get_le32(p + map), ==, 20);
    g_assert_cmphex(get_le64(p + map + 4), ==, 0);
    g_assert_cmphex(get_le64(p + map + 12), ==, 0x9fc00);
    g_assert_cmpuint(get_le32(p + map + 20), ==, E820_RAM);
    run_clear(&r);
}

static void test_elf(void)
{
    g_autoptr(GByteArray) image = img_multiboot_elf();
    LoadRun r = { 0 };

    run_load(&r, image, 64);
    g_assert_no_error(r.err);
    g_assert_cmpint(r.plan->format, ==, IMAGE_FORMAT_MULTIBOOT);
    g_assert_cmphex(r.plan->entry.rip, ==, 0x200010);
    g_assert_cmphex(r.plan->entry.rax, ==, 0x2badb002);
    run_clear(&r);
}

static void test_modules(void)
{
    g_autoptr(GByteArray) image = img_multiboot();
    g_autoptr(ImageSource) a = image_source_from_bytes("a", "aaaa", 4);
    g_autoptr(ImageSource) b = image_source_from_bytes("b", "bb", 2);
    ImageModule m[] = { { a, "a one two" }, { b, NULL } };
    LoadRun r = { .params = { .modules = m, .n_modules = 2 } };
    const ImageSegment *info;
    const uint8_t *p;

    run_load(&r, image, 64);
    g_assert_no_error(r.err);
    info = image_plan_find(r.plan, "multiboot info");
    p = info->data;
    g_assert_cmpuint(get_le32(p + 20), ==, 2);
    g_assert_cmphex(get_le32(p + 24), ==, info->gpa + 116);
    g_assert_cmphex(get_le32(p + 116), ==, (64 << 20) - 4096);
    g_assert_cmphex(get_le32(p + 120), ==, (64 << 20) - 4096 + 4);
    g_assert_cmphex(get_le32(p + 132), ==, (64 << 20) - 8192);
    g_assert_cmphex(get_le32(p + 136), ==, (64 << 20) - 8192 + 2);
    g_assert_cmpstr((const char *)segment_data(&r, "module cmdline"), ==, "a one two");
    g_assert_cmphex(get_le32(p + 124), ==, image_plan_find(r.plan, "module cmdline")->gpa);
    g_assert_cmphex(get_le32(p + 140), !=, 0);
    run_clear(&r);
}

/* load_end_addr and bss_end_addr 0: to the end of the file, no bss. */
static void test_kludge_zero(void)
{
    g_autoptr(GByteArray) image = img_multiboot();
    LoadRun r = { 0 };

    put_le32(image->data + 0x10 + 20, 0);
    put_le32(image->data + 0x10 + 24, 0);
    run_load(&r, image, 64);
    g_assert_no_error(r.err);
    g_assert_cmpuint(image_plan_find(r.plan, "kernel")->memsz, ==, 512);
    run_clear(&r);
}

typedef struct Broken {
    const char *name;
    unsigned offset;
    uint32_t value;
    HwImageError code;
    const char *text;
} Broken;

static const Broken broken[] = {
    { "header-addr-low", 12, 0x100000 - 4, MALFORMED, "load_addr 0x100000 is above header_addr" },
    { "header-addr-high", 12, 0x100014, MALFORMED, "header_addr 0x100014 puts load_addr before" },
    { "load-end", 20, 0xfffff, MALFORMED, "load_end_addr 0xfffff is below" },
    { "load-end-file", 20, 0x100201, MALFORMED, "past the end of the file" },
    { "bss-end", 24, 0x1001ff, MALFORMED, "bss_end_addr 0x1001ff is below" },
    { "bss-ram", 24, 0xf0000000, HW_IMAGE_ERROR_NO_ROOM, "not all guest RAM" },
    { "entry", 28, 0x100400, MALFORMED, "entry_addr 0x100400 lies outside" },
};

static void test_broken(gconstpointer data)
{
    const Broken *b = data;
    g_autoptr(GByteArray) image = img_multiboot();

    put_le32(image->data + 0x10 + b->offset, b->value);
    assert_refused(image, 64, b->code, b->text);
}

static void set_flags(GByteArray *image, uint32_t flags)
{
    put_le32(image->data + 0x14, flags);
    put_le32(image->data + 0x18, -(0x1badb002 + flags));
}

static void test_flags(void)
{
    g_autoptr(GByteArray) image = img_multiboot();
    LoadRun r = { 0 };

    set_flags(image, 0x10008);
    assert_refused(image, 64, HW_IMAGE_ERROR_UNSUPPORTED, "requires features 0x8");
    set_flags(image, 0x3);
    assert_refused(image, 64, MALFORMED, "bit 16 is clear");
    set_flags(image, 0x10004);
    run_load(&r, image, 64);
    g_assert_no_error(r.err);
    g_assert_cmpuint(r.plan->notes->len, ==, 1);
    run_clear(&r);
}

static void test_elf64_refused(void)
{
    g_autoptr(GByteArray) image = img_elf64(false);
    uint8_t *p = image->data + 0x1040;

    put_le32(p, 0x1badb002);
    put_le32(p + 4, 3);
    put_le32(p + 8, -(0x1badb002 + 3));
    assert_refused(image, 64, HW_IMAGE_ERROR_UNSUPPORTED,
                   "Cannot load x86-64 image, give a 32bit one.");
}

/* The addresses of a header in the last bytes of a short file. */
static void test_short(void)
{
    g_autoptr(GByteArray) image = img_multiboot();

    g_byte_array_set_size(image, 0x10 + 24);
    assert_refused(image, 64, MALFORMED, "reach past the end of the file");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/load/multiboot/kludge", test_kludge);
    g_test_add_func("/load/multiboot/kludge-zero", test_kludge_zero);
    g_test_add_func("/load/multiboot/elf", test_elf);
    g_test_add_func("/load/multiboot/modules", test_modules);
    g_test_add_func("/load/multiboot/flags", test_flags);
    g_test_add_func("/load/multiboot/elf64", test_elf64_refused);
    g_test_add_func("/load/multiboot/short", test_short);
    for (unsigned i = 0; i < G_N_ELEMENTS(broken); i++) {
        g_autofree char *path = g_strdup_printf("/load/multiboot/broken/%s", broken[i].name);

        g_test_add_data_func(path, &broken[i], test_broken);
    }
    return g_test_run();
}
