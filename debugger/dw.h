/*
 * dw.h - debug information of the guest's programs: units, names, frames and
 * where variables are (DWARF, read by libdw).
 *
 * Addresses of a module are those of its file; linear ones are `offset`
 * higher. What a file says is trusted nowhere: a location that makes no sense
 * is "optimized out", a frame that cannot be is the last one.
 */
#ifndef DEBUGGER_DW_H
#define DEBUGGER_DW_H

#include "debugger/dw_api.h"
#include "debugger/symbols.h"
#include "debugger/target.h"

/* A name at file level, or an enumerator (then of its enumeration). */
struct dw_name {
    const char *name;
    uint64_t die, parent;
    unsigned tag;
};

/* A file with symbols. The library opens it when first asked. */
struct dw_module {
    struct dw_module *next;
    char *path;
    uint64_t offset, space; /* of symbols_load_space */
    bool wide;              /* ELF of 64 bits: numbers of registers */
    bool tried;
    char why[160]; /* there is nothing to read */
    int fd;
    struct dw_api api;
    void *library, *dw, *cfi[2];
    uint64_t *unit; /* offsets of their DIEs */
    size_t unit_count, unit_cap;
    struct dw_name *name; /* sorted; built when first asked */
    size_t name_count, name_cap;
    bool indexed;
};

struct dw_module *dw_create(const char *path, uint64_t offset, uint64_t space,
                            bool wide);
void dw_destroy(struct dw_module *m);
/* Opens it; false: no debug information, m->why says more. */
bool dw_ready(struct dw_module *m);
/* Line rows that the reader of this project cannot reach (compressed). */
bool dw_add_lines(struct dw_module *m, struct symbols *s);

/* ---- units and names ---- */

/* What holds a pc, from the unit inwards. */
#define DW_PATH 32
struct dw_path {
    unsigned count;
    struct dw_die die[DW_PATH];
    unsigned function; /* index of the subprogram */
};

bool dw_path_at(struct dw_module *m, uint64_t pc, struct dw_path *p);
/* A name of one of the tags (0 ends them), rather in the unit of `near`. */
bool dw_find(struct dw_module *m, const char *name, const unsigned *tags,
             const struct dw_die *near, const struct dw_name **found);
bool dw_has(const struct dw_module *m, struct dw_die *die, unsigned attr);
/* A declaration of something that is defined elsewhere. */
bool dw_declares(const struct dw_module *m, struct dw_die *die);
/* Unsigned attribute, or `otherwise`. */
uint64_t dw_number(const struct dw_module *m, struct dw_die *die, unsigned attr,
                   uint64_t otherwise);
bool dw_reference(const struct dw_module *m, struct dw_die *die, unsigned attr,
                  struct dw_die *out);

/* ---- frames (dw_frame.c) ---- */

enum frame_how {
    FRAME_HERE,    /* the processor's registers */
    FRAME_CFI,     /* by call frame information */
    FRAME_POINTER, /* by the frame pointer */
    FRAME_ENTRY,   /* nothing pushed yet, or RET is next */
    FRAME_GUESS    /* a word on the stack behind a CALL */
};

struct frame {
    uint64_t pc; /* linear: where it goes on */
    uint64_t gpr[16];
    uint32_t known; /* which of gpr */
    uint64_t cfa;   /* offset in SS, once `has_cfa` */
    bool has_cfa;
    bool exact; /* pc is an instruction's, not a return address */
    enum frame_how how;
    struct dw_module *m; /* that knows pc; NULL: none */
};

struct dw_ctx {
    struct target *t;
    const struct symbols *s; /* may be NULL */
};

void frame_here(const struct dw_ctx *x, struct frame *f);
/* The caller's; false: there is none. Also fills in f->cfa when known. */
bool frame_outer(const struct dw_ctx *x, struct frame *f, struct frame *outer);
/* Where in the module f stands: of a return address the CALL before it. */
uint64_t frame_module_pc(const struct frame *f);
/* Linear address that code or stack addresses of the processor mean. */
uint64_t frame_code_linear(const struct dw_ctx *x, uint64_t ip);
bool frame_read_stack(const struct dw_ctx *x, uint64_t at, void *out, size_t n);
/* General register by the module's number; -1: another one. */
int frame_gpr(const struct dw_module *m, unsigned number);

/* ---- where things are (dw_loc.c) ---- */

enum loc_kind {
    LOC_NONE,
    LOC_MEMORY,   /* value: linear address */
    LOC_REGISTER, /* value: the module's number */
    LOC_VALUE,
    LOC_BYTES
};

struct loc {
    enum loc_kind kind;
    uint64_t value;
    const uint8_t *bytes;
    size_t size; /* of a piece or of bytes; 0: the whole object */
};

#define LOC_PIECES 8
struct locs {
    unsigned count;
    struct loc piece[LOC_PIECES];
};

/* An expression; `attr` is where it stands (may be NULL). */
bool dw_evaluate(const struct dw_ctx *x, struct frame *f, struct dw_module *m,
                 struct dw_attr *attr, const struct dw_op *ops, size_t n,
                 struct locs *out);
/* As dw_evaluate, of a plain number. */
bool dw_value(const struct dw_ctx *x, struct frame *f, struct dw_module *m,
              const struct dw_op *ops, size_t n, uint64_t *out);
/* Of a variable or parameter. f NULL: only one that is always somewhere. */
bool dw_locate(const struct dw_ctx *x, struct frame *f, struct dw_module *m,
               struct dw_die *die, struct locs *out);
/* A register of the frame as bytes; false: not known there. */
bool dw_register(const struct dw_ctx *x, const struct frame *f,
                 const struct dw_module *m, unsigned number, uint8_t out[32]);

#endif
