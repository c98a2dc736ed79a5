/*
 * apic_test.c - the local APIC: registers, interrupts and their priorities,
 * messages, errors, the timer, x2APIC mode (SDM vol. 3 ch. 10).
 */
#include "cpu/apic.h"
#include "cpu/msr.h"
#include "machine/exec.h"
#include "memory/phys.h"
#include "tests/tap.h"

enum {
    ID = 0x20,
    VERSION = 0x30,
    TPR = 0x80,
    PPR = 0xa0,
    EOI = 0xb0,
    LDR = 0xd0,
    DFR = 0xe0,
    SVR = 0xf0,
    ISR = 0x100,
    TMR = 0x180,
    IRR = 0x200,
    ESR = 0x280,
    ICR = 0x300,
    ICR_HIGH = 0x310,
    LVT_TIMER = 0x320,
    LVT_LINT0 = 0x350,
    LVT_ERROR = 0x370,
    INITIAL = 0x380,
    CURRENT = 0x390,
    DIVIDE = 0x3e0,
};

struct bench {
    struct tap tap;
    struct exec *x;
    struct cpu *c;
    unsigned eois;
    uint8_t last_eoi;
};

static uint32_t get(struct bench *b, unsigned reg)
{
    return (uint32_t)phys_load(b->c->phys, 0xfee00000 + reg, 4);
}

static void set(struct bench *b, unsigned reg, uint32_t v)
{
    phys_store(b->c->phys, 0xfee00000 + reg, v, 4);
}

static bool requested(struct bench *b, unsigned v)
{
    return get(b, IRR + (v >> 5) * 16) >> (v & 31) & 1;
}

static bool served(struct bench *b, unsigned v)
{
    return get(b, ISR + (v >> 5) * 16) >> (v & 31) & 1;
}

/* JMP to itself for so many ticks; interrupts are not let in. */
static void pass(struct bench *b, unsigned ticks)
{
    struct exec_state s;

    exec_poke(b->x, EXEC_CODE, "\xeb\xfe", 2);
    exec_state_init(&s, 64, 0);
    s.rflags = 2;
    exec_load(b->x, &s);
    exec_step(b->x, ticks);
}

static void fresh(struct bench *b)
{
    apic_reset(b->c);
    b->eois = 0;
    set(b, SVR, 0x1ff);
}

static void count_eoi(void *opaque, uint8_t vector)
{
    struct bench *b = opaque;

    b->eois++;
    b->last_eoi = vector;
}

static void registers(struct bench *b)
{
    fresh(b);
    tap_eq(&b->tap, get(b, VERSION) & 0xff, 0x14, "version");
    tap_eq(&b->tap, get(b, DFR), UINT32_MAX, "DFR after reset");
    tap_eq(&b->tap, get(b, SVR), 0x1ff, "SVR");
    set(b, LDR, 0x12345678);
    tap_eq(&b->tap, get(b, LDR), 0x12000000, "LDR has eight bits");
    set(b, ID, 0x03000000);
    tap_eq(&b->tap, get(b, ID), 0x03000000, "ID");
    set(b, ID, 0);
    set(b, LVT_TIMER, UINT32_MAX);
    tap_eq(&b->tap, get(b, LVT_TIMER) & ~0x60000u, 0x100ff, "LVT timer");
    set(b, SVR, 0xff);
    set(b, LVT_ERROR, 0x40);
    tap_eq(&b->tap, get(b, LVT_ERROR), 0x10040,
           "entries stay masked while the APIC is off");
    tap_eq(&b->tap, phys_load(b->c->phys, 0xfee000f1, 1), 0,
           "a byte of a register");
}

