/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Deadly signals. While the main loop runs, SIGTERM, SIGINT and SIGHUP are blocked and let in only
 * where the main thread waits in ppoll(). So a handler never interrupts anything else, no pipe and
 * no signalfd is needed, and none can be missed between looking and sleeping.
 *
 * During the start, and in commands that open files (signals_window()), they are let in everywhere:
 * a fifo that nobody opens or a listener that does not accept may block for ever. The handler then
 * also starts a timer whose signal makes blocking calls fail with EINTR, again and again, because
 * the call may begin just after the signal.
 *
 * SIGUSR1 and SIGIO mean nothing to a user here, as in QEMU, which uses them inside: they are ignored
 * from the start. An accelerator that kicks its vCPUs with one of them gets its handler later.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <pthread.h>
#include <string.h>
#include <sys/time.h>
#include "system/vm.h"

enum { INTERRUPT_US = 20000 };

static volatile sig_atomic_t caught_signal;
static pid_t caught_pid; /* atomic: written by the handler, on whichever thread */
static sigset_t wait_mask, deadly_mask;
static pthread_t main_thread;

static void arm_timer(long us)
{
    const struct itimerval timer = { { 0, us }, { 0, us } };

    setitimer(ITIMER_REAL, &timer, NULL);
}

static void on_alarm(int sig)
{
    /* only its EINTR is wanted */
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
    int err = errno;

    if (info->si_code != SI_TKILL) { /* that is ours, from below */
        /* a code above 0: the kernel, e.g. Ctrl-C */
        __atomic_store_n(&caught_pid, info->si_code <= 0 ? info->si_pid : 0, __ATOMIC_RELAXED);
    }
    if (pthread_equal(pthread_self(), main_thread)) {
        caught_signal = sig;
        arm_timer(INTERRUPT_US);
    } else { /* a thread that was made during the start */
        pthread_kill(main_thread, sig);
    }
    errno = err;
}

void signals_setup(Vm *vm)
{
    static const int deadly[] = { SIGTERM, SIGINT, SIGHUP };
    struct sigaction sa = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
    struct sigaction alarm = { .sa_handler = on_alarm };
    sigset_t wake;

    main_thread = pthread_self();
    sigemptyset(&deadly_mask);
    for (guint i = 0; i < G_N_ELEMENTS(deadly); i++) {
        sigaddset(&deadly_mask, deadly[i]);
        sigaction(deadly[i], &sa, NULL);
    }
    sigaction(SIGALRM, &alarm, NULL);
    sigemptyset(&wake);
    sigaddset(&wake, SIGALRM);
    pthread_sigmask(SIG_UNBLOCK, &wake, NULL);
    signals_window(true);
    pthread_sigmask(SIG_BLOCK, NULL, &wait_mask);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGUSR1, SIG_IGN);
    signal(SIGIO, SIG_IGN);
}

void signals_window(bool open)
{
    pthread_sigmask(open ? SIG_UNBLOCK : SIG_BLOCK, &deadly_mask, NULL);
}

const void *signals_wait_mask(void)
{
    return &wait_mask;
}

static char *sender_name(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/cmdline", (int)pid);
    char *name = NULL;

    if (!g_file_get_contents(path, &name, NULL, NULL) || name[0] == '\0') {
        g_free(name);
        return g_strdup("<unknown process>");
    }
    return name;
}

bool signals_check(Vm *vm)
{
    int sig = caught_signal;
    pid_t pid;

    if (sig == 0) {
        return false;
    }
    arm_timer(0);
    caught_signal = 0;
    pid = __atomic_load_n(&caught_pid, __ATOMIC_RELAXED);
    if (pid == 0) {
        report_errorf("terminating on signal %d", sig);
    } else {
        g_autofree char *name = sender_name(pid);

        report_errorf("terminating on signal %d from pid %d (%s)", sig, (int)pid, name);
    }
    vm_request_shutdown(vm, SHUTDOWN_CAUSE_HOST_SIGNAL);
    return true;
}

int vm_wait_fd(Vm *vm, int fd, int events, int timeout_ms)
{
    struct pollfd pfd = { .fd = fd, .events = events };
    int64_t end = timeout_ms < 0 ? -1 : g_get_monotonic_time() + timeout_ms * 1000LL;

    for (;;) {
        int64_t left = end < 0 ? 0 : MAX(0, end - g_get_monotonic_time());
        struct timespec ts = { left / G_USEC_PER_SEC, left % G_USEC_PER_SEC * 1000 };
        int n = ppoll(&pfd, 1, end < 0 ? NULL : &ts, &wait_mask);

        signals_check(vm);
        if (vm_requests_pending(vm)) {
            return 0;
        }
        if (n > 0) {
            return pfd.revents;
        }
        if (n == 0 || errno != EINTR) {
            return 0;
        }
    }
}
