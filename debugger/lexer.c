/*
 * lexer.c - the words of one debugger command.
 */
#include "debugger/lexer.h"

#include <ctype.h>

static bool word_char(char ch)
{
    return isalnum((unsigned char)ch) || ch == '_' || ch == '.';
}

static bool digits_are(const char *p, size_t n, const char *set)
{
    for (size_t i = 0; i < n; i++)
        if (!strchr(set, p[i]) || !p[i])
            return false;
    return n > 0;
}

static uint64_t digits_value(const char *p, size_t n, unsigned base)
{
    uint64_t v = 0;

    for (size_t i = 0; i < n; i++) {
        int ch = tolower((unsigned char)p[i]);

        v = v * base + (unsigned)(ch >= 'a' ? ch - 'a' + 10 : ch - '0');
    }
    return v;
}

#define HEX "0123456789abcdefABCDEF"

/* False: a word that only begins like a number. */
static bool number(const char *p, size_t n, uint64_t *out)
{
    bool zero = n > 1 && p[0] == '0';

    if (zero && (p[1] == 'x' || p[1] == 'X')) {
        if (!digits_are(p + 2, n - 2, HEX))
            return false;
        *out = digits_value(p + 2, n - 2, 16);
    } else if ((p[n - 1] == 'h' || p[n - 1] == 'H') &&
               digits_are(p, n - 1, HEX)) {
        *out = digits_value(p, n - 1, 16);
    } else if (zero && (p[1] == 'b' || p[1] == 'B')) {
        if (!digits_are(p + 2, n - 2, "01"))
            return false;
        *out = digits_value(p + 2, n - 2, 2);
    } else if (zero && digits_are(p, n, "01234567")) {
        *out = digits_value(p, n, 8);
    } else if (digits_are(p, n, "0123456789")) {
        *out = digits_value(p, n, 10);
    } else {
        return false;
    }
    return true;
}

static void string(struct lexer *l)
{
    const char *end = strchr(l->start + 1, '"');

    if (!end) {
        l->kind = TOK_BAD;
        l->len = strlen(l->start);
        l->next = l->start + l->len;
        return;
    }
    l->kind = TOK_STRING;
    l->start++;
    l->len = (size_t)(end - l->start);
    l->next = end + 1;
}

static size_t operator_length(const char *p)
{
    static const char two[][3] = {
        "<<", ">>", "==", "!=", "<=", ">=", "&&", "||", "->"};

    for (size_t i = 0; i < ARRAY_LEN(two); i++)
        if (p[0] == two[i][0] && p[1] == two[i][1])
            return 2;
    return strchr("+-*/%&|^!~<>=()[]:@$,?{}\\", *p) ? 1 : 0;
}

void lexer_next(struct lexer *l)
{
    const char *p = l->next;

    while (isspace((unsigned char)*p))
        p++;
    l->start = l->next = p;
    l->len = 0;
    l->value = 0;
    if (!*p) {
        l->kind = TOK_END;
        return;
    }
    if (*p == '"') {
        string(l);
        return;
    }
    while (word_char(p[l->len]))
        l->len++;
    if (l->len) {
        l->kind = TOK_WORD;
        if (isdigit((unsigned char)*p))
            l->kind = number(p, l->len, &l->value) ? TOK_NUMBER : TOK_BAD;
    } else {
        l->len = operator_length(p);
        l->kind = l->len ? TOK_OP : TOK_BAD;
        l->len += !l->len;
    }
    l->next = p + l->len;
}

void lexer_init(struct lexer *l, const char *text)
{
    memset(l, 0, sizeof *l);
    l->next = text;
    lexer_next(l);
}

void lexer_whole_word(struct lexer *l)
{
    if (l->kind == TOK_END || l->kind == TOK_STRING)
        return;
    while (l->start[l->len] && !isspace((unsigned char)l->start[l->len]))
        l->len++;
    l->kind = TOK_WORD;
    l->next = l->start + l->len;
}

bool lexer_is(const struct lexer *l, const char *text)
{
    return (l->kind == TOK_WORD || l->kind == TOK_OP) &&
           strlen(text) == l->len && !memcmp(text, l->start, l->len);
}

bool lexer_take(struct lexer *l, const char *text)
{
    if (!lexer_is(l, text))
        return false;
    lexer_next(l);
    return true;
}

void lexer_copy(const struct lexer *l, char *out, size_t size)
{
    size_t n = l->len < size ? l->len : size - 1;

    memcpy(out, l->start, n);
    out[n] = '\0';
}

size_t lexer_split(const char *line, const char **next)
{
    bool quoted = false;
    size_t n = 0;

    *next = NULL;
    for (; line[n]; n++) {
        if (line[n] == '"')
            quoted = !quoted;
        if (!quoted && line[n] == '#')
            break;
        if (!quoted && line[n] == ';') {
            *next = line + n + 1;
            break;
        }
    }
    return n;
}
