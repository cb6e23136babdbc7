/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A scripted peer on a thread, for the tests of the wire formats. The script is a list of strings:
 * "<TEXT" expects exactly the line TEXT from the client, ">TEXT" sends TEXT as it is, ".TEXT" sends
 * it in single bytes, "!" waits for the client to close. After the last step the peer closes.
 */
#ifndef FAKE_SERVER_H
#define FAKE_SERVER_H

#include "accelvm-qtest.h"

typedef struct FakeServer FakeServer;

/* Start a peer; *client_fd is the other end. */
FakeServer *fake_server_new(const char *const *script, int *client_fd);
/* Join, assert that the whole script was gone through as written, free. */
void fake_server_end(FakeServer *server);
/* A VM whose qtest peer follows @script (after the handshake) and that has no monitor. */
AqVM *fake_qtest(FakeServer **server, unsigned timeout_ms, const char *const *script);
/* A VM whose monitor follows @script (after the handshake) and that has no qtest stream. */
AqVM *fake_qmp(FakeServer **server, unsigned timeout_ms, const char *const *script);

#endif
