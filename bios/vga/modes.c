/*
 * modes.c - the table of standard modes, and INT 10h 00h that sets one.
 *
 * Register values: IBM PS/2 Hardware Interface Technical Reference, Video
 * Subsystem, and the IBM VGA's own tables as every adapter has them. The order
 * of the rows is fixed: programs find them through the save table.
 */
#include "bios/vga/rom.h"

/* clang-format off */

/* Horizontal timing: 80 columns (of 8 or 9 dots), 40 columns of text, 40 of
 * graphics, 80 of graphics in CGA or planar modes. */
#define H_TEXT80 0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81
#define H_TEXT40 0x2d, 0x27, 0x28, 0x90, 0x2b, 0xa0
#define H_GRAPH40 0x2d, 0x27, 0x28, 0x90, 0x2b, 0x80
#define H_GRAPH80 0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80

/* Vertical timing, first part (06h-09h; the cursor lines 0Ah-0Bh follow; 0Ch-
 * 0Fh are 0) and second part (10h-13h, 15h-16h, without the underline). */
#define V_400(scan) 0xbf, 0x1f, 0x00, scan
#define V_480(scan) 0x0b, 0x3e, 0x00, scan
#define V_600(scan) 0x72, 0xf0, 0x00, scan
#define START 0, 0, 0, 0
#define W_400(offset, under) 0x9c, 0x8e, 0x8f, offset, under, 0x96, 0xb9
#define W_350(offset, under) 0x83, 0x85, 0x5d, offset, under, 0x63, 0xba
#define W_480(offset, under) 0xea, 0x8c, 0xdf, offset, under, 0xe7, 0x04

/* Attribute controller: palette, mode, overscan, planes, panning. */
#define A_CGA16 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, \
    0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17
#define A_EGA16 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x14, 0x07, \
    0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f
#define A_CGA4 0x00, 0x13, 0x15, 0x17, 0x02, 0x04, 0x06, 0x07, \
    0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17
#define A_CGA2 0x00, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, \
    0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17
#define A_MONO_TEXT 0x00, 0x08, 0x08, 0x08, 0x08, 0x08, 0x08, 0x08, \
    0x10, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18
#define A_MONO 0x00, 0x08, 0x00, 0x00, 0x18, 0x18, 0x00, 0x00, \
    0x00, 0x08, 0x00, 0x00, 0x00, 0x18, 0x00, 0x00
#define A_TWO 0x00, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, \
    0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f
#define A_256 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, \
    0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f

#define G_TEXT {0, 0, 0, 0, 0, 0x10, 0x0e, 0x00, 0xff}
#define G_TEXT_MONO {0, 0, 0, 0, 0, 0x10, 0x0a, 0x00, 0xff}
#define G_CGA4 {0, 0, 0, 0, 0, 0x30, 0x0f, 0x00, 0xff}
#define G_CGA2 {0, 0, 0, 0, 0, 0x00, 0x0d, 0x00, 0xff}
#define G_PLANAR(care) {0, 0, 0, 0, 0, 0x00, 0x05, care, 0xff}
#define G_256 {0, 0, 0, 0, 0, 0x40, 0x05, 0x0f, 0xff}

#define TEXT40_200 {40, 24, 8, 0x800, {0x09, 3, 0, 2}, 0x63, \
    {H_TEXT40, V_400(0xc7), 6, 7, START, W_400(0x14, 0x1f), 0xa3, 0xff}, \
    {A_CGA16, 0x08, 0, 0x0f, 0}, G_TEXT}
#define TEXT80_200 {80, 24, 8, 0x1000, {0x01, 3, 0, 2}, 0x63, \
    {H_TEXT80, V_400(0xc7), 6, 7, START, W_400(0x28, 0x1f), 0xa3, 0xff}, \
    {A_CGA16, 0x08, 0, 0x0f, 0}, G_TEXT}
#define TEXT40_350 {40, 24, 14, 0x800, {0x09, 3, 0, 2}, 0xa3, \
    {H_TEXT40, V_400(0x4d), 0x0b, 0x0c, START, W_350(0x14, 0x1f), 0xa3, 0xff},\
    {A_EGA16, 0x08, 0, 0x0f, 0}, G_TEXT}
#define TEXT80_350 {80, 24, 14, 0x1000, {0x01, 3, 0, 2}, 0xa3, \
    {H_TEXT80, V_400(0x4d), 0x0b, 0x0c, START, W_350(0x28, 0x1f), 0xa3, 0xff},\
    {A_EGA16, 0x08, 0, 0x0f, 0}, G_TEXT}
