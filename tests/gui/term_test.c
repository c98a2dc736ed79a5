/*
 * term_test.c - the terminal display, looked at through a small terminal.
 */
#include "gui/cp437.h"
#include "gui/display.h"
#include "gui/term_draw.h"
#include "tests/tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define COLUMNS 20u
#define ROWS    6u

extern const struct display_class display_term;

/* Just enough of a terminal: cursor position, colours, characters. */
struct terminal {
    uint32_t code[ROWS][COLUMNS];
    unsigned fg[ROWS][COLUMNS], bg[ROWS][COLUMNS];
    unsigned x, y, pen_fg, pen_bg, written;
    bool cursor;
};

/* SGR 38/48;2;r;g;b gives the colour as 0x1RRGGBB. */
static void pen(struct terminal *m, const unsigned *v, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (v[i] == 0) {
            m->pen_fg = 7;
            m->pen_bg = 0;
        } else if ((v[i] == 38 || v[i] == 48) && i + 4 < n) {
            unsigned c = 0x1000000 | v[i + 2] << 16 | v[i + 3] << 8 | v[i + 4];

            *(v[i] == 38 ? &m->pen_fg : &m->pen_bg) = c;
            i += 4;
        } else if (v[i] >= 90 && v[i] <= 97) {
            m->pen_fg = v[i] - 82;
        } else if (v[i] >= 30 && v[i] <= 37) {
            m->pen_fg = v[i] - 30;
        } else if (v[i] >= 40 && v[i] <= 47) {
            m->pen_bg = v[i] - 40;
        }
    }
}

static const char *sequence(struct terminal *m, const char *p, const char *end)
{
    unsigned v[16] = {0}, n = 0;
    bool private = p < end && *p == '?';

    for (p += private; p < end && (*p == ';' || (*p >= '0' && *p <= '9'));
         p++) {
        if (*p == ';')
            n += n < 15;
        else
            v[n] = v[n] * 10 + (unsigned)(*p - '0');
    }
    if (p == end)
        return end;
    if (private)
        m->cursor = *p == 'h';
    else if (*p == 'H') {
        m->y = v[0] - 1;
        m->x = v[1] - 1;
    } else if (*p == 'm') {
        pen(m, v, n + 1);
    }
    return p + 1;
}

static void feed(struct terminal *m, const char *p, size_t n)
{
    const char *end = p + n;

    m->written = 0;
    while (p < end) {
        if (end - p > 1 && p[0] == '\033' && p[1] == '[') {
            p = sequence(m, p + 2, end);
            continue;
        }
        if (m->x < COLUMNS && m->y < ROWS) {
            m->code[m->y][m->x] = utf8_decode(&p, end);
            m->fg[m->y][m->x] = m->pen_fg;
            m->bg[m->y][m->x] = m->pen_bg;
        } else {
            utf8_decode(&p, end);
        }
        m->x++;
        m->written++;
    }
}

static void show(struct terminal *m, struct term_view *v, const struct frame *f)
{
    struct out o;

    out_to_string(&o);
    term_draw(v, f, &o);
    feed(m, o.text, o.len);
    out_free(&o);
}

static void test_text(struct tap *t)
{
    static uint16_t cells[10 * 40];
    struct frame f = {.is_text = true,
                      .columns = 40,
                      .rows = 10,
                      .cells = cells,
                      .cursor_x = 3,
                      .cursor_y = 1};
    struct terminal m = {0};
    struct term_view v = {0};

    for (unsigned i = 0; i < 400; i++)
        cells[i] = 0x0720;
    cells[41] = 0x4ec4; /* yellow on red: horizontal line */
    cells[42] = 0x1741;
    tap_ok(t, term_view_resize(&v, COLUMNS, ROWS), "view");
    show(&m, &v, &f);
    tap_eq(t, m.written, COLUMNS * ROWS, "all cells are sent at first");
    tap_eq(t, m.code[1][1], 0x2500, "box drawing");
    tap_eq(t, m.fg[1][1], 11, "yellow, in ANSI order");
    tap_eq(t, m.bg[1][1], 1, "red, in ANSI order");
    tap_eq(t, m.bg[1][2], 4, "blue, in ANSI order");
    tap_ok(t, m.cursor && m.x == 3 && m.y == 1, "cursor is placed");
    show(&m, &v, &f);
    tap_eq(t, m.written, 0, "nothing is sent twice");
    cells[45] = 0x0758;
    show(&m, &v, &f);
    tap_eq(t, m.written, 1, "one cell changed");
    tap_eq(t, m.code[1][5], 'X', "that one");
    f.cursor_x = -1;
    show(&m, &v, &f);
    tap_ok(t, !m.cursor, "hidden cursor");
    f.cursor_x = 30;
    f.cursor_y = 9;
    cells[9 * 40 + 29] = 0x0759;
    show(&m, &v, &f);
    tap_ok(t, m.x == 19 && m.y == 5 && m.code[5][18] == 'Y',
           "a larger screen is shown around its cursor");
    show(&m, &v, NULL);
    tap_eq(t, m.code[5][18], ' ', "display off is blank");
    term_view_free(&v);
}

