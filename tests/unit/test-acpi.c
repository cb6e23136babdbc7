/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ACPI tables field by field: AML encoding, every checksum, pointers, FADT of both kinds, MADT up to
 * 288 CPUs, NUMA tables, the linker script against a small interpreter of it.
 */
#include "acpi-configs.h"
#include "hw/i386/acpi-internal.h"
#include "hw/i386/loader.h"

static uint8_t sum(const uint8_t *p, size_t len)
{
    uint8_t s = 0;

    while (len--) {
        s += *p++;
    }
    return s;
}

static void assert_aml(GByteArray *a, const char *want, size_t len)
{
    g_assert_cmpmem(a->data, a->len, want, len);
    g_byte_array_set_size(a, 0);
}

static void test_aml_basics(void)
{
    g_autoptr(GByteArray) a = g_byte_array_new();

    aml_int(a, 0);
    aml_int(a, 1);
    aml_int(a, 2);
    aml_int(a, 0x100);
    aml_int(a, 0x10000);
    aml_int(a, 1ULL << 32);
    assert_aml(a, "\x00\x01\x0a\x02\x0b\x00\x01\x0c\x00\x00\x01\x00\x0e\0\0\0\0\x01\0\0\0", 21);
    aml_name(a, "COM1");
    aml_name(a, "\\_S5");
    aml_name(a, "\\_SB.GED");
    aml_name(a, "\\_SB.CPUS.CSCN");
    assert_aml(a, "COM1\\_S5_\\\x2e_SB_GED_\\\x2f\x03_SB_CPUSCSCN", 34);
    aml_eisa(a, "PNP0501");
    assert_aml(a, "\x0c\x41\xd0\x05\x01", 5);
    aml_name_string(a, "_HID", "QEMU0002");
    assert_aml(a, "\x08_HID\x0dQEMU0002", 15);
    aml_field_bits(a, NULL, 64);
    aml_field_bits(a, "ABC", 1);
    assert_aml(a, "\x00\x40\x04" "ABC_\x01", 8);
}

