/*
 * opl3_synth.c - the arithmetic of the YMF262: from registers to samples.
 *
 * Datasheet: Yamaha YMF262 (LSI-4MF2622), application manual of the YM3812
 * for the formulas of levels, rates and low-frequency oscillators; the
 * contents of the ROMs are known from photographs of the chips.
 * An operator is exp(log_sin(phase) + attenuation): no multiplications, which
 * is why levels are logarithms, and negative samples ones' complements.
 */
#include "iodev/sound/opl3_synth.h"

#include <math.h>

enum {
    BANK_OPS = 18,
    BANK_CHANNELS = 9,
    /* Registers, by operator or by channel, in either bank. */
    R_FLAGS = 0x20,   /* AM VIB EGT KSR MULT */
    R_LEVEL = 0x40,   /* KSL TL */
    R_ATTACK = 0x60,  /* AR DR */
    R_SUSTAIN = 0x80, /* SL RR */
    R_FNUM = 0xa0,
    R_KEY = 0xb0,     /* KON BLOCK FNUM */
    R_CONNECT = 0xc0, /* CHB CHA FB CNT */
    R_WAVE = 0xe0,
    /* Single ones. */
    R_NOTE_SELECT = 0x08,
    R_RHYTHM = 0xbd,
    R_FOUR_OP = 0x104,
    R_NEW = 0x105,
    RHYTHM_ON = 0x20,
    DEEP_TREMOLO = 0x80,
    DEEP_VIBRATO = 0x40,
    KEY_ON = 0x20
};

/* Operators of the rhythm instruments; the bass drum has two. */
enum {
    OP_BD = 12,
    OP_HH = 13,
    OP_TOM = 14,
    OP_BD2 = 15,
    OP_SD = 16,
    OP_TC = 17
};

void opl3_make_tables(struct opl3_tables *t)
{
    const double pi = 3.14159265358979323846;

    for (unsigned n = 0; n < 256; n++) {
        double s = sin((n + 0.5) * pi / 512);

        t->log_sin[n] = (uint16_t)lrint(-log2(s) * 256);
        t->exp[n] = (uint16_t)lrint((exp2(n / 256.0) - 1) * 1024);
    }
}

/* ---- who is who ---- */

/* Offset of an operator's registers from the first of their kind. */
static unsigned op_reg(unsigned op)
{
    unsigned n = op % BANK_OPS;

    return (op / BANK_OPS) * 0x100 + n / 6 * 8 + n % 6;
}

static unsigned channel_reg(unsigned channel)
{
    return channel / BANK_CHANNELS * 0x100 + channel % BANK_CHANNELS;
}

/* First operator of a channel; the second is 3 further. */
static unsigned channel_op(unsigned channel)
{
    unsigned n = channel % BANK_CHANNELS;

    return channel / BANK_CHANNELS * BANK_OPS + n / 3 * 6 + n % 3;
}

static unsigned op_channel(unsigned op)
{
    unsigned n = op % BANK_OPS;

    return op / BANK_OPS * BANK_CHANNELS + n / 6 * 3 + n % 3;
}

static bool is_new(const struct opl3_state *s)
{
    return s->regs[R_NEW] & 1;
}

/* The channel at whose head stands a voice of four operators, of which this
 * channel is a half; the channel itself when it stands alone. */
static unsigned head_channel(const struct opl3_state *s, unsigned channel)
{
    unsigned n = channel % BANK_CHANNELS, bank = channel / BANK_CHANNELS;

    if (n >= 6 || !is_new(s) || !(s->regs[R_FOUR_OP] >> (bank * 3 + n % 3) & 1))
        return channel;
    return bank * BANK_CHANNELS + n % 3;
}

/* ---- registers ---- */

static unsigned fnum_of(const struct opl3_state *s, unsigned channel)
{
    unsigned r = channel_reg(channel);

    return s->regs[R_FNUM + r] | (s->regs[R_KEY + r] & 3u) << 8;
}

/* Key scaling of level: so much per octave, from a ROM for the part of the
 * octave; 6 dB an octave before KSL makes less of it. */
static unsigned key_scale(unsigned fnum, unsigned block, unsigned ksl)
{
    static const uint8_t rom[16] = {0,  32, 40, 45, 48, 51, 53, 55,
                                    56, 58, 59, 60, 61, 62, 63, 64};
    static const uint8_t shift[4] = {31, 1, 2, 0};
    int v = (rom[fnum >> 6] << 2) - (int)(8 - block) * 32;

    return v > 0 ? (unsigned)v >> shift[ksl] : 0;
}

