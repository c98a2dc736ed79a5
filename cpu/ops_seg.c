/*
 * ops_seg.c - instructions on segment registers and descriptor tables.
 *
 * SDM vol. 2, each instruction's pseudocode; vol. 3 ch. 2.4, 5.10.
 */
#include "cpu/debugreg.h"
#include "cpu/exception.h"
#include "cpu/flags.h"
#include "cpu/operand.h"
#include "cpu/ops_sys.h"
#include "cpu/seg.h"

/* 6.8.3: no interrupt, no debug trap between MOV SS and the next one. */
static void after_ss(struct cpu *c)
{
    cpu_raise(c, EV_SHADOW);
    debug_hold(c);
}

void op_mov_sw_ew(struct cpu *c, const struct decoded *d)
{
    unsigned s = d->reg & 7;

    if (s == SEG_CS || s > SEG_GS)
        cpu_fault(c, EXC_UD);
    seg_load(c, s, read_ew(c, d));
    if (s == SEG_SS)
        after_ss(c);
}

void op_mov_ev_sw(struct cpu *c, const struct decoded *d)
{
    unsigned s = d->reg & 7;

    if (s > SEG_GS)
        cpu_fault(c, EXC_UD);
    write_rv_mw(c, d, c->seg[s].selector);
}

/* Recent processors move 16 bits and leave the rest of a dword slot alone
 * (SDM vol. 2, PUSH). */
static void push_seg(struct cpu *c, const struct decoded *d, unsigned s)
{
    uint16_t sel = c->seg[s].selector;

    if (d->osize == 4) {
        mem_write16(c, SEG_SS, (c->gpr[RSP] - 4) & c->stack_mask, sel);
        stack_adjust(c, -4);
    } else {
        stack_push(c, sel, d->osize);
    }
}

static void pop_seg(struct cpu *c, const struct decoded *d, unsigned s)
{
    seg_load(c, s, (uint16_t)stack_peek(c, 0, 2));
    stack_adjust(c, d->osize);
    if (s == SEG_SS)
        after_ss(c);
}

void op_push_es(struct cpu *c, const struct decoded *d)
{
    push_seg(c, d, SEG_ES);
}

void op_push_cs(struct cpu *c, const struct decoded *d)
{
    push_seg(c, d, SEG_CS);
}

void op_push_ss(struct cpu *c, const struct decoded *d)
{
    push_seg(c, d, SEG_SS);
}

void op_push_ds(struct cpu *c, const struct decoded *d)
{
    push_seg(c, d, SEG_DS);
}

void op_push_fs(struct cpu *c, const struct decoded *d)
{
    push_seg(c, d, SEG_FS);
}

void op_push_gs(struct cpu *c, const struct decoded *d)
{
    push_seg(c, d, SEG_GS);
}

void op_pop_es(struct cpu *c, const struct decoded *d)
{
    pop_seg(c, d, SEG_ES);
}

void op_pop_ss(struct cpu *c, const struct decoded *d)
{
    pop_seg(c, d, SEG_SS);
}

void op_pop_ds(struct cpu *c, const struct decoded *d)
{
    pop_seg(c, d, SEG_DS);
}

void op_pop_fs(struct cpu *c, const struct decoded *d)
{
    pop_seg(c, d, SEG_FS);
}

void op_pop_gs(struct cpu *c, const struct decoded *d)
{
    pop_seg(c, d, SEG_GS);
}

/* LES and friends: offset first in memory, then the selector. */
static void load_far(struct cpu *c, const struct decoded *d, unsigned s)
{
    uint64_t ea = mem_ea(c, d);
    uint64_t off = read_mv(c, d->seg, ea, d->osize);
    uint16_t sel = mem_read16(c, d->seg, mem_ea_add(d, ea, d->osize));

    seg_load(c, s, sel);
    reg_write(c, d->reg, off, d->osize);
}

void op_les_gv_mp(struct cpu *c, const struct decoded *d)
{
    load_far(c, d, SEG_ES);
}

void op_lds_gv_mp(struct cpu *c, const struct decoded *d)
{
    load_far(c, d, SEG_DS);
}

void op_lss_gv_mp(struct cpu *c, const struct decoded *d)
{
    load_far(c, d, SEG_SS);
}

void op_lfs_gv_mp(struct cpu *c, const struct decoded *d)
{
    load_far(c, d, SEG_FS);
}

