/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal (launcher): QMP commands as a table.
 *
 * One row per command (qmp-commands.def) says its name, the members of its arguments, what it
 * returns and how it may be called. Argument checking, query-commands and query-qmp-schema all come
 * from that row and from the table of types (qmp/types.c).
 *
 * Members are text: "name:type other?:type", '?' marking an optional one. A type is str, int,
 * number, bool, any, null, the name of a row of the type table, or [type] for an array of those.
 */
#ifndef SYSTEM_QMP_H
#define SYSTEM_QMP_H

#include "system/monitor.h"

/** QmpHandler: *@ret stays NULL for an empty object. @args: checked, never NULL, borrowed. */
typedef bool (*QmpHandler)(Monitor *mon, json_t *args, json_t **ret, GError **errp);

enum {
    QMP_PRECONFIG = 1 << 0, /* allowed before the machine is made */
    QMP_OOB = 1 << 1,       /* may be called with exec-oob */
    QMP_THREAD = 1 << 2,    /* may block: own thread, no lock, must not touch the machine */
    QMP_FILES = 1 << 8,     /* opens files, on the main thread: signals may interrupt it */
    QMP_OPEN = 1 << 3,      /* further arguments are the handler's business */
    QMP_UNSTABLE = 1 << 4,  /* schema feature "unstable" */
    QMP_TAKES_FD = 1 << 9,  /* the descriptor that came along with the request is for it */
    QMP_JSON_CLI = 1 << 5,  /* schema features "json-cli" and "json-cli-hotplug" */
};

typedef struct QmpCommand {
    const char *name;
    const char *args; /* members, or "@Type" for a type of the table */
    const char *ret;  /* type, "" for an empty object */
    unsigned flags;
    QmpHandler fn;
} QmpCommand;

extern const QmpCommand qmp_commands[]; /* ends with a NULL name */
const QmpCommand *qmp_find_command(const char *name);

typedef struct QmpEventDef {
    const char *name, *data; /* members */
} QmpEventDef;

extern const QmpEventDef qmp_events[]; /* ends with a NULL name */

/* ---- types ---- */

typedef enum QmpMeta { QMP_ENUM, QMP_STRUCT, QMP_UNION, QMP_ALTERNATE } QmpMeta;

typedef struct QmpType {
    const char *name;
    QmpMeta meta;
    const char *spec;     /* enum: values; struct and union: members; alternate: types */
    const char *tag;      /* union: the member that decides */
    const char *variants; /* union: "case:Type …" */
} QmpType;

extern const QmpType qmp_types[]; /* ends with a NULL name */
const QmpType *qmp_find_type(const char *name);

/* One part of a spec. */
typedef struct QmpMember {
    char name[48], type[64];
    bool optional;
} QmpMember;

/** qmp_next_member, qmp_next_word: take the next part off *@spec. FALSE at the end. */
bool qmp_next_member(const char **spec, QmpMember *m);
bool qmp_next_word(const char **spec, char *word, size_t size);

/** qmp_check_args: @args against @cmd's row, with QEMU's texts. */
bool qmp_check_args(const QmpCommand *cmd, json_t *args, GError **errp);
/** qmp_check_members: the same for any list of members. @open: further members are fine. */
bool qmp_check_members(const char *spec, json_t *object, bool open, GError **errp);
/** qmp_schema: what query-qmp-schema returns. */
json_t *qmp_schema(Vm *vm);

/* ---- errors ---- */

typedef enum QmpErrorClass {
    QMP_GENERIC_ERROR,
    QMP_COMMAND_NOT_FOUND,
    QMP_DEVICE_NOT_ACTIVE,
    QMP_DEVICE_NOT_FOUND,
    QMP_KVM_MISSING_CAP,
} QmpErrorClass;

void qmp_error(GError **errp, QmpErrorClass klass, const char *fmt, ...) G_GNUC_PRINTF(3, 4);
/** qmp_error_json: {"class": …, "desc": …}; stage, call and errno go into the text. */
json_t *qmp_error_json(const GError *err);
/** qmp_error_text: the same text. (transfer full). */
char *qmp_error_text(const GError *err);

/* ---- helpers of handlers ---- */

static inline const char *qmp_str(json_t *args, const char *name)
{
    return json_string_value(json_object_get(args, name));
}
/** qmp_int: the integer, @fallback when it was not given. */
static inline int64_t qmp_int(json_t *args, const char *name, int64_t fallback)
{
    json_t *v = json_object_get(args, name);

    return v != NULL ? json_integer_value(v) : fallback;
}
/** qmp_call: carry out a command from inside (HMP). (transfer full) or NULL with an error. */
json_t *qmp_call(Monitor *mon, const char *name, json_t *args, GError **errp);

/** qmp_dispatch: checks and calls. Returns: (transfer full) the return value or NULL. */
json_t *qmp_dispatch(Monitor *mon, const QmpCommand *cmd, json_t *args, GError **errp);

/** qmp_get_fd: take the descriptor called @name (getfd) out of the list; -1 with an error. */
int qmp_get_fd(Vm *vm, const char *name, GError **errp);

#define QMP(id, name, args, ret, flags) \
    bool qmp_##id(Monitor *mon, json_t *args_, json_t **ret_, GError **errp);
#include "system/qmp-commands.def"
#undef QMP

/** qmp_cpu_model_unavailable: names of what the host lacks for @model. Returns: new reference. */
json_t *qmp_cpu_model_unavailable(Vm *vm, const char *model);

#endif
