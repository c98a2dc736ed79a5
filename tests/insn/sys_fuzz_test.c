/*
 * sys_fuzz_test.c - random descriptors, stacks and system instructions.
 *
 * Whatever the guest builds, an instruction ends or faults, delivery ends,
 * and the state stays one that the rest of the processor can rely on.
 * Usage: sys_fuzz_test [rounds] [seed]
 */
#include "core/rng.h"
#include "cpu/debugreg.h"
#include "cpu/reset.h"
#include "cpu/seg.h"
#include "tests/insn/sysrig.h"
#include <stdlib.h>

static const struct {
    const char *bytes;
    uint8_t len;
} list[] = {
    {"\x8e\xd8", 2},     {"\x8e\xd0", 2},     {"\x8e\xe0", 2},
    {"\x1f", 1},         {"\x17", 1},         {"\x0f\xa1", 2},
    {"\xcb", 1},         {"\xca\x04\x00", 3}, {"\x66\xcb", 2},
    {"\xcf", 1},         {"\xcf", 1},         {"\x66\xcf", 2},
    {"\xcd\x30", 2},     {"\xcd\x31", 2},     {"\xcc", 1},
    {"\xf1", 1},         {"\xff\x1b", 2},     {"\xff\x2b", 2},
    {"\xff\x1b", 2},     {"\x0f\x05", 2},     {"\x0f\x07", 2},
    {"\x0f\x34", 2},     {"\x0f\x35", 2},     {"\x9d", 1},
    {"\x66\x9d", 2},     {"\x9c", 1},         {"\xfa", 1},
    {"\xfb", 1},         {"\x0f\x22\xc0", 3}, {"\x0f\x22\xd8", 3},
    {"\x0f\x22\xe0", 3}, {"\x0f\x23\xf8", 3}, {"\x0f\x00\xd0", 3},
    {"\x0f\x00\xd8", 3}, {"\x0f\x02\xd8", 3}, {"\x0f\x03\xd8", 3},
    {"\x0f\x00\xe0", 3}, {"\x0f\x01\xf0", 3}, {"\xe4\x60", 2},
    {"\xed", 1},         {"\x48\xcf", 2},     {"\x48\xcb", 2},
    {"\x0f\x01\xf8", 3}, {"\x0f\xb2\x03", 3},
};

/* A selector that is often good for something. */
static uint16_t selector(struct rng *g)
{
    uint64_t x = rng_next(g);

    return (uint16_t)((x & 31) * 8 | (x >> 8 & 3) | (x >> 16 & 15 ? 0 : 4));
}

static uint64_t random_descriptor(struct rng *g)
{
    static const uint8_t access[] = {0x9a, 0xfa, 0x92, 0xf2, 0x9e, 0xfe,
                                     0x89, 0xe9, 0x81, 0x8c, 0xec, 0xe4,
                                     0xe5, 0x82, 0xee, 0x8b, 0x96, 0xba};
    uint64_t x = rng_next(g);
    unsigned a = access[x % ARRAY_LEN(access)];

    if (!(x >> 8 & 15))
        a = x >> 16 & 0xff;
    if ((a & 0x1f) == 0x0c || (a & 0x1f) == 4 || (a & 0x1f) == 5 ||
        (a & 0x1f) == 14)
        return gate(selector(g), CODE + (x >> 20 & 0xfff), a, x >> 32 & 7);
    if (!(a & 0x10))
        return descriptor(TSS_A + (x >> 20 & 0xc00), x >> 32 & 0x1ff, a, 0);
    return descriptor(0, x >> 32 & 1 ? 0xfffff : 0x2ffff, a,
                      x >> 40 & 1 ? 12 : x >> 41 & 15);
}

static void fill(struct sysrig *r, struct rng *g)
{
    for (unsigned sel = 0x50; sel < GDT_LIMIT; sel += 8)
        if (rng_next(g) & 1)
            set_gdt(r, (uint16_t)sel, random_descriptor(g));
    for (unsigned n = 0; n < 0x7f8; n += 8)
        poke64(r, IDT + n,
               gate(rng_next(g) & 3 ? CODE0 : selector(g), HANDLER,
                    rng_next(g) & 3 ? 0xee : (unsigned)rng_next(g) & 0xff, 0));
    for (unsigned n = 0; n < 0xc00; n += 4)
        poke(r, TSS_A + n,
             rng_next(g) & 1 ? selector(g) : (uint32_t)rng_next(g) & 0x3ffff);
    if (rng_next(g) & 7)
        poke(r, TSS_A + 4, STACK0);
    if (rng_next(g) & 7)
        poke(r, TSS_A + 8, DATA0);
    for (unsigned n = 0; n < 64; n += 4) {
        uint32_t v = rng_next(g) & 1 ? selector(g) : CODE + (n & 0xff);

        if (!(rng_next(g) & 7))
            v = (uint32_t)rng_next(g) & 0x3f7fff;
        poke(r, STACK0 - 0x1000 + n, v);
        poke(r, STACK3 + n, v);
        poke(r, 0x6000 + n, v);
    }
}

