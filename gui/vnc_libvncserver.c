/*
 * vnc_libvncserver.c - the VNC server by means of libvncserver.
 *
 * Its headers describe its structures when we are built; the library itself
 * is opened when the display is. All runs in our thread.
 */
#include "core/dl.h"
#include "gui/rfb.h"
#include "gui/vnc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <rfb/rfb.h>
#include <stdlib.h>
#include <unistd.h>

/* A viewer that takes nothing for so long is dropped: the guest waits for
 * it meanwhile. */
#define PATIENCE_MS 2000

#define NAME(f)     NAME_(f) /* some functions are macros for others */
#define NAME_(f)    #f
#define SYM(field, function)                                                   \
    {                                                                          \
        NAME(function), offsetof(struct library, field)                        \
    }

struct library {
    rfbScreenInfoPtr (*get_screen)(int *argc, char **argv, int width,
                                   int height, int bits, int samples,
                                   int bytes);
    void (*init_server)(rfbScreenInfoPtr screen);
    void (*shut_down)(rfbScreenInfoPtr screen, rfbBool disconnect);
    void (*clean_up)(rfbScreenInfoPtr screen);
    rfbBool (*process)(rfbScreenInfoPtr screen, long usec);
    rfbBool (*is_active)(rfbScreenInfoPtr screen);
    void (*changed)(rfbScreenInfoPtr screen, int x1, int y1, int x2, int y2);
    void (*new_buffer)(rfbScreenInfoPtr screen, char *buffer, int width,
                       int height, int bits, int samples, int bytes);
    void (*log_enable)(int on);
    rfbBool (*check_password)(rfbClientPtr client, const char *response,
                              int len);
    int *max_wait;
};

static const struct dl_symbol symbols[] = {
    SYM(get_screen, rfbGetScreen),
    SYM(init_server, rfbInitServer),
    SYM(shut_down, rfbShutdownServer),
    SYM(clean_up, rfbScreenCleanup),
    SYM(process, rfbProcessEvents),
    SYM(is_active, rfbIsActive),
    SYM(changed, rfbMarkRectAsModified),
    SYM(new_buffer, rfbNewFramebuffer),
    SYM(log_enable, rfbLogEnable),
    SYM(check_password, rfbCheckPasswordByList),
    SYM(max_wait, rfbMaxClientWait),
    {0},
};

struct vnc {
    struct display base;
    struct library lib;
    void *library;
    rfbScreenInfoPtr screen;
    struct vnc_input input;
    struct rfb_picture pic; /* as the guest has it */
    uint8_t *buffer;        /* as viewers see it: red, green, blue, nothing */
    uint64_t version;
    bool shown; /* pic shows `version` */
    unsigned viewers;
    char title[80], password[64];
    char *passwords[2];
};

extern const struct vnc_server vnc_libvncserver;

static struct vnc *vnc_of(struct display *d)
{
    return container_of(d, struct vnc, base);
}

/* ---- what viewers do ---- */

static void on_key(rfbBool down, rfbKeySym key, rfbClientPtr client)
{
    struct vnc *v = client->screen->screenData;

    vnc_input_key(&v->input, client->clientData, key, down);
}

static void on_pointer(int buttons, int x, int y, rfbClientPtr client)
{
    struct vnc *v = client->screen->screenData;

    vnc_input_pointer(&v->input, (unsigned)(x < 0 ? 0 : x),
                      (unsigned)(y < 0 ? 0 : y), (unsigned)buttons);
}

static void on_text(char *text, int len, rfbClientPtr client)
{
    struct vnc *v = client->screen->screenData;

    if (len > 0)
        vnc_input_text(&v->input, text, (size_t)len);
}

static void on_leave(rfbClientPtr client)
{
    struct vnc *v = client->screen->screenData;

    if (!client->clientData)
        return;
    vnc_input_release(&v->input, client->clientData);
    free(client->clientData);
    client->clientData = NULL;
    v->viewers--;
}

static enum rfbNewClientAction on_visit(rfbClientPtr client)
{
    struct vnc *v = client->screen->screenData;

