/*
 * target_regs.c - the processor's registers by name.
 *
 * A write does what the instruction that loads the register does, checks
 * included, and says which check failed.
 */
#include "cpu/apic.h"
#include "cpu/cr.h"
#include "cpu/debugreg.h"
#include "cpu/flags.h"
#include "cpu/fpu/fpu.h"
#include "cpu/msr.h"
#include "cpu/paging.h"
#include "cpu/seg.h"
#include "debugger/target_int.h"
#include <strings.h>

/* What a register is made of; target_reg.index is kind << 8 | number. */
enum kind {
    K_GPR,
    K_HIGH,
    K_RIP,
    K_FLAGS,
    K_SEL,
    K_BASE,
    K_LIMIT,
    K_TBASE,
    K_TLIMIT,
    K_CPL,
    K_CR,
    K_XCR0,
    K_EFER,
    K_DR,
    K_ST,
    K_FPU,
    K_MM,
    K_XMM,
    K_MXCSR,
    K_MSR
};

enum { FPU_CW, FPU_SW, FPU_TW, FPU_FCS, FPU_FIP, FPU_FDS, FPU_FDP, FPU_FOP };

/* clang-format off */
#define R(name, cls, bits, kind, n) {name, cls, bits, (kind) << 8 | (n)}
#define G(a, b, c, d, n) \
    R(a, REG_GENERAL, 64, K_GPR, n), R(b, REG_GENERAL, 32, K_GPR, n), \
    R(c, REG_GENERAL, 16, K_GPR, n), R(d, REG_GENERAL, 8, K_GPR, n)
#define G64(n) G("r" #n, "r" #n "d", "r" #n "w", "r" #n "b", n)
#define H(name, n) R(name, REG_GENERAL, 8, K_HIGH, n)
#define SEL(name, n) R(name, REG_SEGMENT, 16, K_SEL, n), \
    R(name "_base", REG_SYSTEM, 64, K_BASE, n), \
    R(name "_limit", REG_SYSTEM, 32, K_LIMIT, n)
