/*
 * x87_state_test.c - x87 images, exceptions and the MMX view of the registers.
 *
 * FNSTENV and FNSAVE layouts (SDM vol. 1, 8.1.10), FRSTOR against the host,
 * #NM, #MF and FERR# (8.7), faults that must change nothing, the FXSAVE
 * image, MMX aliasing (9.5).
 */
#include "cpu/access.h"
#include "cpu/fpu/fpu.h"
#include "cpu/fpu/ops.h"
#include "cpu/icache.h"
#include "cpu/tlb.h"
#include "memory/phys.h"
#include "tests/tap.h"
#include "tests/unit/fp_cases.h"
#include <stdlib.h>

#define AT 0x3000 /* memory operands */

struct rig {
    struct tap tap;
    struct cpu *c;
    struct log log;
    bool ferr;
};

static void ferr_changed(void *sink, unsigned n, bool level)
{
    struct rig *r = sink;

    (void)n;
    r->ferr = level;
}

static bool rig_create(struct rig *r)
{
    struct error err;

    log_init(&r->log);
    r->c = calloc(1, sizeof *r->c);
    if (!r->c)
        return false;
    r->c->phys = phys_create(1 << 20, UINT32_C(0xc0000000), &r->log, &err);
    r->c->ferr = (struct line){ferr_changed, r, 0};
    return r->c->phys && icache_create(r->c) && tlb_create(r->c);
}

static void rig_destroy(struct rig *r)
{
    if (r->c) {
        icache_destroy(r->c);
        tlb_destroy(r->c);
        phys_destroy(r->c->phys);
    }
    free(r->c);
    log_close(&r->log);
}

/* A fresh FPU; real mode, or protected mode with flat segments but for a
 * small ES. */
static void start(struct rig *r, bool protected_mode)
{
    struct cpu *c = r->c;

    c->cr0 = CR0_ET | CR0_NE | (protected_mode ? CR0_PE : 0);
    for (unsigned i = 0; i < 6; i++)
        c->seg[i] = (struct segment){
            .limit = protected_mode ? UINT32_MAX : 0xffff,
            .selector = protected_mode ? 8 * (uint16_t)(i + 1) : 0,
            .access = 0x93,
            .flags = protected_mode ? 12 : 0,
            .usable = true};
    c->seg[SEG_CS].access = 0x9b;
    if (protected_mode)
        c->seg[SEG_ES].limit = 15;
    c->ignne = false;
    cpu_update_mode(c);
    fpu_init(&c->fpu);
    fpu_update_ferr(c);
}

static struct decoded insn(unsigned opcode, unsigned modrm, unsigned osize)
{
    return (struct decoded){.opcode = (uint8_t)opcode,
                            .modrm = (uint8_t)modrm,
                            .mod = modrm >= 0xc0 ? 3 : 0,
                            .mode = 32,
                            .osize = (uint8_t)osize,
                            .asize = 4,
                            .seg = SEG_DS,
                            .base = REG_NONE,
                            .index = REG_NONE,
                            .disp = AT};
}

/* Runs a handler; the vector of its fault, or -1. */
static int run(struct rig *r, insn_fn *fn, const struct decoded *d)
{
    if (setjmp(r->c->fault_env))
        return r->c->fault.vector;
    fn(r->c, d);
    return -1;
}

static int run_reg(struct rig *r, insn_fn *fn, unsigned opcode, unsigned modrm)
{
    struct decoded d = insn(opcode, modrm, 4);

    return run(r, fn, &d);
}

static int run_mem(struct rig *r, insn_fn *fn, unsigned opcode, unsigned digit,
                   unsigned osize)
{
    struct decoded d = insn(opcode, digit << 3 | 5, osize);

    return run(r, fn, &d);
}

/* ---- images ---- */

static void some_state(struct cpu *c)
{
    fpu_init(&c->fpu);
    c->fpu.cw = 0x1234 & 0x1f3f;
    c->fpu.cw |= 0x7f;
    c->fpu.sw = 5 << FSW_TOP_SHIFT | FSW_C2;
    c->fpu.r[5] = f80_make(0x3fff, UINT64_C(1) << 63);
    c->fpu.r[6] = f80_make(0, 0);
    c->fpu.r[7] = f80_make(0x7fff, UINT64_C(3) << 62);
    fpu_unpack_ftw(&c->fpu, 0xe0);
    c->fpu.fop = 0x5ab;
    c->fpu.fcs = 0x1357;
    c->fpu.fds = 0x2468;
    c->fpu.fip = 0x89abc;
    c->fpu.fdp = 0xdef01;
}

