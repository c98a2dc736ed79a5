/*
 * vnc.c - the display for VNC viewers, several at a time.
 *
 * Listens on the loopback address unless told otherwise; there is no
 * password, so another address should only be given behind a firewall or a
 * tunnel. The protocol is in rfb.c; no library is needed.
 */
#include "gui/display.h"
#include "gui/rfb.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_VIEWERS 8u

struct viewer {
    int fd; /* -1: free */
    struct rfb_client rfb;
    size_t sent; /* of rfb.out */
    bool down[256];
};

struct vnc {
    struct display base;
    struct display_events events;
    int listener;
    struct viewer viewers[MAX_VIEWERS];
    struct viewer *from; /* whose input is being handled */
    struct rfb_picture pic;
    uint64_t version;
    const struct keymap *keymap;
    bool shown; /* pic shows `version` */
    bool pointer_known;
    unsigned x, y, buttons;
    char title[80];
};

extern const struct display_class display_vnc;

static struct vnc *vnc_of(struct display *d)
{
    return container_of(d, struct vnc, base);
}

/* ---- input ---- */

static void send_key(struct vnc *v, struct viewer *w, unsigned key,
                     bool pressed)
{
    if (!pressed && !w->down[key])
        return;
    w->down[key] = pressed;
    v->events.key(v->events.opaque, key, pressed);
}

static void on_key(void *opaque, uint32_t keysym, bool pressed)
{
    struct vnc *v = opaque;
    unsigned key = rfb_key(v->keymap, keysym);

    if (key)
        send_key(v, v->from, key, pressed);
}

/* Viewers tell positions, the guest's mouse needs movements. */
static void on_pointer(void *opaque, unsigned x, unsigned y, unsigned buttons)
{
    struct vnc *v = opaque;
    unsigned b = (buttons & 1) | (buttons >> 1 & 2) | (buttons << 1 & 4);
    unsigned pressed = buttons & ~v->buttons;
    int dx = v->pointer_known ? (int)x - (int)v->x : 0;
    int dy = v->pointer_known ? (int)y - (int)v->y : 0;
    int dz = (pressed & 8 ? 1 : 0) - (pressed & 16 ? 1 : 0);

    v->pointer_known = true;
    v->x = x;
    v->y = y;
    v->buttons = buttons;
    v->events.mouse(v->events.opaque, dx, dy, dz, b);
}

static void drop(struct vnc *v, struct viewer *w)
{
    close(w->fd);
    w->fd = -1;
    for (unsigned k = 1; k < 256; k++)
        send_key(v, w, k, false);
    rfb_free(&w->rfb);
}

static void receive(struct vnc *v, struct viewer *w)
{
    const struct rfb_events ev = {v, on_key, on_pointer};
    uint8_t buf[2048];
    ssize_t n = recv(w->fd, buf, sizeof buf, 0);

    if (n > 0) {
        v->from = w;
        rfb_input(&w->rfb, buf, (size_t)n, &v->pic, v->title, &ev);
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        w->rfb.dead = true;
    }
}

/* As much as the socket takes now. */
static void transmit(struct viewer *w)
{
    struct out *o = &w->rfb.out;

    while (w->sent < o->len) {
        ssize_t n =
            send(w->fd, o->text + w->sent, o->len - w->sent, MSG_NOSIGNAL);

        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n <= 0) {
            w->rfb.dead = true;
            return;
        }
        w->sent += (size_t)n;
    }
    o->len = 0;
    w->sent = 0;
}

static bool set_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
           fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

static void welcome(struct vnc *v)
{
    int fd = accept(v->listener, NULL, NULL), on = 1;

    if (fd < 0)
        return;
    for (unsigned i = 0; i < MAX_VIEWERS && set_nonblocking(fd); i++) {
        struct viewer *w = &v->viewers[i];

        if (w->fd >= 0)
            continue;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        *w = (struct viewer){.fd = fd};
        rfb_open(&w->rfb);
        return;
    }
    close(fd);
}

static void vnc_poll(struct display *d)
{
    struct vnc *v = vnc_of(d);

    welcome(v);
    for (unsigned i = 0; i < MAX_VIEWERS; i++) {
        struct viewer *w = &v->viewers[i];

        if (w->fd < 0)
            continue;
        receive(v, w);
        if (!w->rfb.dead)
            transmit(w);
        if (w->rfb.dead)
            drop(v, w);
    }
}

/* ---- picture ---- */

static bool tile_differs(const struct rfb_picture *pic, const struct frame *f,
                         unsigned x, unsigned y)
{
    unsigned w = pic->width - x < RFB_TILE ? pic->width - x : RFB_TILE;
    unsigned h = pic->height - y < RFB_TILE ? pic->height - y : RFB_TILE;
    bool differs = false;

    for (unsigned j = y; j < y + h; j++) {
        size_t at = (size_t)j * pic->width + x;

        if (memcmp(pic->pixels + at, f->pixels + at, 4 * (size_t)w) == 0)
            continue;
        memcpy(pic->pixels + at, f->pixels + at, 4 * (size_t)w);
        differs = true;
    }
    return differs;
}

/* A picture of this size, black; false: out of memory. */
static bool new_picture(struct vnc *v, unsigned width, unsigned height)
{
    uint32_t *p = calloc((size_t)width * height, sizeof *p);

    if (!p)
        return false;
    free(v->pic.pixels);
    v->pic = (struct rfb_picture){width, height, p};
    for (unsigned i = 0; i < MAX_VIEWERS; i++)
        if (v->viewers[i].fd >= 0)
            rfb_resized(&v->viewers[i].rfb, &v->pic);
    return true;
}

