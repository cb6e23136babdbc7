/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Guest-physical memory: RAM, ROM, devices, holes, and the widths a device sees. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "hw-fake.h"

#define PAGE 4096u

typedef struct Fixture {
    HwRegistry *reg;
    MachineState *ms;
    uint8_t *ram, *rom;
    IoRegion region;
    IoOps ops;
    GString *log;
} Fixture;

static uint64_t dev_read(void *opaque, uint64_t offset, unsigned size)
{
    uint64_t v = 0;
    unsigned i;

    g_string_append_printf(((Fixture *)opaque)->log, "r%u@%x ", size, (unsigned)offset);
    for (i = 0; i < size; i++) {
        v |= ((offset + i) & 0xff) << (8 * i);
    }
    return v;
}

static void dev_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    g_string_append_printf(((Fixture *)opaque)->log, "w%u@%x=%" G_GINT64_MODIFIER "x ", size,
                           (unsigned)offset, value);
}

/* RAM [0, 64K), ROM [1M, 1M + 4K), device [2M, 2M + 32). */
static void setup(Fixture *f, gconstpointer data)
{
    g_autoptr(GError) err = NULL;

    f->reg = hw_registry_new();
    f->ms = fake_machine(f->reg, 1, 1);
    f->log = g_string_new(NULL);
    f->ram = hw_ram_alloc(f->ms, 16 * PAGE, &err);
    f->rom = hw_ram_alloc(f->ms, PAGE, &err);
    g_assert_no_error(err);
    g_assert_true(hw_ram_add(f->ms, "ram", 0, f->ram, 16 * PAGE, 0, &err));
    g_assert_true(hw_ram_add(f->ms, "rom", 1 << 20, f->rom, PAGE, ACCEL_RAM_READONLY, &err));
    f->ops = (IoOps){ .read = dev_read, .write = dev_write };
    f->region = (IoRegion){ .name = "dev", .base = 2 << 20, .size = 32, .ops = &f->ops,
                            .opaque = f };
    hw_mmio_add(f->ms, &f->region);
}

static void teardown(Fixture *f, gconstpointer data)
{
    hw_machine_free(f->ms);
    hw_registry_free(f->reg);
    g_string_free(f->log, TRUE);
}

static void expect(Fixture *f, const char *log)
{
    g_assert_cmpstr(f->log->str, ==, log);
    g_string_truncate(f->log, 0);
}

static uint64_t read_n(Fixture *f, uint64_t gpa, unsigned n)
{
    uint64_t v = 0;

    hw_mem_read(f->ms, gpa, &v, n);
    return v;
}

static void test_ram(Fixture *f, gconstpointer data)
{
    char buf[32] = { 0 };

    g_assert_true(hw_mem_write(f->ms, 100, "hello", 6));
    g_assert_cmpstr((char *)f->ram + 100, ==, "hello");
    g_assert_true(hw_mem_read(f->ms, 100, buf, 6));
    g_assert_cmpstr(buf, ==, "hello");
    g_assert_true(hw_mem_read(f->ms, 100, buf, 0));
}

static void test_rom(Fixture *f, gconstpointer data)
{
    char buf[4];

    g_assert_true(hw_mem_write(f->ms, (1 << 20) + 8, "abc", 4));
    g_assert_cmpint(f->rom[8], ==, 0);
    g_assert_true(hw_rom_write(f->ms, (1 << 20) + 8, "abc", 4));
    g_assert_true(hw_mem_read(f->ms, (1 << 20) + 8, buf, 4));
    g_assert_cmpstr(buf, ==, "abc");
}

/* A device under a ROM gets the writes (flash memory). */
static void test_rom_device(Fixture *f, gconstpointer data)
{
    hw_mmio_remove(f->ms, &f->region);
    f->region.base = 1 << 20;
    hw_mmio_add(f->ms, &f->region);
    read_n(f, 1 << 20, 4);
    expect(f, "");
    hw_mem_write(f->ms, (1 << 20) + 4, "\1\2", 2);
    expect(f, "w2@4=201 ");
    hw_mem_write(f->ms, (1 << 20) + 100, "\1\2", 2); /* past the device: dropped */
    expect(f, "");
    g_assert_cmpint(f->rom[4], ==, 0);
}

