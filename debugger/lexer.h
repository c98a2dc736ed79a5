/*
 * lexer.h - the words of one debugger command.
 *
 * A command is a line, or a part of one between semicolons. Numbers are
 * decimal, 0x hex, 0 octal, 0b binary, or hex with a trailing h.
 */
#ifndef DEBUGGER_LEXER_H
#define DEBUGGER_LEXER_H

#include "core/base.h"

enum token_kind {
    TOK_END,
    TOK_NUMBER,
    TOK_WORD,   /* letters, digits, _ and . */
    TOK_STRING, /* "...", the quotes left out of start and len */
    TOK_OP,     /* one operator of at most two characters */
    TOK_BAD     /* a character that begins nothing, an unclosed string */
};

struct lexer {
    const char *start; /* of the token */
    size_t len;
    const char *next; /* what follows it */
    enum token_kind kind;
    uint64_t value; /* of a number; overflow keeps the low 64 bits */
};

/* Stands at the first token. The text stays the caller's. */
void lexer_init(struct lexer *l, const char *text);
void lexer_next(struct lexer *l);
/* Makes the current word reach over '-', '/', '~' and so on up to a blank:
 * command names, file names, file.c:12. */
void lexer_whole_word(struct lexer *l);
/* Is the token this word or operator? Case counts. */
bool lexer_is(const struct lexer *l, const char *text);
/* If so, goes on to the next one. */
bool lexer_take(struct lexer *l, const char *text);
/* Copies the token, cut to fit. */
void lexer_copy(const struct lexer *l, char *out, size_t size);

/*
 * Length of the first command in `line`: up to a semicolon, a # or the end,
 * those inside of quotes not counted. *next is where the one after it
 * begins, NULL if there is none.
 */
size_t lexer_split(const char *line, const char **next);

#endif
