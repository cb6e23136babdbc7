/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Random and mutated bytes into a QMP monitor, in one process: whatever comes in, what goes out is
 * valid JSON, and a command sent behind it is answered; now and then a request that gets too long
 * and is never closed. Meant to run under ASan and UBSan.
 *
 *   fuzz-qmp [COUNT [SEED]]
 *
 * Inputs are spliced and mutated from the corpus below, which holds every command that neither
 * writes files nor opens what is outside.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "system/hmp.h"
#include "monitor-rig.h"

enum { INPUT_BYTES = 4096, LONG_EVERY = 500 };

static GString *wire; /* what the monitor said since the last look */

static ssize_t capture(Chardev *chr, const uint8_t *buf, size_t len)
{
    g_string_append_len(wire, (const char *)buf, (gssize)len);
    return (ssize_t)len;
}

static const ChardevClass capture_class = {
    .type = {
        .name = "chardev-capture",
        .parent = &hw_type_chardev,
        .instance_size = sizeof(Chardev),
    },
    .write = capture,
};

/* ---- inputs ---- */

static GPtrArray *corpus; /* char * */

static const char *const hand_made[] = {
    "{]\n", "{\xff", "{\x01", "{'bad \xff", "{'execute': 'nonexistent', 'id':'\n", "%p\n", "null\n",
    "{}\n", "{\"execute\": true}\n", "{\"execute\":\"query-name\",\"arguments\":[]}",
    "{\"execute\":\"qom-list\",\"arguments\":{\"path\":\"/machine\"}}",
    "{\"execute\":\"qom-get\",\"arguments\":{\"path\":\"/machine\",\"property\":\"type\"}}",
    "{\"execute\":\"qom-set\",\"arguments\":{\"path\":\"/machine\",\"property\":\"x\",\"value\":[1]}}",
    "{\"execute\":\"device_add\",\"arguments\":{\"driver\":\"qemu64-x86_64-cpu\",\"socket-id\":1}}",
    "{\"execute\":\"object-add\",\"arguments\":{\"qom-type\":\"iothread\",\"id\":\"a\"}}",
    "{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\"xp /8xw 0x10\"}}",
    "{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\"info registers -a\"}}",
    "{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\"xp /8i 0x10\"}}",
    "{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\"i /b 0x70 1\"}}",
    "{\"execute\":\"query-stats\",\"arguments\":{\"target\":\"vm\",\"providers\":[{\"provider\":\"kvm\"}]}}",
    "{\"execute\":\"set-numa-node\",\"arguments\":{\"type\":\"hmat-lb\",\"initiator\":0}}",
    "{\"execute\":\"ringbuf-read\",\"arguments\":{\"device\":\"x\",\"size\":7,\"format\":\"base64\"}}",
    "{\"id\":[1,-2.5e3,\"\\ud83d\\ude00\",'\\'',null,true,{\"a\":{}}],\"execute\":\"query-status\"}",
    "[[[[[[[[[[{{{{{{", "\"\\u0000\\ud800\"", "18446744073709551616 -0 1e999 01 1. .5",
};

static bool is_harmless(const char *name)
{
    static const char *const bad[] = { "memsave", "pmemsave", "chardev-add", "blockdev-add",
                                       "add_client", "query-qmp-schema", "x-query-accel-info" };

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        if (strcmp(bad[i], name) == 0) {
            return false;
        }
    }
    return true;
}

/* Human commands, each with words that are there but empty. */
static void add_human(const char *prefix, const HmpCommand *c)
{
    for (; c->names != NULL; c++) {
        g_autofree char *name = g_strndup(c->names, strcspn(c->names, "|"));

        if (is_harmless(name)) {
            g_ptr_array_add(corpus, g_strdup_printf(
                "{\"execute\":\"human-monitor-command\",\"arguments\":"
                "{\"command-line\":\"%s%s \\\"\\\" \\\"\\\"\"}}", prefix, name));
        }
    }
}

static void make_corpus(void)
{
    corpus = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < G_N_ELEMENTS(hand_made); i++) {
        g_ptr_array_add(corpus, g_strdup(hand_made[i]));
    }
    add_human("", hmp_commands);
    add_human("info ", hmp_info_commands);
    for (const QmpCommand *c = qmp_commands; c->name != NULL; c++) {
        if (is_harmless(c->name)) {
            g_ptr_array_add(corpus, g_strdup_printf("{\"execute\":\"%s\",\"id\":1}", c->name));
        }
    }
}

static void append_piece(GRand *rng, GString *s)
{
    gint which = g_rand_int_range(rng, 0, (gint)corpus->len);
    const char *text = g_ptr_array_index(corpus, (guint)which);
    gint len = (gint)strlen(text), from = 0, to = len;

    if (g_rand_int_range(rng, 0, 4) == 0) {
        from = g_rand_int_range(rng, 0, len + 1);
        to = g_rand_int_range(rng, from, len + 1);
    }
    g_string_append_len(s, text + from, to - from);
}

/* One change of one byte. Paths are not to become real ones: '/' is never put in. */
static void mutate(GRand *rng, GString *s)
{
    static const char alphabet[] = "{}[]:,\"'\\ \n\t0123456789-+.eEtrufalsn\x01\x7f\xc3\xfe\xff";
    gssize at = g_rand_int_range(rng, 0, (gint)s->len);
    char byte = g_rand_boolean(rng) ? alphabet[g_rand_int_range(rng, 0, sizeof(alphabet) - 1)]
                                    : (char)g_rand_int_range(rng, 0, 256);

    switch (g_rand_int_range(rng, 0, 3)) {
    case 0:
        s->str[at] = byte != '/' ? byte : ' ';
        break;
    case 1:
        g_string_insert_c(s, at, byte != '/' ? byte : ' ');
        break;
    default:
        g_string_erase(s, at, 1);
    }
}

