/*
 * err.c - fill in an error, and find the word that the user meant.
 */
#include "core/err.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* An error is one line, whatever a file name or a config line held. */
static void flatten(char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = ' ';
    }
}

bool error_set(struct error *err, enum exit_code code, const char *fmt, ...)
{
    va_list ap;

    if (!err)
        return false;
    err->code = code;
    va_start(ap, fmt);
    vsnprintf(err->text, sizeof err->text, fmt, ap);
    va_end(ap);
    flatten(err->text);
    return false;
}

bool error_prefix(struct error *err, const char *fmt, ...)
{
    char old[sizeof err->text];
    va_list ap;
    int n;

    if (!err)
        return false;
    memcpy(old, err->text, sizeof old);
    va_start(ap, fmt);
    n = vsnprintf(err->text, sizeof err->text, fmt, ap);
    va_end(ap);
    if (n >= 0 && (size_t)n < sizeof err->text)
        snprintf(err->text + n, sizeof err->text - (size_t)n, ": %s", old);
    flatten(err->text);
    return false;
}

enum { WORD_MAX_LEN = 40 };

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    unsigned m = a < b ? a : b;

    return m < c ? m : c;
}

/* Insertions, deletions, substitutions and swaps of neighbours, each 1;
 * letters of either case are the same. Both words at most WORD_MAX_LEN. */
static unsigned distance(const char *a, size_t na, const char *b, size_t nb)
{
    unsigned row[3][WORD_MAX_LEN + 1];
    unsigned *before = row[0], *above = row[1], *now = row[2];

    for (size_t j = 0; j <= nb; j++)
        above[j] = (unsigned)j;
    for (size_t i = 1; i <= na; i++) {
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= nb; j++) {
            int ca = tolower((unsigned char)a[i - 1]);
            int cb = tolower((unsigned char)b[j - 1]);

            now[j] =
                min3(above[j] + 1, now[j - 1] + 1, above[j - 1] + (ca != cb));
            if (i > 1 && j > 1 && ca != cb &&
                ca == tolower((unsigned char)b[j - 2]) &&
                cb == tolower((unsigned char)a[i - 2]) &&
                before[j - 2] + 1 < now[j])
                now[j] = before[j - 2] + 1;
        }
        unsigned *old = before;
        before = above;
        above = now;
        now = old;
    }
    return above[nb];
}

const char *error_nearest(const char *word, const char *const *list)
{
    const char *best = NULL;
    size_t n = strlen(word);
    unsigned limit =
        1 + (unsigned)n / 4; /* worse than this is no misspelling */

    if (n == 0 || n > WORD_MAX_LEN)
        return NULL;
    for (; *list; list++) {
        size_t m = strlen(*list);
        unsigned d;

        if (m == 0 || m > WORD_MAX_LEN)
            continue;
        d = distance(word, n, *list, m);
        /* A distance as long as the word means that nothing agrees. */
        if (d <= limit && d < n && d < m) {
            best = *list;
            if (d == 0)
                break;
            limit = d - 1;
        }
    }
    return best;
}

void error_no_memory(void)
{
    fputs("klochs: out of memory\n", stderr);
    exit(EXIT_INTERNAL);
}
