/*
 * oracle_gen.c - random instructions and states, made from x86.tab.
 */
#include "tests/insn/oracle_gen.h"
#include "gen/insn_table.h"

/* ---- which rows ---- */

static bool in_list(const char *name, const char *const *list)
{
    for (; *list; list++)
        if (!strcmp(name, *list))
            return true;
    return false;
}

/* What depends on the system, on time, or on tables that differ here. */
static bool left_out(const struct insn_info *in)
{
    static const char *const out[] = {
        "syscall", "sysret",   "sysenter", "sysexit",   "cpuid",    "rdtsc",
        "rdtscp",  "rdrand",   "rdseed",   "rdpid",     "xgetbv",   "xsetbv",
        "int",     "int1",     "rsm",      "sgdt",      "sidt",     "sldt",
        "str",     "smsw",     "lar",      "lsl",       "verr",     "verw",
        "callf",   "jmpf",     "retf",     "iret",      "lds",      "les",
        "lss",     "lfs",      "lgs",      "rdpkru",    "wrpkru",   "monitor",
        "mwait",   "monitorx", "mwaitx",   "serialize", "wbnoinvd", "movdiri",
        "invpcid", "rdpmc",    "rdmsr",    "wrmsr",     "clac",     "stac",
        NULL};
    const char *m = in->mnemonic;

    if (in_list(m, out) || !strncmp(m, "xsave", 5) ||
        !strncmp(m, "xrstor", 6) || !strncmp(m, "iret", 4))
        return true;
    for (unsigned k = 0; k < 4; k++) {
        unsigned loc = operand_info[in->operand[k]].loc;

        /* Loads of segment registers. */
        if (k == 0 &&
            (loc == LOC_S ||
             (loc >= LOC_SEG_ES && loc <= LOC_SEG_GS && !strcmp(m, "pop"))))
            return true;
    }
    return false;
}

/* Rows that are compared one by one only. */
static bool alone(const struct insn_info *in)
{
    static const char *const list[] = {
        "arpl",   "wrfsbase",  "wrgsbase",    "maskmovq", "maskmovdqu",
        "ud0",    "ud1",       "fxsave",      "fxrstor",  "fxsave64",
        "clzero", "fxrstor64", "vmaskmovdqu", NULL};

    return in_list(in->mnemonic, list);
}

enum comparison gen_comparison(const struct insn_info *in)
{
    /* Their last bits are those of one generation of processors. */
    static const char *const x87[] = {"f2xm1", "fyl2x",  "fyl2xp1",
                                      "fsin",  "fcos",   "fsincos",
                                      "fptan", "fpatan", NULL};
    static const char *const sse[] = {"rcpps",    "rcpss",    "rsqrtps",
                                      "rsqrtss",  "vrcpps",   "vrcpss",
                                      "vrsqrtps", "vrsqrtss", NULL};

    if (left_out(in))
        return COMPARE_NOT;
    if (in_list(in->mnemonic, x87))
        return COMPARE_NEAR_X87;
    return in_list(in->mnemonic, sse) ? COMPARE_NEAR_SSE : COMPARE_EXACT;
}

static bool vector_operand(const struct insn_info *in)
{
    for (unsigned k = 0; k < 4; k++) {
        unsigned loc = operand_info[in->operand[k]].loc;

        if (loc >= LOC_P && loc <= LOC_XMM0)
            return true;
    }
    return false;
}

static bool x87_row(const struct insn_info *in, const struct row *r)
{
    (void)in;
    return r->map == MAP_ONE &&
           ((r->opcode & 0xf8) == 0xd8 || r->opcode == 0x9b);
}

static bool is_hot(const struct insn_info *in)
{
    for (unsigned k = 0; k < 8; k++)
        if (in->hot[k / 2][k % 2])
            return true;
    return false;
}

static void add_row(struct gen *g, enum family f, const struct row *r)
{
    if (g->count[f] < ROWS_MAX)
        g->rows[f][g->count[f]++] = *r;
}

