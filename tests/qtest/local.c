/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See local.h. What the guest asks for (reset, exit, …) is only counted. */
#include <sys/mman.h>
#include <unistd.h>
#include "accel/accel-class.h"
#include "local.h"

static bool on_send(void *opaque, const char *data, size_t len)
{
    LocalVm *vm = opaque;

    g_string_append_len(vm->out, data, len);
    return !vm->slow;
}

static bool on_interrupted(void *opaque)
{
    LocalVm *vm = opaque;

    return ++vm->asked > vm->patience;
}

static void on_request(void *opaque, const MachineRequestInfo *info)
{
    LocalVm *vm = opaque;

    vm->requests |= 1u << info->kind;
    vm->n_requests++;
}

static void add(LocalVm *vm, const char *type, const char *const *props)
{
    g_autoptr(GError) err = NULL;

    hw_device_create(vm->ms, (const DeviceClass *)hw_registry_find(vm->reg, type), NULL, props,
                     &err);
    g_assert_no_error(err);
}

static void add_chardev(LocalVm *vm, const HwType *type, const char *id)
{
    Chardev *chr = (Chardev *)hw_object_new(type);

    chr->id = g_strdup(id);
    g_assert_true(hw_object_add_child(vm->ms->chardevs, id, &chr->obj, NULL));
    hw_object_unref(&chr->obj);
}

static void add_devices(LocalVm *vm)
{
    static const char *const serial0[] = { "chardev", "ring", NULL };
    static const char *const serial1[] = { "chardev", "null", NULL };
    static const char *const debug[] = { "chardev", "ring2", "iobase", "0x402", NULL };

    add_chardev(vm, &chardev_ringbuf_class.type, "ring");
    add_chardev(vm, &chardev_ringbuf_class.type, "ring2");
    add_chardev(vm, &chardev_null_class.type, "null");
    add(vm, "isa-serial", serial0);
    add(vm, "isa-serial", serial1);
    add(vm, "isa-debugcon", debug);
    add(vm, "isa-debug-exit", NULL);
    add(vm, "pvpanic", NULL);
    add(vm, "ib700", NULL);
    add(vm, "pc-testdev", NULL);
}

/* Two flash chips with files of zeroes. */
static void add_flash(LocalVm *vm)
{
    static const gsize sizes[BOOT_N_FLASH] = { 64 << 10, 12 << 10 };

    for (guint i = 0; i < BOOT_N_FLASH; i++) {
        BootFlash *flash = &vm->boot->flash[i];

        flash->file = g_strdup_printf("flash%u", i);
        flash->fd = memfd_create("flash", MFD_CLOEXEC);
        g_assert_cmpint(flash->fd, >=, 0);
        g_assert_cmpint(ftruncate(flash->fd, sizes[i]), ==, 0);
    }
}

static void start(LocalVm *vm, bool full)
{
    g_autoptr(GError) err = NULL;
    AccelSpec spec;
    AccelState *as;

    hw_machine_spec(vm->ms, &spec, &err);
    g_assert_no_error(err);
    as = accel_open("qtest", &spec, &err);
    g_assert_no_error(err);
    hw_machine_attach_accel(vm->ms, as);
    hw_machine_init(vm->ms, &err);
    g_assert_no_error(err);
    hw_machine_lock(vm->ms);
    if (full) {
        add_devices(vm);
    }
    hw_machine_unlock(vm->ms);
    hw_machine_ready(vm->ms, &err);
    g_assert_no_error(err);
}

LocalVm *local_new(const char *machine, uint64_t ram, bool full)
{
    LocalVm *vm = g_new0(LocalVm, 1);
    QTestOps ops = { .send = on_send, .interrupted = on_interrupted, .opaque = vm };
    SmpRequest smp = { .has_cpus = true, .cpus = 1, .has_maxcpus = true, .maxcpus = 4 };

    vm->out = g_string_new(NULL);
    vm->patience = G_MAXUINT;
    vm->reg = hw_registry_new();
    vm->ms = hw_machine_new(vm->reg, hw_machine_find(vm->reg, machine));
    vm->ms->hooks = (MachineHooks){ .request = on_request, .opaque = vm };
    vm->boot = vm->ms->boot = boot_config_new();
    if (vm->ms->klass->max_cpus >= 4) {
        g_assert_true(hw_machine_set_smp(vm->ms, &smp, NULL));
    }
    vm->ms->ram_size = vm->ms->maxram_size = ram;
    if (full) {
        add_flash(vm);
    }
    start(vm, full);
    vm->server = qtest_server_new(vm->ms, &ops, -1);
    qtest_server_open(vm->server);
    return vm;
}

void local_free(LocalVm *vm)
{
    qtest_server_free(vm->server);
    hw_machine_free(vm->ms);
    boot_config_free(vm->boot);
    hw_registry_free(vm->reg);
    g_string_free(vm->out, TRUE);
    g_free(vm);
}

char *local_say(LocalVm *vm, const char *lines)
{
    char *answer;

    hw_machine_lock(vm->ms);
    qtest_server_input(vm->server, lines, strlen(lines));
    hw_machine_unlock(vm->ms);
    answer = g_strndup(vm->out->str, vm->out->len);
    g_string_truncate(vm->out, 0);
    return answer;
}
