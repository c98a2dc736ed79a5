/*
 * gdb.c - the gdb stub: framing of packets, stop replies, its life.
 *
 * What a peer sends is never trusted: a packet that is too long, damaged or
 * unknown gets the answer that the protocol has for it and changes nothing.
 */
#include "debugger/gdb.h"
#include "cpu/cpu.h"
#include "debugger/gdb_int.h"
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

/* gdb's own numbers of signals. */
enum { SIGNAL_INT = 2, SIGNAL_TRAP = 5, SIGNAL_SEGV = 11 };

/* ---- text ---- */

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool gdb_number(const char **p, uint64_t *out)
{
    const char *start = *p;

    *out = 0;
    for (; digit(**p) >= 0; ++*p)
        *out = *out << 4 | (uint64_t)digit(**p);
    return *p != start;
}

bool gdb_unhex(const char *p, uint8_t *out, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        int high = digit(p[2 * k]);
        int low = high < 0 ? -1 : digit(p[2 * k + 1]);

        if (low < 0)
            return false;
        out[k] = (uint8_t)(high << 4 | low);
    }
    return true;
}

void gdb_hex(struct out *o, const uint8_t *p, size_t n)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t k = 0; k < n; k++) {
        char two[2] = {digits[p[k] >> 4], digits[p[k] & 15]};

        out_write(o, two, 2);
    }
}

/* ---- replies ---- */

static void send_raw(struct gdb *g, const void *p, size_t n)
{
    if (g->connected && !g->write(g->opaque, p, n)) {
        g->connected = false;
        if (g->net)
            gdb_net_close(g);
    }
}

/* Escapes what the framing uses. */
void gdb_reply_bytes(struct gdb *g, const void *p, size_t n)
{
    const uint8_t *b = p;
    struct out o;
    uint8_t sum = 0;

    out_to_string(&o);
    out_write(&o, "$", 1);
    for (size_t k = 0; k < n; k++) {
        uint8_t two[2] = {'}', b[k] ^ 0x20};
        bool escape = b[k] == '$' || b[k] == '#' || b[k] == '}' || b[k] == '*';

        if (escape) {
            out_write(&o, two, 2);
            sum = (uint8_t)(sum + two[0] + two[1]);
        } else {
            out_write(&o, b + k, 1);
            sum = (uint8_t)(sum + b[k]);
        }
    }
    out_printf(&o, "#%02x", sum);
    if (!o.failed)
        send_raw(g, o.text, o.len);
    out_free(&o);
}

void gdb_reply(struct gdb *g, const char *text)
{
    gdb_reply_bytes(g, text, strlen(text));
}

/* Text for gdb's console; only while the guest runs or in a monitor command. */
void gdb_console(struct gdb *g, const char *text)
{
    size_t n = strlen(text);

    while (n) {
        size_t k = n < 1024 ? n : 1024;
        struct out o;

        out_to_string(&o);
        out_write(&o, "O", 1);
        gdb_hex(&o, (const uint8_t *)text, k);
        gdb_reply_bytes(g, o.text, o.len);
        out_free(&o);
        text += k;
        n -= k;
    }
}

/* ---- stops ---- */

static void stop_of_point(struct gdb *g, const struct stop *s, char *out,
                          size_t size)
{
    const struct point *p = target_point(g->t, s->point);
    const char *watch;

    if (!p)
        return;
    switch (p->kind) {
    case POINT_CODE:
        snprintf(out, size, "%s:;", p->opaque == g ? "swbreak" : "hwbreak");
        return;
    case POINT_READ:
        watch = "rwatch";
        break;
    case POINT_WRITE:
        watch = "watch";
        break;
    case POINT_ACCESS:
        watch = "awatch";
        break;
    default:
        return;
    }
    /* gdb knows its watchpoint by the address that it asked for. */
    snprintf(out, size, "%s:%" PRIx64 ";", watch, p->addr);
}

void gdb_stop_reply(struct gdb *g, const struct stop *s)
{
    char text[96], why[48] = "";
    int signal = SIGNAL_TRAP;

    switch (s->kind) {
    case STOP_END:
        gdb_reply(g, "W00");
        return;
    case STOP_USER:
        signal = SIGNAL_INT;
        break;
    case STOP_SHUTDOWN:
        signal = SIGNAL_SEGV;
        break;
    case STOP_POINT:
        stop_of_point(g, s, why, sizeof why);
        break;
    default:
        break;
    }
    snprintf(text, sizeof text, "T%02x%sthread:1;", signal, why);
    gdb_reply(g, text);
}

static void tell_width(struct gdb *g)
{
    static const char *const bits[] = {"16", "32", "64"};
    enum gdb_layout now = gdb_layout_now(g);
    char text[200];

    if (now == g->layout)
        g->told_width = false;
    if (now == g->layout || g->told_width)
        return;
    g->told_width = true;
    snprintf(text, sizeof text,
             "[the processor runs %s-bit code now, gdb has its registers as "
             "for %s bits: `unset tdesc filename' reads them anew]\n",
             bits[now], bits[g->layout]);
    gdb_console(g, text);
}

