/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fw_cfg: items, directory, ports, DMA, and what -boot, -uuid and -fw_cfg put into it.
 */
#include <string.h>
#include <unistd.h>
#include "dev-rig.h"
#include "hw/fw_cfg.h"

typedef struct Fix {
    Rig *rig;
    FwCfg *fw;
    unsigned fills;
} Fix;

static void make(Fix *f)
{
    g_autoptr(GError) err = NULL;

    f->fw = fw_cfg_create(f->rig->ms, &err);
    g_assert_no_error(err);
    g_assert_true(f->rig->ms->fw_cfg == f->fw);
    rig_reset(f->rig);
}

static void setup(Fix *f, gconstpointer data)
{
    f->rig = rig_new(NULL);
    make(f);
}

static void teardown(Fix *f, gconstpointer data)
{
    rig_free(f->rig);
}

static void select_item(Fix *f, uint16_t key)
{
    hw_port_write(f->rig->ms, 0x510, key, 2);
}

static uint64_t next_le(Fix *f, unsigned size)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < size; i++) {
        v |= (uint64_t)rig_in(f->rig, 0x511) << (8 * i);
    }
    return v;
}

static uint32_t next_be32(Fix *f)
{
    return GUINT32_SWAP_LE_BE((uint32_t)next_le(f, 4));
}

static uint64_t item(Fix *f, uint16_t key, unsigned size)
{
    select_item(f, key);
    return next_le(f, size);
}

/* Select a file by its name. Returns: size, or -1. */
static int64_t open_file(Fix *f, const char *name)
{
    unsigned n;

    select_item(f, FW_CFG_FILE_DIR);
    n = next_be32(f);
    g_assert_cmpuint(n, <, 1000);
    while (n-- > 0) {
        uint32_t size = next_be32(f), key = next_be32(f) >> 16;
        char entry[56];

        for (unsigned i = 0; i < sizeof entry; i++) {
            entry[i] = (char)rig_in(f->rig, 0x511);
        }
        if (strcmp(entry, name) == 0) {
            select_item(f, (uint16_t)key);
            return size;
        }
    }
    return -1;
}

static void check_file(Fix *f, const char *name, const void *data, size_t len)
{
    g_assert_cmpint(open_file(f, name), ==, len);
    for (size_t i = 0; i < len; i++) {
        g_assert_cmphex(rig_in(f->rig, 0x511), ==, ((const uint8_t *)data)[i]);
    }
    g_assert_cmphex(rig_in(f->rig, 0x511), ==, 0);
}

/* ---- items and ports ---- */

static void test_signature(Fix *f, gconstpointer data)
{
    g_assert_cmphex(next_le(f, 4), ==, 0x554d4551); /* selected by the reset */
    g_assert_cmphex(next_le(f, 4), ==, 0);
    g_assert_cmphex(item(f, FW_CFG_ID, 4), ==, 3);
    g_assert_cmphex(item(f, FW_CFG_SIGNATURE, 4), ==, 0x554d4551);
}

static void test_reset_selects(Fix *f, gconstpointer data)
{
    select_item(f, FW_CFG_RAM_SIZE);
    rig_reset(f->rig);
    g_assert_cmphex(rig_in(f->rig, 0x511), ==, 'Q');
}

static void test_machine_facts(void)
{
    Fix f = { .rig = rig_new(NULL) };

    f.rig->ms->ram_size = 0x123456789000;
    f.rig->ms->smp.cpus = 3;
    f.rig->ms->smp.max_cpus = 7;
    f.rig->ms->boot->menu = true;
    f.rig->ms->boot->nographic = true;
    make(&f);
    g_assert_cmphex(item(&f, FW_CFG_RAM_SIZE, 8), ==, 0x123456789000);
    g_assert_cmphex(item(&f, FW_CFG_NB_CPUS, 2), ==, 3);
    g_assert_cmphex(item(&f, FW_CFG_MAX_CPUS, 2), ==, 7);
    g_assert_cmphex(item(&f, FW_CFG_BOOT_MENU, 2), ==, 1);
    g_assert_cmphex(item(&f, FW_CFG_NOGRAPHIC, 2), ==, 1);
    rig_free(f.rig);
}

