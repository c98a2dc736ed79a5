/*
 * features.h - the names of what a processor model can do.
 *
 * A name is what x86.tab's feature column, the model tables and the options
 * add_features and exclude_features say. 8086, 186 and 286 are the levels
 * below 386ni; like_8086 and like_286 gate rows for what only those parts do.
 */
#ifndef CPU_FEATURES_H
#define CPU_FEATURES_H

#include <stdbool.h>
#include <stdint.h>

/* F(enumerator suffix, name) for each feature. */
#define CPU_FEATURES(F)                                                        \
    F(8086, "8086")                                                            \
    F(186, "186")                                                              \
    F(286, "286")                                                              \
    F(LIKE_8086, "like_8086")                                                  \
    F(LIKE_286, "like_286")                                                    \
    F(386NI, "386ni")                                                          \
    F(X87, "x87")                                                              \
    F(486NI, "486ni")                                                          \
    F(PENTIUM_NI, "pentium_ni")                                                \
    F(P6NI, "p6ni")                                                            \
    F(MMX, "mmx")                                                              \
    F(3DNOW, "3dnow")                                                          \
    F(3DNOW_EXT, "3dnow_ext")                                                  \
    F(DEBUGEXT, "debugext")                                                    \
    F(VME, "vme")                                                              \
    F(PSE, "pse")                                                              \
    F(PAE, "pae")                                                              \
    F(PGE, "pge")                                                              \
    F(MTRR, "mtrr")                                                            \
    F(PAT, "pat")                                                              \
    F(LEGACY_SYSCALL_SYSRET, "legacy_syscall_sysret")                          \
    F(SYSENTER_SYSEXIT, "sysenter_sysexit")                                    \
    F(CLFLUSH, "clflush")                                                      \
    F(CLFLUSHOPT, "clflushopt")                                                \
    F(CLWB, "clwb")                                                            \
    F(SSE, "sse")                                                              \
    F(SSE2, "sse2")                                                            \
    F(SSE3, "sse3")                                                            \
    F(SSSE3, "ssse3")                                                          \
    F(SSE4_1, "sse4_1")                                                        \
    F(SSE4_2, "sse4_2")                                                        \
    F(POPCNT, "popcnt")                                                        \
    F(MWAIT, "mwait")                                                          \
    F(WAITPKG, "waitpkg")                                                      \
    F(MONITORLESS_MWAIT, "monitorless_mwait")                                  \
    F(MWAITX, "mwaitx")                                                        \
    F(LONGMODE, "longmode")                                                    \
    F(LM_LAHF_SAHF, "lm_lahf_sahf")                                            \
    F(NX, "nx")                                                                \
    F(1G_PAGES, "1g_pages")                                                    \
    F(CMPXHG16B, "cmpxhg16b")                                                  \
    F(RDTSCP, "rdtscp")                                                        \
    F(FFXSR, "ffxsr")                                                          \
    F(XSAVE, "xsave")                                                          \
    F(XSAVEOPT, "xsaveopt")                                                    \
    F(XSAVEC, "xsavec")                                                        \
    F(XSAVES, "xsaves")                                                        \
    F(AES_PCLMULQDQ, "aes_pclmulqdq")                                          \
    F(VAES_VPCLMULQDQ, "vaes_vpclmulqdq")                                      \
    F(MOVBE, "movbe")                                                          \
    F(FSGSBASE, "fsgsbase")                                                    \
    F(AVX, "avx")                                                              \
    F(AVX2, "avx2")                                                            \
    F(AVX_F16C, "avx_f16c")                                                    \
    F(AVX_FMA, "avx_fma")                                                      \
    F(SSE4A, "sse4a")                                                          \
    F(MISALIGNED_SSE, "misaligned_sse")                                        \
    F(ALTMOVCR8, "altmovcr8")                                                  \
    F(LZCNT, "lzcnt")                                                          \
    F(BMI1, "bmi1")                                                            \
    F(BMI2, "bmi2")                                                            \
    F(FMA4, "fma4")                                                            \
    F(XOP, "xop")                                                              \
    F(TBM, "tbm")                                                              \
    F(SVM, "svm")                                                              \
    F(VMX, "vmx")                                                              \
    F(SMX, "smx")                                                              \
    F(RDRAND, "rdrand")                                                        \
    F(RDSEED, "rdseed")                                                        \
    F(ADX, "adx")                                                              \
    F(SMAP, "smap")                                                            \
    F(SMEP, "smep")                                                            \
    F(SHA, "sha")                                                              \
    F(SHA512, "sha512")                                                        \
    F(GFNI, "gfni")                                                            \
    F(SM3, "sm3")                                                              \
    F(SM4, "sm4")                                                              \
    F(AVX_IFMA, "avx_ifma")                                                    \
    F(AVX_VNNI, "avx_vnni")                                                    \
    F(AVX_VNNI_INT8, "avx_vnni_int8")                                          \
    F(AVX_VNNI_INT16, "avx_vnni_int16")                                        \
    F(AVX_NE_CONVERT, "avx_ne_convert")                                        \
    F(AVX512, "avx512")                                                        \
    F(AVX512DQ, "avx512dq")                                                    \
    F(AVX512BW, "avx512bw")                                                    \
    F(AVX512CD, "avx512cd")                                                    \
    F(AVX512VBMI, "avx512vbmi")                                                \
    F(AVX512VBMI2, "avx512vbmi2")                                              \
    F(AVX512IFMA52, "avx512ifma52")                                            \
    F(AVX512VPOPCNT, "avx512vpopcnt")                                          \
    F(AVX512VNNI, "avx512vnni")                                                \
    F(AVX512BITALG, "avx512bitalg")                                            \
    F(AVX512VP2INTERSECT, "avx512vp2intersect")                                \
    F(AVX512BF16, "avx512bf16")                                                \
    F(AVX512FP16, "avx512fp16")                                                \
    F(AMX, "amx")                                                              \
    F(AMX_INT8, "amx_int8")                                                    \
    F(AMX_BF16, "amx_bf16")                                                    \
    F(AMX_FP16, "amx_fp16")                                                    \
    F(AMX_FP8, "amx_fp8")                                                      \
    F(AMX_COMPLEX, "amx_complex")                                              \
    F(AMX_MOVRS, "amx_movrs")                                                  \
    F(AMX_AVX512, "amx_avx512")                                                \
    F(AVX10_1, "avx10_1")                                                      \
    F(AVX10_2, "avx10_2")                                                      \
    F(AVX10_2_MOVRS, "avx10_2_movrs")                                          \
    F(XAPIC, "xapic")                                                          \
    F(X2APIC, "x2apic")                                                        \
    F(XAPICEXT, "xapicext")                                                    \
    F(PCID, "pcid")                                                            \
    F(INVPCID, "invpcid")                                                      \
    F(TSC_ADJUST, "tsc_adjust")                                                \
    F(TSC_DEADLINE, "tsc_deadline")                                            \
    F(FOPCODE_DEPRECATION, "fopcode_deprecation")                              \
    F(FCS_FDS_DEPRECATION, "fcs_fds_deprecation")                              \
    F(FDP_DEPRECATION, "fdp_deprecation")                                      \
    F(PKU, "pku")                                                              \
    F(PKS, "pks")                                                              \
    F(UMIP, "umip")                                                            \
    F(RDPID, "rdpid")                                                          \
    F(TCE, "tce")                                                              \
    F(CLZERO, "clzero")                                                        \
    F(SCA_MITIGATIONS, "sca_mitigations")                                      \
    F(CET, "cet")                                                              \
    F(WRMSRNS, "wrmsrns")                                                      \
    F(MSR_IMM, "msr_imm")                                                      \
    F(CMPCCXADD, "cmpccxadd")                                                  \
    F(SERIALIZE, "serialize")                                                  \
    F(LASS, "lass")                                                            \
    F(LA57, "la57")                                                            \
    F(UINTR, "uintr")                                                          \
    F(FLEXIBLE_UIRET, "flexible_uiret")                                        \
    F(MOVDIRI, "movdiri")                                                      \
    F(MOVDIR64B, "movdir64b")                                                  \
    F(MSRLIST, "msrlist")                                                      \
    F(RAO_INT, "rao_int")                                                      \
    F(MOVRS, "movrs")                                                          \
    F(FRED, "fred")                                                            \
    F(USER_MSR, "user_msr")

