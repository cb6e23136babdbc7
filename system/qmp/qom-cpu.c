/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a CPU can do, as properties of its object: qom-get of "avx2", "level", "vendor".
 *
 * Theory of operation: a CPU object has no fields for some hundred features; they are what the
 * CPUs have got on this machine, and that is asked for when somebody wants to know. An accelerator
 * that runs no CPU has nothing to say about the host, so there the model is taken as it is.
 */
#include <string.h>
#include "hw/i386/cpu-model.h"
#include "system/qmp-qom.h"

static GPtrArray *expand(Vm *vm)
{
    const char *text = vm->ms->cpu_model != NULL ? vm->ms->cpu_model : vm->mc->default_cpu_type;
    g_autoptr(GArray) nothing = g_array_new(FALSE, FALSE, sizeof(AccelX86Cpuid));
    const X86CpuHost none = { .leaves = nothing, .accel_text = "host" };
    const X86CpuConfig *real = x86_machine_cpu_config(vm->ms);
    const X86CpuHost *host = NULL;

    if (real != NULL) {
        return x86_cpu_config_list(real);
    }
    if (vm->ms->accel != NULL) {
        x86_machine_cpu_host(vm->ms, &host, NULL);
    }
    return text != NULL ? x86_cpu_model_expand(text, host != NULL ? host : &none, NULL) : NULL;
}

static json_t *value_json(const X86CpuProp *p)
{
    switch (p->kind) {
    case X86_CPU_PROP_BOOL:
        return json_boolean(p->on);
    case X86_CPU_PROP_INT:
        return json_uint64(p->number);
    default:
        return json_text(p->string);
    }
}

json_t *qom_cpu_value(Vm *vm, const HwObject *cpu, const char *name)
{
    g_autoptr(GPtrArray) all = NULL;

    if (!hw_object_is_a(cpu, &hw_type_cpu) || !x86_cpu_has_property(name)) {
        return NULL;
    }
    all = expand(vm);
    for (guint i = 0; all != NULL && i < all->len; i++) {
        const X86CpuProp *p = g_ptr_array_index(all, i);

        if (strcmp(p->name, name) == 0) {
            return value_json(p);
        }
    }
    return NULL;
}
