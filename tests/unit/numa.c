/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * NUMA nodes as a library user makes them: what is accepted, what is refused and changes nothing
 * then, RAM out of several backends, and what the guest finds in fw_cfg and in the ACPI tables.
 */
#include <string.h>
#include "hw/boot-config.h"
#include "hw/fw_cfg.h"
#include "hw/memory.h"
#include "hw/numa.h"

#define MIB (1ull << 20)
#define GIB (1ull << 30)

typedef struct Fixture {
    HwRegistry *reg;
    MachineState *ms;
} Fixture;

/* Four CPUs in two sockets, 128 MiB, HMAT on. */
static void setup(Fixture *f, gconstpointer data)
{
    const SmpRequest smp = { .has_cpus = true, .cpus = 4, .has_sockets = true, .sockets = 2 };
    const char *name = data != NULL ? data : "pc-lite";

    f->reg = hw_registry_new();
    f->ms = hw_machine_new(f->reg, hw_machine_find(f->reg, name));
    f->ms->boot = boot_config_new();
    f->ms->hmat = true;
    if (f->ms->klass->max_cpus >= 4) {
        g_assert_true(hw_machine_set_smp(f->ms, &smp, NULL));
    }
}

static void teardown(Fixture *f, gconstpointer data)
{
    BootConfig *boot = f->ms->boot;

    hw_machine_free(f->ms);
    boot_config_free(boot);
    hw_registry_free(f->reg);
}

static void ok(gboolean done, GError *err)
{
    g_assert_no_error(err);
    g_assert_true(done);
}

/* A call that must fail with these words. */
static void refused(gboolean done, GError **err, const char *why)
{
    g_assert_false(done);
    g_assert_nonnull(*err);
    if (strstr((*err)->message, why) == NULL) {
        g_error("'%s' does not say '%s'", (*err)->message, why);
    }
    g_clear_error(err);
}

static MemoryBackend *backend(Fixture *f, const char *id, uint64_t size)
{
    HwObject *obj = hw_object_new(&hw_type_memory_backend_ram);
    GError *err = NULL;

    ((MemoryBackend *)obj)->size = size;
    ok(hw_object_add_child(f->ms->objects, id, obj, &err), err);
    ok(obj->type->complete(obj, &err), err);
    hw_object_unref(obj);
    return (MemoryBackend *)obj;
}

static gboolean node(Fixture *f, uint16_t id, const char *memdev, GError **errp)
{
    return hw_numa_add_node(f->ms, &(NumaNodeOptions){ .has_nodeid = true, .nodeid = id,
                                                       .memdev = memdev }, errp);
}

static gboolean cpus(Fixture *f, int64_t node_id, int64_t socket, int64_t core, GError **errp)
{
    return hw_numa_add_cpu(f->ms, &(CpuTopoIds){ .node_id = node_id, .socket_id = socket,
                                                 .core_id = core, .die_id = -1, .module_id = -1,
                                                 .cluster_id = -1, .thread_id = -1 }, errp);
}

static void two_nodes(Fixture *f, uint64_t first, uint64_t second)
{
    GError *err = NULL;

    f->ms->ram_size = f->ms->maxram_size = first + second;
    backend(f, "m0", first);
    backend(f, "m1", second);
    ok(node(f, 0, "m0", &err), err);
    ok(node(f, 1, "m1", &err), err);
}

static void start(Fixture *f)
{
    GError *err = NULL;
    AccelSpec spec;

    ok(hw_numa_complete(f->ms, &err), err);
    g_assert_true(hw_machine_spec(f->ms, &spec, NULL));
    hw_machine_attach_accel(f->ms, accel_open("qtest", &spec, NULL));
    ok(hw_machine_init(f->ms, &err), err);
    ok(hw_machine_ready(f->ms, &err), err);
}

static int64_t node_of(Fixture *f, guint cpu)
{
    return f->ms->possible[cpu].ids.node_id;
}

/* ---- nodes ---- */

static void test_no_nodes(Fixture *f, gconstpointer data)
{
    GError *err = NULL;

    ok(hw_numa_complete(f->ms, &err), err);
    g_assert_null(f->ms->numa);
    g_assert_cmpint(node_of(f, 0), ==, -1);
}

