/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * -daemonize and -pidfile, as libvirt expects them: the parent returns to the shell with status 0
 * only when the child has made everything: machine, listening sockets, pid file. The child says so
 * with one byte through a pipe; a pipe that just closes means that the child has failed and has
 * said why on the stderr that it still shares.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "accel/error.h"
#include "system/vm.h"

static gboolean sys_error(GError **errp, const char *call, const char *text)
{
    int err = errno;

    accel_error_set(errp, accel_error_code_from_errno(err),
                    &(AccelErrorInfo){ .call = call, .errnum = err }, "%s: %s", text,
                    g_strerror(err));
    return FALSE;
}

/* The parent's part: wait for the byte, pass the result on. It may be killed meanwhile. */
G_NORETURN static void wait_for_child(int fd)
{
    char status = 1;
    ssize_t n;

    signal(SIGTERM, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    do {
        n = read(fd, &status, 1);
    } while (n < 0 && errno == EINTR);
    _exit(n == 1 ? status : 1);
}

gboolean daemon_fork(Vm *vm, GError **errp)
{
    int fds[2];
    pid_t pid;

    if (pipe2(fds, O_CLOEXEC) != 0) {
        return sys_error(errp, "pipe2", "cannot daemonize");
    }
    pid = fork();
    if (pid < 0) {
        return sys_error(errp, "fork", "cannot daemonize");
    }
    if (pid > 0) {
        close(fds[1]);
        wait_for_child(fds[0]);
    }
    close(fds[0]);
    setsid();
    pid = fork();
    if (pid < 0) {
        return sys_error(errp, "fork", "cannot daemonize");
    }
    if (pid > 0) {
        _exit(0);
    }
    umask(027);
    vm->ready_fd = fds[1];
    vm->daemonized = true;
    return TRUE;
}

gboolean daemon_null(Vm *vm, GError **errp)
{
    if (!vm->daemonized) {
        return TRUE;
    }
    vm->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (vm->null_fd < 0 || chdir("/") != 0) {
        return sys_error(errp, "open", "cannot daemonize: /dev/null");
    }
    return TRUE;
}

gboolean daemon_ready(Vm *vm, GError **errp)
{
    const char ok = 0;

    if (!vm->daemonized) {
        return TRUE;
    }
    dup2(vm->null_fd, STDIN_FILENO);
    dup2(vm->null_fd, STDOUT_FILENO);
    dup2(vm->log_fd < 0 ? vm->null_fd : vm->log_fd, STDERR_FILENO);
    if (vm->null_fd > STDERR_FILENO) {
        close(vm->null_fd);
    }
    vm->null_fd = -1;
    if (write(vm->ready_fd, &ok, 1) != 1) {
        return sys_error(errp, "write", "cannot daemonize");
    }
    close(vm->ready_fd);
    vm->ready_fd = -1;
    return TRUE;
}

static gboolean pidfile_error(GError **errp, const char *call, const char *what)
{
    g_autofree char *text = g_strdup_printf("cannot create PID file: %s", what);

    return sys_error(errp, call, text);
}

gboolean pidfile_write(Vm *vm, const char *path, GError **errp)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    g_autofree char *create = g_strdup_printf("Could not create '%s'", path);
    char text[32];
    int len = g_snprintf(text, sizeof(text), "%d\n", (int)getpid());
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

    if (fd < 0) {
        return pidfile_error(errp, "open", create);
    }
    if (fcntl(fd, F_SETLK, &lock) != 0) {
        pidfile_error(errp, "fcntl", "Cannot lock pid file");
        close(fd);
        return FALSE;
    }
    if (ftruncate(fd, 0) != 0 || write(fd, text, len) != len) {
        pidfile_error(errp, "write", "Failed to write pid file");
        close(fd);
        return FALSE;
    }
    vm->pid_fd = fd; /* open for the whole life: it holds the lock */
    vm_unlink_at_exit(vm, path);
    return TRUE;
}
