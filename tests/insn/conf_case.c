/*
 * conf_case.c - makes the cases of the conformance suite and runs them.
 */
#include "tests/insn/conf.h"
#include <stdlib.h>

static const struct mode {
    uint8_t bits;
    bool legacy;
} modes[CONF_MODES] = {{64, false}, {64, false}, {64, false}, {64, false},
                       {32, false}, {32, true},  {16, false}, {16, true}};

/* ---- which rows ---- */

static bool has_handler(const struct insn_info *in)
{
    bool works = in->fn != NULL;

    for (unsigned k = 0; k < 8; k++)
        works = works || in->hot[k / 2][k % 2];
    return works;
}

static const char *reason(const struct insn_info *in)
{
    if (!has_handler(in))
        return "not there yet";
    if (!native_has((enum cpu_feature)in->feature))
        return "the host lacks it";
    if (gen_comparison(in) == COMPARE_NOT && !system_rule(in))
        return "depends on the system";
    return NULL;
}

static void take_row(void *opaque, const struct row *r)
{
    struct conf *f = opaque;
    struct form *m = &f->form[insn_matches[r->match].info];

    if (m->n < ROW_MATCHES)
        m->match[m->n++] = *r;
}

static void collect(struct conf *f)
{
    gen_each_row(take_row, f);
    for (unsigned r = 0; r < INSN_COUNT; r++) {
        f->form[r].why_not = reason(&insn_table[r]);
        f->form[r].how = gen_comparison(&insn_table[r]);
        if (f->form[r].how == COMPARE_NOT)
            f->form[r].rule = system_rule(&insn_table[r]);
    }
}

/* Everything that the host has and we have. */
static void feature_list(char *out, size_t room)
{
    size_t len = 0;

    out[0] = 0;
    for (unsigned n = 0; n < FEAT_COUNT; n++) {
        enum cpu_feature x = (enum cpu_feature)n;

        if (native_has(x) && !feature_test(features_missing, x))
            len +=
                (size_t)snprintf(out + len, room - len, "%s ", feature_name(x));
    }
}

struct conf *conf_open(uint64_t seed, const char **why)
{
    struct conf *f = calloc(1, sizeof *f);
    char features[2048];
    struct error err;
    const struct gen fresh = {.bits = 64, .unmasked = true};

    if (!f) {
        *why = "out of memory";
        return NULL;
    }
    f->seed = seed;
    f->native = native_open(why);
    feature_list(features, sizeof features);
    f->x =
        f->native ? exec_create("corei7_haswell_4770", features, &err) : NULL;
    if (!f->x) {
        if (f->native)
            *why = "the processor cannot be made";
        free(f);
        return NULL;
    }
    f->gen = fresh;
    f->gen.features = exec_cpu(f->x)->features;
    f->gen.seed = seed ^ UINT64_C(0x5bd1e995a0761d64);
    for (unsigned n = 0; n < POOL; n++)
        gen_data(&f->gen, f->pool[n], EXEC_DATA_SIZE);
    collect(f);
    memset(native_code(f->native), 0xcc, EXEC_CODE_SIZE);
    native_put_exit(f->native, 0, 64);
    memset(native_code(f->native), 0xcc, 8);
    memcpy(f->code, native_code(f->native), EXEC_CODE_SIZE);
    exec_poke(f->x, EXEC_CODE, f->code, EXEC_CODE_SIZE);
    return f;
}

void conf_close(struct conf *f)
{
    if (f)
        exec_destroy(f->x);
    free(f);
}

/* ---- one case ---- */

static void reseed(struct conf *f, unsigned row, unsigned instance,
                   unsigned state)
{
    f->gen.seed = f->seed * UINT64_C(0xd1342543de82ef95) +
                  row * UINT64_C(0x9e3779b97f4a7c15) +
                  instance * UINT64_C(0x2545f4914f6cdd1d) +
                  state * UINT64_C(0xbf58476d1ce4e5b9);
    gen_next(&f->gen);
}

static unsigned place(struct gen *g)
{
    return gen_one_in(g, 6) ? 0x2000 - gen_below(g, 16)
                            : 0x1800 + gen_below(g, 0x400);
}

/* What stands behind the instruction: for us an opcode that there is not
 * (LOCK NOP), which ends a trace before it. */
static void put_code(struct conf *f, struct conf_case *k)
{
    uint8_t b[32];
    unsigned len = k->p.len;

    memcpy(b, k->p.bytes, len);
    if (k->direct) {
        for (unsigned n = 0; n < 8; n += 2)
            memcpy(b + len + n, "\xf0\x90", 2);
        native_put_exit(f->native, k->at + len, k->in.bits);
        memcpy(f->exit, native_code(f->native) + k->at + len, 8);
        exec_poke(f->x, EXEC_CODE + k->at, b, len + 8);
    } else {
        exec_poke(f->x, EXEC_CODE + k->at, b, len);
    }
    memcpy(native_code(f->native) + k->at, b, len);
}

