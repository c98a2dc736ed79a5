/*
 * conf_system.c - cases of rows that look at segments, at the state of the
 * processor as a whole or at chance: far transfers, loads of segment
 * registers, LAR and its kin, XSAVE and its kin, CPUID, RDTSC, RDRAND.
 *
 * Both sides have the same LDT (exec_ldt) and the same user segments in the
 * GDT. Here operands are chosen that name them. What only one side can know
 * (time, chance, the model) is taken from the host before results are compared.
 */
#include "tests/insn/conf.h"

enum shape {
    PLAIN,
    SELECTOR, /* in the operand that is read */
    POP_SELECTOR,
    POINTER,     /* m16:16 and so on */
    IMMEDIATE,   /* ptr16:16, ptr16:32 */
    RETURN,      /* RETF */
    INT_RETURN,  /* IRET */
    SAVE,        /* XSAVE: EDX:EAX, an aligned area */
    RESTORE,     /* XRSTOR: the area's contents as well */
    VALUES,      /* low halves of RAX, RCX, RDX, RBX */
    DESTINATION, /* the register operand, and CF */
    XCR,
    NUMBER /* INT n */
};

struct system_rule {
    const char *name;
    enum shape shape;
};

static const struct system_rule rules[] = {
    {"lar", SELECTOR},       {"lsl", SELECTOR},      {"verr", SELECTOR},
    {"verw", SELECTOR},      {"mov", SELECTOR},      {"pop", POP_SELECTOR},
    {"lds", POINTER},        {"les", POINTER},       {"lss", POINTER},
    {"lfs", POINTER},        {"lgs", POINTER},       {"callf", POINTER},
    {"jmpf", POINTER},       {"retf", RETURN},       {"iret", INT_RETURN},
    {"iretd", INT_RETURN},   {"iretq", INT_RETURN},  {"xsave", SAVE},
    {"xsave64", SAVE},       {"xsaveopt", SAVE},     {"xsaveopt64", SAVE},
    {"xsavec", SAVE},        {"xsavec64", SAVE},     {"xrstor", RESTORE},
    {"xrstor64", RESTORE},   {"xsaves", SAVE},       {"xsaves64", SAVE},
    {"xrstors", RESTORE},    {"xrstors64", RESTORE}, {"cpuid", VALUES},
    {"rdtsc", VALUES},       {"rdtscp", VALUES},     {"rdrand", DESTINATION},
    {"rdseed", DESTINATION}, {"rdpid", DESTINATION}, {"xgetbv", XCR},
    {"xsetbv", PLAIN},       {"int", NUMBER},        {"int1", PLAIN},
    {"sysexit", PLAIN},      {"rdmsr", PLAIN},       {"wrmsr", PLAIN},
    {"rdpmc", PLAIN},        {"wbnoinvd", PLAIN},    {"rsm", PLAIN},
    {"clac", PLAIN},         {"stac", PLAIN},        {"monitor", PLAIN},
    {"mwait", PLAIN},        {"invpcid", PLAIN},
};

const struct system_rule *system_rule(const struct insn_info *in)
{
    for (unsigned n = 0; n < ARRAY_LEN(rules); n++)
        if (!strcmp(in->mnemonic, rules[n].name))
            return &rules[n];
    return NULL;
}

static enum shape shape_of(const struct conf *f, const struct conf_case *k)
{
    const struct system_rule *r = f->form[k->row].rule;

    if (!r)
        return PLAIN;
    if (r->shape == POINTER &&
        operand_info[insn_table[k->row].operand[0]].loc == LOC_A)
        return IMMEDIATE;
    return r->shape;
}

/* ---- where things are ---- */

static uint64_t segment_base(const struct conf_case *k, unsigned seg)
{
    if (k->in.bits == 64)
        return seg == SEG_FS   ? k->in.fs_base
               : seg == SEG_GS ? k->in.gs_base
                               : 0;
    if (k->in.bits == 32)
        return 0;
    return seg == SEG_CS ? EXEC_CODE : EXEC_DATA;
}

static uint64_t cut(uint64_t v, unsigned bytes)
{
    return bytes == 8 ? v : v & ((UINT64_C(1) << 8 * bytes) - 1);
}

/* The memory operand's linear address. */
static uint64_t operand(const struct conf_case *k)
{
    const struct decoded *d = &k->p.dec[0];
    uint64_t ea = (uint64_t)d->disp;

    if (d->base == REG_RIP)
        ea += k->in.rip + d->len;
    else if (d->base != REG_NONE)
        ea += k->in.gpr[d->base];
    if (d->index != REG_NONE)
        ea += k->in.gpr[d->index] << d->scale;
    return segment_base(k, d->seg) + cut(ea, d->asize);
}

static uint64_t stack(const struct conf_case *k)
{
    return k->in.bits == 16 ? EXEC_DATA + (k->in.gpr[RSP] & 0xffff)
                            : k->in.gpr[RSP];
}