/* A PkgLength counts itself: 62 bytes are the last that fit in one byte of it. */
static void test_aml_length(void)
{
    static const struct {
        unsigned len;
        uint8_t code[4];
        unsigned n;
    } t[] = {
        { 62, { 0x3f }, 1 },
        { 63, { 0x41, 0x04 }, 2 },
        { 0xffd, { 0x4f, 0xff }, 2 },
        { 0xffe, { 0x81, 0x00, 0x01 }, 3 },
        { 0xffffc, { 0x8f, 0xff, 0xff }, 3 },
        { 0xffffd, { 0xc1, 0x00, 0x00, 0x01 }, 4 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(t); i++) {
        g_autoptr(GByteArray) a = bytes_new_zero(t[i].len + 1);

        aml_end(a, 1);
        g_assert_cmpuint(a->len, ==, t[i].len + 1 + t[i].n);
        g_assert_cmpmem(a->data + 1, t[i].n, t[i].code, t[i].n);
    }
}

static void test_resources(void)
{
    g_autoptr(GByteArray) a = g_byte_array_new();
    GByteArray *crs = aml_crs_begin();

    aml_crs_io(crs, 0x3f8, 8);
    aml_crs_irq(crs, 4);
    aml_crs_interrupt(crs, 9, true);
    aml_crs_memory(crs, 0xfea00000, 4);
    aml_crs_end(a, crs);
    assert_aml(a, "\x08_CRS\x11\x25\x0a\x22"
                  "\x47\x01\xf8\x03\xf8\x03\x01\x08" "\x22\x10\x00"
                  "\x89\x06\x00\x03\x01\x09\0\0\0" "\x86\x09\x00\x01\0\0\xa0\xfe\x04\0\0\0"
                  "\x79\x00", 43);
}

static AcpiTables *build(bool microvm, unsigned n, unsigned present)
{
    g_autofree AcpiCpu *cpus = cfg_cpus(n, present);
    AcpiConfig c = microvm ? cfg_microvm(cpus, n) : cfg_pc(cpus, n);
    AcpiTables *t = acpi_build(&c, NULL);

    g_assert_nonnull(t);
    return t;
}

static const uint8_t *table(const AcpiTables *t, const char *signature)
{
    const AcpiTable *found = acpi_tables_find(t, signature, 0);

    g_assert_nonnull(found);
    return t->blob->data + found->offset;
}

#define BASE 0xe0040u

static void check_checksums(const AcpiTables *t)
{
    for (unsigned i = 0; i < t->tables->len; i++) {
        const AcpiTable *at = &g_array_index(t->tables, AcpiTable, i);
        const uint8_t *p = t->blob->data + at->offset;

        g_assert_cmpuint(at->offset % 64, ==, 0);
        g_assert_cmpmem(p, 4, at->signature, 4);
        g_assert_cmpuint(get_le32(p + 4), ==, at->length);
        if (strcmp(at->signature, "FACS") != 0) {
            g_assert_cmpuint(sum(p, at->length), ==, 0);
        }
    }
    g_assert_cmpuint(sum(t->rsdp->data, 20), ==, 0);
    g_assert_cmpuint(sum(t->rsdp->data, 36), ==, 0);
}

/* Follows RSDP -> XSDT and RSDT -> tables -> DSDT, FACS at the addresses that they hold. */
static void check_links(const AcpiTables *t, uint64_t base)
{
    const uint8_t *r = t->rsdp->data, *x, *s, *fadt;
    unsigned n;

    g_assert_cmpmem(r, 8, "RSD PTR ", 8);
    g_assert_cmpuint(r[15], ==, 2);
    g_assert_cmpuint(get_le32(r + 20), ==, 36);
    s = t->blob->data + (get_le32(r + 16) - base);
    x = t->blob->data + (get_le64(r + 24) - base);
    g_assert_cmpmem(s, 4, "RSDT", 4);
    g_assert_cmpmem(x, 4, "XSDT", 4);
    n = (get_le32(x + 4) - 36) / 8;
    g_assert_cmpuint(n, ==, (get_le32(s + 4) - 36) / 4);
    for (unsigned i = 0; i < n; i++) {
        g_assert_cmphex(get_le64(x + 36 + 8 * i), ==, get_le32(s + 36 + 4 * i));
    }
    fadt = t->blob->data + (get_le64(x + 36) - base);
    g_assert_cmpmem(fadt, 4, "FACP", 4);
    g_assert_cmphex(get_le32(fadt + 40), ==, get_le64(fadt + 140));
    g_assert_cmpmem(t->blob->data + (get_le32(fadt + 40) - base), 4, "DSDT", 4);
    if (!(get_le32(fadt + 112) & (1 << 20))) {
        g_assert_cmpmem(t->blob->data + (get_le32(fadt + 36) - base), 4, "FACS", 4);
    }
}

static void test_place(void)
{
    g_autoptr(AcpiTables) pc = build(false, 8, 2);
    g_autoptr(AcpiTables) mv = build(true, 288, 288);

    g_assert_true(acpi_place(pc, 0xe0000, BASE, NULL));
    check_checksums(pc);
    check_links(pc, BASE);
    g_assert_cmpuint(pc->tables->len, ==, 9);
    g_assert_true(acpi_place(mv, 0xe0000, BASE, NULL));
    check_checksums(mv);
    check_links(mv, BASE);
    g_assert_null(acpi_tables_find(mv, "FACS", 0));
    g_assert_null(acpi_tables_find(mv, "SRAT", 0));
    g_assert_cmpuint(BASE + mv->blob->len, <, 0x100000);
}

static void test_place_refused(void)
{
    g_autoptr(AcpiTables) t = build(true, 1, 1);
    static const struct {
        uint64_t rsdp, tables;
    } bad[] = { { 0xe0008, BASE }, { 0xdfff0, BASE }, { 0xffff0, BASE }, { 0xe0000, BASE + 16 },
                { 0xe0000, 0xffffffc0 } };

    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) err = NULL;

        g_assert_false(acpi_place(t, bad[i].rsdp, bad[i].tables, &err));
        g_assert_error(err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_NO_ROOM);
    }
}