#define TEXT40_400 {40, 24, 16, 0x800, {0x08, 3, 0, 2}, 0x67, \
    {H_TEXT40, V_400(0x4f), 0x0d, 0x0e, START, W_400(0x14, 0x1f), 0xa3, 0xff},\
    {A_EGA16, 0x0c, 0, 0x0f, 8}, G_TEXT}
#define TEXT80_400 {80, 24, 16, 0x1000, {0x00, 3, 0, 2}, 0x67, \
    {H_TEXT80, V_400(0x4f), 0x0d, 0x0e, START, W_400(0x28, 0x1f), 0xa3, 0xff},\
    {A_EGA16, 0x0c, 0, 0x0f, 8}, G_TEXT}
#define MODE_4 {40, 24, 8, 0x4000, {0x09, 3, 0, 2}, 0x63, \
    {H_GRAPH40, V_400(0xc1), 0, 0, START, W_400(0x14, 0x00), 0xa2, 0xff}, \
    {A_CGA4, 0x01, 0, 0x03, 0}, G_CGA4}
#define MODE_F {80, 24, 14, 0x8000, {0x01, 0x0f, 0, 6}, 0xa2, \
    {H_GRAPH80, V_400(0x40), 0, 0, START, W_350(0x28, 0x0f), 0xe3, 0xff}, \
    {A_MONO, 0x0b, 0, 0x05, 0}, G_PLANAR(0x05)}
#define MODE_10 {80, 24, 14, 0x8000, {0x01, 0x0f, 0, 6}, 0xa3, \
    {H_GRAPH80, V_400(0x40), 0, 0, START, W_350(0x28, 0x0f), 0xe3, 0xff}, \
    {A_EGA16, 0x01, 0, 0x0f, 0}, G_PLANAR(0x0f)}
#define EMPTY {0, 0, 0, 0, {0}, 0, {0}, {0}, {0}}

const struct mode ROM mode_table[MODE_COUNT] = {
    TEXT40_200, TEXT40_200, TEXT80_200, TEXT80_200, /* 0-3, 200 lines */
    MODE_4, MODE_4,
    {80, 24, 8, 0x4000, {0x01, 1, 0, 6}, 0x63, /* 6 */
     {H_GRAPH80, V_400(0xc1), 0, 0, START, W_400(0x28, 0x00), 0xc2, 0xff},
     {A_CGA2, 0x01, 0, 0x01, 0}, G_CGA2},
    {80, 24, 14, 0x1000, {0x00, 3, 0, 3}, 0xa6, /* 7, 350 lines */
     {H_TEXT80, V_400(0x4d), 0x0b, 0x0c, START, W_350(0x28, 0x0d), 0xa3, 0xff},
     {A_MONO_TEXT, 0x0e, 0, 0x0f, 8}, G_TEXT_MONO},
    {100, 36, 16, 0xea60, {0x01, 0x0f, 0, 6}, 0xe3, /* 8: here 6Ah */
     {0x7f, 0x63, 0x63, 0x83, 0x6b, 0x1b, V_600(0x60), 0, 0, START,
      0x59, 0x8d, 0x57, 0x32, 0x00, 0x57, 0x73, 0xe3, 0xff},
     {A_EGA16, 0x01, 0, 0x0f, 0}, G_PLANAR(0x0f)},
    EMPTY, EMPTY, EMPTY, EMPTY,     /* 9-0Ch: never on a VGA */
    {40, 24, 8, 0x2000, {0x09, 0x0f, 0, 6}, 0x63, /* 0Dh */
     {H_GRAPH40, V_400(0xc0), 0, 0, START, W_400(0x14, 0x00), 0xe3, 0xff},
     {A_CGA16, 0x01, 0, 0x0f, 0}, G_PLANAR(0x0f)},
    {80, 24, 8, 0x4000, {0x01, 0x0f, 0, 6}, 0x63, /* 0Eh */
     {H_GRAPH80, V_400(0xc0), 0, 0, START, W_400(0x28, 0x00), 0xe3, 0xff},
     {A_CGA16, 0x01, 0, 0x0f, 0}, G_PLANAR(0x0f)},
    MODE_F, MODE_10,                /* of an EGA with 64 KiB */
    MODE_F, MODE_10,                /* 11h, 12h: 0Fh, 10h */
    TEXT40_350, TEXT40_350, TEXT80_350, TEXT80_350, /* 13h-16h: 0-3 */
    TEXT40_400,                     /* 17h: 0, 1 */
    TEXT80_400,                     /* 18h: 2, 3 */
    {80, 24, 16, 0x1000, {0x00, 3, 0, 2}, 0x66, /* 19h: 7 */
     {H_TEXT80, V_400(0x4f), 0x0d, 0x0e, START, W_400(0x28, 0x0f), 0xa3, 0xff},
     {A_MONO_TEXT, 0x0e, 0, 0x0f, 8}, G_TEXT_MONO},
    {80, 29, 16, 0xa000, {0x01, 0x0f, 0, 6}, 0xe3, /* 1Ah: 11h */
     {H_GRAPH80, V_480(0x40), 0, 0, START, W_480(0x28, 0x00), 0xc3, 0xff},
     {A_TWO, 0x01, 0, 0x0f, 0}, G_PLANAR(0x01)},
    {80, 29, 16, 0xa000, {0x01, 0x0f, 0, 6}, 0xe3, /* 1Bh: 12h */
     {H_GRAPH80, V_480(0x40), 0, 0, START, W_480(0x28, 0x00), 0xe3, 0xff},
     {A_EGA16, 0x01, 0, 0x0f, 0}, G_PLANAR(0x0f)},
    {40, 24, 8, 0x2000, {0x01, 0x0f, 0, 0x0e}, 0x63, /* 1Ch: 13h */
     {H_GRAPH80, V_400(0x41), 0, 0, START, W_400(0x28, 0x40), 0xa3, 0xff},
     {A_256, 0x41, 0, 0x0f, 0}, G_256},
};
/* clang-format on */

