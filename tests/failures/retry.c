/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The sweep inside one process: every call of a bring-up, of two vCPUs and of a short run fails in
 * turn, with every errno and with answers that are none. Each time the library must return an error
 * that names stage and call, or go on; leave no descriptor, mapping or thread; write nothing; and
 * then, in the same process, do the same without the fault and succeed.
 *
 * Three ways of trying again: the same AccelState (accel_init() once more), a new one, and, where a
 * vCPU could not be made, the same VM.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "../fakekvm/fakekvm-control.h"
#include "small-vm.h"

static const char script[] = "vcpu 0; out port=0xe9 text=hi; in port=0x60; mmio-write addr=0xd0000000 "
                             "data=01; shutdown; end;";

static const char *const answers[] = {
    "errno=EINTR", "errno=EAGAIN", "errno=EACCES", "errno=EPERM", "errno=ENOENT", "errno=ENODEV",
    "errno=ENXIO", "errno=EBUSY", "errno=ENOMEM", "errno=ENOSPC", "errno=EMFILE", "errno=EINVAL",
    "errno=ENOTTY", "errno=EFAULT", "errno=EOPNOTSUPP", "errno=0", "malformed=short",
    "malformed=negative", "malformed=huge", "eintr=forever",
};

typedef struct Variant {
    const char *name;
    const char *const *props;
    const char *host;      /* scenario lines */
    guint max_apic_id;
    bool cpu_pm;
} Variant;

static const char *const p_split[] = { "kernel-irqchip", "split", NULL };
static const char *const p_on[] = { "kernel-irqchip", "on", NULL };
static const char *const p_ring[] = { "kernel-irqchip", "off", "dirty-ring-size", "1024",
                                      "kvm-shadow-mem", "1048576", NULL };

static const Variant variants[] = {
    { "split", p_split, "", 0, false },
    { "on", p_on, "cap IMMEDIATE_EXIT 0", 0, true },
    { "ring", p_ring, "", 300, false },
};

static guint runs, failures;

static void nothing_read(void *opaque, AccelCPU *cpu, uint16_t port, void *data, unsigned size,
                         unsigned count)
{
    memset(data, 0xff, size * count);
}

static void nothing_written(void *opaque, AccelCPU *cpu, uint64_t gpa, const void *data,
                            unsigned len)
{
}

static void prepare(SmallVm *vm, const Variant *v)
{
    small_vm_init(vm, 2);
    vm->props = v->props;
    vm->spec.max_apic_id = v->max_apic_id;
    vm->spec.cpu_pm = v->cpu_pm;
    vm->io.pio_read = nothing_read;
    vm->io.mmio_write = nothing_written;
}

/* Everything from the node to the end of the guest. */
static gboolean whole_life(SmallVm *vm, GError **errp)
{
    AccelExitReason why;
    uint64_t bitmap[SMALL_RAM / 4096 / 64];

    if (!small_vm_open(vm, errp) || !small_vm_cpus(vm, errp)) {
        return FALSE;
    }
    why = small_vm_run(vm, NULL, errp);
    if (why == ACCEL_EXIT_ERROR) {
        return FALSE;
    }
    return accel_get_dirty(vm->as, 0, SMALL_RAM, bitmap, errp) &&
           accel_unmap_ram(vm->as, 0, SMALL_RAM, errp);
}

static void check_error(const GError *err, const char *scenario)
{
    g_assert_nonnull(err);
    if (err->domain != ACCEL_ERROR || accel_error_stage(err) == NULL ||
        accel_error_call(err) == NULL || accel_error_accel(err) == NULL) {
        g_error("%s: \"%s\" does not say where it comes from: stage %s, call %s", scenario,
                err->message, accel_error_stage(err), accel_error_call(err));
    }
    if (strstr(scenario, " errno=E") != NULL && accel_error_errno(err) == 0) {
        g_error("%s: \"%s\" has no errno", scenario, err->message);
    }
}

/* A kernel that answers 0 for a new descriptor has given away this process's number 0. */
static void mend_stdin(void)
{
    if (fcntl(0, F_GETFD) < 0) {
        int fd = open("/dev/null", O_RDONLY);

        g_assert_cmpint(fd, ==, 0);
    }
}

/* The vCPU that failed, again on the same VM: the fault is over. */
static void try_vcpu_again(SmallVm *vm, const GError *err, const char *scenario)
{
    g_autoptr(GError) again = NULL;
    guint id = vm->cpu[0] == NULL ? 0 : 1;

    if (g_strcmp0(accel_error_stage(err), "create-vcpu") != 0 || vm->cpu[id] != NULL ||
        strstr(scenario, " errno=E") == NULL) {
        return;
    }
    vm->cpu[id] = accel_create_vcpu(vm->as, id, &again);
    if (vm->cpu[id] == NULL) {
        g_error("%s: the same vCPU again: %s", scenario, again->message);
    }
}

