/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Flash chips: commands, what they do to the file, two of them, and what is refused. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "dev.h"

#define KIB 1024u
#define SIZE (64 * KIB)
#define TOP 0x100000000ull
#define FLASH "-drive if=pflash,format=raw,file=%s"

enum { READY = 0x80, ERASE_ERROR = 0x20, PROGRAM_ERROR = 0x10, LOCKED = 0x02 };

/* A machine and the images of its chips; the first one ends at 4 GiB. */
typedef struct Flash {
    AqVM *vm;
    char *path[2];
    uint64_t base;
} Flash;

static uint8_t pattern(gsize i)
{
    return i * 7 + (i >> 8);
}

static char *make_image(gsize size)
{
    g_autofree char *path = g_build_filename(g_get_tmp_dir(), "dev-flash-XXXXXX", NULL);
    g_autofree uint8_t *data = g_malloc(size);
    int fd = g_mkstemp(path);

    for (gsize i = 0; i < size; i++) {
        data[i] = pattern(i);
    }
    g_assert_cmpint(write(fd, data, size), ==, (gssize)size);
    close(fd);
    return g_steal_pointer(&path);
}

static void begin(Flash *f, const char *more)
{
    g_autofree char *option = NULL;

    f->path[0] = make_image(SIZE);
    f->path[1] = NULL;
    f->base = TOP - SIZE;
    option = g_strdup_printf(FLASH "%s", f->path[0], more);
    f->vm = dev_start("%s", option);
}

/* Also the test that the process ends well. */
static void end(Flash *f)
{
    aq_quit(f->vm);
    for (gsize i = 0; i < 2; i++) {
        if (f->path[i] != NULL) {
            unlink(f->path[i]);
            g_free(f->path[i]);
        }
    }
}

static void cmd(Flash *f, uint64_t offset, uint8_t value)
{
    aq_writeb(f->vm, f->base + offset, value);
}

static uint8_t rd(Flash *f, uint64_t offset)
{
    return aq_readb(f->vm, f->base + offset);
}

static uint8_t status(Flash *f)
{
    cmd(f, 0, 0x70);
    return rd(f, 0);
}

static uint8_t array(Flash *f, uint64_t offset)
{
    cmd(f, 0, 0xff);
    return rd(f, offset);
}

static uint8_t in_file(const char *path, gsize offset)
{
    g_autofree char *data = NULL;
    gsize len;

    g_assert_true(g_file_get_contents(path, &data, &len, NULL));
    g_assert_cmpuint(offset, <, len);
    return data[offset];
}

#define EQ(got, want) g_assert_cmphex(got, ==, want)

/* Both what the guest reads and what the file holds. */
static void holds(Flash *f, gsize offset, uint8_t want)
{
    EQ(array(f, offset), want);
    EQ(in_file(f->path[0], offset), want);
}

static void program(Flash *f, uint64_t offset, uint8_t value)
{
    cmd(f, offset, 0x40);
    cmd(f, offset, value);
}

static void erase(Flash *f, uint64_t offset)
{
    cmd(f, offset, 0x20);
    cmd(f, offset, 0xd0);
}

/* Write @n bytes with values from @value on, without the confirmation. */
static void fill_buffer(Flash *f, uint64_t offset, unsigned n, uint8_t value)
{
    cmd(f, offset, 0xe8);
    cmd(f, offset, n - 1);
    for (unsigned i = 0; i < n; i++) {
        cmd(f, offset + i, value + i);
    }
}

/* ---- what reads show ---- */

static void array_mode(Flash *f)
{
    for (unsigned i = 0; i < SIZE; i += 4093) {
        EQ(rd(f, i), pattern(i));
    }
}

static void status_mode(Flash *f)
{
    EQ(status(f), READY);
    EQ(rd(f, 0x1234), READY);
    EQ(array(f, 0x1234), pattern(0x1234));
}

/* EDK II knows its flash by this. */
static void clear_status(Flash *f)
{
    EQ(status(f), READY);
    cmd(f, 0, 0x50);
    EQ(rd(f, 1), pattern(1));
    EQ(status(f), 0);
}

static void other_array_commands(Flash *f)
{
    static const uint8_t commands[] = { 0xff, 0xf0, 0x00, 0x77 };

    for (gsize i = 0; i < sizeof(commands); i++) {
        EQ(status(f), READY);
        cmd(f, 0, commands[i]);
        EQ(rd(f, 1), pattern(1));
    }
}