/* Real-mode segments in protected mode are legal, but not what is checked. */
static bool enters_protected(const struct cpu *c, const char *bytes)
{
    return c->mode == MODE_REAL && bytes[0] == 0x0f &&
           (bytes[1] == 0x22 || bytes[1] == 0x01);
}

static void prepare(struct sysrig *r, struct rng *g)
{
    struct cpu *c = r->c;

    switch (rng_next(g) % 6) {
    case 0:
        sysrig_protected(r, 0);
        break;
    case 1:
    case 2:
        sysrig_protected(r, 3);
        break;
    case 3:
        sysrig_long(r, rng_next(g) & 1 ? 3 : 0);
        break;
    case 4:
        sysrig_v86(r, rng_next(g) & 3);
        break;
    default:
        sysrig_real(r);
        break;
    }
    fill(r, g);
    c->gpr[RAX] = rng_next(g) & 1 ? selector(g) : rng_next(g);
    c->gpr[RBX] = 0x6000 + (rng_next(g) & 15) * 4;
    c->gpr[RCX] = rng_next(g) & 0x3ffff;
    c->gpr[RDX] = rng_next(g) & 0x3ffff;
    c->rflags ^= rng_next(g) & (EFL_IF | EFL_NT | EFL_IOPL | EFL_VIF | EFL_AC);
    c->cr4 ^= rng_next(g) & (CR4_VME | CR4_PVI | CR4_UMIP | CR4_SMAP);
    c->msr.star = rng_next(g);
    c->msr.sysenter_cs = selector(g);
    cpu_update_mode(c);
}

/* What every instruction must leave behind. */
static const char *broken(struct sysrig *r)
{
    struct cpu *c = r->c;
    struct error err;

    if (c->fault_depth)
        return "delivery not finished";
    if ((c->rflags & ~(uint64_t)0x3f7fd5) != 2)
        return "reserved flags";
    /* A shutdown may come in the middle of a task switch. */
    if (c->mode >= MODE_PROT && !(c->events & EV_SHUTDOWN)) {
        if ((c->seg[SEG_CS].selector & 3) != c->cpl)
            return "CS.RPL is not CPL";
        if (!seg_is_code(&c->seg[SEG_CS]))
            return "CS is no code";
        if (c->seg[SEG_SS].usable && SEG_DPL(&c->seg[SEG_SS]) != c->cpl)
            return "SS.DPL is not CPL";
    }
    if (!cpu_class.post_load(&c->dev, &err))
        return "a saved state would be refused";
    return NULL;
}

int main(int argc, char **argv)
{
    unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 0) : 3000;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
    unsigned long faulted = 0, stopped = 0;
    const char *what = NULL;
    struct sysrig r;
    struct rng g;

    sysrig_init(&r);
    rng_seed(&g, seed);
    for (unsigned long n = 0; n < rounds && !what; n++) {
        prepare(&r, &g);
        for (unsigned i = 0; i < 6 && !what; i++) {
            unsigned op = rng_next(&g) % ARRAY_LEN(list);

            if (!decodes(&r, list[op].bytes, list[op].len) ||
                enters_protected(r.c, list[op].bytes))
                continue;
            if (!exec(&r, list[op].bytes, list[op].len)) {
                faulted++;
                deliver(&r);
            }
            what = broken(&r);
            if (what)
                printf("# round %lu, instruction %u (%02x %02x)\n", n, i,
                       list[op].bytes[0] & 0xff, list[op].bytes[1] & 0xff);
            stopped += (r.c->events & EV_SHUTDOWN) != 0;
            if (r.c->events & EV_SHUTDOWN)
                break;
        }
    }
    tap_ok(&r.tap, !what, "state stays sound%s%s", what ? ": " : "",
           what ? what : "");
    tap_ok(&r.tap, faulted > rounds / 4 && stopped < faulted,
           "%lu faults, %lu shutdowns in %lu rounds", faulted, stopped, rounds);
    return sysrig_done(&r);
}
