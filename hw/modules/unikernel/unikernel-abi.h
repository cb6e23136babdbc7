/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The interface between the machine "unikernel" and its guests, version 1. Plain C, no library: guests
 * include this file. docs/unikernel-abi.rst is its text.
 *
 * A hypercall is a 32-bit `out` to port UK_PORT(number) whose value is the guest-physical address of
 * the call's structure. When the instruction is done, the call is done, and the structure's `ret` says
 * how it went. All numbers are little-endian. A structure that is not in RAM which the guest may write,
 * a write of another size and a number that does not exist end the guest with status UK_STATUS_ABORT
 * and a message.
 */
#ifndef ACCELVM_UNIKERNEL_ABI_H
#define ACCELVM_UNIKERNEL_ABI_H

#include <stdint.h>

#define UK_ABI_VERSION 1

#define UK_PORT_BASE 0x600
#define UK_PORT(nr) (UK_PORT_BASE + 4 * (nr))

enum {
    UK_VERSION,
    UK_EXIT,
    UK_ABORT,
    UK_CONSOLE_WRITE,
    UK_CLOCK,
    UK_BLOCK_INFO,
    UK_BLOCK_READ,
    UK_BLOCK_WRITE,
    UK_BLOCK_FLUSH,
    UK_NET_INFO,
    UK_NET_READ,
    UK_NET_WRITE,
    UK_POLL,
    UK_N_CALLS
};

/* What `ret` may be. */
#define UK_OK 0
#define UK_EAGAIN (-1)  /* nothing there now, or no room now: poll and try again */
#define UK_EINVAL (-2)  /* an argument is not allowed */
#define UK_EFAULT (-3)  /* a buffer is not in RAM, or its pages forbid it */
#define UK_EIO (-4)     /* the host's file or socket failed */
#define UK_ENODEV (-5)  /* the machine was started without this device */
#define UK_EROFS (-6)   /* the block device is read-only */

#define UK_STATUS_ABORT 255

/* UK_VERSION: which version the host speaks. */
struct uk_version {
    uint32_t version; /* out */
    int32_t ret;      /* out */
};

/* UK_EXIT: the end. Does not return. A status above 255 is an abort. */
struct uk_exit {
    uint64_t status;
};

/* UK_ABORT: the end, with a message for people; status UK_STATUS_ABORT. Does not return. */
struct uk_abort {
    uint64_t text, len; /* at most 256 bytes are shown; len 0: no message */
};

struct uk_console_write {
    uint64_t buf, len;  /* at most UK_CONSOLE_MAX bytes */
    int64_t ret;        /* out: UK_OK: all of it was taken */
};
#define UK_CONSOLE_MAX 65536

struct uk_clock {
    uint64_t wall_ns;      /* out: since 1970-01-01 00:00 UTC */
    uint64_t monotonic_ns; /* out: since the machine was made; stands still while it is stopped */
};

struct uk_block_info {
    uint64_t capacity;   /* out: bytes, a multiple of block_size */
    uint32_t block_size; /* out: 512 */
    uint32_t read_only;  /* out: 0 or 1 */
    int64_t ret;         /* out */
};

/* UK_BLOCK_READ, UK_BLOCK_WRITE */
struct uk_block_io {
    uint64_t offset, len; /* bytes, multiples of block_size, within capacity; len at most 1 MiB */
    uint64_t buf;
    int64_t ret;          /* out */
};
#define UK_BLOCK_MAX (1 << 20)

/* UK_BLOCK_FLUSH: what was written is on stable storage. */
struct uk_block_flush {
    int64_t ret;          /* out */
};

struct uk_net_info {
    uint8_t mac[6];       /* out */
    uint16_t mtu;         /* out: bytes of a frame without its 14-byte header */
    int64_t ret;          /* out */
};

/* One frame. UK_NET_READ: len is the room, at least mtu + 14, and becomes the frame's length. */
struct uk_net_io {
    uint64_t buf, len;
    int64_t ret;          /* out; UK_NET_READ: UK_EAGAIN: no frame there */
};

/* UK_POLL: sleep until a frame is there or the time has passed. May come back early, with nothing. */
struct uk_poll {
    uint64_t timeout_ns;  /* 0: only look */
    uint32_t ready;       /* out: UK_READY_* */
    int32_t ret;          /* out */
};
#define UK_READY_NET 1u

/* What the first argument (RDI) of the entry function points at. Read-only, as are the texts. */
struct uk_boot {
    uint64_t magic;       /* UK_BOOT_MAGIC */
    uint32_t version;     /* UK_ABI_VERSION */
    uint32_t size;        /* bytes of this structure; later versions add at the end */
    uint64_t ram_size;    /* RAM is from 0 to here */
    uint64_t heap_start;  /* from here to the stack RAM is free, writable, zero */
    uint64_t stack_top;   /* the stack at entry, growing down from the end of RAM */
    uint64_t cmdline;     /* -append; ends with a NUL */
    uint64_t cmdline_len; /* without the NUL */
};
#define UK_BOOT_MAGIC 0x314c4e524b494e55ULL /* "UNIKRNL1" */

#endif
