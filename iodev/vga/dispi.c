/*
 * dispi.c - the Bochs display interface: linear modes for the VGA core.
 *
 * Ports 1CEh (index) and 1CFh (data), 16 bits wide; byte accesses reach the
 * low half, which is enough for the DDC register. Interface versions B0C0h to
 * B0C5h. Known departure: a mode that does not fit the memory is refused (the
 * enable bit stays 0) instead of being cut down.
 */
#include "iodev/vga/vga.h"

#define BANK_WRITE 0x4000u
#define BANK_READ  0x8000u
#define BANK_MASK  0x1ffu

uint32_t dispi_pitch(const struct vga *v)
{
    uint32_t w = v->s->dispi[DISPI_VIRT_WIDTH];
    unsigned bpp = v->s->dispi[DISPI_BPP];

    return bpp == 4 ? w / 8 : w * ((bpp + 7) / 8);
}

/* Memory that one plane (4 bpp) or the whole picture may use. */
static size_t dispi_space(const struct vga *v)
{
    return v->s->dispi[DISPI_BPP] == 4 ? v->vram_bytes / 4 : v->vram_bytes;
}

/* Rows of the present pitch that fit, as the 16-bit register shows it. */
static uint16_t dispi_fit(const struct vga *v)
{
    uint32_t pitch = dispi_pitch(v);
    size_t rows = pitch ? dispi_space(v) / pitch : 0;

    return (uint16_t)(rows > 0xffff ? 0xffff : rows);
}

void dispi_reset(struct vga *v)
{
    memset(v->s->dispi, 0, sizeof v->s->dispi);
    v->s->dispi[DISPI_ID] = 0xb0c5;
    v->s->dispi[DISPI_XRES] = 640;
    v->s->dispi[DISPI_YRES] = 480;
    v->s->dispi[DISPI_BPP] = 8;
    v->s->dispi_index = 0;
    v->s->bank_read = v->s->bank_write = 0;
    ddc_reset(&v->s->ddc[0]);
}

bool dispi_valid(const struct vga *v)
{
    const uint16_t *d = v->s->dispi;
    unsigned bpp = d[DISPI_BPP];

    if (bpp != 4 && bpp != 8 && bpp != 15 && bpp != 16 && bpp != 24 &&
        bpp != 32)
        return false;
    if (d[DISPI_XRES] > DISPI_MAX_XRES || d[DISPI_YRES] > DISPI_MAX_YRES)
        return false;
    return !dispi_on(v) || (d[DISPI_XRES] && d[DISPI_YRES] &&
                            d[DISPI_VIRT_WIDTH] >= d[DISPI_XRES] &&
                            dispi_fit(v) >= d[DISPI_YRES]);
}

static uint16_t dispi_ddc_read(const struct vga *v)
{
    const struct ddc_state *d = &v->s->ddc[0];

    if (!v->opt.ddc || !(v->s->dispi[DISPI_DDC] & 0x80))
        return 0x000f;
    return (uint16_t)(0x80 | d->scl | d->sda << 1 | d->scl << 2 |
                      ddc_sda(d) << 3);
}

static void dispi_ddc_write(struct vga *v, uint16_t value)
{
    uint8_t edid[EDID_BYTES];

    v->s->dispi[DISPI_DDC] = value & 0x80;
    if (!v->opt.ddc || !(value & 0x80))
        return;
    ddc_edid(edid);
    ddc_drive(&v->s->ddc[0], edid, value & 1, value & 2);
}

uint16_t dispi_read(struct vga *v, unsigned index)
{
    bool caps = v->s->dispi[DISPI_ENABLE] & DISPI_GETCAPS;

    if (index >= DISPI_COUNT || !v->opt.extension)
        return 0xffff;
    switch (index) {
    case DISPI_XRES:
        return caps ? DISPI_MAX_XRES : v->s->dispi[index];
    case DISPI_YRES:
        return caps ? DISPI_MAX_YRES : v->s->dispi[index];
    case DISPI_BPP:
        return caps ? DISPI_MAX_BPP : v->s->dispi[index];
    case DISPI_BANK: /* with GETCAPS: the granularities offered */
        return caps ? DISPI_BANK_32K << 8 : v->s->dispi[index];
    case DISPI_MEMORY_64K:
        return (uint16_t)(v->vram_bytes >> 16);
    case DISPI_DDC:
        return dispi_ddc_read(v);
    default:
        return v->s->dispi[index];
    }
}

/* The DAC keeps its colours when its width changes. */
static void dispi_dac_width(struct vga *v, bool wide)
{
    for (size_t i = 0; i < ARRAY_LEN(v->s->dac); i++) {
        uint8_t c = v->s->dac[i];

        v->s->dac[i] = (uint8_t)(wide ? (c & 63) << 2 | (c & 63) >> 4 : c >> 2);
    }
}

