/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The command line, in the word order that QEMU's own test clients use, so that a binary that
 * depends on the order fails here too. Words are split like a shell does but nothing is expanded
 * and no shell runs: the child that we signal and reap is the VM itself.
 */
#include "aq-private.h"

const char *aq_default_binary(void)
{
    const char *binary = g_getenv("QTEST_QEMU_BINARY");

    return binary && *binary ? binary : g_getenv("ACCELVM_BINARY");
}

static void add(GPtrArray *words, const char *word)
{
    g_ptr_array_add(words, g_strdup(word));
}

static gboolean add_split(GPtrArray *words, const char *text, const char *what, GError **error)
{
    g_auto(GStrv) split = NULL;
    g_autoptr(GError) local = NULL;
    char **p;

    if (!g_shell_parse_argv(text, NULL, &split, &local)) {
        if (g_error_matches(local, G_SHELL_ERROR, G_SHELL_ERROR_EMPTY_STRING)) {
            return TRUE;
        }
        return aq_fail(error, AQ_ERROR_USAGE, "%s: %s: %s", what, local->message, text);
    }
    for (p = split; *p; p++) {
        add(words, *p);
    }
    return TRUE;
}

/* A comma ends a value in QEMU's option syntax; a doubled one stands for itself. */
static char *double_commas(const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, ",", -1);

    return g_strjoinv(",,", parts);
}

static void add_connections(GPtrArray *words, const AqVM *vm)
{
    const char *trace = g_getenv("QTEST_TRACE");

    if (trace) {
        add(words, "-trace");
        add(words, trace);
    }
    add(words, "-qtest");
    g_ptr_array_add(words, g_strdup_printf("unix:%s", vm->qtest_path));
    add(words, "-qtest-log");
    add(words, g_getenv("QTEST_LOG") ? "/dev/fd/2" : "/dev/null");
    if (!(vm->flags & AQ_VM_NO_QMP)) {
        g_autofree char *path = double_commas(vm->qmp_path);

        add(words, "-chardev");
        g_ptr_array_add(words, g_strdup_printf("socket,path=%s,id=char0", path));
        add(words, "-mon");
        add(words, "chardev=char0,mode=control");
    }
    add(words, "-display");
    add(words, "none");
}

static gboolean add_test_options(GPtrArray *words, const AqConfig *config, GError **error)
{
    const char *accel = config->accel ? config->accel : "qtest";
    gsize i;

    if (config->args && !add_split(words, config->args, "options", error)) {
        return FALSE;
    }
    for (i = 0; config->argv && config->argv[i]; i++) {
        add(words, config->argv[i]);
    }
    if (*accel) {
        add(words, "-accel");
        add(words, accel);
    }
    return TRUE;
}

/* The argument vector for @config (g_strfreev), or NULL. */
char **aq_cmdline(const AqVM *vm, const AqConfig *config, GError **error)
{
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
    const char *binary = config->binary ? config->binary : aq_default_binary();
    gboolean ok;

    if (!binary || !*binary) {
        ok = aq_fail(error, AQ_ERROR_USAGE, "no binary to test: set QTEST_QEMU_BINARY or "
                     "ACCELVM_BINARY");
    } else {
        ok = add_split(words, binary, "binary", error);
        if (ok && !words->len) {
            ok = aq_fail(error, AQ_ERROR_USAGE, "the name of the binary is blank");
        }
    }
    if (ok) {
        add_connections(words, vm);
        ok = add_test_options(words, config, error);
    }
    if (!ok) {
        g_ptr_array_free(words, TRUE);
        return NULL;
    }
    g_ptr_array_add(words, NULL);
    return (char **)g_ptr_array_free(words, FALSE);
}
