/*
 * services.c - calls the BIOS's services from a boot sector's program and
 * says on the serial port, in TAP, what they did.
 *
 * Drives: A: with this program, a disk of 20 cylinders, 16 heads, 63 sectors
 * whose sectors begin with their number, an empty CD-ROM drive.
 */
#include "tests/bios/guest.h"

void mouse_handler(void);
void tick_hook(void);
void alarm_hook(void);
extern volatile u16 mouse_calls, tick_calls, alarm_calls;

/* ---- small ones ---------------------------------------------------------- */

static void equipment(void)
{
    struct regs r = fresh(0);

    int_call(0x11, &r);
    ok((r.a.x & 0x0e03) == 0x0203, "11h: floppy, FPU, one serial port", &r);
    r = fresh(0);
    int_call(0x12, &r);
    ok(r.a.x >= 600 && r.a.x < 640, "12h: memory below the EBDA", &r);
    ok(peek(0x40, 0x0e, 2) == (u32)r.a.x * 64, "EBDA lies at its end", &r);
}

static void serial(void)
{
    struct regs r = fresh(0x0300);

    for (u32 n = 0; n < 2000000 && !(inb(COM1 + 5) & 0x40); n++)
        ;
    int_call(0x14, &r);
    ok((r.a.h & 0xe0) == 0x60, "14h 03h: transmitter empty", &r);
    r = fresh(0x00e3);
    int_call(0x14, &r);
    serial_fast();
    ok(!(r.a.h & 0x80), "14h 00h: 9600 bits, 8N1", &r);
    r = fresh(0x0100 | '\n');
    int_call(0x14, &r);
    ok(!(r.a.h & 0x80), "14h 01h: a character", &r);
    r = fresh(0x0300);
    r.d.x = 3;
    int_call(0x14, &r);
    ok(r.a.h & 0x80, "14h: a port that is not there times out", &r);
}

static void printer(void)
{
    struct regs r = fresh(0x0100);

    int_call(0x17, &r);
    ok(!(r.a.h & 0x01), "17h 01h: printer is initialised", &r);
    r = fresh(0x0200);
    r.d.x = 2;
    int_call(0x17, &r);
    ok(r.a.h & 0x01, "17h 02h: no third printer", &r);
}

/* ---- disks --------------------------------------------------------------- */

static void floppy(void)
{
    struct regs r = fresh(0x0000);

    int_call(0x13, &r);
    ok(!cf(&r) && !r.a.h, "13h 00h: floppy reset", &r);
    r = fresh(0x0201);
    r.c.x = 0x0001;
    r.b.x = (u16)(u32)buffer;
    int_call(0x13, &r);
    ok(!cf(&r) && r.a.l == 1 && buffer[510] == 0x55 && buffer[511] == 0xaa,
       "13h 02h: floppy read", &r);
    r = fresh(0x0401);
    r.c.x = 0x0005;
    int_call(0x13, &r);
    ok(!cf(&r), "13h 04h: floppy verify", &r);
    r = fresh(0x0201);
    r.c.x = 0x003f;
    r.b.x = (u16)(u32)buffer;
    int_call(0x13, &r);
    ok(cf(&r) && r.a.h == 0x04, "13h 02h: no sector 63", &r);
    r = fresh(0x0100);
    int_call(0x13, &r);
    ok(cf(&r) && r.a.h == 0x04, "13h 01h: status of that", &r);
    r = fresh(0x0800);
    int_call(0x13, &r);
    ok(!cf(&r) && r.b.l == 4 && r.c.x == 0x4f12 && r.d.h == 1 &&
           r.d.l == (peek(0x40, 0x10, 1) >> 6) + 1 &&
           peek(r.es, (u16)(r.di.x + 4), 1) == 18,
       "13h 08h: floppy parameters", &r);
    r = fresh(0x1500);
    int_call(0x13, &r);
    ok(!cf(&r) && r.a.h == 2, "13h 15h: floppy with change line", &r);
    r = fresh(0x1600);
    int_call(0x13, &r);
    ok(!cf(&r), "13h 16h: not changed", &r);
    r = fresh(0x1800);
    r.c.x = 0x4f09;
    int_call(0x13, &r);
    ok(!cf(&r) && peek(r.es, (u16)(r.di.x + 4), 1) == 9,
       "13h 18h: 720K in a 1.44M drive", &r);
    r = fresh(0x1800);
    r.c.x = 0x4f12;
    int_call(0x13, &r);
    ok(!cf(&r), "13h 18h: back to 1.44M", &r);
}

