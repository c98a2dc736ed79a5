/*
 * exec_json.h - one job of `klochs exec`: a line of JSON in, a line out.
 *
 * docs/exec.md describes both.
 */
#ifndef MACHINE_EXEC_JSON_H
#define MACHINE_EXEC_JSON_H

#include "machine/exec.h"

enum {
    EXEC_LINE_MAX = 1 << 16,
    EXEC_TEXT_MAX = 2 * 0x4000 + 1,
    /* Everything that a result can hold: registers, and every other byte of
     * the data window as a change of its own. */
    EXEC_RESULT_MAX = 1 << 17
};

struct exec_job {
    const char *at; /* the next character of the line */
    const char *error;
    char id[128];   /* as given, with quotes */
    char model[64]; /* empty: the program's default */
    struct exec_state s;
    uint64_t count;
    bool rip_given, rsp_given;
    uint8_t code[EXEC_CODE_SIZE], data[EXEC_DATA_SIZE];
    unsigned code_len;
    char key[64], text[EXEC_TEXT_MAX];
};

/* Fills j from a line; false: j->error says what is wrong with it. */
bool exec_job_read(struct exec_job *j, const char *line);

/* What became of a job. `brief`: only registers that are not as they were. */
struct exec_result {
    const struct exec_state *state;
    const uint8_t *data; /* the data window after the run */
    bool brief;
};

/* Writes the line, with its newline, to `out` (EXEC_RESULT_MAX bytes); the
 * number of characters. With r NULL it is j->error that is told. */
size_t exec_job_write(const struct exec_job *j, const struct exec_result *r,
                      char *out);

#endif
