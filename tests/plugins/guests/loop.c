/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* COUNT of the cheapest hypercall, for tests/bench. COUNT comes from the build. */
#include "uk.h"

void guest_main(const struct uk_boot *boot)
{
    struct uk_version v;

    (void)boot;
    for (unsigned i = 0; i < COUNT; i++) {
        uk_call(UK_VERSION, &v);
    }
}
