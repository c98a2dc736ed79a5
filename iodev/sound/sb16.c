/*
 * sb16.c - Sound Blaster 16: DSP 4.05, mixer CT1745, MPU-401.
 *
 * Ports: io_base (220h) + 4, 5 mixer, + 6 reset, + Ah data, + Ch command, + Eh
 * and + Fh status and acknowledge; 330h, 331h MPU-401. Reference: Creative,
 * Sound Blaster Series Hardware Programming Guide. IRQ 5, DMA 1 and 5 until
 * mixer registers 80h and 81h say otherwise.
 * Departures: nothing is recorded (inputs read as silence) and no MIDI comes
 * in; two transfers that play at once (8 and 16 bits) disturb each other; tone
 * controls, AGC and the mixing of inputs are stored only; the DSP is never
 * busy; no effects processor (ASP), no joystick, no CD port.
 */
#include "iodev/sound/sb16_state.h"

enum {
    IRQ_SELECT = 0x80, /* mixer registers */
    DMA_SELECT = 0x81,
    IRQ_5 = 0x02,
    DMA_1_5 = 0x22,
    RESET_NS = 20000,
    READY = 0x7f,     /* bit 7 clear: the DSP takes a byte */
    AVAILABLE = 0x80, /* there is a byte to read */
    TO_FILE = 2,      /* bit of midimode */
};

/* ---- interrupts ---- */

void sb16_update_irq(struct sb16 *p)
{
    for (unsigned n = 0; n < 4; n++)
        line_set(&p->irq[n], p->s.irq && (p->s.mixer[IRQ_SELECT] >> n & 1));
}

void sb16_raise(struct sb16 *p, uint8_t irq)
{
    p->s.irq |= irq;
    sb16_update_irq(p);
}

void sb16_acknowledge(struct sb16 *p, uint8_t irq)
{
    p->s.irq &= (uint8_t)~irq;
    sb16_update_irq(p);
}

void sb16_midi(struct sb16 *p, uint8_t v)
{
    midi_file_byte(p->midi, v, clock_ns(p->dev.sv->clock));
}

/* ---- ports ---- */

/* Reset begins at the falling edge and is told by AAh. */
static void write_reset(struct sb16 *p, uint8_t v)
{
    bool pin = v & 1, falls = p->s.reset_pin && !pin;

    p->s.reset_pin = pin;
    if (!falls)
        return;
    sb16_dsp_reset(p);
    p->s.resetting = true;
    timer_arm_in_ns(&p->reset, RESET_NS);
}

static void reset_done(void *opaque)
{
    struct sb16 *p = opaque;

    p->s.resetting = false;
    sb16_dsp_answer(p, 0xaa);
}

/*
 * Register map
 *   4  - / mixer index        a  DSP data / -
 *   5  mixer data             c  write status / command or data
 *   6  - / DSP reset          e  read status, acknowledges 8 bits / -
 *                             f  - , acknowledges 16 bits / -
 */
static uint32_t sb16_read(struct device *dev, uint16_t port, unsigned size)
{
    struct sb16 *p = sb16_of(dev);

    (void)size;
    switch (port & 15) {
    case 0x4:
        return p->s.mixer_index;
    case 0x5:
        return sb16_mixer_read(p);
    case 0xa:
        return sb16_dsp_read(p);
    case 0xc:
        return READY | (p->s.resetting || p->s.reset_pin ? 0x80u : 0u);
    case 0xe:
        sb16_acknowledge(p, SB16_IRQ_8);
        return READY | (p->s.out_count ? AVAILABLE : 0u);
    case 0xf:
        sb16_acknowledge(p, SB16_IRQ_16);
        return 0xff;
    default:
        return 0xff;
    }
}

static void sb16_write(struct device *dev, uint16_t port, uint32_t value,
                       unsigned size)
{
    struct sb16 *p = sb16_of(dev);
    uint8_t v = (uint8_t)value;

    (void)size;
    switch (port & 15) {
    case 0x4:
        p->s.mixer_index = v;
        break;
    case 0x5:
        sb16_mixer_write(p, v);
        break;
    case 0x6:
        write_reset(p, v);
        break;
    case 0xc:
        sb16_dsp_write(p, v);
        break;
    default:
        break;
    }
}

static uint32_t mpu_read(struct device *dev, uint16_t port, unsigned size)
{
    (void)size;
    return sb16_mpu_read(sb16_of(dev), port & 1);
}

static void mpu_write(struct device *dev, uint16_t port, uint32_t value,
                      unsigned size)
{
    (void)size;
    sb16_mpu_write(sb16_of(dev), port & 1, (uint8_t)value);
}

/* ---- class ---- */

const struct dma_client *sb16_dma_client(struct device *dev, unsigned channel)
{
    return &sb16_of(dev)->client[channel & 7];
}

