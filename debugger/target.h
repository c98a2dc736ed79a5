/*
 * target.h - the machine as a debugger sees it: registers by name, memory by
 * three kinds of address, what stops a run, and the run itself.
 *
 * Both the command language and the gdb stub stand on this, and both may be
 * there at once: whoever starts the run gets the reason why it ended, the
 * other one is told through its observer. Reading never changes what the guest
 * can see (no accessed bits, no device reads); writing goes through the input
 * queue's log like every act of the host.
 */
#ifndef DEBUGGER_TARGET_H
#define DEBUGGER_TARGET_H

#include "core/err.h"

struct cpu;
struct target;
struct stop;

enum target_ran {
    TARGET_RAN,      /* the tick was reached, or something stopped the run */
    TARGET_SHUTDOWN, /* triple fault that resets nothing */
    TARGET_ENDED     /* the session is over */
};

/* What the machine does for its debuggers. */
struct target_host {
    void *opaque;
    /* Runs up to tick `until` at most, a slice of it, and gives the host its
     * turn (display, signals, sockets). */
    enum target_ran (*run)(void *opaque, uint64_t until);
    /* The host's turn alone, for as long as the guest stands still. False:
     * the session is over. */
    bool (*idle)(void *opaque);
    /* Puts a change into the log of all input, and back comes target_apply.
     * NULL: nobody logs. */
    bool (*change)(void *opaque, const uint8_t *data, size_t n,
                   struct error *err);
    /* Ends the session; a reset at the next instruction. May be NULL. */
    void (*quit)(void *opaque);
    void (*reset)(void *opaque);
    /* Runs backwards to the last stop or by one instruction. NULL: cannot. */
    struct stop (*back)(void *opaque, bool step);
};

/* `host` is copied; run must be there. The processor has one target at most. */
struct target *target_create(struct cpu *c, const struct target_host *host);
void target_destroy(struct target *t);
/* Does a change that came through the log. */
bool target_apply(struct cpu *c, const uint8_t *data, size_t n,
                  struct error *err);

/* What the host offers, for front ends. */
const struct target_host *target_host_of(const struct target *t);

enum addr_kind { ADDR_LINEAR, ADDR_PHYSICAL, ADDR_VIRTUAL };

enum point_kind {
    POINT_CODE, /* before the instruction at the address */
    POINT_READ, /* data, after the instruction */
    POINT_WRITE,
    POINT_ACCESS,
    POINT_PORT_READ,
    POINT_PORT_WRITE,
    POINT_MSR,       /* RDMSR, WRMSR of addr */
    POINT_REGISTER,  /* target_reg_at(addr) changed (by single steps) */
    POINT_EXCEPTION, /* vector addr, or any with len 0; before its delivery if
                        it is a fault: RIP is the instruction's */
    POINT_INTERRUPT, /* hardware or software interrupt addr, or any; at the
                        first instruction of its handler */
    POINT_MODE,      /* real, v86, protected, long: changed */
    POINT_CR3,       /* loaded */
    POINT_KIND_COUNT
};

/* One reason to stop. The list has no limit. */
struct point {
    unsigned id; /* 1..., never used again in this run */
    enum point_kind kind;
    enum addr_kind space; /* of addr */
    uint16_t selector;    /* ADDR_VIRTUAL: code segment */
    uint64_t addr;
    uint64_t len; /* bytes; 0: any address */
    bool enabled;
    bool temporary;  /* gone after its first stop */
    uint64_t hits;   /* times it matched */
    uint64_t ignore; /* matches still to be passed over */
    /* NULL, or asked at each match; false: go on. Owned by whoever set it. */
    bool (*condition)(void *opaque, struct target *t, const struct point *p);
    void *opaque;
};

enum stop_kind {
    STOP_STEP,       /* the instructions asked for have run */
    STOP_POINT,      /* .point */
    STOP_MAGIC,      /* xchg r,r as chosen by magic_break */
    STOP_BREAK_PORT, /* 8A00h protocol */
    STOP_USER,       /* Ctrl-C, or the other front end */
    STOP_TIME,       /* time breakpoint: a tick was reached */
    STOP_SHUTDOWN,   /* triple fault, if it does not reset */
    STOP_END         /* the session is over: power-off, limit */
};

struct stop {
    enum stop_kind kind;
    unsigned point; /* its id */
    uint64_t addr;  /* data points: linear address of the access; port,
                       MSR, vector, index of the register */
    uint64_t value; /* data, port, MSR, register: new value */
    uint64_t old;
    unsigned len; /* bytes accessed */
    bool write;
    bool physical; /* addr is: a page walk's access, or a device's */
};

