/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fw_cfg at 0x510: numbers, files and their directory, the DMA interface. */
#include <string.h>
#include "dev.h"

enum { SELECT = 0x510, DATA = 0x511, DMA_HIGH = 0x514, DMA_LOW = 0x518 };
enum { KEY_SIGNATURE, KEY_ID, KEY_UUID, KEY_RAM, KEY_NOGRAPHIC, KEY_CPUS, KEY_NUMA = 0xd, KEY_MENU,
       KEY_MAX_CPUS, KEY_DIR = 0x19 };
enum { DMA_ERROR = 1, DMA_READ = 2, DMA_SKIP = 4, DMA_SELECT = 8, DMA_WRITE = 16 };

static void get(AqVM *vm, uint16_t key, void *to, unsigned len)
{
    aq_outw(vm, SELECT, key);
    for (unsigned i = 0; i < len; i++) {
        ((uint8_t *)to)[i] = aq_inb(vm, DATA);
    }
}

static uint64_t number(AqVM *vm, uint16_t key, unsigned len)
{
    uint64_t v = 0;

    get(vm, key, &v, len);
    return GUINT64_FROM_LE(v);
}

static void signature(AqVM *vm, gconstpointer data)
{
    char text[5] = "";

    get(vm, KEY_SIGNATURE, text, 4);
    g_assert_cmpstr(text, ==, "QEMU");
}

static void id(AqVM *vm, gconstpointer data)
{
    g_assert_cmpuint(number(vm, KEY_ID, 4), ==, 3); /* traditional and DMA */
}

static void uuid(AqVM *vm, gconstpointer data)
{
    static const uint8_t want[] = { 0x46, 0x00, 0xcb, 0x32, 0x38, 0xec, 0x4b, 0x2f,
                                    0x8a, 0xcb, 0x81, 0xc6, 0xea, 0x54, 0xf2, 0xd8 };
    uint8_t got[16];

    get(vm, KEY_UUID, got, 16);
    g_assert_cmpmem(got, 16, want, 16);
}

static void no_uuid(AqVM *vm, gconstpointer data)
{
    static const uint8_t zero[16];
    uint8_t got[16];

    get(vm, KEY_UUID, got, 16);
    g_assert_cmpmem(got, 16, zero, 16);
}

static void ram_size(AqVM *vm, gconstpointer data)
{
    g_assert_cmpuint(number(vm, KEY_RAM, 8), ==, (uint64_t)GPOINTER_TO_UINT(data) << 20);
}

static void cpus(AqVM *vm, gconstpointer data)
{
    g_assert_cmpuint(number(vm, KEY_CPUS, 2), ==, 2);
    g_assert_cmpuint(number(vm, KEY_NOGRAPHIC, 2), ==, 0);
}

/* What tables by APIC id have to hold: it counts the ids, not the CPUs. */
static void max_cpus(AqVM *vm, gconstpointer data)
{
    g_assert_cmpuint(number(vm, KEY_MAX_CPUS, 2), ==, GPOINTER_TO_UINT(data));
}

static void numa_none(AqVM *vm, gconstpointer data)
{
    g_assert_cmpuint(number(vm, KEY_NUMA, 8), ==, 0);
}

static void menu(AqVM *vm, gconstpointer data)
{
    g_assert_cmpuint(number(vm, KEY_MENU, 2), ==, GPOINTER_TO_UINT(data));
}

static void rewind_on_select(AqVM *vm, gconstpointer data)
{
    aq_outw(vm, SELECT, KEY_SIGNATURE);
    IN8(vm, DATA, 'Q');
    IN8(vm, DATA, 'E');
    aq_outw(vm, SELECT, KEY_SIGNATURE);
    IN8(vm, DATA, 'Q');
}

static void zeros_behind_the_end(AqVM *vm, gconstpointer data)
{
    g_assert_cmphex(number(vm, KEY_SIGNATURE, 8), ==, 0x554d4551);
}

static void unknown_item(AqVM *vm, gconstpointer data)
{
    g_assert_cmphex(number(vm, 0x3fff, 8), ==, 0);
    g_assert_cmphex(number(vm, 0x7777, 8), ==, 0);
}

/* ---- files ---- */

typedef struct Entry {
    uint32_t size;
    uint16_t key, reserved;
    char name[56];
} Entry;

