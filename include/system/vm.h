/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal (launcher): one emulator. Everything the launcher's parts share hangs off a Vm; there is
 * exactly one in the program, but only signal handlers reach it through a global.
 *
 * The start is a table of named stages (system/stages.c). --preconfig stops behind the accelerator;
 * vm_exit_preconfig() runs the rest.
 */
#ifndef SYSTEM_VM_H
#define SYSTEM_VM_H

#include "hw/boot-config.h"
#include "hw/machine.h"
#include "system/options.h"
#include "system/runstate.h"

typedef enum RebootAction { REBOOT_ACTION_RESET, REBOOT_ACTION_SHUTDOWN } RebootAction;
typedef enum ShutdownAction { SHUTDOWN_ACTION_POWEROFF, SHUTDOWN_ACTION_PAUSE } ShutdownAction;
typedef enum PanicAction {
    PANIC_ACTION_PAUSE,
    PANIC_ACTION_SHUTDOWN,
    PANIC_ACTION_EXIT_FAILURE,
    PANIC_ACTION_NONE,
} PanicAction;
typedef enum ErrorAction { ERROR_ACTION_PAUSE, ERROR_ACTION_EXIT_FAILURE } ErrorAction;

typedef struct VmActions {
    int reboot;   /* RebootAction */
    int shutdown; /* ShutdownAction */
    int panic;    /* PanicAction */
    int watchdog; /* WatchdogAction */
    int error;    /* ErrorAction */
} VmActions;

/* A monitor that was asked for. */
typedef struct MonitorSpec {
    char *chardev;
    bool control; /* QMP, else human */
    bool pretty;
    bool implicit; /* nobody asked: -nographic's own */
    const OptItem *origin; /* for messages; may be NULL */
} MonitorSpec;

/* Requests of other threads; all fields under lock. */
typedef struct VmRequests {
    GMutex lock;
    gint any; /* atomic: something below is set */
    bool debug, suspend, wakeup, powerdown, panic, crashload, pvshutdown, watchdog, exit;
    ShutdownCause shutdown, reset;
    int exit_status;
    GError *error;
} VmRequests;

typedef struct VmStageTime {
    const char *name;
    int64_t ns;
} VmStageTime;

enum { VM_MAX_STAGES = 24 };

/* How the human monitor printed last; zero: 'x' and 4 bytes. */
typedef struct HmpFormat {
    char kind;
    unsigned size;
} HmpFormat;

struct Vm {
    Options opts;
    HwRegistry *registry;
    const MachineClass *mc;
    MachineState *ms;
    BootConfig *boot;       /* ms->boot */
    AccelTrace *trace;      /* NULL: no event is on */
    int log_fd;             /* -D, -trace file=; -1: stderr */

    VmActions actions;
    HmpFormat hmp_format;
    const char *name;       /* -name guest=; NULL */
    bool autostart, preconfig, nodefaults, nographic, daemonized, timing, mem_lock, cpu_pm;
    bool debug_threads, singlestep;
    int escape;             /* -echr: what starts a command to a multiplexer */
    const char *chroot;     /* -run-with chroot=; NULL */

    GPtrArray *monitors;    /* MonitorSpec *; NULL: none */
    GPtrArray *active_monitors; /* struct Monitor *, monitor.c; NULL: none */
    guint migrate_caps;     /* bits set by migrate-set-capabilities */
    GPtrArray *muxes;       /* struct CharMux *, chardev/mux.c; NULL: none */
    const char *qtest, *qtest_log;

    RunState state;
    VmRequests req;
    GArray *observers;
    GArray *ost_reports;    /* of qmp/acpi.c; NULL: none */
    GMainContext *context;
    bool vm_was_error;      /* ended in internal-error: exit status 1 */
    bool exiting, quiet_exit;
    int exit_status;
    guint next_stage;
    VmStageTime stages[VM_MAX_STAGES];
    guint n_stages;
    int64_t t0;
    int pid_fd;
    int ready_fd;           /* -daemonize: tell the parent; -1 */
    int null_fd;            /* /dev/null, from daemon_null() to daemon_ready(); else -1 */
    int parent_pid;         /* at the start */
    GPtrArray *exit_files;  /* paths to unlink on the way out; NULL: none */
};

