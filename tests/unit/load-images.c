/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Images are written field by field from the formats' documents, not cut from real files, so that a
 * test can say exactly which field it breaks.
 */
#include <elf.h>
#include <sys/mman.h>

#include "hw/i386/load-bytes.h"
#include "load-images.h"

#define ELF_DATA_OFF 0x1000u
#define ELF_NOTE_OFF 0x0f00u
#define ELF_PADDR 0x200000u
#define ELF_VADDR 0x80200000u

GByteArray *img_bzimage(unsigned payload)
{
    GByteArray *a = bytes_new_zero(1024 + payload);
    uint8_t *d = a->data;

    d[0x1f1] = 1;
    put_le32(d + 0x1f4, payload / 16);
    put_le16(d + 0x1fe, 0xaa55);
    d[0x200] = 0xeb;
    d[0x201] = 0x6a;
    memcpy(d + 0x202, "HdrS", 4);
    put_le16(d + 0x206, 0x020f);
    d[0x211] = 1;
    put_le32(d + 0x214, 0x100000);
    put_le32(d + 0x22c, 0x7fffffff);
    put_le32(d + 0x230, 0x200000);
    d[0x234] = 1;
    d[0x235] = 21;
    put_le16(d + 0x236, 0x7f);
    put_le32(d + 0x238, 2047);
    put_le32(d + 0x248, 0x20);
    put_le32(d + 0x24c, payload - 0x40);
    put_le64(d + 0x258, 0x1000000);
    put_le32(d + 0x260, 0x800000);
    memset(d + 1024, 0x5a, payload);
    return a;
}

unsigned img_phdr64(unsigned i)
{
    return 64 + i * 56;
}

unsigned img_phdr32(unsigned i)
{
    return 52 + i * 32;
}

static void ident(uint8_t *d, uint8_t class, uint16_t machine)
{
    memcpy(d, "\177ELF", 4);
    d[EI_CLASS] = class;
    d[EI_DATA] = ELFDATA2LSB;
    d[EI_VERSION] = EV_CURRENT;
    put_le16(d + 16, ET_EXEC);
    put_le16(d + 18, machine);
    put_le32(d + 20, 1);
}

static void note(uint8_t *d)
{
    put_le32(d, 4);
    put_le32(d + 4, 4);
    put_le32(d + 8, 18);
    memcpy(d + 12, "Xen", 4);
    put_le32(d + 16, ELF_PADDR + 0x20);
}

static void phdr64(uint8_t *p, uint32_t type, uint64_t off, uint64_t filesz, uint64_t memsz)
{
    put_le32(p, type);
    put_le32(p + 4, 5);
    put_le64(p + 8, off);
    put_le64(p + 16, ELF_VADDR);
    put_le64(p + 24, ELF_PADDR);
    put_le64(p + 32, filesz);
    put_le64(p + 40, memsz);
    put_le64(p + 48, type == PT_NOTE ? 4 : 0x1000);
}

static void phdr32(uint8_t *p, uint32_t type, uint32_t off, uint32_t filesz, uint32_t memsz)
{
    put_le32(p, type);
    put_le32(p + 4, off);
    put_le32(p + 8, ELF_VADDR);
    put_le32(p + 12, ELF_PADDR);
    put_le32(p + 16, filesz);
    put_le32(p + 20, memsz);
    put_le32(p + 24, 5);
    put_le32(p + 28, type == PT_NOTE ? 4 : 0x1000);
}

GByteArray *img_elf64(bool pvh_note)
{
    GByteArray *a = bytes_new_zero(ELF_DATA_OFF + 256);
    uint8_t *d = a->data;

    ident(d, ELFCLASS64, EM_X86_64);
    put_le64(d + 24, ELF_VADDR + 0x10);
    put_le64(d + 32, img_phdr64(0));
    put_le16(d + 52, 64);
    put_le16(d + 54, 56);
    put_le16(d + 56, pvh_note ? 2 : 1);
    phdr64(d + img_phdr64(0), PT_LOAD, ELF_DATA_OFF, 256, 512);
    if (pvh_note) {
        phdr64(d + img_phdr64(1), PT_NOTE, ELF_NOTE_OFF, 20, 20);
        note(d + ELF_NOTE_OFF);
    }
    memset(d + ELF_DATA_OFF, 0xe1, 256);
    return a;
}

GByteArray *img_elf32(bool pvh_note)
{
    GByteArray *a = bytes_new_zero(ELF_DATA_OFF + 256);
    uint8_t *d = a->data;

    ident(d, ELFCLASS32, EM_386);
    put_le32(d + 24, ELF_VADDR + 0x10);
    put_le32(d + 28, img_phdr32(0));
    put_le16(d + 40, 52);
    put_le16(d + 42, 32);
    put_le16(d + 44, pvh_note ? 2 : 1);
    phdr32(d + img_phdr32(0), PT_LOAD, ELF_DATA_OFF, 256, 512);
    if (pvh_note) {
        phdr32(d + img_phdr32(1), PT_NOTE, ELF_NOTE_OFF, 20, 20);
        note(d + ELF_NOTE_OFF);
    }
    memset(d + ELF_DATA_OFF, 0xe2, 256);
    return a;
}

static void multiboot_header(uint8_t *p, uint32_t flags)
{
    put_le32(p, 0x1badb002);
    put_le32(p + 4, flags);
    put_le32(p + 8, -(0x1badb002 + flags));
}

GByteArray *img_multiboot(void)
{
    GByteArray *a = bytes_new_zero(512);
    uint8_t *p = a->data + 0x10;

    memset(a->data, 0x3b, a->len);
    multiboot_header(p, 0x10003);
    put_le32(p + 12, 0x100010); /* header_addr */
    put_le32(p + 16, 0x100000); /* load_addr */
    put_le32(p + 20, 0x100200); /* load_end_addr */
    put_le32(p + 24, 0x100400); /* bss_end_addr */
    put_le32(p + 28, 0x100030); /* entry_addr */
    return a;
}

GByteArray *img_multiboot_elf(void)
{
    GByteArray *a = img_elf32(false);

    multiboot_header(a->data + ELF_DATA_OFF + 0x40, 3);
    return a;
}

void img_ram_init(ImgRam *ram, uint64_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                   -1, 0);

    g_assert(p != MAP_FAILED);
    *ram = (ImgRam){ .data = p, .size = size };
}

void img_ram_clear(ImgRam *ram)
{
    munmap(ram->data, ram->size);
}

static void *host_ptr(void *opaque, uint64_t gpa, uint64_t len)
{
    ImgRam *ram = opaque;

    return range_in_file(gpa, len, ram->size) ? ram->data + gpa : NULL;
}

static bool map_file(void *opaque, uint64_t gpa, uint64_t len, int fd, uint64_t offset)
{
    ImgRam *ram = opaque;

    if (!ram->may_map || !range_in_file(gpa, len, ram->size)) {
        return false;
    }
    ram->maps++;
    return mmap(ram->data + gpa, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd,
                offset) != MAP_FAILED;
}

GuestRamOps img_ram_ops(ImgRam *ram)
{
    return (GuestRamOps){ .host_ptr = host_ptr, .map_file = map_file, .opaque = ram };
}

E820Map *img_e820(unsigned mib)
{
    RamLayout layout = {
        .below_4g = (uint64_t)mib << 20, .bios_holes = true, .kvm_identity = true,
    };
    E820Map *map = e820_from_layout(&layout, NULL);

    g_assert(map);
    return map;
}
