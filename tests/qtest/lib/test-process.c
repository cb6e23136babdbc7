/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Start, death and end of the child, with a stand-in for the VM binary. After each case there must
 * be no child (living or zombie) and nothing left in the directory for sockets, however it went.
 * Run as "test-process --victim KIND" it starts a VM and then aborts, exits or is killed.
 */
#include "accelvm-qtest.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <glib/gstdio.h>

static char *fake, *self;

static AqConfig config_for(const char *args)
{
    return (AqConfig){ .size = sizeof(AqConfig), .binary = fake, .args = args };
}

static AqVM *start(const char *args)
{
    AqConfig config = config_for(args);
    GError *error = NULL;
    AqVM *vm = aq_vm_start(&config, &error);

    g_assert_no_error(error);
    return vm;
}

/* No child and no file is left. */
static void assert_clean(void)
{
    GDir *dir = g_dir_open(g_get_tmp_dir(), 0, NULL);

    g_assert_cmpint(waitpid(-1, NULL, WNOHANG), ==, -1);
    g_assert_cmpint(errno, ==, ECHILD);
    g_assert_cmpstr(g_dir_read_name(dir), ==, NULL);
    g_dir_close(dir);
}

static void test_life(void)
{
    AqVM *vm = start("");

    g_assert_cmpint(aq_vm_pid(vm), >, 0);
    g_assert_true(aq_vm_is_running(vm));
    g_assert_cmpint(aq_vm_status(vm), ==, -1);
    g_assert_nonnull(json_object_get(aq_vm_greeting(vm), "QMP"));
    json_decref(aq_qmp_ok(vm, "{'execute': 'anything'}"));
    g_assert_true(aq_vm_quit(vm, NULL));
    g_assert_cmpint(aq_vm_status(vm), ==, 0);
    g_assert_false(aq_vm_is_running(vm));
    g_assert_true(aq_vm_quit(vm, NULL));   /* again: the same answer */
    aq_vm_free(vm);
    assert_clean();
}

static void test_command_line(void)
{
    const char *const more[] = { "-name", "two  words 'as is'", NULL };
    AqConfig config = config_for("-fake args -a 'b  c' \"d\\\"e\" f\\ g");
    g_autoptr(AqVM) vm = NULL;
    g_autofree char *out = NULL;
    const char *p;

    config.argv = more;
    config.accel = "tcg";
    vm = aq_vm_start(&config, NULL);
    out = aq_vm_dup_stdout(vm);
    g_assert_true(g_str_has_prefix(out, "[-qtest][unix:/"));
    p = strstr(out, "/qtest.sock]");
    g_assert_true(p && g_str_has_prefix(p, "/qtest.sock][-qtest-log][/dev/null]"
                                        "[-chardev][socket,path=/"));
    g_assert_true(g_str_has_suffix(p, "/qmp.sock,id=char0][-mon][chardev=char0,mode=control]"
                                   "[-display][none][-fake][args][-a][b  c][d\"e][f g][-name]"
                                   "[two  words 'as is'][-accel][tcg]"));
}

/* The ways in which a start fails, and what the error has to say. */
typedef struct {
    const char *name, *args;
    AqError code;
    const char *says;
} BadStart;

static const BadStart bad_starts[] = {
    { "dies", "-fake die", AQ_ERROR_DIED, "ended with exit status 3; its stderr:\nfakevm: no" },
    { "half", "-fake half", AQ_ERROR_DIED, "ended with exit status 4; its stderr:\nfakevm: half" },
    { "crashes", "-fake crash", AQ_ERROR_DIED, "killed by signal 9" },
    { "silent", "-fake silent", AQ_ERROR_TIMEOUT, "connect to the qtest socket" },
    { "quoting", "-a 'open", AQ_ERROR_USAGE, "-a 'open" },
};

static void test_bad_start(gconstpointer data)
{
    const BadStart *bad = data;
    AqConfig config = config_for(bad->args);
    g_autoptr(GError) error = NULL;

    config.timeout_ms = bad->code == AQ_ERROR_TIMEOUT ? 100 : 0;
    g_assert_null(aq_vm_start(&config, &error));
    g_assert_error(error, AQ_ERROR, (gint)bad->code);
    g_assert_nonnull(strstr(error->message, bad->says));
    assert_clean();
}

