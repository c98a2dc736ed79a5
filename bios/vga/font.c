/*
 * font.c - INT 10h 11h: fonts of the text and the graphics modes.
 *
 * Text fonts lie in plane 2: eight blocks of 256 characters, 32 bytes each;
 * block n begins at 16 KiB * (n mod 4) + 8 KiB * (n div 4).
 */
#include "bios/vga/rom.h"

static bool rom_font(uint8_t height, struct font *f)
{
    f->seg = rom_segment();
    f->first = 0;
    f->count = 256;
    f->height = height;
    f->off = rom_offset(height == 8    ? font_8x8
                        : height == 14 ? font_8x14
                                       : font_8x16);
    return height == 8 || height == 14 || height == 16;
}

struct planes {
    uint8_t map_mask, memory_mode, read_map, mode, misc;
};

/* Makes plane 2 alone visible at A0000h; remembers how it was. */
static void plane_2_open(struct planes *old)
{
    old->map_mask = in_index(PORT_SEQ, 2);
    old->memory_mode = in_index(PORT_SEQ, 4);
    old->read_map = in_index(PORT_GR, 4);
    old->mode = in_index(PORT_GR, 5);
    old->misc = in_index(PORT_GR, 6);
    out_index(PORT_SEQ, 0, 1);
    out_index(PORT_SEQ, 2, 0x04);
    out_index(PORT_SEQ, 4, 0x07);
    out_index(PORT_SEQ, 0, 3);
    out_index(PORT_GR, 4, 2);
    out_index(PORT_GR, 5, 0);
    out_index(PORT_GR, 6, 0x04);
}

static void plane_2_close(const struct planes *old)
{
    out_index(PORT_SEQ, 0, 1);
    out_index(PORT_SEQ, 2, old->map_mask);
    out_index(PORT_SEQ, 4, old->memory_mode);
    out_index(PORT_SEQ, 0, 3);
    out_index(PORT_GR, 4, old->read_map);
    out_index(PORT_GR, 5, old->mode);
    out_index(PORT_GR, 6, old->misc);
}

static void load(const struct font *f, uint8_t block)
{
    uint16_t to = (uint16_t)((block & 3) << 14 | (block & 4) << 11);
    struct planes old;

    plane_2_open(&old);
    for (unsigned i = 0; i < f->count && f->first + i < 256; i++)
        far_copy(SEGMENT_A000, (uint16_t)(to + 32 * (f->first + i)), f->seg,
                 (uint16_t)(f->off + i * f->height), f->height);
    plane_2_close(&old);
}

void font_load(uint8_t height, uint8_t block)
{
    struct font f;

    if (rom_font(height, &f))
        load(&f, block);
}

void font_vector(uint8_t height)
{
    struct font f;

    if (rom_font(height, &f))
        set_vector(VECTOR_FONT, f.seg, f.off);
}

void font_pointer(unsigned vector, struct font *f)
{
    f->off = far_read16(low_segment(), (uint16_t)(4 * vector));
    f->seg = far_read16(low_segment(), (uint16_t)(4 * vector + 2));
}

/* The character height of a text mode, and all that follows from it. */
static void text_height(uint8_t height)
{
    uint16_t crtc = bda.crtc;
    uint8_t overflow = in_index(crtc, 7);
    unsigned lines = in_index(crtc, 0x12) + 1u + (overflow & 0x02 ? 256u : 0) +
                     (overflow & 0x40 ? 512u : 0);
    unsigned scan = in_index(crtc, 9);
    unsigned rows;

    if (!height || height > 32)
        return;
    out_index(crtc, 9, (uint8_t)((scan & 0xe0) | (height - 1)));
    if (bda.mode == 7) /* underline below the character */
        out_index(crtc, 0x14,
                  (uint8_t)((in_index(crtc, 0x14) & 0xe0) | (height - 1)));
    if (height > 8)
        cursor_lines((uint8_t)(height - 3), (uint8_t)(height - 2));
    else
        cursor_lines((uint8_t)(height - 2), (uint8_t)(height - 1));
    if (scan & 0x80) /* each line twice */
        lines /= 2;
    rows = lines / height;
    bda.cursor_type = 0x0607; /* as of 8 lines, whatever the height */
    bda.char_height = height;
    bda.last_row = (uint8_t)(rows - 1);
    bda.page_bytes = (uint16_t)((rows * bda.columns * 2 + 0x100) & ~0xffu);
    lines = rows * height;
    if (scan & 0x80)
        lines *= 2;
    lines--;
    out_index(crtc, 0x12, (uint8_t)lines);
    overflow &= 0xbd;
    overflow |=
        (uint8_t)((lines & 0x100 ? 0x02 : 0) | (lines & 0x200 ? 0x40 : 0));
    out_index(crtc, 7, overflow);
}

