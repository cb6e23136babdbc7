/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stdio: descriptors 0 and 1, once. A terminal goes into raw mode; descriptors keep their blocking
 * mode, because it is shared with whoever started us.
 */
#include <unistd.h>
#include "system/char.h"
#include "system/term.h"

static bool in_use;

static void stdio_finalize(HwObject *obj)
{
    term_restore();
    in_use = false;
    fd_char_finalize(obj);
}

static void stdio_set_echo(Chardev *chr, bool echo)
{
    term_set_echo(echo);
}

static const ChardevClass stdio_class = {
    .type = {
        .name = "chardev-stdio",
        .parent = &hw_type_chardev,
        .desc = "standard input and output",
        .instance_size = sizeof(FdChar),
        .init = fd_char_init,
        .finalize = stdio_finalize,
    },
    .write = fd_char_write,
    .accept_input = fd_char_accept_input,
    .update_handlers = fd_char_update_handlers,
    .set_echo = stdio_set_echo,
};

Chardev *char_stdio_create(Vm *vm, const KeyVals *kv, GError **errp)
{
    bool signals = true;
    FdChar *s;

    if (vm->daemonized) {
        opt_error(errp, "cannot use stdio with -daemonize");
        return NULL;
    }
    if (in_use) {
        opt_error(errp, "cannot use stdio by multiple character devices");
        return NULL;
    }
    s = fd_char_new(&stdio_class, kv, errp);
    if (s == NULL) {
        return NULL;
    }
    in_use = true;
    keyvals_bool(kv, "signal", &signals);
    term_acquire(signals);
    s->parent.filename = g_strdup("stdio");
    fd_char_open(s, STDIN_FILENO, false, STDOUT_FILENO, false);
    return &s->parent;
}
