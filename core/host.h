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
    INPUT_MOUSE,  /* a: dx | dy << 16 (int16), b: dz & 0xff | buttons << 8;
                   * right, down and wheel away count up; buttons: bit 0
                   * left, 1 right, 2 middle */
    INPUT_BYTES,  /* received bytes for a serial port */
    INPUT_CHANGE, /* media: a: 0 eject 1 insert, data: path */
    INPUT_COMMAND /* power button, reset, ...: a: enum host_command */
};

enum host_command {
    HOST_POWER_BUTTON,
    HOST_RESET,
    HOST_QUIT,
    HOST_CHANGE /* data: what a debugger changed, see debugger/target.h */
};

/* What the guest asks of the debugger through ports. Without one nothing
 * happens, and the guest cannot tell. */
enum host_debug {
    HOST_DEBUG_BREAK,      /* stop, as at a breakpoint */
    HOST_DEBUG_WATCH,      /* accesses to physical a up to b are told */
    HOST_DEBUG_UNWATCH,    /* ... and no longer */
    HOST_DEBUG_TRACE,      /* a: 1 every instruction is printed */
    HOST_DEBUG_TRACE_REGS, /* a: 1 the registers as well */
};

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

/* Sources of sound: pairs of converters that hold their level. */
enum host_sound {
    SOUND_SPEAKER, /* the cone of the PC speaker */
    SOUND_WAVE,    /* sound card, samples */
    SOUND_FM,      /* sound card, synthesizer */
    SOUND_SOURCES
};

/* How far a source may be behind or before the clock. */
#define SOUND_LAG_NS 20000000u

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
    /* NULL: nobody listens. */
    void (*debug)(void *opaque, enum host_debug what, uint32_t a, uint32_t b);
    /* Seconds since 1970 for the RTC at power-on, as `clock: time0` says. */
    int64_t (*time0)(void *opaque);
    /*
     * Plays: the level of a source is left, right from guest time ns on, in
     * the order of time; 32767 is full scale. NULL: nobody listens.
     */
    void (*sound)(void *opaque, enum host_sound source, uint64_t ns, int left,
                  int right);
    /* Volume of a source, 65536 is 1; NULL when `sound` is. */
    void (*sound_gain)(void *opaque, enum host_sound source, unsigned left,
                       unsigned right);
    /* From now on a source changes so many times a second, and a filter
     * behind it hides that; 0: at any time. NULL when `sound` is. */
    void (*sound_band)(void *opaque, enum host_sound source, unsigned rate);
};

/* Physical keys, by position on a US PC keyboard, named by what is printed on
 * them there; the number is the scan code set 1 make code for the plain keys,
 * 0x80 | code for the E0-prefixed ones. */
enum host_key {
    KEY_NONE = 0,
    KEY_ESC = 0x01, KEY_1 = 0x02, KEY_2 = 0x03, KEY_3 = 0x04, KEY_4 = 0x05,
    KEY_5 = 0x06, KEY_6 = 0x07, KEY_7 = 0x08, KEY_8 = 0x09, KEY_9 = 0x0a,
    KEY_0 = 0x0b, KEY_MINUS = 0x0c, KEY_EQUAL = 0x0d, KEY_BACKSPACE = 0x0e,
    KEY_TAB = 0x0f, KEY_Q = 0x10, KEY_W = 0x11, KEY_E = 0x12, KEY_R = 0x13,
    KEY_T = 0x14, KEY_Y = 0x15, KEY_U = 0x16, KEY_I = 0x17, KEY_O = 0x18,
    KEY_P = 0x19, KEY_LBRACKET = 0x1a, KEY_RBRACKET = 0x1b, KEY_ENTER = 0x1c,
    KEY_LCTRL = 0x1d, KEY_A = 0x1e, KEY_S = 0x1f, KEY_D = 0x20, KEY_F = 0x21,
    KEY_G = 0x22, KEY_H = 0x23, KEY_J = 0x24, KEY_K = 0x25, KEY_L = 0x26,
    KEY_SEMICOLON = 0x27, KEY_QUOTE = 0x28, KEY_GRAVE = 0x29,
    KEY_LSHIFT = 0x2a, KEY_BACKSLASH = 0x2b, KEY_Z = 0x2c, KEY_X = 0x2d,
    KEY_C = 0x2e, KEY_V = 0x2f, KEY_B = 0x30, KEY_N = 0x31, KEY_M = 0x32,
    KEY_COMMA = 0x33, KEY_DOT = 0x34, KEY_SLASH = 0x35, KEY_RSHIFT = 0x36,
    KEY_KP_STAR = 0x37, KEY_LALT = 0x38, KEY_SPACE = 0x39, KEY_CAPS = 0x3a,
    KEY_F1 = 0x3b, KEY_F2 = 0x3c, KEY_F3 = 0x3d, KEY_F4 = 0x3e, KEY_F5 = 0x3f,
    KEY_F6 = 0x40, KEY_F7 = 0x41, KEY_F8 = 0x42, KEY_F9 = 0x43, KEY_F10 = 0x44,
    KEY_NUM = 0x45, KEY_SCROLL = 0x46,
    KEY_KP_7 = 0x47, KEY_KP_8 = 0x48, KEY_KP_9 = 0x49, KEY_KP_MINUS = 0x4a,
    KEY_KP_4 = 0x4b, KEY_KP_5 = 0x4c, KEY_KP_6 = 0x4d, KEY_KP_PLUS = 0x4e,
    KEY_KP_1 = 0x4f, KEY_KP_2 = 0x50, KEY_KP_3 = 0x51, KEY_KP_0 = 0x52,
    KEY_KP_DOT = 0x53,
    KEY_SYSRQ = 0x54, KEY_102ND = 0x56, KEY_F11 = 0x57, KEY_F12 = 0x58,
    KEY_KP_EQUAL = 0x59,
    KEY_KATAKANA = 0x70, KEY_RO = 0x73, KEY_HENKAN = 0x79, KEY_MUHENKAN = 0x7b,
    KEY_YEN = 0x7d, KEY_KP_COMMA = 0x7e,
    KEY_KP_ENTER = 0x9c, KEY_RCTRL = 0x9d, KEY_KP_SLASH = 0xb5,
    KEY_PRINT = 0xb7, KEY_RALT = 0xb8, KEY_PAUSE = 0xc5, KEY_BREAK = 0xc6,
    KEY_HOME = 0xc7, KEY_UP = 0xc8, KEY_PGUP = 0xc9, KEY_LEFT = 0xcb,
    KEY_RIGHT = 0xcd, KEY_END = 0xcf, KEY_DOWN = 0xd0, KEY_PGDN = 0xd1,
    KEY_INSERT = 0xd2, KEY_DELETE = 0xd3,
    KEY_LWIN = 0xdb, KEY_RWIN = 0xdc, KEY_MENU = 0xdd, KEY_POWER = 0xde,
    KEY_SLEEP = 0xdf, KEY_WAKE = 0xe3,
    KEY_MUTE = 0xa0, KEY_CALCULATOR = 0xa1, KEY_PLAY = 0xa2, KEY_STOP = 0xa4,
    KEY_VOLUME_DOWN = 0xae, KEY_VOLUME_UP = 0xb0, KEY_PREVIOUS = 0x90,
    KEY_NEXT = 0x99,
};
/* KEY_PAUSE sends E1 1D 45 and has no break code; KEY_BREAK is what the same
 * key sends with Ctrl held. */

#endif
