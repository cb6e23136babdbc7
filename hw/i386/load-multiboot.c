/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Multiboot 1 (specification 0.6.96). The header may lie anywhere in the first 8 KiB and says
 * either "load me so" itself (the a.out kludge, bit 16) or leaves it to an ELF32 header. Modules
 * come page-aligned above the kernel. The kernel's command line starts with its file name, each
 * module's string is its own -initrd entry, as QEMU gives them.
 */
#include "hw/i386/load-internal.h"

#define MB_MAGIC 0x1badb002u
#define MB_BOOT_MAGIC 0x2badb002u
#define MB_SEARCH 8192
#define MB_PAGE_ALIGN 0x1u
#define MB_MEMORY_INFO 0x2u
#define MB_VIDEO_MODE 0x4u
#define MB_KNOWN 0x7u
#define MB_AOUT_KLUDGE 0x10000u

int load_multiboot_find(const ImageSource *src)
{
    size_t end = MIN(src->size, MB_SEARCH);

    for (size_t i = 0; i + 12 <= end; i += 4) {
        const uint8_t *p = src->data + i;

        if (get_le32(p) == MB_MAGIC &&
            (uint32_t)(get_le32(p) + get_le32(p + 4) + get_le32(p + 8)) == 0) {
            return i;
        }
    }
    return -1;
}

static bool is_elf(const ImageSource *src)
{
    return src->size >= 4 && memcmp(src->data, "\177ELF", 4) == 0;
}

typedef struct Kludge {
    uint32_t header, load, load_end, bss_end, entry;
} Kludge;

static bool kludge_bad(GError **err, const char *field, uint32_t value, const char *why)
{
    return load_fail(err, HW_IMAGE_ERROR_MALFORMED, "%s 0x%x %s", field, value, why);
}

static bool check_kludge(const Kludge *k, GError **err)
{
    if (k->load > k->header) {
        return kludge_bad(err, "load_addr", k->load, "is above header_addr");
    }
    if (k->load_end && k->load_end < k->load) {
        return kludge_bad(err, "load_end_addr", k->load_end, "is below load_addr");
    }
    if (k->bss_end && k->bss_end < MAX(k->load_end, k->load)) {
        return kludge_bad(err, "bss_end_addr", k->bss_end, "is below load_end_addr");
    }
    return true;
}

/* The header's place in the file and in memory tell where load_addr lies in the file. */
static bool kludge_segment(LoadCtx *ctx, uint32_t at, const Kludge *k, GError **err)
{
    ImageSegment s = {
        .gpa = k->load, .source = ctx->src, .what = "kernel",
        .flags = IMAGE_SEG_R | IMAGE_SEG_W | IMAGE_SEG_X,
    };

    if (k->header - k->load > at) {
        return kludge_bad(err, "header_addr", k->header,
                          "puts load_addr before the start of the file");
    }
    s.offset = at - (k->header - k->load);
    s.filesz = k->load_end ? k->load_end - k->load : ctx->src->size - s.offset;
    s.memsz = k->bss_end ? k->bss_end - k->load : s.filesz;
    if (s.memsz < s.filesz) {
        return kludge_bad(err, "bss_end_addr", k->bss_end, "is below the end of the file's data");
    }
    if (k->entry < k->load || k->entry - k->load >= s.memsz) {
        return kludge_bad(err, "entry_addr", k->entry, "lies outside what is loaded");
    }
    ctx->plan->entry.rip = k->entry;
    return load_add_segment(ctx, &s, err);
}

static bool place_kludge(LoadCtx *ctx, uint32_t at, GError **err)
{
    const uint8_t *p = ctx->src->data + at;
    Kludge k;

    if (!range_in_file(at, 32, ctx->src->size)) {
        return load_fail(err, HW_IMAGE_ERROR_MALFORMED,
                         "header at 0x%x: its addresses reach past the end of the file (%zu "
                         "bytes)", at, ctx->src->size);
    }
    k = (Kludge){
        .header = get_le32(p + 12), .load = get_le32(p + 16), .load_end = get_le32(p + 20),
        .bss_end = get_le32(p + 24), .entry = get_le32(p + 28),
    };
    return check_kludge(&k, err) && kludge_segment(ctx, at, &k, err);
}

