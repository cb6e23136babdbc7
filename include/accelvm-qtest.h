/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: libaccelvm-qtest, a client for the qtest and QMP protocols.
 *
 * A test program starts a virtual machine (accelvm, or QEMU) as a child process, owns its ports,
 * memory, interrupts and clock over one unix socket and its monitor over another, and ends it. Any
 * number of VMs may be alive at once; one VM belongs to one thread at a time.
 *
 * There are two layers. Functions named aq_vm_* and aq_try_* report every failure as a GError of
 * the domain AQ_ERROR and never end the process. The short names (aq_inb, aq_qmp, ...) are macros
 * for test programs: they call the first layer and turn a failure into a GLib assertion that names
 * the caller's line and quotes what the VM wrote to stderr.
 *
 * Values come back in the VM's own byte order already decoded; addresses are guest-physical.
 */
#ifndef ACCELVM_QTEST_H
#define ACCELVM_QTEST_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <glib.h>
#include <jansson.h>

#define AQ_API __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Errors ---------------------------------------------------------------------------- */

/** AQ_ERROR: the GError domain of this library. */
#define AQ_ERROR (aq_error_quark())

/**
 * AqError: what went wrong.
 * @AQ_ERROR_USAGE: an argument makes no sense; nothing was sent.
 * @AQ_ERROR_START: sockets, fork or exec failed; the message has the path and the errno text.
 * @AQ_ERROR_DIED: the VM process ended; the message has how, and the end of its stderr.
 * @AQ_ERROR_TIMEOUT: no answer within the time limit. The stream concerned is out of step from
 *   then on and refuses further commands (waiting for an event or a raw line is exempt).
 * @AQ_ERROR_EOF: the peer closed the stream, and no child process of ours has ended.
 * @AQ_ERROR_IO: a system call on a socket failed.
 * @AQ_ERROR_PROTOCOL: the answer is not what the protocol allows.
 * @AQ_ERROR_FAIL: the qtest server answered FAIL or ERR; the message is its text.
 * @AQ_ERROR_QMP: the monitor answered with an error; the message is "Class: description".
 * @AQ_ERROR_EXIT: the VM ended, but not with the status that was expected.
 */
typedef enum {
    AQ_ERROR_USAGE,
    AQ_ERROR_START,
    AQ_ERROR_DIED,
    AQ_ERROR_TIMEOUT,
    AQ_ERROR_EOF,
    AQ_ERROR_IO,
    AQ_ERROR_PROTOCOL,
    AQ_ERROR_FAIL,
    AQ_ERROR_QMP,
    AQ_ERROR_EXIT,
} AqError;

/** aq_error_quark: the domain behind AQ_ERROR. */
AQ_API GQuark aq_error_quark(void);

/* ---- Starting and ending a VM ------------------------------------------------------------ */

/** AqVM: one virtual machine process and its two connections. Opaque. */
typedef struct AqVM AqVM;

/**
 * AqVMFlags: how a VM is started.
 * @AQ_VM_NO_HANDSHAKE: leave the QMP greeting unread, so that a test can look at it.
 * @AQ_VM_OOB: enable out-of-band execution in the handshake.
 * @AQ_VM_DEFER_CONNECT: return after exec; aq_vm_connect() accepts the connections later.
 * @AQ_VM_NO_QMP: no monitor at all.
 * @AQ_VM_INHERIT_OUTPUT: leave stdout and stderr as they are (otherwise both are captured). The
 *   environment variable QTEST_LOG does the same for stderr and turns the qtest log on.
 * @AQ_VM_KILL_ON_ABORT: kill the VM when this process aborts or exits (installs a SIGABRT handler
 *   and an atexit function on first use). aq_start() and aq_test_add() set it.
 */
typedef enum {
    AQ_VM_NO_HANDSHAKE = 1 << 0,
    AQ_VM_OOB = 1 << 1,
    AQ_VM_DEFER_CONNECT = 1 << 2,
    AQ_VM_NO_QMP = 1 << 3,
    AQ_VM_INHERIT_OUTPUT = 1 << 4,
    AQ_VM_KILL_ON_ABORT = 1 << 5,
} AqVMFlags;

