/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The main loop: a GMainContext whose poll function lets go of the machine lock while it sleeps,
 * opens the window for signals, and never sleeps past the next timer of the machine. Everything
 * else on the main thread happens under the lock.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "system/term.h"
#include "system/vm.h"

static Vm *the_vm; /* GPollFunc has no opaque */

void vm_wake(Vm *vm)
{
    if (vm->context != NULL) {
        g_main_context_wakeup(vm->context);
    }
}

static void wake_for_timer(void *opaque)
{
    vm_wake(opaque);
}

/* What is left until the sooner of @timeout_ms from now and the machine's next timer. */
static struct timespec *sleep_time(Vm *vm, int timeout_ms, struct timespec *ts)
{
    int64_t timer = hw_timers_next(vm->ms), ns = -1;

    if (timeout_ms >= 0) {
        ns = timeout_ms * 1000000LL;
    }
    if (timer >= 0) {
        int64_t left = MAX(0, timer - g_get_monotonic_time() * 1000);

        ns = ns < 0 ? left : MIN(ns, left);
    }
    if (ns < 0) {
        return NULL;
    }
    *ts = (struct timespec){ ns / HW_NS_PER_SEC, ns % HW_NS_PER_SEC };
    return ts;
}

static gint poll_unlocked(GPollFD *fds, guint n, gint timeout_ms)
{
    struct timespec ts, *sleep = sleep_time(the_vm, timeout_ms, &ts);
    int ret, err;

    hw_machine_unlock(the_vm->ms);
    ret = ppoll((struct pollfd *)(void *)fds, n, sleep, signals_wait_mask());
    err = errno;
    hw_machine_lock(the_vm->ms);
    errno = err;
    return ret;
}

G_STATIC_ASSERT(sizeof(GPollFD) == sizeof(struct pollfd));

void vm_unlink_files(Vm *vm)
{
    for (guint i = 0; vm->exit_files != NULL && i < vm->exit_files->len; i++) {
        unlink(g_ptr_array_index(vm->exit_files, i));
    }
}

void vm_unlink_at_exit(Vm *vm, const char *path)
{
    if (vm->exit_files == NULL) {
        vm->exit_files = g_ptr_array_new_with_free_func(g_free);
    }
    g_ptr_array_add(vm->exit_files, g_canonicalize_filename(path, NULL));
}

void vm_leave(Vm *vm, int status)
{
    term_restore();
    vm_unlink_files(vm);
    fflush(NULL);
    _exit(status);
}

void vm_prepare_loop(Vm *vm)
{
    the_vm = vm;
    vm->context = g_main_context_default();
    g_main_context_set_poll_func(vm->context, poll_unlocked);
    hw_timers_set_notify(vm->ms, wake_for_timer, vm);
}

int vm_main_loop(Vm *vm)
{
    signals_window(false);
    hw_machine_lock(vm->ms);
    for (;;) {
        signals_check(vm);
        if (!vm_requests_run(vm)) {
            break;
        }
        g_main_context_iteration(vm->context, TRUE);
        hw_timers_run(vm->ms);
    }
    hw_machine_unlock(vm->ms);
    return vm->exit_status;
}
