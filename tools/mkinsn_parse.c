/*
 * mkinsn_parse - reads x86.tab into rows and their match rules.
 */
#include "tools/mkinsn.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

enum { COLUMNS = 7 };

struct source {
    const char *path;
    int line;
};

static char *trim(char *s)
{
    while (isspace((unsigned char)*s))
        s++;
    char *end = s + strlen(s);
    while (end > s && isspace((unsigned char)end[-1]))
        *--end = 0;
    return s;
}

static void copy(const struct source *src, char *to, size_t n, const char *s)
{
    if (strlen(s) >= n)
        die(src->path, src->line, "'%s' is too long", s);
    memcpy(to, s, strlen(s) + 1);
}

static void copy_lower(const struct source *src, char *to, size_t n,
                       const char *s)
{
    copy(src, to, n, s);
    for (; *to; to++)
        *to = (char)tolower((unsigned char)*to);
}

static bool hex_byte(const char *s, unsigned *v)
{
    if (!isxdigit((unsigned char)s[0]) || !isxdigit((unsigned char)s[1]))
        return false;
    char text[3] = {s[0], s[1], 0};
    *v = (unsigned)strtoul(text, NULL, 16);
    return true;
}

/* ---- flags, features, attributes ---- */

static const uint16_t flag_bit[6] = {1u << 11, 1u << 7, 1u << 6,
                                     1u << 4,  1u << 2, 1u << 0};
static const char flag_letter[7] = "oszapc";

static void parse_writes(const struct source *src, struct row *r, const char *s)
{
    if (strlen(s) != 6)
        die(src->path, src->line, "flags '%s': want six places", s);
    copy(src, r->writes, sizeof r->writes, s);
    for (unsigned i = 0; i < 6; i++) {
        if (s[i] == flag_letter[i] || s[i] == '0' || s[i] == '1')
            r->flags_written |= flag_bit[i];
        else if (s[i] == 'u')
            r->flags_undef |= flag_bit[i];
        else if (s[i] != '-' && s[i] != 'm')
            die(src->path, src->line, "flag '%c' in place %u of '%s'", s[i],
                i + 1, s);
    }
}

static void parse_reads(const struct source *src, struct row *r, const char *s)
{
    copy(src, r->reads, sizeof r->reads, s);
    if (!strcmp(s, "-"))
        return;
    for (; *s; s++) {
        const char *p = strchr(flag_letter, *s);
        if (!p)
            die(src->path, src->line, "no flag '%c'", *s);
        r->flags_read |= flag_bit[p - flag_letter];
    }
}

static void parse_feature(const struct source *src, struct row *r, char *s)
{
    char *second = strchr(s, '/');
    enum cpu_feature f;

    if (second)
        *second++ = 0;
    if (!feature_parse(s, &f))
        die(src->path, src->line, "no feature '%s'", s);
    r->features[0] = (uint16_t)f;
    r->features[1] = FEAT_COUNT;
    if (second) {
        if (!feature_parse(second, &f))
            die(src->path, src->line, "no feature '%s'", second);
        r->features[1] = (uint16_t)f;
    }
}

static const struct {
    const char *name;
    uint32_t attr;
    uint16_t match;
} attributes[] = {
    {"lock", ATTR_LOCK, MF_LOCK}, {"rep", ATTR_REP, 0},
    {"priv", ATTR_PRIV, 0},       {"io", ATTR_IO, 0},
    {"jump", ATTR_JUMP, 0},       {"cond", ATTR_COND, 0},
    {"end", ATTR_END, 0},         {"mem", ATTR_MEM, 0},
    {"reg", ATTR_REG, 0},         {"df64", ATTR_DF64, MF_DF64},
    {"f64", ATTR_F64, MF_F64},    {"no64", ATTR_NO64, 0},
    {"only64", ATTR_ONLY64, 0},   {"nofault", ATTR_NOFAULT, 0},
    {"string", ATTR_STRING, 0},   {"anymod", 0, MF_ANYMOD},
    {"altcr8", 0, MF_ALT_CR8},
};

static void parse_attr(const struct source *src, struct row *r, char *s)
{
    if (!strcmp(s, "-"))
        return;
    for (char *w = strtok(s, ", "); w; w = strtok(NULL, ", ")) {
        unsigned i = 0;

        if (!strcmp(w, "prot")) {
            r->prot = true;
            continue;
        }
        while (i < ARRAY_LEN(attributes) && strcmp(w, attributes[i].name))
            i++;
        if (i == ARRAY_LEN(attributes))
            die(src->path, src->line, "no attribute '%s'", w);
        r->attr |= attributes[i].attr;
        r->match.flags |= attributes[i].match;
    }
}

