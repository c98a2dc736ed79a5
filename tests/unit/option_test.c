/*
 * option_test.c - every type of option, good and bad values, printing.
 */
#include "core/option.h"
#include "tests/tap.h"

struct sample {
    bool enabled;
    int64_t size, any;
    char *path, *note;
    int32_t clock;
};

static const struct option table[] = {
    {"enabled", "bool", offsetof(struct sample, enabled), "1", "is it there"},
    {"size", "int:-2..0x10", offsetof(struct sample, size), "4", "how much"},
    {"any", "int", offsetof(struct sample, any), NULL, "any number"},
    {"path", "path", offsetof(struct sample, path), "a.img", "the image"},
    {"note", "string", offsetof(struct sample, note), NULL, "a remark"},
    {"clock", "enum:none|local|utc", offsetof(struct sample, clock), "utc",
     "time"},
    {0},
};

static bool set(struct sample *s, const char *key, const char *value,
                struct error *err)
{
    return option_set(table, s, "dev0", key, value, err);
}

static void prints(struct tap *t, const struct sample *s, const char *key,
                   const char *want)
{
    struct out o;

    out_to_string(&o);
    option_print(option_find(table, key), s, &o);
    tap_ok(t, !strcmp(o.text ? o.text : "", want), "%s prints as '%s'", key,
           o.text ? o.text : "");
    out_free(&o);
}

static void good(struct tap *t)
{
    static const char *const yes[] = {"1", "true", "yes", "on"};
    static const char *const no[] = {"0", "false", "no", "off"};
    struct sample s = {0};
    bool all = true;

    options_default(table, &s);
    tap_ok(t,
           s.enabled && s.size == 4 && !strcmp(s.path, "a.img") && !s.note &&
               s.clock == 2 && s.any == 0,
           "defaults");
    for (unsigned i = 0; i < 4; i++) {
        all = all && set(&s, "enabled", no[i], NULL) && !s.enabled;
        all = all && set(&s, "enabled", yes[i], NULL) && s.enabled;
    }
    tap_ok(t, all, "words for true and false");
    tap_ok(t, set(&s, "size", "-2", NULL) && s.size == -2, "the least");
    tap_ok(t, set(&s, "size", "0x10", NULL) && s.size == 16, "the most, hex");
    tap_ok(t, set(&s, "size", "010", NULL) && s.size == 10,
           "a leading zero is not octal");
    tap_ok(t,
           set(&s, "any", "-9223372036854775808", NULL) && s.any == INT64_MIN,
           "64 bits");
    tap_ok(t, set(&s, "path", "b c=d", NULL) && !strcmp(s.path, "b c=d"),
           "text is replaced");
    tap_ok(t, set(&s, "path", "", NULL) && !strcmp(s.path, ""), "empty text");
    tap_ok(t, set(&s, "clock", "local", NULL) && s.clock == 1, "a word");
    prints(t, &s, "enabled", "1");
    prints(t, &s, "size", "10");
    prints(t, &s, "path", "");
    prints(t, &s, "note", "");
    prints(t, &s, "clock", "local");
    s.clock = 99;
    prints(t, &s, "clock", "");
    options_free(table, &s);
    tap_ok(t, !s.path && !s.note, "freed");
    options_free(table, &s);
    options_default(NULL, &s);
    options_free(NULL, &s);
}

static void refuses(struct tap *t, const char *key, const char *value,
                    const char *says)
{
    struct sample s = {.size = 7, .clock = 1};
    struct error err = {0};
    bool taken = set(&s, key, value, &err);

    tap_ok(t,
           !taken && err.code == EXIT_USAGE && strstr(err.text, says) &&
               !strncmp(err.text, "dev0: ", 6) && s.size == 7 && s.clock == 1 &&
               !s.path,
           "%s=%.20s: %.70s", key, value, err.text);
    options_free(table, &s);
}

static void bad(struct tap *t)
{
    char huge[5000];
    struct error err = {0};

    memset(huge, 'p', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    refuses(t, "enabled", "maybe", "neither");
    refuses(t, "enabled", "", "neither");
    refuses(t, "size", "-3", "-2..16");
    refuses(t, "size", "17", "-2..16");
    refuses(t, "size", "4k", "whole number");
    refuses(t, "size", "", "whole number");
    refuses(t, "size", " 4", "whole number");
    refuses(t, "size", "0x", "whole number");
    refuses(t, "size", "--4", "whole number");
    refuses(t, "any", "9223372036854775808", "whole number");
    refuses(t, "clock", "lcoal", "did you mean 'local'");
    refuses(t, "clock", "martian", "none|local|utc");
    refuses(t, "clock", "", "none|local|utc");
    refuses(t, "clock", "none|local", "is no clock");
    refuses(t, "path", huge, "longer");
    refuses(t, "sise", "1", "did you mean 'size'");
    refuses(t, "zzz", "1", "unknown option 'zzz'");
    tap_ok(t,
           !option_set(NULL, NULL, "x", "k", "v", &err) &&
               strstr(err.text, "unknown"),
           "a device without options");
}

int main(void)
{
    struct tap t = {0};

    good(&t);
    bad(&t);
    return tap_done(&t);
}
