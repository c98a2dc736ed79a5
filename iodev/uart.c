/*
 * uart.c - 16550A core: registers, FIFOs, line timing; no bus.
 *
 * Datasheet: National Semiconductor PC16550D (TL/C/8652).
 * Departures: THR passes to an idle shift register at once, not at the next
 * baud edge; DMA mode pins are absent; the line never has errors of its own.
 * CTS, DSR and DCD are always on.
 */
#include "iodev/uart.h"

enum {
    IER_RDA = 0x01,
    IER_THRE = 0x02,
    IER_RLS = 0x04,
    IER_MSR = 0x08,
    IIR_NONE = 0x01,
    IIR_MSR = 0x00,
    IIR_THRE = 0x02,
    IIR_RDA = 0x04,
    IIR_RLS = 0x06,
    IIR_TIMEOUT = 0x0c,
    FCR_ENABLE = 0x01,
    FCR_CLEAR_RX = 0x02,
    FCR_CLEAR_TX = 0x04,
    LCR_STOP = 0x04,
    LCR_PARITY = 0x08,
    LCR_BREAK = 0x40,
    LCR_DLAB = 0x80,
    MCR_OUT2 = 0x08,
    MCR_LOOP = 0x10,
    LSR_DR = 0x01,
    LSR_OE = 0x02,
    LSR_BI = 0x10,
    LSR_ERRORS = 0x1e,
    LSR_THRE = 0x20,
    LSR_TEMT = 0x40,
    LSR_FIFO_ERR = 0x80,
    MSR_TERI = 0x04,
    MSR_ON = 0xb0, /* CTS, DSR, DCD */
    CLOCK_16 = 115200
};

uint32_t uart_baud(const struct uart_regs *r)
{
    return CLOCK_16 / (r->divisor ? r->divisor : 0x10000u);
}

/* Start, data, parity and stop bits, in half bits. */
static unsigned half_bits(const struct uart_regs *r)
{
    unsigned data = 5u + (r->lcr & 3);
    unsigned stop = !(r->lcr & LCR_STOP) ? 2 : data == 5 ? 3 : 4;

    return 2 + 2 * data + (r->lcr & LCR_PARITY ? 2 : 0) + stop;
}

static uint64_t char_ns(const struct uart_regs *r)
{
    uint64_t divisor = r->divisor ? r->divisor : 0x10000u;

    return half_bits(r) * divisor * 1000000000u / (2 * CLOCK_16);
}

static bool fifo_mode(const struct uart_regs *r)
{
    return r->fcr & FCR_ENABLE;
}

static unsigned fifo_size(const struct uart_regs *r)
{
    return fifo_mode(r) ? UART_FIFO : 1;
}

static unsigned trigger(const struct uart_regs *r)
{
    static const uint8_t levels[4] = {1, 4, 8, 14};

    return fifo_mode(r) ? levels[r->fcr >> 6] : 1;
}

static void fifo_put(struct uart_fifo *q, uint8_t byte, uint8_t flags)
{
    unsigned at = (q->head + q->count++) % UART_FIFO;

    q->data[at] = byte;
    q->flags[at] = flags;
}

static uint8_t fifo_get(struct uart_fifo *q)
{
    uint8_t v = q->data[q->head];

    q->head = (uint8_t)((q->head + 1) % UART_FIFO);
    q->count--;
    return v;
}

/* ---- interrupts ---- */

static uint8_t interrupt_id(const struct uart_regs *r)
{
    if ((r->ier & IER_RLS) && (r->lsr & LSR_ERRORS))
        return IIR_RLS;
    if ((r->ier & IER_RDA) && r->rx->count >= trigger(r))
        return IIR_RDA;
    if ((r->ier & IER_RDA) && r->timeout)
        return IIR_TIMEOUT;
    if ((r->ier & IER_THRE) && r->thre_pending)
        return IIR_THRE;
    if ((r->ier & IER_MSR) && (r->msr & 0x0f))
        return IIR_MSR;
    return IIR_NONE;
}

/* On a PC the pin OUT2 lets the interrupt onto the bus; loopback holds the
 * pin inactive. */
static void update_irq(struct uart *u)
{
    const struct uart_regs *r = u->r;
    bool gate = (r->mcr & MCR_OUT2) && !(r->mcr & MCR_LOOP);

    u->irq(u->opaque, gate && interrupt_id(r) != IIR_NONE);
}

/* ---- receiver ---- */

