/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reset through the keyboard controller: command 0xfe to port 0x64 pulses the CPU's reset line. */
#include "guest.h"
#include "reset.h"

    ROM_BEGIN
start:
    FIRST_LIFE_OR second
    mov     $0xfe, %al
    out     %al, $0x64
    SECOND_LIFE
first:
    .asciz  "reset by port 0x64\n"
    ROM_END
