/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: the object tree. Every machine, device, CPU and user-created object is a HwObject: a type
 * with a property table, a name, a parent and children. It is what qom-list, qom-get, qom-set and
 * the paths of qtest's irq_intercept walk over ("/machine/unattached/ioapic", or a partial path).
 * Single inheritance by embedding: a type's instance struct has its parent's as first member.
 */
#ifndef HW_OBJECT_H
#define HW_OBJECT_H

#include <stdbool.h>
#include <stdint.h>
#include "accel/error.h"
#include "accel/prop.h"

G_BEGIN_DECLS

typedef struct HwObject HwObject;
typedef struct HwType HwType;
typedef struct HwRegistry HwRegistry;

struct HwType {
    const char *name;       /* "isa-debugcon" */
    const HwType *parent;   /* NULL only for the root type "object" */
    const char *desc;
    size_t instance_size;
    bool abstract;
    bool user_creatable;    /* by -object (devices: see DeviceClass) */
    const AccelProp *props; /* this type's own; the parent's apply too */
    void (*init)(HwObject *obj);     /* after the parent's; properties have their defaults */
    gboolean (*complete)(HwObject *obj, GError **errp); /* -object: after all properties are set */
    void (*finalize)(HwObject *obj); /* before the parent's; must cope with a half-made object */
};

struct HwObject {
    const HwType *type;
    HwObject *parent;     /* borrowed */
    char *name;           /* within parent; NULL until added */
    GPtrArray *children;  /* HwObject *, owned references; NULL when none */
    gint ref;             /* atomic */
    bool embedded;        /* made by hw_object_init(): the memory is not the object's own */
};

extern ACCEL_API const HwType hw_type_object;    /* "object", the root */
extern ACCEL_API const HwType hw_type_container; /* "container" */

/** hw_object_new: an instance with one reference, properties at their defaults. */
ACCEL_API HwObject *hw_object_new(const HwType *type);
/** hw_object_init: the same in memory of the caller, @type->instance_size zeroed bytes. */
ACCEL_API void hw_object_init(HwObject *obj, const HwType *type);
/** hw_object_ref: one more reference. Any thread. Returns: @obj. */
ACCEL_API HwObject *hw_object_ref(HwObject *obj);
/** hw_object_unref: one less; the last one frees. Any thread. NULL is fine. */
ACCEL_API void hw_object_unref(HwObject *obj);

/** hw_object_add_child: @parent takes a reference. FALSE with an error when the name is taken. */
ACCEL_API gboolean hw_object_add_child(HwObject *parent, const char *name, HwObject *child,
                                       GError **errp);
/** hw_object_unparent: drop the parent's reference. */
ACCEL_API void hw_object_unparent(HwObject *obj);
/** hw_object_path: "/machine/peripheral/x". Returns: (transfer full). */
ACCEL_API char *hw_object_path(const HwObject *obj);
/** hw_object_resolve: absolute path, or a partial one that must be unique. NULL when not found. */
ACCEL_API HwObject *hw_object_resolve(HwObject *root, const char *path, bool *ambiguous);
/** hw_object_child: direct child by name, or NULL. */
ACCEL_API HwObject *hw_object_child(HwObject *obj, const char *name);

/** hw_object_is_a: type test along the chain of parents. */
ACCEL_API bool hw_object_is_a(const HwObject *obj, const HwType *type);
/** hw_type_is_a: is @type @ancestor, or derived from it? */
ACCEL_API bool hw_type_is_a(const HwType *type, const HwType *ancestor);

/* Properties along the chain of types. Errors as in prop.h. */
ACCEL_API const AccelProp *hw_type_find_prop(const HwType *type, const char *name);
ACCEL_API gboolean hw_object_set(HwObject *obj, const char *name, const char *value,
                                 GError **errp);
ACCEL_API char *hw_object_get(HwObject *obj, const char *name, GError **errp);

/* ---- registry: the types that exist; one per launcher or library user, no global ---- */

/** hw_registry_new: with everything that is built in. */
ACCEL_API HwRegistry *hw_registry_new(void);
/** hw_registry_free: NULL is fine; after every machine made with it. */
ACCEL_API void hw_registry_free(HwRegistry *reg);
/** hw_registry_add: @type must outlive the registry. FALSE when the name is taken. */
ACCEL_API gboolean hw_registry_add(HwRegistry *reg, const HwType *type, GError **errp);
/** hw_registry_find: the type called @name, or NULL. */
ACCEL_API const HwType *hw_registry_find(const HwRegistry *reg, const char *name);
/** hw_registry_list: concrete and abstract types below @ancestor (NULL: all), by name. */
ACCEL_API GPtrArray *hw_registry_list(const HwRegistry *reg, const HwType *ancestor);

/* Cast with a check that costs nothing in the exit path: for container-of use only. */
#define HW_OBJECT(x) ((HwObject *)(x))

G_END_DECLS

#endif
