/*
 * access.c - guest memory by function call: every check, every special case.
 *
 * Order of checks as in SDM vol. 3, 5.3 and 4.7: segment (or canonical)
 * first, then alignment, then paging page by page. Nothing is written before
 * all pages of an access are known to be good. Plain RAM pages are reached
 * through the TLB; MMIO, ROM, code pages and watched pages one by one.
 */
#include "cpu/access.h"
#include "cpu/debugreg.h"
#include "cpu/exception.h"
#include "cpu/probe.h"
#include "cpu/tlb.h"

uint64_t mem_ea(const struct cpu *c, const struct decoded *d)
{
    uint64_t ea = (uint64_t)d->disp;

    if (d->base == REG_RIP)
        ea += c->rip;
    else if (d->base != REG_NONE)
        ea += c->gpr[d->base];
    if (d->index != REG_NONE)
        ea += c->gpr[d->index] << d->scale;
    return mem_ea_add(d, ea, 0);
}

/* ---- segments ---- */

static NORETURN void segment_fault(struct cpu *c, unsigned seg,
                                   const char *why)
{
    bool gp = c->mode == MODE_REAL && c->quirks & QUIRK_OVERRUN_GP;

    cpu_fault_why(c, seg == SEG_SS && !gp ? EXC_SS : EXC_GP, 0, why);
}

static bool canonical(uint64_t la)
{
    return (uint64_t)((int64_t)(la << 16) >> 16) == la;
}

/* Expand-down segments and everything the fast bounds leave out. */
static void check_segment(struct cpu *c, unsigned seg, uint64_t off,
                          unsigned size, bool write)
{
    const struct segment *s = &c->seg[seg];
    uint64_t last = off + size - 1, low, top;
    unsigned type = SEG_TYPE(s);
    static const char beyond[] = "offset beyond the segment's limit";

    if (c->mode == MODE_REAL || c->mode == MODE_V86) {
        if (last > s->limit || last < off)
            segment_fault(c, seg, beyond);
        return;
    }
    if (!s->usable)
        segment_fault(c, seg, "segment register is null");
    if (type & 8 ? write || !(type & 2) : write && !(type & 2))
        cpu_fault_why(c, EXC_GP, 0,
                      write ? "segment is not writable"
                            : "segment is not readable");
    if (!(type & 8) && type & 4) {
        low = (uint64_t)s->limit + 1;
        top = SEG_DB(s) ? UINT32_MAX : 0xffff;
        if (off < low || last > top)
            segment_fault(c, seg, beyond);
    } else if (last > s->limit) {
        segment_fault(c, seg, beyond);
    }
}

uint64_t mem_linear(struct cpu *c, unsigned seg, uint64_t off, unsigned size,
                    bool write)
{
    const struct seg_fast *f = &c->fast[seg];
    uint64_t end, la = off + f->base;

    if (c->mode == MODE_LONG64) {
        if (!canonical(la) || !canonical(la + size - 1))
            segment_fault(c, seg, "address not canonical");
        return la;
    }
    end = write ? f->write_end : f->read_end;
    if (off + size > end)
        check_segment(c, seg, off, size, write);
    return (uint32_t)la;
}

static void check_alignment(struct cpu *c, uint64_t la, unsigned size)
{
    if (c->ac_check && la & (size - 1))
        cpu_fault_why(c, EXC_AC, 0, "address not aligned");
}

/* Linear addresses of a second page: 32-bit ones wrap. */
static uint64_t next_linear(const struct cpu *c, uint64_t la)
{
    return cpu_long(c) ? la : (uint32_t)la;
}

/* ---- one page ---- */

static uint64_t load_host(const uint8_t *p, unsigned size)
{
    switch (size) {
    case 1:
        return *p;
    case 2:
        return ld_le16(p);
    case 4:
        return ld_le32(p);
    default:
        return ld_le64(p);
    }
}

static void store_host(uint8_t *p, uint64_t v, unsigned size)
{
    switch (size) {
    case 1:
        *p = (uint8_t)v;
        break;
    case 2:
        st_le16(p, (uint16_t)v);
        break;
    case 4:
        st_le32(p, (uint32_t)v);
        break;
    default:
        st_le64(p, v);
        break;
    }
}

static uint64_t page_load(struct cpu *c, const struct tlb_slow *s,
                          uint64_t paddr, unsigned size)
{
    if (!s->page.host) {
        cpu_sync_clock(c);
        return phys_load(c->phys, paddr, size);
    }
    return load_host(s->page.host + (paddr & PAGE_MASK), size);
}

