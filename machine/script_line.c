/*
 * script_line.c - a line of a script: words, variables, the verb that it is.
 */
#include "machine/script.h"
#include "machine/script_json.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- variables ---- */

static bool name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static const char *variable(const struct script *s, const char *name, size_t n)
{
    char copy[64];

    if (n == 3 && !strncmp(name, "DIR", 3))
        return s->script_dir;
    for (const char *const *d = s->defines; d && *d; d++)
        if (!strncmp(*d, name, n) && (*d)[n] == '=')
            return *d + n + 1;
    if (n >= sizeof copy)
        return NULL;
    memcpy(copy, name, n);
    copy[n] = 0;
    return getenv(copy);
}

/* `$NAME` and `${NAME}`; `$` before anything else stands for itself, which a
 * regular expression may want. *p is behind the `$`. */
static bool put_variable(struct script *s, const char **p, struct out *o)
{
    bool braces = **p == '{';
    const char *name = *p + braces, *value;
    size_t n = 0;

    if (!isalpha((unsigned char)*name) && *name != '_') {
        out_write(o, "$", 1);
        return true;
    }
    while (name_char(name[n]))
        n++;
    if (braces && name[n] != '}')
        return error_set(&s->err, EXIT_USAGE, "'${' without '}'");
    value = variable(s, name, n);
    if (!value)
        return error_set(&s->err, EXIT_USAGE,
                         "no value for $%.*s; give one with -D %.*s=VALUE",
                         (int)n, name, (int)n, name);
    out_write(o, value, strlen(value));
    *p = name + n + braces;
    return true;
}

/* ---- words ---- */

/*
 * One word: "..." with variables, where \" is a quote; '...' as it stands;
 * anything else up to a blank, with variables. Backslashes are kept, since
 * regular expressions and keys have their own use for them.
 */
static bool word(struct script *s, const char **p, struct out *o)
{
    char quote = **p == '"' || **p == '\'' ? *(*p)++ : 0;

    out_write(o, "", 0);
    while (**p && (quote ? **p != quote : !isspace((unsigned char)**p))) {
        char c = *(*p)++;

        if (c == '$' && quote != '\'') {
            if (!put_variable(s, p, o))
                return false;
            continue;
        }
        if (c == '\\' && quote == '"' && **p == '"')
            c = *(*p)++;
        else if (c == '\\' && **p && !isspace((unsigned char)**p) &&
                 quote != '\'') {
            out_write(o, &c, 1);
            c = *(*p)++;
        }
        out_write(o, &c, 1);
    }
    if (quote && *(*p)++ != quote)
        return error_set(&s->err, EXIT_USAGE, "a quote is not closed");
    if (**p && !isspace((unsigned char)**p))
        return error_set(&s->err, EXIT_USAGE,
                         "a blank is missing behind a closing quote");
    return true;
}

/* The word for the log: variables as they stand, without its quotes. */
static char *as_written(const char *start, const char *end)
{
    bool quoted = *start == '"' || *start == '\'';

    return strndup(start + quoted, (size_t)(end - start) - 2 * quoted);
}

int script_split(struct script *s, const char *line, char **raw, char **argv)
{
    const char *p = line;
    int n = 0;

    for (;;) {
        struct out o;
        const char *start;

        p += strspn(p, " \t\r\n");
        if (!*p || *p == '#')
            break;
        if (n == SCRIPT_MAX_ARGS) {
            error_set(&s->err, EXIT_USAGE, "more than %d words",
                      SCRIPT_MAX_ARGS);
            script_free_words(raw, n);
            script_free_words(argv, n);
            return -1;
        }
        out_to_string(&o);
        start = p;
        if (!word(s, &p, &o)) {
            out_free(&o);
            script_free_words(raw, n);
            script_free_words(argv, n);
            return -1;
        }
        raw[n] = as_written(start, p);
        argv[n] = o.text ? o.text : strdup("");
        if (!raw[n] || !argv[n])
            error_no_memory();
        n++;
    }
    raw[n] = argv[n] = NULL;
    return n;
}

