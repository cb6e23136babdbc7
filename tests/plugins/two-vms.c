/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two machines in one process, through the public interface of the shared library only: the plugin is
 * opened as an embedder would. While one runs, the other fails in every way there is: a triple fault,
 * an error in the middle of its making, its end; the first one goes on counting. Skips without KVM.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "hw/guest-memory.h"
#include "hw/plugin.h"

static const char *plugin_dir;

typedef struct Vm {
    MachineState *ms;
    gint resets, exits, errors; /* atomic: told on vCPU threads */
    int code;
} Vm;

/* inc dword [0x20000]; jmp: "ff 06 .. .." needs a segment; 16-bit code at 0x1000:0 */
static const uint8_t counting[] = {
    0xb8, 0x00, 0x20, 0x8e, 0xd8,             /* mov ax,0x2000; mov ds,ax */
    0x66, 0xff, 0x06, 0x00, 0x00, 0xeb, 0xf9, /* inc dword [0]; jmp back */
};
/* mov byte [0],1 in 64-bit mode, where page 0 is not mapped and nothing handles that */
static const uint8_t crashing[] = { 0xc6, 0x04, 0x25, 0, 0, 0, 0, 1 };
static const uint8_t leaving[] = { 0xb0, 0x2a, 0xe6, 0xf4, 0xf4 }; /* mov al,42; out 0xf4,al */

static bool no_kvm(void)
{
    int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

    if (fd < 0) {
        g_test_skip("no usable /dev/kvm");
        return true;
    }
    close(fd);
    return false;
}

static void on_request(void *opaque, const MachineRequestInfo *info)
{
    Vm *vm = opaque;

    vm->code = info->code;
    g_atomic_int_inc(info->kind == MACHINE_REQUEST_RESET  ? &vm->resets
                     : info->kind == MACHINE_REQUEST_EXIT ? &vm->exits
                                                          : &vm->errors);
}

static HwRegistry *registry_with_plugin(void)
{
    g_autofree char *path = g_build_filename(plugin_dir, "machine-teaching.so", NULL);
    HwRegistry *reg = hw_registry_new();
    g_autoptr(GError) err = NULL;

    g_assert_nonnull(hw_plugin_load(reg, path, &err));
    g_assert_no_error(err);
    return reg;
}

static char *image_file(const uint8_t *code, size_t len)
{
    char *path = NULL;
    int fd = g_file_open_tmp("accelvm-two.XXXXXX", &path, NULL);

    g_assert_cmpint(write(fd, code, len), ==, len);
    close(fd);
    return path;
}

static bool vm_try(Vm *vm, HwRegistry *reg, const char *accel, const uint8_t *code, size_t len,
                   GError **errp)
{
    g_autofree char *path = image_file(code, len);
    AccelState *as;
    AccelSpec spec;
    bool ok;

    memset(vm, 0, sizeof(*vm));
    vm->ms = hw_machine_new(reg, hw_machine_find(reg, "teaching"));
    vm->ms->hooks = (MachineHooks){ .request = on_request, .opaque = vm };
    vm->ms->kernel = g_strdup(path);
    g_assert_true(hw_object_set(&vm->ms->obj, "mode", code == crashing ? "64" : "16", NULL));
    ok = hw_machine_spec(vm->ms, &spec, errp) && (as = accel_open(accel, &spec, errp)) != NULL;
    if (ok) {
        hw_machine_attach_accel(vm->ms, as);
        ok = hw_machine_init(vm->ms, errp) && hw_machine_ready(vm->ms, errp);
    }
    unlink(path);
    return ok;
}

static void vm_open(Vm *vm, HwRegistry *reg, const uint8_t *code, size_t len)
{
    g_autoptr(GError) err = NULL;

    g_assert_true(vm_try(vm, reg, "kvm", code, len, &err));
    g_assert_no_error(err);
    hw_machine_start(vm->ms);
}

static uint32_t counter(Vm *vm)
{
    uint32_t n = 0;

    g_assert_true(hw_guest_copy_in(vm->ms, 0x20000, &n, sizeof(n)));
    return n;
}

