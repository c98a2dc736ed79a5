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

static unsigned channels(const struct sb16_transfer *x)
{
    return x->stereo ? 2 : 1;
}

/* When unit n since start_ns is due, and the sample of it. */
static uint64_t due(const struct sb16 *p, const struct sb16_transfer *x,
                    uint64_t n, unsigned sample)
{
    unsigned per_unit = adpcm_samples(x->adpcm);

    return x->start_ns + mul_div_u64(n * per_unit + sample, SECOND_NS,
                                     (uint64_t)p->s.rate * channels(x));
}

static void anchor(const struct sb16 *p, struct sb16_transfer *x)
{
    x->start_ns = clock_ns(p->dev.sv->clock);
    x->played = 0;
}

static unsigned unit_bytes(unsigned wide)
{
    return wide ? 2 : 1;
}

/* Units of the next millisecond, whole pairs in stereo. */
static uint32_t next_chunk(const struct sb16 *p, const struct sb16_transfer *x)
{
    uint32_t n = p->s.rate / 1000 / adpcm_samples(x->adpcm);

    n = (n ? n : 1) * channels(x);
    return n < x->left && !x->silence ? n : x->left;
}

static void arm(struct sb16 *p, unsigned wide)
{
    const struct sb16_transfer *x = &p->s.transfer[wide];

    timer_arm_ns(&p->player[wide].timer, due(p, x, x->played + x->chunk, 0));
}

/* ---- samples ---- */

static void tell(const struct sb16 *p, uint64_t ns, int left, int right)
{
    const struct host *h = p->dev.sv->host;

    if (h && h->sound)
        h->sound(h->opaque, SOUND_WAVE, ns, left, right);
}

void sb16_tell_band(const struct sb16 *p, unsigned rate)
{
    const struct host *h = p->dev.sv->host;

    if (h && h->sound_band)
        h->sound_band(h->opaque, SOUND_WAVE, rate);
}

static void play_compressed(const struct sb16 *p, struct sb16_transfer *x,
                            uint64_t unit, uint8_t byte)
{
    struct adpcm a = {x->adpcm_level, x->adpcm_step};
    uint8_t out[4];
    unsigned n;

    if (x->reference) {
        x->reference = false;
        x->adpcm_level = byte;
        x->adpcm_step = 0;
        return;
    }
    n = adpcm_decode(&a, x->adpcm, byte, out);
    for (unsigned k = 0; k < n; k++) {
        int level = (out[k] - 128) * 256;

        tell(p, due(p, x, unit, k), level, level);
    }
    x->adpcm_level = a.level;
    x->adpcm_step = a.step;
}

static void play_level(const struct sb16 *p, struct sb16_transfer *x,
                       uint64_t unit, int level)
{
    if (!x->stereo)
        tell(p, due(p, x, unit, 0), level, level);
    else if (x->right_next)
        tell(p, due(p, x, unit, 0), x->left_level, level);
    else
        x->left_level = level;
    x->right_next = x->stereo && !x->right_next;
}

static void play_unit(const struct sb16 *p, unsigned wide,
                      struct sb16_transfer *x, uint32_t n)
{
    const uint8_t *b = x->fifo + n * unit_bytes(wide);
    uint64_t unit = x->played + n;

    if (x->adpcm)
        play_compressed(p, x, unit, *b);
    else if (wide)
        play_level(p, x, unit,
                   x->is_signed ? (int16_t)ld_le16(b) : ld_le16(b) - 32768);
    else
        play_level(p, x, unit, (x->is_signed ? (int8_t)*b : *b - 128) * 256);
}

void sb16_direct(struct sb16 *p, uint8_t v)
{
    int level = (v - 128) * 256;

    sb16_tell_band(p, 0);
    tell(p, clock_ns(p->dev.sv->clock), level, level);
}

/* Plays what is due by ns of the chunk in hand, and puts it behind us. */
static void play_until(struct sb16 *p, unsigned wide, uint64_t ns)
{
    struct sb16_transfer *x = &p->s.transfer[wide];
    unsigned bytes = unit_bytes(wide);
    uint32_t n = 0;

    for (; n < x->chunk && due(p, x, x->played + n, 0) <= ns; n++)
        if (!x->silence && !x->record)
            play_unit(p, wide, x, n);
    x->played += n;
    x->chunk -= n;
    x->left -= n < x->left ? n : x->left;
    if (x->silence)
        return;
    memmove(x->fifo, x->fifo + n * bytes, x->chunk * bytes);
    x->fifo_have = x->fifo_want = (uint16_t)(x->chunk * bytes);
}

void sb16_play_due(struct sb16 *p)
{
    for (unsigned wide = 0; wide < 2; wide++)
        if (p->s.transfer[wide].active && timer_armed(&p->player[wide].timer))
            play_until(p, wide, clock_ns(p->dev.sv->clock));
}

/* ---- DMA ---- */

static bool fetching(const struct sb16_transfer *x)
{
    return x->active && !x->paused && x->fifo_have < x->fifo_want;
}

/* The transfer that wants channel n: 2 for none. */
static unsigned wanted_by(const struct sb16 *p, unsigned n)
{
    unsigned wide = 0;

    while (wide < 2 &&
           !(fetching(&p->s.transfer[wide]) && n == sb16_dma_channel(p, wide)))
        wide++;
    return wide;
}

