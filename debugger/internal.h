/*
 * internal.h - what the files of the command language share.
 *
 * A handler reads its arguments through the arg_ functions. One that returns
 * false has noted an error (syntax or otherwise): the handler just returns.
 */
#ifndef DEBUGGER_INTERNAL_H
#define DEBUGGER_INTERNAL_H

#include "debugger/debugger.h"
#include "debugger/expr.h"
#include "debugger/lexer.h"
#include "debugger/symbols.h"

/* A reason to stop as the user gave it, beside the target's point. */
struct dbg_point {
    struct dbg_point *next;
    struct debugger *d;
    unsigned number; /* in blist; watchpoints of `watch` have one as well */
    unsigned id;     /* the target's */
    char letter;     /* v l p: Bochs's kinds; w: watch; x: others */
    enum point_kind kind;
    uint64_t space; /* CR3 that it is meant for, or SYMBOLS_GLOBAL */
    char *text;     /* condition, NULL: none */
    struct expr *cond;
    char *commands; /* done at each stop, NULL: none */
    bool log_only;  /* goes on after its commands */
    char *what;     /* of `x` points: how it was asked for */
};

/* Bits of `show`. */
enum {
    SHOW_CALL = 1,
    SHOW_SOFTINT = 2,
    SHOW_EXTINT = 4,
    SHOW_IRET = 8,
    SHOW_MODE = 16,
    SHOW_ALL = 31
};

struct dbg_input {
    struct dbg_input *outer;
    const char *name; /* "" at the prompt */
    unsigned line;
};

struct debugger {
    struct debugger_setup set;
    struct target *t;
    struct symbols *syms; /* NULL: nothing loaded */
    struct dbg_point *points;
    unsigned next_number;

    struct lexer lx; /* arguments of the command in work */
    struct dbg_input *input;
    unsigned prompt; /* number of the next one */
    char last[512];  /* line that an empty one repeats */
    bool quit;
    int exit_code;
    unsigned depth; /* of nested command lists */

    /* The command in work. */
    bool failed; /* syntax error or other */
    bool syntax;
    bool ran;  /* it let the machine run */
    bool over; /* the session has ended: nothing can run */
    bool json, json_always;
    struct out text; /* its output while json */
    struct out data; /* members of the object "data" */
    bool data_comma;

    /* Settings. */
    bool no_auto_disasm, att;
    unsigned disasm_bits; /* 0: as the code is */
    bool trace, trace_reg, trace_mem;
    unsigned show;
    bool watch_continues;
    bool mode_break, vmexit_break;
    unsigned mode_id; /* target's point of modebp */
    unsigned mem_id;  /* ... of trace-mem */
    uint64_t time_stop[16];
    unsigned time_stops;
    char *layout;   /* script of `addlyt` */
    unsigned frame; /* chosen by `frame`, at frame_tick */
    uint64_t frame_tick;
    uint32_t list_file; /* where `list` goes on, at list_tick */
    unsigned list_line;
    uint64_t list_tick;
    uint64_t last_value; /* of the last expression: `if` */

    /* x and xp. */
    char x_format;
    unsigned x_size;
    uint64_t x_addr;
    bool x_physical;
    uint64_t u_addr;

    bool branches;    /* they are recorded */
    char later[1024]; /* commands that the guest asked for */
    bool later_stop;  /* ... and a stop */
};

struct command {
    const char *name;
    const char *aliases; /* words with blanks between, or NULL */
    const char *group;
    const char *syntax; /* arguments; lines for several forms */
    const char *help;
    void (*run)(struct debugger *d);
    const char *complete; /* r registers, s symbols, f files, c commands */
};

extern const struct command debugger_commands[]; /* name NULL ends */

/* NULL: none of that name or alias. */
const struct command *command_find(const char *name);

/* ---- output (say.c) ---- */
void say(struct debugger *d, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Notes that the command failed. */
void fail(struct debugger *d, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Members of the JSON object; no-ops otherwise. name NULL inside of [ ]. */
void data_hex(struct debugger *d, const char *name, uint64_t v);
void data_int(struct debugger *d, const char *name, uint64_t v);
void data_bool(struct debugger *d, const char *name, bool v);
void data_text(struct debugger *d, const char *name, const char *v);
void data_open(struct debugger *d, const char *name, char bracket);
void data_close(struct debugger *d, char bracket);
void json_bytes(struct out *o, const char *s, size_t n);
void say_begin(struct debugger *d);
void say_end(struct debugger *d, const char *command);

/* ---- arguments (args.c) ---- */
void syntax_error(struct debugger *d);
bool arg_end(struct debugger *d); /* nothing more may come */
bool arg_more(const struct debugger *d);
bool arg_expr(struct debugger *d, uint64_t *v);
/* The default when nothing more comes. */
bool arg_expr_or(struct debugger *d, uint64_t *v, uint64_t otherwise);
/* A quoted string, or one word. */
bool arg_text(struct debugger *d, char *out, size_t size);
/* Only a number, not an expression. */
bool arg_number(struct debugger *d, uint64_t *v);
/* Prints what expr_parse or expr_eval has to say. */
bool eval_text(struct debugger *d, const char *text, uint64_t *v);

/* ---- running (debugger.c, run.c) ---- */
/* False: it cannot be opened. */
bool debugger_source(struct debugger *d, const char *path);
bool debugger_commands_text(struct debugger *d, const char *text);
/* Runs n instructions, 0: until something stops it; prints why. */
void run_machine(struct debugger *d, uint64_t n, bool over);
/* Tells of the end of a run that went by steps. */
void run_stopped(struct debugger *d, struct stop *s);
void print_position(struct debugger *d, bool with_tick);
void show_call_line(struct debugger *d, const char *what);
bool step_observed(struct debugger *d, struct stop *s);
bool must_step(const struct debugger *d);

/* ---- points (points.c) ---- */
struct dbg_point *point_by_id(struct debugger *d, unsigned id);
/* Tells of a stop; true: the machine shall go on at once. */
bool point_report(struct debugger *d, const struct stop *s);
/* After a step: if a breakpoint is here, the step has become its stop. */
void point_arrived(struct debugger *d, struct stop *s);
void points_free(struct debugger *d);

/* ---- listing ---- */
/* Disassembles at a linear address into text (size 160); hex: its bytes, 31.
 * The length, 0 when there is no memory. *fetched: bytes that were there. */
unsigned disasm_at(struct debugger *d, uint64_t addr, unsigned bits,
                   uint64_t rip, char *text, char *hex);
/* "name+off" or what Bochs says when there is none. */
void symbol_text(struct debugger *d, uint64_t addr, char *out, size_t size);
void print_registers(struct debugger *d);
void print_flags(struct debugger *d, uint64_t flags);
const char *mode_name(const struct cpu *c);
/* Linear to physical; false: not mapped. */
bool to_physical(struct debugger *d, uint64_t laddr, uint64_t *paddr);
bool read_linear(struct debugger *d, uint64_t addr, void *out, size_t n);
bool read_physical(struct debugger *d, uint64_t addr, void *out, size_t n);

#endif
