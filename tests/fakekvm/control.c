/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a program may ask of the library by name: another scenario, and what is open.
 */
#include <stdlib.h>
#include <string.h>
#include "fakekvm.h"
#include "fakekvm-control.h"
#include "record.h"
#include "scenario.h"

#define EXPORT __attribute__((visibility("default")))

static void free_script(FakeScript *script)
{
    for (uint32_t i = 0; i < script->count; i++) {
        free(script->items[i].data);
        free(script->items[i].expect);
    }
    free(script->items);
}

static void forget_config(FakeConfig *c)
{
    for (uint32_t i = 0; i < c->script_count; i++) {
        free_script(&c->scripts[i]);
    }
    for (uint32_t i = 0; i < c->path_count; i++) {
        free((char *)c->paths[i]);
    }
    free(c->scripts);
    free(c->faults);
    memset(c, 0, sizeof *c);
}

EXPORT void fakekvm_restart(const char *text)
{
    fake_init();
    forget_config(&fake_config);
    fake_scenario_from(NULL, text);
    fake_call_reset();
    atomic_store(&fake_node_opened, false);
}

EXPORT uint64_t fakekvm_calls(void)
{
    return fake_call_total();
}

EXPORT int fakekvm_descriptors(void)
{
    return fake_fd_count();
}

EXPORT int fakekvm_mappings(void)
{
    return fake_mapping_count();
}
