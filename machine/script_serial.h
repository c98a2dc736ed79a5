/*
 * script_serial.h - the output of the first serial port, as lines to match.
 *
 * Control sequences of terminals are left out, carriage returns too. A
 * pattern is looked for in one line at a time; a line that has not ended yet
 * counts as what there is of it, so that a prompt is found at its last byte.
 */
#ifndef MACHINE_SCRIPT_SERIAL_H
#define MACHINE_SCRIPT_SERIAL_H

#include "core/base.h"
#include <regex.h>

enum {
    SCRIPT_SERIAL_MAX = 1 << 16, /* bytes kept */
    SCRIPT_LINE_MAX = 2048,      /* a longer line is matched in parts */
    SCRIPT_REFUSED_MAX = 16,
};

struct script_serial {
    char *text; /* since the last match, owned */
    size_t len;
    size_t line; /* where the line begins that has not ended */
    bool in_escape, in_csi;
    const regex_t *want; /* looked for at every byte; NULL: nothing */
    bool found;
    char match[256]; /* the text that fitted */
    regex_t refused[SCRIPT_REFUSED_MAX];
    unsigned refused_count;
    char complaint[256]; /* the line that has a refused text, else "" */
};

void script_serial_init(struct script_serial *t);
void script_serial_free(struct script_serial *t);
void script_serial_clear(struct script_serial *t);
/* True: `found` or `complaint` was just set. */
bool script_serial_byte(struct script_serial *t, uint8_t c);
/* Begins to look for `re`, first in what is there. True: found already. */
bool script_serial_want(struct script_serial *t, const regex_t *re);

#endif
