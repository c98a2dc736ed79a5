/*
 * vbe_modes.c - the modes of the display interface, VBE function 01h.
 *
 * The numbers to 11Bh are VESA's (VBE 3.0, chapter 3), those to 195h of the
 * Bochs adapter's own BIOS (175h to 177h and 18Dh to 18Fh, 196h to 198h of
 * SeaBIOS), the rest is ours.
 */
#include "bios/vga/rom.h"

/* clang-format off */
const struct vbe_mode ROM vbe_modes[] = {
    {0x100, 640, 400, 8}, {0x101, 640, 480, 8},
    {0x102, 800, 600, 4}, {0x103, 800, 600, 8},
    {0x104, 1024, 768, 4}, {0x105, 1024, 768, 8},
    {0x106, 1280, 1024, 4}, {0x107, 1280, 1024, 8},
    {0x10d, 320, 200, 15}, {0x10e, 320, 200, 16}, {0x10f, 320, 200, 24},
    {0x110, 640, 480, 15}, {0x111, 640, 480, 16}, {0x112, 640, 480, 24},
    {0x113, 800, 600, 15}, {0x114, 800, 600, 16}, {0x115, 800, 600, 24},
    {0x116, 1024, 768, 15}, {0x117, 1024, 768, 16}, {0x118, 1024, 768, 24},
    {0x119, 1280, 1024, 15}, {0x11a, 1280, 1024, 16}, {0x11b, 1280, 1024, 24},
    {0x11c, 1600, 1200, 8}, {0x11d, 1600, 1200, 15},
    {0x11e, 1600, 1200, 16}, {0x11f, 1600, 1200, 24},
    {0x140, 320, 200, 32}, {0x141, 640, 400, 32}, {0x142, 640, 480, 32},
    {0x143, 800, 600, 32}, {0x144, 1024, 768, 32}, {0x145, 1280, 1024, 32},
    {0x146, 320, 200, 8}, {0x147, 1600, 1200, 32},
    {0x148, 1152, 864, 8}, {0x149, 1152, 864, 15}, {0x14a, 1152, 864, 16},
    {0x14b, 1152, 864, 24}, {0x14c, 1152, 864, 32},
    {0x175, 1280, 768, 16}, {0x176, 1280, 768, 24}, {0x177, 1280, 768, 32},
    {0x178, 1280, 800, 16}, {0x179, 1280, 800, 24}, {0x17a, 1280, 800, 32},
    {0x17b, 1280, 960, 16}, {0x17c, 1280, 960, 24}, {0x17d, 1280, 960, 32},
    {0x17e, 1440, 900, 16}, {0x17f, 1440, 900, 24}, {0x180, 1440, 900, 32},
    {0x181, 1400, 1050, 16}, {0x182, 1400, 1050, 24}, {0x183, 1400, 1050, 32},
    {0x184, 1680, 1050, 16}, {0x185, 1680, 1050, 24}, {0x186, 1680, 1050, 32},
    {0x187, 1920, 1200, 16}, {0x188, 1920, 1200, 24}, {0x189, 1920, 1200, 32},
    {0x18a, 2560, 1600, 16}, {0x18b, 2560, 1600, 24}, {0x18c, 2560, 1600, 32},
    {0x18d, 1280, 720, 16}, {0x18e, 1280, 720, 24}, {0x18f, 1280, 720, 32},
    {0x190, 1920, 1080, 16}, {0x191, 1920, 1080, 24}, {0x192, 1920, 1080, 32},
    {0x193, 2048, 1536, 16}, {0x194, 2048, 1536, 24}, {0x195, 2048, 1536, 32},
    {0x196, 2560, 1440, 16}, {0x197, 2560, 1440, 24}, {0x198, 2560, 1440, 32},
    {0x199, 1600, 900, 16}, {0x19a, 1600, 900, 24}, {0x19b, 1600, 900, 32},
    {0x06a, 800, 600, 4},
    {0, 0, 0, 0},
};

/* Size and place of red, green, blue and of what is left over. */
static const struct {
    uint8_t bpp, field[8];
} ROM color_fields[] = {
    {15, {5, 10, 5, 5, 5, 0, 1, 15}},
    {16, {5, 11, 6, 5, 5, 0, 0, 0}},
    {24, {8, 16, 8, 8, 8, 0, 0, 0}},
    {32, {8, 16, 8, 8, 8, 0, 8, 24}},
};
/* clang-format on */

uint16_t vbe_bytes_per_line(const struct vbe_mode ROM *m)
{
    return m->bpp == 4 ? m->width / 8
                       : (uint16_t)(m->width * ((m->bpp + 7) / 8));
}

/* Frames that fit into the memory. */
static uint32_t frames(const struct vbe_mode ROM *m)
{
    uint32_t frame = (uint32_t)vbe_bytes_per_line(m) * m->height;
    uint32_t memory = (uint32_t)dispi_memory_64k() << 16;

    return (m->bpp == 4 ? memory / 4 : memory) / frame;
}

bool vbe_fits(const struct vbe_mode ROM *m)
{
    uint16_t x, y, bpp;

    dispi_limits(&x, &y, &bpp);
    return m->width <= x && m->height <= y && m->bpp <= bpp && frames(m);
}

const struct vbe_mode ROM *vbe_find(uint16_t number)
{
    for (const struct vbe_mode ROM *m = vbe_modes; m->number; m++)
        if (m->number == number)
            return vbe_fits(m) ? m : NULL;
    return NULL;
}

