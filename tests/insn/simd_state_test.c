/*
 * simd_state_test.c - when vector instructions fault, and FXSAVE and XSAVE.
 *
 * Intel SDM vol. 2, 2.4 (exception classes), FXSAVE, XSAVE, XRSTOR, XSETBV;
 * vol. 1, 11.5.3 and ch. 13. Each check names the rule.
 */
#include "cpu/flags.h"
#include "cpu/icache.h"
#include "cpu/simd/simd.h"
#include "cpu/tlb.h"
#include "tests/tap.h"
#include <stdlib.h>

enum { AREA = 0x10000, NO_FAULT = -1 };

struct rig {
    struct tap t;
    struct cpu *c;
};

static void set_mode(struct cpu *c, bool wide)
{
    c->efer = wide ? EFER_LME | EFER_LMA : 0;
    c->seg[SEG_CS].flags = wide ? 10 : 12; /* G, and L or D */
    cpu_update_mode(c);
}

/* Everything enabled, 64-bit mode, CPL 0, all registers distinct. */
static void fresh(struct cpu *c)
{
    memset(c->features, 0xff, sizeof c->features);
    c->cr0 = CR0_PE | CR0_NE;
    c->cr4 = CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_OSXSAVE;
    c->xcr0 = 7;
    c->rflags = 2;
    c->cpl = 0;
    memset(c->gpr, 0, sizeof c->gpr);
    for (unsigned i = 0; i < SEG_COUNT; i++)
        c->seg[i] = (struct segment){
            .limit = UINT32_MAX, .access = 0x93, .flags = 12, .usable = true};
    c->seg[SEG_CS].access = 0x9b;
    set_mode(c, true);
    c->mxcsr = MXCSR_DEFAULT;
    fpu_init(&c->fpu);
    memset(c->vec, 0, sizeof c->vec);
    for (unsigned i = 0; i < 16; i++)
        for (unsigned k = 0; k < 4; k++)
            vec_set_u64(&c->vec[i], k, UINT64_C(0x1111111111111111) * i + k);
    c->gpr[RDI] = AREA;
    c->gpr[RAX] = 7;
}

/* Executes one instruction; the vector of its fault. */
static int run(struct rig *r, const char *hex)
{
    uint8_t bytes[15] = {0};
    struct decoded d;
    const struct decode_env env = {.mode = r->c->code_bits,
                                   .features = r->c->features};
    unsigned n = 0;

    for (unsigned v; sscanf(hex, "%2x", &v) == 1 && n < 15;
         hex += hex[2] ? 3 : 2)
        bytes[n++] = (uint8_t)v;
    if (decode_insn(&env, bytes, 15, &d) != DECODE_OK) {
        tap_ok(&r->t, false, "%s is an instruction", hex);
        return EXC_UD;
    }
    r->c->rip = r->c->insn_rip = 0x1000;
    if (setjmp(r->c->fault_env))
        return r->c->fault.vector;
    d.info->fn(r->c, &d);
    return NO_FAULT;
}

static void expect(struct rig *r, const char *hex, int vector, const char *name)
{
    int got = run(r, hex);

    if (!tap_ok(&r->t, got == vector, "%s", name))
        printf("# got vector %d, want %d\n", got, vector);
}

/* ---- checks ---- */

#define ADDPS     "0f 58 ca"    /* addps xmm1, xmm2 */
#define VADDPS    "c5 f4 58 ca" /* vaddps ymm1, ymm1, ymm2 */
#define MOVAPS_M  "0f 28 0f"    /* movaps xmm1, [rdi] */
#define MOVUPS_M  "0f 10 0f"
#define VMOVAPS_M "c5 fc 28 0f" /* vmovaps ymm1, [rdi] */
#define VADDPS_M  "c5 f4 58 0f"
#define PADDB_MMX "0f fc ca" /* paddb mm1, mm2 */
#define DIVPS     "0f 5e ca"

