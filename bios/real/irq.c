/*
 * irq.c - hardware interrupts 08h, 70h and those that nobody uses.
 *
 * INT 08h counts 18.2 ticks a second, 1573040 to the day; INT 70h is the
 * clock chip's alarm (INT 4Ah) and its periodic interrupt of 1/1024 s, from
 * which INT 15h 83h and 86h count.
 */
#include "bios/real/real.h"

#define TICKS_A_DAY   0x1800b0u
#define PERIOD_US     976u
#define SB_PIE        0x40
#define SB_AIE        0x20
#define SC_PF         0x40
#define SC_AF         0x20
#define WAIT_POSTED   0x80
#define OCW3_READ_ISR 0x0b

void irq_timer(struct regs *r);
void irq_rtc(struct regs *r);
void irq_master(struct regs *r);
void irq_slave(struct regs *r);
void irq_disk(struct regs *r);
void int02_nmi(struct regs *r);

void irq_timer(struct regs *r)
{
    u32 ticks = bda32(BDA_TICKS) + 1;

    (void)r;
    if (ticks >= TICKS_A_DAY) {
        ticks = 0;
        set_bda8(BDA_MIDNIGHT, (u8)(bda8(BDA_MIDNIGHT) + 1));
    }
    set_bda32(BDA_TICKS, ticks);
    floppy_tick();
    irq_on();
    hook_int(0x1c);
    irq_off();
    eoi_master();
}

/* The wait of INT 15h 83h or 86h goes on by one period. */
static void count_wait(void)
{
    u32 left;

    if (!(bda8(BDA_WAIT_ACTIVE) & 1))
        return;
    left = bda32(BDA_WAIT_COUNT);
    if (left > PERIOD_US) {
        set_bda32(BDA_WAIT_COUNT, left - PERIOD_US);
        return;
    }
    u16 off = bda16(BDA_WAIT_FLAG), seg = bda16(BDA_WAIT_FLAG + 2);

    set_bda32(BDA_WAIT_COUNT, 0);
    set_bda8(BDA_WAIT_ACTIVE, 0);
    cmos_write(CMOS_STATUS_B, (u8)(cmos_read(CMOS_STATUS_B) & ~SB_PIE));
    poke8(seg, off, (u8)(peek8(seg, off) | WAIT_POSTED));
}

void irq_rtc(struct regs *r)
{
    u8 enabled = cmos_read(CMOS_STATUS_B);
    u8 cause = cmos_read(CMOS_STATUS_C) & enabled;

    (void)r;
    if (cause & SC_PF)
        count_wait();
    eoi_slave();
    if (cause & SC_AF)
        hook_int(0x4a);
}

/* An interrupt that no handler was installed for: once more it would come
 * for ever, so its line is masked. */
void irq_master(struct regs *r)
{
    u8 isr;

    (void)r;
    outb(PIC0_CMD, OCW3_READ_ISR);
    isr = inb(PIC0_CMD);
    if (!isr)
        return; /* software's INT, or a spurious one */
    outb(PIC0_DATA, (u8)(inb(PIC0_DATA) | (isr & ~0x04)));
    eoi_master();
}

void irq_slave(struct regs *r)
{
    u8 isr;

    (void)r;
    outb(PIC1_CMD, OCW3_READ_ISR);
    isr = inb(PIC1_CMD);
    if (isr) {
        outb(PIC1_DATA, (u8)(inb(PIC1_DATA) | isr));
        eoi_slave();
    } else {
        outb(PIC0_CMD, OCW3_READ_ISR);
        if (inb(PIC0_CMD) & 0x04)
            eoi_master();
    }
}

void irq_disk(struct regs *r)
{
    (void)r;
    set_bda8(BDA_DISK_INTERRUPT, 0xff);
    eoi_slave();
}

void int02_nmi(struct regs *r)
{
    (void)r;
    outb(DEBUG_402, 'N');
}
