/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The keys that each key=value option takes, by QEMU's names. */
#include "system/options.h"

#define KEYS_END { NULL, KEY_STR, NULL }

const KeyDesc keys_memory[] = {
    { "size", KEY_MB, NULL }, { "slots", KEY_NUM, NULL }, { "maxmem", KEY_SIZE, NULL }, KEYS_END
};
const KeyDesc keys_smp[] = {
    { "cpus", KEY_INT, NULL },     { "maxcpus", KEY_INT, NULL }, { "sockets", KEY_INT, NULL },
    { "dies", KEY_INT, NULL },     { "modules", KEY_INT, NULL }, { "clusters", KEY_INT, NULL },
    { "cores", KEY_INT, NULL },    { "threads", KEY_INT, NULL }, KEYS_END
};
const KeyDesc keys_boot[] = {
    { "menu", KEY_BOOL, NULL },          { "once", KEY_STR, NULL },
    { "order", KEY_STR, NULL },          { "reboot-timeout", KEY_INT, NULL },
    { "splash-time", KEY_INT, NULL },    { "splash", KEY_STR, NULL },
    { "strict", KEY_BOOL, NULL },        KEYS_END
};
const KeyDesc keys_rtc[] = {
    { "base", KEY_STR, NULL }, { "clock", KEY_STR, NULL }, { "driftfix", KEY_STR, NULL }, KEYS_END
};
const KeyDesc keys_name[] = {
    { "guest", KEY_STR, "Sets the name of the guest." },
    { "process", KEY_STR, "Sets the name of the process, as shown in top etc" },
    { "debug-threads", KEY_BOOL, "When enabled, name the individual threads" },
    KEYS_END
};
const KeyDesc keys_action[] = {
    { "reboot", KEY_STR, NULL },   { "shutdown", KEY_STR, NULL }, { "panic", KEY_STR, NULL },
    { "watchdog", KEY_STR, NULL }, { "internal-error", KEY_STR, NULL }, KEYS_END
};
const KeyDesc keys_overcommit[] = {
    { "mem-lock", KEY_BOOL, NULL }, { "cpu-pm", KEY_BOOL, NULL }, KEYS_END
};
const KeyDesc keys_sandbox[] = {
    { "enable", KEY_BOOL, NULL },
    { "obsolete", KEY_STR, NULL },
    { "elevateprivileges", KEY_STR, NULL },
    { "spawn", KEY_STR, NULL },
    { "resourcecontrol", KEY_STR, NULL },
    KEYS_END
};
const KeyDesc keys_msg[] = {
    { "guest-name", KEY_BOOL, "Prepends guest name for error messages when -name is given" },
    { "json", KEY_BOOL, "One JSON object per message, with all its data" },
    { "timestamp", KEY_BOOL, NULL },
    KEYS_END
};
const KeyDesc keys_mon[] = {
    { "mode", KEY_STR, NULL }, { "chardev", KEY_STR, NULL }, { "pretty", KEY_BOOL, NULL }, KEYS_END
};
const KeyDesc keys_trace[] = {
    { "enable", KEY_STR, NULL }, { "events", KEY_STR, NULL }, { "file", KEY_STR, NULL }, KEYS_END
};
const KeyDesc keys_icount[] = {
    { "shift", KEY_STR, NULL },     { "align", KEY_BOOL, NULL },  { "sleep", KEY_BOOL, NULL },
    { "rr", KEY_STR, NULL },        { "rrfile", KEY_STR, NULL },  { "rrsnapshot", KEY_STR, NULL },
    KEYS_END
};
const KeyDesc keys_drive[] = {
    { "if", KEY_STR, NULL },       { "file", KEY_STR, NULL },      { "format", KEY_STR, NULL },
    { "driver", KEY_STR, NULL },   { "unit", KEY_NUM, NULL },      { "index", KEY_NUM, NULL },
    { "id", KEY_STR, NULL },       { "readonly", KEY_BOOL, NULL }, { "read-only", KEY_BOOL, NULL },
    { "media", KEY_STR, NULL },    { "snapshot", KEY_BOOL, NULL }, { "cache", KEY_STR, NULL },
    { "bus", KEY_NUM, NULL },      { "aio", KEY_STR, NULL },       { "discard", KEY_STR, NULL },
    { "werror", KEY_STR, NULL },   { "rerror", KEY_STR, NULL },
    { "detect-zeroes", KEY_STR, NULL }, { "auto-read-only", KEY_BOOL, NULL },
    KEYS_END
};
const KeyDesc keys_fw_cfg[] = {
    { "name", KEY_STR, "Sets the fw_cfg name of the blob to be inserted" },
    { "file", KEY_STR, "Sets the name of the file from which the fw_cfg blob will be loaded" },
    { "string", KEY_STR, "Sets content of the blob to be inserted from a string" },
    KEYS_END
};
const KeyDesc keys_chardev[] = {
    { "abstract", KEY_BOOL, NULL },  { "append", KEY_BOOL, NULL },   { "backend", KEY_STR, NULL },
    { "chardev", KEY_STR, NULL },    { "delay", KEY_BOOL, NULL },    { "fd", KEY_STR, NULL },
    { "host", KEY_STR, NULL },       { "id", KEY_STR, NULL },
    { "input-path", KEY_STR, NULL }, { "ipv4", KEY_BOOL, NULL },     { "ipv6", KEY_BOOL, NULL },
    { "logappend", KEY_BOOL, NULL },
    { "logfile", KEY_STR, NULL },    { "mux", KEY_BOOL, NULL },      { "nodelay", KEY_BOOL, NULL },
    { "path", KEY_STR, NULL },       { "port", KEY_STR, NULL },      { "reconnect", KEY_NUM, NULL },
    { "reconnect-ms", KEY_NUM, NULL }, { "server", KEY_BOOL, NULL }, { "signal", KEY_BOOL, NULL },
    { "size", KEY_SIZE, NULL },      { "telnet", KEY_BOOL, NULL },   { "tight", KEY_BOOL, NULL },
    { "to", KEY_NUM, NULL },         { "wait", KEY_BOOL, NULL },     KEYS_END
};
const KeyDesc keys_run_with[] = {
    { "exit-with-parent", KEY_BOOL, "End when the parent process ends" },
    { "chroot", KEY_STR, "Directory that becomes the root before the guest starts" },
    KEYS_END
};
const KeyDesc keys_add_fd[] = {
    { "fd", KEY_NUM, "file descriptor of which a duplicate is added to fd set" },
    { "set", KEY_NUM, "ID of the fd set to add fd to" },
    { "opaque", KEY_STR, "free-form string used to describe fd" },
    KEYS_END
};
const KeyDesc keys_plugin[] = { { "file", KEY_STR, NULL }, KEYS_END };
const KeyDesc keys_compat[] = {
    { "deprecated-input", KEY_STR, NULL },  { "deprecated-output", KEY_STR, NULL },
    { "unstable-input", KEY_STR, NULL },    { "unstable-output", KEY_STR, NULL }, KEYS_END
};