static void test_node_errors(Fixture *f, gconstpointer data)
{
    const uint16_t far[] = { 4 };
    GError *err = NULL;

    refused(node(f, 128, NULL, &err), &err, "Max number of NUMA nodes reached: 128");
    refused(node(f, 0, "nope", &err), &err, "memdev=nope is ambiguous");
    refused(hw_numa_add_node(f->ms, &(NumaNodeOptions){ .has_mem = true }, &err), &err,
            "Parameter -numa node,mem is not supported by this machine type");
    refused(hw_numa_add_node(f->ms, &(NumaNodeOptions){ .cpus = far, .n_cpus = 1 }, &err), &err,
            "CPU index (4) should be smaller than maxcpus (4)");
    refused(hw_numa_add_node(f->ms, &(NumaNodeOptions){ .has_initiator = true, .initiator = 128 },
                             &err), &err, "The initiator id 128 expects an integer between");
    g_assert_cmpuint(f->ms->numa->n_nodes, ==, 0); /* none of these left anything behind */
    ok(node(f, 0, NULL, &err), err);
    refused(node(f, 0, NULL, &err), &err, "Duplicate NUMA nodeid: 0");
    f->ms->hmat = false;
    refused(hw_numa_add_node(f->ms, &(NumaNodeOptions){ .has_initiator = true }, &err), &err,
            "(HMAT) is disabled");
}

static void test_not_supported(Fixture *f, gconstpointer data)
{
    GError *err = NULL;

    refused(node(f, 0, NULL, &err), &err, "NUMA is not supported by this machine-type");
}

static void test_gap(Fixture *f, gconstpointer data)
{
    GError *err = NULL;

    ok(node(f, 0, NULL, &err), err);
    ok(node(f, 2, NULL, &err), err);
    refused(hw_numa_complete(f->ms, &err), &err, "numa: Node ID missing: 1");
}

static void test_memory_sum(Fixture *f, gconstpointer data)
{
    GError *err = NULL;

    two_nodes(f, 64 * MIB, 32 * MIB);
    f->ms->ram_size = 128 * MIB;
    refused(hw_numa_complete(f->ms, &err), &err,
            "total memory for NUMA nodes (0x6000000) should equal RAM size (0x8000000)");
}

static void test_two_sources(Fixture *f, gconstpointer data)
{
    GError *err = NULL;

    two_nodes(f, 64 * MIB, 64 * MIB);
    f->ms->ram_backend = g_strdup("m0");
    refused(hw_numa_complete(f->ms, &err), &err, "properties are mutually exclusive");
}

/* ---- CPUs ---- */

static void test_by_socket(Fixture *f, gconstpointer data)
{
    GError *err = NULL;

    two_nodes(f, 64 * MIB, 64 * MIB);
    ok(hw_numa_complete(f->ms, &err), err);
    for (guint i = 0; i < 4; i++) {
        g_assert_cmpint(node_of(f, i), ==, i / 2);
    }
}

static void count_warning(void *opaque, const char *text)
{
    guint *n = opaque;

    if (*n == 0) {
        g_assert_cmpstr(text, ==, "CPU(s) not present in any NUMA nodes: "
                        "CPU 0 [socket-id: 0, core-id: 0, thread-id: 0], "
                        "CPU 1 [socket-id: 0, core-id: 1, thread-id: 0], "
                        "CPU 2 [socket-id: 1, core-id: 0, thread-id: 0]");
    }
    (*n)++;
}

static void test_partial(Fixture *f, gconstpointer data)
{
    guint warnings = 0;
    GError *err = NULL;

    f->ms->hooks.warn = count_warning;
    f->ms->hooks.opaque = &warnings;
    two_nodes(f, 64 * MIB, 64 * MIB);
    ok(cpus(f, 1, 1, 1, &err), err);
    ok(hw_numa_complete(f->ms, &err), err);
    g_assert_cmpint(node_of(f, 0), ==, 0);
    g_assert_cmpint(node_of(f, 2), ==, 0);
    g_assert_cmpint(node_of(f, 3), ==, 1);
    g_assert_cmpuint(warnings, ==, 2);
}

