/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Included in front of every file of a -Db_sanitize=thread build: GLib's mutexes and conditions are
 * made of futexes, which ThreadSanitizer cannot see inside a library that was not built with it. These
 * wrappers tell it what they order. (GRecMutex, GThread and the atomics it sees by itself.)
 */
#if !defined(TSAN_GLIB_H) && __has_include(<glib.h>) /* some programs know nothing of GLib */
#define TSAN_GLIB_H

#include <glib.h>
#include <sanitizer/tsan_interface.h>

static inline void tsan_mutex_lock(GMutex *m)
{
    g_mutex_lock(m);
    __tsan_acquire(m);
}

static inline void tsan_mutex_unlock(GMutex *m)
{
    __tsan_release(m);
    g_mutex_unlock(m);
}

static inline void tsan_cond_wait(GCond *c, GMutex *m)
{
    __tsan_release(m);
    g_cond_wait(c, m);
    __tsan_acquire(m);
}

static inline gboolean tsan_cond_wait_until(GCond *c, GMutex *m, gint64 end)
{
    gboolean ok;

    __tsan_release(m);
    ok = g_cond_wait_until(c, m, end);
    __tsan_acquire(m);
    return ok;
}

#define g_mutex_lock(m) tsan_mutex_lock(m)
#define g_mutex_unlock(m) tsan_mutex_unlock(m)
#define g_cond_wait(c, m) tsan_cond_wait(c, m)
#define g_cond_wait_until(c, m, t) tsan_cond_wait_until(c, m, t)

#endif