static void restart_timeout(struct uart *u)
{
    u->r->timeout = false;
    if (fifo_mode(u->r) && u->r->rx->count)
        timer_arm_in_ns(&u->timeout_timer, 4 * char_ns(u->r));
    else
        timer_cancel(&u->timeout_timer);
}

static void fire_timeout(void *opaque)
{
    struct uart *u = opaque;

    if (fifo_mode(u->r) && u->r->rx->count)
        u->r->timeout = true;
    update_irq(u);
}

/* LSR shows the errors of the byte that is read next. */
static void show_front(struct uart_regs *r)
{
    bool errors = false;

    if (r->rx->count)
        r->lsr |= LSR_DR | r->rx->flags[r->rx->head];
    else
        r->lsr &= (uint8_t)~LSR_DR;
    for (unsigned i = 0; i < r->rx->count; i++)
        errors |= r->rx->flags[(r->rx->head + i) % UART_FIFO] != 0;
    r->lsr &= (uint8_t)~LSR_FIFO_ERR;
    if (errors && fifo_mode(r))
        r->lsr |= LSR_FIFO_ERR;
}

static void arrive(struct uart *u, uint8_t byte, uint8_t flags)
{
    struct uart_regs *r = u->r;

    if (r->rx->count >= fifo_size(r)) {
        r->lsr |= LSR_OE;
        /* Without FIFO the new byte replaces the old one. */
        if (!fifo_mode(r))
            r->rx->data[r->rx->head] = byte;
    } else {
        fifo_put(r->rx, byte, flags);
        show_front(r);
    }
    restart_timeout(u);
    update_irq(u);
}

static void arm_rx(struct uart *u)
{
    struct uart_regs *r = u->r;

    if (r->backlog_count && r->rx->count < fifo_size(r) &&
        !(r->mcr & MCR_LOOP) && !timer_armed(&u->rx_timer))
        timer_arm_in_ns(&u->rx_timer, char_ns(r));
}

static void fire_rx(void *opaque)
{
    struct uart *u = opaque;
    struct uart_regs *r = u->r;
    uint8_t byte;

    if (r->backlog_count && r->rx->count < fifo_size(r) &&
        !(r->mcr & MCR_LOOP)) {
        byte = r->backlog[r->backlog_head];
        r->backlog_head = (uint16_t)((r->backlog_head + 1) % UART_BACKLOG);
        r->backlog_count--;
        /* Short characters lose their high bits. */
        arrive(u, byte & (uint8_t)(0xff >> (3 - (r->lcr & 3))), 0);
    }
    arm_rx(u);
}

void uart_receive(struct uart *u, const uint8_t *p, size_t n)
{
    struct uart_regs *r = u->r;

    for (size_t i = 0; i < n; i++) {
        if (r->backlog_count == UART_BACKLOG) {
            log_error(&u->dev->log,
                      "%zu received bytes dropped: the guest "
                      "does not read",
                      n - i);
            break;
        }
        r->backlog[(r->backlog_head + r->backlog_count++) % UART_BACKLOG] =
            p[i];
    }
    arm_rx(u);
}

static uint8_t read_rbr(struct uart *u)
{
    struct uart_regs *r = u->r;
    uint8_t v = r->rx->data[r->rx->head];

    if (r->rx->count)
        fifo_get(r->rx);
    show_front(r);
    restart_timeout(u);
    update_irq(u);
    arm_rx(u);
    return v;
}

/* ---- transmitter ---- */

static void start_shifting(struct uart *u)
{
    struct uart_regs *r = u->r;

    if (r->shifting || r->tx->count == 0)
        return;
    r->shift = fifo_get(r->tx);
    r->shifting = true;
    r->lsr &= (uint8_t)~LSR_TEMT;
    timer_arm_in_ns(&u->tx_timer, char_ns(r));
    if (r->tx->count == 0) {
        r->lsr |= LSR_THRE;
        r->thre_pending = true;
    }
}

static void fire_tx(void *opaque)
{
    struct uart *u = opaque;
    struct uart_regs *r = u->r;
    uint8_t byte = r->shift & (uint8_t)(0xff >> (3 - (r->lcr & 3)));

    if (r->shifting) {
        r->shifting = false;
        if (r->mcr & MCR_LOOP)
            arrive(u, byte, 0);
        else if (u->send)
            u->send(u->opaque, byte);
    }
    start_shifting(u);
    if (!r->shifting)
        r->lsr |= LSR_TEMT;
    update_irq(u);
}

