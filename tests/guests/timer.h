/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PIC and PIT as the timer guests use them: line 0 alone, vector 0x20, about 1 kHz. */
#define PIC_CMD     0x20
#define PIC_DATA    0x21
#define PIT_CH0     0x40
#define PIT_CMD     0x43
#define VECTOR      0x20
#define DIVISOR     1193        /* of 1.193182 MHz */
#define STACK       0x7000
#define TICKS       10

.macro OUTB port, value
    mov     $\value, %al
    out     %al, $\port
.endm

.macro START_TIMER
    OUTB    PIC_CMD, 0x11       /* ICW1: edge, cascade, ICW4 follows */
    OUTB    PIC_DATA, VECTOR    /* ICW2 */
    OUTB    PIC_DATA, 0x04      /* ICW3: slave on line 2 */
    OUTB    PIC_DATA, 0x01      /* ICW4: 8086 */
    OUTB    PIC_DATA, 0xfe      /* only line 0 */
    OUTB    PIT_CMD, 0x34       /* channel 0, both bytes, mode 2 */
    OUTB    PIT_CH0, (DIVISOR & 0xff)
    OUTB    PIT_CH0, (DIVISOR >> 8)
.endm

#define CPUID_1_EDX_APIC    (1 << 9)
#define LAPIC_SVR           0xfee000f0
#define LAPIC_LVT0          0xfee00350
#define LVT_EXTINT          0x700

/*
 * Where there is a local APIC, its LINT0 entry stands between PIC and CPU and is masked after
 * reset: set it to ExtINT ("virtual wire"). For 32-bit and 64-bit modes; clobbers all general
 * registers but the stack pointer.
 */
.macro VIRTUAL_WIRE
    mov     $1, %eax
    cpuid
    test    $CPUID_1_EDX_APIC, %edx
    jz      1f
    mov     $LAPIC_SVR, %eax
    movl    $0x1ff, (%eax)
    mov     $LAPIC_LVT0, %eax
    movl    $LVT_EXTINT, (%eax)
1:
.endm
