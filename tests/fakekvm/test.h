/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tests of the fake KVM. Each row runs in a process of its own that has the library preloaded and a
 * scenario of its own; it talks to the kernel's API with raw ioctls, as a VMM would.
 */
#ifndef FAKEKVM_TEST_H
#define FAKEKVM_TEST_H

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <linux/kvm.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct FakeTest {
    const char *name;
    void (*run)(void);
    const char *scenario;   /* lines, separated by ';' */
    int status;             /* how the process must end; 0 = well */
    const char *error;      /* pattern that its stderr must match, or NULL */
} FakeTest;

/* In the parent: the same test again, in a child that has the library and the scenario. */
void fake_test_run(const FakeTest *test);

void fake_tests_add(const FakeTest *tests, size_t n);
void add_call_tests(void);
void add_file_tests(void);
void add_exit_tests(void);
void add_kick_tests(void);
void add_fault_tests(void);
void add_scenario_tests(void);
void add_record_tests(void);

typedef struct Machine {
    int kvm, vm, vcpu;
    struct kvm_run *run;
    void *ram;
} Machine;

/* A VM with 64 KiB of RAM at 0 and one vCPU. */
Machine machine_new(void);

#define assert_fails(call, error)                                                                  \
    do {                                                                                           \
        errno = 0;                                                                                 \
        g_assert_cmpint((call), ==, -1);                                                           \
        g_assert_cmpint(errno, ==, (error));                                                       \
    } while (0)

#endif
