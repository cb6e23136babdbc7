/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The reference compiler reads our tables: each is written to a file and disassembled; the DSDT's
 * source is compiled again, which checks names, types and reserved objects. Neither may print an
 * error or a warning. Skipped without iasl (Debian: acpica-tools).
 */
#include <glib/gstdio.h>

#include "acpi-configs.h"

typedef struct Case {
    const char *name;
    bool microvm;
    unsigned cpus;
    bool hotplug;
} Case;

static const Case cases[] = {
    { "pc-1", false, 1, false },           { "pc-8", false, 8, true },
    { "pc-288", false, 288, true },        { "microvm-1", true, 1, false },
    { "microvm-8-hotplug", true, 8, true }, { "microvm-288", true, 288, true },
};

static void run_iasl(const char *dir, const char *option, const char *file, char **output)
{
    const char *argv[] = { "iasl", option, file, NULL };
    g_autofree char *err_text = NULL;
    g_autoptr(GError) err = NULL;
    int status = 0;

    g_assert_true(g_spawn_sync(dir, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, output,
                               &err_text, &status, &err));
    g_assert_no_error(err);
    if (status || strstr(err_text, "Error") || strstr(*output, "Error ") ||
        strstr(err_text, "Warning") || strstr(*output, "Warning ")) {
        g_test_message("%s %s: status %d\n%s\n%s", option, file, status, *output, err_text);
    }
    g_assert_cmpint(status, ==, 0);
    g_assert_null(strstr(err_text, "Error"));
    g_assert_null(strstr(err_text, "Warning"));
    g_assert_null(strstr(*output, "Warning "));
    g_assert_null(strstr(*output, "Error "));
}

static void check_table(const char *dir, const AcpiTables *t, const AcpiTable *table)
{
    g_autofree char *aml = g_strdup_printf("%s.aml", table->signature);
    g_autofree char *dsl = g_strdup_printf("%s.dsl", table->signature);
    g_autofree char *aml_path = g_build_filename(dir, aml, NULL);
    g_autofree char *dsl_path = g_build_filename(dir, dsl, NULL);
    g_autofree char *out = NULL, *text = NULL;

    g_assert_true(g_file_set_contents(aml_path, (const char *)t->blob->data + table->offset,
                                      table->length, NULL));
    run_iasl(dir, "-d", aml, &out);
    g_assert_true(g_file_get_contents(dsl_path, &text, NULL, NULL));
    g_assert_null(strstr(text, "Invalid"));
    g_assert_null(strstr(text, "Incorrect checksum"));
    g_assert_null(strstr(text, "Unknown"));
    if (strcmp(table->signature, "DSDT") == 0) {
        g_autofree char *compiled = NULL;

        run_iasl(dir, "-we", dsl, &compiled);
        g_assert_nonnull(strstr(compiled, "0 Errors, 0 Warnings"));
    }
}

static void remove_dir(const char *path)
{
    GDir *dir = g_dir_open(path, 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(dir))) {
        g_autofree char *file = g_build_filename(path, name, NULL);

        g_remove(file);
    }
    g_dir_close(dir);
    g_rmdir(path);
}

static void test_case(gconstpointer data)
{
    const Case *c = data;
    g_autofree AcpiCpu *cpus = cfg_cpus(c->cpus, c->hotplug ? MAX(c->cpus / 2, 1) : c->cpus);
    AcpiConfig config = c->microvm ? cfg_microvm(cpus, c->cpus) : cfg_pc(cpus, c->cpus);
    g_autofree char *iasl = g_find_program_in_path("iasl");
    g_autoptr(AcpiTables) t = NULL;
    g_autofree char *dir = NULL;

    if (!iasl) {
        g_test_skip("iasl is not installed (acpica-tools)");
        return;
    }
    config.cpu_hotplug_port = c->hotplug ? ACPI_CPUHP_PORT : 0;
    t = acpi_build(&config, NULL);
    g_assert_nonnull(t);
    g_assert_true(acpi_place(t, 0xe0000, 0xe0040, NULL));
    dir = g_dir_make_tmp("accelvm-acpi-XXXXXX", NULL);
    for (unsigned i = 0; i < t->tables->len; i++) {
        check_table(dir, t, &g_array_index(t->tables, AcpiTable, i));
    }
    remove_dir(dir);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/acpi/iasl/%s", cases[i].name);

        g_test_add_data_func(path, &cases[i], test_case);
    }
    return g_test_run();
}
