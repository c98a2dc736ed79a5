/*
 * sb16_dsp.c - commands of the Sound Blaster 16's digital signal processor.
 *
 * Reference: Creative, Sound Blaster Series Hardware Programming Guide,
 * chapter 6. This is version 4.05: high-speed commands do not lock it, the
 * speaker commands only change what D8h says.
 */
#include "iodev/sound/sb16_state.h"

enum { VERSION_MAJOR = 4, VERSION_MINOR = 5 };

/* Parameters that a command waits for. */
static uint8_t parameters(uint8_t command)
{
    if (command >= 0xb0 && command <= 0xcf)
        return 3;
    switch (command) {
    case 0x04:
    case 0x08:
    case 0x0f:
    case 0x10:
    case 0x38:
    case 0x40:
    case 0xe0:
    case 0xe2:
    case 0xe4:
    case 0xf9:
        return 1;
    case 0x05:
    case 0x0e:
    case 0x14:
    case 0x15:
    case 0x16:
    case 0x17:
    case 0x24:
    case 0x41:
    case 0x42:
    case 0x48:
    case 0x74:
    case 0x75:
    case 0x76:
    case 0x77:
    case 0x80:
    case 0xfa:
        return 2;
    default:
        return 0;
    }
}

/* ---- the data port ---- */

void sb16_dsp_answer(struct sb16 *p, uint8_t v)
{
    if (p->s.out_count == SB16_OUT)
        return;
    p->s.out[(p->s.out_at + p->s.out_count++) % SB16_OUT] = v;
}

uint8_t sb16_dsp_read(struct sb16 *p)
{
    if (p->s.out_count) {
        p->s.out_last = p->s.out[p->s.out_at];
        p->s.out_at = (p->s.out_at + 1) % SB16_OUT;
        p->s.out_count--;
    }
    return p->s.out_last;
}

/* ---- transfers ---- */

/* Lengths are told less one. */
static uint32_t length(const uint8_t *param)
{
    return ld_le16(param) + 1u;
}

static bool same_form(const struct sb16_transfer *a,
                      const struct sb16_transfer *b)
{
    return a->stereo == b->stereo && a->is_signed == b->is_signed &&
           a->record == b->record && a->adpcm == b->adpcm && !b->silence;
}

/* Starts transfer n, which says what is not as usual (8 bits, unsigned, mono,
 * out, once). A single transfer of the same form waits for the end of the
 * block of one that auto-initializes, and so ends it. */
static void begin(struct sb16 *p, unsigned wide, const struct sb16_transfer *n,
                  uint32_t block)
{
    struct sb16_transfer *x = &p->s.transfer[wide];
    uint8_t level = x->adpcm_level;

    if (x->active && x->auto_init && !x->paused && !n->auto_init &&
        same_form(x, n)) {
        x->next_block = block;
        return;
    }
    *x = *n;
    x->adpcm_level = level;
    sb16_start(p, wide, block);
}

static void start_8(struct sb16 *p, uint32_t block, bool auto_init)
{
    begin(p, 0, &(struct sb16_transfer){.auto_init = auto_init}, block);
}

static void start_record(struct sb16 *p, uint32_t block, bool auto_init)
{
    begin(p, 0, &(struct sb16_transfer){.record = true, .auto_init = auto_init},
          block);
}

/* Odd commands bring a reference byte. */
static void start_adpcm(struct sb16 *p, unsigned kind, bool auto_init)
{
    struct sb16_transfer n = {.adpcm = (uint8_t)kind,
                              .reference = p->s.command & 1,
                              .auto_init = auto_init};

    begin(p, 0, &n, auto_init ? p->s.block_size : length(p->s.params));
}

static void start_silence(struct sb16 *p)
{
    begin(p, 0, &(struct sb16_transfer){.silence = true}, length(p->s.params));
}

/* Bx: 16 bits, Cx: 8. Bit 3 in, 2 auto-init; mode: 5 stereo, 4 signed. */
static void start_generic(struct sb16 *p)
{
    struct sb16_transfer n = {.record = p->s.command & 8,
                              .auto_init = p->s.command & 4,
                              .stereo = p->s.params[0] & 0x20,
                              .is_signed = p->s.params[0] & 0x10};

    begin(p, p->s.command < 0xc0, &n, length(p->s.params + 1));
}

