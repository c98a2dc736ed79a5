/*
 * pcibios.c - INT 1Ah B1h: PCI BIOS 2.1, 16-bit.
 *
 * PCI BIOS Specification 2.1; configuration mechanism 1. The 32-bit entry
 * (BIOS32) is in pci32.S.
 */
#include "bios/real/real.h"

enum {
    OK = 0x00,
    UNSUPPORTED = 0x81,
    BAD_VENDOR = 0x83,
    NO_DEVICE = 0x86,
    BAD_REGISTER = 0x87,
    SET_FAILED = 0x88,
    BUFFER_TOO_SMALL = 0x89
};

/* $PIR: a header, then for each slot bus, device, four times the link (a
 * register of the PIIX) and the interrupts that it can have. */
enum { PIR_BYTES = 6, PIR_HEADER = 32, PIR_ENTRY = 16, PIR_PINS = 2 };
enum { ELCR = 0x4d0 };

enum { CLASS_AND_REVISION = 0x08, HEADER_TYPE = 0x0e };

/* Calls `n` functions that match; mask and value compare a register. */
static bool find(u32 value, unsigned reg, unsigned shift, u16 n, u16 *bdf)
{
    for (unsigned at = 0; at < (bd.pci_last_bus + 1u) << 8; at++) {
        u32 id = pci_read32((u16)at, 0);

        if ((at & 7) && (id & 0xffff) == 0xffff)
            continue;
        if ((id & 0xffff) == 0xffff) {
            at |= 7;
            continue;
        }
        if (pci_read32((u16)at, reg) >> shift == value && !n--) {
            *bdf = (u16)at;
            return true;
        }
        if (!(at & 7) && !(pci_read8((u16)at, HEADER_TYPE) & 0x80))
            at |= 7;
    }
    return false;
}

static u8 find_device(struct regs *r)
{
    if (r->d.x == 0xffff)
        return BAD_VENDOR;
    return find((u32)r->c.x << 16 | r->d.x, 0, 0, r->si.x, &r->b.x) ? OK
                                                                    : NO_DEVICE;
}

static u8 find_class(struct regs *r)
{
    return find(r->c.e & 0xffffff, CLASS_AND_REVISION, 8, r->si.x, &r->b.x)
               ? OK
               : NO_DEVICE;
}

static u8 access(struct regs *r)
{
    u16 bdf = r->b.x, reg = r->di.x;
    TABLE u8 align[3] = {0, 1, 3};

    if (reg > 0xff || reg & align[(r->a.l - 8) % 3])
        return BAD_REGISTER;
    switch (r->a.l) {
    case 0x08:
        r->c.l = pci_read8(bdf, reg);
        break;
    case 0x09:
        r->c.x = pci_read16(bdf, reg);
        break;
    case 0x0a:
        r->c.e = pci_read32(bdf, reg);
        break;
    case 0x0b:
        pci_write8(bdf, reg, r->c.l);
        break;
    case 0x0c:
        pci_write16(bdf, reg, r->c.x);
        break;
    default:
        pci_write32(bdf, reg, r->c.e);
        break;
    }
    return OK;
}

/* 0Eh: ES:DI leads to the size of a buffer and its address. */
static u8 routing_options(struct regs *r)
{
    u16 es = r->es, di = r->di.x, pir = bd.pir_off;
    u16 room = peek16(es, di), need;
    u16 off = peek16(es, di + 2), seg = peek16(es, di + 4);

    if (!pir)
        return UNSUPPORTED;
    need = (u16)(peek16(CODE_SEG, pir + PIR_BYTES) - PIR_HEADER);
    poke16(es, di, need);
    if (room < need)
        return BUFFER_TOO_SMALL;
    for (unsigned n = 0; n < need; n++)
        poke8(seg, off + n, peek8(CODE_SEG, pir + PIR_HEADER + n));
    r->b.x = 0; /* no interrupt is PCI's alone */
    return OK;
}

/* 0Fh: CL 0Ah-0Dh pin, CH interrupt, BX function. */
static u8 set_interrupt(struct regs *r)
{
    u16 pir = bd.pir_off, end, irq = r->c.h;
    unsigned pin = r->c.l - 0x0au;

    if (!pir || pin > 3 || irq > 15)
        return SET_FAILED;
    end = (u16)(pir + peek16(CODE_SEG, pir + PIR_BYTES));
    for (pir += PIR_HEADER; pir < end; pir += PIR_ENTRY) {
        u16 at = (u16)(pir + PIR_PINS + 3 * pin);

        if (peek8(CODE_SEG, pir) != r->b.h ||
            peek8(CODE_SEG, pir + 1) >> 3 != r->b.l >> 3)
            continue;
        if (!(peek16(CODE_SEG, at + 1) >> irq & 1))
            return SET_FAILED;
        pci_write8(bd.isa_bdf, peek8(CODE_SEG, at), (u8)irq);
        outb((u16)(ELCR + irq / 8),
             (u8)(inb((u16)(ELCR + irq / 8)) | 1 << (irq & 7)));
        return OK;
    }
    return SET_FAILED;
}

void pcibios_service(struct regs *r)
{
    u8 status = UNSUPPORTED;

    irq_off();
    switch (r->a.l) {
    case 0x01:
        r->a.l = 0x01; /* mechanism 1, no special cycles */
        r->b.x = 0x0210;
        r->c.l = bd.pci_last_bus;
        r->d.e = 0x20494350;
        status = OK;
        break;
    case 0x02:
        status = find_device(r);
        break;
    case 0x03:
        status = find_class(r);
        break;
    case 0x08:
    case 0x09:
    case 0x0a:
    case 0x0b:
    case 0x0c:
    case 0x0d:
        status = access(r);
        break;
    case 0x0e:
        status = routing_options(r);
        break;
    case 0x0f:
        status = set_interrupt(r);
        break;
    default:
        break;
    }
    answer(r, status);
}