/* ---- form ---- */

static uint8_t operand_code(const struct source *src, const char *s)
{
    for (unsigned i = 1; i < OPC_COUNT; i++) {
        if (!strcmp(s, operand_names[i]))
            return (uint8_t)i;
    }
    die(src->path, src->line, "no operand code '%s'", s);
}

static void parse_form(const struct source *src, struct row *r, const char *s)
{
    char text[64];

    copy(src, r->form, sizeof r->form, s);
    copy(src, text, sizeof text, s);
    char *ops = strchr(text, ' ');
    if (ops)
        *ops++ = 0;
    copy_lower(src, r->mnemonic, sizeof r->mnemonic, text);
    for (char *w = ops ? strtok(ops, ", ") : NULL; w; w = strtok(NULL, ", ")) {
        if (r->operands == MAX_OPERANDS)
            die(src->path, src->line, "too many operands");
        r->operand[r->operands++] = operand_code(src, w);
    }
}

/* ---- encoding ---- */

static bool vex_field(struct row *r, const char *f)
{
    static const struct {
        const char *name;
        int pp, map, w, l;
    } fields[] = {
        {"NP", 1 << PP_NONE, -1, -1, -1},
        {"66", 1 << PP_66, -1, -1, -1},
        {"F3", 1 << PP_F3, -1, -1, -1},
        {"F2", 1 << PP_F2, -1, -1, -1},
        {"0F", -1, MAP_VEX_0F, -1, -1},
        {"0F38", -1, MAP_VEX_0F38, -1, -1},
        {"0F3A", -1, MAP_VEX_0F3A, -1, -1},
        {"W0", -1, -1, 1, -1},
        {"W1", -1, -1, 2, -1},
        {"WIG", -1, -1, 3, -1},
        {"128", -1, -1, -1, 1},
        {"256", -1, -1, -1, 2},
        {"L0", -1, -1, -1, 1},
        {"LIG", -1, -1, -1, 3},
    };

    for (unsigned i = 0; i < ARRAY_LEN(fields); i++) {
        if (strcmp(f, fields[i].name))
            continue;
        if (fields[i].pp >= 0)
            r->match.prefixes = (uint8_t)fields[i].pp;
        if (fields[i].map >= 0)
            r->map = (enum insn_map)fields[i].map;
        if (fields[i].w >= 0)
            r->match.w = (uint8_t)fields[i].w;
        if (fields[i].l >= 0)
            r->match.l = (uint8_t)fields[i].l;
        return true;
    }
    return false;
}

static void parse_vex(const struct source *src, struct row *r, char *word)
{
    r->match.prefixes = 1 << PP_NONE;
    for (char *f = word + 4; f;) {
        char *next = strchr(f, '.');
        if (next)
            *next++ = 0;
        if (!vex_field(r, f))
            die(src->path, src->line, "no VEX field '%s'", f);
        f = next;
    }
}

/* Words before the opcode; true when `w` was one of them. */
static bool parse_constraint(struct row *r, const char *w)
{
    static const struct {
        const char *name;
        uint8_t pp, w, os, as;
        uint16_t flag;
    } words[] = {
        {"NP", 1 << PP_NONE, 0, 0, 0, 0},
        {"NFx", 1 << PP_NONE | 1 << PP_66, 0, 0, 0, 0},
        {"66", 1 << PP_66, 0, 0, 0, MF_NO66},
        {"F3", 1 << PP_F3, 0, 0, 0, 0},
        {"F2", 1 << PP_F2, 0, 0, 0, 0},
        {"REX.W", 0, 2, 0, 0, 0},
        {"NW", 0, 1, 0, 0, 0},
        {"NB", 0, 0, 0, 0, MF_NO_REXB},
        {"o16", 0, 0, 1, 0, 0},
        {"o32", 0, 0, 2, 0, 0},
        {"o64", 0, 0, 4, 0, 0},
        {"a16", 0, 0, 0, 1, 0},
        {"a32", 0, 0, 0, 2, 0},
        {"a64", 0, 0, 0, 4, 0},
    };

    for (unsigned i = 0; i < ARRAY_LEN(words); i++) {
        if (strcmp(w, words[i].name))
            continue;
        if (words[i].pp)
            r->match.prefixes = words[i].pp;
        if (words[i].w)
            r->match.w = words[i].w;
        if (words[i].os)
            r->match.osizes = words[i].os;
        if (words[i].as)
            r->match.asizes = words[i].as;
        r->match.flags |= words[i].flag;
        return true;
    }
    return false;
}

struct encoding {
    bool opcode, digit, vex;
    bool slash; /* /r or /digit seen */
};

