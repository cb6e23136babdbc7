/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The names of KVM's ioctls, capabilities and exit reasons, as scripts/gen-kvm-names reads them
 * from the system's own <linux/kvm.h>; and of errno values, from the C library.
 */
#ifndef FAKEKVM_NAMES_H
#define FAKEKVM_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct KvmName {
    unsigned long value;
    const char *name;
} KvmName;

/* Each table ends with a row whose name is NULL. */
extern const KvmName fake_ioctl_names[];
extern const KvmName fake_cap_names[];
extern const KvmName fake_exit_names[];

const char *fake_name_of(const KvmName *table, unsigned long value);

/* A number in C notation or a name of @table, with or without @prefix; false if it is neither. */
bool fake_value_of(const KvmName *table, const char *prefix, const char *text, uint64_t *value);

const char *fake_errno_name(int number);
bool fake_errno_value(const char *text, int *number);

#endif
