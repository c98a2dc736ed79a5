/*
 * vga.h - the VGA core that the ISA and the PCI display adapter share.
 *
 * Registers follow the IBM VGA (PS/2 Hardware Interface Technical Reference,
 * Video Subsystem, 1992); the linear modes follow the Bochs DISPI interface.
 * Video memory is kept with the four planes interleaved: byte `p` of the
 * 32-bit cell `a` is plane p at plane offset a. A linear (8 bits and more)
 * DISPI mode sees the same bytes as a plain array.
 */
#ifndef IODEV_VGA_VGA_H
#define IODEV_VGA_VGA_H

#include "core/device.h"
#include "core/host.h"
#include "iodev/vga/ddc.h"
#include "memory/phys.h"

/* Above RAM and the empty bus of the host bridge, below SMRAM; the frame
 * buffer gives way to RAM as memory on the PCI bus does. */
enum { VGA_WINDOW_PRIORITY = 10, VGA_LFB_PRIORITY = -10 };

#define VGA_WINDOW_BASE 0xa0000u
#define VGA_WINDOW_SIZE 0x20000u
#define VGA_ISA_LFB     0xe0000000u

#define VGA_PLANE_BYTES 0x10000u /* of one plane in the VGA modes */

/* CRT controller registers by their index. */
enum {
    CR_HTOTAL = 0x00,
    CR_HDISP_END = 0x01,
    CR_HRETRACE_START = 0x04,
    CR_VTOTAL = 0x06,
    CR_OVERFLOW = 0x07,
    CR_PRESET_ROW = 0x08,
    CR_MAX_SCAN = 0x09,
    CR_CURSOR_START = 0x0a,
    CR_CURSOR_END = 0x0b,
    CR_START_HIGH = 0x0c,
    CR_START_LOW = 0x0d,
    CR_CURSOR_HIGH = 0x0e,
    CR_CURSOR_LOW = 0x0f,
    CR_VRETRACE_START = 0x10,
    CR_VRETRACE_END = 0x11,
    CR_VDISP_END = 0x12,
    CR_OFFSET = 0x13,
    CR_UNDERLINE = 0x14,
    CR_MODE = 0x17,
    CR_LINE_COMPARE = 0x18,
    CR_COUNT = 0x19,
};

/* Sequencer. */
enum {
    SR_RESET,
    SR_CLOCKING,
    SR_MAP_MASK,
    SR_CHAR_MAP,
    SR_MEMORY_MODE,
    SR_COUNT
};

/* Graphics controller. */
enum {
    GR_SET_RESET,
    GR_ENABLE_SET_RESET,
    GR_COLOR_COMPARE,
    GR_ROTATE,
    GR_READ_MAP,
    GR_MODE,
    GR_MISC,
    GR_COLOR_DONT_CARE,
    GR_BIT_MASK,
    GR_COUNT
};

/* Attribute controller, beyond the 16 palette registers. */
enum {
    AR_MODE = 0x10,
    AR_OVERSCAN = 0x11,
    AR_PLANE_ENABLE = 0x12,
    AR_PAN = 0x13,
    AR_COLOR_SELECT = 0x14,
    AR_COUNT = 0x15,
};

#define AR_INDEX_PAS 0x20u /* palette address source: 1 shows the picture */

/* DISPI registers. */
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
    DISPI_COUNT
};

enum {
    DISPI_ENABLED = 0x01,
    DISPI_GETCAPS = 0x02,
    DISPI_BANK_32K = 0x10,
    DISPI_8BIT_DAC = 0x20,
    DISPI_LFB_ENABLED = 0x40,
    DISPI_NOCLEARMEM = 0x80,
};

#define DISPI_MAX_XRES 2560u
#define DISPI_MAX_YRES 1600u
#define DISPI_MAX_BPP  32u