static void take_frame(struct vnc *v, const struct frame *f)
{
    if ((f->width != v->pic.width || f->height != v->pic.height) &&
        !new_picture(v, f->width, f->height))
        return;
    for (unsigned y = 0; y < f->height; y += RFB_TILE)
        for (unsigned x = 0; x < f->width; x += RFB_TILE)
            if (tile_differs(&v->pic, f, x, y))
                for (unsigned i = 0; i < MAX_VIEWERS; i++)
                    if (v->viewers[i].fd >= 0)
                        rfb_mark(&v->viewers[i].rfb, &v->pic, x / RFB_TILE,
                                 y / RFB_TILE);
    v->version = f->version;
    v->shown = true;
}

static bool watched(const struct vnc *v)
{
    for (unsigned i = 0; i < MAX_VIEWERS; i++)
        if (v->viewers[i].fd >= 0)
            return true;
    return false;
}

static void vnc_update(struct display *d, const struct screen *screen)
{
    struct vnc *v = vnc_of(d);
    struct frame f = {0};

    if (!watched(v))
        return;
    if (screen && screen->render(screen->opaque, &f) && f.width && f.height) {
        if (!v->shown || f.version != v->version)
            take_frame(v, &f);
    } else if (v->shown) { /* the display went off: black */
        v->shown = !new_picture(v, v->pic.width, v->pic.height);
    }
    for (unsigned i = 0; i < MAX_VIEWERS; i++) {
        struct viewer *w = &v->viewers[i];

        /* A slow viewer gets the next picture when it has this one. */
        if (w->fd < 0 || w->rfb.out.len)
            continue;
        rfb_update(&w->rfb, &v->pic);
        if (!w->rfb.dead)
            transmit(w);
    }
}

static void vnc_status(struct display *d, const struct display_status *s)
{
    /* The protocol has no way to change a window's title. */
    (void)d;
    (void)s;
}

/* ---- life ---- */

static void vnc_close(struct display *d)
{
    struct vnc *v = vnc_of(d);

    for (unsigned i = 0; i < MAX_VIEWERS; i++)
        if (v->viewers[i].fd >= 0)
            drop(v, &v->viewers[i]);
    if (v->listener >= 0)
        close(v->listener);
    free(v->pic.pixels);
    free(v);
}

/* Listens at `port`, or when that is 0 at the first free one from 5900. */
static bool vnc_listen(struct vnc *v, const char *address, unsigned port,
                       struct error *err)
{
    struct sockaddr_in sa = {.sin_family = AF_INET};
    unsigned first = port ? port : 5900, last = port ? port : 5909, p;
    int on = 1;

    if (inet_pton(AF_INET, address, &sa.sin_addr) != 1)
        return error_set(err, EXIT_USAGE,
                         "vnc: listen=%s is not an IPv4 address", address);
    v->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (v->listener < 0 || !set_nonblocking(v->listener))
        return error_set(err, EXIT_NO_OPEN, "vnc: %s", strerror(errno));
    setsockopt(v->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    for (p = first; p <= last; p++) {
        sa.sin_port = htons((uint16_t)p);
        if (bind(v->listener, (struct sockaddr *)&sa, sizeof sa) == 0 &&
            listen(v->listener, 4) == 0)
            break;
    }
    if (p > last)
        return error_set(err, EXIT_NO_OPEN,
                         "vnc: cannot listen at %s port %u: %s", address, first,
                         strerror(errno));
    return true;
}

static bool vnc_open(const struct display_setup *setup, struct display **out,
                     struct error *err)
{
    struct vnc *v = calloc(1, sizeof *v);
    char text[32], address[32] = "127.0.0.1";
    unsigned long port = 0;

    if (!v)
        return error_set(err, EXIT_NO_OPEN, "vnc: out of memory");
    v->base.cls = &display_vnc;
    v->events = setup->events;
    v->keymap = setup->keymap;
    v->listener = -1;
    snprintf(v->title, sizeof v->title, "%s", setup->title);
    for (unsigned i = 0; i < MAX_VIEWERS; i++)
        v->viewers[i].fd = -1;
    display_option(setup->options, "listen", address, sizeof address);
    if (display_option(setup->options, "port", text, sizeof text)) {
        char *end;

        port = strtoul(text, &end, 10);
        if (*end || !port || port > 65535) {
            vnc_close(&v->base);
            return error_set(err, EXIT_USAGE,
                             "vnc: port=%s: 1 to 65535 is possible", text);
        }
    }
    if (!new_picture(v, 720, 400)) {
        vnc_close(&v->base);
        return error_set(err, EXIT_NO_OPEN, "vnc: out of memory");
    }
    if (!vnc_listen(v, address, (unsigned)port, err)) {
        vnc_close(&v->base);
        return false;
    }
    *out = &v->base;
    return true;
}

const struct display_class display_vnc = {
    .name = "vnc",
    .summary = "a VNC server",
    .options = "listen=ADDRESS (127.0.0.1) port=N (first free from 5900)",
    .open = vnc_open,
    .poll = vnc_poll,
    .update = vnc_update,
    .status = vnc_status,
    .close = vnc_close,
};
