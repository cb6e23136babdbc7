/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sources, probing, flat binaries, module lists, CPU tables, and carrying plans out. */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "load-common.h"

typedef struct Dir {
    char *path;
    GPtrArray *files;
} Dir;

static void dir_up(Dir *d, gconstpointer unused)
{
    d->path = g_dir_make_tmp("accelvm-load-XXXXXX", NULL);
    d->files = g_ptr_array_new_with_free_func(g_free);
}

static void dir_down(Dir *d, gconstpointer unused)
{
    for (unsigned i = 0; i < d->files->len; i++) {
        g_remove(d->files->pdata[i]);
    }
    g_rmdir(d->path);
    g_ptr_array_unref(d->files);
    g_free(d->path);
}

static const char *dir_file(Dir *d, const char *name, const void *data, size_t len)
{
    char *path = g_build_filename(d->path, name, NULL);

    g_assert_true(g_file_set_contents(path, data, len, NULL));
    g_ptr_array_add(d->files, path);
    return path;
}

static void assert_no_open(const char *path, uint64_t max, HwImageError code, const char *text)
{
    g_autoptr(GError) err = NULL;

    g_assert_null(image_source_open(path, max, &err));
    g_assert_error(err, HW_IMAGE_ERROR, (int)code);
    g_assert_nonnull(strstr(err->message, text));
    g_assert_nonnull(strstr(err->message, path));
}

static void test_source(Dir *d, gconstpointer unused)
{
    g_autoptr(ImageSource) src = image_source_open(dir_file(d, "a", "abc", 3), 3, NULL);
    g_autofree char *fifo = g_build_filename(d->path, "fifo", NULL);

    g_assert_nonnull(src);
    g_assert_cmpmem(src->data, src->size, "abc", 3);
    assert_no_open("/nonexistent/kernel", 0, HW_IMAGE_ERROR_OPEN, "No such file");
    assert_no_open(d->path, 0, HW_IMAGE_ERROR_OPEN, "is a directory");
    assert_no_open(dir_file(d, "empty", "", 0), 0, HW_IMAGE_ERROR_OPEN, "is empty");
    assert_no_open(d->files->pdata[0], 2, HW_IMAGE_ERROR_TOO_LARGE, "3 bytes, the limit is 2");
    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
    assert_no_open(fifo, 0, HW_IMAGE_ERROR_OPEN, "not a regular file");
    g_remove(fifo);
}

static ImageFormat probe(const void *data, size_t len)
{
    g_autoptr(ImageSource) src = image_source_from_bytes("p", data, len);

    return image_probe(src);
}

static ImageFormat probe_array(GByteArray *a)
{
    ImageFormat f = probe(a->data, a->len);

    g_byte_array_unref(a);
    return f;
}

static void test_probe(void)
{
    g_assert_cmpint(probe_array(img_bzimage(4096)), ==, IMAGE_FORMAT_BZIMAGE);
    g_assert_cmpint(probe_array(img_elf64(true)), ==, IMAGE_FORMAT_PVH);
    g_assert_cmpint(probe_array(img_elf32(true)), ==, IMAGE_FORMAT_PVH);
    g_assert_cmpint(probe_array(img_elf64(false)), ==, IMAGE_FORMAT_ELF64);
    g_assert_cmpint(probe_array(img_elf32(false)), ==, IMAGE_FORMAT_ELF32);
    g_assert_cmpint(probe_array(img_multiboot()), ==, IMAGE_FORMAT_MULTIBOOT);
    g_assert_cmpint(probe_array(img_multiboot_elf()), ==, IMAGE_FORMAT_MULTIBOOT);
    g_assert_cmpint(probe("\xf4", 1), ==, IMAGE_FORMAT_FLAT);
    g_assert_cmpint(probe("\x1f\x8b\x08", 3), ==, IMAGE_FORMAT_UNKNOWN);
    g_assert_cmpint(probe("#!/bin/sh\n", 10), ==, IMAGE_FORMAT_UNKNOWN);
    g_assert_cmpint(probe("MZ", 2), ==, IMAGE_FORMAT_UNKNOWN);
    g_assert_cmpint(probe("\177ELF", 4), ==, IMAGE_FORMAT_ELF32);
    g_assert_cmpstr(image_format_name(IMAGE_FORMAT_BZIMAGE), ==, "bzImage");
    g_assert_cmpstr(image_format_name((ImageFormat)99), ==, "unknown");
}

static void test_unknown(void)
{
    g_autoptr(GByteArray) image = g_byte_array_new();

    g_byte_array_append(image, (const uint8_t *)"\x1f\x8b\x08\x00", 4);
    assert_refused(image, 16, HW_IMAGE_ERROR_UNKNOWN, "a gzip file; decompress it first");
}

