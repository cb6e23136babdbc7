/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * device_add of a CPU: the ids that were given pick a free place of the machine's topology; the
 * machine layer makes the vCPU. Which ids have to be there, in which order they are looked at, and
 * the texts are QEMU's.
 */
#include <errno.h>
#include <string.h>
#include "accel/error.h"
#include "hw/i386/cpu-model.h"
#include "hw/i386/x86-cpu.h"
#include "system/vm.h"

/* Places of the topology, outermost first, and what a CPU was given for each; -1: nothing. */
enum { SOCKET, DIE, MODULE, CORE, THREAD, N_LEVELS };

static const char *const level_names[N_LEVELS] = { "socket", "die", "module", "core", "thread" };

typedef struct CpuPlace {
    int64_t ids[N_LEVELS];
    int64_t apic_id, node_id;
} CpuPlace;

static gboolean read_id(const KeyVal *e, int64_t min, int64_t max, const char *type, int64_t *out,
                        GError **errp)
{
    char *end;
    int64_t v;

    errno = 0;
    v = g_ascii_strtoll(e->value, &end, 0);
    if (e->value[0] == '\0' || *end != '\0' || errno != 0 || e->kind == KEYVAL_BARE) {
        opt_error(errp, "Parameter '%s' expects integer", e->key);
        return FALSE;
    }
    if (v < min || v > max) {
        opt_error(errp, "Parameter '%s' expects %s", e->key, type);
        return FALSE;
    }
    *out = v;
    return TRUE;
}

/* Where the value of "socket-id" and the like goes; NULL for another key. */
static int64_t *level_of(CpuPlace *place, const char *key)
{
    for (int i = 0; i < N_LEVELS; i++) {
        size_t len = strlen(level_names[i]);

        if (strncmp(key, level_names[i], len) == 0 && strcmp(key + len, "-id") == 0) {
            return &place->ids[i];
        }
    }
    return strcmp(key, "node-id") == 0 ? &place->node_id : NULL;
}

/* Features belong to -cpu: a CPU that differs from the others would be no use to a guest. */
static gboolean read_key(const HwType *type, const KeyVal *e, CpuPlace *place, GError **errp)
{
    static const char *const others[] = { "driver", "id", NULL };
    int64_t *level = level_of(place, e->key);

    if (g_strv_contains(others, e->key)) {
        return TRUE;
    }
    if (level != NULL) {
        return read_id(e, G_MININT32, G_MAXINT32, "int32_t", level, errp);
    }
    if (strcmp(e->key, "apic-id") == 0) {
        return read_id(e, 0, G_MAXUINT32, "uint32_t", &place->apic_id, errp);
    }
    if (strcmp(e->key, "bus") == 0) {
        opt_error(errp, "Bus '%s' not found", e->value);
    } else if (x86_cpu_has_property(e->key)) {
        opt_error(errp, "Property '%s.%s' is that of all CPUs of the machine: give it to -cpu",
                  type->name, e->key);
    } else {
        opt_error(errp, "Property '%s.%s' not found", type->name, e->key);
    }
    return FALSE;
}

static gboolean read_place(const HwType *type, const KeyVals *kv, CpuPlace *place, GError **errp)
{
    *place = (CpuPlace){ .ids = { -1, -1, -1, -1, -1 }, .apic_id = -1, .node_id = -1 };
    for (guint i = 0; i < kv->n; i++) {
        if (!read_key(type, &kv->v[i], place, errp)) {
            return FALSE;
        }
    }
    return TRUE;
}

/* A level that the machine does not have need not be named. */
static gboolean check_levels(const SmpConfig *smp, CpuPlace *place, GError **errp)
{
    const uint32_t counts[N_LEVELS] = {
        smp->sockets, smp->dies, smp->modules, smp->cores, smp->threads,
    };

    for (int i = 0; i < N_LEVELS; i++) {
        if (place->ids[i] < 0 && counts[i] == 1 && (i == DIE || i == MODULE)) {
            place->ids[i] = 0;
        }
        if (place->ids[i] < 0) {
            opt_error(errp, "CPU %s-id is not set", level_names[i]);
            return FALSE;
        }
        if (place->ids[i] >= counts[i]) {
            opt_error(errp, "Invalid CPU %s-id: %" G_GINT64_FORMAT " must be in range 0:%u",
                      level_names[i], place->ids[i], counts[i] - 1);
            return FALSE;
        }
    }
    return TRUE;
}

