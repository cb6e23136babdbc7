/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Raw mode, and back again on every way out: a normal end, a deadly signal and a crash. After a
 * stop and continue from the shell (SIGCONT) raw mode is set once more. Only tcsetattr() is used
 * from the handlers; it is async-signal-safe.
 */
#include <errno.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>
#include <glib.h>
#include "system/term.h"

static struct termios saved, raw;
static volatile sig_atomic_t acquired;

void term_restore(void)
{
    int err = errno;

    if (acquired) {
        tcsetattr(STDIN_FILENO, TCSANOW, &saved);
    }
    errno = err;
}

static const int crashes[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGQUIT, SIGTRAP };
static struct sigaction crash_before[G_N_ELEMENTS(crashes)];

/*
 * Put the terminal back, then let the signal do what it did before we caught it: die, or a
 * sanitizer's report. A fault happens again by itself when the handler returns.
 */
static void on_crash(int sig, siginfo_t *info, void *context)
{
    term_restore();
    for (guint i = 0; i < G_N_ELEMENTS(crashes); i++) {
        if (crashes[i] == sig) {
            sigaction(sig, &crash_before[i], NULL);
        }
    }
    if (info->si_code <= 0 || sig == SIGQUIT || sig == SIGABRT) {
        raise(sig);
    }
}

static void on_continue(int sig)
{
    int err = errno;

    if (acquired) {
        tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    }
    errno = err;
}

/* What the caller ignores stays ignored: a shell does so with SIGQUIT of what it puts into the background. */
static void catch_crashes(void)
{
    struct sigaction sa = { .sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK };

    for (guint i = 0; i < G_N_ELEMENTS(crashes); i++) {
        sigaction(crashes[i], &sa, &crash_before[i]);
        if (crash_before[i].sa_handler == SIG_IGN) {
            sigaction(crashes[i], &crash_before[i], NULL);
        }
    }
    sa = (struct sigaction){ .sa_handler = on_continue, .sa_flags = SA_RESTART };
    sigaction(SIGCONT, &sa, NULL);
}

void term_acquire(bool signals)
{
    if (acquired || tcgetattr(STDIN_FILENO, &saved) != 0) {
        return;
    }
    raw = saved;
    raw.c_iflag &= ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    raw.c_oflag |= OPOST;
    raw.c_lflag &= ~(ECHO | ECHONL | ICANON | IEXTEN);
    raw.c_cflag = (raw.c_cflag & ~(CSIZE | PARENB)) | CS8;
    if (!signals) {
        raw.c_lflag &= ~ISIG;
    }
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    acquired = 1;
    catch_crashes();
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

void term_set_echo(bool echo)
{
    if (!acquired) {
        return;
    }
    if (echo) {
        raw.c_lflag |= ECHO | ECHONL | ICANON | IEXTEN;
    } else {
        raw.c_lflag &= ~(ECHO | ECHONL | ICANON | IEXTEN);
    }
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}
