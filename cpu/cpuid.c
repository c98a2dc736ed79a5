/*
 * cpuid.c - CPUID, made from the model's table and its feature set.
 *
 * SDM vol. 2, CPUID. Which bit announces which feature is stated once, in
 * cpuid_bits.
 */
#include "cpu/ops_sys.h"
#include "cpu/models/model.h"

enum { EAX_, EBX_, ECX_, EDX_ };

struct cpuid_bit {
    uint32_t leaf;
    uint8_t reg, bit;
    uint16_t feature;
};

static const struct cpuid_bit cpuid_bits[] = {
    {1, EDX_, 0, FEAT_X87},
    {1, EDX_, 1, FEAT_VME},
    {1, EDX_, 2, FEAT_DEBUGEXT},
    {1, EDX_, 3, FEAT_PSE},
    {1, EDX_, 4, FEAT_PENTIUM_NI},  /* TSC */
    {1, EDX_, 5, FEAT_PENTIUM_NI},  /* MSR */
    {1, EDX_, 6, FEAT_PAE},
    {1, EDX_, 7, FEAT_PENTIUM_NI},  /* MCE */
    {1, EDX_, 8, FEAT_PENTIUM_NI},  /* CX8 */
    {1, EDX_, 11, FEAT_SYSENTER_SYSEXIT},
    {1, EDX_, 12, FEAT_MTRR},
    {1, EDX_, 13, FEAT_PGE},
    {1, EDX_, 14, FEAT_P6NI},       /* MCA */
    {1, EDX_, 15, FEAT_P6NI},       /* CMOV */
    {1, EDX_, 16, FEAT_PAT},
    {1, EDX_, 17, FEAT_PAT},        /* PSE-36 came with it */
    {1, EDX_, 19, FEAT_CLFLUSH},
    {1, EDX_, 23, FEAT_MMX},
    {1, EDX_, 24, FEAT_SSE},        /* FXSR */
    {1, EDX_, 25, FEAT_SSE},
    {1, EDX_, 26, FEAT_SSE2},
    {1, EDX_, 27, FEAT_SSE2},       /* self snoop */
    {1, ECX_, 0, FEAT_SSE3},
    {1, ECX_, 1, FEAT_AES_PCLMULQDQ},
    {1, ECX_, 3, FEAT_MWAIT},
    {1, ECX_, 9, FEAT_SSSE3},
    {1, ECX_, 12, FEAT_AVX_FMA},
    {1, ECX_, 13, FEAT_CMPXHG16B},
    {1, ECX_, 17, FEAT_PCID},
    {1, ECX_, 19, FEAT_SSE4_1},
    {1, ECX_, 20, FEAT_SSE4_2},
    {1, ECX_, 21, FEAT_X2APIC},
    {1, ECX_, 22, FEAT_MOVBE},
    {1, ECX_, 23, FEAT_POPCNT},
    {1, ECX_, 24, FEAT_TSC_DEADLINE},
    {1, ECX_, 25, FEAT_AES_PCLMULQDQ},
    {1, ECX_, 26, FEAT_XSAVE},
    {1, ECX_, 28, FEAT_AVX},
    {1, ECX_, 29, FEAT_AVX_F16C},
    {1, ECX_, 30, FEAT_RDRAND},
    {7, EBX_, 0, FEAT_FSGSBASE},
    {7, EBX_, 1, FEAT_TSC_ADJUST},
    {7, EBX_, 3, FEAT_BMI1},
    {7, EBX_, 5, FEAT_AVX2},
    {7, EBX_, 7, FEAT_SMEP},
    {7, EBX_, 8, FEAT_BMI2},
    {7, EBX_, 9, FEAT_AVX2},        /* ERMS came with it */
    {7, EBX_, 10, FEAT_INVPCID},
    {7, EBX_, 18, FEAT_RDSEED},
    {7, EBX_, 19, FEAT_ADX},
    {7, EBX_, 20, FEAT_SMAP},
    {7, EBX_, 23, FEAT_CLFLUSHOPT},
    {7, EBX_, 24, FEAT_CLWB},
    {7, EBX_, 29, FEAT_SHA},
    {7, ECX_, 2, FEAT_UMIP},
    {7, ECX_, 3, FEAT_PKU},
    {7, ECX_, 8, FEAT_GFNI},
    {7, ECX_, 9, FEAT_VAES_VPCLMULQDQ},
    {7, ECX_, 10, FEAT_VAES_VPCLMULQDQ},
    {7, ECX_, 22, FEAT_RDPID},
    {7, ECX_, 27, FEAT_MOVDIRI},
    {7, EDX_, 14, FEAT_SERIALIZE},
    {0x80000001, EDX_, 20, FEAT_NX},
    {0x80000001, EDX_, 26, FEAT_1G_PAGES},
    {0x80000001, EDX_, 27, FEAT_RDTSCP},
    {0x80000001, EDX_, 29, FEAT_LONGMODE},
    {0x80000001, ECX_, 0, FEAT_LM_LAHF_SAHF},
    {0x80000001, ECX_, 4, FEAT_ALTMOVCR8},
    {0x80000001, ECX_, 5, FEAT_LZCNT},
    {0x80000001, ECX_, 6, FEAT_SSE4A},
    {0x80000001, ECX_, 7, FEAT_MISALIGNED_SSE},
    {0x80000001, ECX_, 8, FEAT_3DNOW}, /* PREFETCHW */
    {0x80000001, ECX_, 29, FEAT_MWAITX},
    {0x80000001, EDX_, 22, FEAT_3DNOW_EXT}, /* AMD's additions to MMX */
    {0x80000001, EDX_, 25, FEAT_FFXSR},
    {0x80000001, EDX_, 30, FEAT_3DNOW_EXT},
    {0x80000001, EDX_, 31, FEAT_3DNOW},
    {0x80000008, EBX_, 0, FEAT_CLZERO},
};

