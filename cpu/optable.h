/*
 * optable.h - what the tables that tools/mkinsn makes from x86.tab consist
 * of: operand codes, where each finds its operand, and match rules.
 *
 * Operand codes are those of SDM vol. 2 appendix A.2. Additions: Z the
 * register in the opcode byte, n the native size (8 in 64-bit mode, else 4),
 * h f e a half, quarter, eighth of the vector, VMd VMq vector-indexed memory,
 * rAX by operand size, eAX at most 32 bits.
 */
#ifndef CPU_OPTABLE_H
#define CPU_OPTABLE_H

#include "cpu/decode.h"

/* ROW(enumerator, text in x86.tab, place, size of register, size in memory) */
#define OPERAND_CODES(ROW)                                                     \
    ROW(EB, "Eb", E, B, B)                                                     \
    ROW(EW, "Ew", E, W, W)                                                     \
    ROW(ED, "Ed", E, D, D)                                                     \
    ROW(EQ, "Eq", E, Q, Q)                                                     \
    ROW(EV, "Ev", E, V, V)                                                     \
    ROW(EY, "Ey", E, Y, Y)                                                     \
    ROW(RVMW, "Rv/Mw", E, V, W)                                                \
    ROW(RYMB, "Ry/Mb", E, Y, B)                                                \
    ROW(RYMW, "Ry/Mw", E, Y, W)                                                \
    ROW(GB, "Gb", G, B, B)                                                     \
    ROW(GW, "Gw", G, W, W)                                                     \
    ROW(GD, "Gd", G, D, D)                                                     \
    ROW(GQ, "Gq", G, Q, Q)                                                     \
    ROW(GV, "Gv", G, V, V)                                                     \
    ROW(GY, "Gy", G, Y, Y)                                                     \
    ROW(GN, "Gn", G, N, N)                                                     \
    ROW(ZB, "Zb", Z, B, B)                                                     \
    ROW(ZV, "Zv", Z, V, V)                                                     \
    ROW(BY, "By", B, Y, Y)                                                     \
    ROW(IB, "Ib", I, B, B)                                                     \
    ROW(IW, "Iw", I, W, W)                                                     \
    ROW(IZ, "Iz", I, Z, Z)                                                     \
    ROW(IV, "Iv", I, V, V)                                                     \
    ROW(SIB, "sIb", SI, B, B)                                                  \
    ROW(JB, "Jb", J, B, B)                                                     \
    ROW(JZ, "Jz", J, Z, Z)                                                     \
    ROW(AP, "Ap", A, P, P)                                                     \
    ROW(OB, "Ob", O, B, B)                                                     \
    ROW(OV, "Ov", O, V, V)                                                     \
    ROW(SW, "Sw", S, W, W)                                                     \
    ROW(CD, "Cd", C, N, N)                                                     \
    ROW(DD, "Dd", D, N, N)                                                     \
    ROW(RD, "Rd", R, N, N)                                                     \
    ROW(RV, "Rv", R, V, V)                                                     \
    ROW(RY, "Ry", R, Y, Y)                                                     \
    ROW(M, "M", M, NONE, NONE)                                                 \
    ROW(MA, "Ma", M, A, A)                                                     \
    ROW(MP, "Mp", M, P, P)                                                     \
    ROW(MS, "Ms", M, S, S)                                                     \
    ROW(MB, "Mb", M, B, B)                                                     \
    ROW(MW, "Mw", M, W, W)                                                     \
    ROW(MD, "Md", M, D, D)                                                     \
    ROW(MQ, "Mq", M, Q, Q)                                                     \
    ROW(MY, "My", M, Y, Y)                                                     \
    ROW(MV, "Mv", M, V, V)                                                     \
    ROW(MDQ, "Mdq", M, DQ, DQ)                                                 \
    ROW(MQQ, "Mqq", M, QQ, QQ)                                                 \
    ROW(MX, "Mx", M, X, X)                                                     \
    ROW(MPS, "Mps", M, X, X)                                                   \
    ROW(MPD, "Mpd", M, X, X)                                                   \
    ROW(VMD, "VMd", VSIB, D, D)                                                \
    ROW(VMQ, "VMq", VSIB, Q, Q)                                                \
    ROW(XB, "Xb", X, B, B)                                                     \
    ROW(XV, "Xv", X, V, V)                                                     \
    ROW(XZ, "Xz", X, Z, Z)                                                     \
    ROW(YB, "Yb", Y, B, B)                                                     \
    ROW(YV, "Yv", Y, V, V)                                                     \
    ROW(YZ, "Yz", Y, Z, Z)                                                     \
    ROW(AL, "AL", AX, B, B)                                                    \
    ROW(EAX, "eAX", AX, Z, Z)                                                  \
    ROW(RAX, "rAX", AX, V, V)                                                  \
    ROW(AX, "AX", AX, W, W)                                                    \
    ROW(CL, "CL", CL, B, B)                                                    \
    ROW(DX, "DX", DX, W, W)                                                    \
    ROW(ONE, "1", ONE, NONE, NONE)                                             \
    ROW(SEGES, "ES", SEG_ES, W, W)                                             \
    ROW(SEGCS, "CS", SEG_CS, W, W)                                             \
    ROW(SEGSS, "SS", SEG_SS, W, W)                                             \
    ROW(SEGDS, "DS", SEG_DS, W, W)                                             \
    ROW(SEGFS, "FS", SEG_FS, W, W)                                             \
    ROW(SEGGS, "GS", SEG_GS, W, W)                                             \
    ROW(ST0, "ST(0)", ST0, T, T)                                               \
    ROW(STI, "ST(i)", STI, T, T)                                               \
    ROW(M16INT, "m16int", M, W, W)                                             \
    ROW(M32INT, "m32int", M, D, D)                                             \
    ROW(M64INT, "m64int", M, Q, Q)                                             \
    ROW(M32FP, "m32fp", M, D, D)                                               \
    ROW(M64FP, "m64fp", M, Q, Q)                                               \
    ROW(M80FP, "m80fp", M, T, T)                                               \
    ROW(M80BCD, "m80bcd", M, T, T)                                             \
    ROW(M2BYTE, "m2byte", M, W, W)                                             \
    ROW(M14_28BYTE, "m14/28byte", M, NONE, NONE)                               \
    ROW(M94_108BYTE, "m94/108byte", M, NONE, NONE)                             \
    ROW(M512BYTE, "m512byte", M, NONE, NONE)                                   \
    ROW(PQ, "Pq", P, Q, Q)                                                     \
    ROW(PD, "Pd", P, D, D)                                                     \
    ROW(QQ, "Qq", Q, Q, Q)                                                     \
    ROW(QD, "Qd", Q, D, D)                                                     \
    ROW(NQ, "Nq", N, Q, Q)                                                     \
    ROW(V_X, "Vx", V, X, X)                                                    \
    ROW(V_PS, "Vps", V, X, X)                                                  \
    ROW(V_PD, "Vpd", V, X, X)                                                  \
    ROW(V_DQ, "Vdq", V, DQ, DQ)                                                \
    ROW(V_QQ, "Vqq", V, QQ, QQ)                                                \
    ROW(V_SS, "Vss", V, D, D)                                                  \
    ROW(V_SD, "Vsd", V, Q, Q)                                                  \
    ROW(V_Q, "Vq", V, Q, Q)                                                    \
    ROW(V_D, "Vd", V, D, D)                                                    \
    ROW(V_H, "Vh", V, H, H)                                                    \
    ROW(W_X, "Wx", W, X, X)                                                    \
    ROW(W_PS, "Wps", W, X, X)                                                  \
    ROW(W_PD, "Wpd", W, X, X)                                                  \
    ROW(W_DQ, "Wdq", W, DQ, DQ)                                                \
    ROW(W_QQ, "Wqq", W, QQ, QQ)                                                \
    ROW(W_SS, "Wss", W, D, D)                                                  \
    ROW(W_SD, "Wsd", W, Q, Q)                                                  \
    ROW(W_Q, "Wq", W, Q, Q)                                                    \
    ROW(W_D, "Wd", W, D, D)                                                    \
    ROW(W_W, "Ww", W, W, W)                                                    \
    ROW(W_B, "Wb", W, B, B)                                                    \
    ROW(W_H, "Wh", W, H, H)                                                    \
    ROW(W_F, "Wf", W, F, F)                                                    \
    ROW(W_E, "We", W, O, O)                                                    \
    ROW(U_X, "Ux", U, X, X)                                                    \
    ROW(U_PS, "Ups", U, X, X)                                                  \
    ROW(U_PD, "Upd", U, X, X)                                                  \
    ROW(U_DQ, "Udq", U, DQ, DQ)                                                \
    ROW(U_QQ, "Uqq", U, QQ, QQ)                                                \
    ROW(U_SS, "Uss", U, D, D)                                                  \
    ROW(U_SD, "Usd", U, Q, Q)                                                  \
    ROW(U_Q, "Uq", U, Q, Q)                                                    \
    ROW(H_X, "Hx", H, X, X)                                                    \
    ROW(H_PS, "Hps", H, X, X)                                                  \
    ROW(H_PD, "Hpd", H, X, X)                                                  \
    ROW(H_DQ, "Hdq", H, DQ, DQ)                                                \
    ROW(H_QQ, "Hqq", H, QQ, QQ)                                                \
    ROW(H_SS, "Hss", H, D, D)                                                  \
    ROW(H_SD, "Hsd", H, Q, Q)                                                  \
    ROW(H_Q, "Hq", H, Q, Q)                                                    \
    ROW(L_X, "Lx", L, X, X)                                                    \
    ROW(L_PS, "Lps", L, X, X)                                                  \
    ROW(L_PD, "Lpd", L, X, X)                                                  \
    ROW(XMM0, "XMM0", XMM0, DQ, DQ)

