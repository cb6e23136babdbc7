/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* memsave and pmemsave: guest memory into a file, page by page. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include "hw/cpu.h"
#include "hw/memory.h"
#include "system/qmp.h"
#include "system/fdset.h"
#include "system/virtual.h"

enum { PAGE = 4096 };

static bool write_failed(const char *path, int err, GError **errp)
{
    qmp_error(errp, QMP_GENERIC_ERROR, "writing memory to '%s' failed: %s", path,
              g_strerror(err));
    return false;
}

static bool copy(Monitor *mon, CPUState *cpu, uint64_t addr, uint64_t size, FILE *f,
                 const char *path, GError **errp)
{
    const uint64_t all_addr = addr, all_size = size;
    VirtualReader reader = { .ms = mon->vm->ms, .cpu = cpu };
    uint8_t buf[PAGE];

    while (size > 0) {
        size_t len = MIN(size, PAGE - (addr & (PAGE - 1)));

        /* A physical hole reads as the machine has it; through page tables it is an error. */
        if (!virtual_read(&reader, addr, buf, len) && cpu != NULL) {
            qmp_error(errp, QMP_GENERIC_ERROR, "Invalid addr 0x%016" G_GINT64_MODIFIER "x/size %"
                      G_GUINT64_FORMAT " specified", all_addr, all_size);
            return false;
        }
        if (fwrite(buf, 1, len, f) != len) {
            return write_failed(path, errno, errp);
        }
        addr += len;
        size -= len;
    }
    return fflush(f) == 0 || write_failed(path, errno, errp);
}

static bool save(Monitor *mon, CPUState *cpu, json_t *args, GError **errp)
{
    const char *path = qmp_str(args, "filename");
    int fd = fdset_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666), err = errno;
    FILE *f = fd >= 0 ? fdopen(fd, "wb") : NULL;
    bool ok;

    if (f == NULL) {
        qmp_error(errp, QMP_GENERIC_ERROR, "Could not open '%s': %s", path, g_strerror(err));
        return false;
    }
    ok = copy(mon, cpu, (uint64_t)qmp_int(args, "val", 0), (uint64_t)qmp_int(args, "size", 0), f,
              path, errp);
    fclose(f);
    return ok;
}

static bool check_size(json_t *args, GError **errp)
{
    if (qmp_int(args, "size", 0) < 0) {
        qmp_error(errp, QMP_GENERIC_ERROR, "Parameter 'size' expects a non-negative size");
        return false;
    }
    return true;
}

bool qmp_pmemsave(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    return check_size(args, errp) && save(mon, NULL, args, errp);
}

bool qmp_memsave(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    int64_t index = qmp_int(args, "cpu-index", 0);
    CPUState *cpu = index >= 0 && index <= G_MAXINT ? hw_machine_cpu(mon->vm->ms, (guint)index)
                                                    : NULL;

    if (cpu == NULL) {
        qmp_error(errp, QMP_GENERIC_ERROR, "Parameter 'cpu-index' expects a CPU number");
        return false;
    }
    return check_size(args, errp) && save(mon, cpu, args, errp);
}