static void floppy_write(void)
{
    struct regs r;

    for (u32 n = 0; n < 512; n++)
        buffer[n] = (u8)(n * 7);
    r = fresh(0x0301);
    r.c.x = 0x4f12;
    r.d.h = 1;
    r.b.x = (u16)(u32)buffer;
    int_call(0x13, &r);
    ok(!cf(&r), "13h 03h: floppy write", &r);
    for (u32 n = 0; n < 512; n++)
        buffer[n] = 0;
    r = fresh(0x0201);
    r.c.x = 0x4f12;
    r.d.h = 1;
    r.b.x = (u16)(u32)buffer;
    int_call(0x13, &r);
    ok(!cf(&r) && buffer[100] == (u8)700, "13h 02h: what was written", &r);
}

/* The last cylinder, side 0: interleaved, then read in order. */
static void floppy_format(void)
{
    static u8 fields[18 * 4];
    struct regs r = fresh(0x1700);

    r.a.l = 3;
    int_call(0x13, &r);
    ok(!cf(&r), "13h 17h: 1.44M in its drive", &r);
    for (u32 n = 0; n < 18; n++) {
        fields[4 * n] = 79;
        fields[4 * n + 1] = 0;
        fields[4 * n + 2] = (u8)(n / 2 + (n & 1 ? 10 : 1));
        fields[4 * n + 3] = 2;
    }
    r = fresh(0x0512);
    r.c.x = 0x4f01;
    r.b.x = (u16)(u32)fields;
    int_call(0x13, &r);
    ok(!cf(&r) && !r.a.h, "13h 05h: floppy track formatted", &r);
    buffer[0] = 0;
    r = fresh(0x0202);
    r.c.x = 0x4f09;
    r.b.x = (u16)(u32)buffer;
    int_call(0x13, &r);
    ok(!cf(&r) && buffer[0] == 0xf6 && buffer[1023] == 0xf6,
       "13h 05h: its sectors hold F6h", &r);
    r = fresh(0x0501);
    r.c.x = 0x5001;
    r.d.l = 1;
    r.b.x = (u16)(u32)fields;
    int_call(0x13, &r);
    ok(cf(&r), "13h 05h: no drive B:", &r);
}

static bool sector_is(u32 n)
{
    return *(u32 *)buffer == n;
}

static void disk(void)
{
    struct regs r = fresh(0x0800);

    r.d.l = 0x80;
    int_call(0x13, &r);
    ok(!cf(&r) && r.d.x == 0x0f01 && r.c.x == 0x133f,
       "13h 08h: disk of 20/16/63", &r);
    r = fresh(0x1500);
    r.d.l = 0x80;
    int_call(0x13, &r);
    ok(!cf(&r) && r.a.h == 3 && !r.c.x && r.d.x == 20160, "13h 15h: disk", &r);
    r = fresh(0x0202);
    r.c.x = 0x0105; /* cylinder 1, sector 5 */
    r.d.x = 0x0280;
    r.b.x = (u16)(u32)buffer;
    int_call(0x13, &r);
    ok(!cf(&r) && sector_is((1 * 16 + 2) * 63 + 4), "13h 02h: disk by CHS", &r);
    r = fresh(0x0201);
    r.c.x = 0x1401; /* cylinder 20 */
    r.d.x = 0x0080;
    int_call(0x13, &r);
    ok(cf(&r), "13h 02h: beyond the end", &r);
    r = fresh(0x0201);
    r.c.x = 1;
    r.d.x = 0x0081;
    int_call(0x13, &r);
    ok(cf(&r) && r.a.h == 1, "13h 02h: no second disk", &r);
    *(u32 *)buffer = 0x12345678;
    r = fresh(0x0301);
    r.c.x = 0x133f;
    r.d.x = 0x0f80;
    r.b.x = (u16)(u32)buffer;
    int_call(0x13, &r);
    ok(!cf(&r), "13h 03h: disk write", &r);
    ok(peek(0, 0x41 * 4, 4) && peek((u16)peek(0, 0x41 * 4 + 2, 2),
                                    (u16)peek(0, 0x41 * 4, 2), 2) == 20,
       "vector 41h: cylinders of the first disk", &r);
}

