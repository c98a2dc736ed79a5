/*
 * streams.c - files, terminals and sockets behind serial ports.
 */
#include "machine/streams.h"
#include "machine/machine.h"
#include "machine/signals.h"
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

struct stream {
    struct streams *owner;
    char device[16];
    int fd_in, fd_out; /* -1: not connected */
    int listen_fd;     /* servers */
    char unlink_path[108];
    bool first_serial; /* tell m->on_serial */
    bool must_wait;    /* no byte may be lost: standard output */
    uint64_t next_ns;  /* guest time before which nothing is read */
    int tty_fd;        /* a terminal whose settings are put back, or -1 */
    bool close_fd;
    struct termios saved;
    struct stream *next;
};

struct streams {
    struct machine *m;
    struct stream *first;
};

struct streams *streams_create(struct machine *m)
{
    struct streams *s = calloc(1, sizeof *s);

    if (s)
        s->m = m;
    return s;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void disconnect(struct stream *t)
{
    if (t->close_fd && t->fd_in >= 0)
        close(t->fd_in);
    t->fd_in = t->fd_out = -1;
}

void streams_destroy(struct streams *s)
{
    struct stream *t = s ? s->first : NULL;

    while (t) {
        struct stream *next = t->next;

        if (t->tty_fd >= 0)
            tcsetattr(t->tty_fd, TCSANOW, &t->saved);
        disconnect(t);
        close_fd(&t->listen_fd);
        if (t->unlink_path[0])
            unlink(t->unlink_path);
        free(t);
        t = next;
    }
    free(s);
}

/* Standard output may be a pipe that nobody empties; that shall not keep us
 * from being told to end. */
static bool wait_writable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};

    while (poll(&p, 1, 100) == 0)
        if (signals_pending())
            return false;
    return true;
}

/* A peer that does not read loses bytes rather than stop the guest. */
static void stream_write(void *opaque, const uint8_t *p, size_t n)
{
    struct stream *t = opaque;
    struct machine *m = t->owner->m;

    if (t->first_serial && m->on_serial)
        m->on_serial(m->on_serial_opaque, p, n);
    while (n && t->fd_out >= 0) {
        ssize_t k;

        if (t->must_wait && !wait_writable(t->fd_out))
            return;
        k = write(t->fd_out, p, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0) {
            if (errno != EAGAIN && t->listen_fd >= 0)
                disconnect(t);
            return;
        }
        p += k;
        n -= (size_t)k;
    }
}

static void stream_close(void *opaque)
{
    (void)opaque; /* streams_destroy closes all */
}

static void raw_terminal(struct stream *t, int fd)
{
    struct termios raw;

    if (tcgetattr(fd, &t->saved))
        return;
    raw = t->saved;
    cfmakeraw(&raw);
    raw.c_oflag |= OPOST;
    /* Control-C is the guest's; Control-] ends the program. */
    raw.c_lflag |= ISIG;
    raw.c_cc[VINTR] = 0x1d;
    raw.c_cc[VQUIT] = raw.c_cc[VSUSP] = _POSIX_VDISABLE;
    tcsetattr(fd, TCSANOW, &raw);
    t->tty_fd = fd;
}

static bool cannot(struct error *err, const char *where)
{
    return error_set(err, EXIT_NO_OPEN, "cannot open '%s': %s", where,
                     strerror(errno));
}

static bool open_path(struct stream *t, const char *where, int flags,
                      struct error *err)
{
    int fd = open(where, flags | O_CLOEXEC | O_NOCTTY, 0666);

    if (fd < 0)
        return cannot(err, where);
    t->fd_out = fd;
    t->close_fd = true;
    t->fd_in = fd;
    return true;
}

static bool open_pty(struct stream *t, struct error *err)
{
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0 || grantpt(fd) || unlockpt(fd))
        return cannot(err, "/dev/ptmx");
    t->fd_in = t->fd_out = fd;
    t->close_fd = true;
    log_info(&t->owner->m->log_source, "%s is %s", t->device, ptsname(fd));
    return true;
}

static bool open_stdio(struct stream *t)
{
    t->fd_out = STDOUT_FILENO;
    t->fd_in = STDIN_FILENO;
    t->must_wait = true;
    if (isatty(STDIN_FILENO))
        raw_terminal(t, STDIN_FILENO);
    return true;
}

static bool unix_address(struct sockaddr_un *a, const char *path,
                         struct error *err)
{
    *a = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof a->sun_path)
        return error_set(err, EXIT_USAGE, "socket path '%s' is too long", path);
    memcpy(a->sun_path, path, strlen(path) + 1);
    return true;
}

static bool open_socket(struct stream *t, int fd, const struct sockaddr *a,
                        socklen_t len, bool server, const char *where,
                        struct error *err)
{
    int one = 1;

    if (fd < 0)
        return cannot(err, where);
    if (server) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
        if (bind(fd, a, len) || listen(fd, 1)) {
            close(fd);
            return cannot(err, where);
        }
        fcntl(fd, F_SETFL, O_NONBLOCK);
        t->listen_fd = fd;
        return true;
    }
    if (connect(fd, a, len)) {
        close(fd);
        return cannot(err, where);
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    t->fd_in = t->fd_out = fd;
    t->close_fd = true;
    return true;
}

