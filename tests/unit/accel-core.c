/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The parts of the accelerator core that need no accelerator: errors with data, numbers, typed
 * properties, traces, selection.
 */
#include <errno.h>
#include <stdbool.h>
#include "accel/accel-class.h"
#include "accel/kvm.h"
#include "accel/select.h"

static void test_error_data(void)
{
    const AccelErrorInfo info = { .accel = "kvm", .stage = "open", .call = "open",
                                  .errnum = EACCES, .capability = "KVM_CAP_X", .have = 1,
                                  .need = 2, .notes = "a\nb" };
    GError *err = NULL, *copy;

    accel_error_set(&err, ACCEL_ERROR_DENIED, &info, "no %s", "way");
    accel_error_add_remedy(err, "first");
    accel_error_add_remedy(err, "second");
    accel_error_add_cause(err, "because");
    copy = g_error_copy(err);
    g_error_free(err);
    g_assert_error(copy, ACCEL_ERROR, ACCEL_ERROR_DENIED);
    g_assert_cmpstr(copy->message, ==, "no way");
    g_assert_cmpstr(accel_error_accel(copy), ==, "kvm");
    g_assert_cmpstr(accel_error_stage(copy), ==, "open");
    g_assert_cmpstr(accel_error_call(copy), ==, "open");
    g_assert_cmpstr(accel_error_capability(copy), ==, "KVM_CAP_X");
    g_assert_cmpstr(accel_error_notes(copy), ==, "a\nb");
    g_assert_cmpint(accel_error_errno(copy), ==, EACCES);
    g_assert_cmpint(accel_error_have(copy), ==, 1);
    g_assert_cmpint(accel_error_need(copy), ==, 2);
    g_assert_cmpstr(accel_error_remedies(copy)[0], ==, "first");
    g_assert_cmpstr(accel_error_remedies(copy)[1], ==, "second");
    g_assert_null(accel_error_remedies(copy)[2]);
    g_assert_cmpstr(accel_error_causes(copy)[0], ==, "because");
    accel_error_set_context(copy, "other", "later");
    g_assert_cmpstr(accel_error_stage(copy), ==, "open");
    g_error_free(copy);
}

static void test_error_foreign(void)
{
    g_autoptr(GError) err = g_error_new(G_FILE_ERROR, G_FILE_ERROR_NOENT, "x");

    g_assert_null(accel_error_stage(err));
    g_assert_null(accel_error_stage(NULL));
    g_assert_null(accel_error_remedies(err));
    g_assert_cmpint(accel_error_errno(err), ==, 0);
    accel_error_add_remedy(err, "nothing happens");
    accel_error_set_context(err, "a", "b");
}

static void test_error_codes(void)
{
    static const struct {
        int errnum;
        AccelErrorCode code;
    } rows[] = {
        { ENOENT, ACCEL_ERROR_ABSENT }, { ENODEV, ACCEL_ERROR_ABSENT },
        { ENXIO, ACCEL_ERROR_ABSENT }, { ENOTTY, ACCEL_ERROR_ABSENT },
        { EACCES, ACCEL_ERROR_DENIED }, { EPERM, ACCEL_ERROR_DENIED },
        { EBUSY, ACCEL_ERROR_BUSY }, { ENOMEM, ACCEL_ERROR_RESOURCE },
        { EMFILE, ACCEL_ERROR_RESOURCE }, { ENOSPC, ACCEL_ERROR_RESOURCE },
        { EINVAL, ACCEL_ERROR_FAILED }, { 0, ACCEL_ERROR_FAILED },
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_assert_cmpint(accel_error_code_from_errno(rows[i].errnum), ==, rows[i].code);
    }
}

static void test_sizes(void)
{
    static const struct {
        const char *text;
        guint64 unit, value;
    } good[] = {
        { "0", 1, 0 }, { "1", 1, 1 }, { "64", 1 << 20, 64 << 20 }, { "0x10", 1, 16 },
        { "4k", 1, 4096 }, { "4K", 1, 4096 }, { "1M", 1, 1 << 20 }, { "1.5G", 1, 1610612736 },
        { "3B", 1 << 20, 3 }, { "16E", 1, 0 }, { "18446744073709551615", 1, G_MAXUINT64 },
        { "2T", 1, (guint64)2 << 40 }, { "1P", 1, (guint64)1 << 50 },
    };
    static const char *const bad[] = { "", "k", "-1", "+1", " 1", "1 ", "1.5", "1kk", "0x", "1x",
                                       "18446744073709551616", "17E", "1.M", ".5M", "1e3", NULL };
    guint64 v;

    for (guint i = 0; i < G_N_ELEMENTS(good); i++) {
        if (g_str_equal(good[i].text, "16E")) {
            g_assert_false(accel_parse_size("16E", 1, &v));
            continue;
        }
        g_assert_true(accel_parse_size(good[i].text, good[i].unit, &v));
        g_assert_cmpuint(v, ==, good[i].value);
    }
    for (guint i = 0; bad[i] != NULL; i++) {
        g_assert_false(accel_parse_size(bad[i], 1, &v));
    }
}

