/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "teaching": the smallest machine type that is worth something, as a plugin, explained line by line.
 *
 * What it is: one vCPU, some RAM from address 0, no firmware, no interrupts. -kernel names a file of
 * raw machine code; it is copied to `load-address` and started there in 16, 32 or 64-bit mode. Two
 * ports: a byte written to the console port goes to the first serial line (-serial), a byte written to
 * the exit port ends the program with that status.
 *
 *   accelvm -M teaching,mode=16 -kernel hello.bin -nographic
 *   accelvm -M teaching,help
 *
 * How to read it: from the bottom up. The last line says that this file is a plugin and which function
 * registers its types. That function registers one MachineClass: facts, and the functions that hw/core
 * calls, always in this order: init, ready, reset (and reset again at each reset), finalize.
 */

/* The public headers, and no others: what a plugin outside the tree has, is all this one uses. */
#include "hw/boot-config.h"  /* which chardev is the first serial line */
#include "hw/file.h"         /* reading a file that may be anything */
#include "hw/guest-memory.h" /* guest RAM by guest-physical address, checked */
#include "hw/plugin.h"       /* ACCELVM_PLUGIN, and with it hw/machine.h */
#include "hw/x86-entry.h"    /* the vCPU's first registers, the GDT, page tables */

/* Where things lie in the guest's RAM. Below them is the null page, which 64-bit mode leaves out. */
#define GDT_ADDR    0x1000 /* modes 32 and 64 */
#define TABLES_ADDR 0x2000 /* mode 64: page tables … */
#define TABLES_ROOM 0x6000 /* … of at most so many bytes */
#define STACK_TOP   0xfff0 /* the stack grows down from here, below the default load address */

/* One machine. It starts with a MachineState: what hw/core sees of it. */
typedef struct Teaching {
    MachineState ms;
    uint64_t load_address;              /* three properties, filled before init is called */
    uint32_t console_port, exit_port;
    int mode;                           /* a fourth: index into mode_names */
    IoRegion console, exit;             /* the two ports; the port map points at them */
    Chardev *chr;                       /* where console bytes go; NULL: nowhere */
    uint8_t *image;                     /* contents of the -kernel file, for each reset … */
    size_t image_len;                   /* … and how many bytes it has */
    X86Paging *paging;                  /* mode 64 only */
} Teaching;

static const char *const mode_names[] = { "16", "32", "64", NULL };
static const X86EntryMode modes[] = { X86_ENTRY_16, X86_ENTRY_32, X86_ENTRY_64 };

/* ---- what the guest can do: two ports ---- */

/* The guest wrote to the console port. @opaque is what make_port() was given: our machine. */
static void console_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    Teaching *t = opaque;
    uint8_t byte = (uint8_t)value; /* .max_size is 1, so there is one byte, whatever the guest wrote */

    chardev_write(t->chr, &byte, 1); /* a NULL chardev swallows it */
}

/* The guest wrote to the exit port: ask the owner of the machine to end. The vCPU stops at once. */
static void exit_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    Teaching *t = opaque;

    hw_machine_request(&t->ms, MACHINE_REQUEST_EXIT, "guest-exit", (int)(value & 0xff));
}

/* No .read: what the guest reads there is all ones, as from a port without a device. */
static const IoOps console_ops = { .write = console_write, .min_size = 1, .max_size = 1 };
static const IoOps exit_ops = { .write = exit_write, .min_size = 1, .max_size = 4 };

/*
 * IO_LOCKLESS: call these without the machine lock, which makes an exit cheaper. We may say that,
 * because chardev_write() and hw_machine_request() can be called from any thread and nothing else is
 * touched. A device that changes state of its own would leave the flag out.
 */
static void make_port(Teaching *t, IoRegion *io, const char *name, uint32_t port, const IoOps *ops)
{
    *io = (IoRegion){ .name = name, .base = port, .size = 1, .ops = ops, .opaque = t,
                      .flags = IO_LOCKLESS };
    hw_port_add(&t->ms, io);
}

/* ---- init: the accelerator is up; make RAM, devices, vCPUs ---- */

