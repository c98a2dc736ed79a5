/*
 * rom.h - what the files of the VGA BIOS share.
 *
 * The code runs in real, virtual-8086 or 16-bit protected mode on the stack of
 * the caller. Four segments are set by the entry (entry.S): CS and GS are the
 * ROM, SS, DS and ES the caller's stack, FS the first bytes of memory with the
 * BIOS data area. So constants are declared ROM, the data area LOW, and
 * everything else in memory goes through the far_* functions.
 */
#ifndef BIOS_VGA_ROM_H
#define BIOS_VGA_ROM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bios/ports.h"

#define ROM __seg_gs
#define LOW __seg_fs

/* ---- what the caller had in its registers; entry.S makes it ---- */

union reg {
    uint32_t x;
    uint16_t w;
    struct {
        uint8_t l, h;
    };
};

struct regs {
    union reg di, si, bp, sp, b, d, c, a;
    uint16_t gs, fs, es, ds;
};

/* ---- BIOS data area, 0040:0000 (IBM PS/2 and PC BIOS Interface Technical
 * Reference, section 3) ---- */

struct __attribute__((packed)) bda {
    uint8_t before_video[0x10];
    uint16_t equipment;
    uint8_t keyboard_and_disk[0x37];
    uint8_t mode;         /* 49h */
    uint16_t columns;     /* 4Ah */
    uint16_t page_bytes;  /* 4Ch */
    uint16_t page_start;  /* 4Eh: of the page shown */
    uint16_t cursor[8];   /* 50h: row, column of each page */
    uint16_t cursor_type; /* 60h: start, end line */
    uint8_t page;         /* 62h */
    uint16_t crtc;        /* 63h: port */
    uint8_t cga_mode;     /* 65h */
    uint8_t cga_palette;  /* 66h */
    uint8_t system[0x1d];
    uint8_t last_row;     /* 84h */
    uint16_t char_height; /* 85h */
    uint8_t control;      /* 87h */
    uint8_t switches;     /* 88h */
    uint8_t mode_options; /* 89h */
    uint8_t display;      /* 8Ah: index of the combination */
    uint8_t more[0x1d];
    uint32_t save_table; /* A8h */
    uint8_t unknown[0x0e];
    uint16_t vbe_mode; /* BAh: with its flags, where others have it too */
};
extern struct bda LOW bda;
enum { DATA_AREA = 0x400 }; /* its offset */

/* 87h */
#define CONTROL_NO_CURSOR_EMULATION 0x01
#define CONTROL_KEPT_MEMORY         0x80
/* 89h */
#define OPTION_VGA           0x01
#define OPTION_GREY          0x02
#define OPTION_MONO          0x04
#define OPTION_KEEP_PALETTE  0x08
#define OPTION_400_LINES     0x10
#define OPTION_NO_DISPLAY_SW 0x40
#define OPTION_200_LINES     0x80

/* Interrupt vectors that the video service owns. */
enum { VECTOR_VIDEO = 0x10, VECTOR_FONT_HIGH = 0x1f, VECTOR_FONT = 0x43 };

/* ---- ports ---- */

enum {
    PORT_ATTRIBUTE = 0x3c0,
    PORT_ATTRIBUTE_READ = 0x3c1,
    PORT_MISC = 0x3c2,
    PORT_ENABLE = 0x3c3,
    PORT_SEQ = 0x3c4,
    PORT_PEL_MASK = 0x3c6,
    PORT_DAC_READ = 0x3c7,
    PORT_DAC_WRITE = 0x3c8,
    PORT_DAC = 0x3c9,
    PORT_FEATURE_READ = 0x3ca,
    PORT_MISC_READ = 0x3cc,
    PORT_GR = 0x3ce,
    PORT_TIMER_2 = 0x42,
    PORT_TIMER_CONTROL = 0x43,
    PORT_SPEAKER = 0x61,
};

/* Index and data registers that lie side by side. */
static inline void out_index(uint16_t port, uint8_t index, uint8_t v)
{
    outw(port, (uint16_t)(index | v << 8));
}