static void test_availability(struct rig *r)
{
    struct cpu *c = r->c;

    fresh(c);
    expect(r, ADDPS, NO_FAULT, "ADDPS with everything enabled");
    c->cr0 |= CR0_EM;
    expect(r, ADDPS, EXC_UD, "SSE with CR0.EM: #UD");
    expect(r, PADDB_MMX, EXC_UD, "MMX with CR0.EM: #UD");
    expect(r, VADDPS, NO_FAULT, "AVX does not look at CR0.EM");
    fresh(c);
    c->cr4 &= ~(uint64_t)CR4_OSFXSR;
    expect(r, ADDPS, EXC_UD, "SSE without CR4.OSFXSR: #UD");
    expect(r, VADDPS, NO_FAULT, "AVX does not look at CR4.OSFXSR");
    fresh(c);
    c->cr0 |= CR0_TS;
    expect(r, ADDPS, EXC_NM, "SSE with CR0.TS: #NM");
    expect(r, VADDPS, EXC_NM, "AVX with CR0.TS: #NM");
    expect(r, PADDB_MMX, EXC_NM, "MMX with CR0.TS: #NM");
    expect(r, "0f ae 07", EXC_NM, "FXSAVE with CR0.TS: #NM");
    expect(r, "0f ae 27", EXC_NM, "XSAVE with CR0.TS: #NM");
    fresh(c);
    c->cr4 &= ~(uint64_t)CR4_OSXSAVE;
    expect(r, VADDPS, EXC_UD, "AVX without CR4.OSXSAVE: #UD");
    expect(r, "0f 01 d0", EXC_UD, "XGETBV without CR4.OSXSAVE: #UD");
    expect(r, "0f ae 27", EXC_UD, "XSAVE without CR4.OSXSAVE: #UD");
    fresh(c);
    c->xcr0 = 3;
    expect(r, VADDPS, EXC_UD, "AVX without XCR0.AVX: #UD");
    fresh(c);
    c->fpu.cw &= (uint16_t)~FP_IE;
    c->fpu.sw |= FP_IE | FSW_ES | FSW_B;
    expect(r, PADDB_MMX, EXC_MF, "MMX with an x87 exception pending: #MF");
    expect(r, ADDPS, NO_FAULT, "SSE does not look at x87 exceptions");
}

static void test_alignment(struct rig *r)
{
    struct cpu *c = r->c;

    fresh(c);
    expect(r, MOVAPS_M, NO_FAULT, "MOVAPS of an aligned operand");
    expect(r, VMOVAPS_M, NO_FAULT, "VMOVAPS of 32 aligned bytes");
    c->gpr[RDI] = AREA + 8;
    expect(r, MOVAPS_M, EXC_GP, "MOVAPS of a misaligned operand: #GP");
    tap_eq(&r->t, c->fault.code, 0, "with error code 0");
    expect(r, MOVUPS_M, NO_FAULT, "MOVUPS of a misaligned operand");
    expect(r, "0f 58 0f", EXC_GP, "ADDPS of a misaligned operand: #GP");
    expect(r, "f3 0f 58 0f", NO_FAULT, "ADDSS of a misaligned operand");
    expect(r, VADDPS_M, NO_FAULT, "VADDPS of a misaligned operand");
    expect(r, "66 0f 3a 63 0f 00", NO_FAULT,
           "PCMPISTRI of a misaligned operand");
    expect(r, "0f ae 07", EXC_GP, "FXSAVE at a multiple of 8: #GP");
    c->gpr[RDI] = AREA + 16;
    expect(r, VMOVAPS_M, EXC_GP,
           "VMOVAPS of 32 bytes at a multiple of 16: #GP");
    expect(r, "0f ae 07", NO_FAULT, "FXSAVE at a multiple of 16");
    expect(r, "0f ae 27", EXC_GP, "XSAVE at a multiple of 16: #GP");
}

static void test_exceptions(struct rig *r)
{
    struct cpu *c = r->c;

    fresh(c);
    vec_set_u32(&c->vec[1], 3, 0x3f800000);
    vec_set_u32(&c->vec[2], 3, 0);
    c->mxcsr = MXCSR_DEFAULT & ~UINT32_C(0x200); /* ZM clear */
    struct vec before = c->vec[1];

    expect(r, DIVPS, EXC_XM, "unmasked division by zero: #XM");
    tap_ok(&r->t, c->mxcsr & FP_ZE, "ZE is set");
    tap_ok(&r->t, !memcmp(&before, &c->vec[1], sizeof before),
           "the destination is unchanged");
    c->cr4 &= ~(uint64_t)CR4_OSXMMEXCPT;
    expect(r, DIVPS, EXC_UD, "the same without CR4.OSXMMEXCPT: #UD");
    fresh(c);
    vec_set_u32(&c->vec[1], 3, 0x3f800000);
    vec_set_u32(&c->vec[2], 3, 0);
    expect(r, DIVPS, NO_FAULT, "masked division by zero");
    tap_eq(&r->t, vec_u32(&c->vec[1], 3), 0x7f800000, "gives infinity");
    tap_eq(&r->t, vec_u64(&c->vec[1], 2), 0x1111111111111113,
           "legacy SSE keeps the upper half of YMM");
    expect(r, "c5 f0 58 ca", NO_FAULT, "VADDPS xmm1, xmm1, xmm2");
    tap_eq(&r->t, vec_u64(&c->vec[1], 2), 0, "clears it");
}

