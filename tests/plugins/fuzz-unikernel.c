/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The machine "unikernel" against guests and files that mean harm, in process and without a vCPU.
 *
 * Theory of operation: the RAM of the guest lies between two pages that nobody may touch, so that an
 * access outside ends the test even without a sanitizer. Hostile calls have every argument at an edge
 * (0, 1, the end of RAM and its neighbours, powers of two, wrapping sums) and their structures too; an
 * answer is an error, or a success whose arguments a second, simpler computation finds allowed. What
 * no call may write (page tables, text, constants) is compared. Mutated ELF files are refused with an error, or describe segments
 * that are within file and RAM, disjoint, and never writable and executable.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "hw/modules/unikernel/unikernel.h"

#define RAM_SIZE (4ULL << 20)
#define CALLS 20000
#define FILES 5000
#define DISK_SIZE (64 * 512)
#define TEXT UK_IMAGE_MIN          /* read and execute; its end is not that of a page */
#define TEXT_SIZE 0x1f00ULL
#define CONSTANT (TEXT + 0x2000)   /* read */
#define WRITABLE (TEXT + 0x4000)   /* from here on */

extern const MachineClass unikernel_machine_class;
static const char *hello_path;

typedef struct Rig {
    HwRegistry *reg;
    Unikernel *uk;
    uint8_t *ram;      /* between guard pages */
    uint8_t *area;
    guint ended, warned;
    int disk, peer;
} Rig;

static void on_request(void *opaque, const MachineRequestInfo *info)
{
    ((Rig *)opaque)->ended += info->kind == MACHINE_REQUEST_EXIT;
}

static void on_warn(void *opaque, const char *text)
{
    g_assert_true(g_str_has_prefix(text, "unikernel: "));
    ((Rig *)opaque)->warned++;
}

static const UkImage image = {
    .seg = {
        { .addr = TEXT, .memsz = TEXT_SIZE, .prot = X86_MAP_READ | X86_MAP_EXEC },
        { .addr = CONSTANT, .memsz = 0x2000, .prot = X86_MAP_READ },
        { .addr = WRITABLE, .memsz = 0x1000, .prot = X86_MAP_READ | X86_MAP_WRITE },
    },
    .n = 3,
};

static void rig_open(Rig *r)
{
    char path[] = "/tmp/accelvm-fuzz.XXXXXX";
    int fds[2];

    memset(r, 0, sizeof(*r));
    r->reg = hw_registry_new();
    r->uk = (Unikernel *)hw_machine_new(r->reg, &unikernel_machine_class);
    r->uk->ms.hooks = (MachineHooks){ .request = on_request, .warn = on_warn, .opaque = r };
    r->uk->ms.ram_size = RAM_SIZE;
    r->area = mmap(NULL, RAM_SIZE + 2 * UK_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    r->ram = r->area + UK_PAGE;
    g_assert_cmpint(mprotect(r->ram, RAM_SIZE, PROT_READ | PROT_WRITE), ==, 0);
    r->uk->image = image;
    memset(r->ram, 0x5a, WRITABLE);
    g_assert_true(hw_ram_add(&r->uk->ms, "ram", 0, r->ram, RAM_SIZE, 0, NULL));
    r->disk = mkstemp(path);
    unlink(path);
    g_assert_cmpint(ftruncate(r->disk, DISK_SIZE), ==, 0);
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fds), ==, 0);
    r->uk->block_fd = r->disk;
    r->uk->capacity = DISK_SIZE;
    r->uk->net_fd = fds[0];
    r->peer = fds[1];
}

static void rig_close(Rig *r)
{
    hw_machine_free(&r->uk->ms);
    hw_registry_free(r->reg);
    munmap(r->area, RAM_SIZE + 2 * UK_PAGE);
    close(r->peer);
}

/* A number from the edges of what a guest can say. */
static uint64_t edge(GRand *g)
{
    static const uint64_t base[] = {
        0, 1, 512, 0x1000, 0x4000, 65536, TEXT, CONSTANT, WRITABLE, DISK_SIZE, RAM_SIZE / 2,
        RAM_SIZE, 0x7fffffff,
        0xffffffff, 1ULL << 32, 1ULL << 47, 1ULL << 63, UINT64_MAX, UINT64_MAX - 4095,
    };
    static const int64_t off[] = { 0, 0, 0, 1, -1, 8, -8, 16, -16, 24, -24, 512, -512, 513, -1514 };

    if (g_rand_int_range(g, 0, 8) == 0) {
        return (uint64_t)g_rand_int(g) << 32 | g_rand_int(g);
    }
    return base[g_rand_int_range(g, 0, G_N_ELEMENTS(base))] +
           (uint64_t)off[g_rand_int_range(g, 0, G_N_ELEMENTS(off))];
}

