/*
 * ops_string.c - MOVS CMPS STOS LODS SCAS INS OUTS and their repetition.
 *
 * SDM vol. 2, REP: registers and memory are true after every element, so a
 * fault or interrupt resumes where it stopped. An element counts as one
 * instruction of guest time. Forward runs inside plain RAM pages are done in
 * bulk; the result is the same as element by element.
 */
#include "cpu/ops_sys.h"
#include "cpu/access.h"
#include "cpu/debugreg.h"
#include "cpu/flags.h"
#include "cpu/probe.h"
#include "cpu/seg.h"
#include "cpu/tlb.h"

struct string_op {
    struct cpu *c;
    const struct decoded *d;
    unsigned size;  /* of an element, bytes */
    uint64_t mask;  /* of addresses and count */
    int64_t step;   /* size or -size */
    uint8_t seg;    /* of the source */
};

static uint64_t address_mask(const struct decoded *d)
{
    return d->asize == 8   ? UINT64_MAX
           : d->asize == 4 ? 0xffffffff
                           : 0xffff;
}

static void op_begin(struct string_op *s, struct cpu *c,
                     const struct decoded *d, unsigned size)
{
    s->c = c;
    s->d = d;
    s->size = size;
    s->mask = address_mask(d);
    s->step = c->rflags & EFL_DF ? -(int64_t)size : (int64_t)size;
    s->seg = d->seg_override == 0xff ? SEG_DS : d->seg;
}

/* A 32-bit address register is zero-extended, a 16-bit one keeps the rest. */
static void set_index(const struct string_op *s, unsigned r, uint64_t v)
{
    uint64_t *g = &s->c->gpr[r];

    if (s->d->asize == 2)
        *g = (*g & ~UINT64_C(0xffff)) | (uint16_t)v;
    else
        *g = v & s->mask;
}

static uint64_t index_of(const struct string_op *s, unsigned r)
{
    return s->c->gpr[r] & s->mask;
}

static void advance(const struct string_op *s, unsigned r)
{
    set_index(s, r, s->c->gpr[r] + (uint64_t)s->step);
}

static uint64_t load(struct cpu *c, unsigned seg, uint64_t off, unsigned size)
{
    switch (size) {
    case 1:
        return mem_read8(c, seg, off);
    case 2:
        return mem_read16(c, seg, off);
    case 4:
        return mem_read32(c, seg, off);
    default:
        return mem_read64(c, seg, off);
    }
}

static void store(struct cpu *c, unsigned seg, uint64_t off, uint64_t v,
                  unsigned size)
{
    switch (size) {
    case 1:
        mem_write8(c, seg, off, (uint8_t)v);
        break;
    case 2:
        mem_write16(c, seg, off, (uint16_t)v);
        break;
    case 4:
        mem_write32(c, seg, off, (uint32_t)v);
        break;
    default:
        mem_write64(c, seg, off, v);
        break;
    }
}

static void acc_set(struct cpu *c, uint64_t v, unsigned size)
{
    uint64_t m = size == 8 ? 0 : ~UINT64_C(0) << (8 * size);

    c->gpr[RAX] = size == 4 ? v : (c->gpr[RAX] & m) | v;
}

static uint64_t acc_get(const struct cpu *c, unsigned size)
{
    return size == 8 ? c->gpr[RAX]
                     : c->gpr[RAX] & ((UINT64_C(1) << (8 * size)) - 1);
}

/* Flags of a - b at the element's size. */
static void compare(struct cpu *c, uint64_t a, uint64_t b, unsigned size)
{
    static const uint8_t kind[9] = {
        [1] = FL_SUB8, [2] = FL_SUB16, [4] = FL_SUB32, [8] = FL_SUB64};
    unsigned shift = 64 - 8 * size;

    c->fl_a = (uint64_t)((int64_t)(a << shift) >> shift);
    c->fl_b = (uint64_t)((int64_t)(b << shift) >> shift);
    c->fl_kind = kind[size];
}

/* ---- bulk: host pointers for a forward run ---- */

/*
 * How many of `want` elements at seg:off lie in one plain page (at most),
 * with *host pointing at the first; 0 if not plainly reachable. Nothing
 * faults here: the element path does that.
 */