static void test_cpu_errors(Fixture *f, gconstpointer data)
{
    CpuTopoIds die = { .node_id = 0, .socket_id = -1, .die_id = 0, .module_id = -1,
                       .cluster_id = -1, .core_id = -1, .thread_id = -1 };
    GError *err = NULL;

    refused(cpus(f, 0, 0, -1, &err), &err, "Invalid node-id=0, NUMA node must be defined");
    two_nodes(f, 64 * MIB, 64 * MIB);
    refused(cpus(f, -1, 0, -1, &err), &err, "Missing mandatory node-id property");
    refused(cpus(f, 200, 0, -1, &err), &err, "Invalid node-id=200");
    refused(cpus(f, 0, 9, -1, &err), &err, "no match found");
    refused(hw_numa_add_cpu(f->ms, &die, &err), &err, "die-id is not supported");
    ok(cpus(f, 0, 0, 0, &err), err);
    ok(cpus(f, 0, 0, 0, &err), err); /* the same again is no contradiction */
    refused(cpus(f, 1, 0, -1, &err), &err, "CPU is already assigned to node-id: 0");
    g_assert_cmpint(node_of(f, 1), ==, -1); /* not half done */
}

/* ---- distances ---- */

static void test_dist_errors(Fixture *f, gconstpointer data)
{
    GError *err = NULL;

    refused(hw_numa_add_dist(f->ms, 0, 0, 10, &err), &err, "NUMA node is missing");
    two_nodes(f, 64 * MIB, 64 * MIB);
    refused(hw_numa_add_dist(f->ms, 128, 0, 10, &err), &err, "'src' expects an integer between");
    refused(hw_numa_add_dist(f->ms, 0, 128, 10, &err), &err, "'dst' expects an integer between");
    refused(hw_numa_add_dist(f->ms, 0, 1, 9, &err), &err, "NUMA distance (9) is invalid");
    refused(hw_numa_add_dist(f->ms, 1, 1, 11, &err), &err, "Local distance of node 1 should be");
    ok(hw_numa_add_dist(f->ms, 0, 1, 21, &err), err);
    ok(hw_numa_complete(f->ms, &err), err);
    g_assert_cmpuint(f->ms->numa->nodes[1].distance[0], ==, 21); /* the way back is as long */
    g_assert_cmpuint(f->ms->numa->nodes[1].distance[1], ==, 10);
}

static void test_dist_missing(Fixture *f, gconstpointer data)
{
    GError *err = NULL;

    two_nodes(f, 64 * MIB, 64 * MIB);
    ok(node(f, 2, NULL, &err), err);
    ok(hw_numa_add_dist(f->ms, 0, 1, 20, &err), err);
    refused(hw_numa_complete(f->ms, &err), &err, "The distance between node 0 and 2 is missing");
    ok(hw_numa_add_dist(f->ms, 1, 0, 30, &err), err);
    ok(hw_numa_add_dist(f->ms, 0, 2, 20, &err), err);
    ok(hw_numa_add_dist(f->ms, 2, 0, 20, &err), err);
    ok(hw_numa_add_dist(f->ms, 1, 2, 20, &err), err);
    refused(hw_numa_complete(f->ms, &err), &err, "At least one asymmetrical pair of distances");
    ok(hw_numa_add_dist(f->ms, 2, 1, 20, &err), err);
    ok(hw_numa_complete(f->ms, &err), err);
}

/* ---- HMAT ---- */

static gboolean latency(Fixture *f, uint16_t from, uint16_t to, uint64_t ns, GError **errp)
{
    return hw_numa_add_lb(f->ms, &(NumaLbOptions){ .initiator = from, .target = to,
                                                   .has_latency = true, .latency = ns }, errp);
}

static gboolean bandwidth(Fixture *f, uint16_t from, uint16_t to, uint64_t bytes, GError **errp)
{
    return hw_numa_add_lb(f->ms, &(NumaLbOptions){ .initiator = from, .target = to,
                                                   .data_type = HMAT_BANDWIDTH,
                                                   .has_bandwidth = true, .bandwidth = bytes },
                          errp);
}

