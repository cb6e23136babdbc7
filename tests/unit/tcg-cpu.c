/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The software CPU: registers, ports, memory, kicks, halting and the ends of a guest. Guests are a
 * few bytes each; what they are is in the comments.
 */
#include "tcg-rig.h"

static void test_reset_state(void)
{
    AccelX86Regs want, got;
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    accel_x86_reset_regs(&want, true);
    g_assert_true(accel_reset_vcpu(rig.cpu, true, NULL));
    rig_regs(&rig, &got);
    g_assert_cmpmem(&got, sizeof(got), &want, sizeof(want));
    rig_close(&rig);
}

/* What is hidden behind a selector, and the flags, survive being set, run and read. */
static void test_registers(void)
{
    AccelX86Regs r, got;
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    rig_real(&rig);
    rig_regs(&rig, &r);
    for (int i = 0; i < X86_NGPR; i++) {
        r.gpr[i] = 0x1111111111111111ull * (unsigned)i;
    }
    r.fs = (AccelX86Segment){ .base = 0x123000, .limit = 0xfffff, .selector = 0x77, .type = 3,
                              .s = 1, .present = 1, .db = 1 };
    r.rflags = 0x8d5 | 0x2 | 0x400;
    r.cr2 = 0x4242;
    rig_set(&rig, &r);
    RIG_CODE_AT(&rig, RIG_CODE, 0xf4); /* hlt */
    g_assert_cmpint(rig_run(&rig, NULL), ==, ACCEL_EXIT_HLT);
    rig_regs(&rig, &got);
    g_assert_cmpuint(got.rip, ==, 1);
    got.rip = 0;
    g_assert_cmpmem(&got, sizeof(got), &r, sizeof(r));
    rig_close(&rig);
}

/* mov al,'h'; out e9,al; rep outsb; in ax,77; hlt */
static void test_ports(void)
{
    AccelX86Regs r;
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    rig_real(&rig);
    RIG_CODE_AT(&rig, RIG_CODE, 0xb0, 'h', 0xe6, 0xe9, 0xb9, 3, 0, 0xbe, 0x00, 0x20, 0xba, 0xe9, 0,
                0xf3, 0x6e, 0xe5, 0x77, 0xf4);
    memcpy(rig.ram + 0x2000, "ell", 3);
    g_assert_cmpint(rig_run(&rig, NULL), ==, ACCEL_EXIT_HLT);
    g_assert_cmpstr(rig.out->str, ==, "hell");
    rig_regs(&rig, &r);
    g_assert_cmphex(r.gpr[X86_RAX] & 0xffff, ==, 0x7777);
    rig_close(&rig);
}

/* mov [a0000],ax and back, then a write to ROM, which reaches the call-back and not the ROM */
static void test_mmio_and_rom(void)
{
    AccelX86Regs r;
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    rig_protected(&rig);
    RIG_CODE_AT(&rig, RIG_CODE, 0xb8, 0xcd, 0xab, 0, 0, 0x66, 0xa3, 0x10, 0, 0x50, 0,
                0xa1, 0x20, 0, 0x50, 0, 0xc7, 0x05, 0x08, 0xf0, 0xff, 0xff, 0x44, 0x33, 0x22, 0x11,
                0x8b, 0x1d, 0x08, 0xf0, 0xff, 0xff, 0xf4);
    memcpy(rig.rom + 8, "ROM!", 4);
    g_assert_cmpint(rig_run(&rig, NULL), ==, ACCEL_EXIT_HLT);
    g_assert_cmpstr(rig.log->str, ==, "w 500010 2 abcd;r 500020 4;w fffff008 4 11223344;");
    rig_regs(&rig, &r);
    g_assert_cmphex(r.gpr[X86_RAX], ==, 0x55667788);
    g_assert_cmpmem(&r.gpr[X86_RBX], 4, "ROM!", 4);
    g_assert_cmpmem(rig.rom + 8, 4, "ROM!", 4);
    rig_close(&rig);
}

static void test_unhandled(void)
{
    const AccelIo none = { 0 };
    AccelExit exit;
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    accel_set_io(rig.as, &none);
    rig_real(&rig);
    RIG_CODE_AT(&rig, RIG_CODE, 0xb0, 0x42, 0xe6, 0x55, 0xeb, 0xfe); /* out 55,al; jmp . */
    g_assert_cmpint(rig_run(&rig, &exit), ==, ACCEL_EXIT_UNHANDLED_IO);
    g_assert_true(exit.is_port && exit.is_write);
    g_assert_cmphex(exit.addr, ==, 0x55);
    g_assert_cmphex(exit.data[0], ==, 0x42);
    g_assert_cmpuint(exit.len, ==, 1);
    rig_close(&rig);
}