static void announce(const struct cpu *c, uint32_t leaf, uint32_t out[4])
{
    for (unsigned n = 0; n < ARRAY_LEN(cpuid_bits); n++) {
        const struct cpuid_bit *b = &cpuid_bits[n];

        if (b->leaf == leaf && cpu_has(c, (enum cpu_feature)b->feature))
            out[b->reg] |= UINT32_C(1) << b->bit;
    }
}

static void leaf1(const struct cpu *c, uint32_t out[4])
{
    out[EAX_] = c->model->signature;
    out[EBX_] = c->apic.id << 24 | 1 << 16;
    if (cpu_has(c, FEAT_CLFLUSH))
        out[EBX_] |= 64 / 8 << 8;
    announce(c, 1, out);
    if (cpu_has(c, FEAT_XAPIC) && c->apic.base >> 11 & 1)
        out[EDX_] |= 1u << 9;
    if (c->cr4 & CR4_OSXSAVE)
        out[ECX_] |= 1u << 27;
}

/* Deterministic cache parameters. */
static void leaf4(const struct cpu *c, uint32_t sub, uint32_t out[4])
{
    const struct cpu_cache *k = c->model->caches;

    for (; k && k->level && sub; k++, sub--)
        ;
    if (!k || !k->level)
        return;
    out[EAX_] = k->type | (uint32_t)k->level << 5 | 1u << 8;
    out[EBX_] = (uint32_t)(k->line - 1) | (uint32_t)(k->ways - 1) << 22;
    out[ECX_] = k->sets - 1u;
}

static void leaf5(const struct cpu *c, uint32_t out[4])
{
    if (!cpu_has(c, FEAT_MWAIT))
        return;
    out[EAX_] = out[EBX_] = 64;
    out[ECX_] = 3;
    out[EDX_] = 0x20;
}

/* The timer of the local APIC runs in every sleep state. */
static void leaf6(const struct cpu *c, uint32_t out[4])
{
    if (cpu_has(c, FEAT_TSC_DEADLINE))
        out[EAX_] = 1u << 2;
}

/* x2APIC topology: one thread, one core. */
static void leaf11(const struct cpu *c, uint32_t sub, uint32_t out[4])
{
    out[ECX_] = sub;
    out[EDX_] = c->apic.id;
    if (sub < 2) {
        out[EBX_] = 1;
        out[ECX_] |= (sub + 1) << 8;
    }
}

uint32_t cpuid_xsave_size(uint64_t mask)
{
    return mask & 4 ? 576 + 256 : 576;
}

static uint64_t xsave_supported(const struct cpu *c)
{
    return cpu_has(c, FEAT_AVX) ? 7 : 3;
}

