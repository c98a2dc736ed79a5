/*
 * simd_test.c - MMX, SSE and AVX instructions against the host processor.
 *
 * Every opcode whose operands name an MMX or vector register is found by
 * asking the decoder about all of them. For each row of x86.tab the host runs
 * the instruction on a random state out of an executable buffer, the handler
 * runs it on the same state, and everything is compared: vector, MMX and
 * general registers, x87 tags, MXCSR, arithmetic flags, memory and whether an
 * exception came. Not compared: what is undefined, and the values (not the
 * accuracy) of RCPPS and RSQRTPS, which differ from one processor to another.
 * Usage: simd_test [cases per instruction [name]]
 */
/* ucontext.h of GNU takes names of the decoder's. */
#undef _GNU_SOURCE
#define _DEFAULT_SOURCE 1

#include "cpu/flags.h"
#include "cpu/icache.h"
#include "cpu/optable.h"
#include "cpu/simd/simd.h"
#include "cpu/tlb.h"
#include "gen/insn_handlers.h"
#include "tests/tap.h"
#include "tests/unit/fp_cases.h"
#include <stdlib.h>

#if defined(__x86_64__)

#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

enum { VECTORS = 16, MEM_BYTES = 128, MEM_AT = 32, GUEST_MEM = 0x10000 };

/* What the host's stub loads and stores. */
struct state {
    _Alignas(64) uint8_t fx[512];
    uint8_t ymm[VECTORS][32];
    uint64_t gpr[8]; /* RSP is not used */
    uint64_t flags;
    _Alignas(64) uint8_t mem[MEM_BYTES];
};

/* ---- the host ---- */

struct code {
    uint8_t *at;
    unsigned n;
};

static void emit(struct code *k, const char *hex)
{
    for (; *hex; hex++) {
        unsigned v;

        if (*hex == ' ')
            continue;
        sscanf(hex, "%2x", &v);
        k->at[k->n++] = (uint8_t)v;
        hex++;
    }
}

static void emit_disp(struct code *k, size_t disp)
{
    st_le32(k->at + k->n, (uint32_t)disp);
    k->n += 4;
}

/* Moves between state (R15) and registers; opcode: load or store. */
static void emit_registers(struct code *k, uint8_t vmov, uint8_t mov)
{
    for (unsigned i = 0; i < VECTORS; i++) {
        const uint8_t b[5] = {0xc4, i < 8 ? 0xc1 : 0x41, 0x7c, vmov,
                              (uint8_t)(0x87 | (i & 7) << 3)};

        memcpy(k->at + k->n, b, sizeof b);
        k->n += sizeof b;
        emit_disp(k, offsetof(struct state, ymm) + 32 * i);
    }
    for (unsigned i = 0; i < 8; i++) {
        const uint8_t b[3] = {0x49, mov, (uint8_t)(0x87 | i << 3)};

        if (i == RSP)
            continue;
        memcpy(k->at + k->n, b, sizeof b);
        k->n += sizeof b;
        emit_disp(k, offsetof(struct state, gpr) + 8 * i);
    }
}

/* void stub(struct state *s) */
static void build_stub(struct code *k, const uint8_t *insn, unsigned len)
{
    k->n = 0;
    emit(k, "53 55 41 57 49 89 FF"); /* push rbx, rbp, r15; mov r15, rdi */
    emit(k, "49 0F AE 8F");          /* fxrstor64 */
    emit_disp(k, offsetof(struct state, fx));
    emit(k, "41 FF B7"); /* push flags; popfq */
    emit_disp(k, offsetof(struct state, flags));
    emit(k, "9D");
    emit_registers(k, 0x10, 0x8b);
    memcpy(k->at + k->n, insn, len);
    k->n += len;
    emit_registers(k, 0x11, 0x89);
    emit(k, "9C 41 8F 87"); /* pushfq; pop */
    emit_disp(k, offsetof(struct state, flags));
    emit(k, "49 0F AE 87"); /* fxsave64 */
    emit_disp(k, offsetof(struct state, fx));
    emit(k, "DB E3 41 5F 5D 5B C3"); /* fninit; pops; ret */
}

