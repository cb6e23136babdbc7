/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A scenario that cannot be right ends the program with status 99 and names the line. */
#include <sys/wait.h>
#include "test.h"

typedef struct Bad {
    const char *name, *text, *message;
} Bad;

static const Bad bads[] = {
    { "directive", "api 12; frobnicate 1", ":2: unknown directive 'frobnicate'" },
    { "number", "api twelve", ":1: 'twelve' is not a number" },
    { "missing", "api", ":1: version is missing" },
    { "extra", "api 12 13", ":1: '13' is not expected here" },
    { "cap", "cap KVM_CAP_NOTHING 1", "'KVM_CAP_NOTHING' is neither a number nor a known" },
    { "limit", "limit cows 3", "no limit is named 'cows'" },
    { "cpuid", "cpuid 1 2 3", "register is missing" },
    { "errno", "fault call=open errno=EFROG", "'EFROG' is not an errno" },
    { "call", "fault call=KVM_EAT errno=EIO", "'KVM_EAT' is neither a number" },
    { "no-call", "fault nth=1 errno=EIO", "which call?" },
    { "no-action", "fault call=open", "what happens to the call?" },
    { "nth", "fault call=open nth=0 errno=EIO", "calls are counted from 1 upwards" },
    { "both", "fault call=open errno=EIO result=3", "exclude each other" },
    { "key", "fault call=open erno=EIO errno=EIO", "'erno=EIO' is not expected here" },
    { "malformed", "fault call=open malformed=pretzel", "malformed=pretzel is unknown" },
    { "no-end", "vcpu 0; hlt", "the script of line 1 has no end" },
    { "twice", "vcpu 0; end; vcpu 0; end", ":3: vcpu 0 has a script already (line 1)" },
    { "step", "vcpu 0; dance; end", ":2: unknown step 'dance'" },
    { "loop", "vcpu 0; loop forever; write 0 00; end; end", "would never leave KVM_RUN" },
    { "hex", "vcpu 0; out port=1 data=0g; end", "is not a row of hexadecimal bytes" },
    { "odd-hex", "vcpu 0; out port=1 data=000; end", "needs two hexadecimal digits" },
    { "size", "vcpu 0; out port=1 size=3 data=000000; end", "1, 2 or 4 bytes wide" },
    { "fit", "vcpu 0; out port=1 size=4 data=0000; end", "2 bytes of data do not fit a size of 4" },
    { "expect", "vcpu 0; in port=1 expect=0000; end", "expect= has 2 bytes, the guest reads 1" },
    { "port", "vcpu 0; in port=0x10000; end", "0x10000 is more than 65535" },
    { "path", "device kvm", "'kvm' is not an absolute path" },
};

static char **environment(const char *text, const char *file)
{
    char **env = g_get_environ();

    env = g_environ_setenv(env, "LD_PRELOAD", g_getenv("FAKEKVM_LIBRARY"), TRUE);
    env = g_environ_setenv(env, "FAKEKVM_SCENARIO_TEXT", text, TRUE);
    return g_environ_setenv(env, "FAKEKVM_SCENARIO", file, TRUE);
}

static int run_true(const char *text, const char *file, char **message)
{
    char *argv[] = { (char *)"/bin/true", NULL };
    char **env = environment(text, file);
    int status = -1;

    g_assert_true(g_spawn_sync(NULL, argv, env, 0, NULL, NULL, NULL, message, &status, NULL));
    g_strfreev(env);
    return status;
}

static void test_bad(gconstpointer data)
{
    const Bad *bad = data;
    g_autofree char *message = NULL;
    int status = run_true(bad->text, "", &message);

    g_assert_cmpint(WIFEXITED(status), ==, 1);
    g_assert_cmpint(WEXITSTATUS(status), ==, 99);
    if (!g_str_has_prefix(message, "fakekvm: FAKEKVM_SCENARIO_TEXT:") ||
        !strstr(message, bad->message)) {
        g_error("'%s' does not say '%s'", message, bad->message);
    }
}

static void test_no_file(void)
{
    g_autofree char *message = NULL;
    int status = run_true("", "/no/such/file", &message);

    g_assert_cmpint(WEXITSTATUS(status), ==, 99);
    g_assert_nonnull(strstr(message, "cannot read the scenario: No such file"));
}

/* The samples that are installed must be right. */
static void test_samples(void)
{
    const char *dir = g_getenv("FAKEKVM_SCENARIOS"), *name;
    GDir *list = dir ? g_dir_open(dir, 0, NULL) : NULL;
    int count = 0;

    g_assert_nonnull(list);
    while ((name = g_dir_read_name(list))) {
        g_autofree char *path = g_build_filename(dir, name, NULL), *message = NULL;
        int status = run_true("# nothing more", path, &message);
        g_assert_cmpstr(message, ==, "");
        g_assert_cmpint(status, ==, 0);
        count++;
    }
    g_dir_close(list);
    g_assert_cmpint(count, >=, 10);
}

void add_scenario_tests(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(bads); i++) {
        g_autofree char *path = g_strdup_printf("/scenario/bad/%s", bads[i].name);
        g_test_add_data_func(path, &bads[i], test_bad);
    }
    g_test_add_func("/scenario/no-file", test_no_file);
    g_test_add_func("/scenario/samples", test_samples);
}