static void again(SmallVm *vm, const char *scenario)
{
    g_autoptr(GError) err = NULL;

    g_string_truncate(vm->out, 0);
    if (!whole_life(vm, &err)) {
        g_error("%s: without the fault: %s", scenario, err->message);
    }
    g_assert_cmpstr(vm->out->str, ==, "hi");
}

static void fail_once(SmallVm *vm, const char *scenario, const char *text)
{
    g_autoptr(GError) err = NULL;

    fakekvm_restart(text);
    runs++;
    if (!whole_life(vm, &err)) {
        failures++;
        check_error(err, scenario);
        try_vcpu_again(vm, err, scenario);
    }
}

static void one_run(const Variant *v, const char *scenario, const char *text)
{
    g_autofree char *clean = g_strconcat(script, v->host, NULL);
    Holdings before = holdings(), after;
    SmallVm vm;

    prepare(&vm, v);
    fail_once(&vm, scenario, text);
    if (vm.opened || runs % 2 == 0) { /* else: accel_init() once more on the same state */
        small_vm_close(&vm);
    }
    mend_stdin();
    after = holdings();
    assert_same_holdings(&before, &after, scenario);
    fakekvm_restart(clean);
    again(&vm, scenario);
    small_vm_free(&vm);
    after = holdings();
    assert_same_holdings(&before, &after, scenario);
}

static guint calls_of(const Variant *v)
{
    g_autofree char *text = g_strconcat(script, v->host, NULL);
    g_autoptr(GError) err = NULL;
    SmallVm vm;

    prepare(&vm, v);
    fakekvm_restart(text);
    whole_life(&vm, &err);
    g_assert_no_error(err);
    g_assert_cmpstr(vm.out->str, ==, "hi");
    small_vm_free(&vm);
    return (guint)fakekvm_calls();
}

static void test_variant(gconstpointer data)
{
    const Variant *v = data;
    guint calls = calls_of(v);

    runs = failures = 0;
    for (guint n = 1; n <= calls; n++) {
        for (guint a = 0; a < G_N_ELEMENTS(answers); a++) {
            g_autofree char *fault = g_strdup_printf("fault any nth=%u %s", n, answers[a]);
            g_autofree char *text = g_strconcat(script, v->host, ";", fault, NULL);

            one_run(v, fault, text);
        }
    }
    g_test_message("summary: sweep runs in one process=%u, each tried again with success (%s: %u "
                   "calls, %u errors)", runs, v->name, calls, failures);
}

/* Nothing below system/ prints: both streams go through a pipe meanwhile and must stay empty. */
static int silence_begins(int saved[2])
{
    int fds[2];

    fflush(NULL);
    g_assert_cmpint(pipe2(fds, O_CLOEXEC | O_NONBLOCK), ==, 0);
    for (int i = 0; i < 2; i++) {
        saved[i] = fcntl(i + 1, F_DUPFD_CLOEXEC, 10);
        dup2(fds[1], i + 1);
    }
    close(fds[1]);
    return fds[0];
}

static void silence_ends(int fd, int saved[2])
{
    char text[256];
    ssize_t n;

    fflush(NULL);
    for (int i = 0; i < 2; i++) {
        dup2(saved[i], i + 1);
        close(saved[i]);
    }
    n = read(fd, text, sizeof(text));
    close(fd);
    if (n > 0) {
        g_error("the library wrote: %.*s", (int)n, text);
    }
}

static void test_silence(void)
{
    const Variant *v = &variants[0];
    guint calls = calls_of(v);
    int saved[2], fd = silence_begins(saved);

    for (guint n = 1; n <= calls; n++) {
        g_autofree char *fault = g_strdup_printf("fault any nth=%u errno=ENOMEM", n);
        g_autofree char *text = g_strconcat(script, v->host, ";", fault, NULL);
        g_autoptr(GError) err = NULL;
        SmallVm vm;

        prepare(&vm, v);
        fakekvm_restart(text);
        whole_life(&vm, &err);
        small_vm_free(&vm);
    }
    silence_ends(fd, saved);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(variants); i++) {
        g_autofree char *path = g_strdup_printf("/retry/%s", variants[i].name);

        g_test_add_data_func(path, &variants[i], test_variant);
    }
    g_test_add_func("/retry/silence", test_silence);
    return g_test_run();
}
