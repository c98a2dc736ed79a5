/*
 * disasm.c - Intel and AT&T syntax.
 */
#include "cpu/disasm/disasm.h"
#include "gen/insn_table.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

struct text {
    char *buf;
    size_t room, used;
    bool att;
};

PRINTF_LIKE(2, 3)
static void put(struct text *t, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    int n = vsnprintf(t->buf + t->used, t->room - t->used, fmt, ap);
    va_end(ap);
    if (n > 0)
        t->used += (size_t)n;
    if (t->used >= t->room)
        t->used = t->room - 1;
}

/* ---- sizes ---- */

static unsigned vector_bytes(const struct decoded *d)
{
    return 16u << d->vl;
}

/* Bytes of an operand; 0: of no certain size. */
static unsigned size_bytes(const struct decoded *d, unsigned size)
{
    switch (size) {
    case SZ_B:
        return 1;
    case SZ_W:
        return 2;
    case SZ_D:
        return 4;
    case SZ_Q:
        return 8;
    case SZ_T:
        return 10;
    case SZ_V:
        return d->osize;
    case SZ_Z:
        return d->osize == 8 ? 4 : d->osize;
    case SZ_Y:
        return d->rex & 8 && d->mode == 64 ? 8 : 4;
    case SZ_N:
        return d->mode == 64 ? 8 : 4;
    case SZ_DQ:
        return 16;
    case SZ_QQ:
        return 32;
    case SZ_X:
        return vector_bytes(d);
    case SZ_H:
        return vector_bytes(d) / 2;
    case SZ_F:
        return vector_bytes(d) / 4;
    case SZ_O:
        return vector_bytes(d) / 8;
    case SZ_P:
        return d->osize + 2u;
    default:
        return 0;
    }
}

static const char *size_text(unsigned bytes)
{
    switch (bytes) {
    case 1:
        return "byte ptr ";
    case 2:
        return "word ptr ";
    case 4:
        return "dword ptr ";
    case 6:
        return "fword ptr ";
    case 8:
        return "qword ptr ";
    case 10:
        return "tbyte ptr ";
    case 16:
        return "xmmword ptr ";
    case 32:
        return "ymmword ptr ";
    default:
        return "";
    }
}

/* ---- registers ---- */

static void put_gpr(struct text *t, const struct decoded *d, unsigned r,
                    unsigned bytes)
{
    static const char names[8][3] = {"ax", "cx", "dx", "bx",
                                     "sp", "bp", "si", "di"};
    static const char high[4][3] = {"ah", "ch", "dh", "bh"};
    static const char *const suffix[9] = {
        [1] = "b", [2] = "w", [4] = "d", [8] = ""};
    const char *percent = t->att ? "%" : "";

    if (r >= 8)
        put(t, "%sr%u%s", percent, r, suffix[bytes]);
    else if (bytes == 1 && r < 4)
        put(t, "%s%cl", percent, names[r][0]);
    else if (bytes == 1 && !d->rex)
        put(t, "%s%s", percent, high[r - 4]);
    else if (bytes == 1)
        put(t, "%s%sl", percent, names[r]);
    else
        put(t, "%s%s%s", percent,
            bytes == 8   ? "r"
            : bytes == 4 ? "e"
                         : "",
            names[r]);
}

static const char *segment_name(unsigned s)
{
    static const char *const names[6] = {"es", "cs", "ss", "ds", "fs", "gs"};

    return s < 6 ? names[s] : "?s";
}

static void put_name(struct text *t, const char *name)
{
    put(t, "%s%s", t->att ? "%" : "", name);
}

static void put_numbered(struct text *t, const char *name, unsigned r)
{
    put(t, "%s%s%u", t->att ? "%" : "", name, r);
}

static void put_vector(struct text *t, const struct decoded *d, unsigned r,
                       unsigned size)
{
    unsigned bytes = size_bytes(d, size);

    put_numbered(t, bytes == 64 ? "zmm" : bytes == 32 ? "ymm" : "xmm", r);
}