static sigjmp_buf trap_env;
static volatile uint32_t trap_mxcsr;
static volatile int trap_signal;

static void on_trap(int sig, siginfo_t *info, void *context)
{
    const ucontext_t *u = context;

    (void)info;
    trap_mxcsr = u->uc_mcontext.fpregs->mxcsr;
    trap_signal = sig;
    siglongjmp(trap_env, 1);
}

static void catch_traps(void)
{
    static const int signals[] = {SIGFPE, SIGILL, SIGSEGV};
    struct sigaction sa = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};

    for (size_t i = 0; i < ARRAY_LEN(signals); i++)
        sigaction(signals[i], &sa, NULL);
}

/* The signal that the instruction got, or 0. */
static int run_native(const struct code *k, struct state *s)
{
    static const uint32_t mxcsr = MXCSR_DEFAULT;
    void (*stub)(struct state *);

    memcpy(&stub, &k->at, sizeof stub);
    if (sigsetjmp(trap_env, 1)) {
        __asm__ volatile("fninit\n\tldmxcsr %0" : : "m"(mxcsr));
        return trap_signal;
    }
    stub(s);
    __asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));
    return 0;
}

/* ---- the emulated processor ---- */

static struct cpu *make_cpu(struct tap *t)
{
    struct cpu *c = calloc(1, sizeof *c);
    struct error err = {0};

    if (!tap_ok(t, c != NULL, "memory for a processor"))
        return NULL;
    c->phys = phys_create(1 << 20, 0xc0000000, NULL, &err);
    if (!tap_ok(t, c->phys && icache_create(c) && tlb_create(c),
                "memory for its RAM"))
        return NULL;
    memset(c->features, 0xff, sizeof c->features);
    c->cr0 = CR0_PE | CR0_NE | CR0_MP;
    c->cr4 = CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_OSXSAVE;
    c->efer = EFER_LME | EFER_LMA;
    c->xcr0 = 7;
    c->rflags = 2;
    for (unsigned i = 0; i < SEG_COUNT; i++)
        c->seg[i] = (struct segment){
            .limit = UINT32_MAX, .access = 0x93, .flags = 12, .usable = true};
    c->seg[SEG_CS].access = 0x9b;
    c->seg[SEG_CS].flags = 10; /* 64-bit code */
    cpu_update_mode(c);
    return c;
}

static void load_cpu(struct cpu *c, const struct state *s)
{
    for (unsigned i = 0; i < VECTORS; i++)
        memcpy(c->vec[i].b, s->ymm[i], 32);
    for (unsigned i = 0; i < 8; i++)
        c->gpr[i] = s->gpr[i];
    fpu_fxrstor(c, s->fx, true);
    c->mxcsr = ld_le32(s->fx + 24);
    flags_set_arith(c, s->flags);
    phys_write(c->phys, GUEST_MEM, s->mem, sizeof s->mem);
}

static void store_cpu(struct cpu *c, struct state *s)
{
    for (unsigned i = 0; i < VECTORS; i++)
        memcpy(s->ymm[i], c->vec[i].b, 32);
    for (unsigned i = 0; i < 8; i++)
        s->gpr[i] = c->gpr[i];
    fpu_fxsave(c, s->fx, true);
    st_le32(s->fx + 24, c->mxcsr);
    s->flags = flags_sync(c) & EFL_ARITH;
    phys_read(c->phys, GUEST_MEM, s->mem, sizeof s->mem);
}

/* The vector of the fault, or -1. */
static int run_handler(struct cpu *c, const struct decoded *d)
{
    if (setjmp(c->fault_env))
        return c->fault.vector;
    d->info->fn(c, d);
    return -1;
}

/* ---- cases ---- */

