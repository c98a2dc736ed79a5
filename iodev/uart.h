/*
 * uart.h - 16550A core: registers, FIFOs, line timing; no bus.
 *
 * The owner embeds struct uart_regs in its guest state (as an array of one,
 * with uart_fields), and a struct uart beside it.
 */
#ifndef IODEV_UART_H
#define IODEV_UART_H

#include "core/device.h"

enum { UART_FIFO = 16, UART_BACKLOG = 8192 };

struct uart_fifo {
    uint8_t data[UART_FIFO];
    uint8_t flags[UART_FIFO]; /* LSR error bits of each byte */
    uint8_t head, count;
};

struct uart_regs {
    struct uart_fifo rx[1], tx[1];
    uint16_t divisor;
    uint8_t ier, fcr, lcr, mcr, lsr, msr, scr;
    uint8_t shift;     /* byte on its way out */
    bool shifting;     /* transmitter shift register in use */
    bool thre_pending; /* transmitter-empty interrupt not yet seen */
    bool timeout;      /* receiver FIFO has been left alone */
    /* Bytes from the host that the line has not yet carried. */
    uint8_t backlog[UART_BACKLOG];
    uint16_t backlog_head, backlog_count;
};

extern const struct field uart_fields[];

struct uart {
    struct device *dev; /* for clock, log and id */
    struct uart_regs *r;
    void *opaque;
    void (*irq)(void *opaque, bool level);
    void (*send)(void *opaque, uint8_t byte); /* leaves the line; may be NULL */
    struct timer tx_timer, rx_timer, timeout_timer;
    char tx_name[24], rx_name[24], timeout_name[32];
};

/* The members down to `send` are set by the caller. */
void uart_init(struct uart *u);
void uart_destroy(struct uart *u);
void uart_reset(struct uart *u);
bool uart_valid(const struct uart_regs *r);
uint8_t uart_read(struct uart *u, unsigned reg);
void uart_write(struct uart *u, unsigned reg, uint8_t value);
/* Bytes arriving at the far end; delivered at line rate as the FIFO has
 * room. More than UART_BACKLOG waiting bytes are dropped and logged. */
void uart_receive(struct uart *u, const uint8_t *p, size_t n);
/* Bits a second, from the divisor. */
uint32_t uart_baud(const struct uart_regs *r);

#endif