static void test_hole(Fixture *f, gconstpointer data)
{
    uint8_t buf[64];

    memset(buf, 0xee, sizeof(buf));
    g_assert_false(hw_mem_read(f->ms, 0x100000000ULL, buf, 64));
    g_assert_cmpint(buf[0] | buf[63], ==, 0);
    g_assert_false(hw_mem_write(f->ms, 0x100000000ULL, buf, 64));
    /* half RAM, half nothing */
    f->ram[16 * PAGE - 1] = 0x77;
    memset(buf, 0xee, sizeof(buf));
    g_assert_false(hw_mem_read(f->ms, 16 * PAGE - 1, buf, 3));
    g_assert_cmpmem(buf, 4, "\x77\0\0\xee", 4);
}

static void test_top(Fixture *f, gconstpointer data)
{
    uint8_t buf[16];

    memset(buf, 0xee, sizeof(buf));
    f->ram[0] = 0x55;
    g_assert_false(hw_mem_read(f->ms, UINT64_MAX - 3, buf, 16)); /* no wrap to address 0 */
    g_assert_cmpint(buf[4], ==, 0);
    g_assert_false(hw_mem_write(f->ms, UINT64_MAX - 3, "0123456789abcdef", 16));
    g_assert_cmphex(f->ram[0], ==, 0x55);
}

static void test_widths(Fixture *f, gconstpointer data)
{
    const uint64_t dev = 2 << 20;

    g_assert_cmphex(read_n(f, dev, 1), ==, 0);
    g_assert_cmphex(read_n(f, dev + 2, 2), ==, 0x0302);
    g_assert_cmphex(read_n(f, dev + 4, 4), ==, 0x07060504);
    g_assert_cmphex(read_n(f, dev + 8, 8), ==, 0x0f0e0d0c0b0a0908ULL);
    expect(f, "r1@0 r2@2 r4@4 r4@8 r4@c ");
    f->ops.max_size = 8;
    g_assert_cmphex(read_n(f, dev + 8, 8), ==, 0x0f0e0d0c0b0a0908ULL);
    hw_mem_write(f->ms, dev, "\1\2\3\4\5\6\7\10", 8);
    expect(f, "r8@8 w8@0=807060504030201 ");
    f->ops.max_size = 1;
    read_n(f, dev + 1, 4);
    expect(f, "r1@1 r1@2 r1@3 r1@4 ");
}

/* Lengths that are no power of two, as a DMA engine or a monitor asks for them. */
static void test_runs(Fixture *f, gconstpointer data)
{
    const uint64_t dev = 2 << 20;
    uint8_t buf[32];
    unsigned i;

    f->ops.max_size = 8;
    g_assert_true(hw_mem_read(f->ms, dev + 1, buf, 22));
    expect(f, "r1@1 r2@2 r4@4 r8@8 r4@10 r2@14 r1@16 ");
    for (i = 0; i < 22; i++) {
        g_assert_cmpint(buf[i], ==, i + 1);
    }
}

static void test_crossing(Fixture *f, gconstpointer data)
{
    const uint64_t dev = 2 << 20;
    uint8_t buf[4] = { 0xee, 0xee, 0xee, 0xee };

    g_assert_false(hw_mem_read(f->ms, dev + 30, buf, 4));
    g_assert_cmpmem(buf, 4, "\x1e\x1f\0\0", 4);
    expect(f, "r1@1e r1@1f ");
    g_assert_false(hw_mem_read(f->ms, dev - 2, buf, 4));
    expect(f, "r2@0 ");
}

static void test_ptr(Fixture *f, gconstpointer data)
{
    g_assert_true(hw_ram_ptr(f->ms, 5, 10, true) == f->ram + 5);
    g_assert_nonnull(hw_ram_ptr(f->ms, 0, 16 * PAGE, true));
    g_assert_null(hw_ram_ptr(f->ms, 0, 16 * PAGE + 1, true));
    g_assert_null(hw_ram_ptr(f->ms, 16 * PAGE, 1, false));
    g_assert_null(hw_ram_ptr(f->ms, 16 * PAGE - 1, UINT64_MAX, false));
    g_assert_nonnull(hw_ram_ptr(f->ms, 1 << 20, 1, false));
    g_assert_null(hw_ram_ptr(f->ms, 1 << 20, 1, true));
    g_assert_null(hw_ram_ptr(f->ms, 2 << 20, 1, false));
}

