/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* COUNT port exits in a row, from long mode. COUNT comes from the build. */
#include "guest.h"
#include "longmode.h"

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
    mov     $COUNT, %ecx
1:  out     %al, $PORT_UNUSED
    dec     %ecx
    jnz     1b
    PRINT   end
    LEAVE   EXIT_GOOD

begin:
    .asciz  "port loop, 64 bit: begin\n"
end:
    .asciz  "port loop, 64 bit: end\n"
    GDT
    ROM_END
