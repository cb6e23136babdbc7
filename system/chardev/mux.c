/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mux=on: several front ends on one back end. Each gets a port, a chardev of its own; output of all
 * goes to the back end, input goes to the port that has the focus. Ctrl-A, or what -echr says, starts a
 * command: h help, x end the program, c next port, s write disk data back (there is none), b break,
 * t timestamps on output, the key itself that key.
 *
 * What a guest does not take waits in its port, so that the key still gets through behind it: who has
 * typed into a guest that hangs can leave it.
 */
#include <stdio.h>
#include <string.h>
#include "system/char.h"
#include "system/hooks.h"

enum { MUX_PORTS = 8, MUX_QUEUE = 32 };

typedef struct CharMux CharMux;

typedef struct MuxPort {
    Chardev parent;
    CharMux *mux;
    uint8_t queue[MUX_QUEUE]; /* what its front end has no room for yet */
    gint n_queued;            /* atomic: looked at by any thread, changed by the main thread */
    gint draining;            /* atomic: an idle call will drain */
} MuxPort;

struct CharMux {
    Vm *vm;
    Chardev *base;    /* owned */
    MuxPort *ports[MUX_PORTS];
    guint n_ports, focus, refs;
    bool escaped, timestamps, line_start;
    int64_t t0;
};

static const ChardevClass port_class;

static MuxPort *focused(CharMux *m)
{
    return m->ports[m->focus];
}

static void say(CharMux *m, const char *text)
{
    chardev_write(m->base, text, strlen(text));
}

static void set_focus(CharMux *m, guint i)
{
    chardev_fe_event(&focused(m)->parent, CHARDEV_EVENT_MUX_OUT);
    m->focus = i;
    chardev_fe_event(&focused(m)->parent, CHARDEV_EVENT_MUX_IN);
}

/* How the help calls the key that starts a command. */
static void escape_name(const CharMux *m, char *out, size_t size)
{
    if (m->vm->escape > 0 && m->vm->escape < 26) {
        snprintf(out, size, "C-%c", 'a' + m->vm->escape - 1);
    } else {
        snprintf(out, size, "Escape-Char");
    }
}

static void help(CharMux *m)
{
    static const char *const rows[] = {
        "h    print this help", "x    exit emulator",
        "s    save disk data back to file (if -snapshot)", "t    toggle console timestamps",
        "b    send break (magic sysrq)", "c    switch between console and monitor",
    };
    char name[16], line[80] = "\n\r";

    escape_name(m, name, sizeof(name));
    if (name[0] == 'E') {
        snprintf(line, sizeof(line), "\n\rEscape-Char set to Ascii: 0x%02x\n\r\n\r",
                 (unsigned)m->vm->escape);
    }
    say(m, line);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        snprintf(line, sizeof(line), "%s %s\n\r", name, rows[i]);
        say(m, line);
    }
    snprintf(line, sizeof(line), "%s %s  sends %s\n\r", name, name, name);
    say(m, line);
}

/* The key behind Ctrl-A. Returns: the byte belongs to the guest. */
static bool command(CharMux *m, uint8_t key)
{
    if (key == m->vm->escape) { /* even where it is one of the letters below */
        return true;
    }
    switch (key) {
    case 'h':
    case '?':
        help(m);
        return false;
    case 'x':
        say(m, "accelvm: Terminated\n\r");
        vm_request_shutdown(m->vm, SHUTDOWN_CAUSE_HOST_UI);
        return false;
    case 'c':
        set_focus(m, (m->focus + 1) % m->n_ports);
        return false;
    case 'b':
        chardev_fe_event(&focused(m)->parent, CHARDEV_EVENT_BREAK);
        return false;
    case 't':
        m->timestamps = !m->timestamps;
        m->t0 = g_get_monotonic_time();
        return false;
    default:
        return false;
    }
}

static bool has_room(MuxPort *p)
{
    return !p->parent.busy || chardev_fe_can_read(&p->parent) > 0;
}

/* What waits, as far as there is room for it now. */
static void drain(MuxPort *p)
{
    while (p->n_queued > 0 && has_room(p)) {
        uint8_t byte = p->queue[0];

        g_atomic_int_set(&p->n_queued, p->n_queued - 1);
        memmove(p->queue, p->queue + 1, (size_t)p->n_queued);
        chardev_fe_read(&p->parent, &byte, 1);
    }
}

static void deliver(MuxPort *p, uint8_t byte)
{
    drain(p);
    if (p->n_queued == 0 && has_room(p)) {
        chardev_fe_read(&p->parent, &byte, 1);
    } else if (p->n_queued < MUX_QUEUE) {
        p->queue[p->n_queued] = byte;
        g_atomic_int_set(&p->n_queued, p->n_queued + 1);
    }
}

/* One byte at a time: the next may move the focus. A command must get through always. */
static int mux_can_read(void *opaque)
{
    CharMux *m = opaque;

    drain(focused(m));
    return m->escaped || focused(m)->n_queued < MUX_QUEUE;
}

static void mux_read(void *opaque, const uint8_t *buf, size_t len)
{
    CharMux *m = opaque;

    for (size_t i = 0; i < len; i++) {
        if (m->escaped) {
            m->escaped = false;
            if (command(m, buf[i])) {
                deliver(focused(m), buf[i]);
            }
        } else if (buf[i] == m->vm->escape) {
            m->escaped = true;
        } else {
            deliver(focused(m), buf[i]);
        }
    }
}

