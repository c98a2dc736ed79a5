/*
 * rfb.h - one viewer of the Remote Framebuffer Protocol, without its socket.
 *
 * RFC 6143, versions 3.3 to 3.8, security type None, Raw encoding, desktop
 * size pseudo-encoding, true colour of 8, 16 or 32 bits. The owner moves bytes
 * between `out` or rfb_input and the viewer.
 */
#ifndef GUI_RFB_H
#define GUI_RFB_H

#include "core/host.h"
#include "core/out.h"
#include "gui/keymap.h"
#include "gui/vnc.h"

#define RFB_TILE VNC_TILE

/* The picture that all viewers share. */
struct rfb_picture {
    unsigned width, height;
    uint32_t *pixels;
};

struct rfb_events {
    void *opaque;
    void (*key)(void *opaque, uint32_t keysym, bool pressed);
    /* buttons: bit 0 left, 1 middle, 2 right, 3 wheel up, 4 wheel down */
    void (*pointer)(void *opaque, unsigned x, unsigned y, unsigned buttons);
};

struct rfb_format {
    unsigned bytes; /* of a pixel: 1, 2, 4 */
    bool big_endian;
    unsigned max[3], shift[3]; /* red, green, blue */
};

enum rfb_phase { RFB_VERSION, RFB_SECURITY, RFB_CLIENT_INIT, RFB_RUNNING };

struct rfb_client {
    enum rfb_phase phase;
    bool dead; /* the viewer broke the protocol, or memory ran out */
    unsigned minor;
    uint8_t in[256];
    size_t in_len;
    uint32_t skip;      /* bytes of clipboard text still to come */
    uint32_t encodings; /* encodings still to come */
    struct rfb_format format;
    bool wants_update, can_resize;
    unsigned width, height; /* as the viewer knows them */
    uint8_t *dirty;         /* one byte a tile; owned */
    size_t tiles;
    struct out out; /* to be sent; the owner empties it */
};

void rfb_open(struct rfb_client *c);
void rfb_free(struct rfb_client *c);
/* Bytes from the viewer. `name` is the title of its window. */
void rfb_input(struct rfb_client *c, const uint8_t *p, size_t n,
               const struct rfb_picture *pic, const char *name,
               const struct rfb_events *ev);
/* Tile (x, y) of the picture changed. */
void rfb_mark(struct rfb_client *c, const struct rfb_picture *pic, unsigned x,
              unsigned y);
/* The picture has another size; everything changed. */
void rfb_resized(struct rfb_client *c, const struct rfb_picture *pic);
/* Appends the changed tiles to `out`, if the viewer waits for them. */
void rfb_update(struct rfb_client *c, const struct rfb_picture *pic);
/* enum host_key of an X11 keysym, on the guest's keyboard; KEY_NONE: no such
 * key. */
unsigned rfb_key(const struct keymap *map, uint32_t keysym);

#endif
