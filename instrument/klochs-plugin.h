/*
 * klochs-plugin.h - what a plugin that watches the guest needs to know.
 *
 * A plugin is a shared object that defines one function, klochs_plugin(). It
 * includes this header and nothing else of Klochs, and is linked with nothing
 * of it. `klochs --plugin FILE.so[,ARGUMENTS]` loads it; docs/plugins.md tells
 * more.
 *
 * A plugin watches. It can read registers and memory, and cannot change them;
 * the guest's run is the same with it as without. All calls come from one
 * thread. No callback may call back into what it was not given here.
 *
 * Later versions add members at the ends of the structs and never change what
 * is there: a plugin made with this header works with all later programs.
 */
#ifndef KLOCHS_PLUGIN_H
#define KLOCHS_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#define KLOCHS_PLUGIN_VERSION 1u

/* Registers for klochs_host.reg. Values are final. */
enum klochs_reg {
    KLOCHS_RAX,
    KLOCHS_RCX,
    KLOCHS_RDX,
    KLOCHS_RBX,
    KLOCHS_RSP,
    KLOCHS_RBP,
    KLOCHS_RSI,
    KLOCHS_RDI,
    KLOCHS_R8,
    KLOCHS_R9,
    KLOCHS_R10,
    KLOCHS_R11,
    KLOCHS_R12,
    KLOCHS_R13,
    KLOCHS_R14,
    KLOCHS_R15,
    KLOCHS_RIP,    /* of the instruction at hand; after `executed` and `branch`
                      of the next one */
    KLOCHS_RFLAGS, /* arithmetic flags are exact in `instruction` and
                      `executed` only */
    KLOCHS_ES,
    KLOCHS_CS,
    KLOCHS_SS,
    KLOCHS_DS,
    KLOCHS_FS,
    KLOCHS_GS,
    KLOCHS_LDTR,
    KLOCHS_TR, /* selectors */
    KLOCHS_ES_BASE,
    KLOCHS_CS_BASE,
    KLOCHS_SS_BASE,
    KLOCHS_DS_BASE,
    KLOCHS_FS_BASE,
    KLOCHS_GS_BASE,
    KLOCHS_LDTR_BASE,
    KLOCHS_TR_BASE,
    KLOCHS_GDTR_BASE,
    KLOCHS_IDTR_BASE,
    KLOCHS_CR0,
    KLOCHS_CR2,
    KLOCHS_CR3,
    KLOCHS_CR4,
    KLOCHS_CR8,
    KLOCHS_XCR0,
    KLOCHS_EFER,
    KLOCHS_DR0,
    KLOCHS_DR1,
    KLOCHS_DR2,
    KLOCHS_DR3,
    KLOCHS_DR6,
    KLOCHS_DR7,
    KLOCHS_CPL,  /* 0 ... 3 */
    KLOCHS_BITS, /* of the code segment: 16, 32, 64 */
    KLOCHS_REGS
};

/* What the program does for a plugin. Valid until `close` has returned; the
 * first argument of each function is this struct. */
struct klochs_host {
    uint32_t version;    /* the program's KLOCHS_PLUGIN_VERSION */
    uint32_t size;       /* of the program's struct, in bytes */
    const char *program; /* "Klochs 0.9" */
    uint32_t cpus;       /* processors are numbered from 0 */

    /* Guest time: instructions, events and idle time since power-on. */
    uint64_t (*ticks)(const struct klochs_host *h);
    /* Ticks that were not idle time. */
    uint64_t (*instructions)(const struct klochs_host *h, unsigned cpu);
    /* 0 for a register that there is not. */
    uint64_t (*reg)(const struct klochs_host *h, unsigned cpu,
                    enum klochs_reg r);
    /* Bytes that could be read, less than n at the first that is not mapped.
     * No device is asked (its bytes are FFh), no accessed bit set. */
    size_t (*read)(const struct klochs_host *h, unsigned cpu, uint64_t laddr,
                   void *out, size_t n);
    size_t (*read_physical)(const struct klochs_host *h, uint64_t paddr,
                            void *out, size_t n);
    /* 1 and *paddr: mapped. */
    int (*translate)(const struct klochs_host *h, unsigned cpu, uint64_t laddr,
                     uint64_t *paddr);
    /* Rows of the table of instructions are numbered from 0 to `ops` - 1;
     * several rows can have the same mnemonic. NULL: no such row. */
    uint32_t ops;
    const char *(*mnemonic)(const struct klochs_host *h, unsigned op);
    /* Intel syntax of the code at a linear address; its length, 0: none. */
    unsigned (*disassemble)(const struct klochs_host *h, unsigned cpu,
                            uint64_t laddr, char *out, size_t size);
    /* One line into the program's log, without a newline. */
    void (*log)(const struct klochs_host *h, const char *text);
};

