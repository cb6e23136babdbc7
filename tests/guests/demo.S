/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The demo guest: every vCPU says hello from 16-bit, 32-bit and 64-bit mode.
 *
 * Theory of operation: the body is linked to 0x8000 and put there by demo-rom.S (a firmware image)
 * or demo-boot.S (a multiboot kernel), so that it begins in real mode either way. The boot CPU makes
 * its tour through the modes, asks fw_cfg how many vCPUs there are, and wakes the others by INIT and
 * SIPI to all. They report in `present` and wait in real mode for their turn, which the boot CPU
 * gives in the order of APIC ids: so the output is the same on every run and needs no lock. EBP
 * holds a vCPU's APIC id all the way. No fixed delay decides: waits end when the vCPUs that fw_cfg
 * counts have come, and their bound is only there so that a broken machine says so.
 *
 * Leaves with EXIT_GOOD when all said hello, else EXIT_BAD. Up to 255 vCPUs (xAPIC ids).
 */
#include "guest.h"
#include "longmode.h"
#include "demo.h"
#define STACK           0x7000  /* used only by the vCPU whose turn it is */
#define NOBODY          0xffff
#define LAPIC_SVR       0xfee000f0
#define LAPIC_ICR       0xfee00300
#define ICR_INIT        0x000c4500  /* all but self, assert */
#define ICR_SIPI        0x000c4600
#define CPUID_LM        (1 << 29)
#define SHORT_WAIT      20000       /* port reads, of the order of 1 us each */
#define LONG_WAIT       4000000

    .set    rom, 0          /* addresses are what they are linked to */

/* puts(ESI) and put_number(EAX), assembled once for each mode; clobber EAX, EBX, ECX, EDX, ESI. */
.macro PRINT_FUNCTIONS mode
puts\mode:
    mov     (%esi), %ah
    test    %ah, %ah
    jz      1f
    PUT_AH
    inc     %esi
    jmp     puts\mode
1:  ret

put_number\mode:
    mov     $10, %ebx
    xor     %ecx, %ecx
1:  xor     %edx, %edx
    div     %ebx
    push    %dx
    inc     %ecx
    test    %eax, %eax
    jnz     1b
2:  pop     %ax
    mov     %al, %ah
    add     $'0', %ah
    PUT_AH
    dec     %ecx
    jnz     2b
    ret
.endm

/* "hello from vCPU N in <where>" */
.macro HELLO mode, where
    mov     $hello, %esi
    call    puts\mode
    mov     %ebp, %eax
    call    put_number\mode
    mov     $\where, %esi
    call    puts\mode
.endm

/* Read a port until `what` equals `value` or `bound` reads are over, and say by ZF which; clobbers EAX, ECX. */
.macro WAIT_FOR value, what, bound
    mov     $\bound, %ecx
1:  cmpl    \value, \what
    je      2f
    in      $PORT_UNUSED, %al
    dec     %ecx
    jnz     1b
    cmpl    \value, \what
2:
.endm

/* What the boot CPU does after its tour, in 32-bit or 64-bit mode. */
.macro FINISH mode
    FW_CFG_CPUS
    mov     $total, %edi
    mov     %ebx, (%edi)
    dec     %ebx
    jz      5f
    call    wake\mode
    xor     %ebp, %ebp
3:  cmpb    $0, present(%ebp)
    je      4f
    mov     $turn, %edi
    mov     %ebp, (%edi)
    WAIT_FOR $NOBODY, (%edi), LONG_WAIT
    jne     5f
    mov     $greeted, %edi
    incl    (%edi)
4:  inc     %ebp
    cmp     $256, %ebp
    jb      3b

5:  mov     $greeted, %edi
    mov     (%edi), %eax
    call    put_number\mode
    mov     $of, %esi
    call    puts\mode
    mov     $total, %edi
    mov     (%edi), %eax
    call    put_number\mode
    mov     $said, %esi
    call    puts\mode
    mov     (%edi), %eax
    mov     $greeted, %edi
    cmp     (%edi), %eax
    jne     8f
    LEAVE   EXIT_GOOD
