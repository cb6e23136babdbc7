/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The x86 vCPU as a device: its type, its birth, its reset.
 *
 * Theory of operation: all models share one abstract class that does the work; a model's class differs
 * in name and description. Realize makes the AccelCPU, then gives it its CPUID; what fails is undone.
 */
#include <string.h>
#include "accel/accel-class.h"
#include "accel/x86.h"
#include "hw/core/core-internal.h"
#include "hw/i386/x86-cpu.h"

#define RFLAGS_IF (1u << 9)

static gboolean cpu_realize(DeviceState *dev, GError **errp)
{
    CPUState *cpu = (CPUState *)dev;

    if (!hw_cpu_realize_accel(cpu, errp)) {
        return FALSE;
    }
    if (!x86_cpu_set_model(dev->machine, cpu, errp)) {
        hw_cpu_unrealize_accel(cpu);
        return FALSE;
    }
    return TRUE;
}

static void cpu_unrealize(DeviceState *dev)
{
    hw_cpu_unrealize_accel((CPUState *)dev);
}

#define TOPO_PROP(field, text, what)                                                    \
    { .name = text, .type = ACCEL_PROP_INT64, .offset = offsetof(CPUState, ids.field),  \
      .defval = "-1", .help = what, .type_name = "int32" }

static const AccelProp cpu_props[] = {
    { .name = "apic-id", .type = ACCEL_PROP_UINT32, .offset = offsetof(CPUState, apic_id),
      .defval = "4294967295", .help = "APIC id" },
    TOPO_PROP(socket_id, "socket-id", "package number"),
    TOPO_PROP(die_id, "die-id", "die number within the package"),
    TOPO_PROP(module_id, "module-id", "module number within the die"),
    TOPO_PROP(core_id, "core-id", "core number"),
    TOPO_PROP(thread_id, "thread-id", "thread number within the core"),
    TOPO_PROP(node_id, "node-id", "NUMA node"),
    ACCEL_PROP_END,
};

const DeviceClass x86_cpu_class = {
    .type = {
        .name = "x86_64-cpu",
        .parent = &hw_type_cpu,
        .desc = "x86 CPU",
        .instance_size = sizeof(CPUState),
        .abstract = true,
        .props = cpu_props,
    },
    .bus = "cpu",
    .realize = cpu_realize,
    .unrealize = cpu_unrealize,
};

char *x86_cpu_model_name(MachineState *ms)
{
    const char *text = ms->cpu_model != NULL ? ms->cpu_model : ms->klass->default_cpu_type;

    return text != NULL ? g_strndup(text, strcspn(text, ",")) : g_strdup("qemu64");
}

/* "Invalid CPU model: x" with the list, as a machine type that knows only some models says. */
static gboolean check_valid(const MachineClass *mc, const char *model, GError **errp)
{
    const char *const *v = mc->valid_cpu_types;
    g_autofree char *list = NULL;
    g_autofree char *notes = NULL;
    AccelErrorInfo info = { .stage = "cpu-model" };

    if (v == NULL || g_strv_contains(v, model)) {
        return TRUE;
    }
    list = g_strjoinv(", ", (char **)v);
    notes = g_strdup_printf(v[1] == NULL ? "The only valid type is: %s" : "The valid models are: %s",
                            list);
    info.notes = notes;
    accel_error_set(errp, ACCEL_ERROR_INVALID, &info, "Invalid CPU model: %s", model);
    return FALSE;
}

/* Mostly after a fallback: KVM was wanted, and why it did not work has been told before. */
static void no_host_model(MachineState *ms, GError **errp)
{
    const AccelErrorInfo info = { .stage = "cpu-model" };
    g_autofree char *cause = g_strdup_printf("the accelerator is %s, which has no host CPU to show",
                                             accel_get_class(ms->accel)->name);

    accel_error_set(errp, ACCEL_ERROR_UNSUPPORTED, &info, "CPU model 'host' requires KVM or HVF");
    if (errp != NULL) {
        accel_error_add_cause(*errp, cause);
        accel_error_add_remedy(*errp, "make KVM usable (accelvm-probe says what is missing), or give "
                               "-cpu max");
    }
}

const DeviceClass *hw_arch_cpu_class(MachineState *ms, GError **errp)
{
    g_autofree char *model = x86_cpu_model_name(ms);
    g_autofree char *name = g_strconcat(model, X86_CPU_TYPE_SUFFIX, NULL);
    const HwType *type = hw_registry_find(ms->registry, name);
    AccelErrorInfo info = { .stage = "cpu-model" };

    if (type == NULL || !hw_type_is_a(type, &x86_cpu_class.type)) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, &info, "unable to find CPU model '%s'", model);
        return NULL;
    }
    if (!check_valid(ms->klass, model, errp)) {
        return NULL;
    }
    if (strcmp(model, "host") == 0 && !accel_get_class(ms->accel)->hardware &&
        accel_get_class(ms->accel)->threading != ACCEL_THREAD_NONE) {
        no_host_model(ms, errp);
        return NULL;
    }
    return (const DeviceClass *)type;
}

gboolean hw_arch_cpu_reset(CPUState *cpu, bool bsp, GError **errp)
{
    return accel_reset_vcpu(cpu->accel_cpu, bsp, errp);
}

bool hw_arch_cpu_irq_enabled(CPUState *cpu)
{
    AccelX86Regs regs;

    return !accel_get_regs(cpu->accel_cpu, &regs, NULL) || (regs.rflags & RFLAGS_IF);
}
