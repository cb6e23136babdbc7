/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Statistics, as the kernel describes them itself: a descriptor per VM or vCPU that holds a header,
 * a table of descriptions and a block of 64-bit values. Nothing about single statistics is known
 * here; kinds the kernel may invent later are left out.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "kvm-int.h"
#include "accel/kvm-stats.h"

enum { MAX_DESCS = 4096, MAX_NAME = 256 };

typedef struct Reader {
    int fd;
    struct kvm_stats_header head;
    size_t desc_size;
    uint8_t *descs;
} Reader;

static void clear_stat(gpointer p)
{
    KVMStat *stat = p;

    g_free(stat->name);
    g_free(stat->values);
}

/* pread() of all or nothing. @what: as QEMU names the parts. */
static bool read_part(int fd, void *buf, size_t len, uint64_t offset, const char *what,
                      GError **errp)
{
    ssize_t n = pread(fd, buf, len, (off_t)offset);
    const AccelErrorInfo info = { .accel = "kvm", .stage = "stats", .call = "pread",
                                  .errnum = n < 0 ? errno : EIO };

    if (n == (ssize_t)len) {
        return true;
    }
    accel_error_set(errp, ACCEL_ERROR_FAILED, &info,
                    "KVM stats: failed to read %s: expected %zu actual %zd", what, len, n);
    return false;
}

static bool check_header(const struct kvm_stats_header *h, GError **errp)
{
    if (h->name_size > 0 && h->name_size <= MAX_NAME && h->num_desc <= MAX_DESCS) {
        return true;
    }
    accel_error_set(errp, ACCEL_ERROR_FAILED, NULL,
                    "KVM stats: header with %u descriptors and names of %u bytes", h->num_desc,
                    h->name_size);
    return false;
}

static bool read_descs(Reader *r, GError **errp)
{
    size_t len;

    if (!read_part(r->fd, &r->head, sizeof(r->head), 0, "stats header", errp) ||
        !check_header(&r->head, errp)) {
        return false;
    }
    r->desc_size = sizeof(struct kvm_stats_desc) + r->head.name_size;
    len = r->desc_size * r->head.num_desc;
    r->descs = g_malloc(len);
    return read_part(r->fd, r->descs, len, r->head.desc_offset, "stats descriptors", errp);
}

/* Returns: FALSE for a kind that is not known. */
static bool describe(KVMStat *stat, const struct kvm_stats_desc *d)
{
    static const unsigned bases[] = { 10, 2 };
    unsigned type = d->flags & 0xf, unit = (d->flags >> 4) & 0xf, base = (d->flags >> 8) & 0xf;

    if (type > KVM_STAT_LOG_HIST || unit > KVM_STAT_BOOLEAN || base >= G_N_ELEMENTS(bases)) {
        return false;
    }
    stat->type = (KVMStatType)type;
    stat->unit = (KVMStatUnit)unit;
    stat->exponent = d->exponent;
    stat->base = d->exponent != 0 ? bases[base] : 0;
    stat->n = d->size;
    stat->bucket_size = type == KVM_STAT_LINEAR_HIST ? d->bucket_size : 0;
    return true;
}

static bool read_stat(Reader *r, guint i, GArray *out, GError **errp)
{
    const struct kvm_stats_desc *d = (const void *)(r->descs + r->desc_size * i);
    KVMStat stat = { 0 };

    if (!describe(&stat, d)) {
        return true;
    }
    stat.name = g_strndup(d->name, r->head.name_size);
    stat.values = g_new0(uint64_t, MAX(stat.n, 1));
    g_array_append_val(out, stat);
    return read_part(r->fd, stat.values, stat.n * sizeof(uint64_t),
                     (uint64_t)r->head.data_offset + d->offset, "data", errp);
}

static GArray *read_all(int fd, GError **errp)
{
    Reader r = { .fd = fd };
    GArray *out = g_array_new(FALSE, FALSE, sizeof(KVMStat));
    bool ok;

    g_array_set_clear_func(out, clear_stat);
    ok = read_descs(&r, errp);
    for (guint i = 0; ok && i < r.head.num_desc; i++) {
        ok = read_stat(&r, i, out, errp);
    }
    g_free(r.descs);
    if (!ok) {
        g_clear_pointer(&out, g_array_unref);
    }
    return out;
}

GArray *kvm_stats_read(KVMState *s, AccelCPU *cpu, GError **errp)
{
    GArray *out;
    int fd;

    if (kvm_check_extension(s, KVM_CAP_BINARY_STATS_FD) == 0) {
        const AccelErrorInfo info = { .accel = "kvm", .stage = "stats",
                                      .capability = "KVM_CAP_BINARY_STATS_FD" };

        accel_error_set(errp, ACCEL_ERROR_UNSUPPORTED, &info,
                        "KVM stats: this kernel has none (since Linux 5.14)");
        return NULL;
    }
    fd = cpu != NULL ? kvm_vcpu_ioctl(cpu, KVM_GET_STATS_FD, 0UL)
                     : kvm_vm_ioctl(s, KVM_GET_STATS_FD, 0UL);
    if (fd < 0) {
        const AccelErrorInfo info = { .accel = "kvm", .stage = "stats",
                                      .call = "KVM_GET_STATS_FD", .errnum = -fd };

        accel_error_set(errp, accel_error_code_from_errno(-fd), &info,
                        "KVM stats: ioctl failed: %s", g_strerror(-fd));
        return NULL;
    }
    out = read_all(fd, errp);
    close(fd);
    return out;
}