static void test_mxcsr(struct rig *r)
{
    struct cpu *c = r->c;

    fresh(c);
    mem_write32(c, SEG_DS, AREA, 0x9fc0);
    expect(r, "0f ae 17", NO_FAULT, "LDMXCSR");
    tap_eq(&r->t, c->mxcsr, 0x9fc0, "takes the value");
    mem_write32(c, SEG_DS, AREA, 0x40000);
    expect(r, "0f ae 17", EXC_GP, "LDMXCSR of a reserved bit: #GP");
    tap_eq(&r->t, c->mxcsr, 0x9fc0, "MXCSR is unchanged");
    expect(r, "0f ae 1f", NO_FAULT, "STMXCSR");
    tap_eq(&r->t, mem_read32(c, SEG_DS, AREA), 0x9fc0, "stores it");
    c->features[FEAT_SSE2 / 64] &= ~(UINT64_C(1) << FEAT_SSE2 % 64);
    tap_eq(&r->t, simd_mxcsr_mask(c) & 0x40, 0, "no DAZ before SSE2");
}

/* ---- FXSAVE ---- */

static uint64_t image64(struct rig *r, unsigned at)
{
    return mem_read64(r->c, SEG_DS, AREA + at);
}

static void fill_area(struct rig *r, uint8_t v)
{
    uint8_t buf[1024];

    memset(buf, v, sizeof buf);
    mem_write_bytes(r->c, SEG_DS, AREA, buf, sizeof buf, 1);
}

static void test_fxsave(struct rig *r)
{
    struct cpu *c = r->c;

    fresh(c);
    fill_area(r, 0xcc);
    expect(r, "0f ae 07", NO_FAULT, "FXSAVE");
    tap_eq(&r->t, image64(r, 0) & 0xffff, 0x37f, "FCW at 0");
    tap_eq(&r->t, image64(r, 24), 0x0002ffff00001f80, "MXCSR and mask at 24");
    tap_eq(&r->t, image64(r, 160 + 16 * 15), 0xffffffffffffffff,
           "XMM15 at 400 in 64-bit mode");
    tap_eq(&r->t, image64(r, 416), 0xcccccccccccccccc,
           "bytes from 416 on are not written");
    memset(c->vec, 0, sizeof c->vec);
    expect(r, "0f ae 0f", NO_FAULT, "FXRSTOR");
    tap_eq(&r->t, vec_u64(&c->vec[15], 0), 0xffffffffffffffff, "XMM15 is back");
    tap_eq(&r->t, vec_u64(&c->vec[15], 2), 0, "YMM's upper half is not");
    fill_area(r, 0xcc);
    set_mode(c, false);
    expect(r, "0f ae 07", NO_FAULT, "FXSAVE in 32-bit mode");
    tap_eq(&r->t, image64(r, 160 + 16 * 8), 0xcccccccccccccccc,
           "saves eight XMM registers");
    fill_area(r, 0xff);
    expect(r, "0f ae 0f", EXC_GP, "FXRSTOR of reserved MXCSR bits: #GP");
    c->cr4 &= ~(uint64_t)CR4_OSFXSR;
    c->mxcsr = 0x1fa0;
    expect(r, "0f ae 0f", NO_FAULT, "not so without CR4.OSFXSR");
    tap_eq(&r->t, c->mxcsr, 0x1fa0, "MXCSR stays");
}

/* ---- XSAVE ---- */

#define XSAVE    "0f ae 27"
#define XRSTOR   "0f ae 2f"
#define XSAVEOPT "0f ae 37"
#define XSAVEC   "0f c7 27"
#define XSAVES   "0f c7 2f"
#define XRSTORS  "0f c7 1f"