static void test_no_binary(void)
{
    AqConfig config = config_for("");
    g_autoptr(GError) none = NULL;
    g_autoptr(GError) missing = NULL;

    config.binary = "/nonexistent/vm";
    g_assert_null(aq_vm_start(&config, &missing));
    g_assert_error(missing, AQ_ERROR, AQ_ERROR_START);
    g_assert_nonnull(strstr(missing->message, "cannot run /nonexistent/vm: No such file"));
    config.binary = NULL;
    g_assert_null(aq_vm_start(&config, &none));
    g_assert_error(none, AQ_ERROR, AQ_ERROR_USAGE);
    config.size = 1;
    g_assert_null(aq_vm_start(&config, NULL));
    assert_clean();
}

static void test_environment(void)
{
    AqConfig config = config_for("");
    AqVM *vm;

    config.binary = NULL;
    g_setenv("ACCELVM_BINARY", "/nonexistent/vm", TRUE);
    g_assert_cmpstr(aq_default_binary(), ==, "/nonexistent/vm");
    g_setenv("QTEST_QEMU_BINARY", fake, TRUE);
    vm = aq_vm_start(&config, NULL);
    g_assert_nonnull(vm);
    g_assert_true(aq_vm_quit(vm, NULL));
    aq_vm_free(vm);
    g_unsetenv("QTEST_QEMU_BINARY");
    g_unsetenv("ACCELVM_BINARY");
}

static void test_long_path(void)
{
    g_autofree char *name = g_strnfill(120, 'd');
    g_autofree char *dir = g_build_filename(g_get_tmp_dir(), name, NULL);
    const char *argv[] = { self, "--victim", "long-path", NULL };
    g_auto(GStrv) env = g_get_environ();
    int status = -1;

    g_assert_cmpint(g_mkdir(dir, 0700), ==, 0);
    env = g_environ_setenv(env, "TMPDIR", dir, TRUE);
    g_assert_true(g_spawn_sync(NULL, (char **)(uintptr_t)argv, env, G_SPAWN_DEFAULT, NULL, NULL,
                               NULL, NULL, &status, NULL));
    g_assert_cmpint(WEXITSTATUS(status), ==, 0);
    g_assert_cmpint(g_rmdir(dir), ==, 0);   /* fails when something was left in it */
}

static void test_dies_later(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) exit_error = NULL;
    AqVM *vm = start("");
    uint32_t value;

    g_assert_true(aq_try_command(vm, NULL, NULL, "die"));   /* its last reply still counts */
    g_assert_false(aq_try_in(vm, 1, 0, &value, &error));
    g_assert_error(error, AQ_ERROR, AQ_ERROR_DIED);
    g_assert_nonnull(strstr(error->message, "exit status 5; its stderr:\ntold to die"));
    g_assert_cmpint(WEXITSTATUS(aq_vm_status(vm)), ==, 5);
    g_assert_false(aq_vm_quit(vm, &exit_error));
    g_assert_error(exit_error, AQ_ERROR, AQ_ERROR_EXIT);
    aq_vm_free(vm);
    assert_clean();
}

static void test_wait(void)
{
    g_autoptr(GError) error = NULL;
    AqVM *vm = start("");

    g_assert_false(aq_vm_wait(vm, 1, &error));
    g_assert_error(error, AQ_ERROR, AQ_ERROR_TIMEOUT);
    aq_vm_set_expected_status(vm, 5);
    g_assert_true(aq_try_command(vm, NULL, NULL, "die"));
    g_assert_true(aq_vm_wait(vm, 20000, NULL));
    aq_vm_free(vm);
    assert_clean();
}

static void test_status(void)
{
    AqConfig config = config_for("-fake status");
    g_autoptr(GError) error = NULL;
    AqVM *vm;

    config.expected_status = 7;
    vm = aq_vm_start(&config, NULL);
    g_assert_true(aq_vm_quit(vm, NULL));
    aq_vm_free(vm);
    vm = start("-fake status");
    g_assert_false(aq_vm_quit(vm, &error));
    g_assert_error(error, AQ_ERROR, AQ_ERROR_EXIT);
    aq_vm_free(vm);
}

