/*
 * vbe.c - VESA BIOS extensions 3.0 over the Bochs display interface.
 *
 * INT 10h 4F00h, 4F02h-4F0Bh, 4F10h (01h is in vbe_modes.c, 15h in ddc.c).
 * Known departures: no refresh rates (the timing that function 02h may bring is
 * ignored), no hardware triple buffering, no stereo, no second palette.
 */
#include "bios/vga/rom.h"

enum { VBE_OK = 0x004f, VBE_FAILED = 0x014f };
enum { VBE_NOT_HERE = 0x024f, VBE_NOT_NOW = 0x034f, VBE_UNKNOWN = 0x0100 };
enum { MODE_LINEAR = 0x4000, MODE_KEEP = 0x8000 };

static const char ROM oem_name[] = "Klochs VGA BIOS";
static const char ROM vendor_name[] = "Klochs";
static const char ROM product_name[] = "Bochs display interface";
static const char ROM revision_name[] = "1";

extern const uint8_t ROM pm_table[], pm_table_end[];

/* ---- 00h ---- */

static void put_rom_pointer(uint16_t seg, unsigned at, const void ROM *p)
{
    far_write16(seg, (uint16_t)at, rom_offset(p));
    far_write16(seg, (uint16_t)(at + 2), rom_segment());
}

/* ES:DI: 512 bytes when they begin with VBE2, else 256. The list of modes is
 * in the reserved part, as there is nowhere else to write. */
static uint16_t controller_info(struct regs *r)
{
    uint16_t seg = r->es, at = r->di.w, list = (uint16_t)(at + 0x22);
    bool two = far_read32(seg, at) == 0x32454256; /* VBE2 */

    far_fill8(seg, at, 0, 256);
    far_write32(seg, at, 0x41534556); /* VESA */
    far_write16(seg, (uint16_t)(at + 4), 0x0300);
    put_rom_pointer(seg, at + 6u, oem_name);
    far_write32(seg, (uint16_t)(at + 10), 1); /* the DAC can have 8 bits */
    far_write16(seg, (uint16_t)(at + 14), list);
    far_write16(seg, (uint16_t)(at + 16), seg);
    far_write16(seg, (uint16_t)(at + 18), dispi_memory_64k());
    if (two) {
        far_write16(seg, (uint16_t)(at + 20), 0x0100);
        put_rom_pointer(seg, at + 22u, vendor_name);
        put_rom_pointer(seg, at + 26u, product_name);
        put_rom_pointer(seg, at + 30u, revision_name);
    }
    for (const struct vbe_mode ROM *m = vbe_modes; m->number; m++)
        if (vbe_fits(m)) {
            far_write16(seg, list, m->number);
            list = (uint16_t)(list + 2);
        }
    far_write16(seg, list, 0xffff);
    return VBE_OK;
}

/* ---- 02h, 03h ---- */

static void fill_data_area(const struct vbe_mode ROM *m, bool keep)
{
    bda.mode = 0xff;
    bda.columns = m->width / 8;
    bda.last_row = (uint8_t)(m->height / 16 - 1);
    bda.char_height = 16;
    bda.page_bytes = 0;
    bda.page_start = 0;
    bda.page = 0;
    bda.crtc = 0x3d4;
    bda.cursor_type = 0;
    for (unsigned i = 0; i < 8; i++)
        bda.cursor[i] = 0;
    bda.control = (uint8_t)((bda.control & 0x7f) | (keep ? 0x80 : 0));
    font_vector(16);
}

static uint16_t set_mode(uint16_t mode)
{
    const struct vbe_mode ROM *m;
    uint16_t enable = DISPI_ENABLED;

    if ((mode & 0x1ff) < 0x100) {
        if (mode & MODE_LINEAR || !mode_find(mode & 0x7f) || mode & 0x80)
            return VBE_FAILED;
        mode_set_number(
            (uint8_t)((mode & 0x7f) | (mode & MODE_KEEP ? 0x80 : 0)));
        return VBE_OK;
    }
    m = vbe_find(mode & 0x1ff);
    if (!m || (m->bpp == 4 && mode & MODE_LINEAR))
        return VBE_FAILED;
    if (mode & MODE_LINEAR)
        enable |= DISPI_LFB;
    if (mode & MODE_KEEP)
        enable |= DISPI_NOCLEAR;
    dispi_write(DISPI_ENABLE, 0);
    mode_registers(mode_find(m->bpp == 4 ? 0x12 : 0x13));
    if (!(bda.mode_options & OPTION_KEEP_PALETTE))
        dac_load(m->bpp == 4 ? PALETTE_EGA : PALETTE_256);
    dispi_write(DISPI_XRES, m->width);
    dispi_write(DISPI_YRES, m->height);
    dispi_write(DISPI_BPP, m->bpp);
    dispi_write(DISPI_ENABLE, enable);
    dispi_write(DISPI_BANK, 0);
    fill_data_area(m, mode & MODE_KEEP);
    bda.vbe_mode = mode & (MODE_KEEP | MODE_LINEAR | 0x1ff);
    mode_show();
    return VBE_OK;
}