struct insn_case {
    uint8_t bytes[16];
    unsigned len;
    struct decoded d;
    bool memory, vsib;
};

/* 16 bytes: integers with edges, or floats, or anything. */
static void random_chunk(uint64_t *seed, uint8_t *p)
{
    static const uint8_t edges[] = {0, 1, 0x7f, 0x80, 0xff, 0xfe};
    uint64_t r = fp_random(seed);

    for (unsigned i = 0; i < 16; i += 8)
        st_le64(p + i, fp_random(seed));
    switch (r & 7) {
    case 0:
    case 1:
        for (unsigned i = 0; i < 16; i++)
            p[i] = edges[fp_random(seed) % sizeof edges];
        break;
    case 2:
    case 3:
    case 4:
        for (unsigned i = 0; i < 16; i += 4)
            st_le32(p + i, (uint32_t)fp_random_bits(seed, 8, 23, ld_le32(p)));
        break;
    case 5:
    case 6:
        for (unsigned i = 0; i < 16; i += 8)
            st_le64(p + i, fp_random_bits(seed, 11, 52, ld_le64(p)));
        break;
    default:
        if (r & 8)
            memset(p, r & 16 ? 0xff : 0, 16);
        else if (r & 16) /* small counts and lengths */
            for (unsigned i = 0; i < 16; i += 8)
                st_le64(p + i, fp_random(seed) % 70);
        break;
    }
}

static void random_state(uint64_t *seed, struct state *s, const uint8_t *init)
{
    uint64_t r = fp_random(seed);
    uint32_t mxcsr = r & 0xe040; /* RC, FTZ, DAZ */

    if (r & 0x10000)
        mxcsr &= ~UINT32_C(0x8040);
    mxcsr |= (r >> 20 & 7) ? 0x1f80 : r >> 24 & 0x1f80;
    if (r >> 40 & 1)
        mxcsr |= r >> 48 & 0x3f;
    /* PE set, masked, to nearest: what arithmetic by the host needs. */
    if ((r >> 54 & 3) == 0)
        mxcsr = (mxcsr & ~UINT32_C(0x6000)) | 0x1020;
    memset(s, 0, sizeof *s);
    memcpy(s->fx, init, sizeof s->fx);
    for (unsigned i = 0; i < 8; i++) {
        random_chunk(seed, s->fx + 32 + 16 * i);
        st_le64(s->fx + 40 + 16 * i, 0xffff); /* SE, reserved bytes */
    }
    st_le32(s->fx + 24, mxcsr);
    for (unsigned i = 0; i < VECTORS; i++) {
        random_chunk(seed, s->ymm[i]);
        random_chunk(seed, s->ymm[i] + 16);
        if (i && fp_random(seed) % 8 == 0)
            memcpy(s->ymm[i], s->ymm[i - 1], 32);
    }
    for (unsigned i = 0; i < 8; i++) {
        uint8_t v[16];

        random_chunk(seed, v);
        s->gpr[i] = i == RSP ? 0 : ld_le64(v);
    }
    /* Lengths for PCMPESTRI now and then. */
    if (r >> 50 & 1)
        s->gpr[RAX] = fp_random(seed) % 40 - 20,
        s->gpr[RDX] = fp_random(seed) % 40 - 20;
    for (unsigned i = 0; i < MEM_BYTES; i += 16)
        random_chunk(seed, s->mem + i);
    s->flags = (r >> 8 & EFL_ARITH) | 0x202;
}

static bool is_simd(const struct insn_info *info)
{
    for (unsigned i = 0; i < 4; i++) {
        switch (operand_info[info->operand[i]].loc) {
        case LOC_P:
        case LOC_Q:
        case LOC_N:
        case LOC_V:
        case LOC_W:
        case LOC_U:
        case LOC_H:
        case LOC_L:
        case LOC_VSIB:
            return true;
        default:
            break;
        }
    }
    return false;
}

