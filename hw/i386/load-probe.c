/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is this file? Decided by content in the order that QEMU tries: the setup header of a
 * bzImage, a multiboot header, the PVH note of an ELF, any other ELF, else a flat binary. Things
 * that people pass by mistake (compressed kernels, EFI programs, scripts, ELF files of other
 * machines) are refused by name instead of being run as a flat binary.
 */
#include <elf.h>

#include "hw/i386/load-internal.h"

typedef struct ForeignMagic {
    const char *magic;
    unsigned len;
    const char *what;
} ForeignMagic;

static const ForeignMagic foreign[] = {
    { "\x1f\x8b", 2, "a gzip file; decompress it first" },
    { "\xfd" "7zXZ", 5, "an xz file; decompress it first" },
    { "BZh", 3, "a bzip2 file; decompress it first" },
    { "\x28\xb5\x2f\xfd", 4, "a zstd file; decompress it first" },
    { "\x04\x22\x4d\x18", 4, "an lz4 file; decompress it first" },
    { "\x02\x21\x4c\x18", 4, "an lz4 file; decompress it first" },
    { "\x89LZO", 4, "an lzop file; decompress it first" },
    { "MZ", 2, "an EFI or DOS program without a Linux header" },
    { "#!", 2, "a script" },
    { "!<arch>", 7, "an archive (a .deb or a library); unpack it first" },
    { "070701", 6, "a cpio archive; it belongs to -initrd" },
    { "\xed\xab\xee\xdb", 4, "an RPM package; unpack it first" },
    { "QFI\xfb", 4, "a qcow2 disk image" },
    { "KDMV", 4, "a VMDK disk image" },
    { "\xd0\x0d\xfe\xed", 4, "a device tree blob" },
    { "\x27\x05\x19\x56", 4, "a U-Boot image" },
};

static const char *foreign_what(const ImageSource *src)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(foreign); i++) {
        if (src->size >= foreign[i].len &&
            memcmp(src->data, foreign[i].magic, foreign[i].len) == 0) {
            return foreign[i].what;
        }
    }
    return NULL;
}

static bool has_magic(const ImageSource *src, size_t at, const char *magic)
{
    return range_in_file(at, 4, src->size) && memcmp(src->data + at, magic, 4) == 0;
}

/* A header that is claimed but broken must not make the file a flat binary: claims count. */
static ImageFormat probe_elf(const ImageSource *src)
{
    ImageFormat format = IMAGE_FORMAT_ELF32;
    uint32_t entry;
    LoadElf elf;

    if (src->size > EI_CLASS && src->data[EI_CLASS] == ELFCLASS64) {
        format = IMAGE_FORMAT_ELF64;
    }
    if (load_elf_parse(src, &elf, NULL)) {
        if (load_elf_pvh_note(src, &elf, &entry, NULL) != 0) {
            format = IMAGE_FORMAT_PVH;
        }
        load_elf_clear(&elf);
    }
    return format;
}

ImageFormat image_probe(const ImageSource *src)
{
    int multiboot;

    if (has_magic(src, 0x202, "HdrS")) {
        return IMAGE_FORMAT_BZIMAGE;
    }
    multiboot = load_multiboot_find(src);
    if (!has_magic(src, 0, "\177ELF")) {
        return multiboot >= 0 ? IMAGE_FORMAT_MULTIBOOT
                              : foreign_what(src) ? IMAGE_FORMAT_UNKNOWN : IMAGE_FORMAT_FLAT;
    }
    if (multiboot >= 0) {
        /* An ELF64 with both headers (a.out kludge absent) can only be meant for PVH. */
        bool kludge = get_le32(src->data + multiboot + 4) & 0x10000;

        if (kludge || src->size <= EI_CLASS || src->data[EI_CLASS] != ELFCLASS64 ||
            probe_elf(src) != IMAGE_FORMAT_PVH) {
            return IMAGE_FORMAT_MULTIBOOT;
        }
    }
    return probe_elf(src);
}

const char *image_format_name(ImageFormat format)
{
    static const char *const names[] = {
        [IMAGE_FORMAT_UNKNOWN] = "unknown", [IMAGE_FORMAT_BZIMAGE] = "bzImage",
        [IMAGE_FORMAT_PVH] = "PVH", [IMAGE_FORMAT_MULTIBOOT] = "multiboot",
        [IMAGE_FORMAT_ELF64] = "ELF64", [IMAGE_FORMAT_ELF32] = "ELF32",
        [IMAGE_FORMAT_FLAT] = "flat",
    };

    return (unsigned)format < G_N_ELEMENTS(names) ? names[format] : "unknown";
}

static bool dispatch(LoadCtx *ctx, GError **err)
{
    const char *what;

    switch (ctx->plan->format) {
    case IMAGE_FORMAT_BZIMAGE:
        return load_bzimage(ctx, err);
    case IMAGE_FORMAT_PVH:
        return load_pvh(ctx, err);
    case IMAGE_FORMAT_MULTIBOOT:
        return load_multiboot(ctx, err);
    case IMAGE_FORMAT_ELF64:
    case IMAGE_FORMAT_ELF32:
        return load_elf_plain(ctx, err);
    case IMAGE_FORMAT_FLAT:
        return load_flat(ctx, err);
    case IMAGE_FORMAT_UNKNOWN:
        break;
    }
    what = foreign_what(ctx->src);
    return load_fail(err, HW_IMAGE_ERROR_UNKNOWN, "the file is %s",
                     what ? what : "of no format that can be booted");
}

bool image_load(const ImageSource *src, const ImageParams *params, ImagePlan *plan, GError **err)
{
    LoadCtx ctx = { .src = src, .params = params, .plan = plan };

    plan->format = params->format ? params->format : image_probe(src);
    if (dispatch(&ctx, err)) {
        return true;
    }
    g_prefix_error(err, "could not load kernel '%s': %s: ", src->name,
                   image_format_name(plan->format));
    return false;
}
