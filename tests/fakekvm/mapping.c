/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which pages of the process are mappings of fake descriptors, so that the record can say at the
 * end how many were left. A partial munmap removes the whole mapping: nobody unmaps half a
 * kvm_run.
 */
#include <pthread.h>
#include <stdlib.h>
#include "record.h"

typedef struct Mapping {
    struct Mapping *next;
    unsigned long at;
    size_t size;
} Mapping;

static Mapping *mappings;
static _Atomic int count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void fake_mapping_add(unsigned long at, size_t size)
{
    Mapping *m = fake_alloc(sizeof *m);

    m->at = at;
    m->size = size;
    pthread_mutex_lock(&lock);
    m->next = mappings;
    mappings = m;
    pthread_mutex_unlock(&lock);
    atomic_fetch_add(&count, 1);
}

bool fake_mapping_remove(unsigned long at, size_t size)
{
    bool found = false;

    if (!atomic_load_explicit(&count, memory_order_relaxed)) {
        return false;
    }
    pthread_mutex_lock(&lock);
    for (Mapping **p = &mappings; *p;) {
        Mapping *m = *p;
        if (m->at < at + size && at < m->at + m->size) {
            *p = m->next;
            free(m);
            atomic_fetch_sub(&count, 1);
            found = true;
        } else {
            p = &m->next;
        }
    }
    pthread_mutex_unlock(&lock);
    return found;
}

int fake_mapping_count(void)
{
    return atomic_load(&count);
}
