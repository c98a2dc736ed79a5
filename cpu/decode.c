/*
 * decode.c - bytes to struct decoded, by the tables made from x86.tab.
 *
 * SDM vol. 2 chapter 2 (format, REX, VEX, 64-bit defaults); near branches in
 * 64-bit mode ignore 66, as Intel processors do.
 */
#include "cpu/decode.h"
#include "gen/insn_table.h"

enum {
    MAX_LENGTH = 15,
    MAX_LENGTH_286 = 10,
    NO_SEG = 0xff,
    SEG_DEFAULT_DS = 3,
    SEG_STACK = 2
};

struct cursor {
    const uint8_t *bytes;
    unsigned avail, pos, max;
};

struct state {
    struct cursor in;
    const struct decode_env *env;
    struct decoded *d;
    enum insn_map map;
    uint8_t pp; /* PP_* */
    uint8_t w, l;
    uint8_t vvvv;
    uint8_t sib;
};

static enum decode_status ran_out(const struct cursor *in)
{
    return in->avail >= in->max ? DECODE_LONG : DECODE_MORE;
}

static bool have(const struct cursor *in, unsigned n)
{
    return in->pos + n <= in->avail && in->pos + n <= in->max;
}

/* ---- prefixes ---- */

/* Reads prefixes and leaves the cursor on the first byte that is none. */
static enum decode_status read_prefixes(struct state *s, bool *addr_prefix)
{
    struct decoded *d = s->d;
    bool long64 = s->env->mode == 64;

    for (;; s->in.pos++) {
        if (!have(&s->in, 1))
            return ran_out(&s->in);
        uint8_t b = s->in.bytes[s->in.pos];

        if (UNLIKELY(s->env->quirks & QUIRK_OLD_PREFIXES)) {
            if (b >= 0x64 && b <= 0x67)
                return DECODE_OK;
            if (b == 0xf1) {
                d->lock |= s->env->quirks & QUIRK_OPCODE_ALIASES;
                continue;
            }
        }
        switch (b) {
        case 0x26:
        case 0x2e:
        case 0x36:
        case 0x3e:
            /* Without effect in 64-bit mode (SDM vol. 1, 3.7.5.1). */
            if (!long64)
                d->seg_override = b >> 3 & 3;
            break;
        case 0x64:
        case 0x65:
            d->seg_override = b & 7;
            break;
        case 0x66:
            d->opsize_prefix = true;
            break;
        case 0x67:
            *addr_prefix = true;
            break;
        case 0xf0:
            d->lock = true;
            break;
        case 0xf2:
        case 0xf3:
            d->rep = b;
            break;
        default:
            if (long64 && (b & 0xf0) == 0x40) {
                d->rex = b;
                continue;
            }
            return DECODE_OK;
        }
        /* REX counts only directly before the opcode. */
        d->rex = 0;
    }
}

/* ---- opcode maps ---- */

static bool legal_before_vex(const struct decoded *d)
{
    return !d->lock && !d->opsize_prefix && !d->rep && !d->rex;
}

/* The cursor stands behind C4 or C5. */
static enum decode_status read_vex(struct state *s, bool three)
{
    static const enum insn_map maps[4] = {MAP_COUNT, MAP_VEX_0F, MAP_VEX_0F38,
                                          MAP_VEX_0F3A};
    struct decoded *d = s->d;
    bool long64 = s->env->mode == 64;
    uint8_t b1 = s->in.bytes[s->in.pos++], last = b1;

