/*
 * trace.c - from guest bytes to the slots of a trace.
 *
 * One pass decodes up to a branch, an instruction that changes the rules,
 * the end of the page or TRACE_MAX instructions. A second finds flags that
 * nobody can see (cpu/trace_flags.c). A third picks the handler for each slot.
 */
#include "cpu/exception.h"
#include "cpu/icache_int.h"
#include "cpu/mode.h"
#include "cpu/optable.h"
#include "cpu/probe.h"
#include "gen/insn_handlers.h"

struct building {
    struct cpu *c;
    struct icache *ic;
    bool cached;
    size_t scratch_used;
    uint8_t *reuse, *reuse_end; /* memory of a dead trace */
    uint64_t rip, paddr;
    unsigned n;
    bool ended; /* the last instruction never falls through here */
    bool magic; /* it is one at which the debugger stops */
    bool crosses;
    uint64_t paddr2;
    /* Of the slot that was filled last: op with its variant, or 0. */
    uint16_t filled;
    enum hot_table table;
    uint16_t off[TRACE_MAX + 1];
    struct flag_plan flags;
    uint8_t slot_of[TRACE_MAX];
    struct decoded *dec[TRACE_MAX];
    struct decoded space[TRACE_MAX];
};

/* ---- decoding ---- */

static void op_too_long(struct cpu *c, const struct decoded *d)
{
    (void)d;
    cpu_fault_why(c, EXC_GP, 0, "instruction too long, or beyond CS limit");
}

static const struct insn_info bad_opcode = {
    .mnemonic = "(bad)", .fn = op_ud, .attr = ATTR_END};
static const struct insn_info too_long = {
    .mnemonic = "(bad)", .fn = op_too_long, .attr = ATTR_END};

/* Bytes of an instruction that runs over the end of its page. */
static enum decode_status decode_crossing(struct building *b,
                                          const struct decode_env *env,
                                          uint64_t la, const uint8_t *p,
                                          unsigned avail, struct decoded *d)
{
    uint8_t buf[16] = {0};
    uint64_t next = (la | PAGE_MASK) + 1;
    const struct itlb_entry *f;
    uint64_t base;

    memcpy(buf, p, avail);
    next = cpu_long(b->c) ? next : (uint32_t)next;
    f = tlb_fetch(b->c, next);
    base = f->paddr;
    if (f->page.host)
        memcpy(buf + avail, f->page.host, 15 - avail);
    else
        for (unsigned n = avail; n < 15; n++)
            buf[n] = (uint8_t)phys_load(b->c->phys, base + n - avail, 1);
    b->crosses = true;
    b->paddr2 = base;
    return decode_insn(env, buf, 15, d);
}

/*
 * gs:[rip + disp], as Linux addresses the data of a processor: the sum is a
 * small number and known here, so that the operand has no base.
 */
static void settle_rip(const struct building *b, struct decoded *d)
{
    uint64_t at = b->rip + b->off[b->n] + d->len + (uint64_t)d->disp;

    if (d->base != REG_RIP || d->asize != 8 ||
        (d->seg != SEG_FS && d->seg != SEG_GS) ||
        at != (uint64_t)(int64_t)(int32_t)(uint32_t)at)
        return;
    d->base = REG_NONE;
    d->disp = (int32_t)(uint32_t)at;
}

/* Decodes instruction number b->n; false when the trace must end before. */
static bool decode_one(struct building *b, const struct decode_env *env,
                       uint64_t la, const uint8_t *p, unsigned room)
{
    struct decoded *d = &b->space[b->n];
    unsigned off = b->off[b->n], avail = room - off;
    enum decode_status st =
        decode_insn(env, p + off, avail < 15 ? avail : 15, d);
    struct cpu *c = b->c;

    if (st == DECODE_MORE) {
        if (b->n)
            return false;
        st = decode_crossing(b, env, la, p + off, avail, d);
    }
    if (st != DECODE_OK) {
        if (b->n)
            return false;
        *d = (struct decoded){.mod = 3, .len = 1};
        d->info = st == DECODE_UD ? &bad_opcode : &too_long;
    }
    if (c->mode != MODE_LONG64 &&
        b->rip + off + d->len - 1 > c->seg[SEG_CS].limit && !trace_wraps(c)) {
        if (b->n)
            return false;
        d->info = &too_long;
    }
    settle_rip(b, d);
    b->dec[b->n] = d;
    b->n++;
    b->off[b->n] = (uint16_t)(off + d->len);
    if (b->crosses && b->off[b->n] <= room)
        b->crosses = false; /* the decoder only wanted to look */
    return true;
}