/* Node 0 has all CPUs, node 1 only memory. */
static void hmat_nodes(Fixture *f)
{
    GError *err = NULL;

    two_nodes(f, 64 * MIB, 64 * MIB);
    ok(cpus(f, 0, -1, -1, &err), err);
}

static void test_lb_errors(Fixture *f, gconstpointer data)
{
    NumaLbOptions both = { .has_latency = true, .has_bandwidth = true };
    GError *err = NULL;

    hmat_nodes(f);
    refused(latency(f, 3, 0, 1, &err), &err, "Invalid initiator=3, it should be less than 2");
    refused(latency(f, 0, 3, 1, &err), &err, "Invalid target=3, it should be less than 2");
    refused(latency(f, 1, 0, 1, &err), &err, "it isn't an initiator proximity domain");
    refused(latency(f, 0, 2, 1, &err), &err, "The target=2 should point to an existing node");
    refused(hw_numa_add_lb(f->ms, &both, &err), &err,
            "Invalid option 'bandwidth' since the data type is latency");
    both.data_type = HMAT_BANDWIDTH;
    refused(hw_numa_add_lb(f->ms, &both, &err), &err,
            "Invalid option 'latency' since the data type is bandwidth");
    refused(hw_numa_add_lb(f->ms, &(NumaLbOptions){ 0 }, &err), &err, "Missing 'latency' option");
    refused(hw_numa_add_lb(f->ms, &(NumaLbOptions){ .data_type = HMAT_BANDWIDTH }, &err), &err,
            "Missing 'bandwidth' option");
    refused(bandwidth(f, 0, 0, MIB + 1, &err), &err, "should be 1MB aligned");
    f->ms->hmat = false;
    refused(latency(f, 0, 0, 1, &err), &err, "(HMAT) is disabled");
}

/* What one table can tell: 16 bits times a power of ten. */
static void test_latency_range(Fixture *f, gconstpointer data)
{
    GError *err = NULL;

    hmat_nodes(f);
    refused(latency(f, 0, 0, 65535, &err), &err, "Latency 65535 between");
    ok(latency(f, 0, 0, 10, &err), err);
    refused(latency(f, 0, 0, 10, &err), &err, "Duplicate configuration of the latency");
    refused(latency(f, 0, 1, 655350, &err), &err, "Latency 655350 between initiator=0 and");
    refused(latency(f, 0, 1, 65541, &err), &err, "Latency 65541");
    g_assert_false(f->ms->numa->nodes[1].has_latency);
    ok(latency(f, 0, 1, 655340, &err), err);
    g_assert_cmpuint(hw_numa_lb_base(f->ms->numa->lb[0][0], false), ==, 10);
}

static void test_bandwidth_range(Fixture *f, gconstpointer data)
{
    GError *err = NULL;

    hmat_nodes(f);
    refused(bandwidth(f, 0, 0, 65535 * MIB, &err), &err, "Bandwidth 68718428160 between");
    ok(bandwidth(f, 0, 0, 65536 * MIB, &err), err);
    refused(bandwidth(f, 0, 1, MIB, &err), &err, "Bandwidth 1048576");
    ok(bandwidth(f, 0, 1, 2 * MIB, &err), err);
    refused(bandwidth(f, 0, 1, 2 * MIB, &err), &err, "Duplicate configuration of the bandwidth");
}

static gboolean cache(Fixture *f, uint32_t id, uint8_t level, uint64_t size, GError **errp)
{
    return hw_numa_add_cache(f->ms, &(NumaCacheOptions){ .node_id = id, .level = level,
                                                         .cache = { .size = size, .line = 8 } },
                             errp);
}

static void test_cache(Fixture *f, gconstpointer data)
{
    GError *err = NULL;

    hmat_nodes(f);
    refused(cache(f, 2, 1, 10, &err), &err, "Invalid node-id=2, it should be less than 2");
    ok(latency(f, 0, 0, 5, &err), err);
    refused(cache(f, 0, 1, 10, &err), &err, "The latency and bandwidth information of node-id=0");
    ok(bandwidth(f, 0, 0, MIB, &err), err);
    refused(cache(f, 1, 1, 10, &err), &err, "information of node-id=1 should be provided");
    refused(cache(f, 0, 0, 10, &err), &err, "Invalid level=0");
    refused(cache(f, 0, 4, 10, &err), &err, "Invalid level=4");
    refused(cache(f, 0, 2, 10, &err), &err, "Cache level=1 shall be defined first");
    ok(cache(f, 0, 1, 10, &err), err);
    refused(cache(f, 0, 1, 10, &err), &err, "Duplicate configuration of the side cache");
    refused(cache(f, 0, 2, 10, &err), &err, "should be larger than the size(10) of level=1");
    ok(cache(f, 0, 2, 11, &err), err);
    f->ms->hmat = false;
    refused(cache(f, 0, 3, 12, &err), &err, "(HMAT) is disabled");
}

