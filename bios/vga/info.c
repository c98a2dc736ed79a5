/*
 * info.c - what the adapter is and how it stands: INT 10h 12h, 1Ah, 1Bh, 1Ch,
 * and the tables that the data area points to.
 *
 * IBM PS/2 and PC BIOS Interface Technical Reference, interrupt 10h. A saved
 * state does not hold the latches of the graphics controller.
 */
#include "bios/vga/rom.h"

/* ---- tables ---- */

/* clang-format off */
/* Pairs of displays; 40:8A is the index of the one that is there. */
const struct combinations ROM combinations = {
    16, 1, 8, 0,
    {{0, 0}, {0, 1}, {0, 2}, {2, 1}, {0, 4}, {4, 1}, {0, 5}, {2, 5},
     {0, 6}, {6, 1}, {6, 5}, {0, 8}, {1, 8}, {0, 7}, {2, 7}, {6, 7}},
};
/* clang-format on */

const uint8_t ROM static_functions[16] = {
    0xff,
    0xe0,
    0x0f,
    0,
    0,
    0,
    0,    /* modes 0-7, 0Dh-13h */
    0x07, /* 200, 350, 400 lines */
    2,    /* fonts at the same time */
    8,    /* font blocks */
    /* All modes on all displays, grey, fonts, default palette, cursor
     * emulation, 64 EGA colours; colour register, DAC pages. */
    0xe7,
    0x0c, /* save and restore, blink or intensity, combinations */
    0,
    0,
    0x3f, /* by the save table: 512 characters, palette, fonts, combinations */
    0,
};

/* ---- 12h ---- */

static void choose_lines(uint8_t which)
{
    static const uint8_t ROM flags[3] = {OPTION_200_LINES, 0, OPTION_400_LINES};

    bda.mode_options =
        (uint8_t)((bda.mode_options & ~(OPTION_200_LINES | OPTION_400_LINES)) |
                  flags[which]);
    bda.switches = (uint8_t)((bda.switches & 0xf0) | (which ? 9 : 8));
}

static void option_set(uint8_t flag, bool on)
{
    bda.mode_options = (uint8_t)((bda.mode_options & ~flag) | (on ? flag : 0));
}

void alternate_service(struct regs *r)
{
    uint8_t v = r->a.l;

    switch (r->b.l) {
    case 0x10:
        r->b.h = bda.crtc == 0x3b4;
        r->b.l = 3; /* 256 KiB */
        r->c.h = 0; /* nothing at the feature connector */
        r->c.l = bda.switches & 0x0f;
        return;
    case 0x20: /* the system BIOS prints screens of any size */
        return;
    case 0x30:
        if (v > 2)
            return;
        choose_lines(v);
        break;
    case 0x31:
        option_set(OPTION_KEEP_PALETTE, v & 1);
        break;
    case 0x32:
        outb(PORT_MISC,
             (uint8_t)((inb(PORT_MISC_READ) & 0xfd) | (v & 1 ? 0 : 2)));
        break;
    case 0x33:
        option_set(OPTION_GREY, !(v & 1));
        break;
    case 0x34:
        bda.control = (uint8_t)((bda.control & 0xfe) | (v & 1));
        break;
    case 0x35: /* there is no other adapter to switch to */
        break;
    case 0x36:
        out_index(PORT_SEQ, 1,
                  (uint8_t)((in_index(PORT_SEQ, 1) & 0xdf) | (v & 1) << 5));
        break;
    default:
        return;
    }
    r->a.l = 0x12;
}

/* ---- 1Ah ---- */

void combination_service(struct regs *r)
{
    if (r->a.l == 0) {
        uint8_t i = bda.display & 15;

        r->b.l = combinations.pair[i][1];
        r->b.h = combinations.pair[i][0];
        r->a.l = 0x1a;
    } else if (r->a.l == 1) {
        for (uint8_t i = 0; i < 16; i++)
            if (combinations.pair[i][1] == r->b.l &&
                combinations.pair[i][0] == r->b.h)
                bda.display = i;
        r->a.l = 0x1a;
    }
}

/* ---- 1Bh ---- */

static uint16_t color_count(void)
{
    switch (bda.mode) {
    case 7:
    case 0x0f:
        return 0;
    case 4:
    case 5:
        return 4;
    case 6:
    case 0x11:
        return 2;
    case 0x13:
        return 256;
    default:
        return 16;
    }
}

static uint8_t page_count(void)
{
    static const uint8_t ROM of_graphics[] = {8, 4, 2, 2, 1, 1, 1};

    if (kind_of(bda.mode) == KIND_TEXT)
        return bda.last_row > 24 ? 4 : 8;
    if (bda.mode >= 0x0d && bda.mode <= 0x13)
        return of_graphics[bda.mode - 0x0d];
    return 1;
}

