/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What firmware finds in CMOS RAM: memory sizes, boot order before and after the first reset. */
#include "dev.h"

static unsigned cmos16(AqVM *vm, uint8_t index)
{
    return dev_cmos(vm, index) | dev_cmos(vm, index + 1) << 8;
}

static void base_memory(AqVM *vm, gconstpointer data)
{
    g_assert_cmpuint(cmos16(vm, 0x15), ==, 640);
}

/* @data: KiB above 1 MiB, as far as 16 bits go. */
static void extended(AqVM *vm, gconstpointer data)
{
    g_assert_cmpuint(cmos16(vm, 0x17), ==, GPOINTER_TO_UINT(data));
    g_assert_cmpuint(cmos16(vm, 0x30), ==, GPOINTER_TO_UINT(data));
}

/* @data: units of 64 KiB above 16 MiB. */
static void above_16m(AqVM *vm, gconstpointer data)
{
    g_assert_cmpuint(cmos16(vm, 0x34), ==, GPOINTER_TO_UINT(data));
}

static void above_4g(AqVM *vm, gconstpointer data)
{
    g_assert_cmpuint(cmos16(vm, 0x5b) | dev_cmos(vm, 0x5d) << 16, ==, GPOINTER_TO_UINT(data));
}

/* @data: what 0x3d and 0x38 hold at first, and after a reset in the upper half. */
static void boot_order(AqVM *vm, gconstpointer data)
{
    unsigned want = GPOINTER_TO_UINT(data);

    g_assert_cmphex(dev_cmos(vm, 0x3d) << 8 | dev_cmos(vm, 0x38), ==, want & 0xffff);
    for (int i = 0; i < 2; i++) {
        dev_reset(vm);
        g_assert_cmphex(dev_cmos(vm, 0x3d) << 8 | dev_cmos(vm, 0x38), ==, want >> 16);
    }
}

#define SIZE(name, func, args, want) CASE("memory/" name, func, args, 0, 0, GUINT_TO_POINTER(want))
#define BOOT(name, args, first, later) \
    CASE("boot/" name, boot_order, args, 0, 0, GUINT_TO_POINTER((later) << 16 | (first)))

static const DevCase cases[] = {
    CASE("memory/base", base_memory),
    SIZE("extended-8m", extended, "-m 8", 7u << 10),
    SIZE("extended-much", extended, "-m 256", 65535u),
    SIZE("above-16m-none", above_16m, "-m 16", 0u),
    SIZE("above-16m", above_16m, "-m 128", 112u * 16),
    SIZE("above-4g-none", above_4g, "-m 128", 0u),
    SIZE("above-4g", above_4g, "-m 4608 -machine max-ram-below-4g=3G", 1536u * 16),
    BOOT("default", "", 0x1230u, 0x1230u),
    BOOT("no-fd-bootchk", "-no-fd-bootchk", 0x1231u, 0x1231u),
    BOOT("c", "-boot c", 0x0200u, 0x0200u),
    BOOT("nda", "-boot nda", 0x3410u, 0x3410u),
    BOOT("order", "-boot order=dc", 0x2300u, 0x2300u),
    BOOT("empty", "-boot order=", 0u, 0u),
    BOOT("repeated", "-boot order= -boot order=c", 0x0200u, 0x0200u),
    BOOT("once", "-boot once=a", 0x0100u, 0x1230u),
    BOOT("once-no-fd-bootchk", "-boot once=a -no-fd-bootchk", 0x0101u, 0x1231u),
    BOOT("once-and-order", "-boot once=a,order=c", 0x0100u, 0x0200u),
    BOOT("once-merged", "-boot once=d -boot order=nda", 0x0300u, 0x3410u),
    BOOT("once-repeated", "-boot once=a -boot once=b -boot once=c", 0x0200u, 0x1230u),
};

DEV_MAIN("cmos", cases)