static bool uses_code(const struct insn_info *info, unsigned code)
{
    for (unsigned i = 0; i < 4; i++) {
        if (info->operand[i] == code)
            return true;
    }
    return false;
}

/* Vendors differ in the values: only their accuracy is tested. */
static bool is_approximation(const struct insn_info *info)
{
    return strstr(info->mnemonic, "rcpp") || strstr(info->mnemonic, "rcps") ||
           strstr(info->mnemonic, "rsqrt");
}

static void show(const char *name, const struct state *s,
                 const struct insn_case *k)
{
    const unsigned regs[3] = {k->d.reg & 15u, k->d.rm & 15u, k->d.vvvv & 15u};

    printf("#  %s mxcsr %04x flags %03x rax %016llx reg %016llx rm %016llx\n",
           name, ld_le32(s->fx + 24), (unsigned)s->flags & EFL_ARITH,
           (unsigned long long)s->gpr[RAX],
           (unsigned long long)s->gpr[k->d.reg & 7],
           (unsigned long long)s->gpr[k->d.rm & 7]);
    for (unsigned i = 0; i < 3; i++) {
        printf("#    v%u ", regs[i]);
        for (unsigned b = 32; b-- > 0;)
            printf("%02x%s", s->ymm[regs[i]][b], b % 8 ? "" : " ");
        printf("mm%u %016llx\n", regs[i] & 7,
               (unsigned long long)ld_le64(s->fx + 32 + 16 * (regs[i] & 7)));
    }
    printf("#    mem ");
    for (unsigned b = 32; b-- > 0;)
        printf("%02x%s", s->mem[MEM_AT + b], b % 8 ? "" : " ");
    printf("\n");
}

/* Control, status and tags, and the registers, but not the pointers. */
static bool fx_agrees(const struct state *a, const struct state *b)
{
    return !memcmp(a->fx, b->fx, 5) && !memcmp(a->fx + 24, b->fx + 24, 4) &&
           !memcmp(a->fx + 32, b->fx + 32, 128);
}

static bool agree(const struct insn_case *k, const struct state *want,
                  const struct state *got)
{
    uint64_t undefined = k->d.info->flags_undef;

    return fx_agrees(want, got) &&
           !memcmp(want->ymm, got->ymm, sizeof want->ymm) &&
           !memcmp(want->gpr, got->gpr, sizeof want->gpr) &&
           !memcmp(want->mem, got->mem, sizeof want->mem) &&
           !((want->flags ^ got->flags) & EFL_ARITH & ~undefined);
}

/* Within 1.5 * 2^-12 of each other's value, both approximations: 2^-11. */
static bool approximates(const struct insn_case *k, const struct state *want,
                         const struct state *got)
{
    for (unsigned i = 0; i < 8; i++) {
        uint32_t w = ld_le32(want->ymm[k->d.reg] + 4 * i);
        uint32_t g = ld_le32(got->ymm[k->d.reg] + 4 * i);
        float fw, fg;

        memcpy(&fw, &w, 4);
        memcpy(&fg, &g, 4);
        if (w != g && !(isfinite(fw) && isfinite(fg) &&
                        fabsf(fw - fg) <= 7.4e-4f * fabsf(fw)))
            /* Results around the smallest normal number may be zero. */
            if ((w & 0x7fffffff) > 0x01000000 || (g & 0x7fffffff) > 0x01000000)
                return false;
    }
    return ld_le32(want->fx + 24) == ld_le32(got->fx + 24);
}

/* Random registers, and a random immediate behind the ModRM byte. RSP is not
 * used as a general register. */
