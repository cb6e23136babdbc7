/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Exceptions and interrupts of the software CPU in its three modes. Handlers print a letter, or
 * look at the frame that they got.
 */
#include "tcg-rig.h"

#define HANDLER 0x2000u
#define RFLAGS_IF 0x200u

static uint64_t stack64(const Rig *rig, uint64_t at)
{
    uint64_t v;

    memcpy(&v, rig->ram + at, 8);
    return v;
}

static uint32_t stack32(const Rig *rig, uint64_t at)
{
    return (uint32_t)stack64(rig, at);
}

static void ivt(Rig *rig, uint8_t vector, uint16_t cs, uint16_t ip)
{
    const uint16_t w[2] = { ip, cs };

    memcpy(rig->ram + vector * 4, w, 4);
}

/* int 10h; then a division by 0: return addresses behind the one and at the other */
static void test_real(void)
{
    AccelX86Regs r;
    uint16_t frame[3];
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    rig_real(&rig);
    rig_regs(&rig, &r);
    r.rflags |= RFLAGS_IF;
    rig_set(&rig, &r);
    ivt(&rig, 0x10, 0x200, 0);
    ivt(&rig, 0, 0x200, 8);
    RIG_CODE_AT(&rig, RIG_CODE, 0xcd, 0x10, 0x31, 0xdb, 0xf7, 0xf3);
    RIG_CODE_AT(&rig, HANDLER, 0xb0, 'i', 0xe6, 0xe9, 0xcf, 0x90, 0x90, 0x90, 0xf4);
    g_assert_cmpint(rig_run(&rig, NULL), ==, ACCEL_EXIT_HLT);
    g_assert_cmpstr(rig.out->str, ==, "i");
    rig_regs(&rig, &r);
    g_assert_cmphex(r.cs.selector, ==, 0x200);
    g_assert_cmphex(r.cs.base, ==, 0x2000);
    g_assert_cmphex(r.rflags & RFLAGS_IF, ==, 0);
    g_assert_cmphex(r.gpr[X86_RSP], ==, 0xffa);
    memcpy(frame, rig.ram + 0xffa, 6);
    g_assert_cmphex(frame[0], ==, 4);
    g_assert_cmphex(frame[1], ==, 0x100);
    g_assert_cmphex(frame[2] & RFLAGS_IF, ==, RFLAGS_IF);
    rig_close(&rig);
}

/* out 98: the line rises with interrupts off; sti; hlt takes it after the hlt, not before */
static void test_sti_hlt(void)
{
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    rig_real(&rig);
    ivt(&rig, 0x33, 0x200, 0);
    RIG_CODE_AT(&rig, RIG_CODE, 0xb0, 0x33, 0xe6, 0x98, 0xeb, 0x00, 0xb0, 'a', 0xe6, 0xe9, 0xfb,
                0xf4, 0xb0, 'z', 0xe6, 0xe9, 0xfa, 0xf4);
    RIG_CODE_AT(&rig, HANDLER, 0xb0, 'i', 0xe6, 0xe9, 0xcf);
    g_assert_cmpint(rig_run(&rig, NULL), ==, ACCEL_EXIT_HLT);
    g_assert_cmpstr(rig.out->str, ==, "aiz");
    g_assert_cmpuint(rig.acks, ==, 1);
    rig_close(&rig);
}

/* A window of one block: sti; nop; jmp; cli. An interrupt that waits is taken in it. */
static void test_short_window(void)
{
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    rig_real(&rig);
    ivt(&rig, 0x33, 0x200, 0);
    RIG_CODE_AT(&rig, RIG_CODE, 0xb0, 0x33, 0xe6, 0x98, 0xeb, 0x00, 0xfb, 0x90, 0x90, 0xfa, 0xb0,
                'z', 0xe6, 0xe9, 0xf4);
    RIG_CODE_AT(&rig, HANDLER, 0xb0, 'i', 0xe6, 0xe9, 0xcf);
    g_assert_cmpint(rig_run(&rig, NULL), ==, ACCEL_EXIT_HLT);
    g_assert_cmpstr(rig.out->str, ==, "iz");
    rig_close(&rig);
}

