/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Instructions as text, for "x /i" and "xp /i": AT&T syntax in QEMU's columns.
 *
 * Theory of operation: the work is libcapstone's, which is large and which hardly any run needs. So
 * nothing links it: it is opened with the first instruction that somebody wants to see, and stays.
 * Bytes that are no instruction are shown as data, one by one. Where memory ends the last
 * instructions before the end are shown, which QEMU does not.
 */
#include "config-host.h"
#include "accel/x86.h"
#include "disas.h"

#ifdef HAVE_CAPSTONE
#include <capstone.h>
#include <gmodule.h>

#define LIBRARY "libcapstone.so." G_STRINGIFY(CS_API_MAJOR)
#define PACKAGE "libcapstone" G_STRINGIFY(CS_API_MAJOR)

enum { LONGEST = 15, COLUMNS = 8 }; /* bytes of an instruction, and of them in one line */

static struct {
    GModule *module;
    cs_err (*open)(cs_arch arch, cs_mode mode, csh *handle);
    cs_err (*option)(csh handle, cs_opt_type type, size_t value);
    cs_err (*close)(csh *handle);
    cs_insn *(*malloc)(csh handle);
    void (*free)(cs_insn *insn, size_t count);
    bool (*disasm_iter)(csh handle, const uint8_t **code, size_t *size, uint64_t *address,
                        cs_insn *insn);
} lib;

static bool find(const char *name, void *to)
{
    return g_module_symbol(lib.module, name, to);
}

static bool load(Monitor *mon)
{
    if (lib.module != NULL) {
        return true;
    }
    lib.module = g_module_open(LIBRARY, G_MODULE_BIND_LAZY | G_MODULE_BIND_LOCAL);
    if (lib.module != NULL && find("cs_open", &lib.open) && find("cs_option", &lib.option) &&
        find("cs_close", &lib.close) && find("cs_malloc", &lib.malloc) &&
        find("cs_free", &lib.free) && find("cs_disasm_iter", &lib.disasm_iter)) {
        return true;
    }
    monitor_printf(mon, "cannot disassemble without %s: %s\ninstall the package " PACKAGE "\n",
                   LIBRARY, g_module_error());
    g_clear_pointer(&lib.module, g_module_close);
    return false;
}

/* What the code segment says; real mode where no CPU can be asked. On the vCPU's thread. */
static void get_mode(CPUState *cpu, void *data)
{
    cs_mode *mode = data;
    AccelX86Regs r = { 0 };

    if (cpu->accel_cpu == NULL || !accel_get_regs(cpu->accel_cpu, &r, NULL)) {
        return;
    }
    if (r.cs.l && r.efer & (1u << 10)) {
        *mode = CS_MODE_64;
    } else if (r.cs.db) {
        *mode = CS_MODE_32;
    }
}

/* As many bytes as there are. Returns: how many, at most LONGEST. */
static size_t fetch(VirtualReader *reader, uint64_t addr, uint8_t *bytes)
{
    size_t n = LONGEST;

    while (n > 0 && !virtual_read(reader, addr, bytes, n)) {
        n--;
    }
    return n;
}

static void print_bytes(Monitor *mon, const cs_insn *insn, int from)
{
    monitor_printf(mon, "0x%08" G_GINT64_MODIFIER "x: ", insn->address + (uint64_t)from);
    for (int i = from; i < from + COLUMNS; i++) {
        if (i < insn->size) {
            monitor_printf(mon, " %02x", insn->bytes[i]);
        } else if (from == 0) {
            monitor_puts(mon, "   ");
        }
    }
}

static void print(Monitor *mon, const cs_insn *insn)
{
    print_bytes(mon, insn, 0);
    monitor_printf(mon, "  %-8s %s\n", insn->mnemonic, insn->op_str);
    for (int from = COLUMNS; from < insn->size; from += COLUMNS) {
        print_bytes(mon, insn, from);
        monitor_puts(mon, "\n");
    }
}

/* One instruction at *@addr, which moves on. Returns: FALSE when it cannot be read. */
static bool one(Monitor *mon, VirtualReader *reader, csh handle, uint64_t *addr, cs_insn *insn)
{
    uint8_t bytes[LONGEST];
    const uint8_t *p = bytes;
    size_t n = fetch(reader, *addr, bytes), left = n;
    const uint64_t at = *addr;

    if (!lib.disasm_iter(handle, &p, &left, addr, insn) || (insn->id == 0 && n < LONGEST)) {
        monitor_printf(mon, "0x%08" G_GINT64_MODIFIER "x: unable to read memory\n", at);
        return false;
    }
    print(mon, insn);
    return true;
}

void hmp_disas(Monitor *mon, VirtualReader *reader, uint64_t addr, int count)
{
    CPUState *cpu = hmp_cpu(mon);
    cs_mode mode = CS_MODE_16;
    csh handle = 0;
    cs_insn *insn;

    if (!load(mon)) {
        return;
    }
    if (cpu != NULL) {
        hw_cpu_run_on(cpu, get_mode, &mode);
    }
    if (lib.open(CS_ARCH_X86, mode, &handle) != CS_ERR_OK) {
        monitor_puts(mon, "this " LIBRARY " knows no x86 instructions\n");
        return;
    }
    lib.option(handle, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
    lib.option(handle, CS_OPT_SKIPDATA, CS_OPT_ON);
    insn = lib.malloc(handle);
    while (one(mon, reader, handle, &addr, insn) && --count > 0) {
        /* the first one in any case, as in QEMU */
    }
    lib.free(insn, 1);
    lib.close(&handle);
}

#else

void hmp_disas(Monitor *mon, VirtualReader *reader, uint64_t addr, int count)
{
    monitor_puts(mon, "this accelvm was built without a disassembler: install the package "
                      "libcapstone-dev and build it again\n");
}

#endif