static void edd(void)
{
    static u8 packet[16] __attribute__((aligned(4)));
    static u8 info[66] __attribute__((aligned(4)));
    struct regs r = fresh(0x4100);
    u8 sum = 0;

    r.b.x = 0x55aa;
    r.d.l = 0x80;
    int_call(0x13, &r);
    ok(!cf(&r) && r.b.x == 0xaa55 && r.a.h == 0x30 && r.c.x & 1,
       "13h 41h: EDD 3.0", &r);
    packet[0] = 16;
    packet[2] = 3;
    *(u16 *)(packet + 4) = (u16)(u32)buffer;
    *(u16 *)(packet + 6) = SEGMENT;
    *(u32 *)(packet + 8) = 1000;
    r = fresh(0x4200);
    r.d.l = 0x80;
    r.si.x = (u16)(u32)packet;
    int_call(0x13, &r);
    ok(!cf(&r) && sector_is(1000) && *(u32 *)(buffer + 1024) == 1002,
       "13h 42h: three sectors", &r);
    *(u32 *)(packet + 8) = 20159;
    packet[2] = 1;
    r = fresh(0x4200);
    r.d.l = 0x80;
    r.si.x = (u16)(u32)packet;
    int_call(0x13, &r);
    ok(!cf(&r) && sector_is(0x12345678), "13h 42h: the last sector", &r);
    r = fresh(0x4300);
    r.d.l = 0x80;
    r.si.x = (u16)(u32)packet;
    int_call(0x13, &r);
    ok(!cf(&r), "13h 43h: written", &r);
    *(u32 *)(packet + 8) = 20160;
    r = fresh(0x4200);
    r.d.l = 0x80;
    r.si.x = (u16)(u32)packet;
    int_call(0x13, &r);
    ok(cf(&r) && packet[2] == 0, "13h 42h: beyond the end", &r);
    packet[2] = 1;
    *(u32 *)(packet + 8) = 5;
    r = fresh(0x4400);
    r.d.l = 0x80;
    r.si.x = (u16)(u32)packet;
    int_call(0x13, &r);
    ok(!cf(&r), "13h 44h: verify", &r);
    r = fresh(0x4800);
    r.d.l = 0x80;
    r.si.x = (u16)(u32)info;
    info[0] = 66;
    int_call(0x13, &r);
    for (u32 n = 30; n < 66; n++)
        sum = (u8)(sum + info[n]);
    ok(!cf(&r) && *(u32 *)(info + 16) == 20160 && *(u32 *)(info + 4) == 20 &&
           *(u16 *)(info + 24) == 512,
       "13h 48h: sectors, geometry", &r);
    ok(*(u16 *)(info + 30) == 0xbedd && !sum && info[36] == 'P',
       "13h 48h: device path", &r);
    r = fresh(0x4700);
    r.d.l = 0x80;
    r.si.x = (u16)(u32)packet;
    int_call(0x13, &r);
    ok(!cf(&r), "13h 47h: seek", &r);
    r = fresh(0x4900);
    r.d.l = 0x80;
    int_call(0x13, &r);
    ok(!cf(&r), "13h 49h: a disk does not change", &r);
    r = fresh(0x4e01);
    r.d.l = 0x80;
    int_call(0x13, &r);
    ok(!cf(&r) && !r.a.l, "13h 4E01h: no prefetch", &r);
    r = fresh(0x4e00);
    r.d.l = 0x80;
    int_call(0x13, &r);
    ok(cf(&r) && r.a.h == 1, "13h 4E00h: no prefetch to turn on", &r);
    r = fresh(0x4600);
    r.d.l = 0x80;
    int_call(0x13, &r);
    ok(cf(&r) && r.a.h == 0xb2, "13h 46h: a disk is not ejected", &r);
    r = fresh(0x4b01);
    r.d.l = 0xe0;
    r.si.x = (u16)(u32)buffer;
    int_call(0x13, &r);
    ok(cf(&r), "13h 4Bh: not booted from CD", &r);
    r = fresh(0x4200);
    r.d.l = 0xe0;
    r.si.x = (u16)(u32)packet;
    int_call(0x13, &r);
    ok(cf(&r) && r.a.h, "13h 42h: empty CD drive", &r);
    r = fresh(0x4500);
    r.d.l = 0xe0;
    int_call(0x13, &r);
    ok(!cf(&r) && r.a.l == 1, "13h 45h: CD locked", &r);
    r = fresh(0x4600);
    r.d.l = 0xe0;
    int_call(0x13, &r);
    ok(cf(&r) && r.a.h == 0xb1, "13h 46h: locked CD stays", &r);
    r = fresh(0x4501);
    r.d.l = 0xe0;
    int_call(0x13, &r);
    ok(!cf(&r) && r.a.l == 0, "13h 45h: CD unlocked", &r);
}

