/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The board: firmware and its mirror, RAM around the hole below 4 GiB, the map in words. */
#include <string.h>
#include <unistd.h>
#include "dev.h"

#define KIB 1024ull
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

/* ---- firmware ---- */

/* Start with an image of @size bytes by @option ("-bios %s"). Byte i is i * 7 + i / 256. */
static AqVM *with_image(const char *option, gsize size, uint8_t **image)
{
    g_autofree char *path = g_build_filename(g_get_tmp_dir(), "dev-board-XXXXXX", NULL);
    g_auto(GStrv) parts = g_strsplit(option, "%s", 2);
    int fd = g_mkstemp(path);
    AqVM *vm;

    *image = g_malloc(size);
    for (gsize i = 0; i < size; i++) {
        (*image)[i] = i * 7 + (i >> 8);
    }
    g_assert_cmpint(write(fd, *image, size), ==, (gssize)size);
    close(fd);
    vm = dev_start("-S %s%s%s", parts[0], path, parts[1]);
    unlink(path);
    return vm;
}

static void equal_at(AqVM *vm, uint64_t addr, const uint8_t *want, gsize size)
{
    g_autofree uint8_t *got = g_malloc(size);

    aq_bufread(vm, addr, got, size);
    g_assert_true(memcmp(got, want, size) == 0);
}

typedef struct Image {
    const char *option;
    gsize size;
} Image;

static void firmware(AqVM *none, gconstpointer data)
{
    const Image *i = data;
    g_autofree uint8_t *image = NULL;
    AqVM *vm = with_image(i->option, i->size, &image);
    gsize mirror = MIN(i->size, 128 * KIB);

    equal_at(vm, 4 * GIB - i->size, image, i->size);
    equal_at(vm, MIB - mirror, image + i->size - mirror, mirror);
    aq_quit(vm);
}

static void firmware_read_only(AqVM *none, gconstpointer data)
{
    g_autofree uint8_t *image = NULL;
    AqVM *vm = with_image("-bios %s", 64 * KIB, &image);

    aq_writel(vm, 4 * GIB - 16, ~0u);
    equal_at(vm, 4 * GIB - 16, image + 64 * KIB - 16, 16);
    aq_memset(vm, 4 * GIB - 64 * KIB, 0, 64 * KIB);
    equal_at(vm, 4 * GIB - 64 * KIB, image, 64 * KIB);
    aq_quit(vm);
}

/* Firmware writes to its copy below 1 MiB; each reset brings it back. */
static void mirror_renewed(AqVM *none, gconstpointer data)
{
    g_autofree uint8_t *image = NULL;
    AqVM *vm = with_image("-bios %s", 64 * KIB, &image);

    aq_writel(vm, 0xffff0, 0x12345678);
    RD32(vm, 0xffff0, 0x12345678);
    dev_reset(vm);
    equal_at(vm, 0xf0000, image, 64 * KIB);
    aq_quit(vm);
}

static void firmware_odd_size(AqVM *none, gconstpointer data)
{
    g_autofree char *path = g_build_filename(g_get_tmp_dir(), "dev-board-XXXXXX", NULL);
    g_autofree char *args = NULL;
    AqConfig config = { .size = sizeof(config) };
    g_autoptr(GError) err = NULL;
    int fd = g_mkstemp(path);

    g_assert_cmpint(ftruncate(fd, 1000), ==, 0);
    close(fd);
    args = g_strdup_printf("-machine pc -nodefaults -bios %s", path);
    config.args = args;
    g_assert_null(aq_vm_start(&config, &err));
    unlink(path);
    g_assert_error(err, AQ_ERROR, AQ_ERROR_DIED);
    g_assert_nonnull(strstr(err->message, "could not load PC BIOS"));
}

static void no_firmware(AqVM *vm, gconstpointer data)
{
    RD32(vm, 4 * GIB - 16, 0);
}

/* ---- RAM: @data is the last byte's address ---- */

static void ram_ends(AqVM *vm, gconstpointer data)
{
    uint64_t top = *(const uint64_t *)data;

    aq_writel(vm, top - 4, 0xcafef00d);
    RD32(vm, top - 4, 0xcafef00d);
    aq_writel(vm, top, 0xffffffff);
    RD32(vm, top, 0);
}

