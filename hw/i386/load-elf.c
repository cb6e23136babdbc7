/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ELF executables as kernels: header and program headers of both classes are read into one form,
 * every field checked against the file before it is used. Segments go to their physical addresses;
 * sections do not matter. An entry point may be given as physical address (Linux) or as a virtual
 * one (many hobby kernels), so a virtual one is translated by the segment that holds it.
 */
#include <elf.h>

#include "hw/i386/load-internal.h"

#define ELF_MAX_PHDRS 4096

static bool bad(GError **err, const char *field, uint64_t value, const char *why)
{
    return load_fail(err, HW_IMAGE_ERROR_MALFORMED, "%s 0x%" PRIx64 " %s", field, value, why);
}

static bool check_ident(const uint8_t *d, GError **err)
{
    if (d[EI_DATA] != ELFDATA2LSB) {
        return bad(err, "EI_DATA", d[EI_DATA], "is not little-endian");
    }
    if (d[EI_VERSION] != EV_CURRENT) {
        return bad(err, "EI_VERSION", d[EI_VERSION], "is not 1");
    }
    return true;
}

static bool check_type(uint16_t type, uint16_t machine, GError **err)
{
    if (type != ET_EXEC && type != ET_DYN) {
        return bad(err, "e_type", type, "is neither EXEC nor DYN: not a linked kernel");
    }
    if (machine != EM_386 && machine != EM_X86_64) {
        return load_fail(err, HW_IMAGE_ERROR_UNSUPPORTED,
                         "e_machine 0x%x is neither 386 (0x3) nor x86-64 (0x3e)", machine);
    }
    return true;
}

static void read_phdr64(const uint8_t *p, LoadElfSegment *s)
{
    *s = (LoadElfSegment){
        .type = get_le32(p), .flags = get_le32(p + 4), .offset = get_le64(p + 8),
        .vaddr = get_le64(p + 16), .paddr = get_le64(p + 24), .filesz = get_le64(p + 32),
        .memsz = get_le64(p + 40), .align = get_le64(p + 48),
    };
}

static void read_phdr32(const uint8_t *p, LoadElfSegment *s)
{
    *s = (LoadElfSegment){
        .type = get_le32(p), .offset = get_le32(p + 4), .vaddr = get_le32(p + 8),
        .paddr = get_le32(p + 12), .filesz = get_le32(p + 16), .memsz = get_le32(p + 20),
        .flags = get_le32(p + 24), .align = get_le32(p + 28),
    };
}

/* One PT_LOAD or PT_NOTE against the file and the address space. */
static bool check_segment(const ImageSource *src, unsigned i, const LoadElfSegment *s,
                          GError **err)
{
    if (!range_in_file(s->offset, s->filesz, src->size)) {
        return load_fail(err, HW_IMAGE_ERROR_MALFORMED,
                         "segment %u: p_offset 0x%" PRIx64 " + p_filesz 0x%" PRIx64
                         " reaches past the end of the file (%zu bytes)", i, s->offset, s->filesz,
                         src->size);
    }
    if (s->type != PT_LOAD) {
        return true;
    }
    if (s->memsz < s->filesz) {
        return load_fail(err, HW_IMAGE_ERROR_MALFORMED,
                         "segment %u: p_memsz 0x%" PRIx64 " is less than p_filesz 0x%" PRIx64, i,
                         s->memsz, s->filesz);
    }
    if (s->memsz && s->paddr + (s->memsz - 1) < s->paddr) {
        return load_fail(err, HW_IMAGE_ERROR_MALFORMED,
                         "segment %u: p_paddr 0x%" PRIx64 " + p_memsz 0x%" PRIx64 " wraps around",
                         i, s->paddr, s->memsz);
    }
    return true;
}

