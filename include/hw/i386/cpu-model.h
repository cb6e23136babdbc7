/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal: CPU models: what "-cpu MODEL,+feature,property=value" means in CPUID leaves and MSRs.
 *
 * Steps: x86_cpu_config_new() reads the text, takes what the model stands for, applies what was
 * asked for, and leaves out what the host cannot do, with a warning for each feature;
 * x86_cpuid_build() turns the result into leaves that all CPUs of the machine share, and
 * x86_cpuid_patch() puts one CPU's APIC id into a copy of them. Nothing here touches an accelerator:
 * the host is a table of leaves, made up in tests.
 */
#ifndef HW_I386_CPU_MODEL_H
#define HW_I386_CPU_MODEL_H

#include "accel/x86.h"
#include "hw/machine.h"

G_BEGIN_DECLS

/* Registers of CPUID leaves, and MSRs, that hold feature bits. */
typedef enum X86FeatureWord {
    X86_WORD_1_EDX, X86_WORD_1_ECX,
    X86_WORD_7_0_EBX, X86_WORD_7_0_ECX, X86_WORD_7_0_EDX,
    X86_WORD_7_1_EAX, X86_WORD_7_1_EDX, X86_WORD_7_2_EDX,
    X86_WORD_8000_0001_EDX, X86_WORD_8000_0001_ECX,
    X86_WORD_8000_0007_EBX, X86_WORD_8000_0007_EDX, X86_WORD_8000_0008_EBX,
    X86_WORD_8000_000A_EDX, X86_WORD_8000_0021_EAX, X86_WORD_C000_0001_EDX,
    X86_WORD_KVM_EAX, X86_WORD_KVM_EDX,
    X86_WORD_D_1_EAX, X86_WORD_6_EAX, X86_WORD_14_0_ECX,
    X86_WORD_ARCH_CAPABILITIES, X86_WORD_CORE_CAPABILITY, X86_WORD_PERF_CAPABILITIES,
    X86_N_WORDS
} X86FeatureWord;

/* Where a word is: leaf, sub-leaf and register, or an MSR (reg == 0, function is its number). */
typedef struct X86WordInfo {
    uint32_t function, index;
    bool indexed;
    char reg;          /* 'a', 'b', 'c', 'd'; 0: a feature MSR */
    uint64_t unmigratable; /* bits that "host" and "max" leave out with migratable=on */
    uint64_t unwanted;     /* bits that "host" and "max" leave out always */
} X86WordInfo;

extern const X86WordInfo x86_words[X86_N_WORDS];

typedef struct X86Features {
    uint64_t w[X86_N_WORDS];
} X86Features;

typedef struct X86FeatureName {
    const char *name;
    uint8_t word, bit;
    bool alias;   /* another name of a bit that has one */
} X86FeatureName;

/** x86_feature_names: all of them, sorted by name; @n: their number. */
const X86FeatureName *x86_feature_names(guint *n);
/** x86_feature_name: the name of a bit, NULL when it has none. */
const char *x86_feature_name(X86FeatureWord word, unsigned bit);
/** x86_feature_find: first row of @name ('_' is '-'); rows that follow may have the same name. */
const X86FeatureName *x86_feature_find(const char *name);
/** x86_feature_set: switch all bits called @name in @f. Returns: false when there is no such name. */
bool x86_feature_set(X86Features *f, const char *name, bool on);
/** x86_feature_text: "CPUID.07H:EBX.avx2 [bit 5]", as in warnings. Returns: (transfer full). */
char *x86_feature_text(X86FeatureWord word, unsigned bit);

static inline bool x86_has(const X86Features *f, X86FeatureWord word, unsigned bit)
{
    return f->w[word] >> bit & 1;
}

typedef struct X86Cache {
    uint8_t type, level;   /* 1 data, 2 instructions, 3 unified */
    uint16_t ways, line;
    uint32_t sets;
    uint8_t flags;         /* EDX of leaves 4 and 8000001DH */
    uint8_t lines_per_tag;
    bool not_self_init;
} X86Cache;

