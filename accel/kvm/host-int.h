/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Internal to accel/kvm/host*.c. */
#ifndef ACCEL_KVM_HOST_INT_H
#define ACCEL_KVM_HOST_INT_H

#include "accel/kvm-host.h"

/* host-files.c: files below the root. Paths start with '/'. */
char *host_text(const KVMHost *h, const char *path);  /* trimmed contents; NULL: not readable */
bool host_exists(const KVMHost *h, const char *path);
char *host_path(const KVMHost *h, const char *path);
/** host_field: value of "NAME: value" or "NAME=value" lines. (transfer full) or NULL */
char *host_field(const char *text, const char *name);
/** host_has_word: whether @word stands in @text between blanks. */
bool host_has_word(const char *text, const char *word);

void host_read_node(KVMHost *h);     /* host-node.c */
void host_read_process(KVMHost *h);  /* host-process.c */
void host_read_machine(KVMHost *h);  /* host-machine.c */
void host_read_modules(KVMHost *h);  /* host-machine.c */
void host_read_container(KVMHost *h);/* host-container.c */

/* Rules: TRUE when the rule knows the cause and has said so. */
typedef gboolean (*HostRule)(const KVMHost *h, GError *err);
extern const HostRule host_open_rules[];  /* host-explain-open.c; NULL ends */
extern const HostRule host_vm_rules[];    /* host-explain-vm.c */
extern const HostRule host_guest_rules[]; /* host-explain-guest.c */

void host_cause(GError *err, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
void host_remedy(GError *err, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

/* What is said of a guest that no rule knows anything about. */
void host_guest_unknown(GError *err);

/* Whether the errno says that there is no KVM behind the node. */
bool host_absent(const GError *err);

/* host-explain-node.c: whether the CPU's virtualisation is AMD's; what stands at the node's path. */
bool host_is_amd(const KVMHost *h);
gboolean host_not_kvm(const KVMHost *h, GError *err);
gboolean host_no_path(const KVMHost *h, GError *err);
gboolean host_wrong_kind(const KVMHost *h, GError *err);
gboolean host_wrong_path(const KVMHost *h, GError *err);
gboolean host_no_driver(const KVMHost *h, GError *err);

/* host-explain-short.c: what this process or the host has too little of. */
gboolean host_out_of_files(const KVMHost *h, GError *err);
gboolean host_out_of_memory(const KVMHost *h, GError *err);

#endif
