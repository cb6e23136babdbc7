/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What all test guests share: ports, ways to print and to leave, and the frame of a 64 KiB ROM.
 *
 * Theory of operation: a ROM is linked to 0xffff0000, where a PC finds its firmware after reset.
 * The first instruction runs at 0xfffffff0 in real mode with CS.base 0xffff0000 and all other
 * bases 0, so strings of the ROM are read through CS in real mode (no alias below 1 MiB is
 * assumed) and through flat segments in the other modes. RAM is at 0 up to at least 640 KiB.
 *
 * The printing macros use no stack and no memory: they clobber AL, DX and (E)SI only. A UART that
 * is not there reads as 0xff, which has the "transmitter empty" bit set, so printing ends there too.
 */
#define COM1            0x3f8
#define COM1_LSR        0x3fd
#define LSR_THRE        0x20
#define PORT_UNUSED     0x80    /* POST codes: writes have no effect on any PC */
#define PORT_EXIT       0xf4    /* isa-debug-exit,iobase=0xf4: status (value << 1) | 1 */

#define EXIT_GOOD       16      /* process status 33: what the guest wanted to see happened */
#define EXIT_BAD        17      /* process status 35: it did not; the serial line says what */

/* Where in RAM a ROM leaves word for its life after a reset; zero at power-on. */
#define MARKER_ADDR     0x7000
#define MARKER          0x5a17

#define FW_CFG_SELECT   0x510
#define FW_CFG_DATA     0x511
#define FW_CFG_SIGNATURE 0
#define FW_CFG_NB_CPUS  5

/* Selectors of the table that GDT makes. */
#define GDT_CODE32  8       /* flat */
#define GDT_DATA32  16
#define GDT_CODE64  24
#define GDT_CODE16  32      /* base 0xf0000, the ROM below 1 MiB */
#define GDT_DATA16  40      /* base 0 */
#define GDT_LOW16   48      /* code, base 0 */

/* Print the byte in AH. */
.macro PUT_AH
    mov     $COM1_LSR, %dx
9:  in      %dx, %al
    test    $LSR_THRE, %al
    jz      9b
    mov     %ah, %al
    mov     $COM1, %dx
    out     %al, %dx
.endm

/* Print a string of the ROM in real mode; clobbers AX, DX, SI. */
.macro PRINT16 label
    mov     $(\label - rom), %si
7:  mov     %cs:(%si), %ah
    test    %ah, %ah
    jz      8f
    PUT_AH
    inc     %si
    jmp     7b
8:
.endm

/* Print a string at its linked address, 32-bit and 64-bit modes; clobbers EAX, EDX, ESI. */
.macro PRINT label
    mov     $\label, %esi
7:  mov     (%esi), %ah
    test    %ah, %ah
    jz      8f
    PUT_AH
    inc     %esi
    jmp     7b
8:
.endm

/* Leave through isa-debug-exit. Where there is none, stop for good. */
.macro LEAVE value
    mov     $\value, %al
    out     %al, $PORT_EXIT
6:  cli
    hlt
    jmp     6b
.endm

/* Load flat 32-bit segments from real mode and go on in protected mode at `target`. */
.macro ENTER32 target
    cli
    lgdtl   %cs:(gdt_pointer - rom)
    mov     %cr0, %eax
    or      $1, %al
    mov     %eax, %cr0
    ljmpl   $GDT_CODE32, $\target
.endm

.macro FLAT_SEGMENTS
    mov     $GDT_DATA32, %eax
    mov     %eax, %ds
    mov     %eax, %es
    mov     %eax, %ss
.endm

.macro GDT
    .balign 8
gdt:
    .quad   0
    .quad   0x00cf9b000000ffff
    .quad   0x00cf93000000ffff
    .quad   0x00af9b000000ffff
    .quad   0x00009b0f0000ffff
    .quad   0x000093000000ffff
    .quad   0x00009b000000ffff
gdt_pointer:
    .word   55
    .long   gdt
.endm

.macro ROM_BEGIN
    .section .text, "ax"
    .globl  rom
rom:
    .code16
.endm

/* Fill up to the reset vector and jump from there to `start`. */
.macro ROM_END
    .code16
    .org    0xfff0, 0xff
    .globl  _start
_start:
    jmp     start
    .org    0x10000, 0xff
.endm

/*
 * EBX = number of vCPUs at power-on, by fw_cfg item 5 (16 bits, little endian); 1 where the item
 * "signature" does not begin with a Q. Clobbers EAX, EDX.
 */
.macro FW_CFG_CPUS
    mov     $1, %ebx
    mov     $FW_CFG_SIGNATURE, %ax
    mov     $FW_CFG_SELECT, %dx
    out     %ax, %dx
    inc     %dx
    in      %dx, %al
    cmp     $'Q', %al
    jne     5f
    mov     $FW_CFG_NB_CPUS, %ax
    dec     %dx
    out     %ax, %dx
    inc     %dx
    in      %dx, %al
    movzx   %al, %ebx
    in      %dx, %al
    mov     %al, %bh
5:
.endm
