/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where a scenario comes from: a file, then the environment, on top of the profile.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include "fakekvm.h"
#include "scenario-parse.h"

/* Lines end at a newline; inline text may use ';' as well, as a variable is mostly one line. */
static void read_text(char *text, const char *ends)
{
    Line line = { 0 };
    int number = 0;

    while (text && *text) {
        size_t len = strcspn(text, ends);
        char *next = text[len] ? text + len + 1 : NULL;
        text[len] = '\0';
        line_split(&line, text, ++number);
        if (line.count) {
            fake_scenario_line(&line);
        }
        text = next;
    }
    line.number = number;
    fake_script_finish(&line);
}

static char *slurp(const char *path)
{
    Line none = { 0 };
    int fd = (int)fake_sys(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    size_t used = 0, size = 65536;
    char *text = fake_alloc(size);
    ssize_t n = -1;

    while (fd >= 0 && (n = fake_sys(SYS_read, fd, text + used, size - used - 1)) > 0) {
        used += (size_t)n;
        if (used == size - 1) {
            char *more = fake_alloc(size *= 2);
            memcpy(more, text, used);
            free(text);
            text = more;
        }
    }
    if (n < 0) {
        fake_bad(&none, "cannot read the scenario: %s", strerror(errno));
    }
    fake_sys(SYS_close, fd);
    return text;
}

void fake_scenario_from(const char *path, const char *text)
{
    char *copy;

    fake_profile(&fake_config);
    if (path && *path) {
        fake_config.name = path;
        copy = slurp(path);
        read_text(copy, "\n");
        free(copy);
    }
    if (text && *text) {
        fake_config.name = "FAKEKVM_SCENARIO_TEXT";
        copy = strdup(text);
        read_text(copy, "\n;");
        free(copy);
    }
    if (!fake_config.path_count) {
        fake_config.paths[fake_config.path_count++] = strdup("/dev/kvm");
    }
}

void fake_scenario_load(void)
{
    fake_scenario_from(getenv("FAKEKVM_SCENARIO"), getenv("FAKEKVM_SCENARIO_TEXT"));
}
