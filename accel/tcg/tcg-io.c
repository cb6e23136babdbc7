/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ports, memory-mapped I/O and writes to ROM.
 *
 * Theory of operation: the engine calls these in the middle of a block of translated code. Nothing
 * can be undone there, so an access that nobody handles reads as ones, and the guest is left at the
 * end of the block. Addresses of holes are linear addresses, because libunicorn 2.0.1 does not
 * apply page tables; with paging on each is looked up, and one that means another place is an
 * error.
 */
#include "tcg-int.h"

static void unhandled(TcgState *st, uint64_t addr, uint32_t len, const void *data, bool is_port)
{
    TcgCpu *cpu = st->running;

    if (!cpu->have_exit) {
        cpu->exit = (AccelExit){ .reason = ACCEL_EXIT_UNHANDLED_IO, .addr = addr, .len = len,
                                 .is_write = data != NULL, .is_port = is_port };
        if (data != NULL) {
            memcpy(cpu->exit.data, data, len);
            cpu->exit.ndata = 1;
        }
        cpu->have_exit = true;
    }
    tcg_engine_attend(st, ATTENTION_STOP);
}

static uint32_t on_in(uc_engine *uc, uint32_t port, int size, void *opaque)
{
    TcgState *st = opaque;
    const AccelIo *io = &st->parent.io;
    uint32_t value = 0;

    if (io->pio_read == NULL) {
        unhandled(st, port, (uint32_t)size, NULL, true);
        return UINT32_MAX;
    }
    io->pio_read(io->opaque, &st->running->parent, (uint16_t)port, &value, (unsigned)size, 1);
    return value;
}

static void on_out(uc_engine *uc, uint32_t port, int size, uint32_t value, void *opaque)
{
    TcgState *st = opaque;
    const AccelIo *io = &st->parent.io;

    if (io->pio_write == NULL) {
        unhandled(st, port, (uint32_t)size, &value, true);
        return;
    }
    io->pio_write(io->opaque, &st->running->parent, (uint16_t)port, &value, (unsigned)size, 1);
}

/* Returns: false when page tables lead elsewhere; the guest is being left then. */
static bool check_address(TcgCpu *cpu, uint64_t va, bool write)
{
    TcgState *st = tcg_state_of(cpu);
    TcgWalk walk;
    uint64_t cr0 = 0;

    uc_reg_read(st->uc, UC_X86_REG_CR0, &cr0);
    if (G_LIKELY((cr0 & CR0_PG) == 0)) {
        return true;
    }
    tcg_engine_save(cpu);
    if (!tcg_walk(cpu, va, write, false, &walk) || walk.gpa == va) {
        return true;
    }
    tcg_guest_error(cpu, "guest maps 0x%" PRIx64 " to 0x%" PRIx64
                    ": libunicorn 2.0.1 knows only page tables that map one to one", va, walk.gpa);
    tcg_engine_attend(st, ATTENTION_STOP);
    return false;
}

uint64_t tcg_mmio_read(uc_engine *uc, uint64_t offset, unsigned size, void *opaque)
{
    const TcgHole *hole = opaque;
    TcgCpu *cpu = hole->st->running;
    const AccelIo *io = &hole->st->parent.io;
    uint64_t addr = hole->base + offset, value = 0;

    if (cpu == NULL || !check_address(cpu, addr, false)) {
        return 0;
    }
    if (io->mmio_read == NULL) {
        unhandled(hole->st, addr, size, NULL, false);
        return UINT64_MAX;
    }
    io->mmio_read(io->opaque, &cpu->parent, addr, &value, size);
    return value;
}

void tcg_mmio_write(uc_engine *uc, uint64_t offset, unsigned size, uint64_t value, void *opaque)
{
    const TcgHole *hole = opaque;
    TcgCpu *cpu = hole->st->running;
    const AccelIo *io = &hole->st->parent.io;
    uint64_t addr = hole->base + offset;

    if (cpu == NULL || !check_address(cpu, addr, true)) {
        return;
    }
    if (io->mmio_write == NULL) {
        unhandled(hole->st, addr, size, &value, false);
        return;
    }
    io->mmio_write(io->opaque, &cpu->parent, addr, &value, size);
}

/*
 * A write to a page without write permission. The library goes on with the write and drops it
 * itself where it ends in ROM; here it becomes what the contract says, an MMIO write.
 */
static bool on_rom_write(uc_engine *uc, uc_mem_type type, uint64_t addr, int size, int64_t value,
                         void *opaque)
{
    TcgState *st = opaque;
    const TcgSlot *slot = tcg_memory_slot(st, addr);
    const AccelIo *io = &st->parent.io;
    /* No slot any more: a write before it has taken the ROM away, and the engine follows soon. */
    bool rom = slot != NULL ? slot->readonly : st->remap;

    if (rom && io->mmio_write != NULL) {
        io->mmio_write(io->opaque, &st->running->parent, addr, &value, (unsigned)size);
    }
    return true;
}

/*
 * Code outside RAM: nothing there can be run. This comes before the page tables are looked at, so a
 * page that is not there has to go on to its page fault.
 */
static bool on_fetch(uc_engine *uc, uc_mem_type type, uint64_t addr, int size, int64_t value,
                     void *opaque)
{
    TcgState *st = opaque;
    TcgCpu *cpu = st->running;
    TcgWalk walk;

    tcg_engine_save(cpu);
    if (tcg_get64(cpu, ENV_CR0) & CR0_PG) {
        bool user = (tcg_get32(cpu, ENV_HFLAGS) & HF_CPL) == 3;

        if (!tcg_walk(cpu, addr, false, user, &walk)) {
            return true;
        }
    }
    if (check_address(cpu, addr, false)) {
        tcg_guest_error(cpu, "guest runs code at 0x%" PRIx64 ", where there is no memory", addr);
    }
    return false;
}

static bool on_unmapped(uc_engine *uc, uc_mem_type type, uint64_t addr, int size, int64_t value,
                        void *opaque)
{
    TcgState *st = opaque;

    tcg_engine_save(st->running);
    tcg_guest_error(st->running, "guest touches the last page of the address space, 0x%" PRIx64
                    ": libunicorn 2.0.1 cannot map it", addr);
    return false;
}

void tcg_io_hooks(TcgState *st)
{
    uc_hook h;

    uc_hook_add(st->uc, &h, UC_HOOK_INSN, TCG_HOOK(on_in), st, 1, 0, UC_X86_INS_IN);
    uc_hook_add(st->uc, &h, UC_HOOK_INSN, TCG_HOOK(on_out), st, 1, 0, UC_X86_INS_OUT);
    uc_hook_add(st->uc, &h, UC_HOOK_INSN, TCG_HOOK(tcg_on_cpuid), st, 1, 0, UC_X86_INS_CPUID);
    uc_hook_add(st->uc, &h, UC_HOOK_MEM_WRITE_PROT, TCG_HOOK(on_rom_write), st, 1, 0);
    uc_hook_add(st->uc, &h, UC_HOOK_MEM_FETCH_PROT, TCG_HOOK(on_fetch), st, 1, 0);
    uc_hook_add(st->uc, &h, UC_HOOK_MEM_UNMAPPED, TCG_HOOK(on_unmapped), st, 1, 0);
}