static bool prepare(struct insn_case *k, uint64_t *seed, unsigned modrm_at)
{
    static const uint8_t regs[8] = {0, 1, 2, 3, 5, 6, 7, 1};
    uint64_t every[FEATURE_WORDS], r = fp_random(seed);
    const struct decode_env env = {.mode = 64, .features = every};
    const struct insn_info *info = k->d.info;
    uint8_t *m = &k->bytes[modrm_at];

    memset(every, 0xff, sizeof every);
    if (!k->memory)
        *m = (uint8_t)((*m & 0xf8) | regs[r & 7]);
    for (uint8_t *p = m + 1; p < k->bytes + sizeof k->bytes; p++)
        *p = (uint8_t)fp_random(seed);
    if (k->vsib) /* any scale and index, RDI as base */
        m[1] |= 7;
    if (decode_insn(&env, k->bytes, 15, &k->d) != DECODE_OK ||
        k->d.info != info)
        return false;
    k->len = k->d.len;
    return true;
}

/* Indices of a gather that stay within the memory of the state. */
static void small_indices(const struct insn_case *k, uint64_t *seed,
                          struct state *s)
{
    uint8_t *v = s->ymm[k->d.index & 15];

    if (uses_code(k->d.info, OPC_VMQ))
        for (unsigned i = 0; i < 32; i += 8)
            st_le64(v + i, fp_random(seed) % 12 - 4);
    else
        for (unsigned i = 0; i < 32; i += 4)
            st_le32(v + i, (uint32_t)(fp_random(seed) % 12) - 4);
}

/* MASKMOVQ and MASKMOVDQU store through RDI. */
static bool is_masked_store(const struct insn_info *info)
{
    return strstr(info->mnemonic, "maskmovq") ||
           strstr(info->mnemonic, "maskmovdqu");
}

/* The dot products compute in several steps; which flags of later steps are
 * there when an earlier one traps is a matter of the implementation. */
static uint32_t trap_flags(const struct insn_info *info)
{
    bool dot = strstr(info->mnemonic, "dpp") != NULL;

    return dot ? ~(uint32_t)(FP_OE | FP_UE | FP_PE) : UINT32_MAX;
}

/* Both trapped, alike, and the handler changed nothing but MXCSR. */
static bool traps_agree(const struct insn_case *k, int sig, int fault,
                        const struct state *start, struct state *got)
{
    uint32_t mxcsr = ld_le32(got->fx + 24);

    if (sig == SIGILL && k->vsib)
        return fault == EXC_UD;
    if (sig != SIGFPE || fault != EXC_XM ||
        (mxcsr ^ trap_mxcsr) & trap_flags(k->d.info))
        return false;
    st_le32(got->fx + 24, ld_le32(start->fx + 24));
    return !memcmp(got->ymm, start->ymm, sizeof got->ymm) &&
           !memcmp(got->gpr, start->gpr, sizeof got->gpr) &&
           fx_agrees(got, start);
}

static bool compare_case(struct cpu *c, struct insn_case *k, struct code *code,
                         struct state *start, bool verbose)
{
    struct state want = *start, got;
    bool pointer = k->memory || is_masked_store(k->d.info), good;
    uint64_t host_rdi = (uint64_t)(uintptr_t)(want.mem + MEM_AT);
    int sig, fault;

    if (pointer) {
        want.gpr[RDI] = host_rdi;
        start->gpr[RDI] = GUEST_MEM + MEM_AT;
    }
    build_stub(code, k->bytes, k->len);
    sig = run_native(code, &want);
    if (pointer && want.gpr[RDI] == host_rdi)
        want.gpr[RDI] = GUEST_MEM + MEM_AT;
    load_cpu(c, start);
    c->rip = c->insn_rip = 0x1000;
    fault = run_handler(c, &k->d);
    store_cpu(c, &got);
    if (sig || fault >= 0)
        good = traps_agree(k, sig, fault, start, &got);
    else if (is_approximation(k->d.info))
        good = approximates(k, &want, &got);
    else
        good = agree(k, &want, &got);
    if (good || !verbose)
        return good;
    printf("# signal %d mxcsr %04x, fault %d, bytes", sig, trap_mxcsr, fault);
    for (unsigned i = 0; i < k->len; i++)
        printf(" %02x", k->bytes[i]);
    printf("\n");
    show("from", start, k);
    show("want", &want, k);
    show("got ", &got, k);
    return good;
}