static uint64_t plain_run(const struct string_op *s, unsigned seg,
                          uint64_t off, bool write, uint64_t want,
                          uint8_t **host)
{
    struct cpu *c = s->c;
    const struct seg_fast *f = &c->fast[seg];
    uint64_t end = write ? f->write_end : f->read_end;
    uint64_t la = off + f->base, room, n;
    const struct tlb_entry *e;

    if (c->ac_check || s->step < 0)
        return 0;
    if (c->mode != MODE_LONG64)
        la = (uint32_t)la;
    e = &c->dtlb[tlb_index(la)];
    room = PAGE_SIZE - (la & PAGE_MASK);
    if ((la & ~(uint64_t)PAGE_MASK) != (write ? e->tag_w : e->tag_r))
        return 0;
    if (off >= end || s->mask - off < room - 1)
        return 0;
    n = room < end - off ? room : end - off;
    n /= s->size;
    *host = e->host + (la & PAGE_MASK);
    return n < want ? n : want;
}

/* Elements that may be done at once: count and time allow it. */
static uint64_t bulk_limit(const struct string_op *s)
{
    uint64_t left = index_of(s, RCX);
    int64_t time = s->c->budget;

    return time <= 1 ? 1 : left < (uint64_t)time ? left : (uint64_t)time;
}

static void bulk_done(const struct string_op *s, uint64_t n, bool si, bool di)
{
    if (si)
        set_index(s, RSI, s->c->gpr[RSI] + n * s->size);
    if (di)
        set_index(s, RDI, s->c->gpr[RDI] + n * s->size);
    set_index(s, RCX, s->c->gpr[RCX] - n);
    s->c->budget -= (int64_t)n;
}

/* Overlapping with the destination ahead of the source repeats a pattern;
 * memmove would not. */
static void copy_forward(uint8_t *dst, const uint8_t *src, uint64_t bytes,
                         unsigned size)
{
    if (dst <= src || dst >= src + bytes) {
        memmove(dst, src, bytes);
        return;
    }
    for (uint64_t k = 0; k < bytes; k += size)
        memmove(dst + k, src + k, size);
}

static uint64_t bulk_movs(const struct string_op *s)
{
    uint8_t *src = NULL, *dst = NULL;
    uint64_t n = bulk_limit(s);

    n = plain_run(s, s->seg, index_of(s, RSI), false, n, &src);
    if (n)
        n = plain_run(s, SEG_ES, index_of(s, RDI), true, n, &dst);
    if (n < 2)
        return 0;
    copy_forward(dst, src, n * s->size, s->size);
    bulk_done(s, n, true, true);
    return n;
}

static uint64_t bulk_stos(const struct string_op *s)
{
    uint8_t *dst = NULL;
    uint64_t n = plain_run(s, SEG_ES, index_of(s, RDI), true, bulk_limit(s),
                           &dst);
    uint8_t v[8];

    if (n < 2)
        return 0;
    st_le64(v, s->c->gpr[RAX]);
    if (s->size == 1) {
        memset(dst, v[0], n);
    } else {
        for (uint64_t k = 0; k < n; k++)
            memcpy(dst + k * s->size, v, s->size);
    }
    bulk_done(s, n, false, true);
    return n;
}

static uint64_t element(const uint8_t *p, unsigned size)
{
    switch (size) {
    case 1:
        return *p;
    case 2:
        return ld_le16(p);
    case 4:
        return ld_le32(p);
    default:
        return ld_le64(p);
    }
}

static uint64_t bulk_lods(const struct string_op *s)
{
    uint8_t *src = NULL;
    uint64_t n = plain_run(s, s->seg, index_of(s, RSI), false, bulk_limit(s),
                           &src);

    if (n < 2)
        return 0;
    acc_set(s->c, element(src + (n - 1) * s->size, s->size), s->size);
    bulk_done(s, n, true, false);
    return n;
}

/* How many of n pairs REPE or REPNE gets through, the ending one included. */
static uint64_t run_length(const struct string_op *s, const uint8_t *a,
                           const uint8_t *b, unsigned a_step, uint64_t n)
{
    bool while_equal = s->d->rep == 0xf3;
    uint64_t k = 0;

    while (k < n) {
        bool equal = !memcmp(a + k * a_step, b + k * s->size, s->size);

        k++;
        if (equal != while_equal)
            break;
    }
    return k;
}

