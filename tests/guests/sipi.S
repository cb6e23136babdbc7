/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * INIT and SIPI to a second vCPU (`-smp 2`). The boot CPU copies a few bytes of real-mode code to
 * 0x8000, sends INIT and SIPI to all others, and waits until one has written its mark. How many
 * vCPUs there are comes from fw_cfg, so that one alone need not wait; the wait is bounded.
 */
#include "guest.h"
#define LAPIC       0xfee00000
#define LAPIC_SVR   (LAPIC + 0xf0)
#define LAPIC_ICR   (LAPIC + 0x300)
#define ICR_INIT    0x000c4500  /* all but self, assert */
#define ICR_SIPI    0x000c4600
#define AP_ADDR     0x8000
#define AP_MARK     0x7004
#define PATIENCE    4000000

    ROM_BEGIN
start:
    ENTER32 flat

    .code32
flat:
    FLAT_SEGMENTS
    PRINT   begin
    FW_CFG_CPUS
    cmp     $2, %ebx
    jb      nobody_there
    movl    $0, AP_MARK
    mov     $ap, %esi
    mov     $AP_ADDR, %edi
    mov     $(ap_end - ap), %ecx
    cld
    rep movsb
    movl    $0x1ff, LAPIC_SVR
    movl    $ICR_INIT, LAPIC_ICR
    mov     $1000, %ecx
1:  out     %al, $PORT_UNUSED
    dec     %ecx
    jnz     1b
    movl    $(ICR_SIPI | (AP_ADDR >> 12)), LAPIC_ICR

    mov     $PATIENCE, %ecx
2:  cmpl    $0, AP_MARK
    jne     3f
    out     %al, $PORT_UNUSED
    dec     %ecx
    jnz     2b
nobody_there:
    PRINT   nobody
    LEAVE   EXIT_BAD
3:  PRINT   woken
    LEAVE   EXIT_GOOD

    .code16
ap: xor     %ax, %ax
    mov     %ax, %ds
    movl    $MARKER, AP_MARK
1:  cli
    hlt
    jmp     1b
ap_end:

begin:
    .asciz  "init and sipi: "
woken:
    .asciz  "second vCPU runs\n"
nobody:
    .asciz  "nobody came\n"
    GDT
    ROM_END
