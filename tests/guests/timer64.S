/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Ten ticks of the PIT through the PIC in long mode, as an operating system without IOAPIC
 * has it. Prints a digit a tick.
 */
#include "guest.h"
#include "longmode.h"
#include "timer.h"
#define IDT         0x6000
#define GATE_INT64  0x8e00

    ROM_BEGIN
start:
    ENTER32 flat

    .code32
flat:
    FLAT_SEGMENTS
    PRINT   begin
    MAKE_PAGE_TABLES
    ENTER64 long_mode

    .code64
long_mode:
    mov     $STACK, %esp
    VIRTUAL_WIRE
    mov     $(IDT + VECTOR * 16), %ebx
    movq    $0, 8(%rbx)
    mov     $tick, %eax
    mov     %ax, (%rbx)
    movw    $GDT_CODE64, 2(%rbx)
    movw    $GATE_INT64, 4(%rbx)
    shr     $16, %eax
    mov     %ax, 6(%rbx)
    lidt    idt_pointer(%rip)
    START_TIMER

    xor     %ebx, %ebx
1:  sti
    hlt
    cli
    cmp     $TICKS, %ebx
    jb      1b
    OUTB    PIC_DATA, 0xff
    PRINT   end
    LEAVE   EXIT_GOOD

tick:
    push    %rax
    push    %rdx
    mov     $'0', %ah
    add     %bl, %ah
    PUT_AH
    inc     %ebx
    OUTB    PIC_CMD, 0x20       /* end of interrupt */
    pop     %rdx
    pop     %rax
    iretq

    .balign 8
idt_pointer:
    .word   (VECTOR + 1) * 16 - 1
    .quad   IDT
begin:
    .asciz  "timer, 64 bit: "
end:
    .asciz  "\ntimer, 64 bit: 10 ticks\n"
    GDT
    ROM_END
