/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * CPU models against hosts that are made up: what is read from the text, left out, warned of and put
 * into CPUID leaves. With the argument "dump" it prints all features and those of every model
 * instead, a line each, for the comparison with QEMU in cpu-model-qemu.py.
 */
#include <stdio.h>
#include <string.h>
#include "hw/i386/cpu-model.h"

#define LEAF(fn, a, b, c, d) { (fn), 0, false, (a), (b), (c), (d) }
#define SUB(fn, i, a, b, c, d) { (fn), (i), true, (a), (b), (c), (d) }

/* Everything that there is a bit for, on a processor of AMD's. */
static const AccelX86Cpuid rich[] = {
    LEAF(0, 0x20, 0x68747541, 0x444d4163, 0x69746e65),
    LEAF(1, 0x00a20f12, 0, 0xffffffff, 0xffffffff),
    LEAF(6, 4, 0, 0, 0),
    SUB(7, 0, 2, 0xffffffff, 0xffffffff, 0xffffffff),
    SUB(7, 1, 0xffffffff, 0, 0, 0xffffffff),
    SUB(7, 2, 0, 0, 0, 0xffffffff),
    SUB(0xd, 0, 0x602e7, 0x988, 0x2b00, 0),
    SUB(0xd, 1, 0x1f, 0x988, 0, 0),
    SUB(0xd, 2, 0x100, 0x240, 0, 0),
    SUB(0xd, 5, 0x40, 0x440, 0, 0),
    SUB(0xd, 6, 0x200, 0x480, 0, 0),
    SUB(0xd, 7, 0x400, 0x680, 0, 0),
    SUB(0xd, 9, 8, 0xa80, 0, 0),
    SUB(0xd, 17, 0x40, 0xac0, 2, 0),
    SUB(0xd, 18, 0x2000, 0xb00, 6, 0),
    LEAF(0x40000000, 0x40000001, 0x4b4d564b, 0x564b4d56, 0x4d),
    LEAF(0x40000001, 0x01007efb, 0, 0, 0),
    LEAF(0x80000000, 0x80000021, 0x68747541, 0x444d4163, 0x69746e65),
    LEAF(0x80000001, 0x00a20f12, 0, 0xffffffff, 0xffffffff),
    LEAF(0x80000007, 0, 3, 0, 0x100),
    LEAF(0x80000008, 0x3030, 0xffffffff, 0, 0),
    LEAF(0x8000000a, 1, 8, 0, 0xffffffff),
    SUB(0x8000001d, 0, 0x121, 0x1c0003f, 0x3f, 0),
    LEAF(0x80000021, 0xffffffff, 0, 0, 0),
};

/* Little more than the first 64-bit processors of Intel's had. */
static const AccelX86Cpuid poor[] = {
    LEAF(0, 0xa, 0x756e6547, 0x6c65746e, 0x49656e69),
    LEAF(1, 0x000006f2, 0, 0x00002001, 0x0f8bfbff),
    LEAF(0x40000001, 0x0100007b, 0, 0, 0),
    LEAF(0x80000000, 0x80000008, 0, 0, 0),
    LEAF(0x80000001, 0, 0, 1, 0x20100800),
    LEAF(0x80000008, 0x3024, 0, 0, 0),
};

typedef struct Host {
    X86CpuHost h;
    GArray *leaves;
} Host;

static void host_init(Host *host, const AccelX86Cpuid *rows, guint n)
{
    memset(host, 0, sizeof(*host));
    host->leaves = g_array_new(FALSE, FALSE, sizeof(*rows));
    if (n != 0) {
        g_array_append_vals(host->leaves, rows, n);
    }
    host->h.leaves = host->leaves;
    host->h.kvm = n != 0;
    host->h.accel_text = "host";
    host->h.irqchip = ACCEL_IRQCHIP_ON;
    host->h.feature_msrs[0] = 0xffffffff;
    host->h.ucode_rev = 7;
}

static const SmpConfig one = { .cpus = 1, .max_cpus = 1, .sockets = 1, .dies = 1, .modules = 1,
                               .clusters = 1, .cores = 1, .threads = 1 };
static const SmpConfig many = { .cpus = 24, .max_cpus = 24, .sockets = 2, .dies = 2, .modules = 1,
                                .clusters = 1, .cores = 3, .threads = 2 };