static void continue_auto(struct sb16 *p, unsigned wide)
{
    p->s.transfer[wide].last = false;
    sb16_pause(p, wide, false);
}

static bool transfer_command(struct sb16 *p)
{
    const uint8_t *a = p->s.params;

    switch (p->s.command) {
    case 0x10:
        sb16_direct(p, a[0]);
        return true;
    case 0x14:
    case 0x15:
        start_8(p, length(a), false);
        return true;
    case 0x16:
    case 0x17:
        start_adpcm(p, ADPCM_2, false);
        return true;
    case 0x1c:
    case 0x90:
        start_8(p, p->s.block_size, true);
        return true;
    case 0x1f:
        start_adpcm(p, ADPCM_2, true);
        return true;
    case 0x20:
    case 0x28: /* direct input */
        sb16_dsp_answer(p, 0x80);
        return true;
    case 0x24:
        start_record(p, length(a), false);
        return true;
    case 0x2c:
    case 0x98:
        start_record(p, p->s.block_size, true);
        return true;
    case 0x74:
    case 0x75:
        start_adpcm(p, ADPCM_4, false);
        return true;
    case 0x76:
    case 0x77:
        start_adpcm(p, ADPCM_2_6, false);
        return true;
    case 0x7d:
        start_adpcm(p, ADPCM_4, true);
        return true;
    case 0x7f:
        start_adpcm(p, ADPCM_2_6, true);
        return true;
    case 0x80:
        start_silence(p);
        return true;
    case 0x91:
        start_8(p, p->s.block_size, false);
        return true;
    case 0x99:
        start_record(p, p->s.block_size, false);
        return true;
    default:
        if (p->s.command < 0xb0 || p->s.command > 0xcf)
            return false;
        start_generic(p);
        return true;
    }
}

static bool control_command(struct sb16 *p)
{
    switch (p->s.command) {
    case 0x45:
        continue_auto(p, 0);
        return true;
    case 0x47:
        continue_auto(p, 1);
        return true;
    case 0xd0:
        sb16_pause(p, 0, true);
        return true;
    case 0xd4:
        sb16_pause(p, 0, false);
        return true;
    case 0xd5:
        sb16_pause(p, 1, true);
        return true;
    case 0xd6:
        sb16_pause(p, 1, false);
        return true;
    case 0xd9:
        p->s.transfer[1].last = true;
        return true;
    case 0xda:
        p->s.transfer[0].last = true;
        return true;
    case 0xd1:
    case 0xd3:
        p->s.speaker = p->s.command == 0xd1;
        return true;
    case 0xd8:
        sb16_dsp_answer(p, p->s.speaker ? 0xff : 0);
        return true;
    case 0xf2:
        sb16_raise(p, SB16_IRQ_8);
        return true;
    case 0xf3:
        sb16_raise(p, SB16_IRQ_16);
        return true;
    default:
        return false;
    }
}

/* ---- settings ---- */

static void set_rate(struct sb16 *p, uint32_t rate)
{
    sb16_set_rate(p, rate < SB16_RATE_MIN   ? SB16_RATE_MIN
                     : rate > SB16_RATE_MAX ? SB16_RATE_MAX
                                            : rate);
}

static bool setting_command(struct sb16 *p)
{
    const uint8_t *a = p->s.params;

    switch (p->s.command) {
    case 0x40: /* time constant: 256 - 10^6 / rate */
        set_rate(p, 1000000u / (256u - a[0]));
        return true;
    case 0x41:
    case 0x42: /* output and input rate are one */
        set_rate(p, a[0] << 8 | a[1]);
        return true;
    case 0x48:
        p->s.block_size = length(a);
        return true;
    default:
        return false;
    }
}

static bool midi_command(struct sb16 *p)
{
    switch (p->s.command) {
    case 0x30:
    case 0x31:
    case 0x32:
    case 0x33: /* there is no input */
        return true;
    case 0x34:
    case 0x35:
    case 0x36:
    case 0x37:
        p->s.midi_uart = true;
        return true;
    case 0x38:
        sb16_midi(p, p->s.params[0]);
        return true;
    default:
        return false;
    }
}