static bool read_phdrs(const ImageSource *src, LoadElf *elf, uint64_t phoff, unsigned phnum,
                       GError **err)
{
    unsigned size = elf->is64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);

    if (phnum == 0 || phnum > ELF_MAX_PHDRS) {
        return bad(err, "e_phnum", phnum, "is not between 1 and 4096");
    }
    if (!range_in_file(phoff, (uint64_t)phnum * size, src->size)) {
        return bad(err, "e_phoff", phoff, "puts program headers past the end of the file");
    }
    elf->segments = g_new0(LoadElfSegment, phnum);
    elf->n_segments = phnum;
    for (unsigned i = 0; i < phnum; i++) {
        const uint8_t *p = src->data + phoff + i * size;
        LoadElfSegment *s = &elf->segments[i];

        (elf->is64 ? read_phdr64 : read_phdr32)(p, s);
        if ((s->type == PT_LOAD || s->type == PT_NOTE) && !check_segment(src, i, s, err)) {
            return false;
        }
    }
    return true;
}

static bool parse64(const ImageSource *src, LoadElf *elf, GError **err)
{
    const uint8_t *d = src->data;

    if (get_le16(d + 54) != sizeof(Elf64_Phdr)) {
        return bad(err, "e_phentsize", get_le16(d + 54), "is not 56");
    }
    elf->entry = get_le64(d + 24);
    return read_phdrs(src, elf, get_le64(d + 32), get_le16(d + 56), err);
}

static bool parse32(const ImageSource *src, LoadElf *elf, GError **err)
{
    const uint8_t *d = src->data;

    if (get_le16(d + 42) != sizeof(Elf32_Phdr)) {
        return bad(err, "e_phentsize", get_le16(d + 42), "is not 32");
    }
    elf->entry = get_le32(d + 24);
    return read_phdrs(src, elf, get_le32(d + 28), get_le16(d + 44), err);
}

bool load_elf_parse(const ImageSource *src, LoadElf *elf, GError **err)
{
    const uint8_t *d = src->data;
    size_t need;
    bool ok;

    *elf = (LoadElf){ 0 };
    if (src->size < EI_NIDENT || (d[EI_CLASS] != ELFCLASS32 && d[EI_CLASS] != ELFCLASS64)) {
        return bad(err, "EI_CLASS", src->size < EI_NIDENT ? 0 : d[EI_CLASS],
                   "is neither 32-bit nor 64-bit");
    }
    elf->is64 = d[EI_CLASS] == ELFCLASS64;
    need = elf->is64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
    if (src->size < need) {
        return load_fail(err, HW_IMAGE_ERROR_MALFORMED,
                         "the file has %zu bytes, an ELF header needs %zu", src->size, need);
    }
    elf->machine = get_le16(d + 18);
    ok = check_ident(d, err) && check_type(get_le16(d + 16), elf->machine, err) &&
         (elf->is64 ? parse64 : parse32)(src, elf, err);
    if (!ok) {
        load_elf_clear(elf);
    }
    return ok;
}

void load_elf_clear(LoadElf *elf)
{
    g_clear_pointer(&elf->segments, g_free);
    elf->n_segments = 0;
}

bool load_elf_segments(LoadCtx *ctx, const LoadElf *elf, GError **err)
{
    bool any = false;

    for (unsigned i = 0; i < elf->n_segments; i++) {
        const LoadElfSegment *e = &elf->segments[i];
        ImageSegment s = {
            .gpa = e->paddr, .filesz = e->filesz, .memsz = e->memsz, .source = ctx->src,
            .offset = e->offset, .flags = e->flags & 7, .what = "kernel",
        };

        if (e->type != PT_LOAD || e->memsz == 0) {
            continue;
        }
        any = true;
        if (!load_add_segment(ctx, &s, err)) {
            g_prefix_error(err, "segment %u: ", i);
            return false;
        }
    }
    return any || bad(err, "e_phnum", elf->n_segments, "counts no segment to load");
}

bool load_elf_entry(const LoadElf *elf, uint64_t entry, const char *field, uint64_t *phys,
                    GError **err)
{
    for (unsigned pass = 0; pass < 2; pass++) {
        for (unsigned i = 0; i < elf->n_segments; i++) {
            const LoadElfSegment *s = &elf->segments[i];
            uint64_t start = pass == 0 ? s->paddr : s->vaddr;

            if (s->type == PT_LOAD && entry >= start && entry - start < s->memsz) {
                *phys = s->paddr + (entry - start);
                return true;
            }
        }
    }
    return bad(err, field, entry, "lies in no segment");
}
