/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Objects of the user: memory backends of all kinds and their failures, the machine's RAM out of
 * one, secrets, iothreads, random bytes.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <glib/gstdio.h>
#include "hw/boot-config.h"
#include "hw/machine.h"
#include "hw/memory.h"
#include "hw/memory-backend.h"
#include "hw/objects.h"

#define MIB (1ull << 20)
#define PAGE 4096u

typedef struct Fixture {
    HwRegistry *reg;
    MachineState *ms;
    char *dir;
} Fixture;

static void setup(Fixture *f, gconstpointer name)
{
    f->reg = hw_registry_new();
    f->ms = hw_machine_new(f->reg, hw_machine_find(f->reg, "pc-lite"));
    f->ms->boot = boot_config_new();
    f->dir = g_dir_make_tmp("objects-XXXXXX", NULL);
}

static void teardown(Fixture *f, gconstpointer name)
{
    BootConfig *boot = f->ms->boot;

    hw_machine_free(f->ms);
    boot_config_free(boot);
    hw_registry_free(f->reg);
    g_assert_cmpint(g_rmdir(f->dir), ==, 0); /* so whatever is to be gone is gone */
    g_free(f->dir);
}

/* @what: the type, "key=value" pairs, NULL. Returns: borrowed from the tree, NULL with an error. */
static HwObject *make(Fixture *f, const char *id, const char *const *what, GError **errp)
{
    HwObject *obj = hw_object_new(hw_registry_find(f->reg, what[0]));
    gboolean ok = TRUE;

    for (guint i = 1; ok && what[i] != NULL; i++) {
        const char *eq = strchr(what[i], '=');
        g_autofree char *key = g_strndup(what[i], (gsize)(eq - what[i]));

        ok = hw_object_set(obj, key, eq + 1, errp);
    }
    g_assert_true(hw_object_add_child(f->ms->objects, id, obj, NULL));
    ok = ok && (obj->type->complete == NULL || obj->type->complete(obj, errp));
    if (!ok) {
        hw_object_unparent(obj);
    }
    hw_object_unref(obj);
    return ok ? obj : NULL;
}

static HwObject *good(Fixture *f, const char *const *what)
{
    g_autoptr(GError) err = NULL;
    HwObject *obj = make(f, "x", what, &err);

    g_assert_no_error(err);
    return obj;
}

static void bad(Fixture *f, const char *why, const char *const *what)
{
    g_autoptr(GError) err = NULL;

    g_assert_null(make(f, "x", what, &err));
    g_assert_nonnull(err);
    if (strstr(err->message, why) == NULL) {
        g_error("'%s' does not say '%s'", err->message, why);
    }
    g_assert_null(hw_object_child(f->ms->objects, "x"));
}

#define WHAT(...) (const char *const[]){ __VA_ARGS__, NULL }
#define GOOD(...) good(f, WHAT(__VA_ARGS__))
#define BAD(why, ...) bad(f, why, WHAT(__VA_ARGS__))

static char *path_in(Fixture *f, const char *name)
{
    return g_strdup_printf("mem-path=%s/%s", f->dir, name);
}

static void use(HwObject *obj, uint64_t size)
{
    MemoryBackend *b = (MemoryBackend *)obj;

    g_assert_cmpuint(b->size, ==, size);
    g_assert_cmpuint((uintptr_t)b->host % PAGE, ==, 0);
    b->host[0] = 1;
    b->host[size - 1] = 2;
}

/* ---- memory-backend-ram ---- */

#define RAM "memory-backend-ram"

static void test_ram(Fixture *f, gconstpointer data)
{
    use(GOOD(RAM, "size=1M"), MIB);
    hw_object_unparent(hw_object_child(f->ms->objects, "x"));
    use(GOOD(RAM, "size=1000"), 1000);
    hw_object_unparent(hw_object_child(f->ms->objects, "x"));
    use(GOOD(RAM, "size=1M", "share=on", "merge=off", "dump=off", "reserve=off"), MIB);
}