static void sort_row(struct gen *g, const struct row *r)
{
    const struct insn_info *in = gen_row_info(r);

    if (x87_row(in, r)) {
        add_row(g, FAM_X87, r);
    } else if (r->map >= MAP_VEX_0F && vector_operand(in)) {
        add_row(g, FAM_AVX, r);
    } else if (vector_operand(in) || !strcmp(in->mnemonic, "emms") ||
               strstr(in->mnemonic, "mxcsr")) {
        add_row(g, FAM_SSE, r);
    } else {
        add_row(g, FAM_INT, r);
        if (is_hot(in))
            add_row(g, FAM_HOT, r);
        if (is_hot(in) && in->flags_written | in->flags_undef)
            add_row(g, FAM_PRODUCE, r);
        if (in->flags_read)
            add_row(g, FAM_CONSUME, r);
    }
}

void gen_each_row(void (*fn)(void *opaque, const struct row *r), void *opaque)
{
    for (unsigned map = 0; map < MAP_COUNT; map++)
        for (unsigned op = 0; op < 256; op++)
            for (unsigned k = insn_first[map][op]; k < insn_first[map][op + 1];
                 k++) {
                struct row r = {(uint16_t)k, (uint8_t)map, (uint8_t)op};

                fn(opaque, &r);
            }
}

const struct insn_info *gen_row_info(const struct row *r)
{
    return &insn_table[insn_matches[r->match].info];
}

struct chooser {
    struct gen *g;
    bool (*usable)(const struct insn_info *);
};

static void choose(void *opaque, const struct row *r)
{
    const struct chooser *c = opaque;
    const struct insn_info *in = gen_row_info(r);

    if (r->map != MAP_3DNOW && c->usable(in) && !alone(in) &&
        gen_comparison(in) == COMPARE_EXACT)
        sort_row(c->g, r);
}

void gen_init(struct gen *g, const uint64_t *features,
              bool (*usable)(const struct insn_info *))
{
    struct chooser c = {g, usable};

    *g = (struct gen){.bits = 64, .features = features};
    gen_each_row(choose, &c);
}

/* ---- one instruction ---- */

struct asm_buf {
    uint8_t b[32];
    unsigned n;
};

static void put(struct asm_buf *a, unsigned v)
{
    a->b[a->n++] = (uint8_t)v;
}

static void put_n(struct asm_buf *a, uint64_t v, unsigned n)
{
    for (; n; n--, v >>= 8)
        put(a, (unsigned)v & 0xff);
}

static unsigned pick_bit(struct gen *g, unsigned set, unsigned limit)
{
    unsigned n;

    if (!(set & ((1u << limit) - 1)))
        return 0;
    do
        n = gen_below(g, limit);
    while (!(set >> n & 1));
    return n;
}

struct shape {
    const struct insn_match *m;
    bool mem, w;
    bool a67;     /* address size prefix */
    unsigned rex; /* R X B W as in a REX byte, without 40h */
    uint8_t modrm, sib;
    bool has_sib;
    unsigned disp_size;
    uint64_t disp;
};

/* Registers that point into the data (in 16-bit addressing BX BP SI DI). */
static unsigned pointer_reg(struct gen *g)
{
    static const uint8_t low[] = {RBX, RSP, RBP, RSI, RDI};
    static const uint8_t high[] = {12, 13, 14};

    if (g->bits == 64 && gen_one_in(g, 3))
        return high[gen_below(g, 3)];
    return low[gen_below(g, 5)];
}

static unsigned address_bits(const struct gen *g, const struct shape *s)
{
    if (g->bits == 64)
        return s->a67 ? 32 : 64;
    return (g->bits == 32) != s->a67 ? 32 : 16;
}

static uint64_t window_base(const struct gen *g)
{
    return g->bits == 16 ? 0 : EXEC_DATA;
}

static void shape_mem16(struct gen *g, struct shape *s)
{
    unsigned mod = gen_below(g, 3), rm = gen_below(g, 8);

    s->disp_size = mod == 1 ? 1 : mod == 2 || (mod == 0 && rm == 6) ? 2 : 0;
    s->disp = gen_below(g, 128) - 64u;
    if (mod == 0 && rm == 6)
        s->disp = gen_below(g, EXEC_DATA_SIZE);
    s->modrm = (uint8_t)(mod << 6 | rm);
}

