/*
 * menu.c - the menu of a window, drawn by ourselves and without the window.
 */
#include "gui/menu.h"
#include "gui/media.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    PAPER = 0xf4f4f0,
    INK = 0x202020,
    PALE = 0x707070,
    BAR = 0x2c5f8a,
    BAR_INK = 0xffffff,
    EDGE = 0x303030,
    MARGIN = 6,
    LINE = FONT_HEIGHT + 2
};

/* ---- items ---- */

static void clear(struct menu *m)
{
    for (unsigned i = 0; i < m->count; i++)
        free(m->items[i].label);
    free(m->items);
    m->items = NULL;
    m->count = m->selected = m->top = 0;
}

static void add(struct menu *m, enum menu_choice choice, const char *drive,
                const char *label)
{
    struct menu_item *more = realloc(m->items, (m->count + 1) * sizeof *more);
    char *copy = strdup(label);

    if (more)
        m->items = more;
    if (!more || !copy) {
        free(copy);
        return;
    }
    more[m->count] = (struct menu_item){.label = copy, .choice = choice};
    snprintf(more[m->count].drive, sizeof more->drive, "%s", drive);
    m->count++;
}

static void add_drives(struct menu *m, const struct display_status *s)
{
    for (unsigned i = 0; i < s->drive_count; i++) {
        const struct display_drive *d = &s->drives[i];
        char text[128];

        if (!d->removable)
            continue;
        snprintf(text, sizeof text, "Change %s (%s)", d->name,
                 *d->file ? d->file : "empty");
        add(m, MENU_FILES, d->id, text);
    }
}

void menu_open(struct menu *m, const struct display_status *s,
               const struct menu_hints *hints)
{
    char text[64];

    clear(m);
    m->open = true;
    snprintf(m->title, sizeof m->title, "Klochs");
    add_drives(m, s);
    add(m, MENU_CTRL_ALT_DEL, "", "Press Ctrl+Alt+Del");
    add(m, MENU_PASTE, "", "Paste text as keys      Ctrl+Alt+V");
    add(m, MENU_SCREENSHOT, "", "Screen shot             Ctrl+Alt+S");
    add(m, MENU_SAVE_STATE, "", "Save the state");
    add(m, MENU_FULLSCREEN, "", "Full screen             Ctrl+Alt+F");
    snprintf(text, sizeof text, "Capture the mouse       %s", hints->capture);
    add(m, MENU_CAPTURE, "", text);
    add(m, MENU_RESET, "", "Reset");
    add(m, MENU_POWER_BUTTON, "", "Power button");
    add(m, MENU_QUIT, "", "Quit");
}

static void fill_files(struct menu *m)
{
    struct media_list l;
    char text[300];

    clear(m);
    snprintf(m->title, sizeof m->title, "%s", m->drive);
    add(m, MENU_EJECT, m->drive, "(take the medium out)");
    if (strcmp(m->folder, "/"))
        add(m, MENU_FOLDER, "..", "../");
    media_read(&l, m->folder);
    for (unsigned i = 0; i < l.count; i++) {
        snprintf(text, sizeof text, "%.280s%s", l.files[i].name,
                 l.files[i].folder ? "/" : "");
        add(m, l.files[i].folder ? MENU_FOLDER : MENU_INSERT, "", text);
    }
    media_free(&l);
}

void menu_open_drive(struct menu *m, const char *drive)
{
    char id[sizeof m->drive];

    snprintf(id, sizeof id, "%s", drive);
    memcpy(m->drive, id, sizeof id);
    if (!*m->folder && !getcwd(m->folder, sizeof m->folder))
        snprintf(m->folder, sizeof m->folder, "/");
    m->open = true;
    fill_files(m);
}

void menu_close(struct menu *m)
{
    m->open = false;
    clear(m);
}

void menu_free(struct menu *m)
{
    menu_close(m);
    canvas_free(&m->canvas);
}

/* ---- choosing ---- */

/* "name/" or "../" behind the present folder. */
static void enter_folder(struct menu *m, const char *name)
{
    size_t n = strlen(m->folder);
    char *slash;

    if (!strcmp(name, "../")) {
        slash = strrchr(m->folder, '/');
        if (slash)
            slash[slash == m->folder] = 0;
    } else if (n + strlen(name) + 1 < sizeof m->folder) {
        snprintf(m->folder + n, sizeof m->folder - n, "%s%.*s",
                 n && m->folder[n - 1] == '/' ? "" : "/", (int)strlen(name) - 1,
                 name);
    }
    fill_files(m);
}

static enum menu_choice choose(struct menu *m)
{
    struct menu_item *i;
    enum menu_choice choice;

