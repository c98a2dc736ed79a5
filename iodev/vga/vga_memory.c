/*
 * vga_memory.c - the CPU's window A0000h-BFFFFh on video memory.
 *
 * IBM PS/2 Hardware Interface Technical Reference, Video Subsystem, Graphics
 * Controller and Memory Mode registers. One 32-bit word holds a byte of each
 * plane, so the data path of the four planes is worked in one go. In linear
 * DISPI modes A0000h-AFFFFh is a bank of plain memory.
 */
#include "iodev/vga/vga.h"

#define NOT_DECODED UINT32_MAX

/* One bit per plane to one byte per plane. */
static uint32_t spread(unsigned bits)
{
    return ((bits & 15) * 0x00204081u & 0x01010101u) * 0xff;
}

static uint32_t replicate(uint8_t b)
{
    return b * 0x01010101u;
}

/* Window offset to address in the adapter, by GR6 memory map select. */
static uint32_t decode(const struct vga *v, uint32_t off)
{
    if (!(v->s->misc & 2) || !(v->s->subsystem & 1))
        return NOT_DECODED;
    switch (v->s->gr[GR_MISC] >> 2 & 3) {
    case 0:
        return off;
    case 1:
        return off < 0x10000 ? off : NOT_DECODED;
    case 2:
        return off >= 0x10000 && off < 0x18000 ? off - 0x10000 : NOT_DECODED;
    default:
        return off >= 0x18000 ? off - 0x18000 : NOT_DECODED;
    }
}

/* Adapter address to plane offset. */
static uint32_t plane_offset(const struct vga *v, uint32_t a)
{
    if (v->s->seq[SR_MEMORY_MODE] & 8)
        a &= ~3u;
    else if (v->s->gr[GR_MISC] & 2)
        a = (a & ~1u) | (a >> 16 & 1);
    return a & (VGA_PLANE_BYTES - 1);
}

/* The 32-bit cell; in 4 bpp DISPI modes the bank widens the planes. */
static uint8_t *cell(struct vga *v, uint32_t off, uint16_t bank)
{
    size_t at = off;

    if (UNLIKELY(dispi_on(v)))
        at += (size_t)bank << (v->s->dispi[DISPI_ENABLE] & DISPI_BANK_32K ? 15
                                                                          : 16);
    if (at >= v->vram_bytes / 4)
        at %= v->vram_bytes / 4;
    return v->vram + 4 * at;
}

static uint32_t alu(const struct vga *v, uint32_t d)
{
    switch (v->s->gr[GR_ROTATE] >> 3 & 3) {
    case 1:
        return d & v->s->latch;
    case 2:
        return d | v->s->latch;
    case 3:
        return d ^ v->s->latch;
    default:
        return d;
    }
}

static uint8_t rotate(const struct vga *v, uint8_t b)
{
    unsigned n = v->s->gr[GR_ROTATE] & 7;

    return (uint8_t)(b >> n | b << (8 - n));
}

/* The four bytes that a written byte offers to the planes. */
static uint32_t write_data(const struct vga *v, uint8_t value)
{
    uint8_t mask = v->s->gr[GR_BIT_MASK];
    uint32_t d, m, sr;

    switch (v->s->gr[GR_MODE] & 3) {
    case 0:
        sr = spread(v->s->gr[GR_ENABLE_SET_RESET]);
        d = replicate(rotate(v, value)) & ~sr;
        d |= spread(v->s->gr[GR_SET_RESET]) & sr;
        break;
    case 1:
        return v->s->latch;
    case 2:
        d = spread(value);
        break;
    default:
        d = spread(v->s->gr[GR_SET_RESET]);
        mask &= rotate(v, value);
        break;
    }
    m = replicate(mask);
    return (alu(v, d) & m) | (v->s->latch & ~m);
}

/* The planes that address `a` writes, one bit each. */
static unsigned write_planes(const struct vga *v, uint32_t a)
{
    unsigned planes = v->s->seq[SR_MAP_MASK];

    if (v->s->seq[SR_MEMORY_MODE] & 8)
        return planes & 1u << (a & 3);
    if (!(v->s->seq[SR_MEMORY_MODE] & 4))
        return planes & (a & 1 ? 0xau : 0x5u);
    return planes;
}