static X86CpuConfig *make(Host *host, const char *text)
{
    GError *err = NULL;
    X86CpuConfig *c = x86_cpu_config_new(text, &host->h, &err);

    g_assert_no_error(err);
    return c;
}

static bool has(const X86CpuConfig *c, const char *name)
{
    const X86FeatureName *row = x86_feature_find(name);

    g_assert_nonnull(row);
    return x86_has(&c->f, row->word, row->bit);
}

static GArray *build(const X86CpuConfig *c, const SmpConfig *smp, uint32_t apic_id)
{
    GArray *leaves = x86_cpuid_build(c, smp, 0);

    x86_cpuid_patch((AccelX86Cpuid *)leaves->data, leaves->len, smp, apic_id);
    return leaves;
}

static void check_leaf(const GArray *leaves, uint32_t fn, uint32_t sub, uint32_t eax, uint32_t ebx,
                       uint32_t ecx, uint32_t edx)
{
    const AccelX86Cpuid *e = x86_cpuid_find(leaves, fn, sub);

    g_assert_nonnull(e);
    g_assert_cmphex(e->eax, ==, eax);
    g_assert_cmphex(e->ebx, ==, ebx);
    g_assert_cmphex(e->ecx, ==, ecx);
    g_assert_cmphex(e->edx, ==, edx);
}

static void test_names(void)
{
    guint n;
    const X86FeatureName *names = x86_feature_names(&n);

    for (guint i = 1; i < n; i++) {
        g_assert_cmpint(strcmp(names[i - 1].name, names[i].name), <=, 0);
    }
    for (guint i = 0; i < n; i++) {
        const X86FeatureName *row = x86_feature_find(names[i].name);

        g_assert_nonnull(row);
        g_assert_cmpstr(row->name, ==, names[i].name);
        g_assert_cmpuint(names[i].word, <, X86_N_WORDS);
        g_assert_nonnull(x86_feature_name(names[i].word, names[i].bit));
    }
    g_assert_nonnull(x86_feature_find("sse4_2"));
    g_assert_null(x86_feature_find("sse4"));
    g_assert_null(x86_feature_find(""));
    g_assert_null(x86_feature_find("zzz"));
}

/* Every word of every row is a feature: a slip of the pen would go unseen otherwise. */
static void test_table(void)
{
    guint n;
    const X86CpuModel *models = x86_cpu_models(&n);

    for (guint i = 0; i < n; i++) {
        g_auto(GStrv) words = g_strsplit(models[i].features ? models[i].features : "", " ", -1);

        for (char **w = words; *w != NULL; w++) {
            if (**w != '\0' && x86_feature_find(**w == '-' ? *w + 1 : *w) == NULL) {
                g_error("%s has the word '%s'", models[i].name, *w);
            }
        }
        g_assert_true(models[i].base == NULL || x86_cpu_model_find(models[i].base) != NULL);
    }
}

static void test_signs(void)
{
    Host host;
    X86CpuConfig *c;

    host_init(&host, rich, G_N_ELEMENTS(rich));
    c = make(&host, "qemu64,+avx2,avx512f,sse4_2=on,-sse4.2,lahf-lm=off,+lahf-lm");
    g_assert_true(has(c, "avx2"));
    g_assert_true(has(c, "avx512f"));
    g_assert_false(has(c, "sse4.2"));
    g_assert_true(has(c, "lahf-lm"));
    g_assert_true(has(c, "hypervisor"));
    g_assert_true(has(c, "x2apic"));
    g_assert_false(has(c, "svm"));
    g_assert_cmphex(c->f.w[X86_WORD_KVM_EAX], ==, 0x0100007b);
    g_assert_cmpuint(g_strv_length(c->warnings), ==, 0);
    x86_cpu_config_free(c);
    c = make(&host, "qemu64,kvm=off,-x2apic,-hypervisor");
    g_assert_cmphex(c->f.w[X86_WORD_KVM_EAX], ==, 0);
    g_assert_false(has(c, "x2apic"));
    g_assert_false(has(c, "hypervisor"));
    x86_cpu_config_free(c);
    g_array_unref(host.leaves);
}

