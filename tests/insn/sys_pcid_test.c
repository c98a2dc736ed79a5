/*
 * sys_pcid_test.c - translations by PCID: what a switch keeps, what each way
 * of flushing drops.
 *
 * SDM vol. 3, 4.10.1 (PCIDs), 4.10.2.4 (global pages), 4.10.4.1 (operations
 * that invalidate); vol. 2, INVPCID. A processor may drop more than it must;
 * this one keeps what it may, and the tests say so.
 */
#include "cpu/access.h"
#include "cpu/debugreg.h"
#include "cpu/icache.h"
#include "cpu/reset.h"
#include "cpu/tlb.h"
#include "tests/insn/sysrig.h"

enum {
    P = 1,
    RW = 2,
    US = 4,
    PS = 0x80,
    G = 0x100,
    SPACES = 20,      /* more than there are TLBs */
    ROOM = 0x50000,   /* four tables of each space */
    FRAMES = 0xb0000, /* eight pages; each begins with its number */
    SPARE = 0xc0000,  /* descriptors of INVPCID */
    WINDOW = 0x400000,
    WIDE = 0x600000, /* a large page */
    COUNTS = 0x6000,
};

#define NX          (UINT64_C(1) << 63)
#define NO_FLUSH    (UINT64_C(1) << 63)

#define MOV_CR3_RAX "\x0f\x22\xd8"
#define MOV_CR4_RAX "\x0f\x22\xe0"
#define INVLPG_RBX  "\x0f\x01\x3b"
#define INVPCID     "\x66\x0f\x38\x82\x0b" /* RCX, (RBX) */
#define LOAD        "\x0f\x38\xf0\x03"     /* movbe (%rbx),%eax */
#define STORE       "\x0f\x38\xf1\x03"     /* movbe %eax,(%rbx) */

static uint32_t table(unsigned space, unsigned level)
{
    return ROOM + space * 0x4000 + level * 0x1000;
}

static uint32_t page(unsigned n)
{
    return WINDOW + n * 0x1000;
}

/* Page n of a space's window shows a frame. */
static void map(struct sysrig *r, unsigned space, unsigned n, unsigned frame,
                uint64_t bits)
{
    poke64(r, table(space, 3) + n * 8, (FRAMES + frame * 0x1000) | P | bits);
}

static void map_wide(struct sysrig *r, unsigned space, uint64_t base,
                     uint64_t bits)
{
    poke64(r, table(space, 2) + 24, base | P | PS | bits);
}

static void make_space(struct sysrig *r, unsigned s)
{
    poke64(r, table(s, 0), table(s, 1) | P | RW | US);
    poke64(r, table(s, 1), table(s, 2) | P | RW | US);
    poke64(r, table(s, 2), P | RW | US | PS); /* the first 2 MiB */
    poke64(r, table(s, 2) + 16, table(s, 3) | P | RW | US);
    for (unsigned n = 0; n < 8; n++)
        map(r, s, n, n, RW | US);
}

/* Writes CR3 as the guest does; the PCID of a space is its number. */
static void go(struct sysrig *r, unsigned space, uint64_t flag)
{
    r->c->gpr[RAX] = table(space, 0) | space | flag;
    if (!EXEC(r, MOV_CR3_RAX))
        tap_ok(&r->tap, false, "CR3 of space %u", space);
}

static void set_cr4(struct sysrig *r, uint64_t v)
{
    r->c->gpr[RAX] = v;
    if (!EXEC(r, MOV_CR4_RAX))
        tap_ok(&r->tap, false, "CR4 %llx", (unsigned long long)v);
}

static void invlpg(struct sysrig *r, uint64_t la)
{
    r->c->gpr[RBX] = la;
    EXEC(r, INVLPG_RBX);
}

