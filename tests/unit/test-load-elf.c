/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ELF kernels: PVH start info, plain entry, each broken field of headers, segments and notes. */
#include "load-common.h"

static void test_pvh(gconstpointer data)
{
    g_autoptr(GByteArray) image = GPOINTER_TO_INT(data) == 64 ? img_elf64(true) : img_elf32(true);
    g_autoptr(ImageSource) rd = image_source_from_bytes("rd", "abc", 3);
    ImageModule m = { .source = rd, .cmdline = "mod args" };
    LoadRun r = { .params = { .cmdline = "hi", .rsdp = 0xe0010, .modules = &m, .n_modules = 1 } };
    const ImageSegment *s, *info;
    const uint8_t *p;

    run_load(&r, image, 64);
    g_assert_no_error(r.err);
    g_assert_cmpint(r.plan->format, ==, IMAGE_FORMAT_PVH);
    s = image_plan_find(r.plan, "kernel");
    g_assert_cmphex(s->gpa, ==, 0x200000);
    g_assert_cmpuint(s->filesz, ==, 256);
    g_assert_cmpuint(s->memsz, ==, 512);
    g_assert_cmpuint(s->flags, ==, IMAGE_SEG_R | IMAGE_SEG_X);
    g_assert_cmpint(r.plan->entry.mode, ==, BOOT_MODE_32);
    g_assert_cmphex(r.plan->entry.rip, ==, 0x200020);
    info = image_plan_find(r.plan, "start info");
    p = info->data;
    g_assert_cmphex(r.plan->entry.rbx, ==, info->gpa);
    g_assert_cmphex(get_le32(p), ==, 0x336ec578);
    g_assert_cmpuint(get_le32(p + 4), ==, 1);
    g_assert_cmpuint(get_le32(p + 8), ==, 0);
    g_assert_cmpuint(get_le32(p + 12), ==, 1);
    g_assert_cmphex(get_le64(p + 16), ==, info->gpa + 56);
    g_assert_cmphex(get_le64(p + 24), ==, image_plan_find(r.plan, "cmdline")->gpa);
    g_assert_cmphex(get_le64(p + 32), ==, 0xe0010);
    g_assert_cmphex(get_le64(p + 40), ==, info->gpa + 88);
    g_assert_cmpuint(get_le32(p + 48), ==, e820_count(r.e820));
    g_assert_cmphex(get_le64(p + 56), ==, (64 << 20) - 4096);
    g_assert_cmpuint(get_le64(p + 64), ==, 3);
    g_assert_cmphex(get_le64(p + 72), ==, image_plan_find(r.plan, "module cmdline")->gpa);
    g_assert_cmphex(get_le64(p + 88), ==, 0);
    g_assert_cmphex(get_le64(p + 96), ==, 0x9fc00);
    g_assert_cmpuint(get_le32(p + 104), ==, E820_RAM);
    g_assert_cmpuint(info->filesz, ==, 88 + 24 * e820_count(r.e820));
    run_clear(&r);
}

static void test_plain64(void)
{
    g_autoptr(GByteArray) image = img_elf64(false);
    LoadRun r = { .params = { .cmdline = "hi" } };
    const uint8_t *bp;

    run_load(&r, image, 64);
    g_assert_no_error(r.err);
    g_assert_cmpint(r.plan->format, ==, IMAGE_FORMAT_ELF64);
    g_assert_cmpint(r.plan->entry.mode, ==, BOOT_MODE_64);
    g_assert_cmphex(r.plan->entry.rip, ==, 0x200010);
    bp = segment_data(&r, "boot_params");
    g_assert_cmphex(r.plan->entry.rsi, ==, image_plan_find(r.plan, "boot_params")->gpa);
    g_assert_cmpmem(bp + 0x202, 4, "HdrS", 4);
    g_assert_cmphex(get_le16(bp + 0x1fe), ==, 0xaa55);
    g_assert_cmphex(bp[0x210], ==, 0xff);
    g_assert_cmpuint(get_le32(bp + 0x238), ==, 2);
    run_clear(&r);
}

static void test_plain32(void)
{
    g_autoptr(GByteArray) image = img_elf32(false);
    LoadRun r = { 0 };

    run_load(&r, image, 64);
    g_assert_no_error(r.err);
    g_assert_cmpint(r.plan->format, ==, IMAGE_FORMAT_ELF32);
    g_assert_cmpint(r.plan->entry.mode, ==, BOOT_MODE_32);
    g_assert_cmphex(r.plan->entry.rip, ==, 0x200010);
    g_assert_cmphex(r.plan->entry.rsp % 4096, ==, 0);
    run_clear(&r);
}

/* A kernel in low memory pushes our own structures aside. */
static void test_low_kernel(void)
{
    g_autoptr(GByteArray) image = img_elf64(false);
    LoadRun r = { 0 };

    put_le64(image->data + img_phdr64(0) + 24, 0x1000);
    put_le64(image->data + img_phdr64(0) + 40, 0x9000);
    run_load(&r, image, 64);
    g_assert_no_error(r.err);
    g_assert_cmphex(r.plan->entry.rip, ==, 0x1010);
    g_assert_cmphex(image_plan_find(r.plan, "boot_params")->gpa, >=, 0xa000);
    run_clear(&r);
}

typedef struct Broken {
    const char *name;
    bool pvh;
    unsigned offset, width;
    uint64_t value;
    HwImageError code;
    const char *text;
} Broken;

#define PH0 64u
#define PH1 (64u + 56u)
#define MALFORMED HW_IMAGE_ERROR_MALFORMED

