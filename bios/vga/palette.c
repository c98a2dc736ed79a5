/*
 * palette.c - attribute controller and DAC: INT 10h 0Bh and 10h.
 */
#include "bios/vga/rom.h"

/* Reading port 3DAh (3BAh) makes the next write of 3C0h an index. */
static void attribute_flip_flop(void)
{
    inb(bda.crtc + 6);
}

uint8_t attribute_read(uint8_t index)
{
    uint8_t v;

    attribute_flip_flop();
    outb(PORT_ATTRIBUTE, index | 0x20);
    v = inb(PORT_ATTRIBUTE_READ);
    attribute_flip_flop();
    return v;
}

void attribute_write(uint8_t index, uint8_t v)
{
    attribute_flip_flop();
    outb(PORT_ATTRIBUTE, index | 0x20);
    outb(PORT_ATTRIBUTE, v);
    attribute_flip_flop();
}

static void dac_put(uint8_t red, uint8_t green, uint8_t blue)
{
    outb(PORT_DAC, red);
    outb(PORT_DAC, green);
    outb(PORT_DAC, blue);
}

/* Colours with one bit for each component and one for the intensity. */
static void dac_put_rgbi(unsigned color, bool bright)
{
    uint8_t low = bright ? 0x15 : 0, on = (uint8_t)(low + 0x2a);
    uint8_t green = color & 2 ? on : low;

    if (color == 6 && !bright)
        green = 0x15; /* brown, not dark yellow */
    dac_put(color & 4 ? on : low, green, color & 1 ? on : low);
}

/* An EGA's colours: bits 0-2 two thirds, bits 3-5 one third of blue, green,
 * red. */
static uint8_t ega_level(unsigned color, unsigned bit)
{
    return (uint8_t)((color >> bit & 1 ? 0x2a : 0) +
                     (color >> (bit + 3) & 1 ? 0x15 : 0));
}

static const uint8_t ROM grey_levels[16] = {0x00, 0x05, 0x08, 0x0b, 0x0e, 0x11,
                                            0x14, 0x18, 0x1c, 0x20, 0x24, 0x28,
                                            0x2d, 0x32, 0x38, 0x3f};

/* Steps from the weakest to the strongest component: three intensities of
 * three saturations each (IBM VGA, default palette of mode 13h). */
static const uint8_t ROM hue_levels[9][5] = {
    {0x00, 0x10, 0x1f, 0x2f, 0x3f}, {0x1f, 0x27, 0x2f, 0x37, 0x3f},
    {0x2d, 0x31, 0x36, 0x3a, 0x3f}, {0x00, 0x07, 0x0e, 0x15, 0x1c},
    {0x0e, 0x11, 0x15, 0x18, 0x1c}, {0x14, 0x16, 0x18, 0x1a, 0x1c},
    {0x00, 0x04, 0x08, 0x0c, 0x10}, {0x08, 0x0a, 0x0c, 0x0e, 0x10},
    {0x0b, 0x0c, 0x0d, 0x0f, 0x10},
};

/* Strength of a component that is full from hue `from` on for 9 hues of 24,
 * with slopes of 4 on both sides. */
static unsigned hue_step(unsigned hue, unsigned from)
{
    unsigned at = (hue + 24 - from + 4) % 24;

    if (at >= 4 && at <= 12)
        return 4;
    if (at < 4)
        return at;
    return at < 16 ? 16 - at : 0;
}

static void dac_put_hues(void)
{
    for (unsigned group = 0; group < 9; group++)
        for (unsigned hue = 0; hue < 24; hue++)
            dac_put(hue_levels[group][hue_step(hue, 4)],
                    hue_levels[group][hue_step(hue, 12)],
                    hue_levels[group][hue_step(hue, 20)]);
    for (unsigned i = 0; i < 8; i++)
        dac_put(0, 0, 0);
}

static void dac_put_mono(unsigned color)
{
    static const uint8_t ROM levels[4] = {0x00, 0x2a, 0x2a, 0x3f};
    uint8_t v = levels[color >> 3 & 3];

    dac_put(v, v, v);
}

void dac_load(enum palette which)
{
    outb(PORT_DAC_WRITE, 0);
    if (which == PALETTE_256) {
        for (unsigned i = 0; i < 16; i++)
            dac_put_rgbi(i & 7, i & 8);
        for (unsigned i = 0; i < 16; i++)
            dac_put(grey_levels[i], grey_levels[i], grey_levels[i]);
        dac_put_hues();
        return;
    }
    for (unsigned i = 0; i < 64; i++) {
        if (which == PALETTE_MONO)
            dac_put_mono(i);
        else if (which == PALETTE_CGA)
            dac_put_rgbi(i & 7, i & 0x10);
        else
            dac_put(ega_level(i, 2), ega_level(i, 1), ega_level(i, 0));
    }
    for (unsigned i = 64; i < 256; i++)
        dac_put(0, 0, 0);
}

/* 30 % red, 59 % green, 11 % blue. */
void dac_grey(uint16_t first, uint16_t count)
{
    for (unsigned i = first; i < (unsigned)first + count && i < 256; i++) {
        unsigned v;

        outb(PORT_DAC_READ, (uint8_t)i);
        v = 77u * inb(PORT_DAC);
        v += 151u * inb(PORT_DAC);
        v += 28u * inb(PORT_DAC);
        v = (v + 0x80) >> 8;
        outb(PORT_DAC_WRITE, (uint8_t)i);
        dac_put((uint8_t)v, (uint8_t)v, (uint8_t)v);
    }
}

