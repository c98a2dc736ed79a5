/*
 * cpu_state.c - the processor as a device: its state, described once.
 *
 * The state is the part of struct cpu from gpr up to fl_a; everything after
 * that is derived or belongs to the host.
 */
#include "cpu/apic.h"
#include "cpu/debugreg.h"
#include "cpu/flags.h"
#include "cpu/paging.h"
#include "cpu/reset.h"
#include "cpu/seg.h"
#include "cpu/tlb.h"

#define STATE_OFFSET offsetof(struct cpu, gpr)
#define STATE_SIZE   (offsetof(struct cpu, fl_a) - STATE_OFFSET)

/* Rows of struct cpu, relative to where its state begins. */
#define ROW(m, h)                                                              \
    {                                                                          \
        .name = #m, .help = h, .type = FIELD_TYPE_OF(FIELD_AT(struct cpu, m)), \
        .offset = offsetof(struct cpu, m) - STATE_OFFSET,                      \
        .size = sizeof(FIELD_AT(struct cpu, m)), .count = 1                    \
    }

#define ROW_ARRAY(m, h)                                                        \
    {                                                                          \
        .name = #m, .help = h,                                                 \
        .type = FIELD_TYPE_OF(FIELD_AT(struct cpu, m)[0]),                     \
        .offset = offsetof(struct cpu, m) - STATE_OFFSET,                      \
        .size = sizeof(FIELD_AT(struct cpu, m)[0]),                            \
        .count = ARRAY_LEN(FIELD_AT(struct cpu, m))                            \
    }

#define ROW_STRUCT(m, n, table, h)                                             \
    {                                                                          \
        .name = #m, .help = h, .type = FIELD_STRUCT,                           \
        .offset = offsetof(struct cpu, m) - STATE_OFFSET,                      \
        .size = sizeof(FIELD_AT(struct cpu, m)) / (n), .count = (n),           \
        .sub = table                                                           \
    }

static const struct field segment_fields[] = {
    FIELD(struct segment, base, "linear address"),
    FIELD(struct segment, limit, "last byte"),
    FIELD(struct segment, selector, "visible part"),
    FIELD(struct segment, access, "P DPL S TYPE"),
    FIELD(struct segment, flags, "G D/B L AVL"),
    FIELD(struct segment, usable, "false: null"),
    FIELD_END,
};

static const struct field table_fields[] = {
    FIELD(struct table_reg, base, "linear address"),
    FIELD(struct table_reg, limit, "last byte"),
    FIELD_END,
};

static const struct field f80_fields[] = {
    FIELD(struct f80, frac, "significand"),
    FIELD(struct f80, se, "sign and exponent"),
    FIELD_END,
};

static const struct field fpu_fields[] = {
    FIELD_STRUCTS(struct fpu, r, f80_fields, "R0 to R7"),
    FIELD(struct fpu, cw, "control word"),
    FIELD(struct fpu, sw, "status word"),
    FIELD(struct fpu, tw, "tag word"),
    FIELD(struct fpu, fop, "last opcode"),
    FIELD(struct fpu, fip, "last instruction"),
    FIELD(struct fpu, fdp, "last operand"),
    FIELD(struct fpu, fcs, "last instruction's CS"),
    FIELD(struct fpu, fds, "last operand's segment"),
    FIELD_END,
};

static const struct field vec_fields[] = {
    FIELD_ARRAY(struct vec, b, "bytes"),
    FIELD_END,
};

static const struct field apic_fields[] = {
    FIELD(struct apic_regs, base, "IA32_APIC_BASE"),
    FIELD(struct apic_regs, id, "APIC ID"),
    FIELD(struct apic_regs, tpr, "task priority"),
    FIELD(struct apic_regs, ldr, "logical destination"),
    FIELD(struct apic_regs, dfr, "destination format"),
    FIELD(struct apic_regs, svr, "spurious interrupt vector"),
    FIELD(struct apic_regs, esr, "error status"),
    FIELD(struct apic_regs, esr_pending, "errors since the last write"),
    FIELD_ARRAY(struct apic_regs, isr, "in service"),
    FIELD_ARRAY(struct apic_regs, tmr, "trigger mode"),
    FIELD_ARRAY(struct apic_regs, irr, "requests"),
    FIELD(struct apic_regs, icr, "interrupt command"),
    FIELD_ARRAY(struct apic_regs, lvt, "local vector table"),
    FIELD(struct apic_regs, initial_count, "timer: initial count"),
    FIELD(struct apic_regs, divide, "timer: divide configuration"),
    FIELD(struct apic_regs, timer_start, "timer: tick of the last load"),
    FIELD(struct apic_regs, tsc_deadline, "timer: TSC deadline"),
    FIELD_END,
};

