/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Six NMIs in long mode: the first three while the CPU runs and never leaves the guest by itself, the
 * others while it is halted with interrupts off, which nothing else ends. "ready NNN halted HHH".
 */
#include "guest.h"
#include "longmode.h"
#define IDT         0x6000
#define STACK       0x7000
#define GATE_INT64  0x8e00
#define NMI_GATE    (IDT + 2 * 16)

    ROM_BEGIN
start:
    ENTER32 flat

    .code32
flat:
    FLAT_SEGMENTS
    MAKE_PAGE_TABLES
    ENTER64 long_mode

    .code64
long_mode:
    mov     $STACK, %esp
    mov     $NMI_GATE, %ebx
    movq    $0, 8(%rbx)
    mov     $nmi, %eax
    mov     %ax, (%rbx)
    movw    $GDT_CODE64, 2(%rbx)
    movw    $GATE_INT64, 4(%rbx)
    shr     $16, %eax
    mov     %ax, 6(%rbx)
    lidt    idt_pointer(%rip)
    mov     $'N', %bh
    xor     %bl, %bl
    PRINT   ready
1:  pause
    cmp     $3, %bl
    jb      1b
    mov     $'H', %bh
    PRINT   halted
2:  cli
    hlt
    cmp     $6, %bl
    jb      2b
    PRINT   end
    LEAVE   EXIT_GOOD

nmi:
    push    %rax
    push    %rdx
    mov     %bh, %ah
    PUT_AH
    inc     %bl
    pop     %rdx
    pop     %rax
    iretq

    .balign 8
idt_pointer:
    .word   3 * 16 - 1
    .quad   IDT
ready:
    .asciz  "ready "
halted:
    .asciz  " halted "
end:
    .asciz  "\n"
    GDT
    ROM_END