static void run_row(struct tap *t, struct cpu *c, struct code *code,
                    const struct insn_case *proto, unsigned modrm_at,
                    unsigned cases, const uint8_t *init)
{
    const struct insn_info *info = proto->d.info;
    uint64_t seed = 1 + info->row;
    unsigned bad = 0, run = 0;

    for (unsigned i = 0; i < cases; i++) {
        struct insn_case k = *proto;
        struct state start;

        if (!prepare(&k, &seed, modrm_at))
            continue;
        random_state(&seed, &start, init);
        if (k.vsib)
            small_indices(&k, &seed, &start);
        bad += !compare_case(c, &k, code, &start, bad < 3);
        run++;
    }
    tap_ok(t, run && !bad,
           "row %u %s%s%s, %s: %u of %u cases agree with the host", info->row,
           info->mnemonic, proto->d.vex ? " vex" : "", proto->d.vl ? "256" : "",
           proto->memory ? "memory" : "register", run - bad, run);
}

/* ---- all opcodes ---- */

struct walk_state {
    struct tap *t;
    struct cpu *c;
    struct code code;
    unsigned cases;
    const char *only;
    const uint8_t *init;
    unsigned missing;
    uint8_t *seen; /* by row: bit 0 register form, 1 memory, 2-3 with VEX.L */
};

/* The host may lack an instruction. */
static bool host_has(const struct insn_info *info)
{
    switch (info->feature) {
    case FEAT_3DNOW:
    case FEAT_3DNOW_EXT:
    case FEAT_FMA4:
    case FEAT_XOP:
    case FEAT_TBM:
        return false;
    case FEAT_SSE4A:
        return __builtin_cpu_supports("sse4a");
    case FEAT_AVX:
        return __builtin_cpu_supports("avx");
    case FEAT_AVX2:
        return __builtin_cpu_supports("avx2");
    case FEAT_AVX_FMA:
        return __builtin_cpu_supports("fma");
    case FEAT_VAES_VPCLMULQDQ:
        return __builtin_cpu_supports("vpclmulqdq");
    case FEAT_GFNI:
        return __builtin_cpu_supports("gfni");
    case FEAT_SSE4_1:
        return __builtin_cpu_supports("sse4.1");
    case FEAT_SSE4_2:
        return __builtin_cpu_supports("sse4.2");
    case FEAT_AES_PCLMULQDQ:
        return __builtin_cpu_supports("pclmul");
    default:
        return true;
    }
}

static void try_bytes(struct walk_state *w, const uint8_t *bytes,
                      unsigned modrm_at)
{
    struct insn_case k = {0};
    uint64_t every[FEATURE_WORDS];
    const struct decode_env env = {.mode = 64, .features = every};
    uint8_t form;

    memset(every, 0xff, sizeof every);
    memcpy(k.bytes, bytes, 15);
    if (decode_insn(&env, k.bytes, 15, &k.d) != DECODE_OK ||
        !is_simd(k.d.info) || !host_has(k.d.info))
        return;
    k.memory = k.d.mod != 3;
    k.vsib = uses_code(k.d.info, OPC_VMD) || uses_code(k.d.info, OPC_VMQ);
    form = (uint8_t)(1u << ((k.memory ? 1 : 0) + (k.d.vl ? 2 : 0)));
    if (w->seen[k.d.info->row] & form)
        return;
    w->seen[k.d.info->row] |= form;
    if (w->only && strcmp(w->only, k.d.info->mnemonic))
        return;
    if (k.d.info->fn == op_ud) {
        w->missing++;
        printf("# no handler: %s (row %u)\n", k.d.info->mnemonic,
               k.d.info->row);
        return;
    }
    run_row(w->t, w->c, &w->code, &k, modrm_at, w->cases, w->init);
}

