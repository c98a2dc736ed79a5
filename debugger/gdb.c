/*
 * gdb.c - packets: framing, the commands, stop replies.
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
static void console(struct gdb *g, const char *text)
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

static void stop_reply(struct gdb *g, const struct stop *s)
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
    console(g, text);
}

/* A run has ended, ours or somebody else's. */
static void on_stop(void *opaque, const struct stop *s)
{
    struct gdb *g = opaque;

    g->last = *s;
    if (!g->waiting)
        return;
    g->waiting = false;
    g->hold = true;
    tell_width(g);
    stop_reply(g, s);
}

/* ---- memory ---- */

static enum addr_kind space_of(const struct gdb *g)
{
    return g->physical ? ADDR_PHYSICAL : ADDR_LINEAR;
}

/* As much as can be read from the start. */
static size_t read_some(struct gdb *g, uint64_t addr, uint8_t *out, size_t n)
{
    size_t done = 0;

    while (done < n) {
        size_t page = 4096 - (size_t)((addr + done) & 4095);
        size_t k = n - done < page ? n - done : page;

        if (!target_read(g->t, space_of(g), 0, addr + done, out + done, k,
                         NULL))
            break;
        done += k;
    }
    return done;
}

static bool address_and_length(const char **p, uint64_t *addr, uint64_t *n)
{
    return gdb_number(p, addr) && *(*p)++ == ',' && gdb_number(p, n);
}

static void packet_m(struct gdb *g, const char *p)
{
    uint64_t addr, n;
    uint8_t *buf;
    size_t got;
    struct out o;

    if (!address_and_length(&p, &addr, &n)) {
        gdb_reply(g, "E01");
        return;
    }
    if (n > GDB_PACKET / 2 - 8)
        n = GDB_PACKET / 2 - 8;
    buf = malloc(n + 1);
    if (!buf)
        error_no_memory();
    got = read_some(g, addr, buf, n);
    out_to_string(&o);
    gdb_hex(&o, buf, got);
    if (got || !n)
        gdb_reply(g, o.text ? o.text : "");
    else
        gdb_reply(g, "E14");
    out_free(&o);
    free(buf);
}

static void write_reply(struct gdb *g, uint64_t addr, const uint8_t *p,
                        size_t n)
{
    bool good = target_write(g->t, space_of(g), 0, addr, p, n, NULL);

    gdb_reply(g, good ? "OK" : "E14");
}

static void packet_M(struct gdb *g, const char *p)
{
    uint8_t buf[GDB_PACKET / 2];
    uint64_t addr, n;

    if (!address_and_length(&p, &addr, &n) || *p++ != ':' || n > sizeof buf ||
        strlen(p) != 2 * n || !gdb_unhex(p, buf, n))
        gdb_reply(g, "E01");
    else
        write_reply(g, addr, buf, n);
}

static void packet_X(struct gdb *g, const char *p)
{
    uint64_t addr, n;
    size_t at;

    if (!address_and_length(&p, &addr, &n) || *p++ != ':') {
        gdb_reply(g, "E01");
        return;
    }
    at = (size_t)(p - g->packet);
    if (n != g->packet_len - at)
        gdb_reply(g, "E01");
    else
        write_reply(g, addr, (const uint8_t *)p, n);
}

/* ---- points ---- */

static bool same_point(const struct gdb *g, const struct point *p,
                       enum point_kind kind, uint64_t addr, uint64_t len,
                       bool hard)
{
    return p->kind == kind && p->addr == addr && p->len == len &&
           p->opaque == (hard ? (void *)&((struct gdb *)g)->net : (void *)g);
}

/* Ours are known by `opaque`: the stub for software breakpoints, a part of it
 * for the others. gdb may ask twice: the second changes nothing. */
