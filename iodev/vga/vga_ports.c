/*
 * vga_ports.c - the VGA's registers.
 *
 * 3B4h/3B5h/3BAh or 3D4h/3D5h/3DAh (by bit 0 of the miscellaneous output
 * register) and 3C0h-3CFh. IBM PS/2 Hardware Interface Technical Reference,
 * Video Subsystem. Known departures: the light pen registers do not exist;
 * the sense bit of input status 0 always reports a monitor; bits 4 and 5 of
 * input status 1 (video feedback) read 0.
 */
#include "iodev/vga/vga.h"

static const uint8_t seq_mask[SR_COUNT] = {0x03, 0x3d, 0x0f, 0x3f, 0x0e};

static const uint8_t gr_mask[GR_COUNT] = {0x0f, 0x0f, 0x0f, 0x1f, 0x03,
                                          0x7b, 0x0f, 0x0f, 0xff};

static const uint8_t ar_mask[AR_COUNT] = {
    0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f,
    0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0xef, 0xff, 0x3f, 0x0f, 0x0f,
};

/* CR11 bit 7 locks CR00-CR07, all but the line compare bit of CR07. */
static void crtc_write(struct vga *v, uint8_t value)
{
    unsigned i = v->s->crtc_index;
    uint8_t *cr = v->s->crtc;

    if (i >= CR_COUNT) {
        log_debug(v->log, "CRTC register %02x written", i);
        return;
    }
    if (i < 8 && cr[CR_VRETRACE_END] & 0x80) {
        if (i != CR_OVERFLOW)
            return;
        value = (uint8_t)((cr[i] & ~0x10) | (value & 0x10));
    }
    cr[i] = value;
    if (i == CR_VRETRACE_END) {
        if (!(value & 0x10) && v->s->vertical_interrupt) {
            v->s->vertical_interrupt = false;
            line_set(&v->irq, false);
        }
        vga_vretrace_arm(v);
    }
}

static uint8_t crtc_read(const struct vga *v)
{
    unsigned i = v->s->crtc_index;

    if (i < CR_COUNT)
        return v->s->crtc[i];
    if (i == 0x22) /* the latch that read map select picks */
        return (uint8_t)(v->s->latch >> 8 * v->s->gr[GR_READ_MAP]);
    if (i == 0x24) /* attribute flip-flop */
        return v->s->ar_data ? 0x80 : 0;
    if (i == 0x26)
        return v->s->ar_index;
    return 0;
}

static void attribute_write(struct vga *v, uint8_t value)
{
    if (!v->s->ar_data) {
        v->s->ar_index = value & 0x3f;
    } else {
        unsigned i = v->s->ar_index & 0x1f;

        if (i < AR_COUNT)
            v->s->ar[i] = value & ar_mask[i];
    }
    v->s->ar_data = !v->s->ar_data;
}

/* The DAC (Inmos IMSG171 data sheet): one address register; a read address
 * fetches its colour at once and steps on. */
static void dac_fetch(struct vga *v)
{
    memcpy(v->s->dac_latch, &v->s->dac[3 * v->s->dac_index], 3);
    v->s->dac_index++;
    v->s->dac_step = 0;
}

static void dac_write(struct vga *v, uint8_t value)
{
    bool wide = v->s->dispi[DISPI_ENABLE] & DISPI_8BIT_DAC;

    v->s->dac_latch[v->s->dac_step++] = wide ? value : value & 0x3f;
    if (v->s->dac_step == 3) {
        memcpy(&v->s->dac[3 * v->s->dac_index], v->s->dac_latch, 3);
        v->s->dac_index++;
        v->s->dac_step = 0;
    }
}

static uint8_t dac_read(struct vga *v)
{
    uint8_t value = v->s->dac_latch[v->s->dac_step++];

    if (v->s->dac_step == 3)
        dac_fetch(v);
    return value;
}

/* true when the port is of the half (mono or colour) that is switched off. */
static bool other_half(const struct vga *v, uint16_t port)
{
    bool color = v->s->misc & 1;

    return (port >= 0x3d0 && !color) || (port < 0x3c0 && color);
}

uint8_t vga_port_read(struct vga *v, uint16_t port)
{
    if (other_half(v, port) || (!(v->s->subsystem & 1) && port != 0x3c3))
        return 0xff;
    switch (port) {
    case 0x3b4:
    case 0x3d4:
        return v->s->crtc_index;
    case 0x3b5:
    case 0x3d5:
        return crtc_read(v);
    case 0x3ba:
    case 0x3da:
        v->s->ar_data = false;
        return vga_beam_status(v);
    case 0x3c0:
        return v->s->ar_data ? 0 : v->s->ar_index;
    case 0x3c1: {
        unsigned i = v->s->ar_index & 0x1f;

        return i < AR_COUNT ? v->s->ar[i] : 0;
    }
    case 0x3c2:
        return (uint8_t)(0x10 | (v->s->vertical_interrupt ? 0x80 : 0));
    case 0x3c3:
        return v->s->subsystem;
    case 0x3c4:
        return v->s->seq_index;
    case 0x3c5:
        return v->s->seq_index < SR_COUNT ? v->s->seq[v->s->seq_index] : 0;
    case 0x3c6:
        return v->s->pel_mask;
    case 0x3c7:
        return v->s->dac_state;
    case 0x3c8:
        return v->s->dac_index;
    case 0x3c9:
        return dac_read(v);
    case 0x3ca:
        return v->s->feature;
    case 0x3cc:
        return v->s->misc;
    case 0x3ce:
        return v->s->gr_index;
    case 0x3cf:
        return v->s->gr_index < GR_COUNT ? v->s->gr[v->s->gr_index] : 0;
    default:
        return 0xff;
    }
}

void vga_port_write(struct vga *v, uint16_t port, uint8_t value)
{
    if (other_half(v, port) || (!(v->s->subsystem & 1) && port != 0x3c3))
        return;
    switch (port) {
    case 0x3b4:
    case 0x3d4:
        v->s->crtc_index = value & 0x3f;
        return;
    case 0x3b5:
    case 0x3d5:
        crtc_write(v, value);
        break;
    case 0x3ba:
    case 0x3da:
        v->s->feature = value & 0x03;
        return;
    case 0x3c0:
        attribute_write(v, value);
        break;
    case 0x3c2:
        v->s->misc = value;
        break;
    case 0x3c3:
        v->s->subsystem = value & 1;
        break;
    case 0x3c4:
        v->s->seq_index = value & 0x07;
        return;
    case 0x3c5:
        if (v->s->seq_index < SR_COUNT)
            v->s->seq[v->s->seq_index] = value & seq_mask[v->s->seq_index];
        break;
    case 0x3c6:
        v->s->pel_mask = value;
        break;
    case 0x3c7:
        v->s->dac_index = value;
        v->s->dac_state = 3;
        dac_fetch(v);
        return;
    case 0x3c8:
        v->s->dac_index = value;
        v->s->dac_step = 0;
        v->s->dac_state = 0;
        return;
    case 0x3c9:
        dac_write(v, value);
        break;
    case 0x3ce:
        v->s->gr_index = value & 0x0f;
        return;
    case 0x3cf:
        if (v->s->gr_index < GR_COUNT)
            v->s->gr[v->s->gr_index] = value & gr_mask[v->s->gr_index];
        break;
    default:
        return;
    }
    vga_changed(v);
}
