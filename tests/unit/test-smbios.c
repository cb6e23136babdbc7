/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SMBIOS: options, structures, both entry points and their checksums. */
#include <glib/gstdio.h>

#include "hw/i386/load-bytes.h"
#include "hw/i386/loader.h"
#include "hw/i386/smbios.h"

static const SmbiosMachine machine = {
    .manufacturer = "QEMU", .product = "pc-lite", .version = "1", .ram_below_4g = 3ULL << 30,
    .ram_above_4g = 30ULL << 30, .sockets = 2, .cores = 4, .threads = 2,
    .cpuid_signature = 0x806f0, .cpuid_features = 0x178bfbff,
};

static uint8_t sum(const uint8_t *p, size_t len)
{
    uint8_t s = 0;

    while (len--) {
        s += *p++;
    }
    return s;
}

static size_t next(const uint8_t *p)
{
    size_t at = p[1];

    while (p[at] || p[at + 1]) {
        at++;
    }
    return at + 2;
}

/* The @nth structure of a type; counts all of them on the way to the end. */
static const uint8_t *find(const SmbiosTables *t, uint8_t type, unsigned nth)
{
    for (size_t at = 0; at < t->tables->len; at += next(t->tables->data + at)) {
        const uint8_t *p = t->tables->data + at;

        if (p[0] == type && nth-- == 0) {
            return p;
        }
    }
    return NULL;
}

static const char *string(const uint8_t *p, unsigned field)
{
    const char *s = (const char *)p + p[1];

    g_assert_cmpuint(p[field], >, 0);
    for (unsigned i = 1; i < p[field]; i++) {
        s += strlen(s) + 1;
    }
    return s;
}

static void parse(SmbiosConfig *c, const char *option)
{
    g_autoptr(GError) err = NULL;

    smbios_parse_option(c, option, &err);
    g_assert_no_error(err);
}

static void test_defaults(void)
{
    g_autoptr(SmbiosConfig) c = smbios_config_new();
    SmbiosTables t;
    const uint8_t *p;

    g_assert_true(smbios_build(c, &machine, &t, NULL));
    g_assert_null(find(&t, 0, 0));
    g_assert_null(find(&t, 2, 0));
    p = find(&t, 1, 0);
    g_assert_cmpuint(p[1], ==, 0x1b);
    g_assert_cmpstr(string(p, 4), ==, "QEMU");
    g_assert_cmpstr(string(p, 5), ==, "pc-lite");
    g_assert_cmpuint(p[7], ==, 0);
    p = find(&t, 3, 0);
    g_assert_cmpuint(p[1], ==, 0x16);
    p = find(&t, 4, 1);
    g_assert_cmpuint(p[1], ==, 0x30);
    g_assert_cmphex(get_le16(p + 2), ==, 0x401);
    g_assert_cmpstr(string(p, 4), ==, "CPU 1");
    g_assert_cmphex(get_le32(p + 8), ==, 0x806f0);
    g_assert_cmphex(get_le32(p + 12), ==, 0x178bfbff);
    g_assert_cmpuint(p[0x23], ==, 4);
    g_assert_cmpuint(p[0x25], ==, 8);
    g_assert_cmpuint(get_le16(p + 0x2e), ==, 8);
    g_assert_null(find(&t, 4, 2));
    p = find(&t, 32, 0);
    g_assert_cmpuint(p[1], ==, 11);
    p = find(&t, 127, 0);
    g_assert_cmpuint(p[1], ==, 4);
    g_assert_true(p + 6 == t.tables->data + t.tables->len);
    smbios_tables_clear(&t);
}

static void test_memory(void)
{
    g_autoptr(SmbiosConfig) c = smbios_config_new();
    SmbiosTables t;
    const uint8_t *p;

    parse(c, "type=17,manufacturer=M,speed=3200");
    g_assert_true(smbios_build(c, &machine, &t, NULL));
    p = find(&t, 16, 0);
    g_assert_cmpuint(p[1], ==, 0x17);
    g_assert_cmpuint(get_le32(p + 7), ==, 33u << 20);
    g_assert_cmpuint(get_le16(p + 13), ==, 3);
    p = find(&t, 17, 0);
    g_assert_cmpuint(p[1], ==, 0x28);
    g_assert_cmpuint(get_le16(p + 12), ==, 16384);
    g_assert_cmpstr(string(p, 16), ==, "DIMM 0");
    g_assert_cmpuint(get_le16(p + 0x15), ==, 3200);
    g_assert_cmpstr(string(p, 0x17), ==, "M");
    p = find(&t, 17, 2);
    g_assert_cmpuint(get_le16(p + 12), ==, 1024);
    p = find(&t, 19, 1);
    g_assert_cmpuint(p[1], ==, 0x1f);
    g_assert_cmphex(get_le32(p + 4), ==, 4 << 20);
    g_assert_cmphex(get_le32(p + 8), ==, (34 << 20) - 1);
    smbios_tables_clear(&t);
}