static bool open_midi(struct sb16 *p, struct error *err)
{
    const char *path = p->midifile;
    size_t n = path ? strlen(path) : 0;

    if (!(p->midimode & TO_FILE))
        return true;
    if (n == 0)
        return error_set(err, EXIT_USAGE,
                         "sb16: midimode=%d needs midifile=FILE.mid",
                         (int)p->midimode);
    p->midi = midi_file_open(path, n < 4 || strcmp(path + n - 4, ".mid"), err);
    return p->midi != NULL;
}

static bool sb16_init(struct device *dev, struct error *err)
{
    struct sb16 *p = sb16_of(dev);

    for (unsigned n = 0; n < 8; n++) {
        p->channel[n] = (struct sb16_channel){p, n};
        p->client[n] = (struct dma_client){&p->channel[n], sb16_dma_read,
                                           sb16_dma_write, NULL};
    }
    for (unsigned wide = 0; wide < 2; wide++) {
        struct sb16_player *player = &p->player[wide];

        player->card = p;
        player->wide = wide;
        snprintf(player->name, sizeof player->name, "%s.%s", dev->id,
                 wide ? "play16" : "play8");
        timer_init(&player->timer, dev->sv->clock, player->name, sb16_play_fire,
                   player);
    }
    snprintf(p->reset_name, sizeof p->reset_name, "%s.reset", dev->id);
    timer_init(&p->reset, dev->sv->clock, p->reset_name, reset_done, p);
    return open_midi(p, err);
}

/* Contents of the DSP's memory that programs of Creative look at. */
static void fill_ram(uint8_t *ram)
{
    ram[0x0e] = 0xff;
    ram[0x0f] = 0x07;
    ram[0x37] = 0x38;
}

static void sb16_reset(struct device *dev, enum reset_kind kind)
{
    struct sb16 *p = sb16_of(dev);

    if (kind == RESET_SOFTWARE)
        return;
    timer_cancel(&p->reset);
    p->s = (struct sb16_state){.out_last = 0xff};
    fill_ram(p->s.ram);
    p->s.mixer[IRQ_SELECT] = IRQ_5;
    p->s.mixer[DMA_SELECT] = DMA_1_5;
    sb16_dsp_reset(p);
    sb16_mixer_reset(p);
}

static bool good_transfer(const struct sb16_transfer *x, unsigned wide)
{
    struct adpcm a = {x->adpcm_level, x->adpcm_step};

    if (!adpcm_valid(&a, x->adpcm) || x->block > 65536 || x->left > x->block ||
        x->next_block > 65536 || (x->active && !x->left) ||
        x->left_level < -32768 || x->left_level > 32767)
        return false;
    if (x->silence)
        return x->chunk <= 65536 && !x->fifo_want && !x->fifo_have;
    return x->fifo_want <= SB16_FIFO && x->fifo_have <= x->fifo_want &&
           x->chunk <= SB16_FIFO / (wide ? 2 : 1);
}

static bool sb16_post_load(struct device *dev, struct error *err)
{
    struct sb16 *p = sb16_of(dev);
    const struct sb16_state *s = &p->s;
    bool good = s->need <= 3 && s->have <= s->need &&
                (s->have < s->need || s->need == 0) && s->out_at < SB16_OUT &&
                s->out_count <= SB16_OUT && s->mpu_count <= SB16_MPU_IN &&
                s->irq <= 3;

    good = good && s->rate >= SB16_RATE_MIN && s->rate <= SB16_RATE_MAX &&
           s->block_size >= 1 && s->block_size <= 65536 &&
           good_transfer(&s->transfer[0], 0) &&
           good_transfer(&s->transfer[1], 1);
    if (!good)
        return error_set(err, EXIT_BAD_DATA, "%s: impossible transfer",
                         dev->id);
    sb16_mixer_tell(p);
    sb16_tell_band(p, p->s.rate);
    return true;
}

static void sb16_info(struct device *dev, struct out *out)
{
    static const char *const kinds[] = {"PCM", "2-bit ADPCM", "2.6-bit ADPCM",
                                        "4-bit ADPCM"};
    struct sb16 *p = sb16_of(dev);

    for (unsigned wide = 0; wide < 2; wide++) {
        const struct sb16_transfer *x = &p->s.transfer[wide];

        out_printf(out, "%u bits: ", wide ? 16 : 8);
        if (!x->active) {
            out_printf(out, "no transfer\n");
            continue;
        }
        out_printf(out, "%s %s, %s, %u Hz, DMA %u%s, %u of %u left%s%s\n",
                   x->record ? "recording" : "playing",
                   x->silence ? "silence" : kinds[x->adpcm],
                   x->stereo ? "stereo" : "mono", p->s.rate,
                   sb16_dma_channel(p, wide), x->auto_init ? ", auto-init" : "",
                   x->left, x->block, x->paused ? ", paused" : "",
                   x->late ? ", waiting for DMA" : "");
    }
}

