/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The plan is the list of what goes where. Nothing is written while it is made: each format adds
 * its fixed segments first, then asks for room for what may go anywhere (command line, zero page,
 * initrd), so a kernel at an unusual address pushes our own structures aside instead of being
 * overwritten by them. Each segment is checked against the RAM map and against all others when it
 * is added; applying a finished plan can therefore only fail if the machine lied about its RAM.
 */
#include <stdarg.h>

#include "hw/i386/load-internal.h"

bool load_fail(GError **err, HwImageError code, const char *format, ...)
{
    va_list ap;

    if (err) {
        va_start(ap, format);
        *err = g_error_new_valist(HW_IMAGE_ERROR, code, format, ap);
        va_end(ap);
    }
    return false;
}

void load_note(LoadCtx *ctx, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    g_ptr_array_add(ctx->plan->notes, g_strdup_vprintf(format, ap));
    va_end(ap);
}

ImagePlan *image_plan_new(void)
{
    ImagePlan *plan = g_new0(ImagePlan, 1);

    plan->segments = g_array_new(false, true, sizeof(ImageSegment));
    plan->blobs = g_ptr_array_new_with_free_func((GDestroyNotify)g_byte_array_unref);
    plan->notes = g_ptr_array_new_with_free_func(g_free);
    return plan;
}

void image_plan_free(ImagePlan *plan)
{
    if (plan) {
        g_array_unref(plan->segments);
        g_ptr_array_unref(plan->blobs);
        g_ptr_array_unref(plan->notes);
        g_free(plan);
    }
}

const ImageSegment *image_plan_find(const ImagePlan *plan, const char *what)
{
    for (unsigned i = 0; i < plan->segments->len; i++) {
        const ImageSegment *s = &g_array_index(plan->segments, ImageSegment, i);

        if (strcmp(s->what, what) == 0) {
            return s;
        }
    }
    return NULL;
}

uint64_t image_plan_top(const ImagePlan *plan)
{
    uint64_t top = 0;

    for (unsigned i = 0; i < plan->segments->len; i++) {
        const ImageSegment *s = &g_array_index(plan->segments, ImageSegment, i);

        top = MAX(top, s->gpa + s->reserve);
    }
    return top;
}

static const ImageSegment *find_overlap(const ImagePlan *plan, uint64_t gpa, uint64_t size)
{
    for (unsigned i = 0; i < plan->segments->len; i++) {
        const ImageSegment *s = &g_array_index(plan->segments, ImageSegment, i);

        if (ranges_overlap(gpa, size, s->gpa, s->reserve)) {
            return s;
        }
    }
    return NULL;
}

static bool is_mappable(const ImageSegment *s)
{
    return s->source && s->source->fd >= 0 && s->filesz >= LOAD_PAGE &&
           s->gpa % LOAD_PAGE == 0 && s->offset % LOAD_PAGE == 0;
}

/* A wrap of gpa + size is caught by e820_covers: no RAM entry wraps. */
static bool check_segment(const LoadCtx *ctx, const ImageSegment *s, GError **err)
{
    const ImageSegment *other;

    if (!e820_covers(ctx->params->e820, s->gpa, s->reserve, E820_RAM)) {
        return load_fail(err, HW_IMAGE_ERROR_NO_ROOM,
                         "%s: 0x%" PRIx64 " bytes at 0x%" PRIx64 " are not all guest RAM", s->what,
                         s->reserve, s->gpa);
    }
    other = find_overlap(ctx->plan, s->gpa, s->reserve);
    if (other) {
        return load_fail(err, HW_IMAGE_ERROR_MALFORMED,
                         "%s: 0x%" PRIx64 "+0x%" PRIx64 " overlaps %s at 0x%" PRIx64 "+0x%" PRIx64,
                         s->what, s->gpa, s->reserve, other->what, other->gpa, other->reserve);
    }
    if (ctx->plan->segments->len >= LOAD_MAX_SEGMENTS) {
        return load_fail(err, HW_IMAGE_ERROR_UNSUPPORTED, "more than %d segments",
                         LOAD_MAX_SEGMENTS);
    }
    return true;
}

bool load_add_segment(LoadCtx *ctx, const ImageSegment *segment, GError **err)
{
    ImageSegment s = *segment;

    s.memsz = MAX(s.memsz, s.filesz);
    s.reserve = MAX(s.reserve, s.memsz);
    if (s.reserve == 0) {
        return true;
    }
    if (s.source) {
        if (!range_in_file(s.offset, s.filesz, s.source->size)) {
            return load_fail(err, HW_IMAGE_ERROR_MALFORMED,
                             "%s: file range 0x%" PRIx64 "+0x%" PRIx64
                             " reaches past the end of the file (%zu bytes)", s.what, s.offset,
                             s.filesz, s.source->size);
        }
        s.data = s.source->data + s.offset;
    }
    s.mappable = is_mappable(&s);
    if (!check_segment(ctx, &s, err)) {
        return false;
    }
    g_array_append_val(ctx->plan->segments, s);
    return true;
}

bool load_add_blob(LoadCtx *ctx, const char *what, uint64_t gpa, GByteArray *blob, GError **err)
{
    ImageSegment s = {
        .gpa = gpa, .filesz = blob->len, .data = blob->data, .what = what,
        .flags = IMAGE_SEG_R | IMAGE_SEG_W,
    };

    g_ptr_array_add(ctx->plan->blobs, blob);
    return load_add_segment(ctx, &s, err);
}
