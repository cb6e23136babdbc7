/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Flash: from the first chip erases, programs, reads and runs the second one, which lies right below.
 *
 * Theory of operation: 32-bit protected mode with flat segments. The chip keeps a word for the next
 * run, which finds it. What goes wrong is told by a letter, and the exit says that it did.
 */
#include "guest.h"

#define CHIP        0xfffe0000
#define KEPT        0x1000      /* in the block that is erased */
#define BUFFERED    0x1100
#define CODE        0x1200
#define STACK       0x8000
#define READY       0x80
#define POLLS       1000

/* Command `value` at `offset`. The jump is for software CPUs, which map memory between blocks. */
.macro CMD offset, value
    movb    $\value, CHIP + \offset
    jmp     4f
4:
.endm

/* The chip has finished without an error, or `letter`. */
.macro FINISHED letter
    mov     $POLLS, %ecx
1:  mov     CHIP, %al
    test    $READY, %al
    loopz   1b
    cmp     $READY, %al
    mov     $\letter, %ah
    jne     bad
.endm

    ROM_BEGIN
start:
    ENTER32 flat
    .code32
flat:
    FLAT_SEGMENTS
    mov     $STACK, %esp
    cmpl    $0x68736c66, CHIP + KEPT
    jne     first
    PRINT   again
    LEAVE   EXIT_GOOD
first:
    PRINT   hello
    mov     $'q', %ah
    CMD     0, 0x98
    cmpb    $'Q', CHIP + 0x10
    jne     bad
    CMD     0, 0xff         /* QEMU's chip takes nothing else here */
    CMD     0, 0x70
    FINISHED 's'
    CMD     KEPT, 0x20
    CMD     KEPT, 0xd0
    FINISHED 'e'
    CMD     0, 0xff
    mov     $'f', %ah
    cmpl    $0xffffffff, CHIP + KEPT
    jne     bad

    mov     $0x68736c66, %ebx
    xor     %edi, %edi
byte:
    movb    $0x40, CHIP + KEPT(%edi)
    mov     %bl, CHIP + KEPT(%edi)
    FINISHED 'p'
    shr     $8, %ebx
    inc     %edi
    cmp     $4, %edi
    jne     byte

    CMD     BUFFERED, 0xe8
    CMD     BUFFERED, 1
    CMD     BUFFERED, 0x12
    CMD     BUFFERED + 1, 0x34
    CMD     BUFFERED, 0xd0
    FINISHED 'b'
    CMD     CODE, 0x10
    CMD     CODE, 0xc3          /* ret */
    FINISHED 'c'

    CMD     0, 0xff
    mov     $'r', %ah
    cmpl    $0x68736c66, CHIP + KEPT
    jne     bad
    cmpw    $0x3412, CHIP + BUFFERED
    jne     bad
    mov     $CHIP + CODE, %eax
    call    *%eax
    PRINT   done
    LEAVE   EXIT_GOOD

bad:
    CMD     0, 0xff
    mov     %ah, %bl
    PRINT   wrong
    mov     %bl, %ah
    PUT_AH
    mov     $'\n', %ah
    PUT_AH
    LEAVE   EXIT_BAD

hello:
    .asciz  "flash: begin\n"
again:
    .asciz  "flash: there from the last run\n"
done:
    .asciz  "flash: end\n"
wrong:
    .asciz  "flash: wrong at "
    GDT
    ROM_END