#define TW 0x93ff /* R5 valid, R6 zero, R7 special */

static void check_words(struct rig *r, const char *name, unsigned osize,
                        const uint16_t *want, unsigned n)
{
    uint8_t image[28];
    bool good = true;

    some_state(r->c);
    run_mem(r, op_fnstenv, 0xd9, 6, osize);
    mem_read_bytes(r->c, SEG_DS, AT, image, sizeof image, 1);
    for (unsigned i = 0; i < n; i++) {
        good &= ld_le16(image + 2 * i) == want[i];
        if (ld_le16(image + 2 * i) != want[i])
            printf("# word %u: got %04x, want %04x\n", i,
                   ld_le16(image + 2 * i), want[i]);
    }
    tap_ok(&r->tap, good, "FNSTENV layout, %s", name);
    tap_eq(&r->tap, r->c->fpu.cw & FP_ALL, FP_ALL, "FNSTENV masks all");
}

static void layouts(struct rig *r)
{
    uint16_t cw = (0x1234 & 0x1f3f) | 0x7f, sw = 0x2c00;
    /* 0x13570 + 0x89abc = 0x9d02c; 0x24680 + 0xdef01 = 0x103581 */
    const uint16_t p32[14] = {cw, 0xffff, sw,    0xffff, TW,  0xffff, 0x9abc,
                              8,  0x1357, 0x5ab, 0xef01, 0xd, 0x2468, 0xffff};
    const uint16_t r32[14] = {cw,     0xffff, sw,     0xffff, TW,
                              0xffff, 0xd02c, 0xffff, 0x95ab, 0,
                              0x3581, 0xffff, 0,      1};
    const uint16_t p16[7] = {cw, sw, TW, 0x9abc, 0x1357, 0xef01, 0x2468};
    const uint16_t r16[7] = {cw, sw, TW, 0xd02c, 0x95ab, 0x3581, 0};

    start(r, true);
    check_words(r, "32-bit protected", 4, p32, 14);
    check_words(r, "16-bit protected", 2, p16, 7);
    start(r, false);
    check_words(r, "32-bit real", 4, r32, 14);
    check_words(r, "16-bit real", 2, r16, 7);
}

static void save_and_restore(struct rig *r, bool prot, unsigned osize)
{
    struct fpu before;

    start(r, prot);
    some_state(r->c);
    r->c->fpu.fcs = r->c->fpu.fds = prot ? 0x1357 : 0;
    r->c->fpu.fip &= 0xffff;
    r->c->fpu.fdp &= 0xffff;
    r->c->fpu.fop = prot && osize == 2 ? 0 : 0x5ab;
    before = r->c->fpu;
    run_mem(r, op_fnsave, 0xdd, 6, osize);
    tap_eq(&r->tap, r->c->fpu.tw, 0xffff, "FNSAVE initialises");
    memset(r->c->fpu.r, 0, sizeof r->c->fpu.r);
    run_mem(r, op_frstor, 0xdd, 4, osize);
    tap_ok(&r->tap,
           !memcmp(&before.r[5], &r->c->fpu.r[5], sizeof before.r[0]) &&
               before.cw == r->c->fpu.cw && before.sw == r->c->fpu.sw &&
               before.tw == r->c->fpu.tw && before.fip == r->c->fpu.fip &&
               before.fdp == r->c->fpu.fdp && before.fcs == r->c->fpu.fcs &&
               before.fds == r->c->fpu.fds && before.fop == r->c->fpu.fop,
           "FRSTOR brings it back, %u bits, %s mode", 8 * osize,
           prot ? "protected" : "real");
}

static void fxsave_image(struct rig *r)
{
    uint8_t image[512];
    struct fpu before;

    start(r, true);
    some_state(r->c);
    before = r->c->fpu;
    memset(image, 0xaa, sizeof image);
    fpu_fxsave(r->c, image, false);
    tap_eq(&r->tap, image[4], 0xe0, "FXSAVE: abridged tags");
    tap_eq(&r->tap, ld_le64(image + 32), UINT64_C(1) << 63,
           "FXSAVE: ST(0) is first");
    tap_eq(&r->tap, ld_le64(image + 24), UINT64_C(0xaaaaaaaaaaaaaaaa),
           "FXSAVE: MXCSR is left alone");
    fpu_init(&r->c->fpu);
    memset(r->c->fpu.r, 0, sizeof r->c->fpu.r);
    fpu_fxrstor(r->c, image, false);
    tap_ok(&r->tap,
           before.tw == r->c->fpu.tw && before.sw == r->c->fpu.sw &&
               before.fip == r->c->fpu.fip && before.fcs == r->c->fpu.fcs &&
               before.fop == r->c->fpu.fop &&
               before.r[7].se == r->c->fpu.r[7].se,
           "FXRSTOR brings it back");
}

