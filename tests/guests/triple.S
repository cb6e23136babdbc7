/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Shutdown by triple fault: an undefined instruction with an empty interrupt table. It is done in
 * long mode, because a KVM that emulates the other modes in software stops with an emulation error
 * where a processor would shut down.
 */
#include "guest.h"
#include "longmode.h"
#include "reset.h"

    ROM_BEGIN
start:
    FIRST_LIFE_OR second
    ENTER32 flat
    .code32
flat:
    FLAT_SEGMENTS
    MAKE_PAGE_TABLES
    ENTER64 long_mode
    .code64
long_mode:
    lidt    no_table(%rip)
    ud2

    .code16
    SECOND_LIFE
first:
    .asciz  "triple fault\n"
    .balign 8
no_table:
    .word   0
    .quad   0
    GDT
    ROM_END
