/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptors. Each fake descriptor is a real one (a memfd), so that limits, inheritance, poll and
 * numbering are the kernel's own; a table says what the number stands for. A number may be closed
 * and used again without the library seeing it (fclose, raw system calls): each look-up compares
 * the memfd's inode, and a stale entry is dropped.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "fakekvm.h"

static _Atomic(FakeObj *) table[FAKE_MAX_FD];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void fake_fd_lock(void)
{
    pthread_mutex_lock(&lock);
}

void fake_fd_unlock(void)
{
    pthread_mutex_unlock(&lock);
}

bool fake_fd_known(int fd)
{
    return fd >= 0 && fd < FAKE_MAX_FD && atomic_load_explicit(&table[fd], memory_order_acquire);
}

static bool same_file(int fd, const FakeObj *obj)
{
    struct stat st;
    int saved = errno;
    bool same = !fake_sys(SYS_fstat, fd, &st) && st.st_ino == obj->ino && st.st_dev == obj->dev;

    errno = saved;
    return same;
}

/* Returns the object with a reference for the caller, or NULL if @fd is no fake (any more). */
FakeObj *fake_obj_get(int fd)
{
    FakeObj *obj;

    if (!fake_fd_known(fd)) {
        return NULL;
    }
    pthread_mutex_lock(&lock);
    obj = atomic_load(&table[fd]);
    if (obj && !same_file(fd, obj)) {
        pthread_mutex_unlock(&lock);
        fake_fd_forget(fd);
        return NULL;
    }
    if (obj) {
        obj->refs++;
    }
    pthread_mutex_unlock(&lock);
    return obj;
}

void fake_obj_ref(FakeObj *obj)
{
    pthread_mutex_lock(&lock);
    obj->refs++;
    pthread_mutex_unlock(&lock);
}

void fake_obj_unref(FakeObj *obj)
{
    bool last;

    if (!obj) {
        return;
    }
    pthread_mutex_lock(&lock);
    last = --obj->refs == 0;
    pthread_mutex_unlock(&lock);
    if (last) {
        obj->release(obj);
    }
}

static void table_set(int fd, FakeObj *obj)
{
    FakeObj *old;

    pthread_mutex_lock(&lock);
    old = atomic_exchange(&table[fd], obj);
    pthread_mutex_unlock(&lock);
    fake_obj_unref(old);
}

void fake_fd_forget(int fd)
{
    if (fake_fd_known(fd)) {
        table_set(fd, NULL);
    }
}

/* @to became a duplicate of @from: whatever @to was is gone. */
void fake_fd_copy(int from, int to)
{
    FakeObj *obj;

    if (to < 0 || to >= FAKE_MAX_FD || from == to) {
        return;
    }
    obj = fake_obj_get(from);
    if (obj || fake_fd_known(to)) {
        table_set(to, obj);
    }
}

/* The table takes over the caller's reference. */
void fake_obj_insert(FakeObj *obj, int fd)
{
    table_set(fd, obj);
}

static const char *memfd_name(FakeKind kind)
{
    return kind == FAKE_SYSTEM ? "fakekvm:system" : "fakekvm:object";
}

/*
 * Makes the real descriptor behind @obj, of @size bytes, and puts it in the table. Returns the
 * number or a negative errno; the table takes over the caller's reference on success only.
 */
long fake_obj_publish(FakeObj *obj, size_t size, int flags)
{
    struct stat st;
    int fd = (int)fake_sys(SYS_memfd_create, memfd_name(obj->kind),
                          flags & O_CLOEXEC ? MFD_CLOEXEC : 0);

    if (fd < 0) {
        return -errno;
    }
    if (fd >= FAKE_MAX_FD || (size && ftruncate(fd, (off_t)size)) ||
        fake_sys(SYS_fstat, fd, &st)) {
        int error = fd >= FAKE_MAX_FD ? EMFILE : errno;
        fake_sys(SYS_close, fd);
        return -error;
    }
    obj->dev = st.st_dev;
    obj->ino = st.st_ino;
    table_set(fd, obj);
    return fd;
}

/* How many descriptors are still open, for the record's last line. */
int fake_fd_count(void)
{
    int n = 0;

    for (int fd = 0; fd < FAKE_MAX_FD; fd++) {
        n += fake_fd_known(fd);
    }
    return n;
}

/*
 * Moves a descriptor of the library's own out of the program's sight: above the soft limit, which
 * the kernel checks only when a number is given out. Where the limit cannot be raised for that
 * moment the number is just high. Returns the new number, or @fd itself if nothing helped.
 */
int fake_fd_hide(int fd)
{
    struct rlimit old, wide;
    int high = -1;

    if (!getrlimit(RLIMIT_NOFILE, &old) && old.rlim_cur < old.rlim_max) {
        wide = old;
        wide.rlim_cur = old.rlim_cur + 64 < old.rlim_max ? old.rlim_cur + 64 : old.rlim_max;
        if (!setrlimit(RLIMIT_NOFILE, &wide)) {
            high = (int)fake_sys(SYS_fcntl, fd, F_DUPFD_CLOEXEC, (int)old.rlim_cur);
            setrlimit(RLIMIT_NOFILE, &old);
        }
    }
    if (high < 0) {
        high = (int)fake_sys(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 900);
    }
    if (high < 0) {
        return fd;
    }
    fake_sys(SYS_close, fd);
    return high;
}
