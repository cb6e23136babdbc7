/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From 32-bit protected mode to 64-bit long mode.
 *
 * Theory of operation: four page-table pages in RAM map what a guest touches one to one with 2 MiB
 * pages: 0..1 GiB by the first directory and 3..4 GiB (ROM, local APIC) by the second. They are
 * filled by code, since a ROM cannot be relied on to hold accessed bits.
 */
#define PAGE_TABLES     0x10000
#define PML4            PAGE_TABLES
#define PDPT            (PAGE_TABLES + 0x1000)
#define PD_LOW          (PAGE_TABLES + 0x2000)
#define PD_HIGH         (PAGE_TABLES + 0x3000)
#define PTE_TABLE       0x03    /* present, writable */
#define PTE_2M          0x83    /* and a page of 2 MiB */
#define MSR_EFER        0xc0000080
#define EFER_LME        (1 << 8)

/* Fill the page tables; clobbers EAX, ECX, EDI. */
.macro MAKE_PAGE_TABLES
    mov     $PAGE_TABLES, %edi
    mov     $(4 * 1024), %ecx
    xor     %eax, %eax
    cld
    rep stosl
    movl    $(PDPT | PTE_TABLE), PML4
    movl    $(PD_LOW | PTE_TABLE), PDPT
    movl    $(PD_HIGH | PTE_TABLE), PDPT + 3 * 8
    mov     $511, %ecx
1:  mov     %ecx, %eax
    shl     $21, %eax
    or      $PTE_2M, %eax
    mov     %eax, PD_LOW(, %ecx, 8)
    add     $0xc0000000, %eax
    mov     %eax, PD_HIGH(, %ecx, 8)
    dec     %ecx
    jns     1b
.endm

/* Switch paging and long mode on and go on at `target`; clobbers EAX, ECX, EDX. */
.macro ENTER64 target
    mov     %cr4, %eax
    or      $(1 << 5), %eax         /* PAE */
    mov     %eax, %cr4
    mov     $PML4, %eax
    mov     %eax, %cr3
    mov     $MSR_EFER, %ecx
    rdmsr
    or      $EFER_LME, %eax
    wrmsr
    mov     %cr0, %eax
    or      $0x80000000, %eax       /* PG */
    mov     %eax, %cr0
    ljmpl   $GDT_CODE64, $\target
.endm