void op_lgs_gv_mp(struct cpu *c, const struct decoded *d)
{
    load_far(c, d, SEG_GS);
}

/* 5.10.1, 5.10.3: system types that LAR and LSL accept. */
enum {
    LSL_TYPES = 1 << SYS_TSS16 | 1 << SYS_LDT | 1 << SYS_TSS16_BUSY |
                1 << SYS_TSS32 | 1 << SYS_TSS32_BUSY,
    LAR_TYPES =
        LSL_TYPES | 1 << SYS_CALL16 | 1 << SYS_TASK_GATE | 1 << SYS_CALL32,
    LSL_TYPES_LONG = 1 << SYS_LDT | 1 << SYS_TSS32 | 1 << SYS_TSS32_BUSY,
    LAR_TYPES_LONG = LSL_TYPES_LONG | 1 << SYS_CALL32,
};

/* May the program see this descriptor (5.10)? */
static bool visible(struct cpu *c, uint16_t sel, unsigned types,
                    struct descriptor *d)
{
    uint64_t high;
    unsigned dpl;

    if (seg_null(sel) || !seg_fetch(c, sel, d))
        return false;
    if (!SEG_S(&d->seg)) {
        if (!(types >> SEG_TYPE(&d->seg) & 1))
            return false;
        if (cpu_long(c) && (!seg_fetch_high(c, d, &high) || (high >> 40 & 31)))
            return false;
    }
    dpl = SEG_DPL(&d->seg);
    return seg_is_conforming(&d->seg) ||
           (dpl >= c->cpl && dpl >= (unsigned)(sel & SEL_RPL));
}

static void set_zf(struct cpu *c, bool z)
{
    flags_change(c, EFL_ZF, z ? EFL_ZF : 0);
}

void op_lar_gv_ew(struct cpu *c, const struct decoded *d)
{
    uint16_t sel = read_ew(c, d);
    struct descriptor e;
    bool good = visible(c, sel, cpu_long(c) ? LAR_TYPES_LONG : LAR_TYPES, &e);

    if (good)
        reg_write(c, d->reg, e.raw >> 32 & 0x00ffff00, d->osize);
    set_zf(c, good);
}

void op_lsl_gv_ew(struct cpu *c, const struct decoded *d)
{
    uint16_t sel = read_ew(c, d);
    struct descriptor e;
    bool good = visible(c, sel, cpu_long(c) ? LSL_TYPES_LONG : LSL_TYPES, &e);

    if (good)
        reg_write(c, d->reg, e.seg.limit, d->osize);
    set_zf(c, good);
}

void op_verr_ew(struct cpu *c, const struct decoded *d)
{
    struct descriptor e;

    set_zf(c, visible(c, read_ew(c, d), 0, &e) && seg_is_readable(&e.seg));
}

void op_verw_ew(struct cpu *c, const struct decoded *d)
{
    struct descriptor e;

    set_zf(c, visible(c, read_ew(c, d), 0, &e) && seg_is_writable_data(&e.seg));
}

/* Memory is only written when the RPL is raised: a read-only page does not
 * fault otherwise. */
void op_arpl_ew_gw(struct cpu *c, const struct decoded *d)
{
    unsigned rpl = c->gpr[d->reg] & SEL_RPL;
    uint16_t dst = read_ew(c, d);
    bool raise = (dst & SEL_RPL) < rpl;

    dst = (uint16_t)((dst & ~SEL_RPL) | rpl);
    if (raise && d->mod == 3)
        reg_write(c, d->rm, dst, 2);
    else if (raise)
        mem_write16(c, d->seg, mem_ea(c, d), dst);
    set_zf(c, raise);
}

static void need_cpl0(struct cpu *c, const char *why)
{
    if (c->cpl)
        cpu_fault_why(c, EXC_GP, 0, why);
}

/* 2.5, CR4.UMIP: table addresses are no business of user code. */
static void need_umip(struct cpu *c)
{
    if (c->cr4 & CR4_UMIP && c->cpl)
        cpu_fault_why(c, EXC_GP, 0, "UMIP");
}

/* Rows of group 6 exist in protected mode only. */
static void need_protected(struct cpu *c)
{
    if (!cpu_protected(c))
        cpu_fault(c, EXC_UD);
}