static void test_refused(void)
{
    static const struct { const char *text, *message; } rows[] = {
        { "nosuch", "unable to find CPU model 'nosuch'" },
        { "", "unable to find CPU model ''" },
        { "qemu64,+foo", "Property 'qemu64-x86_64-cpu.foo' not found" },
        { "qemu64,foo", "can't apply global qemu64-x86_64-cpu.foo=on: "
                        "Property 'qemu64-x86_64-cpu.foo' not found" },
        { "max,avx=maybe", "can't apply global max-x86_64-cpu.avx=maybe: "
                           "Parameter 'avx' expects 'on' or 'off'" },
        { "qemu64,family=x", "can't apply global qemu64-x86_64-cpu.family=x: "
                             "Parameter 'family' expects int64" },
        { "qemu64,family=300", "can't apply global qemu64-x86_64-cpu.family=300: Property .family "
                               "doesn't take value 300 (minimum: 0, maximum: 270)" },
        { "qemu64,stepping=16", "can't apply global qemu64-x86_64-cpu.stepping=16: Property "
                                ".stepping doesn't take value 16 (minimum: 0, maximum: 15)" },
        { "qemu64,vendor=foo", "can't apply global qemu64-x86_64-cpu.vendor=foo: "
                               "Property '.vendor' doesn't take value 'foo'" },
        { "qemu64,phys-bits=60", "phys-bits should be between 32 and 52  (but is 60)" },
        { "qemu64,phys-bits=31", "phys-bits should be between 32 and 52  (but is 31)" },
        { "qemu32,phys-bits=40", "phys-bits is not user-configurable in 32 bit" },
        { "qemu64,tsc-freq=2X", "bad numerical value 2X" },
        { "qemu64,tsc-freq=", "bad numerical value " },
        { "qemu64,tsc-freq=10E", "bad numerical value 10E" },
    };
    Host host;

    host_init(&host, rich, G_N_ELEMENTS(rich));
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) err = NULL;

        g_assert_null(x86_cpu_config_new(rows[i].text, &host.h, &err));
        g_assert_nonnull(err);
        g_assert_cmpstr(err->message, ==, rows[i].message);
    }
    g_array_unref(host.leaves);
}

static void test_missing(void)
{
    g_autoptr(GError) err = NULL;
    Host host;
    X86CpuConfig *c;

    host_init(&host, poor, G_N_ELEMENTS(poor));
    c = make(&host, "kvm64,+avx2,+rdctl-no");
    g_assert_cmpuint(g_strv_length(c->warnings), ==, 2);
    g_assert_cmpstr(c->warnings[0], ==, "This feature depends on other features that were not "
                    "requested: MSR(10AH).rdctl-no [bit 0]");
    g_assert_cmphex(c->filtered.w[X86_WORD_ARCH_CAPABILITIES], ==, 1);
    g_assert_cmpstr(c->warnings[1], ==,
                    "host doesn't support requested feature: CPUID.07H:EBX.avx2 [bit 5]");
    g_assert_false(has(c, "avx2"));
    g_assert_cmpstr(c->vendor, ==, "GenuineIntel");
    x86_cpu_config_free(c);
    c = make(&host, "kvm64,+avx2,check=off");
    g_assert_cmpuint(g_strv_length(c->warnings), ==, 0);
    g_assert_false(has(c, "avx2"));
    x86_cpu_config_free(c);
    c = make(&host, "kvm64,+avx2,x-force-features=on");
    g_assert_true(has(c, "avx2"));
    x86_cpu_config_free(c);
    g_assert_null(x86_cpu_config_new("kvm64,+avx2,enforce", &host.h, &err));
    g_assert_error(err, ACCEL_ERROR, ACCEL_ERROR_UNSUPPORTED);
    g_assert_cmpstr(err->message, ==, "Host doesn't support requested features");
    g_array_unref(host.leaves);
}

/* An accelerator that says nothing restricts nothing, and warns of nothing. */
static void test_no_host(void)
{
    Host host;
    X86CpuConfig *c;

    host_init(&host, NULL, 0);
    c = make(&host, "SapphireRapids,enforce");
    g_assert_true(has(c, "amx-tile"));
    g_assert_cmpuint(g_strv_length(c->warnings), ==, 0);
    g_array_unref(build(c, &one, 0));
    x86_cpu_config_free(c);
    g_array_unref(host.leaves);
}

