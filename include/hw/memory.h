/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: the two address spaces of a machine: guest-physical memory and I/O ports.
 *
 * Memory holds RAM blocks (host memory that the accelerator maps into the guest) and I/O regions
 * (call-backs). Ports hold I/O regions only. The exit path looks up without a lock: the tables are
 * immutable snapshots that writers replace; old ones are kept until the map is freed.
 */
#ifndef HW_MEMORY_H
#define HW_MEMORY_H

#include <stdbool.h>
#include <stdint.h>
#include "accel/accel.h"

G_BEGIN_DECLS

typedef struct MachineState MachineState;
typedef struct DeviceState DeviceState;
typedef struct AddressMap AddressMap;
typedef struct IoRegion IoRegion;

/*
 * What a device does for its registers. @offset is relative to the region; @size is 1, 2, 4 or 8.
 * An access wider than max_size is split into accesses of max_size in address order; one narrower
 * than min_size is widened on read (and the bytes cut out) and, on write, passed with its own size.
 * 0 for both means 1 and 4. An access that runs past the end of the region is split into bytes that
 * are looked up one by one.
 */
typedef struct IoOps {
    uint64_t (*read)(void *opaque, uint64_t offset, unsigned size);
    void (*write)(void *opaque, uint64_t offset, uint64_t value, unsigned size);
    uint8_t min_size, max_size;
} IoOps;

#define IO_LOCKLESS (1u << 0) /* the device locks by itself: call without the machine lock */
#define IO_OVER_ROM (1u << 1) /* reads of the ROM here are the region's: hw_rom_set_direct() */

struct IoRegion {
    const char *name;
    uint64_t base, size;
    const IoOps *ops;
    void *opaque;
    unsigned flags;
    int priority;       /* where regions overlap the higher one wins; later wins among equals */
    DeviceState *owner; /* may be NULL */
};

typedef struct RamBlock {
    const char *name;   /* "pc.ram"; static or owned by the object that made it */
    uint64_t gpa, size; /* multiples of the page size */
    uint8_t *host;      /* borrowed or owned, see hw_ram_new() */
    unsigned flags;     /* ACCEL_RAM_* */
} RamBlock;

/* ---- setting up: main thread, under the machine lock ---- */

/** hw_port_add, hw_mmio_add: @region is borrowed and must stay until removed. */
ACCEL_API void hw_port_add(MachineState *ms, IoRegion *region);
/** hw_port_remove: undo hw_port_add(); a vCPU may still be in one of its call-backs. */
ACCEL_API void hw_port_remove(MachineState *ms, IoRegion *region);
ACCEL_API void hw_mmio_add(MachineState *ms, IoRegion *region);
/** hw_mmio_remove: undo hw_mmio_add(), likewise. */
ACCEL_API void hw_mmio_remove(MachineState *ms, IoRegion *region);

/**
 * hw_ram_add: map @size bytes at @host into the guest at @gpa, now and with the accelerator.
 * ACCEL_RAM_READONLY makes it ROM: guest writes are dropped.
 */
ACCEL_API gboolean hw_ram_add(MachineState *ms, const char *name, uint64_t gpa, uint8_t *host,
                              uint64_t size, unsigned flags, GError **errp);
/** hw_ram_remove: take the block at @gpa out of the guest; its memory stays. */
ACCEL_API gboolean hw_ram_remove(MachineState *ms, uint64_t gpa, GError **errp);
/**
 * hw_rom_set_direct: does the guest read the ROM block at @region->base by itself (@direct), or does
 * @region, which is as large and gets the guest's writes in any case, answer its reads for now? Under
 * the machine lock; a vCPU's thread may call it.
 * Returns: FALSE with the accelerator's error; the region answers then.
 */
ACCEL_API gboolean hw_rom_set_direct(MachineState *ms, IoRegion *region, bool direct,
                                     GError **errp);
/** hw_ram_alloc: zeroed anonymous host memory, not reserved. Freed with the machine. */
ACCEL_API uint8_t *hw_ram_alloc(MachineState *ms, uint64_t size, GError **errp);
/**
 * hw_machine_ram: the machine's RAM as one piece of host memory of ms->ram_size bytes: the memory
 * backend that was named, or hw_ram_alloc(). Borrowed.
 */
ACCEL_API uint8_t *hw_machine_ram(MachineState *ms, GError **errp);
/** hw_ram_blocks: the current blocks, sorted by gpa. @n: count. Valid until the next change. */
ACCEL_API const RamBlock *hw_ram_blocks(MachineState *ms, guint *n);

/* ---- access from anywhere: devices, DMA, qtest, monitors ---- */

/**
 * hw_ram_ptr: host address of [gpa, gpa+len), or NULL when that is not one piece of RAM.
 * @write: also NULL for ROM.
 */
ACCEL_API uint8_t *hw_ram_ptr(MachineState *ms, uint64_t gpa, uint64_t len, bool write);

/**
 * hw_mem_read, hw_mem_write: as the CPU would, through RAM, ROM and devices; may cross regions.
 * What nobody owns reads as zero and swallows writes. Take the machine lock themselves where a
 * device needs it and the caller does not hold it.
 * Returns: FALSE when a byte of the range was unassigned.
 */
ACCEL_API bool hw_mem_read(MachineState *ms, uint64_t gpa, void *buf, uint64_t len);
ACCEL_API bool hw_mem_write(MachineState *ms, uint64_t gpa, const void *buf, uint64_t len);
/** hw_rom_write: like hw_mem_write() but into ROM as well (loaders). */
ACCEL_API bool hw_rom_write(MachineState *ms, uint64_t gpa, const void *buf, uint64_t len);

/** hw_port_read, hw_port_write: @size 1, 2 or 4. What nobody owns reads as all ones. */
ACCEL_API uint32_t hw_port_read(MachineState *ms, uint16_t port, unsigned size);
ACCEL_API void hw_port_write(MachineState *ms, uint16_t port, uint32_t value, unsigned size);

/* ---- listing (info mtree): calls @fn for each region in address order ---- */
typedef void (*HwRegionFn)(void *opaque, const IoRegion *region, const RamBlock *ram);
/** hw_mem_foreach: regions and RAM of the memory map. */
ACCEL_API void hw_mem_foreach(MachineState *ms, HwRegionFn fn, void *opaque);
/** hw_port_foreach: regions of the port map. */
ACCEL_API void hw_port_foreach(MachineState *ms, HwRegionFn fn, void *opaque);

G_END_DECLS

#endif
