/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The end of a VM. A polite VM leaves with the expected status soon after SIGTERM. One that does
 * not is killed, and that shows up as an unexpected status: death by signal 9.
 */
#include "aq-private.h"

#include <signal.h>
#include <sys/wait.h>

pid_t aq_vm_pid(const AqVM *vm)
{
    return vm->proc.pid;
}

gboolean aq_vm_is_running(AqVM *vm)
{
    return !aq_proc_reap(&vm->proc);
}

int aq_vm_status(const AqVM *vm)
{
    return vm->proc.status;
}

void aq_vm_set_expected_status(AqVM *vm, int status)
{
    vm->expected_status = status;
}

static gboolean check_status(AqVM *vm, const char *prefix, GError **error)
{
    int status = vm->proc.status;
    g_autofree char *text = NULL;

    if (status == -1 || (WIFEXITED(status) && WEXITSTATUS(status) == vm->expected_status)) {
        return TRUE;   /* -1: never had a process */
    }
    text = aq_proc_describe(&vm->proc);
    return aq_fail(error, AQ_ERROR_EXIT, "%sexpected exit status %d, but %s", prefix,
                   vm->expected_status, text);
}

gboolean aq_vm_wait(AqVM *vm, unsigned timeout_ms, GError **error)
{
    if (!aq_proc_wait(&vm->proc, aq_deadline(timeout_ms))) {
        return aq_fail(error, AQ_ERROR_TIMEOUT, "%s still runs after %u ms", vm->proc.name,
                       timeout_ms);
    }
    return check_status(vm, "", error);
}

gboolean aq_vm_quit(AqVM *vm, GError **error)
{
    g_autofree char *prefix = g_strdup("");

    if (!aq_proc_reap(&vm->proc)) {
        aq_proc_signal(&vm->proc, SIGTERM);
        if (!aq_proc_wait(&vm->proc, aq_deadline(vm->quit_timeout_ms))) {
            g_free(prefix);
            prefix = g_strdup_printf("ignored SIGTERM for %u ms: ", vm->quit_timeout_ms);
            aq_proc_signal(&vm->proc, SIGKILL);
            aq_proc_wait(&vm->proc, G_MAXINT64);
        }
    }
    aq_abort_unguard(vm);
    aq_listen_close(vm);
    return check_status(vm, prefix, error);
}
