/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The block device: a raw file, read and written straight between its pages and the guest's.
 *
 * Theory of operation: the file's size at the start is the capacity; nothing ever makes it larger. An
 * advisory lock of the open file keeps a second machine from the same disk (several readers may share
 * it), because two guests on one file system lose it. A call that fails half-way says UK_EIO; which
 * bytes were written then is as unknown as with a real disk.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "unikernel.h"

#define BLOCK 512

static gboolean fail(Unikernel *uk, const char *call, int errnum, GError **errp)
{
    return uk_error(errp, accel_error_code_from_errno(errnum), call, errnum, "block=%s: %s: %s",
                    uk->block, call, g_strerror(errnum));
}

static gboolean check_file(Unikernel *uk, GError **errp)
{
    struct stat st;

    if (fstat(uk->block_fd, &st) != 0) {
        return fail(uk, "fstat", errno, errp);
    }
    if (S_ISBLK(st.st_mode)) {
        off_t end = lseek(uk->block_fd, 0, SEEK_END);

        uk->capacity = end > 0 ? (uint64_t)end : 0;
    } else if (S_ISREG(st.st_mode)) {
        uk->capacity = (uint64_t)st.st_size;
    } else {
        return uk_error(errp, ACCEL_ERROR_INVALID, NULL, 0,
                        "block=%s: neither a regular file nor a block device", uk->block);
    }
    if (uk->capacity == 0 || uk->capacity % BLOCK != 0) {
        return uk_error(errp, ACCEL_ERROR_INVALID, NULL, 0,
                        "block=%s: its size, %" G_GUINT64_FORMAT " bytes, is not a multiple of %u",
                        uk->block, uk->capacity, BLOCK);
    }
    return TRUE;
}

static gboolean lock_file(Unikernel *uk, GError **errp)
{
    struct flock lock = {
        .l_type = uk->block_read_only ? F_RDLCK : F_WRLCK, .l_whence = SEEK_SET,
    };

    if (fcntl(uk->block_fd, F_OFD_SETLK, &lock) == 0) {
        return TRUE;
    }
    if (errno == EAGAIN || errno == EACCES) {
        return uk_error(errp, ACCEL_ERROR_BUSY, "fcntl", errno,
                        "block=%s: another machine uses this file", uk->block);
    }
    return fail(uk, "lock", errno, errp);
}

gboolean uk_block_open(Unikernel *uk, GError **errp)
{
    if (uk->block == NULL) {
        return TRUE;
    }
    /* O_NONBLOCK: a FIFO must not hang; it means nothing for a regular file */
    uk->block_fd = open(uk->block, (uk->block_read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC |
                                       O_NONBLOCK | O_NOCTTY);
    if (uk->block_fd < 0) {
        return fail(uk, "open", errno, errp);
    }
    return check_file(uk, errp) && lock_file(uk, errp);
}

static int64_t check_io(Unikernel *uk, const struct uk_block_io *a)
{
    if (uk->block_fd < 0) {
        return UK_ENODEV;
    }
    if (a->len == 0 || a->len > UK_BLOCK_MAX || a->len % BLOCK != 0 || a->offset % BLOCK != 0 ||
        a->offset > uk->capacity || a->len > uk->capacity - a->offset) {
        return UK_EINVAL;
    }
    return UK_OK;
}

/* All of it or an error. The host's file may have become shorter: then there is nothing to read. */
static int64_t transfer(int fd, uint8_t *p, const struct uk_block_io *a, bool write)
{
    size_t done = 0;

    while (done < a->len) {
        off_t at = (off_t)(a->offset + done);
        ssize_t n = write ? pwrite(fd, p + done, a->len - done, at)
                          : pread(fd, p + done, a->len - done, at);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return UK_EIO;
        }
        done += (size_t)n;
    }
    return UK_OK;
}

static int64_t block_io(Unikernel *uk, const struct uk_block_io *a, bool write)
{
    int64_t ret = check_io(uk, a);
    uint8_t *p;

    if (ret != UK_OK) {
        return ret;
    }
    if (write && uk->block_read_only) {
        return UK_EROFS;
    }
    p = uk_slice(uk, a->buf, a->len, !write);
    return p != NULL ? transfer(uk->block_fd, p, a, write) : UK_EFAULT;
}

static void call_io(Unikernel *uk, uint8_t *arg, bool write)
{
    struct uk_block_io a;

    memcpy(&a, arg, sizeof(a));
    a.ret = block_io(uk, &a, write);
    memcpy(arg + offsetof(struct uk_block_io, ret), &a.ret, sizeof(a.ret));
}

void uk_call_block_read(Unikernel *uk, uint8_t *arg)
{
    call_io(uk, arg, false);
}

void uk_call_block_write(Unikernel *uk, uint8_t *arg)
{
    call_io(uk, arg, true);
}

void uk_call_block_flush(Unikernel *uk, uint8_t *arg)
{
    struct uk_block_flush a = { .ret = UK_OK };

    if (uk->block_fd < 0) {
        a.ret = UK_ENODEV;
    } else if (!uk->block_read_only && fdatasync(uk->block_fd) != 0) {
        a.ret = UK_EIO;
    }
    memcpy(arg, &a, sizeof(a));
}

void uk_call_block_info(Unikernel *uk, uint8_t *arg)
{
    struct uk_block_info a = { .ret = UK_ENODEV };

    if (uk->block_fd >= 0) {
        a = (struct uk_block_info){ .capacity = uk->capacity, .block_size = BLOCK,
                                    .read_only = uk->block_read_only, .ret = UK_OK };
    }
    memcpy(arg, &a, sizeof(a));
}