enum { ROW_6A = 0x08, ROW_350 = 0x13, ROW_400 = 0x17, ROW_MONO_400 = 0x19 };

/* Rows of modes 0Dh-13h. */
static const uint8_t ROM graphics_row[] = {0x0d, 0x0e, 0x11, 0x12,
                                           0x1a, 0x1b, 0x1c};

/* The two mode registers of a CGA, for the data area. */
static const uint8_t ROM cga_mode_value[] = {0x2c, 0x28, 0x2d, 0x29,
                                             0x2a, 0x2e, 0x1e, 0x29};

enum kind kind_of(uint8_t mode)
{
    if (mode <= 3 || mode == 7)
        return KIND_TEXT;
    if (mode == 4 || mode == 5)
        return KIND_CGA4;
    if (mode == 6)
        return KIND_CGA2;
    if ((mode >= 0x0d && mode <= 0x12) || mode == 0x6a)
        return KIND_PLANAR;
    return mode == 0x13 ? KIND_BYTE : KIND_NONE;
}

enum kind current_kind(void)
{
    enum kind kind = kind_of(bda.mode);

    if (kind != KIND_NONE || !dispi_on())
        return kind;
    return dispi_read(DISPI_BPP) == 4 ? KIND_PLANAR : KIND_DIRECT;
}

static unsigned text_row(uint8_t mode)
{
    uint8_t options = bda.mode_options;

    if (options & OPTION_200_LINES)
        return mode;
    if (options & OPTION_400_LINES)
        return mode == 7 ? ROW_MONO_400 : ROW_400 + mode / 2;
    return mode == 7 ? 7 : ROW_350 + mode;
}

const struct mode ROM *mode_find(uint8_t mode)
{
    if (kind_of(mode) == KIND_NONE)
        return NULL;
    if (kind_of(mode) == KIND_TEXT)
        return &mode_table[text_row(mode)];
    if (mode == 0x6a)
        return &mode_table[ROW_6A];
    return &mode_table[mode < 0x0d ? mode : graphics_row[mode - 0x0d]];
}