static void identifier(Flash *f)
{
    cmd(f, 0, 0x90);
    EQ(rd(f, 0), 0);
    EQ(rd(f, 1), 0);
    EQ(rd(f, 0x1002), 0); /* not locked */
    EQ(array(f, 1), pattern(1));
}

static void query(Flash *f)
{
    static const struct {
        uint8_t at, want;
    } rows[] = {
        { 0x10, 'Q' }, { 0x11, 'R' }, { 0x12, 'Y' }, { 0x13, 1 },  { 0x15, 0x31 },
        { 0x27, 16 },  { 0x2a, 8 },   { 0x2b, 0 },   { 0x2c, 1 },  { 0x2d, 15 },
        { 0x2e, 0 },   { 0x2f, 0x10 }, { 0x30, 0 },  { 0x31, 'P' }, { 0x32, 'R' },
        { 0x33, 'I' }, { 0x34, '1' }, { 0x35, '0' }, { 0x3f, 1 },  { 0x80, 0 },
    };

    cmd(f, 0x55, 0x98);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        EQ(rd(f, rows[i].at), rows[i].want);
        EQ(rd(f, 0x1000 + rows[i].at), rows[i].want);
    }
}

static void reset_ends_it(Flash *f)
{
    cmd(f, 0, 0x50);
    cmd(f, 0, 0x98);
    dev_reset(f->vm);
    EQ(rd(f, 0x11), pattern(0x11));
    EQ(status(f), READY);
}

static void reset_forgets_half_a_command(Flash *f)
{
    cmd(f, 0, 0x20);
    dev_reset(f->vm);
    cmd(f, 0, 0xd0);
    EQ(array(f, 5), pattern(5));
}

/* ---- programming and erasing ---- */

static void program_byte(Flash *f)
{
    program(f, 0x123, 0x42);
    EQ(rd(f, 0), READY);
    EQ(status(f), READY);
    holds(f, 0x123, 0x42);
    holds(f, 0x122, pattern(0x122));
    holds(f, 0x124, pattern(0x124));
}

static void program_other_command(Flash *f)
{
    cmd(f, 0xfffe, 0x10);
    cmd(f, 0xfffe, 0x24);
    EQ(rd(f, 0), READY);
    holds(f, 0xfffe, 0x24);
}

/* Unlike a real chip, like QEMU's. */
static void program_sets_bits(Flash *f)
{
    program(f, 0, 0x00);
    program(f, 0, 0xa5);
    holds(f, 0, 0xa5);
}

static void program_wide(Flash *f)
{
    aq_writel(f->vm, f->base + 0x2000, 0x40);
    aq_writel(f->vm, f->base + 0x2000, 0x04030201);
    cmd(f, 0, 0xff);
    EQ(aq_readl(f->vm, f->base + 0x2000), 0x04030201);
    EQ(in_file(f->path[0], 0x2003), 4);
}

static void program_command_as_data(Flash *f)
{
    program(f, 7, 0xff);
    EQ(rd(f, 0), READY);
    holds(f, 7, 0xff);
}

static void erase_block(Flash *f)
{
    erase(f, 0x1234);
    EQ(rd(f, 0), READY);
    holds(f, 0x0fff, pattern(0x0fff));
    holds(f, 0x1000, 0xff);
    holds(f, 0x1fff, 0xff);
    holds(f, 0x2000, pattern(0x2000));
}

static void erase_wrong_confirmation(Flash *f)
{
    cmd(f, 0x1000, 0x20);
    cmd(f, 0x1000, 0x12);
    EQ(rd(f, 0x1001), pattern(0x1001));
    holds(f, 0x1001, pattern(0x1001));
}

static void survives(Flash *f)
{
    g_autofree char *option = NULL;

    erase(f, 0xf000);
    program(f, 0xfff0, 0xea);
    aq_quit(f->vm);
    option = g_strdup_printf(FLASH, f->path[0]);
    f->vm = dev_start("%s", option);
    EQ(rd(f, 0xfff0), 0xea);
    EQ(rd(f, 0xfff1), 0xff);
}

/* ---- buffered writes ---- */

