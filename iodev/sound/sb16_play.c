/*
 * sb16_play.c - the transfers of the Sound Blaster 16, in guest time.
 *
 * About a millisecond of samples is fetched at once; a timer ends it, tells
 * the host of them with the time of each, fetches the next, and at the end of
 * the block interrupts. A command in between tells what was due before it.
 * Without data time stands still until the DMA controller gives some. Nothing
 * is ever recorded: the guest reads silence.
 */
#include "core/host.h"
#include "iodev/sound/sb16_state.h"

#define SECOND_NS UINT64_C(1000000000)

/* ---- time ---- */

static unsigned channels(const struct sb16 *p)
{
    return p->s.stereo ? 2 : 1;
}

/* When unit n since start_ns is due, and the sample of it. */
static uint64_t due(const struct sb16 *p, uint64_t n, unsigned sample)
{
    unsigned per_unit = adpcm_samples(p->s.adpcm);

    return p->s.start_ns + mul_div_u64(n * per_unit + sample, SECOND_NS,
                                       (uint64_t)p->s.rate * channels(p));
}

static void anchor(struct sb16 *p)
{
    p->s.start_ns = clock_ns(p->dev.sv->clock);
    p->s.played = 0;
}

static unsigned unit_bytes(const struct sb16 *p)
{
    return p->s.wide ? 2 : 1;
}

/* Units of the next millisecond, whole pairs in stereo. */
static uint32_t next_chunk(const struct sb16 *p)
{
    uint32_t n = p->s.rate / 1000 / adpcm_samples(p->s.adpcm);

    n = (n ? n : 1) * channels(p);
    return n < p->s.left && !p->s.silence ? n : p->s.left;
}

/* ---- samples ---- */

static void tell(const struct sb16 *p, uint64_t ns, int left, int right)
{
    const struct host *h = p->dev.sv->host;

    if (h && h->sound)
        h->sound(h->opaque, SOUND_WAVE, ns, left, right);
}

static int level_of(const struct sb16 *p, const uint8_t *b)
{
    if (p->s.wide)
        return p->s.is_signed ? (int16_t)ld_le16(b) : ld_le16(b) - 32768;
    return (p->s.is_signed ? (int8_t)*b : *b - 128) * 256;
}

static void play_compressed(struct sb16 *p, uint64_t unit, uint8_t byte)
{
    struct adpcm a = {p->s.adpcm_level, p->s.adpcm_step};
    uint8_t out[4];
    unsigned n;

    if (p->s.reference) {
        p->s.reference = false;
        p->s.adpcm_level = byte;
        p->s.adpcm_step = 0;
        return;
    }
    n = adpcm_decode(&a, p->s.adpcm, byte, out);
    for (unsigned k = 0; k < n; k++) {
        int level = (out[k] - 128) * 256;

        tell(p, due(p, unit, k), level, level);
    }
    p->s.adpcm_level = a.level;
    p->s.adpcm_step = a.step;
}

static void play_unit(struct sb16 *p, uint64_t unit, const uint8_t *b)
{
    int level;

    if (p->s.adpcm) {
        play_compressed(p, unit, *b);
        return;
    }
    level = level_of(p, b);
    if (!p->s.stereo)
        tell(p, due(p, unit, 0), level, level);
    else if (p->s.right_next)
        tell(p, due(p, unit, 0), p->s.left_level, level);
    else
        p->s.left_level = level;
    p->s.right_next = p->s.stereo && !p->s.right_next;
}

void sb16_direct(struct sb16 *p, uint8_t v)
{
    int level = (v - 128) * 256;

    tell(p, clock_ns(p->dev.sv->clock), level, level);
}

/* ---- DMA ---- */

static void drive(struct sb16 *p, bool level, bool wide)
{
    unsigned channel = level ? sb16_dma_channel(p, wide) : 8;

    for (unsigned n = 0; n < 8; n++)
        if (n != channel)
            line_set(&p->dreq[n], false);
    if (channel < 8)
        line_set(&p->dreq[channel], true);
}

static bool fetching(const struct sb16 *p)
{
    return p->s.active && !p->s.paused && p->s.fifo_have < p->s.fifo_want;
}

static void arm(struct sb16 *p)
{
    timer_arm_ns(&p->play, due(p, p->s.played + p->s.chunk, 0));
}

static void request(struct sb16 *p)
{
    p->s.chunk = next_chunk(p);
    p->s.fifo_have = p->s.fifo_want = 0;
    p->s.late = false;
    if (p->s.silence) {
        drive(p, false, false);
        tell(p, clock_ns(p->dev.sv->clock), 0, 0);
        arm(p);
        return;
    }
    p->s.fifo_want = (uint16_t)(p->s.chunk * unit_bytes(p));
    drive(p, true, p->s.wide);
    p->s.late = fetching(p);
}

