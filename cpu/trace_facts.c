/*
 * trace_facts.c - what the trace builder has to know of hot ops, made once from
 * their names (hot_dialect.h says how these are made).
 */
#include "cpu/icache_int.h"
#include <stdio.h>

static bool base_is(const char *name, const char *const *list)
{
    size_t n = strcspn(name, "_");

    for (; *list; list++)
        if (strlen(*list) == n && !memcmp(*list, name, n))
            return true;
    return false;
}

/* All arithmetic flags get new values. */
static const char *const sub_ops[] = {"sub", "cmp", "neg", "cmpxchg", NULL};
static const char *const log_ops[] = {"and", "or", "xor", "test", "andn", NULL};
static const char *const kill_ops[] = {"add",   "adc",   "sbb",   "xadd", "mul",
                                       "imul1", "imul2", "imul3", NULL};
/* No flag changes. */
static const char *const keep_ops[] = {
    "mov",  "movabs", "movzxb", "movzxw", "movsxb", "movsxw", "movsxd", "lea",
    "xchg", "not",    "bswap",  "cbw",    "cwd",    "push",   "pop",    "leave",
    "jmp",  "call",   "ret",    "nop",    "cld",    "std",    "rorx",   "sarx",
    "shlx", "shrx",   "div",    "idiv",   NULL};

#define NAME_SLOTS 8192u /* more than twice HOT_COUNT */

/* Numbers of hot ops by name; only while the facts are made. */
struct names {
    uint16_t op[NAME_SLOTS];
};

static unsigned name_slot(const char *s)
{
    uint32_t h = 0;

    while (*s)
        h = h * 31 + (uint8_t)*s++;
    return (h * 0x9e3779b1u >> 16) & (NAME_SLOTS - 1);
}

static void names_fill(struct names *names)
{
    memset(names, 0, sizeof *names);
    for (unsigned n = 1; n < HOT_COUNT; n++) {
        unsigned k = name_slot(hot_names[n]);

        while (names->op[k])
            k = (k + 1) & (NAME_SLOTS - 1);
        names->op[k] = (uint16_t)n;
    }
}

static uint16_t find_name(const struct names *names, const char *base,
                          const char *suffix)
{
    char want[64];
    unsigned k;

    snprintf(want, sizeof want, "%s%s", base, suffix);
    for (k = name_slot(want); names->op[k]; k = (k + 1) & (NAME_SLOTS - 1))
        if (!strcmp(hot_names[names->op[k]], want))
            return names->op[k];
    return 0;
}

static const char *const fused_ops[] = {"cmp", "test", "add", "sub",
                                        "and", "inc",  "dec", NULL};

static const char *const condition_names[16] = {
    "o", "no", "b", "ae", "e", "ne", "be", "a",
    "s", "ns", "p", "np", "l", "ge", "le", "g"};

/* "cmp_d_rr" fused with JNE is "cmp_d_rr_jne". */
static void fused_forms(const struct names *names, struct hot_fact *f,
                        const char *name)
{
    for (unsigned cc = 0; cc < 16; cc++) {
        char suffix[8];

        snprintf(suffix, sizeof suffix, "_j%s", condition_names[cc]);
        f->fused[cc] = find_name(names, name, suffix);
    }
}

/* "ne_d_j" is condition 5; 16: none. */
static unsigned condition(const char *name)
{
    size_t n = strcspn(name, "_");
    unsigned cc;

    for (cc = 0; cc < 16; cc++)
        if (strlen(condition_names[cc]) == n &&
            !memcmp(condition_names[cc], name, n))
            break;
    return cc;
}

/* "jne_d_j" is condition 5; stored plus one. */
static uint8_t jump_condition(const char *name)
{
    unsigned cc = name[0] == 'j' ? condition(name + 1) : 16;

    return (uint8_t)(cc < 16 ? cc + 1 : 0);
}

