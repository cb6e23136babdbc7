/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: the statistics that KVM keeps of a VM and of each vCPU (KVM_CAP_BINARY_STATS_FD).
 */
#ifndef ACCEL_KVM_STATS_H
#define ACCEL_KVM_STATS_H

#include "accel/kvm.h"

G_BEGIN_DECLS

typedef enum KVMStatType {
    KVM_STAT_CUMULATIVE, KVM_STAT_INSTANT, KVM_STAT_PEAK, KVM_STAT_LINEAR_HIST, KVM_STAT_LOG_HIST,
} KVMStatType;

typedef enum KVMStatUnit {
    KVM_STAT_NONE, KVM_STAT_BYTES, KVM_STAT_SECONDS, KVM_STAT_CYCLES, KVM_STAT_BOOLEAN,
} KVMStatUnit;

/* One statistic. The value counts in units of base^exponent (base 0: the plain unit). */
typedef struct KVMStat {
    char *name;           /* "halt_exits" */
    KVMStatType type;
    KVMStatUnit unit;
    unsigned base;        /* 10, 2 or 0 */
    int exponent;
    uint32_t bucket_size; /* linear histograms */
    guint n;              /* values: 1, or the buckets of a histogram */
    uint64_t *values;
} KVMStat;

/**
 * kvm_stats_read: all statistics of the VM, or of @cpu when that is not NULL. A vCPU's can only be
 * read while it is out of KVM_RUN: call this on its thread, or while it is stopped. Returns:
 * (transfer full) array of KVMStat, to be freed with g_array_unref(); NULL with
 * ACCEL_ERROR_UNSUPPORTED on kernels before 5.14, or the errors of the calls. Source: KVM API
 * 4.132.
 */
ACCEL_API GArray *kvm_stats_read(KVMState *s, AccelCPU *cpu, GError **errp);

G_END_DECLS

#endif
