/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libunicorn may not end the process.
 *
 * Where its translator meets what it cannot do, libunicorn 2.0.1 calls abort() or assert(); guest code
 * of two bytes is enough (ff d8, a far call through a register, which a CPU answers with #UD).
 *
 * Theory of operation: the library reaches abort() and __assert_fail() through slots of its own, which
 * the dynamic linker has filled and then made read-only. Once in a process these slots are pointed
 * here. On a thread that is inside tcg_guard_start() the way leads back to there, the guest gets its
 * error, and the engine is thrown away; on any other thread the C library's function is called. The
 * references of the program and of other libraries stay as they are. Where there are no such slots
 * nothing is changed. Source: System V ABI, AMD64 supplement, 5.2 (procedure linkage table).
 */
#include <assert.h>
#include <elf.h>
#include <link.h>
#include <setjmp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "tcg-int.h"

static __thread jmp_buf *way_out;

static void leave_engine(void)
{
    jmp_buf *to = way_out;

    if (to != NULL) {
        way_out = NULL;
        longjmp(*to, 1);
    }
}

static void on_abort(void)
{
    leave_engine();
    abort();
}

static void on_assert(const char *expr, const char *file, unsigned line, const char *function)
{
    leave_engine();
    __assert_fail(expr, file, line, function);
}

/* An object's tables, as its dynamic section has them. */
typedef struct Object {
    uint64_t base;
    const Elf64_Rela *rela;
    const Elf64_Sym *sym;
    const char *str;
    size_t n;
    uint64_t relro, relro_end;
} Object;

/* glibc has added the base already, other linkers have not. */
static const void *table(const Object *o, uint64_t value)
{
    return (const void *)(uintptr_t)(value < o->base ? o->base + value : value);
}

static void read_dynamic(Object *o, const Elf64_Dyn *d)
{
    for (; d->d_tag != DT_NULL; d++) {
        switch (d->d_tag) {
        case DT_JMPREL:
            o->rela = table(o, d->d_un.d_ptr);
            break;
        case DT_PLTRELSZ:
            o->n = d->d_un.d_val / sizeof(Elf64_Rela);
            break;
        case DT_SYMTAB:
            o->sym = table(o, d->d_un.d_ptr);
            break;
        case DT_STRTAB:
            o->str = table(o, d->d_un.d_ptr);
            break;
        default:
            break;
        }
    }
}

static void point(const Object *o, uint64_t slot, void *target)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), at = slot & ~(page - 1);

    if (slot < o->relro || slot >= o->relro_end) {
        *(void **)(uintptr_t)slot = target;
    } else if (mprotect((void *)(uintptr_t)at, page, PROT_READ | PROT_WRITE) == 0) {
        *(void **)(uintptr_t)slot = target;
        mprotect((void *)(uintptr_t)at, page, PROT_READ);
    }
}

static void redirect(const Object *o)
{
    for (size_t i = 0; i < o->n; i++) {
        const Elf64_Rela *r = &o->rela[i];
        const char *name = o->str + o->sym[ELF64_R_SYM(r->r_info)].st_name;

        if (ELF64_R_TYPE(r->r_info) != R_X86_64_JUMP_SLOT) {
            continue;
        }
        if (strcmp(name, "abort") == 0) {
            point(o, o->base + r->r_offset, TCG_HOOK(on_abort));
        } else if (strcmp(name, "__assert_fail") == 0) {
            point(o, o->base + r->r_offset, TCG_HOOK(on_assert));
        }
    }
}

/* The object that uc_open() is in. Returns: not 0, which ends the search. */
static int look_at(struct dl_phdr_info *info, size_t size, void *opaque)
{
    const uint64_t inside = (uint64_t)(uintptr_t)opaque;
    const Elf64_Dyn *dynamic = NULL;
    Object o = { .base = info->dlpi_addr };
    bool found = false;

    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const Elf64_Phdr *p = &info->dlpi_phdr[i];
        uint64_t start = o.base + p->p_vaddr;

        found = found || (p->p_type == PT_LOAD && inside - start < p->p_memsz);
        if (p->p_type == PT_DYNAMIC) {
            dynamic = (const Elf64_Dyn *)(uintptr_t)start;
        } else if (p->p_type == PT_GNU_RELRO) {
            o.relro = start;
            o.relro_end = start + p->p_memsz;
        }
    }
    if (found && dynamic != NULL) {
        read_dynamic(&o, dynamic);
    }
    if (found && o.rela != NULL && o.sym != NULL && o.str != NULL) {
        redirect(&o);
    }
    return found;
}

void tcg_guard_install(void)
{
    static gsize done;

    if (g_once_init_enter(&done)) {
        dl_iterate_phdr(look_at, TCG_HOOK(uc_open));
        g_once_init_leave(&done, 1);
    }
}

uc_err tcg_guard_start(uc_engine *uc, uint64_t rip, bool *died)
{
    jmp_buf here;
    uc_err ret = UC_ERR_OK;

    *died = setjmp(here) != 0;
    if (!*died) {
        way_out = &here;
        ret = uc_emu_start(uc, rip, 0, 0, 0);
        way_out = NULL;
    }
    return ret;
}
