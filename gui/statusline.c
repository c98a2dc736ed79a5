/*
 * statusline.c - the line below a window's picture.
 */
#include "gui/statusline.h"

#include <stdio.h>

enum {
    PAPER = 0x303438,
    INK = 0xd8d8d8,
    OFF = 0x60666c,
    LED = 0x60d060,
    BUSY = 0xf0a030,
    BUTTON = 0x4a5058,
    GAP = 10,
    LAMP = 6,
    MENU_WIDTH = 4 * FONT_WIDTH + 12
};

static int lock_width(void)
{
    return 3 * (3 * FONT_WIDTH + GAP);
}

static int drive_width(const struct display_drive *d)
{
    return LAMP + 4 + (int)strlen(d->name) * FONT_WIDTH + GAP;
}

/* Left edge of drive n; of the drives' part if n is 0. */
static int drive_x(const struct display_status *s, unsigned width, unsigned n)
{
    int x = (int)width;

    for (unsigned i = n; i < s->drive_count; i++)
        x -= drive_width(&s->drives[i]);
    return x;
}

static void draw_locks(struct canvas *c, const struct display_status *s, int x)
{
    static const struct {
        const char *name;
        unsigned bit;
    } locks[] = {
        {"NUM", DISPLAY_NUM}, {"CAP", DISPLAY_CAPS}, {"SCR", DISPLAY_SCROLL}};

    for (unsigned i = 0; i < ARRAY_LEN(locks); i++)
        x = GAP + canvas_text(c, x, 2, locks[i].name, 3,
                              s->leds & locks[i].bit ? LED : OFF);
}

static void draw_drives(struct canvas *c, const struct display_status *s)
{
    for (unsigned i = 0; i < s->drive_count; i++) {
        const struct display_drive *d = &s->drives[i];
        int x = drive_x(s, c->width, i);

        canvas_fill(c, x, 7, LAMP, LAMP, d->busy ? BUSY : OFF);
        canvas_text(c, x + LAMP + 4, 2, d->name, 16, *d->file ? INK : OFF);
    }
}

void statusline_draw(struct canvas *c, const struct display_status *s,
                     const char *hint, bool hide_speed)
{
    int right = drive_x(s, c->width, 0) - lock_width();
    int x = MENU_WIDTH + GAP;

    canvas_fill(c, 0, 0, (int)c->width, (int)c->height, PAPER);
    canvas_fill(c, 2, 2, MENU_WIDTH - 4, (int)c->height - 4, BUTTON);
    canvas_text(c, 6, 2, "Menu", 4, INK);
    if (!hide_speed)
        x = 2 * GAP + canvas_text(c, x, 2, s->text, 16, INK);
    if (right > x)
        canvas_text(c, x, 2, *s->message ? s->message : hint,
                    (unsigned)(right - x) / FONT_WIDTH, INK);
    draw_locks(c, s, right);
    draw_drives(c, s);
}

int statusline_at(const struct display_status *s, unsigned width, int x)
{
    if (x >= 0 && x < MENU_WIDTH)
        return STATUSLINE_MENU;
    for (unsigned i = 0; i < s->drive_count; i++) {
        int left = drive_x(s, width, i);

        if (x >= left && x < left + drive_width(&s->drives[i]))
            return (int)i;
    }
    return STATUSLINE_NOTHING;
}