static void test_options(void)
{
    g_autoptr(SmbiosConfig) c = smbios_config_new();
    SmbiosTables t;
    const uint8_t *p;

    parse(c, "type=0,vendor=V,date=01/02/2030,release=3.9,uefi=off");
    parse(c, "type=1,product=A,,B,serial=s=1");
    parse(c, "type=1,serial=s2,uuid=00112233-4455-6677-8899-aabbccddeeff");
    parse(c, "type=2,asset=x");
    parse(c, "type=3,sku=y");
    parse(c, "type=4,max-speed=3000,sock_pfx=S,processor-id=0x1122334455667788");
    parse(c, "type=11,value=one,value=");
    parse(c, "type=11,value=three");
    g_assert_true(smbios_build(c, &machine, &t, NULL));
    p = find(&t, 0, 0);
    g_assert_cmpuint(p[1], ==, 0x18);
    g_assert_cmpstr(string(p, 4), ==, "V");
    g_assert_cmpstr(string(p, 8), ==, "01/02/2030");
    g_assert_cmphex(p[0x13], ==, 0x14);
    g_assert_cmpuint(p[0x14], ==, 3);
    g_assert_cmpuint(p[0x15], ==, 9);
    p = find(&t, 1, 0);
    g_assert_cmpstr(string(p, 5), ==, "A,B");
    g_assert_cmpstr(string(p, 7), ==, "s2");
    g_assert_cmpmem(p + 8, 16, "\x33\x22\x11\x00\x55\x44\x77\x66\x88\x99\xaa\xbb\xcc\xdd\xee\xff",
                    16);
    g_assert_cmpstr(string(find(&t, 2, 0), 8), ==, "x");
    g_assert_cmpstr(string(find(&t, 3, 0), 0x15), ==, "y");
    p = find(&t, 4, 0);
    g_assert_cmpstr(string(p, 4), ==, "S 0");
    g_assert_cmphex(get_le64(p + 8), ==, 0x1122334455667788);
    g_assert_cmpuint(get_le16(p + 0x14), ==, 3000);
    g_assert_cmpuint(get_le16(p + 0x16), ==, 2000);
    p = find(&t, 11, 0);
    g_assert_cmpuint(p[4], ==, 3);
    g_assert_cmpstr((const char *)p + 5, ==, "one");
    g_assert_cmpstr((const char *)p + 9, ==, " ");
    smbios_tables_clear(&t);
}

static void test_bad_options(void)
{
    static const char *const bad[][2] = {
        { "product=x", "-smbios product=x: Must specify type= or file=" },
        { "", "-smbios : Must specify type= or file=" },
        { "type=1,product", NULL },
        { "type=1,nonsense=x", "-smbios type=1,nonsense=x: Invalid parameter 'nonsense'" },
        { "type=9", "Don't know how to build fields for SMBIOS type 9" },
        { "type=x", "Parameter 'type' expects a number" },
        { "type=-1", "Parameter 'type' expects a number" },
        { "type= 1", "Parameter 'type' expects a number" },
        { "type=300", "-smbios type=300: out of range!" },
        { "type=0,release=1", "Invalid release" },
        { "type=0,release=1.256", "Invalid release" },
        { "type=0,release=1.2.3", "Invalid release" },
        { "type=0,uefi=maybe", "Parameter 'uefi' expects 'on' or 'off'" },
        { "type=1,uuid=00112233-4455-6677-8899-aabbccddeef", "Invalid UUID" },
        { "type=1,uuid=00112233-4455-6677-8899-aabbccddeeff0", "Invalid UUID" },
        { "type=1,uuid=", "Invalid UUID" },
        { "type=4,max-speed=65536", "SMBIOS CPU speed is too large (> 65535)" },
        { "type=4,current-speed=65536", "SMBIOS CPU speed is too large (> 65535)" },
        { "type=4,processor-id= -1", "Parameter 'processor-id' expects a number" },
        { "type=17,speed=", "Parameter 'speed' expects a number" },
        { "file=/nonexistent", "cannot open" },
        { "file=/nonexistent,type=1", "Invalid parameter 'type'" },
        { "type=1,file=/nonexistent", "Invalid parameter 'type'" },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(SmbiosConfig) c = smbios_config_new();
        g_autoptr(GError) err = NULL;
        bool ok = smbios_parse_option(c, bad[i][0], &err);

        g_assert_true(ok == (bad[i][1] == NULL));
        g_assert_true(ok || (err->domain == HW_IMAGE_ERROR && strstr(err->message, bad[i][1])));
    }
}

