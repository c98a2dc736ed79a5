/*
 * pairs_test.c - every compare with every conditional jump behind it.
 *
 * The engine has bodies for such pairs. Here CMP, TEST, SUB, AND, ADD, DEC and
 * INC, of each size and between registers, memory and immediates, are
 * followed by each of the sixteen conditions, in 64- and 32-bit code, and what
 * the jump does is compared with the condition worked out from the operands
 * (SDM vol. 1, appendix B).
 */
#include "cpu/flags.h"
#include "machine/exec.h"
#include "tests/tap.h"

enum { CMP, TEST, SUB, AND, ADD, INC, DEC };
enum { RR, RM, MR, RI, MI, OPERANDS };

struct form {
    uint8_t op, operands;
    uint8_t opcode; /* of more than 8 bits; one less for 8 */
    uint8_t ext;    /* ModRM.reg of the forms without a second register */
    uint8_t imm;    /* bytes of the immediate, 0: as the operand, up to 4 */
};

static const struct form forms[] = {
    {CMP, RR, 0x39, 0, 0},  {CMP, MR, 0x39, 0, 0},  {CMP, RM, 0x3b, 0, 0},
    {CMP, RI, 0x81, 7, 0},  {CMP, MI, 0x81, 7, 0},  {CMP, RI, 0x83, 7, 1},
    {CMP, MI, 0x83, 7, 1},  {TEST, RR, 0x85, 0, 0}, {TEST, MR, 0x85, 0, 0},
    {TEST, RI, 0xf7, 0, 0}, {TEST, MI, 0xf7, 0, 0}, {SUB, RR, 0x29, 0, 0},
    {SUB, RM, 0x2b, 0, 0},  {SUB, RI, 0x83, 5, 1},  {AND, RR, 0x21, 0, 0},
    {AND, RI, 0x83, 4, 1},  {ADD, RR, 0x01, 0, 0},  {ADD, RI, 0x83, 0, 1},
    {INC, RI, 0xff, 0, 9},  {DEC, RI, 0xff, 1, 9},  {DEC, MI, 0xff, 1, 9},
};

/* The same register twice comes for the equal ones: TEST of itself. */
static const uint64_t values[] = {0,
                                  1,
                                  2,
                                  0x7f,
                                  0x80,
                                  0xff,
                                  0x7fff,
                                  0x8000,
                                  0x7fffffff,
                                  0x80000000,
                                  0xffffffff,
                                  UINT64_C(0x7fffffffffffffff),
                                  UINT64_C(0x8000000000000000),
                                  UINT64_MAX,
                                  0x1234};

struct bench {
    struct tap tap;
    struct exec *x;
    unsigned bits;
    uint64_t cases, bad;
};

static uint64_t cut(uint64_t v, unsigned size)
{
    return size == 8 ? v : v & ((UINT64_C(1) << 8 * size) - 1);
}

static bool sign(uint64_t v, unsigned size)
{
    return v >> (8 * size - 1) & 1;
}

/* OF SF ZF PF CF. */
static uint64_t flags_of(unsigned op, uint64_t a, uint64_t b, unsigned size,
                         bool carry)
{
    bool minus = op == CMP || op == SUB || op == DEC;
    uint64_t r, f = 0;
    unsigned ones = 0;

    b = op == INC || op == DEC ? 1 : b;
    r = op == TEST || op == AND ? a & b : minus ? a - b : a + b;
    r = cut(r, size);
    for (unsigned n = 0; n < 8; n++)
        ones += r >> n & 1;
    f |= sign(r, size) ? EFL_SF : 0;
    f |= !r ? EFL_ZF : 0;
    f |= ones % 2 == 0 ? EFL_PF : 0;
    if (op == TEST || op == AND)
        return f;
    if (op == INC || op == DEC)
        f |= carry ? EFL_CF : 0;
    else if (minus ? a < b : r < a)
        f |= EFL_CF;
    if (minus ? sign((a ^ b) & (a ^ r), size) : sign((a ^ r) & (b ^ r), size))
        f |= EFL_OF;
    return f;
}

static bool condition(unsigned cc, uint64_t f)
{
    bool of = f & EFL_OF, sf = f & EFL_SF, zf = f & EFL_ZF, cf = f & EFL_CF;
    bool met[] = {
        of, cf, zf, cf || zf, sf, (f & EFL_PF) != 0, sf != of, zf || sf != of};

    return met[cc >> 1] != (cc & 1);
}