static void test_defaults(Fix *f, gconstpointer data)
{
    g_assert_cmphex(item(f, FW_CFG_RAM_SIZE, 8), ==, RIG_RAM);
    g_assert_cmphex(item(f, FW_CFG_NB_CPUS, 2), ==, 1);
    g_assert_cmphex(item(f, FW_CFG_MAX_CPUS, 2), ==, 1);
    g_assert_cmphex(item(f, FW_CFG_BOOT_MENU, 2), ==, 0);
    g_assert_cmphex(item(f, FW_CFG_NOGRAPHIC, 2), ==, 0);
    g_assert_cmphex(item(f, FW_CFG_NUMA, 8), ==, 0);
    g_assert_cmphex(item(f, FW_CFG_UUID, 8), ==, 0);
    g_assert_cmphex(item(f, FW_CFG_IRQ0_OVERRIDE, 4), ==, 1);
}

static void test_uuid(void)
{
    Fix f = { .rig = rig_new(NULL) };

    f.rig->ms->uuid = g_strdup("46200d2c-8a5c-4ea3-BD3A-c1f2ae1d3f01");
    make(&f);
    g_assert_cmphex(item(&f, FW_CFG_UUID, 8), ==, 0xa34e5c8a2c0d2046);
    g_assert_cmphex(next_le(&f, 8), ==, 0x013f1daef2c13abd);
    g_assert_cmphex(next_le(&f, 1), ==, 0);
    rig_free(f.rig);
}

static void test_uuid_bad(void)
{
    g_autoptr(Rig) rig = rig_new(NULL);
    g_autoptr(GError) err = NULL;

    rig->ms->uuid = g_strdup("46200d2c");
    g_assert_null(fw_cfg_create(rig->ms, &err));
    g_assert_error(err, ACCEL_ERROR, ACCEL_ERROR_INVALID);
    g_assert_null(rig->ms->fw_cfg);
    g_assert_cmpuint(rig_ports(rig), ==, 0);
}

static void test_no_such_item(Fix *f, gconstpointer data)
{
    static const uint16_t keys[] = { 0x06, 0x9f, 0x100, 0x3fff, 0x8005, 0x8100, 0xffff };

    for (unsigned i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_assert_cmphex(item(f, keys[i], 8), ==, 0);
    }
    g_assert_cmphex(item(f, 0x4000, 4), ==, 0x554d4551); /* the old write bit is not part of it */
}

static void test_port_widths(Fix *f, gconstpointer data)
{
    select_item(f, FW_CFG_SIGNATURE);
    g_assert_cmphex(hw_port_read(f->rig->ms, 0x511, 2), ==, 0xff51);
    g_assert_cmphex(rig_in(f->rig, 0x510), ==, 'E'); /* both ports give data */
    g_assert_cmphex(hw_port_read(f->rig->ms, 0x510, 2), ==, 0);
    rig_out(f->rig, 0x511, 0x01); /* no data by the port */
    rig_out(f->rig, 0x510, 0x01);
    g_assert_cmphex(rig_in(f->rig, 0x511), ==, 'M');
}

static void test_replace(Fix *f, gconstpointer data)
{
    fw_cfg_add_string(f->fw, FW_CFG_KERNEL_CMDLINE, "console=ttyS0");
    fw_cfg_add_string(f->fw, FW_CFG_KERNEL_CMDLINE, "quiet");
    select_item(f, FW_CFG_KERNEL_CMDLINE);
    g_assert_cmphex(next_le(f, 7), ==, 0x7465697571);
    fw_cfg_add_i64(f->fw, 0x8003, 0x1122334455667788);
    g_assert_cmphex(item(f, 0x8003, 8), ==, 0x1122334455667788);
}

/* ---- files ---- */