static void write_thr(struct uart *u, uint8_t v)
{
    struct uart_regs *r = u->r;

    r->thre_pending = false;
    if (r->tx->count >= fifo_size(r))
        fifo_get(r->tx); /* overwritten */
    fifo_put(r->tx, v, 0);
    r->lsr &= (uint8_t) ~(LSR_THRE | LSR_TEMT);
    start_shifting(u);
    update_irq(u);
}

/* ---- the other registers ---- */

/* Modem inputs as the register shows them: from outside or, in loopback,
 * RTS, DTR, OUT1, OUT2 as CTS, DSR, RI, DCD. */
static void update_msr(struct uart_regs *r)
{
    uint8_t old = r->msr & 0xf0, now = MSR_ON, changed;

    if (r->mcr & MCR_LOOP)
        now = (uint8_t)((r->mcr & 2) << 3 | (r->mcr & 1) << 5 |
                        (r->mcr & 0x0c) << 4);
    changed = (uint8_t)(old ^ now);
    r->msr = now | (r->msr & 0x0f) | (changed >> 4 & 0x0b);
    if ((old & 0x40) && !(now & 0x40)) /* trailing edge of RI */
        r->msr |= MSR_TERI;
}

static void clear_rx(struct uart *u)
{
    *u->r->rx = (struct uart_fifo){.head = 0};
    show_front(u->r);
    restart_timeout(u);
}

static void clear_tx(struct uart_regs *r)
{
    *r->tx = (struct uart_fifo){.head = 0};
    if (!(r->lsr & LSR_THRE))
        r->thre_pending = true;
    r->lsr |= LSR_THRE;
    if (!r->shifting)
        r->lsr |= LSR_TEMT;
}

static void write_fcr(struct uart *u, uint8_t v)
{
    struct uart_regs *r = u->r;
    bool toggled = (r->fcr ^ v) & FCR_ENABLE;

    /* "Bit 0 must be 1 when other FCR bits are written." */
    r->fcr = v & FCR_ENABLE ? v & 0xc9 : 0;
    if (toggled || (r->fcr && (v & FCR_CLEAR_RX)))
        clear_rx(u);
    if (toggled || (r->fcr && (v & FCR_CLEAR_TX)))
        clear_tx(r);
    update_irq(u);
    arm_rx(u);
}

static void write_ier(struct uart *u, uint8_t v)
{
    struct uart_regs *r = u->r;

    /* Enabling it while THR is empty asks at once. */
    if ((v & IER_THRE) && !(r->ier & IER_THRE) && (r->lsr & LSR_THRE))
        r->thre_pending = true;
    r->ier = v & 0x0f;
    update_irq(u);
}

static void write_lcr(struct uart *u, uint8_t v)
{
    bool breaks = (v & LCR_BREAK) && !(u->r->lcr & LCR_BREAK);

    u->r->lcr = v;
    if (breaks && (u->r->mcr & MCR_LOOP))
        arrive(u, 0, LSR_BI);
}

static uint8_t read_iir(struct uart *u)
{
    struct uart_regs *r = u->r;
    uint8_t v = interrupt_id(r);

    if (v == IIR_THRE) {
        r->thre_pending = false;
        update_irq(u);
    }
    return v | (fifo_mode(r) ? 0xc0 : 0);
}

static uint8_t read_lsr(struct uart *u)
{
    struct uart_regs *r = u->r;
    uint8_t v = r->lsr;

    r->lsr &= (uint8_t)~LSR_ERRORS;
    if (r->rx->count)
        r->rx->flags[r->rx->head] = 0;
    show_front(r);
    update_irq(u);
    return v;
}

static uint8_t read_msr(struct uart *u)
{
    uint8_t v = u->r->msr;

    u->r->msr &= 0xf0;
    update_irq(u);
    return v;
}

/*
 * Register map (DLAB = LCR bit 7)
 *   0  RBR / THR, divisor low with DLAB   4  MCR
 *   1  IER, divisor high with DLAB        5  LSR
 *   2  IIR / FCR                          6  MSR
 *   3  LCR                                7  SCR
 */
uint8_t uart_read(struct uart *u, unsigned reg)
{
    struct uart_regs *r = u->r;
    bool dlab = r->lcr & LCR_DLAB;

    switch (reg & 7) {
    case 0:
        return dlab ? (uint8_t)r->divisor : read_rbr(u);
    case 1:
        return dlab ? (uint8_t)(r->divisor >> 8) : r->ier;
    case 2:
        return read_iir(u);
    case 3:
        return r->lcr;
    case 4:
        return r->mcr;
    case 5:
        return read_lsr(u);
    case 6:
        return read_msr(u);
    default:
        return r->scr;
    }
}

