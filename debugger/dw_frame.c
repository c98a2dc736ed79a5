/*
 * dw_frame.c - from a frame to its caller's.
 *
 * By call frame information (DWARF 5, section 6.4) where the program brings
 * it; else by the chain of frame pointers; else by looking for return
 * addresses on the stack, which also finds those of calls that are over.
 */
#include "debugger/dw.h"

#include "cpu/cpu.h"

#include <stdlib.h>

/* Words of the stack that are looked at for a guess. */
#define GUESS_WORDS 512u
/* A frame larger than this is not believed. */
#define FRAME_SIZE_MAX 0x100000u

uint64_t frame_code_linear(const struct dw_ctx *x, uint64_t ip)
{
    const struct cpu *c = target_cpu(x->t);

    if (c->mode == MODE_LONG64)
        return ip;
    return (uint32_t)(ip + c->seg[SEG_CS].base);
}

bool frame_read_stack(const struct dw_ctx *x, uint64_t at, void *out, size_t n)
{
    const struct cpu *c = target_cpu(x->t);

    if (c->mode != MODE_LONG64)
        at = (uint32_t)(at + c->seg[SEG_SS].base);
    return target_read(x->t, ADDR_LINEAR, 0, at, out, n, NULL);
}

uint64_t frame_module_pc(const struct frame *f)
{
    return f->pc - (f->m ? f->m->offset : 0) - !f->exact;
}

static void find_module(const struct dw_ctx *x, struct frame *f)
{
    f->m = symbols_module_at(x->s, f->pc - !f->exact);
}

void frame_here(const struct dw_ctx *x, struct frame *f)
{
    const struct cpu *c = target_cpu(x->t);

    *f = (struct frame){.pc = target_pc(x->t), .exact = true};
    for (unsigned i = 0; i < 16; i++)
        f->gpr[i] = c->mode == MODE_LONG64 ? c->gpr[i] : (uint32_t)c->gpr[i];
    f->known = c->mode == MODE_LONG64 ? 0xffff : 0xff;
    find_module(x, f);
}

static unsigned word_bytes(const struct dw_ctx *x)
{
    return target_code_bits(x->t) / 8;
}

static bool read_word(const struct dw_ctx *x, uint64_t at, unsigned n,
                      uint64_t *v)
{
    uint8_t raw[8] = {0};
    bool ok = frame_read_stack(x, at, raw, n);

    *v = ld_le64(raw);
    return ok;
}

/* ---- call frame information ---- */

/* System V ABI: those that no rule names are as they were. */
static bool callee_saves(const struct dw_module *m, unsigned number)
{
    int gpr = frame_gpr(m, number);

    if (!m->wide)
        return gpr == RBX || gpr == RBP || gpr == RSI || gpr == RDI;
    return gpr == RBX || gpr == RBP || gpr >= 12;
}

/* One register of the caller; false: its value is lost. */
static bool recover(const struct dw_ctx *x, struct frame *f, void *rules,
                    unsigned number, uint64_t *v)
{
    struct dw_op room[3], *ops;
    struct locs at;
    uint8_t raw[32];
    size_t n;

    if (f->m->api.frame_register(rules, (int)number, room, &ops, &n) != 0)
        return false;
    if (!n) { /* NULL: the same as here */
        bool same = (!ops || callee_saves(f->m, number)) &&
                    dw_register(x, f, f->m, number, raw);

        *v = same ? ld_le64(raw) : 0;
        return same;
    }
    if (!dw_evaluate(x, f, f->m, NULL, ops, n, &at) || at.count != 1)
        return false;
    switch (at.piece[0].kind) {
    case LOC_MEMORY:
        return read_word(x, at.piece[0].value, f->m->wide ? 8 : 4, v);
    case LOC_VALUE:
        *v = at.piece[0].value;
        return true;
    case LOC_REGISTER:
        if (!dw_register(x, f, f->m, (unsigned)at.piece[0].value, raw))
            return false;
        *v = ld_le64(raw);
        return true;
    default:
        return false;
    }
}