static void shape_sib(struct gen *g, struct shape *s, unsigned mod,
                      unsigned base)
{
    unsigned index = gen_below(g, 8), scale = gen_below(g, 4);

    if (!gen_one_in(g, g->pinned ? 30 : 4)) { /* an index that is small */
        index = g->bits == 64 && gen_one_in(g, 2) ? 9 : g->pinned ? RSP : RCX;
        scale = gen_below(g, 3);
    } else if (g->bits == 64 && gen_one_in(g, 8)) {
        index |= 8;
    }
    s->has_sib = true;
    s->rex |= index & 8 ? 2 : 0;
    s->rex |= base & 8 ? 1 : 0;
    s->sib = (uint8_t)(scale << 6 | (index & 7) << 3 | (base & 7));
    s->modrm = (uint8_t)(mod << 6 | 4);
    if (mod == 0 && (base & 7) == 5) { /* no base */
        s->disp_size = 4;
        s->disp = window_base(g) + 0x400 + gen_below(g, 0x400);
    }
}

static void shape_mem(struct gen *g, struct shape *s)
{
    unsigned mod = gen_below(g, 3), base = pointer_reg(g);

    if (address_bits(g, s) == 16) {
        shape_mem16(g, s);
        return;
    }
    if (gen_one_in(g, g->pinned ? 60 : 12))
        base = gen_below(g, g->bits == 64 ? 16 : 8);
    if (g->bits == 64 && gen_one_in(g, 12)) { /* RIP-relative */
        mod = 0;
        base = RBP;
    }
    s->disp_size = mod == 1 ? 1 : mod == 2 ? 4 : 0;
    s->disp = (uint64_t)gen_below(g, 128) - 64;
    if (s->disp_size == 4 && gen_one_in(g, 2))
        s->disp = (uint64_t)gen_below(g, 0x400) - 0x200;
    if ((base & 7) == 4 || gen_one_in(g, 3)) {
        shape_sib(g, s, mod, base);
        return;
    }
    s->rex |= base & 8 ? 1 : 0;
    s->modrm = (uint8_t)(mod << 6 | (base & 7));
    if (mod == 0 && (base & 7) == 5) { /* RIP-relative, or absolute */
        s->disp_size = 4;
        s->disp = window_base(g) + 0x400 + gen_below(g, 0x1000);
    }
}

static void shape_modrm(struct gen *g, struct shape *s)
{
    const struct insn_match *m = s->m;
    unsigned reg = m->reg != 0xff ? m->reg : gen_below(g, 8);

    s->mem = (m->forms & 3) == 1 ||
             ((m->forms & 1) && gen_one_in(g, g->registers ? 6 : 2));
    if (s->mem)
        shape_mem(g, s);
    else
        s->modrm = (uint8_t)(0xc0 | (m->rm != 0xff ? m->rm : gen_below(g, 8)));
    s->modrm |= (uint8_t)(reg << 3);
    if (g->bits != 64)
        return;
    if (m->reg == 0xff && gen_one_in(g, 2))
        s->rex |= 4;
    if (!s->mem && gen_one_in(g, 3))
        s->rex |= 1;
}

static uint64_t immediate(struct gen *g)
{
    static const uint8_t edge[] = {0,  1,  2,  7,  8,  9,    15,   16,  17,
                                   24, 31, 32, 33, 63, 64,   65,   127, 128,
                                   5,  3,  4,  10, 12, 0x1f, 0xf0, 255};

    return gen_one_in(g, 2) ? edge[gen_below(g, ARRAY_LEN(edge))]
                            : gen_value(g);
}