static void test_fadt_fixed(void)
{
    g_autoptr(AcpiTables) t = build(false, 1, 1);
    const uint8_t *f = table(t, "FACP");

    g_assert_cmpuint(get_le32(f + 4), ==, 276);
    g_assert_cmpuint(f[8], ==, 6);
    g_assert_cmpuint(get_le16(f + 46), ==, 9);
    g_assert_cmphex(get_le32(f + 48), ==, 0);
    g_assert_cmphex(get_le32(f + 56), ==, 0x600);
    g_assert_cmphex(get_le32(f + 64), ==, 0x604);
    g_assert_cmphex(get_le32(f + 76), ==, 0x608);
    g_assert_cmphex(get_le32(f + 80), ==, 0xafe0);
    g_assert_cmpuint(f[88], ==, 4);
    g_assert_cmpuint(f[89], ==, 2);
    g_assert_cmpuint(f[91], ==, 4);
    g_assert_cmpuint(f[92], ==, 4);
    g_assert_cmphex(f[108], ==, 0x32);
    g_assert_cmphex(get_le16(f + 109), ==, 0x7);
    g_assert_cmphex(get_le32(f + 112), ==, 0x84a5);
    g_assert_cmpmem(f + 116, 12, "\x01\x08\x00\x01\xf9\x0c\0\0\0\0\0\0", 12);
    g_assert_cmphex(f[128], ==, 6);
    g_assert_cmpmem(f + 148, 12, "\x01\x20\x00\x02\x00\x06\0\0\0\0\0\0", 12);
    g_assert_cmpmem(f + 172, 12, "\x01\x10\x00\x02\x04\x06\0\0\0\0\0\0", 12);
    g_assert_cmpmem(f + 208, 12, "\x01\x20\x00\x03\x08\x06\0\0\0\0\0\0", 12);
    g_assert_cmpmem(f + 220, 12, "\x01\x20\x00\x01\xe0\xaf\0\0\0\0\0\0", 12);
    g_assert_cmphex(get_le64(f + 132), ==, 0);
}

static void test_fadt_reduced(void)
{
    g_autoptr(AcpiTables) t = build(true, 1, 1);
    const uint8_t *f = table(t, "FACP");

    g_assert_cmphex(get_le32(f + 112) & (1 << 20), !=, 0);
    g_assert_cmphex(get_le32(f + 112) & (1 << 10), !=, 0);
    for (unsigned i = 46; i < 96; i++) {
        g_assert_cmphex(f[i], ==, 0);
    }
    g_assert_cmphex(get_le16(f + 109), ==, 0x24); /* no VGA, no RTC */
    g_assert_cmphex(get_le64(f + 120), ==, 0xfea00202);
    g_assert_cmphex(f[128], ==, 0x42);
    g_assert_cmphex(get_le64(f + 248), ==, 0xfea00200);
    g_assert_cmphex(get_le64(f + 260), ==, 0xfea00201);
}

static void test_madt(void)
{
    g_autoptr(AcpiTables) t = build(false, 3, 2);
    const uint8_t *m = table(t, "APIC");

    g_assert_cmphex(get_le32(m + 36), ==, 0xfee00000);
    g_assert_cmphex(get_le32(m + 40), ==, 1);
    g_assert_cmpmem(m + 44, 24, "\x00\x08\x00\x00\x01\0\0\0" "\x00\x08\x01\x01\x01\0\0\0"
                                "\x00\x08\x02\x02\x02\0\0\0", 24);
    g_assert_cmpmem(m + 68, 12, "\x01\x0c\x00\x00\x00\x00\xc0\xfe\0\0\0\0", 12);
    g_assert_cmpmem(m + 80, 30, "\x02\x0a\x00\x00\x02\0\0\0\x00\x00"
                                "\x02\x0a\x00\x09\x09\0\0\0\x0d\x00"
                                "\x02\x0a\x00\x0a\x0a\0\0\0\x0f\x00", 30);
    g_assert_cmpmem(m + 110, 6, "\x04\x06\xff\x00\x00\x01", 6);
    g_assert_cmpuint(get_le32(m + 4), ==, 116);
}