/* RATE = 4 * register + Rof. */
static uint8_t rate_of(unsigned reg, unsigned offset)
{
    unsigned rate = 4 * reg + offset;

    return (uint8_t)(reg == 0 ? 0 : rate > 63 ? 63 : rate);
}

static void prepare_voice(const struct opl3_state *s, unsigned op,
                          struct opl3_voice *v)
{
    static const uint8_t multiples[16] = {1,  2,  4,  6,  8,  10, 12, 14,
                                          16, 18, 20, 20, 24, 24, 30, 30};
    unsigned r = op_reg(op), channel = head_channel(s, op_channel(op));
    uint8_t flags = s->regs[R_FLAGS + r], level = s->regs[R_LEVEL + r];
    uint8_t ad = s->regs[R_ATTACK + r], sr = s->regs[R_SUSTAIN + r];
    unsigned fnum = fnum_of(s, channel), select, offset;

    select = s->regs[R_NOTE_SELECT] & 0x40 ? fnum >> 8 & 1 : fnum >> 9;
    v->fnum = (uint16_t)fnum;
    v->block = s->regs[R_KEY + channel_reg(channel)] >> 2 & 7;
    v->multiple = multiples[flags & 15];
    v->wave = s->regs[R_WAVE + r] & (is_new(s) ? 7 : 3);
    v->tremolo = flags & 0x80;
    v->vibrato = flags & 0x40;
    v->level =
        (uint16_t)((level & 63) * 4 + key_scale(fnum, v->block, level >> 6));
    v->sustain = (uint16_t)((sr >> 4 == 15 ? 31 : sr >> 4) * 16);
    offset = (v->block * 2u + select) >> (flags & 0x10 ? 0 : 2);
    v->rate[OPL3_ATTACK] = rate_of(ad >> 4, offset);
    v->rate[OPL3_DECAY] = rate_of(ad & 15, offset);
    v->rate[OPL3_RELEASE] = rate_of(sr & 15, offset);
    v->rate[OPL3_SUSTAIN] = flags & 0x20 ? 0 : v->rate[OPL3_RELEASE];
}

void opl3_prepare(const struct opl3_state *s, struct opl3_voice *voices)
{
    for (unsigned op = 0; op < OPL3_OPERATORS; op++)
        prepare_voice(s, op, &voices[op]);
}

static bool rhythm_key(const struct opl3_state *s, unsigned op)
{
    static const uint8_t bit[6] = {0x10, 0x01, 0x04, 0x10, 0x08, 0x02};
    uint8_t r = s->regs[R_RHYTHM];

    return (r & RHYTHM_ON) && op >= OP_BD && op <= OP_TC &&
           (r & bit[op - OP_BD]);
}

void opl3_update_keys(struct opl3_state *s)
{
    for (unsigned n = 0; n < OPL3_OPERATORS; n++) {
        struct opl3_operator *op = &s->op[n];
        unsigned channel = head_channel(s, op_channel(n));
        bool key = (s->regs[R_KEY + channel_reg(channel)] & KEY_ON) ||
                   rhythm_key(s, n);

        if (key && !op->key) {
            op->stage = OPL3_ATTACK;
            op->phase = 0;
        } else if (!key && op->key) {
            op->stage = OPL3_RELEASE;
        }
        op->key = key;
    }
}

/* ---- envelopes ---- */

/*
 * Steps that an envelope takes at a sample. RATE / 4 chooses how often there
 * is one (each unit doubles it), RATE % 4 how many of eight are (4 to 7).
 */
static unsigned env_steps(unsigned rate, uint64_t sample)
{
    static const uint8_t slow[4] = {0xaa, 0xba, 0xee, 0xfe};
    static const uint8_t fast[4] = {0x00, 0x88, 0xaa, 0xee};
    unsigned octave = rate >> 2, shift;

    if (rate < 4)
        return 0;
    if (octave == 15)
        return 4;
    if (octave >= 13)
        return (1u + (fast[rate & 3] >> (sample & 7) & 1)) << (octave - 13);
    shift = 12 - octave;
    if (sample & ((1u << shift) - 1))
        return 0;
    return slow[rate & 3] >> (sample >> shift & 7) & 1;
}

/* The attack approaches full level by an eighth of what is left. */
static void attack(struct opl3_operator *op, unsigned rate, unsigned steps)
{
    int env = op->env;

    if (rate >= 60)
        env = 0;
    else
        env -= ((env + 1) * (int)steps + 7) / 8;
    op->env = (uint16_t)(env > 0 ? env : 0);
    if (op->env == 0)
        op->stage = OPL3_DECAY;
}