static bool dispi_start(struct vga *v, bool clear)
{
    uint16_t *d = v->s->dispi;

    d[DISPI_VIRT_WIDTH] = d[DISPI_XRES];
    d[DISPI_VIRT_HEIGHT] = dispi_fit(v);
    d[DISPI_X_OFFSET] = d[DISPI_Y_OFFSET] = 0;
    if (!d[DISPI_XRES] || !d[DISPI_YRES] ||
        d[DISPI_VIRT_HEIGHT] < d[DISPI_YRES]) {
        log_error(v->log, "mode %ux%ux%u does not fit the memory; refused",
                  d[DISPI_XRES], d[DISPI_YRES], d[DISPI_BPP]);
        return false;
    }
    log_info(v->log, "mode %ux%ux%u", d[DISPI_XRES], d[DISPI_YRES],
             d[DISPI_BPP]);
    if (clear) {
        size_t n = (size_t)dispi_pitch(v) * d[DISPI_YRES];

        memset(v->vram, 0, d[DISPI_BPP] == 4 ? n * 4 : n);
    }
    d[DISPI_BANK] = v->s->bank_read = v->s->bank_write = 0;
    return true;
}

static void dispi_enable(struct vga *v, uint16_t value)
{
    uint16_t old = v->s->dispi[DISPI_ENABLE];

    value &= DISPI_ENABLED | DISPI_GETCAPS | DISPI_BANK_32K | DISPI_8BIT_DAC |
             DISPI_LFB_ENABLED | DISPI_NOCLEARMEM;
    if ((value ^ old) & DISPI_8BIT_DAC)
        dispi_dac_width(v, value & DISPI_8BIT_DAC);
    if (value & ~old & DISPI_ENABLED &&
        !dispi_start(v, !(value & DISPI_NOCLEARMEM)))
        value &= (uint16_t)~DISPI_ENABLED;
    v->s->dispi[DISPI_ENABLE] = value;
}

static void dispi_bank(struct vga *v, uint16_t value)
{
    unsigned which = value & (BANK_READ | BANK_WRITE);
    uint16_t bank = value & BANK_MASK;
    unsigned shift = v->s->dispi[DISPI_ENABLE] & DISPI_BANK_32K ? 15 : 16;

    if (((size_t)bank << shift) >= dispi_space(v)) {
        log_error(v->log, "bank %u is outside the memory; ignored", bank);
        return;
    }
    v->s->dispi[DISPI_BANK] = bank;
    if (!which || which & BANK_READ)
        v->s->bank_read = bank;
    if (!which || which & BANK_WRITE)
        v->s->bank_write = bank;
}

static void dispi_virt_width(struct vga *v, uint16_t value)
{
    uint16_t *d = v->s->dispi, old = d[DISPI_VIRT_WIDTH];

    if (!dispi_on(v))
        return;
    d[DISPI_VIRT_WIDTH] = value;
    if (value < d[DISPI_XRES] || dispi_fit(v) < d[DISPI_YRES]) {
        log_error(v->log, "virtual width %u does not fit; ignored", value);
        d[DISPI_VIRT_WIDTH] = old;
        return;
    }
    d[DISPI_VIRT_HEIGHT] = dispi_fit(v);
}

/* XRES, YRES and BPP: only while no mode is on, and only what exists. */
static void dispi_geometry(struct vga *v, unsigned index, uint16_t value)
{
    if (dispi_on(v)) {
        if (value != v->s->dispi[index])
            log_error(v->log, "register %u written while enabled", index);
        return;
    }
    if (index == DISPI_BPP) {
        if (value == 0)
            value = 8;
        if (value != 4 && value != 8 && value != 15 && value != 16 &&
            value != 24 && value != 32) {
            log_error(v->log, "%u bits per pixel: no such mode", value);
            return;
        }
    } else if (value >
               (index == DISPI_XRES ? DISPI_MAX_XRES : DISPI_MAX_YRES)) {
        log_error(v->log, "resolution %u is too big; ignored", value);
        return;
    }
    v->s->dispi[index] = value;
}

void dispi_write(struct vga *v, unsigned index, uint16_t value)
{
    if (!v->opt.extension)
        return;
    switch (index) {
    case DISPI_ID:
        if (value >= 0xb0c0 && value <= 0xb0c5)
            v->s->dispi[DISPI_ID] = value;
        else
            log_error(v->log, "unknown interface version %04x", value);
        break;
    case DISPI_XRES:
    case DISPI_YRES:
    case DISPI_BPP:
        dispi_geometry(v, index, value);
        break;
    case DISPI_ENABLE:
        dispi_enable(v, value);
        break;
    case DISPI_BANK:
        dispi_bank(v, value);
        break;
    case DISPI_VIRT_WIDTH:
        dispi_virt_width(v, value);
        break;
    case DISPI_X_OFFSET:
    case DISPI_Y_OFFSET:
        v->s->dispi[index] = value;
        break;
    case DISPI_DDC:
        dispi_ddc_write(v, value);
        return;             /* nothing to see */
    case DISPI_VIRT_HEIGHT: /* follows from the width */
    case DISPI_MEMORY_64K:
        return;
    default:
        log_debug(v->log, "write to register %u", index);
        return;
    }
    vga_changed(v);
}

uint32_t dispi_port_read(struct vga *v, uint16_t port, unsigned size)
{
    uint16_t value =
        port == 0x1ce ? v->s->dispi_index : dispi_read(v, v->s->dispi_index);

    if (!v->opt.extension)
        value = 0xffff;
    return size == 1 ? value & 0xff : value;
}

void dispi_port_write(struct vga *v, uint16_t port, uint32_t value,
                      unsigned size)
{
    if (size == 1)
        value &= 0xff;
    if (port == 0x1ce)
        v->s->dispi_index = (uint16_t)value;
    else
        dispi_write(v, v->s->dispi_index, (uint16_t)value);
}