/* ---- 15h ----------------------------------------------------------------- */

static void memory_sizes(void)
{
    struct regs r = fresh(0x8800);
    u32 low_ram = 0;
    bool sorted = true;
    u32 before = 0, kb;

    int_call(0x15, &r);
    kb = r.a.x;
    ok(!cf(&r) && kb > 14000 && kb < 15360, "15h 88h: of 16 MiB", &r);
    r = fresh(0xe801);
    int_call(0x15, &r);
    ok(!cf(&r) && r.a.x == kb && r.c.x == kb && !r.b.x, "15h E801h", &r);
    r = fresh(0xe881);
    int_call(0x15, &r);
    ok(!cf(&r) && r.a.e == kb && r.d.e == 0, "15h E881h", &r);
    r = fresh(0xe820);
    for (u32 n = 0; n < 30; n++) {
        r.a.e = 0xe820;
        r.d.e = 0x534d4150;
        r.c.e = 20;
        r.es = SEGMENT;
        r.di.x = (u16)(u32)buffer;
        int_call(0x15, &r);
        if (cf(&r) || r.a.e != 0x534d4150 || r.c.e != 20)
            break;
        if (*(u32 *)buffer < before)
            sorted = false;
        before = *(u32 *)buffer;
        if (*(u32 *)(buffer + 16) == 1)
            low_ram += *(u32 *)(buffer + 8) >> 10;
        if (!r.b.e)
            break;
    }
    ok(!cf(&r) && !r.b.e && sorted, "15h E820h: ends, in order", &r);
    ok(low_ram == 639 + kb, "15h E820h: RAM as 88h and 12h say", &r);
    r = fresh(0xe820);
    r.d.e = 0;
    r.c.e = 20;
    int_call(0x15, &r);
    ok(cf(&r), "15h E820h: not without SMAP", &r);
}

static void a20(void)
{
    struct regs r = fresh(0x2403);

    int_call(0x15, &r);
    ok(!cf(&r) && r.b.x & 2, "15h 2403h: how A20 is switched", &r);
    r = fresh(0x2400);
    int_call(0x15, &r);
    r = fresh(0x2402);
    int_call(0x15, &r);
    ok(!cf(&r) && r.a.l == 0, "15h 2400h: A20 off", &r);
    r = fresh(0x2401);
    int_call(0x15, &r);
    r = fresh(0x2402);
    int_call(0x15, &r);
    ok(!cf(&r) && r.a.l == 1, "15h 2401h: A20 on", &r);
}

static void descriptor(u8 *d, u32 base)
{
    d[0] = d[1] = 0xff;
    d[2] = (u8)base;
    d[3] = (u8)(base >> 8);
    d[4] = (u8)(base >> 16);
    d[5] = 0x93;
    d[6] = 0;
    d[7] = (u8)(base >> 24);
}

static void block_move(void)
{
    static u8 gdt[48] __attribute__((aligned(8)));
    struct regs r;
    u32 here = SEGMENT * 16u + (u32)buffer;

    for (u32 n = 0; n < 256; n++) {
        buffer[n] = (u8)(n ^ 0x5a);
        buffer[1024 + n] = 0;
    }
    descriptor(gdt + 16, here);
    descriptor(gdt + 24, 0x200000);
    r = fresh(0x8700);
    r.c.x = 128;
    r.si.x = (u16)(u32)gdt;
    int_call(0x15, &r);
    ok(!cf(&r) && !r.a.h, "15h 87h: up to 2 MiB", &r);
    descriptor(gdt + 16, 0x200000);
    descriptor(gdt + 24, here + 1024);
    r = fresh(0x8700);
    r.c.x = 127;
    r.si.x = (u16)(u32)gdt;
    int_call(0x15, &r);
    ok(!cf(&r) && buffer[1024 + 253] == (253 ^ 0x5a) && !buffer[1024 + 254],
       "15h 87h: and back", &r);
}