static void test_ram_errors(Fixture *f, gconstpointer data)
{
    BAD("Parameter 'size' is missing", RAM);
    BAD("property 'size' of memory-backend-ram doesn't take value '0'", RAM, "size=0");
    BAD("Parameter 'size' expects", RAM, "size=foo");
    BAD("Parameter 'share' expects 'on' or 'off'", RAM, "share=foo");
    BAD("Property 'memory-backend-ram.foo' not found", RAM, "foo=1");
    BAD("property 'prealloc-threads' of memory-backend-ram doesn't take value '0'", RAM,
        "prealloc-threads=0");
    BAD("'prealloc=on' and 'reserve=off' are incompatible", RAM, "prealloc=on", "reserve=off");
    BAD("'prealloc=on' and 'reserve=off' are incompatible", RAM, "reserve=off", "prealloc=on");
    BAD("cannot set up guest memory 'x': ", RAM, "size=15E");
    BAD("cannot set up guest memory 'x': ", RAM, "size=18446744073709551615");
}

/* Every page is there, with as many threads as told, and more than there are pages. */
static void check_resident(MemoryBackend *b)
{
    guint n = (guint)(b->mapped / PAGE);
    g_autofree unsigned char *vec = g_malloc(n);

    g_assert_cmpint(mincore(b->host, b->mapped, vec), ==, 0);
    for (guint i = 0; i < n; i++) {
        g_assert_cmpuint(vec[i] & 1, ==, 1);
    }
}

static void test_prealloc(Fixture *f, gconstpointer data)
{
    check_resident((MemoryBackend *)GOOD(RAM, "size=1M", "prealloc=on"));
    hw_object_unparent(hw_object_child(f->ms->objects, "x"));
    check_resident((MemoryBackend *)GOOD(RAM, "size=1M", "prealloc=on", "prealloc-threads=7"));
    hw_object_unparent(hw_object_child(f->ms->objects, "x"));
    check_resident((MemoryBackend *)GOOD(RAM, "size=8K", "prealloc=on", "prealloc-threads=50"));
}

static void test_policy(Fixture *f, gconstpointer data)
{
    BAD("host-nodes must be set for policy bind", RAM, "size=1M", "policy=bind");
    BAD("host-nodes must be empty for policy default", RAM, "size=1M", "host-nodes=0");
    BAD("Parameter 'policy' does not accept value 'foo'", RAM, "policy=foo");
    BAD("Parameter 'host-nodes' expects a uint64 value or range", RAM, "host-nodes=x");
    BAD("Parameter 'host-nodes' expects a uint64 value or range", RAM, "host-nodes=3-1");
    BAD("Invalid host-nodes value: 128", RAM, "host-nodes=0-200");
    if (g_file_test("/sys/devices/system/node/node0", G_FILE_TEST_EXISTS)) {
        use(GOOD(RAM, "size=1M", "policy=bind", "host-nodes=0"), MIB);
        if (!g_file_test("/sys/devices/system/node/node100", G_FILE_TEST_EXISTS)) {
            hw_object_unparent(hw_object_child(f->ms->objects, "x"));
            BAD("cannot bind memory to host NUMA nodes: ", RAM, "size=1M", "policy=bind",
                "host-nodes=100");
        }
    }
}

static void test_node_list(Fixture *f, gconstpointer data)
{
    uint64_t nodes[2];

    g_assert_true(hw_memory_backend_nodes("0,2-3,127", nodes, NULL));
    g_assert_cmphex(nodes[0], ==, 0xd);
    g_assert_cmphex(nodes[1], ==, 1ull << 63);
    g_assert_true(hw_memory_backend_nodes(NULL, nodes, NULL));
    g_assert_cmphex(nodes[0] | nodes[1], ==, 0);
    g_assert_false(hw_memory_backend_nodes("0-", nodes, NULL));
    g_assert_false(hw_memory_backend_nodes("0x1", nodes, NULL));
    g_assert_false(hw_memory_backend_nodes("-1", nodes, NULL));
}

static void test_too_late(Fixture *f, gconstpointer data)
{
    HwObject *obj = GOOD(RAM, "size=1M");
    g_autoptr(GError) err = NULL;

    g_assert_true(hw_object_set(obj, "merge", "off", NULL));
    g_assert_false(hw_object_set(obj, "size", "2M", &err));
    g_assert_cmpstr(err->message, ==, "cannot change property size of memory-backend-ram ");
    g_assert_cmpuint(((MemoryBackend *)obj)->size, ==, MIB);
    g_assert_false(hw_object_set(obj, "share", "on", NULL));
}

