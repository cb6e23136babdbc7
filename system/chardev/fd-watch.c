/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A GSource on one descriptor that can look away: while its owner wants nothing the descriptor is
 * not polled at all, because poll() would report a hang-up again and again.
 */
#include "system/char.h"

typedef struct FdWatch {
    GSource source;
    int fd;
    GIOCondition cond;
    gpointer tag; /* NULL while not polled */
    bool (*wanted)(void *opaque);
    void (*fn)(void *opaque);
    void *opaque;
} FdWatch;

static gboolean watch_prepare(GSource *source, gint *timeout)
{
    FdWatch *w = (FdWatch *)source;
    bool want = w->wanted == NULL || w->wanted(w->opaque);

    *timeout = -1;
    if (want && w->tag == NULL) {
        w->tag = g_source_add_unix_fd(source, w->fd, w->cond);
    } else if (!want && w->tag != NULL) {
        g_source_remove_unix_fd(source, w->tag);
        w->tag = NULL;
    }
    return FALSE;
}

static gboolean watch_check(GSource *source)
{
    FdWatch *w = (FdWatch *)source;

    return w->tag != NULL && g_source_query_unix_fd(source, w->tag) != 0;
}

static gboolean watch_dispatch(GSource *source, GSourceFunc callback, gpointer user_data)
{
    FdWatch *w = (FdWatch *)source;

    w->fn(w->opaque);
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs watch_funcs = {
    .prepare = watch_prepare,
    .check = watch_check,
    .dispatch = watch_dispatch,
};

GSource *fd_watch_new(int fd, GIOCondition cond, bool (*wanted)(void *opaque),
                      void (*fn)(void *opaque), void *opaque)
{
    GSource *source = g_source_new(&watch_funcs, sizeof(FdWatch));
    FdWatch *w = (FdWatch *)source;

    w->fd = fd;
    w->cond = cond | G_IO_HUP | G_IO_ERR;
    w->wanted = wanted;
    w->fn = fn;
    w->opaque = opaque;
    /* Nobody iterates within a call-back; GLib need not guard against it with three system calls. */
    g_source_set_can_recurse(source, TRUE);
    g_source_attach(source, NULL);
    return source;
}

void fd_watch_drop(GSource **source)
{
    if (*source != NULL) {
        g_source_destroy(*source);
        g_source_unref(*source);
        *source = NULL;
    }
}