static void put_vex(struct gen *g, struct asm_buf *a, const struct row *r,
                    const struct shape *s, unsigned pp)
{
    unsigned vvvv = s->m->flags & MF_VVVV ? gen_below(g, 16) : 0;
    unsigned l = pick_bit(g, s->m->l, 2);
    unsigned map = (unsigned)r->map - MAP_VEX_0F + 1;

    if (g->bits != 64)
        vvvv &= 7;
    if (map == 1 && !s->w && !(s->rex & 3) && gen_one_in(g, 2)) {
        put(a, 0xc5);
        put(a, (s->rex & 4 ? 0 : 0x80) | (~vvvv & 15) << 3 | l << 2 | pp);
    } else {
        put(a, 0xc4);
        put(a, (~s->rex & 7) << 5 | map);
        put(a, (s->w ? 0x80u : 0) | (~vvvv & 15) << 3 | l << 2 | pp);
    }
    put(a, r->opcode);
}

static void put_legacy(struct gen *g, struct asm_buf *a, const struct row *r,
                       const struct shape *s, unsigned pp, bool o66)
{
    unsigned attr = insn_table[s->m->info].attr;
    bool rep = attr & (ATTR_REP | ATTR_STRING);

    if (o66 || pp == PP_66)
        put(a, 0x66);
    if ((attr & ATTR_LOCK) && s->mem ? gen_one_in(g, 6) : gen_one_in(g, 300))
        put(a, 0xf0);
    if (pp == PP_F3 || pp == PP_F2)
        put(a, pp == PP_F3 ? 0xf3 : 0xf2);
    else if (s->m->prefixes == 0xf &&
             (rep ? gen_one_in(g, 2) : gen_one_in(g, 40)))
        put(a, gen_one_in(g, 2) ? 0xf2 : 0xf3);
    if (s->rex || s->w || (g->bits == 64 && gen_one_in(g, 12)))
        put(a, 0x40 | s->rex | (s->w ? 8u : 0));
    if (r->map != MAP_ONE)
        put(a, 0x0f);
    if (r->map == MAP_3DNOW) { /* the opcode comes behind the operands */
        put(a, 0x0f);
        return;
    }
    if (r->map == MAP_0F38)
        put(a, 0x38);
    else if (r->map == MAP_0F3A)
        put(a, 0x3a);
    put(a, r->opcode);
}

static void put_segment(struct gen *g, struct asm_buf *a)
{
    static const uint8_t seg[] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65};

    if (gen_one_in(g, 8))
        put(a, seg[gen_below(g, g->bits == 64 || gen_one_in(g, 4) ? 6 : 4)]);
}

/* Makes the displacement of a RIP-relative operand reach the data. */
static void fix_rip(struct gen *g, uint64_t rip, uint8_t *bytes,
                    const struct decoded *d, const struct shape *s,
                    unsigned disp_at)
{
    if (g->bits == 64 && d->base == REG_RIP)
        st_le32(bytes + disp_at, (uint32_t)(s->disp - rip - d->len));
}

static bool try_insn(struct gen *g, const struct row *r, uint64_t rip,
                     uint8_t *bytes, struct decoded *d)
{
    const struct insn_match *m = &insn_matches[r->match];
    struct shape s = {.m = m};
    struct asm_buf a = {.n = 0};
    bool vex = r->map >= MAP_VEX_0F;
    unsigned pp = m->prefixes == 0xf ? PP_NONE : pick_bit(g, m->prefixes, 4);
    struct decode_env env = {(uint8_t)g->bits, false, g->features, 0};
    unsigned disp_at;

    s.a67 = gen_one_in(g, g->bits == 32 ? 30 : 12);
    s.w = (m->w & 3) == 2 || (g->bits == 64 && m->w & 2 && gen_one_in(g, 3));
    if (m->flags & MF_MODRM)
        shape_modrm(g, &s);
    else if (g->bits == 64 && m->flags & MF_OPREG && gen_one_in(g, 2))
        s.rex |= 1;
    if (m->asizes != 7 && m->asizes)
        s.a67 = gen_one_in(g, 2);
    put_segment(g, &a);
    if (s.a67)
        put(&a, 0x67);
    if (vex)
        put_vex(g, &a, r, &s, pp);
    else
        put_legacy(g, &a, r, &s, pp,
                   pp == PP_NONE && m->prefixes & (1u << PP_66) &&
                       gen_one_in(g, 4));
    if (m->flags & MF_MODRM)
        put(&a, s.modrm);
    if (s.has_sib)
        put(&a, s.sib);
    disp_at = a.n;
    put_n(&a, s.disp, s.disp_size);
    if (r->map == MAP_3DNOW)
        put(&a, r->opcode);
    if (m->imm == IMM_MOFFS)
        put_n(&a, window_base(g) + 0x400 + gen_below(g, 0x1000), 8);
    else
        put_n(&a, immediate(g), 8);
    if (a.n < 15)
        put_n(&a, gen_next(g), 15 - a.n);
    memcpy(bytes, a.b, 15);
    if (decode_insn(&env, bytes, 15, d) != DECODE_OK ||
        d->info != &insn_table[m->info])
        return false;
    if (d->info->attr & ATTR_NO64 && g->bits == 64)
        return false;
    fix_rip(g, rip, bytes, d, &s, disp_at);
    return decode_insn(&env, bytes, 15, d) == DECODE_OK;
}

