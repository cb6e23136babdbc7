/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writes and reads of a guest-physical address that nothing answers, COUNT times and in widths of
 * 1, 2 and 4 bytes from protected mode; then prints the last value read in each width.
 */
#include "guest.h"
#define HOLE    0xd0000000

/* Print the low `digits` hex digits of EBX; clobbers EAX, ECX, EDX. */
.macro PUT_HEX digits
    rol     $(32 - 4 * \digits), %ebx
    mov     $\digits, %ecx
1:  rol     $4, %ebx
    mov     %bl, %ah
    and     $15, %ah
    add     $'0', %ah
    cmp     $'9', %ah
    jbe     2f
    add     $('a' - '9' - 1), %ah
2:  PUT_AH
    dec     %ecx
    jnz     1b
.endm

.macro PUT_CHAR char
    mov     $\char, %ah
    PUT_AH
.endm

    ROM_BEGIN
start:
    ENTER32 flat

    .code32
flat:
    FLAT_SEGMENTS
    PRINT   begin
    mov     $HOLE, %edi
    mov     $COUNT, %ecx
1:  mov     %cl, (%edi)
    mov     %cx, 2(%edi)
    mov     %ecx, 4(%edi)
    mov     (%edi), %bl
    mov     2(%edi), %si
    mov     4(%edi), %ebp
    dec     %ecx
    jnz     1b
    PUT_HEX 2
    PUT_CHAR ' '
    mov     %esi, %ebx
    PUT_HEX 4
    PUT_CHAR ' '
    mov     %ebp, %ebx
    PUT_HEX 8
    PRINT   end
    LEAVE   EXIT_GOOD

begin:
    .asciz  "mmio loop: reads "
end:
    .asciz  "\nmmio loop: end\n"
    GDT
    ROM_END
