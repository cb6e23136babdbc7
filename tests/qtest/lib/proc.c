/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One child process: spawn, watch, signal, reap.
 *
 * Between fork and exec the child calls async-signal-safe functions only, since the parent may have
 * threads. A close-on-exec pipe carries the errno of a failed exec back, so that "no such program"
 * is an error of the start and not a mysterious early death. Output goes to memory files: they
 * cannot block the child as a pipe would, need no reader, and vanish with the last descriptor.
 */
#include "aq-private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define POLL_SLICE_MS 20   /* how often to look at a child on a kernel without pidfd_open */

void aq_proc_init(AqProc *proc)
{
    *proc = (AqProc){ .pidfd = -1, .status = -1, .out_fd = -1, .err_fd = -1 };
}

void aq_close_fd(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
        *fd = -1;
    }
}

static int capture_open(const char *name)
{
    int fd = memfd_create(name, MFD_CLOEXEC);

    if (fd >= 0) {
        (void)fcntl(fd, F_SETFL, O_APPEND);   /* the child and its children share the end */
    }
    return fd;
}

static void keep_fds(const AqConfig *config)
{
    size_t i;

    for (i = 0; i < config->n_pass_fds; i++) {
        (void)fcntl(config->pass_fds[i], F_SETFD, 0);
    }
}

static void redirect(const AqProc *proc, int null_fd)
{
    dup2(null_fd, STDIN_FILENO);
    if (proc->out_fd >= 0) {
        dup2(proc->out_fd, STDOUT_FILENO);
    }
    if (proc->err_fd >= 0) {
        dup2(proc->err_fd, STDERR_FILENO);
    }
}

static G_NORETURN void child(const AqProc *proc, char **argv, const AqConfig *config, pid_t parent,
                             int null_fd, int report_fd)
{
    sigset_t none;
    int err;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(127);   /* the parent died before the line above could help */
    }
    redirect(proc, null_fd);
    keep_fds(config);
    execvp(argv[0], argv);
    err = errno;
    (void)!write(report_fd, &err, sizeof(err));
    _exit(127);
}

/* The errno of a failed exec, or 0 when the pipe was closed by a successful one. */
static int read_report(int fd)
{
    int err = 0;
    ssize_t n;

    do {
        n = read(fd, &err, sizeof(err));
    } while (n < 0 && errno == EINTR);
    return n == sizeof(err) ? err : 0;
}

static gboolean fork_child(AqProc *proc, char **argv, const AqConfig *config, int null_fd,
                           const int report[2], GError **error)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    int err;

    if (pid == 0) {
        child(proc, argv, config, parent, null_fd, report[1]);
    }
    err = errno;
    close(report[1]);
    if (pid < 0) {
        return aq_fail(error, AQ_ERROR_START, "fork: %s", g_strerror(err));
    }
    proc->pid = pid;
    proc->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    err = read_report(report[0]);
    if (err) {
        aq_proc_wait(proc, G_MAXINT64);
        return aq_fail(error, AQ_ERROR_START, "cannot run %s: %s", argv[0], g_strerror(err));
    }
    return TRUE;
}

/* Start argv. On failure there is no child and nothing to reap. */
gboolean aq_proc_spawn(AqProc *proc, char **argv, const AqConfig *config, GError **error)
{
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    int report[2];
    gboolean ok;

    if (null_fd < 0 || pipe2(report, O_CLOEXEC) < 0) {
        int err = errno;
        if (null_fd >= 0) {
            close(null_fd);
        }
        return aq_fail(error, AQ_ERROR_START, "cannot prepare a child: %s", g_strerror(err));
    }
    proc->name = g_path_get_basename(argv[0]);
    if (!(config->flags & AQ_VM_INHERIT_OUTPUT)) {
        proc->out_fd = capture_open("aq-stdout");
        proc->err_fd = g_getenv("QTEST_LOG") ? -1 : capture_open("aq-stderr");
    }
    ok = fork_child(proc, argv, config, null_fd, report, error);
    close(report[0]);
    close(null_fd);
    return ok;
}

/* TRUE when there is no living child (any more); its status has then been collected. */
gboolean aq_proc_reap(AqProc *proc)
{
    int status;
    pid_t got;

    if (!proc->pid) {
        return TRUE;
    }
    got = waitpid(proc->pid, &status, WNOHANG);
    if (got == 0 || (got < 0 && errno == EINTR)) {
        return FALSE;
    }
    proc->status = got == proc->pid ? status : 0;   /* else somebody else reaped it */
    proc->pid = 0;
    return TRUE;
}

/* Wait for the end until @deadline (monotonic, us). TRUE when it ended. */
gboolean aq_proc_wait(AqProc *proc, gint64 deadline)
{
    while (!aq_proc_reap(proc)) {
        gint64 left = deadline - g_get_monotonic_time();
        struct pollfd pfd = { .fd = proc->pidfd, .events = POLLIN };

        if (left <= 0) {
            return FALSE;
        }
        left = MIN(left / 1000 + 1, proc->pidfd < 0 ? POLL_SLICE_MS : 1000);
        poll(&pfd, 1, (int)left);
    }
    return TRUE;
}

void aq_proc_signal(const AqProc *proc, int sig)
{
    if (proc->pid > 0) {
        kill(proc->pid, sig);
    }
}

void aq_proc_clear(AqProc *proc)
{
    aq_proc_signal(proc, SIGKILL);
    aq_proc_wait(proc, G_MAXINT64);
    aq_close_fd(&proc->pidfd);
    aq_close_fd(&proc->out_fd);
    aq_close_fd(&proc->err_fd);
    g_clear_pointer(&proc->name, g_free);
}