/* A register that the instruction may change is pinned. */
static bool changes_pinned(const struct gen *g, const struct decoded *d)
{
    static const char *const both[] = {"xchg", "xadd", "cmpxchg", "mulx", NULL};
    unsigned n = in_list(d->info->mnemonic, both) ? 2 : 1;
    static const char *const none[] = {"cmp", "test", "push", "bt",
                                       "jmp", "call", NULL};

    if (in_list(d->info->mnemonic, none))
        return false;
    for (unsigned k = 0; k < n; k++) {
        const struct operand_info *o = &operand_info[d->info->operand[k]];
        unsigned reg;

        if (o->loc == LOC_G)
            reg = d->reg;
        else if ((o->loc == LOC_E && d->mod == 3) || o->loc == LOC_R ||
                 o->loc == LOC_Z)
            reg = d->rm;
        else if (o->loc == LOC_B)
            reg = d->vvvv;
        else
            continue;
        if (o->rsize == SZ_B && !d->rex && reg >= 4)
            reg -= 4;
        if (g->pinned >> reg & 1)
            return true;
    }
    return false;
}

/* Where the manuals leave a choice and vendors made different ones. */
static bool by_vendor(const struct gen *g, const struct decoded *d)
{
    const char *m = d->info->mnemonic;
    unsigned first = operand_info[d->info->operand[0]].loc;

    /* 66 on near branches in 64-bit mode. */
    if (g->bits == 64 && d->opsize_prefix &&
        d->info->attr & (ATTR_JUMP | ATTR_COND))
        return true;
    /* AMD has no far pointers of 10 bytes. */
    if (d->osize == 8 &&
        (d->info->operand[0] == OPC_MP || d->info->operand[1] == OPC_MP))
        return true;
    /* PUSH of a segment register as 32 bits writes 2 bytes or 4. */
    if (!strcmp(m, "push") && first >= LOC_SEG_ES && first <= LOC_SEG_GS &&
        d->osize == 4)
        return true;
    /* MOVSXD of 16 bits reads 2 bytes or 4. */
    if (!strcmp(m, "movsxd") && d->osize == 2)
        return true;
    /* AMD lets F2 and F3 choose the condition of LOOPcc. */
    if (!strncmp(m, "loop", 4) && d->rep)
        return true;
    /* 0F 0D with a register: #UD or NOP. */
    if (d->opcode == 0x0d && !strcmp(m, "nop") && d->mod == 3)
        return true;
    /* A REP with 32-bit addresses and ECX = 0 may change RCX. */
    if (g->bits == 64 && d->rep && d->asize == 4 && g->pinned &&
        d->info->attr & ATTR_STRING)
        return true;
    /* C1 after FCOMI and its kin: cleared (SDM) or left alone. */
    if (g->pinned && (!strncmp(m, "fcomi", 5) || !strncmp(m, "fucomi", 6)))
        return true;
    /* Double shifts of 16 bits by more than 16: CL is kept small. */
    return (!strcmp(m, "shld") || !strcmp(m, "shrd")) && d->osize == 2 &&
           (operand_info[d->info->operand[2]].loc == LOC_CL
                ? g->pinned != 0
                : (d->imm & 31) > 16);
}

