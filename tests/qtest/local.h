/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A machine with a qtest server on it in this process, without launcher and sockets: for tests of
 * the server itself and for fuzzing.
 */
#ifndef TESTS_QTEST_LOCAL_H
#define TESTS_QTEST_LOCAL_H

#include "hw/boot-config.h"
#include "system/qtest.h"

typedef struct LocalVm {
    HwRegistry *reg;
    MachineState *ms;
    QTestServer *server;
    GString *out;        /* what the server has sent */
    bool slow;           /* say that the peer does not keep up */
    unsigned patience;   /* how often a long command may ask; then it is interrupted */
    unsigned asked;
    unsigned requests;   /* by kind of request, a bit each */
    unsigned n_requests;
    BootConfig *boot;
} LocalVm;

/** local_new: @machine on the accelerator "qtest", @ram bytes; with every device when @full. */
LocalVm *local_new(const char *machine, uint64_t ram, bool full);
void local_free(LocalVm *vm);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LocalVm, local_free)

/** local_say: feed @lines, take what is sent. Returns: (transfer full). */
char *local_say(LocalVm *vm, const char *lines);

#endif
