/*
 * oracle.c - the same code on this host's processor and on ours.
 *
 * Compared: general registers, RIP, flags but the undefined ones, the x87 and
 * vector registers where the family uses them, the data window, and of an
 * exception its vector, error code and CR2.
 */
#include "tests/insn/oracle.h"
#include "gen/insn_table.h"
#include "tests/insn/oracle_compare.h"
#include <stdlib.h>

enum { SHOWN = 12 };

#define FEATURES                                                               \
    "adx movbe cmpxhg16b lzcnt bmi1 bmi2 popcnt fsgsbase lm_lahf_sahf"

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
    if (d.len && !compare_tolerates(&p, &ours, &want, in.rip)) {
        o->differ++;
        show(o, part, id, &p, &in, &d);
    }
}

static void run_part(struct oracle *o, const struct oracle_part *part,
                     double seconds)
{
    double end = native_seconds() + seconds;

    o->cases = o->faults = o->differ = o->shown = 0;
    if (o->only != UINT64_MAX) {
        run_case(o, part, o->only);
    } else {
        for (uint64_t id = 0; id % 64 || native_seconds() < end; id++)
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