typedef struct Thing {
    bool b;
    gint64 i;
    guint8 u8;
    guint16 u16;
    guint32 u32;
    guint64 size;
    char *s;
    int e;
} Thing;

static gboolean check_even(void *obj, const AccelProp *prop, GError **errp)
{
    if ((((Thing *)obj)->u32 & 1) != 0) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "odd");
        return FALSE;
    }
    return TRUE;
}

static const char *const colours[] = { "red", "green", NULL };

static const AccelProp props[] = {
    { "flag-one", ACCEL_PROP_BOOL, offsetof(Thing, b), "on", "a flag", NULL, NULL, NULL, FALSE },
    { "int", ACCEL_PROP_INT64, offsetof(Thing, i), "-1", NULL, NULL, NULL, NULL, FALSE },
    { "u8", ACCEL_PROP_UINT8, offsetof(Thing, u8), NULL, NULL, NULL, NULL, NULL, FALSE },
    { "u16", ACCEL_PROP_UINT16, offsetof(Thing, u16), "0x3f8", NULL, NULL, NULL, NULL, FALSE },
    { "even", ACCEL_PROP_UINT32, offsetof(Thing, u32), "2", NULL, NULL, NULL, check_even, FALSE },
    { "size", ACCEL_PROP_SIZE, offsetof(Thing, size), "1M", NULL, NULL, NULL, NULL, FALSE },
    { "str", ACCEL_PROP_STRING, offsetof(Thing, s), "x", NULL, NULL, NULL, NULL, FALSE },
    { "colour", ACCEL_PROP_ENUM, offsetof(Thing, e), "green", NULL, colours, NULL, NULL, FALSE },
    ACCEL_PROP_END,
};

static void assert_prop(const Thing *t, const char *name, const char *value)
{
    g_autofree char *got = accel_prop_get(t, accel_prop_find(props, name));

    g_assert_cmpstr(got, ==, value);
}

static void test_props(void)
{
    Thing t = { 0 };
    static const char *const good[][3] = {
        { "flag_one", "no", "off" }, { "int", "-5", "-5" }, { "u8", "255", "255" },
        { "u16", "65535", "65535" }, { "even", "4k", "4096" }, { "size", "2G", "2147483648" },
        { "str", "hello", "hello" }, { "colour", "red", "red" },
        { "int", "-9223372036854775808", "-9223372036854775808" },
    };
    static const char *const bad[][2] = {
        { "flag-one", "maybe" }, { "int", "x" }, { "u8", "256" }, { "u16", "-1" },
        { "even", "3" }, { "even", "4294967296" }, { "size", "1Q" }, { "colour", "blue" },
        { "int", "9223372036854775808" }, { "nosuch", "1" },
    };

    accel_prop_init(&t, props);
    assert_prop(&t, "flag-one", "on");
    assert_prop(&t, "int", "-1");
    assert_prop(&t, "u16", "1016");
    assert_prop(&t, "colour", "green");
    for (guint i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autoptr(GError) err = NULL;

        g_assert_true(accel_prop_set(&t, props, "thing", good[i][0], good[i][1], &err));
        g_assert_no_error(err);
        assert_prop(&t, good[i][0], good[i][2]);
    }
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) err = NULL;

        g_assert_false(accel_prop_set(&t, props, "thing", bad[i][0], bad[i][1], &err));
        g_assert_error(err, ACCEL_ERROR, ACCEL_ERROR_INVALID);
    }
    assert_prop(&t, "even", "4096");
    accel_prop_clear(&t, props);
    g_assert_null(t.s);
}

static void test_prop_texts(void)
{
    Thing t = { 0 };
    g_autoptr(GError) a = NULL, b = NULL, c = NULL;
    g_autofree char *help = accel_prop_help(props);

    accel_prop_set(&t, props, "kvm-accel", "X", "1", &a);
    g_assert_cmpstr(a->message, ==, "Property 'kvm-accel.X' not found");
    accel_prop_set(&t, props, "thing", "colour", "blue", &b);
    g_assert_cmpstr(b->message, ==, "Parameter 'colour' does not accept value 'blue'");
    accel_prop_set(&t, props, "thing", "even", "abc", &c);
    g_assert_cmpstr(c->message, ==, "Parameter 'even' expects uint64");
    g_clear_error(&c);
    accel_prop_set(&t, props, "thing", "even", "4294967296", &c);
    g_assert_cmpstr(c->message, ==, "Parameter 'even' expects uint32_t");
    g_assert_nonnull(strstr(help, "flag-one=<bool>"));
    g_assert_nonnull(strstr(help, "a flag (default: on)"));
    g_assert_nonnull(strstr(help, "colour=<red|green>"));
}

static void sink(void *opaque, const char *event, const char *line)
{
    g_string_append_printf(opaque, "%s %s;", event, line);
}