static gboolean with_initiator(Fixture *f, uint16_t initiator, GError **errp)
{
    f->ms->ram_size = 128 * MIB;
    backend(f, "m0", 128 * MIB);
    return node(f, 0, "m0", errp) && cpus(f, 0, 0, 0, errp) &&
           hw_numa_add_node(f->ms, &(NumaNodeOptions){ .has_initiator = true,
                                                       .initiator = initiator }, errp);
}

static void test_initiator_missing(Fixture *f, gconstpointer data)
{
    GError *err = NULL;

    ok(with_initiator(f, 5, &err), err);
    refused(hw_numa_complete(f->ms, &err), &err, "NUMA node 5 is missing");
}

static void test_initiator_invalid(Fixture *f, gconstpointer data)
{
    GError *err = NULL;

    ok(with_initiator(f, 1, &err), err);
    refused(hw_numa_complete(f->ms, &err), &err, "The initiator of NUMA node 1 is invalid");
}

static void test_initiator_itself(Fixture *f, gconstpointer data)
{
    GError *err = NULL;

    ok(with_initiator(f, 0, &err), err);
    ok(cpus(f, 1, 1, -1, &err), err);
    refused(hw_numa_complete(f->ms, &err), &err,
            "The initiator of CPU NUMA node 1 should be itself (got 0)");
}

/* ---- what the guest sees ---- */

/* RAM is the first backend's pages and then the second's, contents and all. */
static void test_ram(Fixture *f, gconstpointer data)
{
    MemoryBackend *b0, *b1;
    uint8_t byte = 0;

    two_nodes(f, 64 * MIB, 64 * MIB);
    b0 = f->ms->numa->nodes[0].memdev;
    b1 = f->ms->numa->nodes[1].memdev;
    b0->host[64 * MIB - 1] = 0x17;
    b1->host[0] = 0x28;
    start(f);
    g_assert_true(b1->host == b0->host + 64 * MIB);
    g_assert_true(hw_mem_read(f->ms, 64 * MIB - 1, &byte, 1));
    g_assert_cmphex(byte, ==, 0x17);
    g_assert_true(hw_mem_read(f->ms, 64 * MIB, &byte, 1));
    g_assert_cmphex(byte, ==, 0x28);
    byte = 0x39;
    g_assert_true(hw_mem_write(f->ms, 128 * MIB - 1, &byte, 1));
    g_assert_cmphex(b1->host[64 * MIB - 1], ==, 0x39);
    g_assert_true(b0->in_use && b1->in_use);
}

static void test_ram_twice(Fixture *f, gconstpointer data)
{
    GError *err = NULL;
    AccelSpec spec;

    f->ms->ram_size = 128 * MIB;
    backend(f, "m0", 64 * MIB);
    ok(node(f, 0, "m0", &err) && node(f, 1, "m0", &err), err);
    ok(hw_numa_complete(f->ms, &err), err);
    g_assert_true(hw_machine_spec(f->ms, &spec, NULL));
    hw_machine_attach_accel(f->ms, accel_open("qtest", &spec, NULL));
    refused(hw_machine_init(f->ms, &err), &err, "memory backend m0 can't be used multiple times.");
}

static uint64_t next_word(Fixture *f)
{
    uint64_t v = 0;

    for (guint i = 0; i < 8; i++) {
        v |= (uint64_t)hw_port_read(f->ms, 0x511, 1) << (8 * i);
    }
    return v;
}

