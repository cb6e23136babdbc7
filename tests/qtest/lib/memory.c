/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Ports and guest memory. Single values travel as numbers that the server converts to and from the
 * target's byte order; blocks travel in address order, as hex or as base64.
 */
#include "aq-private.h"

#include <string.h>

static char width_letter(unsigned width, unsigned max)
{
    switch (width) {
    case 1:
        return 'b';
    case 2:
        return 'w';
    case 4:
        return 'l';
    case 8:
        return max == 8 ? 'q' : '\0';
    default:
        return '\0';
    }
}

static gboolean bad_width(unsigned width, GError **error)
{
    return aq_fail(error, AQ_ERROR_USAGE, "%u bytes is not a width of this access", width);
}

static uint64_t width_mask(unsigned width)
{
    return UINT64_MAX >> (64 - 8 * width);
}

gboolean aq_try_in(AqVM *vm, unsigned width, uint16_t port, uint32_t *value, GError **error)
{
    char letter = width_letter(width, 4);
    g_autofree char *reply = NULL;
    uint64_t number;

    if (!letter) {
        return bad_width(width, error);
    }
    if (!aq_try_command(vm, &reply, error, "in%c 0x%x", letter, port) ||
        !aq_parse_u64(reply, 16, width_mask(width), &number, error)) {
        return FALSE;
    }
    *value = (uint32_t)number;
    return TRUE;
}

gboolean aq_try_out(AqVM *vm, unsigned width, uint16_t port, uint32_t value, GError **error)
{
    char letter = width_letter(width, 4);

    if (!letter) {
        return bad_width(width, error);
    }
    value &= (uint32_t)width_mask(width);
    return aq_try_command(vm, NULL, error, "out%c 0x%x 0x%x", letter, port, value);
}

gboolean aq_try_read(AqVM *vm, unsigned width, uint64_t addr, uint64_t *value, GError **error)
{
    char letter = width_letter(width, 8);
    g_autofree char *reply = NULL;

    if (!letter) {
        return bad_width(width, error);
    }
    return aq_try_command(vm, &reply, error, "read%c 0x%" PRIx64, letter, addr) &&
        aq_parse_u64(reply, 16, width_mask(width), value, error);
}

gboolean aq_try_write(AqVM *vm, unsigned width, uint64_t addr, uint64_t value, GError **error)
{
    char letter = width_letter(width, 8);

    if (!letter) {
        return bad_width(width, error);
    }
    value &= width_mask(width);
    return aq_try_command(vm, NULL, error, "write%c 0x%" PRIx64 " 0x%" PRIx64, letter, addr, value);
}

static gboolean decode_hex(const char *text, uint8_t *data, size_t size, GError **error)
{
    size_t i;

    if (!g_str_has_prefix(text, "0x") || strlen(text) != 2 + 2 * size) {
        return aq_fail(error, AQ_ERROR_PROTOCOL, "not 0x and %zu hex digits: '%.80s'", 2 * size,
                       text);
    }
    for (i = 0, text += 2; i < size; i++, text += 2) {
        int high = g_ascii_xdigit_value(text[0]);
        int low = g_ascii_xdigit_value(text[1]);

        if (high < 0 || low < 0) {
            return aq_fail(error, AQ_ERROR_PROTOCOL, "not hex digits: '%.80s'", text);
        }
        data[i] = (uint8_t)(high << 4 | low);
    }
    return TRUE;
}

gboolean aq_try_memread(AqVM *vm, uint64_t addr, void *data, size_t size, GError **error)
{
    g_autofree char *reply = NULL;

    return !size ||
        (aq_try_command(vm, &reply, error, "read 0x%" PRIx64 " 0x%zx", addr, size) &&
         decode_hex(reply, data, size, error));
}

gboolean aq_try_memwrite(AqVM *vm, uint64_t addr, const void *data, size_t size, GError **error)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *bytes = data;
    g_autofree char *hex = g_malloc(2 * size + 1);
    size_t i;

    for (i = 0; i < size; i++) {
        hex[2 * i] = digits[bytes[i] >> 4];
        hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    hex[2 * size] = '\0';
    return !size ||
        aq_try_command(vm, NULL, error, "write 0x%" PRIx64 " 0x%zx 0x%s", addr, size, hex);
}

gboolean aq_try_memset(AqVM *vm, uint64_t addr, uint8_t byte, size_t size, GError **error)
{
    return aq_try_command(vm, NULL, error, "memset 0x%" PRIx64 " 0x%zx 0x%02x", addr, size, byte);
}

gboolean aq_try_bufread(AqVM *vm, uint64_t addr, void *data, size_t size, GError **error)
{
    g_autofree char *reply = NULL;
    g_autofree guchar *bytes = NULL;
    gsize len = 0;

    if (!size) {
        return TRUE;
    }
    if (!aq_try_command(vm, &reply, error, "b64read 0x%" PRIx64 " 0x%zx", addr, size)) {
        return FALSE;
    }
    bytes = g_base64_decode(reply, &len);
    if (len != size) {
        return aq_fail(error, AQ_ERROR_PROTOCOL, "base64 of %zu bytes instead of %zu", len, size);
    }
    memcpy(data, bytes, size);
    return TRUE;
}

gboolean aq_try_bufwrite(AqVM *vm, uint64_t addr, const void *data, size_t size, GError **error)
{
    g_autofree char *text = g_base64_encode(data, size);

    return !size ||
        aq_try_command(vm, NULL, error, "b64write 0x%" PRIx64 " 0x%zx %s", addr, size, text);
}