static void waits(void)
{
    static volatile u8 flag;
    struct regs r;
    u32 before = peek(0x40, 0x6c, 4), after;

    r = fresh(0x8600);
    r.c.x = 0x0003; /* 200 ms and a bit */
    r.d.x = 0x0d40;
    int_call(0x15, &r);
    after = peek(0x40, 0x6c, 4);
    ok(!cf(&r) && after - before >= 3 && after - before <= 6,
       "15h 86h: 200 ms are 3 to 6 ticks", &r);
    flag = 0;
    r = fresh(0x8300);
    r.d.x = 20000;
    r.b.x = (u16)(u32)&flag;
    int_call(0x15, &r);
    ok(!cf(&r) && !flag, "15h 83h: started", &r);
    before = peek(0x40, 0x6c, 4);
    while (!flag && peek(0x40, 0x6c, 4) - before < 10)
        ;
    ok(flag == 0x80, "15h 83h: flag posted", &r);
}

static void configuration(void)
{
    struct regs r = fresh(0xc000);

    int_call(0x15, &r);
    ok(!cf(&r) && peek(r.es, r.b.x, 2) >= 8 &&
           peek(r.es, (u16)(r.b.x + 2), 1) == 0xfc,
       "15h C0h: an AT", &r);
    r = fresh(0xc100);
    int_call(0x15, &r);
    ok(!cf(&r) && r.es == peek(0x40, 0x0e, 2), "15h C1h: EBDA", &r);
    r = fresh(0x4f1e);
    r.flags = CF;
    int_call(0x15, &r);
    ok(cf(&r) && r.a.l == 0x1e, "15h 4Fh: the key stays", &r);
    r = fresh(0x2f00);
    int_call(0x15, &r);
    ok(cf(&r) && r.a.h == 0x86, "15h: unknown function", &r);
}

static void apm(void)
{
    struct regs r = fresh(0x5300);

    int_call(0x15, &r);
    ok(!cf(&r) && r.a.x == 0x0102 && r.b.x == 0x504d, "15h 5300h: APM 1.2", &r);
    r = fresh(0x530a);
    r.b.x = 1;
    int_call(0x15, &r);
    ok(cf(&r) && r.a.h == 3, "15h 530Ah: not connected", &r);
    r = fresh(0x5301);
    int_call(0x15, &r);
    ok(!cf(&r), "15h 5301h: connected", &r);
    r = fresh(0x530a);
    r.b.x = 1;
    int_call(0x15, &r);
    ok(!cf(&r) && r.b.h == 1, "15h 530Ah: on mains", &r);
    r = fresh(0x530b);
    int_call(0x15, &r);
    ok(cf(&r) && r.a.h == 0x80, "15h 530Bh: no event", &r);
    r = fresh(0x5304);
    int_call(0x15, &r);
    ok(!cf(&r), "15h 5304h: disconnected", &r);
}

static void mouse(void)
{
    struct regs r = fresh(0xc205);

    r.b.h = 3;
    int_call(0x15, &r);
    ok(!cf(&r) && r.b.x == 0x00aa, "15h C205h: mouse reset", &r);
    r = fresh(0xc200);
    r.b.h = 1;
    int_call(0x15, &r);
    ok(cf(&r) && r.a.h == 5, "15h C200h: not without a handler", &r);
    r = fresh(0xc207);
    r.b.x = (u16)(u32)mouse_handler;
    int_call(0x15, &r);
    ok(!cf(&r), "15h C207h: handler", &r);
    r = fresh(0xc204);
    int_call(0x15, &r);
    ok(!cf(&r) && r.b.h == 0, "15h C204h: a plain mouse", &r);
    r = fresh(0xc202);
    r.b.h = 6;
    int_call(0x15, &r);
    ok(!cf(&r), "15h C202h: 200 samples", &r);
    r = fresh(0xc206);
    int_call(0x15, &r);
    ok(!cf(&r) && r.d.l == 200, "15h C206h: status", &r);
    r = fresh(0xc200);
    r.b.h = 1;
    int_call(0x15, &r);
    ok(!cf(&r), "15h C200h: on", &r);
    /* The controller can make a byte come from the mouse. */
    for (u32 n = 0; n < 3; n++) {
        while (inb(0x64) & 2)
            ;
        outb(0x64, 0xd3);
        while (inb(0x64) & 2)
            ;
        outb(0x60, n ? 1 : 0x08);
        for (u32 k = 0; k < 20000 && inb(0x64) & 1; k++)
            ;
    }
    for (u32 k = 0; k < 20000 && !mouse_calls; k++)
        inb(0x80);
    ok(mouse_calls == 1, "INT 74h calls the handler for three bytes", &r);
    r = fresh(0xc200);
    int_call(0x15, &r);
    ok(!cf(&r), "15h C200h: off", &r);
}