/* Only where there is a window. */
static void place(struct conf *f, uint64_t at, uint64_t v, unsigned bytes)
{
    for (unsigned n = 0; n < bytes; n++, v >>= 8)
        if (at + n - EXEC_DATA < EXEC_DATA_SIZE)
            f->scratch[at + n - EXEC_DATA] = (uint8_t)v;
}

/* Moves the operand to a multiple of `align` with room behind it, if one
 * register can do that. */
static void align_operand(struct conf *f, struct conf_case *k, unsigned align)
{
    const struct decoded *d = &k->p.dec[0];
    uint64_t want = EXEC_DATA + gen_below(&f->gen, 0x1000 / align) * align;

    if (d->base >= 16 || d->base == d->index)
        return;
    k->in.gpr[d->base] += want - operand(k);
    if (k->in.bits != 64)
        k->in.gpr[d->base] &= UINT32_MAX;
}

/* ---- selectors ---- */

static uint16_t any_selector(struct gen *g)
{
    /* Of the GDT: 63h to 73h are the host's TLS, 7Bh its processor number. */
    static const uint16_t gdt[] = {0,    1,    2,    3,    0x23, 0x20,  0x22,
                                   0x2b, 0x28, 0x2b, 0x33, 0x30, 0x08,  0x10,
                                   0x18, 0x13, 0x3b, 0x83, 0x8b, 0xfff3};

    if (gen_one_in(g, 2))
        return gdt[gen_below(g, ARRAY_LEN(gdt))];
    return (uint16_t)(gen_below(g, EXEC_LDT + 1) << 3 | 4 |
                      (gen_one_in(g, 4) ? gen_below(g, 4) : 3));
}

static uint16_t code_selector(struct gen *g)
{
    static const uint16_t good[] = {0x23, 0x33, 0x0f, 0x1f, 0x27, 0x6f};

    return gen_one_in(g, 3) ? any_selector(g)
                            : good[gen_below(g, ARRAY_LEN(good))];
}

static uint16_t stack_selector(struct gen *g)
{
    static const uint16_t good[] = {0x2b, 0x17, 0x37, 0x5f};

    return gen_one_in(g, 3) ? any_selector(g)
                            : good[gen_below(g, ARRAY_LEN(good))];
}

/* Of the next CS. A far CALL out of 16-bit code, whose stack segment is the
 * LDT's, into 64-bit code never ends under the host's kernel. */
static uint16_t call_selector(struct gen *g, const struct conf_case *k)
{
    uint16_t s = code_selector(g);

    return k->in.bits == 16 && s >> 2 == 0x33 >> 2 ? 0x23 : s;
}

/* An offset that fits the code segment, mostly. */
static uint64_t target(struct gen *g, uint16_t selector)
{
    unsigned n = selector >> 3;
    bool based = selector & 4 && n < EXEC_LDT && exec_ldt[n] >> 56 == 0x10;
    uint64_t at = 0x800 + gen_below(g, 0x1000);

    if (gen_one_in(g, 12))
        return gen_value(g);
    return based ? at : EXEC_CODE + at;
}

/* ---- states ---- */

static void put_selector(struct conf *f, struct conf_case *k)
{
    const struct decoded *d = &k->p.dec[0];
    uint16_t s = any_selector(&f->gen);

    if (d->mod == 3)
        k->in.gpr[d->rm] = (k->in.gpr[d->rm] & ~UINT64_C(0xffff)) | s;
    else
        place(f, operand(k), s, 2);
}

static void put_pointer(struct conf *f, struct conf_case *k)
{
    const struct decoded *d = &k->p.dec[0];
    bool jump = d->info->attr & ATTR_JUMP;
    uint16_t s = jump ? call_selector(&f->gen, k) : any_selector(&f->gen);
    uint64_t at = operand(k);

    place(f, at, jump ? target(&f->gen, s) : gen_value(&f->gen), d->osize);
    place(f, at + d->osize, s, 2);
}

static void put_return(struct conf *f, struct conf_case *k)
{
    const struct decoded *d = &k->p.dec[0];
    uint16_t s = code_selector(&f->gen);
    uint64_t at = stack(k);

    place(f, at, target(&f->gen, s), d->osize);
    place(f, at + d->osize, s, 2);
}

static void put_int_return(struct conf *f, struct conf_case *k)
{
    struct gen *g = &f->gen;
    unsigned size = k->p.dec[0].osize;
    uint64_t at = stack(k), flags = gen_next(g);

    put_return(f, k);
    flags &= EFL_ARITH | EFL_DF | EFL_AC | EFL_NT | EFL_IF | EFL_IOPL | EFL_RF |
             EFL_ID | EFL_VM | EFL_VIF | EFL_VIP | 0x8028;
    place(f, at + 2 * size, flags | (gen_one_in(g, 8) ? EFL_TF : 0), size);
    place(f, at + 3 * size, EXEC_DATA + gen_below(g, 0x2000), size);
    place(f, at + 4 * size, stack_selector(g), 2);
}

