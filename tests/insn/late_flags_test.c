/*
 * late_flags_test.c - flags that are only made when somebody looks.
 *
 * An arithmetic instruction, some moves, an access to memory that may fault,
 * and a comparison that overwrites the flags: the engine does not store the
 * first one's flags then, but makes them if the access goes wrong. What the
 * fault pushes must be what the same instructions leave one by one.
 */
#include "machine/exec.h"
#include "tests/tap.h"

struct piece {
    const char *name;
    uint8_t len;
    uint8_t bytes[6];
};

/* On EAX, ECX and their parts; the carry comes from before. */
static const struct piece first[] = {
    {"add eax, ecx", 2, {0x01, 0xc8}},
    {"add eax, eax", 2, {0x01, 0xc0}},
    {"add rax, 5", 4, {0x48, 0x83, 0xc0, 5}},
    {"add al, cl", 2, {0x00, 0xc8}},
    {"add ah, cl", 2, {0x00, 0xcc}},
    {"add ax, cx", 3, {0x66, 0x01, 0xc8}},
    {"sub eax, ecx", 2, {0x29, 0xc8}},
    {"sub rax, rcx", 3, {0x48, 0x29, 0xc8}},
    {"sub al, 1", 2, {0x2c, 1}},
    {"sub ax, 100", 4, {0x66, 0x83, 0xe8, 100}},
    {"and eax, ecx", 2, {0x21, 0xc8}},
    {"or al, cl", 2, {0x08, 0xc8}},
    {"xor rax, rcx", 3, {0x48, 0x31, 0xc8}},
    {"xor eax, [rsi]", 2, {0x33, 0x06}},
    {"inc eax", 2, {0xff, 0xc0}},
    {"inc al", 2, {0xfe, 0xc0}},
    {"dec rax", 3, {0x48, 0xff, 0xc8}},
    {"dec ax", 3, {0x66, 0xff, 0xc8}},
    {"sub eax, ecx; inc eax", 4, {0x29, 0xc8, 0xff, 0xc0}},
    {"shl eax, 3; dec eax", 5, {0xc1, 0xe0, 3, 0xff, 0xc8}},
    {"imul eax, ecx", 3, {0x0f, 0xaf, 0xc1}},
    {"rol eax, 7", 3, {0xc1, 0xc0, 7}},
    {"sub eax, ecx; rol eax, 7", 5, {0x29, 0xc8, 0xc1, 0xc0, 7}},
};

/* What may come between: registers that matter, and some that do not. */
static const struct piece second[] = {
    {"", 0, {0}},
    {"mov edx, eax", 2, {0x89, 0xc2}},
    {"mov eax, edx", 2, {0x89, 0xd0}},
    {"mov ecx, edx", 2, {0x89, 0xd1}},
    {"mov ah, dl", 2, {0x88, 0xd4}},
    {"mov eax, [rsi]", 2, {0x8b, 0x06}},
    {"mov [rsi], eax", 2, {0x89, 0x06}},
    {"push rax", 1, {0x50}},
    {"pop rax", 1, {0x58}},
    {"push rax; pop rcx", 2, {0x50, 0x59}},
    {"lea eax, [rax+rcx*4]", 3, {0x8d, 0x04, 0x88}},
    {"movzx edx, byte [rsi]", 3, {0x0f, 0xb6, 0x16}},
};

/* RDI points at nothing, or RDX is 0. */
static const struct piece third[] = {
    {"mov edx, [rdi]", 2, {0x8b, 0x17}},   {"mov [rdi], edx", 2, {0x89, 0x17}},
    {"add [rdi], edx", 2, {0x01, 0x17}},   {"cmp [rdi], edx", 2, {0x39, 0x17}},
    {"push qword [rdi]", 2, {0xff, 0x37}}, {"xor eax, [rdi]", 2, {0x33, 0x07}},
    {"div r8", 3, {0x49, 0xf7, 0xf0}},
};

static const uint8_t last[] = {0x39, 0xd8, 0xcc}; /* cmp eax, ebx; int3 */

static const uint64_t values[] = {
    0,          1,          0x7f,
    0x80,       0xffff,     0x7fff8000,
    0x80000000, 0xffffffff, UINT64_C(0x7fffffffffffffff),
    UINT64_MAX};

static void run(struct exec *x, uint64_t a, uint64_t c, bool carry,
                uint64_t step, struct exec_state *out)
{
    struct exec_state s;

    exec_state_init(&s, 64, 3);
    s.gpr[RAX] = a;
    s.gpr[RCX] = c;
    s.gpr[RDX] = 0x1234;
    s.gpr[RSI] = EXEC_DATA + 64;
    s.rflags |= carry ? EFL_CF | EFL_OF : EFL_ZF;
    exec_load(x, &s);
    for (unsigned n = 0; n < 40 && exec_step(x, step); n++)
        ;
    exec_store(x, out);
}

static bool same(const struct exec_state *a, const struct exec_state *b)
{
    return a->vector == b->vector && a->rip == b->rip &&
           a->rflags == b->rflags && a->ticks == b->ticks &&
           !memcmp(a->gpr, b->gpr, sizeof a->gpr);
}

static unsigned check(struct exec *x, const struct piece *const *part)
{
    static const uint8_t data[16] = {0x21, 0x43, 0x65, 0x87, 1, 2, 3, 4};
    uint8_t code[32];
    unsigned n = 0, bad = 0;

    for (unsigned k = 0; k < 3; k++) {
        memcpy(code + n, part[k]->bytes, part[k]->len);
        n += part[k]->len;
    }
    memcpy(code + n, last, sizeof last);
    exec_poke(x, EXEC_CODE, code, n + sizeof last);
    for (unsigned k = 0; k < ARRAY_LEN(values) * ARRAY_LEN(values) * 2; k++) {
        struct exec_state one = {0}, all = {0};
        uint64_t a = values[k / 2 % ARRAY_LEN(values)];
        uint64_t c = values[k / 2 / ARRAY_LEN(values)];

        exec_poke(x, EXEC_DATA + 64, data, sizeof data);
        run(x, a, c, k & 1, 1, &one);
        exec_poke(x, EXEC_DATA + 64, data, sizeof data);
        run(x, a, c, k & 1, 100, &all);
        if (same(&one, &all))
            continue;
        if (!bad++)
            printf("# %s; %s; %s with %llx, %llx: flags %llx, want %llx\n",
                   part[0]->name, part[1]->name, part[2]->name,
                   (unsigned long long)a, (unsigned long long)c,
                   (unsigned long long)all.rflags,
                   (unsigned long long)one.rflags);
    }
    return bad;
}

int main(void)
{
    struct tap t = {0};
    struct error err;
    struct exec *x = exec_create("corei7_haswell_4770", NULL, &err);

    if (!x) {
        printf("Bail out! %s\n", err.text);
        return 1;
    }
    for (unsigned k = 0; k < ARRAY_LEN(first); k++) {
        unsigned bad = 0;

        for (unsigned n = 0; n < ARRAY_LEN(second) * ARRAY_LEN(third); n++) {
            const struct piece *const part[] = {&first[k],
                                                &second[n / ARRAY_LEN(third)],
                                                &third[n % ARRAY_LEN(third)]};

            bad += check(x, part);
        }
        tap_ok(&t, !bad, "%s before an access that faults", first[k].name);
    }
    exec_destroy(x);
    return tap_done(&t);
}
