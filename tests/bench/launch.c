/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Starts a program and says what it took: `launch PROGRAM [ARGUMENT...]`.
 *
 * Theory of operation: time runs from before posix_spawn() to after wait4(). The kernel counts the
 * memory of the process that calls exec() into the new program's ru_maxrss, so that a program
 * started by an interpreter seems to be as large as that; this launcher is static and smaller than
 * anything it measures. The program's output goes to /dev/null.
 *
 * Prints: nanoseconds, peak resident KiB, exit status (128 + signal where one ended it).
 */
#include <err.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static long long now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv)
{
    posix_spawn_file_actions_t actions;
    struct rusage usage;
    long long start, end;
    int status, error;
    pid_t pid;

    if (argc < 2) {
        errx(2, "usage: launch PROGRAM [ARGUMENT...]");
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    start = now_ns();
    error = posix_spawnp(&pid, argv[1], &actions, NULL, argv + 1, environ);
    if (error) {
        errx(2, "%s: %s", argv[1], strerror(error));
    }
    if (wait4(pid, &status, 0, &usage) != pid) {
        err(2, "wait4");
    }
    end = now_ns();
    printf("%lld %ld %d\n", end - start, usage.ru_maxrss,
           WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 0;
}
