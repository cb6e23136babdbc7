/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The run loop, exit by exit: the fake KVM's script makes each one happen, and what comes out of
 * accel_run() is compared. Every row runs four times: with and without trace, with and without
 * somebody who wants the error.
 */
#include <errno.h>
#include <string.h>
#include "../fakekvm/fakekvm-control.h"
#include "accel/kick.h"
#include "small-vm.h"

typedef struct Row {
    const char *name, *script;
    AccelExitReason reason;
    const char *message;  /* of the error */
    const char *notes;    /* words in its notes */
    uint64_t data0;       /* exit->data[0] */
    const char *host;
    int errnum;
} Row;

static const Row rows[] = {
    { "hlt", "hlt force", ACCEL_EXIT_HLT },
    { "shutdown", "shutdown", ACCEL_EXIT_TRIPLE_FAULT },
    { "debug", "debug exception=3 pc=0x1000", ACCEL_EXIT_DEBUG },
    { "irq-window", "irq-window-open; hlt force", ACCEL_EXIT_HLT },
    { "intr", "exit 10; hlt force", ACCEL_EXIT_HLT },
    { "set-tpr", "set-tpr cr8=5; hlt force", ACCEL_EXIT_HLT },
    { "tpr-access", "exit 12; hlt force", ACCEL_EXIT_HLT },
    { "eoi", "exit 26 raw=30; hlt force", ACCEL_EXIT_HLT },
    { "rdmsr", "rdmsr index=0x35 expect=0200020000000000; rdmsr index=0x99; hlt force",
      ACCEL_EXIT_HLT },
    { "wrmsr", "wrmsr index=0x35 value=1; hlt force", ACCEL_EXIT_HLT },
    { "bus-lock", "bus-lock; hlt force", ACCEL_EXIT_HLT },
    { "ring-full", "dirty-ring-full; hlt force", ACCEL_EXIT_HLT },
    { "ring-full-fails", "dirty slot=0 page=3; dirty-ring-full; end; "
      "fault call=KVM_RESET_DIRTY_RINGS errno=EINVAL; vcpu 1", ACCEL_EXIT_ERROR,
      "KVM_RESET_DIRTY_RINGS failed: Invalid argument", NULL, 0, NULL, EINVAL },
    { "notify", "notify; notify; hlt force", ACCEL_EXIT_HLT },
    { "notify-invalid", "notify flags=1", ACCEL_EXIT_ERROR,
      "KVM internal error: Encounter a notify exit with invalid context in guest. There can be "
      "possible misbehaves in guest. Please have a look." },
    { "hypercall", "hypercall nr=9 args=1,2,3,4,5,6", ACCEL_EXIT_HYPERCALL, NULL, NULL, 9 },
    { "event-shutdown", "system-event type=shutdown", ACCEL_EXIT_SHUTDOWN, NULL, NULL, 1 },
    { "event-reset", "system-event type=reset", ACCEL_EXIT_RESET, NULL, NULL, 2 },
    { "event-crash", "system-event type=crash", ACCEL_EXIT_CRASH, NULL, NULL, 3 },
    { "event-sev", "system-event type=4", ACCEL_EXIT_CRASH, NULL, NULL, 4 },
    { "event-odd", "system-event type=77", ACCEL_EXIT_ERROR, "KVM: unknown system event 77", NULL,
      77 },
    { "fail-entry", "fail-entry reason=0x80000021", ACCEL_EXIT_ERROR,
      "KVM: entry failed, hardware error 0x80000021", "vCPU 0: RIP 0xfff0", 0x80000021 },
    { "internal", "internal-error suberror=2", ACCEL_EXIT_ERROR,
      "KVM internal error. Suberror: 2", "vCPU 0: RIP" },
    { "internal-data", "internal-error suberror=3 data=7,8", ACCEL_EXIT_ERROR,
      "KVM internal error. Suberror: 3", "extra data[1]: 0x0000000000000008" },
    { "internal-too-much", "exit INTERNAL_ERROR raw=02000000ffff0000", ACCEL_EXIT_ERROR,
      "KVM internal error. Suberror: 2", "extra data[15]" },
    { "emulation", "internal-error suberror=1", ACCEL_EXIT_ERROR,
      "KVM internal error. Suberror: 1", "emulation failure" },
    { "emulation-data", "internal-error suberror=1 data=1", ACCEL_EXIT_ERROR,
      "KVM internal error. Suberror: 1", "extra data[0]: 0x0000000000000001\nemulation failure" },
    { "unknown", "unknown hardware=31", ACCEL_EXIT_ERROR,
      "KVM: unknown exit, hardware reason 1f" },
    { "exception", "exit EXCEPTION raw=0600000001000000", ACCEL_EXIT_ERROR,
      "KVM: exception 6 exit (error code 0x1)" },
    { "memory-fault", "memory-fault gpa=0x5000", ACCEL_EXIT_ERROR,
      "KVM: guest touched 0x5000, which has no usable memory behind it", NULL, 0, NULL, EFAULT },
    { "memory-fault-exit", "exit 39 raw=000000000000000000600000000000000010000000000000",
      ACCEL_EXIT_ERROR, "KVM: guest touched 0x6000, which has no usable memory behind it", NULL, 0,
      NULL, EFAULT },
    { "reason-99", "exit 99", ACCEL_EXIT_ERROR, "KVM: unknown exit reason 99" },
    { "reason-huge", "exit 4000000000", ACCEL_EXIT_ERROR, "KVM: unknown exit reason 4000000000" },
    { "efault", "error EFAULT", ACCEL_EXIT_ERROR, "error: kvm run failed Bad address", NULL, 0,
      NULL, EFAULT },
    { "enomem", "error ENOMEM", ACCEL_EXIT_ERROR, "error: kvm run failed Cannot allocate memory",
      NULL, 0, NULL, ENOMEM },
    { "eintr", "eintr count=3; hlt force", ACCEL_EXIT_HLT },
    { "registers-gone", "fail-entry reason=7; end; fault call=KVM_GET_REGS errno=EIO; vcpu 1",
      ACCEL_EXIT_ERROR, "KVM: entry failed, hardware error 0x7",
      "vCPU 0: its registers cannot be read", 7 },
    { "out", "out port=0x80 data=ab", ACCEL_EXIT_UNHANDLED_IO, NULL, NULL, 0xab },
    { "in", "in port=0x81 size=2", ACCEL_EXIT_UNHANDLED_IO },
    { "mmio-write", "mmio-write addr=0xd0000000 data=cdef", ACCEL_EXIT_UNHANDLED_IO, NULL, NULL,
      0xefcd },
    { "mmio-read", "mmio-read addr=0xd0000000 len=4", ACCEL_EXIT_UNHANDLED_IO },
};

