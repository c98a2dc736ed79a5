/*
 * vnc_test.c - the VNC server, seen by a viewer in the same process.
 *
 * RFC 6143, The Remote Framebuffer Protocol.
 */
#include "gui/display.h"
#include "gui/rfb.h"
#include "tests/tap.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

extern const struct display_class display_vnc;

struct seen {
    unsigned keys[16], key_count;
    int dx, dy, dz;
    unsigned buttons;
};

static uint32_t pixels[100 * 70];
static struct frame shown = {100, 70, pixels, .version = 1};

static bool picture(void *opaque, struct frame *out)
{
    (void)opaque;
    *out = shown;
    return true;
}

static void on_key(void *opaque, unsigned key, bool pressed)
{
    struct seen *s = opaque;

    if (s->key_count < 16)
        s->keys[s->key_count++] = key | pressed << 8;
}

static void on_mouse(void *opaque, int dx, int dy, int dz, unsigned buttons)
{
    struct seen *s = opaque;

    s->dx += dx;
    s->dy += dy;
    s->dz += dz;
    s->buttons = buttons;
}

static void no_command(void *opaque, enum host_command command)
{
    (void)opaque;
    (void)command;
}

static int dial(unsigned port)
{
    struct sockaddr_in sa = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

    inet_pton(AF_INET, "127.0.0.1", &sa.sin_addr);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, (struct sockaddr *)&sa, sizeof sa) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static const struct screen screen = {NULL, picture, picture};

/* Runs the display until n bytes came, for at most a second. */
static size_t receive(struct display *d, int fd, void *buf, size_t n)
{
    size_t have = 0;

    for (unsigned i = 0; i < 1000 && have < n; i++) {
        ssize_t k;

        d->cls->poll(d);
        d->cls->update(d, &screen);
        k = recv(fd, (uint8_t *)buf + have, n - have, MSG_DONTWAIT);
        if (k > 0)
            have += (size_t)k;
        else
            usleep(1000);
    }
    return have;
}

static void transmit(struct display *d, int fd, const void *p, size_t n)
{
    if (send(fd, p, n, MSG_NOSIGNAL) != (ssize_t)n)
        return;
    for (unsigned i = 0; i < 20; i++) {
        usleep(1000);
        d->cls->poll(d);
    }
}

static void hello(struct tap *t, struct display *d, int fd)
{
    uint8_t b[64];

    tap_ok(t, receive(d, fd, b, 12) == 12 && !memcmp(b, "RFB 003.008\n", 12),
           "version");
    transmit(d, fd, "RFB 003.008\n", 12);
    tap_ok(t, receive(d, fd, b, 2) == 2 && b[0] == 1 && b[1] == 1,
           "one security type, None");
    transmit(d, fd, "\1", 1);
    tap_ok(t, receive(d, fd, b, 4) == 4 && !b[3], "accepted");
    transmit(d, fd, "\1", 1);
    tap_ok(t,
           receive(d, fd, b, 28) == 28 && b[1] == 100 && b[3] == 70 &&
               !memcmp(b + 24, "test", 4),
           "size and name");
}

static const uint8_t ask_all[10] = {3, 0, 0, 0, 0, 0, 0, 100, 0, 70};
static const uint8_t ask_more[10] = {3, 1, 0, 0, 0, 0, 0, 100, 0, 70};

static void test_pictures(struct tap *t, struct display *d, int fd)
{
    static uint8_t b[100 * 70 * 4 + 256];
    unsigned n = 4, bad = 0;

    transmit(d, fd, ask_all, 10);
    tap_eq(t, receive(d, fd, b, 4 + 3 * 12 + 28000), 4 + 3 * 12 + 28000,
           "a whole picture: three rows of tiles");
    for (unsigned y = 0; y < 70; y++) {
        n += y % 32 ? 0 : 12;
        for (unsigned x = 0; x < 100; x++, n += 4)
            bad += ld_le32(b + n) != pixels[y * 100 + x];
    }
    tap_eq(t, bad, 0, "every pixel");
    transmit(d, fd, ask_more, 10);
    pixels[40 * 100 + 70] = 0x00ff8040;
    shown.version++;
    tap_eq(t, receive(d, fd, b, 4 + 12 + 32 * 32 * 4), 4 + 12 + 32 * 32 * 4,
           "one changed tile");
    tap_ok(t, b[5] == 64 && b[7] == 32 && b[9] == 32 && b[11] == 32,
           "at its place");
    {
        static const uint8_t rgb565[20] = {0, 0,  0, 0,  16, 16, 1, 1, 0, 31,
                                           0, 63, 0, 31, 11, 5,  0, 0, 0, 0};

        transmit(d, fd, rgb565, 20);
        transmit(d, fd, ask_more, 10);
        receive(d, fd, b, 4 + 3 * 12 + 14000);
        n = 4 + 12 + 32 * 200 + 12 + (8 * 100 + 70) * 2;
        tap_eq(t, b[n] << 8 | b[n + 1], 0xfc08, "16 bits, big-endian");
    }
}