/* A debugger's code point before the next instruction ends the trace. */
static bool probed(const struct building *b, uint64_t la)
{
    unsigned off = b->off[b->n];

    return probe_code_at(b->c, b->rip + off, la + off, b->paddr + off);
}

/* XCHG r16, r16 of a register with itself that the debugger asked for. */
static bool is_magic(const struct cpu *c, const struct decoded *d)
{
    return d->opcode == 0x87 && !strcmp(d->info->mnemonic, "xchg") &&
           d->osize == 2 && d->mod == 3 && d->rm == d->reg && d->rm < 8 &&
           c->probe->magic >> d->rm & 1;
}

static void decode_all(struct building *b, uint64_t la, const uint8_t *p,
                       unsigned room, unsigned max)
{
    struct cpu *c = b->c;
    struct decode_env env = trace_env(c);

    while (b->n < max && b->off[b->n] < room) {
        uint32_t attr;

        if (UNLIKELY(c->probe_mask & PROBE_CODE) && b->n && probed(b, la))
            return;
        if (!decode_one(b, &env, la, p, room))
            return;
        if (UNLIKELY(c->probe_mask & PROBE_MAGIC) &&
            is_magic(c, b->dec[b->n - 1])) {
            b->ended = b->magic = true;
            return;
        }
        attr = b->dec[b->n - 1]->info->attr;
        if (attr & (ATTR_END | ATTR_IO) ||
            (attr & ATTR_JUMP && !(attr & ATTR_COND))) {
            b->ended = true;
            return;
        }
        if (b->crosses)
            return;
    }
}

static uint16_t hot_of(const struct decoded *d)
{
    static const uint8_t index_of_size[9] = {
        [1] = 0, [2] = 1, [4] = 2, [8] = 3};
    const struct insn_info *in = d->info;
    unsigned mem = d->mod != 3;
    uint16_t op = in->hot[index_of_size[d->osize]][mem];

    return op ? op : in->hot[0][mem];
}

/* Does nothing at all, not even look at its operand: needs no slot. */
static bool is_nop(const struct decoded *d)
{
    return d->info->fn == op_nop;
}

/* ---- slots ---- */

/* Where a register of `size` bytes lies in c->gpr. */
static uint8_t reg_offset(const struct decoded *d, unsigned r, unsigned size)
{
    if (size == 1 && !d->rex && r >= 4 && r < 8 && d->vex == 0)
        return (uint8_t)((r - 4) * 8 + (HOST_BIG_ENDIAN ? 6 : 1));
    return (uint8_t)(r * 8 + (HOST_BIG_ENDIAN ? 8 - size : 0));
}

static unsigned reg_size(const struct decoded *d, uint8_t opc)
{
    switch (operand_info[opc].rsize) {
    case SZ_B:
        return 1;
    case SZ_W:
        return 2;
    case SZ_D:
        return 4;
    case SZ_Q:
        return 8;
    default:
        return d->osize == 1 ? 1 : d->osize;
    }
}

static void put_register(struct insn *i, unsigned position, uint8_t offset)
{
    if (position == 0)
        i->d = offset;
    else if (position == 1)
        i->s = offset;
    else
        i->b = offset;
}

