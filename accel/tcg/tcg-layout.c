/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is this library laid out as tcg-layout.h says?
 *
 * Theory of operation: registers that the interface can write are given values that occur nowhere
 * else; then the context must show each of them exactly where it is expected. What the interface
 * cannot write (EFER, derived flags) has known values in a fresh 64-bit engine. A library that
 * differs in any of them is refused, with the number that did not match.
 */
#include "tcg-int.h"

#define SENTINEL(n) (0x5a17c0de00000000ull + (uint64_t)(n) * 0x0101)
#define SCAN_END    256

typedef struct Check {
    const char *what;
    unsigned offset, size;
    uint64_t want;
} Check;

static const struct {
    int reg;
    unsigned offset;
} writable[] = {
    { UC_X86_REG_RAX, ENV_GPR }, { UC_X86_REG_RCX, ENV_GPR + 8 }, { UC_X86_REG_RDX, ENV_GPR + 16 },
    { UC_X86_REG_RBX, ENV_GPR + 24 }, { UC_X86_REG_RSP, ENV_GPR + 32 },
    { UC_X86_REG_RBP, ENV_GPR + 40 }, { UC_X86_REG_RSI, ENV_GPR + 48 },
    { UC_X86_REG_RDI, ENV_GPR + 56 }, { UC_X86_REG_R8, ENV_GPR + 64 },
    { UC_X86_REG_R15, ENV_GPR + 120 }, { UC_X86_REG_RIP, ENV_RIP },
    { UC_X86_REG_FS_BASE, ENV_FS + SEG_BASE }, { UC_X86_REG_GS_BASE, ENV_GS + SEG_BASE },
    { UC_X86_REG_CR2, ENV_CR2 }, { UC_X86_REG_DR0, ENV_DR }, { UC_X86_REG_DR3, ENV_DR + 24 },
};

static const struct {
    int reg;
    unsigned offset;
} tables[] = {
    { UC_X86_REG_LDTR, ENV_LDT }, { UC_X86_REG_TR, ENV_TR },
    { UC_X86_REG_GDTR, ENV_GDT }, { UC_X86_REG_IDTR, ENV_IDT },
};

static const Check fixed[] = {
    { "CR0", ENV_CR0, 8, 0x11 },
    { "EFER", ENV_EFER, 8, EFER_LMA | EFER_LME },
    { "flags", ENV_FLAGS, 8, 2 },
    { "cc_op", ENV_CC_OP, 4, CC_EFLAGS },
    { "direction", ENV_DF, 4, 1 },
    { "hflags", ENV_HFLAGS, 4, HF_OSFXSR | HF_CS64 | HF_LMA | HF_PE | HF_SS32 | HF_CS32 },
    { "hflags2", ENV_HFLAGS2, 4, 1 },
    { "DR6", ENV_DR + 48, 8, 0xffff0ff0 },
    { "DR7", ENV_DR + 56, 8, 0x400 },
    { "exception in flight", ENV_OLD_EXC, 4, 0xffffffff },
};

static void write_sentinels(uc_engine *uc)
{
    for (guint i = 0; i < G_N_ELEMENTS(writable); i++) {
        uint64_t v = SENTINEL(i);

        uc_reg_write(uc, writable[i].reg, &v);
    }
    for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
        uc_x86_mmr mmr = { .selector = (uint16_t)(8 * i + 8), .base = SENTINEL(0x80 + i),
                           .limit = 0x4000 + i, .flags = 0 };

        uc_reg_write(uc, tables[i].reg, &mmr);
    }
}

static bool same(const uint8_t *p, uint64_t want, unsigned size)
{
    return memcmp(p, &want, size) == 0; /* little-endian host: an x86 machine */
}

static gboolean refuse(const char *what, GError **errp)
{
    const AccelErrorInfo info = { .accel = "tcg", .stage = "layout", .call = "uc_context_save" };
    unsigned major = 0, minor = 0;

    uc_version(&major, &minor);
    accel_error_set(errp, ACCEL_ERROR_VERSION, &info,
                    "libunicorn %u.%u keeps its registers elsewhere (%s)", major, minor, what);
    if (errp != NULL) {
        accel_error_add_remedy(*errp, "install libunicorn 2.0.1 (Debian 12's libunicorn2)");
    }
    return FALSE;
}

static gboolean verify(const uint8_t *env, GError **errp)
{
    for (guint i = 0; i < G_N_ELEMENTS(writable); i++) {
        if (!same(env + writable[i].offset, SENTINEL(i), 8)) {
            return refuse("a register", errp);
        }
    }
    for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
        if (!same(env + tables[i].offset + SEG_BASE, SENTINEL(0x80 + i), 8) ||
            !same(env + tables[i].offset + SEG_LIMIT, 0x4000 + i, 4)) {
            return refuse("a descriptor table", errp);
        }
    }
    for (guint i = 0; i < G_N_ELEMENTS(fixed); i++) {
        if (!same(env + fixed[i].offset, fixed[i].want, fixed[i].size)) {
            return refuse(fixed[i].what, errp);
        }
    }
    return TRUE;
}

static gboolean find(TcgLayout *layout, const uint8_t *blob, size_t size, GError **errp)
{
    for (size_t base = 0; base < SCAN_END && base + ENV_END <= size; base += 8) {
        if (same(blob + base, SENTINEL(0), 8) && same(blob + base + 8, SENTINEL(1), 8)) {
            layout->base = base;
            return verify(blob + base, errp);
        }
    }
    return refuse("RAX", errp);
}

gboolean tcg_layout_find(TcgState *st, GError **errp)
{
    const AccelErrorInfo info = { .accel = "tcg", .stage = "layout", .call = "uc_open" };
    uc_context *probe = NULL;
    uc_err ret = uc_open(UC_ARCH_X86, UC_MODE_64, &st->maker);
    gboolean ok;

    if (ret != UC_ERR_OK) {
        st->maker = NULL;
        accel_error_set(errp, ACCEL_ERROR_FAILED, &info, "libunicorn has no x86 engine: %s",
                        uc_strerror(ret));
        return FALSE;
    }
    if (uc_context_alloc(st->maker, &st->pristine) != UC_ERR_OK ||
        uc_context_alloc(st->maker, &probe) != UC_ERR_OK) {
        accel_error_set(errp, ACCEL_ERROR_RESOURCE, &info, "libunicorn: out of memory");
        return FALSE;
    }
    uc_context_save(st->maker, st->pristine);
    write_sentinels(st->maker);
    uc_context_save(st->maker, probe);
    ok = find(&st->layout, (const uint8_t *)probe, uc_context_size(st->maker), errp);
    uc_context_free(probe);
    return ok;
}
