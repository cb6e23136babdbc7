/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reset through system control port A: bit 0 of port 0x92; bit 1 keeps A20 open. */
#include "guest.h"
#include "reset.h"

    ROM_BEGIN
start:
    FIRST_LIFE_OR second
    mov     $3, %al
    out     %al, $0x92
    SECOND_LIFE
first:
    .asciz  "reset by port 0x92\n"
    ROM_END
