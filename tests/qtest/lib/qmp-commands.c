/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is built on request and response: the handshake, commands by template or by value, the human
 * monitor, and the two commands that carry descriptors.
 */
#include "aq-private.h"

#include <string.h>

json_t *aq_try_qmp(AqVM *vm, GError **error, const char *fmt, ...)
{
    json_t *request;
    va_list ap;

    va_start(ap, fmt);
    request = aq_json_new_va(error, fmt, ap);
    va_end(ap);
    return request ? aq_qmp_round(vm, request, NULL, 0, error) : NULL;
}

static json_t *execute_fd(AqVM *vm, const char *command, json_t *arguments, const int *fd,
                          GError **error)
{
    json_t *request = json_object();

    json_object_set_new(request, "execute", json_string(command));
    if (arguments) {
        json_object_set_new(request, "arguments", arguments);
    }
    return aq_qmp_value(aq_qmp_round(vm, request, fd, fd ? 1 : 0, error), error);
}

json_t *aq_try_qmp_execute(AqVM *vm, const char *command, json_t *arguments, GError **error)
{
    return execute_fd(vm, command, arguments, NULL, error);
}

/* Greeting, then qmp_capabilities. Newer clients insist on its "return", and so do we. */
gboolean aq_qmp_handshake(AqVM *vm, GError **error)
{
    json_t *arguments = NULL;
    json_t *done;

    vm->greeting = aq_try_qmp_receive(vm, error);
    if (!vm->greeting) {
        return FALSE;
    }
    if (!json_is_object(json_object_get(vm->greeting, "QMP"))) {
        return aq_fail(error, AQ_ERROR_PROTOCOL, "QMP: the greeting has no member 'QMP'");
    }
    if (vm->flags & AQ_VM_OOB) {
        arguments = json_pack("{s:[s]}", "enable", "oob");
    }
    done = aq_try_qmp_execute(vm, "qmp_capabilities", arguments, error);
    json_decref(done);
    return done != NULL;
}

char *aq_try_hmp(AqVM *vm, GError **error, const char *fmt, ...)
{
    g_autofree char *line = NULL;
    json_t *value;
    char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    line = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    value = aq_try_qmp_execute(vm, "human-monitor-command",
                               json_pack("{s:s}", "command-line", line), error);
    if (json_is_string(value)) {
        text = g_strdup(json_string_value(value));
    } else if (value) {
        aq_fail(error, AQ_ERROR_PROTOCOL, "human-monitor-command did not return a string");
    }
    json_decref(value);
    return text;
}

gboolean aq_try_getfd(AqVM *vm, const char *name, int fd, GError **error)
{
    json_t *value = execute_fd(vm, "getfd", json_pack("{s:s}", "fdname", name), &fd, error);

    json_decref(value);
    return value != NULL;
}

int64_t aq_try_add_fd(AqVM *vm, int64_t set, int fd, GError **error)
{
    json_t *arguments = json_object();
    json_t *value, *id;
    int64_t result = -1;

    if (set >= 0) {
        json_object_set_new(arguments, "fdset-id", json_integer(set));
    }
    value = execute_fd(vm, "add-fd", arguments, &fd, error);
    id = json_object_get(value, "fdset-id");
    if (json_is_integer(id)) {
        result = json_integer_value(id);
    } else if (value) {
        aq_fail(error, AQ_ERROR_PROTOCOL, "add-fd returned no fdset-id");
    }
    json_decref(value);
    return result;
}
