/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Guest memory as a CPU sees it, page by page: memsave and the human monitor's "x".
 *
 * A CPU's page tables are walked on its thread, out of the guest, which takes long: each page is
 * looked up once, however small the parts are in which it is read. A CPU that never runs (qtest) is as
 * it was born: without page tables, so its addresses are physical.
 */
#include "accel/x86.h"
#include "hw/memory.h"
#include "system/virtual.h"

enum { PAGE = 4096 };

static void look_up(CPUState *cpu, void *data)
{
    VirtualReader *r = data;

    if (cpu->accel_cpu == NULL) {
        r->frame = r->page;
        r->mapped = true;
        return;
    }
    r->mapped = accel_translate(cpu->accel_cpu, r->page, &r->frame, NULL);
}

/* Within one page. */
static bool read_piece(VirtualReader *r, uint64_t addr, void *buf, size_t len)
{
    const uint64_t offset = addr & (PAGE - 1);

    if (!r->known || r->page != addr - offset) {
        r->known = true;
        r->page = addr - offset;
        hw_cpu_run_on(r->cpu, look_up, r);
    }
    return r->mapped && hw_mem_read(r->ms, r->frame + offset, buf, len);
}

bool virtual_read(VirtualReader *r, uint64_t addr, void *buf, size_t len)
{
    uint8_t *to = buf;

    if (r->cpu == NULL) {
        return hw_mem_read(r->ms, addr, buf, len);
    }
    while (len > 0) {
        size_t piece = MIN(len, PAGE - (addr & (PAGE - 1)));

        if (!read_piece(r, addr, to, piece)) {
            return false;
        }
        addr += piece;
        to += piece;
        len -= piece;
    }
    return true;
}