static inline uint8_t in_index(uint16_t port, uint8_t index)
{
    outb(port, index);
    return inb(port + 1);
}

/* ---- memory of other segments; ES is the stack's again afterwards ---- */

static inline uint8_t far_read8(uint16_t seg, uint16_t off)
{
    uint8_t v;

    __asm__ volatile("movw %w1, %%es\n\tmovb %%es:(%2), %0\n\t"
                     "pushw %%ss\n\tpopw %%es"
                     : "=q"(v)
                     : "r"(seg), "r"((uint32_t)off)
                     : "memory");
    return v;
}

static inline uint16_t far_read16(uint16_t seg, uint16_t off)
{
    uint16_t v;

    __asm__ volatile("movw %w1, %%es\n\tmovw %%es:(%2), %0\n\t"
                     "pushw %%ss\n\tpopw %%es"
                     : "=r"(v)
                     : "r"(seg), "r"((uint32_t)off)
                     : "memory");
    return v;
}

static inline uint32_t far_read32(uint16_t seg, uint16_t off)
{
    return far_read16(seg, off) | (uint32_t)far_read16(seg, (uint16_t)(off + 2))
                                      << 16;
}

static inline void far_write8(uint16_t seg, uint16_t off, uint8_t v)
{
    __asm__ volatile("movw %w0, %%es\n\tmovb %1, %%es:(%2)\n\t"
                     "pushw %%ss\n\tpopw %%es"
                     :
                     : "r"(seg), "q"(v), "r"((uint32_t)off)
                     : "memory");
}

static inline void far_write16(uint16_t seg, uint16_t off, uint16_t v)
{
    __asm__ volatile("movw %w0, %%es\n\tmovw %1, %%es:(%2)\n\t"
                     "pushw %%ss\n\tpopw %%es"
                     :
                     : "r"(seg), "r"(v), "r"((uint32_t)off)
                     : "memory");
}

static inline void far_write32(uint16_t seg, uint16_t off, uint32_t v)
{
    far_write16(seg, off, (uint16_t)v);
    far_write16(seg, (uint16_t)(off + 2), (uint16_t)(v >> 16));
}

/* `n` bytes or words; offsets wrap at 64 KiB. */
static inline void far_fill8(uint16_t seg, uint16_t off, uint8_t v, uint32_t n)
{
    uint32_t di = off;

    __asm__ volatile("movw %w3, %%es\n\taddr32 rep stosb\n\t"
                     "pushw %%ss\n\tpopw %%es"
                     : "+D"(di), "+c"(n)
                     : "a"(v), "r"(seg)
                     : "memory");
}

static inline void far_fill16(uint16_t seg, uint16_t off, uint16_t v,
                              uint32_t n)
{
    uint32_t di = off;

    __asm__ volatile("movw %w3, %%es\n\taddr32 rep stosw\n\t"
                     "pushw %%ss\n\tpopw %%es"
                     : "+D"(di), "+c"(n)
                     : "a"(v), "r"(seg)
                     : "memory");
}

static inline void far_copy(uint16_t to_seg, uint16_t to, uint16_t from_seg,
                            uint16_t from, uint32_t n)
{
    uint32_t di = to, si = from;

    __asm__ volatile("pushw %%ds\n\tmovw %w3, %%es\n\tmovw %w4, %%ds\n\t"
                     "addr32 rep movsb\n\tpopw %%ds\n\tpushw %%ss\n\tpopw %%es"
                     : "+D"(di), "+S"(si), "+c"(n)
                     : "r"(to_seg), "r"(from_seg)
                     : "memory");
}

/* What a program in protected mode has told a copy of this ROM (VBE 3.0,
 * protected-mode entry point). In the ROM these are the segments of real
 * mode. */
struct __attribute__((packed)) pm_info {
    char signature[4];
    uint16_t entry, initialize;
    uint16_t data_area, a000, b000, b800, code;
    uint8_t protected_mode, checksum;
};
extern const struct pm_info ROM pm_info;

