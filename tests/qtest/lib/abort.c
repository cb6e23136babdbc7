/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The only global state of the library: what to do when this process aborts or exits. A failed
 * GLib assertion ends in abort(), so without this every failing test would leave a VM behind (the
 * parent-death signal comes later, and not at all to a VM that changed its credentials).
 *
 * A fixed table, because the handler may run at any instruction: a slot is claimed by its function
 * pointer and published last, so the handler never sees half an entry and takes no lock. The
 * previous SIGABRT action is put back before abort() raises the signal for good.
 */
#include "aq-private.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_HOOKS 1024

typedef void (*AqHookFunc)(void *data);

typedef struct {
    AqHookFunc func;
    void *data;
} AqHook;

static AqHook hooks[MAX_HOOKS];
static GMutex hooks_lock;          /* for add and remove only */
static struct sigaction old_action;
static pid_t hooks_owner;          /* a forked child must not run its parent's hooks */

static void run_hooks(void)
{
    int i;

    if (hooks_owner != getpid()) {
        return;
    }
    for (i = 0; i < MAX_HOOKS; i++) {
        AqHookFunc func = __atomic_load_n(&hooks[i].func, __ATOMIC_ACQUIRE);
        if (func) {
            func(hooks[i].data);
        }
    }
}

static void on_abort(int sig)
{
    sigaction(SIGABRT, &old_action, NULL);
    run_hooks();
    raise(sig);
}

static void install_once(void)
{
    struct sigaction action = { .sa_handler = on_abort };

    if (!hooks_owner) {
        sigemptyset(&action.sa_mask);
        sigaction(SIGABRT, &action, &old_action);
        atexit(run_hooks);
    } else if (hooks_owner != getpid()) {
        memset(hooks, 0, sizeof(hooks));   /* after a fork: those are our parent's */
    }
    hooks_owner = getpid();
}

gboolean aq_abort_hook_add(void (*func)(void *data), void *data)
{
    gboolean added = FALSE;
    int i;

    g_mutex_lock(&hooks_lock);
    install_once();
    for (i = 0; i < MAX_HOOKS && !added; i++) {
        if (!hooks[i].func) {
            hooks[i].data = data;
            __atomic_store_n(&hooks[i].func, func, __ATOMIC_RELEASE);
            added = TRUE;
        }
    }
    g_mutex_unlock(&hooks_lock);
    return added;
}

void aq_abort_hook_remove(void (*func)(void *data), void *data)
{
    int i;

    g_mutex_lock(&hooks_lock);
    for (i = 0; i < MAX_HOOKS; i++) {
        if (hooks[i].func == func && hooks[i].data == data) {
            __atomic_store_n(&hooks[i].func, NULL, __ATOMIC_RELEASE);
            break;
        }
    }
    g_mutex_unlock(&hooks_lock);
}

/* What the VM said, for the log of the failed test; async-signal-safe. */
static void spill_stderr(int fd)
{
    char buf[4096];
    off_t at = 0;
    ssize_t n;

    while (fd >= 0 && (n = pread(fd, buf, sizeof(buf), at)) > 0) {
        at += n;
        if (write(STDERR_FILENO, buf, (size_t)n) < 0) {
            break;
        }
    }
}

/* Kill without reaping: the zombie is gone with this process, a moment from now. */
static void kill_vm(void *data)
{
    AqVM *vm = data;

    spill_stderr(vm->proc.err_fd);
    if (vm->proc.pid > 0) {
        kill(vm->proc.pid, SIGKILL);
    }
    if (vm->dir && vm->qtest_path && vm->qmp_path) {
        unlink(vm->qtest_path);
        unlink(vm->qmp_path);
        rmdir(vm->dir);
    }
}

void aq_abort_guard(AqVM *vm)
{
    aq_abort_hook_add(kill_vm, vm);
}

void aq_abort_unguard(AqVM *vm)
{
    aq_abort_hook_remove(kill_vm, vm);
}
