/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writes every sector of its disk (at least two, at most 1 MiB), flushes, reads back, and tries what
 * must not work. "read-only": only that it is.
 */
#include "uk.h"

static uint8_t out[1024], in[1024];

static int64_t io(unsigned nr, uint64_t offset, uint64_t len, uint64_t buf)
{
    struct uk_block_io a = { offset, len, buf, 99 };

    uk_call(nr, &a);
    return a.ret;
}

static void fill(uint64_t offset)
{
    for (unsigned i = 0; i < sizeof(out); i++) {
        out[i] = (uint8_t)(offset / 512 * 7 + i * 13 + (i >> 8));
    }
}

static void write_and_read_all(uint64_t capacity)
{
    struct uk_block_flush flush = { 99 };

    for (uint64_t at = 0; at < capacity; at += 512) {
        fill(at);
        check("write", io(UK_BLOCK_WRITE, at, 512, (uintptr_t)out) == UK_OK);
    }
    uk_call(UK_BLOCK_FLUSH, &flush);
    check("flush", flush.ret == UK_OK);
    for (uint64_t at = 0; at < capacity; at += 512) {
        fill(at);
        check("read", io(UK_BLOCK_READ, at, 512, (uintptr_t)in) == UK_OK);
        for (unsigned i = 0; i < 512; i++) {
            check("what was read", in[i] == out[i]);
        }
    }
}

/* No call does for the guest what the rights of its pages forbid. */
static void rights(void)
{
    static const char constant[512] = "constant";

    check("read into text", io(UK_BLOCK_READ, 0, 512, (uintptr_t)io) == UK_EFAULT);
    check("read into constants", io(UK_BLOCK_READ, 0, 512, (uintptr_t)constant) == UK_EFAULT);
    check("read into page tables", io(UK_BLOCK_READ, 0, 512, 0x10000) == UK_EFAULT);
    check("read into the boot structure", io(UK_BLOCK_READ, 0, 512, 0x2000) == UK_EFAULT);
    check("write from page tables", io(UK_BLOCK_WRITE, 0, 512, 0x10000) == UK_EFAULT);
    check("write from the first page", io(UK_BLOCK_WRITE, 0, 512, 0) == UK_EFAULT);
    check("write from constants", io(UK_BLOCK_WRITE, 0, 512, (uintptr_t)constant) == UK_OK);
    check("write from the boot structure", io(UK_BLOCK_WRITE, 0, 512, 0x2000) == UK_OK);
}

static void refusals(uint64_t capacity, uint64_t ram)
{
    uint64_t buf = (uintptr_t)in;

    check("behind the end", io(UK_BLOCK_READ, capacity, 512, buf) == UK_EINVAL);
    check("across the end", io(UK_BLOCK_READ, capacity - 512, 1024, buf) == UK_EINVAL);
    check("wrapping", io(UK_BLOCK_READ, 512, UINT64_MAX - 511, buf) == UK_EINVAL);
    check("nothing", io(UK_BLOCK_READ, 0, 0, buf) == UK_EINVAL);
    check("half a sector", io(UK_BLOCK_READ, 0, 256, buf) == UK_EINVAL);
    check("between sectors", io(UK_BLOCK_WRITE, 256, 512, buf) == UK_EINVAL);
    check("no RAM", io(UK_BLOCK_READ, 0, 512, ram) == UK_EFAULT);
    check("across the end of RAM", io(UK_BLOCK_WRITE, 0, 512, ram - 256) == UK_EFAULT);
    check("wrapping buffer", io(UK_BLOCK_READ, 0, 512, UINT64_MAX - 255) == UK_EFAULT);
}

void guest_main(const struct uk_boot *boot)
{
    const char *line = (const char *)(uintptr_t)boot->cmdline;
    struct uk_block_info info = { .ret = 99 };

    uk_call(UK_BLOCK_INFO, &info);
    check("info", info.ret == UK_OK && info.block_size == 512 && info.capacity >= 1024);
    if (same_text(line, "read-only")) {
        check("read_only", info.read_only == 1);
        check("write", io(UK_BLOCK_WRITE, 0, 512, (uintptr_t)out) == UK_EROFS);
        check("read", io(UK_BLOCK_READ, 0, 512, (uintptr_t)in) == UK_OK);
    } else {
        check("read_only", info.read_only == 0);
        write_and_read_all(info.capacity);
        refusals(info.capacity, boot->ram_size);
        rights();
    }
    print("block: ok\n");
}
