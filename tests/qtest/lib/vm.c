/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The life of a VM object: sockets, command line, spawn, accept, handshake; each step undoes itself
 * through aq_vm_free(), which copes with any half-built VM.
 */
#include "aq-private.h"

#include <string.h>

AqVM *aq_vm_alloc(void)
{
    AqVM *vm = g_new0(AqVM, 1);

    aq_proc_init(&vm->proc);
    aq_stream_init(&vm->qtest, "qtest");
    aq_stream_init(&vm->qmp, "QMP");
    vm->qtest_listen = vm->qmp_listen = -1;
    vm->timeout_ms = AQ_DEFAULT_TIMEOUT_MS;
    vm->quit_timeout_ms = AQ_DEFAULT_QUIT_MS;
    g_queue_init(&vm->events);
    return vm;
}

static AqVM *vm_new(const AqConfig *config)
{
    AqVM *vm = aq_vm_alloc();

    vm->flags = config->flags;
    aq_vm_set_timeout(vm, config->timeout_ms);
    if (config->quit_timeout_ms) {
        vm->quit_timeout_ms = config->quit_timeout_ms;
    }
    vm->expected_status = config->expected_status;
    return vm;
}

static gboolean handshake(AqVM *vm, GError **error)
{
    if (vm->qtest.fd >= 0 && !aq_qtest_handshake(vm, error)) {
        return FALSE;
    }
    if (vm->qmp.fd >= 0 && !(vm->flags & AQ_VM_NO_HANDSHAKE)) {
        return aq_qmp_handshake(vm, error);
    }
    return TRUE;
}

gboolean aq_vm_connect(AqVM *vm, GError **error)
{
    if (vm->qtest_listen < 0) {
        return aq_fail(error, AQ_ERROR_USAGE, "this VM does not wait for a connection");
    }
    return aq_accept_all(vm, error) && handshake(vm, error);
}

static gboolean launch(AqVM *vm, const AqConfig *config, GError **error)
{
    g_auto(GStrv) argv = NULL;

    if (!aq_listen(vm, error)) {
        return FALSE;
    }
    argv = aq_cmdline(vm, config, error);
    if (!argv) {
        return FALSE;
    }
    if (vm->flags & AQ_VM_KILL_ON_ABORT) {
        aq_abort_guard(vm);
    }
    return aq_proc_spawn(&vm->proc, argv, config, error);
}

AqVM *aq_vm_start(const AqConfig *config, GError **error)
{
    AqVM *vm;
    gboolean ok;

    if (!config || config->size != sizeof(*config)) {
        aq_fail(error, AQ_ERROR_USAGE, "AqConfig.size is not that of this library");
        return NULL;
    }
    vm = vm_new(config);
    ok = launch(vm, config, error);
    if (ok && !(vm->flags & AQ_VM_DEFER_CONNECT)) {
        ok = aq_vm_connect(vm, error);
    }
    if (!ok) {
        g_clear_pointer(&vm, aq_vm_free);
    }
    return vm;
}

AqVM *aq_vm_attach(int qtest_fd, int qmp_fd, unsigned flags, unsigned timeout_ms, GError **error)
{
    AqVM *vm = aq_vm_alloc();

    vm->flags = flags;
    aq_vm_set_timeout(vm, timeout_ms);
    if (qtest_fd >= 0) {
        aq_stream_open(&vm->qtest, qtest_fd);
    }
    if (qmp_fd >= 0) {
        aq_stream_open(&vm->qmp, qmp_fd);
    }
    if (!handshake(vm, error)) {
        vm->qtest.fd = vm->qmp.fd = -1;   /* still the caller's */
        g_clear_pointer(&vm, aq_vm_free);
    }
    return vm;
}

void aq_vm_free(AqVM *vm)
{
    if (!vm) {
        return;
    }
    aq_proc_clear(&vm->proc);
    aq_abort_unguard(vm);
    aq_listen_close(vm);
    aq_stream_close(&vm->qtest);
    aq_stream_close(&vm->qmp);
    aq_events_clear(vm);
    json_decref(vm->greeting);
    g_free(vm);
}

void aq_vm_set_timeout(AqVM *vm, unsigned timeout_ms)
{
    vm->timeout_ms = timeout_ms ? timeout_ms : AQ_DEFAULT_TIMEOUT_MS;
}

gboolean aq_vm_is_big_endian(const AqVM *vm)
{
    return vm->big_endian;
}

json_t *aq_vm_greeting(const AqVM *vm)
{
    return vm->greeting;
}

char *aq_vm_dup_stderr(const AqVM *vm)
{
    return aq_proc_output(vm->proc.err_fd);
}

char *aq_vm_dup_stdout(const AqVM *vm)
{
    return aq_proc_output(vm->proc.out_fd);
}
