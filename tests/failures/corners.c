/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Corners of the accelerator core that no ordinary run visits: accessors of foreign errors, odd
 * property tables, numbers at the edge, choices, and hosts that say little about themselves.
 */
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include "../fakekvm/fakekvm-control.h"
#include "accel/accel-class.h"
#include "accel/kvm-host.h"
#include "accel/kvm.h"
#include "accel/select.h"

/* ---- errors ---- */

static void test_foreign_errors(void)
{
    g_autoptr(GError) foreign = g_error_new(G_FILE_ERROR, 0, "x");
    GError *const errors[] = { foreign, NULL };

    for (guint i = 0; i < G_N_ELEMENTS(errors); i++) {
        g_assert_null(accel_error_accel(errors[i]));
        g_assert_null(accel_error_stage(errors[i]));
        g_assert_null(accel_error_call(errors[i]));
        g_assert_null(accel_error_capability(errors[i]));
        g_assert_null(accel_error_missing(errors[i]));
        g_assert_null(accel_error_notes(errors[i]));
        g_assert_null(accel_error_causes(errors[i]));
        g_assert_null(accel_error_remedies(errors[i]));
        g_assert_cmpint(accel_error_errno(errors[i]), ==, 0);
        g_assert_cmpint(accel_error_have(errors[i]), ==, 0);
        g_assert_cmpint(accel_error_need(errors[i]), ==, 0);
        accel_error_add_cause(errors[i], "nothing");
        accel_error_add_remedy(errors[i], "nothing");
        accel_error_set_context(errors[i], "a", "b");
    }
}

static void test_bare_error(void)
{
    GError *err = NULL, *copy;

    accel_error_set(NULL, ACCEL_ERROR_FAILED, NULL, "nobody listens");
    accel_error_set(&err, ACCEL_ERROR_FAILED, NULL, "bare");
    accel_error_set_context(err, "kvm", "open");
    accel_error_set_context(err, "tcg", "later"); /* the first word stands */
    copy = g_error_copy(err);
    g_assert_cmpstr(accel_error_accel(copy), ==, "kvm");
    g_assert_cmpstr(accel_error_stage(copy), ==, "open");
    g_assert_null(accel_error_causes(copy));
    accel_error_add_cause(err, "one");
    accel_error_add_cause(err, "two");
    g_error_free(copy);
    copy = g_error_copy(err);
    g_assert_cmpstr(accel_error_causes(copy)[1], ==, "two");
    accel_error_add_cause(copy, "three");
    g_assert_cmpstr(accel_error_causes(copy)[2], ==, "three");
    g_assert_null(accel_error_causes(copy)[3]);
    g_assert_null(accel_error_causes(err)[2]);
    g_error_free(copy);
    g_error_free(err);
}

/* ---- properties ---- */

typedef struct Box {
    char *text, *link;
    bool flag;
    guint8 small;
    guint64 big;
} Box;

static gboolean refuse(void *obj, const AccelProp *prop, GError **errp)
{
    accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "no");
    return FALSE;
}

static const AccelProp box_props[] = {
    { "some-text", ACCEL_PROP_STRING, offsetof(Box, text), "start", NULL, NULL, NULL, refuse,
      FALSE },
    { "a-link", ACCEL_PROP_LINK, offsetof(Box, link), NULL, "help", NULL, "link<cpu>", NULL,
      FALSE },
    { "flag", ACCEL_PROP_BOOL, offsetof(Box, flag), "maybe", NULL, NULL, NULL, NULL, TRUE },
    { "small", ACCEL_PROP_UINT8, offsetof(Box, small), "255", NULL, NULL, NULL, NULL, FALSE },
    { "big", ACCEL_PROP_UINT64, offsetof(Box, big), NULL, NULL, NULL, NULL, refuse, FALSE },
    ACCEL_PROP_END,
};

