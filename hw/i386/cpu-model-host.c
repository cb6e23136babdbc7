/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the host can do, word by word, and what "host" and "max" make of it.
 *
 * Theory of operation: the accelerator's leaves are the truth, with a few corrections: bits that a
 * guest has whatever the leaf says, and KVM features that need the interrupt controllers elsewhere
 * than they are. Without a KVM_CAP_IRQCHIP the local APIC is ours and knows neither x2APIC nor TSC
 * deadline.
 */
#include <string.h>
#include "hw/i386/cpu-model-internal.h"

#define BIT(n) (UINT64_C(1) << (n))
#define AMD_ALIASES 0x0183f3ffu /* bits of 1.EDX that AMD repeats in 80000001.EDX */
#define PV_UNHALT BIT(7)
#define PV_EOI    BIT(6)
#define ASYNCPF_INT BIT(14)
#define MSI_EXT_DEST_ID BIT(15)

const AccelX86Cpuid *x86_cpuid_find(const GArray *leaves, uint32_t function, uint32_t index)
{
    for (guint i = 0; i < leaves->len; i++) {
        const AccelX86Cpuid *e = &g_array_index(leaves, AccelX86Cpuid, i);

        if (e->function == function && (!e->indexed || e->index == index)) {
            return e;
        }
    }
    return NULL;
}

static uint32_t read_word(const GArray *leaves, const X86WordInfo *w)
{
    const AccelX86Cpuid *e = x86_cpuid_find(leaves, w->function, w->index);

    if (e == NULL) {
        return 0;
    }
    switch (w->reg) {
    case 'a':
        return e->eax;
    case 'b':
        return e->ebx;
    case 'c':
        return e->ecx;
    default:
        return e->edx;
    }
}

static void correct(const X86CpuHost *host, X86Features *f)
{
    f->w[X86_WORD_1_ECX] |= BIT(31);                         /* hypervisor */
    f->w[X86_WORD_1_EDX] |= BIT(28);                         /* ht follows from the topology */
    f->w[X86_WORD_8000_0001_ECX] |= BIT(1);                  /* so does cmp-legacy */
    f->w[X86_WORD_8000_0001_EDX] |= f->w[X86_WORD_1_EDX] & AMD_ALIASES;
    f->w[X86_WORD_6_EAX] |= host->kvm ? BIT(2) : 0;          /* arat: KVM's timers never stop */
    f->w[X86_WORD_KVM_EDX] |= host->kvm ? 1 : 0;
    if (!(f->w[X86_WORD_7_0_EDX] & BIT(29))) {
        f->w[X86_WORD_ARCH_CAPABILITIES] = 0;
    }
    if (host->kvm && host->irqchip == ACCEL_IRQCHIP_OFF) {
        f->w[X86_WORD_1_ECX] &= ~(BIT(21) | BIT(24));
        f->w[X86_WORD_KVM_EAX] &= ~(PV_UNHALT | PV_EOI | ASYNCPF_INT);
    }
    f->w[X86_WORD_KVM_EAX] &= ~MSI_EXT_DEST_ID;
    if (host->kvm && host->irqchip == ACCEL_IRQCHIP_SPLIT) {
        f->w[X86_WORD_KVM_EAX] |= MSI_EXT_DEST_ID; /* the user-space IOAPIC's business */
    }
}

void x86_host_features(const X86CpuHost *host, X86Features *f)
{
    memset(f, 0, sizeof(*f));
    for (int i = 0; i < X86_N_WORDS; i++) {
        if (x86_words[i].reg != 0) {
            f->w[i] = read_word(host->leaves, &x86_words[i]);
        }
    }
    memcpy(&f->w[X86_WORD_ARCH_CAPABILITIES], host->feature_msrs, sizeof(host->feature_msrs));
    correct(host, f);
}

static void named_bits(X86Features *all)
{
    guint n;
    const X86FeatureName *names = x86_feature_names(&n);

    memset(all, 0, sizeof(*all));
    for (guint i = 0; i < n; i++) {
        all->w[names[i].word] |= BIT(names[i].bit);
    }
}

/* Everything with a name; with migratable=off also what has none. */
void x86_cpu_host_model(X86CpuConfig *c)
{
    X86Features named;

    named_bits(&named);
    for (int i = 0; i < X86_N_WORDS; i++) {
        uint64_t bits = c->host.w[i] & ~x86_words[i].unwanted;

        if (c->migratable) {
            bits &= named.w[i] & ~x86_words[i].unmigratable;
        }
        c->f.w[i] |= bits;
    }
    /* these two follow from the topology: only what the leaves say, not what correct() allows */
    c->f.w[X86_WORD_1_EDX] &= read_word(c->leaves, &x86_words[X86_WORD_1_EDX]) | ~BIT(28);
    c->f.w[X86_WORD_8000_0001_ECX] &=
        read_word(c->leaves, &x86_words[X86_WORD_8000_0001_ECX]) | ~BIT(1);
}
