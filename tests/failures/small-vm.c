/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The order of calls that accel.h prescribes, from node to close, and counting what a process holds
 * by looking into /proc/self and asking the fake KVM.
 */
#include <errno.h>
#include <sys/mman.h>
#include "../fakekvm/fakekvm-control.h"
#include "../proc-count.h"
#include "small-vm.h"

static void on_write(void *opaque, AccelCPU *cpu, uint16_t port, const void *data, unsigned size,
                     unsigned count)
{
    g_string_append_len(((SmallVm *)opaque)->out, data, (gssize)(size * count));
}

static void on_warn(void *opaque, const char *text)
{
    g_string_append_printf(((SmallVm *)opaque)->log, "%s\n", text);
}

void small_vm_init(SmallVm *vm, guint cpus)
{
    *vm = (SmallVm){
        .spec = { .size = sizeof(AccelSpec), .cpus = cpus, .warn = on_warn, .warn_opaque = vm },
        .io = { .pio_write = on_write, .opaque = vm },
        .out = g_string_new(NULL),
        .log = g_string_new(NULL),
    };
    vm->ram = mmap(NULL, SMALL_RAM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    g_assert_true(vm->ram != MAP_FAILED);
}

gboolean small_vm_open(SmallVm *vm, GError **errp)
{
    if (vm->as == NULL) {
        vm->as = accel_new("kvm", errp);
        for (const char *const *p = vm->props; p != NULL && *p != NULL; p += 2) {
            if (!accel_set_property(vm->as, p[0], p[1], errp)) {
                return FALSE;
            }
        }
    }
    if (!accel_init(vm->as, &vm->spec, errp)) {
        return FALSE;
    }
    accel_set_io(vm->as, &vm->io);
    vm->opened = true;
    return TRUE;
}

static gboolean set_up(SmallVm *vm, guint i, GError **errp)
{
    g_autoptr(GArray) cpuid = accel_get_supported_cpuid(vm->as, errp);

    return cpuid != NULL &&
           accel_set_cpuid(vm->cpu[i], (const AccelX86Cpuid *)(void *)cpuid->data, cpuid->len,
                           errp) &&
           accel_reset_vcpu(vm->cpu[i], i == 0, errp);
}

gboolean small_vm_cpus(SmallVm *vm, GError **errp)
{
    if (!accel_map_ram(vm->as, 0, vm->ram, SMALL_RAM, ACCEL_RAM_LOG_DIRTY, errp)) {
        return FALSE;
    }
    for (guint i = 0; i < MIN(vm->spec.cpus, 2); i++) {
        vm->cpu[i] = accel_create_vcpu(vm->as, i, errp);
        if (vm->cpu[i] == NULL || !set_up(vm, i, errp)) {
            return FALSE;
        }
    }
    return TRUE;
}

AccelExitReason small_vm_run(SmallVm *vm, AccelExit *exit, GError **errp)
{
    AccelExitReason why = ACCEL_EXIT_KICK;

    for (int i = 0; i < 100 && why == ACCEL_EXIT_KICK; i++) {
        why = accel_run(vm->cpu[0], exit, errp);
    }
    return why;
}

void small_vm_close(SmallVm *vm)
{
    accel_close(vm->as);
    vm->as = NULL;
    vm->opened = false;
    vm->cpu[0] = vm->cpu[1] = NULL;
}

void small_vm_free(SmallVm *vm)
{
    small_vm_close(vm);
    munmap(vm->ram, SMALL_RAM);
    g_string_free(vm->out, TRUE);
    g_string_free(vm->log, TRUE);
}

Holdings holdings(void)
{
    return (Holdings){ .fds = (int)count_descriptors(), .threads = (int)count_threads(),
                       .kvm_fds = fakekvm_descriptors(), .kvm_mappings = fakekvm_mappings() };
}

void assert_same_holdings(const Holdings *a, const Holdings *b, const char *when)
{
    if (a->fds != b->fds || a->threads != b->threads || a->kvm_fds != b->kvm_fds ||
        a->kvm_mappings != b->kvm_mappings) {
        g_error("%s: descriptors %d and %d, threads %d and %d, of KVM's %d and %d, mappings %d and "
                "%d", when, a->fds, b->fds, a->threads, b->threads, a->kvm_fds, b->kvm_fds,
                a->kvm_mappings, b->kvm_mappings);
    }
}
