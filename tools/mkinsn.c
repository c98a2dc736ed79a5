/*
 * mkinsn - compiles cpu/x86.tab into the tables of the decoder.
 *
 *   mkinsn X86.TAB OUTDIR [SOURCE.c...]   writes insn_table.h, insn_table.c
 *   mkinsn --docs X86.TAB [SOURCE.c...]   prints docs/instructions.md
 *   mkinsn --missing X86.TAB [SOURCE.c...] prints rows that have no handler
 *
 * A plain handler op_NAME exists when one of the sources defines it, by a
 * macro or without. No list of sources: all below the folder of X86.TAB.
 */
#include "tools/mkinsn.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void die(const char *file, int line, const char *fmt, ...)
{
    va_list ap;

    if (line)
        fprintf(stderr, "%s:%d: ", file, line);
    else
        fprintf(stderr, "mkinsn: %s: ", file);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    exit(1);
}

const struct operand_info operand_infos[OPC_COUNT] = {
#define OPERAND_INFO(id, text, loc, rsize, msize)                              \
    [OPC_##id] = {LOC_##loc, SZ_##rsize, SZ_##msize},
    OPERAND_CODES(OPERAND_INFO)
#undef OPERAND_INFO
};

const char *const operand_names[OPC_COUNT] = {[OPC_NONE] = "",
#define OPERAND_NAME(id, text, loc, rsize, msize) [OPC_##id] = text,
                                              OPERAND_CODES(OPERAND_NAME)
#undef OPERAND_NAME
};

static void print_missing(const struct table *t)
{
    unsigned n = 0;

    for (unsigned i = 0; i < t->n; i++) {
        const struct row *r = &t->rows[i];

        if (!r->missing)
            continue;
        n++;
        printf("%-28s %-30s op_%-28s %s\n", r->encoding, r->form, r->handler,
               feature_name((enum cpu_feature)r->features[0]));
    }
    printf("%u of %u rows have no handler\n", n, t->n);
    for (unsigned f = 0; f < FEAT_COUNT; f++) {
        if (feature_test(t->missing, (enum cpu_feature)f))
            printf("feature not offered: %s\n",
                   feature_name((enum cpu_feature)f));
    }
}

int main(int argc, char **argv)
{
    struct table t = {0};
    bool docs = argc > 1 && !strcmp(argv[1], "--docs");
    bool missing = argc > 1 && !strcmp(argv[1], "--missing");

    if (argc < 3)
        die("usage", 0,
            "mkinsn X86.TAB OUTDIR | --docs X86.TAB | --missing X86.TAB "
            "[SOURCE.c...]");
    t.rows = calloc(MAX_ROWS, sizeof *t.rows);
    if (!t.rows)
        die("memory", 0, "none left");
    const char *tab = argv[docs || missing ? 2 : 1];
    parse_table(tab, &t);
    resolve_handlers(&t, tab, argv + 3, argc - 3);
    if (docs)
        emit_docs(&t);
    else if (missing)
        print_missing(&t);
    else
        emit_tables(&t, argv[2]);
    free(t.rows);
    return 0;
}
