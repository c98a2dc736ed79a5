/*
 * ops_early_sys.c - stack, segment, coprocessor and system instructions as
 * the 8086 and the 80286 do them.
 *
 * iAPX 86,88 User's Manual; 80286 Programmer's Reference Manual (210498);
 * 80286 LOADALL as described by Intel to makers of BIOSes; what they leave
 * open (orders of accesses) as captured from real parts. The rows of x86.tab
 * that lead here need like_8086 or like_286.
 */
#include "cpu/access.h"
#include "cpu/cr.h"
#include "cpu/exception.h"
#include "cpu/far.h"
#include "cpu/flags.h"
#include "cpu/gate.h"
#include "cpu/mode.h"
#include "cpu/operand.h"
#include "cpu/ops_sys.h"
#include "cpu/seg.h"
#include "gen/insn_handlers.h"

/* ---- stack ---- */

/* SP is decremented before the operand is taken: PUSH SP stores the new
 * one. FF /7 is another PUSH. */
void op_push_8086(struct cpu *c, const struct decoded *d)
{
    uint16_t v;

    if (d->mod != 3)
        v = mem_read16(c, d->seg, mem_ea(c, d));
    else
        v = (uint16_t)(c->gpr[d->rm] - (d->rm == RSP ? 2 : 0));
    stack_push(c, v, 2);
}

/* POP SS, or POP CS (0F) with the number of CS in d->reg. */
void op_pop_ss_8086(struct cpu *c, const struct decoded *d)
{
    if (d->reg != SEG_CS) {
        op_pop_ss(c, d);
        return;
    }
    seg_set_real(c, SEG_CS, (uint16_t)stack_pop(c, 2));
    cpu_update_mode(c);
}

/* From the lowest address up. */
void op_pusha_286(struct cpu *c, const struct decoded *d)
{
    uint64_t sp = c->gpr[RSP] - 16;

    (void)d;
    /* All or nothing: the top word is the first that can overrun. */
    mem_probe_write(c, SEG_SS, (sp + 14) & 0xffff, 2);
    for (unsigned n = 0; n < 8; n++)
        mem_write16(c, SEG_SS, (sp + 2 * n) & 0xffff,
                    (uint16_t)c->gpr[RDI - n]);
    stack_adjust(c, -16);
}

/* AX comes first, then the others from the lowest address up. */
void op_popa_286(struct cpu *c, const struct decoded *d)
{
    uint16_t v[8];

    (void)d;
    v[RAX] = (uint16_t)stack_peek(c, 14, 2);
    for (unsigned n = 0; n < 7; n++)
        v[RDI - n] = (uint16_t)stack_peek(c, 2 * n, 2);
    for (unsigned r = RAX; r <= RDI; r++) {
        if (r != RSP)
            reg_write(c, r, v[r], 2);
    }
    stack_adjust(c, 16);
}

/* FLAGS are read first. In protected mode nobody can tell. */
void op_iret_286(struct cpu *c, const struct decoded *d)
{
    uint16_t image, ip, cs;

    if (c->mode != MODE_REAL) {
        op_iret(c, d);
        return;
    }
    image = (uint16_t)stack_peek(c, 4, 2);
    ip = (uint16_t)stack_peek(c, 0, 2);
    cs = (uint16_t)stack_peek(c, 2, 2);
    stack_adjust(c, 6);
    c->nmi_masked = false;
    seg_set_real(c, SEG_CS, cs);
    c->rip = ip;
    rflags_load(c, image, EFL_ARITH | EFL_TF | EFL_IF | EFL_DF);
    cpu_update_mode(c);
}

/* ---- segment registers ---- */

/* Bit 2 of the register's number is not looked at; MOV CS works. */
void op_mov_sw_ew_8086(struct cpu *c, const struct decoded *d)
{
    struct decoded copy = *d;

    copy.reg = d->reg & 3;
    if (copy.reg != SEG_CS) {
        op_mov_sw_ew(c, &copy);
        return;
    }
    seg_set_real(c, SEG_CS, read_ew(c, d));
    cpu_update_mode(c);
}

void op_mov_ev_sw_8086(struct cpu *c, const struct decoded *d)
{
    write_rv_mw(c, d, c->seg[d->reg & 3].selector);
}

void op_mov_sw_ew_286(struct cpu *c, const struct decoded *d)
{
    if (d->reg > SEG_DS)
        cpu_fault(c, EXC_UD);
    op_mov_sw_ew(c, d);
}

void op_mov_ev_sw_286(struct cpu *c, const struct decoded *d)
{
    if (d->reg > SEG_DS)
        cpu_fault(c, EXC_UD);
    op_mov_ev_sw(c, d);
}

/* ---- coprocessor ---- */

/* The operand is read for an 8087 to see on the bus. */
void op_esc_8086(struct cpu *c, const struct decoded *d)
{
    if (d->mod != 3)
        mem_read16(c, d->seg, mem_ea(c, d));
}

/*
 * Opcode to port F8h; the address of the instruction and of its operand to
 * FCh, where an 80287 would take them. With EM or TS: #NM (8087 emulators).
 */
