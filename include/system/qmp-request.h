/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Internal to the QMP server: one request, from its JSON to its answer. */
#ifndef SYSTEM_QMP_REQUEST_H
#define SYSTEM_QMP_REQUEST_H

#include "system/qmp.h"

typedef struct QmpRequest {
    Monitor *mon;
    guint session;         /* of the monitor when the request came */
    char *name;            /* the command's; NULL in a bad request */
    const QmpCommand *cmd; /* set when it is the request's turn */
    bool oob;
    json_t *id, *args, *ret;
    int fd;                /* came along with it, for the command to take; -1: none */
    GError *err;           /* set: the request is bad, or the command failed */
} QmpRequest;

/** qmp_request_new: from @value (transfer full), or from a JSON @error when that is NULL. */
QmpRequest *qmp_request_new(Monitor *mon, json_t *value, const char *error);
void qmp_request_free(QmpRequest *r);
/** qmp_request_resolve: find the command; it may be refused: see r->err. */
void qmp_request_resolve(QmpRequest *r);
/** qmp_request_run: call the handler; its result or error goes into @r. */
void qmp_request_run(QmpRequest *r);
/** qmp_request_answer: what goes over the wire. (transfer full). */
json_t *qmp_request_answer(const QmpRequest *r);

#endif
