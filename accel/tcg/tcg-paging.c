/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page tables, walked by hand.
 *
 * libunicorn 2.0.1 walks them too and raises page faults, but then uses the linear address as the
 * physical one ("identity map"). So guests run whose tables map one to one what they touch; for any
 * other the walk here finds out, and the guest is stopped with an honest error instead of a wrong
 * result: for addresses outside RAM at the access (tcg-io.c), for those inside RAM when new tables
 * are seen first, at the end of a stay.
 * Source: Intel SDM vol. 3, 4.3 to 4.7.
 */
#include "tcg-int.h"

#define PTE_P   0x1u
#define PTE_RW  0x2u
#define PTE_US  0x4u
#define PTE_PS  0x80u
#define ADDR_52 0x000ffffffffff000ull

#define PF_P    0x1u
#define PF_W    0x2u
#define PF_U    0x4u

typedef struct Level {
    unsigned shift, bits;
} Level;

static const Level long_levels[] = { { 39, 9 }, { 30, 9 }, { 21, 9 }, { 12, 9 } };
static const Level pae_levels[] = { { 30, 2 }, { 21, 9 }, { 12, 9 } };
static const Level legacy_levels[] = { { 22, 10 }, { 12, 10 } };

typedef struct Tables {
    const Level *level;
    unsigned n, entry; /* levels, bytes an entry */
    uint64_t root;
    bool large;        /* PS may be set at the last level but one */
} Tables;

static Tables tables_of(const TcgCpu *cpu)
{
    uint64_t cr3 = tcg_get64(cpu, ENV_CR3), cr4 = tcg_get64(cpu, ENV_CR4);

    if (tcg_get32(cpu, ENV_HFLAGS) & HF_LMA) {
        return (Tables){ long_levels, 4, 8, cr3 & ADDR_52, true };
    }
    if (cr4 & CR4_PAE) {
        return (Tables){ pae_levels, 3, 8, cr3 & 0xffffffe0u, true };
    }
    return (Tables){ legacy_levels, 2, 4, cr3 & 0xfffff000u, (cr4 & CR4_PSE) != 0 };
}

static bool entry_at(TcgCpu *cpu, const Tables *t, uint64_t table, uint64_t index, uint64_t *pte)
{
    const uint8_t *p = tcg_memory_ptr(tcg_state_of(cpu), table + index * t->entry, t->entry, false);

    *pte = 0;
    if (p != NULL) {
        memcpy(pte, p, t->entry);
    }
    return (*pte & PTE_P) != 0;
}

/* Frame that an entry points to: a page of 1 << @shift bytes, or the next table. */
static uint64_t frame(const Tables *t, uint64_t pte, unsigned shift)
{
    uint64_t high = t->entry == 4 && shift == 22 ? (pte & 0x1fe000) << 19 : 0;

    return ((pte & ADDR_52) & ~((1ull << shift) - 1)) | high;
}

static bool is_leaf(const Tables *t, unsigned level, uint64_t pte)
{
    if (level == t->n - 1) {
        return true;
    }
    return t->large && (pte & PTE_PS) && t->level[level].shift <= 30 &&
           !(t->n == 3 && level == 0);
}

bool tcg_walk(TcgCpu *cpu, uint64_t va, bool write, bool user, TcgWalk *walk)
{
    const Tables t = tables_of(cpu);
    uint64_t table = t.root, pte, rights = PTE_RW | PTE_US;

    *walk = (TcgWalk){ va, (write ? PF_W : 0) | (user ? PF_U : 0) };
    if ((tcg_get64(cpu, ENV_CR0) & CR0_PG) == 0) {
        return true;
    }
    for (unsigned i = 0; i < t.n; i++) {
        const Level *l = &t.level[i];

        if (!entry_at(cpu, &t, table, (va >> l->shift) & ((1u << l->bits) - 1), &pte)) {
            return false;
        }
        if (!(t.n == 3 && i == 0)) {
            rights &= pte; /* PDPT entries of PAE have none */
        }
        if (is_leaf(&t, i, pte)) {
            walk->gpa = frame(&t, pte, l->shift) | (va & ((1ull << l->shift) - 1));
            break;
        }
        table = pte & ADDR_52;
    }
    if ((user && !(rights & PTE_US)) ||
        (write && !(rights & PTE_RW) && (user || (tcg_get64(cpu, ENV_CR0) & CR0_WP)))) {
        walk->error |= PF_P;
        return false;
    }
    return true;
}

/* Look through the tables below @table for a page under @limit that is not mapped one to one. */
static bool scan(TcgCpu *cpu, const Tables *t, unsigned level, uint64_t table, uint64_t va,
                 uint64_t limit, uint64_t *bad)
{
    const Level *l = &t->level[level];
    uint64_t pte;

    for (uint64_t i = 0; i < (1u << l->bits) && va < limit; i++, va += 1ull << l->shift) {
        if (!entry_at(cpu, t, table, i, &pte)) {
            continue;
        }
        if (!is_leaf(t, level, pte)) {
            if (!scan(cpu, t, level + 1, pte & ADDR_52, va, limit, bad)) {
                return false;
            }
        } else if (frame(t, pte, l->shift) != va) {
            *bad = va;
            return false;
        }
    }
    return true;
}

static uint64_t top_of_ram(TcgState *st)
{
    const TcgSlot *last;

    if (st->slots->len == 0) {
        return 0;
    }
    last = &g_array_index(st->slots, TcgSlot, st->slots->len - 1);
    return last->gpa + last->size;
}

bool tcg_paging_check(TcgCpu *cpu)
{
    bool on = (tcg_get64(cpu, ENV_CR0) & CR0_PG) != 0;
    uint64_t cr3 = tcg_get64(cpu, ENV_CR3), bad = 0;
    const Tables t = tables_of(cpu);
    TcgWalk walk;

    if (!on || (cpu->checked_paging && cpu->checked_cr3 == cr3)) {
        cpu->checked_paging = on;
        return true;
    }
    cpu->checked_paging = true;
    cpu->checked_cr3 = cr3;
    if (scan(cpu, &t, 0, t.root, 0, top_of_ram(tcg_state_of(cpu)), &bad)) {
        return true;
    }
    tcg_walk(cpu, bad, false, false, &walk);
    tcg_guest_error(cpu, "guest maps 0x%" PRIx64 " to 0x%" PRIx64
                    ": libunicorn 2.0.1 knows only page tables that map one to one", bad, walk.gpa);
    return false;
}

gboolean tcg_translate(AccelCPU *acpu, uint64_t va, uint64_t *gpa, GError **errp)
{
    TcgCpu *cpu = TCG_CPU(acpu);
    TcgWalk walk;

    tcg_engine_save(cpu);
    if (!tcg_walk(cpu, va, false, false, &walk)) {
        return FALSE;
    }
    *gpa = walk.gpa;
    return TRUE;
}