static void buffer(Flash *f)
{
    fill_buffer(f, 0x1102, 4, 0xa0);
    EQ(rd(f, 0), READY);
    cmd(f, 0x1102, 0xd0);
    EQ(rd(f, 0), READY);
    holds(f, 0x1101, pattern(0x1101));
    holds(f, 0x1102, 0xa0);
    holds(f, 0x1105, 0xa3);
    holds(f, 0x1106, pattern(0x1106));
}

static void buffer_whole(Flash *f)
{
    fill_buffer(f, 0x1200, 256, 1);
    cmd(f, 0x1200, 0xd0);
    EQ(status(f), READY);
    holds(f, 0x1200, 1);
    holds(f, 0x12ff, 0);
    holds(f, 0x1300, pattern(0x1300));
}

static void buffer_backwards(Flash *f)
{
    cmd(f, 0x10, 0xe8);
    cmd(f, 0x10, 1);
    cmd(f, 0x11, 0x22);
    cmd(f, 0x10, 0x11);
    cmd(f, 0x10, 0xd0);
    holds(f, 0x10, 0x11);
    holds(f, 0x11, 0x22);
}

static void buffer_not_confirmed(Flash *f)
{
    fill_buffer(f, 0x1200, 2, 1);
    cmd(f, 0x1200, 0x55);
    EQ(rd(f, 0x1200), pattern(0x1200));
    holds(f, 0x1201, pattern(0x1201));
}

static void buffer_crossing(Flash *f)
{
    fill_buffer(f, 0x12f0, 32, 0x77);
    cmd(f, 0x12f0, 0xd0);
    EQ(rd(f, 1), pattern(1));
    EQ(status(f), READY | PROGRAM_ERROR);
    holds(f, 0x12f0, pattern(0x12f0));
    holds(f, 0x1300, pattern(0x1300));
}

static void buffer_after_an_error(Flash *f)
{
    buffer_crossing(f);
    fill_buffer(f, 0, 1, 0x11);
    cmd(f, 0, 0xd0);
    holds(f, 0, 0x11);
}

/* ---- locks of blocks ---- */

static void lock(Flash *f, uint64_t offset, uint8_t how)
{
    cmd(f, offset, 0x60);
    cmd(f, offset, how);
    EQ(rd(f, 0) & READY, READY);
}

static void block_lock(Flash *f)
{
    lock(f, 0x1000, 0x01);
    cmd(f, 0, 0x90);
    EQ(rd(f, 0x1002), 1);
    EQ(rd(f, 0x2002), 0);
    program(f, 0x1000, 0);
    EQ(rd(f, 0), READY | PROGRAM_ERROR | LOCKED);
    holds(f, 0x1000, pattern(0x1000));
    cmd(f, 0, 0x50);
    erase(f, 0x1fff);
    EQ(rd(f, 0), READY | ERASE_ERROR | LOCKED);
    holds(f, 0x1fff, pattern(0x1fff));
    program(f, 0x2000, 0x55);
    holds(f, 0x2000, 0x55);
}

static void block_unlock(Flash *f)
{
    lock(f, 0x1000, 0x01);
    lock(f, 0x1000, 0xd0);
    program(f, 0x1000, 0x55);
    holds(f, 0x1000, 0x55);
    lock(f, 0x1000, 0x01);
    dev_reset(f->vm);
    program(f, 0x1000, 0x66);
    holds(f, 0x1000, 0x66);
}

/* A wide write into two blocks: both have to be open. */
static void lock_border(Flash *f)
{
    for (unsigned locked = 0; locked < 2; locked++) {
        dev_reset(f->vm);
        lock(f, locked * 0x1000, 0x01);
        cmd(f, 0xffe, 0x40);
        aq_writel(f->vm, f->base + 0xffe, 0xaabbccdd);
        EQ(rd(f, 0), READY | PROGRAM_ERROR | LOCKED);
        for (unsigned i = 0xffe; i < 0x1002; i++) {
            holds(f, i, pattern(i));
        }
    }
}

static void lock_wrong_confirmation(Flash *f)
{
    cmd(f, 0, 0x60);
    cmd(f, 0, 0x77);
    EQ(rd(f, 1), pattern(1));
}

/* ---- chips that cannot be programmed, or not for good ---- */

static void read_only(Flash *f)
{
    program(f, 9, 0);
    EQ(rd(f, 0), READY | PROGRAM_ERROR);
    holds(f, 9, pattern(9));
    cmd(f, 0, 0x50);
    erase(f, 0);
    EQ(rd(f, 0), READY | ERASE_ERROR);
    holds(f, 9, pattern(9));
}

