/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where does a JSON object end? The monitor sends objects one after another with no length and not
 * necessarily a newline, so the end is found by counting brackets outside of strings. Whether the
 * bytes are valid JSON is jansson's business; this only has to stop at the right byte, and to
 * notice at once when something that is not an object begins.
 */
#include "aq-private.h"

#define AQ_MAX_DEPTH 1024

static gboolean is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void scan_string(AqJsonScan *scan, char c)
{
    if (scan->escaped) {
        scan->escaped = FALSE;
    } else if (c == '\\') {
        scan->escaped = TRUE;
    } else if (c == '"') {
        scan->in_string = FALSE;
    }
}

static AqScanResult scan_byte(AqJsonScan *scan, char c)
{
    if (scan->in_string) {
        scan_string(scan, c);
    } else if (c == '"' && scan->depth) {
        scan->in_string = TRUE;
    } else if (c == '{' || (c == '[' && scan->depth)) {
        return ++scan->depth > AQ_MAX_DEPTH ? AQ_SCAN_BAD : AQ_SCAN_MORE;
    } else if (!scan->depth) {
        return is_space(c) ? AQ_SCAN_MORE : AQ_SCAN_BAD;
    } else if (c == '}' || c == ']') {
        return --scan->depth ? AQ_SCAN_MORE : AQ_SCAN_DONE;
    }
    return AQ_SCAN_MORE;
}

/*
 * Feed @len more bytes. @used: how many of them were looked at; on AQ_SCAN_DONE the object's last
 * byte is the last one used.
 */
AqScanResult aq_json_scan(AqJsonScan *scan, const char *data, gsize len, gsize *used)
{
    AqScanResult result = AQ_SCAN_MORE;
    gsize i;

    for (i = 0; i < len && result == AQ_SCAN_MORE; i++) {
        result = scan_byte(scan, data[i]);
    }
    *used = i;
    return result;
}