static gpointer kick_later(gpointer cpu)
{
    g_usleep(20000);
    accel_kick(cpu);
    return NULL;
}

/* An endless loop is left by a kick, every time, at a place where it can go on from. */
static void test_kick(void)
{
    g_autoptr(GError) err = NULL;
    AccelX86Regs r;
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    rig_real(&rig);
    /* 1: inc ax; dec ax; jmp 2; 2: inc bx; dec bx; jmp 1: AX and BX are 0 at each block */
    RIG_CODE_AT(&rig, RIG_CODE, 0x31, 0xc0, 0x31, 0xdb, 0x40, 0x48, 0xeb, 0x00, 0x43, 0x4b, 0xeb,
                0xf8);
    accel_kick(rig.cpu); /* before the run: not lost */
    g_assert_cmpint(accel_run(rig.cpu, NULL, &err), ==, ACCEL_EXIT_KICK);
    for (int i = 0; i < 10; i++) {
        GThread *t = g_thread_new("kick", kick_later, rig.cpu);

        g_assert_cmpint(accel_run(rig.cpu, NULL, &err), ==, ACCEL_EXIT_KICK);
        g_assert_no_error(err);
        g_thread_join(t);
        rig_regs(&rig, &r);
        g_assert_true(r.rip == 4 || r.rip == 8);
        g_assert_cmpuint(r.gpr[X86_RAX] | r.gpr[X86_RBX], ==, 0);
    }
    rig_close(&rig);
}

/* A kick from inside a call-back: what ran before it does not run again. */
static void test_kick_inside(void)
{
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    rig_real(&rig);
    /* mov cx,10; 1: mov al,'a'; out e9,al; out 99,al; jmp 2; 2: inc dx; jmp 3; 3: loop 1; hlt */
    RIG_CODE_AT(&rig, RIG_CODE, 0xb9, 10, 0, 0xb0, 'a', 0xe6, 0xe9, 0xe6, 0x99, 0xeb, 0x00, 0x42,
                0xeb, 0x00, 0xe2, 0xf3, 0xf4);
    g_assert_cmpint(rig_run(&rig, NULL), ==, ACCEL_EXIT_HLT);
    g_assert_cmpstr(rig.out->str, ==, "aaaaaaaaaa");
    rig_close(&rig);
}

static void test_triple_fault(void)
{
    AccelX86Regs r;
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    rig_protected(&rig);
    rig_regs(&rig, &r);
    r.idt.limit = 0;
    rig_set(&rig, &r);
    RIG_CODE_AT(&rig, RIG_CODE, 0x0f, 0x0b); /* ud2 */
    g_assert_cmpint(rig_run(&rig, NULL), ==, ACCEL_EXIT_TRIPLE_FAULT);
    rig_real(&rig); /* a reset brings it back */
    RIG_CODE_AT(&rig, RIG_CODE, 0xb0, 'x', 0xe6, 0xe9, 0xf4);
    g_assert_cmpint(rig_run(&rig, NULL), ==, ACCEL_EXIT_HLT);
    g_assert_cmpstr(rig.out->str, ==, "x");
    rig_close(&rig);
}

static void expect_guest_error(Rig *rig, const char *part)
{
    g_autoptr(GError) err = NULL;
    AccelExitReason why = ACCEL_EXIT_KICK;

    for (int i = 0; i < 100 && why == ACCEL_EXIT_KICK; i++) {
        why = accel_run(rig->cpu, NULL, &err);
    }
    g_assert_cmpint(why, ==, ACCEL_EXIT_ERROR);
    g_assert_error(err, ACCEL_ERROR, ACCEL_ERROR_GUEST);
    g_assert_nonnull(strstr(err->message, part));
    g_assert_nonnull(strstr(accel_error_notes(err), "RIP 0x"));
    g_assert_nonnull(strstr(accel_error_notes(err), "bytes there: "));
}

