/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Ten ticks of the PIT through the PIC in real mode: interrupt vectors in RAM, the master PIC moved
 * to vector 0x20, channel 0 at about 1 kHz, HLT between ticks. Prints a digit a tick.
 *
 * It visits protected mode first, for two reasons: the local APIC has to be told to let the PIC
 * through, and IRET loads CS anew, so real mode has to go on in the copy of the ROM that a PC shows
 * at 0xf0000.
 */
#include "guest.h"
#include "timer.h"

    ROM_BEGIN
start:
    ENTER32 flat

    .code32
flat:
    FLAT_SEGMENTS
    VIRTUAL_WIRE
    ljmpl   $GDT_CODE16, $(narrow - rom)

    .code16
narrow:
    mov     $GDT_DATA16, %ax
    mov     %ax, %ds
    mov     %ax, %es
    mov     %ax, %ss
    mov     %cr0, %eax
    and     $0xfe, %al
    mov     %eax, %cr0
    ljmp    $0xf000, $(real_mode - rom)
real_mode:
    xor     %ax, %ax
    mov     %ax, %ds
    mov     %ax, %es
    mov     %ax, %ss
    mov     $STACK, %sp
    PRINT16 begin
    movw    $(tick - rom), VECTOR * 4
    movw    $0xf000, VECTOR * 4 + 2

    START_TIMER
    xor     %bx, %bx
1:  sti
    hlt
    cli
    cmp     $TICKS, %bx
    jb      1b
    OUTB    PIC_DATA, 0xff
    PRINT16 end
    LEAVE   EXIT_GOOD

tick:
    push    %ax
    push    %dx
    mov     $'0', %ah
    add     %bl, %ah
    PUT_AH
    inc     %bx
    OUTB    PIC_CMD, 0x20       /* end of interrupt */
    pop     %dx
    pop     %ax
    iret

begin:
    .asciz  "timer, 16 bit: "
end:
    .asciz  "\ntimer, 16 bit: 10 ticks\n"
    GDT
    ROM_END
