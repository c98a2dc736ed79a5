/*
 * ops_sys.h - plain handlers of system instructions (ops_seg.c, ops_far.c,
 * ops_sys.c, ops_io.c); x86.tab names them.
 */
#ifndef CPU_OPS_SYS_H
#define CPU_OPS_SYS_H

#include "cpu/cpu.h"

/* ops_seg.c */
insn_fn op_mov_sw_ew, op_mov_ev_sw, op_push_es, op_push_cs, op_push_ss,
    op_push_ds, op_push_fs, op_push_gs, op_pop_es, op_pop_ss, op_pop_ds,
    op_pop_fs, op_pop_gs, op_les_gv_mp, op_lds_gv_mp, op_lss_gv_mp,
    op_lfs_gv_mp, op_lgs_gv_mp, op_lar_gv_ew, op_lsl_gv_ew, op_verr_ew,
    op_verw_ew, op_arpl_ew_gw, op_lldt_ew, op_ltr_ew, op_sldt_ev, op_str_ev,
    op_lgdt_ms, op_lidt_ms, op_sgdt_ms, op_sidt_ms, op_swapgs, op_rdfsbase_ry,
    op_rdgsbase_ry, op_wrfsbase_ry, op_wrgsbase_ry;

/* ops_far.c */
insn_fn op_jmp_ap, op_call_ap, op_jmp_mp, op_call_mp, op_retf, op_retf_iw,
    op_iret, op_int_ib, op_int3, op_into, op_int1, op_sysenter, op_sysexit,
    op_syscall, op_sysret, op_pushf, op_popf, op_cli, op_sti, op_hlt;

/* ops_sys.c */
insn_fn op_mov_rd_cd, op_mov_cd_rd, op_smsw_ev, op_lmsw_ew, op_clts,
    op_mov_rd_dd, op_mov_dd_rd, op_invlpg, op_invpcid, op_invd, op_wbinvd,
    op_rdtsc, op_rdtscp, op_rdpmc, op_rdmsr, op_wrmsr, op_monitor, op_mwait;

/* ops_string.c */
insn_fn op_movs_yb_xb, op_movs_yv_xv, op_stos_yb_al, op_stos_yv_rax,
    op_lods_al_xb, op_lods_rax_xv, op_cmps_xb_yb, op_cmps_xv_yv,
    op_scas_al_yb, op_scas_rax_yv, op_ins_yb_dx, op_ins_yz_dx,
    op_outs_dx_xb, op_outs_dx_xz, op_movs_286, op_stos_286, op_lods_286,
    op_cmps_286, op_scas_286, op_ins_286, op_outs_286;

/* cpuid.c, smm.c, ops_ud.c */
insn_fn op_cpuid, op_rsm, op_ud;

/* ops_io.c */
insn_fn op_in_al_ib, op_in_eax_ib, op_in_al_dx, op_in_eax_dx, op_out_ib_al,
    op_out_ib_eax, op_out_dx_al, op_out_dx_eax;

#endif
