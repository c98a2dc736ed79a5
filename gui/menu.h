/*
 * menu.h - the menu of a window, drawn by ourselves and without the window.
 *
 * Works with keys (enum host_key) and with a pointer whose place is told in
 * pixels of the menu's canvas. Its owner does what was chosen.
 */
#ifndef GUI_MENU_H
#define GUI_MENU_H

#include "gui/canvas.h"
#include "gui/display.h"

enum menu_choice {
    MENU_NONE,
    MENU_CLOSE, /* the menu is closed, nothing to do */
    MENU_CTRL_ALT_DEL,
    MENU_PASTE,
    MENU_SCREENSHOT,
    MENU_SAVE_STATE,
    MENU_FULLSCREEN,
    MENU_CAPTURE,
    MENU_RESET,
    MENU_POWER_BUTTON,
    MENU_QUIT,
    MENU_INSERT, /* drive, path */
    MENU_EJECT,  /* drive */
    MENU_FILES,  /* inside: the page of a drive's files */
    MENU_FOLDER, /* inside: another folder */
};

enum { MENU_COLUMNS = 44, MENU_ROWS = 20 };

struct menu_item {
    char *label; /* owned */
    enum menu_choice choice;
    char drive[16];
};

struct menu {
    bool open;
    struct menu_item *items; /* owned */
    unsigned count, selected, top;
    char title[64];
    char drive[16];    /* of the page of files */
    char folder[1024]; /* where the next page of files begins */
    char path[2048];   /* of MENU_INSERT */
    struct canvas canvas;
};

/* The first page. Hints: what else does these things, such as keys. */
struct menu_hints {
    const char *capture;
};
void menu_open(struct menu *m, const struct display_status *s,
               const struct menu_hints *hints);
/* The page of files of a drive. */
void menu_open_drive(struct menu *m, const char *drive);
void menu_close(struct menu *m);
void menu_free(struct menu *m);

enum menu_choice menu_key(struct menu *m, unsigned key);
/* The pointer moved to x, y or, if `pressed`, its button went down there. */
enum menu_choice menu_pointer(struct menu *m, int x, int y, bool pressed);
/* away: 1 back by some rows, -1 on. */
void menu_wheel(struct menu *m, int away);
/* Fills the canvas. */
void menu_draw(struct menu *m);

#endif