static void fill_operands(struct insn *i, const struct decoded *d)
{
    i->b = i->x = 8 * GPR_NIL;
    i->d = i->s = 8 * GPR_NIL;
    for (unsigned k = 0; k < 4 && d->info->operand[k]; k++) {
        uint8_t opc = d->info->operand[k];
        unsigned size = reg_size(d, opc);

        switch (operand_info[opc].loc) {
        case LOC_E:
            if (d->mod != 3)
                break;
            put_register(i, k, reg_offset(d, d->rm, size));
            break;
        case LOC_R:
        case LOC_Z:
            put_register(i, k, reg_offset(d, d->rm, size));
            break;
        case LOC_G:
            put_register(i, k, reg_offset(d, d->reg, size));
            break;
        case LOC_B:
            put_register(i, k, reg_offset(d, d->vvvv, size));
            break;
        case LOC_AX:
            put_register(i, k, reg_offset(d, RAX, size));
            break;
        case LOC_ONE:
            i->imm = 1;
            break;
        case LOC_I:
        case LOC_SI:
            i->imm = (int32_t)d->imm;
            break;
        default:
            break;
        }
    }
}

static void fill_memory(const struct building *b, unsigned n, struct insn *i)
{
    const struct decoded *d = b->dec[n];

    i->seg = d->seg;
    i->disp = (int32_t)d->disp;
    i->scale = d->scale;
    i->b = d->base < 16 ? (uint8_t)(8 * d->base) : 8 * GPR_NIL;
    i->x = d->index < 16 ? (uint8_t)(8 * d->index) : 8 * GPR_NIL;
    if (d->base == REG_RIP)
        i->q = b->rip + b->off[n + 1] + (uint64_t)d->disp;
    else if (d->mode == 64)
        i->q = (uint64_t)d->disp; /* moffs */
    else
        i->q = d->asize == 2 ? 0xffff : 0xffffffff;
    if (d->mode == 64 && d->asize == 4)
        i->q = (uint32_t)i->q;
}

static enum hot_table table_x64(const struct decoded *d)
{
    static const uint8_t by_scale[] = {HT_X64_1, HT_X64, HT_X64_4, HT_X64_8};

    return d->index == REG_NONE ? HT_B64 : by_scale[d->scale];
}

static enum hot_table table_x32(const struct decoded *d)
{
    static const uint8_t by_scale[] = {HT_X32_1, HT_X32, HT_X32_4, HT_X32};

    return d->index == REG_NONE ? HT_B32 : by_scale[d->scale];
}

static bool flat32(enum hot_table t)
{
    return t >= HT_B32 && t <= HT_X32_4;
}

static enum hot_table memory_table64(const struct decoded *d, bool lea)
{
    bool far_disp = d->disp != (int32_t)d->disp;

    if (!lea && (d->seg == SEG_FS || d->seg == SEG_GS))
        return d->asize == 8 && d->base != REG_RIP && !far_disp ? HT_SEG64
                                                                : HT_SLOW;
    if (d->base == REG_RIP ||
        (d->base == REG_NONE && d->index == REG_NONE && far_disp))
        return HT_ABS;
    return d->asize == 4 ? table_x32(d) : table_x64(d);
}

static enum hot_table memory_table(const struct cpu *c, const struct decoded *d,
                                   bool lea)
{
    if (c->mode_key & KEY_CHECKED && !lea)
        return HT_SLOW;
    if (d->mode == 64)
        return memory_table64(d, lea);
    if (d->asize == 4 && (lea || c->mode_key & KEY_FLAT(d->seg)))
        return table_x32(d);
    return HT_SEG32;
}

static enum hot_table stack_table(const struct cpu *c)
{
    if (c->mode_key & KEY_CHECKED)
        return HT_SLOW;
    if (c->mode == MODE_LONG64)
        return HT_B64;
    return c->mode_key & KEY_FLAT(SEG_SS) && c->stack_mask == 0xffffffff
               ? HT_B32
               : HT_SEG32;
}

/* 66 before a branch of 16-bit code: the target may lie beyond the limit. */
static bool long_branch(const struct cpu *c, const struct decoded *d)
{
    return c->code_bits == 16 && d->osize == 4 &&
           d->info->attr & (ATTR_JUMP | ATTR_COND);
}