8:  LEAVE   EXIT_BAD

/* Wake all others and wait until EBX of them are there; a second SIPI only if the first was lost. */
wake\mode:
    mov     $LAPIC_SVR, %eax
    movl    $0x1ff, (%eax)
    mov     $LAPIC_ICR, %eax
    movl    $ICR_INIT, (%eax)
    mov     $1000, %ecx
1:  in      $PORT_UNUSED, %al
    dec     %ecx
    jnz     1b
    mov     $arrived, %edi
    mov     $LAPIC_ICR, %edx
    movl    $(ICR_SIPI | (AP_ADDR >> 12)), (%edx)
    WAIT_FOR %ebx, (%edi), SHORT_WAIT
    je      4f
    movl    $(ICR_SIPI | (AP_ADDR >> 12)), (%edx)
    WAIT_FOR %ebx, (%edi), LONG_WAIT
4:  ret
.endm

/* Segments of real mode and the APIC id in EBP; clobbers EAX, EBX, ECX, EDX. */
.macro WHO_AM_I
    xor     %ax, %ax
    mov     %ax, %ds
    mov     %ax, %es
    mov     %ax, %ss
    mov     $1, %eax
    cpuid
    shr     $24, %ebx
    mov     %ebx, %ebp
.endm

/* What another vCPU does after its tour: give the turn back and sleep. */
.macro RETIRE
    mov     $NOBODY, %eax
    mov     $turn, %edi
    xchg    %eax, (%edi)
7:  cli
    hlt
    jmp     7b
.endm

    .section .text, "ax"
    .code16
    .globl  _start
_start:
    jmp     boot_cpu

    .org    BODY_FROM16 - BODY_ADDR, 0x90
    mov     $GDT_DATA16, %ax
    mov     %ax, %ds
    mov     %ax, %es
    mov     %ax, %ss
    mov     %cr0, %eax
    and     $0xfe, %al
    mov     %eax, %cr0
    ljmp    $0, $boot_cpu

boot_cpu:
    cli
    WHO_AM_I
    mov     %ebp, boot_id
    jmp     tour

other_cpu:
    WHO_AM_I
    movb    $1, present(%ebp)
    lock incl arrived
1:  pause
    cmp     %ebp, turn
    jne     1b

tour:
    mov     $STACK, %esp
    HELLO   16, in16
    ENTER32 flat

    PRINT_FUNCTIONS 16

    .code32
flat:
    FLAT_SEGMENTS
    HELLO   32, in32
    mov     $0x80000001, %eax
    cpuid
    test    $CPUID_LM, %edx
    jz      no_long_mode
    cmp     boot_id, %ebp
    jne     9f                      /* not 1f: the macro has a 1 of its own */
    MAKE_PAGE_TABLES
9:  ENTER64 long_mode

no_long_mode:
    HELLO   32, not64
    cmp     boot_id, %ebp
    je      finish32
    RETIRE
finish32:
    FINISH  32
    PRINT_FUNCTIONS 32

    .code64
long_mode:
    HELLO   64, in64
    mov     $boot_id, %edi
    cmp     (%edi), %ebp
    je      finish64
    RETIRE
finish64:
    FINISH  64
    PRINT_FUNCTIONS 64

    .org    AP_ADDR - BODY_ADDR, 0x90
    .code16
    cli
    ljmp    $0, $other_cpu

hello:  .asciz  "hello from vCPU "
in16:   .asciz  " in 16-bit real mode\n"
in32:   .asciz  " in 32-bit protected mode\n"
in64:   .asciz  " in 64-bit long mode\n"
not64:  .asciz  ", which has no 64-bit long mode\n"
of:     .asciz  " of "
said:   .asciz  " vCPUs said hello\n"
    GDT

    .balign 4096                /* what is written stays off the pages of code */
boot_id:
    .long   0
total:
    .long   1
greeted:
    .long   1
arrived:
    .long   0
turn:
    .long   NOBODY
present:
    .fill   256, 1, 0
