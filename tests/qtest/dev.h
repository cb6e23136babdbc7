/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the device tests share: cases as tables, each on a machine of its own, and short words for
 * what they do all the time.
 *
 * The same programs run against accelvm with -accel qtest and against QEMU with -accel tcg -S
 * ($DEV_ACCEL is "tcg" then): cases that need the clock or something that only accelvm has are
 * skipped there.
 */
#ifndef TESTS_QTEST_DEV_H
#define TESTS_QTEST_DEV_H

#include <accelvm-qtest.h>

enum {
    DEV_CLOCK = 1 << 0, /* moves the virtual clock, or the machine has to be in state "running" */
    DEV_OURS = 1 << 1,  /* about something that QEMU does not have, or has elsewhere */
    DEV_ALONE = 1 << 2, /* starts its machines itself; its first argument is NULL */
};

typedef struct DevCase {
    const char *name;
    AqTestFunc func;
    const char *args; /* the machine is "pc", without default devices; NULL: nothing more */
    unsigned flags;
    int status; /* exit status that is success */
    const void *data;
} DevCase;

/** dev_run: all @n cases under "/@group/". Returns: exit status for main(). */
int dev_run(int argc, char **argv, const char *group, const DevCase *cases, gsize n);
/** dev_on_qemu: the binary is a QEMU with -accel tcg. */
gboolean dev_on_qemu(void);

/** dev_start: a machine as the cases have it, with more options; aq_quit() it. */
AqVM *dev_start(const char *fmt, ...) G_GNUC_PRINTF(1, 2);
/** dev_cmos, dev_set_cmos: a register behind 0x70 and 0x71. */
uint8_t dev_cmos(AqVM *vm, uint8_t index);
void dev_set_cmos(AqVM *vm, uint8_t index, uint8_t value);
/** dev_reset: system_reset, and wait for it. */
void dev_reset(AqVM *vm);
/** dev_status: what query-status says. Returns: (transfer full). */
char *dev_status(AqVM *vm);
/** dev_event_word: wait for @event; the string @member of its data is @want. */
void dev_event_word(AqVM *vm, const char *event, const char *member, const char *want);
/** dev_no_event: none of that name has come so far. */
void dev_no_event(AqVM *vm, const char *event);
/** dev_execute: a command without arguments that succeeds. */
void dev_execute(AqVM *vm, const char *command);

#define IN8(vm, port, want) g_assert_cmphex(aq_inb(vm, port), ==, want)
#define IN16(vm, port, want) g_assert_cmphex(aq_inw(vm, port), ==, want)
#define IN32(vm, port, want) g_assert_cmphex(aq_inl(vm, port), ==, want)
#define OUT8(vm, port, value) aq_outb(vm, port, value)
#define OUT16(vm, port, value) aq_outw(vm, port, value)
#define OUT32(vm, port, value) aq_outl(vm, port, value)
#define RD32(vm, addr, want) g_assert_cmphex(aq_readl(vm, addr), ==, want)
#define CMOS(vm, index, want) g_assert_cmphex(dev_cmos(vm, index), ==, want)
#define STATUS(vm, want)                              \
    do {                                              \
        g_autofree char *status_ = dev_status(vm);    \
        g_assert_cmpstr(status_, ==, want);           \
    } while (0)

#define CASE(name, func, ...) { name, func, __VA_ARGS__ }
#define DEV_MAIN(group, cases)                                                  \
    int main(int argc, char **argv)                                             \
    {                                                                           \
        return dev_run(argc, argv, group, cases, G_N_ELEMENTS(cases));          \
    }

#endif