static void page_store(struct cpu *c, const struct tlb_slow *s, uint64_t paddr,
                       uint64_t v, unsigned size)
{
    uint8_t *p = s->page.host;

    if (!p || !s->page.writable || !s->page.flags ||
        *s->page.flags & PAGE_CODE) {
        if (!p)
            cpu_sync_clock(c);
        phys_store(c->phys, paddr, v, size);
        return;
    }
    *s->page.flags |= PAGE_WRITTEN;
    store_host(p + (paddr & PAGE_MASK), v, size);
}

static uint64_t slot_paddr(struct cpu *c, uint64_t la, enum tlb_rights r)
{
    return c->tlb->data[r][tlb_index(la)].paddr | (la & PAGE_MASK);
}

static bool is_power_of_two(unsigned n)
{
    return (n & (n - 1)) == 0;
}

/* ---- for the debugger ---- */

/* What lies in RAM or ROM there now, of up to eight bytes. */
static uint64_t look(const struct tlb_slow *s, uint64_t paddr, unsigned n)
{
    uint8_t buf[8] = {0};

    if (s->page.host)
        memcpy(buf, s->page.host + (paddr & PAGE_MASK), n < 8 ? n : 8);
    return ld_le64(buf);
}

static void tell_read(struct cpu *c, const struct tlb_slow *s, uint64_t la,
                      uint64_t paddr, unsigned n, uint64_t v)
{
    if (UNLIKELY(c->probe_mask & PROBE_DATA))
        probe_access(c, la, paddr, n, false, s->page.host ? v : 0, v);
}

static void tell_write(struct cpu *c, const struct tlb_slow *s, uint64_t la,
                       uint64_t paddr, unsigned n, uint64_t v)
{
    if (UNLIKELY(c->probe_mask & PROBE_DATA))
        probe_access(c, la, paddr, n, true, look(s, paddr, n), v);
}

/* ---- by linear address ---- */

/*
 * Where the TLB says that plain memory may be read or written as it is, else
 * NULL. A hit also proves that the address is canonical and not watched.
 */
static ALWAYS_INLINE uint8_t *plain_read(const struct tlb_entry *array,
                                         uint64_t la, unsigned size)
{
    const struct tlb_entry *e = &array[tlb_index(la)];
    uint64_t off = la - e->tag_r;

    return LIKELY(off <= PAGE_SIZE - size) ? e->host + off : NULL;
}

static ALWAYS_INLINE uint8_t *plain_write(const struct tlb_entry *array,
                                          uint64_t la, unsigned size)
{
    const struct tlb_entry *e = &array[tlb_index(la)];
    uint64_t off = la - e->tag_w;

    return LIKELY(off <= PAGE_SIZE - size) ? e->host + off : NULL;
}

/* Bytes in pieces that devices understand. */
static void piecewise_read(struct cpu *c, const struct tlb_slow *s, uint64_t la,
                           uint64_t paddr, uint8_t *buf, unsigned n)
{
    if (s->page.host) {
        memcpy(buf, s->page.host + (paddr & PAGE_MASK), n);
        tell_read(c, s, la, paddr, n, look(s, paddr, n));
        return;
    }
    while (n) {
        unsigned k = n >= 8 && !(paddr & 7)   ? 8
                     : n >= 4 && !(paddr & 3) ? 4
                     : n >= 2 && !(paddr & 1) ? 2
                                              : 1;
        uint8_t tmp[8];

        st_le64(tmp, page_load(c, s, paddr, k));
        memcpy(buf, tmp, k);
        buf += k;
        paddr += k;
        n -= k;
    }
}

static void piecewise_write(struct cpu *c, const struct tlb_slow *s,
                            uint64_t la, uint64_t paddr, const uint8_t *buf,
                            unsigned n)
{
    uint8_t value[8] = {0};

    memcpy(value, buf, n < 8 ? n : 8);
    tell_write(c, s, la, paddr, n, ld_le64(value));
    while (n) {
        unsigned k = n >= 8 && !(paddr & 7)   ? 8
                     : n >= 4 && !(paddr & 3) ? 4
                     : n >= 2 && !(paddr & 1) ? 2
                                              : 1;
        uint8_t tmp[8] = {0};

        memcpy(tmp, buf, k);
        page_store(c, s, paddr, ld_le64(tmp), k);
        buf += k;
        paddr += k;
        n -= k;
    }
}

static void linear_read(struct cpu *c, uint64_t la, uint8_t *buf, unsigned n,
                        enum tlb_rights r)
{
    unsigned first = PAGE_SIZE - (unsigned)(la & PAGE_MASK);
    const struct tlb_slow *s;
    const uint8_t *p = plain_read(c->tlb->data[r], la, n);
    uint64_t la2;

