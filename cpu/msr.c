/*
 * msr.c - model-specific registers: one table, a few with behaviour.
 *
 * SDM vol. 4. A register that the model lacks gives #GP, or reads 0 and
 * ignores writes with the option ignore_bad_msrs.
 */
#include "cpu/msr.h"
#include "cpu/apic.h"
#include "cpu/cr.h"
#include "cpu/models/model.h"
#include "cpu/seg.h"

enum { MSR_CANONICAL = 1, MSR_READ_ONLY = 2 };

/* A register that is only storage: where, and which bits may be set. */
struct msr_row {
    uint32_t index;
    uint32_t offset; /* in struct cpu */
    uint64_t mask;
    uint16_t feature;
    uint8_t flags;
};

#define AT(m)    offsetof(struct cpu, m)
#define ALL_BITS UINT64_MAX

static const struct msr_row msr_rows[] = {
    {0x174, AT(msr.sysenter_cs), 0xffffffff, FEAT_SYSENTER_SYSEXIT, 0},
    {0x175, AT(msr.sysenter_esp), ALL_BITS, FEAT_SYSENTER_SYSEXIT,
     MSR_CANONICAL},
    {0x176, AT(msr.sysenter_eip), ALL_BITS, FEAT_SYSENTER_SYSEXIT,
     MSR_CANONICAL},
    {0x1a0, AT(msr.misc_enable), UINT64_C(0x467f8f3f9), FEAT_SSE2, 0},
    {0x1d9, AT(msr.debugctl), 0x1ffc3, FEAT_P6NI, 0},
    {0x34, AT(msr.smi_count), 0, FEAT_SSE4_2, MSR_READ_ONLY},
    {0x1fc, AT(msr.power_ctl), 0xffffffff, FEAT_SSE4_2, 0},
    {0x2ff, AT(msr.mtrr_def), 0xcff, FEAT_MTRR, 0},
    {0xc0000081, AT(msr.star), ALL_BITS, FEAT_LONGMODE, 0},
    {0xc0000082, AT(msr.lstar), ALL_BITS, FEAT_LONGMODE, MSR_CANONICAL},
    {0xc0000083, AT(msr.cstar), ALL_BITS, FEAT_LONGMODE, MSR_CANONICAL},
    {0xc0000084, AT(msr.fmask), 0xffffffff, FEAT_LONGMODE, 0},
    {0xc0000100, AT(seg[SEG_FS].base), ALL_BITS, FEAT_LONGMODE, MSR_CANONICAL},
    {0xc0000101, AT(seg[SEG_GS].base), ALL_BITS, FEAT_LONGMODE, MSR_CANONICAL},
    {0xc0000102, AT(msr.kernel_gs_base), ALL_BITS, FEAT_LONGMODE,
     MSR_CANONICAL},
    {0xc0000103, AT(msr.tsc_aux), 0xffffffff, FEAT_RDTSCP, 0},
    {0xda0, AT(msr.xss), 0, FEAT_XSAVES, 0},
};

static const struct msr_row *find_row(const struct cpu *c, uint32_t index)
{
    for (unsigned n = 0; n < ARRAY_LEN(msr_rows); n++)
        if (msr_rows[n].index == index)
            return cpu_has(c, (enum cpu_feature)msr_rows[n].feature)
                       ? &msr_rows[n]
                       : NULL;
    return NULL;
}

static uint64_t *row_at(struct cpu *c, const struct msr_row *r)
{
    return (uint64_t *)(void *)((char *)c + r->offset);
}

/* ---- memory types (SDM vol. 3, 11.11 and 11.12) ---- */

static bool valid_types(uint64_t v, unsigned bytes)
{
    static const uint8_t ok[8] = {1, 1, 0, 0, 1, 1, 1, 1}; /* 7: UC- */

    for (; bytes; bytes--, v >>= 8)
        if ((v & 0xff) > 7 || !ok[v & 7])
            return false;
    return true;
}