static void make_input(GRand *rng, GString *s)
{
    gint pieces = g_rand_int_range(rng, 1, 4), changes = g_rand_int_range(rng, 0, 8);

    g_string_truncate(s, 0);
    while (pieces-- > 0) {
        append_piece(rng, s);
    }
    while (changes-- > 0 && s->len > 0) {
        mutate(rng, s);
    }
    g_string_truncate(s, MIN(s->len, INPUT_BYTES));
}

/* ---- one round ---- */

static void feed_in_pieces(GRand *rng, Chardev *chr, const GString *s)
{
    for (gsize at = 0; at < s->len;) {
        gsize piece = (gsize)g_rand_int_range(rng, 1, 64), len = MIN(s->len - at, piece);

        chardev_fe_read(chr, (const uint8_t *)s->str + at, len);
        at += len;
    }
}

/* Every line is a JSON object; one carries @tag. */
static bool check_output(const char *tag)
{
    g_auto(GStrv) lines = g_strsplit(wire->str, "\r\n", -1);
    bool found = false;

    for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++) {
        json_t *v = json_loads(lines[i], JSON_ALLOW_NUL, NULL);
        const char *id = json_string_value(json_object_get(v, "id"));

        if (!json_is_object(v)) {
            fprintf(stderr, "not a JSON object: %s\n", lines[i]);
            json_decref(v);
            return false;
        }
        found |= id != NULL && strcmp(id, tag) == 0;
        json_decref(v);
    }
    return found;
}

static bool one_round(GRand *rng, Chardev *chr, GString *input, guint n)
{
    g_autofree char *tag = g_strdup_printf("sync-%u", n);
    g_autofree char *sync = g_strdup_printf("\xff\n{\"execute\":\"query-name\",\"id\":\"%s\"}\n",
                                            tag);

    make_input(rng, input);
    g_string_truncate(wire, 0);
    feed_in_pieces(rng, chr, input);
    chardev_fe_read(chr, (const uint8_t *)sync, strlen(sync));
    if (check_output(tag)) {
        return true;
    }
    fprintf(stderr, "round %u: bad answer to: %s\n", n, input->str);
    return false;
}

/*
 * A request that gets too long and is never closed: one error, and what comes on a line of its own
 * is heard.
 */
static bool endless_round(GRand *rng, Chardev *chr, GString *s, guint n)
{
    static const char *const heads[] = { "[", "{\"execute\":[[", "{'id':[{'a':", "[\"",
                                        "{\"a\":'" };
    static const char *const elements[] = { "1,", "{\"a\":[]},", "[\n],", "aaaaaaa", "\\\"\\\\" };
    const gint which = g_rand_int_range(rng, 0, G_N_ELEMENTS(heads));
    g_autofree char *tag = g_strdup_printf("long-%u", n);

    g_string_assign(s, heads[which]);
    while (s->len < JSON_MAX_BYTES + 16) {
        g_string_append(s, which < 3 ? elements[g_rand_int_range(rng, 0, 3)] : elements[which]);
    }
    for (gint i = g_rand_int_range(rng, 0, 8); i > 0; i--) {
        g_string_append_c(s, "[[,:1a\"\\'"[g_rand_int_range(rng, 0, 9)]);
    }
    g_string_append_printf(s, "\n{\"execute\":\"query-name\",\"id\":\"%s\"}\n", tag);
    g_string_truncate(wire, 0);
    chardev_fe_read(chr, (const uint8_t *)s->str, s->len);
    if (check_output(tag) && g_strrstr(wire->str, "error") == strstr(wire->str, "error")) {
        return true;
    }
    fprintf(stderr, "round %u: never closed: %s\n", n, s->str + JSON_MAX_BYTES);
    return false;
}

static void negotiate(Chardev *chr)
{
    static const char hello[] =
        "{\"execute\":\"qmp_capabilities\",\"arguments\":{\"enable\":[\"oob\"]}}";

    chardev_fe_read(chr, (const uint8_t *)hello, strlen(hello));
}

int main(int argc, char **argv)
{
    guint count = argc > 1 ? (guint)strtoul(argv[1], NULL, 0) : 100000;
    guint32 seed = argc > 2 ? (guint32)strtoul(argv[2], NULL, 0) : 1;
    GRand *rng = g_rand_new_with_seed(seed);
    GString *input = g_string_new(NULL);
    Chardev *chr = NULL;
    Vm vm = { 0 };
    bool ok = true;

    wire = g_string_new(NULL);
    chr = monitor_rig_start(&vm, &capture_class);
    negotiate(chr);
    make_corpus();
    printf("1..1\n");
    for (guint n = 0; ok && n < count; n++) {
        ok = one_round(rng, chr, input, n) &&
             (n % LONG_EVERY != 0 || endless_round(rng, chr, input, n));
        while (g_main_context_iteration(NULL, FALSE)) {
        }
    }
    printf("%s 1 - %u inputs, seed %u\n", ok ? "ok" : "not ok", count, seed);
    monitor_rig_stop(&vm);
    g_ptr_array_unref(corpus);
    g_string_free(wire, TRUE);
    g_string_free(input, TRUE);
    g_rand_free(rng);
    return ok ? 0 : 1;
}