enum operand_code {
    OPC_NONE,
#define OPERAND_ENUM(id, text, loc, rsize, msize) OPC_##id,
    OPERAND_CODES(OPERAND_ENUM)
#undef OPERAND_ENUM
        OPC_COUNT
};

/* Where an operand is. */
enum operand_loc {
    LOC_NONE,
    LOC_E,    /* ModRM.rm: general register or memory */
    LOC_G,    /* ModRM.reg */
    LOC_Z,    /* opcode */
    LOC_B,    /* VEX.vvvv, general register */
    LOC_I,    /* immediate */
    LOC_SI,   /* immediate, sign-extended */
    LOC_J,    /* relative branch */
    LOC_A,    /* far pointer in the instruction */
    LOC_O,    /* moffs */
    LOC_S,    /* segment register by ModRM.reg */
    LOC_C,    /* control register by ModRM.reg */
    LOC_D,    /* debug register by ModRM.reg */
    LOC_R,    /* ModRM.rm, general register only */
    LOC_M,    /* ModRM.rm, memory only */
    LOC_VSIB, /* memory with a vector of indices */
    LOC_X,    /* DS:rSI */
    LOC_Y,    /* ES:rDI */
    LOC_AX,
    LOC_CL,
    LOC_DX,
    LOC_ONE, /* the constant 1 */
    LOC_SEG_ES,
    LOC_SEG_CS,
    LOC_SEG_SS,
    LOC_SEG_DS,
    LOC_SEG_FS,
    LOC_SEG_GS,
    LOC_ST0,
    LOC_STI, /* ModRM.rm */
    LOC_P,   /* MMX by ModRM.reg */
    LOC_Q,   /* MMX or memory by ModRM.rm */
    LOC_N,   /* MMX by ModRM.rm */
    LOC_V,   /* vector by ModRM.reg */
    LOC_W,   /* vector or memory by ModRM.rm */
    LOC_U,   /* vector by ModRM.rm */
    LOC_H,   /* vector by VEX.vvvv */
    LOC_L,   /* vector by bits 7-4 of an immediate */
    LOC_XMM0,
};