static bool open_tcp(struct stream *t, const char *where, bool server,
                     struct error *err)
{
    const char *colon = strrchr(where, ':');
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = server ? AI_PASSIVE : 0};
    struct addrinfo *list = NULL;
    char host[256];
    bool ok;

    if (!colon || (size_t)(colon - where) >= sizeof host)
        return error_set(err, EXIT_USAGE, "'%s' is not HOST:PORT", where);
    memcpy(host, where, (size_t)(colon - where));
    host[colon - where] = 0;
    if (getaddrinfo(host[0] ? host : "127.0.0.1", colon + 1, &hints, &list))
        return error_set(err, EXIT_NO_OPEN, "no such address '%s'", where);
    ok = open_socket(t, socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0),
                     list->ai_addr, list->ai_addrlen, server, where, err);
    freeaddrinfo(list);
    return ok;
}

static bool open_unix(struct stream *t, const char *where, bool server,
                      struct error *err)
{
    struct sockaddr_un a;

    if (!unix_address(&a, where, err))
        return false;
    if (!open_socket(t, socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0),
                     (struct sockaddr *)&a, sizeof a, server, where, err))
        return false;
    if (server)
        memcpy(t->unlink_path, a.sun_path, sizeof t->unlink_path);
    return true;
}

static bool open_mode(struct stream *t, const char *mode, const char *where,
                      struct error *err)
{
    if (!strcmp(mode, "null"))
        return true;
    if (!strcmp(mode, "stdio"))
        return open_stdio(t);
    if (!strcmp(mode, "pty"))
        return open_pty(t, err);
    if (!where || !*where)
        return error_set(err, EXIT_USAGE, "mode '%s' needs dev=", mode);
    if (!strcmp(mode, "file")) {
        if (!open_path(t, where, O_WRONLY | O_CREAT | O_TRUNC, err))
            return false;
        t->fd_in = -1; /* a file is only written */
        return true;
    }
    if (!strcmp(mode, "term") || !strcmp(mode, "raw")) {
        if (!open_path(t, where, O_RDWR | O_NONBLOCK, err))
            return false;
        if (isatty(t->fd_in))
            raw_terminal(t, t->fd_in);
        return true;
    }
    if (!strncmp(mode, "socket-", 7))
        return open_tcp(t, where, !strcmp(mode + 7, "server"), err);
    if (!strncmp(mode, "pipe-", 5))
        return open_unix(t, where, !strcmp(mode + 5, "server"), err);
    return error_set(err, EXIT_USAGE, "mode '%s' is not there yet", mode);
}

bool streams_open(struct streams *s, const char *device, const char *mode,
                  const char *where, struct host_stream *out, struct error *err)
{
    struct stream *t = calloc(1, sizeof *t);

    if (!t)
        error_no_memory();
    t->owner = s;
    t->fd_in = t->fd_out = t->listen_fd = t->tty_fd = -1;
    t->first_serial = !strcmp(device, "serial0");
    snprintf(t->device, sizeof t->device, "%s", device);
    t->next = s->first;
    s->first = t;
    *out = (struct host_stream){t, stream_write, stream_close};
    return open_mode(t, mode, where, err);
}

/* Is there a byte to read, without blocking on a plain terminal? */
static bool readable(int fd)
{
    struct timeval now = {0};
    fd_set set;

    if (fd < 0 || fd >= FD_SETSIZE)
        return false;
    FD_ZERO(&set);
    FD_SET(fd, &set);
    return select(fd + 1, &set, NULL, NULL, &now) > 0;
}

/* Bytes come no faster than a line of 115200 bits a second brings them, so
 * that a file on standard input does not flood the port. */
#define BYTE_NS 86806u

static void take_input(struct stream *t)
{
    uint8_t buf[1024];
    ssize_t n = read(t->fd_in, buf, sizeof buf);
    struct input_event ev = {
        .kind = INPUT_BYTES, .device = t->device, .data = buf};

    if (n > 0) {
        ev.len = (size_t)n;
        t->next_ns = clock_ns(&t->owner->m->clock) + (uint64_t)n * BYTE_NS;
        t->owner->m->host.post(t->owner->m, &ev);
    } else if (n == 0 && t->listen_fd >= 0) {
        disconnect(t);
    } else if (n == 0) {
        t->fd_in = -1; /* end of file: only output from now on */
    }
}

void streams_poll(struct streams *s)
{
    uint64_t now = clock_ns(&s->m->clock);

    for (struct stream *t = s->first; t; t = t->next) {
        if (t->listen_fd >= 0 && t->fd_in < 0 && readable(t->listen_fd)) {
            int fd = accept(t->listen_fd, NULL, NULL);

            if (fd >= 0) {
                fcntl(fd, F_SETFL, O_NONBLOCK);
                t->fd_in = t->fd_out = fd;
                t->close_fd = true;
            }
        }
        if (now >= t->next_ns && readable(t->fd_in))
            take_input(t);
    }
}

void streams_wait(struct streams *s, double seconds)
{
    enum { MAX = 16 };
    const double held_back = 0.01; /* until its next_ns has come */
    uint64_t now = clock_ns(&s->m->clock);
    struct pollfd p[MAX];
    struct timespec t;
    nfds_t n = 0;

    for (struct stream *i = s->first; i; i = i->next) {
        int fd = i->fd_in >= 0 ? i->fd_in : i->listen_fd;

        if (fd < 0)
            continue;
        if ((now < i->next_ns || n == MAX) && seconds > held_back)
            seconds = held_back;
        if (now >= i->next_ns && n < MAX)
            p[n++] = (struct pollfd){.fd = fd, .events = POLLIN};
    }
    t.tv_sec = (time_t)seconds;
    t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
    ppoll(p, n, &t, NULL);
}