/* On any thread: the reaper of dirty rings has something to say, too. */
static void count_line(void *opaque, const char *event, const char *line)
{
    g_atomic_int_inc((gint *)opaque);
}

static void start(SmallVm *vm, const char *script, const char *const *props, AccelTrace *trace)
{
    g_autofree char *text = g_strdup_printf("vcpu 0; %s; end", script);
    g_autoptr(GError) err = NULL;

    fakekvm_restart(text);
    small_vm_init(vm, 2);
    vm->props = props;
    vm->spec.trace = trace;
    vm->io.pio_write = NULL;
    g_assert_true(small_vm_open(vm, &err) && small_vm_cpus(vm, &err));
    g_assert_no_error(err);
}

static const char *const ring[] = { "dirty-ring-size", "1024", NULL };

static void run_row(const Row *row, AccelTrace *trace, gboolean want_error)
{
    const bool needs_ring = strstr(row->name, "ring") != NULL;
    g_autoptr(GError) err = NULL;
    AccelExitReason why;
    AccelExit exit;
    SmallVm vm;

    start(&vm, row->script, needs_ring ? ring : NULL, trace);
    why = small_vm_run(&vm, want_error ? &exit : NULL, want_error ? &err : NULL);
    g_assert_cmpint(why, ==, row->reason);
    if (want_error) {
        g_assert_cmpint(exit.reason, ==, row->reason);
        g_assert_cmpstr(err != NULL ? err->message : NULL, ==, row->message);
        g_assert_cmphex(exit.data[0], ==, row->data0);
    }
    if (err != NULL) {
        g_assert_cmpstr(accel_error_stage(err), ==, "run");
        g_assert_cmpint(accel_error_errno(err), ==, row->errnum);
        g_assert_nonnull(accel_error_causes(err));
        g_assert_nonnull(accel_error_remedies(err));
        if (row->notes != NULL) {
            g_assert_nonnull(strstr(accel_error_notes(err), row->notes));
        }
    }
    small_vm_free(&vm);
}

