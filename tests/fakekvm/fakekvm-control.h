/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For programs that are linked with libfakekvm instead of having it preloaded: many scenarios in one
 * process. A test of what a program leaves behind needs that: one that ends takes its leaks along.
 */
#ifndef FAKEKVM_CONTROL_H
#define FAKEKVM_CONTROL_H

#include <stdint.h>

/**
 * fakekvm_restart: another host from now on, and the count of calls begins again.
 * @text: a scenario's lines, separated by newlines or ';', on top of the healthy host that there is
 * without one. The environment's scenario is not read again. A bad line ends the process.
 * No fake descriptor may be open and no other thread may be at work with KVM. The record, if there
 * is one, goes on.
 */
void fakekvm_restart(const char *text);

/** fakekvm_calls: calls since the start or the last restart; the record's highest number. */
uint64_t fakekvm_calls(void);
/** fakekvm_descriptors, fakekvm_mappings: what of KVM's is open or mapped in this process. */
int fakekvm_descriptors(void);
int fakekvm_mappings(void);

#endif
