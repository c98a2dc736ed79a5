/*
 * gdb_net.c - the socket that gdb comes to: loopback TCP or a Unix socket.
 *
 * One connection at a time. Whoever connects may do anything to the guest,
 * so that an address of the network must be asked for by name.
 */
#include "debugger/gdb_int.h"
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct gdb_net {
    int listener, peer; /* -1: none */
    char path[108];     /* of a Unix socket, removed at the end */
    unsigned port;
};

/* A peer that takes nothing for so long is gone. */
enum { PATIENCE_MS = 5000 };

static bool net_write(void *opaque, const void *p, size_t n)
{
    struct gdb_net *net = ((struct gdb *)opaque)->net;
    const char *at = p;

    while (n && net->peer >= 0) {
        ssize_t k = send(net->peer, at, n, MSG_NOSIGNAL);
        struct pollfd f = {.fd = net->peer, .events = POLLOUT};

        if (k > 0) {
            at += k;
            n -= (size_t)k;
        } else if (k < 0 && errno == EINTR) {
            continue;
        } else if (k < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            if (poll(&f, 1, PATIENCE_MS) <= 0)
                return false;
        } else {
            return false;
        }
    }
    return n == 0;
}

/* ---- listening ---- */

static bool failed(struct error *err, const char *where)
{
    return error_set(err, EXIT_NO_OPEN, "gdb stub: %.200s: %s", where,
                     strerror(errno));
}

static bool listen_unix(struct gdb_net *net, const char *path,
                        struct error *err)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};

    if (!*path || strlen(path) >= sizeof a.sun_path)
        return error_set(err, EXIT_USAGE,
                         "gdb stub: a socket's path has 1 to %zu characters",
                         sizeof a.sun_path - 1);
    memcpy(a.sun_path, path, strlen(path) + 1);
    net->listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (net->listener < 0 ||
        bind(net->listener, (struct sockaddr *)&a, sizeof a) ||
        listen(net->listener, 1))
        return failed(err, path);
    memcpy(net->path, path, strlen(path) + 1);
    return true;
}

static unsigned port_of(int fd)
{
    struct sockaddr_storage a;
    socklen_t n = sizeof a;

    if (getsockname(fd, (struct sockaddr *)&a, &n))
        return 0;
    return ntohs(a.ss_family == AF_INET6
                     ? ((struct sockaddr_in6 *)(void *)&a)->sin6_port
                     : ((struct sockaddr_in *)(void *)&a)->sin_port);
}

static bool listen_tcp(struct gdb_net *net, const char *where,
                       struct error *err)
{
    struct addrinfo want = {.ai_socktype = SOCK_STREAM}, *list;
    const char *colon = strrchr(where, ':');
    const char *port = colon ? colon + 1 : where;
    char host[200] = "127.0.0.1";
    int one = 1;

    if (colon && colon != where) {
        if ((size_t)(colon - where) >= sizeof host)
            return error_set(err, EXIT_USAGE, "gdb stub: host name too long");
        memcpy(host, where, (size_t)(colon - where));
        host[colon - where] = 0;
    }
    if (!*port || strspn(port, "0123456789") != strlen(port) ||
        strtoul(port, NULL, 10) > 65535)
        return error_set(err, EXIT_USAGE,
                         "gdb stub: '%.80s' is neither PORT, HOST:PORT nor "
                         "unix:PATH",
                         where);
    if (getaddrinfo(host, port, &want, &list))
        return error_set(err, EXIT_USAGE, "gdb stub: no such host: %s", host);
    net->listener = socket(list->ai_family, SOCK_STREAM, 0);
    if (net->listener >= 0)
        setsockopt(net->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (net->listener < 0 ||
        bind(net->listener, list->ai_addr, list->ai_addrlen) ||
        listen(net->listener, 1)) {
        freeaddrinfo(list);
        return failed(err, where);
    }
    freeaddrinfo(list);
    net->port = port_of(net->listener);
    return true;
}

static void set_nonblocking(int fd)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
}

struct gdb *gdb_listen(struct target *t, const char *where, bool wait,
                       struct error *err)
{
    struct gdb_net *net = calloc(1, sizeof *net);
    struct gdb *g;

    if (!net)
        error_no_memory();
    net->listener = net->peer = -1;
    g = gdb_create(t, net_write, NULL);
    g->opaque = g;
    g->net = net;
    g->connected = false;
    g->hold = wait;
    if (!strncmp(where, "unix:", 5) ? !listen_unix(net, where + 5, err)
                                    : !listen_tcp(net, where, err)) {
        gdb_destroy(g);
        return NULL;
    }
    set_nonblocking(net->listener);
    return g;
}

unsigned gdb_port(const struct gdb *g)
{
    return g->net ? g->net->port : 0;
}

/* ---- the connection ---- */

void gdb_net_close(struct gdb *g)
{
    if (g->net->peer < 0)
        return;
    close(g->net->peer);
    g->net->peer = -1;
    g->connected = false;
    gdb_reset_connection(g);
    g->hold = false; /* nobody is left to let it go */
}

void gdb_net_destroy(struct gdb *g)
{
    struct gdb_net *net = g->net;

    gdb_net_close(g);
    if (net->listener >= 0)
        close(net->listener);
    if (net->path[0])
        unlink(net->path);
    free(net);
    g->net = NULL;
}

/* Somebody comes: the guest stops for him. */
static void accept_peer(struct gdb *g)
{
    struct gdb_net *net = g->net;
    int fd = accept(net->listener, NULL, NULL), one = 1;

    if (fd < 0)
        return;
    if (net->peer >= 0) { /* one at a time */
        close(fd);
        return;
    }
    set_nonblocking(fd);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    net->peer = fd;
    gdb_reset_connection(g);
    g->connected = true;
    g->hold = true;
    if (target_running(g->t))
        target_interrupt(g->t);
}

void gdb_net_poll(struct gdb *g)
{
    struct gdb_net *net = g->net;
    uint8_t buf[4096];
    ssize_t n;

    accept_peer(g);
    while (net->peer >= 0) {
        n = recv(net->peer, buf, sizeof buf, 0);
        if (n > 0) {
            gdb_feed(g, buf, (size_t)n);
            /* In the middle of a run more would only pile up. */
            if (target_running(g->t))
                return;
        } else if (n < 0 && errno == EINTR) {
            continue;
        } else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return;
        } else {
            gdb_net_close(g);
            if (g->busy && target_running(g->t))
                target_interrupt(g->t); /* it ran for him */
            return;
        }
    }
}

void gdb_net_wait(struct gdb *g, int milliseconds)
{
    struct pollfd f[2] = {{.fd = g->net->listener, .events = POLLIN},
                          {.fd = g->net->peer, .events = POLLIN}};

    poll(f, 2, milliseconds);
}
