/*
 * int1a.c - INT 1Ah: time of day, clock chip, alarm; and small services.
 */
#include "bios/real/real.h"

enum {
    SA_UIP = 0x80,
    SB_SET = 0x80,
    SB_AIE = 0x20,
    SB_24H = 0x02,
    SB_DSE = 0x01
};

#define UIP_READS 60000u

void int1a(struct regs *r);

/* The clock's cells are stable for 244 us after UIP was seen clear. */
static bool clock_ready(void)
{
    if (!(cmos_read(CMOS_STATUS_D) & 0x80))
        return false;
    for (u32 n = 0; n < UIP_READS; n++)
        if (!(cmos_read(CMOS_STATUS_A) & SA_UIP))
            return true;
    return false;
}

static void get_ticks(struct regs *r)
{
    u32 ticks;

    irq_off();
    ticks = bda32(BDA_TICKS);
    r->a.l = bda8(BDA_MIDNIGHT);
    set_bda8(BDA_MIDNIGHT, 0);
    r->c.x = (u16)(ticks >> 16);
    r->d.x = (u16)ticks;
}

static void set_ticks(struct regs *r)
{
    irq_off();
    set_bda32(BDA_TICKS, (u32)r->c.x << 16 | r->d.x);
    set_bda8(BDA_MIDNIGHT, 0);
    r->a.h = 0;
}

static void get_time(struct regs *r)
{
    r->c.h = cmos_read(0x04);
    r->c.l = cmos_read(0x02);
    r->d.h = cmos_read(0x00);
    r->d.l = cmos_read(CMOS_STATUS_B) & SB_DSE;
    r->a.h = 0;
    r->a.l = r->c.h;
}

static void set_time(struct regs *r)
{
    u8 b = cmos_read(CMOS_STATUS_B);

    cmos_write(CMOS_STATUS_B, b | SB_SET);
    cmos_write(0x04, r->c.h);
    cmos_write(0x02, r->c.l);
    cmos_write(0x00, r->d.h);
    b = (u8)((b & ~(SB_SET | SB_DSE)) | SB_24H | (r->d.l & SB_DSE));
    cmos_write(CMOS_STATUS_B, b);
    r->a.h = 0;
    r->a.l = b;
}

static void get_date(struct regs *r)
{
    r->c.h = cmos_read(CMOS_CENTURY);
    r->c.l = cmos_read(0x09);
    r->d.h = cmos_read(0x08);
    r->d.l = cmos_read(0x07);
    r->a.h = 0;
    r->a.l = r->c.h;
}

static void set_date(struct regs *r)
{
    u8 b = cmos_read(CMOS_STATUS_B);

    cmos_write(CMOS_STATUS_B, b | SB_SET);
    cmos_write(CMOS_CENTURY, r->c.h);
    cmos_write(0x09, r->c.l);
    cmos_write(0x08, r->d.h);
    cmos_write(0x07, r->d.l);
    b &= (u8)~SB_SET;
    cmos_write(CMOS_STATUS_B, b);
    r->a.h = 0;
    r->a.l = b;
}

static bool set_alarm(struct regs *r)
{
    u8 b = cmos_read(CMOS_STATUS_B);

    if (b & SB_AIE)
        return false; /* one at a time */
    cmos_write(0x05, r->c.h);
    cmos_write(0x03, r->c.l);
    cmos_write(0x01, r->d.h);
    outb(PIC1_DATA, inb(PIC1_DATA) & (u8)~0x01);
    cmos_write(CMOS_STATUS_B, (b & (u8)~SB_SET) | SB_AIE);
    r->a.h = 0;
    return true;
}

static bool clock_service(struct regs *r)
{
    if (r->a.h == 0x07) {
        cmos_write(CMOS_STATUS_B, cmos_read(CMOS_STATUS_B) & (u8)~SB_AIE);
        r->a.h = 0;
        return true;
    }
    if (!clock_ready())
        return false;
    switch (r->a.h) {
    case 0x02:
        get_time(r);
        return true;
    case 0x03:
        set_time(r);
        return true;
    case 0x04:
        get_date(r);
        return true;
    case 0x05:
        set_date(r);
        return true;
    default:
        return set_alarm(r);
    }
}

void int1a(struct regs *r)
{
    if (r->a.h == 0x00) {
        get_ticks(r);
        set_flag(r, CF, false);
    } else if (r->a.h == 0x01) {
        set_ticks(r);
        set_flag(r, CF, false);
    } else if (r->a.h <= 0x07) {
        set_flag(r, CF, !clock_service(r));
    } else if (r->a.h == 0xb1) {
        pcibios_service(r);
    } else {
        set_flag(r, CF, true);
    }
}
