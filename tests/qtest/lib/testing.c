/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Starting and ending VMs the way a test does, and test cases that own a VM. A VM that does not
 * start fails its case and not the program, so that the other cases still run.
 */
#include "aq-private.h"

typedef struct {
    AqConfig config;
    AqTestFunc func;
    gconstpointer data;
} AqTest;

AqVM *aq_at_start_config(AQ_WHERE, const AqConfig *config)
{
    AqConfig copy = *config;
    GError *error = NULL;
    AqVM *vm;

    copy.flags |= AQ_VM_KILL_ON_ABORT;
    vm = aq_vm_start(&copy, &error);
    if (!vm) {
        aq_assert_failed(file, line, func, "start", error);
    }
    return vm;
}

AqVM *aq_at_start(AQ_WHERE, const char *fmt, ...)
{
    AqConfig config = { .size = sizeof(config) };
    g_autofree char *args = NULL;
    va_list ap;

    va_start(ap, fmt);
    args = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    config.args = args;
    return aq_at_start_config(file, line, func, &config);
}

void aq_at_quit(AQ_WHERE, AqVM *vm)
{
    GError *error = NULL;

    aq_vm_quit(vm, &error);
    aq_vm_free(vm);
    if (error) {
        aq_assert_failed(file, line, func, "quit", error);
    }
}

static void fail_case(const char *what, GError *error)
{
    g_test_message("%s: %s", what, error->message);
    g_test_fail();
    g_error_free(error);
}

static void run_case(gconstpointer user_data)
{
    const AqTest *test = user_data;
    GError *error = NULL;
    AqVM *vm;

    if (!test->config.binary && !aq_default_binary()) {
        g_test_skip("neither QTEST_QEMU_BINARY nor ACCELVM_BINARY is set");
        return;
    }
    vm = aq_vm_start(&test->config, &error);
    if (!vm) {
        fail_case("start", error);
        return;
    }
    test->func(vm, test->data);
    if (!aq_vm_quit(vm, &error)) {
        fail_case("quit", error);
    }
    aq_vm_free(vm);
}

static void free_case(gpointer user_data)
{
    AqTest *test = user_data;

    g_free((char *)(uintptr_t)test->config.binary);
    g_free((char *)(uintptr_t)test->config.args);
    g_free((char *)(uintptr_t)test->config.accel);
    g_free((int *)(uintptr_t)test->config.pass_fds);
    g_strfreev((char **)(uintptr_t)test->config.argv);
    g_free(test);
}

static void copy_config(AqConfig *to, const AqConfig *from)
{
    *to = *from;
    to->flags |= AQ_VM_KILL_ON_ABORT;
    to->binary = g_strdup(from->binary);
    to->args = g_strdup(from->args);
    to->accel = g_strdup(from->accel);
    to->argv = (const char *const *)g_strdupv((char **)(uintptr_t)from->argv);
    to->pass_fds = g_memdup2(from->pass_fds, from->n_pass_fds * sizeof(int));
}

void aq_test_add(const char *path, const AqConfig *config, AqTestFunc func, gconstpointer data)
{
    AqTest *test = g_new0(AqTest, 1);

    copy_config(&test->config, config);
    test->func = func;
    test->data = data;
    g_test_add_data_func_full(path, test, run_case, free_case);
}
