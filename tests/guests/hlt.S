/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* HLT with interrupts off: the vCPU sleeps until somebody ends the process. */
#include "guest.h"

    ROM_BEGIN
start:
    PRINT16 text
    cli
    hlt
    PRINT16 awake
    LEAVE   EXIT_BAD
text:
    .asciz  "hlt with interrupts off\n"
awake:
    .asciz  "awake\n"
    ROM_END
