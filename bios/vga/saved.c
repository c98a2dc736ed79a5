/*
 * saved.c - what programs put behind the save table of 0040:00A8: fonts and
 * palettes for modes of their choice, room for a copy of the palette.
 *
 * IBM PS/2 and PC BIOS Interface Technical Reference, section 3 (save pointer
 * tables). Not looked at: a table of register values of the program's own.
 */
#include "bios/vga/rom.h"

/* Offsets in the save table, and in the second one that it points to. */
enum {
    SAVE_DYNAMIC = 0x04,
    SAVE_TEXT_FONT = 0x08,
    SAVE_GRAPHICS_FONT = 0x0c,
    SAVE_SECOND = 0x10,
    SECOND_TEXT_FONT = 0x06,
    SECOND_PALETTE = 0x0a
};

enum { NO_MORE_MODES = 0xff, ALL_ROWS = 0xff, MODES_MAX = 64 };

struct table {
    uint16_t seg, off;
};

static uint8_t byte_at(const struct table *t, unsigned at)
{
    return far_read8(t->seg, (uint16_t)(t->off + at));
}

static uint16_t word_at(const struct table *t, unsigned at)
{
    return far_read16(t->seg, (uint16_t)(t->off + at));
}

static bool pointer_at(const struct table *t, unsigned at, struct table *to)
{
    to->off = word_at(t, at);
    to->seg = word_at(t, at + 2);
    return to->off || to->seg;
}

/* The modes that an entry is for are listed at its end. */
static bool is_for(const struct table *t, unsigned list, uint8_t mode)
{
    for (unsigned n = 0; n < MODES_MAX; n++) {
        uint8_t v = byte_at(t, list + n);

        if (v == NO_MORE_MODES)
            return false;
        if (v == mode)
            return true;
    }
    return false;
}

static bool save_entry(unsigned at, struct table *to)
{
    struct table first = {(uint16_t)(bda.save_table >> 16),
                          (uint16_t)bda.save_table};

    return bda.save_table && pointer_at(&first, at, to);
}

static bool second_entry(unsigned at, struct table *to)
{
    struct table second;

    return save_entry(SAVE_SECOND, &second) && pointer_at(&second, at, to);
}

/* Which block is shown for each value of attribute bit 3: register 3 of the
 * sequencer. */
static uint8_t block_map(uint8_t clear, uint8_t set)
{
    return (uint8_t)((clear & 3) | (clear & 4) << 2 | (set & 3) << 2 |
                     (set & 4) << 3);
}

/* ---- fonts ---- */

/* Height, block, count, first, font, rows, modes. */
static void text_fonts(uint8_t mode)
{
    struct table t, data;
    uint8_t block = 0;

    if (save_entry(SAVE_TEXT_FONT, &t) && is_for(&t, 11, mode) &&
        pointer_at(&t, 6, &data)) {
        struct font f = {data.seg, data.off, word_at(&t, 4), word_at(&t, 2),
                         byte_at(&t, 0)};

        block = byte_at(&t, 1) & 7;
        if (font_load_user(&f, block, true)) {
            if (byte_at(&t, 10) != ALL_ROWS)
                bda.last_row = (uint8_t)(byte_at(&t, 10) - 1);
            out_index(PORT_SEQ, 3, block_map(block, block));
        }
    }
    /* Height, block, unused, font, modes: for a set of 512 characters. */
    if (second_entry(SECOND_TEXT_FONT, &t) && is_for(&t, 7, mode) &&
        pointer_at(&t, 3, &data)) {
        struct font f = {data.seg, data.off, 0, 256, byte_at(&t, 0)};
        uint8_t second = byte_at(&t, 1) & 7;

        if (font_load_user(&f, second, false))
            out_index(PORT_SEQ, 3, block_map(block, second));
    }
}

/* Rows, height, font, modes. */
static void graphics_font(uint8_t mode)
{
    struct table t, data;

    if (!save_entry(SAVE_GRAPHICS_FONT, &t) || !is_for(&t, 7, mode) ||
        !pointer_at(&t, 3, &data))
        return;
    set_vector(VECTOR_FONT, data.seg, data.off);
    bda.char_height = word_at(&t, 1);
    bda.last_row = (uint8_t)(byte_at(&t, 0) - 1);
}

void saved_fonts(uint8_t mode)
{
    if (kind_of(mode) == KIND_TEXT)
        text_fonts(mode);
    else
        graphics_font(mode);
}

/* ---- palette ---- */

static void attributes(const struct table *t)
{
    uint16_t count = word_at(t, 4), first = word_at(t, 6);
    struct table data;

    if (!pointer_at(t, 8, &data))
        return;
    for (uint16_t n = 0; n < count && first + n <= 16; n++) {
        uint8_t index = (uint8_t)(first + n);

        /* The 17th is the border. */
        attribute_write(index == 16 ? 0x11 : index, byte_at(&data, n));
    }
}

static void colors(const struct table *t)
{
    uint16_t count = word_at(t, 12), first = word_at(t, 14);
    struct table data;

    if (!pointer_at(t, 16, &data) || first > 255)
        return;
    outb(PORT_DAC_WRITE, (uint8_t)first);
    for (uint16_t n = 0; n < count && first + n < 256; n++)
        for (uint16_t k = 0; k < 3; k++)
            outb(PORT_DAC, byte_at(&data, n * 3u + k));
}

/* Underlining, unused (3), attribute registers: count, first, values; DAC:
 * count, first, values; modes. */
void saved_palette(uint8_t mode)
{
    uint16_t crtc = bda.crtc;
    struct table t;
    uint8_t under;

    if (!second_entry(SECOND_PALETTE, &t) || !is_for(&t, 20, mode))
        return;
    attributes(&t);
    colors(&t);
    under = byte_at(&t, 0);
    if (kind_of(mode) == KIND_TEXT && (under == 1 || under == 0xff)) {
        uint8_t rest = in_index(crtc, 0x14) & 0xe0;

        out_index(crtc, 0x14,
                  under == 1 ? (uint8_t)(rest | (bda.char_height - 1))
                             : (uint8_t)(rest | 0x1f));
    }
}

/* 16 palette registers and the border, where a program wants to have them. */
void saved_palette_copy(void)
{
    struct table t;

    if (!save_entry(SAVE_DYNAMIC, &t))
        return;
    for (uint8_t i = 0; i < 16; i++)
        far_write8(t.seg, (uint16_t)(t.off + i), attribute_read(i));
    far_write8(t.seg, (uint16_t)(t.off + 16), attribute_read(0x11));
}
