/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Internal: what the files of libaccelvm-qtest share. */
#ifndef AQ_PRIVATE_H
#define AQ_PRIVATE_H

#include "accelvm-qtest.h"

#include <inttypes.h>

#define AQ_DEFAULT_TIMEOUT_MS 50000
#define AQ_DEFAULT_QUIT_MS 30000
#define AQ_MAX_LINE (256u << 20)   /* one qtest line or QMP object; more is a runaway server */

/* One child process (proc.c). */
typedef struct AqProc {
    pid_t pid;          /* 0: none, or reaped */
    int pidfd;          /* readable once it ended; -1 on kernels without pidfd_open */
    int status;         /* wait status, -1 as long as it is not known */
    char *name;         /* base name of the program, for messages */
    int out_fd, err_fd; /* memory files that capture its output, or -1 */
} AqProc;

/* One connection (stream.c): bytes received but not yet consumed are in->data + pos. */
typedef struct AqStream {
    int fd;
    const char *name;
    GByteArray *in;
    gsize pos;      /* first byte that was not consumed */
    gsize scanned;  /* up to here the unconsumed bytes were looked at */
    gboolean broken;/* an answer was given up: whatever comes next would be mistaken for another */
} AqStream;

struct AqVM {
    AqStream qtest, qmp;
    AqProc proc;
    unsigned flags, timeout_ms, quit_timeout_ms;
    int expected_status;
    char *dir, *qtest_path, *qmp_path;   /* sockets, until both are accepted */
    int qtest_listen, qmp_listen;
    gboolean big_endian;
    json_t *greeting;
    GQueue events;                       /* json_t *, oldest first */
    uint8_t irq_level[AQ_MAX_IRQ];
    unsigned irq_edges[AQ_MAX_IRQ];
};

/* error.c */
gboolean aq_fail(GError **error, AqError code, const char *fmt, ...) G_GNUC_PRINTF(3, 4);

/* json-scan.c: find the end of a JSON object in a byte stream. */
typedef struct AqJsonScan {
    unsigned depth;
    gboolean in_string, escaped;
} AqJsonScan;
typedef enum { AQ_SCAN_MORE, AQ_SCAN_DONE, AQ_SCAN_BAD } AqScanResult;
AqScanResult aq_json_scan(AqJsonScan *scan, const char *data, gsize len, gsize *used);

/* proc.c */
void aq_close_fd(int *fd);
void aq_proc_init(AqProc *proc);
gboolean aq_proc_spawn(AqProc *proc, char **argv, const AqConfig *config, GError **error);
gboolean aq_proc_reap(AqProc *proc);
gboolean aq_proc_wait(AqProc *proc, gint64 deadline);
void aq_proc_signal(const AqProc *proc, int sig);
void aq_proc_clear(AqProc *proc);

/* describe.c */
char *aq_proc_describe(const AqProc *proc);
char *aq_proc_output(int fd);

/* wait.c */
gint64 aq_deadline(unsigned timeout_ms);
gboolean aq_wait_fd(AqVM *vm, int fd, short events, gint64 deadline, const char *what,
                    GError **error);
gboolean aq_fail_died(AqVM *vm, const char *what, GError **error);
gboolean aq_fail_eof(AqVM *vm, const char *what, GError **error);

/* stream.c */
void aq_stream_init(AqStream *s, const char *name);
void aq_stream_open(AqStream *s, int fd);
void aq_stream_close(AqStream *s);
gboolean aq_stream_usable(AqStream *s, GError **error);
gboolean aq_stream_send(AqVM *vm, AqStream *s, const void *data, gsize len, GError **error);
gboolean aq_stream_send_fds(AqVM *vm, AqStream *s, const void *data, gsize len, const int *fds,
                            size_t n_fds, GError **error);
gboolean aq_stream_fill(AqVM *vm, AqStream *s, gint64 deadline, GError **error);
void aq_stream_consume(AqStream *s, gsize n);

/* listen.c */
gboolean aq_listen(AqVM *vm, GError **error);
gboolean aq_accept_all(AqVM *vm, GError **error);
void aq_listen_close(AqVM *vm);

/* cmdline.c */
char **aq_cmdline(const AqVM *vm, const AqConfig *config, GError **error);

/* vm.c */
AqVM *aq_vm_alloc(void);

/* qtest.c */
gboolean aq_qtest_handshake(AqVM *vm, GError **error);
gboolean aq_parse_u64(const char *text, unsigned base, uint64_t max, uint64_t *value,
                      GError **error);

/* qmp.c */
json_t *aq_qmp_round(AqVM *vm, json_t *request, const int *fds, size_t n_fds, GError **error);
json_t *aq_qmp_value(json_t *response, GError **error);

/* qmp-commands.c */
gboolean aq_qmp_handshake(AqVM *vm, GError **error);

/* abort.c */
void aq_abort_guard(AqVM *vm);
void aq_abort_unguard(AqVM *vm);

/* assert.c */
void aq_assert_failed(AQ_WHERE, const char *what, GError *error);

/* Fail at the caller's place when the local variable error is set. */
#define AQ_CHECK(what) \
    do { \
        if (error) { \
            aq_assert_failed(file, line, func, what, error); \
        } \
    } while (0)

#endif