/* ---- memory ---- */

static void put_index(struct text *t, const struct decoded *d,
                      const struct operand_info *o)
{
    bool half = o->msize == SZ_D && d->vex_w;

    if (o->loc == LOC_VSIB)
        put_vector(t, d, d->index, half ? SZ_H : SZ_X);
    else
        put_gpr(t, d, d->index, d->asize);
}

static uint64_t rip_target(const struct decoded *d, uint64_t rip)
{
    uint64_t at = rip + d->len + (uint64_t)d->disp;

    return d->asize == 4 ? (uint32_t)at : at;
}

/* An address without registers, cut to the address size. */
static uint64_t absolute(const struct decoded *d)
{
    uint64_t v = (uint64_t)d->disp;

    return d->asize == 8 ? v : d->asize == 4 ? (uint32_t)v : (uint16_t)v;
}

static void put_disp(struct text *t, const struct decoded *d)
{
    if (d->disp)
        put(t, "%+" PRId64, d->disp);
}

static void intel_memory(struct text *t, const struct decoded *d,
                         const struct operand_info *o)
{
    bool base = d->base != REG_NONE, index = d->index != REG_NONE;

    put(t, "%s%s:", size_text(size_bytes(d, o->msize)), segment_name(d->seg));
    if (!base && !index) {
        put(t, "0x%0*" PRIx64, 2 * d->asize, absolute(d));
        return;
    }
    put(t, "[");
    if (d->base == REG_RIP)
        put(t, d->asize == 4 ? "eip" : "rip");
    else if (base)
        put_gpr(t, d, d->base, d->asize);
    if (index) {
        put(t, base ? "+" : "");
        put_index(t, d, o);
        if (d->scale)
            put(t, "*%u", 1u << d->scale);
    }
    put_disp(t, d);
    put(t, "]");
}

static void att_memory(struct text *t, const struct decoded *d,
                       const struct operand_info *o)
{
    bool base = d->base != REG_NONE, index = d->index != REG_NONE;
    int64_t v = d->disp;
    uint64_t abs = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

    put(t, "%%%s:", segment_name(d->seg));
    if (!base && !index) {
        put(t, "0x%" PRIx64, absolute(d));
        return;
    }
    if (v)
        put(t, "%s0x%" PRIx64, v < 0 ? "-" : "", abs);
    put(t, "(");
    if (d->base == REG_RIP)
        put_name(t, d->asize == 4 ? "eip" : "rip");
    else if (base)
        put_gpr(t, d, d->base, d->asize);
    if (index) {
        put(t, ",");
        put_index(t, d, o);
        put(t, ",%u", 1u << d->scale);
    }
    put(t, ")");
}

static void put_memory(struct text *t, const struct decoded *d,
                       const struct operand_info *o)
{
    if (t->att)
        att_memory(t, d, o);
    else
        intel_memory(t, d, o);
}

static void put_string(struct text *t, const struct decoded *d,
                       const struct operand_info *o, unsigned seg, unsigned r)
{
    if (t->att) {
        put(t, "%%%s:(", segment_name(seg));
        put_gpr(t, d, r, d->asize);
        put(t, ")");
        return;
    }
    put(t, "%s%s:[", size_text(size_bytes(d, o->msize)), segment_name(seg));
    put_gpr(t, d, r, d->asize);
    put(t, "]");
}

/* ---- immediates and targets ---- */

static uint64_t cut_to(uint64_t v, unsigned bytes)
{
    return bytes >= 8 || !bytes ? v : v & (((uint64_t)1 << 8 * bytes) - 1);
}

static void put_imm(struct text *t, const struct decoded *d,
                    const struct operand_info *o, bool second)
{
    unsigned bytes = size_bytes(d, o->rsize);
    uint64_t v = second ? d->imm2 : d->imm;

    /* Sign-extended ones are shown as what is added. */
    if (o->loc == LOC_SI || o->rsize == SZ_Z)
        bytes = d->osize;
    if (t->att)
        put(t, "$0x%" PRIx64, cut_to(v, bytes));
    else
        put(t, "0x%0*" PRIx64, (int)(2 * bytes), cut_to(v, bytes));
}

