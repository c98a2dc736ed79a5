/*
 * fused_test.c - two instructions in one handler do what they do one by one.
 *
 * hot_pairs.inc has handlers of two instructions; their names say of which.
 * Each is run here, in every table that has it, from several states: operands
 * at the ends of pages and segments, missing ones, stores into the page of the
 * code, and with ends of the budget in between. The same two instructions with
 * a jump to the next one between them, which no handler takes together, must
 * give the same registers, flags, memory, faults and counts. A handler that is
 * never reached, or a name that is not understood, is a failure.
 */
#include "cpu/icache.h"
#include "machine/exec.h"
#include "tests/tap.h"

enum { CODE_AT = 0x100, BETWEEN = 2, STATES = 8, ENDS = 4 };
/* Where stores into the page of code go. */
enum { STORED_AT = 0x1fe0, STORED = 0x40 };

/* Kinds of memory operand. */
enum {
    BASE,
    INDEX, /* four of them: the index by 1, 2, 4, 8 */
    ABSOLUTE = INDEX + 4,
    SEGMENT,
    BASE32,
    INDEX32,
    FORMS = INDEX32 + 4
};

struct half {
    char op[12], size, form[4], branch[4];
    bool no_flags;
};

struct pair {
    const char *name;
    uint16_t op;
    struct half first, second;
};

struct bench {
    struct tap tap;
    struct exec *x;
    unsigned bits;
    bool based;
    uint16_t seen[HOT_COUNT]; /* bit: a table */
    uint64_t cases, bad;
};

struct program {
    uint8_t b[64];
    unsigned len, cut; /* where the second one begins */
};

/* ---- names ---- */

static bool parse_half(const char *text, size_t len, struct half *h)
{
    char branch[8] = "";
    char s[40];
    int n;

    snprintf(s, sizeof s, "%.*s", (int)len, text);
    h->form[0] = 0;
    n = sscanf(s, "%11[a-z0-9]_%c_%3[a-z]_%7[a-z]", h->op, &h->size, h->form,
               branch);
    h->no_flags = !strcmp(branch, "nf");
    h->branch[0] = 0;
    if (branch[0] == 'j')
        snprintf(h->branch, sizeof h->branch, "%.3s", branch + 1);
    return n >= 3 || (n == 2 && !strcmp(h->op, "ret"));
}

static bool parse(uint16_t op, struct pair *p)
{
    const char *name = hot_names[op], *cut = strstr(name, "__");

    *p = (struct pair){.name = name, .op = op};
    return cut && parse_half(name, (size_t)(cut - name), &p->first) &&
           parse_half(cut + 2, strlen(cut + 2), &p->second);
}

static bool in_memory(const struct half *h)
{
    return strchr(h->form, 'm') != NULL;
}

static bool on_stack(const struct half *h)
{
    return !strcmp(h->op, "push") || !strcmp(h->op, "pop") ||
           !strcmp(h->op, "ret");
}

/* ---- code ---- */

static void put(struct program *p, unsigned v)
{
    p->b[p->len++] = (uint8_t)v;
}

static void put32(struct program *p, uint32_t v)
{
    for (unsigned n = 0; n < 4; n++)
        put(p, v >> 8 * n & 0xff);
}

/* ModRM and what follows: the index is rSI, in 64-bit code an address is
 * relative to RIP. */
static void put_memory(struct program *p, unsigned bits, unsigned form,
                       unsigned reg, unsigned base)
{
    uint32_t end = (uint32_t)EXEC_CODE + CODE_AT + p->len + 5;

    if (form - INDEX < 4 || form - INDEX32 < 4) {
        put(p, reg << 3 | 0x84);
        put(p, ((form - INDEX) % 4) << 6 | 0x30 | base);
        put32(p, (uint32_t)-8);
    } else if (form == ABSOLUTE) {
        put(p, reg << 3 | 5);
        put32(p, (uint32_t)EXEC_DATA + 0x810 - (bits == 64 ? end : 0));
    } else {
        put(p, reg << 3 | 0x40 | base);
        put(p, 8);
    }
}

