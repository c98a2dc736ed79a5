/*
 * mouse.c - INT 15h C2h (pointing device) and INT 74h.
 */
#include "bios/real/real.h"

enum {
    OK = 0,
    BAD_FUNCTION = 1,
    BAD_INPUT = 2,
    INTERFACE = 3,
    RESEND = 4,
    NO_HANDLER = 5
};
enum { ACK = 0xfa };

#define REPLY_READS 300000u

void irq_mouse(struct regs *r);
void call_mouse(u32 seg_off, u32 status_x, u32 y_z);

static bool wait_ready(void)
{
    for (u32 n = 0; n < REPLY_READS; n++)
        if (!(inb(KBC_CMD) & KBC_IBF))
            return true;
    return false;
}

/* A byte from the mouse, -1 when none comes. Keys are lost meanwhile. */
static int receive(void)
{
    for (u32 n = 0; n < REPLY_READS; n++) {
        u8 status = inb(KBC_CMD);

        if (!(status & KBC_OBF))
            continue;
        u8 v = inb(KBC_DATA);

        if (status & KBC_AUX)
            return v;
    }
    return -1;
}

static bool send(u8 v)
{
    if (!wait_ready())
        return false;
    outb(KBC_CMD, 0xd4);
    if (!wait_ready())
        return false;
    outb(KBC_DATA, v);
    return receive() == ACK;
}

/* The controller's command byte: interrupt 12 and the port's clock. */
static void open_port(bool interrupts)
{
    u8 v = 0;

    wait_ready();
    outb(KBC_CMD, 0x20);
    for (u32 n = 0; n < REPLY_READS; n++)
        if ((inb(KBC_CMD) & (KBC_OBF | KBC_AUX)) == KBC_OBF) {
            v = inb(KBC_DATA);
            break;
        }
    v &= (u8)~0x20;
    v = (u8)(interrupts ? v | 0x02 : v & ~0x02);
    wait_ready();
    outb(KBC_CMD, 0x60);
    wait_ready();
    outb(KBC_DATA, v);
}

static u8 enable(bool on)
{
    u8 status;

    if (on && !bd.mouse_seg && !bd.mouse_off)
        return NO_HANDLER;
    open_port(false);
    status = send(on ? 0xf4 : 0xf5) ? OK : INTERFACE;
    bd.mouse_have = 0;
    if (!status)
        bd.mouse_enabled = on;
    open_port(on && !status);
    return status;
}

static u8 reset(struct regs *r)
{
    int id;

    open_port(false);
    bd.mouse_enabled = 0;
    if (!send(0xff) || receive() != 0xaa)
        return INTERFACE;
    id = receive();
    if (id < 0)
        return INTERFACE;
    r->b.l = 0xaa;
    r->b.h = (u8)id;
    return OK;
}

static u8 command(u8 code, int value)
{
    u8 status;

    open_port(false);
    status = send(code) && (value < 0 || send((u8)value)) ? OK : INTERFACE;
    open_port(bd.mouse_enabled);
    return status;
}

static u8 extended(struct regs *r)
{
    int a = -1, b = -1, c = -1;

    switch (r->b.h) {
    case 0x00:
        open_port(false);
        if (send(0xe9)) {
            a = receive();
            b = receive();
            c = receive();
        }
        open_port(bd.mouse_enabled);
        if (c < 0)
            return INTERFACE;
        r->b.l = (u8)a;
        r->c.l = (u8)b;
        r->d.l = (u8)c;
        return OK;
    case 0x01:
        return command(0xe6, -1);
    case 0x02:
        return command(0xe7, -1);
    default:
        return BAD_FUNCTION;
    }
}

static u8 get_id(struct regs *r)
{
    int id = -1;

    open_port(false);
    if (send(0xf2))
        id = receive();
    open_port(bd.mouse_enabled);
    r->b.h = (u8)id;
    return id < 0 ? INTERFACE : OK;
}

static u8 set_handler(struct regs *r)
{
    bd.mouse_off = r->b.x;
    bd.mouse_seg = r->es;
    if (!r->es && !r->b.x && bd.mouse_enabled)
        return enable(false);
    return OK;
}

static u8 function(struct regs *r)
{
    TABLE u8 rates[7] = {10, 20, 40, 60, 80, 100, 200};

    switch (r->a.l) {
    case 0x00:
        return r->b.h > 1 ? BAD_INPUT : enable(r->b.h);
    case 0x01:
        return reset(r);
    case 0x02:
        return r->b.h > 6 ? BAD_INPUT : command(0xf3, rates[r->b.h]);
    case 0x03:
        return r->b.h > 3 ? BAD_INPUT : command(0xe8, r->b.h);
    case 0x04:
        return get_id(r);
    case 0x05:
        if (!r->b.h || r->b.h > 8)
            return BAD_INPUT;
        bd.mouse_package_bytes = r->b.h;
        return reset(r);
    case 0x06:
        return extended(r);
    case 0x07:
        return set_handler(r);
    default:
        return BAD_FUNCTION;
    }
}

void mouse_service(struct regs *r)
{
    irq_off();
    answer(r, function(r));
}

static void deliver(void)
{
    u8 status = bd.mouse_bytes[0], x = bd.mouse_bytes[1];
    u8 y = bd.mouse_bytes[2], z = bd.mouse_bytes[3];

    bd.mouse_have = 0;
    if (!bd.mouse_off && !bd.mouse_seg)
        return;
    call_mouse((u32)bd.mouse_seg << 16 | bd.mouse_off, (u32)x << 16 | status,
               (u32)(bd.mouse_package_bytes > 3 ? z : 0) << 16 | y);
}

void irq_mouse(struct regs *r)
{
    u8 status = inb(KBC_CMD), want = bd.mouse_package_bytes;

    (void)r;
    if (!want)
        want = 3;
    if ((status & (KBC_OBF | KBC_AUX)) != (KBC_OBF | KBC_AUX)) {
        eoi_slave();
        return;
    }
    u8 v = inb(KBC_DATA);

    if (bd.mouse_enabled) {
        /* Bit 3 of a first byte is always set: so packets are found again. */
        if (bd.mouse_have || want == 1 || v & 0x08) {
            bd.mouse_bytes[bd.mouse_have & 7] = v;
            bd.mouse_have++;
        }
    }
    eoi_slave();
    if (bd.mouse_have >= want)
        deliver();
}
