/*
 * vnc.h - the two servers behind the display for VNC viewers, and what they
 * share.
 *
 * vnc_libvncserver.c uses the library of that name, if it was there when we
 * were built and is there when we run: all encodings, passwords. vnc_own.c
 * needs nothing.
 */
#ifndef GUI_VNC_H
#define GUI_VNC_H

#include "gui/display.h"

struct vnc_options {
    char address[64];  /* "" is the loopback address, IPv4 and IPv6 */
    unsigned port;     /* 0: the first free one from 5900 */
    char password[64]; /* "": none is asked for */
};

/* A server is a display of its own; vnc.c chooses one. */
struct vnc_server {
    const struct display_class *cls; /* its `open` is not used */
    bool has_passwords;
    bool (*open)(const struct display_setup *setup,
                 const struct vnc_options *options, struct display **out,
                 struct error *err);
};

/* Those of this build, the best first; ends with NULL. Made by the build. */
extern const struct vnc_server *const vnc_servers[];

#define VNC_FIRST_PORT 5900u
#define VNC_LAST_PORT  5909u

/* ---- input ---- */

/* What one viewer holds down. */
struct vnc_viewer {
    bool down[256];
};

struct vnc_input {
    struct display_events events;
    const struct keymap *keymap;
    bool pointer_known;
    unsigned x, y, buttons;
    char *clipboard; /* text of the viewer's, for Ctrl+Alt+V; owned */
};

void vnc_input_init(struct vnc_input *in, const struct display_setup *setup);
void vnc_input_free(struct vnc_input *in);
void vnc_input_key(struct vnc_input *in, struct vnc_viewer *viewer,
                   uint32_t keysym, bool pressed);
/* The viewer went away. */
void vnc_input_release(struct vnc_input *in, struct vnc_viewer *viewer);
/* buttons: bit 0 left, 1 middle, 2 right, 3 wheel up, 4 wheel down */
void vnc_input_pointer(struct vnc_input *in, unsigned x, unsigned y,
                       unsigned buttons);
/* Latin-1, as the protocol has it. */
void vnc_input_text(struct vnc_input *in, const char *text, size_t n);

/* ---- picture ---- */

#define VNC_TILE 32u /* changes are told in squares of this size */

/* The picture that viewers have; rfb.h has the same form. */
struct rfb_picture;
/* Takes the frame over, which has the same size; calls `changed` for each
 * tile that differs, with its place in tiles. */
void vnc_compare(struct rfb_picture *pic, const struct frame *f,
                 void (*changed)(void *opaque, unsigned tx, unsigned ty),
                 void *opaque);

#endif