static void mux_event(void *opaque, ChardevEvent ev)
{
    CharMux *m = opaque;

    for (guint i = 0; i < m->n_ports; i++) {
        chardev_fe_event(&m->ports[i]->parent, ev);
    }
}

/* ---- the ports ---- */

static void write_stamp(CharMux *m)
{
    int64_t ms = (g_get_monotonic_time() - m->t0) / 1000;
    char stamp[48];
    int n = snprintf(stamp, sizeof(stamp), "[%02d:%02d:%02d.%03d] ", (int)(ms / 3600000),
                     (int)(ms / 60000 % 60), (int)(ms / 1000 % 60), (int)(ms % 1000));

    chardev_write(m->base, stamp, n);
}

static ssize_t write_stamped(CharMux *m, const uint8_t *buf, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (m->line_start) {
            write_stamp(m);
        }
        m->line_start = buf[i] == '\n';
        chardev_write(m->base, &buf[i], 1);
    }
    return len;
}

static ssize_t port_write(Chardev *chr, const uint8_t *buf, size_t len)
{
    CharMux *m = ((MuxPort *)chr)->mux;

    if (G_UNLIKELY(m->timestamps)) {
        return write_stamped(m, buf, len);
    }
    return chardev_write(m->base, buf, len);
}

/* Whoever came last has the focus, as in QEMU. */
static void port_update_handlers(Chardev *chr)
{
    CharMux *m = ((MuxPort *)chr)->mux;

    g_atomic_int_set(&((MuxPort *)chr)->n_queued, 0); /* was for the one before */
    for (guint i = 0; chr->busy && i < m->n_ports; i++) {
        if (&m->ports[i]->parent == chr && i != m->focus) {
            set_focus(m, i);
            break;
        }
    }
}

static gboolean drain_later(gpointer opaque)
{
    MuxPort *p = opaque;

    g_atomic_int_set(&p->draining, 0);
    drain(p);
    return G_SOURCE_REMOVE;
}

/* Any thread; front ends are called on the main thread only. */
static void port_accept_input(Chardev *chr)
{
    MuxPort *p = (MuxPort *)chr;

    if (g_atomic_int_get(&p->n_queued) > 0 &&
        g_atomic_int_compare_and_exchange(&p->draining, 0, 1)) {
        g_idle_add(drain_later, p);
    }
    chardev_accept_input(p->mux->base);
}

static void port_set_echo(Chardev *chr, bool echo)
{
    CharMux *m = ((MuxPort *)chr)->mux;
    const ChardevClass *k = (const ChardevClass *)m->base->obj.type;

    if (k->set_echo != NULL) {
        k->set_echo(m->base, echo);
    }
}

static void mux_unref(CharMux *m)
{
    if (--m->refs == 0) {
        chardev_disconnect(m->base);
        hw_object_unref(&m->base->obj);
        g_free(m);
    }
}

static void port_finalize(HwObject *obj)
{
    CharMux *m = ((MuxPort *)obj)->mux;

    g_idle_remove_by_data(obj);
    for (guint i = 0; m != NULL && i < m->n_ports; i++) {
        if (m->ports[i] == (MuxPort *)obj) {
            m->ports[i] = m->ports[--m->n_ports];
            m->focus = 0;
        }
    }
    if (m != NULL) {
        mux_unref(m);
    }
}

static const ChardevClass port_class = {
    .type = {
        .name = "chardev-mux",
        .parent = &hw_type_chardev,
        .desc = "one of several front ends of a chardev",
        .instance_size = sizeof(MuxPort),
        .finalize = port_finalize,
    },
    .write = port_write,
    .accept_input = port_accept_input,
    .update_handlers = port_update_handlers,
    .set_echo = port_set_echo,
};

static MuxPort *add_port(CharMux *m)
{
    MuxPort *p = (MuxPort *)hw_object_new(&port_class.type);

    p->mux = m;
    p->parent.open = m->base->open;
    p->parent.filename = g_strdup("mux");
    m->ports[m->n_ports++] = p;
    m->refs++;
    return p;
}

Chardev *char_mux_create(Vm *vm, Chardev *base, const char *id, GError **errp)
{
    CharMux *m = g_new0(CharMux, 1);
    const ChardevHandlers fe = { mux_can_read, mux_read, mux_event, m };
    MuxPort *first;

    m->vm = vm;
    m->base = base;
    m->line_start = true;
    first = add_port(m);
    if (!chardev_connect(base, &fe, errp)) {
        hw_object_unref(&first->parent.obj);
        return NULL;
    }
    return &first->parent;
}

bool char_is_mux(const Chardev *chr)
{
    return chr->obj.type == &port_class.type;
}

Chardev *char_mux_port(Vm *vm, Chardev *chr, GError **errp)
{
    if (!char_is_mux(chr) || !chr->busy) {
        return chr;
    }
    return char_mux_add_port(vm, chr, errp);
}

Chardev *char_mux_add_port(Vm *vm, Chardev *chr, GError **errp)
{
    CharMux *m = ((MuxPort *)chr)->mux;
    g_autofree char *id = NULL;
    MuxPort *p;

    if (m->n_ports == MUX_PORTS) {
        opt_error(errp, "too many uses of multiplexed chardev '%s' (maximum is %d)", chr->id,
                  MUX_PORTS);
        return NULL;
    }
    id = g_strdup_printf("%s:%u", chr->id, m->n_ports);
    p = add_port(m);
    p->parent.id = g_strdup(id);
    hw_object_add_child(vm->ms->chardevs, id, &p->parent.obj, NULL);
    hw_object_unref(&p->parent.obj);
    return &p->parent;
}
