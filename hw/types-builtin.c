/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The types that are built in: the one place where the library says what it is made of. A new device,
 * machine or object type adds its declaration and its row. No constructors, no start-up work.
 */
#include "hw/core/core-internal.h"
#include "hw/acpi-devices.h"
#include "hw/block/pflash.h"
#include "hw/i386/x86-cpu-types.h"
#include "hw/i386/x86-cpu.h"
#include "hw/intc.h"
#include "hw/isa-devices.h"
#include "hw/memory-backend.h"
#include "hw/objects.h"

/* machines */
extern const MachineClass none_machine_class;
extern const MachineClass microvm_machine_class;
extern const MachineClass isapc_machine_class;
extern const MachineClass pclite_machine_class;
extern const HwType hw_type_x86_machine;
extern const DeviceClass x86_intc_class;

/* devices: one declaration each, or their header above */

#define CPU_ROW(sym, model, ...) &x86_cpu_##sym##_class.type,

const HwType *const hw_builtin_types[] = {
    /* bases */
    &hw_type_object,
    &hw_type_container,
    &hw_type_device,
    &hw_type_cpu,
    &hw_type_machine,
    &hw_type_chardev,
    &hw_type_x86_machine,
    &hw_type_memory_backend,
    &hw_type_rng_backend,
    /* machines */
    &none_machine_class.type,
    &microvm_machine_class.type,
    &isapc_machine_class.type,
    &pclite_machine_class.type,
    /* chardevs */
    &chardev_null_class.type,
    &chardev_ringbuf_class.type,
    /* objects of the user */
    &hw_type_memory_backend_ram,
    &hw_type_memory_backend_memfd,
    &hw_type_memory_backend_file,
    &hw_type_rng_builtin,
    &hw_type_secret,
    &hw_type_iothread,
    /* devices */
    &x86_intc_class.type,
    &i8259_class.type,
    &ioapic_class.type,
    &apic_class.type,
    &i8254_class.type,
    &pcspk_class.type,
    &acpi_pm_class.type,
    &acpi_ged_class.type,
    &acpi_cpuhp_class.type,
    &reset_port_class.type,
    &fw_cfg_class.type,
    &pflash_class.type,
    &i8042_class.type,
    &ib700_class.type,
    &isa_debug_exit_class.type,
    &isa_debugcon_class.type,
    &isa_serial_class.type,
    &mc146818_class.type,
    &pc_cmos_class.type,
    &pc_testdev_class.type,
    &port92_class.type,
    &pvpanic_class.type,
    /* CPUs, last: a look-up of something else need not pass their names, which are most */
    &x86_cpu_class.type,
    X86_CPU_MODELS(CPU_ROW)
};

const guint hw_n_builtin_types = G_N_ELEMENTS(hw_builtin_types);