static void test_flat(void)
{
    g_autoptr(GByteArray) image = bytes_new_zero(512);
    LoadRun r = { 0 };

    run_load(&r, image, 16);
    g_assert_no_error(r.err);
    g_assert_cmphex(image_plan_find(r.plan, "kernel")->gpa, ==, 0x10000);
    g_assert_cmphex(r.plan->entry.cs, ==, 0x1000);
    g_assert_cmphex(r.plan->entry.rip, ==, 0);
    run_clear(&r);
    put_le16(image->data + 510, 0xaa55);
    r = (LoadRun){ 0 };
    run_load(&r, image, 16);
    g_assert_cmphex(image_plan_find(r.plan, "kernel")->gpa, ==, 0x7c00);
    g_assert_cmphex(r.plan->entry.cs, ==, 0);
    g_assert_cmphex(r.plan->entry.rip, ==, 0x7c00);
    run_clear(&r);
    r = (LoadRun){ .params = { .flat_mode = BOOT_MODE_64, .flat_gpa = 0x200000 } };
    run_load(&r, image, 16);
    g_assert_cmphex(r.plan->entry.rip, ==, 0x200000);
    g_assert_cmphex(r.plan->entry.cr3, !=, 0);
    run_clear(&r);
    r = (LoadRun){ .params = { .cmdline = "x" } };
    run_load(&r, image, 16);
    g_assert_error(r.err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_UNSUPPORTED);
    run_clear(&r);
    r = (LoadRun){ .params = { .flat_gpa = 0x200000 } };
    run_load(&r, image, 16);
    g_assert_error(r.err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_NO_ROOM);
    run_clear(&r);
}

static void test_firmware(void)
{
    g_autofree uint8_t *bytes = g_malloc0(17 << 20);
    ImageSource src = { .name = (char *)"bios", .data = bytes, .size = 256 * 1024, .fd = -1 };
    g_autoptr(GError) err = NULL;
    FirmwareLayout l;

    g_assert_true(image_firmware_layout(&src, &l, NULL));
    g_assert_cmphex(l.rom_gpa, ==, 0xfffc0000);
    g_assert_cmphex(l.isa_gpa, ==, 0xe0000);
    g_assert_cmphex(l.isa_size, ==, 0x20000);
    g_assert_cmphex(l.isa_offset, ==, 0x20000);
    src.size = 65536;
    g_assert_true(image_firmware_layout(&src, &l, NULL));
    g_assert_cmphex(l.isa_gpa, ==, 0xf0000);
    g_assert_cmphex(l.isa_offset, ==, 0);
    src.size = 65537;
    g_assert_false(image_firmware_layout(&src, &l, &err));
    g_assert_error(err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_MALFORMED);
    src.size = 17 << 20;
    g_assert_false(image_firmware_layout(&src, &l, NULL));
}

static void test_modules(Dir *d, gconstpointer unused)
{
    const char *a = dir_file(d, "a,b", "12", 2);
    const char *b = dir_file(d, "c", "3", 1);
    g_autofree char *spec = g_strdup_printf("%s/a,,b x=1,,2 y,%s", d->path, b);
    g_autofree char *bad = g_strdup_printf("%s,,%s", b, b);
    g_autoptr(ImageModuleList) list = image_modules_open(spec, IMAGE_FORMAT_MULTIBOOT, NULL);
    g_autoptr(ImageModuleList) one = image_modules_open(a, IMAGE_FORMAT_BZIMAGE, NULL);
    g_autoptr(GError) err = NULL;
    g_autofree char *want = g_strdup_printf("%s x=1,2 y", a);

    g_assert_nonnull(list);
    g_assert_cmpuint(list->modules->len, ==, 2);
    g_assert_cmpstr(g_array_index(list->modules, ImageModule, 0).cmdline, ==, want);
    g_assert_cmpuint(g_array_index(list->modules, ImageModule, 0).source->size, ==, 2);
    g_assert_cmpstr(g_array_index(list->modules, ImageModule, 1).cmdline, ==, b);
    g_assert_nonnull(one);
    g_assert_null(g_array_index(one->modules, ImageModule, 0).cmdline);
    g_assert_null(image_modules_open(bad, IMAGE_FORMAT_MULTIBOOT, &err));
    g_assert_error(err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_OPEN);
    g_clear_error(&err);
    g_assert_null(image_modules_open("", IMAGE_FORMAT_MULTIBOOT, &err));
    g_assert_error(err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_OPTION);
}

/* An ELF whose 2.5 pages are aligned: two are mapped, the rest copied, bss zeroed. */
static GByteArray *big_elf(void)
{
    GByteArray *a = img_elf64(false);

    g_byte_array_set_size(a, 0x1000 + 0x2800 + 100);
    memset(a->data + 0x1000, 0x77, 0x2800 + 100);
    put_le64(a->data + img_phdr64(0) + 32, 0x2800);
    put_le64(a->data + img_phdr64(0) + 40, 0x5000);
    return a;
}

