/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The node and the descriptors as files: opening, duplicating, closing, asking, forking. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include "test.h"

static void test_open(void)
{
    int dir = open("/dev", O_PATH | O_DIRECTORY);
    FILE *file = fopen("/dev/kvm", "r+");
    int fds[] = {
        open("/dev/kvm", O_RDWR), open("//dev/./kvm", O_RDONLY), openat(dir, "kvm", O_RDWR),
        (int)syscall(SYS_openat, AT_FDCWD, "/dev/kvm", O_RDWR, 0), fileno(file),
    };

    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
        g_assert_cmpint(ioctl(fds[i], KVM_GET_API_VERSION, 0), ==, 12);
    }
    g_assert_cmpint((int)syscall(SYS_ioctl, fds[0], KVM_GET_API_VERSION, 0), ==, 12);
    fclose(file);
    g_assert_cmpint(open("/dev/kvm", O_RDWR | O_CREAT | O_EXCL, 0600), ==, -1);
    g_assert_cmpint(open("/dev/kvm/x", O_RDWR), ==, -1); /* the kernel's affair, with its error */
}

static void test_number_limit(void)
{
    struct rlimit old, limit;
    int kvm, vm;

    for (int fd = 3; fd < 64; fd++) {
        close(fd);
    }
    getrlimit(RLIMIT_NOFILE, &old);
    limit = (struct rlimit){ 6, old.rlim_max };
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
    kvm = open("/dev/kvm", O_RDWR);
    vm = ioctl(kvm, KVM_CREATE_VM, 0);
    g_assert_cmpint(kvm, ==, 3);
    g_assert_cmpint(vm, ==, 4);
    g_assert_cmpint(ioctl(vm, KVM_CREATE_VCPU, 0), ==, 5);
    assert_fails(ioctl(vm, KVM_CREATE_VCPU, 1), EMFILE);
    assert_fails(open("/dev/kvm", O_RDWR), EMFILE);
    close(5);
    g_assert_cmpint(ioctl(vm, KVM_CREATE_VCPU, 1), ==, 5);
    assert_fails(ioctl(vm, KVM_CREATE_VCPU, 0), EEXIST);    /* a vCPU lives as long as its VM */
    setrlimit(RLIMIT_NOFILE, &old);
}

static void test_dup(void)
{
    int kvm = open("/dev/kvm", O_RDWR), copy = dup(kvm), other;

    close(kvm);
    assert_fails(ioctl(kvm, KVM_GET_API_VERSION, 0), EBADF);
    g_assert_cmpint(ioctl(copy, KVM_GET_API_VERSION, 0), ==, 12);
    other = fcntl(copy, F_DUPFD_CLOEXEC, 50);
    g_assert_cmpint(other, >=, 50);
    g_assert_cmpint(ioctl(other, KVM_GET_API_VERSION, 0), ==, 12);
    g_assert_cmpint(dup3(copy, 60, O_CLOEXEC), ==, 60);
    g_assert_cmpint(ioctl(60, KVM_GET_API_VERSION, 0), ==, 12);
    g_assert_cmpint(dup2(STDIN_FILENO, 60), ==, 60);
    g_assert_cmpint(ioctl(60, KVM_GET_API_VERSION, 0), ==, -1);
    /* A number that was taken away behind the library's back is no KVM descriptor any more. */
    __asm__ volatile("syscall" : : "a"(SYS_dup2), "D"(STDIN_FILENO), "S"(other)
                     : "rcx", "r11", "memory");
    g_assert_cmpint(ioctl(other, KVM_GET_API_VERSION, 0), ==, -1);
    g_assert_cmpint(close_range(3, 100, 0), ==, 0);
    assert_fails(ioctl(copy, KVM_GET_API_VERSION, 0), EBADF);
}

static void test_stat(void)
{
    struct stat by_path, by_fd;
    struct statx x;
    char link[64] = "";
    Machine m = machine_new();

    g_assert_cmpint(stat("/dev/kvm", &by_path), ==, 0);
    g_assert_cmpint(fstat(m.kvm, &by_fd), ==, 0);
    g_assert_cmphex(by_path.st_mode, ==, S_IFCHR | 0646);
    g_assert_cmphex(by_fd.st_mode, ==, S_IFCHR | 0646);
    g_assert_true(by_path.st_rdev == makedev(10, 232) && by_fd.st_rdev == makedev(10, 232));
    g_assert_cmpuint(by_path.st_gid, ==, 36);
    g_assert_cmpint(statx(AT_FDCWD, "/dev/kvm", 0, STATX_BASIC_STATS, &x), ==, 0);
    g_assert_cmpuint(x.stx_rdev_minor, ==, 232);
    g_assert_cmpint(fstat(m.vm, &by_fd), ==, 0);
    g_assert_cmphex(by_fd.st_mode, ==, 0600);
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", m.vcpu);
    g_assert_cmpint(readlink(path, link, sizeof link - 1), >, 0);
    g_assert_cmpstr(link, ==, "anon_inode:kvm-vcpu:0");
    assert_fails(open(path, O_RDWR), ENXIO);
    g_autofree char *node = g_strdup_printf("/proc/self/fd/%d", m.kvm);
    int again = open(node, O_RDWR);
    g_assert_cmpint(ioctl(again, KVM_GET_API_VERSION, 0), ==, 12);
}