#define SEGMENT_A000 (pm_info.a000)
#define SEGMENT_B000 (pm_info.b000)
#define SEGMENT_B800 (pm_info.b800)

/* Vectors are at its beginning, the data area behind them. */
static inline uint16_t low_segment(void)
{
    uint16_t v;

    __asm__("movw %%fs, %0" : "=r"(v));
    return v;
}

/* The segment that this ROM runs in. */
static inline uint16_t rom_segment(void)
{
    uint16_t v;

    __asm__("movw %%cs, %0" : "=r"(v));
    return v;
}

static inline void set_vector(unsigned n, uint16_t seg, uint16_t off)
{
    far_write16(low_segment(), (uint16_t)(4 * n), off);
    far_write16(low_segment(), (uint16_t)(4 * n + 2), seg);
}

/* ---- modes.c ---- */

/* One row of the table of modes, as programs find it through 0040:00A8. */
struct __attribute__((packed)) mode {
    uint8_t columns, last_row, char_height;
    uint16_t page_bytes;
    uint8_t seq[4]; /* from register 1 */
    uint8_t misc;
    uint8_t crtc[25];
    uint8_t attribute[20];
    uint8_t gr[9];
};

enum { MODE_COUNT = 29 };
extern const struct mode ROM mode_table[MODE_COUNT];

/* How the memory of a mode is laid out. */
enum kind {
    KIND_TEXT,
    KIND_CGA4,   /* 2 bits a pixel, odd lines 8 KiB behind */
    KIND_CGA2,   /* 1 bit a pixel, the same */
    KIND_PLANAR, /* 4 planes */
    KIND_BYTE,   /* mode 13h */
    KIND_DIRECT, /* a packed mode of the display interface */
    KIND_NONE,   /* no such mode */
};

enum kind kind_of(uint8_t mode);
/* Of the mode that is set. */
enum kind current_kind(void);
/* The row of a standard mode with the lines chosen by INT 10h 12h BL=30h;
 * NULL: no such mode. */
const struct mode ROM *mode_find(uint8_t mode);
/* Programs all registers but the DAC; leaves the picture off. */
void mode_registers(const struct mode ROM *m);
/* Lets the attribute controller show the picture. */
void mode_show(void);
void mode_set(struct regs *r);
void mode_set_number(uint8_t mode_and_flag);

/* ---- palette.c ---- */

enum palette { PALETTE_MONO, PALETTE_CGA, PALETTE_EGA, PALETTE_256 };

uint8_t attribute_read(uint8_t index);
void attribute_write(uint8_t index, uint8_t v);
void dac_load(enum palette which);
void dac_grey(uint16_t first, uint16_t count);
void palette_service(struct regs *r);
void cga_palette_service(struct regs *r);

/* ---- text.c ---- */

uint16_t text_segment(void);
void cursor_shape_service(struct regs *r);
void cursor_place(uint8_t page, uint16_t row_column);
void cursor_program(void);
void cursor_lines(uint8_t start, uint8_t end);
void page_service(struct regs *r);
void scroll_service(struct regs *r, bool down);
void read_char_service(struct regs *r);
void write_char_service(struct regs *r, bool with_attribute);
void teletype(uint8_t page, uint8_t c, uint8_t attribute, bool use_attribute);
void write_string_service(struct regs *r);

/* ---- graphics.c ---- */

/* Scrolls the character cells of a rectangle by `lines` rows. */
struct rectangle {
    uint8_t top, left, bottom, right;
};

void graphics_scroll(const struct rectangle *area, uint8_t lines, bool down,
                     uint8_t color);
void graphics_char(uint8_t page, uint8_t row, uint8_t column, uint8_t c,
                   uint8_t color);
uint8_t graphics_read_char(uint8_t page, uint8_t row, uint8_t column);
void pixel_write_service(struct regs *r);
void pixel_read_service(struct regs *r);

/* ---- font.c ---- */

/* Bitmaps of 256 characters; fonts.c is made by tools/mkfont. */
extern const uint8_t ROM font_8x16[4096];
extern const uint8_t ROM font_8x14[3584];
extern const uint8_t ROM font_8x8[2048];
/* An empty list of replacements for cells of 9 dots. */
extern const uint8_t ROM font_none[1];

