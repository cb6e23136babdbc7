/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Does making vCPUs in parallel pay? Creates N vCPUs in a fresh VM by one thread and by two, each with
 * what every vCPU needs at least: KVM_CREATE_VCPU, the mapping of kvm_run, KVM_SET_CPUID2. Prints the
 * least and the median of some rounds in us, and the share of KVM_CREATE_VCPU, which takes a lock of the whole VM.
 *
 * usage: vcpu-create [ROUNDS]
 */
#include <err.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define MAX_VCPUS 288
#define MAX_ROUNDS 101
#define CPUID_ENTRIES 100

static struct {
    struct kvm_cpuid2 head;
    struct kvm_cpuid_entry2 entries[CPUID_ENTRIES];
} cpuid;
static int kvm, vm, mmap_size;
static int fds[MAX_VCPUS];
static void *runs[MAX_VCPUS];

typedef struct {
    pthread_t thread;
    int first, n, step;
    double in_create; /* us */
} Part;

static double now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int checked(int result, const char *what)
{
    if (result < 0) {
        err(2, "%s", what);
    }
    return result;
}

static void *create(void *opaque)
{
    Part *part = opaque;

    for (int i = part->first; i < part->n; i += part->step) {
        double start = now_us();

        fds[i] = checked(ioctl(vm, KVM_CREATE_VCPU, (unsigned long)i), "KVM_CREATE_VCPU");
        part->in_create += now_us() - start;
        runs[i] = mmap(NULL, (size_t)mmap_size, PROT_READ | PROT_WRITE, MAP_SHARED, fds[i], 0);
        checked(runs[i] == MAP_FAILED ? -1 : 0, "mmap");
        checked(ioctl(fds[i], KVM_SET_CPUID2, &cpuid), "KVM_SET_CPUID2");
    }
    return NULL;
}

static void destroy(int n)
{
    for (int i = 0; i < n; i++) {
        munmap(runs[i], (size_t)mmap_size);
        close(fds[i]);
    }
    close(vm);
}

/* Returns: us for all of it; *in_create: us inside KVM_CREATE_VCPU, of all threads. */
static double one_round(int n, int threads, double *in_create)
{
    Part parts[2] = { { .first = 0, .n = n, .step = threads },
                      { .first = 1, .n = n, .step = threads } };
    double start, took;

    vm = checked(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
    checked(ioctl(vm, KVM_CREATE_IRQCHIP, 0), "KVM_CREATE_IRQCHIP");
    start = now_us();
    if (threads == 2) {
        checked(-pthread_create(&parts[1].thread, NULL, create, &parts[1]), "pthread_create");
    }
    create(&parts[0]);
    if (threads == 2) {
        pthread_join(parts[1].thread, NULL);
    }
    took = now_us() - start;
    *in_create = parts[0].in_create + parts[1].in_create;
    destroy(n);
    return took;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void measure(int n, int threads, int rounds)
{
    double took[MAX_ROUNDS], in_create[MAX_ROUNDS];

    for (int i = 0; i < rounds; i++) {
        took[i] = one_round(n, threads, &in_create[i]);
    }
    qsort(took, (size_t)rounds, sizeof(took[0]), compare);
    qsort(in_create, (size_t)rounds, sizeof(in_create[0]), compare);
    printf("%5d %8d %11.0f %12.0f %19.0f\n", n, threads, took[0], took[rounds / 2],
           in_create[rounds / 2]);
}

int main(int argc, char **argv)
{
    static const int counts[] = { 2, 8, 32, MAX_VCPUS };
    int rounds = argc > 1 ? atoi(argv[1]) : 11;

    if (rounds < 1 || rounds > MAX_ROUNDS) {
        errx(2, "rounds: 1 to %d", MAX_ROUNDS);
    }
    kvm = checked(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
    mmap_size = checked(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), "KVM_GET_VCPU_MMAP_SIZE");
    cpuid.head.nent = CPUID_ENTRIES;
    checked(ioctl(kvm, KVM_GET_SUPPORTED_CPUID, &cpuid), "KVM_GET_SUPPORTED_CPUID");
    printf("vCPUs  threads  least (us)  median (us)  in CREATE_VCPU (us)\n");
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        measure(counts[i], 1, rounds);
        measure(counts[i], 2, rounds);
    }
    return 0;
}