/* ---- exceptions ---- */

/* Leaves a division by zero pending. */
static void pending(struct rig *r)
{
    r->c->fpu.cw &= (uint16_t)~FP_ZE;
    run_reg(r, op_fld1, 0xd9, 0xe8);
    run_reg(r, op_fldz, 0xd9, 0xee);
    run_reg(r, op_fdivr_st0_sti, 0xd8, 0xf9); /* 1 / 0 */
}

static void exceptions(struct rig *r)
{
    struct tap *t = &r->tap;

    start(r, true);
    pending(r);
    tap_eq(t, r->c->fpu.sw & (FSW_ES | FSW_B | FP_ALL), FSW_ES | FSW_B | FP_ZE,
           "unmasked ZE sets ES and B");
    tap_eq(t, fpu_tag(r->c->fpu.r[6]), FTAG_ZERO,
           "unmasked ZE leaves the operand");
    tap_ok(t, !r->ferr, "no FERR# with CR0.NE set");
    tap_eq(t, (unsigned)run_reg(r, op_fnstsw_ax, 0xdf, 0xe0), (unsigned)-1,
           "FNSTSW does not wait");
    tap_eq(t, r->c->gpr[RAX] & 0xffff, r->c->fpu.sw, "FNSTSW AX");
    tap_eq(t, (unsigned)run_reg(r, op_fld1, 0xd9, 0xe8), EXC_MF,
           "the next waiting instruction raises #MF");
    tap_eq(t, (unsigned)run_reg(r, op_fwait, 0x9b, 0xc0), EXC_MF,
           "FWAIT raises #MF");
    run_reg(r, op_fnclex, 0xdb, 0xe2);
    tap_eq(t, (unsigned)run_reg(r, op_fwait, 0x9b, 0xc0), (unsigned)-1,
           "FNCLEX clears it");

    start(r, true);
    r->c->cr0 &= ~(uint64_t)CR0_NE;
    pending(r);
    tap_ok(t, r->ferr, "FERR# with CR0.NE clear");
    run_reg(r, op_fnclex, 0xdb, 0xe2);
    tap_ok(t, !r->ferr, "FNCLEX releases FERR#");

    start(r, true);
    r->c->fpu.sw |= FP_PE;
    mem_write16(r->c, SEG_DS, AT, 0x035f);
    run_mem(r, op_fldcw, 0xd9, 5, 4);
    tap_ok(t, r->c->fpu.sw & FSW_ES, "FLDCW can make an exception pending");
}

static void not_available(struct rig *r)
{
    struct tap *t = &r->tap;

    start(r, true);
    r->c->cr0 |= CR0_TS;
    tap_eq(t, (unsigned)run_reg(r, op_fld1, 0xd9, 0xe8), EXC_NM, "TS: #NM");
    tap_eq(t, (unsigned)run_reg(r, op_fwait, 0x9b, 0xc0), (unsigned)-1,
           "TS without MP: FWAIT goes on");
    r->c->cr0 |= CR0_MP;
    tap_eq(t, (unsigned)run_reg(r, op_fwait, 0x9b, 0xc0), EXC_NM,
           "TS with MP: FWAIT raises #NM");
    r->c->cr0 ^= CR0_TS | CR0_EM;
    tap_eq(t, (unsigned)run_reg(r, op_fld1, 0xd9, 0xe8), EXC_NM, "EM: #NM");
}

/* A store beyond ES's limit, and a load from there. */
static void memory_faults(struct rig *r)
{
    struct decoded d = insn(0xdd, 3 << 3 | 5, 4);
    struct fpu before;

    start(r, true);
    some_state(r->c);
    before = r->c->fpu;
    d.seg = SEG_ES;
    tap_eq(&r->tap, (unsigned)run(r, op_fstp_m64fp, &d), EXC_GP,
           "FSTP beyond the limit: #GP");
    tap_ok(&r->tap, !memcmp(&before, &r->c->fpu, sizeof before),
           "and nothing has changed");
    tap_eq(&r->tap, (unsigned)run(r, op_fadd_m64fp, &d), EXC_GP,
           "FADD beyond the limit: #GP");
    tap_eq(&r->tap, (unsigned)run(r, op_fnsave, &d), EXC_GP,
           "FNSAVE beyond the limit: #GP");
    tap_ok(&r->tap, !memcmp(&before, &r->c->fpu, sizeof before),
           "and nothing has changed");
}