static uint64_t bulk_scas(const struct string_op *s)
{
    uint8_t *p = NULL, acc[8];
    uint64_t n = plain_run(s, SEG_ES, index_of(s, RDI), false, bulk_limit(s),
                           &p);

    if (n < 2)
        return 0;
    st_le64(acc, s->c->gpr[RAX]);
    n = run_length(s, acc, p, 0, n);
    compare(s->c, acc_get(s->c, s->size),
            element(p + (n - 1) * s->size, s->size), s->size);
    bulk_done(s, n, false, true);
    return n;
}

static uint64_t bulk_cmps(const struct string_op *s)
{
    uint8_t *a = NULL, *b = NULL;
    uint64_t n = bulk_limit(s);

    n = plain_run(s, s->seg, index_of(s, RSI), false, n, &a);
    if (n)
        n = plain_run(s, SEG_ES, index_of(s, RDI), false, n, &b);
    if (n < 2)
        return 0;
    n = run_length(s, a, b, s->size, n);
    compare(s->c, element(a + (n - 1) * s->size, s->size),
            element(b + (n - 1) * s->size, s->size), s->size);
    bulk_done(s, n, true, true);
    return n;
}

/* Does somebody look at each access to a port? */
static bool ports_watched(const struct cpu *c)
{
    return debug_watches_io(c) || c->probe_mask & PROBE_PORT;
}

/* The device takes what nobody can tell from single accesses. */
static uint64_t bulk_ins(const struct string_op *s)
{
    uint8_t *dst = NULL;
    uint64_t n = plain_run(s, SEG_ES, index_of(s, RDI), true, bulk_limit(s),
                           &dst);

    if (n < 2 || ports_watched(s->c))
        return 0;
    cpu_sync_clock(s->c);
    n = io_read_block(s->c->dev.sv->io, (uint16_t)s->c->gpr[RDX], dst,
                      (uint32_t)n, s->size);
    if (n)
        bulk_done(s, n, false, true);
    return n;
}

static uint64_t bulk_outs(const struct string_op *s)
{
    uint8_t *src = NULL;
    uint64_t n = plain_run(s, s->seg, index_of(s, RSI), false, bulk_limit(s),
                           &src);

    if (n < 2 || ports_watched(s->c))
        return 0;
    cpu_sync_clock(s->c);
    n = io_write_block(s->c->dev.sv->io, (uint16_t)s->c->gpr[RDX], src,
                       (uint32_t)n, s->size);
    if (n)
        bulk_done(s, n, true, false);
    return n;
}

/* ---- elements ---- */

static void movs_once(const struct string_op *s)
{
    uint64_t v = load(s->c, s->seg, index_of(s, RSI), s->size);

    store(s->c, SEG_ES, index_of(s, RDI), v, s->size);
    advance(s, RSI);
    advance(s, RDI);
}

static void stos_once(const struct string_op *s)
{
    store(s->c, SEG_ES, index_of(s, RDI), acc_get(s->c, s->size), s->size);
    advance(s, RDI);
}

static void lods_once(const struct string_op *s)
{
    acc_set(s->c, load(s->c, s->seg, index_of(s, RSI), s->size), s->size);
    advance(s, RSI);
}

static void cmps_once(const struct string_op *s)
{
    uint64_t a = load(s->c, s->seg, index_of(s, RSI), s->size);
    uint64_t b = load(s->c, SEG_ES, index_of(s, RDI), s->size);

    compare(s->c, a, b, s->size);
    advance(s, RSI);
    advance(s, RDI);
}

static void scas_once(const struct string_op *s)
{
    uint64_t b = load(s->c, SEG_ES, index_of(s, RDI), s->size);

    compare(s->c, acc_get(s->c, s->size), b, s->size);
    advance(s, RDI);
}

/* The destination is checked before the device is read: input is lost
 * otherwise. */
static void ins_once(const struct string_op *s)
{
    uint64_t off = index_of(s, RDI);

    mem_probe_write(s->c, SEG_ES, off, s->size);
    store(s->c, SEG_ES, off,
          port_in(s->c, (uint16_t)s->c->gpr[RDX], s->size), s->size);
    advance(s, RDI);
}

static void outs_once(const struct string_op *s)
{
    uint64_t v = load(s->c, s->seg, index_of(s, RSI), s->size);

    port_out(s->c, (uint16_t)s->c->gpr[RDX], (uint32_t)v, s->size);
    advance(s, RSI);
}

