/*
 * apm.c - INT 15h 53h: APM 1.2, real mode interface.
 *
 * Advanced Power Management BIOS Interface Specification 1.2. What it offers
 * in protected mode is in apm32.S.
 */
#include "bios/real/real.h"

enum {
    CONNECTED = 0x02,
    NOT_CONNECTED = 0x03,
    CONNECTED_16 = 0x05,
    CONNECTED_32 = 0x07,
    BAD_DEVICE = 0x09,
    BAD_PARAMETER = 0x0a,
    NO_EVENT = 0x80,
    NO_SUCH_FUNCTION = 0x0c
};
enum { PM1_CONTROL = 4, SLP_EN = 0x2000 };

extern const u8 apm_entry_16[], apm_entry_32[];

static void fail(struct regs *r, u8 code)
{
    r->a.h = code;
    set_flag(r, CF, true);
}

static void power_off(void)
{
    TABLE char word[] = "Shutdown";

    /* The handler does it; else PIIX4 soft off: SLP_TYP 0; then the port of
     * emulators without it. */
    if (bd.smm)
        outb(APM_CONTROL, SMI_POWER_OFF);
    if (bd.pm_base)
        outw((u16)(bd.pm_base + PM1_CONTROL), SLP_EN);
    for (unsigned n = 0; word[n]; n++)
        outb(0x8900, (u8)word[n]);
    for (;;)
        __asm__ volatile("cli; hlt");
}

static void set_state(struct regs *r)
{
    if (r->b.x != 0x0001) {
        fail(r, BAD_DEVICE);
        return;
    }
    switch (r->c.x) {
    case 1: /* standby */
    case 2: /* suspend: until something happens */
        wait_irq();
        irq_on();
        break;
    case 3:
        power_off();
        return;
    default:
        fail(r, BAD_PARAMETER);
        return;
    }
    set_flag(r, CF, false);
}

static void connected_service(struct regs *r)
{
    set_flag(r, CF, false);
    switch (r->a.l) {
    case 0x04:
        bd.apm_connected = APM_NOBODY;
        break;
    case 0x05:
        wait_irq();
        irq_on();
        break;
    case 0x06:
    case 0x08:
    case 0x09:
    case 0x0d:
    case 0x0f:
        break;
    case 0x10: /* no battery, nothing special */
        r->b.l = 0;
        r->c.x = 0;
        break;
    case 0x07:
        set_state(r);
        break;
    case 0x0a: /* mains, no battery */
        if (r->b.x != 0x0001) {
            fail(r, BAD_DEVICE);
            break;
        }
        r->b.x = 0x01ff;
        r->c.x = 0x80ff;
        r->d.x = 0xffff;
        break;
    case 0x0b:
        fail(r, NO_EVENT);
        break;
    case 0x0c:
        r->c.x = 0;
        break;
    case 0x0e:
        bd.apm_version_minor = r->c.l > 2 ? 2 : r->c.l;
        r->a.x = (u16)(0x0100 | bd.apm_version_minor);
        break;
    default:
        fail(r, NO_SUCH_FUNCTION);
        break;
    }
}

/* 01h-03h: one user at a time, in one mode. */
static void connect(struct regs *r, u8 mode)
{
    u8 now = bd.apm_connected;

    if (now) {
        fail(r, now == APM_REAL ? CONNECTED
                : now == APM_16 ? CONNECTED_16
                                : CONNECTED_32);
        return;
    }
    bd.apm_connected = mode;
    bd.apm_version_minor = 0;
    set_flag(r, CF, false);
    if (mode == APM_REAL)
        return;
    r->a.x = CODE_SEG; /* EBX, ESI: 32 bits for the 32-bit interface */
    r->di.x = DATA_BYTES;
    if (mode == APM_16) {
        r->b.x = (u16)(u32)apm_entry_16;
        r->c.x = DATA_SEG;
        r->si.x = 0xffff;
    } else {
        r->b.e = (u16)(u32)apm_entry_32;
        r->c.x = CODE_SEG;
        r->d.x = DATA_SEG;
        r->si.e = 0xffffffff;
    }
}

void apm_service(struct regs *r)
{
    if (r->a.l <= 0x03) {
        if (r->b.x) {
            fail(r, BAD_DEVICE);
        } else if (r->a.l) {
            connect(r, r->a.l);
        } else {
            r->a.x = 0x0102;
            r->b.x = 0x504d;
            r->c.x = 0x0003; /* 16-bit and 32-bit interfaces */
            set_flag(r, CF, false);
        }
    } else if (r->a.l == 0x04 && bd.apm_connected) {
        connected_service(r);
    } else if (bd.apm_connected != APM_REAL) {
        fail(r, NOT_CONNECTED);
    } else {
        connected_service(r);
    }
}
