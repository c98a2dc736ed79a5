/*
 * vga_board.h - a board with nothing but a clock, buses and a VGA.
 */
#ifndef TESTS_DEVICE_VGA_BOARD_H
#define TESTS_DEVICE_VGA_BOARD_H

#include "core/device.h"
#include "core/host.h"
#include "memory/phys.h"
#include "tests/tap.h"

struct board {
    struct log log;
    struct clock clock;
    struct host host;
    struct services sv;
    struct device_list list;
    struct device *vga;
    const struct screen *screen;
};

/* Register values of a mode, in the order they are written. */
struct vga_regs {
    uint8_t misc;
    uint8_t seq[5], crtc[25], gr[9], ar[21];
};

extern const struct vga_regs mode_text, mode_12h, mode_13h, mode_x, mode_cga;

/* Exits the program when the board cannot be built. vbe_memsize is 4. */
void board_open(struct board *b);
void board_close(struct board *b);
void out8(struct board *b, uint16_t port, unsigned value);
unsigned in8(struct board *b, uint16_t port);
/* Index and data registers: 3C4h, 3CEh, 3D4h. */
void out_index(struct board *b, uint16_t port, unsigned index, unsigned value);
unsigned in_index(struct board *b, uint16_t port, unsigned index);
void out_attribute(struct board *b, unsigned index, unsigned value);
void out_color(struct board *b, unsigned index, unsigned r, unsigned g,
               unsigned bl);
void dispi(struct board *b, unsigned index, unsigned value);
unsigned in_dispi(struct board *b, unsigned index);
void poke8(struct board *b, uint32_t paddr, unsigned value);
unsigned peek8(struct board *b, uint32_t paddr);
/* Sequencer, CRTC (unlocked), graphics and attribute controller, screen on. */
void set_mode(struct board *b, const struct vga_regs *m);
/* DAC entry n gets red n mod 64, green n / 4, blue 63 - red (6 bits). */
void set_dac_ramp(struct board *b);
/* 0x00RRGGBB of that ramp. */
uint32_t ramp_color(unsigned n);
/* Number of pixels that differ from want(x, y). */
unsigned frame_diff(const struct frame *f,
                    uint32_t (*want)(unsigned x, unsigned y));
/* The raw text mode of a BIOS: palette 0-5, 14h, 7, 38h-3Fh. */
extern const uint8_t text_palette[16];

#endif
