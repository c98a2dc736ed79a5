/*
 * gdb_commands.c - what the packets of gdb ask for.
 */
#include "cpu/cpu.h"
#include "debugger/gdb_int.h"
#include <stdlib.h>

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

void gdb_forget_points(struct gdb *g)
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
    gdb_on_stop(g, &s);
}

void gdb_run_now(struct gdb *g)
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
        gdb_on_stop(g, &s);
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
        gdb_console(g,
                    "monitor: reset; the debugger's commands are not here\n");
        gdb_reply(g, "OK");
        return;
    }
    text = g->monitor(g->monitor_opaque, line);
    if (text)
        gdb_console(g, text);
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
    gdb_forget_points(g);
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
        gdb_stop_reply(g, &g->last);
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

void gdb_do_packet(struct gdb *g)
{
    const char *p = g->packet;
    char kind = *p ? *p++ : 0;

    switch (kind) {
    case '?':
        gdb_stop_reply(g, &g->last);
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
