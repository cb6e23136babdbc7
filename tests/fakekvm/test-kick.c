/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Kicks: how KVM_RUN ends without an exit. No test waits for a time to pass; a kicker sends until
 * the vCPU has noticed.
 */
#include <pthread.h>
#include <sys/syscall.h>
#include "test.h"

static volatile sig_atomic_t handled;
static pthread_t vcpu_thread;
static volatile int stop;

static void on_signal(int signo)
{
    handled++;
}

static void catch_signal(int signo, int flags)
{
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = flags };

    sigaction(signo, &action, NULL);
}

static void *kick_until_stopped(void *arg)
{
    while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST)) {
        pthread_kill(vcpu_thread, GPOINTER_TO_INT(arg));
        g_usleep(500);
    }
    return NULL;
}

static void start_kicker(pthread_t *kicker, int signo)
{
    vcpu_thread = pthread_self();
    pthread_create(kicker, NULL, kick_until_stopped, GINT_TO_POINTER(signo));
}

static void stop_kicker(pthread_t kicker)
{
    __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
    pthread_join(kicker, NULL);
}

/* A handler with SA_RESTART does not restart KVM_RUN. */
static void test_handler(void)
{
    Machine m = machine_new();
    pthread_t kicker;

    catch_signal(SIGUSR1, SA_RESTART);
    start_kicker(&kicker, SIGUSR1);
    assert_fails(ioctl(m.vcpu, KVM_RUN, 0), EINTR);     /* script: wait */
    g_assert_cmpint(handled, >, 0);
    g_assert_cmpuint(m.run->exit_reason, ==, KVM_EXIT_INTR);
    stop_kicker(kicker);
    g_assert_cmpint(ioctl(m.vcpu, KVM_RUN, 0), ==, 0);
    g_assert_cmpuint(m.run->exit_reason, ==, KVM_EXIT_HLT);
}

/* After its script a vCPU waits, and again, and again. */
static void test_after_end(void)
{
    Machine m = machine_new();
    pthread_t kicker;

    catch_signal(SIGUSR1, 0);
    start_kicker(&kicker, SIGUSR1);
    for (int i = 0; i < 3; i++) {
        assert_fails(ioctl(m.vcpu, KVM_RUN, 0), EINTR);
    }
    stop_kicker(kicker);
}

static void test_immediate_exit(void)
{
    Machine m = machine_new();

    m.run->immediate_exit = 1;
    assert_fails(ioctl(m.vcpu, KVM_RUN, 0), EINTR);
    assert_fails(ioctl(m.vcpu, KVM_RUN, 0), EINTR);
    m.run->immediate_exit = 0;
    g_assert_cmpint(ioctl(m.vcpu, KVM_RUN, 0), ==, 0);
    *((char *)m.run + m.run->io.data_offset) = 0x42;
    m.run->immediate_exit = 1;      /* the answer is taken over before the kick is honoured */
    assert_fails(ioctl(m.vcpu, KVM_RUN, 0), EINTR);
    m.run->immediate_exit = 0;
    *((char *)m.run + m.run->io.data_offset) = 0x43;
    g_assert_cmpint(ioctl(m.vcpu, KVM_RUN, 0), ==, 0);
}

static void set_vcpu_mask(int vcpu, const sigset_t *set)
{
    struct {
        struct kvm_signal_mask head;
        guint64 bits;
    } mask = { .head.len = 8 };

    memcpy(&mask.bits, set, 8);
    /* The structure ends in a flexible array right behind its length. */
    memcpy(mask.head.sigset, set, 8);
    g_assert_cmpint(ioctl(vcpu, KVM_SET_SIGNAL_MASK, &mask), ==, 0);
}

/* QEMU's old way: blocked in the thread, let through by the vCPU's mask, fetched afterwards. */
static void test_signal_mask(void)
{
    Machine m = machine_new();
    struct timespec none = { 0, 0 };
    sigset_t blocked, in_guest;

    catch_signal(SIGUSR1, 0);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &blocked, NULL);
    sigfillset(&in_guest);
    sigdelset(&in_guest, SIGUSR1);
    set_vcpu_mask(m.vcpu, &in_guest);
    pthread_kill(pthread_self(), SIGUSR1);
    assert_fails(ioctl(m.vcpu, KVM_RUN, 0), EINTR);     /* pending: the guest does not even start */
    assert_fails(ioctl(m.vcpu, KVM_RUN, 0), EINTR);
    g_assert_cmpint(handled, ==, 0);
    g_assert_cmpint(sigtimedwait(&blocked, NULL, &none), ==, SIGUSR1);
    g_assert_cmpint(ioctl(m.vcpu, KVM_RUN, 0), ==, 0);
    /* Now from another thread while the vCPU waits. */
    pthread_t kicker;
    start_kicker(&kicker, SIGUSR1);
    assert_fails(ioctl(m.vcpu, KVM_RUN, 0), EINTR);
    stop_kicker(kicker);
    g_assert_cmpint(handled, ==, 0);
    g_assert_cmpint(sigtimedwait(&blocked, NULL, &none), ==, SIGUSR1);
    assert_fails(ioctl(m.vcpu, KVM_SET_SIGNAL_MASK, &(struct kvm_signal_mask){ .len = 4 }), EINVAL);
}

static void *send_interrupts(void *arg)
{
    struct kvm_msi msi = { .address_lo = 0xfee00000 };

    while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST)) {
        ioctl(GPOINTER_TO_INT(arg), KVM_SIGNAL_MSI, &msi);
        g_usleep(500);
    }
    return NULL;
}