struct encoding {
    const char *op, *form;
    uint16_t opcode; /* 0Fxx: two bytes */
    uint8_t ext;     /* without a second register: ModRM.reg */
    bool imm;
};

static const struct encoding encodings[] = {
    {"mov", "rr", 0x89, 0, false},     {"mov", "rm", 0x8b, 0, false},
    {"mov", "mr", 0x89, 0, false},     {"lea", "rm", 0x8d, 0, false},
    {"movzxb", "rm", 0xfb6, 0, false}, {"movzxw", "rm", 0xfb7, 0, false},
    {"movzxb", "rr", 0xfb6, 0, false}, {"movzxw", "rr", 0xfb7, 0, false},
    {"movsxb", "rm", 0xfbe, 0, false}, {"movsxw", "rm", 0xfbf, 0, false},
    {"add", "rr", 0x01, 0, false},     {"add", "ri", 0x83, 0, true},
    {"or", "rr", 0x09, 0, false},      {"or", "ri", 0x83, 1, true},
    {"and", "rr", 0x21, 0, false},     {"and", "ri", 0x83, 4, true},
    {"sub", "rr", 0x29, 0, false},     {"sub", "ri", 0x83, 5, true},
    {"xor", "rr", 0x31, 0, false},     {"xor", "ri", 0x83, 6, true},
    {"cmp", "rr", 0x39, 0, false},     {"cmp", "ri", 0x83, 7, true},
    {"add", "rm", 0x03, 0, false},     {"xor", "rm", 0x33, 0, false},
    {"sub", "rm", 0x2b, 0, false},     {"and", "rm", 0x23, 0, false},
    {"or", "rm", 0x0b, 0, false},      {"cmp", "rm", 0x3b, 0, false},
    {"test", "rr", 0x85, 0, false},    {"shl", "ri", 0xc1, 4, true},
    {"shr", "ri", 0xc1, 5, true},      {"sar", "ri", 0xc1, 7, true},
    {"inc", "r", 0xff, 0, false},      {"dec", "r", 0xff, 1, false},
};

static const struct encoding *encoding_of(const struct half *h)
{
    for (unsigned n = 0; n < ARRAY_LEN(encodings); n++) {
        const struct encoding *e = &encodings[n];

        if (!strcmp(e->op, h->op) && !strcmp(e->form, h->form))
            return e;
    }
    return NULL;
}

/* A branch over an instruction that shows whether it was taken. */
static void put_over(struct program *p, unsigned opcode)
{
    put(p, opcode);
    put(p, 3);
    put(p, 0x8d); /* LEA EBP, [rBP + 1] */
    put(p, 0x6d);
    put(p, 1);
}

static bool put_branch(struct program *p, const char *branch)
{
    static const char *const names[] = {"o",  "no", "b",  "ae", "e", "ne",
                                        "be", "a",  "s",  "ns", "p", "np",
                                        "l",  "ge", "le", "g"};

    for (unsigned n = 0; n < ARRAY_LEN(names); n++)
        if (!strcmp(names[n], branch)) {
            put_over(p, 0x70 + n);
            return true;
        }
    return false;
}

/* d and s: registers; where memory is an operand s is its base, and d the
 * register beside it. */
