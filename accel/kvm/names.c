/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names of capabilities and ioctls, for messages, traces and reports. Tables of their own rather
 * than the system header's: a report must name what a newer kernel offers too.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include "accel/kvm.h"

static const struct {
    const char *name;
    int number;
    const char *since;
} caps[] = {
#define CAP(name, number, since) { #name, number, since },
#include "cap-names.h"
#undef CAP
};

static const struct {
    const char *name;
    unsigned nr, dir;
} ioctls[] = {
#define IOCTL(name, nr, dir) { #name, nr, dir },
#include "ioctl-names.h"
#undef IOCTL
};

const char *kvm_capability_name(int cap)
{
    for (guint i = 0; i < G_N_ELEMENTS(caps); i++) {
        if (caps[i].number == cap) {
            return caps[i].name;
        }
    }
    return NULL;
}

const char *kvm_capability_since(int cap)
{
    for (guint i = 0; i < G_N_ELEMENTS(caps); i++) {
        if (caps[i].number == cap) {
            return caps[i].since;
        }
    }
    return NULL;
}

int kvm_capability_at(guint index)
{
    return index < G_N_ELEMENTS(caps) ? caps[index].number : -1;
}

int kvm_capability_by_name(const char *name)
{
    const char *skip = g_str_has_prefix(name, "KVM_CAP_") ? name + strlen("KVM_CAP_") : name;

    for (guint i = 0; i < G_N_ELEMENTS(caps); i++) {
        if (g_ascii_strcasecmp(caps[i].name + strlen("KVM_CAP_"), skip) == 0) {
            return caps[i].number;
        }
    }
    return -1;
}

const char *kvm_ioctl_name(unsigned long request)
{
    const char *found = NULL;

    if (_IOC_TYPE(request) != 0xae) {
        return NULL;
    }
    for (guint i = 0; i < G_N_ELEMENTS(ioctls); i++) {
        if (ioctls[i].nr == _IOC_NR(request)) {
            if (ioctls[i].dir == _IOC_DIR(request)) {
                return ioctls[i].name;
            }
            found = ioctls[i].name;
        }
    }
    return found;
}
