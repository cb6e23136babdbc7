/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Power management: fixed hardware, the generic event device, CPU hotplug registers, reset port.
 */
#include "hw/acpi-devices.h"
#include "intc-board.h"

static DeviceState *make(Board *b, const DeviceClass *klass)
{
    DeviceState *dev = hw_device_create(b->ms, klass, NULL, NULL, NULL);

    g_assert_nonnull(dev);
    return dev;
}

static void note_line(void *opaque, int n, int level)
{
    g_string_append_printf(((Board *)opaque)->log, "line %d;", level);
}

/* @klass with its output wired to the log; levels are told when they are driven. */
static DeviceState *make_wired(Board *b, const DeviceClass *klass, IrqLine **line)
{
    DeviceState *dev = make(b, klass);

    *line = hw_irq_array_new(note_line, b, 1);
    hw_device_connect(dev, NULL, 0, *line);
    return dev;
}

static uint16_t inw(Board *b, uint16_t port)
{
    return hw_port_read(b->ms, port, 2);
}

static void outw(Board *b, uint16_t port, uint16_t value)
{
    hw_port_write(b->ms, port, value, 2);
}

static uint32_t inl(Board *b, uint16_t port)
{
    return hw_port_read(b->ms, port, 4);
}

static void outl(Board *b, uint16_t port, uint32_t value)
{
    hw_port_write(b->ms, port, value, 4);
}

/* ---- fixed hardware ---- */

static int sci_level;

static void note_sci(void *opaque, int n, int level)
{
    sci_level = level;
}

static IrqLine *sci_line;

static Board *pm_board(DeviceState **pm)
{
    Board *b = board_pc();

    *pm = make(b, &acpi_pm_class);
    sci_level = 0;
    sci_line = hw_irq_array_new(note_sci, NULL, 1);
    hw_device_connect(*pm, NULL, 0, sci_line);
    return b;
}

static void pm_free(Board *b)
{
    board_free(b);
    g_clear_pointer(&sci_line, g_free);
}

static void test_power_button(void)
{
    DeviceState *pm;
    Board *b = pm_board(&pm);

    acpi_power_button(pm);
    g_assert_cmphex(inw(b, ACPI_PM1_EVT_PORT), ==, ACPI_PM1_PWRBTN);
    g_assert_cmpint(sci_level, ==, 0); /* not enabled */
    outw(b, ACPI_PM1_EVT_PORT + 2, ACPI_PM1_PWRBTN);
    g_assert_cmpint(sci_level, ==, 1);
    outw(b, ACPI_PM1_EVT_PORT, ACPI_PM1_SLPBTN); /* another bit */
    g_assert_cmpint(sci_level, ==, 1);
    outw(b, ACPI_PM1_EVT_PORT, ACPI_PM1_PWRBTN);
    g_assert_cmpint(sci_level, ==, 0);
    g_assert_cmphex(inw(b, ACPI_PM1_EVT_PORT), ==, 0);
    pm_free(b);
}

static void test_pm_access(void)
{
    DeviceState *pm;
    Board *b = pm_board(&pm);

    outl(b, ACPI_PM1_EVT_PORT, 0xffff0000); /* status and enable in one */
    g_assert_cmphex(inl(b, ACPI_PM1_EVT_PORT), ==, 0x07210000);
    outb(b, ACPI_PM1_EVT_PORT + 3, 0); /* a byte leaves its neighbour alone */
    g_assert_cmphex(inw(b, ACPI_PM1_EVT_PORT + 2), ==, 0x21);
    acpi_power_button(pm);
    outb(b, ACPI_PM1_EVT_PORT, 0xff);
    g_assert_cmphex(inb(b, ACPI_PM1_EVT_PORT + 1), ==, 0x01);
    outb(b, ACPI_PM1_EVT_PORT + 1, 0xff);
    g_assert_cmphex(inw(b, ACPI_PM1_EVT_PORT), ==, 0);
    pm_free(b);
}

