/*
 * sleep.c - suspend-to-RAM (ACPI S3): goes to sleep with a waking vector in the
 * FACS and the alarm set, and looks what is left when the BIOS comes there.
 *
 * ACPI 3.0, sections 4.7.3.2 (PM1 control), 5.2.10 (FACS), 16.3.2.
 */
#include "tests/bios/acpi.h"

enum { PM = 0xb000, RTC_EN = 0x400, WAK_STS = 0x8000, SCI_EN = 1 };
enum { SLP_S3 = 1 << 10, SLP_EN = 0x2000, MARK_AT = 0x300000 };
enum { FADT_FACS = 36, FACS_WAKING_VECTOR = 12 };

#define MARK 0x4b53334du

void wake_start(void); /* in start.S: calls woken */
void woken(void);

/* An alarm in `seconds`, as INT 1Ah takes it. */
static void set_alarm(u32 seconds)
{
    struct regs r = fresh(0x0600);
    u8 now = cmos(0);
    u32 then = (now >> 4) * 10u + (now & 15) + seconds;
    u8 minute = cmos(2);

    if (then >= 60) { /* the test begins at the full hour */
        then -= 60;
        minute++;
    }
    r.c.h = cmos(4);
    r.c.l = minute;
    r.d.h = (u8)(then / 10 << 4 | then % 10);
    int_call(0x1a, &r);
}

/* Conventional memory that neither this program nor the data areas have. */
static const struct {
    u16 from, to; /* paragraphs */
} ours[] = {{0x0060, 0x0780}, {0x2000, 0x9fc0}};

/* Sets it to a pattern, or tells whether it still is. */
static bool pattern(bool set)
{
    for (u32 n = 0; n < 2; n++)
        for (u16 seg = ours[n].from; seg < ours[n].to; seg++)
            for (u16 off = 0; off < 16; off += 2) {
                u16 v = (u16)(seg + off);

                if (set)
                    poke16(seg, off, v);
                else if (peek(seg, off, 2) != v)
                    return false;
            }
    return true;
}

void main(void)
{
    struct regs r = fresh(0);
    u32 facs;

    serial_fast();
    plan(10);
    facs = load(table(0x50434146) + FADT_FACS);
    r.a.e = load(facs);
    ok(r.a.e == 0x53434146, "the FADT leads to the FACS", &r);
    store(facs + FACS_WAKING_VECTOR, HERE + (u32)wake_start);
    store(MARK_AT, MARK);
    pattern(true);
    outb(0xb2, 0xf1);
    outw(PM, 0xffff);
    outw(PM + 2, RTC_EN);
    set_alarm(3);
    outw(PM + 4, SLP_S3 | SLP_EN | SCI_EN);
    ok(false, "S3: awake without sleep", &r);
}

/* Where the waking vector leads, on a stack of ours. */
void woken(void)
{
    struct regs r;
    u32 ticks;

    serial_fast();
    r = fresh(inw(PM));
    ok(r.a.x & WAK_STS, "S3: woken, WAK_STS", &r);
    ok(r.a.x & RTC_EN, "S3: by the alarm", &r);
    r = fresh(load(MARK_AT));
    ok(r.a.e == MARK, "S3: memory is as it was", &r);
    ok(pattern(false), "S3: that below 640 KiB too", &r);
    outl(0xcf8, 0x80000070);
    r = fresh(inb(0xcfe));
    ok(r.a.l == 0x1a, "S3: SMRAM is locked", &r);
    outb(0xb2, 0xf1);
    r = fresh(inw(PM + 4));
    ok(r.a.l & SCI_EN && !(inb(PM + 0x18) & 0x20), "S3: SMM works", &r);
    r = fresh(0);
    int_call(0x12, &r);
    ok(r.a.x == 639, "S3: so do services", &r);
    outl(0xcf8, 0x80000058);
    r = fresh(inb(0xcfd));
    ok(r.a.l == 0x10, "S3: F0000h is read-only RAM", &r);
    ticks = peek(0x40, 0x6c, 4);
    while (peek(0x40, 0x6c, 4) == ticks)
        ;
    ok(true, "S3: interrupts come", &r);
    power_off();
}