static void test_row(gconstpointer data)
{
    guint lines = 0;
    AccelTrace *trace = accel_trace_new(count_line, &lines);

    run_row(data, NULL, TRUE);
    run_row(data, trace, FALSE); /* a listener, but for nothing */
    g_assert_cmpuint(lines, ==, 0);
    accel_trace_enable(trace, "*");
    run_row(data, trace, TRUE);
    g_assert_cmpuint(lines, >, 20);
    run_row(data, NULL, FALSE);
    accel_trace_free(trace);
}

/* ---- with call-backs ---- */

typedef struct Seen {
    GString *log;
    int vector;
} Seen;

static void pio_write(void *opaque, AccelCPU *cpu, uint16_t port, const void *data, unsigned size,
                      unsigned count)
{
    g_string_append_printf(((Seen *)opaque)->log, "out %x %u*%u;", port, size, count);
}

static void pio_read(void *opaque, AccelCPU *cpu, uint16_t port, void *data, unsigned size,
                     unsigned count)
{
    memset(data, 0x5a, size * count);
    g_string_append_printf(((Seen *)opaque)->log, "in %x;", port);
}

static void mmio_write(void *opaque, AccelCPU *cpu, uint64_t gpa, const void *data, unsigned len)
{
    g_string_append_printf(((Seen *)opaque)->log, "store %u;", len);
}

static void mmio_read(void *opaque, AccelCPU *cpu, uint64_t gpa, void *data, unsigned len)
{
    memset(data, 0xa5, len);
    g_string_append_printf(((Seen *)opaque)->log, "load %u;", len);
}

static void set_tpr(void *opaque, AccelCPU *cpu, uint8_t cr8)
{
    g_string_append_printf(((Seen *)opaque)->log, "tpr %u;", cr8);
}

static void eoi(void *opaque, uint8_t vector)
{
    g_string_append_printf(((Seen *)opaque)->log, "eoi %u;", vector);
}

static uint64_t hypercall(void *opaque, AccelCPU *cpu, uint64_t nr, const uint64_t args[6])
{
    g_string_append_printf(((Seen *)opaque)->log, "call %u %u;", (guint)nr, (guint)args[5]);
    return 0x1234;
}

static int ack(void *opaque, AccelCPU *cpu)
{
    Seen *seen = opaque;

    g_string_append_printf(seen->log, "ack %d;", seen->vector);
    accel_cpu_set_extint(cpu, 0);
    return seen->vector;
}

static AccelIo all_callbacks(Seen *seen)
{
    return (AccelIo){ .pio_read = pio_read, .pio_write = pio_write, .mmio_read = mmio_read,
                      .mmio_write = mmio_write, .ack_extint = ack, .ioapic_eoi = eoi,
                      .hypercall = hypercall, .set_tpr = set_tpr, .opaque = seen };
}

static void test_callbacks(void)
{
    static const char script[] =
        "out port=0x70 size=2 data=01020304; in port=0x71 expect=5a; mmio-write addr=0xd0000000 "
        "data=010203; mmio-read addr=0xd0000000 len=2 expect=a5a5; set-tpr cr8=9; exit 26 raw=31; "
        "hypercall nr=5 args=0,0,0,0,0,6 expect=3412000000000000; shutdown";
    Seen seen = { .log = g_string_new(NULL) };
    const AccelIo io = all_callbacks(&seen);
    g_autoptr(GError) err = NULL;
    SmallVm vm;

    start(&vm, script, NULL, NULL);
    accel_set_io(vm.as, &io);
    g_assert_cmpint(small_vm_run(&vm, NULL, &err), ==, ACCEL_EXIT_TRIPLE_FAULT);
    g_assert_no_error(err);
    g_assert_cmpstr(seen.log->str, ==,
                    "out 70 2*2;in 71;store 3;load 2;tpr 9;eoi 49;call 5 6;");
    small_vm_free(&vm);
    g_string_free(seen.log, TRUE);
}

static const char *const user_irqchip[] = { "kernel-irqchip", "off", NULL };

/* An external interrupt goes in when the guest can take it; @vector -1: it has gone away. */
static void extint(int vector, gboolean with_ack, const char *want)
{
    Seen seen = { .log = g_string_new(NULL), .vector = vector };
    AccelIo io = all_callbacks(&seen);
    g_autoptr(GError) err = NULL;
    SmallVm vm;

    start(&vm, "irq-window-open; irq-window-open; shutdown", user_irqchip, NULL);
    io.ack_extint = with_ack ? ack : NULL;
    accel_set_io(vm.as, &io);
    accel_cpu_set_extint(vm.cpu[0], 1);
    g_assert_cmpint(small_vm_run(&vm, NULL, &err), ==, ACCEL_EXIT_TRIPLE_FAULT);
    g_assert_no_error(err);
    g_assert_cmpstr(seen.log->str, ==, want);
    small_vm_free(&vm);
    g_string_free(seen.log, TRUE);
}