/* ---- memory-backend-memfd ---- */

#define MEMFD "memory-backend-memfd"

static void test_memfd(Fixture *f, gconstpointer data)
{
    HwObject *obj = GOOD(MEMFD, "size=1M");

    use(obj, MIB);
    g_assert_true(((MemoryBackend *)obj)->share);
    hw_object_unparent(obj);
    use(GOOD(MEMFD, "size=1M", "seal=off", "share=off", "hugetlbsize=2M"), MIB);
}

static void test_memfd_errors(Fixture *f, gconstpointer data)
{
    BAD("Parameter 'size' is missing", MEMFD);
    BAD("Hugepage size must be a power of 2", MEMFD, "size=4M", "hugetlbsize=3M");
    BAD("Property 'memory-backend-memfd.hugetlbsize' doesn't take value '0'", MEMFD,
        "hugetlbsize=0");
    BAD("failed to resize memfd to 16140901064495857664: ", MEMFD, "size=14E");
}

/* ---- memory-backend-file ---- */

#define FILE_ "memory-backend-file"

static void test_file_stays(Fixture *f, gconstpointer data)
{
    g_autofree char *path = path_in(f, "ram");
    g_autofree char *contents = NULL;
    gsize len;

    use(GOOD(FILE_, "size=64K", path, "share=on"), 64 << 10);
    hw_object_unparent(hw_object_child(f->ms->objects, "x"));
    g_assert_true(g_file_get_contents(strchr(path, '=') + 1, &contents, &len, NULL));
    g_assert_cmpuint(len, ==, 64 << 10);
    g_assert_cmpint(contents[len - 1], ==, 2);
    use(GOOD(FILE_, "size=64K", path, "align=2M"), 64 << 10); /* and again, as it is */
    g_assert_cmpuint((uintptr_t)((MemoryBackend *)hw_object_child(f->ms->objects, "x"))->host %
                     (2 * MIB), ==, 0);
    hw_object_unparent(hw_object_child(f->ms->objects, "x"));
    BAD("backing store size 0x10000 does not match 'size' option 0x11000", FILE_, "size=68K", path);
    g_unlink(strchr(path, '=') + 1);
}

static void test_file_folder(Fixture *f, gconstpointer data)
{
    g_autofree char *path = g_strdup_printf("mem-path=%s", f->dir);

    use(GOOD(FILE_, "size=64K", path, "prealloc=on"), 64 << 10); /* teardown finds nothing there */
}

static void test_file_readonly(Fixture *f, gconstpointer data)
{
    g_autofree char *path = path_in(f, "rom");
    const char *name = strchr(path, '=') + 1;
    HwObject *obj;

    BAD("can't open backing store", FILE_, "size=4K", path, "readonly=on");
    g_assert_true(g_file_set_contents(name, "abc", 3, NULL));
    obj = GOOD(FILE_, "size=3", path, "readonly=on");
    g_assert_cmpmem(((MemoryBackend *)obj)->host, 3, "abc", 3);
    g_unlink(name);
}

static void test_file_errors(Fixture *f, gconstpointer data)
{
    g_autofree char *path = path_in(f, "new");

    BAD("Parameter 'size' is missing", FILE_, path);
    BAD("Parameter 'mem-path' is missing", FILE_, "size=1M");
    BAD("can't open backing store /no/where for guest RAM: No such file or directory", FILE_,
        "size=1M", "mem-path=/no/where");
    BAD("Lack of libpmem support", FILE_, "size=1M", path, "pmem=on");
    /* a file that was made on the way is not left behind */
    BAD("alignment 0x3 must be multiples of page size 0x1000", FILE_, "size=1M", path, "align=3");
    BAD("alignment 0x3000 must be a power of two", FILE_, "size=1M", path, "align=12K");
    BAD("host-nodes must be set for policy bind", FILE_, "size=1M", path, "policy=bind");
    BAD("unable to map backing store for guest RAM: ", FILE_, "size=4K", "mem-path=/dev/null");
}