bool conf_instruction(struct conf *f, unsigned row, unsigned instance,
                      struct conf_case *k)
{
    const struct mode *m = &modes[instance % CONF_MODES];
    const struct form *form = &f->form[row];
    struct gen *g = &f->gen;
    struct decoded *d = &k->p.dec[0];

    if (!form->n || (m->bits == 16 && !native_has16(f->native)))
        return false;
    k->row = row;
    k->instance = instance;
    k->in.bits = m->bits;
    k->in.legacy = m->legacy;
    reseed(f, row, instance, 0xffff);
    g->bits = m->bits;
    g->pinned = 0;
    k->at = place(g);
    if (!gen_form(g, &form->match[gen_below(g, form->n)], EXEC_CODE + k->at,
                  k->p.bytes, d))
        return false;
    k->p.n = 1;
    k->p.len = d->len;
    system_code(f, k);
    k->p.off[0] = 0;
    k->p.off[1] = d->len;
    k->p.undef[0] = 0;
    k->p.undef[1] = gen_undefined(d);
    k->stepped = gen_one_in(g, 40);
    /* 16-bit code can read what stands behind it. */
    k->direct = !k->stepped && !(m->bits == 16 && d->seg_override == SEG_CS) &&
                !(d->info->attr & (ATTR_JUMP | ATTR_COND)) &&
                strncmp(d->info->mnemonic, "popf", 4);
    put_code(f, k);
    return true;
}

/* AAA, AAS, DAA, DAS: AL should often be a digit, or little more. */
static bool adjusts_digits(const struct decoded *d)
{
    const char *m = d->info->mnemonic;

    return !strcmp(m, "aaa") || !strcmp(m, "aas") || !strcmp(m, "daa") ||
           !strcmp(m, "das");
}

/* LOOP to itself, or into itself: for a count of many millions, that would be
 * too many for one case. */
static bool loops_alone(const struct decoded *d)
{
    int64_t to = (int64_t)d->imm;

    return !strncmp(d->info->mnemonic, "loop", 4) && to < 0 && to >= -15;
}

void conf_state(struct conf *f, struct conf_case *k)
{
    const struct mode *m = &modes[k->instance % CONF_MODES];
    const struct decoded *d = &k->p.dec[0];
    struct gen *g = &f->gen;

    reseed(f, k->row, k->instance, k->state);
    g->bits = m->bits;
    gen_state(g, &k->in);
    k->in.legacy = m->legacy;
    k->in.rip = (m->bits == 16 ? 0 : EXEC_CODE) + k->at;
    if (k->stepped)
        k->in.rflags |= EFL_TF;
    if (d->rep && d->asize == 4)
        k->in.gpr[RCX] = (uint32_t)k->in.gpr[RCX]; /* see by_vendor */
    if (loops_alone(d))
        k->in.gpr[RCX] &= 0xffff;
    if (adjusts_digits(d) && gen_one_in(g, 2))
        k->in.gpr[RAX] &= ~UINT64_C(0xf0);
    if (!strncmp(d->info->mnemonic, "sh", 2) && d->osize == 2)
        k->in.gpr[RCX] &= ~UINT64_C(16);
    k->data = f->pool[gen_below(g, POOL)];
    if (f->form[k->row].rule)
        system_state(f, k);
}

static void fill_data(struct conf *f, const struct conf_case *k)
{
    if (f->native_holds != k->data)
        memcpy(native_data(f->native), k->data, EXEC_DATA_SIZE);
    if (f->ours_holds != k->data)
        memcpy(exec_data(f->x), k->data, EXEC_DATA_SIZE);
    f->native_holds = f->ours_holds = NULL;
}

/* Goes there without TF, so that the way is known when it is stepped. */
static void run_before(struct conf *f, const struct conf_case *k)
{
    struct exec_state s;

    for (unsigned n = 0; n < 3; n++) {
        s = k->in;
        s.rflags &= ~(uint64_t)EFL_TF;
        exec_run(f->x, &s, &s, 20);
        memcpy(exec_data(f->x), k->data, EXEC_DATA_SIZE);
    }
}

/* Ends at the opcode that there is not, or before it. */
static void run_ours(struct conf *f, const struct conf_case *k,
                     struct exec_state *out)
{
    uint64_t end = k->in.rip + k->p.len;
    bool one = k->direct && k->state && !k->p.dec[0].rep;