static void refused(Box *box, const char *name, const char *value, const char *message)
{
    GError *err = NULL;

    g_assert_false(accel_prop_set(box, box_props, "box", name, value, &err));
    g_assert_cmpstr(err->message, ==, message);
    g_error_free(err);
}

static void test_props(void)
{
    Box box = { 0 };
    g_autofree char *help = accel_prop_help(box_props), *none = accel_prop_help(NULL);
    g_autofree char *link = NULL;

    accel_prop_init(&box, box_props);
    g_assert_cmpstr(box.text, ==, "start");
    g_assert_cmpuint(box.small, ==, 255);
    g_assert_false(box.flag); /* its default is nonsense */
    link = accel_prop_get(&box, &box_props[1]);
    g_assert_cmpstr(link, ==, "");
    refused(&box, "some-text", "other", "no");
    g_assert_cmpstr(box.text, ==, "start");
    refused(&box, "big", "5", "no");
    refused(&box, "flag", "on", "Property 'box.flag' is not writable");
    refused(&box, "small", "256", "Parameter 'small' expects uint8_t");
    refused(&box, "somewhat", "1", "Property 'box.somewhat' not found");
    refused(&box, "some+text", "1", "Property 'box.some+text' not found");
    refused(&box, "some-texts", "1", "Property 'box.some-texts' not found");
    g_assert_true(accel_prop_set(&box, box_props, "box", "a_link", "x", NULL));
    g_assert_true(accel_prop_set(&box, box_props, "box", "a-link", "y", NULL));
    g_assert_cmpstr(box.link, ==, "y");
    g_assert_null(accel_prop_find(NULL, "x"));
    g_assert_nonnull(strstr(help, "a-link=<link<cpu>>"));
    g_assert_cmpstr(none, ==, "");
    accel_prop_init(&box, NULL);
    accel_prop_clear(&box, NULL);
    accel_prop_clear(&box, box_props);
    g_assert_null(box.text);
}

static void test_numbers(void)
{
    guint64 n;

    g_assert_false(accel_parse_size("1.5", 1, &n)); /* half a byte */
    g_assert_true(accel_parse_size("1.5k", 1, &n));
    g_assert_cmpuint(n, ==, 1536);
    g_assert_false(accel_parse_size("15.9999999999999999999e", 1, &n)); /* rounds beyond 2^64 */
    g_assert_false(accel_parse_size("16e", 1, &n));
    g_assert_false(accel_parse_size("1x", 1, &n));
    g_assert_false(accel_parse_size("1.", 1, &n));
    g_assert_false(accel_parse_size("0x", 1, &n));
    g_assert_true(accel_parse_size("0x10", 1, &n));
}

/* ---- selection ---- */

static void test_select(void)
{
    static const char *const bad[] = { "no-such", "1", NULL };
    const AccelChoice none[1] = { { 0 } };
    const AccelChoice module[1] = { { .name = "tcg", .props = bad } };
    const AccelSpec spec = { .size = sizeof(spec) };
    GError *err = NULL;

    g_assert_null(accel_select(none, 0, &spec, NULL, NULL, &err));
    g_assert_nonnull(strstr(err->message, "No accelerator selected"));
    g_clear_error(&err);
    g_assert_null(accel_select(module, 1, &spec, NULL, NULL, &err));
    g_assert_nonnull(err);
    g_clear_error(&err);
    {
        const AccelChoice both[2] = { { .name = "nothing" }, { .name = "qtest" } };
        g_autoptr(AccelState) as = accel_select(both, 2, &spec, NULL, NULL, &err);

        g_assert_no_error(err);
        g_assert_cmpstr(accel_name(as), ==, "qtest");
    }
}

static void test_kick_handler_unknown(void)
{
    g_autoptr(GError) err = NULL;

    g_assert_false(accel_install_kick_handler(12345, &err));
    g_assert_false(accel_install_kick_handler(12345, NULL));
    g_assert_cmpint(accel_error_errno(err), ==, EINVAL);
}

/* ---- hosts ---- */