/* ---- identity and tests ---- */

static void answer_text(struct sb16 *p, const char *text)
{
    do
        sb16_dsp_answer(p, (uint8_t)*text);
    while (*text++);
}

/* The answer is written to memory by DMA. */
static void dma_identity(struct sb16 *p, uint8_t v)
{
    p->s.id_add = (uint8_t)(p->s.id_add + (v ^ p->s.id_xor));
    p->s.id_xor = (uint8_t)(p->s.id_xor >> 2 | p->s.id_xor << 6);
    p->s.id_pending = true;
    sb16_update_dreq(p);
}

/* Bits of running transfers. */
static uint8_t dma_status(const struct sb16 *p)
{
    uint8_t v = 0;

    for (unsigned wide = 0; wide < 2; wide++) {
        const struct sb16_transfer *x = &p->s.transfer[wide];

        if (x->active)
            v |= (uint8_t)(1u << (2 * wide + x->record));
    }
    return v;
}

static bool test_command(struct sb16 *p)
{
    const uint8_t *a = p->s.params;

    switch (p->s.command) {
    case 0xe0:
        sb16_dsp_answer(p, (uint8_t)~a[0]);
        return true;
    case 0xe1:
        sb16_dsp_answer(p, VERSION_MAJOR);
        sb16_dsp_answer(p, VERSION_MINOR);
        return true;
    case 0xe2:
        dma_identity(p, a[0]);
        return true;
    case 0xe3:
        answer_text(p, "COPYRIGHT (C) CREATIVE TECHNOLOGY LTD, 1992.");
        return true;
    case 0xe4:
        p->s.test = a[0];
        return true;
    case 0xe8:
        sb16_dsp_answer(p, p->s.test);
        return true;
    case 0xf1:
        sb16_dsp_answer(p, p->s.speaker ? 0x13 : 0x12);
        return true;
    case 0xf8:
    case 0xfc:
        sb16_dsp_answer(p, 0);
        return true;
    case 0xf9:
        sb16_dsp_answer(p, p->s.ram[a[0]]);
        return true;
    case 0xfa:
        p->s.ram[a[0]] = a[1];
        return true;
    case 0xfb:
        sb16_dsp_answer(p, dma_status(p));
        return true;
    case 0xfd:
        sb16_dsp_answer(p, p->s.command);
        return true;
    default:
        return false;
    }
}

/* The signal processor for effects is an option that this card has not:
 * its registers do not answer with what was written. */
static bool asp_command(struct sb16 *p)
{
    switch (p->s.command) {
    case 0x03:
    case 0x08:
    case 0x0f:
        sb16_dsp_answer(p, 0xff);
        return true;
    case 0x04:
    case 0x05:
    case 0x0e:
        return true;
    default:
        return false;
    }
}

static void execute(struct sb16 *p)
{
    sb16_play_due(p);
    if (transfer_command(p) || control_command(p) || setting_command(p) ||
        midi_command(p) || test_command(p) || asp_command(p))
        return;
    log_error(&p->dev.log, "DSP command %02x is not known", p->s.command);
}

void sb16_dsp_write(struct sb16 *p, uint8_t v)
{
    if (p->s.resetting || p->s.reset_pin)
        return;
    if (p->s.midi_uart) {
        sb16_midi(p, v);
        return;
    }
    if (p->s.need == 0) {
        p->s.command = v;
        p->s.have = 0;
        p->s.need = parameters(v);
    } else {
        p->s.params[p->s.have++] = v;
    }
    if (p->s.have == p->s.need) {
        p->s.need = p->s.have = 0;
        execute(p);
    }
}

void sb16_dsp_reset(struct sb16 *p)
{
    sb16_play_due(p);
    p->s.id_pending = false;
    sb16_stop(p, 0);
    sb16_stop(p, 1);
    p->s.need = p->s.have = 0;
    p->s.out_at = p->s.out_count = 0;
    p->s.speaker = p->s.midi_uart = false;
    p->s.id_add = 0xaa;
    p->s.id_xor = 0x96;
    p->s.rate = 22050;
    p->s.block_size = 0x800;
    sb16_acknowledge(p, SB16_IRQ_8 | SB16_IRQ_16);
}