static void packet_z(struct gdb *g, const char *p, bool insert)
{
    static const uint8_t kinds[5] = {POINT_CODE, POINT_CODE, POINT_WRITE,
                                     POINT_READ, POINT_ACCESS};
    unsigned type = (unsigned)(*p - '0'), n = 0;
    uint64_t addr, len;
    bool hard = type != 0;
    struct point *old;

    if (type > 4) {
        gdb_reply(g, "");
        return;
    }
    p++;
    if (*p++ != ',' || !address_and_length(&p, &addr, &len) ||
        (type > 1 && (!len || len > UINT32_MAX))) {
        gdb_reply(g, "E01");
        return;
    }
    addr = target_address(g->t, ADDR_LINEAR, 0, addr);
    if (type < 2)
        len = 0; /* a kind of breakpoint, not a length */
    while ((old = target_point_at(g->t, n)) != NULL &&
           !same_point(g, old, (enum point_kind)kinds[type], addr, len, hard))
        n++;
    if (insert && !old)
        target_add_point(
            g->t,
            &(struct point){.kind = (enum point_kind)kinds[type],
                            .space = ADDR_LINEAR,
                            .addr = addr,
                            .len = len,
                            .enabled = true,
                            .opaque = hard ? (void *)&g->net : (void *)g});
    else if (!insert && old)
        target_remove_point(g->t, old->id);
    gdb_reply(g, "OK");
}

static void forget_points(struct gdb *g)
{
    struct point *p;
    size_t n = 0;

    while ((p = target_point_at(g->t, n)) != NULL) {
        if (p->opaque == g || p->opaque == &g->net)
            target_remove_point(g->t, p->id);
        else
            n++;
    }
}

/* ---- runs ---- */

static void want_run(struct gdb *g, int how)
{
    g->run.how = how;
    g->waiting = true;
    g->hold = false;
}

/* c, s, C and S: with an address, or a signal that means nothing here. */
static void packet_run(struct gdb *g, const char *p, int how, bool signal)
{
    uint64_t v;

    if (signal) {
        if (!gdb_number(&p, &v)) {
            gdb_reply(g, "E01");
            return;
        }
        if (*p == ';')
            p++;
    }
    if (gdb_number(&p, &v)) {
        const struct cpu *c = target_cpu(g->t);
        uint8_t rip[32] = {0};

        if (c->mode != MODE_LONG64)
            v = (uint32_t)(v - c->seg[SEG_CS].base);
        st_le64(rip, v);
        target_reg_write(g->t, target_reg_find("rip"), rip, NULL);
    }
    want_run(g, how);
}

/* vCont;ACTION[:THREAD]...: the first action that is for our thread. */
static void packet_vcont(struct gdb *g, const char *p)
{
    while (*p++ == ';') {
        char action = *p ? *p++ : 0;
        uint64_t thread = 1, skip;
        bool good = true;

        if (action == 'C' || action == 'S')
            good = gdb_number(&p, &skip);
        if (action == 'r')
            good = gdb_number(&p, &g->run.from) && *p++ == ',' &&
                   gdb_number(&p, &g->run.to);
        if (good && *p == ':') {
            p++;
            if (*p == '-')
                p++; /* -1: all */
            good = gdb_number(&p, &thread);
        }
        if (!good || !action || !strchr("cCsSrt", action))
            break;
        if (thread > 1)
            continue;
        if (action == 't')
            target_interrupt(g->t);
        want_run(g, action == 'r'                    ? GDB_RANGE
                    : action == 's' || action == 'S' ? GDB_STEP
                                                     : GDB_GO);
        return;
    }
    gdb_reply(g, "E01");
}

static bool in_range(struct gdb *g)
{
    uint64_t pc = target_pc(g->t);

    return pc >= g->run.from && pc < g->run.to;
}

static struct stop run_range(struct gdb *g)
{
    struct stop s;

    do
        s = target_step(g->t, 1);
    while (s.kind == STOP_STEP && in_range(g));
    return s;
}

/* Steps of a range are not told one by one. */
static void run_quietly(struct gdb *g)
{
    struct stop s;

    g->waiting = false;
    s = run_range(g);
    g->waiting = true;
    on_stop(g, &s);
}

static void run_now(struct gdb *g)
{
    const struct target_host *h = target_host_of(g->t);
    struct gdb_run r = g->run;
    struct stop s;

    g->run.how = GDB_STAY;
    if (target_running(g->t))
        return; /* its end will be told */
    switch (r.how) {
    case GDB_GO:
        target_continue(g->t, 0);
        break;
    case GDB_STEP:
        target_step(g->t, 1);
        break;
    case GDB_RANGE:
        run_quietly(g);
        break;
    case GDB_BACK:
    case GDB_BACK_STEP:
        s = h->back(h->opaque, r.how == GDB_BACK_STEP);
        on_stop(g, &s);
        break;
    default:
        break;
    }
}

