/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vCPUs, whatever runs them. The list of vCPUs is kept here so that closing an accelerator finds
 * them all; accelerators only make, run and free them.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include "accel/accel-class.h"
#include "accel/kick.h"

AccelCPU *accel_create_vcpu(AccelState *as, uint32_t id, GError **errp)
{
    AccelCPU *cpu;

    for (guint i = 0; as->cpus != NULL && i < as->cpus->len; i++) {
        if (((AccelCPU *)g_ptr_array_index(as->cpus, i))->id == id) {
            const AccelErrorInfo info = { .accel = as->klass->name, .stage = "create-vcpu" };

            accel_error_set(errp, ACCEL_ERROR_INVALID, &info, "vCPU %u exists already", id);
            return NULL;
        }
    }
    cpu = as->klass->create_vcpu(as, id, errp);
    if (cpu != NULL) {
        if (as->cpus == NULL) {
            as->cpus = g_ptr_array_new();
        }
        g_ptr_array_add(as->cpus, cpu);
    }
    return cpu;
}

void accel_destroy_vcpu(AccelCPU *cpu)
{
    if (cpu != NULL) {
        g_ptr_array_remove(cpu->accel->cpus, cpu);
        cpu->accel->klass->destroy_vcpu(cpu);
    }
}

uint32_t accel_cpu_id(const AccelCPU *cpu)
{
    return cpu->id;
}

AccelState *accel_cpu_accel(const AccelCPU *cpu)
{
    return cpu->accel;
}

void accel_cpu_set_user(AccelCPU *cpu, void *user)
{
    cpu->user = user;
}

void *accel_cpu_get_user(const AccelCPU *cpu)
{
    return cpu->user;
}

gboolean accel_cpu_attach(AccelCPU *cpu, GError **errp)
{
    return cpu->accel->klass->attach != NULL ? cpu->accel->klass->attach(cpu, errp) : TRUE;
}

void accel_cpu_detach(AccelCPU *cpu)
{
    if (cpu->accel->klass->detach != NULL) {
        cpu->accel->klass->detach(cpu);
    }
}

static gboolean cannot(const AccelCPU *cpu, const char *what, GError **errp)
{
    const AccelErrorInfo info = { .accel = cpu->accel->klass->name, .call = what };

    accel_error_set(errp, ACCEL_ERROR_UNSUPPORTED, &info, "accelerator %s cannot do %s",
                    cpu->accel->klass->display_name, what);
    return FALSE;
}

AccelExitReason accel_run(AccelCPU *cpu, AccelExit *exit, GError **errp)
{
    AccelExit scratch;

    if (exit == NULL) {
        exit = &scratch;
    }
    if (cpu->accel->klass->run == NULL) {
        cannot(cpu, "run", errp);
        return exit->reason = ACCEL_EXIT_ERROR;
    }
    return cpu->accel->klass->run(cpu, exit, errp);
}

void accel_kick(AccelCPU *cpu)
{
    g_atomic_int_set(&cpu->exit_request, 1);
    if (cpu->accel->klass->kick != NULL) {
        cpu->accel->klass->kick(cpu);
    }
}

void accel_cpu_set_extint(AccelCPU *cpu, int level)
{
    g_atomic_int_set(&cpu->extint, level);
    if (level) {
        accel_kick(cpu);
    }
}

gboolean accel_inject_nmi(AccelCPU *cpu, GError **errp)
{
    return cpu->accel->klass->inject_nmi != NULL ? cpu->accel->klass->inject_nmi(cpu, errp)
                                                 : cannot(cpu, "inject_nmi", errp);
}

/* ---- the kick signal: process-wide by nature, set up only when a program asks ---- */

static gint kick_signal; /* atomic; 0: nobody asked */

static void on_kick(int signum)
{
    /* Nothing: the point is that KVM_RUN returns EINTR. */
}

gboolean accel_install_kick_handler(int signum, GError **errp)
{
    struct sigaction act;

    memset(&act, 0, sizeof(act));
    act.sa_handler = on_kick;
    sigemptyset(&act.sa_mask);
    signum = signum != 0 ? signum : SIGUSR1;
    if (sigaction(signum, &act, NULL) != 0) {
        const AccelErrorInfo info = { .call = "sigaction", .errnum = errno };

        accel_error_set(errp, ACCEL_ERROR_INVALID, &info, "cannot install the kick handler: %s",
                        g_strerror(info.errnum));
        return FALSE;
    }
    g_atomic_int_set(&kick_signal, signum);
    return TRUE;
}

int accel_kick_signal(void)
{
    return g_atomic_int_get(&kick_signal);
}
