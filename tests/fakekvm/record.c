/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SEQ TID KIND CALL ARGUMENTS = RESULT [ERRNO] [exit=NAME] [fault=LINE] A line is one write(2) to
 * a file opened for appending: threads and processes can share the file, and nothing is lost when
 * the program is killed. The descriptor is kept where the program does not see it.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "record.h"
#include "scenario.h"
#include "names.h"
#include "../proc-count.h"

static int record_fd = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void fake_record_lock(void)
{
    pthread_mutex_lock(&lock);
}

void fake_record_unlock(void)
{
    pthread_mutex_unlock(&lock);
}

bool fake_recording(void)
{
    return record_fd >= 0;
}

bool fake_record_is(int fd)
{
    return fd == record_fd && fd >= 0;
}

void fake_record_open(void)
{
    const char *path = getenv("FAKEKVM_RECORD");
    int fd;

    if (!path || !*path) {
        return;
    }
    fd = (int)fake_sys(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (fd < 0) {
        dprintf(STDERR_FILENO, "fakekvm: %s: cannot record: %s\n", path, strerror(errno));
        _exit(STATUS_BAD_SCENARIO);
    }
    record_fd = fake_fd_hide(fd);
}

static void put(char *line, int length, size_t size)
{
    int saved = errno;
    size_t n = (size_t)length < size ? (size_t)length : size - 1;

    line[n - 1] = '\n';
    if (fake_sys(SYS_write, record_fd, line, n) < 0) {
        record_fd = -1;     /* closed under our feet: the program's run matters more */
    }
    errno = saved;
}

static const char *kind_name(FakeKind kind)
{
    switch (kind) {
    case FAKE_SYSTEM:
        return "system";
    case FAKE_VM:
        return "vm";
    case FAKE_VCPU:
        return "vcpu";
    case FAKE_DEVICE:
        return "device";
    case FAKE_STATS:
        return "stats";
    case FAKE_NODE:
        return "node";
    default:
        return "memory";
    }
}

static int put_result(const FakeCall *call, char *text, size_t size)
{
    if (call->result < 0 && call->result > -4096) {
        return snprintf(text, size, " = -1 %s", fake_errno_name((int)-call->result));
    }
    if (call->cmd == CALL_MMAP || call->cmd == CALL_MMAP_ANON) {
        return snprintf(text, size, " = %#lx", (unsigned long)call->result);
    }
    return snprintf(text, size, " = %d", (int)call->result);
}

void fake_record_call(const FakeCall *call, const char *arguments)
{
    char line[512], name[32];
    size_t size = sizeof line;
    int n;

    if (record_fd < 0) {
        return;
    }
    n = snprintf(line, size, "%llu %d %s", (unsigned long long)call->seq, (int)gettid(),
                 kind_name(call->kind));
    if (call->fd >= 0) {
        n += snprintf(line + n, size - (size_t)n, ":%d", call->fd);
    }
    n += snprintf(line + n, size - (size_t)n, " %s %s",
                  fake_call_name(call->cmd, name, sizeof name), arguments);
    if ((size_t)n < size) {
        n += put_result(call, line + n, size - (size_t)n);
    }
    if (call->fault && (size_t)n < size) {
        n += snprintf(line + n, size - (size_t)n, " fault=%d", call->fault->line);
    }
    put(line, n + 1, size);
}

void fake_record_note(const char *format, ...)
{
    char line[256];
    va_list args;
    int n;

    if (record_fd < 0) {
        return;
    }
    n = snprintf(line, sizeof line, "- %d ", (int)gettid());
    va_start(args, format);
    n += vsnprintf(line + n, sizeof line - (size_t)n, format, args);
    va_end(args);
    put(line, n + 1, sizeof line);
}

/* Only a process that used KVM says good-bye: what a shell runs besides does not. */
void fake_record_close(void)
{
    if (fake_call_total()) {
        fake_record_note("end calls=%llu descriptors=%d mappings=%d threads=%u",
                         (unsigned long long)fake_call_total(), fake_fd_count(),
                         fake_mapping_count(), count_threads());
    }
}
