/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every operation on an open KVM and its vCPUs: that it works, that each call it makes can fail and
 * the error then names stage, call and errno, that nobody has to want the error, and that an
 * accelerator without the operation says so.
 */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "../fakekvm/fakekvm-control.h"
#include "accel/accel-class.h"
#include "small-vm.h"

typedef gboolean (*Operation)(SmallVm *vm, GError **errp);

static gboolean op_get_regs(SmallVm *vm, GError **errp)
{
    AccelX86Regs r;

    return accel_get_regs(vm->cpu[0], &r, errp);
}

static gboolean op_set_regs(SmallVm *vm, GError **errp)
{
    AccelX86Regs r;

    accel_x86_reset_regs(&r, true);
    return accel_set_regs(vm->cpu[0], &r, errp);
}

/* The second reset of a vCPU puts back what only one that ran can have. */
static gboolean op_reset(SmallVm *vm, GError **errp)
{
    return accel_reset_vcpu(vm->cpu[0], true, errp);
}

/* Fresh controllers are as they should be: the second reset does something. */
static gboolean op_reset_irqchip(SmallVm *vm, GError **errp)
{
    if (vm->as->irqchip == ACCEL_IRQCHIP_ON && !accel_create_pit(vm->as, true, NULL)) {
        return accel_reset_irqchip(vm->as, errp); /* tried before */
    }
    return accel_reset_irqchip(vm->as, errp) && accel_reset_irqchip(vm->as, errp);
}

static gboolean op_get_msrs(SmallVm *vm, GError **errp)
{
    AccelX86Msr msrs[2] = { { .index = 0x10 }, { .index = 0x174 } };

    return accel_get_msrs(vm->cpu[0], msrs, 2, errp);
}

static gboolean op_set_msrs(SmallVm *vm, GError **errp)
{
    const AccelX86Msr msrs[2] = { { 0x174, 8 }, { 0x175, 0x1000 } };

    return accel_set_msrs(vm->cpu[0], msrs, 2, errp);
}

static gboolean op_feature_msr(SmallVm *vm, GError **errp)
{
    uint64_t value;

    return accel_get_feature_msr(vm->as, 0x10a, &value, errp);
}

static gboolean op_msr_list(SmallVm *vm, GError **errp)
{
    g_autoptr(GArray) list = accel_get_msr_list(vm->as, errp);

    return list != NULL;
}

static gboolean op_cpuid(SmallVm *vm, GError **errp)
{
    g_autoptr(GArray) list = accel_get_supported_cpuid(vm->as, errp);

    return list != NULL;
}

static gboolean op_set_cpuid(SmallVm *vm, GError **errp)
{
    const AccelX86Cpuid rows[2] = { { .eax = 1 }, { .function = 1, .edx = 1 << 7 | 1 << 14 } };

    return accel_set_cpuid(vm->cpu[0], rows, 2, errp);
}

static gboolean op_get_debug(SmallVm *vm, GError **errp)
{
    AccelX86Debug dr;

    return accel_get_debug(vm->cpu[0], &dr, errp);
}

static gboolean op_set_debug(SmallVm *vm, GError **errp)
{
    const AccelX86Debug dr = { .dr6 = 0xffff0ff0, .dr7 = 0x400 };

    return accel_set_debug(vm->cpu[0], &dr, errp);
}

static gboolean op_get_mp(SmallVm *vm, GError **errp)
{
    AccelX86MpState mp;

    return accel_get_mp_state(vm->cpu[0], &mp, errp);
}

static gboolean op_set_mp(SmallVm *vm, GError **errp)
{
    return accel_set_mp_state(vm->cpu[0], ACCEL_X86_RUNNABLE, errp);
}

static gboolean op_get_events(SmallVm *vm, GError **errp)
{
    AccelX86Events ev;

    return accel_get_events(vm->cpu[0], &ev, errp);
}

static gboolean op_set_events(SmallVm *vm, GError **errp)
{
    const AccelX86Events ev = { .nmi_pending = true };

    return accel_set_events(vm->cpu[0], &ev, errp);
}

