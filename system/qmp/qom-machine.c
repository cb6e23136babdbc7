/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the machine was made from, as properties of /machine: kernel, memory, smp, boot and so on.
 *
 * Theory of operation: these are no fields of the machine type; they come from options and from the
 * machine layer's configuration, and are put together when somebody asks. Names, types and shapes
 * are QEMU's. They can be read only: a machine that stands does not change. One is no part of that:
 * rtc-time is what the guest's clock shows now, and is there when the board has one.
 */
#include <string.h>
#include <time.h>
#include "hw/boot-config.h"
#include "hw/isa-devices.h"
#include "hw/rtc.h"
#include "system/options.h"
#include "system/qmp-qom.h"
#include "system/vm.h"

typedef struct MachineRow {
    const char *name, *type;
    json_t *(*get)(Vm *vm, const char *name);
} MachineRow;

static json_t *text_or_empty(const char *text)
{
    return json_text(text != NULL ? text : "");
}

static json_t *get_kernel(Vm *vm, const char *name)
{
    return text_or_empty(vm->ms->kernel);
}

static json_t *get_initrd(Vm *vm, const char *name)
{
    return text_or_empty(vm->ms->initrd);
}

static json_t *get_append(Vm *vm, const char *name)
{
    return text_or_empty(vm->ms->append);
}

static json_t *get_firmware(Vm *vm, const char *name)
{
    return text_or_empty(vm->ms->firmware);
}

/* A switch of -machine that is only accepted here. */
static json_t *get_switch(Vm *vm, const char *name)
{
    const char *text = options_key(&vm->opts, OPT_machine, name);
    gboolean on = strcmp(name, "usb") != 0;

    if (text != NULL) {
        accel_parse_bool(text, &on);
    }
    return json_boolean(on);
}

static json_t *get_hmat(Vm *vm, const char *name)
{
    return json_boolean(vm->ms->hmat);
}

static json_t *get_backend(Vm *vm, const char *name)
{
    const char *id = vm->ms->ram_backend != NULL ? vm->ms->ram_backend : vm->mc->default_ram_id;
    HwObject *obj = id != NULL ? hw_object_child(vm->ms->objects, id) : NULL;
    g_autofree char *path = obj != NULL ? hw_object_path(obj) : NULL;

    return text_or_empty(path);
}

static json_t *get_memory(Vm *vm, const char *name)
{
    const MachineState *ms = vm->ms;
    json_t *row = json_pack("{s:I}", "size", (json_int_t)ms->ram_size);

    if (ms->maxram_size > ms->ram_size) {
        json_object_set_new(row, "max-size", json_integer((json_int_t)ms->maxram_size));
        json_object_set_new(row, "slots", json_integer((json_int_t)ms->ram_slots));
    }
    return row;
}

static json_t *get_smp(Vm *vm, const char *name)
{
    const SmpConfig *s = &vm->ms->smp;

    return json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:i}", "cpus", (int)s->cpus, "sockets",
                     (int)s->sockets, "dies", (int)s->dies, "clusters", (int)s->clusters, "cores",
                     (int)s->cores, "threads", (int)s->threads, "maxcpus", (int)s->max_cpus);
}

static json_t *get_boot(Vm *vm, const char *name)
{
    const BootConfig *boot = vm->boot;
    const char *order = boot != NULL && boot->order != NULL ? boot->order : "cad";
    json_t *row = json_pack("{s:o}", "order", json_text(order));

    if (boot != NULL && boot->once != NULL) {
        json_object_set_new(row, "once", json_text(boot->once));
    }
    return row;
}

static HwObject *find_rtc(HwObject *at)
{
    HwObject *found = hw_object_is_a(at, &mc146818_class.type) ? at : NULL;

    for (guint i = 0; found == NULL && at->children != NULL && i < at->children->len; i++) {
        found = find_rtc(g_ptr_array_index(at->children, i));
    }
    return found;
}

/* The guest's wall clock, in its own time zone. NULL where the board has no clock. */
static json_t *get_rtc_time(Vm *vm, const char *name)
{
    HwObject *rtc = find_rtc(&vm->ms->obj);
    time_t seconds;
    struct tm tm;

    if (rtc == NULL) {
        return NULL;
    }
    seconds = (time_t)rtc_get_time(DEVICE(rtc));
    gmtime_r(&seconds, &tm);
    return json_pack("{s:i, s:i, s:i, s:i, s:i, s:i}", "tm_year", tm.tm_year, "tm_mon", tm.tm_mon,
                     "tm_mday", tm.tm_mday, "tm_hour", tm.tm_hour, "tm_min", tm.tm_min, "tm_sec",
                     tm.tm_sec);
}

static const MachineRow rows[] = {
    { "append", "string", get_append }, { "boot", "BootConfiguration", get_boot },
    { "dump-guest-core", "bool", get_switch }, { "firmware", "string", get_firmware },
    { "graphics", "bool", get_switch }, { "hmat", "bool", get_hmat },
    { "initrd", "string", get_initrd }, { "kernel", "string", get_kernel },
    { "mem-merge", "bool", get_switch }, { "memory", "MemorySizeConfiguration", get_memory },
    { "memory-backend", "link<memory-backend>", get_backend },
    { "rtc-time", "struct tm", get_rtc_time },
    { "smp", "SMPConfiguration", get_smp }, { "usb", "bool", get_switch },
};

json_t *qom_machine_value(Vm *vm, const HwObject *obj, const char *name)
{
    for (guint i = 0; obj == &vm->ms->obj && i < G_N_ELEMENTS(rows); i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return rows[i].get(vm, name);
        }
    }
    return NULL;
}

void qom_machine_list(Vm *vm, json_t *list)
{
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].get != get_rtc_time || (vm != NULL && find_rtc(&vm->ms->obj) != NULL)) {
            json_array_append_new(list, json_pack("{s:s, s:s}", "name", rows[i].name, "type",
                                                  rows[i].type));
        }
    }
}