static void test_extint(void)
{
    extint(0x20, TRUE, "ack 32;");
    extint(-1, TRUE, "ack -1;");
    extint(0, FALSE, "");
}

/* A window that was asked for is not needed any more when the interrupt has gone away. */
static void test_extint_gone(void)
{
    g_autoptr(GError) err = NULL;
    SmallVm vm;

    start(&vm, "hlt force; shutdown", user_irqchip, NULL);
    accel_cpu_set_extint(vm.cpu[0], 1);
    g_assert_cmpint(small_vm_run(&vm, NULL, &err), ==, ACCEL_EXIT_HLT);
    accel_cpu_set_extint(vm.cpu[0], 0);
    g_assert_cmpint(small_vm_run(&vm, NULL, &err), ==, ACCEL_EXIT_TRIPLE_FAULT);
    g_assert_no_error(err);
    small_vm_free(&vm);
}

/* A guest in user mode is told about an instruction that cannot be emulated; others stop. */
static void emulation(uint64_t cr0, uint16_t cs, AccelExitReason want, AccelTrace *trace)
{
    g_autoptr(GError) err = NULL;
    AccelX86Regs r;
    SmallVm vm;

    start(&vm, "internal-error suberror=1; shutdown", NULL, trace);
    g_assert_true(accel_get_regs(vm.cpu[0], &r, &err));
    r.cr0 = cr0;
    r.cs.selector = cs;
    g_assert_true(accel_set_regs(vm.cpu[0], &r, &err));
    g_assert_cmpint(small_vm_run(&vm, NULL, &err), ==, want);
    small_vm_free(&vm);
}

static void test_emulation(void)
{
    guint lines = 0;
    AccelTrace *trace = accel_trace_new(count_line, &lines);

    emulation(0x60000010, 0xf003, ACCEL_EXIT_ERROR, NULL);
    emulation(0x60000011, 0x8, ACCEL_EXIT_ERROR, NULL);
    emulation(0x60000011, 0x2b, ACCEL_EXIT_TRIPLE_FAULT, NULL);
    emulation(0x60000011, 0x2b, ACCEL_EXIT_TRIPLE_FAULT, trace);
    accel_trace_enable(trace, "kvm_run_exit");
    emulation(0x60000011, 0x2b, ACCEL_EXIT_TRIPLE_FAULT, trace);
    g_assert_cmpuint(lines, ==, 3);
    accel_trace_free(trace);
}

static void test_notify_stops(void)
{
    static const char *const stop[] = { "notify-vmexit", "internal-error", NULL };
    g_autoptr(GError) err = NULL;
    SmallVm vm;

    start(&vm, "notify", stop, NULL);
    g_assert_cmpint(small_vm_run(&vm, NULL, &err), ==, ACCEL_EXIT_ERROR);
    g_assert_nonnull(strstr(err->message, "with valid context"));
    small_vm_free(&vm);
}

/* ---- kicks ---- */

typedef struct Kicker {
    AccelCPU *cpu;
    gint stop;
} Kicker;

/* Again and again: a kick that comes before KVM_RUN ends that run, but not the guest's waiting. */
static gpointer kick_from_outside(gpointer opaque)
{
    Kicker *k = opaque;

    while (g_atomic_int_get(&k->stop) == 0) {
        accel_kick(k->cpu);
        g_usleep(100);
    }
    return NULL;
}

static void kick_waiting_vcpu(const char *host, AccelTrace *trace)
{
    g_autofree char *script = g_strdup_printf("wait; shutdown; end; %s; vcpu 1", host);
    g_autoptr(GError) err = NULL;
    AccelExitReason why;
    Kicker kicker = { 0 };
    GThread *thread;
    guint kicks = 0;
    SmallVm vm;

    start(&vm, script, NULL, trace);
    kicker.cpu = vm.cpu[0];
    g_assert_true(accel_cpu_attach(vm.cpu[0], &err));
    accel_kick(vm.cpu[0]); /* before running: not lost */
    g_assert_cmpint(accel_run(vm.cpu[0], NULL, &err), ==, ACCEL_EXIT_KICK);
    thread = g_thread_new("kicker", kick_from_outside, &kicker);
    while ((why = accel_run(vm.cpu[0], NULL, &err)) == ACCEL_EXIT_KICK) {
        kicks++;
    }
    g_atomic_int_set(&kicker.stop, 1);
    g_thread_join(thread);
    g_assert_no_error(err);
    g_assert_cmpint(why, ==, ACCEL_EXIT_TRIPLE_FAULT);
    g_assert_cmpuint(kicks, >, 0);
    accel_cpu_detach(vm.cpu[0]);
    small_vm_free(&vm);
}