static void test_xsave(struct rig *r)
{
    struct cpu *c = r->c;

    fresh(c);
    fill_area(r, 0);
    mem_write64(c, SEG_DS, AREA + 512, 0xf0);
    expect(r, XSAVE, NO_FAULT, "XSAVE");
    tap_eq(&r->t, image64(r, 512), 0xf7,
           "XSTATE_BV: components asked for, the other bits kept");
    tap_eq(&r->t, image64(r, 160 + 16 * 3), 0x3333333333333333, "XMM3");
    tap_eq(&r->t, image64(r, 576 + 16 * 3), 0x3333333333333335,
           "upper half of YMM3 at 576 + 48");
    fresh(c);
    memset(c->vec, 0, sizeof c->vec);
    fill_area(r, 0xcc);
    mem_write64(c, SEG_DS, AREA + 512, 0);
    expect(r, XSAVEOPT, NO_FAULT, "XSAVEOPT of initial vectors");
    tap_eq(&r->t, image64(r, 512), 1, "XSTATE_BV has x87 alone");
    tap_eq(&r->t, image64(r, 160), 0xcccccccccccccccc, "no XMM is written");
    tap_eq(&r->t, image64(r, 24) & 0xffffffff, MXCSR_DEFAULT, "but MXCSR is");
    fresh(c);
    c->gpr[RAX] = 2;
    fill_area(r, 0xcc);
    expect(r, XSAVEC, NO_FAULT, "XSAVEC of SSE state");
    tap_eq(&r->t, image64(r, 512), 2, "XSTATE_BV");
    tap_eq(&r->t, image64(r, 520), 0x8000000000000002, "XCOMP_BV");
    tap_eq(&r->t, image64(r, 0), 0xcccccccccccccccc, "x87 is not written");
}

static void test_xrstor(struct rig *r)
{
    struct cpu *c = r->c;

    fresh(c);
    fill_area(r, 0);
    run(r, XSAVE);
    memset(c->vec, 0, sizeof c->vec);
    expect(r, XRSTOR, NO_FAULT, "XRSTOR of what XSAVE made");
    tap_eq(&r->t, vec_u64(&c->vec[9], 0), 0x9999999999999999, "XMM9");
    tap_eq(&r->t, vec_u64(&c->vec[9], 3), 0x999999999999999c, "YMM9");
    mem_write64(c, SEG_DS, AREA + 512, 1);
    expect(r, XRSTOR, NO_FAULT, "XRSTOR with SSE and AVX initial");
    tap_ok(&r->t, !vec_u64(&c->vec[9], 0) && !vec_u64(&c->vec[9], 2),
           "clears the vectors");
    fresh(c);
    c->gpr[RAX] = 4;
    expect(r, XRSTOR, NO_FAULT, "XRSTOR of AVX alone, initial");
    tap_ok(&r->t,
           vec_u64(&c->vec[9], 0) == 0x9999999999999999 &&
               !vec_u64(&c->vec[9], 2),
           "clears the upper halves alone");
    fresh(c);
    mem_write64(c, SEG_DS, AREA + 512, 8);
    expect(r, XRSTOR, EXC_GP, "XSTATE_BV with a bit not in XCR0: #GP");
    mem_write64(c, SEG_DS, AREA + 512, 7);
    mem_write64(c, SEG_DS, AREA + 528, 1);
    expect(r, XRSTOR, EXC_GP, "reserved header byte: #GP");
    mem_write64(c, SEG_DS, AREA + 528, 0);
    mem_write64(c, SEG_DS, AREA + 24, UINT64_C(1) << 31);
    expect(r, XRSTOR, EXC_GP, "reserved MXCSR bit: #GP");
    tap_eq(&r->t, vec_u64(&c->vec[9], 0), 0x9999999999999999,
           "a refused XRSTOR changes nothing");
    mem_write64(c, SEG_DS, AREA + 24, 0x1f80);
    expect(r, XRSTORS, EXC_GP, "XRSTORS of the standard form: #GP");
    expect(r, XSAVES, NO_FAULT, "XSAVES");
    memset(c->vec, 0, sizeof c->vec);
    expect(r, XRSTORS, NO_FAULT, "XRSTORS of what XSAVES made");
    tap_eq(&r->t, vec_u64(&c->vec[9], 3), 0x999999999999999c, "YMM9");
    expect(r, XRSTOR, NO_FAULT, "XRSTOR takes the compacted form");
    c->cpl = 3;
    cpu_update_mode(c);
    expect(r, XSAVES, EXC_GP, "XSAVES outside CPL 0: #GP");
}

