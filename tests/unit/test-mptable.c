/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The MP 1.4 table: both checksums, entries in order, counts, refusals. */
#include "hw/i386/load-bytes.h"
#include "hw/i386/loader.h"
#include "hw/i386/mptable.h"

static uint8_t sum(const uint8_t *p, size_t len)
{
    uint8_t s = 0;

    while (len--) {
        s += *p++;
    }
    return s;
}

static const uint32_t ids[] = { 0, 1, 254, 255, 300 };
static const IrqOverride overrides[] = { { 0, 2, false, false }, { 9, 9, true, true } };

static MpTableConfig config(void)
{
    return (MpTableConfig){
        .apic_ids = ids, .n_cpus = 5, .overrides = overrides, .n_overrides = 2, .ioapic_id = 7,
    };
}

static unsigned entry_size(uint8_t type)
{
    return type == 0 ? 20 : 8;
}

static void test_table(void)
{
    MpTableConfig c = config();
    g_autoptr(GByteArray) mp = mptable_build(&c, 0xf0000, NULL);
    const uint8_t *p = mp->data, *t = p + 16, *e = t + 44;
    unsigned count[5] = { 0 }, n = 0;

    g_assert_cmpmem(p, 4, "_MP_", 4);
    g_assert_cmphex(get_le32(p + 4), ==, 0xf0010);
    g_assert_cmpuint(p[8], ==, 1);
    g_assert_cmpuint(p[9], ==, 4);
    g_assert_cmpuint(p[11], ==, 0);
    g_assert_cmpuint(sum(p, 16), ==, 0);
    g_assert_cmpmem(t, 4, "PCMP", 4);
    g_assert_cmpuint(get_le16(t + 4), ==, mp->len - 16);
    g_assert_cmpuint(t[6], ==, 4);
    g_assert_cmpuint(sum(t, mp->len - 16), ==, 0);
    g_assert_cmpmem(t + 8, 20, "ACCELVM MACHINE     ", 20);
    g_assert_cmphex(get_le32(t + 36), ==, 0xfee00000);
    for (; e < mp->data + mp->len; e += entry_size(e[0]), n++) {
        g_assert_cmpuint(e[0], <, 5);
        count[e[0]]++;
    }
    g_assert_true(e == mp->data + mp->len);
    g_assert_cmpuint(get_le16(t + 34), ==, n);
    g_assert_cmpuint(count[0], ==, 3);
    g_assert_cmpuint(count[1], ==, 1);
    g_assert_cmpuint(count[2], ==, 1);
    g_assert_cmpuint(count[3], ==, 15); /* 16 lines without the cascade */
    g_assert_cmpuint(count[4], ==, 2);
}

static void test_entries(void)
{
    MpTableConfig c = config();
    g_autoptr(GByteArray) mp = mptable_build(&c, 0x9fc00, NULL);
    const uint8_t *e = mp->data + 16 + 44;

    g_assert_cmpmem(e, 4, "\x00\x00\x14\x03", 4);
    g_assert_cmphex(get_le32(e + 4), ==, 0x600);
    g_assert_cmphex(get_le32(e + 8), ==, 0x201);
    g_assert_cmpmem(e + 40, 4, "\x00\xfe\x14\x01", 4);
    e += 60;
    g_assert_cmpmem(e, 8, "\x01\x00ISA   ", 8);
    g_assert_cmpmem(e + 8, 8, "\x02\x07\x11\x01\x00\x00\xc0\xfe", 8);
    g_assert_cmpmem(e + 16, 8, "\x03\x00\x00\x00\x00\x00\x07\x02", 8);
    g_assert_cmpmem(e + 24, 8, "\x03\x00\x00\x00\x00\x01\x07\x01", 8);
    g_assert_cmpmem(e + 32, 8, "\x03\x00\x00\x00\x00\x03\x07\x03", 8);
    g_assert_cmpmem(e + 80, 8, "\x03\x00\x0f\x00\x00\x09\x07\x09", 8);
    g_assert_cmpmem(mp->data + mp->len - 16, 8, "\x04\x03\x00\x00\x00\x00\x00\x00", 8);
    g_assert_cmpmem(mp->data + mp->len - 8, 8, "\x04\x01\x00\x00\x00\x00\xff\x01", 8);
}

/* Without overrides each line has the pin of its number; the cascade has none. */
static void test_no_overrides(void)
{
    MpTableConfig c = config();
    g_autoptr(GByteArray) mp = NULL;
    const uint8_t *e;

    c.n_overrides = 0;
    mp = mptable_build(&c, 0xf0000, NULL);
    e = mp->data + 16 + 44 + 60 + 16;
    g_assert_cmpmem(e, 8, "\x03\x00\x00\x00\x00\x00\x07\x00", 8);
    g_assert_cmpmem(e + 16, 8, "\x03\x00\x00\x00\x00\x03\x07\x03", 8);
    g_assert_cmpmem(e + 15 * 8, 2, "\x04\x03", 2);
}

static void test_refused(void)
{
    static const uint32_t high[] = { 255 };
    static const uint32_t bad[] = { 0x9fc08, 0x9fff0, 0xe0000, 0xffff0, 0x1000 };
    MpTableConfig c = config();

    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) err = NULL;

        g_assert_null(mptable_build(&c, bad[i], &err));
        g_assert_error(err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_NO_ROOM);
    }
    c.apic_ids = high;
    c.n_cpus = 1;
    g_assert_null(mptable_build(&c, 0xf0000, NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mptable/table", test_table);
    g_test_add_func("/mptable/entries", test_entries);
    g_test_add_func("/mptable/no-overrides", test_no_overrides);
    g_test_add_func("/mptable/refused", test_refused);
    return g_test_run();
}