static void test_halted_wakes(void)
{
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    rig_real(&rig);
    ivt(&rig, 0x33, 0x200, 0);
    ivt(&rig, 2, 0x200, 0x10);
    RIG_CODE_AT(&rig, RIG_CODE, 0xfb, 0xf4, 0xb0, 'z', 0xe6, 0xe9, 0xf4);
    RIG_CODE_AT(&rig, HANDLER, 0xb0, 'i', 0xe6, 0xe9, 0xcf);
    RIG_CODE_AT(&rig, HANDLER + 0x10, 0xb0, 'n', 0xe6, 0xe9, 0xcf);
    g_assert_cmpint(rig_run(&rig, NULL), ==, ACCEL_EXIT_HLT);
    g_assert_cmpstr(rig.out->str, ==, "");
    rig.vector = 0x33;
    accel_cpu_set_extint(rig.cpu, 1);
    g_assert_cmpint(rig_run(&rig, NULL), ==, ACCEL_EXIT_HLT);
    g_assert_cmpstr(rig.out->str, ==, "iz");
    g_assert_true(accel_inject_nmi(rig.cpu, NULL));
    RIG_CODE_AT(&rig, RIG_CODE + 7, 0xf4);
    g_assert_cmpint(rig_run(&rig, NULL), ==, ACCEL_EXIT_HLT);
    g_assert_cmpstr(rig.out->str, ==, "izn");
    rig_close(&rig);
}

/* From user code: #GP by hlt with error code and stack switch, in 32-bit mode. */
static void test_privilege32(void)
{
    AccelX86Regs r;
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    rig_protected(&rig);
    rig_gate(&rig, 13, HANDLER, 0, 0);
    rig_gate(&rig, 0x80, HANDLER + 0x10, 3, 0);
    rig_regs(&rig, &r);
    r.cs.selector = SEL_UCODE;
    r.ss.selector = r.ds.selector = r.es.selector = SEL_UDATA;
    r.cs.dpl = r.ss.dpl = r.ds.dpl = r.es.dpl = 3;
    rig_set(&rig, &r);
    RIG_CODE_AT(&rig, RIG_CODE, 0xcd, 0x80, 0xf4); /* int 80; hlt */
    RIG_CODE_AT(&rig, HANDLER, 0xf4);
    RIG_CODE_AT(&rig, HANDLER + 0x10, 0xb0, 's', 0xe6, 0xe9, 0xcf);
    g_assert_cmpint(rig_run(&rig, NULL), ==, ACCEL_EXIT_HLT);
    g_assert_cmpstr(rig.out->str, ==, "s");
    rig_regs(&rig, &r);
    g_assert_cmphex(r.gpr[X86_RSP], ==, 0xa000 - 24);
    g_assert_cmphex(r.ss.selector, ==, SEL_DATA);
    g_assert_cmphex(r.cs.selector, ==, SEL_CODE32);
    g_assert_cmphex(stack32(&rig, 0xa000 - 24), ==, 0);
    g_assert_cmphex(stack32(&rig, 0xa000 - 20), ==, RIG_CODE + 2);
    g_assert_cmphex(stack32(&rig, 0xa000 - 16), ==, SEL_UCODE);
    g_assert_cmphex(stack32(&rig, 0xa000 - 8), ==, 0x9000);
    g_assert_cmphex(stack32(&rig, 0xa000 - 4), ==, SEL_UDATA);
    rig_close(&rig);
}

static void user64(Rig *rig)
{
    AccelX86Regs r;

    rig_regs(rig, &r);
    r.cs.selector = SEL_UCODE;
    r.ss.selector = r.ds.selector = r.es.selector = SEL_UDATA;
    r.cs.dpl = r.ss.dpl = r.ds.dpl = r.es.dpl = 3;
    rig_set(rig, &r);
}