static void test_fw_cfg(Fixture *f, gconstpointer data)
{
    two_nodes(f, 96 * MIB, 32 * MIB);
    start(f);
    hw_port_write(f->ms, 0x510, FW_CFG_NUMA, 2);
    g_assert_cmpuint(next_word(f), ==, 2);
    for (guint i = 0; i < 4; i++) {
        g_assert_cmpuint(next_word(f), ==, i / 2); /* APIC ids are dense here */
    }
    g_assert_cmpuint(next_word(f), ==, 96 * MIB);
    g_assert_cmpuint(next_word(f), ==, 32 * MIB);
}

/* Contents of a fw_cfg file, by its directory entry. */
static GByteArray *read_file(Fixture *f, const char *want)
{
    GByteArray *out = NULL;
    guint32 n = 0, size = 0;
    guint16 key = 0;

    hw_port_write(f->ms, 0x510, FW_CFG_FILE_DIR, 2);
    for (guint i = 0; i < 4; i++) {
        n = n << 8 | hw_port_read(f->ms, 0x511, 1);
    }
    for (; n > 0 && key == 0; n--) {
        guint8 e[64];

        for (guint i = 0; i < sizeof(e); i++) {
            e[i] = hw_port_read(f->ms, 0x511, 1);
        }
        if (strcmp((char *)e + 8, want) == 0) {
            size = (guint32)e[0] << 24 | e[1] << 16 | e[2] << 8 | e[3];
            key = e[4] << 8 | e[5];
        }
    }
    g_assert_cmpuint(key, !=, 0);
    out = g_byte_array_sized_new(size);
    hw_port_write(f->ms, 0x510, key, 2);
    for (guint i = 0; i < size; i++) {
        guint8 b = hw_port_read(f->ms, 0x511, 1);

        g_byte_array_append(out, &b, 1);
    }
    return out;
}

/* Table @name within the blob: offset; its length in *@len. 0: there is none. */
static guint find_table(const GByteArray *a, const char *name, guint32 *len)
{
    for (guint at = 0; at + 36 <= a->len; at++) {
        if (memcmp(a->data + at, name, 4) == 0) {
            memcpy(len, a->data + at + 4, 4);
            if (*len >= 36 && *len <= a->len - at && memcmp(a->data + at + 10, "ACCLVM", 6) == 0) {
                return at;
            }
        }
    }
    return 0;
}

/* The SRAT's memory, as "node:first-last " in hexadecimal. */
static char *srat_memory(const GByteArray *a)
{
    GString *out = g_string_new(NULL);
    guint32 len = 0;
    guint at = find_table(a, "SRAT", &len), end = at + len;

    g_assert_cmpuint(at, !=, 0);
    for (at += 48; at < end; at += a->data[at + 1]) {
        const guint8 *e = a->data + at;
        guint64 base, size;

        memcpy(&base, e + 8, 8);
        memcpy(&size, e + 16, 8);
        if (e[0] == 1) {
            g_string_append_printf(out, "%u:%" G_GINT64_MODIFIER "x-%" G_GINT64_MODIFIER "x ",
                                   e[2], base, base + size - 1);
        }
    }
    return g_string_free(out, FALSE);
}

static void test_srat(Fixture *f, gconstpointer data)
{
    g_autoptr(GByteArray) a = NULL;
    g_autofree char *memory = NULL;
    guint32 len;

    two_nodes(f, 64 * MIB, 64 * MIB);
    f->ms->hmat = false;
    start(f);
    a = read_file(f, "etc/acpi/tables");
    memory = srat_memory(a);
    g_assert_cmpstr(memory, ==, "0:0-9ffff 0:100000-3ffffff 1:4000000-7ffffff ");
    g_assert_cmpuint(find_table(a, "SLIT", &len), ==, 0);
    g_assert_cmpuint(find_table(a, "HMAT", &len), ==, 0);
}

/* A node on both sides of the hole below 4 GiB. */
static void test_srat_hole(Fixture *f, gconstpointer data)
{
    g_autoptr(GByteArray) a = NULL;
    g_autofree char *memory = NULL;

    two_nodes(f, 2 * GIB, 2 * GIB);
    start(f);
    a = read_file(f, "etc/acpi/tables");
    memory = srat_memory(a);
    g_assert_cmpstr(memory, ==, "0:0-9ffff 0:100000-7fffffff 1:80000000-bfffffff "
                    "1:100000000-13fffffff ");
}