/* 288 CPUs with gaps in the ids: those from id 255 or position 255 on are x2APIC entries. */
static void test_madt_x2apic(void)
{
    g_autoptr(AcpiTables) t = build(true, 288, 288);
    g_autofree AcpiCpu *cpus = cfg_cpus(288, 288);
    const uint8_t *m = table(t, "APIC"), *p = m + 44;
    unsigned x2 = 0;

    for (unsigned i = 0; i < 288; i++) {
        bool wide = cpus[i].apic_id >= 255;

        g_assert_cmpuint(p[0], ==, wide ? 9 : 0);
        g_assert_cmpuint(wide ? get_le32(p + 4) : p[3], ==, cpus[i].apic_id);
        g_assert_cmpuint(wide ? get_le32(p + 12) : p[2], ==, i);
        g_assert_cmpuint(get_le32(p + (wide ? 8 : 4)), ==, 1);
        x2 += wide;
        p += p[1];
    }
    g_assert_cmpuint(x2, >, 90);
    g_assert_cmpmem(m + get_le32(m + 4) - 12, 12, "\x0a\x0c\0\0\xff\xff\xff\xff\x01\0\0\0", 12);
}

static void test_numa(void)
{
    g_autoptr(AcpiTables) t = build(false, 288, 288);
    const uint8_t *s = table(t, "SRAT"), *l = table(t, "SLIT"), *h = table(t, "HMAT");
    const uint8_t *mem = s + get_le32(s + 4) - 3 * 40;

    g_assert_cmpuint(get_le32(s + 36), ==, 1);
    g_assert_cmpmem(s + 48 + 16, 16, "\x00\x10\x01\x01\x01\0\0\0\0\0\0\0\0\0\0\0", 16);
    g_assert_cmpmem(mem - 24, 8, "\x02\x18\0\0\x01\0\0\0", 8);
    g_assert_cmphex(get_le32(mem - 24 + 8), ==, 287 + 23 * 4);
    g_assert_cmpmem(mem, 2, "\x01\x28", 2);
    g_assert_cmphex(get_le64(mem + 80 + 8), ==, 4ULL << 30);
    g_assert_cmphex(get_le64(mem + 80 + 16), ==, 1 << 30);
    g_assert_cmpuint(get_le32(mem + 80 + 2), ==, 1);
    g_assert_cmpuint(get_le32(mem + 80 + 28), ==, 3);
    g_assert_cmpuint(get_le64(l + 36), ==, 2);
    g_assert_cmpmem(l + 44, 4, "\x0a\x15\x15\x0a", 4);
    g_assert_cmpuint(get_le32(h + 4), ==, 40 + 2 * 40 + 2 * (32 + 16 + 8) + 32);
    g_assert_cmpuint(get_le32(h + 40 + 4), ==, 40);
    g_assert_cmpuint(get_le32(h + 40 + 8), ==, 1);
    g_assert_cmpuint(get_le32(h + 80 + 8), ==, 0);
    g_assert_cmpuint(get_le16(h + 120), ==, 1);
    g_assert_cmpuint(get_le64(h + 120 + 24), ==, 1000);
    g_assert_cmpuint(get_le16(h + 120 + 32 + 16 + 2), ==, 10);
    g_assert_cmphex(get_le32(h + 232 + 24), ==, 0x00401111);
}

/* What firmware does with etc/table-loader, both files at addresses of its choice. */
typedef struct Linker {
    GByteArray *tables, *rsdp;
    uint64_t tables_at, rsdp_at;
    unsigned allocs, pointers, checksums;
} Linker;

static GByteArray *link_file(Linker *l, const uint8_t *name, uint64_t *at)
{
    bool rsdp = strcmp((const char *)name, "etc/acpi/rsdp") == 0;

    g_assert_true(rsdp || strcmp((const char *)name, "etc/acpi/tables") == 0);
    *at = rsdp ? l->rsdp_at : l->tables_at;
    return rsdp ? l->rsdp : l->tables;
}

