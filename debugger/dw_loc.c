/*
 * dw_loc.c - DWARF expressions: where a variable is, in a frame.
 *
 * DWARF 5, sections 2.5 and 2.6. Typed operations and thread-local storage
 * are "optimized out". An entry value is known when the caller says what it
 * passed (section 3.4.2).
 */
#include "debugger/dw.h"

#include "cpu/cpu.h"

#include <stdio.h>
#include <stdlib.h>

/* Operations of one expression: loops are possible. */
#define STEPS_MAX 10000u
#define STACK_MAX 64u
#define DEPTH_MAX 6u

struct eval {
    const struct dw_ctx *x;
    struct frame *f; /* may be NULL */
    struct dw_module *m;
    struct dw_attr *attr;
    unsigned depth;
    uint64_t stack[STACK_MAX];
    unsigned top;
    bool bad;
    struct loc loc; /* what the operations since the last piece said */
};

static bool run(struct eval *e, const struct dw_op *ops, size_t n,
                struct locs *out);

static void push(struct eval *e, uint64_t v)
{
    if (e->top == STACK_MAX)
        e->bad = true;
    else
        e->stack[e->top++] = e->m->wide ? v : (uint32_t)v;
}

static uint64_t pop(struct eval *e)
{
    if (!e->top) {
        e->bad = true;
        return 0;
    }
    return e->stack[--e->top];
}

/* ---- registers ---- */

int frame_gpr(const struct dw_module *m, unsigned number)
{
    static const uint8_t wide[8] = {RAX, RDX, RCX, RBX, RSI, RDI, RBP, RSP};

    if (!m->wide)
        return number < 8 ? (int)number : -1;
    return number < 8 ? wide[number] : number < 16 ? (int)number : -1;
}

bool dw_register(const struct dw_ctx *x, const struct frame *f,
                 const struct dw_module *m, unsigned number, uint8_t out[32])
{
    int gpr = frame_gpr(m, number);
    unsigned xmm = m->wide ? 17 : 21, st = m->wide ? 33 : 11;
    const struct target_reg *r = NULL;
    char name[16];

    memset(out, 0, 32);
    if (gpr >= 0) {
        st_le64(out, f->gpr[gpr]);
        return f->known >> gpr & 1;
    }
    /* Vectors and the x87 are not saved by callees: only here are they what
     * they were. */
    if (f->how != FRAME_HERE)
        return false;
    if (number >= xmm && number < xmm + (m->wide ? 16 : 8))
        snprintf(name, sizeof name, "xmm%u", number - xmm);
    else if (number >= st && number < st + 8)
        snprintf(name, sizeof name, "st%u", number - st);
    else
        return false;
    r = target_reg_find(name);
    if (r)
        target_reg_read(x->t, r, out);
    return r != NULL;
}

/* ---- parts of expressions ---- */

static void push_register(struct eval *e, unsigned number, uint64_t offset)
{
    uint8_t raw[32];

    if (!e->f || !dw_register(e->x, e->f, e->m, number, raw))
        e->bad = true;
    push(e, ld_le64(raw) + offset);
}

static void push_memory(struct eval *e, uint64_t addr, uint64_t size)
{
    uint8_t raw[8] = {0};

    if (!size || size > 8 ||
        !target_read(e->x->t, ADDR_LINEAR, 0, addr, raw, (size_t)size, NULL))
        e->bad = true;
    push(e, ld_le64(raw));
}

static void push_cfa(struct eval *e)
{
    struct frame outer;

    if (e->f && !e->f->has_cfa)
        frame_outer(e->x, e->f, &outer);
    if (!e->f || !e->f->has_cfa)
        e->bad = true;
    else
        push(e, e->f->cfa);
}

/* The function's frame base plus an offset. */
static void push_frame_base(struct eval *e, uint64_t offset)
{
    uint64_t pc = e->f ? frame_module_pc(e->f) : 0;
    struct dw_attr a;
    struct dw_path p;
    struct dw_op *ops;
    struct locs at;
    size_t n;
    uint8_t raw[32];

    if (!e->f || e->depth >= DEPTH_MAX || !dw_path_at(e->m, pc, &p) ||
        !p.function ||
        !e->m->api.attr(&p.die[p.function], DW_AT_frame_base, &a) ||
        e->m->api.location(&a, pc, &ops, &n, 1) != 1) {
        e->bad = true;
        return;
    }
    struct eval inner = {
        .x = e->x, .f = e->f, .m = e->m, .attr = &a, .depth = e->depth + 1};

    if (!run(&inner, ops, n, &at) || at.count != 1) {
        e->bad = true;
        return;
    }
    if (at.piece[0].kind == LOC_REGISTER) {
        if (!dw_register(e->x, e->f, e->m, (unsigned)at.piece[0].value, raw))
            e->bad = true;
        push(e, ld_le64(raw) + offset);
    } else {
        push(e, at.piece[0].value + offset);
    }
}

