/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The machine "unikernel": one vCPU, RAM, and a host that answers hypercalls; no firmware, no
 * interrupts, no PC. For 64-bit unikernels: -kernel names a static ELF file that starts in long mode
 * with its pages protected as it says. docs/unikernel-abi.rst is what guests are written against.
 *
 *   accelvm -M unikernel,block=disk.img,net=unix:/run/switch -kernel app.elf -append "…" -nographic
 *
 * This file is the machine type; elf.c and place.c bring the guest in, hypercall.c takes its calls.
 */
#include <unistd.h>
#include "hw/file.h"
#include "hw/plugin.h"
#include "unikernel.h"

static void unikernel_instance_init(HwObject *obj)
{
    Unikernel *uk = (Unikernel *)obj;

    uk->block_fd = uk->net_fd = -1;
}

/* No -kernel: a machine to look at. Nobody reads guest code under qtest either, but it is checked. */
static gboolean load(Unikernel *uk, GError **errp)
{
    if (uk->ms.kernel == NULL) {
        return TRUE;
    }
    uk->file = hw_file_read(uk->ms.kernel, UK_FILE_MAX, &uk->file_len, errp);
    if (uk->file == NULL) {
        g_prefix_error(errp, "unikernel: -kernel: ");
        return FALSE;
    }
    return uk_image_parse(&uk->image, uk->file, uk->file_len, uk->ms.ram_size, errp) &&
           uk_place_prepare(uk, errp);
}

static gboolean unikernel_init(MachineState *ms, GError **errp)
{
    Unikernel *uk = (Unikernel *)ms;
    uint8_t *ram;

    if (ms->initrd != NULL) {
        return uk_error(errp, ACCEL_ERROR_UNSUPPORTED, NULL, 0,
                        "-initrd is not supported: use block=");
    }
    ram = hw_machine_ram(ms, errp);
    if (ram == NULL || !hw_ram_add(ms, "unikernel.ram", 0, ram, ms->ram_size, 0, errp)) {
        return FALSE;
    }
    uk->port = (IoRegion){
        .name = "unikernel", .base = UK_PORT_BASE, .size = 4 * UK_N_CALLS, .ops = &uk_port_ops,
        .opaque = uk, .flags = IO_LOCKLESS,
    };
    hw_port_add(ms, &uk->port);
    return uk_console_open(uk, errp) && uk_block_open(uk, errp) && uk_net_open(uk, errp) &&
           hw_machine_create_cpus(ms, errp);
}

static gboolean unikernel_ready(MachineState *ms, GError **errp)
{
    return load((Unikernel *)ms, errp);
}

static void unikernel_reset(MachineState *ms)
{
    Unikernel *uk = (Unikernel *)ms;

    if (uk->paging != NULL) {
        uk_place(uk);
    }
}

/* There is no handler to run, so a fault is the end; starting again would only hide it. */
static void unikernel_triple_fault(MachineState *ms, CPUState *cpu)
{
    AccelX86Regs r;

    if (accel_get_regs(cpu->accel_cpu, &r, NULL)) {
        uk_fatal((Unikernel *)ms, "the guest has crashed (RIP 0x%" G_GINT64_MODIFIER "x, CR2 0x%"
                 G_GINT64_MODIFIER "x)", r.rip, r.cr2);
    } else {
        uk_fatal((Unikernel *)ms, "the guest has crashed");
    }
}

static void close_fd(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
        *fd = -1;
    }
}

static void unikernel_finalize(MachineState *ms)
{
    Unikernel *uk = (Unikernel *)ms;

    if (uk->chr != NULL) {
        chardev_disconnect(uk->chr);
    }
    close_fd(&uk->block_fd);
    close_fd(&uk->net_fd);
    hw_x86_paging_free(uk->paging);
    g_free(uk->file);
}

static const char *const rings[] = { "0", "3", NULL };

static const AccelProp unikernel_props[] = {
    { .name = "block", .type = ACCEL_PROP_STRING, .offset = offsetof(Unikernel, block),
      .help = "Raw file or block device for the guest" },
    { .name = "block-read-only", .type = ACCEL_PROP_BOOL,
      .offset = offsetof(Unikernel, block_read_only), .defval = "off",
      .help = "Open block= for reading only" },
    { .name = "console", .type = ACCEL_PROP_LINK, .offset = offsetof(Unikernel, console),
      .help = "ID of the chardev for the console; else the first serial line" },
    { .name = "mac", .type = ACCEL_PROP_STRING, .offset = offsetof(Unikernel, mac_text),
      .defval = "52:54:00:12:34:56", .help = "MAC address of the guest" },
    { .name = "net", .type = ACCEL_PROP_STRING, .offset = offsetof(Unikernel, net),
      .help = "Network: tap:NAME, unix:PATH (datagram socket) or fd:NUMBER" },
    { .name = "ring", .type = ACCEL_PROP_ENUM, .offset = offsetof(Unikernel, ring), .defval = "3",
      .help = "Privilege of the guest: 3, or 0 for one with an IDT of its own", .values = rings },
    ACCEL_PROP_END
};

extern const MachineClass unikernel_machine_class;
const MachineClass unikernel_machine_class = {
    .type = {
        .name = "unikernel-machine",
        .parent = &hw_type_machine,
        .desc = "64-bit unikernels over hypercalls",
        .instance_size = sizeof(Unikernel),
        .props = unikernel_props,
        .init = unikernel_instance_init,
    },
    .name = "unikernel",
    .desc = "64-bit unikernels over hypercalls",
    .min_cpus = 1,
    .max_cpus = 1,
    .default_ram_size = 128 << 20,
    .max_ram_size = 3ULL << 30, /* a guest pointer is 32 bits; KVM's own pages are below 4 GiB */
    .default_ram_id = "unikernel.ram",
    .default_cpu_type = "qemu64",
    .default_no_irqchip = true,
    .init = unikernel_init,
    .ready = unikernel_ready,
    .reset = unikernel_reset,
    .finalize = unikernel_finalize,
    .triple_fault = unikernel_triple_fault,
};

static gboolean unikernel_register(HwRegistry *reg, GError **errp)
{
    return hw_registry_add(reg, &unikernel_machine_class.type, errp);
}

ACCELVM_PLUGIN("unikernel", "1.0", "LGPL-2.1-or-later", "a machine for 64-bit unikernels",
               unikernel_register)
