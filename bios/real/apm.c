/*
 * apm.c - INT 15h 53h: APM 1.2, real mode interface.
 *
 * Advanced Power Management BIOS Interface Specification 1.2. The protected
 * mode interfaces are not offered (their installation bits are clear).
 */
#include "bios/real/real.h"

enum {
    CONNECTED = 0x02,
    NOT_CONNECTED = 0x03,
    BAD_DEVICE = 0x09,
    BAD_PARAMETER = 0x0a,
    NO_EVENT = 0x80,
    NO_SUCH_FUNCTION = 0x0c
};
enum { PM1_CONTROL = 4, SLP_EN = 0x2000 };

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
        bd.apm_connected = 0;
        break;
    case 0x05:
        wait_irq();
        irq_on();
        break;
    case 0x06:
    case 0x08:
    case 0x0d:
    case 0x0f:
    case 0x10:
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

void apm_service(struct regs *r)
{
    if (r->a.l == 0x00) {
        if (r->b.x) {
            fail(r, BAD_DEVICE);
            return;
        }
        r->a.x = 0x0102;
        r->b.x = 0x504d;
        r->c.x = 0x0000;
        set_flag(r, CF, false);
    } else if (r->a.l == 0x01) {
        if (bd.apm_connected) {
            fail(r, CONNECTED);
        } else {
            bd.apm_connected = 1;
            bd.apm_version_minor = 0;
            set_flag(r, CF, false);
        }
    } else if (!bd.apm_connected) {
        fail(r, NOT_CONNECTED);
    } else {
        connected_service(r);
    }
}
