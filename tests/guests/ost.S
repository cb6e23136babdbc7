/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reports of the first CPU slot's hotplug (_OST) without end, each with another status (pc-lite). */
#include "guest.h"
#define CPUHP_SELECTOR  0xaf00
#define CPUHP_COMMAND   0xaf05
#define CPUHP_DATA      0xaf08
#define CMD_OST_STATUS  2

    ROM_BEGIN
start:
    PRINT16 begin
    mov     $CPUHP_SELECTOR, %dx
    xor     %eax, %eax
    out     %eax, %dx
    mov     $CPUHP_COMMAND, %dx
    mov     $CMD_OST_STATUS, %al
    out     %al, %dx
    mov     $CPUHP_DATA, %dx
    xor     %eax, %eax
1:  inc     %eax
    out     %eax, %dx
    jmp     1b

begin:
    .asciz  "[start]"
    ROM_END
