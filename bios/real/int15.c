/*
 * int15.c - INT 15h: system services.
 */
#include "bios/real/real.h"

enum { UNSUPPORTED = 0x86 };
enum { SB_PIE = 0x40 };

void int15(struct regs *r);
u32 block_move(u32 seg_off, u32 words);
extern const u8 config_table[];

static void gate_a20(struct regs *r)
{
    u8 port = inb(PORT_92) & 0xfe;

    switch (r->a.l) {
    case 0x00:
        outb(PORT_92, port & ~0x02);
        answer(r, 0);
        break;
    case 0x01:
        outb(PORT_92, port | 0x02);
        answer(r, 0);
        break;
    case 0x02:
        r->a.l = port >> 1 & 1;
        r->c.x = 0;
        answer(r, 0);
        break;
    case 0x03:
        r->b.x = 0x0003; /* keyboard controller and port 92h */
        answer(r, 0);
        break;
    default:
        answer(r, UNSUPPORTED);
        break;
    }
}

static void start_wait(u32 us, u16 seg, u16 off)
{
    set_bda16(BDA_WAIT_FLAG, off);
    set_bda16(BDA_WAIT_FLAG + 2, seg);
    set_bda32(BDA_WAIT_COUNT, us);
    set_bda8(BDA_WAIT_ACTIVE, 1);
    outb(PIC1_DATA, inb(PIC1_DATA) & (u8)~0x01);
    outb(PIC0_DATA, inb(PIC0_DATA) & (u8)~0x04);
    cmos_write(CMOS_STATUS_B, cmos_read(CMOS_STATUS_B) | SB_PIE);
    cmos_read(CMOS_STATUS_C); /* a pending one would hold the line */
}

static void event_wait(struct regs *r)
{
    if (r->a.l == 1) {
        set_bda8(BDA_WAIT_ACTIVE, 0);
        cmos_write(CMOS_STATUS_B, cmos_read(CMOS_STATUS_B) & (u8)~SB_PIE);
        set_flag(r, CF, false);
    } else if (r->a.l || bda8(BDA_WAIT_ACTIVE)) {
        set_flag(r, CF, true);
    } else {
        start_wait((u32)r->c.x << 16 | r->d.x, r->es, r->b.x);
        set_flag(r, CF, false);
    }
}

static void wait_here(struct regs *r)
{
    if (bda8(BDA_WAIT_ACTIVE)) {
        set_flag(r, CF, true);
        r->a.h = 0x83;
        return;
    }
    start_wait((u32)r->c.x << 16 | r->d.x, 0x40, BDA_WAIT_ACTIVE);
    while (!(bda8(BDA_WAIT_ACTIVE) & 0x80))
        wait_irq();
    irq_on();
    set_bda8(BDA_WAIT_ACTIVE, 0);
    set_flag(r, CF, false);
}

static void move_block(struct regs *r)
{
    if (r->c.x > 0x8000) {
        answer(r, 0x02);
        return;
    }
    irq_off();
    block_move((u32)r->es << 16 | r->si.x, r->c.x);
    answer(r, 0);
    set_flag(r, ZF, true);
}

/* 89h: into protected mode with the caller's descriptors, for good. */
void enter_protected(struct regs *r) __attribute__((noreturn));

static void switch_mode(struct regs *r)
{
    irq_off();
    outb(PORT_92, (u8)((inb(PORT_92) & 0xfe) | 0x02));
    outb(PIC0_CMD, 0x11);
    outb(PIC0_DATA, r->b.h);
    outb(PIC0_DATA, 0x04);
    outb(PIC0_DATA, 0x01);
    outb(PIC1_CMD, 0x11);
    outb(PIC1_DATA, r->b.l);
    outb(PIC1_DATA, 0x02);
    outb(PIC1_DATA, 0x01);
    outb(PIC0_DATA, 0xff);
    outb(PIC1_DATA, 0xff);
    enter_protected(r);
}

static void memory_map(struct regs *r)
{
    u32 n = r->b.e;

    if (r->d.e != 0x534d4150 || r->c.e < 20 || n >= bd.e820_count) {
        answer(r, UNSUPPORTED);
        return;
    }
    for (unsigned k = 0; k < 20; k += 4)
        poke32(r->es, r->di.x + k,
               *(volatile u32 __seg_fs *)((u32)&bd.e820[n] + k));
    r->b.e = n + 1 < bd.e820_count ? n + 1 : 0;
    r->a.e = 0x534d4150;
    r->c.e = 20;
    set_flag(r, CF, false);
}

/* KiB from 1 to 16 MiB, and 64 KiB blocks above. */
static void sizes(struct regs *r, bool wide)
{
    u32 kb = bd.extended_kb, low = kb < 0x3c00 ? kb : 0x3c00;
    u32 high = (kb - low) / 64;

    if (wide) {
        r->a.e = r->c.e = low;
        r->b.e = r->d.e = high;
    } else {
        r->a.x = r->c.x = (u16)low;
        r->b.x = r->d.x = (u16)(high > 0xffff ? 0xffff : high);
    }
    set_flag(r, CF, false);
}

static void configuration(struct regs *r)
{
    r->es = CODE_SEG;
    r->b.x = (u16)(u32)config_table;
    answer(r, 0);
}

static void extended(struct regs *r)
{
    switch (r->a.l) {
    case 0x01:
        sizes(r, false);
        break;
    case 0x20:
        memory_map(r);
        break;
    case 0x81:
        sizes(r, true);
        break;
    default:
        answer(r, UNSUPPORTED);
        break;
    }
}

void int15(struct regs *r)
{
    switch (r->a.h) {
    case 0x24:
        gate_a20(r);
        break;
    case 0x4f: /* nobody has taken the key */
        set_flag(r, CF, true);
        break;
    case 0x53:
        apm_service(r);
        break;
    case 0x80: /* open, close, terminate: for multitaskers */
    case 0x81:
    case 0x82:
    case 0x85: /* SysReq */
    case 0x90: /* device busy: do not wait elsewhere */
    case 0x91: /* interrupt complete */
        answer(r, 0);
        break;
    case 0x83:
        event_wait(r);
        break;
    case 0x86:
        wait_here(r);
        break;
    case 0x87:
        move_block(r);
        break;
    case 0x88:
        r->a.x = (u16)(bd.extended_kb > 0xfc00 ? 0xfc00 : bd.extended_kb);
        set_flag(r, CF, false);
        break;
    case 0x89:
        switch_mode(r);
        break;
    case 0xc0:
        configuration(r);
        break;
    case 0xc1:
        r->es = bda16(BDA_EBDA);
        set_flag(r, CF, false);
        break;
    case 0xc2:
        mouse_service(r);
        break;
    case 0xe8:
        extended(r);
        break;
    default:
        answer(r, UNSUPPORTED);
        break;
    }
}
