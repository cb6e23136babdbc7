/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What ends a guest: "struct" points outside RAM, "struct-in-text" and "struct-in-tables" where the
 * guest may not write, "odd" is between two calls, "size" is no 4-byte write. */
#include "uk.h"

void guest_main(const struct uk_boot *boot)
{
    const char *line = (const char *)(uintptr_t)boot->cmdline;

    if (same_text(line, "struct")) {
        uk_call(UK_CLOCK, (void *)(uintptr_t)(boot->ram_size - 8));
    } else if (same_text(line, "struct-in-text")) {
        uk_call(UK_CLOCK, (void *)(uintptr_t)guest_main);
    } else if (same_text(line, "struct-in-tables")) {
        uk_call(UK_CLOCK, (void *)0x10000);
    } else if (same_text(line, "odd")) {
        __asm__ volatile("outb %b0, %w1" : : "a"(0), "d"(UK_PORT(UK_CLOCK) + 1));
    } else if (same_text(line, "size")) {
        __asm__ volatile("outb %b0, %w1" : : "a"(0), "d"(UK_PORT(UK_EXIT)));
    }
    print("survived\n");
}
