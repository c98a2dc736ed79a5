/*
 * sys_page_test.c - page table walks: formats, rights, error codes, A and D.
 *
 * SDM vol. 3 ch. 4.
 */
#include "cpu/access.h"
#include "cpu/paging.h"
#include "tests/insn/sysrig.h"

enum {
    P = 1,
    RW = 2,
    US = 4,
    A = 0x20,
    D = 0x40,
    PS = 0x80,
    G = 0x100,
    T0 = TABLES,
    T1 = TABLES + 0x1000,
    T2 = TABLES + 0x2000,
    T3 = TABLES + 0x3000,
};

#define NX (UINT64_C(1) << 63)

static void good(struct sysrig *r, uint64_t laddr, enum walk_access access,
                 bool user, uint64_t paddr, const char *name)
{
    struct walk w;
    bool ok = paging_walk(r->c, laddr, access, user, false, &w);

    tap_ok(&r->tap, ok && w.paddr == paddr, "%s (%s %llx code %x)", name,
           ok ? "to" : "fault", (unsigned long long)w.paddr, w.error);
}

static void bad(struct sysrig *r, uint64_t laddr, enum walk_access access,
                bool user, uint32_t code, const char *name)
{
    struct walk w;
    bool ok = paging_walk(r->c, laddr, access, user, false, &w);

    tap_ok(&r->tap, !ok && w.error == code, "%s (%s, code %x)", name,
           ok ? "allowed" : "fault", w.error);
}

static void format_32(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    good(r, 0xfffff123, WALK_READ, true, 0xfffff000, "no paging");
    c->cr0 |= CR0_PG;
    c->cr3 = T0 | 0x18;
    poke(r, T0 + 4, T1 | P | RW | US);
    poke(r, T1 + 8, 0x12345000 | P | US);
    bad(r, 0, WALK_READ, false, 0, "PDE not present");
    bad(r, 0x400000, WALK_WRITE, true, PF_W | PF_U, "PTE not present");
    good(r, 0x402abc, WALK_READ, true, 0x12345000, "4 KiB page");
    tap_eq(&r->tap, peek(r, T0 + 4) & (A | D), A, "A in the PDE");
    tap_eq(&r->tap, peek(r, T1 + 8) & (A | D), A, "A in the PTE");
    bad(r, 0x402abc, WALK_WRITE, true, PF_P | PF_W | PF_U, "read-only");
    good(r, 0x402abc, WALK_WRITE, false, 0x12345000, "supervisor, WP clear");
    tap_eq(&r->tap, peek(r, T1 + 8) & (A | D), A | D, "D in the PTE");
    c->cr0 |= CR0_WP;
    bad(r, 0x402abc, WALK_WRITE, false, PF_P | PF_W, "supervisor, WP set");
    poke(r, T0 + 4, T1 | P | RW);
    bad(r, 0x402abc, WALK_READ, true, PF_P | PF_U, "supervisor PDE");
    tap_eq(&r->tap, peek(r, T0 + 4) & A, 0, "no A after a fault");
    poke(r, T0 + 8, 0x00c02000 | PS | P | RW | US | G);
    good(r, 0x800000, WALK_READ, false, 0xfffff000,
         "PS without CR4.PSE is a table (outside RAM: all ones)");
    poke(r, T0 + 8, 0x00c02000 | PS | P | RW | US | G);
    c->cr4 |= CR4_PSE;
    good(r, 0x923456, WALK_WRITE, true, UINT64_C(0x100d23000),
         "4 MiB page above 4 GiB");
    tap_eq(&r->tap, peek(r, T0 + 8) & (A | D), A | D, "A and D in the PDE");
    poke(r, T0 + 8, 0x00e00000 | PS | P | RW | US);
    bad(r, 0x800000, WALK_READ, false, PF_P | PF_RSVD, "bit 21 reserved");
}

static void format_pae(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    c->cr4 |= CR4_PAE;
    c->cr0 |= CR0_PG;
    poke64(r, T0 + 8, T1 | P);
    poke64(r, T0 + 24, T1 | P | RW);
    tap_ok(&r->tap, !paging_load_cr3(c, T0), "PDPTE: bit 1 is reserved");
    poke64(r, T0 + 24, T1 | RW);
    tap_ok(&r->tap, paging_load_cr3(c, T0), "not when it is not present");
    poke64(r, T0 + 8, 0); /* read at the load only */
    poke64(r, T1, T2 | P | RW | US);
    poke64(r, T1 + 8, UINT64_C(0x1200200000) | PS | P | RW | US);
    poke64(r, T2, 0x7000 | P | RW | US | NX);
    bad(r, 0, WALK_READ, false, 0, "PDPTE not present");
    bad(r, 0x40000000, WALK_READ, false, PF_P | PF_RSVD, "NX without NXE");
    c->efer |= EFER_NXE;
    good(r, 0x40000123, WALK_READ, true, 0x7000, "4 KiB page");
    bad(r, 0x40000123, WALK_FETCH, true, PF_P | PF_U | PF_I, "NX");
    bad(r, 0x40400000, WALK_FETCH, true, PF_U | PF_I, "I when not present");
    good(r, 0x40212345, WALK_FETCH, true, UINT64_C(0x1200212000), "2 MiB page");
    poke64(r, T1 + 8, UINT64_C(0x1200202000) | PS | P | RW | US);
    bad(r, 0x40212345, WALK_READ, false, PF_P | PF_RSVD, "bit 13 reserved");
    poke64(r, T1 + 8, UINT64_C(1) << 40 | PS | P);
    bad(r, 0x40212345, WALK_READ, false, PF_P | PF_RSVD, "MAXPHYADDR");
    poke64(r, T1 + 8, UINT64_C(1) << 52 | PS | P);
    bad(r, 0x40212345, WALK_READ, false, PF_P | PF_RSVD, "bit 52 in PAE");
}

