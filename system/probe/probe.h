/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal to accelvm-probe: the report, and its forms.
 */
#ifndef SYSTEM_PROBE_H
#define SYSTEM_PROBE_H

#include "accel/accel.h"
#include "accel/kvm.h"
#include "accel/kvm-host.h"
#include "accel/x86.h"

#define PROBE_SCHEMA_VERSION 1

/* Exit statuses; documented in the man page and stable. */
enum {
    PROBE_OK = 0,
    PROBE_UNMET = 1,       /* --require named something that is missing */
    PROBE_USAGE = 2,
    PROBE_ABSENT = 3,
    PROBE_DENIED = 4,
    PROBE_BUSY = 5,
    PROBE_TOO_OLD = 6,
    PROBE_BROKEN = 7,
    PROBE_UNSUPPORTED = 8, /* a required capability is missing */
};

typedef struct ProbeCap {
    const char *name, *since;
    int number, value;
} ProbeCap;

typedef struct Probe {
    KVMHost *host;
    GError *err;        /* NULL: KVM is usable now */
    AccelState *as;     /* NULL when err is set or the report is an offline one */
    bool offline;

    int api_version, soft_vcpus, hard_vcpus, max_vcpu_id, memslots;
    GArray *caps;       /* ProbeCap, every known one, by number; NULL without KVM */
    bool irqchip_on, irqchip_split, nested;
    guint64 vm_types;   /* bit per type */
    guint n_msrs, n_feature_msrs;
    GPtrArray *cpu_features; /* const char *; NULL without KVM */
} Probe;

/** probe_run: open KVM, ask everything, close nothing yet. Never fails: err says what failed. */
void probe_run(Probe *p, const char *device);
/** probe_offline: explain a report saved by probe_save(). FALSE when @dir is none. */
gboolean probe_offline(Probe *p, const char *dir, GError **errp);
/** probe_save: copy the facts of this host below @dir, without anything private. */
gboolean probe_save(const Probe *p, const char *dir, GError **errp);
void probe_clear(Probe *p);
/** probe_status: exit status for the report. */
int probe_status(const Probe *p);
/** probe_state: "usable", "absent", "denied", "busy", "too-old", "broken", "unsupported". */
const char *probe_state(const Probe *p);
/** probe_unmet: names of the requirements ("KVM_CAP_X,vcpus=64,nested") that are not met. */
GPtrArray *probe_unmet(const Probe *p, const char *require, GError **errp);
int probe_cap_value(const Probe *p, int number);

char *probe_to_text(const Probe *p, bool colour);
char *probe_to_json(const Probe *p);
char *probe_to_prometheus(const Probe *p);
char *probe_to_nfd(const Probe *p);
char *probe_to_slurm(const Probe *p);

/** probe_cpu_features: names of the CPUID features in @cpuid. (transfer container) */
GPtrArray *probe_cpu_features(const GArray *cpuid);

#endif
