/*
 * script_screen.h - the screen as lines of text, in text and graphics modes.
 *
 * In a text mode the characters are in video memory. In a graphics mode the
 * picture is cut into cells of 8x16, 8x14 and 8x8 pixels from its upper left
 * corner, and each cell is compared with the fonts of the guest's VGA BIOS:
 * tables in the ROM at C0000h-DFFFFh and F0000h-FFFFFh, known by their box
 * drawing characters, and the font that the vectors of INT 43h and INT 1Fh
 * point to. The height with the most characters found counts.
 */
#ifndef MACHINE_SCRIPT_SCREEN_H
#define MACHINE_SCRIPT_SCREEN_H

#include "core/out.h"
#include "machine/machine.h"

/* Rows without the blanks at their ends, each with a newline; "" when the
 * screen is off. A cell that no font has is U+FFFD. *graphics: what kind of
 * mode it was. */
void script_screen(struct machine *m, struct out *out, bool *graphics);
/* Is it a graphics mode (or off)? Cheap. */
bool script_screen_is_graphics(struct machine *m);
/* Changes when the picture does; less work than reading it. */
uint64_t script_screen_version(struct machine *m);

#endif