    if (!legal_before_vex(d))
        return DECODE_UD;
    d->vex = 1;
    d->rex = 0x40;
    s->map = MAP_VEX_0F;
    if (!(b1 & 0x80))
        d->rex |= 4;
    if (three) {
        if (!have(&s->in, 1))
            return ran_out(&s->in);
        last = s->in.bytes[s->in.pos++];
        s->map = (b1 & 31) < 4 ? maps[b1 & 3] : MAP_COUNT;
        if (s->map == MAP_COUNT)
            return DECODE_UD;
        d->rex |= (uint8_t)((~b1 & 0x60) >> 5);
        if (last & 0x80)
            d->rex |= 8;
    }
    s->w = three && (last & 0x80);
    s->l = last >> 2 & 1;
    s->pp = last & 3;
    s->vvvv = (~last >> 3) & 15;
    if (!long64) {
        /* Only eight registers; bit 3 of vvvv and B do not count. */
        d->rex &= 0x48;
        s->vvvv &= 7;
    }
    d->vl = s->l;
    d->vex_w = s->w;
    d->vvvv = s->vvvv;
    return DECODE_OK;
}

/* C4 and C5: VEX in 64-bit mode, and elsewhere where LES and LDS would have a
 * register operand. */
static bool is_vex(const struct state *s)
{
    if (s->env->mode == 64)
        return true;
    return !s->env->real_or_v86 && s->in.bytes[s->in.pos] >= 0xc0;
}

/* What an 8086 takes the opcode byte for. POP CS becomes POP SS with the
 * register's number in d->reg. */
static uint8_t opcode_8086(uint8_t b, struct decoded *d)
{
    if (b == 0x0f) {
        d->reg = 1;
        return 0x17;
    }
    if ((b & 0xf0) == 0x60)
        return b | 0x10;
    return (b & 0xf6) == 0xc0 ? b | 2 : b;
}

static enum decode_status read_opcode(struct state *s)
{
    struct decoded *d = s->d;
    uint8_t b = s->in.bytes[s->in.pos++];

    if (UNLIKELY(s->env->quirks & QUIRK_OPCODE_ALIASES))
        b = opcode_8086(b, d);

    s->pp = d->rep == 0xf2     ? PP_F2
            : d->rep == 0xf3   ? PP_F3
            : d->opsize_prefix ? PP_66
                               : PP_NONE;
    s->w = d->rex >> 3 & 1;
    if (b == 0xc4 || b == 0xc5) {
        if (!have(&s->in, 1))
            return ran_out(&s->in);
        if (is_vex(s)) {
            enum decode_status st = read_vex(s, b == 0xc4);
            if (st != DECODE_OK)
                return st;
            if (!have(&s->in, 1))
                return ran_out(&s->in);
            b = s->in.bytes[s->in.pos++];
        }
    } else if (b == 0x0f) {
        if (!have(&s->in, 1))
            return ran_out(&s->in);
        b = s->in.bytes[s->in.pos++];
        s->map = MAP_0F;
        if (b == 0x38 || b == 0x3a) {
            if (!have(&s->in, 1))
                return ran_out(&s->in);
            s->map = b == 0x38 ? MAP_0F38 : MAP_0F3A;
            b = s->in.bytes[s->in.pos++];
        } else if (b == 0x0f) {
            s->map = MAP_3DNOW;
        }
    }
    d->opcode = b;
    return DECODE_OK;
}

/* ---- memory operands ---- */

static int64_t read_signed(struct cursor *in, unsigned n)
{
    const uint8_t *p = in->bytes + in->pos;

    in->pos += n;
    switch (n) {
    case 1:
        return (int8_t)p[0];
    case 2:
        return (int16_t)ld_le16(p);
    case 4:
        return (int32_t)ld_le32(p);
    default:
        return (int64_t)ld_le64(p);
    }
}

static enum decode_status read_disp(struct state *s, unsigned n)
{
    if (!have(&s->in, n))
        return ran_out(&s->in);
    s->d->disp = read_signed(&s->in, n);
    s->d->disp_len = (uint8_t)n;
    return DECODE_OK;
}

static enum decode_status read_ea16(struct state *s)
{
    enum { BX = 3, BP = 5, SI = 6, DI = 7 };
    static const uint8_t base[8] = {BX, BX, BP, BP, SI, DI, BP, BX};
    static const uint8_t index[8] = {SI,       DI,       SI,       DI,
                                     REG_NONE, REG_NONE, REG_NONE, REG_NONE};
    struct decoded *d = s->d;
    unsigned rm = d->modrm & 7;

