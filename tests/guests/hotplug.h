/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the hotplug guests share: the local APIC, and code for the vCPUs that are woken. */
#define LAPIC_SVR   0xfee000f0
#define LAPIC_ICR   0xfee00300
#define LAPIC_DEST  0xfee00310
#define ICR_INIT    0x00004500  /* assert, to the vCPU in LAPIC_DEST */
#define ICR_SIPI    0x00004600
#define ICR_OTHERS  0x000c0000  /* ... to all but self instead */
#define AP_ADDR     0x8000      /* where a woken vCPU begins, in real mode */
#define AP_VECTOR   (AP_ADDR >> 12)

/* Let `count` port writes pass; clobbers ECX. */
.macro LET_PASS count
    mov     $\count, %ecx
1:  out     %al, $PORT_UNUSED
    dec     %ecx
    jnz     1b
.endm

/* Put the code from `ap` to `ap_end` where SIPI sends others, and turn the own local APIC on. */
.macro PREPARE_OTHERS
    mov     $ap, %esi
    mov     $AP_ADDR, %edi
    mov     $(ap_end - ap), %ecx
    cld
    rep movsb
    movl    $0x1ff, LAPIC_SVR
.endm

/* Print the lowest four hexadecimal digits of EBP in any mode, without a stack; clobbers EAX, EDX. */
.macro PUT_HEX
    .irp    shift, 12, 8, 4, 0
    mov     %ebp, %eax
    shr     $\shift, %eax
    and     $15, %al
    add     $'0', %al
    cmp     $'9', %al
    jbe     8f
    add     $('a' - '0' - 10), %al
8:  mov     %al, %ah
    PUT_AH
    .endr
.endm

.macro PUT char
    mov     $\char, %ah
    PUT_AH
.endm