typedef void once_fn(const struct string_op *s);
typedef uint64_t bulk_fn(const struct string_op *s);

/* Does REPE/REPNE end here? */
static bool condition_ends(const struct string_op *s)
{
    bool zf = flags_cond(s->c, 4);

    return s->d->rep == 0xf3 ? !zf : zf;
}

/*
 * Repeats until the count is 0, the condition ends it, or time is up or
 * somebody wants attention: then RIP stays here. The run loop charges one
 * tick for the instruction; the others are charged as they happen, before
 * the next element can look at the clock.
 */
static void repeat(const struct string_op *s, once_fn *once, bulk_fn *bulk,
                   bool conditional)
{
    struct cpu *c = s->c;

    if (!index_of(s, RCX)) {
        set_index(s, RCX, c->gpr[RCX]);
        return;
    }
    for (;;) {
        /* Single stepping stops after each element (17.3.1.4). */
        if (c->rflags & EFL_TF || !bulk(s)) {
            once(s);
            set_index(s, RCX, c->gpr[RCX] - 1);
            c->budget--;
        }
        if (!index_of(s, RCX) || (conditional && condition_ends(s)))
            break;
        if (c->budget <= 0 || c->attention || c->rflags & EFL_TF) {
            c->rip = c->insn_rip;
            c->attention = true;
            break;
        }
    }
    c->budget++; /* the run loop takes the last one */
}

static void run(struct cpu *c, const struct decoded *d, unsigned size,
                once_fn *once, bulk_fn *bulk, bool conditional)
{
    struct string_op s;

    op_begin(&s, c, d, size);
    if (d->rep)
        repeat(&s, once, bulk, conditional);
    else
        once(&s);
}

static void run_io(struct cpu *c, const struct decoded *d, unsigned size,
                   once_fn *once, bulk_fn *bulk)
{
    cpu_check_io(c, (uint16_t)c->gpr[RDX], size);
    run(c, d, size, once, bulk, false);
}

void op_movs_yb_xb(struct cpu *c, const struct decoded *d)
{
    run(c, d, 1, movs_once, bulk_movs, false);
}

void op_movs_yv_xv(struct cpu *c, const struct decoded *d)
{
    run(c, d, d->osize, movs_once, bulk_movs, false);
}

void op_stos_yb_al(struct cpu *c, const struct decoded *d)
{
    run(c, d, 1, stos_once, bulk_stos, false);
}

void op_stos_yv_rax(struct cpu *c, const struct decoded *d)
{
    run(c, d, d->osize, stos_once, bulk_stos, false);
}

void op_lods_al_xb(struct cpu *c, const struct decoded *d)
{
    run(c, d, 1, lods_once, bulk_lods, false);
}

void op_lods_rax_xv(struct cpu *c, const struct decoded *d)
{
    run(c, d, d->osize, lods_once, bulk_lods, false);
}

void op_cmps_xb_yb(struct cpu *c, const struct decoded *d)
{
    run(c, d, 1, cmps_once, bulk_cmps, true);
}

void op_cmps_xv_yv(struct cpu *c, const struct decoded *d)
{
    run(c, d, d->osize, cmps_once, bulk_cmps, true);
}

void op_scas_al_yb(struct cpu *c, const struct decoded *d)
{
    run(c, d, 1, scas_once, bulk_scas, true);
}

void op_scas_rax_yv(struct cpu *c, const struct decoded *d)
{
    run(c, d, d->osize, scas_once, bulk_scas, true);
}

void op_ins_yb_dx(struct cpu *c, const struct decoded *d)
{
    run_io(c, d, 1, ins_once, bulk_ins);
}

void op_ins_yz_dx(struct cpu *c, const struct decoded *d)
{
    run_io(c, d, d->osize == 2 ? 2 : 4, ins_once, bulk_ins);
}

void op_outs_dx_xb(struct cpu *c, const struct decoded *d)
{
    run_io(c, d, 1, outs_once, bulk_outs);
}

void op_outs_dx_xz(struct cpu *c, const struct decoded *d)
{
    run_io(c, d, d->osize == 2 ? 2 : 4, outs_once, bulk_outs);
}

