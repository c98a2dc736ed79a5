/*
 * mkinsn.h - what the parts of the instruction table compiler share.
 */
#ifndef TOOLS_MKINSN_H
#define TOOLS_MKINSN_H

#include "cpu/optable.h"

enum { MAX_ROWS = 4096, MAX_MATCHES = 16384, MAX_OPERANDS = 4 };

/* One instruction: a line of x86.tab, or one of the operand-size forms that
 * a line with A/B/C mnemonics stands for. */
struct row {
    char mnemonic[32]; /* lower case */
    char form[64];     /* as written */
    char encoding[64];
    char handler[48];
    char writes[8], reads[8];
    int line;       /* in x86.tab */
    unsigned order; /* of the line among the rows */
    uint8_t operand[MAX_OPERANDS];
    unsigned operands;
    uint16_t flags_read, flags_written, flags_undef;
    uint16_t features[2]; /* alternatives; the second may be FEAT_COUNT */
    uint32_t attr;
    bool prot;

    enum insn_map map;
    uint8_t opcode, opcodes;          /* first, and how many */
    uint8_t modrm_first, modrm_count; /* exact ModRM bytes; count 0: none */
    struct insn_match match;          /* without feature and info */

    uint16_t hot[4][2];
    bool need_plain; /* hot bodies do not cover it */
    bool missing;    /* and there is no plain handler */
};

struct table {
    struct row *rows;
    unsigned n;
    unsigned lines;                  /* rows as written */
    uint64_t absent[FEATURE_WORDS];  /* %absent */
    uint64_t missing[FEATURE_WORDS]; /* result: struck out of the models */
};

/* Ends the program with a message. */
PRINTF_LIKE(3, 4)
NORETURN void die(const char *file, int line, const char *fmt, ...);

/* mkinsn_parse.c: reads x86.tab. */
void parse_table(const char *path, struct table *t);

/* mkinsn_handlers.c: finds hot bodies and the plain handlers in the sources
 * (files; none: every .c file below the folder of `tab`). */
void resolve_handlers(struct table *t, const char *tab, char **files, int n);

/* mkinsn_scan.c: names of the handlers (without op_) that the files define,
 * sorted; no files: all sources below `folder`. */
struct name_list {
    char **name;
    size_t n, room;
};

void scan_sources(struct name_list *names, const char *folder, char **files,
                  int n);
bool has_name(const struct name_list *names, const char *s);

/* mkinsn_emit.c */
void emit_tables(const struct table *t, const char *dir);
void emit_docs(const struct table *t);

extern const struct operand_info operand_infos[OPC_COUNT];
extern const char *const operand_names[OPC_COUNT];

#endif