/* Which table serves a slot. */
static enum hot_table choose_table(const struct cpu *c, const struct decoded *d,
                                   uint16_t op)
{
    const struct hot_fact *f = &c->icache->fact[op];
    bool stack = f->stack;
    bool mem = d->mod != 3;
    enum hot_table m, s;

    if (long_branch(c, d) && hot_slow_table[op])
        return HT_SLOW;
    if (!mem && !stack)
        return c->mode_key & KEY_CHECKED && hot_slow_table[op] &&
                       d->info->attr & (ATTR_JUMP | ATTR_COND)
                   ? HT_SLOW
                   : HT_REG;
    if (!stack)
        return memory_table(c, d, f->lea);
    s = stack_table(c);
    if (!mem)
        return s;
    m = memory_table(c, d, false);
    if (m == HT_SLOW || s == HT_SLOW)
        return HT_SLOW;
    if (c->mode == MODE_LONG64)
        return flat32(m) ? HT_SLOW : m;
    return flat32(m) && s == HT_B32 ? m : HT_SEG32;
}

static void plan_flags(struct building *b)
{
    struct flag_plan *p = &b->flags;

    p->n = b->n;
    p->dec = b->dec;
    for (unsigned n = 0; n < b->n; n++) {
        p->op[n] = hot_of(b->dec[n]);
        p->slow[n] =
            p->op[n] && choose_table(b->c, b->dec[n], p->op[n]) == HT_SLOW;
    }
    trace_flags(b->ic, p);
}

static hot_fn *table_entry(enum hot_table t, uint16_t op)
{
    return hot_tables[t][op];
}

static void *part(struct building *b, size_t n)
{
    n = (n + 31) & ~(size_t)31;
    if (n > (size_t)(b->reuse_end - b->reuse))
        return icache_alloc(b->ic, b->cached, &b->scratch_used, n);
    b->reuse += n;
    return b->reuse - n;
}

static struct decoded *keep_decoded(struct building *b, const struct decoded *d)
{
    struct decoded *copy = part(b, sizeof *copy);

    *copy = *d;
    return copy;
}

/* Target of a relative branch, cut to the operand size. */
static uint64_t branch_target(const struct building *b, unsigned n)
{
    const struct decoded *d = b->dec[n];
    uint64_t t = b->rip + b->off[n + 1] + d->imm;

    return d->mode == 64 ? t : d->osize == 2 ? (uint16_t)t : (uint32_t)t;
}

static enum hot_simd_form simd_form(const struct cpu *c,
                                    const struct decoded *d)
{
    switch (memory_table(c, d, false)) {
    case HT_B64:
        return VF_B64;
    case HT_X64:
    case HT_X64_1:
    case HT_X64_4:
    case HT_X64_8:
        return VF_X64;
    case HT_ABS:
        return d->base == REG_RIP && d->asize == 8 ? VF_RIP : VF_COUNT;
    case HT_B32:
    case HT_X32:
    case HT_X32_1:
    case HT_X32_4:
        return VF_X32;
    default:
        return VF_COUNT;
    }
}

/* A hot handler instead of the plain one, where there is one. */
static void fill_simd(const struct building *b, unsigned n, struct insn *i)
{
    const struct decoded *d = b->dec[n];
    const struct hot_simd *e = trace_simd(b->ic, d->info->fn);
    enum hot_simd_form form = d->mod == 3 ? VF_REG : simd_form(b->c, d);

    if (HOST_BIG_ENDIAN || !e->plain || d->vex || form == VF_COUNT ||
        !e->form[form])
        return;
    i->d = d->reg;
    i->s = d->rm;
    i->disp = (int32_t)d->disp;
    i->b = d->base < 16 ? (uint8_t)(8 * d->base) : 8 * GPR_NIL;
    i->x = d->index < 16 ? (uint8_t)(8 * d->index) : 8 * GPR_NIL;
    i->scale = form == VF_REG ? (uint8_t)d->imm : d->scale;
    i->fn = e->form[form];
}

static void fill_plain(struct building *b, unsigned n, struct insn *i,
                       struct slot_cold *k)
{
    const struct decoded *d = b->dec[n];
    bool end = d->info->attr & (ATTR_END | ATTR_IO | ATTR_JUMP | ATTR_COND);

    i->dec = k->dec = keep_decoded(b, d);
    i->imm = (int32_t)(b->off[n] | (uint32_t)b->off[n + 1] << 16);
    i->fn = end ? hot_plain_end : hot_plain;
    fill_simd(b, n, i);
}