static bool place_elf(LoadCtx *ctx, GError **err)
{
    LoadElf elf;
    bool ok;

    if (!is_elf(ctx->src)) {
        return load_fail(err, HW_IMAGE_ERROR_MALFORMED,
                         "flags: bit 16 is clear and the file is no ELF, nothing says where to "
                         "load it");
    }
    if (!load_elf_parse(ctx->src, &elf, err)) {
        return false;
    }
    if (elf.is64) {
        load_elf_clear(&elf);
        return load_fail(err, HW_IMAGE_ERROR_UNSUPPORTED,
                         "Cannot load x86-64 image, give a 32bit one.");
    }
    ok = load_elf_entry(&elf, elf.entry, "e_entry", &ctx->plan->entry.rip, err) &&
         load_elf_segments(ctx, &elf, err);
    load_elf_clear(&elf);
    return ok;
}

static bool place_modules(LoadCtx *ctx, BootModule *out, GError **err)
{
    for (unsigned i = 0; i < ctx->params->n_modules; i++) {
        const ImageModule *m = &ctx->params->modules[i];

        out[i].size = m->source->size;
        if (!load_place_file(ctx, "module", m->source, 0x100000, LOAD_4G, &out[i].gpa, err) ||
            !load_place_string(ctx, "module cmdline", m->cmdline ? m->cmdline : m->source->name,
                               &out[i].cmdline_gpa, err)) {
            return false;
        }
    }
    return true;
}

static bool place_info(LoadCtx *ctx, const BootModule *modules, GError **err)
{
    const char *args = ctx->params->cmdline;
    g_autofree char *cmdline = g_strconcat(ctx->src->name, args && *args ? " " : "",
                                           args ? args : "", NULL);
    MultibootInfo info = {
        .e820 = ctx->params->e820, .modules = modules, .n_modules = ctx->params->n_modules,
    };
    uint64_t gpa;

    if (!load_place_string(ctx, "cmdline", cmdline, &info.cmdline_gpa, err) ||
        !load_place_string(ctx, "loader name", "accelvm", &info.loader_name_gpa, err) ||
        !load_find_low(ctx, "multiboot info", boot_multiboot_size(&info), 16, &gpa, err)) {
        return false;
    }
    ctx->plan->entry.rax = MB_BOOT_MAGIC;
    ctx->plan->entry.rbx = gpa;
    return load_add_blob(ctx, "multiboot info", gpa, boot_multiboot_build(&info, gpa), err);
}

static bool check_flags(LoadCtx *ctx, uint32_t flags, GError **err)
{
    if (flags & 0xffff & ~MB_KNOWN) {
        return load_fail(err, HW_IMAGE_ERROR_UNSUPPORTED,
                         "flags 0x%x: requires features 0x%x that are not offered", flags,
                         flags & 0xffff & ~MB_KNOWN);
    }
    if (flags & MB_VIDEO_MODE) {
        load_note(ctx, "the multiboot kernel asks for a video mode; there is no display");
    }
    return true;
}

bool load_multiboot(LoadCtx *ctx, GError **err)
{
    g_autofree BootModule *modules = g_new0(BootModule, ctx->params->n_modules + 1);
    int at = load_multiboot_find(ctx->src);
    uint32_t flags;

    if (at < 0) {
        return load_fail(err, HW_IMAGE_ERROR_MALFORMED,
                         "no header with a right checksum in the first 8 KiB");
    }
    flags = get_le32(ctx->src->data + at + 4);
    return check_flags(ctx, flags, err) &&
           (flags & MB_AOUT_KLUDGE ? place_kludge(ctx, at, err) : place_elf(ctx, err)) &&
           place_modules(ctx, modules, err) && place_info(ctx, modules, err) &&
           load_place_cpu_state(ctx, BOOT_MODE_32, err);
}