static void parse_byte(const struct source *src, struct row *r,
                       struct encoding *e, const char *w, unsigned v)
{
    bool plus_r = !strcmp(w + 2, "+r"), plus_i = !strcmp(w + 2, "+i");

    if (w[2] && !plus_r && !plus_i)
        die(src->path, src->line, "'%s' is no opcode byte", w);
    if (e->slash) { /* 3DNow! */
        r->opcode = (uint8_t)v;
        r->map = MAP_3DNOW;
        return;
    }
    if (e->opcode) {
        r->modrm_first = (uint8_t)v;
        r->modrm_count = plus_i ? 8 : 1;
        r->match.flags |= MF_MODRM;
        return;
    }
    if (!e->vex && r->map == MAP_ONE && v == 0x0f) {
        r->map = MAP_0F;
        return;
    }
    if (!e->vex && r->map == MAP_0F && (v == 0x38 || v == 0x3a)) {
        r->map = v == 0x38 ? MAP_0F38 : MAP_0F3A;
        return;
    }
    e->opcode = true;
    r->opcode = (uint8_t)v;
    r->opcodes = plus_r ? 8 : 1;
    if (plus_r)
        r->match.flags |= MF_OPREG;
}

static void parse_encoding(const struct source *src, struct row *r, char *s)
{
    struct encoding e = {0};
    unsigned v;

    copy(src, r->encoding, sizeof r->encoding, s);
    r->match.prefixes = 15;
    r->match.w = r->match.l = 3;
    r->match.osizes = r->match.asizes = 7;
    r->match.reg = r->match.rm = 0xff;
    for (char *w = strtok(s, " "); w; w = strtok(NULL, " ")) {
        if (!strncmp(w, "VEX.", 4)) {
            parse_vex(src, r, w);
            e.vex = true;
        } else if (w[0] == '/') {
            r->match.flags |= MF_MODRM;
            e.slash = true;
            if (w[1] >= '0' && w[1] <= '7')
                r->match.reg = (uint8_t)(w[1] - '0');
            else if (strcmp(w, "/r"))
                die(src->path, src->line, "what is '%s'", w);
        } else if (e.opcode || e.vex || r->map != MAP_ONE ||
                   !parse_constraint(r, w)) {
            if (!hex_byte(w, &v))
                die(src->path, src->line, "what is '%s'", w);
            parse_byte(src, r, &e, w, v);
        }
    }
    if (!r->opcodes)
        die(src->path, src->line, "no opcode");
}

/* ---- what follows from the operands ---- */

static void imm_of(const struct source *src, struct row *r, uint8_t code)
{
    static const struct {
        uint8_t code, kind;
    } kinds[] = {
        {OPC_IB, IMM_U8},    {OPC_SIB, IMM_S8}, {OPC_JB, IMM_S8},
        {OPC_IW, IMM_U16},   {OPC_IZ, IMM_Z},   {OPC_JZ, IMM_Z},
        {OPC_IV, IMM_V},     {OPC_AP, IMM_FAR}, {OPC_OB, IMM_MOFFS},
        {OPC_OV, IMM_MOFFS}, {OPC_L_X, IMM_U8}, {OPC_L_PS, IMM_U8},
        {OPC_L_PD, IMM_U8},
    };

    for (unsigned i = 0; i < ARRAY_LEN(kinds); i++) {
        if (kinds[i].code != code)
            continue;
        if (r->match.imm == IMM_U16 && code == OPC_IB)
            r->match.imm = IMM_ENTER;
        else if (r->match.imm == IMM_U8 && code == OPC_IB)
            r->match.imm = IMM_U8U8;
        else if (r->match.imm != IMM_NONE)
            die(src->path, src->line, "two immediates");
        else
            r->match.imm = kinds[i].kind;
    }
}

struct sizes {
    bool byte, var, y, bare; /* bare: an operand without v, y or b */
};

static void operand_rules(const struct source *src, struct row *r, uint8_t code,
                          struct sizes *sz)
{
    const struct operand_info *o = &operand_infos[code];
    struct insn_match *m = &r->match;