static void test_entry21(void)
{
    g_autoptr(SmbiosConfig) c = smbios_config_new();
    SmbiosTables t;
    const uint8_t *e;
    unsigned count = 0, largest = 0;

    g_assert_true(smbios_build(c, &machine, &t, NULL));
    for (size_t at = 0, len; at < t.tables->len; at += len, count++) {
        len = next(t.tables->data + at);
        largest = MAX(largest, len);
    }
    g_assert_true(smbios_set_address(&t, 0xf1000, NULL));
    e = t.anchor->data;
    g_assert_cmpuint(t.anchor->len, ==, 31);
    g_assert_cmpmem(e, 4, "_SM_", 4);
    g_assert_cmpuint(sum(e, 31), ==, 0);
    g_assert_cmpuint(e[5], ==, 31);
    g_assert_cmpuint(e[6], ==, 2);
    g_assert_cmpuint(e[7], ==, 8);
    g_assert_cmpuint(get_le16(e + 8), ==, largest);
    g_assert_cmpmem(e + 16, 5, "_DMI_", 5);
    g_assert_cmpuint(sum(e + 16, 15), ==, 0);
    g_assert_cmpuint(get_le16(e + 22), ==, t.tables->len);
    g_assert_cmphex(get_le32(e + 24), ==, 0xf1000);
    g_assert_cmpuint(get_le16(e + 28), ==, count);
    g_assert_false(smbios_set_address(&t, 0xfffffff0, NULL));
    smbios_tables_clear(&t);
}

static void test_entry30(void)
{
    g_autoptr(SmbiosConfig) c = smbios_config_new();
    SmbiosMachine m = machine;
    SmbiosTables t;
    const uint8_t *e;

    m.entry = SMBIOS_ENTRY_30;
    m.sockets = 1300; /* more than 64 KiB of structures */
    m.bios_vendor = "accelvm";
    g_assert_true(smbios_build(c, &m, &t, NULL));
    g_assert_cmpstr(string(find(&t, 0, 0), 4), ==, "accelvm");
    g_assert_true(smbios_set_address(&t, 0x123456780, NULL));
    e = t.anchor->data;
    g_assert_cmpuint(t.anchor->len, ==, 24);
    g_assert_cmpmem(e, 5, "_SM3_", 5);
    g_assert_cmpuint(sum(e, 24), ==, 0);
    g_assert_cmpuint(e[6], ==, 24);
    g_assert_cmpuint(e[7], ==, 3);
    g_assert_cmpuint(e[10], ==, 1);
    g_assert_cmpuint(get_le32(e + 12), ==, t.tables->len);
    g_assert_cmphex(get_le64(e + 16), ==, 0x123456780);
    smbios_tables_clear(&t);
    m.entry = SMBIOS_ENTRY_21;
    g_assert_false(smbios_build(c, &m, &t, NULL));
}

static void test_file(void)
{
    static const char good[] = "\x80\x05\x00\x80\x01text\0\0" "\x81\x04\x01\x80\0";
    g_autofree char *path = NULL, *option = NULL;
    g_autoptr(SmbiosConfig) c = smbios_config_new();
    g_autoptr(GError) err = NULL;
    SmbiosTables t;
    int fd = g_file_open_tmp("accelvm-smbios-XXXXXX", &path, NULL);

    g_close(fd, NULL);
    option = g_strdup_printf("file=%s", path);
    g_assert_true(g_file_set_contents(path, good, sizeof good, NULL));
    parse(c, option);
    g_assert_true(smbios_build(c, &machine, &t, NULL));
    g_assert_cmpstr(string(find(&t, 0x80, 0), 4), ==, "text");
    g_assert_nonnull(find(&t, 0x81, 0));
    smbios_tables_clear(&t);
    for (unsigned len = 1; len < sizeof good; len++) {
        g_autoptr(SmbiosConfig) cut = smbios_config_new();
        bool whole = len == 11;

        g_assert_true(g_file_set_contents(path, good, len, NULL));
        g_assert_true(smbios_parse_option(cut, option, NULL) == whole);
    }
    g_remove(path);
}

static unsigned count(const SmbiosTables *t, uint8_t type)
{
    unsigned n = 0;

    while (find(t, type, n) != NULL) {
        n++;
    }
    return n;
}

