/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * CPU, firmware and kernel modules.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "host-int.h"

static void read_cpuinfo(KVMHost *h)
{
    g_autofree char *text = host_text(h, "/proc/cpuinfo");
    g_autofree char *flags = NULL;

    if (text == NULL) {
        return;
    }
    flags = host_field(text, "flags");
    h->cpu_vendor = host_field(text, "vendor_id");
    h->vmx = host_has_word(flags, "vmx");
    h->svm = host_has_word(flags, "svm");
    h->hypervisor_flag = host_has_word(flags, "hypervisor");
}

static void read_platform(KVMHost *h)
{
    g_autofree char *vendor = host_text(h, "/sys/class/dmi/id/sys_vendor");
    g_autofree char *product = host_text(h, "/sys/class/dmi/id/product_name");
    g_autofree char *version = host_text(h, "/proc/version");

    if (vendor != NULL || product != NULL) {
        h->platform = g_strstrip(g_strdup_printf("%s %s", vendor != NULL ? vendor : "",
                                                 product != NULL ? product : ""));
    }
    h->kernel = host_text(h, "/proc/sys/kernel/osrelease");
    h->wsl = (version != NULL && strstr(version, "icrosoft") != NULL) ||
             (h->kernel != NULL && strstr(h->kernel, "icrosoft") != NULL);
    h->chromeos = host_exists(h, "/dev/.cros_milestone");
}

/* arm64 with cores of different kinds: a VM made on one kind does not run on the other. */
static void read_cores(KVMHost *h)
{
    g_autofree char *first = NULL;

    for (int i = 0; i < 1024; i++) {
        g_autofree char *path = g_strdup_printf(
            "/sys/devices/system/cpu/cpu%d/regs/identification/midr_el1", i);
        g_autofree char *midr = host_text(h, path);

        if (midr == NULL) {
            return;
        }
        if (first == NULL) {
            first = g_steal_pointer(&midr);
        } else if (strcmp(first, midr) != 0) {
            h->mixed_cores = true;
            return;
        }
    }
}

void host_read_machine(KVMHost *h)
{
    read_cpuinfo(h);
    read_platform(h);
    read_cores(h);
}

static bool has_module(const KVMHost *h, const char *list, const char *name)
{
    g_autofree char *dir = g_strdup_printf("/sys/module/%s", name);
    g_autofree char *start = g_strdup_printf("\n%s ", name);

    return host_exists(h, dir) ||
           (list != NULL && (strstr(list, start) != NULL || g_str_has_prefix(list, start + 1)));
}

static char *parameter(const KVMHost *h, const char *name)
{
    static const char *const modules[] = { "kvm_intel", "kvm_amd", "kvm" };

    for (guint i = 0; i < G_N_ELEMENTS(modules); i++) {
        g_autofree char *path = g_strdup_printf("/sys/module/%s/parameters/%s", modules[i], name);
        char *value = host_text(h, path);

        if (value != NULL) {
            return value;
        }
    }
    return NULL;
}

/*
 * The kernel's log, where it may be read: a saved host has it as "dmesg". Reading the device never
 * blocks and is bounded.
 */
static bool log_says_bios(const KVMHost *h)
{
    g_autofree char *saved = host_text(h, "/dmesg");
    g_autofree char *path = host_path(h, "/dev/kmsg");
    char record[1024];
    bool found = saved != NULL && strstr(saved, "disabled by bios") != NULL;
    ssize_t n;
    int fd;

    if (saved != NULL || (fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)) < 0) {
        return found;
    }
    for (int i = 0; i < 20000 && !found; i++) {
        n = read(fd, record, sizeof(record) - 1);
        if (n <= 0) {
            break;
        }
        record[n] = '\0';
        found = strcasestr(record, "disabled by bios") != NULL;
    }
    close(fd);
    return found;
}

/* kvm.ko alone runs no guest: one of these does it, each on its own kind of CPU or host. */
static char *find_vendor(const KVMHost *h, const char *list)
{
    static const char *const names[] = { "kvm_intel", "kvm_amd", "kvm_pvm", "kvm_hv", "kvm_pr" };

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        if (has_module(h, list, names[i])) {
            return g_strdup(names[i]);
        }
    }
    return NULL;
}

void host_read_modules(KVMHost *h)
{
    g_autofree char *list = host_text(h, "/proc/modules");

    h->vendor_module = find_vendor(h, list);
    h->mod_kvm = has_module(h, list, "kvm");
    h->mod_kvm_intel = has_module(h, list, "kvm_intel");
    h->mod_kvm_amd = has_module(h, list, "kvm_amd");
    h->mod_virtualbox = has_module(h, list, "vboxdrv");
    h->mod_vmware = has_module(h, list, "vmmon");
    h->enable_virt_at_load = parameter(h, "enable_virt_at_load");
    h->nested = parameter(h, "nested");
    h->unrestricted_guest = parameter(h, "unrestricted_guest");
    h->ept = parameter(h, "ept");
    h->bios_disabled = !h->node_exists && log_says_bios(h);
}