void op_lldt_ew(struct cpu *c, const struct decoded *d)
{
    need_protected(c);
    need_cpl0(c, "LLDT at CPL > 0");
    seg_load_ldtr(c, read_ew(c, d));
}

void op_ltr_ew(struct cpu *c, const struct decoded *d)
{
    need_protected(c);
    need_cpl0(c, "LTR at CPL > 0");
    seg_load_tr(c, read_ew(c, d));
}

void op_sldt_ev(struct cpu *c, const struct decoded *d)
{
    need_protected(c);
    need_umip(c);
    write_rv_mw(c, d, c->seg[SEG_LDTR].selector);
}

void op_str_ev(struct cpu *c, const struct decoded *d)
{
    need_protected(c);
    need_umip(c);
    write_rv_mw(c, d, c->seg[SEG_TR].selector);
}

static void load_table(struct cpu *c, const struct decoded *d,
                       struct table_reg *t)
{
    uint64_t ea = mem_ea(c, d), at = mem_ea_add(d, ea, 2), base;
    uint16_t limit;

    need_cpl0(c, "LGDT or LIDT at CPL > 0");
    limit = mem_read16(c, d->seg, ea);
    if (c->mode == MODE_LONG64)
        base = mem_read64(c, d->seg, at);
    else
        base = mem_read32(c, d->seg, at);
    if (c->mode == MODE_LONG64 && !addr_canonical(base))
        cpu_fault_why(c, EXC_GP, 0, "table base not canonical");
    if (c->mode != MODE_LONG64 && d->osize == 2)
        base &= 0xffffff;
    *t = (struct table_reg){.base = base, .limit = limit};
}

static void store_table(struct cpu *c, const struct decoded *d,
                        const struct table_reg *t)
{
    uint8_t image[10];

    need_umip(c);
    st_le16(image, t->limit);
    st_le64(image + 2, t->base);
    mem_write_bytes(c, d->seg, mem_ea(c, d), image,
                    c->mode == MODE_LONG64 ? 10 : 6, 1);
}

void op_lgdt_ms(struct cpu *c, const struct decoded *d)
{
    load_table(c, d, &c->gdtr);
}

void op_lidt_ms(struct cpu *c, const struct decoded *d)
{
    load_table(c, d, &c->idtr);
}

void op_sgdt_ms(struct cpu *c, const struct decoded *d)
{
    store_table(c, d, &c->gdtr);
}

void op_sidt_ms(struct cpu *c, const struct decoded *d)
{
    store_table(c, d, &c->idtr);
}

void op_swapgs(struct cpu *c, const struct decoded *d)
{
    uint64_t base = c->seg[SEG_GS].base;

    (void)d;
    if (c->mode != MODE_LONG64)
        cpu_fault(c, EXC_UD);
    need_cpl0(c, "SWAPGS at CPL > 0");
    c->seg[SEG_GS].base = c->msr.kernel_gs_base;
    c->msr.kernel_gs_base = base;
    cpu_update_seg(c, SEG_GS);
}

static void need_fsgsbase(struct cpu *c)
{
    if (c->mode != MODE_LONG64 || !(c->cr4 & CR4_FSGSBASE))
        cpu_fault(c, EXC_UD);
}

static void write_base(struct cpu *c, const struct decoded *d, unsigned s)
{
    uint64_t base = c->gpr[d->rm];

    need_fsgsbase(c);
    if (d->osize != 8)
        base = (uint32_t)base;
    if (!addr_canonical(base))
        cpu_fault_why(c, EXC_GP, 0, "segment base not canonical");
    c->seg[s].base = base;
    cpu_update_seg(c, s);
}

void op_rdfsbase_ry(struct cpu *c, const struct decoded *d)
{
    need_fsgsbase(c);
    reg_write(c, d->rm, c->seg[SEG_FS].base, d->osize == 8 ? 8 : 4);
}

void op_rdgsbase_ry(struct cpu *c, const struct decoded *d)
{
    need_fsgsbase(c);
    reg_write(c, d->rm, c->seg[SEG_GS].base, d->osize == 8 ? 8 : 4);
}

void op_wrfsbase_ry(struct cpu *c, const struct decoded *d)
{
    write_base(c, d, SEG_FS);
}

void op_wrgsbase_ry(struct cpu *c, const struct decoded *d)
{
    write_base(c, d, SEG_GS);
}