/* 0-3: 200, 350, 400, 480 lines. */
static uint8_t line_code(void)
{
    unsigned lines = (bda.last_row + 1u) * bda.char_height;

    if (lines <= 200)
        return 0;
    if (lines <= 350)
        return 1;
    return lines <= 400 ? 2 : 3;
}

/* BX=0: 64 bytes at ES:DI. */
void state_info_service(struct regs *r)
{
    uint16_t seg = r->es, at = r->di.w;
    uint8_t map, misc, options = bda.mode_options;

    if (r->b.w)
        return;
    far_fill8(seg, at, 0, 64);
    far_write16(seg, at, rom_offset(static_functions));
    far_write16(seg, (uint16_t)(at + 2), rom_segment());
    far_copy(seg, (uint16_t)(at + 4), low_segment(), DATA_AREA + 0x49, 0x1e);
    far_write8(seg, (uint16_t)(at + 0x22), (uint8_t)(bda.last_row + 1));
    far_write16(seg, (uint16_t)(at + 0x23), bda.char_height);
    far_write8(seg, (uint16_t)(at + 0x25),
               combinations.pair[bda.display & 15][1]);
    far_write8(seg, (uint16_t)(at + 0x26),
               combinations.pair[bda.display & 15][0]);
    far_write16(seg, (uint16_t)(at + 0x27), color_count());
    far_write8(seg, (uint16_t)(at + 0x29), page_count());
    far_write8(seg, (uint16_t)(at + 0x2a), line_code());
    map = in_index(PORT_SEQ, 3);
    far_write8(seg, (uint16_t)(at + 0x2b),
               (uint8_t)((map & 3) | (map >> 2 & 4)));
    far_write8(seg, (uint16_t)(at + 0x2c),
               (uint8_t)((map >> 2 & 3) | (map >> 3 & 4)));
    /* All modes on all displays, grey, mono, kept palette, cursor emulation,
     * blinking. */
    misc = 0x01;
    misc |= options & (OPTION_GREY | OPTION_MONO | OPTION_KEEP_PALETTE);
    misc |= bda.control & CONTROL_NO_CURSOR_EMULATION ? 0 : 0x10;
    misc |= (attribute_read(0x10) & 8) << 2;
    far_write8(seg, (uint16_t)(at + 0x2d), misc);
    far_write8(seg, (uint16_t)(at + 0x31), 3); /* 256 KiB */
    r->a.l = 0x1b;
}

/* ---- 1Ch ---- */

struct stream {
    uint16_t seg, off;
};

static void put(struct stream *s, uint8_t v)
{
    far_write8(s->seg, s->off++, v);
}

static uint8_t get(struct stream *s)
{
    return far_read8(s->seg, s->off++);
}

/* Ranges of the data area: first offset, length. */
static const uint8_t ROM saved_ranges[][2] = {
    {0x10, 2}, {0x49, 0x1e}, {0x84, 7}, {0xa8, 4}, {0xba, 2}};

static void save_registers(struct stream *s)
{
    uint16_t crtc = bda.crtc;

    put(s, inb(PORT_SEQ));
    put(s, inb(crtc));
    put(s, inb(PORT_GR));
    put(s, inb(PORT_MISC_READ));
    put(s, inb(PORT_FEATURE_READ));
    put(s, (uint8_t)crtc);
    for (uint8_t i = 0; i < 5; i++)
        put(s, in_index(PORT_SEQ, i));
    for (uint8_t i = 0; i < 25; i++)
        put(s, in_index(crtc, i));
    for (uint8_t i = 0; i < 21; i++)
        put(s, attribute_read(i));
    for (uint8_t i = 0; i < 9; i++)
        put(s, in_index(PORT_GR, i));
}

static void restore_registers(struct stream *s)
{
    uint8_t seq = get(s), crtc_index = get(s), gr = get(s), misc = get(s);
    uint8_t feature = get(s);
    uint16_t crtc = 0x300 | get(s);

    outb(PORT_MISC, misc);
    outb(crtc + 6, feature);
    get(s);
    out_index(PORT_SEQ, 0, 1);
    for (uint8_t i = 1; i < 5; i++)
        out_index(PORT_SEQ, i, get(s));
    out_index(PORT_SEQ, 0, 3);
    out_index(crtc, 0x11, 0);
    for (uint8_t i = 0; i < 25; i++)
        out_index(crtc, i, get(s));
    inb(crtc + 6);
    for (uint8_t i = 0; i < 21; i++) {
        outb(PORT_ATTRIBUTE, i);
        outb(PORT_ATTRIBUTE, get(s));
    }
    outb(PORT_ATTRIBUTE, 0x20);
    inb(crtc + 6);
    for (uint8_t i = 0; i < 9; i++)
        out_index(PORT_GR, i, get(s));
    outb(PORT_SEQ, seq);
    outb(crtc, crtc_index);
    outb(PORT_GR, gr);
}

