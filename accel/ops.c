/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an open accelerator does: each public function checks that the class can do it and calls the
 * class. "Cannot" is an error that names accelerator and operation.
 */
#include "accel/accel-class.h"

static gboolean unsupported(const AccelState *as, const char *what, GError **errp)
{
    const AccelErrorInfo info = { .accel = as->klass->name, .call = what };

    accel_error_set(errp, ACCEL_ERROR_UNSUPPORTED, &info, "accelerator %s cannot do %s",
                    as->klass->display_name, what);
    return FALSE;
}

#define CALL(state, member, ...)                                        \
    ((state)->klass->member != NULL ? (state)->klass->member(__VA_ARGS__) \
                                    : unsupported(state, #member, errp))

gboolean accel_map_ram(AccelState *as, uint64_t gpa, void *hva, uint64_t size, unsigned flags,
                       GError **errp)
{
    return CALL(as, map_ram, as, gpa, hva, size, flags, errp);
}

gboolean accel_unmap_ram(AccelState *as, uint64_t gpa, uint64_t size, GError **errp)
{
    return CALL(as, unmap_ram, as, gpa, size, errp);
}

gboolean accel_get_dirty(AccelState *as, uint64_t gpa, uint64_t size, uint64_t *bitmap,
                         GError **errp)
{
    return CALL(as, get_dirty, as, gpa, size, bitmap, errp);
}

gboolean accel_set_irq(AccelState *as, uint32_t gsi, int level, GError **errp)
{
    return CALL(as, set_irq, as, gsi, level, errp);
}

gboolean accel_send_msi(AccelState *as, uint64_t addr, uint32_t data, GError **errp)
{
    return CALL(as, send_msi, as, addr, data, errp);
}

gboolean accel_set_msi_route(AccelState *as, uint32_t gsi, uint64_t addr, uint32_t data,
                             bool masked, GError **errp)
{
    return CALL(as, set_msi_route, as, gsi, addr, data, masked, errp);
}

gboolean accel_set_ioeventfd(AccelState *as, int fd, uint64_t addr, uint32_t len, bool is_port,
                             bool match, uint64_t value, bool assign, GError **errp)
{
    return CALL(as, set_ioeventfd, as, fd, addr, len, is_port, match, value, assign, errp);
}

gboolean accel_create_pit(AccelState *as, bool speaker_dummy, GError **errp)
{
    return CALL(as, create_pit, as, speaker_dummy, errp);
}

gboolean accel_reset_irqchip(AccelState *as, GError **errp)
{
    return as->klass->reset_irqchip != NULL ? as->klass->reset_irqchip(as, errp) : TRUE;
}

gboolean accel_route_pc(AccelState *as, GError **errp)
{
    return CALL(as, route_pc, as, errp);
}

gboolean accel_get_feature_msr(AccelState *as, uint32_t index, uint64_t *value, GError **errp)
{
    return CALL(as, get_feature_msr, as, index, value, errp);
}

GArray *accel_get_supported_cpuid(AccelState *as, GError **errp)
{
    if (as->klass->get_supported_cpuid == NULL) {
        unsupported(as, "get_supported_cpuid", errp);
        return NULL;
    }
    return as->klass->get_supported_cpuid(as, errp);
}

GArray *accel_get_msr_list(AccelState *as, GError **errp)
{
    if (as->klass->get_msr_list == NULL) {
        unsupported(as, "get_msr_list", errp);
        return NULL;
    }
    return as->klass->get_msr_list(as, errp);
}