typedef struct HostCase {
    const char *name;
    const char *files[12]; /* path, text, ... */
    AccelErrorCode code;
    const char *stage, *message, *notes;
    int errnum;
    const char *cause; /* a piece of the first cause; NULL: that there is one */
} HostCase;

#define NODE "/stat/dev/kvm", "mode=0660 uid=0 gid=106 type=char rdev=10:232"
#define USER "/proc/self/status", "Uid:\t1000\t1000\nGroups:\t106\n"
#define OPEN "open", "Could not access KVM kernel module: x", NULL

static const HostCase hosts[] = {
    { "says-nothing", { NULL }, ACCEL_ERROR_ABSENT, OPEN, ENOENT, "there is no /dev/kvm" },
    { "odd-files", { "/proc/self/status", "no colon here\nUid 12\nUid:\n", "/proc/cpuinfo",
                     "vendor_id : AuthenticAMD\nflags : notvmx vmxnot\nflags2", "/etc/passwd",
                     "broken\na:b\n:x::\n", "/etc/group", "kvm:x\n", "/proc/self/uid_map", "x" },
      ACCEL_ERROR_ABSENT, OPEN, ENXIO, NULL },
    { "identity-map", { "/proc/self/uid_map", "0 0 4294967295\n", NODE, USER },
      ACCEL_ERROR_DENIED, OPEN, EACCES, "the device cgroup or a security module denies it" },
    { "half-map", { "/proc/self/uid_map", "0 0 1000\n",
                    "/stat/dev/kvm", "mode=0660 uid=65534 gid=7 type=char rdev=10:232", USER },
      ACCEL_ERROR_DENIED, OPEN, EACCES, "user namespace" },
    { "shifted-map", { "/proc/self/uid_map", "1 0 4294967295\n",
                       "/stat/dev/kvm", "mode=0660 uid=65534 gid=7 type=char rdev=10:232", USER },
      ACCEL_ERROR_DENIED, OPEN, EACCES, "user namespace" },
    { "owner", { "/proc/self/status", "Uid:\t7\t7\nGid:\t9\t9\n",
                 "/stat/dev/kvm", "mode=0060 uid=7 gid=8 type=char rdev=10:232" },
      ACCEL_ERROR_DENIED, OPEN, EACCES, "is 0060" },
    { "unconfined", { "/proc/self/attr/current", "unconfined\n", "/sys/kernel/security/apparmor/x",
                      "", NODE, USER },
      ACCEL_ERROR_DENIED, OPEN, EPERM, "the device cgroup or a security module denies it" },
    { "no-apparmor", { "/proc/self/attr/current", "profile\n", NODE, USER }, ACCEL_ERROR_DENIED,
      OPEN, EPERM, "the device cgroup or a security module denies it" },
    { "empty-profile", { "/proc/self/attr/current", "\n", NODE, USER }, ACCEL_ERROR_DENIED, OPEN,
      EPERM, "the device cgroup or a security module denies it" },
    { "selinux-off", { "/sys/fs/selinux/enforce", "0\n", "/proc/self/attr/current", "u:r:t", NODE,
                       USER },
      ACCEL_ERROR_DENIED, OPEN, EPERM, "the device cgroup or a security module denies it" },
    { "selinux-no-context", { "/sys/fs/selinux/enforce", "1\n", NODE, USER }, ACCEL_ERROR_DENIED,
      OPEN, EPERM, "SELinux enforcing, context ?" },
    { "nspawn", { "/run/systemd/container", "systemd-nspawn\n" }, ACCEL_ERROR_ABSENT, OPEN, ENOENT,
      "this systemd-nspawn container" },
    { "nspawn-empty", { "/run/systemd/container", "\n", "/proc/self/cgroup", "0::/machine.slice/x" },
      ACCEL_ERROR_ABSENT, OPEN, ENOENT, "there is no /dev/kvm" },
    { "not-kvm-number", { "/stat/dev/kvm", "mode=0666 uid=0 gid=0 type=char rdev=10:200" },
      ACCEL_ERROR_ABSENT, "api-version", "kvm version too old", NULL, ENOTTY,
      "it is character device 10:200" },
    { "kvm-number", { "/stat/dev/kvm", "mode=0666 uid=0 gid=0 type=char rdev=10:232" },
      ACCEL_ERROR_ABSENT, "api-version", "kvm version too old", NULL, ENOTTY,
      "has KVM's number but does not answer like KVM" },
    { "bios-amd", { "/proc/cpuinfo", "vendor_id\t: AuthenticAMD\nflags\t\t: fpu svm\n", "/dmesg",
                    "kvm: disabled by bios" },
      ACCEL_ERROR_ABSENT, OPEN, ENOENT, "switched off in firmware" },
    { "bios-unknown", { "/proc/cpuinfo", "flags\t\t: svm", "/dmesg", "kvm: disabled by bios" },
      ACCEL_ERROR_ABSENT, OPEN, ENOENT, "switched off in firmware" },
    { "dmesg-quiet", { "/dmesg", "all is well" }, ACCEL_ERROR_ABSENT, OPEN, ENOENT,
      "there is no /dev/kvm" },
    { "both-modules", { "/sys/module/kvm/x", "", "/sys/module/kvm_intel/x", "", "/proc/cpuinfo",
                        "flags : vmx" },
      ACCEL_ERROR_ABSENT, OPEN, ENOENT, "kvm_intel is loaded" },
    { "modules-only", { "/sys/module/kvm/x", "", "/sys/module/kvm_amd/x", "" }, ACCEL_ERROR_ABSENT,
      OPEN, ENOENT, "kvm_amd is loaded, yet there is no /dev/kvm" },
    { "static-node-amd", { NODE, USER, "/proc/cpuinfo", "flags : svm", "/sys/module/kvm/x", "" },
      ACCEL_ERROR_ABSENT, OPEN, ENODEV, "loaded without a vendor module" },
    { "chromeos", { "/dev/.cros_milestone", "" }, ACCEL_ERROR_ABSENT, OPEN, ENOENT,
      "(hypervisor flag)" },
    { "wsl-by-release", { "/proc/sys/kernel/osrelease", "5.15-microsoft-standard", "/proc/version",
                          "Linux" },
      ACCEL_ERROR_ABSENT, OPEN, ENOENT, "(WSL)" },
    { "vendor-only", { "/sys/class/dmi/id/product_name", "Box", "/proc/cpuinfo",
                       "flags : hypervisor" },
      ACCEL_ERROR_ABSENT, OPEN, ENOENT, "(Box)" },
    { "same-cores", { "/sys/devices/system/cpu/cpu0/regs/identification/midr_el1", "0x1",
                      "/sys/devices/system/cpu/cpu1/regs/identification/midr_el1", "0x1" },
      ACCEL_ERROR_FAILED, "create-vcpu", "x", NULL, EINVAL, "the cause is not known" },
    { "msr-nested", { "/proc/cpuinfo", "flags : hypervisor" }, ACCEL_ERROR_FAILED, "msr", "x",
      NULL, EIO, "the host refuses this MSR" },
    { "msr-metal", { NULL }, ACCEL_ERROR_FAILED, "msr", "x", NULL, EIO,
      "the host refuses this MSR" },
    { "lsm-ioctl", { "/sys/fs/selinux/enforce", "1\n" }, ACCEL_ERROR_DENIED, "create-vm", "x",
      NULL, EACCES, "SELinux enforcing" },
    { "no-kernel-name", { NULL }, ACCEL_ERROR_FAILED, "create-vm", "x", NULL, ENOTTY,
      "(kernel unknown)" },
    { "no-kernel-name-cap", { NULL }, ACCEL_ERROR_CAPABILITY, "required-caps", "x", NULL, EINVAL,
      "this kernel (unknown)" },
    { "entry-ept", { "/sys/module/kvm_intel/parameters/ept", "N" }, ACCEL_ERROR_GUEST, "run",
      "KVM: entry failed, hardware error 0x80000021", NULL, 0, "unrestricted_guest=?, ept=N" },
    { "entry-guest", { "/sys/module/kvm_intel/parameters/unrestricted_guest", "N" },
      ACCEL_ERROR_GUEST, "run", "KVM: entry failed, hardware error 0x80000021", NULL, 0,
      "unrestricted_guest=N, ept=?" },
    { "entry-metal", { NULL }, ACCEL_ERROR_GUEST, "run", "KVM: entry failed, hardware error 0x7",
      NULL, 0, "the CPU refused the guest's state" },
    { "emulation-notes", { NULL }, ACCEL_ERROR_GUEST, "run", "odd", "emulation failure", 0,
      "the kernel had to emulate" },
    { "guest-notes", { NULL }, ACCEL_ERROR_GUEST, "run", "odd", "vCPU 0", 0, "cannot go on" },
    { "guest-memory", { "/proc/self/cgroup", "1:x:/\n0::/", "/sys/fs/cgroup/memory.max", "max" },
      ACCEL_ERROR_GUEST, "run", "error: kvm run failed Cannot allocate memory", NULL, ENOMEM,
      NULL },
};

