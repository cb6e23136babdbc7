/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pty: a terminal of our own whose other end somebody else opens. We keep the other end open too:
 * the terminal then never reports a hang-up, and nobody has to poll for a reader. Output that
 * nobody reads is kept by the kernel up to a page and dropped after that.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>
#include "system/char.h"

typedef struct PtyChar {
    FdChar fd;
    int slave_fd;
} PtyChar;

static void pty_init(HwObject *obj)
{
    fd_char_init(obj);
    ((PtyChar *)obj)->slave_fd = -1;
}

static void pty_finalize(HwObject *obj)
{
    PtyChar *s = (PtyChar *)obj;

    if (s->slave_fd >= 0) {
        close(s->slave_fd);
    }
    fd_char_finalize(obj);
}

static const ChardevClass pty_class = {
    .type = {
        .name = "chardev-pty",
        .parent = &hw_type_chardev,
        .desc = "a new terminal",
        .instance_size = sizeof(PtyChar),
        .init = pty_init,
        .finalize = pty_finalize,
    },
    .write = fd_char_write,
    .accept_input = fd_char_accept_input,
    .update_handlers = fd_char_update_handlers,
};

/* What does not fit is gone: there is no reader. */
static ssize_t pty_put(FdChar *s, const void *buf, size_t len)
{
    ssize_t n = write(s->out_fd, buf, len);

    return n < 0 && errno == EAGAIN ? (ssize_t)len : n;
}

static int open_master(char *name, size_t size, GError **errp)
{
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), err;

    if (fd >= 0 && grantpt(fd) == 0 && unlockpt(fd) == 0 && ptsname_r(fd, name, size) == 0) {
        fcntl(fd, F_SETFL, O_NONBLOCK);
        return fd;
    }
    err = errno;
    if (fd >= 0) {
        close(fd);
    }
    accel_error_set(errp, accel_error_code_from_errno(err),
                    &(AccelErrorInfo){ .call = "posix_openpt", .errnum = err },
                    "Failed to create PTY: %s", g_strerror(err));
    return -1;
}

static void make_raw(int fd)
{
    struct termios tty;

    if (tcgetattr(fd, &tty) == 0) {
        cfmakeraw(&tty);
        tcsetattr(fd, TCSAFLUSH, &tty);
    }
}

Chardev *char_pty_create(Vm *vm, const KeyVals *kv, GError **errp)
{
    const char *id = keyvals_get(kv, "id"), *link = keyvals_get(kv, "path");
    char name[64];
    int master = open_master(name, sizeof(name), errp);
    FdChar *s;

    if (master < 0) {
        return NULL;
    }
    s = fd_char_new(&pty_class, kv, errp);
    if (s == NULL) {
        close(master);
        return NULL;
    }
    ((PtyChar *)s)->slave_fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    make_raw(((PtyChar *)s)->slave_fd);
    s->put = pty_put;
    s->parent.filename = g_strdup_printf("pty:%s", name);
    fd_char_open(s, master, true, master, true);
    if (link != NULL && symlink(name, link) == 0) {
        vm_unlink_at_exit(vm, link);
    }
    printf("char device redirected to %s (label %s)\n", name, id != NULL ? id : "");
    fflush(stdout);
    return &s->parent;
}