static gboolean op_get_xsave(SmallVm *vm, GError **errp)
{
    static uint8_t area[65536];

    return accel_get_xsave(vm->cpu[0], area, sizeof(area), errp);
}

static gboolean op_set_xsave(SmallVm *vm, GError **errp)
{
    static const uint8_t area[65536];

    return accel_set_xsave(vm->cpu[0], area, sizeof(area), errp);
}

static gboolean op_get_lapic(SmallVm *vm, GError **errp)
{
    uint8_t page[1024];

    return accel_get_lapic(vm->cpu[0], page, errp);
}

static gboolean op_set_lapic(SmallVm *vm, GError **errp)
{
    const uint8_t page[1024] = { 0 };

    return accel_set_lapic(vm->cpu[0], page, errp);
}

static gboolean op_set_tsc(SmallVm *vm, GError **errp)
{
    return accel_set_tsc_khz(vm->cpu[0], 2500000, errp);
}

static gboolean op_pit(SmallVm *vm, GError **errp)
{
    return accel_create_pit(vm->as, true, errp);
}

static gboolean op_routes(SmallVm *vm, GError **errp)
{
    return accel_route_pc(vm->as, errp);
}

static gboolean op_nmi(SmallVm *vm, GError **errp)
{
    return accel_inject_nmi(vm->cpu[0], errp);
}

static gboolean op_translate(SmallVm *vm, GError **errp)
{
    uint64_t gpa;

    return accel_translate(vm->cpu[0], 0x1000, &gpa, errp);
}

static gboolean op_irq(SmallVm *vm, GError **errp)
{
    return accel_set_irq(vm->as, 4, 1, errp);
}

static gboolean op_msi(SmallVm *vm, GError **errp)
{
    return accel_send_msi(vm->as, 0xfee00000, 0x4030, errp);
}

static gboolean op_msi_route(SmallVm *vm, GError **errp)
{
    return accel_set_msi_route(vm->as, 5, 0xfee00000, 0x31, false, errp);
}

static gboolean op_port_event(SmallVm *vm, GError **errp)
{
    int fd = eventfd(0, EFD_CLOEXEC);
    gboolean ok = accel_set_ioeventfd(vm->as, fd, 0x600, 2, true, true, 7, true, errp);

    close(fd);
    return ok;
}

static gboolean op_memory_event(SmallVm *vm, GError **errp)
{
    int fd = eventfd(0, EFD_CLOEXEC);
    gboolean ok = accel_set_ioeventfd(vm->as, fd, 0xd0000000, 4, false, false, 0, true, errp) &&
                  accel_set_ioeventfd(vm->as, fd, 0xd0000000, 4, false, false, 0, false, errp);

    close(fd);
    return ok;
}

static gboolean op_dirty(SmallVm *vm, GError **errp)
{
    uint64_t bitmap[SMALL_RAM / 4096 / 64];

    return accel_get_dirty(vm->as, 0, SMALL_RAM, bitmap, errp);
}

static gboolean op_unmap(SmallVm *vm, GError **errp)
{
    return accel_unmap_ram(vm->as, 0, SMALL_RAM, errp);
}

static gboolean op_map(SmallVm *vm, GError **errp)
{
    return accel_map_ram(vm->as, 0x10000000, vm->ram, 4096, ACCEL_RAM_READONLY, errp);
}

static gboolean op_run(SmallVm *vm, GError **errp)
{
    return accel_run(vm->cpu[0], NULL, errp) != ACCEL_EXIT_ERROR;
}