void op_esc_286(struct cpu *c, const struct decoded *d)
{
    enum { OPCODE = 0xf8, POINTERS = 0xfc };
    uint64_t ea = 0;

    if (c->cr0 & (CR0_EM | CR0_TS))
        cpu_fault(c, EXC_NM);
    if (d->mod != 3) {
        ea = mem_ea(c, d);
        mem_linear(c, d->seg, ea, 2, false);
    }
    port_out(c, OPCODE, d->opcode | (uint32_t)d->modrm << 8, 2);
    port_out(c, POINTERS, (uint16_t)c->insn_rip, 2);
    port_out(c, POINTERS, c->seg[SEG_CS].selector, 2);
    if (d->mod != 3) {
        port_out(c, POINTERS, (uint16_t)ea, 2);
        port_out(c, POINTERS, c->seg[d->seg].selector, 2);
    }
}

/* ---- system ---- */

/* Bits 4-15 of the machine status word read as ones. */
void op_smsw_286(struct cpu *c, const struct decoded *d)
{
    write_rv_mw(c, d, (c->cr0 & 15) | 0xfff0);
}

/* The sixth byte of a stored table register is FFh (SGDT, SIDT). */
static void store_table_286(struct cpu *c, const struct decoded *d,
                            const struct table_reg *t)
{
    uint64_t ea = mem_ea(c, d);

    mem_write16(c, d->seg, ea, t->limit);
    mem_write16(c, d->seg, mem_ea_add(d, ea, 2), (uint16_t)t->base);
    mem_write16(c, d->seg, mem_ea_add(d, ea, 4),
                (uint16_t)(t->base >> 16 | 0xff00));
}

void op_sgdt_286(struct cpu *c, const struct decoded *d)
{
    store_table_286(c, d, &c->gdtr);
}

void op_sidt_286(struct cpu *c, const struct decoded *d)
{
    store_table_286(c, d, &c->idtr);
}

/* Base in three bytes, access rights, limit: six bytes of LOADALL's image. */
static void load_cache(struct cpu *c, unsigned at, struct segment *s)
{
    s->base = lin_read(c, at, 2, false) | lin_read(c, at + 2, 1, false) << 16;
    s->access = (uint8_t)lin_read(c, at + 3, 1, false);
    s->limit = (uint32_t)lin_read(c, at + 4, 2, false);
    s->flags = 0;
    s->usable = s->access & 0x80;
}

static void load_table_cache(struct cpu *c, unsigned at, struct table_reg *t)
{
    struct segment s = {0};

    load_cache(c, at, &s);
    *t = (struct table_reg){.base = s.base, .limit = (uint16_t)s.limit};
}

static uint16_t image_word(struct cpu *c, unsigned at)
{
    return (uint16_t)lin_read(c, at, 2, false);
}

/*
 * LOADALL: the whole state from physical address 800h.
 *   806 MSW  816 TR  818 FLAGS  81A IP  81C LDT  81E DS  820 SS  822 CS
 *   824 ES  826 DI SI BP SP BX DX CX AX  836 ES 83C CS 842 SS 848 DS caches
 *   84E GDTR  854 LDT cache  85A IDTR  860 TR cache
 */
void op_loadall_286(struct cpu *c, const struct decoded *d)
{
    static const uint8_t gprs[8] = {RDI, RSI, RBP, RSP, RBX, RDX, RCX, RAX};
    static const struct {
        uint8_t seg;
        uint16_t selector, cache;
    } segs[] = {{SEG_TR, 0x816, 0x860}, {SEG_LDTR, 0x81c, 0x854},
                {SEG_DS, 0x81e, 0x848}, {SEG_SS, 0x820, 0x842},
                {SEG_CS, 0x822, 0x83c}, {SEG_ES, 0x824, 0x836}};
    uint64_t msw = image_word(c, 0x806) & 15;

    (void)d;
    if (c->cpl)
        cpu_fault_why(c, EXC_GP, 0, "LOADALL at CPL > 0");
    /* PE can be set but not cleared. */
    c->cr0 = (c->cr0 & ~(uint64_t)(CR0_MP | CR0_EM | CR0_TS)) | msw;
    for (unsigned n = 0; n < 6; n++) {
        c->seg[segs[n].seg].selector = image_word(c, segs[n].selector);
        load_cache(c, segs[n].cache, &c->seg[segs[n].seg]);
    }
    for (unsigned n = 0; n < 8; n++)
        reg_write(c, gprs[n], image_word(c, 0x826 + 2 * n), 2);
    load_table_cache(c, 0x84e, &c->gdtr);
    load_table_cache(c, 0x85a, &c->idtr);
    c->cpl = c->cr0 & CR0_PE ? SEG_DPL(&c->seg[SEG_SS]) : 0;
    c->rip = image_word(c, 0x81a);
    rflags_load(c, image_word(c, 0x818),
                EFL_ARITH | EFL_TF | EFL_IF | EFL_DF | EFL_IOPL | EFL_NT);
    cpu_update_mode(c);
}
