/* serial_test.c - 16550A (PC16550D datasheet), parallel port. */
#include "iodev/parallel.h"
#include "iodev/serial.h"
#include "iodev/uart.h"
#include "tests/device/rig.h"

#include <stdlib.h>
#include <unistd.h>

static struct rig r;
static struct device *com;
static struct probe irq;

enum { RBR, IER, IIR, LCR, MCR, LSR, MSR, SCR };

static void out(unsigned reg, uint8_t v)
{
    rig_out(&r, (uint16_t)(0x3f8 + reg), v);
}

static uint8_t in(unsigned reg)
{
    return rig_in(&r, (uint16_t)(0x3f8 + reg));
}

/* 8N1: ten bits a character. */
static void set_divisor(uint16_t d)
{
    out(LCR, 0x83);
    out(0, d & 255);
    out(1, (uint8_t)(d >> 8));
    out(LCR, 0x03);
}

static void receive(const char *s)
{
    rig_input(com, INPUT_BYTES, 0, 0, s, strlen(s));
}

static void test_registers(struct tap *t)
{
    tap_eq(t, in(LSR), 0x60, "LSR after reset");
    tap_eq(t, in(IIR), 0x01, "IIR after reset");
    tap_eq(t, in(MSR), 0xb0, "CTS, DSR, DCD are on");
    out(SCR, 0xa5);
    tap_eq(t, in(SCR), 0xa5, "scratch");
    out(IER, 0xff);
    tap_eq(t, in(IER), 0x0f, "IER has four bits");
    out(MCR, 0xff);
    tap_eq(t, in(MCR), 0x1f, "MCR has five");
    out(MCR, 0x08);
    out(IER, 0);
    out(LCR, 0x83);
    out(0, 0x34);
    out(1, 0x12);
    tap_ok(t, in(0) == 0x34 && in(1) == 0x12, "divisor behind DLAB");
    in(MSR);
}

static void test_transmit(struct tap *t)
{
    set_divisor(12); /* 9600 baud: 1.041 ms */
    out(IER, 0x02);
    tap_ok(t, irq.level, "enabling THRE with an empty THR interrupts");
    tap_eq(t, in(IIR), 0x02, "source");
    tap_ok(t, !irq.level, "reading IIR clears it");
    out(0, 'A');
    tap_eq(t, in(LSR), 0x20, "THR free, shift register busy");
    tap_ok(t, irq.level, "THRE interrupt");
    out(0, 'B');
    tap_ok(t, !irq.level, "writing THR clears it");
    tap_eq(t, in(LSR), 0x00, "all full");
    rig_run_ns(&r, 1040000);
    tap_eq(t, r.sent_len, 0, "not out yet");
    rig_run_ns(&r, 3000);
    tap_eq(t, r.sent_len, 1, "ten bits at 9600 baud");
    tap_eq(t, in(LSR), 0x20, "THR free again");
    rig_run_ns(&r, 1042000);
    tap_ok(t, r.sent_len == 2 && r.sent[0] == 'A' && r.sent[1] == 'B',
           "both bytes in order");
    tap_eq(t, in(LSR), 0x60, "empty");
    out(IER, 0);
    out(2, 0x01);
    for (unsigned i = 0; i < 17; i++)
        out(0, (uint8_t)i);
    tap_eq(t, in(LSR), 0x00, "FIFO and shift register hold 17");
    rig_run_ns(&r, 20000000);
    tap_eq(t, r.sent_len, 19, "all sent");
}

static void test_receive(struct tap *t)
{
    out(2, 0);
    in(IIR);
    out(IER, 0x01);
    receive("xy");
    rig_run_ns(&r, 1043000);
    tap_ok(t, irq.level && in(IIR) == 0x04, "data available");
    tap_eq(t, in(LSR), 0x61, "DR");
    rig_run_ns(&r, 10000000);
    tap_eq(t, in(RBR), 'x', "the second byte waits for room");
    tap_ok(t, !irq.level, "reading lowers the interrupt");
    rig_run_ns(&r, 1100000);
    tap_eq(t, in(RBR), 'y', "second byte");
    out(2, 0x81); /* trigger 8 */
    receive("0123456789");
    rig_run_ns(&r, 7 * 1042000);
    tap_ok(t, !irq.level, "below the trigger level");
    rig_run_ns(&r, 1042000);
    tap_eq(t, in(IIR), 0xc4, "trigger level reached");
    in(RBR);
    tap_eq(t, in(IIR), 0xc1, "below it again");
    rig_run_ns(&r, 2 * 1042000);
    for (unsigned i = 0; i < 7; i++)
        in(RBR);
    tap_ok(t, !irq.level, "two left");
    rig_run_ns(&r, 3900000);
    tap_ok(t, !irq.level, "no timeout before four characters' time");
    rig_run_ns(&r, 400000);
    tap_eq(t, in(IIR), 0xcc, "character timeout");
    tap_eq(t, in(RBR), '8', "data");
    tap_eq(t, in(IIR), 0xc1, "reading resets the timeout");
    in(RBR);
    out(IER, 0);
}