/* What is sure, or likely, to fault at CPL 3. */
static bool ends_row(const struct decoded *d)
{
    static const char *const list[] = {
        "int3",   "into",  "hlt",  "cli",  "sti",  "ud2",  "lldt",
        "ltr",    "clts",  "lgdt", "lidt", "lmsw", "invd", "invlpg",
        "wbinvd", "bound", "div",  "idiv", NULL};

    if (d->info->attr & (ATTR_PRIV | ATTR_IO) ||
        ((d->seg_override == SEG_FS || d->seg_override == SEG_GS) &&
         d->mod != 3))
        return true;
    for (unsigned k = 0; k < 2; k++) {
        unsigned loc = operand_info[d->info->operand[k]].loc;

        if (loc == LOC_C || loc == LOC_D)
            return true;
    }
    return in_list(d->info->mnemonic, list) ||
           !strncmp(d->info->mnemonic, "ins", 3) ||
           !strncmp(d->info->mnemonic, "outs", 4) ||
           !strncmp(d->info->mnemonic, "popf", 4);
}

/* Changes RCX without naming it. */
static bool counts(const struct decoded *d)
{
    return d->rep || !strncmp(d->info->mnemonic, "loop", 4) ||
           !strncmp(d->info->mnemonic, "popa", 4) ||
           !strncmp(d->info->mnemonic, "popf", 4);
}

bool gen_insn(struct gen *g, enum family f, uint64_t rip, uint8_t *bytes,
              struct decoded *d)
{
    for (unsigned tries = 0; tries < 200; tries++) {
        const struct row *r = &g->rows[f][gen_below(g, g->count[f])];

        if (!g->count[f])
            return false;
        for (unsigned k = 0; k < 8; k++) {
            if (!try_insn(g, r, rip, bytes, d))
                continue;
            if (by_vendor(g, d) ||
                (changes_pinned(g, d) && (g->loop || !gen_one_in(g, 30))))
                continue;
            if (g->pinned && ends_row(d) && !gen_one_in(g, 20))
                continue;
            if (g->loop && counts(d))
                continue;
            return true;
        }
    }
    return false;
}

bool gen_form(struct gen *g, const struct row *r, uint64_t rip, uint8_t *bytes,
              struct decoded *d)
{
    for (unsigned tries = 0; tries < 30; tries++)
        if (try_insn(g, r, rip, bytes, d) && !by_vendor(g, d))
            return true;
    return false;
}

/* ---- flags ---- */

uint16_t gen_undefined(const struct decoded *d)
{
    static const char *const shifts[] = {"shl", "shr", "sar", "rol",
                                         "ror", "rcl", "rcr", NULL};
    static const char *const doubles[] = {"shld", "shrd", NULL};
    const struct insn_info *in = d->info;
    uint16_t u = in->flags_undef;

    /* OF is defined for counts of 1, CF for counts up to the size. */
    if (in_list(in->mnemonic, shifts) &&
        operand_info[in->operand[1]].loc != LOC_ONE) {
        unsigned size = d->osize * 8, n = (unsigned)d->imm & 31;
        bool immediate = operand_info[in->operand[1]].loc == LOC_I;

        if (!immediate || n != 1)
            u |= EFL_OF;
        if (in->mnemonic[0] == 's' && size < 32 && (!immediate || n > size))
            u |= EFL_CF;
    }
    if (in_list(in->mnemonic, doubles)) {
        u |= EFL_OF;
        if (d->osize == 2)
            u |= EFL_ARITH;
    }
    return u;
}

static bool is_relative(const struct decoded *d)
{
    return operand_info[d->info->operand[0]].loc == LOC_J;
}

/* Sets the displacement of the relative branch number k. */
static void set_target(struct prog *p, unsigned k, unsigned target)
{
    unsigned end = p->off[k + 1];
    int delta = (int)p->off[target] - (int)end;
    const struct insn_info *in = p->dec[k].info;
    unsigned size = operand_info[in->operand[0]].rsize == SZ_B ? 1
                    : p->dec[k].osize == 2                     ? 2
                                                               : 4;

    for (unsigned n = 0; n < size; n++)
        p->bytes[end - size + n] = (uint8_t)(delta >> 8 * n);
}

