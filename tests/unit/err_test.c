/*
 * err_test.c - errors are one line, suggestions are plausible.
 */
#include "core/err.h"
#include "tests/tap.h"

static const char *const words[] = {"ata0", "ata1", "floppya", "memory",
                                    "vga",  "CMOS", "display", NULL};

static void near(struct tap *t, const char *word, const char *want)
{
    const char *got = error_nearest(word, words);

    tap_ok(t, want ? got && !strcmp(got, want) : !got, "nearest to '%s': %s",
           word, got ? got : "none");
}

static void suggestions(struct tap *t)
{
    char longest[200];

    near(t, "memroy", "memory");  /* swapped */
    near(t, "memoryy", "memory"); /* inserted */
    near(t, "memor", "memory");   /* left out */
    near(t, "mamory", "memory");  /* replaced */
    near(t, "MEMORY", "memory");  /* case */
    near(t, "cmos", "CMOS");      /* case in the list */
    near(t, "dispaly_", "display");
    near(t, "ata2", "ata0"); /* equally near: the first */
    near(t, "vgs", "vga");
    near(t, "memory", "memory");
    near(t, "network", NULL);
    near(t, "xyz", NULL);
    near(t, "q", NULL);
    near(t, "", NULL);
    memset(longest, 'm', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    near(t, longest, NULL);
}

static void texts(struct tap *t)
{
    struct error err = {0};
    char huge[1000];

    tap_ok(t, !error_set(&err, EXIT_NO_OPEN, "%s: %d", "a\nb\x1b[0m", 7),
           "error_set returns false");
    tap_ok(t, !strcmp(err.text, "a b [0m: 7"), "one line: %s", err.text);
    tap_eq(t, err.code, EXIT_NO_OPEN, "code");
    tap_ok(t, !error_prefix(&err, "rc:%d", 3), "error_prefix returns false");
    tap_ok(t, !strcmp(err.text, "rc:3: a b [0m: 7"), "prefixed: %s", err.text);
    tap_eq(t, err.code, EXIT_NO_OPEN, "the prefix keeps the code");
    tap_ok(t, !error_set(NULL, EXIT_IO, "x") && !error_prefix(NULL, "y"),
           "nobody need care");

    memset(huge, 'h', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    error_set(&err, EXIT_IO, "%s", huge);
    tap_eq(t, strlen(err.text), sizeof err.text - 1, "long text is cut");
    error_prefix(&err, "%s", huge);
    tap_eq(t, strlen(err.text), sizeof err.text - 1, "so is a long prefix");
}

int main(void)
{
    struct tap t = {0};

    suggestions(&t);
    texts(&t);
    return tap_done(&t);
}