static void sb16_destroy(struct device *dev)
{
    struct sb16 *p = sb16_of(dev);

    timer_destroy(&p->player[0].timer);
    timer_destroy(&p->player[1].timer);
    timer_destroy(&p->reset);
    midi_file_close(p->midi);
}

#define S struct sb16_state
#define X struct sb16_transfer

static const struct field transfer_fields[] = {
    FIELD(X, active, "a transfer runs"),
    FIELD(X, paused, "... but is paused"),
    FIELD(X, stereo, "stereo"),
    FIELD(X, is_signed, "samples are signed"),
    FIELD(X, record, "card to memory"),
    FIELD(X, auto_init, "block after block"),
    FIELD(X, silence, "only time passes"),
    FIELD(X, last, "auto-init ends with this block"),
    FIELD(X, adpcm, "0 PCM, 1 2-bit, 2 2.6-bit, 3 4-bit ADPCM"),
    FIELD(X, reference, "the next byte is a reference"),
    FIELD(X, adpcm_level, "last sample of ADPCM"),
    FIELD(X, adpcm_step, "index of its step"),
    FIELD(X, block, "units of a block"),
    FIELD(X, left, "units left"),
    FIELD(X, next_block, "units of a single transfer that follows"),
    FIELD(X, chunk, "units fetched and not yet played"),
    FIELD(X, start_ns, "guest time of unit 0"),
    FIELD(X, played, "units since then"),
    FIELD(X, late, "waiting for the DMA controller"),
    FIELD(X, right_next, "the next sample is the right one"),
    FIELD_ARRAY(X, fifo, "what was fetched"),
    FIELD(X, fifo_have, "bytes of it"),
    FIELD(X, fifo_want, "bytes wanted"),
    FIELD(X, left_level, "left sample before its right one"),
    FIELD_END,
};

static const struct field sb16_fields[] = {
    FIELD(S, command, "DSP command in hand"),
    FIELD_ARRAY(S, params, "its parameters"),
    FIELD(S, have, "parameters that came"),
    FIELD(S, need, "parameters it takes"),
    FIELD_ARRAY(S, out, "answers, a ring"),
    FIELD(S, out_at, "the next answer"),
    FIELD(S, out_count, "how many"),
    FIELD(S, out_last, "the last answer read"),
    FIELD(S, reset_pin, "reset is held"),
    FIELD(S, resetting, "the reset is not done"),
    FIELD(S, speaker, "speaker is on"),
    FIELD(S, midi_uart, "all that is written is MIDI"),
    FIELD(S, test, "test register, E4h"),
    FIELD(S, id_add, "DMA identification, sum"),
    FIELD(S, id_xor, "DMA identification, mask"),
    FIELD(S, id_pending, "its answer waits for DMA"),
    FIELD_ARRAY(S, ram, "memory of the DSP, F9h"),
    FIELD(S, irq, "pending: 1 8-bit, 2 16-bit"),
    FIELD(S, rate, "samples a second"),
    FIELD(S, block_size, "block of command 48h, units"),
    FIELD_STRUCTS(S, transfer, transfer_fields, "transfers: 8, 16 bits"),
    FIELD(S, mixer_index, "mixer register chosen"),
    FIELD_ARRAY(S, mixer, "mixer registers"),
    FIELD(S, mpu_uart, "MPU-401 in UART mode"),
    FIELD_ARRAY(S, mpu_in, "its answers"),
    FIELD(S, mpu_count, "how many"),
    FIELD_END,
};

static const struct option sb16_options[] = {
    {"midimode", "int:0..3", offsetof(struct sb16, midimode), "1",
     "2 or 3: what is said to MIDI instruments goes to midifile"},
    {"midifile", "path", offsetof(struct sb16, midifile), NULL,
     "Standard MIDI File, when it ends in .mid; else the bare bytes"},
    {.key = NULL},
};

static const struct port_range sb16_ports[] = {
    {0x004, 4, IO8, sb16_read, sb16_write, "mixer, DSP reset"},
    {0x00a, 6, IO8, sb16_read, sb16_write, "DSP"},
    {0x110, 2, IO8, mpu_read, mpu_write, "MPU-401 (330h)"},
    {.count = 0},
};

static const struct line_out sb16_lines_out[] = {
    {"irq", offsetof(struct sb16, irq), 4},
    {"dreq", offsetof(struct sb16, dreq), 8},
    {.name = NULL},
};

const struct device_class sb16_class = {
    .name = "sb16",
    .summary = "Sound Blaster 16",
    DEVICE_STATE(struct sb16, s),
    .state_version = 1,
    .fields = sb16_fields,
    .ports = sb16_ports,
    .options = sb16_options,
    .lines_out = sb16_lines_out,
    .init = sb16_init,
    .reset = sb16_reset,
    .post_load = sb16_post_load,
    .info = sb16_info,
    .destroy = sb16_destroy,
};