/* 5 GiB: 3 below the hole, 2 above it, and nothing shows twice. */
static void ram_split(AqVM *vm, gconstpointer data)
{
    static const uint64_t in[] = { 0x1000, 3 * GIB - 4, 4 * GIB, 6 * GIB - 4 };
    static const uint64_t out[] = { 3 * GIB, 4 * GIB - 64 * MIB, 6 * GIB, 7 * GIB };

    for (gsize i = 0; i < G_N_ELEMENTS(in); i++) {
        aq_writel(vm, in[i], 0x11111111 * (i + 1));
    }
    for (gsize i = 0; i < G_N_ELEMENTS(out); i++) {
        aq_writel(vm, out[i], 0xffffffff);
        RD32(vm, out[i], 0);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(in); i++) {
        RD32(vm, in[i], 0x11111111 * (i + 1));
    }
}

static void ram_split_lower(AqVM *vm, gconstpointer data)
{
    aq_writel(vm, 2 * GIB - 4, 1);
    aq_writel(vm, 5 * GIB - 4, 2);
    RD32(vm, 2 * GIB - 4, 1);
    RD32(vm, 5 * GIB - 4, 2);
    aq_writel(vm, 2 * GIB, 3);
    RD32(vm, 2 * GIB, 0);
}

/* A transfer over the edge: what is RAM is written, the rest is not there. */
static void ram_across_the_end(AqVM *vm, gconstpointer data)
{
    uint8_t got[16], want[16] = { 0 };

    memset(want, 0xab, 8);
    aq_memset(vm, 128 * MIB - 8, 0xab, 16);
    aq_memread(vm, 128 * MIB - 8, got, 16);
    g_assert_cmpmem(got, 16, want, 16);
}

static void ram_survives_reset(AqVM *vm, gconstpointer data)
{
    aq_writeq(vm, 0x100000, 0x1122334455667788);
    dev_reset(vm);
    g_assert_cmphex(aq_readq(vm, 0x100000), ==, 0x1122334455667788);
}

/* ---- the map in words ---- */

static void shows(AqVM *vm, const char *const *words)
{
    g_autofree char *text = aq_hmp(vm, "info mtree");

    for (; *words != NULL; words++) {
        if (strstr(text, *words) == NULL) {
            g_test_message("%s", text);
            g_error("info mtree does not mention '%s'", *words);
        }
    }
}

static void mtree(AqVM *vm, gconstpointer data)
{
    static const char *const words[] = { "pc.ram", "ioapic", "rtc", "pit", "pic", "i8042", NULL };

    shows(vm, words);
}

static void mtree_addresses(AqVM *vm, gconstpointer data)
{
    static const char *const words[] = { "00000000fec00000-00000000fec00fff",
                                         "0000000100000000-000000017fffffff",
                                         "0000000000000505-0000000000000505", NULL };

    shows(vm, words);
}

#define RAM(name, args, top) \
    CASE("ram/ends-" name, ram_ends, args, 0, 0, &(const uint64_t){ top })
#define ROM(name, option, size) \
    CASE("firmware/" name, firmware, NULL, DEV_ALONE, 0, (&(const Image){ option, size }))
#define PFLASH "-drive if=pflash,format=raw,file=%s"

static const DevCase cases[] = {
    ROM("bios-64k", "-bios %s", 64 * KIB),
    ROM("bios-128k", "-bios %s", 128 * KIB),
    ROM("bios-256k", "-bios %s", 256 * KIB),
    ROM("bios-1m", "-bios %s", 1 * MIB),
    ROM("pflash-64k", PFLASH, 64 * KIB),
    ROM("pflash-256k", PFLASH, 256 * KIB),
    CASE("firmware/read-only", firmware_read_only, NULL, DEV_ALONE | DEV_OURS),
    CASE("firmware/mirror-renewed", mirror_renewed, NULL, DEV_ALONE | DEV_OURS),
    CASE("firmware/odd-size", firmware_odd_size, NULL, DEV_ALONE | DEV_OURS),
    CASE("firmware/none", no_firmware, NULL, DEV_OURS),
    RAM("16m", "-m 16", 16 * MIB),
    RAM("128m", "", 128 * MIB),
    RAM("1g", "-m 1G", 1 * GIB),
    RAM("3g", "-m 3G", 3 * GIB),
    CASE("ram/split", ram_split, "-m 5G", DEV_OURS),
    CASE("ram/split-lower", ram_split_lower, "-m 3G -machine max-ram-below-4g=2G"),
    CASE("ram/across-the-end", ram_across_the_end),
    CASE("ram/survives-reset", ram_survives_reset),
    CASE("mtree/names", mtree, NULL, DEV_OURS),
    CASE("mtree/addresses", mtree_addresses, "-m 5G -device pvpanic", DEV_OURS),
};

DEV_MAIN("board", cases)