    if (k->stepped && k->p.dec[0].info->attr & ATTR_JUMP)
        run_before(f, k);
    exec_run(f->x, &k->in, out, one ? 1 : 2000000);
    if (!k->direct)
        return;
    if (!out->raised) {
        out->raised = true;
        out->vector = EXC_BP;
        out->rip++;
    } else if (out->vector == EXC_UD && out->rip == end) {
        out->vector = EXC_BP;
        out->rip++;
    }
}

static bool f80_near(const struct f80 *a, const struct f80 *b, uint32_t *ulps)
{
    uint64_t n;

    if (a->se == b->se)
        n = a->frac > b->frac ? a->frac - b->frac : b->frac - a->frac;
    else if (a->se == b->se + 1)
        n = (a->frac - (UINT64_C(1) << 63)) + (UINT64_MAX - b->frac) + 1;
    else if (b->se == a->se + 1)
        n = (b->frac - (UINT64_C(1) << 63)) + (UINT64_MAX - a->frac) + 1;
    else
        return false;
    if (n > *ulps)
        *ulps = n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
    return n <= 2;
}

/* Takes the host's registers where ours are near enough. */
static void adopt_x87(struct conf_outcome *o)
{
    struct fpu *a = &o->ours.fpu;
    const struct fpu *b = &o->want.fpu;

    for (unsigned n = 0; n < 8; n++)
        if ((a->r[n].se != b->r[n].se || a->r[n].frac != b->r[n].frac) &&
            f80_near(&a->r[n], &b->r[n], &o->ulps))
            a->r[n] = b->r[n];
    a->sw = (uint16_t)((a->sw & ~0x200u) | (b->sw & 0x200)); /* C1 */
}

/* Floats with the same sign whose distance is below 3 * 2^-12. */
static bool f32_near(uint32_t a, uint32_t b)
{
    uint32_t n = a > b ? a - b : b - a;

    return (a ^ b) >> 31 == 0 && n <= 3u << 11;
}

static void adopt_sse(struct conf_outcome *o)
{
    for (unsigned n = 0; n < 16; n++)
        for (unsigned k = 0; k < 32; k += 4) {
            uint8_t *a = o->ours.vec[n].b + k, *b = o->want.vec[n].b + k;

            if (memcmp(a, b, 4) && f32_near(ld_le32(a), ld_le32(b))) {
                o->ulps = 1;
                memcpy(a, b, 4);
            }
        }
}

/* The host keeps only whether a register is empty. */
static void retag(struct fpu *f)
{
    for (unsigned n = 0; n < 8; n++) {
        const struct f80 *r = &f->r[n];
        unsigned e = r->se & 0x7fff, tag = 0;

        if ((f->tw >> 2 * n & 3) == 3)
            continue;
        if (!e && !r->frac)
            tag = 1;
        else if (!e || e == 0x7fff || !(r->frac >> 63))
            tag = 2;
        f->tw = (uint16_t)((f->tw & ~(3u << 2 * n)) | tag << 2 * n);
    }
}

/* What the host does not keep, or only after an exception. */
static void level_x87(struct fpu *e, struct fpu *n)
{
    retag(e);
    e->fop = n->fop = 0;
    e->fip = n->fip = e->fdp = n->fdp = 0;
    e->fcs = n->fcs = e->fds = n->fds = 0;
}

/* Areas that hold MXCSR_MASK. */
static bool writes_mask(const struct conf_case *k)
{
    const char *m = k->p.dec[0].info->mnemonic;

    return !strncmp(m, "fxsave", 6) || !strncmp(m, "xsave", 5);
}

/* AMD has bit 17 in MXCSR_MASK. */
static void level_mask(const struct conf *f, const struct conf_case *k)
{
    uint8_t *ours = exec_data(f->x);
    const uint8_t *want = native_data(f->native);

    if (!writes_mask(k))
        return;
    for (unsigned n = 28; n + 4 <= EXEC_DATA_SIZE; n++)
        if (ld_le32(ours + n) == 0xffff && ld_le32(want + n) == 0x2ffff)
            ours[n + 2] = 2;
}

static void compare_selectors(struct differences *d, const struct exec_state *e,
                              const struct exec_state *n)
{
    static const char *const names[] = {"ES", "CS", "SS", "DS", "FS", "GS"};

    /* A null selector with RPL may be 0 after an exception (IRET). */
    for (unsigned k = 0; k < 6; k++)
        if (e->selector[k] != n->selector[k] &&
            (e->selector[k] > 3 || n->selector[k]))
            differ(d, " %s=%x want %x", names[k], e->selector[k],
                   n->selector[k]);
}

static void compare_all(struct conf *f, const struct conf_case *k,
                        struct conf_outcome *o)
{
    const struct exec_state *e = &o->ours, *n = &o->want;