static void test_stubborn(void)
{
    AqConfig config = config_for("-fake stubborn");
    g_autoptr(GError) error = NULL;
    AqVM *vm;

    config.quit_timeout_ms = 50;
    vm = aq_vm_start(&config, NULL);
    g_assert_false(aq_vm_quit(vm, &error));
    g_assert_error(error, AQ_ERROR, AQ_ERROR_EXIT);
    g_assert_nonnull(strstr(error->message, "ignored SIGTERM"));
    g_assert_cmpint(WTERMSIG(aq_vm_status(vm)), ==, SIGKILL);
    aq_vm_free(vm);
    assert_clean();
}

static void test_output(void)
{
    AqVM *vm = start("-fake noisy");
    g_autofree char *out = aq_vm_dup_stdout(vm);
    g_autofree char *err = aq_vm_dup_stderr(vm);

    g_assert_cmpstr(out, ==, "out text\n");
    g_assert_cmpstr(err, ==, "err text\n");
    aq_vm_free(vm);   /* without quit: killed and reaped */
    assert_clean();
}

static void test_several(void)
{
    AqVM *vms[5];
    int i;

    for (i = 0; i < 5; i++) {
        vms[i] = start("");
    }
    g_assert_true(aq_try_command(vms[2], NULL, NULL, "die"));
    for (i = 0; i < 5; i++) {
        if (i != 2) {
            aq_outb(vms[i], 0x80, 1);
            g_assert_true(aq_vm_quit(vms[i], NULL));
        }
        aq_vm_free(vms[i]);
    }
    assert_clean();
}

static void test_deferred(void)
{
    AqConfig config = config_for("");
    g_autoptr(GError) error = NULL;
    AqVM *vm;

    config.flags = AQ_VM_DEFER_CONNECT;
    vm = aq_vm_start(&config, NULL);
    g_assert_false(aq_try_command(vm, NULL, &error, "endianness"));
    g_assert_error(error, AQ_ERROR, AQ_ERROR_USAGE);
    g_assert_true(aq_vm_connect(vm, NULL));
    g_assert_false(aq_vm_connect(vm, NULL));
    g_assert_true(aq_vm_quit(vm, NULL));
    aq_vm_free(vm);
    vm = aq_vm_start(&config, NULL);
    aq_vm_free(vm);   /* never connected */
    config.flags = AQ_VM_NO_QMP;
    vm = aq_vm_start(&config, NULL);
    g_assert_null(aq_vm_greeting(vm));
    g_assert_true(aq_vm_quit(vm, NULL));
    aq_vm_free(vm);
    assert_clean();
}

static void test_pass_fds(void)
{
    int fd = fcntl(0, F_DUPFD_CLOEXEC, 200);   /* numbers that the child does not use itself */
    int other = fcntl(0, F_DUPFD_CLOEXEC, 300);
    AqConfig config = config_for("");
    g_autofree char *kept = NULL;
    g_autofree char *closed = NULL;
    AqVM *vm;

    config.pass_fds = &fd;
    config.n_pass_fds = 1;
    vm = aq_vm_start(&config, NULL);
    g_assert_true(aq_try_command(vm, &kept, NULL, "fd %d", fd));
    g_assert_true(aq_try_command(vm, &closed, NULL, "fd %d", other));
    g_assert_cmpstr(kept, ==, "open");
    g_assert_cmpstr(closed, ==, "closed");
    aq_vm_free(vm);
    close(fd);
    close(other);
}

/* Reap an adopted child within 20 s. */
static gboolean await(pid_t pid, int *status)
{
    int i;

    for (i = 0; i < 2000; i++) {
        if (waitpid(pid, status, WNOHANG) == pid) {
            return TRUE;
        }
        g_usleep(10000);
    }
    return FALSE;
}

/* Our process ends in every way there is; its VM must not survive it, nor its sockets. */
static void test_victim(gconstpointer kind)
{
    const char *argv[] = { self, "--victim", kind, NULL };
    g_autofree char *out = NULL;
    int status = 0, vm_status = 0;
    pid_t vm_pid;

    prctl(PR_SET_CHILD_SUBREAPER, 1);   /* the orphaned VM becomes our child: it can be awaited */
    g_assert_true(g_spawn_sync(NULL, (char **)(uintptr_t)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL,
                               &out, NULL, &status, NULL));
    vm_pid = (pid_t)atoi(out);
    g_assert_cmpint(vm_pid, >, 1);
    g_assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 99);
    if (!await(vm_pid, &vm_status)) {
        kill(vm_pid, SIGKILL);
        g_error("the VM outlived its client");
    }
    g_assert_true(WIFSIGNALED(vm_status) && WTERMSIG(vm_status) == SIGKILL);
    prctl(PR_SET_CHILD_SUBREAPER, 0);
    assert_clean();
}