static void test_xcr0(struct rig *r)
{
    struct cpu *c = r->c;

    fresh(c);
    expect(r, "0f 01 d0", NO_FAULT, "XGETBV of XCR0");
    tap_eq(&r->t, c->gpr[RAX], 7, "gives it");
    c->gpr[RCX] = 2;
    expect(r, "0f 01 d0", EXC_GP, "XGETBV of register 2: #GP");
    c->gpr[RCX] = 0;
    c->gpr[RDX] = 0;
    c->gpr[RAX] = 3;
    expect(r, "0f 01 d1", NO_FAULT, "XSETBV of x87 and SSE");
    tap_eq(&r->t, c->xcr0, 3, "sets XCR0");
    c->gpr[RAX] = 5;
    expect(r, "0f 01 d1", EXC_GP, "AVX without SSE: #GP");
    c->gpr[RAX] = 6;
    expect(r, "0f 01 d1", EXC_GP, "without x87: #GP");
    c->gpr[RAX] = 15;
    expect(r, "0f 01 d1", EXC_GP, "reserved bit: #GP");
    c->gpr[RAX] = 7;
    c->cpl = 3;
    expect(r, "0f 01 d1", EXC_GP, "XSETBV outside CPL 0: #GP");
    tap_eq(&r->t, c->xcr0, 3, "XCR0 is unchanged");
}

static void test_mmx(struct rig *r)
{
    struct cpu *c = r->c;

    fresh(c);
    c->fpu.sw = 3 << FSW_TOP_SHIFT;
    c->fpu.tw = 0xffff;
    expect(r, PADDB_MMX, NO_FAULT, "PADDB mm1, mm2");
    tap_eq(&r->t, c->fpu.tw, 0, "all tags valid");
    tap_eq(&r->t, c->fpu.sw & FSW_TOP, 0, "TOP is 0");
    tap_eq(&r->t, c->fpu.r[1].se, 0xffff, "exponent of the result all ones");
    expect(r, "0f 77", NO_FAULT, "EMMS");
    tap_eq(&r->t, c->fpu.tw, 0xffff, "all tags empty");
}

/* A masked move faults for selected elements only. */
static void test_masked(struct rig *r)
{
    struct cpu *c = r->c;

    fresh(c);
    set_mode(c, false);
    c->seg[SEG_DS].limit = AREA + 7;
    cpu_update_seg(c, SEG_DS);
    memset(c->vec[2].b, 0, 32);
    vec_set_u32(&c->vec[2], 1, 0x80000000);
    expect(r, "c4 e2 69 2c 0f", NO_FAULT,
           "VMASKMOVPS reaching past the limit in elements not selected");
    vec_set_u32(&c->vec[2], 2, 0x80000000);
    expect(r, "c4 e2 69 2c 0f", EXC_GP, "and in one that is: #GP");
}

/* 3DNow! (AMD 21928): no host has it any more. */
static void now_case(struct rig *r, const char *hex, uint64_t a, uint64_t b,
                     uint64_t want, const char *name)
{
    fpu_mmx_write(r->c, 1, a);
    fpu_mmx_write(r->c, 2, b);
    if (run(r, hex) != NO_FAULT)
        tap_ok(&r->t, false, "%s: no fault", name);
    else
        tap_eq(&r->t, fpu_mmx_read(r->c, 1), want, name);
}