    if (LIKELY(p)) {
        memcpy(buf, p, n);
        return;
    }
    if (n <= first) {
        s = tlb_get(c, la, false, r);
        piecewise_read(c, s, la, slot_paddr(c, la, r), buf, n);
        return;
    }
    la2 = next_linear(c, la + first);
    tlb_get(c, la, false, r);
    tlb_get(c, la2, false, r);
    s = tlb_get(c, la, false, r);
    piecewise_read(c, s, la, slot_paddr(c, la, r), buf, first);
    s = tlb_get(c, la2, false, r);
    piecewise_read(c, s, la2, slot_paddr(c, la2, r), buf + first, n - first);
}

static void linear_write(struct cpu *c, uint64_t la, const uint8_t *buf,
                         unsigned n, enum tlb_rights r)
{
    unsigned first = PAGE_SIZE - (unsigned)(la & PAGE_MASK);
    const struct tlb_slow *s;
    uint8_t *p = plain_write(c->tlb->data[r], la, n);
    uint64_t la2;

    if (LIKELY(p)) {
        memcpy(p, buf, n);
        return;
    }
    if (n <= first) {
        s = tlb_get(c, la, true, r);
        piecewise_write(c, s, la, slot_paddr(c, la, r), buf, n);
        return;
    }
    la2 = next_linear(c, la + first);
    tlb_get(c, la, true, r);
    tlb_get(c, la2, true, r);
    s = tlb_get(c, la, true, r);
    piecewise_write(c, s, la, slot_paddr(c, la, r), buf, first);
    s = tlb_get(c, la2, true, r);
    piecewise_write(c, s, la2, slot_paddr(c, la2, r), buf + first, n - first);
}

static NOINLINE uint64_t load_slowly(struct cpu *c, uint64_t la, unsigned size,
                                     enum tlb_rights r)
{
    uint8_t buf[8] = {0};

    if ((la & PAGE_MASK) + size <= PAGE_SIZE) {
        const struct tlb_slow *s = tlb_get(c, la, false, r);

        if (s->page.host || is_power_of_two(size)) {
            uint64_t paddr = slot_paddr(c, la, r);
            uint64_t v = page_load(c, s, paddr, size);

            tell_read(c, s, la, paddr, size, v);
            return v;
        }
    }
    linear_read(c, la, buf, size, r);
    return ld_le64(buf);
}

static NOINLINE void store_slowly(struct cpu *c, uint64_t la, uint64_t v,
                                  unsigned size, enum tlb_rights r)
{
    uint8_t buf[8];

    if ((la & PAGE_MASK) + size <= PAGE_SIZE) {
        const struct tlb_slow *s = tlb_get(c, la, true, r);
        uint64_t paddr = slot_paddr(c, la, r);

        tell_write(c, s, la, paddr, size, v);
        page_store(c, s, paddr, v, size);
        return;
    }
    st_le64(buf, v);
    linear_write(c, la, buf, size, r);
}

static ALWAYS_INLINE uint64_t linear_load(struct cpu *c, uint64_t la,
                                          unsigned size, enum tlb_rights r)
{
    const uint8_t *p = plain_read(c->tlb->data[r], la, size);

    return LIKELY(p && is_power_of_two(size)) ? load_host(p, size)
                                              : load_slowly(c, la, size, r);
}

static ALWAYS_INLINE void linear_store(struct cpu *c, uint64_t la, uint64_t v,
                                       unsigned size, enum tlb_rights r)
{
    uint8_t *p = plain_write(c->tlb->data[r], la, size);

    if (LIKELY(p && is_power_of_two(size)))
        store_host(p, v, size);
    else
        store_slowly(c, la, v, size, r);
}

static enum tlb_rights system_rights(bool user)
{
    return user ? RIGHTS_USER : RIGHTS_SUPER;
}

uint64_t lin_read(struct cpu *c, uint64_t laddr, unsigned size, bool user)
{
    return linear_load(c, laddr, size, system_rights(user));
}

void lin_write(struct cpu *c, uint64_t laddr, uint64_t v, unsigned size,
               bool user)
{
    linear_store(c, laddr, v, size, system_rights(user));
}

static void probe(struct cpu *c, uint64_t la, unsigned n, enum tlb_rights r)
{
    unsigned first = PAGE_SIZE - (unsigned)(la & PAGE_MASK);

    if (LIKELY(plain_write(c->tlb->data[r], la, n)))
        return;
    tlb_get(c, la, true, r);
    if (n > first)
        tlb_get(c, next_linear(c, la + first), true, r);
}

