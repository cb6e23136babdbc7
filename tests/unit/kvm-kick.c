/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The two ways of kicks: by KVM_SET_SIGNAL_MASK, for which nobody installs anything, and by signal
 * handler, as the launcher has it. A handler stays once it is there, so it comes last. The guest never leaves KVM_RUN by itself, so a kick that gets lost
 * hangs the case; the alarm bounds that. Needs the real /dev/kvm.
 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "accel/accel.h"
#include "accel/kick.h"
#include "accel/x86.h"

#define RAM_SIZE 0x10000

typedef struct Vm {
    AccelState *as;
    AccelCPU *cpu;
    uint8_t *ram;
} Vm;

enum { MASKED = 0, BLOCKED = 1, HANDLER = 2 };

static void choose_way(int flags)
{
    g_autoptr(GError) err = NULL;

    if ((flags & HANDLER) != 0) {
        accel_install_kick_handler(0, &err);
        g_assert_no_error(err);
    }
    g_assert_cmpint(accel_kick_signal() != 0, ==, (flags & HANDLER) != 0);
}

static bool vm_open(Vm *vm)
{
    static const uint8_t busy[] = { 0xeb, 0xfe };
    const AccelSpec spec = { .size = sizeof(spec), .cpus = 1 };
    int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    g_autoptr(GError) err = NULL;
    AccelX86Regs r;

    if (fd < 0) {
        g_test_skip("no usable /dev/kvm");
        return false;
    }
    close(fd);
    vm->ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(vm->ram + 0x1000, busy, sizeof(busy));
    vm->as = accel_open("kvm", &spec, &err);
    g_assert_no_error(err);
    g_assert_true(accel_map_ram(vm->as, 0, vm->ram, RAM_SIZE, 0, &err));
    vm->cpu = accel_create_vcpu(vm->as, 0, &err);
    g_assert_no_error(err);
    g_assert_true(accel_reset_vcpu(vm->cpu, true, &err));
    accel_get_regs(vm->cpu, &r, NULL);
    r.cs.base = r.cs.selector = 0;
    r.rip = 0x1000;
    g_assert_true(accel_set_regs(vm->cpu, &r, &err));
    alarm(60);
    return true;
}

static void vm_close(Vm *vm)
{
    alarm(0);
    accel_close(vm->as);
    munmap(vm->ram, RAM_SIZE);
}

static void set_blocked(bool blocked)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(blocked ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

static bool is_blocked(void)
{
    sigset_t set;

    pthread_sigmask(SIG_BLOCK, NULL, &set);
    return sigismember(&set, SIGUSR1);
}

typedef struct Kicker {
    AccelCPU *cpu;
    gint done;
} Kicker;

static gpointer kick_until_done(gpointer opaque)
{
    Kicker *k = opaque;

    while (!g_atomic_int_get(&k->done)) {
        g_usleep(500);
        accel_kick(k->cpu);
    }
    return NULL;
}

/* Three stays in a guest that never leaves: the kicks come from another thread. */
static void run_under_kicks(Vm *vm)
{
    Kicker k = { .cpu = vm->cpu };
    GThread *t = g_thread_new("kicker", kick_until_done, &k);
    g_autoptr(GError) err = NULL;

    for (int i = 0; i < 3; i++) {
        g_assert_cmpint(accel_run(vm->cpu, NULL, &err), ==, ACCEL_EXIT_KICK);
        g_assert_no_error(err);
    }
    g_atomic_int_set(&k.done, 1);
    g_thread_join(t);
}

/* A parent that blocks the signal hands that on through exec; kicks have to come through. */
static void test_mask(gconstpointer flags)
{
    const bool before = (GPOINTER_TO_INT(flags) & BLOCKED) != 0;
    Vm vm;

    choose_way(GPOINTER_TO_INT(flags));
    if (!vm_open(&vm)) {
        return;
    }
    set_blocked(before);
    run_under_kicks(&vm);
    accel_cpu_detach(vm.cpu);
    g_assert_cmpint(is_blocked(), ==, before);
    set_blocked(false);
    vm_close(&vm);
}

/* Between two threads a vCPU is nobody's, and a kick waits for the next. */
static void test_kick_while_detached(gconstpointer flags)
{
    g_autoptr(GError) err = NULL;
    Vm vm;

    choose_way(GPOINTER_TO_INT(flags));
    if (!vm_open(&vm)) {
        return;
    }
    g_assert_true(accel_cpu_attach(vm.cpu, &err));
    accel_kick(vm.cpu);
    accel_cpu_detach(vm.cpu);
    g_assert_cmpint(accel_run(vm.cpu, NULL, &err), ==, ACCEL_EXIT_KICK);
    accel_cpu_detach(vm.cpu);
    vm_close(&vm);
}

static void add(const char *path, int flags, GTestDataFunc fn)
{
    g_test_add_data_func(path, GINT_TO_POINTER(flags), fn);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("/kvm-kick/masked/open", MASKED, test_mask);
    add("/kvm-kick/masked/blocked", MASKED | BLOCKED, test_mask);
    add("/kvm-kick/masked/while-detached", MASKED, test_kick_while_detached);
    add("/kvm-kick/handler/open", HANDLER, test_mask);
    add("/kvm-kick/handler/blocked", HANDLER | BLOCKED, test_mask);
    add("/kvm-kick/handler/while-detached", HANDLER, test_kick_while_detached);
    return g_test_run();
}
