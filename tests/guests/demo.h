/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the demo guest's body lives, known to it and to what loads it. */
#define BODY_ADDR       0x8000  /* real-mode entry, CS = 0 */
#define BODY_FROM16     0x8010  /* the same from 16-bit protected mode with guest.h's GDT */
#define AP_ADDR         0x9000  /* where other vCPUs start: a page of its own, by SIPI */
