/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One loading run of a made-up image, and how it is expected to fail. */
#ifndef TESTS_LOAD_COMMON_H
#define TESTS_LOAD_COMMON_H

#include "hw/i386/load-bytes.h"
#include "load-images.h"

typedef struct LoadRun {
    ImageSource *src;
    ImagePlan *plan;
    E820Map *e820;
    ImageParams params;
    GError *err;
    bool ok;
} LoadRun;

static inline void run_load(LoadRun *r, const GByteArray *image, unsigned mib)
{
    r->src = image_source_from_bytes("test.img", image->data, image->len);
    r->plan = image_plan_new();
    if (!r->e820) {
        r->e820 = img_e820(mib);
    }
    r->params.e820 = r->e820;
    r->ok = image_load(r->src, &r->params, r->plan, &r->err);
    g_assert_true(r->ok == (r->err == NULL));
}

static inline void run_clear(LoadRun *r)
{
    g_clear_pointer(&r->plan, image_plan_free);
    g_clear_pointer(&r->src, image_source_free);
    g_clear_pointer(&r->e820, e820_free);
    g_clear_error(&r->err);
}

/* Loads @image with @mib of RAM, which must fail with @code and a message that holds @text. */
static inline void assert_refused(const GByteArray *image, unsigned mib, HwImageError code,
                                  const char *text)
{
    LoadRun r = { 0 };

    run_load(&r, image, mib);
    g_assert_false(r.ok);
    g_test_message("%s", r.err->message);
    g_assert_error(r.err, HW_IMAGE_ERROR, (int)code);
    g_assert_nonnull(strstr(r.err->message, text));
    g_assert_true(g_str_has_prefix(r.err->message, "could not load kernel 'test.img': "));
    run_clear(&r);
}

static inline const uint8_t *segment_data(const LoadRun *r, const char *what)
{
    const ImageSegment *s = image_plan_find(r->plan, what);

    g_assert_nonnull(s);
    return s->data;
}

#endif
