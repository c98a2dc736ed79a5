/*
 * opl3_synth.h - the arithmetic of the YMF262: from registers to samples.
 *
 * All of it is integer arithmetic on the state, so that a guest sounds the
 * same wherever it runs.
 */
#ifndef IODEV_SOUND_OPL3_SYNTH_H
#define IODEV_SOUND_OPL3_SYNTH_H

#include "core/base.h"

enum {
    OPL3_OPERATORS = 36,
    OPL3_CHANNELS = 18,
    OPL3_ENV_OFF = 511, /* attenuation in steps of 0.1875 dB */
};

/* Stages of an envelope. */
enum { OPL3_ATTACK, OPL3_DECAY, OPL3_SUSTAIN, OPL3_RELEASE };

/* Operator numbers: those of a bank in the order of their registers 20h-35h,
 * without the gaps; the second bank follows. */
struct opl3_operator {
    uint32_t phase; /* 19 bits, the upper 10 choose the sample */
    uint16_t env;   /* attenuation, 0 to OPL3_ENV_OFF */
    uint8_t stage;
    bool key;
    int32_t out[2]; /* the last samples, newest first */
};

struct opl3_state {
    uint8_t regs[512];       /* 100h on: register array 1 */
    uint16_t address;        /* register to be written next */
    uint8_t status;          /* flags of the timers */
    uint64_t timer_start[2]; /* sample at which a timer was loaded */
    uint64_t sample;         /* samples made since power-on */
    uint32_t noise;          /* shift register of 23 bits */
    struct opl3_operator op[OPL3_OPERATORS];
};

/* Contents of the chip's two ROMs. */
struct opl3_tables {
    uint16_t log_sin[256]; /* -256 log2 of a quarter sine */
    uint16_t exp[256];     /* 1024 * (2^(n/256) - 1) */
};

/* What the registers say of an operator, worked out. */
struct opl3_voice {
    uint16_t fnum;
    uint8_t block;
    uint8_t multiple; /* in halves */
    uint8_t wave;
    bool tremolo, vibrato;
    uint16_t level; /* total level and key scaling, as an attenuation */
    uint16_t sustain;
    uint8_t rate[4]; /* of each stage, 0 to 63; below 4: stands still */
};

void opl3_make_tables(struct opl3_tables *t);
/* To be called after any change of `regs`, before the next sample. */
void opl3_prepare(const struct opl3_state *s, struct opl3_voice *voices);
/* After a change of a key bit, the rhythm register or the connections. */
void opl3_update_keys(struct opl3_state *s);
/* Will every sample be zero until a register is written? */
bool opl3_silent(const struct opl3_state *s, const struct opl3_voice *voices);
/* The next sample, left and right. */
void opl3_sample(struct opl3_state *s, const struct opl3_tables *t,
                 const struct opl3_voice *voices, int out[2]);

#endif
