/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Too little of something: descriptors of this process or of the whole system, memory. The advice
 * is made from the figures, so that following it never leaves less than there was.
 */
#include <errno.h>
#include "host-int.h"

#define PLENTY (G_GINT64_CONSTANT(512) << 20)

static void raise_files(const KVMHost *h, GError *err)
{
    const gint64 want = MAX(4096, 2 * h->nofile);

    if (h->nofile_hard < 0 || h->nofile_hard >= want) {
        host_remedy(err, "ulimit -n %" G_GINT64_FORMAT " raises it for this shell (for a service: "
                    "LimitNOFILE=, for all: limits.conf)", want);
    } else if (h->nofile_hard > h->nofile) {
        host_remedy(err, "ulimit -n %" G_GINT64_FORMAT " raises it for this shell as far as the "
                    "hard limit goes (for a service: LimitNOFILE=, for all: limits.conf)",
                    h->nofile_hard);
    } else {
        host_remedy(err, "the hard limit is %" G_GINT64_FORMAT ", too: root raises it (for a "
                    "service: LimitNOFILE=, for all: limits.conf), then log in again",
                    h->nofile_hard);
    }
}

/* Every process together has too many: a limit of one process has nothing to do with it. */
static void system_files(const KVMHost *h, GError *err)
{
    if (h->file_max > 0) {
        host_cause(err, "the whole system's table of open files is full (fs.file-max=%"
                   G_GINT64_FORMAT ")", h->file_max);
        host_remedy(err, "find what holds them open, or: sudo sysctl -w fs.file-max=%"
                    G_GINT64_FORMAT, 2 * MIN(h->file_max, G_MAXINT64 / 2));
    } else {
        host_cause(err, "the whole system's table of open files is full");
        host_remedy(err, "find what holds them open, or raise fs.file-max with sysctl");
    }
}

gboolean host_out_of_files(const KVMHost *h, GError *err)
{
    const char *needs = g_strcmp0(accel_error_stage(err), "open") == 0
                            ? "" : "; a VM needs one for itself and one per vCPU";

    if (accel_error_errno(err) == ENFILE) {
        system_files(h, err);
        return TRUE;
    }
    if (accel_error_errno(err) != EMFILE) {
        return FALSE;
    }
    if (h->fds_open >= 0) {
        host_cause(err, "open-file limit is %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT " are open%s",
                   h->nofile, h->fds_open, needs);
    } else {
        host_cause(err, "open-file limit is %" G_GINT64_FORMAT "%s", h->nofile, needs);
    }
    raise_files(h, err);
    return TRUE;
}

static bool cgroup_short(const KVMHost *h)
{
    return h->memory_max >= 0 && h->memory_max - MAX(h->memory_current, 0) < PLENTY;
}

gboolean host_out_of_memory(const KVMHost *h, GError *err)
{
    if (accel_error_errno(err) != ENOMEM) {
        return FALSE;
    }
    if (h->memory_max >= 0) {
        host_cause(err, "the cgroup's memory limit is %" G_GINT64_FORMAT " MiB, %" G_GINT64_FORMAT
                   " MiB are in use", h->memory_max >> 20, MAX(h->memory_current, 0) >> 20);
    }
    if (cgroup_short(h)) {
        host_remedy(err, "raise the limit of the container or service (memory.max, --memory, "
                    "MemoryMax=)");
    } else if (h->memory_available >= PLENTY) {
        host_cause(err, "the host has %" G_GINT64_FORMAT " MiB available, so memory is not short: "
                   "a limit of this process, or the kernel's memory is in small pieces",
                   h->memory_available >> 20);
        host_remedy(err, "see ulimit -v, ulimit -l and sysctl vm.overcommit_memory, or try again "
                    "after: echo 1 | sudo tee /proc/sys/vm/compact_memory");
        return TRUE;
    }
    if (h->memory_available >= 0) {
        host_cause(err, "the host has %" G_GINT64_FORMAT " MiB available",
                   h->memory_available >> 20);
    }
    host_remedy(err, "free memory on the host, or give the guest less: -m");
    return TRUE;
}