/* Offset in the ROM. */
static inline uint16_t rom_offset(const void ROM *p)
{
    return (uint16_t)(uintptr_t)p;
}

struct font {
    uint16_t seg, off;
    uint16_t first, count;
    uint8_t height;
};

/* Of vector 43h, or 1Fh: characters 128 to 255 of a CGA's. */
void font_pointer(unsigned vector, struct font *f);
/* A program's font; `shown`: the mode gets its height. false: no height. */
bool font_load_user(const struct font *f, uint8_t block, bool shown);
void font_service(struct regs *r);
/* The ROM font of this height into block `block` of plane 2. */
void font_load(uint8_t height, uint8_t block);
/* Vector 43h to the ROM font of this height. */
void font_vector(uint8_t height);

/* ---- saved.c ---- */

/* What the save table has for a mode that was just set. */
void saved_fonts(uint8_t mode);
void saved_palette(uint8_t mode);
/* Keeps the program's copy of the palette registers true. */
void saved_palette_copy(void);

/* ---- info.c ---- */

void alternate_service(struct regs *r);
void combination_service(struct regs *r);
void state_info_service(struct regs *r);
void state_service(struct regs *r);
/* The parts of a saved state (bits: 1 registers, 2 data area, 4 DAC, 8 display
 * interface), in blocks of 64 bytes. */
uint16_t state_blocks(uint16_t parts);
void state_save(uint16_t parts, uint16_t seg, uint16_t off);
void state_restore(uint16_t parts, uint16_t seg, uint16_t off);

extern const uint8_t ROM static_functions[16];
struct combinations {
    uint8_t count, version, last_code, unused;
    uint8_t pair[16][2];
};
extern const struct combinations ROM combinations;
enum { COMBINATION_VGA_COLOR = 0x0b };

/* ---- dispi.c ---- */

enum {
    DISPI_ID,
    DISPI_XRES,
    DISPI_YRES,
    DISPI_BPP,
    DISPI_ENABLE,
    DISPI_BANK,
    DISPI_VIRT_WIDTH,
    DISPI_VIRT_HEIGHT,
    DISPI_X_OFFSET,
    DISPI_Y_OFFSET,
    DISPI_MEMORY_64K,
    DISPI_DDC,
};

enum {
    DISPI_ENABLED = 0x01,
    DISPI_GETCAPS = 0x02,
    DISPI_8BIT_DAC = 0x20,
    DISPI_LFB = 0x40,
    DISPI_NOCLEAR = 0x80,
};

uint16_t dispi_read(uint16_t index);
void dispi_write(uint16_t index, uint16_t v);
/* Chooses the newest interface there is; false: none. */
bool dispi_init(void);
bool dispi_there(void);
bool dispi_on(void);
/* Bytes from one line to the next; of one plane with 4 bits a pixel. */
uint16_t dispi_pitch(void);
/* Largest width (x), height (y) and depth that the adapter can do. */
void dispi_limits(uint16_t *x, uint16_t *y, uint16_t *bpp);
uint16_t dispi_memory_64k(void);
/* Address of a BAR of the PCI adapter, 0: there is none. */
uint32_t pci_bar(unsigned n);

/* ---- vbe.c, vbe_modes.c, ddc.c ---- */

struct vbe_mode {
    uint16_t number, width, height, bpp;
};
extern const struct vbe_mode ROM vbe_modes[];

/* NULL: not there, or too big for the adapter. */
const struct vbe_mode ROM *vbe_find(uint16_t number);
/* The adapter can do it. */
bool vbe_fits(const struct vbe_mode ROM *m);
uint16_t vbe_bytes_per_line(const struct vbe_mode ROM *m);
void vbe_mode_info(struct regs *r);
void vbe_service(struct regs *r);
/* false: the service failed. */
bool ddc_service(struct regs *r);

/* ---- main.c, entry.S ---- */

void print(const char ROM *text);
extern const uint8_t ROM vbe_window_entry[];

#endif
