/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Up to 512 vCPUs, which have x2APIC ids: the boot CPU wakes all others at once; each turns its x2APIC
 * on, reads its id from there and puts a mark into a table (no lock is needed for that). The boot CPU
 * counts marks until there are as many as fw_cfg says, and prints how many and the highest id:
 * "0120 vCPUs, highest x2APIC id 011f".
 */
#include "guest.h"
#include "hotplug.h"
#define TABLE       0x9000      /* a byte per APIC id */
#define TABLE_SIZE  512
#define PATIENCE    20000       /* looks at the whole table */
#define MSR_APICBASE    0x1b
#define APICBASE_X2APIC 0xc00
#define MSR_X2APIC_ID   0x802

    ROM_BEGIN
start:
    ENTER32 flat

    .code32
flat:
    FLAT_SEGMENTS
    PREPARE_OTHERS
    xor     %eax, %eax
    mov     $TABLE, %edi
    mov     $(TABLE_SIZE / 4), %ecx
    rep stosl
    movb    $1, TABLE
    FW_CFG_CPUS
    movl    $(ICR_OTHERS | ICR_INIT), LAPIC_ICR
    LET_PASS 1000
    movl    $(ICR_OTHERS | ICR_SIPI | AP_VECTOR), LAPIC_ICR

    mov     $PATIENCE, %esi
look:
    xor     %edi, %edi          /* so many */
    xor     %ebp, %ebp          /* the highest */
    xor     %ecx, %ecx
1:  cmpb    $0, TABLE(%ecx)
    je      2f
    inc     %edi
    mov     %ecx, %ebp
2:  inc     %ecx
    cmp     $TABLE_SIZE, %ecx
    jb      1b
    cmp     %ebx, %edi
    je      counted
    out     %al, $PORT_UNUSED
    dec     %esi
    jnz     look
counted:
    mov     %ebp, %ecx
    mov     %edi, %ebp
    PUT_HEX
    PRINT   vcpus
    mov     %ecx, %ebp
    PUT_HEX
    PUT     '\n'
    cmp     %ebx, %edi
    jne     bad
    LEAVE   EXIT_GOOD
bad:
    LEAVE   EXIT_BAD

    .code16
ap: cli
    xor     %ax, %ax
    mov     %ax, %ds
    mov     $MSR_APICBASE, %ecx
    rdmsr
    or      $APICBASE_X2APIC, %eax
    wrmsr
    mov     $MSR_X2APIC_ID, %ecx
    rdmsr
    cmp     $TABLE_SIZE, %eax
    jae     1f
    movb    $1, TABLE(%eax)
1:  hlt
    jmp     1b
ap_end:

vcpus:
    .asciz  " vCPUs, highest x2APIC id "
    GDT
    ROM_END
