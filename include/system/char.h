/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal (launcher): back ends of character devices: making them from options, and what the ones
 * on file descriptors have in common.
 */
#ifndef SYSTEM_CHAR_H
#define SYSTEM_CHAR_H

#include "hw/chardev.h"
#include "system/vm.h"

/* ---- for the rest of the launcher ---- */

/** char_new: what -chardev and chardev-add ask for; owned by the machine's /chardevs. */
Chardev *char_new(Vm *vm, const KeyVals *kv, GError **errp);
/**
 * char_new_legacy: what -serial, -monitor, -qmp and -qtest take: "stdio", "unix:/x,server=on", …
 * "chardev:ID" and "none" are the caller's business.
 */
Chardev *char_new_legacy(Vm *vm, const char *id, const char *text, GError **errp);
/** char_legacy_keys: "tcp:host:1,server=on" as keys of -chardev. NULL with an error. */
KeyVals *char_legacy_keys(const char *text, GError **errp);
/**
 * char_change: chardev-change: another back end behind @id; the one that was there is gone.
 * Errors: none of that id, one that a front end has, what making the new one can say.
 */
Chardev *char_change(Vm *vm, const char *id, const KeyVals *kv, GError **errp);
/** char_remove: chardev-remove; refused while a front end has it. */
gboolean char_remove(Vm *vm, const char *id, GError **errp);
/** char_find: by id, NULL when there is none. */
Chardev *char_find(Vm *vm, const char *id);
/**
 * char_port: a chardev that a front end may connect to: @id's own, or a fresh port of it when it is
 * a multiplexer. NULL with an error when there is none of that id.
 */
Chardev *char_port(Vm *vm, const char *id, GError **errp);

/* ---- the table of back ends ---- */

typedef struct CharBackend {
    const char *name; /* as in -chardev NAME */
    Chardev *(*create)(Vm *vm, const KeyVals *kv, GError **errp); /* not in the tree yet */
} CharBackend;

extern const CharBackend char_backends[]; /* ends with a NULL name */

Chardev *char_null_create(Vm *vm, const KeyVals *kv, GError **errp);
Chardev *char_stdio_create(Vm *vm, const KeyVals *kv, GError **errp);
Chardev *char_file_create(Vm *vm, const KeyVals *kv, GError **errp);
Chardev *char_pipe_create(Vm *vm, const KeyVals *kv, GError **errp);
Chardev *char_pty_create(Vm *vm, const KeyVals *kv, GError **errp);
Chardev *char_socket_create(Vm *vm, const KeyVals *kv, GError **errp);
Chardev *char_ringbuf_create(Vm *vm, const KeyVals *kv, GError **errp);
/** char_mux_create: takes over @base. */
Chardev *char_mux_create(Vm *vm, Chardev *base, const char *id, GError **errp);
/** char_is_mux: @chr is a port of a multiplexer. */
bool char_is_mux(const Chardev *chr);
/** char_mux_port: @chr itself when it is no multiplexer or its first port is free. */
Chardev *char_mux_port(Vm *vm, Chardev *chr, GError **errp);
/** char_mux_add_port: one more port of the multiplexer that @chr is a port of. */
Chardev *char_mux_add_port(Vm *vm, Chardev *chr, GError **errp);

/* ---- what back ends on descriptors share: chardev/fd.c ---- */

typedef struct FdChar FdChar;
struct FdChar {
    Chardev parent;
    int in_fd, out_fd;        /* -1: none */
    bool own_in, own_out;     /* close them */
    int log_fd;               /* logfile=; -1 */
    size_t out_chunk;         /* see put_patiently() */
    GSource *in_watch;
    GSource *out_watch;       /* while something is queued */
    GByteArray *queue;        /* what the peer has not taken yet; NULL: nothing */
    FdChar *next;             /* all of them, for the flush at the end */
    /* write() or send(): bytes, or -1 with errno. NULL: write(). */
    ssize_t (*put)(FdChar *s, const void *buf, size_t len);
    /* read() or recv(): the same. NULL: read(). */
    ssize_t (*get)(FdChar *s, void *buf, size_t len);
    /* End of file or an error on in_fd. NULL: stop reading, CLOSED event. */
    void (*hangup)(FdChar *s);
};

/** fd_char_new: an instance of @klass with the options that all back ends take (logfile=). */
FdChar *fd_char_new(const ChardevClass *klass, const KeyVals *kv, GError **errp);
/** fd_char_open: there are descriptors now: the chardev is open. */
void fd_char_open(FdChar *s, int in_fd, bool own_in, int out_fd, bool own_out);
/** fd_char_close: descriptors gone, queue dropped; no event. */
void fd_char_close(FdChar *s);
void fd_char_init(HwObject *obj);
void fd_char_finalize(HwObject *obj);
/** fd_char_chunk: how much may be written at once where writing can block; 0: all, it cannot. */
size_t fd_char_chunk(int fd);
/** fd_char_flush: bounded wait for the queue to drain. */
void fd_char_flush(FdChar *s, int timeout_ms);
ssize_t fd_char_write(Chardev *chr, const uint8_t *buf, size_t len);
void fd_char_accept_input(Chardev *chr);
void fd_char_update_handlers(Chardev *chr);
/** fd_chars_flush: bounded wait for all queues to drain. Any thread. */
void fd_chars_flush(int timeout_ms);

#define FD_CHAR(chr) ((FdChar *)(chr))

/* ---- fd-watch.c ---- */

/*
 * fd_watch_new: call @fn on the main thread, under the machine lock, when @fd is ready. @wanted:
 * asked before each sleep; while it returns FALSE the descriptor is left alone. May be NULL.
 * Returns: an attached source; g_source_destroy() and g_source_unref() it.
 */
GSource *fd_watch_new(int fd, GIOCondition cond, bool (*wanted)(void *opaque),
                      void (*fn)(void *opaque), void *opaque);
/** fd_watch_drop: take @source away, if there is one. */
void fd_watch_drop(GSource **source);

/* ---- chardev/received.c: descriptors that came along a unix socket (SCM_RIGHTS) ---- */

enum { RECEIVED_MAX = 16 };

typedef struct ReceivedFds {
    int fds[RECEIVED_MAX];
    int n;
} ReceivedFds;

/** received_recv: recv() that keeps descriptors; those before that nobody took are closed. */
ssize_t received_recv(ReceivedFds *r, int fd, void *buf, size_t len);
/** received_take: at most @max of them, to the caller; the others are closed. Returns: how many. */
int received_take(ReceivedFds *r, int *fds, int max);
void received_close(ReceivedFds *r);

/* ---- chardev/socket-addr.c ---- */

typedef struct SockAddr {
    char *path;              /* unix */
    bool abstract_name, tight;
    char *host, *port;       /* tcp */
    uint16_t to;             /* last port to try when listening */
    int fd;                  /* given descriptor; -1 */
} SockAddr;

gboolean sock_addr_parse(SockAddr *addr, const KeyVals *kv, GError **errp);
void sock_addr_clear(SockAddr *addr);
/** sock_addr_text: "unix:/x", "tcp:127.0.0.1:1", "fd:7". Returns: (transfer full). */
char *sock_addr_text(const SockAddr *addr);
int sock_addr_listen(SockAddr *addr, GError **errp);
int sock_addr_connect(const SockAddr *addr, GError **errp);
/** sock_addr_try_connect: path or port, without waiting for a peer; -1 when it does not go now. */
int sock_addr_try_connect(const SockAddr *addr);

#endif
