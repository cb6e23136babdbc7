/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Raw mode, and back again on every way out: a normal end, a deadly signal and a crash. After a stop
 * and continue from the shell (SIGCONT) raw mode is set once more. Only tcsetattr() is used from the
 * handlers; it is async-signal-safe.
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

/* Put the terminal back, then die of the same signal as if we had never caught it. */
static void on_crash(int sig)
{
    term_restore();
    signal(sig, SIG_DFL);
    raise(sig);
}

static void on_continue(int sig)
{
    int err = errno;

    if (acquired) {
        tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    }
    errno = err;
}

static void catch_crashes(void)
{
    static const int crashes[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGQUIT, SIGTRAP };
    struct sigaction sa = { .sa_handler = on_crash, .sa_flags = SA_RESETHAND | SA_NODEFER };
    struct sigaction old;

    for (guint i = 0; i < G_N_ELEMENTS(crashes); i++) {
        /* A sanitizer's own handler stays. */
        if (sigaction(crashes[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL) {
            sigaction(crashes[i], &sa, NULL);
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