static void snapshot(Flash *f)
{
    program(f, 9, 0);
    EQ(rd(f, 0), READY);
    EQ(array(f, 9), 0);
    EQ(in_file(f->path[0], 9), pattern(9));
}

/* ---- the copy below 1 MiB ---- */

static void mirror(Flash *f)
{
    program(f, 0xfff0, 0x90);
    cmd(f, 0, 0xff);
    EQ(aq_readb(f->vm, 0xffff0), pattern(0xfff0));
    dev_reset(f->vm);
    EQ(aq_readb(f->vm, 0xffff0), 0x90);
}

/* ---- several ---- */

typedef struct Case {
    const char *more;
    void (*run)(Flash *f);
} Case;

static void one_chip(AqVM *none, gconstpointer data)
{
    const Case *c = data;
    Flash f;

    begin(&f, c->more);
    c->run(&f);
    end(&f);
}

static void two_chips(AqVM *none, gconstpointer data)
{
    Flash f = { .path = { make_image(SIZE), make_image(8 * KIB) }, .base = TOP - SIZE - 8 * KIB };
    g_autofree char *options = g_strdup_printf(data, f.path[0], f.path[1]);

    f.vm = dev_start("%s", options);
    EQ(rd(&f, 0), 0);
    EQ(rd(&f, 8 * KIB - 1), pattern(8 * KIB - 1));
    EQ(rd(&f, 8 * KIB + 1), pattern(1));
    EQ(rd(&f, 8 * KIB + SIZE - 1), pattern(SIZE - 1));
    program(&f, 0x1ff0, 0x5a);
    EQ(rd(&f, 1), READY);                   /* only this one is busy */
    EQ(rd(&f, 8 * KIB + 1), pattern(1));
    EQ(array(&f, 0x1ff0), 0x5a);
    EQ(in_file(f.path[1], 0x1ff0), 0x5a);
    EQ(in_file(f.path[0], 0x1ff0), pattern(0x1ff0));
    end(&f);
}

/* ---- what is refused ---- */

static void refused(const char *options, const char *why)
{
    g_autofree char *args = g_strdup_printf("-machine pc -nodefaults %s %s",
                                            dev_on_qemu() ? "-S" : "", options);
    AqConfig config = { .size = sizeof(config), .args = args, .accel = g_getenv("DEV_ACCEL") };
    g_autoptr(GError) err = NULL;

    g_assert_null(aq_vm_start(&config, &err));
    g_assert_error(err, AQ_ERROR, AQ_ERROR_DIED);
    if (strstr(err->message, why) == NULL) {
        g_error("%s: '%s' is not in: %s", options, why, err->message);
    }
}

static void bad_options(AqVM *none, gconstpointer data)
{
    g_autofree char *image = make_image(SIZE), *odd = make_image(5 * KIB), *empty = make_image(0);
    const struct {
        const char *fmt, *image, *why;
    } rows[] = {
        { FLASH ",unit=1", image, "pflash1 requires pflash0" },
        { FLASH ",unit=2", image, "machine type does not support if=pflash,bus=0,unit=2" },
        { FLASH ",unit=1,index=1", image, "index cannot be used with bus and unit" },
        { FLASH, odd, "system firmware block device pflash0 has invalid size 5120" },
        { FLASH, empty, "system firmware block device pflash0 has invalid size 0" },
        { FLASH, "/nonexistent/image", "Could not open '/nonexistent/image'" },
        { "-machine pflash0=none%s", "", "Property 'cfi.pflash01.drive' can't find value 'none'" },
        { "-machine pflash0=n -blockdev driver=file,node-name=n,filename=%s "
          "-drive if=pflash,format=raw,file=/dev/null", image, "" },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(GStrv) parts = g_strsplit(rows[i].fmt, "%s", 2);
        g_autofree char *options = g_strconcat(parts[0], rows[i].image, parts[1], NULL);

        refused(options, rows[i].why);
    }
    unlink(image);
    unlink(odd);
    unlink(empty);
}

static void same_unit_twice(AqVM *none, gconstpointer data)
{
    g_autofree char *image = make_image(SIZE);
    g_autofree char *options = g_strdup_printf(FLASH ",unit=0 " FLASH ",unit=0", image, image);

    refused(options, "drive with bus=0, unit=0 (index=-1) exists");
    unlink(image);
}