static uint64_t *mtrr_at(struct cpu *c, uint32_t index)
{
    static const uint16_t fixed[11] = {0x250, 0x258, 0x259, 0x268, 0x269, 0x26a,
                                       0x26b, 0x26c, 0x26d, 0x26e, 0x26f};

    if (!cpu_has(c, FEAT_MTRR))
        return NULL;
    if (index >= 0x200 && index < 0x200 + 2u * c->model->mtrr_count &&
        index - 0x200 < ARRAY_LEN(c->msr.mtrr_phys) * 2)
        return index & 1 ? &c->msr.mtrr_mask[(index - 0x200) / 2]
                         : &c->msr.mtrr_phys[(index - 0x200) / 2];
    for (unsigned n = 0; n < ARRAY_LEN(fixed); n++)
        if (fixed[n] == index)
            return &c->msr.mtrr_fix[n];
    return NULL;
}

static bool mtrr_write(struct cpu *c, uint32_t index, uint64_t v)
{
    uint64_t *at = mtrr_at(c, index);
    uint64_t wide = (UINT64_C(1) << c->model->phys_bits) - 1;

    if (index >= 0x250) {
        if (!valid_types(v, 8))
            return false;
    } else if (index & 1) {
        if (v & ~((wide & ~UINT64_C(0xfff)) | 0x800))
            return false;
    } else if (v & ~((wide & ~UINT64_C(0xfff)) | 0xff) || !valid_types(v, 1)) {
        return false;
    }
    *at = v;
    return true;
}

/* ---- those that do something ---- */

/* Every model since Core 2 has IA32_FEATURE_CONTROL, with VMX or without. */
static bool has_feature_control(const struct cpu *c)
{
    return cpu_has(c, FEAT_VMX) || cpu_has(c, FEAT_SSSE3);
}

static bool feature_control_write(struct cpu *c, uint64_t v)
{
    uint64_t mask = cpu_has(c, FEAT_VMX) ? 0xffff : 1;

    if (!has_feature_control(c) || v & ~mask || c->msr.feature_control & 1)
        return false; /* bit 0 locks it until the next reset */
    c->msr.feature_control = v;
    return true;
}

static bool special_read(struct cpu *c, uint32_t index, uint64_t *v)
{
    switch (index) {
    case 0x10:
        if (!cpu_has(c, FEAT_PENTIUM_NI))
            return false;
        *v = cpu_ticks(c) + c->msr.tsc_offset;
        return true;
    case 0x1b:
        *v = c->apic.base;
        return cpu_has(c, FEAT_XAPIC);
    case 0x17: /* platform id */
    case 0x2a: /* power-on configuration */
    case 0xcd: /* bus speed */
    case 0x119:
    case 0x198:
    case 0x19a:
    case 0x19b:
    case 0x19c:
        *v = 0;
        return cpu_has(c, FEAT_P6NI);
    case 0x8b: /* microcode revision, as if CPUID 1 had been asked before */
        *v = (uint64_t)c->model->microcode << 32;
        return cpu_has(c, FEAT_P6NI);
    case 0xce: /* ratios: 34 times 100 MHz, at least 8 */
        *v = UINT64_C(34) << 8 | UINT64_C(8) << 40;
        return cpu_has(c, FEAT_AVX);
    case 0x140: /* nothing of it is there */
        *v = 0;
        return cpu_has(c, FEAT_AVX);
    case 0x3a:
        *v = c->msr.feature_control;
        return has_feature_control(c);
    case 0x3b:
        *v = c->msr.tsc_adjust;
        return cpu_has(c, FEAT_TSC_ADJUST);
    case 0xfe:
        *v = (uint64_t)(0x500 | c->model->mtrr_count);
        return cpu_has(c, FEAT_MTRR);
    case 0x179: /* machine check: no banks */
    case 0x17a:
    case 0:
    case 1:
        *v = 0;
        return cpu_has(c, FEAT_PENTIUM_NI);
    case 0x277:
        *v = c->msr.pat;
        return cpu_has(c, FEAT_PAT);
    case 0x6e0:
        *v = c->apic.tsc_deadline;
        return cpu_has(c, FEAT_TSC_DEADLINE);
    case 0xc0000080:
        *v = c->efer;
        return cpu_has(c, FEAT_NX) || cpu_has(c, FEAT_LONGMODE);
    default:
        break;
    }
    if (index >= 0x800 && index < 0x840 && cpu_has(c, FEAT_X2APIC))
        return apic_msr_read(c, index, v);
    return false;
}

static void tsc_write(struct cpu *c, uint64_t v)
{
    uint64_t offset = v - cpu_ticks(c);

    c->msr.tsc_adjust += offset - c->msr.tsc_offset;
    c->msr.tsc_offset = offset;
}

