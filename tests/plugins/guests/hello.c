/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Says hello, repeats its command line, leaves. "status=N" (one digit) is the status, "abort" gives
 * up, "status=big" asks for one that there is not.
 */
#include "uk.h"

static uint64_t counted;                    /* .bss has to be zero, */
static volatile uint64_t set = 0x123456789; /* .data what the file says: also after a reset */

void guest_main(const struct uk_boot *boot)
{
    const char *line = (const char *)(uintptr_t)boot->cmdline;
    struct uk_abort giving_up = { (uintptr_t)"out\nof ideas", 12 };

    check(".bss", counted++ == 0);
    check(".data", set == 0x123456789);
    set = 0;
    check("cmdline_len", text_len(line) == boot->cmdline_len);
    print("hello from a unikernel\n");
    if (line[0] != '\0') {
        print("command line: ");
        print(line);
        print("\n");
    }
    if (same_text(line, "abort")) {
        uk_call(UK_ABORT, &giving_up);
    }
    if (same_text(line, "status=big")) {
        leave(256);
    }
    if (same_text(line, "crash")) { /* no IDT: a triple fault */
        __asm__ volatile("ud2");
    }
    if (boot->cmdline_len == 8) {
        leave((uint64_t)(line[7] - '0'));
    }
}