static void test_trace(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    AccelTrace *t = accel_trace_new(sink, out);

    accel_trace(t, kvm_ioctl, "off %d", 1);
    g_assert_cmpuint(accel_trace_enable(t, "kvm_*"), >, 20);
    g_assert_cmpuint(accel_trace_enable(t, "nosuch"), ==, 0);
    accel_trace(t, kvm_ioctl, "on %d", 2);
    accel_trace(t, vcpu_start, "still off");
    accel_trace_enable(t, "-kvm_ioctl");
    accel_trace(t, kvm_ioctl, "off again");
    g_assert_cmpstr(out->str, ==, "kvm_ioctl on 2;");
    accel_trace_free(t);
}

static void test_names(void)
{
    g_assert_cmpstr(kvm_capability_name(3), ==, "KVM_CAP_USER_MEMORY");
    g_assert_null(kvm_capability_name(99999));
    g_assert_cmpint(kvm_capability_by_name("immediate_exit"), ==, 136);
    g_assert_cmpint(kvm_capability_by_name("KVM_CAP_NOSUCH"), ==, -1);
    g_assert_cmpstr(kvm_ioctl_name(0xae00), ==, "KVM_GET_API_VERSION");
    g_assert_cmpstr(kvm_ioctl_name(0xae80), ==, "KVM_RUN");
    g_assert_null(kvm_ioctl_name(0x5401));
    g_assert_cmpstr(kvm_stage_names()[0], ==, "open");
}

typedef struct Told {
    GString *text;
} Told;

static void report(void *opaque, AccelSelectEvent ev, const AccelChoice *c, const AccelState *as,
                   const GError *err)
{
    g_string_append_printf(opaque, "%d %s;", ev, c->name);
}

static void test_select(void)
{
    static const char *const nodev[] = { "device", "/nonexistent/kvm", NULL };
    static const char *const badprop[] = { "nosuch", "1", NULL };
    const AccelChoice fall[] = { { "foo", NULL, NULL }, { "kvm", nodev, NULL },
                                 { "qtest", NULL, NULL }, { "bar", NULL, NULL } };
    const AccelChoice first[] = { { "qtest", NULL, NULL }, { "foo", NULL, NULL } };
    const AccelChoice wrong[] = { { "qtest", NULL, NULL }, { "kvm", badprop, NULL } };
    const AccelSpec spec = { .size = sizeof(spec), .cpus = 1 };
    g_autoptr(GString) told = g_string_new(NULL);
    g_autoptr(GError) err = NULL;
    AccelState *as;

    as = accel_select(fall, 4, &spec, report, told, &err);
    g_assert_nonnull(as);
    g_assert_cmpstr(accel_name(as), ==, "qtest");
    g_assert_cmpstr(told->str, ==, "0 foo;1 kvm;2 qtest;");
    accel_close(as);

    g_string_truncate(told, 0);
    as = accel_select(first, 2, &spec, report, told, &err);
    g_assert_nonnull(as);
    g_assert_cmpstr(told->str, ==, ""); /* no fallback that did not happen */
    accel_close(as);

    g_assert_null(accel_select(wrong, 2, &spec, report, told, &err));
    g_assert_cmpstr(err->message, ==, "Property 'kvm-accel.nosuch' not found");
    g_clear_error(&err);
    g_assert_null(accel_select(fall, 2, &spec, NULL, NULL, &err));
    g_assert_cmpstr(accel_error_stage(err), ==, "open");
    g_clear_error(&err);
    g_assert_null(accel_select(NULL, 0, &spec, NULL, NULL, &err));
    g_assert_error(err, ACCEL_ERROR, ACCEL_ERROR_INVALID);
}

static void test_retry_after_failure(void)
{
    g_autoptr(AccelState) as = accel_new("kvm", NULL);
    const AccelSpec spec = { .size = sizeof(spec) };

    g_assert_true(accel_set_property(as, "device", "/nonexistent/kvm", NULL));
    for (int i = 0; i < 3; i++) {
        g_autoptr(GError) err = NULL;

        g_assert_false(accel_init(as, &spec, &err));
        g_assert_error(err, ACCEL_ERROR, ACCEL_ERROR_ABSENT);
        g_assert_cmpstr(err->message, ==,
                        "Could not access KVM kernel module: No such file or directory");
    }
}

static void test_unknown(void)
{
    g_autoptr(GError) err = NULL;

    g_assert_null(accel_open("KVM", NULL, &err));
    g_assert_cmpstr(err->message, ==, "invalid accelerator KVM");
    g_assert_error(err, ACCEL_ERROR, ACCEL_ERROR_UNKNOWN);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/accel/error/data", test_error_data);
    g_test_add_func("/accel/error/foreign", test_error_foreign);
    g_test_add_func("/accel/error/codes", test_error_codes);
    g_test_add_func("/accel/parse/size", test_sizes);
    g_test_add_func("/accel/prop/set", test_props);
    g_test_add_func("/accel/prop/texts", test_prop_texts);
    g_test_add_func("/accel/trace", test_trace);
    g_test_add_func("/accel/names", test_names);
    g_test_add_func("/accel/select", test_select);
    g_test_add_func("/accel/retry", test_retry_after_failure);
    g_test_add_func("/accel/unknown", test_unknown);
    return g_test_run();
}
