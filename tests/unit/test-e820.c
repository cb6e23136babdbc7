/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The e820 map: layouts, refusal of overlaps, holes, lookup, wire format. */
#include "hw/i386/load-bytes.h"
#include "hw/i386/loader.h"

static void assert_entry(const E820Map *map, unsigned i, uint64_t addr, uint64_t size,
                         uint32_t type)
{
    g_assert_cmpuint(i, <, e820_count(map));
    g_assert_cmphex(e820_get(map, i)->addr, ==, addr);
    g_assert_cmphex(e820_get(map, i)->size, ==, size);
    g_assert_cmpuint(e820_get(map, i)->type, ==, type);
}

static void test_layout_firmware(void)
{
    RamLayout l = { .below_4g = 3ULL << 30, .above_4g = 1ULL << 30, .kvm_identity = true };
    g_autoptr(E820Map) map = e820_from_layout(&l, NULL);

    g_assert_cmpuint(e820_count(map), ==, 3);
    assert_entry(map, 0, 0, 3ULL << 30, E820_RAM);
    assert_entry(map, 1, 0xfeffc000, 0x4000, E820_RESERVED);
    assert_entry(map, 2, 4ULL << 30, 1ULL << 30, E820_RAM);
}

static void test_layout_direct(void)
{
    RamLayout l = { .below_4g = 128 << 20, .bios_holes = true };
    g_autoptr(E820Map) map = e820_from_layout(&l, NULL);

    g_assert_cmpuint(e820_count(map), ==, 4);
    assert_entry(map, 0, 0, 0x9fc00, E820_RAM);
    assert_entry(map, 1, 0x9fc00, 0x400, E820_RESERVED);
    assert_entry(map, 2, 0xe0000, 0x20000, E820_RESERVED);
    assert_entry(map, 3, 0x100000, (128 << 20) - 0x100000, E820_RAM);
    g_assert_false(e820_covers(map, 0xa0000, 1, E820_RAM));
}

static void test_layout_bad(void)
{
    RamLayout over = { .below_4g = (4ULL << 30) + 1 };
    RamLayout none = { .below_4g = 0 };
    RamLayout hit = { .below_4g = 4ULL << 30, .kvm_identity = true };
    RamLayout low = { .below_4g = 1 << 20, .above_4g = 1, .above_4g_base = 1 << 30 };
    const RamLayout *bad[] = { &over, &none, &hit, &low };

    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) err = NULL;

        g_assert_null(e820_from_layout(bad[i], &err));
        g_assert_error(err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_RAM_MAP);
    }
}

static void test_add(void)
{
    g_autoptr(E820Map) map = e820_new();
    g_autoptr(GError) err = NULL;

    g_assert_true(e820_add(map, 0x3000, 0x1000, E820_RAM, NULL));
    g_assert_true(e820_add(map, 0x1000, 0x1000, E820_RAM, NULL));
    assert_entry(map, 0, 0x1000, 0x1000, E820_RAM);
    g_assert_false(e820_add(map, 0x3fff, 1, E820_RESERVED, &err));
    g_assert_error(err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_RAM_MAP);
    g_assert_false(e820_add(map, UINT64_MAX, 2, E820_RAM, NULL));
    g_assert_false(e820_add(map, 0x9000, 0, E820_RAM, NULL));
    g_assert_cmpuint(e820_count(map), ==, 2);
    g_assert_true(e820_add(map, 0x2000, 0x1000, E820_RAM, NULL));
    g_assert_cmpuint(e820_count(map), ==, 1);
    assert_entry(map, 0, 0x1000, 0x3000, E820_RAM);
    g_assert_true(e820_add(map, UINT64_MAX - 0xfff, 0x1000, E820_RESERVED, NULL));
    g_assert_false(e820_add(map, UINT64_MAX, 1, E820_RESERVED, NULL));
}

static void test_overlay(void)
{
    g_autoptr(E820Map) map = e820_new();

    e820_add(map, 0, 0x10000, E820_RAM, NULL);
    e820_add(map, 0x10000, 0x1000, E820_NVS, NULL);
    g_assert_true(e820_overlay(map, 0x4000, 0x1000, E820_ACPI, NULL));
    g_assert_true(e820_overlay(map, 0xf000, 0x3000, E820_RESERVED, NULL));
    g_assert_cmpuint(e820_count(map), ==, 4);
    assert_entry(map, 0, 0, 0x4000, E820_RAM);
    assert_entry(map, 1, 0x4000, 0x1000, E820_ACPI);
    assert_entry(map, 2, 0x5000, 0xa000, E820_RAM);
    assert_entry(map, 3, 0xf000, 0x3000, E820_RESERVED);
}

static void test_covers(void)
{
    g_autoptr(E820Map) map = e820_new();

    e820_add(map, 0x1000, 0x1000, E820_RAM, NULL);
    g_assert_true(e820_covers(map, 0x1000, 0x1000, E820_RAM));
    g_assert_false(e820_covers(map, 0x1000, 0x1001, E820_RAM));
    g_assert_false(e820_covers(map, 0xfff, 1, E820_RAM));
    g_assert_false(e820_covers(map, 0x1000, 0, E820_RAM));
    g_assert_false(e820_covers(map, 0x1000, 0x1000, E820_RESERVED));
    g_assert_false(e820_covers(map, 0x1800, UINT64_MAX, E820_RAM));
}

static void test_wire(void)
{
    g_autoptr(E820Map) map = e820_new();
    g_autoptr(GByteArray) out = NULL;

    e820_add(map, 0x123456789a, 0x1000, E820_NVS, NULL);
    out = e820_to_fw_cfg(map);
    g_assert_cmpuint(out->len, ==, 20);
    g_assert_cmphex(get_le64(out->data), ==, 0x123456789a);
    g_assert_cmphex(get_le64(out->data + 8), ==, 0x1000);
    g_assert_cmpuint(get_le32(out->data + 16), ==, E820_NVS);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/e820/layout/firmware", test_layout_firmware);
    g_test_add_func("/e820/layout/direct", test_layout_direct);
    g_test_add_func("/e820/layout/bad", test_layout_bad);
    g_test_add_func("/e820/add", test_add);
    g_test_add_func("/e820/overlay", test_overlay);
    g_test_add_func("/e820/covers", test_covers);
    g_test_add_func("/e820/wire", test_wire);
    return g_test_run();
}
