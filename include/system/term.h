/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal (launcher): the terminal that -serial stdio and -nographic use.
 */
#ifndef SYSTEM_TERM_H
#define SYSTEM_TERM_H

#include <stdbool.h>

/**
 * term_acquire: put the terminal on descriptor 0 into raw mode; nothing when it is none.
 * @signals: Ctrl-C and friends still make signals.
 */
void term_acquire(bool signals);
/** term_set_echo: input line mode of a human monitor that edits no lines itself. */
void term_set_echo(bool echo);
/** term_restore: as found. Safe in signal handlers, any thread, any number of times. */
void term_restore(void);

#endif