static void walk_legacy(struct walk_state *w, unsigned map, unsigned opcode,
                        uint8_t modrm)
{
    static const uint8_t prefix[4] = {0, 0x66, 0xf3, 0xf2};
    static const uint8_t map_byte[4] = {0, 0, 0x38, 0x3a};

    for (unsigned p = 0; p < 4; p++) {
        for (unsigned rex = 0x40; rex <= 0x48; rex += 8) {
            uint8_t b[16] = {0};
            unsigned n = 0;

            if (p)
                b[n++] = prefix[p];
            b[n++] = (uint8_t)rex;
            b[n++] = 0x0f;
            if (map > 1)
                b[n++] = map_byte[map];
            b[n++] = (uint8_t)opcode;
            b[n] = modrm;
            try_bytes(w, b, n);
        }
    }
}

static void walk_vex(struct walk_state *w, unsigned map, unsigned opcode,
                     uint8_t modrm)
{
    for (unsigned v = 0; v < 16; v++) { /* W, L, pp */
        uint8_t b[16] = {0xc4, (uint8_t)(0xe0 | map), 0, (uint8_t)opcode,
                         modrm};
        uint8_t field = (uint8_t)((v & 8) << 4 | (v & 7));

        for (unsigned vvvv = 3; vvvv < 16; vvvv += 12) {
            b[2] = field | (uint8_t)((~vvvv & 15) << 3);
            if (vvvv == 15)
                b[2] = field | 0x78; /* no operand */
            try_bytes(w, b, 4);
        }
    }
}

static void walk_all(struct walk_state *w)
{
    for (unsigned map = 1; map < 4; map++) {
        for (unsigned opcode = 0; opcode < 256; opcode++) {
            if (map == 1 && (opcode == 0x38 || opcode == 0x3a))
                continue; /* escapes to the other maps */
            for (unsigned reg = 0; reg < 8; reg++) {
                /* mod 3, rm 2; and (RDI); */
                walk_legacy(w, map, opcode, (uint8_t)(0xc2 | reg << 3));
                walk_legacy(w, map, opcode, (uint8_t)(0x07 | reg << 3));
                walk_vex(w, map, opcode, (uint8_t)(0xc2 | reg << 3));
                walk_vex(w, map, opcode, (uint8_t)(0x07 | reg << 3));
                /* with SIB, for gathers */
                walk_vex(w, map, opcode, (uint8_t)(0x04 | reg << 3));
            }
        }
    }
}

static void against_host(struct tap *t, unsigned cases, const char *only)
{
    _Alignas(64) uint8_t init[512] = {0};
    uint8_t seen[4096] = {0};
    struct walk_state w = {t, make_cpu(t), {0}, cases, only, init, 0, seen};

    if (!w.c)
        return;
    w.code.at = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (!tap_ok(t, w.code.at != MAP_FAILED, "executable memory"))
        return;
    if (!__builtin_cpu_supports("avx2")) {
        tap_ok(t, true, "all # SKIP the host has no AVX2");
        return;
    }
    st_le16(init, 0x37f);
    st_le16(init + 2, 3 << FSW_TOP_SHIFT);
    init[4] = 0x0f;
    st_le32(init + 28, 0xffff);
    catch_traps();
    walk_all(&w);
    printf("# %u rows without handler\n", w.missing);
    munmap(w.code.at, 4096);
    tlb_destroy(w.c);
    icache_destroy(w.c);
    phys_destroy(w.c->phys);
    free(w.c);
}

#else

static void against_host(struct tap *t, unsigned cases, const char *only)
{
    (void)only;
    tap_ok(t, true, "%u cases # SKIP not an x86-64 host", cases);
}

#endif

int main(int argc, char **argv)
{
    unsigned cases = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : 100;
    struct tap t = {0};

    against_host(&t, cases, argc > 2 ? argv[2] : NULL);
    return tap_done(&t);
}