/** vm_run_stages: go on with the start until it is done, or paused by --preconfig. */
gboolean vm_run_stages(Vm *vm, GError **errp);
/** vm_exit_preconfig: x-exit-preconfig. */
gboolean vm_exit_preconfig(Vm *vm, GError **errp);
bool vm_in_preconfig(const Vm *vm);

/** vm_prepare_loop: what vm_wake() needs; before any vCPU runs. */
void vm_prepare_loop(Vm *vm);
/** vm_main_loop: until somebody asks for the end. Returns: exit status. */
int vm_main_loop(Vm *vm);
/** vm_wake: make the main loop look again. Any thread. */
void vm_wake(Vm *vm);
/**
 * vm_wait_fd: wait for @fd on the main thread before the main loop runs, SIGTERM and friends still
 * ending the program. @timeout_ms: -1 for ever. Returns: poll()'s revents, 0 when time is up or the
 * program is to end.
 */
int vm_wait_fd(Vm *vm, int fd, int events, int timeout_ms);

/** vm_unlink_at_exit: a socket or pid file of ours. */
void vm_unlink_at_exit(Vm *vm, const char *path);
/** vm_unlink_files: do it now. */
void vm_unlink_files(Vm *vm);
/** vm_leave: put the terminal back, remove files, end the process. Any thread. */
G_NORETURN void vm_leave(Vm *vm, int status);

/* ---- signals.c ---- */
void signals_setup(Vm *vm);
/**
 * signals_check: when a deadly signal arrived, say so and ask for a shutdown. Returns: it did.
 */
bool signals_check(Vm *vm);
/**
 * signals_window: main thread: let deadly signals interrupt what may block (open), or no more.
 * Open from signals_setup() to the end of vm_run_stages(). What blocks fails with EINTR then.
 */
void signals_window(bool open);
const void *signals_wait_mask(void); /* sigset_t for ppoll() */

/* ---- daemon.c ---- */
gboolean daemon_fork(Vm *vm, GError **errp);
gboolean daemon_ready(Vm *vm, GError **errp);
/** daemon_null: open what daemon_ready() puts in place of the terminal; before a chroot(). */
gboolean daemon_null(Vm *vm, GError **errp);
gboolean pidfile_write(Vm *vm, const char *path, GError **errp);

/* ---- configuration stages ---- */
gboolean config_early(Vm *vm, GError **errp);    /* name, actions, msg, … */
gboolean config_machine_type(Vm *vm, GError **errp);
gboolean config_machine(Vm *vm, GError **errp);  /* -machine k=v, -m, -smp, -boot, -rtc, … */
gboolean config_memory(Vm *vm, GError **errp);
gboolean config_boot(Vm *vm, GError **errp);
gboolean config_rtc(Vm *vm, GError **errp);
gboolean config_firmware(Vm *vm, GError **errp);
/** config_flash: -drive, -pflash, -blockdev, -machine pflash0= and pflash1=. */
gboolean config_flash(Vm *vm, GError **errp);
/** blockdev_check: every -blockdev, used or not. */
gboolean blockdev_check(Vm *vm, GError **errp);
/** blockdev_resolve: file and readonly of *@flash from the node called @name. */
gboolean blockdev_resolve(Vm *vm, const char *name, BootFlash *flash, GError **errp);
/** config_flash_check: is there a chip for each image, now that the board is made? */
gboolean config_flash_check(Vm *vm, GError **errp);
/** config_fds: -add-fd. */
gboolean config_fds(Vm *vm, GError **errp);
gboolean config_trace(Vm *vm, GError **errp);
gboolean config_accel(Vm *vm, GError **errp);
gboolean config_chardevs(Vm *vm, GError **errp);
gboolean config_default_devices(Vm *vm, GError **errp); /* serial, monitor, qmp */
gboolean config_late_backends(Vm *vm, GError **errp);   /* monitors and qtest start */
gboolean config_objects(Vm *vm, GError **errp);
gboolean config_devices(Vm *vm, GError **errp);
gboolean config_globals(Vm *vm, GError **errp);
gboolean config_plugins(Vm *vm, GError **errp);
/* plugins_find_machine: look for a machine type that is not built in; NULL when no plugin has it. */
const MachineClass *plugins_find_machine(Vm *vm, const char *name);
/* plugins_load_for_help: every plugin there is, for a listing. */
void plugins_load_for_help(Vm *vm);
gboolean config_sandbox(Vm *vm, GError **errp);
gboolean config_process_late(Vm *vm, GError **errp); /* pid file, mlock, sandbox, daemon */
/** smp_request_set: one key of -smp. FALSE when there is no such key. */
bool smp_request_set(SmpRequest *req, const char *key, int64_t value);

