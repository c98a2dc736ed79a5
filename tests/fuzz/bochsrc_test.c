/*
 * bochsrc_test.c - noise for the parsers of files and arguments: any bytes
 * give settings or one error, in bounded time and memory.
 */
#include "machine/bochsrc.h"
#include "machine/typist.h"
#include "tests/tap.h"
#include <stdlib.h>

enum { ROUNDS = 20000, SIZE = 600 };

static uint64_t next(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

/* Mostly words that mean something, in an order that means nothing. */
static size_t make_text(uint64_t *x, char *buf)
{
    static const char *const signs[] = {":", "=", ", ", "\n", "\"", "#",
                                        " ", "$", "1",  "0x", "::", "\\"};
    size_t n = 0;

    while (n < SIZE - 64) {
        uint64_t r = next(x);
        const char *word;
        char byte[2] = {(char)(r >> 40), 0};
        size_t len;

        if (r % 8 < 3)
            word = signs[(r >> 8) % ARRAY_LEN(signs)];
        else if (r % 8 == 3)
            word = config_directives[(r >> 8) % 60].name;
        else if (r % 8 < 7)
            word = config_rows[(r >> 8) % 150].key;
        else
            word = byte;
        len = strlen(word);
        memcpy(buf + n, word, len);
        n += len;
        if (r >> 58 == 0)
            break;
    }
    buf[n] = 0;
    return n;
}

int main(void)
{
    struct tap t = {0};
    uint64_t x = 0x9e3779b97f4a7c15;
    unsigned accepted = 0, silent = 0, lines = 0;
    struct typist *typist = typist_create();

    for (unsigned n = 0; n < ROUNDS; n++) {
        struct config *c = config_create();
        struct error err = {0};
        struct out notes;
        char text[SIZE];
        size_t len = make_text(&x, text);

        out_to_string(&notes);
        if (bochsrc_text(c, text, len, "noise", &err) &&
            bochsrc_finish(c, &notes, &err))
            accepted++;
        else if (!err.text[0] || !err.code)
            silent++;
        err = (struct error){0};
        if (bochsrc_line(c, text, "noise", &err))
            lines++;
        else if (!err.text[0])
            silent++;
        if (n < 2000)
            typist_add(typist, text, NULL);
        config_print(c, n & 1, &notes);
        out_free(&notes);
        config_destroy(c);
    }
    typist_destroy(typist);
    tap_eq(&t, silent, 0, "every refusal has a message");
    tap_ok(&t, accepted + lines > 0, "%u of %u texts were accepted",
           accepted + lines, 2 * ROUNDS);
    return tap_done(&t);
}