static void leaf13(const struct cpu *c, uint32_t sub, uint32_t out[4])
{
    if (!cpu_has(c, FEAT_XSAVE))
        return;
    if (sub == 0) {
        out[EAX_] = (uint32_t)xsave_supported(c);
        out[EBX_] = cpuid_xsave_size(c->xcr0);
        out[ECX_] = cpuid_xsave_size(xsave_supported(c));
    } else if (sub == 1) {
        out[EAX_] = cpu_has(c, FEAT_XSAVEOPT) | cpu_has(c, FEAT_XSAVEC) << 1 |
                    cpu_has(c, FEAT_XSAVES) << 3;
    } else if (sub == 2 && cpu_has(c, FEAT_AVX)) {
        out[EAX_] = 256;
        out[EBX_] = 576;
    }
}

static void brand(const struct cpu *c, uint32_t leaf, uint32_t out[4])
{
    char text[48] = {0};
    const char *s = c->opt.brand_string && *c->opt.brand_string
                        ? c->opt.brand_string
                        : c->model->brand;

    if (s)
        memcpy(text, s, strlen(s) < 47 ? strlen(s) : 47);
    for (unsigned r = 0; r < 4; r++)
        out[r] = ld_le32(text + 16 * (leaf - 0x80000002) + 4 * r);
}

static void extended(const struct cpu *c, uint32_t leaf, uint32_t out[4])
{
    switch (leaf) {
    case 0x80000000:
        out[EAX_] = c->model->max_ext_leaf;
        break;
    case 0x80000001:
        announce(c, leaf, out);
        if (cpu_has(c, FEAT_LONGMODE) && c->mode == MODE_LONG64)
            out[EDX_] |= 1u << 11; /* SYSCALL, as Intel reports it */
        break;
    case 0x80000002:
    case 0x80000003:
    case 0x80000004:
        brand(c, leaf, out);
        break;
    case 0x80000006:
        for (const struct cpu_cache *k = c->model->caches; k && k->level; k++)
            if (k->level == 2)
                out[ECX_] = 64 | 8u << 12 |
                            (uint32_t)k->ways * k->line * k->sets / 1024 << 16;
        break;
    case 0x80000007:
        out[EDX_] = 1u << 8; /* the TSC is the clock itself */
        break;
    case 0x80000008:
        announce(c, leaf, out);
        out[EAX_] = c->model->phys_bits | c->model->linear_bits << 8;
        break;
    default:
        break;
    }
}

static void vendor(const struct cpu *c, uint32_t out[4])
{
    const char *v = c->model->vendor;

    out[EAX_] = c->opt.cpuid_limit_winnt && c->model->max_leaf > 2
                    ? 2
                    : c->model->max_leaf;
    out[EBX_] = ld_le32(v);
    out[EDX_] = ld_le32(v + 4);
    out[ECX_] = ld_le32(v + 8);
}

void cpuid_read(const struct cpu *c, uint32_t leaf, uint32_t sub,
                uint32_t out[4])
{
    memset(out, 0, 4 * sizeof *out);
    if (leaf >= 0x80000000 && c->model->max_ext_leaf) {
        if (leaf <= c->model->max_ext_leaf) {
            extended(c, leaf, out);
            return;
        }
    }
    if (leaf > c->model->max_leaf) /* SDM: data of the highest basic leaf */
        leaf = c->model->max_leaf;
    switch (leaf) {
    case 0:
        vendor(c, out);
        break;
    case 1:
        leaf1(c, out);
        break;
    case 2:
        if (c->model->leaf2)
            memcpy(out, c->model->leaf2, 4 * sizeof *out);
        break;
    case 4:
        leaf4(c, sub, out);
        break;
    case 5:
        leaf5(c, out);
        break;
    case 6:
        leaf6(c, out);
        break;
    case 7:
        if (sub == 0)
            announce(c, 7, out);
        break;
    case 11:
        if (cpu_has(c, FEAT_X2APIC))
            leaf11(c, sub, out);
        break;
    case 13:
        leaf13(c, sub, out);
        break;
    default:
        break;
    }
}

void op_cpuid(struct cpu *c, const struct decoded *d)
{
    uint32_t out[4];

    (void)d;
    if (!c->model->vendor)
        cpu_fault(c, EXC_UD);
    cpuid_read(c, (uint32_t)c->gpr[RAX], (uint32_t)c->gpr[RCX], out);
    c->gpr[RAX] = out[EAX_];
    c->gpr[RBX] = out[EBX_];
    c->gpr[RCX] = out[ECX_];
    c->gpr[RDX] = out[EDX_];
}