/* The compare of EAX or [RBX] with ECX, memory or b. */
static unsigned put(const struct form *f, unsigned size, uint64_t b,
                    uint8_t *out)
{
    static const uint8_t modrm[OPERANDS] = {0xc8, 0x03, 0x0b, 0xc0, 0x03};
    uint8_t *p = out;
    unsigned imm = f->imm ? f->imm : size < 4 ? size : 4;

    if (size == 2)
        *p++ = 0x66;
    if (size == 8)
        *p++ = 0x48;
    *p++ = (uint8_t)(f->opcode == 0x83 && size == 1 ? 0x80
                                                    : f->opcode - (size == 1));
    *p++ = (uint8_t)(modrm[f->operands] | f->ext << 3);
    for (unsigned n = 0; f->operands >= RI && f->imm != 9 && n < imm; n++)
        *p++ = (uint8_t)(b >> 8 * n);
    return (unsigned)(p - out);
}

/* What the second operand is for the processor. */
static uint64_t second(const struct form *f, unsigned size, uint64_t b)
{
    if (f->operands < RI)
        return cut(b, size);
    if (f->imm == 1)
        return cut((uint64_t)(int8_t)b, size);
    return cut((uint64_t)(int32_t)b, size);
}

static void one(struct bench *t, const struct form *f, unsigned size,
                uint64_t a, uint64_t b, unsigned cc)
{
    uint8_t code[32];
    struct exec_state s;
    unsigned n;
    uint64_t want;
    bool taken;

    memset(code, 0xcc, sizeof code);
    n = put(f, size, b, code);
    code[n] = (uint8_t)(0x70 | cc);
    code[n + 1] = 8;
    exec_poke(t->x, EXEC_CODE, code, sizeof code);
    exec_state_init(&s, t->bits, 3);
    s.rflags |= a & 1 ? EFL_CF : 0;
    s.gpr[RAX] = f->operands == MR || f->operands == MI ? 0 : a;
    s.gpr[RCX] = b;
    s.gpr[RBX] = EXEC_DATA;
    st_le64(exec_data(t->x), f->operands == RM ? b : a);
    if (t->bits == 32) {
        s.gpr[RAX] = (uint32_t)s.gpr[RAX];
        s.gpr[RCX] = (uint32_t)s.gpr[RCX];
    }
    exec_run(t->x, &s, &s, 10);
    want = flags_of(f->op, cut(a, size), second(f, size, b), size, a & 1);
    taken = condition(cc, want);
    t->cases++;
    if (s.vector == EXC_BP && s.rip == EXEC_CODE + n + 3 + (taken ? 8 : 0) &&
        ((s.rflags ^ want) & (EFL_ARITH & ~(uint64_t)EFL_AF)) == 0)
        return;
    if (t->bad++ < 10)
        printf("# opcode %02x size %u, %llx and %llx, condition %x: %s\n",
               f->opcode, size, (unsigned long long)a, (unsigned long long)b,
               cc, taken ? "should jump" : "should not");
}

static void all(struct bench *t, const struct form *f)
{
    for (unsigned size = 1; size <= t->bits / 8; size *= 2)
        for (unsigned a = 0; a < ARRAY_LEN(values); a++)
            for (unsigned b = 0; b < ARRAY_LEN(values); b++)
                for (unsigned cc = 0; cc < 16; cc++)
                    one(t, f, size, values[a], values[b], cc);
}

int main(void)
{
    static struct bench t;
    struct error err;

    t.x = exec_create("corei7_haswell_4770", NULL, &err);
    if (!t.x) {
        printf("Bail out! %s\n", err.text);
        return 1;
    }
    for (t.bits = 32; t.bits <= 64; t.bits += 32) {
        t.cases = t.bad = 0;
        for (unsigned n = 0; n < ARRAY_LEN(forms); n++)
            all(&t, &forms[n]);
        tap_ok(&t.tap, !t.bad, "%u-bit code: %llu of %llu pairs are wrong",
               t.bits, (unsigned long long)t.bad, (unsigned long long)t.cases);
    }
    exec_destroy(t.x);
    return tap_done(&t.tap);
}