    client->clientData = calloc(1, sizeof(struct vnc_viewer));
    if (!client->clientData)
        return RFB_CLIENT_REFUSE;
    client->clientGoneHook = on_leave;
    v->viewers++;
    return RFB_CLIENT_ACCEPT;
}

static void lib_poll(struct display *d)
{
    struct vnc *v = vnc_of(d);

    /* One event a call; many may have come. */
    for (unsigned i = 0; i < 64 && v->lib.process(v->screen, 0); i++)
        ;
}

/* ---- picture ---- */

static void copy(struct vnc *v, unsigned x, unsigned y, unsigned w, unsigned h)
{
    for (unsigned j = y; j < y + h; j++) {
        const uint32_t *from = v->pic.pixels + (size_t)j * v->pic.width + x;
        uint8_t *to = v->buffer + ((size_t)j * v->pic.width + x) * 4;

        for (unsigned i = 0; i < w; i++, to += 4) {
            to[0] = (uint8_t)(from[i] >> 16);
            to[1] = (uint8_t)(from[i] >> 8);
            to[2] = (uint8_t)from[i];
        }
    }
    v->lib.changed(v->screen, (int)x, (int)y, (int)(x + w), (int)(y + h));
}

static void tile_changed(void *opaque, unsigned tx, unsigned ty)
{
    struct vnc *v = opaque;
    unsigned x = tx * VNC_TILE, y = ty * VNC_TILE;
    unsigned w = v->pic.width - x, h = v->pic.height - y;

    copy(v, x, y, w < VNC_TILE ? w : VNC_TILE, h < VNC_TILE ? h : VNC_TILE);
}

/* A picture of this size, black; false: out of memory. */
static bool new_picture(struct vnc *v, unsigned width, unsigned height)
{
    uint32_t *p = calloc((size_t)width * height, sizeof *p);
    uint8_t *buffer = calloc((size_t)width * height, 4), *old = v->buffer;

    if (!p || !buffer) {
        free(p);
        free(buffer);
        return false;
    }
    free(v->pic.pixels);
    v->pic = (struct rfb_picture){width, height, p};
    v->buffer = buffer;
    if (old)
        v->lib.new_buffer(v->screen, (char *)buffer, (int)width, (int)height, 8,
                          3, 4);
    free(old);
    return true;
}

static void lib_update(struct display *d, const struct screen *screen)
{
    struct vnc *v = vnc_of(d);
    struct frame f = {0};

    if (!v->viewers)
        return;
    if (screen && screen->render(screen->opaque, &f) && f.width && f.height) {
        if (v->shown && f.version == v->version)
            return;
        if ((f.width != v->pic.width || f.height != v->pic.height) &&
            !new_picture(v, f.width, f.height))
            return;
        vnc_compare(&v->pic, &f, tile_changed, v);
        v->version = f.version;
        v->shown = true;
    } else if (v->shown) { /* the display went off: black */
        v->shown = !new_picture(v, v->pic.width, v->pic.height);
    }
}

static void lib_status(struct display *d, const struct display_status *s)
{
    /* The protocol has no way to change a window's title. */
    (void)d;
    (void)s;
}

/* ---- life ---- */

static void lib_close(struct display *d)
{
    struct vnc *v = vnc_of(d);

    if (v->screen) {
        v->lib.shut_down(v->screen, TRUE);
        v->screen->frameBuffer = NULL; /* ours */
        v->lib.clean_up(v->screen);
    }
    vnc_input_free(&v->input);
    free(v->pic.pixels);
    free(v->buffer);
    free(v);
}

/* Is nobody else at this port? The library would say it only in a log. */
static bool port_free(const char *address, unsigned port)
{
    struct sockaddr_in four = {.sin_family = AF_INET,
                               .sin_port = htons((uint16_t)port)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6,
                               .sin6_port = htons((uint16_t)port)};
    bool is_four = inet_pton(AF_INET, *address ? address : "127.0.0.1",
                             &four.sin_addr) == 1;
    int on = 1, fd = socket(is_four ? AF_INET : AF_INET6, SOCK_STREAM, 0);
    bool good;

    if (fd < 0)
        return false;
    if (!is_four)
        inet_pton(AF_INET6, address, &six.sin6_addr);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    good =
        bind(fd, is_four ? (struct sockaddr *)&four : (struct sockaddr *)&six,
             is_four ? sizeof four : sizeof six) == 0 &&
        listen(fd, 1) == 0;
    on = errno;
    close(fd);
    errno = on;
    return good;
}

