/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * -sandbox on: a system call filter over all threads. It lets everything through but the groups of
 * calls that QEMU's option names; one of those ends the process with SIGSYS. obsolete= is denied
 * unless allowed, the other groups are allowed unless denied. The filter is a list of comparisons,
 * short enough to be written as BPF directly: no library is needed.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "accel/error.h"
#include "system/vm.h"

static const int obsolete_calls[] = {
    SYS__sysctl, SYS_create_module, SYS_get_kernel_syms, SYS_query_module, SYS_sysfs, SYS_uselib,
    SYS_ustat, -1
};

static const int elevate_calls[] = {
    SYS_setuid, SYS_setgid, SYS_setreuid, SYS_setregid, SYS_setresuid, SYS_setresgid,
    SYS_setfsuid, SYS_setfsgid, -1
};

static const int spawn_calls[] = { SYS_fork, SYS_vfork, SYS_execve, SYS_execveat, -1 };

static const int resource_calls[] = {
    SYS_setpriority, SYS_sched_setparam, SYS_sched_setscheduler, SYS_sched_setaffinity, -1
};

static const struct {
    const char *key;
    const int *calls;
    bool deny_by_default, children;
} groups[] = {
    { "obsolete", obsolete_calls, true, false },
    { "elevateprivileges", elevate_calls, false, true },
    { "spawn", spawn_calls, false, false },
    { "resourcecontrol", resource_calls, false, false },
};

static void emit(GArray *prog, uint16_t code, uint8_t jt, uint8_t jf, uint32_t k)
{
    const struct sock_filter insn = { code, jt, jf, k };

    g_array_append_val(prog, insn);
}

static void deny(GArray *prog, const int *calls)
{
    for (; *calls >= 0; calls++) {
        emit(prog, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, *calls);
        emit(prog, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS);
    }
}

/* Calls of another architecture (32-bit entry) would dodge the numbers: none are needed. */
static GArray *new_program(void)
{
    GArray *prog = g_array_new(FALSE, FALSE, sizeof(struct sock_filter));

    emit(prog, BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, arch));
    emit(prog, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, AUDIT_ARCH_X86_64);
    emit(prog, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS);
    emit(prog, BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr));
    return prog;
}

static gboolean add_group(GArray *prog, const OptItem *it, guint i, GError **errp)
{
    const char *v = keyvals_get(it->kv, groups[i].key);

    if (v == NULL ? groups[i].deny_by_default : strcmp(v, "deny") == 0) {
        deny(prog, groups[i].calls);
    } else if (v != NULL && groups[i].children && strcmp(v, "children") == 0) {
        return TRUE; /* PR_SET_NO_NEW_PRIVS, which a filter needs anyway */
    } else if (v != NULL && strcmp(v, "allow") != 0) {
        opt_error(errp, "invalid argument for %s", groups[i].key);
        return FALSE;
    }
    return TRUE;
}

static gboolean install(GArray *prog, GError **errp)
{
    struct sock_fprog fprog;
    int err;

    emit(prog, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
    fprog = (struct sock_fprog){ prog->len, (struct sock_filter *)(void *)prog->data };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &fprog) == 0) {
        return TRUE;
    }
    err = errno;
    accel_error_set(errp, ACCEL_ERROR_UNSUPPORTED,
                    &(AccelErrorInfo){ .call = "seccomp", .errnum = err },
                    "failed to install seccomp syscall filter in the kernel: %s",
                    g_strerror(err));
    return FALSE;
}

gboolean config_sandbox(Vm *vm, GError **errp)
{
    const OptItem *it = options_last(&vm->opts, OPT_sandbox);
    GArray *prog;
    bool on = false;
    gboolean ok = TRUE;

    if (it == NULL) {
        return TRUE;
    }
    options_at(it);
    keyvals_bool(it->kv, "enable", &on);
    prog = new_program();
    for (guint i = 0; ok && i < G_N_ELEMENTS(groups); i++) {
        ok = add_group(prog, it, i, errp);
    }
    ok = ok && (!on || install(prog, errp));
    g_array_free(prog, TRUE);
    return ok;
}