void uart_write(struct uart *u, unsigned reg, uint8_t v)
{
    struct uart_regs *r = u->r;
    bool dlab = r->lcr & LCR_DLAB;

    switch (reg & 7) {
    case 0:
        if (dlab)
            r->divisor = (r->divisor & 0xff00) | v;
        else
            write_thr(u, v);
        break;
    case 1:
        if (dlab)
            r->divisor = (uint16_t)((r->divisor & 0xff) | v << 8);
        else
            write_ier(u, v);
        break;
    case 2:
        write_fcr(u, v);
        break;
    case 3:
        write_lcr(u, v);
        break;
    case 4:
        r->mcr = v & 0x1f;
        update_msr(r);
        update_irq(u);
        arm_rx(u);
        break;
    case 7:
        r->scr = v;
        break;
    default:
        break; /* LSR and MSR are for the factory's tests */
    }
}

/* ---- life ---- */

void uart_init(struct uart *u)
{
    struct clock *clock = u->dev->sv->clock;

    snprintf(u->tx_name, sizeof u->tx_name, "%s.tx", u->dev->id);
    snprintf(u->rx_name, sizeof u->rx_name, "%s.rx", u->dev->id);
    snprintf(u->timeout_name, sizeof u->timeout_name, "%s.timeout", u->dev->id);
    timer_init(&u->tx_timer, clock, u->tx_name, fire_tx, u);
    timer_init(&u->rx_timer, clock, u->rx_name, fire_rx, u);
    timer_init(&u->timeout_timer, clock, u->timeout_name, fire_timeout, u);
}

void uart_destroy(struct uart *u)
{
    timer_destroy(&u->tx_timer);
    timer_destroy(&u->rx_timer);
    timer_destroy(&u->timeout_timer);
}

/* Table I: SCR and the divisor are not reset; bytes of the far end that the
 * line has not carried are not the chip's. */
void uart_reset(struct uart *u)
{
    struct uart_regs *r = u->r;

    *r->rx = *r->tx = (struct uart_fifo){.head = 0};
    r->ier = r->fcr = r->lcr = r->mcr = 0;
    r->lsr = LSR_THRE | LSR_TEMT;
    r->msr = MSR_ON;
    r->shifting = r->thre_pending = r->timeout = false;
    timer_cancel(&u->tx_timer);
    timer_cancel(&u->rx_timer);
    timer_cancel(&u->timeout_timer);
    update_irq(u);
    arm_rx(u);
}

bool uart_valid(const struct uart_regs *r)
{
    return r->rx->head < UART_FIFO && r->tx->head < UART_FIFO &&
           r->rx->count <= fifo_size(r) && r->tx->count <= fifo_size(r) &&
           r->backlog_head < UART_BACKLOG && r->backlog_count <= UART_BACKLOG &&
           r->ier <= 0x0f && r->mcr <= 0x1f;
}

static const struct field fifo_fields[] = {
    FIELD_ARRAY(struct uart_fifo, data, "bytes"),
    FIELD_ARRAY(struct uart_fifo, flags, "their LSR error bits"),
    FIELD(struct uart_fifo, head, "index of the oldest"),
    FIELD(struct uart_fifo, count, "bytes in the FIFO"),
    FIELD_END,
};

const struct field uart_fields[] = {
    FIELD_STRUCTS(struct uart_regs, rx, fifo_fields, "receiver FIFO"),
    FIELD_STRUCTS(struct uart_regs, tx, fifo_fields, "transmitter FIFO"),
    FIELD(struct uart_regs, divisor, "baud rate divisor"),
    FIELD(struct uart_regs, ier, "interrupt enable"),
    FIELD(struct uart_regs, fcr, "FIFO control"),
    FIELD(struct uart_regs, lcr, "line control"),
    FIELD(struct uart_regs, mcr, "modem control"),
    FIELD(struct uart_regs, lsr, "line status"),
    FIELD(struct uart_regs, msr, "modem status"),
    FIELD(struct uart_regs, scr, "scratch"),
    FIELD(struct uart_regs, shift, "byte on its way out"),
    FIELD(struct uart_regs, shifting, "transmitter busy"),
    FIELD(struct uart_regs, thre_pending, "transmitter-empty interrupt"),
    FIELD(struct uart_regs, timeout, "receiver timeout interrupt"),
    FIELD_ARRAY(struct uart_regs, backlog, "bytes from the host"),
    FIELD(struct uart_regs, backlog_head, "index of the oldest"),
    FIELD(struct uart_regs, backlog_count, "bytes waiting"),
    FIELD_END,
};