/* QEMU does not mind that either; accelvm warns. */
static void in_use(AqVM *none, gconstpointer data)
{
    g_autofree char *options = NULL;
    AqVM *second;
    Flash f;

    begin(&f, "");
    options = g_strdup_printf(FLASH, f.path[0]);
    second = dev_start("%s", options);
    aq_quit(second);
    end(&f);
}

static void shared_read_only(AqVM *none, gconstpointer data)
{
    g_autofree char *options = NULL;
    AqVM *second;
    Flash f;

    begin(&f, ",readonly=on");
    options = g_strdup_printf(FLASH ",readonly=on", f.path[0]);
    second = dev_start("%s", options);
    aq_quit(second);
    end(&f);
}

#define ONE(name, func, more, flags) \
    CASE(name, one_chip, NULL, DEV_ALONE | (flags), 0, (&(const Case){ more, func }))
#define TWO(name, options) CASE(name, two_chips, NULL, DEV_ALONE, 0, options)
#define ALONE(name, func, flags) CASE(name, func, NULL, DEV_ALONE | (flags))

static const DevCase cases[] = {
    ONE("read/array", array_mode, "", 0),
    ONE("read/status", status_mode, "", 0),
    ONE("read/clear-status", clear_status, "", 0),
    ONE("read/other-commands", other_array_commands, "", 0),
    ONE("read/identifier", identifier, "", 0),
    ONE("read/query", query, "", 0),
    ONE("reset/mode", reset_ends_it, "", 0),
    ONE("reset/half-a-command", reset_forgets_half_a_command, "", DEV_OURS),
    ONE("program/byte", program_byte, "", 0),
    ONE("program/other-command", program_other_command, "", 0),
    ONE("program/sets-bits", program_sets_bits, "", 0),
    ONE("program/wide", program_wide, "", 0),
    ONE("program/command-as-data", program_command_as_data, "", 0),
    ONE("program/survives", survives, "", 0),
    ONE("erase/block", erase_block, "", 0),
    ONE("erase/wrong-confirmation", erase_wrong_confirmation, "", DEV_OURS),
    ONE("buffer/some", buffer, "", 0),
    ONE("buffer/whole", buffer_whole, "", 0),
    ONE("buffer/backwards", buffer_backwards, "", 0),
    ONE("buffer/not-confirmed", buffer_not_confirmed, "", 0),
    ONE("buffer/crossing", buffer_crossing, "", 0),
    ONE("buffer/after-an-error", buffer_after_an_error, "", DEV_OURS),
    ONE("lock/block", block_lock, "", DEV_OURS),
    ONE("lock/unlock", block_unlock, "", 0),
    ONE("lock/border", lock_border, "", DEV_OURS),
    ONE("lock/wrong-confirmation", lock_wrong_confirmation, "", 0),
    ONE("read-only", read_only, ",readonly=on", 0),
    ONE("read-only/dashed", read_only, ",read-only=on", 0),
    ONE("snapshot", snapshot, ",snapshot=on", 0),
    ONE("mirror", mirror, "", DEV_OURS),
    TWO("two/drive", FLASH " " FLASH),
    TWO("two/units", FLASH ",unit=0 " FLASH ",unit=1"),
    TWO("two/indexes", FLASH ",index=0 " FLASH ",index=1"),
    TWO("two/pflash", "-pflash %s -pflash %s"),
    TWO("two/machine", "-machine pflash0=a,pflash1=b -blockdev driver=file,filename=%s,node-name=a "
        "-blockdev driver=raw,file.driver=file,file.filename=%s,node-name=b"),
    TWO("two/nodes", "-machine pflash0=a -blockdev driver=file,filename=%s,node-name=f "
        "-blockdev '{\"driver\":\"raw\",\"file\":\"f\",\"node-name\":\"a\"}' -machine pflash1=b "
        "-blockdev '{\"driver\":\"file\",\"filename\":\"%s\",\"node-name\":\"b\"}'"),
    ALONE("refused/options", bad_options, DEV_OURS),
    ALONE("refused/same-unit", same_unit_twice, 0),
    ALONE("shared", in_use, 0),
    ALONE("shared-read-only", shared_read_only, 0),
};

DEV_MAIN("flash", cases)
