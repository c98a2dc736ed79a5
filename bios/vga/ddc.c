/*
 * ddc.c - VBE/DDC: INT 10h 4F15h, the EDID of the monitor.
 *
 * VESA VBE/DDC standard 1.1. Two ways to the monitor: the DDC register of the
 * display interface (I2C by hand, NXP UM10204), and the copy of the EDID that
 * QEMU's adapter has in its BAR 2, which is out of reach of real mode and is
 * fetched with INT 15h 87h.
 */
#include "bios/vga/rom.h"

enum { DDC_ON = 0x80, DDC_CLOCK = 1, DDC_DATA = 2, DDC_DATA_IN = 8 };
enum { EDID_BYTES = 128, MONITOR = 0xa0 };

static void wires(bool clock, bool data)
{
    dispi_write(DISPI_DDC, (uint16_t)(DDC_ON | (clock ? DDC_CLOCK : 0) |
                                      (data ? DDC_DATA : 0)));
}

static bool data_in(void)
{
    return dispi_read(DISPI_DDC) & DDC_DATA_IN;
}

static void start(void)
{
    wires(true, true);
    wires(true, false);
    wires(false, false);
}

static void stop(void)
{
    wires(false, false);
    wires(true, false);
    wires(true, true);
}

static bool bit(bool out)
{
    bool in;

    wires(false, out);
    wires(true, out);
    in = data_in();
    wires(false, out);
    return in;
}

/* true: the monitor has acknowledged. */
static bool send(uint8_t v)
{
    for (unsigned i = 0; i < 8; i++)
        bit(v & 0x80 >> i);
    return !bit(true);
}

static uint8_t receive(bool last)
{
    uint8_t v = 0;

    for (unsigned i = 0; i < 8; i++)
        v = (uint8_t)(v << 1 | bit(true));
    bit(last);
    return v;
}

static bool monitor_there(void)
{
    bool there;

    wires(true, true);
    if (!(dispi_read(DISPI_DDC) & DDC_ON))
        return false;
    start();
    there = send(MONITOR);
    stop();
    return there;
}

static void read_wires(uint16_t seg, uint16_t off)
{
    start();
    send(MONITOR);
    send(0);
    start();
    send(MONITOR | 1);
    for (unsigned i = 0; i < EDID_BYTES; i++)
        far_write8(seg, off++, receive(i == EDID_BYTES - 1));
    stop();
    dispi_write(DISPI_DDC, 0);
}

/* One descriptor of the table that INT 15h 87h takes. */
struct descriptor {
    uint16_t limit, base;
    uint8_t base_16, access;
    uint16_t base_24;
};

static void describe(struct descriptor *d, uint32_t base)
{
    d->limit = EDID_BYTES - 1;
    d->base = (uint16_t)base;
    d->base_16 = (uint8_t)(base >> 16);
    d->access = 0x93;
    d->base_24 = (uint16_t)(base >> 24 << 8);
}

static bool read_memory(uint16_t seg, uint16_t off)
{
    struct descriptor table[6] = {{0}};
    uint32_t from = pci_bar(2), to = ((uint32_t)seg << 4) + off;
    uint16_t ax = 0x8700, stack_flags;

    if (!from)
        return false;
    describe(&table[2], from);
    describe(&table[3], to);
    __asm__ volatile("int $0x15\n\tpushfw\n\tpopw %1\n\tpushw %%ss\n\tpopw %%es"
                     : "+a"(ax), "=&b"(stack_flags)
                     : "S"(&table), "c"(EDID_BYTES / 2)
                     : "memory", "cc");
    return !(stack_flags & 1) && !(ax >> 8) &&
           far_read32(seg, off) == 0xffffff00u &&
           far_read32(seg, (uint16_t)(off + 4)) == 0x00ffffffu;
}

/* BL=0: BH seconds a block takes, BL 2: DDC2; BL=1: block DX to ES:DI. */
bool ddc_service(struct regs *r)
{
    bool by_wire = monitor_there();

    if (r->b.l == 0) {
        if (!by_wire && !pci_bar(2))
            return false;
        r->b.w = 0x0102;
        return true;
    }
    if (r->b.l != 1 || r->d.w)
        return false;
    if (!by_wire)
        return read_memory(r->es, r->di.w);
    read_wires(r->es, r->di.w);
    return true;
}