/* From user code to the kernel and back by IRETQ; then a page fault on an interrupt stack. */
static void test_privilege64(void)
{
    AccelX86Regs r;
    uint64_t none = 0;
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    rig_long(&rig);
    rig_gate(&rig, 14, HANDLER, 0, 1);
    rig_gate(&rig, 0x80, HANDLER + 0x10, 3, 0);
    user64(&rig);
    memcpy(rig.ram + 0x22000 + 100 * 8, &none, 8); /* 200 MiB: not present */
    /* int 80; mov rbx,0c800123; mov [rbx],al */
    RIG_CODE_AT(&rig, RIG_CODE, 0xcd, 0x80, 0xbb, 0x23, 0x01, 0x80, 0x0c, 0x88, 0x03);
    RIG_CODE_AT(&rig, HANDLER, 0xf4);
    RIG_CODE_AT(&rig, HANDLER + 0x10, 0xb0, 's', 0xe6, 0xe9, 0x48, 0xcf);
    g_assert_cmpint(rig_run(&rig, NULL), ==, ACCEL_EXIT_HLT);
    g_assert_cmpstr(rig.out->str, ==, "s");
    rig_regs(&rig, &r);
    g_assert_cmphex(r.cr2, ==, 0xc800123);
    g_assert_cmphex(r.gpr[X86_RSP], ==, 0xb000 - 48);
    g_assert_cmphex(stack64(&rig, 0xb000 - 48), ==, 6); /* write, user */
    g_assert_cmphex(stack64(&rig, 0xb000 - 40), ==, RIG_CODE + 7);
    g_assert_cmphex(stack64(&rig, 0xb000 - 32), ==, SEL_UCODE);
    g_assert_cmphex(stack64(&rig, 0xb000 - 16), ==, 0x9000);
    g_assert_cmphex(stack64(&rig, 0xb000 - 8), ==, SEL_UDATA);
    g_assert_cmphex(r.ss.selector, ==, 0);
    rig_close(&rig);
}

/* A fault whose gate is not there: double fault with error code 0, not another fault. */
static void test_double_fault(void)
{
    AccelX86Regs r;
    uint64_t none = 0;
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    rig_long(&rig);
    rig_gate(&rig, 8, HANDLER, 0, 1);
    memcpy(rig.ram + 0x22000 + 100 * 8, &none, 8);
    RIG_CODE_AT(&rig, RIG_CODE, 0xbb, 0x00, 0x00, 0x80, 0x0c, 0x8b, 0x03);
    RIG_CODE_AT(&rig, HANDLER, 0xf4);
    g_assert_cmpint(rig_run(&rig, NULL), ==, ACCEL_EXIT_HLT);
    rig_regs(&rig, &r);
    g_assert_cmphex(r.rip, ==, HANDLER + 1);
    g_assert_cmphex(stack64(&rig, 0xb000 - 48), ==, 0);
    g_assert_cmphex(stack64(&rig, 0xb000 - 40), ==, RIG_CODE + 5);
    rig_close(&rig);
}

/* Many page faults in a row: each is a first one. */
static void test_faults_repeat(void)
{
    uint64_t none = 0;
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    rig_long(&rig);
    rig_gate(&rig, 14, HANDLER, 0, 0);
    memcpy(rig.ram + 0x22000 + 100 * 8, &none, 8);
    /* mov ebx,c800000; mov ecx,5; 1: mov eax,[rbx]; dec ecx; jnz 1; hlt */
    RIG_CODE_AT(&rig, RIG_CODE, 0xbb, 0, 0, 0x80, 0x0c, 0xb9, 5, 0, 0, 0, 0x8b, 0x03, 0xff, 0xc9,
                0x75, 0xfa, 0xf4);
    /* out 'p'; add qword [rsp+8],2; add rsp,8; iretq */
    RIG_CODE_AT(&rig, HANDLER, 0xb0, 'p', 0xe6, 0xe9, 0x48, 0x83, 0x44, 0x24, 0x08, 0x02, 0x48,
                0x83, 0xc4, 0x08, 0x48, 0xcf);
    g_assert_cmpint(rig_run(&rig, NULL), ==, ACCEL_EXIT_HLT);
    g_assert_cmpstr(rig.out->str, ==, "ppppp");
    rig_close(&rig);
}