typedef struct X86Caches {
    X86Cache l1d, l1i, l2, l3;
} X86Caches;

/* One model as the table has it. */
typedef struct X86CpuModel {
    const char *name, *desc;
    const char *base;      /* name of the model whose features come first; NULL: none */
    const char *alias_of;  /* same thing under another name */
    int family, model, stepping;   /* -1: that of the base */
    uint32_t level, xlevel;        /* 0: those of the base; xlevel without its top bit */
    const char *vendor;    /* NULL: that of the base */
    const char *features;  /* names; "-name" takes one of the base's away */
    const X86Caches *caches;       /* NULL: the generic ones */
    bool host;             /* everything that the host has */
} X86CpuModel;

/** x86_cpu_models: the table; @n: number of rows. */
const X86CpuModel *x86_cpu_models(guint *n);
const X86CpuModel *x86_cpu_model_find(const char *name);
/** x86_cpu_model_features: add what @m stands for, its bases included, to @f. */
void x86_cpu_model_features(const X86CpuModel *m, X86Features *f);

#define X86_CPU_AUTO UINT32_MAX

/* A model with everything that was asked for on top. */
typedef struct X86CpuConfig {
    const X86CpuModel *model;
    X86Features f;           /* what the guest sees */
    X86Features forced_on, forced_off; /* named on the command line */
    X86Features host;        /* what the accelerator can do */
    X86Features filtered;    /* what was asked for and left out */
    bool no_host;            /* the accelerator did not say: nothing is left out */
    bool on_kvm;             /* KVM's own features make sense */
    const GArray *leaves;    /* AccelX86Cpuid of the host; borrowed */
    /* properties */
    gint64 family, model_nr, stepping;
    uint32_t level, xlevel, xlevel2, level_func7; /* X86_CPU_AUTO: as the features need, */
    uint32_t min_level, min_xlevel, min_xlevel2;  /* but no less than these: the model's */
    uint32_t apic_id;        /* read, not used: the board hands them out */
    gint64 socket_id, die_id, core_id, thread_id, node_id; /* -1: any */
    char *vendor, *model_id;
    uint32_t phys_bits, host_phys_bits_limit;
    bool host_phys_bits, check, enforce, force_features, kvm, pmu, migratable, l3_cache,
        legacy_cache, host_cache_info, cpuid_0xb, vmware_cpuid_freq, accepted;
    gint64 tsc_hz;           /* 0: the host's */
    uint64_t ucode_rev;      /* 0: the host's, or the model's usual one */
    GStrv warnings;          /* one line each */
} X86CpuConfig;

/* What surrounds the CPUs, as far as CPUID tells of it. */
typedef struct X86CpuHost {
    const GArray *leaves;    /* AccelX86Cpuid; empty: the accelerator has nothing to say */
    uint64_t feature_msrs[3];/* ARCH_CAPABILITIES, CORE_CAPABILITY, PERF_CAPABILITIES */
    uint64_t ucode_rev;      /* 0: unknown */
    char model_id[49];       /* the processor's name for itself; empty: that of the leaves */
    const char *accel_text;  /* "host" for KVM, "TCG" for software: who doesn't support it */
    bool kvm;                /* KVM's paravirtual leaves make sense */
    AccelIrqchip irqchip;
} X86CpuHost;

/** x86_cpu_has_property: could @name stand behind -cpu MODEL? Features count. */
bool x86_cpu_has_property(const char *name);

/**
 * x86_cpu_config_new: what @text ("Haswell,+avx512f,phys-bits=40") means on @host.
 * Returns: (transfer full), or NULL with ACCEL_ERROR_INVALID (unknown model, feature, property, bad
 * value) or ACCEL_ERROR_UNSUPPORTED ("enforce"); what went wrong is in the notes, a line each.
 */
X86CpuConfig *x86_cpu_config_new(const char *text, const X86CpuHost *host, GError **errp);
void x86_cpu_config_free(X86CpuConfig *c);