enum cpu_feature {
#define FEATURE_ENUM(id, name) FEAT_##id,
    CPU_FEATURES(FEATURE_ENUM)
#undef FEATURE_ENUM
        FEAT_COUNT
};

/* What older processors do differently everywhere, in no single row. */
enum cpu_quirk {
    /* Offsets and IP wrap at 64 KiB, nothing exceeds a limit. */
    QUIRK_WRAP_64K = 1u << 0,
    /* Bits 12-15 of FLAGS: always 1; in real mode always 0. */
    QUIRK_FLAGS_ONES = 1u << 1,
    QUIRK_FLAGS_ZEROS = 1u << 2,
    /* 64h-67h are no prefixes; F1h is one, and on the 8086 it is LOCK. */
    QUIRK_OLD_PREFIXES = 1u << 3,
    /* LOCK may stand before any instruction. */
    QUIRK_LOCK_ANY = 1u << 4,
    /* More than 10 bytes: #GP. */
    QUIRK_TEN_BYTES = 1u << 5,
    /* The far pointer of an interrupt is read before FLAGS are pushed. */
    QUIRK_VECTOR_FIRST = 1u << 6,
    /* 60h-6Fh are 70h-7Fh; C0h, C1h, C8h, C9h are C2h, C3h, CAh, CBh; 0Fh is
     * POP CS: the decoder does not look at the bits that differ. */
    QUIRK_OPCODE_ALIASES = 1u << 7,
    /* In real mode a stack operand past the limit is #GP, not #SS. */
    QUIRK_OVERRUN_GP = 1u << 8,
    /* Descriptors have 24-bit bases, 16-bit limits and no 386 types. */
    QUIRK_DESCRIPTORS_286 = 1u << 9,
    /* Rows of x86.tab for like_8086, for like_286 are there. The features of
     * these names do nothing without: they take away from a processor. */
    QUIRK_ROWS_8086 = 1u << 10,
    QUIRK_ROWS_286 = 1u << 11,
    /* Fewer than 32 address lines, and no paging: addresses wrap. */
    QUIRK_NARROW_BUS = 1u << 12,
};

#define FEATURE_WORDS ((FEAT_COUNT + 63) / 64)

/* The name, or "?" for a number that is none. */
const char *feature_name(enum cpu_feature f);
/* Finds a feature by name, case ignored; false: there is none. */
bool feature_parse(const char *name, enum cpu_feature *f);

static inline void feature_set(uint64_t *map, enum cpu_feature f)
{
    map[f / 64] |= (uint64_t)1 << (f % 64);
}

static inline void feature_clear(uint64_t *map, enum cpu_feature f)
{
    map[f / 64] &= ~((uint64_t)1 << (f % 64));
}

static inline bool feature_test(const uint64_t *map, enum cpu_feature f)
{
    return map[f / 64] >> (f % 64) & 1;
}

#endif
