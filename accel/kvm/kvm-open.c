/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The first three stages: open the node, ask for the API version, create the VM.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "kvm-int.h"

#define CREATE_VM_TRIES 64

const char kvm_upgrade_note[] =
    "Please upgrade to at least kernel 2.6.29 or recent kvm-kmod\n"
    "(see http://sourceforge.net/projects/kvm).";

static const char fdset_prefix[] = "/dev/fdset/";

/* "/dev/fdset/N": a descriptor that the caller opened for us, by number. */
static int open_node(const char *path)
{
    if (g_str_has_prefix(path, fdset_prefix)) {
        char *end;
        long n = strtol(path + strlen(fdset_prefix), &end, 10);

        if (*end != '\0' || end == path + strlen(fdset_prefix) || n < 0 || n > G_MAXINT) {
            errno = ENOENT;
            return -1;
        }
        return fcntl((int)n, F_DUPFD_CLOEXEC, 0);
    }
    return open(path, O_RDWR | O_CLOEXEC);
}

gboolean kvm_stage_open(KVMState *s, const AccelSpec *spec, GError **errp)
{
    const char *path = s->device != NULL   ? s->device
                       : spec->device != NULL ? spec->device
                                              : "/dev/kvm";

    s->fd = spec->open_node != NULL ? spec->open_node(path, O_RDWR | O_CLOEXEC)
                                    : open_node(path);
    if (s->fd < 0) {
        int ret = -errno;

        kvm_call_error(errp, "open", ret, "Could not access KVM kernel module: %s",
                       g_strerror(-ret));
        return FALSE;
    }
    return TRUE;
}

/* The kind of failure: what a file that is no KVM says to its ioctl, or a KVM that cannot answer. */
static AccelErrorCode version_code(int ret)
{
    switch (-ret) {
    case ENOTTY:
    case EINVAL:
    case ENOSYS:
    case EOPNOTSUPP:
        return ACCEL_ERROR_ABSENT;
    default:
        return ret < 0 ? accel_error_code_from_errno(-ret) : ACCEL_ERROR_VERSION;
    }
}

/*
 * A node that is no KVM answers the ioctl with an error; QEMU calls that "too old" as well, and so
 * do we in the first line. Error data tells the two apart.
 */
gboolean kvm_stage_api_version(KVMState *s, const AccelSpec *spec, GError **errp)
{
    int ret = kvm_ioctl(s, KVM_GET_API_VERSION, 0);
    AccelErrorInfo info = { .accel = "kvm", .call = "KVM_GET_API_VERSION" };

    if (ret == KVM_API_VERSION) {
        s->api_version = ret;
        return TRUE;
    }
    info.errnum = ret < 0 ? -ret : EINVAL;
    info.have = MAX(ret, 0);
    info.need = KVM_API_VERSION;
    if (ret < KVM_API_VERSION) {
        info.notes = kvm_upgrade_note;
        accel_error_set(errp, version_code(ret), &info, "kvm version too old");
    } else {
        accel_error_set(errp, ACCEL_ERROR_VERSION, &info, "kvm version not supported");
    }
    return FALSE;
}

/*
 * Creating a VM can be interrupted by a timer of the process and must then be tried again; for ever
 * would hang a process under a fast timer.
 */
gboolean kvm_stage_create_vm(KVMState *s, const AccelSpec *spec, GError **errp)
{
    int ret = -EINVAL;

    if (spec->vm_type < 0) {
        kvm_call_error(errp, "KVM_CREATE_VM", -EINVAL, "VM type %d is not valid", spec->vm_type);
        return FALSE;
    }
    for (int i = 0; i < CREATE_VM_TRIES; i++) {
        ret = kvm_ioctl(s, KVM_CREATE_VM, (unsigned long)spec->vm_type);
        if (ret != -EINTR) {
            break;
        }
    }
    if (ret < 0) {
        kvm_call_error(errp, "KVM_CREATE_VM", ret, "ioctl(KVM_CREATE_VM) failed: %d %s", -ret,
                       g_strerror(-ret));
        return FALSE;
    }
    s->vmfd = ret;
    return TRUE;
}
