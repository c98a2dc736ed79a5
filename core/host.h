/*
 * host.h - everything a device may know of the host.
 *
 * Output (bytes, pixels) is pushed or pulled through the small interfaces
 * below. Input enters the machine only as input events: host code posts them,
 * the machine stamps, logs and delivers them between instructions to the
 * device's `input` verb. That is what makes a run repeatable.
 */
#ifndef CORE_HOST_H
#define CORE_HOST_H

#include "core/base.h"
#include "core/err.h"

enum input_kind {
    INPUT_KEY,    /* a: enum host_key, b: 1 pressed, 0 released */
    INPUT_MOUSE,  /* a: dx | dy << 16 (int16), b: dz & 0xff | buttons << 8 */
    INPUT_BYTES,  /* received bytes for a serial port */
    INPUT_CHANGE, /* media: a: 0 eject 1 insert, data: path */
    INPUT_COMMAND /* power button, reset, ...: a: enum host_command */
};

enum host_command { HOST_POWER_BUTTON, HOST_RESET, HOST_QUIT };

struct input_event {
    uint64_t tick; /* when the guest sees it */
    enum input_kind kind;
    const char *device; /* id; "kbd", "mouse", "serial0", ... */
    uint32_t a, b;
    const uint8_t *data;
    size_t len;
};

/* The picture, pulled by whoever wants to look. */
struct frame {
    unsigned width, height;  /* pixels */
    const uint32_t *pixels;  /* 0x00RRGGBB, row after row; owner: the source */
    bool is_text;            /* the cells below are valid as well */
    unsigned columns, rows;
    const uint16_t *cells;   /* character | attribute << 8 */
    unsigned cell_width, cell_height;
    int cursor_x, cursor_y;  /* -1 when hidden */
    uint64_t version;        /* changes when the picture does */
};

struct screen {
    void *opaque;
    /* Renders now; false when the display is off. */
    bool (*render)(void *opaque, struct frame *out);
    /* Text cells only, cheap; false in graphics modes. */
    bool (*text)(void *opaque, struct frame *out);
};

/* A byte sink with a name, such as a serial port's other end. */
struct host_stream {
    void *opaque;
    void (*write)(void *opaque, const uint8_t *p, size_t n);
    void (*close)(void *opaque);
};

struct host {
    void *opaque;
    /* Queues an event; data is copied. */
    void (*post)(void *opaque, const struct input_event *ev);
    /*
     * Opens the other end of a serial port. mode: null file term raw
     * socket-client socket-server pipe-client pipe-server pty stdio. Received
     * bytes arrive as INPUT_BYTES for `device`.
     */
    bool (*open_stream)(void *opaque, const char *device, const char *mode,
                        const char *where, struct host_stream *out,
                        struct error *err);
    void (*set_screen)(void *opaque, const struct screen *s);
    /* Ends the run with an exit code at the next instruction boundary. */
    void (*stop)(void *opaque, int exit_code, const char *why);
    /* Seconds since 1970 for the RTC at power-on, as `clock: time0` says. */
    int64_t (*time0)(void *opaque);
    /* Plays: level of the speaker cone changed at guest time ns. NULL: mute. */
    void (*speaker)(void *opaque, uint64_t ns, bool level);
};

/* Physical keys, by position on a PC keyboard; the order is the scan code
 * set 1 make code for the plain keys, 0x80 | code for the E0-prefixed ones. */
enum host_key {
    KEY_PRINT = 0xb7,
    KEY_PAUSE = 0xc5, /* E1 1D 45 */
    KEY_NONE = 0
};

#endif