static const struct Row {
    const char *name;
    Operation op;
    const char *stage;
    const char *calls; /* those that may fail, with blanks between them */
} rows[] = {
    { "get_regs", op_get_regs, "vcpu-state", "KVM_GET_REGS KVM_GET_SREGS" },
    { "set_regs", op_set_regs, "vcpu-state", "KVM_SET_REGS KVM_SET_SREGS" },
    { "reset_vcpu", op_reset, "vcpu-state",
      "KVM_SET_SREGS KVM_SET_XCRS KVM_SET_XSAVE KVM_SET_FPU KVM_GET_LAPIC KVM_SET_LAPIC "
      "KVM_SET_MSRS KVM_SET_DEBUGREGS KVM_SET_VCPU_EVENTS KVM_SET_MP_STATE" },
    { "reset_irqchip", op_reset_irqchip, "irqchip-reset",
      "KVM_GET_IRQCHIP KVM_SET_IRQCHIP KVM_SET_PIT2" },
    { "get_msrs", op_get_msrs, "msr", "KVM_GET_MSRS" },
    { "set_msrs", op_set_msrs, "msr", "KVM_SET_MSRS" },
    { "get_feature_msr", op_feature_msr, "msr", "KVM_GET_MSRS" },
    { "get_msr_list", op_msr_list, NULL, "" },
    { "get_supported_cpuid", op_cpuid, "cpuid", "KVM_GET_SUPPORTED_CPUID" },
    { "set_cpuid", op_set_cpuid, "vcpu-state", "KVM_SET_CPUID2 KVM_X86_SETUP_MCE" },
    { "get_debug", op_get_debug, "vcpu-state", "KVM_GET_DEBUGREGS" },
    { "set_debug", op_set_debug, "vcpu-state", "KVM_SET_DEBUGREGS" },
    { "get_mp_state", op_get_mp, "vcpu-state", "KVM_GET_MP_STATE" },
    { "set_mp_state", op_set_mp, "vcpu-state", "KVM_SET_MP_STATE" },
    { "get_events", op_get_events, "vcpu-state", "KVM_GET_VCPU_EVENTS" },
    { "set_events", op_set_events, "vcpu-state", "KVM_SET_VCPU_EVENTS" },
    { "get_xsave", op_get_xsave, "vcpu-state", "KVM_GET_XSAVE" },
    { "set_xsave", op_set_xsave, "vcpu-state", "KVM_SET_XSAVE" },
    { "get_lapic", op_get_lapic, "vcpu-state", "KVM_GET_LAPIC" },
    { "set_lapic", op_set_lapic, "vcpu-state", "KVM_SET_LAPIC" },
    { "set_tsc_khz", op_set_tsc, "vcpu-state", "KVM_SET_TSC_KHZ" },
    { "create_pit", op_pit, "pit", "KVM_CREATE_PIT2" },
    { "route_pc", op_routes, "irq-routes", "KVM_SET_GSI_ROUTING" },
    { "inject_nmi", op_nmi, "vcpu-state", "KVM_NMI" },
    { "translate", op_translate, "vcpu-state", "KVM_TRANSLATE" },
    { "set_irq", op_irq, "irq-line", "KVM_IRQ_LINE_STATUS" },
    { "send_msi", op_msi, "msi", "KVM_SIGNAL_MSI" },
    { "set_msi_route", op_msi_route, "msi-route", "KVM_SET_GSI_ROUTING" },
    { "set_ioeventfd", op_port_event, "ioeventfd", "KVM_IOEVENTFD" },
    { "set_ioeventfd-memory", op_memory_event, "ioeventfd", "KVM_IOEVENTFD" },
    { "get_dirty", op_dirty, "dirty-log", "KVM_GET_DIRTY_LOG KVM_CLEAR_DIRTY_LOG" },
    { "unmap_ram", op_unmap, "memory", "KVM_SET_USER_MEMORY_REGION" },
    { "map_ram", op_map, "memory", "KVM_SET_USER_MEMORY_REGION" },
    { "run", op_run, "run", "KVM_RUN" },
};

static const char *const irqchip_on[] = { "kernel-irqchip", "on", NULL };

static void count_line(void *opaque, const char *event, const char *line)
{
    ++*(guint *)opaque;
}