typedef struct SmpKeys {
    SmpRequest req;
    bool any;
} SmpKeys;

/** config_smp_key: "smp.cpus" and the like. */
gboolean config_smp_key(SmpKeys *smp, const char *key, const char *value, GError **errp);
/** config_smp: -smp on top of what @smp has, to the machine. */
gboolean config_smp(Vm *vm, SmpKeys *smp, GError **errp);

/* ---- creating things by option or by QMP ---- */
/** vm_device_add: -device and device_add. */
gboolean vm_device_add(Vm *vm, const KeyVals *kv, GError **errp);
/** vm_cpu_add: the same for a CPU type. */
gboolean vm_cpu_add(Vm *vm, const DeviceClass *klass, const KeyVals *kv, const char *id,
                    GError **errp);
/** vm_object_add: -object and object-add. vm_object_del: object-del. */
gboolean vm_object_add(Vm *vm, const KeyVals *kv, GError **errp);
gboolean vm_object_del(Vm *vm, const char *id, GError **errp);

/* ---- help.c, timing.c ---- */
/** help_print: print what an option asked help for. Returns: TRUE when one did (then exit). */
bool help_print(Vm *vm, GError **errp);
void help_log_items(void);
void help_list_machines(Vm *vm);
void help_list_accels(void);
void help_list_cpus(Vm *vm);
void help_list_devices(Vm *vm);
void help_list_objects(Vm *vm);
void help_list_chardevs(void);
void help_list_events(void);
/** help_properties: "HEAD options:" and the properties of a type and its ancestors. */
void help_properties(const char *head, const HwType *type);
/** help_…_text: the same as text. Returns: (transfer full). */
char *help_devices_text(Vm *vm);
char *help_objects_text(Vm *vm);
char *help_chardevs_text(void);
char *help_properties_text(const char *head, const HwType *type);
void timing_stage(Vm *vm, const char *name, int64_t start_us);
void timing_print(Vm *vm);

/* ---- request-actions.c: what requests do; main thread, machine lock held ---- */
void vm_act_panic(Vm *vm);
void vm_act_watchdog(Vm *vm);
void vm_act_error(Vm *vm, const GError *err);
void vm_act_reset(Vm *vm, ShutdownCause cause);
/** vm_act_shutdown: Returns: the program goes on. */
bool vm_act_shutdown(Vm *vm, ShutdownCause cause);
void vm_act_powerdown(Vm *vm);
void vm_act_suspend(Vm *vm);
void vm_act_wakeup(Vm *vm);

/* ---- monitor and qtest server: other files of system/ ---- */
/** monitor_start: serve @spec from now on. */
gboolean monitor_start(Vm *vm, const MonitorSpec *spec, GError **errp);
/** monitors_free: on the way out. */
void monitors_free(Vm *vm);
/** qtest_server_start: -qtest @chardev (a chardev's legacy text or id), -qtest-log @log. */
gboolean qtest_server_start(Vm *vm, const char *chardev, const char *log, GError **errp);
/** numa_options: -numa, with the machine's smp and the user's objects known. */
gboolean numa_options(Vm *vm, GError **errp);
/** numa_configure: all nodes are known: RAM size by backend, checks; before the board. */
gboolean numa_configure(Vm *vm, GError **errp);
/** vm_numa_add: set-numa-node: one more -numa, before the board is made. */
gboolean vm_numa_add(Vm *vm, const KeyVals *kv, GError **errp);

#endif
