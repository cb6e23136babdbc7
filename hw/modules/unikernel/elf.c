/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The guest's ELF file: what it says, checked, and nothing but checked.
 *
 * Theory of operation: one pass over the program headers. Every sum is written as a comparison with
 * what is left, so none can wrap. What would need a dynamic linker, a writable and executable page or
 * an executable stack is refused by name: a page has the rights that its header says, or the guest
 * does not start. Source: System V ABI, chapter 5; its AMD64 supplement.
 */
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include "unikernel.h"

gboolean uk_error(GError **errp, AccelErrorCode code, const char *call, int errnum,
                  const char *fmt, ...)
{
    const AccelErrorInfo info = { .stage = "unikernel", .call = call, .errnum = errnum };
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    accel_error_set(errp, code, &info, "unikernel: %s", text);
    return FALSE;
}

#define BAD(errp, ...) uk_error(errp, ACCEL_ERROR_INVALID, NULL, 0, __VA_ARGS__)
#define HEX "0x%" G_GINT64_MODIFIER "x"

static gboolean check_header(const Elf64_Ehdr *h, size_t len, GError **errp)
{
    if (len < sizeof(*h) || memcmp(h->e_ident, ELFMAG, SELFMAG) != 0) {
        return BAD(errp, "the image is no ELF file");
    }
    if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_ident[EI_DATA] != ELFDATA2LSB ||
        h->e_machine != EM_X86_64) {
        return BAD(errp, "the image is not for x86-64 (class %u, machine %u)",
                   h->e_ident[EI_CLASS], h->e_machine);
    }
    if (h->e_type != ET_EXEC) {
        return BAD(errp, "the image is no static executable (type %u, not %u): link it with "
                   "-static -no-pie", h->e_type, ET_EXEC);
    }
    if (h->e_phentsize != sizeof(Elf64_Phdr) || h->e_phnum == 0 || h->e_phoff > len ||
        h->e_phnum > (len - h->e_phoff) / sizeof(Elf64_Phdr)) {
        return BAD(errp, "the image's program headers (%u of %u bytes at " HEX ") are not in the "
                   "file", h->e_phnum, h->e_phentsize, (uint64_t)h->e_phoff);
    }
    return TRUE;
}

static gboolean check_rights(const Elf64_Phdr *p, unsigned i, GError **errp)
{
    if ((p->p_flags & (PF_W | PF_X)) == (PF_W | PF_X)) {
        return BAD(errp, "segment %u at " HEX " is writable and executable: link the image with "
                   "-z separate-code", i, (uint64_t)p->p_vaddr);
    }
    if (!(p->p_flags & PF_R)) {
        return BAD(errp, "segment %u at " HEX " is not readable", i, (uint64_t)p->p_vaddr);
    }
    return TRUE;
}

static gboolean check_place(const Elf64_Phdr *p, unsigned i, size_t len, uint64_t ram_end,
                            GError **errp)
{
    if (p->p_offset > len || p->p_filesz > len - p->p_offset) {
        return BAD(errp, "segment %u: " HEX " bytes at offset " HEX " are not in the file of "
                   "%" G_GSIZE_FORMAT " bytes", i, (uint64_t)p->p_filesz, (uint64_t)p->p_offset,
                   len);
    }
    if (p->p_filesz > p->p_memsz) {
        return BAD(errp, "segment %u has " HEX " bytes in the file and only " HEX " in memory", i,
                   (uint64_t)p->p_filesz, (uint64_t)p->p_memsz);
    }
    if (p->p_vaddr < UK_IMAGE_MIN || p->p_vaddr > ram_end || p->p_memsz > ram_end - p->p_vaddr) {
        return BAD(errp, "segment %u: " HEX " bytes at " HEX " do not fit into RAM from " HEX
                   " to " HEX " (-m gives more)", i, (uint64_t)p->p_memsz, (uint64_t)p->p_vaddr,
                   (uint64_t)UK_IMAGE_MIN, ram_end);
    }
    return TRUE;
}

static uint64_t page_down(uint64_t v)
{
    return v & ~(UK_PAGE - 1);
}