static void test_host(void)
{
    Host host;
    X86CpuConfig *c;
    GArray *leaves;

    host_init(&host, rich, G_N_ELEMENTS(rich));
    strcpy(host.h.model_id, "Made up");
    c = make(&host, "host,-avx512f");
    g_assert_cmpint(c->family, ==, 25);
    g_assert_cmpint(c->model_nr, ==, 0x21);
    g_assert_cmpint(c->stepping, ==, 2);
    g_assert_cmpuint(c->phys_bits, ==, 48);
    g_assert_true(c->pmu);
    g_assert_false(has(c, "avx512f"));
    g_assert_false(has(c, "invtsc"));
    g_assert_false(has(c, "topoext"));
    leaves = build(c, &one, 3);
    check_leaf(leaves, 0, 0, 0x20, 0x68747541, 0x444d4163, 0x69746e65);
    check_leaf(leaves, 1, 0, 0x00a20f12, 0x03000800, 0xf7ffffff & ~(1u << 11) & ~(1u << 16),
               x86_cpuid_find(leaves, 1, 0)->edx);
    check_leaf(leaves, 0x80000002, 0, 0x6564614d, 0x00707520, 0, 0);
    g_array_unref(leaves);
    x86_cpu_config_free(c);
    c = make(&host, "host,migratable=off,host-phys-bits-limit=40");
    g_assert_true(has(c, "invtsc"));
    g_assert_cmpuint(c->phys_bits, ==, 40);
    x86_cpu_config_free(c);
    g_array_unref(host.leaves);
}

static void test_irqchip(void)
{
    Host host;
    X86CpuConfig *c;

    host_init(&host, rich, G_N_ELEMENTS(rich));
    host.h.irqchip = ACCEL_IRQCHIP_OFF;
    c = make(&host, "Haswell");
    g_assert_false(has(c, "x2apic"));
    g_assert_false(has(c, "tsc-deadline"));
    g_assert_false(has(c, "kvm-pv-eoi"));
    g_assert_false(has(c, "kvm-msi-ext-dest-id"));
    x86_cpu_config_free(c);
    host.h.irqchip = ACCEL_IRQCHIP_SPLIT;
    c = make(&host, "Haswell");
    g_assert_true(has(c, "x2apic"));
    g_assert_true(has(c, "tsc-deadline"));
    g_assert_true(has(c, "kvm-msi-ext-dest-id"));
    x86_cpu_config_free(c);
    g_array_unref(host.leaves);
}

/* 2 packages of 2 dies of 3 cores of 2 threads: APIC ids have gaps. 29 is the last but two. */
static void test_topology_amd(void)
{
    const uint32_t apic_id = 1 << 4 | 1 << 3 | 2 << 1 | 1;
    Host host;
    X86CpuConfig *c;
    GArray *leaves;

    host_init(&host, rich, G_N_ELEMENTS(rich));
    c = make(&host, "EPYC-Milan");
    leaves = build(c, &many, apic_id);
    g_assert_cmphex(x86_cpuid_find(leaves, 1, 0)->ebx, ==, apic_id << 24 | 12 << 16 | 0x800);
    g_assert_cmphex(x86_cpuid_find(leaves, 1, 0)->edx & 1u << 28, !=, 0);
    check_leaf(leaves, 0xb, 0, 1, 2, 0x100, apic_id);
    check_leaf(leaves, 0xb, 1, 4, 12, 0x201, apic_id);
    check_leaf(leaves, 0xb, 2, 0, 0, 2, apic_id);
    check_leaf(leaves, 0x1f, 1, 3, 6, 0x201, apic_id);
    check_leaf(leaves, 0x1f, 2, 4, 12, 0x502, apic_id);
    g_assert_cmphex(x86_cpuid_find(leaves, 0x80000008, 0)->ecx, ==, 0x400b);
    g_assert_cmphex(x86_cpuid_find(leaves, 0x80000001, 0)->ecx & 2, ==, 2);
    check_leaf(leaves, 0x8000001e, 0, apic_id, 1 << 8 | 2, 1 << 8 | 3, 0);
    check_leaf(leaves, 0x8000001d, 0, 1 << 14 | 0x121, 7 << 22 | 63, 63, 1);
    check_leaf(leaves, 0x8000001d, 3, 7 << 14 | 0x163, 15 << 22 | 63, 32767, 6);
    check_leaf(leaves, 0x80000006, 0, 0, 0x42004200, 0x02006140, 0x01008140);
    g_array_unref(leaves);
    x86_cpu_config_free(c);
    g_array_unref(host.leaves);
}

