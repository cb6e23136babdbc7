/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end of a guest: what it did that cannot be done here, with RIP and the bytes there.
 */
#include "tcg-int.h"

#define BYTES 15 /* longest instruction */

static char *bytes_at(TcgCpu *cpu, uint64_t va)
{
    GString *out = g_string_new(NULL);
    TcgWalk walk;

    for (int i = 0; i < BYTES; i++) {
        const uint8_t *p = tcg_walk(cpu, va + (unsigned)i, false, false, &walk)
                               ? tcg_memory_ptr(tcg_state_of(cpu), walk.gpa, 1, false) : NULL;

        if (p == NULL) {
            break;
        }
        g_string_append_printf(out, "%s%02x", i > 0 ? " " : "", *p);
    }
    return g_string_free(out, FALSE);
}

static char *describe(TcgCpu *cpu)
{
    uint64_t base = tcg_get64(cpu, ENV_CS + SEG_BASE), rip = tcg_get64(cpu, ENV_RIP);
    bool lm = tcg_get32(cpu, ENV_HFLAGS) & HF_CS64;
    g_autofree char *bytes = bytes_at(cpu, lm ? rip : (uint32_t)(base + rip));

    return g_strdup_printf("vCPU %u: in the block at RIP 0x%" PRIx64 ", CS 0x%04x base 0x%" PRIx64
                           ", CR0 0x%" PRIx64 ", CR3 0x%" PRIx64 ", EFER 0x%" PRIx64
                           "\nbytes there: %s",
                           cpu->parent.id, rip, tcg_get32(cpu, ENV_CS) & 0xffff, base,
                           tcg_get64(cpu, ENV_CR0), tcg_get64(cpu, ENV_CR3),
                           tcg_get64(cpu, ENV_EFER), *bytes != '\0' ? bytes : "none readable");
}

void tcg_guest_error(TcgCpu *cpu, const char *fmt, ...)
{
    g_autofree char *text = NULL, *where = NULL;
    AccelErrorInfo info = { .accel = "tcg", .stage = "run", .call = "uc_emu_start" };
    va_list ap;

    if (cpu->error != NULL) {
        return; /* the first one is the reason */
    }
    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    info.notes = where = describe(cpu);
    accel_error_set(&cpu->error, ACCEL_ERROR_GUEST, &info, "TCG: %s", text);
    accel_error_add_remedy(cpu->error, "run this guest with -accel kvm");
}