    if (m->selected >= m->count)
        return MENU_NONE;
    i = &m->items[m->selected];
    choice = i->choice;
    if (choice == MENU_FILES) {
        menu_open_drive(m, i->drive);
        return MENU_NONE;
    }
    if (choice == MENU_FOLDER) {
        char name[300];

        snprintf(name, sizeof name, "%s", i->label);
        enter_folder(m, name);
        return MENU_NONE;
    }
    if (choice == MENU_INSERT)
        snprintf(m->path, sizeof m->path, "%s%s%s", m->folder,
                 strcmp(m->folder, "/") ? "/" : "", i->label);
    menu_close(m);
    return choice;
}

static unsigned rows(const struct menu *m)
{
    return m->count < MENU_ROWS ? m->count : MENU_ROWS;
}

static void select_row(struct menu *m, int to)
{
    int last = (int)m->count - 1;

    m->selected = (unsigned)(to < 0 ? 0 : to > last ? last : to);
    if (m->selected < m->top)
        m->top = m->selected;
    if (m->selected >= m->top + rows(m))
        m->top = m->selected - rows(m) + 1;
}

/* The next item that begins with the key's letter. */
static void jump(struct menu *m, unsigned key)
{
    for (unsigned n = 1; n <= m->count; n++) {
        unsigned at = (m->selected + n) % m->count;
        char c = m->items[at].label[0];
        struct key_press p;

        c = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
        if (keymap_char(NULL, (uint8_t)c, &p) && p.key == key) {
            select_row(m, (int)at);
            return;
        }
    }
}

enum menu_choice menu_key(struct menu *m, unsigned key)
{
    int at = (int)m->selected;

    switch (key) {
    case KEY_ESC:
        menu_close(m);
        return MENU_CLOSE;
    case KEY_ENTER:
    case KEY_KP_ENTER:
    case KEY_SPACE:
        return choose(m);
    case KEY_UP:
    case KEY_KP_8:
        select_row(m, at ? at - 1 : (int)m->count - 1);
        break;
    case KEY_DOWN:
    case KEY_KP_2:
        select_row(m, at + 1 < (int)m->count ? at + 1 : 0);
        break;
    case KEY_PGUP:
        select_row(m, at - MENU_ROWS);
        break;
    case KEY_PGDN:
        select_row(m, at + MENU_ROWS);
        break;
    case KEY_HOME:
        select_row(m, 0);
        break;
    case KEY_END:
        select_row(m, (int)m->count - 1);
        break;
    default:
        jump(m, key);
        break;
    }
    return MENU_NONE;
}

enum menu_choice menu_pointer(struct menu *m, int x, int y, bool pressed)
{
    int width = (int)m->canvas.width;
    int row = y >= LINE + MARGIN ? (y - LINE - MARGIN) / LINE : -1;

    if (pressed &&
        (x < 0 || y < 0 || x >= width || y >= (int)m->canvas.height)) {
        menu_close(m);
        return MENU_CLOSE;
    }
    if (x < 0 || x >= width || row < 0 || row >= (int)rows(m))
        return MENU_NONE;
    m->selected = m->top + (unsigned)row;
    return pressed ? choose(m) : MENU_NONE;
}

void menu_wheel(struct menu *m, int away)
{
    int most = (int)m->count - (int)rows(m), top = (int)m->top - 3 * away;

    m->top = (unsigned)(top < 0 ? 0 : top > most ? most : top);
    if (m->selected < m->top)
        m->selected = m->top;
    if (m->selected >= m->top + rows(m))
        m->selected = m->top + rows(m) - 1;
}

/* ---- drawing ---- */

static void draw_rows(struct menu *m, int width)
{
    for (unsigned n = 0; n < rows(m); n++) {
        const struct menu_item *i = &m->items[m->top + n];
        int y = LINE + MARGIN + (int)n * LINE;
        bool here = m->top + n == m->selected;

        if (here)
            canvas_fill(&m->canvas, 2, y, width - 4, LINE, BAR);
        canvas_text(&m->canvas, MARGIN, y + 1, i->label, MENU_COLUMNS,
                    here ? BAR_INK : INK);
    }
}

void menu_draw(struct menu *m)
{
    int width = MENU_COLUMNS * FONT_WIDTH + 2 * MARGIN;
    int height = (int)rows(m) * LINE + 2 * LINE + 2 * MARGIN;
    struct canvas *c = &m->canvas;
    char text[128];

    if (!canvas_resize(c, (unsigned)width, (unsigned)height))
        return;
    canvas_fill(c, 0, 0, width, height, EDGE);
    canvas_fill(c, 1, 1, width - 2, height - 2, PAPER);
    canvas_fill(c, 1, 1, width - 2, LINE + 1, EDGE);
    canvas_text(c, MARGIN, 2, m->title, MENU_COLUMNS, BAR_INK);
    draw_rows(m, width);
    snprintf(text, sizeof text, "%u/%u  Enter chooses, Esc closes",
             m->selected + 1, m->count);
    canvas_text(c, MARGIN, height - LINE - 1, text, MENU_COLUMNS, PALE);
}