static uint64_t page_up(uint64_t v)
{
    return page_down(v + UK_PAGE - 1);
}

/* Headers have to be in ascending order; so is the list. */
static gboolean check_order(const UkImage *img, const UkSegment *s, unsigned i, GError **errp)
{
    const UkSegment *last = img->n > 0 ? &img->seg[img->n - 1] : NULL;

    if (last == NULL || (s->addr >= last->addr + last->memsz &&
                         (page_down(s->addr) >= page_up(last->addr + last->memsz) ||
                          s->prot == last->prot))) {
        return TRUE;
    }
    if (s->addr < last->addr + last->memsz) {
        return BAD(errp, "segment %u at " HEX " overlaps the one before it, or they are not in "
                   "ascending order", i, s->addr);
    }
    return BAD(errp, "segment %u at " HEX " shares a page with one of other rights: link the image "
               "with -z separate-code", i, s->addr);
}

static gboolean add_load(UkImage *img, const Elf64_Phdr *p, unsigned i, size_t len,
                         uint64_t ram_end, GError **errp)
{
    const UkSegment s = {
        .addr = p->p_vaddr, .memsz = p->p_memsz, .offset = p->p_offset, .filesz = p->p_filesz,
        .prot = X86_MAP_READ | (p->p_flags & PF_W ? X86_MAP_WRITE : 0) |
                (p->p_flags & PF_X ? X86_MAP_EXEC : 0),
    };

    if (p->p_memsz == 0 && p->p_filesz == 0) {
        return TRUE;
    }
    if (!check_rights(p, i, errp) || !check_place(p, i, len, ram_end, errp) ||
        !check_order(img, &s, i, errp)) {
        return FALSE;
    }
    if (img->n == UK_MAX_SEGMENTS) {
        return BAD(errp, "the image has more than %u segments", UK_MAX_SEGMENTS);
    }
    img->seg[img->n++] = s;
    img->end = page_up(s.addr + s.memsz);
    return TRUE;
}

static gboolean add_header(UkImage *img, const Elf64_Phdr *p, unsigned i, size_t len,
                           uint64_t ram_end, GError **errp)
{
    switch (p->p_type) {
    case PT_LOAD:
        return add_load(img, p, i, len, ram_end, errp);
    case PT_INTERP:
    case PT_DYNAMIC:
        return BAD(errp, "the image is linked dynamically: link it with -static -no-pie");
    case PT_GNU_STACK:
        return !(p->p_flags & PF_X) ||
               BAD(errp, "the image asks for an executable stack: link it with -z noexecstack");
    default:
        return TRUE; /* notes, TLS templates and the like are the guest's own business */
    }
}

static gboolean check_entry(const UkImage *img, GError **errp)
{
    for (unsigned i = 0; i < img->n; i++) {
        const UkSegment *s = &img->seg[i];

        if ((s->prot & X86_MAP_EXEC) && img->entry >= s->addr &&
            img->entry - s->addr < s->memsz) {
            return TRUE;
        }
    }
    return BAD(errp, "the entry point " HEX " is in no executable segment", img->entry);
}

gboolean uk_image_parse(UkImage *img, const void *data, size_t len, uint64_t ram_size,
                        GError **errp)
{
    Elf64_Ehdr h = { 0 };

    memset(img, 0, sizeof(*img));
    memcpy(&h, data, MIN(len, sizeof(h)));
    if (!check_header(&h, len, errp)) {
        return FALSE;
    }
    if (ram_size < UK_IMAGE_MIN + UK_STACK_MIN) {
        return BAD(errp, "%" G_GUINT64_FORMAT " KiB of RAM are too few", ram_size >> 10);
    }
    for (unsigned i = 0; i < h.e_phnum; i++) {
        Elf64_Phdr p;

        memcpy(&p, (const uint8_t *)data + h.e_phoff + i * sizeof(p), sizeof(p));
        if (!add_header(img, &p, i, len, ram_size - UK_STACK_MIN, errp)) {
            return FALSE;
        }
    }
    img->entry = h.e_entry;
    return check_entry(img, errp);
}