static void test_blocks(Fixture *f, gconstpointer data)
{
    g_autoptr(GError) err = NULL;
    const RamBlock *b;
    guint n;

    b = hw_ram_blocks(f->ms, &n);
    g_assert_cmpuint(n, ==, 2);
    g_assert_cmpuint(b[0].gpa, <, b[1].gpa);
    g_assert_false(hw_ram_add(f->ms, "x", 15 * PAGE, f->rom, PAGE, 0, &err));
    g_assert_nonnull(strstr(err->message, "overlaps 'ram'"));
    g_clear_error(&err);
    g_assert_false(hw_ram_add(f->ms, "x", (1 << 20) - PAGE, f->ram, 2 * PAGE, 0, &err));
    g_assert_nonnull(strstr(err->message, "overlaps 'rom'"));
    g_clear_error(&err);
    g_assert_false(hw_ram_add(f->ms, "x", 100, f->ram, PAGE, 0, &err));
    g_clear_error(&err);
    g_assert_false(hw_ram_add(f->ms, "x", 4 << 20, f->ram + 1, PAGE, 0, &err));
    g_clear_error(&err);
    g_assert_false(hw_ram_add(f->ms, "x", 4 << 20, f->ram, 0, 0, &err));
    g_clear_error(&err);
    g_assert_false(hw_ram_add(f->ms, "x", UINT64_MAX - PAGE + 1, f->ram, 2 * PAGE, 0, &err));
    g_clear_error(&err);
    g_assert_false(hw_ram_remove(f->ms, PAGE, &err));
    g_clear_error(&err);
    g_assert_true(hw_ram_remove(f->ms, 0, &err));
    g_assert_null(hw_ram_ptr(f->ms, 0, 1, false));
    g_assert_true(hw_ram_add(f->ms, "ram", 16 * PAGE, f->ram, PAGE, 0, &err));
    g_assert_nonnull(hw_ram_ptr(f->ms, 16 * PAGE, 1, false));
    g_assert_null(hw_ram_alloc(f->ms, 0, &err));
    g_clear_error(&err);
    g_assert_null(hw_ram_alloc(f->ms, 1ULL << 62, &err));
    g_assert_cmpint(accel_error_errno(err), !=, 0);
}

/* Adjacent host memory joins to one piece; memory apart does not. */
static void test_join(Fixture *f, gconstpointer data)
{
    uint8_t *two = hw_ram_alloc(f->ms, 2 * PAGE, NULL);

    hw_ram_add(f->ms, "a", 4 << 20, two, PAGE, 0, NULL);
    hw_ram_add(f->ms, "b", (4 << 20) + PAGE, two + PAGE, PAGE, 0, NULL);
    g_assert_nonnull(hw_ram_ptr(f->ms, 4 << 20, 2 * PAGE, true));
    hw_ram_add(f->ms, "c", (4 << 20) + 2 * PAGE, two, PAGE, 0, NULL); /* surely not behind "b" */
    g_assert_null(hw_ram_ptr(f->ms, 4 << 20, 3 * PAGE, true));
}

/* The flags of the mapping that holds @p, as /proc/self/smaps names them; NULL: none there. */
static char *mapping_flags(const void *p)
{
    g_autofree char *text = NULL;
    bool here = false;
    g_auto(GStrv) lines = NULL;

    if (!g_file_get_contents("/proc/self/smaps", &text, NULL, NULL)) {
        return NULL;
    }
    lines = g_strsplit(text, "\n", 0);
    for (guint i = 0; lines[i] != NULL; i++) {
        unsigned long long from, to;

        if (sscanf(lines[i], "%llx-%llx ", &from, &to) == 2) {
            here = (uintptr_t)p >= from && (uintptr_t)p < to;
        } else if (here && g_str_has_prefix(lines[i], "VmFlags:")) {
            return g_strdup(lines[i]);
        }
    }
    return NULL;
}

/* Huge pages can serve all but the first 2 MiB of a guest's memory. */
static void test_huge_pages(Fixture *f, gconstpointer data)
{
    const size_t huge = 2 << 20, size = 16 << 20;
    uint8_t *p = hw_ram_alloc(f->ms, size, NULL);
    g_autofree char *first = mapping_flags(p), *behind = mapping_flags(p + huge);

    g_assert_cmphex((uintptr_t)p % huge, ==, 0);
    p[size - 1] = 1;
    if (behind == NULL || access("/sys/kernel/mm/transparent_hugepage", F_OK) != 0) {
        g_test_skip("this kernel has no huge pages, or does not tell");
        return;
    }
    g_assert_nonnull(strstr(behind, " hg"));
    g_assert_nonnull(strstr(first, " nh"));
}

