/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A stand-in for a VM binary, for the tests of process handling: it takes the options that the
 * client gives, connects like a VM does, answers everything with success, and misbehaves on demand.
 * "-fake MODE": die (before connecting), half (connect qtest only, then die), silent (never
 * connect), stubborn (ignore SIGTERM), status (leave with 7 on SIGTERM), crash (by a signal), noisy
 * (write to both outputs), stay (do not leave when the client does), orphan (nor when it dies), args
 * (print the command line to stdout). The qtest line "die" ends it after its reply, "mute" goes unanswered, "fd N" tells whether
 * descriptor N is open.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int leave_status;
static int stay;

static void on_term(int sig)
{
    _exit(leave_status);
}

static int connect_to(const char *path, size_t len)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    if (len >= sizeof(addr.sun_path)) {
        exit(90);
    }
    memcpy(addr.sun_path, path, len);
    if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
        perror(addr.sun_path);
        exit(91);
    }
    return fd;
}

static void say(int fd, const char *text)
{
    if (write(fd, text, strlen(text)) < 0) {
        exit(92);
    }
}

static const char *option(int argc, char **argv, const char *name)
{
    const char *value = "";
    int i;

    for (i = 1; i + 1 < argc; i++) {
        if (!strcmp(argv[i], name)) {
            value = argv[i + 1];
        }
    }
    return value;
}

/* Read until a newline; the client sends one line at a time. Ends at EOF. */
static void get_line(int fd, char *line, size_t size)
{
    size_t len = 0;

    while (len + 1 < size && read(fd, line + len, 1) == 1) {
        if (line[len++] == '\n') {
            line[len - 1] = '\0';
            return;
        }
    }
    while (stay) {
        pause();
    }
    exit(0);
}

static void serve_qtest(int fd)
{
    char line[4096];
    int n;

    get_line(fd, line, sizeof(line));
    if (!strcmp(line, "endianness")) {
        say(fd, "OK little\n");
    } else if (!strcmp(line, "die")) {
        say(fd, "OK\n");
        fputs("told to die\n", stderr);
        exit(5);
    } else if (sscanf(line, "fd %d", &n) == 1) {
        say(fd, fcntl(n, F_GETFD) >= 0 ? "OK open\n" : "OK closed\n");
    } else if (strcmp(line, "mute")) {
        say(fd, "OK\n");
    }
}

static void serve(int qtest, int qmp)
{
    struct pollfd pfds[2] = { { .fd = qtest, .events = POLLIN }, { .fd = qmp, .events = POLLIN } };
    char line[4096];

    for (;;) {
        if (poll(pfds, 2, -1) < 0) {
            exit(93);
        }
        if (pfds[0].revents) {
            serve_qtest(qtest);
        } else if (pfds[1].revents) {
            get_line(qmp, line, sizeof(line));
            say(qmp, "{\"return\": {}}\n");
        }
    }
}

static void misbehave_early(const char *mode, int argc, char **argv)
{
    int i;

    if (!strcmp(mode, "die")) {
        fputs("fakevm: no such machine\n", stderr);
        exit(3);
    } else if (!strcmp(mode, "silent")) {
        pause();
    } else if (!strcmp(mode, "noisy")) {
        puts("out text");
        fputs("err text\n", stderr);
    } else if (!strcmp(mode, "args")) {
        for (i = 1; i < argc; i++) {
            printf("[%s]", argv[i]);
        }
    } else if (!strcmp(mode, "stubborn")) {
        signal(SIGTERM, SIG_IGN);
    } else if (!strcmp(mode, "status")) {
        leave_status = 7;
    } else if (!strcmp(mode, "stay")) {
        stay = 1;
    } else if (!strcmp(mode, "orphan")) {
        prctl(PR_SET_PDEATHSIG, 0);
        stay = 1;
    }
    fflush(NULL);
}

int main(int argc, char **argv)
{
    const char *mode = option(argc, argv, "-fake");
    const char *qtest_path = option(argc, argv, "-qtest");
    const char *qmp_path = option(argc, argv, "-chardev");
    int qtest, qmp = -1;

    signal(SIGTERM, on_term);
    misbehave_early(mode, argc, argv);
    qtest = connect_to(qtest_path + strlen("unix:"), strlen(qtest_path) - strlen("unix:"));
    if (!strcmp(mode, "half")) {
        fputs("fakevm: half a start\n", stderr);
        exit(4);
    }
    if (*qmp_path) {
        const char *path = qmp_path + strlen("socket,path=");

        qmp = connect_to(path, strcspn(path, ","));
        say(qmp, "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n");
    }
    if (!strcmp(mode, "crash")) {
        raise(SIGKILL);
    }
    serve(qtest, qmp);
}