/* The fault begins after the start: the n-th call of that name from then on. */
static void start(SmallVm *vm, const char *fault, AccelTrace *trace)
{
    g_autofree char *text = g_strdup_printf("vcpu *; hlt force; end; %s", fault);
    g_autoptr(GError) err = NULL;

    fakekvm_restart(text);
    small_vm_init(vm, 1);
    vm->props = irqchip_on;
    vm->spec.trace = trace;
    g_assert_true(small_vm_open(vm, &err) && small_vm_cpus(vm, &err));
    g_assert_no_error(err);
}

/* How often a healthy start makes @call: the one after is the operation's. */
static guint calls_before(const char *call)
{
    guint n = strcmp(call, "KVM_SET_SREGS") == 0 || strcmp(call, "KVM_SET_REGS") == 0 ||
              strcmp(call, "KVM_SET_CPUID2") == 0 ||
              strcmp(call, "KVM_GET_SUPPORTED_CPUID") == 0 ||
              strcmp(call, "KVM_X86_SETUP_MCE") == 0 ||
              strcmp(call, "KVM_SET_USER_MEMORY_REGION") == 0;

    return n;
}

static void fails(const struct Row *row, const char *call, AccelTrace *trace)
{
    g_autofree char *fault = g_strdup_printf("fault call=%s nth=%u+ errno=EPERM", call,
                                             calls_before(call) + 1);
    g_autoptr(GError) err = NULL;
    SmallVm vm;

    start(&vm, fault, trace);
    g_assert_false(row->op(&vm, &err));
    g_assert_cmpstr(accel_error_call(err), ==, call);
    g_assert_cmpstr(accel_error_stage(err), ==, row->stage);
    g_assert_cmpint(accel_error_errno(err), ==, EPERM);
    g_assert_nonnull(accel_error_causes(err));
    g_assert_nonnull(accel_error_remedies(err));
    g_assert_false(row->op(&vm, NULL));
    small_vm_free(&vm);
}

static void works(const struct Row *row, AccelTrace *trace)
{
    g_autoptr(GError) err = NULL;
    SmallVm vm;

    start(&vm, "", trace);
    g_assert_true(row->op(&vm, &err));
    g_assert_no_error(err);
    small_vm_free(&vm);
}

static void unsupported(const struct Row *row)
{
    static const AccelClass none = { .name = "none", .display_name = "None" };
    AccelState as = { .klass = &none };
    AccelCPU cpu = { .accel = &as };
    SmallVm vm = { .as = &as, .cpu = { &cpu } };
    g_autofree char *text = NULL;
    g_autoptr(GError) err = NULL;

    if (row->op == op_reset_irqchip) {
        g_assert_true(row->op(&vm, &err)); /* no controllers: nothing to reset */
        return;
    }
    text = g_strdup_printf("accelerator None cannot do %.*s", (int)strcspn(row->name, "-"),
                           row->name);
    g_assert_false(row->op(&vm, &err));
    g_assert_error(err, ACCEL_ERROR, ACCEL_ERROR_UNSUPPORTED);
    g_assert_cmpstr(err->message, ==, text);
}

static void test_row(gconstpointer data)
{
    const struct Row *row = data;
    g_auto(GStrv) calls = g_strsplit(row->calls, " ", -1);
    guint lines = 0;
    AccelTrace *trace = accel_trace_new(count_line, &lines);

    works(row, NULL);
    works(row, trace);
    g_assert_cmpuint(lines, ==, 0);
    accel_trace_enable(trace, "*");
    works(row, trace);
    for (char **call = calls; *call != NULL; call++) {
        fails(row, *call, NULL);
        fails(row, *call, trace);
    }
    unsupported(row);
    accel_trace_free(trace);
}

/* ---- values ---- */

