/*
 * log.h - what the machine says about itself, in Bochs's format.
 *
 * A line is PREFIX MESSAGE, by default `00000457457i[PCI   ] text` (prefix
 * tokens %t ticks, %i IP, %e level letter, %d device, %% percent). Each level
 * has an action, per source or for all. Nothing here ever waits for an answer
 * unless `ask` is set and a terminal is there.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include "core/base.h"
#include "core/err.h"
#include <stdio.h>

enum log_level {
    LOG_DEBUG, /* for people who work on the device */
    LOG_INFO,
    LOG_WARN,  /* the guest froze itself, or something will surprise */
    LOG_ERROR, /* guest oddity: we did what hardware does and go on */
    LOG_PANIC, /* the run is unlikely to make sense from here */
    LOG_LEVELS
};

enum log_action { LOG_IGNORE, LOG_REPORT, LOG_ASK, LOG_FATAL };

enum log_answer { LOG_GO_ON, LOG_ALWAYS_GO_ON, LOG_DIE };

/* One per chip or subsystem; embedded, registered with log_source_init. */
struct log_source {
    struct log *log;
    char tag[8];                /* upper case, up to 6 characters */
    uint8_t action[LOG_LEVELS]; /* enum log_action */
    struct log_source *next;
};

struct log {
    FILE *file; /* default stderr */
    bool close_file;
    char prefix[64];
    uint8_t action[LOG_LEVELS]; /* defaults for sources made later */
    struct log_source *sources;
    uint64_t lines_left; /* output cap: a guest cannot fill the disk */
    uint64_t (*ticks)(void *opaque);               /* for %t; may be NULL */
    uint64_t (*ip)(void *opaque);                  /* for %i; may be NULL */
    void (*fatal)(void *opaque, const char *text); /* stop the machine soon */
    /* Asks the user; NULL when nobody is there to answer: then a panic is
     * fatal and anything else is reported. */
    enum log_answer (*ask)(void *opaque, const char *text);
    void *opaque;
};

#define LOG_LINES_DEFAULT 10000000u

/* stderr, Bochs's prefix, its default actions, nobody to ask. */
void log_init(struct log *log);
void log_close(struct log *log);
/* "-" is stderr. Truncates. The old file stays when the new one fails. */
bool log_open_file(struct log *log, const char *path, struct error *err);
/* `tag` is cut to 6 characters and upper-cased. */
void log_source_init(struct log *log, struct log_source *src, const char *tag);
/* Unregisters; later messages of `src` are dropped. */
void log_source_destroy(struct log_source *src);
/* An `ask` for a program in a terminal: reads the answer from stdin. */
enum log_answer log_ask_terminal(void *opaque, const char *text);
/* tag NULL: all sources, present and future. false: no such source. */
bool log_set_action(struct log *log, const char *tag, enum log_level level,
                    enum log_action action);
/* Cheap when the level is ignored. No newline at the end of fmt. */
void log_at(struct log_source *src, enum log_level level, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

#define log_debug(src, ...) log_at(src, LOG_DEBUG, __VA_ARGS__)
#define log_info(src, ...)  log_at(src, LOG_INFO, __VA_ARGS__)
#define log_warn(src, ...)  log_at(src, LOG_WARN, __VA_ARGS__)
#define log_error(src, ...) log_at(src, LOG_ERROR, __VA_ARGS__)
#define log_panic(src, ...) log_at(src, LOG_PANIC, __VA_ARGS__)

#endif