/**
 * AqConfig: what to start. Zero means the default everywhere but in @size.
 * @size: sizeof(AqConfig).
 * @flags: AqVMFlags, or-ed.
 * @binary: program, with leading words and shell quoting if wanted ("valgrind -q accelvm"). NULL:
 *   $QTEST_QEMU_BINARY, else $ACCELVM_BINARY.
 * @args: the test's own options, split like a shell does (quotes, backslashes; no expansion).
 * @argv: more options, NULL-terminated, taken as they are; they follow @args.
 * @accel: value of the final -accel option. NULL: "qtest". "": no such option.
 * @pass_fds: descriptors that the child keeps under the same numbers. @n_pass_fds: how many.
 * @timeout_ms: limit for connecting and for each command. 0: 50000.
 * @quit_timeout_ms: how long aq_vm_quit() waits between SIGTERM and SIGKILL. 0: 30000.
 * @expected_status: exit status that counts as success.
 */
typedef struct AqConfig {
    size_t size;
    unsigned flags;
    const char *binary;
    const char *args;
    const char *const *argv;
    const char *accel;
    const int *pass_fds;
    size_t n_pass_fds;
    unsigned timeout_ms;
    unsigned quit_timeout_ms;
    int expected_status;
} AqConfig;

/**
 * aq_default_binary: the program that a NULL AqConfig.binary stands for.
 * Returns: a string of the environment, not to be freed; NULL when neither variable is set.
 */
AQ_API const char *aq_default_binary(void);

/**
 * aq_vm_start: start a VM and shake hands with it.
 * @config: what to start; nothing of it is kept.
 *
 * The command line is BINARY [-trace $QTEST_TRACE] -qtest unix:S -qtest-log F
 * -chardev socket,path=Q,id=char0 -mon chardev=char0,mode=control -display none ARGS -accel ACCEL,
 * in the word order of QEMU's own test clients. The child dies with the thread that called this
 * function (PR_SET_PDEATHSIG). On failure nothing is left: no process, no zombie, no socket.
 *
 * Returns: (transfer full): a VM for aq_vm_quit() and aq_vm_free(), or NULL with
 * AQ_ERROR_USAGE, _START, _DIED, _TIMEOUT, _PROTOCOL, ...
 */
AQ_API AqVM *aq_vm_start(const AqConfig *config, GError **error);

/**
 * aq_vm_connect: second half of a start with AQ_VM_DEFER_CONNECT: accept and handshake.
 * Returns: FALSE with an error; the VM then has to be freed.
 */
AQ_API gboolean aq_vm_connect(AqVM *vm, GError **error);

/**
 * aq_vm_attach: a VM that somebody else started, over connected stream sockets.
 * @qtest_fd: qtest stream, or -1. @qmp_fd: QMP stream, or -1. Both are owned by the VM on success.
 * @flags: AQ_VM_NO_HANDSHAKE and AQ_VM_OOB.
 * @timeout_ms: as in AqConfig.
 */
AQ_API AqVM *aq_vm_attach(int qtest_fd, int qmp_fd, unsigned flags, unsigned timeout_ms,
                          GError **error);

/** aq_vm_pid: process id, 0 for an attached VM or after the end. */
AQ_API pid_t aq_vm_pid(const AqVM *vm);

/** aq_vm_is_running: whether the child process lives. Reaps it if it just ended. */
AQ_API gboolean aq_vm_is_running(AqVM *vm);

/**
 * aq_vm_wait: wait until the VM ends by itself (after `quit`, or a guest's shutdown).
 * @timeout_ms: limit in milliseconds.
 * Returns: TRUE when it has ended with the expected status; else AQ_ERROR_TIMEOUT (still running)
 * or AQ_ERROR_EXIT.
 */
AQ_API gboolean aq_vm_wait(AqVM *vm, unsigned timeout_ms, GError **error);

/**
 * aq_vm_quit: end the VM: SIGTERM, a bounded wait, SIGKILL. The object stays valid.
 * Returns: TRUE when it ended (now or earlier) with the expected status, else AQ_ERROR_EXIT.
 */
AQ_API gboolean aq_vm_quit(AqVM *vm, GError **error);

/** aq_vm_status: the wait status as of waitpid(2); -1 as long as its end is not known. */
AQ_API int aq_vm_status(const AqVM *vm);

/** aq_vm_free: kill the VM at once if it still runs, reap it, close everything. NULL is allowed. */
AQ_API void aq_vm_free(AqVM *vm);