struct vga_state {
    uint8_t misc;      /* miscellaneous output, 3C2h */
    uint8_t feature;   /* feature control */
    uint8_t subsystem; /* video subsystem enable, 3C3h */
    uint8_t crtc_index, seq_index, gr_index, ar_index;
    uint8_t crtc[CR_COUNT];
    uint8_t seq[SR_COUNT];
    uint8_t gr[GR_COUNT];
    uint8_t ar[AR_COUNT];
    bool ar_data; /* flip-flop: the next write of 3C0h is data */
    bool vertical_interrupt;
    uint8_t dac[768]; /* 6 bits each, 8 with DISPI_8BIT_DAC */
    uint8_t dac_latch[3];
    uint8_t dac_index, dac_step;
    uint8_t dac_state; /* what 3C7h reads: 0 write mode, 3 read mode */
    uint8_t pel_mask;
    uint32_t latch; /* byte p: latch of plane p */
    uint16_t dispi_index;
    uint16_t dispi[DISPI_COUNT];
    uint16_t bank_read, bank_write;
    struct ddc_state ddc[1];
};

extern const struct field vga_fields[];
#define VGA_STATE_VERSION 1

/* The picture as last drawn; host data, not guest state. */
struct vga_picture {
    uint32_t *pixels;
    size_t pixel_cap;
    uint16_t *cells;
    size_t cell_cap;
    uint64_t version;
    unsigned width, height;
    uint32_t blink;   /* blink phases shown */
    bool drawn, text; /* pixels are of this version; and of a text mode */
};

/* Values of the options shared by both adapters. */
struct vga_options {
    int32_t memory;    /* 4 MiB << memory */
    int32_t extension; /* 0 none, 1 vbe */
    int32_t ddc;       /* 0 disabled, 1 builtin */
};

/* Rows for an adapter T whose struct vga is the member m. */
#define VGA_OPTIONS(T, m)                                                      \
    {"extension", "enum:none|vbe", offsetof(T, m.opt.extension), "vbe",        \
     "what the adapter has beyond a VGA"},                                     \
        {"vbe_memsize", "enum:4|8|16|32|64|128|256",                           \
         offsetof(T, m.opt.memory), "16", "video memory, MiB"},                \
    {                                                                          \
        "ddc", "enum:disabled|builtin", offsetof(T, m.opt.ddc), "builtin",     \
            "monitor data (EDID) for the guest"                                \
    }

struct vga {
    struct vga_state *s; /* in the adapter, with its other state */
    struct vga_options opt;
    const struct services *sv;
    struct log_source *log;
    uint8_t *vram;
    size_t vram_bytes;
    bool vram_used; /* may hold something but zeros */
    struct phys_region *window, *lfb;
    struct timer vretrace;
    struct line irq; /* vertical interrupt (IRQ 2 on the ISA bus) */
    bool plain;      /* derived: write mode 0 with nothing switched on */
    bool touched;    /* something visible may have changed */
    struct vga_picture pic;
    struct screen screen;
};

/* ---- vga.c: set-up ---- */
/*
 * Allocates video memory, maps the window at A0000h and the linear frame
 * buffer at E0000000h, offers the screen to the host. `s` must outlive `v`;
 * so must `timer_name`, unique in the machine.
 */
bool vga_init(struct vga *v, struct vga_state *s, struct device *dev,
              const char *timer_name, struct error *err);
void vga_reset(struct vga *v, enum reset_kind kind);
bool vga_post_load(struct vga *v, struct error *err);
void vga_info(struct vga *v, struct out *out);
void vga_destroy(struct vga *v);
/* Rebuilds `plain` and marks the picture stale. */
void vga_changed(struct vga *v);

/* ---- vga_ports.c: 3B4h-3DAh and 1CEh-1CFh, absolute port numbers ---- */
uint8_t vga_port_read(struct vga *v, uint16_t port);
void vga_port_write(struct vga *v, uint16_t port, uint8_t value);

/* ---- dispi.c ---- */
uint16_t dispi_read(struct vga *v, unsigned index);
void dispi_write(struct vga *v, unsigned index, uint16_t value);
void dispi_reset(struct vga *v);
/* The 1CEh/1CFh pair. */
uint32_t dispi_port_read(struct vga *v, uint16_t port, unsigned size);
void dispi_port_write(struct vga *v, uint16_t port, uint32_t value,
                      unsigned size);
/* Checks the registers of a loaded state. */
bool dispi_valid(const struct vga *v);

