/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Clocks, sleeping, and frames to a peer that sends each back. "no-net": without a network. "hangup": with
 * one where an error waits.
 */
#include "uk.h"

#define MS 1000000ULL
#define ROUNDS 50

static uint8_t out[1514], in[1514];

static struct uk_clock clock_now(void)
{
    struct uk_clock c = { 0, 0 };

    uk_call(UK_CLOCK, &c);
    return c;
}

static uint32_t wait_ready(uint64_t ns)
{
    struct uk_poll p = { ns, 99, 99 };

    uk_call(UK_POLL, &p);
    check("poll", p.ret == UK_OK);
    return p.ready;
}

static void clocks(void)
{
    struct uk_clock a = clock_now(), b = clock_now();
    uint64_t end = b.monotonic_ns + 20 * MS;

    check("wall clock", a.wall_ns > 1600000000ULL * 1000 * MS); /* after 2020 */
    check("monotonic clock", b.monotonic_ns >= a.monotonic_ns);
    while (clock_now().monotonic_ns < end) { /* a poll may come back early */
        check("nothing there", wait_ready(end - b.monotonic_ns) == 0);
    }
}

static int64_t net(unsigned nr, uint8_t *buf, uint64_t *len)
{
    struct uk_net_io a = { (uintptr_t)buf, *len, 99 };

    uk_call(nr, &a);
    *len = a.len;
    return a.ret;
}

static void receive(uint64_t sent)
{
    uint64_t len = sizeof(in);

    for (unsigned tries = 0; tries < 1000 && !(wait_ready(100 * MS) & UK_READY_NET); tries++) {
    }
    check("read", net(UK_NET_READ, in, &len) == UK_OK);
    check("length", len == sent);
    for (unsigned i = 0; i < len; i++) {
        check("echo", in[i] == out[i]);
    }
}

static void frames(void)
{
    uint64_t len = sizeof(in);

    check("empty queue", net(UK_NET_READ, in, &len) == UK_EAGAIN);
    for (unsigned n = 0; n < ROUNDS; n++) {
        len = 14 + n * 30;
        for (unsigned i = 0; i < len; i++) {
            out[i] = (uint8_t)(i + n);
        }
        check("write", net(UK_NET_WRITE, out, &len) == UK_OK);
        receive(len);
    }
    len = 13;
    check("short frame", net(UK_NET_WRITE, out, &len) == UK_EINVAL);
    len = 1515;
    check("long frame", net(UK_NET_WRITE, out, &len) == UK_EINVAL);
    len = 1513;
    check("small room", net(UK_NET_READ, in, &len) == UK_EINVAL);
}

/* There is an error and no frame: a poll does not sleep over it, and a read takes it away. */
static void hangup(void)
{
    uint64_t len = sizeof(in);

    check("ready", (wait_ready(1000 * MS) & UK_READY_NET) != 0);
    check("read", net(UK_NET_READ, in, &len) == UK_EAGAIN);
    leave(0);
}

void guest_main(const struct uk_boot *boot)
{
    struct uk_net_info info = { .ret = 99 };
    uint64_t len = 60;

    if (same_text((const char *)(uintptr_t)boot->cmdline, "hangup")) {
        hangup();
    }
    clocks();
    uk_call(UK_NET_INFO, &info);
    if (same_text((const char *)(uintptr_t)boot->cmdline, "no-net")) {
        check("no device", info.ret == UK_ENODEV && net(UK_NET_WRITE, out, &len) == UK_ENODEV);
    } else {
        check("info", info.ret == UK_OK && info.mtu == 1500 && info.mac[0] == 0x52);
        frames();
    }
    print("net: ok\n");
}