static void link_pointer(Linker *l, const uint8_t *c)
{
    uint64_t at, src_at;
    GByteArray *dest = link_file(l, c + 4, &at);
    uint32_t off = get_le32(c + 116);

    link_file(l, c + 60, &src_at);
    g_assert_cmpuint(off + c[120], <=, dest->len);
    if (c[120] == 8) {
        put_le64(dest->data + off, get_le64(dest->data + off) + src_at);
    } else {
        g_assert_cmpuint(c[120], ==, 4);
        put_le32(dest->data + off, get_le32(dest->data + off) + src_at);
    }
    l->pointers++;
}

static void link_command(Linker *l, const uint8_t *c)
{
    GByteArray *file;
    uint64_t at;

    switch (get_le32(c)) {
    case 1:
        file = link_file(l, c + 4, &at);
        g_assert_cmpuint(at % get_le32(c + 60), ==, 0);
        g_assert_cmpuint(c[64], ==, file == l->rsdp ? 2 : 1);
        l->allocs++;
        break;
    case 2:
        link_pointer(l, c);
        break;
    case 3:
        file = link_file(l, c + 4, &at);
        g_assert_cmpuint(get_le32(c + 64) + get_le32(c + 68), <=, file->len);
        file->data[get_le32(c + 60)] -= sum(file->data + get_le32(c + 64), get_le32(c + 68));
        l->checksums++;
        break;
    default:
        g_assert_not_reached();
    }
}

static void test_linker(void)
{
    g_autoptr(AcpiTables) t = build(false, 8, 8);
    g_autoptr(GByteArray) script = acpi_linker(t);
    Linker l = { t->blob, t->rsdp, 0x7fe0000, 0xf6000, 0, 0, 0 };

    g_assert_cmpuint(script->len % 128, ==, 0);
    for (unsigned i = 0; i < script->len; i += 128) {
        link_command(&l, script->data + i);
    }
    g_assert_cmpuint(l.allocs, ==, 2);
    g_assert_cmpuint(l.pointers, ==, t->pointers->len + 2);
    g_assert_cmpuint(l.checksums, ==, t->tables->len - 1 + 2);
    check_checksums(t);
    check_links(t, 0x7fe0000);
}

static void assert_bad(const AcpiConfig *c, const char *text)
{
    g_autoptr(GError) err = NULL;

    g_assert_null(acpi_build(c, &err));
    g_assert_error(err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_OPTION);
    g_assert_nonnull(strstr(err->message, text));
}

static void test_bad_config(void)
{
    g_autofree AcpiCpu *cpus = cfg_cpus(289, 289);
    AcpiConfig good = cfg_pc(cpus, 1), c = good;
    AcpiUart uart = { 0x3f8, 16 };
    AcpiNuma numa = cfg_numa;

    c.n_cpus = 0;
    assert_bad(&c, "not between 1 and 288");
    c.n_cpus = 289;
    assert_bad(&c, "not between 1 and 288");
    c = good;
    c.uarts = &uart;
    c.n_uarts = 1;
    assert_bad(&c, "irq is above 15");
    c = good;
    c.fixed.gpe0_port = 0;
    assert_bad(&c, "no event device");
    numa.n_nodes = 1;
    c = good;
    c.numa = &numa;
    assert_bad(&c, "NUMA node");
    cpus[0].present = false;
    assert_bad(&good, "boot CPU");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/acpi/aml/basics", test_aml_basics);
    g_test_add_func("/acpi/aml/length", test_aml_length);
    g_test_add_func("/acpi/aml/resources", test_resources);
    g_test_add_func("/acpi/place", test_place);
    g_test_add_func("/acpi/place-refused", test_place_refused);
    g_test_add_func("/acpi/fadt/fixed", test_fadt_fixed);
    g_test_add_func("/acpi/fadt/reduced", test_fadt_reduced);
    g_test_add_func("/acpi/madt", test_madt);
    g_test_add_func("/acpi/madt-x2apic", test_madt_x2apic);
    g_test_add_func("/acpi/numa", test_numa);
    g_test_add_func("/acpi/linker", test_linker);
    g_test_add_func("/acpi/bad-config", test_bad_config);
    return g_test_run();
}
