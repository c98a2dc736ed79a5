/*
 * system.c - what a system finds around the services: system management mode,
 * protected mode entry points, INT 05h and 18h.
 *
 * Booted from A:, a machine with PCI, ACPI and a printer. Last it gives up, and
 * the disk boots.
 */
#include "tests/bios/guest.h"

enum { PM = 0xb000, GLBSTS = 0x18, SMRAM = 0x72 };

/* Register of the host bridge. */
static u16 bridge(u8 reg)
{
    outl(0xcf8, 0x80000000u | (reg & 0xfcu));
    return (u16)(0xcfc + (reg & 3));
}

static struct regs said(u32 v)
{
    return fresh(v);
}

static void smm(void)
{
    struct regs r = said(inb(bridge(SMRAM)));

    ok(r.a.l == 0x1a, "SMM: SMRAM is closed and locked", &r);
    outb(bridge(SMRAM), 0x4a);
    r = said(inb(bridge(SMRAM)));
    ok(r.a.l == 0x1a, "SMM: the lock holds", &r);
    outb(0xb2, 0xf1);
    r = said(inw(PM + 4));
    ok(r.a.l & 1, "SMM: F1h at port B2h sets SCI_EN", &r);
    r = said(inb(PM + GLBSTS));
    ok(!(r.a.l & 0x20), "SMM: the handler has cleared APM_STS", &r);
    outb(0xb2, 0x77);
    r = said(inw(PM + 4));
    ok(r.a.l & 1, "SMM: other commands do nothing", &r);
    outb(0xb2, 0xf0);
    r = said(inw(PM + 4));
    ok(!(r.a.l & 1), "SMM: F0h clears SCI_EN", &r);
    r = said(inw(PM + 2));
    ok(r.a.x == 0x100, "SMM: the power button is watched", &r);
}

/* ---- protected mode ------------------------------------------------------ */

/* Registers for a far call, by modes.S. */
struct pm {
    u32 eax, ebx, ecx, edx, esi, edi, flags;
    u32 entry;
    u16 selector;
};

enum { CODE_32 = 0x20, CODE_16 = 0x28 };

void pm_call(struct pm *p);
u32 switch_mode(void);
extern volatile u16 switched[7];

static struct regs pm_result(const struct pm *p)
{
    struct regs r = fresh(p->eax);

    r.b.e = p->ebx;
    r.c.e = p->ecx;
    r.d.e = p->edx;
    r.flags = p->flags;
    return r;
}

static struct regs pm(u16 selector, u32 entry, u32 eax, u32 ebx, u32 ecx)
{
    struct pm p = {.eax = eax, .ebx = ebx, .ecx = ecx};

    p.edx = 0x8086;
    p.entry = entry;
    p.selector = selector;
    pm_call(&p);
    return pm_result(&p);
}

static void bios32(void)
{
    struct regs r = said(0);
    u32 at = 0xe0000, entry;

    while (at < 0x100000 && peek((u16)(at >> 4), 0, 4) != 0x5f32335f)
        at += 16;
    r.a.e = at;
    ok(at < 0x100000, "BIOS32: the directory is found", &r);
    entry = peek((u16)(at >> 4), 4, 4) - 0xf0000;
    r = pm(CODE_32, entry, 0x49435024, 0, 0);
    ok(r.a.l == 0 && r.b.e == 0xf0000 && r.c.e > r.d.e, "BIOS32: $PCI", &r);
    at = r.d.e;
    r = pm(CODE_32, entry, 0x12345678, 0, 0);
    ok(r.a.l == 0x80, "BIOS32: no other service", &r);
    r = pm(CODE_32, at, 0xb101, 0, 0);
    ok(!cf(&r) && r.d.e == 0x20494350 && r.b.x == 0x0210,
       "32-bit PCI B101h: 2.1", &r);
    r = pm(CODE_32, at, 0xb102, 0, 0x7010);
    ok(!cf(&r) && r.b.x == 0x0009, "32-bit PCI B102h: IDE", &r);
    r = pm(CODE_32, at, 0xb103, 0, 0x030000);
    ok(!cf(&r) && r.b.x == 0x0010, "32-bit PCI B103h: VGA", &r);
    r = pm(CODE_32, at, 0xb10a, 0, 0);
    ok(!cf(&r) && r.c.e == 0x12378086, "32-bit PCI B10Ah", &r);
    r = pm(CODE_32, at, 0xb1ff, 0, 0);
    ok(cf(&r) && r.a.h == 0x81, "32-bit PCI: no function FFh", &r);
}

