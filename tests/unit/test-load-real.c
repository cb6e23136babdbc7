/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Real files where they are installed or cached by the functional tests' rig: they must be
 * recognised, planned and applied. Skipped one by one where absent.
 */
#include "load-common.h"

typedef struct Real {
    const char *test, *dir, *file;
    ImageFormat format;
    BootMode mode;
    uint64_t rip; /* 0 = any */
} Real;

static const Real reals[] = {
    { "debian-bzimage", NULL, "vmlinuz", IMAGE_FORMAT_BZIMAGE, BOOT_MODE_64, 0x1000200 },
    { "debian-vmlinux", NULL, "vmlinux", IMAGE_FORMAT_PVH, BOOT_MODE_32, 0 },
    { "memtest64", "/boot", "memtest86+x64.bin", IMAGE_FORMAT_BZIMAGE, BOOT_MODE_64, 0x100200 },
    { "memtest32", "/boot", "memtest86+ia32.bin", IMAGE_FORMAT_BZIMAGE, BOOT_MODE_32, 0x100000 },
    { "ipxe", "/boot", "ipxe.lkrn", IMAGE_FORMAT_BZIMAGE, BOOT_MODE_16, 0 },
};

static char *real_path(const Real *real)
{
    const char *over = g_getenv("ACCELVM_TEST_IMAGES");
    g_autofree char *cache = g_build_filename(g_get_user_cache_dir(), "accelvm-rig", NULL);

    return g_build_filename(over ? over : real->dir ? real->dir : cache, real->file, NULL);
}

static void report_time(const char *what, gint64 us, const ImageApplyStats *stats)
{
    g_test_message("%s: %" G_GINT64_FORMAT " us, %" G_GUINT64_FORMAT " bytes copied, %"
                   G_GUINT64_FORMAT " mapped", what, us, stats->copied, stats->mapped);
}

static void apply(const ImagePlan *plan, bool may_map)
{
    ImageApplyStats stats;
    GuestRamOps ops;
    ImgRam ram;
    gint64 t;

    img_ram_init(&ram, 256 << 20);
    ram.may_map = may_map;
    ops = img_ram_ops(&ram);
    ops.fresh = true;
    t = g_get_monotonic_time();
    g_assert_true(image_plan_apply(plan, &ops, &stats, NULL));
    report_time(may_map ? "map" : "copy", g_get_monotonic_time() - t, &stats);
    for (unsigned i = 0; i < plan->segments->len; i++) {
        const ImageSegment *s = &g_array_index(plan->segments, ImageSegment, i);

        if (s->filesz) {
            g_assert_true(memcmp(ram.data + s->gpa, s->data, s->filesz) == 0);
        }
    }
    img_ram_clear(&ram);
}

static void test_real(gconstpointer data)
{
    const Real *real = data;
    g_autofree char *path = real_path(real);
    g_autoptr(ImageSource) src = image_source_open(path, 0, NULL);
    g_autoptr(ImagePlan) plan = image_plan_new();
    g_autoptr(E820Map) map = img_e820(256);
    ImageParams params = { .e820 = map, .cmdline = "console=ttyS0" };
    g_autoptr(GError) err = NULL;
    gint64 t = g_get_monotonic_time();

    if (!src) {
        g_autofree char *why = g_strdup_printf("%s is not there", path);

        g_test_skip(why);
        return;
    }
    g_assert_cmpint(image_probe(src), ==, real->format);
    g_assert_true(image_load(src, &params, plan, &err));
    g_test_message("plan: %" G_GINT64_FORMAT " us", g_get_monotonic_time() - t);
    g_assert_cmpint(plan->entry.mode, ==, real->mode);
    if (real->rip) {
        g_assert_cmphex(plan->entry.rip, ==, real->rip);
    }
    apply(plan, false);
    apply(plan, true);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(reals); i++) {
        g_autofree char *path = g_strdup_printf("/load/real/%s", reals[i].test);

        g_test_add_data_func(path, &reals[i], test_real);
    }
    return g_test_run();
}
