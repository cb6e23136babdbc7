/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Internal: which signal kicks vCPU threads. */
#ifndef ACCEL_KICK_H
#define ACCEL_KICK_H

/** accel_kick_signal: the signal whose handler a program asked for, 0 when none did. */
int accel_kick_signal(void);

#endif
