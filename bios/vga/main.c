/*
 * main.c - power-on, and INT 10h.
 */
#include "bios/vga/rom.h"

extern const uint8_t ROM video_entry[], save_table[];

static const char ROM banner[] = "Klochs VGA BIOS\r\n\n";

void post(struct regs *r);
void protected_init(struct regs *r);
void video(struct regs *r);

void print(const char ROM *text)
{
    for (; *text; text++)
        teletype(bda.page, (uint8_t)*text, 7, false);
}

static void data_area_init(void)
{
    bda.control = 0x60;  /* 256 KiB, cursor emulation */
    bda.switches = 0xf9; /* colour display of 80 columns */
    bda.mode_options = OPTION_VGA | OPTION_400_LINES | OPTION_NO_DISPLAY_SW;
    bda.display = COMBINATION_VGA_COLOR;
}

/* In protected mode there is a data area of zeros (VBE 3.0): as after mode 3,
 * without one being set. */
void protected_init(struct regs *r)
{
    (void)r;
    data_area_init();
    bda.mode = 3;
    bda.columns = 80;
    bda.page_bytes = 0x1000;
    bda.cursor_type = 0x0607;
    bda.crtc = 0x3d4;
    bda.last_row = 24;
    font_vector(16);
    bda.char_height = 16;
    set_vector(VECTOR_FONT_HIGH, rom_segment(), rom_offset(font_8x8 + 0x400));
}

/* The system BIOS calls the ROM once. */
void post(struct regs *r)
{
    (void)r;
    outb(PORT_ENABLE, 1);
    /* the board's own service */
    far_copy(low_segment(), 4 * 0x42, low_segment(), 4 * VECTOR_VIDEO, 4);
    set_vector(VECTOR_VIDEO, rom_segment(), rom_offset(video_entry));
    data_area_init();
    bda.save_table = (uint32_t)rom_segment() << 16 | rom_offset(save_table);
    dispi_init();
    mode_set_number(3);
    print(banner);
}

/* 03h: BH page -> CX lines, DX row and column. */
static void get_cursor(struct regs *r)
{
    r->c.w = bda.cursor_type;
    r->d.w = bda.cursor[r->b.h & 7];
}

/* 0Fh: AL mode, AH columns, BH page. */
static void get_mode(struct regs *r)
{
    r->a.l = bda.mode | (bda.control & CONTROL_KEPT_MEMORY);
    r->a.h = (uint8_t)bda.columns;
    r->b.h = bda.page;
}

static void later_services(struct regs *r)
{
    switch (r->a.h) {
    case 0x10:
        palette_service(r);
        break;
    case 0x11:
        font_service(r);
        break;
    case 0x12:
        alternate_service(r);
        break;
    case 0x13:
        write_string_service(r);
        break;
    case 0x1a:
        combination_service(r);
        break;
    case 0x1b:
        state_info_service(r);
        break;
    case 0x1c:
        state_service(r);
        break;
    case 0x4f:
        vbe_service(r);
        break;
    default:
        break;
    }
}

void video(struct regs *r)
{
    switch (r->a.h) {
    case 0x00:
        mode_set(r);
        break;
    case 0x01:
        cursor_shape_service(r);
        break;
    case 0x02:
        cursor_place(r->b.h, r->d.w);
        break;
    case 0x03:
        get_cursor(r);
        break;
    case 0x04: /* no light pen */
        r->a.h = 0;
        break;
    case 0x05:
        page_service(r);
        break;
    case 0x06:
    case 0x07:
        scroll_service(r, r->a.h == 0x07);
        break;
    case 0x08:
        read_char_service(r);
        break;
    case 0x09:
    case 0x0a:
        write_char_service(r, r->a.h == 0x09);
        break;
    case 0x0b:
        cga_palette_service(r);
        break;
    case 0x0c:
        pixel_write_service(r);
        break;
    case 0x0d:
        pixel_read_service(r);
        break;
    case 0x0e: /* on the page that is shown, whatever BH says */
        teletype(bda.page, r->a.l, r->b.l, false);
        break;
    case 0x0f:
        get_mode(r);
        break;
    default:
        later_services(r);
        break;
    }
}