static inline bool dispi_on(const struct vga *v)
{
    return v->s->dispi[DISPI_ENABLE] & DISPI_ENABLED;
}

/* On, in a mode whose memory is a plain array of pixels. */
static inline bool dispi_linear(const struct vga *v)
{
    return dispi_on(v) && v->s->dispi[DISPI_BPP] >= 8;
}

/* Bytes from one row of pixels to the next; of one plane when 4 bpp. */
uint32_t dispi_pitch(const struct vga *v);

/* ---- vga_memory.c ---- */
extern const struct mmio_ops vga_window_ops;

/* ---- vga_timing.c: the beam, from guest time ---- */
struct vga_timing {
    uint64_t clock_hz;           /* character clock times char_dots */
    unsigned char_dots;          /* dot clocks of one character clock */
    unsigned htotal, hdisp;      /* character clocks */
    unsigned vtotal, vdisp;      /* scan lines */
    unsigned vsync, vsync_lines; /* scan lines */
};

void vga_timing(const struct vga *v, struct vga_timing *t);
/* Input status 1, bits 0 and 3. */
uint8_t vga_beam_status(const struct vga *v);
/* Frames since power-on at the present rate; drives blinking. */
uint64_t vga_frame_number(const struct vga *v);
/* Arms or cancels the vertical interrupt timer as CR11 says. */
void vga_vretrace_arm(struct vga *v);
void vga_vretrace_fire(void *opaque);

/* ---- vga_render.c, vga_text.c: the picture, from the state ---- */
bool vga_render(void *opaque, struct frame *out);
bool vga_text(void *opaque, struct frame *out);

/* How scan lines map to display memory; filled from the registers. */
struct vga_rows {
    unsigned lines; /* scan lines shown */
    unsigned double_shift;
    unsigned row_height; /* scan lines of a character row, before doubling */
    unsigned line_compare;
    unsigned preset;      /* first row scan of the upper part */
    uint32_t start;       /* counter at the top left, without byte panning */
    uint32_t stride;      /* counter units from row to row */
    unsigned chars;       /* character clocks shown */
    unsigned count_shift; /* counter advances every 1 << n characters */
    unsigned byte_pan;
    uint8_t mode, underline;
    bool pan_top_only; /* no panning below the line compare */
};

struct vga_row {
    uint32_t start; /* counter */
    unsigned scan;  /* row scan */
    unsigned row;   /* character row of its part */
    bool split;     /* below the line compare */
};

void vga_rows(const struct vga *v, struct vga_rows *r);
struct vga_row vga_row(const struct vga_rows *r, unsigned line);

/* Plane offset that the counter value `ma` addresses (PS/2 reference, CRTC
 * mode control and underline location: byte, word, doubleword modes). */
static inline uint32_t vga_plane_offset(const struct vga_rows *r, uint32_t ma,
                                        unsigned scan)
{
    uint32_t a;

    if (r->underline & 0x40)
        a = ma << 2 | (ma >> 14 & 3);
    else if (r->mode & 0x40)
        a = ma;
    else
        a = ma << 1 | (ma >> (r->mode & 0x20 ? 15 : 13) & 1);
    if (!(r->mode & 1))
        a = (a & ~0x2000u) | (scan & 1) << 13;
    if (!(r->mode & 2))
        a = (a & ~0x4000u) | (scan >> 1 & 1) << 14;
    return a & (VGA_PLANE_BYTES - 1);
}

static inline bool vga_text_mode(const struct vga *v)
{
    return !dispi_on(v) && !(v->s->gr[GR_MISC] & 1);
}

/* Bit 0: cursor on, bit 1: blinking characters on. */
uint32_t vga_blink(const struct vga *v);
/* Colours of the 16 attribute codes. */
void vga_colors16(const struct vga *v, uint32_t out[16]);
/* Scan line `line` of a text mode: (r->chars + 1) characters. */
void vga_text_line(const struct vga *v, const struct vga_rows *r,
                   const uint32_t colors[16], unsigned line, uint32_t *out);
unsigned vga_char_width(const struct vga *v);
/* Fills the cells of `out` and the text members. */
bool vga_text_cells(struct vga *v, struct frame *out);

#endif
