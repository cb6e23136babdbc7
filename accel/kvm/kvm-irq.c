/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Interrupt controllers in the kernel: making them, driving their pins, sending messages.
 *
 * Nobody asked (auto): the best that the kernel has, with a warning when that is nothing. Asked for
 * by name: that, or an error; a machine that silently runs without what was asked for is no help.
 */
#include <errno.h>
#include <string.h>
#include "kvm-int.h"

#define SPLIT_PINS 24

static AccelIrqchip wanted(const KVMState *s, const AccelSpec *spec)
{
    switch (s->irqchip_prop) {
    case KVM_IRQCHIP_ON:
        return ACCEL_IRQCHIP_ON;
    case KVM_IRQCHIP_OFF:
        return ACCEL_IRQCHIP_OFF;
    case KVM_IRQCHIP_SPLIT:
        return ACCEL_IRQCHIP_SPLIT;
    default:
        return spec->no_irqchip              ? ACCEL_IRQCHIP_OFF
               : spec->default_irqchip_split ? ACCEL_IRQCHIP_SPLIT
                                             : ACCEL_IRQCHIP_ON;
    }
}

static void unsupported(GError **errp, const char *cap, const char *text)
{
    const AccelErrorInfo info = { .accel = "kvm", .call = "KVM_CHECK_EXTENSION",
                                  .errnum = ENOTSUP, .capability = cap, .missing = cap };

    accel_error_set(errp, ACCEL_ERROR_CAPABILITY, &info, "%s", text);
}

static gboolean make_split(KVMState *s, GError **errp)
{
    int ret;

    if (kvm_check_extension(s, KVM_CAP_SPLIT_IRQCHIP) == 0) {
        unsupported(errp, "KVM_CAP_SPLIT_IRQCHIP", "Split IRQ chip mode not supported.");
        return FALSE;
    }
    ret = kvm_arch_enable_split(s);
    if (ret < 0) {
        kvm_call_error(errp, "KVM_ENABLE_CAP", ret, "Could not enable split irqchip mode: %s",
                       g_strerror(-ret));
        return FALSE;
    }
    return TRUE;
}

static gboolean make_full(KVMState *s, GError **errp)
{
    int ret = kvm_vm_ioctl(s, KVM_CREATE_IRQCHIP, 0);

    if (ret < 0) {
        kvm_call_error(errp, "KVM_CREATE_IRQCHIP", ret, "Create kernel irqchip failed: %s",
                       g_strerror(-ret));
        return FALSE;
    }
    return TRUE;
}

gboolean kvm_stage_irqchip(KVMState *s, const AccelSpec *spec, GError **errp)
{
    AccelIrqchip mode = wanted(s, spec);

    if (mode != ACCEL_IRQCHIP_OFF && kvm_check_extension(s, KVM_CAP_IRQCHIP) == 0) {
        if (s->irqchip_prop != KVM_IRQCHIP_AUTO) {
            unsupported(errp, "KVM_CAP_IRQCHIP",
                        "Create kernel irqchip failed: this kernel has none");
            return FALSE;
        }
        accel_warn(&s->parent, "this kernel has no interrupt controllers; using user space's");
        mode = ACCEL_IRQCHIP_OFF;
    }
    if ((mode == ACCEL_IRQCHIP_SPLIT && !make_split(s, errp)) ||
        (mode == ACCEL_IRQCHIP_ON && !make_full(s, errp))) {
        return FALSE;
    }
    s->irq_ioctl = 0;
    s->parent.irqchip = mode;
    return TRUE;
}

/* Which of the two line ioctls there is, is asked for at the first interrupt. */
static unsigned long irq_ioctl(KVMState *s)
{
    if (s->irq_ioctl == 0) {
        s->irq_ioctl = kvm_check_extension(s, KVM_CAP_IRQ_INJECT_STATUS) > 0 ? KVM_IRQ_LINE_STATUS
                                                                             : KVM_IRQ_LINE;
    }
    return s->irq_ioctl;
}

gboolean kvm_set_irq(AccelState *as, uint32_t gsi, int level, GError **errp)
{
    KVMState *s = KVM_STATE(as);
    struct kvm_irq_level line = { .irq = gsi, .level = (uint32_t)level };
    int ret = kvm_vm_ioctl(s, irq_ioctl(s), &line);

    if (ret < 0) {
        kvm_call_error(errp, kvm_ioctl_name(s->irq_ioctl), ret, "kvm_set_irq: %s (GSI %u)", g_strerror(-ret),
                       gsi);
        return kvm_failed_at(errp, "irq-line");
    }
    return TRUE;
}

gboolean kvm_send_msi(AccelState *as, uint64_t addr, uint32_t data, GError **errp)
{
    KVMState *s = KVM_STATE(as);
    struct kvm_msi msi = { .address_lo = (uint32_t)addr, .address_hi = (uint32_t)(addr >> 32),
                           .data = data };
    int ret = kvm_vm_ioctl(s, KVM_SIGNAL_MSI, &msi);

    if (ret < 0) {
        kvm_call_error(errp, "KVM_SIGNAL_MSI", ret, "message 0x%" PRIx64 "/0x%x not sent: %s",
                       addr, data, g_strerror(-ret));
        return kvm_failed_at(errp, "msi");
    }
    return TRUE;
}

