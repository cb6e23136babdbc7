/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why a guest that was running could not go on.
 */
#include <errno.h>
#include <string.h>
#include "host-int.h"

static gboolean entry_failed(const KVMHost *h, GError *err)
{
    if (strstr(err->message, "entry failed") == NULL) {
        return FALSE;
    }
    if (g_strcmp0(h->unrestricted_guest, "N") == 0 || g_strcmp0(h->ept, "N") == 0) {
        host_cause(err, "this CPU cannot run guests in big real mode (unrestricted_guest=%s, "
                   "ept=%s)", h->unrestricted_guest != NULL ? h->unrestricted_guest : "?",
                   h->ept != NULL ? h->ept : "?");
        host_remedy(err, "enable ept and unrestricted_guest of kvm_intel, or start the guest in "
                    "protected mode (-kernel instead of firmware)");
    } else if (strstr(err->message, "hardware error 0x0") != NULL && h->mod_virtualbox) {
        host_cause(err, "VirtualBox is loaded and took the hardware away");
        host_remedy(err, "stop VirtualBox, or boot with kvm.enable_virt_at_load=0");
    } else {
        host_cause(err, "the CPU refused the guest's state%s",
                   h->hypervisor_flag ? "; the outer hypervisor's nested virtualisation may be at "
                                        "fault" : "");
    }
    host_remedy(err, "the machine stays paused: system_reset starts it again");
    return TRUE;
}

static gboolean emulation(const KVMHost *h, GError *err)
{
    const char *notes = accel_error_notes(err);

    if (strstr(err->message, "Suberror: 1") == NULL &&
        (notes == NULL || strstr(notes, "emulation failure") == NULL)) {
        return FALSE;
    }
    host_cause(err, "the kernel had to emulate an instruction that it does not know; the bytes are "
               "at the RIP of the register line");
    host_remedy(err, "use a host whose CPU runs this mode itself (hardware virtualisation), a "
                "simpler -cpu model, or -accel tcg");
    return TRUE;
}

static gboolean bad_memory(const KVMHost *h, GError *err)
{
    if (accel_error_errno(err) != EFAULT) {
        return FALSE;
    }
    host_cause(err, "guest memory has no usable host memory behind it (file cut short, huge pages "
               "or host memory exhausted)");
    host_remedy(err, "check the size of the memory backend's file and free memory or huge pages");
    return TRUE;
}

void host_guest_unknown(GError *err)
{
    host_cause(err, "the guest cannot go on in this state; the register line says where it stood");
    host_remedy(err, "the machine stays paused: system_reset starts it again");
}

const HostRule host_guest_rules[] = { entry_failed, emulation, bad_memory, NULL };
