/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parts of the loader fuzzer: seeds, mutations, targets, driver. */
#ifndef TESTS_FUZZ_LOAD_H
#define TESTS_FUZZ_LOAD_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct FuzzTarget {
    const char *name;
    /* Built-in seeds; the corpus adds the files whose names start "NAME-". */
    void (*seeds)(GPtrArray *out);
    /* One run on exactly these bytes (in a block of their size); true if they were accepted.
     * Aborts if an accepted input breaks a promise of the interface. */
    bool (*run)(GRand *rnd, const uint8_t *data, size_t len);
} FuzzTarget;

extern const FuzzTarget fuzz_targets[];
extern const unsigned fuzz_n_targets;

/* Scratch directory that runs may write to; removed at the end. */
void fuzz_targets_init(void);
void fuzz_targets_clear(void);

/* 0 .. limit - 1. */
uint32_t fuzz_below(GRand *rnd, uint32_t limit);
GByteArray *fuzz_mutate(GRand *rnd, const GByteArray *seed, const GByteArray *other);

#endif