static void test_pm_control(void)
{
    DeviceState *pm;
    Board *b = pm_board(&pm);

    g_assert_cmphex(inw(b, ACPI_PM1_CNT_PORT), ==, ACPI_PM1_CNT_SCI_EN);
    outw(b, ACPI_PM1_CNT_PORT, 0x1c02); /* SCI_EN cannot be cleared */
    g_assert_cmphex(inw(b, ACPI_PM1_CNT_PORT), ==, 0x1c03);
    outw(b, ACPI_PM1_CNT_PORT, ACPI_PM1_CNT_SLP_EN | 1 << 10); /* S3 is not there */
    board_log(b, "");
    outw(b, ACPI_PM1_CNT_PORT, ACPI_PM1_CNT_SLP_EN | ACPI_PM_S5_TYPE << 10);
    board_log(b, "request 0 guest-shutdown;");
    g_assert_cmphex(inw(b, ACPI_PM1_CNT_PORT) & ACPI_PM1_CNT_SLP_EN, ==, 0);
    pm_free(b);
}

static void test_pm_timer(void)
{
    DeviceState *pm;
    Board *b = pm_board(&pm);

    g_assert_cmpuint(inl(b, ACPI_PM_TIMER_PORT), ==, 0);
    warp(b, HW_NS_PER_SEC);
    g_assert_cmpuint(inl(b, ACPI_PM_TIMER_PORT), ==, ACPI_PM_TIMER_HZ);
    outl(b, ACPI_PM_TIMER_PORT, 5);
    g_assert_cmpuint(inl(b, ACPI_PM_TIMER_PORT), ==, ACPI_PM_TIMER_HZ);
    warp(b, 5 * HW_NS_PER_SEC);
    g_assert_cmpuint(inl(b, ACPI_PM_TIMER_PORT), ==, 5 * ACPI_PM_TIMER_HZ & 0xffffff);
    pm_free(b);
}

static void test_pm_timer_carry(void)
{
    const int64_t half = ((1ll << 23) * HW_NS_PER_SEC + ACPI_PM_TIMER_HZ - 1) / ACPI_PM_TIMER_HZ;
    DeviceState *pm;
    Board *b = pm_board(&pm);

    warp(b, half - 1);
    g_assert_cmphex(inw(b, ACPI_PM1_EVT_PORT), ==, 0);
    warp(b, half);
    g_assert_cmphex(inw(b, ACPI_PM1_EVT_PORT), ==, ACPI_PM1_TMR);
    outw(b, ACPI_PM1_EVT_PORT, ACPI_PM1_TMR);
    g_assert_cmphex(inw(b, ACPI_PM1_EVT_PORT), ==, 0);
    outw(b, ACPI_PM1_EVT_PORT + 2, ACPI_PM1_TMR);
    g_assert_cmpint(sci_level, ==, 0);
    warp(b, 2 * half); /* nobody looks: the interrupt comes by itself */
    g_assert_cmpint(sci_level, ==, 1);
    pm_free(b);
}

/*
 * A read is one look at the clock: bytes of different moments made it run ahead by 256 pulses and back
 * again, once in some thousand reads. Only small steps back count, so a host that stops does no harm.
 */
static void test_pm_timer_runs(void)
{
    DeviceState *pm;
    Board *b = pm_board(&pm);
    uint32_t last, back = 0;

    hw_clock_set_manual(b->ms, false);
    hw_clock_enable(b->ms, true);
    last = inl(b, ACPI_PM_TIMER_PORT);
    for (int i = 0; i < 300000; i++) {
        uint32_t now = inl(b, ACPI_PM_TIMER_PORT);

        back += ((last - now) & 0xffffff) - 1 < 0x20000;
        last = now;
    }
    g_assert_cmpuint(back, ==, 0);
    pm_free(b);
}

static void test_gpe(void)
{
    DeviceState *pm;
    Board *b = pm_board(&pm);
    IrqLine *in;

    in = hw_device_in(pm, "gpe", ACPI_GPE_CPU_HOTPLUG);
    hw_irq_pulse(in);
    g_assert_cmphex(inb(b, ACPI_GPE0_PORT), ==, 0x04);
    g_assert_cmpint(sci_level, ==, 0);
    outb(b, ACPI_GPE0_PORT + 2, 0x04);
    g_assert_cmpint(sci_level, ==, 1);
    outb(b, ACPI_GPE0_PORT, 0x04);
    g_assert_cmpint(sci_level, ==, 0);
    outw(b, ACPI_GPE0_PORT + 2, 0xa55a);
    g_assert_cmphex(inl(b, ACPI_GPE0_PORT), ==, 0xa55a0000);
    g_assert_cmphex(inb(b, ACPI_GPE0_PORT + 3), ==, 0xa5);
    pm_free(b);
}