static void test_input(struct tap *t, struct display *d, int fd, struct seen *s)
{
    static const uint8_t keys[] = {
        4,   1, 0,   0,   0,   0, 0xff, 0xe1, 4,   1, 0, 0,    0,   0, 0,
        'A', 4, 0,   0,   0,   0, 0,    0,    'A', 6, 0, 0,    0,   0, 0,
        0,   3, 'x', 'y', 'z', 4, 1,    0,    0,   0, 0, 0xff, 0xbe};
    static const uint8_t moves[] = {5,  0, 0, 10, 0, 10, 5,  5, 0,
                                    13, 0, 9, 5,  8, 0,  13, 0, 9};

    transmit(d, fd, keys, sizeof keys);
    tap_ok(t,
           s->key_count == 4 && s->keys[0] == (KEY_LSHIFT | 0x100) &&
               s->keys[1] == (KEY_A | 0x100) && s->keys[2] == KEY_A &&
               s->keys[3] == (KEY_F1 | 0x100),
           "keys, clipboard text in between is skipped");
    transmit(d, fd, moves, sizeof moves);
    tap_ok(t, s->dx == 3 && s->dy == -1, "movement from positions");
    tap_eq(t, (uint32_t)s->dz, 1, "wheel");
    transmit(d, fd, "\5\5\0\15\0\11", 6);
    tap_eq(t, s->buttons, 3, "left and right button");
    s->key_count = 0;
    close(fd);
    for (unsigned i = 0; i < 20; i++) {
        usleep(1000);
        d->cls->poll(d);
    }
    tap_ok(t,
           s->key_count == 2 && s->keys[0] == KEY_LSHIFT &&
               s->keys[1] == KEY_F1,
           "keys held are released when the viewer leaves");
}

static void test_resize(struct tap *t, struct display *d, unsigned port)
{
    static uint8_t b[64 * 1024];
    int fd = dial(port);
    static const uint8_t encodings[] = {2, 0, 0,    2,    0,    0,
                                        0, 0, 0xff, 0xff, 0xff, 0x21};

    receive(d, fd, b, 12);
    transmit(d, fd, "RFB 003.003\n", 12);
    tap_ok(t, receive(d, fd, b, 4) == 4 && b[3] == 1, "version 3.3");
    transmit(d, fd, "\1", 1);
    receive(d, fd, b, 28);
    transmit(d, fd, encodings, sizeof encodings);
    shown.width = 70;
    shown.height = 100;
    shown.version++;
    transmit(d, fd, ask_more, 10);
    receive(d, fd, b, 4 + 12 + 4 * 12 + 28000);
    tap_ok(t,
           b[3] == 5 && b[9] == 70 && b[11] == 100 && b[12] == 0xff &&
               b[15] == 0x21,
           "a new size is told, then all of the picture");
    transmit(d, fd, "\11", 1);
    tap_eq(t, (uint64_t)recv(fd, b, 1, 0), 0, "an unknown message ends it");
    close(fd);
}

int main(void)
{
    struct tap t = {0};
    struct seen s = {0};
    unsigned port = 46000 + (unsigned)getpid() % 1000;
    char options[32];
    struct display_setup setup = {.title = "test",
                                  .options = options,
                                  .events = {.opaque = &s,
                                             .key = on_key,
                                             .mouse = on_mouse,
                                             .command = no_command}};
    struct display *d = NULL, *second = NULL;
    struct error err = {0};
    int fd;

    for (unsigned i = 0; i < ARRAY_LEN(pixels); i++)
        pixels[i] = i * 0x10305 & 0xffffff;
    snprintf(options, sizeof options, "port=%u own", port);
    if (!tap_ok(&t, display_vnc.open(&setup, &d, &err), "opens %s", err.text))
        return tap_done(&t);
    tap_ok(&t, !display_vnc.open(&setup, &second, &err), "port taken: %s",
           err.text);
    fd = dial(port);
    if (!tap_ok(&t, fd >= 0, "connects"))
        return tap_done(&t);
    hello(&t, d, fd);
    test_pictures(&t, d, fd);
    test_input(&t, d, fd, &s);
    test_resize(&t, d, port);
    d->cls->close(d);
    return tap_done(&t);
}