static bool put_half(struct program *p, unsigned bits, const struct half *h,
                     unsigned form, unsigned d, unsigned s)
{
    const struct encoding *e = encoding_of(h);

    if (on_stack(h)) {
        put(p, h->op[0] == 'r' ? 0xc3 : (h->op[1] == 'u' ? 0x50 : 0x58) + d);
        return true;
    }
    if (!strcmp(h->op, "jmp")) {
        put_over(p, 0xeb);
        return true;
    }
    if (!strcmp(h->op, "mov") && !strcmp(h->form, "ri")) {
        put(p, 0xb8 + d);
        put32(p, 0x87654321);
        return true;
    }
    if (!e)
        return false;
    if (in_memory(h) && form == SEGMENT)
        put(p, 0x64);
    if (in_memory(h) && form >= BASE32)
        put(p, 0x67);
    if (h->size == 'q')
        put(p, 0x48);
    if (e->opcode >> 8)
        put(p, 0x0f);
    put(p, (e->opcode & 0xff) - (h->size == 'b'));
    if (in_memory(h))
        put_memory(p, bits, form, d, s);
    else if (!strcmp(h->form, "rr") && e->opcode >> 8)
        put(p, 0xc0 | d << 3 | s);
    else
        put(p, 0xc0 | (!strcmp(h->form, "rr") ? s : e->ext) << 3 | d);
    if (e->imm)
        put(p, d == RAX ? 0x85 : 5);
    return !h->branch[0] || put_branch(p, h->branch);
}

/* RBX is the base of the first operand; RAX, which the first instruction has
 * made, or RBX that of the second. */
static bool assemble(struct program *p, unsigned bits, const struct pair *pair,
                     unsigned form, unsigned kind, bool jump, bool kill)
{
    unsigned d = kind & 1 ? RAX : RDX;
    unsigned s = kind & 2 ? RAX : RCX;
    bool stack = on_stack(&pair->first);

    if (stack && kind & 2)
        d = RSP;
    *p = (struct program){.len = 0};
    if (!put_half(p, bits, &pair->first, form, stack && kind == 5 ? RSP : RAX,
                  in_memory(&pair->first) ? RBX : RCX))
        return false;
    p->cut = p->len;
    if (jump) {
        put(p, 0xeb);
        put(p, 0);
    }
    if (in_memory(&pair->second))
        s = kind & 2 ? RAX : RBX;
    if (!put_half(p, bits, &pair->second, form, d, s))
        return false;
    if (kill) { /* TEST EDX, EDX: flags before it are dead */
        put(p, 0x85);
        put(p, 0xd2);
    }
    put(p, 0xcc);
    return true;
}

/* ---- states ---- */

/* based: 32-bit code with a stack segment that has a base and a limit. */
static void state(struct exec_state *in, unsigned bits, bool based, unsigned n)
{
    static const uint64_t base[STATES] = {
        EXEC_DATA + 0x800,    EXEC_DATA + 0xff6,  EXEC_DATA + 0x1ff2,
        UINT64_C(0x30000000), EXEC_CODE + 0x2000, EXEC_DATA + 0x400,
        EXEC_DATA + 0xc00,    EXEC_DATA + 0xff3};
    static const uint64_t value[STATES] = {5,
                                           UINT64_C(0x8000000080000000),
                                           UINT64_MAX,
                                           UINT64_C(0x7fffffff7fffffff),
                                           0,
                                           EXEC_DATA + 0x600,
                                           EXEC_DATA + 0xff4,
                                           EXEC_CODE + 0x2004};

    exec_state_init(in, bits, 3);
    in->gpr[RAX] = value[(n + 3) % STATES];
    in->gpr[RCX] = value[n];
    in->gpr[RDX] = value[(n + 6) % STATES];
    in->gpr[RBX] = base[n];
    in->gpr[RSI] = n % 3;
    if (n == 1)
        in->gpr[RSP] = EXEC_DATA + bits / 8;
    if (n == 2)
        in->gpr[RSP] = EXEC_DATA + EXEC_DATA_SIZE - bits / 8;
    if (based) {
        in->segs_given = 1u << SEG_SS;
        in->seg[SEG_SS] = (struct segment){.base = 0x1000,
                                           .limit = EXEC_DATA + 0xffe,
                                           .selector = 0x2b,
                                           .access = 0xf3,
                                           .flags = 0xc,
                                           .usable = true};
        in->gpr[RSP] -= 0x1000;
    }
    in->fs_base = n == 3 ? 0x123 : 0x10;
    in->rflags |= n & 1 ? EFL_CF | EFL_OF : EFL_ZF | EFL_PF;
    if (bits == 32)
        for (unsigned k = 0; k < 8; k++)
            in->gpr[k] = (uint32_t)in->gpr[k];
}