static void move_data_area(struct stream *s, bool restore)
{
    for (unsigned i = 0; i < sizeof saved_ranges / sizeof *saved_ranges; i++) {
        uint8_t first = saved_ranges[i][0], n = saved_ranges[i][1];

        if (restore)
            far_copy(low_segment(), DATA_AREA + first, s->seg, s->off, n);
        else
            far_copy(s->seg, s->off, low_segment(), DATA_AREA + first, n);
        s->off += n;
    }
    for (unsigned n = VECTOR_FONT_HIGH; n <= VECTOR_FONT;
         n += VECTOR_FONT - VECTOR_FONT_HIGH) {
        if (restore)
            far_copy(low_segment(), (uint16_t)(4 * n), s->seg, s->off, 4);
        else
            far_copy(s->seg, s->off, low_segment(), (uint16_t)(4 * n), 4);
        s->off += 4;
    }
}

static void save_dac(struct stream *s)
{
    put(s, inb(PORT_PEL_MASK));
    put(s, inb(PORT_DAC_WRITE));
    put(s, attribute_read(0x14));
    outb(PORT_DAC_READ, 0);
    for (unsigned i = 0; i < 768; i++)
        put(s, inb(PORT_DAC));
}

static void restore_dac(struct stream *s)
{
    uint8_t index;

    outb(PORT_PEL_MASK, get(s));
    index = get(s);
    attribute_write(0x14, get(s));
    outb(PORT_DAC_WRITE, 0);
    for (unsigned i = 0; i < 768; i++)
        outb(PORT_DAC, get(s));
    outb(PORT_DAC_WRITE, index);
}

static void save_dispi(struct stream *s)
{
    for (uint8_t i = DISPI_XRES; i <= DISPI_Y_OFFSET; i++) {
        uint16_t v = dispi_read(i);

        put(s, (uint8_t)v);
        put(s, (uint8_t)(v >> 8));
    }
}

/* The picture stays: memory is not cleared when the mode comes back. */
static void restore_dispi(struct stream *s)
{
    uint16_t enable = 0;

    dispi_write(DISPI_ENABLE, 0);
    for (uint8_t i = DISPI_XRES; i <= DISPI_Y_OFFSET; i++) {
        uint16_t v = get(s);

        v |= (uint16_t)(get(s) << 8);
        if (i == DISPI_ENABLE) {
            enable = v;
            v |= DISPI_NOCLEAR;
        }
        if (i != DISPI_VIRT_HEIGHT)
            dispi_write(i, v);
    }
    dispi_write(DISPI_ENABLE, enable);
}

/* Blocks of 64 bytes of each part. */
static const uint8_t ROM part_blocks[4] = {2, 1, 13, 1};

uint16_t state_blocks(uint16_t parts)
{
    uint16_t n = 0;

    for (unsigned i = 0; i < 4; i++)
        if (parts & 1 << i)
            n += part_blocks[i];
    return n;
}

static struct stream part_at(uint16_t parts, unsigned part, uint16_t seg,
                             uint16_t off)
{
    uint16_t before = (uint16_t)(parts & ((1 << part) - 1));
    struct stream s = {seg, (uint16_t)(off + 64 * state_blocks(before))};

    return s;
}

void state_save(uint16_t parts, uint16_t seg, uint16_t off)
{
    for (unsigned i = 0; i < 4; i++) {
        struct stream s = part_at(parts, i, seg, off);

        if (!(parts & 1 << i))
            continue;
        if (i == 0)
            save_registers(&s);
        else if (i == 1)
            move_data_area(&s, false);
        else if (i == 2)
            save_dac(&s);
        else
            save_dispi(&s);
    }
}

/* The display interface first: turning it on changes VGA registers. */
void state_restore(uint16_t parts, uint16_t seg, uint16_t off)
{
    struct stream s = part_at(parts, 3, seg, off);

    if (parts & 8)
        restore_dispi(&s);
    s = part_at(parts, 0, seg, off);
    if (parts & 1)
        restore_registers(&s);
    s = part_at(parts, 1, seg, off);
    if (parts & 2)
        move_data_area(&s, true);
    s = part_at(parts, 2, seg, off);
    if (parts & 4)
        restore_dac(&s);
}

/* CX parts, ES:BX where. */
void state_service(struct regs *r)
{
    uint16_t parts = r->c.w & 7;

    switch (r->a.l) {
    case 0:
        r->b.w = state_blocks(parts);
        break;
    case 1:
        state_save(parts, r->es, r->b.w);
        break;
    case 2:
        state_restore(parts, r->es, r->b.w);
        break;
    default:
        return;
    }
    r->a.l = 0x1c;
}