void mode_registers(const struct mode ROM *m)
{
    uint16_t crtc = m->misc & 1 ? 0x3d4 : 0x3b4;
    unsigned i;

    inb(0x3ba);
    inb(0x3da);
    outb(PORT_ATTRIBUTE, 0); /* the picture goes off */
    out_index(PORT_SEQ, 0, 1);
    outb(PORT_MISC, m->misc);
    for (i = 0; i < sizeof m->seq; i++)
        out_index(PORT_SEQ, (uint8_t)(i + 1), m->seq[i]);
    out_index(PORT_SEQ, 0, 3);
    out_index(crtc, 0x11, 0); /* registers 0-7 become writable */
    for (i = 0; i < sizeof m->crtc; i++)
        out_index(crtc, (uint8_t)i, m->crtc[i]);
    for (i = 0; i < sizeof m->gr; i++)
        out_index(PORT_GR, (uint8_t)i, m->gr[i]);
    inb(crtc + 6);
    for (i = 0; i < sizeof m->attribute; i++) {
        outb(PORT_ATTRIBUTE, (uint8_t)i);
        outb(PORT_ATTRIBUTE, m->attribute[i]);
    }
    outb(PORT_ATTRIBUTE, 0x14);
    outb(PORT_ATTRIBUTE, 0);
    outb(PORT_PEL_MASK, 0xff);
}

void mode_show(void)
{
    inb(bda.crtc + 6);
    outb(PORT_ATTRIBUTE, 0x20);
}

static enum palette palette_of(uint8_t mode, const struct mode ROM *m)
{
    if (mode == 7 || mode == 0x0f)
        return PALETTE_MONO;
    if (mode == 0x13)
        return PALETTE_256;
    /* The colours of the 200-line modes are numbered as a CGA's. */
    if (m->char_height == 8)
        return PALETTE_CGA;
    return PALETTE_EGA;
}

static void clear_memory(uint8_t mode)
{
    switch (kind_of(mode)) {
    case KIND_TEXT:
        far_fill16(mode == 7 ? SEGMENT_B000 : SEGMENT_B800, 0, 0x0720, 0x4000);
        break;
    case KIND_CGA4:
    case KIND_CGA2:
        far_fill16(SEGMENT_B800, 0, 0, 0x4000);
        break;
    default:
        far_fill16(SEGMENT_A000, 0, 0, 0x8000);
        break;
    }
}

static void fill_data_area(uint8_t mode, const struct mode ROM *m, bool kept)
{
    bool mono = !(m->misc & 1);

    bda.mode = mode;
    bda.columns = m->columns;
    bda.page_bytes = m->page_bytes;
    bda.page_start = 0;
    for (unsigned i = 0; i < 8; i++)
        bda.cursor[i] = 0;
    bda.cursor_type = mode == 7 ? 0x0b0c : 0x0607;
    if (kind_of(mode) != KIND_TEXT)
        bda.cursor_type = 0;
    bda.page = 0;
    bda.crtc = mono ? 0x3b4 : 0x3d4;
    bda.cga_mode = mode < 8 ? cga_mode_value[mode] : 0;
    bda.cga_palette = mode == 6 ? 0x3f : 0x30;
    bda.last_row = m->last_row;
    bda.char_height = m->char_height;
    bda.control = (uint8_t)((bda.control & 0x7f) | (kept ? 0x80 : 0));
    bda.mode_options = (uint8_t)((bda.mode_options & ~OPTION_MONO) |
                                 OPTION_VGA | (mono ? OPTION_MONO : 0));
    bda.equipment = (uint16_t)((bda.equipment & ~0x30) | (mono ? 0x30 : 0x20));
}

void mode_set_number(uint8_t mode_and_flag)
{
    bool kept = mode_and_flag & 0x80;
    uint8_t mode = mode_and_flag & 0x7f;
    const struct mode ROM *m = mode_find(mode);

    if (!m)
        return;
    if (dispi_there())
        dispi_write(DISPI_ENABLE, 0);
    mode_registers(m);
    if (!kept)
        clear_memory(mode);
    fill_data_area(mode, m, kept);
    if (kind_of(mode) == KIND_TEXT)
        font_load(m->char_height, 0);
    set_vector(VECTOR_FONT_HIGH, rom_segment(), rom_offset(font_8x8 + 0x400));
    font_vector(m->char_height);
    saved_fonts(mode);
    if (!(bda.mode_options & OPTION_KEEP_PALETTE)) {
        dac_load(palette_of(mode, m));
        saved_palette(mode);
        if (bda.mode_options & OPTION_GREY)
            dac_grey(0, 256);
    }
    saved_palette_copy();
    mode_show();
}

/* AL: mode, bit 7 keeps the memory. AL tells later what kind of mode it is,
 * as most VGA BIOSes do. */
void mode_set(struct regs *r)
{
    uint8_t mode = r->a.l & 0x7f;

    mode_set_number(r->a.l);
    if (mode > 7)
        r->a.l = 0x20;
    else
        r->a.l = mode == 6 ? 0x3f : 0x30;
}