/* Offsets of the mode information block (VBE 3.0, function 01h). */
enum {
    INFO_ATTRIBUTES = 0x00,
    INFO_WINDOW_A = 0x02,
    INFO_GRANULARITY = 0x04,
    INFO_WINDOW_SIZE = 0x06,
    INFO_SEGMENT_A = 0x08,
    INFO_WINDOW_FUNCTION = 0x0c,
    INFO_PITCH = 0x10,
    INFO_WIDTH = 0x12,
    INFO_HEIGHT = 0x14,
    INFO_CHAR_WIDTH = 0x16,
    INFO_CHAR_HEIGHT = 0x17,
    INFO_PLANES = 0x18,
    INFO_BPP = 0x19,
    INFO_BANKS = 0x1a,
    INFO_MODEL = 0x1b,
    INFO_PAGES = 0x1d,
    INFO_ONE = 0x1e,
    INFO_COLORS = 0x1f,
    INFO_DIRECT = 0x27,
    INFO_FRAME = 0x28,
    INFO_LINEAR_PITCH = 0x32,
    INFO_BANKED_PAGES = 0x34,
    INFO_LINEAR_PAGES = 0x35,
    INFO_LINEAR_COLORS = 0x36,
    INFO_CLOCK = 0x3e,
    INFO_BYTES = 256,
};

enum {
    ATTRIBUTE_WINDOWED = 0x1f, /* there, colour, graphics, text output */
    ATTRIBUTE_LINEAR = 0x80,
    MODEL_PLANAR = 3,
    MODEL_PACKED = 4,
    MODEL_DIRECT = 6,
};

struct block {
    uint16_t seg, off;
};

static void put8(const struct block *b, unsigned at, unsigned v)
{
    far_write8(b->seg, (uint16_t)(b->off + at), (uint8_t)v);
}

static void put16(const struct block *b, unsigned at, unsigned v)
{
    far_write16(b->seg, (uint16_t)(b->off + at), (uint16_t)v);
}

static void put_colors(const struct block *b, uint16_t bpp)
{
    for (unsigned i = 0; i < 4; i++) {
        if (color_fields[i].bpp != bpp)
            continue;
        for (unsigned n = 0; n < 8; n++) {
            put8(b, INFO_COLORS + n, color_fields[i].field[n]);
            put8(b, INFO_LINEAR_COLORS + n, color_fields[i].field[n]);
        }
        /* Programs may use what is left over as they like. */
        put8(b, INFO_DIRECT, color_fields[i].field[6] ? 2 : 0);
    }
}

static void put_linear(const struct block *b, uint32_t pages)
{
    uint32_t frame = pci_bar(0);

    if (!frame)
        frame = 0xe0000000u;
    put16(b, INFO_ATTRIBUTES, ATTRIBUTE_WINDOWED | ATTRIBUTE_LINEAR);
    put16(b, INFO_FRAME, (uint16_t)frame);
    put16(b, INFO_FRAME + 2, (uint16_t)(frame >> 16));
    put8(b, INFO_LINEAR_PAGES, pages);
}

/* 4F01h: CX mode, ES:DI 256 bytes. */
void vbe_mode_info(struct regs *r)
{
    const struct vbe_mode ROM *m = vbe_find(r->c.w & 0x1ff);
    struct block b = {r->es, r->di.w};
    uint32_t pages;

    if (!m) {
        r->a.w = 0x014f;
        return;
    }
    pages = frames(m) - 1;
    if (pages > 255)
        pages = 255;
    far_fill8(b.seg, b.off, 0, INFO_BYTES);
    put16(&b, INFO_ATTRIBUTES, ATTRIBUTE_WINDOWED);
    put8(&b, INFO_WINDOW_A, 7); /* there, read, written */
    put16(&b, INFO_GRANULARITY, 64);
    put16(&b, INFO_WINDOW_SIZE, 64);
    put16(&b, INFO_SEGMENT_A, 0xa000);
    put16(&b, INFO_WINDOW_FUNCTION, rom_offset(vbe_window_entry));
    put16(&b, INFO_WINDOW_FUNCTION + 2, rom_segment());
    put16(&b, INFO_PITCH, vbe_bytes_per_line(m));
    put16(&b, INFO_WIDTH, m->width);
    put16(&b, INFO_HEIGHT, m->height);
    put8(&b, INFO_CHAR_WIDTH, 8);
    put8(&b, INFO_CHAR_HEIGHT, 16);
    put8(&b, INFO_PLANES, m->bpp == 4 ? 4 : 1);
    put8(&b, INFO_BPP, m->bpp);
    put8(&b, INFO_BANKS, 1);
    put8(&b, INFO_MODEL,
         m->bpp == 4   ? MODEL_PLANAR
         : m->bpp == 8 ? MODEL_PACKED
                       : MODEL_DIRECT);
    put8(&b, INFO_PAGES, pages);
    put8(&b, INFO_ONE, 1);
    put16(&b, INFO_LINEAR_PITCH, vbe_bytes_per_line(m));
    put8(&b, INFO_BANKED_PAGES, pages);
    put_colors(&b, m->bpp);
    if (m->bpp > 4)
        put_linear(&b, pages);
    /* Nothing limits the pixel clock: the largest that fits. */
    put16(&b, INFO_CLOCK, 0xffff);
    put16(&b, INFO_CLOCK + 2, 0x7fff);
    r->a.w = 0x004f;
}