/* An address out of the table .debug_addr. */
static void push_indexed(struct eval *e, const struct dw_op *op, uint64_t bias)
{
    struct dw_attr a;
    uint64_t v = 0;

    if (!e->attr || e->m->api.op_attr(e->attr, op, &a) != 0 ||
        e->m->api.addr(&a, &v) != 0)
        e->bad = true;
    push(e, v + bias);
}

/* ---- entry values ---- */

/* The parameter of a call that is register `number`; its expression. */
static bool passed(struct dw_module *m, struct dw_die *call, uint64_t number,
                   struct dw_attr *value)
{
    struct dw_die p;
    struct dw_attr a;
    struct dw_op *ops;
    size_t n;

    if (m->api.child(call, &p) != 0)
        return false;
    do {
        int tag = m->api.tag(&p);

        if (tag != DW_TAG_call_site_parameter &&
            tag != DW_TAG_GNU_call_site_parameter)
            continue;
        if (m->api.attr(&p, DW_AT_location, &a) &&
            m->api.location(&a, 0, &ops, &n, 1) == 1 && n == 1 &&
            ops->atom == DW_OP_reg0 + number)
            return m->api.attr(&p, DW_AT_call_value, value) ||
                   m->api.attr(&p, DW_AT_GNU_call_site_value, value);
    } while (m->api.sibling(&p, &p) == 0);
    return false;
}

/* The call in a scope that returns to pc. */
static bool find_call(struct dw_module *m, struct dw_die *scope, uint64_t pc,
                      struct dw_die *call)
{
    uint64_t at;
    struct dw_attr a;

    if (m->api.child(scope, call) != 0)
        return false;
    do {
        int tag = m->api.tag(call);

        if (tag == DW_TAG_call_site &&
            m->api.attr(call, DW_AT_call_return_pc, &a) &&
            m->api.addr(&a, &at) == 0 && at == pc)
            return true;
        if (tag == DW_TAG_GNU_call_site && m->api.low_pc(call, &at) == 0 &&
            at == pc)
            return true;
    } while (m->api.sibling(call, call) == 0);
    return false;
}

/* What register `number` held when the function was entered. */
static void push_entry_value(struct eval *e, const struct dw_op *op)
{
    struct dw_attr inner, value;
    struct frame outer;
    struct dw_path p;
    struct dw_die call;
    struct dw_op *ops;
    uint64_t v = 0, pc;
    bool found = false;
    size_t n;

    e->bad = true;
    if (!e->attr || !e->f || e->depth >= DEPTH_MAX ||
        e->m->api.op_attr(e->attr, op, &inner) != 0 ||
        e->m->api.location(&inner, 0, &ops, &n, 1) != 1 || n != 1 ||
        ops->atom < DW_OP_reg0 || ops->atom >= DW_OP_reg0 + 32)
        return;
    if (!frame_outer(e->x, e->f, &outer) || !outer.m ||
        outer.how == FRAME_GUESS)
        return;
    pc = outer.pc - outer.m->offset;
    if (!dw_path_at(outer.m, pc - 1, &p))
        return;
    for (unsigned i = p.count; i-- > 1 && !found;)
        found = find_call(outer.m, &p.die[i], pc, &call);
    if (!found || !passed(outer.m, &call, ops->atom - DW_OP_reg0, &value) ||
        outer.m->api.location(&value, 0, &ops, &n, 1) != 1)
        return;
    struct eval deeper = {.x = e->x,
                          .f = &outer,
                          .m = outer.m,
                          .attr = &value,
                          .depth = e->depth + 1};
    struct locs at;

    if (!run(&deeper, ops, n, &at) || at.count != 1 ||
        (at.piece[0].kind != LOC_MEMORY && at.piece[0].kind != LOC_VALUE))
        return;
    v = at.piece[0].value;
    e->bad = false;
    push(e, v);
}

/* ---- operations ---- */

