/*
 * handlers.h - the handlers of the commands, for the one table.
 */
#ifndef DEBUGGER_HANDLERS_H
#define DEBUGGER_HANDLERS_H

struct debugger;

/* cmd_run.c */
void cmd_continue(struct debugger *d);
void cmd_step(struct debugger *d);
void cmd_next(struct debugger *d);
void cmd_run_to(struct debugger *d);
void cmd_quit(struct debugger *d);
void cmd_ptime(struct debugger *d);
void cmd_sb(struct debugger *d);
void cmd_sba(struct debugger *d);
void cmd_trace(struct debugger *d);
void cmd_trace_reg(struct debugger *d);
void cmd_trace_mem(struct debugger *d);
void cmd_show(struct debugger *d);
void cmd_branches(struct debugger *d);
void cmd_profile(struct debugger *d);
/* cmd_break.c */
void cmd_vbreak(struct debugger *d);
void cmd_lbreak(struct debugger *d);
void cmd_pbreak(struct debugger *d);
void cmd_tbreak(struct debugger *d);
void cmd_break_on(struct debugger *d);
void cmd_blist(struct debugger *d);
void cmd_bpe(struct debugger *d);
void cmd_bpd(struct debugger *d);
void cmd_delete(struct debugger *d);
void cmd_ignore(struct debugger *d);
void cmd_commands(struct debugger *d);
void cmd_watch(struct debugger *d);
void cmd_unwatch(struct debugger *d);
void cmd_modebp(struct debugger *d);
void cmd_vmexitbp(struct debugger *d);
/* cmd_regs.c, cmd_vector.c */
void cmd_regs(struct debugger *d);
void cmd_fp(struct debugger *d);
void cmd_mmx(struct debugger *d);
void cmd_sse(struct debugger *d);
void cmd_ymm(struct debugger *d);
void cmd_zmm(struct debugger *d);
void cmd_amx(struct debugger *d);
void cmd_sreg(struct debugger *d);
void cmd_creg(struct debugger *d);
void cmd_dreg(struct debugger *d);
void cmd_set(struct debugger *d);
void cmd_cpu(struct debugger *d);
/* cmd_mem.c */
void cmd_x(struct debugger *d);
void cmd_xp(struct debugger *d);
void cmd_disasm(struct debugger *d);
void cmd_setpmem(struct debugger *d);
void cmd_writemem(struct debugger *d);
void cmd_loadmem(struct debugger *d);
void cmd_crc(struct debugger *d);
void cmd_deref(struct debugger *d);
void cmd_find(struct debugger *d);
void cmd_patch(struct debugger *d);
/* cmd_stack.c */
void cmd_print_stack(struct debugger *d);
void cmd_bt(struct debugger *d);
void cmd_where(struct debugger *d);
void cmd_print_string(struct debugger *d);
void cmd_frame(struct debugger *d);
void cmd_up(struct debugger *d);
void cmd_down(struct debugger *d);
/* cmd_list.c, cmd_c.c */
void cmd_list(struct debugger *d);
void cmd_step_line(struct debugger *d);
void cmd_next_line(struct debugger *d);
void cmd_finish(struct debugger *d);
void cmd_print(struct debugger *d);
void cmd_ptype(struct debugger *d);
void cmd_whatis(struct debugger *d);
void cmd_locals(struct debugger *d);
void cmd_args(struct debugger *d);
/* cmd_info.c, cmd_tables.c, cmd_paging.c */
void cmd_info(struct debugger *d);
void cmd_page(struct debugger *d);
void cmd_tlb(struct debugger *d);
void cmd_explain(struct debugger *d);
void info_tab(struct debugger *d);
void info_gdt(struct debugger *d);
void info_ldt(struct debugger *d);
void info_idt(struct debugger *d);
void info_ivt(struct debugger *d);
void info_tss(struct debugger *d);
/* cmd_symbols.c */
void cmd_slist(struct debugger *d);
void cmd_ldsym(struct debugger *d);
/* cmd_misc.c */
void cmd_help(struct debugger *d);
void cmd_calc(struct debugger *d);
void cmd_if(struct debugger *d);
void cmd_assert(struct debugger *d);
void cmd_echo(struct debugger *d);
void cmd_source(struct debugger *d);
void cmd_addlyt(struct debugger *d);
void cmd_lyt(struct debugger *d);
void cmd_remlyt(struct debugger *d);
void cmd_instrument(struct debugger *d);
void cmd_take(struct debugger *d);
void cmd_query(struct debugger *d);
void cmd_doit(struct debugger *d);
void cmd_restore(struct debugger *d);
void cmd_setmagic(struct debugger *d);
void cmd_clrmagic(struct debugger *d);

#endif