static size_t routes_size(void)
{
    return sizeof(struct kvm_irq_routing) + SPLIT_PINS * sizeof(struct kvm_irq_routing_entry);
}

/* All pins start as routes of a message that goes nowhere, as after reset of an IOAPIC. */
static void make_routes(KVMState *s)
{
    s->routes = g_malloc0(routes_size());
}

static struct kvm_irq_routing_entry *route_of(struct kvm_irq_routing *r, uint32_t gsi)
{
    for (guint i = 0; i < r->nr; i++) {
        if (r->entries[i].gsi == gsi) {
            return &r->entries[i];
        }
    }
    return NULL;
}

/* Enter or drop a route. Returns whether the table changed. */
static bool edit_route(struct kvm_irq_routing *r, uint32_t gsi, uint64_t addr, uint32_t data,
                       bool masked)
{
    struct kvm_irq_routing_entry *e = route_of(r, gsi);
    struct kvm_irq_routing_entry new = {
        .gsi = gsi,
        .type = KVM_IRQ_ROUTING_MSI,
        .u.msi = { .address_lo = (uint32_t)addr, .address_hi = (uint32_t)(addr >> 32),
                   .data = data },
    };

    if (masked) {
        if (e != NULL) {
            *e = r->entries[--r->nr];
        }
        return e != NULL;
    }
    if (e == NULL) {
        e = &r->entries[r->nr++];
    } else if (memcmp(e, &new, sizeof(new)) == 0) {
        return false;
    }
    *e = new;
    return true;
}

/*
 * Source: KVM API 4.52. The kernel only needs these routes to know which vectors' ends of interrupt
 * the user-space IOAPIC wants to hear of, and for irqfds.
 */
gboolean kvm_set_msi_route(AccelState *as, uint32_t gsi, uint64_t addr, uint32_t data, bool masked,
                           GError **errp)
{
    KVMState *s = KVM_STATE(as);
    g_autofree struct kvm_irq_routing *before = NULL;
    int ret = 0;

    if (gsi >= SPLIT_PINS) {
        kvm_call_error(errp, "KVM_SET_GSI_ROUTING", -EINVAL, "GSI %u is not one of %d", gsi,
                       SPLIT_PINS);
        return kvm_failed_at(errp, "msi-route");
    }
    g_mutex_lock(&s->route_lock);
    if (s->routes == NULL) {
        make_routes(s);
    }
    before = g_memdup2(s->routes, routes_size());
    if (edit_route(s->routes, gsi, addr, data, masked)) {
        ret = kvm_vm_ioctl(s, KVM_SET_GSI_ROUTING, s->routes);
        accel_trace(kvm_trace(s), kvm_irqchip_commit_routes, "%u routes, ret %d", s->routes->nr,
                    ret);
    }
    if (ret < 0) {
        memcpy(s->routes, before, routes_size()); /* the next try must not think it is done */
    }
    g_mutex_unlock(&s->route_lock);
    if (ret < 0) {
        kvm_call_error(errp, "KVM_SET_GSI_ROUTING", ret, "routes not installed: %s",
                       g_strerror(-ret));
        return kvm_failed_at(errp, "msi-route");
    }
    return TRUE;
}

gboolean kvm_set_ioeventfd(AccelState *as, int fd, uint64_t addr, uint32_t len, bool is_port,
                           bool match, uint64_t value, bool assign, GError **errp)
{
    KVMState *s = KVM_STATE(as);
    struct kvm_ioeventfd ev = {
        .datamatch = match ? value : 0,
        .addr = addr,
        .len = len,
        .fd = fd,
        .flags = (match ? KVM_IOEVENTFD_FLAG_DATAMATCH : 0u) |
                 (is_port ? KVM_IOEVENTFD_FLAG_PIO : 0u) |
                 (assign ? 0u : KVM_IOEVENTFD_FLAG_DEASSIGN),
    };
    int ret = kvm_vm_ioctl(s, KVM_IOEVENTFD, &ev);

    if (is_port) {
        accel_trace(kvm_trace(s), kvm_set_ioeventfd_pio,
                    "fd: %d @0x%x val=0x%" PRIx64 " assign: %d size: %u match: %d, ret %d", fd,
                    (unsigned)addr, value, assign, len, match, ret);
    } else {
        accel_trace(kvm_trace(s), kvm_set_ioeventfd_mmio,
                    "fd: %d @0x%" PRIx64 " val=0x%" PRIx64 " assign: %d size: %u match: %d, ret %d",
                    fd, addr, value, assign, len, match, ret);
    }
    if (ret < 0) {
        kvm_call_error(errp, "KVM_IOEVENTFD", ret, "ioeventfd at 0x%" PRIx64 ": %s", addr,
                       g_strerror(-ret));
        return kvm_failed_at(errp, "ioeventfd");
    }
    return TRUE;
}
