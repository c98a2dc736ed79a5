/*
 * mkinsn_handlers - who executes a row: hot bodies, a plain handler, nobody.
 */
#include "tools/mkinsn.h"
#include <stdio.h>
#include <stdlib.h>

/* The hot bodies, numbered from 1 in the order of this list: the same
 * numbers as enum hot_op. */
#define HOT(name) #name,
static const char *const hot_names[] = {
#include "cpu/hot_names.inc"
    NULL,
};
#undef HOT

/* ---- hot bodies ---- */

static uint16_t hot_number(const char *name)
{
    for (uint16_t i = 0; hot_names[i]; i++) {
        if (!strcmp(hot_names[i], name))
            return (uint16_t)(i + 1);
    }
    return 0;
}

/* r, m, i of an operand; 0 for a branch target. */
static char shape_letter(uint8_t code, bool mem)
{
    switch (operand_infos[code].loc) {
    case LOC_E:
        return mem ? 'm' : 'r';
    case LOC_M:
    case LOC_VSIB:
    case LOC_O:
    case LOC_X:
    case LOC_Y:
        return 'm';
    case LOC_I:
    case LOC_SI:
    case LOC_ONE:
        return 'i';
    case LOC_J:
    case LOC_A:
        return 0;
    default:
        return 'r';
    }
}

/* Sizes (bit 0 b, 1 w, 2 d, 3 q) that the first operand can have. */
static unsigned row_sizes(const struct row *r)
{
    unsigned z = (unsigned)r->match.osizes << 1;

    if (r->attr & ATTR_NO64)
        z &= 6;
    if ((r->match.flags & MF_F64) && (r->attr & ATTR_ONLY64))
        z &= 8;
    switch (r->operands ? operand_infos[r->operand[0]].rsize : SZ_V) {
    case SZ_B:
        return operand_infos[r->operand[0]].loc == LOC_I ||
                       operand_infos[r->operand[0]].loc == LOC_SI ||
                       operand_infos[r->operand[0]].loc == LOC_J
                   ? z
                   : 1;
    case SZ_W:
        return operand_infos[r->operand[0]].loc == LOC_I ? z : 2;
    case SZ_D:
        return 4;
    case SZ_Q:
        return 8;
    case SZ_Y:
    case SZ_N:
        return z & 12;
    default:
        return z;
    }
}

static uint16_t find_hot(const struct row *r, unsigned z, bool mem)
{
    char name[96], shape[8];
    unsigned n = 0;
    bool branch = r->operands && operand_infos[r->operand[0]].loc == LOC_J;
    uint16_t hot;

    for (unsigned i = 0; i < r->operands; i++) {
        char c = shape_letter(r->operand[i], mem);
        if (c)
            shape[n++] = c;
    }
    if (branch)
        shape[n++] = 'j';
    shape[n] = 0;
    snprintf(name, sizeof name, "%s_%c_%s", r->handler, "bwdq"[z], shape);
    hot = hot_number(name);
    if (hot || n)
        return hot;
    /* No operand to have a size: one body for all. */
    snprintf(name, sizeof name, "%s_d_", r->handler);
    return hot_number(name);
}

static void resolve_row(struct row *r)
{
    unsigned sizes = row_sizes(r);
    bool memory = false;

    for (unsigned i = 0; i < r->operands; i++) {
        if (operand_infos[r->operand[i]].loc == LOC_O)
            memory = true;
    }
    unsigned forms = memory                      ? 1
                     : r->match.flags & MF_MODRM ? r->match.forms
                                                 : 2;
    if (r->modrm_count)
        forms = 2;
    for (unsigned z = 0; z < 4; z++) {
        for (unsigned mem = 0; mem < 2; mem++) {
            if (!(sizes >> z & 1) || !(forms & (mem ? 1 : 2)))
                continue;
            r->hot[z][mem] = find_hot(r, z, mem);
            if (!r->hot[z][mem])
                r->need_plain = true;
        }
    }
}

/* Features that a model keeps even when an instruction of theirs is not
 * there yet: no guest asks for them one by one. */
static bool is_base_feature(unsigned f)
{
    static const enum cpu_feature base[] = {
        FEAT_8086,  FEAT_186,    FEAT_286,        FEAT_386NI,
        FEAT_X87,   FEAT_486NI,  FEAT_PENTIUM_NI, FEAT_P6NI,
        FEAT_MMX,   FEAT_SSE,    FEAT_SSE2,       FEAT_SSE3,
        FEAT_SSSE3, FEAT_SSE4_1, FEAT_SSE4_2,     FEAT_LONGMODE,
    };

    for (unsigned i = 0; i < ARRAY_LEN(base); i++) {
        if (base[i] == f)
            return true;
    }
    return false;
}

void resolve_handlers(struct table *t, const char *tab, char **files, int n)
{
    struct name_list all = {0};
    char folder[4096] = ".";
    const char *slash = strrchr(tab, '/');

    if (slash)
        snprintf(folder, sizeof folder, "%.*s", (int)(slash - tab), tab);
    scan_sources(&all, folder, files, n);
    memcpy(t->missing, t->absent, sizeof t->missing);
    for (unsigned i = 0; i < t->n; i++) {
        struct row *r = &t->rows[i];

        resolve_row(r);
        r->missing = r->need_plain && !has_name(&all, r->handler);
        for (unsigned k = 0; r->missing && k < 2; k++) {
            unsigned f = r->features[k];
            if (f < FEAT_COUNT && !is_base_feature(f))
                feature_set(t->missing, (enum cpu_feature)f);
        }
    }
    for (size_t i = 0; i < all.n; i++)
        free(all.name[i]);
    free(all.name);
}
