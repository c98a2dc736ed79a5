/*
 * streams_test.c - the other ends of serial ports, and pacing.
 */
#include "machine/machine.h"
#include "machine/pace.h"
#include "machine/signals.h"
#include "machine/streams.h"
#include "tests/tap.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct rig {
    struct machine m;
    char got[64];
    char got_device[16];
    char serial[64];
};

static void post(void *opaque, const struct input_event *ev)
{
    struct rig *r = container_of(opaque, struct rig, m);

    if (ev->kind == INPUT_BYTES)
        strncat(r->got, (const char *)ev->data, ev->len);
    snprintf(r->got_device, sizeof r->got_device, "%s", ev->device);
}

static void on_serial(void *opaque, const uint8_t *p, size_t n)
{
    struct rig *r = opaque;

    strncat(r->serial, (const char *)p, n);
}

static struct rig *make(void)
{
    struct rig *r = calloc(1, sizeof *r);

    if (!r)
        exit(99);
    log_init(&r->m.log);
    log_source_init(&r->m.log, &r->m.log_source, "PC");
    log_set_action(&r->m.log, NULL, LOG_INFO, LOG_IGNORE);
    clock_init(&r->m.clock, 1000000000);
    r->m.host = (struct host){.opaque = &r->m, .post = post};
    r->m.on_serial = on_serial;
    r->m.on_serial_opaque = r;
    r->m.streams = streams_create(&r->m);
    return r;
}

static void done(struct rig *r)
{
    streams_destroy(r->m.streams);
    clock_destroy(&r->m.clock);
    free(r);
}

/* The kernel hands bytes over in its own time. */
static void poll_until(struct rig *r, const char *want)
{
    for (unsigned n = 0; n < 200 && strcmp(r->got, want); n++) {
        r->m.clock.now += 1000000000;
        streams_poll(r->m.streams);
        usleep(1000);
    }
}

static size_t read_some(int fd, char *buf, size_t size)
{
    ssize_t n = read(fd, buf, size - 1);

    buf[n > 0 ? n : 0] = 0;
    return n > 0 ? (size_t)n : 0;
}

static void test_file(struct tap *t)
{
    struct rig *r = make();
    char path[] = "/tmp/klochs-stream-XXXXXX", buf[64];
    int fd = mkstemp(path);
    struct host_stream s;
    struct error err = {0};

    tap_ok(t, streams_open(r->m.streams, "serial0", "file", path, &s, &err),
           "a file is opened");
    s.write(s.opaque, (const uint8_t *)"hello", 5);
    read_some(fd, buf, sizeof buf);
    tap_ok(t, !strcmp(buf, "hello"), "and written");
    tap_ok(t, !strcmp(r->serial, "hello"), "what port 1 says is told");
    tap_ok(t,
           !streams_open(r->m.streams, "serial1", "file", "/no/such/x", &s,
                         &err) &&
               err.code == EXIT_NO_OPEN,
           "refused: %s", err.text);
    tap_ok(t,
           !streams_open(r->m.streams, "serial1", "file", NULL, &s, &err) &&
               err.code == EXIT_USAGE,
           "refused: %s", err.text);
    tap_ok(t, streams_open(r->m.streams, "serial2", "null", NULL, &s, &err),
           "null");
    s.write(s.opaque, (const uint8_t *)"x", 1);
    streams_poll(r->m.streams);
    done(r);
    close(fd);
    unlink(path);
}

static int connect_unix(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
    return connect(fd, (struct sockaddr *)&a, sizeof a) ? -1 : fd;
}

static void test_pipe(struct tap *t)
{
    struct rig *r = make();
    char path[] = "/tmp/klochs-pipe-XXXXXX", buf[64];
    struct host_stream s;
    struct error err = {0};
    int fd;

    if (!mkdtemp(path) || chdir(path))
        exit(99);
    tap_ok(t,
           streams_open(r->m.streams, "serial1", "pipe-server", "p", &s, &err),
           "a server on a Unix socket");
    s.write(s.opaque, (const uint8_t *)"lost", 4);
    fd = connect_unix("p");
    tap_ok(t, fd >= 0, "somebody comes");
    tap_eq(t, (uint64_t)write(fd, "in", 2), 2, "and speaks");
    poll_until(r, "in");
    tap_ok(t, !strcmp(r->got, "in") && !strcmp(r->got_device, "serial1"),
           "the port hears it");
    s.write(s.opaque, (const uint8_t *)"out", 3);
    read_some(fd, buf, sizeof buf);
    tap_ok(t, !strcmp(buf, "out"), "and answers");
    tap_ok(t, !r->serial[0], "only port 1 is told on");
    close(fd);
    for (unsigned n = 0; n < 5; n++)
        streams_poll(r->m.streams);
    s.write(s.opaque, (const uint8_t *)"gone", 4);
    fd = connect_unix("p");
    r->got[0] = 0;
    tap_ok(t, fd >= 0 && write(fd, "again", 5) == 5, "the next one comes");
    poll_until(r, "again");
    tap_ok(t, !strcmp(r->got, "again"), "and is heard");
    close(fd);
    done(r);
    tap_ok(t, access("p", F_OK), "the socket is gone at the end");
    if (chdir("/") || rmdir(path))
        exit(99);
}

static void test_speed(struct tap *t)
{
    struct rig *r = make();
    struct host_stream s;
    int pair[2];
    char where[64];

    if (pipe(pair))
        exit(99);
    snprintf(where, sizeof where, "/dev/fd/%d", pair[0]);
    tap_ok(t, streams_open(r->m.streams, "serial0", "raw", where, &s, NULL),
           "a pipe by its name");
    tap_eq(t, (uint64_t)write(pair[1], "abc", 3), 3, "three bytes");
    streams_poll(r->m.streams);
    tap_ok(t, !strcmp(r->got, "abc"), "are taken");
    tap_eq(t, (uint64_t)write(pair[1], "d", 1), 1, "one more");
    streams_poll(r->m.streams);
    tap_ok(t, !strcmp(r->got, "abc"), "waits");
    r->m.clock.now += 300000; /* 1 GHz: 300 microseconds, three bytes */
    streams_poll(r->m.streams);
    tap_ok(t, !strcmp(r->got, "abcd"), "until the line is free");
    done(r);
    close(pair[0]);
    close(pair[1]);
}

static bool near(double a, double b)
{
    return a - b < 1e-9 && b - a < 1e-9;
}

static void test_pace(struct tap *t)
{
    struct pace none = pace_make("none");
    struct pace slow = pace_make("slowdown"), real = pace_make("both");

    tap_ok(t, near(pace_ahead(&none, 0, 100), 0), "none never waits");
    tap_ok(t, near(pace_ahead(&slow, 50, 0), 0), "in step at the start");
    tap_ok(t, near(pace_ahead(&slow, 50, 1), 1), "a second ahead");
    tap_ok(t, near(pace_ahead(&slow, 51, 1), 0), "waited");
    pace_ahead(&slow, 60, 1);
    tap_ok(t, near(pace_ahead(&slow, 60, 2), 0.75),
           "slowdown forgives but a quarter of a second");
    pace_ahead(&real, 50, 0);
    pace_ahead(&real, 60, 1);
    tap_ok(t, near(pace_ahead(&real, 60, 9), -1), "both catches up");
    tap_ok(t, near(pace_ahead(&real, 60, 11), 1), "with all of it");
}

int main(void)
{
    struct tap t = {0};
    struct signals *signals = signals_take(); /* for SIGPIPE */

    test_file(&t);
    test_pipe(&t);
    test_speed(&t);
    test_pace(&t);
    signals_release(signals);
    return tap_done(&t);
}