static void invpcid(struct sysrig *r, unsigned type, unsigned pcid, uint64_t la)
{
    poke64(r, SPARE, pcid);
    poke64(r, SPARE + 8, la);
    r->c->gpr[RBX] = SPARE;
    r->c->gpr[RCX] = type;
    if (!EXEC(r, INVPCID))
        tap_ok(&r->tap, false, "INVPCID type %u", type);
}

/* What the guest reads there; UINT32_MAX: page fault. */
static uint32_t see(struct sysrig *r, uint64_t la)
{
    r->c->gpr[RBX] = la;
    return EXEC(r, LOAD) ? (uint32_t)r->c->gpr[RAX] >> 24 : UINT32_MAX;
}

static void expect(struct sysrig *r, uint64_t la, uint32_t want,
                   const char *name)
{
    tap_eq(&r->tap, see(r, la), want, name);
}

/* Long mode with PCIDs, in space 0 with nothing cached. */
static void start(struct sysrig *r, unsigned spaces)
{
    sysrig_long(r, 0);
    for (unsigned n = 0; n < 8; n++)
        poke(r, FRAMES + n * 0x1000, n);
    for (unsigned s = 0; s < spaces; s++)
        make_space(r, s);
    go(r, 0, 0);
    set_cr4(r, r->c->cr4 | CR4_PCIDE | CR4_PGE);
}

/* 4.10.4.1, MOV to CR3. */
static void switches(struct sysrig *r)
{
    start(r, 3);
    go(r, 1, 0);
    expect(r, page(0), 0, "a page");
    map(r, 1, 0, 1, RW | US);
    go(r, 2, 0);
    expect(r, page(0), 0, "the same address in another space");
    map(r, 2, 0, 2, RW | US);
    go(r, 1, NO_FLUSH);
    expect(r, page(0), 0, "bit 63 set: the old translation is kept");
    tap_eq(&r->tap, r->c->cr3 >> 63, 0, "bit 63 is not kept in CR3");
    go(r, 2, NO_FLUSH);
    expect(r, page(0), 0, "... in both");
    go(r, 2, 0);
    expect(r, page(0), 2, "bit 63 clear: dropped");
    go(r, 1, NO_FLUSH);
    expect(r, page(0), 0, "... not that of another PCID");
    go(r, 1, 0);
    expect(r, page(0), 1, "... until its turn comes");
    r->c->gpr[RAX] = table(1, 0) | UINT64_C(1) << 62;
    FAULTS(r, MOV_CR3_RAX, EXC_GP, 0, "bit 62 of CR3");
    r->c->gpr[RAX] = table(1, 0) | NO_FLUSH;
    set_cr4(r, r->c->cr4 & ~(uint64_t)CR4_PCIDE);
    r->c->gpr[RAX] = table(1, 0) | NO_FLUSH;
    FAULTS(r, MOV_CR3_RAX, EXC_GP, 0, "bit 63 without PCIDE");
}

/* The PCID is what counts, not the tables. */
static void same_pcid(struct sysrig *r)
{
    start(r, 3);
    go(r, 1, 0);
    expect(r, page(3), 3, "PCID 1");
    map(r, 2, 3, 7, RW | US);
    r->c->gpr[RAX] = table(2, 0) | 1 | NO_FLUSH;
    EXEC(r, MOV_CR3_RAX);
    expect(r, page(3), 3, "other tables, same PCID, not flushed");
    r->c->gpr[RAX] = table(2, 0) | 2;
    EXEC(r, MOV_CR3_RAX);
    expect(r, page(3), 7, "the same tables by another PCID");
    r->c->gpr[RAX] = table(2, 0) | 1;
    EXEC(r, MOV_CR3_RAX);
    expect(r, page(3), 7, "flushed");
}

static void invlpg_local(struct sysrig *r)
{
    start(r, 3);
    for (unsigned s = 1; s < 3; s++) {
        go(r, s, 0);
        see(r, page(0));
        see(r, page(1));
        map(r, s, 0, 4, RW | US);
        map(r, s, 1, 5, RW | US);
    }
    invlpg(r, page(0) + 0xabc);
    expect(r, page(0), 4, "INVLPG: the page");
    expect(r, page(1), 1, "... no other page");
    go(r, 1, NO_FLUSH);
    expect(r, page(0), 0, "... no other PCID");
}