/* Pointers, so that what is loaded can be an address. */
static void fill(uint8_t *data)
{
    for (unsigned n = 0; n < EXEC_DATA_SIZE; n += 8)
        st_le64(data + n, n & 8 ? EXEC_DATA + 0x700 + n / 16
                                : UINT64_C(0x9e3779b97f4a7c15) * (n + 1));
    /* Above the top of the stack, where RET finds it. */
    st_le32(data + EXEC_DATA_SIZE / 2 + 4, (uint32_t)EXEC_CODE + 0x40);
    st_le64(data + EXEC_DATA_SIZE / 2 + 8, EXEC_CODE + 0x40);
}

/* ---- running ---- */

static void note_handler(struct bench *b, uint16_t op)
{
    struct trace *t = icache_lookup(exec_cpu(b->x), 1000);

    for (unsigned k = 0; k < HT_COUNT; k++)
        if (hot_tables[k][op] && hot_tables[k][op] == t->insn[0].fn)
            b->seen[op] |= (uint16_t)(1u << k);
}

/* op: the handler to look for, or 0. */
static void run(struct bench *b, const struct program *p, uint16_t op,
                const struct exec_state *in, unsigned ticks,
                struct exec_state *out, uint8_t *memory)
{
    uint8_t stop[sizeof p->b];

    fill(exec_data(b->x));
    exec_poke(b->x, EXEC_CODE + CODE_AT, p->b, p->len);
    exec_load(b->x, in);
    exec_cpu(b->x)->rip = EXEC_CODE + CODE_AT;
    if (op)
        note_handler(b, op);
    exec_step(b->x, ticks);
    exec_store(b->x, out);
    memset(stop, 0xcc, sizeof stop);
    exec_poke(b->x, EXEC_CODE + CODE_AT, stop, p->len);
    memcpy(memory, exec_data(b->x), EXEC_DATA_SIZE);
    memcpy(memory + EXEC_DATA_SIZE, exec_code(b->x) + STORED_AT, STORED);
    memset(stop, 0, sizeof stop);
    exec_poke(b->x, EXEC_CODE + STORED_AT, stop, STORED);
}

static bool same(const struct exec_state *one, struct exec_state *apart,
                 unsigned cut)
{
    uint64_t at = apart->rip - (EXEC_CODE + CODE_AT);

    if (at > cut) {
        apart->ticks--;
        if (at < sizeof((struct program *)0)->b) /* else after a RET */
            apart->rip -= BETWEEN;
    }
    return !memcmp(one->gpr, apart->gpr, sizeof one->gpr) &&
           one->rip == apart->rip && one->rflags == apart->rflags &&
           one->raised == apart->raised && one->vector == apart->vector &&
           one->code == apart->code && one->cr2 == apart->cr2 &&
           one->ticks == apart->ticks;
}

static void compare(struct bench *b, const struct pair *pair,
                    const struct program *one, const struct program *apart,
                    unsigned n, unsigned ticks)
{
    static uint8_t memory[2][EXEC_DATA_SIZE + STORED];
    struct exec_state in, got, want;

    state(&in, b->bits, b->based, n);
    run(b, one, pair->op, &in, ticks, &got, memory[0]);
    run(b, apart, 0, &in, ticks + (ticks > 1), &want, memory[1]);
    b->cases++;
    if (same(&got, &want, one->cut) &&
        !memcmp(memory[0], memory[1], sizeof memory[0]))
        return;
    if (b->bad++ < 20)
        printf("# %s, %u bits, state %u, %u ticks: rip %llx want %llx, "
               "vector %u want %u, rax %llx want %llx\n",
               pair->name, b->bits, n, ticks, (unsigned long long)got.rip,
               (unsigned long long)want.rip, got.vector, want.vector,
               (unsigned long long)got.gpr[RAX],
               (unsigned long long)want.gpr[RAX]);
}