static void test_directory_sorted(Fix *f, gconstpointer data)
{
    static const char *const names[] = { "zz", "etc/e820", "aa", "etc/acpi/tables" };
    static const char *const want[] = { "aa", "bootorder", "etc/acpi/tables", "etc/boot-fail-wait",
                                        "etc/e820", "zz" };

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        g_assert_true(fw_cfg_add_file(f->fw, names[i], names[i], strlen(names[i]), NULL));
    }
    select_item(f, FW_CFG_FILE_DIR);
    g_assert_cmpuint(next_be32(f), ==, G_N_ELEMENTS(want));
    for (unsigned i = 0; i < G_N_ELEMENTS(want); i++) {
        char entry[56];

        next_be32(f);
        g_assert_cmphex(next_be32(f) >> 16, ==, 0x20 + i);
        for (unsigned k = 0; k < sizeof entry; k++) {
            entry[k] = (char)rig_in(f->rig, 0x511);
        }
        g_assert_cmpstr(entry, ==, want[i]);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        check_file(f, names[i], names[i], strlen(names[i]));
    }
}

static void test_modify_file(Fix *f, gconstpointer data)
{
    g_assert_true(fw_cfg_modify_file(f->fw, "x", "abc", 3, NULL));
    check_file(f, "x", "abc", 3);
    g_assert_true(fw_cfg_modify_file(f->fw, "x", "defgh", 5, NULL));
    check_file(f, "x", "defgh", 5);
    g_assert_true(fw_cfg_modify_file(f->fw, "x", NULL, 0, NULL));
    check_file(f, "x", "", 0);
}

static gboolean count_fills(void *opaque, GError **errp)
{
    Fix *f = opaque;
    char text[] = { (char)('0' + ++f->fills), 0 };

    if (f->fills == 3) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "nothing to fill in");
        return FALSE;
    }
    return fw_cfg_modify_file(f->fw, "late", text, 1, errp);
}

/* Once for each life of the guest, not before it looks; a failure is an error of the machine. */
static void test_filler(Fix *f, gconstpointer data)
{
    g_assert_true(fw_cfg_add_file(f->fw, "late", NULL, 0, NULL));
    fw_cfg_set_filler(f->fw, count_fills, f);
    item(f, FW_CFG_SIGNATURE, 4);
    item(f, FW_CFG_IRQ0_OVERRIDE, 4);
    g_assert_cmpuint(f->fills, ==, 0);
    check_file(f, "late", "1", 1);
    check_file(f, "late", "1", 1);
    rig_reset(f->rig);
    g_assert_cmpuint(f->fills, ==, 1);
    item(f, FW_CFG_FILE_FIRST, 1);
    g_assert_cmpuint(f->fills, ==, 2);
    check_file(f, "late", "2", 1);
    g_assert_cmpuint(f->rig->requests, ==, 0);
    rig_reset(f->rig);
    check_file(f, "late", "2", 1);
    g_assert_cmpuint(f->rig->requests, ==, 1);
    g_assert_cmpint(f->rig->request, ==, MACHINE_REQUEST_ERROR);
}

static void refused_file(Fix *f, const char *name, const char *text)
{
    g_autoptr(GError) err = NULL;

    g_assert_false(fw_cfg_add_file(f->fw, name, "x", 1, &err));
    g_assert_error(err, ACCEL_ERROR, err->code);
    g_assert_nonnull(strstr(err->message, text));
}

static void test_file_limits(Fix *f, gconstpointer data)
{
    g_autofree char *longest = g_strnfill(55, 'n'), *over = g_strnfill(56, 'n');
    unsigned n = 0;

    g_assert_true(fw_cfg_add_file(f->fw, longest, "x", 1, NULL));
    check_file(f, longest, "x", 1);
    refused_file(f, over, "name too long (max. 55 char)");
    refused_file(f, "", "empty");
    refused_file(f, "bootorder", "duplicate fw_cfg file name: bootorder");
    for (; n < 1000; n++) {
        g_autofree char *name = g_strdup_printf("f%u", n);

        if (!fw_cfg_add_file(f->fw, name, &n, sizeof n, NULL)) {
            break;
        }
    }
    g_assert_cmpuint(n, ==, 128 - 3);
    refused_file(f, "one-more", "no room");
    for (unsigned i = 0; i < n; i++) {
        g_autofree char *name = g_strdup_printf("f%u", i);

        check_file(f, name, &i, sizeof i);
    }
}