static void test_loopback(struct tap *t)
{
    out(2, 0);
    out(MCR, 0x18);
    in(MSR);
    tap_eq(t, in(MSR), 0x80, "loopback: OUT2 shows as DCD");
    out(MCR, 0x1f);
    tap_eq(t, in(MSR), 0xf3, "RTS, DTR, OUT1 as CTS, DSR, RI with deltas");
    out(MCR, 0x1b);
    tap_eq(t, in(MSR), 0xb4, "trailing edge of RI");
    out(0, 0x5a);
    rig_run_ns(&r, 1100000);
    tap_eq(t, in(RBR), 0x5a, "bytes come back");
    out(0, 1);
    out(0, 2);
    rig_run_ns(&r, 3000000);
    tap_eq(t, in(LSR), 0x63, "overrun");
    tap_eq(t, in(LSR), 0x61, "reading LSR clears it");
    tap_eq(t, in(RBR), 2, "the new byte replaced the old one");
    out(LCR, 0x43);
    tap_eq(t, in(LSR), 0x71, "break");
    in(RBR);
    out(LCR, 0x00);
    out(0, 0xff);
    rig_run_ns(&r, 1100000);
    tap_eq(t, in(RBR), 0x1f, "five data bits");
    out(LCR, 0x03);
    out(MCR, 0x08);
    in(MSR);
}

static void test_parallel(struct tap *t)
{
    char path[] = "/tmp/klochs-lpt-XXXXXX", got[8] = "";
    struct device *lpt = rig_make(&r, &parallel_class, "parallel0", 0x378);
    struct probe lpt_irq;
    int fd = mkstemp(path);
    FILE *f;

    close(fd);
    device_set_option(lpt, "file", path, NULL);
    rig_start(&r, lpt);
    rig_probe(&r, &lpt_irq, lpt, "irq", 0);
    tap_eq(t, rig_in(&r, 0x379), 0xdf, "ready");
    rig_out(&r, 0x378, '\n');
    tap_eq(t, rig_in(&r, 0x378), '\n', "data reads back");
    rig_out(&r, 0x37a, 0x1c);
    rig_out(&r, 0x37a, 0x1d);
    tap_eq(t, rig_in(&r, 0x379), 0x5f, "busy");
    rig_out(&r, 0x37a, 0x1c);
    rig_run_ns(&r, 11000);
    tap_eq(t, rig_in(&r, 0x379), 0x1f, "acknowledge");
    tap_ok(t, lpt_irq.level, "interrupt");
    rig_run_ns(&r, 5000);
    tap_eq(t, rig_in(&r, 0x379), 0xdf, "ready again");
    f = fopen(path, "r");
    tap_ok(t, f && fread(got, 1, 8, f) == 1 && got[0] == '\n', "printed");
    if (f)
        fclose(f);
    unlink(path);
    rig_round_trip(&r, lpt);
}

int main(void)
{
    rig_init(&r, 1000000);
    com = rig_make(&r, &serial_class, "serial0", 0x3f8);
    device_set_option(com, "mode", "file", NULL);
    rig_start(&r, com);
    rig_probe(&r, &irq, com, "irq", 0);
    test_registers(&r.tap);
    test_transmit(&r.tap);
    test_receive(&r.tap);
    test_loopback(&r.tap);
    test_parallel(&r.tap);
    receive("waiting");
    rig_round_trip(&r, com);
    tap_ok(&r.tap, rig_refuses(&r, com, offsetof(struct uart_fifo, count), 17),
           "an overfull FIFO is refused");
    return rig_done(&r);
}
