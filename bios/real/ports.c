/*
 * ports.c - INT 14h (serial ports), INT 17h and 05h (printers).
 */
#include "bios/real/real.h"

enum { THR = 0, IER = 1, LCR = 3, MCR = 4, LSR = 5, MSR = 6 };
enum { DR = 0x01, THRE = 0x20, DLAB = 0x80, DSR = 0x20, CTS = 0x10 };
enum { TIMED_OUT = 0x80 };

/* Reads of a port that a unit of 40:78 or 40:7C is worth. */
#define UNIT_READS 50000u

void int14(struct regs *r);
void int17(struct regs *r);
void int05_print_screen(struct regs *r);

static bool wait_port(u16 port, u8 mask, u8 value, u8 units)
{
    u32 reads = units * UNIT_READS;

    do {
        if ((inb(port) & mask) == value)
            return true;
    } while (reads--);
    return false;
}

/* ---- serial -------------------------------------------------------------- */

static void serial_state(struct regs *r, u16 io)
{
    r->a.h = inb((u16)(io + LSR));
    r->a.l = inb((u16)(io + MSR));
}

static void serial_init(struct regs *r, u16 io)
{
    TABLE u16 divisor[8] = {1047, 768, 384, 192, 96, 48, 24, 12};
    u16 d = divisor[r->a.l >> 5];

    outb((u16)(io + LCR), DLAB);
    outb((u16)(io + THR), (u8)d);
    outb((u16)(io + IER), (u8)(d >> 8));
    outb((u16)(io + LCR), r->a.l & 0x1f);
    outb((u16)(io + IER), 0);
    serial_state(r, io);
}

static void serial_send(struct regs *r, u16 io, u8 units)
{
    outb((u16)(io + MCR), 0x03); /* DTR, RTS */
    if (wait_port((u16)(io + MSR), DSR | CTS, DSR | CTS, units) &&
        wait_port((u16)(io + LSR), THRE, THRE, units)) {
        r->a.h = inb((u16)(io + LSR)) & 0x7f;
        outb(io, r->a.l);
    } else {
        r->a.h = inb((u16)(io + LSR)) | TIMED_OUT;
    }
}

static void serial_receive(struct regs *r, u16 io, u8 units)
{
    outb((u16)(io + MCR), 0x01); /* DTR */
    if (wait_port((u16)(io + MSR), DSR, DSR, units) &&
        wait_port((u16)(io + LSR), DR, DR, units)) {
        r->a.h = inb((u16)(io + LSR)) & 0x1e;
        r->a.l = inb(io);
    } else {
        r->a.h = inb((u16)(io + LSR)) | TIMED_OUT;
    }
}

void int14(struct regs *r)
{
    unsigned n = r->d.x & 3;
    u16 io = bda16(BDA_COM + 2 * n);
    u8 units = bda8(BDA_COM_TIMEOUT + n);

    irq_on();
    if (r->d.x > 3 || !io) {
        r->a.h = TIMED_OUT;
        return;
    }
    switch (r->a.h) {
    case 0x00:
        serial_init(r, io);
        break;
    case 0x01:
        serial_send(r, io, units);
        break;
    case 0x02:
        serial_receive(r, io, units);
        break;
    case 0x03:
        serial_state(r, io);
        break;
    default:
        r->a.h = TIMED_OUT;
        break;
    }
}

/* ---- printers ------------------------------------------------------------ */

/* Status of INT 17h: BUSY and ACK as they are, ERROR and nACK inverted. */
static u8 printer_state(u16 io)
{
    return (u8)((inb((u16)(io + 1)) & 0xf8) ^ 0x48);
}

static u8 print(u16 io, u8 c, u8 units)
{
    u8 control = inb((u16)(io + 2)) & 0xfe;

    outb(io, c);
    if (!wait_port((u16)(io + 1), 0x80, 0x80, units))
        return printer_state(io) | 0x01;
    outb((u16)(io + 2), control | 1);
    inb(io); /* half a microsecond of strobe */
    outb((u16)(io + 2), control);
    return printer_state(io);
}

void int17(struct regs *r)
{
    unsigned n = r->d.x & 3;
    u16 io = n < 3 ? bda16(BDA_LPT + 2 * n) : 0;

    irq_on();
    if (r->d.x > 2 || !io) {
        r->a.h = 0x29; /* time-out, error, no answer */
        return;
    }
    switch (r->a.h) {
    case 0x00:
        r->a.h = print(io, r->a.l, bda8(BDA_LPT_TIMEOUT + n));
        break;
    case 0x01:
        outb((u16)(io + 2), 0x08);
        for (unsigned k = 0; k < 50; k++)
            inb(io); /* INIT# stays low for 50 us */
        outb((u16)(io + 2), 0x0c);
        r->a.h = printer_state(io);
        break;
    case 0x02:
        r->a.h = printer_state(io);
        break;
    default:
        break;
    }
}

static bool print_out(u8 c)
{
    struct regs r = {.flags = 0};

    r.a.l = c;
    call_int(0x17, &r);
    return !(r.a.h & 0x29);
}

/* The text screen to the first printer; 50:0 is 1 while busy, FFh failed. */
void int05_print_screen(struct regs *r)
{
    struct regs v = {.flags = 0}, at = {.flags = 0};
    u8 columns, page, status = 0;
    u16 old;

    (void)r;
    if (peek8(0x50, 0) == 1)
        return;
    poke8(0x50, 0, 1);
    irq_on();
    v.a.x = 0x0f00;
    call_int(0x10, &v);
    columns = v.a.h;
    page = v.b.h;
    at.a.x = 0x0300;
    at.b.h = page;
    call_int(0x10, &at);
    old = at.d.x;
    for (unsigned y = 0; y <= peek8(0x40, 0x84) && !status; y++) {
        if (!print_out('\r') || !print_out('\n'))
            status = 0xff;
        for (unsigned x = 0; x < columns && !status; x++) {
            v.a.x = 0x0200;
            v.b.h = page;
            v.d.x = (u16)(y << 8 | x);
            call_int(0x10, &v);
            v.a.x = 0x0800;
            call_int(0x10, &v);
            if (!print_out(v.a.l ? v.a.l : ' '))
                status = 0xff;
        }
    }
    v.a.x = 0x0200;
    v.b.h = page;
    v.d.x = old;
    call_int(0x10, &v);
    poke8(0x50, 0, status);
}