/* 10.8.3 */
static void priorities(struct bench *b)
{
    struct cpu *c = b->c;

    fresh(b);
    apic_deliver(c, 0, false, APIC_FIXED, 0x45, false);
    apic_deliver(c, 0, false, APIC_FIXED, 0x81, true);
    tap_ok(&b->tap, requested(b, 0x45) && requested(b, 0x81), "IRR");
    tap_ok(&b->tap, get(b, TMR + 0x40) & 2, "TMR of a level");
    tap_ok(&b->tap, c->events & EV_INTR, "the core is asked");
    tap_eq(&b->tap, apic_acknowledge(c), 0x81, "the highest first");
    tap_ok(&b->tap, served(b, 0x81) && !requested(b, 0x81), "ISR");
    tap_eq(&b->tap, get(b, PPR), 0x80, "PPR");
    tap_ok(&b->tap, !(c->events & EV_INTR), "45h waits");
    tap_eq(&b->tap, apic_acknowledge(c), UINT64_MAX, "nothing to serve");
    apic_deliver(c, 0, false, APIC_FIXED, 0x8f, false);
    tap_ok(&b->tap, !(c->events & EV_INTR), "the same class waits too");
    set(b, EOI, 0);
    tap_ok(&b->tap, b->eois == 1 && b->last_eoi == 0x81,
           "EOI of a level is told");
    tap_eq(&b->tap, apic_acknowledge(c), 0x8f, "then 8Fh");
    set(b, EOI, 0);
    tap_eq(&b->tap, b->eois, 1, "EOI of an edge is not");
    set(b, TPR, 0x50);
    tap_ok(&b->tap, !(c->events & EV_INTR), "TPR keeps 45h away");
    set(b, TPR, 0x3f);
    tap_ok(&b->tap, c->events & EV_INTR, "and lets it in");
    tap_eq(&b->tap, apic_acknowledge(c), 0x45, "45h");
    set(b, EOI, 0);
    set(b, EOI, 0);
    tap_eq(&b->tap, get(b, PPR), 0x3f, "PPR is TPR");
}

/* 10.6: which messages are for this APIC */
static void messages(struct bench *b)
{
    static const struct {
        uint32_t dfr, ldr;
        uint8_t dest;
        bool logical, mine;
        const char *name;
    } rows[] = {
        {UINT32_MAX, 0, 0, false, true, "physical"},
        {UINT32_MAX, 0, 1, false, false, "physical, another"},
        {UINT32_MAX, 0, 0xff, false, true, "physical, all"},
        {UINT32_MAX, 4u << 24, 0x0c, true, true, "flat"},
        {UINT32_MAX, 4u << 24, 0x0b, true, false, "flat, others"},
        {0x0fffffff, 0x24u << 24, 0x24, true, true, "cluster"},
        {0x0fffffff, 0x24u << 24, 0x34, true, false, "another cluster"},
        {0x0fffffff, 0x24u << 24, 0x28, true, false, "cluster, another"},
        {0x0fffffff, 0x24u << 24, 0xff, true, true, "all clusters"},
    };

    for (unsigned n = 0; n < ARRAY_LEN(rows); n++) {
        fresh(b);
        set(b, DFR, rows[n].dfr);
        set(b, LDR, rows[n].ldr);
        set(b, ICR_HIGH, (uint32_t)rows[n].dest << 24);
        set(b, ICR, (rows[n].logical ? 0x800u : 0) | 0x4055);
        tap_eq(&b->tap, requested(b, 0x55), rows[n].mine, rows[n].name);
    }
}

static void shorthands(struct bench *b)
{
    struct cpu *c = b->c;

    fresh(b);
    set(b, ICR, 0x44060);
    tap_ok(&b->tap, requested(b, 0x60), "self");
    set(b, ICR, 0x84061);
    tap_ok(&b->tap, requested(b, 0x61), "all including self");
    set(b, ICR, 0xc4062);
    tap_ok(&b->tap, !requested(b, 0x62), "all but self");
    c->events = 0;
    set(b, ICR, 0x44400);
    tap_ok(&b->tap, c->events & EV_NMI, "NMI");
    set(b, ICR, 0x44200);
    tap_ok(&b->tap, c->events & EV_SMI, "SMI");
    set(b, ICR, 0x48500);
    tap_ok(&b->tap, !(c->events & EV_INIT), "INIT level de-assert");
    set(b, ICR, 0x4c500);
    tap_ok(&b->tap, c->events & EV_INIT, "INIT");
    c->events = 0;
    set(b, ICR, 0x44608);
    tap_eq(&b->tap, c->events, 0, "start-up of a running processor");
    set(b, SVR, 0xff);
    set(b, ICR, 0x44070);
    tap_ok(&b->tap, !requested(b, 0x70), "an APIC that is off takes nothing");
}

