/*
 * vnc.c - the display for VNC viewers, several at a time.
 *
 * Listens at the loopback addresses unless told otherwise. Without a password
 * another address should only be given behind a firewall or a tunnel: VNC
 * does not encrypt.
 */
#include "gui/vnc.h"
#include "gui/rfb.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

extern const struct display_class display_vnc;

static bool differs(struct rfb_picture *pic, const struct frame *f, unsigned x,
                    unsigned y)
{
    unsigned w = pic->width - x < VNC_TILE ? pic->width - x : VNC_TILE;
    unsigned h = pic->height - y < VNC_TILE ? pic->height - y : VNC_TILE;
    bool any = false;

    for (unsigned j = y; j < y + h; j++) {
        size_t at = (size_t)j * pic->width + x;

        if (memcmp(pic->pixels + at, f->pixels + at, 4 * (size_t)w) == 0)
            continue;
        memcpy(pic->pixels + at, f->pixels + at, 4 * (size_t)w);
        any = true;
    }
    return any;
}

void vnc_compare(struct rfb_picture *pic, const struct frame *f,
                 void (*changed)(void *opaque, unsigned tx, unsigned ty),
                 void *opaque)
{
    for (unsigned y = 0; y < f->height; y += VNC_TILE)
        for (unsigned x = 0; x < f->width; x += VNC_TILE)
            if (differs(pic, f, x, y))
                changed(opaque, x / VNC_TILE, y / VNC_TILE);
}

/* ---- options ---- */

static bool read_password(struct vnc_options *o, const char *path,
                          struct error *err)
{
    FILE *f = fopen(path, "r");

    if (!f)
        return error_set(err, EXIT_NO_OPEN, "vnc: passwordfile=%s: %s", path,
                         strerror(errno));
    if (!fgets(o->password, sizeof o->password, f))
        *o->password = 0;
    fclose(f);
    o->password[strcspn(o->password, "\r\n")] = 0;
    return *o->password || error_set(err, EXIT_BAD_DATA,
                                     "vnc: passwordfile=%s: its first line is "
                                     "empty",
                                     path);
}

static bool read_options(struct vnc_options *o, const char *options,
                         struct error *err)
{
    char text[256];
    uint8_t address[16];

    *o = (struct vnc_options){.port = 0};
    if (display_option(options, "listen", o->address, sizeof o->address) &&
        inet_pton(AF_INET, o->address, address) != 1 &&
        inet_pton(AF_INET6, o->address, address) != 1)
        return error_set(err, EXIT_USAGE,
                         "vnc: listen=%s is not an IPv4 or IPv6 address",
                         o->address);
    if (display_option(options, "port", text, sizeof text)) {
        char *end;
        unsigned long port = strtoul(text, &end, 10);

        if (*end || !port || port > 65535)
            return error_set(err, EXIT_USAGE,
                             "vnc: port=%s: 1 to 65535 is possible", text);
        o->port = (unsigned)port;
    }
    display_option(options, "password", o->password, sizeof o->password);
    return !display_option(options, "passwordfile", text, sizeof text) ||
           read_password(o, text, err);
}

static bool vnc_open(const struct display_setup *setup, struct display **out,
                     struct error *err)
{
    struct vnc_options o;
    struct error why = {.code = EXIT_CLEAN};
    char text[8];
    bool own = display_option(setup->options, "own", text, sizeof text);

    if (!read_options(&o, setup->options, err))
        return false;
    for (unsigned i = 0; vnc_servers[i]; i++) {
        const struct vnc_server *s = vnc_servers[i];

        if ((own && vnc_servers[i + 1]) || (*o.password && !s->has_passwords))
            continue;
        if (s->open(setup, &o, out, &why))
            return true;
    }
    if (!*why.text)
        return error_set(err, EXIT_NO_OPEN,
                         "vnc: passwords need the library libvncserver, which "
                         "this build does not use");
    return error_set(err, why.code, "%s", why.text);
}

static void nothing(struct display *d)
{
    (void)d;
}

static void no_update(struct display *d, const struct screen *screen)
{
    (void)d;
    (void)screen;
}

static void no_status(struct display *d, const struct display_status *s)
{
    (void)d;
    (void)s;
}

/* What is opened has the class of its server. */
const struct display_class display_vnc = {
    .name = "vnc",
    .summary = "a VNC server",
    .options = "listen=ADDRESS (loopback) port=N (first free from 5900) "
               "password=TEXT passwordfile=FILE own (no library)",
    .open = vnc_open,
    .poll = nothing,
    .update = no_update,
    .status = no_status,
    .close = nothing,
};
