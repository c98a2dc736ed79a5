/*
 * processors.c - how many processors the tables of ACPI and MP 1.4 have: as
 * many as CMOS 5Fh says.
 */
#include "tests/bios/acpi.h"

static u32 ids; /* a bit for each local APIC */
static u8 io_id;

/* ACPI 3.0, 5.2.11: entries of the MADT begin with type and length. */
static u32 in_madt(void)
{
    u32 at = table(0x43495041), end = at + load(at + 4), n = 0;

    ids = 0;
    for (at += 44; at < end; at += (u8)(load(at) >> 8)) {
        u32 entry = load(at);

        if ((u8)entry == 0 && load(at + 4) & 1) {
            ids |= 1u << (entry >> 24 & 31);
            n++;
        }
        if ((u8)entry == 1)
            io_id = (u8)(entry >> 16);
        if (!(u8)(entry >> 8))
            break;
    }
    return n;
}

/* MP 1.4, 4.1: the floating pointer, then 44 bytes of header. */
static u32 in_mp(void)
{
    u32 at = 0xf0000, n = 0;

    while (at < 0x100000 && peek((u16)(at >> 4), 0, 4) != 0x5f504d5f)
        at += 16;
    if (at == 0x100000)
        return 0;
    at = peek((u16)(at >> 4), 4, 4) + 44;
    ids = 0;
    for (; (u8)load(at) == 0; at += 20, n++)
        ids |= 1u << (load(at) >> 8 & 31);
    return n;
}

static u32 bits(u32 v)
{
    u32 n = 0;

    for (; v; v &= v - 1)
        n++;
    return n;
}

void main(void)
{
    struct regs r = fresh(0);
    u32 wanted = cmos(0x5f) + 1u;

    serial_fast();
    r.a.e = in_madt();
    r.b.e = ids;
    r.c.e = io_id;
    ok(r.a.e == wanted && bits(ids) == wanted, "MADT: the processors", &r);
    ok(!(ids >> io_id & 1), "MADT: the I/O APIC's number is its own", &r);
    r.a.e = in_mp();
    r.b.e = ids;
    ok(r.a.e == wanted && bits(ids) == wanted, "MP table: the processors", &r);
    plan(0);
    power_off();
}
