/*
 * sb16_state.h - the inside of the Sound Blaster 16, for its own files.
 */
#ifndef IODEV_SOUND_SB16_STATE_H
#define IODEV_SOUND_SB16_STATE_H

#include "iodev/sound/adpcm.h"
#include "iodev/sound/midi_file.h"
#include "iodev/sound/sb16.h"

enum {
    SB16_OUT = 64,   /* bytes that the DSP has to say */
    SB16_FIFO = 256, /* bytes fetched at once, a millisecond of samples */
    SB16_MPU_IN = 8,
    SB16_RATE_MIN = 3906,
    SB16_RATE_MAX = 45454,

    /* Pending interrupts, as in mixer register 82h. */
    SB16_IRQ_8 = 1,
    SB16_IRQ_16 = 2,
};

/* A transfer. A unit is a byte, with 16-bit samples a word. */
struct sb16_transfer {
    bool active, paused;
    bool stereo, is_signed, record, auto_init;
    bool silence;   /* time passes, nothing is fetched */
    bool last;      /* of an auto-init transfer: ends with this block */
    uint8_t adpcm;  /* kind */
    bool reference; /* the next byte sets the level */
    uint8_t adpcm_level, adpcm_step;
    uint32_t block, left;      /* units of a block, still to come */
    uint32_t next_block;       /* of a single transfer to follow, 0: none */
    uint32_t chunk;            /* units being fetched or not yet played */
    uint64_t start_ns, played; /* units since start_ns */
    bool late;                 /* the DMA controller keeps us waiting */
    bool right_next;
    uint8_t fifo[SB16_FIFO];
    uint16_t fifo_have, fifo_want; /* bytes */
    int32_t left_level;            /* waits for the right one */
};

struct sb16_state {
    /* DSP */
    uint8_t command;
    uint8_t params[3];
    uint8_t have, need; /* parameters of `command`; need 0: none in hand */
    uint8_t out[SB16_OUT];
    uint8_t out_at, out_count;
    uint8_t out_last; /* what reading an empty buffer gives */
    bool reset_pin, resetting;
    bool speaker;
    bool midi_uart;
    uint8_t test;           /* E4h, E8h */
    uint8_t id_add, id_xor; /* E2h */
    bool id_pending;        /* its answer waits for the DMA controller */
    uint8_t ram[256];       /* of the DSP, F9h, FAh */
    uint8_t irq;            /* pending */
    uint32_t rate;          /* samples a second and channel */
    uint32_t block_size;    /* 48h, units */
    struct sb16_transfer transfer[2]; /* 8 bits, 16 bits */

    /* mixer */
    uint8_t mixer_index;
    uint8_t mixer[256];

    /* MPU-401 */
    bool mpu_uart;
    uint8_t mpu_in[SB16_MPU_IN];
    uint8_t mpu_count;
};

struct sb16 {
    struct device dev;
    struct sb16_state s;

    struct line irq[4], dreq[8];
    struct dma_client client[8];
    struct sb16_channel {
        struct sb16 *card;
        unsigned n;
    } channel[8];
    struct sb16_player {
        struct sb16 *card;
        unsigned wide; /* which transfer */
        struct timer timer;
        char name[24];
    } player[2];
    struct timer reset;
    char reset_name[24];
    struct midi_file *midi;
    int64_t midimode;
    char *midifile;
};

static inline struct sb16 *sb16_of(struct device *dev)
{
    return container_of(dev, struct sb16, dev);
}

/* sb16.c */
void sb16_raise(struct sb16 *p, uint8_t irq);
void sb16_acknowledge(struct sb16 *p, uint8_t irq);
void sb16_update_irq(struct sb16 *p);
void sb16_midi(struct sb16 *p, uint8_t v);

/* sb16_dsp.c */
void sb16_dsp_reset(struct sb16 *p);
void sb16_dsp_write(struct sb16 *p, uint8_t v);
uint8_t sb16_dsp_read(struct sb16 *p);
void sb16_dsp_answer(struct sb16 *p, uint8_t v);

/* sb16_play.c; wide: 1 for the transfer of 16 bits, 0 for that of 8 */
/* Starts anew what is described by p->s.transfer[wide]; `block` units. */
void sb16_start(struct sb16 *p, unsigned wide, uint32_t block);
void sb16_stop(struct sb16 *p, unsigned wide);
/* To be called before anything changes: tells the host what was due. */
void sb16_play_due(struct sb16 *p);
void sb16_set_rate(struct sb16 *p, uint32_t rate);
/* D0h, D5h and their opposites. */
void sb16_pause(struct sb16 *p, unsigned wide, bool on);
void sb16_direct(struct sb16 *p, uint8_t v);
/* The filter behind the converter follows the sample rate; 0: none. */
void sb16_tell_band(const struct sb16 *p, unsigned rate);
/* Drives the DREQ pins as transfers and E2h want them. */
void sb16_update_dreq(struct sb16 *p);
void sb16_play_fire(void *opaque); /* a player */
size_t sb16_dma_read(void *opaque, uint8_t *to, size_t n);
size_t sb16_dma_write(void *opaque, const uint8_t *from, size_t n);

/* sb16_mixer.c */
void sb16_mixer_reset(struct sb16 *p);
void sb16_mixer_write(struct sb16 *p, uint8_t v);
uint8_t sb16_mixer_read(const struct sb16 *p);
/* Tells the host the volumes. */
void sb16_mixer_tell(struct sb16 *p);
/* The channel for transfers of 8 or 16 bits; 8: none. A card without one of
 * 16 bits moves words as bytes. */
unsigned sb16_dma_channel(const struct sb16 *p, bool wide);

/* sb16_mpu.c */
uint8_t sb16_mpu_read(struct sb16 *p, unsigned reg);
void sb16_mpu_write(struct sb16 *p, unsigned reg, uint8_t v);

#endif
