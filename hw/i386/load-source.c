/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An image's bytes. Files are mapped private and read-only: the loaders look at headers only, so
 * only those pages are ever read here; the bulk goes straight into guest RAM later, by mapping or
 * by pread (see load-apply.c). The descriptor stays open for that.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hw/i386/loader.h"

GQuark hw_image_error_quark(void)
{
    return g_quark_from_static_string("hw-image-error-quark");
}

/* Regular, not empty, not too large; otherwise says which of these it is not. */
static bool check_stat(const char *path, const struct stat *st, uint64_t max_size, GError **err)
{
    if (S_ISDIR(st->st_mode)) {
        g_set_error(err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_OPEN, "'%s' is a directory", path);
        return false;
    }
    if (!S_ISREG(st->st_mode)) {
        g_set_error(err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_OPEN, "'%s' is not a regular file", path);
        return false;
    }
    if (st->st_size == 0) {
        g_set_error(err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_OPEN, "'%s' is empty", path);
        return false;
    }
    if ((uint64_t)st->st_size > max_size) {
        g_set_error(err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_TOO_LARGE,
                    "'%s' is too large: %" PRId64 " bytes, the limit is %" PRIu64,
                    path, (int64_t)st->st_size, max_size);
        return false;
    }
    return true;
}

static ImageSource *map_fd(const char *path, int fd, size_t size, GError **err)
{
    void *p = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    ImageSource *src;

    if (p == MAP_FAILED) {
        g_set_error(err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_OPEN, "cannot map '%s' (%zu bytes): %s",
                    path, size, g_strerror(errno));
        return NULL;
    }
    src = g_new0(ImageSource, 1);
    *src = (ImageSource){
        .name = g_strdup(path), .data = p, .size = size, .fd = fd, .mapped = true,
    };
    return src;
}

ImageSource *image_source_open(const char *path, uint64_t max_size, GError **err)
{
    /* O_NONBLOCK: opening a FIFO must not hang; it has no effect on regular files. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    ImageSource *src = NULL;
    struct stat st;

    if (fd < 0) {
        g_set_error(err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_OPEN, "cannot open '%s': %s", path,
                    g_strerror(errno));
        return NULL;
    }
    if (fstat(fd, &st) < 0) {
        g_set_error(err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_OPEN, "cannot stat '%s': %s", path,
                    g_strerror(errno));
    } else if (check_stat(path, &st, max_size ? max_size : IMAGE_MAX_SIZE, err)) {
        src = map_fd(path, fd, st.st_size, err);
    }
    if (!src) {
        close(fd);
    }
    return src;
}

ImageSource *image_source_from_bytes(const char *name, const void *data, size_t size)
{
    ImageSource *src = g_new0(ImageSource, 1);

    *src = (ImageSource){ .name = g_strdup(name), .data = data, .size = size, .fd = -1 };
    return src;
}

void image_source_free(ImageSource *src)
{
    if (!src) {
        return;
    }
    if (src->mapped) {
        munmap((void *)src->data, src->size);
    }
    if (src->fd >= 0) {
        close(src->fd);
    }
    g_free(src->name);
    g_free(src);
}