static bool fits(const struct bench *b, const struct half *h)
{
    return on_stack(h) ? (h->size == 'q') == (b->bits == 64)
                       : h->size != 'q' || b->bits == 64;
}

/* All states of one encoding. */
static bool try_kind(struct bench *b, const struct pair *pair, unsigned form,
                     unsigned kind)
{
    struct program one, apart;

    if (!assemble(&one, b->bits, pair, form, kind, false, kind & 4) ||
        !assemble(&apart, b->bits, pair, form, kind, true, kind & 4))
        return false;
    for (unsigned n = 0; n < STATES; n++)
        for (unsigned ticks = 1; ticks <= ENDS; ticks++)
            compare(b, pair, &one, &apart, n, ticks == ENDS ? 50 : ticks);
    return true;
}

/* Without an operand in memory it is the stack that varies. */
static unsigned forms_of(const struct bench *b, bool memory)
{
    if (!memory)
        return b->bits == 32 ? 2 : 1;
    return b->bits == 32 ? BASE32 : FORMS;
}

static bool try_pair(struct bench *b, const struct pair *pair)
{
    bool memory = in_memory(&pair->first) || in_memory(&pair->second);

    if (!fits(b, &pair->first) || !fits(b, &pair->second))
        return true;
    for (unsigned form = 0; form < forms_of(b, memory); form++) {
        b->based = !memory && form;
        for (unsigned kind = 0; kind < 8; kind++)
            if (!try_kind(b, pair, form, kind))
                return false;
    }
    return true;
}

static void all_pairs(struct bench *b, unsigned bits)
{
    uint64_t bad = b->bad;
    struct pair p;

    b->bits = bits;
    for (uint16_t op = 1; op < HOT_COUNT; op++) {
        if (!strstr(hot_names[op], "__"))
            continue;
        if (!parse(op, &p) || !try_pair(b, &p)) {
            printf("# no code for %s\n", hot_names[op]);
            b->bad++;
        }
    }
    tap_ok(&b->tap, b->bad == bad, "pairs in %u-bit code do the same", bits);
}

/* The tables are full of what no code comes to: 64-bit operands in 32-bit code,
 * LEA with a segment, operands in memory beside those on the stack. */
static bool reachable(const struct pair *p, unsigned table)
{
    bool lea = !strcmp(p->first.op, "lea") || !strcmp(p->second.op, "lea");
    bool q = p->first.size == 'q' || p->second.size == 'q';

    if (on_stack(&p->first))
        return table == (q ? HT_B64 : HT_B32);
    if (!strcmp(p->second.op, "jmp") && p->second.size == 'd' &&
        (table == HT_SEG64 || (table >= HT_B64 && table <= HT_ABS)))
        return false; /* 64-bit code has jmp_q_j */
    return !(lea && (table == HT_SEG64 || table == HT_SEG32)) &&
           !(q && table == HT_SEG32);
}

static void all_reached(struct bench *b)
{
    unsigned missing = 0, handlers = 0;
    struct pair p;

    for (uint16_t op = 1; op < HOT_COUNT; op++) {
        if (!parse(op, &p))
            continue;
        for (unsigned k = 0; k < HT_COUNT; k++) {
            if (!hot_tables[k][op] || !reachable(&p, k))
                continue;
            handlers++;
            if (b->seen[op] >> k & 1)
                continue;
            if (missing++ < 20)
                printf("# never reached: %s of table %u\n", p.name, k);
        }
    }
    printf("# %llu cases, %u handlers\n", (unsigned long long)b->cases,
           handlers);
    tap_ok(&b->tap, handlers > 100 && !missing, "every pair is used");
}

int main(void)
{
    static struct bench b;
    struct error err;

    b.x = exec_create("corei7_haswell_4770", NULL, &err);
    if (!b.x) {
        printf("Bail out! %s\n", err.text);
        return 1;
    }
    all_pairs(&b, 64);
    all_pairs(&b, 32);
    all_reached(&b);
    exec_destroy(b.x);
    return tap_done(&b.tap);
}
