/*
 * oracle.c - the same code on this host's processor and on ours.
 *
 * Compared: general registers, RIP, flags but the undefined ones, the x87 and
 * vector registers where the family uses them, the data window, and of an
 * exception its vector, error code and CR2.
 */
#include "tests/insn/oracle.h"
#include "gen/insn_table.h"
#include <stdlib.h>
#include <time.h>

enum { SHOWN = 12 };

#define FEATURES                                                               \
    "adx movbe cmpxhg16b lzcnt bmi1 bmi2 popcnt fsgsbase lm_lahf_sahf"

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t number(const char *name, uint64_t otherwise)
{
    const char *s = getenv(name);

    return s ? strtoull(s, NULL, 0) : otherwise;
}

static bool usable(const struct insn_info *in)
{
    bool works = in->fn != NULL;

    for (unsigned k = 0; k < 8; k++)
        works = works || in->hot[k / 2][k % 2];
    return works && native_has((enum cpu_feature)in->feature);
}

void oracle_open(struct oracle *o)
{
    const char *why = NULL;
    struct error err;

    memset(o, 0, sizeof *o);
    o->native = native_open(&why);
    if (!o->native) {
        printf("1..0 # skip %s\n", why);
        o->skip = true;
        return;
    }
    o->x = exec_create("corei7_haswell_4770", FEATURES, &err);
    if (!o->x) {
        printf("Bail out! %s\n", err.text);
        exit(1);
    }
    gen_init(&o->gen, exec_cpu(o->x)->features, usable);
    o->seed = number("KLOCHS_ORACLE_SEED", 1);
    o->only = number("KLOCHS_ORACLE_CASE", UINT64_MAX);
    o->seconds = (double)number("KLOCHS_ORACLE_SECONDS", 5);
    memset(native_code(o->native), 0xcc, EXEC_CODE_SIZE);
    for (unsigned n = 0; n < EXEC_CODE_SIZE; n++)
        exec_poke(o->x, EXEC_CODE + n, "\xcc", 1);
    printf("# seed %llu\n", (unsigned long long)o->seed);
}

void oracle_close(struct oracle *o)
{
    exec_destroy(o->x);
}

/* ---- one case ---- */

struct differences {
    char text[900];
    size_t len;
};

PRINTF_LIKE(2, 3)
static void differ(struct differences *d, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(d->text + d->len, sizeof d->text - d->len, fmt, ap);
    va_end(ap);
    d->len += n > 0 ? (size_t)n : 0;
    if (d->len >= sizeof d->text)
        d->len = sizeof d->text - 1;
}

static void number_differs(struct differences *d, const char *name,
                           uint64_t ours, uint64_t want)
{
    if (ours != want)
        differ(d, " %s=%llx want %llx", name, (unsigned long long)ours,
               (unsigned long long)want);
}

static uint64_t undefined_at(const struct prog *p, uint64_t pos)
{
    uint64_t all = 0;

    for (unsigned k = 0; k <= p->n; k++) {
        if (p->off[k] == pos)
            return p->undef[k];
        all |= p->undef[k];
    }
    return all;
}

/* The instruction at `pos`. */
static const char *name_at(const struct prog *p, uint64_t pos)
{
    for (unsigned k = 0; k < p->n; k++)
        if (p->off[k] == pos)
            return p->dec[k].info->mnemonic;
    return "";
}

static bool vector_row(const struct prog *p, uint64_t pos)
{
    for (unsigned k = 0; k < p->n; k++)
        if (p->off[k] == pos)
            for (unsigned i = 0; i < 2; i++) {
                unsigned loc = operand_info[p->dec[k].info->operand[i]].loc;

                if (loc >= LOC_P && loc <= LOC_XMM0)
                    return true;
            }
    return false;
}