static void test_reset_port(void)
{
    Board *b = board_pc();

    make(b, &reset_port_class);
    outb(b, ACPI_RESET_PORT, 0x02);
    g_assert_cmphex(inb(b, ACPI_RESET_PORT), ==, 0x02);
    board_log(b, "");
    outb(b, ACPI_RESET_PORT, ACPI_RESET_VALUE);
    board_log(b, "request 1 guest-reset;");
    outb(b, ACPI_RESET_PORT, ACPI_RESET_VALUE); /* no edge */
    board_log(b, "");
    g_assert_true(hw_machine_reset(b->ms, "test", NULL));
    outl(b, 0xcf8, 0x80000400); /* somebody looks for PCI */
    board_log(b, "");
    g_assert_cmphex(inl(b, 0xcf8), ==, 0xffffffff);
    board_free(b);
}

/* ---- generic event device ---- */

static void test_ged_event(void)
{
    IrqLine *line;
    Board *b = board_pc();
    DeviceState *ged = make_wired(b, &acpi_ged_class, &line);

    acpi_power_button(ged);
    board_log(b, "line 1;");
    hw_irq_pulse(hw_device_in(ged, "event", 3));
    board_log(b, "line 0;line 1;"); /* a new edge although nobody has read yet */
    g_assert_cmphex(readl(b, ACPI_GED_EVENT_GPA), ==, ACPI_GED_POWER_BUTTON | ACPI_GED_CPU_HOTPLUG);
    board_log(b, "line 0;");
    g_assert_cmphex(readl(b, ACPI_GED_EVENT_GPA), ==, 0);
    writel(b, ACPI_GED_EVENT_GPA, 0xff);
    g_assert_cmphex(readl(b, ACPI_GED_EVENT_GPA), ==, 0);
    board_free(b);
    g_free(line);
}

static void writeb(Board *b, uint64_t gpa, uint8_t value)
{
    hw_mem_write(b->ms, gpa, &value, 1);
}

static void test_ged_sleep(void)
{
    Board *b = board_pc();

    make(b, &acpi_ged_class);
    writeb(b, ACPI_GED_SLEEP_GPA, 5 << 2); /* no SLP_EN */
    writeb(b, ACPI_GED_SLEEP_GPA, 3 << 2 | 1 << 5);
    writeb(b, ACPI_GED_SLEEP_GPA + ACPI_GED_RESET, 0x41);
    board_log(b, "");
    writeb(b, ACPI_GED_SLEEP_GPA, 5 << 2 | 1 << 5);
    board_log(b, "request 0 guest-shutdown;");
    writeb(b, ACPI_GED_SLEEP_GPA + ACPI_GED_RESET, 0x42);
    board_log(b, "request 1 guest-reset;");
    g_assert_cmphex(readl(b, ACPI_GED_SLEEP_GPA) & 0xffff, ==, 0);
    board_free(b);
}

static void test_ged_reset(void)
{
    IrqLine *line;
    Board *b = board_pc();
    DeviceState *ged = make_wired(b, &acpi_ged_class, &line);

    acpi_power_button(ged);
    g_assert_true(hw_machine_reset(b->ms, "test", NULL));
    board_log(b, "line 1;line 0;");
    g_assert_cmphex(readl(b, ACPI_GED_EVENT_GPA), ==, 0);
    board_free(b);
    g_free(line);
}

/* ---- CPU hotplug ---- */

#define HP ACPI_CPUHP_PORT

static Board *hp_board(IrqLine **line)
{
    Board *b = board_new(&(X86IntcConfig){ .mode = ACCEL_IRQCHIP_OFF }, true, 2, 4);

    b->hotplug = make_wired(b, &acpi_cpuhp_class, line);
    return b;
}

