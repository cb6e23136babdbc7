/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Machines: made in steps, undone from wherever they got to.
 *
 * Theory of operation: a MachineState is the object /machine. hw_machine_new() makes everything that
 * needs no accelerator: tree, maps, timers, the table of possible CPUs. Each later step either
 * succeeds or leaves an error and a machine that hw_machine_free() still takes apart in full: vCPU
 * threads first, then devices in reverse, then the board's own, then the accelerator, and guest
 * memory last, because the accelerator maps it.
 */
#include <string.h>
#include "hw/core/memory-internal.h"
#include "hw/core/core-internal.h"
#include "hw/numa.h"

static void add_folder(HwObject *parent, const char *name, HwObject **out)
{
    *out = hw_object_new(&hw_type_container);
    hw_object_add_child(parent, name, *out, NULL);
    hw_object_unref(*out); /* the tree keeps it */
}

static void make_tree(MachineState *ms)
{
    ms->root = hw_object_new(&hw_type_container);
    hw_object_add_child(ms->root, "machine", &ms->obj, NULL);
    add_folder(ms->root, "objects", &ms->objects);
    add_folder(ms->root, "chardevs", &ms->chardevs);
    add_folder(&ms->obj, "peripheral", &ms->peripheral);
    add_folder(&ms->obj, "peripheral-anon", &ms->peripheral_anon);
    add_folder(&ms->obj, "unattached", &ms->unattached);
}

static void machine_init(HwObject *obj)
{
    MachineState *ms = (MachineState *)obj;

    g_rec_mutex_init(&ms->lock);
    g_mutex_init(&ms->cpu_lock);
    g_cond_init(&ms->cpu_cond);
    ms->mem = address_map_new_mem();
    ms->ports = address_map_new_ports();
    ms->timers = hw_timers_new();
    ms->devices = g_ptr_array_new();
}

static void free_config(MachineState *ms)
{
    g_free(ms->ram_backend);
    g_free(ms->cpu_model);
    g_free(ms->firmware);
    g_free(ms->kernel);
    g_free(ms->append);
    g_free(ms->initrd);
    g_free(ms->uuid);
}

static void machine_finalize(HwObject *obj)
{
    MachineState *ms = (MachineState *)obj;

    hw_numa_free(ms);
    hw_ram_free_all(ms->mem);
    address_map_free(ms->mem);
    address_map_free(ms->ports);
    hw_timers_free(ms->timers);
    g_ptr_array_unref(ms->devices);
    g_free(ms->possible);
    g_clear_error(&ms->attach_error);
    free_config(ms);
    g_cond_clear(&ms->cpu_cond);
    g_mutex_clear(&ms->cpu_lock);
    g_rec_mutex_clear(&ms->lock);
}

const HwType hw_type_machine = {
    .name = "machine",
    .parent = &hw_type_object,
    .desc = "machine type",
    .instance_size = sizeof(MachineState),
    .abstract = true,
    .init = machine_init,
    .finalize = machine_finalize,
};

static const MachineClass *next_class(const HwRegistry *reg, guint *i)
{
    const HwType *type;

    while ((type = hw_registry_nth(reg, (*i)++)) != NULL) {
        if (!type->abstract && hw_type_is_a(type, &hw_type_machine)) {
            return (const MachineClass *)type;
        }
    }
    return NULL;
}

const MachineClass *hw_machine_find(const HwRegistry *reg, const char *name)
{
    const MachineClass *mc;
    guint i = 0;

    while ((mc = next_class(reg, &i)) != NULL) {
        if (strcmp(mc->name, name) == 0 || g_strcmp0(mc->alias, name) == 0) {
            return mc;
        }
    }
    return NULL;
}

const MachineClass *hw_machine_default(const HwRegistry *reg)
{
    const MachineClass *mc;
    guint i = 0;

    while ((mc = next_class(reg, &i)) != NULL) {
        if (mc->is_default) {
            return mc;
        }
    }
    return NULL;
}