static bool by_rules(const struct dw_ctx *x, struct frame *f, void *rules,
                     struct frame *outer)
{
    struct dw_module *m = f->m;
    struct dw_op *ops;
    uint64_t v, start, end;
    bool interrupted = false;
    size_t n;
    int ra = m->api.frame_info(rules, &start, &end, &interrupted);

    if (m->api.frame_cfa(rules, &ops, &n) != 0 || !n ||
        !dw_value(x, f, m, ops, n, &f->cfa))
        return false;
    f->has_cfa = true;
    *outer = (struct frame){.how = FRAME_CFI, .exact = interrupted};
    for (unsigned i = 0; i < (m->wide ? 16u : 8u); i++) {
        int gpr = frame_gpr(m, i);

        if (gpr == RSP)
            continue;
        if (recover(x, f, rules, i, &v)) {
            outer->gpr[gpr] = v;
            outer->known |= 1u << gpr;
        }
    }
    /* Unless a rule says otherwise the caller's stack begins at the CFA. */
    outer->gpr[RSP] = f->cfa;
    outer->known |= 1u << RSP;
    if (ra < 0 || !recover(x, f, rules, (unsigned)ra, &v))
        return false;
    outer->pc = frame_code_linear(x, v);
    return v != 0;
}

/* *end: the information says that there is no caller. */
static bool by_cfi(const struct dw_ctx *x, struct frame *f, struct frame *outer,
                   bool *end)
{
    *end = false;
    if (!f->m || !dw_ready(f->m))
        return false;
    for (unsigned k = 0; k < 2; k++) {
        void *rules = NULL;
        bool ok;

        if (!f->m->cfi[k] ||
            f->m->api.frame(f->m->cfi[k], frame_module_pc(f), &rules) != 0)
            continue;
        ok = by_rules(x, f, rules, outer);
        *end = !ok && f->has_cfa;
        free(rules);
        return ok;
    }
    return false;
}

/* ---- without it ---- */

/* Is the word a return address: does a CALL end before it? */
static bool behind_call(const struct dw_ctx *x, uint64_t pc)
{
    uint8_t b[7];

    if (!target_read(x->t, ADDR_LINEAR, 0, pc - sizeof b, b, sizeof b, NULL))
        return false;
    if (b[2] == 0xe8) /* CALL rel32 */
        return true;
    if (target_code_bits(x->t) == 16 && (b[4] == 0xe8 || b[2] == 0x9a))
        return true;
    /* CALL r/m: FF /2 of any length */
    for (unsigned n = 2; n <= 7; n++)
        if (b[7 - n] == 0xff && (b[8 - n] >> 3 & 7) == 2) {
            unsigned mod = b[8 - n] >> 6, rm = b[8 - n] & 7;
            unsigned want = 2 + (mod != 3 && rm == 4) +
                            (mod == 1          ? 1
                             : mod == 2        ? 4
                             : !mod && rm == 5 ? 4
                                               : 0);

            if (want == n || (n == 4 && target_code_bits(x->t) == 16))
                return true;
        }
    return false;
}

static void start_outer(const struct frame *f, struct frame *outer,
                        enum frame_how how)
{
    *outer = (struct frame){.how = how};
    /* Callees keep these (System V ABI), so that they may still be right;
     * the others are lost. */
    outer->gpr[RBP] = f->gpr[RBP];
    outer->known = f->known & 1u << RBP;
}

/* The return address is at the top of the stack. */
static bool by_entry(const struct dw_ctx *x, struct frame *f,
                     struct frame *outer)
{
    const struct symbol *y = symbols_at(x->s, f->pc);
    unsigned n = word_bytes(x);
    uint64_t sp = f->gpr[RSP] & target_cpu(x->t)->stack_mask, v, skip = 0;
    uint8_t b[2] = {0};

