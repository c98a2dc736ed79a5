/*
 * gdb_packets_test.c - the gdb stub without a socket: packets by hand, then
 * a hundred thousand damaged ones.
 */
#include "core/out.h"
#include "debugger/gdb.h"
#include "tests/insn/sysrig.h"
#include <stdlib.h>

/* 32-bit: a counter in memory, for ever. */
static const uint8_t program[] = {
    0x90,                               /* 00 nop */
    0xff, 0x05, 0x00, 0x60, 0x00, 0x00, /* 01 inc dword [6000h] */
    0x40,                               /* 07 inc eax */
    0xeb, 0xf6,                         /* 08 jmp 00 */
};

struct bench {
    struct sysrig r;
    struct target *t;
    struct gdb *g;
    struct out sent;
    bool interrupt; /* in the next slice, as gdb's Ctrl-C */
    unsigned resets, quits;
};

static enum target_ran run(void *opaque, uint64_t until)
{
    struct bench *b = opaque;
    uint64_t end = b->r.clock.now + 200;

    if (cpu_run(b->r.c, end < until ? end : until) == RUN_SHUTDOWN)
        return TARGET_SHUTDOWN;
    if (b->interrupt)
        gdb_feed(b->g, (const uint8_t *)"\3", 1);
    return TARGET_RAN;
}

static void reset(void *opaque)
{
    struct bench *b = opaque;

    b->resets++;
}

static void quit(void *opaque)
{
    struct bench *b = opaque;

    b->quits++;
}

static bool to_gdb(void *opaque, const void *p, size_t n)
{
    struct bench *b = opaque;

    if (b->sent.len < 1 << 20)
        out_write(&b->sent, p, n);
    return true;
}

static char *monitor(void *opaque, const char *line)
{
    char *text = malloc(80);

    (void)opaque;
    if (text)
        snprintf(text, 80, "you said %.40s\n", line);
    return text;
}

static void start(struct bench *b)
{
    sysrig_protected(&b->r, 0);
    phys_poke(b->r.sv.phys, CODE, program, sizeof program);
    poke(&b->r, 0x6000, 0);
    b->r.c->rip = CODE;
    b->r.c->gpr[RSP] = STACK0;
    b->r.c->events = 0;
    b->r.c->rflags = 2;
}

/* Sends a packet; the answers without acknowledgements, framing checked. */
static const char *ask(struct bench *b, const char *text)
{
    char packet[1024];
    uint8_t sum = 0;
    int n;

    for (const char *p = text; *p; p++)
        sum = (uint8_t)(sum + (uint8_t)*p);
    n = snprintf(packet, sizeof packet, "$%s#%02x", text, sum);
    out_free(&b->sent);
    out_to_string(&b->sent);
    gdb_feed(b->g, (const uint8_t *)packet, (size_t)n);
    return b->sent.text ? b->sent.text : "";
}

static bool says(struct bench *b, const char *packet, const char *part)
{
    const char *got = ask(b, packet);
    bool good = strstr(got, part) != NULL;

    if (!good)
        printf("# %s: %.200s\n", packet, got);
    return good;
}

static void protocol(struct bench *b)
{
    struct tap *t = &b->r.tap;

    start(b);
    tap_ok(t, says(b, "qSupported:xmlRegisters=i386", "PacketSize=4000"),
           "qSupported");
    tap_ok(t, says(b, "?", "+$T05thread:1;#"), "why it stands");
    gdb_feed(b->g, (const uint8_t *)"$g#00", 5);
    tap_ok(t, strchr(b->sent.text, '-') != NULL, "a wrong sum");
    tap_ok(t, says(b, "QStartNoAckMode", "$OK#9a"), "QStartNoAckMode");
    tap_ok(t, ask(b, "?")[0] == '$', "no more acknowledgements");
    tap_ok(
        t,
        says(b, "qXfer:features:read:target.xml:0,800", "<architecture>i386<"),
        "description");
    tap_ok(t, says(b, "p8", "$00000100#"), "register 8 is EIP");
    tap_ok(t, says(b, "P0=78563412", "OK") && says(b, "p0", "$78563412#"),
           "writing EAX");
    tap_ok(t, says(b, "m10000,4", "$90ff0500#"), "memory");
    tap_ok(t, says(b, "M6000,2:0500", "OK") && says(b, "m6000,4", "$05000000#"),
           "writing memory");
    tap_ok(t,
           says(b, "X6000,2:}\x03}\x04", "OK") && says(b, "m6000,2", "$2324#"),
           "binary data with escapes");
    tap_ok(t, says(b, "mfffffffffffffff0,4", "$"), "an address beyond");
    tap_ok(t, says(b, "vCont?", "vCont;c"), "vCont?");
    tap_ok(t, says(b, "vMustReplyEmpty", "$#00"), "unknown v packet");
    tap_ok(t, says(b, "qRcmd,68656c6c6f", "OK"), "monitor");
    tap_ok(t, strstr(b->sent.text, "$O796f7520736169642068656c6c6f") != NULL,
           "its answer on the console");
    tap_ok(t, says(b, "qfThreadInfo", "m1") && says(b, "qC", "QC1"), "threads");
    tap_ok(t, says(b, "bc", "$#00"), "nothing backwards");
    tap_ok(t, says(b, "R00", "") && b->resets == 1, "restart");
    tap_ok(t, says(b, "k", "") && b->quits == 1, "kill");
}