/* 4.10.2.4: CR3 leaves global pages alone; INVLPG of one drops it whatever
 * PCID it was used by. */
static void global(struct sysrig *r)
{
    start(r, 3);
    for (unsigned s = 1; s < 3; s++) {
        map(r, s, 0, 0, RW | US | G);
        go(r, s, 0);
        see(r, page(0));
        see(r, page(1));
        map(r, s, 0, 4, RW | US | G);
        map(r, s, 1, 5, RW | US);
        go(r, s, 0);
        expect(r, page(0), 0, "global: kept by a flushing switch");
        expect(r, page(1), 5, "... others are not");
    }
    invpcid(r, 1, 1, 0);
    invpcid(r, 3, 0, 0);
    expect(r, page(0), 0, "... by INVPCID types 1 and 3");
    go(r, 1, NO_FLUSH);
    expect(r, page(0), 0, "... in the other PCID as well");
    map(r, 1, 1, 6, RW | US);
    go(r, 2, NO_FLUSH);
    invlpg(r, page(1));
    invlpg(r, page(0));
    expect(r, page(0), 4, "INVLPG drops it");
    go(r, 1, NO_FLUSH);
    expect(r, page(0), 4, "... in all PCIDs");
    map(r, 1, 0, 6, RW | US | G);
    go(r, 2, NO_FLUSH);
    invpcid(r, 2, 0, 0);
    go(r, 1, NO_FLUSH);
    expect(r, page(0), 6, "INVPCID type 2 drops it");
}

/* The same for a page of 2 MiB, by an address in another piece of it. */
static void global_wide(struct sysrig *r)
{
    start(r, 3);
    for (unsigned s = 1; s < 3; s++) {
        map_wide(r, s, 0, RW | US | G);
        go(r, s, 0);
        see(r, WIDE + FRAMES + 0x1000);
        map_wide(r, s, 0x200000, RW | US | G);
    }
    expect(r, WIDE + FRAMES + 0x1000, 1, "a large global page");
    invlpg(r, WIDE + 0x1ff000);
    expect(r, WIDE + FRAMES + 0x1000, 0xff, "INVLPG of its end");
    go(r, 1, NO_FLUSH);
    expect(r, WIDE + FRAMES + 0x1000, 0xff, "... for other PCIDs too");
    map_wide(r, 1, 0, RW | US);
    invlpg(r, WIDE);
    see(r, WIDE + FRAMES + 0x2000);
    map_wide(r, 1, 0x200000, RW | US);
    go(r, 2, NO_FLUSH);
    invlpg(r, WIDE);
    go(r, 1, NO_FLUSH);
    expect(r, WIDE + FRAMES + 0x2000, 2, "not if it is not global");
}

/* Vol. 2, INVPCID. */
static void invpcid_types(struct sysrig *r)
{
    static const struct {
        unsigned type, pcid;
        uint32_t one[2], two[2]; /* pages 0 and 1 in spaces 1 and 2 */
        const char *name;
    } rows[] = {
        {0, 1, {4, 1}, {0, 1}, "type 0: one page of one PCID"},
        {0, 2, {0, 1}, {4, 1}, "type 0: of the current one"},
        {0, 9, {0, 1}, {0, 1}, "type 0: of one never used"},
        {1, 1, {4, 5}, {0, 1}, "type 1: one PCID"},
        {1, 2, {0, 1}, {4, 5}, "type 1: the current one"},
        {1, 9, {0, 1}, {0, 1}, "type 1: one never used"},
        {2, 9, {4, 5}, {4, 5}, "type 2: all"},
        {3, 9, {4, 5}, {4, 5}, "type 3: all but global"},
    };

    for (unsigned k = 0; k < ARRAY_LEN(rows); k++) {
        start(r, 3);
        for (unsigned s = 1; s < 3; s++) {
            go(r, s, 0);
            see(r, page(0));
            see(r, page(1));
            map(r, s, 0, 4, RW | US);
            map(r, s, 1, 5, RW | US);
        }
        invpcid(r, rows[k].type, rows[k].pcid, page(0) + 0x123);
        expect(r, page(0), rows[k].two[0], rows[k].name);
        expect(r, page(1), rows[k].two[1], "... current, second page");
        go(r, 1, NO_FLUSH);
        expect(r, page(0), rows[k].one[0], "... other PCID, first page");
        expect(r, page(1), rows[k].one[1], "... second page");
    }
}