/* Bits of klochs_insn.kind. */
enum {
    KLOCHS_JUMPS = 1,       /* may leave the straight line */
    KLOCHS_CONDITIONAL = 2, /* ... or not */
    KLOCHS_PORT = 4,        /* reaches I/O ports */
    KLOCHS_REPEATS = 8,     /* REP: one instruction, many ticks */
    KLOCHS_MEMORY = 16,     /* has a memory operand */
    KLOCHS_BAD = 32,        /* undefined: will raise #UD or #GP */
};

/* One instruction, for the length of the call. */
struct klochs_insn {
    uint64_t laddr, paddr; /* linear, physical address of its first byte */
    uint64_t rip;
    uint32_t op; /* its row, for `mnemonic`; UINT32_MAX if bad */
    uint16_t kind;
    uint8_t length; /* bytes */
    uint8_t bits;   /* 16, 32, 64: of the code segment */
};

enum {
    KLOCHS_FLUSH_ALL,
    KLOCHS_FLUSH_LOCAL,
    KLOCHS_FLUSH_PAGE,
    KLOCHS_FLUSH_PCID
};

/*
 * What a plugin wants. Callbacks that stay NULL cost nothing. Those up to
 * `executed` make the guest run one instruction at a time, `memory` takes all
 * accesses off the fast path; the others are nearly free.
 */
struct klochs_plugin {
    uint32_t version; /* set to KLOCHS_PLUGIN_VERSION */
    uint32_t size;    /* of the program's struct; set by the program */
    const char *name; /* in messages; NULL: the name of the file */
    void *self;       /* first argument of all callbacks */

    /* Before an instruction. If it faults, `exception` comes instead of
     * `executed`. */
    void (*instruction)(void *self, unsigned cpu, const struct klochs_insn *i);
    /* After it. Ticks: 1, of REP the number of repetitions that were done; if
     * an interrupt or a fault cuts it short, the rest comes as an instruction
     * of its own. The sum of these is `instructions` without the one tick that
     * each hardware interrupt, exception, SMI and INIT has. */
    void (*executed)(void *self, unsigned cpu, const struct klochs_insn *i,
                     uint64_t ticks);
    /* A branch was taken: both RIPs. Near, far, interrupts by instruction and
     * returns; not those that `interrupt` and `exception` tell alone. */
    void (*branch)(void *self, unsigned cpu, uint64_t from, uint64_t to);

    /* Data accesses, one call per page and at most 64 bytes. `value` holds the
     * first eight bytes (of a write, the new ones). An instruction that faults
     * afterwards will repeat them. Code fetches and page walks are not told. */
    void (*memory)(void *self, unsigned cpu, uint64_t laddr, uint64_t paddr,
                   unsigned length, int write, uint64_t value);
    void (*port)(void *self, unsigned cpu, uint16_t port, unsigned length,
                 int write, uint32_t value);
    void (*exception)(void *self, unsigned cpu, unsigned vector,
                      uint32_t error_code);
    /* `hardware`: of a device or an NMI, else INT n, INT3, INTO, INT1. */
    void (*interrupt)(void *self, unsigned cpu, unsigned vector, int hardware);
    void (*msr)(void *self, unsigned cpu, uint32_t msr, int write,
                uint64_t value);
    void (*cr3)(void *self, unsigned cpu, uint64_t value);
    /* KLOCHS_FLUSH_*; `address` is one, or a PCID. */
    void (*tlb)(void *self, unsigned cpu, unsigned what, uint64_t address);
    /* real 0, virtual-8086 1, protected 2, compatibility 3, 64-bit 4 */
    void (*mode)(void *self, unsigned cpu, unsigned mode);
    /* System management mode: an SMI has been taken, RSM has left it. */
    void (*smm)(void *self, unsigned cpu, int entered);
    void (*halt)(void *self, unsigned cpu); /* HLT, or MWAIT that waits */
    void (*reset)(void *self, unsigned cpu, int hardware); /* 0: INIT */

    /* The debugger's `instrument TEXT`. The answer goes line by line, without
     * newlines, to `say`. Not 0: it does not know the command. */
    int (*command)(void *self, const char *text,
                   void (*say)(void *opaque, const char *line), void *opaque);
    /* The last call: the machine is gone soon. */
    void (*close)(void *self);
};

/*
 * To be defined by the plugin. `arguments` is what stood behind the comma, ""
 * if nothing. Fills in *p, which is all zero but for `size`, and returns NULL;
 * or says in a line why not, which ends the program.
 */
#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
const char *
klochs_plugin(const struct klochs_host *host, const char *arguments,
              struct klochs_plugin *p);

#endif
