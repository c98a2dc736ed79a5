/*
 * ops.h - the x87 instruction handlers, D8 to DF and 9B.
 *
 * st0_sti: ST(0) is the destination; sti_st0: ST(i) is. fsub is destination
 * minus source and fsubr the reverse everywhere, as in the SDM's mnemonics.
 */
#ifndef CPU_FPU_OPS_H
#define CPU_FPU_OPS_H

#include "cpu/decode.h"

/* control.c */
insn_fn op_fwait;
insn_fn op_fnop;
insn_fn op_fneni;
insn_fn op_fldcw;
insn_fn op_fnstcw;
insn_fn op_fnstsw_m16;
insn_fn op_fnstsw_ax;
insn_fn op_fnclex;
insn_fn op_fninit;
insn_fn op_fincstp;
insn_fn op_fdecstp;
insn_fn op_ffree_sti;
insn_fn op_ffreep_sti;
insn_fn op_fnstenv;
insn_fn op_fldenv;
insn_fn op_fnsave;
insn_fn op_frstor;

/* ops_move.c */
insn_fn op_fld_m32fp;
insn_fn op_fld_m64fp;
insn_fn op_fld_m80fp;
insn_fn op_fld_sti;
insn_fn op_fild_m16int;
insn_fn op_fild_m32int;
insn_fn op_fild_m64int;
insn_fn op_fbld;
insn_fn op_fst_m32fp;
insn_fn op_fstp_m32fp;
insn_fn op_fst_m64fp;
insn_fn op_fstp_m64fp;
insn_fn op_fstp_m80fp;
insn_fn op_fist_m16int;
insn_fn op_fistp_m16int;
insn_fn op_fist_m32int;
insn_fn op_fistp_m32int;
insn_fn op_fistp_m64int;
insn_fn op_fisttp_m16int;
insn_fn op_fisttp_m32int;
insn_fn op_fisttp_m64int;
insn_fn op_fbstp;
insn_fn op_fst_sti;
insn_fn op_fstp_sti;
insn_fn op_fstpnce_sti;
insn_fn op_fxch_sti;
insn_fn op_fcmovb;
insn_fn op_fcmove;
insn_fn op_fcmovbe;
insn_fn op_fcmovu;
insn_fn op_fcmovnb;
insn_fn op_fcmovne;
insn_fn op_fcmovnbe;
insn_fn op_fcmovnu;
insn_fn op_fld1;
insn_fn op_fldl2t;
insn_fn op_fldl2e;
insn_fn op_fldpi;
insn_fn op_fldlg2;
insn_fn op_fldln2;
insn_fn op_fldz;

/* ops_arith.c */
insn_fn op_fadd_m32fp;
insn_fn op_fadd_m64fp;
insn_fn op_fiadd_m16int;
insn_fn op_fiadd_m32int;
insn_fn op_fadd_st0_sti;
insn_fn op_fadd_sti_st0;
insn_fn op_faddp;
insn_fn op_fmul_m32fp;
insn_fn op_fmul_m64fp;
insn_fn op_fimul_m16int;
insn_fn op_fimul_m32int;
insn_fn op_fmul_st0_sti;
insn_fn op_fmul_sti_st0;
insn_fn op_fmulp;
insn_fn op_fsub_m32fp;
insn_fn op_fsub_m64fp;
insn_fn op_fisub_m16int;
insn_fn op_fisub_m32int;
insn_fn op_fsub_st0_sti;
insn_fn op_fsub_sti_st0;
insn_fn op_fsubp;
insn_fn op_fsubr_m32fp;
insn_fn op_fsubr_m64fp;
insn_fn op_fisubr_m16int;
insn_fn op_fisubr_m32int;
insn_fn op_fsubr_st0_sti;
insn_fn op_fsubr_sti_st0;
insn_fn op_fsubrp;
insn_fn op_fdiv_m32fp;
insn_fn op_fdiv_m64fp;
insn_fn op_fidiv_m16int;
insn_fn op_fidiv_m32int;
insn_fn op_fdiv_st0_sti;
insn_fn op_fdiv_sti_st0;
insn_fn op_fdivp;
insn_fn op_fdivr_m32fp;
insn_fn op_fdivr_m64fp;
insn_fn op_fidivr_m16int;
insn_fn op_fidivr_m32int;
insn_fn op_fdivr_st0_sti;
insn_fn op_fdivr_sti_st0;
insn_fn op_fdivrp;
insn_fn op_fchs;
insn_fn op_fabs;
insn_fn op_fsqrt;
insn_fn op_frndint;
insn_fn op_fscale;
insn_fn op_fxtract;
insn_fn op_fprem;
insn_fn op_fprem1;

/* ops_compare.c */
insn_fn op_fcom_m32fp;
insn_fn op_fcom_m64fp;
insn_fn op_ficom_m16int;
insn_fn op_ficom_m32int;
insn_fn op_fcom_sti;
insn_fn op_fucom_sti;
insn_fn op_fcomp_m32fp;
insn_fn op_fcomp_m64fp;
insn_fn op_ficomp_m16int;
insn_fn op_ficomp_m32int;
insn_fn op_fcomp_sti;
insn_fn op_fucomp_sti;
insn_fn op_fcompp;
insn_fn op_fucompp;
insn_fn op_fcomi;
insn_fn op_fcomip;
insn_fn op_fucomi;
insn_fn op_fucomip;
insn_fn op_ftst;
insn_fn op_fxam;

/* ops_trans.c */
insn_fn op_fsin;
insn_fn op_fcos;
insn_fn op_fsincos;
insn_fn op_fptan;
insn_fn op_fpatan;
insn_fn op_f2xm1;
insn_fn op_fyl2x;
insn_fn op_fyl2xp1;

#endif