/* ---- DMA ---- */

enum { ERROR = 1, READ = 2, SKIP = 4, SELECT = 8, WRITE = 16 };
#define BLOCK 0x1000
#define BUFFER 0x2000

/* Returns: the control word afterwards. */
static uint32_t dma(Fix *f, uint64_t at, uint32_t control, uint32_t len, uint64_t address)
{
    uint32_t words[2] = { GUINT32_TO_BE(control), GUINT32_TO_BE(len) }, result;
    uint64_t be = GUINT64_TO_BE(address);

    memcpy(f->rig->ram + BLOCK, words, sizeof words);
    memcpy(f->rig->ram + BLOCK + 8, &be, sizeof be);
    hw_port_write(f->rig->ms, 0x514, GUINT32_TO_BE((uint32_t)(at >> 32)), 4);
    hw_port_write(f->rig->ms, 0x518, GUINT32_TO_BE((uint32_t)at), 4);
    memcpy(&result, f->rig->ram + BLOCK, sizeof result);
    return GUINT32_FROM_BE(result);
}

static void test_dma_signature(Fix *f, gconstpointer data)
{
    g_assert_cmphex(hw_port_read(f->rig->ms, 0x514, 4), ==, 0x554d4551);
    g_assert_cmphex(hw_port_read(f->rig->ms, 0x518, 4), ==, 0x47464320);
    g_assert_cmphex(hw_port_read(f->rig->ms, 0x516, 2), ==, 0x554d);
    g_assert_cmphex(rig_in(f->rig, 0x51b), ==, 'G');
}

static void test_dma_read(Fix *f, gconstpointer data)
{
    memset(f->rig->ram + BUFFER, 0xee, 16);
    g_assert_cmphex(dma(f, BLOCK, SELECT | READ, 8, BUFFER), ==, 0);
    g_assert_cmpmem(f->rig->ram + BUFFER, 9, "QEMU\0\0\0\0\xee", 9); /* zeros behind the end */
}

static void test_dma_in_pieces(Fix *f, gconstpointer data)
{
    fw_cfg_add_file(f->fw, "aa", "0123456789", 10, NULL);
    g_assert_cmphex(dma(f, BLOCK, 0x20 << 16 | SELECT, 0, 0), ==, 0);
    g_assert_cmphex(dma(f, BLOCK, READ, 3, BUFFER), ==, 0);
    g_assert_cmphex(dma(f, BLOCK, SKIP, 2, 0), ==, 0);
    g_assert_cmphex(dma(f, BLOCK, READ, 4, BUFFER + 3), ==, 0);
    g_assert_cmpmem(f->rig->ram + BUFFER, 7, "0125678", 7);
    g_assert_cmphex(rig_in(f->rig, 0x511), ==, '9'); /* one position for both ways */
    g_assert_cmphex(dma(f, BLOCK, SKIP, 0xffffffff, 0), ==, 0);
    g_assert_cmphex(rig_in(f->rig, 0x511), ==, 0);
}

static void test_dma_missing_item(Fix *f, gconstpointer data)
{
    memset(f->rig->ram + BUFFER, 0xee, 8);
    g_assert_cmphex(dma(f, BLOCK, 0x3fffu << 16 | SELECT | READ, 8, BUFFER), ==, 0);
    g_assert_cmpmem(f->rig->ram + BUFFER, 8, "\0\0\0\0\0\0\0\0", 8);
}

static void test_dma_errors(Fix *f, gconstpointer data)
{
    g_assert_cmphex(dma(f, BLOCK, SELECT | WRITE, 4, BUFFER), ==, ERROR);
    g_assert_cmphex(dma(f, BLOCK, SELECT | READ, 4, 0x10000000), ==, ERROR);
    g_assert_cmphex(dma(f, BLOCK, SELECT | READ, 0xffffffff, BUFFER), ==, ERROR);
    g_assert_cmphex(dma(f, 0x10000000, SELECT | READ, 4, BUFFER), ==, SELECT | READ); /* no block */
    g_assert_cmphex(dma(f, BLOCK, 0, 4, BUFFER), ==, 0); /* nothing asked, nothing done */
}