static void format_long(struct sysrig *r)
{
    struct cpu *c = r->c;
    const uint64_t la = UINT64_C(0xffff800000000000);
    struct walk w;

    sysrig_long(r, 0);
    poke64(r, T0 + 256 * 8, T1 | P | RW | US);
    poke64(r, T1, T2 | P | RW | US);
    poke64(r, T1 + 8, UINT64_C(0x80000000) | PS | P | RW | US | G);
    poke64(r, T2 + 8, T3 | P | RW | US | UINT64_C(1) << 52);
    poke64(r, T3, 0x9000 | P | RW);
    good(r, la + 0x200000, WALK_WRITE, false, 0x9000, "4 KiB page");
    bad(r, la + 0x200000, WALK_READ, true, PF_P | PF_U, "supervisor PTE");
    good(r, la + 0x40000000 + 0x3456789, WALK_READ, true, UINT64_C(0x83456000),
         "1 GiB page");
    c->cr4 |= CR4_PGE;
    tap_ok(&r->tap,
           paging_walk(c, la + 0x40000000, WALK_READ, false, false, &w) &&
               w.global && w.page_shift == 30 && w.user_ok && w.writable &&
               !w.dirty,
           "what the walk tells of it");
    poke64(r, T0 + 257 * 8, T1 | P | PS);
    bad(r, la + (UINT64_C(1) << 39), WALK_READ, false, PF_P | PF_RSVD,
        "PS in the PML4");
    poke64(r, T0 + 256 * 8, T1 | P | RW | US | NX);
    bad(r, la + 0x40000000, WALK_FETCH, false, PF_P | PF_I, "NX above");
}

static void smep_smap(struct sysrig *r)
{
    struct cpu *c = r->c;
    struct walk w;

    sysrig_long(r, 0);
    good(r, 0x1000, WALK_FETCH, false, 0x1000, "user page, no SMEP");
    c->efer &= ~(uint64_t)EFER_NXE;
    c->cr4 |= CR4_SMEP | CR4_SMAP;
    bad(r, 0x1000, WALK_FETCH, false, PF_P | PF_I, "SMEP");
    bad(r, 0x1000, WALK_READ, false, PF_P, "SMAP read");
    bad(r, 0x1000, WALK_WRITE, false, PF_P | PF_W, "SMAP write");
    c->rflags |= EFL_AC;
    good(r, 0x1000, WALK_READ, false, 0x1000, "AC lifts SMAP");
    tap_ok(&r->tap, !paging_walk(c, 0x1000, WALK_READ, false, true, &w),
           "not for implicit accesses");
    good(r, 0x1000, WALK_READ, true, 0x1000, "user access");
}

static void debugger(struct sysrig *r)
{
    uint64_t paddr;

    sysrig_long(r, 0);
    tap_ok(&r->tap,
           paging_translate_debug(r->c, 0x12345, &paddr) && paddr == 0x12345,
           "translation for the debugger");
    tap_eq(&r->tap, peek(r, T2) & A, 0, "leaves A alone");
    tap_ok(&r->tap, !paging_translate_debug(r->c, 0x40000000, &paddr),
           "nothing there");
}

/* 4.10.4.1: INVLPG of any address of a large page drops all of it, whatever
 * pieces of it were used; other pages stay. */
static void large_flush(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    c->cr0 |= CR0_PG;
    c->cr3 = T0;
    c->cr4 |= CR4_PSE;
    tlb_flush_all(c);
    poke(r, 0x5000, 0x1234);
    poke(r, T0 + 4, T1 | P | RW);
    poke(r, T1 + 5 * 4, 0x5000 | P | RW);
    poke(r, T0 + 8, 0 | PS | P | RW);
    tap_eq(&r->tap, lin_read(c, 0x405000, 4, false), 0x1234, "small page");
    tap_eq(&r->tap, lin_read(c, 0x805000, 4, false), 0x1234, "large page");
    poke(r, T1 + 5 * 4, 0x400000 | P | RW);
    poke(r, T0 + 8, 0x400000 | PS | P | RW);
    tlb_flush_page(c, 0xbff000);
    tap_eq(&r->tap, lin_read(c, 0x805000, 4, false), UINT32_MAX,
           "large page after INVLPG of its end");
    tap_eq(&r->tap, lin_read(c, 0x405000, 4, false), 0x1234,
           "the small page is still known");
}

int main(void)
{
    struct sysrig r;

    sysrig_init(&r);
    format_32(&r);
    format_pae(&r);
    format_long(&r);
    smep_smap(&r);
    debugger(&r);
    large_flush(&r);
    return sysrig_done(&r);
}