/* A run has ended, ours or somebody else's. */
void gdb_on_stop(void *opaque, const struct stop *s)
{
    struct gdb *g = opaque;

    g->last = *s;
    if (!g->waiting)
        return;
    g->waiting = false;
    g->hold = true;
    tell_width(g);
    gdb_stop_reply(g, s);
}

/* ---- framing ---- */

static void consume(struct gdb *g, size_t n)
{
    g->in_len -= n;
    memmove(g->in, g->in + n, g->in_len);
}

/* Undoes the escapes of the n bytes at p; false: longer than a packet. */
static bool unescape(struct gdb *g, const uint8_t *p, size_t n)
{
    size_t to = 0;

    for (size_t k = 0; k < n; k++) {
        uint8_t c = p[k];

        if (c == '}' && k + 1 < n)
            c = p[++k] ^ 0x20;
        if (to == GDB_PACKET)
            return false;
        g->packet[to++] = (char)c;
    }
    g->packet[to] = 0;
    g->packet_len = to;
    return true;
}

/* Takes the packet at the start of the input; false: it is not all there. */
static bool take_packet(struct gdb *g, bool *good)
{
    const uint8_t *end = memchr(g->in, '#', g->in_len);
    size_t n;
    uint8_t sum = 0, told;

    if (!end || g->in_len - (size_t)(end - g->in) < 3) {
        if (g->in_len == sizeof g->in)
            g->in_len = 0; /* nothing that long is ours */
        return false;
    }
    n = (size_t)(end - g->in) - 1;
    for (size_t k = 0; k < n; k++)
        sum = (uint8_t)(sum + g->in[1 + k]);
    *good = gdb_unhex((const char *)end + 1, &told, 1) &&
            (told == sum || g->no_ack) && unescape(g, g->in + 1, n);
    consume(g, n + 4);
    return true;
}

/* Drops what is not a packet; 0x03 between packets asks for a stop. */
static bool skip_to_packet(struct gdb *g)
{
    while (g->in_len && g->in[0] != '$') {
        if (g->in[0] == 3) {
            if (target_running(g->t))
                target_interrupt(g->t);
            else if (g->waiting)
                gdb_on_stop(g, &(struct stop){.kind = STOP_USER});
        }
        if (g->in[0] == '-' && !g->no_ack && g->description.len)
            g->no_ack = false; /* our replies do not get lost on a stream */
        consume(g, 1);
    }
    return g->in_len != 0;
}

static void work(struct gdb *g)
{
    bool good;

    if (g->busy) {
        /* Inside of a packet that runs the guest: only 0x03 counts. */
        skip_to_packet(g);
        return;
    }
    g->busy = true;
    while (skip_to_packet(g) && take_packet(g, &good)) {
        if (!g->no_ack)
            send_raw(g, good ? "+" : "-", 1);
        if (!good)
            continue;
        gdb_do_packet(g);
        if (g->run.how != GDB_STAY)
            gdb_run_now(g);
    }
    g->busy = false;
}

void gdb_feed(struct gdb *g, const uint8_t *p, size_t n)
{
    while (n) {
        size_t room = sizeof g->in - g->in_len;
        size_t k = n < room ? n : room;

        if (!k) { /* more than a packet waits while the guest runs */
            g->in_len = 0;
            continue;
        }
        memcpy(g->in + g->in_len, p, k);
        g->in_len += k;
        p += k;
        n -= k;
        work(g);
    }
}

/* ---- life ---- */

void gdb_reset_connection(struct gdb *g)
{
    g->no_ack = g->extended = g->physical = false;
    g->waiting = false;
    g->in_len = 0;
    g->run.how = GDB_STAY;
    g->last = (struct stop){.kind = STOP_STEP};
    gdb_forget_points(g);
}

struct gdb *gdb_create(struct target *t, gdb_write_fn *write, void *opaque)
{
    struct gdb *g = calloc(1, sizeof *g);
    struct target_observer o = {.opaque = g, .stopped = gdb_on_stop};

    if (!g)
        error_no_memory();
    g->t = t;
    g->write = write;
    g->opaque = opaque;
    g->connected = true;
    out_to_string(&g->description);
    g->last.kind = STOP_STEP;
    gdb_describe(g);
    target_observe(t, &o);
    return g;
}

void gdb_destroy(struct gdb *g)
{
    if (!g)
        return;
    if (g->net)
        gdb_net_destroy(g);
    gdb_forget_points(g);
    target_unobserve(g->t, g);
    out_free(&g->description);
    free(g);
}

void gdb_set_monitor(struct gdb *g, gdb_monitor_fn *fn, void *opaque)
{
    g->monitor = fn;
    g->monitor_opaque = opaque;
}

bool gdb_connected(const struct gdb *g)
{
    return g && g->connected;
}

void gdb_poll(struct gdb *g)
{
    if (g->net)
        gdb_net_poll(g);
    work(g); /* what came in the middle of a run */
}

/* Without gdb the guest runs; with it, it runs when gdb says so. */
void gdb_serve(struct gdb *g)
{
    const struct target_host *h = target_host_of(g->t);
    struct stop s;

    for (;;) {
        if (g->hold) {
            if (g->net)
                gdb_net_wait(g, 20);
            if (!h->idle(h->opaque))
                return;
            continue;
        }
        s = target_continue(g->t, 0);
        if (s.kind == STOP_END)
            return;
    }
}
