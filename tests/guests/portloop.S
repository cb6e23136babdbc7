/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* COUNT port exits in a row, from real mode. COUNT comes from the build. */
#include "guest.h"

    ROM_BEGIN
start:
    PRINT16 begin
    mov     $COUNT, %ecx
1:  out     %al, $PORT_UNUSED
    dec     %ecx
    jnz     1b
    PRINT16 end
    LEAVE   EXIT_GOOD

begin:
    .asciz  "port loop, 16 bit: begin\n"
end:
    .asciz  "port loop, 16 bit: end\n"
    ROM_END
