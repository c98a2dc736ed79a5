/*
 * text.c - cursor, pages, characters: INT 10h 01h-03h, 05h-0Ah, 0Eh, 13h.
 *
 * IBM PS/2 and PC BIOS Interface Technical Reference, interrupt 10h. In
 * graphics modes the drawing is graphics.c's.
 */
#include "bios/vga/rom.h"

static bool is_text(void)
{
    return kind_of(bda.mode) == KIND_TEXT;
}

uint16_t text_segment(void)
{
    return bda.crtc == 0x3b4 ? SEGMENT_B000 : SEGMENT_B800;
}

static uint16_t cell_offset(uint8_t page, uint8_t row, uint8_t column)
{
    return (uint16_t)(page * bda.page_bytes + 2 * (row * bda.columns + column));
}

/* ---- cursor ---- */

void cursor_lines(uint8_t start, uint8_t end)
{
    out_index(bda.crtc, 0x0a, start);
    out_index(bda.crtc, 0x0b, end);
}

/* Where the cursor of the page shown is. */
void cursor_program(void)
{
    uint16_t at = bda.cursor[bda.page & 7];
    uint16_t address =
        (uint16_t)(bda.page_start / 2 + (at >> 8) * bda.columns + (at & 0xff));

    out_index(bda.crtc, 0x0e, (uint8_t)(address >> 8));
    out_index(bda.crtc, 0x0f, (uint8_t)address);
}

/*
 * Programs give the lines of an 8-line character cell. In a taller one a
 * cursor at the bottom keeps its height, with one free line below; others are
 * stretched.
 */
static void cursor_stretch(uint8_t *start, uint8_t *end)
{
    uint8_t height = (uint8_t)bda.char_height;
    uint8_t lines = (uint8_t)(*end - *start);

    if (*start > *end)
        return;
    if (*end >= 6 && lines <= 2) {
        *end = height - 2;
        *start = (uint8_t)(*end - lines);
        return;
    }
    *start = (uint8_t)(*start * height / 8);
    *end = *end >= 6 ? height - 1 : (uint8_t)((*end + 1) * height / 8 - 1);
}

/* 01h: CH start line, CL end line. */
void cursor_shape_service(struct regs *r)
{
    uint8_t start = r->c.h & 0x3f, end = r->c.l & 0x1f;

    bda.cursor_type = r->c.w;
    if (!(bda.control & CONTROL_NO_CURSOR_EMULATION) && is_text() &&
        bda.char_height > 8 && start < 8 && end < 8)
        cursor_stretch(&start, &end);
    cursor_lines(start, end);
}

void cursor_place(uint8_t page, uint16_t row_column)
{
    if (page > 7)
        return;
    bda.cursor[page] = row_column;
    if (page == bda.page)
        cursor_program();
}

/* ---- pages ---- */

static uint16_t start_address(void)
{
    switch (current_kind()) {
    case KIND_TEXT:
    case KIND_CGA4:
    case KIND_CGA2:
        return bda.page_start / 2; /* counted in words */
    default:
        return bda.page_start;
    }
}

/* 05h: AL page. */
void page_service(struct regs *r)
{
    uint8_t page = r->a.l;
    uint16_t start;

    if (page > 7 || current_kind() == KIND_DIRECT)
        return;
    bda.page = page;
    bda.page_start = (uint16_t)(page * bda.page_bytes);
    start = start_address();
    out_index(bda.crtc, 0x0c, (uint8_t)(start >> 8));
    out_index(bda.crtc, 0x0d, (uint8_t)start);
    cursor_program();
}

/* ---- scrolling ---- */

static void text_blank_row(uint16_t at, unsigned width, uint8_t attribute)
{
    far_fill16(text_segment(), at, (uint16_t)(' ' | attribute << 8), width);
}

static void text_scroll(const struct rectangle *area, uint8_t lines, bool down,
                        uint8_t attribute)
{
    unsigned width = area->right - area->left + 1u;
    unsigned height = area->bottom - area->top + 1u;
    uint16_t seg = text_segment();

    for (unsigned i = 0; i < height; i++) {
        uint8_t row = (uint8_t)(down ? area->bottom - i : area->top + i);
        uint8_t from = (uint8_t)(down ? row - lines : row + lines);
        uint16_t to = cell_offset(bda.page, row, area->left);

        if (i + lines < height)
            far_copy(seg, to, seg, cell_offset(bda.page, from, area->left),
                     2 * width);
        else
            text_blank_row(to, width, attribute);
    }
}

static void scroll(struct rectangle area, uint8_t lines, bool down,
                   uint8_t attribute)
{
    if (area.bottom > bda.last_row)
        area.bottom = bda.last_row;
    if (area.right >= bda.columns)
        area.right = (uint8_t)(bda.columns - 1);
    if (area.top > area.bottom || area.left > area.right)
        return;
    if (!lines || lines > area.bottom - area.top)
        lines = (uint8_t)(area.bottom - area.top + 1);
    if (is_text())
        text_scroll(&area, lines, down, attribute);
    else
        graphics_scroll(&area, lines, down, attribute);
}

