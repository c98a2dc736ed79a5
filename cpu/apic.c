/*
 * apic.c - the local APIC: xAPIC registers at FEE00000h, x2APIC MSRs.
 *
 * SDM vol. 3 ch. 10. The timer counts guest ticks divided by the divide
 * configuration. Departure: one processor, so that messages to others vanish.
 */
#include "cpu/apic.h"
#include "cpu/models/model.h"
#include "memory/phys.h"

enum { LVT_CMCI, LVT_TIMER, LVT_THERMAL, LVT_PERF, LVT_LINT0, LVT_LINT1,
       LVT_ERROR };

#define LVT_MASKED     (1u << 16)
#define SVR_ENABLE     (1u << 8)
#define ESR_ILLEGAL_VECTOR_SENT (1u << 5)
#define ESR_ILLEGAL_VECTOR_RECEIVED (1u << 6)
#define ESR_ILLEGAL_REGISTER (1u << 7)

/* Register numbers: MMIO offset / 16, MSR - 800h. */
enum {
    REG_ID = 0x02, REG_VERSION = 0x03, REG_TPR = 0x08, REG_PPR = 0x0a,
    REG_EOI = 0x0b, REG_RRD = 0x0c, REG_LDR = 0x0d, REG_DFR = 0x0e,
    REG_SVR = 0x0f, REG_ISR = 0x10, REG_TMR = 0x18, REG_IRR = 0x20,
    REG_ESR = 0x28, REG_LVT_CMCI = 0x2f, REG_ICR = 0x30, REG_ICR_HIGH = 0x31,
    REG_LVT_TIMER = 0x32, REG_LVT_ERROR = 0x37, REG_INITIAL = 0x38,
    REG_CURRENT = 0x39, REG_DIVIDE = 0x3e, REG_SELF_IPI = 0x3f
};

static bool hw_enabled(const struct cpu *c)
{
    return c->apic.base & APIC_BASE_ENABLE;
}

static bool sw_enabled(const struct cpu *c)
{
    return hw_enabled(c) && c->apic.svr & SVR_ENABLE;
}

static bool x2apic(const struct cpu *c)
{
    return (c->apic.base & (APIC_BASE_ENABLE | APIC_BASE_EXTD)) ==
           (APIC_BASE_ENABLE | APIC_BASE_EXTD);
}

/* ---- vectors ---- */

static int highest(const uint32_t *set)
{
    for (int w = 7; w >= 0; w--)
        if (set[w])
            return 32 * w + 31 - __builtin_clz(set[w]);
    return -1;
}

static void bit_set(uint32_t *set, unsigned v)
{
    set[v >> 5] |= UINT32_C(1) << (v & 31);
}

static void bit_clear(uint32_t *set, unsigned v)
{
    set[v >> 5] &= ~(UINT32_C(1) << (v & 31));
}

/* SDM vol. 3, 10.8.3.1. */
static uint8_t priority(const struct cpu *c)
{
    int isr = highest(c->apic.isr);
    uint8_t tpr = (uint8_t)c->apic.tpr;

    if (isr >= 0 && (isr & 0xf0) > (tpr & 0xf0))
        return (uint8_t)(isr & 0xf0);
    return tpr;
}

/* The 8259A reaches the core directly without an APIC, else through LINT0 in
 * ExtINT mode. */
static bool extint_pending(const struct cpu *c)
{
    uint32_t lint0 = c->apic.lvt[LVT_LINT0];

    if (!c->intr_line)
        return false;
    if (!hw_enabled(c))
        return true;
    return !(lint0 & LVT_MASKED) && (lint0 >> 8 & 7) == APIC_EXTINT;
}

static int fixed_pending(const struct cpu *c)
{
    int irr = hw_enabled(c) ? highest(c->apic.irr) : -1;

    return irr >= 0 && (irr & 0xf0) > (priority(c) & 0xf0) ? irr : -1;
}

static void update(struct cpu *c)
{
    if (extint_pending(c) || fixed_pending(c) >= 0)
        cpu_raise(c, EV_INTR);
    else
        c->events &= ~(uint32_t)EV_INTR;
}

