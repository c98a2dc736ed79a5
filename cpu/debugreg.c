/*
 * debugreg.c - debug registers, breakpoints, single step.
 *
 * SDM vol. 3 ch. 17.2 (registers), 17.3 (exceptions). Departure: a data
 * breakpoint on an access that the processor makes by itself (descriptors,
 * stacks of a delivery) is not looked for.
 */
#include "cpu/debugreg.h"
#include "cpu/exception.h"

/* DR7.R/W of breakpoint n: 0 execute, 1 write, 2 I/O, 3 read or write. */
enum { BP_EXEC, BP_WRITE, BP_IO, BP_ACCESS };

static bool bp_enabled(const struct cpu *c, unsigned n)
{
    return c->dr[7] >> (2 * n) & 3;
}

static unsigned bp_kind(const struct cpu *c, unsigned n)
{
    return c->dr[7] >> (16 + 4 * n) & 3;
}

static unsigned bp_bytes(const struct cpu *c, unsigned n)
{
    static const uint8_t bytes[4] = {1, 2, 8, 4};

    return bytes[c->dr[7] >> (18 + 4 * n) & 3];
}

static bool any_kind(const struct cpu *c, unsigned kinds)
{
    for (unsigned n = 0; n < 4; n++)
        if (bp_enabled(c, n) && kinds >> bp_kind(c, n) & 1)
            return true;
    return false;
}

/* 20.3.3: with VME or PVI, VIF and VIP together are a #GP before the next
 * instruction. */
static bool virtual_interrupt(const struct cpu *c)
{
    const uint64_t both = EFL_VIF | EFL_VIP;

    if ((c->rflags & both) != both || c->cpl != 3)
        return false;
    return c->cr4 & (c->rflags & EFL_VM ? CR4_VME : CR4_PVI);
}

bool debug_active(const struct cpu *c)
{
    return (c->rflags & (EFL_TF | EFL_RF)) || c->pending_dbg ||
           any_kind(c, 1u << BP_EXEC) || virtual_interrupt(c);
}

static uint64_t linear_mask(const struct cpu *c)
{
    return cpu_long(c) ? UINT64_MAX : UINT32_MAX;
}

/* 17.2.5: all matching breakpoints show in DR6, enabled or not; one that is
 * enabled makes the exception. */
static uint64_t match(const struct cpu *c, uint64_t addr, unsigned len,
                      unsigned kinds)
{
    uint64_t bits = 0;
    bool hit = false;

    for (unsigned n = 0; n < 4; n++) {
        /* The address is aligned to the length; exec uses all of it. */
        unsigned bytes = bp_bytes(c, n);
        uint64_t at = c->dr[n] & linear_mask(c) & ~(uint64_t)(bytes - 1);

        if (!(kinds >> bp_kind(c, n) & 1))
            continue;
        if (addr < at + bytes && at < addr + len) {
            bits |= 1u << n;
            hit |= bp_enabled(c, n);
        }
    }
    return hit ? bits : 0;
}

void debug_begin_insn(struct cpu *c)
{
    uint64_t laddr, hit;

    /* 17.3.1.5: the trap of a task switch comes before the first one. */
    if (c->pending_dbg & DR6_BT) {
        debug_end_insn(c);
        c->insn_rip = c->rip;
    }
    if (virtual_interrupt(c))
        cpu_fault_why(c, EXC_GP, 0, "VIF and VIP are both set");
    laddr = c->rip;
    if (c->mode != MODE_LONG64)
        laddr = (uint32_t)(laddr + c->seg[SEG_CS].base);
    hit = c->rflags & EFL_RF ? 0 : match(c, laddr, 1, 1u << BP_EXEC);
    if (hit) {
        c->pending_dbg |= hit;
        cpu_fault_why(c, EXC_DB, 0, "instruction breakpoint");
    }
    c->rflags &= ~(uint64_t)EFL_RF; /* 17.3.1.1: holds for one instruction */
    if (c->rflags & EFL_TF)
        c->pending_dbg |= DR6_BS;
}

void debug_end_insn(struct cpu *c)
{
    if (!c->pending_dbg)
        return;
    if (c->pending_dbg & DEBUG_HOLD) {
        /* 6.8.3: MOV SS itself ends here; its single step is lost, a data
         * breakpoint waits for the next instruction. */
        if (c->events & EV_SHADOW) {
            c->pending_dbg &= ~(uint64_t)DR6_BS;
            return;
        }
        c->pending_dbg &= ~(uint64_t)DEBUG_HOLD;
        if (!c->pending_dbg)
            return;
    }
    debug_report(c);
    cpu_interrupt(c, EXC_DB, INT_EXC, false, 0);
}

void debug_hold(struct cpu *c)
{
    if (c->pending_dbg)
        c->pending_dbg |= DEBUG_HOLD;
}

void debug_report(struct cpu *c)
{
    uint64_t bits = c->pending_dbg & (15 | DR6_BD | DR6_BS | DR6_BT);

    c->dr[6] = (c->dr[6] & ~(uint64_t)15) | bits | DR6_FIXED;
    c->dr[7] &= ~(uint64_t)DR7_GD; /* 17.2.4: so the handler can look */
    c->pending_dbg = 0;
}

bool debug_watches_code(const struct cpu *c)
{
    return c->dr[7] & 0xff && any_kind(c, 1u << BP_EXEC);
}

bool debug_watches_data(const struct cpu *c)
{
    return any_kind(c, 1u << BP_WRITE | 1u << BP_ACCESS);
}

bool debug_watches_io(const struct cpu *c)
{
    return c->cr4 & CR4_DE && any_kind(c, 1u << BP_IO);
}

static bool note(struct cpu *c, uint64_t hit)
{
    if (hit) {
        c->pending_dbg |= hit;
        cpu_raise(c, EV_TRAP);
    }
    return hit != 0;
}

bool debug_watch_hits(struct cpu *c, uint64_t laddr, unsigned len, bool write)
{
    unsigned kinds = 1u << BP_ACCESS | (write ? 1u << BP_WRITE : 0);

    return note(c, match(c, laddr, len, kinds));
}

bool debug_io_hits(struct cpu *c, uint16_t port, unsigned len)
{
    if (!(c->cr4 & CR4_DE))
        return false;
    return note(c, match(c, port, len, 1u << BP_IO));
}

bool debug_watches_page(const struct cpu *c, uint64_t laddr)
{
    for (unsigned n = 0; n < 4; n++)
        if (bp_enabled(c, n) && (bp_kind(c, n) & 1) &&
            !(((c->dr[n] ^ laddr) & linear_mask(c)) >> 12))
            return true;
    return false;
}