    if (d->mod == 0 && rm == 6)
        return read_disp(s, 2);
    d->base = base[rm];
    d->index = index[rm];
    if (d->base == BP)
        d->seg = SEG_STACK;
    return d->mod ? read_disp(s, d->mod) : DECODE_OK;
}

static enum decode_status read_ea32(struct state *s)
{
    enum { SP = 4, BP = 5 };
    struct decoded *d = s->d;
    unsigned rm = d->modrm & 7, base = rm;
    unsigned rex_b = d->rex & 1, rex_x = d->rex >> 1 & 1;

    if (rm == SP) {
        if (!have(&s->in, 1))
            return ran_out(&s->in);
        s->sib = s->in.bytes[s->in.pos++];
        unsigned index = (s->sib >> 3 & 7) | rex_x << 3;
        d->scale = s->sib >> 6;
        if (index != SP)
            d->index = (uint8_t)index;
        base = s->sib & 7;
    }
    if (base == BP && d->mod == 0) {
        if (rm == BP && s->env->mode == 64)
            d->base = REG_RIP;
        return read_disp(s, 4);
    }
    d->base = (uint8_t)(base | rex_b << 3);
    if (d->base == SP || d->base == BP)
        d->seg = SEG_STACK;
    return d->mod == 1   ? read_disp(s, 1)
           : d->mod == 2 ? read_disp(s, 4)
                         : DECODE_OK;
}

static enum decode_status read_memory(struct state *s)
{
    enum decode_status st;

    st = s->d->asize == 2 ? read_ea16(s) : read_ea32(s);
    if (s->d->seg_override != NO_SEG)
        s->d->seg = s->d->seg_override;
    return st;
}

/* ---- immediates ---- */

static enum decode_status read_imm(struct state *s, enum imm_kind kind)
{
    struct decoded *d = s->d;
    unsigned z = d->osize == 2 ? 2 : 4, n = 0;

    switch (kind) {
    case IMM_NONE:
        return DECODE_OK;
    case IMM_U8:
    case IMM_S8:
        n = 1;
        break;
    case IMM_U16:
    case IMM_U8U8:
        n = 2;
        break;
    case IMM_Z:
        n = z;
        break;
    case IMM_V:
        n = d->osize;
        break;
    case IMM_FAR:
        n = z + 2;
        break;
    case IMM_ENTER:
        n = 3;
        break;
    case IMM_MOFFS:
        n = d->asize;
        break;
    }
    if (!have(&s->in, n))
        return ran_out(&s->in);
    d->imm_len = (uint8_t)n;
    switch (kind) {
    case IMM_U8:
        d->imm = s->in.bytes[s->in.pos++];
        break;
    case IMM_U16:
        d->imm = (uint16_t)read_signed(&s->in, 2);
        break;
    case IMM_V:
        d->imm = (uint64_t)read_signed(&s->in, n);
        if (n == 4)
            d->imm = (uint32_t)d->imm;
        else if (n == 2)
            d->imm = (uint16_t)d->imm;
        break;
    case IMM_FAR:
        d->imm = (uint64_t)read_signed(&s->in, z);
        d->imm &= z == 2 ? 0xffff : 0xffffffff;
        d->imm2 = (uint16_t)read_signed(&s->in, 2);
        break;
    case IMM_ENTER:
        d->imm = (uint16_t)read_signed(&s->in, 2);
        d->imm2 = s->in.bytes[s->in.pos++];
        break;
    case IMM_U8U8:
        d->imm = s->in.bytes[s->in.pos++];
        d->imm2 = s->in.bytes[s->in.pos++];
        break;
    case IMM_MOFFS:
        d->disp = read_signed(&s->in, n);
        d->disp_len = (uint8_t)n;
        d->imm_len = 0;
        if (n == 4)
            d->disp = (int64_t)(uint32_t)d->disp;
        else if (n == 2)
            d->disp = (int64_t)(uint16_t)d->disp;
        d->mod = 0;
        break;
    default:
        d->imm = (uint64_t)read_signed(&s->in, n);
        break;
    }
    return DECODE_OK;
}

