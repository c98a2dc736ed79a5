/*
 * target_memory.c - guest memory as a debugger reads and writes it.
 *
 * Nothing here sets accessed bits, fills a TLB or asks a device.
 */
#include "cpu/icache.h"
#include "cpu/paging.h"
#include "cpu/seg.h"
#include "debugger/target_int.h"
#include "memory/phys.h"
#include <inttypes.h>
#include <stdlib.h>

/* ---- addresses ---- */

/* Eight bytes of a descriptor table; false: not there. */
static bool table_entry(struct target *t, uint16_t sel, uint64_t *raw)
{
    const struct cpu *c = t->c;
    bool local = sel & SEL_TI;
    uint64_t base = local ? c->seg[SEG_LDTR].base : c->gdtr.base;
    uint32_t limit = local ? c->seg[SEG_LDTR].limit : c->gdtr.limit;
    uint8_t bytes[8];

    if ((local && !c->seg[SEG_LDTR].usable) || (sel | 7u) > limit ||
        !target_read(t, ADDR_LINEAR, 0, base + (sel & 0xfff8u), bytes, 8, NULL))
        return false;
    *raw = ld_le64(bytes);
    return true;
}

static uint64_t segment_base(struct target *t, uint16_t sel)
{
    const struct cpu *c = t->c;
    struct segment s;
    uint64_t raw;

    if (c->mode == MODE_REAL || c->mode == MODE_V86) {
        /* Straight after reset the base of CS is another one. */
        return sel == c->seg[SEG_CS].selector ? c->seg[SEG_CS].base
                                              : (uint64_t)sel << 4;
    }
    for (unsigned n = 0; n <= SEG_GS; n++)
        if (c->seg[n].selector == sel && c->seg[n].usable)
            return c->mode == MODE_LONG64 && n < SEG_FS ? 0 : c->seg[n].base;
    if (!table_entry(t, sel, &raw))
        return 0;
    seg_decode(raw, sel, &s);
    return c->mode == MODE_LONG64 ? 0 : s.base;
}

uint64_t target_address(struct target *t, enum addr_kind space,
                        uint16_t selector, uint64_t addr)
{
    if (space == ADDR_PHYSICAL)
        return addr;
    if (space == ADDR_VIRTUAL)
        addr += segment_base(t, selector);
    return cpu_long(t->c) ? addr : (uint32_t)addr;
}

static bool not_mapped(struct error *err, uint64_t la)
{
    return error_set(err, EXIT_USAGE,
                     "linear address 0x%" PRIx64 " is not mapped", la);
}

/* ---- reading ---- */

static void read_page(struct cpu *c, uint64_t paddr, uint8_t *out, size_t n)
{
    struct phys_page p;

    phys_lookup(c->phys, paddr, &p);
    if (p.host)
        memcpy(out, p.host + (paddr & PAGE_MASK), n);
    else
        memset(out, 0xff, n);
}

static size_t in_page(uint64_t addr, size_t n)
{
    size_t room = PAGE_SIZE - (size_t)(addr & PAGE_MASK);

    return n < room ? n : room;
}

bool target_read(struct target *t, enum addr_kind space, uint16_t selector,
                 uint64_t addr, void *out, size_t n, struct error *err)
{
    uint8_t *to = out;

    while (n) {
        uint64_t at = target_address(t, space, selector, addr), paddr = at;
        size_t k = in_page(at, n);

        if (space != ADDR_PHYSICAL && !paging_translate_debug(t->c, at, &paddr))
            return not_mapped(err, at);
        read_page(t->c, paddr, to, k);
        to += k;
        addr += k;
        n -= k;
    }
    return true;
}

/* ---- writing ---- */

enum { POKE_HEAD = 9, POKE_MAX = 4096 };

/* Log entry: 'M', physical address, bytes. */
bool target_write(struct target *t, enum addr_kind space, uint16_t selector,
                  uint64_t addr, const void *in, size_t n, struct error *err)
{
    uint8_t data[POKE_HEAD + POKE_MAX];
    const uint8_t *from = in;

    /* All of it or nothing. */
    for (size_t k = 0; space != ADDR_PHYSICAL && k < n;) {
        uint64_t at = target_address(t, space, selector, addr + k), paddr;

        if (!paging_translate_debug(t->c, at, &paddr))
            return not_mapped(err, at);
        k += in_page(at, n - k);
    }
    while (n) {
        uint64_t at = target_address(t, space, selector, addr), paddr = at;
        size_t k = in_page(at, n);

        if (space != ADDR_PHYSICAL)
            paging_translate_debug(t->c, at, &paddr);
        data[0] = 'M';
        st_le64(data + 1, paddr);
        memcpy(data + POKE_HEAD, from, k);
        if (!target_change(t, data, POKE_HEAD + k, err))
            return false;
        from += k;
        addr += k;
        n -= k;
    }
    return true;
}

static bool apply_register(struct cpu *c, const uint8_t *data, size_t n,
                           struct error *err)
{
    const uint8_t *end = memchr(data, 0, n);
    const struct target_reg *r;

    if (!end || n - (size_t)(end + 1 - data) != 32)
        return error_set(err, EXIT_BAD_DATA, "a change of the log is damaged");
    r = target_reg_find((const char *)data);
    if (!r)
        return error_set(err, EXIT_BAD_DATA, "the log names no register");
    return regs_write(c, r, end + 1, err);
}

bool target_apply(struct cpu *c, const uint8_t *data, size_t n,
                  struct error *err)
{
    if (n > 1 && data[0] == 'R')
        return apply_register(c, data + 1, n - 1, err);
    if (n < POKE_HEAD || data[0] != 'M')
        return error_set(err, EXIT_BAD_DATA, "a change of the log is damaged");
    phys_poke(c->phys, ld_le64(data + 1), data + POKE_HEAD, n - POKE_HEAD);
    /* Code in ROM is not watched for writes. */
    icache_invalidate(c, ld_le64(data + 1), (unsigned)(n - POKE_HEAD));
    return true;
}

bool target_change(struct target *t, const uint8_t *data, size_t n,
                   struct error *err)
{
    if (t->host.change)
        return t->host.change(t->host.opaque, data, n, err);
    return target_apply(t->c, data, n, err);
}
