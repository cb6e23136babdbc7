/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A virtual machine in 60 lines: bring up an accelerator, map 64 KiB, run one vCPU, read what it wrote.
 *
 *   cc embed.c $(pkg-config --cflags --libs accelvm) -o embed && ./embed
 */
#include <accel/accel.h>
#include <accel/x86.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RAM_SIZE 65536

static uint8_t ram[RAM_SIZE] __attribute__((aligned(4096)));

/* At 0x1000: mov al,'A'; mov [0x2000],al; out 0xe9,al; hlt */
static const uint8_t code[] = { 0xb0, 'A', 0xa2, 0x00, 0x20, 0xe6, 0xe9, 0xf4 };

/* An error says what failed, and what its reader can do about it. */
static void fail(const GError *err)
{
    const char *const *remedy = accel_error_remedies(err);

    fprintf(stderr, "embed: %s\n", err->message);
    for (; remedy != NULL && *remedy != NULL; remedy++) {
        fprintf(stderr, "  remedy: %s\n", *remedy);
    }
    exit(1);
}

static void on_out(void *opaque, AccelCPU *cpu, uint16_t port, const void *data, unsigned size,
                   unsigned count)
{
    printf("port 0x%x: '%c'\n", port, *(const char *)data);
}

int main(int argc, char **argv)
{
    const AccelSpec spec = { .size = sizeof(spec), .cpus = 1, .no_irqchip = true };
    const AccelIo io = { .pio_write = on_out };
    const char *name = argc > 1 ? argv[1] : "kvm";
    const AccelStageTime *stage;
    AccelX86Regs regs;
    GError *err = NULL;
    AccelState *as;
    AccelCPU *cpu;
    guint n;

    memcpy(ram + 0x1000, code, sizeof(code));
    as = accel_open(name, &spec, &err); /* every stage of bring-up, or one error */
    if (as == NULL || !accel_map_ram(as, 0, ram, RAM_SIZE, 0, &err)) {
        fail(err);
    }
    accel_set_io(as, &io);
    cpu = accel_create_vcpu(as, 0, &err);
    if (cpu == NULL || !accel_reset_vcpu(cpu, true, &err) || !accel_get_regs(cpu, &regs, &err)) {
        fail(err);
    }
    regs.cs.base = regs.cs.selector = 0; /* from the reset vector to our code */
    regs.rip = 0x1000;
    if (!accel_set_regs(cpu, &regs, &err) || accel_run(cpu, NULL, &err) == ACCEL_EXIT_ERROR) {
        fail(err);
    }
    printf("RAM at 0x2000: '%c'\n", ram[0x2000]);
    for (stage = accel_stage_times(as, &n); n > 0; n--, stage++) {
        printf("%-20s %8.1f us\n", stage->name, (double)stage->ns / 1000);
    }
    accel_cpu_detach(cpu);
    accel_close(as);
    return 0;
}