/* The chunk is here: it is played from when it was due, or from now. */
static void complete(struct sb16 *p)
{
    drive(p, false, false);
    if (p->s.late)
        anchor(p);
    p->s.late = false;
    arm(p);
}

/* Plays what is due by ns of the chunk in hand, and puts it behind us. */
static void play_until(struct sb16 *p, uint64_t ns)
{
    unsigned bytes = unit_bytes(p);
    uint32_t n = 0;

    for (; n < p->s.chunk && due(p, p->s.played + n, 0) <= ns; n++)
        if (!p->s.silence && !p->s.record)
            play_unit(p, p->s.played + n, p->s.fifo + n * bytes);
    p->s.played += n;
    p->s.chunk -= n;
    p->s.left -= n < p->s.left ? n : p->s.left;
    if (p->s.silence)
        return;
    memmove(p->s.fifo, p->s.fifo + n * bytes, p->s.chunk * bytes);
    p->s.fifo_have = p->s.fifo_want = (uint16_t)(p->s.chunk * bytes);
}

void sb16_play_due(struct sb16 *p)
{
    if (p->s.active && timer_armed(&p->play))
        play_until(p, clock_ns(p->dev.sv->clock));
}

void sb16_set_rate(struct sb16 *p, uint32_t rate)
{
    p->s.rate = rate;
    if (!p->s.active || !timer_armed(&p->play))
        return;
    anchor(p);
    arm(p);
}

static size_t taken(struct sb16 *p, size_t n)
{
    p->s.fifo_have = (uint16_t)(p->s.fifo_have + n);
    if (p->s.fifo_have == p->s.fifo_want)
        complete(p);
    return n;
}

static size_t wanted(const struct sb16 *p, size_t n)
{
    size_t left = p->s.fifo_want - p->s.fifo_have;

    return n < left ? n : left;
}

/* Memory to card. */
size_t sb16_dma_write(void *opaque, const uint8_t *from, size_t n)
{
    struct sb16_channel *c = opaque;
    struct sb16 *p = c->card;

    if (!fetching(p) || p->s.record || c->n != sb16_dma_channel(p, p->s.wide))
        return 0;
    n = wanted(p, n);
    memcpy(p->s.fifo + p->s.fifo_have, from, n);
    return taken(p, n);
}

/* Card to memory: the answer of E2h, else silence. */
size_t sb16_dma_read(void *opaque, uint8_t *to, size_t n)
{
    struct sb16_channel *c = opaque;
    struct sb16 *p = c->card;

    if (p->s.id_pending && c->n == sb16_dma_channel(p, false)) {
        *to = p->s.id_add;
        p->s.id_pending = false;
        drive(p, fetching(p), p->s.wide);
        return 1;
    }
    if (!fetching(p) || !p->s.record || c->n != sb16_dma_channel(p, p->s.wide))
        return 0;
    n = wanted(p, n);
    for (size_t k = 0; k < n; k++) {
        bool high = !p->s.wide || ((p->s.fifo_have + k) & 1);

        to[k] = high && !p->s.is_signed ? 0x80 : 0;
    }
    return taken(p, n);
}

void sb16_send_id(struct sb16 *p)
{
    p->s.id_pending = true;
    drive(p, true, false);
}

/* ---- transfers ---- */

void sb16_start(struct sb16 *p, uint32_t block)
{
    timer_cancel(&p->play);
    p->s.active = true;
    p->s.paused = p->s.last = p->s.late = p->s.right_next = false;
    p->s.block = p->s.left = block;
    anchor(p);
    request(p);
}

void sb16_stop(struct sb16 *p)
{
    p->s.active = p->s.paused = p->s.id_pending = false;
    p->s.fifo_have = p->s.fifo_want = 0;
    timer_cancel(&p->play);
    drive(p, false, false);
}

/* What was fetched and not yet played is kept. */
void sb16_pause(struct sb16 *p, bool wide, bool on)
{
    if (!p->s.active || p->s.wide != wide || p->s.paused == on)
        return;
    p->s.paused = on;
    if (on) {
        timer_cancel(&p->play);
        drive(p, false, false);
    } else if (fetching(p)) {
        p->s.late = true;
        drive(p, true, wide);
    } else {
        anchor(p);
        arm(p);
    }
}

/* The end of a chunk. */
void sb16_play_fire(void *opaque)
{
    struct sb16 *p = opaque;

    play_until(p, UINT64_MAX);
    if (p->s.left == 0) {
        p->s.active = p->s.auto_init && !p->s.last;
        p->s.left = p->s.active ? p->s.block : 0;
        sb16_raise(p, p->s.wide ? SB16_IRQ_16 : SB16_IRQ_8);
    }
    if (p->s.active)
        request(p);
}