    if (f->how != FRAME_HERE ||
        !target_read(x->t, ADDR_LINEAR, 0, f->pc, b, 2, NULL))
        return false;
    if (y && f->pc == y->addr + 1 &&
        target_read(x->t, ADDR_LINEAR, 0, y->addr, b, 1, NULL) && b[0] == 0x55)
        skip = n; /* behind PUSH BP */
    else if (!(y && f->pc == y->addr) && b[0] != 0xc3)
        return false;
    if (!read_word(x, sp + skip, n, &v) ||
        !behind_call(x, frame_code_linear(x, v)))
        return false;
    start_outer(f, outer, FRAME_ENTRY);
    outer->pc = frame_code_linear(x, v);
    f->cfa = sp + skip + n;
    f->has_cfa = true;
    outer->gpr[RSP] = f->cfa;
    outer->known |= 1u << RSP;
    return true;
}

/* Does the function have a frame pointer: PUSH BP; MOV BP, SP near its start?
 * Of one without a name nothing is known: then it may. */
static bool may_have_pointer(const struct dw_ctx *x, const struct frame *f)
{
    const struct symbol *y = symbols_at(x->s, f->pc - !f->exact);
    uint8_t b[16];

    if (!y || !target_read(x->t, ADDR_LINEAR, 0, y->addr, b, sizeof b, NULL))
        return true;
    for (unsigned i = 0; i + 4 < sizeof b; i++) {
        const uint8_t *p = b + i + 1;

        p += *p == 0x48 || *p == 0x66;
        if (b[i] == 0x55 &&
            ((p[0] == 0x89 && p[1] == 0xe5) || (p[0] == 0x8b && p[1] == 0xec)))
            return true;
    }
    return false;
}

static bool by_pointer(const struct dw_ctx *x, struct frame *f,
                       struct frame *outer)
{
    unsigned n = word_bytes(x);
    uint64_t mask = target_cpu(x->t)->stack_mask, bp = f->gpr[RBP] & mask;
    uint64_t sp = f->gpr[RSP] & mask, v, ip;

    if (!(f->known >> RBP & 1) || !may_have_pointer(x, f) || bp < sp ||
        bp - sp > FRAME_SIZE_MAX || bp % 2 || !read_word(x, bp, n, &v) ||
        !read_word(x, bp + n, n, &ip) ||
        !behind_call(x, frame_code_linear(x, ip)))
        return false;
    start_outer(f, outer, FRAME_POINTER);
    outer->pc = frame_code_linear(x, ip);
    outer->gpr[RBP] = v;
    f->cfa = bp + 2 * n;
    f->has_cfa = true;
    outer->gpr[RSP] = f->cfa;
    outer->known |= 1u << RSP;
    return true;
}

/* The next word of the stack that looks like a return address into code that
 * has a name. */
static bool by_guess(const struct dw_ctx *x, struct frame *f,
                     struct frame *outer)
{
    unsigned n = word_bytes(x);
    uint64_t sp = f->gpr[RSP] & target_cpu(x->t)->stack_mask, v, at;

    if (n == 2)
        return false;
    sp &= ~(uint64_t)(n - 1);
    for (unsigned i = 0; i < GUESS_WORDS; i++, sp += n) {
        if (!read_word(x, sp, n, &v))
            return false;
        at = frame_code_linear(x, v);
        if (!symbols_at(x->s, at) || !behind_call(x, at))
            continue;
        start_outer(f, outer, FRAME_GUESS);
        outer->pc = at;
        outer->gpr[RSP] = sp + n;
        outer->known |= 1u << RSP;
        return true;
    }
    return false;
}

bool frame_outer(const struct dw_ctx *x, struct frame *f, struct frame *outer)
{
    bool end;

    if (!by_cfi(x, f, outer, &end)) {
        if (end)
            return false;
        if (!by_entry(x, f, outer) && !by_pointer(x, f, outer) &&
            !by_guess(x, f, outer))
            return false;
    }
    /* Frames go towards the bottom of the stack, or this is none. */
    if (outer->gpr[RSP] <= f->gpr[RSP] && outer->pc == f->pc)
        return false;
    find_module(x, outer);
    return true;
}
