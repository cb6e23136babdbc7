/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The public header from C++: declarations, macros and linkage. */
#include "accelvm-qtest.h"

int main()
{
    AqConfig config = {};
    config.size = sizeof(config);
    config.binary = "/nonexistent";
    AqVM *vm = aq_vm_start(&config, nullptr);
    if (vm) {
        aq_outb(vm, 0x80, aq_inb(vm, 0x80));
        json_decref(aq_qmp_ok(vm, "{'execute': %s}", "query-status"));
        aq_quit(vm);
    }
    return vm != nullptr;
}
