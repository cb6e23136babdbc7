/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * accelvm-probe: is KVM usable here, what can it do, and if not, why and what helps.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "accel/version.h"
#include "probe.h"

typedef struct Options {
    const char *format, *require, *device, *offline, *save;
} Options;

static const char usage[] =
    "usage: accelvm-probe [options]\n"
    "  --json                 same as --format=json\n"
    "  --format=FORMAT        text, json, prometheus, nfd or slurm\n"
    "  --require=LIST         exit 1 and name what is missing of: KVM_CAP_*, usable, nested,\n"
    "                         irqchip-split, vcpus=N, recommended-vcpus=N, memslots=N,\n"
    "                         cpu:FEATURE (comma-separated)\n"
    "  --device=PATH          probe this node instead of /dev/kvm\n"
    "  --save=DIR             save the facts of this host for --offline\n"
    "  --offline=DIR          explain a saved report\n"
    "  --list=capabilities|features|stages|formats   names, one a line\n"
    "  --version, --help\n"
    "exit status: 0 usable, 1 requirement not met, 2 wrong usage, 3 absent, 4 denied,\n"
    "  5 busy, 6 too old, 7 broken, 8 a required capability is missing\n";

static const struct {
    const char *name;
    char *(*render)(const Probe *p);
} formats[] = {
    { "json", probe_to_json },
    { "prometheus", probe_to_prometheus },
    { "nfd", probe_to_nfd },
    { "slurm", probe_to_slurm },
};

static int fail(const char *fmt, const char *arg)
{
    fputs("accelvm-probe: ", stderr);
    fprintf(stderr, fmt, arg);
    fputs("\n", stderr);
    return PROBE_USAGE;
}

/* For shell completion: it asks the program instead of keeping a copy. */
static int list(const char *what)
{
    if (g_str_equal(what, "capabilities")) {
        for (guint i = 0; kvm_capability_at(i) >= 0; i++) {
            puts(kvm_capability_name(kvm_capability_at(i)));
        }
    } else if (g_str_equal(what, "features")) {
        puts("usable\nnested\nirqchip-split\nvcpus=\nrecommended-vcpus=\nmemslots=\ncpu:");
    } else if (g_str_equal(what, "stages")) {
        for (const char *const *name = kvm_stage_names(); *name != NULL; name++) {
            puts(*name);
        }
    } else if (g_str_equal(what, "formats")) {
        puts("text\njson\nprometheus\nnfd\nslurm");
    } else {
        return fail("--list: '%s' is none of capabilities, features, stages, formats", what);
    }
    return 0;
}

enum { OPT_JSON = 256, OPT_FORMAT, OPT_REQUIRE, OPT_DEVICE, OPT_SAVE, OPT_OFFLINE, OPT_LIST,
       OPT_VERSION, OPT_HELP };

static const struct option options[] = {
    { "json", no_argument, NULL, OPT_JSON },
    { "format", required_argument, NULL, OPT_FORMAT },
    { "require", required_argument, NULL, OPT_REQUIRE },
    { "device", required_argument, NULL, OPT_DEVICE },
    { "save", required_argument, NULL, OPT_SAVE },
    { "offline", required_argument, NULL, OPT_OFFLINE },
    { "list", required_argument, NULL, OPT_LIST },
    { "version", no_argument, NULL, OPT_VERSION },
    { "help", no_argument, NULL, OPT_HELP },
    { 0 },
};

/* -1: go on; otherwise the exit status. */
static int take_option(int c, Options *o)
{
    switch (c) {
    case OPT_JSON:
        o->format = "json";
        return -1;
    case OPT_FORMAT:
        o->format = optarg;
        return -1;
    case OPT_REQUIRE:
        o->require = optarg;
        return -1;
    case OPT_DEVICE:
        o->device = optarg;
        return -1;
    case OPT_SAVE:
        o->save = optarg;
        return -1;
    case OPT_OFFLINE:
        o->offline = optarg;
        return -1;
    case OPT_LIST:
        return list(optarg);
    case OPT_VERSION:
        printf("accelvm-probe %s\n", accel_version());
        return 0;
    case OPT_HELP:
        fputs(usage, stdout);
        return 0;
    default:
        fputs("try accelvm-probe --help\n", stderr);
        return PROBE_USAGE;
    }
}

static char *render(const Probe *p, const char *format)
{
    for (guint i = 0; i < G_N_ELEMENTS(formats); i++) {
        if (g_str_equal(formats[i].name, format)) {
            return formats[i].render(p);
        }
    }
    return g_str_equal(format, "text")
               ? probe_to_text(p, isatty(STDOUT_FILENO) && g_getenv("NO_COLOR") == NULL)
               : NULL;
}

/* With --require alone nothing is printed but what is missing. */
static int check_requirements(const Probe *p, const char *require)
{
    g_autoptr(GError) err = NULL;
    g_autoptr(GPtrArray) unmet = probe_unmet(p, require, &err);

    if (unmet == NULL) {
        return fail("%s", err->message);
    }
    for (guint i = 0; i < unmet->len; i++) {
        fprintf(stderr, "accelvm-probe: missing: %s\n", (char *)g_ptr_array_index(unmet, i));
    }
    return unmet->len > 0 ? PROBE_UNMET : PROBE_OK;
}

static int report(Probe *p, const Options *o)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) err = NULL;

    if (o->save != NULL && !probe_save(p, o->save, &err)) {
        return fail("%s", err->message);
    }
    if (o->require != NULL && o->format == NULL) {
        return check_requirements(p, o->require);
    }
    text = render(p, o->format != NULL ? o->format : "text");
    if (text == NULL) {
        return fail("'%s' is none of text, json, prometheus, nfd, slurm", o->format);
    }
    fputs(text, stdout);
    return o->require != NULL ? check_requirements(p, o->require) : probe_status(p);
}

int main(int argc, char **argv)
{
    Options o = { 0 };
    Probe p = { 0 };
    g_autoptr(GError) err = NULL;
    int c, status = -1;

    while (status < 0 && (c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        status = take_option(c, &o);
    }
    if (status >= 0) {
        return status;
    }
    if (optind < argc) {
        return fail("'%s' is not an option; try --help", argv[optind]);
    }
    if (o.offline == NULL) {
        probe_run(&p, o.device);
    } else if (!probe_offline(&p, o.offline, &err)) {
        return fail("%s", err->message);
    }
    status = report(&p, &o);
    probe_clear(&p);
    return status;
}