/* 10.5.3 */
static void errors(struct bench *b)
{
    fresh(b);
    set(b, LVT_ERROR, 0xe0);
    set(b, ICR, 0x4400f);
    tap_eq(&b->tap, get(b, ESR), 0, "ESR shows what a write brought");
    set(b, ESR, 0);
    tap_eq(&b->tap, get(b, ESR), 0x20, "illegal vector sent");
    tap_ok(&b->tap, requested(b, 0xe0), "error interrupt");
    apic_deliver(b->c, 0, false, APIC_FIXED, 5, false);
    set(b, ESR, 0);
    tap_eq(&b->tap, get(b, ESR), 0x40, "illegal vector received");
    get(b, 0x40);
    set(b, 0x3f0, 1);
    set(b, ESR, 0);
    tap_eq(&b->tap, get(b, ESR), 0x80, "illegal register");
    set(b, ESR, 0);
    tap_eq(&b->tap, get(b, ESR), 0, "and no more");
}

/* 10.5.4 */
static void timer(struct bench *b)
{
    uint32_t left;

    fresh(b);
    set(b, DIVIDE, 0xb);
    set(b, LVT_TIMER, 0x30);
    set(b, INITIAL, 1000);
    pass(b, 400);
    tap_eq(&b->tap, get(b, CURRENT), 600, "counts ticks");
    tap_ok(&b->tap, !requested(b, 0x30), "not yet");
    pass(b, 601);
    tap_ok(&b->tap, requested(b, 0x30) && !get(b, CURRENT), "one shot");
    fresh(b);
    set(b, DIVIDE, 0); /* by 2 */
    set(b, LVT_TIMER, 0x20031);
    set(b, INITIAL, 100);
    pass(b, 50);
    tap_eq(&b->tap, get(b, CURRENT), 75, "divided by 2");
    pass(b, 200);
    left = get(b, CURRENT);
    tap_ok(&b->tap, requested(b, 0x31) && left > 0 && left <= 100, "periodic");
    set(b, DIVIDE, 0xb);
    tap_eq(&b->tap, get(b, CURRENT), left, "a new rate keeps the count");
    set(b, INITIAL, 0);
    tap_eq(&b->tap, get(b, CURRENT), 0, "stopped");
    fresh(b);
    set(b, LVT_TIMER, 0x10032);
    set(b, DIVIDE, 0xb);
    set(b, INITIAL, 10);
    pass(b, 20);
    tap_ok(&b->tap, !requested(b, 0x32), "masked");
}

/* 10.5.4.1 */
static void deadline(struct bench *b)
{
    struct cpu *c = b->c;
    uint64_t v = 1;

    fresh(b);
    set(b, LVT_TIMER, 0x40033);
    pass(b, 1); /* exec's time starts at 0 each time */
    msr_write(c, 0x6e0, 500 + cpu_ticks(c) + c->msr.tsc_offset);
    set(b, INITIAL, 77);
    tap_eq(&b->tap, get(b, CURRENT), 0, "no count in deadline mode");
    pass(b, 400);
    tap_ok(&b->tap, !requested(b, 0x33), "before the deadline");
    pass(b, 200);
    tap_ok(&b->tap, requested(b, 0x33), "after it");
    tap_ok(&b->tap, msr_read(c, 0x6e0, &v) && !v, "the MSR is 0 again");
    set(b, LVT_TIMER, 0x33);
    msr_write(c, 0x6e0, 500);
    tap_ok(&b->tap, msr_read(c, 0x6e0, &v) && !v, "nothing in other modes");
}