/* RAM hides a device below it; a device of higher priority hides another one. */
static void test_overlap(Fixture *f, gconstpointer data)
{
    IoRegion big = f->region;

    big.name = "big";
    big.base = 0;
    big.size = 8 << 20;
    big.priority = -1;
    hw_mmio_add(f->ms, &big);
    read_n(f, 0, 1);
    expect(f, "");
    read_n(f, (2 << 20) + 4, 1);
    expect(f, "r1@4 ");
    read_n(f, 0x300000, 1);
    expect(f, "r1@300000 ");
    hw_mmio_remove(f->ms, &big);
    read_n(f, 0x300000, 1);
    expect(f, "");
}

static void list_one(void *opaque, const IoRegion *region, const RamBlock *ram)
{
    g_string_append_printf(opaque, "%s ", region != NULL ? region->name : ram->name);
}

static void test_foreach(Fixture *f, gconstpointer data)
{
    hw_mem_foreach(f->ms, list_one, f->log);
    expect(f, "ram rom dev ");
}

/* Blocks from before the accelerator are handed over when it comes; later ones at once. */
static void test_accel(Fixture *f, gconstpointer data)
{
    FakeAccel *accel = fake_accel_new(ACCEL_THREAD_PER_VCPU);
    g_autoptr(GError) err = NULL;

    hw_machine_attach_accel(f->ms, &accel->parent);
    g_assert_cmpuint(accel->maps, ==, 2);
    g_assert_true(hw_ram_add(f->ms, "x", 4 << 20, hw_ram_alloc(f->ms, PAGE, NULL), PAGE, 0,
                             &err));
    g_assert_cmpuint(accel->maps, ==, 3);
    accel->fail_map = true;
    g_assert_false(hw_ram_add(f->ms, "y", 5 << 20, f->ram, PAGE, 0, &err));
    g_assert_cmpstr(err->message, ==, "no slot");
    g_assert_null(hw_ram_ptr(f->ms, 5 << 20, 1, false));
    g_assert_true(hw_ram_remove(f->ms, 4 << 20, NULL));
    g_assert_cmpuint(accel->unmaps, ==, 1);
}

static void test_attach_error(Fixture *f, gconstpointer data)
{
    FakeAccel *accel = fake_accel_new(ACCEL_THREAD_PER_VCPU);
    g_autoptr(GError) err = NULL;

    accel->fail_map = true;
    hw_machine_attach_accel(f->ms, &accel->parent);
    g_assert_false(hw_machine_init(f->ms, &err));
    g_assert_cmpstr(err->message, ==, "no slot");
}

/* No RAM, no device: as machine "none" has it. For UBSan, which knows what may not be NULL. */
static void test_empty(void)
{
    HwRegistry *reg = hw_registry_new();
    MachineState *ms = fake_machine(reg, 1, 1);
    uint32_t v = 0x5a5a5a5a;

    g_assert_null(hw_ram_ptr(ms, 0, 1, false));
    g_assert_false(hw_mem_read(ms, 0x1000, &v, sizeof(v)));
    g_assert_cmphex(v, ==, 0);
    hw_machine_free(ms);
    hw_registry_free(reg);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, fn) g_test_add(path, Fixture, NULL, setup, fn, teardown)
    ADD("/memory/ram", test_ram);
    ADD("/memory/rom", test_rom);
    ADD("/memory/rom-over-device", test_rom_device);
    ADD("/memory/hole", test_hole);
    ADD("/memory/top-of-space", test_top);
    ADD("/memory/widths", test_widths);
    ADD("/memory/runs", test_runs);
    ADD("/memory/crossing", test_crossing);
    ADD("/memory/host-pointer", test_ptr);
    ADD("/memory/blocks", test_blocks);
    ADD("/memory/huge-pages", test_huge_pages);
    ADD("/memory/join", test_join);
    ADD("/memory/overlap", test_overlap);
    ADD("/memory/foreach", test_foreach);
    ADD("/memory/accelerator", test_accel);
    ADD("/memory/attach-error", test_attach_error);
    g_test_add_func("/memory/empty", test_empty);
    return g_test_run();
}
