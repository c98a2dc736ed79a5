/*
 * cpu.c - the processors: who they are, memory types, interrupts.
 *
 * Intel SDM volume 3: 11.11 (MTRRs).
 */
#include "bios/post/post.h"

enum { FEATURE_APIC = 1 << 9, FEATURE_MTRR = 1 << 12, FEATURE_MSR = 1 << 5 };
enum {
    MTRRCAP = 0xfe,
    MTRR_BASE0 = 0x200,
    MTRR_MASK0 = 0x201,
    MTRR_64K = 0x250,
    MTRR_16K = 0x258,
    MTRR_4K = 0x268,
    MTRR_DEFAULT = 0x2ff
};
enum { CR0_CD = 0x40000000, CR0_NW = 0x20000000 };
enum { UC = 0, WP = 5, WB = 6 };

#define MTRR_ENABLE       0x800u
#define MTRR_FIXED_ENABLE 0x400u

#define IOAPIC_AT         0xfec00000u
#define LAPIC_AT          0xfee00000u

struct cpu_info cpu;

static bool flag_sticks(u32 flag)
{
    u32 before, after;

    __asm__ volatile("pushfl\n\tpopl %0\n\tmovl %0, %1\n\txorl %2, %1\n\t"
                     "pushl %1\n\tpopfl\n\tpushfl\n\tpopl %1\n\t"
                     "pushl %0\n\tpopfl"
                     : "=&r"(before), "=&r"(after)
                     : "r"(flag)
                     : "cc");
    return (before ^ after) & flag;
}

static void cpuid(u32 leaf, u32 r[4])
{
    __asm__ volatile("cpuid"
                     : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
                     : "a"(leaf), "c"(0));
}

static u64 rdmsr(u32 msr)
{
    u64 v;

    __asm__ volatile("rdmsr" : "=A"(v) : "c"(msr));
    return v;
}

static void wrmsr(u32 msr, u64 v)
{
    __asm__ volatile("wrmsr" : : "c"(msr), "A"(v) : "memory");
}

/* ---- memory types -------------------------------------------------------- */

static void fixed(u32 msr, u8 type)
{
    u32 four = type * 0x01010101u;

    wrmsr(msr, (u64)four << 32 | four);
}

static u64 address_mask(void)
{
    u32 r[4];
    unsigned bits = 36;

    cpuid(0x80000000, r);
    if (r[0] >= 0x80000008) {
        cpuid(0x80000008, r);
        bits = r[0] & 0xff;
    }
    return ((u64)1 << bits) - 1;
}

/* Write-back by default; A0000h-BFFFFh and 3.5-4 GiB uncached, the ROMs
 * write-protected. The same on each processor, whose caches are turned on. */
void mtrr_init(void)
{
    u64 cap, mask;
    u32 cr0;

    cap = rdmsr(MTRRCAP);
    mask = address_mask();
    wrmsr(MTRR_DEFAULT, 0);
    if (cap & 0x100) {
        fixed(MTRR_64K, WB);
        fixed(MTRR_16K, WB);
        fixed(MTRR_16K + 1, UC);
        for (unsigned n = 0; n < 8; n++)
            fixed(MTRR_4K + n, n < 5 ? WP : WB);
        for (unsigned n = 5; n < 8; n++)
            fixed(MTRR_4K + n, WP);
        /* EC000h-EFFFFh, the data segment, is written to. */
        wrmsr(MTRR_4K + 5,
              (u64)WB * 0x0101010100000000ull + (u64)(WP * 0x01010101u));
    }
    for (unsigned n = 0; n < (cap & 0xff); n++) {
        wrmsr(MTRR_BASE0 + 2 * n, 0);
        wrmsr(MTRR_MASK0 + 2 * n, 0);
    }
    if (cap & 0xff) {
        wrmsr(MTRR_BASE0, 0xe0000000u | UC);
        wrmsr(MTRR_MASK0, (mask & ~(u64)0x1fffffff) | MTRR_ENABLE);
    }
    wrmsr(MTRR_DEFAULT,
          MTRR_ENABLE | (cap & 0x100 ? MTRR_FIXED_ENABLE : 0) | WB);
    __asm__ volatile("wbinvd\n\tmovl %%cr0, %0\n\tandl %1, %0\n\t"
                     "movl %0, %%cr0"
                     : "=&r"(cr0)
                     : "i"(~(CR0_CD | CR0_NW))
                     : "memory");
}

/* ---- identity ------------------------------------------------------------ */

static void identify(void)
{
    u32 r[4];

    cpuid(0, r);
    memcpy(cpu.vendor, &r[1], 4);
    memcpy(cpu.vendor + 4, &r[3], 4);
    memcpy(cpu.vendor + 8, &r[2], 4);
    if (r[0] >= 1) {
        cpuid(1, r);
        cpu.signature = r[0];
        cpu.features = r[3];
        cpu.apic_id[0] = (u8)(r[1] >> 24);
    }
    cpu.has_apic = cpu.features & FEATURE_APIC;
    cpu.has_mtrr = (cpu.features & (FEATURE_MTRR | FEATURE_MSR)) ==
                   (FEATURE_MTRR | FEATURE_MSR);
    cpuid(0x80000000, r);
    if (r[0] >= 0x80000004)
        for (u32 n = 0; n < 3; n++) {
            cpuid(0x80000002 + n, r);
            memcpy(cpu.brand + 16 * n, r, 16);
        }
}

/* Virtual wire mode, MP 1.4 section 3.6.2.2: the 8259s through LINT0, NMI
 * through LINT1. */
static void local_apic_init(void)
{
    *mem32(LAPIC_AT + 0xf0) = 0x1ff; /* spurious vector, enabled */
    *mem32(LAPIC_AT + 0x350) = 0x700;
    *mem32(LAPIC_AT + 0x360) = 0x400;
}

/* The I/O APIC's number follows those of the processors. */
static void ioapic_init(void)
{
    u32 version;

    *mem32(IOAPIC_AT) = 1;
    version = *mem32(IOAPIC_AT + 0x10);
    cpu.has_ioapic = (version & 0xff) >= 0x03 && version != 0xffffffff;
    if (!cpu.has_ioapic)
        return;
    cpu.ioapic_id = (u8)cpu.count;
    *mem32(IOAPIC_AT) = 0;
    *mem32(IOAPIC_AT + 0x10) = (u32)cpu.ioapic_id << 24;
}

void cpu_init(void)
{
    cpu.count = 1;
    cpu.has_cpuid = flag_sticks(1u << 21);
    if (!cpu.has_cpuid)
        return;
    identify();
    bd.has_mtrr = cpu.has_mtrr;
    bd.has_smm = (cpu.signature >> 8 & 15) >= 5;
    if (cpu.has_mtrr)
        mtrr_init();
    if (cpu.has_apic) {
        local_apic_init();
        smp_start();
        for (unsigned n = 0; n < bd.ap_count; n++)
            cpu.apic_id[cpu.count++] = bd.ap_id[n];
        ioapic_init();
    }
    if (cpu.count > 1)
        debug("%u processors\n", cpu.count);
    debug("processor: %s %x %s\n", cpu.vendor, cpu.signature, cpu.brand);
}