void script_free_words(char **words, int n)
{
    for (int i = 0; i < n; i++)
        free(words[i]);
}

/* ---- numbers ---- */

bool script_number(struct script *s, const char *text, int64_t min, int64_t max,
                   int64_t *out)
{
    char *end;

    *out = strtoll(text, &end, 0);
    if (end != text && !*end && *out >= min && *out <= max)
        return true;
    return error_set(&s->err, EXIT_USAGE,
                     "'%.60s' is no number from %lld to %lld", text,
                     (long long)min, (long long)max);
}

bool script_ticks(struct script *s, const char *text, uint64_t *out)
{
    static const struct {
        const char *suffix;
        uint64_t scale;
        bool time; /* of guest time, in ms */
    } units[] = {{"", 1, false},        {"k", 1000, false},
                 {"M", 1000000, false}, {"G", 1000000000, false},
                 {"ms", 1, true},       {"s", 1000, true}};
    char *end;
    unsigned long long n = strtoull(text, &end, 10);
    uint64_t ips = s->m ? s->m->clock.ips : 50000000;

    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (!isdigit((unsigned char)*text) || strcmp(end, units[i].suffix) ||
            n > UINT64_C(1000000000000000) / units[i].scale)
            continue;
        *out = n * units[i].scale;
        if (units[i].time)
            *out = mul_div_u64(*out, ips, 1000);
        return true;
    }
    return error_set(&s->err, EXIT_USAGE,
                     "'%.60s' is no time: it is a number of ticks, such as "
                     "500k, 20M, 3G, or of guest time, such as 10ms, 5s",
                     text);
}

/* ---- dispatch ---- */

static const struct verb *find_verb(struct script *s, const char *name)
{
    const char *names[128] = {0};
    const char *near;

    for (size_t n = 0; script_verbs[n].name; n++) {
        if (!strcmp(script_verbs[n].name, name))
            return &script_verbs[n];
        if (n + 1 < ARRAY_LEN(names))
            names[n] = script_verbs[n].name;
    }
    near = error_nearest(name, names);
    error_set(&s->err, EXIT_USAGE, "no verb '%.60s'%s%s%s", name,
              near ? "; did you mean '" : "", near ? near : "",
              near ? "'?" : "; klochs test --verbs lists them");
    return NULL;
}

static bool run_verb(struct script *s, int argc, char **argv)
{
    const struct verb *v = find_verb(s, argv[0]);

    if (!v)
        return false;
    if (argc - 1 < v->min || argc - 1 > v->max)
        return error_set(&s->err, EXIT_USAGE,
                         "it is '%s%s%s'; a text with blanks is quoted",
                         v->name, *v->args ? " " : "", v->args);
    if (v->needs_machine && !script_power_on(s))
        return false;
    return v->run(s, argv + 1);
}

static void put_args(struct out *o, int argc, char **raw)
{
    out_printf(o, ",\"args\":[");
    for (int n = 1; n < argc; n++) {
        out_write(o, ",", n > 1);
        json_put_text(o, raw[n], strlen(raw[n]));
    }
    out_write(o, "]", 1);
}

bool script_do(struct script *s, int argc, char **argv, char **raw)
{
    struct out args;
    bool good;

    s->err = (struct error){0};
    out_to_string(&s->fields);
    good = run_verb(s, argc, argv);
    out_to_string(&args);
    put_args(&args, argc, raw);
    out_printf(&args, ",\"ok\":%s", good ? "true" : "false");
    if (!good) {
        json_field_u64(&args, "status", (uint64_t)s->err.code);
        json_field(&args, "error", s->err.text);
    }
    if (s->fields.text)
        out_write(&args, s->fields.text, s->fields.len);
    script_log_event(s->log, s->m ? s->m->clock.now : 0, raw[0], args.text);
    out_free(&args);
    out_free(&s->fields);
    return good;
}
