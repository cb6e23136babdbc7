/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finding the PVH entry: a note of owner "Xen" and type 18 (XEN_ELFNOTE_PHYS32_ENTRY) in a PT_NOTE
 * segment. Its descriptor is the 32-bit physical entry address, 4 bytes or (from 64-bit
 * assemblers) 8.
 */
#include <elf.h>

#include "hw/i386/load-internal.h"

#define XEN_ELFNOTE_PHYS32_ENTRY 18

typedef struct NoteCursor {
    const uint8_t *data;
    uint64_t left;
    uint64_t align;
} NoteCursor;

typedef struct Note {
    uint32_t type, namesz, descsz;
    const uint8_t *name, *desc;
} Note;

/* The next note: 1, the end: 0, a size past the end of the segment: -1. */
static int next_note(NoteCursor *c, Note *note, GError **err)
{
    uint64_t name_len, desc_len, total;

    if (c->left < 12) {
        return 0;
    }
    note->namesz = get_le32(c->data);
    note->descsz = get_le32(c->data + 4);
    note->type = get_le32(c->data + 8);
    name_len = align_up64(12 + (uint64_t)note->namesz, c->align);
    desc_len = note->descsz;
    if (name_len > c->left || desc_len > c->left - name_len) {
        load_fail(err, HW_IMAGE_ERROR_MALFORMED,
                  "note: n_namesz 0x%x + n_descsz 0x%x reaches past the end of the segment "
                  "(%" PRIu64 " bytes left)", note->namesz, note->descsz, c->left);
        return -1;
    }
    note->name = c->data + 12;
    note->desc = c->data + name_len;
    total = MIN(name_len + align_up64(desc_len, c->align), c->left);
    c->data += total;
    c->left -= total;
    return 1;
}

static int read_entry(const Note *note, uint32_t *entry, GError **err)
{
    uint64_t value;

    if (note->descsz != 4 && note->descsz != 8) {
        load_fail(err, HW_IMAGE_ERROR_MALFORMED,
                  "PHYS32_ENTRY note: n_descsz 0x%x is neither 4 nor 8", note->descsz);
        return -1;
    }
    value = note->descsz == 8 ? get_le64(note->desc) : get_le32(note->desc);
    if (value > UINT32_MAX) {
        load_fail(err, HW_IMAGE_ERROR_MALFORMED,
                  "PHYS32_ENTRY note: 0x%" PRIx64 " is above 4 GiB", value);
        return -1;
    }
    *entry = value;
    return 1;
}

static int search_segment(const ImageSource *src, const LoadElfSegment *s, uint32_t *entry,
                          GError **err)
{
    NoteCursor c = {
        .data = src->data + s->offset, .left = s->filesz, .align = s->align == 8 ? 8 : 4,
    };
    Note note;
    int ret;

    while ((ret = next_note(&c, &note, err)) > 0) {
        if (note.type == XEN_ELFNOTE_PHYS32_ENTRY && note.namesz == 4 &&
            memcmp(note.name, "Xen", 4) == 0) {
            return read_entry(&note, entry, err);
        }
    }
    return ret;
}

int load_elf_pvh_note(const ImageSource *src, const LoadElf *elf, uint32_t *entry, GError **err)
{
    for (unsigned i = 0; i < elf->n_segments; i++) {
        int ret = 0;

        if (elf->segments[i].type == PT_NOTE) {
            ret = search_segment(src, &elf->segments[i], entry, err);
        }
        if (ret != 0) {
            return ret;
        }
    }
    return 0;
}
