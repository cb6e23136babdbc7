/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Picking an accelerator. Properties of the whole list are checked first, then the accelerators are
 * tried in order. A name counts as a failure only when its turn comes, so that nothing announces a
 * fallback that never happened.
 */
#include "accel/select.h"
#include "accel/accel-class.h"

typedef struct Report {
    AccelSelectReport fn;
    void *opaque;
} Report;

static void tell(const Report *r, AccelSelectEvent ev, const AccelChoice *c, const AccelState *as,
                 const GError *err)
{
    if (r->fn != NULL) {
        r->fn(r->opaque, ev, c, as, err);
    }
}

static gboolean set_properties(AccelState *as, const AccelChoice *c, GError **errp)
{
    for (const char *const *p = c->props; p != NULL && p[0] != NULL; p += 2) {
        if (!accel_set_property(as, p[0], p[1], errp)) {
            return FALSE;
        }
    }
    return TRUE;
}

static void free_states(AccelState **states, guint n)
{
    for (guint i = 0; i < n; i++) {
        accel_close(states[i]);
    }
    g_free(states);
}

/*
 * Make every built-in accelerator of the list, unopened, with its properties: a mistake in any of
 * them is found before anything is opened. Modules wait: a later choice may never be needed. An
 * unknown name is no mistake yet, it only matters when its turn comes.
 */
static gboolean check_all(const AccelChoice *choices, guint n, AccelState **states, GError **errp)
{
    for (guint i = 0; i < n; i++) {
        states[i] = accel_is_module(choices[i].name) ? NULL : accel_new(choices[i].name, NULL);
        if (states[i] != NULL && !set_properties(states[i], &choices[i], errp)) {
            return FALSE;
        }
    }
    return TRUE;
}

/* Bring one up; a module is opened only now. *@mistake: its properties are wrong. */
static gboolean try_one(const AccelChoice *c, AccelState **as, const AccelSpec *spec,
                        bool *mistake, GError **errp)
{
    if (*as == NULL) {
        *as = accel_new(c->name, errp);
        if (*as == NULL) {
            return FALSE;
        }
        *mistake = !set_properties(*as, c, errp);
    }
    return !*mistake && accel_init(*as, spec, errp);
}

/* The first that works. *@last: the error of the last one that did not. */
static AccelState *try_all(const AccelChoice *choices, guint n, AccelState **states,
                           const AccelSpec *spec, const Report *report, GError **last)
{
    for (guint i = 0; i < n; i++) {
        GError *err = NULL;
        bool mistake = false;

        if (try_one(&choices[i], &states[i], spec, &mistake, &err)) {
            if (*last != NULL) {
                tell(report, ACCEL_SELECT_FALLBACK, &choices[i], states[i], *last);
            }
            return g_steal_pointer(&states[i]);
        }
        if (mistake) {
            g_clear_error(last);
            *last = err;
            return NULL;
        }
        tell(report, states[i] == NULL ? ACCEL_SELECT_INVALID : ACCEL_SELECT_FAILED, &choices[i],
             states[i], err);
        g_clear_error(last);
        *last = err;
    }
    return NULL;
}

AccelState *accel_select(const AccelChoice *choices, guint n, const AccelSpec *spec,
                         AccelSelectReport fn, void *opaque, GError **errp)
{
    const Report report = { fn, opaque };
    AccelState **states = g_new0(AccelState *, n + 1), *found = NULL;
    g_autoptr(GError) last = NULL;

    if (!check_all(choices, n, states, errp)) {
        free_states(states, n);
        return NULL;
    }
    found = try_all(choices, n, states, spec, &report, &last);
    free_states(states, n);
    if (found == NULL && last != NULL) {
        g_propagate_error(errp, g_steal_pointer(&last));
    } else if (found == NULL) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                        "No accelerator selected and no default accelerator available");
    }
    return found;
}
