/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The x86 boards, without running a guest: memory layout, firmware, kernels, devices, resets, errors.
 */
#include <string.h>
#include <unistd.h>
#include <glib/gstdio.h>
#include "accel/accel-class.h"
#include "hw/boot-config.h"
#include "hw/fw_cfg.h"
#include "hw/machine.h"

#define KIB 1024ull
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

typedef struct Fixture {
    HwRegistry *reg;
    MachineState *ms;
    char *dir;
} Fixture;

static void setup(Fixture *f, gconstpointer name)
{
    f->reg = hw_registry_new();
    f->ms = hw_machine_new(f->reg, hw_machine_find(f->reg, name));
    f->ms->boot = boot_config_new();
    f->dir = g_dir_make_tmp("boards-XXXXXX", NULL);
}

static void teardown(Fixture *f, gconstpointer name)
{
    BootConfig *boot = f->ms->boot;
    GDir *dir = g_dir_open(f->dir, 0, NULL);
    const char *file;

    hw_machine_free(f->ms);
    boot_config_free(boot);
    hw_registry_free(f->reg);
    while ((file = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(f->dir, file, NULL);

        g_unlink(path);
    }
    g_dir_close(dir);
    g_rmdir(f->dir);
    g_free(f->dir);
}

/* A file whose byte n is n / 4096 + seed. */
static char *make_file(Fixture *f, const char *name, size_t size, uint8_t seed)
{
    char *path = g_build_filename(f->dir, name, NULL);
    g_autofree char *data = g_malloc(size);
    size_t i;

    for (i = 0; i < size; i++) {
        data[i] = (char)(i / 4096 + seed);
    }
    g_assert_true(g_file_set_contents(path, data, size, NULL));
    return path;
}

static gboolean start(Fixture *f, GError **errp)
{
    AccelSpec spec;

    g_assert_true(hw_machine_spec(f->ms, &spec, NULL));
    hw_machine_attach_accel(f->ms, accel_open("qtest", &spec, NULL));
    return hw_machine_init(f->ms, errp) && hw_machine_ready(f->ms, errp);
}

static void start_ok(Fixture *f)
{
    g_autoptr(GError) err = NULL;

    start(f, &err);
    g_assert_no_error(err);
}

static void start_fails(Fixture *f, const char *why)
{
    g_autoptr(GError) err = NULL;

    g_assert_false(start(f, &err));
    g_assert_nonnull(err);
    if (strstr(err->message, why) == NULL) {
        g_error("'%s' does not say '%s'", err->message, why);
    }
}

static uint8_t byte_at(Fixture *f, uint64_t gpa)
{
    uint8_t b = 0xee;

    hw_mem_read(f->ms, gpa, &b, 1);
    return b;
}

static void poke(Fixture *f, uint64_t gpa, uint8_t b)
{
    hw_mem_write(f->ms, gpa, &b, 1);
}

/* ---- RAM ---- */

static void test_ram_small(Fixture *f, gconstpointer name)
{
    guint n;

    start_ok(f);
    hw_ram_blocks(f->ms, &n);
    g_assert_cmpuint(n, ==, 1); /* one slot is enough without firmware */
    g_assert_nonnull(hw_ram_ptr(f->ms, 0, 128 * MIB, true));
    g_assert_null(hw_ram_ptr(f->ms, 128 * MIB, 1, false));
}

static void test_ram_large(Fixture *f, gconstpointer name)
{
    f->ms->ram_size = 5 * GIB;
    start_ok(f);
    g_assert_nonnull(hw_ram_ptr(f->ms, 0, 3 * GIB, true));
    g_assert_null(hw_ram_ptr(f->ms, 3 * GIB, 1, false));
    g_assert_nonnull(hw_ram_ptr(f->ms, 4 * GIB, 2 * GIB, true));
    g_assert_null(hw_ram_ptr(f->ms, 6 * GIB, 1, false));
}

static void test_ram_split(Fixture *f, gconstpointer name)
{
    g_assert_true(hw_object_set(&f->ms->obj, "max-ram-below-4g", "1G", NULL));
    f->ms->ram_size = 2 * GIB;
    start_ok(f);
    g_assert_null(hw_ram_ptr(f->ms, 1 * GIB, 1, false));
    g_assert_nonnull(hw_ram_ptr(f->ms, 4 * GIB, 1 * GIB, true));
}

/* ---- firmware ---- */

/* 320 KiB at the top of 4 GiB; the last 256 KiB below 1 MiB. */
static void test_firmware(Fixture *f, gconstpointer name)
{
    f->ms->firmware = make_file(f, "fw", 320 * KIB, 7);
    start_ok(f);
    g_assert_cmpint(byte_at(f, 4 * GIB - 320 * KIB), ==, 7);
    g_assert_cmpint(byte_at(f, 4 * GIB - 1), ==, 7 + 79);
    g_assert_cmpint(byte_at(f, 4 * GIB - 320 * KIB - 1), ==, 0);
    g_assert_cmpint(byte_at(f, 0xc0000), ==, 7 + 16);
    g_assert_cmpint(byte_at(f, 0xfffff), ==, 7 + 79);
    g_assert_cmpint(byte_at(f, 0xbffff), ==, 0);
    poke(f, 4 * GIB - 1, 1);
    g_assert_cmpint(byte_at(f, 4 * GIB - 1), ==, 7 + 79); /* ROM */
    poke(f, 0xf0000, 99);
    g_assert_cmpint(byte_at(f, 0xf0000), ==, 99); /* RAM: firmware shadows itself there */
    g_assert_true(hw_machine_reset(f->ms, NULL, NULL));
    g_assert_cmpint(byte_at(f, 0xf0000), ==, 7 + 64);
    poke(f, 0x1000, 5);
    g_assert_true(hw_machine_reset(f->ms, NULL, NULL));
    g_assert_cmpint(byte_at(f, 0x1000), ==, 5); /* RAM survives */
}

static void test_firmware_64k(Fixture *f, gconstpointer name)
{
    f->ms->firmware = make_file(f, "fw", 64 * KIB, 1);
    start_ok(f);
    g_assert_cmpint(byte_at(f, 0xf0000), ==, 1);
    g_assert_cmpint(byte_at(f, 0xeffff), ==, 0);
    poke(f, 0xeffff, 3);
    g_assert_cmpint(byte_at(f, 0xeffff), ==, 3); /* RAM right below */
    poke(f, 0x100000, 4);
    g_assert_cmpint(byte_at(f, 0x100000), ==, 4);
}

static void test_firmware_size(Fixture *f, gconstpointer name)
{
    f->ms->firmware = make_file(f, "fw", 64 * KIB + 1, 1);
    start_fails(f, "size is not a multiple of 64 KiB");
}

static void test_firmware_empty(Fixture *f, gconstpointer name)
{
    f->ms->firmware = make_file(f, "fw", 0, 1);
    start_fails(f, "could not load PC BIOS");
}

static void test_firmware_large(Fixture *f, gconstpointer name)
{
    f->ms->firmware = make_file(f, "fw", 64 * KIB, 1);
    g_assert_cmpint(truncate(f->ms->firmware, 16 * MIB + 64 * KIB), ==, 0);
    start_fails(f, "larger than 16384 KiB");
}

static void test_firmware_max(Fixture *f, gconstpointer name)
{
    f->ms->firmware = make_file(f, "fw", 64 * KIB, 1);
    g_assert_cmpint(truncate(f->ms->firmware, 16 * MIB), ==, 0);
    start_ok(f);
    g_assert_cmpint(byte_at(f, 4 * GIB - 16 * MIB), ==, 1);
}

static void test_firmware_absent(Fixture *f, gconstpointer name)
{
    f->ms->firmware = g_build_filename(f->dir, "none", NULL);
    start_fails(f, "No such file or directory");
}

static void test_firmware_folder(Fixture *f, gconstpointer name)
{
    f->ms->firmware = g_strdup(f->dir);
    start_fails(f, "not a regular file");
}

static void test_flash(Fixture *f, gconstpointer name)
{
    f->ms->boot->flash[0].file = make_file(f, "flash", 128 * KIB, 3);
    start_ok(f);
    g_assert_cmpint(byte_at(f, 4 * GIB - 128 * KIB), ==, 3);
}

/* ---- kernels ---- */

static void test_flat_kernel(Fixture *f, gconstpointer name)
{
    f->ms->kernel = make_file(f, "flat", 8 * KIB, 0x41);
    start_ok(f);
    g_assert_cmpint(byte_at(f, 0x10000), ==, 0x41);
    g_assert_cmpint(byte_at(f, 0x11000), ==, 0x42);
    poke(f, 0x10000, 0);
    g_assert_true(hw_machine_reset(f->ms, NULL, NULL));
    g_assert_cmpint(byte_at(f, 0x10000), ==, 0x41);
}

static void test_tables(Fixture *f, gconstpointer name)
{
    char rsdp[9] = "";

    f->ms->kernel = make_file(f, "flat", 8 * KIB, 0x41);
    start_ok(f);
    hw_mem_read(f->ms, 0xe0000, rsdp, 8);
    g_assert_cmpstr(rsdp, ==, "RSD PTR ");
    poke(f, 0xe0000, 'x');
    g_assert_true(hw_machine_reset(f->ms, NULL, NULL));
    g_assert_cmpint(byte_at(f, 0xe0000), ==, 'R');
}

static void start_with_sockets(Fixture *f, uint64_t n)
{
    const SmpRequest req = { .has_cpus = true, .cpus = n, .has_sockets = true, .sockets = n };

    g_assert_true(hw_machine_set_smp(f->ms, &req, NULL));
    f->ms->kernel = make_file(f, "flat", 8 * KIB, 0x41);
    start_ok(f);
}

static void assert_xsdt_low(Fixture *f)
{
    uint64_t xsdt = 0;
    char sign[5] = "";

    hw_mem_read(f->ms, 0xe0000 + 24, &xsdt, 8);
    hw_mem_read(f->ms, xsdt, sign, 4);
    g_assert_cmpstr(sign, ==, "XSDT");
    g_assert_cmphex(xsdt, >=, 0xe0040);
    g_assert_cmphex(xsdt, <, 0xf0000);
}

/* The end of RAM is not touched for tables that the BIOS area has room for. */
static void test_tables_low(Fixture *f, gconstpointer name)
{
    start_with_sockets(f, 2);
    assert_xsdt_low(f);
    for (uint64_t gpa = f->ms->ram_size - 2 * MIB; gpa < f->ms->ram_size; gpa += 512) {
        g_assert_cmphex(byte_at(f, gpa), ==, 0);
    }
}

/* ACPI of 288 CPUs has room there, the SMBIOS of 288 sockets with long strings no more. */
static void test_tables_high(Fixture *f, gconstpointer name)
{
    static const char option[] = "type=4,part=a-part-number-that-is-rather-long-for-288-of-them";
    uint32_t smbios = 0;

    f->ms->boot->smbios = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(f->ms->boot->smbios, g_strdup(option));
    start_with_sockets(f, 288);
    assert_xsdt_low(f);
    hw_mem_read(f->ms, 0xf8000 + 0x18, &smbios, 4);
    g_assert_cmphex(smbios, >, f->ms->ram_size - MIB);
    g_assert_cmphex(smbios, <, f->ms->ram_size);
    g_assert_cmpint(byte_at(f, smbios), ==, 1); /* type 1, 27 bytes */
    g_assert_cmpint(byte_at(f, smbios + 1), ==, 0x1b);
}

/* qemu64: family 15, model 107, stepping 1. The MP table has room for the lower twelve bits. */
static void test_tables_processor(Fixture *f, gconstpointer name)
{
    uint32_t at = 0, cpu[2] = { 0 };

    f->ms->boot->acpi = false;
    start_with_sockets(f, 2);
    hw_mem_read(f->ms, 0xf8000 + 0x18, &at, 4);
    while (byte_at(f, at) != 4) {
        at += byte_at(f, at + 1);
        while (byte_at(f, at) != 0 || byte_at(f, at + 1) != 0) {
            at++;
        }
        at += 2;
    }
    hw_mem_read(f->ms, at + 8, cpu, sizeof(cpu));
    g_assert_cmphex(cpu[0], ==, 0x00060fb1);
    g_assert_cmphex(cpu[1] & 0x201, ==, 0x201); /* FPU, APIC */
    hw_mem_read(f->ms, 0xf0000 + 16 + 44 + 4, cpu, sizeof(cpu));
    g_assert_cmphex(cpu[0], ==, 0xfb1);
    g_assert_cmphex(cpu[1] & 1 << 26, !=, 0); /* SSE2 */
}

/* Without ACPI the MP table; with neither APIC nor ACPI (isapc) nothing. */
static void test_no_acpi(Fixture *f, gconstpointer name)
{
    char mp[5] = "";

    f->ms->boot->acpi = false;
    f->ms->kernel = make_file(f, "flat", 8 * KIB, 0x41);
    start_ok(f);
    g_assert_cmpint(byte_at(f, 0xe0000), ==, 0);
    hw_mem_read(f->ms, 0xf0000, mp, 4);
    g_assert_cmpstr(mp, ==, "_MP_");
    g_assert_null(hw_object_resolve(f->ms->root, "acpi-pm", NULL));
}

static void test_kernel_absent(Fixture *f, gconstpointer name)
{
    f->ms->kernel = g_build_filename(f->dir, "none", NULL);
    start_fails(f, "No such file or directory");
}

static void test_kernel_unknown(Fixture *f, gconstpointer name)
{
    f->ms->kernel = g_build_filename(f->dir, "script", NULL);
    g_assert_true(g_file_set_contents(f->ms->kernel, "#!/bin/sh\necho no kernel\n", -1, NULL));
    start_fails(f, "could not load kernel");
}

static void test_no_room(Fixture *f, gconstpointer name)
{
    f->ms->ram_size = MIB / 2;
    f->ms->kernel = make_file(f, "flat", 8 * KIB, 0x41);
    start_fails(f, "no room for the firmware tables");
}

static void test_kernel_with_firmware(Fixture *f, gconstpointer name)
{
    f->ms->firmware = make_file(f, "fw", 64 * KIB, 1);
    f->ms->kernel = make_file(f, "flat", 8 * KIB, 0x41);
    start_fails(f, "firmware starts Linux kernels only");
}

/* ---- devices ---- */

static bool has(Fixture *f, const char *path)
{
    return hw_object_resolve(f->ms->root, path, NULL) != NULL;
}

static uint32_t fw_cfg_id(Fixture *f)
{
    uint32_t id = 0;
    guint i;

    hw_port_write(f->ms, 0x510, FW_CFG_SIGNATURE, 2);
    for (i = 0; i < 4; i++) {
        id |= hw_port_read(f->ms, 0x511, 1) << (8 * i);
    }
    return id;
}

static void test_parts(Fixture *f, gconstpointer name)
{
    bool pc = strcmp(name, "pc-lite") == 0, isa = strcmp(name, "isapc") == 0;

    start_ok(f);
    g_assert_cmphex(fw_cfg_id(f), ==, 0x554d4551); /* "QEMU" */
    g_assert_cmpint(has(f, "ioapic"), ==, !isa);
    g_assert_true(has(f, "pic"));
    g_assert_cmpint(has(f, "acpi-pm"), ==, pc);
    g_assert_cmpint(has(f, "acpi-ged"), ==, !pc && !isa);
    g_assert_cmpint(has(f, "i8042"), ==, pc || isa);
    g_assert_cmpint(hw_port_read(f->ms, 0x92, 1) != 0xff, ==, pc || isa);
    g_assert_cmpint(hw_port_read(f->ms, 0xcf9, 1) != 0xff, ==, pc);
    g_assert_nonnull(hw_machine_isa_irq(f->ms, 4));
    g_assert_null(hw_machine_isa_irq(f->ms, 16));
    g_assert_cmphex(hw_port_read(f->ms, 0x3fd, 1), ==, 0xff); /* no serial port was asked for */
}

static void add_ring(Fixture *f, const char *id)
{
    Chardev *chr = (Chardev *)hw_object_new(&chardev_ringbuf_class.type);

    chr->id = g_strdup(id);
    hw_object_add_child(f->ms->chardevs, id, &chr->obj, NULL);
    hw_object_unref(&chr->obj);
    if (f->ms->boot->serials == NULL) {
        f->ms->boot->serials = g_ptr_array_new_with_free_func(g_free);
    }
    g_ptr_array_add(f->ms->boot->serials, g_strdup(id));
}

static void test_serial(Fixture *f, gconstpointer name)
{
    char out[4] = "";
    Chardev *chr;

    add_ring(f, "s0");
    g_ptr_array_add(f->ms->boot->serials, NULL);
    add_ring(f, "s2");
    start_ok(f);
    hw_port_write(f->ms, 0x3f8, 'A', 1);
    chr = (Chardev *)hw_object_child(f->ms->chardevs, "s0");
    g_assert_cmpuint(chardev_ringbuf_read(chr, out, 3), ==, 1);
    g_assert_cmpstr(out, ==, "A");
    g_assert_cmphex(hw_port_read(f->ms, 0x2fd, 1), ==, 0xff); /* none in between */
    g_assert_cmpint(hw_port_read(f->ms, 0x3ed, 1) != 0xff, ==, strcmp(name, "microvm") != 0);
}

static void test_microvm_props(Fixture *f, gconstpointer name)
{
    g_autoptr(GError) err = NULL;

    add_ring(f, "s0");
    g_assert_true(hw_object_set(&f->ms->obj, "pit", "on", &err));
    g_assert_true(hw_object_set(&f->ms->obj, "pic", "off", &err));
    g_assert_true(hw_object_set(&f->ms->obj, "rtc", "on", &err));
    g_assert_true(hw_object_set(&f->ms->obj, "isa-serial", "off", &err));
    g_assert_true(hw_object_set(&f->ms->obj, "x-option-roms", "off", &err));
    g_assert_true(hw_object_set(&f->ms->obj, "auto-kernel-cmdline", "off", &err));
    g_assert_false(hw_object_set(&f->ms->obj, "pit", "maybe", &err));
    g_assert_nonnull(err);
    start_ok(f);
    g_assert_true(has(f, "pit"));
    g_assert_false(has(f, "pic"));
    g_assert_cmphex(hw_port_read(f->ms, 0x3fd, 1), ==, 0xff);
    hw_port_write(f->ms, 0x70, 0x0d, 1);
    g_assert_cmphex(hw_port_read(f->ms, 0x71, 1), ==, 0x80);
}

/* 288 CPUs, then one unplugged and plugged again. */
static void test_many_cpus(Fixture *f, gconstpointer name)
{
    const SmpRequest req = { .has_cpus = true, .cpus = 288 };
    g_autoptr(GError) err = NULL;

    g_assert_true(hw_machine_set_smp(f->ms, &req, NULL));
    f->ms->kernel = make_file(f, "flat", 8 * KIB, 0x41);
    start_ok(f);
    g_assert_cmpuint(hw_machine_cpu(f->ms, 287)->apic_id, ==, 287);
    g_assert_true(hw_machine_remove_cpu(f->ms, hw_machine_cpu(f->ms, 5), &err));
    g_assert_null(hw_machine_cpu(f->ms, 5));
    g_assert_nonnull(hw_machine_create_cpu(f->ms, 5, "again", &err));
    g_assert_no_error(err);
}

static void test_boot_cpu_stays(Fixture *f, gconstpointer name)
{
    g_autoptr(GError) err = NULL;

    start_ok(f);
    g_assert_false(f->ms->klass->cpu_unplug_request(f->ms, hw_machine_cpu(f->ms, 0), &err));
    g_assert_cmpstr(err->message, ==, "Boot CPU is unpluggable");
}

/* ---- none ---- */

static void test_none(Fixture *f, gconstpointer name)
{
    start_ok(f);
    g_assert_null(hw_machine_cpu(f->ms, 0));
    g_assert_false(hw_mem_write(f->ms, 0, "x", 1));
}

static void test_none_ram_cpu(Fixture *f, gconstpointer name)
{
    f->ms->ram_size = 1 * MIB;
    f->ms->cpu_model = g_strdup("qemu64,apic-id=0");
    start_ok(f);
    g_assert_nonnull(hw_machine_cpu(f->ms, 0));
    g_assert_nonnull(hw_ram_ptr(f->ms, 0, 1 * MIB, true));
}

static void test_none_kernel(Fixture *f, gconstpointer name)
{
    f->ms->kernel = g_strdup("x");
    start_fails(f, "The -kernel parameter is not supported");
}

static void test_bad_cpu(Fixture *f, gconstpointer name)
{
    f->ms->cpu_model = g_strdup("nosuch,+sse");
    start_fails(f, "unable to find CPU model 'nosuch'");
}

/* ---- failing half-way leaves nothing, and the same process can go on ---- */

static void test_again(void)
{
    const char *const names[] = { "none", "microvm", "isapc", "pc-lite" };
    guint i, round;

    for (round = 0; round < 50; round++) {
        for (i = 0; i < G_N_ELEMENTS(names); i++) {
            Fixture f;

            setup(&f, names[i]);
            if (round & 1) {
                f.ms->cpu_model = g_strdup("nosuch");
                start_fails(&f, "nosuch");
            } else {
                start_ok(&f);
                hw_machine_start(f.ms);
                hw_machine_stop(f.ms);
            }
            teardown(&f, names[i]);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(board, path, fn) g_test_add("/" board "/" path, Fixture, board, setup, fn, teardown)
#define ALL(path, fn)          \
    ADD("microvm", path, fn);  \
    ADD("isapc", path, fn);    \
    ADD("pc-lite", path, fn)
    ALL("ram-small", test_ram_small);
    ALL("ram-large", test_ram_large);
    ADD("pc-lite", "ram-split", test_ram_split);
    ALL("firmware", test_firmware);
    ALL("firmware-64k", test_firmware_64k);
    ALL("firmware-size", test_firmware_size);
    ALL("firmware-empty", test_firmware_empty);
    ALL("firmware-large", test_firmware_large);
    ALL("firmware-max", test_firmware_max);
    ALL("firmware-absent", test_firmware_absent);
    ALL("firmware-folder", test_firmware_folder);
    ALL("flash", test_flash);
    ALL("flat-kernel", test_flat_kernel);
    ADD("microvm", "tables", test_tables);
    ADD("pc-lite", "tables", test_tables);
    ADD("microvm", "tables-low", test_tables_low);
    ADD("pc-lite", "tables-low", test_tables_low);
    ADD("pc-lite", "tables-high", test_tables_high);
    ADD("pc-lite", "tables-processor", test_tables_processor);
    ADD("pc-lite", "no-acpi", test_no_acpi);
    ALL("kernel-absent", test_kernel_absent);
    ALL("kernel-unknown", test_kernel_unknown);
    ADD("microvm", "no-room", test_no_room);
    ALL("kernel-with-firmware", test_kernel_with_firmware);
    ALL("parts", test_parts);
    ALL("serial", test_serial);
    ADD("microvm", "properties", test_microvm_props);
    ADD("pc-lite", "many-cpus", test_many_cpus);
    ADD("microvm", "many-cpus", test_many_cpus);
    ADD("pc-lite", "boot-cpu-stays", test_boot_cpu_stays);
    ALL("bad-cpu", test_bad_cpu);
    ADD("none", "bare", test_none);
    ADD("none", "ram-cpu", test_none_ram_cpu);
    ADD("none", "kernel", test_none_kernel);
    g_test_add_func("/boards/again", test_again);
    return g_test_run();
}
