/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Interrupt controllers under a real guest: the timer and start-up guests of tests/guests on a board
 * of CPUs, RAM, firmware and this set, with KVM's controllers in the kernel, half there, and not at
 * all. argv[1]: folder of the guests' images. Skipped where there is no KVM.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "accel/kvm/kvm-int.h"
#include "hw/fw_cfg.h"
#include "hw/intc.h"

#define PATIENCE_US (30 * G_USEC_PER_SEC)
#define EXIT_GOOD 16

static const char *guests;

typedef struct Live {
    MachineState *ms;
    HwRegistry *reg;
    const char *rom;
    IoRegion exit_io;
    gint code; /* what the guest wrote; 0: nothing yet */
    gint request;
} Live;

static uint64_t exit_read(void *opaque, uint64_t offset, unsigned size)
{
    return 0;
}

static void exit_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    Live *live = opaque;

    g_atomic_int_set(&live->code, value);
    hw_machine_request(live->ms, MACHINE_REQUEST_EXIT, "exit", value);
}

static const IoOps exit_ops = { .read = exit_read, .write = exit_write, 1, 4 };

static void on_request(void *opaque, const MachineRequestInfo *info)
{
    Live *live = opaque;

    if (info->err != NULL) {
        g_test_message("%s", info->err->message);
    }
    g_atomic_int_set(&live->request, 1 + info->kind);
}

static gboolean load_rom(MachineState *ms, const char *name, GError **errp)
{
    g_autofree char *path = g_build_filename(guests, name, NULL);
    g_autofree char *text = NULL;
    gsize size;
    uint8_t *ram = hw_ram_alloc(ms, 1 << 20, errp), *rom = hw_ram_alloc(ms, 64 << 10, errp);

    if (ram == NULL || rom == NULL || !g_file_get_contents(path, &text, &size, errp)) {
        return FALSE;
    }
    g_assert_cmpuint(size, ==, 64 << 10);
    memcpy(rom, text, size);
    memcpy(ram + 0xf0000, text, size);
    return hw_ram_add(ms, "ram", 0, ram, 1 << 20, 0, errp) &&
           hw_ram_add(ms, "rom", 0xffff0000, rom, size, ACCEL_RAM_READONLY, errp);
}

static gboolean live_init(MachineState *ms, GError **errp)
{
    Live *live = ms->hooks.opaque;

    hw_port_add(ms, &live->exit_io);
    return load_rom(ms, live->rom, errp) &&
           x86_intc_create(ms, x86_intc_mode(ms), errp) != NULL &&
           fw_cfg_create(ms, errp) != NULL && hw_machine_create_cpus(ms, errp);
}

static const MachineClass live_class = {
    .type = { .name = "intc-live", .parent = &hw_type_machine,
              .instance_size = sizeof(MachineState) },
    .name = "intc-live",
    .max_cpus = 4,
    .default_ram_size = 1 << 20,
    .default_cpu_type = "qemu64",
    .init = live_init,
    .cpu_plug = x86_intc_add_cpu,
};

static AccelState *open_kvm(MachineState *ms, const char *irqchip)
{
    AccelSpec spec = { .size = sizeof(spec) };
    GError *err = NULL;
    AccelState *as = accel_new("kvm", &err);

    g_assert_no_error(err);
    g_assert_true(accel_set_property(as, "kernel-irqchip", irqchip, &err));
    g_assert_true(hw_machine_spec(ms, &spec, &err));
    accel_init(as, &spec, &err);
    g_assert_no_error(err);
    return as;
}

/* Drive the machine until the guest has said something, or for PATIENCE_US. */
static void run(Live *live)
{
    gint64 end = g_get_monotonic_time() + PATIENCE_US;

    hw_machine_start(live->ms);
    while (g_atomic_int_get(&live->request) == 0 && g_get_monotonic_time() < end) {
        hw_machine_lock(live->ms);
        hw_timers_run(live->ms);
        hw_machine_unlock(live->ms);
        g_usleep(100);
    }
    hw_machine_stop(live->ms);
}

static void live(const char *rom, const char *irqchip, unsigned cpus)
{
    Live l = { .rom = rom };
    SmpRequest smp = { .has_cpus = true, .cpus = cpus };
    GError *err = NULL;

    if (access("/dev/kvm", R_OK | W_OK) != 0) {
        g_test_skip("no usable /dev/kvm");
        return;
    }
    l.exit_io = (IoRegion){ .name = "exit", .base = 0xf4, .size = 4, .ops = &exit_ops,
                            .opaque = &l };
    l.reg = hw_registry_new();
    l.ms = hw_machine_new(l.reg, &live_class);
    l.ms->hooks = (MachineHooks){ .request = on_request, .opaque = &l };
    g_assert_true(hw_machine_set_smp(l.ms, &smp, &err));
    hw_machine_attach_accel(l.ms, open_kvm(l.ms, irqchip));
    hw_machine_init(l.ms, &err);
    g_assert_no_error(err);
    hw_machine_ready(l.ms, &err);
    g_assert_no_error(err);
    run(&l);
    g_assert_cmpint(l.request, ==, 1 + MACHINE_REQUEST_EXIT);
    g_assert_cmpint(l.code, ==, EXIT_GOOD);
    hw_machine_free(l.ms);
    hw_registry_free(l.reg);
}

/* GSI 0, the timer, arrives at IOAPIC pin 2. */
static void test_route_pc(void)
{
    struct kvm_irqchip chip = { .chip_id = KVM_IRQCHIP_IOAPIC };
    AccelSpec spec = { .size = sizeof(spec), .cpus = 1 };
    g_autoptr(AccelState) as = NULL;
    GError *err = NULL;

    if (access("/dev/kvm", R_OK | W_OK) != 0) {
        g_test_skip("no usable /dev/kvm");
        return;
    }
    as = accel_open("kvm", &spec, &err);
    g_assert_no_error(err);
    accel_route_pc(as, &err);
    g_assert_no_error(err);
    g_assert_true(accel_set_irq(as, 0, 1, NULL));
    g_assert_true(accel_set_irq(as, 5, 1, NULL));
    g_assert_cmpint(kvm_vm_ioctl(KVM_STATE(as), KVM_GET_IRQCHIP, &chip), ==, 0);
    g_assert_cmphex(chip.chip.ioapic.irr, ==, 1 << 2 | 1 << 5);
}

static void test_timer(gconstpointer irqchip)
{
    live("timer.rom", irqchip, 1);
}

static void test_timer64(gconstpointer irqchip)
{
    live("timer64.rom", irqchip, 1);
}

static void test_sipi(gconstpointer irqchip)
{
    live("sipi.rom", irqchip, 2);
}

int main(int argc, char **argv)
{
    static const char *const modes[] = { "on", "split", "off" };

    g_test_init(&argc, &argv, NULL);
    guests = argc > 1 ? argv[1] : "tests/guests";
    g_test_add_func("/intc-kvm/pc-routes", test_route_pc);
    for (guint i = 0; i < G_N_ELEMENTS(modes); i++) {
        g_autofree char *timer = g_strdup_printf("/intc-kvm/%s/timer", modes[i]);
        g_autofree char *timer64 = g_strdup_printf("/intc-kvm/%s/timer64", modes[i]);
        g_autofree char *sipi = g_strdup_printf("/intc-kvm/%s/sipi", modes[i]);

        g_test_add_data_func(timer, modes[i], test_timer);
        g_test_add_data_func(timer64, modes[i], test_timer64);
        g_test_add_data_func(sipi, modes[i], test_sipi);
    }
    return g_test_run();
}