/* Page tables that do not map one to one: an error, for RAM and for what is outside of it. */
static void test_not_identity(void)
{
    uint64_t e = 0x200087, directory = 0x23007;
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    rig_long(&rig);
    memcpy(rig.ram + 0x21000 + 4 * 8, &directory, 8);
    memcpy(rig.ram + 0x23000, &e, 8); /* 4 GiB -> 0x200000: above RAM and ROM */
    RIG_CODE_AT(&rig, RIG_CODE, 0xa1, 0, 0, 0, 0, 1, 0, 0, 0, 0xf4);
    expect_guest_error(&rig, "maps 0x100000000 to 0x200000");
    rig_long(&rig);
    e = 0x87;
    memcpy(rig.ram + 0x22000 + 8, &e, 8); /* 0x200000 -> 0 */
    RIG_CODE_AT(&rig, RIG_CODE, 0xf4);
    expect_guest_error(&rig, "maps 0x200000 to 0x0");
    rig_close(&rig);
}

static void test_no_code(void)
{
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    rig_protected(&rig);
    RIG_CODE_AT(&rig, RIG_CODE, 0xe9, 0, 0, 0x50, 0); /* jmp 0x501005 */
    expect_guest_error(&rig, "runs code at 0x501005");
    rig_close(&rig);
}

/* Code changed after it ran: by the guest, and by the host before a reset. */
static void test_changed_code(void)
{
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    rig_real(&rig);
    /* call 1; mov byte [2001],'b'; call 1; hlt; at 2000: mov al,'a'; out e9,al; ret */
    RIG_CODE_AT(&rig, RIG_CODE, 0xe8, 0xfd, 0x0f, 0xc6, 0x06, 0x01, 0x20, 'b', 0xe8, 0xf5, 0x0f,
                0xf4);
    RIG_CODE_AT(&rig, 0x2000, 0xb0, 'a', 0xe6, 0xe9, 0xc3);
    g_assert_cmpint(rig_run(&rig, NULL), ==, ACCEL_EXIT_HLT);
    g_assert_cmpstr(rig.out->str, ==, "ab");
    rig_real(&rig);
    RIG_CODE_AT(&rig, 0x2000, 0xb0, 'c', 0xe6, 0xe9, 0xc3);
    g_assert_cmpint(rig_run(&rig, NULL), ==, ACCEL_EXIT_HLT);
    g_assert_cmpstr(rig.out->str, ==, "abcb");
    rig_close(&rig);
}

/* Two vCPUs in turn, each with registers of its own. */
static void test_two_vcpus(void)
{
    AccelX86Regs r;
    AccelCPU *first, *second;
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    first = rig.cpu;
    second = accel_create_vcpu(rig.as, 1, NULL);
    /* 1: inc ax; mov byte [2800],1; jmp 1 */
    RIG_CODE_AT(&rig, RIG_CODE, 0x40, 0xc6, 0x06, 0x00, 0x28, 1, 0xeb, 0xf8);
    rig_real(&rig);
    rig.cpu = second;
    rig_real(&rig);
    for (int i = 0; i < 10; i++) { /* an endless loop gives the thread back at the end of a slice */
        g_assert_cmpint(accel_run(first, NULL, NULL), ==, ACCEL_EXIT_KICK);
        g_assert_cmpint(accel_run(second, NULL, NULL), ==, ACCEL_EXIT_KICK);
    }
    for (int i = 0; i < 2; i++) { /* the same slices, so the same count */
        rig.cpu = i == 0 ? first : second;
        rig_regs(&rig, &r);
        g_assert_cmpuint(r.gpr[X86_RAX], ==, 199990 & 0xffff);
    }
    accel_destroy_vcpu(second);
    rig_close(&rig);
}

