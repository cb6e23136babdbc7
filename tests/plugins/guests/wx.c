/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Does what the rights of its pages forbid; the command line says what. Each is the guest's end, by a
 * page fault that nobody handles; whoever prints "survived" was not stopped.
 */
#include "uk.h"

static const uint64_t constant = 1;
static uint8_t code[16];

static void touch(uint64_t addr)
{
    *(volatile uint8_t *)(uintptr_t)addr = *(volatile uint8_t *)(uintptr_t)addr;
}

static void execute(void)
{
    code[0] = 0xc3; /* ret */
    ((void (*)(void))(uintptr_t)code)();
}

void guest_main(const struct uk_boot *boot)
{
    const char *line = (const char *)(uintptr_t)boot->cmdline;

    print("begin\n");
    if (same_text(line, "write-text")) {
        touch((uintptr_t)guest_main);
    } else if (same_text(line, "write-rodata")) {
        touch((uintptr_t)&constant);
    } else if (same_text(line, "execute-data")) {
        execute();
    } else if (same_text(line, "null")) {
        touch((uintptr_t)(code - code));
    } else if (same_text(line, "page-tables")) {
        touch(0x10000);
    } else if (same_text(line, "write-boot")) {
        touch((uintptr_t)boot);
    } else if (same_text(line, "behind-ram")) {
        touch(boot->ram_size);
    } else if (same_text(line, "nothing")) {
        touch((uintptr_t)code);
    }
    print("survived\n");
}