#define ST(n) R("st" #n, REG_X87, 80, K_ST, n)
#define MM(n) R("mm" #n, REG_X87, 64, K_MM, n)
#define V(n) R("xmm" #n, REG_VECTOR, 128, K_XMM, n), \
    R("ymm" #n, REG_VECTOR, 256, K_XMM, n)
#define M(name, n) R(name, REG_MSR, 64, K_MSR, n)

/* Order: of each class as `info` prints it. */
static const struct target_reg regs[] = {
    G("rax", "eax", "ax", "al", RAX), H("ah", RAX),
    G("rbx", "ebx", "bx", "bl", RBX), H("bh", RBX),
    G("rcx", "ecx", "cx", "cl", RCX), H("ch", RCX),
    G("rdx", "edx", "dx", "dl", RDX), H("dh", RDX),
    G("rsi", "esi", "si", "sil", RSI),
    G("rdi", "edi", "di", "dil", RDI),
    G("rbp", "ebp", "bp", "bpl", RBP),
    G("rsp", "esp", "sp", "spl", RSP),
    G64(8), G64(9), G64(10), G64(11), G64(12), G64(13), G64(14), G64(15),
    R("rip", REG_GENERAL, 64, K_RIP, 0), R("eip", REG_GENERAL, 32, K_RIP, 0),
    R("ip", REG_GENERAL, 16, K_RIP, 0),
    R("eflags", REG_FLAGS, 32, K_FLAGS, 0),
    R("rflags", REG_FLAGS, 64, K_FLAGS, 0),
    R("flags", REG_FLAGS, 16, K_FLAGS, 0),
    SEL("cs", SEG_CS), SEL("ss", SEG_SS), SEL("ds", SEG_DS),
    SEL("es", SEG_ES), SEL("fs", SEG_FS), SEL("gs", SEG_GS),
    SEL("ldtr", SEG_LDTR), SEL("tr", SEG_TR),
    R("gdtr_base", REG_SYSTEM, 64, K_TBASE, 0),
    R("gdtr_limit", REG_SYSTEM, 16, K_TLIMIT, 0),
    R("idtr_base", REG_SYSTEM, 64, K_TBASE, 1),
    R("idtr_limit", REG_SYSTEM, 16, K_TLIMIT, 1),
    R("cpl", REG_SYSTEM, 8, K_CPL, 0),
    R("cr0", REG_CONTROL, 64, K_CR, 0), R("cr2", REG_CONTROL, 64, K_CR, 2),
    R("cr3", REG_CONTROL, 64, K_CR, 3), R("cr4", REG_CONTROL, 64, K_CR, 4),
    R("cr8", REG_CONTROL, 64, K_CR, 8), R("efer", REG_CONTROL, 64, K_EFER, 0),
    R("xcr0", REG_CONTROL, 64, K_XCR0, 0),
    R("dr0", REG_DEBUG, 64, K_DR, 0), R("dr1", REG_DEBUG, 64, K_DR, 1),
    R("dr2", REG_DEBUG, 64, K_DR, 2), R("dr3", REG_DEBUG, 64, K_DR, 3),
    R("dr6", REG_DEBUG, 64, K_DR, 6), R("dr7", REG_DEBUG, 64, K_DR, 7),
    ST(0), ST(1), ST(2), ST(3), ST(4), ST(5), ST(6), ST(7),
    R("fctrl", REG_X87, 16, K_FPU, FPU_CW),
    R("fstat", REG_X87, 16, K_FPU, FPU_SW),
    R("ftag", REG_X87, 16, K_FPU, FPU_TW),
    R("fiseg", REG_X87, 16, K_FPU, FPU_FCS),
    R("fioff", REG_X87, 64, K_FPU, FPU_FIP),
    R("foseg", REG_X87, 16, K_FPU, FPU_FDS),
    R("fooff", REG_X87, 64, K_FPU, FPU_FDP),
    R("fop", REG_X87, 16, K_FPU, FPU_FOP),
    MM(0), MM(1), MM(2), MM(3), MM(4), MM(5), MM(6), MM(7),
    V(0), V(1), V(2), V(3), V(4), V(5), V(6), V(7),
    V(8), V(9), V(10), V(11), V(12), V(13), V(14), V(15),
    R("mxcsr", REG_VECTOR, 32, K_MXCSR, 0),
    M("tsc", 0), M("apic_base", 1), M("sysenter_cs", 2), M("sysenter_esp", 3),
    M("sysenter_eip", 4), M("misc_enable", 5), M("debugctl", 6), M("pat", 7),
    M("mtrr_def_type", 8), M("star", 9), M("lstar", 10), M("cstar", 11),
    M("fmask", 12), M("kernel_gs_base", 13), M("tsc_aux", 14),
};
/* clang-format on */

static const uint32_t msr_index[] = {
    0x10,       0x1b,       0x174,      0x175,      0x176,
    0x1a0,      0x1d9,      0x277,      0x2ff,      0xc0000081,
    0xc0000082, 0xc0000083, 0xc0000084, 0xc0000102, 0xc0000103};

size_t target_reg_count(void)
{
    return ARRAY_LEN(regs);
}

const struct target_reg *target_reg_at(size_t i)
{
    return i < ARRAY_LEN(regs) ? &regs[i] : NULL;
}

const struct target_reg *target_reg_find(const char *name)
{
    for (size_t n = 0; n < ARRAY_LEN(regs); n++)
        if (!strcasecmp(regs[n].name, name))
            return &regs[n];
    return NULL;
}

/* ---- reading ---- */

static struct f80 *st_at(struct cpu *c, unsigned n)
{
    return &c->fpu.r[((c->fpu.sw >> 11) + n) & 7];
}

static uint64_t fpu_word(const struct cpu *c, unsigned n)
{
    const struct fpu *f = &c->fpu;
    const uint64_t v[] = {f->cw,  f->sw,  f->tw,  f->fcs,
                          f->fip, f->fds, f->fdp, f->fop};

    return v[n];
}

static uint64_t cr_get(const struct cpu *c, unsigned n)
{
    switch (n) {
    case 0:
        return c->cr0;
    case 2:
        return c->cr2;
    case 3:
        return c->cr3;
    case 4:
        return c->cr4;
    default:
        return c->apic.tpr >> 4 & 15;
    }
}

/* Registers of up to 64 bits. */
static uint64_t scalar(struct cpu *c, enum kind kind, unsigned n)
{
    uint64_t v = 0;

    switch (kind) {
    case K_GPR:
        return c->gpr[n];
    case K_HIGH:
        return c->gpr[n] >> 8;
    case K_RIP:
        return c->rip;
    case K_FLAGS:
        return flags_sync(c);
    case K_SEL:
        return c->seg[n].selector;
    case K_BASE:
        return c->seg[n].base;
    case K_LIMIT:
        return c->seg[n].limit;
    case K_TBASE:
        return n ? c->idtr.base : c->gdtr.base;
    case K_TLIMIT:
        return n ? c->idtr.limit : c->gdtr.limit;
    case K_CPL:
        return c->cpl;
    case K_CR:
        return cr_get(c, n);
    case K_XCR0:
        return c->xcr0;
    case K_EFER:
        return c->efer;
    case K_DR:
        return c->dr[n];
    case K_FPU:
        return fpu_word(c, n);
    case K_MM:
        return c->fpu.r[n].frac;
    case K_MXCSR:
        return c->mxcsr;
    default:
        return kind == K_MSR && msr_read(c, msr_index[n], &v) ? v : 0;
    }
}

void regs_read(struct cpu *c, const struct target_reg *r, uint8_t out[32])
{
    enum kind kind = (enum kind)(r->index >> 8);
    unsigned n = r->index & 0xff;
    uint8_t v[8];

    memset(out, 0, 32);
    if (kind == K_ST) {
        st_le64(out, st_at(c, n)->frac);
        st_le16(out + 8, st_at(c, n)->se);
    } else if (kind == K_XMM) {
        memcpy(out, c->vec[n].b, r->bits / 8);
    } else {
        st_le64(v, scalar(c, kind, n));
        memcpy(out, v, r->bits / 8);
    }
}

/* ---- writing ---- */

static bool refuse(struct error *err, const struct target_reg *r,
                   const char *why)
{
    return error_set(err, EXIT_USAGE, "%s cannot take this value%s%s", r->name,
                     why ? ": " : "", why ? why : "");
}

/* As wide as an instruction writes it. */
static void gpr_set(struct cpu *c, unsigned n, unsigned bits, uint64_t v)
{
    uint64_t mask = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;

    if (bits == 32)
        c->gpr[n] = (uint32_t)v;
    else
        c->gpr[n] = (c->gpr[n] & ~mask) | (v & mask);
}

static void rip_set(struct cpu *c, unsigned bits, uint64_t v)
{
    if (bits == 16)
        v = (c->rip & ~UINT64_C(0xffff)) | (uint16_t)v;
    else if (bits == 32 || c->mode != MODE_LONG64)
        v = (uint32_t)v;
    c->rip = c->insn_rip = v;
}

static void flags_set(struct cpu *c, unsigned bits, uint64_t v)
{
    const uint64_t all = EFL_ARITH | EFL_TF | EFL_IF | EFL_DF | EFL_IOPL |
                         EFL_NT | EFL_RF | EFL_VM | EFL_AC | EFL_VIF | EFL_VIP |
                         EFL_ID;
    uint64_t mask = bits == 16 ? all & 0xffff : all;

    c->rflags = (flags_sync(c) & ~mask) | (v & mask) | 2;
    c->fl_kind = FL_EFLAGS;
    cpu_update_mode(c);
    cpu_raise(c, EV_TRAP);
}

/* A code segment as a far jump to it would load it; CPL becomes its RPL. */
static void cs_load(struct cpu *c, uint16_t sel)
{
    struct descriptor d;
    unsigned rpl = sel & SEL_RPL;

    if (!cpu_protected(c)) {
        seg_set_real(c, SEG_CS, sel);
        cpu_update_mode(c);
        return;
    }
    if (seg_null(sel))
        cpu_fault_code(c, EXC_GP, 0);
    if (!seg_fetch(c, sel, &d) || !seg_is_code(&d.seg) || !SEG_P(&d.seg))
        cpu_fault_code(c, EXC_GP, sel_code(sel));
    if (seg_is_conforming(&d.seg) ? SEG_DPL(&d.seg) > rpl
                                  : SEG_DPL(&d.seg) != rpl)
        cpu_fault_code(c, EXC_GP, sel_code(sel));
    seg_mark_accessed(c, &d);
    seg_set_cs(c, &d, rpl);
    cpu_update_mode(c);
}

static void selector_set(struct cpu *c, unsigned n, uint16_t sel)
{
    if (n == SEG_CS)
        cs_load(c, sel);
    else if (n == SEG_LDTR)
        seg_load_ldtr(c, sel);
    else if (n == SEG_TR)
        seg_load_tr(c, sel);
    else
        seg_load(c, n, sel);
}

static bool cr_set(struct cpu *c, unsigned n, uint64_t v)
{
    switch (n) {
    case 0:
        cr0_write(c, v);
        return true;
    case 2:
        c->cr2 = v;
        return true;
    case 3:
        cr3_write(c, v);
        return true;
    case 4:
        cr4_write(c, v);
        return true;
    default:
        if (v < 16)
            apic_set_tpr(c, (uint8_t)(v << 4));
        return v < 16;
    }
}

static bool dr_set(struct cpu *c, unsigned n, uint64_t v)
{
    if (n >= 6 && v >> 32)
        return false;
    if (n == 6)
        v = (v & 0xe00f) | DR6_FIXED;
    else if (n == 7)
        v = (v & 0xffff23ff) | DR7_FIXED;
    c->dr[n] = v;
    tlb_flush_all(c);
    cpu_raise(c, EV_TRAP);
    return true;
}

static void fpu_set(struct cpu *c, unsigned n, uint64_t v)
{
    struct fpu *f = &c->fpu;

    switch (n) {
    case FPU_CW:
        f->cw = (uint16_t)v;
        break;
    case FPU_SW:
        f->sw = (uint16_t)v;
        break;
    case FPU_TW:
        f->tw = (uint16_t)v;
        break;
    case FPU_FCS:
        f->fcs = (uint16_t)v;
        break;
    case FPU_FIP:
        f->fip = v;
        break;
    case FPU_FDS:
        f->fds = (uint16_t)v;
        break;
    case FPU_FDP:
        f->fdp = v;
        break;
    default:
        f->fop = v & 0x7ff;
        break;
    }
    fpu_update_ferr(c);
}

static bool base_set(struct cpu *c, unsigned n, uint64_t v)
{
    if (cpu_long(c) ? !addr_canonical(v) : v >> 32)
        return false;
    c->seg[n].base = v;
    cpu_update_mode(c);
    return true;
}

static bool scalar_set(struct cpu *c, const struct target_reg *r, uint64_t v)
{
    unsigned n = r->index & 0xff;

    switch ((enum kind)(r->index >> 8)) {
    case K_GPR:
        gpr_set(c, n, r->bits, v);
        return true;
    case K_HIGH:
        c->gpr[n] = (c->gpr[n] & ~UINT64_C(0xff00)) | (v & 0xff) << 8;
        return true;
    case K_RIP:
        rip_set(c, r->bits, v);
        return true;
    case K_FLAGS:
        flags_set(c, r->bits, v);
        return true;
    case K_SEL:
        selector_set(c, n, (uint16_t)v);
        return true;
    case K_BASE:
        return base_set(c, n, v);
    case K_LIMIT:
        c->seg[n].limit = (uint32_t)v;
        cpu_update_mode(c);
        return true;
    case K_TBASE:
        *(n ? &c->idtr.base : &c->gdtr.base) = v;
        return true;
    case K_TLIMIT:
        *(n ? &c->idtr.limit : &c->gdtr.limit) = (uint16_t)v;
        return true;
    case K_CR:
        return cr_set(c, n, v);
    case K_EFER:
        return efer_write(c, v);
    case K_DR:
        return dr_set(c, n, v);
    case K_FPU:
        fpu_set(c, n, v);
        return true;
    case K_MM:
        c->fpu.r[n].frac = v;
        return true;
    case K_MXCSR:
        if (v & ~UINT64_C(0xffff))
            return false;
        c->mxcsr = (uint32_t)v;
        return true;
    case K_MSR:
        return msr_write(c, msr_index[n], v);
    default: /* XCR0 and CPL follow from other things */
        return false;
    }
}

bool regs_write(struct cpu *c, const struct target_reg *r, const uint8_t in[32],
                struct error *err)
{
    enum kind kind = (enum kind)(r->index >> 8);
    unsigned n = r->index & 0xff;
    uint8_t v[8] = {0}, was[32];

    if (kind == K_ST) {
        *st_at(c, n) = (struct f80){ld_le64(in), ld_le16(in + 8)};
        return true;
    }
    if (kind == K_XMM) {
        memcpy(c->vec[n].b, in, r->bits / 8);
        return true;
    }
    /* gdb writes back whole sets: nothing to do is never an error. */
    regs_read(c, r, was);
    if (!memcmp(was, in, r->bits / 8))
        return true;
    memcpy(v, in, r->bits / 8);
    c->insn_rip = c->rip;
    /* What an instruction would fault for comes back here. */
    if (setjmp(c->fault_env))
        return refuse(err, r, c->fault.why);
    return scalar_set(c, r, ld_le64(v)) || refuse(err, r, NULL);
}

void target_reg_read(struct target *t, const struct target_reg *r,
                     uint8_t out[32])
{
    regs_read(t->c, r, out);
}

/* Log entry: 'R', name, 0, 32 bytes. */
bool target_reg_write(struct target *t, const struct target_reg *r,
                      const uint8_t in[32], struct error *err)
{
    uint8_t data[64];
    size_t n = strlen(r->name) + 1;

    data[0] = 'R';
    memcpy(data + 1, r->name, n);
    memcpy(data + 1 + n, in, 32);
    return target_change(t, data, 1 + n + 32, err);
}