static void running(struct bench *b)
{
    struct tap *t = &b->r.tap;

    start(b);
    tap_ok(t, says(b, "s", "T05thread:1;") && says(b, "p8", "$01000100#"),
           "a step");
    tap_ok(t,
           says(b, "Z0,10007,1", "OK") &&
               says(b, "vCont;c", "T05swbreak:;thread:1;") &&
               says(b, "p8", "$07000100#"),
           "software breakpoint");
    tap_ok(t,
           says(b, "z0,10007,1", "OK") && says(b, "Z1,10008,1", "OK") &&
               says(b, "c", "T05hwbreak:;") && says(b, "z1,10008,1", "OK"),
           "hardware breakpoint");
    tap_ok(t,
           says(b, "Z2,6000,4", "OK") && says(b, "c", "watch:6000;") &&
               says(b, "z2,6000,4", "OK"),
           "watchpoint");
    tap_ok(t,
           says(b, "Z3,6002,1", "OK") && says(b, "c", "rwatch:6002;") &&
               says(b, "z3,6002,1", "OK"),
           "read watchpoint");
    tap_ok(t,
           says(b, "Z4,6002,1", "OK") && says(b, "c", "awatch:6002;") &&
               says(b, "z4,6002,1", "OK"),
           "access watchpoint");
    says(b, "P8=00000100", "OK");
    tap_ok(t,
           says(b, "vCont;r10000,10007:1;c", "T05thread") &&
               says(b, "p8", "$07000100#"),
           "stepping through a range");
    b->interrupt = true;
    tap_ok(t, says(b, "c", "T02"), "Ctrl-C");
    b->interrupt = false;
    tap_ok(t, says(b, "Z2,6000,0", "E01") && says(b, "Z5,1,1", "$#00"),
           "points that cannot be");
    tap_ok(t, !target_point_at(b->t, 0), "none is left");
}

static void real_mode(struct bench *b)
{
    struct tap *t = &b->r.tap;

    sysrig_real(&b->r);
    phys_poke(b->r.sv.phys, CODE, "\x90\x90\x90\x90", 4);
    tap_ok(t, says(b, "qXfer:features:read:target.xml:0,800", ">i8086<"),
           "16-bit code is told");
    b->r.c->seg[SEG_SS].selector = 0x2000;
    b->r.c->seg[SEG_SS].base = 0x20000;
    cpu_update_mode(b->r.c);
    b->r.c->gpr[RSP] = 0xffff0100;
    tap_ok(t, says(b, "p8", "$00000100#"), "EIP with the base of CS");
    tap_ok(t, says(b, "p4", "$00010200#"), "ESP with the base of SS");
    tap_ok(t, says(b, "P8=02000100", "OK") && b->r.c->rip == 2, "and back");
    tap_ok(t,
           says(b, "Z0,10003,1", "OK") && says(b, "c", "swbreak") &&
               b->r.c->rip == 3,
           "a breakpoint by linear address");
    says(b, "z0,10003,1", "OK");
    sysrig_long(&b->r, 0);
    b->r.c->rip = CODE;
    tap_ok(t, says(b, "s", "$O5b74686520"), "64-bit code is told");
    tap_ok(t, says(b, "qXfer:features:read:target.xml:0,800", "x86-64<"),
           "and described");
    tap_ok(t,
           says(b, "P8=8877665544332211", "OK") &&
               b->r.c->gpr[8] == 0x1122334455667788,
           "a 64-bit register");
}