/* Faults whose order or kind the manuals leave open. */
static bool tolerated(const struct prog *p, const struct exec_state *e,
                      const struct exec_state *n, uint64_t start)
{
    const char *m = name_at(p, n->rip - start);

    /* AMD has a bit 17 in MXCSR. */
    if (e->vector == EXC_GP && strstr(name_at(p, e->rip - start), "ldmxcsr"))
        return true;
    if (n->vector == EXC_BP)
        return false;
    /* Does the probe of ENTER's last stack pointer check its alignment? */
    if (!strcmp(m, "enter") && n->vector == EXC_AC)
        return true;
    if (e->rip != n->rip)
        return false;
    /* Which operand is looked at first. */
    if (!strncmp(m, "cmps", 4))
        return true;
    /* Alignment before or after the canonical check. */
    if (e->vector == EXC_SS && n->vector == EXC_GP)
        return !strcmp(m, "cmpxchg16b") || vector_row(p, n->rip - start);
    /* The limit is checked for the whole area first, or piece by piece. */
    if (m[0] == 'f' && e->vector == EXC_GP && n->vector == EXC_PF)
        return true;
    if (!strcmp(m, "frstor") || !strcmp(m, "fnsave") ||
        !strcmp(m, "fldenv") || !strcmp(m, "fnstenv"))
        return n->vector == EXC_PF;
    /* What an interrupted gather leaves in the mask. */
    if (strstr(m, "gather"))
        return e->vector == n->vector;
    /* The target is checked before the push (SDM), or after it. */
    return !strcmp(m, "call") && e->vector == EXC_GP && n->vector == EXC_PF;
}