/* Returns: (transfer full) the directory's entries in host order. */
static Entry *directory(AqVM *vm, guint *n)
{
    uint32_t count;
    uint8_t *raw;
    Entry *list;

    get(vm, KEY_DIR, &count, 4);
    *n = GUINT32_FROM_BE(count);
    g_assert_cmpuint(*n, <, 1000);
    raw = g_malloc(4 + *n * sizeof(Entry));
    get(vm, KEY_DIR, raw, 4 + *n * sizeof(Entry));
    list = g_memdup2(raw + 4, *n * sizeof(Entry));
    g_free(raw);
    for (guint i = 0; i < *n; i++) {
        list[i].size = GUINT32_FROM_BE(list[i].size);
        list[i].key = GUINT16_FROM_BE(list[i].key);
    }
    return list;
}

/* Returns: (transfer full) contents with a NUL behind them, or NULL. */
static uint8_t *file(AqVM *vm, const char *name, unsigned *size)
{
    guint n;
    g_autofree Entry *list = directory(vm, &n);

    for (guint i = 0; i < n; i++) {
        if (strcmp(list[i].name, name) == 0) {
            uint8_t *data = g_malloc0(list[i].size + 1);

            *size = list[i].size;
            get(vm, list[i].key, data, *size);
            return data;
        }
    }
    return NULL;
}

static void directory_form(AqVM *vm, gconstpointer data)
{
    guint n;
    g_autofree Entry *list = directory(vm, &n);

    g_assert_cmpuint(n, >, 2);
    for (guint i = 0; i < n; i++) {
        g_assert_cmpuint(list[i].key, >=, 0x20);
        g_assert_cmpuint(list[i].reserved, ==, 0);
        g_assert_cmpint(list[i].name[55], ==, 0);
        g_assert_true(i == 0 || strcmp(list[i - 1].name, list[i].name) < 0);
    }
}

static void wait_file(AqVM *vm, const char *name, int64_t want, unsigned width)
{
    unsigned size = 0;
    g_autofree uint8_t *got = file(vm, name, &size);
    uint32_t v = 0;

    if (want < 0 && got == NULL) {
        return;
    }
    g_assert_nonnull(got);
    g_assert_cmpuint(size, ==, width);
    memcpy(&v, got, width);
    g_assert_cmphex(GUINT32_FROM_LE(v), ==, want);
}

static void boot_fail_wait(AqVM *vm, gconstpointer data)
{
    wait_file(vm, "etc/boot-fail-wait", GPOINTER_TO_UINT(data), 4);
}

static void boot_menu_wait(AqVM *vm, gconstpointer data)
{
    wait_file(vm, "etc/boot-menu-wait", GPOINTER_TO_UINT(data), 2);
}

static void string_file(AqVM *vm, gconstpointer data)
{
    unsigned size = 0;
    g_autofree uint8_t *got = file(vm, "opt/org.test/text", &size);

    g_assert_cmpstr((char *)got, ==, "hello, world");
    g_assert_cmpuint(size, ==, 12);
}

static void host_file(AqVM *none, gconstpointer data)
{
    g_autofree char *path = g_build_filename(g_get_tmp_dir(), "dev-fw-cfg-XXXXXX", NULL);
    unsigned size = 0;
    int fd = g_mkstemp(path);
    g_autofree uint8_t *got = NULL;
    AqVM *vm;

    g_assert_cmpint(write(fd, "a\0b", 3), ==, 3);
    close(fd);
    vm = dev_start("-fw_cfg name=opt/f,file=%s", path);
    got = file(vm, "opt/f", &size);
    aq_quit(vm);
    unlink(path);
    g_assert_cmpmem(got, size, "a\0b", 3);
}

/* ---- DMA ---- */

/* Run a control block at 0x1000. Returns: its control word afterwards. */
static uint32_t dma(AqVM *vm, uint32_t control, uint32_t len, uint64_t addr)
{
    uint32_t block[4] = { GUINT32_TO_BE(control), GUINT32_TO_BE(len),
                          GUINT32_TO_BE(addr >> 32), GUINT32_TO_BE((uint32_t)addr) };

    aq_memwrite(vm, 0x1000, block, sizeof(block));
    aq_outl(vm, DMA_HIGH, 0);
    aq_outl(vm, DMA_LOW, GUINT32_SWAP_LE_BE(0x1000));
    return GUINT32_SWAP_LE_BE((uint32_t)aq_readl(vm, 0x1000));
}

static void dma_signature(AqVM *vm, gconstpointer data)
{
    IN32(vm, DMA_HIGH, 0x554d4551); /* "QEMU CFG" */
    IN32(vm, DMA_LOW, 0x47464320);
}