static void write_byte(struct vga *v, uint32_t a, uint8_t value)
{
    unsigned planes = write_planes(v, a);
    uint32_t d, m;
    uint8_t *p;

    if (!planes)
        return;
    d = LIKELY(v->plain) ? replicate(value) : write_data(v, value);
    p = cell(v, plane_offset(v, a), v->s->bank_write);
    m = spread(planes);
    st_le32(p, (ld_le32(p) & ~m) | (d & m));
}

static uint8_t read_byte(struct vga *v, uint32_t a)
{
    unsigned plane = v->s->gr[GR_READ_MAP];
    uint32_t diff;

    v->s->latch = ld_le32(cell(v, plane_offset(v, a), v->s->bank_read));
    if (v->s->gr[GR_MODE] & 8) {
        /* Read mode 1: ones where all planes that matter match. */
        diff = v->s->latch ^ spread(v->s->gr[GR_COLOR_COMPARE]);
        diff &= spread(v->s->gr[GR_COLOR_DONT_CARE]);
        return (uint8_t) ~(diff | diff >> 8 | diff >> 16 | diff >> 24);
    }
    if (v->s->seq[SR_MEMORY_MODE] & 8)
        plane = a & 3;
    else if (v->s->gr[GR_MODE] & 0x10)
        plane = (plane & 2) | (a & 1);
    return (uint8_t)(v->s->latch >> 8 * plane);
}

/* Linear modes: `n` bytes of the bank, fewer at the end of memory. */
static uint8_t *bank(struct vga *v, uint32_t off, uint16_t number, unsigned n)
{
    unsigned shift = v->s->dispi[DISPI_ENABLE] & DISPI_BANK_32K ? 15 : 16;
    size_t at = ((size_t)number << shift) + off;

    if (off >= 0x10000 || at + n > v->vram_bytes)
        return NULL;
    return v->vram + at;
}

/* Chain 4 with nothing between the CPU and the planes: the four planes of an
 * aligned doubleword are the four bytes of its cell. */
static bool whole_cells(const struct vga *v, uint32_t a, unsigned size)
{
    return v->s->seq[SR_MEMORY_MODE] & 8 && v->s->seq[SR_MAP_MASK] == 15 &&
           !dispi_on(v) && size >= 4 && !(a & 3);
}

static uint64_t window_read(void *opaque, uint64_t off, unsigned size)
{
    struct vga *v = opaque;
    uint32_t a = decode(v, (uint32_t)off);
    uint64_t value = 0;

    if (dispi_linear(v)) {
        uint8_t buf[8] = {0};
        const uint8_t *p = bank(v, (uint32_t)off, v->s->bank_read, size);

        if (!p)
            return UINT64_MAX;
        memcpy(buf, p, size);
        return ld_le64(buf);
    }
    if (a == NOT_DECODED)
        return UINT64_MAX;
    if (whole_cells(v, a, size) && !(v->s->gr[GR_MODE] & 8)) {
        for (unsigned i = 0; i < size; i += 4) {
            v->s->latch = ld_le32(cell(v, plane_offset(v, a + i), 0));
            value |= (uint64_t)v->s->latch << 8 * i;
        }
        return value;
    }
    for (unsigned i = 0; i < size; i++)
        value |= (uint64_t)read_byte(v, a + i) << 8 * i;
    return value;
}

static void window_write(void *opaque, uint64_t off, uint64_t value,
                         unsigned size)
{
    struct vga *v = opaque;
    uint32_t a = decode(v, (uint32_t)off);

    if (dispi_linear(v)) {
        uint8_t buf[8], *p = bank(v, (uint32_t)off, v->s->bank_write, size);

        if (p) {
            st_le32(buf, (uint32_t)value);
            st_le32(buf + 4, (uint32_t)(value >> 32));
            memcpy(p, buf, size);
            v->touched = true;
        }
        return;
    }
    if (a == NOT_DECODED)
        return;
    v->touched = true;
    if (v->plain && whole_cells(v, a, size)) {
        for (unsigned i = 0; i < size; i += 4)
            st_le32(cell(v, plane_offset(v, a + i), 0),
                    (uint32_t)(value >> 8 * i));
        return;
    }
    for (unsigned i = 0; i < size; i++)
        write_byte(v, a + i, (uint8_t)(value >> 8 * i));
}

const struct mmio_ops vga_window_ops = {window_read, window_write};
