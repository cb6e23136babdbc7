/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the files of the fake KVM share: descriptors and the objects behind them, one call on its
 * way through the library, and copying from and to the program.
 *
 * The library has four layers. preload-*.c stand in the C library's place and find out whether a
 * call concerns KVM at all; call.c counts, spoils (fault.c) and records (record.c) it; sys.c,
 * vm*.c, vcpu*.c and device.c answer it as Linux does; run.c and exit*.c play the scripted guest.
 * scenario*.c read what the fake host is like. Results travel as the kernel's do: a negative errno
 * is a failure.
 */
#ifndef FAKEKVM_H
#define FAKEKVM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <linux/kvm.h>

#define FAKE_PAGE       4096UL
#define FAKE_MAX_FD     65536   /* descriptors at and above this number are not followed */
#define FAKE_ARRAY(a)   (sizeof(a) / sizeof((a)[0]))

typedef enum FakeKind {
    FAKE_SYSTEM = 1,
    FAKE_VM = 2,
    FAKE_VCPU = 4,
    FAKE_DEVICE = 8,
    FAKE_STATS = 16,
    FAKE_NODE = 32,     /* calls that name the device node: open */
    FAKE_MEMORY = 64,   /* memory calls of the program that do not name KVM */
} FakeKind;

/* What one open file description stands for; several descriptor numbers may share it. */
typedef struct FakeObj {
    FakeKind kind;
    int refs;
    dev_t dev;          /* identity of the real file behind, to notice a number that was reused */
    ino_t ino;
    struct FakeVm *vm;  /* owner of a VM's, vCPU's or device's state, counted by that object */
    char link[48];      /* what /proc/self/fd/N says */
    void (*release)(struct FakeObj *obj);
} FakeObj;

/* Calls that are no ioctl, in the number space of ioctls (whose type byte is never 0). */
enum { CALL_OPEN = 1, CALL_MMAP, CALL_MMAP_ANON, CALL_MADVISE, CALL_MEMFD, CALL_EVENTFD };

typedef struct FakeCall {
    FakeKind kind;
    FakeObj *obj;           /* NULL for FAKE_NODE and FAKE_MEMORY */
    int fd;
    unsigned long cmd;      /* ioctl number or CALL_* */
    unsigned long arg;
    uint64_t key;           /* what `arg=` of a fault is compared with: capability, id, slot, ... */
    uint64_t seq;           /* number in the count of all calls */
    long result;
    const struct FakeFault *fault;
    const void *params;     /* for the function that does the work */
} FakeCall;

typedef long FakeWork(FakeCall *call);
typedef long FakeIoctl(FakeObj *obj, unsigned long arg);

typedef struct FakeIoctlRow {
    unsigned long cmd;
    FakeIoctl *answer;
} FakeIoctlRow;

/* init.c */
void fake_init(void);
void fake_finish(void);
extern _Atomic int fake_generation;     /* +1 in each forked child: a VM belongs to one process */
extern _Atomic bool fake_node_opened;

/* raw.c: like syscall(2), also in how it reports errors. */
long fake_sys(long number, ...);

/* node.c: the device node as a file. */
bool fake_node_is(int dir, const char *path);
int fake_path_fd(const char *path);
long fake_node_access(int mode, bool effective);
unsigned fake_node_mode(void);

/* fd.c */
FakeObj *fake_obj_get(int fd);
void fake_obj_ref(FakeObj *obj);
void fake_obj_unref(FakeObj *obj);
long fake_obj_publish(FakeObj *obj, size_t size, int flags);
void fake_obj_insert(FakeObj *obj, int fd);
bool fake_fd_known(int fd);
void fake_fd_forget(int fd);
void fake_fd_copy(int from, int to);
int fake_fd_count(void);
int fake_fd_hide(int fd);
void fake_fd_lock(void);
void fake_fd_unlock(void);

/* call.c */
long fake_call(FakeCall *call, FakeWork *work);
long fake_ioctl(int fd, FakeObj *obj, unsigned long cmd, unsigned long arg);
long fake_answer(const FakeIoctlRow *rows, size_t n, FakeObj *obj, unsigned long cmd,
                 unsigned long arg, long unknown);
uint64_t fake_call_total(void);
void fake_call_reset(void);

/* user.c */
long fake_from_user(void *to, unsigned long from, size_t size);
long fake_to_user(unsigned long to, const void *from, size_t size);
long fake_memory_read(uint64_t from, void *to, size_t size);
long fake_memory_write(uint64_t to, const void *from, size_t size);
void *fake_alloc(size_t size);

/* sys.c */
extern const FakeIoctlRow fake_sys_ioctls[];
extern const size_t fake_sys_ioctls_count;
long fake_system_open(int flags);
long fake_adopt(int fd);
long fake_list_to_user(unsigned long arg, const void *rows, uint32_t count, size_t head,
                       size_t row);

/* device.c and stats.c */
long fake_device_create(FakeObj *vm, unsigned long arg);
long fake_device_ioctl(FakeObj *obj, unsigned long cmd, unsigned long arg);
long fake_vm_stats(FakeObj *obj, unsigned long arg);
long fake_vcpu_stats(FakeObj *obj, unsigned long arg);

#endif
