/*
 * system.c - what a system finds around the services: system management mode.
 *
 * Booted from A:, a machine with PCI and ACPI.
 */
#include "tests/bios/guest.h"

enum { PM = 0xb000, GLBSTS = 0x18, SMRAM = 0x72 };

static void outl(u16 port, u32 v)
{
    __asm__ volatile("outl %1, %w0" : : "Nd"(port), "a"(v));
}

static u16 inw(u16 port)
{
    u16 v;

    __asm__ volatile("inw %w1, %w0" : "=a"(v) : "Nd"(port));
    return v;
}

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

void main(void)
{
    serial_fast();
    smm();
    plan(0);
    power_off();
}