/* ---- queries ---- */

/* A part of `text` as qXfer wants it. */
static void xfer(struct gdb *g, const char *range, const char *text,
                 size_t total)
{
    char buf[GDB_PACKET / 2];
    uint64_t off, n;

    if (!address_and_length(&range, &off, &n)) {
        gdb_reply(g, "E01");
        return;
    }
    if (off > total)
        off = total;
    if (n > sizeof buf - 1)
        n = sizeof buf - 1;
    if (n > total - off)
        n = total - off;
    buf[0] = off + n < total ? 'm' : 'l';
    memcpy(buf + 1, text + off, n);
    gdb_reply_bytes(g, buf, n + 1);
}

static void xfer_features(struct gdb *g, const char *p)
{
    static const char file[] = "target.xml:";

    if (strncmp(p, file, sizeof file - 1)) {
        gdb_reply(g, "E00");
        return;
    }
    p += sizeof file - 1;
    /* From the start: gdb wants to know how it is now. */
    if (*p == '0' && p[1] == ',')
        gdb_describe(g);
    xfer(g, p, g->description.text ? g->description.text : "",
         g->description.len);
}

static void supported(struct gdb *g)
{
    char text[400];
    bool back = target_host_of(g->t)->back != NULL;

    snprintf(text, sizeof text,
             "PacketSize=%x;QStartNoAckMode+;qXfer:features:read+;"
             "qXfer:threads:read+;swbreak+;hwbreak+;vContSupported+%s",
             GDB_PACKET, back ? ";ReverseStep+;ReverseContinue+" : "");
    gdb_reply(g, text);
}

/* monitor: the answer goes to gdb's console, whole lines of it. */
static void monitor(struct gdb *g, const char *hex)
{
    char line[GDB_PACKET / 2];
    size_t n = strlen(hex) / 2;
    char *text;

    if (strlen(hex) % 2 || n >= sizeof line ||
        !gdb_unhex(hex, (uint8_t *)line, n)) {
        gdb_reply(g, "E01");
        return;
    }
    line[n] = 0;
    if (!strcmp(line, "reset") && target_host_of(g->t)->reset) {
        target_host_of(g->t)->reset(target_host_of(g->t)->opaque);
        gdb_reply(g, "OK");
        return;
    }
    if (!g->monitor) {
        console(g, "monitor: reset; the debugger's commands are not here\n");
        gdb_reply(g, "OK");
        return;
    }
    text = g->monitor(g->monitor_opaque, line);
    if (text)
        console(g, text);
    free(text);
    gdb_reply(g, "OK");
}

static bool begins(const char **p, const char *word)
{
    size_t n = strlen(word);

    if (strncmp(*p, word, n))
        return false;
    *p += n;
    return true;
}

static void packet_q(struct gdb *g, const char *p)
{
    static const char threads[] =
        "<?xml version=\"1.0\"?>\n<threads><thread id=\"1\" "
        "name=\"cpu0\"/></threads>\n";

    if (begins(&p, "Supported"))
        supported(g);
    else if (begins(&p, "Xfer:features:read:"))
        xfer_features(g, p);
    else if (begins(&p, "Xfer:threads:read::"))
        xfer(g, p, threads, sizeof threads - 1);
    else if (begins(&p, "Rcmd,"))
        monitor(g, p);
    else if (begins(&p, "fThreadInfo"))
        gdb_reply(g, "m1");
    else if (begins(&p, "sThreadInfo"))
        gdb_reply(g, "l");
    else if (begins(&p, "ThreadExtraInfo"))
        gdb_reply(g, "63707530"); /* cpu0 */
    else if (begins(&p, "Attached"))
        gdb_reply(g, "1");
    else if (begins(&p, "Symbol"))
        gdb_reply(g, "OK");
    else if (begins(&p, "qemu.PhyMemMode"))
        gdb_reply(g, g->physical ? "1" : "0");
    else if (*p == 'C' && !p[1])
        gdb_reply(g, "QC1");
    else
        gdb_reply(g, "");
}