static char *write_file(const void *data, size_t len)
{
    char *path = NULL, *option;
    int fd = g_file_open_tmp("accelvm-smbios-XXXXXX", &path, NULL);

    g_close(fd, NULL);
    g_assert_true(g_file_set_contents(path, data, len, NULL));
    option = g_strdup_printf("file=%s", path);
    g_free(path);
    return option;
}

/* What comes in a file is not made up again, and a table's end in the middle would hide the rest. */
static void test_file_replaces(void)
{
    static const char system[] = "\x01\x1b\x00\x01\x01\x02\0\0" "0123456789abcdef" "\x06\0\0"
                                 "maker\0thing\0\0" "\x7f\x04\x00\x7f\0";
    g_autoptr(SmbiosConfig) c = smbios_config_new();
    g_autofree char *option = write_file(system, sizeof system);
    g_autoptr(GError) err = NULL;
    SmbiosTables t;

    parse(c, option);
    g_assert_true(smbios_build(c, &machine, &t, NULL));
    g_assert_cmpuint(count(&t, 1), ==, 1);
    g_assert_cmpuint(count(&t, 127), ==, 1);
    g_assert_cmpuint(count(&t, 17), ==, 3);
    g_assert_cmpstr(string(find(&t, 1, 0), 5), ==, "thing");
    g_assert_cmpuint(next(find(&t, 127, 0)) + (find(&t, 127, 0) - t.tables->data), ==,
                     t.tables->len);
    smbios_tables_clear(&t);
    g_assert_false(smbios_parse_option(c, "type=1,product=x", &err));
    g_assert_nonnull(strstr(err->message, "can't add fields, binary file already loaded!"));
    g_clear_error(&err);
    parse(c, "type=2,product=x");
    g_remove(option + 5);
}

static void test_file_after_fields(void)
{
    static const char board[] = "\x02\x08\x00\x02\0\0\0\0\0";
    g_autoptr(SmbiosConfig) c = smbios_config_new();
    g_autofree char *option = write_file(board, sizeof board);
    g_autoptr(GError) err = NULL;

    parse(c, "type=2,product=x");
    g_assert_false(smbios_parse_option(c, option, &err));
    g_assert_nonnull(strstr(err->message, "can't load type 2 struct, fields already specified!"));
    g_remove(option + 5);
}

/* Firmware is no UEFI unless the user says so: bit 3 of the second extension byte. */
static void test_uefi(void)
{
    static const struct { const char *option; uint8_t bits; } rows[] = {
        { "type=0", 0x14 }, { "type=0,uefi=on", 0x1c }, { "type=0,uefi=off", 0x14 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(SmbiosConfig) c = smbios_config_new();
        SmbiosTables t;

        parse(c, rows[i].option);
        g_assert_true(smbios_build(c, &machine, &t, NULL));
        g_assert_cmphex(find(&t, 0, 0)[0x13], ==, rows[i].bits);
        smbios_tables_clear(&t);
    }
}

/* With ever more memory modules no two structures get one handle. */
static void test_handles(void)
{
    SmbiosMachine m = machine;

    m.entry = SMBIOS_ENTRY_30;
    for (unsigned shift = 30; shift <= 52; shift++) { /* addresses have no more bits */
        g_autoptr(SmbiosConfig) c = smbios_config_new();
        g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
        SmbiosTables t;
        uint64_t total = 0;

        m.ram_above_4g = 1ULL << shift;
        g_assert_true(smbios_build(c, &m, &t, NULL));
        for (size_t at = 0; at < t.tables->len; at += next(t.tables->data + at)) {
            const uint8_t *p = t.tables->data + at;

            g_assert_true(g_hash_table_add(seen, GUINT_TO_POINTER(get_le16(p + 2))));
            if (p[0] == 17) {
                total += get_le16(p + 12) == 0x7fff ? get_le32(p + 28) : get_le16(p + 12);
            }
        }
        g_assert_cmpuint(total, ==, (m.ram_below_4g + m.ram_above_4g) >> 20);
        smbios_tables_clear(&t);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/smbios/defaults", test_defaults);
    g_test_add_func("/smbios/memory", test_memory);
    g_test_add_func("/smbios/options", test_options);
    g_test_add_func("/smbios/bad-options", test_bad_options);
    g_test_add_func("/smbios/entry21", test_entry21);
    g_test_add_func("/smbios/entry30", test_entry30);
    g_test_add_func("/smbios/file", test_file);
    g_test_add_func("/smbios/file-replaces", test_file_replaces);
    g_test_add_func("/smbios/file-after-fields", test_file_after_fields);
    g_test_add_func("/smbios/uefi", test_uefi);
    g_test_add_func("/smbios/handles", test_handles);
    return g_test_run();
}