/* The first -serial, unless another device has it: then there is an error that says so. */
static gboolean connect_console(Teaching *t, GError **errp)
{
    const GPtrArray *serials = t->ms.boot != NULL ? t->ms.boot->serials : NULL;
    const char *id = serials != NULL && serials->len > 0 ? g_ptr_array_index(serials, 0) : NULL;
    HwObject *chr = id != NULL ? hw_object_child(t->ms.chardevs, id) : NULL;
    const ChardevHandlers none = { 0 }; /* nobody reads from this console */

    if (chr == NULL) {
        return TRUE;
    }
    if (!chardev_connect((Chardev *)chr, &none, errp)) {
        return FALSE;
    }
    t->chr = (Chardev *)chr;
    return TRUE;
}

static gboolean teaching_init(MachineState *ms, GError **errp)
{
    Teaching *t = (Teaching *)ms; /* ms is its first member */
    uint8_t *ram = hw_machine_ram(ms, errp); /* -m bytes of host memory; freed with the machine */

    if (ram == NULL || !hw_ram_add(ms, "teaching.ram", 0, ram, ms->ram_size, 0, errp)) {
        return FALSE; /* errp says why; whatever exists so far is taken down for us */
    }
    make_port(t, &t->console, "teaching-console", t->console_port, &console_ops);
    make_port(t, &t->exit, "teaching-exit", t->exit_port, &exit_ops);
    return connect_console(t, errp) && hw_machine_create_cpus(ms, errp);
}

/* ---- ready: the devices of -device are there too; look at the image ---- */

static gboolean check_image(Teaching *t, GError **errp)
{
    /* A pointer into guest RAM, or NULL when it does not fit: no arithmetic of our own to get wrong. */
    if (hw_guest_slice(&t->ms, t->load_address, t->image_len, true) != NULL) {
        return TRUE;
    }
    accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                    "teaching: '%s' (%" G_GSIZE_FORMAT " bytes) does not fit into RAM at "
                    "load-address=0x%" G_GINT64_MODIFIER "x", t->ms.kernel, t->image_len,
                    t->load_address);
    return FALSE;
}

/*
 * 64-bit mode cannot be without page tables. The image may be executed, not written; the rest of RAM
 * may be written, not executed: one range before the image, the image, one behind it.
 */
static gboolean make_page_tables(Teaching *t, GError **errp)
{
    const uint64_t page = 4096;
    uint64_t start = t->load_address & ~(page - 1);
    uint64_t end = (t->load_address + t->image_len + page - 1) & ~(page - 1);
    const unsigned rw = X86_MAP_READ | X86_MAP_WRITE, rx = X86_MAP_READ | X86_MAP_EXEC;
    X86Paging *p = t->paging = hw_x86_paging_new(TABLES_ADDR, TABLES_ROOM);

    return (start <= page || hw_x86_paging_map(p, page, page, start - page, rw, errp)) &&
           hw_x86_paging_map(p, start, start, end - start, rx, errp) &&
           (end >= t->ms.ram_size ||
            hw_x86_paging_map(p, end, end, t->ms.ram_size - end, rw, errp));
}

static gboolean teaching_ready(MachineState *ms, GError **errp)
{
    Teaching *t = (Teaching *)ms;

    if (ms->kernel == NULL) {
        return TRUE; /* a machine to look at through a monitor; its vCPU starts in empty memory */
    }
    t->image = hw_file_read(ms->kernel, ms->ram_size, &t->image_len, errp); /* no more than fits */
    if (t->image == NULL) {
        g_prefix_error(errp, "teaching: ");
        return FALSE;
    }
    return check_image(t, errp) &&
           (modes[t->mode] != X86_ENTRY_64 || make_page_tables(t, errp));
}

/* ---- reset: also before the first start; put memory and vCPU into the first state ---- */

static void teaching_reset(MachineState *ms)
{
    Teaching *t = (Teaching *)ms;
    X86Entry entry = {
        .size = sizeof(entry),       /* so that the struct may grow without breaking this file */
        .mode = modes[t->mode],
        .features = X86_ENTRY_NX | X86_ENTRY_WP, /* mode 64: take the rights of pages seriously */
        .rip = t->load_address,
        .gpr[X86_RSP] = STACK_TOP,
        .gdt = GDT_ADDR,
    };

    if (t->image == NULL) {
        return;
    }
    if (entry.mode == X86_ENTRY_16) { /* the address as segment:offset */
        entry.cs = (uint16_t)(t->load_address >> 4);
        entry.rip = t->load_address & 15;
    }
    if (t->paging != NULL) {
        entry.cr3 = hw_x86_paging_cr3(t->paging);
        hw_x86_paging_write(t->paging, ms, NULL); /* init has seen that RAM is there */
    }
    hw_guest_copy_out(ms, t->load_address, t->image, t->image_len);
    hw_x86_enter_at_reset(ms, &entry); /* GDT and registers; an error is told to the machine's owner */
}