static void test_dma_high_half(Fix *f, gconstpointer data)
{
    g_assert_cmphex(dma(f, 0x100000000 + BLOCK, SELECT | READ, 4, BUFFER), ==, SELECT | READ);
    memset(f->rig->ram + BUFFER, 0, 4);
    g_assert_cmphex(dma(f, BLOCK, SELECT | READ, 4, BUFFER), ==, 0); /* the high half is used up */
    g_assert_cmpmem(f->rig->ram + BUFFER, 4, "QEMU", 4);
    hw_port_write(f->rig->ms, 0x518, 0x1234, 2); /* not how it is started */
    hw_port_write(f->rig->ms, 0x519, 0x1234, 4);
}

/* ---- -boot ---- */

static void test_boot_waits(void)
{
    static const int64_t values[] = { -1, 0, 1, 5000, 65535 };

    for (unsigned i = 0; i < G_N_ELEMENTS(values); i++) {
        Fix f = { .rig = rig_new(NULL) };
        int32_t fail = (int32_t)values[i];
        uint16_t menu = (uint16_t)values[i];

        f.rig->ms->boot->reboot_timeout = values[i];
        f.rig->ms->boot->splash_time = values[i];
        make(&f);
        check_file(&f, "etc/boot-fail-wait", &fail, 4);
        if (values[i] >= 0) {
            check_file(&f, "etc/boot-menu-wait", &menu, 2);
        } else {
            g_assert_cmpint(open_file(&f, "etc/boot-menu-wait"), ==, -1);
        }
        check_file(&f, "bootorder", "", 0);
        rig_free(f.rig);
    }
}

static void boot_refused(BootConfig *boot, const char *text)
{
    g_autoptr(Rig) rig = rig_new(boot);
    g_autoptr(GError) err = NULL;

    g_assert_null(fw_cfg_create(rig->ms, &err));
    g_assert_error(err, ACCEL_ERROR, err->code);
    if (strstr(err->message, text) == NULL) {
        g_error("'%s' is not in '%s'", text, err->message);
    }
}

static void test_boot_waits_refused(void)
{
    BootConfig *boot = boot_config_new();

    boot->reboot_timeout = 65536;
    boot_refused(boot, "reboot timeout is invalid,it should be a value between -1 and 65535");
    boot = boot_config_new();
    boot->reboot_timeout = -2;
    boot_refused(boot, "reboot timeout is invalid");
    boot = boot_config_new();
    boot->splash_time = 65536;
    boot_refused(boot, "splash-time is invalid,it should be a value between 0 and 65535");
}

static char *temp_file(const void *data, size_t len)
{
    g_autoptr(GError) err = NULL;
    char *path = NULL;
    int fd = g_file_open_tmp("dev-fw-cfg-XXXXXX", &path, &err);

    g_assert_no_error(err);
    close(fd);
    g_file_set_contents(path, data, (gssize)len, &err);
    g_assert_no_error(err);
    return path;
}

static void test_splash(void)
{
    static const uint8_t jpeg[] = { 0xff, 0xd8, 0xff, 0xe0 };
    uint8_t bmp[54] = { 'B', 'M' };
    BootConfig *boot = boot_config_new();
    g_autofree char *path = temp_file(jpeg, sizeof jpeg);
    Fix f;

    boot->splash = g_strdup(path);
    f.rig = rig_new(boot);
    make(&f);
    check_file(&f, "bootsplash.jpg", jpeg, sizeof jpeg);
    rig_free(f.rig);

    bmp[28] = 24;
    g_file_set_contents(path, (char *)bmp, sizeof bmp, NULL);
    boot = boot_config_new();
    boot->splash = g_strdup(path);
    f.rig = rig_new(boot);
    make(&f);
    check_file(&f, "bootsplash.bmp", bmp, sizeof bmp);
    rig_free(f.rig);

    bmp[28] = 8;
    g_file_set_contents(path, (char *)bmp, sizeof bmp, NULL);
    boot = boot_config_new();
    boot->splash = g_strdup(path);
    boot_refused(boot, "format not recognized; must be JPEG or 24 bit BMP");
    unlink(path);
    boot = boot_config_new();
    boot->splash = g_strdup(path);
    boot_refused(boot, "failed to read splash file");
}