/* Adapters do not all tell whether the mode is linear, so the data area does.
 */
static uint16_t get_mode(struct regs *r)
{
    if (bda.mode == 0xff && dispi_on())
        r->b.w = bda.vbe_mode;
    else
        r->b.w =
            (uint16_t)(bda.mode |
                       (bda.control & CONTROL_KEPT_MEMORY ? MODE_KEEP : 0));
    return VBE_OK;
}

/* ---- 04h: DL function, CX parts, ES:BX buffer ---- */

static uint16_t state(struct regs *r)
{
    uint16_t parts = r->c.w & 15;

    switch (r->d.l) {
    case 0:
        r->b.w = state_blocks(parts);
        return VBE_OK;
    case 1:
        state_save(parts, r->es, r->b.w);
        return VBE_OK;
    case 2:
        state_restore(parts, r->es, r->b.w);
        return VBE_OK;
    default:
        return VBE_FAILED;
    }
}

/* ---- 05h: BH=0 set, 1 get; BL window, DX position in 64 KiB ---- */

static uint16_t window(struct regs *r)
{
    if (r->b.l || r->b.h > 1)
        return VBE_FAILED;
    if (r->b.h) {
        r->d.w = dispi_read(DISPI_BANK);
        return VBE_OK;
    }
    if (r->d.w >= dispi_memory_64k())
        return VBE_FAILED;
    dispi_write(DISPI_BANK, r->d.w);
    return dispi_read(DISPI_BANK) == r->d.w ? VBE_OK : VBE_FAILED;
}

/* ---- 06h: BL=0 set pixels, 1 get, 2 set bytes, 3 largest; CX ---- */

static uint16_t bytes_a_pixel(void)
{
    return (uint16_t)((dispi_read(DISPI_BPP) + 7) / 8);
}

static uint16_t line_length(struct regs *r)
{
    uint16_t bpp = dispi_read(DISPI_BPP), width = r->c.w, pitch;
    uint32_t memory = (uint32_t)dispi_memory_64k() << 16, lines;

    if (bpp == 4)
        memory /= 4;
    if (r->b.l == 3) { /* the largest that leaves room for the picture */
        uint32_t bytes = memory / dispi_read(DISPI_YRES);

        bytes = bpp == 4 ? bytes * 8 : bytes / bytes_a_pixel();
        if (bytes > 0x7ff8)
            bytes = 0x7ff8;
        if (bytes * bytes_a_pixel() > 0xffff)
            bytes = 0xffffu / bytes_a_pixel();
        r->c.w = (uint16_t)(bytes & ~7u);
        r->b.w = bpp == 4 ? r->c.w / 8 : (uint16_t)(r->c.w * bytes_a_pixel());
        r->d.w = (uint16_t)(memory / r->b.w);
        return VBE_OK;
    }
    if (r->b.l == 2)
        width =
            bpp == 4
                ? (uint16_t)(width * 8)
                : (uint16_t)((width + bytes_a_pixel() - 1) / bytes_a_pixel());
    if (r->b.l != 1) {
        width = (uint16_t)((width + 7) & ~7);
        if (width < dispi_read(DISPI_XRES) ||
            (uint32_t)width * bytes_a_pixel() > 0xffff)
            return VBE_NOT_HERE;
        dispi_write(DISPI_VIRT_WIDTH, width);
        if (dispi_read(DISPI_VIRT_WIDTH) != width)
            return VBE_NOT_HERE;
    }
    pitch = dispi_pitch();
    lines = memory / pitch;
    r->b.w = pitch;
    r->c.w = dispi_read(DISPI_VIRT_WIDTH);
    r->d.w = (uint16_t)(lines > 0xffff ? 0xffff : lines);
    return VBE_OK;
}

/* ---- 07h: BL=0 set, 1 get, 2 set by address, 80h, 82h in a retrace ---- */

static void wait_retrace(void)
{
    uint32_t n = 0x100000;

    while (n-- && inb(0x3da) & 8)
        ;
    for (n = 0x100000; n-- && !(inb(0x3da) & 8);)
        ;
}

static uint16_t display_start(struct regs *r)
{
    uint16_t x = r->c.w, y = r->d.w;

    switch (r->b.l) {
    case 0x01:
        r->b.h = 0;
        r->c.w = dispi_read(DISPI_X_OFFSET);
        r->d.w = dispi_read(DISPI_Y_OFFSET);
        return VBE_OK;
    case 0x02:
    case 0x82:
        y = (uint16_t)(r->c.x / dispi_pitch());
        x = (uint16_t)(r->c.x % dispi_pitch());
        x = dispi_read(DISPI_BPP) == 4 ? (uint16_t)(x * 8)
                                       : x / bytes_a_pixel();
        break;
    case 0x00:
    case 0x80:
        break;
    default:
        return VBE_FAILED;
    }
    if (r->b.l & 0x80)
        wait_retrace();
    dispi_write(DISPI_X_OFFSET, x);
    dispi_write(DISPI_Y_OFFSET, y);
    return VBE_OK;
}

/* ---- 08h: BL=0 set BH bits of a component, 1 get ---- */