/* ---- keyboard ------------------------------------------------------------ */

static void keyboard_key(u8 scan)
{
    while (inb(0x64) & 2)
        ;
    outb(0x64, 0xd2); /* as if the keyboard had sent it */
    while (inb(0x64) & 2)
        ;
    outb(0x60, scan);
    for (u32 k = 0; k < 20000 && inb(0x64) & 1; k++)
        ;
}

static u16 key(u8 function)
{
    struct regs r = fresh((u32)function << 8);

    int_call(0x16, &r);
    return r.a.x;
}

static void keyboard(void)
{
    struct regs r = fresh(0x0500);

    r.c.x = 0x1e61;
    int_call(0x16, &r);
    ok(r.a.l == 0, "16h 05h: a key into the buffer", &r);
    r = fresh(0x0100);
    int_call(0x16, &r);
    ok(!(r.flags & ZF) && r.a.x == 0x1e61, "16h 01h: it is there", &r);
    r.a.x = key(0x00);
    ok(r.a.x == 0x1e61, "16h 00h: it is taken", &r);
    r = fresh(0x0100);
    int_call(0x16, &r);
    ok(r.flags & ZF, "16h 01h: nothing more", &r);
    keyboard_key(0x2a);
    keyboard_key(0x30);
    r = fresh(0x0200);
    int_call(0x16, &r);
    ok(r.a.l & 2, "16h 02h: left shift is held", &r);
    keyboard_key(0xb0);
    keyboard_key(0xaa);
    r.a.x = key(0x00);
    ok(r.a.x == 0x3042, "INT 09h: shift and b make B", &r);
    keyboard_key(0xe0);
    keyboard_key(0x48);
    r.a.x = key(0x10);
    ok(r.a.x == 0x48e0, "16h 10h: gray arrow", &r);
    keyboard_key(0xe0);
    keyboard_key(0x48);
    r.a.x = key(0x00);
    ok(r.a.x == 0x4800, "16h 00h: gray arrow of 84 keys", &r);
    keyboard_key(0x57);
    r = fresh(0x0100);
    int_call(0x16, &r);
    ok(r.flags & ZF, "16h 01h: F11 is dropped", &r);
    keyboard_key(0x57);
    r = fresh(0x1100);
    int_call(0x16, &r);
    ok(!(r.flags & ZF) && r.a.x == 0x8500, "16h 11h: F11 is there", &r);
    key(0x10);
    keyboard_key(0x1d);
    keyboard_key(0x2e);
    keyboard_key(0xae);
    r = fresh(0x1200);
    int_call(0x16, &r);
    ok(r.a.x == 0x0104, "16h 12h: left Ctrl", &r);
    keyboard_key(0x9d);
    r.a.x = key(0x10);
    ok(r.a.x == 0x2e03, "INT 09h: Ctrl and c", &r);
    keyboard_key(0x38);
    keyboard_key(0x4d);
    keyboard_key(0xcd);
    keyboard_key(0x4c);
    keyboard_key(0xcc);
    keyboard_key(0xb8);
    r.a.x = key(0x10);
    ok(r.a.x == 65, "INT 09h: Alt and 65 make A", &r);
    keyboard_key(0x3a);
    keyboard_key(0xba);
    keyboard_key(0x1e);
    r.a.x = key(0x10);
    ok(r.a.x == 0x1e41, "INT 09h: Caps Lock", &r);
    keyboard_key(0x3a);
    keyboard_key(0xba);
    r = fresh(0x0900);
    int_call(0x16, &r);
    ok(r.a.l & 0x20, "16h 09h: 10h-12h are there", &r);
    r = fresh(0x0a00);
    int_call(0x16, &r);
    ok(r.b.x == 0x41ab, "16h 0Ah: keyboard's number", &r);
}