/* CR4 and EFER change for all PCIDs. */
static void control_registers(struct sysrig *r)
{
    static const struct {
        uint64_t bit;
        bool first; /* its value before */
        const char *name;
    } rows[] = {
        {CR4_PGE, true, "PGE cleared"},
        {CR4_PGE, false, "PGE set"},
        {CR4_SMEP, false, "SMEP set"},
    };

    for (unsigned k = 0; k < ARRAY_LEN(rows); k++) {
        start(r, 3);
        if (!rows[k].first)
            set_cr4(r, r->c->cr4 & ~rows[k].bit);
        for (unsigned s = 1; s < 3; s++) {
            map(r, s, 0, 0, RW | G);
            go(r, s, 0);
            see(r, page(0));
            map(r, s, 0, 4, RW | G);
        }
        set_cr4(r, r->c->cr4 ^ rows[k].bit);
        expect(r, page(0), 4, rows[k].name);
        go(r, 1, NO_FLUSH);
        expect(r, page(0), 4, "... other PCID");
    }
    start(r, 2);
    go(r, 1, 0);
    see(r, page(0));
    map(r, 1, 0, 4, RW | US);
    go(r, 0, NO_FLUSH);
    set_cr4(r, r->c->cr4 & ~(uint64_t)CR4_PCIDE);
    set_cr4(r, r->c->cr4 | CR4_PCIDE);
    go(r, 1, NO_FLUSH);
    expect(r, page(0), 4, "PCIDE cleared and set: all PCIDs are dropped");
    /* Cleared with another PCID than 0 loaded, the current one is 0. */
    map(r, 1, 0, 5, RW | US);
    set_cr4(r, r->c->cr4 & ~(uint64_t)CR4_PCIDE);
    tap_eq(&r->tap, r->c->cr3 & 0xfff, 1, "CR3 keeps the number");
    expect(r, page(0), 5, "PCIDE cleared");
    map(r, 1, 0, 6, RW | US);
    r->c->gpr[RAX] = table(1, 0) | 1;
    EXEC(r, MOV_CR3_RAX);
    expect(r, page(0), 6, "without PCIDE a switch flushes");
    r->c->gpr[RAX] = r->c->cr4 | CR4_PCIDE;
    FAULTS(r, MOV_CR4_RAX, EXC_GP, 0, "PCIDE with bits 11:0 in CR3");
}

/* Rights that were taken away are gone once they are flushed, in fast paths
 * too; what is above CPL 3 stays so in each PCID. */