/* The calls of both interfaces. */
static void apm_calls(u16 selector, u32 entry)
{
    struct regs r = pm(selector, entry, 0x530a, 1, 0);

    ok(!cf(&r) && r.b.x == 0x01ff, "530Ah: on mains", &r);
    r = pm(selector, entry, 0x530a, 0x8001, 0);
    ok(cf(&r) && r.a.h == 9, "530Ah: no battery", &r);
    r = pm(selector, entry, 0x530e, 0, 0x0102);
    ok(!cf(&r) && r.a.x == 0x0102, "530Eh: APM 1.2", &r);
    r = pm(selector, entry, 0x530b, 0, 0);
    ok(cf(&r) && r.a.h == 0x80, "530Bh: no event", &r);
    r = pm(selector, entry, 0x5307, 1, 7);
    ok(cf(&r) && r.a.h == 0x0a, "5307h: no state 7", &r);
    r = pm(selector, entry, 0x5380, 0, 0);
    ok(cf(&r) && r.a.h == 0x0c, "5380h: none", &r);
    r = pm(selector, entry, 0x5304, 0, 0);
    ok(!cf(&r), "5304h: disconnected", &r);
}

static void apm(void)
{
    struct regs r = fresh(0x5300);

    int_call(0x15, &r);
    ok(!cf(&r) && (r.c.x & 3) == 3, "15h 5300h: 16-bit and 32-bit", &r);
    r = fresh(0x5303);
    int_call(0x15, &r);
    ok(!cf(&r) && r.a.x == 0xf000 && r.c.x == 0xf000 && r.d.x == 0xec00 &&
           r.b.e < 0x10000,
       "15h 5303h: 32-bit interface", &r);
    apm_calls(CODE_32, r.b.e);
    r = fresh(0x5302);
    int_call(0x15, &r);
    ok(!cf(&r) && r.a.x == 0xf000 && r.c.x == 0xec00,
       "15h 5302h: 16-bit interface", &r);
    r.d.e = r.b.x;
    r.a.e = 0x5303;
    r.b.e = 0;
    int_call(0x15, &r);
    ok(cf(&r) && r.a.h == 5, "15h 5303h: not while that is used", &r);
    apm_calls(CODE_16, r.d.x);
    r = fresh(0x5301);
    int_call(0x15, &r);
    ok(!cf(&r), "15h 5301h: real mode again", &r);
}

static void protected(void)
{
    struct regs r = said(switch_mode());

    ok(r.a.l & 1 && !switched[0] && !switched[1],
       "15h 89h: protected mode, AX 0", &r);
    r = said((u32)switched[2] << 16 | switched[3]);
    ok(r.a.e == 0x00300018 && switched[4] == 0x20 && switched[5] == 0x28,
       "15h 89h: CS, DS, ES, SS", &r);
    r = said(switched[6]);
    ok(r.a.x == 0xffff, "15h 89h: interrupts are masked", &r);
    r = said(peek(0x40, 0x6c, 4));
    while (peek(0x40, 0x6c, 4) == r.a.e)
        ;
    ok(true, "and come again", &r);
}

/* ---- others -------------------------------------------------------------- */

static void print_screen(void)
{
    static const char line[] = "\r\nPRINTED BY INT 05H\r\n";
    struct regs r = fresh(0);

    for (u32 n = 0; line[n]; n++) {
        r = fresh(0x0e00 | (u8)line[n]);
        r.b.x = 7;
        int_call(0x10, &r);
    }
    r = fresh(0);
    int_call(0x05, &r);
    r = said(peek(0x50, 0, 1));
    ok(r.a.l == 0, "05h: the screen is printed", &r);
}

/* Rows of a character with some ink, at F000:FA6E + 8 * code. */
static u32 ink(u16 seg, u16 off, u8 code)
{
    u32 n = 0;

    for (u16 row = 0; row < 8; row++)
        n += !!peek(seg, (u16)(off + 8 * code + row), 1);
    return n;
}

static void font(void)
{
    struct regs r = said(peek(0xf000, 0xfa6e + 8 * 'A', 4));

    ok(ink(0xf000, 0xfa6e, 'A') >= 6 && !ink(0xf000, 0xfa6e, ' ') &&
           ink(0xf000, 0xfa6e, 127),
       "F000:FA6E: the font of 8x8", &r);
    r = said(peek(0, 0x1f * 4, 4));
    ok(ink((u16)(r.a.e >> 16), r.a.x, 0xdb - 0x80) == 8,
       "vector 1Fh: its other half", &r);
}

void main(void)
{
    serial_fast();
    font();
    smm();
    bios32();
    apm();
    protected();
    print_screen();
    plan(1);
    int_call(0x18, &(struct regs){.flags = 0});
}