static void test_topology_intel(void)
{
    Host host;
    X86CpuConfig *c;
    GArray *leaves;

    host_init(&host, rich, G_N_ELEMENTS(rich));
    c = make(&host, "Icelake-Server,vendor=GenuineIntel");
    leaves = build(c, &many, 8);
    check_leaf(leaves, 0, 0, 0x1f, 0x756e6547, 0x6c65746e, 0x49656e69);
    check_leaf(leaves, 4, 0, 7 << 26 | 1 << 14 | 0x121, 7 << 22 | 63, 63, 1);
    check_leaf(leaves, 4, 3, 7 << 26 | 7 << 14 | 0x163, 15 << 22 | 63, 16383, 6);
    check_leaf(leaves, 4, 4, 0, 0, 0, 0);
    check_leaf(leaves, 0x1f, 2, 4, 12, 0x502, 8);
    g_assert_null(x86_cpuid_find(leaves, 0x8000001d, 0));
    g_assert_cmphex(x86_cpuid_find(leaves, 0x80000008, 0)->eax, ==, 57 << 8 | 40);
    g_array_unref(leaves);
    x86_cpu_config_free(c);
    c = make(&host, "Icelake-Server,vendor=GenuineIntel,l3-cache=off,cpuid-0xb=off");
    leaves = build(c, &one, 0);
    check_leaf(leaves, 4, 3, 0, 0, 0, 0);
    g_assert_null(x86_cpuid_find(leaves, 0xb, 0));
    g_assert_null(x86_cpuid_find(leaves, 0x1f, 0));
    g_array_unref(leaves);
    x86_cpu_config_free(c);
    g_array_unref(host.leaves);
}

static void test_xsave(void)
{
    Host host;
    X86CpuConfig *c;
    GArray *leaves;

    host_init(&host, rich, G_N_ELEMENTS(rich));
    c = make(&host, "Haswell");
    leaves = build(c, &one, 0);
    check_leaf(leaves, 0xd, 0, 7, 0x340, 0x340, 0);
    check_leaf(leaves, 0xd, 1, 1, 0x340, 0, 0);
    g_assert_null(x86_cpuid_find(leaves, 0xd, 5));
    g_array_unref(leaves);
    x86_cpu_config_free(c);
    c = make(&host, "SapphireRapids");
    leaves = build(c, &one, 0);
    check_leaf(leaves, 0xd, 0, 0x602e7, 0x2b00, 0x2b00, 0);
    g_array_unref(leaves);
    x86_cpu_config_free(c);
    c = make(&host, "Haswell,-xsave");
    leaves = build(c, &one, 0);
    g_assert_null(x86_cpuid_find(leaves, 0xd, 0));
    g_assert_null(x86_cpuid_find(leaves, 0xd, 1));
    g_assert_true(has(c, "xsaveopt")); /* in the words, where QEMU 7.2 keeps it */
    g_array_unref(leaves);
    x86_cpu_config_free(c);
    g_array_unref(host.leaves);
}

static void test_levels(void)
{
    Host host;
    X86CpuConfig *c;
    GArray *leaves;

    host_init(&host, rich, G_N_ELEMENTS(rich));
    c = make(&host, "486");
    leaves = build(c, &one, 0);
    g_assert_cmphex(c->level, ==, 1);
    g_assert_null(x86_cpuid_find(leaves, 0x80000000, 0));
    g_array_unref(leaves);
    x86_cpu_config_free(c);
    c = make(&host, "kvm64,+avx2,+invtsc,tsc-frequency=2000000000");
    g_assert_cmphex(c->xlevel, ==, 0x80000008);
    leaves = x86_cpuid_build(c, &one, 2000000);
    check_leaf(leaves, 0x40000000, 0, 0x40000010, 0x4b4d564b, 0x564b4d56, 0x4d);
    check_leaf(leaves, 0x40000010, 0, 2000000, 1000000, 0, 0);
    g_array_unref(leaves);
    x86_cpu_config_free(c);
    c = make(&host, "pentium,+avx-vnni,level=9,xlevel=0x80000004");
    g_assert_cmphex(c->level, ==, 9);
    g_assert_cmphex(c->xlevel, ==, 0x80000004);
    g_assert_cmpuint(c->level_func7, ==, 1);
    x86_cpu_config_free(c);
    g_array_unref(host.leaves);
}