static int victim(const char *kind)
{
    AqConfig config = config_for("-fake stay");
    AqVM *vm;

    if (!strcmp(kind, "long-path")) {
        g_autoptr(GError) error = NULL;

        return aq_vm_start(&config, &error) || !g_error_matches(error, AQ_ERROR, AQ_ERROR_START);
    }
    if (!strcmp(kind, "assertion")) {
        config.flags = AQ_VM_KILL_ON_ABORT | AQ_VM_DEFER_CONNECT;   /* sockets are there */
    } else if (strcmp(kind, "killed")) {
        config.flags = AQ_VM_KILL_ON_ABORT;
        config.args = "-fake orphan";   /* the parent-death signal must not do the hook's work */
    }
    vm = aq_vm_start(&config, NULL);
    if (!vm) {
        return 99;
    }
    printf("%d\n", (int)aq_vm_pid(vm));
    fflush(stdout);
    if (!strcmp(kind, "abort")) {
        abort();
    } else if (!strcmp(kind, "assertion")) {
        aq_inb(vm, 0);   /* not connected: fails */
    } else if (!strcmp(kind, "killed")) {
        raise(SIGKILL);
    }
    exit(1);
}

static void case_body(AqVM *vm, gconstpointer data)
{
    aq_outb(vm, 0x80, (uint32_t)GPOINTER_TO_UINT(data));
    g_assert_cmpint(aq_vm_pid(vm), >, 0);
}

static void add_functions(void)
{
    g_test_add_func("/aq/process/life", test_life);
    g_test_add_func("/aq/process/command-line", test_command_line);
    g_test_add_func("/aq/process/no-binary", test_no_binary);
    g_test_add_func("/aq/process/environment", test_environment);
    g_test_add_func("/aq/process/long-path", test_long_path);
    g_test_add_func("/aq/process/dies-later", test_dies_later);
    g_test_add_func("/aq/process/wait", test_wait);
    g_test_add_func("/aq/process/status", test_status);
    g_test_add_func("/aq/process/stubborn", test_stubborn);
    g_test_add_func("/aq/process/output", test_output);
    g_test_add_func("/aq/process/several", test_several);
    g_test_add_func("/aq/process/deferred", test_deferred);
    g_test_add_func("/aq/process/pass-fds", test_pass_fds);
}

static void add_cases(void)
{
    AqConfig config = config_for("");
    static const char *const kinds[] = { "abort", "assertion", "exit", "killed" };
    gsize i;

    for (i = 0; i < G_N_ELEMENTS(bad_starts); i++) {
        g_autofree char *path = g_strconcat("/aq/process/bad-start/", bad_starts[i].name, NULL);
        g_test_add_data_func(path, &bad_starts[i], test_bad_start);
    }
    for (i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autofree char *path = g_strconcat("/aq/process/victim/", kinds[i], NULL);
        g_test_add_data_func(path, kinds[i], test_victim);
    }
    aq_test_add("/aq/process/case", &config, case_body, GUINT_TO_POINTER(3));
    config.args = "-fake status";
    config.expected_status = 7;
    aq_test_add("/aq/process/case-status", &config, case_body, NULL);
}

int main(int argc, char **argv)
{
    g_autofree char *tmp = NULL;
    int result;

    fake = g_strdup(g_getenv("AQ_FAKEVM"));
    self = argv[0];
    if (argc == 3 && !strcmp(argv[1], "--victim")) {
        return victim(argv[2]);
    }
    tmp = g_strconcat(g_getenv("TMPDIR") ? g_getenv("TMPDIR") : "/tmp", "/aqt-XXXXXX", NULL);
    g_assert_nonnull(g_mkdtemp(tmp));
    g_setenv("TMPDIR", tmp, TRUE);   /* before GLib looks at it */
    g_unsetenv("QTEST_LOG");
    g_unsetenv("QTEST_QEMU_BINARY");
    g_unsetenv("ACCELVM_BINARY");
    g_test_init(&argc, &argv, NULL);
    add_functions();
    add_cases();
    result = g_test_run();
    g_free(fake);
    return g_rmdir(tmp) ? 1 : result;
}