/* ---- choosing the row ---- */

static uint8_t operand_size(const struct state *s, const struct insn_match *m)
{
    unsigned mode = s->env->mode;
    bool w = s->w && mode == 64, op66 = s->d->opsize_prefix;

    if (m->flags & MF_BYTE)
        return 1;
    if (m->flags & MF_F64 && mode == 64)
        return 8;
    if (m->flags & MF_YSIZE || s->d->vex)
        return w ? 8 : 4;
    if (m->flags & MF_NO66)
        op66 = false;
    if (w)
        return 8;
    if (mode == 16)
        return op66 ? 4 : 2;
    if (op66)
        return 2;
    return m->flags & MF_DF64 && mode == 64 ? 8 : 4;
}

/* VEX forms of older instructions need AVX too; those on general registers
 * do not. */
static bool has_feature(const struct decode_env *env,
                        const struct insn_match *m, bool vex)
{
    if (m->feature == FEAT_LIKE_8086)
        return env->quirks & QUIRK_ROWS_8086;
    if (m->feature == FEAT_LIKE_286)
        return env->quirks & QUIRK_ROWS_286;
    if (vex && m->feature != FEAT_BMI1 && m->feature != FEAT_BMI2 &&
        !feature_test(env->features, FEAT_AVX))
        return false;
    return feature_test(env->features, (enum cpu_feature)m->feature);
}

static bool matches(const struct state *s, const struct insn_match *m)
{
    const struct decoded *d = s->d;
    const struct decode_env *env = s->env;
    unsigned mode_bit = env->mode == 64 ? 4 : env->real_or_v86 ? 1 : 2;
    unsigned w = s->w;

    if (!(m->prefixes >> s->pp & 1) || !(m->modes & mode_bit))
        return false;
    if (m->flags & MF_MODRM) {
        bool is_reg = d->modrm >= 0xc0 || m->flags & MF_ANYMOD;

        if (!(m->forms >> is_reg & 1) ||
            (m->reg != 0xff && m->reg != (d->modrm >> 3 & 7)) ||
            (m->rm != 0xff && m->rm != (d->modrm & 7)))
            return false;
    }
    if (m->flags & MF_W_GPR && env->mode != 64)
        w = 0;
    if (!(m->w >> w & 1) || !(m->l >> s->l & 1))
        return false;
    if (m->flags & MF_NO_REXB && d->rex & 1)
        return false;
    if (m->flags & MF_ALT_CR8 && !d->lock)
        return false;
    if (m->osizes != 7) {
        uint8_t size = operand_size(s, m);
        if (!(m->osizes >> (size >> 2) & 1))
            return false;
    }
    if (!(m->asizes >> (d->asize >> 2) & 1))
        return false;
    return has_feature(env, m, d->vex);
}

static const struct insn_match *choose(const struct state *s)
{
    unsigned i = insn_first[s->map][s->d->opcode];
    unsigned end = insn_first[s->map][s->d->opcode + 1];

    for (; i < end; i++) {
        if (matches(s, &insn_matches[i]))
            return &insn_matches[i];
    }
    return NULL;
}

/* ---- operands ---- */