static void test_slit(Fixture *f, gconstpointer data)
{
    static const guint8 expected[] = { 2, 0, 0, 0, 0, 0, 0, 0, 10, 21, 31, 10 };
    g_autoptr(GByteArray) a = NULL;
    GError *err = NULL;
    guint32 len = 0;
    guint at;

    two_nodes(f, 64 * MIB, 64 * MIB);
    ok(hw_numa_add_dist(f->ms, 0, 1, 21, &err) && hw_numa_add_dist(f->ms, 1, 0, 31, &err), err);
    start(f);
    a = read_file(f, "etc/acpi/tables");
    at = find_table(a, "SLIT", &len);
    g_assert_cmpuint(len, ==, 48);
    g_assert_cmpmem(a->data + at + 36, 12, expected, sizeof(expected));
}

/* Behind the two nodes' attributes: one latency table, one bandwidth table, one cache. */
static void test_hmat(Fixture *f, gconstpointer data)
{
    g_autoptr(GByteArray) a = NULL;
    const guint8 *t;
    guint64 base;
    guint16 entries[2];
    GError *err = NULL;
    guint32 len = 0;
    guint at;

    hmat_nodes(f);
    ok(latency(f, 0, 0, 20, &err) && latency(f, 0, 1, 300, &err), err);
    ok(bandwidth(f, 0, 0, 12 * MIB, &err) && bandwidth(f, 0, 1, 4 * MIB, &err), err);
    ok(cache(f, 1, 1, 10240, &err), err);
    start(f);
    a = read_file(f, "etc/acpi/tables");
    at = find_table(a, "HMAT", &len);
    g_assert_cmpuint(len, ==, 40 + 2 * 40 + 2 * (32 + 4 + 8 + 4) + 32);
    t = a->data + at + 40 + 2 * 40;
    memcpy(&base, t + 24, 8);
    memcpy(entries, t + 44, 4);
    g_assert_cmpuint(base, ==, 10 * 1000); /* ps */
    g_assert_cmpuint(entries[0], ==, 2);
    g_assert_cmpuint(entries[1], ==, 30);
    memcpy(&base, t + 48 + 24, 8);
    memcpy(entries, t + 48 + 44, 4);
    g_assert_cmpuint(base, ==, 4); /* MiB/s */
    g_assert_cmpuint(entries[0], ==, 3);
    g_assert_cmpuint(entries[1], ==, 1);
    memcpy(&base, t + 96 + 16, 8);
    g_assert_cmpuint(t[96 + 8], ==, 1);
    g_assert_cmpuint(base, ==, 10240);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, fn) g_test_add("/numa/" path, Fixture, NULL, setup, fn, teardown)
    ADD("none", test_no_nodes);
    ADD("node/errors", test_node_errors);
    g_test_add("/numa/node/not-supported", Fixture, "none", setup, test_not_supported, teardown);
    ADD("node/gap", test_gap);
    ADD("node/memory-sum", test_memory_sum);
    ADD("node/two-sources", test_two_sources);
    ADD("cpu/by-socket", test_by_socket);
    ADD("cpu/partial", test_partial);
    ADD("cpu/errors", test_cpu_errors);
    ADD("dist/errors", test_dist_errors);
    ADD("dist/missing", test_dist_missing);
    ADD("hmat/lb-errors", test_lb_errors);
    ADD("hmat/latency-range", test_latency_range);
    ADD("hmat/bandwidth-range", test_bandwidth_range);
    ADD("hmat/cache", test_cache);
    ADD("hmat/initiator-missing", test_initiator_missing);
    ADD("hmat/initiator-invalid", test_initiator_invalid);
    ADD("hmat/initiator-itself", test_initiator_itself);
    ADD("guest/ram", test_ram);
    ADD("guest/ram-twice", test_ram_twice);
    ADD("guest/fw-cfg", test_fw_cfg);
    ADD("guest/srat", test_srat);
    ADD("guest/srat-hole", test_srat_hole);
    ADD("guest/slit", test_slit);
    ADD("guest/hmat", test_hmat);
    return g_test_run();
}