static void write_file(const char *root, const char *path, const char *text)
{
    g_autofree char *full = g_strconcat(root, path, NULL);
    g_autofree char *dir = g_path_get_dirname(full);

    g_assert_cmpint(g_mkdir_with_parents(dir, 0700), ==, 0);
    g_assert_true(g_file_set_contents(full, text, -1, NULL));
}

static void remove_tree(const char *path)
{
    GDir *dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *child = g_build_filename(path, name, NULL);

        remove_tree(child);
    }
    g_clear_pointer(&dir, g_dir_close);
    g_remove(path);
}

static void test_host(gconstpointer data)
{
    const HostCase *c = data;
    const AccelErrorInfo info = { .accel = "kvm", .stage = c->stage, .call = "KVM_X",
                                  .errnum = c->errnum, .notes = c->notes, .capability = "KVM_CAP_X" };
    g_autofree char *root = g_dir_make_tmp("corners-XXXXXX", NULL);
    g_autoptr(GError) err = NULL;
    g_autoptr(KVMHost) host = NULL;

    for (guint i = 0; i + 1 < G_N_ELEMENTS(c->files) && c->files[i] != NULL; i += 2) {
        write_file(root, c->files[i], c->files[i + 1]);
    }
    accel_error_set(&err, c->code, &info, "%s", c->message);
    host = kvm_host_read(root, NULL);
    kvm_host_explain_error(host, err);
    remove_tree(root);
    g_assert_nonnull(accel_error_remedies(err));
    if (c->cause != NULL && strstr(accel_error_causes(err)[0], c->cause) == NULL) {
        g_error("the cause is: %s", accel_error_causes(err)[0]);
    }
}

static void test_no_host(void)
{
    g_test_message("summary: remedies tested=%u", (guint)G_N_ELEMENTS(hosts));
    kvm_host_free(NULL);
    kvm_host_explain_error(NULL, NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/corners/foreign-errors", test_foreign_errors);
    g_test_add_func("/corners/bare-error", test_bare_error);
    g_test_add_func("/corners/props", test_props);
    g_test_add_func("/corners/numbers", test_numbers);
    g_test_add_func("/corners/select", test_select);
    g_test_add_func("/corners/kick-handler", test_kick_handler_unknown);
    g_test_add_func("/corners/no-host", test_no_host);
    for (guint i = 0; i < G_N_ELEMENTS(hosts); i++) {
        g_autofree char *path = g_strdup_printf("/corners/host/%s", hosts[i].name);

        g_test_add_data_func(path, &hosts[i], test_host);
    }
    return g_test_run();
}