/** aq_vm_set_expected_status: exit status that aq_vm_quit() and aq_vm_wait() take as success. */
AQ_API void aq_vm_set_expected_status(AqVM *vm, int status);

/** aq_vm_set_timeout: limit for each later command, in milliseconds; 0: the default. */
AQ_API void aq_vm_set_timeout(AqVM *vm, unsigned timeout_ms);

/** aq_vm_dup_stderr: what the VM wrote to stderr so far (g_free); "" when it is not captured. */
AQ_API char *aq_vm_dup_stderr(const AqVM *vm);

/** aq_vm_dup_stdout: what the VM wrote to stdout so far (g_free); "" when it is not captured. */
AQ_API char *aq_vm_dup_stdout(const AqVM *vm);

/** aq_vm_is_big_endian: the target's byte order, as the handshake learned it. */
AQ_API gboolean aq_vm_is_big_endian(const AqVM *vm);

/** aq_vm_greeting: the QMP greeting, borrowed; NULL before the handshake. */
AQ_API json_t *aq_vm_greeting(const AqVM *vm);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(AqVM, aq_vm_free)

/* ---- qtest lines ------------------------------------------------------------------------- */

/**
 * aq_try_send_raw: write bytes to the qtest stream exactly as given (no newline is added).
 * @len: bytes in @data, or -1 for strlen.
 */
AQ_API gboolean aq_try_send_raw(AqVM *vm, const char *data, gssize len, GError **error);

/**
 * aq_try_recv_line: the next line of the qtest stream that is not an IRQ line.
 * Returns: the line without its newline (g_free), whatever its first word is.
 */
AQ_API char *aq_try_recv_line(AqVM *vm, GError **error);

/**
 * aq_try_command: send one command line (a newline is added) and wait for its OK.
 * @reply: (out) (optional): what follows "OK", without the space; g_free.
 * Returns: FALSE with AQ_ERROR_FAIL when the server said FAIL or ERR.
 */
AQ_API gboolean aq_try_command(AqVM *vm, char **reply, GError **error, const char *fmt, ...)
    G_GNUC_PRINTF(4, 5);

/* ---- Ports and memory -------------------------------------------------------------------- */

/** aq_try_in: read an I/O port. @width: 1, 2 or 4 bytes. */
AQ_API gboolean aq_try_in(AqVM *vm, unsigned width, uint16_t port, uint32_t *value,
                          GError **error);

/** aq_try_out: write an I/O port. @width: 1, 2 or 4 bytes; @value is truncated to it. */
AQ_API gboolean aq_try_out(AqVM *vm, unsigned width, uint16_t port, uint32_t value,
                           GError **error);

/** aq_try_read: read guest-physical memory in target byte order. @width: 1, 2, 4 or 8 bytes. */
AQ_API gboolean aq_try_read(AqVM *vm, unsigned width, uint64_t addr, uint64_t *value,
                            GError **error);

/** aq_try_write: write guest-physical memory in target byte order. @width: 1, 2, 4 or 8 bytes. */
AQ_API gboolean aq_try_write(AqVM *vm, unsigned width, uint64_t addr, uint64_t value,
                             GError **error);

/** aq_try_memread: read @size bytes at @addr into @data, hex on the wire. 0 bytes: nothing sent. */
AQ_API gboolean aq_try_memread(AqVM *vm, uint64_t addr, void *data, size_t size, GError **error);

/** aq_try_memwrite: write @size bytes at @addr (hex on the wire). 0 bytes: nothing sent. */
AQ_API gboolean aq_try_memwrite(AqVM *vm, uint64_t addr, const void *data, size_t size,
                                GError **error);

/** aq_try_memset: fill @size bytes at @addr with @byte. */
AQ_API gboolean aq_try_memset(AqVM *vm, uint64_t addr, uint8_t byte, size_t size, GError **error);

/** aq_try_bufread: as aq_try_memread(), base64 on the wire (a third less to send). */
AQ_API gboolean aq_try_bufread(AqVM *vm, uint64_t addr, void *data, size_t size, GError **error);

/** aq_try_bufwrite: as aq_try_memwrite(), base64 on the wire. */
AQ_API gboolean aq_try_bufwrite(AqVM *vm, uint64_t addr, const void *data, size_t size,
                                GError **error);

/* ---- Interrupt lines ---------------------------------------------------------------------- */