/* 10.12 */
static void x2apic(struct bench *b)
{
    struct cpu *c = b->c;
    uint64_t v = 0;

    fresh(b);
    tap_ok(&b->tap, !apic_msr_read(c, 0x802, &v), "no MSRs in xAPIC mode");
    tap_ok(&b->tap, !apic_base_write(c, 0xfee00500), "EXTD needs EN");
    tap_ok(&b->tap, apic_base_write(c, 0xfee00d00), "x2APIC mode");
    tap_ok(&b->tap, !apic_base_write(c, 0xfee00900), "not back to xAPIC");
    tap_ok(&b->tap, apic_msr_read(c, 0x802, &v) && v == 0, "ID");
    tap_ok(&b->tap, apic_msr_read(c, 0x80d, &v) && v == 1, "LDR from the ID");
    tap_ok(&b->tap, !apic_msr_write(c, 0x80d, 1), "LDR is read-only");
    tap_ok(&b->tap, !apic_msr_read(c, 0x80e, &v), "no DFR");
    tap_ok(&b->tap, !apic_msr_write(c, 0x80b, 1), "EOI takes 0 only");
    tap_ok(&b->tap, !apic_msr_write(c, 0x808, UINT64_C(1) << 32), "upper half");
    tap_ok(&b->tap, apic_msr_write(c, 0x80f, 0x1ff), "SVR");
    tap_ok(&b->tap, apic_msr_write(c, 0x83f, 0x91), "self IPI");
    tap_ok(&b->tap, apic_msr_read(c, 0x824, &v) && v == 1u << 17, "IRR");
    tap_ok(&b->tap, apic_msr_write(c, 0x830, UINT64_C(0xffffffff00004092)),
           "ICR of 64 bits, to all");
    tap_ok(&b->tap, apic_msr_read(c, 0x824, &v) && v == 3u << 17, "arrived");
    tap_ok(&b->tap, apic_msr_write(c, 0x830, UINT64_C(0x0000000100004893)),
           "ICR, logical");
    tap_ok(&b->tap, apic_msr_read(c, 0x824, &v) && v == 7u << 17, "arrived");
    tap_ok(&b->tap, apic_msr_read(c, 0x830, &v) && v == UINT64_C(0x100004893),
           "ICR reads back");
    tap_ok(&b->tap, apic_base_write(c, 0xfee00100), "off");
    tap_ok(&b->tap, !apic_base_write(c, UINT64_C(1) << 50), "reserved bits");
    apic_intr_pin(c, 0, true);
    tap_ok(&b->tap, c->events & EV_INTR, "the pin reaches the core without it");
    apic_intr_pin(c, 0, false);
    tap_ok(&b->tap, apic_base_write(c, 0xfee00900), "on again");
}

static void pins(struct bench *b)
{
    struct cpu *c = b->c;

    fresh(b);
    set(b, LVT_LINT0, 0x10700);
    apic_intr_pin(c, 0, true);
    tap_ok(&b->tap, !(c->events & EV_INTR), "LINT0 masked");
    set(b, LVT_LINT0, 0x700);
    tap_ok(&b->tap, c->events & EV_INTR, "ExtINT");
    apic_intr_pin(c, 0, false);
    c->events = 0;
    apic_nmi_pin(c, 0, true);
    tap_ok(&b->tap, c->events & EV_NMI, "NMI pin");
    c->events = 0;
    apic_nmi_pin(c, 0, true);
    tap_ok(&b->tap, !(c->events & EV_NMI), "an edge only");
    apic_nmi_pin(c, 0, false);
}

int main(void)
{
    static struct bench b;
    struct error err;

    b.x = exec_create("corei7_haswell_4770", "x2apic tsc_deadline", &err);
    if (!b.x) {
        printf("Bail out! %s\n", err.text);
        return 1;
    }
    b.c = exec_cpu(b.x);
    b.c->eoi = count_eoi;
    b.c->eoi_opaque = &b;
    pass(&b, 1);
    registers(&b);
    priorities(&b);
    messages(&b);
    shorthands(&b);
    errors(&b);
    timer(&b);
    deadline(&b);
    x2apic(&b);
    pins(&b);
    exec_destroy(b.x);
    return tap_done(&b.tap);
}
