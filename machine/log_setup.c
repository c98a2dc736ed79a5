/*
 * log_setup.c - prefix and actions of the log, as configured.
 */
#include "machine/log_setup.h"
#include <unistd.h>

static const char *const level_names[LOG_LEVELS] = {
    [LOG_DEBUG] = "debug", [LOG_INFO] = "info",   [LOG_WARN] = "warn",
    [LOG_ERROR] = "error", [LOG_PANIC] = "panic",
};

static enum log_action action_of(const char *word)
{
    if (!strcmp(word, "ignore"))
        return LOG_IGNORE;
    if (!strcmp(word, "ask"))
        return LOG_ASK;
    /* `warn` is a box with a button in Bochs; nothing here waits for one. */
    return !strcmp(word, "fatal") ? LOG_FATAL : LOG_REPORT;
}

/* Somebody works in the terminal to which the log goes. */
static bool would_disturb(const struct log *log)
{
    return log->file == stderr && isatty(STDERR_FILENO);
}

void log_setup_defaults(struct log *log, const struct config *cfg)
{
    const char *prefix = config_text(cfg, "logprefix", "format");

    snprintf(log->prefix, sizeof log->prefix, "%s", prefix);
    for (unsigned n = 0; n < LOG_LEVELS; n++) {
        const char *word = config_given_text(cfg, level_names[n], "action");

        if (word)
            log_set_action(log, NULL, (enum log_level)n, action_of(word));
        else if (n == LOG_INFO && would_disturb(log))
            log_set_action(log, NULL, LOG_INFO, LOG_IGNORE);
    }
}

struct setup {
    struct log *log;
    struct log_source *src;
    enum log_level level;
};

static bool one_device(void *opaque, const char *key, const char *value,
                       const char *where)
{
    struct setup *s = opaque;

    if (!strcmp(key, "action"))
        return true;
    if (!log_set_action(s->log, key, s->level, action_of(value)))
        log_info(s->src, "%s: no device logs as '%s'", where, key);
    return true;
}

void log_setup_devices(struct log *log, const struct config *cfg,
                       struct log_source *src)
{
    struct setup s = {log, src, LOG_DEBUG};

    for (unsigned n = 0; n < LOG_LEVELS; n++) {
        s.level = (enum log_level)n;
        config_each(cfg, level_names[n], one_device, &s);
    }
}