/* Registers: one table, in the order in which `info` and gdb want them. */
enum reg_class {
    REG_GENERAL,
    REG_FLAGS,
    REG_SEGMENT,
    REG_SYSTEM,
    REG_CONTROL,
    REG_DEBUG,
    REG_X87,
    REG_VECTOR,
    REG_MSR,
    REG_CLASS_COUNT
};

struct target_reg {
    const char *name; /* rax, eax, ax, al, cs, cr0, dr7, st0, xmm0, mxcsr ... */
    enum reg_class cls;
    uint16_t bits;  /* 8 ... 256 */
    uint16_t index; /* private to target.c */
};

size_t target_reg_count(void);
const struct target_reg *target_reg_at(size_t i);
/* NULL: no such register. Case does not matter. */
const struct target_reg *target_reg_find(const char *name);
/* Little-endian value in out[bits / 8]. */
void target_reg_read(struct target *t, const struct target_reg *r,
                     uint8_t out[32]);
/* False when the value cannot be (a reserved bit of CR0, a system selector
 * as CS); err says why. Segment registers load their descriptor. */
bool target_reg_write(struct target *t, const struct target_reg *r,
                      const uint8_t in[32], struct error *err);

/*
 * False when a byte is not mapped (err names the linear address and the level
 * of the walk). Code bytes are as the guest last wrote them. Device memory is
 * not read: it shows FFh.
 */
bool target_read(struct target *t, enum addr_kind space, uint16_t selector,
                 uint64_t addr, void *out, size_t n, struct error *err);
bool target_write(struct target *t, enum addr_kind space, uint16_t selector,
                  uint64_t addr, const void *in, size_t n, struct error *err);

/* Linear (or physical, if `space` says so) address that accesses would use. */
uint64_t target_address(struct target *t, enum addr_kind space,
                        uint16_t selector, uint64_t addr);

/* A copy of *p enters the list; its id. */
unsigned target_add_point(struct target *t, const struct point *p);
bool target_remove_point(struct target *t, unsigned id);
/* NULL: none with that id. Changes of enabled, ignore, condition: at once. */
struct point *target_point(struct target *t, unsigned id);
struct point *target_point_at(struct target *t, size_t i); /* NULL: no more */
/* Addresses or kinds of points changed: tables are built anew. */
void target_points_changed(struct target *t);

/* Runs until something of the above, or `ticks` have passed (0: no limit). */
struct stop target_continue(struct target *t, uint64_t ticks);
/* n instructions, into calls and handlers; points still stop it. */
struct stop target_step(struct target *t, uint64_t n);
/* One instruction of the program at hand: the handler of an interrupt that
 * comes first runs to its end. Unless something else stops it there. */
struct stop target_step_program(struct target *t);
/* Over a CALL, INT, REP or LOOP at RIP; otherwise one instruction. */
struct stop target_step_over(struct target *t);
/* From a signal handler or another front end: the run ends soon. */
void target_interrupt(struct target *t);
/* Calls of host.run in this run, the one in work included: a condition that is
 * asked often or single steps make many short ones. */
uint64_t target_slices(const struct target *t);
/* Between the begin and the end of a run (for front ends polled in it). */
bool target_running(const struct target *t);

/* XCHG of a 16-bit register with itself stops; bit r: register r (AX is 0). */
void target_set_magic(struct target *t, uint8_t registers);
uint8_t target_magic(const struct target *t);
/* Stops the run after this instruction, for devices (8A00h protocol). */
void target_break(struct target *t);

/* The last taken branches, oldest first; recorded while switched on, which
 * halves the speed. i counts from 0. False: no more. */
void target_record_branches(struct target *t, bool on);
bool target_branch(struct target *t, size_t i, uint16_t *cs, uint64_t *from,
                   uint64_t *to);

/* The last faults, newest first (cpu/cpu.h). NULL: no more. */
const struct fault_record *target_fault(struct target *t, size_t i);

/* Told of each end of a run, whoever started it. Up to four. */
struct target_observer {
    void *opaque;
    void (*stopped)(void *opaque, const struct stop *s);
};
bool target_observe(struct target *t, const struct target_observer *o);
void target_unobserve(struct target *t, void *opaque);

struct cpu *target_cpu(struct target *t);
/* Linear address of the next instruction; operand width there: 16, 32, 64. */
uint64_t target_pc(struct target *t);
unsigned target_code_bits(struct target *t);
uint64_t target_ticks(struct target *t);

#endif
