/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Carrying a plan out. Three ways for a segment's bytes, best first: map the file's whole pages
 * over guest RAM (no byte is touched until the guest does), read them from the file straight into
 * guest RAM (no page faults on a mapping of the file, and a file that was truncated meanwhile is a
 * short read here instead of a SIGBUS), or copy them from memory. The part of a last page that the
 * file does not fill is always copied, so that a mapping never shows bytes past the segment.
 */
#include <errno.h>
#include <unistd.h>

#include "hw/i386/load-internal.h"

typedef struct ApplyCtx {
    const GuestRamOps *ops;
    ImageApplyStats *stats;
} ApplyCtx;

static bool read_file(const ImageSegment *s, uint8_t *to, uint64_t at, uint64_t len, GError **err)
{
    uint64_t done = 0;

    while (done < len) {
        ssize_t n = pread(s->source->fd, to + done, len - done, s->offset + at + done);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return load_fail(err, HW_IMAGE_ERROR_APPLY, "reading %s from '%s': %s", s->what,
                             s->source->name,
                             n < 0 ? g_strerror(errno) : "the file became shorter meanwhile");
        }
        done += n;
    }
    return true;
}

/* Bytes [at, filesz) of the segment into RAM. */
static bool copy_from(const ApplyCtx *ctx, const ImageSegment *s, uint8_t *host, uint64_t at,
                      GError **err)
{
    uint64_t len = s->filesz - at;

    ctx->stats->copied += len;
    if (s->source && s->source->fd >= 0) {
        return read_file(s, host + at, at, len, err);
    }
    if (len) {
        memcpy(host + at, s->data + at, len);
    }
    return true;
}

/* How many bytes from the start were mapped: whole pages or nothing. */
static uint64_t try_map(const ApplyCtx *ctx, const ImageSegment *s)
{
    uint64_t len = align_down64(s->filesz, LOAD_PAGE);

    if (!s->mappable || !ctx->ops->map_file ||
        !ctx->ops->map_file(ctx->ops->opaque, s->gpa, len, s->source->fd, s->offset)) {
        return 0;
    }
    ctx->stats->mapped += len;
    return len;
}

static bool apply_segment(const ApplyCtx *ctx, const ImageSegment *s, GError **err)
{
    uint64_t mapped = try_map(ctx, s);
    uint8_t *host;

    if (s->memsz == 0) {
        return true;
    }
    host = ctx->ops->host_ptr(ctx->ops->opaque, s->gpa, s->memsz);
    if (!host) {
        return load_fail(err, HW_IMAGE_ERROR_APPLY,
                         "%s: 0x%" PRIx64 " bytes at 0x%" PRIx64 " are not all guest RAM", s->what,
                         s->memsz, s->gpa);
    }
    if (!copy_from(ctx, s, host, mapped, err)) {
        return false;
    }
    if (!ctx->ops->fresh && s->memsz > s->filesz) {
        memset(host + s->filesz, 0, s->memsz - s->filesz);
        ctx->stats->zeroed += s->memsz - s->filesz;
    }
    return true;
}

bool image_plan_apply(const ImagePlan *plan, const GuestRamOps *ops, ImageApplyStats *stats,
                      GError **err)
{
    ImageApplyStats own = { 0 };
    ApplyCtx ctx = { .ops = ops, .stats = &own };

    for (unsigned i = 0; i < plan->segments->len; i++) {
        if (!apply_segment(&ctx, &g_array_index(plan->segments, ImageSegment, i), err)) {
            return false;
        }
    }
    if (stats) {
        *stats = own;
    }
    return true;
}