/* KVM takes 48 and 57 bits of virtual address, and none; a CPU without long mode has none. */
static void test_address_bits(void)
{
    static const struct { const char *text; uint32_t eax; } rows[] = {
        { "qemu64", 48 << 8 | 40 },
        { "qemu64,-lm", 36 },
        { "kvm32", 36 },
        { "qemu64,phys-bits=42", 48 << 8 | 42 },
        { "qemu64,phys-bits=42,host-phys-bits=on", 48 << 8 | 48 },
        { "host,phys-bits=42", 48 << 8 | 48 },
        { "host,-la57,phys-bits=60,host-phys-bits-limit=44", 48 << 8 | 44 },
        { "host,host-phys-bits=off", 48 << 8 | 40 },
    };
    Host host;

    host_init(&host, rich, G_N_ELEMENTS(rich));
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strconcat(rows[i].text, ",-la57", NULL);
        X86CpuConfig *c = make(&host, text);
        GArray *leaves = build(c, &one, 0);

        g_assert_cmphex(x86_cpuid_find(leaves, 0x80000008, 0)->eax, ==, rows[i].eax);
        g_array_unref(leaves);
        x86_cpu_config_free(c);
    }
    g_array_unref(host.leaves);
}

static void test_min_levels(void)
{
    Host host;
    X86CpuConfig *c;

    host_init(&host, rich, G_N_ELEMENTS(rich));
    c = make(&host, "qemu64,min-level=0x14,min-xlevel=0x80000020,tsc-freq=2.5G");
    g_assert_cmphex(c->level, ==, 0x14);
    g_assert_cmphex(c->xlevel, ==, 0x80000020);
    g_assert_cmpint(c->tsc_hz, ==, 2500000000);
    x86_cpu_config_free(c);
    c = make(&host, "kvm64,min-level=1"); /* the model's own 0dH is no more than a start */
    g_assert_cmphex(c->level, ==, 1);
    x86_cpu_config_free(c);
    c = make(&host, "kvm64,min-level=1,+arat");
    g_assert_cmphex(c->level, ==, 6);
    x86_cpu_config_free(c);
    g_array_unref(host.leaves);
}

static void test_ambiguous(void)
{
    Host host;
    X86CpuConfig *c;

    host_init(&host, rich, G_N_ELEMENTS(rich));
    c = make(&host, "qemu64,+x2apic,x2apic=off,-avx2,avx2");
    g_assert_cmpuint(g_strv_length(c->warnings), ==, 2);
    g_assert_cmpstr(c->warnings[0], ==, "Ambiguous CPU model string. Don't mix both \"+x2apic\" "
                                        "and \"x2apic=off\"");
    g_assert_cmpstr(c->warnings[1], ==, "Ambiguous CPU model string. Don't mix both \"-avx2\" "
                                        "and \"avx2=on\"");
    g_assert_true(has(c, "x2apic"));
    g_assert_false(has(c, "avx2"));
    x86_cpu_config_free(c);
    c = make(&host, "qemu64,x2apic=off,+x2apic");
    g_assert_cmpuint(g_strv_length(c->warnings), ==, 0);
    x86_cpu_config_free(c);
    g_array_unref(host.leaves);
}

/* Software emulation: its own name in messages, and nothing of KVM's, without a word. */
static void test_not_kvm(void)
{
    g_autoptr(GError) err = NULL;
    Host host;
    X86CpuConfig *c;

    host_init(&host, poor, G_N_ELEMENTS(poor));
    host.h.kvm = false;
    host.h.accel_text = "TCG";
    c = make(&host, "pentium,+kvmclock,+kvm-pv-unhalt,enforce");
    g_assert_cmphex(c->f.w[X86_WORD_KVM_EAX], ==, 0);
    x86_cpu_config_free(c);
    g_assert_null(x86_cpu_config_new("kvm64,+avx2,enforce", &host.h, &err));
    g_assert_cmpstr(err->message, ==, "TCG doesn't support requested features");
    g_array_unref(host.leaves);
}

