/*
 * sb16_mixer.c - the CT1745 mixer of the Sound Blaster 16.
 *
 * Reference: Creative, Sound Blaster Series Hardware Programming Guide,
 * chapter 4. Volumes have 5 bits of 2 dB each; the registers of the Sound
 * Blaster Pro (04h, 22h, 26h, 28h, 2Eh, 0Ah) are another view of their upper
 * bits. Heard are voice, MIDI (the synthesizer), master and output gain; what
 * belongs to inputs, tone and the speaker is stored.
 */
#include "core/host.h"
#include "iodev/sound/sb16_state.h"

#include <math.h>

enum {
    M_RESET = 0x00,
    M_MIC_OLD = 0x0a,
    M_MASTER = 0x30, /* left, then right; so are the next ones */
    M_VOICE = 0x32,
    M_MIDI = 0x34,
    M_MIC = 0x3a,
    M_OUTPUT_GAIN = 0x41,
    M_IRQ = 0x80,
    M_DMA = 0x81,
    M_IRQ_STATUS = 0x82,
    VERSION_405 = 0x20 /* in the upper half of the interrupt status */
};

/* Bits that exist, and their values after a reset. */
static const struct {
    uint8_t reg, mask, reset;
} registers[] = {
    {0x30, 0xf8, 0xc0}, {0x31, 0xf8, 0xc0}, {0x32, 0xf8, 0xc0},
    {0x33, 0xf8, 0xc0}, {0x34, 0xf8, 0xc0}, {0x35, 0xf8, 0xc0},
    {0x36, 0xf8, 0x00}, {0x37, 0xf8, 0x00}, {0x38, 0xf8, 0x00},
    {0x39, 0xf8, 0x00}, {0x3a, 0xf8, 0x00}, {0x3b, 0xc0, 0x00},
    {0x3c, 0x1f, 0x1f}, {0x3d, 0x7f, 0x15}, {0x3e, 0x7f, 0x0b},
    {0x3f, 0xc0, 0x00}, {0x40, 0xc0, 0x00}, {0x41, 0xc0, 0x00},
    {0x42, 0xc0, 0x00}, {0x43, 0x01, 0x00}, {0x44, 0xf0, 0x80},
    {0x45, 0xf0, 0x80}, {0x46, 0xf0, 0x80}, {0x47, 0xf0, 0x80},
};

/* Sound Blaster Pro: both sides in one register, 4 bits each. */
static uint8_t new_place(uint8_t reg)
{
    switch (reg) {
    case 0x04:
        return M_VOICE;
    case 0x22:
        return M_MASTER;
    case 0x26:
        return M_MIDI;
    case 0x28:
        return 0x36;
    case 0x2e:
        return 0x38;
    default:
        return 0;
    }
}

/* ---- volumes ---- */

/* 5 bits of 2 dB, in 65536ths. */
static unsigned volume(uint8_t reg)
{
    return (unsigned)lrint(65536 * pow(10, -(31 - (reg >> 3)) / 10.0));
}

static unsigned gain(const struct sb16 *p, unsigned source, unsigned side)
{
    const uint8_t *m = p->s.mixer;
    uint64_t v =
        (uint64_t)volume(m[source + side]) * volume(m[M_MASTER + side]);

    return (unsigned)(v >> 16) << (m[M_OUTPUT_GAIN + side] >> 6);
}

void sb16_mixer_tell(struct sb16 *p)
{
    const struct host *h = p->dev.sv->host;

    if (!h || !h->sound_gain)
        return;
    h->sound_gain(h->opaque, SOUND_WAVE, gain(p, M_VOICE, 0),
                  gain(p, M_VOICE, 1));
    h->sound_gain(h->opaque, SOUND_FM, gain(p, M_MIDI, 0), gain(p, M_MIDI, 1));
}

/* ---- registers ---- */

static unsigned lowest(uint8_t bits)
{
    unsigned n = 0;

    while (n < 8 && !(bits >> n & 1))
        n++;
    return n;
}

unsigned sb16_dma_channel(const struct sb16 *p, bool wide)
{
    uint8_t set = p->s.mixer[M_DMA];

    return lowest(wide && (set & 0xe0) ? set & 0xe0 : set & 0x0b);
}

void sb16_mixer_reset(struct sb16 *p)
{
    uint8_t irq = p->s.mixer[M_IRQ], dma = p->s.mixer[M_DMA];

    memset(p->s.mixer, 0, sizeof p->s.mixer);
    for (size_t n = 0; n < ARRAY_LEN(registers); n++)
        p->s.mixer[registers[n].reg] = registers[n].reset;
    p->s.mixer[M_IRQ] = irq;
    p->s.mixer[M_DMA] = dma;
    sb16_mixer_tell(p);
}

void sb16_mixer_write(struct sb16 *p, uint8_t v)
{
    uint8_t reg = p->s.mixer_index, place = new_place(reg), mask = 0xff;

    if (reg == M_RESET) {
        sb16_mixer_reset(p);
        return;
    }
    if (reg == M_IRQ_STATUS)
        return;
    if (reg == M_MIC_OLD)
        p->s.mixer[M_MIC] = (uint8_t)((v & 7) << 5);
    for (size_t n = 0; n < ARRAY_LEN(registers); n++)
        if (registers[n].reg == reg)
            mask = registers[n].mask;
    if (reg == M_DMA)
        mask = 0xeb; /* channels 0, 1, 3, 5, 6, 7 */
    if (reg == M_IRQ)
        mask = 0x0f;
    if (place) {
        p->s.mixer[place] = (v & 0xf0) | 8;
        p->s.mixer[place + 1] = (uint8_t)(v << 4) | 8;
    } else {
        p->s.mixer[reg] = v & mask;
    }
    if (reg == M_IRQ)
        sb16_update_irq(p);
    sb16_mixer_tell(p);
}

uint8_t sb16_mixer_read(const struct sb16 *p)
{
    const uint8_t *m = p->s.mixer;
    uint8_t reg = p->s.mixer_index, place = new_place(reg);

    if (place)
        return (m[place] & 0xf0) | m[place + 1] >> 4;
    switch (reg) {
    case M_MIC_OLD:
        return m[M_MIC] >> 5;
    case M_IRQ:
        return m[M_IRQ] | 0xf0;
    case M_IRQ_STATUS:
        return p->s.irq | VERSION_405;
    default:
        return m[reg];
    }
}
