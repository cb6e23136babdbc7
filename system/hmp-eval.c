/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers as people type them into the monitor: sums of numbers and registers. */
#include <stdlib.h>
#include <string.h>
#include "accel/x86.h"
#include "system/hmp.h"

static void get_regs(CPUState *cpu, void *data)
{
    AccelX86Regs *regs = data;

    if (cpu->accel_cpu == NULL || !accel_get_regs(cpu->accel_cpu, regs, NULL)) {
        memset(regs, 0, sizeof(*regs));
    }
}

static bool register_value(Monitor *mon, const char *name, uint64_t *out)
{
    static const char *const gpr[] = { "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                       "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15" };
    AccelX86Regs regs = { 0 };
    CPUState *cpu = hmp_cpu(mon);

    if (cpu == NULL) {
        monitor_puts(mon, "No CPU available\n");
        return false;
    }
    hw_cpu_run_on(cpu, get_regs, &regs);
    for (guint i = 0; i < G_N_ELEMENTS(gpr); i++) {
        if (strcmp(name, gpr[i]) == 0 || (name[0] == 'e' && strcmp(name + 1, gpr[i] + 1) == 0)) {
            *out = regs.gpr[i];
            return true;
        }
    }
    if (strcmp(name, "rip") == 0 || strcmp(name, "eip") == 0 || strcmp(name, "pc") == 0) {
        *out = regs.rip;
    } else if (strcmp(name, "eflags") == 0) {
        *out = regs.rflags;
    } else {
        monitor_puts(mon, "unknown register\n");
        return false;
    }
    return true;
}

static bool term(Monitor *mon, const char **text, uint64_t *out)
{
    const char *p = *text;
    char *end;

    if (*p == '$') {
        size_t len = strspn(p + 1, "abcdefghijklmnopqrstuvwxyz0123456789");
        g_autofree char *name = g_strndup(p + 1, len);

        *text = p + 1 + len;
        return register_value(mon, name, out);
    }
    *out = strtoull(p, &end, 0);
    if (end == p || !g_ascii_isdigit(*p)) {
        monitor_puts(mon, "invalid char in expression\n");
        return false;
    }
    *text = end;
    return true;
}

bool hmp_eval(Monitor *mon, const char **text, uint64_t *out)
{
    uint64_t v;

    if (!term(mon, text, out)) {
        return false;
    }
    for (;;) {
        const char *p = *text + strspn(*text, " ");

        if (*p != '+' && *p != '-') {
            *text = p;
            return true;
        }
        *text = p + 1 + strspn(p + 1, " ");
        if (!term(mon, text, &v)) {
            return false;
        }
        *out = *p == '+' ? *out + v : *out - v;
    }
}