/* ---- finalize: also after a failed init, so everything may still be NULL ---- */

static void teaching_finalize(MachineState *ms)
{
    Teaching *t = (Teaching *)ms;

    if (t->chr != NULL) {
        chardev_disconnect(t->chr);
    }
    hw_x86_paging_free(t->paging);
    g_free(t->image);
}

/* ---- what the machine type says about itself ---- */

/* 16-bit code reaches 1 MiB; modes 32 and 64 start in the same place, so one limit serves all. */
static gboolean check_load_address(void *obj, const AccelProp *prop, GError **errp)
{
    if (((Teaching *)obj)->load_address >= 0x10000 && ((Teaching *)obj)->load_address < 0x100000) {
        return TRUE;
    }
    accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                    "teaching: load-address has to be from 0x10000 to 0xfffff");
    return FALSE;
}

static gboolean check_port(void *obj, const AccelProp *prop, GError **errp)
{
    uint32_t port = G_STRUCT_MEMBER(uint32_t, obj, prop->offset);

    if (port <= 0xffff) {
        return TRUE;
    }
    accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "teaching: %s has to be below 0x10000",
                    prop->name);
    return FALSE;
}

/* -M teaching,NAME=VALUE. One table for parsing, defaults, -M teaching,help and introspection. */
static const AccelProp teaching_props[] = {
    { .name = "mode", .type = ACCEL_PROP_ENUM, .offset = offsetof(Teaching, mode), .defval = "16",
      .help = "CPU mode in which the image starts", .values = mode_names },
    { .name = "load-address", .type = ACCEL_PROP_SIZE, .offset = offsetof(Teaching, load_address),
      .defval = "0x10000", .help = "Where the image goes in RAM, and its first instruction",
      .check = check_load_address },
    { .name = "console-port", .type = ACCEL_PROP_UINT32, .offset = offsetof(Teaching, console_port),
      .defval = "0xe9", .help = "Port whose bytes go to the first serial line",
      .check = check_port },
    { .name = "exit-port", .type = ACCEL_PROP_UINT32, .offset = offsetof(Teaching, exit_port),
      .defval = "0xf4", .help = "Port that ends the program with the byte written to it",
      .check = check_port },
    ACCEL_PROP_END
};

static const MachineClass teaching_class = {
    .type = {
        .name = "teaching-machine",          /* the type's name: the machine's and "-machine" */
        .parent = &hw_type_machine,          /* it is a machine … */
        .desc = "machine to learn from",
        .instance_size = sizeof(Teaching),   /* … and so large; properties point into it */
        .props = teaching_props,
    },
    .name = "teaching",                      /* -M teaching */
    .desc = "machine to learn from: RAM, one vCPU, two ports",
    .min_cpus = 1,
    .max_cpus = 1,                           /* -smp 2 is an error that says so */
    .default_ram_size = 16 << 20,            /* without -m */
    .max_ram_size = 1 << 30,                 /* TABLES_ROOM is enough for that */
    .default_ram_id = "teaching.ram",
    .default_cpu_type = "qemu64",            /* without -cpu */
    .default_no_irqchip = true,              /* no interrupts: saves half of the start-up time */
    .init = teaching_init,
    .ready = teaching_ready,
    .reset = teaching_reset,
    .finalize = teaching_finalize,
};

/* ---- the plugin ---- */

/* Called once, after the checks of ABI and file. Registers types; does nothing else. */
static gboolean teaching_register(HwRegistry *reg, GError **errp)
{
    return hw_registry_add(reg, &teaching_class.type, errp);
}

/* Exports the descriptor that accelvm looks for: name, version, licence, description, function. */
ACCELVM_PLUGIN("teaching", "1.0", "LGPL-2.1-or-later", "a machine to learn from", teaching_register)
