/*
 * cpu.h - one processor: its guest-visible state and what is derived from it.
 *
 * Rules for plain handlers (`void op_x(struct cpu *c, const struct decoded
 * *d)`): all guest memory goes through cpu/access.h; a fault leaves by
 * cpu_fault*() and never returns; no architectural state changes before the
 * last access that can fault, except where hardware does so; arithmetic
 * flags go through cpu/flags.h; handlers that change mode, mapping,
 * privilege or RIP carry the END or JUMP attribute in x86.tab.
 */
#ifndef CPU_CPU_H
#define CPU_CPU_H

#include "core/device.h"
#include "core/rng.h"
#include "cpu/decode.h"
#include "cpu/softfloat/softfloat.h"
#include "cpu/vec.h"
#include <setjmp.h>

enum gpr { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R15 = 15, GPR_NIL = 16 };

enum seg_reg {
    SEG_ES, SEG_CS, SEG_SS, SEG_DS, SEG_FS, SEG_GS, SEG_LDTR, SEG_TR, SEG_COUNT
};

/* Exceptions, SDM vol. 3 table 6-1. */
enum {
    EXC_DE, EXC_DB, EXC_NMI, EXC_BP, EXC_OF, EXC_BR, EXC_UD, EXC_NM, EXC_DF,
    EXC_TS = 10, EXC_NP, EXC_SS, EXC_GP, EXC_PF, EXC_MF = 16, EXC_AC, EXC_MC,
    EXC_XM
};

enum {
    EFL_CF = 1u << 0, EFL_PF = 1u << 2, EFL_AF = 1u << 4, EFL_ZF = 1u << 6,
    EFL_SF = 1u << 7, EFL_TF = 1u << 8, EFL_IF = 1u << 9, EFL_DF = 1u << 10,
    EFL_OF = 1u << 11, EFL_IOPL = 3u << 12, EFL_NT = 1u << 14,
    EFL_RF = 1u << 16, EFL_VM = 1u << 17, EFL_AC = 1u << 18,
    EFL_VIF = 1u << 19, EFL_VIP = 1u << 20, EFL_ID = 1u << 21,
    EFL_ARITH = EFL_CF | EFL_PF | EFL_AF | EFL_ZF | EFL_SF | EFL_OF
};

#define CR0_PE 0x00000001u
#define CR0_MP 0x00000002u
#define CR0_EM 0x00000004u
#define CR0_TS 0x00000008u
#define CR0_ET 0x00000010u
#define CR0_NE 0x00000020u
#define CR0_WP 0x00010000u
#define CR0_AM 0x00040000u
#define CR0_NW 0x20000000u
#define CR0_CD 0x40000000u
#define CR0_PG 0x80000000u

#define CR4_VME        (1u << 0)
#define CR4_PVI        (1u << 1)
#define CR4_TSD        (1u << 2)
#define CR4_DE         (1u << 3)
#define CR4_PSE        (1u << 4)
#define CR4_PAE        (1u << 5)
#define CR4_MCE        (1u << 6)
#define CR4_PGE        (1u << 7)
#define CR4_PCE        (1u << 8)
#define CR4_OSFXSR     (1u << 9)
#define CR4_OSXMMEXCPT (1u << 10)
#define CR4_UMIP       (1u << 11)
#define CR4_FSGSBASE   (1u << 16)
#define CR4_PCIDE      (1u << 17)
#define CR4_OSXSAVE    (1u << 18)
#define CR4_SMEP       (1u << 20)
#define CR4_SMAP       (1u << 21)

#define EFER_SCE  0x001u
#define EFER_LME  0x100u
#define EFER_LMA  0x400u
#define EFER_NXE  0x800u

/* Hidden part of a segment register. */
struct segment {
    uint64_t base;
    uint32_t limit;    /* inclusive, in bytes (granularity applied) */
    uint16_t selector;
    uint8_t access;    /* descriptor byte 5: P DPL S TYPE */
    uint8_t flags;     /* bits 3..0: G D/B L AVL (descriptor byte 6, high) */
    bool usable;       /* false: null or never loaded */
};

#define SEG_P(s)    (((s)->access >> 7) & 1)
#define SEG_DPL(s)  (((s)->access >> 5) & 3)
#define SEG_S(s)    (((s)->access >> 4) & 1)
#define SEG_TYPE(s) ((s)->access & 15)
#define SEG_G(s)    (((s)->flags >> 3) & 1)
#define SEG_DB(s)   (((s)->flags >> 2) & 1)
#define SEG_L(s)    (((s)->flags >> 1) & 1)