static const Broken broken[] = {
    { "class", false, 4, 1, 9, MALFORMED, "EI_CLASS 0x9" },
    { "data", false, 5, 1, 2, MALFORMED, "EI_DATA 0x2" },
    { "version", false, 6, 1, 0, MALFORMED, "EI_VERSION 0x0" },
    { "type", false, 16, 2, 1, MALFORMED, "e_type 0x1" },
    { "machine", false, 18, 2, 0xb7, HW_IMAGE_ERROR_UNSUPPORTED, "e_machine 0xb7" },
    { "entry", false, 24, 8, 0x500000, MALFORMED, "e_entry 0x500000 lies in no segment" },
    { "phoff", false, 32, 8, UINT64_MAX, MALFORMED, "e_phoff 0xffffffffffffffff" },
    { "phentsize", false, 54, 2, 32, MALFORMED, "e_phentsize 0x20" },
    { "phnum-0", false, 56, 2, 0, MALFORMED, "e_phnum 0x0" },
    { "phnum-max", false, 56, 2, 0xffff, MALFORMED, "e_phnum 0xffff" },
    { "offset", false, PH0 + 8, 8, 0x1001, MALFORMED, "segment 0: p_offset 0x1001" },
    { "offset-wrap", false, PH0 + 8, 8, UINT64_MAX, MALFORMED, "p_offset 0xffffffffffffffff" },
    { "filesz", false, PH0 + 32, 8, 0x101, MALFORMED, "p_filesz 0x101" },
    { "memsz", false, PH0 + 40, 8, 255, MALFORMED, "p_memsz 0xff" },
    { "memsz-huge", false, PH0 + 40, 8, UINT64_MAX, MALFORMED, "wraps around" },
    { "memsz-ram", false, PH0 + 40, 8, 64 << 20, HW_IMAGE_ERROR_NO_ROOM, "not all guest RAM" },
    { "paddr", false, PH0 + 24, 8, 0xa0000, HW_IMAGE_ERROR_NO_ROOM, "at 0xa0000" },
    { "no-load", false, PH0, 4, 0, MALFORMED, "lies in no segment" },
    { "note-offset", true, PH1 + 8, 8, 0x1100, MALFORMED, "segment 1: p_offset" },
    { "note-namesz", true, 0xf00, 4, 0xfffffff0, MALFORMED, "n_namesz 0xfffffff0" },
    { "note-descsz", true, 0xf04, 4, 0xffffffff, MALFORMED, "n_descsz 0xffffffff" },
    { "note-desc-2", true, 0xf04, 4, 2, MALFORMED, "n_descsz 0x2" },
    { "note-entry", true, 0xf10, 4, 0x10, MALFORMED, "PHYS32_ENTRY 0x10 lies in no segment" },
};

static void test_broken(gconstpointer data)
{
    const Broken *b = data;
    g_autoptr(GByteArray) image = img_elf64(b->pvh);

    for (unsigned i = 0; i < b->width; i++) {
        image->data[b->offset + i] = b->value >> (8 * i);
    }
    assert_refused(image, 64, b->code, b->text);
}

static void test_overlap(void)
{
    g_autoptr(GByteArray) image = img_elf64(true);

    put_le32(image->data + PH1, 1); /* the note becomes a second PT_LOAD at the same address */
    assert_refused(image, 64, MALFORMED, "segment 1: kernel: 0x200000+0x14 overlaps kernel");
}

static void test_truncated(void)
{
    g_autoptr(GByteArray) image = img_elf64(false);

    g_byte_array_set_size(image, 63);
    assert_refused(image, 64, MALFORMED, "needs 64");
    g_byte_array_set_size(image, 10);
    assert_refused(image, 64, MALFORMED, "ELF");
}

/* Another note first, an 8-byte descriptor: as Linux's own .notes may look. */
static void test_note_walk(void)
{
    g_autoptr(GByteArray) image = img_elf64(true);
    uint8_t *n = image->data + 0xf00;
    LoadRun r = { 0 };

    memset(n, 0, 64);
    put_le32(n, 6);
    put_le32(n + 4, 6);
    put_le32(n + 8, 6);
    memcpy(n + 12, "Linux", 6); /* padded to 8, as the descriptor is */
    memcpy(n + 20, "linux", 6);
    put_le32(n + 28, 4);
    put_le32(n + 32, 8);
    put_le32(n + 36, 18);
    memcpy(n + 40, "Xen", 4);
    put_le64(n + 44, 0x200040);
    put_le64(image->data + PH1 + 32, 52);
    run_load(&r, image, 64);
    g_assert_no_error(r.err);
    g_assert_cmphex(r.plan->entry.rip, ==, 0x200040);
    run_clear(&r);
    r = (LoadRun){ 0 };
    put_le64(n + 44, 0x100200040);
    run_load(&r, image, 64);
    g_assert_error(r.err, HW_IMAGE_ERROR, MALFORMED);
    g_assert_nonnull(strstr(r.err->message, "above 4 GiB"));
    run_clear(&r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/load/elf/pvh64", GINT_TO_POINTER(64), test_pvh);
    g_test_add_data_func("/load/elf/pvh32", GINT_TO_POINTER(32), test_pvh);
    g_test_add_func("/load/elf/plain64", test_plain64);
    g_test_add_func("/load/elf/plain32", test_plain32);
    g_test_add_func("/load/elf/low-kernel", test_low_kernel);
    g_test_add_func("/load/elf/overlap", test_overlap);
    g_test_add_func("/load/elf/truncated", test_truncated);
    g_test_add_func("/load/elf/note-walk", test_note_walk);
    for (unsigned i = 0; i < G_N_ELEMENTS(broken); i++) {
        g_autofree char *path = g_strdup_printf("/load/elf/broken/%s", broken[i].name);

        g_test_add_data_func(path, &broken[i], test_broken);
    }
    return g_test_run();
}