enum operand_size {
    SZ_NONE,
    SZ_B,
    SZ_W,
    SZ_D,
    SZ_Q,
    SZ_T,  /* 1 2 4 8 10 bytes */
    SZ_V,  /* operand size */
    SZ_Z,  /* operand size, at most 4 */
    SZ_Y,  /* 8 with REX.W, else 4 */
    SZ_N,  /* 8 in 64-bit mode, else 4 */
    SZ_DQ, /* 16 */
    SZ_QQ, /* 32 */
    SZ_X,  /* vector length */
    SZ_H,  /* half of it */
    SZ_F,  /* quarter */
    SZ_O,  /* eighth */
    SZ_P,  /* far pointer */
    SZ_A,  /* pair of bounds */
    SZ_S,  /* descriptor table register */
};

struct operand_info {
    uint8_t loc;   /* enum operand_loc */
    uint8_t rsize; /* enum operand_size of a register operand */
    uint8_t msize; /* of a memory operand */
};

enum insn_map {
    MAP_ONE,
    MAP_0F,
    MAP_0F38,
    MAP_0F3A,
    MAP_3DNOW,
    MAP_VEX_0F,
    MAP_VEX_0F38,
    MAP_VEX_0F3A,
    MAP_COUNT
};

/* Mandatory prefixes in the coding of VEX.pp. */
enum { PP_NONE, PP_66, PP_F3, PP_F2 };

