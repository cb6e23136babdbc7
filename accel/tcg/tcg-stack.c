/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory as the CPU itself sees it while it enters a handler: tables read and frames pushed at
 * linear addresses, with the page fault that this may raise.
 */
#include "tcg-int.h"

bool tcg_raise(TcgFault *fault, uint8_t vector, uint32_t error)
{
    *fault = (TcgFault){ true, vector, error };
    return false;
}

/* The part of an access that lies in one page. */
static uint8_t *piece(TcgCpu *cpu, uint64_t va, unsigned *len, bool write, bool user,
                      TcgFault *fault)
{
    TcgWalk walk;
    uint8_t *p;

    *len = (unsigned)MIN(*len, TCG_PAGE - (va & (TCG_PAGE - 1)));
    if (!tcg_walk(cpu, va, write, user, &walk)) {
        tcg_put64(cpu, ENV_CR2, va);
        tcg_raise(fault, 14, walk.error);
        return NULL;
    }
    p = tcg_memory_ptr(tcg_state_of(cpu), walk.gpa, *len, write);
    if (p == NULL) {
        tcg_guest_error(cpu, "table or stack of an interrupt at 0x%" PRIx64 ", outside RAM",
                        walk.gpa);
        fault->raised = true;
    }
    return p;
}

bool tcg_load(TcgCpu *cpu, uint64_t va, void *data, unsigned len, TcgFault *fault)
{
    for (uint8_t *out = data; len > 0;) {
        unsigned n = len;
        const uint8_t *p = piece(cpu, va, &n, false, false, fault);

        if (p == NULL) {
            return false;
        }
        memcpy(out, p, n);
        out += n;
        va += n;
        len -= n;
    }
    return true;
}

bool tcg_store(TcgCpu *cpu, uint64_t va, const void *data, unsigned len, bool user,
               TcgFault *fault)
{
    for (const uint8_t *in = data; len > 0;) {
        unsigned n = len;
        uint8_t *p = piece(cpu, va, &n, true, user, fault);

        if (p == NULL) {
            return false;
        }
        memcpy(p, in, n);
        in += n;
        va += n;
        len -= n;
    }
    return true;
}