static enum decode_status read_operands(struct state *s,
                                        const struct insn_match *m)
{
    struct decoded *d = s->d;
    enum decode_status st;

    d->info = &insn_table[m->info];
    d->osize = operand_size(s, m);
    if (m->flags & MF_OPREG) {
        d->reg = d->rm = (d->opcode & 7) | (d->rex & 1) << 3;
    } else if (m->flags & MF_MODRM) {
        d->mod = m->flags & MF_ANYMOD ? 3 : d->modrm >> 6;
        d->reg = (d->modrm >> 3 & 7) | (d->rex & 4) << 1;
        d->rm = (d->modrm & 7) | (d->rex & 1) << 3;
        if (m->flags & MF_REG7)
            d->reg &= 7;
        if (m->flags & MF_RM7)
            d->rm &= 7;
        /* The opcode byte of 3DNow! has been read already when there is a
         * memory operand: its place depends on it. */
        if (d->mod != 3 && s->map != MAP_3DNOW) {
            st = read_memory(s);
            if (st != DECODE_OK)
                return st;
        }
    }
    if (m->flags & MF_VSIB) {
        if ((d->modrm & 7) != 4 || d->asize == 2)
            return DECODE_UD;
        d->index = (s->sib >> 3 & 7) | (d->rex & 2) << 2;
    }
    if (d->vex && !(m->flags & MF_VVVV) && s->vvvv)
        return DECODE_UD;
    st = read_imm(s, (enum imm_kind)m->imm);
    if (st != DECODE_OK)
        return st;
    if (m->flags & MF_ALT_CR8)
        d->reg |= 8;
    else if (d->lock && !(m->flags & MF_LOCK && d->mod != 3) &&
             !(s->env->quirks & QUIRK_LOCK_ANY))
        return DECODE_UD;
    return DECODE_OK;
}

/* 0F 0F /r op: the operands come before the byte that names the operation. */
static enum decode_status read_3dnow(struct state *s)
{
    struct decoded *d = s->d;

    d->mod = d->modrm >> 6;
    if (d->mod != 3) {
        enum decode_status st = read_memory(s);
        if (st != DECODE_OK)
            return st;
    }
    if (!have(&s->in, 1))
        return ran_out(&s->in);
    d->opcode = s->in.bytes[s->in.pos++];
    return DECODE_OK;
}

static bool needs_modrm(const struct state *s)
{
    unsigned first = insn_first[s->map][s->d->opcode];

    return s->map == MAP_3DNOW || insn_matches[first].flags & MF_MODRM;
}

static bool opcode_exists(const struct state *s)
{
    return s->map == MAP_3DNOW || insn_first[s->map][s->d->opcode] !=
                                      insn_first[s->map][s->d->opcode + 1];
}

static enum decode_status decode(struct state *s)
{
    struct decoded *d = s->d;
    bool addr_prefix = false;
    enum decode_status st = read_prefixes(s, &addr_prefix);

    if (st != DECODE_OK)
        return st;
    d->asize = s->env->mode == 64   ? (addr_prefix ? 4 : 8)
               : s->env->mode == 32 ? (addr_prefix ? 2 : 4)
                                    : (addr_prefix ? 4 : 2);
    if (d->seg_override != NO_SEG)
        d->seg = d->seg_override;
    st = read_opcode(s);
    if (st != DECODE_OK)
        return st;
    if (!opcode_exists(s))
        return DECODE_UD;
    if (needs_modrm(s)) {
        if (!have(&s->in, 1))
            return ran_out(&s->in);
        d->modrm = s->in.bytes[s->in.pos++];
        if (s->map == MAP_3DNOW) {
            st = read_3dnow(s);
            if (st != DECODE_OK)
                return st;
        }
    }
    const struct insn_match *m = choose(s);
    return m ? read_operands(s, m) : DECODE_UD;
}

enum decode_status decode_insn(const struct decode_env *env,
                               const uint8_t *bytes, unsigned avail,
                               struct decoded *out)
{
    struct state s = {
        .in = {bytes, avail, 0,
               env->quirks & QUIRK_TEN_BYTES ? MAX_LENGTH_286 : MAX_LENGTH},
        .env = env,
        .d = out,
        .map = MAP_ONE,
    };

    *out = (struct decoded){
        .mode = env->mode,
        .mod = 3,
        .seg = SEG_DEFAULT_DS,
        .seg_override = NO_SEG,
        .base = REG_NONE,
        .index = REG_NONE,
    };
    enum decode_status st = decode(&s);
    out->len = (uint8_t)s.in.pos;
    return st;
}
