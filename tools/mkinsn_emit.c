/*
 * mkinsn_emit - writes the decoder's tables and the instruction reference.
 */
#include "tools/mkinsn.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

/* A match rule under its opcode. */
struct placed {
    enum insn_map map;
    unsigned opcode;
    unsigned order; /* rows that stand first are tried first */
    struct insn_match m;
};

struct placed_list {
    struct placed *at;
    unsigned n;
};

static void place(struct placed_list *l, const struct row *r, unsigned info)
{
    unsigned modrms = r->modrm_count ? r->modrm_count : 1;

    for (unsigned f = 0; f < 2; f++) {
        for (unsigned op = 0; op < r->opcodes; op++) {
            for (unsigned k = 0; k < modrms; k++) {
                struct placed p = {r->map, r->opcode + op, info, r->match};

                if (r->features[f] == FEAT_COUNT)
                    continue;
                if (l->n == MAX_MATCHES)
                    die("x86.tab", r->line, "too many encodings");
                p.m.info = (uint16_t)info;
                p.m.feature = r->features[f];
                /* Eight bytes from a multiple of 8: any rm will do. */
                if (r->modrm_count == 8 && k)
                    continue;
                if (r->modrm_count) {
                    p.m.forms = 2;
                    p.m.reg = r->modrm_first >> 3 & 7;
                    p.m.rm = r->modrm_count == 8 ? 0xff : r->modrm_first & 7;
                }
                l->at[l->n++] = p;
            }
        }
    }
}

static int by_place(const void *a, const void *b)
{
    const struct placed *p = a, *q = b;

    if (p->map != q->map)
        return p->map < q->map ? -1 : 1;
    if (p->opcode != q->opcode)
        return p->opcode < q->opcode ? -1 : 1;
    if (p->order != q->order)
        return p->order < q->order ? -1 : 1;
    return p->m.feature < q->m.feature ? -1 : p->m.feature > q->m.feature;
}

static FILE *create(const char *dir, const char *name)
{
    char path[4096];

    if (snprintf(path, sizeof path, "%s/%s", dir, name) >= (int)sizeof path)
        die(dir, 0, "the name is too long");
    FILE *out = fopen(path, "w");
    if (!out)
        die(path, 0, "cannot be written");
    return out;
}

static void finish(FILE *out, const char *name)
{
    if (ferror(out) | fclose(out))
        die(name, 0, "cannot be written");
}

static void emit_header(const char *dir, unsigned infos, unsigned matches)
{
    FILE *h = create(dir, "insn_table.h");

    fprintf(h,
            "/* insn_table.h - made by mkinsn from cpu/x86.tab. */\n"
            "#ifndef GEN_INSN_TABLE_H\n"
            "#define GEN_INSN_TABLE_H\n\n"
            "#include \"cpu/optable.h\"\n\n"
            "enum { INSN_COUNT = %u, INSN_MATCHES = %u };\n\n"
            "extern const struct insn_info insn_table[INSN_COUNT];\n"
            "/* Rules for an opcode: from insn_first[map][opcode] up to the\n"
            " * next opcode's, in the order to be tried. */\n"
            "extern const struct insn_match insn_matches[INSN_MATCHES];\n"
            "extern const uint16_t insn_first[MAP_COUNT][257];\n"
            "/* Features whose instructions are not all there. */\n"
            "extern const uint64_t features_missing[FEATURE_WORDS];\n\n"
            "#endif\n",
            infos, matches);
    finish(h, "insn_table.h");
}

static const char *opc_id(unsigned code)
{
    static const char *const ids[OPC_COUNT] = {[OPC_NONE] = "OPC_NONE",
#define OPERAND_ID(id, text, loc, rsize, msize) [OPC_##id] = "OPC_" #id,
                                               OPERAND_CODES(OPERAND_ID)
#undef OPERAND_ID
    };

    return ids[code];
}

static const char *feat_id(unsigned f)
{
    static const char *const ids[FEAT_COUNT] = {
#define FEATURE_ID(id, name) [FEAT_##id] = "FEAT_" #id,
        CPU_FEATURES(FEATURE_ID)
#undef FEATURE_ID
    };

    return ids[f];
}

