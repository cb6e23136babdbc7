/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vCPUs that come and go while the guest counts (pc-lite; see docs/hotplug.rst).
 *
 * Theory of operation: the boot CPU prints the letters a to z, over and over, so that a lost or doubled
 * exit shows as a gap. Between letters it asks the CPU hotplug registers for events, as an operating
 * system's ACPI code would after a general purpose event. One that was plugged is woken by INIT and
 * SIPI and reports its APIC id by itself: [P0001]. One that is asked to leave is put to sleep by INIT,
 * then ejected: [E0001]. At the start, which a reset repeats, all that are there are woken: [start].
 *
 * A woken vCPU sleeps for good; with -DSPIN it runs on, now without and now with an exit, so that it
 * has to be kicked out of the guest. Polls between letters: POLLS.
 */
#include "guest.h"
#include "hotplug.h"
#define CPUHP_SELECTOR  0xaf00
#define CPUHP_FLAGS     0xaf04
#define CPUHP_COMMAND   0xaf05
#define CPUHP_DATA      0xaf08
#define ENABLED         1
#define INSERT          2
#define REMOVE          4
#define EJECT           8
#define CMD_NEXT        0
#define CMD_OST_EVENT   1
#define CMD_OST_STATUS  2
#define CMD_ID          3
#define OST_EJECT       3       /* ACPI 6.3.5: ejection was asked for ... */
#define OST_IN_PROGRESS 0x84    /* ... and is under way */
#define SLOTS           16      /* looked at at the start */
#define AP_MARK         0x7004
#define STACK           0x7000
#define PATIENCE        4000000
#define POLLS           64

.macro OUT8 port, value
    mov     $\port, %dx
    mov     $\value, %al
    out     %al, %dx
.endm

/* What an operating system reports of the selected CPU. */
.macro OST command, value
    OUT8    CPUHP_COMMAND, \command
    mov     $CPUHP_DATA, %dx
    mov     $\value, %eax
    out     %eax, %dx
.endm

    ROM_BEGIN
start:
    ENTER32 flat

    .code32
flat:
    FLAT_SEGMENTS
    mov     $STACK, %esp
    PRINT   begin
    PREPARE_OTHERS
    xor     %edi, %edi
1:  inc     %edi
    cmp     $SLOTS, %edi
    je      ready
    mov     $CPUHP_SELECTOR, %dx
    mov     %edi, %eax
    out     %eax, %dx
    mov     $CPUHP_FLAGS, %dx
    in      %dx, %al
    test    $ENABLED, %al
    jz      1b
    call    insert
    jmp     1b

ready:
    mov     $CPUHP_SELECTOR, %dx    /* commands work on places that are there only */
    xor     %eax, %eax
    out     %eax, %dx
count:
    mov     $'a', %bl
2:  mov     $POLLS, %edi
3:  OUT8    CPUHP_COMMAND, CMD_NEXT
    mov     $CPUHP_FLAGS, %dx
    in      %dx, %al
    test    $INSERT, %al
    jz      4f
    call    insert
    jmp     3b
4:  test    $REMOVE, %al
    jz      5f
    call    remove
    jmp     3b
5:  dec     %edi
    jnz     3b
    mov     %bl, %ah
    PUT_AH
    inc     %bl
    cmp     $'z', %bl
    jbe     2b
    jmp     count

/* EBP = APIC id of the selected CPU, which gets an INIT. */
init:
    OUT8    CPUHP_COMMAND, CMD_ID
    mov     $CPUHP_DATA, %dx
    in      %dx, %eax
    mov     %eax, %ebp
    shl     $24, %eax
    mov     %eax, LAPIC_DEST
    movl    $ICR_INIT, LAPIC_ICR
    LET_PASS 100
    ret

insert:
    OUT8    CPUHP_FLAGS, INSERT
    movl    $0, AP_MARK
    call    init
    movl    $(ICR_SIPI | AP_VECTOR), LAPIC_ICR
    mov     $PATIENCE, %ecx
waiting:
    cmpl    $0, AP_MARK
    jne     came
    out     %al, $PORT_UNUSED
    dec     %ecx
    jnz     waiting
    PRINT   nobody
    LEAVE   EXIT_BAD
came:
    ret

remove:
    OUT8    CPUHP_FLAGS, REMOVE
    OST     CMD_OST_EVENT, OST_EJECT
    OST     CMD_OST_STATUS, OST_IN_PROGRESS
    call    init
    PUT     '['
    PUT     'E'
    PUT_HEX
    PUT     ']'
    OUT8    CPUHP_FLAGS, EJECT
    ret

    .code16
ap: cli
    xor     %ax, %ax
    mov     %ax, %ds
    mov     $1, %eax
    cpuid
    shr     $24, %ebx
    mov     %ebx, %ebp
    PUT     '['
    PUT     'P'
    PUT_HEX
    PUT     ']'
    movl    $MARKER, AP_MARK
#ifdef SPIN
1:  mov     $1000, %ecx
2:  pause
    dec     %ecx
    jnz     2b
    out     %al, $PORT_UNUSED
    jmp     1b
#else
1:  hlt
    jmp     1b
#endif
ap_end:

begin:
    .asciz  "[start]"
nobody:
    .asciz  "[nobody came]"
    GDT
    ROM_END