static void error(struct cpu *c, uint32_t bit)
{
    uint32_t lvt = c->apic.lvt[LVT_ERROR];
    bool first = !(c->apic.esr_pending & bit);

    c->apic.esr_pending |= bit;
    if (first && !(lvt & LVT_MASKED) && (lvt & 0xff) >= 16) {
        bit_set(c->apic.irr, lvt & 0xff);
        update(c);
    }
}

static void accept(struct cpu *c, uint8_t vector, bool level)
{
    if (vector < 16) {
        error(c, ESR_ILLEGAL_VECTOR_RECEIVED);
        return;
    }
    bit_set(c->apic.irr, vector);
    if (level)
        bit_set(c->apic.tmr, vector);
    else
        bit_clear(c->apic.tmr, vector);
    update(c);
}

static void local_message(struct cpu *c, uint8_t mode, uint8_t vector,
                          bool level)
{
    switch (mode) {
    case APIC_FIXED:
    case APIC_LOWEST:
        if (sw_enabled(c))
            accept(c, vector, level);
        break;
    case APIC_SMI:
        cpu_raise(c, EV_SMI);
        break;
    case APIC_NMI:
        cpu_raise(c, EV_NMI);
        break;
    case APIC_INIT:
        cpu_raise(c, EV_INIT);
        break;
    default: /* start-up is for waiting processors; ExtINT has its own wire */
        break;
    }
}

static bool addressed(const struct cpu *c, uint32_t dest, bool logical)
{
    uint32_t ldr = c->apic.ldr;

    if (!logical)
        return dest == c->apic.id || dest == (x2apic(c) ? UINT32_MAX : 0xff);
    if (x2apic(c))
        return dest == UINT32_MAX ||
               (dest >> 16 == ldr >> 16 && dest & ldr & 0xffff);
    if (c->apic.dfr >> 28 == 0xf) /* flat */
        return dest & ldr >> 24;
    return dest == 0xff || ((dest >> 4 == ldr >> 28) && dest & ldr >> 24 & 15);
}

void apic_deliver(struct cpu *c, uint8_t dest, bool logical, uint8_t mode,
                  uint8_t vector, bool level_trigger)
{
    if (mode == APIC_EXTINT) {
        apic_intr_pin(c, 0, true);
        return;
    }
    if (addressed(c, dest == 0xff && x2apic(c) ? UINT32_MAX : dest, logical))
        local_message(c, mode, vector, level_trigger);
}

static void send_ipi(struct cpu *c)
{
    uint64_t icr = c->apic.icr;
    uint32_t dest = x2apic(c) ? (uint32_t)(icr >> 32) : icr >> 56;
    uint8_t mode = icr >> 8 & 7, vector = (uint8_t)icr;
    bool assert_ = icr >> 14 & 1, level = icr >> 15 & 1;
    bool to_me;

    if (mode <= APIC_LOWEST && vector < 16) {
        error(c, ESR_ILLEGAL_VECTOR_SENT);
        return;
    }
    switch (icr >> 18 & 3) {
    case 0:
        to_me = addressed(c, dest, icr >> 11 & 1);
        break;
    case 1:
    case 2:
        to_me = true;
        break;
    default:
        to_me = false;
        break;
    }
    if (mode == APIC_INIT && level && !assert_)
        return; /* INIT level de-assert: only synchronises arbitration */
    if (to_me)
        local_message(c, mode, vector, false);
}

int apic_acknowledge(struct cpu *c)
{
    int v = fixed_pending(c);

    if (v >= 0) {
        bit_clear(c->apic.irr, (unsigned)v);
        bit_set(c->apic.isr, (unsigned)v);
    } else if (extint_pending(c) && c->intack) {
        v = c->intack(c->intack_opaque);
    }
    update(c);
    return v;
}

static void end_of_interrupt(struct cpu *c)
{
    int v = highest(c->apic.isr);

    if (v < 0)
        return;
    bit_clear(c->apic.isr, (unsigned)v);
    if (c->apic.tmr[v >> 5] >> (v & 31) & 1 && c->eoi)
        c->eoi(c->eoi_opaque, (uint8_t)v);
    update(c);
}

/* ---- pins ---- */

void apic_intr_pin(void *cpu, unsigned n, bool level)
{
    struct cpu *c = cpu;

    (void)n;
    c->intr_line = level;
    update(c);
}