/* "jne_d_j" has its twins under "jne"; others under their whole name. */
static void consumer_twins(const struct names *names, struct hot_fact *f,
                           const char *name)
{
    char base[40];
    unsigned cc;

    snprintf(base, sizeof base, "%s", name);
    if (name[0] == 'j' && strlen(name) > 4 &&
        !strcmp(name + strlen(name) - 2, "_j"))
        base[strcspn(base, "_")] = 0;
    f->after_sub = find_name(names, base, "_S");
    f->after_log = find_name(names, base, "_L");
    cc = condition(name + (name[0] == 'j' ? 1 : name[0] == 's' ? 3 : 4));
    f->after_result =
        cc == 4 || cc == 5 || cc == 8 || cc == 9 ? f->after_log : 0;
}

static const char *const result_ops[] = {"add",   "adc",   "sbb", "inc",
                                         "dec",   "xadd",  "mul", "imul1",
                                         "imul2", "imul3", NULL};

/* What is left behind; shifts by a constant have a count other than 0. */
static enum flag_class flags_left(const struct hot_fact *f, const char *name)
{
    if (base_is(name, sub_ops))
        return FLAGS_SUB;
    if (base_is(name, log_ops))
        return FLAGS_LOG;
    if (base_is(name, result_ops) || f->shift)
        return FLAGS_RESULT;
    return base_is(name, keep_ops) ? FLAGS_KEPT : FLAGS_OTHER;
}

static uint16_t flags_killed(const char *name)
{
    if (base_is(name, sub_ops) || base_is(name, log_ops) ||
        base_is(name, kill_ops))
        return EFL_ARITH;
    if (!strncmp(name, "inc_", 4) || !strncmp(name, "dec_", 4))
        return EFL_ARITH & ~(unsigned)EFL_CF;
    return 0;
}

static const char *const blind_ops[] = {
    "mov",   "movabs", "movzxb", "movzxw", "movsxb", "movsxw", "movsxd",
    "push",  "pop",    "add",    "sub",    "and",    "or",     "xor",
    "cmp",   "test",   "not",    "neg",    "xchg",   "imul1",  "imul2",
    "imul3", "mul",    "div",    "idiv",   NULL};
static const char *const move_ops[] = {
    "mov", "movabs", "movzxb", "movzxw", "movsxb", "movsxw", "movsxd",
    "lea", "push",   "pop",    "cmp",    "test",   NULL};

/* "add_d_ri" owes the flags of an addition of 32 bits to a constant. */
static void owed_facts(struct hot_fact *f, const char *name)
{
    static const char *const owing[] = {"add", "sub", "inc", "dec"};
    static const uint8_t what[] = {OWES_ADD, OWES_SUB, OWES_INC, OWES_DEC};
    static const char *const logic[] = {"and", "or", "xor", NULL};
    static const char sizes[] = "bwdq";
    size_t n = strcspn(name, "_");
    const char *shape = name + n + 3, *size;

    if (strlen(name) < n + 4 || name[n + 2] != '_')
        return;
    size = strchr(sizes, name[n + 1]);
    f->owes_size = (uint8_t)(size ? size - sizes : 0);
    f->owes_imm = !strcmp(shape, "ri");
    for (unsigned k = 0; k < 4; k++)
        if (n == 3 && !memcmp(name, owing[k], 3) &&
            (!strcmp(shape, "r") || !strcmp(shape, "rr") || f->owes_imm))
            f->owes = what[k];
    if (base_is(name, logic) &&
        (!strcmp(shape, "rr") || !strcmp(shape, "rm") || f->owes_imm))
        f->owes = OWES_LOG;
}

