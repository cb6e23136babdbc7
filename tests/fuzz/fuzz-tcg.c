/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Random code on the software CPU: nothing that a guest runs ends the process or cannot be stopped.
 *
 * Theory of operation: each case has a seed: 4 KiB of random bytes, random registers and flags, random
 * gates, in real, protected or long mode; the rest of RAM is HLT. Two vCPUs exist, so that there are time
 * slices; interrupts and NMIs come between them. Every way of leaving the guest is right, except that an
 * error has to be one about the guest. A hang is ended by an alarm.
 *
 * usage: fuzz-tcg [CASES [FIRST-SEED]]
 */
#include <stdlib.h>
#include <unistd.h>
#include "tcg-rig.h"

#define SLICES 5
#define LIMIT 30 /* seconds for one case, which takes milliseconds */

static void random_gates(Rig *rig, GRand *g, int mode)
{
    for (uint8_t v = 0; v < 32 && mode > 0; v++) {
        uint32_t handler = g_rand_boolean(g) ? RIG_CODE + 0x100 : g_rand_int(g);

        rig_gate(rig, v, handler, 0, mode == 2 ? (uint8_t)g_rand_int_range(g, 0, 2) : 0);
    }
}

static void random_regs(Rig *rig, GRand *g)
{
    AccelX86Regs r;

    rig_regs(rig, &r);
    for (int i = 0; i < X86_NGPR; i++) {
        uint64_t wide = (uint64_t)g_rand_int(g) << 32, low = g_rand_int(g);

        if (i != X86_RSP) {
            r.gpr[i] = g_rand_int_range(g, 0, 3) == 0 ? wide | low : low % RIG_RAM;
        }
    }
    r.rflags = 2 | (g_rand_int(g) & 0x240ed5);
    rig_set(rig, &r);
}

static void prepare(Rig *rig, GRand *g)
{
    int mode = g_rand_int_range(g, 0, 3);

    memset(rig->ram, 0xf4, RIG_RAM);
    memset(rig->ram + 0x3000, 0, 0x3000); /* tables of rig_protected() and rig_long() */
    memset(rig->ram + 0x20000, 0, 0x4000);
    g_string_truncate(rig->out, 0);
    g_string_truncate(rig->log, 0);
    if (mode == 0) {
        rig_real(rig);
    } else if (mode == 1) {
        rig_protected(rig);
    } else {
        rig_long(rig);
    }
    if (g_rand_boolean(g)) {
        random_gates(rig, g, mode);
    }
    for (uint32_t i = 0; i < 0x1000; i += 4) {
        uint32_t v = g_rand_int(g);

        memcpy(rig->ram + RIG_CODE + i, &v, sizeof(v));
    }
    random_regs(rig, g);
}

static void disturb(Rig *rig, GRand *g)
{
    if (g_rand_boolean(g)) {
        rig->vector = g_rand_int_range(g, 0, 256);
        accel_cpu_set_extint(rig->cpu, 1);
    }
    if (g_rand_int_range(g, 0, 4) == 0) {
        accel_inject_nmi(rig->cpu, NULL);
    }
}

/* Returns: the guest could not go on, for a reason of its own. */
static bool one_case(Rig *rig, uint32_t seed)
{
    GRand *g = g_rand_new_with_seed(seed);
    AccelExitReason why = ACCEL_EXIT_KICK;
    g_autoptr(GError) err = NULL;

    prepare(rig, g);
    alarm(LIMIT);
    for (int i = 0; i < SLICES && why == ACCEL_EXIT_KICK; i++) {
        AccelExit exit = { 0 };

        why = accel_run(rig->cpu, &exit, &err);
        disturb(rig, g);
    }
    alarm(0);
    g_rand_free(g);
    g_assert_cmpint(why == ACCEL_EXIT_ERROR, ==, err != NULL);
    g_assert_true(err == NULL || g_error_matches(err, ACCEL_ERROR, ACCEL_ERROR_GUEST));
    return err != NULL;
}

static guint cases = 500, first = 1;

static void test_random_code(void)
{
    guint errors = 0;
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    g_assert_nonnull(accel_create_vcpu(rig.as, 1, NULL));
    for (guint i = 0; i < cases; i++) {
        errors += one_case(&rig, first + i);
    }
    g_test_message("%u cases, %u errors", cases, errors);
    g_assert_cmpuint(errors, <, cases);
    rig_close(&rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    cases = argc > 1 ? (guint)atoi(argv[1]) : cases;
    first = argc > 2 ? (guint)atoi(argv[2]) : first;
    g_test_add_func("/tcg/random-code", test_random_code);
    return g_test_run();
}