static void rights(struct sysrig *r)
{
    start(r, 3);
    go(r, 1, 0);
    r->c->gpr[RBX] = page(0);
    WORKS(r, STORE, "a page that may be written");
    map(r, 1, 0, 0, US);
    go(r, 2, 0);
    WORKS(r, STORE, "also in another space");
    go(r, 1, NO_FLUSH);
    WORKS(r, STORE, "not flushed: still writable");
    invpcid(r, 0, 1, page(0));
    r->c->gpr[RBX] = page(0);
    FAULTS(r, STORE, EXC_PF, 3, "flushed: read-only");
    map(r, 1, 1, 1, RW);
    see(r, page(1));
    go(r, 2, NO_FLUSH);
    go(r, 1, NO_FLUSH);
    tap_ok(&r->tap, tlb_plain(r->c, page(1), 4, false, RIGHTS_SUPER) != NULL,
           "a supervisor page is known after two switches");
    tap_ok(&r->tap, tlb_plain(r->c, page(1), 4, false, RIGHTS_USER) == NULL,
           "... for the supervisor");
    tap_ok(&r->tap, r->c->dtlb == r->c->tlb->data[r->c->access_rights],
           "dtlb follows");
    go(r, 2, NO_FLUSH);
    tap_ok(&r->tap, tlb_plain(r->c, page(1), 4, false, RIGHTS_SUPER) == NULL,
           "another PCID has not used the page");
    tap_ok(&r->tap, r->c->dtlb == r->c->tlb->data[r->c->access_rights],
           "dtlb follows again");
}

/* Page 0 holds a fast write tag in two spaces: watching it, or code on it,
 * must take both away. */
static void watched(struct sysrig *r)
{
    struct cpu *c = r->c;

    start(r, 3);
    for (unsigned s = 1; s < 3; s++) {
        go(r, s, 0);
        r->c->gpr[RBX] = page(0);
        EXEC(r, STORE);
    }
    tap_ok(&r->tap, tlb_plain(c, page(0), 4, true, RIGHTS_SUPER) != NULL,
           "a fast page");
    tlb_protect_code(c, tlb_plain(c, page(0), 1, false, RIGHTS_SUPER));
    tap_ok(&r->tap, tlb_plain(c, page(0), 4, true, RIGHTS_SUPER) == NULL,
           "code on it");
    go(r, 1, NO_FLUSH);
    tap_ok(&r->tap, tlb_plain(c, page(0), 4, true, RIGHTS_SUPER) == NULL,
           "... for each PCID");
    c->gpr[RAX] = page(0);
    EXEC(r, "\x0f\x23\xc0"); /* mov %rax,%db0 */
    c->gpr[RAX] = 0x400 | 3u << 16 | 2;
    EXEC(r, "\x0f\x23\xf8"); /* mov %rax,%db7 */
    see(r, page(0));
    tap_ok(&r->tap, tlb_plain(c, page(0), 4, false, RIGHTS_SUPER) == NULL,
           "a debug register on it");
    go(r, 2, NO_FLUSH);
    see(r, page(0));
    tap_ok(&r->tap, tlb_plain(c, page(0), 4, false, RIGHTS_SUPER) == NULL,
           "... for each PCID");
    c->gpr[RAX] = 0x400;
    EXEC(r, "\x0f\x23\xf8");
}

/* Kept by a reset or a restored state? Nothing is. */
static void machine(struct sysrig *r)
{
    struct error err;
    unsigned left = 0;

    start(r, 2);
    go(r, 1, 0);
    see(r, page(0));
    map(r, 1, 0, 4, RW | US);
    tap_ok(&r->tap, cpu_class.post_load(&r->c->dev, &err), "state restored");
    expect(r, page(0), 4, "nothing is left of the old one");
    go(r, 0, NO_FLUSH);
    see(r, page(0));
    go(r, 1, NO_FLUSH);
    cpu_reset(r->c, true);
    for (unsigned k = 0; k < TLB_BANKS; k++)
        left += r->c->tlbs->bank[k].filled_count;
    tap_eq(&r->tap, left, 0, "nor after a reset");
    tap_eq(&r->tap, r->c->tlb->pcid, 0, "which is in PCID 0");
}

/* ---- code ---- */

/* To the other space and back, calling what is at WINDOW in each. */
static const uint8_t code[] = {
    0xb9, 0x64, 0x00, 0x00, 0x00, /* mov $100,%ecx */
    0x41, 0x0f, 0x22, 0xd8,       /* 5: mov %r8,%cr3 */
    0xff, 0xd3,                   /* call *%rbx */
    0x41, 0x0f, 0x22, 0xd9,       /* mov %r9,%cr3 */
    0xe8, 0xec, 0xff, 0x3e, 0x00, /* call WINDOW */
    0xff, 0xc9,                   /* dec %ecx */
    0x75, 0xed,                   /* jne 5 */
    0xf4,                         /* hlt */
};