/* Bounded: a guest that stands still for half a minute has stopped. */
static void goes_on(Vm *vm)
{
    uint32_t before = counter(vm);

    for (int i = 0; i < 30000 && counter(vm) == before; i++) {
        g_usleep(1000);
    }
    g_assert_cmpuint(counter(vm), !=, before);
    g_assert_cmpint(g_atomic_int_get(&vm->resets) + g_atomic_int_get(&vm->exits) +
                    g_atomic_int_get(&vm->errors), ==, 0);
}

static void wait_for(gint *what)
{
    for (int i = 0; i < 30000 && g_atomic_int_get(what) == 0; i++) {
        g_usleep(1000);
    }
    g_assert_cmpint(g_atomic_int_get(what), ==, 1);
}

static void test_failures_of_one(void)
{
    g_autoptr(GError) err = NULL;
    HwRegistry *reg, *other_reg;
    Vm one, other;

    if (no_kvm()) {
        return;
    }
    reg = registry_with_plugin();
    other_reg = registry_with_plugin(); /* the same object: registries do not know each other */
    vm_open(&one, reg, counting, sizeof(counting));
    goes_on(&one);

    vm_open(&other, other_reg, crashing, sizeof(crashing));
    wait_for(&other.resets);
    goes_on(&one);
    hw_machine_free(other.ms);
    goes_on(&one);

    vm_open(&other, other_reg, leaving, sizeof(leaving));
    wait_for(&other.exits);
    g_assert_cmpint(other.code, ==, 42);
    g_assert_true(hw_machine_reset(other.ms, "test", &err));
    hw_machine_free(other.ms);
    goes_on(&one);

    g_assert_false(vm_try(&other, other_reg, "no-such", leaving, sizeof(leaving), &err));
    g_assert_error(err, ACCEL_ERROR, ACCEL_ERROR_UNKNOWN);
    hw_machine_free(other.ms);
    hw_registry_free(other_reg);
    goes_on(&one);

    hw_machine_stop(one.ms);
    hw_machine_free(one.ms);
    hw_registry_free(reg);
}

/* Many at once, each its own. */
static void test_eight(void)
{
    HwRegistry *reg;
    Vm vm[8];

    if (no_kvm()) {
        return;
    }
    reg = registry_with_plugin();
    for (guint i = 0; i < G_N_ELEMENTS(vm); i++) {
        vm_open(&vm[i], reg, counting, sizeof(counting));
    }
    for (guint i = 0; i < G_N_ELEMENTS(vm); i++) {
        goes_on(&vm[i]);
        hw_machine_free(vm[i].ms);
    }
    hw_registry_free(reg);
}

/* The library sets no handler and blocks no signal in a thread that is not its own. */
static void test_signals_untouched(void)
{
    struct sigaction before[32], now; /* a sanitizer has some of its own */
    HwRegistry *reg;
    sigset_t mask;
    Vm vm;

    if (no_kvm()) {
        return;
    }
    for (int sig = 1; sig < 32; sig++) {
        sigaction(sig, NULL, &before[sig]);
    }
    reg = registry_with_plugin();
    vm_open(&vm, reg, counting, sizeof(counting));
    goes_on(&vm);
    for (int sig = 1; sig < 32; sig++) {
        sigaction(sig, NULL, &now);
        g_assert_true(now.sa_handler == before[sig].sa_handler);
    }
    g_assert_cmpint(pthread_sigmask(SIG_SETMASK, NULL, &mask), ==, 0);
    g_assert_cmpint(sigismember(&mask, SIGUSR1), ==, 0);
    hw_machine_free(vm.ms);
    hw_registry_free(reg);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    plugin_dir = argc > 1 ? argv[1] : ".";
    g_test_add_func("/two-vms/failures-of-one", test_failures_of_one);
    g_test_add_func("/two-vms/eight", test_eight);
    g_test_add_func("/two-vms/signals", test_signals_untouched);
    return g_test_run();
}