void lin_probe_write(struct cpu *c, uint64_t laddr, unsigned n, bool user)
{
    probe(c, laddr, n, system_rights(user));
}

/* ---- by segment and offset ---- */

/* DR7's enable bits are clear but for a debugger inside the guest. */
static void watch_access(struct cpu *c, uint64_t la, unsigned n, bool write)
{
    if (UNLIKELY(c->dr[7] & 0xff))
        debug_watch_hits(c, la, n, write);
}

/* The host's address of seg:off when nothing at all is in the way. */
static ALWAYS_INLINE uint8_t *plain_logical(const struct cpu *c, unsigned seg,
                                            uint64_t off, unsigned size,
                                            bool write)
{
    const struct seg_fast *f = &c->fast[seg];
    uint64_t la = off + f->base;

    if (off + size > (write ? f->write_end : f->read_end) || c->ac_check)
        return NULL;
    if (c->mode != MODE_LONG64)
        la = (uint32_t)la;
    return write ? plain_write(c->dtlb, la, size)
                 : plain_read(c->dtlb, la, size);
}

/* An operand that goes on at offset 0 of its segment (8086). */
static bool wraps(const struct cpu *c, uint64_t off, unsigned size)
{
    return c->quirks & QUIRK_WRAP_64K && off + size > 0x10000;
}

static uint64_t wrapped(const struct cpu *c, unsigned seg, uint64_t off)
{
    return (uint32_t)(c->fast[seg].base + (uint16_t)off);
}

static uint64_t wrapped_load(struct cpu *c, unsigned seg, uint64_t off,
                             unsigned size)
{
    uint64_t v = 0;

    for (unsigned n = 0; n < size; n++)
        v |= linear_load(c, wrapped(c, seg, off + n), 1, c->access_rights)
             << (8 * n);
    return v;
}

static void wrapped_store(struct cpu *c, unsigned seg, uint64_t off,
                          uint64_t v, unsigned size)
{
    for (unsigned n = 0; n < size; n++, v >>= 8)
        linear_store(c, wrapped(c, seg, off + n), v & 0xff, 1,
                     c->access_rights);
}

static NOINLINE uint64_t logical_load_slowly(struct cpu *c, unsigned seg,
                                             uint64_t off, unsigned size)
{
    uint64_t la, v;

    if (UNLIKELY(wraps(c, off, size)))
        return wrapped_load(c, seg, off, size);
    la = mem_linear(c, seg, off, size, false);
    check_alignment(c, la, size);
    v = load_slowly(c, la, size, c->access_rights);
    watch_access(c, la, size, false);
    return v;
}

static NOINLINE void logical_store_slowly(struct cpu *c, unsigned seg,
                                          uint64_t off, uint64_t v,
                                          unsigned size)
{
    uint64_t la;

    if (UNLIKELY(wraps(c, off, size))) {
        wrapped_store(c, seg, off, v, size);
        return;
    }
    la = mem_linear(c, seg, off, size, true);
    check_alignment(c, la, size);
    store_slowly(c, la, v, size, c->access_rights);
    watch_access(c, la, size, true);
}

static ALWAYS_INLINE uint64_t logical_load(struct cpu *c, unsigned seg,
                                           uint64_t off, unsigned size)
{
    const uint8_t *p = plain_logical(c, seg, off, size, false);

    return LIKELY(p) ? load_host(p, size)
                     : logical_load_slowly(c, seg, off, size);
}

static ALWAYS_INLINE void logical_store(struct cpu *c, unsigned seg,
                                        uint64_t off, uint64_t v, unsigned size)
{
    uint8_t *p = plain_logical(c, seg, off, size, true);

    if (LIKELY(p))
        store_host(p, v, size);
    else
        logical_store_slowly(c, seg, off, v, size);
}

uint8_t mem_read8(struct cpu *c, unsigned seg, uint64_t off)
{
    return (uint8_t)logical_load(c, seg, off, 1);
}

uint16_t mem_read16(struct cpu *c, unsigned seg, uint64_t off)
{
    return (uint16_t)logical_load(c, seg, off, 2);
}

uint32_t mem_read32(struct cpu *c, unsigned seg, uint64_t off)
{
    return (uint32_t)logical_load(c, seg, off, 4);
}

uint64_t mem_read64(struct cpu *c, unsigned seg, uint64_t off)
{
    return logical_load(c, seg, off, 8);
}

void mem_write8(struct cpu *c, unsigned seg, uint64_t off, uint8_t v)
{
    logical_store(c, seg, off, v, 1);
}

void mem_write16(struct cpu *c, unsigned seg, uint64_t off, uint16_t v)
{
    logical_store(c, seg, off, v, 2);
}

