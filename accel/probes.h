/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Static probes: a nop in the code and a note in the ELF file, for SystemTap, bpftrace and perf.
 * Where <sys/sdt.h> was missing at build time they are nothing at all.
 */
#ifndef ACCEL_PROBES_H
#define ACCEL_PROBES_H

#include "config-host.h"

#ifdef HAVE_SYS_SDT_H
#include <sys/sdt.h>
#define ACCEL_PROBE2(name, a, b)       DTRACE_PROBE2(accelvm, name, a, b)
#define ACCEL_PROBE3(name, a, b, c)    DTRACE_PROBE3(accelvm, name, a, b, c)
#define ACCEL_PROBE4(name, a, b, c, d) DTRACE_PROBE4(accelvm, name, a, b, c, d)
#else
#define ACCEL_PROBE2(name, a, b)       ((void)0)
#define ACCEL_PROBE3(name, a, b, c)    ((void)0)
#define ACCEL_PROBE4(name, a, b, c, d) ((void)0)
#endif

#endif