static void test_values(void)
{
    AccelX86Msr msrs[2] = { { .index = 0x174, .value = 0x1234 }, { 0x175, 0x5678 } };
    AccelX86Msr back[2] = { { .index = 0x174 }, { .index = 0x175 } };
    AccelX86MpState mp;
    AccelX86Debug dr = { .db = { 1, 2, 3, 4 }, .dr6 = 0xffff0ff0, .dr7 = 0x400 }, got;
    g_autoptr(GError) err = NULL;
    SmallVm vm;

    start(&vm, "tsc-khz 2100000", NULL);
    g_assert_true(accel_set_msrs(vm.cpu[0], msrs, 2, &err));
    g_assert_true(accel_get_msrs(vm.cpu[0], back, 2, &err));
    g_assert_cmphex(back[1].value, ==, 0x5678);
    for (int i = ACCEL_X86_RUNNABLE; i <= ACCEL_X86_SIPI_RECEIVED; i++) {
        g_assert_true(accel_set_mp_state(vm.cpu[0], (AccelX86MpState)i, &err));
        g_assert_true(accel_get_mp_state(vm.cpu[0], &mp, &err));
        g_assert_cmpint(mp, ==, i);
    }
    g_assert_true(accel_set_debug(vm.cpu[0], &dr, &err));
    g_assert_true(accel_get_debug(vm.cpu[0], &got, &err));
    g_assert_cmpmem(&dr, sizeof(dr), &got, sizeof(got));
    g_assert_cmpuint(accel_tsc_khz(vm.cpu[0]), ==, 2100000);
    small_vm_free(&vm);
}

/* Without scaling Linux lets the TSC of a faster guest jump at each exit: that is no frequency. */
static void test_tsc(void)
{
    static const struct { uint32_t khz; bool ok; } wanted[] = {
        { 2100500, true }, { 2100000, true }, { 2099500, true }, { 2100000, true },
        { 2101000, false }, { 5000000, false }, { 1000000, false }, { UINT32_MAX, false },
    };
    SmallVm vm;

    start(&vm, "tsc-khz 2100000; cap TSC_CONTROL 0", NULL);
    for (guint i = 0; i < G_N_ELEMENTS(wanted); i++) {
        g_autoptr(GError) err = NULL;

        g_assert_true(accel_set_tsc_khz(vm.cpu[0], wanted[i].khz, &err) == wanted[i].ok);
        g_assert_true(wanted[i].ok || g_error_matches(err, ACCEL_ERROR, ACCEL_ERROR_UNSUPPORTED));
    }
    small_vm_free(&vm);
}

static void test_events(void)
{
    const AccelX86Events in = { .exception_injected = true, .exception_nr = 13,
                                .exception_has_error = true, .exception_error = 0x18,
                                .nmi_masked = true, .interrupt_shadow = 1,
                                .triple_fault_pending = true };
    AccelX86Events out;
    g_autoptr(GError) err = NULL;
    SmallVm vm;

    start(&vm, "", NULL);
    g_assert_true(accel_set_events(vm.cpu[0], &in, &err));
    g_assert_true(accel_get_events(vm.cpu[0], &out, &err));
    g_assert_no_error(err);
    g_assert_true(out.exception_injected && out.nmi_masked && out.triple_fault_pending);
    g_assert_cmpuint(out.exception_error, ==, 0x18);
    small_vm_free(&vm);
    /* A kernel that knows neither: the flags must not be sent. */
    start(&vm, "cap EXCEPTION_PAYLOAD 0; cap X86_TRIPLE_FAULT_EVENT 0", NULL);
    g_assert_true(op_set_events(&vm, &err));
    g_assert_true(accel_get_events(vm.cpu[0], &out, &err));
    g_assert_false(out.triple_fault_pending);
    small_vm_free(&vm);
}