static const size_t sizes[UK_N_CALLS] = {
    [UK_VERSION] = sizeof(struct uk_version), [UK_EXIT] = sizeof(struct uk_exit),
    [UK_ABORT] = sizeof(struct uk_abort), [UK_CONSOLE_WRITE] = sizeof(struct uk_console_write),
    [UK_CLOCK] = sizeof(struct uk_clock), [UK_BLOCK_INFO] = sizeof(struct uk_block_info),
    [UK_BLOCK_READ] = sizeof(struct uk_block_io), [UK_BLOCK_WRITE] = sizeof(struct uk_block_io),
    [UK_BLOCK_FLUSH] = sizeof(struct uk_block_flush), [UK_NET_INFO] = sizeof(struct uk_net_info),
    [UK_NET_READ] = sizeof(struct uk_net_io), [UK_NET_WRITE] = sizeof(struct uk_net_io),
    [UK_POLL] = sizeof(struct uk_poll),
};

static bool inside(uint64_t at, uint64_t len, uint64_t end)
{
    return (long double)at + (long double)len <= (long double)end; /* 64 bits of mantissa */
}

/* Memory that the guest may read, or write, itself. */
static bool readable(uint64_t at, uint64_t len)
{
    return inside(at, len, RAM_SIZE) && (at >= TEXT || (at >= 0x1000 && at + len <= 0x4000));
}

static bool writable(uint64_t at, uint64_t len)
{
    return inside(at, len, RAM_SIZE) && at >= WRITABLE;
}

/* Could a success of this call be right? The plain way to say it. */
static bool allowed(unsigned nr, const uint64_t *a)
{
    switch (nr) {
    case UK_CONSOLE_WRITE:
        return a[1] == 0 || (a[1] <= UK_CONSOLE_MAX && readable(a[0], a[1]));
    case UK_BLOCK_READ:
    case UK_BLOCK_WRITE:
        return a[1] > 0 && a[0] % 512 == 0 && a[1] % 512 == 0 && inside(a[0], a[1], DISK_SIZE) &&
               (nr == UK_BLOCK_READ ? writable(a[2], a[1]) : readable(a[2], a[1]));
    case UK_NET_READ:
        return a[1] >= 1514 && writable(a[0], 1514);
    case UK_NET_WRITE:
        return a[1] >= 14 && a[1] <= 1514 && readable(a[0], a[1]);
    default:
        return true;
    }
}

static int64_t ret_of(unsigned nr, const uint8_t *p)
{
    int64_t ret64;
    int32_t ret32;

    switch (nr) {
    case UK_VERSION:
    case UK_POLL:
        memcpy(&ret32, p + sizes[nr] - 4, 4);
        return ret32;
    default:
        memcpy(&ret64, p + sizes[nr] - 8, 8);
        return ret64;
    }
}

/* Calls that end the guest, with or without a structure, do so exactly once. */
static bool is_end(unsigned nr, uint64_t offset, unsigned size, uint32_t where)
{
    return size != 4 || offset % 4 != 0 || nr >= UK_N_CALLS || nr == UK_EXIT || nr == UK_ABORT ||
           !writable(where, sizes[nr]);
}

static guint hostile_call(Rig *r, GRand *g)
{
    uint64_t args[3] = { edge(g), edge(g), edge(g) };
    uint64_t offset = 4 * (uint64_t)g_rand_int_range(g, 0, UK_N_CALLS);
    uint32_t where = (uint32_t)(g_rand_int_range(g, 0, 4) == 0
                                    ? edge(g) : WRITABLE + g_rand_int(g) % (RAM_SIZE - WRITABLE - 64));
    unsigned size = 4, nr = (unsigned)(offset / 4);
    guint before = r->ended;
    bool end;

    if (g_rand_int_range(g, 0, 16) == 0) {
        size = 1u << g_rand_int_range(g, 0, 3);
        offset += (uint64_t)g_rand_int_range(g, 0, 4);
    }
    nr = (unsigned)(offset / 4);
    end = is_end(nr, offset, size, where);
    if (writable(where, sizeof(args))) {
        memcpy(r->ram + where, args, sizeof(args));
    }
    uk_port_ops.write(r->uk, offset, where, size);
    g_assert_cmpuint(r->ended - before, ==, end);
    if (end || nr == UK_CLOCK || !writable(where, sizeof(args))) {
        return end;
    }
    if (ret_of(nr, r->ram + where) == UK_OK) {
        g_assert_true(allowed(nr, args));
    }
    return ret_of(nr, r->ram + where) < 0;
}

