/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finding room. A first-fit walk over the RAM entries of the map, stepping past each segment that
 * is in the way; plans have a handful of segments, so nothing cleverer pays. Small structures go
 * bottom up from the second page (boot protocols want them low), files top down (so that a kernel
 * that grows upwards meets them last).
 */
#include "hw/i386/load-internal.h"

static const ImageSegment *in_the_way(const ImagePlan *plan, uint64_t gpa, uint64_t size)
{
    for (unsigned i = 0; i < plan->segments->len; i++) {
        const ImageSegment *s = &g_array_index(plan->segments, ImageSegment, i);

        if (ranges_overlap(gpa, size, s->gpa, s->reserve)) {
            return s;
        }
    }
    return NULL;
}

static bool fit_down(const ImagePlan *plan, const LoadRoom *room, uint64_t lo, uint64_t hi,
                     uint64_t *gpa)
{
    while (hi >= lo && hi - lo >= room->size) {
        uint64_t at = align_down64(hi - room->size, room->align);
        const ImageSegment *s;

        if (at < lo) {
            return false;
        }
        s = in_the_way(plan, at, room->size);
        if (!s) {
            *gpa = at;
            return true;
        }
        hi = s->gpa;
    }
    return false;
}

static bool fit_up(const ImagePlan *plan, const LoadRoom *room, uint64_t lo, uint64_t hi,
                   uint64_t *gpa)
{
    for (;;) {
        uint64_t at = align_up64(lo, room->align);
        const ImageSegment *s;

        if (at < lo || at > hi || hi - at < room->size) {
            return false;
        }
        s = in_the_way(plan, at, room->size);
        if (!s) {
            *gpa = at;
            return true;
        }
        lo = s->gpa + s->reserve;
    }
}

/* One RAM entry, cut to what the request allows. */
static bool fit_entry(const ImagePlan *plan, const LoadRoom *room, const E820Entry *e,
                      uint64_t *gpa)
{
    uint64_t lo = MAX(e->addr, room->min);
    uint64_t hi = MIN(e->addr + e->size, room->max);

    if (e->type != E820_RAM || hi <= lo || hi - lo < room->size) {
        return false;
    }
    return room->top_down ? fit_down(plan, room, lo, hi, gpa) : fit_up(plan, room, lo, hi, gpa);
}

static bool find(const LoadCtx *ctx, const LoadRoom *room, uint64_t *gpa)
{
    unsigned n = e820_count(ctx->params->e820);

    for (unsigned i = 0; i < n; i++) {
        const E820Entry *e = e820_get(ctx->params->e820, room->top_down ? n - 1 - i : i);

        if (fit_entry(ctx->plan, room, e, gpa)) {
            return true;
        }
    }
    return false;
}

bool load_find_room(const LoadCtx *ctx, const LoadRoom *room, uint64_t *gpa, GError **err)
{
    if (find(ctx, room, gpa)) {
        return true;
    }
    return load_fail(err, HW_IMAGE_ERROR_NO_ROOM,
                     "%s: no free RAM for 0x%" PRIx64 " bytes (alignment 0x%" PRIx64
                     ") between 0x%" PRIx64 " and 0x%" PRIx64, room->what, room->size, room->align,
                     room->min, room->max);
}

bool load_find_low(const LoadCtx *ctx, const char *what, uint64_t size, uint64_t align,
                   uint64_t *gpa, GError **err)
{
    LoadRoom room = {
        .what = what, .size = size, .align = align, .min = LOAD_LOW_MIN, .max = LOAD_LOW_MAX,
    };

    if (find(ctx, &room, gpa)) {
        return true;
    }
    room.max = LOAD_4G;
    return load_find_room(ctx, &room, gpa, err);
}

bool load_place_blob(LoadCtx *ctx, const char *what, GByteArray *blob, uint64_t align,
                     uint64_t *gpa, GError **err)
{
    if (!load_find_low(ctx, what, blob->len, align, gpa, err)) {
        g_byte_array_unref(blob);
        return false;
    }
    return load_add_blob(ctx, what, *gpa, blob, err);
}

bool load_place_string(LoadCtx *ctx, const char *what, const char *text, uint64_t *gpa,
                       GError **err)
{
    GByteArray *blob;

    *gpa = 0;
    if (!text) {
        return true;
    }
    blob = g_byte_array_new();
    bytes_add_data(blob, text, strlen(text) + 1);
    return load_place_blob(ctx, what, blob, 16, gpa, err);
}

bool load_place_file(LoadCtx *ctx, const char *what, const ImageSource *src, uint64_t min,
                     uint64_t max, uint64_t *gpa, GError **err)
{
    uint64_t top = ctx->params->initrd_top;
    LoadRoom room = {
        .what = what, .size = align_up64(src->size, LOAD_PAGE), .align = LOAD_PAGE, .min = min,
        .max = top ? MIN(top, max) : max, .top_down = true,
    };
    ImageSegment s = {
        .filesz = src->size, .reserve = room.size, .source = src, .what = what,
        .flags = IMAGE_SEG_R | IMAGE_SEG_W,
    };

    if (!load_find_room(ctx, &room, gpa, err)) {
        return false;
    }
    s.gpa = *gpa;
    return load_add_segment(ctx, &s, err);
}