/* 200 MiB: not present. */
#define HOLE 0xc800000

static void make_hole(Rig *rig)
{
    const uint64_t none = 0;

    memcpy(rig->ram + 0x22000 + 100 * 8, &none, 8);
}

/*
 * A handler that is not there, on a stack of its own: faults for ever, and no block of code in between.
 * The time slice ends it, which is what a kick does, too; it used to hang.
 */
static void test_fault_storm(void)
{
    g_autoptr(GError) err = NULL;
    AccelCPU *other;
    AccelExit exit;
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    rig_long(&rig);
    make_hole(&rig);
    rig_gate(&rig, 14, HOLE, 0, 1);
    RIG_CODE_AT(&rig, RIG_CODE, 0xbb, 0x23, 0x01, 0x80, 0x0c, 0x88, 0x03);
    other = accel_create_vcpu(rig.as, 1, &err); /* two of them: there are time slices */
    g_assert_no_error(err);
    for (int i = 0; i < 3; i++) {
        g_assert_cmpint(accel_run(rig.cpu, &exit, &err), ==, ACCEL_EXIT_KICK);
        g_assert_no_error(err);
    }
    accel_destroy_vcpu(other);
    rig_close(&rig);
}

/*
 * The same with STI in front of what faults, and an interrupt that waits: the guest is left at each STI to
 * see whether it can be delivered, and never gets there. The slice is one for all of these stays.
 */
static void test_storm_with_window(void)
{
    g_autoptr(GError) err = NULL;
    AccelX86Regs r;
    AccelCPU *other;
    AccelExit exit;
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    rig_long(&rig);
    make_hole(&rig);
    rig_gate(&rig, 14, RIG_CODE, 0, 1);
    RIG_CODE_AT(&rig, RIG_CODE, 0xfb, 0x88, 0x03); /* sti; mov [rbx],al */
    other = accel_create_vcpu(rig.as, 1, &err);
    g_assert_no_error(err);
    rig_regs(&rig, &r);
    r.gpr[X86_RBX] = HOLE;
    rig_set(&rig, &r);
    rig.vector = 0x40;
    accel_cpu_set_extint(rig.cpu, 1);
    for (int i = 0; i < 3; i++) {
        g_assert_cmpint(accel_run(rig.cpu, &exit, &err), ==, ACCEL_EXIT_KICK);
        g_assert_no_error(err);
    }
    g_assert_cmpuint(rig.acks, ==, 0);
    accel_destroy_vcpu(other);
    rig_close(&rig);
}

/* No page at RIP and no handler: the end comes without any block of code. */
static void test_triple_fault_at_fetch(void)
{
    AccelX86Regs r;
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    rig_long(&rig);
    make_hole(&rig);
    rig_regs(&rig, &r);
    r.idt.limit = 0;
    r.rip = HOLE;
    rig_set(&rig, &r);
    g_assert_cmpint(rig_run(&rig, NULL), ==, ACCEL_EXIT_TRIPLE_FAULT);
    rig_close(&rig);
}

