/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A whole file, with a bound. Theory of operation: the size is asked for first and nothing behind it
 * is read, so neither /dev/zero nor a file that grows meanwhile takes more memory than the caller
 * allowed; one that shrinks meanwhile gives what is left.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "accel/error.h"
#include "hw/file.h"

static gboolean failed(const char *call, const char *path, GError **errp)
{
    const AccelErrorInfo info = { .call = call, .errnum = errno };

    accel_error_set(errp, accel_error_code_from_errno(info.errnum), &info, "'%s': %s", path,
                    g_strerror(info.errnum));
    return FALSE;
}

static gboolean check_stat(int fd, const char *path, uint64_t max, size_t *size, GError **errp)
{
    struct stat st;

    if (fstat(fd, &st) != 0) {
        return failed("fstat", path, errp);
    }
    if (!S_ISREG(st.st_mode)) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "'%s' is not a regular file", path);
        return FALSE;
    }
    if ((uint64_t)st.st_size > max) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "'%s' is too large: %" G_GINT64_FORMAT
                        " bytes, the limit is %" G_GUINT64_FORMAT, path, (gint64)st.st_size, max);
        return FALSE;
    }
    *size = (size_t)st.st_size;
    return TRUE;
}

static gboolean read_all(int fd, const char *path, uint8_t *data, size_t *len, GError **errp)
{
    size_t done = 0;
    ssize_t n = 1;

    while (done < *len && n != 0) {
        n = read(fd, data + done, *len - done);
        if (n < 0 && errno != EINTR) {
            return failed("read", path, errp);
        }
        done += n > 0 ? (size_t)n : 0;
    }
    *len = done;
    return TRUE;
}

uint8_t *hw_file_read(const char *path, uint64_t max, size_t *len, GError **errp)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    uint8_t *data = NULL;

    if (fd < 0) {
        failed("open", path, errp);
        return NULL;
    }
    if (check_stat(fd, path, max, len, errp)) {
        data = g_try_malloc(*len + 1); /* never NULL for an empty file */
        if (data == NULL) {
            errno = ENOMEM;
            failed("malloc", path, errp);
        } else if (!read_all(fd, path, data, len, errp)) {
            g_clear_pointer(&data, g_free);
        }
    }
    close(fd);
    return data;
}