/* What software emulation is not asked for unless somebody names it. */
static void test_off_in_emulation(void)
{
    Host host;
    X86CpuConfig *c;

    host_init(&host, poor, G_N_ELEMENTS(poor));
    host.h.kvm = false;
    host.h.accel_text = "TCG";
    ((AccelX86Cpuid *)x86_cpuid_find(host.h.leaves, 1, 0))->edx &= ~2u;
    c = make(&host, "pentium,enforce");
    g_assert_cmphex(c->f.w[X86_WORD_1_EDX] & 2, ==, 0);
    g_assert_cmphex(c->filtered.w[X86_WORD_1_EDX], ==, 0);
    x86_cpu_config_free(c);
    g_assert_null(x86_cpu_config_new("pentium,+vme,enforce", &host.h, NULL));
    host.h.kvm = true;
    g_assert_null(x86_cpu_config_new("pentium,enforce", &host.h, NULL));
    g_array_unref(host.leaves);
}

static void test_msrs(void)
{
    AccelX86Msr msrs[4];
    Host host;
    X86CpuConfig *c;

    host_init(&host, rich, G_N_ELEMENTS(rich));
    c = make(&host, "Icelake-Server-v3,ucode-rev=0x55");
    g_assert_cmpuint(x86_cpu_msrs(c, &host.h, msrs), ==, 3);
    g_assert_cmphex(msrs[1].value, ==, 0x55);
    g_assert_cmphex(msrs[2].index, ==, 0x10a);
    g_assert_cmphex(msrs[2].value, ==, 0x16b);
    x86_cpu_config_free(c);
    c = make(&host, "host");
    g_assert_cmpuint(x86_cpu_msrs(c, &host.h, msrs), >=, 3);
    g_assert_cmphex(msrs[1].value, ==, 7);
    x86_cpu_config_free(c);
    g_array_unref(host.leaves);
}

static const X86CpuProp *find_prop(const GPtrArray *props, const char *name)
{
    for (guint i = 0; i < props->len; i++) {
        const X86CpuProp *p = g_ptr_array_index(props, i);

        if (strcmp(p->name, name) == 0) {
            return p;
        }
    }
    g_error("no property %s", name);
}

/* What a CPU that is there says of itself: without what the host lacks, and with all numbers. */
static void test_list(void)
{
    GPtrArray *props;
    Host host;
    X86CpuConfig *c;

    host_init(&host, poor, G_N_ELEMENTS(poor));
    c = make(&host, "qemu64,ucode-rev=0xffffffffffffffff");
    props = x86_cpu_config_list(c);
    g_assert_cmphex(find_prop(props, "ucode-rev")->number, ==, UINT64_MAX);
    g_assert_cmpuint(find_prop(props, "phys-bits")->number, ==, 40);
    g_assert_cmphex(find_prop(props, "xlevel")->number, ==, 0x8000000a);
    g_assert_true(find_prop(props, "cx16")->on);
    g_assert_false(find_prop(props, "nx")->on != has(c, "nx"));
    g_ptr_array_unref(props);
    x86_cpu_config_free(c);
    c = make(&host, "host,+avx2");
    props = x86_cpu_config_list(c);
    g_assert_false(find_prop(props, "avx2")->on);
    g_assert_cmphex(find_prop(props, "ucode-rev")->number, ==, 7);
    g_assert_cmpuint(find_prop(props, "phys-bits")->number, ==, 36);
    g_ptr_array_unref(props);
    x86_cpu_config_free(c);
    g_array_unref(host.leaves);
}

static void test_queries(void)
{
    Host host;
    g_autoptr(GError) err = NULL;
    g_autoptr(GPtrArray) props = NULL;
    GStrv missing;
    guint avx2 = 0;

    host_init(&host, poor, G_N_ELEMENTS(poor));
    missing = x86_cpu_model_unavailable("Nehalem", &host.h);
    g_assert_true(g_strv_contains((const char *const *)missing, "sse4.2"));
    g_assert_false(g_strv_contains((const char *const *)missing, "sse2"));
    g_strfreev(missing);
    missing = x86_cpu_model_unavailable("max", &host.h);
    g_assert_cmpuint(g_strv_length(missing), ==, 0);
    g_strfreev(missing);
    props = x86_cpu_model_expand("Haswell,family=7", &host.h, &err);
    g_assert_no_error(err);
    for (guint i = 0; i < props->len; i++) {
        const X86CpuProp *p = g_ptr_array_index(props, i);

        avx2 += strcmp(p->name, "avx2") == 0 && p->on;
        g_assert_true(strcmp(p->name, "family") != 0 || p->number == 7);
        g_assert_true(strcmp(p->name, "vendor") != 0 || !strcmp(p->string, "GenuineIntel"));
    }
    g_assert_cmpuint(avx2, ==, 1);
    g_assert_null(x86_cpu_model_expand("Haswell,nonsense", &host.h, NULL));
    g_array_unref(host.leaves);
}