static void hp_free(Board *b, IrqLine *line)
{
    board_free(b);
    g_free(line);
}

static uint8_t hp_flags(Board *b, uint32_t slot)
{
    outl(b, HP, slot);
    return inb(b, HP + ACPI_CPUHP_FLAGS);
}

static void test_hp_detect(void)
{
    IrqLine *line;
    Board *b = hp_board(&line);
    unsigned n = 0;

    outl(b, HP, 0);
    outb(b, HP + ACPI_CPUHP_COMMAND, 0);
    g_assert_cmphex(inl(b, HP + ACPI_CPUHP_DATA2), ==, 0); /* the modern interface is on */
    do { /* how firmware counts them */
        n++;
        outl(b, HP, n);
    } while (inl(b, HP + ACPI_CPUHP_DATA) != 0);
    g_assert_cmpuint(n, ==, 4);
    g_assert_cmphex(hp_flags(b, 0), ==, ACPI_CPUHP_ENABLED);
    g_assert_cmphex(hp_flags(b, 1), ==, ACPI_CPUHP_ENABLED);
    g_assert_cmphex(hp_flags(b, 2), ==, 0);
    g_assert_cmphex(hp_flags(b, 4), ==, 0);
    hp_free(b, line);
}

static void test_hp_id(void)
{
    IrqLine *line;
    Board *b = hp_board(&line);

    b->ms->possible[3].apic_id = 0x123;
    outl(b, HP, 3);
    outb(b, HP + ACPI_CPUHP_COMMAND, ACPI_CPUHP_CMD_CPU_ID);
    g_assert_cmphex(inl(b, HP + ACPI_CPUHP_DATA), ==, 0x123);
    g_assert_cmphex(inl(b, HP + ACPI_CPUHP_DATA2), ==, 0);
    outb(b, HP + ACPI_CPUHP_COMMAND, 9);
    g_assert_cmphex(inl(b, HP + ACPI_CPUHP_DATA), ==, 0);
    hp_free(b, line);
}

static void test_hp_plug(void)
{
    IrqLine *line;
    Board *b = hp_board(&line);

    g_assert_nonnull(hw_machine_create_cpu(b->ms, 2, "cpu2", NULL));
    board_log(b, "line 1;line 0;");
    outl(b, HP, 0);
    outb(b, HP + ACPI_CPUHP_COMMAND, ACPI_CPUHP_CMD_NEXT_EVENT);
    g_assert_cmpuint(inl(b, HP + ACPI_CPUHP_DATA), ==, 2);
    g_assert_cmphex(inb(b, HP + ACPI_CPUHP_FLAGS), ==, ACPI_CPUHP_ENABLED | ACPI_CPUHP_INSERT);
    outb(b, HP + ACPI_CPUHP_FLAGS, ACPI_CPUHP_INSERT);
    g_assert_cmphex(inb(b, HP + ACPI_CPUHP_FLAGS), ==, ACPI_CPUHP_ENABLED);
    outl(b, HP, 1);
    outb(b, HP + ACPI_CPUHP_COMMAND, ACPI_CPUHP_CMD_NEXT_EVENT); /* none: selector stays */
    g_assert_cmpuint(inl(b, HP + ACPI_CPUHP_DATA), ==, 1);
    g_assert_true(apic_wait_sipi(hw_machine_cpu(b->ms, 2)));
    hp_free(b, line);
}