/* incl COUNTS + 4 * n; ret */
static void put_function(struct sysrig *r, unsigned frame, unsigned n)
{
    uint8_t f[] = {0xff, 0x04, 0x25, 0, 0, 0, 0, 0xc3};

    st_le32(f + 3, COUNTS + 4 * n);
    phys_poke(r->sv.phys, FRAMES + frame * 0x1000, f, sizeof f);
}

static void run_code(struct sysrig *r, uint64_t flag)
{
    struct cpu *c = r->c;

    c->gpr[R8] = table(1, 0) | 1 | flag;
    c->gpr[R8 + 1] = table(2, 0) | 2 | flag;
    c->gpr[RBX] = WINDOW;
    c->gpr[RSP] = STACK0;
    c->rip = CODE;
    c->events &= ~(uint32_t)EV_HALT;
    cpu_run(c, r->clock.now + 5000);
    tap_ok(&r->tap, c->events & EV_HALT, "100 rounds");
    c->events &= ~(uint32_t)EV_HALT;
}

static void counted(struct sysrig *r, unsigned a, unsigned b, unsigned d,
                    const char *name)
{
    bool ok = peek(r, COUNTS) == a && peek(r, COUNTS + 4) == b &&
              peek(r, COUNTS + 8) == d;

    tap_ok(&r->tap, ok, "%s (%u %u %u)", name, peek(r, COUNTS),
           peek(r, COUNTS + 4), peek(r, COUNTS + 8));
    for (unsigned n = 0; n < 3; n++)
        poke(r, COUNTS + 4 * n, 0);
}

/* Links and hashes of branch targets come back with a PCID, and go when its
 * translations go. */
static void code_of_each(struct sysrig *r)
{
    start(r, 3);
    phys_poke(r->sv.phys, CODE, code, sizeof code);
    for (unsigned n = 0; n < 3; n++)
        put_function(r, n, n);
    map(r, 1, 0, 0, US);
    map(r, 2, 0, 1, US);
    counted(r, 0, 0, 0, "before");
    run_code(r, NO_FLUSH);
    counted(r, 100, 100, 0, "each space has its own code");
    run_code(r, 0);
    counted(r, 100, 100, 0, "with flushes");
    run_code(r, NO_FLUSH);
    counted(r, 100, 100, 0, "without again");
    map(r, 1, 0, 2, US);
    run_code(r, NO_FLUSH);
    counted(r, 100, 100, 0, "remapped, not flushed");
    invpcid(r, 1, 1, 0);
    run_code(r, NO_FLUSH);
    counted(r, 0, 100, 100, "flushed from the other PCID");
    map(r, 1, 0, 0, US);
    invpcid(r, 0, 1, WINDOW);
    run_code(r, NO_FLUSH);
    counted(r, 100, 100, 0, "one page from the other PCID");
    map(r, 2, 0, 2, US);
    invlpg(r, page(1));
    run_code(r, NO_FLUSH);
    counted(r, 100, 100, 0, "INVLPG of another page");
    invlpg(r, WINDOW + 5);
    run_code(r, NO_FLUSH);
    counted(r, 100, 0, 100, "INVLPG of the page");
    put_function(r, 0, 2);
    run_code(r, NO_FLUSH);
    counted(r, 0, 0, 200, "code changed in memory");
    icache_flush_later(r->c);
    run_code(r, NO_FLUSH);
    counted(r, 0, 0, 200, "all traces dropped");
    map(r, 1, 0, 1, US | G);
    invpcid(r, 1, 1, 0);
    run_code(r, NO_FLUSH);
    counted(r, 0, 100, 100, "a global page of code");
    map(r, 1, 0, 2, US | G);
    run_code(r, 0);
    counted(r, 0, 100, 100, "... is kept by flushes");
    invlpg(r, WINDOW);
    run_code(r, NO_FLUSH);
    counted(r, 0, 0, 200, "INVLPG from the other PCID");
}

