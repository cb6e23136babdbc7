/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Internal (launcher): the human monitor's commands and its line editor. */
#ifndef SYSTEM_HMP_H
#define SYSTEM_HMP_H

#include "accel/x86.h"
#include "hw/cpu.h"
#include "system/qmp.h"

/*
 * @argv: an entry for each argument that the command's types name, quotes gone, and a NULL behind
 * them. An optional one that is missing is NULL; "" is one that somebody wrote. '*' is one entry.
 */
typedef struct HmpCommand {
    const char *names; /* "q|quit" */
    const char *args;  /* as help shows them */
    const char *types; /* as hmp/args.c checks them */
    const char *help;
    void (*fn)(Monitor *mon, char **argv);
    const char *qmp;   /* instead of @fn: the QMP command that it is */
    const char *key;   /* and that command's name of the only argument; NULL: it has none */
    bool early;        /* may be used before the machine is made */
} HmpCommand;

extern const HmpCommand hmp_commands[], hmp_info_commands[]; /* end with NULL names */

/** hmp_call: check and carry out @line: @prefix bytes ("info "), a name of @len bytes, the rest. */
void hmp_call(Monitor *mon, const HmpCommand *cmd, const char *line, size_t prefix, size_t len);
/** hmp_allowed: it is not too early for @cmd. */
static inline bool hmp_allowed(const Monitor *mon, const HmpCommand *cmd)
{
    return cmd->early || !vm_in_preconfig(mon->vm);
}
const HmpCommand *hmp_find(const HmpCommand *table, const char *word, size_t len);
void hmp_help_info(Monitor *mon);

/** hmp_error: print and free @err; NULL is fine. */
void hmp_error(Monitor *mon, GError *err);
/** hmp_query, hmp_do: a QMP command; its error is printed. Take @args (may be NULL). */
json_t *hmp_query(Monitor *mon, const char *command, json_t *args);
void hmp_do(Monitor *mon, const char *command, json_t *args);
/** hmp_word: of a command line, as an argument to a command: its bytes, whatever they are. */
static inline json_t *hmp_word(const char *text)
{
    return json_string_nocheck(text);
}
/** hmp_text, hmp_flag: a member of an answer; "" and false when it is not there. */
static inline const char *hmp_text(json_t *obj, const char *name)
{
    const char *s = json_string_value(json_object_get(obj, name));

    return s != NULL ? s : "";
}
static inline bool hmp_flag(json_t *obj, const char *name)
{
    return json_is_true(json_object_get(obj, name));
}
/** hmp_cpu: the CPU that "cpu N" chose, NULL when there is none. */
CPUState *hmp_cpu(Monitor *mon);

/** hmp_reset_regs: registers of a CPU that has no vCPU behind it. */
void hmp_reset_regs(const CPUState *cpu, AccelX86Regs *regs);

/* Families of commands, each in a file of its own. */
void hmp_ringbuf_write(Monitor *mon, char **argv);
void hmp_ringbuf_read(Monitor *mon, char **argv);
void hmp_chardev_add(Monitor *mon, char **argv);
void hmp_chardev_change(Monitor *mon, char **argv);
void hmp_getfd(Monitor *mon, char **argv);
void hmp_qom_list(Monitor *mon, char **argv);
void hmp_qom_get(Monitor *mon, char **argv);
void hmp_qom_set(Monitor *mon, char **argv);
void hmp_sum(Monitor *mon, char **argv);
void hmp_info_pic(Monitor *mon, char **argv);
void hmp_trace_event(Monitor *mon, char **argv);
void hmp_info_trace_events(Monitor *mon, char **argv);
void hmp_x(Monitor *mon, char **argv);
void hmp_xp(Monitor *mon, char **argv);
void hmp_print(Monitor *mon, char **argv);
void hmp_port_in(Monitor *mon, char **argv);
void hmp_port_out(Monitor *mon, char **argv);
void hmp_info_registers(Monitor *mon, char **argv);
void hmp_info_lapic(Monitor *mon, char **argv);
void hmp_info_mtree(Monitor *mon, char **argv);
void hmp_info_qtree(Monitor *mon, char **argv);
void hmp_info_qom_tree(Monitor *mon, char **argv);
void hmp_info_numa(Monitor *mon, char **argv);
void hmp_info_memdev(Monitor *mon, char **argv);
void hmp_info_stats(Monitor *mon, char **argv);
void hmp_info_cpus(Monitor *mon, char **argv);
void hmp_info_hotpluggable_cpus(Monitor *mon, char **argv);
void hmp_info_ramblock(Monitor *mon, char **argv);
void hmp_info_roms(Monitor *mon, char **argv);

/** hmp_eval: the expression at @*text, "$rip + 4*2"; moves on behind it. FALSE: said why. */
bool hmp_eval(Monitor *mon, const char **text, uint64_t *out);
/** hmp_value: an argument that is an expression. FALSE: said why. */
static inline bool hmp_value(Monitor *mon, const char *text, uint64_t *out)
{
    return hmp_eval(mon, &text, out);
}

/* ---- hmp/complete.c ---- */

/** hmp_complete: names that go on from the end of @line; *@typed: bytes of it that are theirs. */
GPtrArray *hmp_complete(const char *line, gsize *typed);
/** hmp_common_prefix: bytes that all of @names (at least one) begin with. */
gsize hmp_common_prefix(const GPtrArray *names);

/* ---- hmp/edit.c ---- */

/** hmp_edit_new: @fn gets each finished line. */
HmpState *hmp_edit_new(Monitor *mon, void (*fn)(void *opaque, const char *line));
void hmp_edit_free(HmpState *s);
/** hmp_edit_start: show @prompt (static) and begin a line. */
void hmp_edit_start(HmpState *s, const char *prompt);
void hmp_edit_feed(HmpState *s, const uint8_t *bytes, size_t len);

#endif