void mem_write32(struct cpu *c, unsigned seg, uint64_t off, uint32_t v)
{
    logical_store(c, seg, off, v, 4);
}

void mem_write64(struct cpu *c, unsigned seg, uint64_t off, uint64_t v)
{
    logical_store(c, seg, off, v, 8);
}

static void check_aligned(struct cpu *c, uint64_t la, unsigned align)
{
    if (la & (align - 1))
        cpu_fault_why(c, EXC_GP, 0, "vector operand not aligned");
}

void mem_read_bytes(struct cpu *c, unsigned seg, uint64_t off, void *buf,
                    unsigned n, unsigned align)
{
    uint64_t la = mem_linear(c, seg, off, n, false);

    check_aligned(c, la, align);
    linear_read(c, la, buf, n, c->access_rights);
    watch_access(c, la, n, false);
}

void mem_write_bytes(struct cpu *c, unsigned seg, uint64_t off, const void *buf,
                     unsigned n, unsigned align)
{
    uint64_t la = mem_linear(c, seg, off, n, true);

    check_aligned(c, la, align);
    linear_write(c, la, buf, n, c->access_rights);
    watch_access(c, la, n, true);
}

void mem_probe_write(struct cpu *c, unsigned seg, uint64_t off, unsigned n)
{
    probe(c, mem_linear(c, seg, off, n, true), n, c->access_rights);
}

uint64_t mem_rmw_read(struct cpu *c, unsigned seg, uint64_t off, unsigned size)
{
    uint64_t la;

    c->rmw.size = (uint8_t)size;
    c->rmw.wraps = wraps(c, off, size);
    if (UNLIKELY(c->rmw.wraps)) {
        c->rmw.seg = (uint8_t)seg;
        c->rmw.laddr = off;
        return wrapped_load(c, seg, off, size);
    }
    la = mem_linear(c, seg, off, size, true);
    check_alignment(c, la, size);
    probe(c, la, size, c->access_rights);
    c->rmw.laddr = la;
    return linear_load(c, la, size, c->access_rights);
}

void mem_rmw_write(struct cpu *c, uint64_t v)
{
    if (UNLIKELY(c->rmw.wraps)) {
        wrapped_store(c, c->rmw.seg, c->rmw.laddr, v, c->rmw.size);
        return;
    }
    linear_store(c, c->rmw.laddr, v, c->rmw.size, c->access_rights);
    watch_access(c, c->rmw.laddr, c->rmw.size, true);
}

/* ---- stack ---- */

static void set_sp(struct cpu *c, uint64_t sp)
{
    uint64_t mask = c->stack_mask;

    if (mask == 0xffff)
        c->gpr[RSP] = (c->gpr[RSP] & ~mask) | (sp & mask);
    else
        c->gpr[RSP] = sp & mask;
}

void stack_push(struct cpu *c, uint64_t v, unsigned size)
{
    uint64_t sp = (c->gpr[RSP] - size) & c->stack_mask;

    logical_store(c, SEG_SS, sp, v, size);
    set_sp(c, sp);
}

uint64_t stack_pop(struct cpu *c, unsigned size)
{
    uint64_t v = stack_peek(c, 0, size);

    set_sp(c, c->gpr[RSP] + size);
    return v;
}

uint64_t stack_peek(struct cpu *c, unsigned delta, unsigned size)
{
    return logical_load(c, SEG_SS, (c->gpr[RSP] + delta) & c->stack_mask, size);
}

void stack_adjust(struct cpu *c, int64_t delta)
{
    set_sp(c, c->gpr[RSP] + (uint64_t)delta);
}

/* ---- ports ---- */

uint32_t port_in(struct cpu *c, uint16_t port, unsigned size)
{
    uint32_t v;

    cpu_sync_clock(c);
    v = io_read(c->dev.sv->io, port, size);
    if (UNLIKELY(debug_watches_io(c)))
        debug_io_hits(c, port, size);
    if (UNLIKELY(c->probe_mask & PROBE_PORT))
        probe_note(c, &(struct probe_hit){PROBE_PORT, .addr = port, .value = v,
                                          .len = size});
    return v;
}

void port_out(struct cpu *c, uint16_t port, uint32_t v, unsigned size)
{
    cpu_sync_clock(c);
    io_write(c->dev.sv->io, port, v, size);
    if (UNLIKELY(debug_watches_io(c)))
        debug_io_hits(c, port, size);
    if (UNLIKELY(c->probe_mask & PROBE_PORT))
        probe_note(c, &(struct probe_hit){PROBE_PORT, .addr = port, .value = v,
                                          .len = size, .write = true});
}