/* Global code, and code in a large page, after flushes that keep or drop the
 * translations that links depend on. */
static void special_code(struct sysrig *r)
{
    start(r, 3);
    phys_poke(r->sv.phys, CODE, code, sizeof code);
    for (unsigned n = 0; n < 3; n++)
        put_function(r, n, n);
    map(r, 1, 0, 0, US);
    map(r, 2, 0, 1, US | G);
    run_code(r, 0);
    counted(r, 100, 100, 0, "global code in one space");
    map(r, 2, 0, 2, US | G);
    go(r, 2, 0);
    run_code(r, NO_FLUSH);
    counted(r, 100, 100, 0, "kept");
    go(r, 0, NO_FLUSH);
    invlpg(r, WINDOW);
    run_code(r, NO_FLUSH);
    counted(r, 100, 0, 100, "INVLPG from a PCID that has not seen it");
    phys_poke(r->sv.phys, 0, "\xff\x04\x25\x00\x60\x00\x00\xc3", 8);
    poke64(r, table(2, 2) + 16, P | US | PS);
    invpcid(r, 1, 2, 0);
    invpcid(r, 0, 2, WINDOW);
    run_code(r, NO_FLUSH);
    counted(r, 200, 0, 0, "a large page of code");
    poke64(r, table(2, 2) + 16, table(2, 3) | P | RW | US);
    go(r, 1, NO_FLUSH);
    invlpg(r, WINDOW + 0x1000);
    run_code(r, NO_FLUSH);
    counted(r, 200, 0, 0, "not flushed for this PCID");
    go(r, 2, NO_FLUSH);
    invlpg(r, WINDOW + 0x123000);
    run_code(r, NO_FLUSH);
    counted(r, 100, 0, 100, "INVLPG of another piece");
    map(r, 1, 0, 2, US | NX);
    invpcid(r, 2, 0, 0);
    r->c->fault_depth = 0;
    set_idt64(r, 14, CODE64, HANDLER, 0x8e, 0);
    phys_poke(r->sv.phys, HANDLER, "\xf4", 1);
    run_code(r, NO_FLUSH);
    tap_eq(&r->tap, r->c->cr2, WINDOW, "no code there any more: page fault");
    tap_eq(&r->tap, r->c->rip, HANDLER + 1, "... in the handler");
}

/* An instruction that comes to cross into the next page, which is another one
 * in each space, where links inside the page lead to it already. */
static void crossing_code(struct sysrig *r)
{
    start(r, 3);
    phys_poke(r->sv.phys, CODE, code, sizeof code);
    phys_poke(r->sv.phys, FRAMES, "\xe9\xf8\x0f\0\0", 5); /* jmp ffd */
    phys_poke(r->sv.phys, FRAMES + 0xffd, "\xff\x02\xc3", 3);
    for (unsigned s = 1; s < 3; s++) {
        map(r, s, 0, 0, US);
        map(r, s, 1, s, US);
    }
    r->c->gpr[RDX] = COUNTS;
    run_code(r, NO_FLUSH);
    counted(r, 200, 0, 0, "incl (%rdx), ret at the end of a page");
    /* incl COUNTS + 4 * s: the address is on the second page. */
    for (unsigned s = 1; s < 3; s++) {
        poke(r, FRAMES + s * 0x1000, COUNTS + 4 * s);
        poke(r, FRAMES + s * 0x1000 + 4, 0xc3);
    }
    phys_poke(r->sv.phys, FRAMES + 0xffe, "\x04\x25", 2);
    run_code(r, NO_FLUSH);
    counted(r, 0, 100, 100, "one that crosses into the next");
}