static void test_calls(void)
{
    GRand *g = g_rand_new_with_seed(6);
    uint8_t frame[64] = { 1 };
    char drain[2000];
    guint errors = 0;
    Rig r;

    rig_open(&r);
    for (unsigned i = 0; i < CALLS; i++) {
        if (i % 16 == 0) {
            g_assert_cmpint(write(r.peer, frame, sizeof(frame)), >=, -1);
            while (read(r.peer, drain, sizeof(drain)) > 0) {
            }
        }
        errors += hostile_call(&r, g);
    }
    for (unsigned i = 0; i < WRITABLE; i++) {
        g_assert_cmphex(r.ram[i], ==, 0x5a);
    }
    g_test_message("%u calls, %u refused, %u of them the guest's end", CALLS, errors, r.ended);
    g_assert_cmpuint(errors, >, CALLS / 2);
    g_rand_free(g);
    rig_close(&r);
}

/* ---- files ---- */

static void check_image(const UkImage *img, size_t len)
{
    uint64_t last = UK_IMAGE_MIN;
    bool entry = false;

    g_assert_cmpuint(img->n, <=, UK_MAX_SEGMENTS);
    for (unsigned i = 0; i < img->n; i++) {
        const UkSegment *s = &img->seg[i];

        g_assert_true(inside(s->offset, s->filesz, len));
        g_assert_true(inside(s->addr, s->memsz, RAM_SIZE - UK_STACK_MIN));
        g_assert_cmpuint(s->addr, >=, last);
        g_assert_cmpuint(s->filesz, <=, s->memsz);
        g_assert_cmpuint(s->prot & (X86_MAP_WRITE | X86_MAP_EXEC), !=,
                         X86_MAP_WRITE | X86_MAP_EXEC);
        entry = entry || ((s->prot & X86_MAP_EXEC) && img->entry - s->addr < s->memsz);
        last = s->addr + s->memsz;
    }
    g_assert_true(entry);
}

/* Where a change does something: the headers, mostly. */
static void mutate(GRand *g, uint8_t *data, size_t len)
{
    for (int n = g_rand_int_range(g, 1, 5); n > 0; n--) {
        size_t at = (size_t)g_rand_int_range(g, 0, (gint32)MIN(len, 64 + 5 * 56));
        uint64_t v = edge(g);

        if (g_rand_boolean(g)) {
            at &= ~(size_t)7;
            memcpy(data + at, &v, MIN(8, len - at));
        } else {
            data[at] = (uint8_t)g_rand_int(g);
        }
    }
}

/* Placing goes on with whatever was accepted: this is where a wrong number would write outside. */
static void place(Rig *r, uint8_t *data, size_t len)
{
    g_autoptr(GError) err = NULL;

    r->uk->file = data;
    r->uk->file_len = len;
    if (uk_place_prepare(r->uk, &err)) {
        uk_place(r->uk);
    } else {
        g_assert_nonnull(err);
    }
    g_clear_pointer(&r->uk->paging, hw_x86_paging_free);
    r->uk->file = NULL;
}

static void test_files(void)
{
    GRand *g = g_rand_new_with_seed(64);
    guint refused = 0, accepted = 0;
    g_autofree char *hello = NULL;
    gsize whole;
    Rig r;

    g_assert_true(g_file_get_contents(hello_path, &hello, &whole, NULL));
    rig_open(&r);
    for (unsigned i = 0; i < FILES; i++) {
        g_autoptr(GError) err = NULL;
        size_t len = g_rand_int_range(g, 0, 4) == 0 ? g_rand_int(g) % whole : whole;
        uint8_t *data = g_memdup2(hello, MAX(len, 1)); /* exactly as long: a sanitizer sees more */

        if (i > 0 && len > 0) {
            mutate(g, data, len);
        }
        if (uk_image_parse(&r.uk->image, data, len, RAM_SIZE, &err)) {
            g_assert_no_error(err);
            check_image(&r.uk->image, len);
            place(&r, data, len);
            accepted++;
        } else {
            g_assert_nonnull(err);
            g_assert_true(g_str_has_prefix(err->message, "unikernel: "));
            refused++;
        }
        g_free(data);
    }
    g_test_message("%u files: %u refused, %u accepted", FILES, refused, accepted);
    g_assert_cmpuint(refused, >, 1000);
    g_assert_cmpuint(accepted, >, 0);
    g_rand_free(g);
    rig_close(&r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    hello_path = argc > 1 ? argv[1] : NULL;
    g_test_add_func("/unikernel/hostile-calls", test_calls);
    if (hello_path != NULL) {
        g_test_add_func("/unikernel/mutated-files", test_files);
    }
    return g_test_run();
}
