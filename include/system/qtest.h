/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal (launcher): the server of the qtest protocol. It knows a machine and somebody who
 * carries bytes; it does not know chardevs, options or the main loop, so that tests can feed it
 * directly.
 *
 * Everything here runs under the machine lock, on the thread that drives the machine.
 */
#ifndef SYSTEM_QTEST_H
#define SYSTEM_QTEST_H

#include "hw/machine.h"

typedef struct QTestServer QTestServer;

/* What the server asks of whoever carries its bytes. */
typedef struct QTestOps {
    /* Send all of @data. FALSE: the peer is behind; say qtest_server_resume() when it is not. */
    bool (*send)(void *opaque, const char *data, size_t len);
    /* Asked now and then in a command that takes long: give it up? NULL: never. */
    bool (*interrupted)(void *opaque);
    void *opaque;
} QTestOps;

/** qtest_server_new: for @ms. @log_fd: where the log goes, owned from now on; -1: nowhere. */
QTestServer *qtest_server_new(MachineState *ms, const QTestOps *ops, int log_fd);
/** qtest_server_free: intercepted lines go back to where they were. NULL is fine. */
void qtest_server_free(QTestServer *s);

/** qtest_server_open: a client came: levels of interrupts and the log's clock start anew. */
void qtest_server_open(QTestServer *s);
/** qtest_server_close: the client went; what it left half said is forgotten. */
void qtest_server_close(QTestServer *s);
/** qtest_server_input: bytes of the client. Whole lines are carried out and answered. */
void qtest_server_input(QTestServer *s, const void *data, size_t len);
/** qtest_server_resume: the peer has caught up: go on with what has come in meanwhile. */
void qtest_server_resume(QTestServer *s);
/** qtest_server_blocked: input should wait until the peer has read its replies. */
bool qtest_server_blocked(const QTestServer *s);

/** qtest_log_open: "none" and /dev/null: -1. FALSE with an error when it cannot be made. */
gboolean qtest_log_open(const char *path, int *fd, GError **errp);

/* ---- the launcher's side: qtest/object.c ---- */

extern const HwType hw_type_qtest; /* -object qtest,id=,chardev=,log= */
/** qtest_objects_close: let go of chardevs and machine before they are taken apart. */
void qtest_objects_close(void);

#endif