MachineState *hw_machine_new(HwRegistry *reg, const MachineClass *klass)
{
    MachineState *ms = (MachineState *)hw_object_new(&klass->type);

    ms->klass = klass;
    ms->registry = reg;
    ms->created_us = g_get_monotonic_time();
    ms->ram_size = ms->maxram_size = klass->default_ram_size;
    make_tree(ms);
    hw_machine_set_smp(ms, NULL, NULL);
    return ms;
}

/* Children that still hang below the tree, youngest first: objects and chardevs of the user. */
static void drop_folder(HwObject *folder)
{
    while (folder->children != NULL && folder->children->len > 0) {
        hw_object_unparent(g_ptr_array_index(folder->children, folder->children->len - 1));
    }
}

void hw_machine_free(MachineState *ms)
{
    HwObject *root;

    if (ms == NULL) {
        return;
    }
    hw_machine_stop(ms);
    hw_cpus_remove_all(ms);
    hw_machine_lock(ms);
    hw_device_unrealize_all(ms);
    if (ms->klass->finalize != NULL) {
        ms->klass->finalize(ms);
    }
    if (ms->arch_free != NULL) {
        ms->arch_free(ms);
    }
    drop_folder(ms->peripheral);
    drop_folder(ms->peripheral_anon);
    drop_folder(ms->unattached);
    drop_folder(ms->chardevs);
    drop_folder(ms->objects);
    hw_machine_unlock(ms);
    accel_close(g_steal_pointer(&ms->accel));
    root = ms->root;
    hw_object_unparent(&ms->obj);
    hw_object_unref(&ms->obj);
    hw_object_unref(root);
}

static void spec_warn(void *opaque, const char *text)
{
    MachineState *ms = opaque;

    if (ms->hooks.warn != NULL) {
        ms->hooks.warn(ms->hooks.opaque, text);
    }
}

static uint32_t package_cores(const SmpConfig *smp)
{
    return smp->dies * smp->modules * smp->clusters * smp->cores;
}

gboolean hw_machine_spec(MachineState *ms, AccelSpec *spec, GError **errp)
{
    const MachineClass *mc = ms->klass;
    GError *err = NULL;

    *spec = (AccelSpec){
        .size = sizeof(*spec),
        .cpus = ms->smp.cpus,
        .max_cpus = ms->smp.max_cpus,
        .max_apic_id = ms->possible[ms->n_possible - 1].apic_id + 1,
        .package_cores = package_cores(&ms->smp),
        .package_threads = package_cores(&ms->smp) * ms->smp.threads,
        .default_irqchip_split = mc->default_kernel_irqchip_split,
        .no_irqchip = mc->default_no_irqchip,
        .machine = mc->name,
        .required_caps = mc->required_caps,
        .trace = ms->trace,
        .warn = spec_warn,
        .warn_opaque = ms,
    };
    if (mc->kvm_type != NULL) {
        spec->vm_type = mc->kvm_type(ms, &err);
        if (spec->vm_type < 0 && err == NULL) {
            accel_error_set(&err, ACCEL_ERROR_UNSUPPORTED, NULL,
                            "machine '%s' refuses every VM type", mc->name);
        }
    }
    if (err != NULL) {
        g_propagate_error(errp, err);
        return FALSE;
    }
    return TRUE;
}

guint hw_machine_unlock_all(MachineState *ms)
{
    guint depth, i;

    if (!g_rec_mutex_trylock(&ms->lock)) {
        return 0; /* another thread's */
    }
    depth = ms->lock_depth;
    g_rec_mutex_unlock(&ms->lock);
    for (i = 0; i < depth; i++) {
        hw_machine_unlock(ms);
    }
    return depth;
}

void hw_machine_relock(MachineState *ms, guint depth)
{
    while (depth-- > 0) {
        hw_machine_lock(ms);
    }
}

IrqLine *hw_machine_isa_irq(MachineState *ms, unsigned irq)
{
    return irq < 16 && ms->klass->isa_irq != NULL ? ms->klass->isa_irq(ms, irq) : NULL;
}