void apic_nmi_pin(void *cpu, unsigned n, bool level)
{
    struct cpu *c = cpu;

    (void)n;
    if (level && !c->nmi_line)
        cpu_raise(c, EV_NMI);
    c->nmi_line = level;
}

/* ---- timer ---- */

static unsigned divide_shift(const struct cpu *c)
{
    unsigned v = (c->apic.divide & 3) | (c->apic.divide >> 1 & 4);

    return v == 7 ? 0 : v + 1;
}

static uint64_t ticks_now(const struct cpu *c)
{
    return c->dev.sv->clock->now;
}

static unsigned timer_mode(const struct cpu *c)
{
    return c->apic.lvt[LVT_TIMER] >> 17 & 3;
}

static uint32_t current_count(const struct cpu *c)
{
    uint64_t run;

    if (!c->apic.initial_count || timer_mode(c) == 2)
        return 0;
    run = (ticks_now(c) - c->apic.timer_start) >> divide_shift(c);
    if (timer_mode(c) == 1)
        return c->apic.initial_count -
               (uint32_t)(run % c->apic.initial_count);
    return run >= c->apic.initial_count
               ? 0
               : c->apic.initial_count - (uint32_t)run;
}

static void arm(struct cpu *c)
{
    uint64_t period = (uint64_t)c->apic.initial_count << divide_shift(c);

    if (!c->apic.initial_count || timer_mode(c) == 2) {
        timer_cancel(&c->apic_timer);
        return;
    }
    timer_arm_tick(&c->apic_timer, c->apic.timer_start + period);
}

static void timer_fired(void *opaque)
{
    struct cpu *c = opaque;
    uint32_t lvt = c->apic.lvt[LVT_TIMER];

    if (!(lvt & LVT_MASKED))
        local_message(c, APIC_FIXED, (uint8_t)lvt, false);
    switch (timer_mode(c)) {
    case 1:
        c->apic.timer_start = ticks_now(c);
        arm(c);
        break;
    case 2:
        c->apic.tsc_deadline = 0;
        break;
    default:
        break;
    }
}

static void load_count(struct cpu *c, uint32_t v)
{
    if (timer_mode(c) == 2)
        return;
    c->apic.initial_count = v;
    c->apic.timer_start = ticks_now(c);
    arm(c);
}

/* The rest of the running count goes on at the new rate. */
static void load_divide(struct cpu *c, uint32_t v)
{
    uint32_t done = c->apic.initial_count - current_count(c);

    c->apic.divide = v & 0xb;
    c->apic.timer_start =
        ticks_now(c) - ((uint64_t)done << divide_shift(c));
    arm(c);
}

void apic_set_tsc_deadline(struct cpu *c, uint64_t tsc)
{
    if (timer_mode(c) != 2)
        return;
    c->apic.tsc_deadline = tsc;
    if (tsc)
        timer_arm_tick(&c->apic_timer, tsc - c->msr.tsc_offset);
    else
        timer_cancel(&c->apic_timer);
}

/* ---- registers ---- */

static uint32_t lvt_mask(unsigned n)
{
    /* Delivery status and remote IRR can only be read: 0. */
    static const uint32_t mask[APIC_LVTS] = {
        [LVT_CMCI] = 0x107ff,  [LVT_TIMER] = 0x700ff,
        [LVT_THERMAL] = 0x107ff, [LVT_PERF] = 0x107ff,
        [LVT_LINT0] = 0x1a7ff, [LVT_LINT1] = 0x1a7ff,
        [LVT_ERROR] = 0x100ff};

    return mask[n];
}

static void lvt_write(struct cpu *c, unsigned n, uint32_t v)
{
    uint32_t mode_was = timer_mode(c);

    if (n == LVT_TIMER && !cpu_has(c, FEAT_TSC_DEADLINE))
        v &= ~(UINT32_C(1) << 18);
    c->apic.lvt[n] = v & lvt_mask(n);
    if (!sw_enabled(c))
        c->apic.lvt[n] |= LVT_MASKED;
    if (n == LVT_TIMER && mode_was != timer_mode(c)) {
        if (mode_was == 2 || timer_mode(c) == 2) {
            c->apic.initial_count = 0;
            c->apic.tsc_deadline = 0;
        }
        arm(c);
    }
    update(c);
}