static bool id_wanted(const struct sb16 *p, unsigned n)
{
    return p->s.id_pending && n == sb16_dma_channel(p, 0);
}

void sb16_update_dreq(struct sb16 *p)
{
    /* Data may flow within line_set, so that each pin is looked at anew. */
    for (unsigned n = 0; n < 8; n++)
        line_set(&p->dreq[n], id_wanted(p, n) || wanted_by(p, n) < 2);
}

static void request(struct sb16 *p, unsigned wide)
{
    struct sb16_transfer *x = &p->s.transfer[wide];

    x->chunk = next_chunk(p, x);
    x->fifo_have = x->fifo_want = 0;
    x->late = false;
    if (x->silence) {
        tell(p, clock_ns(p->dev.sv->clock), 0, 0);
        arm(p, wide);
        return;
    }
    x->fifo_want = (uint16_t)(x->chunk * unit_bytes(wide));
    sb16_update_dreq(p);
    x->late = fetching(x);
}

/* n bytes went; the chunk, once it is here, is played from when it was due,
 * or if that is over, from now. */
static void taken(struct sb16 *p, unsigned wide, size_t n)
{
    struct sb16_transfer *x = &p->s.transfer[wide];

    x->fifo_have = (uint16_t)(x->fifo_have + n);
    if (x->fifo_have < x->fifo_want)
        return;
    sb16_update_dreq(p);
    if (x->late)
        anchor(p, x);
    x->late = false;
    arm(p, wide);
}

static size_t wanted(const struct sb16_transfer *x, size_t n)
{
    size_t left = x->fifo_want - x->fifo_have;

    return n < left ? n : left;
}

/* Memory to card. */
size_t sb16_dma_write(void *opaque, const uint8_t *from, size_t n)
{
    struct sb16_channel *c = opaque;
    unsigned wide = wanted_by(c->card, c->n);
    struct sb16_transfer *x = &c->card->s.transfer[wide & 1];

    if (wide == 2 || x->record)
        return 0;
    n = wanted(x, n);
    memcpy(x->fifo + x->fifo_have, from, n);
    taken(c->card, wide, n);
    return n;
}

/* Card to memory: the answer of E2h, else silence. */
size_t sb16_dma_read(void *opaque, uint8_t *to, size_t n)
{
    struct sb16_channel *c = opaque;
    struct sb16 *p = c->card;
    unsigned wide = wanted_by(p, c->n);
    struct sb16_transfer *x = &p->s.transfer[wide & 1];

    if (id_wanted(p, c->n)) {
        *to = p->s.id_add;
        p->s.id_pending = false;
        sb16_update_dreq(p);
        return 1;
    }
    if (wide == 2 || !x->record)
        return 0;
    n = wanted(x, n);
    for (size_t k = 0; k < n; k++) {
        bool high = !wide || ((x->fifo_have + k) & 1);

        to[k] = high && !x->is_signed ? 0x80 : 0;
    }
    taken(p, wide, n);
    return n;
}

/* ---- transfers ---- */

void sb16_start(struct sb16 *p, unsigned wide, uint32_t block)
{
    struct sb16_transfer *x = &p->s.transfer[wide];

    timer_cancel(&p->player[wide].timer);
    sb16_tell_band(p, p->s.rate);
    x->active = true;
    x->block = x->left = block;
    anchor(p, x);
    request(p, wide);
}

void sb16_stop(struct sb16 *p, unsigned wide)
{
    struct sb16_transfer *x = &p->s.transfer[wide];

    *x = (struct sb16_transfer){.adpcm_level = 128};
    timer_cancel(&p->player[wide].timer);
    sb16_update_dreq(p);
}

void sb16_set_rate(struct sb16 *p, uint32_t rate)
{
    p->s.rate = rate;
    sb16_tell_band(p, rate);
    for (unsigned wide = 0; wide < 2; wide++)
        if (p->s.transfer[wide].active && timer_armed(&p->player[wide].timer)) {
            anchor(p, &p->s.transfer[wide]);
            arm(p, wide);
        }
}

/* What was fetched and not yet played is kept. */
void sb16_pause(struct sb16 *p, unsigned wide, bool on)
{
    struct sb16_transfer *x = &p->s.transfer[wide];

    if (!x->active || x->paused == on)
        return;
    x->paused = on;
    if (on) {
        timer_cancel(&p->player[wide].timer);
        sb16_update_dreq(p);
    } else if (fetching(x)) {
        x->late = true;
        sb16_update_dreq(p);
    } else {
        anchor(p, x);
        arm(p, wide);
    }
}

/* The end of a chunk. */
void sb16_play_fire(void *opaque)
{
    struct sb16_player *player = opaque;
    struct sb16 *p = player->card;
    struct sb16_transfer *x = &p->s.transfer[player->wide];

    play_until(p, player->wide, UINT64_MAX);
    if (x->left == 0) {
        x->active = (x->auto_init && !x->last) || x->next_block;
        if (x->next_block) {
            x->auto_init = false;
            x->block = x->next_block;
            x->next_block = 0;
        }
        x->left = x->active ? x->block : 0;
        sb16_raise(p, player->wide ? SB16_IRQ_16 : SB16_IRQ_8);
    }
    if (x->active)
        request(p, player->wide);
}
