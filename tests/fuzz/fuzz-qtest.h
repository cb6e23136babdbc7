/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of fuzz-qtest share. */
#ifndef TESTS_FUZZ_FUZZ_QTEST_H
#define TESTS_FUZZ_FUZZ_QTEST_H

#include <glib.h>

/** fuzz_line: one line for the server, without its newline: well-formed, mutated or noise. */
void fuzz_line(GRand *r, GString *line);
/** fuzz_number: a number as a client might write it, or might not. */
void fuzz_number(GRand *r, GString *to);

#endif