static void svr_write(struct cpu *c, uint32_t v)
{
    c->apic.svr = v & 0x3ff;
    if (!(v & SVR_ENABLE))
        for (unsigned n = 0; n < APIC_LVTS; n++)
            c->apic.lvt[n] |= LVT_MASKED;
    update(c);
}

static bool reg_read(struct cpu *c, unsigned r, uint32_t *v)
{
    cpu_sync_clock(c);
    if (r >= REG_ISR && r < REG_ISR + 8)
        *v = c->apic.isr[r - REG_ISR];
    else if (r >= REG_TMR && r < REG_TMR + 8)
        *v = c->apic.tmr[r - REG_TMR];
    else if (r >= REG_IRR && r < REG_IRR + 8)
        *v = c->apic.irr[r - REG_IRR];
    else if (r >= REG_LVT_TIMER && r <= REG_LVT_ERROR)
        *v = c->apic.lvt[LVT_TIMER + r - REG_LVT_TIMER];
    else
        switch (r) {
        case REG_ID:
            *v = x2apic(c) ? c->apic.id : c->apic.id << 24;
            break;
        case REG_VERSION:
            *v = 0x14 | (APIC_LVTS - 2) << 16;
            break;
        case REG_TPR:
            *v = c->apic.tpr;
            break;
        case REG_PPR:
            *v = priority(c);
            break;
        case REG_LDR:
            *v = c->apic.ldr;
            break;
        case REG_DFR:
            *v = c->apic.dfr;
            break;
        case REG_SVR:
            *v = c->apic.svr;
            break;
        case REG_ESR:
            *v = c->apic.esr;
            break;
        case REG_ICR:
            *v = (uint32_t)c->apic.icr;
            break;
        case REG_ICR_HIGH:
            *v = (uint32_t)(c->apic.icr >> 32);
            break;
        case REG_INITIAL:
            *v = c->apic.initial_count;
            break;
        case REG_CURRENT:
            *v = current_count(c);
            break;
        case REG_DIVIDE:
            *v = c->apic.divide;
            break;
        default:
            *v = 0;
            return false;
        }
    return true;
}

static bool reg_write(struct cpu *c, unsigned r, uint32_t v)
{
    cpu_sync_clock(c);
    if (r >= REG_LVT_TIMER && r <= REG_LVT_ERROR) {
        lvt_write(c, LVT_TIMER + r - REG_LVT_TIMER, v);
        return true;
    }
    switch (r) {
    case REG_ID:
        c->apic.id = v >> 24;
        break;
    case REG_TPR:
        apic_set_tpr(c, (uint8_t)v);
        break;
    case REG_EOI:
        end_of_interrupt(c);
        break;
    case REG_LDR:
        c->apic.ldr = v & 0xff000000;
        break;
    case REG_DFR:
        c->apic.dfr = v | 0x0fffffff;
        break;
    case REG_SVR:
        svr_write(c, v);
        break;
    case REG_ESR:
        c->apic.esr = c->apic.esr_pending;
        c->apic.esr_pending = 0;
        break;
    case REG_ICR:
        c->apic.icr = (c->apic.icr & ~UINT64_C(0xffffffff)) | (v & 0xccfff);
        send_ipi(c);
        break;
    case REG_ICR_HIGH:
        c->apic.icr = (uint32_t)c->apic.icr | (uint64_t)v << 32;
        break;
    case REG_INITIAL:
        load_count(c, v);
        break;
    case REG_DIVIDE:
        load_divide(c, v);
        break;
    default:
        return false;
    }
    return true;
}

void apic_set_tpr(struct cpu *c, uint8_t tpr)
{
    c->apic.tpr = tpr;
    update(c);
}

/* Registers are 32 bits on 16-byte boundaries; narrower reads see their part
 * and the rest is undefined: we give what a dword read would. */
static uint64_t mmio_read(void *opaque, uint64_t off, unsigned size)
{
    struct cpu *c = opaque;
    uint32_t v;

    if (!reg_read(c, (unsigned)(off >> 4) & 0xff, &v))
        error(c, ESR_ILLEGAL_REGISTER);
    return size < 4 ? v >> (8 * (off & 3)) : v;
}

static void mmio_write(void *opaque, uint64_t off, uint64_t v, unsigned size)
{
    struct cpu *c = opaque;

    if (off & 15 || size < 4)
        return;
    if (!reg_write(c, (unsigned)(off >> 4) & 0xff, (uint32_t)v))
        error(c, ESR_ILLEGAL_REGISTER);
}