static void compare_integer(struct differences *d, const struct prog *p,
                            const struct exec_state *e,
                            const struct exec_state *n, uint64_t start)
{
    static const char *const names[16] = {
        "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
        "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
    uint64_t mask = n->bits == 64 ? UINT64_MAX : UINT32_MAX;
    uint64_t flags = EFL_ARITH | EFL_DF | EFL_TF | EFL_NT | EFL_AC | EFL_ID;
    uint64_t pos = n->rip - start - (n->vector == EXC_BP);

    flags &= ~undefined_at(p, pos);
    number_differs(d, "vector", e->vector, n->vector);
    for (unsigned k = 0; k < 16; k++) {
        /* The kernel cannot keep the upper half of a 16-bit stack's ESP. */
        uint64_t m = n->bits == 16 && k == RSP ? 0xffff : mask;

        number_differs(d, names[k], e->gpr[k] & m, n->gpr[k] & m);
    }
    number_differs(d, "rip", e->rip, n->rip);
    number_differs(d, "flags", e->rflags & flags, n->rflags & flags);
}

/* The kernel says "present" for what is above user space, and our tables are
 * not present there. */
static void compare_fault(struct differences *d, const struct exec_state *e,
                          const struct exec_state *n)
{
    bool top = n->vector == EXC_PF &&
               (n->cr2 >= UINT64_C(0x7ffffffff000) ||
                n->cr2 - EXEC_SYSTEM < 0x10000);
    uint32_t mask = top ? ~1u : ~0u;

    if (e->vector != n->vector)
        return;
    number_differs(d, "code", e->code & mask, n->code & mask);
    if (n->vector == EXC_PF && (d->len || e->cr2 != n->cr2))
        differ(d, " cr2=%llx want %llx", (unsigned long long)e->cr2,
               (unsigned long long)n->cr2);
}

static void compare_data(struct differences *d, const uint8_t *ours,
                         const uint8_t *want)
{
    unsigned shown = 0;

    if (!memcmp(ours, want, EXEC_DATA_SIZE))
        return;
    for (unsigned k = 0; k < EXEC_DATA_SIZE && shown < 8; k++)
        if (ours[k] != want[k]) {
            differ(d, " [%x]=%02x want %02x", k, ours[k], want[k]);
            shown++;
        }
}

/* Code that was changed by stores; puts INT3 everywhere again. */
static void compare_code(struct oracle *o, struct differences *d, unsigned at,
                         unsigned len)
{
    uint8_t *native = native_code(o->native);
    bool same = !memcmp(native, exec_code(o->x), EXEC_CODE_SIZE);
    uint8_t stop[PROG_MAX * 16];

    for (unsigned k = 0, shown = 0; !same && k < EXEC_CODE_SIZE && shown < 8;
         k++)
        if (native[k] != exec_code(o->x)[k]) {
            differ(d, " code[%x]=%02x want %02x", k, exec_code(o->x)[k],
                   native[k]);
            shown++;
        }
    memset(stop, 0xcc, sizeof stop);
    memset(native + at, 0xcc, len);
    exec_poke(o->x, EXEC_CODE + at, stop, len);
    same = native[0] == 0xcc && exec_code(o->x)[0] == 0xcc &&
           !memcmp(native, native + 1, EXEC_CODE_SIZE - 1) &&
           !memcmp(native, exec_code(o->x), EXEC_CODE_SIZE);
    for (unsigned k = 0; !same && k < EXEC_CODE_SIZE; k++) {
        if (native[k] != 0xcc)
            native[k] = 0xcc;
        if (exec_code(o->x)[k] != 0xcc)
            exec_poke(o->x, EXEC_CODE + k, stop, 1);
    }
}

static void show(struct oracle *o, const struct oracle_part *part, uint64_t id,
                 const struct prog *p, const struct exec_state *in,
                 const struct differences *d)
{
    if (o->shown++ >= SHOWN)
        return;
    printf("# case %llu %s:", (unsigned long long)id, part->name);
    for (unsigned k = 0; k < p->n; k++) {
        printf(" ");
        for (unsigned b = p->off[k]; b < p->off[k + 1]; b++)
            printf("%02x", p->bytes[b]);
        printf("(%s)", p->dec[k].info->mnemonic);
    }
    printf(" at %llx flags %llx", (unsigned long long)in->rip,
           (unsigned long long)in->rflags);
    for (unsigned k = 0; k < (in->bits == 64 ? 16 : 8); k++)
        printf(" %llx", (unsigned long long)in->gpr[k]);
    printf(" ->%s\n", d->text);
}

static bool uses_vectors(enum family f)
{
    return f == FAM_X87 || f == FAM_SSE || f == FAM_AVX;
}

/* C1 after FCOMI and its kin: cleared (SDM) or left alone (AMD). */
static uint16_t status_mask(const struct prog *p)
{
    for (unsigned k = 0; k < p->n; k++)
        if (strstr(p->dec[k].info->mnemonic, "comi"))
            return (uint16_t)~0x200u;
    return 0xffff;
}

static void compare_vectors(struct differences *d, const struct prog *p,
                            const struct exec_state *e,
                            const struct exec_state *n, bool x87)
{
    if (x87) {
        uint16_t m = status_mask(p);

        number_differs(d, "fcw", e->fpu.cw, n->fpu.cw);
        number_differs(d, "fsw", e->fpu.sw & m, n->fpu.sw & m);
        number_differs(d, "ftw", e->fpu.tw, n->fpu.tw);
        for (unsigned k = 0; k < 8; k++) {
            char name[8];

            snprintf(name, sizeof name, "R%u", k);
            if (e->fpu.r[k].frac != n->fpu.r[k].frac ||
                e->fpu.r[k].se != n->fpu.r[k].se)
                differ(d, " %s=%04x:%016llx want %04x:%016llx", name,
                       e->fpu.r[k].se, (unsigned long long)e->fpu.r[k].frac,
                       n->fpu.r[k].se, (unsigned long long)n->fpu.r[k].frac);
        }
        return;
    }
    number_differs(d, "mxcsr", e->mxcsr, n->mxcsr);
    for (unsigned k = 0; k < 16; k++)
        for (unsigned q = 4; q-- > 0;)
            if (vec_u64(&e->vec[k], q) != vec_u64(&n->vec[k], q))
                differ(d, " v%u[%u]=%016llx want %016llx", k, q,
                       (unsigned long long)vec_u64(&e->vec[k], q),
                       (unsigned long long)vec_u64(&n->vec[k], q));
}

/* Where the code goes: often in the middle, sometimes over a page's end. */
static unsigned place(struct gen *g, unsigned room)
{
    switch (gen_below(g, 8)) {
    case 0:
        return 0x2000 - gen_below(g, room + 1);
    case 1:
        return 0x2000 - gen_below(g, 16);
    default:
        return 0x1800 + gen_below(g, 0x400);
    }
}

static void run_case(struct oracle *o, const struct oracle_part *part,
                     uint64_t id)
{
    struct gen *g = &o->gen;
    struct prog p;
    struct exec_state in, want, ours;
    struct differences d = {.len = 0};
    unsigned at, n;
    uint8_t *data = native_data(o->native);

    g->bits = part->bits;
    g->pinned = part->longest > 1 ? 0x72f8 : 0;
    if (part->loop)
        g->pinned |= 1u << RCX;
    g->seed = o->seed * UINT64_C(0x2545f4914f6cdd1d) + id / 32;
    gen_data(g, o->data, EXEC_DATA_SIZE);
    g->seed = o->seed * UINT64_C(0xd1342543de82ef95) + id;
    gen_state(g, &in);
    in.legacy = part->legacy;
    if (uses_vectors(part->family))
        in.rflags &= ~(uint64_t)EFL_AC;
    n = part->shortest + gen_below(g, part->longest - part->shortest + 1);
    at = place(g, n * 4);
    gen_prog(g, &p, part->family, n, EXEC_CODE + at, part->loop);
    if (!p.n)
        return;
    in.rip = (part->bits == 16 ? 0 : EXEC_CODE) + at;
    if (p.dec[0].rep && p.dec[0].asize == 4)
        in.gpr[RCX] = (uint32_t)in.gpr[RCX]; /* and the others of these */
    if (!strncmp(p.dec[0].info->mnemonic, "sh", 2) && p.dec[0].osize == 2)
        in.gpr[RCX] &= ~UINT64_C(16); /* see by_vendor in oracle_gen.c */
    if (part->loop)
        in.gpr[RCX] = 1 + gen_below(g, 15);
    if (gen_below(g, 3) == 0) /* somewhere for RET and JMP to go */
        st_le64(o->data + (in.gpr[RSP] & (EXEC_DATA_SIZE - 1)), in.rip + 0x700);

    memcpy(data, o->data, EXEC_DATA_SIZE);
    memcpy(exec_data(o->x), o->data, EXEC_DATA_SIZE);
    memcpy(native_code(o->native) + at, p.bytes, p.len);
    exec_poke(o->x, EXEC_CODE + at, p.bytes, p.len);
    if (native_run(o->native, &in, &want)) {
        exec_run(o->x, &in, &ours, 200000);
        o->cases++;
        o->faults += want.vector != EXC_BP;
        compare_integer(&d, &p, &ours, &want, in.rip);
        compare_fault(&d, &ours, &want);
        if (uses_vectors(part->family))
            compare_vectors(&d, &p, &ours, &want, part->family == FAM_X87);
        compare_data(&d, exec_data(o->x), data);
    }
    compare_code(o, &d, at, p.len);
    if (d.len && !tolerated(&p, &ours, &want, in.rip)) {
        o->differ++;
        show(o, part, id, &p, &in, &d);
    }
}

static void run_part(struct oracle *o, const struct oracle_part *part,
                     double seconds)
{
    double end = now() + seconds;

    o->cases = o->faults = o->differ = o->shown = 0;
    if (o->only != UINT64_MAX) {
        run_case(o, part, o->only);
    } else {
        for (uint64_t id = 0; id % 64 || now() < end; id++)
            run_case(o, part, id);
    }
    tap_ok(&o->tap, !o->differ, "%s: %llu of %llu cases differ (%llu faults)",
           part->name, (unsigned long long)o->differ,
           (unsigned long long)o->cases, (unsigned long long)o->faults);
}

void oracle_parts(struct oracle *o, const struct oracle_part *parts, unsigned n)
{
    unsigned shares = 0;
    const char *only = getenv("KLOCHS_ORACLE_PART");

    for (unsigned k = 0; k < n; k++)
        shares += !only || strstr(parts[k].name, only) ? parts[k].share : 0;
    for (unsigned k = 0; k < n; k++) {
        const struct oracle_part *p = &parts[k];

        if (only && !strstr(p->name, only))
            continue;
        if (p->bits == 16 && !native_has16(o->native)) {
            tap_ok(&o->tap, true, "%s # skip no modify_ldt", p->name);
            continue;
        }
        if (!o->gen.count[p->family]) {
            tap_ok(&o->tap, true, "%s # skip no such instructions yet",
                   p->name);
            continue;
        }
        run_part(o, p, o->seconds * p->share / shares);
    }
}
