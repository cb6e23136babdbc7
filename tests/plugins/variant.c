/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A plugin that has one thing wrong with it, by VARIANT; VARIANT_GOOD has none. Its machine never
 * starts: init fails with a text that shows it was reached.
 */
#include <stdio.h>
#include <stdlib.h>
#include "hw/plugin.h"

enum {
    VARIANT_GOOD, VARIANT_OLDER, VARIANT_NEWER, VARIANT_NEWER_MINOR, VARIANT_UNDEFINED,
    VARIANT_NO_DESCRIPTOR, VARIANT_TWICE, VARIANT_TAKEN, VARIANT_INIT_FAILS, VARIANT_SIZES,
    VARIANT_SMALL, VARIANT_NAMELESS, VARIANT_PARTLY, VARIANT_NO_INIT, VARIANT_SMALLER_THAN_PARENT,
    VARIANT_CAPABILITY, VARIANT_ODD_CAPABILITY, VARIANT_NO_REASON, VARIANT_REASON_BUT_FINE,
};

#ifndef VARIANT
#define VARIANT VARIANT_GOOD
#endif

/* Runs when the dynamic linker has the file: must not happen when the version does not fit. */
__attribute__((constructor)) static void constructed(void)
{
    if (g_getenv("PLUGIN_TEST_CONSTRUCTED") != NULL) {
        fprintf(stderr, "constructor of %s\n", G_STRINGIFY(VARIANT));
    }
}

#if VARIANT == 3 || VARIANT == 4
void accelvm_function_of_the_future(void);
#endif

#if VARIANT != 5
static gboolean reached(MachineState *ms, GError **errp)
{
    if (VARIANT == VARIANT_NO_REASON) {
        return FALSE;
    }
    accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "machine '%s' was reached", ms->klass->name);
    return VARIANT == VARIANT_REASON_BUT_FINE;
}

static gboolean not_ready(MachineState *ms, GError **errp)
{
    return VARIANT != VARIANT_REASON_BUT_FINE;
}

static const char *const required_caps[] = {
    VARIANT == VARIANT_ODD_CAPABILITY ? "KVM_CAP_OF_THE_FUTURE" : "KVM_CAP_XSAVE", NULL
};

static const MachineClass machine = {
    .type = { .name = "t-good-machine", .parent = &hw_type_machine,
              .instance_size = VARIANT == VARIANT_SMALLER_THAN_PARENT ? 8 : sizeof(MachineState) },
    .name = VARIANT == VARIANT_TAKEN ? "none" : "t-good",
    .desc = "test machine",
    .default_cpu_type = "qemu64",
    .no_vcpus = true,
    .required_caps = VARIANT == VARIANT_CAPABILITY || VARIANT == VARIANT_ODD_CAPABILITY
                     ? required_caps : NULL,
    .ready = not_ready,
    .init = VARIANT == VARIANT_NO_INIT ? NULL : reached,
};

static const MachineClass second = {
    .type = { .name = "t-second-machine", .parent = &hw_type_machine,
              .instance_size = sizeof(MachineState) },
    .name = "t-second",
    .init = reached,
};

static gboolean init(HwRegistry *reg, GError **errp)
{
#if VARIANT == 3 || VARIANT == 4
    accelvm_function_of_the_future();
#endif
    if (VARIANT == VARIANT_INIT_FAILS) {
        return FALSE;
    }
    if (VARIANT == VARIANT_PARTLY && !hw_registry_add(reg, &second.type, errp)) {
        return FALSE;
    }
    if (VARIANT == VARIANT_PARTLY) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "changed its mind");
        return FALSE;
    }
    return hw_registry_add(reg, &machine.type, errp) &&
           (VARIANT != VARIANT_TWICE || hw_registry_add(reg, &machine.type, errp));
}

extern __attribute__((visibility("default"))) const AccelvmPlugin accelvm_plugin;
const AccelvmPlugin accelvm_plugin = {
    .size = VARIANT == VARIANT_SMALL ? 16 : sizeof(AccelvmPlugin),
    .abi_major = VARIANT == VARIANT_OLDER   ? ACCELVM_PLUGIN_ABI_MAJOR - 1
                 : VARIANT == VARIANT_NEWER ? ACCELVM_PLUGIN_ABI_MAJOR + 1
                                            : ACCELVM_PLUGIN_ABI_MAJOR,
    .abi_minor = VARIANT == VARIANT_NEWER_MINOR ? ACCELVM_PLUGIN_ABI_MINOR + 7
                                                : ACCELVM_PLUGIN_ABI_MINOR,
    .name = VARIANT == VARIANT_NAMELESS ? NULL : "variant",
    .version = "1.2.3",
    .licence = "LGPL-2.1-or-later",
    .description = "test",
    .machine_class_size = sizeof(MachineClass) + (VARIANT == VARIANT_SIZES ? 8 : 0),
    .device_class_size = sizeof(DeviceClass),
    .machine_state_size = sizeof(MachineState),
    .init = init,
};
#endif
