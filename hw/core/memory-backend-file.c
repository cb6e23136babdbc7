/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * memory-backend-file: memory that is a file: of a tmpfs or hugetlbfs, or one that is to stay.
 *
 * Theory of operation: mem-path names a file, which is made when it is not there, or a folder, in
 * which a file is made and unlinked at once. A file that is there is never made larger or smaller:
 * one that is too small is an error. Huge pages show in the file system's block size. What a failed
 * start has made it removes.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "hw/core/memory-backend-internal.h"

typedef struct FileBackend {
    MemoryBackend parent;
    char *mem_path;
    uint64_t align;
    bool discard_data, pmem, readonly;
} FileBackend;

uint64_t backend_fd_page(int fd)
{
    struct statfs fs;

    if (fd >= 0 && fstatfs(fd, &fs) == 0 && fs.f_type == HUGETLBFS_MAGIC) {
        return (uint64_t)fs.f_bsize;
    }
    return (uint64_t)sysconf(_SC_PAGESIZE);
}

static gboolean invalid(GError **errp, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

static gboolean invalid(GError **errp, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "%s", text);
    return FALSE;
}

static gboolean cannot(const char *call, GError **errp, const char *what, const char *path)
{
    AccelErrorInfo info = { .stage = "memory", .call = call, .errnum = errno };

    accel_error_set(errp, ACCEL_ERROR_RESOURCE, &info, "%s %s for guest RAM: %s", what, path,
                    g_strerror(info.errnum));
    return FALSE;
}

/* A file without a name in folder @path. */
static int open_in_folder(const FileBackend *f)
{
    g_autofree char *name = g_strdup_printf("%s/qemu_back_mem.%s.XXXXXX", f->mem_path,
                                            f->parent.obj.name);
    int fd = mkostemp(name, O_CLOEXEC);

    if (fd >= 0) {
        unlink(name);
    }
    return fd;
}

/* The machine whose user made this, and whoever opens files for it; NULL while there is neither. */
static const MachineHooks *hooks_of(const HwObject *obj)
{
    HwObject *root = obj->parent, *machine;

    while (root != NULL && root->parent != NULL) {
        root = root->parent;
    }
    machine = root != NULL ? hw_object_child(root, "machine") : NULL;
    return machine != NULL && hw_object_is_a(machine, &hw_type_machine)
           ? &((const MachineState *)machine)->hooks : NULL;
}

static int open_file(const FileBackend *f, int flags)
{
    const MachineHooks *hooks = hooks_of(&f->parent.obj);

    flags |= O_CLOEXEC;
    return hooks != NULL && hooks->open_file != NULL
           ? hooks->open_file(hooks->opaque, f->mem_path, flags, 0644)
           : open(f->mem_path, flags, 0644);
}

static int open_path(const FileBackend *f, bool *created)
{
    struct stat st;
    int fd;

    *created = false;
    if (stat(f->mem_path, &st) == 0 && S_ISDIR(st.st_mode)) {
        return open_in_folder(f);
    }
    fd = open_file(f, f->readonly ? O_RDONLY : O_RDWR);
    if (fd < 0 && errno == ENOENT && !f->readonly) {
        fd = open_file(f, O_RDWR | O_CREAT | O_EXCL);
        *created = fd >= 0;
    }
    return fd;
}

static gboolean check_align(const FileBackend *f, uint64_t page, GError **errp)
{
    if (f->align % page != 0) {
        return invalid(errp, "alignment 0x%" G_GINT64_MODIFIER
                       "x must be multiples of page size 0x%"
                       G_GINT64_MODIFIER "x", f->align, page);
    }
    return (f->align & (f->align - 1)) == 0 ||
           invalid(errp, "alignment 0x%" G_GINT64_MODIFIER "x must be a power of two", f->align);
}

/* Make a new file as large as it has to be; an old one has to be large enough. */
static gboolean fit(const FileBackend *f, int fd, uint64_t page, GError **errp)
{
    uint64_t size = (f->parent.size + page - 1) & ~(page - 1);
    struct stat st;

    if (f->parent.size < page) {
        return page <= (uint64_t)sysconf(_SC_PAGESIZE) ||
               invalid(errp, "memory size 0x%" G_GINT64_MODIFIER "x must be equal to or larger "
                       "than page size 0x%" G_GINT64_MODIFIER "x", f->parent.size, page);
    }
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        return TRUE; /* a device: what it can do shows when it is mapped */
    }
    if (st.st_size > 0 && (uint64_t)st.st_size < f->parent.size) {
        return invalid(errp, "backing store size 0x%" G_GINT64_MODIFIER "x does not match 'size' "
                       "option 0x%" G_GINT64_MODIFIER "x", (uint64_t)st.st_size, f->parent.size);
    }
    if (st.st_size == 0 && (size > G_MAXINT64 || ftruncate(fd, (off_t)size) != 0)) {
        errno = size > G_MAXINT64 ? EFBIG : errno;
        return cannot("ftruncate", errp, "can't resize backing store", f->mem_path);
    }
    return TRUE;
}

static gboolean map_file(FileBackend *f, int fd, GError **errp)
{
    BackendMap map = {
        .fd = fd, .readonly = f->readonly, .page = backend_fd_page(fd), .align = f->align,
    };

    return check_align(f, map.page, errp) && fit(f, fd, map.page, errp) &&
           backend_map(&f->parent, &map, errp);
}

static gboolean check_file(FileBackend *f, GError **errp)
{
    if (!backend_begin(&f->parent, errp)) {
        return FALSE;
    }
    if (f->mem_path == NULL) {
        return invalid(errp, "Parameter 'mem-path' is missing");
    }
    return !f->pmem ||
           invalid(errp, "Lack of libpmem support while setting the 'pmem=on' of %s. We can't "
                   "ensure data persistence.", f->parent.obj.name);
}

static gboolean file_complete(HwObject *obj, GError **errp)
{
    FileBackend *f = (FileBackend *)obj;
    bool created, ok;
    int fd;

    if (!check_file(f, errp)) {
        return FALSE;
    }
    fd = open_path(f, &created);
    if (fd < 0) {
        return cannot("open", errp, "can't open backing store", f->mem_path);
    }
    ok = map_file(f, fd, errp);
    close(fd);
    if (!ok && created) {
        unlink(f->mem_path);
    }
    return ok;
}

static void file_finalize(HwObject *obj)
{
    FileBackend *f = (FileBackend *)obj;

    if (f->discard_data && f->parent.host != NULL) {
        madvise(f->parent.host, f->parent.size, MADV_REMOVE);
    }
}

#define FILE_PROP(type_, text, field, what)                                                     \
    { .name = text, .type = ACCEL_PROP_##type_, .offset = offsetof(FileBackend, field),         \
      .help = what }

static const AccelProp file_props[] = {
    FILE_PROP(STRING, "mem-path", mem_path, "File, or folder to make one in"),
    FILE_PROP(SIZE, "align", align, "Alignment of the host address"),
    FILE_PROP(BOOL, "discard-data", discard_data, "Throw the contents away at the end"),
    FILE_PROP(BOOL, "pmem", pmem, "Persistent memory (off only)"),
    FILE_PROP(BOOL, "readonly", readonly, "Open and map the file without writing to it"),
    ACCEL_PROP_END,
};

const HwType hw_type_memory_backend_file = {
    .name = "memory-backend-file",
    .parent = &hw_type_memory_backend,
    .desc = "host memory that is a file",
    .instance_size = sizeof(FileBackend),
    .user_creatable = true,
    .props = file_props,
    .complete = file_complete,
    .finalize = file_finalize,
};
