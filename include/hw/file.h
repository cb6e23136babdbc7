/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: reading a file that the user named, for machine types that load images themselves.
 */
#ifndef HW_FILE_H
#define HW_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <glib.h>
#include "accel/export.h"

G_BEGIN_DECLS

/**
 * hw_file_read: all bytes of the regular file @path, which has at most @max of them.
 * @len: (out) how many there are; 0 is possible.
 * Returns: (transfer full) free with g_free(). NULL with an error that names @path: ACCEL_ERROR_INVALID
 * for a folder, a device or a FIFO (which might never end) and for what is larger than @max; otherwise
 * what open(2) or read(2) said. Never blocks on a FIFO.
 */
ACCEL_API uint8_t *hw_file_read(const char *path, uint64_t max, size_t *len, GError **errp);

G_END_DECLS

#endif
