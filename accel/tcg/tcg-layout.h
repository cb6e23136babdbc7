/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Internal: where a register is inside libunicorn's context blob, in bytes from RAX. The blob is
 * the library's CPU structure, which its interface hands out for saving and restoring; the
 * interface's register calls do not reach the hidden parts of segments, EFER or the flags derived
 * from them. tcg-layout.c proves each of these numbers on the library that is there before it is
 * used.
 */
#ifndef TCG_LAYOUT_H
#define TCG_LAYOUT_H

#include <stddef.h>

typedef struct TcgLayout {
    size_t base; /* of RAX in the blob */
} TcgLayout;

#define ENV_GPR         0x0
#define ENV_RIP         0x80
#define ENV_FLAGS       0x88  /* without arithmetic flags and DF */
#define ENV_CC_SRC      0x98
#define ENV_CC_OP       0xa8
#define ENV_DF          0xac
#define ENV_HFLAGS      0xb0
#define ENV_HFLAGS2     0xb4
#define ENV_SEG(n)      (0xb8 + (n) * 24)
#define ENV_ES          ENV_SEG(0)
#define ENV_CS          ENV_SEG(1)
#define ENV_SS          ENV_SEG(2)
#define ENV_DS          ENV_SEG(3)
#define ENV_FS          ENV_SEG(4)
#define ENV_GS          ENV_SEG(5)
#define ENV_LDT         ENV_SEG(6)
#define ENV_TR          ENV_SEG(7)
#define ENV_GDT         ENV_SEG(8)
#define ENV_IDT         ENV_SEG(9)
#define ENV_CR0         0x1a8
#define ENV_CR2         0x1b8
#define ENV_CR3         0x1c0
#define ENV_CR4         0x1c8
#define ENV_EFER        0x230
#define ENV_ERROR_CODE  0x14e8
#define ENV_IS_INT      0x14ec
#define ENV_NEXT_RIP    0x14f0
#define ENV_DR          0x14f8
#define ENV_OLD_EXC     0x1558
#define ENV_TPR         0x1594
#define ENV_END         0x1598

/* Inside a segment. */
#define SEG_SELECTOR    0
#define SEG_BASE        8
#define SEG_LIMIT       16
#define SEG_FLAGS       20

#define CC_EFLAGS       1       /* ENV_CC_OP: the arithmetic flags are in ENV_CC_SRC */
#define CC_MASK         0x8d5u

/* ENV_HFLAGS: derived state that selects translated code. */
#define HF_CPL          0x3u
#define HF_INHIBIT_IRQ  (1u << 3)
#define HF_CS32         (1u << 4)
#define HF_SS32         (1u << 5)
#define HF_ADDSEG       (1u << 6)
#define HF_PE           (1u << 7)
#define HF_TS_BITS      (7u << 9)  /* MP, EM, TS of CR0 */
#define HF_LMA          (1u << 14)
#define HF_CS64         (1u << 15)
#define HF_OSFXSR       (1u << 22)
#define HF_FROM_FLAGS   (FLAG_TF | 0x3000u | FLAG_RF | FLAG_VM | FLAG_AC) /* same bits as there */

#define HF2_NMI         (1u << 2)  /* NMIs masked until IRET */

/* SEG_FLAGS: the second word of a descriptor. */
#define DESC_TYPE_SHIFT 8
#define DESC_S          (1u << 12)
#define DESC_DPL_SHIFT  13
#define DESC_P          (1u << 15)
#define DESC_AVL        (1u << 20)
#define DESC_L          (1u << 21)
#define DESC_B          (1u << 22)
#define DESC_G          (1u << 23)

#endif