static void pointers(struct rig *r)
{
    struct tap *t = &r->tap;

    start(r, true);
    r->c->insn_rip = 0x1234;
    run_mem(r, op_fld_m32fp, 0xd9, 0, 4);
    tap_eq(t, r->c->fpu.fop, 0x105, "FOP of FLD m32fp");
    tap_eq(t, r->c->fpu.fip, 0x1234, "FIP");
    tap_eq(t, r->c->fpu.fcs, r->c->seg[SEG_CS].selector, "FCS");
    tap_eq(t, r->c->fpu.fdp, AT, "FDP");
    tap_eq(t, r->c->fpu.fds, r->c->seg[SEG_DS].selector, "FDS");
    r->c->insn_rip = 0x5678;
    run_mem(r, op_fnstcw, 0xd9, 7, 4);
    tap_eq(t, r->c->fpu.fip, 0x1234, "control instructions leave FIP");
}

/* ---- MMX ---- */

static void mmx_enter(struct cpu *c, const struct decoded *d)
{
    (void)d;
    fpu_mmx_enter(c);
}

static void mmx(struct rig *r)
{
    struct tap *t = &r->tap;

    start(r, true);
    some_state(r->c);
    tap_eq(t, (unsigned)run_reg(r, mmx_enter, 0, 0xc0), (unsigned)-1,
           "MMX instruction");
    tap_eq(t, r->c->fpu.tw, 0, "makes all tags valid");
    tap_eq(t, r->c->fpu.sw & FSW_TOP, 0, "clears TOP");
    fpu_mmx_write(r->c, 6, 0x1122334455667788);
    tap_eq(t, r->c->fpu.r[6].se, 0xffff, "sets sign and exponent");
    tap_eq(t, fpu_mmx_read(r->c, 6), 0x1122334455667788, "and the fraction");
    fpu_emms(r->c);
    tap_eq(t, r->c->fpu.tw, 0xffff, "EMMS empties");
    r->c->cr0 |= CR0_TS;
    tap_eq(t, (unsigned)run_reg(r, mmx_enter, 0, 0xc0), EXC_NM, "TS: #NM");
    r->c->cr0 |= CR0_EM;
    tap_eq(t, (unsigned)run_reg(r, mmx_enter, 0, 0xc0), EXC_UD, "EM: #UD");
}

/* ---- FRSTOR of anything ---- */

#if defined(__x86_64__)

static void host_restore(struct rig *r)
{
    uint64_t seed = 5;
    unsigned bad = 0;

    start(r, true);
    for (unsigned i = 0; i < 2000; i++) {
        uint8_t image[108], want[108], got[108];

        for (unsigned j = 0; j < sizeof image; j++)
            image[j] = (uint8_t)fp_random(&seed);
        memset(image + 12, 0, 16); /* pointers: processors differ */
        memcpy(want, image, sizeof want);
        __asm__ volatile("frstor %0\n\tfnsave %0" : "+m"(want));
        mem_write_bytes(r->c, SEG_DS, AT, image, sizeof image, 1);
        fpu_init(&r->c->fpu);
        run_mem(r, op_frstor, 0xdd, 4, 4);
        run_mem(r, op_fnsave, 0xdd, 6, 4);
        mem_read_bytes(r->c, SEG_DS, AT, got, sizeof got, 1);
        memset(got + 26, 0, 2); /* FDS and what is beside it */
        memset(want + 26, 0, 2);
        if (memcmp(want, got, sizeof want) && bad++ < 3) {
            for (unsigned j = 0; j < sizeof want; j++)
                if (want[j] != got[j])
                    printf("# byte %u: from %02x want %02x got %02x\n", j,
                           image[j], want[j], got[j]);
        }
    }
    tap_eq(&r->tap, bad, 0, "FRSTOR and FNSAVE of random images as the host");
}

#else

static void host_restore(struct rig *r)
{
    tap_ok(&r->tap, true, "random images # SKIP not an x86-64 host");
}

#endif

int main(void)
{
    struct rig r = {0};

    if (!tap_ok(&r.tap, rig_create(&r), "a processor with memory"))
        return tap_done(&r.tap);
    layouts(&r);
    for (unsigned i = 0; i < 4; i++)
        save_and_restore(&r, i & 1, i & 2 ? 2 : 4);
    fxsave_image(&r);
    exceptions(&r);
    not_available(&r);
    memory_faults(&r);
    pointers(&r);
    mmx(&r);
    host_restore(&r);
    rig_destroy(&r);
    return tap_done(&r.tap);
}