static void put_target(struct text *t, const struct decoded *d, uint64_t rip)
{
    uint64_t to = cut_to(rip + d->len + d->imm, d->osize);

    if (t->att)
        put(t, "0x%" PRIx64, to);
    else
        put(t, ".%+" PRId64 "  (0x%0*" PRIx64 ")", (int64_t)d->imm,
            d->mode == 64 ? 16 : 8, to);
}

static void put_far(struct text *t, const struct decoded *d)
{
    if (t->att)
        put(t, "$0x%x, $0x%" PRIx64, d->imm2, d->imm);
    else
        put(t, "0x%04x:%0*" PRIx64, d->imm2, d->osize == 2 ? 4 : 8, d->imm);
}

/* ---- operands ---- */

static void put_st(struct text *t, unsigned r)
{
    put(t, "%sst(%u)", t->att ? "%" : "", r);
}

/* Operands that are in ModRM.rm. */
static void put_rm(struct text *t, const struct decoded *d,
                   const struct operand_info *o)
{
    if (d->mod != 3) {
        put_memory(t, d, o);
        return;
    }
    switch (o->loc) {
    case LOC_Q:
    case LOC_N:
        put_numbered(t, "mm", d->rm);
        break;
    case LOC_W:
    case LOC_U:
        put_vector(t, d, d->rm, o->rsize);
        break;
    default:
        put_gpr(t, d, d->rm, size_bytes(d, o->rsize));
        break;
    }
}

static void put_operand(struct text *t, const struct decoded *d, unsigned k,
                        uint64_t rip)
{
    enum { AX = 0, CX = 1, DX = 2, SI = 6, DI = 7, ES = 0 };
    uint8_t code = d->info->operand[k];
    const struct operand_info *o = &operand_info[code];
    unsigned bytes = size_bytes(d, o->rsize);
    bool second = k && d->info->operand[k - 1] == OPC_IB;

    second |= k && d->info->operand[k - 1] == OPC_IW;
    switch ((enum operand_loc)o->loc) {
    case LOC_NONE:
        break;
    case LOC_E:
    case LOC_R:
    case LOC_Q:
    case LOC_N:
    case LOC_W:
    case LOC_U:
    case LOC_M:
    case LOC_VSIB:
    case LOC_O:
        put_rm(t, d, o);
        break;
    case LOC_G:
        put_gpr(t, d, d->reg, bytes);
        break;
    case LOC_Z:
        put_gpr(t, d, d->rm, bytes);
        break;
    case LOC_B:
        put_gpr(t, d, d->vvvv, bytes);
        break;
    case LOC_I:
    case LOC_SI:
        put_imm(t, d, o, second);
        break;
    case LOC_J:
        put_target(t, d, rip);
        break;
    case LOC_A:
        put_far(t, d);
        break;
    case LOC_S:
        put_name(t, segment_name(d->reg));
        break;
    case LOC_C:
        put_numbered(t, "cr", d->reg);
        break;
    case LOC_D:
        put_numbered(t, "dr", d->reg);
        break;
    case LOC_X:
        put_string(t, d, o, d->seg, SI);
        break;
    case LOC_Y:
        put_string(t, d, o, ES, DI);
        break;
    case LOC_AX:
        put_gpr(t, d, AX, bytes);
        break;
    case LOC_CL:
        put_gpr(t, d, CX, 1);
        break;
    case LOC_DX:
        put_gpr(t, d, DX, 2);
        break;
    case LOC_ONE:
        put(t, "%s", t->att ? "$1" : "0x01");
        break;
    case LOC_SEG_ES:
    case LOC_SEG_CS:
    case LOC_SEG_SS:
    case LOC_SEG_DS:
    case LOC_SEG_FS:
    case LOC_SEG_GS:
        put_name(t, segment_name(o->loc - LOC_SEG_ES));
        break;
    case LOC_ST0:
        put_st(t, 0);
        break;
    case LOC_STI:
        put_st(t, d->rm);
        break;
    case LOC_P:
        put_numbered(t, "mm", d->reg);
        break;
    case LOC_V:
        put_vector(t, d, d->reg, o->rsize);
        break;
    case LOC_H:
        put_vector(t, d, d->vvvv, o->rsize);
        break;
    case LOC_L:
        put_vector(t, d, d->imm >> 4 & (d->mode == 64 ? 15 : 7), o->rsize);
        break;
    case LOC_XMM0:
        put_numbered(t, "xmm", 0);
        break;
    }
}