/* ---- clock, PCI ---------------------------------------------------------- */

static void clock(void)
{
    struct regs r = fresh(0x0000);
    u32 ticks;

    int_call(0x1a, &r);
    ticks = (u32)r.c.x << 16 | r.d.x;
    ok(ticks < 0x1800b0, "1Ah 00h: ticks of a day", &r);
    poke16(0, 0x1c * 4, (u16)(u32)tick_hook);
    poke16(0, 0x1c * 4 + 2, SEGMENT);
    r = fresh(0x0100);
    r.c.x = 0x0018;
    r.d.x = 0x00ae; /* two before midnight */
    int_call(0x1a, &r);
    while (tick_calls < 4)
        ;
    r = fresh(0x0000);
    int_call(0x1a, &r);
    ok(r.a.l == 1 && !r.c.x && r.d.x < 10, "INT 08h: midnight", &r);
    ok(tick_calls >= 4, "INT 1Ch is called", &r);
    r = fresh(0x0300);
    r.c.x = 0x2359;
    r.d.x = 0x5800;
    int_call(0x1a, &r);
    r = fresh(0x0200);
    int_call(0x1a, &r);
    ok(!cf(&r) && r.c.x == 0x2359 && r.d.h == 0x58, "1Ah 02h, 03h: time", &r);
    r = fresh(0x0500);
    r.c.x = 0x2004;
    r.d.x = 0x0228;
    int_call(0x1a, &r);
    r = fresh(0x0400);
    int_call(0x1a, &r);
    ok(!cf(&r) && r.c.x == 0x2004 && r.d.x == 0x0228, "1Ah 04h, 05h: date", &r);
    poke16(0, 0x4a * 4, (u16)(u32)alarm_hook);
    poke16(0, 0x4a * 4 + 2, SEGMENT);
    r = fresh(0x0600);
    r.c.x = 0x2359;
    r.d.x = 0x5900;
    int_call(0x1a, &r);
    ok(!cf(&r), "1Ah 06h: alarm set", &r);
    ticks = tick_calls;
    while (!alarm_calls && tick_calls - ticks < 60)
        ;
    ok(alarm_calls == 1, "INT 70h: the alarm comes by INT 4Ah", &r);
    r = fresh(0x0700);
    int_call(0x1a, &r);
    ok(!cf(&r), "1Ah 07h: alarm off", &r);
}

static void pci(void)
{
    struct regs r = fresh(0xb101);

    int_call(0x1a, &r);
    ok(!cf(&r) && r.d.e == 0x20494350 && r.b.x == 0x0210 && r.a.h == 0,
       "1Ah B101h: PCI 2.1", &r);
    r = fresh(0xb102);
    r.c.x = 0x7010;
    r.d.x = 0x8086;
    int_call(0x1a, &r);
    ok(!cf(&r) && r.b.x == 0x0009, "1Ah B102h: IDE at 01.1", &r);
    r = fresh(0xb103);
    r.c.e = 0x030000;
    int_call(0x1a, &r);
    ok(!cf(&r) && r.b.x == 0x0010, "1Ah B103h: VGA at 02.0", &r);
    r = fresh(0xb102);
    r.c.x = 0x1111;
    r.d.x = 0x2222;
    int_call(0x1a, &r);
    ok(cf(&r) && r.a.h == 0x86, "1Ah B102h: no such device", &r);
    r = fresh(0xb10a);
    r.b.x = 0;
    int_call(0x1a, &r);
    ok(!cf(&r) && r.c.e == 0x12378086, "1Ah B10Ah: double word", &r);
    r = fresh(0xb109);
    r.b.x = 0;
    r.di.x = 2;
    int_call(0x1a, &r);
    ok(!cf(&r) && r.c.x == 0x1237, "1Ah B109h: word", &r);
    r = fresh(0xb109);
    r.di.x = 3;
    int_call(0x1a, &r);
    ok(cf(&r) && r.a.h == 0x87, "1Ah B109h: odd register", &r);
    for (u32 n = 0; n < 2; n++) { /* PIRQA, and back */
        r = fresh(0xb10b);
        r.b.x = 0x0008;
        r.di.x = 0x60;
        r.c.l = n ? 0x0a : 0x0b;
        int_call(0x1a, &r);
        r = fresh(0xb108);
        r.b.x = 0x0008;
        r.di.x = 0x60;
        int_call(0x1a, &r);
        ok(!cf(&r) && r.c.l == (n ? 0x0a : 0x0b), "1Ah B10Bh: byte written",
           &r);
    }
}