/* Where a CALL comes back to lies where its form leaves room. */
static void put_return(struct insn *i, enum hot_table t, uint64_t next)
{
    if (t == HT_REG || t == HT_ABS) {
        i->disp = (int32_t)(uint32_t)next;
        i->imm = (int32_t)(uint32_t)(next >> 32);
    } else if (t == HT_SEG32) {
        i->imm = (int32_t)(uint32_t)next;
    } else if (t != HT_SLOW) {
        i->q = next;
    }
}

/* Shifts and rotates by a constant: which, masked; a MOV if it is 0. */
static uint16_t settle_count(struct insn *i, const struct decoded *d,
                             uint16_t op)
{
    i->imm &= d->osize == 8 ? 63 : 31;
    if (i->imm)
        return op;
    i->s = i->d;
    return d->osize == 1   ? HOT_mov_b_rr
           : d->osize == 2 ? HOT_mov_w_rr
           : d->osize == 4 ? HOT_mov_d_rr
                           : HOT_mov_q_rr;
}

static void not_linked(struct insn *i, struct slot_cold *k)
{
    k->stop = (struct link_stop){hot_stop, i};
    i->link = (struct insn *)(void *)&k->stop;
    i->pay = 0;
}

static void fill_hot(struct building *b, unsigned n, struct insn *i,
                     struct slot_cold *k, uint16_t op, enum flag_class *flags)
{
    const struct decoded *d = b->dec[n];
    const struct hot_fact *f = &b->ic->fact[op];
    enum hot_table t = choose_table(b->c, d, op);
    uint16_t variant = 0;

    k->constants = trace_constants(b->ic, d, op);
    fill_operands(i, d);
    if (f->shift || f->rotate) {
        op = settle_count(i, d, op);
        f = &b->ic->fact[op];
    }
    k->op = op;
    if (d->mod != 3)
        fill_memory(b, n, i);
    if (t != HT_REG || d->info->attr & (ATTR_JUMP | ATTR_COND) || b->ic->single)
        k->dec = keep_decoded(b, d);
    if (d->info->attr & (ATTR_JUMP | ATTR_COND)) {
        uint64_t next = b->rip + b->off[n + 1];

        if (f->direct) {
            not_linked(i, k);
            k->target = branch_target(b, n);
        }
        if (f->call)
            put_return(i, d->mod == 3 ? HT_REG : t, next);
        if (f->counts)
            i->imm = d->asize == 8 ? -2 : d->asize == 4 ? -1 : 0xffff;
    }
    if (f->movabs)
        i->q = d->imm;
    /* In the slow table an access may call for attention, and the trace is
     * left behind it: the flags are seen after all. */
    if (b->flags.dead[n] && t != HT_SLOW)
        variant = f->no_flags;
    else if (*flags == FLAGS_SUB)
        variant = f->after_sub;
    else if (*flags == FLAGS_LOG)
        variant = f->after_log;
    else if (*flags == FLAGS_RESULT)
        variant = f->after_result;
    if (!variant || !table_entry(t, variant))
        variant = op;
    b->filled = variant;
    b->table = t;
    i->fn = table_entry(t, variant);
    if (!i->fn) /* a register form that only lives in the slow table */
        i->fn = hot_slow_twin;
    if (f->leaves != FLAGS_KEPT && !(b->flags.dead[n] && variant != op))
        *flags = f->leaves;
}

/*
 * A comparison directly before a conditional branch becomes one slot; the
 * branch keeps its own behind it, where the slow twin goes on.
 */
static void fuse(struct building *b, unsigned n, struct insn *i,
                 struct slot_cold *k)
{
    const struct hot_fact *f = &b->ic->fact[k->op];
    enum hot_table t = choose_table(b->c, b->dec[n], k->op);
    hot_fn *fn;
    uint8_t cc;

