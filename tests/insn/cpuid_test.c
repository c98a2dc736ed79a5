/*
 * cpuid_test.c - CPUID of some models, and model-specific registers as
 * RDMSR and WRMSR see them (SDM vol. 2, CPUID; vol. 4, table 2-2).
 */
#include "machine/exec.h"
#include "tests/tap.h"

struct bench {
    struct tap tap;
    struct exec *x;
    bool wide; /* 64-bit mode is there */
    struct exec_state s;
};

/* Runs this at CPL 0; false: it raised an exception. */
static bool run(struct bench *b, const char *code, unsigned n, uint32_t eax,
                uint32_t ecx, uint32_t edx)
{
    exec_poke(b->x, EXEC_CODE, code, n);
    exec_state_init(&b->s, b->wide ? 64 : 32, 0);
    b->s.legacy = !b->wide;
    b->s.gpr[RAX] = eax;
    b->s.gpr[RCX] = ecx;
    b->s.gpr[RDX] = edx;
    exec_run(b->x, &b->s, &b->s, 1);
    return !b->s.raised;
}

static bool open_model(struct bench *b, const char *model, bool wide)
{
    struct error err;

    b->wide = wide;
    b->x = exec_create(model, NULL, &err);
    tap_ok(&b->tap, b->x != NULL, "%s", model);
    return b->x != NULL;
}

static void cpuid(struct bench *b, uint32_t leaf, uint32_t sub)
{
    run(b, "\x0f\xa2", 2, leaf, sub, 0);
}

/* Text in registers, four bytes in each. */
static bool text(const struct bench *b, const char *want, const char *order)
{
    char got[20] = {0};

    for (unsigned n = 0; order[n]; n++) {
        unsigned reg = order[n] == 'a'   ? RAX
                       : order[n] == 'b' ? RBX
                       : order[n] == 'c' ? RCX
                                         : RDX;

        st_le32((uint8_t *)got + 4 * n, (uint32_t)b->s.gpr[reg]);
    }
    return !strncmp(got, want, 4 * strlen(order));
}

static void haswell(struct bench *b)
{
    uint64_t *g = b->s.gpr;

    if (!open_model(b, "corei7_haswell_4770", true))
        return;
    cpuid(b, 0, 0);
    tap_eq(&b->tap, g[RAX], 13, "highest leaf");
    tap_ok(&b->tap, text(b, "GenuineIntel", "bdc"), "vendor");
    cpuid(b, 1, 0);
    tap_eq(&b->tap, g[RAX], 0x306c3, "signature");
    tap_eq(&b->tap, g[RBX] >> 8 & 0xff, 8, "CLFLUSH line in qwords");
    tap_ok(&b->tap, g[RDX] & 1 << 9, "APIC");
    tap_ok(&b->tap, g[RCX] & 1 << 27, "OSXSAVE follows CR4");
    tap_ok(&b->tap, g[RCX] & 1 << 28 && g[RDX] & 1 << 26, "AVX, SSE2");
    cpuid(b, 2, 0);
    tap_eq(&b->tap, g[RAX] & 0xff, 1, "leaf 2 is asked once");
    cpuid(b, 4, 0);
    tap_ok(&b->tap,
           (g[RAX] & 31) == 1 &&
               ((g[RBX] >> 22) + 1) * ((g[RBX] & 0xfff) + 1) * (g[RCX] + 1) ==
                   32768,
           "data cache of 32 KiB");
    cpuid(b, 4, 99);
    tap_eq(&b->tap, g[RAX] & 31, 0, "no more caches");
    cpuid(b, 7, 0);
    tap_ok(&b->tap, g[RBX] & 1 << 5 && g[RBX] & 1 << 8, "AVX2, BMI2");
    cpuid(b, 7, 1);
    tap_eq(&b->tap, g[RBX], 0, "leaf 7.1");
    cpuid(b, 11, 0);
    tap_eq(&b->tap, g[RCX] >> 8 & 0xff, 1, "leaf 11.0: threads");
    cpuid(b, 11, 1);
    tap_eq(&b->tap, g[RCX] >> 8 & 0xff, 2, "leaf 11.1: cores");
    cpuid(b, 13, 0);
    tap_ok(&b->tap, g[RAX] == 7 && g[RBX] == 832 && g[RCX] == 832,
           "leaf 13.0: x87, SSE, AVX in 832 bytes");
    cpuid(b, 13, 2);
    tap_ok(&b->tap, g[RAX] == 256 && g[RBX] == 576, "leaf 13.2: AVX");
    cpuid(b, 0x80000000, 0);
    tap_eq(&b->tap, g[RAX], 0x80000008, "highest extended leaf");
    cpuid(b, 0x80000001, 0);
    tap_ok(&b->tap, g[RDX] & 1 << 29 && g[RDX] & 1 << 11,
           "Intel 64, SYSCALL in 64-bit mode");
    cpuid(b, 0x80000002, 0);
    tap_ok(&b->tap, text(b, "Intel(R) Core(TM", "abcd"), "brand");
    cpuid(b, 0x80000008, 0);
    tap_eq(&b->tap, g[RAX] & 0xffff, 48 << 8 | 39, "address sizes");
    cpuid(b, 0x40000000, 0);
    tap_ok(&b->tap, !b->s.raised, "a leaf that there is not");
    exec_destroy(b->x);
}

