/*
 * ddc.c - a monitor's DDC2B data: an I2C memory that holds the EDID.
 *
 * Answers the bus addresses A0h/A1h. Data formats: VESA E-EDID Release A,
 * structure 1.3. Writes beyond the offset byte are acknowledged and dropped,
 * as the write-protected memory of a monitor does.
 */
#include "iodev/vga/ddc.h"

#define DDC_ADDRESS 0x50 /* 7 bits */

enum ddc_phase { DDC_IDLE, DDC_SELECT, DDC_RECEIVE, DDC_SEND };

const struct field ddc_fields[] = {
    FIELD(struct ddc_state, scl, "clock wire released by the host"),
    FIELD(struct ddc_state, sda, "data wire released by the host"),
    FIELD(struct ddc_state, pull, "data wire held low by the monitor"),
    FIELD(struct ddc_state, phase, "0 idle 1 address 2 receive 3 send"),
    FIELD(struct ddc_state, bits, "clocks seen of this byte"),
    FIELD(struct ddc_state, shift, "byte on the wire"),
    FIELD(struct ddc_state, offset, "next EDID byte"),
    FIELD(struct ddc_state, reading, "addressed for reading"),
    FIELD(struct ddc_state, have_offset, "offset byte has come"),
    FIELD_END,
};

void ddc_reset(struct ddc_state *d)
{
    *d = (struct ddc_state){.scl = true, .sda = true};
}

static void ddc_put_bit(struct ddc_state *d)
{
    d->pull = !(d->shift >> (7 - (d->bits & 7)) & 1);
}

static void ddc_load(struct ddc_state *d, const uint8_t *edid)
{
    d->shift = edid[d->offset % EDID_BYTES];
    d->offset = (uint8_t)((d->offset + 1) % EDID_BYTES);
    ddc_put_bit(d);
}

/* Eight bits have come: acknowledge them if they are ours. */
static void ddc_received(struct ddc_state *d)
{
    if (d->phase == DDC_SELECT) {
        if (d->shift >> 1 != DDC_ADDRESS) {
            d->phase = DDC_IDLE;
            return;
        }
        d->reading = d->shift & 1;
        d->have_offset = false;
    } else if (!d->have_offset) {
        d->offset = d->shift % EDID_BYTES;
        d->have_offset = true;
    }
    d->pull = true;
}

static void ddc_clock_up(struct ddc_state *d)
{
    if (d->phase == DDC_IDLE)
        return;
    d->bits++;
    if (d->phase != DDC_SEND) {
        if (d->bits <= 8)
            d->shift = (uint8_t)(d->shift << 1 | d->sda);
    } else if (d->bits == 9 && d->sda) {
        d->phase = DDC_IDLE; /* not acknowledged: the host has enough */
    }
}

static void ddc_clock_down(struct ddc_state *d, const uint8_t *edid)
{
    if (d->phase == DDC_IDLE || d->bits == 0)
        return;
    if (d->bits < 8) {
        if (d->phase == DDC_SEND)
            ddc_put_bit(d);
    } else if (d->bits == 8) {
        d->pull = false;
        if (d->phase != DDC_SEND)
            ddc_received(d);
    } else {
        d->bits = 0;
        d->pull = false;
        if (d->phase == DDC_SELECT)
            d->phase = d->reading ? DDC_SEND : DDC_RECEIVE;
        if (d->phase == DDC_SEND)
            ddc_load(d, edid);
    }
}

void ddc_drive(struct ddc_state *d, const uint8_t *edid, bool scl, bool sda)
{
    bool was_scl = d->scl, was_sda = d->sda;

    d->scl = scl;
    d->sda = sda;
    if (was_scl && scl && was_sda != sda) { /* START falls, STOP rises */
        d->phase = sda ? DDC_IDLE : DDC_SELECT;
        d->bits = d->shift = 0;
        d->pull = false;
    } else if (!was_scl && scl) {
        ddc_clock_up(d);
    } else if (was_scl && !scl) {
        ddc_clock_down(d, edid);
    }
}

/* One detailed timing descriptor; blanking in pixels and lines. */
static void edid_timing(uint8_t *p, unsigned clock_10khz, unsigned w,
                        unsigned hblank, unsigned h, unsigned vblank)
{
    st_le16(p, (uint16_t)clock_10khz);
    p[2] = (uint8_t)w;
    p[3] = (uint8_t)hblank;
    p[4] = (uint8_t)((w >> 8) << 4 | hblank >> 8);
    p[5] = (uint8_t)h;
    p[6] = (uint8_t)vblank;
    p[7] = (uint8_t)((h >> 8) << 4 | vblank >> 8);
    p[8] = 24;          /* horizontal sync offset */
    p[9] = 136;         /* and width */
    p[10] = 3 << 4 | 6; /* vertical sync offset and width */
    p[12] = 0x40;       /* 320 mm by 240 mm */
    p[13] = 0xf0;
    p[14] = 0x10;
    p[17] = 0x18; /* digital separate sync, both negative */
}

void ddc_edid(uint8_t *edid)
{
    static const uint8_t head[] = {
        0x00, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0x00, 0x2d, 0x8f,             /* maker "KLO" */
        0x01, 0x00, 0x01, 0x00, 0x00, 0x00, /* product, serial number */
        1,    30,                           /* week, year - 1990 */
        1,    3,                            /* EDID 1.3 */
        0x0e, 32,   24,   0x78, 0x0a,       /* analog, 32x24 cm, gamma 2.2 */
        0xee, 0x91, 0xa3, 0x54, 0x4c, 0x99, /* sRGB chromaticity */
        0x26, 0x0f, 0x50, 0x54,             /* and white point */
        0x21, 0x08, 0x00,                   /* 720x400@70 640x480@60
                                             * 800x600@60 1024x768@60 */
        0x81, 0xc0, 0x81, 0x80, 0xa9, 0xc0, /* 1280x720 1280x1024 1600x1200 */
        0x71, 0x4f, 0x61, 0x59, 0x01, 0x01, /* 1152x864@75 1024x768@85 */
        0x01, 0x01, 0x01, 0x01,
    };
    static const char name[] = "Klochs Screen";
    uint8_t sum = 0;

    memset(edid, 0, EDID_BYTES);
    memcpy(edid, head, sizeof head);
    edid_timing(edid + 54, 6500, 1024, 320, 768, 38); /* 60 Hz */
    edid[72 + 3] = 0xfd; /* range limits: 50-160 Hz, 30-100 kHz, 260 MHz */
    edid[72 + 5] = 50;
    edid[72 + 6] = 160;
    edid[72 + 7] = 30;
    edid[72 + 8] = 100;
    edid[72 + 9] = 26;
    edid[72 + 11] = 0x0a;
    memset(edid + 72 + 12, 0x20, 6);
    edid[90 + 3] = 0xfc; /* monitor name */
    memcpy(edid + 90 + 5, name, sizeof name - 1);
    edid[108 + 3] = 0x10; /* unused descriptor */
    for (unsigned i = 0; i < EDID_BYTES - 1; i++)
        sum = (uint8_t)(sum + edid[i]);
    edid[EDID_BYTES - 1] = (uint8_t)-sum;
}