static const struct field msr_fields[] = {
    FIELD(struct cpu_msrs, star, "STAR"),
    FIELD(struct cpu_msrs, lstar, "LSTAR"),
    FIELD(struct cpu_msrs, cstar, "CSTAR"),
    FIELD(struct cpu_msrs, fmask, "FMASK"),
    FIELD(struct cpu_msrs, kernel_gs_base, "KERNEL_GS_BASE"),
    FIELD(struct cpu_msrs, tsc_aux, "TSC_AUX"),
    FIELD(struct cpu_msrs, sysenter_cs, "SYSENTER_CS"),
    FIELD(struct cpu_msrs, sysenter_esp, "SYSENTER_ESP"),
    FIELD(struct cpu_msrs, sysenter_eip, "SYSENTER_EIP"),
    FIELD(struct cpu_msrs, tsc_offset, "TSC minus ticks"),
    FIELD(struct cpu_msrs, tsc_adjust, "TSC_ADJUST"),
    FIELD(struct cpu_msrs, pat, "PAT"),
    FIELD(struct cpu_msrs, mtrr_def, "MTRR_DEF_TYPE"),
    FIELD_ARRAY(struct cpu_msrs, mtrr_phys, "MTRR_PHYSBASE"),
    FIELD_ARRAY(struct cpu_msrs, mtrr_mask, "MTRR_PHYSMASK"),
    FIELD_ARRAY(struct cpu_msrs, mtrr_fix, "fixed-range MTRRs"),
    FIELD(struct cpu_msrs, misc_enable, "MISC_ENABLE"),
    FIELD(struct cpu_msrs, debugctl, "DEBUGCTL"),
    FIELD(struct cpu_msrs, feature_control, "FEATURE_CONTROL"),
    FIELD(struct cpu_msrs, xss, "XSS"),
    FIELD_ARRAY(struct cpu_msrs, mc, "machine check banks"),
    FIELD(struct cpu_msrs, smi_count, "MSR_SMI_COUNT"),
    FIELD(struct cpu_msrs, power_ctl, "MSR_POWER_CTL"),
    FIELD_ARRAY(struct cpu_msrs, spare, "others"),
    FIELD_END,
};

static const struct field monitor_fields[] = {
    FIELD(struct monitor, paddr, "monitored line"),
    FIELD(struct monitor, armed, "MONITOR was executed"),
    FIELD_END,
};

static const struct field rng_fields[] = {
    FIELD_ARRAY(struct rng, s, "generator"),
    FIELD_END,
};