/* $PIR by function: the first slot of the board is 1. */
static void routing(void)
{
    static struct {
        u16 bytes, off, seg;
    } where;
    struct regs r = fresh(0xb10e);

    where.off = (u16)(u32)buffer;
    where.seg = SEGMENT;
    where.bytes = 16;
    r.di.x = (u16)(u32)&where;
    int_call(0x1a, &r);
    ok(cf(&r) && r.a.h == 0x89 && where.bytes > 16,
       "1Ah B10Eh: how much room it needs", &r);
    r = fresh(0xb10e);
    r.di.x = (u16)(u32)&where;
    int_call(0x1a, &r);
    ok(!cf(&r) && buffer[0] == 0 && buffer[1] >> 3 == 1 && buffer[2] == 0x60,
       "1Ah B10Eh: the links", &r);
    for (u32 n = 0; n < 2; n++) { /* INTA of slot 1 is PIRQA */
        r = fresh(0xb10f);
        r.b.x = 0x0008;
        r.c.l = 0x0a;
        r.c.h = n ? 10 : 11;
        int_call(0x1a, &r);
        r.a.h |= (u8)cf(&r);
        r.a.l = 0x08;
        r.a.h = r.a.h ? r.a.h : 0xb1;
        r.di.x = 0x60;
        int_call(0x1a, &r);
        ok(!cf(&r) && r.c.l == (n ? 10 : 11), "1Ah B10Fh: PIRQA routed", &r);
    }
    r = fresh(0xb10f);
    r.b.x = 0x0008;
    r.c.x = 0x020a;
    int_call(0x1a, &r);
    ok(cf(&r) && r.a.h == 0x88, "1Ah B10Fh: not to interrupt 2", &r);
}

/* ---- tables -------------------------------------------------------------- */

static u32 find(const char *id, u32 n, u32 sum_bytes)
{
    for (u32 at = 0xe0000; at < 0x100000; at += 16) {
        u16 seg = (u16)(at >> 4);
        u32 k = 0;
        u8 sum = 0;

        while (k < n && peek(seg, (u16)k, 1) == (u8)id[k])
            k++;
        if (k < n)
            continue;
        for (k = 0; k < sum_bytes; k++)
            sum = (u8)(sum + peek(seg, (u16)k, 1));
        if (!sum)
            return at;
    }
    return 0;
}

static void tables(void)
{
    struct regs r = fresh(0);

    ok(find("RSD PTR ", 8, 20), "RSDP, checksum", &r);
    ok(find("_SM_", 4, 31), "SMBIOS entry point, checksum", &r);
    ok(find("_MP_", 4, 16), "MP floating pointer, checksum", &r);
    ok(find("_32_", 4, 16), "BIOS32 directory, checksum", &r);
    r.a.e = find("$PIR", 4, 0);
    ok(r.a.e && find("$PIR", 4, peek((u16)(r.a.e >> 4), 6, 2)),
       "$PIR, checksum", &r);
    ok(peek(0xf000, 0xfffe, 1) == 0xfc, "model byte", &r);
    ok(peek(0xf000, 0xfff0, 1) == 0xea, "reset vector", &r);
}

/* INT 13h again after everything, for what a service may have broken. */
void main(void)
{
    serial_fast();
    text("BIOS services\n");
    equipment();
    serial();
    printer();
    floppy();
    floppy_write();
    floppy_format();
    disk();
    edd();
    memory_sizes();
    a20();
    block_move();
    waits();
    configuration();
    apm();
    mouse();
    keyboard();
    clock();
    pci();
    routing();
    tables();
    floppy_write();
    plan(0);
    power_off();
}
