/*
 * vga.c - the VGA core: guest state, set-up, reset, state checks.
 *
 * The registers are in vga_ports.c and dispi.c, the memory window in
 * vga_memory.c, the beam in vga_timing.c, the picture in vga_render.c and
 * vga_text.c; isa_vga.c and pci_vga.c put it on a bus.
 */
#include "iodev/vga/vga.h"

#include <stdlib.h>

#define T struct vga_state

const struct field vga_fields[] = {
    FIELD(T, misc, "miscellaneous output"),
    FIELD(T, feature, "feature control"),
    FIELD(T, subsystem, "video subsystem enable"),
    FIELD(T, crtc_index, "CRT controller index"),
    FIELD(T, seq_index, "sequencer index"),
    FIELD(T, gr_index, "graphics controller index"),
    FIELD(T, ar_index, "attribute controller index, bit 5 shows the picture"),
    FIELD_ARRAY(T, crtc, "CRT controller"),
    FIELD_ARRAY(T, seq, "sequencer"),
    FIELD_ARRAY(T, gr, "graphics controller"),
    FIELD_ARRAY(T, ar, "attribute controller"),
    FIELD(T, ar_data, "the next write of 3C0h is data"),
    FIELD(T, vertical_interrupt, "vertical interrupt pending"),
    FIELD_ARRAY(T, dac, "colours, red green blue"),
    FIELD_ARRAY(T, dac_latch, "colour being read or written"),
    FIELD(T, dac_index, "colour address"),
    FIELD(T, dac_step, "component of the colour, 0-2"),
    FIELD(T, dac_state, "0 writing 3 reading"),
    FIELD(T, pel_mask, "pel mask"),
    FIELD(T, latch, "latches, plane 0 in the low byte"),
    FIELD(T, dispi_index, "DISPI index"),
    FIELD_ARRAY(T, dispi, "DISPI registers"),
    FIELD(T, bank_read, "DISPI bank for reads"),
    FIELD(T, bank_write, "DISPI bank for writes"),
    FIELD_STRUCTS(T, ddc, ddc_fields, "monitor data channel"),
    FIELD_END,
};

#undef T

void vga_changed(struct vga *v)
{
    v->plain = !(v->s->gr[GR_MODE] & 3) && !v->s->gr[GR_ENABLE_SET_RESET] &&
               !v->s->gr[GR_ROTATE] && v->s->gr[GR_BIT_MASK] == 0xff;
    v->touched = true;
}

bool vga_init(struct vga *v, struct vga_state *s, struct device *dev,
              const char *timer_name, struct error *err)
{
    const struct services *sv = dev->sv;

    v->s = s;
    v->sv = sv;
    v->log = &dev->log;
    v->vram_bytes = (size_t)4 << 20 << v->opt.memory;
    /* Untouched pages of a fresh allocation cost nothing. */
    v->vram = calloc(1, v->vram_bytes);
    if (!v->vram)
        return error_set(err, EXIT_NO_OPEN,
                         "no host memory for %zu MiB of video memory",
                         v->vram_bytes >> 20);
    timer_init(&v->vretrace, sv->clock, timer_name, vga_vretrace_fire, v);
    v->window =
        phys_map_mmio(sv->phys, "vga window", VGA_WINDOW_BASE, VGA_WINDOW_SIZE,
                      VGA_WINDOW_PRIORITY, &vga_window_ops, v);
    if (v->opt.extension)
        v->lfb = phys_map_video(sv->phys, "vga frame buffer", VGA_ISA_LFB,
                                v->vram_bytes, VGA_LFB_PRIORITY, v->vram);
    v->screen = (struct screen){v, vga_render, vga_text};
    if (sv->host && sv->host->set_screen)
        sv->host->set_screen(sv->host->opaque, &v->screen);
    return true;
}

/* Zeros what is not zero, so that memory which the guest never used is not
 * taken from the host either. */
static void clear_memory(uint8_t *p, size_t n)
{
    static const uint8_t zero[4096];

    for (size_t at = 0; at < n; at += sizeof zero) {
        size_t k = n - at < sizeof zero ? n - at : sizeof zero;

        if (memcmp(p + at, zero, k) != 0)
            memset(p + at, 0, k);
    }
}

void vga_reset(struct vga *v, enum reset_kind kind)
{
    *v->s = (struct vga_state){.subsystem = 1, .pel_mask = 0xff};
    dispi_reset(v);
    if (kind == RESET_HARDWARE && v->vram_used)
        clear_memory(v->vram, v->vram_bytes);
    v->vram_used = true; /* whatever comes: it runs now */
    timer_cancel(&v->vretrace);
    line_set(&v->irq, false);
    vga_changed(v);
}

bool vga_post_load(struct vga *v, struct error *err)
{
    const struct vga_state *s = v->s;

    if (s->dac_step > 2 || s->ddc[0].phase > 3 || s->ddc[0].bits > 9)
        return error_set(err, EXIT_BAD_DATA,
                         "vga: a counter in the state is out of range");
    if (!dispi_valid(v))
        return error_set(err, EXIT_BAD_DATA,
                         "vga: the mode %ux%ux%u in the state does not fit "
                         "%zu MiB of video memory; check vbe_memsize",
                         s->dispi[DISPI_XRES], s->dispi[DISPI_YRES],
                         s->dispi[DISPI_BPP], v->vram_bytes >> 20);
    line_set(&v->irq, s->vertical_interrupt);
    vga_changed(v);
    return true;
}

void vga_info(struct vga *v, struct out *out)
{
    struct vga_timing t;
    uint64_t line_hz;

    if (dispi_on(v)) {
        const uint16_t *d = v->s->dispi;

        out_printf(out, "mode: linear %ux%u, %u bpp, virtual %ux%u at %u,%u\n",
                   d[DISPI_XRES], d[DISPI_YRES], d[DISPI_BPP],
                   d[DISPI_VIRT_WIDTH], d[DISPI_VIRT_HEIGHT], d[DISPI_X_OFFSET],
                   d[DISPI_Y_OFFSET]);
        return;
    }
    vga_timing(v, &t);
    line_hz = t.clock_hz / t.char_dots / t.htotal;
    out_printf(out, "mode: %s, %u characters by %u lines\n",
               vga_text_mode(v) ? "text" : "graphics", t.hdisp, t.vdisp);
    out_printf(out, "timing: %u Hz lines, %u Hz frames\n", (unsigned)line_hz,
               (unsigned)(line_hz / t.vtotal));
}

void vga_destroy(struct vga *v)
{
    if (v->window)
        phys_region_remove(v->window);
    if (v->lfb)
        phys_region_remove(v->lfb);
    if (v->vretrace.clock)
        timer_destroy(&v->vretrace);
    free(v->vram);
    free(v->pic.pixels);
    free(v->pic.cells);
}
