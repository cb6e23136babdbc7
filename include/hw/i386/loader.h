/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal: guest images. A file is opened (ImageSource), recognised by its content
 * (image_probe), turned into a list of segments and an entry state (image_load fills an
 * ImagePlan), and later copied or mapped into guest RAM (image_plan_apply), once per reset.
 *
 * Order of calls: image_source_open -> image_load -> image_plan_apply (any number of times) ->
 * image_plan_free -> image_source_free. Sources are borrowed by the plan and must outlive it.
 */
#ifndef HW_I386_LOADER_H
#define HW_I386_LOADER_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hw/i386/boot.h"
#include "hw/i386/e820.h"

#define HW_IMAGE_ERROR (hw_image_error_quark())
GQuark hw_image_error_quark(void);

typedef enum HwImageError {
    HW_IMAGE_ERROR_OPEN,        /* cannot be opened, read or mapped; a directory; empty */
    HW_IMAGE_ERROR_TOO_LARGE,   /* the file is larger than this use allows */
    HW_IMAGE_ERROR_UNKNOWN,     /* the content is of no format that can be booted */
    HW_IMAGE_ERROR_MALFORMED,   /* a field contradicts the file; the message names both */
    HW_IMAGE_ERROR_UNSUPPORTED, /* well formed, but needs what is not offered */
    HW_IMAGE_ERROR_NO_ROOM,     /* guest RAM has no place for it */
    HW_IMAGE_ERROR_RAM_MAP,     /* the RAM layout itself is wrong */
    HW_IMAGE_ERROR_OPTION,      /* a bad -initrd list or -smbios option */
    HW_IMAGE_ERROR_APPLY,       /* guest RAM refused a segment, or the file shrank meanwhile */
} HwImageError;

/* A file's bytes. Mapped private and read-only when it came from a file. */
typedef struct ImageSource {
    char *name;          /* as the user gave it, for messages */
    const uint8_t *data;
    size_t size;
    int fd;              /* -1 when the bytes are the caller's */
    bool mapped;         /* data was mapped by us */
} ImageSource;

/* Default limit for any image: no initrd of a guest with less than 4 GiB low RAM is larger. */
#define IMAGE_MAX_SIZE (4ULL << 30)

/**
 * image_source_open: maps the regular file @path read-only. @max_size: bytes, 0 = IMAGE_MAX_SIZE.
 * Returns: owned by the caller, image_source_free(); NULL with @err (HW_IMAGE_ERROR_OPEN or
 * _TOO_LARGE) naming the path and the reason.
 */
ImageSource *image_source_open(const char *path, uint64_t max_size, GError **err);

/** image_source_from_bytes: wraps @data, which must stay valid as long as the source. */
ImageSource *image_source_from_bytes(const char *name, const void *data, size_t size);

void image_source_free(ImageSource *src);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImageSource, image_source_free)

typedef enum ImageFormat {
    IMAGE_FORMAT_UNKNOWN,
    IMAGE_FORMAT_BZIMAGE,
    IMAGE_FORMAT_PVH,       /* ELF with XEN_ELFNOTE_PHYS32_ENTRY */
    IMAGE_FORMAT_MULTIBOOT, /* a.out kludge or ELF32 */
    IMAGE_FORMAT_ELF64,
    IMAGE_FORMAT_ELF32,
    IMAGE_FORMAT_FLAT,
} ImageFormat;

/** image_format_name: a static name for messages and traces. */
const char *image_format_name(ImageFormat format);

/**
 * image_probe: what the file is, by its content alone; never fails on content it does not know.
 * Content that is clearly something else (compressed, script, EFI program, foreign ELF) is
 * IMAGE_FORMAT_UNKNOWN; the rest without any magic is IMAGE_FORMAT_FLAT.
 */
ImageFormat image_probe(const ImageSource *src);

/* A multiboot or PVH module, or the one initrd of a Linux kernel. */
typedef struct ImageModule {
    const ImageSource *source;
    const char *cmdline; /* multiboot: "file args"; may be NULL */
} ImageModule;

/* An -initrd option with its files open. */
typedef struct ImageModuleList {
    GArray *modules;   /* of ImageModule */
    GPtrArray *owned;  /* ImageSource */
    GPtrArray *strings;
} ImageModuleList;

/**
 * image_modules_open: opens what -initrd names. For multiboot @spec is "file args,file2 args"
 * with ",," for a comma; for every other format it is one file name taken as it is.
 */
ImageModuleList *image_modules_open(const char *spec, ImageFormat format, GError **err);
void image_modules_free(ImageModuleList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImageModuleList, image_modules_free)

typedef enum BzImageProtocol {
    BZIMAGE_PROTOCOL_AUTO, /* 64-bit where the kernel has it, else 32-bit, else real mode */
    BZIMAGE_PROTOCOL_64,
    BZIMAGE_PROTOCOL_32,
    BZIMAGE_PROTOCOL_16,   /* real mode: needs a BIOS underneath */
} BzImageProtocol;