struct table_reg {
    uint64_t base;
    uint16_t limit;
};

struct fpu {
    struct f80 r[8]; /* physical R0..R7, not ST(i) */
    uint16_t cw, sw; /* TOP lives in sw bits 11-13 */
    uint16_t tw;     /* full two-bit tags of the physical registers */
    uint16_t fop;    /* 11 bits */
    uint64_t fip, fdp;
    uint16_t fcs, fds;
};

#define APIC_LVTS 7 /* CMCI timer thermal perf lint0 lint1 error */

struct apic_regs {
    uint64_t base;       /* IA32_APIC_BASE */
    uint32_t id, tpr, ldr, dfr, svr, esr, esr_pending;
    uint32_t isr[8], tmr[8], irr[8];
    uint64_t icr;
    uint32_t lvt[APIC_LVTS];
    uint32_t initial_count, divide;
    uint64_t timer_start; /* tick at which the count was loaded */
    uint64_t tsc_deadline;
};

/* Interrupt and event requests; any bit makes the run loop look. */
enum {
    EV_INTR = 1u << 0,   /* INTR pin or local APIC wants an INTA */
    EV_NMI = 1u << 1,
    EV_SMI = 1u << 2,
    EV_INIT = 1u << 3,
    EV_TRAP = 1u << 4,   /* single step or debug trap after this instruction */
    EV_SHADOW = 1u << 5, /* MOV SS / STI: no interrupt after this one */
    EV_HALT = 1u << 6,   /* HLT or MWAIT: waits */
    EV_SHUTDOWN = 1u << 7, /* triple fault */
    EV_STOP = 1u << 8,   /* the machine wants control back */
    EV_WAIT_SIPI = 1u << 9, /* after INIT on an application processor */
    EV_RESET = 1u << 10,
    EV_TAKE_INTR = 1u << 11, /* a debugger's: INTA though IF or INTR is clear */
    EV_MWAIT = 1u << 12, /* with EV_HALT: it was MWAIT ... */
    EV_MASKED = 1u << 13, /* ... and masked interrupts end it */
    EV_WAITS = EV_HALT | EV_MWAIT | EV_MASKED
};

enum cpu_mode {
    MODE_REAL, MODE_V86, MODE_PROT, MODE_COMPAT, MODE_LONG64
};

#define FAULT_RECORDS 64u

struct cpu_model; /* cpu/models/model.h */
struct tlb;       /* cpu/tlb.h */
struct tlb_set;   /* cpu/tlb.h */
struct icache;    /* cpu/icache.h */
struct insn;      /* cpu/hot.h: one slot of a trace */
struct probe;     /* cpu/probe.h */
struct probe_listener; /* cpu/probe.h */

struct cpu {
    struct device dev;

    /* ---- guest state: saved; described by cpu_fields ---- */
    uint64_t gpr[17];      /* [GPR_NIL] is always 0: "no register" */
    uint64_t rip;
    uint64_t rflags;       /* arithmetic bits valid only after flags_sync() */
    struct segment seg[SEG_COUNT];
    struct table_reg gdtr, idtr;
    uint64_t cr0, cr2, cr3, cr4, xcr0, efer;
    uint64_t pdpte[4];     /* PAE page-directory-pointer registers */
    uint64_t dr[8];        /* 4 and 5 unused */
    uint8_t cpl;
    uint8_t activity;      /* reserved, 0 */
    bool nmi_masked;       /* until IRET */
    bool in_smm;
    bool intr_line, nmi_line, smi_line; /* pin levels */
    bool ignne;            /* IGNNE# asserted */
    uint32_t events;       /* EV_* */
    uint32_t smbase;
    uint64_t pending_dbg;  /* DR6 bits of a debug trap not yet delivered */
    uint64_t icount;       /* instructions retired since power-on */
    struct fpu fpu;
    struct vec vec[32];    /* XMM/YMM/ZMM */
    uint32_t mxcsr;
    struct apic_regs apic;
    struct cpu_msrs {
        uint64_t star, lstar, cstar, fmask, kernel_gs_base, tsc_aux;
        uint64_t sysenter_cs, sysenter_esp, sysenter_eip;
        uint64_t tsc_offset, tsc_adjust; /* TSC = tick + offset */
        uint64_t pat, mtrr_def, mtrr_phys[16], mtrr_mask[16], mtrr_fix[11];
        uint64_t misc_enable, debugctl, feature_control, xss;
        uint64_t mc[16];
        uint64_t smi_count, power_ctl;
        uint64_t spare[6];
    } msr;
    struct monitor {
        uint64_t paddr;
        bool armed;
    } monitor;
    struct rng rng;        /* RDRAND, RDSEED */