static void arithmetic(struct eval *e, unsigned op)
{
    uint64_t b = pop(e), a = pop(e), v = 0;
    int64_t sa = (int64_t)a, sb = (int64_t)b;

    if (!e->m->wide) {
        sa = (int32_t)a;
        sb = (int32_t)b;
    }
    switch (op) {
    case DW_OP_and:
        v = a & b;
        break;
    case DW_OP_div:
        v = !sb ? 0 : sb == -1 ? -a : (uint64_t)(sa / sb);
        break;
    case DW_OP_minus:
        v = a - b;
        break;
    case DW_OP_mod:
        v = b ? a % b : 0;
        break;
    case DW_OP_mul:
        v = a * b;
        break;
    case DW_OP_or:
        v = a | b;
        break;
    case DW_OP_plus:
        v = a + b;
        break;
    case DW_OP_shl:
        v = b < 64 ? a << b : 0;
        break;
    case DW_OP_shr:
        v = b < 64 ? a >> b : 0;
        break;
    case DW_OP_shra:
        v = (uint64_t)(sa >> (b < 63 ? b : 63));
        break;
    case DW_OP_xor:
        v = a ^ b;
        break;
    case DW_OP_eq:
        v = sa == sb;
        break;
    case DW_OP_ge:
        v = sa >= sb;
        break;
    case DW_OP_gt:
        v = sa > sb;
        break;
    case DW_OP_le:
        v = sa <= sb;
        break;
    case DW_OP_lt:
        v = sa < sb;
        break;
    default:
        v = sa != sb;
        break;
    }
    push(e, v);
}

static void shuffle(struct eval *e, const struct dw_op *op)
{
    uint64_t a, b, c,
        at = op->atom == DW_OP_over  ? 1
             : op->atom == DW_OP_dup ? 0
                                     : op->number;

    switch (op->atom) {
    case DW_OP_drop:
        pop(e);
        break;
    case DW_OP_swap:
        a = pop(e);
        b = pop(e);
        push(e, a);
        push(e, b);
        break;
    case DW_OP_rot:
        a = pop(e);
        b = pop(e);
        c = pop(e);
        push(e, a);
        push(e, c);
        push(e, b);
        break;
    default: /* dup, over, pick */
        if (at >= e->top)
            e->bad = true;
        else
            push(e, e->stack[e->top - 1 - at]);
        break;
    }
}

/* False: not a number's operation. */
static bool number_op(struct eval *e, const struct dw_op *op)
{
    uint64_t v;

    if (op->atom >= DW_OP_lit0 && op->atom < DW_OP_lit0 + 32) {
        push(e, op->atom - DW_OP_lit0);
    } else if (op->atom >= DW_OP_breg0 && op->atom < DW_OP_breg0 + 32) {
        push_register(e, op->atom - DW_OP_breg0, op->number);
    } else if (op->atom >= DW_OP_const1u && op->atom <= DW_OP_consts) {
        push(e, op->number);
    } else if ((op->atom >= DW_OP_dup && op->atom <= DW_OP_rot)) {
        shuffle(e, op);
    } else {
        switch (op->atom) {
        case DW_OP_addr:
            push(e, op->number + e->m->offset);
            break;
        case DW_OP_deref:
            push_memory(e, pop(e), e->m->wide ? 8 : 4);
            break;
        case DW_OP_deref_size:
            push_memory(e, pop(e), op->number);
            break;
        case DW_OP_abs:
            v = pop(e);
            if (v >> (e->m->wide ? 63 : 31))
                v = -v;
            push(e, v);
            break;
        case DW_OP_neg:
            push(e, -pop(e));
            break;
        case DW_OP_not:
            push(e, ~pop(e));
            break;
        case DW_OP_plus_uconst:
            push(e, pop(e) + op->number);
            break;
        case DW_OP_bregx:
            push_register(e, (unsigned)op->number, op->number2);
            break;
        case DW_OP_fbreg:
            push_frame_base(e, op->number);
            break;
        case DW_OP_call_frame_cfa:
            push_cfa(e);
            break;
        case DW_OP_addrx:
        case DW_OP_GNU_addr_index:
            push_indexed(e, op, e->m->offset);
            break;
        case DW_OP_constx:
            push_indexed(e, op, 0);
            break;
        case DW_OP_entry_value:
        case DW_OP_GNU_entry_value:
            push_entry_value(e, op);
            break;
        case DW_OP_nop:
            break;
        default:
            if ((op->atom >= DW_OP_and && op->atom <= DW_OP_xor) ||
                (op->atom >= DW_OP_eq && op->atom <= DW_OP_ne)) {
                arithmetic(e, op->atom);
                break;
            }
            return false;
        }
    }
    return true;
}

