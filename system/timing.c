/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* -accel NAME,timing=on: what each step of the start took, in microseconds, on stderr. */
#include "system/vm.h"

void timing_stage(Vm *vm, const char *name, int64_t start_us)
{
    if (vm->n_stages < VM_MAX_STAGES) {
        vm->stages[vm->n_stages++] =
            (VmStageTime){ name, (g_get_monotonic_time() - start_us) * 1000 };
    }
}

static void add_line(GString *out, const char *indent, const char *name, int64_t ns)
{
    g_string_append_printf(out, "%s%-*s %8" G_GINT64_FORMAT ".%" G_GINT64_FORMAT "\n", indent,
                           indent[2] != '\0' ? 20 : 22, name, ns / 1000, ns / 100 % 10);
}

void timing_print(Vm *vm)
{
    GString *out = g_string_new("timeline of the start, in us\n");
    guint n = 0;
    const AccelStageTime *times = accel_stage_times(vm->ms->accel, &n);

    for (guint i = 0; i < vm->n_stages; i++) {
        add_line(out, "  ", vm->stages[i].name, vm->stages[i].ns);
        for (guint k = 0; k < n && g_strcmp0(vm->stages[i].name, "accel") == 0; k++) {
            add_line(out, "    ", times[k].name, times[k].ns);
        }
    }
    add_line(out, "  ", "total", (g_get_monotonic_time() - vm->t0) * 1000);
    report_plain("%s: %.*s", report_progname(), (int)out->len - 1, out->str);
    g_string_free(out, TRUE);
}
