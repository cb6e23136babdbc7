/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The port map: look-up, widths, priorities, the exit path's call-backs. */
#include <string.h>
#include "hw-fake.h"

/* Logs what it is asked; reads give byte n = offset + n. */
typedef struct Dev {
    IoRegion region;
    GString *log;
} Dev;

static uint64_t dev_read(void *opaque, uint64_t offset, unsigned size)
{
    uint64_t v = 0;
    unsigned i;

    g_string_append_printf(((Dev *)opaque)->log, "r%u@%u ", size, (unsigned)offset);
    for (i = 0; i < size; i++) {
        v |= ((offset + i) & 0xff) << (8 * i);
    }
    return v | (size < 8 ? ~0ULL << (8 * size) : 0); /* rubbish above: must be cut off */
}

static void dev_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    g_string_append_printf(((Dev *)opaque)->log, "w%u@%u=%x ", size, (unsigned)offset,
                           (unsigned)value);
}

#define OPS(lo, hi) { .read = dev_read, .write = dev_write, .min_size = lo, .max_size = hi }
static const IoOps plain = OPS(0, 0), byte_only = OPS(1, 1), words = OPS(2, 2), longs = OPS(4, 4);

static void dev_setup(MachineState *ms, Dev *d, uint64_t base, uint64_t size, const IoOps *ops)
{
    d->region = (IoRegion){ .name = "dev", .base = base, .size = size, .ops = ops, .opaque = d };
    d->log = g_string_new(NULL);
    hw_port_add(ms, &d->region);
}

static void dev_drop(MachineState *ms, Dev *d)
{
    hw_port_remove(ms, &d->region);
    g_string_free(d->log, TRUE);
}

static void expect(Dev *d, const char *log)
{
    g_assert_cmpstr(d->log->str, ==, log);
    g_string_truncate(d->log, 0);
}

typedef struct Fixture {
    HwRegistry *reg;
    MachineState *ms;
    Dev d;
} Fixture;

static void setup(Fixture *f, gconstpointer ops)
{
    f->reg = hw_registry_new();
    f->ms = fake_machine(f->reg, 1, 1);
    dev_setup(f->ms, &f->d, 0x100, 8, ops);
}

static void teardown(Fixture *f, gconstpointer ops)
{
    dev_drop(f->ms, &f->d);
    hw_machine_free(f->ms);
    hw_registry_free(f->reg);
}

static void test_plain(Fixture *f, gconstpointer ops)
{
    g_assert_cmphex(hw_port_read(f->ms, 0x100, 1), ==, 0x00);
    g_assert_cmphex(hw_port_read(f->ms, 0x102, 2), ==, 0x0302);
    g_assert_cmphex(hw_port_read(f->ms, 0x104, 4), ==, 0x07060504);
    expect(&f->d, "r1@0 r2@2 r4@4 ");
    hw_port_write(f->ms, 0x101, 0xabcdef12, 1);
    hw_port_write(f->ms, 0x101, 0xabcdef12, 2);
    hw_port_write(f->ms, 0x104, 0xabcdef12, 4);
    expect(&f->d, "w1@1=12 w2@1=ef12 w4@4=abcdef12 ");
}

static void test_bytes(Fixture *f, gconstpointer ops)
{
    g_assert_cmphex(hw_port_read(f->ms, 0x102, 4), ==, 0x05040302);
    expect(&f->d, "r1@2 r1@3 r1@4 r1@5 ");
    hw_port_write(f->ms, 0x102, 0x11223344, 4);
    expect(&f->d, "w1@2=44 w1@3=33 w1@4=22 w1@5=11 ");
    hw_port_write(f->ms, 0x100, 0x5566, 2);
    expect(&f->d, "w1@0=66 w1@1=55 ");
}

static void test_words(Fixture *f, gconstpointer ops)
{
    g_assert_cmphex(hw_port_read(f->ms, 0x103, 1), ==, 0x03);
    expect(&f->d, "r2@2 ");
    g_assert_cmphex(hw_port_read(f->ms, 0x104, 4), ==, 0x07060504);
    expect(&f->d, "r2@4 r2@6 ");
    hw_port_write(f->ms, 0x103, 0xaa, 1); /* a narrow write is not widened */
    expect(&f->d, "w1@3=aa ");
}

static void test_longs(Fixture *f, gconstpointer ops)
{
    g_assert_cmphex(hw_port_read(f->ms, 0x103, 2), ==, 0x0403); /* across two units */
    expect(&f->d, "r4@0 r4@4 ");
    g_assert_cmphex(hw_port_read(f->ms, 0x106, 1), ==, 0x06);
    expect(&f->d, "r4@4 ");
}

static void test_unassigned(Fixture *f, gconstpointer ops)
{
    g_assert_cmphex(hw_port_read(f->ms, 0x200, 1), ==, 0xff);
    g_assert_cmphex(hw_port_read(f->ms, 0x200, 2), ==, 0xffff);
    g_assert_cmphex(hw_port_read(f->ms, 0x200, 4), ==, 0xffffffff);
    hw_port_write(f->ms, 0x200, 1, 4);
    expect(&f->d, "");
}

/* An access that leaves the region goes byte by byte. */
static void test_crossing(Fixture *f, gconstpointer ops)
{
    g_assert_cmphex(hw_port_read(f->ms, 0x106, 4), ==, 0xffff0706);
    expect(&f->d, "r1@6 r1@7 ");
    g_assert_cmphex(hw_port_read(f->ms, 0xff, 2), ==, 0x00ff);
    expect(&f->d, "r1@0 ");
    hw_port_write(f->ms, 0x107, 0xbbaa, 2);
    expect(&f->d, "w1@7=aa ");
}