typedef struct ImageParams {
    const E820Map *e820;        /* required: where RAM is */
    const char *cmdline;        /* NULL = empty */
    const ImageModule *modules; /* initrd(s) */
    unsigned n_modules;
    uint64_t rsdp;              /* address of the ACPI RSDP for the guest, 0 = none */
    uint64_t initrd_top;        /* keep initrds below this, 0 = only the format's own limits */
    const uint8_t *rng_seed;    /* Linux setup_data type 9; NULL = none */
    uint32_t rng_seed_len;
    ImageFormat format;         /* UNKNOWN = probe */
    BzImageProtocol protocol;
    BootMode flat_mode;         /* flat binaries; 0 = real mode */
    uint64_t flat_gpa;          /* flat binaries; 0 = 0x7c00 for a boot sector, else 0x10000 */
} ImageParams;

#define IMAGE_SEG_R 4u
#define IMAGE_SEG_W 2u
#define IMAGE_SEG_X 1u

/* filesz bytes from the source (or from data), then zeroes up to memsz. */
typedef struct ImageSegment {
    uint64_t gpa;
    uint64_t filesz;
    uint64_t memsz;
    uint64_t reserve;          /* >= memsz: kept free of other segments, never written */
    const ImageSource *source; /* NULL: data was built by the loader */
    uint64_t offset;           /* in source */
    const uint8_t *data;       /* filesz bytes; in the source's mapping or owned by the plan */
    unsigned flags;            /* IMAGE_SEG_* */
    bool mappable;             /* source has an fd; offset and gpa are page-aligned */
    const char *what;          /* static: "kernel", "initrd", "boot_params", ... */
} ImageSegment;

typedef struct ImagePlan {
    ImageFormat format;
    GArray *segments;  /* of ImageSegment, no two overlap */
    GPtrArray *blobs;  /* GByteArray owned by the plan */
    GPtrArray *notes;  /* char *: things the user may want to know, not errors */
    BootEntry entry;
    uint64_t rng_seed_gpa; /* where the seed's bytes lie: put new ones there at each reset; or 0 */
    uint32_t rng_seed_len;
} ImagePlan;

ImagePlan *image_plan_new(void);
void image_plan_free(ImagePlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImagePlan, image_plan_free)

/**
 * image_load: lays @src out in the RAM that @params->e820 describes. @plan must be new.
 * Errors (HW_IMAGE_ERROR) start "could not load kernel 'NAME': FORMAT: " and name the field with
 * its value and what it contradicts; the plan is then only good for image_plan_free().
 */
bool image_load(const ImageSource *src, const ImageParams *params, ImagePlan *plan, GError **err);

/** image_plan_find: first segment named @what, or NULL. */
const ImageSegment *image_plan_find(const ImagePlan *plan, const char *what);
/** image_plan_top: first address above everything that the plan places, 0 if it is empty. */
uint64_t image_plan_top(const ImagePlan *plan);

/* How the machine layer lets a plan into guest memory. */
typedef struct GuestRamOps {
    /* Host pointer to [gpa, gpa + len), NULL where that is not all RAM. */
    void *(*host_ptr)(void *opaque, uint64_t gpa, uint64_t len);
    /* Optional: map the file's pages (private, writable) at gpa; all page-aligned. false = copy. */
    bool (*map_file)(void *opaque, uint64_t gpa, uint64_t len, int fd, uint64_t offset);
    void *opaque;
    bool fresh; /* RAM is known to read as zeroes: bss is not written */
} GuestRamOps;

typedef struct ImageApplyStats {
    uint64_t copied, mapped, zeroed; /* bytes */
} ImageApplyStats;

/**
 * image_plan_apply: puts every segment into RAM. @stats may be NULL. Call again after a reset
 * (with fresh = false). Fails with HW_IMAGE_ERROR_APPLY.
 */
bool image_plan_apply(const ImagePlan *plan, const GuestRamOps *ops, ImageApplyStats *stats,
                      GError **err);

/* Where -bios goes: all of it below 4 GiB, its end once more below 1 MiB. */
typedef struct FirmwareLayout {
    uint64_t rom_gpa;   /* 4 GiB - size */
    uint64_t isa_gpa;   /* 1 MiB - isa_size */
    uint64_t isa_size;  /* at most 128 KiB */
    uint64_t isa_offset; /* in the file */
} FirmwareLayout;

/** image_firmware_layout: checks a firmware's size (64 KiB steps, 16 MiB at most) and places it. */
bool image_firmware_layout(const ImageSource *src, FirmwareLayout *layout, GError **err);

/* A Linux kernel cut in the parts that a BIOS option ROM fetches through fw_cfg. */
typedef struct LinuxFwCfg {
    uint32_t setup_addr, kernel_addr, cmdline_addr, initrd_addr;
    GByteArray *setup;           /* FW_CFG_SETUP_DATA, header filled in */
    const uint8_t *kernel;       /* FW_CFG_KERNEL_DATA, inside the source */
    uint32_t kernel_size;
    uint32_t initrd_size;
} LinuxFwCfg;

/**
 * image_linux_fw_cfg: the same bzImage for a start through firmware (real mode protocol).
 * @out->setup is owned by the caller. Only the first module is used.
 */
bool image_linux_fw_cfg(const ImageSource *src, const ImageParams *params, LinuxFwCfg *out,
                        GError **err);

#endif
