/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal: scan code translation.
 */
#ifndef HW_INPUT_SCANCODE_H
#define HW_INPUT_SCANCODE_H

#include <stdbool.h>
#include <stdint.h>

/** scancode_to_set1: @release is the state between calls. Returns: -1 when there is no byte yet. */
int scancode_to_set1(bool *release, uint8_t code);

#endif