    /* ---- derived or host-side: never saved ---- */
    /* Lazy arithmetic flags; cpu/flags.h explains the kinds. */
    uint64_t fl_a, fl_b;
    uint32_t fl_kind;

    enum cpu_mode mode;
    uint8_t code_bits;     /* 16, 32, 64: of the current code segment */
    uint32_t mode_key;     /* KEY_* bits: part of a trace's identity */
    uint64_t insn_rip;     /* of the instruction being executed */
    uint64_t stack_mask;   /* 0xffff, 0xffffffff or ~0 by SS.B and mode */

    int64_t budget;        /* instructions left before the next deadline;
                              true outside traces and in plain handlers */
    uint64_t tick_base;    /* clock tick at which budget reaches 0 */

    struct seg_fast {      /* SEG fast checks, kept by seg_update() */
        uint64_t base;
        uint64_t read_end;  /* first offset past the limit; 0: ask slowly */
        uint64_t write_end;
    } fast[6];

    struct tlb_set *tlbs;  /* owned */
    struct tlb *tlb;       /* the one of the current PCID */
    struct tlb_entry *dtlb; /* the array for the current privilege */
    struct icache *icache; /* owned */
    struct jump_entry *jumps; /* icache's hash of branch targets */
    struct phys *phys;
    const struct cpu_model *model;
    uint64_t features[FEATURE_WORDS];
    uint32_t quirks;       /* enum cpu_quirk, of the model */
    bool attention;        /* leave the trace after this instruction */
    uint32_t mode_id;      /* number of (mode_key, CS base, CS limit) */
    uint64_t stamp;        /* translation generation and mode id; a cached
                              translation is good while its stamp equals it */
    uint64_t last_now;     /* clock tick at the last cpu_sync_clock */
    uint8_t access_rights; /* enum tlb_rights of ordinary accesses */
    bool ac_check;         /* CPL 3, CR0.AM and RFLAGS.AC: #AC is on */
    bool running;          /* inside cpu_run: budget and tick_base count */

    /* The debugger's, if there is one: cpu/probe.h. Not owned. */
    struct probe *probe;
    uint32_t probe_mask;   /* of both, what anybody wants to know */
    struct probe_listener *listener; /* instrumentation, or NULL. Not owned. */
    uint64_t told_tick;    /* at which the listener's instruction began ... */
    bool told;             /* ... and it has not ended yet */

    /* Fault in flight. */
    jmp_buf fault_env;
    struct fault {
        uint8_t vector;
        bool has_code;
        uint32_t code;
        uint64_t cr2;
        uint64_t entry_addr, entry; /* the last one of a page fault's walk */
        uint8_t level;     /* of that entry, as in fault_record */
        const char *why;   /* the failed check, static text or NULL */
    } fault;
    uint64_t hard_interrupts; /* delivered since power-on */
    struct fault_ring {
        struct fault_record {
            uint64_t tick;
            uint64_t rip;
            uint64_t laddr;      /* of a page fault */
            uint64_t entry_addr; /* of the last entry of its walk */
            uint64_t entry;
            const char *why;     /* the failed check, static text or NULL */
            uint32_t code;
            uint16_t cs;
            uint8_t vector, mode, cpl;
            uint8_t level;       /* of that entry: 4 PML4 ... 1; 0 none */
            bool nested;         /* while another event was delivered */
            bool shutdown;       /* ... and this ended it */
        } r[FAULT_RECORDS];
        uint64_t count; /* ever; the last one is at (count - 1) % size */
    } faults;              /* the last ones, for people who ask why */
    unsigned fault_depth;  /* events being delivered, for #DF */
    uint8_t fault_class;   /* of the event being delivered (exception.c) */
    bool fault_ext;        /* that event is external: EXT in error codes */

