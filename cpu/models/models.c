/*
 * models.c - the processor models, oldest first.
 *
 * Signatures, brands and caches: Intel processor identification (AP-485) and
 * the specification updates of the parts.
 */
#include "cpu/models/model.h"

#define F(x) FEAT_##x

#define BASE_386 F(8086), F(186), F(286), F(386NI), F(X87)
#define BASE_486 BASE_386, F(486NI)
#define BASE_P5                                                                \
    BASE_486, F(PENTIUM_NI), F(DEBUGEXT), F(VME), F(PSE), F(XAPIC)
#define BASE_P6                                                                \
    BASE_P5, F(P6NI), F(PAE), F(PGE), F(MTRR), F(SYSENTER_SYSEXIT), F(MMX)
#define BASE_CORE2                                                             \
    BASE_P6, F(PAT), F(SSE), F(SSE2), F(CLFLUSH), F(SSE3), F(SSSE3),           \
        F(SSE4_1), F(MWAIT), F(LONGMODE), F(LM_LAHF_SAHF), F(NX),              \
        F(CMPXHG16B)

static const uint16_t i386_features[] = {BASE_386, FEAT_COUNT};
static const uint16_t i486_features[] = {BASE_486, FEAT_COUNT};
static const uint16_t pentium_features[] = {BASE_P5, FEAT_COUNT};
static const uint16_t pentium_mmx_features[] = {BASE_P5, F(MMX), FEAT_COUNT};
static const uint16_t p2_features[] = {BASE_P6, FEAT_COUNT};
static const uint16_t p3_features[] = {BASE_P6, F(PAT), F(SSE), FEAT_COUNT};
static const uint16_t p4_features[] = {BASE_P6,   F(PAT),     F(SSE),
                                       F(SSE2),   F(CLFLUSH), FEAT_COUNT};
static const uint16_t core2_features[] = {BASE_CORE2, F(XSAVE), FEAT_COUNT};
static const uint16_t haswell_features[] = {
    BASE_CORE2,    F(XSAVE),    F(XSAVEOPT),      F(SSE4_2),
    F(POPCNT),     F(AVX),      F(AES_PCLMULQDQ), F(PCID),
    F(X2APIC),     F(RDTSCP),   F(TSC_DEADLINE),  F(AVX_F16C),
    F(RDRAND),     F(FSGSBASE), F(SMEP),          F(AVX2),
    F(AVX_FMA),    F(BMI1),     F(BMI2),          F(LZCNT),
    F(MOVBE),      F(INVPCID),  F(1G_PAGES),      F(TSC_ADJUST),
    FEAT_COUNT};

static const struct cpu_cache core2_caches[] = {
    {1, 1, 8, 64, 64}, {1, 2, 8, 64, 64}, {2, 3, 24, 64, 4096}, {0}};
static const struct cpu_cache haswell_caches[] = {{1, 1, 8, 64, 64},
                                                  {1, 2, 8, 64, 64},
                                                  {2, 3, 8, 64, 512},
                                                  {3, 3, 16, 64, 8192},
                                                  {0}};

/* Descriptor bytes, SDM vol. 2, table 3-12. */
static const uint32_t p2_leaf2[] = {0x03020101, 0, 0, 0x0c040843};
static const uint32_t p4_leaf2[] = {0x665b5001, 0, 0, 0x007a7040};
static const uint32_t core2_leaf2[] = {0x05b0b101, 0x005657f0, 0, 0x2cb4304e};
static const uint32_t haswell_leaf2[] = {0x76036301, 0x00f0b5ff, 0,
                                         0x00c10000};

static const struct cpu_model i386 = {
    .name = "i386", .summary = "Intel 386DX with a 387", .signature = 0x0308,
    .phys_bits = 32, .linear_bits = 32, .features = i386_features};
static const struct cpu_model i486dx4 = {
    .name = "i486dx4", .summary = "Intel 486DX4", .vendor = "GenuineIntel",
    .signature = 0x0480, .max_leaf = 1, .phys_bits = 32, .linear_bits = 32,
    .features = i486_features};
static const struct cpu_model pentium = {
    .name = "pentium", .summary = "Intel Pentium (P54C)",
    .vendor = "GenuineIntel", .signature = 0x052b, .max_leaf = 1,
    .phys_bits = 32, .linear_bits = 32, .features = pentium_features};
static const struct cpu_model pentium_mmx = {
    .name = "pentium_mmx", .summary = "Intel Pentium MMX (P55C)",
    .vendor = "GenuineIntel", .signature = 0x0543, .max_leaf = 1,
    .phys_bits = 32, .linear_bits = 32, .features = pentium_mmx_features};
static const struct cpu_model p2_klamath = {
    .name = "p2_klamath", .summary = "Intel Pentium II (Klamath)",
    .vendor = "GenuineIntel", .signature = 0x0634, .max_leaf = 2,
    .phys_bits = 36, .linear_bits = 32, .mtrr_count = 8, .leaf2 = p2_leaf2,
    .features = p2_features};
static const struct cpu_model p3_katmai = {
    .name = "p3_katmai", .summary = "Intel Pentium III (Katmai)",
    .vendor = "GenuineIntel", .signature = 0x0673, .max_leaf = 2,
    .phys_bits = 36, .linear_bits = 32, .mtrr_count = 8, .leaf2 = p2_leaf2,
    .features = p3_features};
static const struct cpu_model p4_willamette = {
    .name = "p4_willamette", .summary = "Intel Pentium 4 (Willamette)",
    .vendor = "GenuineIntel", .brand = "Intel(R) Pentium(R) 4 CPU 1.80GHz",
    .signature = 0x0f12, .max_leaf = 2, .max_ext_leaf = 0x80000004,
    .phys_bits = 36, .linear_bits = 32, .mtrr_count = 8, .leaf2 = p4_leaf2,
    .features = p4_features};
static const struct cpu_model core2_penryn = {
    .name = "core2_penryn_t9600", .summary = "Intel Mobile Core 2 Duo T9600",
    .vendor = "GenuineIntel",
    .brand = "Intel(R) Core(TM)2 Duo CPU     T9600  @ 2.80GHz",
    .signature = 0x1067a, .microcode = 0xa0b,
    .max_leaf = 13, .max_ext_leaf = 0x80000008,
    .phys_bits = 36, .linear_bits = 48, .mtrr_count = 8,
    .caches = core2_caches, .leaf2 = core2_leaf2, .features = core2_features};
static const struct cpu_model haswell = {
    .name = "corei7_haswell_4770", .summary = "Intel Core i7-4770 (Haswell)",
    .vendor = "GenuineIntel",
    .brand = "Intel(R) Core(TM) i7-4770 CPU @ 3.40GHz",
    .signature = 0x306c3, .microcode = 0x28,
    .max_leaf = 13, .max_ext_leaf = 0x80000008,
    .phys_bits = 39, .linear_bits = 48, .mtrr_count = 10,
    .caches = haswell_caches, .leaf2 = haswell_leaf2,
    .features = haswell_features};

const struct cpu_model *const cpu_models[] = {
    &cpu_model_i8086, &cpu_model_i80286, &i386,       &i486dx4,
    &pentium,         &pentium_mmx,      &p2_klamath, &p3_katmai,
    &p4_willamette,   &core2_penryn,     &haswell,    NULL};

const struct cpu_model *cpu_model_find(const char *name)
{
    for (unsigned n = 0; cpu_models[n]; n++)
        if (!strcmp(cpu_models[n]->name, name))
            return cpu_models[n];
    return NULL;
}