/* Steps of the above, for queries. */
X86CpuConfig *x86_cpu_config_parse(const char *text, const X86CpuHost *host, GError **errp);
/** x86_cpu_config_levels: the highest basic, extended and leaf 7 sub-leaf numbers. */
void x86_cpu_config_levels(X86CpuConfig *c);
/** x86_cpu_config_missing: bits of c->f that the host cannot do. Returns: true when there are any. */
bool x86_cpu_config_missing(const X86CpuConfig *c, X86Features *missing);
extern const AccelProp x86_cpu_config_props[];

/** x86_host_features: what @host can do, word by word. */
void x86_host_features(const X86CpuHost *host, X86Features *f);
const AccelX86Cpuid *x86_cpuid_find(const GArray *leaves, uint32_t function, uint32_t index);

/**
 * x86_cpuid_build: the leaves of @c for a machine with topology @smp.
 * @tsc_khz: the guest's TSC frequency where it is known and stable, else 0.
 * Returns: (transfer full) array of AccelX86Cpuid.
 */
GArray *x86_cpuid_build(const X86CpuConfig *c, const SmpConfig *smp, uint32_t tsc_khz);
/** x86_cpuid_patch: make @leaves those of the CPU with @apic_id. */
void x86_cpuid_patch(AccelX86Cpuid *leaves, guint n, const SmpConfig *smp, uint32_t apic_id);

/** x86_cpu_msrs: MSRs to set after CPUID. Returns: how many of the at most 4. */
guint x86_cpu_msrs(const X86CpuConfig *c, const X86CpuHost *host, AccelX86Msr msrs[4]);

/* ---- for QMP ---- */

/* A property of an expanded model. */
typedef struct X86CpuProp {
    char *name;
    enum { X86_CPU_PROP_BOOL, X86_CPU_PROP_INT, X86_CPU_PROP_STRING } kind;
    bool on;
    bool is_signed;    /* number is a gint64 */
    guint64 number;
    char *string;
} X86CpuProp;

void x86_cpu_prop_free(X86CpuProp *p);

/** x86_machine_cpu_host: @host of the machine's accelerator; kept by the machine. */
gboolean x86_machine_cpu_host(MachineState *ms, const X86CpuHost **host, GError **errp);

/**
 * x86_machine_cpu_config: what the machine's CPUs are; NULL before the first one has its leaves.
 * Kept by the machine.
 */
const X86CpuConfig *x86_machine_cpu_config(MachineState *ms);

/** x86_cpu_signature: EAX of CPUID leaf 1; 0 for NULL. */
uint32_t x86_cpu_signature(const X86CpuConfig *c);

/**
 * x86_cpu_model_unavailable: names of the features of model @name that the host lacks, for
 * query-cpu-definitions. Returns: (transfer full) NULL-terminated, empty when it can run.
 */
GStrv x86_cpu_model_unavailable(const char *name, const X86CpuHost *host);

/**
 * x86_cpu_model_expand: the properties of -cpu @text, for query-cpu-model-expansion.
 * Returns: (transfer full) array of X86CpuProp, sorted by name, or NULL with an error.
 */
GPtrArray *x86_cpu_model_expand(const char *text, const X86CpuHost *host, GError **errp);

/** x86_cpu_config_list: the same of CPUs that are there: without what was left out of @c. */
GPtrArray *x86_cpu_config_list(const X86CpuConfig *c);

/* A feature word as a CPU shows it. */
typedef struct X86WordValue {
    uint32_t function, index;
    bool indexed;
    char reg;          /* 'a', 'b', 'c', 'd' */
    uint32_t value;
} X86WordValue;

/**
 * x86_cpu_config_words: what the guest sees, or (@filtered) what was asked for and left out.
 * Returns: (transfer full) array of X86WordValue.
 */
GArray *x86_cpu_config_words(const X86CpuConfig *c, bool filtered);

G_END_DECLS

#endif
