/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads the scenario: the facts of the host. Faults are read by scenario-fault.c, the guest's
 * script by scenario-script.c. Any doubt ends the process with status 99 and the line's number,
 * because a test whose scenario was misread would pass by accident.
 */
#include <limits.h>
#include <string.h>
#include "fakekvm.h"
#include "scenario.h"
#include "scenario-parse.h"

FakeConfig fake_config = { .name = "scenario" };

static void read_api(Line *line)
{
    fake_config.api_version = (int)line_parse(line, line_bare(line, "version"), INT_MAX);
}

/* cap [system|vm] NAME VALUE, or cap [system|vm] none */
static void read_cap(Line *line)
{
    bool system = line_flag(line, "system"), vm = line_flag(line, "vm");
    const char *name = line_bare(line, "capability");
    bool none = !strcmp(name, "none");
    uint64_t first = none ? 0 : line_named(line, name, fake_cap_names, "KVM_CAP_");
    uint64_t last = none ? FAKE_CAPS - 1 : first;
    const char *text = none ? "0" : line_bare(line, "value");
    bool minus = *text == '-';
    int value = (int)line_parse(line, text + minus, INT_MAX);

    if (last >= FAKE_CAPS) {
        fake_bad(line, "capability %s is not below %d", name, FAKE_CAPS);
    }
    for (uint64_t cap = first; cap <= last; cap++) {
        if (system || !vm) {
            fake_config.cap_system[cap] = minus ? -value : value;
        }
        if (vm || !system) {
            fake_config.cap_vm[cap] = minus ? -value : value;
        }
    }
}

static void read_limit(Line *line)
{
    const char *what = line_bare(line, "limit's name");
    long value = (long)line_parse(line, line_bare(line, "value"), 1 << 20);

    if (!strcmp(what, "vcpus")) {
        fake_config.max_vcpus = value;
    } else if (!strcmp(what, "vms")) {
        fake_config.max_vms = value;
    } else {
        fake_bad(line, "no limit is named '%s' (vcpus, vms)", what);
    }
}

static void read_mmap_size(Line *line)
{
    const char *text = line_bare(line, "size");
    bool minus = *text == '-';
    long value = (long)line_parse(line, text + minus, INT_MAX);

    fake_config.mmap_size = minus ? -value : value;
}

/* cpuid clear, or cpuid LEAF[.INDEX] EAX EBX ECX EDX */
static void read_cpuid(Line *line)
{
    const char *leaf = line_bare(line, "leaf");
    struct kvm_cpuid_entry2 entry = { 0 };
    char *dot = strchr(leaf, '.');
    uint32_t *out[] = { &entry.eax, &entry.ebx, &entry.ecx, &entry.edx };

    if (!strcmp(leaf, "clear")) {
        fake_config.cpuid_count = 0;
        return;
    }
    if (dot) {
        *dot = '\0';
        entry.index = (uint32_t)line_parse(line, dot + 1, UINT32_MAX);
        entry.flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX;
    }
    entry.function = (uint32_t)line_parse(line, leaf, UINT32_MAX);
    for (int i = 0; i < 4; i++) {
        *out[i] = (uint32_t)line_parse(line, line_bare(line, "register"), UINT32_MAX);
    }
    fake_config_cpuid(line, &entry);
}

/* A later line for the same leaf replaces the earlier one. */
void fake_config_cpuid(const Line *line, const struct kvm_cpuid_entry2 *entry)
{
    FakeConfig *c = &fake_config;
    uint32_t i = 0;

    while (i < c->cpuid_count && (c->cpuid[i].function != entry->function ||
                                  c->cpuid[i].index != entry->index)) {
        i++;
    }
    if (i == FAKE_CPUIDS) {
        fake_bad(line, "more than %d CPUID entries", FAKE_CPUIDS);
    }
    c->cpuid[i] = *entry;
    c->cpuid_count += i == c->cpuid_count;
}

static void add_msr(Line *line, uint32_t *list, uint32_t *count, uint32_t index)
{
    if (*count == FAKE_MSRS) {
        fake_bad(line, "more than %d MSRs", FAKE_MSRS);
    }
    list[(*count)++] = index;
}