static void test_msrs_and_cpuid(void)
{
    AccelX86Msr m[] = { { 0xc0000082, 0x123456789a }, { 0x1b, 0xfee00900 }, { 0x200, 6 } };
    AccelX86Msr bad = { 0xdead, 1 };
    g_autoptr(GError) err = NULL;
    g_autoptr(GArray) cpuid = NULL;
    AccelX86Regs r;
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    rig_real(&rig);
    g_assert_true(accel_set_msrs(rig.cpu, m, G_N_ELEMENTS(m), &err));
    m[0].value = m[1].value = m[2].value = 0;
    g_assert_true(accel_get_msrs(rig.cpu, m, G_N_ELEMENTS(m), &err));
    g_assert_cmphex(m[0].value, ==, 0x123456789a);
    g_assert_cmphex(m[1].value, ==, 0xfee00900);
    g_assert_cmphex(m[2].value, ==, 6);
    g_assert_false(accel_set_msrs(rig.cpu, &bad, 1, &err));
    g_assert_cmpstr(err->message, ==, "error: failed to set MSR 0xdead to 0x1");
    cpuid = accel_get_supported_cpuid(rig.as, NULL);
    g_assert_true(accel_set_cpuid(rig.cpu, (AccelX86Cpuid *)(void *)cpuid->data, cpuid->len, NULL));
    RIG_CODE_AT(&rig, RIG_CODE, 0x66, 0x31, 0xc0, 0x0f, 0xa2, 0xf4); /* xor eax,eax; cpuid; hlt */
    g_assert_cmpint(rig_run(&rig, NULL), ==, ACCEL_EXIT_HLT);
    rig_regs(&rig, &r);
    g_assert_cmpmem(&r.gpr[X86_RBX], 4, "Auth", 4);
    g_assert_cmpmem(&r.gpr[X86_RDX], 4, "enti", 4);
    g_assert_cmpmem(&r.gpr[X86_RCX], 4, "cAMD", 4);
    rig_close(&rig);
}

static void test_xsave(void)
{
    g_autofree uint8_t *area = g_malloc0(4096), *back = g_malloc0(4096);
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    g_assert_true(accel_get_xsave(rig.cpu, area, 4096, NULL));
    g_assert_cmphex(area[0] | area[1] << 8, ==, 0x37f);
    g_assert_cmphex(area[24] | area[25] << 8, ==, 0x1f80);
    for (int i = 0; i < 256; i++) {
        area[160 + i] = (uint8_t)i;
    }
    g_assert_true(accel_set_xsave(rig.cpu, area, 4096, NULL));
    g_assert_true(accel_get_xsave(rig.cpu, back, 4096, NULL));
    g_assert_cmpmem(area, 4096, back, 4096);
    rig_close(&rig);
}

static void test_refused(void)
{
    const AccelSpec spec = { .size = sizeof(spec), .cpus = 1, .max_cpus = 256 };
    g_autoptr(GError) err = NULL;
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    g_assert_false(accel_map_ram(rig.as, 0x1000, rig.ram, 0x1000, 0, &err));
    g_assert_error(err, ACCEL_ERROR, ACCEL_ERROR_INVALID);
    g_clear_error(&err);
    g_assert_false(accel_map_ram(rig.as, 0x800, rig.ram, 0x1000, 0, &err));
    g_assert_error(err, ACCEL_ERROR, ACCEL_ERROR_INVALID);
    g_clear_error(&err);
    g_assert_null(accel_open("tcg", &spec, &err));
    g_assert_error(err, ACCEL_ERROR, ACCEL_ERROR_LIMIT);
    g_clear_error(&err);
    rig_close(&rig);
}

/* The map changes while the guest lives: RAM becomes a hole and comes back. */
static void test_remap(void)
{
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    rig_protected(&rig);
    RIG_CODE_AT(&rig, RIG_CODE, 0xa1, 0x00, 0xf0, 0xff, 0xff, 0xf4, 0xeb, 0xf8); /* mov eax,[rom] */
    g_assert_cmpint(rig_run(&rig, NULL), ==, ACCEL_EXIT_HLT);
    g_assert_cmpstr(rig.log->str, ==, "");
    g_assert_true(accel_unmap_ram(rig.as, RIG_ROM, 0x1000, NULL));
    g_assert_cmpint(rig_run(&rig, NULL), ==, ACCEL_EXIT_HLT);
    g_assert_cmpstr(rig.log->str, ==, "r fffff000 4;");
    g_assert_false(accel_unmap_ram(rig.as, RIG_ROM, 0x1000, NULL));
    rig_close(&rig);
}

/* A far call through a register is no instruction; libunicorn's translator aborts the process there. */
static void test_untranslatable(void)
{
    g_autoptr(GError) err = NULL;
    AccelExit exit;
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    for (int i = 0; i < 3; i++) {
        rig_long(&rig); /* a reset brings the vCPU back */
        RIG_CODE_AT(&rig, RIG_CODE, 0xb0, 'a', 0xe6, 0xe9, 0xeb, 0x00, 0xff, 0xd8);
        g_assert_cmpint(accel_run(rig.cpu, &exit, &err), ==, ACCEL_EXIT_ERROR);
        g_assert_error(err, ACCEL_ERROR, ACCEL_ERROR_GUEST);
        g_assert_nonnull(strstr(err->message, "cannot translate the guest's code"));
        g_assert_nonnull(strstr(accel_error_notes(err), "RIP 0x1006"));
        g_assert_nonnull(strstr(accel_error_notes(err), "bytes there: ff d8"));
        g_clear_error(&err);
    }
    rig_long(&rig);
    RIG_CODE_AT(&rig, RIG_CODE, 0xf4);
    g_assert_cmpint(rig_run(&rig, NULL), ==, ACCEL_EXIT_HLT);
    g_assert_cmpstr(rig.out->str, ==, "aaa");
    rig_close(&rig);
}

