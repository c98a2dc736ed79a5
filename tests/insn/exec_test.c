/*
 * exec_test.c - what random comparison has found, and how exec reports it.
 */
#include "machine/exec.h"
#include "tests/tap.h"

static struct exec_state run(struct exec *x, const char *code, unsigned n,
                             const struct exec_state *in, uint64_t count)
{
    struct exec_state out;
    uint8_t page[256];

    memset(page, 0xcc, sizeof page);
    memcpy(page, code, n);
    exec_poke(x, EXEC_CODE, page, sizeof page);
    exec_run(x, in, &out, count);
    return out;
}

#define RUN(x, code, in, count) run(x, code, sizeof(code) - 1, in, count)

/* An empty TLB slot must match no address at all: this one was its tag. */
static void empty_slots(struct tap *t, struct exec *x)
{
    struct exec_state in, out;
    unsigned bad = 0;

    for (unsigned bit = 12; bit < 64; bit++) {
        exec_state_init(&in, 64, 3);
        in.gpr[RAX] = UINT64_C(1) << bit;
        if (in.gpr[RAX] == EXEC_CODE || in.gpr[RAX] == EXEC_DATA)
            continue;
        out = RUN(x, "\x8a\x08", &in, 1); /* mov cl, [rax] */
        bad += !out.raised || out.vector != (bit < 47 ? EXC_PF : EXC_GP);
        out = RUN(x, "\xfe\x00", &in, 1); /* inc byte [rax] */
        bad += !out.raised || out.vector != (bit < 47 ? EXC_PF : EXC_GP);
    }
    tap_ok(t, !bad, "no address hits an empty TLB slot");
}

static void carries(struct tap *t, struct exec *x)
{
    struct exec_state in, out;

    exec_state_init(&in, 64, 3);
    in.gpr[RAX] = 1;
    in.gpr[RBX] = 2;
    /* cmp rax, rbx; inc ecx; int3 */
    out = RUN(x, "\x48\x39\xd8\xff\xc1\xcc", &in, 10);
    tap_eq(t, out.rflags & EFL_ARITH, EFL_CF, "CF of CMP is kept by INC");
    out = RUN(x, "\x48\x39\xd8\xff\xc9\xcc", &in, 10);
    tap_eq(t, out.rflags & EFL_CF, EFL_CF, "CF of CMP is kept by DEC");
}

static void zero_counts(struct tap *t, struct exec *x)
{
    struct exec_state in, out;

    exec_state_init(&in, 64, 3);
    in.gpr[RAX] = UINT64_MAX;
    out = RUN(x, "\xc1\xf8\x20", &in, 1); /* sar eax, 32 */
    tap_eq(t, out.gpr[RAX], UINT32_MAX, "SAR by 32 zero-extends");
    out = RUN(x, "\xc1\xc0\x20", &in, 1); /* rol eax, 32 */
    tap_eq(t, out.gpr[RAX], UINT32_MAX, "ROL by 32 zero-extends");
}

/* SDM vol. 2, MOVSXD: with 16-bit operands it moves. */
static void short_movsxd(struct tap *t, struct exec *x)
{
    struct exec_state in, out;

    exec_state_init(&in, 64, 3);
    in.gpr[RAX] = 0x1111111111111111;
    in.gpr[RBX] = EXEC_DATA;
    in.gpr[RCX] = 0x87654321;
    out = RUN(x, "\x66\x63\xc1\xcc", &in, 10); /* movsxd ax, ecx; int3 */
    tap_eq(t, out.gpr[RAX], 0x1111111111114321, "MOVSXD of 16 bits");
    st_le32(exec_data(x), 0xfedcba98);
    out = RUN(x, "\x66\x63\x03\xcc", &in, 10); /* movsxd ax, [rbx]; int3 */
    tap_eq(t, out.gpr[RAX], 0x111111111111ba98, "and from memory");
}

static void faults(struct tap *t, struct exec *x)
{
    static const struct {
        unsigned bits, cpl;
        bool legacy;
    } modes[] = {{64, 3, false}, {64, 0, false}, {32, 3, false},
                 {32, 0, false}, {32, 3, true},  {32, 0, true}};

    for (unsigned n = 0; n < ARRAY_LEN(modes); n++) {
        struct exec_state in, out;
        bool user = modes[n].cpl == 3;

        exec_state_init(&in, modes[n].bits, modes[n].cpl);
        in.legacy = modes[n].legacy;
        in.gpr[RBX] = 0x30000123;
        out = RUN(x, "\x90\x89\x03", &in, 5); /* nop; mov [rbx], eax */
        tap_ok(t,
               out.raised && out.vector == EXC_PF &&
                   out.code == (user ? 6u : 2u) && out.cr2 == 0x30000123 &&
                   out.rip == EXEC_CODE + 1 && out.gpr[RSP] == in.gpr[RSP] &&
                   !out.shutdown,
               "#PF in %u bits at CPL %u%s", modes[n].bits, modes[n].cpl,
               modes[n].legacy ? ", legacy" : "");
    }
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
    empty_slots(&t, x);
    carries(&t, x);
    short_movsxd(&t, x);
    zero_counts(&t, x);
    faults(&t, x);
    exec_destroy(x);
    return tap_done(&t);
}