static bool special_write(struct cpu *c, uint32_t index, uint64_t v)
{
    switch (index) {
    case 0x10:
        if (!cpu_has(c, FEAT_PENTIUM_NI))
            return false;
        tsc_write(c, v);
        return true;
    case 0x1b:
        cpu_sync_clock(c);
        return cpu_has(c, FEAT_XAPIC) && apic_base_write(c, v);
    case 0x17:
    case 0x2a:
    case 0x79: /* microcode update: taken and forgotten */
    case 0x8b:
    case 0x119:
    case 0x19a:
    case 0x19b:
    case 0x19c:
        return cpu_has(c, FEAT_P6NI);
    case 0x140:
        return cpu_has(c, FEAT_AVX) && !v;
    case 0x3a:
        return feature_control_write(c, v);
    case 0x3b:
        if (!cpu_has(c, FEAT_TSC_ADJUST))
            return false;
        c->msr.tsc_offset += v - c->msr.tsc_adjust;
        c->msr.tsc_adjust = v;
        return true;
    case 0x17a:
    case 0:
    case 1:
        return cpu_has(c, FEAT_PENTIUM_NI);
    case 0x277:
        if (!cpu_has(c, FEAT_PAT) || !valid_types(v, 8))
            return false;
        c->msr.pat = v;
        return true;
    case 0x6e0:
        if (!cpu_has(c, FEAT_TSC_DEADLINE))
            return false;
        cpu_sync_clock(c);
        apic_set_tsc_deadline(c, v);
        return true;
    case 0xc0000080:
        return (cpu_has(c, FEAT_NX) || cpu_has(c, FEAT_LONGMODE)) &&
               efer_write(c, v);
    default:
        break;
    }
    if (index >= 0x800 && index < 0x840 && cpu_has(c, FEAT_X2APIC))
        return apic_msr_write(c, index, v);
    return false;
}

static bool known_read(struct cpu *c, uint32_t index, uint64_t *value)
{
    const struct msr_row *r = find_row(c, index);
    const uint64_t *mtrr = mtrr_at(c, index);

    if (r)
        *value = *row_at(c, r);
    else if (mtrr)
        *value = *mtrr;
    else
        return special_read(c, index, value);
    return true;
}

static bool known_write(struct cpu *c, uint32_t index, uint64_t value)
{
    const struct msr_row *r = find_row(c, index);

    if (r) {
        if (value & ~r->mask ||
            (r->flags & MSR_CANONICAL && !addr_canonical(value)) ||
            r->flags & MSR_READ_ONLY)
            return false;
        *row_at(c, r) = value;
        if (index == 0xc0000100 || index == 0xc0000101)
            cpu_update_seg(c, index == 0xc0000100 ? SEG_FS : SEG_GS);
        return true;
    }
    if (mtrr_at(c, index))
        return mtrr_write(c, index, value);
    return special_write(c, index, value);
}

/* Registers of other models that systems look for, ready for the fault. */
static bool often_probed(uint32_t index)
{
    static const uint32_t list[] = {
        0xc1,       0xc2,  /* performance counters */
        0xce,              /* PLATFORM_INFO, since Nehalem */
        0x140,             /* MISC_FEATURES_ENABLES, since Ivy Bridge */
        0x186,      0x187, /* performance event selects */
        0xc0010015,        /* AMD: HWCR */
        0xc0011029,        /* AMD: DE_CFG */
    };

    for (unsigned n = 0; n < ARRAY_LEN(list); n++)
        if (list[n] == index)
            return true;
    return false;
}

static enum log_level level_of(uint32_t index)
{
    return often_probed(index) ? LOG_DEBUG : LOG_ERROR;
}

bool msr_read(struct cpu *c, uint32_t index, uint64_t *value)
{
    if (known_read(c, index, value))
        return true;
    log_at(&c->dev.log, level_of(index), "RDMSR: unknown register %08x", index);
    *value = 0;
    return c->opt.ignore_bad_msrs;
}

bool msr_write(struct cpu *c, uint32_t index, uint64_t value)
{
    uint64_t is;

    if (known_write(c, index, value))
        return true;
    log_at(&c->dev.log, level_of(index),
           "WRMSR: %016llx to register %08x refused", (unsigned long long)value,
           index);
    /* A register that exists refuses a bad value in any case. */
    return c->opt.ignore_bad_msrs && !known_read(c, index, &is);
}