bool font_load_user(const struct font *f, uint8_t block, bool shown)
{
    if (!f->height || f->height > 32)
        return false;
    load(f, block);
    if (shown)
        text_height(f->height);
    return true;
}

/* BL=0: rows in DL; 1, 2, 3: 14, 25, 43 rows. */
static void graphics_rows(const struct regs *r, uint8_t height)
{
    static const uint8_t ROM rows[4] = {0, 14, 25, 43};
    uint8_t n = r->b.l ? rows[r->b.l & 3] : r->d.l;

    bda.char_height = height;
    bda.last_row = (uint8_t)(n - 1);
}

static void font_info(struct regs *r)
{
    struct font f = {.seg = rom_segment()};

    switch (r->b.h) {
    case 0:
        font_pointer(VECTOR_FONT_HIGH, &f);
        break;
    case 1:
        font_pointer(VECTOR_FONT, &f);
        break;
    case 2:
        rom_font(14, &f);
        break;
    case 3:
        rom_font(8, &f);
        break;
    case 4:
        rom_font(8, &f);
        f.off += 0x400;
        break;
    case 5: /* additions for 9 dots: none, the ninth column is made by hardware
             */
    case 7:
        f.off = rom_offset(font_none);
        break;
    case 6:
        rom_font(16, &f);
        break;
    default:
        return;
    }
    r->es = f.seg;
    r->bp.w = f.off;
    r->c.w = bda.char_height;
    r->d.l = bda.last_row;
}

static bool chosen_font(const struct regs *r, struct font *f)
{
    switch (r->a.l & 0x0f) {
    case 0:
        f->seg = r->es;
        f->off = r->bp.w;
        f->first = r->d.w;
        f->count = r->c.w;
        f->height = r->b.h;
        return f->height > 0 && f->height <= 32;
    case 1:
        return rom_font(14, f);
    case 2:
        return rom_font(8, f);
    case 4:
        return rom_font(16, f);
    default:
        return false;
    }
}

static void graphics_font(struct regs *r)
{
    switch (r->a.l) {
    case 0x20:
        set_vector(VECTOR_FONT_HIGH, r->es, r->bp.w);
        return;
    case 0x21:
        set_vector(VECTOR_FONT, r->es, r->bp.w);
        graphics_rows(r, r->c.l);
        return;
    case 0x22:
    case 0x23:
    case 0x24: {
        uint8_t height = r->a.l == 0x22 ? 14 : r->a.l == 0x23 ? 8 : 16;

        font_vector(height);
        graphics_rows(r, height);
        return;
    }
    default:
        return;
    }
}

/* INT 10h 11h. */
void font_service(struct regs *r)
{
    struct font f;

    if (r->a.l == 0x03 || r->a.l == 0x13) {
        out_index(PORT_SEQ, 0, 1);
        out_index(PORT_SEQ, 3, r->b.l);
        out_index(PORT_SEQ, 0, 3);
    } else if (r->a.l == 0x30) {
        font_info(r);
    } else if (r->a.l >= 0x20) {
        graphics_font(r);
    } else if (chosen_font(r, &f)) {
        load(&f, r->b.l & 7);
        if (r->a.l & 0x10)
            text_height(f.height);
    }
}