static const struct field cpu_fields[] = {
    ROW_ARRAY(gpr, "RAX RCX RDX RBX RSP RBP RSI RDI R8 to R15, 0"),
    ROW(rip, "next instruction"),
    ROW(rflags, "RFLAGS"),
    ROW_STRUCT(seg, SEG_COUNT, segment_fields, "ES CS SS DS FS GS LDTR TR"),
    ROW_STRUCT(gdtr, 1, table_fields, "GDTR"),
    ROW_STRUCT(idtr, 1, table_fields, "IDTR"),
    ROW(cr0, "CR0"),
    ROW(cr2, "CR2"),
    ROW(cr3, "CR3"),
    ROW(cr4, "CR4"),
    ROW(xcr0, "XCR0"),
    ROW(efer, "EFER"),
    ROW_ARRAY(pdpte, "PAE page-directory-pointer registers"),
    ROW_ARRAY(dr, "DR0 to DR7"),
    ROW(cpl, "current privilege level"),
    ROW(activity, "reserved"),
    ROW(nmi_masked, "NMI blocked until IRET"),
    ROW(in_smm, "in system-management mode"),
    ROW(intr_line, "INTR pin"),
    ROW(nmi_line, "NMI pin"),
    ROW(smi_line, "SMI# pin"),
    ROW(ignne, "IGNNE# pin"),
    ROW(events, "EV_* requests"),
    ROW(smbase, "SMBASE"),
    ROW(pending_dbg, "debug trap not yet delivered"),
    ROW(icount, "instructions retired"),
    ROW_STRUCT(fpu, 1, fpu_fields, "x87"),
    ROW_STRUCT(vec, 32, vec_fields, "vector registers"),
    ROW(mxcsr, "MXCSR"),
    ROW_STRUCT(apic, 1, apic_fields, "local APIC"),
    ROW_STRUCT(msr, 1, msr_fields, "model-specific registers"),
    ROW_STRUCT(monitor, 1, monitor_fields, "MONITOR"),
    ROW_STRUCT(rng, 1, rng_fields, "RDRAND and RDSEED"),
    FIELD_END,
};

static struct cpu *cpu_of(struct device *dev)
{
    return container_of(dev, struct cpu, dev);
}

static void cpu_class_reset(struct device *dev, enum reset_kind kind)
{
    (void)kind; /* both assert RESET# */
    cpu_reset(cpu_of(dev), true);
}

static void cpu_pre_save(struct device *dev)
{
    flags_sync(cpu_of(dev));
}

static bool reject(struct error *err, const char *why)
{
    return error_set(err, EXIT_BAD_DATA, "processor state: %s", why);
}

/* Values that no sequence of instructions could have left behind and that
 * other code relies on. */
static bool cpu_post_load(struct device *dev, struct error *err)
{
    struct cpu *c = cpu_of(dev);
    bool pe = c->cr0 & CR0_PE, pg = c->cr0 & CR0_PG;
    bool lma = c->efer & EFER_LMA;

    if (c->gpr[GPR_NIL] != 0)
        return reject(err, "the null register is not 0");
    if (c->rflags >> 22 || !(c->rflags & 2))
        return reject(err, "reserved bits in RFLAGS");
    if (c->cr0 >> 32 || (pg && !pe))
        return reject(err, "impossible CR0");
    if (lma != (pg && (c->efer & EFER_LME)) || (lma && !(c->cr4 & CR4_PAE)))
        return reject(err, "EFER, CR0 and CR4 disagree");
    if (c->rflags & EFL_VM && (!pe || lma || c->cpl != 3))
        return reject(err, "impossible virtual-8086 mode");
    if (c->cpl > 3 || (!pe && c->cpl != 0))
        return reject(err, "impossible privilege level");
    if (c->fpu.fop >> 11)
        return reject(err, "x87 opcode wider than 11 bits");
    if (c->apic.base >> paging_phys_bits(c))
        return reject(err, "APIC base beyond the address space");
    for (unsigned s = 0; s < SEG_COUNT; s++)
        if (c->seg[s].flags > 15 || !addr_canonical(c->seg[s].base))
            return reject(err, "impossible segment register");
    c->dr[6] = (c->dr[6] & 0xe00f) | DR6_FIXED;
    c->dr[7] = (c->dr[7] & 0xffff23ff) | DR7_FIXED;
    c->fl_kind = FL_EFLAGS;
    c->insn_rip = c->rip;
    c->fault_depth = 0;
    c->attention = true;
    cpu_update_mode(c);
    tlb_forget(c);
    apic_remap(c);
    return true;
}

const struct device_class cpu_class = {
    .name = "cpu",
    .summary = "x86 processor with local APIC",
    .size = sizeof(struct cpu),
    .state_offset = STATE_OFFSET,
    .state_size = STATE_SIZE,
    .state_version = 1,
    .fields = cpu_fields,
    .options = cpu_option_table,
    .init = cpu_class_init,
    .destroy = cpu_class_destroy,
    .reset = cpu_class_reset,
    .pre_save = cpu_pre_save,
    .post_load = cpu_post_load,
};
