/*
 * log.c - log lines in Bochs's format, with an action for each level.
 */
#include "core/log.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>

enum { TAG_LEN = 6, MESSAGE_LEN = 1024, LINE_LEN = MESSAGE_LEN + 160 };

static const uint8_t default_action[LOG_LEVELS] = {
    [LOG_DEBUG] = LOG_IGNORE, [LOG_INFO] = LOG_REPORT, [LOG_WARN] = LOG_REPORT,
    [LOG_ERROR] = LOG_REPORT, [LOG_PANIC] = LOG_ASK,
};

void log_init(struct log *log)
{
    *log = (struct log){
        .file = stderr,
        .prefix = "%t%e%d",
        .lines_left = LOG_LINES_DEFAULT,
    };
    memcpy(log->action, default_action, sizeof log->action);
}

void log_close(struct log *log)
{
    if (log->close_file)
        fclose(log->file);
    log->file = stderr;
    log->close_file = false;
}

bool log_open_file(struct log *log, const char *path, struct error *err)
{
    FILE *f;

    if (!strcmp(path, "-")) {
        log_close(log);
        return true;
    }
    f = fopen(path, "w");
    if (!f)
        return error_set(err, EXIT_NO_OPEN, "cannot write log file %s: %s",
                         path, strerror(errno));
    /* A whole line at a time, so that the file is complete after a crash. */
    setvbuf(f, NULL, _IOLBF, BUFSIZ);
    log_close(log);
    log->file = f;
    log->close_file = true;
    return true;
}

static void copy_tag(char *to, const char *from)
{
    unsigned i;

    for (i = 0; i < TAG_LEN && from[i]; i++)
        to[i] = (char)toupper((unsigned char)from[i]);
    to[i] = '\0';
}

void log_source_init(struct log *log, struct log_source *src, const char *tag)
{
    *src = (struct log_source){.log = log};
    copy_tag(src->tag, tag);
    if (!log)
        return;
    memcpy(src->action, log->action, sizeof src->action);
    src->next = log->sources;
    log->sources = src;
}

void log_source_destroy(struct log_source *src)
{
    struct log_source **p;

    if (!src->log)
        return;
    for (p = &src->log->sources; *p; p = &(*p)->next) {
        if (*p == src) {
            *p = src->next;
            break;
        }
    }
    src->log = NULL;
}

bool log_set_action(struct log *log, const char *tag, enum log_level level,
                    enum log_action action)
{
    char want[TAG_LEN + 1] = "";
    bool found = tag == NULL;

    if (tag)
        copy_tag(want, tag);
    else
        log->action[level] = (uint8_t)action;
    for (struct log_source *s = log->sources; s; s = s->next) {
        if (!tag || !strcmp(s->tag, want)) {
            s->action[level] = (uint8_t)action;
            found = true;
        }
    }
    return found;
}

/* Expands the prefix into `line`; returns its length. */
static size_t put_prefix(const struct log_source *src, enum log_level level,
                         char *line, size_t size)
{
    static const char letters[LOG_LEVELS + 1] = "diwep";
    const struct log *log = src->log;
    size_t n = 0;

    line[0] = '\0';
    for (const char *p = log->prefix; *p && n + 1 < size; p++) {
        char *to = line + n;
        size_t room = size - n;

        if (*p == '%' && p[1]) {
            switch (*++p) {
            case 't':
                snprintf(to, room, "%011" PRIu64,
                         log->ticks ? log->ticks(log->opaque) : 0);
                break;
            case 'i':
                snprintf(to, room, "%08" PRIx64,
                         log->ip ? log->ip(log->opaque) : 0);
                break;
            case 'e':
                snprintf(to, room, "%c", letters[level]);
                break;
            case 'd':
                snprintf(to, room, "[%-*s]", TAG_LEN, src->tag);
                break;
            case '%':
                snprintf(to, room, "%%");
                break;
            default: /* not a token: as it stands */
                snprintf(to, room, "%%%c", *p);
                break;
            }
        } else {
            snprintf(to, room, "%c", *p);
        }
        n += strlen(to);
    }
    return n;
}

/* Part of the text may come from the guest, which must not be able to drive
 * the user's terminal or to forge a line. */
static void make_printable(char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = '.';
    }
}

static void write_line(struct log *log, const char *line)
{
    if (log->lines_left == 0)
        return;
    fprintf(log->file, "%s\n", line);
    if (--log->lines_left == 0)
        fputs("log: line limit reached, nothing more is written\n", log->file);
}

static void decide(struct log_source *src, enum log_level level,
                   enum log_action action, const char *line)
{
    struct log *log = src->log;
    enum log_answer answer;

    if (action == LOG_ASK && log->ask) {
        answer = log->ask(log->opaque, line);
        if (answer == LOG_ALWAYS_GO_ON)
            src->action[level] = LOG_REPORT;
        action = answer == LOG_DIE ? LOG_FATAL : LOG_REPORT;
    } else if (action == LOG_ASK) {
        action = level == LOG_PANIC ? LOG_FATAL : LOG_REPORT;
    }
    if (action == LOG_FATAL && log->fatal)
        log->fatal(log->opaque, line);
}

void log_at(struct log_source *src, enum log_level level, const char *fmt, ...)
{
    char line[LINE_LEN];
    enum log_action action = (enum log_action)src->action[level];
    size_t n;
    va_list ap;

    if (!src->log || action == LOG_IGNORE)
        return;
    n = put_prefix(src, level, line, 128);
    n += (size_t)snprintf(line + n, sizeof line - n, "%s%s", n ? " " : "",
                          level == LOG_PANIC ? ">>PANIC<< " : "");
    va_start(ap, fmt);
    vsnprintf(line + n, sizeof line - n, fmt, ap);
    va_end(ap);
    make_printable(line);
    write_line(src->log, line);
    decide(src, level, action, line);
}

enum log_answer log_ask_terminal(void *opaque, const char *text)
{
    char reply[80];

    (void)opaque;
    for (;;) {
        fprintf(stderr, "%s\n[c]ontinue, [a]lways continue, [d]ie? ", text);
        fflush(stderr);
        if (!fgets(reply, sizeof reply, stdin))
            return LOG_DIE;
        switch (tolower((unsigned char)reply[strspn(reply, " \t")])) {
        case 'c':
            return LOG_GO_ON;
        case 'a':
            return LOG_ALWAYS_GO_ON;
        case 'd':
        case 'q':
            return LOG_DIE;
        default:
            break;
        }
    }
}
