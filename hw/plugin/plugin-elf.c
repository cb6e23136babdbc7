/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A look at a plugin's file before the dynamic linker sees it.
 *
 * Theory of operation: dlopen() maps what the headers promise; where the file is shorter than that, the
 * first touch ends the process with SIGBUS. It also runs constructors, and it complains about symbols
 * that a newer library would have had before anybody could ask for the version. So the headers are
 * compared with the file's size, and the three first fields of the descriptor, which need no
 * relocation, are read straight from the file. A file without section headers is left to dlopen().
 * Source: System V ABI, chapters 4 and 5.
 */
#include <elf.h>
#include <string.h>
#include "plugin-int.h"

typedef struct ElfFile {
    const char *path;
    const uint8_t *data;
    uint64_t size;
    Elf64_Ehdr h;
} ElfFile;

static gboolean refuse(const ElfFile *f, GError **errp, const char *why)
{
    const AccelErrorInfo info = { .stage = "plugin", .call = "read" };

    accel_error_set(errp, ACCEL_ERROR_INVALID, &info, "plugin %s %s", f->path, why);
    return FALSE;
}

/* Bytes [@at, @at + @len) of the file into @to; false when the file does not have them. */
static bool get(const ElfFile *f, uint64_t at, void *to, uint64_t len)
{
    if (at > f->size || len > f->size - at) {
        return false;
    }
    memcpy(to, f->data + at, len);
    return true;
}

static gboolean check_header(ElfFile *f, GError **errp)
{
    if (f->size < SELFMAG || memcmp(f->data, ELFMAG, SELFMAG) != 0) {
        return refuse(f, errp, "is no shared object: it has no ELF header");
    }
    if (!get(f, 0, &f->h, sizeof(f->h))) {
        return refuse(f, errp, "is truncated: not even its header is there");
    }
    if (f->h.e_ident[EI_CLASS] != ELFCLASS64 || f->h.e_ident[EI_DATA] != ELFDATA2LSB ||
        f->h.e_machine != EM_X86_64) {
        return refuse(f, errp, "was built for another kind of machine");
    }
    if (f->h.e_type != ET_DYN || f->h.e_phentsize != sizeof(Elf64_Phdr)) {
        return refuse(f, errp, "is an ELF file, but no shared object");
    }
    return TRUE;
}

/* Program headers, what they load, and section headers: all within the file. */
static gboolean check_size(const ElfFile *f, GError **errp)
{
    uint64_t sections = (uint64_t)f->h.e_shnum * f->h.e_shentsize;

    for (unsigned i = 0; i < f->h.e_phnum; i++) {
        Elf64_Phdr p;

        if (!get(f, f->h.e_phoff + i * sizeof(p), &p, sizeof(p)) ||
            (p.p_type == PT_LOAD && (p.p_offset > f->size || p.p_filesz > f->size - p.p_offset))) {
            return refuse(f, errp, "is truncated: a part that it loads is not there");
        }
    }
    if (f->h.e_shoff > f->size || sections > f->size - f->h.e_shoff) {
        return refuse(f, errp, "is truncated: its section headers are not there");
    }
    return TRUE;
}

static bool get_section(const ElfFile *f, unsigned i, Elf64_Shdr *s)
{
    return i < f->h.e_shnum && f->h.e_shentsize == sizeof(*s) &&
           get(f, f->h.e_shoff + i * sizeof(*s), s, sizeof(*s));
}

static bool is_named(const ElfFile *f, const Elf64_Shdr *strings, uint32_t at, const char *name)
{
    char text[32];
    size_t len = strlen(name) + 1;

    return at < strings->sh_size && get(f, strings->sh_offset + at, text, len) &&
           memcmp(text, name, len) == 0;
}

/* Address of the exported symbol @name; 0: the table @table does not have it. */
static uint64_t find_symbol(const ElfFile *f, const Elf64_Shdr *table, const char *name)
{
    Elf64_Shdr strings;
    Elf64_Sym sym;

    if (!get_section(f, table->sh_link, &strings)) {
        return 0;
    }
    for (uint64_t at = 0; at < table->sh_size && get(f, table->sh_offset + at, &sym, sizeof(sym));
         at += sizeof(sym)) {
        if (sym.st_shndx != SHN_UNDEF && is_named(f, &strings, sym.st_name, name)) {
            return sym.st_value;
        }
    }
    return 0;
}

/* The bytes that will be at @addr. */
static bool get_loaded(const ElfFile *f, uint64_t addr, void *to, uint64_t len)
{
    for (unsigned i = 0; i < f->h.e_phnum; i++) {
        Elf64_Phdr p;

        if (get(f, f->h.e_phoff + i * sizeof(p), &p, sizeof(p)) && p.p_type == PT_LOAD &&
            addr >= p.p_vaddr && addr - p.p_vaddr < p.p_filesz &&
            len <= p.p_filesz - (addr - p.p_vaddr)) {
            return get(f, p.p_offset + (addr - p.p_vaddr), to, len);
        }
    }
    return false;
}

static gboolean check_descriptor(const ElfFile *f, GError **errp)
{
    AccelvmPlugin head = { 0 };
    bool any = false;
    Elf64_Shdr s;

    for (unsigned i = 0; get_section(f, i, &s); i++) {
        uint64_t addr = s.sh_type == SHT_DYNSYM ? find_symbol(f, &s, "accelvm_plugin") : 0;

        any = any || s.sh_type == SHT_DYNSYM;
        if (addr != 0) {
            return !get_loaded(f, addr, &head, offsetof(AccelvmPlugin, name)) ||
                   plugin_check_version(&head, f->path, errp);
        }
    }
    return !any || refuse(f, errp, "is no accelvm plugin: it exports no symbol accelvm_plugin");
}

gboolean plugin_check_elf(const char *path, GError **errp)
{
    GError *err = NULL;
    GMappedFile *map = g_mapped_file_new(path, FALSE, &err);
    ElfFile f = { .path = path };
    gboolean ok;

    if (map == NULL) {
        refuse(&f, errp, err->message);
        g_error_free(err);
        return FALSE;
    }
    f.data = (const uint8_t *)g_mapped_file_get_contents(map);
    f.size = g_mapped_file_get_length(map);
    ok = check_header(&f, errp) && check_size(&f, errp) && check_descriptor(&f, errp);
    g_mapped_file_unref(map);
    return ok;
}