static uint16_t dac_width(struct regs *r)
{
    uint16_t enable = dispi_read(DISPI_ENABLE);

    if (dispi_read(DISPI_BPP) > 8)
        return VBE_NOT_NOW;
    if (r->b.l > 1)
        return VBE_FAILED;
    if (r->b.l == 0) {
        enable &= (uint16_t)~DISPI_8BIT_DAC;
        if (r->b.h >= 8)
            enable |= DISPI_8BIT_DAC;
        dispi_write(DISPI_ENABLE, enable);
        enable = dispi_read(DISPI_ENABLE);
    }
    r->b.h = enable & DISPI_8BIT_DAC ? 8 : 6;
    return VBE_OK;
}

/* ---- 09h: BL=0 set, 1 get, 80h set in a retrace; DX first, CX count, ES:DI
 * blue, green, red, unused ---- */

static uint16_t palette_data(struct regs *r)
{
    uint16_t at = r->di.w;

    if (r->b.l == 2 || r->b.l == 3)
        return VBE_NOT_HERE;
    if ((r->b.l & 0x7f) > 1 || r->b.l == 0x81 || r->d.w > 255 || r->c.w > 256 ||
        r->d.w + r->c.w > 256)
        return VBE_FAILED;
    if (r->b.l == 0x80)
        wait_retrace();
    outb(r->b.l == 1 ? PORT_DAC_READ : PORT_DAC_WRITE, r->d.l);
    for (uint16_t n = r->c.w; n; n--, at = (uint16_t)(at + 4))
        for (int i = 2; i >= 0; i--) {
            if (r->b.l == 1)
                far_write8(r->es, (uint16_t)(at + i), inb(PORT_DAC));
            else
                outb(PORT_DAC, far_read8(r->es, (uint16_t)(at + i)));
        }
    return VBE_OK;
}

/* ---- 0Bh: BL=0, ECX pixel clock in Hz, DX mode -> ECX nearest ---- */

/* The display interface makes a picture without a clock: any is exact. */
static uint16_t pixel_clock(struct regs *r)
{
    if (r->b.l || !vbe_find(r->d.w & 0x1ff))
        return VBE_FAILED;
    return VBE_OK;
}

/* ---- 10h (VBE/PM 1.0): BL=0 what there is, 1 set, 2 get; BH 0 on, 4 off ----
 */

enum { POWER_ON = 0, POWER_OFF = 4, SCREEN_OFF = 0x20 };

static uint16_t power(struct regs *r)
{
    uint8_t clocking = in_index(PORT_SEQ, 1) & ~SCREEN_OFF;

    switch (r->b.l) {
    case 0:
        r->b.w = POWER_OFF << 8 | 0x10;
        return VBE_OK;
    case 1:
        if (r->b.h != POWER_ON && r->b.h != POWER_OFF)
            return VBE_NOT_HERE;
        out_index(PORT_SEQ, 1, r->b.h ? clocking | SCREEN_OFF : clocking);
        return VBE_OK;
    case 2:
        r->b.h = in_index(PORT_SEQ, 1) & SCREEN_OFF ? POWER_OFF : POWER_ON;
        return VBE_OK;
    default:
        return VBE_FAILED;
    }
}

/* ---- 0Ah: BL=0 -> ES:DI table, CX bytes ---- */

static uint16_t protected_mode(struct regs *r)
{
    if (r->b.l)
        return VBE_FAILED;
    r->es = rom_segment();
    r->di.w = rom_offset(pm_table);
    r->c.w = (uint16_t)(rom_offset(pm_table_end) - rom_offset(pm_table));
    return VBE_OK;
}

/* Functions that need a mode of the display interface. */
static uint16_t in_mode(struct regs *r)
{
    if (!dispi_on())
        return VBE_NOT_NOW;
    switch (r->a.l) {
    case 0x05:
        return window(r);
    case 0x06:
        return r->b.l > 3 ? VBE_FAILED : line_length(r);
    case 0x07:
        return display_start(r);
    default:
        return dac_width(r);
    }
}

void vbe_service(struct regs *r)
{
    uint16_t status = VBE_UNKNOWN;

    if (!dispi_there()) {
        r->a.w = VBE_UNKNOWN;
        return;
    }
    switch (r->a.l) {
    case 0x00:
        status = controller_info(r);
        break;
    case 0x01:
        vbe_mode_info(r);
        return;
    case 0x02:
        status = set_mode(r->b.w);
        break;
    case 0x03:
        status = get_mode(r);
        break;
    case 0x04:
        status = state(r);
        break;
    case 0x05:
    case 0x06:
    case 0x07:
    case 0x08:
        status = in_mode(r);
        break;
    case 0x09:
        status = palette_data(r);
        break;
    case 0x0a:
        status = protected_mode(r);
        break;
    case 0x0b:
        status = pixel_clock(r);
        break;
    case 0x10:
        status = power(r);
        break;
    case 0x15:
        status = ddc_service(r) ? VBE_OK : VBE_FAILED;
        break;
    default:
        break;
    }
    r->a.w = status;
}