/* What an expression or a piece of one describes. */
static void conclude(struct eval *e, struct locs *out, size_t size)
{
    struct loc l = e->loc;

    if (l.kind == LOC_VALUE)
        l.value = pop(e);
    else if (l.kind == LOC_NONE && e->top)
        l = (struct loc){.kind = LOC_MEMORY, .value = pop(e)};
    if (l.kind != LOC_BYTES || size)
        l.size = size;
    if (out->count < LOC_PIECES)
        out->piece[out->count++] = l;
    else
        e->bad = true;
    e->loc = (struct loc){.kind = LOC_NONE};
}

/* Operations that end a description. */
static void place_op(struct eval *e, const struct dw_op *op, struct locs *out)
{
    struct dw_block b;

    if (op->atom >= DW_OP_reg0 && op->atom < DW_OP_reg0 + 32) {
        e->loc = (struct loc){.kind = LOC_REGISTER,
                              .value = op->atom - (unsigned)DW_OP_reg0};
    } else if (op->atom == DW_OP_regx) {
        e->loc = (struct loc){.kind = LOC_REGISTER, .value = op->number};
    } else if (op->atom == DW_OP_stack_value) {
        e->loc.kind = LOC_VALUE;
    } else if (op->atom == DW_OP_implicit_value && e->attr &&
               e->m->api.implicit(e->attr, op, &b) == 0) {
        e->loc = (struct loc){
            .kind = LOC_BYTES, .bytes = b.data, .size = (size_t)b.length};
    } else if (op->atom == DW_OP_piece) {
        conclude(e, out, (size_t)op->number);
    } else {
        e->bad = true;
    }
}

/* The index of the operation that a branch goes to. */
static size_t branch(struct eval *e, const struct dw_op *ops, size_t n,
                     size_t at)
{
    uint64_t goal = ops[at].offset + 3 + (uint64_t)(int16_t)ops[at].number;

    for (size_t i = 0; i < n; i++)
        if (ops[i].offset == goal)
            return i;
    if (goal <= ops[n - 1].offset)
        e->bad = true;
    return n;
}

static bool run(struct eval *e, const struct dw_op *ops, size_t n,
                struct locs *out)
{
    unsigned steps = 0;

    out->count = 0;
    for (size_t i = 0; i < n && !e->bad; i++) {
        if (++steps > STEPS_MAX)
            return false;
        if (ops[i].atom == DW_OP_skip)
            i = branch(e, ops, n, i) - 1;
        else if (ops[i].atom == DW_OP_bra)
            i = pop(e) ? branch(e, ops, n, i) - 1 : i;
        else if (!number_op(e, &ops[i]))
            place_op(e, &ops[i], out);
    }
    if (!e->bad && n && ops[n - 1].atom != DW_OP_piece)
        conclude(e, out, 0);
    return !e->bad && out->count;
}

bool dw_evaluate(const struct dw_ctx *x, struct frame *f, struct dw_module *m,
                 struct dw_attr *attr, const struct dw_op *ops, size_t n,
                 struct locs *out)
{
    struct eval e = {.x = x, .f = f, .m = m, .attr = attr};

    return run(&e, ops, n, out);
}

bool dw_value(const struct dw_ctx *x, struct frame *f, struct dw_module *m,
              const struct dw_op *ops, size_t n, uint64_t *out)
{
    struct eval e = {.x = x, .f = f, .m = m};
    struct locs at;

    if (!run(&e, ops, n, &at) || at.count != 1 ||
        (at.piece[0].kind != LOC_MEMORY && at.piece[0].kind != LOC_VALUE))
        return false;
    *out = at.piece[0].value;
    return true;
}

bool dw_locate(const struct dw_ctx *x, struct frame *f, struct dw_module *m,
               struct dw_die *die, struct locs *out)
{
    struct dw_attr a;
    struct dw_op *ops;
    size_t n;
    uint64_t pc = f ? frame_module_pc(f) : 0;

    out->count = 0;
    if (!m->api.attr(die, DW_AT_location, &a) ||
        m->api.location(&a, pc, &ops, &n, 1) != 1)
        return false;
    return dw_evaluate(x, f, m, &a, ops, n, out);
}
