/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory: mappings of KVM descriptors, and - when the scenario counts them - the program's own
 * requests for memory and eventfds after it has opened the node. The C library's inner calls
 * (malloc, thread stacks) do not come through here.
 */
#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include "preload.h"
#include "record.h"
#include "scenario.h"

typedef struct Mmap {
    void *at;
    size_t size;
    int prot, flags, fd;
    off_t offset;
} Mmap;

static void *(*next_mmap)(void *, size_t, int, int, int, off_t);

static long real_mmap(const Mmap *m)
{
    void *at = next_mmap(m->at, m->size, m->prot, m->flags, m->fd, m->offset);

    return at == MAP_FAILED ? -errno : (long)at;
}

/* Only a vCPU has pages; its dirty ring must be shared and not be executable. */
static long map_fake(FakeCall *call)
{
    const Mmap *m = call->params;
    long result;

    if (call->kind != FAKE_VCPU) {
        return -ENODEV;
    }
    if (call->key >= KVM_DIRTY_LOG_PAGE_OFFSET &&
        (m->prot & PROT_EXEC || !(m->flags & MAP_SHARED))) {
        return -EINVAL;
    }
    result = real_mmap(m);
    if (result > 0 || result < -4095) {
        fake_mapping_add((unsigned long)result, m->size);
    }
    return result;
}

static long map_anonymous(FakeCall *call)
{
    return real_mmap(call->params);
}

static bool counting(void)
{
    return fake_config.count_memory &&
           atomic_load_explicit(&fake_node_opened, memory_order_relaxed);
}

static void *mmap_call(const Mmap *m, FakeObj *obj)
{
    FakeCall call = {
        .kind = obj ? obj->kind : FAKE_MEMORY, .obj = obj, .fd = obj ? m->fd : -1,
        .cmd = obj ? CALL_MMAP : CALL_MMAP_ANON, .arg = m->size,
        .key = obj ? (uint64_t)m->offset / FAKE_PAGE : m->size, .params = m,
    };

    return (void *)fake_return(fake_call(&call, obj ? map_fake : map_anonymous));
}

HOOK(void *, mmap, void *at, size_t size, int prot, int flags, int fd, off_t offset)
{
    Mmap m = { at, size, prot, flags, fd, offset };
    FakeObj *obj = flags & MAP_ANONYMOUS ? NULL : fake_obj_get(fd);
    void *result;

    NEXT(next_mmap, "mmap");
    if (!obj && !(flags & MAP_ANONYMOUS && counting())) {
        return next_mmap(at, size, prot, flags, fd, offset);
    }
    result = mmap_call(&m, obj);
    fake_obj_unref(obj);
    return result;
}
ALSO(mmap, mmap64);

HOOK(int, munmap, void *at, size_t size)
{
    static int (*next)(void *, size_t);
    int result;

    NEXT(next, "munmap");
    result = next(at, size);
    if (!result && fake_mapping_remove((unsigned long)at, size)) {
        fake_record_note("munmap %p size=%#zx", at, size);
    }
    return result;
}

typedef struct Small {
    unsigned long a, b, c;
} Small;

static long counted(unsigned long cmd, unsigned long arg, const Small *small, FakeWork *work)
{
    FakeCall call = {
        .kind = FAKE_MEMORY, .fd = -1, .cmd = cmd, .arg = arg, .key = arg, .params = small,
    };

    return fake_return(fake_call(&call, work));
}

static long do_memfd(FakeCall *call)
{
    const Small *s = call->params;
    long result = fake_sys(SYS_memfd_create, s->a, s->b);

    return result < 0 ? -errno : result;
}

HOOK(int, memfd_create, const char *name, unsigned flags)
{
    Small s = { (unsigned long)name, flags, 0 };

    return counting() ? (int)counted(CALL_MEMFD, flags, &s, do_memfd)
                      : (int)fake_sys(SYS_memfd_create, name, flags);
}

static long do_eventfd(FakeCall *call)
{
    const Small *s = call->params;
    long result = fake_sys(SYS_eventfd2, s->a, s->b);

    return result < 0 ? -errno : result;
}

HOOK(int, eventfd, unsigned value, int flags)
{
    Small s = { value, (unsigned)flags, 0 };

    return counting() ? (int)counted(CALL_EVENTFD, (unsigned)flags, &s, do_eventfd)
                      : (int)fake_sys(SYS_eventfd2, value, flags);
}

static long do_madvise(FakeCall *call)
{
    const Small *s = call->params;

    return fake_sys(SYS_madvise, s->a, s->b, s->c) < 0 ? -errno : 0;
}

HOOK(int, madvise, void *at, size_t size, int advice)
{
    Small s = { (unsigned long)at, size, (unsigned)advice };

    return counting() ? (int)counted(CALL_MADVISE, (unsigned)advice, &s, do_madvise)
                      : (int)fake_sys(SYS_madvise, at, size, advice);
}