static void advance_envelope(struct opl3_operator *op,
                             const struct opl3_voice *v, uint64_t sample)
{
    unsigned rate = v->rate[op->stage];
    unsigned steps = env_steps(rate, sample);

    if (op->stage == OPL3_ATTACK) {
        if (steps)
            attack(op, rate, steps);
        return;
    }
    if (op->stage == OPL3_DECAY && op->env >= v->sustain) {
        op->stage = OPL3_SUSTAIN;
        return;
    }
    steps += op->env;
    op->env = (uint16_t)(steps < OPL3_ENV_OFF ? steps : OPL3_ENV_OFF);
}

static bool is_off(const struct opl3_operator *op, const struct opl3_voice *v)
{
    return op->env == OPL3_ENV_OFF &&
           (op->stage != OPL3_ATTACK || v->rate[OPL3_ATTACK] < 4);
}

bool opl3_silent(const struct opl3_state *s, const struct opl3_voice *voices)
{
    for (unsigned n = 0; n < OPL3_OPERATORS; n++)
        if (!is_off(&s->op[n], &voices[n]) || s->op[n].out[0] ||
            s->op[n].out[1])
            return false;
    return true;
}

/* 3.7 Hz, 1 or 4.8 dB: a triangle of 210 steps, 64 samples each. */
static unsigned tremolo(const struct opl3_state *s)
{
    unsigned at = (unsigned)(s->sample / 64 % 210);
    unsigned v = at < 105 ? at : 210 - at;

    return v >> (s->regs[R_RHYTHM] & DEEP_TREMOLO ? 2 : 4);
}

/* 6.1 Hz, 7 or 14 cents: eight steps of 1024 samples. */
static int vibrato(const struct opl3_state *s, unsigned fnum)
{
    unsigned at = (unsigned)(s->sample / 1024 % 8);
    int range = (int)(fnum >> 7);

    if ((at & 3) == 0)
        return 0;
    if (at & 1)
        range >>= 1;
    if (!(s->regs[R_RHYTHM] & DEEP_VIBRATO))
        range >>= 1;
    return at & 4 ? -range : range;
}

static void advance_phase(const struct opl3_state *s, struct opl3_operator *op,
                          const struct opl3_voice *v)
{
    unsigned fnum = v->fnum;

    if (v->vibrato)
        fnum = (unsigned)((int)fnum + vibrato(s, fnum));
    op->phase += (fnum << v->block >> 1) * v->multiple >> 1;
    op->phase &= 0x7ffff;
}

/* ---- operators ---- */

/* Attenuation of the waveform at a phase (10 bits), and its sign. */
static unsigned waveform(const struct opl3_tables *t, unsigned wave,
                         unsigned phase, bool *negative)
{
    const unsigned silence = 0x1000;
    bool second = phase & 0x200;

    *negative = false;
    switch (wave) {
    case 0: /* sine */
        *negative = second;
        break;
    case 1: /* its positive half */
        if (second)
            return silence;
        break;
    case 2: /* its absolute value */
        break;
    case 3: /* the rising quarters of that */
        if (phase & 0x100)
            return silence;
        break;
    case 4: /* a sine in the first half */
    case 5: /* its absolute value */
        if (second)
            return silence;
        *negative = wave == 4 && (phase & 0x100);
        phase <<= 1;
        break;
    case 6: /* a square */
        *negative = second;
        return 0;
    default: /* an exponential that falls to either side */
        *negative = second;
        return (second ? ~phase & 0x1ff : phase & 0x1ff) << 3;
    }
    return t->log_sin[phase & 0x100 ? ~phase & 0xff : phase & 0xff];
}

static int sample_at(const struct opl3_tables *t, unsigned wave, unsigned phase,
                     unsigned attenuation)
{
    bool negative;
    unsigned log = waveform(t, wave, phase & 0x3ff, &negative);
    int v;

    if (attenuation > OPL3_ENV_OFF)
        attenuation = OPL3_ENV_OFF;
    log += attenuation << 3;
    v = (t->exp[~log & 0xff] + 1024) * 2 >> (log >> 8);
    return negative ? ~v : v;
}

struct run {
    struct opl3_state *s;
    const struct opl3_tables *t;
    const struct opl3_voice *v;
    unsigned tremolo;
    bool rhythm;
};

/* The operator's sample at a phase of its own or another's making. */
static int operate_at(const struct run *r, unsigned n, unsigned phase)
{
    struct opl3_operator *op = &r->s->op[n];
    const struct opl3_voice *v = &r->v[n];
    int out = 0;

    if (!is_off(op, v))
        out = sample_at(r->t, v->wave, phase,
                        op->env + v->level + (v->tremolo ? r->tremolo : 0));
    else if (!r->rhythm && !op->out[0] && !op->out[1])
        return 0;
    op->out[1] = op->out[0];
    op->out[0] = out;
    advance_envelope(op, v, r->s->sample);
    advance_phase(r->s, op, v);
    return out;
}

