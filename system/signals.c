/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Deadly signals. SIGTERM, SIGINT and SIGHUP are blocked in every thread and let in only while the
 * main thread waits in ppoll(). So a handler never interrupts anything else, no pipe and no
 * signalfd is needed, and none can be missed between looking and sleeping.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include "system/vm.h"

static volatile sig_atomic_t caught_signal;
static volatile pid_t caught_pid;
static sigset_t wait_mask;

static void on_signal(int sig, siginfo_t *info, void *context)
{
    caught_signal = sig;
    caught_pid = info->si_code <= 0 ? info->si_pid : 0; /* > 0: the kernel, e.g. Ctrl-C */
}

void signals_setup(Vm *vm)
{
    static const int deadly[] = { SIGTERM, SIGINT, SIGHUP };
    struct sigaction sa = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
    sigset_t block;

    sigemptyset(&block);
    for (guint i = 0; i < G_N_ELEMENTS(deadly); i++) {
        sigaddset(&block, deadly[i]);
    }
    pthread_sigmask(SIG_BLOCK, &block, &wait_mask);
    for (guint i = 0; i < G_N_ELEMENTS(deadly); i++) {
        sigaction(deadly[i], &sa, NULL);
        sigdelset(&wait_mask, deadly[i]);
    }
    signal(SIGPIPE, SIG_IGN);
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

void signals_check(Vm *vm)
{
    int sig = caught_signal;

    if (sig == 0) {
        return;
    }
    caught_signal = 0;
    if (caught_pid == 0) {
        report_errorf("terminating on signal %d", sig);
    } else {
        g_autofree char *name = sender_name(caught_pid);

        report_errorf("terminating on signal %d from pid %d (%s)", sig, (int)caught_pid, name);
    }
    vm_request_shutdown(vm, SHUTDOWN_CAUSE_HOST_SIGNAL);
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