static void test_odd_answers(void)
{
    AccelX86MpState mp;
    uint8_t area[4096];
    uint64_t gpa;
    g_autoptr(GError) err = NULL;
    SmallVm vm;

    start(&vm, "msr refuse 0x175; fault call=KVM_GET_TSC_KHZ errno=EIO; "
          "cap XSAVE2 11008; fault call=KVM_GET_MP_STATE malformed=nofill", NULL);
    g_assert_false(op_set_msrs(&vm, &err));
    g_assert_cmpstr(err->message, ==, "error: failed to set MSR 0x175 to 0x1000");
    g_assert_cmpint(accel_error_errno(err), ==, EIO);
    g_clear_error(&err);
    {
        AccelX86Msr bad = { .index = 0x175 };

        g_assert_false(accel_get_msrs(vm.cpu[0], &bad, 1, &err));
        g_assert_cmpstr(err->message, ==, "error: failed to get MSR 0x175");
        g_clear_error(&err);
    }
    g_assert_cmpuint(accel_tsc_khz(vm.cpu[0]), ==, 0);
    g_assert_false(accel_get_xsave(vm.cpu[0], area, sizeof(area), &err));
    g_assert_cmpstr(err->message, ==, "vector state of vCPU 0 needs 11008 bytes");
    g_clear_error(&err);
    g_assert_false(accel_set_xsave(vm.cpu[0], area, sizeof(area), &err));
    g_clear_error(&err);
    g_assert_true(op_get_xsave(&vm, &err));
    memset(&mp, 0, sizeof(mp));
    accel_get_mp_state(vm.cpu[0], &mp, &err);
    g_clear_error(&err);
    g_assert_true(accel_translate(vm.cpu[0], 0x1000, &gpa, &err));
    small_vm_free(&vm);
}

static void test_cpuid_sizes(void)
{
    GString *big = g_string_new("cpuid clear");
    g_autoptr(GError) err = NULL;
    g_autoptr(GArray) list = NULL;
    const AccelX86Cpuid no_mce[1] = { { .function = 1, .edx = 1 << 7 } };
    SmallVm vm;

    for (guint i = 0; i < 200; i++) {
        g_string_append_printf(big, "; cpuid 4.%u 1 2 3 4", i);
    }
    start(&vm, big->str, NULL);
    list = accel_get_supported_cpuid(vm.as, &err);
    g_assert_no_error(err);
    g_assert_cmpuint(list->len, ==, 200);
    g_assert_true(accel_set_cpuid(vm.cpu[0], no_mce, 1, &err));
    g_assert_no_error(err);
    small_vm_free(&vm);
    g_string_free(big, TRUE);
    for (int banks = 0; banks <= 40; banks += 5) {
        g_autofree char *host = g_strdup_printf("cap MCE %d", banks);

        start(&vm, host, NULL);
        g_assert_true(op_set_cpuid(&vm, &err));
        small_vm_free(&vm);
    }
}

/* A used vCPU and its controllers back to power-on, on hosts and machines that lack some of it. */
static void test_poorer_resets(void)
{
    static const char *const modes[][3] = { { "kernel-irqchip", "off" },
                                            { "kernel-irqchip", "split" },
                                            { "kernel-irqchip", "on" } };
    static const char *const hosts[] = { "", "cap XCRS 0; cap XSAVE 0",
                                         "cap DEBUGREGS 0; cap VCPU_EVENTS 0; msr refuse 0x174" };

    for (guint i = 0; i < 9; i++) {
        g_autoptr(GError) err = NULL;
        SmallVm vm;

        fakekvm_restart(hosts[i % 3]);
        small_vm_init(&vm, 2);
        vm.props = modes[i / 3];
        g_assert_true(small_vm_open(&vm, &err) && small_vm_cpus(&vm, &err));
        g_assert_true(op_reset(&vm, &err) && accel_reset_vcpu(vm.cpu[1], false, &err) &&
                      accel_reset_irqchip(vm.as, &err) && accel_reset_irqchip(vm.as, &err));
        g_assert_no_error(err);
        small_vm_free(&vm);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/state/op/%s", rows[i].name);

        g_test_add_data_func(path, &rows[i], test_row);
    }
    g_test_add_func("/state/values", test_values);
    g_test_add_func("/state/events", test_events);
    g_test_add_func("/state/tsc", test_tsc);
    g_test_add_func("/state/odd-answers", test_odd_answers);
    g_test_add_func("/state/cpuid-sizes", test_cpuid_sizes);
    g_test_add_func("/state/poorer-resets", test_poorer_resets);
    return g_test_run();
}