static gint done;

/* Runs until it is told not to. Returns: how it went. */
static gpointer run_for_ever(gpointer opaque)
{
    AccelExitReason why = ACCEL_EXIT_KICK;
    AccelExit exit;

    while (why == ACCEL_EXIT_KICK && !g_atomic_int_get(&done)) {
        why = accel_run(opaque, &exit, NULL);
    }
    return GINT_TO_POINTER(why);
}

/* A vCPU comes, is set up and goes, while another is in the guest: that one does not notice. */
static void test_plug_while_running(void)
{
    AccelX86Msr msrs[] = { { 0x10, 5 }, { 0x1b, 0xfee00800 }, { 0xc0000080, 0 } };
    g_autoptr(GError) err = NULL;
    AccelX86Regs r;
    GThread *thread;
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    rig_real(&rig);
    rig_regs(&rig, &r);
    r.gpr[X86_RBX] = 0x1234;
    rig_set(&rig, &r);
    /* 1: inc ax; mov byte [2800],1; jmp 1 */
    RIG_CODE_AT(&rig, RIG_CODE, 0x40, 0xc6, 0x06, 0x00, 0x28, 1, 0xeb, 0xf8);
    rig.ram[0x2800] = 0;
    g_atomic_int_set(&done, 0);
    thread = g_thread_new("vcpu", run_for_ever, rig.cpu);
    for (int i = 0; i < 10000 && *(volatile uint8_t *)(rig.ram + 0x2800) == 0; i++) {
        g_usleep(1000); /* until it is in the guest */
    }
    for (int i = 0; i < 200; i++) {
        AccelCPU *cpu = accel_create_vcpu(rig.as, 1, &err);

        g_assert_no_error(err);
        g_assert_true(accel_set_msrs(cpu, msrs, G_N_ELEMENTS(msrs), &err));
        g_assert_true(accel_get_msrs(cpu, msrs, G_N_ELEMENTS(msrs), &err));
        g_assert_cmphex(msrs[1].value, ==, 0xfee00800);
        g_assert_true(accel_get_regs(cpu, &r, &err));
        accel_destroy_vcpu(cpu);
    }
    g_atomic_int_set(&done, 1);
    accel_kick(rig.cpu);
    g_assert_cmpint(GPOINTER_TO_INT(g_thread_join(thread)), ==, ACCEL_EXIT_KICK);
    rig_regs(&rig, &r);
    g_assert_cmphex(r.gpr[X86_RBX], ==, 0x1234);
    g_assert_cmphex(r.rip, <, 8);
    g_assert_cmphex(r.cs.base, ==, RIG_CODE);
    rig_close(&rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tcg/reset-state", test_reset_state);
    g_test_add_func("/tcg/registers", test_registers);
    g_test_add_func("/tcg/ports", test_ports);
    g_test_add_func("/tcg/mmio-and-rom", test_mmio_and_rom);
    g_test_add_func("/tcg/unhandled", test_unhandled);
    g_test_add_func("/tcg/kick", test_kick);
    g_test_add_func("/tcg/kick-inside", test_kick_inside);
    g_test_add_func("/tcg/triple-fault", test_triple_fault);
    g_test_add_func("/tcg/not-identity", test_not_identity);
    g_test_add_func("/tcg/no-code", test_no_code);
    g_test_add_func("/tcg/changed-code", test_changed_code);
    g_test_add_func("/tcg/two-vcpus", test_two_vcpus);
    g_test_add_func("/tcg/msrs-and-cpuid", test_msrs_and_cpuid);
    g_test_add_func("/tcg/xsave", test_xsave);
    g_test_add_func("/tcg/refused", test_refused);
    g_test_add_func("/tcg/remap", test_remap);
    g_test_add_func("/tcg/plug-while-running", test_plug_while_running);
    g_test_add_func("/tcg/untranslatable", test_untranslatable);
    return g_test_run();
}
