/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How a function of the C library is replaced. HOOK defines the replacement under its own C name
 * and gives it the library function's symbol, so that it meets neither the headers' prototypes nor
 * their attributes; ALSO adds a second symbol. NEXT finds the function that was replaced.
 */
#ifndef FAKEKVM_PRELOAD_H
#define FAKEKVM_PRELOAD_H

#include <dlfcn.h>
#include "fakekvm.h"

#define HOOK(type, name, ...)                                                                      \
    type fk_##name(__VA_ARGS__) __asm__(#name) __attribute__((visibility("default")));             \
    type fk_##name(__VA_ARGS__)

#define ALSO(name, other)                                                                          \
    extern __typeof__(fk_##name) fk_##other __asm__(#other)                                        \
        __attribute__((alias(#name), visibility("default")))

/* In a function: makes the pointer variable `next` refer to the next library's @symbol. */
#define NEXT(next, symbol)                                                                         \
    do {                                                                                           \
        if (!(next)) {                                                                             \
            *(void **)(&(next)) = dlsym(RTLD_NEXT, symbol);                                        \
        }                                                                                          \
    } while (0)

/* Turns a kernel-style result into the C library's: -1 and errno. */
long fake_return(long result);

/* Entry points that others (syscall) lead to. */
int fk_openat(int dir, const char *path, int flags, ...) __asm__("openat");
int fk_close(int fd) __asm__("close");
int fk_ioctl(int fd, unsigned long cmd, ...) __asm__("ioctl");
void *fk_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset) __asm__("mmap");
int fk_munmap(void *at, size_t size) __asm__("munmap");
int fk_dup(int fd) __asm__("dup");
int fk_dup2(int from, int to) __asm__("dup2");
int fk_dup3(int from, int to, int flags) __asm__("dup3");
int fk_fcntl(int fd, int cmd, ...) __asm__("fcntl");
int fk_memfd_create(const char *name, unsigned flags) __asm__("memfd_create");
int fk_eventfd(unsigned value, int flags) __asm__("eventfd");
int fk_madvise(void *at, size_t size, int advice) __asm__("madvise");
int fk_close_range(unsigned first, unsigned last, int flags) __asm__("close_range");

#endif