static void test_3dnow(struct rig *r)
{
    fresh(r->c);
    now_case(r, "0f 0f ca 9e", 0x3f80000040000000, 0x3f80000040400000,
             0x4000000040a00000, "PFADD: 1 + 1, 2 + 3");
    now_case(r, "0f 0f ca 9a", 0x3f80000040000000, 0x3f80000040400000,
             0x00000000bf800000, "PFSUB: 1 - 1, 2 - 3");
    now_case(r, "0f 0f ca b4", 0x7f0000007f000000, 0x7f000000ff000000,
             0x7f7ffffffF7fffff, "PFMUL: overflow gives the largest number");
    now_case(r, "0f 0f ca b4", 0x0080000000800000, 0x3f0000003f800000,
             0x0000000000800000, "PFMUL: a tiny result is zero");
    now_case(r, "0f 0f ca ae", 0x3f80000040000000, 0x4040000040800000,
             0x40e0000040400000, "PFACC: 4 + 3, 2 + 1");
    now_case(r, "0f 0f ca 8e", 0x3f80000040000000, 0x4040000040800000,
             0x40e000003f800000, "PFPNACC: 4 + 3, 2 - 1");
    now_case(r, "0f 0f ca 0d", 0, 0x01000001ffffffff, 0x4b800000bf800000,
             "PI2FD truncates");
    now_case(r, "0f 0f ca 1d", 0, 0x4f000000bfc00000, 0x7fffffffffffffff,
             "PF2ID saturates and truncates");
    now_case(r, "0f 0f ca 1c", 0, 0xc7c3500047c35000, 0xffff800000007fff,
             "PF2IW saturates to 16 bits");
    now_case(r, "0f 0f ca b0", 0x8000000040000000, 0x0000000040400000,
             0xffffffff00000000, "PFCMPEQ: -0 = 0, 2 = 3");
    now_case(r, "0f 0f ca 90", 0x4040000040000000, 0x4040000040400000,
             0xffffffff00000000, "PFCMPGE: 3 >= 3, 2 >= 3");
    now_case(r, "0f 0f ca 96", 0, 0x40000000c0000000, 0xbf000000bf000000,
             "PFRCP of the low element");
    now_case(r, "0f 0f ca 97", 0, 0x4000000041800000, 0x3e8000003e800000,
             "PFRSQRT of the low element");
    now_case(r, "0f 0f ca b7", 0x7fff000080000001, 0x7fff000080004000,
             0x3fff000040000000, "PMULHRW rounds");
    now_case(r, "0f 0f ca bb", 0, 0x0000000100000002, 0x0000000200000001,
             "PSWAPD");
    now_case(r, "0f 0f ca aa", 0x3f80000040000000, 0x3f80000040400000,
             0x000000003f800000, "PFSUBR: 1 - 1, 3 - 2");
    now_case(r, "0f 0f ca 94", 0x40000000c0000000, 0x4040000040400000,
             0x40000000c0000000, "PFMIN");
    now_case(r, "0f 0f ca a4", 0x40000000c0000000, 0x4040000080000000,
             0x4040000000000000, "PFMAX: a zero is positive");
    now_case(r, "0f 0f ca a0", 0x4040000040400000, 0x4040000040000000,
             0x00000000ffffffff, "PFCMPGT: 3 > 3, 3 > 2");
    now_case(r, "0f 0f ca 8a", 0x3f80000040000000, 0x4040000040800000,
             0x3f8000003f800000, "PFNACC: 4 - 3, 2 - 1");
    now_case(r, "0f 0f ca 0c", 0, 0x1234ffff80000005, 0xbf80000040a00000,
             "PI2FW of the low words");
    now_case(r, "0f 0f ca bf", 0x00ff01fe807f0102, 0x01ff02ff80800304,
             0x01ff02ff80800203, "PAVGUSB rounds up");
    now_case(r, "0f 0f ca a6", 0x4000000040000000, 0x3f0000003e800000,
             0x3f8000003fc00000, "PFRCPIT1: 2 - x y");
    now_case(r, "0f 0f ca b6", 0x3f8000003fc00000, 0x3f0000003e800000,
             0x3f0000003ec00000, "PFRCPIT2: x y");
    now_case(r, "0f 0f ca a7", 0x3e80000040800000, 0x408000003e000000,
             0x3f8000003fa00000, "PFRSQIT1: (3 - x y) / 2");
    expect(r, "0f 0e", NO_FAULT, "FEMMS");
    tap_eq(&r->t, r->c->fpu.tw, 0xffff, "all tags empty");
}

int main(void)
{
    struct rig r = {.c = calloc(1, sizeof *r.c)};
    struct error err = {0};

    if (!r.c || !(r.c->phys = phys_create(1 << 20, 0xc0000000, NULL, &err)) ||
        !icache_create(r.c) || !tlb_create(r.c)) {
        tap_ok(&r.t, false, "memory for a processor");
        return tap_done(&r.t);
    }
    test_availability(&r);
    test_alignment(&r);
    test_exceptions(&r);
    test_mxcsr(&r);
    test_fxsave(&r);
    test_xsave(&r);
    test_xrstor(&r);
    test_xcr0(&r);
    test_mmx(&r);
    test_masked(&r);
    test_3dnow(&r);
    tlb_destroy(r.c);
    icache_destroy(r.c);
    phys_destroy(r.c->phys);
    free(r.c);
    return tap_done(&r.t);
}