/* All models on all hosts and any text: nothing falls over (the sanitizers look on). */
static void test_random(void)
{
    static const char *const bits[] = { ",", "+", "-", "avx", "=", "on", "max", "host", "EPYC", "0",
                                        "family", "99999999999999999999", "level", "\xff", "qemu64",
                                        "vendor=123456789012", "model-id=x", "enforce", "xsave" };
    Host host;

    host_init(&host, rich, G_N_ELEMENTS(rich));
    for (int i = 0; i < 20000; i++) {
        g_autoptr(GString) text = g_string_new(bits[g_test_rand_int_range(6, 9)]);
        X86CpuConfig *c;

        for (int n = g_test_rand_int_range(0, 8); n > 0; n--) {
            g_string_append(text, bits[g_test_rand_int_range(0, G_N_ELEMENTS(bits))]);
        }
        c = x86_cpu_config_new(text->str, &host.h, NULL);
        if (c != NULL) {
            g_array_unref(build(c, &many, 5));
            x86_cpu_config_free(c);
        }
    }
    g_array_unref(host.leaves);
}

static int dump(void)
{
    guint n, n_names;
    const X86CpuModel *models = x86_cpu_models(&n);
    const X86FeatureName *names = x86_feature_names(&n_names);
    Host host;

    host_init(&host, NULL, 0);
    for (guint i = 0; i < n_names; i++) {
        printf("%s ", names[i].name);
    }
    printf("\n");
    for (guint i = 0; i < n; i++) {
        X86CpuConfig *c = x86_cpu_config_parse(models[i].name, &host.h, NULL);

        x86_cpu_config_levels(c);
        printf("%s|%d|%d|%d|%u|%u|%s|%s|", models[i].name, (int)c->family, (int)c->model_nr,
               (int)c->stepping, c->level, c->xlevel, c->vendor, c->model_id ? c->model_id : "");
        for (guint k = 0; k < n_names; k++) {
            if (!names[k].alias && x86_has(&c->f, names[k].word, names[k].bit)) {
                printf("%s ", names[k].name);
            }
        }
        printf("\n");
        x86_cpu_config_free(c);
    }
    g_array_unref(host.leaves);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "dump") == 0) {
        return dump();
    }
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cpu-model/names", test_names);
    g_test_add_func("/cpu-model/table", test_table);
    g_test_add_func("/cpu-model/signs", test_signs);
    g_test_add_func("/cpu-model/refused", test_refused);
    g_test_add_func("/cpu-model/missing", test_missing);
    g_test_add_func("/cpu-model/no-host", test_no_host);
    g_test_add_func("/cpu-model/host", test_host);
    g_test_add_func("/cpu-model/irqchip", test_irqchip);
    g_test_add_func("/cpu-model/topology-amd", test_topology_amd);
    g_test_add_func("/cpu-model/topology-intel", test_topology_intel);
    g_test_add_func("/cpu-model/xsave", test_xsave);
    g_test_add_func("/cpu-model/levels", test_levels);
    g_test_add_func("/cpu-model/address-bits", test_address_bits);
    g_test_add_func("/cpu-model/min-levels", test_min_levels);
    g_test_add_func("/cpu-model/ambiguous", test_ambiguous);
    g_test_add_func("/cpu-model/not-kvm", test_not_kvm);
    g_test_add_func("/cpu-model/off-in-emulation", test_off_in_emulation);
    g_test_add_func("/cpu-model/msrs", test_msrs);
    g_test_add_func("/cpu-model/list", test_list);
    g_test_add_func("/cpu-model/queries", test_queries);
    g_test_add_func("/cpu-model/random", test_random);
    return g_test_run();
}