static int by_handler(const void *a, const void *b)
{
    return strcmp((*(const struct row *const *)a)->handler,
                  (*(const struct row *const *)b)->handler);
}

/* The plain handlers that rows name, defined or not: their prototypes. */
static void emit_handlers(const struct table *t, const char *dir)
{
    const struct row **used = calloc(t->n, sizeof *used);
    unsigned n = 0;

    if (!used)
        die("memory", 0, "none left");
    for (unsigned i = 0; i < t->n; i++) {
        if (t->rows[i].need_plain)
            used[n++] = &t->rows[i];
    }
    qsort(used, n, sizeof *used, by_handler);

    FILE *h = create(dir, "insn_handlers.h");
    fprintf(h,
            "/* insn_handlers.h - made by mkinsn from cpu/x86.tab: the plain "
            "handlers. */\n"
            "#ifndef GEN_INSN_HANDLERS_H\n"
            "#define GEN_INSN_HANDLERS_H\n\n"
            "#include \"cpu/decode.h\"\n\n");
    for (unsigned i = 0; i < n; i++) {
        if (!i || strcmp(used[i - 1]->handler, used[i]->handler) != 0)
            fprintf(h, "insn_fn op_%s;\n", used[i]->handler);
    }
    fprintf(h, "\n#endif\n");
    finish(h, "insn_handlers.h");
    free(used);
}

static void emit_info(FILE *c, const struct row *r)
{
    fprintf(c, "    {\"%s\", {", r->mnemonic);
    for (unsigned i = 0; i < MAX_OPERANDS; i++)
        fprintf(c, "%s%s", i ? ", " : "", opc_id(r->operand[i]));
    if (r->missing)
        fprintf(c, "}, op_ud, {");
    else if (r->need_plain)
        fprintf(c, "}, op_%s, {", r->handler);
    else
        fprintf(c, "}, NULL, {");
    for (unsigned z = 0; z < 4; z++)
        fprintf(c, "%s{%u, %u}", z ? ", " : "", r->hot[z][0], r->hot[z][1]);
    fprintf(c, "}, 0x%03x, 0x%03x, 0x%03x, %s, 0x%05x, %u},\n", r->flags_read,
            r->flags_written, r->flags_undef, feat_id(r->features[0]),
            (unsigned)r->attr, r->order);
}

static void emit_match(FILE *c, const struct insn_match *m)
{
    fprintf(c,
            "    {%u, %s, 0x%04x, %u, %u, %u, %u, %u, %u, %u, %u, %u, %u},\n",
            m->info, feat_id(m->feature), m->flags, m->prefixes, m->modes,
            m->osizes, m->asizes, m->forms, m->w, m->l, m->reg, m->rm, m->imm);
}

static void emit_index(FILE *c, const struct placed_list *l)
{
    unsigned i = 0;

    fprintf(c, "const uint16_t insn_first[MAP_COUNT][257] = {\n");
    for (unsigned map = 0; map < MAP_COUNT; map++) {
        fprintf(c, "    {");
        for (unsigned op = 0; op <= 256; op++) {
            while (i < l->n && l->at[i].map == map && l->at[i].opcode < op)
                i++;
            fprintf(c, "%u%s", i,
                    op == 256       ? "},\n"
                    : op % 16 == 15 ? ",\n     "
                                    : ", ");
        }
    }
    fprintf(c, "};\n\n");
}

/* All rows of an opcode must agree on whether a ModRM byte follows. */
static void check_modrm(const struct table *t, const struct placed_list *l)
{
    for (unsigned i = 1; i < l->n; i++) {
        const struct placed *p = &l->at[i - 1], *q = &l->at[i];

        if (p->map == q->map && p->opcode == q->opcode &&
            (p->m.flags ^ q->m.flags) & MF_MODRM)
            die("x86.tab", t->rows[q->m.info].line,
                "opcode %02X with and without ModRM", q->opcode);
    }
}