static void test_neighbours(Fixture *f, gconstpointer ops)
{
    Dev next = { 0 };

    dev_setup(f->ms, &next, 0x108, 1, &plain);
    g_assert_cmphex(hw_port_read(f->ms, 0x107, 2), ==, 0x0007);
    expect(&f->d, "r1@7 ");
    expect(&next, "r1@0 ");
    dev_drop(f->ms, &next);
    g_assert_cmphex(hw_port_read(f->ms, 0x107, 2), ==, 0xff07);
}

static void test_top(Fixture *f, gconstpointer ops)
{
    Dev last = { 0 }, first = { 0 };

    dev_setup(f->ms, &first, 0, 1, &plain);
    dev_setup(f->ms, &last, 0xfffe, 2, &plain);
    g_assert_cmphex(hw_port_read(f->ms, 0xffff, 2), ==, 0xff01); /* does not wrap to port 0 */
    hw_port_write(f->ms, 0xffff, 0x2211, 2);
    expect(&last, "r1@1 w1@1=11 ");
    expect(&first, "");
    dev_drop(f->ms, &last);
    dev_drop(f->ms, &first);
}

static void test_overlap(Fixture *f, gconstpointer ops)
{
    Dev over = { 0 }, under = { 0 };

    dev_setup(f->ms, &over, 0x102, 2, &plain); /* same priority: the later one wins */
    g_assert_cmphex(hw_port_read(f->ms, 0x102, 1), ==, 0);
    expect(&over, "r1@0 ");
    dev_setup(f->ms, &under, 0x100, 8, &plain);
    hw_port_remove(f->ms, &under.region);
    under.region.priority = -1;
    hw_port_add(f->ms, &under.region);
    g_assert_cmphex(hw_port_read(f->ms, 0x104, 1), ==, 4);
    expect(&under, "");
    expect(&f->d, "r1@4 ");
    f->d.region.priority = 5;
    hw_port_remove(f->ms, &f->d.region);
    hw_port_add(f->ms, &f->d.region);
    hw_port_read(f->ms, 0x102, 1);
    expect(&over, "");
    hw_port_remove(f->ms, &f->d.region);
    hw_port_read(f->ms, 0x101, 1);
    expect(&under, "r1@1 ");
    dev_drop(f->ms, &over);
    dev_drop(f->ms, &under);
}

static void count_region(void *opaque, const IoRegion *region, const RamBlock *ram)
{
    uint64_t *last = opaque;

    g_assert_cmpuint(region->base, >=, *last);
    *last = region->base + 1;
}

static void test_foreach(Fixture *f, gconstpointer ops)
{
    Dev low = { 0 };
    uint64_t last = 0;

    dev_setup(f->ms, &low, 0x20, 2, &plain);
    hw_port_foreach(f->ms, count_region, &last);
    g_assert_cmpuint(last, ==, 0x101);
    dev_drop(f->ms, &low);
}

/* What the accelerator calls: strings, and the machine lock around a device that wants it. */
static guint depth_seen;
static MachineState *the_ms;

static void lock_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    depth_seen = the_ms->lock_depth;
    dev_write(opaque, offset, value, size);
}

static void test_exit_path(Fixture *f, gconstpointer ops)
{
    static const IoOps lock_ops = { .read = dev_read, .write = lock_write };
    FakeAccel *accel = fake_accel_new(ACCEL_THREAD_PER_VCPU);
    const uint16_t words_out[3] = { 0x1111, 0x2222, 0x3333 };
    uint8_t in[6];
    AccelIo *io = &accel->parent.io;

    the_ms = f->ms;
    f->d.region.ops = &lock_ops;
    hw_machine_attach_accel(f->ms, &accel->parent);
    io->pio_write(io->opaque, NULL, 0x102, words_out, 2, 3);
    expect(&f->d, "w2@2=1111 w2@2=2222 w2@2=3333 ");
    g_assert_cmpuint(depth_seen, >, 0);
    g_assert_cmpuint(f->ms->lock_depth, ==, 0);
    io->pio_read(io->opaque, NULL, 0x101, in, 1, 6);
    g_assert_cmpmem(in, 6, "\1\1\1\1\1\1", 6);
    f->d.region.flags = IO_LOCKLESS;
    g_string_truncate(f->d.log, 0);
    io->pio_write(io->opaque, NULL, 0x100, words_out, 2, 1);
    g_assert_cmpuint(depth_seen, ==, 0);
    io->pio_read(io->opaque, NULL, 0x200, in, 4, 1);
    g_assert_cmpmem(in, 4, "\377\377\377\377", 4);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, ops, fn) g_test_add(path, Fixture, ops, setup, fn, teardown)
    ADD("/ports/plain", &plain, test_plain);
    ADD("/ports/split-to-bytes", &byte_only, test_bytes);
    ADD("/ports/words", &words, test_words);
    ADD("/ports/longs", &longs, test_longs);
    ADD("/ports/unassigned", &plain, test_unassigned);
    ADD("/ports/crossing-the-end", &plain, test_crossing);
    ADD("/ports/neighbours", &plain, test_neighbours);
    ADD("/ports/top-of-space", &plain, test_top);
    ADD("/ports/overlap", &plain, test_overlap);
    ADD("/ports/foreach", &plain, test_foreach);
    ADD("/ports/exit-path", &plain, test_exit_path);
    return g_test_run();
}