    level_x87(&o->ours.fpu, &o->want.fpu);
    compare_integer(&o->d, &k->p, e, n, k->in.rip);
    compare_fault(&o->d, e, n);
    if (memcmp(&e->fpu, &n->fpu, sizeof e->fpu))
        compare_vectors(&o->d, &k->p, e, n, true);
    if (e->mxcsr != n->mxcsr || memcmp(e->vec, n->vec, sizeof e->vec))
        compare_vectors(&o->d, &k->p, e, n, false);
    level_mask(f, k);
    compare_data(&o->d, exec_data(f->x), native_data(f->native));
    if (memcmp(e->selector, n->selector, sizeof e->selector))
        compare_selectors(&o->d, e, n);
    if (k->in.bits == 64 &&
        (e->fs_base != n->fs_base || e->gs_base != n->gs_base))
        differ(&o->d, " FS or GS base");
}

/* The instruction has stored over the host's way back. */
static bool lost(const struct conf *f, const struct conf_case *k)
{
    return k->direct && memcmp(native_code(f->native) + k->at + k->p.len,
                               f->exit, sizeof f->exit) != 0;
}

enum conf_result conf_run(struct conf *f, const struct conf_case *k,
                          struct conf_outcome *o)
{
    enum comparison how = f->form[k->row].how;
    uint64_t end = k->in.rip + k->p.len;
    bool ended;

    o->d.len = 0;
    o->ulps = 0;
    o->leaving = false;
    fill_data(f, k);
    ended = k->direct ? native_run_direct(f->native, &k->in, &o->want, end)
                      : native_run(f->native, &k->in, &o->want);
    if (!ended)
        return CONF_TIMEOUT;
    run_ours(f, k, &o->ours);
    if (how == COMPARE_NEAR_X87)
        adopt_x87(o);
    else if (how == COMPARE_NEAR_SSE)
        adopt_sse(o);
    else if (f->form[k->row].rule)
        system_level(f, k, o);
    compare_all(f, k, o);
    if (o->d.len)
        return lost(f, k) ||
                       compare_tolerates(&k->p, &o->ours, &o->want, k->in.rip)
                   ? CONF_MASKED
                   : CONF_FAILED;
    if (!memcmp(exec_data(f->x), k->data, EXEC_DATA_SIZE))
        f->native_holds = f->ours_holds = k->data;
    if (o->ulps)
        return CONF_NEAR;
    o->leaving = k->p.undef[1] && o->want.rip == end + !k->stepped;
    return o->leaving && (o->ours.rflags ^ o->want.rflags) & k->p.undef[1]
               ? CONF_UNDEFINED
               : CONF_SAME;
}

bool conf_clean(struct conf *f, const struct conf_case *k)
{
    uint8_t *native = native_code(f->native);
    const uint8_t *ours = exec_code(f->x);
    uint8_t stop[32];
    unsigned len = k->p.len + (k->direct ? 8 : 0);
    bool same;

    memset(stop, 0xcc, sizeof stop);
    same = !memcmp(native + k->at, ours + k->at, k->p.len);
    memcpy(native + k->at, stop, len);
    exec_poke(f->x, EXEC_CODE + k->at, stop, len);
    if (!memcmp(native, f->code, EXEC_CODE_SIZE) &&
        !memcmp(ours, f->code, EXEC_CODE_SIZE))
        return same;
    /* Stores may reach code: both windows alike, then. */
    same = same && (writes_mask(k) || !memcmp(native, ours, EXEC_CODE_SIZE));
    memcpy(native, f->code, EXEC_CODE_SIZE);
    exec_poke(f->x, EXEC_CODE, f->code, EXEC_CODE_SIZE);
    return same;
}

uint32_t conf_seen(const struct conf_case *k)
{
    const struct decoded *d = &k->p.dec[0];
    uint32_t s = k->in.bits == 64   ? SEEN_64
                 : k->in.bits == 32 ? SEEN_32
                                    : SEEN_16;

    s |= k->in.legacy ? SEEN_LEGACY : 0;
    s |= d->mod == 3 ? SEEN_REG : SEEN_MEM;
    s |= d->osize == 2 ? SEEN_O16 : d->osize == 4 ? SEEN_O32 : 0;
    s |= d->osize == 8 ? SEEN_O64 : 0;
    s |= d->opsize_prefix ? SEEN_66 : 0;
    s |= (d->asize * 8 != k->in.bits) ? SEEN_67 : 0;
    s |= d->rep == 0xf2 ? SEEN_F2 : d->rep == 0xf3 ? SEEN_F3 : 0;
    s |= d->lock ? SEEN_LOCK : 0;
    s |= d->rex ? SEEN_REX : 0;
    s |= d->seg_override != 0xff ? SEEN_SEG : 0;
    s |= d->vl ? SEEN_256 : 0;
    s |= k->stepped ? SEEN_TF : 0;
    return s;
}