/* msr clear | msr INDEX | msr refuse INDEX */
static void read_msr(Line *line)
{
    const char *word = line_bare(line, "index");
    bool refuse = !strcmp(word, "refuse");
    FakeConfig *c = &fake_config;

    if (!strcmp(word, "clear")) {
        c->msr_count = 0;
    } else if (refuse) {
        add_msr(line, c->refused_msrs, &c->refused_count,
                (uint32_t)line_parse(line, line_bare(line, "index"), UINT32_MAX));
    } else {
        add_msr(line, c->msrs, &c->msr_count, (uint32_t)line_parse(line, word, UINT32_MAX));
    }
}

static void read_feature_msr(Line *line)
{
    const char *word = line_bare(line, "index");
    FakeConfig *c = &fake_config;

    if (!strcmp(word, "clear")) {
        c->feature_msr_count = 0;
        return;
    }
    if (c->feature_msr_count == FAKE_MSRS) {
        fake_bad(line, "more than %d MSRs", FAKE_MSRS);
    }
    c->feature_msrs[c->feature_msr_count++] = (FakeMsr){
        (uint32_t)line_parse(line, word, UINT32_MAX),
        line_parse(line, line_bare(line, "value"), UINT64_MAX),
    };
}

static void read_tsc_khz(Line *line)
{
    fake_config.tsc_khz = (uint32_t)line_parse(line, line_bare(line, "kHz"), UINT32_MAX);
}

static void read_mce_cap(Line *line)
{
    fake_config.mce_cap = line_parse(line, line_bare(line, "value"), UINT64_MAX);
}

static void read_xcr0(Line *line)
{
    fake_config.xcr0 = line_parse(line, line_bare(line, "mask"), UINT64_MAX);
}

/* node [mode=0660] [uid=0] [gid=104] [errno=ENOENT] */
static void read_node(Line *line)
{
    const char *error = line_key(line, "errno");

    fake_config.node_mode = (unsigned)line_number(line, "mode", fake_config.node_mode, 07777);
    fake_config.node_uid = (unsigned)line_number(line, "uid", fake_config.node_uid, UINT32_MAX);
    fake_config.node_gid = (unsigned)line_number(line, "gid", fake_config.node_gid, UINT32_MAX);
    if (error && !fake_errno_value(error, &fake_config.node_errno)) {
        fake_bad(line, "'%s' is not an errno", error);
    }
}

static void read_device(Line *line)
{
    const char *path = line_bare(line, "path");

    if (*path != '/' || fake_config.path_count == FAKE_PATHS) {
        fake_bad(line, "'%s' is not an absolute path, or there are more than %d", path, FAKE_PATHS);
    }
    fake_config.paths[fake_config.path_count++] = strdup(path);
}

static void read_device_type(Line *line)
{
    if (fake_config.device_type_count == FAKE_PATHS) {
        fake_bad(line, "more than %d device types", FAKE_PATHS);
    }
    fake_config.device_types[fake_config.device_type_count++] =
        (uint32_t)line_parse(line, line_bare(line, "type"), UINT32_MAX);
}

static void read_count(Line *line)
{
    const char *what = line_bare(line, "what to count");

    if (strcmp(what, "memory")) {
        fake_bad(line, "'%s' cannot be counted (memory)", what);
    }
    fake_config.count_memory = true;
}

static void read_checks(Line *line)
{
    const char *what = line_bare(line, "what a failed check does");

    if (strcmp(what, "report") && strcmp(what, "exit")) {
        fake_bad(line, "'%s' is neither report nor exit", what);
    }
    fake_config.checks_report = !strcmp(what, "report");
}

static const struct {
    const char *name;
    void (*read)(Line *line);
} directives[] = {
    { "api", read_api }, { "cap", read_cap }, { "limit", read_limit },
    { "mmap-size", read_mmap_size }, { "cpuid", read_cpuid }, { "msr", read_msr },
    { "feature-msr", read_feature_msr }, { "tsc-khz", read_tsc_khz }, { "mce-cap", read_mce_cap },
    { "xcr0", read_xcr0 }, { "node", read_node }, { "device", read_device },
    { "device-type", read_device_type }, { "count", read_count }, { "checks", read_checks },
    { "fault", fake_read_fault }, { "vcpu", fake_script_begin },
};

void fake_scenario_line(Line *line)
{
    const char *name;

    if (fake_script_open()) {
        fake_script_line(line);
        return;
    }
    name = line_bare(line, "directive");
    for (size_t i = 0; i < FAKE_ARRAY(directives); i++) {
        if (!strcmp(directives[i].name, name)) {
            directives[i].read(line);
            line_done(line);
            return;
        }
    }
    fake_bad(line, "unknown directive '%s'", name);
}