void emit_tables(const struct table *t, const char *dir)
{
    struct placed_list l = {0};

    l.at = calloc(MAX_MATCHES, sizeof *l.at);
    if (!l.at)
        die("memory", 0, "none left");
    for (unsigned i = 0; i < t->n; i++)
        place(&l, &t->rows[i], i);
    qsort(l.at, l.n, sizeof *l.at, by_place);
    check_modrm(t, &l);
    emit_header(dir, t->n, l.n);
    emit_handlers(t, dir);

    FILE *c = create(dir, "insn_table.c");
    fprintf(c, "/* insn_table.c - made by mkinsn from cpu/x86.tab. */\n"
               "#include \"gen/insn_table.h\"\n"
               "#include \"gen/insn_handlers.h\"\n\n");
    fprintf(c, "const struct operand_info operand_info[OPC_COUNT] = {\n"
               "#define OPERAND_INFO(id, text, loc, rsize, msize) \\\n"
               "    [OPC_##id] = {LOC_##loc, SZ_##rsize, SZ_##msize},\n"
               "    OPERAND_CODES(OPERAND_INFO)\n"
               "#undef OPERAND_INFO\n};\n\n");
    fprintf(c, "const uint64_t features_missing[FEATURE_WORDS] = {\n");
    for (unsigned i = 0; i < FEATURE_WORDS; i++)
        fprintf(c, "    0x%016llxu,\n", (unsigned long long)t->missing[i]);
    fprintf(c, "};\n\nconst struct insn_info insn_table[INSN_COUNT] = {\n");
    for (unsigned i = 0; i < t->n; i++)
        emit_info(c, &t->rows[i]);
    fprintf(c, "};\n\n");
    emit_index(c, &l);
    fprintf(c, "const struct insn_match insn_matches[INSN_MATCHES] = {\n");
    for (unsigned i = 0; i < l.n; i++)
        emit_match(c, &l.at[i].m);
    fprintf(c, "};\n");
    finish(c, "insn_table.c");
    free(l.at);
}

/* ---- docs/instructions.md ---- */

static void print_features(const struct row *r)
{
    printf("%s", feature_name((enum cpu_feature)r->features[0]));
    if (r->features[1] < FEAT_COUNT)
        printf(" or %s", feature_name((enum cpu_feature)r->features[1]));
}

static const char *modes_text(const struct row *r)
{
    if (r->attr & ATTR_NO64)
        return r->prot ? "protected, not 64-bit" : "not 64-bit";
    if (r->attr & ATTR_ONLY64)
        return "64-bit";
    return r->prot || r->map >= MAP_VEX_0F ? "protected" : "all";
}

static void docs_row(const struct row *r)
{
    printf("| `%s` | `%s` | ", r->form, r->encoding);
    print_features(r);
    printf(" | `%s` | %s%s%s |\n", r->writes, modes_text(r),
           r->attr & ATTR_PRIV ? ", privileged" : "",
           r->attr & ATTR_LOCK ? ", LOCK" : "");
}

/* Nothing here depends on what is executed: the text changes with the table
 * only. */
void emit_docs(const struct table *t)
{
    printf("# Instructions\n\n"
           "<!-- Made by `mkinsn --docs cpu/x86.tab`: change the table, not "
           "this file. -->\n\n"
           "Every instruction the decoder knows, in the notation of the "
           "Intel SDM. Flags are\nO S Z A P C: a letter is written, `m` "
           "written or kept as the operands say, `u`\nundefined at least for "
           "some operands, `0` and `1` forced, `-` untouched. `mkinsn\n"
           "--missing cpu/x86.tab` lists the rows that have no handler yet: "
           "they raise #UD, and\nno processor model reports their "
           "feature.\n\n"
           "| Instruction | Encoding | Feature | Flags | Modes |\n"
           "|---|---|---|---|---|\n");
    for (unsigned i = 0; i < t->n; i++) {
        if (!i || t->rows[i].line != t->rows[i - 1].line)
            docs_row(&t->rows[i]);
    }
    printf("\nFeatures of which no instruction is in the table:");
    for (unsigned f = 0; f < FEAT_COUNT; f++) {
        if (feature_test(t->absent, (enum cpu_feature)f))
            printf(" %s", feature_name((enum cpu_feature)f));
    }
    printf(".\n");
}
