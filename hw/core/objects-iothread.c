/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * iothread: a thread with a main context of its own.
 *
 * Theory of operation: started when the object is complete, so that its kernel id can be told (and
 * pinned by management software) from then on; ended and joined with the object. It sleeps in
 * poll() while nobody has attached a source. Busy polling is accepted and not done.
 */
#include "hw/core/core-internal.h"
#include "hw/objects.h"

typedef struct IoThread {
    HwObject obj;
    gint64 poll_max_ns, poll_grow, poll_shrink, aio_max_batch, pool_min, pool_max;
    gint64 thread_id; /* kernel's; 0 until complete */
    GThread *thread;
    GMainContext *context;
    GMutex lock;
    GCond started;
    gint quit;        /* atomic */
} IoThread;

static gpointer serve(gpointer data)
{
    IoThread *t = data;

    g_mutex_lock(&t->lock);
    t->thread_id = hw_gettid();
    g_cond_signal(&t->started);
    g_mutex_unlock(&t->lock);
    g_main_context_push_thread_default(t->context);
    while (!g_atomic_int_get(&t->quit)) {
        g_main_context_iteration(t->context, TRUE);
    }
    g_main_context_pop_thread_default(t->context);
    return NULL;
}

static void iothread_init(HwObject *obj)
{
    IoThread *t = (IoThread *)obj;

    g_mutex_init(&t->lock);
    g_cond_init(&t->started);
    t->context = g_main_context_new();
}

static gboolean iothread_complete(HwObject *obj, GError **errp)
{
    IoThread *t = (IoThread *)obj;
    g_autofree char *name = g_strdup_printf("IO %s", obj->name);
    g_autoptr(GError) why = NULL;

    if (t->pool_min > t->pool_max) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                        "bad thread-pool-min/thread-pool-max values");
        return FALSE;
    }
    t->thread = g_thread_try_new(name, serve, t, &why);
    if (t->thread == NULL) {
        accel_error_set(errp, ACCEL_ERROR_RESOURCE, &(AccelErrorInfo){ .call = "clone" },
                        "cannot start iothread '%s': %s", obj->name, why->message);
        return FALSE;
    }
    g_mutex_lock(&t->lock);
    while (t->thread_id == 0) {
        g_cond_wait(&t->started, &t->lock);
    }
    g_mutex_unlock(&t->lock);
    return TRUE;
}

static void iothread_finalize(HwObject *obj)
{
    IoThread *t = (IoThread *)obj;

    if (t->thread != NULL) {
        g_atomic_int_set(&t->quit, 1);
        g_main_context_wakeup(t->context);
        g_thread_join(t->thread);
    }
    g_main_context_unref(t->context);
    g_cond_clear(&t->started);
    g_mutex_clear(&t->lock);
}

GMainContext *hw_iothread_context(HwObject *iothread)
{
    g_return_val_if_fail(hw_object_is_a(iothread, &hw_type_iothread), NULL);
    return ((IoThread *)iothread)->context;
}

static gboolean check_positive(void *obj, const AccelProp *prop, GError **errp)
{
    if (*(const gint64 *)((const char *)obj + prop->offset) >= 0) {
        return TRUE;
    }
    accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                    "%s value must be in range [0, %" G_GINT64_FORMAT "]", prop->name, G_MAXINT64);
    return FALSE;
}

#define NUMBER(text, field, by_default, what)                                                     \
    { .name = text, .type = ACCEL_PROP_INT64, .offset = offsetof(IoThread, field),                \
      .defval = by_default, .help = what, .type_name = "int", .check = check_positive }

static const AccelProp iothread_props[] = {
    NUMBER("poll-max-ns", poll_max_ns, "32768", "Longest busy poll (accepted, not done)"),
    NUMBER("poll-grow", poll_grow, "0", "How fast the polling time grows (accepted)"),
    NUMBER("poll-shrink", poll_shrink, "0", "How fast the polling time shrinks (accepted)"),
    NUMBER("aio-max-batch", aio_max_batch, "0", "Requests in one batch (accepted)"),
    NUMBER("thread-pool-min", pool_min, "0", "Threads of the pool, at least (accepted)"),
    NUMBER("thread-pool-max", pool_max, "64", "Threads of the pool, at most (accepted)"),
    { .name = "thread-id", .type = ACCEL_PROP_INT64, .offset = offsetof(IoThread, thread_id),
      .help = "Kernel's id of the thread", .type_name = "int", .read_only = TRUE },
    ACCEL_PROP_END,
};

const HwType hw_type_iothread = {
    .name = "iothread",
    .parent = &hw_type_object,
    .desc = "thread that serves events",
    .instance_size = sizeof(IoThread),
    .user_creatable = true,
    .props = iothread_props,
    .init = iothread_init,
    .complete = iothread_complete,
    .finalize = iothread_finalize,
};
