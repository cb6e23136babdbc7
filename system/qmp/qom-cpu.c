/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a CPU can do, as properties of its object: qom-get of "avx2", "level", "vendor", and the
 * CPUID words that features are bits of.
 *
 * Theory of operation: a CPU object has no fields for some hundred features; they are what became of
 * -cpu when the machine's first CPU was made, and that is asked for when somebody wants to know. So a
 * feature that the host lacks is off here, and on in "filtered-features". An accelerator that runs
 * no CPU has nothing to say about the host, so there the model is taken as it is.
 */
#include <string.h>
#include "system/qmp-qom.h"

#define WORDS_TYPE "X86CPUFeatureWordInfo"

static const X86CpuConfig *config_of(Vm *vm, const HwObject *cpu)
{
    return hw_object_is_a(cpu, &hw_type_cpu) ? x86_machine_cpu_config(vm->ms) : NULL;
}

json_t *qom_cpu_prop_json(const X86CpuProp *p)
{
    switch (p->kind) {
    case X86_CPU_PROP_BOOL:
        return json_boolean(p->on);
    case X86_CPU_PROP_INT:
        return p->is_signed ? json_integer((json_int_t)p->number) : json_uint64(p->number);
    default:
        return json_text(p->string);
    }
}

static const char *register_name(char reg)
{
    return reg == 'a' ? "EAX" : reg == 'b' ? "EBX" : reg == 'c' ? "ECX" : "EDX";
}

static json_t *words_json(const X86CpuConfig *c, bool filtered)
{
    g_autoptr(GArray) words = x86_cpu_config_words(c, filtered);
    json_t *list = json_array();

    for (guint i = 0; i < words->len; i++) {
        const X86WordValue *w = &g_array_index(words, X86WordValue, i);
        json_t *row = json_pack("{s:s, s:I, s:I}", "cpuid-register", register_name(w->reg),
                                "cpuid-input-eax", (json_int_t)w->function, "features",
                                (json_int_t)w->value);

        if (w->indexed) {
            json_object_set_new(row, "cpuid-input-ecx", json_integer(w->index));
        }
        json_array_append_new(list, row);
    }
    return list;
}

static json_t *names_json(const X86Features *f)
{
    json_t *list = json_array();

    for (int i = 0; i < X86_N_WORDS; i++) {
        for (uint64_t bits = f->w[i]; bits != 0; bits &= bits - 1) {
            const char *name = x86_feature_name(i, __builtin_ctzll(bits));

            if (name != NULL) {
                json_array_append_new(list, json_text(name));
            }
        }
    }
    return list;
}

static json_t *property(const X86CpuConfig *c, const char *name)
{
    g_autoptr(GPtrArray) all = NULL;

    if (!x86_cpu_has_property(name)) {
        return NULL;
    }
    all = x86_cpu_config_list(c);
    for (guint i = 0; i < all->len; i++) {
        const X86CpuProp *p = g_ptr_array_index(all, i);

        if (strcmp(p->name, name) == 0) {
            return qom_cpu_prop_json(p);
        }
    }
    return NULL;
}

json_t *qom_cpu_value(Vm *vm, const HwObject *cpu, const char *name)
{
    const X86CpuConfig *c = config_of(vm, cpu);

    if (c == NULL || hw_type_find_prop(cpu->type, name) != NULL) {
        return NULL;
    }
    if (strcmp(name, "feature-words") == 0) {
        return words_json(c, false);
    }
    if (strcmp(name, "filtered-features") == 0) {
        return words_json(c, true);
    }
    return strcmp(name, "unavailable-features") == 0 ? names_json(&c->filtered)
                                                     : property(c, name);
}

static void add_row(json_t *list, const char *name, const char *type)
{
    json_array_append_new(list, json_pack("{s:s, s:s}", "name", name, "type", type));
}

void qom_cpu_list(Vm *vm, const HwObject *cpu, json_t *list)
{
    static const char *const types[] = { "bool", "int", "string" };
    const X86CpuConfig *c = config_of(vm, cpu);
    g_autoptr(GPtrArray) all = c != NULL ? x86_cpu_config_list(c) : NULL;

    for (guint i = 0; all != NULL && i < all->len; i++) {
        const X86CpuProp *p = g_ptr_array_index(all, i);

        if (hw_type_find_prop(cpu->type, p->name) == NULL) {
            add_row(list, p->name, types[p->kind]);
        }
    }
    if (all != NULL) {
        add_row(list, "feature-words", WORDS_TYPE);
        add_row(list, "filtered-features", WORDS_TYPE);
        add_row(list, "unavailable-features", "strList");
    }
}
