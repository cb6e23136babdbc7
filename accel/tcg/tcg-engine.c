/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine: opened when it is needed, thrown away when the memory map changes.
 *
 * Theory of operation: vCPUs live in their contexts, so the engine is a cache of one of them and of
 * translated code. Opening one costs less than a millisecond. libunicorn unmaps page by page, which
 * would never end for the holes (2^52 pages), hence a new engine instead of a changed one. All
 * vCPUs share the engine: code that one vCPU changes is then stale for none of them.
 *
 * Stopping: uc_emu_start() forgets a stop that was asked for just before it, and a stop at any time
 * could not be told from a HLT. So all who want to stop the guest set a bit, and a hook that runs
 * at each block of code looks at it and stops there. It costs about 5 ns a block, and yields exact
 * interrupt windows, exact halts and time slices by amount of code, not by the clock. The delivery
 * of an exception looks, too: a handler that is not there faults for ever without any block.
 */
#include "tcg-int.h"

/* Bytes of translated code: what may be used, and what a block and an instruction are taken to use. */
#define CODE_SPACE  (512ull << 20)
#define SPACE_BLOCK 1024
#define SPACE_INSN  512

static gboolean engine_error(uc_err ret, const char *call, GError **errp)
{
    const AccelErrorInfo info = { .accel = "tcg", .stage = "engine", .call = call };

    accel_error_set(errp, ACCEL_ERROR_FAILED, &info, "libunicorn: %s failed: %s", call,
                    uc_strerror(ret));
    return FALSE;
}

static void tcg_engine_hooks(TcgState *st);

gboolean tcg_engine_need(TcgState *st, GError **errp)
{
    uc_err ret;

    if (G_LIKELY(st->uc != NULL)) {
        return TRUE;
    }
    ret = uc_open(UC_ARCH_X86, UC_MODE_64, &st->uc);
    if (ret != UC_ERR_OK) {
        st->uc = NULL;
        return engine_error(ret, "uc_open", errp);
    }
    uc_ctl_exits_enable(st->uc); /* and none set: no address ends a stay */
    if (!tcg_memory_map_all(st, errp)) {
        tcg_engine_drop(st);
        return FALSE;
    }
    tcg_engine_hooks(st);
    tcg_io_hooks(st);
    tcg_interrupt_hooks(st);
    tcg_syscall_hooks(st);
    accel_trace(st->parent.trace, tcg_handover, "new engine, %u slots, %u holes", st->slots->len,
                st->holes->len);
    return TRUE;
}

void tcg_engine_drop(TcgState *st)
{
    uc_engine *uc = st->uc;

    if (uc == NULL) {
        return;
    }
    if (st->loaded != NULL) {
        tcg_engine_save(st->loaded);
        g_atomic_pointer_set(&st->loaded, NULL);
    }
    st->uc = NULL;
    uc_close(uc);
    g_ptr_array_set_size(st->holes, 0);
}

void tcg_engine_save(TcgCpu *cpu)
{
    TcgState *st = tcg_state_of(cpu);

    if (g_atomic_pointer_get(&st->loaded) == cpu && !cpu->changed) {
        uc_context_save(st->uc, cpu->ctx);
    }
}

/*
 * The context brings registers, not the translations cached for them. A change of CR0.WP drops all
 * of those, so the context goes in with WP inverted and CR0 is written after it.
 */
static void restore_and_flush(TcgCpu *cpu)
{
    uc_engine *uc = tcg_state_of(cpu)->uc;
    uint64_t cr0 = tcg_get64(cpu, ENV_CR0);

    tcg_put64(cpu, ENV_CR0, cr0 ^ CR0_WP);
    uc_context_restore(uc, cpu->ctx);
    uc_reg_write(uc, UC_X86_REG_CR0, &cr0);
    tcg_put64(cpu, ENV_CR0, cr0);
}

void tcg_engine_load(TcgCpu *cpu)
{
    TcgState *st = tcg_state_of(cpu);

    if (st->loaded != NULL && st->loaded != cpu) {
        tcg_engine_save(st->loaded);
        st->loaded->changed = false;
    }
    if (st->loaded != cpu || cpu->flush) {
        restore_and_flush(cpu);
    } else if (cpu->changed) {
        uc_context_restore(st->uc, cpu->ctx);
    }
    g_atomic_pointer_set(&st->loaded, cpu);
    cpu->changed = cpu->flush = false;
}

static bool window_open(uc_engine *uc)
{
    uint64_t flags = 0;

    uc_reg_read(uc, UC_X86_REG_EFLAGS, &flags);
    return (flags & FLAG_IF) != 0;
}

static void on_block(uc_engine *uc, uint64_t address, uint32_t size, void *opaque)
{
    TcgState *st = opaque;
    gint what = g_atomic_int_get(&st->attention);

    if (G_LIKELY(--st->blocks_left != 0 && what == 0)) {
        return;
    }
    if (st->skip_block && !(what & ATTENTION_STOP)) {
        st->skip_block = false;
        st->blocks_left += st->blocks_left == 0;
        return;
    }
    if (st->blocks_left == 0 || (what & ATTENTION_STOP) || window_open(uc)) {
        st->stopped = true;
        uc_emu_stop(uc);
    }
}

void tcg_engine_after_event(TcgState *st)
{
    gint what = g_atomic_int_get(&st->attention);

    st->skip_block = false;
    if (--st->blocks_left == 0 || (what & ATTENTION_STOP) || (what != 0 && window_open(st->uc))) {
        st->stopped = true;
        uc_emu_stop(st->uc);
    }
}

/*
 * A block was translated. When its buffer of 1 GiB is full, libunicorn 2.0.1 uses translations that it
 * has thrown away and crashes; a guest that changes its own code gets there in seconds. So the engine
 * is replaced long before: SPACE_INSN is more than one instruction has ever taken.
 */
static void on_translated(uc_engine *uc, uc_tb *block, uc_tb *before, void *opaque)
{
    TcgState *st = opaque;

    st->code_space += SPACE_BLOCK + (uint64_t)block->icount * SPACE_INSN;
    if (st->code_space > CODE_SPACE) {
        st->remap = true;
        tcg_engine_attend(st, ATTENTION_STOP);
    }
}

static void tcg_engine_hooks(TcgState *st)
{
    uc_hook h;

    st->code_space = 0;
    uc_hook_add(st->uc, &h, UC_HOOK_BLOCK, TCG_HOOK(on_block), st, 1, 0);
    uc_hook_add(st->uc, &h, UC_HOOK_EDGE_GENERATED, TCG_HOOK(on_translated), st, 1, 0);
}