    imm_of(src, r, code);
    switch (o->loc) {
    case LOC_M:
    case LOC_VSIB:
    case LOC_O:
        if (o->loc != LOC_O)
            r->attr |= ATTR_MEM;
        if (o->loc == LOC_VSIB)
            m->flags |= MF_VSIB;
        break;
    case LOC_R:
        r->attr |= ATTR_REG;
        break;
    case LOC_N:
    case LOC_U:
        r->attr |= ATTR_REG;
        if (o->loc == LOC_N)
            m->flags |= MF_RM7;
        break;
    case LOC_Q:
    case LOC_STI:
        m->flags |= MF_RM7;
        break;
    case LOC_P:
    case LOC_S:
        m->flags |= MF_REG7;
        break;
    case LOC_B:
    case LOC_H:
        m->flags |= MF_VVVV;
        break;
    default:
        break;
    }
    if (o->loc == LOC_I || o->loc == LOC_SI || o->loc == LOC_CL ||
        o->loc == LOC_DX || o->loc == LOC_J || o->loc == LOC_ONE)
        return;
    if (o->rsize == SZ_V || o->rsize == SZ_Z)
        sz->var = true;
    else if (o->rsize == SZ_Y)
        sz->y = true;
    else if (o->rsize == SZ_B)
        sz->byte = true;
    else
        sz->bare = true;
}

static void derive(const struct source *src, struct row *r)
{
    struct insn_match *m = &r->match;
    struct sizes sz = {0};

    for (unsigned i = 0; i < r->operands; i++)
        operand_rules(src, r, r->operand[i], &sz);
    if (m->flags & MF_ANYMOD)
        r->attr &= ~(uint32_t)(ATTR_REG | ATTR_MEM);
    if (!sz.var && sz.y)
        m->flags |= MF_YSIZE;
    else if (!sz.var && sz.byte && !sz.bare)
        m->flags |= MF_BYTE;
    m->forms = r->attr & ATTR_MEM ? 1 : r->attr & ATTR_REG ? 2 : 3;
    m->modes = 7;
    if (r->prot || r->map >= MAP_VEX_0F)
        m->modes &= (uint8_t)~1;
    if (r->attr & ATTR_NO64)
        m->modes &= 3;
    if (r->attr & ATTR_ONLY64)
        m->modes &= 4;
    if (r->map >= MAP_VEX_0F && sz.y)
        m->flags |= MF_W_GPR;
}

/* ---- lines ---- */

/* The n-th of A/B/C, or the whole when there is no choice. */
static bool alternative(char *to, const char *from, unsigned n)
{
    const char *p = from;

    for (; n; n--) {
        p = strchr(p, '/');
        if (!p)
            return false;
        p++;
    }
    size_t len = strcspn(p, "/");
    memmove(to, p, len);
    to[len] = 0;
    return true;
}

static void add_row(const struct source *src, struct table *t,
                    const struct row *r)
{
    if (t->n == MAX_ROWS)
        die(src->path, src->line, "more than %d rows", MAX_ROWS);
    t->rows[t->n++] = *r;
}

static void add_line(const struct source *src, struct table *t, char **col)
{
    struct row r = {.line = src->line, .order = t->lines++};
    char name[32];

    parse_encoding(src, &r, col[0]);
    parse_form(src, &r, col[1]);
    copy(src, r.handler, sizeof r.handler, col[2]);
    parse_writes(src, &r, col[3]);
    parse_reads(src, &r, col[4]);
    parse_feature(src, &r, col[5]);
    parse_attr(src, &r, col[6]);
    derive(src, &r);
    if (!strchr(r.mnemonic, '/')) {
        add_row(src, t, &r);
        return;
    }
    copy(src, name, sizeof name, r.mnemonic);
    for (unsigned i = 0; i < 3; i++) {
        if (!alternative(r.mnemonic, name, i))
            break;
        r.match.osizes = (uint8_t)(1u << i);
        add_row(src, t, &r);
    }
}

static void parse_absent(const struct source *src, struct table *t, char *s)
{
    enum cpu_feature f;

    for (char *w = strtok(s, " ,"); w; w = strtok(NULL, " ,")) {
        if (!feature_parse(w, &f))
            die(src->path, src->line, "no feature '%s'", w);
        feature_set(t->absent, f);
    }
}

void parse_table(const char *path, struct table *t)
{
    struct source src = {path, 0};
    char text[512];
    FILE *in = fopen(path, "r");

    if (!in)
        die(path, 0, "cannot be read");
    while (fgets(text, sizeof text, in)) {
        char *col[COLUMNS];
        unsigned n = 0;

        src.line++;
        char *s = trim(text);
        if (!*s || *s == '#')
            continue;
        if (!strncmp(s, "%absent ", 8)) {
            parse_absent(&src, t, s + 8);
            continue;
        }
        for (char *next; s; s = next) {
            next = strchr(s, '|');
            if (next)
                *next++ = 0;
            if (n == COLUMNS)
                die(path, src.line, "more than %d columns", COLUMNS);
            col[n++] = trim(s);
        }
        if (n != COLUMNS)
            die(path, src.line, "%u columns instead of %d", n, COLUMNS);
        add_line(&src, t, col);
    }
    fclose(in);
}
