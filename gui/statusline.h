/*
 * statusline.h - the line below a window's picture: menu, speed, what was
 * done last, lock keys, drives with their lamps.
 */
#ifndef GUI_STATUSLINE_H
#define GUI_STATUSLINE_H

#include "gui/canvas.h"
#include "gui/display.h"

#define STATUSLINE_HEIGHT 20u

/* Into the canvas, which has its size. `hint`: shown when there is no
 * message. */
void statusline_draw(struct canvas *c, const struct display_status *s,
                     const char *hint, bool hide_speed);

enum { STATUSLINE_NOTHING = -1, STATUSLINE_MENU = -2 };
/* What is at x in a line of that width: the number of a drive, or one of the
 * above. */
int statusline_at(const struct display_status *s, unsigned width, int x);

#endif