static unsigned find_port(const struct vnc_options *o)
{
    unsigned first = o->port ? o->port : VNC_FIRST_PORT;
    unsigned last = o->port ? o->port : VNC_LAST_PORT;

    for (unsigned p = first; p <= last; p++)
        if (port_free(o->address, p))
            return p;
    return 0;
}

/* The library takes an address as text for IPv6, as a number for IPv4. */
static void set_address(struct vnc *v, const struct vnc_options *o, int port)
{
    rfbScreenInfoPtr s = v->screen;
    struct in_addr four = {.s_addr = htonl(INADDR_LOOPBACK)};
    bool both = !*o->address;

    s->autoPort = FALSE;
    s->port = both || inet_pton(AF_INET, o->address, &four) == 1 ? port : 0;
    s->listenInterface = four.s_addr;
    s->ipv6port = both || !s->port ? port : 0;
    s->listen6Interface = strdup(both ? "::1" : o->address);
}

static bool start(struct vnc *v, const struct vnc_options *o, struct error *err)
{
    unsigned port = find_port(o);
    rfbScreenInfoPtr s;

    if (!port)
        return error_set(err, EXIT_NO_OPEN,
                         "vnc: cannot listen at %s port %u: %s",
                         *o->address ? o->address : "localhost",
                         o->port ? o->port : VNC_FIRST_PORT, strerror(errno));
    *v->lib.max_wait = PATIENCE_MS;
    v->lib.log_enable(0);
    s = v->screen = v->lib.get_screen(NULL, NULL, (int)v->pic.width,
                                      (int)v->pic.height, 8, 3, 4);
    if (!s)
        return error_set(err, EXIT_NO_OPEN, "vnc: out of memory");
    s->frameBuffer = (char *)v->buffer;
    s->screenData = v;
    s->desktopName = v->title;
    s->alwaysShared = TRUE;
    s->deferUpdateTime = 0;
    s->cursor = NULL;
    s->kbdAddEvent = on_key;
    s->ptrAddEvent = on_pointer;
    s->setXCutText = on_text;
    s->newClientHook = on_visit;
    if (*o->password) {
        s->authPasswdData = v->passwords;
        s->passwordCheck = v->lib.check_password;
    }
    set_address(v, o, (int)port);
    v->lib.init_server(s);
    return (s->port ? s->listenSock >= 0 : s->listen6Sock >= 0) ||
           error_set(err, EXIT_NO_OPEN, "vnc: cannot listen at port %u", port);
}

static bool lib_open(const struct display_setup *setup,
                     const struct vnc_options *o, struct display **out,
                     struct error *err)
{
    static const char *const names[] = {"libvncserver.so.1", "libvncserver.so",
                                        "libvncserver.dylib", NULL};
    struct vnc *v = calloc(1, sizeof *v);

    if (!v)
        return error_set(err, EXIT_NO_OPEN, "vnc: out of memory");
    v->base.cls = vnc_libvncserver.cls;
    vnc_input_init(&v->input, setup);
    snprintf(v->title, sizeof v->title, "%s", setup->title);
    snprintf(v->password, sizeof v->password, "%s", o->password);
    v->passwords[0] = v->password;
    v->library = dl_open("vnc", names, symbols, &v->lib, err);
    if (v->library && new_picture(v, 720, 400) && start(v, o, err)) {
        *out = &v->base;
        return true;
    }
    lib_close(&v->base);
    return false;
}

static const struct display_class lib_class = {
    .name = "vnc",
    .poll = lib_poll,
    .update = lib_update,
    .status = lib_status,
    .close = lib_close,
};

const struct vnc_server vnc_libvncserver = {
    .cls = &lib_class, .has_passwords = true, .open = lib_open};
