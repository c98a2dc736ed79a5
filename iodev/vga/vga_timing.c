/*
 * vga_timing.c - where the beam is, computed from guest time.
 *
 * IBM PS/2 Hardware Interface Technical Reference, Video Subsystem, CRT
 * Controller. Nothing counts lines: the position follows from the time since
 * power-on and the programmed timing, so that a status read costs a division
 * and repeats exactly. Known departure: the phase is not restarted by a
 * sequencer reset.
 */
#include "iodev/vga/vga.h"

void vga_timing(const struct vga *v, struct vga_timing *t)
{
    const uint8_t *cr = v->s->crtc;
    unsigned ov = cr[CR_OVERFLOW];
    unsigned scale = cr[CR_MODE] & 4 ? 2 : 1; /* CR17: count lines by two */
    unsigned end;

    t->clock_hz = (v->s->misc >> 2 & 3) == 1 ? 28322000 : 25175000;
    if (v->s->seq[SR_CLOCKING] & 8)
        t->clock_hz /= 2;
    t->char_dots = v->s->seq[SR_CLOCKING] & 1 ? 8 : 9;
    t->htotal = cr[CR_HTOTAL] + 5u;
    t->hdisp = cr[CR_HDISP_END] + 1u;
    t->vtotal = cr[CR_VTOTAL] | (ov & 0x01) << 8 | (ov & 0x20) << 4;
    t->vtotal = (t->vtotal + 2) * scale;
    t->vdisp = cr[CR_VDISP_END] | (ov & 0x02) << 7 | (ov & 0x40) << 3;
    t->vdisp = (t->vdisp + 1) * scale;
    t->vsync = cr[CR_VRETRACE_START] | (ov & 0x04) << 6 | (ov & 0x80) << 2;
    end = (cr[CR_VRETRACE_END] - t->vsync) & 15;
    t->vsync *= scale;
    t->vsync_lines = (end ? end : 16) * scale;
}

/* Character clocks since power-on. */
static uint64_t char_clocks(const struct vga *v, const struct vga_timing *t)
{
    return clock_cycles(v->sv->clock, t->clock_hz) / t->char_dots;
}

uint8_t vga_beam_status(const struct vga *v)
{
    struct vga_timing t;
    uint64_t chars;
    unsigned column, line;
    uint8_t status = 0;

    vga_timing(v, &t);
    chars = char_clocks(v, &t);
    column = (unsigned)(chars % t.htotal);
    line = (unsigned)(chars / t.htotal % t.vtotal);
    if (column >= t.hdisp || line >= t.vdisp)
        status |= 0x01;
    if (line >= t.vsync && line < t.vsync + t.vsync_lines)
        status |= 0x08;
    return status;
}

uint64_t vga_frame_number(const struct vga *v)
{
    struct vga_timing t;

    vga_timing(v, &t);
    return char_clocks(v, &t) / ((uint64_t)t.htotal * t.vtotal);
}

/* CR11: bit 4 set lets an interrupt through, bit 5 set disables it. */
static bool vretrace_wanted(const struct vga *v)
{
    return (v->s->crtc[CR_VRETRACE_END] & 0x30) == 0x10;
}

void vga_vretrace_arm(struct vga *v)
{
    struct vga_timing t;
    uint64_t frame, at, now, tick;

    if (!vretrace_wanted(v)) {
        timer_cancel(&v->vretrace);
        return;
    }
    vga_timing(v, &t);
    frame = (uint64_t)t.htotal * t.vtotal;
    now = char_clocks(v, &t);
    at = now / frame * frame + (uint64_t)t.htotal * t.vsync;
    while (at <= now)
        at += frame;
    tick = clock_cycles_to_tick(v->sv->clock, at * t.char_dots, t.clock_hz);
    if (tick <= v->sv->clock->now) /* the clock is too coarse for one frame */
        tick = v->sv->clock->now + 1;
    timer_arm_tick(&v->vretrace, tick);
}

void vga_vretrace_fire(void *opaque)
{
    struct vga *v = opaque;

    v->s->vertical_interrupt = true;
    line_set(&v->irq, true);
    vga_vretrace_arm(v);
}