static void put_prefixes(struct text *t, const struct decoded *d)
{
    const char *m = d->info->mnemonic;
    bool compares = !strncmp(m, "cmps", 4) || !strncmp(m, "scas", 4);

    if (d->lock)
        put(t, "lock ");
    if (!(d->info->attr & ATTR_REP) || !d->rep)
        return;
    put(t, d->rep == 0xf2 ? "repne " : compares ? "repe " : "rep ");
}

/* AT&T: the size of a memory operand when no register tells it. */
static const char *att_suffix(const struct decoded *d)
{
    static const char *const integer[9] = {
        [0] = "", [1] = "b", [2] = "w", [4] = "l", [8] = "q"};
    unsigned bytes = 0;

    if (d->mod == 3 || d->info->attr & (ATTR_STRING | ATTR_JUMP))
        return "";
    for (unsigned k = 0; k < 4 && d->info->operand[k]; k++) {
        uint8_t code = d->info->operand[k];

        switch (operand_info[code].loc) {
        case LOC_E:
            bytes = size_bytes(d, operand_info[code].msize);
            break;
        case LOC_I:
        case LOC_SI:
        case LOC_ONE:
        case LOC_CL:
            break;
        case LOC_M: /* x87 has letters of its own */
            return code == OPC_M32FP || code == OPC_M16INT   ? "s"
                   : code == OPC_M64FP || code == OPC_M32INT ? "l"
                   : code == OPC_M80FP                       ? "t"
                   : code == OPC_M64INT                      ? "ll"
                                                             : "";
        default:
            return "";
        }
    }
    return integer[bytes];
}

static void put_rip_comment(struct text *t, const struct decoded *d,
                            uint64_t rip)
{
    if (d->mod != 3 && d->base == REG_RIP)
        put(t, " %s 0x%" PRIx64, t->att ? "#" : ";", rip_target(d, rip));
}

size_t disasm_intel(const struct decoded *d, uint64_t rip, char *buf, size_t n)
{
    struct text t = {buf, n, 0, false};

    put_prefixes(&t, d);
    put(&t, "%s", d->info->mnemonic);
    for (unsigned k = 0; k < 4 && d->info->operand[k]; k++) {
        put(&t, k ? ", " : " ");
        put_operand(&t, d, k, rip);
    }
    put_rip_comment(&t, d, rip);
    return t.used;
}

size_t disasm_att(const struct decoded *d, uint64_t rip, char *buf, size_t n)
{
    struct text t = {buf, n, 0, true};
    unsigned count = 0;

    while (count < 4 && d->info->operand[count])
        count++;
    put_prefixes(&t, d);
    put(&t, "%s%s", d->info->mnemonic, att_suffix(d));
    /* ENTER and BOUND keep the order of the manual. */
    bool same = !strcmp(d->info->mnemonic, "enter") ||
                !strcmp(d->info->mnemonic, "bound");
    for (unsigned k = 0; k < count; k++) {
        unsigned i = same ? k : count - 1 - k;
        const struct operand_info *o = &operand_info[d->info->operand[i]];
        bool branch =
            d->info->attr & ATTR_JUMP && (o->loc == LOC_E || o->loc == LOC_M);

        put(&t, "%s%s", k ? ", " : " ", branch ? "*" : "");
        put_operand(&t, d, i, rip);
    }
    put_rip_comment(&t, d, rip);
    return t.used;
}