/* ---- damage ---- */

static uint32_t next_random(uint64_t *x)
{
    *x = *x * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(*x >> 33);
}

static const char *const seeds[] = {"qSupported:a",
                                    "g",
                                    "p10",
                                    "P3=0011223344556677",
                                    "m10000,40",
                                    "M6000,4:01020304",
                                    "X6000,3:abc",
                                    "Z0,10007,1",
                                    "z0,10007,1",
                                    "Z2,6000,4",
                                    "z2,6000,4",
                                    "Z4,6000,8",
                                    "vCont;s:1",
                                    "vCont;r10000,10004",
                                    "s",
                                    "qXfer:features:read:target.xml:0,fff",
                                    "qXfer:threads:read::0,fff",
                                    "qRcmd,6162",
                                    "H g0",
                                    "T1",
                                    "?",
                                    "D",
                                    "!",
                                    "R00",
                                    "vRun;",
                                    "QStartNoAckMode",
                                    "C05;10000",
                                    "S05",
                                    "bs",
                                    "bc",
                                    "qC",
                                    "Qqemu.PhyMemMode:1",
                                    "P8=00000100",
                                    "vKill;1",
                                    "G00112233",
                                    "k"};

static size_t damage(uint64_t *x, uint8_t *p)
{
    static const char chars[] = "0123456789abcdef,;:=-#$}*+\3qvZzmMXPGcs";
    const char *seed = seeds[next_random(x) % ARRAY_LEN(seeds)];
    size_t n = strlen(seed);
    uint8_t sum = 0;

    memcpy(p + 1, seed, n);
    p[0] = '$';
    for (unsigned k = next_random(x) % 4; k; k--)
        p[1 + next_random(x) % n] =
            next_random(x) % 4
                ? (uint8_t)chars[next_random(x) % (sizeof chars - 1)]
                : (uint8_t)next_random(x);
    if (next_random(x) % 8 == 0)
        n = next_random(x) % (n + 1);
    if (next_random(x) % 64 == 0) {
        /* long */
        size_t more = next_random(x) % 20000;

        memset(p + 1 + n, chars[next_random(x) % 16], more);
        n += more;
    }
    for (size_t k = 0; k < n; k++)
        sum = (uint8_t)(sum + p[1 + k]);
    if (next_random(x) % 16 == 0)
        sum++;
    snprintf((char *)p + 1 + n, 4, "#%02x", sum);
    return n + (next_random(x) % 16 ? 4 : 2);
}

static void fuzz(struct bench *b, unsigned rounds)
{
    struct tap *t = &b->r.tap;
    uint8_t *p = malloc(32768);
    uint64_t x = 1;

    b->interrupt = true; /* whatever runs ends soon */
    for (unsigned n = 0; p && n < rounds; n++) {
        size_t len = damage(&x, p);

        if (n % 64 == 0)
            start(b);
        if (n % 64 == 32)
            sysrig_real(&b->r);
        if (n % 64 == 48)
            sysrig_long(&b->r, 0);
        gdb_feed(b->g, p, len);
        if (n % 256 == 0) {
            out_free(&b->sent);
            out_to_string(&b->sent);
        }
    }
    free(p);
    b->interrupt = false;
    start(b);
    gdb_feed(b->g, (const uint8_t *)"#00$?#3f", 8);
    tap_ok(t, says(b, "vMustReplyEmpty", "$#00"),
           "%u damaged packets, and it answers still", rounds);
}

int main(void)
{
    struct bench b = {.interrupt = false};
    struct target_host h = {
        .opaque = &b, .run = run, .reset = reset, .quit = quit};

    sysrig_init(&b.r);
    start(&b);
    out_to_string(&b.sent);
    b.t = target_create(b.r.c, &h);
    b.g = gdb_create(b.t, to_gdb, &b);
    gdb_set_monitor(b.g, monitor, NULL);
    protocol(&b);
    running(&b);
    real_mode(&b);
    fuzz(&b, 100000);
    gdb_destroy(b.g);
    target_destroy(b.t);
    out_free(&b.sent);
    return sysrig_done(&b.r);
}
