/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The four kinds of ioctl. All return the kernel's answer or -errno, so that no caller ever reads a
 * stale errno, and trace request, argument, answer and time when somebody listens.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include "kvm-int.h"

static int plain_ioctl(int fd, unsigned long type, void *arg)
{
    int ret = ioctl(fd, type, arg);

    return ret < 0 ? -errno : ret;
}

static G_GNUC_PRINTF(5, 6) void trace_result(AccelTrace *t, AccelTraceEvent ev, int ret, gint64 us,
                                             const char *fmt, ...)
{
    g_autofree char *what = NULL;
    va_list ap;

    va_start(ap, fmt);
    what = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    if (ret < 0) {
        accel_trace_emit(t, ev, "%s, ret %d (%s), %" G_GINT64_FORMAT " us", what, ret,
                         g_strerror(-ret), us);
    } else {
        accel_trace_emit(t, ev, "%s, ret %d, %" G_GINT64_FORMAT " us", what, ret, us);
    }
}

static const char *request_name(unsigned long type)
{
    const char *name = kvm_ioctl_name(type);

    return name != NULL ? name : "?";
}

/* What the argument of a capability check means, for the trace. */
static const char *cap_comment(unsigned long type, void *arg)
{
    const char *name = NULL;

    if (type == KVM_CHECK_EXTENSION) {
        name = kvm_capability_name((int)(uintptr_t)arg);
    } else if (type == KVM_ENABLE_CAP) {
        name = kvm_capability_name((int)((struct kvm_enable_cap *)arg)->cap);
    }
    return name != NULL ? name : "";
}

static int traced_ioctl(AccelTrace *t, AccelTraceEvent ev, const char *prefix, int fd,
                        unsigned long type, void *arg)
{
    gint64 start = g_get_monotonic_time();
    int ret = plain_ioctl(fd, type, arg);

    trace_result(t, ev, ret, g_get_monotonic_time() - start, "%stype 0x%lx, arg %p, %s %s", prefix,
                 type, arg, request_name(type), cap_comment(type, arg));
    return ret;
}

#define VARIADIC_ARG(arg, last)  \
    do {                         \
        va_list ap;              \
        va_start(ap, last);      \
        arg = va_arg(ap, void *); \
        va_end(ap);              \
    } while (0)

int kvm_ioctl(KVMState *s, unsigned long type, ...)
{
    void *arg;
    int ret;

    VARIADIC_ARG(arg, type);
    ret = accel_trace_is_on(kvm_trace(s), kvm_ioctl)
              ? traced_ioctl(kvm_trace(s), ACCEL_TRACE_kvm_ioctl, "", s->fd, type, arg)
              : plain_ioctl(s->fd, type, arg);
    ACCEL_PROBE3(kvm_ioctl, type, arg, ret);
    return ret;
}

int kvm_vm_ioctl(KVMState *s, unsigned long type, ...)
{
    void *arg;
    int ret;

    VARIADIC_ARG(arg, type);
    ret = accel_trace_is_on(kvm_trace(s), kvm_vm_ioctl)
              ? traced_ioctl(kvm_trace(s), ACCEL_TRACE_kvm_vm_ioctl, "", s->vmfd, type, arg)
              : plain_ioctl(s->vmfd, type, arg);
    ACCEL_PROBE3(kvm_vm_ioctl, type, arg, ret);
    return ret;
}

int kvm_vcpu_ioctl(AccelCPU *cpu, unsigned long type, ...)
{
    AccelTrace *t = kvm_trace(KVM_STATE(cpu->accel));
    void *arg;
    int ret;

    VARIADIC_ARG(arg, type);
    if (accel_trace_is_on(t, kvm_vcpu_ioctl)) {
        g_autofree char *prefix = g_strdup_printf("cpu_index %u, ", cpu->id);

        ret = traced_ioctl(t, ACCEL_TRACE_kvm_vcpu_ioctl, prefix, KVM_CPU(cpu)->fd, type, arg);
    } else {
        ret = plain_ioctl(KVM_CPU(cpu)->fd, type, arg);
    }
    ACCEL_PROBE4(kvm_vcpu_ioctl, cpu->id, type, arg, ret);
    return ret;
}

int kvm_device_ioctl(KVMState *s, int fd, unsigned long type, ...)
{
    void *arg;
    int ret;

    VARIADIC_ARG(arg, type);
    ret = accel_trace_is_on(kvm_trace(s), kvm_device_ioctl)
              ? traced_ioctl(kvm_trace(s), ACCEL_TRACE_kvm_device_ioctl, "", fd, type, arg)
              : plain_ioctl(fd, type, arg);
    ACCEL_PROBE4(kvm_device_ioctl, fd, type, arg, ret);
    return ret;
}

void kvm_call_error(GError **errp, const char *call, int ret, const char *fmt, ...)
{
    const AccelErrorInfo info = { .accel = "kvm", .call = call, .errnum = ret < 0 ? -ret : 0 };
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    accel_error_set(errp, accel_error_code_from_errno(info.errnum), &info, "%s", text);
}

gboolean kvm_failed_at(GError **errp, const char *stage)
{
    if (errp != NULL) {
        accel_error_set_context(*errp, "kvm", stage);
        kvm_host_explain(*errp, NULL);
    }
    return FALSE;
}
