/*
 * vnc_own.c - the VNC server that needs no library.
 *
 * The protocol is in rfb.c. There is no password.
 */
#include "gui/rfb.h"
#include "gui/vnc.h"

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
    struct vnc_viewer keys;
};

struct vnc {
    struct display base;
    struct vnc_input input;
    int listeners[2]; /* IPv4 and IPv6; -1: none */
    struct viewer viewers[MAX_VIEWERS];
    struct viewer *from; /* whose input is being handled */
    struct rfb_picture pic;
    uint64_t version;
    bool shown; /* pic shows `version` */
    char title[80];
};

extern const struct vnc_server vnc_own;

static struct vnc *vnc_of(struct display *d)
{
    return container_of(d, struct vnc, base);
}

/* ---- input ---- */

static void on_key(void *opaque, uint32_t keysym, bool pressed)
{
    struct vnc *v = opaque;

    vnc_input_key(&v->input, &v->from->keys, keysym, pressed);
}

static void on_pointer(void *opaque, unsigned x, unsigned y, unsigned buttons)
{
    struct vnc *v = opaque;

    vnc_input_pointer(&v->input, x, y, buttons);
}

static void drop(struct vnc *v, struct viewer *w)
{
    close(w->fd);
    w->fd = -1;
    vnc_input_release(&v->input, &w->keys);
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

static void welcome(struct vnc *v, int listener)
{
    int fd = listener < 0 ? -1 : accept(listener, NULL, NULL), on = 1;

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

    for (unsigned i = 0; i < ARRAY_LEN(v->listeners); i++)
        welcome(v, v->listeners[i]);
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

static void mark(void *opaque, unsigned tx, unsigned ty)
{
    struct vnc *v = opaque;

    for (unsigned i = 0; i < MAX_VIEWERS; i++)
        if (v->viewers[i].fd >= 0)
            rfb_mark(&v->viewers[i].rfb, &v->pic, tx, ty);
}

static void take_frame(struct vnc *v, const struct frame *f)
{
    if ((f->width != v->pic.width || f->height != v->pic.height) &&
        !new_picture(v, f->width, f->height))
        return;
    vnc_compare(&v->pic, f, mark, v);
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

static void close_listeners(struct vnc *v)
{
    for (unsigned i = 0; i < ARRAY_LEN(v->listeners); i++) {
        if (v->listeners[i] >= 0)
            close(v->listeners[i]);
        v->listeners[i] = -1;
    }
}

static void vnc_close(struct display *d)
{
    struct vnc *v = vnc_of(d);

    for (unsigned i = 0; i < MAX_VIEWERS; i++)
        if (v->viewers[i].fd >= 0)
            drop(v, &v->viewers[i]);
    close_listeners(v);
    vnc_input_free(&v->input);
    free(v->pic.pixels);
    free(v);
}

/* A socket that listens, or -1 with errno. `sa` has its port already. */
static int listen_at(const struct sockaddr *sa, socklen_t size)
{
    int fd = socket(sa->sa_family, SOCK_STREAM, 0), on = 1;

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (sa->sa_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (set_nonblocking(fd) && bind(fd, sa, size) == 0 && listen(fd, 4) == 0)
        return fd;
    on = errno;
    close(fd);
    errno = on;
    return -1;
}

/* Without an address both loopback addresses; a host may have no IPv6. */
static bool listen_port(struct vnc *v, const char *address, unsigned port)
{
    struct sockaddr_in four = {.sin_family = AF_INET,
                               .sin_port = htons((uint16_t)port)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6,
                               .sin6_port = htons((uint16_t)port)};
    bool both = !*address;

    if (inet_pton(AF_INET, both ? "127.0.0.1" : address, &four.sin_addr) == 1) {
        v->listeners[0] = listen_at((struct sockaddr *)&four, sizeof four);
        if (v->listeners[0] < 0)
            return false;
    }
    if (inet_pton(AF_INET6, both ? "::1" : address, &six.sin6_addr) == 1) {
        v->listeners[1] = listen_at((struct sockaddr *)&six, sizeof six);
        if (v->listeners[1] < 0 && (!both || errno == EADDRINUSE)) {
            close_listeners(v);
            return false;
        }
    }
    return true;
}

static bool vnc_listen(struct vnc *v, const struct vnc_options *o,
                       struct error *err)
{
    unsigned first = o->port ? o->port : VNC_FIRST_PORT;
    unsigned last = o->port ? o->port : VNC_LAST_PORT;

    for (unsigned p = first; p <= last; p++)
        if (listen_port(v, o->address, p))
            return true;
    return error_set(err, EXIT_NO_OPEN, "vnc: cannot listen at %s port %u: %s",
                     *o->address ? o->address : "localhost", first,
                     strerror(errno));
}

static bool own_open(const struct display_setup *setup,
                     const struct vnc_options *options, struct display **out,
                     struct error *err)
{
    struct vnc *v = calloc(1, sizeof *v);

    if (!v)
        return error_set(err, EXIT_NO_OPEN, "vnc: out of memory");
    v->base.cls = vnc_own.cls;
    vnc_input_init(&v->input, setup);
    snprintf(v->title, sizeof v->title, "%s", setup->title);
    for (unsigned i = 0; i < ARRAY_LEN(v->listeners); i++)
        v->listeners[i] = -1;
    for (unsigned i = 0; i < MAX_VIEWERS; i++)
        v->viewers[i].fd = -1;
    if (!new_picture(v, 720, 400)) {
        vnc_close(&v->base);
        return error_set(err, EXIT_NO_OPEN, "vnc: out of memory");
    }
    if (!vnc_listen(v, options, err)) {
        vnc_close(&v->base);
        return false;
    }
    *out = &v->base;
    return true;
}

static const struct display_class own_class = {
    .name = "vnc",
    .poll = vnc_poll,
    .update = vnc_update,
    .status = vnc_status,
    .close = vnc_close,
};

const struct vnc_server vnc_own = {.cls = &own_class, .open = own_open};