/* SYSCALL and back by SYSRET. */
static void test_syscall(void)
{
    const AccelX86Msr msrs[] = { { 0xc0000081, 0x001b001800000000 | 0ull }, { 0xc0000082, HANDLER },
                                 { 0xc0000084, RFLAGS_IF } };
    AccelX86Regs r;
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    rig_long(&rig);
    g_assert_true(accel_set_msrs(rig.cpu, msrs, G_N_ELEMENTS(msrs), NULL));
    user64(&rig);
    rig_gate(&rig, 13, HANDLER + 0x20, 0, 0);
    rig_regs(&rig, &r);
    r.rflags |= RFLAGS_IF;
    rig_set(&rig, &r);
    RIG_CODE_AT(&rig, RIG_CODE, 0x0f, 0x05, 0xf4); /* syscall; hlt: #GP */
    RIG_CODE_AT(&rig, HANDLER, 0xb0, 's', 0xe6, 0xe9, 0x48, 0x0f, 0x07);
    RIG_CODE_AT(&rig, HANDLER + 0x20, 0xf4);
    g_assert_cmpint(rig_run(&rig, NULL), ==, ACCEL_EXIT_HLT);
    g_assert_cmpstr(rig.out->str, ==, "s");
    g_assert_cmphex(stack64(&rig, 0xa000 - 40), ==, RIG_CODE + 2);
    g_assert_cmphex(stack64(&rig, 0xa000 - 32), ==, SEL_UCODE);
    g_assert_cmphex(stack64(&rig, 0xa000 - 24) & RFLAGS_IF, ==, RFLAGS_IF);
    rig_close(&rig);
}

/* From real mode to long mode and back, by the guest itself. */
static void test_long_and_back(void)
{
    AccelX86Regs r;
    Rig rig;

    if (!rig_open(&rig)) {
        return;
    }
    rig_long(&rig); /* for its tables */
    rig_protected(&rig);
    rig_regs(&rig, &r);
    r.cr3 = 0x20000;
    r.cr4 = 0x20;
    rig_set(&rig, &r);
    /* EFER.LME; CR0.PG; ljmp 18:1100 */
    RIG_CODE_AT(&rig, RIG_CODE, 0xb9, 0x80, 0, 0, 0xc0, 0x0f, 0x32, 0x0d, 0, 1, 0, 0, 0x0f, 0x30,
                0x0f, 0x20, 0xc0, 0x0d, 0, 0, 0, 0x80, 0x0f, 0x22, 0xc0, 0xea, 0, 0x11, 0, 0,
                SEL_CODE64, 0);
    /* mov rax,1122334455667788; mov [2800],rax; push 8; push 1200; lretq */
    RIG_CODE_AT(&rig, RIG_CODE + 0x100, 0x48, 0xb8, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11,
                0x48, 0xa3, 0, 0x28, 0, 0, 0, 0, 0, 0, 0x6a, 8, 0x68, 0, 0x12, 0, 0, 0x48, 0xcb);
    /* CR0.PG off; hlt */
    RIG_CODE_AT(&rig, RIG_CODE + 0x200, 0x0f, 0x20, 0xc0, 0x25, 0xff, 0xff, 0xff, 0x7f, 0x0f, 0x22,
                0xc0, 0xf4);
    g_assert_cmpint(rig_run(&rig, NULL), ==, ACCEL_EXIT_HLT);
    g_assert_cmphex(stack64(&rig, 0x2800), ==, 0x1122334455667788);
    rig_regs(&rig, &r);
    g_assert_cmphex(r.efer, ==, 0x100);
    g_assert_cmphex(r.cr0 & 0x80000001, ==, 1);
    g_assert_cmphex(r.cs.selector, ==, SEL_CODE32);
    rig_close(&rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tcg/events/real", test_real);
    g_test_add_func("/tcg/events/sti-hlt", test_sti_hlt);
    g_test_add_func("/tcg/events/short-window", test_short_window);
    g_test_add_func("/tcg/events/halted-wakes", test_halted_wakes);
    g_test_add_func("/tcg/events/privilege-32", test_privilege32);
    g_test_add_func("/tcg/events/privilege-64", test_privilege64);
    g_test_add_func("/tcg/events/double-fault", test_double_fault);
    g_test_add_func("/tcg/events/faults-repeat", test_faults_repeat);
    g_test_add_func("/tcg/events/fault-storm", test_fault_storm);
    g_test_add_func("/tcg/events/storm-with-window", test_storm_with_window);
    g_test_add_func("/tcg/events/triple-fault-at-fetch", test_triple_fault_at_fetch);
    g_test_add_func("/tcg/events/syscall", test_syscall);
    g_test_add_func("/tcg/events/long-and-back", test_long_and_back);
    return g_test_run();
}
