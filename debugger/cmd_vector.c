/*
 * cmd_vector.c - x87, MMX and vector registers shown.
 */
#include "cpu/cpu.h"
#include "debugger/handlers.h"
#include "debugger/internal.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* Names of bits from the highest; upper case when set. */
static void bits(struct debugger *d, uint32_t v, const char *const *names,
                 unsigned from)
{
    for (unsigned i = 0; names[i]; i++) {
        bool on = v >> (from - i) & 1;

        for (const char *p = names[i]; *p; p++)
            say(d, "%c", on && *p >= 'a' ? *p - 32 : *p);
        say(d, names[i + 1] ? " " : "");
    }
}

static double as_double(const struct f80 *r)
{
    uint16_t se = r->se;
    double v = ldexp((double)r->frac, (int)(se & 0x7fff) - 16383 - 63);

    if ((se & 0x7fff) == 0x7fff)
        v = r->frac << 1 ? (double)NAN : (double)INFINITY;
    return se & 0x8000 ? -v : v;
}

static void print_status(struct debugger *d, const struct fpu *f)
{
    static const char *const high[] = {"b", "c3", NULL};
    static const char *const mid[] = {"c2", "c1", "c0", "es", "sf", "pe",
                                      "ue", "oe", "ze", "de", "ie", NULL};
    static const char *const mask[] = {"pm", "um", "om", "zm",
                                       "dm", "im", NULL};
    static const char *const rc[] = {"RC_NEAREST", "RC_DOWN", "RC_UP",
                                     "RC_ZERO"};
    static const char *const pc[] = {"PC_32", "PC_RSVD", "PC_64", "PC_80"};

    say(d, "status  word: 0x%04x: ", f->sw);
    bits(d, f->sw, high, 15);
    say(d, " TOS%u ", f->sw >> 11 & 7);
    bits(d, f->sw, mid, 10);
    say(d, "\ncontrol word: 0x%04x: %s %s %s ", f->cw,
        f->cw & 0x1000 ? "INF" : "inf", rc[f->cw >> 10 & 3],
        pc[f->cw >> 8 & 3]);
    bits(d, f->cw, mask, 5);
    say(d, "\ntag word:     0x%04x\noperand:      0x%04x\n", f->tw, f->fop);
    say(d, "fip:          0x%016" PRIx64 "\nfcs:          0x%04x\n", f->fip,
        f->fcs);
    say(d, "fdp:          0x%016" PRIx64 "\nfds:          0x%04x\n", f->fdp,
        f->fds);
    data_hex(d, "status", f->sw);
    data_hex(d, "control", f->cw);
    data_hex(d, "tag", f->tw);
}

static void print_x87(struct debugger *d)
{
    static const char *const tags[] = {"VALID", "ZERO", "SPECIAL", "EMPTY"};
    const struct fpu *f = &target_cpu(d->t)->fpu;
    unsigned top = f->sw >> 11 & 7;

    print_status(d, f);
    for (unsigned i = 0; i < 8; i++) {
        const struct f80 *r = &f->r[i];
        unsigned tag = f->tw >> 2 * i & 3;
        char name[8];

        say(d,
            "%sFP%u ST%u(%c):        raw 0x%04x:%016" PRIx64 " (%.10f) (%s)\n",
            i == top ? "=>" : "  ", i, (i - top) & 7, tag == 3 ? '3' : '0',
            r->se, r->frac, as_double(r), tags[tag]);
        snprintf(name, sizeof name, "fp%u", i);
        data_hex(d, name, r->frac);
    }
}

static void print_mmx(struct debugger *d)
{
    const struct fpu *f = &target_cpu(d->t)->fpu;

    for (unsigned i = 0; i < 8; i++)
        say(d, "MM[%u]: %08x_%08x\n", i, (unsigned)(f->r[i].frac >> 32),
            (unsigned)f->r[i].frac);
}

static void print_mxcsr(struct debugger *d)
{
    static const char *const rc[] = {"Nearest", "Down", "Up", "Zero"};
    static const char *const masks[] = {"pm", "um", "om", "zm",
                                        "dm", "im", NULL};
    static const char *const low[] = {"daz", "pe", "ue", "oe",
                                      "ze",  "de", "ie", NULL};
    uint32_t v = target_cpu(d->t)->mxcsr;

    say(d, "MXCSR: 0x%05x: %s %s RC:%s ", v, v & 0x20000 ? "ULE" : "ule",
        v & 0x8000 ? "FUZ" : "fuz", rc[v >> 13 & 3]);
    bits(d, v, masks, 12);
    say(d, " ");
    bits(d, v, low, 6);
    say(d, "\n");
    data_hex(d, "mxcsr", v);
}

static void print_vectors(struct debugger *d, const char *name, unsigned words)
{
    const struct cpu *c = target_cpu(d->t);
    unsigned count = words == 16 ? 32 : 16;

    print_mxcsr(d);
    for (unsigned i = 0; i < count; i++) {
        char text[160], key[16];
        int n = 0;

        for (unsigned k = words; k-- > 0;)
            n += snprintf(text + n, sizeof text - (size_t)n, "%08x%s",
                          vec_u32(&c->vec[i], k), k ? "_" : "");
        say(d, "%s[%02u]: %s\n", name, i, text);
        snprintf(key, sizeof key, "%s%u", name, i);
        data_text(d, key, text);
    }
}

static bool has(struct debugger *d, enum cpu_feature f, const char *what)
{
    if (cpu_has(target_cpu(d->t), f))
        return true;
    say(d, "The CPU doesn't support %s state !\n", what);
    return false;
}

void cmd_fp(struct debugger *d)
{
    if (arg_end(d))
        print_x87(d);
}

void cmd_mmx(struct debugger *d)
{
    if (arg_end(d) && has(d, FEAT_MMX, "MMX"))
        print_mmx(d);
}

void cmd_sse(struct debugger *d)
{
    if (arg_end(d) && has(d, FEAT_SSE, "SSE"))
        print_vectors(d, "XMM", 4);
}

void cmd_ymm(struct debugger *d)
{
    if (arg_end(d) && has(d, FEAT_AVX, "AVX"))
        print_vectors(d, "VMM", 8);
}

void cmd_zmm(struct debugger *d)
{
    if (arg_end(d) && has(d, FEAT_AVX512, "AVX-512"))
        print_vectors(d, "ZMM", 16);
}

/* amx, tile N */
void cmd_amx(struct debugger *d)
{
    uint64_t n;

    if (arg_expr_or(d, &n, 0) && arg_end(d))
        has(d, FEAT_AMX, "AMX");
}