/* First without a handler (masked signals), then with one (immediate_exit). */
static void test_kicks(void)
{
    guint lines = 0;
    AccelTrace *trace = accel_trace_new(count_line, &lines);
    g_autoptr(GError) err = NULL;

    g_assert_cmpint(accel_kick_signal(), ==, 0);
    kick_waiting_vcpu("cap IMMEDIATE_EXIT 1", NULL);
    kick_waiting_vcpu("cap IMMEDIATE_EXIT 0", trace);
    accel_trace_enable(trace, "vcpu_kick");
    g_assert_false(accel_install_kick_handler(9999, &err));
    g_assert_cmpint(accel_error_errno(err), ==, EINVAL);
    g_assert_cmpstr(accel_error_call(err), ==, "sigaction");
    g_clear_error(&err);
    g_assert_true(accel_install_kick_handler(SIGUSR2, &err));
    g_assert_true(accel_install_kick_handler(0, &err));
    g_assert_cmpint(accel_kick_signal(), ==, SIGUSR1);
    kick_waiting_vcpu("cap IMMEDIATE_EXIT 1", trace);
    kick_waiting_vcpu("cap IMMEDIATE_EXIT 0", NULL);
    g_assert_cmpuint(lines, >=, 2);
    accel_trace_free(trace);
}

static gpointer attach_elsewhere(gpointer opaque)
{
    GError *err = NULL;

    g_assert_false(accel_cpu_attach(opaque, &err));
    g_assert_false(accel_cpu_attach(opaque, NULL));
    return err;
}

static gpointer detach_elsewhere(gpointer opaque)
{
    accel_cpu_detach(opaque);
    return NULL;
}

static void test_threads(void)
{
    g_autoptr(GError) err = NULL, other = NULL;
    SmallVm vm;

    start(&vm, "hlt force", NULL, NULL);
    g_assert_true(accel_cpu_attach(vm.cpu[0], &err));
    g_assert_true(accel_cpu_attach(vm.cpu[0], &err));
    other = g_thread_join(g_thread_new("other", attach_elsewhere, vm.cpu[0]));
    g_assert_cmpstr(other->message, ==,
                    "vCPU 0 is bound to another thread; detach it there first");
    g_assert_cmpint(accel_error_errno(other), ==, EBUSY);
    g_thread_join(g_thread_new("other", detach_elsewhere, vm.cpu[0]));
    accel_cpu_detach(vm.cpu[0]);
    small_vm_free(&vm);
}

static void test_mask_refused(void)
{
    g_autoptr(GError) err = NULL;
    SmallVm vm;

    start(&vm, "hlt force; end; fault call=KVM_SET_SIGNAL_MASK errno=EINVAL; "
          "cap IMMEDIATE_EXIT 0; vcpu 1", NULL, NULL);
    g_assert_cmpint(accel_run(vm.cpu[0], NULL, &err), ==, ACCEL_EXIT_ERROR);
    g_assert_cmpstr(err->message, ==, "kvm_set_signal_mask: Invalid argument");
    g_assert_cmpstr(accel_error_stage(err), ==, "attach");
    g_assert_cmpint(accel_run(vm.cpu[0], NULL, NULL), ==, ACCEL_EXIT_ERROR);
    small_vm_free(&vm);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/exits/kicks", test_kicks); /* first: later ones have a handler */
    g_test_add_func("/exits/mask-refused", test_mask_refused);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/exits/row/%s", rows[i].name);

        g_test_add_data_func(path, &rows[i], test_row);
    }
    g_test_add_func("/exits/callbacks", test_callbacks);
    g_test_add_func("/exits/extint", test_extint);
    g_test_add_func("/exits/extint-gone", test_extint_gone);
    g_test_add_func("/exits/emulation", test_emulation);
    g_test_add_func("/exits/notify-stops", test_notify_stops);
    g_test_add_func("/exits/threads", test_threads);
    return g_test_run();
}
