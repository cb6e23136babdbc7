/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * -kernel without firmware: the image goes straight into guest RAM.
 *
 * Theory of operation: the tables that firmware would have made get their places first (pc-place.c), so
 * that the memory map tells the loader to keep away from them; then the image is laid out as a plan.
 * Plan and tables are kept: a reset applies both again, with a new random seed, and puts the boot CPU
 * to the entry point. Large page-aligned parts of the image are mapped, not copied.
 */
#include <sys/mman.h>
#include <sys/random.h>
#include "hw/i386/cpu-model.h"
#include "hw/i386/pc-kernel.h"

#define MAP_FILE_MIN (1u << 20) /* below this copying is as fast as mapping */

void x86_boot_free(X86Boot *boot)
{
    g_clear_pointer(&boot->plan, image_plan_free);
    g_clear_pointer(&boot->modules, image_modules_free);
    g_clear_pointer(&boot->image, image_source_free);
    g_clear_pointer(&boot->blobs, g_array_unref);
    g_free(boot);
}

static void new_seed(X86Machine *x)
{
    X86Boot *boot = x->boot;

    if (x->ms.boot != NULL && x->ms.boot->rand != NULL) {
        for (gsize i = 0; i < sizeof(boot->seed); i++) {
            boot->seed[i] = (uint8_t)g_rand_int(x->ms.boot->rand);
        }
    } else if (getrandom(boot->seed, sizeof(boot->seed), 0) != sizeof(boot->seed)) {
        boot->seed_len = 0;
        return;
    }
    boot->seed_len = sizeof(boot->seed);
}

static gboolean open_files(X86Machine *x, GError **errp)
{
    X86Boot *boot = x->boot;

    boot->image = image_source_open(x->ms.kernel, 0, errp);
    if (boot->image == NULL) {
        return FALSE;
    }
    boot->format = image_probe(boot->image);
    if (x->ms.initrd != NULL) {
        boot->modules = image_modules_open(x->ms.initrd, boot->format, errp);
    }
    return x->ms.initrd == NULL || boot->modules != NULL;
}

static void fill_params(X86Machine *x, const E820Map *map, ImageParams *p)
{
    X86Boot *boot = x->boot;

    *p = (ImageParams){
        .e820 = map, .cmdline = x->ms.append, .rsdp = boot->rsdp,
        .rng_seed = boot->seed, .rng_seed_len = boot->seed_len, .format = boot->format,
    };
    if (boot->modules != NULL) {
        p->modules = (const ImageModule *)boot->modules->modules->data;
        p->n_modules = boot->modules->modules->len;
    }
}

static void *host_ptr(void *opaque, uint64_t gpa, uint64_t len)
{
    return hw_ram_ptr(opaque, gpa, len, true);
}

/* Only over plain RAM of our own: a backend's memory may be shared with others. */
static bool map_file(void *opaque, uint64_t gpa, uint64_t len, int fd, uint64_t offset)
{
    MachineState *ms = opaque;
    uint8_t *host = ms->ram_backend == NULL ? hw_ram_ptr(ms, gpa, len, true) : NULL;

    return host != NULL && len >= MAP_FILE_MIN &&
           mmap(host, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd, offset) == host;
}

static gboolean apply(X86Machine *x, bool fresh, GError **errp)
{
    const GuestRamOps ops = {
        .host_ptr = host_ptr, .map_file = map_file, .opaque = &x->ms, .fresh = fresh,
    };
    X86Boot *boot = x->boot;
    guint i;

    if (!image_plan_apply(boot->plan, &ops, NULL, errp)) {
        return FALSE;
    }
    for (i = 0; i < boot->blobs->len; i++) {
        const X86Blob *b = &g_array_index(boot->blobs, X86Blob, i);

        hw_mem_write(&x->ms, b->gpa, b->bytes->data, b->bytes->len);
    }
    if (boot->plan->rng_seed_gpa != 0 && !fresh) {
        new_seed(x);
        hw_mem_write(&x->ms, boot->plan->rng_seed_gpa, boot->seed, boot->plan->rng_seed_len);
    }
    return TRUE;
}

gboolean x86_boot_load(X86Machine *x, GError **errp)
{
    g_autoptr(E820Map) map = x86_board_e820(x, true, errp);
    X86Boot *boot = x->boot = g_new0(X86Boot, 1);
    ImageParams params;

    boot->plan = image_plan_new();
    boot->fresh = true;
    if (map == NULL || !open_files(x, errp) || !x86_boot_place_tables(x, map, errp)) {
        return FALSE;
    }
    new_seed(x);
    fill_params(x, map, &params);
    return image_load(boot->image, &params, boot->plan, errp) && apply(x, true, errp);
}

/*
 * Boot protocols want all interrupts masked, which firmware and a kernel's real-mode part would have
 * seen to. A kernel that has no use for the PIC (reduced-hardware ACPI) never touches it, and the PIT,
 * which ticks from reset on, would come through to its vector 0. In the kernel the PIT is silent.
 */
static void mask_pic(MachineState *ms)
{
    static const struct { uint8_t port, value; } writes[] = {
        { 0x20, 0x11 }, { 0x21, 0x08 }, { 0x21, 0x04 }, { 0x21, 0x01 }, { 0x21, 0xfb },
        { 0xa0, 0x11 }, { 0xa1, 0x70 }, { 0xa1, 0x02 }, { 0xa1, 0x01 }, { 0xa1, 0xff },
    };

    for (guint i = 0; x86_intc_pic(ms) != NULL && i < G_N_ELEMENTS(writes); i++) {
        hw_port_write(ms, writes[i].port, writes[i].value, 1);
    }
}

/*
 * With an APIC id that one byte cannot name, firmware leaves the boot CPU in x2APIC mode (Intel x2APIC
 * specification, 2.4): a kernel that comes up in xAPIC mode ignores the MADT's x2APIC entries. Those of
 * CPUs that may be plugged later count as well, as there is no second chance for them.
 */
static bool needs_x2apic(MachineState *ms)
{
    const X86CpuConfig *c = x86_machine_cpu_config(ms);
    bool wide = false;
    guint i;

    for (i = 0; i < ms->n_possible; i++) {
        wide |= ms->possible[i].apic_id > 254 &&
                (ms->possible[i].cpu != NULL || ms->klass->has_hotpluggable_cpus);
    }
    return wide && accel_irqchip(ms->accel) != ACCEL_IRQCHIP_OFF && c != NULL &&
           x86_has(&c->f, X86_WORD_1_ECX, 21);
}

gboolean x86_boot_reset(X86Machine *x, GError **errp)
{
    CPUState *cpu = hw_machine_cpu(&x->ms, 0);
    bool fresh = x->boot->fresh;

    mask_pic(&x->ms);
    x->boot->fresh = false; /* from now on the guest may have written to it */
    if (!fresh && !apply(x, false, errp)) {
        return FALSE;
    }
    return cpu == NULL || cpu->accel_cpu == NULL ||
           x86_boot_enter(cpu->accel_cpu, &x->boot->plan->entry, needs_x2apic(&x->ms), errp);
}
