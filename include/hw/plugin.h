/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: machine types and devices from outside the tree.
 *
 * A plugin is a shared object that exports one AccelvmPlugin under the name accelvm_plugin. It says
 * which ABI it was built for, before anything of it runs, and it is checked like KVM's API version:
 * another major number is refused, a newer minor one too. Its entry function registers types through
 * the same structures that the built-in machines use. A plugin is never unloaded.
 */
#ifndef HW_PLUGIN_H
#define HW_PLUGIN_H

#include "hw/machine.h"

G_BEGIN_DECLS

/*
 * Major: structures that plugins fill or read have changed. Minor: something was added at their end
 * or as a new function; a plugin that needs it says so by having been built with it.
 */
#define ACCELVM_PLUGIN_ABI_MAJOR 1
#define ACCELVM_PLUGIN_ABI_MINOR 0

typedef struct AccelvmPlugin {
    size_t size;            /* sizeof(AccelvmPlugin) */
    uint32_t abi_major, abi_minor;
    const char *name;       /* "teaching" */
    const char *version;    /* the plugin's own */
    const char *licence;    /* SPDX expression */
    const char *description;/* one line */
    /* Sizes of what the plugin fills, as it was compiled: a second check on the same question. */
    size_t machine_class_size, device_class_size, machine_state_size;
    /** init: register types with hw_registry_add(). Nothing else: no threads, no files, no output. */
    gboolean (*init)(HwRegistry *reg, GError **errp);
} AccelvmPlugin;

/**
 * ACCELVM_PLUGIN: the descriptor, in one line at file level:
 *   ACCELVM_PLUGIN("teaching", "1.0", "LGPL-2.1-or-later", "a machine to learn from", init)
 */
#define ACCELVM_PLUGIN(name_, version_, licence_, description_, init_)                        \
    extern __attribute__((visibility("default"))) const AccelvmPlugin accelvm_plugin;         \
    const AccelvmPlugin accelvm_plugin = {                                                    \
        .size = sizeof(AccelvmPlugin),                                                        \
        .abi_major = ACCELVM_PLUGIN_ABI_MAJOR,                                                \
        .abi_minor = ACCELVM_PLUGIN_ABI_MINOR,                                                \
        .name = name_,                                                                        \
        .version = version_,                                                                  \
        .licence = licence_,                                                                  \
        .description = description_,                                                          \
        .machine_class_size = sizeof(MachineClass),                                           \
        .device_class_size = sizeof(DeviceClass),                                             \
        .machine_state_size = sizeof(MachineState),                                           \
        .init = init_,                                                                        \
    };

/**
 * hw_plugin_load: open, check and register one plugin (-plugin file=@path).
 * Errors, each with both sides of what does not fit and the remedy: ACCEL_ERROR_ABSENT (no such
 * file), ACCEL_ERROR_DENIED (others may write the file or its folder), ACCEL_ERROR_INVALID (no
 * plugin, undefined symbols, a name that is taken), ACCEL_ERROR_VERSION (ABI). After an error the
 * registry is as it was.
 * Returns: the plugin's descriptor, static.
 */
ACCEL_API const AccelvmPlugin *hw_plugin_load(HwRegistry *reg, const char *path, GError **errp);

/** hw_plugin_dirs: where plugins are looked for: ACCELVM_PLUGIN_PATH (colon-separated), then the
 * installed folder. (transfer full) */
ACCEL_API GStrv hw_plugin_dirs(void);

/* Told of each plugin that could not be loaded; the others go on. */
typedef void (*HwPluginWarn)(void *opaque, const char *path, const GError *err);

/**
 * hw_plugin_find_machine: look for a machine type that is not built in: "machine-NAME.so" of each
 * folder first, then every other plugin until one has registered @name.
 */
ACCEL_API const MachineClass *hw_plugin_find_machine(HwRegistry *reg, const char *name,
                                                     HwPluginWarn warn, void *opaque);
/** hw_plugin_load_all: for help listings. Returns: how many were loaded. */
ACCEL_API guint hw_plugin_load_all(HwRegistry *reg, HwPluginWarn warn, void *opaque);

G_END_DECLS

#endif