static void test_picture(struct tap *t)
{
    static uint32_t pixels[8 * 6 * 4];
    struct frame f = {.width = 16, .height = 12, .pixels = pixels};
    struct terminal m = {0};
    struct term_view v = {0};

    for (unsigned y = 0; y < 12; y++)
        for (unsigned x = 0; x < 16; x++)
            pixels[y * 16 + x] = y == 0 ? 0xff0000 : y == 1 ? 0x0000ff : x;
    term_view_resize(&v, COLUMNS, ROWS);
    show(&m, &v, &f);
    tap_eq(t, m.code[0][0], 0x2580, "half block");
    tap_eq(t, m.fg[0][0], 0x1ff0000, "upper pixel");
    tap_eq(t, m.bg[0][0], 0x10000ff, "lower pixel");
    tap_eq(t, m.fg[2][15], 0x100000f, "last column of a 4:3 picture");
    tap_eq(t, m.code[2][16], ' ', "and nothing to its right");
    term_view_free(&v);
}

static uint16_t cell_a = 0x0741;

static bool text_a(void *opaque, struct frame *out)
{
    (void)opaque;
    *out = (struct frame){.is_text = true,
                          .columns = 1,
                          .rows = 1,
                          .cells = &cell_a,
                          .cursor_x = -1,
                          .cursor_y = -1,
                          .version = 1};
    return true;
}

static void count_key(void *opaque, unsigned key, bool pressed)
{
    *(unsigned *)opaque += key == KEY_Q && pressed;
}

static void no_mouse(void *opaque, int dx, int dy, int dz, unsigned buttons)
{
    (void)opaque;
    (void)dx;
    (void)dy;
    (void)dz;
    (void)buttons;
}

static void no_command(void *opaque, enum host_command command)
{
    (void)opaque;
    (void)command;
}

/* The display itself, on a pseudo-terminal in place of the standard ones. */
static void test_display(struct tap *t)
{
    static const struct screen screen = {NULL, text_a, text_a};
    unsigned presses = 0;
    struct display_setup setup = {.title = "test",
                                  .options = "",
                                  .events = {.opaque = &presses,
                                             .key = count_key,
                                             .mouse = no_mouse,
                                             .command = no_command}};
    struct display *d = NULL;
    struct error err = {0};
    int master = posix_openpt(O_RDWR | O_NOCTTY), slave, in = dup(0),
        out = dup(1);
    char buf[8192];
    ssize_t n;
    bool opened, refused;

    if (master < 0 || grantpt(master) || unlockpt(master) ||
        (slave = open(ptsname(master), O_RDWR | O_NOCTTY)) < 0) {
        tap_ok(t, true, "display # SKIP no pseudo-terminals here");
        return;
    }
    fflush(stdout);
    dup2(slave, 0);
    dup2(slave, 1);
    opened = display_term.open(&setup, &d, &err);
    if (opened) {
        display_term.update(d, &screen);
        display_term.update(d, &screen);
        if (write(master, "q", 1) == 1) {
            usleep(10000);
            display_term.poll(d);
        }
        display_term.status(d, &(struct display_status){.text = "running"});
        display_term.close(d);
    }
    n = read(master, buf, sizeof buf - 1);
    close(slave);
    {
        int null = open("/dev/null", O_RDWR);

        dup2(null, 0);
        dup2(null, 1);
        refused = !display_term.open(&setup, &d, &err);
        close(null);
    }
    dup2(in, 0);
    dup2(out, 1);
    close(in);
    close(out);
    close(master);
    buf[n > 0 ? n : 0] = 0;
    tap_ok(t, opened, "the display opens on a terminal");
    tap_ok(t, !strncmp(buf, "\033[?1049h", 8), "alternate screen");
    tap_ok(t, strstr(buf, "mA"), "the screen is drawn");
    tap_eq(t, presses, 1, "a typed key arrives");
    tap_ok(t, refused, "it refuses what is not a terminal: %s", err.text);
}

int main(void)
{
    struct tap t = {0};

    test_text(&t);
    test_picture(&t);
    test_display(&t);
    return tap_done(&t);
}
