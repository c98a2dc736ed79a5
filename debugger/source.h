/*
 * source.h - frames and source text for the commands about C.
 */
#ifndef DEBUGGER_SOURCE_H
#define DEBUGGER_SOURCE_H

#include "debugger/c_lang.h"
#include "debugger/internal.h"

/* ---- frames (cmd_stack.c) ---- */
struct dw_ctx source_ctx(const struct debugger *d);
/* The frame that `frame`, `up` and `down` have chosen; the innermost one
 * after each run. */
void source_frame(struct debugger *d, struct frame *f);
/* Frame n; false: there are not so many. */
bool source_frame_at(struct debugger *d, unsigned n, struct frame *f);
/* "#2  SP -> IP (symbol+off) name (args) at file:line". name: of its object in
 * JSON, NULL in a list. */
void print_frame(struct debugger *d, const char *name, unsigned number,
                 const struct frame *f);
/* The function whose code holds f's pc; false: none is known. */
bool source_function(const struct frame *f, struct dw_die *out);
/* Where a function begins: by its symbol, or by the debug information if the
 * compiler gave the symbol another name. */
bool source_entry(struct debugger *d, const char *name, uint64_t *addr);

/* ---- text (cmd_list.c) ---- */
/* "file.c:12: text", if a line is known there. */
void print_source_line(struct debugger *d, uint64_t addr);
/* Where a function begins to do something: behind its prologue. */
uint64_t after_prologue(const struct symbols *s, uint64_t addr);

#endif
