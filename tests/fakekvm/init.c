/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Start, fork and end of the process. Any entry point may be called before this library's
 * constructor (by another library's), so that starting is asked for everywhere and happens once.
 */
#include <pthread.h>
#include <unistd.h>
#include "fakekvm.h"
#include "record.h"
#include "scenario.h"

_Atomic int fake_generation;
static pid_t process;       /* a child of vfork shares this memory but is another process */
static _Atomic bool finished;
_Atomic bool fake_node_opened;

static void in_child(void)
{
    atomic_fetch_add(&fake_generation, 1);
    fake_call_reset();
    process = getpid();
    fake_record_unlock();
    fake_fd_unlock();
}

static void before_fork(void)
{
    fake_fd_lock();
    fake_record_lock();
}

static void in_parent(void)
{
    fake_record_unlock();
    fake_fd_unlock();
}

static void start(void)
{
    process = getpid();
    fake_scenario_load();
    fake_record_open();
    pthread_atfork(before_fork, in_parent, in_child);
}

__attribute__((constructor)) void fake_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, start);
}

__attribute__((destructor)) void fake_finish(void)
{
    if (getpid() == process && !atomic_exchange(&finished, true)) {
        fake_record_close();
    }
}