    /* Where q is an address or a mask, or the segment matters, there is no
     * room for the link. */
    if (n + 1 >= b->n || t == HT_ABS || t >= HT_SEG64 ||
        b->c->mode_key & KEY_CHECKED || long_branch(b->c, b->dec[n + 1]))
        return;
    cc = b->ic->fact[hot_of(b->dec[n + 1])].condition;
    fn = cc ? table_entry(t, f->fused[cc - 1]) : NULL;
    if (!fn)
        return;
    b->filled = f->fused[cc - 1];
    i->fn = fn;
    not_linked(i, k);
    i->refund = (uint8_t)(b->n - n - 2);
    k->target = branch_target(b, n + 1);
}

/* Two at once do not see what the first one does to RSP, nor a stack pointer
 * that wraps. */
static bool stack_pair(const struct insn *i, enum hot_table t)
{
    return t != HT_SEG32 && i[-1].d / 8 != RSP && i->d / 8 != RSP;
}

/*
 * Lets the slot before this one do the work of both, if there is a handler for
 * that. This one stays as it is, for whoever comes by another way. False: not.
 */
static bool pair_up(struct building *b, struct insn *i, uint16_t before,
                    enum hot_table before_table)
{
    enum hot_table t = before_table == HT_REG ? b->table : before_table;
    hot_fn *fn;

    if (!before || !b->filled || (b->table != HT_REG && b->table != t) ||
        (b->ic->fact[before].stack && !stack_pair(i, t)))
        return false;
    fn = table_entry(t, trace_pair(b->ic, before, b->filled)->op);
    if (fn)
        i[-1].fn = fn;
    return fn != NULL;
}

/* NOPs from instruction `first` up to this slot's are its own to redo. */
static void adopt_nops(const struct building *b, struct slot_cold *k,
                       unsigned first)
{
    k->from = b->off[first];
    k->from_before = (uint8_t)first;
}

/* The flags of instruction `due` minus 1 are still to be made when this slot
 * goes the slow way; so its constants stay what they are. */
static void flags_due(const struct building *b, struct trace *t,
                      struct slot_cold *k, unsigned due)
{
    if (!due)
        return;
    k->flags_due = (uint8_t)(b->slot_of[due - 1] + 1);
    t->cold[k->flags_due - 1].constants = 0;
}

static void fill_end(struct building *b, struct insn *i, struct slot_cold *k)
{
    *i = (struct insn){.fn = hot_fall, .idx = i->idx};
    *k = (struct slot_cold){.off = b->off[b->n],
                            .before = (uint8_t)b->n,
                            .target = b->rip + b->off[b->n]};
    if (b->c->code_bits == 32)
        k->target = (uint32_t)k->target;
    not_linked(i, k);
}

/* Returns the number of slots. */
static unsigned fill_slots(struct building *b, struct trace *t)
{
    enum flag_class flags = FLAGS_OTHER;
    unsigned s = 0, first = 0;

    b->filled = 0;
    b->table = HT_REG;
    for (unsigned n = 0; n < b->n; n++) {
        struct insn *i = &t->insn[s];
        struct slot_cold *k = &t->cold[s];
        uint16_t op = b->flags.op[n], before = b->filled;
        enum hot_table before_table = b->table;

        if (is_nop(b->dec[n]) && !(n + 1 == b->n && b->ended) && !b->ic->single)
            continue;
        *i =
            (struct insn){.idx = (uint8_t)s, .refund = (uint8_t)(b->n - n - 1)};
        *k = (struct slot_cold){
            .off = b->off[n], .len = b->dec[n]->len, .before = (uint8_t)n};
        b->filled = 0;
        b->slot_of[n] = (uint8_t)s;
        flags_due(b, t, k, b->flags.due[n]);
        if (op) {
            fill_hot(b, n, i, k, op, &flags);
            fuse(b, n, i, k);
            if (pair_up(b, i, before, before_table))
                b->filled = 0; /* it is taken */
        } else {
            fill_plain(b, n, i, k);
            flags = FLAGS_OTHER;
        }
        if (UNLIKELY(b->magic) && n + 1 == b->n)
            i->fn = hot_magic;
        adopt_nops(b, k, first);
        first = n + 1;
        s++;
    }
    if (!b->ended) {
        t->insn[s].idx = (uint8_t)s;
        fill_end(b, &t->insn[s], &t->cold[s]);
        adopt_nops(b, &t->cold[s], first);
        s++;
    }
    return s;
}

