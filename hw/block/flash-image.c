/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The file behind a flash chip.
 *
 * Theory of operation: it is read once; from then on the chip's memory is what counts, and each
 * program and erase is written through at once, so that the file holds what the guest was told is
 * programmed whenever the process ends.
 *
 * Two machines may have one image, as in QEMU, but that one of them programs it is most often a
 * mistake. It is found out by the read locks that QEMU's file driver puts on bytes of the file,
 * whether or not the file has them: byte 100 + n says "I do this", byte 200 + n "nobody else
 * shall", n being 0 for reading what is consistent and 1 for writing. Who opens a file looks
 * whether somebody else has locked what speaks against it.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "hw/block/pflash.h"

enum { BYTE_DO = 100, BYTE_KEEP = 200, READ_IT = 0, WRITE_IT = 1 };

static gboolean fail_open(const char *file, int errnum, GError **errp)
{
    AccelErrorInfo info = { .stage = "firmware", .call = "open", .errnum = errnum };

    accel_error_set(errp, accel_error_code_from_errno(errnum), &info, "Could not open '%s': %s",
                    file, g_strerror(errnum));
    return FALSE;
}

static gboolean open_file(FlashImage *image, GError **errp)
{
    int flags = O_CLOEXEC | O_NONBLOCK; /* a FIFO must not block: it is refused afterwards */

    image->fd = open(image->file, flags | (image->write_back ? O_RDWR : O_RDONLY));
    image->own_fd = image->fd >= 0;
    return image->fd >= 0 || fail_open(image->file, errno, errp);
}

/*
 * With O_APPEND pwrite() ignores its offset. The flag belongs to everybody who has this
 * description, so it may also come later.
 */
static bool take_append_off(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags >= 0 &&
           ((flags & O_APPEND) == 0 || fcntl(fd, F_SETFL, flags & ~O_APPEND) == 0);
}

/* Says whether somebody is in the way. A file system without locks is not worth a word. */
static bool lock_byte(int fd, off_t byte)
{
    struct flock range = {
        .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1,
    };

    return fcntl(fd, F_OFD_SETLK, &range) != 0 && (errno == EAGAIN || errno == EACCES);
}

static bool locked_elsewhere(int fd, off_t byte)
{
    struct flock range = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1,
    };

    return fcntl(fd, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
}

/*
 * First lock, then look: of two at once at least one sees the other. A reader minds a writer, too:
 * it does not see what that one programs.
 */
static bool lock_file(const FlashImage *image)
{
    bool found = lock_byte(image->fd, BYTE_DO + READ_IT);

    if (image->write_back) {
        found |= lock_byte(image->fd, BYTE_DO + WRITE_IT);
        found |= lock_byte(image->fd, BYTE_KEEP + WRITE_IT);
        found |= locked_elsewhere(image->fd, BYTE_KEEP + WRITE_IT);
    }
    return found || locked_elsewhere(image->fd, BYTE_KEEP + READ_IT) ||
           locked_elsewhere(image->fd, BYTE_DO + WRITE_IT);
}

static gboolean check_file(FlashImage *image, const char *chip, GError **errp)
{
    AccelErrorInfo info = { .stage = "firmware", .notes = "its size must be a non-zero multiple of "
                                                          "0x1000" };
    struct stat st;

    if (fstat(image->fd, &st) != 0) {
        return fail_open(image->file, errno, errp);
    }
    if (!S_ISREG(st.st_mode)) {
        info.notes = NULL;
        accel_error_set(errp, ACCEL_ERROR_INVALID, &info,
                        "'file' driver requires '%s' to be a regular file", image->file);
        return FALSE;
    }
    if (st.st_size == 0 || st.st_size % PFLASH_BLOCK != 0) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, &info,
                        "system firmware block device %s has invalid size %" G_GINT64_FORMAT, chip,
                        (gint64)st.st_size);
        return FALSE;
    }
    image->size = (uint64_t)st.st_size;
    return TRUE;
}

gboolean flash_image_open(FlashImage *image, const BootFlash *flash, const char *chip,
                          GError **errp)
{
    *image = (FlashImage){
        .file = g_strdup(flash->file), .fd = flash->fd, .readonly = flash->readonly,
        .write_back = !flash->readonly && !flash->snapshot,
    };
    if ((image->fd < 0 && !open_file(image, errp)) || !check_file(image, chip, errp)) {
        flash_image_close(image);
        return FALSE;
    }
    if (image->write_back && !take_append_off(image->fd)) {
        fail_open(image->file, errno, errp);
        flash_image_close(image);
        return FALSE;
    }
    image->shared = lock_file(image);
    return TRUE;
}

gboolean flash_image_read(FlashImage *image, uint8_t *to, GError **errp)
{
    uint64_t done = 0;

    while (done < image->size) {
        ssize_t n = pread(image->fd, to + done, image->size - done, (off_t)done);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            AccelErrorInfo info = {
                .stage = "firmware", .call = "read", .errnum = n < 0 ? errno : 0,
            };

            accel_error_set(errp, ACCEL_ERROR_FAILED, &info, "could not read '%s': %s", image->file,
                            n < 0 ? g_strerror(errno) : "the file became shorter");
            return FALSE;
        }
        done += (uint64_t)n;
    }
    return TRUE;
}

int flash_image_write(FlashImage *image, uint64_t offset, const uint8_t *data, size_t len)
{
    size_t done = 0;

    if (image->write_back && !take_append_off(image->fd)) {
        return errno;
    }
    while (image->write_back && done < len) {
        ssize_t n = pwrite(image->fd, data + done, len - done, (off_t)(offset + done));

        if (n == 0 || (n < 0 && errno != EINTR)) {
            return n == 0 ? EIO : errno;
        }
        done += (size_t)MAX(n, 0);
    }
    return 0;
}

void flash_image_close(FlashImage *image)
{
    if (image->own_fd) {
        close(image->fd);
    }
    image->fd = -1;
    image->own_fd = false;
    g_clear_pointer(&image->file, g_free);
}