/* x87, SSE, AVX: the host's other components stay where they are. */
static void put_mask(struct conf *f, struct conf_case *k)
{
    uint64_t top = ~UINT64_C(0xffffffff);

    if (gen_below(&f->gen, 8))
        align_operand(f, k, 64);
    k->in.gpr[RDX] &= top;
    k->in.gpr[RAX] &= top;
    k->in.gpr[RAX] |= gen_one_in(&f->gen, 2) ? 7 : gen_below(&f->gen, 8);
}

static void put_area(struct conf *f, struct conf_case *k)
{
    struct gen *g = &f->gen;
    uint64_t at;

    put_mask(f, k);
    at = operand(k);
    for (unsigned n = 512; n < 576; n += 8)
        place(f, at + n, gen_one_in(g, 60) ? gen_next(g) : 0, 8);
    place(f, at + 24, gen_one_in(g, 10) ? gen_next(g) : gen_below(g, 0x10000),
          4);
    place(f, at + 512, gen_below(g, 8) | (gen_one_in(g, 20) ? 8 : 0), 8);
    if (gen_one_in(g, 3))
        place(f, at + 520, UINT64_C(1) << 63 | (gen_one_in(g, 4) ? 3 : 7), 8);
}

void system_code(struct conf *f, struct conf_case *k)
{
    struct decoded *d = &k->p.dec[0];
    enum shape shape = shape_of(f, k);
    uint8_t *end = k->p.bytes + k->p.len;
    uint16_t s;

    if (shape == NUMBER && end[-1] == 0x80) /* a system call */
        end[-1] = 0x81;
    if (shape != IMMEDIATE)
        return;
    s = call_selector(&f->gen, k);
    st_le16(end - 2, s);
    if (d->osize == 2)
        st_le16(end - 4, (uint16_t)target(&f->gen, s));
    else
        st_le32(end - 6, (uint32_t)target(&f->gen, s));
}

void system_state(struct conf *f, struct conf_case *k)
{
    static void (*const put[])(struct conf *, struct conf_case *) = {
        [SELECTOR] = put_selector,     [POP_SELECTOR] = put_return,
        [POINTER] = put_pointer,       [RETURN] = put_return,
        [INT_RETURN] = put_int_return, [SAVE] = put_mask,
        [RESTORE] = put_area,          [NUMBER] = NULL};
    enum shape shape = shape_of(f, k);

    /* Far transfers in legacy mode take 33h for something else. */
    if (!put[shape])
        return;
    memcpy(f->scratch, k->data, sizeof f->scratch);
    f->native_holds = f->ours_holds = NULL;
    k->data = f->scratch;
    if (shape == POP_SELECTOR)
        place(f, stack(k), any_selector(&f->gen), k->p.dec[0].osize);
    else
        put[shape](f, k);
}

/* ---- what only the host knows ---- */

static void adopt_low(struct conf_outcome *o, unsigned reg, unsigned bytes)
{
    uint64_t mask = bytes == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * bytes) - 1;

    o->ours.gpr[reg] = (o->ours.gpr[reg] & ~mask) | (o->want.gpr[reg] & mask);
}

/* XCR0, or what of it is in use, of the three components that we have. */
static void level_xcr(struct conf_outcome *o)
{
    o->want.gpr[RAX] &= ~UINT64_C(0xfffffff8);
    if ((o->want.gpr[RAX] ^ o->ours.gpr[RAX]) < 8)
        o->ours.gpr[RAX] = o->want.gpr[RAX];
}

/* A null selector clears the base (Intel) or keeps it (AMD). */
static void level_bases(struct conf_outcome *o)
{
    if (!(o->ours.selector[SEG_FS] >> 2))
        o->ours.fs_base = o->want.fs_base;
    if (!(o->ours.selector[SEG_GS] >> 2))
        o->ours.gs_base = o->want.gs_base;
}

void system_level(struct conf *f, const struct conf_case *k,
                  struct conf_outcome *o)
{
    const struct decoded *d = &k->p.dec[0];
    enum shape shape = shape_of(f, k);
    bool ended = o->want.rip == k->in.rip + k->p.len + !k->stepped;

    if (shape == SELECTOR || shape == POP_SELECTOR || shape == POINTER)
        level_bases(o);
    if (!ended)
        return;
    if (shape == VALUES) {
        adopt_low(o, RAX, 4);
        adopt_low(o, RDX, 4);
        if (strcmp(d->info->mnemonic, "rdtsc"))
            adopt_low(o, RCX, 4);
        if (!strcmp(d->info->mnemonic, "cpuid"))
            adopt_low(o, RBX, 4);
    } else if (shape == DESTINATION) {
        adopt_low(o, d->rm, d->osize);
        o->ours.rflags =
            (o->ours.rflags & ~(uint64_t)EFL_CF) | (o->want.rflags & EFL_CF);
    } else if (shape == XCR) {
        level_xcr(o);
    }
}
