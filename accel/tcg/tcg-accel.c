/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The accelerator tcg: its class, its properties, the life of its vCPUs. Built as a module of its
 * own so that libunicorn is loaded by those alone who run on it.
 */
#include <gmodule.h>
#include "tcg-int.h"

static gboolean tcg_init(AccelState *as, const AccelSpec *spec, GError **errp)
{
    TcgState *st = TCG_STATE(as);
    const AccelErrorInfo info = { .accel = "tcg", .stage = "vcpu-limits", .have = TCG_MAX_CPUS,
                                  .need = spec->max_cpus };
    gint64 start = g_get_monotonic_time();

    st->slots = g_array_new(FALSE, FALSE, sizeof(TcgSlot));
    st->holes = g_ptr_array_new_with_free_func(g_free);
    as->irqchip = ACCEL_IRQCHIP_OFF;
    if (spec->max_cpus > TCG_MAX_CPUS) {
        accel_error_set(errp, ACCEL_ERROR_LIMIT, &info,
                        "Number of hotpluggable cpus requested (%u) exceeds the maximum cpus "
                        "supported by TCG (%d)", spec->max_cpus, TCG_MAX_CPUS);
        return FALSE;
    }
    tcg_guard_install();
    if (!tcg_layout_find(st, errp)) {
        return FALSE;
    }
    accel_add_stage_time(as, "layout", (g_get_monotonic_time() - start) * 1000);
    return TRUE;
}

static void tcg_cleanup(AccelState *as)
{
    TcgState *st = TCG_STATE(as);

    tcg_engine_drop(st);
    if (st->pristine != NULL) {
        uc_context_free(g_steal_pointer(&st->pristine));
    }
    if (st->maker != NULL) {
        uc_close(g_steal_pointer(&st->maker));
    }
    g_clear_pointer(&st->slots, g_array_unref);
    g_clear_pointer(&st->holes, g_ptr_array_unref);
}

/* Not by the engine that runs: a vCPU may be plugged while the others are in it. */
static uc_context *new_context(TcgState *st, GError **errp)
{
    const AccelErrorInfo info = { .accel = "tcg", .stage = "create-vcpu",
                                  .call = "uc_context_alloc" };
    uc_context *ctx = NULL;
    uc_err ret = uc_context_alloc(st->maker, &ctx);

    if (ret != UC_ERR_OK) {
        accel_error_set(errp, ACCEL_ERROR_RESOURCE, &info, "libunicorn: no room for a vCPU: %s",
                        uc_strerror(ret));
        return NULL;
    }
    memcpy(ctx, st->pristine, st->layout.base + ENV_END);
    return ctx;
}

static AccelCPU *tcg_create_vcpu(AccelState *as, uint32_t id, GError **errp)
{
    TcgState *st = TCG_STATE(as);
    uc_context *ctx = new_context(st, errp);
    TcgCpu *cpu;

    if (ctx == NULL) {
        return NULL;
    }
    cpu = g_new0(TcgCpu, 1);
    cpu->parent.accel = as;
    cpu->parent.id = id;
    cpu->ctx = ctx;
    cpu->env = (uint8_t *)ctx + st->layout.base;
    cpu->msrs = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    tcg_reset_vcpu(&cpu->parent, id == 0, NULL);
    g_atomic_int_inc(&st->n_cpus);
    return &cpu->parent;
}

/* On the thread of the engine, so that it does not save into a vCPU that has gone. */
static void tcg_detach(AccelCPU *acpu)
{
    TcgState *st = TCG_STATE(acpu->accel);

    if (g_atomic_pointer_get(&st->loaded) == TCG_CPU(acpu)) {
        tcg_engine_save(st->loaded);
        g_atomic_pointer_set(&st->loaded, NULL);
    }
}

static void tcg_destroy_vcpu(AccelCPU *acpu)
{
    TcgCpu *cpu = TCG_CPU(acpu);

    tcg_detach(acpu); /* one that never had a thread */
    g_atomic_int_add(&TCG_STATE(acpu->accel)->n_cpus, -1);
    uc_context_free(cpu->ctx);
    g_hash_table_unref(cpu->msrs);
    g_free(cpu->cpuid);
    g_clear_error(&cpu->error);
    g_free(cpu);
}

static const char *const thread_modes[] = { "single", NULL };

static const AccelProp tcg_props[] = {
    { .name = "thread", .type = ACCEL_PROP_ENUM, .offset = offsetof(TcgState, thread_mode),
      .defval = "single", .help = "vCPU threads: all vCPUs share one", .values = thread_modes },
    ACCEL_PROP_END,
};

static const AccelClass tcg_accel_class = {
    .abi = ACCEL_CLASS_ABI,
    .name = "tcg",
    .display_name = "tcg",
    .desc = "software CPU on libunicorn",
    .instance_size = sizeof(TcgState),
    .props = tcg_props,
    .threading = ACCEL_THREAD_SHARED,
    .init = tcg_init,
    .cleanup = tcg_cleanup,
    .map_ram = tcg_map_ram,
    .unmap_ram = tcg_unmap_ram,
    .create_vcpu = tcg_create_vcpu,
    .destroy_vcpu = tcg_destroy_vcpu,
    .detach = tcg_detach,
    .run = tcg_run,
    .kick = tcg_kick,
    .inject_nmi = tcg_inject_nmi,
    .get_regs = tcg_get_regs,
    .set_regs = tcg_set_regs,
    .reset_vcpu = tcg_reset_vcpu,
    .get_supported_cpuid = tcg_get_supported_cpuid,
    .set_cpuid = tcg_set_cpuid,
    .get_msrs = tcg_get_msrs,
    .set_msrs = tcg_set_msrs,
    .get_msr_list = tcg_get_msr_list,
    .get_debug = tcg_get_debug,
    .set_debug = tcg_set_debug,
    .get_mp_state = tcg_get_mp_state,
    .set_mp_state = tcg_set_mp_state,
    .get_events = tcg_get_events,
    .set_events = tcg_set_events,
    .get_xsave = tcg_get_xsave,
    .set_xsave = tcg_set_xsave,
    .translate = tcg_translate,
};

G_MODULE_EXPORT const AccelClass *accel_module_class = &tcg_accel_class;