/** AQ_MAX_IRQ: lines of the level table; a server that reports a higher one breaks the protocol. */
#define AQ_MAX_IRQ 256

/**
 * aq_try_intercept_in: report level changes of a device's inputs from now on.
 * @path: QOM path or the unambiguous end of one ("ioapic").
 * @name: named GPIO list (newer servers only), or NULL.
 */
AQ_API gboolean aq_try_intercept_in(AqVM *vm, const char *path, const char *name, GError **error);

/** aq_try_intercept_out: report (and disconnect) a device's outputs. Arguments as above. */
AQ_API gboolean aq_try_intercept_out(AqVM *vm, const char *path, const char *name,
                                     GError **error);

/**
 * aq_try_get_irq: level of intercepted line @n, up to date with all that was done before.
 * It asks the server for its byte order, which has no side effect in the machine and makes it
 * send every IRQ line that is due.
 */
AQ_API gboolean aq_try_get_irq(AqVM *vm, unsigned n, gboolean *level, GError **error);

/** aq_irq_edges: how often "IRQ raise n" was received so far. Sends nothing. */
AQ_API unsigned aq_irq_edges(const AqVM *vm, unsigned n);

/**
 * aq_try_set_irq_in: drive an input line of a device.
 * @name: named GPIO list, NULL for the unnamed one. @n: index in it. @level: 0 or 1.
 */
AQ_API gboolean aq_try_set_irq_in(AqVM *vm, const char *path, const char *name, unsigned n,
                                  int level, GError **error);

/* ---- Virtual clock (only with -accel qtest) ----------------------------------------------- */

/** aq_try_clock_step_next: go on to the next timer's deadline. @now: (optional): then, in ns. */
AQ_API gboolean aq_try_clock_step_next(AqVM *vm, int64_t *now, GError **error);

/** aq_try_clock_step: advance by @ns nanoseconds. @now: (optional): time after it, in ns. */
AQ_API gboolean aq_try_clock_step(AqVM *vm, int64_t ns, int64_t *now, GError **error);

/** aq_try_clock_set: advance to @ns since the start. @now: (optional): time after it, in ns. */
AQ_API gboolean aq_try_clock_set(AqVM *vm, int64_t ns, int64_t *now, GError **error);

/** aq_try_module_load: make the VM load module @prefix + @library. */
AQ_API gboolean aq_try_module_load(AqVM *vm, const char *prefix, const char *library,
                                   GError **error);

/* ---- QMP ---------------------------------------------------------------------------------- */

/**
 * aq_json_new: JSON from a template.
 * @fmt: JSON in which strings may be single-quoted and which may hold, outside of strings:
 *   %s (a C string, quoted and escaped for you), %d %u and their l, ll and z forms, %i (an int as
 *   true or false), %f, %p (a json_t *, borrowed) and %%.
 * Returns: a new reference, or NULL with AQ_ERROR_USAGE.
 */
