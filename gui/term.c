/*
 * term.c - the display in the terminal that the program was started from.
 *
 * Needs no library: termios and control sequences. The terminal is put into
 * raw mode and its alternate screen, and put back by close.
 */
#include "gui/term_draw.h"
#include "gui/term_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* Polls without input after which a lone ESC byte is the Esc key. */
#define ESC_POLLS 3u

struct term {
    struct display base;
    struct display_events events;
    struct termios before;
    struct term_view view;
    struct term_keys keys;
    unsigned idle;
    uint64_t version;
    bool blank; /* shown without a frame */
};

extern const struct display_class display_term;

static struct term *term_of(struct display *d)
{
    return container_of(d, struct term, base);
}

static void term_send(const char *p, size_t n)
{
    while (n) {
        ssize_t k = write(STDOUT_FILENO, p, n);

        if (k < 0 && errno == EAGAIN) {
            struct pollfd fd = {STDOUT_FILENO, POLLOUT, 0};

            poll(&fd, 1, 100);
            continue;
        }
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return;
        p += k;
        n -= (size_t)k;
    }
}

static void term_puts(const char *s)
{
    term_send(s, strlen(s));
}

static bool term_fit(struct term *t)
{
    struct winsize w;
    unsigned columns = 80, rows = 25;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col && w.ws_row) {
        columns = w.ws_col < 1000 ? w.ws_col : 1000;
        rows = w.ws_row < 1000 ? w.ws_row : 1000;
    }
    if (t->view.columns == columns && t->view.rows == rows)
        return true;
    t->version = 0;
    return term_view_resize(&t->view, columns, rows);
}

static bool term_open(const struct display_setup *setup, struct display **out,
                      struct error *err)
{
    struct termios raw;
    struct term *t;

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return error_set(err, EXIT_NO_OPEN,
                         "term: standard input and output are not a terminal; "
                         "use another display_library, such as headless");
    t = calloc(1, sizeof *t);
    if (!t || !term_fit(t)) {
        free(t);
        return error_set(err, EXIT_NO_OPEN, "term: out of memory");
    }
    t->events = setup->events;
    t->keys.keymap = setup->keymap;
    if (tcgetattr(STDIN_FILENO, &t->before) != 0) {
        term_view_free(&t->view);
        free(t);
        return error_set(err, EXIT_NO_OPEN, "term: %s", strerror(errno));
    }
    raw = t->before;
    raw.c_iflag &= (tcflag_t) ~(BRKINT | ICRNL | INLCR | IGNCR | ISTRIP | IXON);
    raw.c_oflag &= (tcflag_t)~OPOST;
    raw.c_lflag &= (tcflag_t) ~(ECHO | ICANON | ISIG | IEXTEN);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    term_puts("\033[?1049h\033[2J");
    t->base.cls = &display_term;
    *out = &t->base;
    return true;
}

static void term_poll(struct display *d)
{
    struct term *t = term_of(d);
    char buf[256];
    ssize_t n = read(STDIN_FILENO, buf, sizeof buf);

    if (n > 0) {
        t->idle = 0;
        term_keys_feed(&t->keys, buf, (size_t)n, &t->events);
    } else if (t->keys.len && ++t->idle >= ESC_POLLS) {
        t->idle = 0;
        term_keys_idle(&t->keys, &t->events);
    }
}

static void term_update(struct display *d, const struct screen *screen)
{
    struct term *t = term_of(d);
    struct frame f = {0};
    struct out o;
    bool on;

    if (!term_fit(t))
        return;
    on = screen && (screen->text(screen->opaque, &f) ||
                    screen->render(screen->opaque, &f));
    if (t->view.known && (on ? f.version == t->version : t->blank))
        return;
    t->version = f.version;
    t->blank = !on;
    out_to_string(&o);
    term_draw(&t->view, on ? &f : NULL, &o);
    if (!o.failed)
        term_send(o.text, o.len);
    out_free(&o);
}

static void term_status(struct display *d, const struct display_status *s)
{
    struct out o;

    (void)d;
    out_to_string(&o);
    out_printf(&o, "\033]2;Klochs - %s%s%s\007", s->text,
               *s->message ? " - " : "", s->message);
    if (!o.failed)
        term_send(o.text, o.len);
    out_free(&o);
}

static void term_close(struct display *d)
{
    struct term *t = term_of(d);

    term_puts("\033[0m\033[?25h\033[?1049l");
    tcsetattr(STDIN_FILENO, TCSANOW, &t->before);
    term_view_free(&t->view);
    free(t);
}

const struct display_class display_term = {
    .name = "term",
    .summary = "the terminal; " TERM_KEYS_HELP,
    .options = "",
    .open = term_open,
    .poll = term_poll,
    .update = term_update,
    .status = term_status,
    .close = term_close,
};
