/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The record: one line for each call, appended to the file that FAKEKVM_RECORD names.
 */
#ifndef FAKEKVM_RECORD_H
#define FAKEKVM_RECORD_H

#include "fakekvm.h"

void fake_record_open(void);
void fake_record_close(void);
void fake_record_lock(void);
void fake_record_unlock(void);
bool fake_recording(void);
bool fake_record_is(int fd);

/* The line of a counted call. */
void fake_record_call(const FakeCall *call, const char *arguments);

/* A line that is not counted: descriptors and mappings that go away, failed checks, ... */
void fake_record_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* describe.c: the arguments of a call in readable form, read before the call is done. */
void fake_describe(const FakeCall *call, char *text, size_t size);
const char *fake_call_name(unsigned long cmd, char *buffer, size_t size);

/* Mappings of KVM descriptors that are alive. */
void fake_mapping_add(unsigned long at, size_t size);
bool fake_mapping_remove(unsigned long at, size_t size);
int fake_mapping_count(void);

#endif