static int operate(const struct run *r, unsigned n, int modulation)
{
    return operate_at(r, n, (r->s->op[n].phase >> 9) + (unsigned)modulation);
}

/* The first operator of a channel, which modulates itself. */
static int operate_first(const struct run *r, unsigned channel)
{
    unsigned n = channel_op(channel);
    unsigned fb = r->s->regs[R_CONNECT + channel_reg(channel)] >> 1 & 7;
    const struct opl3_operator *op = &r->s->op[n];

    return operate(r, n, fb ? (op->out[0] + op->out[1]) >> (9 - fb) : 0);
}

static bool additive(const struct run *r, unsigned channel)
{
    return r->s->regs[R_CONNECT + channel_reg(channel)] & 1;
}

static int two_operators(const struct run *r, unsigned channel)
{
    unsigned n = channel_op(channel);
    int first = operate_first(r, channel);

    if (additive(r, channel))
        return first + operate(r, n + 3, 0);
    return operate(r, n + 3, first);
}

/* CNT of both halves chooses among four ways to connect. */
static int four_operators(const struct run *r, unsigned channel)
{
    unsigned n = channel_op(channel), m = channel_op(channel + 3);
    bool a = additive(r, channel), b = additive(r, channel + 3);
    int first = operate_first(r, channel), second, third, fourth;

    second = operate(r, n + 3, a ? 0 : first);
    third = operate(r, m, !a && b ? 0 : second);
    fourth = operate(r, m + 3, a && b ? 0 : third);
    if (!a)
        return b ? second + fourth : fourth;
    return b ? first + third + fourth : first + fourth;
}

static void add(const struct run *r, unsigned channel, int v, int out[2])
{
    uint8_t where = r->s->regs[R_CONNECT + channel_reg(channel)];

    if (!is_new(r->s) || (where & 0x10))
        out[0] += v;
    if (!is_new(r->s) || (where & 0x20))
        out[1] += v;
}

/* Channels 6 to 8 as five instruments, each twice as loud. Hi-hat, snare drum
 * and cymbal share bits of two phases, and noise. */
static void rhythm(const struct run *r, int out[2])
{
    const struct opl3_operator *op = r->s->op;
    unsigned hh = op[OP_HH].phase >> 9, tc = op[OP_TC].phase >> 9;
    unsigned noise = r->s->noise & 1;
    unsigned mix =
        ((hh >> 2 ^ hh >> 7) | (hh >> 3 ^ tc >> 5) | (tc >> 3 ^ tc >> 5)) & 1;
    unsigned hh8 = hh >> 8 & 1;
    int v = operate_first(r, 6);

    v = operate(r, OP_BD2, additive(r, 6) ? 0 : v);
    add(r, 6, 2 * v, out);
    v = operate_at(r, OP_HH, mix << 9 | (mix ^ noise ? 0xd0 : 0x34));
    v += operate_at(r, OP_SD, hh8 << 9 | (hh8 ^ noise) << 8);
    add(r, 7, 2 * v, out);
    v = operate(r, OP_TOM, 0);
    v += operate_at(r, OP_TC, mix << 9 | 0x80);
    add(r, 8, 2 * v, out);
}

static int limit(int v)
{
    return v > 32767 ? 32767 : v < -32768 ? -32768 : v;
}

void opl3_sample(struct opl3_state *s, const struct opl3_tables *t,
                 const struct opl3_voice *voices, int out[2])
{
    struct run r = {s, t, voices, tremolo(s),
                    (s->regs[R_RHYTHM] & RHYTHM_ON) != 0};
    unsigned bit = (s->noise ^ s->noise >> 14) & 1;

    out[0] = out[1] = 0;
    for (unsigned c = 0; c < OPL3_CHANNELS; c++) {
        unsigned n = c % BANK_CHANNELS;

        if (head_channel(s, c) != c)
            continue; /* went with its head */
        if (r.rhythm && c >= 6 && c <= 8) {
            if (c == 6)
                rhythm(&r, out);
        } else if (n < 3 && head_channel(s, c + 3) == c) {
            add(&r, c + 3, four_operators(&r, c), out);
        } else {
            add(&r, c, two_operators(&r, c), out);
        }
    }
    out[0] = limit(out[0]);
    out[1] = limit(out[1]);
    s->noise = s->noise >> 1 | bit << 22;
    s->sample++;
}