/* 02h: 16 palette registers and the overscan from ES:DX. */
static void palette_write_all(const struct regs *r)
{
    for (uint8_t i = 0; i < 16; i++)
        attribute_write(i, far_read8(r->es, (uint16_t)(r->d.w + i)));
    attribute_write(0x11, far_read8(r->es, (uint16_t)(r->d.w + 16)));
}

static void palette_read_all(const struct regs *r)
{
    for (uint8_t i = 0; i < 16; i++)
        far_write8(r->es, (uint16_t)(r->d.w + i), attribute_read(i));
    far_write8(r->es, (uint16_t)(r->d.w + 16), attribute_read(0x11));
}

/* 12h, 17h: CX colours from BX on, three bytes each at ES:DX. */
static void dac_write_block(const struct regs *r)
{
    uint16_t at = r->d.w;

    outb(PORT_DAC_WRITE, r->b.l);
    for (unsigned i = 0; i < 3u * r->c.w && i < 768; i++)
        outb(PORT_DAC, far_read8(r->es, at++));
}

static void dac_read_block(const struct regs *r)
{
    uint16_t at = r->d.w;

    outb(PORT_DAC_READ, r->b.l);
    for (unsigned i = 0; i < 3u * r->c.w && i < 768; i++)
        far_write8(r->es, at++, inb(PORT_DAC));
}

/* 13h: BL=0 chooses 4 pages of 64 or 16 of 16 colours, BL=1 the page. */
static void dac_page_write(const struct regs *r)
{
    uint8_t mode = attribute_read(0x10);

    if (r->b.l == 0)
        attribute_write(0x10, (uint8_t)((mode & 0x7f) | r->b.h << 7));
    else if (r->b.l == 1)
        attribute_write(0x14, mode & 0x80 ? r->b.h & 0x0f
                                          : (uint8_t)(r->b.h << 2 & 0x0c));
}

static void dac_page_read(struct regs *r)
{
    uint8_t mode = attribute_read(0x10), page = attribute_read(0x14) & 0x0f;

    r->b.l = mode >> 7;
    r->b.h = mode & 0x80 ? page : page >> 2;
}

static void blink_write(uint8_t on)
{
    uint8_t mode = attribute_read(0x10) & 0xf7;

    attribute_write(0x10, (uint8_t)(mode | (on & 1) << 3));
    bda.cga_mode = (uint8_t)((bda.cga_mode & 0xdf) | (on & 1) << 5);
}

static bool dac_service(struct regs *r)
{
    switch (r->a.l) {
    case 0x10:
        outb(PORT_DAC_WRITE, r->b.l);
        dac_put(r->d.h, r->c.h, r->c.l);
        return true;
    case 0x12:
        dac_write_block(r);
        return true;
    case 0x13:
        dac_page_write(r);
        return true;
    case 0x15:
        outb(PORT_DAC_READ, r->b.l);
        r->d.h = inb(PORT_DAC);
        r->c.h = inb(PORT_DAC);
        r->c.l = inb(PORT_DAC);
        return true;
    case 0x17:
        dac_read_block(r);
        return true;
    case 0x18:
        outb(PORT_PEL_MASK, r->b.l);
        return true;
    case 0x19:
        r->b.l = inb(PORT_PEL_MASK);
        return true;
    case 0x1a:
        dac_page_read(r);
        return true;
    case 0x1b:
        dac_grey(r->b.w, r->c.w);
        return true;
    default:
        return false;
    }
}

/* INT 10h 10h. */
void palette_service(struct regs *r)
{
    switch (r->a.l) {
    case 0x00:
        if (r->b.l < 0x15)
            attribute_write(r->b.l, r->b.h);
        saved_palette_copy();
        break;
    case 0x01:
        attribute_write(0x11, r->b.h);
        saved_palette_copy();
        break;
    case 0x02:
        palette_write_all(r);
        saved_palette_copy();
        break;
    case 0x03:
        blink_write(r->b.l);
        break;
    case 0x07:
        if (r->b.l < 0x15)
            r->b.h = attribute_read(r->b.l);
        break;
    case 0x08:
        r->b.h = attribute_read(0x11);
        break;
    case 0x09:
        palette_read_all(r);
        break;
    default:
        dac_service(r);
        break;
    }
}

/* INT 10h 0Bh: border and background (BH=0), palette of mode 4 (BH=1). */
void cga_palette_service(struct regs *r)
{
    uint8_t v = r->b.l;

    if (r->b.h == 0) {
        uint8_t color = (uint8_t)((v & 0x07) | (v & 0x08 ? 0x10 : 0));

        attribute_write(0x11, color);
        if (kind_of(bda.mode) != KIND_TEXT) {
            attribute_write(0, color);
            for (uint8_t i = 1; i < 4; i++)
                attribute_write(
                    i, (uint8_t)((attribute_read(i) & 0xef) | (v & 0x10)));
        }
        bda.cga_palette = (uint8_t)((bda.cga_palette & 0xe0) | (v & 0x1f));
    } else if (r->b.h == 1) {
        for (uint8_t i = 1; i < 4; i++)
            attribute_write(i, (uint8_t)((attribute_read(i) & 0xfe) | (v & 1)));
        bda.cga_palette = (uint8_t)((bda.cga_palette & 0xdf) | (v & 1) << 5);
    }
}