static void dma_read(AqVM *vm, gconstpointer data)
{
    aq_writeq(vm, 0x2000, UINT64_MAX);
    g_assert_cmphex(dma(vm, KEY_SIGNATURE << 16 | DMA_SELECT | DMA_READ, 4, 0x2000), ==, 0);
    g_assert_cmphex(aq_readq(vm, 0x2000), ==, 0xffffffff554d4551);
}

static void dma_goes_on(AqVM *vm, gconstpointer data)
{
    aq_outw(vm, SELECT, KEY_SIGNATURE);
    g_assert_cmphex(dma(vm, DMA_READ, 2, 0x2000), ==, 0);
    g_assert_cmphex(dma(vm, DMA_READ, 2, 0x2002), ==, 0);
    RD32(vm, 0x2000, 0x554d4551);
}

static void dma_skip(AqVM *vm, gconstpointer data)
{
    g_assert_cmphex(dma(vm, KEY_SIGNATURE << 16 | DMA_SELECT | DMA_SKIP, 2, 0), ==, 0);
    IN8(vm, DATA, 'M');
}

static void dma_zeros(AqVM *vm, gconstpointer data)
{
    aq_memset(vm, 0x2000, 0xff, 16);
    g_assert_cmphex(dma(vm, KEY_SIGNATURE << 16 | DMA_SELECT | DMA_READ, 12, 0x2000), ==, 0);
    g_assert_cmphex(aq_readq(vm, 0x2004), ==, 0);
    RD32(vm, 0x200c, 0xffffffff);
}

static void dma_no_write(AqVM *vm, gconstpointer data)
{
    g_assert_cmphex(dma(vm, KEY_SIGNATURE << 16 | DMA_SELECT | DMA_WRITE, 4, 0x2000), ==,
                    DMA_ERROR);
    signature(vm, NULL);
}

static void dma_bad_address(AqVM *vm, gconstpointer data)
{
    g_assert_cmphex(dma(vm, KEY_SIGNATURE << 16 | DMA_SELECT | DMA_READ, 4, 0x800000000000), ==,
                    DMA_ERROR);
}

#define NUMBER(name, func, args, want) CASE(name, func, args, 0, 0, GUINT_TO_POINTER(want))

static const DevCase cases[] = {
    CASE("signature", signature),
    CASE("id", id),
    CASE("uuid", uuid, "-uuid 4600cb32-38ec-4b2f-8acb-81c6ea54f2d8"),
    CASE("no-uuid", no_uuid),
    NUMBER("ram-size/default", ram_size, NULL, 128u),
    NUMBER("ram-size/64m", ram_size, "-m 64", 64u),
    NUMBER("ram-size/5g", ram_size, "-m 5G", 5120u),
    CASE("cpus", cpus, "-smp 2,maxcpus=3"),
    NUMBER("max-cpus/one", max_cpus, NULL, 1u),
    NUMBER("max-cpus/four", max_cpus, "-smp 2,maxcpus=4", 4u),
    NUMBER("max-cpus/gaps", max_cpus, "-smp 1,sockets=2,cores=3,threads=1,maxcpus=6", 7u),
    CASE("numa", numa_none),
    NUMBER("menu/off", menu, NULL, 0u),
    NUMBER("menu/on", menu, "-boot menu=on", 1u),
    CASE("rewind", rewind_on_select),
    CASE("zeros-behind-the-end", zeros_behind_the_end),
    CASE("unknown-item", unknown_item),
    CASE("directory", directory_form),
    NUMBER("boot-fail-wait/15", boot_fail_wait, "-boot reboot-timeout=15", 15u),
    NUMBER("boot-fail-wait/never", boot_fail_wait, "-boot reboot-timeout=-1", 0xffffffffu),
    NUMBER("boot-fail-wait/default", boot_fail_wait, NULL, 0xffffffffu),
    NUMBER("boot-menu-wait/12", boot_menu_wait, "-boot splash-time=12", 12u),
    CASE("file/string", string_file, "-fw_cfg 'name=opt/org.test/text,string=hello,, world'"),
    CASE("file/host", host_file, NULL, DEV_ALONE),
    CASE("dma/signature", dma_signature),
    CASE("dma/read", dma_read),
    CASE("dma/goes-on", dma_goes_on),
    CASE("dma/skip", dma_skip),
    CASE("dma/zeros", dma_zeros),
    CASE("dma/no-write", dma_no_write),
    CASE("dma/bad-address", dma_bad_address),
};

DEV_MAIN("fw-cfg", cases)
