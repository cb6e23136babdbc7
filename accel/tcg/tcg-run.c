/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The run loop: deliver what is pending, stay in the guest, find out why it was left.
 *
 * Theory of operation: uc_emu_start() returns without a reason. The block hook knows when it ended
 * the stay; without it and without an error the guest executed HLT.
 */
#include "tcg-int.h"

/* Blocks of code in a time slice where vCPUs share the thread, and where one is alone. */
#define SLICE       20000u
#define SLICE_ALONE 100000000u

void tcg_kick(AccelCPU *acpu)
{
    TcgState *st = TCG_STATE(acpu->accel);

    accel_trace(acpu->accel->trace, vcpu_kick, "id %u", acpu->id);
    if (g_atomic_pointer_get(&st->running) == TCG_CPU(acpu)) {
        tcg_engine_attend(st, ATTENTION_STOP);
    }
}

static uc_err stay(TcgCpu *cpu)
{
    TcgState *st = tcg_state_of(cpu);
    uc_err ret = UC_ERR_OK;
    bool died = false;

    tcg_engine_load(cpu);
    st->stopped = false;
    g_atomic_pointer_set(&st->running, cpu);
    if (!g_atomic_int_get(&cpu->parent.exit_request)) {
        ret = tcg_guard_start(st->uc, tcg_get64(cpu, ENV_RIP), &died);
        uc_context_save(st->uc, cpu->ctx);
        if (died) {
            tcg_guest_error(cpu, "libunicorn cannot translate the guest's code");
            st->remap = true; /* what it was doing is half done: a new engine */
        }
    } else {
        st->stopped = true;
    }
    g_atomic_pointer_set(&st->running, NULL);
    return ret;
}

/* The guest wrote CR8: libunicorn keeps the value and tells nobody. */
static void tell_tpr(TcgCpu *cpu)
{
    const AccelIo *io = &cpu->parent.accel->io;
    uint8_t cr8 = cpu->env[ENV_TPR] & 0xf;

    if (cr8 != cpu->last_cr8) {
        cpu->last_cr8 = cr8;
        if (io->set_tpr != NULL) {
            io->set_tpr(io->opaque, &cpu->parent, cr8);
        }
    }
}

static AccelExitReason give_error(TcgCpu *cpu, GError **errp)
{
    g_propagate_error(errp, g_steal_pointer(&cpu->error));
    return ACCEL_EXIT_ERROR;
}

/* Returns: true when accel_run() has to return, with *@reason. */
static bool left(TcgCpu *cpu, uc_err ret, AccelExit *exit, GError **errp)
{
    TcgState *st = tcg_state_of(cpu);

    if (st->remap) {
        st->remap = false;
        tcg_engine_drop(st);
    }
    tell_tpr(cpu);
    if (cpu->error == NULL && !cpu->triple_fault && ret != UC_ERR_OK) {
        tcg_guest_error(cpu, "libunicorn cannot go on: %s", uc_strerror(ret));
    }
    if (cpu->error != NULL || !tcg_paging_check(cpu)) {
        exit->reason = give_error(cpu, errp);
        return true;
    }
    if (cpu->triple_fault) {
        cpu->triple_fault = false;
        exit->reason = ACCEL_EXIT_TRIPLE_FAULT;
        return true;
    }
    if (cpu->have_exit) {
        *exit = cpu->exit;
        cpu->have_exit = false;
        return true;
    }
    if (!st->stopped) {
        exit->reason = ACCEL_EXIT_HLT;
        return true;
    }
    return false;
}

/* Someone wants this vCPU to stop, or its slice is over and others may want to run. */
static bool kicked(TcgCpu *cpu, bool was_in)
{
    TcgState *st = tcg_state_of(cpu);

    if (g_atomic_int_compare_and_exchange(&cpu->parent.exit_request, 1, 0)) {
        return true;
    }
    return was_in && st->blocks_left == 0;
}

static bool can_run(const TcgCpu *cpu)
{
    return cpu->mp_state == ACCEL_X86_RUNNABLE || cpu->mp_state == ACCEL_X86_SIPI_RECEIVED;
}

AccelExitReason tcg_run(AccelCPU *acpu, AccelExit *exit, GError **errp)
{
    TcgCpu *cpu = TCG_CPU(acpu);
    TcgState *st = TCG_STATE(acpu->accel);
    bool was_in = false;

    *exit = (AccelExit){ .reason = ACCEL_EXIT_KICK };
    st->blocks_left = g_atomic_int_get(&st->n_cpus) > 1 ? SLICE : SLICE_ALONE; /* for all stays */
    while (!kicked(cpu, was_in)) {
        uc_err ret = UC_ERR_OK;

        if (!tcg_engine_need(st, errp)) {
            return exit->reason = ACCEL_EXIT_ERROR;
        }
        g_atomic_int_set(&st->attention, 0);
        st->skip_block = false;
        tcg_interrupt_pending(cpu);
        if (!can_run(cpu)) {
            return exit->reason = ACCEL_EXIT_HLT;
        }
        if (!cpu->triple_fault && cpu->error == NULL) {
            ret = stay(cpu);
            was_in = true;
        }
        exit->hw_reason = (uint32_t)ret;
        if (left(cpu, ret, exit, errp)) {
            return exit->reason;
        }
    }
    return exit->reason;
}
