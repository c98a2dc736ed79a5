/*
 * model.h - a CPU model is one table: identity, features, caches.
 */
#ifndef CPU_MODELS_MODEL_H
#define CPU_MODELS_MODEL_H

#include "cpu/cpu.h"

struct cpu_cache {
    uint8_t level, type; /* type: 1 data, 2 instruction, 3 unified */
    uint16_t ways, line, sets;
};

struct cpu_model {
    const char *name, *summary;
    const char *vendor;       /* 12 characters; NULL: no CPUID instruction */
    const char *brand;        /* up to 47 characters, NULL: none */
    uint32_t signature;       /* CPUID 1 EAX, and EDX after reset */
    uint32_t microcode;       /* revision in IA32_BIOS_SIGN_ID */
    uint32_t max_leaf;
    uint32_t max_ext_leaf;    /* 80000000h + n; 0: none */
    uint8_t phys_bits, linear_bits;
    uint8_t mtrr_count;       /* variable ranges */
    const struct cpu_cache *caches; /* ends with level 0; NULL: none */
    const uint32_t *leaf2;    /* EAX EBX ECX EDX, NULL: zeros */
    const uint16_t *features; /* enum cpu_feature, ends with FEAT_COUNT */
    uint32_t quirks;          /* enum cpu_quirk */
};

/* Those with a file of their own. */
extern const struct cpu_model cpu_model_i8086, cpu_model_i80286;

extern const struct cpu_model *const cpu_models[]; /* NULL-terminated */

const struct cpu_model *cpu_model_find(const char *name);

/*
 * Gives c the model named by its options, with add_features and
 * exclude_features applied and what is not there struck out. Names the
 * nearest valid word in the error.
 */
bool cpu_model_apply(struct cpu *c, struct error *err);

/* CPUID as the guest sees it: out[0..3] = EAX EBX ECX EDX. */
void cpuid_read(const struct cpu *c, uint32_t leaf, uint32_t sub,
                uint32_t out[4]);
/* Bytes of the XSAVE area for the components in `mask`, standard form. */
uint32_t cpuid_xsave_size(uint64_t mask);

#endif