static void test_hp_unplug(void)
{
    IrqLine *line;
    Board *b = hp_board(&line);
    CPUState *cpu = hw_machine_create_cpu(b->ms, 2, "cpu2", NULL);
    g_autoptr(GError) err = NULL;

    outl(b, HP, 2);
    outb(b, HP + ACPI_CPUHP_FLAGS, ACPI_CPUHP_INSERT);
    g_string_truncate(b->log, 0);
    g_assert_true(acpi_cpuhp_unplug_request(b->hotplug, cpu, NULL));
    board_log(b, "line 1;line 0;");
    g_assert_cmphex(hp_flags(b, 2), ==, ACPI_CPUHP_ENABLED | ACPI_CPUHP_REMOVE);
    outb(b, HP + ACPI_CPUHP_FLAGS, ACPI_CPUHP_REMOVE);
    g_assert_nonnull(hw_machine_cpu(b->ms, 2));
    outb(b, HP + ACPI_CPUHP_FLAGS, ACPI_CPUHP_EJECT);
    g_assert_nonnull(hw_machine_cpu(b->ms, 2)); /* not from within the guest's access */
    hw_machine_lock(b->ms);
    hw_timers_run(b->ms);
    hw_machine_unlock(b->ms);
    g_assert_null(hw_machine_cpu(b->ms, 2));
    board_log(b, "deleted cpu2;");
    g_assert_cmphex(hp_flags(b, 2), ==, 0);
    g_assert_nonnull(hw_machine_create_cpu(b->ms, 2, "again", NULL));
    g_assert_false(acpi_cpuhp_unplug_request(b->hotplug, hw_machine_cpu(b->ms, 0), &err));
    g_assert_cmpstr(err->message, ==, "Boot CPU is unpluggable");
    hp_free(b, line);
}

static void test_hp_eject_boot(void)
{
    IrqLine *line;
    Board *b = hp_board(&line);

    outl(b, HP, 0);
    outb(b, HP + ACPI_CPUHP_FLAGS, ACPI_CPUHP_EJECT);
    outl(b, HP, 3); /* nobody there */
    outb(b, HP + ACPI_CPUHP_FLAGS, ACPI_CPUHP_EJECT);
    outl(b, HP, 77); /* nor such a slot */
    outb(b, HP + ACPI_CPUHP_FLAGS, ACPI_CPUHP_EJECT);
    hw_machine_lock(b->ms);
    hw_timers_run(b->ms);
    hw_machine_unlock(b->ms);
    g_assert_nonnull(hw_machine_cpu(b->ms, 0));
    board_log(b, "");
    hp_free(b, line);
}

static void note_ost(void *opaque, const AcpiOst *ost)
{
    g_string_append_printf(((Board *)opaque)->log, "ost %u %x %x;", ost->slot, ost->event,
                           ost->status);
}

static void test_hp_ost(void)
{
    IrqLine *line;
    Board *b = hp_board(&line);
    AcpiOst ost;

    acpi_cpuhp_set_ost(b->hotplug, note_ost, b);
    outl(b, HP, 1);
    outb(b, HP + ACPI_CPUHP_COMMAND, ACPI_CPUHP_CMD_OST_EVENT);
    outl(b, HP + ACPI_CPUHP_DATA, 0x103);
    board_log(b, "");
    outb(b, HP + ACPI_CPUHP_COMMAND, ACPI_CPUHP_CMD_OST_STATUS);
    outl(b, HP + ACPI_CPUHP_DATA, 0x84);
    board_log(b, "ost 1 103 84;");
    g_assert_true(acpi_cpuhp_get_ost(b->hotplug, 1, &ost));
    g_assert_cmphex(ost.status, ==, 0x84);
    g_assert_false(acpi_cpuhp_get_ost(b->hotplug, 4, &ost));
    hp_free(b, line);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/acpi/power-button", test_power_button);
    g_test_add_func("/acpi/access-sizes", test_pm_access);
    g_test_add_func("/acpi/control", test_pm_control);
    g_test_add_func("/acpi/timer", test_pm_timer);
    g_test_add_func("/acpi/timer-carry", test_pm_timer_carry);
    g_test_add_func("/acpi/timer-runs", test_pm_timer_runs);
    g_test_add_func("/acpi/gpe", test_gpe);
    g_test_add_func("/acpi/reset-port", test_reset_port);
    g_test_add_func("/ged/events", test_ged_event);
    g_test_add_func("/ged/sleep", test_ged_sleep);
    g_test_add_func("/ged/reset", test_ged_reset);
    g_test_add_func("/cpuhp/detect", test_hp_detect);
    g_test_add_func("/cpuhp/id", test_hp_id);
    g_test_add_func("/cpuhp/plug", test_hp_plug);
    g_test_add_func("/cpuhp/unplug", test_hp_unplug);
    g_test_add_func("/cpuhp/eject-refused", test_hp_eject_boot);
    g_test_add_func("/cpuhp/ost", test_hp_ost);
    return g_test_run();
}
