/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Template of a machine type as a plugin: RAM, one vCPU, one port that ends the program. -kernel names a
 * file of 16-bit code that starts at 0x10000. hw/modules/teaching of accelvm's source explains each
 * line of something like it.
 */
#include <hw/file.h>
#include <hw/guest-memory.h>
#include <hw/plugin.h>
#include <hw/x86-entry.h>

#define LOAD_ADDRESS 0x10000

typedef struct MyMachine {
    MachineState ms;
    uint32_t exit_port;
    IoRegion exit;
    uint8_t *code;
    size_t code_len;
} MyMachine;

static void exit_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    hw_machine_request(opaque, MACHINE_REQUEST_EXIT, "guest-exit", (int)(value & 0xff));
}

static const IoOps exit_ops = { .write = exit_write };

static gboolean my_init(MachineState *ms, GError **errp)
{
    MyMachine *m = (MyMachine *)ms;
    uint8_t *ram = hw_machine_ram(ms, errp);

    if (ram == NULL || !hw_ram_add(ms, "mymachine.ram", 0, ram, ms->ram_size, 0, errp)) {
        return FALSE;
    }
    m->exit = (IoRegion){ .name = "exit", .base = m->exit_port, .size = 1, .ops = &exit_ops,
                          .opaque = m, .flags = IO_LOCKLESS };
    hw_port_add(ms, &m->exit);
    return hw_machine_create_cpus(ms, errp);
}

static gboolean my_ready(MachineState *ms, GError **errp)
{
    MyMachine *m = (MyMachine *)ms;

    if (ms->kernel == NULL) {
        return TRUE;
    }
    m->code = hw_file_read(ms->kernel, ms->ram_size, &m->code_len, errp);
    if (m->code != NULL && !hw_guest_slice(ms, LOAD_ADDRESS, m->code_len, true)) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "'%s' does not fit into RAM", ms->kernel);
        return FALSE;
    }
    return m->code != NULL;
}

static void my_reset(MachineState *ms)
{
    MyMachine *m = (MyMachine *)ms;
    const X86Entry entry = { .size = sizeof(entry), .mode = X86_ENTRY_16,
                             .cs = LOAD_ADDRESS >> 4, .gpr = { [X86_RSP] = 0xfff0 } };

    if (m->code != NULL) {
        hw_guest_copy_out(ms, LOAD_ADDRESS, m->code, m->code_len);
        hw_x86_enter_at_reset(ms, &entry);
    }
}

static void my_finalize(MachineState *ms)
{
    g_free(((MyMachine *)ms)->code);
}

static const AccelProp my_props[] = {
    { .name = "exit-port", .type = ACCEL_PROP_UINT32, .offset = offsetof(MyMachine, exit_port),
      .defval = "0xf4", .help = "Port that ends the program" },
    ACCEL_PROP_END
};

static const MachineClass my_class = {
    .type = { .name = "mymachine-machine", .parent = &hw_type_machine,
              .instance_size = sizeof(MyMachine), .props = my_props },
    .name = "mymachine",
    .desc = "template of a machine type",
    .max_cpus = 1,
    .default_ram_size = 16 << 20,
    .default_cpu_type = "qemu64",
    .default_no_irqchip = true,
    .init = my_init,
    .ready = my_ready,
    .finalize = my_finalize,
    .reset = my_reset,
};

static gboolean my_register(HwRegistry *reg, GError **errp)
{
    return hw_registry_add(reg, &my_class.type, errp);
}

ACCELVM_PLUGIN("mymachine", "0.1", "LGPL-2.1-or-later", "template of a machine type", my_register)