static void test_file_discard(Fixture *f, gconstpointer data)
{
    g_autofree char *path = path_in(f, "gone");
    g_autofree char *contents = NULL;
    const char *name = strchr(path, '=') + 1;
    gsize len;

    use(GOOD(FILE_, "size=64K", path, "share=on", "discard-data=on"), 64 << 10);
    hw_object_unparent(hw_object_child(f->ms->objects, "x"));
    g_assert_true(g_file_get_contents(name, &contents, &len, NULL));
    g_assert_cmpuint(len, ==, 64 << 10);
    g_assert_cmpint(contents[0], ==, 0);
    g_unlink(name);
}

/* ---- as a machine's RAM ---- */

static gboolean start(Fixture *f, GError **errp)
{
    AccelSpec spec;

    g_assert_true(hw_machine_spec(f->ms, &spec, NULL));
    hw_machine_attach_accel(f->ms, accel_open("qtest", &spec, NULL));
    return hw_machine_init(f->ms, errp);
}

static void test_machine(Fixture *f, gconstpointer data)
{
    MemoryBackend *b = (MemoryBackend *)GOOD(RAM, "size=128M");
    g_autoptr(GError) err = NULL;

    f->ms->ram_backend = g_strdup("x");
    start(f, &err);
    g_assert_no_error(err);
    g_assert_true(hw_ram_ptr(f->ms, 0, 4096, true) == b->host);
    g_assert_true(b->in_use);
    g_assert_cmpint(b->obj.ref, ==, 2); /* the tree's and the machine's: it cannot be deleted */
    g_assert_null(hw_object_child(f->ms->objects, "pc.ram"));
}

static void start_fails(Fixture *f, const char *why)
{
    g_autoptr(GError) err = NULL;

    g_assert_false(start(f, &err));
    g_assert_nonnull(strstr(err->message, why));
}

static void test_machine_size(Fixture *f, gconstpointer data)
{
    GOOD(RAM, "size=64M");
    f->ms->ram_backend = g_strdup("x");
    start_fails(f, "Machine memory size does not match the size of the memory backend");
}

static void test_machine_type(Fixture *f, gconstpointer data)
{
    GOOD("rng-builtin");
    f->ms->ram_backend = g_strdup("x");
    start_fails(f, "Memory backend 'x' not found");
}

static void test_machine_default(Fixture *f, gconstpointer data)
{
    g_autoptr(GError) err = NULL;
    MemoryBackend *b;

    start(f, &err);
    g_assert_no_error(err);
    b = hw_memory_backend_find(f->ms, "pc.ram");
    g_assert_nonnull(b);
    g_assert_cmpuint(b->size, ==, 128 * MIB);
    g_assert_true(b->host == hw_ram_ptr(f->ms, 0, 4096, true));
}

static void test_machine_name(Fixture *f, gconstpointer data)
{
    g_assert_nonnull(make(f, "pc.ram", WHAT(RAM, "size=1M"), NULL));
    start_fails(f, "object name 'pc.ram' is reserved for the default RAM backend");
}

/* ---- secret ---- */

static void check_secret(HwObject *obj, const char *want)
{
    g_autoptr(GBytes) bytes = hw_secret_bytes(obj);

    g_assert_cmpmem(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), want, strlen(want));
    hw_object_unparent(obj);
}

static void test_secret(Fixture *f, gconstpointer data)
{
    g_autofree char *name = g_build_filename(f->dir, "s", NULL);
    g_autofree char *file = g_strdup_printf("file=%s", name);

    check_secret(GOOD("secret", "data=hush"), "hush");
    check_secret(GOOD("secret", "data=aHVzaA==", "format=base64"), "hush");
    check_secret(GOOD("secret", "data=", "format=base64"), "");
    g_assert_true(g_file_set_contents(name, "aHVz\naA==\n", -1, NULL));
    check_secret(GOOD("secret", file), "aHVz\naA==\n");
    check_secret(GOOD("secret", file, "format=base64"), "hush");
    g_unlink(name);
}

