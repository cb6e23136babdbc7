/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The demo guest as a 64 KiB firmware image for `-bios`: copy the body to RAM and go there. */
#include "guest.h"
#include "demo.h"

    ROM_BEGIN
start:
    cld
    mov     $(body - rom), %si
    mov     $BODY_ADDR, %di
    mov     $(body_end - body), %cx
    rep movsb %cs:(%si), %es:(%di)
    ljmp    $0, $BODY_ADDR
    .balign 16
body:
    .incbin "demo-body.bin"
body_end:
    ROM_END