/* 06h, 07h: AL lines (0: all), BH attribute, CX and DX the corners. */
void scroll_service(struct regs *r, bool down)
{
    struct rectangle area = {r->c.h, r->c.l, r->d.h, r->d.l};

    scroll(area, r->a.l, down, r->b.h);
}

/* ---- characters ---- */

/* 08h: BH page -> AL character, AH attribute. */
void read_char_service(struct regs *r)
{
    uint8_t page = r->b.h & 7;
    uint16_t at = bda.cursor[page];

    if (is_text())
        r->a.w = far_read16(text_segment(),
                            cell_offset(page, (uint8_t)(at >> 8), (uint8_t)at));
    else
        r->a.w = graphics_read_char(page, (uint8_t)(at >> 8), (uint8_t)at);
}

static void put_text(uint16_t at, uint8_t c, uint8_t attribute,
                     bool use_attribute)
{
    if (use_attribute)
        far_write16(text_segment(), at, (uint16_t)(c | attribute << 8));
    else
        far_write8(text_segment(), at, c);
}

/* 09h, 0Ah: AL character, BL attribute or colour, BH page, CX count. */
void write_char_service(struct regs *r, bool with_attribute)
{
    uint8_t page = r->b.h & 7;
    uint8_t row = bda.cursor[page] >> 8, column = (uint8_t)bda.cursor[page];
    uint16_t count = r->c.w;

    if (is_text()) {
        uint16_t at = cell_offset(page, row, column);

        for (; count; count--, at = (uint16_t)(at + 2))
            put_text(at, r->a.l, r->b.l, with_attribute);
        return;
    }
    for (; count && column < bda.columns; count--, column++)
        graphics_char(page, row, column, r->a.l, r->b.l);
}

/* A new line at the bottom takes the attribute of the cursor's old one. */
static void line_feed(uint8_t page, uint8_t *row, uint8_t column)
{
    struct rectangle all = {0, 0, bda.last_row, (uint8_t)(bda.columns - 1)};
    uint8_t attribute = 0;

    if (*row < bda.last_row) {
        ++*row;
        return;
    }
    if (page != bda.page)
        return;
    if (column >= bda.columns)
        column = (uint8_t)(bda.columns - 1);
    if (is_text())
        attribute = far_read8(text_segment(),
                              (uint16_t)(cell_offset(page, *row, column) + 1));
    scroll(all, 1, false, attribute);
}

/* 896 Hz for an eighth of a second by the speaker (channel 2 of the timer),
 * counted in refresh requests of 15.1 us (port 61h bit 4). */
static void bell(void)
{
    uint8_t before = inb(PORT_SPEAKER);

    outb(PORT_TIMER_CONTROL, 0xb6);
    outb(PORT_TIMER_2, 0x33);
    outb(PORT_TIMER_2, 0x05);
    outb(PORT_SPEAKER, before | 3);
    for (unsigned n = 0; n < 8276; n++) {
        uint8_t bit = inb(PORT_SPEAKER) & 0x10;
        unsigned tries = 0x400;

        while (tries && (inb(PORT_SPEAKER) & 0x10) == bit)
            tries--;
        if (!tries)
            break;
    }
    outb(PORT_SPEAKER, before);
}

void teletype(uint8_t page, uint8_t c, uint8_t attribute, bool use_attribute)
{
    uint8_t row = bda.cursor[page] >> 8, column = (uint8_t)bda.cursor[page];

    switch (c) {
    case 7:
        bell();
        return;
    case 8:
        if (column)
            column--;
        break;
    case '\n':
        line_feed(page, &row, column);
        break;
    case '\r':
        column = 0;
        break;
    default:
        if (is_text())
            put_text(cell_offset(page, row, column), c, attribute,
                     use_attribute);
        else
            graphics_char(page, row, column, c, attribute);
        if (++column >= bda.columns) {
            line_feed(page, &row, column);
            column = 0;
        }
    }
    cursor_place(page, (uint16_t)(row << 8 | column));
}

/* 13h: ES:BP string of CX characters, DX where, BH page, BL attribute, AL bit
 * 0: the cursor moves, bit 1: an attribute after each character. */
void write_string_service(struct regs *r)
{
    uint8_t page = r->b.h & 7, attribute = r->b.l;
    uint16_t before = bda.cursor[page], at = r->bp.w;

    if (r->a.l > 3)
        return;
    /* DH=FFh: at the cursor, as many BIOSes have it. */
    if (r->d.h != 0xff)
        cursor_place(page, r->d.w);
    for (uint16_t n = r->c.w; n; n--) {
        uint8_t c = far_read8(r->es, at++);

        if (r->a.l & 2)
            attribute = far_read8(r->es, at++);
        teletype(page, c, attribute, true);
    }
    if (!(r->a.l & 1))
        cursor_place(page, before);
}
