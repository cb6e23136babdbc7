/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * i8042: the output buffer and its interrupts.
 *
 * Theory of operation: the one byte is filled from three places: the controller's own answer first,
 * then the keyboard, then the mouse, each only while its side is enabled. It raises IRQ 1 or 12 where
 * the configuration byte allows it; reading drops the line and fills the buffer again, so that each
 * byte makes an edge of its own.
 */
#include "hw/i8042.h"
#include "hw/input/i8042-internal.h"
#include "hw/input/scancode.h"

static void set_level(IrqLine *line, bool *level, bool now)
{
    if (*level != now) {
        *level = now;
        hw_irq_set(line, now);
    }
}

void i8042_update_irq(I8042 *s)
{
    uint8_t mode = s->ram[0];
    bool kbd = s->full && !s->full_aux && (mode & MODE_KBD_INT) && !(mode & MODE_KBD_OFF);
    bool aux = s->full && s->full_aux && (mode & MODE_AUX_INT) && !(mode & MODE_AUX_OFF);

    set_level(s->irq_kbd, &s->kbd_level, kbd);
    set_level(s->irq_aux, &s->aux_level, aux);
}

static void fill(I8042 *s, uint8_t byte, bool aux)
{
    s->obuf = byte;
    s->full = true;
    s->full_aux = aux;
}

static void fill_from_kbd(I8042 *s)
{
    int byte = ps2_take(&s->kbd.out);

    s->kbd.last = (uint8_t)byte;
    if (s->ram[0] & MODE_TRANSLATE) {
        byte = scancode_to_set1(&s->release, (uint8_t)byte);
    }
    if (byte >= 0) {
        fill(s, (uint8_t)byte, false);
    }
}

/* Bounded by what is queued: each pass takes a byte out of one of the three places. */
void i8042_refill(I8042 *s)
{
    while (!s->full) {
        if (s->answer_waits) {
            s->answer_waits = false;
            fill(s, s->answer, s->answer_aux);
        } else if (s->kbd.out.count > 0 && !(s->ram[0] & MODE_KBD_OFF)) {
            fill_from_kbd(s);
        } else if (s->mouse.out.count > 0 && !(s->ram[0] & MODE_AUX_OFF)) {
            s->mouse.last = ps2_take(&s->mouse.out);
            fill(s, s->mouse.last, true);
        } else {
            break;
        }
    }
    i8042_update_irq(s);
}

void i8042_answer(I8042 *s, uint8_t byte, bool aux)
{
    s->answer = byte;
    s->answer_aux = aux;
    s->answer_waits = true;
}

gboolean i8042_put_scancodes(DeviceState *dev, const uint8_t *codes, size_t n)
{
    I8042 *s = (I8042 *)dev;
    uint8_t set1[PS2_QUEUE_SIZE];
    bool release = false;
    size_t len = 0;

    if (!s->kbd.scanning || n > sizeof set1) {
        return FALSE;
    }
    for (size_t i = 0; s->kbd.set == 1 && i < n; i++) {
        int code = scancode_to_set1(&release, codes[i]);

        if (code >= 0) {
            set1[len++] = (uint8_t)code;
        }
    }
    if (!ps2_put(&s->kbd.out, s->kbd.set == 1 ? set1 : codes, s->kbd.set == 1 ? len : n)) {
        return FALSE;
    }
    i8042_refill(s);
    return TRUE;
}