/* What the builder asks of every instruction, without looking at names. */
static void plain_facts(struct hot_fact *f, const char *name)
{
    static const char *const stack_ops[] = {"push", "pop",   "call",
                                            "ret",  "leave", NULL};
    static const char *const shift_ops[] = {"shl", "shr", "sar", NULL};
    static const char *const rotate_ops[] = {"rol", "ror", "rcl", "rcr", NULL};
    size_t len = strlen(name);

    f->kills = flags_killed(name);
    f->blind = base_is(name, blind_ops);
    f->moves = base_is(name, move_ops);
    owed_facts(f, name);
    f->stack = base_is(name, stack_ops);
    f->shift =
        base_is(name, shift_ops) && len > 3 && !strcmp(name + len - 3, "_ri");
    f->rotate =
        base_is(name, rotate_ops) && len > 3 && !strcmp(name + len - 3, "_ri");
    f->lea = !strncmp(name, "lea_", 4);
    f->call = !strncmp(name, "call_", 5);
    f->movabs = !strncmp(name, "movabs_", 7);
    f->counts = !strncmp(name, "loop", 4) || !strncmp(name, "jrcxz_", 6);
    f->direct = len > 2 && !strcmp(name + len - 2, "_j");
}

struct hot_simd *trace_simd(struct icache *ic, insn_fn *plain)
{
    uint32_t h = (uint32_t)((uintptr_t)plain >> 4) * 0x9e3779b1u;
    unsigned k = h >> 16 & (SIMD_SLOTS - 1);

    while (ic->simd[k].plain && ic->simd[k].plain != plain)
        k = (k + 1) & (SIMD_SLOTS - 1);
    return &ic->simd[k];
}

/* Register and memory forms of one instruction may be two entries. */
static void simd_facts(struct icache *ic)
{
    for (const struct hot_simd *e = hot_simd_table; e->plain; e++) {
        struct hot_simd *to = trace_simd(ic, e->plain);

        to->plain = e->plain;
        for (unsigned f = 0; f < VF_COUNT; f++)
            if (e->form[f])
                to->form[f] = e->form[f];
    }
}

struct hot_pair *trace_pair(struct icache *ic, uint16_t first, uint16_t second)
{
    uint32_t h = ((uint32_t)first << 16 | second) * 0x9e3779b1u;
    unsigned k = h >> 16 & (PAIR_SLOTS - 1);

    while (ic->pair[k].op &&
           (ic->pair[k].first != first || ic->pair[k].second != second))
        k = (k + 1) & (PAIR_SLOTS - 1);
    return &ic->pair[k];
}

/* "mov_d_rr__add_d_ri" is both in one. */
static void pair_fact(struct icache *ic, const struct names *names, uint16_t op)
{
    const char *name = hot_names[op], *cut = strstr(name, "__");
    char first[40];
    uint16_t a, b;

    if (!cut)
        return;
    snprintf(first, sizeof first, "%.*s", (int)(cut - name), name);
    a = find_name(names, first, "");
    b = find_name(names, cut + 2, "");
    if (a && b)
        *trace_pair(ic, a, b) = (struct hot_pair){a, b, op};
}

void trace_facts(struct icache *ic)
{
    struct names names;

    names_fill(&names);
    simd_facts(ic);
    for (unsigned n = 1; n < HOT_COUNT; n++) {
        struct hot_fact *f = &ic->fact[n];
        const char *name = hot_names[n];

        plain_facts(f, name);
        pair_fact(ic, &names, (uint16_t)n);
        if (base_is(name, fused_ops))
            fused_forms(&names, f, name);
        if (n + 1 < HOT_COUNT) {
            size_t len = strlen(name);

            if (!strncmp(hot_names[n + 1], name, len) &&
                !strcmp(hot_names[n + 1] + len, "_nf"))
                f->no_flags = (uint16_t)(n + 1);
        }
        if (name[0] == 'j' || !strncmp(name, "set", 3) ||
            !strncmp(name, "cmov", 4)) {
            consumer_twins(&names, f, name);
            f->condition = jump_condition(name);
            f->leaves = FLAGS_KEPT;
        } else {
            f->leaves = (uint8_t)flags_left(f, name);
        }
    }
}