AQ_API json_t *aq_json_new(GError **error, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

/** aq_json_new_va: aq_json_new() with a va_list. */
AQ_API json_t *aq_json_new_va(GError **error, const char *fmt, va_list ap) G_GNUC_PRINTF(2, 0);

/**
 * aq_try_qmp: send one request and wait for its response.
 * @fmt: the whole request as for aq_json_new().
 * Returns: the response object, with "return" or "error" in it (json_decref); NULL with an error
 * when none came. Events that arrive meanwhile are kept for aq_try_event().
 */
AQ_API json_t *aq_try_qmp(AqVM *vm, GError **error, const char *fmt, ...) G_GNUC_PRINTF(3, 4);

/**
 * aq_try_qmp_execute: run a command.
 * @command: its name.
 * @arguments: (transfer full) (nullable): an object.
 * Returns: the value of "return" (json_decref), or NULL with AQ_ERROR_QMP or a transport error.
 */
AQ_API json_t *aq_try_qmp_execute(AqVM *vm, const char *command, json_t *arguments,
                                  GError **error);

/**
 * aq_try_qmp_send: send a request without waiting, with descriptors attached (SCM_RIGHTS).
 * @request: borrowed. @fds, @n_fds: descriptors to pass; at most 16.
 */
AQ_API gboolean aq_try_qmp_send(AqVM *vm, json_t *request, const int *fds, size_t n_fds,
                                GError **error);

/** aq_try_qmp_send_raw: write bytes to the monitor exactly as given. @len: -1 for strlen. */
AQ_API gboolean aq_try_qmp_send_raw(AqVM *vm, const char *data, gssize len, GError **error);

/** aq_try_qmp_receive: the next object that is not an event (json_decref); events are kept. */
AQ_API json_t *aq_try_qmp_receive(AqVM *vm, GError **error);

/**
 * aq_try_event: wait for an event by name; other events are kept in order.
 * @timeout_ms: limit in milliseconds; 0: look at what is there already, without waiting.
 * Returns: the event object (json_decref), or NULL with AQ_ERROR_TIMEOUT etc.
 */
AQ_API json_t *aq_try_event(AqVM *vm, const char *name, unsigned timeout_ms, GError **error);

/** aq_events_clear: forget the events that are kept. */
AQ_API void aq_events_clear(AqVM *vm);

/**
 * aq_try_hmp: run a human monitor command.
 * Returns: its output (g_free); an unknown command is output too, not an error.
 */
AQ_API char *aq_try_hmp(AqVM *vm, GError **error, const char *fmt, ...) G_GNUC_PRINTF(3, 4);

/** aq_try_getfd: hand @fd to the VM under @name. Our own copy stays open. */
AQ_API gboolean aq_try_getfd(AqVM *vm, const char *name, int fd, GError **error);

/**
 * aq_try_add_fd: add @fd to descriptor set @set (negative: a new one). Our copy stays open.
 * Returns: the number of the set, so that "/dev/fdset/N" names it; -1 with an error.
 */
AQ_API int64_t aq_try_add_fd(AqVM *vm, int64_t set, int fd, GError **error);

/* ---- What a binary can do ------------------------------------------------------------------ */

/** AqProbe: the machines, devices and accelerators of one binary. Opaque, immutable. */
typedef struct AqProbe AqProbe;

/**
 * aq_probe_new: start @binary once with -machine none and ask it.
 * @binary: as in AqConfig. @accel: accelerator to probe under, as in AqConfig.
 */
AQ_API AqProbe *aq_probe_new(const char *binary, const char *accel, GError **error);

/** aq_probe_free: NULL is allowed. */
AQ_API void aq_probe_free(AqProbe *probe);

/** aq_probe_has_machine: whether a machine type has this name or alias. */
AQ_API gboolean aq_probe_has_machine(const AqProbe *probe, const char *name);

/** aq_probe_has_device: whether -device @name exists. */
AQ_API gboolean aq_probe_has_device(const AqProbe *probe, const char *name);

/** aq_probe_has_accel: whether it is built in; for "kvm" also whether /dev/kvm can be opened. */
AQ_API gboolean aq_probe_has_accel(const AqProbe *probe, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(AqProbe, aq_probe_free)

/* ---- GLib tests ---------------------------------------------------------------------------- */

/** AqTestFunc: a test case; the VM is started before it and ended after it. */
typedef void (*AqTestFunc)(AqVM *vm, gconstpointer data);

/**
 * aq_test_add: register a g_test case that runs on a VM of its own.
 * @path: test path. @config: copied. @data: for @func; must outlive the test run.
 *
 * The case skips when no binary is known, fails when the VM does not start or does not end with
 * the expected status, and never leaves a process behind, whether it returns, fails or aborts.
 */
AQ_API void aq_test_add(const char *path, const AqConfig *config, AqTestFunc func,
                        gconstpointer data);

/**
 * aq_abort_hook_add: call @func(@data) when the process aborts or exits, until it is removed. It
 * runs in a signal handler: async-signal-safe functions only.
 * Returns: FALSE when the table (1024 entries) is full.
 */
AQ_API gboolean aq_abort_hook_add(void (*func)(void *data), void *data);

/** aq_abort_hook_remove: undo aq_abort_hook_add(). */
AQ_API void aq_abort_hook_remove(void (*func)(void *data), void *data);

/*
 * The asserting layer. Each macro passes its place in the source on, so that a failure reads like
 * any failed g_assert of the test; the functions behind them are not meant to be called directly.
 */
#define AQ_WHERE const char *file, int line, const char *func
#define AQ_HERE __FILE__, __LINE__, G_STRFUNC

AQ_API AqVM *aq_at_start(AQ_WHERE, const char *fmt, ...) G_GNUC_PRINTF(4, 5);
AQ_API AqVM *aq_at_start_config(AQ_WHERE, const AqConfig *config);
AQ_API void aq_at_quit(AQ_WHERE, AqVM *vm);
AQ_API char *aq_at_line(AQ_WHERE, AqVM *vm, const char *line_text);
AQ_API uint32_t aq_at_in(AQ_WHERE, AqVM *vm, unsigned width, uint16_t port);
AQ_API void aq_at_out(AQ_WHERE, AqVM *vm, unsigned width, uint16_t port, uint32_t value);
AQ_API uint64_t aq_at_read(AQ_WHERE, AqVM *vm, unsigned width, uint64_t addr);
AQ_API void aq_at_write(AQ_WHERE, AqVM *vm, unsigned width, uint64_t addr, uint64_t value);
AQ_API void aq_at_memread(AQ_WHERE, AqVM *vm, uint64_t addr, void *data, size_t size);
AQ_API void aq_at_memwrite(AQ_WHERE, AqVM *vm, uint64_t addr, const void *data, size_t size);
AQ_API void aq_at_memset(AQ_WHERE, AqVM *vm, uint64_t addr, uint8_t byte, size_t size);
AQ_API void aq_at_bufread(AQ_WHERE, AqVM *vm, uint64_t addr, void *data, size_t size);
AQ_API void aq_at_bufwrite(AQ_WHERE, AqVM *vm, uint64_t addr, const void *data, size_t size);
AQ_API void aq_at_intercept(AQ_WHERE, AqVM *vm, gboolean out, const char *path, const char *name);
AQ_API gboolean aq_at_get_irq(AQ_WHERE, AqVM *vm, unsigned n);
AQ_API void aq_at_set_irq_in(AQ_WHERE, AqVM *vm, const char *path, const char *name, unsigned n,
                             int level);
AQ_API int64_t aq_at_clock_step_next(AQ_WHERE, AqVM *vm);
AQ_API int64_t aq_at_clock_step(AQ_WHERE, AqVM *vm, int64_t ns);
AQ_API int64_t aq_at_clock_set(AQ_WHERE, AqVM *vm, int64_t ns);
AQ_API json_t *aq_at_qmp(AQ_WHERE, AqVM *vm, const char *fmt, ...) G_GNUC_PRINTF(5, 6);
AQ_API json_t *aq_at_qmp_ok(AQ_WHERE, AqVM *vm, const char *fmt, ...) G_GNUC_PRINTF(5, 6);
AQ_API void aq_at_qmp_error(AQ_WHERE, AqVM *vm, const char *klass, const char *fmt, ...)
    G_GNUC_PRINTF(6, 7);
AQ_API json_t *aq_at_event(AQ_WHERE, AqVM *vm, const char *name);
AQ_API char *aq_at_hmp(AQ_WHERE, AqVM *vm, const char *fmt, ...) G_GNUC_PRINTF(5, 6);

/** aq_start(fmt, ...): start the default binary with these options and -accel qtest. */
#define aq_start(...) aq_at_start(AQ_HERE, __VA_ARGS__)
/** aq_start_config(config): aq_vm_start() that asserts and sets AQ_VM_KILL_ON_ABORT. */
#define aq_start_config(config) aq_at_start_config(AQ_HERE, config)
/** aq_quit(vm): end the VM, assert its exit status, free it. */
#define aq_quit(vm) aq_at_quit(AQ_HERE, vm)
/** aq_line(vm, text): send a raw line (a newline is added), return the raw reply (g_free). */
#define aq_line(vm, text) aq_at_line(AQ_HERE, vm, text)

/** aq_inb, aq_inw, aq_inl(vm, port): the port's value. */
#define aq_inb(vm, port) aq_at_in(AQ_HERE, vm, 1, port)
#define aq_inw(vm, port) aq_at_in(AQ_HERE, vm, 2, port)
#define aq_inl(vm, port) aq_at_in(AQ_HERE, vm, 4, port)
/** aq_outb, aq_outw, aq_outl(vm, port, value). */
#define aq_outb(vm, port, value) aq_at_out(AQ_HERE, vm, 1, port, value)
#define aq_outw(vm, port, value) aq_at_out(AQ_HERE, vm, 2, port, value)
#define aq_outl(vm, port, value) aq_at_out(AQ_HERE, vm, 4, port, value)
/** aq_readb, aq_readw, aq_readl, aq_readq(vm, addr): the value in memory. */
#define aq_readb(vm, addr) aq_at_read(AQ_HERE, vm, 1, addr)
#define aq_readw(vm, addr) aq_at_read(AQ_HERE, vm, 2, addr)
#define aq_readl(vm, addr) aq_at_read(AQ_HERE, vm, 4, addr)
#define aq_readq(vm, addr) aq_at_read(AQ_HERE, vm, 8, addr)
/** aq_writeb, aq_writew, aq_writel, aq_writeq(vm, addr, value). */
#define aq_writeb(vm, addr, value) aq_at_write(AQ_HERE, vm, 1, addr, value)
#define aq_writew(vm, addr, value) aq_at_write(AQ_HERE, vm, 2, addr, value)
#define aq_writel(vm, addr, value) aq_at_write(AQ_HERE, vm, 4, addr, value)
#define aq_writeq(vm, addr, value) aq_at_write(AQ_HERE, vm, 8, addr, value)
/** aq_memread, aq_memwrite, aq_bufread, aq_bufwrite(vm, addr, data, size); aq_memset. */
#define aq_memread(vm, addr, data, size) aq_at_memread(AQ_HERE, vm, addr, data, size)
#define aq_memwrite(vm, addr, data, size) aq_at_memwrite(AQ_HERE, vm, addr, data, size)
#define aq_bufread(vm, addr, data, size) aq_at_bufread(AQ_HERE, vm, addr, data, size)
#define aq_bufwrite(vm, addr, data, size) aq_at_bufwrite(AQ_HERE, vm, addr, data, size)
#define aq_memset(vm, addr, byte, size) aq_at_memset(AQ_HERE, vm, addr, byte, size)

/** aq_irq_intercept_in, _out(vm, path); the _named forms take a GPIO list's name as well. */
#define aq_irq_intercept_in(vm, path) aq_at_intercept(AQ_HERE, vm, FALSE, path, NULL)
#define aq_irq_intercept_out(vm, path) aq_at_intercept(AQ_HERE, vm, TRUE, path, NULL)
#define aq_irq_intercept_in_named(vm, path, name) aq_at_intercept(AQ_HERE, vm, FALSE, path, name)
#define aq_irq_intercept_out_named(vm, path, name) aq_at_intercept(AQ_HERE, vm, TRUE, path, name)
/** aq_get_irq(vm, n): level of an intercepted line. */
#define aq_get_irq(vm, n) aq_at_get_irq(AQ_HERE, vm, n)
/** aq_set_irq_in(vm, path, name, n, level): drive an input; @name NULL: the unnamed list. */
#define aq_set_irq_in(vm, path, name, n, level) aq_at_set_irq_in(AQ_HERE, vm, path, name, n, level)

/** aq_clock_step_next(vm), aq_clock_step(vm, ns), aq_clock_set(vm, ns): then, in ns. */
#define aq_clock_step_next(vm) aq_at_clock_step_next(AQ_HERE, vm)
#define aq_clock_step(vm, ns) aq_at_clock_step(AQ_HERE, vm, ns)
#define aq_clock_set(vm, ns) aq_at_clock_set(AQ_HERE, vm, ns)

/** aq_qmp(vm, fmt, ...): the whole response, be it "return" or "error" (json_decref). */
#define aq_qmp(vm, ...) aq_at_qmp(AQ_HERE, vm, __VA_ARGS__)
/** aq_qmp_ok(vm, fmt, ...): the value of "return" (json_decref); asserts that there is one. */
#define aq_qmp_ok(vm, ...) aq_at_qmp_ok(AQ_HERE, vm, __VA_ARGS__)
/** aq_qmp_error(vm, class, fmt, ...): asserts an error of that class (NULL: any class). */
#define aq_qmp_error(vm, klass, ...) aq_at_qmp_error(AQ_HERE, vm, klass, __VA_ARGS__)
/** aq_event(vm, name): wait for an event within the VM's time limit (json_decref). */
#define aq_event(vm, name) aq_at_event(AQ_HERE, vm, name)
/** aq_hmp(vm, fmt, ...): output of a human monitor command (g_free). */
#define aq_hmp(vm, ...) aq_at_hmp(AQ_HERE, vm, __VA_ARGS__)

#ifdef __cplusplus
}
#endif

#endif
