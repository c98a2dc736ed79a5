/*
 * chips.c - PIC, PIT, DMA, clock, keyboard controller, serial and printer
 * ports: as an AT has them.
 */
#include "bios/post/post.h"

enum {
    DMA0_CLEAR = 0x0d,
    DMA0_MODE = 0x0b,
    DMA0_MASK = 0x0f,
    DMA1_CLEAR = 0xda,
    DMA1_MODE = 0xd6,
    DMA1_MASK = 0xd4
};

#define TICKS_PER_SECOND_Q16 1193182u /* 18.2065 << 16 */
#define KBC_READS            100000u

static void pic_init(void)
{
    outb(PIC0_CMD, 0x11);
    outb(PIC0_DATA, 0x08);
    outb(PIC0_DATA, 0x04);
    outb(PIC0_DATA, 0x01);
    outb(PIC1_CMD, 0x11);
    outb(PIC1_DATA, 0x70);
    outb(PIC1_DATA, 0x02);
    outb(PIC1_DATA, 0x01);
    outb(PIC0_DATA, 0xb8); /* timer, keyboard, cascade, floppy */
    outb(PIC1_DATA, 0x8f); /* mouse, FPU, disk */
}

static void pit_init(void)
{
    outb(PIT_MODE, 0x34); /* counter 0: rate generator, 65536 */
    outb(PIT_CH0, 0);
    outb(PIT_CH0, 0);
    outb(PIT_MODE, 0x54); /* counter 1: refresh */
    outb(0x41, 18);
    outb(PIT_MODE, 0xb6); /* counter 2: speaker */
    outb(PIT_CH2, 0x33);
    outb(PIT_CH2, 0x05);
}

static void dma_init(void)
{
    outb(DMA0_CLEAR, 0);
    outb(DMA1_CLEAR, 0);
    outb(DMA1_MODE, 0xc0); /* channel 4: cascade */
    outb(DMA1_MASK, 0x00);
}

void chips_init(void)
{
    pic_init();
    pit_init();
    dma_init();
    outb(PORT_B, inb(PORT_B) & 0xf0); /* speaker off, checks on */
}

/* Counter 0, which falls from 65536 all the time. */
static u16 pit_count(void)
{
    u16 low;

    outb(PIT_MODE, 0x00);
    low = inb(PIT_CH0);
    return (u16)(low | inb(PIT_CH0) << 8);
}

bool wait_for(volatile const u8 *at, u8 least, u32 us)
{
    u32 left = us + us / 5 + 1; /* 1.193 MHz */
    u16 before;

    if (*at >= least)
        return true;
    before = pit_count();
    while (*at < least) {
        u16 now = pit_count(), passed = (u16)(before - now);

        if (passed >= left)
            return false;
        left -= passed;
        before = now;
    }
    return true;
}

/* ---- clock --------------------------------------------------------------- */

static u32 from_bcd(u8 v)
{
    return (v >> 4) * 10u + (v & 15);
}

/* 26h: 32.768 kHz, 1024 Hz periodic; 24 hours, BCD, no interrupts. The ticks
 * since midnight follow from the time. */
void clock_init(void)
{
    u32 seconds;

    cmos_write(CMOS_STATUS_A, 0x26);
    cmos_write(CMOS_STATUS_B, 0x02 | (cmos_read(CMOS_STATUS_B) & 0x01));
    cmos_read(CMOS_STATUS_C);
    for (unsigned n = 0; n < 10000 && cmos_read(CMOS_STATUS_A) & 0x80; n++)
        ;
    seconds = from_bcd(cmos_read(4)) * 3600 + from_bcd(cmos_read(2)) * 60 +
              from_bcd(cmos_read(0));
    /* 1193182 / 65536 ticks a second, without 64-bit division. */
    *mem32(0x46c) = seconds * 18 + seconds * 13534 / 65536;
    *mem8(0x470) = 0;
}

/* ---- keyboard ------------------------------------------------------------ */

static bool kbc_ready(void)
{
    for (u32 n = 0; n < KBC_READS; n++)
        if (!(inb(KBC_CMD) & KBC_IBF))
            return true;
    return false;
}

static void kbc_command(u8 c)
{
    kbc_ready();
    outb(KBC_CMD, c);
}

static void kbc_data(u8 v)
{
    kbc_ready();
    outb(KBC_DATA, v);
}

static int kbc_read(void)
{
    for (u32 n = 0; n < KBC_READS; n++)
        if (inb(KBC_CMD) & KBC_OBF)
            return inb(KBC_DATA);
    return -1;
}

/* The keyboard tests itself while POST goes on. */
void keyboard_start(void)
{
    kbc_command(0xad);
    kbc_command(0xa7);
    kbc_ready();
    for (unsigned n = 0; n < 64 && inb(KBC_CMD) & KBC_OBF; n++)
        inb(KBC_DATA);
    kbc_command(0xaa);
    if (kbc_read() != 0x55)
        debug("keyboard controller: self test failed\n");
    kbc_command(0x60);
    kbc_data(0x60); /* translation, no interrupts, mouse off */
    kbc_command(0xae);
    kbc_data(0xff);
}

void keyboard_finish(void)
{
    int v;

    do
        v = kbc_read();
    while (v == 0xfa);
    if (v != 0xaa)
        debug("keyboard: %s\n", v < 0 ? "none" : "self test failed");
    kbc_data(0xf4);
    kbc_read();
    kbc_command(0x60);
    kbc_data(0x61); /* interrupt 1 */
    *mem8(0x496) = 0x10;
    *mem8(0x497) = 0x10;
}

/* ---- serial and printer ports -------------------------------------------- */

void ports_detect(void)
{
    static const u16 com[4] = {0x3f8, 0x2f8, 0x3e8, 0x2e8};
    static const u16 lpt[3] = {0x378, 0x278, 0x3bc};
    unsigned coms = 0, lpts = 0;

    for (unsigned n = 0; n < 4; n++) {
        u16 io = com[n];

        outb(io + 1, 0x02);
        if (inb(io + 1) != 0x02 || (inb(io + 2) & 0x30))
            continue;
        outb(io + 1, 0x00);
        *mem16(0x400 + 2 * coms) = io;
        *mem8(0x47c + coms) = 0x0a;
        coms++;
    }
    for (unsigned n = 0; n < 3; n++) {
        u16 io = lpt[n];

        outb(io + 2, 0x0c);
        outb(io, 0xaa);
        if (inb(io) != 0xaa)
            continue;
        *mem16(0x408 + 2 * lpts) = io;
        *mem8(0x478 + lpts) = 0x14;
        lpts++;
    }
    *mem16(0x410) = (u16)((*mem16(0x410) & 0x31ff) | coms << 9 | lpts << 14);
    debug("%u serial, %u parallel ports\n", coms, lpts);
}
