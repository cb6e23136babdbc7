/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One QMP request: is it shaped as one, which command does it name, may that be called now. All
 * texts are QEMU's.
 */
#include <string.h>
#include <unistd.h>
#include "accel/trace.h"
#include "system/qmp-request.h"

static bool take_name(QmpRequest *r, const char *key, const char *name, bool oob)
{
    if (name == NULL) {
        qmp_error(&r->err, QMP_GENERIC_ERROR, "QMP input member '%s' must be a string", key);
        return false;
    }
    if (r->name != NULL) {
        qmp_error(&r->err, QMP_GENERIC_ERROR,
                  "QMP input member 'exec-oob' clashes with 'execute'");
        return false;
    }
    r->name = g_strdup(name);
    r->oob = oob;
    return true;
}

/* Returns: NULL when @v is no string. */
static const char *text_of(const json_t *v)
{
    return json_is_text(v) ? json_string_value(v) : NULL;
}

static bool take_member(QmpRequest *r, const char *key, json_t *v)
{
    if (strcmp(key, "execute") == 0) {
        return take_name(r, key, text_of(v), false);
    }
    if (strcmp(key, "exec-oob") == 0 && r->mon->oob) {
        return take_name(r, key, text_of(v), true);
    }
    if (strcmp(key, "id") == 0) {
        return true;
    }
    if (strcmp(key, "arguments") != 0) {
        qmp_error(&r->err, QMP_GENERIC_ERROR, "QMP input member '%s' is unexpected", key);
        return false;
    }
    if (!json_is_object(v)) {
        qmp_error(&r->err, QMP_GENERIC_ERROR, "QMP input member 'arguments' must be an object");
        return false;
    }
    json_decref(r->args);
    r->args = json_incref(v);
    return true;
}

/*
 * Now, while it is the last descriptor that came: the request may have to wait for its turn, and
 * those behind it may bring their own.
 */
static void take_fd(QmpRequest *r)
{
    Chardev *chr = r->mon->chr;
    const ChardevClass *klass = chr != NULL ? (const ChardevClass *)chr->obj.type : NULL;
    const QmpCommand *cmd = r->name != NULL ? qmp_find_command(r->name) : NULL;

    if (cmd != NULL && (cmd->flags & QMP_TAKES_FD) && klass != NULL && klass->get_fds != NULL &&
        klass->get_fds(chr, &r->fd, 1) != 1) {
        r->fd = -1;
    }
}

static void take_object(QmpRequest *r, json_t *obj)
{
    const char *key;
    json_t *v;

    r->id = json_incref(json_object_get(obj, "id"));
    json_object_foreach(obj, key, v) {
        if (!take_member(r, key, v)) {
            return;
        }
    }
    if (r->name == NULL) {
        qmp_error(&r->err, QMP_GENERIC_ERROR, "QMP input lacks member 'execute'");
    }
    take_fd(r);
}

QmpRequest *qmp_request_new(Monitor *mon, json_t *value, const char *error)
{
    QmpRequest *r = g_new0(QmpRequest, 1);

    r->mon = mon;
    r->session = mon->session;
    r->args = json_object();
    r->fd = -1;
    if (value == NULL) {
        qmp_error(&r->err, QMP_GENERIC_ERROR, "%s", error);
    } else if (!json_is_object(value)) {
        qmp_error(&r->err, QMP_GENERIC_ERROR, "QMP input must be a JSON object");
    } else {
        take_object(r, value);
    }
    json_decref(value);
    return r;
}

void qmp_request_free(QmpRequest *r)
{
    json_decref(r->id);
    json_decref(r->args);
    json_decref(r->ret);
    g_clear_error(&r->err);
    g_free(r->name);
    if (r->fd >= 0) {
        close(r->fd);
    }
    g_free(r);
}

static bool is_capabilities(const QmpCommand *cmd)
{
    return cmd != NULL && cmd->fn == qmp_qmp_capabilities;
}

void qmp_request_resolve(QmpRequest *r)
{
    bool negotiated = r->mon->negotiated;

    if (r->err != NULL) {
        return;
    }
    r->cmd = qmp_find_command(r->name);
    if (!negotiated && !is_capabilities(r->cmd)) {
        qmp_error(&r->err, QMP_COMMAND_NOT_FOUND,
                  "Expecting capabilities negotiation with 'qmp_capabilities'");
    } else if (negotiated && is_capabilities(r->cmd)) {
        qmp_error(&r->err, QMP_COMMAND_NOT_FOUND,
                  "Capabilities negotiation is already complete, command ignored");
    } else if (r->cmd == NULL) {
        qmp_error(&r->err, QMP_COMMAND_NOT_FOUND, "The command %s has not been found", r->name);
    } else if (r->oob && !(r->cmd->flags & QMP_OOB)) {
        qmp_error(&r->err, QMP_GENERIC_ERROR, "The command %s does not support OOB", r->name);
    }
}

void qmp_request_run(QmpRequest *r)
{
    if (r->err == NULL) {
        accel_trace(r->mon->vm->trace, qmp_command, "%s", r->name);
        if (r->cmd->flags & QMP_TAKES_FD) {
            r->mon->fd = r->fd;
        }
        r->ret = qmp_dispatch(r->mon, r->cmd, r->args, &r->err);
        if (r->cmd->flags & QMP_TAKES_FD) {
            r->fd = r->mon->fd;
            r->mon->fd = -1;
        }
    }
}

json_t *qmp_request_answer(const QmpRequest *r)
{
    json_t *reply = json_object();

    if (r->id != NULL) {
        json_object_set(reply, "id", r->id);
    }
    if (r->err != NULL) {
        json_object_set_new(reply, "error", qmp_error_json(r->err));
    } else {
        json_object_set(reply, "return", r->ret);
    }
    return reply;
}
