/*
 * decode.h - one decoded instruction, and how to get it.
 *
 * The decoder walks tables that tools/mkinsn made from cpu/x86.tab. It knows
 * nothing of CPU state beyond the mode and the model's feature set.
 */
#ifndef CPU_DECODE_H
#define CPU_DECODE_H

#include "core/base.h"
#include "cpu/features.h"

struct cpu;
struct decoded;

/* A plain handler: executes one instruction. On entry c->rip is the next
 * instruction's, c->insn_rip this one's. It leaves normally or through
 * cpu_fault*(); see cpu/cpu.h for the rules. */
typedef void insn_fn(struct cpu *c, const struct decoded *d);

enum {
    REG_NONE = 0xff, /* no base or index */
    REG_RIP = 0xfe,  /* base of a RIP-relative operand */
};

/* Attributes of a row (x86.tab's attr column). */
enum {
    ATTR_LOCK = 1u << 0,   /* LOCK is legal with a memory destination */
    ATTR_REP = 1u << 1,    /* REP/REPE/REPNE repeat it */
    ATTR_PRIV = 1u << 2,   /* #GP outside CPL 0 (documentation; the handler
                              checks) */
    ATTR_IO = 1u << 3,     /* touches I/O ports */
    ATTR_JUMP = 1u << 4,   /* sets RIP: last instruction of a trace */
    ATTR_COND = 1u << 5,   /* conditional branch: falls through or jumps */
    ATTR_END = 1u << 6,    /* changes mode, mapping or interrupt state: ends a
                              trace; the next instruction is looked up anew */
    ATTR_MEM = 1u << 7,    /* memory form only (mod != 3) */
    ATTR_REG = 1u << 8,    /* register form only (mod == 3) */
    ATTR_DF64 = 1u << 9,   /* operand size defaults to 64 in 64-bit mode */
    ATTR_F64 = 1u << 10,   /* operand size forced to 64 in 64-bit mode */
    ATTR_NO64 = 1u << 11,  /* #UD in 64-bit mode */
    ATTR_ONLY64 = 1u << 12, /* #UD outside 64-bit mode */
    ATTR_NOFAULT = 1u << 13, /* register form cannot fault: flags may be dead
                              across it */
    ATTR_STRING = 1u << 14, /* uses rSI/rDI implicitly */
};

/* Flag masks use the EFLAGS bit positions of OF SF ZF AF PF CF. */
struct insn_info {
    const char *mnemonic;   /* lower case, Intel syntax */
    uint8_t operand[4];     /* enum operand_code (gen/insn_table.h) */
    insn_fn *fn;            /* plain handler; NULL when hot[] serves */
    /* Hot body per operand size (0 b, 1 w, 2 d, 3 q) and form (0 register,
     * 1 memory): enum hot_op, 0 where the plain handler serves. */
    uint16_t hot[4][2];
    uint16_t flags_read;    /* may depend on */
    uint16_t flags_written; /* always given a defined value */
    uint16_t flags_undef;   /* left undefined */
    uint16_t feature;       /* enum cpu_feature */
    uint32_t attr;
    uint16_t row;           /* line order in x86.tab; docs and tests */
};

struct decoded {
    const struct insn_info *info;
    uint8_t len;    /* bytes */
    uint8_t mode;   /* 16, 32 or 64: the code segment's */
    uint8_t osize;  /* effective operand size in bytes: 2, 4, 8 (1: byte row) */
    uint8_t asize;  /* effective address size in bytes: 2, 4, 8 */
    uint8_t rep;    /* 0, 0xf2 or 0xf3: last one that was given */
    bool lock;
    bool opsize_prefix; /* 66 given */
    uint8_t rex;    /* 0, or 0x40..0x4f (VEX bits are folded in as well) */
    uint8_t opcode; /* last opcode byte */
    uint8_t modrm;
    uint8_t mod;    /* 0..3; 3 for instructions without ModRM */
    uint8_t reg;    /* ModRM.reg with REX.R (or opcode & 7 with REX.B in
                       register-in-opcode forms: then also in rm) */
    uint8_t rm;     /* ModRM.rm with REX.B, meaningful when mod == 3 */
    uint8_t seg;    /* enum seg_reg of the memory operand, override applied */
    uint8_t seg_override; /* 0xff: none given */
    uint8_t base;   /* 0..15, REG_NONE, REG_RIP */
    uint8_t index;  /* 0..15, REG_NONE */
    uint8_t scale;  /* shift, 0..3 */
    uint8_t vex;    /* 0 legacy, 1 VEX; room for 2 EVEX, 3 XOP */
    uint8_t vl;     /* vector length: 0 128, 1 256, 2 512 */
    uint8_t vex_w;
    uint8_t vvvv;   /* 0..15 (31), not inverted */
    uint8_t disp_len, imm_len; /* bytes of disp, imm and imm2: the last ones */
    int64_t disp;   /* displacement; moffs offset */
    uint64_t imm;   /* sign-extended where the operand code says so; far
                       pointer: the offset; relative branch: displacement */
    uint16_t imm2;  /* far pointer: the selector; ENTER: the level */
};

enum decode_status {
    DECODE_OK,
    DECODE_UD,    /* no such instruction here: #UD */
    DECODE_LONG,  /* more than 15 bytes: #GP(0) */
    DECODE_MORE,  /* ran out of bytes: fetch the next page and call again */
};

/* Which instructions exist and in what mode. */
struct decode_env {
    uint8_t mode; /* 16, 32, 64 */
    bool real_or_v86; /* rows that need protected mode are #UD */
    const uint64_t *features; /* bitmap by enum cpu_feature */
    uint32_t quirks;          /* enum cpu_quirk */
};

/* Decodes at most `avail` (<= 15 used) bytes. On DECODE_UD `out->len` is the
 * number of bytes looked at. */
enum decode_status decode_insn(const struct decode_env *env,
                               const uint8_t *bytes, unsigned avail,
                               struct decoded *out);

static inline bool decoded_is_mem(const struct decoded *d)
{
    return d->mod != 3;
}

#endif
