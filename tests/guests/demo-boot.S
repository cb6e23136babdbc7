/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The demo guest as a multiboot (version 1) kernel for `-kernel`: ELF32, or with FLAT defined a file
 * without any headers but multiboot's own. Entered in 32-bit protected mode above 1 MiB; copies the
 * body to low RAM and goes there by way of 16-bit protected mode.
 */
#include "guest.h"
#include "demo.h"
#define MAGIC   0x1badb002
#ifdef FLAT
#define FLAGS   0x10000         /* the header holds the load addresses */
#else
#define FLAGS   0
#endif

    .section .text, "ax"
    .code32
header:
    .long   MAGIC, FLAGS, -(MAGIC + FLAGS)
#ifdef FLAT
    .long   header, header, end, end, _start
#endif

    .globl  _start
_start:
    cli
    cld
    mov     $body, %esi
    mov     $BODY_ADDR, %edi
    mov     $(body_end - body), %ecx
    rep movsb
    lgdt    gdt_pointer
    ljmp    $GDT_LOW16, $BODY_FROM16
    GDT
body:
    .incbin "demo-body.bin"
body_end:
    .balign 16
end:
