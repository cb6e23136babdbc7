/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * memory-backend-ram and memory-backend-memfd: memory without a file of the user's.
 *
 * Theory of operation: the first is an anonymous mapping. The second has a descriptor, may be made
 * of huge pages, is shared unless told otherwise, and is sealed against changes of size, so that
 * no peer that is handed the descriptor can take pages away under the guest.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "hw/core/memory-backend-internal.h"

#ifndef MFD_HUGE_SHIFT
#define MFD_HUGE_SHIFT 26
#endif

static gboolean ram_complete(HwObject *obj, GError **errp)
{
    MemoryBackend *b = (MemoryBackend *)obj;
    BackendMap map = { .fd = -1, .page = (uint64_t)sysconf(_SC_PAGESIZE) };

    return backend_begin(b, errp) && backend_map(b, &map, errp);
}

const HwType hw_type_memory_backend_ram = {
    .name = "memory-backend-ram",
    .parent = &hw_type_memory_backend,
    .desc = "anonymous host memory",
    .instance_size = sizeof(MemoryBackend),
    .user_creatable = true,
    .complete = ram_complete,
};

/* ---- memfd ---- */

typedef struct MemfdBackend {
    MemoryBackend parent;
    bool hugetlb, seal;
    uint64_t hugetlbsize; /* 0: the host's default */
} MemfdBackend;

static gboolean check_hugesize(void *obj, const AccelProp *prop, GError **errp)
{
    MemfdBackend *m = obj;

    if (m->hugetlbsize != 0) {
        return TRUE;
    }
    accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "Property '%s.%s' doesn't take value '0'",
                    m->parent.obj.type->name, prop->name);
    return FALSE;
}

static gboolean failed(const char *call, const char *what, GError **errp)
{
    AccelErrorInfo info = { .stage = "memory", .call = call, .errnum = errno };

    accel_error_set(errp, ACCEL_ERROR_RESOURCE, &info, "%s: %s", what, g_strerror(info.errnum));
    return FALSE;
}

static int open_memfd(const MemfdBackend *m)
{
    unsigned flags = MFD_CLOEXEC | (m->seal ? MFD_ALLOW_SEALING : 0);

    if (m->hugetlb) {
        flags |= MFD_HUGETLB;
        if (m->hugetlbsize != 0) {
            flags |= (unsigned)__builtin_ctzll(m->hugetlbsize) << MFD_HUGE_SHIFT;
        }
    }
    return memfd_create(m->parent.obj.name, flags);
}

static gboolean size_and_seal(const MemfdBackend *m, int fd, GError **errp)
{
    g_autofree char *what = g_strdup_printf("failed to resize memfd to %" G_GUINT64_FORMAT,
                                            m->parent.size);

    if (m->parent.size > G_MAXINT64 || ftruncate(fd, (off_t)m->parent.size) != 0) {
        errno = m->parent.size > G_MAXINT64 ? EFBIG : errno;
        return failed("ftruncate", what, errp);
    }
    return !m->seal || fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) == 0 ||
           failed("fcntl", "failed to seal memfd", errp);
}

static uint64_t page_of(const MemfdBackend *m, int fd)
{
    return m->hugetlb && m->hugetlbsize != 0 ? m->hugetlbsize
                                             : backend_fd_page(fd);
}

static gboolean memfd_complete(HwObject *obj, GError **errp)
{
    MemfdBackend *m = (MemfdBackend *)obj;
    gboolean ok;
    int fd;

    if (!backend_begin(&m->parent, errp)) {
        return FALSE;
    }
    if (m->hugetlbsize & (m->hugetlbsize - 1)) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "Hugepage size must be a power of 2");
        return FALSE;
    }
    fd = open_memfd(m);
    if (fd < 0) {
        return failed("memfd_create", "failed to create memfd", errp);
    }
    ok = size_and_seal(m, fd, errp) &&
         backend_map(&m->parent, &(BackendMap){ .fd = fd, .page = page_of(m, fd) }, errp);
    close(fd); /* the mapping keeps the memory */
    return ok;
}

static void memfd_init(HwObject *obj)
{
    ((MemoryBackend *)obj)->share = true;
}

static const AccelProp memfd_props[] = {
    { .name = "hugetlb", .type = ACCEL_PROP_BOOL, .offset = offsetof(MemfdBackend, hugetlb),
      .help = "Use huge pages" },
    { .name = "hugetlbsize", .type = ACCEL_PROP_SIZE,
      .offset = offsetof(MemfdBackend, hugetlbsize), .type_name = "int",
      .help = "Huge pages size (ex: 2M, 1G)", .check = check_hugesize },
    { .name = "seal", .type = ACCEL_PROP_BOOL, .offset = offsetof(MemfdBackend, seal),
      .defval = "on", .help = "Seal growing & shrinking" },
    ACCEL_PROP_END,
};

const HwType hw_type_memory_backend_memfd = {
    .name = "memory-backend-memfd",
    .parent = &hw_type_memory_backend,
    .desc = "host memory with a descriptor",
    .instance_size = sizeof(MemfdBackend),
    .user_creatable = true,
    .props = memfd_props,
    .init = memfd_init,
    .complete = memfd_complete,
};