static uint32_t chunks_between(unsigned first, unsigned last)
{
    first >>= 7;
    last = last > PAGE_MASK ? 31 : last >> 7;
    return (UINT32_MAX >> (31 - last)) & (UINT32_MAX << first);
}

/* Most of the structure is filled as far as it is used. */
static void begin(struct building *b, struct cpu *c, bool cached)
{
    b->c = c;
    b->ic = c->icache;
    b->cached = cached;
    b->scratch_used = 0;
    b->rip = c->rip;
    b->n = 0;
    b->ended = b->magic = b->crosses = false;
    b->paddr2 = 0;
    b->off[0] = 0;
    b->reuse = b->reuse_end = NULL;
}

static void fetch_wrapping(struct cpu *c, uint8_t *bytes, unsigned count)
{
    for (unsigned n = 0; n < count; n++) {
        uint64_t la = c->seg[SEG_CS].base + (uint16_t)(c->rip + n);
        const struct itlb_entry *f = tlb_fetch(c, (uint32_t)la);

        bytes[n] = (uint8_t)phys_load(c->phys, f->paddr | (la & PAGE_MASK), 1);
    }
}

/* Memory for a trace and its cold part. *replaced: the dead one, or NULL, whose
 * place it takes, with what else that has of memory. */
static struct trace *trace_space(struct building *b, unsigned slots,
                                 struct trace **replaced)
{
    size_t need = sizeof(struct trace) + slots * sizeof(struct insn);
    struct trace *old = NULL;

    /* Links inside a page lead to the old one whatever the next page is. */
    if (b->cached && !b->crosses)
        old = icache_find_dead(b->c, b->paddr, b->n,
                               need + slots * sizeof(struct slot_cold) + 31);
    *replaced = old;
    if (old) {
        b->reuse = (uint8_t *)old;
        b->reuse_end = b->reuse + old->room;
    }
    return part(b, need);
}

struct trace *trace_build(struct cpu *c, uint64_t la,
                          const struct itlb_entry *f, unsigned max, bool cached,
                          bool *replaces)
{
    struct building b;
    unsigned at = la & PAGE_MASK, room = PAGE_SIZE - at, slots;
    uint64_t paddr = f->paddr | at;
    uint8_t bytes[16];
    const uint8_t *p = f->page.host ? f->page.host + at : bytes;
    struct trace *t, *old, *next = NULL;
    uint32_t room_kept = 0;

    begin(&b, c, cached);
    if (trace_wraps(c)) {
        room = 15;
        max = 1;
        p = bytes;
        fetch_wrapping(c, bytes, room);
    } else if (!f->page.host) {
        room = room < 15 ? room : 15;
        for (unsigned n = 0; n < room; n++)
            bytes[n] = (uint8_t)phys_load(c->phys, paddr + n, 1);
        max = 1;
    }
    b.paddr = paddr;
    decode_all(&b, la, p, room, max);
    plan_flags(&b);
    slots = b.n + !b.ended;
    t = trace_space(&b, slots, &old);
    *replaces = old != NULL;
    if (old) {
        next = old->hash_next;
        room_kept = old->room;
    }
    *t = (struct trace){.rip = c->rip,
                        .cs_base = c->seg[SEG_CS].base,
                        .paddr = paddr,
                        .paddr2 = b.paddr2,
                        .stamp = c->stamp,
                        .mode_id = c->mode_id,
                        .n = (uint8_t)b.n,
                        .bytes = b.off[b.n],
                        .crosses = b.crosses,
                        .hash_next = next};
    t->chunks = chunks_between(at, at + b.off[b.n] - 1);
    t->chunks2 = b.crosses ? 1 : 0;
    t->cold = part(&b, slots * sizeof *t->cold);
    t->slots = (uint8_t)fill_slots(&b, t);
    t->room = room_kept;
    if (cached && !room_kept)
        t->room = (uint32_t)(b.ic->arena + b.ic->used - (uint8_t *)t);
    b.ic->built++;
    return t;
}