/* ---- the 80286 ----
 * In real mode a word at offset FFFFh is #GP, and by then the index register
 * has moved on and the count has been taken down: by one for a read, by two
 * for a write, which comes an element later. */

static bool overruns(const struct string_op *s, uint64_t off)
{
    return s->c->mode == MODE_REAL && off + s->size > 0x10000;
}

static void lose(const struct string_op *s, uint64_t count, bool si, bool di)
{
    uint64_t left = index_of(s, RCX);

    if (si)
        advance(s, RSI);
    if (di)
        advance(s, RDI);
    if (s->d->rep)
        set_index(s, RCX, left - (left < count ? left : count));
}

static void movs_once_286(const struct string_op *s)
{
    uint64_t from = index_of(s, RSI), to = index_of(s, RDI), v;

    if (overruns(s, from))
        lose(s, 1, true, false);
    v = load(s->c, s->seg, from, s->size);
    if (overruns(s, to))
        lose(s, 2, true, true);
    store(s->c, SEG_ES, to, v, s->size);
    advance(s, RSI);
    advance(s, RDI);
}

static void stos_once_286(const struct string_op *s)
{
    uint64_t to = index_of(s, RDI);

    if (overruns(s, to))
        lose(s, 2, false, true);
    store(s->c, SEG_ES, to, acc_get(s->c, s->size), s->size);
    advance(s, RDI);
}

static void lods_once_286(const struct string_op *s)
{
    uint64_t from = index_of(s, RSI);

    if (overruns(s, from))
        lose(s, 1, true, false);
    acc_set(s->c, load(s->c, s->seg, from, s->size), s->size);
    advance(s, RSI);
}

/* The destination is read first. */
static void cmps_once_286(const struct string_op *s)
{
    uint64_t from = index_of(s, RSI), to = index_of(s, RDI), a, b;

    if (overruns(s, to))
        lose(s, 1, false, true);
    b = load(s->c, SEG_ES, to, s->size);
    if (overruns(s, from))
        lose(s, 1, true, true);
    a = load(s->c, s->seg, from, s->size);
    compare(s->c, a, b, s->size);
    advance(s, RSI);
    advance(s, RDI);
}

static void scas_once_286(const struct string_op *s)
{
    uint64_t to = index_of(s, RDI), b;

    if (overruns(s, to))
        lose(s, 1, false, true);
    b = load(s->c, SEG_ES, to, s->size);
    compare(s->c, acc_get(s->c, s->size), b, s->size);
    advance(s, RDI);
}

/* The port is read before the destination is looked at. */
static void ins_once_286(const struct string_op *s)
{
    uint64_t to = index_of(s, RDI), v;

    if (!overruns(s, to))
        mem_probe_write(s->c, SEG_ES, to, s->size);
    v = port_in(s->c, (uint16_t)s->c->gpr[RDX], s->size);
    if (overruns(s, to))
        lose(s, 2, false, true);
    store(s->c, SEG_ES, to, v, s->size);
    advance(s, RDI);
}

static void outs_once_286(const struct string_op *s)
{
    uint64_t from = index_of(s, RSI), v;

    if (overruns(s, from))
        lose(s, 1, true, false);
    v = load(s->c, s->seg, from, s->size);
    port_out(s->c, (uint16_t)s->c->gpr[RDX], (uint32_t)v, s->size);
    advance(s, RSI);
}

void op_movs_286(struct cpu *c, const struct decoded *d)
{
    run(c, d, d->osize, movs_once_286, bulk_movs, false);
}

void op_stos_286(struct cpu *c, const struct decoded *d)
{
    run(c, d, d->osize, stos_once_286, bulk_stos, false);
}

void op_lods_286(struct cpu *c, const struct decoded *d)
{
    run(c, d, d->osize, lods_once_286, bulk_lods, false);
}

void op_cmps_286(struct cpu *c, const struct decoded *d)
{
    run(c, d, d->osize, cmps_once_286, bulk_cmps, true);
}

void op_scas_286(struct cpu *c, const struct decoded *d)
{
    run(c, d, d->osize, scas_once_286, bulk_scas, true);
}

void op_ins_286(struct cpu *c, const struct decoded *d)
{
    run_io(c, d, d->osize, ins_once_286, bulk_ins);
}

void op_outs_286(struct cpu *c, const struct decoded *d)
{
    run_io(c, d, d->osize, outs_once_286, bulk_outs);
}