static uint32_t index_of(const SmpConfig *smp, const CpuPlace *place)
{
    const int64_t *id = place->ids;

    return (uint32_t)((((id[SOCKET] * smp->dies + id[DIE]) * smp->modules + id[MODULE]) *
                       smp->cores + id[CORE]) * smp->threads + id[THREAD]);
}

/* The fields of an APIC id, whether or not there is such a CPU. */
static void split_apic_id(const SmpConfig *smp, uint32_t id, uint32_t *levels)
{
    const uint32_t counts[N_LEVELS] = { 0, smp->dies, smp->modules, smp->cores, smp->threads };

    for (int i = THREAD; i > SOCKET; i--) {
        unsigned bits = counts[i] > 1 ? g_bit_storage(counts[i] - 1) : 0;

        levels[i] = id & ((1u << bits) - 1);
        id >>= bits;
    }
    levels[SOCKET] = id;
}

/* Returns: the place with that APIC id; -1 with an error. */
static int by_apic_id(Vm *vm, uint32_t apic_id, GError **errp)
{
    uint32_t l[N_LEVELS];

    for (guint i = 0; i < vm->ms->n_possible; i++) {
        if (vm->ms->possible[i].apic_id == apic_id) {
            return (int)i;
        }
    }
    split_apic_id(&vm->ms->smp, apic_id, l);
    opt_error(errp, "Invalid CPU [socket: %u, die: %u, core: %u, thread: %u] with APIC ID %u, "
              "valid index range 0:%u", l[SOCKET], l[DIE], l[CORE], l[THREAD], apic_id,
              vm->ms->n_possible - 1);
    return -1;
}

/* Both were given: they must mean the same. */
static gboolean check_same(Vm *vm, const CpuPlace *place, uint32_t apic_id, GError **errp)
{
    uint32_t l[N_LEVELS];

    split_apic_id(&vm->ms->smp, apic_id, l);
    for (int i = 0; i < N_LEVELS; i++) {
        if (place->ids[i] >= 0 && place->ids[i] != l[i]) {
            opt_error(errp, "property %s-id: %" G_GINT64_FORMAT " doesn't match set apic-id: 0x%x "
                      "(%s-id: %u)", level_names[i], place->ids[i], apic_id, level_names[i], l[i]);
            return FALSE;
        }
    }
    return TRUE;
}

/* A node-id may be repeated from query-hotpluggable-cpus, not chosen. */
static gboolean check_node(const PossibleCpu *p, const CpuPlace *place, GError **errp)
{
    if (place->node_id < 0 || place->node_id == p->ids.node_id) {
        return TRUE;
    }
    opt_error(errp, "invalid node-id, must be %d", (int)MAX(0, p->ids.node_id));
    return FALSE;
}

/* The slot that the ids mean; -1 with an error. */
static int find_slot(Vm *vm, CpuPlace *place, GError **errp)
{
    const PossibleCpu *p;
    int slot;

    if (place->apic_id < 0) {
        if (!check_levels(&vm->ms->smp, place, errp)) {
            return -1;
        }
        slot = (int)index_of(&vm->ms->smp, place);
    } else {
        slot = by_apic_id(vm, (uint32_t)place->apic_id, errp);
    }
    if (slot < 0) {
        return -1;
    }
    p = &vm->ms->possible[slot];
    if (p->cpu != NULL) {
        opt_error(errp, "CPU[%d] with APIC ID %u exists", slot, p->apic_id);
        return -1;
    }
    return check_same(vm, place, p->apic_id, errp) && check_node(p, place, errp) ? slot : -1;
}

static gboolean check_model(Vm *vm, const char *driver, GError **errp)
{
    g_autofree char *model = x86_cpu_model_name(vm->ms);
    g_autofree char *want = g_strconcat(model, X86_CPU_TYPE_SUFFIX, NULL);

    if (strcmp(want, driver) == 0) {
        return TRUE;
    }
    opt_error(errp, "Invalid CPU type, expected cpu type: '%s'", want);
    return FALSE;
}

gboolean vm_cpu_add(Vm *vm, const DeviceClass *klass, const KeyVals *kv, const char *id,
                    GError **errp)
{
    CpuPlace place;
    CPUState *cpu;
    int slot;

    if (!vm->mc->has_hotpluggable_cpus) {
        opt_error(errp, "Device '%s' can not be hotplugged on this machine", klass->type.name);
        return FALSE;
    }
    if (!read_place(&klass->type, kv, &place, errp) || !check_model(vm, klass->type.name, errp)) {
        return FALSE;
    }
    slot = find_slot(vm, &place, errp);
    cpu = slot >= 0 ? hw_machine_create_cpu(vm->ms, slot, id, errp) : NULL;
    return cpu != NULL;
}
