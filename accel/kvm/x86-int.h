/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Internal to the x86 files of accel/kvm. */
#ifndef ACCEL_KVM_X86_INT_H
#define ACCEL_KVM_X86_INT_H

#include "kvm-int.h"

#define MSR_CORE_THREAD_COUNT 0x35

/** x86_fetch_msr_list: the answer of KVM_GET_MSR_(FEATURE_)INDEX_LIST. (transfer full) */
GArray *x86_fetch_msr_list(KVMState *s, unsigned long request, const char *name, GError **errp);
/** x86_make_msrs: the argument of KVM_GET_MSRS and KVM_SET_MSRS. (transfer full) */
struct kvm_msrs *x86_make_msrs(const AccelX86Msr *msrs, guint n);
/** x86_xsave_size: bytes of a vCPU's vector state, at least 4096. */
size_t x86_xsave_size(KVMState *s);
/** x86_stage_user_msr: MSRs that user space answers: the core and thread count. */
gboolean x86_stage_user_msr(KVMState *s, const AccelSpec *spec, GError **errp);
/** x86_handle_rdmsr, x86_handle_wrmsr: exits of those MSRs. */
void x86_handle_rdmsr(KVMCpu *cpu);
void x86_handle_wrmsr(KVMCpu *cpu);
/** x86_setup_mce: machine check banks, when the guest's CPUID has them. */
gboolean x86_setup_mce(KVMCpu *cpu, GError **errp);
/** x86_call: error of stage "vcpu-state" for a failed vCPU ioctl; TRUE when ret >= 0. */
gboolean x86_call(KVMCpu *cpu, const char *call, int ret, GError **errp);

#endif
