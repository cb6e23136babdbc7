/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: character devices. The front end is a device (UART, debugcon, monitor); the back end is
 * something that can carry bytes and lives above hw/ (stdio, files, sockets, ptys). This header is
 * the plug between the two; hw/core has the back ends "null" and "ring buffer" only.
 */
#ifndef HW_CHARDEV_H
#define HW_CHARDEV_H

#include <stddef.h>
#include <stdint.h>
#include "hw/object.h"

G_BEGIN_DECLS

typedef struct Chardev Chardev;

typedef enum ChardevEvent {
    CHARDEV_EVENT_OPENED,
    CHARDEV_EVENT_CLOSED,
    CHARDEV_EVENT_BREAK,
    CHARDEV_EVENT_MUX_IN,
    CHARDEV_EVENT_MUX_OUT,
} ChardevEvent;

/* Front end's call-backs; run on the main thread under the machine lock. Any may be NULL. */
typedef struct ChardevHandlers {
    int (*can_read)(void *opaque);  /* how many bytes are welcome now */
    void (*read)(void *opaque, const uint8_t *buf, size_t len); /* len <= can_read() */
    void (*event)(void *opaque, ChardevEvent ev);
    void *opaque;
} ChardevHandlers;

/* Back end's operations. */
typedef struct ChardevClass {
    HwType type;  /* name "chardev-socket"; instance struct starts with Chardev */
    /* Write all of @buf or as much as the peer takes; from any thread. Returns bytes, -errno. */
    ssize_t (*write)(Chardev *chr, const uint8_t *buf, size_t len);
    void (*accept_input)(Chardev *chr);  /* front end has room again */
    void (*update_handlers)(Chardev *chr); /* front end attached or gone */
    /* Descriptors received with the last bytes (SCM_RIGHTS). Returns: count, taken out of @chr. */
    int (*get_fds)(Chardev *chr, int *fds, int max);
    int (*add_client)(Chardev *chr, int fd);  /* add_client; 0 or -errno */
    void (*set_echo)(Chardev *chr, bool echo);
} ChardevClass;

struct Chardev {
    HwObject obj;
    char *id;
    char *filename;  /* what query-chardev shows: "unix:/tmp/x,server=on", "pty:/dev/pts/3" */
    bool open;       /* the other side is there */
    bool busy;       /* a front end has it */
    ChardevHandlers fe;
    GMutex lock;     /* serialises write */
};

extern ACCEL_API const HwType hw_type_chardev; /* abstract "chardev" */
extern ACCEL_API const ChardevClass chardev_null_class, chardev_ringbuf_class;

/** chardev_connect: take @chr for a front end. FALSE with an error when another one has it. */
ACCEL_API gboolean chardev_connect(Chardev *chr, const ChardevHandlers *fe, GError **errp);
/** chardev_disconnect: give @chr back; its handlers are not called any more. */
ACCEL_API void chardev_disconnect(Chardev *chr);
/** chardev_write: NULL @chr swallows everything. Returns bytes taken, or -errno. */
ACCEL_API ssize_t chardev_write(Chardev *chr, const void *buf, size_t len);
/** chardev_accept_input: the front end has room again, so that input goes on. */
ACCEL_API void chardev_accept_input(Chardev *chr);
/* For back ends: hand input or an event to the front end. Under the machine lock. */
ACCEL_API int chardev_fe_can_read(Chardev *chr);
ACCEL_API void chardev_fe_read(Chardev *chr, const uint8_t *buf, size_t len);
ACCEL_API void chardev_fe_event(Chardev *chr, ChardevEvent ev);
/** chardev_ringbuf_read: for tests and embedders. Returns bytes. */
ACCEL_API size_t chardev_ringbuf_read(Chardev *chr, void *buf, size_t len);

G_END_DECLS

#endif
