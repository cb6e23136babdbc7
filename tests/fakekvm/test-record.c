/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The record: one line for each call, numbered without a gap, and the sum at the end. */
#include <sys/wait.h>
#include "test.h"

static char *record_path;

/* What the lines below describe. */
static void program(void)
{
    int kvm = open("/dev/kvm", O_RDWR), vm = ioctl(kvm, KVM_CREATE_VM, 0), vcpu;
    void *run;

    ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_HLT);
    ioctl(vm, KVM_CREATE_VCPU, 0);
    vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
    run = mmap(NULL, 12288, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
    ioctl(vcpu, KVM_RUN, 0);
    ioctl(kvm, 0xae77, 5);
    munmap(run, 12288);
    mmap(NULL, 12288, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
    close(vcpu);
    if (!fork()) {
        _exit(0);       /* says nothing: it has not used KVM */
    }
    if (!vfork()) {
        _exit(0);
    }
    while (wait(NULL) > 0) {
    }
    if (g_getenv("FAKEKVM_QUICK_END")) {
        _exit(0);
    }
}

static const char *const lines[] = {
    "^1 \\d+ node open arg=0x2 = \\d+$",
    "^2 \\d+ system:\\d+ KVM_CREATE_VM arg=0 = \\d+$",
    "^3 \\d+ system:\\d+ KVM_CHECK_EXTENSION KVM_CAP_HLT = 1$",
    "^4 \\d+ vm:\\d+ KVM_CREATE_VCPU arg=0 = -1 ENOMEM fault=1$",
    "^5 \\d+ vm:\\d+ KVM_CREATE_VCPU arg=0 = \\d+$",
    "^6 \\d+ vcpu:\\d+ mmap page=0 size=0x3000 = 0x[0-9a-f]+$",
    "^7 \\d+ vcpu:\\d+ KVM_RUN exit=HLT\\(5\\) = 0$",
    "^8 \\d+ system:\\d+ ioctl:0xae77 arg=0x5 = -1 EINVAL$",
    "^- \\d+ munmap 0x[0-9a-f]+ size=0x3000$",
    "^9 \\d+ vcpu:\\d+ mmap page=0 size=0x3000 = 0x[0-9a-f]+$",
    "^- \\d+ close \\d+ anon_inode:kvm-vcpu:0$",
    "^- \\d+ end calls=9 descriptors=2 mappings=1 threads=1$",
};

static void check_record(gconstpointer data)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) have = NULL;
    const FakeTest *test = data;

    if (g_test_subprocess()) {
        program();
        return;
    }
    g_setenv("FAKEKVM_RECORD", record_path, TRUE);
    fake_test_run(test);
    g_unsetenv("FAKEKVM_RECORD");
    g_assert_true(g_file_get_contents(record_path, &text, NULL, NULL));
    unlink(record_path);
    have = g_strsplit(text, "\n", -1);
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        if (i >= g_strv_length(have) || !g_regex_match_simple(lines[i], have[i], 0, 0)) {
            g_error("line %zu is '%s', not %s", i + 1, i < g_strv_length(have) ? have[i] : "",
                    lines[i]);
        }
    }
    g_assert_cmpuint(g_strv_length(have), ==, G_N_ELEMENTS(lines) + 1);
}

static const FakeTest record_test = {
    "/record/lines", program, "fault call=KVM_CREATE_VCPU nth=1 errno=ENOMEM; vcpu 0; hlt; end",
};

/* The same lines if the program ends without the C library's clean-up. */
static void check_quick_end(gconstpointer data)
{
    g_setenv("FAKEKVM_QUICK_END", "1", TRUE);
    check_record(data);
    g_unsetenv("FAKEKVM_QUICK_END");
}

void add_record_tests(void)
{
    record_path = g_strdup_printf("%s/fakekvm-record-%d", g_get_tmp_dir(), (int)getpid());
    g_test_add_data_func(record_test.name, &record_test, check_record);
    g_test_add_data_func("/record/quick-end", &record_test, check_quick_end);
}