static void test_missing(void)
{
    struct stat st;

    assert_fails(open("/dev/kvm", O_RDWR), ENOENT);
    assert_fails(access("/dev/kvm", R_OK), ENOENT);
    assert_fails(stat("/dev/kvm", &st), ENOENT);
}

static void test_other_path(void)
{
    int kvm = open("/run/my-kvm", O_RDWR);

    g_assert_cmpint(ioctl(kvm, KVM_GET_API_VERSION, 0), ==, 12);
    g_assert_cmpint(access("/run/my-kvm", R_OK | W_OK), ==, 0);
}

static void test_not_files(void)
{
    Machine m = machine_new();
    struct pollfd p = { m.kvm, POLLIN, 0 };
    char byte;

    assert_fails(read(m.kvm, &byte, 1), EINVAL);
    assert_fails(write(m.vm, &byte, 1), EINVAL);
    g_assert_true(mmap(NULL, 4096, PROT_READ, MAP_SHARED, m.kvm, 0) == MAP_FAILED);
    g_assert_cmpint(errno, ==, ENODEV);
    g_assert_cmpint(poll(&p, 1, 0), ==, 1);
}

static void test_ring_mapping(void)
{
    int kvm = open("/dev/kvm", O_RDWR), vm = ioctl(kvm, KVM_CREATE_VM, 0), vcpu;
    struct kvm_enable_cap cap = { .cap = KVM_CAP_DIRTY_LOG_RING, .args = { 16384 } };
    off_t at = KVM_DIRTY_LOG_PAGE_OFFSET * 4096;

    g_assert_cmpint(ioctl(vm, KVM_ENABLE_CAP, &cap), ==, 0);
    vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
    g_assert_true(mmap(NULL, 16384, PROT_READ, MAP_PRIVATE, vcpu, at) == MAP_FAILED);
    g_assert_cmpint(errno, ==, EINVAL);
    struct kvm_dirty_gfn *ring = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, at);
    g_assert_true(ring != MAP_FAILED);
    g_assert_cmpuint(ring[1023].flags, ==, 0);
    assert_fails(ioctl(vm, KVM_ENABLE_CAP, &cap), EINVAL);
}

/* A VM belongs to the process that made it; the system descriptor may be used by anybody. */
static void test_fork(void)
{
    Machine m = machine_new();
    pid_t child = fork();
    int status;

    if (!child) {
        gboolean alien = ioctl(m.vm, KVM_CHECK_EXTENSION, 0) == -1 && errno == EIO;
        int vm = ioctl(m.kvm, KVM_CREATE_VM, 0);
        _exit(!(alien && vm >= 0 && ioctl(vm, KVM_CHECK_EXTENSION, KVM_CAP_HLT) == 1));
    }
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_cmpint(status, ==, 0);
    g_assert_cmpint(ioctl(m.vm, KVM_CHECK_EXTENSION, KVM_CAP_HLT), ==, 1);
}

/* A descriptor that an exec'ed program inherits is still one of KVM. */
static void test_exec(void)
{
    int kvm = open("/dev/kvm", O_RDWR);
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *number = g_strdup_printf("%d", kvm);
    pid_t child;
    int status;

    if (g_getenv("FAKEKVM_INHERITED")) {
        _exit(ioctl(atoi(g_getenv("FAKEKVM_INHERITED")), KVM_GET_API_VERSION, 0) != 12);
    }
    child = fork();
    if (!child) {
        g_setenv("FAKEKVM_INHERITED", number, TRUE);
        execl(self, self, "-p", "/file/exec", "--GTestSubprocess", NULL);
        _exit(9);
    }
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_cmpint(status, ==, 0);
}

static const FakeTest tests[] = {
    { "/file/open", test_open },
    { "/file/number-limit", test_number_limit },
    { "/file/dup", test_dup },
    { "/file/stat", test_stat, "node mode=0646 gid=36" },
    { "/file/missing", test_missing, "node errno=ENOENT" },
    { "/file/other-path", test_other_path, "device /run/my-kvm" },
    { "/file/not-files", test_not_files },
    { "/file/ring-mapping", test_ring_mapping },
    { "/file/fork", test_fork },
    { "/file/exec", test_exec },
};

void add_file_tests(void)
{
    fake_tests_add(tests, G_N_ELEMENTS(tests));
}