static void test_secret_errors(Fixture *f, gconstpointer data)
{
    BAD("Either 'file' or 'data' must be provided", "secret");
    BAD("'file' and 'data' are mutually exclusive", "secret", "data=a", "file=/b");
    BAD("Unable to read /no/where: Failed to open file “/no/where”: No such file or directory",
        "secret", "file=/no/where");
    BAD("Unable to read /tmp: Error reading file “/tmp”: Is a directory", "secret", "file=/tmp");
    BAD("a secret has at most 1048576 bytes", "secret", "file=/dev/zero");
    BAD("Base64 data contains invalid characters", "secret", "data=###", "format=base64");
    BAD("Parameter 'format' does not accept value 'hex'", "secret", "format=hex");
    BAD("No secret with id 'k'", "secret", "data=a", "keyid=k");
    g_assert_nonnull(make(f, "k", WHAT("secret", "data=key"), NULL));
    BAD("encrypted secrets (keyid=) are not supported", "secret", "data=a", "keyid=k");
}

/* ---- iothread, rng ---- */

static gboolean note_thread(gpointer data)
{
    g_atomic_pointer_set((GThread **)data, g_thread_self());
    return G_SOURCE_REMOVE;
}

static void test_iothread(Fixture *f, gconstpointer data)
{
    HwObject *obj = GOOD("iothread", "poll-max-ns=5", "poll-grow=1", "aio-max-batch=2");
    g_autofree char *tid = hw_object_get(obj, "thread-id", NULL);
    g_autofree char *task = g_strdup_printf("/proc/self/task/%s/comm", tid);
    g_autofree char *comm = NULL;
    GThread *who = NULL;

    g_assert_true(g_file_get_contents(task, &comm, NULL, NULL));
    g_assert_cmpstr(comm, ==, "IO x\n");
    g_main_context_invoke(hw_iothread_context(obj), note_thread, &who);
    hw_object_unparent(obj); /* joins it: what was asked for before is done by then, or never */
    g_assert_true(who == NULL || who != g_thread_self());
    g_assert_false(g_file_test(task, G_FILE_TEST_EXISTS));
}

static void test_iothread_errors(Fixture *f, gconstpointer data)
{
    BAD("poll-max-ns value must be in range [0, 9223372036854775807]", "iothread",
        "poll-max-ns=-1");
    BAD("aio-max-batch value must be in range", "iothread", "aio-max-batch=-1");
    BAD("bad thread-pool-min/thread-pool-max values", "iothread", "thread-pool-min=2",
        "thread-pool-max=1");
    BAD("Property 'iothread.thread-id' is not writable", "iothread", "thread-id=1");
}

static void test_rng(Fixture *f, gconstpointer data)
{
    HwObject *obj = GOOD("rng-builtin");
    uint8_t a[32] = { 0 }, b[32] = { 0 };

    g_assert_true(hw_rng_read(obj, a, sizeof(a), NULL));
    g_assert_true(hw_rng_read(obj, b, sizeof(b), NULL));
    g_assert_cmpint(memcmp(a, b, sizeof(a)), !=, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, fn) g_test_add("/objects/" path, Fixture, NULL, setup, fn, teardown)
    ADD("ram", test_ram);
    ADD("ram/errors", test_ram_errors);
    ADD("ram/prealloc", test_prealloc);
    ADD("ram/policy", test_policy);
    ADD("ram/node-list", test_node_list);
    ADD("ram/too-late", test_too_late);
    ADD("memfd", test_memfd);
    ADD("memfd/errors", test_memfd_errors);
    ADD("file/stays", test_file_stays);
    ADD("file/folder", test_file_folder);
    ADD("file/readonly", test_file_readonly);
    ADD("file/errors", test_file_errors);
    ADD("file/discard", test_file_discard);
    ADD("machine", test_machine);
    ADD("machine/size", test_machine_size);
    ADD("machine/type", test_machine_type);
    ADD("machine/default", test_machine_default);
    ADD("machine/name", test_machine_name);
    ADD("secret", test_secret);
    ADD("secret/errors", test_secret_errors);
    ADD("iothread", test_iothread);
    ADD("iothread/errors", test_iothread_errors);
    ADD("rng", test_rng);
    return g_test_run();
}