static void pentium(struct bench *b)
{
    uint64_t *g = b->s.gpr;

    if (!open_model(b, "pentium", false))
        return;
    cpuid(b, 0, 0);
    tap_eq(&b->tap, g[RAX], 1, "highest leaf of a Pentium");
    cpuid(b, 1, 0);
    tap_eq(&b->tap, g[RAX] >> 8 & 15, 5, "family 5");
    tap_ok(&b->tap, !(g[RDX] & 1 << 26) && g[RDX] & 1, "no SSE2, x87");
    exec_destroy(b->x);
}

static bool wrmsr(struct bench *b, uint32_t msr, uint64_t v)
{
    return run(b, "\x0f\x30", 2, (uint32_t)v, msr, (uint32_t)(v >> 32));
}

static uint64_t rdmsr(struct bench *b, uint32_t msr)
{
    return run(b, "\x0f\x32", 2, 0, msr, 0)
               ? b->s.gpr[RDX] << 32 | b->s.gpr[RAX]
               : UINT64_MAX;
}

static void registers(struct bench *b)
{
    static const struct {
        uint32_t msr;
        uint64_t v;
        bool good;
        const char *name;
    } rows[] = {
        {0x200, 0x80000006, true, "MTRR base"},
        {0x200, 0x80000002, false, "MTRR base: type 2"},
        {0x200, UINT64_C(1) << 50, false, "MTRR base: beyond the addresses"},
        {0x201, UINT64_C(0x7f80000800), true, "MTRR mask"},
        {0x201, 0x400, false, "MTRR mask: reserved bit"},
        {0x2ff, 0xc06, true, "MTRR default type"},
        {0x250, UINT64_C(0x0606060606060606), true, "MTRR, fixed"},
        {0x277, UINT64_C(0x0007040600070406), true, "PAT"},
        {0x277, 0x0303030303030303, false, "PAT: type 3"},
        {0x3a, 5, true, "feature control"},
        {0x3a, 1, false, "feature control, locked"},
        {0xc0000082, UINT64_C(0x7fffffffffff), true, "LSTAR"},
        {0xc0000082, UINT64_C(0x800000000000), false, "not canonical"},
        {0xc0000084, 0x47700, true, "FMASK"},
        {0x176, UINT64_C(0xffffffff80001000), true, "SYSENTER_EIP"},
        {0xfe, 0, false, "MTRRCAP is read-only"},
    };

    if (!open_model(b, "corei7_haswell_4770", true))
        return;
    for (unsigned n = 0; n < ARRAY_LEN(rows); n++) {
        bool good = wrmsr(b, rows[n].msr, rows[n].v);

        /* Feature control has no VMX here: one bit. */
        if (rows[n].msr == 0x3a && rows[n].v == 5) {
            tap_ok(&b->tap, good || wrmsr(b, 0x3a, 1), "%s", rows[n].name);
            continue;
        }
        tap_ok(&b->tap,
               good == rows[n].good &&
                   (!good || rdmsr(b, rows[n].msr) == rows[n].v),
               "%s", rows[n].name);
    }
    tap_eq(&b->tap, rdmsr(b, 0xfe) >> 8, 5, "MTRRCAP: fixed, WC");
    tap_ok(&b->tap, rdmsr(b, 0x1b) == (0xfee00900), "APIC base");
    wrmsr(b, 0x10, 1000);
    tap_ok(&b->tap, rdmsr(b, 0x3b) != 0, "TSC_ADJUST follows the TSC");
    tap_ok(&b->tap, rdmsr(b, 0x8b) >> 32 != 0, "microcode revision");
    tap_ok(&b->tap, rdmsr(b, 0xce) >> 8 & 0xff, "platform ratios");
    exec_destroy(b->x);
}

int main(void)
{
    static struct bench b;

    haswell(&b);
    pentium(&b);
    registers(&b);
    return tap_done(&b.tap);
}