/* ---- at random ---- */

/* What a space may show at a page: bit 2f for frame f, 2f + 1 if global. */
struct model {
    uint32_t may[SPACES][8], now[SPACES][8];
    unsigned current;
};

static unsigned rng_below(struct rng *g, unsigned n)
{
    return (unsigned)(rng_next(g) >> 32) % n;
}

static void model_flush(struct model *m, unsigned s, unsigned n, uint32_t keep)
{
    m->may[s][n] = (m->may[s][n] & keep) | m->now[s][n];
}

static void model_all(struct model *m, unsigned s, uint32_t keep)
{
    for (unsigned n = 0; n < 8; n++)
        model_flush(m, s, n, keep);
}

static void change(struct sysrig *r, struct model *m, struct rng *g)
{
    const uint32_t others = 0x5555, globals = 0xaaaa;
    unsigned s = rng_below(g, SPACES), n = rng_below(g, 8);
    unsigned f = rng_below(g, 8), type;
    bool big = rng_below(g, 4) == 0;

    switch (rng_below(g, 8)) {
    case 0:
    case 1:
        s = rng_below(g, 2) ? m->current : s;
        map(r, s, n, f, RW | US | (big ? G : 0));
        m->now[s][n] = 1u << (2 * f + big);
        m->may[s][n] |= m->now[s][n];
        break;
    case 2:
    case 3:
    case 4:
        s = big ? s : s % 4;
        go(r, s, f ? NO_FLUSH : 0);
        if (!f)
            model_all(m, s, globals);
        m->current = s;
        break;
    case 5:
        invlpg(r, page(n) + f);
        for (unsigned k = 0; k < SPACES; k++)
            model_flush(m, k, n, k == m->current ? 0 : others);
        break;
    case 6:
        type = rng_below(g, 8) ? rng_below(g, 2) : 2 + rng_below(g, 2);
        invpcid(r, type, s, page(n));
        for (unsigned k = 0; k < SPACES; k++)
            if (type == 0 && k == s)
                model_flush(m, k, n, globals);
            else if (type == 2)
                model_all(m, k, 0);
            else if (type == 3 || (type == 1 && k == s))
                model_all(m, k, globals);
        break;
    default:
        if (f == 0) {
            set_cr4(r, r->c->cr4 ^ CR4_SMEP);
            for (unsigned k = 0; k < SPACES && r->c->cr4 & CR4_SMEP; k++)
                model_all(m, k, 0);
        }
        break;
    }
}

static void at_random(struct sysrig *r)
{
    struct model m = {.current = 0};
    struct rng g;
    unsigned wrong = 0, stale = 0;

    start(r, SPACES);
    rng_seed(&g, 4711);
    for (unsigned s = 0; s < SPACES; s++)
        for (unsigned n = 0; n < 8; n++)
            m.may[s][n] = m.now[s][n] = 1u << (2 * n);
    for (unsigned round = 0; round < 200000; round++) {
        unsigned n = rng_below(&g, 8);
        uint32_t v;

        change(r, &m, &g);
        v = see(r, page(n));
        if (v > 7 || !(m.may[m.current][n] & 3u << (2 * v)))
            wrong++;
        else if (!(m.now[m.current][n] & 3u << (2 * v)))
            stale++;
    }
    tap_eq(&r->tap, wrong, 0, "at random: nothing that was flushed is seen");
    tap_ok(&r->tap, stale > 1000, "what was not is (%u times)", stale);
}

int main(void)
{
    struct sysrig r;

    sysrig_init(&r);
    switches(&r);
    same_pcid(&r);
    invlpg_local(&r);
    global(&r);
    global_wide(&r);
    invpcid_types(&r);
    control_registers(&r);
    rights(&r);
    watched(&r);
    machine(&r);
    code_of_each(&r);
    special_code(&r);
    crossing_code(&r);
    at_random(&r);
    return sysrig_done(&r);
}
