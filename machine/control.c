/*
 * control.c - a Unix socket through which any program says the verbs.
 */
#include "machine/control.h"
#include "machine/script_json.h"
#include "machine/signals.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { REQUEST_MAX = 1 << 16 };

struct client {
    int fd;
    char *line; /* REQUEST_MAX + 1 bytes, owned */
    size_t len;
};

static bool cannot(struct script *s, const char *what, const char *path)
{
    return error_set(&s->err, EXIT_NO_OPEN, "cannot %s '%s': %s", what, path,
                     strerror(errno));
}

static int listen_at(struct script *s, const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    struct stat st;
    int fd;

    if (strlen(path) >= sizeof a.sun_path) {
        error_set(&s->err, EXIT_USAGE, "the socket's path '%s' is too long",
                  path);
        return -1;
    }
    memcpy(a.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        cannot(s, "make", path);
        return -1;
    }
    if (!lstat(path, &st) && S_ISSOCK(st.st_mode))
        unlink(path);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) || listen(fd, 1)) {
        cannot(s, "listen at", path);
        close(fd);
        return -1;
    }
    return fd;
}

/* Until something can be read. False: a signal came. */
static bool wait_readable(struct script *s, int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    const char *why = "interrupted";
    int n;

    while (poll(&p, 1, 100) <= 0) {
        /* Before power-on signals end the program by themselves. */
        n = s->ses.signals ? signals_look(s->ses.signals, &why) : 0;
        if (n)
            return error_set(&s->err, (enum exit_code)(128 + n), "%s", why);
    }
    return true;
}

static bool send_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t k = send(fd, p, n, MSG_NOSIGNAL);

        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return false;
        p += k;
        n -= (size_t)k;
    }
    return true;
}

static bool answer(struct script *s, int fd, const char *line)
{
    struct json_request r;
    struct out o;
    bool good;

    out_to_string(&o);
    s->err = (struct error){0};
    if (json_parse_request(&r, line, &s->err)) {
        char *argv[JSON_MAX_ARGS + 2] = {r.verb};

        memcpy(argv + 1, r.args, sizeof r.args);
        script_do(s, (int)r.count + 1, argv, argv);
        out_printf(&o, "%s", s->log->last);
    } else {
        out_printf(&o, "{\"ok\":false,\"status\":%d", (int)s->err.code);
        json_field(&o, "error", s->err.text);
    }
    out_printf(&o, "%s%s}\n", r.id ? ",\"id\":" : "", r.id ? r.id : "");
    good = !o.failed && send_all(fd, o.text, o.len);
    json_free_request(&r);
    out_free(&o);
    return good;
}

/* Answers each whole line that is there. False: the client is done for. */
static bool answer_lines(struct script *s, struct client *c)
{
    char *end;

    while (!s->quit && (end = memchr(c->line, '\n', c->len)) != NULL) {
        size_t used = (size_t)(end - c->line) + 1;

        *end = 0;
        if (c->line[strspn(c->line, " \t\r")] && !answer(s, c->fd, c->line))
            return false;
        c->len -= used;
        memmove(c->line, end + 1, c->len);
    }
    return !s->quit && c->len < REQUEST_MAX;
}

static bool serve_client(struct script *s, struct client *c)
{
    for (;;) {
        ssize_t n;

        if (!wait_readable(s, c->fd))
            return false;
        n = read(c->fd, c->line + c->len, REQUEST_MAX - c->len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return true;
        c->len += (size_t)n;
        if (!answer_lines(s, c))
            return true;
    }
}

bool control_serve(struct script *s, const char *path, bool once)
{
    int fd = listen_at(s, path);
    bool good = fd >= 0;

    while (good && !s->quit) {
        struct client c = {.line = malloc(REQUEST_MAX + 1)};

        if (!c.line)
            error_no_memory();
        good = wait_readable(s, fd);
        c.fd = good ? accept(fd, NULL, NULL) : -1;
        if (c.fd >= 0) {
            good = serve_client(s, &c);
            close(c.fd);
            s->quit |= once;
        }
        free(c.line);
    }
    if (fd >= 0) {
        close(fd);
        unlink(path);
    }
    return good;
}