static const struct mmio_ops apic_mmio = {mmio_read, mmio_write};

bool apic_msr_read(struct cpu *c, uint32_t msr, uint64_t *v)
{
    unsigned r = msr - 0x800;
    uint32_t low = 0;

    if (!x2apic(c) || r == REG_DFR || r == REG_ICR_HIGH || r == REG_EOI ||
        r == REG_SELF_IPI)
        return false;
    if (r == REG_ICR) {
        *v = c->apic.icr;
        return true;
    }
    if (!reg_read(c, r, &low))
        return false;
    *v = low;
    return true;
}

bool apic_msr_write(struct cpu *c, uint32_t msr, uint64_t v)
{
    unsigned r = msr - 0x800;

    if (!x2apic(c) || r == REG_ID || r == REG_LDR || r == REG_DFR ||
        r == REG_ICR_HIGH)
        return false;
    if (r == REG_ICR) {
        c->apic.icr = v & UINT64_C(0xffffffff000ccfff);
        send_ipi(c);
        return true;
    }
    if (v >> 32)
        return false;
    if (r == REG_SELF_IPI) {
        local_message(c, APIC_FIXED, (uint8_t)v, false);
        return true;
    }
    if ((r == REG_EOI || r == REG_ESR) && v)
        return false;
    return reg_write(c, r, (uint32_t)v);
}

bool apic_base_write(struct cpu *c, uint64_t v)
{
    uint64_t old = c->apic.base;
    uint64_t valid = (UINT64_C(1) << c->model->phys_bits) - PAGE_SIZE;

    valid |= APIC_BASE_BSP | APIC_BASE_ENABLE;
    if (cpu_has(c, FEAT_X2APIC))
        valid |= APIC_BASE_EXTD;
    if (v & ~valid || (v & APIC_BASE_EXTD && !(v & APIC_BASE_ENABLE)))
        return false;
    /* 10.12.5: from x2APIC only to disabled. */
    if (old & APIC_BASE_EXTD && v & APIC_BASE_ENABLE && !(v & APIC_BASE_EXTD))
        return false;
    c->apic.base = v;
    if (x2apic(c) && !(old & APIC_BASE_EXTD))
        c->apic.ldr = (c->apic.id >> 4) << 16 | 1u << (c->apic.id & 15);
    if (!(v & APIC_BASE_ENABLE) && old & APIC_BASE_ENABLE) {
        apic_reset(c);
        c->apic.base = v;
    }
    apic_remap(c);
    update(c);
    return true;
}

void apic_remap(struct cpu *c)
{
    uint64_t base = c->apic.base & ~UINT64_C(0xfff);
    bool on = hw_enabled(c) && !x2apic(c) && cpu_has(c, FEAT_XAPIC);

    if (!c->apic_region)
        return;
    phys_begin(c->phys);
    phys_region_move(c->apic_region, base);
    phys_region_enable(c->apic_region, on);
    phys_commit(c->phys);
}

void apic_create(struct cpu *c)
{
    timer_init(&c->apic_timer, c->dev.sv->clock, "cpu.apic", timer_fired, c);
    c->apic_region = phys_map_mmio(c->phys, "apic", 0xfee00000, PAGE_SIZE, 10,
                                   &apic_mmio, c);
}

void apic_destroy(struct cpu *c)
{
    timer_destroy(&c->apic_timer);
}

void apic_reset(struct cpu *c)
{
    uint32_t id = c->apic.id;

    c->apic = (struct apic_regs){.id = id, .dfr = UINT32_MAX, .svr = 0xff};
    if (cpu_has(c, FEAT_XAPIC))
        c->apic.base = 0xfee00000 | APIC_BASE_BSP | APIC_BASE_ENABLE;
    for (unsigned n = 0; n < APIC_LVTS; n++)
        c->apic.lvt[n] = LVT_MASKED;
    /* Departure from 10.4.7.1 (all masked): every BIOS expects the 8259A to be
     * heard from the first instruction on, as if it had set LINT0 already. */
    c->apic.lvt[LVT_LINT0] = APIC_EXTINT << 8;
    timer_cancel(&c->apic_timer);
    apic_remap(c);
    update(c);
}