    /* Read-modify-write in flight, between mem_rmw_read and mem_rmw_write. */
    struct rmw {
        uint64_t laddr;
        uint8_t size;
        uint8_t seg;       /* with `wraps`, laddr is an offset in it */
        bool wraps;        /* at 64 KiB, as the 8086 does */
    } rmw;

    /* Wires and callbacks set by the board. */
    struct line smm_active; /* SMIACT# */
    struct line ferr;       /* FERR# */
    uint8_t (*intack)(void *opaque); /* INTA cycle at the 8259A */
    void *intack_opaque;
    void (*eoi)(void *opaque, uint8_t vector); /* to the I/O APICs */
    void *eoi_opaque;
    struct timer apic_timer;
    struct phys_region *apic_region; /* the local APIC's page */

    /* Options. */
    struct cpu_options {
        char *model, *add_features, *exclude_features, *brand_string;
        char *msrs;
        int64_t ips;
        bool reset_on_triple_fault, ignore_bad_msrs, cpuid_limit_winnt;
        bool mwait_is_nop, force_ignne;
        int64_t seed;
    } opt;
};

static inline bool cpu_has(const struct cpu *c, enum cpu_feature f)
{
    return c->features[f / 64] >> (f % 64) & 1;
}

static inline bool cpu_protected(const struct cpu *c)
{
    return c->mode >= MODE_PROT;
}

static inline bool cpu_long(const struct cpu *c)
{
    return (c->efer & EFER_LMA) != 0;
}

/* ---- faults (cpu/exception.c) ---- */
/* Raise at the current instruction: RIP is wound back to insn_rip. */
NORETURN void cpu_fault(struct cpu *c, unsigned vector);       /* #UD #NM ... */
NORETURN void cpu_fault_code(struct cpu *c, unsigned vector, uint32_t code);
NORETURN void cpu_page_fault(struct cpu *c, uint64_t laddr, uint32_t code);

/* ---- events (cpu/run.c) ---- */
enum run_result {
    RUN_LIMIT,    /* the clock reached the tick asked for */
    RUN_STOP,     /* EV_STOP was raised */
    RUN_IDLE,     /* halted and no timer is armed: only the host can wake it */
    RUN_SHUTDOWN, /* triple fault or shutdown; the board decides */
    RUN_BREAK,    /* a debugger wants to look (cpu/probe.h) */
};

/* Runs until the clock reaches `until` or something stops it. Fires the
 * clock's timers at their exact ticks. */
enum run_result cpu_run(struct cpu *c, uint64_t until);

/* Waits for an interrupt (or, after INIT, for a SIPI) that is not there. */
bool cpu_halted(const struct cpu *c);

/* Sets EV_* bits; safe from device callbacks. */
void cpu_raise(struct cpu *c, uint32_t events);
/* Makes c->dev.sv->clock->now exact; call before anything that reads guest
 * time or touches a device. The access functions do it for MMIO and ports. */
void cpu_sync_clock(struct cpu *c);
/* Tick count now, exact: clock->now after cpu_sync_clock. */
uint64_t cpu_ticks(struct cpu *c);

/* ---- mode and translation state ---- */
/* Recomputes mode, code_bits, stack_mask, fast[], dtlb and mode_key after any
 * change of CR0, CR4, EFER, RFLAGS.VM/AC, CPL or a segment register. */
void cpu_update_mode(struct cpu *c);
/* Only CS, SS, CPL and RFLAGS changed: a transfer of control. */
void cpu_update_transfer(struct cpu *c);
/* Only segment `s` changed (and neither CS nor SS). */
void cpu_update_seg(struct cpu *c, unsigned s);
/* SDM vol. 3, 4.10.4.1. `nonglobal`: of the current PCID; `page`: of the
 * current PCID, and global ones. The last two leave global pages alone. */
void tlb_flush_all(struct cpu *c); /* all PCIDs, global pages too */
void tlb_flush_nonglobal(struct cpu *c);
void tlb_flush_page(struct cpu *c, uint64_t laddr);
void tlb_flush_pcid(struct cpu *c, uint16_t pcid);
void tlb_flush_pcid_page(struct cpu *c, uint16_t pcid, uint64_t laddr);
void tlb_flush_pcids(struct cpu *c); /* all of them, but no global page */
/* CR3 has changed with CR4.PCIDE set: to the translations of its PCID. */
void tlb_switch_pcid(struct cpu *c);

#endif