/* Immediate bytes of a row. */
enum imm_kind {
    IMM_NONE,
    IMM_U8,    /* Ib, is4 */
    IMM_S8,    /* sIb, Jb */
    IMM_U16,   /* Iw */
    IMM_Z,     /* Iz, Jz: 2 or 4 bytes, sign-extended */
    IMM_V,     /* Iv: 2, 4, 8 bytes */
    IMM_FAR,   /* Ap */
    IMM_ENTER, /* Iw,Ib */
    IMM_MOFFS,
    IMM_U8U8, /* Ib,Ib */
};

enum {
    MF_MODRM = 1u << 0, /* a ModRM byte follows (alike in all rows) */
    MF_BYTE = 1u << 1,  /* operand size 1 */
    MF_YSIZE = 1u << 2, /* operand size by REX.W only */
    MF_NO66 = 1u << 3,  /* 66 is part of the opcode */
    MF_F64 = 1u << 4,
    MF_DF64 = 1u << 5,
    MF_ANYMOD = 1u << 6, /* register operand whatever mod says */
    MF_REG7 = 1u << 7,   /* REX.R does not count */
    MF_RM7 = 1u << 8,    /* REX.B does not count in a register operand */
    MF_VVVV = 1u << 9,   /* VEX.vvvv is an operand */
    MF_VSIB = 1u << 10,
    MF_OPREG = 1u << 11, /* register in the opcode */
    MF_NO_REXB = 1u << 12,
    MF_LOCK = 1u << 13,
    MF_W_GPR = 1u << 14, /* VEX.W means nothing outside 64-bit mode */
    MF_ALT_CR8 = 1u << 15, /* LOCK before it makes CR0 CR8 (AMD) */
};

/* One way to be a row of x86.tab. Bit sets: bit n allows the value n. */
struct insn_match {
    uint16_t info;    /* index into insn_table */
    uint16_t feature; /* enum cpu_feature */
    uint16_t flags;   /* MF_* */
    uint8_t prefixes; /* by PP_* */
    uint8_t modes;    /* bit 0 real, v86; 1 other 16 and 32 bits; 2 64 */
    uint8_t osizes;   /* bit 0 16, 1 32, 2 64 */
    uint8_t asizes;
    uint8_t forms; /* bit 0 memory, 1 register */
    uint8_t w;     /* REX.W or VEX.W */
    uint8_t l;     /* VEX.L */
    uint8_t reg;   /* ModRM.reg, 0xff: any */
    uint8_t rm;    /* ModRM.rm, 0xff: any */
    uint8_t imm;   /* enum imm_kind */
};

extern const struct operand_info operand_info[OPC_COUNT];

#endif