/* Something that gives all six flags a value. */
static void put_setter(struct gen *g, struct prog *p)
{
    uint8_t *b = p->bytes + p->len;
    struct decode_env env = {(uint8_t)g->bits, false, g->features, 0};

    b[0] = (uint8_t)(gen_one_in(g, 2) ? 0x39 : 0x85); /* CMP or TEST Ev,Gv */
    b[1] = (uint8_t)(0xc0 | gen_below(g, 64));
    memset(b + 2, 0x90, 13);
    decode_insn(&env, b, 15, &p->dec[p->n]);
    p->len += 2;
    p->n++;
    p->off[p->n] = (uint16_t)p->len;
}

static void put_loop(struct gen *g, struct prog *p)
{
    static const uint8_t counts[] = {0xe2, 0xe1, 0xe0};
    uint8_t *b = p->bytes + p->len;
    struct decode_env env = {(uint8_t)g->bits, false, g->features, 0};

    b[0] = counts[gen_one_in(g, 2) ? 0 : gen_below(g, 3)];
    b[1] = (uint8_t)(0u - (p->len + 2));
    memset(b + 2, 0x90, 13);
    decode_insn(&env, b, 15, &p->dec[p->n]);
    p->len += 2;
    p->n++;
    p->off[p->n] = (uint16_t)p->len;
}

/* Indirect branches come last: what they jump to is not known here. */
static bool suits(const struct decoded *d, uint16_t undef, bool last)
{
    if (d->info->attr & ATTR_JUMP && !last &&
        (!is_relative(d) || !strcmp(d->info->mnemonic, "call")))
        return false;
    return !(d->info->flags_read & undef);
}

void gen_prog(struct gen *g, struct prog *p, enum family f, unsigned n,
              uint64_t rip, bool loop)
{
    uint16_t undef = 0;
    unsigned sure = 0; /* instructions before this one may be jumped over */

    memset(p, 0, sizeof *p);
    g->loop = loop;
    if (loop)
        put_setter(g, p);
    for (unsigned tries = 0; p->n < n && tries < 400; tries++) {
        struct decoded *d = &p->dec[p->n];
        enum family pick = gen_one_in(g, 6) ? FAM_INT : f;

        if (f == FAM_INT)
            pick = gen_one_in(g, 4) ? FAM_INT : FAM_HOT;
        else if (f == FAM_CONSUME)
            pick = gen_one_in(g, 2) ? FAM_PRODUCE : FAM_CONSUME;
        else if (n == 1)
            pick = f;
        g->registers = f == FAM_CONSUME;
        if (loop && p->len > 90)
            break;
        if (!gen_insn(g, pick, rip + p->len, p->bytes + p->len, d) ||
            !suits(d, undef, p->n + 1 == n && !loop))
            continue;
        if (f >= FAM_X87 && !strncmp(d->info->mnemonic, "popf", 4))
            continue; /* might set AC */
        p->undef[p->n] = undef;
        if (is_relative(d)) {
            unsigned t = p->n + 1 + gen_below(g, 3);

            d->imm2 = (uint16_t)(t > n ? n : t);
            sure = sure > t ? sure : t;
        }
        if (p->n >= sure)
            undef &= (uint16_t) ~(d->info->flags_written);
        undef |= gen_undefined(d);
        p->len += d->len;
        p->n++;
        p->off[p->n] = (uint16_t)p->len;
    }
    for (unsigned k = 0; k < p->n; k++)
        if (is_relative(&p->dec[k]) && p->dec[k].info->operand[0])
            set_target(p, k, p->dec[k].imm2 < p->n ? p->dec[k].imm2 : p->n);
    if (loop && !(undef & EFL_ZF)) {
        p->undef[p->n] = undef;
        put_loop(g, p);
    }
    p->undef[p->n] = undef;
}