/* With the local APIC in the kernel HLT is no exit; an interrupt wakes the vCPU. */
static void test_halt_in_kernel(void)
{
    int kvm = open("/dev/kvm", O_RDWR), vm = ioctl(kvm, KVM_CREATE_VM, 0), vcpu;
    struct kvm_run *run;
    pthread_t sender;

    g_assert_cmpint(ioctl(vm, KVM_CREATE_IRQCHIP, 0), ==, 0);
    vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
    run = mmap(NULL, 12288, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
    pthread_create(&sender, NULL, send_interrupts, GINT_TO_POINTER(vm));
    g_assert_cmpint(ioctl(vcpu, KVM_RUN, 0), ==, 0);
    g_assert_cmpuint(run->exit_reason, ==, KVM_EXIT_SHUTDOWN);
    stop_kicker(sender);
}

/* An application processor waits for its start-up interrupt unless it has a script. */
static void test_second_cpu(void)
{
    int kvm = open("/dev/kvm", O_RDWR), vm = ioctl(kvm, KVM_CREATE_VM, 0), one, two;
    struct kvm_mp_state state;
    pthread_t kicker;

    g_assert_cmpint(ioctl(vm, KVM_CREATE_IRQCHIP, 0), ==, 0);
    g_assert_cmpint(ioctl(vm, KVM_CREATE_VCPU, 0), >=, 0);
    one = ioctl(vm, KVM_CREATE_VCPU, 1);
    two = ioctl(vm, KVM_CREATE_VCPU, 2);
    g_assert_cmpint(ioctl(one, KVM_GET_MP_STATE, &state), ==, 0);
    g_assert_cmpuint(state.mp_state, ==, KVM_MP_STATE_UNINITIALIZED);
    catch_signal(SIGUSR1, 0);
    start_kicker(&kicker, SIGUSR1);
    assert_fails(ioctl(one, KVM_RUN, 0), EINTR);
    stop_kicker(kicker);
    g_assert_cmpint(ioctl(two, KVM_RUN, 0), ==, 0);
}

/* Waits until the thread sleeps in sigtimedwait, which is where KVM_RUN waits. */
static void until_asleep(pid_t thread)
{
    g_autofree char *path = g_strdup_printf("/proc/self/task/%d/syscall", (int)thread);
    g_autofree char *waiting = g_strdup_printf("%d ", SYS_rt_sigtimedwait);

    for (int i = 0; i < 10000; i++) {
        g_autofree char *now = NULL;
        if (g_file_get_contents(path, &now, NULL, NULL) && g_str_has_prefix(now, waiting)) {
            return;
        }
        g_usleep(1000);
    }
    g_assert_not_reached();
}

static void *kick_once(void *arg)
{
    until_asleep(GPOINTER_TO_INT(arg));
    pthread_kill(vcpu_thread, SIGUSR1);
    return NULL;
}

/* One signal, sent while the vCPU waits: its handler runs once, or it stays pending once. */
static void test_not_consumed(void)
{
    Machine m = machine_new();
    struct timespec none = { 0, 0 };
    sigset_t set, in_guest;
    pthread_t kicker;

    catch_signal(SIGUSR1, 0);
    vcpu_thread = pthread_self();
    pthread_create(&kicker, NULL, kick_once, GINT_TO_POINTER(gettid()));
    assert_fails(ioctl(m.vcpu, KVM_RUN, 0), EINTR);
    pthread_join(kicker, NULL);
    g_assert_cmpint(handled, ==, 1);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    sigfillset(&in_guest);
    sigdelset(&in_guest, SIGUSR1);
    set_vcpu_mask(m.vcpu, &in_guest);
    pthread_create(&kicker, NULL, kick_once, GINT_TO_POINTER(gettid()));
    assert_fails(ioctl(m.vcpu, KVM_RUN, 0), EINTR);
    pthread_join(kicker, NULL);
    g_assert_cmpint(handled, ==, 1);
    g_assert_cmpint(sigtimedwait(&set, NULL, &none), ==, SIGUSR1);
    g_assert_cmpint(sigtimedwait(&set, NULL, &none), ==, -1);
}

static void *ignored_then_kick(void *arg)
{
    until_asleep(GPOINTER_TO_INT(arg));
    pthread_kill(vcpu_thread, SIGCHLD);
    return kick_once(arg);
}

/* A signal that is ignored ends nothing: only the second one counts. */
static void test_ignored(void)
{
    Machine m = machine_new();
    pthread_t kicker;

    catch_signal(SIGUSR1, 0);
    vcpu_thread = pthread_self();
    pthread_create(&kicker, NULL, ignored_then_kick, GINT_TO_POINTER(gettid()));
    assert_fails(ioctl(m.vcpu, KVM_RUN, 0), EINTR);
    g_assert_cmpint(handled, ==, 1);
    pthread_join(kicker, NULL);
}

static const FakeTest tests[] = {
    { "/kick/not-consumed", test_not_consumed },
    { "/kick/ignored", test_ignored },
    { "/kick/handler", test_handler, "vcpu 0; wait; hlt; end" },
    { "/kick/after-end", test_after_end },
    { "/kick/immediate-exit", test_immediate_exit, "vcpu 0; in port=1 expect=42; hlt; end" },
    { "/kick/signal-mask", test_signal_mask, "vcpu 0; hlt; end" },
    { "/kick/halt-in-kernel", test_halt_in_kernel, "vcpu 0; hlt; shutdown; end" },
    { "/kick/second-cpu", test_second_cpu, "vcpu 2; shutdown; end" },
};

void add_kick_tests(void)
{
    fake_tests_add(tests, G_N_ELEMENTS(tests));
}
