/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Frame of the guests that reset the machine: the first life leaves a marker in RAM, which a reset
 * keeps, and tries; the second life finds the marker and leaves. A machine that did not reset says
 * so after RESET_PATIENCE port writes: a reset may take effect a few instructions later.
 */
#define RESET_PATIENCE  10000

.macro FIRST_LIFE_OR again
    cmpw    $MARKER, MARKER_ADDR
    je      \again
    movw    $MARKER, MARKER_ADDR
    PRINT16 first
.endm

.macro SECOND_LIFE
    mov     $RESET_PATIENCE, %cx
1:  out     %al, $PORT_UNUSED
    loop    1b
    PRINT16 still_here
    LEAVE   EXIT_BAD
second:
    movw    $0, MARKER_ADDR
    PRINT16 after
    LEAVE   EXIT_GOOD
still_here:
    .asciz  "still here\n"
after:
    .asciz  "second life\n"
.endm