/* ---- -fw_cfg ---- */

static BootConfig *user_items(const char *const *texts)
{
    BootConfig *boot = boot_config_new();

    boot->fw_cfg = boot->fw_cfg ? boot->fw_cfg : g_ptr_array_new_with_free_func(g_free);
    for (; *texts; texts++) {
        g_ptr_array_add(boot->fw_cfg, g_strdup(*texts));
    }
    return boot;
}

static void test_user_items(void)
{
    g_autofree char *path = temp_file("from\0file", 9);
    g_autofree char *by_file = g_strdup_printf("name=opt/f,file=%s", path);
    Fix f = { .rig = rig_new(user_items(PROPS("opt/a,string=x=1,,2", by_file,
                                              "string=s,name=opt/b", "etc/mine,string=m"))) };

    make(&f);
    check_file(&f, "opt/a", "x=1,2", 5);
    check_file(&f, "opt/f", "from\0file", 9);
    check_file(&f, "opt/b", "s", 1);
    check_file(&f, "etc/mine", "m", 1);
    g_assert_cmpuint(f.rig->warnings, ==, 1);
    rig_free(f.rig);
    unlink(path);
}

static void test_user_items_refused(void)
{
    static const char *const needed = "name, plus exactly one of file, string and gen_id, are needed";
    static const char *const both[][2] = {
        { "opt/x", needed }, { "", needed }, { "string=a", needed }, { "opt/x,string=", needed },
        { "opt/x,string=a,file=b", needed }, { "opt/x,bar=1", "Invalid parameter 'bar'" },
        { "opt/x,file=/nonexistent", "can't load /nonexistent" },
        { "opt/x,gen_id=g", "Cannot find object ID g" },
        { "etc/boot-fail-wait,string=a", "duplicate fw_cfg file name: etc/boot-fail-wait" },
        { "opt/3456789012345678901234567890123456789012345678901234567,string=a",
          "name too long (max. 55 char)" },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(both); i++) {
        boot_refused(user_items(PROPS(both[i][0])), both[i][1]);
    }
}

static void test_pvpanic_port(Fix *f, gconstpointer data)
{
    rig_device(f->rig, &pvpanic_class, PROPS("ioport", "0x606"));
    check_file(f, "etc/pvpanic-port", "\x06\x06", 2);
    rig_refused(f->rig, &pvpanic_class, NULL, "duplicate fw_cfg file name: etc/pvpanic-port");
}

static void test_second(Fix *f, gconstpointer data)
{
    g_autoptr(GError) err = NULL;

    g_assert_null(fw_cfg_create(f->rig->ms, &err));
    g_assert_nonnull(err);
    g_assert_true(f->rig->ms->fw_cfg == f->fw);
}

#define CASE(name) g_test_add("/fw-cfg/" #name, Fix, NULL, setup, test_##name, teardown)
#define ALONE(name) g_test_add_func("/fw-cfg/" #name, test_##name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    CASE(signature);
    CASE(reset_selects);
    ALONE(machine_facts);
    CASE(defaults);
    ALONE(uuid);
    ALONE(uuid_bad);
    CASE(no_such_item);
    CASE(port_widths);
    CASE(replace);
    CASE(directory_sorted);
    CASE(modify_file);
    CASE(filler);
    CASE(file_limits);
    CASE(dma_signature);
    CASE(dma_read);
    CASE(dma_in_pieces);
    CASE(dma_missing_item);
    CASE(dma_errors);
    CASE(dma_high_half);
    ALONE(boot_waits);
    ALONE(boot_waits_refused);
    ALONE(splash);
    ALONE(user_items);
    ALONE(user_items_refused);
    CASE(pvpanic_port);
    CASE(second);
    return g_test_run();
}
