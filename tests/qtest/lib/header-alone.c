/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The public header needs nothing before it; linked, so that a missing export is seen as well. */
#include "accelvm-qtest.h"

int main(void)
{
    AqConfig config = { .size = sizeof(config), .binary = "/nonexistent", .args = "" };
    g_autoptr(AqVM) vm = aq_vm_start(&config, NULL);

    return vm != NULL;
}