static void packet_Q(struct gdb *g, const char *p)
{
    if (begins(&p, "StartNoAckMode")) {
        gdb_reply(g, "OK");
        g->no_ack = true;
    } else if (begins(&p, "qemu.PhyMemMode:")) {
        g->physical = *p == '1';
        gdb_reply(g, "OK");
    } else {
        gdb_reply(g, "");
    }
}

static void let_go(struct gdb *g)
{
    forget_points(g);
    g->hold = false;
    g->waiting = false;
}

static void quit(struct gdb *g)
{
    const struct target_host *h = target_host_of(g->t);

    let_go(g);
    if (h->quit)
        h->quit(h->opaque);
}

static void packet_v(struct gdb *g, const char *p)
{
    const struct target_host *h = target_host_of(g->t);

    if (begins(&p, "Cont?")) {
        gdb_reply(g, "vCont;c;C;s;S;t;r");
    } else if (begins(&p, "Cont;")) {
        packet_vcont(g, p - 1);
    } else if (begins(&p, "Kill")) {
        gdb_reply(g, "OK");
        quit(g);
    } else if (begins(&p, "Run") && h->reset) {
        h->reset(h->opaque);
        stop_reply(g, &g->last);
    } else {
        gdb_reply(g, ""); /* vMustReplyEmpty as well */
    }
}

static void packet_b(struct gdb *g, const char *p)
{
    if (!target_host_of(g->t)->back || (*p != 'c' && *p != 's') || p[1])
        gdb_reply(g, "");
    else
        want_run(g, *p == 's' ? GDB_BACK_STEP : GDB_BACK);
}

static void packet(struct gdb *g)
{
    const char *p = g->packet;
    char kind = *p ? *p++ : 0;

    switch (kind) {
    case '?':
        stop_reply(g, &g->last);
        break;
    case 'g':
        gdb_packet_g(g);
        break;
    case 'G':
        gdb_packet_G(g, p);
        break;
    case 'p':
        gdb_packet_p(g, p);
        break;
    case 'P':
        gdb_packet_P(g, p);
        break;
    case 'm':
        packet_m(g, p);
        break;
    case 'M':
        packet_M(g, p);
        break;
    case 'X':
        packet_X(g, p);
        break;
    case 'c':
    case 'C':
        packet_run(g, p, GDB_GO, kind == 'C');
        break;
    case 's':
    case 'S':
        packet_run(g, p, GDB_STEP, kind == 'S');
        break;
    case 'b':
        packet_b(g, p);
        break;
    case 'z':
    case 'Z':
        packet_z(g, p, kind == 'Z');
        break;
    case 'H':
    case 'T':
        gdb_reply(g, "OK"); /* there is one thread */
        break;
    case '!':
        g->extended = true;
        gdb_reply(g, "OK");
        break;
    case 'R':
        if (target_host_of(g->t)->reset)
            target_host_of(g->t)->reset(target_host_of(g->t)->opaque);
        break;
    case 'D':
        gdb_reply(g, "OK");
        let_go(g);
        break;
    case 'k':
        quit(g);
        break;
    case 'q':
        packet_q(g, p);
        break;
    case 'Q':
        packet_Q(g, p);
        break;
    case 'v':
        packet_v(g, p);
        break;
    default:
        gdb_reply(g, "");
        break;
    }
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
                on_stop(g, &(struct stop){.kind = STOP_USER});
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
        packet(g);
        if (g->run.how != GDB_STAY)
            run_now(g);
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
    forget_points(g);
}

struct gdb *gdb_create(struct target *t, gdb_write_fn *write, void *opaque)
{
    struct gdb *g = calloc(1, sizeof *g);
    struct target_observer o = {.opaque = g, .stopped = on_stop};

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
    forget_points(g);
    target_unobserve(g->t, g);
    out_free(&g->description);
    free(g);
}

void gdb_set_monitor(struct gdb *g, gdb_monitor_fn *fn, void *opaque)
{
    g->monitor = fn;
    g->monitor_opaque = opaque;
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
        /* Nobody is there to see it: the machine says what it says alone. */
        if (s.kind == STOP_SHUTDOWN && !g->connected) {
            if (h->quit)
                h->quit(h->opaque);
            return;
        }
    }
}