static void check_big_elf(const ImgRam *ram)
{
    for (unsigned i = 0; i < 0x2800; i++) {
        g_assert_cmphex(ram->data[0x200000 + i], ==, 0x77);
    }
    for (unsigned i = 0x2800; i < 0x5000; i++) {
        g_assert_cmphex(ram->data[0x200000 + i], ==, 0);
    }
}

static void test_apply(Dir *d, gconstpointer mode)
{
    g_autoptr(GByteArray) image = big_elf();
    g_autoptr(ImageSource) src = image_source_open(dir_file(d, "k", image->data, image->len), 0,
                                                   NULL);
    g_autoptr(ImagePlan) plan = image_plan_new();
    g_autoptr(E820Map) map = img_e820(16);
    ImageParams params = { .e820 = map };
    ImageApplyStats stats;
    GuestRamOps ops;
    ImgRam ram;

    img_ram_init(&ram, 16 << 20);
    memset(ram.data, 0xcc, ram.size);
    ops = img_ram_ops(&ram);
    ram.may_map = GPOINTER_TO_INT(mode);
    g_assert_true(image_load(src, &params, plan, NULL));
    g_assert_true(image_plan_find(plan, "kernel")->mappable);
    for (unsigned reset = 0; reset < 2; reset++) {
        g_assert_true(image_plan_apply(plan, &ops, &stats, NULL));
        check_big_elf(&ram);
        g_assert_cmpuint(stats.mapped, ==, ram.may_map ? 0x2000 : 0);
        g_assert_cmphex(ram.data[0x205000], ==, 0xcc);
        ram.data[0x200000] = 1; /* the guest writes; the file does not change */
    }
    g_assert_cmpuint(ram.maps, ==, ram.may_map ? 2 : 0);
    g_assert_cmphex(src->data[0x1000], ==, 0x77);
    img_ram_clear(&ram);
}

static void test_apply_fails(Dir *d, gconstpointer unused)
{
    g_autoptr(GByteArray) image = big_elf();
    const char *path = dir_file(d, "k", image->data, image->len);
    g_autoptr(ImageSource) src = image_source_open(path, 0, NULL);
    g_autoptr(ImagePlan) plan = image_plan_new();
    g_autoptr(E820Map) map = img_e820(16);
    ImageParams params = { .e820 = map };
    g_autoptr(GError) err = NULL;
    GuestRamOps ops;
    ImgRam ram;

    img_ram_init(&ram, 16 << 20);
    ops = img_ram_ops(&ram);
    g_assert_true(image_load(src, &params, plan, NULL));
    g_assert_cmpint(truncate(path, 0x1800), ==, 0);
    g_assert_false(image_plan_apply(plan, &ops, NULL, &err));
    g_assert_error(err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_APPLY);
    g_assert_nonnull(strstr(err->message, "became shorter"));
    g_clear_error(&err);
    ram.size = 0x202000;
    g_assert_false(image_plan_apply(plan, &ops, NULL, &err));
    g_assert_nonnull(strstr(err->message, "not all guest RAM"));
    ram.size = 16 << 20;
    img_ram_clear(&ram);
}

static void test_page_tables(void)
{
    g_autoptr(GByteArray) t = boot_page_tables_build(0x9000, 4);
    g_autoptr(GByteArray) gdt = boot_gdt_build(BOOT_MODE_64);

    g_assert_cmpuint(t->len, ==, 6 * 4096);
    g_assert_cmphex(get_le64(t->data), ==, 0xa003);
    g_assert_cmphex(get_le64(t->data + 8), ==, 0);
    g_assert_cmphex(get_le64(t->data + 4096 + 24), ==, 0xe003);
    g_assert_cmphex(get_le64(t->data + 4096 + 32), ==, 0);
    g_assert_cmphex(get_le64(t->data + 5 * 4096 + 511 * 8), ==, 0xffe00083);
    g_assert_cmphex(get_le64(gdt->data + 0x10), ==, 0x00af9b000000ffff);
    g_assert_cmphex(get_le64(gdt->data + 0x18), ==, 0x00cf93000000ffff);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/load/source", Dir, NULL, dir_up, test_source, dir_down);
    g_test_add_func("/load/probe", test_probe);
    g_test_add_func("/load/unknown", test_unknown);
    g_test_add_func("/load/flat", test_flat);
    g_test_add_func("/load/firmware", test_firmware);
    g_test_add("/load/modules", Dir, NULL, dir_up, test_modules, dir_down);
    g_test_add("/load/apply/copy", Dir, GINT_TO_POINTER(0), dir_up, test_apply, dir_down);
    g_test_add("/load/apply/map", Dir, GINT_TO_POINTER(1), dir_up, test_apply, dir_down);
    g_test_add("/load/apply/fails", Dir, NULL, dir_up, test_apply_fails, dir_down);
    g_test_add_func("/load/page-tables", test_page_tables);
    return g_test_run();
}
